/** The Studio in Chromium, as a marketer has it before them: opened, clicked, read. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "./browsers.mjs";

const folder = fileURLToPath(new URL("../../www/dist", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** A server, a browser, and what a test does with them; `close` ends both. */
export async function studio({ width = 1440, height = 950, ...more } = {}) {
  const site = await serve({ folder });
  const browser = await launch("chromium", { width, height, ...more });

  /** Opens the Studio as it is for somebody new. */
  async function open(hash = "") {
    await browser.open("about:blank");
    // Where no Studio runs that could keep what it had again.
    await browser.open(`${site.url}frame.html`);
    await browser.evaluate(() => localStorage.clear());
    await browser.open(`${site.url}studio.html${hash}`);
    await browser.waitFor("@why-cart");
  }
  /** What the shopper's screen says: what lies over it, and each slot. */
  const screen = () => browser.evaluate(() => {
    const page = document.querySelector("iframe").contentDocument;
    const text = (host) => [...(host?.shadowRoot?.children ?? [])].map((one) => one.innerText ?? "").join("\n").trim();
    const slots = Object.fromEntries([...page.querySelectorAll("[data-danbi-slot]")].map((slot) => [slot.dataset.danbiSlot, text(slot.querySelector("danbi-card"))]).filter(([, said]) => said));
    return { over: text(page.querySelector("danbi-message")), slots };
  });
  /** Presses something of the message that lies over the shopper's page. */
  const press = (action) => browser.evaluate((action) => {
    const page = document.querySelector("iframe").contentDocument;
    page.querySelector("danbi-message").shadowRoot.querySelector(`[data-action="${action}"]`).click();
  }, action);
  const because = (campaign) => browser.text(`@because-${campaign}`);
  /** Waits until the panel gives this reason for a campaign. */
  const says = (campaign, text) => browser.waitFor((campaign, text) => find(`[data-testid="because-${campaign}"]`)?.innerText === text, { args: [campaign, text] })
    .catch(async (error) => assert.equal(await because(campaign), text, error.message));
  /** Waits until the shopper's screen is so. */
  async function sees(what, holds) {
    for (let turn = 0; ; turn++) {
      const now = await screen();
      if (holds(now)) return now;
      if (turn > 100) assert.fail(`${what}: ${JSON.stringify(now)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  /** Chooses in a select as a marketer would. */
  const pick = (selector, value) => browser.evaluate((selector, value) => {
    const select = find(selector);
    select.value = value;
    for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
  }, selector.replace(/^@([\w-]+)$/, '[data-testid="$1"]'), value);
  /** What axe finds in the page as it is now. */
  const violations = async () => {
    await browser.evaluate((source) => void (globalThis.axe ?? (0, eval)(source)), axe);
    return browser.evaluate(async () => (await axe.run(document, { iframes: false })).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`));
  };
  const close = async () => {
    await browser.close();
    await site.close();
  };
  return { site, browser, open, screen, press, because, says, sees, pick, violations, close };
}
