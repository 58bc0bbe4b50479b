/**
 * Browsers that may be killed: started as a person starts them, without a driver, on a profile that stays. Their pages
 * are driven from inside by `fixture/agent.js`, over loopback HTTP, alike in Chromium, Firefox and WebKitGTK.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { programs } from "../../scripts/toolchain.mjs";
import { collect } from "../collector/collector.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folders = { dist: here("../../pkg/dist"), fixture: here("fixture") };
assert.ok(existsSync(join(folders.dist, "index.js")), "pkg/dist is missing: npm run build");
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/** Waits until something outside the page holds; answers with it. */
export async function until(what, holds, timeout = 30_000) {
  for (const end = Date.now() + timeout; ; await pause(50)) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${timeout} ms until ${typeof what === "function" ? what() : what}`);
  }
}

const listen = (handle) => new Promise((resolve, reject) => {
  const server = createServer(handle);
  server.once("error", reject).listen(0, "127.0.0.1", () => resolve({
    port: server.address().port,
    close: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }),
  }));
});

// --- processes ---

/** A process and all that came of it, now. */
function tree(root) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch { /* has ended */ }
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}
const signal = (pid, name) => { try { process.kill(pid, name); } catch { /* has ended */ } };
const running = new Set();
/** SIGKILL to the whole tree at once. */
function slay(child) {
  const all = tree(child.pid);
  for (const pid of all) signal(pid, "SIGKILL");
  signal(-child.pid, "SIGKILL");
}
process.once("exit", () => { for (const child of running) slay(child); });
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => process.exit(1));

function start(command, args, options) {
  const child = spawn(command, args, { detached: true, stdio: "ignore", ...options });
  running.add(child);
  child.gone = new Promise((resolve) => child.once("exit", () => { running.delete(child); resolve(); }));
  child.once("error", (error) => console.error(`${command}: ${error.message}`));
  return child;
}

let screen;
/** One display for all browsers that need one; it ends with this process. */
const display = () => screen ??= new Promise((resolve, reject) => {
  const server = start("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  server.stdout.on("data", (data) => { if ((said += data).includes("\n")) resolve(`:${said.trim()}`); });
  // It lives as long as this process and does not keep it alive.
  server.unref();
  server.stdout.unref();
  server.once("exit", () => reject(new Error("Xvfb did not start")));
});

const preferences = {
  "app.normandy.enabled": false, "app.update.enabled": false, "browser.aboutwelcome.enabled": false, "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false, "browser.sessionstore.resume_from_crash": false, "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore", "browser.startup.page": 0, "browser.tabs.closeWindowWithLastTab": false, "browser.tabs.warnOnClose": false,
  "datareporting.policy.dataSubmissionEnabled": false, "extensions.autoDisableScopes": 0, "extensions.systemAddon.update.enabled": false,
  "network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false, "services.settings.server": "data:,", "toolkit.startup.max_resumed_crashes": -1,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  // Tests open and close tabs from scripts.
  "dom.allow_scripts_to_close_windows": true, "dom.disable_open_during_load": false,
};

/** How each engine is started on a profile; `alone` is a private window. */
const commands = {
  chromium: async (profile, { alone }) => [programs.CHROMIUM, [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-popup-blocking", "--window-size=1280,900", "--remote-debugging-port=0", `--user-data-dir=${profile}`, ...(alone ? ["--incognito"] : []),
  ]],
  firefox: async (profile, { alone }) => {
    writeFileSync(join(profile, "user.js"), Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
    return [programs.FIREFOX, ["--headless", "--no-remote", "--new-instance", "--profile", profile, ...(alone ? ["--private-window"] : [])]];
  },
  webkit: async (profile, { alone }) => {
    const folder = (name) => (mkdirSync(join(profile, name), { recursive: true }), join(profile, name));
    return [programs.MINIBROWSER, ["--javascript-can-open-windows-automatically=true", ...(alone ? ["--private"] : [])], {
      DISPLAY: await display(), HOME: profile, XDG_DATA_HOME: folder("data"), XDG_CACHE_HOME: folder("cache"), XDG_CONFIG_HOME: folder("config"),
      GDK_BACKEND: "x11", NO_AT_BRIDGE: "1",
    }];
  },
};
export const engines = Object.keys(commands);

// --- pages ---

/** A page in a tab. It is the same tab through navigations and, where a test opens it anew, is another object. */
class Tab {
  acknowledged = new Set();
  #queue = [];
  #answers = new Map();
  #asking;
  #number = 0;
  /** Which of its pages it shows: each has a number of its own, and has it still when it comes back. */
  page;

  constructor(lab) {
    this.lab = lab;
  }
  async listen() {
    this.server = await listen(async (request, response) => {
      const url = new URL(request.url, "http://localhost");
      const chunks = [];
      try {
        for await (const chunk of request) chunks.push(chunk);
      } catch {
        return; // the browser was killed meanwhile
      }
      const content = Buffer.concat(chunks).toString("utf8");
      const answer = (status, text) => response.writeHead(status, { "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store" }).end(text);
      if (url.pathname === "/acknowledged") {
        for (const id of JSON.parse(content)) this.acknowledged.add(id), this.lab.acknowledged.add(id);
        return answer(200);
      }
      if (url.pathname === "/answer") {
        this.#answers.get(Number(url.searchParams.get("number")))?.(JSON.parse(content));
        return answer(200);
      }
      const page = url.searchParams.get("page");
      this.page = page;
      this.#asking?.answer(204);
      this.#asking = { answer };
      response.once("close", () => { if (this.#asking?.answer === answer) this.#asking = undefined; });
      this.#next();
    });
  }
  #next() {
    if (!this.#asking || this.#queue.length === 0) return;
    const { answer } = this.#asking;
    this.#asking = undefined;
    answer(200, JSON.stringify(this.#queue.shift()));
  }
  address(path = "/fixture/tab.html") {
    const url = new URL(path, this.lab.origin);
    url.searchParams.set("tab", this.server.port);
    return url.href;
  }
  #ask(body, args, last) {
    const wish = { number: ++this.#number, module: this.lab.module(`export default ${body};`), args, last };
    this.#queue.push(wish);
    this.#next();
    return wish;
  }
  /** Runs a function in the page; arguments and answer are plain data, a promise is awaited. */
  async run(body, ...args) {
    const { number } = this.#ask(body, args);
    const answer = new Promise((resolve) => this.#answers.set(number, resolve));
    const { error, value } = await Promise.race([answer, pause(60_000, { error: `no answer from the page for ${String(body).slice(0, 200)}` }, { ref: false })]);
    this.#answers.delete(number);
    if (error) throw new Error(`${this.lab.engine}: ${error}`);
    return value;
  }
  /** Runs something that takes the page away, and waits for the next one where it leads. */
  async leave(body, ...args) {
    const { page } = this;
    this.#ask(body, args, true);
    await until("the next page is there", () => this.page !== page);
  }
  async loaded(timeout = 60_000) {
    await until(`${this.lab.engine} has loaded the page`, () => this.page !== undefined, timeout);
  }
  goto(path) {
    return this.leave((url) => { location.href = url; }, this.address(path));
  }
  /** danbi on this page, sending to the collector. */
  make(options) {
    return this.run(async (options) => void (await lab.make(options)), { ...this.lab.options, ...options });
  }
  /** Tracks `count` numbered events, one task for each; resolves when all are acknowledged, here too. */
  track(name, count, { from = 0, each = 0, properties } = {}) {
    return this.run(async (name, count, from, each, properties) => {
      const all = [];
      for (let i = from; i < from + count; i++) {
        all.push(lab.track("view_item", { n: `${name}-${i}`, currency: "KRW", value: 12900, ...properties }));
        await lab.pause(each);
      }
      const statuses = [];
      for (const receipt of all) statuses.push((await receipt).status);
      await lab.reported();
      return statuses;
    }, name, count, from, each, properties);
  }
  /** As a person closes it: with the page's own farewell. (Chromium's `window.close()` often goes without.) */
  async close() {
    if (this.lab.engine === "chromium") {
      const tools = `http://127.0.0.1:${this.lab.port}/json`;
      const [own] = (await (await fetch(`${tools}/list`)).json()).filter(({ url }) => url.includes(`tab=${this.server.port}`));
      await fetch(`${tools}/close/${own.id}`);
    } else this.#ask(() => close(), [], true);
    await until("the tab is closed", () => !this.#asking && this.#queue.length === 0, 5000);
    await pause(300);
  }
}

