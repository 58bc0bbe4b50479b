/**
 * Strings that have broken pages, through every text, address and colour of every form and block, in three engines: no script
 * runs, nothing is asked of anybody, no element or attribute but the listed ones stands in the page, and the page is as it was.
 * First through the engine, as templates over facts; then through the part that draws alone, as if the engine let everything pass.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { engines } from "./browsers.mjs";
import { document_ } from "./gallery/bundle.mjs";
import { colours, corpus } from "./gallery/hostile.mjs";
import { hang } from "./gallery.mjs";

/** Everything may run that gets in; what would leave is stopped and told. */
const open = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' data: blob:; img-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self' data: about:";
const MANY = 24;
const batches = Array.from({ length: Math.ceil(corpus.length / MANY) }, (_, n) => Array.from({ length: MANY }, (_, i) => corpus[(n * MANY + i) % corpus.length]));

/** All fields of all blocks, filled by `x`; `id` where a document has to hold a literal. */
const everything = (x, id) => [
  { title: x }, { text: x }, { note: x }, { image: { src: x, alt: x } }, { progress: { tier: "main", label: x } },
  { buttons: [{ label: x, url: x, value: id }, { label: x }] },
  { choice: { question: id, options: [{ label: x, note: x, value: id }, { label: x, value: 1 }] } },
  { survey: id }, { coupon: { code: x, label: x, note: x, until: x } }, { share: { title: x, text: x, url: x, channels: ["kakao", "system", "copy"] } },
  { store: { name: x, address: x, hours: x, phone: x, map: x } }, { tier: {} }, { badges: {} }, { missions: {} }, { streak: {} }, { collection: {} }, { wallet: {} },
];
const survey = (x) => ({
  questions: [
    { id: "nps", kind: "nps", title: x, low: x, high: x }, { id: "rating", kind: "rating", title: x, low: x, high: x, max: 5 },
    { id: "choice", kind: "choice", title: x, options: [{ label: x, value: "a", note: x }] }, { id: "text", kind: "text", title: x, placeholder: x, optional: true },
  ],
  thanks: x,
});
const fact = (i) => `{{ context.h${i} }}`;
const places = Array.from({ length: MANY }, (_, i) => i);
const few = places.flatMap((i) => [{ title: fact(i) }, { text: fact(i) }, { note: fact(i) }, { image: { src: fact(i), alt: fact(i) } }, { buttons: [{ label: fact(i), url: fact(i) }] }]);
const forms = {
  modal: { form: "modal", hide: ["today", "week"], blocks: places.slice(0, 8).flatMap((i) => everything(fact(i), `s${i}`)) }, sheet: { form: "sheet", blocks: few },
  fullscreen: { form: "fullscreen", blocks: few }, banner: { form: "banner", blocks: few }, toast: { form: "toast", blocks: few },
};
const program = (x) => [{
  program: "p", version: 1, from: "2025-01-01", currencies: { point: { label: x } }, rules: [{ id: "gift", on: "gift_given", grant: { point: 8000 } }],
  tiers: { main: { label: x, meter: "net", levels: [{ id: "seed", min: 0, label: x }, { id: "leaf", min: 100_000, label: x }] } },
  badges: [{ id: "b", label: x, meter: "net", levels: [1, 3] }], missions: [{ id: "m", label: x, steps: ["review_approved"], times: 3, in: "P60D", reward: { point: 2000 } }],
  streaks: [{ id: "s", label: x, on: "checked_in", unit: "day" }], collections: [{ id: "c", label: x, items: ["rain", "sun"], on: "toy_received" }],
  rewards: [{ id: "r", label: x, cost: { point: 3000 } }],
}];
const bundle = document_(forms, Object.fromEntries(places.map((i) => [`h${i}`, everything(fact(i), `s${i}`)])), {
  surveys: Object.fromEntries(places.map((i) => [`s${i}`, survey(fact(i))])), programs: program(fact(0)), meters: { net: { sum: "purchase.value" } },
  house: { adLabel: { mode: "on", sender: fact(1), optOut: true } },
});

