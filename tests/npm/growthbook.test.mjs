/**
 * GrowthBook's own cases through `danbi/testing` of the packed tarball, and generated contexts, experiments and features
 * against GrowthBook's own SDK. The cases are not in the repository; without them the test says so and is skipped.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { pack, root } from "./pack.mjs";

// The SDK tells the console of every odd weight elsewhere.
process.env.NODE_ENV = "production";
const { GrowthBook } = await import("@growthbook/growthbook");
const danbi = await import(pathToFileURL(join(pack().folder, "dist/testing/index.js")).href);
await danbi.ready;

/** Numbers of whatever shape, floored at eight decimals. */
const floored = (value) => (Array.isArray(value) ? value.map(floored) : Math.floor(value * 1e8) / 1e8);

/** What each group's case asks, and what it expects. */
const groups = {
  evalCondition: ([, condition, attributes, expected, savedGroups]) => [danbi.evalCondition(condition, attributes, savedGroups), expected],
  hash: ([seed, value, version, expected]) => [danbi.hash(seed, value, version), expected],
  getBucketRange: ([, [variations, coverage, weights], expected]) => [floored(danbi.getBucketRange(variations, coverage, weights)), floored(expected)],
  chooseVariation: ([, bucket, ranges, expected]) => [danbi.chooseVariation(bucket, ranges), expected],
  inNamespace: ([, id, namespace, expected]) => [danbi.inNamespace(id, namespace), expected],
  getEqualWeights: ([variations, expected]) => [floored(danbi.getEqualWeights(variations)), floored(expected)],
  getQueryStringOverride: ([, key, url, variations, expected]) => [danbi.getQueryStringOverride(key, url, variations), expected],
  run: ([, context, experiment, value, inExperiment, hashUsed]) => [danbi.run(context, experiment), { value, inExperiment, hashUsed }],
  feature: ([, context, key, expected]) => [danbi.feature(context, key), expected],
  stickyBucket: ([, context, documents, key, result, docs]) => [danbi.stickyBucket(context, documents, key), { result, docs }],
};

const path = join(process.env.DANBI_SHARED ?? join(root, "../shared"), "conformance/growthbook/cases.dev.json");
const skip = existsSync(path) ? false : `${path} is not here; DANBI_SHARED names the folder that holds conformance/`;
if (skip) console.error(`\nSKIPPED: GrowthBook's cases: ${skip}\n`);

test("GrowthBook's own cases", { skip }, async (t) => {
  const cases = JSON.parse(readFileSync(path, "utf8"));
  for (const [group, compare] of Object.entries(groups))
    await t.test(`${group}: ${cases[group].length} cases`, () => {
      assert.ok(cases[group].length > 0);
      for (const it of cases[group]) {
        const [answer, expected] = compare(it);
        assert.deepEqual(answer, expected, JSON.stringify(it));
      }
    });
});

/** Chance from a seed: mulberry32. */
function chance(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  const one = (list) => list[below(list.length)];
  return { next, below, one, often: (share) => next() < share, several: (most, make) => Array.from({ length: below(most + 1) }, make) };
}

