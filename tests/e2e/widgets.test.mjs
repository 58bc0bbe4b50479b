/** Progress as shoppers see it, hear it and set their device for it, in three engines. */
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

const levels = [["씨앗", "0원"], ["잎", "100,000원"], ["꽃", "400,000원"], ["열매", "700,000원"], ["정원", "1,000,000원"]];
const rungs = (held) => levels.map(([label, from], index) => ({ id: `level${index}`, label, from, reached: index <= held }));
const leaf = { id: "main", label: "등급", level: "잎", value: "372,000원", next: { label: "꽃", target: "400,000원", remaining: "28,000원" }, percent: 93, rungs: rungs(1) };
const garden = { id: "main", label: "등급", level: "정원", value: "1,320,000원", percent: 100, rungs: rungs(4) };
const reviewer = { id: "reviewer", label: "후기", level: 2, levels: 5, value: 4, target: 10, got: true };
const sprout = { id: "sprout", label: "후기 새싹", level: 1, levels: 1, value: 1, target: null, got: true };
const photographer = { id: "photos", label: "사진 후기", level: 0, levels: 5, value: 0, target: 1, got: false };
const open = { id: "reviews", label: "후기 미션", status: "open", done: 2, need: 3, deadline: "7월 11일(토)", reward: "2,000P" };
const done = { id: "profile", label: "프로필 채우기", status: "done", done: 2, need: 2, reward: "300P" };
const missed = { id: "april", label: "4월 후기", status: "missed", done: 1, need: 3, deadline: "4월 30일(목)", reward: "1,000P" };
const states = { n: "none", d: "done", m: "missed", f: "frozen", t: "today", a: "ahead" };
/** Four weeks from Monday 20 April 2026 on. */
const days = (pattern) => [...pattern].map((state, index) => ({ date: new Date(Date.UTC(2026, 3, 20 + index)).toISOString().slice(0, 10), state: states[state] }));
const diary = { id: "diary", label: "피부 일기", unit: "day", length: 3, best: 9, freezes: 2, days: days("nnnnnddddmdddfdddddmdddtaaaa") };
const scents = { id: "scents", label: "봄 향기", have: 2, need: 3, items: [{ id: "a", label: "매화", got: true }, { id: "b", label: "라일락", got: false }, { id: "c", label: "작약", got: true }] };
const point = { id: "point", label: "포인트", active: "8,300P", pending: "2,050P", expiring: { amount: "8,000P", date: "5월 26일(화)" }, status: "projected" };
const coupon = { id: "welcome", label: "재방문 쿠폰", state: "granted", until: "6월 19일(금)" };
const blocks = {
  tier: leaf, badges: { items: [reviewer, sprout, photographer] }, missions: { items: [open, done, missed] }, streak: diary, collection: scents,
  wallet: { currencies: [point], rewards: [coupon, { id: "used", label: "첫 쿠폰", state: "used", until: "5월 1일(금)" }] },
};
const all = Object.entries(blocks).map(([kind, content]) => ({ [kind]: content }));
const card = (blocks, lang = "ko") => ({ form: "card", lang, close: "", blocks });

// --- helpers ---

