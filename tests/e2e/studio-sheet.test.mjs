/** The contact sheet, in Chromium: messages by shoppers, and the picture of all of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { studio } from "./studio.mjs";

let browser, open, pick, violations, close;
before(async () => {
  ({ browser, open, pick, violations, close } = await studio({ dark: true }));
});
after(() => close?.());

const drawn = () => browser.waitFor(() => find("[data-testid=sheet-png]")?.disabled === false && !find("[data-testid=sheet-stop]"), { timeout: 60_000 });
const cell = (name) => browser.evaluate((name) => {
  const one = find(`[data-testid="cell-${name}"]`), image = one?.querySelector("img");
  return one && { says: image?.alt ?? null, pixels: image?.naturalWidth ?? 0, words: one.innerText };
}, name);

test("each message as each shopper would have it, and whether it would really show", async () => {
  await open();
  await browser.click("@tab-sheet");
  await browser.waitFor("@sheet-campaign");
  await pick("@sheet-campaign", "cart");
  await drawn();
  assert.equal(await browser.evaluate(() => document.querySelectorAll("[data-testid=sheet] td").length), 3 * 13);
  const seojun = await cell("cart-1-A-seojun");
  assert.match(seojun.says, /담아둔 시카 앰플 C를 그대로 두었어요/);
  assert.ok(seojun.pixels > 300);
  // His event lines know no picture of the bag.
  assert.equal(seojun.words, "지금 떠요 일부 빠짐");
  assert.equal((await cell("cart-1-A-guest")).words, "로그인 전이에요 일부 빠짐");
  assert.match((await cell("cart-1-A-jia")).words, /불편을 해결하는 중이에요 \(5월 24일까지\)/);
  assert.match((await cell("cart-1-B-seojun")).words, /이 쇼퍼의 시안은 A예요/);
  assert.deepEqual(await violations(), []);
});

test("the picture of it has the messages in it, whole", async () => {
  await browser.evaluate(() => {
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
      if (!this.download) return click.call(this);
      globalThis.saved = { name: this.download, blob: fetch(this.href).then((reply) => reply.blob()) };
    };
  });
  await browser.click("@sheet-ko");
  for (const who of ["guest", "jiu", "haeun", "minjae", "doyun", "sua", "taeo", "jia", "hyunu", "nobody"]) await browser.evaluate((who) => find(`[data-testid=sheet-who-${who}]`).click(), who);
  await drawn();
  await browser.click("@sheet-png");
  await browser.waitFor(() => globalThis.saved);
  const picture = await browser.evaluate(async () => {
    const { name, blob } = globalThis.saved;
    const bytes = await blob, image = await createImageBitmap(bytes);
    const { width, height } = image, draw = new OffscreenCanvas(width, height).getContext("2d");
    draw.drawImage(image, 0, 0);
    const { data } = draw.getImageData(0, 0, width, height), colours = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
    const head = [...new Uint8Array(await bytes.slice(0, 8).arrayBuffer())];
    const signature = getComputedStyle(document.querySelector("[data-testid=sheet] img")).inlineSize;
    return { name, head, width, height, colours: colours.size, button: colours.get("47,85,70") ?? 0, surface: colours.get("255,255,255") ?? 0, signature };
  });
  assert.equal(picture.name, "danbi-cart.png");
  assert.deepEqual(picture.head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  // Three shoppers at twice the pixels: edges, the column of names, three columns.
  assert.equal(picture.width, 2 * (2 * 24 + 150 + 3 * 216));
  assert.ok(picture.height > 1000, String(picture.height));
  // The buttons of the messages, which stand in shadow trees: their colour is nobody else's.
  assert.ok(picture.button > 10_000, JSON.stringify(picture));
  assert.ok(picture.colours > 200, JSON.stringify(picture));
});

test("in the dark, and the check beside it, axe finds nothing", async () => {
  await browser.evaluate(() => find("[data-testid=sheet-dark]").click());
  await drawn();
  assert.deepEqual(await violations(), []);
  await browser.click("@tab-check");
  await browser.waitFor("@check-campaign");
  await pick("@check-campaign", "taste_quiz");
  await browser.waitFor(() => find("[data-testid=check-run]") && find("[data-testid=check-says]"), { timeout: 60_000 });
  assert.deepEqual(await violations(), []);
});
