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

  /** What the page threw, or told on its console as an error. */
  const thrown = [];
  browser.engine.listen((what) => thrown.push(what));

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
    const page = document.querySelector("iframe")?.contentDocument;
    if (!page) return null;
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
      if (now && holds(now)) return now;
      if (turn > 100) assert.fail(`${what}: ${JSON.stringify(now)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  /** Opens a file, as the dialog of the system would hand it over. */
  const openFile = (selector, name, text) => browser.at(selector, (field, name, text) => {
    const held = new DataTransfer();
    held.items.add(new File([text], name));
    field.files = held.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }, name, text);
  /** What axe finds in the page as it is now. */
  const violations = async () => {
    await browser.evaluate((source) => void (globalThis.axe ?? (0, eval)(source)), axe);
    return browser.evaluate(async () => (await axe.run(document, { iframes: false })).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`));
  };
  /** Types into a field, or chooses in a select, as a marketer would, and leaves it. */
  const fill = (selector, value) => browser.at(selector, (field, value) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }, value);
  const clock = (time) => fill("@clock", time);
  /** A shopper of the demo, as they first were. */
  async function meet(name) {
    await browser.click(`@shopper-${name}`);
    if (await browser.exists("@shopper-first")) await browser.click("@shopper-first");
    await browser.waitFor((name) => find(`[data-testid="shopper-${name}"]`).getAttribute("aria-pressed") === "true" && !find('[data-testid="shopper-first"]'), { args: [name] });
  }
  /** Adds an event, by the form, at a time that the clock is set to; else at the clock's. */
  async function happen(event, properties = {}, time) {
    if (time) await clock(time);
    if (!(await browser.exists("@event-add"))) await browser.click("@side-events");
    await fill("@event-name", event);
    await fill("@event-properties", JSON.stringify(properties));
    await browser.click("@event-add");
  }
  /** Takes out an event by its id. */
  async function forget(id) {
    if (!(await browser.exists("@event-add"))) await browser.click("@side-events");
    await browser.at(`[data-line="${id}"]`, (line) => { line.open = true; });
    await browser.click(`[data-line="${id}"] button.plain`);
    await browser.waitFor((id) => !find(`[data-line="${id}"]`), { args: [id] });
  }
  /** Presses a button on the shopper's page, by its words, so many times in a row. */
  const tap = (words, times = 1) => browser.waitFor((words, times) => {
    const page = document.querySelector("iframe").contentDocument;
    const places = [page, ...[...page.querySelectorAll("danbi-message, danbi-card")].map(({ shadowRoot }) => shadowRoot)];
    const button = places.flatMap((place) => [...place.querySelectorAll("button, label")]).find(({ innerText }) => innerText.trim().startsWith(words));
    for (let turn = 0; button && turn < times; turn++) button.click();
    return button !== undefined;
  }, { args: [words, times] });
  /** Waits until the shopper's account says so, or with another test id that part of the Studio. */
  async function tells(text, testid = "account") {
    if (testid === "account" && !(await browser.exists("@account"))) await browser.click("@side-account");
    await browser.waitFor((testid, text) => find(`[data-testid="${testid}"]`)?.innerText.replace(/\s+/g, " ").includes(text), { args: [testid, text], timeout: 5000 })
      .catch(async (error) => assert.fail(`${testid}: ${await browser.text(`@${testid}`)}, not ${text}; ${error.message}`));
  }
  const close = async () => {
    await browser.close();
    await site.close();
  };
  return { site, browser, thrown, open, screen, press, because, says, sees, pick: fill, fill, clock, meet, happen, forget, tap, tells, openFile, violations, close };
}
