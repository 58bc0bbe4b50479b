/** What a marketer expects of the bundle, how it comes out, and one click that saves what is seen now. */
import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Outcome } from "danbi/studio";
import "./suites.css";
import { put } from "../edit/edits";
import { good, label, parsed, zone, type Json } from "../state/bundle";
import { fresh, type Line } from "../state/cast";
import { choose, inOrder, join, lines, shopper, shoppers, time } from "../state/people";
import { tab } from "../state/place";
import { proof, proving, unproved } from "../state/proof";
import { at, forced, frame, language, page } from "../state/scene";
import { seen } from "../state/seen";
import { DAY, stamp } from "../state/zone";
import { date, lang, moment, named, say } from "../words";
import { t } from "./suites-words";
import { Views } from "./views";

interface Suite extends Json {
  name: unknown;
  locale?: string;
  events?: Line[];
  expect: Json[];
}
const suitesOf = (bundle: Json | null | undefined): Suite[] => (Array.isArray(bundle?.suites) ? bundle.suites.filter((one) => Array.isArray(one?.expect)) : []);
/** As they are written now. */
const written = () => ("bundle" in parsed.value ? suitesOf(parsed.value.bundle) : suitesOf(good.value));
const home = () => String(good.value?.house?.locales?.[0] ?? "ko");
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** How an expectation came out, where it is still the one that was looked at. */
const outcomeOf = (suite: number, place: number, want: Json): Outcome | undefined => {
  const [then, now] = [suitesOf(proof.value?.bundle)[suite], written()[suite]];
  if (!same(then?.expect[place], want) || !same(then?.events, now?.events) || then?.locale !== now?.locale) return;
  return proof.value?.outcomes.find(({ pointer }) => pointer === `/suites/${suite}/expect/${place}`);
};

/** A text in the language of the Studio, changed where it stands. */
const rename = (path: (string | number)[], old: unknown, text: string) => put(old && typeof old === "object" ? [...path, lang.value] : path, text || undefined);

/** The page of an expectation, at the moment that is told of it. */
const look = ({ name, locale, events = [] }: Suite, want: Json, outcome: Outcome | undefined) => {
  const known = shoppers.peek().find((one) => same(inOrder(one.lines), events));
  const first = events.findLast(({ type }) => type === "page")?.properties?.kind;
  const kind = String(want.page ?? first ?? "home"), title = say(name);
  if (known) choose(known.id);
  else join({ id: fresh(), own: true, page: kind, language: locale ?? home(), name: { ko: title, en: title }, about: { ko: `이벤트 ${events.length}개`, en: `${events.length} events` }, lines: events });
  at.value = Date.parse(outcome?.at ?? want.at?.from ?? want.at);
  [page.value, language.value, forced.value] = [kind, locale ?? home(), null];
  tab.value = "preview";
};

const edited = signal<number | null>(null);
const onlyFailing = signal(false);

const When = ({ want, outcome }: { want: Json; outcome: Outcome | undefined }) => {
  const { from, until } = want.at ?? {};
  if (!from) return <>{moment(Date.parse(want.at), zone.value)}</>;
  const day = (text: string) => date(Date.parse(text), zone.value);
  return <>{t("moments", { from: day(from), until: day(until), n: outcome?.looked ?? "…" })}</>;
};

