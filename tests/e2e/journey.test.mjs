/** A shopper's way through the built demo shop, in three engines: www/dist from a static server, events to the collector. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { collect } from "../collector/collector.mjs";
import { engines, launch } from "./browsers.mjs";

const folder = fileURLToPath(new URL("../../www/dist", import.meta.url));
const shots = fileURLToPath(new URL("shots/", import.meta.url));
assert.ok(existsSync(folder), "www/dist is missing: npm run build");

/** Put at the start of each page: what a shop's own monitoring would hear. */
const listen = `<script>
  window.errors = [];
  addEventListener("error", (event) => errors.push("error: " + event.message));
  addEventListener("unhandledrejection", (event) => errors.push("unhandled: " + event.reason));
  const say = console.error;
  console.error = (...args) => { errors.push("console: " + args.join(" ")); say.apply(console, args); };
</script>`;

const dialog = "danbi-message >>> dialog[open]";
const answer = (action) => `${dialog} button[data-action="${action}"]`;
const slot = '[data-danbi-slot="mypage"] danbi-card';
const bar = `${slot} >>> [role="progressbar"]`;
const later = '[data-danbi-slot="order_complete"] danbi-card >>> button[data-action="choice"]:nth-of-type(2)';
/** An exposure needs half the message in view for a second. */
const SEEN = 1500;

/** Waits for something that happens outside the page. */
async function until(what, done, timeout = 60_000) {
  for (const end = Date.now() + timeout; Date.now() < end; await pause(100)) if (done()) return;
  throw new Error(`waited ${timeout} ms until ${what}`);
}

/** A browser, a server and a collector, and a picture of the page when the test fails. */
async function scene(name, title, options, body) {
  const browser = await launch(name);
  const collector = await collect();
  const site = await serve({ folder, head: listen, ...options });
  const open = () => browser.open(`${site.url}?collector=${encodeURIComponent(collector.url)}#/`);
  try {
    await body({ browser, collector, site, open });
  } catch (error) {
    await browser.screenshot(`${shots}${name}-${title}.png`).catch(() => {});
    console.error(`${name}, ${title}: collected ${collector.events.map((event) => event.event ?? event.type).join(" ") || "nothing"}`);
    console.error(`${name}, ${title}: page errors ${await browser.evaluate(() => window.errors).catch(() => "unknown")}`);
    throw error;
  } finally {
    await browser.close().catch((error) => console.error(`${name} does not close: ${error.message}`));
    await site.close();
    await collector.close();
  }
}

/** The engine is in place, and so is what the shop keeps for a visit without a network. */
async function prepared(browser) {
  await browser.click("@drawer-open");
  await browser.waitFor("@verdict-welcome");
  await browser.click("@drawer-close");
  await browser.evaluate(() => Promise.race([navigator.serviceWorker?.ready.then(() => true), new Promise((resolve) => setTimeout(resolve, 5000))]));
}

async function signUp(browser) {
  await browser.click("@nav-mypage");
  await browser.click("@go-login");
  await browser.type("@signup-name", "서준");
  await browser.click("@signup-submit");
}

async function buy(browser) {
  await browser.click("@go-checkout");
  await browser.click("@pay");
  await browser.waitFor("@order-complete");
}

/** Points as the shop shows them, and how full danbi's own bar is; null where there is none. */
const standing = (browser) => browser.evaluate((slot) => ({
  points: read(find('[data-testid="points"]')),
  tier: Number(find('[data-testid="tier"] [role="progressbar"]')?.getAttribute("aria-valuenow")),
  bar: find(`${slot} >>> [role="progressbar"]`)?.getAttribute("aria-valuenow") ?? null,
}), slot);

