import assert from "node:assert/strict";
import { test } from "node:test";
import { collect } from "../collector/collector.mjs";

const event = (messageId, name = "view_item") => ({ type: "track", event: name, messageId, anonymousId: "a", timestamp: "2026-05-12T01:00:00.000Z" });
const post = (url, ...batch) =>
  fetch(url, { method: "POST", body: JSON.stringify({ batch }), headers: { Origin: "http://shop.test" } }).then((answer) => answer.status, () => 0);

test("the collector keeps each event once, in every mode", async () => {
  const collector = await collect();
  const { url } = collector;
  try {
    assert.equal(await post(url, event("1"), event("2")), 200);
    assert.equal(await post(url, event("2"), event("3")), 200);
    collector.mode = "503";
    assert.equal(await post(url, event("4")), 503);
    collector.mode = "down";
    assert.equal(await post(url, event("4")), 0);
    collector.mode = "lostack";
    assert.equal(await post(url, event("4")), 0);
    collector.mode = "poison";
    assert.equal(await post(url, event("5", "poison")), 400);
    assert.equal(await post(url, event("4"), event("6")), 200);
    assert.equal(await post(url, { type: "track" }), 400);
    assert.deepEqual(collector.events.map(({ messageId }) => messageId), ["1", "2", "3", "4", "6"]);

    const preflight = await fetch(url, { method: "OPTIONS", headers: { Origin: "http://shop.test" } });
    assert.equal(preflight.headers.get("access-control-allow-origin"), "http://shop.test");
  } finally {
    await collector.close();
  }
});
