/**
 * Liquid's own cases through `danbi/testing` of the packed tarball. They are not in the repository; without them the test says so
 * and is skipped.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pack, root } from "./pack.mjs";

const { liquid, ready } = await import(pathToFileURL(join(pack().folder, "dist/testing/index.js")).href);
await ready;

const path = join(process.env.DANBI_SHARED ?? join(root, "../shared"), "conformance/liquid/golden.dev.json");
const skip = existsSync(path) ? false : `${path} is not here; DANBI_SHARED names the folder that holds conformance/`;
if (skip) console.error(`\nSKIPPED: Liquid's cases: ${skip}\n`);

test("Liquid's own cases", { skip }, () => {
  const { tests } = JSON.parse(readFileSync(path, "utf8"));
  assert.ok(tests.length > 0);
  for (const { name, template, data, result, invalid } of tests) {
    // What a caller has no data for, some leave out and some give as nothing.
    for (const given of data ? [data] : [undefined, {}])
      if (invalid) assert.throws(() => liquid(template, given), { code: "template" }, name);
      else assert.equal(liquid(template, given), result, name);
  }
});

test("a mistake is told with its place", () => {
  assert.throws(() => liquid("a\n  {{ x | sort }}", {}), { code: "template", message: /no such filter \(line 2, column 10\)/ });
});

test("what is nested as deep as can be is printed, and deeper refused", () => {
  const nested = (depth) => "{% for i in (1..1) %}{% if i == 1 %}".repeat(depth / 2) + "x" + "{% endif %}{% endfor %}".repeat(depth / 2);
  assert.equal(liquid(nested(62), {}), "x");
  assert.throws(() => liquid(nested(66), {}), { code: "template" });
  for (const [open, close] of [["a[", "]"], ["(", "..2)"]]) assert.throws(() => liquid(`{{ ${open.repeat(5000)}1${close.repeat(5000)} }}`, {}), { code: "template" });
});

test("16 KB are printed, and no more", () => {
  const long = liquid("{% assign a = 'ab한' %}{% for i in (1..90) %}{% assign a = a | append: a %}{% endfor %}{{ a }}{{ a }}", {});
  assert.ok(Buffer.byteLength(long) <= 16 * 1024 && long.length > 9_000);
});