const begin = (browser, view) => browser.evaluate((view) => page.begin(view), view);
const draw = (browser, kind, content, lang) => begin(browser, card([{ [kind]: content }], lang));
const text = (browser, selector) => browser.evaluate((selector) => page.all(selector).map((one) => one.innerText.trim().replace(/\s+/g, " ")), selector);
const parts = (browser, selector) => browser.evaluate((selector) => page.all(selector).map((one) => one.getAttribute("part")), selector);
/** What a screen reader is told of each: its words, without the shapes, which are hidden from it. */
const heard = (browser, selector) => browser.evaluate((selector) => page.all(selector).map((one) => {
  const copy = one.cloneNode(true);
  for (const shape of copy.querySelectorAll("[aria-hidden=true]")) shape.remove();
  const words = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT), found = [];
  while (words.nextNode()) found.push(words.currentNode.data.trim());
  return found.join(" ").replaceAll("\u2060", "");
}), selector);
const bar = (browser) => browser.evaluate(() => {
  const bar = page.one("[role=progressbar]");
  return bar && { label: bar.ariaLabel, now: bar.ariaValueNow, words: bar.ariaValueText, filled: Math.floor(parseFloat(bar.firstElementChild.style.inlineSize)) };
});
async function axe(browser) {
  await browser.evaluate(() => globalThis.axe ? null : new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src: "axe.min.js", onload: () => resolve(), onerror: () => reject(new Error("no axe")) }));
  }));
  assert.deepEqual(await browser.evaluate(async () => {
    // While it comes in, it is half transparent.
    await Promise.all(page.shown.top.getAnimations({ subtree: true }).map(({ finished }) => finished));
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }), []);
}
/** Nothing sticks out of the card, nor out of what stands in it. */
const fits = async (browser, what) => assert.deepEqual(await browser.evaluate(() => {
  const { top } = page.shown, { left, right } = top.getBoundingClientRect();
  const over = [...top.querySelectorAll("*:not([part=heard],svg *)")].filter((element) => element.getClientRects().length > 0).filter((element) => {
    const box = element.getBoundingClientRect();
    return box.left < left - 1 || box.right > right + 1;
  });
  return [...over.map(({ outerHTML }) => outerHTML.slice(0, 120)), ...(top.scrollWidth > top.clientWidth || document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : [])];
}), [], what);

