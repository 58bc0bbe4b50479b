/** Offers and learning in the Studio: why each stands where it does, what one more answer would change, what is added and taken back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

let browser, open, pick, violations, close;
before(async () => {
  ({ browser, open, pick, violations, close } = await studio());
});
after(() => close?.());

const offers = () => browser.evaluate(() => [...document.querySelectorAll('[data-testid="candidates"] > tbody > tr[data-testid]')].map((row) => row.dataset.testid.replace("candidate-", "")));
const row = (offer) => browser.text(`@candidate-${offer}`);

test("no offers yet: the example opens, and is undone in one step", async () => {
  await open();
  await browser.click("@tab-offers");
  await browser.waitFor("@offers-example");
  assert.equal((await browser.evaluate(() => document.querySelectorAll('[data-testid="experiments"] tbody tr').length)), 10);
  assert.deepEqual(await violations(), []);
  await browser.click("@offers-example");
  await browser.waitFor("@candidates tbody tr");
  await browser.click("@offers-undo");
  await browser.waitFor("@offers-example");
  await browser.click("@offers-example");
  await browser.waitFor("@candidates tbody tr");
});

test("a click moves the belief before it is history, a dismissal takes the offer away, both are taken back", async () => {
  const [first, second] = await offers();
  assert.match(await row(first), /가장 먼저예요/);
  await browser.click(`@unfold-${first}`);
  await browser.waitFor(`@terms-${first}`);
  const before = await row(first);
  await browser.click(`@then-click-${first}`);
  await browser.waitFor("@offers-would");
  const [, was, becomes] = /([\d.]+)% → ([\d.]+)%/.exec(await browser.text("@offers-would"));
  assert.ok(+becomes > +was, `${was} to ${becomes}`);
  assert.equal(await row(first), before, "nothing is history yet");
  await browser.click(`@then-dismiss-${first}`);
  await browser.waitFor(() => find('[data-testid="offers-would"]')?.innerText.includes("5월 26일"));
  await browser.click("@offers-record");
  await browser.waitFor((first) => find(`[data-testid="candidate-${first}"]`)?.innerText.includes("지금은 못 나와요"), { args: [first] });
  assert.deepEqual([(await offers())[0], (await offers()).at(-1)], [second, first]);
  assert.match(await row(first), /1번 봄 · 5월 12일 닫음/);
  assert.deepEqual(await violations(), []);
  await browser.click("@offers-take-back");
  await browser.waitFor((first, before) => find(`[data-testid="candidate-${first}"]`)?.innerText === before, { args: [first, before] });
});

test("whom the house keeps still for is offered nothing either", async () => {
  await pick("@offers-shopper", "jia");
  await browser.waitFor(() => [...document.querySelectorAll('[data-testid^="says-"]')].filter(({ innerText }) => innerText.includes("불편을 해결하는 중이에요 (5월 24일까지)")).length === 5);
});

test("another shopper, another taste; in the preview an answer teaches, too", async () => {
  await pick("@offers-shopper", "doyun");
  await browser.waitFor(() => /취향\(scent none\)에 맞아서 \+/.test(find('[data-testid="candidates"]')?.innerText ?? ""));
  assert.match(await browser.text("@offers-stands"), /무드 틴트 03.*이번에는 우연이 골랐어요/);
  await browser.click("@tab-preview");
  await browser.click("@seen-mood-tint-03");
  await browser.click("@tab-offers");
  await browser.waitFor(() => find('[data-testid="candidate-mood-tint-03"]')?.innerText.includes("답 기다림 1"));
});

test("in thirty days an offer that is closed rests for fourteen, and others come in its stead", async () => {
  await browser.click("@tab-calendar");
  await browser.waitFor("@calendar-answer");
  await pick("@calendar-answer", "dismiss");
  await browser.click("@calendar-run");
  await browser.waitFor(() => document.querySelectorAll('[data-testid="calendar"] tbody tr').length === 30);
  const stood = await browser.evaluate(() => {
    const table = find('[data-testid="calendar"]'), place = [...table.tHead.rows[0].cells].findIndex(({ innerText }) => innerText === "recommend");
    return [...table.tBodies[0].rows].map(({ cells }) => cells[place].innerText);
  });
  const all = ["무드 틴트 03", "물광 쿠션(리필)", "리프레시 토너", "클렌징 오일", "시카 앰플 C"];
  assert.deepEqual(stood.slice(0, 14), [...all, ...Array(9).fill("–")]);
  assert.deepEqual(new Set(stood.slice(14, 19)), new Set(all), "fourteen days later each comes again");
});
