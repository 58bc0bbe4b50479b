/**
 * A reference collector for Segment's `/batch`: what a shop's own endpoint has to do, and what may go wrong with it, on
 * demand. README.md beside this file says it in words.
 *
 *     node tests/collector/collector.mjs [--port 8090] [--mode ok]
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** Segment's limits: 500 kB a request, 32 kB an event. */
const LIMIT = { batch: 500_000, event: 32 * 1024 };
const DAY = 864e5;
/** How old an event may be when it arrives, and how long its id is remembered: always the longer of the two. */
const AGE = { event: 7 * DAY, id: 14 * DAY };
const TYPES = ["track", "page", "identify", "consent", "alias", "group", "screen"];

/**
 * What a request comes to. A behaviour may hold
 *   store       keep the events, whatever the answer
 *   status      answer with it, instead of judging the batch
 *   retryAfter  the header, a text; or what makes it of the request's `sentAt` in ms
 *   reset       cut the connection instead of answering
 *   hang        never answer
 *   refuse      (event) => true where the whole batch is to be answered 400 because of it
 */
const behaviours = {
  ok: {},
  503: { status: 503, retryAfter: "1" },
  down: { reset: true },
  lostack: { store: true, reset: true },
  stall: { store: true, hang: true },
  poison: { refuse: ({ event }) => event === "poison" },
};
export const modes = Object.keys(behaviours);

const cors = (request) => ({
  "Access-Control-Allow-Origin": request.headers.origin ?? "*",
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Allow-Methods": "POST, GET, PUT, DELETE, OPTIONS",
  "Access-Control-Allow-Headers": request.headers["access-control-request-headers"] ?? "content-type, authorization",
  // Without it a page on another origin cannot read how long it is asked to wait.
  "Access-Control-Expose-Headers": "Retry-After, Date",
  "Access-Control-Max-Age": "600",
  "Vary": "Origin",
});

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

const plain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value) => typeof value === "string" && value !== "";

/** What is wrong with an event, or null. */
function wrong(event) {
  if (!plain(event)) return "an event is no object";
  if (!text(event.messageId) || event.messageId.length > 100) return "an event has no messageId of 1 to 100 characters";
  const say = (what) => `${event.messageId} ${what}`;
  if (!TYPES.includes(event.type)) return say(`is of no type that is known: ${event.type}`);
  if (event.type === "track" && !text(event.event)) return say("has no event name");
  if (!text(event.userId) && !text(event.anonymousId)) return say("has no userId and no anonymousId");
  if (!text(event.timestamp) || Number.isNaN(Date.parse(event.timestamp))) return say("has no readable timestamp");
  for (const part of ["properties", "traits", "context"]) if (part in event && !plain(event[part])) return say(`has ${part} that are no object`);
  if (Buffer.byteLength(JSON.stringify(event)) > LIMIT.event) return say(`is larger than ${LIMIT.event} bytes`);
  return null;
}

/** What is wrong with a batch, or null. */
function fault({ batch, sentAt }) {
  if (!Array.isArray(batch) || batch.length === 0) return "batch is no list of events";
  if (sentAt !== undefined && Number.isNaN(Date.parse(sentAt))) return "sentAt is no time";
  return batch.map(wrong).find((message) => message !== null) ?? null;
}

/**
 * Starts a collector; `port` 0 takes a free one, `now` is its clock.
 *
 * - `events`: what was kept, each messageId once, in order of arrival, with `sentAt` and `receivedAt`.
 * - `requests`: one for every batch, as it arrives: `{ at, sentAt, bytes, ids, context, status, others }`; `status` is undefined
 *   until it is answered, 0 where the connection was cut, -1 where the client went; `others`: how many were still
 *   unanswered then.
 * - `mode`: a name, a behaviour, or a function that gives one for a request. May be set at any time.
 * - `script`: behaviours for the next requests, one each, before `mode` holds again.
 * - `limit`: bytes that a request may have, 413 above.
 * - `forget()` empties the lists. `close()` stops it, and its port can be used again.
 */
export async function collect({ port = 0, mode = "ok", now = Date.now } = {}) {
  const collector = { mode, script: [], limit: LIMIT.batch, events: [], requests: [], forget };
  /** messageId → when it came first, oldest first. */
  const known = new Map();
  function forget() {
    known.clear();
    collector.events.length = collector.requests.length = 0;
  }
  function keep({ batch, sentAt }) {
    const at = now();
    for (const [id, came] of known) {
      if (at - came <= AGE.id) break;
      known.delete(id);
    }
    for (const event of batch) {
      if (known.has(event.messageId)) continue;
      known.set(event.messageId, at);
      collector.events.push({ ...event, sentAt, receivedAt: new Date(at).toISOString() });
    }
  }
  const open = () => collector.requests.filter(({ status }) => status === undefined).length;

  async function batch(request, response, answer) {
    const entry = { at: now(), sentAt: undefined, bytes: 0, ids: [], status: undefined, others: open() };
    collector.requests.push(entry);
    response.once("close", () => (entry.status ??= -1));
    const given = await body(request);
    entry.bytes = Buffer.byteLength(given);
    let parsed;
    try {
      parsed = JSON.parse(given);
    } catch { /* judged below */ }
    if (Array.isArray(parsed?.batch)) entry.ids = parsed.batch.map((event) => event?.messageId);
    entry.sentAt = Date.parse(parsed?.sentAt);
    entry.context = parsed?.context;

    const reply = (status, content, headers) => {
      entry.status = status;
      answer(status, content, headers);
    };
    const { mode } = collector;
    const wished = collector.script.shift() ?? (typeof mode === "function" ? mode({ ...entry, batch: parsed?.batch }) : behaviours[mode] ?? mode);
    const { store, status, retryAfter, reset, hang, refuse } = wished ?? {};
    const refused = !plain(parsed) ? "no JSON object" : fault(parsed) ?? (refuse && parsed.batch.some(refuse) ? "poison" : null);
    if (store && refused === null) keep(parsed);
    if (hang) return;
    if (reset) {
      entry.status = 0;
      return request.socket.resetAndDestroy();
    }
    const wait = typeof retryAfter === "function" ? retryAfter(entry.sentAt) : retryAfter;
    if (status) return reply(status, { success: status < 300 }, wait !== undefined && { "Retry-After": wait });
    if (entry.bytes > collector.limit) return reply(413, { success: false, message: `over ${collector.limit} bytes` });
    if (refused !== null) return reply(400, { success: false, message: refused });
    keep(parsed);
    return reply(200, { success: true });
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
    if (pathname === "/requests" && request.method === "GET") return answer(200, collector.requests);
    if (pathname === "/events" && request.method === "DELETE") return forget(), answer(204);
    if (collector.mode === "down") return request.socket.resetAndDestroy();
    if (request.method === "OPTIONS") return answer(204);
    if (request.method === "POST" && pathname === "/v1/batch") {
      return batch(request, response, answer).catch(() => request.socket.destroy());
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
