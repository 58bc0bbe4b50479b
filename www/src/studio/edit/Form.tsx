/** A campaign as a form: the same bundle as the text, changed in place. What a form cannot say is left as it is and named. */
import { useId } from "preact/hooks";
import { push, put, type Path } from "./edits";
import { good, parsed } from "../state/bundle";
import { opened } from "../state/place";
import { blanks } from "./blanks";
import { lang, say } from "../words";
import { t, type Word } from "./words";

type Json = Record<string, any>;

const Line = ({ label, value, set, type = "text", list, long, hint }: { label: string; value: unknown; set: (text: string) => void; type?: "text" | "number" | "date"; list?: string; long?: boolean; hint?: string }) => {
  const id = useId();
  const common = { id, value: value === undefined || value === null ? "" : String(value) };
  return (
    <div class="field">
      <label for={id}>{label}{hint && <small> {hint}</small>}</label>
      {long ? <textarea {...common} rows={2} onInput={(event) => set(event.currentTarget.value)} />
        : <input {...common} type={type} list={list} onInput={(event) => set(event.currentTarget.value)} />}
    </div>
  );
};

/** A text in both languages. */
const Both = ({ label, path, value, long }: { label: string; path: Path; value: unknown; long?: boolean }) => {
  const of = (which: "ko" | "en") => (typeof value === "string" ? value : (value as Json | undefined)?.[which]);
  const set = (which: "ko" | "en") => (text: string) =>
    typeof value === "string" || !value ? put(path, { ko: which === "ko" ? text : of("ko") ?? "", en: which === "en" ? text : of("en") ?? "" }) : put([...path, which], text);
  return (
    <div class="both">
      <Line label={`${label} · 한국어`} value={of("ko")} set={set("ko")} long={!!long} />
      <Line label={`${label} · English`} value={of("en")} set={set("en")} long={!!long} />
    </div>
  );
};

const operators: [string, [string, string]][] = [
  ["$eq", ["같음", "is"]], ["$ne", ["다름", "is not"]], ["$gte", ["이상", "at least"]], ["$gt", ["초과", "more than"]], ["$lte", ["이하", "at most"]], ["$lt", ["미만", "less than"]],
  ["$in", ["하나", "one of"]], ["$nin", ["아님", "none of"]], ["$exists", ["있음(true/false)", "exists (true/false)"]], ["$regex", ["맞음", "matches"]],
  ["$danbiWithin", ["기간 안", "within"]], ["$danbiBefore", ["이전", "before"]], ["$danbiAfter", ["이후", "after"]],
];
const read = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Rows of a condition that is flat: one fact, one operator, one value each; none where it is not. */
const rowsOf = (when: unknown): [string, string, unknown][] | undefined => {
  if (!when || typeof when !== "object" || Array.isArray(when)) return;
  const rows: [string, string, unknown][] = [];
  for (const [path, test] of Object.entries(when as Json)) {
    if (path.startsWith("$")) return;
    if (test === null || typeof test !== "object") rows.push([path, "$eq", test]);
    else for (const [operator, value] of Object.entries(test as Json)) {
      if (!operators.some(([name]) => name === operator)) return;
      rows.push([path, operator, value]);
    }
  }
  return rows;
};
const conditionOf = (rows: [string, string, unknown][]) => {
  const when: Json = {};
  for (const [path, operator, value] of rows) when[path] = { ...(when[path] as Json), [operator]: value };
  return when;
};

/** Facts that a condition may read, as far as the bundle names them. */
const facts = () => {
  const bundle = good.value ?? {};
  const names = (key: string, prefix: string) => Object.keys((bundle[key] ?? {}) as Json).map((name) => prefix + name);
  return ["user.name", "user.birthday", "context.page.kind", "context.visits", "context.cart.value", "context.cart.quantity", "context.device", "context.language", ...names("meters", "meter."), ...names("derived", "derived."), ...names("interests", "interest."),
    ...((bundle.programs?.[0] as Json | undefined) ? Object.keys((bundle.programs[0] as Json).tiers ?? {}).map((id) => `loyalty.tiers.${id}.level`) : [])];
};

function Condition({ path, when }: { path: Path; when: unknown }) {
  const rows = rowsOf(when);
  if (!rows) return <p class="hint">{t("inText")} <code>{JSON.stringify(when)}</code></p>;
  const set = (next: typeof rows) => put(path, conditionOf(next));
  return (
    <div class="rows-of">
      {rows.map(([fact, operator, value], place) => {
        const change = (row: [string, string, unknown]) => set(rows.map((one, at) => (at === place ? row : one)));
        return (
          <div class="row" key={place}>
            <input aria-label={t("fact")} list="facts" value={fact} data-testid={`fact-${place}`} onChange={(event) => change([event.currentTarget.value, operator, value])} />
            <select aria-label={t("operator")} value={operator} data-testid={`operator-${place}`} onChange={(event) => change([fact, event.currentTarget.value, value])}>
              {operators.map(([name, [ko, en]]) => <option key={name} value={name}>{lang.value === "ko" ? ko : en}</option>)}
            </select>
            <input aria-label={t("value")} value={shown(value)} data-testid={`value-${place}`} onChange={(event) => change([fact, operator, read(event.currentTarget.value)])} />
            <button type="button" class="small plain" onClick={() => set(rows.filter((_, at) => at !== place))}>{t("remove")}</button>
          </div>
        );
      })}
      <button type="button" class="small" data-testid="condition-add" onClick={() => set([...rows, [facts().find((name) => !rows.some(([fact]) => fact === name))!, "$gte", 1]])}>{t("addCondition")}</button>
    </div>
  );
}

