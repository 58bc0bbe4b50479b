/**
 * Conditions against npm GrowthBook's own evaluator: 100,000 pairs of condition and attributes, drawn from a seed. Left out, because
 * standards.md chooses otherwise: inherited names such as `toString`, `$savedGroup`, patterns and subjects beyond the limits; what
 * GrowthBook throws at: conditions that are no objects; and patterns that are no texts, for which it takes a text that prints alike
 * out of its cache, if there was one.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { evalCondition } from "@growthbook/growthbook";
import { pack } from "./pack.mjs";

const danbi = await import(pathToFileURL(join(pack().folder, "dist/testing/index.js")).href);
await danbi.ready;

const dice = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const draw = dice(20_260_512);
const pick = (list) => list[Math.floor(draw() * list.length)];
const some = (most, make) => Array.from({ length: Math.floor(draw() * (most + 1)) }, make);
const object = (most, key, make) => Object.fromEntries(some(most, () => [key(), make()]));

const texts = ["", "a", "A", "ab", "B", "b", "9", "10", "5", "5.0", " 7 ", "0x10", "1e2", "-3", "null", "true", "Infinity", "NaN", "a,b", "ß", "É", "é", "단비", "😀", "～", "[object Object]", "1.2.3", "v1.2.3", "1.10.0", "1.2.3-beta.2", "1.2.3-beta+build", "2", "1.2", "000001", "a\nb", "K", "k"];
const numbers = [0, 1, 2, 3, 5, 7, 9, 10, -3, 16, 100, 0.5, 1e21, 1e-7, 5.99, 9007199254740991];
const plain = () => (draw() < 0.5 ? pick(texts) : draw() < 0.6 ? pick(numbers) : pick([null, true, false]));
const value = (depth = 2) => {
  const way = draw();
  if (depth === 0 || way < 0.6) return plain();
  return way < 0.85 ? some(4, () => value(depth - 1)) : object(3, () => pick(["a", "b", "c", "0", "length"]), () => value(depth - 1));
};
const keys = ["a", "b", "c", "d"];
const path = () => pick(["a", "b", "c", "d", "a.b", "b.c", "a.0", "b.1", "c.length", "a.length", "a.b.c", "b.0.a", "missing", "d.length.a", "a.00"]);
const patterns = ["a", "^a", "b$", "[0-9]+", "^\\d+\\.\\d+", "(", "a|b", "a/b", "\\bbeta", "^$", "null", "단비", ".", "(?<year>5)", "[", "*"];
const groups = { list: ["a", 5, "10", null], empty: [], newer: { type: "list", values: ["a", 9], attributeKey: "a" }, broken: { type: "list" }, condition: { type: "condition", condition: { a: 1 } } };

const operand = (operator, depth) => {
  if (draw() < 0.08 && !operator.startsWith("$regex")) return operator === "$elemMatch" ? {} : value();
  switch (operator) {
    case "$in": case "$nin": case "$ini": case "$nini": return some(draw() < 0.3 ? 14 : 4, plain);
    case "$all": case "$alli": return some(2, () => (draw() < 0.8 ? plain() : comparison(depth - 1)));
    case "$inGroup": case "$notInGroup": return pick(["list", "empty", "newer", "broken", "condition", "unknown"]);
    case "$exists": return draw() < 0.5;
    case "$not": return comparison(depth - 1);
    case "$size": return draw() < 0.5 ? Math.floor(draw() * 4) : comparison(depth - 1);
    case "$elemMatch": return depth > 0 && draw() < 0.3 ? condition(depth - 1) : operators(depth - 1);
    case "$type": return pick(["string", "number", "boolean", "array", "object", "null", "undefined"]);
    case "$regex": case "$regexi": return pick(patterns);
    default: return plain();
  }
};
const names = ["$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$exists", "$in", "$nin", "$ini", "$nini", "$all", "$alli", "$inGroup", "$notInGroup", "$not", "$size", "$elemMatch", "$type", "$regex", "$regexi", "$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte", "$unknown"];
const operators = (depth) => Object.fromEntries(Array.from({ length: draw() < 0.8 ? 1 : 2 }, () => { const name = pick(names); return [name, operand(name, depth)]; }));
const comparison = (depth) => (depth > 0 && draw() < 0.75 ? operators(depth) : value(1));
const condition = (depth) =>
  Object.fromEntries(Array.from({ length: draw() < 0.75 ? 1 : Math.floor(draw() * 3) }, () => {
    const way = draw();
    if (depth === 0 || way < 0.7) return [path(), comparison(depth + 1)];
    return way < 0.8 ? ["$not", condition(depth - 1)] : [pick(["$and", "$or", "$nor"]), some(3, () => condition(depth - 1))];
  }));

test("100,000 pairs", { timeout: 120_000 }, (t) => {
  t.mock.method(console, "error", () => {});
  const differences = [];
  let held = 0, difference = 0;
  for (let round = 0; round < 1000; round++) {
    const conditions = Array.from({ length: 10 }, (_, index) => ({ id: String(index), condition: condition(2) }));
    const compiled = danbi.compileConditions(conditions);
    for (let turn = 0; turn < 10; turn++) {
      const attributes = object(4, () => pick(keys), value);
      const wanted = conditions.filter(({ condition }) => evalCondition(attributes, condition, groups)).map(({ id }) => id);
      const found = conditions.filter(({ condition }) => danbi.evalCondition(condition, attributes, groups)).map(({ id }) => id);
      held += wanted.length;
      for (const { id, condition } of conditions)
        if (wanted.includes(id) !== found.includes(id) && difference++ < 10) differences.push(`${JSON.stringify(condition)} over ${JSON.stringify(attributes)}: GrowthBook says ${wanted.includes(id)}`);
      // The same without groups, read once, and after changes of one attribute.
      const ids = () => conditions.filter(({ condition }) => danbi.evalCondition(condition, attributes)).map(({ id }) => id);
      assert.deepEqual(compiled.eligible(attributes), ids());
      const key = pick(keys);
      attributes[key] = value();
      assert.deepEqual(compiled.change(attributes, key), ids(), JSON.stringify([conditions, attributes, key]));
    }
  }
  t.diagnostic(`${held} of 100,000 hold`);
  assert.equal(difference, 0, `${difference} differences:\n${differences.join("\n")}`);
});