/** Contexts, experiments and features of every kind that GrowthBook's SDK takes without throwing. */
function generator(seed) {
  const { next, below, one, often, several } = chance(seed);
  const features = ["f0", "f1", "f2"];
  const names = ["id", "companyId", "deviceId", "country"];
  const identity = () => one(["1", "2", "user-3", "사용자", "😀", "é", "", 0, 42, 1.5, true, false, null, ["a", 1], { a: 1 }, String(below(1000)), String(below(1000)), String(below(1000))]);
  const edge = () => Math.round(next() * 20) / 20;
  const range = () => { const [a, b] = [edge(), edge()]; return often(0.9) ? [Math.min(a, b), Math.max(a, b)] : [a, b]; };
  const value = () => one([0, 1, 2, "", "on", "off", true, false, null, { color: "blue" }, ["a"]]);
  /** Members, each there with a probability of its own. */
  const members = (all) => {
    const made = {};
    for (const name in all) if (often(all[name][0])) made[name] = all[name][1]();
    return made;
  };

  const condition = () => one([
    { country: "KR" }, { country: { $in: ["KR", "US"] } }, { premium: true }, { age: { $gte: 30 } }, { $not: { premium: true } },
    { $or: [{ country: "KR" }, { age: { $lt: 20 } }] }, { id: { $inGroup: "few" } }, { id: { $notInGroup: "none" } }, { country: { $exists: false } }, {},
  ]);
  const parent = () => ({
    id: one([...features, "missing"]),
    ...members({ condition: [0.9, () => one([{ value: true }, { value: { $exists: true } }, { value: { $gt: 0 } }, { value: "on" }, { value: { $ne: null } }, {}])], gate: [0.4, () => often(0.8)] }),
  });
  const filter = () => ({ seed: one(["seed", "s2", "가"]), ranges: several(3, range), ...members({ attribute: [0.5, () => one(names)], hashVersion: [0.4, () => one([0, 1, 2, 3])] }) });
  const weights = (count) => one([() => Array(count).fill(1 / count), () => Array.from({ length: count }, edge), () => [0.5, 0.5], () => [0.1, 0.9], () => Array(count).fill(0.995 / count), () => []])();
  const shared = (count) => members({
    coverage: [0.3, () => one([0, 0.1, 0.5, 0.9, 1, 1, -1, 2])],
    hashAttribute: [0.3, () => one([...names, ""])],
    fallbackAttribute: [0.4, () => one([...names, ""])],
    disableStickyBucketing: [0.15, () => often(0.7)],
    bucketVersion: [0.5, () => below(3)],
    minBucketVersion: [0.2, () => below(3)],
    hashVersion: [0.5, () => one([0, 1, 2, 2, 2, 2, 2, 99])],
    seed: [0.4, () => one(["seed", "씨앗", ""])],
    weights: [0.4, () => weights(count)],
    ranges: [0.15, () => Array.from({ length: one([count, count, count - 1, count + 1]) }, range)],
    namespace: [0.15, () => [one(["pricing", "이름"]), ...range()]],
    filters: [0.15, () => several(2, filter)],
    condition: [0.2, condition],
    parentConditions: [0.15, () => several(2, parent)],
    name: [0.2, () => "Test"],
    phase: [0.2, () => "1"],
    meta: [0.5, () => Array.from({ length: count }, (_, index) => members({ key: [0.8, () => one([`v${index}`, String(index)])], name: [0.3, () => `variation ${index}`], passthrough: [0.15, () => often(0.8)] }))],
  });
  const variations = (count) => Array.from({ length: count }, (_, index) => (often(0.8) ? index : value()));
  const rule = () => {
    const count = one([1, 2, 2, 2, 3, 4]);
    return {
      ...shared(count),
      ...one([() => ({ variations: variations(count) }), () => ({ variations: variations(count) }), () => ({ force: value() }), () => ({})])(),
      ...members({ id: [0.3, () => one(["rule", ""])], key: [0.5, () => one(["exp", "exp2", ""])], range: [0.2, range], unknown: [0.1, () => 1] }),
    };
  };
  const target = () => ({
    ...one([
      () => ({ type: "simple", pattern: one(["/cart", "/cart/", "cart", "*", "/*/items", "shop.example/*", "https://shop.example/cart?a=1", "/cart?q=*", "/cart#top", "*.example/c*t", "/Cart", "//", "/가/*", "shop.example:8443/cart"]) }),
      () => ({ type: "regex", pattern: one(["^/cart", "example/(cart|list)", "\\?a=1", "(", "cart$", "CART", ".*"]) }),
      () => ({ type: "other", pattern: "/cart" }),
    ])(),
    ...members({ include: [0.7, () => often(0.7)] }),
  });
  const experiment = () => {
    const count = one([1, 2, 2, 2, 3, 4]);
    return {
      key: one(["exp", "exp2", "실험"]), variations: variations(count), ...shared(count),
      ...members({ active: [0.2, () => often(0.7)], status: [0.2, () => one(["draft", "running", "stopped"])], force: [0.15, () => below(6) - 2], groups: [0.15, () => several(2, () => one(["staff", "beta"]))], urlPatterns: [0.4, () => several(3, target)] }),
    };
  };
  const context = () => members({
    attributes: [0.97, () => members({ id: [0.9, identity], companyId: [0.5, identity], deviceId: [0.6, identity], country: [0.7, () => one(["KR", "US", ""])], premium: [0.5, () => often(0.5)], age: [0.5, () => below(60)] })],
    user: [0.05, () => ({ id: "user", age: 33 })],
    attributeOverrides: [0.05, () => ({ country: "KR" })],
    features: [0.97, () => Object.fromEntries(features.filter(() => often(0.95)).map((name) => [name, { ...members({ defaultValue: [0.8, value] }), ...members({ rules: [0.9, () => [rule(), ...several(2, rule)]] }) }]))],
    url: [0.7, () => one(["https://shop.example/cart", "https://shop.example/cart/?a=1#top", "https://SHOP.example:8443/cart", "http://x.example/list/7/items?q=%EA%B0%80+b&q=2", "/cart", "https://shop.example/?exp=1", "https://shop.example/?exp=1.9&exp=0", "https://shop.example/?exp= 1", "https://shop.example/?exp2=0x1#?exp=0", "https://shop.example/??exp=1", "https://shop.example/가/b", "not an address", "https://[", "mailto:a@b.example"])],
    enabled: [0.05, () => often(0.5)],
    qaMode: [0.05, () => often(0.5)],
    forcedVariations: [0.1, () => ({ [one(["exp", "exp2"])]: below(5) - 1 })],
    groups: [0.5, () => ({ staff: often(0.5), beta: often(0.5) })],
    savedGroups: [0.7, () => ({ few: ["1", "2", 42] })],
    overrides: [0.08, () => ({ exp: members({ coverage: [0.3, edge], status: [0.3, () => one(["draft", "running"])], force: [0.2, () => below(3)], url: [0.4, () => one(["cart", "^/cart$", "example/$"])], weights: [0.2, () => weights(2)] }) })],
  });
  /** Mostly of who is asked about, and of what is there to be kept. */
  const documents = ({ attributes = {}, features = {} }) => several(2, () => {
    const attributeName = one(["id", "id", ...names]), value = often(0.8) ? (attributes[attributeName] ?? "1") : identity();
    const entries = Object.entries(features).flatMap(([name, { rules = [] }]) => rules.map(({ key, bucketVersion, meta }) => [
      `${key || name}__${often(0.8) ? bucketVersion || 0 : below(3)}`,
      often(0.8) ? (one(meta ?? [{}])?.key ?? "0") : one(["0", "1", "gone"]),
    ]));
    return {
      attributeName,
      attributeValue: typeof value === "string" ? value : JSON.stringify(value),
      assignments: Object.fromEntries(entries.filter(() => often(0.7))),
    };
  });
  return { context, experiment, documents, features };
}

