/**
 * `npm run bench:rules`: which of 10, 100 and 1,000 campaigns hold for a shopper, in a Chromium page: `compileConditions` of the
 * package as built, npm GrowthBook, and closures written by hand. All must agree first. They take turns, and what counts is the
 * median of the ratios of neighbours: the machine's own moods cancel out. A pass takes the shopper as an object of JavaScript, and
 * answers with ids.
 *
 *     npm run bench:rules -- --runs=5       fewer or more rounds than 25
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { Failure, main } from "../scripts/step.mjs";
import { launch, median, shop } from "./page.mjs";

const { values: { runs, dist } } = parseArgs({ options: { runs: { type: "string", default: "25" }, dist: { type: "string", default: "pkg/dist" } } });
const names = ["closures", "growthbook", "danbi"];
/** At 1,000 campaigns, of the closures' time: a pass over all, and one after one changed attribute. */
const bars = { pass: 0.5, change: 0.05 };
const short = (number) => String(Number(number.toPrecision(3)));

await main(async () => {
  if (!existsSync(`${dist}/testing/index.js`)) throw new Failure(`No package in ${dist}.`, "npm run build");
  const { outputFiles: [growthbook] } = await build({ stdin: { contents: `export { evalCondition } from "@growthbook/growthbook"`, resolveDir: "." }, bundle: true, format: "esm", minify: true, write: false });
  const page = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="rules.js"></script>`;
  const site = await shop(dist, [["/growthbook.js", growthbook.text], ["/rules.html", page]]);
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    tab.on("pageerror", (error) => console.error(error.message));
    await tab.goto(`${site.url}rules.html`);
    await tab.waitForFunction("globalThis.loaded");
    console.log(`Chromium ${browser.version()}, ${runs} rounds; in µs, and of the closures' time`);
    for (const count of [10, 100, 1000]) {
      const share = await tab.evaluate((count) => prepare(count), count);
      const times = Math.ceil(50_000 / count);
      const samples = [];
      for (let round = 0; round < Number(runs) + 2; round++) {
        const sample = {};
        for (const name of round % 2 ? names.toReversed() : names) sample[name] = await tab.evaluate(([name, times]) => sample(name, times), [name, times]);
        // The first two only warm up.
        if (round > 1) samples.push(sample);
      }
      console.log(`\n${count} campaigns, all agree, ${short(share * 100)} % eligible`);
      for (const what of ["pass", "change"])
        for (const name of names) {
          const ratio = median(samples.map((sample) => sample[name][what] / sample.closures[what]));
          const bar = name === "danbi" && count === 1000 ? bars[what] : undefined;
          const held = bar === undefined ? "" : ratio <= bar ? `, bar ${bar}: ok` : `, bar ${bar}: OVER`;
          if (ratio > bar) process.exitCode = 1;
          console.log(`  ${what.padEnd(7)}${name.padEnd(11)}${short(median(samples.map((sample) => sample[name][what]))).padStart(7)} µs  ${short(ratio).padStart(6)} ×${held}`);
        }
    }
  } finally {
    await browser.close();
    site.close();
  }
});
