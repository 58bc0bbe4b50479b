/** When, on which page, in which language: the clock, its jumps, and the time line of what happened. */
import { campaigns, label, zone } from "../state/bundle";
import { pages } from "../state/cast";
import { birthday, shopper, time, visit } from "../state/people";
import { opened } from "../state/place";
import { at, language, page } from "../state/scene";
import { seen } from "../state/seen";
import { DAY, HOUR, instant, local } from "../state/zone";
import { moment, near } from "../words";
import { Timeline } from "./Timeline";
import { t, type Word } from "./words";

const steps = [["back-1d", -DAY], ["back-1h", -HOUR], ["plus-1h", HOUR], ["plus-1d", DAY], ["plus-7d", 7 * DAY]] as const;

/** The next three days before the birthday, in a common year of one on 29 February too. */
const eve = () => {
  const year = +local(at.value, zone.value).slice(0, 4);
  const days = [year, year + 1].map((one) => instant(`${one}-${birthday.value === "02-29" ? "02-28" : birthday.value}T00:00`, zone.value) - 3 * DAY);
  return days.find((day) => day >= at.value - DAY) ?? days[0]!;
};
/** The end of what a campaign's schedule says: a moment, or the end of a day in the house's zone. */
const end = (until: unknown) => {
  const text = String(until ?? "");
  return /^\d{4}-\d\d-\d\d$/.test(text) ? instant(`${text}T00:00`, zone.value) + DAY : Date.parse(text);
};
interface Jump { word: Word; ms: number; more?: string }
/** The moments that are worth a look, each of them told by the engine, the bundle or the shopper's own lines. */
const jumps = (): Jump[] => {
  const { verdicts = [], progress } = seen.value ?? {};
  const first = (of: (string | null)[]) => Math.min(...of.flatMap((text) => (text && Date.parse(text) > at.value ? [Date.parse(text)] : [])));
  const tiers = Object.values(progress?.tiers ?? {}) as { graceUntil: string | null; notice?: { at?: number | string } }[];
  const happened = (shopper.value?.lines ?? []).map(time);
  const next = verdicts.filter(({ stage, next }) => stage !== "shown" && next && Date.parse(next) === first(verdicts.map((one) => (one.stage === "shown" ? null : one.next))))[0];
  const campaign = campaigns.value.find(({ id }) => id === opened.value);
  const found: Jump[] = [
    { word: "jumpNext", ms: Date.parse(next?.next ?? ""), more: next ? label(next.campaign) : "" },
    { word: "beforeBirthday", ms: birthday.value ? eve() : NaN },
    { word: "jumpTier", ms: first(tiers.map(({ graceUntil, notice }) => graceUntil ?? (notice?.at ? new Date(notice.at).toISOString() : null))) },
    { word: "jumpExpiry", ms: first(Object.values(progress?.currencies ?? {}).map(({ nextExpiry }) => nextExpiry?.at ?? null)) - DAY },
    { word: "jumpOpening", ms: first(verdicts.filter(({ code }) => code === "window").map(({ ends }) => ends)) },
    { word: "jumpEnd", ms: end(campaign?.schedule?.until) - 1000, more: campaign ? label(campaign.id) : "" },
    { word: "lastEvent", ms: Math.max(...happened) },
  ];
  return found.filter(({ ms }) => Number.isFinite(ms));
};

export function Moment() {
  return (
    <section class="moment" aria-label={t("clock")}>
      <div class="row">
        <label>{t("clock")}
          <input type="datetime-local" step="1" key={at.value} defaultValue={local(at.value, zone.value, true)} data-testid="clock" onChange={(event) => {
            const ms = instant(event.currentTarget.value, zone.value);
            if (Number.isFinite(ms)) at.value = ms;
          }} />
        </label>
        <output class="says" data-testid="clock-says">{moment(at.value, zone.value)}</output>
        <label>{t("page")}
          <select value={page.value} data-testid="page" onChange={(event) => (page.value = event.currentTarget.value)}>
            {pages.map((name) => <option key={name} value={name}>{t(name as Word)}</option>)}
          </select>
        </label>
        <select aria-label={t("language")} value={language.value} data-testid="language" onChange={(event) => (language.value = event.currentTarget.value)}>
          <option value="ko">한국어</option>
          <option value="en">English</option>
        </select>
      </div>
      <Timeline />
      <div class="tools">
        <span class="joined">
          {steps.map(([name, by]) => <button key={name} type="button" class="small" data-testid={`clock-${name}`} onClick={() => (at.value += by)}>{t(name)}</button>)}
        </span>
        {jumps().map(({ word, ms, more }) => <button key={word} type="button" class="small" title={`${more ? `${more}: ` : ""}${near(ms, at.value, zone.value)}`} onClick={() => (at.value = ms)}>{t(word)}</button>)}
        <button type="button" class="small" data-testid="visit" title={t("visitHint")} onClick={visit}>{t("visit")}</button>
      </div>
    </section>
  );
}
