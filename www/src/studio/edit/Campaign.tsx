/** A campaign as a form. */
import { purposes } from "../state/bundle";
import { lang, purposeWord, say } from "../words";
import { Audience } from "./Audience";
import { at, freshId, list, pointer, put, table, type Path } from "./edits";
import { Amount, Check, Choice, Duration, Edge, Field, Group, Line, options, Rest, Rows, Several, Time, useField } from "./fields";
import { Message } from "./Message";
import { rendered } from "./rendered";
import { Texts } from "./Texts";
import { Trigger } from "./Trigger";
import { t } from "./words";

const OVER = "interruptive";
/** The slots that the house's pages have. */
export const slots = () => [...new Set(Object.values(table(at(["house", "pages"]))).flatMap((page) => list(table(page).slots) as string[]))];
const slotOptions = (): [string, string][] => [[OVER, t("interruptive")], ...slots().map((slot): [string, string] => [slot, t("slotNamed", { slot })])];
const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
const others = (place: number): [string, string][] => list(at(["campaigns"])).flatMap((one, other) => (other === place ? [] : [[String(one.id), say(one.label ?? one.id)] as [string, string]]));

/** When it may show: days, hours, days of the week. */
export function Schedule({ path, value }: { path: Path; value: unknown }) {
  const of = table(value);
  return (
    <Group title={t("schedule")} path={path} testid="schedule" hint={t("inHouseZone", { zone: String(at(["house", "zone"]) ?? "") })}>
      <div class="row">
        <Edge label={t("from")} path={[...path, "from"]} value={of.from} testid="schedule-from" />
        <Edge label={t("until")} path={[...path, "until"]} value={of.until} hint={t("untilHint")} testid="schedule-until" />
      </div>
      <Rows path={[...path, "windows"]} items={list(of.windows)} name={t("hoursOfDay")} testid="window" add={() => ({ from: "09:00", to: "21:00" })} item={(one, place) => (
        <>
          <div class="row">
            <Clock label={t("opens")} path={[...path, "windows", place, "from"]} value={table(one).from} testid={`window-${place}-from`} />
            <Clock label={t("closes")} path={[...path, "windows", place, "to"]} value={table(one).to} testid={`window-${place}-to`} />
          </div>
          <Several label={t("weekdays")} path={[...path, "windows", place, "days"]} value={table(one).days} options={options(days)} testid={`window-${place}-days`} />
        </>
      )} />
      <Rest path={path} value={value} known={["from", "until", "windows"]} />
    </Group>
  );
}
/** An hour of the day; 24:00 is the day's end, so it is text. */
export function Clock({ label, path, value, testid }: { label: string; path: Path; value: unknown; testid: string }) {
  const { id, control, told } = useField(path);
  return <Field {...{ id, label, told }}><input {...control} class="number-field" inputMode="numeric" placeholder="09:00" value={value === undefined ? "" : String(value)} data-testid={testid} onInput={(event) => put(path, event.currentTarget.value || undefined)} /></Field>;
}

