/** The pre-launch check, in Chromium: what is planted is found, what is mended is gone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

const bundle = JSON.parse(readFileSync(new URL("../../www/bundles/onsae.json", import.meta.url), "utf8"));
let browser, open, openFile, pick, violations, close;
before(async () => {
  ({ browser, open, openFile, pick, violations, close } = await studio());
});
after(() => close?.());

let loaded = 0;
/** The bundle as a marketer would have it before them, opened as a file; another campaign's name tells that it is the one looked at. */
const load = async (change) => {
  const changed = structuredClone(bundle), [{ label }] = changed.campaigns;
  label.ko = `환영 인사 ${++loaded}`;
  change?.(changed, (id) => changed.campaigns.find((one) => one.id === id));
  await browser.click("@tab-edit");
  await browser.waitFor("@bundle-open");
  await openFile("@bundle-open", "bundle.json", JSON.stringify(changed, null, 2));
  await browser.click("@tab-check");
  await browser.waitFor((text) => find("[data-testid=check-campaign]")?.innerText.includes(text), { args: [label.ko] });
};
/** Checks one campaign, and what was found by code. */
const check = async (campaign) => {
  if (!(await browser.exists("@check-campaign"))) await browser.click("@tab-check");
  await browser.waitFor(`[data-testid=check-campaign] option[value="${campaign}"]`);
  await pick("@check-campaign", campaign);
  await browser.waitFor(() => find("[data-testid=check-run]") && !find("[data-testid=check-stale]") && find("[data-testid=check-says]"), { timeout: 60_000 });
  return browser.evaluate(() => [...document.querySelectorAll(".found > li")].map((one) => one.dataset.testid.slice("found-".length)).sort());
};
const step = (campaign) => campaign.steps[0].message;

test("a campaign of the demo: measured, nothing to mend, and no key is taken from who types", async () => {
  await open();
  await browser.click("@tab-check");
  await browser.waitFor("@check-stop");
  await browser.evaluate(() => find("[data-testid=check-campaign]").focus());
  assert.deepEqual(await check("cart"), []);
  assert.match(await browser.text("@check-says"), /메시지 3개를 한국어·영어 화면 6장으로 320px에서 재었어요/);
  assert.equal(await browser.evaluate(() => document.activeElement?.dataset.testid), "check-campaign");
  assert.deepEqual(await violations(), []);
});

test("what is planted is found, with the place and the remedy; what is mended is gone", async () => {
  await open();
  await load((all, campaign) => {
    const cart = campaign("cart");
    cart.caps = [];
    const [image, title, , { buttons }] = step(cart).blocks;
    delete image.image.alt;
    title.title = { ko: "{{ user.nickname }}님, 장바구니에 담아두셨어요", en: "Still in your bag" };
    buttons[0].url = "#/crat";
    cart.audience.push({ when: { "context.cart.value": { $lt: 5000 } }, why: "x" });
  });
  const found = await check("cart");
  for (const code of ["no_cap", "no_alt", "dead_link", "template_variable", "unreachable"]) assert.ok(found.includes(code), `${code} in ${found}`);
  assert.match(await browser.text("@found-dead_link"), /이 주소로 열리는 화면이 없어요[^]*장바구니 알림 · 1/);
  await browser.evaluate(() => find("[data-testid=found-dead_link] button").click());
  // The very field has the focus.
  await browser.waitFor(() => document.activeElement?.value === "#/crat");
  await load();
  assert.deepEqual(await check("cart"), []);
});

test("what a shop's own style does to messages is measured: words cut off, words that stick out, colours too near", async () => {
  await open();
  await browser.evaluate(() => {
    const style = "danbi-message::part(button){flex:none;inline-size:40em;max-inline-size:none} danbi-message::part(text){block-size:1em;overflow:hidden} danbi-message{--danbi-accent:#ddd!important;--danbi-on-accent:#fff!important}";
    new MutationObserver((changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ className }) => className === "out-of-sight").forEach((frame) =>
      frame.addEventListener("load", () => frame.contentDocument.head.append(Object.assign(document.createElement("style"), { textContent: style }))))).observe(document.body, { childList: true });
  });
  const found = await check("review");
  for (const code of ["overflow", "clipped", "contrast"]) assert.ok(found.includes(code), `${code} in ${found}`);
  assert.match(await browser.text("@found-contrast"), /대비가 1\.\d+:1이에요\. 4\.5:1 이상이어야 해요/);
  assert.match(await browser.text("@found-overflow"), /320px 화면에서 \d+px 넘쳐요/);
});

test("an end, the way of a message that is too long to read, whom nobody is, what it may cost", async () => {
  await open();
  await load((all, campaign) => {
    const referral = campaign("referral");
    delete referral.audience;
    delete referral.trigger;
    delete referral.schedule;
    referral.message.blocks.push(...Array.from({ length: 12 }, () => ({ text: { ko: "긴 글 ".repeat(40), en: "Long words ".repeat(40) } })));
  });
  const found = await check("referral");
  for (const code of ["no_end", "tall"]) assert.ok(found.includes(code), `${code} in ${found}`);
  assert.match(await browser.text("@costs"), /한 번에 최대 3,000P \(3,000원\), 한 달 5번까지/);
  await load((all, campaign) => {
    campaign("tier_upgrade").audience = [{ when: { "user.club": "gold" }, why: { ko: "골드 클럽이 아니에요", en: "Not of the gold club" } }];
  });
  assert.deepEqual(await check("tier_upgrade"), ["nobodyAtAll"]);
  assert.match(await browser.text("@found-nobodyAtAll"), /쇼퍼 13명 가운데도, 시뮬레이션한 쇼퍼 200명의 30일에도 대상인 사람이 없어요[^]*최근에 오른 등급이 없어요/);
});

test("what a server told of an imported shopper counts: the campaign is for somebody", async () => {
  await open();
  await load((all, campaign) => {
    const referral = campaign("referral");
    delete referral.trigger;
    referral.audience = [{ when: { "meter.orders": { $gte: 99 } }, why: { ko: "아흔아홉 번째 주문부터예요", en: "From the 99th order on" } }];
  });
  await browser.click("@tab-preview");
  const line = (place, told) => JSON.stringify({ messageId: `vip-${place}`, userId: "m-vip", timestamp: `2026-05-12T09:5${place}:00+09:00`, ...told });
  const payload = { user: "m-vip", seq: 1, asOf: "2026-05-12T09:50:00+09:00", exp: "2026-12-31T00:00:00+09:00", meters: { orders: 99 } };
  await openFile("@shopper-import", "vip.ndjson", [
    line(1, { type: "consent", properties: { functional: "granted", analytics: "granted", personalization: "granted", advertising: "granted" } }),
    line(2, { type: "track", event: "sign_up" }),
    line(3, { type: "track", event: "danbi_checkpoint", properties: { payload } }),
  ].join("\n"));
  await browser.waitFor(() => document.querySelectorAll(".people li").length === 14);
  const found = await check("referral");
  assert.ok(!found.some((code) => code.startsWith("nobody")), String(found));
});
