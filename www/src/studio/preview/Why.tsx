/** Why each campaign shows or does not, in a sentence, with what would change it; by campaign, or by the slot they contend for. */
import { signal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Described } from "danbi/studio";
import { campaigns, good, shownLabel, slotName, zone, type Json } from "../state/bundle";
import { toCampaign, toPointer } from "../state/place";
import { at, bare, frame } from "../state/scene";
import { seen } from "../state/seen";
import { pathWord, valueWord, wantedWord } from "../paths";
import { near, say } from "../words";
import { remedyOf } from "./remedy";
import { passedBy, STAGES, stageWord, t, type Word } from "./words";

const states = ["winner", "loser", "waiting"] as const;
type State = (typeof states)[number];
const stateOf = ({ stage }: Described): State => (stage === "shown" ? "winner" : stage === "lost" ? "loser" : "waiting");
const rank = { winner: 0, loser: 1, waiting: 2 };
const key = ({ campaign, step, slot }: Described) => `${campaign}/${step}/${slot}`;

/** Whose details are open. */
const opened = signal<string | null>(null);

interface Leaf { path: string; op: string | null; expected: unknown; actual: unknown; at: string; result: boolean }
/** What one comparison looks at, has and wants; the path beneath. */
function Value({ path, actual, wanted, met }: { path: string; actual: unknown; wanted: string; met?: boolean }) {
  const said = pathWord(path);
  return (
    <div class={met === undefined ? "" : met ? "met" : "unmet"}>
      <dt>{said ?? <code>{path}</code>}{said && <code>{path}</code>}</dt>
      <dd>{valueWord(actual, path)}{wanted && <small>{t("expected")} {wanted}</small>}{met !== undefined && <span class="mark">{t(met ? "met" : "unmet")}</span>}</dd>
    </div>
  );
}

/** The stages in order, as far as the campaign came, with what was looked at. */
function Stages({ verdict }: { verdict: Described }) {
  const { path, expected, actual, code, at: pointer, variant } = verdict;
  const { op, leaves = [] } = verdict as unknown as { op: string | null; leaves?: Leaf[] };
  const reached = passedBy(verdict);
  // A comparison under a $not is met where it does not hold.
  const met = ({ at, result }: Leaf) => ((at.match(/\/\$(not|nor)(?=\/|$)/g)?.length ?? 0) % 2 === 0) === result;
  const seen = leaves.filter((leaf, place) => leaves.findIndex((one) => one.at === leaf.at) === place);
  const shown = path && !seen.some((leaf) => leaf.path === path);
  return (
    <div class="stages">
      <ol>
        {STAGES.map((name, place) => (
          <li key={name} class={place < reached ? "passed" : place === reached ? "stopped" : "ahead"}>
            {stageWord(name)} <small>{t(place < reached ? "passed" : place === reached ? "stoppedHere" : "notReached")}</small>
          </li>
        ))}
      </ol>
      {(shown || seen.length > 0) && (
        <dl class="compared">
          {shown && <Value path={path} actual={actual} wanted={expected === null ? "" : wantedWord(op, expected, path)} />}
          {seen.map((leaf) => <Value key={leaf.at} path={leaf.path} actual={leaf.actual} wanted={`${wantedWord(leaf.op, leaf.expected, leaf.path)}${/\/\$not\//.test(leaf.at) ? ` (${t("negated")})` : ""}`} met={met(leaf)} />)}
        </dl>
      )}
      <p class="codes"><code>{code}</code>{pointer && <button type="button" class="link small" title={t("inText")} onClick={() => toPointer(pointer)}><code>{pointer}</code></button>}{variant && <span>{t("variant")} <code>{variant}</code></span>}</p>
    </div>
  );
}

