/**
 * Synthetic shoppers in wasm, as Node runs it, against the command line: byte for byte. Progress and giving up; what cannot be
 * simulated. And rates from real orders: what `danbi fit` makes of the UCI "Online Retail" data set a simulation takes.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pack, root } from "./pack.mjs";

const { simulate } = await import(pathToFileURL(join(pack().folder, "dist/studio/index.js")).href);
const shop = join(root, "www/bundles/onsae.json");
const bundle = JSON.parse(readFileSync(shop, "utf8"));

const folder = mkdtempSync(join(tmpdir(), "danbi-simulate-"));
const run = (...options) => execFileSync(join(root, "target/release/danbi"), options, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
/** What the command line answers to the same request. */
const native = (file, { rates, ...request }) => {
  const options = Object.entries(request).flatMap(([key, value]) => [`--${key}`, String(value)]);
  if (rates) {
    const written = join(folder, "rates.json");
    writeFileSync(written, JSON.stringify(rates));
    options.push("--rates", written);
  }
  return run("simulate", "--bundle", file, ...options).trimEnd();
};

const eager = {
  visits: { perWeek: 4 }, order: 0.2, history: 200.5, refund: 0.2, redeem: 0.6, hours: Array.from({ length: 24 }, (_, hour) => hour),
  answers: { interruptive: { act: 0.6, dismiss: 0.2, hide: 0.1 }, inline: { act: 0.5 } },
};

test("the same bytes as on the command line", async () => {
  const shoppers = process.env.DANBI_LONG ? 2000 : 60;
  for (const request of [{ shoppers, days: 60, seed: 20_260_512 }, { shoppers: 25, days: 40, seed: -7, from: "2026-11-30T23:30:00Z", rates: eager }]) {
    assert.equal(JSON.stringify(await simulate(bundle, request)), native(shop, request));
  }
});

test("another house: a currency with cents, a zone with summer time, several tiers, no campaigns", async () => {
  const file = join(root, "tests/data/loyalty-demo.bundle.json");
  const request = { shoppers: 30, days: 200, seed: 3, from: "2026-02-01T00:00:00Z", rates: eager };
  const line = JSON.stringify(await simulate(JSON.parse(readFileSync(file, "utf8")), request));
  assert.equal(line, native(file, request));
  assert.deepEqual(Object.values(JSON.parse(line).checks).filter(Boolean), []);
});

test("progress is told to the end", async () => {
  const told = [];
  const { shoppers } = await simulate(bundle, { shoppers: 12, days: 5 }, (done, of) => told.push([done, of]));
  assert.equal(shoppers, 12);
  assert.deepEqual(told.at(-1), [12, 12]);
  assert.ok(told.every(([done, of], n) => of === 12 && done > (told[n - 1]?.[0] ?? 0)));
});

test("it can be given up", async () => {
  const control = new AbortController();
  let done = 0;
  await assert.rejects(simulate(bundle, { shoppers: 100_000, days: 60 }, (count) => ((done = count), control.abort()), control.signal), { name: "AbortError" });
  assert.ok(done > 0 && done < 100_000);
  const reason = new Error("enough");
  await assert.rejects(simulate(bundle, { shoppers: 1, days: 1 }, undefined, AbortSignal.abort(reason)), reason);
  // What was given up is in nobody's way.
  assert.equal((await simulate(bundle, { shoppers: 2, days: 2 })).shoppers, 2);
});

test("what cannot be simulated is refused with code and path", async () => {
  const refused = (request, code, path) => assert.rejects(simulate(bundle, request), { code, path });
  await refused({ shoppers: 0, days: 1 }, "range", "/shoppers");
  await refused({ shoppers: 1, days: 1.5 }, "type", "/days");
  await refused({ shoppers: 1, days: 1, rates: { visit: 1 } }, "unknown_key", "/rates/visit");
  await refused({ shoppers: 1, days: 1, rates: { order: 2 } }, "range", "/rates/order");
  await assert.rejects(simulate(bundle, { shoppers: Infinity, days: 1 }), { code: "not_finite" });
  await assert.rejects(simulate({ ...bundle, house: undefined }, { shoppers: 1, days: 1 }), { code: "missing", path: "/house" });
});

const csv = join(process.env.DANBI_SHARED ?? join(root, "../shared"), "data/online_retail_germany.csv");
const skip = existsSync(csv) ? false : `${csv} is not here; DANBI_SHARED names the folder that holds data/`;

test("rates from real orders", { skip }, () => {
  const events = join(folder, "orders.ndjson");
  writeFileSync(events, execFileSync(process.execPath, [join(root, "scripts/convert-online-retail.mjs"), csv], { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] }));
  const rates = JSON.parse(run("fit", "--events", events, "--zone", "Europe/Berlin"));
  const orders = readFileSync(events, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const bought = orders.filter(({ event }) => event === "purchase");
  const items = bought.flatMap(({ properties }) => properties.items);
  assert.ok(Math.abs(rates.basket.lines - items.length / bought.filter(({ properties }) => properties.items.length).length) < 1e-3);
  assert.ok(Math.abs(rates.refund - Math.min(1, (orders.length - bought.length) / bought.length)) < 1e-3);
  assert.equal(rates.products.length, 50);
  // Days with an order after the first, in the weeks since it: about what the rhythm says, in which every customer weighs the same.
  const days = new Map();
  for (const { userId, timestamp } of bought) {
    const day = new Date(Date.parse(timestamp) + 36e5).toISOString().slice(0, 10);
    days.set(userId, (days.get(userId) ?? new Set()).add(day));
  }
  const end = Math.max(...orders.map(({ timestamp }) => Date.parse(timestamp)));
  const [again, weeks] = [...days.values()].reduce(([again, weeks], own) => [again + own.size - 1, weeks + (end - Date.parse([...own].sort()[0])) / 6048e5], [0, 0]);
  const perWeek = rates.visits.perWeek * rates.order;
  assert.ok(Math.abs(perWeek / (again / weeks) - 1) < 0.25, `${perWeek} orders a week, ${again / weeks} seen`);
  const file = join(root, "tests/data/online-retail.bundle.json");
  const line = JSON.parse(native(file, { shoppers: 20, days: 30, seed: 1, rates }));
  assert.equal(line.shoppers, 20);
});
