/** What goes wrong at the Studio — broken bundles, links, files, memory — ends in a clear message: nothing is lost, undoing works, nothing is thrown. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { after, afterEach, before, test } from "node:test";
import { studio } from "./studio.mjs";

const shop = readFileSync(new URL("../../www/bundles/onsae.json", import.meta.url), "utf8");
const seojun = "시카 앰플 C를";

let site, browser, open, sees, openFile, fill, clock, happen, tells, close, thrown;
before(async () => {
  ({ site, browser, open, sees, openFile, fill, clock, happen, tells, close, thrown } = await studio());
});
after(() => close?.());
// The bare frame, on which the tests begin, has no icon.
afterEach(() => assert.deepEqual(thrown.splice(0).filter((what) => !what.endsWith("/favicon.ico")), [], "nothing is thrown, and nothing told on the console"));

const asEver = () => sees("서준 as ever", ({ over }) => over.includes(seojun));
/** Opens the Studio again on what this browser keeps. */
async function again(hash = "", ready = "@why-cart") {
  await browser.open("about:blank");
  await browser.open(`${site.url}studio.html${hash}`);
  await browser.waitFor(ready);
}
/** Opens the Studio on something that this browser is said to have kept. */
async function on(kept) {
  await open();
  await browser.evaluate((kept) => localStorage.setItem("danbi-studio", kept), kept);
  await again();
}
const text = (selector) => browser.text(selector);
const link = (state) => `#s=${deflateRawSync(JSON.stringify(state)).toString("base64url")}`;
const state = { v: 1, chosen: "haeun", at: Date.parse("2026-05-12T10:00:00+09:00"), page: "my_page", language: "ko", frame: "phone", looks: {} };
async function paste(words) {
  await browser.click("@tab-edit");
  await browser.click("@edit-asText");
  await browser.waitFor(".cm-content");
  // As a clipboard hands it over.
  await browser.evaluate((words) => {
    const place = find(".cm-content"), data = new DataTransfer();
    data.setData("text/plain", words);
    place.focus();
    getSelection().selectAllChildren(place);
    place.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, words);
}

const cut = shop.slice(0, shop.length / 2);
const errors = () => browser.evaluate(() => document.querySelectorAll('.error[data-testid="finding"]').length);
const undone = () => browser.waitFor(() => find('[data-testid="not-json"]') === null && find('.error[data-testid="finding"]') === null && find('[data-testid="bundle-first"]').disabled);

test("a file that is no bundle is not opened, and that is told", async () => {
  await open();
  await browser.click("@tab-edit");
  await browser.waitFor("@bundle-open");
  const files = { cut, page: "<!doctype html><p>502</p>", list: "[1, 2, 3]", nothing: "null", empty: "", deep: "[".repeat(50_000) + "]".repeat(50_000), other: '{"orders":[]}' };
  for (const [name, words] of Object.entries(files)) {
    await openFile("@bundle-open", `${name}.json`, words);
    await browser.waitFor((name) => find('[data-testid="import-wrong"]')?.innerText.startsWith(`${name}.json`), { args: [name] });
    await undone();
  }
  await browser.click("@tab-preview");
  await asEver();
});

test("a bundle with mistakes: they are told, the last good one goes on, one press undoes it", async () => {
  await open();
  await browser.click("@tab-edit");
  await browser.waitFor("@bundle-open");
  const bundles = {
    "a number too large": shop.replace('"share": 0.05', '"share": 1e999'),
    "a zone that nobody knows": shop.replace("Asia/Seoul", "Asia/Seol"),
    "campaigns that are no list": shop.replace('"campaigns": [', '"campaigns": 5, "more": ['),
    "members of other types": shop.replace('"priority": 60', '"priority": "60"').replace('"label": { "ko": "장바구니 알림", "en": "Cart reminder" }', '"label": 5'),
    "a campaign that is none": shop.replace('"campaigns": [', '"campaigns": [null, 5, "cart", [],'),
  };
  for (const [what, bundle] of Object.entries(bundles)) {
    assert.notEqual(bundle, shop, what);
    await openFile("@bundle-open", "bundle.json", bundle);
    await browser.waitFor('.error[data-testid="finding"]').catch((error) => assert.fail(`${what}: ${error.message}`));
    await browser.click("@tab-preview");
    await browser.waitFor("@last-good");
    await asEver();
    await browser.click("@tab-edit");
    await browser.click("@undo");
    await undone();
    assert.equal(await errors(), 0, what);
  }
});

test("a malformed bundle, pasted over all; it outlives a reload", async () => {
  await open();
  await paste(cut);
  await browser.waitFor("@not-json");
  await browser.click("@undo");
  await undone();
  await browser.click("@redo");
  await browser.waitFor("@not-json");
  await again();
  await browser.waitFor("@last-good");
  await asEver();
  await browser.click("@tab-edit");
  await browser.waitFor("@not-json");
  await browser.click("@bundle-first");
  await undone();
});

const vast = JSON.stringify({ ...JSON.parse(shop), note: "가".repeat(1_750_000) });
test("a bundle of 5 MB, as a file and pasted: it is told, and undone", async () => {
  assert.ok(Buffer.byteLength(vast) > 5e6);
  await open();
  await browser.click("@tab-edit");
  await browser.waitFor("@bundle-open");
  await openFile("@bundle-open", "bundle.json", vast);
  await browser.waitFor(() => /bundle\.json 파일은 5\.\d MB라 열 수 없어요/.test(find('[data-testid="import-wrong"]')?.innerText));
  await undone();
  await paste(vast);
  await browser.waitFor(() => /4 MB/.test(find('[data-testid="not-json"]')?.innerText));
  await browser.click("@tab-preview");
  await asEver();
  await browser.click("@tab-edit");
  await browser.click("@undo");
  await undone();
});

const rubbish = {
  "no deflate": "#s=AAAA",
  "no base64": "#s=%%%",
  "nothing": "#s=",
  "of a time that no clock shows": link({ ...state, at: 1e300 }),
  "of a time before 1970": link({ ...state, at: -1 }),
  "shoppers that are none": link({ ...state, shoppers: { length: 3 } }),
  "lines of rubbish": link({ ...state, shoppers: [{ id: "haeun", name: { ko: "a", en: "a" }, about: { ko: "", en: "" }, page: "home", language: "ko", lines: [null, 5, { type: "track" }] }] }),
  "a page that is none": link({ ...state, page: { toString: 1 } }),
  "a device that is none": link({ ...state, frame: "fridge" }),
  "a bundle that is no text": link({ ...state, source: { bundle: "x" } }),
  "a list": link([]),
};
test("a link that is broken changes nothing and says so; one of another version says that", async () => {
  await open();
  await asEver();
  for (const [what, hash] of Object.entries(rubbish)) {
    await browser.evaluate((hash) => { location.hash = hash; }, hash);
    await browser.waitFor(() => /잘렸거나 망가져서/.test(find('[data-testid="told"]')?.innerText)).catch((error) => assert.fail(`${what}: ${error.message}`));
    assert.equal(await browser.attribute("@shopper-seojun", "aria-pressed"), "true", what);
  }
  await browser.evaluate((hash) => { location.hash = hash; }, link({ ...state, v: 2 }));
  await browser.waitFor(() => /다른 판의/.test(find('[data-testid="told"]')?.innerText));
  await asEver();
  await browser.evaluate((hash) => { location.hash = hash; }, link({ ...state, forced: { campaign: "of_another", step: null, variant: null } }));
  await browser.waitFor(() => /이 번들에 없어서/.test(find('[data-testid="told"]')?.innerText));
  await sees("하은 as a visitor", ({ over }) => over.includes("하은님, 생일 축하해요!"));
});

test("a link with a bundle: undoing brings one's own back", async () => {
  await open();
  await browser.evaluate((hash) => { location.hash = hash; }, link({ ...state, source: shop.replaceAll("생일 축하해요!", "생일을 축하드려요!") }));
  await sees("the link's", ({ over }) => over.includes("생일을 축하드려요!"));
  await browser.click("@tab-edit");
  await browser.click("@undo");
  await browser.click("@tab-preview");
  await sees("one's own", ({ over }) => over.includes("생일 축하해요!"));
});

test("no room left in this browser: it is told, nothing is lost, and told no more when there is room", async () => {
  await open();
  await browser.evaluate(() => {
    // To the last letter.
    for (let size = 4e6, n = 0; size >= 1; )
      try {
        localStorage.setItem(`full-${n++}`, "x".repeat(size));
      } catch {
        size = Math.floor(size / 4);
      }
  });
  await happen("view_item", { items: [] });
  await browser.waitFor("@unkept");
  assert.match(await text("@unkept"), /더 적을 자리가 없어요/);
  await browser.waitFor(() => [...document.querySelectorAll("[data-line]")].length === 9);
  await browser.evaluate(() => { for (const key of Object.keys(localStorage)) if (key.startsWith("full-")) localStorage.removeItem(key); });
  await happen("view_item", { items: [] });
  await browser.waitFor(() => find('[data-testid="unkept"]') === null);
  await again();
  await browser.click("@shopper-seojun");
  await browser.waitFor(() => [...document.querySelectorAll("[data-line]")].length === 10);
});

test("what was kept and cannot be read stays until something is changed", async () => {
  for (const kept of ["{", "null", "5", '{"shoppers":{}}', '{"source":5}', '{"shoppers":[{"id":"seojun","lines":[1]}]}']) {
    await on(kept);
    await browser.waitFor("@unread");
    await asEver();
    assert.equal(await browser.evaluate(() => localStorage["danbi-studio"]), kept);
  }
  await happen("view_item", { items: [] });
  await browser.waitFor(() => find('[data-testid="unread"]') === null);
});

test("a file that holds no shopper: it is told, and nobody is added", async () => {
  await open();
  const people = () => browser.evaluate(() => document.querySelectorAll(".people li").length);
  const before = await people();
  for (const [name, words] of [["a.json", "{}"], ["a.json", "[]"], ["a.txt", "hello"], ["a.json", "null"], ["a.json", '{"events":[1,null,{"type":"track"}]}'], ["a.json", '[{"type":"track","timestamp":"yesterday"}]'], ["a.png", "\u0000\u0001"]]) {
    await openFile("@shopper-import", name, words);
    await browser.waitFor(() => /쇼퍼 파일이 아니에요/.test(document.body.innerText));
  }
  assert.equal(await people(), before);
  await openFile("@shopper-import", "새봄.ndjson", '{"type":"identify","userId":"u","timestamp":"2026-05-12T10:00:00+09:00","traits":{"name":"새봄"}}\n');
  await browser.waitFor(() => [...document.querySelectorAll(".people strong")].some(({ innerText }) => innerText === "새봄"));
  assert.equal(await people(), before + 1);
});

test("events that nobody understands are told, and the rest goes on", async () => {
  await open();
  await fill("@event-properties", '{"value": 1e999}');
  await browser.click("@event-add");
  await browser.waitFor(() => /[0-9a-z_]/.test(find('[data-testid="refusal"]')?.innerText ?? ""));
  await browser.click("@shopper-haeun");
  await sees("하은", ({ over }) => over.includes("하은님, 생일 축하해요!"));
  await clock("2026-05-12T10:00:00");
  await tells("등급 꽃");
});

// The last one: from here on the browser keeps nothing.
test("a browser that keeps nothing: the Studio works, and says so once there is something to keep", async () => {
  await open();
  const script = () => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
  await browser.engine.before(script);
  await again();
  await asEver();
  assert.equal(await browser.exists("@unkept"), false);
  await happen("danbi_declare", { birthday: "05-14" });
  await browser.waitFor("@unkept");
  assert.match(await text("@unkept"), /기록을 막아 두었어요/);
  await sees("with a birthday", ({ slots }) => Object.keys(slots).length > 0);
});
