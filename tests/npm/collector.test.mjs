import assert from "node:assert/strict";
import { test } from "node:test";
import { collect } from "../collector/collector.mjs";

const event = (messageId, more) => ({ type: "track", event: "view_item", messageId, anonymousId: "a", timestamp: "2026-05-12T01:00:00.000Z", ...more });
const send = (url, body) => fetch(url, { method: "POST", body, headers: { Origin: "http://shop.test" } });
const batch = (...events) => JSON.stringify({ batch: events, sentAt: "2026-05-12T01:00:01.000Z" });
/** The answer's status; 0 where there was none. */
const post = (url, ...events) => send(url, batch(...events)).then((answer) => answer.status, () => 0);
const ids = ({ events }) => events.map(({ messageId }) => messageId);

/** Runs a body with a collector that ends with it. */
const collecting = (options, body) => async () => {
  const collector = await collect(options);
  try {
    await body(collector);
  } finally {
    await collector.close();
  }
};

test("the collector keeps each event once, in every mode", collecting({}, async (collector) => {
  const { url } = collector;
  assert.equal(await post(url, event("1"), event("2")), 200);
  assert.equal(await post(url, event("2"), event("3")), 200);
  collector.mode = "503";
  assert.equal(await post(url, event("4")), 503);
  collector.mode = "down";
  assert.equal(await post(url, event("4")), 0);
  collector.mode = "lostack";
  assert.equal(await post(url, event("4")), 0);
  collector.mode = "poison";
  assert.equal(await post(url, event("5", { event: "poison" })), 400);
  assert.equal(await post(url, event("4"), event("6")), 200);
  assert.equal(await post(url, { type: "track" }), 400);
  assert.deepEqual(ids(collector), ["1", "2", "3", "4", "6"]);

  const preflight = await fetch(url, { method: "OPTIONS", headers: { Origin: "http://shop.test" } });
  assert.equal(preflight.headers.get("access-control-allow-origin"), "http://shop.test");
}));

test("a script says what comes of each request, then the mode holds again", collecting({}, async (collector) => {
  const { url } = collector;
  collector.script.push(
    { status: 429, retryAfter: "3" },
    { status: 503, retryAfter: (sentAt) => new Date(sentAt + 4000).toUTCString() },
    { status: 500 },
    { store: true, reset: true },
    { reset: true },
    { refuse: ({ messageId }) => messageId === "9" },
  );
  const waits = [];
  for (let count = 0; count < 2; count++) waits.push((await send(url, batch(event("1")))).headers.get("retry-after"));
  assert.deepEqual(waits, ["3", "Tue, 12 May 2026 01:00:05 GMT"]);
  assert.equal(await post(url, event("1")), 500);
  assert.equal(await post(url, event("2")), 0);
  assert.equal(await post(url, event("3")), 0);
  assert.equal(await post(url, event("4"), event("9")), 400);
  assert.equal(await post(url, event("4"), event("9")), 200);
  assert.deepEqual(ids(collector), ["2", "4", "9"]);
  assert.deepEqual(collector.requests.map(({ status, ids }) => `${status} ${ids}`), ["429 1", "503 1", "500 1", "0 2", "0 3", "400 4,9", "200 4,9"]);
}));

test("a page can read how long it is asked to wait", collecting({ mode: "503" }, async ({ url }) => {
  const { headers } = await send(url, batch(event("1")));
  assert.match(headers.get("access-control-expose-headers"), /retry-after/i);
}));

test("what gets no answer is on the list, with how many were open when it came", collecting({}, async (collector) => {
  const { url, requests } = collector;
  collector.script.push({ hang: true }, { store: true, hang: true });
  const abort = new AbortController();
  const hanging = [event("1"), event("2")].map((one) => fetch(url, { method: "POST", body: batch(one), signal: abort.signal }).catch(() => {}));
  while (requests.filter(({ ids }) => ids.length > 0).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await post(url, event("3")), 200);
  assert.deepEqual(requests.map(({ status, others }) => [status, others]), [[undefined, 0], [undefined, 1], [200, 2]]);
  abort.abort();
  await Promise.all(hanging);
  while (requests.some(({ status }) => status === undefined)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(requests.map(({ status }) => status), [-1, -1, 200]);
  assert.equal(ids(collector).length, 2, "one of the two was stored");
}));

test("413 above the limit, of the whole request", collecting({}, async (collector) => {
  collector.limit = 1000;
  const text = "x".repeat(900);
  assert.equal(await post(collector.url, event("1", { properties: { text } })), 413);
  assert.equal(await post(collector.url, event("2")), 200);
  assert.equal(collector.requests[0].bytes > 1000, true);
}));

const reasons = {
  "not JSON": "{",
  "no object": "[]",
  "no batch": "{}",
  "an empty batch": `{"batch":[]}`,
  "an unreadable sentAt": `{"batch":[${JSON.stringify(event("1"))}],"sentAt":"soon"}`,
  "an event that is none": `{"batch":[null]}`,
  "no messageId": batch(event(undefined)),
  "a messageId of 101 characters": batch(event("x".repeat(101))),
  "an unknown type": batch(event("1", { type: "trac" })),
  "no event name": batch(event("1", { event: "" })),
  "nobody": batch(event("1", { anonymousId: undefined })),
  "an unreadable time": batch(event("1", { timestamp: "yesterday" })),
  "properties that are a list": batch(event("1", { properties: [] })),
  "an event above 32 KiB": batch(event("1", { properties: { text: "x".repeat(33_000) } })),
};
for (const [title, body] of Object.entries(reasons)) {
  test(`400: ${title}`, collecting({}, async (collector) => {
    assert.equal((await send(collector.url, body)).status, 400);
    assert.deepEqual(collector.events, []);
  }));
}

test("ids are remembered longer than an event may be old, and not for ever", async () => {
  let now = Date.parse("2026-05-12T01:00:00.000Z");
  await collecting({ now: () => now }, async (collector) => {
    await post(collector.url, event("1"));
    assert.deepEqual([collector.events[0].receivedAt, collector.events[0].sentAt], ["2026-05-12T01:00:00.000Z", "2026-05-12T01:00:01.000Z"]);
    now += 8 * 864e5;
    await post(collector.url, event("1"));
    assert.deepEqual(ids(collector), ["1"]);
    now += 15 * 864e5;
    await post(collector.url, event("1"));
    assert.deepEqual(ids(collector), ["1", "1"]);
  })();
});

test("it is read and changed over HTTP", collecting({}, async ({ url, port }) => {
  const at = (path, method = "GET") => fetch(`http://localhost:${port}${path}`, { method });
  await post(url, event("1"));
  assert.equal((await (await at("/events")).json()).length, 1);
  assert.equal((await (await at("/requests")).json())[0].status, 200);
  assert.equal((await at("/mode/503", "PUT")).status, 204);
  assert.equal(await post(url, event("2")), 503);
  assert.equal((await at("/mode/none", "PUT")).status, 404);
  assert.equal((await at("/events", "DELETE")).status, 204);
  assert.deepEqual(await (await at("/events")).json(), []);
}));
