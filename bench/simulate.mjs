/**
 * `npm run bench:simulate`: synthetic shoppers of the ten campaigns in a worker of a page, beside the command line as built for this
 * machine: 2,000 for 60 days, or `-- --shoppers=N --days=N`. They take turns, and what counts is the median of the ratios of
 * neighbours. The two must answer the same bytes.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/step.mjs";
import { launch, median, shop } from "./page.mjs";

const { values } = parseArgs({ options: { shoppers: { type: "string", default: "2000" }, days: { type: "string", default: "60" }, runs: { type: "string", default: "3" } } });
const [MOST, BAR] = [5000, 4];
const file = "www/bundles/onsae.json";
const request = { shoppers: Number(values.shoppers), days: Number(values.days), seed: 20_260_512 };

function native() {
  const options = Object.entries(request).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync("target/release/danbi", ["simulate", "--bundle", file, ...options], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Failure(`danbi simulate ended with ${status}: ${stderr}`, "npm run build");
  return { line: stdout.trimEnd(), ms: performance.now() - begun };
}

/** In the page. */
const work = (task) => new Promise((resolve, reject) => {
  const worker = new Worker("/simulate.js", { type: "module" });
  worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(task);
});

await main(async () => {
  const bundle = JSON.parse(readFileSync(file, "utf8"));
  const site = await shop("pkg/dist", [["/simulate.html", "<!doctype html><title>simulate</title>"]]), browser = await launch();
  try {
    const page = await browser.newPage(), times = [];
    await page.goto(`${site.url}simulate.html`);
    for (let run = 0; run < Number(values.runs); run++) {
      const one = native(), other = await page.evaluate(work, { bundle, request });
      if (one.line !== other.line) throw new Failure("The page and the command line answer differently.", "Compare the two lines; both builds must be of the same source.");
      times.push([one.ms, other.ms]);
      console.log(`${request.shoppers} shoppers, ${request.days} days: ${Math.round(one.ms)} ms natively, ${Math.round(other.ms)} ms in the page`);
    }
    const [ms, ratio] = [median(times.map(([ms]) => ms)), median(times.map(([one, other]) => other / one))];
    console.log(`natively ${Math.round(ms)} ms on ${availableParallelism()} cores, bar ${MOST} ms; in the page ${ratio.toFixed(2)} ×, bar ${BAR} ×`);
    if (ms > MOST || ratio > BAR) process.exitCode = 1;
  } finally {
    await browser.close();
    site.close();
  }
});
