/** Broken and hostile input through `danbi/testing` and `createClient`: an error that says what, or a condition that is false. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "../e2e/browsers.mjs";
import { pack, scratch } from "./pack.mjs";

const { folder } = pack();
const danbi = await import(pathToFileURL(join(folder, "dist/testing/index.js")).href);
await danbi.ready;

/** All that a page may be given, also inside the browser. */
const inputs = () => {
  const good = { bundle: "b", version: 1, house: { zone: "Asia/Seoul", currency: "KRW" } };
  const campaign = (id, more) => ({ id, label: "c", slot: "s", message: { blocks: [{ title: "x" }] }, ...more });
  const audience = (condition) => ({ ...good, audiences: { a: condition }, campaigns: [campaign("c", { audience: "a" })] });
  const nested = (depth, key) => { let value = 1; while (depth--) value = key ? { [key]: value } : [value]; return value; };
  const rows = (count, row) => Object.fromEntries(Array.from({ length: count }, (_, index) => row(index)));
  const cycle = { ...good };
  cycle.self = cycle;
  return {
    good, audience, nested,
    /** No engine works with them. */
    refused: {
      "nothing": null, "a list": [], "10,000 lists": nested(10_000), "10,000 objects": nested(10_000, "a"), "10,000 conditions": audience(nested(10_000, "$not")),
      "a circle": cycle, "a large number": { ...good, version: 1n }, "no house": { bundle: "b", version: 1 }, "a text of 5 MB": { ...good, names: { a: "x".repeat(5e6) } },
      "200,000 names of 5 MB": { ...good, audiences: rows(200_000, (n) => ["k" + n, { "user.x": n }]) },
    },
    /** Conditions that hold for nobody. */
    never: {
      "an unknown operator": { "user.x": { $around: 1 } }, "an unknown junction": { $xor: [{}] }, "no pattern": { "user.x": { $regex: "(" } },
      "a pattern that repeats repetitions": { "user.long": { $regex: "^(a+)+$" } }, "an inherited name": { "user.toString": { $exists: true } },
      "a prototype": { "user.__proto__.polluted": { $exists: true } }, "a constructor": { "user.constructor.prototype": { $exists: true } },
      "no condition": [],
    },
  };
};
const { good, audience, nested, refused, never } = inputs();
const document = { user: { x: 1, long: "a".repeat(60) + "!" } };
const own = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
const line = (id, more) => ({ type: "identify", messageId: id, timestamp: "2026-01-10T12:00:00+09:00", userId: "u", ...more });
const untouched = () => assert.deepEqual([{}.polluted, Object.prototype.polluted, Object.getOwnPropertyNames(Object.prototype).length], [undefined, undefined, 12]);

for (const [name, bundle] of Object.entries(refused)) {
  test(`as a bundle: ${name}`, () => {
    let findings;
    try { findings = danbi.check(bundle); } catch (error) { findings = [error]; }
    const [{ code, severity = "error" } = {}] = findings;
    assert.ok(code && severity === "error", `${findings.length} findings`);
    assert.throws(() => danbi.replay(bundle, [line("1")]), (error) => typeof error.code === "string" && error.message.length > 10);
    untouched();
  });
}

for (const [name, condition] of Object.entries(never)) {
  test(`as a condition: ${name}`, () => {
    assert.equal(danbi.evalCondition(condition, document), false);
    untouched();
  });
}

test("conditions as deep as they may be, and deeper", () => {
  const deep = (depth) => danbi.evalCondition(nested(depth, "$not"), document);
  assert.equal(typeof deep(60), "boolean");
  for (const depth of [65, 10_000]) assert.throws(() => deep(depth), ({ code, message }) => code === "not_json" && /64 levels/.test(message));
});