/**
 * A browser, a site and a collector. `head` is put after the agent, before all else in each page; `csp` is the site's
 * Content-Security-Policy; `doctor(path, read)` may answer with other `bytes` or another `type`; `alone` is a private window.
 */
export async function laboratory(engine, { head = "", csp, doctor, alone } = {}) {
  const profile = mkdtempSync(join(tmpdir(), `danbi-${engine}-`));
  const code = [];
  let browser;
  const tabs = [];
  const site = await listen((request, response) => {
    try {
      const { pathname } = new URL(request.url, "http://localhost");
      const [, kind, ...rest] = pathname.split("/");
      const headers = { "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*", ...(csp && { "Content-Security-Policy": csp }), Date: new Date(Date.now() + lab.skew).toUTCString() };
      if (kind === "run") return response.writeHead(200, { ...headers, "Content-Type": "text/javascript" }).end(code[Number(rest[0])]);
      if (!(kind in folders)) return response.writeHead(404, headers).end();
      const path = join(folders[kind], normalize(rest.join("/")));
      const served = doctor?.(pathname, () => readFileSync(path));
      const type = served?.type ?? types[extname(path)];
      if (extname(path) === ".html") {
        return response.writeHead(200, { ...headers, "Content-Type": type }).end(readFileSync(path, "utf8").replace("</head>", `${lab.head}</head>`));
      }
      if (!existsSync(path)) return response.writeHead(404, headers).end();
      response.writeHead(200, { ...headers, "Content-Type": type });
      served?.bytes ? response.end(served.bytes) : createReadStream(path).pipe(response);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  const collector = await collect();
  const lab = {
    engine, collector, profile, tabs, head,
    /** How far the site's own clock is off. */
    skew: 0,
    origin: `http://localhost:${site.port}/`,
    /** Ids for which some page heard `stored`. */
    acknowledged: new Set(),
    options: {
      bundle: { bundle: "lab", version: 1, house: { zone: "Asia/Seoul", currency: "KRW", locales: ["ko"] } },
      endpoint: collector.url,
      consent: { functional: true, analytics: true, personalization: true },
    },
    /** An address where this text is. */
    module: (text) => `/run/${code.push(text) - 1}`,
    get port() {
      return Number(readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n")[0]);
    },
    /** Starts the browser on its profile with one page. */
    async start(path) {
      for (let again = false; ; again = true) {
        rmSync(join(profile, "DevToolsActivePort"), { force: true });
        const tab = await lab.tab();
        const [command, args, env] = await commands[engine](profile, { alone });
        browser = start(command, [...args, tab.address(path)], { env: { ...process.env, ...env } });
        try {
          await tab.loaded(30_000);
          return tab;
        } catch (error) {
          // A killed browser may not come up on its profile at once. Nothing of danbi has been loaded by then.
          if (again) throw error;
          await lab.kill();
        }
      }
    },
    async tab() {
      const tab = new Tab(lab);
      await tab.listen();
      tabs.push(tab);
      return tab;
    },
    /** Another tab, opened by one that is there; a process of its own where the engine gives one. */
    async open(from, path) {
      const tab = await lab.tab();
      await from.run((url) => void window.open(url, "_blank", "noopener"), tab.address(path));
      await tab.loaded();
      return tab;
    },
    /** Another collector where the first one stood. */
    async revive() {
      lab.collector = await collect({ port: collector.port });
    },
    /** SIGKILL, to all of it, now. */
    async kill() {
      slay(browser);
      await browser.gone;
    },
    /** As the system asks a program to end. */
    async quit() {
      signal(browser.pid, "SIGTERM");
      await Promise.race([browser.gone, pause(5000, undefined, { ref: false })]);
      await lab.kill();
    },
    async end() {
      if (browser) await lab.kill();
      await Promise.all([...tabs.map((tab) => tab.server.close()), site.close(), lab.collector.close()]);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  return lab;
}

/** Runs a scenario in a laboratory of its own. */
export async function scenario(engine, options, body) {
  const lab = await laboratory(engine, options);
  try {
    await body(lab);
  } catch (error) {
    const { events, requests } = lab.collector;
    console.error(`${engine}: ${lab.acknowledged.size} acknowledged, ${events.length} collected in ${requests.length} requests: ${requests.slice(-12).map(({ status, ids }) => `${status}×${ids.length}`).join(" ")}`);
    throw error;
  } finally {
    await lab.end();
  }
}

// --- the invariant ---

/** All that danbi's database holds, read by the page itself; null where there is none. */
export const dump = (tab, name = "danbi") => tab.run(async (name) => {
  const there = indexedDB.databases ? (await indexedDB.databases()).some((database) => database.name === name) : true;
  if (!there) return null;
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => (request.error.name === "AbortError" ? resolve(null) : reject(request.error));
  });
  if (!database) return null;
  const stores = {};
  try {
    const transaction = database.transaction([...database.objectStoreNames]);
    await Promise.all([...database.objectStoreNames].map((store) => new Promise((resolve, reject) => {
      const keys = transaction.objectStore(store).getAllKeys(), values = transaction.objectStore(store).getAll();
      values.onsuccess = () => resolve(stores[store] = values.result.map((value, i) => ({ key: keys.result[i], value })));
      values.onerror = () => reject(values.error);
    })));
  } finally {
    database.close();
  }
  return stores;
}, name);

/** Rows that wait to be sent, and dead letters, of a dump. */
export function remains(stores) {
  const sent = stores?.kv?.find(({ key }) => key === "sent")?.value ?? 0;
  const id = ({ value }) => value?.line?.messageId;
  return {
    pending: (stores?.log ?? []).filter(({ key, value }) => value?.send && key > sent).map(id),
    dead: (stores?.dead ?? []).map(id),
  };
}

/**
 * The invariant of delivery: acknowledged ids ⊆ delivered ∪ pending ∪ dead ∪ dropped and announced; and no signal under
 * two ids. `tab` is any page of the origin.
 */
export async function invariant(lab, tab) {
  const { pending, dead } = remains(await dump(tab));
  const { events } = lab.collector;
  const known = new Set([...events.map(({ messageId }) => messageId), ...pending, ...dead]);
  const missing = [...lab.acknowledged].filter((id) => !known.has(id));
  const announced = events.filter(({ event }) => event === "danbi_dropped").reduce((sum, { properties }) => sum + properties.n, 0);
  assert.ok(missing.length <= announced, `${missing.length} of ${lab.acknowledged.size} acknowledged signals are nowhere (${announced} announced as dropped): ${missing.slice(0, 5)}`);
  once(lab);
}

/** Each numbered signal is kept once: what came twice came with the same id. */
export function once({ collector }) {
  const numbers = collector.events.map(({ properties }) => properties?.n).filter((n) => n !== undefined);
  assert.deepEqual(numbers.filter((n, index) => numbers.indexOf(n) !== index), [], "no signal arrives under two ids");
}

/** Chromium's own tools for a tab: `{ page, session, close }`. (Playwright's would keep hidden pages awake.) */
export async function devtools(lab, tab) {
  const { default: puppeteer } = await import("puppeteer-core");
  const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${lab.port}`, defaultViewport: null });
  const page = (await browser.pages()).find((page) => page.url().includes(`tab=${tab.server.port}`));
  return { page, session: await page.createCDPSession(), close: () => browser.disconnect().catch(() => {}) };
}

/** Waits until all that was acknowledged has arrived. */
export async function delivered(lab, count, timeout = 30_000) {
  const missing = () => {
    const there = new Set(lab.collector.events.map(({ messageId }) => messageId));
    return [...lab.acknowledged].filter((id) => !there.has(id));
  };
  assert.ok(lab.acknowledged.size >= count, `${lab.acknowledged.size} of ${count} were acknowledged`);
  await until(() => `all of ${lab.acknowledged.size} arrived; ${missing().length} are missing: ${missing().slice(0, 3)}`, () => missing().length === 0, timeout);
  once(lab);
}

/** Numbers in [0, 1) that a seed gives again. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
