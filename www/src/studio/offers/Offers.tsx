/** Offers and learning: what the policy believes of this shopper, term by term, and what one more answer would change. */
import { signal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Candidate } from "danbi/studio";
import { Moment } from "../preview/Moment";
import { good, label, pagesWith, parsed, source, undo, zone, type Json } from "../state/bundle";
import { choose, shopper, shoppers } from "../state/people";
import { page } from "../state/scene";
import { lang, named } from "../words";
import { putAll, type Path } from "../edit/edits";
import { beginAsking, believed, justAdded, keep, lookAt, slot, slots, suppose, supposed, takeBack, type Answer } from "./believed";
import example from "./example.json";
import { called, hundred, own, percent, plain, sentence, signed } from "./terms";
import { t } from "./words";
import "./offers.css";

/** The offers of the example, in a slot of their own on the pages that a shop has. */
const openExample = () => {
  const bundle = (parsed.peek() as { bundle: Json }).bundle;
  const changes: [Path, unknown][] = [[["policy"], example.policy], [["offers"], example.offers]];
  if (!bundle.interests?.scent) changes.push([["interests", "scent"], example.interests.scent]);
  for (const page of example.pages) {
    const slots = bundle.house?.pages?.[page]?.slots;
    if (Array.isArray(slots)) changes.push([["house", "pages", page, "slots"], [...slots, example.slot]]);
  }
  putAll(changes);
  opened.value = source.peek();
};
/** The text as the example left it. */
const opened = signal("");

/** What was pressed is gone afterwards: what stands in its stead has the focus. */
const thenTo = (id: string, act: () => void) => () => {
  act();
  requestAnimationFrame(() => document.getElementById(id)?.focus());
};
const toTitle = (act: () => void) => thenTo("offers-title", act);

const slotName = (name: string) => (name === "recommend" ? t("slotName_recommend") : named(name));

function Empty() {
  return (
    <section class="offers-none" aria-labelledby="none-title">
      <h3 id="none-title">{t("noneYet")}</h3>
      <p>{t("how1")}</p>
      <p>{t("how2")}</p>
      <p><button type="button" data-testid="offers-example" disabled={"fault" in parsed.value} onClick={toTitle(openExample)}>{t("example")}</button></p>
      <p class="hint">{t("how3")}</p>
    </section>
  );
}

/** What stands in the slot, in a sentence. */
function Stands() {
  const { stands, campaign, candidates, holdout } = believed.value!;
  const told = candidates.find(({ offer }) => offer === stands?.offer);
  const of = { campaign: label(campaign) };
  const elsewhere = candidates.length > 0 && candidates.every(({ stage }) => stage === "house") && pagesWith(slot.value).filter((one) => one !== page.value);
  const text = () => {
    if (stands?.silent === "holdout") return t("nowHoldout", { label: told?.label ?? label(campaign) });
    if (stands?.silent) return t("nowControl");
    if (told) {
      const shown = { label: told.label, share: percent(told.propensity), chance: hundred(told.chance), best: candidates[0]!.label };
      return t(told.rank === 1 ? "nowFirst" : "nowOther", shown);
    }
    return campaign ? t("nowCampaign", of) : holdout?.out ? t("holdoutOut", { share: percent(holdout.share) }) : t("nowNothing");
  };
  return (
    <div class="stands">
      <p data-testid="offers-stands"><span class="hint">{t("atSlot")}</span> <strong>{text()}</strong></p>
      {campaign && told && <p class="hint">{t("ofCampaign", of)}</p>}
      {elsewhere && elsewhere.length > 0 && (
        <p class="tools">{t("slotOn")} {elsewhere.map((one) => <button key={one} type="button" class="small" onClick={toTitle(() => (page.value = one))}>{named(one)}</button>)}</p>
      )}
    </div>
  );
}

