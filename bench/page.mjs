/** The page's servers, the browser that loads it, and the clocks that are read from outside of it. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { programs } from "../scripts/toolchain.mjs";
import { bundle } from "./bundle.mjs";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const types = { ".js": "text/javascript", ".html": "text/html", ".json": "application/json", ".wasm": "application/wasm" };
/** Cross-origin isolation gives the page a clock of 5 µs. */
const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const listen = async (handle) => {
  const server = createServer(handle);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => { server.close(); server.closeAllConnections(); } };
};

/** All files of the page, held in memory: the package as built, what is in `page/`, and what else is given. */
export async function shop(dist, given) {
  const files = new Map(given);
  for (const [folder, at] of [[dist, "/danbi/"], ["bench/page", "/"]])
    for (const name of readdirSync(folder, { recursive: true })) if (extname(name) in types) files.set(at + name, readFileSync(join(folder, name)));
  return listen((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const found = files.get(pathname);
    if (!found) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": types[extname(pathname)], "Cache-Control": "public, max-age=3600", ...isolated }).end(found);
  });
}

/** Notes when each event came first, and how often. `down`: answers 503. */
async function collector() {
  const heard = new Map(), self = { heard, times: 0, requests: 0, down: false };
  const cors = (request) => ({
    "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": request.headers["access-control-request-headers"] ?? "*", "Access-Control-Max-Age": "600",
    "Cross-Origin-Resource-Policy": "cross-origin",
  });
  return Object.assign(self, await listen(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const now = performance.timeOrigin + performance.now();
    if (request.method === "POST" && !self.down) {
      self.requests++;
      for (const [, n] of Buffer.concat(chunks).toString().matchAll(/"~(\d+)~"/g)) {
        self.times++;
        if (!heard.has(+n)) heard.set(+n, now);
      }
    }
    response.writeHead(self.down ? 503 : 200, cors(request)).end();
  }), { forget() { heard.clear(); self.times = self.requests = 0; } });
}

/** Of an even number the upper one. */
export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const how = { executablePath: programs.CHROMIUM, args: flags, headless: true };
export const launch = () => chromium.launch(how);

/**
 * Servers and a browser; `visitor()` is a profile of its own, of a private window unless it is `kept` on the disk: as shoppers have it, with
 * the compiled code of earlier visits.
 */
export async function stage({ campaigns, dist }) {
  const [site, ear] = [await shop(dist, [["/bundle.json", JSON.stringify(bundle(campaigns))]]), await collector()];
  const browser = await launch();
  const visitor = async ({ kept = false } = {}) => {
    const folder = kept ? mkdtempSync(join(tmpdir(), "danbi-bench-")) : undefined;
    const context = folder ? await chromium.launchPersistentContext(folder, how) : await browser.newContext();
    /** Opens a page with one of the contenders; `slow` is how many times slower the processor is made. */
    const open = async (name, { slow = 1, first = false, prepare } = {}) => {
      const page = await context.newPage();
      const cdp = await context.newCDPSession(page);
      const send = (method, params) => cdp.send(method, params);
      await send("Performance.enable", { timeDomain: "threadTicks" });
      if (prepare) await page.addInitScript(prepare);
      await page.goto(`${site.url}mark.js`);
      if (slow > 1) await send("Emulation.setCPUThrottlingRate", { rate: slow });
      await page.goto(`${site.url}index.html?with=${name}&endpoint=${encodeURIComponent(`${ear.url}v1/batch`)}${first ? "&first" : ""}`);
      await page.waitForFunction("globalThis.loaded", null, { timeout: 60_000, polling: 50 });
      return {
        evaluate: (body, argument) => page.evaluate(body, argument),
        send, goto: (url) => page.goto(url),
        /** Milliseconds that the main thread worked since the page began. */
        async cpu() {
          const { metrics } = await send("Performance.getMetrics");
          return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
        },
        /** The longest task since the page's own script began, in ms; 0 when none took 50. */
        longest: () => page.evaluate(() => Math.max(0, ...tasks.filter(([at, took]) => at + took > begun).map(([, took]) => took))),
        /** Megabytes that the page's JavaScript and wasm hold on to. */
        async memory() {
          await send("HeapProfiler.collectGarbage");
          const { usedSize, backingStorageSize = 0 } = await send("Runtime.getHeapUsage");
          const wasm = await page.evaluate(() => globalThis.wasmMemory?.buffer.byteLength ?? 0);
          return { heap: (usedSize + backingStorageSize) / 1e6, wasm: wasm / 1e6 };
        },
        close: () => page.close(),
      };
    };
    const leave = async () => {
      await context.close();
      if (folder) rmSync(folder, { recursive: true, force: true });
    };
    return { open, leave };
  };
  return { ear, visitor, url: site.url, version: browser.version(), async close() { await browser.close(); site.close(); ear.close(); } };
}

/** Waits until all of `count` events have arrived, as long as any comes within 15 s. */
export async function arrived(ear, count, page) {
  for (let quiet = 0, last = -1; ear.heard.size < count && quiet < 150; quiet++) {
    if (quiet % 5 === 0) void page.evaluate(() => void flush()).catch(() => {});
    await pause(100);
    if (ear.heard.size !== last) [last, quiet] = [ear.heard.size, 0];
  }
  return ear.heard.size;
}

/** In the page, before its own scripts: keeps hold of the memory of the wasm that it starts. */
export const watchMemory = () => {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    globalThis.wasmMemory = Object.values((made.instance ?? made).exports).find((it) => it instanceof WebAssembly.Memory);
    return made;
  };
};
/** Likewise: counts what touches synchronous storage. */
export const countTouches = () => {
  const touches = (globalThis.touches = { cookie: 0, localStorage: 0 });
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(document, "cookie", {
    get() { touches.cookie++; return cookie.get.call(document); },
    set(value) { touches.cookie++; cookie.set.call(document, value); },
  });
  for (const name of ["getItem", "setItem", "removeItem", "key"]) {
    const own = Storage.prototype[name];
    Storage.prototype[name] = function (...given) { touches.localStorage++; return own.apply(this, given); };
  }
};