/** In the page, once: what a script that ran would call, and the page as it is now. */
function guard() {
  const heard = (globalThis.heard = []);
  for (const name of ["canary", "alert", "confirm", "prompt", "print", "open"]) globalThis[name] = (...args) => void heard.push(`${name}(${args})`);
  const own = (object) => Reflect.ownKeys(object).map(String).sort().join();
  const page = () => JSON.stringify({
    url: location.href, title: document.title, cookie: document.cookie, name: globalThis.name,
    object: own(Object.prototype), array: own(Array.prototype), function: own(Function.prototype),
    head: document.head.innerHTML, body: [...document.querySelectorAll("body *")].filter(({ localName }) => !/^danbi-|^div$/.test(localName)).map(({ outerHTML }) => outerHTML.slice(0, 200)).length,
    root: [...document.documentElement.attributes, ...document.body.attributes].map(({ name, value }) => `${name}=${value}`),
    children: document.documentElement.children.length, frames: frames.length,
  });
  const before = page();
  globalThis.unharmed = () => [...heard, ...(page() === before ? [] : [`the page was ${before} and is ${page()}`]), ...gallery.errors];
  // A press on a link of danbi's leads nowhere here, and says where it would have led.
  const led = (globalThis.led = []);
  globalThis.navigation?.addEventListener("navigate", (event) => { led.push(event.destination.url); event.preventDefault(); });
}

/**
 * In the page: whether a URL parser reads an address as one of those allowed. `onsae:` is a scheme that the page has registered, for links alone; the two others are what one's own machine is called.
 */
function address(url, link = true) {
  let read;
  try { read = new URL(url, location.href); } catch { return false; }
  if (read.username || read.password) return false;
  return read.origin === location.origin ? !/^[\s\u0000-\u0020]*[\\/]\s*[\\/]/.test(url) : ["https:", ...(link ? ["tel:", "mailto:", "onsae:"] : [])].includes(read.protocol) || (read.protocol === "http:" && /^(localhost|127\.0\.0\.1)$/.test(read.hostname));
}