const when = (time: string) => new Intl.DateTimeFormat(lang.value, { month: "short", day: "numeric", timeZone: zone.value }).format(Date.parse(time));
function Evidence({ evidence: { exposures, waiting, clicked, dismissed } }: Pick<Candidate, "evidence">) {
  const told = [
    exposures ? t("seenTimes", { n: exposures }) : t("unseen"), clicked && t("clickedAt", { when: when(clicked) }),
    dismissed && t("dismissedAt", { when: when(dismissed) }), waiting > 0 && t("waits", { n: waiting }),
  ];
  return <>{told.filter(Boolean).join(" · ")}</>;
}

/** How much a number adds, to the left or to the right of nothing. */
const Bar = ({ value, most }: { value: number; most: number }) => (
  <span class="bar" aria-hidden="true"><span class={value < 0 ? "less" : "more"} style={{ inlineSize: `${(50 * Math.min(1, Math.abs(value) / most)).toFixed(1)}%` }} /></span>
);

/** What the score is made of: the terms of the sum, the chance that it is, and what the policy adds. */
function Terms({ candidate }: { candidate: Candidate }) {
  const { label, terms, sum, chance, between: [low, high], worth, margin, bonus, score } = candidate;
  const moving = terms.filter((term) => own(term) || Math.abs(term.adds) >= 0.0005);
  const still = terms.filter((term) => !moving.includes(term));
  // Where every shopper starts has no bar: beside it nothing else could be seen.
  const sized = (term: (typeof terms)[number]) => (own(term) ? term.learnt : term.adds);
  const most = Math.max(0.1, Math.abs(worth), Math.abs(bonus), ...moving.map((term) => Math.abs(sized(term))));
  const total = (name: string, value: number, bar = true) => (
    <tr><th scope="row" colSpan={4}>{name}</th><td class="number">{signed(value)}</td><td>{bar && <Bar value={value} most={most} />}</td></tr>
  );
  return (
    <div class="wide" role="region" aria-label={t("termsOf", { label })} tabIndex={0}>
      <table class="terms" data-testid={`terms-${candidate.offer}`}>
        <caption>{t("termsOf", { label })}</caption>
        <thead><tr><th scope="col">{t("term")}</th><th scope="col">{t("value")}</th><th scope="col" class="number">{t("fromAll")}</th><th scope="col" class="number">{t("learnt")}</th><th scope="col" class="number">{t("adds")}</th><td /></tr></thead>
        <tbody>
          {moving.map((term) => (
            <tr key={term.name}>
              <th scope="row">{called(term)} <code>{term.name}</code></th>
              <td>{plain(term.x)} × {signed(term.weight)} <small>± {term.deviation.toFixed(2)}</small></td>
              <td class="number">{signed(term.adds - term.learnt)}</td>
              <td class="number">{signed(term.learnt)}</td>
              <td class="number">{signed(term.adds)}</td>
              <td><Bar value={sized(term)} most={most} /></td>
            </tr>
          ))}
        </tbody>
        <tbody class="sums">
          {total(t("sum", { chance: percent(chance), low: percent(low), high: percent(high) }), sum, false)}
          {total(t("logChance"), score - worth - bonus, false)}
          {total(t("worth", { margin }), worth)}
          {total(t("bonus"), bonus)}
          {total(t("total"), score, false)}
        </tbody>
      </table>
      {still.length > 0 && <p class="hint">{t("still", { names: still.map((term) => `${called(term)} (${term.name})`).join(", ") })}</p>}
    </div>
  );
}

