/** Surveys, coupons, sharing, stores and a marketer's own HTML, as shoppers use them, in three engines. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { serve } from "../../scripts/serve.mjs";
import { engines, launch } from "./browsers.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'";

// --- what is shown ---

const controls = { ko: { close: "닫기", hide: "오늘 하루 보지 않기" }, en: { close: "Close", hide: "Not again today" }, ar: { close: "إغلاق", hide: "ليس اليوم" } };
const message = (blocks, { form = "modal", lang = "ko" } = {}) => ({ form, lang, ...controls[lang], blocks });
const nps = {
  id: "nps", kind: "nps", title: "온새를 친구에게 추천하고 싶으세요?", low: "전혀 아니에요", high: "꼭 추천할게요",
  next: [{ min: 9, to: "stars" }, { max: 6, to: "why" }, { to: "words" }],
};
const why = {
  id: "why", kind: "choice", title: "무엇이 조금 아쉬웠나요?",
  options: [{ label: "배송이 늦었어요", value: "delivery" }, { label: "제품이 맞지 않았어요", value: "product", note: "향, 제형, 사이즈" }, { label: "상담이 아쉬웠어요", value: 3 }],
};
const words = { id: "words", kind: "text", title: "조금 더 들려주시겠어요?", placeholder: "편하게 적어 주세요", optional: true, next: [{ to: "end" }] };
const stars = { id: "stars", kind: "rating", title: "이번 무드 틴트 03은 어떠셨어요?", low: "아쉬워요", high: "아주 좋아요" };
const thanks = "고마워요. 들려주신 이야기는 꼭 읽어볼게요.";
const survey = (questions, more) => ({ survey: { id: "visit", questions, ...more } });
const whole = survey([nps, why, words, stars], { thanks });
const coupon = { coupon: { code: "HAEUN-0515", label: "5,000원 쿠폰", note: "30,000원 이상 주문할 때 쓸 수 있어요.", until: "5월 22일(금)까지" } };
const share = (...channels) => ({ share: { title: "온새에서 3,000원 선물이 왔어요", text: "첫 주문에 쓸 수 있어요", url: "/invite/taeo-9f3k", channels } });
const store = { store: { name: "온새 성수", address: "서울 성동구 연무장길 1, 1층", hours: "매일 11:00–20:00", phone: "02) 000-0000", map: "/?to=seongsu" } };
const title = { title: "고마워요! 친구에게 3,000원을 선물해 보세요." };

// --- helpers ---

const at = (selector, host = "danbi-message") => `${host} >>> ${selector}`;
const begin = (browser, view, options = {}) => browser.evaluate((view, options) => page.begin(view, options), view, options);
const told = (browser) => browser.evaluate(() => page.told);
const press = (browser, selector) => browser.click(at(selector));
const score = (value) => `[part=score]:nth-child(${value + 1})`;
const star = (value) => `[part=star]:nth-child(${value})`;
/** The question on show, with its place. */
const asked = (browser) => browser.evaluate(() => [page.one("[part=at]")?.textContent, page.one("[part=question]")?.textContent].join(" "));
const focus = (browser) => browser.evaluate(() => page.focus());
/** Presses Tab until the focus is on this. */
async function tabTo(browser, part) {
  for (let tries = 0; tries < 40; tries += 1) {
    await browser.press("Tab");
    if ((await focus(browser))?.startsWith(part)) return;
  }
  assert.fail(`Tab does not reach ${part}`);
}
/** Waits until nothing moves any more. */
const still = (browser) => browser.evaluate(async () => { await Promise.all(page.shown.host.shadowRoot.getAnimations().map(({ finished }) => finished)); });
/** What axe finds in what is drawn. */
async function axe(browser) {
  await still(browser);
  await browser.evaluate(() => globalThis.axe ? true : new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src: "axe.min.js", onload: () => resolve(true), onerror: () => reject(Error("no axe")) }));
  }));
  const found = await browser.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document.querySelector("danbi-message, danbi-card"), { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  assert.deepEqual(found, []);
}
/** Nothing sticks out of what is drawn, and all that can be pressed is large enough; answers with the smallest side there is. */
async function fits(browser, least) {
  await still(browser);
  const { over, sides } = await browser.evaluate(() => {
    const { top } = page.shown;
    const { left, right } = top.getBoundingClientRect();
    const over = [...top.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.left < left - 1 || box.right > right + 1 || element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline" && element.localName !== "textarea";
    }).map(({ outerHTML }) => outerHTML.slice(0, 120));
    const sides = [...top.querySelectorAll("button, a, textarea")].map((element) => {
      const { width, height } = element.getBoundingClientRect();
      return [Math.min(width, height), element.textContent];
    });
    return { over: [...over, ...(top.scrollWidth > top.clientWidth || left < 0 || right > innerWidth ? ["scrolls sideways"] : [])], sides };
  });
  assert.deepEqual(over, []);
  for (const [side, label] of sides) assert.ok(side >= least, `${label} is ${side} px`);
}

