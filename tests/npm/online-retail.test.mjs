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

const replay = (events, ...options) => execFileSync(
  join(root, "target/release/danbi"), ["replay", "--bundle", join(root, "tests/data/online-retail.bundle.json"), "--events", "-", ...options],
  { input: events, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "ignore"] },
);
const shoppers = (output) => output.trim().split("\n").map((text) => JSON.parse(text));

/** The account against itself, and against its ledger. */
function assertBalanced({ user, progress, ledger }) {
  const { earned, pending, active, spent, expired, reversed, writtenOff, debt } = progress.currencies.pt;
  const booked = (...types) => ledger.filter(({ type }) => types.includes(type)).reduce((sum, { amount }) => sum + amount, 0);
  assert.equal(earned, pending + active + spent + expired + reversed - debt, user);
  assert.deepEqual([booked("earn"), booked("expire"), booked("reverse", "debt"), booked("debt") - booked("settle"), booked("spend")], [earned, expired, reversed, debt, spent], user);
  assert.ok([earned, pending, active, spent, expired, reversed, writtenOff, debt].every((sum) => Number.isInteger(sum) && sum >= 0), user);
}

const LEVELS = [0, 50_000, 250_000];
const reached = (pence) => LEVELS.findLastIndex((min) => pence >= min);

/** The level of a customer on 1 March 2013 by the program's words: reached in a year it holds through the next; nine tenths of it keep it; else it falls by one after January. */
function levelIn2013(events) {
  const turns = [2010, 2011, 2012].map((year) => Date.parse(`${year + 1}-01-01T00:00:00Z`));
  const steps = [
    ...events.map(({ timestamp, event, properties }) => ({ at: Date.parse(timestamp), pence: Math.round(properties.value * 100) * (event === "refund" ? -1 : 1) })),
    ...turns.flatMap((at) => [{ at, turn: true }, { at: at + 31 * 86_400_000, grace: true }]),
  ].sort((a, b) => a.at - b.at || (a.pence === undefined ? -1 : 1));
  let level = 0, until = Infinity, year = 0, judged;
  for (const { at, pence, turn, grace } of steps) {
    const now = new Date(at).getUTCFullYear();
    const keeps = (sum) => sum * 10 >= LEVELS[level] * 9;
    if (turn) {
      if (level > 0 && until === now) {
        if (keeps(year)) until = now + 1;
        else judged = year;
      }
      year = 0;
    } else if (grace) {
      if (judged !== undefined) {
        if (!keeps(judged)) level -= 1;
        until = now + 1;
      }
      judged = undefined;
    } else {
      year += pence;
      if (judged !== undefined) judged += pence;
      if (reached(year) > level) [level, until, judged] = [reached(year), now + 2, undefined];
    }
  }
  return ["bronze", "silver", "gold"][level];
}

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
  await t.test("tiers follow the year", () => {
    for (const { user, profile: { meters }, progress } of shoppers(output)) {
      // A level that was reached holds, so it may be higher than this year's sum gives, never lower.
      const level = ["bronze", "silver", "gold"].indexOf(progress.tiers.main.level);
      assert.ok(level >= reached(meters.year_spend), `${user} is ${progress.tiers.main.level}`);
    }
  });
  const later = shoppers(replay(events, "--at", "2013-03-01T00:00:00Z"));
  await t.test("points balance, for each customer and in sum", () => {
    for (const account of [...shoppers(output), ...later]) assertBalanced(account);
    const orders = lines.map((text) => JSON.parse(text)).filter(({ event }) => event === "purchase");
    const granted = (list) => list.reduce((sum, { properties }) => sum + Math.floor(Math.round(properties.value * 100) / 100), 0);
    for (const { user, progress } of later) assert.equal(progress.currencies.pt.earned, granted(orders.filter(({ userId }) => userId === user)), user);
    const all = (key) => later.reduce((sum, { progress }) => sum + progress.currencies.pt[key], 0);
    assert.equal(all("earned"), granted(orders));
    assert.equal(all("earned"), all("expired") + all("reversed") - all("debt"));
    assert.deepEqual([all("pending"), all("active"), all("spent")], [0, 0, 0], "a year after the last of them nothing is left");
    assert.ok(all("expired") > 0 && all("reversed") > 0);
  });
  await t.test("levels fall one by one", () => {
    const now = later.map(({ user, progress }) => [user, progress.tiers.main.level]);
    const events = lines.map((text) => JSON.parse(text));
    assert.deepEqual(now, now.map(([user]) => [user, levelIn2013(events.filter(({ userId }) => userId === user))]));
    assert.ok(now.some(([, level]) => level !== "bronze"), "nobody of a level is left to compare");
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
