/**
 * The fault matrix (reliability.md section 3, rows 1 to 20): real browsers, a scripted collector, and after each fault the
 * invariant: what a page was told is stored has arrived, waits, is a dead letter, or was dropped and announced.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { delivered, devtools, dump, engines, invariant, once, remains, scenario, seeded, until } from "./lab.mjs";

const everywhere = engines, chromium = ["chromium"];
const DAY = 864e5;
const seeds = process.env.DANBI_LONG ? 20 : 2;

/** One row of the matrix, or a variant of it, in each of these engines. */
const rows = [];
function row(number, title, where, options, body) {
  for (const engine of where) {
    rows.push([`row ${number}, ${engine}: ${title}`, (context) => scenario(engine, options, (lab) => body(lab, context))]);
  }
}

/** What the page itself noticed of danbi's trouble: nothing. */
const unharmed = async (tab) => assert.deepEqual(await tab.run(() => lab.errors), [], "nothing is thrown into the page");
/** What was kept of the numbered signals, in order of arrival. */
const numbers = ({ collector }) => collector.events.map(({ properties }) => properties?.n).filter((n) => n !== undefined);
const named = (name, count) => Array.from({ length: count }, (_, i) => `${name}-${i}`);
const arrived = (lab, wanted) => until(() => `${wanted.length} signals arrived, ${numbers(lab).length} did`, () => wanted.every((n) => numbers(lab).includes(n)), 30_000);

// --- the network ---

for (let seed = 1; seed <= seeds; seed++) {
  row(1, `the browser is killed at a random moment, seed ${seed}`, everywhere, {}, async (lab) => {
    const random = seeded(seed);
    lab.collector.mode = () => [{}, { status: 503 }, { store: true, reset: true }, { reset: true }][Math.floor(random() * 4)];
    let tab = await lab.start();
    for (let life = 1; life <= 2; life++) {
      await tab.make();
      const before = lab.acknowledged.size;
      void tab.track(`life${life}`, 500, { each: 1 + Math.floor(random() * 10) }).catch(() => {});
      await until("something is acknowledged", () => lab.acknowledged.size > before);
      await pause(random() * 1500);
      await lab.kill();
      tab = await lab.start();
    }
    lab.collector.mode = "ok";
    await tab.make();
    await delivered(lab, 1);
    await invariant(lab, tab);
  });
}

row(2, "the browser is killed while the collector, which has stored, stalls", everywhere, {}, async (lab) => {
  lab.collector.mode = "stall";
  let tab = await lab.start();
  await tab.make();
  await tab.track("shop", 20);
  await until("the collector has stored some", () => numbers(lab).length > 0);
  const stored = new Set(lab.collector.requests.flatMap(({ ids }) => ids));
  await lab.kill();
  lab.collector.mode = "ok";
  tab = await lab.start();
  await tab.make();
  const resent = () => lab.collector.requests.filter(({ status }) => status === 200).flatMap(({ ids }) => ids);
  await until("what got no answer is sent again", () => [...stored].every((id) => resent().includes(id)));
  await delivered(lab, 20);
  await pause(1500);
  for (const id of stored) assert.equal(resent().filter((other) => other === id).length, 1, "once");
  await invariant(lab, tab);
});

/** The page's wall clock is `?skew=` milliseconds off. */
const skewed = `<script>{
  const skew = Number(new URLSearchParams(location.search).get("skew"));
  globalThis.Date = class extends Date {
    constructor(...parts) { parts.length ? super(...parts) : super(Date.now()); }
    static now() { return super.now() + skew; }
  };
}</script>`;

/** A visit without a collector, and another `days` later with one. */
async function daysLater(lab, days) {
  await lab.collector.close();
  const began = Date.now();
  let tab = await lab.start();
  await tab.make();
  await tab.track("shop", 30, { each: 5 });
  const ended = Date.now();
  await lab.quit();
  lab.skew = days * DAY;
  await lab.revive();
  tab = await lab.start(`/fixture/tab.html?skew=${lab.skew}`);
  await tab.make();
  return { tab, began, ended };
}
row(3, "three days without a network", everywhere, { head: skewed }, async (lab) => {
  const { tab, began, ended } = await daysLater(lab, 3);
  await delivered(lab, 30);
  assert.deepEqual(numbers(lab), named("shop", 30), "in their order");
  const times = lab.collector.events.filter(({ properties }) => properties?.n).map(({ timestamp }) => Date.parse(timestamp));
  assert.ok(times.every((time) => began <= time && time <= ended), "at their own times");
  await invariant(lab, tab);
});
row(3, "eight days without a network: too old to be sent, kept as dead letters", chromium, { head: skewed }, async (lab) => {
  const { tab } = await daysLater(lab, 8);
  await tab.track("later", 5);
  await arrived(lab, named("later", 5));
  await until("the old ones are dead letters", async () => remains(await dump(tab)).dead.length >= 30, 10_000);
  await invariant(lab, tab);
});

