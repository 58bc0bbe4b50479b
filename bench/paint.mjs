/**
 * `npm run bench:paint`: from the moment at which danbi begins to show a message until it is painted, beside a bare `<dialog>` with the
 * same words in the same page of the same run. They take turns; what counts is the median of the differences of neighbours, in frames
 * of 60 a second. Once with the processor as it is, once four times slower. `--runs=N` for fewer or more rounds.
 */
import { parseArgs } from "node:util";
import { main } from "../scripts/step.mjs";
import { hang } from "../tests/e2e/gallery.mjs";

const { values: { runs } } = parseArgs({ options: { runs: { type: "string", default: "40" } } });
const FRAME = 1000 / 60;
const median = (numbers) => { const sorted = numbers.toSorted((a, b) => a - b); return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2; };
const quantile = (numbers, share) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))];

/** In the page: `rounds` of both, in turns, ms from the first step to the frame after the one that paints. */
async function race(rounds, form) {
  const { client } = gallery;
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))));
  const away = () => new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 40));
  const danbi = async () => {
    let begun, stop = [];
    const done = new Promise((resolve) => {
      stop = [client.on("message", () => { begun = performance.now(); }), client.on("open", () => resolve(painted()))];
    });
    const asked = performance.now();
    void client.track("show", { which: form });
    const end = await done;
    const host = gallery.over();
    const texts = [...host.shadowRoot.querySelectorAll("h2, p, button")].map(({ localName, textContent }) => [localName, textContent]);
    for (const one of stop) one();
    await gallery.close();
    return { took: end - begun, whole: end - asked, texts };
  };
  const bare = async (texts) => {
    const begun = performance.now();
    const dialog = document.createElement("dialog");
    for (const [tag, text] of texts) dialog.appendChild(document.createElement(tag)).textContent = text;
    document.body.append(dialog);
    dialog.showModal();
    const end = await painted();
    dialog.close();
    dialog.remove();
    return end - begun;
  };
  const pairs = [];
  let { texts } = await danbi();
  for (let round = 0; round < rounds; round++) {
    await away();
    if (round % 2) {
      const plain = await bare(texts);
      await away();
      pairs.push({ ...(await danbi()), plain });
    } else {
      const ours = await danbi();
      await away();
      pairs.push({ ...ours, plain: await bare(texts) });
    }
  }
  return pairs.map(({ took, whole, plain }) => ({ took, whole, plain }));
}

await main(async () => {
  const rows = [];
  for (const rate of [1, 4]) {
    for (const form of ["sheet", "modal"]) {
      const wall = await hang("chromium", { still: true });
      try {
        await wall.open("");
        await wall.browser.engine.tools.send("Emulation.setCPUThrottlingRate", { rate });
        const pairs = await wall.browser.evaluate(race, Number(runs), form);
        const more = pairs.map(({ took, plain }) => (took - plain) / FRAME);
        const short = (number) => String(Number(number.toPrecision(3)));
        rows.push([`${form}, CPU ×${rate}`, "≤ 1 frame", `${short(median(more))} frames`, `${short(quantile(more, 0.1))} … ${short(quantile(more, 0.9))}`, median(more) <= 1 ? "ok" : "OVER",
          `${short(median(pairs.map(({ took }) => took)))} ms, bare ${short(median(pairs.map(({ plain }) => plain)))} ms, ${short(median(pairs.map(({ took, plain }) => took / plain)))} ×; from track() ${short(median(pairs.map(({ whole }) => whole)))} ms`]);
        if (median(more) > 1) process.exitCode = 1;
      } finally {
        await wall.close();
      }
    }
    // What a block costs whose part is loaded when it is first wanted: by hand, from a page that has had messages before.
    const waits = [];
    for (let visit = 0; visit < 5; visit++) {
      const wall = await hang("chromium", { still: true });
      try {
        await wall.open("which=words");
        await wall.browser.engine.tools.send("Emulation.setCPUThrottlingRate", { rate });
        waits.push(await wall.browser.evaluate(async () => {
          const time = async (card) => {
            const begun = performance.now(), slot = gallery.slot(card);
            await gallery.until(() => slot.querySelector("danbi-card")?.shadowRoot.childElementCount, card);
            return performance.now() - begun;
          };
          const first = await time("coupon");
          return { first, second: await time("store") };
        }));
      } finally {
        await wall.close();
      }
    }
    rows.push([`a part loaded when first wanted, CPU ×${rate}`, "", `${Math.round(median(waits.map(({ first, second }) => first - second)))} ms`, "", "", `${Math.round(median(waits.map(({ first }) => first)))} ms for the first coupon, ${Math.round(median(waits.map(({ second }) => second)))} ms for the store after it; from a server beside it`]);
  }
  const table = [["from show to painted, more than a bare dialog", "bar", "median", "10 … 90 %", "", "figures"], ["---", "---", "---:", "---:", "---", "---"], ...rows];
  console.log(table.map((row) => `| ${row.join(" | ")} |`).join("\n"));
});
