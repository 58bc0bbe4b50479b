/**
 * Every "must show" line of the ten campaigns (campaigns.md sections 1 to 10), in the Studio, from clicks a marketer would make: a shopper
 * is chosen, things happen to them, the clock is moved, their page is pressed, and what the page and the panels say is read. The device is
 * on UTC: every day, window and cap is the house's all the same.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

let site, browser, open, says, sees, pick, clock, meet, happen, forget, tap, tells, openFile, close;
before(async () => {
  ({ site, browser, open, says, sees, pick, clock, meet, happen, forget, tap, tells, openFile, close } = await studio({ zone: "UTC" }));
  await open();
});
after(() => close?.());

const may = (day, time = "10:00") => `2026-05-${day}T${time}`;
const page = (name) => pick("@page", name);
/** What lies over the page says this, or nothing does. */
const over = (text) => sees(`over the page: ${text}`, (now) => (text ? now.over.includes(text) : now.over === ""));
/** The card of a slot says this, or there is none. */
const card = (slot, text) => sees(`${slot}: ${text}`, ({ slots }) => (text ? slots[slot]?.includes(text) : !(slot in slots)));
/** The next step that may show, in the clock's own words. */
const next = (campaign, text) => browser.waitFor((campaign, text) => find(`[data-testid="next-${campaign}"]`)?.innerText.includes(text), { args: [campaign, text] });
const bag = (item_id, item_name, price) => ["add_to_cart", { currency: "KRW", value: price, items: [{ item_id, item_name, price, quantity: 1 }] }];
const paid = (transaction_id, value) => ["purchase", { transaction_id, currency: "KRW", value }];
/** What the facts say that the shopper said. */
async function declared(name, value) {
  if (!(await browser.exists("@facts"))) await browser.click("@side-facts");
  await browser.waitFor((name, value) => find(`[data-testid="fact-${name}"]`)?.value === value, { args: [name, value] });
}
/** What the engine counts, as the panel of reasons tells it. */
async function counted(meter, value) {
  await browser.at(".known", (known) => { known.open = true; });
  await browser.waitFor((meter, value) => [...document.querySelectorAll(".known .compared > div")].some((one) => one.innerText.includes(`meter.${meter}`) && one.querySelector("dd").innerText === value), { args: [meter, value] });
}
/** Points that can be used, and that wait, as the facts tell them. */
async function points(usable, waiting) {
  if (!(await browser.exists("@facts"))) await browser.click("@side-facts");
  await tells(`포인트 ${usable}P${waiting === "0" ? "" : ` · 대기 ${waiting}P`}`, "facts");
}
/** Comes to a page at a time, which is a visit. */
async function visit(time, name) {
  await clock(time);
  if (name) await page(name);
  await browser.click("@visit");
}

