/** What the tests of the drawing call in the page: messages put up as the stage does it, and what they told. */
import { ready, show } from "../../../pkg/src/draw/message.js";

const korean = { lang: "ko", close: "닫기", hide: "오늘 하루 보지 않기", week: "7일간 보지 않기" };
const english = { lang: "en", close: "Close", hide: "Hide for today", week: "Hide for 7 days" };
const arabic = { lang: "ar", close: "إغلاق", hide: "إخفاء اليوم", week: "إخفاء لمدة 7 أيام" };
const image = { image: { src: "/picture.svg", alt: "시카 앰플 C" } };
/** Messages of 온새, and what stretches them. */
const views = {
  cart: {
    ...korean, ad: { label: "(광고)", sender: "온새", optOut: "광고 그만 보기" },
    blocks: [image, { title: "장바구니에 담아두셨어요" }, { text: "담아둔 시카 앰플 C를 그대로 두었어요." }, { buttons: [{ label: "장바구니 보기", url: "#/cart", value: "cart" }, { label: "계속 쇼핑하기" }] }],
  },
  review: {
    ...korean,
    blocks: [{ title: "Jane님, 무드 틴트 03은 잘 맞으셨어요?" }, { text: "글은 500P, 사진까지 올리면 1,000P예요." }, { progress: { label: "다음 배지까지 후기 2개", value: 1, target: 3, percent: 33 } }, { note: "별점과 상관없이 드려요. 적립금을 받은 후기로 표시돼요." }, { buttons: [{ label: "후기 쓰기" }] }],
  },
  choice: { ...korean, blocks: [{ title: "이번 혜택, 어떻게 받을까요?" }, { choice: { question: "reward", options: [{ label: "지금 2,900원 쿠폰", value: "now", note: "7일 안에 쓸 수 있어요" }, { label: "30일 뒤 3,480P", value: "save", note: "기다리면 1.2배예요" }] } }] },
  nps: { ...english, blocks: [{ title: "Would you recommend ONSAE?" }, { text: "From 0 to 10." }, { choice: { question: "nps", options: Array.from({ length: 11 }, (_, score) => ({ label: `${score}`, value: score })) } }] },
  arabic: { ...arabic, blocks: [{ title: "ما زالت في حقيبتك" }, { text: "احتفظنا لك بـ Cica Ampoule C." }, { progress: { label: "بقي 28,000", value: 1, target: 2, percent: 60 } }, { buttons: [{ label: "عرض الحقيبة" }, { label: "متابعة التسوق" }] }] },
  long: {
    ...korean, ad: { label: "(광고)", sender: "온새", optOut: "광고 그만 보기" },
    blocks: [image, { title: "아주긴단어가들어가는제목이라서줄바꿈이필요한경우입니다" }, { text: "담아둔 시카 앰플 C를 그대로 두었어요. ".repeat(200) }, { text: `https://onsae.example/${"a".repeat(300)}` }, { buttons: [{ label: "장바구니에담아두신모든상품을지금바로확인하러가기버튼" }, { label: "계속 쇼핑하기" }] }],
  },
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const violations = [];
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => violations.push(`${effectiveDirective} ${blockedURI}`));

const forms = (globalThis.forms = {
  ready, show, views, violations, wait, told: [],
  /** As the stage does: an answer takes off what lies over the page. */
  put(form, view, { handled = true, into, ...more } = {}) {
    forms.told = [];
    const shown = (forms.shown = show(into ?? (form === "card" ? document.querySelector("#slot") : document.body), { ...(typeof view === "string" ? views[view] : view), form }, {
      answer(told) {
        forms.told.push(told);
        if (!told.more && !told.stay && !(form === "card" && told.action === "click")) shown.end();
        return handled;
      },
      share: () => false, optOut: () => forms.told.push("optOut"), gone: () => forms.told.push("gone"), html: false, schemes: ["onsae"], ...more,
    }));
    return shown;
  },
  part: (name) => forms.shown.top.querySelector(`[part~="${name}"]`),
  parts: (name) => [...forms.shown.top.querySelectorAll(`[part~="${name}"]`)],
  /** Rules of the page's own, as a strict policy allows them. */
  rules(text) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  },
  async until(holds, what) {
    for (let turn = 0; turn < 400; turn++) {
      const found = holds();
      if (found) return found;
      await wait(25);
    }
    throw new Error(`waited in vain for ${what ?? holds}`);
  },
  clean() {
    forms.shown?.end();
    document.adoptedStyleSheets = [];
    document.documentElement.dir = "";
    for (const host of document.querySelectorAll("danbi-message, danbi-card")) host.remove();
    scrollTo(0, 0);
  },
});