/**
 * Long waits pass quickly and the page's clocks, wall and monotonic, leap over them: those above 5 s in a tenth, those
 * above a minute in a thousandth. So a page lives through an hour, and what it says of its own times can be judged.
 */
const leaping = `<script>{
  const { setTimeout, performance, Date: Real } = globalThis, monotonic = performance.now.bind(performance);
  let leapt = 0;
  globalThis.Date = class extends Real {
    constructor(...parts) { parts.length ? super(...parts) : super(Date.now()); }
    static now() { return Math.floor(Real.now() + leapt); }
  };
  performance.now = () => monotonic() + leapt;
  globalThis.setTimeout = (act, ms = 0, ...more) => {
    const short = ms > 60_000 ? ms / 1000 : ms > 5_000 ? ms / 10 : ms;
    return setTimeout(() => { leapt += ms - short; act(...more); }, short);
  };
}</script>`;
/** Times between requests, in the page's own time. */
const gaps = ({ requests }) => requests.slice(1).map(({ sentAt }, index) => sentAt - requests[index].sentAt);

row(4, "5xx, cut connections, no answer: one request at a time, the waits grow within their bounds", everywhere, { head: leaping }, async (lab) => {
  const { collector } = lab;
  collector.script.push({ status: 500 }, { reset: true }, { hang: true }, { status: 502 }, { status: 504 });
  const tab = await lab.start();
  await tab.make();
  await tab.track("shop", 20);
  await delivered(lab, 20);
  assert.ok(collector.requests.length >= 6);
  assert.deepEqual(collector.requests.map(({ others }) => others).filter(Boolean), [], "never two requests at once");
  // The n-th wait is drawn below 2^n seconds; the deadline of a request is 15 s, and loading takes its time.
  gaps(collector).forEach((gap, index) => assert.ok(gap < 1000 * 2 ** index + 30_000, `wait ${index} took ${gap} ms`));
  await invariant(lab, tab);
});

row(5, "Retry-After is kept, in both forms and within its bounds, whatever the page asks for", chromium, { head: leaping }, async (lab) => {
  const { collector } = lab;
  const asked = [];
  const soon = (sentAt) => {
    const date = new Date(sentAt + 4000).toUTCString();
    asked[1] = Date.parse(date) - sentAt;
    return date;
  };
  asked[0] = 3000;
  asked[4] = 36e5;
  collector.script.push({ status: 429, retryAfter: "3" }, { status: 503, retryAfter: soon }, { status: 503, retryAfter: "-5" }, { status: 429, retryAfter: "soon" }, { status: 503, retryAfter: "1000000000" });
  const tab = await lab.start();
  await tab.make();
  await tab.track("shop", 20);
  for (let count = 1; count <= 2; count++) {
    await until(`request ${count} is answered`, () => collector.requests[count - 1]?.status);
    // Neither a wish of the page nor the system's word that it is online is a reason to come early.
    await tab.run(() => { void lab.client.flush(); dispatchEvent(new Event("online")); });
  }
  await delivered(lab, 20);
  const waits = gaps(collector);
  assert.equal(waits.length, 5);
  for (const index of [0, 1, 4]) assert.ok(waits[index] >= asked[index], `asked to wait ${asked[index]} ms, came after ${waits[index]}`);
  // No longer than the longest wait of its own; time leaps here, so no less can be asked.
  assert.ok(waits[2] < 330_000 && waits[3] < 330_000, `what says nothing is no reason to wait: ${waits}`);
  assert.ok(waits[4] < 36e5 + 6e5, `an hour at most, it was ${waits[4]} ms`);
  await invariant(lab, tab);
});

row(6, "400 because of one signal", chromium, {}, async (lab) => {
  lab.collector.mode = { status: 503 };
  const tab = await lab.start();
  await tab.make();
  await tab.track("shop", 40);
  lab.collector.mode = { refuse: ({ properties }) => properties?.n === "shop-17" };
  await tab.run(() => lab.client.flush());
  await arrived(lab, named("shop", 40).filter((n) => n !== "shop-17"));
  const { dead } = await until("one dead letter", async () => { const left = remains(await dump(tab)); return left.dead.length > 0 && left; });
  assert.equal(dead.length, 1);
  assert.ok(!numbers(lab).includes("shop-17"));
  await invariant(lab, tab);
});