const rows = [
  ["1 (1): order on D3, and D5 onward reads so", async () => {
    await meet("jiu");
    await happen(...paid("first", 41_000), may(15, "12:00"));
    for (const [day, step] of [[17, "D5"], [21, "D9"], [28, "D16"]]) {
      await visit(may(day), "home");
      await card("home", null);
      await says("welcome", "첫 주문을 하셔서 끝난 시리즈예요");
    }
  }],
  ["1 (2): the first return on D6 shows D2; D5 waits until D8", async () => {
    await meet("jiu");
    await tap("둘러보기");
    await visit(may(18), "home");
    await card("home", "오늘은 쿠션을 아래에서 위로 두드려 보세요.");
    await browser.click("@seen-welcome");
    await visit(may(19), "home");
    await card("home", null);
    await next("welcome", "5월 20일");
    await visit(may(20), "home");
    await card("home", "아침 화장에 몇 분 쓰세요?");
  }],
  ["1 (3): no answer to D5: D9 is skipped with that reason, never an empty variable", async () => {
    await meet("jiu");
    await tap("둘러보기");
    for (const [day, text] of [[14, "쿠션을 아래에서 위로"], [17, "아침 화장에 몇 분 쓰세요?"]]) {
      await visit(may(day), "home");
      await card("home", text);
      await browser.click("@seen-welcome");
    }
    await visit(may(21), "home");
    await card("home", null);
    await browser.click("@stages-welcome");
    await browser.waitFor(() => find('[data-testid="why-welcome"]').innerText.includes("아침 화장 시간을 알려주지 않으셔서 건너뛰었어요"));
    await browser.click("@mode-force");
    await pick("@force-campaign", "welcome");
    await pick("@force-step", "D9");
    const { slots } = await card("home", "세 가지면 돼요");
    assert.doesNotMatch(slots.home, /루틴/, "nothing rather than a hole");
    await browser.click("@mode-visitor");
    await visit(may(28), "home");
    await card("home", "첫 주문은 무료배송이에요.");
  }],
  ["2 (1): 하은 qualifies at 00:00:00 of 12 May, not one second earlier", async () => {
    await meet("haeun");
    await clock("2026-05-11T23:59:59");
    await over(null);
    await says("birthday_gift", "생일 사흘 전인 내일 00:00부터 떠요");
    await clock("2026-05-12T00:00:00");
    await over("하은님, 생일 축하해요! 선물을 골라 주세요.".split("! ")[0]);
  }],
  ["2 (2): deleting the birthday removes attribute and eligibility at once", async () => {
    await meet("haeun");
    await over("하은님, 생일 축하해요!");
    await declared("month", "5");
    await happen("danbi_declare", { birthday: null });
    await over(null);
    await says("birthday_gift", "생일을 몰라요");
    await declared("month", "0");
  }],
  ["2 (3): the year is never asked or stored", async () => {
    await meet("jiu");
    await card("mypage", "월·일만 알려주시면");
    await happen("danbi_declare", { birthday: "1990-05-15" });
    await declared("month", "5");
    await declared("day", "15");
    const all = JSON.stringify(await kept());
    assert.match(all, /05-15/);
    assert.doesNotMatch(all, /1990/);
  }],
  ["3 (1): 도윤: 6 of 8 views, shown; 4 of 8, not shown, with both numbers", async () => {
    await meet("doyun");
    await card("list", "무향을 고르셨는데 요즘 향수를 자주 보셨어요.");
    await counted("scented", "6");
    await counted("views", "8");
    for (const id of ["doyun-14", "doyun-15"]) await forget(id);
    for (const minute of ["21:00", "21:01"]) await happen("view_item", { items: [{ item_id: "refresh-toner", item_name: "리프레시 토너", price: 22_000, scent: "none" }] }, may(11, minute));
    await clock(may(12));
    await card("list", null);
    await says("taste_mismatch", "8번 가운데 4번만 향이 있는 상품이에요 (60%부터 여쭤봐요)");
  }],
  ["3 (2): without consent the stated taste only, with the reason", async () => {
    await meet("doyun");
    await happen("consent", { personalization: "denied" }, may(12, "09:00"));
    await clock(may(12));
    await card("list", null);
    await says("taste_mismatch", "동의하지 않으셨어요: 맞춤 혜택");
    await counted("views", "0");
  }],
  ["3 (3): a gift excludes those views instead of changing the profile", async () => {
    await meet("doyun");
    await card("list", "무향을 고르셨는데");
    await tap("선물 고르는 중");
    await counted("views", "0");
    await counted("scented", "0");
    await declared("scent", "none");
  }],
  ["4 (1): 서준: 시카 앰플 C를, then a gap of 9,000원", async () => {
    await meet("seojun");
    await over("담아둔 시카 앰플 C를 그대로 두었어요.");
    await tap("닫기");
    await visit(may(15), "my_page");
    await over("무료배송까지 9,000원 남았어요.");
  }],
  ["4 (2): sold out: the next item in stock, or not shown with the reason", async () => {
    await meet("seojun");
    await browser.click("@side-facts");
    await browser.click("@sold-out-cica-ampoule-c");
    await says("cart", "담은 상품이 품절이거나 가격이 바뀌었어요");
    await happen(...bag("refresh-toner", "리프레시 토너", 22_000), may(11, "08:00"));
    await clock(may(12));
    await over("담아둔 리프레시 토너를 그대로 두었어요.");
  }],
  ["4 (3): all six names take the right particle; Serum c falls to 을(를)", async () => {
    const names = { "시카 앰플 C": "를", "무드 틴트 03": "을", "물광 쿠션(리필)": "을", "리프레시 토너": "를", "클렌징 오일": "을", "린넨 원피스 M": "을", "Serum c": "을(를)" };
    for (const [name, particle] of Object.entries(names)) {
      await meet("seojun");
      await forget("seojun-07");
      await happen(...bag("x", name, 24_000), may(11, "08:00"));
      await clock(may(12));
      await over(`담아둔 ${name}${particle} 그대로 두었어요.`);
    }
    await browser.click("@tab-edit");
    await browser.waitFor("@bundle-open");
    await openFile("@bundle-open", "bundle.json", (await (await fetch(`${site.url}bundles/onsae.json`)).text()).replaceAll("context.cart.lead.item_name | josa", '\\"Serum c\\" | josa'));
    await browser.waitFor(() => [...document.querySelectorAll('[data-testid="finding"]')].some(({ innerText }) => innerText.includes("읽는 법")));
    await browser.click("@bundle-first");
    await browser.click("@tab-preview");
  }],
  ["5 (1): one star and five stars pay the same", async () => {
    for (const rating of [1, 5]) {
      await meet("jane");
      await points("8,200", "0");
      await happen("review_approved", { transaction_id: "ON-20260422-0001", item_id: "mood-tint-03", review_id: "r-2", rating, photo: true });
      await points("9,200", "0");
    }
  }],
  ["5 (2): a refund reverses 1,000P and the count; the person sees why", async () => {
    await meet("jane");
    await happen("review_approved", { transaction_id: "ON-20260422-0001", item_id: "mood-tint-03", review_id: "r-2", rating: 5, photo: true });
    await tells("후기 1단계 (2/3)");
    await happen("refund", { transaction_id: "ON-20260422-0001", currency: "KRW", value: 150_000 }, may(13));
    await tells("후기 1단계 (0/3)");
    await points("200", "0");
    await tells("2026-05-13 환불 적립 취소 · review -1,000");
  }],
  ["5 (3): Jane in Korean", async () => {
    await meet("jane");
    await pick("@language", "ko");
    await over("Jane님, 무드 틴트 03은 잘 맞으셨어요?");
  }],
  ["6 (1): 서준 reaches Bloom at once; a refund: 372,000, Bloom until 1 June, the notice sent", async () => {
    await meet("seojun");
    await tap("닫기");
    await happen(...paid("up", 40_000), may(12, "12:00"));
    await browser.click("@visit");
    await over("오늘부터 꽃 등급이에요. 신상품을 하루 먼저 만나요.".split(". ")[0]);
    await counted("net", "412,000원");
    await tells("등급 꽃 (2026-05-12부터)");
    await tap("닫기");
    await happen("refund", { transaction_id: "up", currency: "KRW", value: 40_000 }, may(13));
    await browser.click("@visit");
    await counted("net", "372,000원");
    await tells("등급 꽃");
    await over("6월 1일에 잎 등급으로 바뀔 수 있어요.");
    await browser.click("@seen-tier_notice");
    await clock("2026-05-31T23:59:59");
    await tells("등급 꽃");
    await clock("2026-06-01T00:00:00");
    await tells("등급 잎 (2026-06-01부터)");
  }],
  ["6 (2): 하은 455,000; 107,000 leave on 1 June: 348,000, gap 52,000", async () => {
    await meet("haeun");
    await counted("net", "455,000원");
    await forget("haeun-11");
    await clock("2026-05-02T12:00");
    await over("6월 1일에 잎 등급으로 바뀔 수 있어요.");
    await over("52,000원을 채우면 그대로예요.");
    await browser.click("@seen-tier_notice");
    await clock("2026-05-31T23:59:59");
    await counted("net", "455,000원");
    await clock("2026-06-01T00:00:00");
    await counted("net", "348,000원");
    await tells("등급 잎 (2026-06-01부터)");
  }],
  ["6 (3): reduced motion: the same words, nothing moves", async () => {
    await meet("seojun");
    await tap("닫기");
    await browser.click("@look-still");
    await happen(...paid("up", 40_000), may(12, "12:00"));
    await browser.click("@visit");
    await over("오늘부터 꽃 등급이에요.");
    await over("신상품을 하루 먼저 만나요.");
    const moving = () => browser.evaluate(() => find("iframe").contentDocument.getAnimations().length);
    assert.equal(await moving(), 0);
    await browser.click("@look-still");
  }],
  ["6 (4): 399,999 is Leaf; 400,000 is Bloom", async () => {
    for (const [value, level] of [[27_999, "잎"], [28_000, "꽃"]]) {
      await meet("seojun");
      await happen(...paid("up", value));
      await counted("net", `${(372_000 + value).toLocaleString("ko")}원`);
      await tells(`등급 ${level}`);
    }
  }],
  ["7 (1): 현우, 58,000원: 2,900 or 3,480", async () => {
    await meet("hyunu");
    const { slots } = await card("order_complete", "이번 혜택, 어떻게 받을까요?");
    assert.match(slots.order_complete, /지금 2,900원 쿠폰[^]*30일 뒤 3,480P/);
  }],
  ["7 (2): 58,190원: 2,900, not 2,909", async () => {
    await meet("hyunu");
    await forget("hyunu-11");
    await happen(...paid("ON-20260512-0001", 58_190), may(12, "09:58"));
    await clock(may(12));
    const { slots } = await card("order_complete", "지금 2,900원 쿠폰");
    assert.doesNotMatch(slots.order_complete, /2,909/);
  }],
  ["7 (3): a refund cancels the pending reward; a used coupon is deducted, in words", async () => {
    const back = ["refund", { transaction_id: "ON-20260512-0001", currency: "KRW", value: 58_000 }, may(13)];
    await meet("hyunu");
    await card("order_complete", "30일 뒤 3,480P");
    await tap("30일 뒤 3,480P");
    await points("200", "10,980");
    await happen(...back);
    await points("200", "7,500");
    await tells("적립 예정 취소");
    await meet("hyunu");
    await card("order_complete", "지금 2,900원 쿠폰");
    await tap("지금 2,900원 쿠폰");
    await tells("바로 쓰는 쿠폰 · 2,900원 · 주문 ON-20260512-0001 · 2026-05-19까지 쓸 수 있어요");
    await happen("reward_used", { reward: "now_coupon" }, may(12, "11:00"));
    await happen(...back);
    await tells("써서, 환불 금액에서 2,900원이 빠져요");
  }],
  ["7 (4): reload, double tap or back never pays twice", async () => {
    await meet("hyunu");
    await card("order_complete", "30일 뒤 3,480P");
    await tap("30일 뒤 3,480P", 2);
    await points("200", "10,980");
    await card("order_complete", null);
    await browser.open(`${site.url}studio.html?again`);
    await browser.click("@shopper-hyunu");
    await points("200", "10,980");
    await browser.click("@visit");
    await card("order_complete", null);
    await points("200", "10,980");
  }],
  ["8 (1): 수아 at 10:00 and 11:05", async () => {
    await meet("sua");
    await over(null);
    await says("store", "매장이 11시에 열어요");
    await clock(may(12, "11:05"));
    await over("성수 매장이 가까워요.");
    await over("오늘 피부 진단 자리가 있어요.");
  }],
  ["8 (2): coordinates appear in no storage, event or share link", async () => {
    await meet("sua");
    await clock(may(12, "11:05"));
    await over("성수 매장이 가까워요.");
    await tap("자리 맡기");
    const all = JSON.stringify([await kept(), await linked()]);
    assert.match(all, /place_entered/);
    assert.doesNotMatch(all, /"(lat|lng|latitude|longitude|coords)"|37\.5|127\.0/);
  }],
  ["8 (3): inside KakaoTalk without location, the code of the store instead", async () => {
    await meet("sua");
    await forget("sua-09");
    await browser.click("@device-kakao");
    await clock(may(12, "11:05"));
    await over(null);
    await page("store");
    await card("mypage", null);
    await browser.waitFor(() => {
      const form = find("iframe").contentDocument.querySelector("form");
      if (!form) return false;
      form.querySelector("input").value = "1100";
      form.querySelector("button").click();
      return true;
    });
    await over("성수 매장이 가까워요.");
    await over("오늘 피부 진단 자리가 있어요.");
  }],
  ["9 (1): 민재: 8,000P to 26 May and the Leaf's coupon; Bloom: the sample kit", async () => {
    await meet("minjae");
    await over("8,000P가 5월 26일에 사라져요");
    await over("3,000원 쿠폰을 드려요.");
    await forget("minjae-08");
    await happen(...paid("ON-20260206-0001", 400_000), "2026-02-06T20:00");
    await clock(may(12));
    await over("어떤 주문에나 새 샘플 키트를 담아드려요.");
  }],
  ["9 (2): after 89 days not yet: 하루 남았어요", async () => {
    await meet("minjae");
    await clock("2026-05-06T23:59:59");
    await over(null);
    await says("winback", "하루 남았어요");
    await clock("2026-05-07T00:00:00");
    await over("오랜만이에요, 민재님.");
  }],
  ["9 (3): the date is the ledger's real expiry", async () => {
    await meet("minjae");
    await over("8,000P가 5월 26일에 사라져요");
    await tells("2026-05-26까지 쓰지 않으면 8,000점이 사라져요");
    await forget("minjae-06");
    await happen("order_delivered", { transaction_id: "ON-20250510-0001" }, "2025-05-21T14:00");
    await clock(may(12));
    await over("8,000P가 5월 28일에 사라져요");
    await tells("2026-05-28까지 쓰지 않으면 8,000점이 사라져요");
  }],
  ["10 (1): 지아, 3 points on 10 May: the cart loses", async () => {
    await meet("jia");
    await over(null);
    await says("cart", "불편을 해결하는 중이에요 (5월 24일까지)");
    await clock("2026-05-24T23:59:59");
    await says("cart", "불편을 해결하는 중이에요 (5월 24일까지)");
    await visit("2026-05-25T00:00:00");
    await over("물광 쿠션(리필)을 그대로 두었어요.");
  }],
  ["10 (2): a tap on share pays nothing; a friend's confirmed order pays once", async () => {
    await meet("taeo");
    await over("친구에게 3,000원을 선물해 보세요.");
    await points("11,200", "10,000");
    await tap("카카오톡으로 보내기");
    await over(null);
    await points("11,200", "10,000");
    for (const [friend, usable, views] of [["f-1", "14,200", "1"], ["f-1", "14,200", "2"], ["f-2", "17,200", "3"]]) {
      await happen("referral_order_confirmed", { friend });
      // What follows is counted once all before it is.
      await happen("view_item", { items: [{ item_id: "refresh-toner" }] });
      await counted("views", views);
      await points(usable, "10,000");
    }
  }],
  ["10 (3): another score changes the branch, not past rewards", async () => {
    await meet("taeo");
    await happen("referral_order_confirmed", { friend: "f-1" });
    await points("14,200", "10,000");
    await happen("danbi_answer", { decision: "t3.1", campaign: "nps_ask", step: "ask", variant: "A", slot: "interruptive", action: "score", question: "nps", value: 5 });
    await card("mypage", "불편을 드려 죄송해요.");
    await over(null);
    await points("14,200", "10,000");
  }],
];

/** All that the Studio keeps in this browser. */
const kept = () => browser.evaluate(async () => [
  { ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(),
]);
/** What a link to this holds, read again. */
async function linked() {
  await browser.evaluate(() => Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: async (text) => { globalThis.copied = text; } } }));
  await browser.click("@share");
  return browser.evaluate(async () => {
    while (!globalThis.copied) await new Promise((resolve) => setTimeout(resolve, 20));
    const bytes = Uint8Array.from(atob(globalThis.copied.split("#s=")[1].replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  });
}

for (const [line, run] of rows) test(line, { timeout: 60_000 }, run);
