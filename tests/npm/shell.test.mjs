// The TypeScript shell against a fake page: fake-indexeddb, scripted fetch, a fake engine in place of the wasm.
import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

const SRC = fileURLToPath(new URL("../../pkg/src/", import.meta.url));
const glue = {
  name: "glue",
  setup(b) {
    b.onResolve({ filter: /danbi\.js$/ }, () => ({ path: "danbi", namespace: "glue" }));
    b.onLoad({ filter: /./, namespace: "glue" }, () => ({
      contents: `export default () => ({ default: (init) => globalThis.glue.start(init),
        Core: class { constructor(...all) { return new globalThis.glue.Core(...all); } } })`,
    }));
  },
};
const folder = await mkdtemp(path.join(tmpdir(), "danbi-shell-"));
after(() => rm(folder, { recursive: true, force: true }));
const bundled = async (contents, name) => {
  const result = await build({
    stdin: { contents, resolveDir: SRC, loader: "ts" },
    bundle: true, format: "esm", target: "es2022", write: false, plugins: [glue], logLevel: "silent",
  });
  const file = path.join(folder, name + ".mjs");
  await writeFile(file, result.outputFiles[0].contents);
  return pathToFileURL(file).href;
};
const shell = await bundled(`export * from "./index.js"`, "shell");
const parts = await import(await bundled(`export * from "./host/zones.js"; export * from "./host/transport.js"; export * from "./host/clock.js"; export * from "./host/ga4.js"; export * from "./host/check.js"; export * from "./host/line.js"`, "parts"));

// Imported before there is a window: nothing happens.
const { createClient, DanbiError } = await import(shell);
const inert = createClient({ bundle: "/b.json" });
const inertReady = await inert.ready;
const inertReceipt = await inert.track("view_item");
test("under Node: inert, still typed", () => {
  assert.deepEqual(inertReady, { engine: false, storage: false, reason: "no_window" });
  assert.deepEqual([inertReceipt.status, inertReceipt.reason], ["dropped", "no_window"]);
  assert.equal(inert.decide("home").reason, "unavailable");
  assert.throws(() => inert.track(""), DanbiError);
  inert.destroy();
});

// ---------- the fake page ----------
const BOTH = { analytics: true, personalization: true };
const EMPTY_WASM = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
const sleep = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (what, message = "never came") => {
  for (let i = 0; i < 600; i++) {
    const found = await what();
    if (found) return found;
    await sleep(5);
  }
  assert.fail(message);
};
const realTimeout = globalThis.setTimeout;
globalThis.setTimeout = (act, ms, ...more) => {
  const timer = realTimeout(act, ms, ...more);
  if (ms > 4000) timer.unref?.();
  return timer;
};
const realRandom = Math.random;
let clients, requests, answer, thrown;

const locks = () => {
  const held = new Set();
  return {
    async request(name, { ifAvailable }, act) {
      if (held.has(name) && ifAvailable) return act(null);
      held.add(name);
      try {
        return await act({ name });
      } finally {
        held.delete(name);
      }
    },
  };
};

/** A fake engine: folds by remembering, sends whatever it is told waits. */
class FakeCore {
  static all = [];
  static decisions = {};
  static trap = () => {};
  constructor(bundle, host, options) {
    if (bundle.bad) throw { code: "invalid", path: "/bad", message: "bad bundle" };
    Object.assign(this, { bundle, host, options, seen: [], tables: {}, facts: [], freed: false, replies: [], unsent: 0 });
    FakeCore.all.push(this);
  }
  zones() { return ["Asia/Seoul", "No/Where"]; }
  zone(name, table) { this.tables[name] = table; }
  load(snapshot, rows, unsent) {
    if (snapshot?.v > 2) throw { code: "snapshot", path: "", message: "written by a newer version" };
    Object.assign(this, { snapshot, loaded: rows });
    this.rows(rows);
    this.unsent = unsent;
    if (unsent) this.host.send(100, FakeCore.since);
  }
  rows(rows) {
    FakeCore.trap("rows", rows);
    this.seen.push(...rows);
    this.unsent += rows.filter((row) => row.send).length;
  }
  context(facts) { this.facts.push({ ...facts }); }
  closed(id) { (this.over ??= []).push(id); }
  claimed(key, won) { (this.claims ??= {})[key] = won; }
  replied(...reply) { this.replies.push(reply); if (reply[3] > 0 && reply[0] === 200) this.host.send(100, FakeCore.since); }
  flush() { this.host.send(100, FakeCore.since); }
  recalled(rows) { this.again = rows; }
  keep() { this.kept = (this.kept ?? 0) + 1; }
  busy() { return FakeCore.busy; }
  rank(name) { return /^(page|scroll)$/.test(name) ? 0 : name === "purchase" ? 2 : 1; }
  farewell() { return FakeCore.budget; }
  tick() { this.ticks = (this.ticks ?? 0) + 1; }
  decide(slot) { FakeCore.trap("decide"); return FakeCore.decisions[slot] ?? { slot, campaign: null, step: null, variant: null, offer: null, reason: "none", propensity: 0 }; }
  explain() { return []; }
  progress() { return { currencies: {}, tiers: {} }; }
  profile() { return { userId: null, rows: this.seen.filter((row) => row.fold).length }; }
  setLocale(locale) { this.locale = locale; }
  free() { this.freed = true; }
}

beforeEach(() => {
  const events = new EventTarget();
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  define("window", globalThis);
  define("addEventListener", events.addEventListener.bind(events));
  define("removeEventListener", events.removeEventListener.bind(events));
  define("dispatchEvent", events.dispatchEvent.bind(events));
  const document = new EventTarget();
  define("document", Object.assign(document, { visibilityState: "visible", documentElement: { lang: "ko" } }));
  define("navigator", { language: "ko-KR", locks: locks() });
  define("indexedDB", new IDBFactory());
  define("IDBKeyRange", IDBKeyRange);
  define("reportError", (error) => thrown.push(error));
  define("dataLayer", undefined);
  define("glue", { starts: 0, start: async () => { globalThis.glue.starts++; }, Core: FakeCore });
  const store = new Map();
  define("localStorage", { getItem: (k) => store.get(k) ?? null, setItem: (k, v) => void store.set(k, v), removeItem: (k) => void store.delete(k), store });
  Object.assign(FakeCore, { all: [], decisions: {}, trap: () => {}, busy: false, budget: 48 * 1024, since: 0 });
  clients = [];
  requests = [];
  thrown = [];
  answer = () => ({ status: 200 });
  define("fetch", async (url, init = {}) => {
    const { hold, status = 200, headers = {}, body } = await answer(String(url), init, requests.length);
    if (init.method === "POST") requests.push({ url: String(url), ...init, at: Date.now(), json: JSON.parse(init.body) });
    await hold;
    return new Response(status === 304 ? null : body === undefined ? "{}" : JSON.stringify(body), { status, headers });
  });
  Math.random = () => 0;
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  Math.random = realRandom;
  await sleep(1);
});
const make = (options = {}) => {
  const client = createClient({ bundle: { bundle: "b", version: 1 }, wasm: EMPTY_WASM, consent: BOTH, render: false, ...options });
  const errors = [];
  client.on("error", (error) => errors.push(error));
  clients.push(client);
  return Object.assign(client, { errors });
};
/** No engine: the wasm is refused. */
const bare = (options) => {
  globalThis.glue.start = async () => { throw Error("no wasm in this test"); };
  return make(options);
};
const dump = async (name = "danbi") => {
  if (!(await indexedDB.databases()).some((db) => db.name === name)) return undefined;
  const db = await new Promise((ok, no) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  const out = {};
  const t = db.transaction([...db.objectStoreNames]);
  for (const s of db.objectStoreNames) {
    const keys = t.objectStore(s).getAllKeys(), values = t.objectStore(s).getAll();
    await new Promise((ok) => (values.onsuccess = ok));
    out[s] = s === "log" ? values.result.map((row, i) => ({ pos: keys.result[i], ...row })) : Object.fromEntries(keys.result.map((k, i) => [k, values.result[i]]));
  }
  db.close();
  return out;
};
const names = (rows) => rows.map(({ line }) => line.event ?? line.type);
const sent = () => requests.flatMap(({ json }) => json.batch);

// ---------- storing ----------
test("a receipt says stored only after the commit", async () => {
  const client = make();
  const order = [];
  const { prototype } = await import("fake-indexeddb/lib/FDBTransaction").then((m) => m.default ?? m);
  const dispatch = prototype.dispatchEvent;
  prototype.dispatchEvent = function (event) {
    const result = dispatch.call(this, event);
    if (event.type === "complete" && this.mode === "readwrite") order.push("complete");
    return result;
  };
  const receipt = await client.track("view_item", { item_id: "s1" }).finally(() => (prototype.dispatchEvent = dispatch));
  order.push("receipt");
  assert.equal(receipt.status, "stored");
  assert.match(receipt.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(order, ["complete", "receipt"]);
  const { log, kv } = await dump();
  assert.deepEqual(names(log), ["consent", "view_item"]);
  assert.equal(log[1].line.messageId, receipt.id);
  assert.equal(log[1].line.anonymousId, kv.identity.anonymousId);
  assert.deepEqual(log[1].line.context, { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, library: { name: "danbi-js", version: "0.1.0" } });
  assert.deepEqual([log[1].send, log[1].fold], [true, true]);
});

test("many events of one task are one transaction, in order", async () => {
  const client = make();
  await client.track("first");
  await client.ready;
  await sleep(30);
  const db = (await import("fake-indexeddb")).IDBDatabase.prototype;
  const transaction = db.transaction;
  let writes = 0;
  db.transaction = function (stores, mode) {
    if (mode === "readwrite") writes++;
    return transaction.apply(this, arguments);
  };
  const receipts = await Promise.all(Array.from({ length: 500 }, (_, i) => client.track("e" + i))).finally(() => (db.transaction = transaction));
  assert.equal(writes, 1);
  assert.ok(receipts.every(({ status }) => status === "stored"));
  assert.deepEqual(names((await dump()).log).slice(2), Array.from({ length: 500 }, (_, i) => "e" + i));
});

test("properties are copied at the call", async () => {
  const client = make();
  const properties = { items: [{ price: 1 }], at: new Date(0), none: undefined };
  const done = client.track("view_item", properties);
  properties.items[0].price = 2;
  await done;
  assert.deepEqual((await dump()).log[1].line.properties, { items: [{ price: 1 }], at: "1970-01-01T00:00:00.000Z" });
});

// ---------- the caller's mistakes ----------
test("mistakes throw with code and path", async () => {
  const client = make();
  const cycle = { a: [{}] };
  cycle.a[0]["b/c"] = cycle;
  let deep = {};
  for (let i = 0; i < 32; i++) deep = { deep };
  const wide = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => ["k" + i, i]));
  const table = [
    [() => client.track(""), "event", ""],
    [() => client.track(5), "event", ""],
    [() => client.track("e", 5), "properties", ""],
    [() => client.track("e", []), "properties", ""],
    [() => client.track("e", null), "properties", ""],
    [() => client.track("e", { items: [{ price: NaN }] }), "not_finite", "/items/0/price"],
    [() => client.track("e", { a: Infinity }), "not_finite", "/a"],
    [() => client.track("e", { f() {} }), "not_json", "/f"],
    [() => client.track("e", { "a~/b": 1n }), "not_json", "/a~0~1b"],
    [() => client.track("e", cycle), "cycle", "/a/0/b~1c"],
    [() => client.track("e", deep), "too_deep", "/deep".repeat(32)],
    [() => client.track("e", wide), "too_many", "/k1000"],
    [() => client.track("e", { text: "x".repeat(33000) }), "too_large", ""],
    [() => client.track("e", { text: "단".repeat(11000) }), "too_large", ""],
    [() => client.identify(""), "userId", ""],
    [() => client.identify("u", { age: -Infinity }), "not_finite", "/age"],
    [() => client.consent({ analytics: "yes" }), "consent", "/analytics"],
    [() => client.context({ stock: NaN }), "not_finite", "/stock"],
    [() => client.watch("", () => {}), "slot", ""],
    [() => client.watch("home"), "callback", ""],
    [() => client.on("toString", () => {}), "event", ""],
    [() => createClient(), "bundle", "/bundle"],
    [() => createClient({ bundle: "/b", endpoint: "ftp://x/" }), "endpoint", "/endpoint"],
    [() => createClient({ bundle: "/b", consent: { ads: 1 } }), "consent", "/consent/ads"],
    [() => createClient({ bundle: "/b", clock: 5 }), "clock", ""],
    [() => createClient({ bundle: "/b", theme: "dark" }), "theme", "/theme"],
    [() => createClient({ bundle: "/b", theme: { accent() {} } }), "not_json", "/accent"],
  ];
  for (const [act, code, at] of table)
    assert.throws(act, (error) => {
      assert.ok(error instanceof DanbiError && error instanceof Error, String(act));
      assert.deepEqual([error.code, error.path], [code, at], String(act));
      assert.ok(error.message.length > 15, error.message);
      return true;
    });
  await client.track("e", { deep: "단".repeat(10000) });
  const evil = JSON.parse('{"__proto__":{"polluted":1},"ok":1}');
  await client.track("evil", evil);
  assert.equal({}.polluted, undefined);
});

