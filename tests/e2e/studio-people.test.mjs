/** The people of the Studio in Chromium: facts by a form, events on the time line, a shopper from a file, a month of all of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { studio } from "./studio.mjs";

let browser, open, because, says, sees, pick, openFile, violations, close;
before(async () => {
  ({ browser, open, because, says, sees, pick, openFile, violations, close } = await studio());
  await open();
});
after(() => close?.());

/** Writes into a field as somebody does who then leaves it. */
const write = (testid, text) => pick(`@${testid}`, text);
const value = (testid) => browser.evaluate((testid) => find(`[data-testid="${testid}"]`)?.value, testid);
const file = (name, text) => openFile("@shopper-import", name, text);
const winner = (campaign) => browser.waitFor((campaign) => find(`[data-testid="state-${campaign}"]`)?.className.includes("winner"), { args: [campaign] });

test("facts write the lines that make them so: a birthday, a tier, consent, a guest", async () => {
  await browser.click("@shopper-minjae");
  await says("birthday_gift", "생일을 몰라요");
  await browser.click("@side-facts");
  await browser.waitFor("@fact-name");
  await pick("@fact-month", "5");
  await pick("@fact-day", "13");
  await winner("birthday_gift");
  // 민재 as a Bloom has a sample kit where a Leaf has a coupon.
  await pick("@fact-tier-main", "bloom");
  await browser.waitFor(() => find('[data-testid="facts"]').innerText.includes("400,000원"));
  await browser.click("@fact-consent-birthday");
  await browser.waitFor(() => find('[data-testid="because-birthday_gift"]').innerText.startsWith("동의하지 않으셨어요"));
  await browser.click("@try-birthday_gift");
  await winner("birthday_gift");
  await browser.click("@fact-member");
  await says("cart", "로그인 전이에요");
  await browser.click("@shopper-first");
  await says("birthday_gift", "생일을 몰라요");
  await write("fact-name", "민자");
  await sees("the new name", ({ over }) => over.includes("민자님"));
  await browser.click("@shopper-first");
});

test("an order and a bag, put together in the form", async () => {
  await browser.click("@shopper-jiu");
  await says("cart", "장바구니가 비어 있어요");
  await pick("@bag-add", "cica-ampoule-c");
  await browser.waitFor(() => !find('[data-testid="because-cart"]').innerText.includes("비어 있어요"));
  await browser.click("@clock-plus-1d");
  await browser.click("@visit");
  await winner("cart");
  await browser.click("@order-add");
  await says("cart", "장바구니가 비어 있어요");
  await write("order-amount", "400000");
  await browser.waitFor(() => find('[data-testid="fact-tier-main"]').value === "bloom");
  await browser.click("@shopper-first");
  await browser.click("@shopper-add");
  await browser.waitFor(() => find('[data-testid="fact-title"]').value === "새 쇼퍼");
  await browser.click("@shopper-first");
});

