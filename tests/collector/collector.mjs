/**
 * A reference collector for Segment's `/batch`, as small as it can be: what a shop's own endpoint has to do.
 *
 *     node tests/collector/collector.mjs [--port 8090] [--mode ok]
 *
 * - `POST /v1/batch` takes `{"batch": [event, …], "sentAt": …}` and answers 200 `{"success": true}`.
 * - Delivery is at least once: an event whose `messageId` is known is taken as received and kept once.
 * - A page on another origin needs CORS: preflight, and `Access-Control-Allow-Origin` on every answer, errors included.
 * - 503 with `Retry-After` asks to come again; 400 says that this batch will never be accepted.
 *
 * Modes, to see what a client does with a bad day:
 *   ok        as above
 *   503       asks to come again in a second, keeps nothing
 *   down      cuts every connection
 *   lostack   keeps the events, then cuts the connection before the answer
 *   poison    400 for a batch that holds an event named `poison`, ok otherwise
 *
 * `GET /events` lists what was kept, `DELETE /events` forgets it, `PUT /mode/NAME` changes the mode.
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const modes = ["ok", "503", "down", "lostack", "poison"];
/** Segment's limits: 500 kB a request, 32 kB an event. */
const LIMIT = { batch: 500_000, event: 32_000 };

const cors = (request) => ({
  "Access-Control-Allow-Origin": request.headers.origin ?? "*",
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Allow-Methods": "POST, GET, PUT, DELETE, OPTIONS",
  "Access-Control-Allow-Headers": request.headers["access-control-request-headers"] ?? "content-type, authorization",
  "Access-Control-Max-Age": "600",
  "Vary": "Origin",
});

async function body(request, limit) {
  let size = 0;
  const chunks = [];
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? null : Buffer.concat(chunks).toString("utf8");
}

/** What is wrong with a batch, or null. */
function fault(batch) {
  if (!Array.isArray(batch) || batch.length === 0) return "batch is no list of events";
  for (const event of batch) {
    if (typeof event?.messageId !== "string") return "an event has no messageId";
    if (typeof event.type !== "string") return `${event.messageId} has no type`;
    if (typeof event.userId !== "string" && typeof event.anonymousId !== "string") return `${event.messageId} has no userId and no anonymousId`;
    if (Number.isNaN(Date.parse(event.timestamp))) return `${event.messageId} has no readable timestamp`;
    if (Buffer.byteLength(JSON.stringify(event)) > LIMIT.event) return `${event.messageId} is larger than ${LIMIT.event} bytes`;
  }
  return null;
}

/**
 * Starts a collector; `port` 0 takes a free one.
 *
 * `events`: what was kept, each messageId once, in order of arrival. `requests`: one `{ status, ids }` for every batch,
 * status 0 where the connection was cut. `mode` may be set at any time. `close()` stops it, and its port can be used again.
 */
export async function collect({ port = 0, mode = "ok" } = {}) {
  const collector = { mode, events: [], requests: [], forget };
  const known = new Set();
  function forget() {
    known.clear();
    collector.events.length = collector.requests.length = 0;
  }

  async function batch(request, answer) {
    const text = await body(request, LIMIT.batch);
    if (text === null) return answer(413, { success: false, message: `over ${LIMIT.batch} bytes` });
    let batch;
    try {
      ({ batch } = JSON.parse(text));
    } catch {
      return answer(400, { success: false, message: "not JSON" });
    }
    const ids = Array.isArray(batch) ? batch.map((event) => event?.messageId) : [];
    const reply = (status, content, headers) => {
      collector.requests.push({ status, ids });
      return status === 0 ? request.socket.destroy() : answer(status, content, headers);
    };
    if (collector.mode === "503") return reply(503, { success: false }, { "Retry-After": "1" });
    const message = fault(batch) ?? (collector.mode === "poison" && batch.some(({ event }) => event === "poison") ? "poison" : null);
    if (message) return reply(400, { success: false, message });
    for (const event of batch) {
      if (known.has(event.messageId)) continue;
      known.add(event.messageId);
      collector.events.push(event);
    }
    return collector.mode === "lostack" ? reply(0) : reply(200, { success: true });
  }

  const server = createServer((request, response) => {
    const answer = (status, content, headers) => {
      response.writeHead(status, { "Content-Type": "application/json", ...cors(request), ...headers });
      response.end(content && JSON.stringify(content));
    };
    const { pathname } = new URL(request.url, "http://localhost");
    const wished = pathname.match(/^\/mode\/(\w+)$/)?.[1];
    if (request.method === "PUT" && modes.includes(wished)) {
      collector.mode = wished;
      return answer(204);
    }
    if (pathname === "/events" && request.method === "GET") return answer(200, collector.events);
    if (pathname === "/events" && request.method === "DELETE") return forget(), answer(204);
    if (collector.mode === "down") return request.socket.destroy();
    if (request.method === "OPTIONS") return answer(204);
    if (request.method === "POST" && pathname === "/v1/batch") {
      return batch(request, answer).catch(() => request.socket.destroy());
    }
    return answer(404, { success: false });
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  collector.port = server.address().port;
  collector.url = `http://localhost:${collector.port}/v1/batch`;
  collector.close = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return collector;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8090" }, mode: { type: "string", default: "ok" } } });
  if (!modes.includes(values.mode)) throw new Error(`no mode ${values.mode}; there are ${modes.join(", ")}`);
  const { url } = await collect({ port: Number(values.port), mode: values.mode });
  console.log(`Collecting at ${url}, mode ${values.mode}`);
}
