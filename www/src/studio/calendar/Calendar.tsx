/** The pacing calendar: what a shopper, or each of them, would see in thirty days, as far as is supposed of their visits. */
import "./calendar.css";
import { shownLabel, slotName } from "../state/bundle";
import { pages } from "../state/cast";
import { shopper } from "../state/people";
import { page } from "../state/scene";
import { lang, named } from "../words";
import { answers, APART, busy, cancel, DAYS, months, run, stale, supposed, type Day, type Month } from "./run";
import { t, type Word } from "./words";

const OVER = "interruptive";
const none = <span class="hint">–</span>;
const dayText = (date: string) => new Intl.DateTimeFormat(lang.value, { month: "short", day: "numeric", weekday: "short", timeZone: "UTC" }).format(Date.parse(date));
const monday = (date: string) => new Date(date).getUTCDay() === 1;
/** What stands in a slot on a day, over all its visits. */
const shown = (day: Day | undefined, slot: string) =>
  [...new Set((day?.decisions ?? []).filter((one) => one.slot === slot).map((one) => `${shownLabel(one)}${one.step ? ` ${one.step}` : ""}`))].join(", ");
const loud = ({ days }: Month) => days.filter(({ decisions }) => decisions.some(({ slot }) => slot === OVER)).length;

/** One shopper: the days down, the slots across. */
function One({ month: { days } }: { month: Month }) {
  const slots = [OVER, ...new Set(days.flatMap(({ decisions }) => decisions.map(({ slot }) => slot)).filter((slot) => slot !== OVER))];
  return (
    <table data-testid="calendar">
      <caption>{t("calendarOne")}</caption>
      <thead><tr><th scope="col">{t("dayColumn")}</th>{slots.map((slot) => <th key={slot} scope="col">{slotName(slot)}</th>)}</tr></thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.date} class={monday(day.date) ? "week" : ""}>
            <th scope="row">{dayText(day.date)}</th>
            {slots.map((slot) => <td key={slot} class={slot === OVER ? "over" : ""}>{shown(day, slot) || none}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** All of them: the days down, the shoppers across, and what lies over their page. */
function All({ of }: { of: Month[] }) {
  const longest = of.reduce((one, other) => (other.days.length > one.days.length ? other : one));
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={t("calendarAll")}>
      <table data-testid="calendar">
        <caption>{t("calendarAll")}</caption>
        <thead><tr><th scope="col">{t("dayColumn")}</th>{of.map(({ who }) => <th key={who.id} scope="col">{who.name[lang.value]}</th>)}</tr></thead>
        <tbody>
          {longest.days.map(({ date }, place) => (
            <tr key={date} class={monday(date) ? "week" : ""}>
              <th scope="row">{dayText(date)}</th>
              {of.map(({ who, days }) => <td key={who.id} class="over">{shown(days[place], OVER) || (days[place] ? none : "")}</td>)}
            </tr>
          ))}
        </tbody>
        <tfoot><tr><th scope="row">{t("daysShown")}</th>{of.map((month) => <td key={month.who.id}>{t("daysOf", { n: loud(month) })}</td>)}</tr></tfoot>
      </table>
    </div>
  );
}

/** The month in a sentence or two. */
function says() {
  const [first] = months.value;
  const done = months.value.reduce((sum, { days }) => sum + days.length, 0);
  if (!first || !done) return "";
  if (months.value.length === 1) return t("calendarSays", { n: loud(first), all: first.days.length });
  const reached = months.value.filter((month) => loud(month) > 0).length;
  const most = months.value.reduce((one, other) => (loud(other) > loud(one) ? other : one));
  return `${t("calendarReach", { n: reached, all: months.value.length })} ${loud(most) ? t("calendarMost", { name: most.who.name[lang.value], n: loud(most) }) : ""}`;
}

export function Calendar() {
  const { all, visits, page: kind, answer } = supposed.value;
  const put = (more: Partial<typeof supposed.value>) => (supposed.value = { ...supposed.value, ...more });
  const done = months.value.reduce((sum, { days }) => sum + days.length, 0), whole = months.value.length * DAYS;
  const filled = months.value.filter(({ days }) => days.length > 0);
  return (
    <main id="main" class="alone calendar" aria-labelledby="calendar-title">
      <div class="title-row">
        <h2 id="calendar-title">{t("calendar")}: {all ? t("everybody") : shopper.value?.name[lang.value]}</h2>
        <div class="tools">
          {busy.value ? <button type="button" data-testid="calendar-cancel" onClick={cancel}>{t("cancel")}</button>
            : <button type="button" class="main" data-testid="calendar-run" onClick={() => void run()}>{t(months.value.length ? "calendarAgain" : "calendarRun")}</button>}
        </div>
      </div>
      <div class="row supposed">
        <fieldset class="switch" aria-label={t("whose")}>
          <label><input type="radio" name="whose" checked={!all} onChange={() => put({ all: false })} />{t("thisShopper")}</label>
          <label><input type="radio" name="whose" checked={all} data-testid="calendar-all" onChange={() => put({ all: true })} />{t("everybody")}</label>
        </fieldset>
        <label>{t("visitsADay")}
          <select value={String(visits)} data-testid="calendar-visits" onChange={(event) => put({ visits: +event.currentTarget.value })}>
            {[1, 2, 3].map((n) => <option key={n} value={String(n)}>{t("times", { n })}</option>)}
          </select>
        </label>
        <label>{t("page")}
          <select value={kind} onChange={(event) => put({ page: event.currentTarget.value })}>
            <option value="">{all ? t("ownPage") : `${t("chosenPage")} (${named(page.value)})`}</option>
            {pages.map((name) => <option key={name} value={name}>{named(name)}</option>)}
          </select>
        </label>
        <label>{t("whatTheyDo")}
          <select value={answer} data-testid="calendar-answer" onChange={(event) => put({ answer: event.currentTarget.value as typeof answer })}>
            {answers.map((one) => <option key={one} value={one}>{t(`answer_${one}` as Word)}</option>)}
          </select>
        </label>
      </div>
      <p class="hint">{t("calendarText", { apart: APART })}</p>
      {busy.value && <label class="hint">{t("calendarBusy", { done, whole })}<progress value={done} max={whole} /></label>}
      {stale() && !busy.value && <p role="status" class="notice">{t("calendarStale")}</p>}
      <p role="status" class="sentence">{busy.value ? "" : says()}</p>
      {!months.value.length && <p class="hint">{t("calendarNone")}</p>}
      {filled.length > 0 && (months.value.length === 1 ? <One month={filled[0]!} /> : <All of={months.value} />)}
    </main>
  );
}