/** As JSON has it, where what is undefined is absent. */
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
const CONTEXTS = process.env.DANBI_LONG ? 200_000 : 20_000;

test(`${CONTEXTS.toLocaleString("en")} generated contexts against GrowthBook's SDK`, (t) => {
  // It says there that a pattern is none.
  t.mock.method(console, "error", () => {});
  const make = generator(20_260_512), sources = {};
  const count = { in: 0, out: 0, kept: 0 };
  for (let index = 0; index < CONTEXTS; index++) {
    const context = make.context(), experiment = make.experiment(), documents = make.documents(context);
    const same = (what, answer, expected) => {
      if (!isDeepStrictEqual(answer, expected)) assert.deepEqual(answer, expected, `${what} ${JSON.stringify({ index, context, experiment, documents })}`);
    };
    const sdk = new GrowthBook(context);

    const { value, inExperiment, hashUsed } = sdk.run(experiment);
    same("run", danbi.run(context, experiment), plain({ value, inExperiment, hashUsed }));
    count[inExperiment ? "in" : "out"] += 1;

    const key = make.features[index % 3];
    const expected = plain(sdk.evalFeature(key));
    same(`feature ${key}`, danbi.feature(context, key), expected);
    sources[expected.source] = (sources[expected.source] ?? 0) + 1;

    const stored = Object.fromEntries(documents.map((it) => [`${it.attributeName}||${it.attributeValue}`, structuredClone(it)]));
    const loaded = (attributes) => Object.fromEntries(Object.entries(attributes).map((it) => it.join("||")).filter((it) => it in stored).map((it) => [it, stored[it]]));
    const stickyBucketService = { getAllAssignmentsSync: loaded, getAllAssignments: async (attributes) => loaded(attributes), saveAssignments: async () => {} };
    const docs = sdk.generateStickyBucketAssignmentDocsSync(stickyBucketService, {});
    const result = plain(new GrowthBook({ ...context, stickyBucketService, stickyBucketAssignmentDocs: docs }).evalFeature(key).experimentResult);
    same(`stickyBucket ${key}`, danbi.stickyBucket(context, documents, key), { result, docs: plain(docs) });
    count.kept += Number(result?.stickyBucketUsed ?? false);
  }
  t.diagnostic(JSON.stringify({ ...count, ...sources }));
  // All of it was reached, and often.
  assert.deepEqual(Object.keys(sources).sort(), ["cyclicPrerequisite", "defaultValue", "experiment", "force", "prerequisite", "unknownFeature"]);
  assert.ok(Math.min(...Object.values(sources), count.in, count.kept) > CONTEXTS / 100);
});