function Expectation({ suite, index, want, place, gone }: { suite: Suite; index: number; want: Json; place: number; gone: () => void }) {
  const outcome = outcomeOf(index, place, want);
  const path = ["suites", index, "expect", place];
  const [kind, word] = !outcome ? ["", "looking" as const] : outcome.passed ? ["winner", "met" as const] : ["bad", outcome.found ? "notMet" as const : "notRun" as const];
  return (
    <li class={kind} data-testid={`expectation-${index}-${place}`}>
      <span class={`badge ${kind}`}>{t(word)}</span>
      <div>
        {want.name && edited.value !== index && <strong>{say(want.name)}</strong>}
        {edited.value === index && <input aria-label={t("expectationName")} placeholder={t("expectationName")} value={want.name ? say(want.name) : ""} onInput={(event) => rename([...path, "name"], want.name, event.currentTarget.value)} />}
        <p>{outcome?.wanted[lang.value]}</p>
        {outcome?.found && <p class="instead"><strong>{t("instead")}:</strong> {outcome.found[lang.value]}{outcome.looked > 1 && ` (${t("ofMoments", { ...outcome })})`}</p>}
        {outcome?.finding?.code === "not_run" && <p class="instead">{outcome.finding[lang.value]}</p>}
        <p class="hint"><When want={want} outcome={outcome} />{want.page && `, ${named(want.page)}`}</p>
      </div>
      <div class="tools">
        <button type="button" class="small plain" data-testid={`look-${index}-${place}`} onClick={() => look(suite, want, outcome)}>{t("look")}</button>
        <button type="button" class="small plain" data-testid={`remove-${index}-${place}`} onClick={() => {
          // Nothing is left of a suite that expects nothing.
          put(suite.expect.length > 1 ? path : written().length > 1 ? path.slice(0, 2) : ["suites"], undefined);
          gone();
        }}>{t("remove")}</button>
      </div>
    </li>
  );
}

const saved = signal("");
const span = signal<"now" | "days">("now");
const withReason = signal(false);

/** Saves an expectation of the shown shopper: in the suite that has their lines, else in one of its own. */
const save = (more: Json, what: string) => {
  const who = shopper.peek()!, all = lines.peek();
  const events = all.filter(({ messageId }) => messageId !== "studio-page");
  const viewed = all.length > events.length, tells = events.some((line) => line.type === "page" && time(line) <= at.peek());
  const now = stamp(at.peek(), zone.peek());
  const context = { ...(!viewed && !tells && { page: { kind: page.peek() } }), ...(frame.peek() === "kakao" && { inApp: "kakaotalk" }) };
  const many = span.peek() === "days";
  const want = {
    at: many ? { from: now, until: stamp(at.peek() + 30 * DAY, zone.peek()) } : now,
    ...((viewed || many) && { page: page.peek() }), ...(Object.keys(context).length > 0 && { context }), ...more,
  };
  const suites = written(), reads = language.peek();
  const index = suites.findIndex((one) => same(one.events ?? [], events) && (one.locale ?? home()) === reads);
  if (index >= 0) put(["suites", index, "expect", -1], want);
  else {
    const suite = { name: who.name, ...(reads !== home() && { locale: reads }), events, expect: [want] };
    put(suites.length ? ["suites", -1] : ["suites"], suites.length ? suite : [suite]);
  }
  saved.value = t("saved", { name: say(suites[index]?.name ?? who.name), what });
};