// ---------- consent ----------
test("held until an answer, then stored in order, consent first", async () => {
  const client = make({ consent: {} });
  const receipts = await Promise.all([client.track("a"), client.identify("m-1", { tier: "leaf" }), client.track("b")]);
  assert.deepEqual(receipts.map(({ status }) => status), ["held", "held", "held"]);
  await client.ready;
  assert.equal(await dump(), undefined);
  assert.equal(localStorage.store.size, 0);
  assert.equal((await client.consent({ personalization: true })).status, "stored");
  const { log, kv } = await dump();
  assert.deepEqual(names(log), ["consent", "a", "identify", "b"]);
  assert.deepEqual(log.map(({ send, fold }) => [send, fold]), Array(4).fill([false, true]));
  assert.deepEqual(log.map(({ line }) => line.userId), [undefined, undefined, "m-1", "m-1"]);
  assert.deepEqual(log[0].line.properties, { personalization: "granted" });
  assert.equal(kv.identity.userId, "m-1");
});

test("denied: dropped, nothing is left anywhere", async () => {
  const client = make({ consent: {}, endpoint: "https://c.test/b" });
  await client.track("a");
  const receipt = await client.consent({ analytics: false, personalization: false });
  assert.deepEqual([receipt.status, receipt.reason], ["dropped", "consent"]);
  assert.equal((await client.track("b")).reason, "consent");
  await client.ready;
  await client.flush();
  assert.equal((await dump())?.log.length ?? 0, 0);
  assert.equal(localStorage.store.size, 0);
  assert.equal(requests.length, 0);
});

test("held lines are bounded, the oldest go, told once", async () => {
  const client = make({ consent: {} });
  await Promise.all(Array.from({ length: 1005 }, (_, i) => client.track("e" + i)));
  await client.track("more");
  assert.deepEqual(client.errors.map(({ code }) => code), ["held_full"]);
  await client.consent(BOTH);
  const { log } = await dump();
  assert.equal(log.length, 1001);
  assert.equal(log[1].line.event, "e6");
});

test("taking consent back erases what needed it, in every tab", async () => {
  const client = make();
  const other = make();
  await client.track("a");
  await other.track("b");
  await client.ready;
  assert.equal((await client.consent({ personalization: false })).status, "stored");
  let { log, kv } = await dump();
  assert.deepEqual(log.map(({ line, send, fold }) => [line.event ?? line.type, send, fold]), [["consent", true, false], ["a", true, false], ["b", true, false], ["consent", true, false]]);
  assert.equal(kv.snapshot, undefined);
  await other.track("c");
  ({ log } = await dump());
  assert.deepEqual([log.at(-1).line.event, log.at(-1).fold], ["c", false]);
  await client.consent({ analytics: false });
  const empty = await dump();
  assert.deepEqual([empty.log, empty.kv, empty.claims], [[], {}, {}]);
  assert.equal((await client.track("d")).status, "dropped");
  assert.equal((await other.track("e")).status, "dropped");
  assert.deepEqual((await dump()).log, []);
});

test("consent taken back in one tab silences the other: no fold, no farewell", async () => {
  answer = (url, init) => (init.method === "POST" ? { status: 503, headers: { "retry-after": "60" } } : {});
  const other = make({ endpoint: "https://c.test/b" });
  await other.track("b");
  await other.ready;
  const client = make({ endpoint: "https://c.test/b" });
  await client.ready;
  await until(() => FakeCore.all.every(({ seen }) => seen.length === 2));
  const cores = FakeCore.all.length;
  await client.consent({ analytics: false, personalization: false });
  await until(() => FakeCore.all.length === cores + 2);
  assert.deepEqual(FakeCore.all.slice(cores).map(({ seen }) => seen), [[], []]);
  dispatchEvent(new Event("pagehide"));
  await sleep(10);
  assert.deepEqual(requests.filter(({ keepalive }) => keepalive), []);
});

test("functional consent lets the next visit go on without asking", async () => {
  const first = make({ consent: { ...BOTH, functional: true } });
  await first.track("a");
  first.destroy();
  const second = make({ consent: {} });
  assert.equal((await second.track("b")).status, "stored");
  second.destroy();
  assert.deepEqual(names((await dump()).log), ["consent", "a", "b"]);
  const third = make({ consent: { functional: false } });
  assert.equal((await third.track("c")).status, "held");
});

// ---------- who ----------
test("another user begins anew; what is unsent is still sent, never folded", async () => {
  const client = make();
  await client.identify("m-1");
  await client.track("a");
  const before = (await dump()).kv.identity;
  await client.identify("m-2");
  const { log, kv } = await dump();
  assert.notEqual(kv.identity.anonymousId, before.anonymousId);
  assert.notEqual(kv.identity.seed, before.seed);
  assert.deepEqual(log.map(({ line, fold }) => [line.event ?? line.type, line.userId, fold]), [
    ["consent", undefined, false], ["identify", "m-1", false], ["a", "m-1", false],
    ["consent", undefined, true], ["identify", "m-2", true],
  ]);
});

test("reset: a new anonymous shopper", async () => {
  const client = make();
  await client.ready;
  await client.identify("m-1");
  FakeCore.all.at(-1).host.save({ v: 2, points: 5, covered: 2, seen: 2 }, 2);
  await until(async () => (await dump()).kv.snapshot);
  const cores = FakeCore.all.length;
  await client.reset();
  await client.track("b");
  const { log, kv } = await dump();
  assert.equal(kv.snapshot, undefined);
  assert.equal(kv.identity.userId, undefined);
  assert.equal(log.at(-1).line.userId, undefined);
  await until(() => FakeCore.all.length > cores && names(FakeCore.all.at(-1).seen).includes("b"));
  assert.ok(FakeCore.all[0].freed);
  assert.equal(FakeCore.all.at(-1).options.seed, kv.identity.seed);
});

test("two tabs agree on one anonymousId; each row is sent once; each engine sees all", async () => {
  const tabs = [make({ endpoint: "https://c.test/b" }), make({ endpoint: "https://c.test/b" })];
  await Promise.all(tabs.flatMap((tab, t) => Array.from({ length: 20 }, (_, i) => tab.track(`t${t}-${i}`))));
  await Promise.all(tabs.map((tab) => tab.ready));
  await Promise.all(tabs.map((tab) => tab.flush()));
  await until(() => sent().length >= 41);
  const ids = sent().map(({ messageId }) => messageId);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(ids.length, 41);
  assert.equal(new Set(sent().map(({ anonymousId }) => anonymousId)).size, 1);
  const engines = FakeCore.all.filter((core) => !core.freed);
  await until(() => engines.every((core) => core.seen.filter((row) => row.fold).length === 41));
  for (const { seen } of engines) assert.deepEqual(seen.map(({ pos }) => pos), [...seen.map(({ pos }) => pos)].sort((a, b) => a - b));
});

test("rows of another tab between two commits of this one reach its engine", async () => {
  const tabs = [make(), make()];
  await Promise.all(tabs.map((tab) => tab.ready));
  // Quicker than a tab gathers what it gives to its engine.
  for (let i = 0; i < 12; i++) await tabs[i % 2].track("e" + i);
  const engines = FakeCore.all.filter((core) => !core.freed);
  const seen = ({ seen }) => seen.filter((row) => row.line.event).map((row) => row.line.event);
  await until(() => engines.every((core) => seen(core).includes("e11")));
  for (const core of engines) assert.deepEqual(seen(core), Array.from({ length: 12 }, (_, i) => "e" + i));
});

test("who hears of an erasure ends, and leaves alone what may have come since", async () => {
  const client = make();
  await client.ready;
  await client.track("a");
  const channel = new BroadcastChannel("danbi:danbi");
  channel.postMessage("erase");
  await until(async () => (await client.track("b")).reason === "erased");
  channel.close();
  await sleep(20);
  assert.deepEqual(names((await dump()).log).slice(0, 2), ["consent", "a"]);
});

test("two members in one breath stay two", async () => {
  const client = make({ consent: {} });
  const all = [client.track("anon"), client.identify("m-1"), client.track("of one"), client.identify("m-2"), client.track("of two")];
  await client.consent(BOTH);
  await Promise.all(all);
  const { log, kv } = await dump();
  const whose = Object.fromEntries(log.map(({ line }) => [line.event ?? line.type + line.userId, [line.userId, line.anonymousId]]));
  assert.equal(kv.identity.userId, "m-2");
  assert.deepEqual([whose["of one"]?.[0], whose["of two"][0]], ["m-1", "m-2"]);
  assert.notEqual(whose["of one"][1], whose["of two"][1]);
  client.destroy();
});

test("who leaves while nothing may be kept is gone", async () => {
  const client = make({ consent: { functional: true } });
  await client.identify("m-1");
  await client.track("mine");
  await client.reset();
  assert.deepEqual([(await client.export()).identity.userId, (await dump()).kv.identity, (await dump()).log], [null, undefined, []]);
  client.destroy();
  await visit(async (first) => { await first.identify("m-1"); });
  const second = make({ consent: {} });
  const other = [second.reset(), second.track("other person")];
  await second.consent(BOTH);
  await Promise.all(other);
  assert.equal((await dump()).log.find(({ line }) => line.event === "other person").line.userId, undefined);
  assert.equal((await dump()).kv.identity.userId, undefined);
  second.destroy();
});

test("export holds everything, erase leaves nothing and makes the client inert", async () => {
  const client = make({ endpoint: "https://c.test/b" });
  const other = make({ endpoint: "https://c.test/b" });
  await Promise.all([client.ready, other.ready]);
  await client.identify("m-1");
  await client.track("a");
  const all = await client.export();
  assert.deepEqual(Object.keys(all), ["identity", "consent", "profile", "progress", "events", "dead", "exportedAt"]);
  assert.equal(all.identity.userId, "m-1");
  assert.deepEqual(all.events.map(({ event, type }) => event ?? type), ["consent", "identify", "a"]);
  requests.length = 0;
  await client.erase();
  const empty = await dump();
  assert.deepEqual([empty.log, empty.kv, empty.claims, empty.dead], [[], {}, {}, {}]);
  assert.deepEqual(await client.track("b").then(({ status, reason }) => [status, reason]), ["dropped", "erased"]);
  await until(async () => (await other.track("c")).reason === "erased");
  await sleep(20);
  assert.deepEqual((await dump()).log, []);
  assert.deepEqual(sent().map(({ event, userId }) => [event, userId]), [["danbi_erased", "m-1"]]);
});

test("erase in the middle of a write or a send leaves nothing", async () => {
  let release;
  answer = () => ({ hold: new Promise((resolve) => (release = resolve)) });
  const client = bare({ endpoint: "https://c.test/b" });
  await client.track("a");
  void client.flush();
  await until(() => requests.length);
  const late = client.track("b");
  await client.erase();
  release();
  assert.ok(["dropped", "stored"].includes((await late).status));
  await sleep(20);
  const empty = await dump();
  assert.deepEqual([empty.log, empty.kv], [[], {}]);
});

// ---------- the data layer ----------
test("data layer: what each push means", async () => {
  function gtag() { dataLayer.push(arguments); }
  const pushed = [];
  globalThis.dataLayer = [{ event: "before", a: 1 }];
  const own = globalThis.dataLayer;
  own.push = function (...all) { pushed.push(...all); return Array.prototype.push.apply(this, all); };
  const client = make();
  const element = { nodeType: 1 };
  const loop = {};
  loop.loop = loop;
  assert.equal(dataLayer.push({ ecommerce: { currency: "KRW", items: [{ item_id: "a", price: 1 }, { item_id: "b" }] } }), 2);
  dataLayer.push({ event: "view_item", ecommerce: { items: [{ price: 2 }] }, user: { tier: "leaf" }, "gtm.uniqueEventId": 5, eventCallback() {}, element });
  dataLayer.push({ ecommerce: null });
  dataLayer.push({ event: "purchase", ecommerce: { transaction_id: "t1", value: 5 } });
  gtag("js", new Date());
  gtag("config", "G-1", { user_id: "m-7" });
  gtag("config", "G-1", { user_id: "m-7" });
  gtag("event", "add_to_cart", { value: 3, event_callback() {} });
  gtag("event", "page_view", { content_group: "product", page_title: "t" });
  gtag("consent", "default", { ad_storage: "denied" });
  dataLayer.push({ event: "gtm.js" }, () => {}, ["set", 1]);
  const broken = { event: "broken", price: NaN, loop };
  Object.defineProperty(broken, "late", { enumerable: true, get() { throw Error("host"); } });
  dataLayer.push(broken);
  dataLayer.push({ event: 5 });
  dataLayer.push(null, { event: "nan", price: NaN });
  dataLayer.push({ event: "after" });
  const later = [];
  const ours = dataLayer.push;
  dataLayer.push = function (...all) { later.push(...all); return ours.apply(this, all); };
  dataLayer.push({ event: "last" });
  await client.ready;
  await until(async () => names((await dump()).log).includes("last"));
  const { log } = await dump();
  assert.deepEqual(log.slice(1).map(({ line: { type, event, userId, properties, traits } }) => [event ?? type, properties ?? traits, userId]), [
    ["before", { a: 1 }, undefined],
    ["view_item", { currency: "KRW", items: [{ item_id: "a", price: 2 }, { item_id: "b" }], user: { tier: "leaf" } }, undefined],
    ["purchase", { transaction_id: "t1", value: 5 }, undefined],
    ["identify", {}, "m-7"],
    ["add_to_cart", { value: 3 }, "m-7"],
    ["page", { kind: "product", content_group: "product", page_title: "t" }, "m-7"],
    ["nan", { transaction_id: "t1", value: 5 }, "m-7"],
    ["after", { transaction_id: "t1", value: 5 }, "m-7"],
    ["last", { transaction_id: "t1", value: 5 }, "m-7"],
  ]);
  assert.equal(client.errors.filter(({ code }) => code === "data_layer").length, 1);
  assert.equal(pushed.length, 19);
  assert.equal(later.length, 1);
  client.destroy();
  dataLayer.push({ event: "gone" });
  assert.equal(later.length, 2);
});

