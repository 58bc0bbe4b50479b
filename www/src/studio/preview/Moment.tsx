/** When, on which page, in which language. */
import { zone } from "../state/bundle";
import { pages, START } from "../state/cast";
import { birthday, inOrder, shopper, visit } from "../state/people";
import { at, language, page } from "../state/scene";
import { moment } from "../words";
import { t, type Word } from "./words";
import { DAY, HOUR, instant, local } from "../state/zone";

const steps: [string, number, [string, string]][] = [["back-1d", -DAY, ["−1일", "−1 d"]], ["plus-1h", HOUR, ["+1시간", "+1 h"]], ["plus-1d", DAY, ["+1일", "+1 d"]], ["plus-7d", 7 * DAY, ["+7일", "+7 d"]]];

export function Moment() {
  const from = Date.parse(inOrder(shopper.value?.lines ?? [])[0]?.timestamp ?? "") || START;
  const events = (shopper.value?.lines ?? []).map(({ timestamp }) => Date.parse(timestamp));
  const to = Math.max(START, at.value, ...events) + 60 * DAY;
  const eve = () => {
    const year = +local(at.value, zone.value).slice(0, 4);
    const days = [year, year + 1].map((one) => instant(`${one}-${birthday.value === "02-29" ? "02-28" : birthday.value}T00:00`, zone.value) - 3 * DAY);
    return days.find((day) => day >= at.value - DAY) ?? days[0]!;
  };
  return (
    <section class="moment" aria-label={t("clock")}>
      <div class="row">
        <label class="grow">{t("clock")} <small>{t("zone")} · {zone.value}</small>
          <input type="datetime-local" key={at.value} defaultValue={local(at.value, zone.value)} data-testid="clock" onChange={(event) => {
            const ms = instant(event.currentTarget.value, zone.value);
            if (Number.isFinite(ms)) at.value = ms;
          }} />
        </label>
        <label>{t("page")}
          <select value={page.value} data-testid="page" onChange={(event) => (page.value = event.currentTarget.value)}>
            {pages.map((name) => <option key={name} value={name}>{t(name as Word)}</option>)}
          </select>
        </label>
        <label>{t("shopperLanguage")}
          <select value={language.value} data-testid="language" onChange={(event) => (language.value = event.currentTarget.value)}>
            <option value="ko">한국어</option>
            <option value="en">English</option>
          </select>
        </label>
      </div>
      <input type="range" aria-label={t("scrub")} aria-valuetext={moment(at.value, zone.value)} min={from} max={to} step={HOUR} value={at.value} data-testid="scrub" onInput={(event) => (at.value = +event.currentTarget.value)} />
      <div class="tools">
        {steps.map(([name, by, [ko, en]]) => <button key={name} type="button" class="small" data-testid={`clock-${name}`} onClick={() => (at.value += by)}><span lang="ko" class="ko">{ko}</span><span lang="en" class="en">{en}</span></button>)}
        {birthday.value && <button type="button" class="small" data-testid="jump-birthday" onClick={() => (at.value = eve())}>{t("beforeBirthday")}</button>}
        <button type="button" class="small" data-testid="visit" onClick={visit}>{t("visit")}</button>
        <button type="button" class="small" data-testid="jump-last" onClick={() => (at.value = Math.max(...events.filter((ms) => ms <= to)))}>{t("lastEvent")}</button>
      </div>
    </section>
  );
}
