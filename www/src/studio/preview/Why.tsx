/** Why each campaign shows or does not, in a sentence, with what would change it; by campaign, or by the slot they contend for. */
import { signal } from "@preact/signals";
import type { Described } from "danbi/studio";
import { campaigns, zone } from "../state/bundle";
import { seen } from "../state/seen";
import { lang, moment, named, say } from "../words";
import { t } from "./words";

const STAGES = ["house", "consent", "schedule", "trigger", "targeting", "prerequisite", "holdout", "frequency", "experiment", "priority"] as const;
const stageNames: Record<string, [string, string]> = {
  house: ["매장 규칙", "House rules"], consent: ["동의", "Consent"], schedule: ["기간", "Schedule"], trigger: ["트리거 조건", "Trigger"], targeting: ["노출 대상", "Audience"],
  prerequisite: ["앞선 조건", "Prerequisites"], holdout: ["비교 집단", "Holdout"], frequency: ["피로도 관리", "Frequency"], experiment: ["실험", "Experiment"], priority: ["우선 노출", "Priority"],
};
/** What a marketer can do about it, by the stage that stopped the campaign. */
const remedies: Record<string, [string, string]> = {
  house: ["다른 화면에서 보거나, 매장 규칙(house)의 대상과 화면을 고치세요.", "Look at another page, or change who and where in the house rules."],
  consent: ["쇼퍼가 동의해야 해요. 캠페인이 정말 그 동의를 필요로 하는지 보세요.", "The shopper has to agree. See whether the campaign really needs that purpose."],
  schedule: ["캠페인의 기간과 시간대를 고치거나 시계를 옮겨 보세요.", "Change the campaign's schedule, or move the clock."],
  trigger: ["그 일이 일어나야 해요. 왼쪽에서 이벤트를 더하거나, 트리거를 고치세요.", "It has to happen first. Add the event on the left, or change the trigger."],
  targeting: ["조건의 값을 고치거나, 쇼퍼의 기록을 바꿔 보세요.", "Change the condition, or what the shopper did."],
  prerequisite: ["앞선 캠페인이 먼저 보이거나 답을 받아야 해요.", "The campaign before it has to be shown or answered first."],
  holdout: ["비교 집단에 든 쇼퍼예요. 다른 쇼퍼로 보세요.", "This shopper is held out to compare. Look at another one."],
  frequency: ["시계를 다음 때로 옮기거나, 횟수와 쉬는 기간을 고치세요.", "Move the clock to the next moment, or change caps and gaps."],
  experiment: ["이 쇼퍼의 시안은 아무것도 보여주지 않아요. 강제로 보기에서 다른 시안을 보세요.", "This shopper's variant shows nothing. Force another variant to see it."],
  priority: ["우선순위를 높이거나, 먼저인 캠페인을 미루세요.", "Raise its priority, or hold back the one that goes first."],
  lost: ["우선순위를 높이거나, 먼저인 캠페인을 미루세요.", "Raise its priority, or hold back the one that goes first."],
};
const word = ([ko, en]: [string, string]) => (lang.value === "ko" ? ko : en);

const state = ({ stage }: Described) => (stage === "shown" ? "winner" : stage === "lost" ? "loser" : "waiting");
const rank = { winner: 0, loser: 1, waiting: 2 };
const value = (given: unknown) => (given === null || given === undefined ? t("none") : typeof given === "string" ? given : JSON.stringify(given));

function Verdict({ verdict }: { verdict: Described }) {
  const { campaign, step, stage, next, text, label, path, expected, actual, code, at, skipped = [] } = verdict;
  const stopped = stage === "lost" ? "priority" : stage;
  const reached = stage === "shown" ? STAGES.length : STAGES.indexOf(stopped as (typeof STAGES)[number]);
  const is = state(verdict);
  const remedy = remedies[stage];
  return (
    <li class={is} data-testid={`why-${campaign}`}>
      <div class="title-row">
        <strong>{label}{step && <small> {step}</small>}</strong>
        <span class={`badge ${is}`} data-testid={`state-${campaign}`}>{t(is)}</span>
      </div>
      <p class="because" data-testid={`because-${campaign}`}>{text}</p>
      {skipped.map((passed) => <p key={passed.step} class="hint">{passed.step}: {passed.text}</p>)}
      {next && is !== "winner" && <p class="hint" data-testid={`next-${campaign}`}>{t("next")}: {moment(Date.parse(next), zone.value)}</p>}
      <details>
        <summary>{t("stages")}</summary>
        {remedy && <p class="hint"><strong>{t("remedy")}:</strong> {word(remedy)}{!next && ` ${t("never")}.`}</p>}
        <ol class="stages">
          {STAGES.map((name, place) => (
            <li key={name} class={place < reached ? "passed" : place === reached ? "stopped" : "ahead"}>
              {word(stageNames[name]!)} <small>{place < reached ? t("passed") : place === reached ? t("stoppedHere") : t("notReached")}</small>
            </li>
          ))}
        </ol>
        <dl class="values">
          {path && <><dt><code>{path}</code></dt><dd>{t("actual")} {value(actual)} · {t("expected")} {value(expected)}</dd></>}
          <dt>code</dt><dd><code>{code}</code></dd>
          <dt>at</dt><dd><code>{at}</code></dd>
        </dl>
      </details>
    </li>
  );
}

