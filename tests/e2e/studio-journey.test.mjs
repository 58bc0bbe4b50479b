/**
 * A marketer's journey, from clicks alone: a new campaign from a template, to whom, in Korean with a particle, why 민재 gets it and 지아
 * does not, a warning mended, a simulation, the bundle exported — and the demo shop runs it.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { studio } from "./studio.mjs";

const folder = fileURLToPath(new URL("../../www/dist", import.meta.url));
const copy = " 안 계신 동안 새로 들어온 것을 모아 두었어요.";

let browser, open, says, sees, fill, close;
before(async () => {
  ({ browser, open, says, sees, fill, close } = await studio());
});
after(() => close?.());

test("from a template to the shop", { timeout: 180_000 }, async () => {
  await open();
  // A new campaign from a template.
  await browser.click("@tab-edit");
  await browser.click("@form-new");
  await browser.click("@blank-hello_again");
  await browser.waitFor('[data-testid="item-hello_again"][aria-current="true"]');
  await browser.waitFor("@all-good");
  await fill("@label-ko", "여름 인사");
  // Before the general welcome back, which is 70.
  await fill("@priority", "75");

  // For as long as it is not taken down.
  await fill("@schedule-from", "");
  await fill("@schedule-until", "");

  // The audience in the form: whoever has ordered.
  await browser.click("@audience-condition");
  await fill("@audience-0-when-0-fact", "meter.orders");
  await fill("@audience-0-when-0-operator", "$gte");
  await fill("@audience-0-when-0-value", "1");
  await fill("@audience-0-why-ko", "주문하신 적이 있는 분께만 인사해요");

  // Korean copy with a particle that follows the variable; without a word for when there is none, which is warned of.
  await fill("@message-1-ko", copy);
  await browser.evaluate(() => find('[data-testid="message-1-ko"]').setSelectionRange(0, 0));
  await browser.click("@message-1-ko-open");
  await fill("@message-1-ko-variable", "user.name");
  await fill("@message-1-ko-fallback", "");
  await fill("@message-1-ko-particle", "이/가");
  await browser.click("@message-1-ko-insert");
  await browser.waitFor(() => /user\.name[^}]*josa/.test(find('[data-testid="message-1-ko"]').value));

  // Why 민재 gets it and 지아 does not.
  await browser.click("@tab-preview");
  await browser.click("@shopper-minjae");
  await sees("민재", ({ over }) => over.includes("오랜만이에요, 민재님.") && over.includes(`민재가${copy}`));
  await says("hello_again", "지금 보여요");
  await browser.click("@shopper-jia");
  await says("hello_again", "마지막 주문에서 60일이 지나는 6월 21일 00:00부터 떠요");
  await sees("지아", ({ over }) => !over);

  // The warning is mended where it is: a word for when there is no name.
  await browser.click("@tab-edit");
  await browser.waitFor("@finding");
  await browser.click('[data-testid="finding"] button');
  await browser.waitFor(() => document.activeElement?.dataset.testid === "message-1-ko");
  await fill("@message-1-ko", `{{ user.name | default: "고객님" | josa: "이/가" }} 안 계신 동안 새로 들어온 것을 모아 두었어요.`);
  await browser.waitFor("@all-good");

  // What it comes to, over many.
  await browser.click("@tab-simulate");
  await browser.waitFor("@run");
  await fill("@simulate-shoppers", "200");
  await fill("@simulate-days", "20");
  await browser.click("@run");
  await browser.waitFor(() => !find('[data-testid="going"]') && find("#result-title") !== null, { timeout: 60_000 });
  await browser.waitFor(() => find("#main").innerText.includes("여름 인사"));

  // The bundle goes out as a file.
  await browser.click("@tab-edit");
  await browser.click("@bundle-save");
  await browser.waitFor("@export-words");
  assert.match(await browser.text("@export-words"), /여름 인사/);
  await browser.evaluate(() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => ((URL.createObjectURL = make), blob.text().then((text) => (globalThis.saved = text)), make.call(URL, blob));
  });
  await browser.click("@export-save");
  const bundle = await browser.waitFor(() => globalThis.saved);

  // The demo shop runs it: a member who ordered comes back nine weeks later.
  const shop = await serve({ folder, instead: { "bundles/onsae.json": bundle } });
  try {
    await browser.open(`${shop.url}#/`);
    await browser.click("@consent-allow");
    await browser.click("@drawer-open");
    await browser.waitFor("@verdict-hello_again");
    await browser.click("@drawer-close");
    await browser.click("@nav-mypage");
    await browser.click("@go-login");
    await browser.click("@login-demo");
    await browser.click("@nav-home");
    await browser.click("@product-cica-ampoule-c");
    await browser.click("@add-to-cart");
    await browser.click("@go-cart");
    await browser.click("@go-checkout");
    await browser.click("@pay");
    await browser.waitFor("@order-complete");
    await browser.click("@nav-home");
    await browser.click("@drawer-open");
    for (let week = 0; week < 9; week++) await browser.click("@clock-plus-7d");
    await browser.waitFor("danbi-message >>> dialog[open]").catch(async (error) => assert.fail(`${await browser.text("@verdict-hello_again")}: ${error.message}`));
    const said = await browser.text("danbi-message >>> dialog[open]");
    assert.match(said, /오랜만이에요, 하늘님\./);
    assert.match(said, /하늘이 안 계신 동안 새로 들어온 것을 모아 두었어요\./);
  } finally {
    await shop.close();
  }
});
