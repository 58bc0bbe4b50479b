/** The drawings, by Observable Plot: what is to be told apart has a form of its own, not a colour alone. Loaded when there is something to draw. */
import * as Plot from "@observablehq/plot";
import { BANDS, colour, dashes, dayOf, fill, type Band, type Level, type Reach } from "./figures";
import type { Run } from "./run";
import { count, date, short, t } from "./words";

interface Drawn {
  run: Run;
  before?: Run;
  width: number;
}

const style = { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible" };
/** What the chart draws of the run before: a mark of its own. */
const EARLIER = { stroke: "var(--chart-before)", strokeWidth: 2 };
const days = (run: Run) => run.result.points.map((_, place) => new Date(dayOf(run, place)));
const byDay = (width: number) => ({ type: "utc", label: null, ticks: Math.max(2, Math.round(width / 110)), tickFormat: (day: Date) => date(+day) }) as const;
/** What a day says, beside the pointer; the table has it for everybody. */
const atPointer = (rows: { day: Date; text: string }[]) => [
  Plot.ruleX(rows, Plot.pointerX({ x: "day", stroke: "var(--chart-line)", strokeDasharray: "2 2" })),
  Plot.tip(rows, Plot.pointerX({ x: "day", title: "text", frameAnchor: "top", fill: "var(--pico-background-color)", stroke: "var(--chart-line)", fontSize: 12, lineHeight: 1.3 })),
];

/** Bars of who was reached within frames of who could have been. */
export function reach(rows: Reach[], { before, width }: Drawn, earlier: Map<string, Reach>) {
  const units = (text: string) => [...text].reduce((sum, one) => sum + (one > "ᄀ" ? 12 : 6.6), 0);
  const left = Math.min(Math.max(...rows.map(({ name }) => units(name))) + 12, width * 0.38);
  // Cut in the middle: names that are alike differ at their ends.
  const fitting = (name: string) => {
    let text = name;
    for (let kept = name.length - 1; units(text) > left - 11 && kept > 1; kept--) text = `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(-Math.floor(kept / 2))}`;
    return text;
  };
  const end = ({ id, reached, eligible }: Reach) => Math.max(reached, eligible, earlier.get(id)?.reached ?? 0);
  return Plot.plot({
    width, height: rows.length * 24 + 34, marginLeft: left, marginRight: 84, marginTop: 4, style,
    x: { label: null, grid: true, ticks: Math.max(2, Math.round((width - left - 84) / 70)), tickFormat: short },
    y: { label: null, domain: rows.map(({ id }) => id) },
    marks: [
      Plot.axisY({ tickSize: 0, tickFormat: (id: string) => fitting(rows.find((row) => row.id === id)!.name) }),
      Plot.barX(rows, { y: "id", x: "eligible", fill: "none", stroke: "var(--chart-line)", insetTop: 0.5, insetBottom: 0.5 }),
      Plot.barX(rows, { y: "id", x: "reached", fill: "var(--chart-1)", insetTop: 3, insetBottom: 3 }),
      before && Plot.tickX(rows.filter(({ id }) => earlier.has(id)), { y: "id", x: ({ id }: Reach) => earlier.get(id)!.reached, ...EARLIER }),
      Plot.text(rows, { y: "id", x: end, text: (row: Reach) => `${count(row.reached)} / ${count(row.eligible)}`, textAnchor: "start", dx: 6 }),
    ],
  });
}

/** Bars of shoppers by the number of messages that they saw. */
export function frequency({ run, before, width }: Drawn) {
  const earlier = before?.result.frequency ?? [];
  const rows = run.result.frequency.map((people, times) => ({ times, people, top: Math.max(people, earlier[times] ?? 0) }));
  // A few times at least, so that a bar is a bar.
  const most = Math.max(rows.length, earlier.length, 6);
  const each = (width - 60) / most, step = Math.ceil(22 / each);
  return Plot.plot({
    width, height: 220, marginLeft: 44, marginTop: 20, marginBottom: 30, style,
    x: { type: "band", label: null, domain: Array.from({ length: most }, (_, times) => times), padding: 0.15, ticks: Array.from({ length: Math.ceil(most / step) }, (_, place) => place * step) },
    y: { label: null, grid: true, ticks: 4, tickFormat: short },
    marks: [
      Plot.barY(rows, { x: "times", y: "people", fill: ({ times }) => (times ? "var(--chart-1)" : "url(#chart-none)"), stroke: "var(--chart-1)" }),
      Plot.tickY(earlier.map((people, times) => ({ people, times })), { x: "times", y: "people", ...EARLIER }),
      each > 34 ? Plot.text(rows, { x: "times", y: "top", text: ({ people }) => count(people), dy: -8 }) : null,
      Plot.ruleY([0], { stroke: "var(--chart-line)" }),
    ],
  });
}

/** Of each level, how many more or fewer are on it than on the first day. */
export function tiers(found: Level[], { run, width }: Drawn) {
  return Plot.plot({
    width, height: 240, marginLeft: 44, marginTop: 12, marginRight: 16, style,
    x: byDay(width), y: { label: null, grid: true, ticks: 5, tickFormat: (n: number) => (Number.isInteger(n) ? count(n) : "") },
    marks: [
      Plot.ruleY([0], { stroke: "var(--chart-line)" }),
      ...found.flatMap((level, place) => {
        const rows = days(run).map((day, at) => ({ day, people: level.days[at]! - level.days[0]! }));
        return [
          Plot.line(rows, { x: "day", y: "people", strokeWidth: 2, stroke: colour(place), strokeDasharray: dashes(place) }),
          Plot.dot(rows.slice(-1), { x: "day", y: "people", r: 3.5, fill: colour(place) }),
        ];
      }),
      ...atPointer(days(run).map((day, at) => ({ day, text: [date(+day), ...found.map(({ name, days }) => `${name} ${count(days[at]!)}`)].join("\n") }))),
    ],
  });
}

/** Points issued are those outstanding, used, expired and clawed back: bands that add up. */
export function points({ run, before, width }: Drawn) {
  const dates = days(run);
  const rows = BANDS.flatMap((band) => run.result.points.map((sums, at) => ({ day: dates[at]!, band, amount: sums[band] })));
  const look = { x: "day", y: "amount", z: "band", fill: ({ band }: { band: Band }) => fill(band), order: BANDS, stroke: "var(--pico-background-color)", strokeWidth: 1 };
  return Plot.plot({
    width, height: 260, marginLeft: 52, marginTop: 12, marginRight: 16, style,
    x: dates.length > 1 ? byDay(width) : { type: "band", label: null, tickFormat: (day: Date) => date(+day) },
    y: { label: null, grid: true, ticks: 5, tickFormat: short },
    marks: [
      dates.length > 1 ? Plot.areaY(rows, look) : Plot.barY(rows, look),
      before && dates.length > 1 ? Plot.line(before.result.points.map(({ outstanding }, at) => ({ day: dates[at]!, outstanding })), { x: "day", y: "outstanding", ...EARLIER }) : null,
      ...(dates.length > 1 ? atPointer(run.result.points.map((sums, at) => ({ day: dates[at]!, text: [date(+dates[at]!), ...BANDS.map((band) => `${t(band)} ${count(sums[band])}`)].join("\n") }))) : []),
      Plot.ruleY([0], { stroke: "var(--chart-line)" }),
    ],
  });
}
