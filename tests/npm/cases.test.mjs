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

/** The item of a list that goes by a name: a verdict by its campaign, a decision by its slot. */
const named = (items, name) => items.find((item) => (item.stage ? item.campaign : item.slot) === name) ?? null;

/** What of an answer an expectation speaks about: the same keys, at every depth. Lists are compared whole, or by names. */
function part(answer, expect) {
  if (expect === null || typeof expect !== "object" || answer === null || typeof answer !== "object") return answer;
  if (Array.isArray(expect)) return Array.isArray(answer) ? answer.map((item, index) => part(item, expect[index])) : answer;
  if (Array.isArray(answer)) return Object.fromEntries(Object.keys(expect).map((name) => [name, part(named(answer, name), expect[name])]));
  return Object.fromEntries(Object.keys(expect).map((key) => [key, part(answer[key], expect[key])]));
}

/** A bundle, or the path of one in the repository. */
const bundleOf = (bundle) => (typeof bundle === "string" ? JSON.parse(readFileSync(join(root, bundle), "utf8")) : bundle);

/** The lines of a case, or of a file of them by its path in the repository, and `more` after it. */
const eventsOf = (events, more = []) =>
  [...(typeof events === "string" ? readFileSync(join(root, events), "utf8").trim().split("\n").map((line) => JSON.parse(line)) : events), ...more];

/** What is wrong with a bundle and what is doubtful: codes by JSON Pointer; of the doubts only what is asked for. */
function check(bundle, { warnings }) {
  const codes = (severity) => danbi.check(bundle).filter((finding) => finding.severity === severity).map(({ pointer, code }) => [pointer, code]);
  const doubts = codes("warning").filter(([pointer]) => pointer in (warnings ?? {}));
  // Where none may be, false is expected.
  for (const pointer in warnings) if (warnings[pointer] === false && !doubts.some(([doubted]) => doubted === pointer)) doubts.push([pointer, false]);
  return { errors: Object.fromEntries(codes("error")), ...(doubts.length && { warnings: Object.fromEntries(doubts) }) };
}

/** Whether Node's URL parser finds nothing to say against what is allowed, and something against what is not. */
function leadsAstray({ url, schemes = [], picture = false }) {
  const shop = "https://shop.example/list/1";
  if (!URL.canParse(url, shop)) return true;
  const { protocol, hostname, username, password } = new URL(url, shop);
  const known = picture ? ["https"] : ["https", "tel", "mailto", ...schemes.filter((scheme) => scheme === "onsae")];
  const here = protocol === "http:" && !picture && ["localhost", "127.0.0.1"].includes(hostname);
  const elsewhere = hostname !== "shop.example" && !/^\s*https:/i.test(url) && protocol === "https:";
  return !(known.includes(protocol.slice(0, -1)) || here) || username !== "" || password !== "" || elsewhere;
}

/** null where a template cannot be read, or fails over its data. */
function refused(print) {
  try {
    return print();
  } catch (error) {
    if (error.code !== "template") throw error;
    return null;
  }
}

const kinds = {
  url: (it) => !leadsAstray(it),
  hash: ({ seed, value, version }) => danbi.hash(seed, value, version),
  growthbook: ({ call, given, expect }) => part(danbi[call](...given), expect),
  condition: ({ condition, attributes }) => danbi.evalCondition(condition, attributes),
  render: ({ template, data, lang, expect }) => (expect === null ? refused(() => danbi.liquid(template, data, lang)) : danbi.liquid(template, data, lang)),
  check: ({ bundle, expect }) => check(bundleOf(bundle), expect),
  checkpoint: async ({ bundle, keys, events, options, expect }) =>
    part(danbi.replay(bundleOf(bundle), events, { ...options, proofs: await danbi.prove(events, keys) })[0], expect),
  suites: ({ bundle, suites: given, expect }) => part(suites(bundle, given), expect),
  replay: ({ bundle, events, more, options, expect }) => part(danbi.replay(bundleOf(bundle), eventsOf(events, more), options)[0], expect),
};

/** How many of its suites' expectations a bundle meets, and what is told of each other one. */
function suites(bundle, suites) {
  const outcomes = danbi.suites({ ...bundleOf(bundle), suites: bundleOf(suites).suites });
  return { passed: outcomes.filter(({ passed }) => passed).length, findings: outcomes.flatMap(({ finding }) => finding ?? []), outcomes };
}

for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".json")).sort()) {
  test(file, async (t) => {
    const { kind, cases, bundle, suites, keys, data, lang } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    assert.ok(kind in kinds, `unknown kind ${kind}`);
    for (const it of cases) await t.test(it.name, async () => assert.deepEqual(await kinds[kind]({ bundle, suites, keys, data, lang, ...it }), it.expect));
  });
}