test("a data layer that cannot be wrapped does no harm", async () => {
  globalThis.dataLayer = Object.freeze([{ event: "a" }]);
  const client = make();
  assert.equal((await client.track("b")).status, "stored");
  client.destroy();
  globalThis.dataLayer = { push: 5 };
  assert.equal((await make().track("c")).status, "stored");
  globalThis.dataLayer = undefined;
  make({ dataLayer: false });
  assert.equal(globalThis.dataLayer, undefined);
});

// ---------- sending without an engine ----------
test("503, then 200: all arrives once, in order, unchanged", async () => {
  answer = (url, init, n) => (init.method === "POST" ? { status: n ? 200 : 503 } : {});
  const client = bare({ endpoint: "https://c.test/b", writeKey: "key" });
  await Promise.all(Array.from({ length: 120 }, (_, i) => client.track("e" + i, { i })));
  await client.ready;
  await until(() => requests.length >= 3);
  const [first, second, third] = requests;
  assert.equal(first.json.batch.length, 100);
  assert.deepEqual(second.json.batch, first.json.batch);
  assert.equal(third.json.batch.length, 21);
  assert.equal(first.headers.authorization, "Basic " + btoa("key:"));
  assert.equal(first.headers["content-type"], "application/json");
  assert.ok(Math.abs(Date.parse(first.json.sentAt) - Date.now()) < 60000);
  const { log, kv } = await dump();
  assert.equal(kv.sent, 121);
  assert.deepEqual(third.json.batch, log.slice(100).map(({ line }) => line));
  assert.equal(client.decide("home").reason, "unavailable");
});

test("no request before Retry-After, in seconds or as a date", async () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  for (const [header, ms] of [["1", 1000], ["0", 0], ["9999999999", 36e5], ["Thu, 01 Jan 2026 00:00:05 GMT", 5000], ["Thu, 01 Jan 2020 00:00:05 GMT", 0], ["-5", -1], ["soon", -1], ["1.5", -1], [null, -1], ["", -1]])
    assert.equal(parts.retryAfter(header, now), ms, String(header));
  for (const header of ["1", new Date(Date.now() + 2000).toUTCString()]) {
    requests.length = 0;
    answer = (url, init, n) => (n ? { status: 200 } : { status: 429, headers: { "retry-after": header } });
    const client = bare({ endpoint: "https://c.test/b", name: header === "1" ? "danbi" : "other" });
    await client.track("a");
    await until(() => requests.length === 2);
    const wish = header === "1" ? requests[0].at + 1000 : Date.parse(header);
    assert.ok(requests[1].at >= wish - 2, `${requests[1].at - wish} ms`);
  }
});

test("network error: kept, sent when online", async () => {
  let down = true;
  Math.random = () => 1;
  answer = () => {
    if (down) throw TypeError("network");
    return { status: 200 };
  };
  const client = bare({ endpoint: "https://c.test/b" });
  await client.track("a");
  await client.flush();
  assert.equal(requests.length, 0);
  assert.equal((await dump()).kv.sent, undefined);
  down = false;
  dispatchEvent(new Event("online"));
  await until(() => requests.length);
  await until(async () => (await dump()).kv.sent === 2);
});

test("one refused event is found by halves and buried, the rest arrives", async () => {
  answer = (url, { body }) => ({ status: body?.includes("poison") ? 400 : 200 });
  const client = bare({ endpoint: "https://c.test/b" });
  await Promise.all(["a", "b", "poison", "c", "d"].map((event) => client.track(event)));
  await client.ready;
  await client.flush();
  await until(async () => (await dump()).kv.sent === 6);
  const arrived = new Set(requests.filter(({ body }) => !body.includes("poison")).flatMap(({ json }) => json.batch.map(({ event }) => event)));
  assert.deepEqual([...arrived].filter(Boolean), ["a", "b", "c", "d"]);
  assert.deepEqual(Object.values((await dump()).dead).map(({ line }) => line.event), ["poison"]);
});

test("rows that may not be sent are not; delivered rows that nobody folds go", async () => {
  const client = bare({ endpoint: "https://c.test/b", consent: { personalization: true } });
  await client.track("private");
  await client.consent({ analytics: true });
  await client.track("public");
  await client.consent({ personalization: false });
  await client.track("counted");
  await client.ready;
  await client.flush();
  await until(async () => (await dump()).log.length === 0);
  assert.deepEqual(sent().map(({ event, type }) => event ?? type), ["consent", "public", "consent", "counted"]);
});

test("the page goes: one keepalive request with what is unsent", async () => {
  Math.random = () => 1;
  answer = () => ({ status: 503 });
  const client = bare({ endpoint: "https://c.test/b" });
  await Promise.all(Array.from({ length: 100 }, (_, i) => client.track("e" + i, { text: "x".repeat(1000) })));
  await client.ready;
  await until(() => requests.length === 1);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await until(() => requests.length === 2);
  assert.equal(requests[1].keepalive, true);
  assert.ok(requests[1].body.length <= 48 * 1024 && requests[1].body.length > 40000);
  assert.equal((await dump()).kv.sent, undefined);
});

test("what left with a hidden page and nobody folds goes from the log too", async () => {
  const client = make({ endpoint: "https://c.test/b", consent: { analytics: true } });
  await client.ready;
  for (let i = 0; i < 5; i++) {
    await client.track("e" + i);
    for (document.visibilityState of ["hidden", "visible"]) document.dispatchEvent(new Event("visibilitychange"));
    await sleep(5);
    await client.flush();
  }
  assert.ok(requests.some(({ keepalive }) => keepalive));
  assert.deepEqual((await dump()).log, []);
  assert.equal((await dump()).kv.sent, 6);
});

// ---------- the engine ----------
test("the engine gets tables, snapshot, rows and facts; decisions reach watchers", async () => {
  const client = make();
  const seen = [];
  const stop = client.watch("home", (decision) => seen.push(decision.reason));
  client.watch("home", () => { throw Error("host"); });
  client.context({ page: "home" });
  await client.track("a");
  assert.deepEqual(await client.ready, { engine: true, storage: true });
  const [core] = FakeCore.all;
  await until(() => names(core.seen).includes("a"));
  assert.deepEqual(seen, ["unavailable", "none"]);
  assert.ok(thrown.some(({ message }) => message === "host"));
  assert.deepEqual(core.facts, [{ page: "home" }]);
  assert.equal(core.options.locale, "ko");
  const table = core.tables["Asia/Seoul"];
  assert.deepEqual([table.length, table[1]], [2, 540]);
  assert.equal(core.tables["No/Where"], undefined);
  FakeCore.decisions.home = { id: "t.1", slot: "home", campaign: "c", step: "s", variant: "v", offer: "o", reason: "targeting_match", propensity: 1 };
  core.host.notify("change");
  core.host.notify("change");
  await sleep(1);
  assert.deepEqual(seen, ["unavailable", "none", "targeting_match"]);
  stop();
  assert.equal((await client.exposed("t.1")).status, "stored");
  assert.equal((await client.answer("t.1", "click", "yes")).status, "stored");
  assert.equal((await client.exposed("nope")).reason, "unknown_decision");
  assert.deepEqual((await dump()).log.slice(-2).map(({ line }) => [line.event, line.properties]), [
    ["danbi_exposure", { decision: "t.1", campaign: "c", step: "s", variant: "v", offer: "o", slot: "home" }],
    ["danbi_answer", { decision: "t.1", campaign: "c", step: "s", variant: "v", offer: "o", slot: "home", action: "click", value: "yes" }],
  ]);
  client.setLocale("en");
  assert.equal(core.locale, "en");
});

test("a host that draws: told what to open and what to take away; seen and answered count once, and free the place", async () => {
  const client = make();
  const heard = [];
  let opens;
  for (const event of ["message", "open", "close", "closed", "exposure", "answer", "share"]) client.on(event, (payload) => {
    heard.push([event, payload]);
    return opens;
  });
  await client.ready;
  const [core] = FakeCore.all;
  const decision = (id) => ({ id, slot: "interruptive", campaign: "c", step: null, variant: null, offer: null, reason: "targeting_match", propensity: 1 });
  const own = async () => (await dump()).log.filter(({ line }) => line.event?.startsWith("danbi_")).map(({ line }) => [line.event.slice(6), line.properties.decision, line.properties.action, line.properties.partial]);
  core.host.show(decision("t.1"));
  await until(() => heard.length);
  assert.deepEqual(heard.splice(0), [["message", decision("t.1")]]);
  const receipts = await Promise.all([client.exposed("t.1"), client.exposed("t.1"),
    client.answer("t.1", "score", 3, { question: "nps", partial: true }), client.answer("t.1", "score", 3, { question: "nps", partial: true }),
    client.answer("t.1", "score", 4, { question: "care", partial: true }),
    client.answer("t.1", "dismiss"), client.answer("t.1", "dismiss"), client.answer("t.1", "click", "late"), client.answer("t.1", "score", 5, { partial: true })]);
  assert.deepEqual(receipts.map(({ id }) => receipts.findIndex((other) => other.id === id)), [0, 0, 2, 2, 4, 5, 5, 5, 5]);
  assert.deepEqual(await own(), [["exposure", "t.1", undefined, undefined], ["answer", "t.1", "score", true], ["answer", "t.1", "score", true], ["answer", "t.1", "dismiss", undefined]]);
  await until(() => core.over);
  // The engine had read the answer before its place was freed.
  assert.equal(names(core.seen).at(-1), "danbi_answer");
  core.host.show(decision("t.2"));
  core.host.hide();
  await until(() => heard.length > 1);
  assert.deepEqual(heard.splice(0), [["message", decision("t.2")], ["close", { decision: decision("t.2"), by: "hide" }]]);
  opens = false;
  core.host.show(decision("t.3"));
  await until(() => core.over.includes("t.3"));
  // A card is nobody's place but its own.
  FakeCore.decisions.home = { ...decision("t.4"), slot: "home" };
  client.decide("home");
  await client.answer("t.4", "click");
  await sleep(5);
  assert.deepEqual([...new Set(core.over)], ["t.1", "t.3"]);
  assert.equal((await client.answer("t.9", "click")).reason, "unknown_decision");
});

test("a snapshot covers what it covers; sent and covered rows go; a later visit loads the rest", async () => {
  const client = make({ endpoint: "https://c.test/b" });
  await client.track("a");
  await client.track("b");
  await client.ready;
  await client.flush();
  await until(async () => (await dump()).kv.sent === 3);
  await client.track("c");
  FakeCore.all[0].host.save({ v: 2, folded: 2, covered: 2, seen: 2 }, 2);
  await until(async () => (await dump()).kv.covered === 2);
  client.destroy();
  assert.deepEqual((await dump()).log.map(({ pos }) => pos), [3, 4]);
  const next = make();
  await next.ready;
  const core = FakeCore.all.at(-1);
  assert.deepEqual(core.snapshot, { v: 2, folded: 2, covered: 2, seen: 2 });
  assert.deepEqual(core.loaded.map(({ pos, line }) => [pos, line.event]), [[3, "b"], [4, "c"]]);
});

test("one tab in the world wins a claim", async () => {
  const tabs = [make(), make()];
  await Promise.all(tabs.map((tab) => tab.track("a")));
  await Promise.all(tabs.map(({ ready }) => ready));
  const cores = FakeCore.all;
  for (const { host } of cores) host.claim("welcome|1|2026-01-01");
  await until(() => cores.every(({ claims }) => claims));
  assert.deepEqual(cores.map(({ claims }) => claims["welcome|1|2026-01-01"]).sort(), [false, true]);
});

test("a trap: once anew without the row, twice it rests", async () => {
  FakeCore.trap = (kind, rows) => {
    if (kind === "rows" && rows.some(({ line }) => line.event === "poison")) throw new WebAssembly.RuntimeError("unreachable");
  };
  const client = make({ endpoint: "https://c.test/b" });
  await client.track("a");
  await client.ready;
  const { starts } = globalThis.glue;
  await client.track("poison");
  await until(() => FakeCore.all.length === 2);
  assert.equal(globalThis.glue.starts, starts + 1);
  await until(() => client.decide("home").reason === "none");
  await client.track("b");
  await until(() => names(FakeCore.all[1].seen).includes("b"));
  assert.deepEqual(names(FakeCore.all[1].seen), ["consent", "a", "b"]);
  assert.deepEqual(Object.values((await dump()).dead).map(({ line }) => line.event), ["poison"]);
  await client.flush();
  await until(() => sent().some(({ event }) => event === "poison"));
  FakeCore.trap = (kind) => { if (kind === "decide") throw new WebAssembly.RuntimeError("unreachable"); };
  assert.equal(client.decide("home").reason, "unavailable");
  FakeCore.trap = () => {};
  assert.equal(client.decide("home").reason, "unavailable");
  assert.equal((await client.track("c")).status, "stored");
  await client.flush();
  await until(() => sent().some(({ event }) => event === "c"));
  assert.equal(FakeCore.all.length, 2);
  assert.deepEqual(client.errors.map(({ code }) => code), ["engine_trap", "engine_retired"]);
});