row(7, "413 above 8 KiB", everywhere, {}, async (lab) => {
  lab.collector.limit = 8192;
  const tab = await lab.start();
  await tab.make();
  await tab.track("shop", 30);
  await tab.track("huge", 1, { properties: { text: "x".repeat(20_000) } });
  await tab.track("later", 30);
  await arrived(lab, [...named("shop", 30), ...named("later", 30)]);
  const { dead } = await until("one dead letter", async () => { const left = remains(await dump(tab)); return left.dead.length > 0 && left; });
  assert.equal(dead.length, 1);
  await invariant(lab, tab);
});

// --- storage ---

row(8, "the quota is used up: the shop's own data stays, what is lost is counted", chromium, {}, async (lab) => {
  lab.collector.mode = { status: 503 };
  const tab = await lab.start();
  await tab.run(() => { localStorage.setItem("cart", "[1,2,3]"); });
  // Before the first use: Chromium remembers for a while how much room there was.
  const { session, close } = await devtools(lab, tab);
  const origin = lab.origin.slice(0, -1);
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 300_000 });
  await tab.make();
  await tab.run(() => lab.track("purchase", { n: "order", transaction_id: "o-1", currency: "KRW", value: 12900 }));
  await tab.track("before", 20);
  const statuses = await tab.track("during", 60, { properties: { text: "x".repeat(10_000) } });
  assert.ok(statuses.some((status) => status !== "stored"), `the quota was felt: ${statuses}`);
  await unharmed(tab);
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  await close();
  lab.collector.mode = "ok";
  await tab.run(() => lab.client.flush());
  const inMemory = statuses.filter((status) => status === "memory").length;
  await until("what was kept in memory arrived", () => numbers(lab).length >= inMemory);
  // What is on the disk waits for the next page, where a page has given the disk up.
  await tab.goto("/fixture/tab.html?next");
  await tab.make();
  const lost = () => lab.collector.events.filter(({ event }) => event === "danbi_dropped").reduce((sum, { properties }) => sum + properties.n, 0);
  await until(() => `what was not dropped arrived (${numbers(lab).length}), and what was is announced (${lost()})`, () => numbers(lab).length + lost() >= 81);
  assert.ok(numbers(lab).includes("order"), "what is owed goes last");
  assert.equal(await tab.run(() => localStorage.getItem("cart")), "[1,2,3]");
  await invariant(lab, tab);
});

/** No storage: signals live in memory, danbi says so, nothing is thrown, all arrives. */
async function inMemory(lab, tab) {
  await tab.make();
  assert.deepEqual([...new Set(await tab.track("memory", 20))], ["memory"]);
  assert.equal((await tab.run(() => lab.client.ready)).storage, false, "danbi says that nothing is durable");
  await arrived(lab, named("memory", 20));
  once(lab);
  await unharmed(tab);
}
row(9, "a sandboxed frame has no storage", everywhere, {}, async (lab) => {
  const home = await lab.start();
  const frame = await lab.tab();
  await home.run((url) => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.sandbox = "allow-scripts";
    frame.src = url;
  }, frame.address());
  await frame.loaded();
  await inMemory(lab, frame);
});
for (const [title, code] of Object.entries({
  "reading indexedDB throws": `Object.defineProperty(globalThis, "indexedDB", { get() { throw new DOMException("denied", "SecurityError"); } })`,
  "opening a database fails": `IDBFactory.prototype.open = () => { throw new DOMException("denied", "InvalidStateError"); }`,
  "neither IndexedDB nor localStorage": `for (const name of ["indexedDB", "localStorage"]) Object.defineProperty(globalThis, name, { get() { throw new DOMException("denied", "SecurityError"); } })`,
})) {
  row(9, title, everywhere, { head: `<script>${code}</script>` }, async (lab) => inMemory(lab, await lab.start()));
}
row(9, "a private window", everywhere, { alone: true }, async (lab) => {
  const tab = await lab.start();
  await tab.make();
  const statuses = await tab.track("private", 20);
  assert.ok(statuses.every((status) => status === "stored" || status === "memory"), `${statuses}`);
  await arrived(lab, named("private", 20));
  await unharmed(tab);
});

