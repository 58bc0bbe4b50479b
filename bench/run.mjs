/**
 * `npm run bench`: danbi as built, with 100 campaigns, beside a hand-written IndexedDB queue (`page/queue.js`) in the same page of
 * the same browser. They take turns, and what counts is the median of the ratios of neighbours: the machine's own moods cancel out.
 *
 *     npm run bench                         all of it, about ten minutes; the outcome is written to bench/results.md
 *     npm run bench -- --only=paced,start   some of it
 *     npm run bench -- --runs=3             fewer or more rounds
 *     npm run bench -- --dist=FOLDER        another build than pkg/dist
 *
 * A time only counts when every event arrived at the collector. "CPU" is the main thread's own time, less an empty page's.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/step.mjs";
import { arrived, countTouches, stage, watchMemory } from "./page.mjs";

const { values: { only, runs, dist } } = parseArgs({ options: { only: { type: "string" }, runs: { type: "string" }, dist: { type: "string", default: "pkg/dist" } } });
const CAMPAIGNS = 100;
/** The queue holds 10,000 or 5 MiB; above 9,000 a hasty count may already give some up. */
const WAITING = 8_900;

const sorted = (numbers) => numbers.filter(Number.isFinite).toSorted((a, b) => a - b);
const quantile = (numbers, share) => sorted(numbers)[Math.max(0, Math.ceil(share * sorted(numbers).length) - 1)] ?? NaN;
const median = (numbers) => (quantile(numbers, 0.5) + quantile(numbers, 0.5 + 1e-9)) / 2;
const short = (number) => (Number.isFinite(number) ? String(Number(number.toPrecision(3))) : "–");

/** Lines of the outcome: what was measured, its bar, how it came out. */
const lines = [];
function tell(what, unit, samples, bar, note = "") {
  const value = median(samples), ok = bar === undefined ? "" : value <= bar ? "ok" : "OVER";
  const spread = `${short(Math.min(...sorted(samples)))} … ${short(Math.max(...sorted(samples)))}`;
  lines.push([what, bar === undefined ? "" : `≤ ${bar}${unit}`, short(value) + unit, spread, ok, note]);
  console.log(`${ok.padEnd(5)}${what}: ${short(value)}${unit}${bar === undefined ? "" : `, bar ${bar}${unit}`} (${spread})${note && `; ${note}`}`);
  if (ok === "OVER") process.exitCode = 1;
}

/** Rounds of all contenders, every second one backwards: `{ name: [sample, …] }`; a sample that failed is taken again, thrice at most. */
async function rounds(count, names, sample) {
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < Number(runs ?? count); round++) {
    for (const name of round % 2 ? names.toReversed() : names) {
      for (let tries = 1; ; tries++) {
        try {
          samples[name].push(await sample(name));
          break;
        } catch (error) {
          console.error(`${name}: ${error.message}`);
          if (tries === 3) throw error;
        }
      }
    }
  }
  return samples;
}
const ratios = (samples, one, other, key) => samples[one].map((sample, round) => sample[key] / samples[other][round][key]);
const values = (samples, name, key) => samples[name].map((sample) => sample[key]);
/** Takes the empty page's share out of a figure of all the others. */
function lessNothing(samples, ...keys) {
  for (const key of keys) {
    const nothing = median(values(samples, "nothing", key));
    for (const name of Object.keys(samples)) if (name !== "nothing") for (const sample of samples[name]) sample[key] = Math.max(sample[key] - nothing, 0.001);
  }
}

/** A stream of events into a page that has settled; `by` is how danbi is given them. */
async function stream({ ear, visitor }, name, { count, each, gap, by = "track" }) {
  const guest = await visitor();
  ear.forget();
  const page = await guest.open(name);
  await page.evaluate(() => first());
  await pause(1500);
  const before = await page.cpu();
  const spent = await page.evaluate((plan) => many(plan), { count, each, gap, by });
  const delivered = name === "nothing" ? count + 1 : await arrived(ear, count + 1, page);
  await pause(300);
  const sample = { cpu: ((await page.cpu()) - before) * 1000 / count, p50: quantile(spent, 0.5), p95: quantile(spent, 0.95), longest: await page.longest(), requests: ear.requests };
  await guest.leave();
  if (delivered !== count + 1) throw new Error(`${delivered - 1} of ${count} events arrived`);
  return sample;
}

