/**
 * Of 1,000 signals tracked while the collector answers 503, is unreachable, or the browser is offline, how many arrive when
 * the tab then stays, is closed, or the browser is killed? And how many arrive twice when acknowledgements get lost? The
 * same questions, asked the same way, as the offline table of the benchmark of other SDKs; the best of those holds six of
 * the nine cells. 200 signals a cell; 1,000, with the benchmark's own pauses, in the long run, which prints the table.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { devtools, once, scenario, until } from "./lab.mjs";

const long = Boolean(process.env.DANBI_LONG);
const COUNT = long ? 1000 : 200;
const [BEFORE, SETTLE] = long ? [1500, 8000] : [0, 500];
const faults = ["503", "unreachable", "offline"], ends = ["stay", "close", "kill"];
const table = {};

/** In the page: so many numbered signals, 200 in a second; answers with how many are stored. */
async function many(count) {
  const all = [];
  for (let i = 0; i < count; i++) {
    all.push(lab.track("view_item", { n: `many-${i}`, currency: "USD", value: 10 + (i % 90), item_id: `SKU_${i % 500}`, item_name: "Stan and Friends Tee", quantity: 1 }));
    if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return (await Promise.all(all)).filter(({ status }) => status === "stored").length;
}
const arrived = ({ collector }) => new Set(collector.events.map(({ properties }) => properties?.n).filter((n) => n?.startsWith("many-"))).size;
/** Until all arrived, or nothing new for 45 s. */
async function drain(lab) {
  let last, since;
  await until("all arrived or nothing does", () => {
    if (arrived(lab) !== last) [last, since] = [arrived(lab), Date.now()];
    return last === COUNT || Date.now() - since > 45_000;
  }, 150_000);
  if (long) await pause(5000);
}

/** What each fault does to a laboratory, and how it ends. */
const inflict = {
  503: (lab) => { lab.collector.mode = { status: 503 }; },
  unreachable: (lab) => lab.collector.close(),
  offline: (lab, { session }) => session.send("Network.emulateNetworkConditions", { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }),
  lostack: (lab) => { lab.collector.mode = "lostack"; },
};
const relieve = {
  503: (lab) => { lab.collector.mode = "ok"; },
  unreachable: (lab) => lab.revive(),
  offline: (lab, { session }) => session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }).catch(() => {}),
  lostack: (lab) => { lab.collector.mode = "ok"; },
};

async function cell(lab, fault, end) {
  const home = await lab.start();
  const shop = await lab.open(home);
  await shop.make();
  await pause(BEFORE);
  // A page that is offline does not hear the test either, so the browser's tools ask.
  const tools = await devtools(lab, shop);
  await inflict[fault](lab, tools);
  const stored = await tools.page.evaluate(`(${many})(${COUNT})`);
  assert.equal(stored, COUNT, "all are stored while the fault lasts");
  await pause(SETTLE);
  const ping = (tab) => tab.run(() => void lab.client.track("page_view", { value: 1 }));
  if (end === "stay") {
    await relieve[fault](lab, tools);
    await ping(shop);
  } else {
    if (end === "close") {
      await shop.close();
      await lab.quit();
    } else await lab.kill();
    await relieve[fault](lab, tools);
    const again = await lab.start();
    await again.make();
    await ping(again);
  }
  await drain(lab);
  await tools.close();
  const sent = lab.collector.requests.filter(({ status }) => status === 200 || (status === 0 && fault === "lostack")).flatMap(({ ids }) => ids);
  table[`${fault} ${end}`] = { arrived: arrived(lab), copies: sent.length - new Set(sent).size };
  assert.equal(arrived(lab), COUNT);
  once(lab);
}

for (const fault of faults) {
  for (const end of ends) test(`${fault}, ${end}: all ${COUNT} arrive`, { timeout: 300_000 }, () => scenario("chromium", {}, (lab) => cell(lab, fault, end)));
}
test(`acknowledgements are lost: all ${COUNT} arrive, what comes twice has the same id`, { timeout: 300_000 }, () => scenario("chromium", {}, (lab) => cell(lab, "lostack", "stay")));

after(() => {
  const row = faults.map((fault) => ends.map((end) => table[`${fault} ${end}`]?.arrived ?? "failed").join(" / "));
  console.log(`| of ${COUNT} | 503 stay / close / kill | unreachable stay / close / kill | offline stay / close / kill | lost ack: extra copies |\n| --- | --- | --- | --- | ---: |\n| danbi | ${row.join(" | ")} | ${table["lostack stay"]?.copies ?? "failed"} |`);
});