function Verdict({ verdict }: { verdict: Described }) {
  const id = useId();
  const { campaign, step, next, ends, text, label, skipped = [] } = verdict;
  const is = stateOf(verdict), remedy = remedyOf(verdict), unfolded = opened.value === key(verdict);
  return (
    <li class={is} data-testid={`why-${campaign}`}>
      <div class="title-row">
        <strong>{label}{step && <small> {step}</small>}</strong>
        <span class={`badge ${is}`} data-testid={`state-${campaign}`}>{t(is)}</span>
      </div>
      <p class={`because ${is}`} data-testid={`because-${campaign}`}>{text}</p>
      {remedy && <p class="hint">{remedy.text}</p>}
      <div class="tools">
        {is !== "winner" && (next ? <button type="button" class="small link" data-testid={`next-${campaign}`} title={t("toThen")} onClick={() => (at.value = Date.parse(next))}>{t("next")} {near(Date.parse(next), at.value, zone.value)}</button>
          : is === "waiting" && <span class="hint">{ends ? t("endsAt", { when: near(Date.parse(ends), at.value, zone.value) }) : t("never")}</span>)}
        <span class="end">
          {remedy?.act && <button type="button" class="small link" data-testid={`try-${campaign}`} onClick={remedy.act.run}>{remedy.act.word}</button>}
          <button type="button" class="small link" data-testid={`mend-${campaign}`} aria-label={`${t("mend")}: ${label}`} onClick={() => toCampaign(campaign)}>{t("mend")}</button>
          <button type="button" class="small link" aria-expanded={unfolded} aria-controls={id} aria-label={`${t(unfolded ? "fold" : "stages")}: ${label}`} data-testid={`stages-${campaign}`} onClick={() => (opened.value = unfolded ? null : key(verdict))}>{t(unfolded ? "fold" : "stages")}</button>
        </span>
      </div>
      <div id={id} hidden={!unfolded}>
        {unfolded && skipped.map((passed) => <p key={passed.step} class="hint">{t("skippedStep", { step: passed.step })} {passed.text}</p>)}
        {unfolded && <Stages verdict={verdict} />}
      </div>
    </li>
  );
}

const view = signal<"byCampaign" | "bySlot">("byCampaign");
const only = signal<State | "all">("all");
const sought = signal("");

/** Who contends for each slot, in the order in which they come. */
function Slots({ verdicts }: { verdicts: Described[] }) {
  const slots = [...new Set(verdicts.map(({ slot }) => slot))].sort((one, other) => Number(other === "interruptive") - Number(one === "interruptive"));
  const spec = (id: string) => campaigns.value.find((one) => one.id === id);
  const until = (id: string) => (spec(id) as Json | undefined)?.schedule?.until as string | undefined;
  return (
    <>
      <p class="hint">{t("orderRule")}</p>
      {slots.map((slot) => {
        const here = verdicts.filter((one) => one.slot === slot).sort((one, other) => rank[stateOf(one)] - rank[stateOf(other)] || (spec(other.campaign)?.priority ?? 0) - (spec(one.campaign)?.priority ?? 0));
        const contending = here.filter((one) => stateOf(one) !== "waiting"), rest = here.filter((one) => stateOf(one) === "waiting");
        const row = (one: Described) => (
          <tr key={key(one)} class={stateOf(one)}>
            <td class="number">{spec(one.campaign)?.priority ?? 0}</td>
            <th scope="row">{one.label}{one.step && <small> {one.step}</small>}{until(one.campaign) && <small class="follows">{t("untilDate", { date: until(one.campaign) })}</small>}</th>
            <td>{stateOf(one) === "winner" ? <strong>{t("winner")}</strong> : one.text}</td>
          </tr>
        );
        const head = <thead><tr><th scope="col" class="number">{t("priority")}</th><th scope="col">{t("campaign")}</th><th scope="col">{t("result")}</th></tr></thead>;
        const winner = contending.find((one) => stateOf(one) === "winner");
        return (
          <section key={slot} class="slot" data-testid={`slot-${slot}`}>
            <h3>{slotName(slot)} <small>{slot}</small></h3>
            <p class="because">{winner ? t(contending.length > 1 ? "wonOf" : "wonAlone", { winner: winner.label, n: contending.length }) : t("nobodyWon")}</p>
            {contending.length > 0 && <table>{head}<tbody>{contending.map(row)}</tbody></table>}
            {rest.length > 0 && <details><summary>{t("notCandidates", { n: rest.length })}</summary><table>{head}<tbody>{rest.map(row)}</tbody></table></details>}
          </section>
        );
      })}
    </>
  );
}

