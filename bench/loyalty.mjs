/**
 * `npm run bench:loyalty`: a life of 20,000 events of one member under the example program (`tests/data/loyalty-demo.bundle.json`),
 * replayed by the command line as built for this machine, beside the same life under a program that asks for nothing.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, main } from "../scripts/step.mjs";

const [EVENTS, BEGUN, APART, ROUNDS] = [20_000, Date.parse("2026-01-01T00:00:00Z"), 47 * 60_000, 5];
const demo = JSON.parse(readFileSync("tests/data/loyalty-demo.bundle.json", "utf8"));

/** What happens: views mostly, and of everything that the program hears something. */
function event(n) {
  const order = `o${Math.floor(n / 50)}`;
  switch (n % 50) {
    case 0: return ["purchase", { transaction_id: order, currency: "USD", value: 10 + (n % 900), items: [{ item_id: "a", price: 10, quantity: 1 }] }];
    case 3: return ["order_delivered", { transaction_id: order }];
    case 5: return n % 7 ? ["review_approved", { review_id: `r${n}`, category: ["hotel", "cafe"][n % 2], country: ["KR", "JP", "US"][n % 3] }] : ["refund", { transaction_id: order, currency: "USD", value: 5 }];
    case 8: return ["saving_made", {}];
    case 11: return ["steps", { count: 8000 + (n % 9000) }];
    case 14: return ["video_done", { videoId: `v${n % 300}` }];
    case 17: return ["flight_flown", { distance: 1200 }];
    case 20: return n % 3 ? ["spend_virtual_currency", { virtual_currency_name: "pt", value: 3, redemption_id: `s${n}` }] : ["toy_received", { item: "abcd"[n % 4] }];
    case 23: return ["run", { km: 5 }];
    case 26: return ["visit", { staff: ["kim", "lee"][n % 2] }];
    case 29: return ["answer_accepted", {}];
    case 32: return n % 4 ? ["share", {}] : ["loan_late", {}];
    default: return ["view_item", { items: [{ item_id: `i${n % 90}`, price: 12 }] }];
  }
}

const lines = Array.from({ length: EVENTS }, (_, n) => {
  const [name, properties] = event(n);
  const line = { type: "track", event: name, properties, userId: "u", messageId: `m${100_000 + n}`, timestamp: new Date(BEGUN + n * APART).toISOString(), context: { timezone: "Asia/Seoul" } };
  return `${JSON.stringify(line)}\n`;
}).join("");

/** The quietest of some rounds, in ms. */
function time(bundle) {
  const once = () => {
    const begun = performance.now();
    const { status, stderr } = spawnSync("target/release/danbi", ["replay", "--bundle", bundle, "--events", "-"], { input: lines, maxBuffer: 1 << 28, encoding: "utf8" });
    if (status !== 0) throw new Failure(`danbi replay ended with ${status}: ${stderr}`, "npm run build");
    return performance.now() - begun;
  };
  return Math.min(...Array.from({ length: ROUNDS }, once));
}

main(() => {
  const folder = mkdtempSync(join(tmpdir(), "danbi-"));
  try {
    const [full, bare] = ["demo.json", "empty.json"].map((name) => join(folder, name));
    // Its campaigns read what the program knows: they are left out of both.
    const [program] = demo.programs;
    const of = (programs) => JSON.stringify({ ...demo, campaigns: [], programs });
    writeFileSync(full, of([program]));
    writeFileSync(bare, of([{ program: "empty", version: 1, from: program.from }]));
    const [whole, empty] = [time(full), time(bare)];
    console.log(`${EVENTS} events of one member: ${Math.round(whole)} ms under the example program, ${Math.round(empty)} ms under an empty one`);
    console.log(`an event: ${((whole * 1000) / EVENTS).toFixed(1)} µs, ${((empty * 1000) / EVENTS).toFixed(1)} µs`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