/** Browse, fill the cart, come back a day later, be reminded, buy, choose the points, see the bar move. */
async function journey(browser) {
  await browser.click("@consent-allow");
  await signUp(browser);

  await browser.waitFor(dialog);
  assert.match(await browser.text(dialog), /반가워요, 서준님/);
  await pause(SEEN);
  await browser.click(answer("dismiss"));
  await browser.waitFor((selector) => find(selector) === null, { args: [dialog] });

  await browser.click("@nav-mypage");
  await browser.waitFor("@points");
  await browser.waitFor("@missions danbi-card >>> [role=progressbar]");
  assert.match(await browser.text("@missions danbi-card"), /후기 미션[^]*3번 중 0번/);
  const before = await standing(browser);

  await browser.click("@nav-home");
  await browser.click("@product-cica-ampoule-c");
  await browser.click("@add-to-cart");
  await browser.click("@drawer-open");
  await browser.click("@clock-plus-24h");

  await browser.waitFor(dialog);
  assert.match(await browser.text(dialog), /시카 앰플 C를/);
  await pause(SEEN);
  await browser.click(answer("click"));
  await browser.waitFor("@go-checkout");
  await browser.click("@drawer-close");
  await buy(browser);
  // 41,000 won: now a coupon, or more points later.
  await browser.waitFor(later);
  await pause(SEEN);
  await browser.click(later);

  await browser.click("@nav-mypage");
  await browser.waitFor(bar);
  await pause(SEEN);
  const after = await standing(browser);
  assert.notEqual(after.points, before.points, "points moved");
  assert.ok(after.tier > before.tier, `the tier moved from ${before.tier} to ${after.tier}`);
  assert.ok(Number(after.bar) > Number(before.bar ?? 0), `the bar moved from ${before.bar} to ${after.bar}`);
}

/** How often each event of the journey has to arrive. */
const expected = { sign_up: 1, add_to_cart: 1, purchase: 1 };
const atLeast = { view_item: 1, danbi_exposure: 3, danbi_answer: 2 };

async function delivered(collector) {
  const count = (name) => collector.events.filter(({ event }) => event === name).length;
  const wanted = Object.entries({ ...expected, ...atLeast });
  await until(`${wanted.map(([name, n]) => `${n} ${name}`).join(", ")} arrived`, () => wanted.every(([name, n]) => count(name) >= n), 120_000);
  await pause(3000); // anything sent twice would come now
  for (const [name, n] of Object.entries(expected)) assert.equal(count(name), n, `${name} arrives once`);
  const accepted = collector.requests.filter(({ status }) => status === 200).flatMap(({ ids }) => ids);
  assert.deepEqual(accepted.filter((id, index) => accepted.indexOf(id) !== index), [], "no messageId is delivered twice");
}

for (const name of Object.keys(engines)) {
  test(`${name}: cart reminder after 24 hours, purchase, points, delivery`, { timeout: 300_000 }, () =>
    scene(name, "journey", {}, async ({ browser, collector, open }) => {
      await open();
      await journey(browser);
      await delivered(collector);
      assert.deepEqual(await browser.evaluate(() => window.errors), []);
    }));

  test(`${name}: the same with the network cut until the end`, { timeout: 300_000 }, () =>
    scene(name, "offline", {}, async ({ browser, collector, site, open }) => {
      await open();
      await prepared(browser);
      await browser.offline(true);
      await collector.close();
      await site.close();
      await journey(browser);
      assert.equal(collector.events.length, 0);

      const back = await collect({ port: collector.port });
      const again = await serve({ folder, port: site.port });
      try {
        await browser.offline(false);
        // What the operating system tells a page; engines whose network was not cut by the browser hear it here.
        await browser.evaluate(() => { dispatchEvent(new Event("online")); });
        await delivered(back);
      } finally {
        await back.close();
        await again.close();
      }
    }));

  const csp = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' http://localhost:*";
  // Asked inside the page, as the page would. WebKit lets a module compile and refuses to instantiate it.
  const blocked = `<script>
    window.wasmBlocked = Promise.resolve().then(() => WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).then(() => false, () => true);
  </script>`;
  for (const [title, options] of Object.entries({
    "a Content-Security-Policy": { csp, head: listen + blocked },
    "no WebAssembly": { head: `<script>delete globalThis.WebAssembly;</script>${listen}${blocked}` },
  })) {
    test(`${name}: ${title}: the shop works, nothing reaches the page, events arrive`, { timeout: 180_000 }, () =>
      scene(name, title.replaceAll(" ", "-"), options, async ({ browser, collector, open }) => {
        await open();
        assert.equal(await browser.evaluate(() => window.wasmBlocked), true);
        await browser.click("@consent-allow");
        await signUp(browser);
        await browser.click("@product-cica-ampoule-c");
        await browser.click("@add-to-cart");
        await browser.click("@go-cart");
        await buy(browser);
        const names = () => collector.events.map(({ event }) => event);
        await until("events arrived", () => ["view_item", "add_to_cart", "purchase"].every((event) => names().includes(event)));
        assert.equal(names().filter((event) => event === "purchase").length, 1);
        assert.equal(await browser.exists(dialog), false);
        assert.deepEqual(await browser.evaluate(() => window.errors), []);
      }));
  }
}
