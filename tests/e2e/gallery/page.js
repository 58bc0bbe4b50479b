/**
 * A shop of nothing but messages. Address: `?lang=en &rtl &dark &brand &font &which=modal,coupon &csp`; `gallery` is what tests call.
 * No style element or attribute of the page's own: the strictest policy has to bear it.
 */
import { createClient } from "/danbi/index.js";
import { bundle, cards, forms, now, signals } from "/gallery/bundle.mjs";

const wish = new URLSearchParams(location.search);
const root = document.documentElement;
const lang = wish.get("lang") ?? "ko";
root.lang = lang;
if (wish.has("rtl")) root.dir = "rtl";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  html { color-scheme: ${wish.has("dark") ? "dark" : wish.has("light") ? "light" : "light dark"}; font-family: "Noto Sans KR Variable", sans-serif; background: Canvas; color: CanvasText; }
  a { color: inherit; }
  body { margin: 0; }
  main { box-sizing: border-box; inline-size: min(100%, 26rem); padding: 16px; }
  h1 { margin: 0; font-size: 1rem; }
  #slots { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
  ${wish.has("brand") ? `:root { --danbi-accent: #7a2e57; --danbi-on-accent: #fff; --danbi-surface: #fff8f4; --danbi-text: #2b1620; --danbi-muted: #6b4a59; --danbi-radius: 4px; --danbi-font: Georgia, serif; }` : ""}
  ${wish.has("bare") ? "main h1, main p { display: none } main { padding: 8px }" : ""}
`);
document.adoptedStyleSheets = [sheet];
if (wish.has("font")) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/font/index.css" }));

const errors = [];
addEventListener("error", (event) => errors.push(`error: ${event.message}`));
addEventListener("unhandledrejection", (event) => errors.push(`unhandled: ${event.reason}`));
const violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));

let at = Date.parse(now);
const begun = performance.now();
const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
/** Every element of the page, shadow roots included. */
function* everything(within = document) {
  for (const element of within.querySelectorAll("*")) {
    yield element;
    if (element.shadowRoot) yield* everything(element.shadowRoot);
  }
}
const hosts = () => [...everything()].filter(({ localName }) => /^danbi-(message|card)$/.test(localName));
const over = () => hosts().find((host) => host.localName === "danbi-message" && host.shadowRoot?.childElementCount);
async function until(holds, what) {
  for (const end = performance.now() + 15_000; ; ) {
    const found = holds();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}; told: ${JSON.stringify(gallery.told)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const gallery = (globalThis.gallery = {
  errors, violations, told: [], forms: Object.keys(forms), cards: Object.keys(cards), everything, hosts, over, until, frame,
  /** Begins a client over a bundle, all consent given; `history` is what the shopper did before. */
  async begin(bundle, { history = [], context, ...options } = {}) {
    gallery.client?.destroy();
    const client = createClient({
      bundle, name: `gallery-${Math.random()}`, locale: lang, dataLayer: false, html: true,
      consent: { functional: true, analytics: true, personalization: true, advertising: true },
      clock: () => at + performance.now() - begun, ...options,
    });
    gallery.client = client;
    client.on("error", ({ code, message, path }) => gallery.told.push(`${code}: ${message} ${path ?? ""}`));
    if (context) client.context(context);
    gallery.ready = await client.ready;
    if (!gallery.ready.engine) return client;
    await client.identify("m-gallery", { name: "서준" });
    for (const [time, event, properties] of history) {
      at = Date.parse(time);
      await client.track(event, properties);
    }
    at = Date.parse(now);
    await client.page({ kind: "home" });
    return client;
  },
  /** The address of a slot becomes an element of the page. */
  slot(name) {
    const slot = document.createElement("div");
    slot.dataset.danbiSlot = name;
    document.querySelector("#slots").append(slot);
    return slot;
  },
  /** Shows one that lies over the page, and resolves when it stands there. */
  async show(which) {
    await gallery.client.track("show", { which });
    const host = await until(over, `the form ${which}`);
    await gallery.settled();
    return host;
  },
  /** Puts cards into the page. */
  async put(...names) {
    for (const name of names) {
      const slot = gallery.slot(name);
      await until(() => slot.querySelector("danbi-card")?.shadowRoot?.childElementCount, `the card ${name}`);
    }
    await gallery.settled();
  },
  /** What is loaded for them is there, pictures and fonts too, and nothing moves any more. */
  async settled() {
    await frame();
    await Promise.all([...everything()].filter(({ localName }) => localName === "img").map((image) => image.complete || new Promise((resolve) => (image.onload = image.onerror = resolve))));
    await document.fonts.ready;
    await Promise.all(gallery.motion().map(({ finished }) => finished.catch(() => {})));
    await frame();
  },
  /** Animations and transitions that run, in shadow roots too. */
  motion: () => [document, ...[...everything()].map(({ shadowRoot }) => shadowRoot).filter(Boolean)].flatMap((at) => at.getAnimations?.() ?? []),
  /** Takes away what lies over the page, as a shopper does. */
  async close() {
    const host = over();
    if (!host) return;
    const close = host.shadowRoot.querySelector("[part~=close], [data-action=dismiss]");
    close.click();
    await until(() => over() !== host, "the message to go");
  },
  clear() {
    document.querySelector("#slots").replaceChildren();
  },
});

const which = wish.get("which")?.split(",").filter(Boolean);
if (!wish.has("manual")) {
  gallery.prepared = gallery.begin(bundle, { history: signals }).then(async () => {
    for (const name of which ?? []) await (name in forms ? gallery.show(name) : gallery.put(name));
    return true;
  });
  gallery.prepared.catch((error) => errors.push(String(error)));
}
