/**
 * `npm run bench:offers`: a choice among 10, 100 and 1,000 offers with 20 features each, in the wasm as built and in plain JavaScript
 * written by hand (`page/policy.js`), by turns in one page of a real Chromium. What counts is the median of the ratios of neighbours.
 * Before that both must choose alike, with the same propensities, ten thousand times.
 */
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/step.mjs";
import { median, stage } from "./page.mjs";

const { values: { dist } } = parseArgs({ options: { dist: { type: "string", default: "pkg/dist" } } });
const [BAR, ROUNDS] = [1, 41];

/** In the page: what both choose, then the microseconds of a choice of each, by turns. */
const measure = async ({ count, rounds }) => {
  const { default: init, Offers } = await import("/danbi/studio/danbi_studio.js");
  await init({ module_or_path: await WebAssembly.compileStreaming(fetch("/danbi/studio/danbi_studio.wasm")) });
  const { compile } = await import("/policy.js");
  let seed = 11;
  const draw = () => ((seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) / 0x80000000);
  const categories = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"], now = Date.parse("2026-05-12T01:00:00Z");
  const features = () => Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`f${n}`, draw() * 2 - 1]));
  const bundle = {
    bundle: "bench", version: 1, house: { zone: "Asia/Seoul", currency: "KRW", locales: ["ko"] },
    interests: { taste: { property: "item_category", shares: Object.fromEntries(categories.map((name) => [name, 1 / 8])) } },
    policy: {
      version: 1, seed: "bench", c: 0.5, eps: 0.05, halfLife: "P60D", interest: "taste",
      features: { intercept: { m0: 0, q0: 4 }, category: { m0: 0, q0: 1 }, affinity: { m0: 0.5, q0: 16 }, slot: { m0: 0, q0: 4 }, recency: { m0: 0.1, q0: 4 }, stage: { m0: 0, q0: 16 }, feature: { m0: 0, q0: 4 } },
    },
    offers: Array.from({ length: count }, (_, n) => ({
      id: `offer${String(n).padStart(4, "0")}`, label: "An offer", category: categories[n % 8], margin: 0.5 + draw(), slots: ["home"],
      prior: { p0: 0.005 + draw() * 0.03, n0: 30 + draw() * 30 }, features: features(),
    })),
  };
  const document = { interest: { taste: Object.fromEntries(categories.map((name) => [name, { share: 0.02 + draw() * 0.3 }])) }, value: { stage: "active" } };
  // 64 weights were learnt, and each offer among them was clicked once.
  const names = ["intercept", "affinity", "recency", "slot:home", "stage:active", ...categories.map((name) => `category:${name}`), ...Array.from({ length: 13 }, (_, n) => `feature:f${n}`), ...bundle.offers.map(({ id }) => `offer:${id}`)].slice(0, 64);
  const weights = Object.fromEntries(names.map((name) => [name, { m: name.startsWith("offer") ? draw() - 4 : draw() - 0.5, q: 5 + draw() * 10, at: now - Math.floor(draw() * 30 * 86_400_000) }]));
  const learnt = { weights, offers: Object.fromEntries(bundle.offers.map(({ id }) => [id, { shown: 2, clicked: now - Math.floor(draw() * 30 * 86_400_000) }])) };
  const [ours, plain] = [new Offers(bundle, learnt, "home", document), compile(bundle, learnt, "home", document)];
  const [one, other] = [ours, plain].map((contender) => contender.choose(now, 1, 10_000));
  const differs = one.findIndex((value, n) => !(Math.abs(value - other[n]) <= 1e-15));
  if (one.length !== 20_000 || differs >= 0) throw Error(`decision ${(differs >> 1) + 1} of ${count} offers: ${one[differs]} beside ${other[differs]}`);
  const times = Math.max(200, 200_000 / count), samples = [[], []];
  const round = (contender) => {
    const begun = performance.now();
    contender.choose(now, 1, times);
    return ((performance.now() - begun) * 1000) / times;
  };
  for (let n = 0; n < 5; n++) [ours, plain].forEach(round);
  for (let n = 0; n < rounds; n++) {
    const order = n % 2 ? [1, 0] : [0, 1];
    for (const which of order) samples[which].push(round([ours, plain][which]));
  }
  return samples;
};

await main(async () => {
  const theatre = await stage({ campaigns: 1, dist });
  try {
    const guest = await theatre.visitor();
    for (const count of [10, 100, 1000]) {
      const page = await guest.open("nothing");
      const [ours, plain] = await page.evaluate(measure, { count, rounds: ROUNDS });
      await page.close();
      const ratio = median(ours.map((spent, n) => spent / plain[n]));
      const ok = ratio <= BAR;
      console.log(`${ok ? "ok  " : "OVER"} ${String(count).padStart(5)} offers: ${median(ours).toFixed(2)} µs, plain JavaScript ${median(plain).toFixed(2)} µs; ${ratio.toFixed(3)} ×, bar ${BAR} ×`);
      if (!ok) process.exitCode = 1;
    }
  } catch (error) {
    throw new Failure(error.message, "npm run build");
  } finally {
    await theatre.close();
  }
});