test("a trap over many rows: the one row is found, the others count", async () => {
  FakeCore.trap = (kind, rows) => {
    if (kind === "rows" && rows.some(({ line }) => line.event === "poison")) throw new WebAssembly.RuntimeError("unreachable");
  };
  const client = make();
  await Promise.all(["a", "b", "poison", "c"].map((event) => client.track(event)));
  await client.ready;
  await until(() => client.decide("home").reason === "none");
  assert.deepEqual(names(FakeCore.all.at(-1).seen), ["consent", "a", "b", "c"]);
  const { log, dead } = await dump();
  assert.deepEqual(Object.values(dead).map(({ line }) => line.event), ["poison"]);
  assert.deepEqual(log.filter(({ bad }) => bad).map(({ fold }) => fold), [false]);
  FakeCore.trap = (kind) => { if (kind === "decide") throw new WebAssembly.RuntimeError("unreachable"); };
  assert.equal(client.decide("home").reason, "unavailable");
  assert.deepEqual(client.errors.map(({ code }) => code), ["engine_trap", "engine_retired"]);
});

test("no wasm, an invalid bundle, no bundle: told once, never thrown", async () => {
  const keep = globalThis.WebAssembly;
  globalThis.WebAssembly = undefined;
  assert.deepEqual(await make().ready, { engine: false, storage: true, reason: "no_wasm" });
  globalThis.WebAssembly = keep;
  const invalid = make({ bundle: { bad: true } });
  assert.equal((await invalid.ready).reason, "bundle");
  assert.deepEqual(invalid.errors.map(({ code, path }) => [code, path]), [["bundle_invalid", "/bad"], ["engine_bundle", undefined]]);
  answer = () => ({ status: 500 });
  assert.equal((await make({ bundle: "/b.json" }).ready).reason, "network");
});

test("a fetched bundle is kept, serves offline and never goes back", async () => {
  let body = { bundle: "b", version: 3 };
  answer = () => ({ body });
  const first = make({ bundle: "/b.json" });
  await first.track("a");
  await first.ready;
  await until(async () => (await dump()).kv.bundle);
  first.destroy();
  body = { bundle: "b", version: 2 };
  const second = make({ bundle: "/b.json" });
  await second.ready;
  assert.equal(FakeCore.all.at(-1).bundle.version, 3);
  second.destroy();
  answer = () => { throw TypeError("offline"); };
  const third = make({ bundle: "/b.json" });
  assert.equal((await third.ready).engine, true);
  assert.equal(FakeCore.all.at(-1).bundle.version, 3);
});

// ---------- storage that fails ----------
test("no IndexedDB: memory, mirrored, still sent", async () => {
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true, writable: true });
  answer = () => ({ status: 503, headers: { "retry-after": "60" } });
  const client = bare({ endpoint: "https://c.test/b" });
  assert.equal((await client.track("a")).status, "memory");
  assert.deepEqual(client.errors.map(({ code }) => code).slice(0, 1), ["storage"]);
  assert.equal((await client.ready).storage, false);
  await until(() => requests.length);
  client.destroy();
  answer = () => ({ status: 200 });
  requests.length = 0;
  const next = bare({ endpoint: "https://c.test/b" });
  assert.equal((await next.track("b")).status, "memory");
  await next.ready;
  await next.flush();
  await until(() => sent().length === 3);
  assert.deepEqual(sent().map(({ event, type }) => event ?? type), ["consent", "a", "b"]);
  assert.equal(new Set(sent().map(({ anonymousId }) => anonymousId)).size, 1);
  const silent = bare({ consent: {} });
  localStorage.store.clear();
  await silent.track("c");
  assert.equal(localStorage.store.size, 0);
});

test("a newer database is left alone", async () => {
  await new Promise((ok) => {
    const request = indexedDB.open("danbi", 2);
    request.onupgradeneeded = () => request.result.createObjectStore("future").put(1, "x");
    request.onsuccess = () => (request.result.close(), ok());
  });
  const client = make();
  assert.equal((await client.track("a")).status, "memory");
  assert.deepEqual((await dump()).future, { x: 1 });
  const names = FakeCore.all;
  await client.ready;
  await until(() => names[0]?.seen.length === 2);
});

test("a lost connection is opened again; a second loss is memory", async () => {
  const client = make();
  await client.track("a");
  const { prototype } = (await import("fake-indexeddb")).IDBDatabase;
  const { transaction } = prototype;
  let losses = 1;
  prototype.transaction = function () {
    if (losses-- > 0) throw new DOMException("lost", "InvalidStateError");
    return transaction.apply(this, arguments);
  };
  try {
    assert.equal((await client.track("b")).status, "stored");
    losses = 1000;
    assert.equal((await client.track("c")).status, "memory");
  } finally {
    prototype.transaction = transaction;
  }
  assert.deepEqual(names((await dump()).log), ["consent", "a", "b"]);
});

test("versionchange: the connection gives way and comes back", async () => {
  const client = make();
  await client.track("a");
  await client.ready;
  await new Promise((ok, no) => {
    const request = indexedDB.deleteDatabase("danbi");
    request.onsuccess = ok;
    request.onblocked = no;
  });
  assert.equal((await client.track("b")).reason, "consent");
  assert.equal((await client.consent(BOTH)).status, "stored");
  assert.equal((await client.track("c")).status, "stored");
});