const scenes = {
  async "a tier card tells the level, what is missing, and where it stands among all"({ browser }) {
    await draw(browser, "tier", leaf);
    assert.deepEqual(await text(browser, "[part=standing], [part=strong], [part=pair] span"), ["잎", "꽃까지 28,000원 남았어요", "372,000원", "400,000원"]);
    assert.deepEqual(await bar(browser), { label: "등급", now: "93", words: "꽃까지 28,000원 남았어요", filled: 93 });
    assert.deepEqual(await heard(browser, "ol > li"), ["씨앗 0원", "잎 지금 100,000원", "꽃 400,000원", "열매 700,000원", "정원 1,000,000원"]);
    assert.deepEqual(await browser.evaluate(() => page.all("li").map((one) => one.ariaCurrent)), [null, "step", null, null, null]);
    assert.deepEqual(await parts(browser, "[part~=mark]"), ["mark done", "mark here", "mark open", "mark open", "mark open"], "the shapes differ, not the colours alone");
  },

  async "the highest level has nothing to fill"({ browser }) {
    await draw(browser, "tier", garden);
    assert.deepEqual(await text(browser, "[part=standing], [part=strong], [part=pair]"), ["정원", "가장 높은 단계예요", "1,320,000원"]);
    assert.equal(await bar(browser), null);
    await draw(browser, "tier", { ...leaf, rungs: [] });
    assert.equal(await browser.evaluate(() => page.one("ol")), null);
  },

  async "a bar is never fuller than full, nor emptier than empty"({ browser }) {
    for (const [percent, now] of [[99.99, "99"], [100, "100"], [340, "100"], [-3, "0"]]) {
      await draw(browser, "tier", { ...leaf, percent });
      assert.equal((await bar(browser)).now, now);
    }
  },

  async "badges are a list: got or not, which level, how far the next is"({ browser }) {
    await draw(browser, "badges", blocks.badges);
    assert.equal(await browser.evaluate(() => page.one("ul").ariaLabel), "배지");
    assert.deepEqual(await heard(browser, "li"), ["후기 5단계 중 2단계 다음까지 4 / 10", "후기 새싹 받았어요", "사진 후기 아직이에요 0 / 1"]);
    assert.deepEqual(await parts(browser, "svg"), ["medal got", "medal got", "medal"]);
    await draw(browser, "badges", { items: [{ ...reviewer, level: 5, value: 1234567, target: null }, { ...reviewer, value: 1234, target: 5000 }] }, "en");
    assert.deepEqual(await heard(browser, "li"), ["후기 Level 5 of 5", "후기 Level 2 of 5 Next: 1,234 / 5,000"]);
  },

  async "missions are open, done or missed, each in words and with a shape of its own"({ browser }) {
    await draw(browser, "missions", blocks.missions);
    assert.deepEqual(await heard(browser, "li"), ["후기 미션 2,000P 3번 중 2번 7월 11일(토)까지", "프로필 채우기 300P 다 했어요", "4월 후기 1,000P 기한이 지났어요"]);
    assert.deepEqual(await parts(browser, "[part~=mark]"), ["mark open", "mark done", "mark missed"]);
    assert.deepEqual(await bar(browser), { label: "후기 미션", now: "66", words: "3번 중 2번", filled: 66 });
    assert.equal(await browser.evaluate(() => page.all("[role=progressbar]").length), 1, "what is over has no bar");
    await draw(browser, "missions", { items: [{ ...open, done: 0, need: 0, deadline: undefined, reward: undefined }, { ...open, done: 18, need: 60 }] }, "en");
    assert.deepEqual(await heard(browser, "li"), ["후기 미션 0 of 0", "후기 미션 2,000P 18 of 60 until 7월 11일(토)"]);
  },

  async "a streak's four weeks are a table whose days are told in words"({ browser }) {
    await draw(browser, "streak", diary);
    assert.deepEqual(await text(browser, "[part=standing], [part=small]"), ["피부 일기", "3일 연속", "가장 길게 9일 · 쉬어 가기 2번 남음", "4월 20일 – 5월 17일"]);
    assert.deepEqual(await heard(browser, "th"), ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"]);
    assert.deepEqual(await text(browser, "th > [aria-hidden]"), ["월", "화", "수", "목", "금", "토", "일"]);
    const told = await heard(browser, "td");
    assert.equal(told.length, 28);
    assert.deepEqual([0, 5, 9, 13, 23, 24].map((index) => told[index]), ["20 기록 없음", "25 했어요", "29 못 했어요", "3 쉬어 갔어요", "13 아직이에요", "14 앞으로 올 날"]);
    assert.deepEqual(await browser.evaluate(() => page.all("td[aria-current=date]").map((one) => one.querySelector("span:nth-child(2)").textContent)), ["13"]);
    assert.equal(new Set(await parts(browser, "[part~=mark]")).size, 6, "six states, six shapes");
    assert.equal(await browser.evaluate(() => page.one("table").ariaLabel), "피부 일기");
  },

  async "weeks begin where the days begin, and a streak counts what it counts"({ browser }) {
    await draw(browser, "streak", { ...diary, unit: "week", length: 1, best: 12, freezes: 0, days: diary.days.slice(6).concat(diary.days.slice(0, 6)) }, "en");
    assert.deepEqual(await heard(browser, "th"), ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]);
    assert.deepEqual(await text(browser, "[part=standing], [part=head] ~ [part=small]"), ["1 week in a row", "Best: 12 weeks", "26 April – 25 April"]);
    await draw(browser, "streak", { ...diary, unit: "month", length: 0, best: 0, freezes: 0, days: [] });
    assert.deepEqual(await text(browser, "[part=widget], p"), ["피부 일기", "오늘부터 시작해요"]);
    assert.equal(await browser.evaluate(() => page.one("table")), null);
  },

  async "a collection has places for what is to come"({ browser }) {
    await draw(browser, "collection", scents);
    assert.deepEqual(await text(browser, "[part=standing]"), ["3개 중 2개"]);
    assert.deepEqual(await heard(browser, "li"), ["매화 모았어요", "라일락 아직이에요", "작약 모았어요"]);
    assert.deepEqual(await parts(browser, "svg"), ["medal got", "medal", "medal got"]);
    assert.equal(await browser.evaluate(() => page.one("ul").ariaLabel), "봄 향기");
    await draw(browser, "collection", { ...scents, have: 3 }, "en");
    assert.deepEqual(await text(browser, "[part=standing]"), ["All collected"]);
  },

  async "a wallet tells what can be used, what comes, what goes, and what is only projected"({ browser }) {
    await draw(browser, "wallet", blocks.wallet);
    assert.deepEqual(await heard(browser, "[part=purse]"), ["포인트 예상 8,300P 적립 예정 2,050P 5월 26일(화)에 사라져요 8,000P"]);
    assert.deepEqual(await heard(browser, "li"), ["재방문 쿠폰 쓸 수 있어요 6월 19일(금)까지", "첫 쿠폰 썼어요"]);
    assert.deepEqual(await text(browser, "[part~=wallet] > p"), ["예상 금액은 쇼핑몰이 확인하면 확정돼요."]);
    await draw(browser, "wallet", { currencies: [{ id: "point", label: "Points", active: "0P", status: "confirmed" }], rewards: [] }, "en");
    assert.deepEqual(await heard(browser, "[part~=wallet]"), ["Points 0P"]);
    const every = ["available", "locked", "held", "granted", "used", "expired", "revoked"];
    await draw(browser, "wallet", { currencies: [], rewards: every.map((state) => ({ id: state, label: state, state, until: "Fri, 19 June" })) }, "en");
    assert.deepEqual(await heard(browser, "li"), [
      "available Can be taken until Fri, 19 June", "locked Locked", "held Being confirmed until Fri, 19 June", "granted Ready to use until Fri, 19 June",
      "used Used", "expired Expired", "revoked Taken back",
    ]);
  },

  async "nothing yet is said calmly"({ browser }) {
    const empty = { badges: { items: [] }, missions: { items: [] }, collection: { ...scents, items: [] }, wallet: { currencies: [], rewards: [] } };
    const said = { ko: [], en: [] };
    for (const lang of ["ko", "en"]) {
      for (const [kind, content] of Object.entries(empty)) {
        await draw(browser, kind, content, lang);
        said[lang].push(...(await text(browser, "[part~=empty]")));
      }
      await axe(browser);
    }
    assert.deepEqual(said, {
      ko: ["아직 배지가 없어요.", "지금은 미션이 없어요.", "아직 모을 것이 없어요.", "지갑이 아직 비어 있어요."],
      en: ["No badges yet.", "No missions right now.", "Nothing to collect yet.", "Your wallet is still empty."],
    });
  },

  async "strings stay text, whatever they hold"({ browser }) {
    const evil = `"><img src=x onerror="window.broken=1"><script>window.broken=1</script>{{7*7}}\u202Eabc` + "가".repeat(400);
    const poisoned = (value) => typeof value === "string" ? evil : value && typeof value === "object" ? (Array.isArray(value) ? value.map(poisoned) : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ["date", "state", "unit", "status"].includes(key) && typeof inner === "string" && kept.has(inner) ? inner : poisoned(inner)]))) : value;
    const kept = new Set([...Object.values(states), ...diary.days.map(({ date }) => date), "day", "open", "done", "missed", "projected", "granted", "used"]);
    await begin(browser, card(all.map(poisoned)));
    assert.equal(await browser.evaluate(() => window.broken ?? "whole"), "whole");
    assert.deepEqual(await browser.evaluate(() => {
      const tags = new Set(), names = new Set();
      for (const element of page.shown.top.querySelectorAll("*")) {
        tags.add(element.localName);
        for (const { name } of element.attributes) names.add(name);
      }
      return { tags: [...tags].sort(), names: [...names].sort() };
    }), {
      tags: ["circle", "div", "li", "ol", "p", "path", "span", "svg", "table", "tbody", "td", "text", "th", "thead", "tr", "ul"].filter((tag) => tag !== "circle"),
      names: ["aria-current", "aria-hidden", "aria-label", "aria-valuenow", "aria-valuetext", "d", "part", "pathLength", "role", "scope", "stroke-dasharray", "style", "viewBox", "x", "y"],
    });
    await fits(browser, "hostile");
    await axe(browser);
  },

  async "sixty of each, and very large numbers, fit"({ browser }) {
    const many = (item) => Array.from({ length: 60 }, (_, index) => ({ ...item, id: String(index) }));
    const huge = "9,007,199,254,740,991원";
    await begin(browser, card([
      { badges: { items: many({ ...reviewer, value: Number.MAX_SAFE_INTEGER - 1, target: Number.MAX_SAFE_INTEGER, level: 59, levels: 60 }) } },
      { missions: { items: many({ ...open, done: 7e9, need: 9e9 }) } }, { collection: { ...scents, have: 59, need: 60, items: many(scents.items[0]) } },
      { wallet: { currencies: many({ ...point, active: huge, pending: huge }), rewards: many(coupon) } }, { tier: { ...leaf, value: huge, next: { ...leaf.next, remaining: huge, target: huge }, rungs: many({ label: "정원사의 긴 이름을 가진 등급", from: huge, reached: true }) } },
    ]));
    assert.deepEqual(await browser.evaluate(() => page.all("ul, ol").map(({ childElementCount }) => childElementCount)), [60, 60, 60, 60, 60]);
    await fits(browser, "sixty");
  },

  async "the same again touches nothing; what has changed is drawn anew"({ browser }) {
    await begin(browser, card(all));
    assert.deepEqual(await browser.evaluate((view) => {
      const before = page.all("li, td, svg");
      page.shown.update(structuredClone(view));
      const same = page.all("li, td, svg").every((one, index) => one === before[index]);
      view.blocks[0].tier.level = "꽃";
      page.shown.update(view);
      return [same, page.one("[part=standing]").textContent, page.all("td").every((one) => before.includes(one)), page.shown.host.shadowRoot.adoptedStyleSheets.length];
    }, card(all)), [true, "꽃", true, 2]);
  },

  async "axe finds nothing, in any language and form"({ browser }) {
    for (const lang of ["ko", "en", "ar"]) {
      await begin(browser, card(all, lang));
      await axe(browser);
      await fits(browser, lang);
    }
    await begin(browser, { ...card(all), form: "modal", close: "닫기" });
    await axe(browser);
    await fits(browser, "modal");
  },

  async "nothing moves"({ browser }) {
    await begin(browser, card(all));
    assert.equal(await browser.evaluate(() => page.shown.host.shadowRoot.getAnimations?.().length ?? 0), 0);
  },

  async "and nothing of it made an error"({ browser }) {
    assert.deepEqual(await browser.evaluate(() => page.errors), []);
  },
};

