/**
 * Real orders: what the command line makes of the UCI "Online Retail" data set, against sums taken from the CSV here,
 * by other code than the converter's. The data is not in the repository; without it the test says so and is skipped.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./pack.mjs";

const csv = join(process.env.DANBI_SHARED ?? join(root, "../shared"), "data/online_retail_germany.csv");
const skip = existsSync(csv) ? false : `${csv} is not here; DANBI_SHARED names the folder that holds data/`;
if (skip) console.error(`\nSKIPPED: Online Retail against the CSV: ${skip}\n`);

/** Pence of a line such as `536527,22809,"A, B",6,12/1/2010 13:04,2.95,12662,Germany`: what is needed stands right of the text. */
function line(text) {
  const [quantity, , price, customer] = text.split(",").slice(-5);
  const [pounds, rest = ""] = price.split(".");
  return { customer, pence: BigInt(quantity) * BigInt(pounds + rest.padEnd(2, "0").slice(0, 2)) };
}

const replay = (events) => execFileSync(
  join(root, "target/release/danbi"), ["replay", "--bundle", join(root, "tests/data/online-retail.bundle.json"), "--events", "-"],
  { input: events, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "ignore"] },
);
const shoppers = (output) => output.trim().split("\n").map((text) => JSON.parse(text));

/** Always the same disorder. */
function shuffled(list) {
  let seed = 1;
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    seed = (seed * 48271) % 2147483647;
    const j = seed % (i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

test("Online Retail: net spend of each customer", { skip }, async (t) => {
  const events = execFileSync("npm", ["run", "-s", "convert:online-retail", "--", csv], { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
  const lines = events.trim().split("\n");
  const net = new Map();
  for (const text of readFileSync(csv, "utf8").trim().split(/\r?\n/).slice(1)) {
    const { customer, pence } = line(text);
    net.set(customer, (net.get(customer) ?? 0n) + pence);
  }
  const output = replay(events);

  await t.test("one event per invoice", () => assert.equal(lines.length, 603));
  await t.test("every customer and the total", () => {
    const spent = shoppers(output).map(({ user, profile }) => [user, profile.meters.net_spend]);
    assert.deepEqual(spent, [...net].map(([user, pence]) => [user, Number(pence)]).sort(([a], [b]) => (a < b ? -1 : 1)));
    assert.equal(spent.length, 95);
    assert.equal(spent.reduce((sum, [, pence]) => sum + pence, 0), 22_169_821);
  });
  await t.test("orders and tiers follow", () => {
    const levels = [["bronze", 0], ["silver", 50_000], ["gold", 250_000]];
    for (const { user, profile: { meters }, progress } of shoppers(output)) {
      // A level that was reached is kept after a refund, so it may be higher than today's sum gives, never lower.
      const given = levels.filter(([, min]) => meters.net_spend >= min).length - 1;
      assert.ok(levels.findIndex(([id]) => id === progress.tiers.main.level) >= given, `${user} is ${progress.tiers.main.level}`);
      const { earned, pending, active, spent, expired, reversed, debt } = progress.currencies.pt;
      assert.equal(earned, pending + active + spent + expired + reversed - debt);
    }
  });
  await t.test("shuffled: byte for byte the same", () => assert.ok(replay(shuffled(lines).join("\n")) === output));
  await t.test("each sent twice: byte for byte the same", () => assert.ok(replay(lines.flatMap((text) => [text, text]).join("\n")) === output));
});

test("the converter leaves out lines that it cannot read, and says so", () => {
  const text = [
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    '1,A,"A ""B"", C",2,12/1/2010 13:04,2.95,7,Germany',
    "1,POST,POSTAGE,1,12/1/2010 13:04,18.00,7,Germany",
    "2,A,A,two,12/1/2010 13:04,2.95,7,Germany",
    "3,A,A,1,13/1/2010 13:04,2.95,7,Germany",
    "C4,A,A,-1,12/9/2010 9:00,0.1,7,Germany",
  ].join("\n");
  const script = `import { convert } from ${JSON.stringify(join(root, "scripts/convert-online-retail.mjs"))};
    const bad = []; const events = await convert(${JSON.stringify(text)}, (line, message) => bad.push(line));
    console.log(JSON.stringify({ bad, events }));`;
  const { bad, events } = JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root, encoding: "utf8" }));
  assert.deepEqual(bad, [4, 5]);
  assert.deepEqual(events, [
    {
      type: "track", event: "purchase", messageId: "or-1", userId: "7", timestamp: "2010-12-01T13:04:00.000Z",
      properties: { transaction_id: "1", currency: "GBP", value: 23.9, items: [{ item_id: "A", item_name: 'A "B", C', price: 2.95, quantity: 2 }] },
    },
    {
      type: "track", event: "refund", messageId: "or-C4", userId: "7", timestamp: "2010-12-09T09:00:00.000Z",
      properties: { currency: "GBP", value: 0.1, items: [{ item_id: "A", item_name: "A", price: 0.1, quantity: 1 }] },
    },
  ]);
});