// ---------- what is not delivered ----------
const DAY = 864e5;
/** Writes into the database as something else might have. */
const raw = async (act, name = "danbi") => {
  const db = await new Promise((ok, no) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  const t = db.transaction([...db.objectStoreNames], "readwrite");
  act((store) => t.objectStore(store));
  await new Promise((ok, no) => { t.oncomplete = ok; t.onabort = () => no(t.error); });
  db.close();
};
/** A visit that leaves its rows behind. */
const visit = async (act, options = {}) => {
  const client = make({ bundle: { bad: true }, ...options });
  await act(client);
  await client.ready;
  client.destroy();
  await sleep(1);
  requests.length = 0;
  FakeCore.all.length = 0;
};
const letters = async () => Object.values((await dump()).dead).map(({ line, reason }) => [line?.event ?? line?.type, reason]);

test("after 7 days undelivered: a dead letter, told once; the younger ones go", async () => {
  let now = Date.parse("2026-03-01T00:00:00Z");
  const clock = () => now;
  await visit(async (client) => { await client.track("old"); now += 6 * DAY; await client.track("young"); }, { clock });
  now += 2 * DAY;
  const client = bare({ endpoint: "https://c.test/b", clock });
  await client.ready;
  await client.flush();
  await until(async () => sent().length);
  assert.deepEqual(sent().map(({ event }) => event), ["young"]);
  assert.deepEqual(await letters(), [["consent", "expired"], ["old", "expired"]]);
  assert.equal(client.errors.filter(({ code }) => code === "expired").length, 1);
  assert.deepEqual((await dump()).log.map(({ line, send, fold }) => [line.event ?? line.type, send, fold]), [["consent", false, true], ["old", false, true], ["young", true, true]]);
});

test("the engine says since when, which row to bury and how much may stay", async () => {
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  const client = make({ endpoint: "https://c.test/b" });
  await client.track("today"); // what this page wrote is of today, whatever a wrong clock makes it look like
  await client.ready;
  await until(() => FakeCore.all[0].replies.length);
  await raw((store) => store("log").add({ line: { type: "track", event: "a", messageId: "a", timestamp: "2026-01-01T00:00:00.000Z" }, send: true, fold: false }, 0.5));
  requests.length = 0;
  FakeCore.since = Date.now() + DAY;
  await client.flush();
  assert.deepEqual(await letters(), [["a", "expired"]]);
  assert.deepEqual(sent().map(({ event, type }) => event ?? type), ["consent", "today"]);
  requests.length = 0;
  FakeCore.since = 0;
  answer = () => ({});
  await client.flush();
  await until(async () => (await dump()).kv.sent === 2);
  requests.length = 0;
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  await client.track("b");
  await client.track("c");
  const { host } = FakeCore.all[0];
  host.bury(3, "refused");
  host.bury(3, "refused");
  host.bury(1, "refused");
  host.send(100, 0);
  await until(() => requests.length);
  assert.deepEqual(sent().map(({ event }) => event), ["c"]);
  assert.deepEqual((await letters()).slice(1), [["b", "refused"]]);
  await until(() => FakeCore.all[0].replies.some(([status, , rows, , at]) => status === 503 && rows === 1 && at === 4));
});

test("over the cap: the cheapest go first, the loss is told in a row, who and consent stay", async () => {
  const client = make({ endpoint: "https://c.test/b" });
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  await client.ready;
  await client.identify("m-1");
  for (const name of ["purchase", "a", "b"]) await client.track(name);
  await client.page({ kind: "home" });
  await client.track("scroll");
  FakeCore.all[0].host.shed(7, 1e9); // fits
  FakeCore.all[0].host.shed(5, 1e9); // too many: down to nine tenths
  await until(async () => names((await dump()).log).includes("danbi_dropped"));
  let { log } = await dump();
  assert.deepEqual(log.filter(({ send }) => send).map(({ line }) => line.event ?? line.type), ["consent", "identify", "purchase", "b", "danbi_dropped"]);
  assert.deepEqual(log.at(-1).line.properties, { n: 3, reason: "cap" });
  assert.deepEqual(log.filter(({ send }) => !send).map(({ fold }) => fold), [true, true, true]);
  assert.deepEqual(client.errors.filter(({ code }) => code === "dropped").length, 1);
  await until(() => names(FakeCore.all[0].seen).includes("danbi_dropped"));
  FakeCore.all[0].host.shed(5, 1e9); // fits already
  FakeCore.all[0].host.shed(100, 11); // by weight: all that may go
  await until(async () => names((await dump()).log.filter(({ send }) => send)).filter((name) => name === "danbi_dropped").length === 1 && !names((await dump()).log.filter(({ send }) => send)).includes("purchase"));
  log = (await dump()).log.filter(({ send }) => send);
  assert.deepEqual(names(log), ["consent", "identify", "danbi_dropped"]);
  assert.deepEqual(log.at(-1).line.properties, { n: 3, reason: "cap" });
});

test("without an engine the cap holds too; nothing is counted while the server takes it", async () => {
  await visit(async (client) => { await client.track("first"); });
  const [, { line }] = (await dump()).log;
  await raw((store) => { for (let i = 0; i < 10_000; i++) store("log").add({ line: { ...line, event: i % 2 ? "scroll" : "e", messageId: "id-" + i }, send: true, fold: false }); });
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  Math.random = () => 1;
  const client = bare({ endpoint: "https://c.test/b" });
  await client.ready;
  await until(async () => (await client.flush(), names((await dump()).log).includes("danbi_dropped")));
  const { log } = await dump();
  assert.deepEqual(log.at(-1).line.properties, { n: 1002, reason: "cap" });
  assert.equal(log.filter(({ send }) => send).length, 9001);
  assert.equal(log.filter(({ line }) => line.event === "e").length, 5000);
  assert.deepEqual(names(log.slice(0, 2)), ["consent", "first"]);
});

test("neither engine nor endpoint: what waits for them does not pile up", async () => {
  await visit(async (client) => { await client.track("first"); });
  const [, { line }] = (await dump()).log;
  await raw((store) => { for (let i = 0; i < 10_010; i++) store("log").add({ line: { ...line, messageId: "id-" + i }, send: true, fold: true }); });
  await bare().ready;
  await until(async () => (await dump()).log.length === 10_000);
  assert.equal((await dump()).log.at(-1).line.messageId, "id-10009");
});

test("413: the batch is split, what is too large alone is a dead letter", async () => {
  answer = (url, { method, body }) => (method === "POST" ? { status: body.length > 8192 ? 413 : 200 } : {});
  const client = bare({ endpoint: "https://c.test/b" });
  await Promise.all(["a", "b", "big", "c"].map((event) => client.track(event, { text: "x".repeat(event === "big" ? 9000 : 3000) })));
  await client.ready;
  await until(async () => (await client.flush(), (await dump()).kv.sent === 5));
  assert.deepEqual(await letters(), [["big", "too_large"]]);
  const arrived = requests.filter(({ body }) => body.length <= 8192).flatMap(({ json }) => json.batch.map(({ event, type }) => event ?? type));
  assert.deepEqual(arrived, ["consent", "a", "b", "c"]);
});

test("a server that refuses everything is not asked at full speed", async () => {
  answer = (url, { method }) => (method === "POST" ? { status: 404 } : {});
  Math.random = () => 1;
  const client = bare({ endpoint: "https://c.test/b" });
  await Promise.all(["a", "b", "c"].map((event) => client.track(event)));
  await client.ready;
  await until(() => requests.length === 3); // 4, 2, 1 rows
  await sleep(20);
  assert.equal(requests.length, 3);
  assert.deepEqual(await letters(), [["consent", "refused"]]);
});

test("a server that refuses the key is left alone for an hour, however often the bundle is asked for", async () => {
  const { setTimeout } = globalThis;
  // Waits of seconds pass at once, an hour does not.
  globalThis.setTimeout = (act, ms, ...more) => setTimeout(act, ms >= 250 && ms < 15_000 ? 1 : ms, ...more);
  try {
    let asked = 0;
    for (const status of [401, 403]) {
      asked = 0;
      requests.length = 0;
      answer = (url, { method }) => (method === "POST" ? { status } : (asked++, { status: 500 }));
      const client = make({ name: "n" + status, bundle: "/b.json", endpoint: "https://c.test/b" });
      await client.track("a");
      await until(() => asked >= 4);
      assert.equal(requests.length, 1);
      await client.track("b");
      await until(() => asked >= 5);
      assert.equal(requests.length, 1);
      await client.flush();
      assert.equal(requests.length, 2);
      dispatchEvent(new Event("online"));
      await until(() => requests.length === 3);
      client.destroy();
    }
    // Where nothing was refused the queue goes, once it is known that no bundle comes.
    answer = (url, { method }) => (method === "POST" ? {} : { status: 500 });
    requests.length = 0;
    const client = make({ name: "goes", bundle: "/b.json", endpoint: "https://c.test/b" });
    await client.track("search", { search_term: "rose" });
    await until(() => sent().some(({ event }) => event === "search"));
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

test("Retry-After holds for every tab and over a reload; a clock that went back does not prolong it", async () => {
  let now = Date.parse("2026-03-01T00:00:00Z");
  const clock = () => now;
  answer = (url, { method }) => (method === "POST" ? { status: 503, headers: { "retry-after": "60" } } : {});
  const client = bare({ endpoint: "https://c.test/b", clock });
  await client.track("a");
  await client.ready;
  await until(async () => (await dump()).kv.rest === now + 60_000);
  client.destroy();
  assert.equal(requests.length, 1);
  answer = () => ({ status: 200 });
  const next = bare({ endpoint: "https://c.test/b", clock });
  await next.ready;
  await next.flush();
  dispatchEvent(new Event("pagehide"));
  assert.equal(requests.length, 1);
  now += 60_000;
  await next.flush();
  assert.equal(requests.length, 2);
  await raw((store) => store("kv").put(now + 365 * DAY, "rest"));
  await next.track("b");
  await next.flush();
  assert.equal(requests.length, 3);
});

test("the page goes twice: one budget for all that is in flight, no line twice", async () => {
  let release;
  answer = (url, { keepalive }) => (keepalive ? { hold: new Promise((ok) => (release = ok)) } : { status: 503 });
  Math.random = () => 1;
  const client = make({ endpoint: "https://c.test/b" });
  await client.ready;
  await Promise.all(Array.from({ length: 30 }, (_, i) => client.track("e" + i, { text: "x".repeat(1000) })));
  FakeCore.budget = 20_000;
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  FakeCore.budget = 48 * 1024;
  dispatchEvent(new Event("pagehide"));
  dispatchEvent(new Event("pagehide"));
  const leaving = () => requests.filter(({ keepalive }) => keepalive);
  await until(() => leaving().length === 2);
  assert.ok(leaving().reduce((sum, { body }) => sum + body.length, 0) <= 48 * 1024);
  const ids = leaving().flatMap(({ json }) => json.batch.map(({ messageId }) => messageId));
  assert.ok(ids.length > 25 && new Set(ids).size === ids.length);
  await until(() => FakeCore.all[0].kept === 1, "a page that stays hidden is kept, one that goes is not"); // once, a second later
  release();
  FakeCore.budget = 0;
  await client.track("last");
  dispatchEvent(new Event("pagehide"));
  await sleep(5);
  assert.equal(leaving().length, 2);
});

test("what the shopper wrote stays at home unless the bundle says otherwise", async () => {
  const say = async (client) => {
    await client.track("search", { search_term: "rose", results: 3 });
    await client.track("Products Searched", { query: "rose" });
    await client.track("danbi_answer", { action: "text", value: "my own words", question: "q" });
    await client.track("danbi_answer", { action: "score", value: 9 });
    await client.track("looked_for", { query: "rose", searchResult: { query: "rose" } });
    await client.track("view_item_list", { search_term: "rose", item_list_name: "Search" });
    await client.page({ url: "https://s.test/?q=rose#/list?q=rose", referrer: "https://s.test/list?q=rose", search: "?q=rose", items: [{ url: "/p?v=1" }] });
    await client.track("reply", { action: "text", value: "my own words" });
    await client.ready;
    await client.flush();
    await until(() => sent().length >= 9);
  };
  const kept = [{ search_term: "rose", results: 3 }, { query: "rose" }, { action: "text", value: "my own words", question: "q" }, { action: "score", value: 9 }, { query: "rose", searchResult: { query: "rose" } },
    { search_term: "rose", item_list_name: "Search" }, { url: "https://s.test/?q=rose#/list?q=rose", referrer: "https://s.test/list?q=rose", search: "?q=rose", items: [{ url: "/p?v=1" }] }, { action: "text", value: "my own words" }];
  const home = [{ results: 3 }, {}, { action: "text", question: "q" }, { action: "score", value: 9 }, { searchResult: {} },
    { item_list_name: "Search" }, { url: "https://s.test/#/list", referrer: "https://s.test/list", search: "", items: [{ url: "/p?v=1" }] }, { action: "text" }];
  await say(bare({ endpoint: "https://c.test/b" }));
  assert.deepEqual((await dump()).log.slice(1).map(({ line }) => line.properties), kept);
  assert.deepEqual(sent().slice(1).map(({ properties }) => properties), home);
  requests.length = 0;
  globalThis.glue.start = async () => {};
  const bundle = { bundle: "b", version: 1, names: { looked_for: "search", reply: "danbi_answer" } };
  await say(make({ name: "open", endpoint: "https://c.test/b", bundle: { ...bundle, signals: { search: { send: true }, answers: { send: true } } } }));
  assert.deepEqual(sent().slice(1).map(({ properties }) => properties), kept);
  requests.length = 0;
  await say(make({ name: "named", endpoint: "https://c.test/b", bundle: { ...bundle, signals: { search: true } } }));
  assert.deepEqual(sent().slice(1).map(({ properties }) => properties), home);
  requests.length = 0;
  // Another's event that only looks like an answer.
  await say(make({ name: "other", endpoint: "https://c.test/b", bundle: { bundle: "b", version: 1 } }));
  assert.deepEqual(sent().at(-1).properties, kept.at(-1));
  // The bundle is not known yet: an address goes bare, a search waits.
  const line = (properties) => ({ type: "page", properties });
  assert.equal(parts.wire(line({ url: "/?q=rose" }), undefined), '{"type":"page","properties":{"url":"/"}}');
  assert.equal(parts.wire(line({ search_term: "rose" }), undefined), "");
});

test("a page view of the data layer goes out without the query of its addresses", async () => {
  globalThis.dataLayer = [{ event: "page_view", page_location: "https://s.test/list?q=rose&utm_source=n#top", page_referrer: "https://s.test/?q=moss" }];
  const client = make({ endpoint: "https://c.test/b" });
  await client.ready;
  await until(async () => (await client.flush(), sent().some(({ type }) => type === "page")));
  assert.deepEqual(sent().find(({ type }) => type === "page").properties, { page_location: "https://s.test/list#top", page_referrer: "https://s.test/" });
  assert.equal((await dump()).log.at(-1).line.properties.page_location, "https://s.test/list?q=rose&utm_source=n#top");
});

test("the disk is full: room is made in the queue, else memory; nothing of the host's is touched", async () => {
  const client = make({ endpoint: "https://c.test/b" });
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  localStorage.setItem("shop", "cart");
  await client.ready;
  for (const name of ["purchase", "scroll", "a"]) await client.track(name);
  const { prototype } = (await import("fake-indexeddb")).IDBDatabase;
  const { transaction } = prototype;
  let full = 2;
  prototype.transaction = function (stores, mode) {
    const made = transaction.apply(this, arguments);
    if (mode === "readwrite" && full-- > 0) setImmediate(() => made._state !== "finished" && made._abort("QuotaExceededError"));
    return made;
  };
  try {
    const receipt = await client.track("kept");
    assert.equal(receipt.status, "stored");
    const { log } = await dump();
    assert.deepEqual(names(log.filter(({ send }) => send)), ["consent", "purchase", "a", "danbi_dropped", "kept"]);
    assert.deepEqual(log.find(({ line }) => line.event === "danbi_dropped").line.properties, { n: 1, reason: "quota" });
    full = Infinity;
    assert.equal((await client.track("later")).status, "memory");
    assert.equal((await client.track("latest")).status, "memory");
  } finally {
    prototype.transaction = transaction;
  }
  await until(() => names(FakeCore.all[0].seen).includes("latest"));
  // Room again: the log goes on, and what stood in memory is sent beside it.
  assert.equal((await client.track("again")).status, "stored");
  assert.equal(names((await dump()).log).at(-1), "again");
  await until(() => names(FakeCore.all[0].seen).includes("again"));
  const seen = FakeCore.all[0].seen.map(({ pos }) => pos);
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b));
  answer = () => ({});
  requests.length = 0;
  await until(async () => (await client.flush(), sent().length >= 8));
  assert.deepEqual(sent().map(({ event, type }) => event ?? type).sort(), ["a", "again", "consent", "danbi_dropped", "kept", "later", "latest", "purchase"]);
  await client.flush();
  assert.equal(sent().length, 8);
  assert.deepEqual([...localStorage.store], [["shop", "cart"]]);
});

test("memory is bounded: the cheapest go first, and it is told", async () => {
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true, writable: true });
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  Math.random = () => 1;
  const client = bare({ endpoint: "https://c.test/b" });
  await client.track("purchase");
  await Promise.all(Array.from({ length: 600 }, () => client.track("scroll")));
  await Promise.all(Array.from({ length: 600 }, (_, i) => client.track("e" + i)));
  const { events } = await client.export();
  const count = (name) => events.filter(({ event }) => event === name).length;
  assert.deepEqual([events[0].type, count("purchase"), count("scroll"), count("e0"), count("e599")], ["consent", 1, 298, 1, 1]);
  assert.deepEqual(events.at(-1).properties, { n: 302, reason: "memory" });
  assert.equal(client.errors.filter(({ code }) => code === "dropped").length, 1);
});

// ---------- what an earlier visit left ----------
test("denied or not asked on this visit: what an earlier one left is neither sent nor read until that is granted", async () => {
  const all = ["consent", "identify", "a"];
  const ALL = { ...BOTH, functional: true };
  for (const [i, [before, consent, goes, folds]] of [
    [BOTH, {}, [], []],
    [BOTH, { analytics: false }, [], []],
    [BOTH, { personalization: false }, [], []],
    [BOTH, { analytics: true, personalization: false }, all, []],
    [BOTH, { analytics: false, personalization: true }, [], all],
    [ALL, { analytics: false, personalization: false }, [], all], // a member's ledger
    [ALL, {}, all, all], // the answers are remembered
  ].entries())
    for (const engine of [true, false]) {
      const options = { name: `visit${i}${engine}`, endpoint: "https://c.test/b" };
      await visit(async (client) => { await client.identify("m-1"); await client.track("a"); }, { ...options, endpoint: undefined, consent: before });
      const { seed } = (await dump(options.name)).kv.identity;
      const snapshot = { seed, data: { v: 2, seen: 0, covered: 0 } };
      await raw((store) => store("kv").put(snapshot, "snapshot"), options.name);
      globalThis.glue.start = async () => { if (!engine) throw Error("no wasm in this test"); };
      const client = make({ ...options, consent });
      await client.ready;
      await client.flush();
      dispatchEvent(new Event("pagehide"));
      await sleep(1);
      const told = JSON.stringify([before, consent, engine]);
      assert.deepEqual(names(sent().map((line) => ({ line }))), goes, told);
      const core = FakeCore.all.at(-1);
      const folded = () => names(FakeCore.all.at(-1).seen.filter(({ fold }) => fold));
      if (engine) {
        assert.deepEqual([folded(), !!core.snapshot], [folds, !!folds[0]], told);
        // Nor is it lost: an engine that has not read it keeps nothing in its place, and is not told it by another door.
        if (!folds[0]) core.host.save({ v: 2, seen: 3, covered: 3 }, 3);
        core.host.recall(0, 3);
        await until(() => core.again);
        assert.deepEqual([names(core.again.filter(({ fold }) => fold)), (await dump(options.name)).kv.snapshot], [folds, snapshot], told);
      }
      if (i < 2) {
        requests.length = 0;
        await client.consent(BOTH);
        await until(async () => (await client.flush(), sent().length >= 3));
        assert.deepEqual(names(sent().map((line) => ({ line }))).slice(0, 3), all, told);
        if (engine) await until(() => FakeCore.all.at(-1) !== core && folded().join().startsWith(all.join()) && FakeCore.all.at(-1).snapshot, told);
      }
      client.destroy();
    }
});

test("a denial is heard before what is under way goes out", async () => {
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  const client = make({ endpoint: "https://c.test/b", consent: { ...BOTH, functional: true } });
  await client.identify("m-1");
  await client.ready;
  await client.flush();
  requests.length = 0;
  void client.consent({ analytics: false });
  dispatchEvent(new Event("pagehide"));
  await client.flush();
  assert.deepEqual(sent(), []);
});

// ---------- what cannot be read ----------
test("garbage among the rows is set aside; the good ones are fed and sent", async () => {
  await visit(async (client) => { await client.track("a"); });
  const [, good] = (await dump()).log;
  await raw((store) => {
    for (const bad of [5, null, "text", {}, { line: 5, send: true }, { line: { type: "track" }, send: true, fold: true }, { ...good, line: { ...good.line, messageId: 7 } }, { ...good, line: { ...good.line, messageId: "big", properties: { n: 1n } } }]) store("log").add(bad);
    store("log").add({ ...good, pos: undefined, line: { ...good.line, event: "b", messageId: "b" } });
    store("log").add(good, "odd key");
    store("kv").put("junk", "sent");
    store("kv").put({ much: 1 }, "covered");
    store("kv").put([], "rest");
    store("kv").put({ text: "{", url: "/b.json" }, "bundle");
    store("kv").put({ seed: (good.seed = "x"), data: 5 }, "snapshot");
    store("claims").add("junk", "key");
  });
  const client = make({ endpoint: "https://c.test/b", bundle: "/b.json" });
  answer = (url, { method }) => (method === "POST" ? {} : { body: { bundle: "b", version: 1 } });
  await client.ready;
  await client.track("c");
  await until(() => sent().some(({ event }) => event === "c"));
  assert.deepEqual(names(FakeCore.all.at(-1).seen.filter(({ line }) => line.messageId !== "big")), ["consent", "a", "b", "c"]);
  assert.deepEqual(sent().map(({ event, type }) => event ?? type), ["consent", "a", "b", "c"]);
  await until(async () => Object.values((await dump()).dead).length === 9);
  assert.ok(Object.values((await dump()).dead).every(({ reason }) => reason === "corrupt"));
  assert.deepEqual(client.errors.map(({ code }) => code), ["corrupt"]);
  assert.deepEqual(thrown, []);
  await client.consent({ personalization: false });
  assert.deepEqual((await client.export()).events.map(({ event, type }) => event ?? type).at(-1), "consent");
});