/** Whom it is for: named audiences and conditions, each with its reason in words. */
function Audience({ path, audience }: { path: Path; audience: unknown }) {
  const names = Object.keys((good.value?.audiences ?? {}) as Json);
  const list = audience === undefined ? [] : Array.isArray(audience) ? audience : [audience];
  const at = (place: number): Path => (Array.isArray(audience) ? [...path, place] : path);
  const more = (one: unknown) => (list.length === 0 ? put(path, one) : Array.isArray(audience) ? push(path, one, audience) : put(path, [audience, one]));
  const remove = (place: number) => {
    const rest = list.filter((_, other) => other !== place);
    put(path, rest.length ? rest : undefined);
  };
  return (
    <fieldset class="group">
      <legend>{t("audience")}</legend>
      {list.length === 0 && <p class="hint">{t("everyone")}</p>}
      {list.map((one: unknown, place: number) => {
        const reasoned = one && typeof one === "object" && "when" in one;
        return (
          <div class="one" key={place}>
            {typeof one === "string" ? (
              <select aria-label={t("audience")} value={one} onChange={(event) => put(at(place), event.currentTarget.value)}>{names.map((name) => <option key={name} value={name}>{name}</option>)}</select>
            ) : (
              <>
                <Condition path={reasoned ? [...at(place), "when"] : at(place)} when={reasoned ? (one as Json).when : one} />
                {reasoned && <Both label={t("reason")} path={[...at(place), "why"]} value={(one as Json).why} />}
              </>
            )}
            <button type="button" class="small plain" onClick={() => remove(place)}>{t("remove")}</button>
          </div>
        );
      })}
      <div class="tools">
        {names.length > 0 && <button type="button" class="small" data-testid="audience-named" onClick={() => more(names[0])}>{t("addNamed")}</button>}
        <button type="button" class="small" data-testid="audience-condition" onClick={() => more({ when: {}, why: { ko: "", en: "" } })}>{t("addCondition")}</button>
      </div>
    </fieldset>
  );
}

const formNames: Word[] = ["modal", "sheet", "fullscreen", "banner", "toast"];

function MessageForm({ path, message, over }: { path: Path; message: Json; over: boolean }) {
  const blocks = (message.blocks ?? []) as Json[];
  const add = (block: Json) => push([...path, "blocks"], block, message.blocks);
  return (
    <div class="one">
      {over && (
        <div class="field">
          <label>{t("form")}
            <select value={message.form ?? "modal"} data-testid="message-form" onChange={(event) => put([...path, "form"], event.currentTarget.value)}>
              {formNames.map((name) => <option key={name} value={name}>{t(name)}</option>)}
            </select>
          </label>
        </div>
      )}
      {blocks.map((block, place) => {
        const [kind] = Object.keys(block);
        const here = [...path, "blocks", place, kind!];
        const content = block[kind!] as Json;
        return (
          <div class="block" key={place}>
            <div class="title-row"><strong>{kind! in blockNames ? t(blockNames[kind!]!) : kind}</strong>
              <button type="button" class="small plain" onClick={() => put([...path, "blocks", place], undefined)}>{t("remove")}</button></div>
            {kind === "title" || kind === "text" || kind === "note" ? <Both label={t(blockNames[kind]!)} path={here} value={content} long={kind !== "title"} />
              : kind === "image" ? <><Line label={t("address")} value={content.src} set={(text) => put([...here, "src"], text)} /><Both label={t("alt")} path={[...here, "alt"]} value={content.alt} /></>
              : kind === "buttons" ? (content as unknown as Json[]).map((button, at) => (
                <div key={at}>
                  <Both label={t("buttonText")} path={[...here, at, "label"]} value={button.label} />
                  <Line label={t("address")} value={button.url} set={(text) => put([...here, at, "url"], text || undefined)} />
                </div>
              )) : "label" in (content ?? {}) ? <Both label={t("label")} path={[...here, "label"]} value={content.label} />
              : <p class="hint">{t("inText")}</p>}
          </div>
        );
      })}
      <div class="tools">
        <button type="button" class="small" data-testid="block-text" onClick={() => add({ text: { ko: "", en: "" } })}>{t("addText")}</button>
        <button type="button" class="small" onClick={() => add({ buttons: [{ label: { ko: "보러 가기", en: "Take a look" }, value: "open" }] })}>{t("addButton")}</button>
      </div>
    </div>
  );
}
const blockNames: Record<string, Word> = { title: "blockTitle", text: "blockText", note: "blockNote", image: "blockImage", buttons: "blockButtons" };

