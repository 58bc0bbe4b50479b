/** The gallery's server and browser: a page that shows any message there can be (`gallery/page.js`), for tests, pictures and benches. */
import assert from "node:assert/strict";
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browsers.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folders = {
  danbi: here("../../pkg/dist"), gallery: here("gallery"), art: here("../../www/art"), bundles: here("../../www/bundles"),
  axe: here("../../node_modules/axe-core"), font: here("../../node_modules/@fontsource-variable/noto-sans-kr"),
};
assert.ok(existsSync(join(folders.danbi, "index.js")), "pkg/dist is missing: npm run build");
const types = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm",
  ".json": "application/json", ".svg": "image/svg+xml", ".woff2": "font/woff2",
};

/** What danbi promises to work under, and the shop's own pictures. */
export const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; require-trusted-types-for 'script'; img-src 'self'";

/** Serves the gallery; `requests` are what was asked for so far, `{url, as}`; `given` are files held in memory. */
export async function site({ csp, given = {} } = {}) {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    requests.push({ url: request.url, as: request.headers["sec-fetch-dest"] });
    const [, kind, ...rest] = pathname.split("/");
    const path = pathname === "/" ? here("gallery/index.html") : Object.hasOwn(folders, kind) ? join(folders[kind], normalize(rest.join("/"))) : "";
    const headers = { "Content-Type": types[extname(path || pathname)] ?? "text/plain", "Cache-Control": "no-cache", ...(csp && { "Content-Security-Policy": csp }) };
    if (Object.hasOwn(given, pathname)) return response.writeHead(200, headers).end(given[pathname]);
    if (!path || !existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
    createReadStream(path).pipe(response.writeHead(200, headers));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    requests, given, url: `http://localhost:${server.address().port}/`,
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

/** A browser on the gallery, or one that is there already on another site: `open(parameters)` loads the page and waits until what it was asked for stands there. */
export async function hang(engine, { csp, given, browser, ...settings } = {}) {
  const [visitor, shop] = await Promise.all([browser ?? launch(engine, settings), site({ csp, given })]);
  return {
    browser: visitor, site: shop,
    async open(parameters = "") {
      await visitor.open(`${shop.url}?${parameters}`);
      await visitor.waitFor(() => globalThis.gallery !== undefined);
      await visitor.evaluate(() => gallery.prepared);
    },
    async close() {
      if (!browser) await visitor.close().catch((error) => console.error(`${engine} does not close: ${error.message}`));
      await shop.close();
    },
  };
}