/** Opens danbi's database in the page, without danbi, and does something to its stores. */
const tamper = (tab, body) => tab.run(`async () => {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("danbi");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  await new Promise((resolve, reject) => {
    const transaction = database.transaction([...database.objectStoreNames], "readwrite");
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    (${body})((name) => transaction.objectStore(name));
  });
  database.close();
}`);
for (const [title, body] of Object.entries({
  "rows": (store) => {
    const line = { type: "track", event: "view_item", properties: { n: "bad" }, timestamp: "2026-05-12T01:00:00.000Z", anonymousId: "a" };
    const garbage = [null, "text", 5, [], {}, new Uint8Array(9), { line: null, send: true, fold: true }, { line: {}, send: true, fold: true }, { line: "tex", send: true, fold: true },
      { line: { messageId: 5 }, send: true, fold: true }, { line, send: true, fold: true }, { line: { ...line, messageId: "bad-time", timestamp: "yesterday" }, send: true, fold: true },
      { line: { ...line, messageId: "bad-properties", properties: "all" }, send: true, fold: true }, { line: { messageId: "bad-type", type: 7 }, send: "yes", fold: 1 }];
    for (const row of garbage) store("log").add(row);
  },
  "the snapshot": (store) => {
    const found = store("kv").get("identity");
    found.onsuccess = () => {
      for (const name of ["covered", "seen"]) store("kv").put(0, name);
      store("kv").put({ seed: found.result.seed, data: { version: "x", meters: [7, null] } }, "snapshot");
    };
  },
  "positions": (store) => { for (const name of ["sent", "covered", "seen"]) store("kv").put("far", name); },
  "the identity": (store) => { store("kv").put({ anonymousId: 5, consent: null }, "identity"); },
})) {
  row(10, `garbage in ${title}`, chromium, {}, async (lab) => {
    lab.collector.mode = { status: 503 };
    const home = await lab.start();
    let tab = await lab.open(home);
    await tab.make();
    await tab.track("before", 20);
    await tab.close();
    await tamper(home, body);
    lab.collector.mode = "ok";
    tab = await lab.open(home);
    await tab.make();
    await tab.track("after", 20);
    await arrived(lab, [...named("before", 20), ...named("after", 20)]);
    await unharmed(tab);
    await invariant(lab, tab);
  });
}

row(11, "a newer danbi upgrades the database; the old one lets go, works from memory and deletes nothing", chromium, {}, async (lab) => {
  lab.collector.mode = { status: 503 };
  const home = await lab.start();
  const old = await lab.open(home);
  await old.make();
  await old.track("before", 20);
  const upgrade = () => home.run(() => new Promise((resolve, reject) => {
    const request = indexedDB.open("danbi", 2);
    request.onblocked = () => reject(new Error("blocked by the old tab"));
    request.onupgradeneeded = () => { request.result.createObjectStore("newer").put("kept", "key"); };
    request.onsuccess = () => { request.result.close(); resolve(); };
    request.onerror = () => reject(request.error);
  }));
  await upgrade();
  assert.deepEqual([...new Set(await old.track("memory", 20))], ["memory"]);
  await old.close();
  const later = await lab.open(home);
  await later.make();
  assert.deepEqual([...new Set(await later.track("later", 20))], ["memory"]);
  lab.collector.mode = "ok";
  await later.run(() => lab.client.flush());
  await arrived(lab, named("later", 20));
  await unharmed(later);
  const stores = await dump(home);
  assert.equal(stores.newer[0].value, "kept");
  const kept = stores.log.map(({ value }) => value.line.properties?.n);
  for (const n of named("before", 20)) assert.ok(kept.includes(n), `${n} is still there for the newer one`);
});

// --- tabs ---

const counting = { bundle: "lab", version: 1, house: { zone: "Asia/Seoul", currency: "KRW", locales: ["ko"] }, meters: { seen: { count: "view_item", window: "life" } } };
for (const count of [2, 10]) {
  row(12, `${count} tabs write at once`, everywhere, {}, async (lab) => {
    const tabs = [await lab.start()];
    while (tabs.length < count) tabs.push(await lab.open(tabs[0]));
    for (const tab of tabs) await tab.make({ bundle: counting });
    await Promise.all(tabs.map((tab, index) => tab.track(`tab${index}`, 30)));
    const total = count * 30;
    await delivered(lab, total);
    for (const tab of tabs) {
      await until(`every tab counts ${total}`, () => tab.run((total) => lab.client.profile()?.meters.seen === total, total), 30_000);
      await unharmed(tab);
    }
    assert.deepEqual(lab.collector.requests.map(({ others }) => others).filter(Boolean), [], "one sender over all tabs");
    await invariant(lab, tabs[0]);
  });
}