// --- surveys ---

const scenes = {
  async "a survey is answered by tapping; each answer is told once, the last stays for the thanks"({ browser }) {
    await begin(browser, message([whole]));
    assert.equal(await asked(browser), `1 / 3 ${nps.title}`);
    assert.equal(await browser.attribute(at("[role=group]"), "aria-label"), `${nps.title} 0 전혀 아니에요 10 꼭 추천할게요`);
    await press(browser, score(3));
    assert.equal(await asked(browser), `2 / 3 ${why.title}`);
    assert.equal(await focus(browser), `question: ${why.title}`);
    await press(browser, "[part=option]:nth-child(2)");
    assert.equal(await asked(browser), `3 / 3 ${words.title}`);
    await browser.type(at("textarea"), "향이 조금 강했어요.");
    await browser.press("Enter");
    await browser.type(at("textarea"), "그래도 고마워요");
    await press(browser, "[part=buttons] button");
    assert.deepEqual(await told(browser), [
      { action: "score", value: 3, question: "nps", more: true },
      { action: "choice", value: "product", question: "why", more: true },
      { action: "text", value: "향이 조금 강했어요.\n그래도 고마워요", question: "words", stay: true },
    ]);
    assert.equal(await focus(browser), `question: ${thanks}`);
    assert.equal(await browser.exists(at("[part=hide]")), false, "who has answered is not asked whether to hide it");
    await press(browser, "[part=close]");
    assert.equal((await told(browser)).length, 3, "closing the thanks tells nothing");
    assert.equal(await browser.exists("danbi-message"), false);
  },

  async "a survey without thanks closes with its last answer"({ browser }) {
    await begin(browser, message([survey([nps, why, words, stars])]));
    await press(browser, score(10));
    assert.equal(await asked(browser), `2 / 2 ${stars.title}`);
    await press(browser, star(4));
    assert.deepEqual(await told(browser), [
      { action: "score", value: 10, question: "nps", more: true }, { action: "score", value: 4, question: "stars" },
    ]);
    assert.equal(await browser.exists("danbi-message"), false);
  },

  async "a survey is answered by keys alone, and Escape turns it down"({ browser }) {
    await begin(browser, message([whole]));
    await tabTo(browser, "score: 0");
    const key = (key) => browser.press(key);
    for (const [pressed, then] of [["ArrowRight", "1"], ["ArrowRight", "2"], ["ArrowLeft", "1"], ["End", "10"], ["ArrowRight", "10"], ["Home", "0"], ["ArrowUp", "0"], ["ArrowDown", "1"]]) {
      await key(pressed);
      assert.equal(await focus(browser), `score: ${then}`, pressed);
    }
    await key("Enter");
    assert.equal(await focus(browser), `question: ${why.title}`);
    await tabTo(browser, "option");
    await key(" ");
    await tabTo(browser, "area");
    await browser.press("Escape");
    assert.deepEqual(await told(browser), [
      { action: "score", value: 1, question: "nps", more: true }, { action: "choice", value: "delivery", question: "why", more: true }, { action: "dismiss" },
    ]);
    assert.equal(await browser.exists("danbi-message"), false);
  },

  async "from right to left, arrows go where they point"({ browser }) {
    await begin(browser, message([survey([{ ...nps, next: [] }])], { lang: "ar" }));
    await tabTo(browser, "score: 0");
    await browser.press("ArrowLeft");
    assert.equal(await focus(browser), "score: 1");
    await browser.press("ArrowRight");
    assert.equal(await focus(browser), "score: 0");
    const [first, second] = await browser.evaluate(() => page.all("[part=score]").slice(0, 2).map((one) => one.getBoundingClientRect().left));
    assert.ok(first > second);
  },

  async "the way back loses nothing: another answer replaces, the same one is not told again"({ browser }) {
    await begin(browser, message([whole]));
    await press(browser, score(2));
    await press(browser, "[part=option]:nth-child(1)");
    await browser.type(at("textarea"), "반쯤 쓴 글");
    await press(browser, "[part=back]");
    assert.equal(await focus(browser), `question: ${why.title}`);
    assert.equal(await browser.text(at("[aria-current]")), "배송이 늦었어요");
    await press(browser, "[part=pass]");
    assert.equal(await browser.evaluate(() => page.one("textarea").value), "반쯤 쓴 글");
    await press(browser, "[part=back]");
    await press(browser, "[part=option]:nth-child(1)");
    await press(browser, "[part=back]");
    await press(browser, "[part=option]:nth-child(3)");
    await press(browser, "[part=back]");
    await press(browser, "[part=back]");
    assert.equal(await asked(browser), `1 / 3 ${nps.title}`);
    assert.equal(await browser.exists(at("[part=back]")), false);
    await press(browser, score(9));
    assert.equal(await asked(browser), `2 / 2 ${stars.title}`);
    assert.deepEqual(await told(browser), [
      { action: "score", value: 2, question: "nps", more: true },
      { action: "choice", value: "delivery", question: "why", more: true },
      { action: "score", value: 3, question: "why", more: true },
      { action: "score", value: 9, question: "nps", more: true },
    ]);
  },

  async "the second of a double tap answers nothing"({ browser }) {
    await begin(browser, message([survey([why, { ...why, id: "again" }])]));
    await browser.waitFor(at("[part=option]"));
    await browser.evaluate(() => {
      // As a browser does it: what lies under the finger is looked for anew each time.
      const { left, top, width, height } = page.one("[part=option]").getBoundingClientRect();
      const tap = () => page.shown.host.shadowRoot.elementFromPoint(left + width / 2, top + height / 2).click();
      tap();
      tap();
    });
    assert.equal((await told(browser)).length, 1);
    assert.equal(await asked(browser), `2 / 2 ${why.title}`);
  },

  async "what is optional may be passed over; who passes over everything has turned it down"({ browser }) {
    await begin(browser, message([survey([{ ...nps, next: [] }, words], { thanks })]));
    assert.equal(await browser.exists(at("[part=pass]")), false);
    await press(browser, score(8));
    await press(browser, "[part=pass]");
    assert.deepEqual(await told(browser), [{ action: "score", value: 8, question: "nps", more: true }, { action: "click", value: "skip", question: "words", stay: true }]);
    assert.equal(await focus(browser), `question: ${thanks}`);

    await begin(browser, message([survey([{ ...why, optional: true }, words], { thanks })]));
    await press(browser, "[part=pass]");
    await press(browser, "[part=buttons] button");
    assert.deepEqual(await told(browser), [{ action: "dismiss" }]);
    assert.equal(await browser.exists("danbi-message"), false);
  },

  async "a text is counted as readers count, and is neither cut nor sent when it is too long or missing"({ browser }) {
    await begin(browser, message([survey([{ ...words, optional: false }])]));
    const fill = (text) => browser.evaluate((text) => {
      const area = page.one("textarea");
      area.value = text;
      area.dispatchEvent(new Event("input"));
      return page.one("[part=count]").textContent;
    }, text);
    assert.equal(await fill("가족 👨‍👩‍👧‍👦 \u1100\u1161\u11a8 🇰🇷"), "8 / 1,000");
    assert.equal(await fill(`${"가".repeat(1012)}  `), "1,000자까지 쓸 수 있어요. 12자를 줄여 주세요.");
    await press(browser, "[part=buttons] button");
    assert.deepEqual(await told(browser), []);
    await browser.waitFor(() => page.said()?.includes("12자를 줄여 주세요"));
    assert.equal(await browser.attribute(at("textarea"), "aria-invalid"), "true");
    assert.match(await focus(browser), /^area: /);
    await axe(browser);
    assert.equal(await fill("  "), "0 / 1,000");
    assert.equal(await browser.attribute(at("textarea"), "aria-invalid"), null);
    await press(browser, "[part=buttons] button");
    assert.deepEqual(await told(browser), []);
    assert.match(await browser.text(at("[part=count]")), /한 글자 이상/);
    assert.equal(await fill("가".repeat(1000)), "1,000 / 1,000");
    await press(browser, "[part=buttons] button");
    assert.deepEqual(await told(browser), [{ action: "text", value: "가".repeat(1000), question: "words" }]);
  },

  async "a survey that changes while it is answered keeps its place and its draft"({ browser }) {
    await begin(browser, message([{ text: "하나" }, whole]));
    await press(browser, score(7));
    await browser.type(at("textarea"), "쓰는 중");
    const update = (view) => browser.evaluate((view) => page.shown.update(view), view);
    await update(message([{ text: "둘" }, whole]));
    assert.equal(await browser.text(at("[part=text]")), "둘");
    assert.equal(await focus(browser), "area: 쓰는 중");
    const other = { ...words, title: "Would you tell us more?" };
    await update(message([{ text: "three" }, survey([nps, why, other, stars])], { lang: "en" }));
    assert.equal(await asked(browser), `2 / 2 ${other.title}`);
    assert.equal(await browser.evaluate(() => page.one("textarea").value), "쓰는 중");
    await press(browser, "[part=back]");
    assert.equal(await asked(browser), `1 / 3 ${nps.title}`);
    assert.equal(await browser.text(at("[aria-current]")), "7");
  },

  async "a dialog without a title is called by the question that is asked"({ browser }) {
    await begin(browser, message([whole]));
    const name = () => browser.evaluate(() => page.one(`#${page.shown.top.getAttribute("aria-labelledby")}`).textContent);
    assert.equal(await name(), nps.title);
    await press(browser, score(1));
    assert.equal(await name(), why.title);
  },

  async "in a slot a survey takes no focus until it is used, and stands under a title of its own"({ browser }) {
    await begin(browser, message([{ title: "한 가지만 여쭤볼게요" }, whole], { form: "card" }));
    assert.equal(await browser.evaluate(() => document.activeElement.localName), "body");
    const host = "danbi-card";
    assert.equal(await browser.exists(at("h3[part=question]", host)), true);
    await browser.click(at(score(9), host));
    await browser.click(at(star(5), host));
    assert.equal(await focus(browser), `question: ${thanks}`);
    assert.deepEqual((await told(browser)).at(-1), { action: "score", value: 5, question: "stars", stay: true });
  },

  // --- coupons ---

  async "a coupon's code is copied by the browser itself"({ browser }) {
    await begin(browser, message([title, coupon]));
    await press(browser, "[part=copy]");
    await browser.waitFor(() => page.one("[part=copy]").textContent === "복사했어요");
    await browser.waitFor(() => page.said() === "복사했어요");
    assert.deepEqual(await told(browser), [{ action: "click", value: "copy", more: true }]);
  },

  async "copied twice is told once"({ browser }) {
    await browser.evaluate(() => page.clipboard("works"));
    await begin(browser, message([coupon], { lang: "en" }));
    await press(browser, "[part=copy]");
    await press(browser, "[part=copy]");
    assert.deepEqual(await browser.evaluate(() => page.copied), ["HAEUN-0515", "HAEUN-0515"]);
    assert.equal(await browser.text(at("[part=copy]")), "Copied");
    assert.equal((await told(browser)).length, 1);
    assert.equal(await browser.exists(at("[part=status]")), false);
  },

  async "where copying is refused or unknown, the code is selected and the words say so"({ browser }) {
    for (const how of ["refuses", "missing"]) {
      await browser.evaluate((how) => page.clipboard(how), how);
      await begin(browser, message([coupon]));
      await press(browser, "[part=copy]");
      await browser.waitFor(at("[part=status]"));
      assert.match(await browser.text(at("[part=status]")), /직접 복사해 주세요/);
      await browser.waitFor(() => page.said()?.includes("직접 복사해 주세요"));
      assert.equal(await browser.evaluate(() => page.selected()), "HAEUN-0515");
      assert.equal(await browser.text(at("[part=copy]")), "복사");
      assert.deepEqual(await told(browser), [{ action: "click", value: "copy", more: true }]);
      await press(browser, "[part=copy]");
      assert.equal(await browser.evaluate(() => page.all("[part=status]").length), 1);
      await axe(browser);
    }
  },

  // --- sharing ---

  async "KakaoTalk is the host's; nothing else happens where the host has done it"({ browser }) {
    await browser.evaluate(() => (page.sheet("shares"), page.clipboard("works")));
    await begin(browser, message([title, share("kakao", "system", "copy")]), { handled: true });
    for (const channel of ["kakao", "system", "copy", "kakao"]) await press(browser, `[part~=${channel}]`);
    const what = { title: "온새에서 3,000원 선물이 왔어요", text: "첫 주문에 쓸 수 있어요", url: await browser.evaluate(() => `${location.origin}/invite/taeo-9f3k`) };
    assert.deepEqual(JSON.parse(await browser.evaluate(() => JSON.stringify(page.shared))), ["kakao", "system", "copy", "kakao"].map((channel) => [channel, what]));
    assert.deepEqual(await browser.evaluate(() => [page.given, page.copied]), [[], []]);
    assert.deepEqual(await told(browser), ["kakao", "system", "copy"].map((value) => ({ action: "click", value, more: true })));
  },

  async "without a host KakaoTalk is the device's sheet, and without a sheet the address"({ browser }) {
    await browser.evaluate(() => (page.sheet("shares"), page.clipboard("works")));
    await begin(browser, message([share("kakao", "copy")]));
    await press(browser, "[part~=kakao]");
    assert.equal(await browser.evaluate(() => page.given.length), 1);
    assert.deepEqual(await browser.evaluate(() => page.copied), []);

    await browser.evaluate(() => page.sheet("missing"));
    await begin(browser, message([share("kakao", "system")]));
    assert.equal(await browser.exists(at("[part~=system]")), false, "what the browser cannot do is not offered");
    await press(browser, "[part~=kakao]");
    await browser.waitFor(() => page.one("[part~=kakao]").textContent === "주소를 복사했어요");
    assert.deepEqual(await browser.evaluate(() => page.copied), [await browser.evaluate(() => `${location.origin}/invite/taeo-9f3k`)]);

    await begin(browser, message([share("system")]));
    assert.equal(await browser.text(at("[part~=copy]")), "주소 복사");
  },

  async "who closes the sheet wants nothing else; a sheet that is forbidden gives way to the address"({ browser }) {
    await browser.evaluate(() => (page.sheet("AbortError"), page.clipboard("works")));
    await begin(browser, message([share("system")]));
    await press(browser, "[part~=system]");
    assert.deepEqual(await browser.evaluate(() => page.copied), []);
    assert.equal(await browser.text(at("[part~=system]")), "공유하기");

    await browser.evaluate(() => page.sheet("NotAllowedError"));
    await begin(browser, message([share("system")]));
    await press(browser, "[part~=system]");
    await browser.waitFor(() => page.copied.length === 1);

    await browser.evaluate(() => page.clipboard("refuses"));
    await begin(browser, message([title, share("system")]));
    await press(browser, "[part~=system]");
    await browser.waitFor(at("[part=status]"));
    assert.equal(await browser.evaluate(() => page.selected()), await browser.evaluate(() => `${location.origin}/invite/taeo-9f3k`));
    await axe(browser);
  },

  async "an address that no page may have is not passed on"({ browser }) {
    for (const url of ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", "https://a@b.example/"]) {
      await begin(browser, message([title, { share: { title: "선물", url, channels: ["kakao", "copy"] } }]));
      assert.equal(await browser.exists(at("[part=share]")), false, url);
      await begin(browser, message([title, { store: { name: "성수", map: url, phone: "없음" } }]));
      assert.equal(await browser.exists(at("a")), false, url);
    }
  },

  // --- stores ---

  async "a store is called and found by links, and the host is asked first"({ browser }) {
    await begin(browser, message([store]), { handled: true });
    assert.equal(await browser.text(at("address")), store.store.address);
    assert.equal(await browser.attribute(at("[part=phone]"), "href"), "tel:020000000");
    await press(browser, "[part=phone]");
    await press(browser, "[part=map]");
    assert.deepEqual(await told(browser), [
      { action: "click", value: "phone", url: "tel:020000000", more: true }, { action: "click", value: "map", url: "/?to=seongsu", more: true },
    ]);
    await begin(browser, message([store]));
    await press(browser, "[part=map]");
    await browser.waitFor(() => location.search === "?to=seongsu");
  },

  // --- HTML of the marketer's own ---

  async "own HTML runs in a frame that reaches nothing of the page"({ browser }) {
    const source = `<!doctype html><html lang="en"><title>probe</title><p id="p">x</p><script>
      const tried = (reach) => { try { return "reached " + reach(); } catch (error) { return error.name; } };
      document.title = [
        tried(() => parent.document.title), tried(() => localStorage.length), tried(() => document.cookie || "nothing"),
        tried(() => { document.cookie = "a=b"; return document.cookie || "nothing"; }), tried(() => top.page), tried(() => { top.location = "/gone"; return "top"; }),
        tried(() => String(open("/other"))), self.origin,
      ].join();
      parent.postMessage(document.title, "*");
    </script></html>`;
    await browser.evaluate(() => {
      document.cookie = "shop=1";
      localStorage.shop = "1";
      globalThis.heard = new Promise((resolve) => addEventListener("message", ({ data, origin }) => resolve([data, origin]), { once: true }));
    });
    await begin(browser, message([title, { html: { source, title: "향 고르기", height: 160 } }]));
    const frame = await browser.evaluate(() => Object.fromEntries([...page.one("iframe").attributes].map(({ name, value }) => [name, value])));
    assert.deepEqual({ ...frame, srcdoc: "" }, { part: "html", sandbox: "allow-scripts", allow: "", referrerpolicy: "no-referrer", loading: "lazy", title: "향 고르기", height: "160", srcdoc: "" });
    const [probes, origin] = await browser.evaluate(() => heard);
    const [parent, storage, cookies, written, top, navigated, opened, self] = probes.split(",");
    assert.equal(parent, "SecurityError");
    assert.equal(storage, "SecurityError");
    // WebKit lets a frame ask and tells it nothing.
    for (const cookie of [cookies, written]) assert.match(cookie, /^(SecurityError|reached nothing)$/);
    assert.equal(top, "SecurityError");
    assert.match(navigated, /^(SecurityError|reached top)$/);
    assert.match(opened, /^(reached null|\w+Error)$/);
    assert.equal(self, "null");
    assert.equal(origin, "null");
    assert.equal(await browser.evaluate(() => location.pathname), "/", "the frame cannot take the page elsewhere");
    assert.equal(await browser.evaluate(() => document.cookie), "shop=1");
    await axe(browser);
  },

  async "own HTML is left out where the shop has not allowed it"({ browser }) {
    await begin(browser, message([title, { html: { source: "<p>x", title: "x", height: 100 } }]), { html: false });
    assert.equal(await browser.exists(at("iframe")), false);
    assert.equal(await browser.exists(at("[part=title]")), true);
    const alone = await browser.evaluate((view) => page.begin(view, { html: false }).catch(({ message }) => message), message([{ html: { source: "<p>x", title: "x", height: 100 } }]));
    assert.equal(alone, "Nothing of it can be drawn.");
    assert.equal(await browser.exists("danbi-message[popover], danbi-message"), false, "nothing empty lies over the page");
  },

  // --- for everybody ---

  async "axe finds nothing, step by step, and nothing sticks out, at 320 px too"({ browser }) {
    for (const [width, least] of [[1280, 24], [320, 36]]) {
      // WebKitGTK's window is wider than that.
      await browser.resize(width, 900);
      await browser.evaluate(() => page.sheet("shares"));
      for (const blocks of [[title, coupon], [title, share("kakao", "system", "copy")], [title, store], [survey([{ ...stars, max: 10 }])]]) {
        await begin(browser, message(blocks));
        await fits(browser, least);
      }
      await begin(browser, message([whole]));
      for (const selector of [score(0), "[part=option]:nth-child(1)", "[part=pass]"]) {
        await fits(browser, least);
        await press(browser, selector);
        await axe(browser);
      }
    }
    await browser.resize(1280, 900);
  },

  async "nothing moves"({ browser }) {
    await begin(browser, message([whole], { form: "card" }));
    await browser.click(at(score(9), "danbi-card"));
    assert.equal(await browser.evaluate(() => page.shown.host.shadowRoot.getAnimations().length), 0);
  },

  async "and nothing of it made an error"({ browser }) {
    assert.deepEqual(await browser.evaluate(() => page.errors.filter((error) => error !== "a frame was listened to")), []);
  },
};