test("an identity that is none makes way for a new one", async () => {
  for (const [n, junk] of [42, "text", {}, { anonymousId: 5, seed: null, consent: {} }, { anonymousId: "a", seed: "s" }].entries()) {
    const name = "junk" + n;
    await visit((client) => client.track("a"), { name });
    await raw((store) => store("kv").put(junk, "identity"), name);
    const client = make({ name });
    assert.equal((await client.track("b")).status, "stored");
    assert.equal((await client.consent({ advertising: true })).status, "stored");
    assert.match((await dump(name)).kv.identity.anonymousId, /^[0-9a-f-]{36}$/);
    await client.ready;
  }
});

test("a newer version's snapshot is left untouched; rows are kept and sent all the same", async () => {
  await visit(async (client) => { await client.track("a"); });
  const { kv } = await dump();
  const newer = { seed: kv.identity.seed, data: { v: 9, seen: 2, covered: 0 } };
  await raw((store) => { store("kv").put(newer, "snapshot"); store("kv").put(0, "covered"); store("kv").put(2, "seen"); });
  const client = make({ endpoint: "https://c.test/b" });
  assert.equal((await client.ready).engine, true);
  assert.equal((await client.track("b")).status, "stored");
  const core = FakeCore.all.at(-1);
  await until(() => names(core.seen).includes("b"));
  assert.equal(core.snapshot, undefined);
  assert.deepEqual(names(core.seen), ["consent", "a", "b"]);
  core.host.save({ v: 2, seen: 3, covered: 3 }, 3);
  await client.flush();
  await until(() => sent().length === 3);
  assert.deepEqual((await dump()).kv.snapshot, newer);
  assert.equal((await dump()).kv.covered, 0);
  assert.deepEqual(client.errors.map(({ code }) => code), ["snapshot"]);
  // Another shopper's is another matter.
  await client.reset();
  await client.track("c");
  await until(() => FakeCore.all.at(-1) !== core && names(FakeCore.all.at(-1).seen).includes("c"));
  FakeCore.all.at(-1).host.save({ v: 2, seen: 5, covered: 5 }, 5);
  await until(async () => (await dump()).kv.snapshot?.data.v === 2);
});

// ---------- a long queue ----------
test("10,000 rows wait: read in pages, in order, and only what the snapshot has not seen", async () => {
  await visit(async (client) => { await client.track("first"); });
  const { log: [, { line }], kv } = await dump();
  await raw((store) => { for (let i = 0; i < 10_000; i++) store("log").add({ line: { ...line, messageId: "id-" + i, event: "e" + i }, send: true, fold: true }); });
  const { prototype } = (await import("fake-indexeddb")).IDBObjectStore;
  const { getAll } = prototype;
  const asked = [];
  prototype.getAll = function (range, count) {
    if (this.name === "log") asked.push(count);
    return getAll.apply(this, arguments);
  };
  try {
    const client = make();
    await client.ready;
    const core = FakeCore.all.at(-1);
    assert.deepEqual(core.seen.map(({ pos }) => pos), Array.from({ length: 10_002 }, (_, i) => i + 1));
    assert.equal(core.unsent, 10_002);
    assert.equal(core.loaded.length, 50);
    assert.ok(asked.every((count) => count <= 100), String(asked));
    core.host.save({ v: 2, seen: 10_000, covered: 40 }, 40);
    await until(async () => (await dump()).kv.seen === 10_000);
    client.destroy();
    asked.length = 0;
    const next = make({ endpoint: "https://c.test/b" });
    answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
    await next.ready;
    const again = FakeCore.all.at(-1);
    assert.deepEqual(again.loaded.map(({ pos }) => pos), [10_001, 10_002]);
    assert.equal(again.unsent, 10_002 - 40); // without an endpoint what is covered had gone
    again.host.recall(45, 48);
    await until(() => again.again);
    assert.deepEqual(again.again.map(({ pos }) => pos), [46, 47, 48]);
    again.again = undefined;
    again.host.recall(0, 42);
    await until(() => again.again);
    assert.deepEqual(again.again.map(({ pos }) => pos), [41, 42]);
    assert.ok(asked.every((count) => count <= 100), String(asked));
    assert.ok(kv.identity);
  } finally {
    prototype.getAll = getAll;
  }
});

test("a poisoned row far down the log is found too", async () => {
  await visit(async (client) => { await client.track("first"); });
  const { log: [, { line }] } = await dump();
  await raw((store) => { for (let i = 0; i < 700; i++) store("log").add({ line: { ...line, messageId: "id-" + i, event: i === 600 ? "poison" : "e" }, send: true, fold: true }); });
  FakeCore.trap = (kind, rows) => {
    if (kind === "rows" && rows.some(({ line }) => line.event === "poison")) throw new WebAssembly.RuntimeError("unreachable");
  };
  const client = make();
  await client.ready;
  await until(() => client.decide("home").reason === "none" && FakeCore.all.at(-1).seen.length === 701);
  assert.deepEqual(await letters(), [["poison", "RuntimeError: unreachable"]]);
  assert.deepEqual(client.errors.map(({ code }) => code), ["engine_trap"]);
});

// ---------- back and forth ----------
test("kept by the browser to be shown again: nothing is held, and all goes on afterwards", async () => {
  const { prototype } = (await import("fake-indexeddb")).IDBDatabase;
  const { close } = prototype;
  let closed = 0;
  prototype.close = function () { closed++; return close.apply(this, arguments); };
  let aborted = 0;
  answer = (url, { method, keepalive, signal }) => {
    if (method !== "POST" || keepalive) return {};
    return { hold: new Promise((_, no) => signal.addEventListener("abort", () => (aborted++, no(signal.reason)))) };
  };
  try {
    const client = make({ endpoint: "https://c.test/b" });
    await client.track("a");
    await client.ready;
    await until(() => requests.length);
    dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
    await until(() => closed === 1);
    assert.equal(aborted, 1);
    assert.deepEqual(requests.map(({ keepalive }) => keepalive), [false, true]);
    answer = () => ({});
    const other = make();
    await other.track("b");
    other.destroy();
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await until(() => names(FakeCore.all[0].seen).includes("b"));
    assert.equal((await client.track("c")).status, "stored");
    await client.flush();
    await until(() => sent().some(({ event }) => event === "c"));
    assert.equal(FakeCore.all[0].freed, false);
    assert.deepEqual(client.errors, []);
  } finally {
    prototype.close = close;
  }
});

test("erased by another tab while this one was kept: it says nothing more", async () => {
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  Math.random = () => 1;
  const client = make({ endpoint: "https://c.test/b" });
  await client.track("a");
  await client.ready;
  FakeCore.budget = 0;
  dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
  const other = make();
  await other.ready;
  await other.erase();
  requests.length = 0;
  FakeCore.budget = 48 * 1024;
  const cores = FakeCore.all.length;
  dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await until(() => FakeCore.all.length > cores);
  dispatchEvent(new Event("pagehide"));
  await sleep(10);
  assert.deepEqual(sent(), []);
  assert.deepEqual(FakeCore.all.at(-1).seen, []);
  assert.deepEqual((await dump()).kv, {});
});

// ---------- whose it is ----------
test("what an engine says of the one before is not the next one's", async () => {
  const client = make();
  const other = make();
  await Promise.all([client.ready, other.ready]);
  await client.identify("m-1");
  const live = () => FakeCore.all.filter(({ freed }) => !freed);
  await until(() => live().length === 2 && live().every(({ seen }) => seen.length === 2));
  const late = live()[1].host;
  await client.identify("m-2");
  late.emit("danbi_exposure", { decision: "t.1" });
  late.claim("welcome|1");
  late.save({ v: 2, seen: 9, covered: 9, of: "m-1" }, 9);
  await other.track("a");
  const { log, kv } = await dump();
  assert.equal(names(log).includes("danbi_exposure"), false);
  assert.equal(kv.snapshot, undefined);
  await until(() => FakeCore.all.filter(({ freed }) => !freed).every(({ seen }) => seen.some(({ line }) => line.event === "a")));
  for (const core of FakeCore.all.filter(({ freed }) => !freed)) assert.ok(core.seen.filter(({ fold }) => fold).every(({ line }) => line.userId !== "m-1"));
});

test("erase during a send: nothing is written afterwards, in no tab", async () => {
  let release;
  answer = (url, { method }) => (method === "POST" ? { hold: new Promise((ok) => (release = ok)) } : {});
  // Without a channel the other tab learns of it only from the log.
  const { BroadcastChannel } = globalThis;
  globalThis.BroadcastChannel = undefined;
  try {
    const other = bare({ endpoint: "https://c.test/b" });
    await other.track("a");
    await other.ready;
    await until(() => release);
    const client = make();
    await client.ready;
    await client.erase();
    release();
    await sleep(20);
    const { log, kv, dead, claims } = await dump();
    assert.deepEqual([log, kv, dead, claims], [[], {}, {}, {}]);
    assert.equal((await other.track("b")).status, "dropped");
    assert.deepEqual((await dump()).log, []);
  } finally {
    globalThis.BroadcastChannel = BroadcastChannel;
  }
});

test("the tombstone is tried until the server has it, and is kept nowhere", async () => {
  answer = (url, { method }, n) => (method === "POST" ? { status: n < 3 ? 503 : 200 } : {});
  const client = make({ endpoint: "https://c.test/b", consent: { ...BOTH, functional: true } });
  await client.ready;
  await client.identify("m-1");
  requests.length = 0;
  await client.erase();
  await until(() => requests.length === 4);
  await sleep(5);
  assert.deepEqual(sent().map(({ event, userId }) => [event, userId]), Array(4).fill(["danbi_erased", "m-1"]));
  assert.equal(new Set(sent().map(({ messageId }) => messageId)).size, 1);
  const { log, kv } = await dump();
  assert.deepEqual([log, kv], [[], {}]);
});

test("without an engine too: what another tab took back is not sent as the page goes", async () => {
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  Math.random = () => 1;
  const client = bare({ endpoint: "https://c.test/b" });
  await client.track("a");
  await client.ready;
  const other = bare();
  await other.ready;
  await other.consent({ analytics: false });
  await sleep(20);
  requests.length = 0;
  dispatchEvent(new Event("pagehide"));
  await sleep(5);
  assert.deepEqual(sent(), []);
});

test("a waiting queue is weighed once, and only what is new after that", async () => {
  await visit(async (client) => { await client.track("first"); });
  const { log: [, { line }] } = await dump();
  await raw((store) => { for (let i = 0; i < 300; i++) store("log").add({ line: { ...line, messageId: "id-" + i }, send: true, fold: false }); });
  answer = (url, { method }) => (method === "POST" ? { status: 503 } : {});
  const weighed = async () => {
    const client = make({ endpoint: "https://c.test/b" });
    await client.ready;
    const core = FakeCore.all.at(-1);
    await until(async () => (await client.flush(), core.replies.some(([, , , , , bytes]) => bytes > 0)));
    return [client, ...core.replies.find(([, , , , , bytes]) => bytes > 0).slice(3)];
  };
  const [client, left, , bytes] = await weighed();
  const { log, kv } = await dump();
  assert.equal(left, 302);
  assert.equal(bytes, log.reduce((sum, { line }) => sum + Buffer.byteLength(JSON.stringify(line)) + 1, 0));
  assert.deepEqual([kv.weight.upto, kv.weight.rows, kv.weight.bytes], [302, 302, bytes]);
  await client.track("more");
  client.destroy();
  await raw((store) => store("kv").put({ ...kv.weight, bytes: 7 }, "weight")); // to see that it is trusted
  const [, again, , sum] = await weighed();
  assert.equal(again, 303);
  assert.equal(sum, 7 + Buffer.byteLength(JSON.stringify((await dump()).log.at(-1).line)) + 1);
});

test("export has the dead letters too", async () => {
  answer = (url, { method }) => (method === "POST" ? { status: 400 } : {});
  const client = bare({ endpoint: "https://c.test/b", consent: { analytics: true } });
  await client.track("a");
  await client.ready;
  await until(async () => (await client.flush(), (await client.export()).dead.length === 2));
  const all = JSON.parse(JSON.stringify(await client.export()));
  assert.deepEqual(all.dead.map(({ line, reason, at }) => [line.event ?? line.type, reason, typeof at]), [["consent", "refused", "number"], ["a", "refused", "number"]]);
  assert.deepEqual(all.events, []);
  assert.deepEqual(all.consent, { analytics: "granted" });
});