test("an event is moved on the time line by key, and changed as JSON; what is none is told at its field", async () => {
  await browser.click("@side-events");
  await browser.click("@shopper-seojun");
  await winner("cart");
  const focused = () => browser.evaluate(() => document.activeElement.getAttribute("aria-valuetext"));
  await browser.evaluate(() => find('[data-testid="mark"]').focus());
  const was = await focused();
  await browser.press("ArrowRight");
  await browser.waitFor((was) => document.activeElement.getAttribute("aria-valuetext") !== was, { args: [was] });
  // A day later it is 2 hours old: not yet.
  await browser.waitFor(() => find('[data-testid="state-cart"]').className.includes("waiting"));
  await browser.press("ArrowLeft");
  await winner("cart");
  await browser.press("Enter");
  await browser.waitFor(".events details[open]");
  await browser.evaluate(() => {
    const field = find('.events details[open] [data-testid="line-properties"]');
    field.value = "{";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await browser.waitFor(".events details[open] [aria-invalid]");
  assert.match(await browser.text(".events details[open] .wrong"), /^JSON이 아니에요/);
  await winner("cart");
});

test("the remedy leads on: to the moment, to the page, to the editor", async () => {
  await browser.click("@shopper-sua");
  await says("store", "매장이 11시에 열어요");
  await browser.click("@next-store");
  await winner("store");
  assert.match(await browser.text("@clock-says"), /5월 12일 \(화\) 오전 11:00/);
  await browser.click("@stages-store");
  await browser.waitFor(".stages .passed");
  await browser.click("@why-bySlot");
  await browser.waitFor("@slot-interruptive");
  assert.match(await browser.text("@slot-interruptive"), /매장 안내/);
  await browser.click("@why-byCampaign");
  await write("why-search", "환영");
  await browser.click("@mend-welcome");
  await browser.waitFor(() => find('[data-testid="open-title"]')?.innerText === "환영 인사");
  await browser.click("@tab-preview");
  await browser.waitFor("@why-search");
  await write("why-search", "");
});

test("a shopper from what export() answers, with all lines, and with those alone that no profile has covered", async () => {
  // A shop's page, as far as it takes one: the package and a bundle.
  const shop = await serve({ folder: fileURLToPath(new URL("../../pkg/dist", import.meta.url)) });
  const text = await browser.evaluate(() => location.href);
  await browser.open(`${shop.url}index.js`);
  const exported = await browser.evaluate(async (bundle) => {
    const { createClient } = await import(new URL("index.js", location.href).href);
    const client = createClient({ bundle, consent: { functional: true, analytics: true, personalization: true, advertising: true } });
    await client.ready;
    await client.identify("m-bora", { name: "보라" });
    await client.track("sign_up");
    await client.declare({ birthday: new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Seoul", month: "2-digit", day: "2-digit" }).format(Date.now()) });
    await client.consent({ birthday: true });
    await client.track("purchase", { transaction_id: "B-1", currency: "KRW", value: 455_000 });
    // The wasm may come after the signals have.
    for (let waits = 0; client.profile()?.meters.net !== 455_000; waits++) {
      if (waits > 400) throw Error(`after 20 s the meters are ${JSON.stringify(client.profile()?.meters)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
    return client.export();
  }, JSON.parse(readFileSync(new URL("../../www/bundles/onsae.json", import.meta.url), "utf8")));
  await shop.close();
  await browser.open(text);
  await browser.waitFor("@why-cart");
  await browser.click("@side-facts");
  for (const [name, events] of [["bora.json", exported.events], ["bora-later.json", exported.events.slice(-1)]]) {
    // Somebody of the lowest tier, so that what is read next is of the file.
    await browser.click("@shopper-guest");
    await browser.waitFor(() => find('[data-testid="fact-tier-main"]')?.value !== "bloom");
    await file(name, JSON.stringify({ ...exported, events }));
    await browser.waitFor((name) => find(".people [aria-pressed=true]").innerText.includes(name), { args: [name.slice(0, -5)] });
    await says("birthday_gift", "생일을 알려주신 지 24시간이 지나면 열려요");
    await browser.waitFor(() => find('[data-testid="fact-tier-main"]')?.value === "bloom");
    assert.equal(await value("fact-name"), "보라");
    assert.match(await browser.text("@facts"), /455,000원/);
  }
  await file("other.json", "{}");
  await browser.waitFor('.side [role="alert"]');
  await browser.click("@side-events");
});

test("a month of everybody, and one that is stopped", async () => {
  await browser.click("@tab-calendar");
  await browser.click("@calendar-all");
  await pick("@calendar-visits", "2");
  await browser.click("@calendar-run");
  await browser.waitFor(() => document.querySelectorAll('[data-testid="calendar"] tbody tr').length > 2);
  await browser.click("@calendar-cancel");
  await browser.waitFor("@calendar-run");
  const rows = await browser.evaluate(() => [...document.querySelectorAll('[data-testid="calendar"] tr')].map((row) => [...row.cells].map((cell) => cell.innerText)));
  assert.deepEqual([rows[0].length, rows[0][1], rows[1][1]], [16, "손님", "–"]);
  assert.deepEqual(await violations(), []);
  await browser.click("@tab-preview");
});

test("axe finds nothing with all of it open, light or dark", async () => {
  await browser.click("@side-facts");
  await browser.click("@mode-force");
  await browser.click("@stages-cart");
  await browser.waitFor("@facts");
  for (const value of ["light", "dark"]) {
    await browser.engine.tools.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
    // Colours that are on their way are none.
    await browser.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)).then(() => true));
    assert.deepEqual(await violations(), [], value);
  }
  await browser.click("@mode-visitor");
});