const answers: Answer[] = ["click", "dismiss", "ignore"];
function WhatIf({ candidate }: { candidate: Candidate }) {
  const then = supposed.value?.offer === candidate.offer ? supposed.value : null;
  const possible = candidate.eligible && !!believed.value?.stands && !believed.value.stands.silent && (!believed.value.campaign || !!believed.value.stands.offer);
  const id = useId();
  const after = then?.beliefs.candidates.find(({ offer }) => offer === candidate.offer);
  const told = after && { label: candidate.label, before: percent(candidate.chance), after: percent(after.chance), rankBefore: candidate.rank, rankAfter: after.rank, text: after.text };
  return (
    <section class="what-if" aria-labelledby={id}>
      <h3 id={id}>{t("whatIf")}</h3>
      {!possible ? <p class="hint">{t("whatIfCannot")}</p> : (
        <>
          <div class="tools">
            {answers.map((answer) => <button key={answer} type="button" class="small" aria-pressed={then?.answer === answer} data-testid={`then-${answer}-${candidate.offer}`} onClick={() => void suppose(candidate.offer, answer)}>{t(answer)}</button>)}
          </div>
          <p class="hint">{t("whatIfHint")}</p>
        </>
      )}
      <div role="status">
        {then && told && (
          <>
            <p data-testid="offers-would"><strong>{t(after.rank === null ? "wouldRest" : after.rank === candidate.rank ? "wouldStay" : "would", told)}</strong> {then.answer === "ignore" && t("wouldLater")}</p>
            <div class="wide" role="region" aria-label={t("whatIfOf", { label: candidate.label })} tabIndex={0}>
              <table class="moved">
                <thead>
                  <tr><th scope="col">{t("offer")}</th><th scope="col">{t("rank")}</th><th scope="col">{t("chance")}</th><th scope="col">{t("share")}</th></tr>
                </thead>
                <tbody>
                  {believed.value!.candidates.map((before) => {
                    const later = then.beliefs.candidates.find(({ offer }) => offer === before.offer)!;
                    const cell = (print: (one: Candidate) => string | number) => {
                      const [one, other] = [print(before), print(later)];
                      return <td>{one === other ? one : <>{one} → <strong>{other}</strong></>}</td>;
                    };
                    return (
                      <tr key={before.offer} class={before.offer === candidate.offer ? "winner" : ""}>
                        <th scope="row">{before.label}</th>
                        {cell(({ rank }) => rank ?? "–")}{cell(({ chance }) => percent(chance))}{cell(({ propensity }) => percent(propensity))}
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            <button type="button" class="small" data-testid="offers-record" onClick={thenTo(`unfold-${candidate.offer}`, keep)}>{t("record")}</button>
          </>
        )}
      </div>
    </section>
  );
}

const unfolded = signal("");
function Row({ candidate }: { candidate: Candidate }) {
  const { offer, label, rank, chance, between: [low, high], score, propensity, evidence } = candidate;
  const isOpen = unfolded.value === offer, id = `offer-${offer}`;
  return (
    <>
      <tr class={rank === 1 ? "winner" : rank === null ? "waiting" : ""} data-testid={`candidate-${offer}`}>
        <td class="number">{rank ?? "–"}</td>
        <th scope="row">
          <button type="button" id={`unfold-${offer}`} class="plain unfold" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} data-testid={`unfold-${offer}`} onClick={() => (unfolded.value = isOpen ? "" : offer)}>{label}</button>
          <p class="sentence" data-testid={`says-${offer}`}>{sentence(candidate, believed.value!.policy)}</p>
        </th>
        <td>{percent(chance)} <small>({percent(low)}–{percent(high)})</small></td>
        <td>{percent(propensity)}</td>
        <td class="more">{signed(score)}</td>
        <td class="more"><Evidence evidence={evidence} /></td>
      </tr>
      {isOpen && (
        <tr class="unfolded" id={id}>
          <td colSpan={6}>
            <div class="beside">
              <Terms candidate={candidate} />
              <WhatIf candidate={candidate} />
            </div>
          </td>
        </tr>
      )}
    </>
  );
}

function Candidates() {
  return (
    <table class="candidates" data-testid="candidates">
      <thead>
        <tr>
          <th scope="col" class="number">{t("rank")}</th><th scope="col">{t("offer")}</th><th scope="col" title={t("chanceTitle")}>{t("chance")}</th>
          <th scope="col" title={t("shareTitle")}>{t("share")}</th><th scope="col" class="more">{t("score")}</th><th scope="col" class="more">{t("evidence")}</th>
        </tr>
      </thead>
      <tbody>{believed.value!.candidates.map((candidate) => <Row key={candidate.offer} candidate={candidate} />)}</tbody>
    </table>
  );
}

function Holdout() {
  const { holdout } = believed.value!;
  const text = () => {
    if (!holdout) return t("holdoutNone");
    return t(holdout.bucket === null ? "holdoutWho" : holdout.out ? "holdoutOut" : "holdoutIn", { share: percent(holdout.share) });
  };
  return (
    <section aria-labelledby="holdout-title" data-testid="holdout">
      <h3 id="holdout-title">{t("holdout")}</h3>
      <p>{text()}</p>
      {holdout?.bucket != null && <p class="hint">{t("bucket")} {holdout.bucket} · {t("outBelow", { share: holdout.share })}</p>}
    </section>
  );
}

function Policy() {
  const { policy } = believed.value!;
  return (
    <section aria-labelledby="policy-title">
      <h3 id="policy-title">{t("policy")}</h3>
      <p>{t("policySays", { n: hundred(policy.eps), days: policy.halfLifeDays, dismissal: policy.dismissal })}</p>
      <details class="known">
        <summary>{t("settings")}</summary>
        <dl class="values">{Object.entries(policy).map(([name, value]) => <><dt><code>{name}</code></dt><dd>{String(value ?? t("none"))}</dd></>)}</dl>
      </details>
    </section>
  );
}

function Experiments() {
  const { experiments } = believed.value!;
  if (!experiments.length) return null;
  return (
    <section aria-labelledby="experiments-title">
      <h3 id="experiments-title">{t("experiments")}</h3>
      <p class="hint">{t("experimentsHint")}</p>
      <table data-testid="experiments">
        <thead><tr><th scope="col">{t("campaign")}</th><th scope="col">{t("variant")}</th><th scope="col">{t("bucket")}</th></tr></thead>
        <tbody>
          {experiments.map(({ campaign, label, variant, variants, bucket, kept, text }) => (
            <tr key={campaign}>
              <th scope="row">{label}</th>
              <td>
                <strong>{variant ?? t("none")}</strong> <small>{variants.map(({ id, weight }) => `${id} ${weight}`).join(" · ")}</small>
                {kept && <small> · {t("kept")}</small>}{text && <p class="hint">{text}</p>}
              </td>
              <td class="number">{bucket ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Offers() {
  useEffect(beginAsking, []);
  const known = believed.value;
  return (
    <main id="main" class="offers" aria-labelledby="offers-title">
      <div class="middle">
        <div class="title-row">
          <h2 id="offers-title" tabIndex={-1}>{t("offers")}: {shopper.value?.name[lang.value]}</h2>
          <div class="row">
            <label>{t("shopper")}
              <select value={shopper.value?.id} data-testid="offers-shopper" onChange={(event) => choose(event.currentTarget.value)}>
                {shoppers.value.map((one) => <option key={one.id} value={one.id}>{one.name[lang.value]}</option>)}
              </select>
            </label>
            {slots.value.length > 1 && (
              <label>{t("slot")}
                <select value={slot.value} onChange={(event) => lookAt(event.currentTarget.value)}>
                  {slots.value.map((one) => <option key={one} value={one}>{slotName(one)}</option>)}
                </select>
              </label>
            )}
          </div>
        </div>
        <Moment />
        {opened.value && opened.value === source.value && (
          <p role="status" class="notice">{t("exampleOpen")} <button type="button" class="small" data-testid="offers-undo" onClick={toTitle(undo)}>{t("undo")}</button></p>
        )}
        {justAdded.value && (
          <p role="status" class="notice">{t("recorded")} <button type="button" class="small" data-testid="offers-take-back" onClick={toTitle(takeBack)}>{t("undo")}</button></p>
        )}
        {!good.value || !known ? <p aria-busy="true">{t("starting")}</p> : !slots.value.length ? <Empty /> : <><Stands /><Candidates /></>}
      </div>
      {known && (
        <div class="side">
          <Holdout />
          {slots.value.length > 0 && <Policy />}
          <Experiments />
        </div>
      )}
    </main>
  );
}