test("nothing is too odd for an answer", () => {
  const none = { value: 0, inExperiment: false, hashUsed: false };
  for (const odd of [undefined, null, 7, "text", [], {}, [[]], { a: NaN }]) {
    assert.equal(danbi.evalCondition(odd, odd, odd), typeof odd === "object" && odd !== null && !Array.isArray(odd));
    assert.equal(danbi.getBucketRange(2, 1, odd).length, 2);
    assert.equal(danbi.chooseVariation(0.5, odd), -1);
    assert.equal(danbi.inNamespace("1", odd), false);
    assert.deepEqual(danbi.run(odd, odd), { ...none, value: null });
    assert.deepEqual(danbi.run({ attributes: { id: "1" } }, { key: "k", variations: [0, 1], ranges: odd || 1, coverage: odd ?? 0 }), none);
    assert.equal(danbi.feature(odd, "a").source, "unknownFeature");
    assert.equal(danbi.feature({ features: { a: { rules: odd, defaultValue: 1 } } }, "a").source, "defaultValue");
    assert.deepEqual(danbi.stickyBucket(odd, odd, odd).result, null);
    assert.equal(danbi.hash(odd, odd, 2), danbi.hash(String(odd), String(odd), 2));
    assert.equal(danbi.getQueryStringOverride(odd, odd, odd), null);
  }
  for (const odd of [NaN, -1, -Infinity, Infinity, 1e9, undefined]) {
    assert.deepEqual(danbi.getBucketRange(odd, 1, null), []);
    assert.deepEqual(danbi.getEqualWeights(odd), []);
    assert.equal(danbi.hash("seed", "value", odd), null);
    assert.equal(danbi.chooseVariation(odd, [[0, 1]]), -1);
  }
  assert.equal(danbi.hash("seed", "value", 1.5), null);
  assert.deepEqual(danbi.getBucketRange(2, NaN, null), [[0, 0], [0.5, 0.5]]);
  assert.equal(danbi.getQueryStringOverride("k", "?k=1", NaN), null);

  // A lone half of a surrogate pair is U+FFFD, as in every document.
  assert.equal(danbi.hash("seed", "\ud83d", 2), danbi.hash("seed", "\ufffd", 2));
  assert.equal(danbi.run({ attributes: { id: "\ud83d" } }, { key: "k", variations: [0, 1] }).inExperiment, true);

  const hostile = JSON.parse('{"attributes":{"id":"1","__proto__":{"polluted":1}},"features":{"__proto__":{"defaultValue":{"__proto__":{"polluted":1}}}}}');
  assert.deepEqual(Object.keys(danbi.feature(hostile, "__proto__").value), ["__proto__"]);
  danbi.stickyBucket(hostile, [{ attributeName: "__proto__", attributeValue: "x", assignments: { __proto__: "1" } }], "__proto__");
  assert.equal({}.polluted, undefined);
  assert.equal(danbi.feature({ features: {} }, "toString").source, "unknownFeature");
});

test("long chains of prerequisites come to an end", () => {
  const chain = (length, asked) => ({
    features: Object.fromEntries(Array.from({ length }, (_, index) => [`f${index}`, { rules: [{ parentConditions: Array(asked).fill({ id: `f${index + 1}` }), force: true }] }])),
  });
  assert.equal(danbi.feature(chain(60, 1), "f0").source, "force");
  assert.equal(danbi.feature(chain(10_000, 1), "f0").source, "cyclicPrerequisite");
  assert.equal(danbi.feature(chain(40, 2), "f0").source, "cyclicPrerequisite");
  const deep = (length) => { let it = {}; for (let level = 0; level < length; level++) it = { $not: it }; return it; };
  // The deepest recursion that there is: as many features as are followed, the last of them with the deepest condition.
  const { features } = chain(63, 1);
  features.f63 = { rules: [{ condition: deep(55), force: true }] };
  assert.equal(danbi.feature({ features }, "f0").source, "force");
  assert.throws(() => danbi.feature({ features: { a: { rules: [{ condition: deep(10_000) }] } } }, "a"), { code: "not_json" });
});