test("functional consent keeps a member's ledger, and nobody else's", async () => {
  const client = make({ consent: { functional: true, analytics: false, personalization: false } });
  assert.equal((await client.track("before")).reason, "consent");
  assert.equal(await dump(), undefined);
  assert.equal((await client.identify("m-1")).status, "stored");
  assert.equal((await client.track("purchase")).status, "stored");
  assert.deepEqual((await dump()).log.map(({ line, send, fold }) => [line.event ?? line.type, send, fold]).slice(1), [["identify", false, true], ["purchase", false, true]]);
  await client.consent({ personalization: true });
  await client.ready;
  const { seed } = (await dump()).kv.identity;
  FakeCore.all.at(-1).host.save({ v: 2, seen: 3, covered: 0 }, 0);
  await until(async () => (await dump()).kv.snapshot);
  // The engine takes out what personalization covered; the ledger stays.
  await client.consent({ personalization: false });
  let { kv, log } = await dump();
  assert.equal(kv.identity.seed, seed);
  assert.ok(kv.snapshot);
  assert.ok(log.every(({ fold }, i) => fold || !i));
  FakeCore.all.at(-1).host.save({ v: 2, seen: 5, covered: 0 }, 0);
  await until(async () => (await dump()).kv.seen === 5);
  await client.consent({ functional: false });
  ({ kv, log } = await dump());
  assert.deepEqual([kv, log], [{}, []]);
  const next = make({ name: "next", consent: { functional: true } });
  assert.equal((await next.track("a")).status, "held");
  await next.reset();
  assert.equal(await dump("next"), undefined);
});

test("what no purpose covers is not written, and not called stored", async () => {
  const client = make({ consent: { functional: true } });
  const [seen, who] = await Promise.all([client.track("a"), client.identify("m-1")]);
  assert.deepEqual([seen.status, seen.reason, who.status], ["dropped", "consent", "stored"]);
  assert.deepEqual((await client.track("b")).status, "stored");
  const { log } = await dump();
  assert.deepEqual(log.map(({ line, send, fold }) => [line.event ?? line.type, send, fold]), [["consent", false, false], ["identify", false, true], ["b", false, true]]);
});

test("a birthday keeps its year to itself, also when the shop tells it", async () => {
  const client = make();
  for (const birthday of ["1990-05-12", "1990-05-12T00:00:00.000Z", "05-12", new Date("1990-05-12")]) await client.identify("m-1", { birthday, name: "n" });
  for (const birthday of ["05-12-1990", "1990", 19900512, { year: 1990 }]) await client.identify("m-1", { birthday });
  await client.identify("m-1", { birthday: null });
  const { log } = await dump();
  const told = log.filter(({ line }) => line.type === "identify").map(({ line }) => line.traits.birthday);
  assert.deepEqual(told, [...Array(4).fill("05-12"), ...Array(4).fill(undefined), null]);
});

test("Global Privacy Control denies advertising, whatever is answered", async () => {
  navigator.globalPrivacyControl = true;
  const client = make({ consent: { ...BOTH, functional: true, advertising: true } });
  await client.track("a");
  assert.equal((await dump()).kv.identity.consent.advertising, "denied");
  await client.consent({ advertising: true });
  assert.equal((await dump()).kv.identity.consent.advertising, "denied");
  assert.ok((await dump()).log.every(({ line }) => line.type !== "consent" || line.properties.advertising === "denied"));
  client.destroy();
  navigator.globalPrivacyControl = false;
  const free = make({ consent: { advertising: true } });
  await free.track("b");
  assert.equal((await dump()).kv.identity.consent.advertising, "granted");
  free.destroy();
  navigator.globalPrivacyControl = true;
  const again = make({ consent: {} });
  await again.track("c");
  assert.deepEqual((await dump()).log.slice(-2).map(({ line }) => line.properties?.advertising), ["denied", undefined]);
  const silent = make({ name: "silent", consent: {} });
  assert.equal((await silent.track("d")).status, "held");
  assert.equal(await dump("silent"), undefined);
});

// ---------- time ----------
test("a clock that is set while the page is open is not followed; a server's word is", async () => {
  const { now: real } = Date;
  let set = 0;
  Date.now = () => real() + set;
  try {
    const clock = parts.openClock();
    const near = (a, b) => assert.ok(Math.abs(a - b) < 60_000, `${a - b}`);
    near(clock.now(), real());
    assert.equal(clock.doubtful(), false);
    for (set of [365 * DAY, -365 * DAY]) {
      near(clock.now(), real());
      assert.equal(clock.doubtful(), true);
    }
    const says = (headers) => clock.heard(new Response("", { headers }));
    says({ date: new Date(real() + 240_000).toUTCString() }); // too little to matter
    says({ date: "soon" });
    says({});
    near(clock.now(), real());
    says({ date: new Date(real() + 8 * 36e5).toUTCString() });
    near(clock.now(), real() + 8 * 36e5);
    says({ date: new Date(real() - 36e5).toUTCString(), age: "3600" });
    near(clock.now(), real());

    // A device that is a day late: the bundle's reply says so, and what is tracked then has the right time.
    set = -DAY;
    answer = () => ({ body: { bundle: "b", version: 1 }, headers: { date: new Date(real()).toUTCString() } });
    const client = make({ bundle: "/b.json" });
    await client.ready;
    await client.track("a");
    near(Date.parse((await dump()).log.at(-1).line.timestamp), real());
    near(FakeCore.all[0].host.now(), real());
    // Asleep for hours: looked at again, it asks, and follows the server.
    set = 5 * 36e5;
    answer = () => ({ status: 304, headers: { date: new Date(real() + 5 * 36e5).toUTCString() } });
    document.dispatchEvent(new Event("visibilitychange"));
    await until(() => Math.abs(FakeCore.all[0].host.now() - real() - 5 * 36e5) < 60_000);
    // A worker's kept reply has the hour of then.
    navigator.serviceWorker = { controller: {} };
    set = 9 * 36e5;
    answer = () => ({ status: 304, headers: { date: new Date(real()).toUTCString() } });
    document.dispatchEvent(new Event("visibilitychange"));
    await sleep(10);
    near(FakeCore.all[0].host.now(), real() + 5 * 36e5);
    // A clock that the page gives is used as it is.
    answer = () => ({ body: { bundle: "b", version: 1 }, headers: { date: new Date(real()).toUTCString() } });
    const own = make({ bundle: "/b.json", name: "own", clock: () => 1e12 });
    await own.ready;
    await own.track("a");
    assert.equal((await dump("own")).log.at(-1).line.timestamp, new Date(1e12).toISOString());
    near(FakeCore.all.at(-1).host.now(), 1e12);
  } finally {
    Date.now = real;
  }
});

// ---------- the bundle, again ----------
test("the bundle: the last good one at once, by its ETag, and the newer one as soon as nothing is open", async () => {
  let now = Date.parse("2026-03-01T00:00:00Z");
  const asked = [];
  let reply;
  answer = (url, { headers, cache }) => (asked.push([headers?.["if-none-match"], cache]), reply());
  const version = (version, bundle = "b", more) => () => ({ body: { bundle, version, ...more }, headers: { etag: `"${bundle}${version}"` } });
  const bundles = { bundle: "/b.json", clock: () => now };
  reply = version(1);
  await visit(async (client) => { await client.track("a"); await client.ready; }, bundles);
  let release;
  reply = () => ({ hold: new Promise((ok) => (release = ok)), ...version(2)() });
  const client = make(bundles);
  assert.deepEqual(await client.ready, { engine: true, storage: true });
  const running = () => FakeCore.all.at(-1).bundle;
  assert.equal(running().version, 1);
  assert.deepEqual(asked, [[undefined, "no-cache"], ['"b1"', "no-store"]]);
  FakeCore.busy = true;
  release();
  await until(() => asked.length === 2);
  await sleep(10);
  assert.equal(running().version, 1);
  FakeCore.busy = false;
  FakeCore.all.at(-1).host.notify("change");
  await until(() => running().version === 2);
  await until(async () => (await dump()).kv.bundle.etag === '"b2"');
  assert.equal(FakeCore.all.filter(({ freed }) => !freed).length, 1);

  const look = () => document.dispatchEvent(new Event("visibilitychange"));
  reply = () => ({ status: 304 });
  look();
  now += 9 * 6e4;
  look();
  assert.equal(asked.length, 2);
  now += 2 * 6e4;
  look();
  look();
  await until(() => asked.length === 3);
  reply = version(1);
  dispatchEvent(new Event("online"));
  await until(() => asked.length === 4);
  await sleep(10);
  assert.equal(running().version, 2);
  reply = version(3, "b", { bad: true });
  dispatchEvent(new Event("online"));
  await until(() => client.errors.length);
  assert.deepEqual(client.errors.map(({ code, path }) => [code, path]), [["bundle_invalid", "/bad"]]);
  assert.equal(client.decide("home").reason, "none");
  assert.equal(running().version, 2);
  reply = () => { throw TypeError("offline"); };
  dispatchEvent(new Event("online"));
  await until(() => client.errors.length === 2);
  reply = version(1, "other");
  dispatchEvent(new Event("online"));
  await until(() => running().bundle === "other");
  await client.track("c");
  await until(() => names(FakeCore.all.at(-1).seen).includes("c"));
  await until(async () => (await dump()).kv.bundle.etag === '"other1"');
  client.destroy();
  // Offline it serves, whatever the address.
  reply = () => { throw TypeError("offline"); };
  const next = make({ ...bundles, bundle: "/elsewhere.json" });
  assert.equal((await next.ready).engine, true);
  assert.equal(running().bundle, "other");
});

test("a bundle that came before consent is kept once something may be", async () => {
  answer = () => ({ body: { bundle: "b", version: 1 } });
  const client = make({ bundle: "/b.json", consent: {} });
  await client.ready;
  assert.equal(await dump(), undefined);
  await client.consent(BOTH);
  await until(async () => (await dump()).kv.bundle?.url === "/b.json");
});

// ---------- a page that changed the language's own ----------
test("patched globals: nothing is thrown into the page, and signals survive", async () => {
  const { stringify } = JSON;
  const { fetch } = globalThis;
  const uncaught = [];
  const hear = (error) => uncaught.push(error);
  process.on("unhandledRejection", hear);
  Array.prototype.each = function () {};
  Array.prototype.toJSON = function () { return "[list]"; };
  try {
    const client = bare({ endpoint: "https://c.test/b" });
    await client.ready;
    JSON.stringify = () => { throw Error("host"); };
    globalThis.fetch = () => { throw Error("host"); };
    assert.equal((await client.track("a", { items: [{ price: 1 }] })).status, "stored");
    await client.flush();
    dispatchEvent(new Event("pagehide"));
    for (const odd of [undefined, null, 5, {}, { status: "no" }]) {
      globalThis.fetch = () => odd;
      await client.flush();
    }
    globalThis.fetch = fetch;
    await client.flush();
    await until(() => sent().length === 2);
    assert.deepEqual(sent()[1].properties, { items: [{ price: 1 }] });
    await sleep(5);
    assert.deepEqual([uncaught, thrown], [[], []]);
  } finally {
    JSON.stringify = stringify;
    delete Array.prototype.each;
    delete Array.prototype.toJSON;
    process.off("unhandledRejection", hear);
  }
});

// ---------- loading ----------
/** A client whose runtime is not there until it `arrive`s. */
const lazily = async (name, options) => {
  const files = path.join(folder, name);
  await mkdir(files);
  await writeFile(path.join(files, "package.json"), '{"type":"module"}');
  const lazy = { name: "lazy", setup: (b) => b.onResolve({ filter: /runtime\.js$/ }, (a) => (a.kind === "entry-point" ? null : { path: a.path, external: true })) };
  const to = { bundle: true, format: "esm", target: "es2022", logLevel: "silent" };
  await build({ ...to, entryPoints: [path.join(SRC, "index.ts")], outfile: path.join(files, "index.js"), plugins: [lazy] });
  const { createClient } = await import(pathToFileURL(path.join(files, "index.js")).href);
  Math.random = () => 1;
  const client = createClient({ bundle: { bundle: "b", version: 1 }, wasm: EMPTY_WASM, consent: BOTH, render: false, ...options });
  clients.push(client);
  const arrive = async () => {
    await build({ ...to, entryPoints: [path.join(SRC, "runtime.ts")], outfile: path.join(files, "runtime.js"), plugins: [glue] });
    dispatchEvent(new Event("online"));
  };
  return { client, arrive };
};
test("the runtime cannot be fetched: stored all the same, fetched again when online", async () => {
  const { client, arrive } = await lazily("lazy");
  assert.equal((await client.track("a")).status, "stored");
  assert.deepEqual(await client.ready, { engine: false, storage: true, reason: "network" });
  const reset = client.reset(); // waits for the part that is missing
  await arrive();
  await reset;
  await client.track("b");
  await until(() => FakeCore.all.length && names(FakeCore.all.at(-1).seen).includes("b"));
});

test("erase waits for a runtime that is on its way: the server and the other tabs are told", async () => {
  const other = make();
  await other.ready;
  const { client, arrive } = await lazily("late", { endpoint: "https://c.test/b" });
  assert.equal((await client.track("a")).status, "stored");
  await client.ready;
  requests.length = 0;
  const erased = client.erase();
  assert.equal((await client.track("b")).reason, "erased");
  await arrive();
  await erased;
  await until(async () => (await other.track("c")).reason === "erased");
  await until(() => sent().length);
  assert.deepEqual(sent().map(({ event }) => event), ["danbi_erased"]);
  const { log, kv, claims, dead } = await dump();
  assert.deepEqual([log, kv, claims, dead], [[], {}, {}, {}]);
});

test("erase without a runtime removes what there is", async () => {
  const { client } = await lazily("never");
  assert.equal((await client.track("a")).status, "stored");
  await client.erase();
  assert.deepEqual((await dump()).log, []);
});