// A tab that holds the lock and does nothing with it, as one that was frozen in the middle of a request does. Really freezing it, by
// `Page.setWebLifecycleState`, catches an open readwrite transaction where it writes without a pause, and then no other tab writes to
// these stores until it thaws. Chromium's own freezing spares a page whose transaction another one waits for; the command does not.
row(13, "the tab that sends sits on the lock for ever", chromium, {}, async (lab) => {
  const home = await lab.start();
  const leader = await lab.open(home);
  await leader.run(() => {
    navigator.locks.request("danbi:danbi:send", () => new Promise(() => {})).catch(() => {}); // until it is stolen
  });
  await home.make();
  await home.track("home", 10);
  await delivered(lab, 10, 60_000);
  await leader.make();
  await leader.track("awake", 10);
  await delivered(lab, 20);
  await unharmed(leader);
  await invariant(lab, home);
});

const card = {
  ...counting,
  campaigns: [{ id: "card", label: "Card", class: "service", slot: "top", message: { blocks: [{ title: "x" }, { text: "y" }] } }],
};
const returns = `<script>addEventListener("pageshow", ({ persisted }) => { globalThis.returned = (globalThis.returned ?? 0) + persisted; });</script>`;
row(14, "back from the back/forward cache, twenty times", everywhere, { head: returns }, async (lab, context) => {
  const elsewhere = "/fixture/tab.html?elsewhere";
  const tab = await lab.start();
  await tab.goto(elsewhere);
  await tab.leave(() => history.back());
  if (!(await tab.run(() => globalThis.returned))) {
    console.error(`SKIPPED row 14 in ${lab.engine}: a page without danbi does not come back from the cache either.`);
    return context.skip("pageshow.persisted is never true here");
  }
  await tab.goto("/fixture/tab.html?shop");
  await tab.make({ bundle: card });
  await tab.run(() => lab.client.page({ kind: "home" }));
  await tab.track("first", 5);
  await until("the card was seen", () => lab.collector.events.some(({ event }) => event === "danbi_exposure"));
  let pages = 1;
  for (let round = 1; round <= 20; round++) {
    // Firefox does not keep a page that waits for an answer, or for its database.
    await tab.run(() => lab.client.flush());
    await pause(100);
    await tab.goto(elsewhere);
    await tab.leave(() => history.back());
    if (await tab.run(() => lab.client !== undefined)) continue;
    // It came back as another page: the browser had its reasons.
    pages++;
    await tab.make({ bundle: card });
    await tab.run(() => lab.client.page({ kind: "home" }));
  }
  if (pages > 1) console.error(`row 14 in ${lab.engine}: ${pages - 1} of 20 times the page was not kept.`);
  assert.ok(pages <= 5, "danbi does not keep the page out of the cache");
  assert.ok((await tab.run(() => globalThis.returned)) >= 3, "the page that is there has come back");
  await tab.track("last", 5);
  await delivered(lab, 10);
  await pause(1500);
  const seen = lab.collector.events.filter(({ event }) => event === "danbi_exposure").map(({ properties }) => properties.decision);
  assert.equal(new Set(seen).size, seen.length, "no impression twice");
  assert.ok(seen.length <= pages, "one impression a page");
  await until("the engine counts on", () => tab.run(() => lab.client.profile()?.meters.seen === 10));
  await unharmed(tab);
  await invariant(lab, tab);
});

// --- clocks, wasm, globals ---

/** `lab.shift(ms)` moves the wall clock, not the monotonic one; it stays moved on the next page of the tab. */
const shifting = `<script>{
  const Real = Date;
  let shift = Number(sessionStorage.getItem("shift"));
  lab.shift = (ms) => sessionStorage.setItem("shift", shift = ms);
  globalThis.Date = class extends Real {
    constructor(...parts) { parts.length ? super(...parts) : super(Date.now()); }
    static now() { return Real.now() + shift; }
  };
}</script>`;
const modal = {
  ...counting,
  house: { ...counting.house, pacing: { day: 1, rolling: { count: 1, days: 7 } } },
  campaigns: [{ id: "modal", label: "Modal", slot: "interruptive", caps: [{ count: 1, per: "P1D" }], trigger: { event: { name: "view_item" } }, message: { blocks: [{ title: "x" }] } }],
};
row(15, "the clock jumps: no cap opens, no id comes twice", chromium, { head: shifting }, async (lab) => {
  // With an address the page hears the server's time, even when the bundle has not changed.
  const bundle = lab.module(JSON.stringify(modal));
  const options = { bundle, consent: { ...lab.options.consent, advertising: true } };
  const open = (tab) => tab.run(() => document.querySelector("danbi-message")?.shadowRoot?.querySelector("dialog[open]") != null);
  const tab = await lab.start();
  await tab.make(options);
  await tab.run(() => lab.client.page({ kind: "home" }));
  await tab.track("first", 1);
  await until("the message opens", () => open(tab));
  await until("it was seen", () => lab.collector.events.some(({ event }) => event === "danbi_exposure"));
  await tab.run(() => document.querySelector("danbi-message").shadowRoot.querySelector('button[data-action="dismiss"]').click());
  await until("it is closed", async () => !(await open(tab)));
  let count = 1;
  for (const [how, shift] of [["a year forth", 365 * DAY], ["a year back", -365 * DAY], ["an hour back", -36e5], ["right again", 0]]) {
    for (const anew of [false, true]) {
      await tab.run((shift) => lab.shift(shift), shift);
      if (anew) {
        await tab.goto(`/fixture/tab.html?${count}`);
        await tab.make(options);
        const right = (now) => tab.run(async (now) => Math.abs(Date.parse((await lab.client.export()).exportedAt) - now) < 36e5, now);
        await until("the page has heard the server's time", () => right(Date.now()));
        await tab.run(() => lab.client.page({ kind: "home" }));
      }
      await tab.track(`jump${count++}`, 5);
      await pause(300);
      assert.equal(await open(tab), false, `${how}, ${anew ? "on the next page" : "on the open page"}: the cap of a day holds`);
    }
  }
  await delivered(lab, 41);
  const ids = lab.collector.events.map(({ messageId }) => messageId);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(numbers(lab).length, 41, "all that was said has its own id");
  await unharmed(tab);
  await invariant(lab, tab);
});