const view = signal<"byCampaign" | "bySlot">("byCampaign");

/** Who contends for each slot. */
function Slots({ verdicts }: { verdicts: Described[] }) {
  const slots = [...new Set(verdicts.map(({ slot }) => slot))].sort((one, other) => Number(other === "interruptive") - Number(one === "interruptive"));
  const of = (id: string) => campaigns.value.find((one) => one.id === id)?.priority ?? 0;
  return (
    <>
      {slots.map((slot) => {
        const here = verdicts.filter((one) => one.slot === slot).sort((one, other) => rank[state(one)] - rank[state(other)] || of(other.campaign) - of(one.campaign));
        const contending = here.filter((one) => state(one) !== "waiting");
        return (
          <section key={slot} data-testid={`slot-${slot}`}>
            <h3>{slot === "interruptive" ? t("interruptive") : named(slot)} <small>{t("candidates")} {contending.length}</small></h3>
            <table>
              <tbody>
                {here.map((one) => (
                  <tr key={`${one.campaign}/${one.step}`} class={state(one)}>
                    <td class="number">{of(one.campaign)}</td>
                    <th scope="row">{one.label}</th>
                    <td>{state(one) === "winner" ? <strong>{t("winner")}</strong> : one.text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
    </>
  );
}

export function Why() {
  const shown = seen.value;
  const verdicts = [...(shown?.verdicts ?? [])].sort((one, other) => rank[state(one)] - rank[state(other)]);
  return (
    <section class="side why" aria-labelledby="why-title">
      <div class="title-row">
        <h2 id="why-title">{t("why")}</h2>
        <fieldset class="switch" aria-labelledby="why-title">
          {(["byCampaign", "bySlot"] as const).map((name) => <label key={name}><input type="radio" name="why" checked={view.value === name} data-testid={`why-${name}`} onChange={() => (view.value = name)} />{t(name)}</label>)}
        </fieldset>
      </div>
      {!shown ? <p aria-busy="true">{t("starting")}</p> : (
        <>
          {shown.refused.length > 0 && <p role="status" class="notice bad">{t("refused")}: {shown.refused.join(" · ")}</p>}
          {view.value === "byCampaign" ? <ul class="verdicts">{verdicts.map((one) => <Verdict key={`${one.campaign}/${one.step}/${one.slot}`} verdict={one} />)}</ul> : <Slots verdicts={verdicts} />}
          <Known />
        </>
      )}
    </section>
  );
}

/** What the engine knows of the shopper, in short. */
function Known() {
  const { profile, progress } = seen.value!;
  const tiers = Object.values(progress.tiers ?? {}).map(({ level, remaining, next }) => (next ? `${level} → ${next} (${remaining.toLocaleString(lang.value)})` : level));
  const points = Object.entries(progress.currencies ?? {}).map(([id, { active, pending }]) => `${id} ${active.toLocaleString(lang.value)} + ${pending.toLocaleString(lang.value)}`);
  return (
    <details class="known">
      <summary>{t("facts")}</summary>
      <dl class="values">
        <dt>{t("member")}</dt><dd>{profile.userId ?? t("none")}</dd>
        <dt>{t("tier")}</dt><dd>{tiers.join(", ") || t("none")}</dd>
        <dt>{t("points")}</dt><dd>{points.join(", ") || t("none")}</dd>
        <dt>{t("audiences")}</dt><dd>{profile.audiences.join(", ") || t("none")}</dd>
        {Object.entries(profile.meters ?? {}).map(([id, meter]) => <><dt><code>meter.{id}</code></dt><dd>{say(value(meter))}</dd></>)}
      </dl>
    </details>
  );
}