test("lone surrogates, overflows and own keys of inherited names are data like any other", () => {
  assert.equal(danbi.evalCondition({ "user.\ud800": "\udfff" }, { user: { "\ud800": "\udfff" } }), true);
  const overflow = JSON.parse('{"user.x": {"$gt": 1e400}}');
  for (const ask of [() => danbi.evalCondition(overflow, document), () => danbi.check(audience(overflow)), () => danbi.replay(audience(overflow), [])]) {
    assert.throws(ask, ({ code, message }) => code === "not_finite" && message.includes("$gt"));
  }
  const [{ profile }] = danbi.replay({ ...good, audiences: own }, [line("1", { traits: { ...own, name: "\ud800" } }), line("2", { traits: JSON.parse('{"__proto__": {"polluted": 2}}') })]);
  assert.equal(profile.traits.name, "\ufffd");
  assert.equal(Object.getPrototypeOf(profile.traits), Object.prototype);
  assert.equal(danbi.liquid("{{ a.__proto__.polluted }}{{ a.constructor }}", { a: {} }), "");
  untouched();
});

test("features in a circle", () => {
  const rules = (id) => [{ parentConditions: [{ id, condition: { value: true } }], force: true }];
  const { source } = danbi.feature({ features: { a: { defaultValue: 1, rules: rules("b") }, b: { rules: rules("a") } } }, "a");
  assert.equal(source, "cyclicPrerequisite");
});

// ---- a page ----

let browser, site;
before(async () => {
  const root = scratch();
  cpSync(join(folder, "dist"), join(root, "danbi"), { recursive: true });
  writeFileSync(join(root, "deep.json"), "[".repeat(10_000) + "]".repeat(10_000));
  writeFileSync(join(root, "overflow.json"), JSON.stringify(audience({ "user.x": { $gt: 0 } })).replace('"$gt":0', '"$gt":1e400'));
  writeFileSync(join(root, "cut.json"), '{"bundle"');
  writeFileSync(join(root, "proto.json"), JSON.stringify({ ...good, audiences: {} }).replace('"audiences":{}', '"__proto__":{"polluted":1},"audiences":{"__proto__":{"user.x":1}}'));
  writeFileSync(join(root, "index.html"), `<!doctype html><title>broken</title><script type="module">
    import { createClient } from "./danbi/index.js";
    const inputs = ${inputs};
    const { good, audience, refused, never } = inputs();
    const consent = { functional: true, analytics: true, personalization: true, advertising: true };
    const start = async (bundle) => {
      const errors = [];
      let client;
      try { client = createClient({ bundle, consent }); } catch (error) { return { thrown: error.code }; }
      client.on("error", ({ code }) => errors.push(code));
      const given = client.identify("u", { x: 1, long: "a".repeat(60) + "!" });
      const { engine, reason } = await Promise.race([client.ready, new Promise((resolve) => setTimeout(resolve, 5000, { reason: "waits" }))]);
      const outcome = { engine, reason, errors, status: (await given).status, decided: client.decide("s").campaign };
      await client.erase();
      client.destroy();
      return outcome;
    };
    const outcome = {};
    for (const [name, bundle] of Object.entries(refused)) outcome[name] = await start(bundle);
    for (const name of ["deep", "overflow", "cut", "proto"]) outcome[name] = await start("/" + name + ".json");
    for (const [name, condition] of Object.entries(never)) outcome[name] = await start(audience(condition));
    outcome.yes = await start(audience({ "user.x": 1 }));
    outcome.polluted = [{}.polluted, Object.getOwnPropertyNames(Object.prototype).length];
    globalThis.outcome = outcome;
  </script>`);
  site = await serve({ folder: root });
  browser = await launch("chromium");
}, { timeout: 120_000 });
after(async () => {
  await browser?.close();
  await site?.close();
});

test("a page goes on without an engine, or with a campaign for nobody", { timeout: 120_000 }, async () => {
  await browser.open(site.url);
  const { polluted, yes, ...outcome } = await browser.waitFor(() => globalThis.outcome, { timeout: 110_000 });
  assert.deepEqual([yes.engine, yes.decided], [true, "c"]);
  assert.deepEqual(polluted, [undefined, 12]);
  for (const [name, told] of Object.entries(outcome)) {
    const good = name in never || name === "proto";
    if (good) assert.deepEqual([told.engine, told.decided ?? null, told.errors], [true, null, []], name);
    else assert.ok(told.thrown || told.errors.length > 0 && !told.engine && told.decided == null, `${name}: ${JSON.stringify(told)}`);
  }
});
