/** Synthetic shoppers live some days under the bundle: what is asked, by which assumptions, and what came of it. */
import { useSignal } from "@preact/signals";
import { download } from "../files";
import { findings, good } from "../state/bundle";
import { lang, word } from "../words";
import { Results } from "./Results";
import { asked, cancel, ended, run, running, shown, stale, take } from "./run";
import { all, change, groups, read, told, written, type Rate } from "./rates";
import "./simulate.css";
import type { Fault } from "./worker";
import { count, t } from "./words";

/** What the engine, or the network, said against a run. */
function why({ code, path = "", message = "" }: Fault) {
  if (code === "unavailable") return t("unavailable");
  const name = path.replace(/^\/rates\//, "").replace(/\//g, ".");
  const rate = all.find((one) => one.path === name);
  const words = { range: "badRange", type: "badType", unknown_key: "badKey" } as const;
  const because = lang.value === "en" && message ? message : t(words[code as keyof typeof words] ?? "badOther");
  return t("refused", { what: rate ? word(rate.words) : path, why: because });
}

/** How far a run is, and how the last one ended. */
function Progress() {
  const now = running.value, end = ended.value, last = shown.value;
  const bad = typeof end === "object";
  const done = last && { shoppers: count(last.result.shoppers), days: last.result.days, seconds: last.seconds.toFixed(1) };
  return (
    <>
      {now && (
        <div class="going" data-testid="going">
          <progress max={now.of} value={now.done} aria-label={t("simulate")} data-testid="progress" />
          <span>{t("progress", { done: count(now.done), of: count(now.of) })}</span>
        </div>
      )}
      <p role="status" class={bad ? "notice bad" : "hint"} data-testid="ended">
        {bad ? why(end) : end === "cancelled" ? t("cancelled") : end === "done" && done ? t("done", done) : ""}
      </p>
    </>
  );
}

const field = (name: "shoppers" | "days" | "seed", limits: { min: number; max: number }) => (
  <label class="field">{t(name)}
    <input type="number" required step="1" {...limits} value={asked[name].value} data-testid={`simulate-${name}`} onInput={({ currentTarget: { valueAsNumber } }) => Number.isNaN(valueAsNumber) || (asked[name].value = valueAsNumber)} />
  </label>
);
function Setup() {
  const mistakes = findings.value.some(({ severity }) => severity === "error");
  return (
    <form class="setup" aria-labelledby="setup-title" onSubmit={(event) => (event.preventDefault(), void run())}>
      <h2 id="setup-title">{t("setup")}</h2>
      <div class="fields">
        {field("shoppers", { min: 1, max: 1e6 })}
        {field("days", { min: 1, max: 3660 })}
        <label class="field">{t("first")}
          <input type="date" required min="2000-01-01" max="2099-12-31" value={asked.first.value} onInput={({ currentTarget: { value } }) => value && (asked.first.value = value)} />
        </label>
        {field("seed", { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })}
      </div>
      <p class="hint">{t("seedText")}</p>
      {mistakes && <p class="hint" data-testid="behind">{t("behind")}</p>}
      {stale.value && !mistakes && <p class="hint" data-testid="stale">{t("changed")}</p>}
      {/* Both are always there, so that neither takes the focus with it. */}
      <div class="tools">
        <button type="submit" class="go" aria-disabled={!good.value || !!running.value} data-testid="run">{t(shown.value ? "runAgain" : "run")}</button>
        <button type="button" aria-disabled={!running.value} data-testid="cancel" onClick={cancel}>{t("cancel")}</button>
      </div>
    </form>
  );
}

function Row({ rate }: { rate: Rate }) {
  const own = told(asked.rates.value, rate.path), share = rate.kind === "share";
  return (
    <li class={own === undefined ? "" : "own"}>
      <label>
        <span>{word(rate.words)}{own !== undefined && <small> {t("was", { n: `${written(rate, rate.usual)}${share ? "%" : ""}` })}</small>}</span>
        <input type="number" step="any" min="0" value={written(rate, own ?? rate.usual)} data-testid={`rate-${rate.path}`} onChange={({ currentTarget: { valueAsNumber } }) => Number.isNaN(valueAsNumber) || change(rate, read(rate, valueAsNumber))} />
        <span class="unit">{share ? "%" : ""}</span>
      </label>
    </li>
  );
}
function Assumptions() {
  // Where the results stand below, they are not pushed out of sight.
  const wide = matchMedia("(min-width: 60rem)").matches;
  const said = useSignal<{ text: string; bad?: boolean } | null>(null);
  const rates = asked.rates.value;
  const own = Object.keys(rates).length > 0;
  const list = (key: string) => (Array.isArray(rates[key]) ? t("fromFile", { n: rates[key].length }) : t("usualList"));
  async function open(file: File) {
    let given: unknown;
    try {
      given = JSON.parse(await file.text());
    } catch (error) {
      return void (said.value = { text: t("notJson", { why: (error as Error).message }), bad: true });
    }
    const fault = await take(given);
    said.value = fault ? { text: why(fault), bad: true } : { text: t("taken", { name: file.name, n: Object.keys(given ?? {}).length }) };
  }
  return (
    <section class="assumptions" aria-labelledby="assumptions-title">
      <h2 id="assumptions-title">{t("assumptions")}</h2>
      <p class="hint">{t("assumptionsText")}</p>
      <div class="tools">
        <label class="file">{t("openRates")}<input type="file" accept=".json,application/json" data-testid="open-rates" onChange={({ currentTarget }) => (currentTarget.files?.[0] && void open(currentTarget.files[0]), (currentTarget.value = ""))} /></label>
        {own && <button type="button" data-testid="save-rates" onClick={() => download("rates.json", `${JSON.stringify(rates, null, 2)}\n`)}>{t("saveRates")}</button>}
        {own && <button type="button" data-testid="usual" onClick={() => ((asked.rates.value = {}), (said.value = null))}>{t("usual")}</button>}
      </div>
      {said.value && <p role="status" class={`notice ${said.value.bad ? "bad" : ""}`} data-testid="rates-said">{said.value.text}</p>}
      {groups.map(({ words, rates: members }, place) => {
        const changed = members.filter(({ path }) => told(rates, path) !== undefined).length;
        return (
          <details key={words[1]} open={place < 2 && wide}>
            <summary>{word(words)}{changed > 0 && <span class="badge">{t("own", { n: changed })}</span>}</summary>
            <ul class="rates">{members.map((rate) => <Row key={rate.path} rate={rate} />)}</ul>
          </details>
        );
      })}
      <p class="hint">{t("lists", { products: list("products"), hours: list("hours") })}</p>
    </section>
  );
}

export function Simulate() {
  return (
    <main id="main" class="simulate">
      <p class="caution" data-testid="not-forecast"><strong>{t("notForecast")}</strong> {t("notForecastWhy")}</p>
      <div class="side">
        <Setup />
        <Progress />
        <Assumptions />
      </div>
      <div class="results"><Results /></div>
    </main>
  );
}
