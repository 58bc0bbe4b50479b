/** A condition as rows that a marketer reads: fact, comparison, value. What rows cannot say is left to the text. */
import { scale } from "../state/bundle";
import { useId } from "preact/hooks";
import { conditionOf, isGroup, rowsOf, trail, type Row, type Rows } from "./rows";
import { pointer, put, type Path } from "./edits";
import { facts, money, operators, type Fact } from "./facts";
import { Duration, InText, NumberInput, readNumber, showNumber, Told, useField } from "./fields";
import { t, type Word } from "./words";

const operatorWords: Record<string, Word> = {
  "=": "is", $eq: "is", $ne: "isNot", $gte: "atLeast", $gt: "moreThan", $lte: "atMost", $lt: "lessThan", $in: "oneOf", $nin: "noneOf", $exists: "known", $regex: "matches",
  past: "withinPast", "not past": "notWithinPast", coming: "withinComing", $danbiBefore: "before", $danbiAfter: "after",
};
/** What a comparison of a fact begins with. */
const beginning = (operator: string, fact: Fact | undefined, value?: unknown): unknown => {
  if (operator === "$exists") return true;
  if (["past", "not past", "coming"].includes(operator)) return /^P/.test(String(value)) ? value : "P30D";
  if (operator === "$danbiBefore" || operator === "$danbiAfter") return /^\d{4}-/.test(String(value)) ? value : "2026-06-01";
  if (operator === "$in" || operator === "$nin") return Array.isArray(value) ? value : value === undefined || typeof value === "boolean" ? (fact?.among ? [fact.among[0]?.[0]] : []) : [value];
  const one = Array.isArray(value) ? value[0] : value;
  if (fact?.kind === "number" || fact?.kind === "money") return typeof one === "number" ? one : 1;
  if (fact?.kind === "truth") return true;
  return fact?.among ? (fact.among.some(([name]) => name === one) ? one : fact.among[0]?.[0]) : typeof one === "string" ? one : "";
};

function Value({ row, fact, path, set, testid, label }: { row: Row; fact: Fact | undefined; path: Path; set: (value: unknown) => void; testid: string; label: string }) {
  const { control, told } = useField(path);
  const { operator, value } = row;
  const common = { ...control, "aria-label": label, "data-testid": testid };
  const listed = operator === "$in" || operator === "$nin";
  return (
    <span class="value">
      {operator === "$exists" ? <select {...common} value={String(value)} onChange={(event) => set(event.currentTarget.value === "true")}><option value="true">{t("isKnown")}</option><option value="false">{t("isUnknown")}</option></select>
        : ["past", "not past", "coming"].includes(operator) ? <Duration path={path} value={value} control={control} label={label} testid={testid} set={(next) => set(next ?? "")} />
        : operator === "$danbiBefore" || operator === "$danbiAfter" ? (/^\d{4}-\d\d-\d\d$|^$/.test(String(value)) ? <input type="date" {...common} value={String(value)} onInput={(event) => set(event.currentTarget.value)} /> : <input {...common} value={String(value)} onInput={(event) => set(event.currentTarget.value)} />)
        : listed && fact?.among ? <fieldset class="checks" id={control.id} data-at={pointer(path)} aria-label={label}>{fact.among.map(([name, said]) => <label class="check" key={name}><input type="checkbox" checked={Array.isArray(value) && value.includes(name)} data-testid={`${testid}-${name}`} onChange={(event) => set(event.currentTarget.checked ? [...(value as unknown[]), name] : (value as unknown[]).filter((one) => one !== name))} />{said}</label>)}</fieldset>
        : listed ? <input {...common} placeholder={t("commas")} value={Array.isArray(value) ? value.join(", ") : String(value)} onChange={(event) => set(event.currentTarget.value.split(",").map((one) => one.trim()).filter(Boolean).map((one) => (fact?.kind === "number" ? readNumber(one) : one)))} />
        : fact?.among ? (
          <select {...common} value={String(value)} onChange={(event) => set(event.currentTarget.value)}>
            {fact.among.map(([name, said]) => <option key={name} value={name}>{said}</option>)}
            {!fact.among.some(([name]) => name === value) && <option value={String(value)}>{String(value)}</option>}
          </select>
        )
        : typeof value === "boolean" || fact?.kind === "truth" ? <select {...common} value={String(value)} onChange={(event) => set(event.currentTarget.value === "true")}><option value="true">{t("yes")}</option><option value="false">{t("no")}</option></select>
        : fact?.kind === "number" || fact?.kind === "money" || (!fact && typeof value === "number") ? <span class="with-unit"><NumberInput path={path} value={value} scale={fact?.kind === "money" ? scale.value : 1} control={control} label={label} testid={testid} set={(next) => set(next ?? "")} />{fact?.kind === "money" && <span>{money()}</span>}</span>
        : <input {...common} value={typeof value === "string" ? value : showNumber(value)} onInput={(event) => set(event.currentTarget.value)} />}
      {told}
    </span>
  );
}

