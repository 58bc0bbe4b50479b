/** The Studio's simulation, in Chromium, from clicks that a marketer would make; its answer against the command line's, byte for byte. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { studio } from "./studio.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "danbi-studio-simulate-"));
const shop = join(root, "www/bundles/onsae.json");
const native = (...options) => execFileSync(join(root, "target/release/danbi"), ["simulate", "--bundle", shop, ...options], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let site, browser, open, openFile, fill, violations, close;
const asked = [];
before(async () => {
  ({ site, browser, open, openFile, fill, violations, close } = await studio({ still: true }));
  browser.engine.requests((url) => asked.push(url));
});
after(() => close?.());

const setUp = async (shoppers, days) => {
  await fill("@simulate-shoppers", shoppers);
  await fill("@simulate-days", days);
};
/** Runs to the end; answers with the progress seen on the way. */
async function run(name) {
  await browser.evaluate(() => {
    globalThis.told = [];
    globalThis.watch = new MutationObserver(() => {
      const bar = find('[data-testid="progress"]');
      if (bar) told.push(bar.value / bar.max);
    });
    watch.observe(document.body, { subtree: true, attributes: true, childList: true });
  });
  await browser.click("@run");
  const ended = await browser.waitFor(() => !find('[data-testid="going"]') && find('[data-testid="ended"]').innerText, { timeout: 60_000 });
  assert.ok(await browser.evaluate((name) => find("#result-title")?.innerText.includes(name), name), ended);
  return browser.evaluate(() => (watch.disconnect(), told));
}
/** The file that a button hands over. */
async function file(button) {
  await browser.evaluate(() => {
    globalThis.saved = undefined;
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => ((URL.createObjectURL = make), blob.text().then((text) => (globalThis.saved = text)), make.call(URL, blob));
  });
  await browser.click(button);
  return browser.waitFor(() => globalThis.saved);
}
test("it says that it is no forecast before anything was run", async () => {
  await open();
  await browser.click("@tab-simulate");
  await browser.waitFor("@nothing-run");
  assert.match(await browser.text("@not-forecast"), /예측이 아니에요/);
});

test("the same bytes as on the command line, with progress on the way", async () => {
  await setUp(60, 10);
  const told = await run("1번째");
  assert.ok(told.some((part) => part > 0 && part < 1), `progress: ${told}`);
  assert.deepEqual(told, [...told].sort((one, other) => one - other));
  assert.equal(await file("@save-result"), native("--shoppers", "60", "--days", "10"));
  assert.match(await browser.text("@held"), /8가지/);
});

test("each chart has a title, a sentence of its numbers, a drawing that is named, and a table", async () => {
  const { campaigns, frequency, tiers, points } = JSON.parse(native("--shoppers", "60", "--days", "10"));
  const rows = { reach: Object.keys(campaigns).length, frequency: frequency.length, tiers: tiers.length, points: points.length };
  for (const [name, count] of Object.entries(rows)) {
    await browser.waitFor(`@chart-${name} svg[role="img"][aria-label]`);
    const { title, says, drawing, description } = await browser.evaluate((name) => {
      const chart = find(`[data-testid="chart-${name}"]`), drawing = chart.querySelector('svg[role="img"]');
      return { title: chart.querySelector("h3").innerText, says: chart.querySelector(".takeaway").innerText, drawing: drawing.getAttribute("aria-label"), description: drawing.getAttribute("aria-description") };
    }, name);
    assert.equal(drawing, title);
    assert.equal(description, says);
    await browser.click(`@table-${name}`);
    await browser.waitFor((name, count) => document.querySelectorAll(`[data-testid="chart-${name}"] details tbody tr`).length === count, { args: [name, count] });
  }
  const says = (name) => browser.text(`@says-${name}`);
  const most = Object.values(campaigns).sort((one, other) => other.reached - one.reached)[0];
  assert.ok((await says("reach")).includes(`60명 가운데 ${most.reached}명`));
  assert.ok((await says("frequency")).startsWith(`${frequency[0]}명`));
  assert.ok((await says("points")).includes(`${points.at(-1).outstanding.toLocaleString("ko")}P`));
  const moves = await browser.evaluate(() => [...document.querySelectorAll('[data-testid="tiers-ends"] tbody tr')].map((row) => [1, 2].map((cell) => Number(row.cells[cell].innerText))));
  assert.deepEqual(moves, Object.keys(tiers[0]).map((level) => [tiers[0][level], tiers.at(-1)[level]]));
});

test("giving up leaves the result that was there", async () => {
  const old = await browser.text("@says-reach");
  await setUp(100_000, 60);
  await browser.click("@run");
  await browser.waitFor(() => find('[data-testid="progress"]')?.value > 0);
  await browser.click("@cancel");
  await browser.waitFor(() => !find('[data-testid="going"]'));
  assert.match(await browser.text("@ended"), /멈췄어요/);
  assert.equal(await browser.evaluate(() => document.activeElement.dataset.testid), "cancel");
  assert.equal(await browser.text("@says-reach"), old);
  assert.match(await browser.text("#result-title"), /1번째/);
});