/** The engine is out of reach: signals are stored and sent, decisions say nothing, the page notices nothing. */
async function withoutEngine(lab, reason) {
  const tab = await lab.start();
  await tab.make();
  await tab.track("shop", 20);
  assert.equal((await tab.run(() => lab.client.ready)).reason, reason);
  const decision = await tab.run(() => lab.client.decide("top"));
  assert.deepEqual([decision.campaign, decision.reason], [null, "unavailable"]);
  await delivered(lab, 20);
  await unharmed(tab);
  await invariant(lab, tab);
}
row(16, "no WebAssembly", everywhere, { head: `<script>delete globalThis.WebAssembly;</script>` }, (lab) => withoutEngine(lab, "no_wasm"));
row(16, "a policy without 'wasm-unsafe-eval'", everywhere, { csp: "default-src 'self'; script-src 'self' 'unsafe-inline'; connect-src 'self' http://localhost:*" }, (lab) => withoutEngine(lab, "wasm_refused"));
row(16, "neither WebAssembly nor IndexedDB: memory and localStorage", everywhere, { head: `<script>delete globalThis.WebAssembly; Object.defineProperty(globalThis, "indexedDB", { value: undefined });</script>` }, async (lab) => {
  lab.collector.mode = { status: 503 };
  const home = await lab.start();
  const shop = await lab.open(home);
  await shop.make();
  assert.deepEqual([...new Set(await shop.track("before", 20))], ["memory"]);
  await shop.close();
  lab.collector.mode = "ok";
  await home.make();
  await home.track("after", 20);
  await arrived(lab, [...named("before", 20), ...named("after", 20)]);
  once(lab);
  await unharmed(home);
});
row(16, "the wasm is served as text", everywhere, { doctor: (path) => path.endsWith(".wasm") && { type: "text/plain" } }, async (lab) => {
  const tab = await lab.start();
  await tab.make({ bundle: counting });
  await tab.track("shop", 20);
  assert.equal((await tab.run(() => lab.client.ready)).engine, true);
  await until("it counts", () => tab.run(() => lab.client.profile()?.meters.seen === 20));
  await delivered(lab, 20);
  await unharmed(tab);
});
/** The glue, made to trap on a row whose event is `trap`, as a panic in the wasm would. */
const trapping = (path, read) => path === "/dist/danbi.js" && {
  bytes: `${read().toString().replace("export default", "const make =")}
    const check = (rows) => { if (rows.some(({ line }) => line.event === "trap")) throw new WebAssembly.RuntimeError("unreachable"); };
    export default () => {
      const glue = make();
      const { rows, load } = glue.Core.prototype;
      glue.Core.prototype.rows = function (given) { check(given); return rows.call(this, given); };
      glue.Core.prototype.load = function (snapshot, given, ...more) { check(given); return load.call(this, snapshot, given, ...more); };
      return glue;
    };`,
};
row(16, "the engine panics: begun anew without the row, the second time retired", everywhere, { doctor: trapping }, async (lab) => {
  const tab = await lab.start();
  await tab.make({ bundle: counting });
  await tab.run(() => lab.client.ready);
  await tab.track("before", 10);
  await tab.run(async () => lab.track("trap", { n: "trap-0" }));
  await tab.track("between", 10);
  await until("the engine is back and counts", () => tab.run(() => lab.client.profile()?.meters.seen === 20));
  await tab.run(async () => lab.track("trap", { n: "trap-1" }));
  await tab.track("after", 10);
  await delivered(lab, 32);
  // What is sent is read from the log, which the engine may be a quarter of a second behind.
  await until("the engine is retired", () => tab.run(() => lab.told.length > 1));
  assert.deepEqual([await tab.run(() => lab.client.decide("top").campaign), await tab.run(() => lab.told.map(({ code }) => code))], [null, ["engine_trap", "engine_retired"]]);
  await unharmed(tab);
  await invariant(lab, tab);
});

