/**
 * One small interface over three engines: Chromium (Playwright), Firefox (Puppeteer, WebDriver BiDi) and WebKitGTK
 * (plain WebDriver). Clicks and keys are the browser's own, not simulated in the page.
 *
 * A selector is CSS; ` >>> ` enters the open shadow root of what was found so far. `@name` stands for
 * `[data-testid="name"]`: `@pay`, `danbi-message >>> dialog`.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { programs } from "../../scripts/toolchain.mjs";

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const css = (selector) => selector.replace(/@([\w-]+)/g, '[data-testid="$1"]');

/** In the page: the first element of a selector that may enter shadow roots, or null. */
function find(selector) {
  let found = null, within = document;
  for (const part of selector.split(" >>> ")) {
    found = within?.querySelector(part) ?? null;
    within = found?.shadowRoot;
  }
  return found;
}
/** In the page: the text that a reader sees, shadow roots included. */
function read(element) {
  return element === null ? null : (element.shadowRoot ?? element).innerText ?? [...element.shadowRoot.children].map((child) => child.innerText ?? "").join("\n");
}
const inPage = `const find = ${find}, read = ${read};`;

/** What the engines share; each gives `go run element click keys png quit`. */
class Browser {
  constructor(name, engine) {
    Object.assign(this, { name, engine });
  }
  open(url) { return this.engine.go(url); }
  /** Runs a function in the page; arguments and answer are plain data, a promise is awaited. */
  evaluate(body, ...args) { return this.engine.run(`${inPage} return (${body})(...args);`, args); }
  /** Runs a function of an element, as soon as that is there. */
  async at(selector, body, ...args) {
    await this.waitFor(selector);
    return this.evaluate(`(selector, ...args) => (${body})(find(selector), ...args)`, css(selector), ...args);
  }
  exists(selector) { return this.evaluate((selector) => find(selector) !== null, css(selector)); }
  text(selector) { return this.evaluate((selector) => read(find(selector)), css(selector)); }
  attribute(selector, name) { return this.evaluate((selector, name) => find(selector)?.getAttribute(name) ?? null, css(selector), name); }

  /** Waits until a selector is there, or until a function of the page answers with something true, and answers with it. */
  async waitFor(wanted, { timeout = 20_000, args = [] } = {}) {
    const end = Date.now() + timeout;
    let last;
    do {
      try {
        last = typeof wanted === "string" ? await this.exists(wanted) : await this.evaluate(wanted, ...args);
        if (last) return last;
      } catch (error) {
        last = error; // the page may be on its way to another
      }
      await pause(50);
    } while (Date.now() < end);
    throw new Error(`${this.name}: waited ${timeout} ms for ${wanted}; last: ${last}`);
  }

  /** Clicks as soon as the element stands still and nothing lies over its middle. */
  async click(selector) {
    await this.waitFor((selector) => {
      const element = find(selector);
      if (!element) return false;
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { x, y, width, height } = element.getBoundingClientRect();
      const place = [selector, x, y, width, height].join();
      const still = globalThis.clickPlace === place;
      globalThis.clickPlace = place;
      const at = [x + width / 2, y + height / 2];
      let hit = document.elementFromPoint(...at);
      for (let inner; (inner = hit?.shadowRoot?.elementFromPoint(...at)) && inner !== hit; ) hit = inner;
      return still && (element === hit || element.contains(hit));
    }, { args: [css(selector)] });
    await this.engine.click(css(selector));
  }
  async type(selector, text) {
    await this.waitFor(selector);
    await this.engine.keys(css(selector), text);
  }
  /** Presses a key where the focus is: `Tab`, `Escape`, `Enter`. */
  press(key) { return this.engine.press(key); }
  /** Another size of the window; answers with the width that the page has then. */
  async resize(width, height) {
    await this.engine.resize(width, height);
    await pause(100);
    return this.evaluate(() => innerWidth);
  }
  /** Cuts the page off from the network where the engine can; the test stops the servers in any case. */
  async offline(yes) { await this.engine.offline?.(yes); }
  async screenshot(path) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await this.engine.png());
  }
  close() { return this.engine.quit(); }
}

/** Over the page objects of Playwright and Puppeteer, which are alike in what is used here. */
function overPage(page, more) {
  const element = async (selector) => (await page.evaluateHandle(`(${find})(${JSON.stringify(selector)})`)).asElement();
  return {
    go: (url) => page.goto(url, { waitUntil: "load" }),
    run: (code, args) => page.evaluate(`(async (...args) => { ${code} })(...${JSON.stringify(args)})`),
    click: async (selector) => (await element(selector)).click(),
    keys: async (selector, text) => (await element(selector)).type(text),
    png: () => page.screenshot(),
    ...more,
  };
}

