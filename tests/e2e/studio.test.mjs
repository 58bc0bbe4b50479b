/** A marketer at the Studio, in Chromium, from clicks that a marketer would make. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

let site, browser, open, press, because, says, sees, pick, violations, close;
before(async () => {
  ({ site, browser, open, press, because, says, sees, pick, violations, close } = await studio());
});
after(() => close?.());

/** Section 11: shopper; the interruptive winner and what it says; slot, winner there and what it says; who does not show, and why. */
const matrix = [
  ["guest", "", "", "", "", "", "cart", "로그인 전이에요"],
  ["jiu", "welcome", "반가워요, 지우님.", "mypage", "birthday_ask", "생일이 언제예요?", "cart", "장바구니가 비어 있어요"],
  ["seojun", "cart", "담아둔 시카 앰플 C를 그대로 두었어요.", "mypage", "tier_progress", "꽃 등급까지 28,000원 남았어요", "tier_nudge", "장바구니 알림이 먼저예요"],
  ["haeun", "birthday_gift", "하은님, 생일 축하해요!", "mypage", "tier_progress", "열매 등급까지 245,000원 남았어요", "tier_notice", "이번에 이미 알려드렸어요"],
  ["jane", "review", "how is 무드 틴트 03 working?", "mypage", "tier_progress", "to Bloom", "nps_ask", "첫 주문이라 아직이에요"],
  ["minjae", "winback", "8,000P가 5월 26일에 사라져요.", "mypage", "tier_progress", "꽃 등급까지 250,000원 남았어요", "birthday_gift", "생일을 몰라요"],
  ["yuna", "birthday_gift", "유나님, 생일 축하해요!", "mypage", "tier_progress", "가장 높은 정원 등급이에요", "cart", "생일 선물이 먼저예요"],
  ["doyun", "", "", "list", "taste_mismatch", "무향을 고르셨는데 요즘 향수를 자주 보셨어요.", "taste_quiz", "180일 안에 답해 주셨어요"],
  ["sua", "", "", "mypage", "tier_progress", "열매 등급까지 200,000원 남았어요", "store", "매장이 11시에 열어요"],
  ["taeo", "referral", "친구에게 3,000원을 선물해 보세요.", "mypage", "tier_progress", "열매 등급까지", "nps_ask", "90일 안에 물어봤어요"],
  ["jia", "", "", "mypage", "support", "불편을 드려 죄송해요.", "cart", "불편을 해결하는 중이에요 (5월 24일까지)"],
  ["hyunu", "", "", "order_complete", "instant_or_save", "이번 혜택, 어떻게 받을까요?", "cart", "결제 완료 화면에는 띄우지 않아요"],
];
/** Every reason that the panel gives, of one slot or of all, winners apart. */
const reasons = (slot) => browser.evaluate((slot) => {
  find('[data-testid="why-bySlot"]').click();
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => {
    const rows = [...document.querySelectorAll(`[data-testid^="slot-${slot}"] tbody tr`)].filter((row) => !row.classList.contains("winner"));
    const said = rows.map((row) => row.cells[2].textContent);
    find('[data-testid="why-byCampaign"]').click();
    resolve(said);
  })));
}, slot);

test("the acceptance matrix, shopper by shopper", async () => {
  await open();
  for (const [name, winner, over, slot, inline, card, loser, reason] of matrix) {
    await browser.click(`@shopper-${name}`);
    await says(loser, reason);
    const now = await sees(name, ({ over: said, slots }) => (winner ? said.includes(over) : !said) && (slot ? slots[slot]?.includes(card) : Object.keys(slots).length === 0));
    assert.ok(Object.keys(now.slots).length <= 1, name);
    const shown = await browser.evaluate(() => [...document.querySelectorAll(".badge.winner")].map(({ dataset }) => dataset.testid.replace("state-", "")));
    assert.deepEqual(shown.sort(), [winner, inline].filter(Boolean).sort(), name);
    if (name === "guest") assert.deepEqual([...new Set(await reasons(""))], ["로그인 전이에요"]);
    if (name !== "hyunu") continue;
    const sheets = await reasons("interruptive");
    assert.ok(sheets.length > 5);
    assert.deepEqual([...new Set(sheets)], ["결제 완료 화면에는 띄우지 않아요"]);
  }
});

test("하은's day begins at midnight in Seoul, on a device there", async () => {
  await open();
  await browser.click("@shopper-haeun");
  await pick("@clock", "2026-05-11T23:59:59");
  await says("birthday_gift", "생일 사흘 전인 내일 00:00부터 떠요");
  await pick("@clock", "2026-05-12T00:00:00");
  await sees("하은", ({ over }) => over.includes("하은님, 생일 축하해요!"));
});