for (const [title, code] of Object.entries({
  "Array.prototype and Object.prototype have more than they should": `Array.prototype.last = function () {}; Array.prototype.toJSON = undefined; Object.prototype.extend = function () {};`,
  "Array.prototype.toJSON of an old library": `Array.prototype.toJSON = function () { return "[" + this.join() + "]"; };`,
  "Array.from and Object.keys of an old library": `
    Array.from = function (given) { const list = []; for (let i = 0; i < (given?.length ?? 0); i++) list[i] = given[i]; return list; };
    Object.keys = function (given) { const list = []; for (const name in given) list[list.length] = name; return list; };`,
  "Array.prototype.map, filter and forEach are others": `
    Array.prototype.map = function (act, on) { const list = []; for (let i = 0; i < this.length; i++) list[i] = act.call(on, this[i], i, this); return list; };
    Array.prototype.filter = function (act, on) { const list = []; for (let i = 0; i < this.length; i++) if (act.call(on, this[i], i, this)) list[list.length] = this[i]; return list; };
    Array.prototype.forEach = function (act, on) { for (let i = 0; i < this.length; i++) act.call(on, this[i], i, this); return this; };`,
  "Array.prototype.map throws": `Array.prototype.map = () => { throw new Error("patched"); };`,
  "JSON.parse throws": `JSON.parse = () => { throw new Error("patched"); };`,
  "JSON.stringify throws": `JSON.stringify = () => { throw new Error("patched"); };`,
  "fetch throws at once": `globalThis.fetch = () => { throw new Error("patched"); };`,
  "fetch answers with nothing": `globalThis.fetch = async () => undefined;`,
  "Promise and setTimeout are wrapped": `const { setTimeout } = globalThis; globalThis.setTimeout = (...all) => setTimeout.apply(globalThis, all); globalThis.Promise = class extends Promise {};`,
})) {
  row(17, title, chromium, { head: `<script>{ ${code} }</script>` }, async (lab) => {
    const tab = await lab.start();
    await tab.make();
    const statuses = await tab.track("shop", 20, { properties: { items: [{ item_id: "a" }] } });
    await tab.run(async () => { void lab.client.flush(); lab.client.decide("top"); lab.client.progress(); lab.client.explain(); });
    assert.ok(statuses.every((status) => status === "stored" || status === "memory"), `${statuses}`);
    await pause(500);
    await unharmed(tab);
    // The next page is clean, and what waited arrives as it was said.
    await lab.quit();
    lab.head = "";
    const clean = await lab.start();
    await invariant(lab, clean);
    await clean.make();
    // What could not be written down there is a dead letter.
    if (title === "JSON.stringify throws") return;
    await delivered(lab, statuses.filter((status) => status === "stored").length);
    for (const { properties } of lab.collector.events) if (properties?.n) assert.deepEqual(properties.items, [{ item_id: "a" }]);
  });
}

// --- the way out ---

/** Marks what outlives the page, so that the collector tells it from the rest. */
const marked = `<script>{
  const { fetch } = globalThis;
  globalThis.fetch = (url, options) => fetch(url, options?.keepalive ? { ...options, body: options.body.replace("{", '{"context":{"leaving":true},') } : options);
}</script>`;
row(18, "the tab is closed with 1 MiB queued", everywhere, { head: marked }, async (lab) => {
  const { collector } = lab;
  collector.mode = { status: 500 };
  const home = await lab.start();
  const shop = await lab.open(home);
  await shop.make();
  await shop.run(() => lab.client.ready);
  await shop.track("large", 100, { properties: { text: "x".repeat(10_000) } });
  await shop.track("small", 20);
  await shop.close();
  const left = () => collector.requests.filter(({ context }) => context?.leaving).map(({ bytes }) => bytes);
  await until("something is sent as the page goes", () => left().length > 0);
  await pause(500);
  assert.ok(left().reduce((sum, bytes) => sum + bytes) <= 48 * 1024, `48 KiB at most, it was ${left()}`);
  collector.mode = "ok";
  await home.make();
  await delivered(lab, 120);
  await invariant(lab, home);
});