/** What the third page of a visit costs until the engine is ready; `kept`: the profile is on the disk, where code is kept some seconds later. */
async function cached({ ear, visitor }, campaigns, bar, kept) {
  const samples = await rounds(9, ["nothing", "danbi"], async (name) => {
    const guest = await visitor({ kept });
    ear.forget();
    for (let visit = 0; visit < 2; visit++) {
      const page = await guest.open(name, { first: true });
      if (kept) await pause(4000);
      await page.close();
    }
    const page = await guest.open(name, { first: true });
    await pause(500);
    const sample = { ...(await page.evaluate(() => globalThis.answer)), cpu: await page.cpu(), longest: await page.longest() };
    await guest.leave();
    return sample;
  });
  lessNothing(samples, "cpu");
  const title = `cached, ${campaigns.toLocaleString("en")} campaigns, ${kept ? "profile on the disk" : "private window"}`;
  tell(`${title}: CPU until ready, over an empty page`, " ms", values(samples, "danbi", "cpu"), bar);
  tell(`${title}: longest task`, " ms", values(samples, "danbi", "longest"), campaigns > CAMPAIGNS ? undefined : 50, "0: none over 50");
  tell(`${title}: engine ready after`, " ms", values(samples, "danbi", "ready"));
}

const sections = {
  async paced(theatre) {
    const plan = { count: 200, each: 1, gap: 40 };
    const samples = await rounds(5, ["nothing", "queue", "danbi"], (name) => stream(theatre, name, plan));
    lessNothing(samples, "cpu");
    const of = (name, key, unit) => `${short(median(values(samples, name, key)))} ${unit}`;
    tell("25 events/s: CPU of an event, of the queue's", " ×", ratios(samples, "danbi", "queue", "cpu"), 1.5, `${of("danbi", "cpu", "µs")}, queue ${of("queue", "cpu", "µs")}`);
    for (const key of ["p50", "p95"])
      tell(`25 events/s: synchronous part of track(), ${key}, of the queue's`, " ×", ratios(samples, "danbi", "queue", key), 3, `${of("danbi", key, "µs")}, queue ${of("queue", key, "µs")}`);
    tell("25 events/s: requests", "", values(samples, "danbi", "requests"), undefined, `queue ${of("queue", "requests", "")}`);
  },

  async burst(theatre) {
    const plan = { count: 10_000, each: 100, gap: 0 };
    for (const by of ["track", "push"]) {
      const way = by === "push" ? "10,000 pushed to the dataLayer" : "10,000 tracked";
      const samples = await rounds(2, ["nothing", "queue", "danbi"], (name) => stream(theatre, name, { ...plan, by: name === "danbi" ? by : "track" }));
      lessNothing(samples, "cpu");
      const of = (name, key, unit) => `${short(median(values(samples, name, key)))} ${unit}`;
      tell(`${way}: CPU, of the queue's`, " ×", ratios(samples, "danbi", "queue", "cpu"), 2, `${of("danbi", "cpu", "µs an event")}, queue ${of("queue", "cpu", "µs")}; all delivered`);
      tell(`${way}: longest task`, " ms", values(samples, "danbi", "longest"), undefined, `queue ${of("queue", "longest", "ms")}`);
    }
  },

  async touches({ ear, visitor }) {
    const guest = await visitor();
    ear.forget();
    const page = await guest.open("danbi", { prepare: countTouches });
    await page.evaluate(() => first());
    await pause(500);
    const before = await page.evaluate(() => ({ ...touches }));
    await page.evaluate((plan) => many(plan), { count: 50, each: 1, gap: 40 });
    if ((await arrived(ear, 51, page)) !== 51) throw new Error("not all of 50 events arrived");
    const after = await page.evaluate(() => touches);
    await guest.leave();
    for (const kind in after) tell(`${kind} touched, times an event`, "", [(after[kind] - before[kind]) / 50], 0);
  },

  async start({ ear, visitor }) {
    const samples = await rounds(9, ["nothing", "queue", "danbi"], async (name) => {
      const guest = await visitor();
      ear.forget();
      const page = await guest.open(name, { slow: 4, first: true });
      const answer = await page.evaluate(() => globalThis.answer);
      for (let wait = 0; name !== "nothing" && !ear.heard.has(0); wait++) {
        if (wait > 200) throw new Error("the first event did not arrive");
        await pause(50);
      }
      await pause(500);
      const sample = { ...answer, cpu: await page.cpu(), longest: await page.longest(), event: (ear.heard.get(0) ?? NaN) - answer.origin };
      await guest.leave();
      if (name === "danbi" && !answer.state.engine) throw new Error("the engine did not start");
      return sample;
    });
    lessNothing(samples, "cpu");
    const of = (name, key) => `${short(median(values(samples, name, key)))} ms`;
    tell("start, CPU ×4: track() accepted after", " ms", values(samples, "danbi", "accepted"), 34, `queue ${of("queue", "accepted")}`);
    tell("start, CPU ×4: CPU over an empty page", " ms", values(samples, "danbi", "cpu"), 140, `queue ${of("queue", "cpu")}`);
    tell("start, CPU ×4: longest task", " ms", values(samples, "danbi", "longest"), 50, `queue ${of("queue", "longest")}; 0: none over 50`);
    tell("start, CPU ×4: first event at the collector, of the queue's", " ×", ratios(samples, "danbi", "queue", "event"), 1.5, `${of("danbi", "event")}, queue ${of("queue", "event")}`);
    tell("start, CPU ×4: engine ready after", " ms", values(samples, "danbi", "ready"));
  },

  /** Everything comes from the cache. */
  async again(theatre) {
    for (const kept of [false, true]) await cached(theatre, CAMPAIGNS, 50, kept);
  },

  /** Likewise, with a bundle of many campaigns. */
  async thousand() {
    const theatre = await stage({ campaigns: 1000, dist });
    try {
      for (const kept of [false, true]) await cached(theatre, 1000, 200, kept);
    } finally {
      await theatre.close();
    }
  },

  /** A server that is down for long: what waits must not slow the page, nor fill its memory: beside a new shopper, and the same one with all of it delivered. */
  async backlog({ ear, visitor }) {
    const samples = await rounds(5, ["new", "empty", "full"], async (name) => {
      const guest = await visitor();
      ear.forget();
      ear.down = name !== "empty";
      let page = await guest.open("danbi");
      await page.evaluate(() => ready);
      if (name !== "new") await page.evaluate((plan) => many(plan), { count: WAITING, each: 100, gap: 0, small: true });
      await page.evaluate(() => flush());
      if (!ear.down && (await arrived(ear, WAITING, page)) !== WAITING) throw new Error("not all events arrived");
      await pause(1000);
      ear.down = true;
      await page.close();
      page = await guest.open("danbi", { first: true, prepare: watchMemory });
      const answer = await page.evaluate(() => globalThis.answer);
      const spent = await page.evaluate((plan) => many(plan), { count: 100, each: 1, gap: 40, from: WAITING + 1 });
      const cpu = await page.cpu();
      const { heap, wasm } = await page.memory();
      const sample = { ready: answer.ready, accepted: answer.accepted, cpu, p50: quantile(spent, 0.5), p95: quantile(spent, 0.95), heap, wasm, memory: heap + wasm };
      ear.down = false;
      const want = name === "new" ? 101 : WAITING + 101;
      const delivered = await arrived(ear, want, page);
      await guest.leave();
      if (delivered !== want) throw new Error(`${delivered} of ${want} events arrived`);
      return sample;
    });
    for (const [other, whose] of [["new", "a new shopper's"], ["empty", "an empty queue's"]]) {
      const both = (key, unit) => `${short(median(values(samples, "full", key)))} ${unit}, ${other} ${short(median(values(samples, other, key)))} ${unit}`;
      const held = (what, key, note) => tell(`8,900 waiting: ${what}, of ${whose}`, " ×", ratios(samples, "full", other, key), 1.1, note);
      held("track() accepted", "accepted", both("accepted", "ms"));
      held("engine ready", "ready", both("ready", "ms"));
      for (const key of ["p50", "p95"]) held(`synchronous part of track(), ${key}`, key, both(key, "µs"));
      held("CPU of start and 100 events", "cpu", both("cpu", "ms"));
      held("memory", "memory", `${both("heap", "MB")}; wasm ${both("wasm", "MB")}`);
    }
  },
};

await main(async () => {
  if (!existsSync(`${dist}/danbi.wasm`)) throw new Failure(`No package in ${dist}.`, "npm run build");
  const chosen = only?.split(",") ?? Object.keys(sections);
  for (const name of chosen) if (!(name in sections)) throw new Failure(`No section ${name}.`, `There are ${Object.keys(sections).join(", ")}.`);
  const theatre = await stage({ campaigns: CAMPAIGNS, dist });
  try {
    for (const name of chosen) await sections[name](theatre);
  } finally {
    await theatre.close();
  }
  if (only) return;
  const table = [["what", "bar", "median", "spread", "", "figures"], ["---", "---", "---:", "---:", "---", "---"], ...lines];
  const machine = `Chromium ${theatre.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, ${new Date().toISOString().slice(0, 10)}.`;
  // What other benchmarks wrote below stays.
  const others = readFileSync("bench/results.md", "utf8").replace(/^[^]*?(?=\n## |$)/, "");
  writeFileSync("bench/results.md", `# Bench\n\n\`npm run bench\`, 100 campaigns. ${machine} Read the ratios: the machine is shared.\n\n${table.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n${others}`);
});
