/** When a campaign, or a step of it, is due. */
import { useState } from "preact/hooks";
import { good } from "../state/bundle";
import { pages } from "../state/cast";
import { say } from "../words";
import { Condition } from "./Condition";
import { at, list, put, table, type Path } from "./edits";
import { moments } from "./facts";
import { Amount, Check, Choice, Field, Group, Line, options, Rest, span, Time, useField, duration } from "./fields";
import { Texts } from "./Texts";
import { t, type Word } from "./words";

/** What a trigger of each kind begins with, and the keys that have fields here. */
const kinds = {
  event: [{ name: "sign_up" }, ["name", "where", "delay", "why"]],
  since: [{ fact: "context.cart.changedAt", after: "PT24H" }, ["fact", "after", "within", "nextVisit", "why"]],
  date: [{ fact: "user.birthday", from: "-P3D", to: "P7D" }, ["fact", "from", "to", "why"]],
  session: [{ after: "PT10S" }, ["after", "why"]],
  page: [{ kind: "home" }, ["kind", "path", "after", "why"]],
  dwell: [{ after: "PT30S" }, ["after", "where", "why"]],
  scroll: [{ percent: 50 }, ["percent", "why"]],
  exit: [{}, ["why"]],
  inactivity: [{ after: "PT30S" }, ["after", "why"]],
  place: [{ name: "" }, ["name", "why"]],
  answer: [{ campaign: "" }, ["campaign", "step", "action", "within", "why"]],
} as const satisfies Record<string, [object, readonly string[]]>;
type Kind = keyof typeof kinds;
const events = ["sign_up", "login", "purchase", "add_to_cart", "remove_from_cart", "view_item", "view_item_list", "search", "order_delivered", "review_approved", "refund", "quiz_completed"];
const short = ["seconds", "minutes", "hours"] as const;

/** Days before or after a date. */
function Days({ label, path, value, testid }: { label: string; path: Path; value: unknown; testid: string }) {
  const { id, control, told } = useField(path);
  const now = span(value);
  const [before, setBefore] = useState(false);
  const back = now ? now.back : before;
  const write = (text: string, back: boolean) => put(path, text.trim() === "" ? undefined : /^\d+$/.test(text.trim()) ? duration(text.trim(), now?.unit ?? "days", back) : text);
  return (
    <Field {...{ id, label, told }}>
      <span class="with-unit">
        <input {...control} inputMode="numeric" class="number-field" value={now ? now.amount : value === undefined ? "" : String(value)} data-testid={testid} onInput={(event) => write(event.currentTarget.value, back)} />
        <select aria-label={t("unitOf", { label })} value={String(back)} data-testid={`${testid}-side`} onChange={(event) => (setBefore(event.currentTarget.value === "true"), now && write(now.amount, event.currentTarget.value === "true"))}>
          <option value="true">{t("daysBefore")}</option><option value="false">{t("daysAfter")}</option>
        </select>
      </span>
    </Field>
  );
}
const Moment = ({ path, value, testid }: { path: Path; value: unknown; testid: string }) => <Choice label={t("countedFrom")} path={path} value={value} testid={testid} options={moments().map(({ path, name }) => [path, name])} />;

export function Trigger({ path, value, testid = "trigger", level = 3 }: { path: Path; value: unknown; testid?: string; level?: 3 | 4 }) {
  const [found] = Object.keys(table(value));
  const kind = found && found in kinds ? (found as Kind) : undefined;
  const here = kind ? [...path, kind] : path;
  const content = kind ? table(value)[kind] : undefined;
  const of = table(content);
  const field = (key: string) => ({ path: [...here, key], value: of[key], testid: `${testid}-${key}` });
  const begin = (kind: string): unknown => {
    const [start] = kinds[kind as Kind];
    if (kind === "place") return { name: Object.keys(table(good.value?.places))[0] ?? "" };
    if (kind === "answer") return { campaign: list(good.value?.campaigns)[0]?.id ?? "" };
    return start;
  };
  const fields = {
    event: () => <><Line label={t("eventName")} {...field("name")} required suggestions={events} /><Time label={t("delay")} {...field("delay")} within={["minutes", "hours", "days"]} /></>,
    since: () => <><Moment {...field("fact")} /><Time label={t("sinceAfter")} {...field("after")} /><Time label={t("sinceWithin")} {...field("within")} /><Check label={t("nextVisit")} {...field("nextVisit")} /></>,
    date: () => <><Moment {...field("fact")} /><Days label={t("firstDay")} {...field("from")} /><Days label={t("lastDay")} {...field("to")} /></>,
    session: () => <Time label={t("afterVisit")} {...field("after")} within={[...short]} />,
    page: () => <><Choice label={t("page")} {...field("kind")} absent={t("none")} options={options(pages)} /><Line label={t("pagePath")} {...field("path")} /><Time label={t("stayed")} {...field("after")} within={[...short]} /></>,
    dwell: () => <Time label={t("stayed")} {...field("after")} within={[...short]} />,
    scroll: () => <Amount label={t("scrolled")} {...field("percent")} unit="%" />,
    exit: () => null,
    inactivity: () => <Time label={t("stayed")} {...field("after")} within={[...short]} />,
    place: () => <Choice label={t("place")} {...field("name")} options={Object.keys(table(at(["places"]))).map((name) => [name, name])} />,
    answer: () => (
      <>
        <Choice label={t("campaign")} {...field("campaign")} options={list(at(["campaigns"])).map(({ id, label }) => [String(id), say(label ?? id)])} />
        <Line label={t("stepId")} {...field("step")} />
        <Choice label={t("answered")} {...field("action")} absent={t("anyAnswer")} options={options(["click", "dismiss", "choice", "score", "text"], "action_")} />
        <Time label={t("sinceWithin")} {...field("within")} />
      </>
    ),
  } satisfies Record<Kind, () => unknown>;
  return (
    <Group title={t("trigger")} path={path} testid={testid} level={level}>
      <div class="row">
        <Choice label={t("triggerKind")} path={path} value={kind ?? (value === undefined || value === "always" ? "" : JSON.stringify(value))} absent={t("trigger_always")} options={(Object.keys(kinds) as Kind[]).map((name) => [name, t(`trigger_${name}` as Word)])} testid={`${testid}-kind`} set={(next) => put(path, next ? { [next]: begin(next) } : undefined, true)} />
        {kind && fields[kind]()}
      </div>
      {kind && (kinds[kind][1] as readonly string[]).includes("where") && of.where !== undefined && <Condition {...field("where")} when={of.where} />}
      {kind && kind !== "exit" && <Texts label={t("notYet")} {...field("why")} optional />}
      {kind && <Rest path={here} value={content} known={kinds[kind][1]} />}
    </Group>
  );
}
