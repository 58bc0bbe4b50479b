/** The pre-launch check: one list of what to mend, the gravest first, what was measured, and what it may cost. */
import { useEffect, useState } from "preact/hooks";
import "./check.css";
import { Costs } from "./Costs";
import { cancel, listed, measured, only, progress, run, stale, type Found, type Where } from "./run";
import { findings, campaigns, good, label } from "../state/bundle";
import { choose } from "../state/people";
import { tab, toField, toPointer } from "../state/place";
import { failing } from "../state/proof";
import { page } from "../state/scene";
import { lang, say } from "../words";
import { Suites } from "./Suites";
import { view, Views } from "./views";
import { t, type Word } from "./words";

/** `장바구니 알림 · S1 · A`. */
const place = ({ told, pointer, locale }: Where) =>
  told ? [label(told.campaign), told.step, told.variants.join("·"), locale && (locale.startsWith("ko") ? "한국어" : "English")].filter(Boolean).join(" · ") : pointer || "/";

const what = ({ code, more }: Found) => {
  if (more.engine) return String(more[lang.value]);
  const prefix = more.long ? t("long") : more.dark ? t("dark") : "";
  return prefix + t(code as Word, { ...more, name: more[lang.value] });
};

const SHOWN = 4;
function One({ found }: { found: Found }) {
  const { severity, code, element, more, where } = found;
  const [first] = where;
  const inPreview = () => {
    choose(String(more.shopper));
    page.value = String(more.page);
    tab.value = "preview";
  };
  return (
    <li data-testid={`found-${code}`}>
      <div class="title-row">
        <strong>{what(found)}</strong>
        <span class={`badge ${severity === "error" ? "bad" : severity === "warning" ? "loser" : ""}`}>{t(severity)}</span>
      </div>
      <p class="hint">
        {element && code !== "noBudget" && <q>{element}</q>} {where.slice(0, SHOWN).map(place).join(", ")}{where.length > SHOWN && ` ${t("more", { n: where.length - SHOWN })}`}
      </p>
      {!more.engine && <p class="hint"><strong>{t("remedy")}:</strong> {t(`${code}Do` as Word, more)}</p>}
      <div class="tools">
        <button type="button" class="small plain" onClick={() => toField(first!.pointer)}>{t("inForm")}</button>
        <button type="button" class="small plain" onClick={() => toPointer(first!.pointer)}>{t("inText")}</button>
        {!!more.shopper && <button type="button" class="small plain" onClick={inPreview}>{t("inPreview")}</button>}
      </div>
    </li>
  );
}

function Passes() {
  const done = measured.value;
  if (!done) return <p class="hint">{t("notYet")}</p>;
  const count = (...codes: string[]) => done.found.filter(({ code }) => codes.includes(code)).length;
  const rows: [string, number][] = [
    [t("passLayout"), count("overflow", "clipped")],
    [t("passRules"), count("axe", "contrast")],
    [t("passTargets", { ...done }), count("small")],
    [t("passExit", { n: done.over }), count("noClose")],
    [t("passFacts"), findings.value.length],
  ];
  const locales = done.locales.map((locale) => (locale.startsWith("ko") ? t("korean") : t("english"))).join("·");
  return (
    <>
      <p data-testid="check-says">{t("passDrawn", { ...done, locales })}</p>
      <ul class="passes">
        {rows.map(([name, found]) => <li key={name}><span>{name}</span> <span class={`badge ${found ? "loser" : "winner"}`}>{found ? t("foundSome", { n: found }) : t("fine")}</span></li>)}
      </ul>
      <p class="hint">{t("passReach", { ...done })}</p>
    </>
  );
}

/** Where something is not as expected, that comes first. */
export function Check() {
  useState(() => void (failing.peek() && (view.value = "suites")));
  return view.value === "suites" ? <Suites /> : <Launch />;
}

function Launch() {
  // What is looked at first is measured by itself; what is left is not measured on.
  useEffect(() => {
    if (good.value && !measured.peek() && !progress.peek()) void run();
  }, [good.value]);
  useEffect(() => cancel, []);
  const all = listed.value;
  const counts = (["error", "warning", "advice"] as const).map((severity) => all.filter((one) => one.severity === severity).length);
  const going = progress.value;
  const broken = findings.value.some(({ severity }) => severity === "error");
  return (
    <main id="main" class="checks">
      <section class="middle" aria-labelledby="check-title">
        <Views />
        <div class="title-row">
          <h2 id="check-title">{t("check")}</h2>
          <div class="tools">
            <select aria-label={t("campaign")} value={only.value ?? ""} data-testid="check-campaign" onChange={(event) => (only.value = event.currentTarget.value || null, void run())}>
              <option value="">{t("allCampaigns")}</option>
              {campaigns.value.map(({ id, label }) => <option key={id} value={id}>{say(label)} ({id})</option>)}
            </select>
            {going
              ? <button type="button" data-testid="check-stop" onClick={cancel}>{t("cancel")}</button>
              : <button type="button" data-testid="check-run" onClick={() => void run()}>{t("run")}</button>}
          </div>
        </div>
        <p class="hint">{t("checkText")}</p>
        <div role="status">
          {going ? <label class="going">{t("measuring", going)}<progress value={going.done} max={going.of} /></label>
            : stale.value && <p class="notice" data-testid="check-stale">{t("stale")}</p>}
        </div>
        {broken && <p class="notice bad">{t("mendFirst")}</p>}
        <p class="counts" aria-busy={!!going}>
          <span class={`badge ${counts[0] ? "bad" : ""}`}>{t("toMend", { n: counts[0] })}</span> <span class={`badge ${counts[1] ? "loser" : ""}`}>{t("doubtful", { n: counts[1] })}</span> <span class="badge">{t("advised", { n: counts[2] })}</span>
        </p>
        {all.length === 0 && measured.value && <p>{t("nothingFound")}</p>}
        <ul class="found">{all.map((found) => <One key={found.code + found.element + JSON.stringify(found.more) + found.where[0]!.pointer} found={found} />)}</ul>
      </section>
      <section class="side" aria-labelledby="passes-title">
        <h2 id="passes-title">{t("passes")}</h2>
        <Passes />
        {measured.value && <Costs exposures={measured.value.exposures} />}
      </section>
    </main>
  );
}