/** In the page: what stands in danbi's shadow roots that is not listed, and addresses that a URL parser reads as others than those allowed. */
function inspect() {
  const elements = /^(a|address|br|button|code|dd|dialog|div|dl|dt|fieldset|figure|form|h[1-6]|header|hr|img|input|label|legend|li|meter|ol|output|p|progress|section|small|span|strong|table|tbody|td|textarea|th|thead|time|tr|ul|slot)$/;
  const drawings = /^(svg|path|circle|rect|g|line|text)$/;
  const attributes = /^(aria-[a-z]+|alt|class|data-(action|state|kind|part|value)|datetime|dir|disabled|for|height|href|id|inert|lang|loading|decoding|max|maxlength|min|name|open|part|placeholder|popover|referrerpolicy|rel|required|role|rows|scope|src|start|step|style|tabindex|target|type|value|width|checked|autocomplete|enterkeyhint|inputmode|hidden|viewBox|d|cx|cy|r|x|y|rx|fill|stroke|stroke-(width|dasharray|linecap|linejoin)|pathLength|focusable|text-anchor|dominant-baseline|font-size|font-weight|dy|dx)$/;
  const properties = /^(pointer-events|inline-size|width|block-size|border-(start|end|top|bottom)?.*radius|(-webkit-)?mask.*|--[a-z-]+)$/;
  const found = [];
  for (const host of gallery.hosts()) {
    for (const element of [host, ...gallery.everything(host.shadowRoot)]) {
      const plain = element.namespaceURI === "http://www.w3.org/1999/xhtml";
      // The marketer's own HTML: no more than scripts in an origin of its own.
      const framed = element.localName === "iframe" && element.getAttribute("sandbox") === "allow-scripts" && element.getAttribute("allow") === "" && !element.hasAttribute("src");
      if (element !== host && !(framed || (plain ? elements : drawings).test(element.localName))) found.push(`<${element.localName}>`);
      for (const { name, value } of element.attributes) {
        if (framed && ["sandbox", "allow", "srcdoc", "title"].includes(name)) continue;
        if (!attributes.test(name)) found.push(`${element.localName}[${name}="${value}"]`);
        if (name === "style" && ([...element.style].some((one) => !properties.test(one)) || /url|image-set|src\(|expression|@|element\(|paint\(/i.test(value))) found.push(`style="${value}"`);
        if ((name === "href" || name === "src") && !address(value, name === "href")) found.push(`${element.localName}[${name}=${JSON.stringify(value)}]`);
      }
    }
    // A long sheet is danbi's own, alike in all: once is enough.
    const sheets = (globalThis.sheets ??= new Set());
    for (const sheet of host.shadowRoot.adoptedStyleSheets) if (sheet.cssRules.length < 5 || !sheets.has(sheet.cssRules.length)) for (const { cssText } of sheet.cssRules) if (sheets.add(sheet.cssRules.length) && /url\(|@import|evil/i.test(cssText)) found.push(cssText);
  }
  return [...new Set(found)];
}

/** In the page: addresses in a view that the engine lets pass and should not. */
function wrong(view) {
  const found = [];
  const walk = (at, key) => {
    // What no parser takes for an address leads nowhere; it is not drawn, and that is seen above.
    if (typeof at === "string") { if (/^(url|src|map)$/.test(key) && URL.canParse(at, location.href) && !address(at, key !== "src")) found.push(`${key}: ${JSON.stringify(at)}`); }
    else if (at && typeof at === "object") for (const [key, inner] of Object.entries(at)) walk(inner, key);
  };
  walk(view);
  return found;
}

/** What was asked of the site: only pages, the package and pictures, and of pictures only those that an address of the shop may be. */
const asked = ({ requests }) => [...new Set(requests.map(({ as, url }) => (as === undefined || ["document", "script", "empty", "image", "iframe", "style"].includes(as) ? undefined : `${as} ${url}`)).filter(Boolean))];

for (const engine of Object.keys(engines)) {
  describe(`${engine}: hostile strings`, () => {
    let wall;
    before(async () => {
      const drawing = await build({ entryPoints: [fileURLToPath(new URL("../../pkg/src/draw/message.ts", import.meta.url))], bundle: true, splitting: true, outdir: "/draw", format: "esm", target: "es2022", write: false });
      const given = {
        "/corpus.json": JSON.stringify({ batches, colours }), "/hostile.json": JSON.stringify(bundle),
        ...Object.fromEntries(drawing.outputFiles.map(({ path, text }) => [path, text])),
      };
      wall = await hang(engine, { csp: open, given });
    });
    after(() => wall?.close());

    /** The page, guarded; nothing begun. */
    const enter = async () => {
      await wall.open("manual");
      await wall.browser.evaluate(`(() => { ${guard}; guard(); globalThis.address = ${address}; globalThis.inspect = ${inspect}; globalThis.wrong = ${wrong}; })`);
    };
    const harmless = async () => {
      const { unharmed, violations, beyond } = await wall.browser.evaluate(() => ({
        unharmed: unharmed(),
        // A picture of another site, by https, is the marketer's right (as is one's own machine, for who develops); it is stopped here by the page's policy, which says so.
        violations: gallery.violations.filter((line) => !/^img-src (https:|http:\/\/127\.0\.0\.1\/)/.test(line)),
        beyond: performance.getEntriesByType("resource").filter(({ name, initiatorType }) => !name.startsWith(location.origin) && !(initiatorType === "img" && /^(https:|http:\/\/127\.0\.0\.1\/)/.test(name))).map(({ name }) => name),
      }));
      assert.deepEqual({ unharmed, violations, beyond, asked: asked(wall.site) }, { unharmed: [], violations: [], beyond: [], asked: [] });
    };

    test(`${corpus.length} through the engine, in every form and block`, { timeout: 300_000 }, async () => {
      await enter();
      await wall.browser.evaluate(async (many) => {
        globalThis.batches = (await (await fetch("/corpus.json")).json()).batches;
        const bundle = await (await fetch("/hostile.json")).json();
        await gallery.begin(bundle, { history: [["2026-05-01T10:00:00+09:00", "purchase", { transaction_id: "1", currency: "KRW", value: 50_000 }]], context: { h0: "first" } });
        await gallery.put(...Array.from({ length: many }, (_, i) => `h${i}`));
      }, MANY);
      const all = [];
      // What the engine prints is the same wherever it runs: all of it in one browser, in the others a third but in the long run.
      const stride = process.env.DANBI_LONG || engine === "chromium" ? 1 : 3;
      for (let batch = 0; batch < batches.length; batch += stride) {
        const found = await wall.browser.evaluate(async (batch, forms) => {
          const strings = batches[batch], found = new Set();
          const look = () => { for (const what of inspect()) found.add(what); };
          // A word of its own tells when the cards have followed.
          gallery.client.context({ ...Object.fromEntries(strings.map((text, i) => [`h${i}`, `${text}`])), h0: `batch ${batch} ${strings[0]}` });
          await gallery.until(() => gallery.client.decide("h0").message?.blocks[0].title?.startsWith(`batch ${batch} `), `batch ${batch}`);
          await gallery.frame();
          look();
          for (const slot of strings.keys()) for (const what of wrong(gallery.client.decide(`h${slot}`).message)) found.add(what);
          for (const form of forms) {
            await gallery.show(form);
            look();
            await gallery.close();
          }
          return [...found];
        }, batch, batch ? [Object.keys(forms)[batch % 5]] : Object.keys(forms));
        all.push(...found.map((what) => `batch ${batch}: ${what}`));
      }
      assert.deepEqual(all, []);
      await harmless();
    });

    test(`${corpus.length} through the part that draws, in every field there is`, { timeout: 300_000 }, async () => {
      await enter();
      await wall.browser.evaluate(async () => {
        Object.assign(globalThis, await (await fetch("/corpus.json")).json());
        globalThis.drawing = await import("/draw/message.js");
      });
      const all = [];
      for (let batch = 0; batch < batches.length; batch++) {
        const found = await wall.browser.evaluate(async (batch, long, part) => {
          const found = new Set();
          const look = () => { for (const what of inspect()) found.add(what); };
          const ways = (n) => ({
            // Chromium tells of every navigation: there they are left to happen, and stopped. (Firefox would ask about `mailto:`.)
            answer: () => part !== 0 || !globalThis.navigation, share: () => false, optOut() {}, gone() {}, html: false, schemes: ["onsae", "javascript", "data"],
            theme: Object.fromEntries(["accent", "onAccent", "surface", "text", "muted", "radius", "font", "scheme"].map((name, k) => [name, colours[(batch + k * 5 + n) % colours.length]])),
          });
          const views = batches[batch].map((x, n) => {
            const option = { label: x, note: x, value: x };
            const blocks = [
              { title: x }, { text: x }, { note: x }, { image: { src: x, alt: x } }, { progress: { label: x, value: NaN, target: -1, percent: n % 2 ? NaN : 1e9 } },
              { buttons: [{ label: x, url: x, value: x }] }, { choice: { question: x, options: [option] } },
              ...["nps", "rating", "choice", "text"].map((kind) => ({ survey: { id: x + kind, thanks: x, questions: [{ id: x, kind, title: x, low: x, high: x, max: 5, options: [option], placeholder: x, next: [{ value: x, to: x }] }] } })),
              { coupon: { code: x, label: x, note: x, until: x } }, { share: { title: x, text: x, url: x, channels: ["kakao", "system", "copy"] } },
              { store: { name: x, address: x, hours: x, phone: x, map: x } }, { html: { source: x, title: x, height: x } },
              { tier: { id: x, label: x, level: x, value: x, next: { label: x, target: x, remaining: x }, percent: n % 2 ? NaN : 1e9, rungs: [{ id: x, label: x, from: x, reached: true }, { id: x, label: x, from: x, reached: false }] } },
              { badges: { items: [{ id: x, label: x, level: x, levels: 3, value: x, target: x, got: true }] } },
              { missions: { items: ["open", "done", "missed"].map((status) => ({ id: x, label: x, status, done: 1, need: 3, deadline: x, reward: x })) } },
              { streak: { id: x, label: x, unit: "day", length: 3, best: 4, freezes: 1, days: Array.from({ length: 7 }, (_, day) => ({ date: `2026-05-0${day + 1}`, state: "done" })) } },
              { collection: { id: x, label: x, have: 1, need: 2, items: [{ id: x, label: x, got: true }] } },
              { wallet: { currencies: [{ id: x, label: x, active: x, pending: x, expiring: { amount: x, date: x }, status: "projected" }], rewards: [{ id: x, label: x, state: x, until: x }] } },
              { [x]: x },
            ];
            const forms = ["modal", "sheet", "fullscreen", "banner", "toast", x];
            return { form: forms[(n + batch) % forms.length], lang: x, position: x, seconds: x, close: x, hide: x, week: x, ad: { label: x, sender: x, optOut: x }, blocks };
          });
          const { show, ready } = drawing;
          await ready(views[0]);
          const press = ({ top }) => { for (const button of top.querySelectorAll("[part=body] button, [part=body] a")) button.click(); };
          const cards = views.map((view, n) => show(document.body, { ...view, form: "card" }, ways(n)));
          look();
          for (const [n, { top }] of cards.entries()) for (const part of ["title", "text"])
            if (top.querySelector(`[part=${part}]`)?.textContent !== batches[batch][n] && batches[batch][n]) found.add(`the ${part} is ${JSON.stringify(top.querySelector(`[part=${part}]`)?.textContent)}, not ${JSON.stringify(batches[batch][n])}`);
          // Pressed and drawn anew: all of it in the long run, else a third of the strings in each engine, another third in each.
          const deep = long || batch % 3 === part;
          if (deep) cards.forEach(press);
          if (deep) look();
          if (deep) cards.forEach((card, n) => card.update({ ...views[(n + 1) % views.length], form: "card" }));
          if (deep) look();
          cards.forEach((card) => card.end());
          // What forms add is drawn alike in all of them: each string comes in one, and with all blocks in a few.
          for (const [n, view] of views.entries()) if (long || (deep && n % 3 === batch % 3) || n % 24 === batch % 24) {
            const over = show(document.body, n % 8 ? { ...view, blocks: view.blocks.slice(0, 6) } : view, ways(n));
            look();
            press(over);
            over.end();
          }
          for (const url of led.splice(0)) if (!address(url)) found.add(`led to ${url}`);
          return [...found];
        }, batch, !!process.env.DANBI_LONG, Object.keys(engines).indexOf(engine));
        all.push(...found.map((what) => `batch ${batch}: ${what}`));
      }
      assert.deepEqual(all, []);
      await harmless();
    });

    test("keys that reach for prototypes, depths and lengths nobody needs", { timeout: 120_000 }, async () => {
      await enter();
      await wall.browser.evaluate(async (literal) => {
        const bundle = await (await fetch("/hostile.json")).json();
        await gallery.begin(bundle);
        const { client } = gallery;
        const reaching = JSON.parse(literal);
        let deep = {};
        for (let level = 0; level < 10_000; level++) deep = { deep };
        for (const facts of [reaching, { h0: deep }, { h0: "x".repeat(5_000_000) }, { h0: "가".repeat(1_000_000) }, { h0: Array(100_000).fill("<img src=x onerror=canary(1)>") }]) {
          for (const give of [(facts) => client.context(facts), (facts) => client.track("probe", facts), (facts) => client.identify("m-gallery", facts), (facts) => client.declare(facts)]) {
            // The caller's mistake may throw; it may not harm.
            try { await give(facts); } catch (error) { if (error?.name !== "DanbiError" && !(error instanceof RangeError)) throw error; }
          }
        }
        client.context({ h0: "still here" });
        await gallery.put("h0");
      }, '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "h0": {"__proto__": {"toString": 1}}, "items": {"__proto__": {"price": 1}}, "name": "__proto__"}');
      assert.deepEqual(await wall.browser.evaluate(() => inspect()), []);
      assert.equal(await wall.browser.evaluate(() => ({}).polluted ?? null), null);
      await harmless();
    });
  });
}