function OneRow({ row, path, set, removed, testid }: { row: Row; path: Path; set: (row: Row) => void; removed: ((event: { currentTarget: HTMLElement }) => void) | undefined; testid: string }) {
  const all = facts();
  const fact = all.find((one) => one.path === row.fact);
  const own = !fact;
  const { control } = useField(path);
  const offered = fact ? operators[fact.kind] : Object.keys(operatorWords);
  const listed = [...new Set([...offered, row.operator])].filter((one) => one !== (row.operator === "=" ? "$eq" : "="));
  const choose = (path: string) => {
    const next = all.find((one) => one.path === path);
    const operator = next && !operators[next.kind].includes(row.operator) ? operators[next.kind][0]! : row.operator;
    set({ fact: path, operator, value: beginning(operator, next, next?.kind === fact?.kind ? row.value : undefined) });
  };
  return (
    <div class="condition" data-testid={testid}>
      <select {...control} aria-label={t("fact")} value={own ? "" : row.fact} data-testid={`${testid}-fact`} onChange={(event) => (event.currentTarget.value ? choose(event.currentTarget.value) : set({ ...row, fact: "user." }))}>
        {all.map(({ path, name }) => <option key={path} value={path}>{name}</option>)}
        <option value="">{t("otherFact")}</option>
      </select>
      {own && <input aria-label={t("factPath")} value={row.fact} data-testid={`${testid}-path`} onChange={(event) => set({ ...row, fact: event.currentTarget.value })} />}
      <select aria-label={t("operator")} value={row.operator} data-testid={`${testid}-operator`} onChange={(event) => set({ ...row, operator: event.currentTarget.value, value: beginning(event.currentTarget.value, fact, row.value) })}>
        {listed.map((name) => <option key={name} value={name}>{t(operatorWords[name] ?? "is")}</option>)}
      </select>
      <Value row={row} fact={fact} path={[...path, ...trail(row.fact, row.operator).slice(-1)]} set={(value) => set({ ...row, value })} testid={`${testid}-value`} label={`${fact?.name ?? row.fact} · ${t("value")}`} />
      {removed && <button type="button" class="plain small" aria-label={t("removeOne", { name: fact?.name ?? row.fact })} title={t("remove")} data-testid={`${testid}-remove`} onClick={removed}>×</button>}
    </div>
  );
}

