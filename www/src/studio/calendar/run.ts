/** Thirty days of shoppers who come as is supposed: each visit's page is looked at by the live engine, and what was seen counts on the days after. */
import { signal } from "@preact/signals";
import type { Decision } from "danbi";
import { good, zone } from "../state/bundle";
import { lineId, type Line, type Shopper } from "../state/cast";
import { preview, withEngine } from "../state/engine";
import { breathe } from "../state/messages";
import { exposure, inOrder, owner, shopper, shoppers, time } from "../state/people";
import { at, page } from "../state/scene";
import { DAY, HOUR, local, stamp } from "../state/zone";
import { lang } from "../words";

export const DAYS = 30;
/** Hours from one visit of a day to the next. */
export const APART = 4;
export const answers = ["none", "dismiss", "click", "hide_today"] as const;
/** What is supposed of the shoppers; `page`: none is the page that each of them is on, as the preview has it. */
export const supposed = signal({ all: false, visits: 1, page: "", answer: "none" as (typeof answers)[number] });

export interface Day {
  date: string;
  decisions: Decision[];
}
export interface Month {
  who: Shopper;
  days: Day[];
}
export const months = signal<Month[]>([]);
export const busy = signal(false);
/** What the months were made from: where that is another by now, they are of yesterday. */
const made = signal<unknown[]>([]);
const now = () => [good.value, supposed.value.all ? shoppers.value : shopper.value, supposed.value, at.value, supposed.value.page || page.value];
export const stale = () => months.value.length > 0 && now().some((one, place) => one !== made.value[place]);

let turn = 0;
export const cancel = () => {
  turn++;
  busy.value = false;
};

/** A shopper's days; nothing where another run has begun meanwhile. */
async function live(own: number, who: Shopper, from: number, seen: (day: Day) => void) {
  const { visits, answer } = supposed.peek();
  const kind = supposed.peek().page || (who.id === shopper.peek()?.id ? page.peek() : who.page);
  const lived: Line[] = inOrder(who.lines).filter((line) => time(line) <= from);
  const whose = owner(lived);
  const line = (ms: number, more: Pick<Line, "type"> & Partial<Line>): Line => ({ messageId: lineId(), timestamp: stamp(ms, zone.peek()), ...whose, ...more });
  for (let number = 0; number < DAYS; number++) {
    const decisions: Decision[] = [];
    for (let visit = 0; visit < visits; visit++) {
      await breathe();
      if (own !== turn) return;
      const ms = from + number * DAY + visit * APART * HOUR;
      if (number || visit || lived.findLast(({ type }) => type === "page")?.properties?.kind !== kind) lived.push(line(ms, { type: "page", properties: { kind } }));
      const shown = await preview(good.peek(), lived, { at: new Date(ms).toISOString(), lang: lang.peek(), locale: who.language }, { page: { kind } });
      for (const decision of shown.decisions) {
        const { properties, events } = exposure(decision, `${number}.${visit}.${decision.id ?? decision.slot}`);
        lived.push(...events.map((event) => line(ms + 2000, event)));
        if (answer !== "none") lived.push(line(ms + 5000, { type: "track", event: "danbi_answer", properties: { ...properties, action: answer } }));
      }
      decisions.push(...shown.decisions);
    }
    seen({ date: local(from + number * DAY, zone.peek()).slice(0, 10), decisions });
  }
}

/** Runs the month of the shown shopper, or of all of them. */
export async function run() {
  const own = ++turn, from = at.peek();
  if (!good.peek() || !shopper.peek()) return;
  made.value = now();
  const cast = supposed.peek().all ? shoppers.peek() : [shopper.peek()!];
  months.value = cast.map((who) => ({ who, days: [] }));
  busy.value = true;
  await withEngine(async () => {
    for (const who of cast) await live(own, who, from, (day) => (months.value = months.peek().map((month) => (month.who === who ? { who, days: [...month.days, day] } : month))));
  });
  if (own === turn) busy.value = false;
}