/** With what a reader or a shop has set otherwise. */
const settings = {
  // WebKitGTK's window is wider, and its text always as large.
  async "320 px wide, text of 200 %, dark"(run) {
    await run({ width: 320, height: 800, text: 32, dark: true }, async ({ browser }) => {
      for (const lang of ["ko", "en", "ar"]) {
        for (const blocks of [[whole], [survey([stars])], [survey([{ ...stars, max: 10 }])], [survey([words])], [survey([why])], [title, coupon], [title, share("kakao", "copy")], [title, store]]) {
          await begin(browser, message(blocks, { lang }));
          await fits(browser, 24);
        }
      }
      await begin(browser, message([whole]));
      await press(browser, score(9));
      await axe(browser);
      await press(browser, "[part=back]");
      await axe(browser);
    });
  },
  async "under the strictest policy, which forbids the clipboard too"(run) {
    await run({ csp: strict, headers: { "Permissions-Policy": "clipboard-write=()" } }, async ({ browser, engine }) => {
      // The others do not know that policy.
      if (engine !== "chromium") await browser.evaluate(() => page.clipboard("refuses"));
      await begin(browser, message([title, coupon, share("kakao", "copy"), store, { html: { source: "<p>x", title: "x", height: 100 } }, whole]));
      assert.equal(await browser.exists(at("iframe")), false, "a string is no HTML here");
      const failed = await browser.evaluate(() => page.failed);
      assert.deepEqual(failed, ["TypeError"]);
      await press(browser, "[part=copy]");
      await browser.waitFor(at("[part=status]"));
      assert.equal(await browser.evaluate(() => page.selected()), "HAEUN-0515");
      await press(browser, score(1));
      assert.equal((await told(browser)).length, 2);
    });
  },
};

const folder = mkdtempSync(join(tmpdir(), "danbi-extras-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
cpSync(here("extras/index.html"), join(folder, "index.html"));
cpSync(here("../../node_modules/axe-core/axe.min.js"), join(folder, "axe.min.js"));
await build({ entryPoints: [here("extras/page.js")], outdir: folder, bundle: true, splitting: true, format: "esm", target: "es2022" });

for (const engine of Object.keys(engines)) {
  /** A browser on the page, set so, for as long as `act` takes. */
  const run = async ({ csp, headers, ...set }, act) => {
    const site = await serve({ folder, csp, headers });
    const browser = await launch(engine, set);
    try {
      await browser.open(site.url);
      await browser.waitFor(() => globalThis.page !== undefined);
      await act({ browser, site, engine });
    } finally {
      await browser.close();
      await site.close();
    }
  };
  test(engine, async (group) => {
    await run({}, async ({ browser, site }) => {
      for (const [name, scene] of Object.entries(scenes)) {
        await group.test(name, async () => {
          if (await browser.evaluate(() => location.pathname + location.search !== "/")) await browser.open(site.url);
          await scene({ browser, site });
        });
      }
    });
    for (const [name, act] of Object.entries(settings)) await group.test(name, () => act(run));
  });
}
