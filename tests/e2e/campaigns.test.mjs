/**
 * What campaigns.md says that the twelve shoppers see, as drawn on the screen, in Korean and English, in three engines: the matrix of
 * section 11, what follows when the clock moves on, and the lines that each campaign must show. Reasons in words are the Studio's, and
 * stand in `tests/cases/personas`.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { engines } from "./browsers.mjs";
import { hang } from "./gallery.mjs";

const lines = (name) => readFileSync(new URL(`../cases/personas/${name}.ndjson`, import.meta.url), "utf8").trim().split("\n").map((line) => JSON.parse(line));
const TEN = "2026-05-12T10:00:00+09:00";
const may = (day, time = "10:00:00") => `2026-05-${day}T${time}+09:00`;
const track = (event, properties = {}) => ({ type: "track", event, properties });
const page = (kind) => ({ type: "page", properties: { kind } });
const mine = page("my_page");

/** Persona, page, slot of that page; what lies over it and what stands in the slot, in Korean and English; null for nothing. */
const matrix = [
  ["guest", "home", "home", null, null],
  ["jiu", "my_page", "mypage", ["반가워요, 지우님. 천천히 둘러보세요.", "Welcome, 지우. No rush, look around."], ["생일이 언제예요? 월·일만 알려주시면 300P를 드려요. 축하에만 쓰고, 언제든 지울 수 있어요.", "When's your birthday? Month and day only, 300P as thanks. Used only to celebrate; delete any time."]],
  ["seojun", "my_page", "mypage", ["담아둔 시카 앰플 C를 그대로 두었어요.", "is still in your bag."], ["꽃 등급까지 28,000원 남았어요", "₩28,000 to Bloom"]],
  ["haeun", "my_page", "mypage", ["하은님, 생일 축하해요! 선물을 골라 주세요.", "Happy birthday, 하은! Pick your gift."], ["열매 등급까지 245,000원 남았어요", "₩245,000 to Fruit"]],
  ["jane", "my_page", "mypage", ["무드 틴트 03은 잘 맞으셨어요? 글은 500P, 사진까지 올리면 1,000P예요.", "working? 500P for text, 1,000P with a photo."], ["꽃 등급까지", "to Bloom"]],
  ["minjae", "my_page", "mypage", ["오랜만이에요, 민재님. 8,000P가 5월 26일에 사라져요.", "Good to see you, 민재. 8,000P expire on May 26."], ["꽃 등급까지", "to Bloom"]],
  ["yuna", "my_page", "mypage", ["유나님, 생일 축하해요!", "Happy birthday, 유나!"], ["가장 높은", "highest"]],
  ["doyun", "list", "list", null, ["무향을 고르셨는데 요즘 향수를 자주 보셨어요. 추천을 바꿔볼까요?", "You chose fragrance-free but have been browsing perfume. Update your picks?"]],
  ["sua", "my_page", "mypage", null, ["열매 등급까지 200,000원 남았어요", "₩200,000 to Fruit"]],
  ["taeo", "my_page", "mypage", ["고마워요! 친구에게 3,000원을 선물해 보세요.", "Thank you! Give a friend ₩3,000."], ["열매 등급까지", "to Fruit"]],
  ["jia", "my_page", "mypage", null, ["불편을 드려 죄송해요. 담당자가", "We're sorry. A person will contact you within"]],
  ["hyunu", "order_complete", "order_complete", null, ["이번 혜택, 어떻게 받을까요? 지금 2,900원 쿠폰", "How would you like your reward? ₩2,900 coupon now"]],
];