/** With what a reader or a shop has set otherwise. */
const settings = {
  async "320 px wide with text of 200 %"(run) {
    await run({ width: 320, height: 800, text: 32 }, async ({ browser }) => {
      for (const lang of ["ko", "en", "ar"]) {
        for (const block of all) {
          await begin(browser, card([block], lang));
          await fits(browser, `${lang} ${Object.keys(block)}`);
        }
      }
    });
  },
  async "320 px wide"(run) {
    await run({ width: 320, height: 600 }, async ({ browser }) => {
      await begin(browser, card(all));
      await fits(browser, "narrow");
      const columns = (selector) => browser.evaluate((selector) => new Set(page.all(selector).map((one) => one.getBoundingClientRect().left)).size, selector);
      assert.equal(await columns("ol > li"), 1, "levels stand one below the other");
    });
  },
  async "wide, levels stand side by side"(run) {
    await run({ width: 1000, height: 800 }, async ({ browser }) => {
      await begin(browser, card([{ tier: leaf }]));
      assert.equal(await browser.evaluate(() => new Set(page.all("ol > li").map((one) => one.getBoundingClientRect().top)).size), 1);
    });
  },
  async dark(run) {
    await run({ dark: true }, async ({ browser }) => {
      await begin(browser, { ...card(all), form: "modal", close: "닫기" });
      await axe(browser);
    });
  },
  async "under the strictest policy"(run) {
    await run({ csp: strict }, async ({ browser }) => {
      await browser.evaluate(() => {
        globalThis.broken = [];
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => broken.push(effectiveDirective));
      });
      await begin(browser, card(all));
      assert.equal((await bar(browser)).filled, 93);
      assert.deepEqual(await browser.evaluate(() => broken), []);
    });
  },
};

const folder = mkdtempSync(join(tmpdir(), "danbi-widgets-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
cpSync(here("extras/index.html"), join(folder, "index.html"));
cpSync(here("../../node_modules/axe-core/axe.min.js"), join(folder, "axe.min.js"));
await build({ entryPoints: [here("extras/page.js")], outdir: folder, bundle: true, splitting: true, format: "esm", target: "es2022" });

for (const engine of Object.keys(engines)) {
  /** A browser on the page, set so, for as long as `act` takes. */
  const run = async ({ csp, ...set }, act) => {
    const site = await serve({ folder, csp });
    const browser = await launch(engine, set);
    try {
      await browser.open(site.url);
      await browser.waitFor(() => globalThis.page !== undefined);
      await act({ browser });
    } finally {
      await browser.close();
      await site.close();
    }
  };
  test(engine, async (group) => {
    await run({}, async ({ browser }) => {
      for (const [name, scene] of Object.entries(scenes)) await group.test(name, () => scene({ browser }));
    });
    for (const [name, act] of Object.entries(settings)) await group.test(name, () => act(run));
  });
}
