/**
 * Every form, block and widget as a shopper has it before them, in three engines: no fault that axe finds, no violation of the
 * strictest policy, nothing cut off on a narrow screen or with large text, nothing that moves where that is not wanted, no shift of
 * the page, the focus where it belongs.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { engines } from "./browsers.mjs";
import { cards, forms } from "./gallery/bundle.mjs";
import { hang, strict } from "./gallery.mjs";

const overlays = Object.keys(forms), inline = Object.keys(cards);
/** Forms that take the page's place until they are answered; the others leave it usable. */
const modal = ["modal", "sheet", "fullscreen"];

/** In the page: what axe finds, one line each. */
async function faults() {
  if (!globalThis.axe) await import("/axe/axe.min.js");
  const { violations } = await axe.run(document, { resultTypes: ["violations"], elementRef: false });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => `${id} at ${target.flat().join(" ")}: ${[...any, ...all, ...none].map(({ message }) => message).join("; ")}`));
}

/** In the page: whatever a shopper cannot read or press: cut off, beside the screen, too small. */
function losses() {
  const found = [];
  const say = (element, what) => found.push(`${element.localName}[part=${element.getAttribute("part")}] “${element.textContent.slice(0, 30)}”: ${what}`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide on a screen of ${root.clientWidth}`);
  for (const element of gallery.hosts().flatMap((host) => [...gallery.everything(host.shadowRoot)])) {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.width === 0 || box.height === 0 || style.visibility === "hidden" || style.clipPath !== "none") continue;
    if (box.left < -0.5 || box.right > root.clientWidth + 0.5) say(element, `reaches from ${box.left} to ${box.right} of ${root.clientWidth} px`);
    const says = [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
    // A list of items that is meant to be scrolled is no loss; a text is.
    if (says && style.display !== "inline" && element.scrollWidth > element.clientWidth + 1) say(element, `${element.scrollWidth} px of text in ${element.clientWidth}`);
    if (says && style.overflowY === "hidden" && element.scrollHeight > element.clientHeight + 1) say(element, `${element.scrollHeight} px of lines in ${element.clientHeight}`);
    if (element.matches("button, a, input:not([type=radio], [type=checkbox]), textarea, select, label") && (box.width < 24 || box.height < 24) && style.display !== "inline") say(element, `a target of ${box.width} by ${box.height} px`);
  }
  return found;
}

/** In the page: what can be reached by Tab, in the order of the document, shadow roots included, down to the focused one. */
function focused() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const box = at?.getBoundingClientRect();
  return at && { element: at.localName, part: at.getAttribute("part"), id: at.id, text: at.textContent.trim().slice(0, 30), top: box.top, left: box.left, width: box.width, height: box.height, over: !!gallery.over()?.shadowRoot.contains(at) };
}

for (const engine of Object.keys(engines)) {
  describe(`${engine}: the gallery`, () => {
    let wall;
    before(async () => { wall = await hang(engine); });
    after(() => wall?.close());

    for (const [title, parameters] of [["Korean", "lang=ko&light"], ["English, branded", "lang=en&light&brand"], ["Korean in a page from right to left", "lang=ko&light&rtl"]]) {
      test(`axe finds nothing: ${title}`, { timeout: 120_000 }, async () => {
        await wall.open(`${parameters}&which=${inline}`);
        assert.deepEqual(await wall.browser.evaluate(faults), [], "cards");
        for (const form of overlays) {
          await wall.browser.evaluate((form) => gallery.show(form), form);
          assert.deepEqual(await wall.browser.evaluate(faults), [], form);
          await wall.browser.evaluate(() => gallery.close());
        }
        assert.deepEqual(await wall.browser.evaluate(() => [gallery.errors, gallery.told]), [[], []]);
      });
    }

    test("nothing is cut off on the screen of a desk", { timeout: 60_000 }, async () => {
      await wall.open(`which=${inline}`);
      assert.deepEqual(await wall.browser.evaluate(losses), [], "cards");
      for (const form of overlays) {
        await wall.browser.evaluate((form) => gallery.show(form), form);
        assert.deepEqual(await wall.browser.evaluate(losses), [], form);
        await wall.browser.evaluate(() => gallery.close());
      }
    });

    test("the focus goes in, through, out by Escape and back", { timeout: 120_000 }, async () => {
      await wall.open("manual");
      await wall.browser.evaluate(async () => {
        const { bundle } = await import("/gallery/bundle.mjs");
        await gallery.begin(bundle);
      });
      for (const form of overlays) {
        await wall.browser.evaluate(() => document.querySelector("#begin").focus());
        await wall.browser.evaluate((form) => gallery.show(form), form);
        const there = await wall.browser.evaluate(focused);
        if (!modal.includes(form)) {
          assert.equal(there.id, "begin", `${form} leaves the focus where it is`);
          await wall.browser.evaluate(() => gallery.close());
          continue;
        }
        assert.equal(there.over, true, `${form} has the focus: ${JSON.stringify(there)}`);
        const order = [];
        for (let presses = 0; presses < 12; presses++) {
          await wall.browser.press("Tab");
          const at = await wall.browser.evaluate(focused);
          if (!at?.over || order.some(({ text }) => text === at.text)) break;
          order.push(at);
        }
        assert.ok(order.length >= 2, `${form}: Tab reaches ${order.map(({ text }) => text)}`);
        const reading = order.toSorted((a, b) => (Math.abs(a.top - b.top) < Math.min(a.height, b.height) / 2 ? a.left - b.left : a.top - b.top));
        assert.deepEqual(order.map(({ text }) => text), reading.map(({ text }) => text), `${form}: the order of the focus is that of reading`);
        await wall.browser.press("Escape");
        await wall.browser.waitFor(() => !gallery.over());
        assert.equal((await wall.browser.evaluate(focused)).id, "begin", `${form} gives the focus back`);
      }
    });

    test("a usual modal has 20 elements at most, and the page does not shift", { timeout: 60_000 }, async () => {
      await wall.open("");
      const { elements, shift } = await wall.browser.evaluate(async (forms) => {
        await gallery.frame();
        let shift = 0;
        // Only Chromium tells of shifts.
        const watch = PerformanceObserver.supportedEntryTypes.includes("layout-shift") && new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shift += value; });
        if (watch) watch.observe({ type: "layout-shift" });
        let elements;
        for (const form of forms) {
          const host = await gallery.show(form);
          if (form === "modal") elements = 1 + [...gallery.everything(host.shadowRoot)].length;
          await gallery.close();
          await gallery.frame();
        }
        // A slot that reserves the room its card takes, with text below it.
        for (const card of ["words", "coupon", "tier"]) {
          const slot = gallery.slot("none");
          slot.style.minBlockSize = "600px";
          const below = slot.parentElement.appendChild(Object.assign(document.createElement("p"), { textContent: "below" }));
          await gallery.frame();
          slot.dataset.danbiSlot = card;
          await gallery.until(() => slot.querySelector("danbi-card"), card);
          await gallery.settled();
          slot.remove();
          below.remove();
        }
        await gallery.frame();
        // The page itself took the slots away: what moved then is not danbi's.
        if (watch) watch.disconnect();
        return { elements, shift };
      }, overlays);
      assert.ok(elements <= 20, `${elements} elements`);
      assert.equal(shift, 0);
    });

    test("the strictest policy is not violated once", { timeout: 120_000 }, async () => {
      const guarded = await hang(engine, { csp: strict, browser: wall.browser });
      try {
        // Without the marketer's own HTML, which no page under Trusted Types lets in.
        await guarded.open(`which=${inline.filter((card) => card !== "html")}`);
        await guarded.browser.evaluate(async (forms) => {
          for (const form of forms) {
            await gallery.show(form);
            await gallery.close();
          }
        }, overlays);
        const { violations, errors, told } = await guarded.browser.evaluate(() => ({ ...gallery, hosts: 0 }));
        assert.deepEqual({ violations, errors, told }, { violations: [], errors: [], told: [] });
      } finally {
        await guarded.close();
      }
    });

    test("where wasm is forbidden there is no message and no fault", { timeout: 60_000 }, async () => {
      const guarded = await hang(engine, { csp: strict.replace(" 'wasm-unsafe-eval'", ""), browser: wall.browser });
      try {
        await guarded.open("");
        const { ready, errors, hosts, reason } = await guarded.browser.evaluate(async () => {
          gallery.slot("words");
          await gallery.client.track("show", { which: "modal" });
          await gallery.frame();
          return { ready: gallery.ready.engine, errors: gallery.errors, hosts: gallery.hosts().length, reason: gallery.client.decide("words").reason };
        });
        assert.deepEqual({ ready, errors, hosts, reason }, { ready: false, errors: [], hosts: 0, reason: "unavailable" });
      } finally {
        await guarded.close();
      }
    });
  });

  describe(`${engine}: the gallery for who wants it dark, still, large and narrow`, () => {
    let wall;
    before(async () => { wall = await hang(engine, { dark: true, still: true, text: 32, width: 320, height: 720 }); });
    after(() => wall?.close());

    for (const lang of ["ko", "en"]) {
      test(`nothing moves, nothing is lost, axe finds nothing: ${lang}`, { timeout: 120_000 }, async () => {
        await wall.open(`lang=${lang}`);
        const moved = await wall.browser.evaluate(async (cards) => {
          let most = gallery.motion().length;
          for (const card of cards) {
            await gallery.put(card);
            most = Math.max(most, gallery.motion().length);
          }
          return most;
        }, inline);
        assert.equal(moved, 0, "animations of cards");
        assert.deepEqual(await wall.browser.evaluate(losses), [], "cards");
        assert.deepEqual(await wall.browser.evaluate(faults), [], "cards");
        await wall.browser.evaluate(() => gallery.clear());
        for (const form of overlays) {
          const moving = await wall.browser.evaluate(async (form) => {
            let most = 0, over = false;
            const look = () => { most = Math.max(most, gallery.motion().length); if (!over) requestAnimationFrame(look); };
            look();
            await gallery.show(form);
            over = true;
            return most;
          }, form);
          assert.equal(moving, 0, `animations of ${form}`);
          assert.deepEqual(await wall.browser.evaluate(losses), [], form);
          assert.deepEqual(await wall.browser.evaluate(faults), [], form);
          await wall.browser.evaluate(() => gallery.close());
        }
      });
    }
  });
}
