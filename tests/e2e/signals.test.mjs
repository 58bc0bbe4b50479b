/** What the page itself tells, and where consent comes from, in three engines: a page of its own over the built package. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { collect } from "../collector/collector.mjs";
import { engines, launch } from "./browsers.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
assert.ok(existsSync(path("../../pkg/dist")), "pkg/dist is missing: npm run build");
const pixel = readFileSync(path("../../pkg/shopify/pixel.js"), "utf8");

/** Longer than a page gets to say what it is, and than a look at how far it is scrolled. */
const SETTLED = 400;

/** Waits until what was said is exactly this. */
async function heard(browser, expected) {
  const text = JSON.stringify(expected);
  await browser.waitFor(async (text) => JSON.stringify(await said()) === text, { args: [text] })
    .catch(async () => assert.deepEqual(await browser.evaluate(() => said()), expected));
}
/** The names of what was said, nothing more to come. */
async function names(browser) {
  await pause(SETTLED);
  return (await browser.evaluate(() => said())).map(([name]) => name);
}
const begin = (browser, signals, options = {}) => browser.evaluate((signals, options) => begin(signals, options), signals, options);
/** All that a browser keeps for this page, danbi's databases opened. */
const dump = (browser) => browser.evaluate(async () => {
  const rows = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of Array.from(db.objectStoreNames)) {
      const all = db.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => { all.onsuccess = resolve; });
      rows.push(...all.result.map((row) => [store, row]));
    }
    db.close();
  }
  return { rows, local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie, caches: await globalThis.caches?.keys() ?? [] };
});
const nothing = { rows: [], local: {}, session: {}, cookies: "", caches: [] };
const stored = async (browser) => (await dump(browser)).rows.filter(([store]) => store === "log").map(([, { line }]) => line.event ?? line.type);

