/** The life of messages on a page, in three engines, under the strictest policy that lets danbi in. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { engines, launch } from "./browsers.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
assert.ok(existsSync(path("../../pkg/dist")), "pkg/dist is missing: npm run build");
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'";

const lying = (browser, title) => browser.waitFor((title) => lying() === title, { args: [title] });
/** Waits until exactly this was told. */
const told = (browser, ...expected) =>
  browser.waitFor((text) => JSON.stringify(told) === text, { args: [JSON.stringify(expected)], timeout: 5000 })
    .catch(async () => assert.deepEqual(await browser.evaluate(() => told), expected));
/** Waits until the log has exactly this of messages. */
const logged = (browser, expected, name = "client") =>
  browser.waitFor(async (text, name) => JSON.stringify(await logged(name)) === text, { args: [JSON.stringify(expected), name], timeout: 5000 })
    .catch(async () => assert.deepEqual(await browser.evaluate((name) => logged(name), name), expected));
/** A client, and its first message open. */
async function first(browser, options = {}) {
  await browser.evaluate((options) => begin(options), options);
  await browser.evaluate(() => { document.querySelector("#before").focus(); client.track("view_item"); });
  await lying(browser, "첫째");
}
/** The place is free: another message comes, and goes. */
async function free(browser) {
  await browser.evaluate(() => { client.track("add_to_cart"); });
  await lying(browser, "둘째");
  await browser.evaluate(() => press("dismiss"));
  await browser.waitFor(() => lying() === null && told.at(-1) === "answer second dismiss");
}
const focused = (browser) => browser.evaluate(() => document.activeElement.id || document.activeElement.localName);
const slot = (browser, html) => browser.evaluate((html) => {
  // Node by node: the page's policy lets no markup through.
  const [, tag, attribute, value] = /<([\w-]+) ([\w-]+)=([\w-]+)>/.exec(html);
  const element = document.querySelector("#slots").appendChild(document.createElement(tag));
  element.setAttribute(attribute, value);
}, html);

const OPEN = ["message first", "open first"];