export function Form() {
  const now = parsed.value;
  if ("fault" in now) return <p class="hint">{t("mendFirst")}</p>;
  const campaigns = (now.bundle.campaigns ?? []) as Json[];
  const place = Math.max(0, campaigns.findIndex(({ id }) => id === opened.value));
  const campaign = campaigns[place];
  const create = (blank: (typeof blanks)[number]) => {
    let id = blank.campaign.id as string;
    for (let number = 2; campaigns.some((one) => one.id === id); number++) id = `${blank.campaign.id}_${number}`;
    push(["campaigns"], { ...blank.campaign, id }, now.bundle.campaigns);
    opened.value = id;
  };
  const path: Path = ["campaigns", place];
  const slots = [...new Set(["interruptive", ...Object.values((now.bundle.house?.pages ?? {}) as Record<string, Json>).flatMap(({ slots = [] }) => slots as string[])])];
  const messages: [string, Path, Json, string][] = campaign ? [
    ...(campaign.message ? [[t("message"), [...path, "message"], campaign.message, campaign.slot ?? "interruptive"] as [string, Path, Json, string]] : []),
    ...((campaign.steps ?? []) as Json[]).map((step, at): [string, Path, Json, string] => [`${t("step")} ${step.id}`, [...path, "steps", at, "message"], step.message, step.slot ?? campaign.slot ?? "interruptive"]),
    ...((campaign.variants ?? []) as Json[]).flatMap((variant, at): [string, Path, Json, string][] => (variant.message ? [[`${t("variant")} ${variant.id}`, [...path, "variants", at, "message"], variant.message, campaign.slot ?? "interruptive"]] : [])),
  ] : [];
  return (
    <div class="form" data-testid="form">
      <div class="tools">
        <label class="grow">{t("campaign")}
          <select value={campaign?.id as string} data-testid="form-campaign" onChange={(event) => (opened.value = event.currentTarget.value)}>
            {campaigns.map(({ id, label }) => <option key={id as string} value={id as string}>{say(label)} ({id as string})</option>)}
          </select>
        </label>
        <details class="menu">
          <summary data-testid="form-new">{t("newCampaign")}</summary>
          <ul>{blanks.map((blank) => <li key={blank.campaign.id as string}><button type="button" class="plain" data-testid={`blank-${blank.campaign.id}`} onClick={(event) => (create(blank), (event.currentTarget.closest("details")!.open = false))}>{say(blank.name)}</button></li>)}</ul>
        </details>
      </div>
      {campaign && (
        <div key={campaign.id as string}>
          <datalist id="facts">{facts().map((name) => <option key={name} value={name} />)}</datalist>
          <fieldset class="group">
            <legend>{t("basics")}</legend>
            <Both label={t("label")} path={[...path, "label"]} value={campaign.label} />
            <div class="row">
              <Line label={t("priority")} type="number" value={campaign.priority ?? 0} set={(text) => put([...path, "priority"], Number(text) || 0)} />
              <div class="field"><label>{t("slot")}
                <select value={campaign.slot ?? "interruptive"} data-testid="form-slot" onChange={(event) => put([...path, "slot"], event.currentTarget.value)}>{slots.map((slot) => <option key={slot} value={slot}>{slot === "interruptive" ? t("interruptive") : slot}</option>)}</select>
              </label></div>
              <div class="field"><label>{t("class")}
                <select value={campaign.class ?? "marketing"} onChange={(event) => put([...path, "class"], event.currentTarget.value)}><option value="marketing">{t("marketing")}</option><option value="service">{t("service")}</option></select>
              </label></div>
            </div>
            <div class="row">
              <Line label={t("from")} type="date" value={campaign.schedule?.from?.slice?.(0, 10)} set={(text) => put([...path, "schedule", "from"], text || undefined)} />
              <Line label={t("until")} type="date" value={campaign.schedule?.until?.slice?.(0, 10)} set={(text) => put([...path, "schedule", "until"], text || undefined)} />
              <Line label={t("cap")} type="number" value={campaign.caps?.[0]?.count} set={(text) => put([...path, "caps", 0, "count"], Number(text) || 1)} />
              <Line label={t("per")} value={campaign.caps?.[0]?.per} hint={t("perHint")} set={(text) => put([...path, "caps", 0, "per"], text || undefined)} />
            </div>
          </fieldset>
          <Audience path={[...path, "audience"]} audience={campaign.audience} />
          {messages.map(([title, at, message, slot]) => (
            <fieldset class="group" key={title}>
              <legend>{title}</legend>
              <MessageForm path={at} message={message} over={slot === "interruptive"} />
            </fieldset>
          ))}
          <p class="hint">{t("josaHint")}</p>
        </div>
      )}
    </div>
  );
}