async function chromium({ dark, still, text, zone = "Asia/Seoul", width = 1280, height = 900, scale = 1 }) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath: programs.CHROMIUM, args: flags, headless: true });
  const context = await browser.newContext({
    viewport: { width, height }, deviceScaleFactor: scale, locale: "ko-KR", timezoneId: zone,
    colorScheme: dark ? "dark" : "light", reducedMotion: still ? "reduce" : "no-preference",
  });
  const page = await context.newPage(), tools = await context.newCDPSession(page);
  if (text) await tools.send("Page.setFontSizes", { fontSizes: { standard: text } });
  return overPage(page, {
    tools, piece: (selector) => page.locator(selector).screenshot(), offline: (yes) => context.setOffline(yes), resize: (width, height) => page.setViewportSize({ width, height }),
    requests: (hear) => page.on("request", (request) => hear(request.url())),
    press: (key) => page.keyboard.press(key), quit: () => browser.close(),
    /** Runs something in each page before all else. */
    before: (script) => context.addInitScript(script),
    /** Hears what is thrown in the page, and what is told on its console as an error. */
    listen: (hear) => {
      page.on("pageerror", (error) => hear(String(error)));
      page.on("console", (message) => message.type() === "error" && hear(`${message.text()} ${message.location().url}`));
    },
  });
}

async function firefox({ dark, still, text, width = 1280, height = 900 }) {
  const { default: puppeteer } = await import("puppeteer-core");
  const scripts = ["x-western", "x-unicode", "ko"];
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: programs.FIREFOX, headless: true, defaultViewport: { width, height },
    extraPrefsFirefox: {
      "intl.accept_languages": "ko-KR, ko", "datareporting.policy.dataSubmissionEnabled": false, "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
      "ui.prefersReducedMotion": Number(still === true), ...(text && Object.fromEntries(scripts.map((script) => [`font.size.variable.${script}`, text]))),
    },
  });
  const page = await browser.newPage();
  return overPage(page, { resize: (width, height) => page.setViewport({ width, height }), press: (key) => page.keyboard.press(key), quit: () => browser.close() });
}

/** A port that was free a moment ago. */
const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Keys of WebDriver. */
const keys = {
  Escape: "\uE00C", Tab: "\uE004", Enter: "\uE007", End: "\uE010", Home: "\uE011", ArrowLeft: "\uE012", ArrowUp: "\uE013", ArrowRight: "\uE014", ArrowDown: "\uE015",
};

async function webkit({ dark, still, width = 1280, height = 980 }) {
  const port = await freePort();
  // As a person's desktop says it.
  const home = mkdtempSync(join(tmpdir(), "danbi-webkit-"));
  mkdirSync(join(home, "gtk-3.0"));
  writeFileSync(join(home, "gtk-3.0/settings.ini"), `[Settings]\ngtk-enable-animations=${Number(still !== true)}\n`);
  const driver = spawn("xvfb-run", ["-a", "-s", "-screen 0 1280x1000x24", programs.WEBKIT_DRIVER, `--port=${port}`], { stdio: "ignore", detached: true, env: { ...process.env, XDG_CONFIG_HOME: home, ...(dark && { GTK_THEME: "Adwaita:dark" }) } });
  const call = async (method, path, content) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: content && JSON.stringify(content) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  const kill = () => {
    try { process.kill(-driver.pid, "SIGTERM"); } catch { /* has ended */ }
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once("exit", kill);
  const end = Date.now() + 20_000;
  while (!(await call("GET", "/status").catch(() => null))) {
    if (Date.now() > end) throw new Error("WebKitWebDriver did not start");
    await pause(100);
  }
  const { sessionId } = await call("POST", "/session", {
    capabilities: { alwaysMatch: { browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary: programs.MINIBROWSER, args: ["--automation"] } } },
  });
  const session = `/session/${sessionId}`;
  await call("POST", `${session}/timeouts`, { script: 60_000, pageLoad: 60_000 });
  const resize = (width, height) => call("POST", `${session}/window/rect`, { width, height });
  await resize(width, height);
  const run = (script, args) => call("POST", `${session}/execute/sync`, { script, args });
  const element = async (selector) => Object.values(await run(`return (${find})(arguments[0]);`, [selector]))[0];
  return {
    go: (url) => call("POST", `${session}/url`, { url }),
    run: (code, args) => run(`return (async (...args) => { ${code} })(...arguments);`, args),
    click: async (selector) => call("POST", `${session}/element/${await element(selector)}/click`, {}),
    keys: async (selector, text) => call("POST", `${session}/element/${await element(selector)}/value`, { text }),
    resize,
    press: (key) => call("POST", `${session}/actions`, { actions: [{ type: "key", id: "keys", actions: [{ type: "keyDown", value: keys[key] ?? key }, { type: "keyUp", value: keys[key] ?? key }] }] }),
    png: async () => Buffer.from(await call("GET", `${session}/screenshot`), "base64"),
    async quit() {
      await call("DELETE", session).catch(() => {});
      kill();
      process.off("exit", kill);
    },
  };
}

export const engines = { chromium, firefox, webkit };

/**
 * Starts a browser with an empty profile, as a person has set it: `dark`, `still` (reduced motion), `text` (the reader's
 * default size in px; WebKitGTK's is always 16), `zone` of the device (Chromium alone), `width` and `height` of the window (WebKitGTK's is 447 px at least).
 */
export async function launch(name, settings = {}) {
  return new Browser(name, await engines[name](settings));
}