test("서준 hides the cart for today, and the panel names the real reason after", async () => {
  await open();
  await browser.click("@shopper-seojun");
  await sees("서준", ({ over }) => over.includes("시카 앰플 C를"));
  await press("hide_today");
  await sees("hidden", ({ over }) => !over.includes("시카 앰플 C를"));
  await browser.waitFor(() => /오늘 하루 보지 않기/.test(find('[data-testid="because-cart"]')?.innerText ?? ""));
  for (let hour = 0; hour < 14; hour++) await browser.click("@clock-plus-1h");
  await says("cart", "다음 단계는 5월 15일 10:00부터예요");
});

test("the store opens: 수아 at 11", async () => {
  await open();
  await browser.click("@shopper-sua");
  await says("store", "매장이 11시에 열어요");
  await browser.click("@clock-plus-1h");
  await sees("수아", ({ over }) => over.includes("성수 매장이 가까워요."));
});

test("forcing shows what no rule lets show, in red, and records nothing", async () => {
  await open();
  await browser.click("@mode-force");
  await browser.waitFor(".force");
  await pick("@force-campaign", "support");
  await sees("forced", ({ slots, over }) => Object.values(slots).join().includes("불편을 드려 죄송해요.") && !over);
  await pick("@force-campaign", "cart");
  await sees("forced, over the page", ({ over }) => over.includes("시카 앰플 C를"));
  await press("hide_today");
  await sees("hidden", ({ over }) => !over);
  await browser.click("@mode-visitor");
  await sees("as a visitor again", ({ over }) => over.includes("시카 앰플 C를"));
  assert.equal(await browser.exists("@shopper-first"), false, "nothing is history");
});

test("a new campaign from a template, to whom, in Korean with a particle; undone by one press", async () => {
  await open();
  await browser.click("@tab-edit");
  await browser.click("@form-new");
  await browser.click("@blank-bag_note");
  await browser.waitFor('[data-testid="item-bag_note"][aria-current="true"]');
  await browser.click("@tab-preview");
  await browser.click("@shopper-minjae");
  await says("bag_note", "장바구니가 비어 있어요");
  await browser.click("@shopper-yuna");
  await browser.waitFor("@why-bag_note");
  await browser.click("@tab-edit");
  await browser.click("@undo");
  await browser.waitFor(() => find('[data-testid="item-cart"]') && !find('[data-testid="item-bag_note"]'));
});

test("a broken bundle is told at its line, the last good one goes on, and nothing is lost", async () => {
  await open();
  await browser.click("@tab-edit");
  await browser.click("@edit-asText");
  await browser.waitFor(".cm-content");
  await browser.type(".cm-content", "}{");
  await browser.waitFor("@not-json");
  await browser.click("@tab-preview");
  await sees("the last good one", ({ over }) => over.includes("시카 앰플 C를"));
  await browser.click("@tab-edit");
  await browser.click("@undo");
  await browser.waitFor(() => find('[data-testid="not-json"]') === null);
});

test("a link brings the state, and one that is cut changes nothing and says so", async () => {
  await open();
  await browser.click("@shopper-haeun");
  await sees("하은", ({ over }) => over.includes("하은님"));
  await browser.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { globalThis.copied = text; } } }));
  await browser.click("@share");
  const link = await browser.waitFor(() => globalThis.copied);
  const [, fragment] = link.split("#");
  await open(`#${fragment}`);
  await sees("하은 by link", ({ over }) => over.includes("하은님"));
  await open(`#${fragment.slice(0, fragment.length / 2)}`);
  await browser.waitFor("@told");
  await sees("서준 as ever", ({ over }) => over.includes("시카 앰플 C를"));
});

test("thirty days of one shopper", async () => {
  await open();
  await browser.click("@tab-calendar");
  await browser.click("@calendar-run");
  await browser.waitFor(() => document.querySelectorAll('[data-testid="calendar"] tbody tr').length === 30);
  const cells = await browser.evaluate(() => [...document.querySelectorAll('[data-testid="calendar"] tbody tr')].map((row) => row.cells[1].innerText));
  assert.match(cells[0], /장바구니 알림/);
  assert.ok(cells.filter((text) => text !== "–").length > 1);
});

test("nothing leaves the page, and axe finds nothing", async () => {
  await open();
  for (const [tab, part] of [["preview", "@why-cart"], ["edit", "@bundle-open"], ["calendar", "@calendar-run"]]) {
    await browser.click(`@tab-${tab}`);
    await browser.waitFor(part);
    assert.deepEqual(await violations(), [], tab);
  }
  const origins = await browser.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin));
  assert.deepEqual([...new Set(origins)], [new URL(site.url).origin]);
});