/** Title, persona, then one moment after another: `[when, lines, what lies over the page, what stands in the slot]`; undefined is not looked at. */
const moves = [
  ["2 (1): 하은, one second before her day and on it", "haeun", { until: may("11", "23:00:00"), at: may("11", "23:59:59") }, [[may("11", "23:59:59"), [], null], [may("12", "00:00:00"), [mine], "하은님, 생일 축하해요!"]]],
  ["11: 서준 hides the cart for today; the nudge, then step 2", "seojun", {}, [
    [TEN, [], "시카 앰플 C를"], ["오늘 하루 보지 않기", [], null], [may("12", "10:05:00"), [mine], null],
    [may("13"), [mine], "28,000원 남았어요"], ["닫기", [], null], [may("14"), [mine], null], [may("15"), [mine], "무료배송까지 9,000원 남았어요."],
  ]],
  ["6 (1): 서준 reaches Bloom at once; a refund tells of Leaf ahead", "seojun", {}, [
    [TEN, [], "시카 앰플 C를"], ["닫기", [], null],
    [may("12", "12:00:00"), [track("purchase", { transaction_id: "up", currency: "KRW", value: 40_000 }), mine], "꽃 등급이에요. 신상품을 하루 먼저 만나요.", "열매 등급까지 288,000원 남았어요"],
    ["닫기", [], null],
    [may("13"), [track("refund", { transaction_id: "up", currency: "KRW", value: 40_000 }), mine], "6월 1일에 잎 등급으로 바뀔 수 있어요. 28,000원을 채우면 그대로예요."],
  ]],
  ["8 (1): 수아, when the store has opened", "sua", {}, [[TEN, [], null], [may("12", "11:05:00"), [track("place_entered", { place: "seongsu" }), mine], "성수 매장이 가까워요. 오늘 피부 진단 자리가 있어요."]]],
  ["8 (3): the code of the store instead of the place", "sua", { without: "place_entered" }, [[may("12", "11:05:00"), [track("store_code_entered", { store: "seongsu", code: "1100" }), mine], "성수 매장이 가까워요."]]],
  ["9: 민재, when the points are gone", "minjae", { at: may("27", "00:00:00") }, [[may("27", "00:00:00"), [], "그동안 새로 나온 세 가지예요."]]],
  ["5: Jane, the sheet once, then the card", "jane", {}, [[TEN, [], "무드 틴트 03은"], ["닫기", []], [may("13"), [mine], null, "무드 틴트 03은 잘 맞으셨어요?"]]],
  ["10 (3): 태오 changes his score to 5", "taeo", {}, [[may("13"), [track("danbi_answer", { decision: "t9.1", campaign: "nps_ask", step: "ask", variant: "A", slot: "interruptive", action: "score", question: "nps", value: 5 }), mine], undefined, "불편을 드려 죄송해요."]]],
  ["10: 7 or 8 is asked what fell short", "taeo", {}, [[may("13"), [track("danbi_answer", { decision: "t9.1", campaign: "nps_ask", step: "ask", variant: "A", slot: "interruptive", action: "score", question: "nps", value: 8 }), mine], undefined, "무엇이 조금 아쉬웠나요?"]]],
  ["10 (1): 지아 until the pause is over, and the cart then", "jia", { at: may("24", "23:00:00") }, [[may("24", "23:00:00"), [], null, "불편을 드려 죄송해요."], [may("25", "00:00:00"), [mine], "물광 쿠션(리필)을 그대로 두었어요."]]],
];

const products = { "시카 앰플 C": "를", "무드 틴트 03": "을", "물광 쿠션(리필)": "을", "리프레시 토너": "를", "클렌징 오일": "을", "린넨 원피스 M": "을", "Serum c": "을(를)" };