export function Why() {
  const shown = seen.value;
  const all = [...(shown?.verdicts ?? [])].sort((one, other) => rank[stateOf(one)] - rank[stateOf(other)]);
  const words = sought.value.trim().toLowerCase();
  const verdicts = all.filter((one) => (only.value === "all" || stateOf(one) === only.value) && `${one.label} ${one.campaign} ${one.text}`.toLowerCase().includes(words));
  const count = (state: State) => all.filter((one) => stateOf(one) === state).length;
  return (
    <section class="side why" aria-labelledby="why-title">
      <div class="title-row">
        <h2 id="why-title">{t("why")}</h2>
        <fieldset class="switch" aria-labelledby="why-title">
          {(["byCampaign", "bySlot"] as const).map((name) => <label key={name}><input type="radio" name="why" checked={view.value === name} data-testid={`why-${name}`} onChange={() => (view.value = name)} />{t(name)}</label>)}
        </fieldset>
      </div>
      {frame.value === "kakao" && (
        <div class="notice">
          <p>{t(bare.value ? "kakaoBare" : "kakaoNote")}</p>
          <label class="check"><input type="checkbox" checked={bare.value} onChange={() => (bare.value = !bare.value)} />{t("kakaoTry")}</label>
        </div>
      )}
      {!shown ? <p aria-busy="true">{t("starting")}</p> : (
        <>
          {shown.refused.length > 0 && <p role="status" class="notice bad">{t("refused")}: {shown.refused.join(" · ")}</p>}
          {view.value === "bySlot" ? <Slots verdicts={all} /> : (
            <>
              <div class="filter">
                <fieldset class="switch small" aria-label={t("filter")}>
                  {(["all", ...states] as const).map((name) => <label key={name}><input type="radio" name="only" checked={only.value === name} data-testid={`only-${name}`} onChange={() => (only.value = name)} />{t(name === "all" ? "allOf" : name as Word)} {name === "all" ? all.length : count(name)}</label>)}
                </fieldset>
                <input type="search" aria-label={t("search")} placeholder={t("search")} value={sought.value} data-testid="why-search" onInput={(event) => (sought.value = event.currentTarget.value)} />
              </div>
              {verdicts.length === 0 && <p class="hint">{t(all.length ? "noMatch" : "noCampaigns")}</p>}
              <ul class="verdicts">{verdicts.map((one) => <Verdict key={key(one)} verdict={one} />)}</ul>
            </>
          )}
          <Known />
        </>
      )}
    </section>
  );
}

/** What the engine counts of the shopper. */
function Known() {
  const { profile } = seen.value!;
  const meters = Object.entries(profile.meters ?? {}).flatMap(([id, meter]) => (typeof meter === "object" ? Object.entries(meter).map(([part, n]) => [`meter.${id}.${part}`, n] as const) : [[`meter.${id}`, meter] as const]));
  return (
    <details class="known">
      <summary>{t("facts")}</summary>
      <dl class="compared">
        <Value path="user.id" actual={profile.userId} wanted="" />
        {meters.map(([path, n]) => <Value key={path} path={path} actual={n} wanted="" />)}
      </dl>
      <p class="hint">{t("audiences")}: {profile.audiences.map((id) => say(good.value?.audiences?.[id]?.label ?? id)).join(", ") || t("none")}</p>
    </details>
  );
}

/** The decision in one sentence, for whoever hears the page. */
export const decided = () => {
  const shown = seen.value?.decisions ?? [];
  return shown.length ? t("decided", { names: shown.map(shownLabel).join(", ") }) : seen.value ? t("nothing") : "";
};