row(19, "erase() while a request is out: nothing is written or sent afterwards, in any tab", everywhere, {}, async (lab) => {
  const { collector } = lab;
  collector.mode = { hang: true };
  const home = await lab.start();
  const shop = await lab.open(home);
  await home.make();
  await shop.make();
  await shop.run(() => lab.client.identify("m-1"));
  await Promise.all([home.track("home", 10), shop.track("shop", 10)]);
  await until("a request is out", () => collector.requests.length > 0);
  collector.mode = "ok";
  await shop.run(() => lab.client.erase());
  const before = collector.requests.length;
  for (const tab of [home, shop]) assert.deepEqual([...new Set(await tab.track("later", 5))], ["dropped"]);
  await until("the tombstone arrived", () => collector.events.some(({ event }) => event === "danbi_erased"));
  for (const tab of [home, shop]) await tab.run(async () => { await lab.client.flush(); dispatchEvent(new Event("online")); });
  await pause(1500);
  assert.deepEqual(collector.events.map(({ event }) => event), ["danbi_erased"]);
  assert.ok(collector.requests.length <= before + 1, "nothing is sent but the tombstone");
  const stores = await dump(home);
  assert.deepEqual(Object.values(stores ?? {}).flat(), []);
  assert.equal(await home.run(() => localStorage.length + sessionStorage.length), 0);
  for (const tab of [home, shop]) await unharmed(tab);
});
row(19, "reset() while a request is out: the next shopper has nothing of the one before", everywhere, { head: leaping }, async (lab) => {
  lab.collector.mode = { hang: true };
  const home = await lab.start();
  const shop = await lab.open(home);
  await home.make({ bundle: counting });
  await shop.make({ bundle: counting });
  await shop.run(() => lab.client.identify("m-1"));
  await shop.track("before", 10);
  await until("a request is out", () => lab.collector.requests.length > 0);
  await shop.run(() => lab.client.reset());
  await home.track("after", 10);
  for (const tab of [home, shop]) {
    await until("nothing of the one before is left", () => tab.run(() => lab.client.profile()?.meters.seen === 10 && lab.client.profile().userId === null));
  }
  lab.collector.mode = "ok";
  await home.run(() => lab.client.flush());
  await delivered(lab, 20);
  const who = (name) => new Set(lab.collector.events.filter(({ properties }) => properties?.n?.startsWith(name)).map(({ userId, anonymousId }) => `${userId} ${anonymousId}`));
  const [before, after] = [who("before"), who("after")];
  assert.equal(before.size + after.size, 2);
  assert.ok([...before].every((one) => one.startsWith("m-1 ")) && [...after].every((one) => one.startsWith("undefined ")));
  await invariant(lab, home);
});

/** `lab.cut()` closes every connection to IndexedDB under danbi's feet, as iOS does to a page in the background. */
const cutting = `<script>{
  const { open } = IDBFactory.prototype, handles = new Set();
  IDBFactory.prototype.open = function (...all) {
    const request = open.apply(this, all);
    request.addEventListener("success", () => handles.add(request.result));
    return request;
  };
  lab.cut = () => { for (const handle of handles) handle.close(); handles.clear(); };
}</script>`;
row(20, "the connection to IndexedDB is lost", chromium, { head: cutting }, async (lab) => {
  lab.collector.mode = { status: 503 };
  const tab = await lab.start();
  await tab.make({ bundle: counting });
  await tab.track("first", 10);
  for (let round = 0; round < 3; round++) {
    await tab.run(() => lab.cut());
    assert.deepEqual([...new Set(await tab.track(`round${round}`, 10))], ["stored"]);
  }
  // In the middle of many.
  await tab.run(async () => {
    const all = [];
    for (let i = 0; i < 50; i++) {
      all.push(lab.track("view_item", { n: `cut-${i}` }));
      if (i % 10 === 5) await lab.pause(0), lab.cut();
    }
    await Promise.all(all);
    await lab.reported();
  });
  lab.collector.mode = "ok";
  await tab.run(() => { lab.cut(); void lab.client.flush(); });
  await delivered(lab, 90);
  await until("the engine counts them all", () => tab.run(() => lab.client.profile()?.meters.seen === 90));
  await unharmed(tab);
  await invariant(lab, tab);
});

// Most of their time scenarios wait, so two of them share it.
describe("the fault matrix", { concurrency: 2 }, () => {
  for (const [title, body] of rows) test(title, { timeout: 180_000 }, body);
});
