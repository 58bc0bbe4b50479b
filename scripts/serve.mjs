/** A static file server, for the demo and for tests: `node scripts/serve.mjs [--root DIR] [--port N] [--csp POLICY]`. */
import { createReadStream, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { isMain, main } from "./step.mjs";

const types = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".json": "application/json; charset=utf-8", ".wasm": "application/wasm",
  ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif",
  ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
};

/**
 * Serves `folder`; `port` 0 takes a free one. `csp` becomes the Content-Security-Policy of every answer, which has `headers`
 * beside; `head` is put at the start of every page's head, so that a test can prepare the page in any browser; `instead` are
 * texts by path, in the place of files. Answers with `{ url, port, close }`.
 */
export async function serve({ folder, port = 0, csp, head, headers, instead = {} } = {}) {
  const server = createServer(async (request, response) => {
    try {
      const { pathname } = new URL(request.url, "http://localhost"), other = instead[pathname.slice(1)];
      let path = join(folder, normalize(decodeURIComponent(pathname)));
      if (statSync(path).isDirectory()) path = join(path, "index.html");
      const type = types[extname(path)] ?? "application/octet-stream";
      statSync(path);
      response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-cache", ...(csp && { "Content-Security-Policy": csp }), ...headers });
      if (other !== undefined) response.end(other);
      else if (head && extname(path) === ".html") response.end((await readFile(path, "utf8")).replace("<head>", `<head>${head}`));
      else createReadStream(path).pipe(response);
    } catch {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("Not found\n");
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    url: `http://localhost:${server.address().port}/`,
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

/** As `serve`, on the wished port or, where it is taken, on another. */
export const serveSomewhere = (options) =>
  serve(options).catch((error) => { if (error.code === "EADDRINUSE") return serve({ ...options, port: 0 }); throw error; });

if (isMain(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: { root: { type: "string", default: "www/dist" }, port: { type: "string", default: "8080" }, csp: { type: "string" } } });
    const { url } = await serveSomewhere({ folder: values.root, port: Number(values.port), csp: values.csp });
    console.log(`Serving ${values.root} at ${url}`);
  });
}