for (const engine of Object.keys(engines)) {
  describe(`${engine}: the ten campaigns`, () => {
    let wall;
    before(async () => {
      wall = await hang(engine);
      await wall.open("manual");
      await wall.browser.evaluate(async () => { globalThis.persona = await import("/gallery/persona.js"); });
    });
    after(() => wall?.close());
    const begin = (lines, time, how) => wall.browser.evaluate((lines, time, how) => persona.begin(lines, time, how), lines, time, how);
    /** Undefined is not looked at, null is nothing. */
    const says = async (what, over, cards = {}) => {
      const screen = await wall.browser.evaluate((wish, over, cards) => persona.read(wish ? over : undefined, cards), over !== undefined, over ?? null, cards);
      const check = (text, wanted, where) => {
        if (wanted !== undefined) assert.ok(wanted === null ? text === null : text?.includes(wanted), `${what}: ${where} says ${JSON.stringify(text)}, not ${JSON.stringify(wanted)}`);
      };
      check(screen.over, over, "what lies over the page");
      for (const slot in cards) check(screen.cards[slot], cards[slot], `the card of ${slot}`);
      return screen;
    };
    const healthy = async () => assert.deepEqual(await wall.browser.evaluate(() => { persona.end(); return [gallery.told.splice(0), gallery.errors.splice(0)]; }), [[], []]);

    for (const [name, kind, slot, over, card] of matrix) {
      test(`section 11: ${name}`, { timeout: 60_000 }, async () => {
        for (const [n, lang] of ["ko", "en"].entries()) {
          await begin(lines(name), TEN, { kind, lang, slots: [slot] });
          const screen = await says(lang, over && over[n], { [slot]: card && card[n] });
          if (over) assert.equal(screen.lang, lang);
        }
        await healthy();
      });
    }

    for (const [title, name, { until, at = TEN, without }, moments] of moves) {
      test(title, { timeout: 60_000 }, async () => {
        const past = lines(name).filter(({ timestamp, event }) => !(without && event === without) && !(until && Date.parse(timestamp) > Date.parse(until)));
        await begin(past, moments[0][1].length ? TEN : at, { kind: "my_page", lang: "ko", slots: ["mypage"] });
        for (const [when, happened, over, card] of moments) {
          if (/^\d/.test(when)) await wall.browser.evaluate((when, lines) => persona.go(when, lines), when, happened);
          else await wall.browser.evaluate((text) => persona.press(text), when);
          await says(when, over, card === undefined ? {} : { mypage: card });
        }
        await healthy();
      });
    }

    test("4 (3): every product has its particle", { timeout: 60_000 }, async () => {
      for (const [item_name, particle] of Object.entries(products)) {
        const past = [...lines("seojun").slice(0, -2), { ...track("add_to_cart", { currency: "KRW", value: 24_000, items: [{ item_id: "x", item_name, price: 24_000, quantity: 1 }] }), timestamp: may("11", "08:00:00") }];
        await begin(past, TEN, { kind: "my_page", lang: "ko", slots: [] });
        await says(item_name, `담아둔 ${item_name}${particle} 그대로 두었어요.`);
      }
      await healthy();
    });

    test("7 (2), (4): 58,190 won are 2,900; a second tap pays nothing more", { timeout: 60_000 }, async () => {
      const past = lines("hyunu").map((line) => (line.properties?.value === 58_000 && line.event === "purchase" ? { ...line, properties: { ...line.properties, value: 58_190 } } : line));
      await begin(past, TEN, { kind: "order_complete", lang: "ko", slots: ["order_complete"] });
      await says("58,190", null, { order_complete: "지금 2,900원 쿠폰" });
      const pending = await wall.browser.evaluate(async () => {
        const [card] = gallery.hosts(), button = [...card.shadowRoot.querySelectorAll("button")].find(({ textContent }) => textContent.includes("3,480P"));
        for (let tap = 0; tap < 3; tap++) button.click();
        await gallery.until(() => persona.points().pending > 7500, "the points");
        await gallery.client.page({ kind: "order_complete" });
        return persona.points().pending;
      });
      assert.equal(pending, 7500 + 3480, "5 % of the order before, and what was chosen");
      await says("afterwards", null, { order_complete: null });
      await healthy();
    });

    test("10 (2): sharing pays nothing", { timeout: 60_000 }, async () => {
      await begin(lines("taeo"), TEN, { kind: "my_page", lang: "ko", slots: [] });
      await says("before", "친구에게 3,000원을 선물해 보세요.");
      const paid = await wall.browser.evaluate(async () => {
        const before = JSON.stringify(persona.points());
        await persona.press("카카오톡으로 보내기");
        await gallery.client.flush();
        return [before, JSON.stringify(persona.points())];
      });
      assert.equal(paid[1], paid[0]);
      await healthy();
    });
  });

  test(`${engine}: 6 (3): the upgrade in the same words without motion`, { timeout: 60_000 }, async () => {
    const wall = await hang(engine, { still: true });
    try {
      await wall.open("manual");
      const moving = await wall.browser.evaluate(async (past, time) => {
        const persona = await import("/gallery/persona.js");
        let most = 0;
        const look = () => { most = Math.max(most, gallery.motion().length); requestAnimationFrame(look); };
        look();
        await persona.begin(past, time, { kind: "my_page", lang: "ko", slots: ["mypage"] });
        return [most, (await persona.read("꽃 등급이에요")).over];
      }, [...lines("seojun").slice(0, -2), { ...track("purchase", { transaction_id: "up", currency: "KRW", value: 40_000 }), timestamp: may("12", "09:59:00") }], TEN);
      assert.equal(moving[0], 0);
      assert.match(moving[1], /꽃 등급이에요\. 신상품을 하루 먼저 만나요\./);
    } finally {
      await wall.close();
    }
  });
}
