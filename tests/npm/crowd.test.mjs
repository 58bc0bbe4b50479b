/**
 * The same answers natively and in wasm: some hundred shoppers of the demo shop, drawn from a fixed seed, through the command line
 * and through `danbi/testing` of the packed tarball, byte for byte.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pack, root } from "./pack.mjs";

const SHOPPERS = 300;
const NOW = Date.parse("2026-05-12T01:00:00Z");
const MINUTE = 60_000, DAY = 24 * 60 * MINUTE;

/** Draws from a counter. */
function* draws(seed) {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}
const chance = draws(20260512);
const below = (most) => Math.floor(chance.next().value * most);
const pick = (list) => list[below(list.length)];

const ITEMS = [["cica", "시카 앰플 C", 41000], ["tint", "무드 틴트 03", 18000], ["cushion", "물광 쿠션(리필)", 24000], ["toner", "리프레시 토너", 22000], ["oil", "클렌징 오일", 26000], ["linen", "린넨 원피스 M", 58000]];
const item = () => {
  const [item_id, item_name, price] = pick(ITEMS);
  return { item_id, item_name, price, quantity: 1 + below(3), item_category: pick(["skin", "perfume", "fashion"]), scent: pick(["none", "floral"]) };
};

/** What a shopper did in the last months, in visits: the later the likelier. */
function visits(shopper, campaigns) {
  const lines = [];
  const line = (at, type, rest) => lines.push({ type, messageId: `${shopper}-${lines.length}`, timestamp: new Date(at).toISOString(), ...(shopper % 9 ? { userId: `m-${shopper}` } : {}), anonymousId: `a-${shopper}`, ...(shopper % 7 ? {} : { context: { timezone: "America/Los_Angeles" } }), ...rest });
  const track = (at, event, properties) => line(at, "track", { event, properties });
  const first = NOW - below(400) * DAY;
  line(first, "consent", { properties: Object.fromEntries(["functional", "analytics", "personalization", "advertising", "geo", "birthday", "survey"].map((purpose) => [purpose, chance.next().value < 0.95 ? "granted" : "denied"])) });
  line(first + 1, "identify", { traits: { name: pick(["서준", "하은", "Jane", "유나"]), language: pick(["ko", "en"]) } });
  track(first + 2, "sign_up", {});
  const orders = [];
  for (let visit = 1 + below(9); visit > 0; visit--) {
    let at = NOW - Math.floor(chance.next().value ** 2 * (NOW - first));
    line(at, "page", { properties: { kind: pick(["home", "list", "product", "cart", "my_page", "my_page", "order_complete"]) } });
    for (let act = below(6); act > 0; act--) {
      at += below(12 * MINUTE);
      const [order, campaign] = [pick(orders) ?? "unknown", pick(campaigns)];
      const slot = pick(["interruptive", "mypage", "home", "list"]);
      const shown = { decision: `${shopper}.${lines.length}`, campaign: campaign.id, step: pick(campaign.steps ?? [{}]).id ?? null, slot };
      [
        () => track(at, "view_item", { items: [item()] }),
        () => track(at, "add_to_cart", { currency: "KRW", items: [item()] }),
        () => (orders.push(`o-${shopper}-${orders.length}`), track(at, "purchase", { transaction_id: orders.at(-1), value: 5000 + below(400000), currency: "KRW", items: [item()] })),
        () => track(at, "refund", { transaction_id: order, value: below(60000), currency: "KRW" }),
        () => track(at, "order_delivered", { transaction_id: order }),
        () => track(at, "review_approved", { review_id: `r-${lines.length}`, transaction_id: order, item_id: pick(ITEMS)[0], photo: true }),
        () => track(at, "danbi_declare", { birthday: pick(["05-12", "05-15", "02-29", "11-30"]), scent: "none" }),
        () => track(at, "place_entered", { place: "seongsu" }),
        () => track(at, "danbi_exposure", shown),
        () => track(at, "danbi_answer", { ...shown, action: pick(["click", "dismiss", "hide_today", "hide_7d"]) }),
        () => track(at, "danbi_answer", { ...shown, campaign: "nps_ask", action: "score", value: below(11) }),
        () => line(at, "page", { properties: { kind: pick(["home", "my_page", "list"]) } }),
      ][below(12)]();
    }
  }
  return lines;
}

/** Tells where two long lines part. */
function same(wasm, native, shopper) {
  if (wasm === native) return;
  const at = Math.max(0, [...wasm].findIndex((letter, index) => letter !== native[index]) - 60);
  assert.equal(wasm.slice(at, at + 160), native.slice(at, at + 160), `shopper ${shopper}, letter ${at}`);
  assert.equal(wasm.length, native.length, `shopper ${shopper}`);
}

test(`${SHOPPERS} shoppers of the demo shop, natively and in wasm`, async (t) => {
  const danbi = await import(pathToFileURL(join(pack().folder, "dist/testing/index.js")).href);
  await danbi.ready;
  const path = join(root, "www/bundles/onsae.json");
  const bundle = JSON.parse(readFileSync(path, "utf8"));
  const events = Array.from({ length: SHOPPERS }, (_, shopper) => visits(shopper, bundle.campaigns)).flat();
  const input = events.map((event) => JSON.stringify(event)).join("\n");
  let shown = 0;
  for (const [at, lang] of [["2026-05-12T10:00:00+09:00", "ko"], ["2026-05-25T00:00:00+09:00", "en"]]) {
    const output = execFileSync(join(root, "target/release/danbi"), ["replay", "--bundle", path, "--events", "-", "--at", at, "--explain", "--lang", lang], { input, encoding: "utf8", maxBuffer: 1 << 29, stdio: ["pipe", "pipe", "ignore"] });
    const native = output.trim().split("\n");
    const wasm = danbi.replay(bundle, events, { at, lang, explain: true });
    assert.equal(wasm.length, native.length);
    wasm.forEach((line, index) => same(JSON.stringify(line), native[index], line.user));
    shown += wasm.reduce((sum, { decisions }) => sum + decisions.length, 0);
  }
  t.diagnostic(`${events.length} events, ${shown} decisions`);
  assert.ok(shown > SHOPPERS / 4, `only ${shown} decisions: the crowd meets too few campaigns`);
});
