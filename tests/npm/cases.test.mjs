/**
 * The golden cases of tests/cases/*.json through `danbi/testing` of the packed tarball; Rust reads the same files.
 * A file is `{ "kind": …, "cases": [{ "name", …inputs, "expect" }] }`.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pack, root } from "./pack.mjs";

const folder = join(root, "tests/cases");
const danbi = await import(pathToFileURL(join(pack().folder, "dist/testing/index.js")).href);
await danbi.ready;

/** What of an answer an expectation speaks about: the same keys, at every depth. Lists are compared whole. */
function part(answer, expect) {
  if (expect === null || typeof expect !== "object" || answer === null || typeof answer !== "object") return answer;
  if (Array.isArray(expect)) return Array.isArray(answer) ? answer.map((item, index) => part(item, expect[index])) : answer;
  return Object.fromEntries(Object.keys(expect).map((key) => [key, part(answer[key], expect[key])]));
}

/** A bundle, or the path of one in the repository. */
const bundleOf = (bundle) => (typeof bundle === "string" ? JSON.parse(readFileSync(join(root, bundle), "utf8")) : bundle);

const kinds = {
  hash: ({ seed, value, version }) => danbi.hash(seed, value, version),
  condition: ({ condition, attributes }) => danbi.evalCondition(condition, attributes),
  render: ({ template, data, lang }) => danbi.liquid(template, data, lang),
  checkpoint: async ({ bundle, keys, events, options, expect }) =>
    part(danbi.replay(bundleOf(bundle), events, { ...options, proofs: await danbi.prove(events, keys) })[0], expect),
  replay: ({ bundle, events, options, expect }) => part(danbi.replay(bundleOf(bundle), events, options)[0], expect),
};

for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".json")).sort()) {
  test(file, async (t) => {
    const { kind, cases, bundle, keys } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    assert.ok(kind in kinds, `unknown kind ${kind}`);
    for (const it of cases) await t.test(it.name, async () => assert.deepEqual(await kinds[kind]({ bundle, keys, ...it }), it.expect));
  });
}