const counted = ["exposure", "dismiss", "click", "answer"] as const;
/** How often it may show, each rule in a row that reads as a sentence. */
function Caps({ path, value, steps }: { path: Path; value: unknown; steps: any[] }) {
  const all = list(value);
  return (
    <Group title={t("caps")} path={path} testid="caps" hint={all.length ? undefined : t("noCaps")}>
      <Rows path={path} items={all} name={t("cap")} testid="cap" add={() => ({ count: 1, per: "P7D" })} item={(one, place) => {
        const of = table(one), here = [...path, place];
        const testid = `cap-${place}`;
        const spanKey = of.rest === undefined ? "per" : "rest";
        return (
          <>
            <div class="row">
              <Choice label={t("counts")} path={[...here, "of"]} value={of.of ?? "exposure"} options={options(counted, "of_")} testid={`${testid}-of`} />
              <Amount label={t("count")} path={[...here, "count"]} value={of.count} unit={t("times")} testid={`${testid}-count`} />
              <Choice label={t("capKind")} path={here} value={of.rest !== undefined ? "rest" : of.per !== undefined ? "per" : "ever"} options={options(["per", "ever", "rest"], "cap_")} testid={`${testid}-kind`}
                set={(next) => put(here, Object.fromEntries(Object.entries({ ...of, per: next === "per" ? (of.rest ?? "P7D") : undefined, rest: next === "rest" ? (of.per ?? "P14D") : undefined }).filter(([, value]) => value !== undefined)), true)} />
              {(of.per !== undefined || of.rest !== undefined) && <Time label={t(spanKey === "per" ? "per" : "restFor")} path={[...here, spanKey]} value={of[spanKey]} testid={`${testid}-per`} within={["hours", "days", "months", "years"]} />}
              {(of.by !== undefined || of.per === undefined) && <Choice label={t("eachOf")} path={[...here, "by"]} value={of.by} absent={t("inAll")} options={[["context.cart.since", t("eachBag")], ["context.review.line", t("eachReview")]]} testid={`${testid}-by`} />}
              {steps.length > 0 && <Choice label={t("step")} path={[...here, "step"]} value={of.step} absent={t("allSteps")} options={steps.map(({ id }) => [String(id), String(id)])} testid={`${testid}-step`} />}
            </div>
            <Texts label={t("restReason")} path={[...here, "why"]} value={of.why} optional testid={`${testid}-why`} />
          </>
        );
      }} />
    </Group>
  );
}

/** Other campaigns beside which it does not show, and what must have become of others. */
function Others({ path, campaign, place }: { path: Path; campaign: any; place: number }) {
  const all = others(place);
  return (
    <Group title={t("exclusions")} path={[...path, "excludes"]} testid="excludes" hint={t("exclusionsHint")}>
      <Rows path={[...path, "excludes"]} items={list(campaign.excludes)} name={t("exclusion")} testid="exclude" add={() => ({ campaigns: all.slice(0, 1).map(([id]) => id), when: "shown", within: "P1D" })} item={(one, at) => {
        const of = table(one), here = [...path, "excludes", at];
        return (
          <>
            <div class="row">
              <Choice label={t("excludedWhen")} path={[...here, "when"]} value={of.when ?? "shown"} options={options(["shown", "due"], "excluded_")} testid={`exclude-${at}-when`} />
              {of.when !== "due" && <Time label={t("within")} path={[...here, "within"]} value={of.within} testid={`exclude-${at}-within`} />}
            </div>
            <Several label={t("campaigns")} path={[...here, "campaigns"]} value={of.campaigns} options={all} testid={`exclude-${at}-campaign`} />
            <Texts label={t("restReason")} path={[...here, "why"]} value={of.why} optional testid={`exclude-${at}-why`} />
          </>
        );
      }} />
      <h4>{t("prerequisites")}</h4>
      <Rows path={[...path, "prerequisites"]} items={list(campaign.prerequisites)} name={t("prerequisite")} testid="prerequisite" add={() => ({ campaign: all[0]?.[0] ?? "", is: "shown" })} item={(one, at) => {
        const of = table(one), here = [...path, "prerequisites", at];
        return (
          <>
            <div class="row">
              <Choice label={t("campaign")} path={[...here, "campaign"]} value={of.campaign} options={all} testid={`prerequisite-${at}-campaign`} />
              <Choice label={t("became")} path={[...here, "is"]} value={of.is ?? "shown"} options={options(["shown", "answered", "clicked", "dismissed", "chosen"], "became_")} testid={`prerequisite-${at}-is`} />
              <Time label={t("within")} path={[...here, "within"]} value={of.within} testid={`prerequisite-${at}-within`} />
            </div>
            <Texts label={t("reason")} path={[...here, "why"]} value={of.why} optional testid={`prerequisite-${at}-why`} />
            <Rest path={here} value={one} known={["campaign", "is", "within", "why"]} />
          </>
        );
      }} />
    </Group>
  );
}