test("erase without IndexedDB leaves nothing of ours in localStorage", async () => {
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true, writable: true });
  const { client, arrive } = await lazily("held");
  localStorage.setItem("danbi:danbi", '{"rows":[]}');
  localStorage.setItem("shop", "cart");
  const erased = client.erase();
  await arrive();
  await erased;
  assert.deepEqual([...localStorage.store], [["shop", "cart"]]);
});

test("an erasure that fails says so, and can be tried again", async () => {
  const client = make();
  await client.track("a");
  await client.ready;
  const { prototype } = (await import("fake-indexeddb")).IDBDatabase;
  const { transaction } = prototype;
  prototype.transaction = function (stores, mode) {
    const made = transaction.apply(this, arguments);
    if (mode === "readwrite") setImmediate(() => made._state !== "finished" && made._abort("UnknownError"));
    return made;
  };
  try {
    await assert.rejects(client.erase());
  } finally {
    prototype.transaction = transaction;
  }
  assert.deepEqual(client.errors.map(({ code }) => code), ["storage"]);
  assert.equal(names((await dump()).log).includes("a"), true);
  await client.erase();
  assert.deepEqual((await dump()).log, []);
});

test("studio and testing: tables for the zones they need, words for mistakes", async () => {
  const files = path.join(folder, "entries");
  await mkdir(path.join(files, "studio"), { recursive: true });
  await mkdir(path.join(files, "testing"));
  await writeFile(path.join(files, "package.json"), '{"type":"module"}');
  await writeFile(path.join(files, "studio/danbi_studio.wasm"), "bytes");
  await writeFile(path.join(files, "studio/danbi_studio.js"), `
    let started = 0;
    export default async ({ module_or_path }) => { started = module_or_path.length; };
    export const check = (bundle, unknown) => [{ code: "c", started, bundle, unknown }], schema = () => ({ started });
    export const zones_in = () => ["Asia/Seoul", "No/Where"];
    export const zones_of = (bundle, events) => ["Asia/Seoul", "Europe/Berlin", "No/Where"];
    export const replay = (bundle, events, options, zones) => [{ user: "u", zones, options }];
    export const describe = (bundle, verdicts, lang, zones) => verdicts.map((v) => ({ ...v, lang, names: Object.keys(zones) }));
    export const hash = (seed, value, version) => version < 3 ? 0.5 : undefined;
    export const eval_condition = (condition, attributes, groups) => groups !== undefined, render = (template) => template;`);
  const outside = { name: "outside", setup: (b) => b.onResolve({ filter: /danbi_(studio|simulator)\.js$/ }, (a) => ({ path: a.path, external: true })) };
  await build({
    entryPoints: { "studio/index": path.join(SRC, "studio.ts"), "testing/index": path.join(SRC, "testing.ts") },
    outdir: files, bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", plugins: [outside], logLevel: "silent",
  });
  const studio = await import(pathToFileURL(path.join(files, "studio/index.js")).href);
  assert.deepEqual(await studio.schema(), { started: 5 });
  assert.deepEqual((await studio.describe({}, [{ campaign: "c" }], "ko"))[0].names, ["Asia/Seoul", "Europe/Berlin"]);
  const [{ zones }] = await studio.replay({}, [{ timestamp: "2026-03-01T00:00:00Z" }, null, { timestamp: "junk" }]);
  assert.equal(zones["Europe/Berlin"][0], Date.parse("2026-02-28T00:00:00Z"));
  assert.equal(zones["Europe/Berlin"].length, 2 * 7);
  const testing = await import(pathToFileURL(path.join(files, "testing/index.js")).href);
  await testing.ready;
  assert.equal(testing.hash("s", "v", 1), 0.5);
  assert.equal(testing.hash("s", "v", 3), null);
  assert.equal(testing.evalCondition({}, {}), true);
  const [{ code, unknown }] = testing.check({});
  assert.deepEqual([code, unknown], ["c", ["No/Where"]]);
});

// ---------- ids ----------
test("ids made on one page are in the order of the log, also within a millisecond", () => {
  const ids = Array.from({ length: 4000 }, () => parts.uuid(1772323200000));
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^019ca6b1-dc00-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});

// ---------- zones ----------
test("zone tables are exact to the minute", () => {
  const at = Date.parse;
  const table = (zone, from, to) => Array.from(parts.zoneTable(zone, at(from), at(to)));
  assert.deepEqual(table("Asia/Seoul", "2026-01-01T00:00Z", "2027-01-01T00:00Z"), [at("2026-01-01T00:00Z"), 540]);
  assert.deepEqual(table("Europe/Berlin", "2026-01-01T00:00Z", "2027-01-01T00:00Z"), [
    at("2026-01-01T00:00Z"), 60, at("2026-03-29T01:00Z"), 120, at("2026-10-25T01:00Z"), 60,
  ]);
  assert.deepEqual(table("Australia/Lord_Howe", "2026-01-01T00:00Z", "2026-12-01T00:00Z"), [
    at("2026-01-01T00:00Z"), 660, at("2026-04-04T15:00Z"), 630, at("2026-10-03T15:30Z"), 660,
  ]);
  assert.deepEqual(table("Africa/Casablanca", "2025-01-01T00:00Z", "2025-12-01T00:00Z"), [
    at("2025-01-01T00:00Z"), 60, at("2025-02-23T02:00Z"), 0, at("2025-04-06T02:00Z"), 60,
  ]);
  assert.throws(() => parts.zoneTable("No/Where", 0, 1), RangeError);
});

// ---------- trust: checkpoints, redemptions, what danbi granted ----------
const { keys: KEYS, signing: SIGNING } = JSON.parse(await readFile(new URL("../cases/checkpoint.json", import.meta.url), "utf8"));
/** A server's signed word. */
const word = (claims = {}, kid = "2026-a") => {
  const payload = Buffer.from(JSON.stringify({ user: "m-1", seq: 1, asOf: "2026-01-01T00:00:00Z", exp: "2999-01-01T00:00:00Z", kid, currencies: {}, ...claims })).toString("base64url");
  return { payload, sig: sign(null, Buffer.from(payload), createPrivateKey({ key: SIGNING[kid], format: "jwk" })).toString("base64url") };
};
const rowsOf = (event) => FakeCore.all.at(-1).seen.filter(({ line }) => line.event === event);
const proven = async (n = 1) => (await until(() => rowsOf("danbi_checkpoint").length >= n && rowsOf("danbi_checkpoint"))).map(({ proof }) => proof);

test("a checkpoint is verified before the engine hears it, whichever way it comes", async () => {
  const client = make({ keys: KEYS });
  await client.ready;
  await client.identify("m-1", {}, { checkpoint: word({ seq: 3 }) });
  const [proof] = await proven();
  assert.deepEqual([proof.seq, proof.user], [3, "m-1"]);
  assert.equal(rowsOf("danbi_checkpoint")[0].line.userId, "m-1");
  await client.track("danbi_checkpoint", word({ seq: 4 }));
  assert.equal((await proven(2))[1].seq, 4);
});

test("what is not signed by a key of the page is told apart", async () => {
  const client = make({ keys: { "2026-a": KEYS["2026-a"] } });
  await client.ready;
  const good = word();
  for (const properties of [
    { payload: good.payload, sig: word({ seq: 9 }).sig },
    { ...good, sig: "" },
    word({}, "stranger"),
    { payload: "bm8", sig: "AA" },
    {},
    // A page's own word is no proof.
    { payload: good.payload, sig: "AA", proof: { user: "m-1" }, verified: true },
  ])
    await client.track("danbi_checkpoint", properties);
  assert.deepEqual(await proven(6), ["signature", "signature", "key", "payload", "payload", "signature"]);
});

test("without keys, or without Ed25519, nothing is verified", async () => {
  const bare = make();
  await bare.ready;
  await bare.track("danbi_checkpoint", word());
  assert.deepEqual(await proven(), [null]);
  bare.destroy();
  const { subtle } = crypto;
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    const client = make({ keys: KEYS, name: "old" });
    await client.ready;
    await client.track("danbi_checkpoint", word());
    assert.deepEqual(await proven(), [null]);
  } finally {
    Object.defineProperty(crypto, "subtle", { value: subtle, configurable: true });
  }
});

test("what stands in the log is verified anew: neither an earlier version nor another tab is believed", async () => {
  const first = make();
  await first.ready;
  await first.track("danbi_checkpoint", word());
  first.destroy();
  await sleep(5);
  const db = await new Promise((ok) => (indexedDB.open("danbi").onsuccess = (event) => ok(event.target.result)));
  await new Promise((ok) => {
    const log = db.transaction("log", "readwrite").objectStore("log");
    log.openCursor(null, "prev").onsuccess = ({ target: { result } }) => result.update({ ...result.value, proof: { user: "m-1", seq: 99 }, own: true });
    log.transaction.oncomplete = ok;
  });
  db.close();
  const second = make();
  await second.ready;
  assert.deepEqual(await proven(), [null]);
  assert.equal(rowsOf("danbi_checkpoint")[0].own, false);
  second.destroy();
  const third = make({ keys: KEYS });
  await third.ready;
  assert.equal((await proven())[0].seq, 1);
});

test("what a checkpoint denies is denied, what it grants is not", async () => {
  const client = make({ keys: KEYS, consent: { ...BOTH, functional: true, advertising: true } });
  await client.ready;
  await client.identify("m-1", {}, { checkpoint: word({ consent: { advertising: "denied", survey: "granted" } }) });
  await until(async () => (await dump()).kv.identity.consent.advertising === "denied");
  assert.equal((await dump()).kv.identity.consent.survey, undefined);
  // Another member's is nobody's answer.
  await client.track("danbi_checkpoint", word({ user: "m-2", consent: { analytics: "denied" } }));
  await proven(2);
  await sleep(20);
  assert.equal((await dump()).kv.identity.consent.analytics, "granted");
});

test("the engine knows what this tab has said, and tells it once", async () => {
  const early = make();
  early.track("purchase", { transaction_id: "o-1" });
  await early.ready;
  await early.track("purchase", { transaction_id: "o-2" });
  await until(() => rowsOf("purchase").length === 2);
  assert.deepEqual(rowsOf("purchase").map(({ own }) => own), [true, true]);
  FakeCore.all.at(-1).host.emit("earn_virtual_currency", { id: "e1:earn_virtual_currency:pt", event: "e1", virtual_currency_name: "pt", value: 5 });
  const [{ line }] = await until(async () => { const found = (await dump()).log.filter(({ line }) => line.event === "earn_virtual_currency"); return found[0] && found; });
  assert.deepEqual([line.messageId, line.context.library.name, line.properties.value], ["e1:earn_virtual_currency:pt", "danbi", 5]);
  early.destroy();
  await sleep(5);
  const later = make();
  await later.ready;
  await until(() => rowsOf("purchase").length === 2);
  assert.deepEqual(rowsOf("purchase").map(({ own }) => own), [false, false]);
});

const SHOP = { bundle: "b", version: 1, house: { zone: "Asia/Seoul" }, programs: [
  { program: "p", version: 1, from: "2020-01-01", rewards: [{ id: "drink", cost: { pt: 100 } }] },
  { program: "p", version: 2, from: "2021-01-01", rewards: [{ id: "drink", cost: { pt: 150 } }, { id: "gift" }] },
  { program: "p", version: 3, from: "2999-01-01", rewards: [] },
] };

test("a redemption holds the points and asks the host's server", async (t) => {
  const client = make({ bundle: SHOP });
  const asked = [];
  client.on("redeem", (redemption) => asked.push(redemption));
  assert.deepEqual(await client.redeem("drink"), { id: "", status: "dropped", reason: "unavailable" });
  await client.ready;
  let known = { currencies: { pt: { active: 150 } }, tiers: {} };
  t.mock.method(FakeCore.prototype, "progress", () => known);
  assert.equal((await client.redeem("yacht")).reason, "unknown");
  assert.equal((await client.redeem("gift")).reason, "unknown");
  known = { currencies: { pt: { active: 149 } } };
  assert.equal((await client.redeem("drink")).reason, "insufficient");
  known = { currencies: { pt: { active: 150 } }, rewards: { drink: { state: "locked", reason: "gate" } } };
  assert.equal((await client.redeem("drink")).reason, "gate");
  known = { currencies: { pt: { active: 150 } }, rewards: { drink: { state: "available", reason: null } } };
  const { id, status } = await client.redeem("drink");
  assert.equal(status, "held");
  await until(() => asked.length);
  assert.deepEqual(asked, [{ id, reward: "drink", currency: "pt", value: 150 }]);
  const { line } = (await dump()).log.at(-1);
  assert.deepEqual([line.event, line.context.library.name], ["spend_virtual_currency", "danbi-js"]);
  assert.deepEqual(line.properties, { virtual_currency_name: "pt", value: 150, redemption_id: id, reward: "drink" });
});

test("nothing is redeemed where the engine may not hear of it", async () => {
  const client = make({ bundle: SHOP, consent: { analytics: true } });
  await client.ready;
  assert.equal((await client.redeem("drink")).reason, "consent");
});

test("a zone that a row names has its table before the row is read", async (t) => {
  const order = [];
  t.mock.method(FakeCore.prototype, "zone", (name) => order.push(name));
  t.mock.method(FakeCore.prototype, "rows", (rows) => order.push(...rows.map(({ line }) => line.event ?? line.type)));
  const zone = t.mock.method(Intl.DateTimeFormat.prototype, "resolvedOptions", () => ({ timeZone: "America/New_York" }));
  const client = make({ bundle: SHOP });
  await client.ready;
  await client.track("visit");
  await until(() => order.includes("visit"));
  zone.mock.restore();
  assert.ok(order.indexOf("America/New_York") >= 0 && order.indexOf("America/New_York") < order.indexOf("consent"), order.join());
});
