/** What the numbers of a run say: names, sums and sentences, for charts and tables alike. */
import type { SimulationResult } from "danbi/studio";
import type { Json } from "../state/bundle";
import { DAY } from "../state/zone";
import { say } from "../words";
import type { Run } from "./run";
import { count, date, percent, t } from "./words";

export const dayOf = (run: Run, place: number) => Date.parse(run.first) + place * DAY;

export interface Reach {
  id: string;
  name: string;
  eligible: number;
  reached: number;
  shown: number;
  answered: number;
}
/** Campaigns, who reached most first. Two of one name are told apart by their ids. */
export function reach({ result, bundle }: Run): Reach[] {
  const names = new Map<string, string>((bundle.campaigns ?? []).map(({ id, label }: Json) => [id, say(label ?? id)]));
  const again = (name: string) => [...names.values()].filter((other) => other === name).length > 1;
  return Object.entries(result.campaigns)
    .map(([id, counts]) => ({ id, name: again(names.get(id)!) ? `${names.get(id)} (${id})` : names.get(id)!, ...counts }))
    .sort((one, other) => other.reached - one.reached || other.eligible - one.eligible);
}
export function reachSays(rows: Reach[], of: number) {
  const [most] = rows, none = rows.filter(({ reached }) => !reached).length;
  if (!most?.reached) return t("reachNobody");
  return t(none ? "reachSaysNone" : "reachSays", { label: most.name, of: count(of), n: count(most.reached), share: percent(most.reached, of), none, all: rows.length });
}

export function frequencySays({ frequency, shoppers }: SimulationResult) {
  const [none = 0] = frequency;
  if (none === shoppers) return t("frequencyNobody");
  let met = 0;
  const half = frequency.findIndex((people, times) => times > 0 && (met += people) * 2 >= shoppers - none);
  return t("frequencySays", { none: count(none), share: percent(none, shoppers), half, most: frequency.length - 1 });
}

export interface Level {
  key: string;
  name: string;
  /** Shoppers by day. */
  days: number[];
}
export function levels({ result, bundle }: Run): Level[] {
  const names: Json = {};
  for (const program of bundle.programs ?? [])
    for (const [tier, { label, levels }] of Object.entries<Json>(program.tiers ?? {}))
      for (const level of levels ?? []) {
        const name = say(level.label ?? level.id);
        Object.assign(names, { [level.id]: name, [`${tier}.${level.id}`]: `${say(label ?? tier)} ${name}` });
      }
  const keys = [...new Set(result.tiers.flatMap((day) => Object.keys(day)))];
  return keys.map((key) => ({ key, name: names[key] ?? key, days: result.tiers.map((day) => day[key] ?? 0) }));
}
export const moved = ({ days }: Level) => days.at(-1)! - days[0]!;
export function tiersSays(run: Run, found: Level[]) {
  const [down, up] = [...found].sort((one, other) => moved(one) - moved(other)).filter((_, place, { length }) => place === 0 || place === length - 1);
  if (!up || !down || !moved(up)) return t("tiersStill");
  const steps = run.result.tiers.map((_, day) => (day ? found.reduce((sum, { days }) => sum + Math.abs(days[day]! - days[day - 1]!), 0) : 0));
  const day = date(dayOf(run, steps.indexOf(Math.max(...steps))));
  return t("tiersSays", { up: up.name, gain: count(moved(up)), down: down.name, loss: count(-moved(down)), day });
}

export const FLOWS = ["earned", "spent", "expired", "reversed", "outstanding"] as const;
type Flow = (typeof FLOWS)[number];
/** What stands right after an amount of points; undefined where there are none. */
export function unit({ bundle, first }: Run): string | undefined {
  const program = (bundle.programs ?? []).findLast(({ from }: Json) => !from || from <= first);
  const [currency] = Object.values<Json>(program?.currencies ?? {});
  return currency && say(currency.unit ?? (currency.label ? ` ${say(currency.label)}` : ""));
}
export function pointsSays(run: Run) {
  const [begun, over] = [run.result.points[0]!, run.result.points.at(-1)!];
  const points = (n: number) => count(n) + unit(run), amount = (flow: Flow) => points(over[flow] - begun[flow]);
  const more = over.outstanding - begun.outstanding;
  return t("pointsSays", {
    left: points(over.outstanding), much: points(Math.abs(more)), way: t(more < 0 ? "less" : "more"),
    earned: amount("earned"), spent: amount("spent"), expired: amount("expired"), reversed: amount("reversed"),
  });
}

/** Points issued are those outstanding, used, expired and clawed back: bands that add up. */
export type Band = Exclude<Flow, "earned">;
export const BANDS: Band[] = ["outstanding", "spent", "expired", "reversed"];
/** The forms that a drawing and what explains it share: hatches of bands, colours and dashes of lines. */
export const fill = (band: Band) => (band === "outstanding" ? "var(--chart-1)" : `url(#chart-${band})`);
export const colour = (place: number) => `var(--chart-${(place % 5) + 1})`;
const DASHES = ["none", "6 3", "2 3", "10 3 2 3", "1 2", "14 4"];
export const dashes = (place: number) => DASHES[place % DASHES.length];