const begun = () => ({ form: "sheet", blocks: [{ title: { ko: "", en: "" } }] });
/** Several ways to show it, each with its share, and copy of its own where it differs. */
function Variants({ path, campaign, over }: { path: Path; campaign: any; over: boolean }) {
  const all = list(campaign.variants);
  const sum = all.reduce((sum, one) => sum + (typeof table(one).weight === "number" ? one.weight : 0), 0);
  const add = () => ({ id: freshId("", all.map(({ id }) => id), String.fromCharCode(65 + all.length)).toUpperCase(), weight: 0.5 });
  return (
    <Group title={t("variants")} path={[...path, "variants"]} testid="variants" hint={all.length ? t("variantsSum", { percent: Math.round(sum * 1000) / 10 }) : t("noVariants")}>
      <Rows path={[...path, "variants"]} items={all} name={t("variant")} testid="variant" add={add} item={(one, place) => {
        const of = table(one), here = [...path, "variants", place];
        const look = of.none ? "none" : of.message !== undefined ? "own" : of.steps !== undefined ? "steps" : "same";
        return (
          <>
            <div class="row">
              <Line label={t("variantId")} path={[...here, "id"]} value={of.id} required testid={`variant-${place}-id`} />
              <Amount label={t("share")} path={[...here, "weight"]} value={of.weight} scale={0.01} unit="%" testid={`variant-${place}-weight`} />
              <Choice label={t("shows")} path={here} value={look} options={options(of.steps !== undefined ? ["same", "own", "steps", "none"] : ["same", "own", "none"], "shows_")} testid={`variant-${place}-shows`}
                set={(next) => put(here, { id: of.id, weight: of.weight, ...(next === "none" ? { none: true } : next === "own" ? { message: of.message ?? campaign.message ?? begun() } : next === "steps" ? { steps: of.steps } : {}) }, true)} />
            </div>
            {of.message !== undefined && <details class="more"><summary data-testid={`variant-${place}-open`}>{t("ownMessage")}</summary><Message path={[...here, "message"]} message={of.message} over={over} title={t("message")} testid={`variant-${place}-message`} level={4} /></details>}
            {Object.entries(table(of.steps)).map(([step, message]) => (
              <details class="more" key={step}><summary data-testid={`variant-${place}-${step}-open`}>{t("step")} {step} · {t("ownMessage")}</summary><Message path={[...here, "steps", step]} message={message} over={over} title={t("message")} testid={`variant-${place}-${step}-message`} level={4} /></details>
            ))}
          </>
        );
      }} />
      <Rest path={[...path, "experiment"]} value={campaign.experiment} known={[]} />
    </Group>
  );
}