test("an assumption is changed: the difference is told, and the command line takes the same rates", async () => {
  await setUp(60, 10);
  await fill("@rate-order", 12.5);
  await run("2번째");
  assert.match(await browser.text("@compared"), /주문으로 끝나는 회원 방문/);
  assert.ok(await browser.exists(".charts small"));
  const rates = join(folder, "rates.json");
  writeFileSync(rates, await file("@save-rates"));
  assert.deepEqual(JSON.parse(readFileSync(rates, "utf8")), { order: 0.125 });
  assert.equal(await file("@save-result"), native("--shoppers", "60", "--days", "10", "--rates", rates));
  await browser.click("@usual");
});

test("another text of a campaign changes no number", async () => {
  await run("3번째");
  // A colleague's link brings it.
  const state = { v: 1, source: readFileSync(shop, "utf8").replace("반가워요", "어서 오세요"), chosen: "seojun", at: Date.parse("2026-05-12T01:00:00Z"), page: "my_page", language: "ko", frame: "phone", looks: {} };
  await browser.evaluate((link) => void (location.hash = link), `#s=${deflateRawSync(JSON.stringify(state)).toString("base64url")}`);
  await browser.waitFor("@stale");
  await run("4번째");
  assert.match(await browser.text("@compared"), /숫자가 모두 같아요.*환영 인사/);
});

/** What stands in the engine as a default, by path. Small differences of rare things change no number of a short run. */
const usual = () => {
  const text = readFileSync(join(root, "src/engine/simulate/rates.rs"), "utf8");
  const parts = Object.fromEntries([...text.matchAll(/pub struct (\w+) \{([^}]*)\}/g)].map(([, name, body]) => [name, [...body.matchAll(/"(\w+)" \w+: (\w+)(?:<'a>)? = \w+\(([\d.]+|&Value::Null)\)/g)]]));
  const under = (name, path) => parts[name].flatMap(([, key, type, value]) => (type in parts && value.startsWith("&") ? under(type, `${path}${key}.`) : [[path + key, Number(value)]]));
  const deeds = [["interruptive", "INTERRUPTED"], ["inline", "BESIDE"]].flatMap(([where, name]) =>
    [...text.match(`const ${name}: Reaction = .*`)[0].matchAll(/(\w+): ([\d.]+)/g)].map(([, key, value]) => [`answers.${where}.${key}`, Number(value)]));
  return [...under("Rates", ""), ...deeds];
};
test("the numbers that stand there as defaults are the engine's own", async () => {
  const all = await browser.evaluate(() => [...document.querySelectorAll("[data-testid^=rate-]")].map((field) => [field.dataset.testid.slice(5), Number(field.value), field.closest("label").textContent.endsWith("%")]));
  const rates = {};
  for (const [path, value, percent] of all) {
    const keys = path.split("."), last = keys.pop();
    keys.reduce((part, key) => (part[key] ??= {}), rates)[last] = percent ? value / 100 : value;
  }
  assert.ok(all.length > 40);
  assert.deepEqual(Object.fromEntries(all.map(([path, value, percent]) => [path, percent ? value / 100 : value])), Object.fromEntries(usual()));
  const written = join(folder, "usual.json");
  writeFileSync(written, JSON.stringify(rates));
  assert.equal(native("--shoppers", "40", "--days", "30", "--rates", written), native("--shoppers", "40", "--days", "30"));
});

test("a file of fitted rates is taken up, and one that the engine refuses is not", async () => {
  await openFile("@open-rates", "rates.json", JSON.stringify({ order: 0.08, visits: { perWeek: 2.5 } }));
  await browser.waitFor(() => find('[data-testid="rates-said"]')?.innerText.includes("2가지"));
  assert.equal(await browser.evaluate(() => find('[data-testid="rate-visits.perWeek"]').value), "2.5");
  await openFile("@open-rates", "rates.json", JSON.stringify({ order: 8 }));
  await browser.waitFor(() => find('[data-testid="rates-said"]')?.innerText.includes("주문으로 끝나는 회원 방문: 넣을 수 있는 값이 아니에요"));
  await openFile("@open-rates", "rates.json", "{");
  await browser.waitFor(() => find('[data-testid="rates-said"]')?.innerText.includes("JSON이 아니에요"));
  assert.equal(await browser.evaluate(() => find('[data-testid="rate-order"]').value), "8");
  await browser.click("@usual");
});

test("what must always hold and did not is told in red", async () => {
  await browser.evaluate((line) => {
    const real = globalThis.Worker;
    globalThis.Worker = class {
      postMessage() {
        globalThis.Worker = real;
        setTimeout(() => this.onmessage({ data: { line } }));
      }
      terminate() {}
    };
  }, native("--shoppers", "60", "--days", "10").trim().replace('"session":0', '"session":2'));
  await run("5번째");
  assert.match(await browser.text("@broken"), /한 방문에 뜨는 홍보 수: 2번/);
});

test("axe finds nothing, light and dark, and nothing leaves the page", async () => {
  assert.deepEqual(await violations(), []);
  await browser.engine.tools.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
  assert.deepEqual(await violations(), []);
  assert.ok(asked.some((url) => url.includes("danbi_simulator")));
  assert.deepEqual([...new Set(asked.filter((url) => /^http/.test(url)).map((url) => new URL(url).origin))], [new URL(site.url).origin]);
});