/** Each is told of one browser, a way to open the page anew, and the folder it is served from. */
const scenes = {
  async "page views: routes, hash routes, the same address, the shop's own word"({ browser, open }) {
    await open("?utm_source=x");
    await begin(browser, { pages: true });
    const home = ["page", { kind: "home" }];
    await heard(browser, [home]);
    await browser.evaluate(async () => {
      const { length } = history;
      history.pushState({ a: 1 }, "", "/product/a?x=1");
      if (history.length !== length + 1 || history.state.a !== 1) throw Error("the shop's own call is changed");
      await Promise.resolve();
      document.body.dataset.danbiPage = "product";
    });
    const product = ["page", { kind: "product" }];
    await heard(browser, [home, product]);
    await browser.evaluate(() => {
      history.pushState(null, "", "/product/a?x=1");
      history.replaceState(null, "", "/product/a?x=1&utm_source=y&gclid=5");
      location.hash = "reviews";
    });
    assert.deepEqual(await names(browser), ["page", "page"]);
    await browser.evaluate(() => {
      document.body.dataset.danbiPage = "cart";
      location.hash = "#/cart";
    });
    const cart = ["page", { kind: "cart" }];
    await heard(browser, [home, product, cart]);
    await browser.evaluate(() => {
      document.body.dataset.danbiPage = "product";
      history.back();
    });
    await heard(browser, [home, product, cart, product]);
    // Back out of the browser's cache it is seen again.
    await browser.evaluate(() => { dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })); });
    await heard(browser, [home, product, cart, product, product]);
    // A chain of redirects is one page; what the host's context says comes first.
    await browser.evaluate(() => {
      client.context({ page: { kind: "support" } });
      for (const to of ["/1", "/2", "/3"]) history.replaceState(null, "", to);
    });
    const support = ["page", { kind: "support" }];
    await heard(browser, [home, product, cart, product, product, support]);
    // The shop says it itself: in time, it stands for the automatic one; late, the automatic ones end.
    await browser.evaluate(() => {
      history.pushState(null, "", "/own");
      return client.page({ kind: "store" });
    });
    const store = ["page", { kind: "store" }];
    await pause(SETTLED);
    await heard(browser, [home, product, cart, product, product, support, store]);
    await browser.evaluate(() => history.pushState(null, "", "/late"));
    await heard(browser, [home, product, cart, product, product, support, store, support]);
    await browser.evaluate(() => client.page({ kind: "list" }));
    await browser.evaluate(() => history.pushState(null, "", "/later"));
    assert.equal((await names(browser)).length, 9);
    // Gone without a trace.
    assert.deepEqual(await browser.evaluate(() => {
      client.destroy();
      history.pushState(null, "", "/gone");
      return [Object.hasOwn(history, "pushState"), Object.hasOwn(history, "replaceState"), faults];
    }), [false, false, []]);
  },

  async "page views without the Navigation API: the History API's, and another wrapper on top"({ browser, open }) {
    await open("", `<script>
      delete window.navigation;
      Object.defineProperty(window, "navigation", { value: document.createElement("nav"), configurable: true });
    </script>`);
    await begin(browser, { pages: true });
    await heard(browser, [["page", { kind: "home" }]]);
    await browser.evaluate(() => {
      const before = history.pushState;
      window.theirs = 0;
      history.pushState = function (...all) { theirs++; return before.apply(this, all); };
      history.pushState(null, "", "/a");
    });
    await heard(browser, [["page", { kind: "home" }], ["page", { kind: "home" }]]);
    assert.deepEqual(await browser.evaluate(() => {
      let refused;
      try { history.pushState(null, "", "https://elsewhere.test/"); } catch (error) { refused = error.name; }
      client.destroy();
      history.pushState(null, "", "/b");
      return [refused, theirs, location.pathname, Object.hasOwn(history, "replaceState")];
    }), ["SecurityError", 3, "/b", false]);
  },

  async "page views: what the shop said before we were there stands for the first one"({ browser, open }) {
    await open();
    await browser.evaluate(() => {
      const ready = begin({ pages: true });
      void client.page({ kind: "list" });
      return ready;
    });
    await pause(SETTLED);
    await heard(browser, [["page", { kind: "list" }]]);
  },

  async "dwell: only while the page is seen, once per product"({ browser, open }) {
    await open("", `<script>
      window.hide = (yes) => {
        Object.defineProperty(document, "visibilityState", { value: yes ? "hidden" : "visible", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      };
    </script>`);
    await begin(browser, { dwell: { after: "PT1S" } });
    const view = ["view_item", { items: [{ item_id: "a", item_name: "앰플", item_category: "skin", price: 1 }] }];
    await browser.evaluate((view) => {
      hide(true);
      dataLayer.push({ event: view[0], ecommerce: view[1] });
    }, view);
    await pause(1500);
    assert.deepEqual(await names(browser), ["view_item"]);
    const took = await browser.evaluate(async () => {
      hide(false);
      const begun = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 300));
      hide(true);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      hide(false);
      while ((await said()).length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
      return performance.now() - begun;
    });
    assert.ok(took > 2100, `${took} ms passed, of which 1,200 did not count`);
    const dwelt = ["dwell", { item_id: "a", item_name: "앰플", item_category: "skin", seconds: 1 }];
    await heard(browser, [view, dwelt]);
    await browser.evaluate(() => client.track("view_item", { items: [{ item_id: "a", item_variant: "30 ml" }] }));
    await pause(1300);
    assert.equal((await names(browser)).filter((name) => name === "dwell").length, 1);
    // Another vocabulary, and a product that is left before its time.
    await browser.evaluate(() => client.track("Product Viewed", { product_id: "b", name: "Toner" }));
    await pause(500);
    await browser.evaluate(() => {
      history.pushState(null, "", "/list");
      return client.track("product_viewed", { productVariant: { id: "v", product: { id: "c", title: "Cream" } } });
    });
    await browser.waitFor(async () => (await said()).some(([name, { item_id }]) => name === "dwell" && item_id !== "a"));
    assert.deepEqual((await browser.evaluate(() => said())).at(-1), ["dwell", { item_id: "c", item_name: "Cream", seconds: 1 }]);
  },

  async "scroll: each depth once a page view"({ browser, open }) {
    await open();
    await begin(browser, { scroll: { percents: [90, 25, 50] } });
    await pause(SETTLED);
    const to = (share) => browser.evaluate((share) => scrollTo(0, document.documentElement.scrollHeight * share), share);
    const at = (percent) => ["scroll", { percent_scrolled: percent }];
    await to(0.4);
    await heard(browser, [at(25), at(50)].slice(0, await browser.evaluate(() => (innerHeight / 8000 >= 0.1 ? 2 : 1))));
    await to(1);
    await heard(browser, [at(25), at(50), at(90)]);
    await to(0);
    await pause(SETTLED);
    await to(1);
    assert.equal((await names(browser)).length, 3);
    await browser.evaluate(() => {
      history.pushState(null, "", "/next");
      scrollTo(0, 0);
    });
    assert.equal((await names(browser)).length, 3);
    await to(1);
    await heard(browser, [at(25), at(50), at(90), at(25), at(50), at(90)]);
  },

  async "search: from the address, once, unless the shop says it"({ browser, open }) {
    await open("?q=%ED%86%A0%EB%84%88");
    await begin(browser, { search: true });
    const toner = ["search", { search_term: "토너" }];
    await heard(browser, [toner]);
    await browser.evaluate(() => history.pushState(null, "", "?q=%ED%86%A0%EB%84%88&page=2"));
    assert.equal((await names(browser)).length, 1);
    await browser.evaluate(() => { location.hash = "#/find?keyword=cream"; });
    assert.equal((await names(browser)).length, 1); // the search of the address comes first
    await browser.evaluate(() => history.pushState(null, "", "/#/find?keyword=cream"));
    await heard(browser, [toner, ["search", { search_term: "cream" }]]);
    await browser.evaluate(() => {
      history.pushState(null, "", "?s=mask");
      dataLayer.push({ event: "view_search_results", search_term: "mask" });
    });
    assert.deepEqual(await names(browser), ["search", "search", "view_search_results"]);
  },

  async "exit intent: out at the top, or flung up by touch, once a page view"({ browser, open }) {
    await open();
    await begin(browser, { exit: true });
    await pause(SETTLED);
    const out = (more) => browser.evaluate((more) => {
      document.documentElement.dispatchEvent(new MouseEvent("mouseout", { bubbles: true, clientY: -1, clientX: 300, relatedTarget: null, ...more }));
    }, more ?? {});
    await out({ clientY: 400 }); // into a frame, or out at a side
    await out({ buttons: 1 }); // dragging
    assert.deepEqual(await names(browser), []);
    await out();
    await out();
    await heard(browser, [["exit_intent", {}]]);
    await browser.evaluate(() => history.pushState(null, "", "/two"));
    await pause(SETTLED);
    const fling = (touch) => browser.evaluate(async (touch) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const at = async (y) => { scrollTo({ top: y, behavior: "instant" }); await frame(); await frame(); };
      await at(7000);
      if (touch) document.body.dispatchEvent(new Event("touchmove", { bubbles: true }));
      await at(7000 - innerHeight / 2);
      await at(7000 - innerHeight * 1.5);
    }, touch);
    await fling(false); // a link to the top
    assert.deepEqual(await names(browser), ["exit_intent"]);
    await fling(true);
    await heard(browser, [["exit_intent", {}], ["exit_intent", {}]]);
  },

  async "inactivity: nothing done on the page for so long, once a page view"({ browser, open }) {
    await open();
    await begin(browser, { idle: { after: "PT2S" } });
    await browser.evaluate(async () => {
      for (let i = 0; i < 25; i++) {
        const type = ["pointermove", "keydown", "scroll", "touchmove", "wheel"][i % 5];
        document.body.dispatchEvent(new Event(type, { bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    assert.deepEqual(await browser.evaluate(() => said()), []);
    const still = ["inactive", { seconds: 2 }];
    await heard(browser, [still]);
    await pause(2500);
    await heard(browser, [still]);
    await browser.evaluate(() => history.pushState(null, "", "/two"));
    await heard(browser, [still, still]);
    await browser.evaluate(() => {
      history.pushState(null, "", "/three");
      client.destroy();
    });
    await pause(2500);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "paths of pages: only where somebody asks, without a query, the shop's own word first"({ browser, open }) {
    const bundle = {
      bundle: "paths", version: 1, house: { zone: "Asia/Seoul", currency: "KRW", locales: ["ko", "en"] },
      campaigns: [{
        id: "sale", label: { ko: "할인", en: "Sale" }, slot: "top", trigger: { page: { path: "/sale/*" } },
        message: { blocks: [{ title: { ko: "할인", en: "Sale" } }] },
      }],
    };
    const all = { consent: { functional: true, analytics: true, personalization: true, advertising: true } };
    await open("?secret=1");
    await begin(browser, { pages: true });
    await heard(browser, [["page", { kind: "home" }]]);
    await open("?secret=1");
    await begin(browser, undefined, { bundle, ...all });
    const shown = () => browser.evaluate(() => client.decide("top").campaign);
    await browser.evaluate(() => client.page({ kind: "home" }));
    await browser.waitFor(() => client.explain()[0]?.code === "elsewhere");
    await browser.evaluate(() => {
      history.pushState(null, "", "/sale/summer?secret=2");
      return client.page({ kind: "list" });
    });
    await browser.waitFor(() => client.decide("top").campaign === "sale");
    await browser.evaluate(() => {
      history.pushState(null, "", "/about#/sale/x?secret=3");
      return client.page();
    });
    await browser.waitFor(() => client.explain()[0]?.actual === "/about#/sale/x");
    assert.equal(await shown(), null);
    await browser.evaluate(() => client.page({ path: "/sale/own" }));
    await browser.waitFor(() => client.decide("top").campaign === "sale");
    assert.deepEqual((await browser.evaluate(() => said())).map(([, { path }]) => path), ["/", "/sale/summer", "/about#/sale/x", "/sale/own"]);
    assert.doesNotMatch(JSON.stringify(await dump(browser)), /secret/);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "places: judged in the page, only after a tap; coordinates are nowhere"({ browser, open, collector }) {
    /** Where the stub says the shopper is: `go` moves them, `fail` is the browser's refusal. */
    const stub = `<script>
      window.asked = 0;
      Object.defineProperty(navigator, "geolocation", { configurable: true, value: {
        watchPosition(ok, bad) {
          asked++;
          window.go = (latitude, longitude, accuracy = 20) => ok({ coords: { latitude, longitude, accuracy }, timestamp: 0 });
          window.fail = (code) => bad({ code, message: "at 37.5446" });
          setTimeout(() => window.begun?.());
          return asked;
        },
        clearWatch(id) { window.cleared = id; },
      } });
    </script><button style="position: fixed; top: 0" onclick="window.tapped = true">stores nearby</button>`;
    const house = { zone: "Asia/Seoul", currency: "KRW", locales: ["ko", "en"] };
    const places = { seongsu: { lat: 37.5446, lng: 127.0559, radius: 300 }, hongdae: { lat: 37.5563, lng: 126.9236, radius: 300 } };
    const near = { id: "near", label: { ko: "매장", en: "Store" }, slot: "top", trigger: { place: { name: "seongsu" } }, message: { blocks: [{ title: { ko: "매장", en: "Store" } }] } };
    const bundle = { bundle: "places", version: 1, house, places, purposes: ["geo"], campaigns: [near] };
    const consent = { functional: true, analytics: true, personalization: true, advertising: true };
    const locate = () => browser.evaluate(() => client.locate());
    /** Locates, and moves the shopper there. */
    const at = (latitude, longitude, accuracy) => browser.evaluate((latitude, longitude, accuracy) => {
      window.begun = () => go(latitude, longitude, accuracy);
      return client.locate();
    }, latitude, longitude, accuracy ?? 20);

    await open("", stub);
    await begin(browser, undefined, { bundle, consent, endpoint: collector.url });
    await browser.evaluate(() => client.page({ kind: "home" }));
    assert.equal(await browser.evaluate(() => asked), 0);
    assert.equal((await locate()).reason, "consent");
    await browser.evaluate(() => client.consent({ geo: true }));
    if (await browser.evaluate(() => navigator.userActivation && !navigator.userActivation.hasBeenActive)) assert.equal((await locate()).reason, "gesture");
    await browser.click("button");
    await browser.waitFor(() => window.tapped);
    assert.equal(await browser.evaluate(() => asked), 0);
    // 200 m north of the store.
    assert.deepEqual(await at(37.5464, 127.0559), { status: "known", places: ["seongsu"] });
    await browser.waitFor(() => client.decide("top").campaign === "near");
    const spoken = () => browser.evaluate(async () => (await said()).filter(([name]) => /^place_/.test(name)));
    assert.deepEqual(await spoken(), [["place_entered", { place: "seongsu" }]]);
    // At the edge, and as far as the reading may be wrong: still there. Then surely gone.
    await browser.evaluate(() => { go(37.5464, 127.0559); go(37.5475, 127.0559, 50); });
    await browser.evaluate(() => go(37.5486, 127.0559, 50));
    await browser.waitFor(() => client.decide("top").campaign === null);
    assert.deepEqual(await spoken(), [["place_entered", { place: "seongsu" }], ["place_left", { place: "seongsu" }]]);
    // A position that may be anywhere in the city is none.
    assert.deepEqual(await at(37.5446, 127.0559, 5000), { status: "known", places: [] });
    // Taken back, nothing more is heard.
    await browser.evaluate(() => client.consent({ geo: false }));
    await browser.evaluate(() => go(37.5446, 127.0559));
    assert.equal(await browser.evaluate(() => cleared === asked), true);
    assert.equal((await spoken()).length, 2);
    await browser.evaluate(() => client.consent({ geo: true }));
    for (const [code, reason] of [[1, "denied"], [2, "unavailable"], [3, "timeout"]]) {
      assert.deepEqual(await browser.evaluate((code) => { window.begun = () => fail(code); return client.locate(); }, code), { status: "dropped", reason });
    }
    await browser.evaluate(() => { navigator.geolocation.watchPosition = () => { throw Error("at 37.5446"); }; });
    assert.deepEqual(await locate(), { status: "dropped", reason: "unavailable" });
    await browser.evaluate(() => { Object.defineProperty(navigator, "geolocation", { value: undefined }); });
    assert.deepEqual(await locate(), { status: "dropped", reason: "unavailable" });
    await browser.evaluate(() => client.flush());
    const kept = JSON.stringify([await dump(browser), await browser.evaluate(async () => [await client.export(), client.explain(), client.profile(), faults]), collector.events]);
    assert.match(kept, /place_entered/);
    assert.ok(collector.events.some(({ event }) => event === "place_entered"));
    assert.doesNotMatch(kept, /37\.5\d{3}|127\.0|latitude|longitude|accuracy/);
    assert.deepEqual(await browser.evaluate(() => faults), []);
    collector.forget();
  },

  async "places: the browser's own no is quiet"({ browser, open }) {
    await open("", `<button style="position: fixed; top: 0" onclick="window.tapped = true">stores nearby</button>`, { "permissions-policy": "geolocation=()" });
    const house = { zone: "Asia/Seoul", currency: "KRW", locales: ["ko", "en"] };
    await begin(browser, undefined, { bundle: { bundle: "places", version: 1, house, places: { seongsu: { lat: 37.5446, lng: 127.0559, radius: 300 } } } });
    await browser.click("button");
    await browser.waitFor(() => window.tapped);
    const answer = await browser.evaluate(() => Promise.race([client.locate(), new Promise((resolve) => setTimeout(resolve, 15_000, { status: "dropped", reason: "asking" }))]));
    assert.equal(answer.status, "dropped");
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "everything is off until it is turned on; facts come when a condition asks for them"({ browser, open }) {
    const scripts = () => browser.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name.split("/").pop()).filter((name) => /^(signals|consent)\.js/.test(name)));
    await open("?utm_source=kakao&q=toner");
    await begin(browser);
    await browser.evaluate(() => {
      history.pushState(null, "", "/x?q=toner");
      dataLayer.push({ event: "view_item", ecommerce: { items: [{ item_id: "a" }] } });
      scrollTo(0, 8000);
      document.documentElement.dispatchEvent(new MouseEvent("mouseout", { bubbles: true, clientY: -1 }));
    });
    assert.deepEqual(await names(browser), ["view_item"]);
    assert.deepEqual(await scripts(), []);
    await open("?utm_source=kakao&utm_term=%ED%86%A0%EB%84%88");
    const campaign = (id, when) => ({
      id, label: { ko: id, en: id }, slot: id, audience: [{ when, why: { ko: "아님", en: "no" } }],
      steps: [{ id: "1", message: { blocks: [{ title: { ko: "{{ context.utm.source }} {{ context.device }}", en: "x" } }] } }],
    });
    const bundle = {
      bundle: "facts", version: 1, house: { zone: "Asia/Seoul", currency: "KRW", locales: ["ko", "en"] },
      campaigns: [campaign("kakao", { "context.utm.source": "kakao", "context.inApp": { $exists: false } }), campaign("band", { "context.utm.source": "band" })],
    };
    await begin(browser, undefined, { bundle, consent: { personalization: true, advertising: true } });
    await browser.evaluate(() => client.track("visit")); // with it the engine hears of the consent
    await browser.waitFor(() => client.decide("kakao").campaign);
    assert.deepEqual(await scripts(), ["signals.js"]);
    assert.deepEqual(await browser.evaluate(() => [client.decide("kakao").message?.blocks[0].title, client.decide("band").reason, faults]), ["kakao desktop", "none", []]);
    // The host's word comes first.
    await browser.evaluate(() => client.context({ utm: { source: "band" } }));
    assert.deepEqual(await browser.evaluate(() => [client.decide("kakao").reason, client.decide("band").campaign]), ["none", "band"]);
    // Nothing of it is stored.
    assert.doesNotMatch(JSON.stringify(await dump(browser)), /토너|utm_|"referrer"/);
  },

  async "data layer: before, after, under and over other listeners"({ browser, open }) {
    await open("", `<script>
      window.heard = [];
      window.dataLayer = [{ event: "before", a: 1 }];
      function gtag() { dataLayer.push(arguments); }
      /** A tag manager, as it takes the layer over: reads what is there, wraps push, answers in its own way. */
      window.manager = (name) => {
        const old = dataLayer.push;
        const state = [];
        dataLayer.push = function (...entries) {
          const result = old.apply(dataLayer, entries);
          state.push(...entries);
          while (dataLayer.length > 300) dataLayer.shift();
          heard.push([name, ...entries.map((entry) => entry?.event ?? entry?.[1])]);
          return typeof result != "boolean" || result;
        };
      };
      manager("early");
    </script>`);
    await begin(browser);
    const answers = await browser.evaluate(() => {
      const answers = [dataLayer.push({ event: "middle" })];
      manager("late");
      answers.push(dataLayer.push({ event: "x" }, { event: "y" }));
      gtag("event", "sign_up", { method: "m" });
      dataLayer.push({ ecommerce: null });
      dataLayer.push({ event: "purchase", ecommerce: { transaction_id: "t", items: [{ item_id: "a" }] } });
      dataLayer.push({ event: "plain_items", items: [{ item_id: "b" }] });
      dataLayer.push({ event: "page_view", content_group: "home" });
      for (let i = 0; i < 400; i++) dataLayer.push({ event: "many" });
      return answers;
    });
    assert.deepEqual(answers, [true, true]);
    await browser.waitFor(async () => (await said()).length >= 408);
    const lines = await browser.evaluate(() => said());
    assert.deepEqual(lines.slice(0, 8), [
      ["before", { a: 1 }], ["middle", {}], ["x", {}], ["y", {}], ["sign_up", { method: "m" }],
      ["purchase", { transaction_id: "t", items: [{ item_id: "a" }] }],
      ["plain_items", { transaction_id: "t", items: [{ item_id: "b" }] }],
      ["page", { content_group: "home", kind: "home" }],
    ]);
    assert.equal(lines.length, 408);
    const others = await browser.evaluate(() => ({ early: heard.filter(([name]) => name === "early").length, late: heard.filter(([name]) => name === "late").length, order: heard.slice(0, 3) }));
    assert.deepEqual(others, { early: 407, late: 406, order: [["early", "middle"], ["early", "x", "y"], ["late", "x", "y"]] });
    // Wrapped by another meanwhile: it stays, and hears all.
    assert.deepEqual(await browser.evaluate(() => { client.destroy(); return [dataLayer.push({ event: "gone" }), heard.at(-1), dataLayer.length]; }), [true, ["late", "gone"], 300]);
  },

  async "before consent nothing is stored anywhere, whatever is said"({ browser, open, collector }) {
    await open("?q=toner&utm_source=x", `<script>window.dataLayer = [{ event: "early" }];</script>`);
    await begin(browser, { pages: true, dwell: { after: "PT1S" }, scroll: true, search: true, exit: true }, { consent: {}, endpoint: collector.url });
    await browser.waitFor(async () => (await said()).length >= 3); // early, page, search
    const held = await browser.evaluate(async () => {
      function gtag() { dataLayer.push(arguments); }
      gtag("consent", "default", { analytics_storage: "denied", ad_storage: "denied", personalization_storage: "denied", wait_for_update: 500 });
      gtag("config", "G-1", { user_id: "m-1" });
      dataLayer.push({ event: "view_item", ecommerce: { items: [{ item_id: "a" }] } });
      client.context({ page: { kind: "product" } });
      client.decide("home");
      client.watch("home", () => {});
      const receipts = await Promise.all([
        client.track("view_cart"), client.page({ kind: "cart" }), client.identify("m-1", { tier: "leaf" }),
        client.declare({ scent: "none", birthday: "05-12" }), client.consent({ advertising: true }),
      ]);
      await client.flush();
      scrollTo(0, 8000);
      return receipts.map(({ status }) => status);
    });
    assert.deepEqual(held, Array(5).fill("held"));
    await browser.waitFor(async () => (await said()).some(([name]) => name === "dwell"));
    assert.ok((await names(browser)).includes("scroll"));
    assert.deepEqual(await dump(browser), nothing);
    assert.equal(collector.requests.length, 0);
    // Used when the answer comes, all of it; thrown away when the answer is no.
    await browser.evaluate(() => client.consent({ analytics: true, personalization: true }));
    const kept = await stored(browser);
    assert.deepEqual(kept.toSorted(), ["consent", "danbi_declare", "dwell", "early", "identify", "identify", "page", "page", "scroll", "search", "view_cart", "view_item"].toSorted());
    await browser.evaluate(() => client.consent({ analytics: false, personalization: false }));
    assert.deepEqual({ ...(await dump(browser)) }, nothing);
  },

  async "Consent Mode: held until the update, erased when it is taken back"({ browser, open }) {
    await open("", `<script>
      window.dataLayer = [];
      function gtag() { dataLayer.push(arguments); }
      gtag("consent", "default", { ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied", analytics_storage: "denied", personalization_storage: "denied", functionality_storage: "denied", wait_for_update: 500 });
      dataLayer.push({ event: "early" });
    </script>`);
    await begin(browser, undefined, { consent: {} });
    await browser.evaluate(() => { dataLayer.push({ event: "later" }); });
    assert.deepEqual(await names(browser), ["early", "later"]);
    assert.deepEqual(await dump(browser), nothing);
    await browser.evaluate(() => gtag("consent", "update", { analytics_storage: "granted", functionality_storage: "granted" }));
    await browser.waitFor(async () => (await indexedDB.databases()).length === 1);
    await browser.evaluate(() => client.track("more"));
    assert.deepEqual(await stored(browser), ["consent", "early", "later", "more"]);
    assert.deepEqual(await browser.evaluate(async () => (await client.export()).consent), { analytics: "granted", functional: "granted" });
    // Who spoke last counts, purpose by purpose.
    await browser.evaluate(() => client.consent({ analytics: false, personalization: true }));
    await browser.evaluate(() => { gtag("consent", "update", { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" }); gtag("event", "mine"); });
    await browser.waitFor(async () => (await client.export()).consent.advertising === "granted" && (await said()).some(([name]) => name === "mine"));
    assert.deepEqual(await browser.evaluate(async () => (await client.export()).consent), { advertising: "granted", analytics: "denied", functional: "granted", personalization: "granted" });
    await browser.evaluate(() => gtag("consent", "update", { personalization_storage: "denied" }));
    await browser.waitFor(async () => (await client.export()).consent.personalization === "denied");
    await browser.evaluate(() => client.track("void"));
    assert.deepEqual(await dump(browser), nothing);
  },

  async "Consent Mode: a page's default takes nothing from who has answered before"({ browser, open, again }) {
    await open("", `<script>
      window.dataLayer = [];
      function gtag() { dataLayer.push(arguments); }
      gtag("consent", "default", { analytics_storage: "denied", personalization_storage: "denied", functionality_storage: "denied", wait_for_update: 500 });
    </script>`);
    const visit = async () => {
      await begin(browser, undefined, { consent: {}, name: "danbi-kept" });
      await browser.evaluate(() => client.track("visit"));
    };
    const answer = (grant) => browser.evaluate((grant) => gtag("consent", "update", { analytics_storage: grant, personalization_storage: grant, functionality_storage: grant }), grant);
    const who = () => browser.evaluate(async () => (await client.export()).identity.anonymousId);
    await visit();
    assert.deepEqual(await dump(browser), nothing);
    await answer("granted");
    await browser.waitFor(async () => (await client.export()).identity.anonymousId);
    const first = await who();
    await again();
    await visit();
    await pause(SETTLED);
    assert.equal(await who(), first);
    await answer("granted");
    await browser.evaluate(() => client.track("more"));
    assert.deepEqual([await who(), await stored(browser)], [first, ["consent", "visit", "visit", "more"]]);
    await answer("denied");
    await browser.waitFor(async () => (await client.export()).consent.analytics === "denied");
    await browser.evaluate(() => client.track("void"));
    assert.deepEqual(await dump(browser), nothing);
  },

  async "Consent Mode: what cannot be loaded keeps the layer shut"({ browser, open, folder }) {
    const [here, away] = ["danbi/consent.js", "danbi/away.js"].map((name) => join(folder, name));
    renameSync(here, away);
    try {
      await open("", `<script>
        window.dataLayer = [];
        function gtag() { dataLayer.push(arguments); }
      </script>`);
      await begin(browser);
      await browser.evaluate(() => {
        gtag("consent", "update", { analytics_storage: "denied", personalization_storage: "denied", functionality_storage: "denied" });
        dataLayer.push({ event: "after" });
      });
      await browser.waitFor(() => faults.length);
      assert.match((await browser.evaluate(() => faults))[0], /^consent: /);
      assert.deepEqual(await names(browser), []);
    } finally {
      renameSync(away, here);
    }
    // It is tried again; a browser may remember that the file was not there.
    await pause(6000);
    assert.deepEqual(await stored(browser), []);
  },

  async "TCF: a stub that is there before the platform, a platform that comes after us, a change of mind"({ browser, open }) {
    const platform = `
      window.tcf = { listeners: new Map(), data: { gdprApplies: true, eventStatus: "cmpuishown", purpose: { consents: {} } } };
      const real = (command, version, callback, id) => {
        if (command === "addEventListener") {
          const listenerId = tcf.listeners.size + 1;
          tcf.listeners.set(listenerId, callback);
          callback({ ...tcf.data, listenerId }, true);
        }
        if (command === "removeEventListener") { tcf.listeners.delete(id); callback(true); }
      };
      window.tell = (data) => { Object.assign(tcf.data, data); tcf.listeners.forEach((callback, listenerId) => callback({ ...tcf.data, listenerId }, true)); };`;
    const answer = (...ids) => ({ eventStatus: "useractioncomplete", purpose: { consents: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [i + 1, ids.includes(i + 1)])) } });
    const consent = () => browser.evaluate(async () => (await client.export()).consent);

    // The stub queues.
    await open("", `<script>
      ${platform}
      const queue = [];
      window.__tcfapi = (...all) => { queue.push(all); };
      window.arrive = () => { window.__tcfapi = real; queue.forEach((all) => real(...all)); };
    </script>`);
    await begin(browser, undefined, { consent: {} });
    await browser.evaluate(() => client.track("held"));
    await browser.waitFor(() => { if (!tcf.listeners.size) arrive(); return tcf.listeners.size; });
    await pause(SETTLED);
    assert.deepEqual(await dump(browser), nothing);
    await browser.evaluate((data) => tell(data), answer(1, 5, 6, 8));
    await browser.waitFor(async () => (await client.export()).consent.analytics === "granted");
    assert.deepEqual(await consent(), { functional: "granted", analytics: "granted", personalization: "granted", advertising: "denied" });
    await browser.evaluate(() => client.track("kept"));
    assert.deepEqual(await stored(browser), ["consent", "held", "kept"]);
    await browser.evaluate((data) => tell(data), answer());
    await browser.waitFor(async () => (await client.export()).consent.analytics === "denied");
    await browser.evaluate(() => client.track("void"));
    assert.deepEqual(await dump(browser), nothing);
    assert.equal(await browser.evaluate(async () => { client.destroy(); await new Promise((resolve) => setTimeout(resolve, 50)); return tcf.listeners.size; }), 0);

    // No stub at all: it is found when it is there.
    await open("", `<script>${platform} window.arrive = () => { window.__tcfapi = real; };</script>`);
    await begin(browser, undefined, { consent: {} });
    await browser.evaluate((data) => { Object.assign(tcf.data, data, { eventStatus: "tcloaded" }); arrive(); return client.track("held"); }, answer(1, 8));
    await browser.waitFor(async () => (await client.export()).consent.analytics === "granted");
    assert.deepEqual(await consent(), { functional: "granted", analytics: "granted", personalization: "denied", advertising: "denied" });
  },

  async "Shopify: customer privacy, and events out of the pixel's sandbox"({ browser, open }) {
    await open("", `<script>
      window.privacy = { own: { analytics: "", preferences: "", marketing: "", sale_of_data: "" }, currentVisitorConsent: () => privacy.own };
      for (const [name, key] of [["analyticsProcessingAllowed", "analytics"], ["preferencesProcessingAllowed", "preferences"], ["marketingAllowed", "marketing"]]) privacy[name] = () => privacy.own[key] === "yes";
      window.sandbox = null;
      window.Shopify = {
        loadFeatures: (_, done) => setTimeout(() => { Shopify.customerPrivacy = privacy; done(); }, 20),
        analytics: { publish: (name, customData) => { sandbox?.contentWindow.postMessage({ name, customData }, "*"); } },
      };
      // What the sandbox may do to the page's storage.
      addEventListener("message", ({ data }) => {
        if (data?.set) localStorage.setItem(...data.set);
        if (data?.remove) localStorage.removeItem(data.remove);
      });
      localStorage.setItem("danbi-relay", JSON.stringify([{ name: "checkout_completed", data: { checkout: { order: { id: "o-1" } } } }, { no: "event" }, null]));
    </script>`);
    await begin(browser, undefined, { consent: {} });
    await browser.evaluate(() => client.track("held"));
    await browser.waitFor(() => !!Shopify.customerPrivacy);
    await pause(SETTLED);
    await browser.evaluate(() => {
      privacy.own = { analytics: "yes", preferences: "yes", marketing: "no", sale_of_data: "" };
      document.dispatchEvent(new CustomEvent("visitorConsentCollected", { detail: { analyticsAllowed: true } }));
    });
    await browser.waitFor(async () => (await client.export()).consent.advertising === "denied");
    assert.deepEqual(await browser.evaluate(async () => (await client.export()).consent), { analytics: "granted", functional: "granted", personalization: "granted", advertising: "denied" });

    await browser.evaluate(async (pixel) => {
      const frame = (code) => new Promise((resolve) => {
        const element = document.createElement("iframe");
        element.sandbox = "allow-scripts";
        element.srcdoc = "<script>" + code.replaceAll("</", "<\\/") + "</script>";
        element.onload = () => resolve(element);
        document.body.append(element);
      });
      // Shopify's side of the sandbox: a bus that plays back to who subscribes late.
      const shopify = `
        const subscribers = {}, past = [];
        const tell = (event) => { past.push(event); for (const name of [event.name, "all_standard_events"]) if (name === event.name || !event.customData) subscribers[name]?.forEach((act) => act(event)); };
        const analytics = { subscribe: (name, act) => { (subscribers[name] ??= []).push(act); past.forEach((event) => { if (event.name === name) act(event); }); } };
        const init = { context: { document: { location: { origin: ${JSON.stringify(location.origin)} } } } };
        const browser = { localStorage: { setItem: async (...set) => parent.postMessage({ set }, "*"), removeItem: async (remove) => parent.postMessage({ remove }, "*") } };
        onmessage = ({ data }) => tell(data);`;
      sandbox = await frame(shopify + pixel);
      const happens = (name, data) => sandbox.contentWindow.postMessage({ name, data }, "*");
      const variant = { id: "v1", price: { amount: 41000, currencyCode: "KRW" }, product: { id: "p1", title: "앰플" } };
      happens("product_viewed", { productVariant: variant });
      window.stop = receive(client);
      happens("checkout_started", { checkout: { email: "a@b.c", phone: "010", shippingAddress: { city: "서울" }, order: { id: "o-2", customer: { id: 5, firstName: "하" } }, totalPrice: { amount: 41000, currencyCode: "KRW" } } });
      // A frame of somebody else's, which guesses.
      await frame(`parent.postMessage({ danbi: undefined, name: "forged" }, "*"); parent.postMessage({ danbi: "guess", name: "forged" }, "*");`);
      window.happens = happens;
    }, pixel);
    await heard(browser, [
      ["held", {}],
      ["checkout_completed", { checkout: { order: { id: "o-1" } } }],
      ["product_viewed", { productVariant: { id: "v1", price: { amount: 41000, currencyCode: "KRW" }, product: { id: "p1", title: "앰플" } } }],
      ["checkout_started", { checkout: { order: { id: "o-2" }, totalPrice: { amount: 41000, currencyCode: "KRW" } } }],
    ]);
    assert.equal(await browser.evaluate(() => localStorage.getItem("danbi-relay")), null);
    await browser.evaluate(() => { stop(); happens("page_viewed", {}); });
    assert.equal((await names(browser)).length, 4);
    assert.deepEqual(await browser.evaluate(() => faults), []);
  },

  async "what was searched for and written stays here, unless the bundle sends it"({ browser, open, collector }) {
    for (const send of [false, true]) {
      collector.forget();
      await open("?q=secret");
      await begin(browser, { search: { send }, answers: { send } }, { endpoint: collector.url });
      await heard(browser, [["search", { search_term: "secret" }]]);
      await browser.evaluate(() => client.track("Products Searched", { query: "secret" }));
      await browser.evaluate(() => client.track("danbi_answer", { decision: "d", action: "text", value: "secret" }));
      await browser.evaluate(() => client.track("danbi_answer", { decision: "d", action: "score", value: 9 }));
      await browser.evaluate(() => client.flush());
      for (const end = Date.now() + 20_000; collector.events.length < 5 && Date.now() < end; ) await pause(50);
      assert.deepEqual(collector.events.map(({ event, type }) => event ?? type).toSorted(), ["Products Searched", "consent", "danbi_answer", "danbi_answer", "search"]);
      assert.equal(JSON.stringify(collector.events).match(/secret/g)?.length ?? 0, send ? 3 : 0);
      assert.ok(collector.events.some(({ properties }) => properties.value === 9));
      // The profile has it all the same.
      assert.equal(JSON.stringify(await browser.evaluate(() => said())).match(/secret/g).length, 3);
    }
  },
};

for (const name of Object.keys(engines)) {
  test(`${name}: signals and consent`, { timeout: 600_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "danbi-signals-"));
    cpSync(path("../../pkg/dist"), join(folder, "danbi"), { recursive: true });
    cpSync(path("fixture/shop.html"), join(folder, "index.html"));
    const browser = await launch(name);
    const collector = await collect();
    try {
      for (const [title, scene] of Object.entries(scenes)) {
        // Another origin for each: no scene finds what another left.
        let site;
        const open = async (query = "", head = "", headers = {}) => {
          await site?.close();
          site = await serve({ folder, head, headers });
          await browser.open(site.url + query);
          await browser.waitFor(() => window.prepared);
        };
        const again = async () => {
          await browser.open(`${site.url}?again`);
          await browser.waitFor(() => window.prepared);
        };
        await t.test(title, { timeout: 120_000 }, () => scene({ browser, open, again, collector, folder }));
        await site?.close();
      }
    } finally {
      await browser.close();
      await collector.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