/** What is seen now, each with what may be expected of it. */
function Save() {
  const who = shopper.value;
  const verdicts = seen.value?.verdicts ?? [];
  const over = verdicts.some(({ slot, stage }) => slot === "interruptive" && stage === "shown");
  const promotes = (id: string) => (good.value?.campaigns as Json[] | undefined)?.find((one) => one.id === id)?.class !== "service";
  const rows: { id: string; name: string; is: boolean; of: Json; why?: Json }[] = [
    { id: "promotions", name: t("noPromotion"), is: verdicts.some(({ campaign, stage }) => stage === "shown" && promotes(campaign)), of: { class: "marketing" } },
    { id: "over", name: t("noOver"), is: over, of: { slot: "interruptive" } },
    ...verdicts.map(({ campaign, stage, code, step }) => ({
      id: campaign, name: label(campaign), is: stage === "shown", why: { stage, code }, of: { campaign, ...(stage === "shown" && step && { step }) },
    })),
  ];
  return (
    <section class="side" aria-labelledby="save-title">
      <h2 id="save-title">{t("save")}</h2>
      <p>{t("saveText", { name: say(who?.name), page: named(page.value), at: moment(at.value, zone.value) })} <button type="button" class="plain small" onClick={() => (tab.value = "preview")}>{t("toPreview")}</button></p>
      <div class="row">
        <fieldset class="switch" aria-label={t("span")}>
          {(["now", "days"] as const).map((name) => <label key={name}><input type="radio" name="span" checked={span.value === name} data-testid={`span-${name}`} onChange={() => (span.value = name)} />{t(name)}</label>)}
        </fieldset>
        <label class="check"><input type="checkbox" checked={withReason.value} disabled={span.value === "days"} onChange={(event) => (withReason.value = event.currentTarget.checked)} />{t("withReason")}</label>
      </div>
      <ul class="savable">
        {rows.map(({ id, name, is, of, why }) => {
          const expects = (shows: boolean) => {
            const { step: _, ...whole } = of;
            const reason = !shows && !is && why && withReason.value && span.value === "now";
            save({ ...(shows ? of : whole), shows, ...(reason && why) }, `${name}, ${t(shows ? "expectShows" : "expectHidden")}`);
          };
          return (
            <li key={id}>
              <div><strong>{name}</strong> {of.campaign && <small>{id}</small>} <span class={`badge ${is ? "winner" : ""}`}>{t(is ? "shows" : "hidden")}</span></div>
              <div class="tools">
                <button type="button" class="small" data-testid={`expect-${id}`} onClick={() => expects(true)}>{t("expectShows")}</button>
                <button type="button" class="small" data-testid={`expect-not-${id}`} onClick={() => expects(false)}>{t("expectHidden")}</button>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Suites() {
  const title = useRef<HTMLHeadingElement>(null);
  const suites = written();
  const all = suites.flatMap((suite, index) => suite.expect.map((want, place) => outcomeOf(index, place, want)));
  const failing = all.filter((one) => one && !one.passed).length;
  const says = all.length === 0 ? t("noneYet") : all.includes(undefined) ? t(unproved.value ? "unproved" : "looking") : failing ? t("someFail", { n: all.length, failing }) : t("allMet", { n: all.length });
  const gone = () => title.current?.focus();
  const only = onlyFailing.value && failing > 0;
  const listed = (index: number, want: Json, place: number) => !only || edited.value === index || !outcomeOf(index, place, want)?.passed;
  return (
    <main id="main" class="checks suites">
      <section class="middle" aria-labelledby="suites-title">
        <Views />
        <h2 id="suites-title" ref={title} tabIndex={-1}>{t("suites")}</h2>
        <p class="hint">{t("suitesText")}</p>
        {"fault" in parsed.value && <p class="notice bad">{t("mendFirst")}</p>}
        <p role="status" data-testid="suites-says" aria-busy={proving.value} class={failing || unproved.value ? "notice bad" : ""}>{says}</p>
        <p role="status">{saved.value}</p>
        {failing > 0 && <label class="check"><input type="checkbox" checked={only} data-testid="only-failing" onChange={(event) => (onlyFailing.value = event.currentTarget.checked)} />{t("onlyFailing")}</label>}
        {suites.map((suite, index) => suite.expect.some((want, place) => listed(index, want, place)) && (
          <section key={index} class="suite" aria-labelledby={`suite-${index}`} data-testid={`suite-${index}`}>
            <div class="title-row">
              <h3 id={`suite-${index}`}>{say(suite.name)} <small>{t("shopperHas", { n: suite.events?.length ?? 0 })}{suite.locale && `, ${suite.locale}`}</small></h3>
              <button type="button" class="small plain" aria-expanded={edited.value === index} data-testid={`rename-${index}`} onClick={() => (edited.value = edited.value === index ? null : index)}>{t(edited.value === index ? "done" : "rename")}</button>
            </div>
            {edited.value === index && (
              <div class="row">
                <input class="grow" aria-label={t("suiteName")} value={say(suite.name)} data-testid={`name-${index}`} onInput={(event) => rename(["suites", index, "name"], suite.name, event.currentTarget.value)} />
                <button type="button" class="small" onClick={() => {
                  put(suites.length > 1 ? ["suites", index] : ["suites"], undefined);
                  edited.value = null;
                  gone();
                }}>{t("removeSuite")}</button>
              </div>
            )}
            <ul>{suite.expect.map((want, place) => listed(index, want, place) && <Expectation key={place} suite={suite} index={index} want={want} place={place} gone={gone} />)}</ul>
          </section>
        ))}
      </section>
      <Save />
    </main>
  );
}
