/** Thirty days of one shopper who comes once a day: what would interrupt, and what stands in the page. */
import { signal } from "@preact/signals";
import type { Decision } from "danbi";
import { good, label, zone } from "../state/bundle";
import { fresh, type Line } from "../state/cast";
import { inOrder, shopper } from "../state/people";
import { at, language, page } from "../state/scene";
import { lang, named } from "../words";
import { t } from "./words";
import { DAY, local, stamp } from "../state/zone";

interface Day {
  date: string;
  decisions: Decision[];
}
const days = signal<Day[]>([]);
const busy = signal(false);
let run = 0;

/** Each day's page is seen and left unanswered; what was seen counts on the days after. */
async function fill() {
  const own = ++run;
  const who = shopper.peek(), bundle = good.peek();
  if (!who || !bundle) return;
  busy.value = true;
  days.value = [];
  const { preview } = await import("danbi/studio");
  const lived: Line[] = inOrder(who.lines).filter(({ timestamp }) => Date.parse(timestamp) <= at.peek());
  const { userId, anonymousId } = lived.findLast((line) => line.userId || line.anonymousId) ?? {};
  const line = (ms: number, more: Pick<Line, "type"> & Partial<Line>): Line => ({ messageId: fresh(), timestamp: stamp(ms, zone.peek()), ...(userId && { userId }), ...(anonymousId && { anonymousId }), ...more });
  for (let number = 0; number < 30 && own === run; number++) {
    const now = at.peek() + number * DAY;
    if (number) lived.push(line(now, { type: "page", properties: { kind: page.peek() } }));
    const seen = await preview(bundle, lived, { at: new Date(now).toISOString(), lang: lang.peek(), locale: language.peek() }, { page: { kind: page.peek() } });
    for (const { campaign, step, variant, offer, slot, id } of seen.decisions) {
      const told = Object.entries({ decision: `${number}.${id ?? slot}`, campaign, step, variant, offer, slot }).filter(([, value]) => value != null);
      lived.push(line(now + 2000, { type: "track", event: "danbi_exposure", properties: Object.fromEntries(told) }));
    }
    if (own !== run) return;
    days.value = [...days.peek(), { date: local(now, zone.peek()).slice(0, 10), decisions: seen.decisions }];
  }
  if (own === run) busy.value = false;
}

export function Calendar() {
  const slots = [...new Set(days.value.flatMap(({ decisions }) => decisions.map(({ slot }) => slot)))].filter((slot) => slot !== "interruptive");
  const cell = (day: Day, slot: string) => {
    const found = day.decisions.find((one) => one.slot === slot);
    return found ? `${label(found.campaign)}${found.step ? ` ${found.step}` : ""}` : "";
  };
  const loud = days.value.filter(({ decisions }) => decisions.some(({ slot }) => slot === "interruptive")).length;
  return (
    <main id="main" class="alone calendar" aria-labelledby="calendar-title">
      <div class="title-row">
        <h2 id="calendar-title">{t("calendar")}: {shopper.value?.name[lang.value]}</h2>
        <button type="button" data-testid="calendar-run" aria-busy={busy.value} onClick={() => void fill()}>{t("calendarRun")}</button>
      </div>
      <p class="hint">{t("calendarText")}</p>
      {days.value.length > 0 && (
        <>
          <p data-testid="calendar-says">{t("calendarSays", { n: loud, all: days.value.length })}</p>
          <table data-testid="calendar">
            <thead><tr><th scope="col">{t("when")}</th><th scope="col">{t("interruptive")}</th>{slots.map((slot) => <th key={slot} scope="col">{named(slot)}</th>)}</tr></thead>
            <tbody>
              {days.value.map((day) => (
                <tr key={day.date}>
                  <th scope="row">{new Intl.DateTimeFormat(lang.value, { month: "short", day: "numeric", weekday: "short", timeZone: "UTC" }).format(Date.parse(day.date))}</th>
                  <td>{cell(day, "interruptive") || <span class="hint">–</span>}</td>
                  {slots.map((slot) => <td key={slot}>{cell(day, slot) || <span class="hint">–</span>}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </main>
  );
}