export function Condition({ path, when, testid, write = (next) => put(path, next) }: { path: Path; when: unknown; testid: string; write?: (when: unknown) => void }) {
  const id = useId();
  const rows = rowsOf(when ?? {});
  if (!rows) return <p class="hint rest"><span>{t("deepCondition")}</span> <code>{JSON.stringify(when).slice(0, 160)}</code> <InText path={path} /></p>;
  const set = (next: Rows) => write(conditionOf(next));
  const fresh = (taken: Row[]): Row => {
    const all = facts();
    const fact = all.find((one) => one.path === "meter.orders" && !taken.some((row) => row.fact === one.path)) ?? all.find((one) => one.kind === "number" && !taken.some((row) => row.fact === one.path)) ?? all[0]!;
    const operator = operators[fact.kind][0]!;
    return { fact: fact.path, operator, value: beginning(operator, fact) };
  };
  const { any, items } = rows;
  const outer = items.filter((item): item is Row => !isGroup(item));
  const change = (place: number, item: Rows["items"][number] | undefined) => set({ any, items: items.flatMap((one, at) => (at === place ? (item ? [item] : []) : [one])) });
  const focus = (event: { currentTarget: HTMLElement }, selector: string) => {
    const holder = event.currentTarget.closest<HTMLElement>(".conditions");
    requestAnimationFrame(() => [...(holder?.querySelectorAll<HTMLElement>(selector) ?? [])].at(-1)?.focus());
  };
  let groups = -1;
  return (
    <fieldset class="conditions plain-set" aria-labelledby={id} data-testid={testid}>
      {items.length > 1 || any ? (
        <label class="junction"><span id={id}>{t("thoseFor")}</span>
          <select value={any ? "any" : "all"} data-testid={`${testid}-junction`} onChange={(event) => set({ any: event.currentTarget.value === "any", items })}><option value="all">{t("allHold")}</option><option value="any">{t("anyHolds")}</option></select>
        </label>
      ) : <span id={id} class="away">{t("thoseFor")}</span>}
      {items.length === 0 && <p class="hint">{t("noCondition")}</p>}
      {items.map((item, place) => {
        const here = any ? [...path, "$or", place] : path;
        if (!isGroup(item)) return <OneRow key={place} row={item} path={[...here, ...trail(item.fact, item.operator).slice(0, -1)]} testid={`${testid}-${place}`} set={(row) => change(place, row)} removed={items.length > 1 ? (event) => (change(place, undefined), focus(event, ".condition > select:first-child")) : undefined} />;
        groups++;
        const several = items.filter(isGroup).length > 1;
        const beyond = any ? here : several ? [...path, "$and", groups] : path;
        return (
          <fieldset class="inner plain-set" key={place} aria-label={t(any ? "allHold" : "anyHolds")}>
            <span class="hint">{t(any ? "allHold" : "anyHolds")}</span>
            {item.rows.map((row, at) => <OneRow key={at} row={row} path={[...(any ? beyond : [...beyond, "$or", at]), ...trail(row.fact, row.operator).slice(0, -1)]} testid={`${testid}-${place}-${at}`} set={(next) => change(place, { rows: item.rows.map((one, other) => (other === at ? next : one)) })} removed={(event) => (change(place, item.rows.length > 1 ? { rows: item.rows.filter((_, other) => other !== at) } : undefined), focus(event, ".condition > select:first-child"))} />)}
            <button type="button" class="small plain" data-testid={`${testid}-${place}-add`} onClick={() => change(place, { rows: [...item.rows, fresh(item.rows)] })}>{t(any ? "andRow" : "orRow")}</button>
          </fieldset>
        );
      })}
      <Told path={path} />
      <div class="tools">
        <button type="button" class="small" data-testid={`${testid}-add`} onClick={(event) => (set({ any, items: [...items, fresh(outer)] }), focus(event, ".condition > select:first-child"))}>{t(items.length === 0 ? "addCondition" : any ? "orRow" : "andRow")}</button>
        {items.length > 0 && <button type="button" class="small plain" data-testid={`${testid}-group`} onClick={(event) => (set({ any, items: [...items, { rows: [fresh(outer), fresh([...outer, fresh(outer)])] }] }), focus(event, ".condition > select:first-child"))}>{t(any ? "addAllGroup" : "addAnyGroup")}</button>}
      </div>
    </fieldset>
  );
}
