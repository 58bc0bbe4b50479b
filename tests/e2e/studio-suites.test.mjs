/** Suites in the Studio: saved by a click from what is seen, held against every edit, undone, renamed, removed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

let site, browser, open, violations, close;
before(async () => {
  ({ site, browser, open, violations, close } = await studio());
});
after(() => close?.());

const says = (text) => browser.waitFor((text) => find('[data-testid="suites-says"]')?.innerText === text, { args: [text] });
const suites = async () => {
  await browser.click("@tab-check");
  await browser.click("@view-suites");
};

test("the demo's suites hold; what is saved and is not so is told with the reason, on every tab, and undone", async () => {
  await open();
  await suites();
  await says("기대 54개가 모두 맞아요.");
  assert.equal(await browser.evaluate(() => find('[data-testid="failing"]')), null);
  assert.deepEqual(await violations(), []);
  await browser.click("@tab-preview");
  await browser.click("@shopper-jia");
  await browser.waitFor(() => find('[data-testid="because-cart"]')?.innerText.startsWith("불편을"));
  await suites();
  await browser.click("@expect-cart");
  await says("기대 55개 가운데 1개가 어긋나요.");
  // In her own suite: her lines are those that stand there.
  const told = await browser.text("@expectation-10-6");
  assert.match(told, /장바구니 알림이 보여야 해요/);
  assert.match(told, /불편을 해결하는 중이에요 \(5월 24일까지\)/);
  assert.equal(await browser.text("@failing"), "1");
  await browser.click("@only-failing");
  assert.equal(await browser.evaluate(() => document.querySelectorAll(".suite li").length), 1);
  assert.deepEqual(await violations(), []);
  await browser.click("@tab-edit");
  await browser.click("@undo");
  await browser.waitFor(() => find('[data-testid="failing"]') === null);
});

test("an edit that breaks an expectation is told; every day for thirty days; renamed, looked at, removed", async () => {
  await open();
  await suites();
  await says("기대 54개가 모두 맞아요.");
  await browser.click("@span-days");
  await browser.click("@expect-not-cart");
  await says("기대 55개 가운데 1개가 어긋나요.");
  assert.match(await browser.text("@expectation-2-4"), /30번 가운데 \d+번/);
  await browser.click("@look-2-4");
  await browser.waitFor("@why-cart");
  await suites();
  await browser.click("@rename-2");
  await browser.evaluate(() => find('[data-testid="name-2"]').select());
  await browser.type("@name-2", "서준의 봄");
  await browser.waitFor(() => find('[data-testid="suite-2"] h3').innerText.startsWith("서준의 봄"));
  await browser.click("@remove-2-4");
  await says("기대 54개가 모두 맞아요.");
  assert.equal(await browser.evaluate(() => document.activeElement.id), "suites-title");
  const origins = await browser.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin));
  assert.deepEqual([...new Set(origins)], [new URL(site.url).origin]);
});