/** One message after another. */
function Steps({ path, campaign }: { path: Path; campaign: any }) {
  const all = list(campaign.steps);
  return (
    <Group title={t("steps")} path={[...path, "steps"]} testid="steps" hint={all.length ? t("stepsHint") : t("noSteps")}>
      <Rows path={[...path, "steps"]} items={all} name={t("step")} testid="step" add={() => ({ id: freshId("", all.map(({ id }) => id), String(all.length + 1)), message: begun() })} item={(one, place) => {
        const of = table(one), here = [...path, "steps", place];
        const slot = of.slot ?? campaign.slot ?? OVER;
        const all = list(table(of.message).blocks);
        const block = all.findIndex((block) => table(block).title ?? table(block).text);
        const kind = table(all[block]).title ? "title" : "text";
        const first = rendered.value[pointer([...here, "message", "blocks", block, kind, lang.value])] ?? say(table(all[block])[kind] ?? "");
        return (
          <details class="more" open={all.length === 1}>
            <summary data-testid={`step-${place}-open`}><strong>{String(of.id ?? place + 1)}</strong> {first.slice(0, 60)}</summary>
            <div class="row">
              <Line label={t("stepId")} path={[...here, "id"]} value={of.id} required testid={`step-${place}-id`} />
              <Choice label={t("slot")} path={[...here, "slot"]} value={of.slot} absent={t("asCampaign")} options={slotOptions()} testid={`step-${place}-slot`} />
              <Check label={t("skip")} path={[...here, "skip"]} value={of.skip} testid={`step-${place}-skip`} />
            </div>
            <Trigger path={[...here, "trigger"]} value={of.trigger} testid={`step-${place}-trigger`} level={4} />
            <Audience path={[...here, "audience"]} value={of.audience} testid={`step-${place}-audience`} level={4} />
            <Message path={[...here, "message"]} message={of.message} over={slot === OVER} title={t("message")} testid={`step-${place}-message`} level={4} />
            <Rest path={here} value={one} known={["id", "slot", "skip", "trigger", "audience", "message"]} />
          </details>
        );
      }} />
      {all.length > 0 && <div class="row"><Gap path={[...path, "gap"]} value={campaign.gap} /></div>}
    </Group>
  );
}
function Gap({ path, value }: { path: Path; value: unknown }) {
  const { id, control, told } = useField([...path, "after"]);
  const of = table(value);
  return <Field {...{ id, told }} label={t("gap")}><Duration path={[...path, "after"]} value={of.after} control={control} label={t("gap")} within={["minutes", "hours", "days"]} testid="gap" set={(next) => put(path, next === undefined ? undefined : { ...of, after: next })} /></Field>;
}

export function Campaign({ place }: { place: number }) {
  const path = ["campaigns", place];
  const campaign = table(at(path));
  const slot = campaign.slot ?? OVER;
  const over = slot === OVER;
  const steps = list(campaign.steps);
  const needs = purposes(at(["purposes"])).map((one): [string, string] => [one, purposeWord(one)]);
  return (
    <>
      <Group title={t("basics")} path={path} testid="basics">
        <Texts label={t("label")} path={[...path, "label"]} value={campaign.label} testid="label" />
        <div class="row">
          <Amount label={t("priority")} hint={t("priorityHint")} path={[...path, "priority"]} value={campaign.priority ?? 0} testid="priority" />
          <Choice label={t("slot")} path={[...path, "slot"]} value={slot} options={slotOptions()} testid="form-slot" />
          <Choice label={t("class")} path={[...path, "class"]} value={campaign.class ?? "marketing"} options={options(["marketing", "service"])} testid="class" />
          <Line label={t("id")} path={[...path, "id"]} value={campaign.id} required testid="campaign-id" />
        </div>
        {(list(at(["purposes"])).length > 0 || campaign.needs !== undefined) && <Several label={t("needs")} path={[...path, "needs"]} value={campaign.needs} options={needs} testid="needs" />}
      </Group>
      <Trigger path={[...path, "trigger"]} value={campaign.trigger} />
      <Audience path={[...path, "audience"]} value={campaign.audience} />
      {steps.length > 0 && <Steps path={path} campaign={campaign} />}
      {(campaign.message !== undefined || !steps.length) && <Message path={[...path, "message"]} message={campaign.message} over={over} title={t("message")} />}
      <Schedule path={[...path, "schedule"]} value={campaign.schedule} />
      <Caps path={[...path, "caps"]} value={campaign.caps} steps={steps} />
      <Others path={path} campaign={campaign} place={place} />
      <Variants path={path} campaign={campaign} over={over} />
      {steps.length === 0 && <Steps path={path} campaign={campaign} />}
      <Rest path={path} value={campaign} known={["id", "label", "priority", "slot", "class", "needs", "trigger", "audience", "message", "schedule", "caps", "excludes", "prerequisites", "variants", "steps", "gap", "experiment"]} />
    </>
  );
}
