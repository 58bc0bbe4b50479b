/** Which question follows an answer, and how many are to come: `data/surveys.json` is the table. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { build } from "esbuild";

const file = (name) => new URL(name, import.meta.url);
const { outputFiles: [{ text }] } = await build({ entryPoints: [file("../../pkg/src/draw/extras/route.ts").pathname], bundle: true, format: "esm", write: false });
const { ahead, following } = await import(`data:text/javascript,${encodeURIComponent(text)}`);

for (const { about, questions, walks } of JSON.parse(readFileSync(file("../data/surveys.json"), "utf8"))) {
  for (const { answers, sees } of walks) {
    test(`${about}: ${JSON.stringify(answers)}`, () => {
      const seen = [];
      for (let at = 0; at < questions.length; at = following(questions, at, answers[questions[at].id])) {
        seen.push(`${questions[at].id} ${seen.length + 1}/${seen.length + ahead(questions, at)}`);
      }
      assert.deepEqual(seen, sees);
    });
  }
}
test("of many questions the longest way is counted at once", () => {
  const questions = Array.from({ length: 200 }, (_, at) => ({
    id: `q${at}`, kind: "nps", title: "", next: Array.from({ length: 10 }, (_, rule) => ({ value: rule, to: `q${at + 1 + rule}` })),
  }));
  assert.equal(ahead(questions, 0), 200);
});