/** Each is told of one browser whose page is fresh. */
const scenes = {
  async "every way out is told once, in order, frees the place and gives the focus back"({ browser, open }) {
    const ways = {
      "the closing control": [() => press("dismiss"), "dismiss"],
      "not today": [() => press("hide_today"), "hide_today"],
      "a button, twice": [() => { const button = part('[data-action="click"]'); acts.answer = () => true; button.click(); button.click(); }, "click"],
      "Escape, as the browser tells it": [() => part("dialog").dispatchEvent(new Event("cancel", { cancelable: true })), "dismiss"],
      "closed by a script": [() => part("dialog").close(), "dismiss"],
      "a request to close": [() => { const dialog = part("dialog"); dialog.requestClose ? dialog.requestClose() : dialog.close(); }, "dismiss"],
      "a press beside it": [() => part("dialog").click(), "dismiss"],
      "the page takes it away": [() => document.querySelector("danbi-message").remove(), "gone"],
      "the page renders its body anew": [() => document.body.replaceChildren(...[...document.body.children].filter(({ localName }) => localName !== "danbi-message")), "gone"],
    };
    for (const [way, [leave, by]] of Object.entries(ways)) {
      await open();
      await first(browser);
      assert.equal(await focused(browser), "danbi-message", way);
      await browser.evaluate(leave);
      const answers = by === "gone" ? [] : [`answer first ${by}`];
      await told(browser, ...OPEN, `close first ${by}`, `closed first ${by}`, ...answers);
      assert.equal(await browser.evaluate(() => lying()), null, way);
      assert.equal(await focused(browser), "before", way);
      await logged(browser, answers.map((answer) => (by === "click" ? `${answer} yes` : answer)));
      await free(browser);
      assert.deepEqual(await browser.evaluate(() => faults), [], way);
    }
  },

  async "text selected past its edge does not close it"({ browser }) {
    await first(browser);
    await browser.evaluate(() => {
      part('[part="text"]').dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
      part("dialog").click();
      part('[part="text"]').click();
    });
    assert.equal(await browser.evaluate(() => lying()), "첫째");
    await told(browser, ...OPEN);
  },

  async "the focus goes nowhere when what had it is gone"({ browser }) {
    await first(browser);
    await browser.evaluate(() => { document.querySelector("#before").remove(); press("dismiss"); });
    assert.equal(await focused(browser), "body");
  },

  async "seen once, when half of it was visible for a second without a break"({ browser }) {
    await browser.evaluate(() => {
      const slot = document.querySelector("#slots").appendChild(document.createElement("div"));
      slot.dataset.danbiSlot = "side";
      Object.assign(slot.style, { position: "fixed", top: "-2000px", left: "0" });
    });
    await browser.evaluate(() => begin());
    await browser.waitFor('[data-danbi-slot="side"] danbi-card');
    const move = (share) => browser.evaluate(async (share) => {
      const slot = document.querySelector("[data-danbi-slot]");
      slot.style.top = -slot.offsetHeight * (1 - share) + "px";
      await looked();
    }, share);
    const seen = () => browser.evaluate(async () => { pass(); await 0; return told.filter((it) => /^exposure/.test(it)).length; });
    assert.equal(await seen(), 0, "out of sight");
    await move(0.4);
    assert.equal(await seen(), 0, "less than half");
    await move(0.6);
    await move(0.4);
    assert.equal(await seen(), 0, "a break");
    await move(0.6);
    await browser.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    assert.equal(await seen(), 0, "the page is hidden");
    await browser.evaluate(() => {
      delete document.hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    });
    assert.equal(await seen(), 1);
    await move(0);
    await move(1);
    assert.equal(await seen(), 1, "once");
    await logged(browser, ["exposure side"]);
    // The same again by hand counts no more, and no more where its slot was taken out and put back.
    await browser.evaluate(() => { client.exposed(client.decide("side").id); });
    await browser.evaluate(async () => { const slot = document.querySelector("[data-danbi-slot]"); slot.remove(); await 0; document.body.append(slot); await looked(); });
    await browser.waitFor('[data-danbi-slot="side"] danbi-card');
    assert.equal(await seen(), 1);
    await logged(browser, ["exposure side"]);
  },

  async "a message over the page is seen, and may be destroyed by who hears of it"({ browser }) {
    await first(browser);
    await browser.evaluate(() => { acts.exposure = (_, client) => client.destroy(); });
    await browser.waitFor(() => { pass(); return told.length > 2; });
    await told(browser, ...OPEN, "exposure first", "close first hide", "closed first hide");
    assert.equal(await browser.evaluate(() => lying()), null);
    assert.equal(await focused(browser), "before");
  },

  async "what the page keeps closed stays closed and blocks nothing"({ browser }) {
    await browser.evaluate(() => { acts.message = ({ campaign }) => campaign !== "first"; });
    await browser.evaluate(() => begin());
    await browser.evaluate(() => { client.track("view_item"); });
    await told(browser, "message first");
    assert.equal(await browser.evaluate(() => lying()), null);
    await logged(browser, []);
  },

  async "a link is followed unless the page says that it is handled"({ browser, open }) {
    for (const handled of [true, false]) {
      await open();
      await first(browser);
      await browser.evaluate((handled) => { acts.answer = () => handled; press("click"); }, handled);
      await told(browser, ...OPEN, "close first click", "closed first click", "answer first click");
      assert.equal(await browser.evaluate(() => location.hash), handled ? "" : "#went");
    }
  },

  async "listeners that throw harm nothing"({ browser }) {
    await browser.evaluate(() => { for (const event of ["message", "open", "exposure", "answer", "close", "closed"]) acts[event] = () => { throw Error("host"); }; });
    await first(browser);
    await browser.waitFor(() => { pass(); return told.length > 2; });
    await browser.evaluate(() => { acts.answer = (answer) => { setTimeout(() => {}); if (answer) throw Error("host"); }; press("hide_today"); });
    await told(browser, ...OPEN, "exposure first", "close first hide_today", "closed first hide_today", "answer first hide_today");
    await free(browser);
    assert.equal(await browser.evaluate(() => faults.filter((fault) => !/host/.test(fault)).join()), "");
    await logged(browser, ["exposure first", "answer first hide_today", "answer second dismiss"]);
  },

  async "danbi may be called back from within any listener"({ browser, open }) {
    for (const name of ["ask", "track", "locale", "answer", "reset", "destroy", "erase"])
      for (const event of ["message", "open", "exposure", "close", "answer", "closed"]) {
        await open();
        await slot(browser, "<div data-danbi-slot=side>");
        await browser.evaluate((event, name) => {
          const calls = {
            ask: (_, client) => { client.decide("interruptive"); client.decide("side"); client.explain(); client.progress(); client.profile(); client.context({ a: 1 }); },
            track: (_, client) => { client.track("scrolled"); client.page({ kind: "home" }); },
            locale: (_, client) => { client.setLocale("en"); },
            answer: (payload, client) => { const { id } = payload.decision ?? payload; client.exposed(id); client.answer(id, "dismiss"); },
            reset: (_, client) => { client.reset(); },
            destroy: (_, client) => { client.destroy(); },
            erase: (_, client) => { client.erase(); },
          };
          acts[event] = (payload, client) => { acts[event] = undefined; calls[name](payload, client); };
          begin();
          client.track("view_item");
        }, event, name);
        const what = `${name} within ${event}`;
        // Goes on as far as it goes: whatever stands there is seen, then closed.
        await browser.waitFor(() => { pass(); if (lying()) press("dismiss"); return !acts[Object.keys(acts)[0]]; })
          .catch(async () => assert.fail(`${what}: ${await browser.evaluate(() => JSON.stringify([told, faults]))}`));
        await browser.waitFor(() => { pass(); if (lying()) press("dismiss"); return !lying() && !document.querySelector("danbi-message"); });
        const heard = await browser.evaluate(() => told);
        for (const event of ["open", "close", "closed"])
          assert.ok(heard.filter((it) => it.startsWith(`${event} first`)).length <= 1, `${what}: ${heard}`);
        assert.deepEqual(await browser.evaluate(() => faults), [], what);
        const log = await browser.evaluate(() => logged());
        assert.deepEqual(log.filter((row, index) => / first/.test(row) && log.indexOf(row) !== index), [], what);
      }
  },

  async "it goes when the page becomes one where it may not be, however that is told"({ browser, open }) {
    for (const say of [() => client.page({ kind: "payment" }), () => client.context({ page: { kind: "payment" } }), () => client.page({ kind: "order_complete" })]) {
      await open();
      await first(browser);
      await browser.evaluate(say);
      await told(browser, ...OPEN, "close first hide", "closed first hide");
      assert.equal(await browser.evaluate(() => lying()), null);
      assert.equal(await focused(browser), "before");
      await logged(browser, []);
      // Not before the shopper has left that page.
      await browser.evaluate(async () => { await client.track("add_to_cart"); await client.flush(); });
      assert.equal(await browser.evaluate(() => lying()), null);
      await browser.evaluate(() => { client.context({ page: { kind: "home" } }); client.page({ kind: "home" }); });
      await browser.waitFor(() => lying() !== null);
      assert.deepEqual(await browser.evaluate(() => faults), []);
    }
  },

  async "routes within the page: what lies over it stays, a card is decided anew"({ browser }) {
    await slot(browser, "<div data-danbi-slot=side>");
    await first(browser);
    await browser.waitFor("[data-danbi-slot] danbi-card");
    const card = await browser.evaluate(() => client.decide("side").id);
    await browser.evaluate(() => { told.length = 0; history.pushState(null, "", "#route"); client.page({ kind: "list" }); });
    await browser.waitFor((card) => { pass(); return client.decide("side").id !== card || told.includes("exposure side"); }, { args: [card] });
    assert.equal(await browser.evaluate(() => lying()), "첫째");
    // Seen on this page, it is another one on the next.
    await browser.waitFor(async () => { pass(); return (await logged()).includes("exposure side"); });
    const seen = await browser.evaluate(() => client.decide("side").id);
    await browser.evaluate(() => { client.page({ kind: "home" }); });
    await browser.waitFor((seen) => client.decide("side").id !== seen, { args: [seen] });
    assert.equal(await browser.evaluate(() => lying()), "첫째");
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-card").length), 1);
    await browser.evaluate(() => press("dismiss"));
    await free(browser);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "slots early, late, renamed, moved, emptied and removed"({ browser }) {
    const names = () => browser.evaluate(() => [...document.querySelectorAll("danbi-card")].map(({ parentNode: { id, dataset } }) => id || dataset.danbiSlot).join());
    const until = (expected) => browser.waitFor((expected) => [...document.querySelectorAll("danbi-card")].map(({ parentNode: { id, dataset } }) => id || dataset.danbiSlot).join() === expected, { args: [expected], timeout: 5000 })
      .catch(async () => assert.equal(await names(), expected));
    await slot(browser, "<div data-danbi-slot=side>");
    await browser.evaluate(() => begin());
    await until("side");
    await slot(browser, "<div data-danbi-slot=ask>");
    await until("side,ask");
    // Two of one name.
    await slot(browser, "<div data-danbi-slot=side>");
    await until("side,ask,side");
    await browser.evaluate(() => document.querySelectorAll('[data-danbi-slot="side"]')[1].remove());
    await until("side,ask");
    await browser.evaluate(() => { document.querySelector('[data-danbi-slot="ask"]').dataset.danbiSlot = "nothing"; });
    await until("side");
    await browser.evaluate(() => { document.querySelector('[data-danbi-slot="nothing"]').dataset.danbiSlot = "ask"; });
    await until("side,ask");
    const length = await browser.evaluate(() => told.length);
    // Moved within the page, back out within one task, emptied as a framework does.
    await browser.evaluate(() => {
      const [side] = document.querySelectorAll('[data-danbi-slot="side"]');
      window.card = side.querySelector("danbi-card");
      side.parentNode.append(side);
      const brief = document.createElement("div");
      brief.dataset.danbiSlot = "side";
      document.body.append(brief);
      brief.remove();
      side.replaceChildren();
    });
    await until("ask,side");
    assert.equal(await browser.evaluate(() => document.querySelector('[data-danbi-slot="side"] danbi-card') === card && told.length), length, "the same card, nothing told");
    await browser.evaluate(() => document.querySelector('[data-danbi-slot="side"]').remove());
    await until("ask");
    assert.equal(await browser.evaluate(() => told.at(-1)), "closed side gone");
    // A page that takes it out each time gets its way.
    await browser.evaluate(() => {
      const slot = document.querySelector('[data-danbi-slot="ask"]');
      window.taken = 0;
      new MutationObserver(() => { if (slot.firstChild) { taken++; slot.replaceChildren(); } }).observe(slot, { childList: true });
      slot.replaceChildren();
    });
    await browser.waitFor(() => taken > 5);
    await until("");
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "elements of its own, in the page's shadow trees too; once a page, whoever's danbi it is"({ browser }) {
    await browser.evaluate(() => {
      const slot = (into, name) => into.appendChild(document.createElement("danbi-slot")).setAttribute("name", name);
      slot(document.querySelector("#slots"), "side");
      const host = document.querySelector("#slots").appendChild(document.createElement("div"));
      host.id = "host";
      slot(host.attachShadow({ mode: "open" }), "side");
      return Promise.all([begin(), begin({ name: "other" }, "other")]);
    });
    await browser.waitFor(() => document.querySelectorAll("danbi-slot > danbi-card").length === 2);
    await browser.waitFor("#host >>> danbi-slot > danbi-card");
    assert.equal(await browser.evaluate(() => getComputedStyle(document.querySelector("danbi-slot")).display), "block");
    await browser.evaluate(() => document.querySelector("#host").shadowRoot.querySelector("danbi-slot").setAttribute("name", "ask"));
    await browser.waitFor('#host >>> danbi-slot > danbi-card >>> [data-action="choice"]');
    await browser.evaluate(() => document.querySelector("#host").shadowRoot.querySelector("danbi-slot").replaceChildren());
    await browser.waitFor('#host >>> danbi-slot > danbi-card >>> [data-action="choice"]');
    await browser.evaluate(() => { client.destroy(); other.destroy(); });
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-card").length + document.querySelector("#host").shadowRoot.querySelectorAll("danbi-card").length), 0);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "two danbis on one page: one message at a time, the other after it"({ browser }) {
    await browser.evaluate(() => Promise.all([begin(), begin({ name: "other" }, "other")]));
    await browser.evaluate(() => { client.track("view_item"); other.track("add_to_cart"); });
    await browser.waitFor(() => lying() !== null);
    await browser.evaluate(() => Promise.all([client.flush(), other.flush()]));
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-message").length), 1);
    const before = await browser.evaluate(() => lying());
    await browser.evaluate(() => press("dismiss"));
    await lying(browser, before === "첫째" ? "둘째" : "첫째");
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-message").length), 1);
    // Taken away by the page, it is no less the other's turn.
    await browser.evaluate(() => document.querySelector("danbi-message").remove());
    await browser.waitFor(() => told.filter((it) => /^closed/.test(it)).length === 2);
    assert.equal(await browser.evaluate(() => lying()), null);
    await browser.evaluate(() => { client.track("add_to_cart"); });
    await browser.waitFor(() => lying() !== null || told.filter((it) => /^message/.test(it)).length > 2);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "a card: named, beside what the page has there; the same again touches nothing; it stays, and thanks for an answer"({ browser }) {
    await slot(browser, "<div data-danbi-slot=side>");
    await slot(browser, "<div data-danbi-slot=ask>");
    await browser.evaluate(() => { document.querySelector('[data-danbi-slot="side"]').append("before"); });
    await browser.evaluate(() => begin());
    await browser.waitFor('[data-danbi-slot="ask"] danbi-card');
    assert.equal(await browser.evaluate(() => {
      const card = document.querySelector('[data-danbi-slot="side"] danbi-card'), section = card.shadowRoot.querySelector("section");
      window.heading = section.querySelector("h2");
      return [card.parentNode.textContent, card.shadowRoot.getElementById(section.getAttribute("aria-labelledby")).textContent, section.lang, getComputedStyle(card).display].join();
    }), "before,카드,ko,block");
    await browser.evaluate(async () => { await client.track("anything"); client.context({ a: 1 }); await client.flush(); });
    assert.equal(await browser.evaluate(() => heading === document.querySelector("danbi-card").shadowRoot.querySelector("h2")), true);
    // Pressed twice it is told once; it stays.
    await browser.evaluate(() => { told.length = 0; acts.answer = () => true; press("click", "danbi-card"); press("click", "danbi-card"); });
    await logged(browser, ["answer side click yes"]);
    await told(browser, "answer side click");
    assert.equal(await browser.evaluate(() => heading === document.querySelector("danbi-card").shadowRoot.querySelector("h2")), true);
    await browser.evaluate(() => { document.querySelectorAll("danbi-card")[1].shadowRoot.querySelectorAll("button")[1].focus(); document.querySelectorAll("danbi-card")[1].shadowRoot.querySelectorAll("button")[1].click(); });
    await logged(browser, ["answer side click yes", "answer ask choice two"]);
    assert.equal((await browser.text('[data-danbi-slot="ask"] danbi-card >>> section')).replace(/\n+/, " "), "물음 답해 주셔서 고마워요.");
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-card")[1].shadowRoot.activeElement?.localName), "section");
    // On the next page it may ask again.
    await browser.evaluate(() => { client.page(); });
    await browser.waitFor('[data-danbi-slot="ask"] danbi-card >>> button[data-action="choice"]');
    await browser.evaluate(() => { client.setLocale("en"); });
    await browser.waitFor(() => document.querySelector("danbi-card").shadowRoot.querySelector("h2").textContent === "카드 (en)");
    await browser.evaluate(() => client.destroy());
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-card").length + document.querySelector("#slots").textContent), "0before");
  },

  async "a host that answers by hand ends what danbi has drawn"({ browser }) {
    await first(browser);
    await browser.evaluate(() => { client.answer(client.decide("interruptive").id, "click", "mine"); });
    await told(browser, ...OPEN, "close first click", "closed first click");
    await logged(browser, ["answer first click mine"]);
    await free(browser);
  },

  async "a host that draws by itself: nothing is drawn, and its answer frees the place"({ browser }) {
    await slot(browser, "<div data-danbi-slot=side>");
    await browser.evaluate(() => begin({ render: false }));
    await browser.evaluate(() => { acts.message = ({ id }) => { window.shown = id; }; client.track("view_item"); });
    await told(browser, "message first");
    await browser.evaluate(() => { client.exposed(shown); client.exposed(shown); client.answer(shown, "dismiss"); client.answer(shown, "dismiss"); });
    await logged(browser, ["exposure first", "answer first dismiss"]);
    await browser.evaluate(() => { client.track("add_to_cart"); });
    await told(browser, "message first", "message second");
    await browser.evaluate(() => { client.page({ kind: "payment" }); });
    await told(browser, "message first", "message second", "close second hide");
    assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-message, danbi-card").length), 0);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "no more advertisements: the message goes, and so does the consent"({ browser }) {
    await browser.evaluate(() => begin());
    await browser.evaluate(() => { client.track("search"); });
    await lying(browser, "광고할 것");
    await browser.evaluate(() => part('[part="optout"]').click());
    await told(browser, "message promo", "open promo", "close promo opt_out", "closed promo opt_out");
    await browser.waitFor(() => client.profile()?.consent.advertising === "denied");
    await logged(browser, []);
    await free(browser);
  },

  async "half an answer keeps the message and its decision; the last one is thanked for, and closing that tells nothing"({ browser }) {
    await browser.evaluate(() => begin());
    await browser.evaluate(() => { client.track("view_cart"); });
    await lying(browser, "How?");
    const choose = (label) => browser.evaluate((label) => {
      const dialog = part("dialog");
      [...dialog.querySelectorAll("button")].find(({ textContent }) => textContent === label).click();
    }, label);
    await choose("Good");
    await lying(browser, "Why?");
    await choose("So");
    await lying(browser, "Thanks a lot");
    const answers = await browser.waitFor(async () => {
      const answers = (await client.export()).events.filter(({ event }) => event === "danbi_answer").map(({ properties }) => properties);
      return answers.length > 1 && answers;
    });
    assert.deepEqual(answers.map(({ action, value, question, partial }) => ({ action, value, question, partial })), [{ action: "choice", value: "good", question: "how", partial: true }, { action: "choice", value: "so", question: "why" }].map((it) => ({ partial: undefined, ...it })));
    assert.equal(answers[0].decision, answers[1].decision);
    // The place is free, and what is thanked for is closed first.
    await browser.evaluate(() => { client.track("add_to_cart"); });
    await browser.evaluate(() => client.flush());
    assert.equal(await browser.evaluate(() => lying()), "Thanks a lot");
    await browser.evaluate(() => press("dismiss"));
    await lying(browser, "둘째");
    assert.equal(await browser.evaluate(() => told.filter((it) => it.startsWith("answer")).join()), "answer survey choice,answer survey choice");
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "widgets of progress: nothing before there is something to tell, then as it changes; of two danbis one draws it"({ browser }) {
    await browser.evaluate(() => {
      for (const [kind, of] of [["bar", "main"], ["bar"], ["tier"], ["wallet", "pt"], ["nonsense"], ["bar", "nonsense"]]) {
        const widget = document.querySelector("#slots").appendChild(document.createElement("danbi-progress"));
        widget.setAttribute("kind", kind);
        if (of) widget.setAttribute("of", of);
      }
      return Promise.all([begin(), begin({ name: "twin" + Math.random() }, "other")]);
    });
    const cards = () => browser.evaluate(() => [...document.querySelectorAll("danbi-progress")].map(({ children }) => children.length).join(""));
    await browser.waitFor(() => [...document.querySelectorAll("danbi-progress")].map(({ children }) => children.length).join("") === "111100").catch(async () => assert.equal(await cards(), "111100"));
    const bar = (index) => browser.evaluate((index) => document.querySelectorAll("danbi-progress > danbi-card")[index].shadowRoot.querySelector('[role="progressbar"]').getAttribute("aria-valuenow"), index);
    assert.equal(await bar(0), "0");
    await browser.evaluate(() => { for (const one of [client, other]) one.track("purchase", { transaction_id: "1", value: 25000, currency: "KRW" }); });
    await browser.waitFor(() => document.querySelector("danbi-progress > danbi-card").shadowRoot.querySelector('[role="progressbar"]').getAttribute("aria-valuenow") === "25");
    assert.deepEqual([await bar(0), await bar(1)], ["25", "25"]);
    assert.equal(await browser.evaluate(() => {
      const bar = document.querySelector("danbi-progress > danbi-card").shadowRoot.querySelector('[role="progressbar"]');
const inner = bar.firstElementChild.getBoundingClientRect().width / bar.getBoundingClientRect().width;
      return ["aria-label", "aria-valuemin", "aria-valuemax"].map((name) => bar.getAttribute(name)).concat(Math.round(inner * 100)).join("|");
    }), "잎까지 75,000원|0|100|25");
    await browser.evaluate(() => document.querySelector("danbi-progress").setAttribute("kind", "tier"));
    await browser.waitFor(() => document.querySelector("danbi-progress > danbi-card")?.shadowRoot.querySelector('[part~="tier"]') != null);
    // The one that has drawn them goes: it is the other's turn.
    await browser.evaluate(() => client.destroy());
    await browser.evaluate(() => { other.context({ a: 1 }); });
    await browser.waitFor(() => [...document.querySelectorAll("danbi-progress")].map(({ children }) => children.length).join("") === "111100");
    await browser.evaluate(() => other.destroy());
    assert.equal(await cards(), "000000");
    assert.deepEqual(await browser.evaluate(() => [told, faults]), [[], []]);
  },

  async "nothing on the page moves: a late card where room is kept, one that goes by itself, what lies over the page"({ browser }) {
    const measured = await browser.evaluate(async () => {
      window.moved = 0;
      if (!PerformanceObserver.supportedEntryTypes.includes("layout-shift")) return false;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("#kept { min-block-size: 400px }");
      document.adoptedStyleSheets = [sheet];
      const slot = (id, name) => Object.assign(document.querySelector("#slots").appendChild(document.createElement("div")), { id }).dataset.danbiSlot = name;
      slot("kept", "late");
      await looked();
      new PerformanceObserver((list) => { for (const { value } of list.getEntries()) moved += value; }).observe({ type: "layout-shift" });
      return true;
    });
    if (!measured) return assert.notEqual(browser.name, "chromium");
    const still = async (what) => {
      await browser.evaluate(async () => { await looked(); await looked(); });
      assert.equal(await browser.evaluate(() => window.moved), 0, what);
    };
    await browser.evaluate(() => begin());
    await still("before");
    await browser.evaluate(() => client.context({ late: true }));
    await browser.waitFor("#kept danbi-card");
    await still("a late card in the room that the page keeps");
    await browser.evaluate(() => client.context({ late: false }));
    await browser.waitFor(() => !document.querySelector("danbi-card"));
    await still("it goes by itself");
    // Room by an attribute, from the moment that danbi sees the place.
    const below = () => browser.evaluate(() => document.querySelector("#below").getBoundingClientRect().top);
    await browser.evaluate(async () => {
      await looked();
      const slot = document.querySelector("#slots").appendChild(document.createElement("div"));
      slot.dataset.danbiReserve = "500";
      slot.dataset.danbiSlot = "late";
    });
    await browser.evaluate(() => looked());
    const before = await below();
    await browser.evaluate(() => client.context({ late: true }));
    await browser.waitFor("[data-danbi-reserve] danbi-card");
    assert.equal(await below(), before);
    // A card that had no room of its own keeps what it took while the page stays the same.
    await browser.evaluate(() => { document.querySelector("[data-danbi-reserve]").removeAttribute("data-danbi-reserve"); document.querySelector("#kept").remove(); });
    await browser.evaluate(() => looked());
    const full = await below();
    await browser.evaluate(() => client.context({ late: false }));
    await browser.waitFor(() => !document.querySelector("danbi-card"));
    assert.equal(await below(), full);
    await browser.evaluate(async () => { await looked(); window.moved = 0; client.track("view_item"); });
    await lying(browser, "첫째");
    await still("a message over it");
    await browser.evaluate(() => press("dismiss"));
    await still("and gone");
  },

  async "a browser that cannot draw it says so, and nothing is stuck"({ browser, open }) {
    for (const [object, method] of [["HTMLDialogElement.prototype", "showModal"], ["Element.prototype", "attachShadow"], ["window", "MutationObserver"], ["window", "IntersectionObserver"]]) {
      await open();
      await browser.evaluate((object, method) => { const owner = object === "window" ? window : window[object.split(".")[0]].prototype; owner[method] = undefined; }, object, method);
      await browser.evaluate(() => begin());
      await browser.evaluate(() => { client.track("view_item"); });
      await browser.waitFor(() => faults.length > 0);
      assert.match(await browser.evaluate(() => faults.join()), /^(not_shown|drawing|exposure): /, method);
      assert.equal(await browser.evaluate(() => document.querySelectorAll("danbi-message").length), method === "IntersectionObserver" ? 1 : 0, method);
    }
  },

  // Last: drivers lose count of pages that a browser brings back.
  async "left and come back to: a page that the browser kept goes on, and counts nothing twice"({ browser, open }) {
    await first(browser);
    await browser.waitFor(() => { pass(); return told.includes("exposure first"); });
    const address = await browser.evaluate(() => { window.kept = true; return location.href; });
    await open();
    await browser.evaluate(() => history.back());
    await browser.waitFor((address) => location.href === address && window.prepared === true, { args: [address] });
    const kept = await browser.evaluate(() => window.kept === true);
    if (kept) {
      assert.equal(await browser.evaluate(() => lying()), "첫째");
      await browser.evaluate(() => { pass(); press("dismiss"); });
      await told(browser, ...OPEN, "exposure first", "close first dismiss", "closed first dismiss", "answer first dismiss");
      await logged(browser, ["exposure first", "answer first dismiss"]);
      await free(browser);
    } else assert.equal(await browser.evaluate(() => lying()), null);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },
};

for (const name of Object.keys(engines))
  describe(name, () => {
    let browser, site, folder;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "danbi-life-"));
      cpSync(path("fixture"), join(folder, "fixture"), { recursive: true });
      cpSync(path("../../pkg/dist"), join(folder, "fixture/danbi"), { recursive: true });
      site = await serve({ folder, csp });
      browser = await launch(name);
    });
    after(async () => {
      await browser?.close();
      await site?.close();
      rmSync(folder, { recursive: true, force: true });
    });
    let count = 0;
    const open = async () => {
      await browser.open(`${site.url}fixture/life.html?${count++}`);
      await browser.waitFor(() => window.prepared === true);
    };
    for (const [title, scene] of Object.entries(scenes))
      test(title, { timeout: 180_000 }, async () => {
        await open();
        await scene({ browser, open });
      });
  });
