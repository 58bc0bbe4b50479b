/** What the policy believes, through `danbi/studio` of the packed tarball: the numbers add up there as they do in Rust, and an answer's lines are lines like any others. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pack, root } from "./pack.mjs";

const { beliefs, replay } = await import(pathToFileURL(join(pack().folder, "dist/studio/index.js")).href);
const { bundle } = JSON.parse(readFileSync(join(root, "tests/cases/offers.json"), "utf8"));
const events = [{ type: "page", messageId: "p0", timestamp: "2026-05-12T09:59:00+09:00", userId: "u", properties: { kind: "home" } }];
const at = "2026-05-12T10:00:00+09:00";
const near = (one, other) => assert.ok(Math.abs(one - other) < 1e-9, `${one} and ${other}`);

test("the terms make the chance and the score, and the shares are 1 together", async () => {
  const { candidates, stands, policy, holdout, experiments, lines } = await beliefs(bundle, events, { slot: "home", at });
  assert.deepEqual(candidates.map(({ offer, rank, eligible }) => [offer, rank, eligible]), [["tea", 1, true], ["soap", 2, true]]);
  for (const { terms, sum, chance, between, worth, bonus, score } of candidates) {
    near(terms.reduce((all, { adds }) => all + adds, 0), sum);
    near(1 / (1 + Math.exp(-sum)), chance);
    near(worth + Math.log(chance) + bonus, score);
    assert.ok(between[0] < chance && chance < between[1]);
  }
  near(candidates.reduce((all, { propensity }) => all + propensity, 0), 1);
  assert.deepEqual([stands.offer, stands.propensity, stands.silent], ["tea", 0.975, null]);
  assert.deepEqual([policy.version, policy.eps, policy.halfLife], [3, 0.05, "P60D"]);
  assert.deepEqual([holdout, experiments, lines], [null, [], []]);
});

test("what one more answer changes is what a replay makes of its lines", async () => {
  for (const answer of ["click", "dismiss", "ignore"]) {
    const then = await beliefs(bundle, events, { slot: "home", at, then: { offer: "tea", answer, id: `x-${answer}` } });
    assert.equal(then.lines.length, answer === "ignore" ? 2 : 3);
    assert.equal(then.lines[0].properties.decision, `x-${answer}`);
    const [line] = await replay(bundle, [...events, ...then.lines], { at: then.at, explain: true });
    for (const { offer, chance, score, code, text } of line.offers) {
      const one = then.candidates.find((candidate) => candidate.offer === offer);
      near(one.chance, chance);
      near(one.bonus, score.bonus);
      assert.deepEqual([one.code, one.text], [code, text]);
    }
    assert.equal(then.candidates.find(({ offer }) => offer === "tea").evidence.exposures, 1);
  }
});

test("what cannot be asked is told with code and place", async () => {
  const refused = (options) => beliefs(bundle, events, options).then(() => null, ({ code, path }) => [code, path]);
  assert.deepEqual(await refused({ at }), ["missing", "/slot"]);
  assert.deepEqual(await refused({ slot: "home", then: { offer: "tea", answer: "buy" } }), ["unknown_choice", "/then/answer"]);
  assert.deepEqual(await refused({ slot: "home", then: { offer: "coffee", answer: "click" } }), ["unknown_reference", "/then/offer"]);
});
