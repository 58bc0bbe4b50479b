/** The bundle as a form, in Chromium: what is clicked stands in the JSON, what is typed in the JSON stands in the form. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

let browser, open, pick, violations, close;
before(async () => {
  ({ browser, open, pick, violations, close } = await studio());
});
after(() => close?.());

const read = (name) => JSON.parse(readFileSync(new URL(`../../www/bundles/${name}`, import.meta.url), "utf8"));
const first = { ...read("onsae.json"), ...read("onsae.suites.json") };
/** The text as the Studio keeps it, which is what was clicked. */
const bundle = () => browser.evaluate(() => JSON.parse(JSON.parse(localStorage.getItem("danbi-studio") ?? "{}").source ?? "null"));
async function becomes(what, holds) {
  for (let turn = 0; ; turn++) {
    const now = (await bundle()) ?? first;
    if (holds(now)) return now;
    if (turn > 100) assert.fail(what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const set = (testid, text) => browser.at(`@${testid}`, (field, text) => {
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}, text);
const value = (testid) => browser.evaluate((selector) => find(selector)?.value, `[data-testid="${testid}"]`);
const edit = async () => {
  await open();
  await browser.click("@tab-edit");
  await browser.waitFor("@item-cart");
};
const blank = async (id) => {
  await browser.click("@form-new");
  await browser.click(`@blank-${id}`);
  await browser.waitFor((selector) => find(selector) !== null, { args: [`[data-testid="item-${id}"][aria-current="true"]`] });
};
const campaign = (now, id) => now.campaigns.find((one) => one.id === id);

test("what is clicked in the form stands in the JSON, the rest as it was, and is undone by the keys", async () => {
  await edit();
  await browser.click("@item-cart");
  await set("priority", "61");
  let now = await becomes("priority", (now) => campaign(now, "cart").priority === 61);
  assert.deepEqual({ ...now, campaigns: null }, { ...first, campaigns: null });
  await browser.click("@cap-add");
  await pick("@cap-2-of", "dismiss");
  await set("cap-2-per", "3");
  await pick("@cap-2-per-unit", "months");
  now = await becomes("a cap", (now) => campaign(now, "cart").caps[2]?.per === "P3M");
  assert.deepEqual(campaign(now, "cart").caps[2], { count: 1, per: "P3M", of: "dismiss" });
  for (let turn = 0; turn < 4; turn++) await browser.press("Control+z");
  await becomes("undone", (now) => campaign(now, "cart").caps.length === 2);
});

test("conditions: facts by name, typed values, a group of alternatives, a reason", async () => {
  await edit();
  await blank("campaign");
  await browser.click("@audience-condition");
  await pick("@audience-0-when-0-fact", "loyalty.tiers.main.level");
  await pick("@audience-0-when-0-operator", "$in");
  await browser.click("@audience-0-when-0-value-bloom");
  await browser.click("@audience-0-when-add");
  await pick("@audience-0-when-1-fact", "meter.ordered");
  await pick("@audience-0-when-1-operator", "not past");
  await set("audience-0-when-1-value", "45");
  await browser.click("@audience-0-when-group");
  await set("audience-0-why-ko", "꽃 회원만이에요");
  const now = await becomes("the reason", (now) => campaign(now, "campaign").audience?.why?.ko);
  const { $or, ...rest } = campaign(now, "campaign").audience.when;
  assert.deepEqual(rest, { "loyalty.tiers.main.level": { $in: ["seed", "bloom"] }, $not: { "meter.ordered": { $danbiAfter: "-P45D" } } });
  assert.equal($or.length, 2);
});

test("a wrong value stays, is told at its field in words, and a click in the list leads there", async () => {
  await edit();
  await browser.click("@item-winback");
  await set("cap-0-per", "스무 날");
  const now = await becomes("as typed", (now) => campaign(now, "winback").caps[0].per === "스무 날");
  assert.equal(campaign(now, "winback").priority, 70);
  await browser.waitFor(() => find('[data-testid="cap-0-per"]').getAttribute("aria-invalid") === "true");
  const told = await browser.evaluate(() => {
    const field = find('[data-testid="cap-0-per"]');
    return { value: field.value, said: document.getElementById(field.getAttribute("aria-describedby")).innerText, line: find('[data-testid="finding"] small').innerText };
  });
  assert.equal(told.value, "스무 날");
  assert.ok(told.said.length > 3);
  assert.match(told.line, /캠페인 · 재방문 인사 \d+번째 줄/);
  await browser.click("@item-cart");
  await browser.click('[data-testid="finding"] button');
  await browser.waitFor(() => document.activeElement?.dataset.testid === "cap-0-per");
  await set("cap-0-per", "20");
  await browser.waitFor("@all-good");
});

test("what others name is not taken out unawares", async () => {
  await edit();
  await browser.click("@part-audiences");
  await browser.click("@item-bag");
  await browser.click("@item-remove");
  assert.match(await browser.text("@used"), /캠페인 · 장바구니 알림/);
  await browser.click("@used-keep");
  await set("rename", "full_bag");
  await browser.evaluate(() => find('[data-testid="rename"]').dispatchEvent(new Event("change", { bubbles: true })));
  const now = await becomes("another name", (now) => now.audiences.full_bag);
  assert.equal(campaign(now, "cart").audience[0], "full_bag");
  assert.equal(now.audiences.bag, undefined);
});

test("a variable with its particle goes in at the caret, and the engine says what is read", async () => {
  await edit();
  await blank("campaign");
  await set("message-0-ko", "지금 보세요");
  await browser.evaluate(() => find('[data-testid="message-0-ko"]').setSelectionRange(0, 0));
  await browser.click("@message-0-ko-open");
  await pick("@message-0-ko-variable", "context.cart.lead.item_name");
  await pick("@message-0-ko-particle", "을/를");
  await browser.click("@message-0-ko-insert");
  await becomes("the template", (now) => campaign(now, "campaign").message.blocks[0].title.ko === '{{ context.cart.lead.item_name | default: "담아둔 상품" | josa: "을/를" }}지금 보세요');
  await browser.waitFor(() => find('[data-testid="message-0-ko-result"]')?.innerText.includes("시카 앰플 C를지금 보세요"));
});

test("every template is whole: no finding at all", async () => {
  await edit();
  for (const id of ["hello", "bag_note", "birthday_note", "hello_again", "review_ask", "tier_close", "back_in_stock", "campaign"]) await blank(id);
  // Who stands in the preview has been judged, and was found without a mistake.
  await browser.click("@tab-preview");
  await browser.waitFor("@why-campaign");
  await browser.click("@tab-edit");
  await browser.waitFor("@all-good");
  assert.equal(await browser.evaluate(() => document.querySelectorAll('[data-testid="finding"]').length), 0);
});

test("the export tells what changed, by field and by line, and the file is the text", async () => {
  await edit();
  await browser.evaluate(() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => (blob.text().then((text) => (globalThis.saved = text)), make(blob));
    HTMLAnchorElement.prototype.click = function () {
      globalThis.savedAs = this.download;
    };
  });
  await browser.click("@item-cart");
  await set("priority", "77");
  await browser.click("@bundle-save");
  const words = await browser.text("@export-words");
  assert.match(words, /캠페인 · 장바구니 알림/);
  assert.match(words, /우선 노출\s*60\s*→\s*77/);
  await browser.click("@export-lines-open");
  assert.match(await browser.text("@export-lines"), /- +"priority": 60,\n\+ +"priority": 77,/);
  await browser.click("@export-version");
  await browser.waitFor(() => !find('[data-testid="export-version"]'));
  await browser.click("@export-save");
  const saved = await browser.waitFor(() => globalThis.saved);
  assert.equal(await browser.evaluate(() => globalThis.savedAs), `onsae-${first.version + 1}.json`);
  // The suites are the Studio's alone.
  const { suites, ...shop } = await bundle();
  assert.deepEqual(JSON.parse(saved), shop);
  assert.deepEqual(suites, first.suites);
});

test("axe finds nothing in any part", async () => {
  await edit();
  await blank("bag_note");
  await browser.click("@message-0-ko-open");
  for (const part of ["campaigns", "audiences", "surveys", "programs", "house"]) {
    await browser.click(`@part-${part}`);
    assert.deepEqual(await violations(), [], part);
  }
});

/** Opens a file as a marketer would. */
const file = (name, text) => browser.at("@bundle-open", (input, name, text) => {
  const files = new DataTransfer();
  files.items.add(new File([text.length <= 20 ? text.repeat(250_000) : text], name, { type: "application/json" }));
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}, name, text);
test("a file that is no bundle, one too large, and a good one, which is undone at once", async () => {
  await edit();
  const wrong = async (name, text, said) => {
    await file(name, text);
    await browser.waitFor((said) => find('[data-testid="import-wrong"]')?.innerText.includes(said), { args: [said] });
    assert.equal(await bundle(), null);
  };
  await wrong("half.json", '{"bundle": "onsae", "house": ', "JSON이 아니에요");
  await wrong("shopper.json", '{"events": [], "identity": {}}', "번들이 아니에요");
  await wrong("large.json", '{"bundle": "onsae"} ', "5.0 MB");
  await file("good.json", JSON.stringify({ ...first, version: 9, suites: [] }));
  await becomes("the file", (now) => now.version === 9);
  await browser.click("@bundle-save");
  await browser.waitFor("@export-same");
  await browser.click("@export-close");
  await browser.click("@undo");
  await becomes("as before", (now) => now.version === first.version);
});

test("five megabytes pasted into the text are told, the last good bundle goes on, and one press undoes it", async () => {
  await edit();
  await browser.click("@edit-asText");
  await browser.waitFor(".cm-content");
  await browser.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", '{ "note": "한 줄" }\n'.repeat(250_000));
    find(".cm-content").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await browser.waitFor(() => find('[data-testid="not-json"]')?.innerText.includes("4 MB"));
  await browser.click("@undo");
  await browser.waitFor("@all-good");
  await browser.click("@edit-asForm");
  await browser.waitFor("@item-cart");
});
