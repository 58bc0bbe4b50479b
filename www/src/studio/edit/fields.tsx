/** The fields of a form: each writes at its place in the bundle and tells there what the engine finds. What is typed stays, right or wrong. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { findings, zone } from "../state/bundle";
import { toPointer } from "../state/place";
import { lang } from "../words";
import { instant, local, stamp } from "../state/zone";
import { at, insert, list, move, pointer, put, remove, table, type Path } from "./edits";
import { t, type Word } from "./words";

/** What the engine found at a place, or within it. */
export const found = (path: Path, within = true) => {
  const here = pointer(path);
  return findings.value.filter(({ pointer: at }) => at === here || (within && at.startsWith(`${here}/`)));
};
export function Told({ path, within = false, id }: { path: Path; within?: boolean; id?: string }) {
  const all = found(path, within);
  return all.length ? <ul class="told" id={id}>{all.map((one) => <li key={one.pointer + one.code} class={one.severity}>{one[lang.value]}</li>)}</ul> : null;
}
/** What a control at a place says of itself, and the findings that it is described by. */
export const useField = (path: Path) => {
  const id = useId();
  const all = found(path);
  const control = { id, "data-at": pointer(path), ...(all.length && { "aria-describedby": `${id}-told` }), ...(all.some(({ severity }) => severity === "error") && { "aria-invalid": "true" as const }) };
  return { id, control, told: <Told path={path} within id={`${id}-told`} /> };
};

interface Common {
  label: string;
  path: Path;
  value: unknown;
  hint?: string;
  testid?: string;
}
export const Field = ({ id, label, hint, told, children, wide }: { id: string; label: ComponentChildren; hint?: string | undefined; told: ComponentChildren; children: ComponentChildren; wide?: boolean }) => (
  <div class={wide ? "field wide" : "field"}>
    <label for={id}>{label}{hint && <small> {hint}</small>}</label>
    {children}
    {told}
  </div>
);

/** A line of text; empty, it is left out where it may be. */
export function Line({ label, path, value, hint, testid, required, suggestions }: Common & { required?: boolean; suggestions?: string[] }) {
  const { id, control, told } = useField(path);
  return (
    <Field {...{ id, label, hint, told }}>
      <input {...control} value={value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value)} list={suggestions && `${id}-list`} data-testid={testid} onInput={(event) => put(path, event.currentTarget.value || (required ? "" : undefined))} />
      {suggestions && <datalist id={`${id}-list`}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist>}
    </Field>
  );
}

/** Keeps what is typed as it is typed, as long as it means what stands in the bundle. */
const useTyped = (value: unknown, read: (text: string) => unknown, shown: string) => {
  const [typed, setTyped] = useState<string | null>(null);
  return { text: typed !== null && JSON.stringify(read(typed)) === JSON.stringify(value) ? typed : shown, setTyped, leave: () => setTyped(null) };
};
const plainNumber = (text: string) => text.replace(/[,\s]|(?:원|P|점|회|번|개|일|%)$/g, "");
/** A number as a person writes it; what is none stays as text, which the engine then finds. */
export const readNumber = (text: string, scale = 1): unknown => {
  const plain = plainNumber(text);
  if (!plain) return undefined;
  return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? Math.round(Number(plain) * scale * 1e9) / 1e9 : text;
};
export const showNumber = (value: unknown, scale = 1) =>
  typeof value === "number" ? new Intl.NumberFormat("en", { maximumFractionDigits: 9 }).format(value / scale) : value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);

export function NumberInput({ path, value, scale = 1, control, testid, label, set = (next) => put(path, next) }: { path: Path; value: unknown; scale?: number; control?: object; testid?: string | undefined; label?: string; set?: (value: unknown) => void }) {
  const read = (text: string) => readNumber(text, scale);
  const { text, setTyped, leave } = useTyped(value, read, showNumber(value, scale));
  const type = (text: string) => {
    setTyped(text);
    set(read(text));
  };
  return <input {...control} inputMode="decimal" class="number-field" aria-label={label} value={text} data-testid={testid} onInput={(event) => type(event.currentTarget.value)} onBlur={leave} />;
}
export function Amount({ label, path, value, hint, testid, scale, unit }: Common & { scale?: number | undefined; unit?: string | undefined }) {
  const { id, control, told } = useField(path);
  return (
    <Field {...{ id, label, hint, told }}>
      <span class="with-unit"><NumberInput {...{ path, value, control, testid, ...(scale && { scale }) }} />{unit && <span>{unit}</span>}</span>
    </Field>
  );
}

const readNames = (text: string) => text.split(",").map((one) => one.trim()).filter(Boolean);
/** Names with commas between. */
export function Names({ label, path, value, hint, testid }: Common) {
  const { id, control, told } = useField(path);
  const { text, setTyped, leave } = useTyped(value, readNames, Array.isArray(value) ? value.join(", ") : value === undefined ? "" : String(value));
  return <Field {...{ id, label, hint, told }}><input {...control} value={text} placeholder={t("commas")} data-testid={testid} onInput={(event) => (setTyped(event.currentTarget.value), put(path, readNames(event.currentTarget.value)))} onBlur={leave} /></Field>;
}

/** One of several; what stands there and is none of them is kept and named. */
export function Choice({ label, path, value, hint, testid, options, absent, set = (next) => put(path, next, true) }: Common & { options: [string, string][]; absent?: string; set?: (value: string | undefined) => void }) {
  const { id, control, told } = useField(path);
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return (
    <Field {...{ id, label, hint, told }}>
      <select {...control} value={text} data-testid={testid} onChange={(event) => set(event.currentTarget.value || undefined)}>
        {(absent !== undefined || text === "") && <option value="">{absent ?? ""}</option>}
        {options.map(([name, label]) => <option key={name} value={name}>{label}</option>)}
        {text !== "" && !options.some(([name]) => name === text) && <option value={text}>{text}</option>}
      </select>
    </Field>
  );
}
export const Check = ({ label, path, value, testid, set = (next) => put(path, next || undefined, true) }: Omit<Common, "hint"> & { set?: (on: boolean) => void }) => {
  const { control, told } = useField(path);
  return <div class="field"><label class="check"><input type="checkbox" {...control} checked={!!value} data-testid={testid} onChange={(event) => set(event.currentTarget.checked)} />{label}</label>{told}</div>;
};
/** Several of several. */
export function Several({ label, path, value, options, testid }: Common & { options: [string, string][] }) {
  const { id, control, told } = useField(path);
  const chosen = list(value);
  const all = [...options, ...chosen.filter((one) => !options.some(([name]) => name === one)).map((one): [string, string] => [String(one), String(one)])];
  const toggle = (name: string, on: boolean) => {
    const next = on ? [...chosen, name] : chosen.filter((one) => one !== name);
    put(path, next.length ? next : undefined, true);
  };
  return (
    <div class="field wide">
      <fieldset class="checks" aria-labelledby={`${id}-label`} {...control}>
        <legend id={`${id}-label`}>{label}</legend>
        {all.map(([name, said]) => <label class="check" key={name}><input type="checkbox" checked={chosen.includes(name)} data-testid={testid && `${testid}-${name}`} onChange={(event) => toggle(name, event.currentTarget.checked)} />{said}</label>)}
      </fieldset>
      {told}
    </div>
  );
}

const units = ["seconds", "minutes", "hours", "days", "weeks", "months", "years"] as const;
export type Unit = (typeof units)[number];
const letters: Record<Unit, [string, string]> = { seconds: ["PT", "S"], minutes: ["PT", "M"], hours: ["PT", "H"], days: ["P", "D"], weeks: ["P", "W"], months: ["P", "M"], years: ["P", "Y"] };
/** A duration of one unit, as people speak of them. */
export const span = (value: unknown): { amount: string; unit: Unit; back: boolean } | undefined => {
  const [, back, time, amount, letter] = /^(-?)P(T?)(\d+)([SMHDWY])$/.exec(String(value ?? "")) ?? [];
  const unit = units.find((name) => letters[name][0] === `P${time}` && letters[name][1] === letter);
  return unit && { amount: amount!, unit, back: back === "-" };
};
export const duration = (amount: string, unit: Unit, back = false) => `${back ? "-" : ""}${letters[unit][0]}${Number(amount)}${letters[unit][1]}`;
export function Duration({ path, value, control, testid, label, within = ["minutes", "hours", "days", "months", "years"], back, set = (next) => put(path, next) }: {
  path: Path; value: unknown; control?: object; testid?: string | undefined; label: string; within?: Unit[] | undefined; back?: boolean; set?: (value: string | undefined) => void;
}) {
  const now = span(value);
  const [last, setLast] = useState<Unit>(within.includes("days") ? "days" : within[0]!);
  const unit = now?.unit ?? last;
  const type = (text: string) => set(text.trim() === "" ? undefined : /^\d+$/.test(text.trim()) ? duration(text.trim(), unit, back ?? now?.back) : text);
  return (
    <span class="with-unit">
      <input {...control} inputMode="numeric" class="number-field" aria-label={label} value={now ? now.amount : value === undefined ? "" : String(value)} data-testid={testid} onInput={(event) => type(event.currentTarget.value)} />
      <select aria-label={t("unitOf", { label })} value={unit} data-testid={testid && `${testid}-unit`} onChange={(event) => {
        const next = event.currentTarget.value as Unit;
        setLast(next);
        if (now) set(duration(now.amount, next, back ?? now.back));
      }}>
        {[...new Set([...within, unit])].map((name) => <option key={name} value={name}>{t(name)}</option>)}
      </select>
    </span>
  );
}
export function Time({ label, path, value, hint, testid, within, back }: Common & { within?: Unit[]; back?: boolean }) {
  const { id, control, told } = useField(path);
  return <Field {...{ id, label, hint, told }}><Duration {...{ path, value, control, testid, label, within, ...(back !== undefined && { back }) }} /></Field>;
}

/** A day, or a moment of the house: the time may be left out. */
export function Edge({ label, path, value, hint, testid }: Common) {
  const { id, control, told } = useField(path);
  const text = typeof value === "string" ? value : "";
  const ms = /T/.test(text) ? Date.parse(text) : NaN;
  const known = value === undefined || /^\d{4}-\d\d-\d\d$/.test(text) || !Number.isNaN(ms);
  const [day, time] = Number.isNaN(ms) ? [text, ""] : local(ms, zone.value).split("T") as [string, string];
  const set = (day: string, time: string) => put(path, !day ? undefined : time ? stamp(instant(`${day}T${time}`, zone.peek()), zone.peek()) : day);
  return (
    <Field {...{ id, label, hint, told }}>
      {known ? (
        <span class="with-unit edge">
          <input {...control} type="date" value={day} data-testid={testid} onInput={(event) => set(event.currentTarget.value, time)} />
          <input type="time" aria-label={`${label} · ${t("timeOfDay")}`} value={time} disabled={!day} data-testid={testid && `${testid}-time`} onInput={(event) => set(day, event.currentTarget.value)} />
        </span>
      ) : <input {...control} value={typeof value === "string" ? value : JSON.stringify(value)} data-testid={testid} onInput={(event) => put(path, event.currentTarget.value || undefined)} />}
    </Field>
  );
}

/** A group of fields with a heading, which tells what is found of it as a whole. */
export const Group = ({ title, path, children, hint, testid, level = 3 }: { title: ComponentChildren; path: Path; children: ComponentChildren; hint?: string | undefined; testid?: string | undefined; level?: 3 | 4 }) => {
  const id = useId();
  const Title = level === 3 ? "h3" : "h4";
  return (
    <section class="group" aria-labelledby={id} data-testid={testid}>
      <Title id={id} tabIndex={-1} data-at={pointer(path)}>{title}</Title>
      {hint && <p class="hint">{hint}</p>}
      <Told path={path} />
      {children}
    </section>
  );
};

/** A list of which items are added, moved and taken out; the focus stays among them. */
export function Rows({ path, items, name, item, add, children, whole = true, testid, sortable = items.length > 1 }: {
  path: Path; items: any[]; name: string; item: (one: any, place: number) => ComponentChildren; add?: (() => unknown) | undefined; children?: ComponentChildren; whole?: boolean; testid: string; sortable?: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const next = useRef<(() => void) | null>(null);
  const focus = (selector: string) => (next.current = () => place.current?.querySelector<HTMLElement>(selector)?.focus());
  useEffect(() => {
    next.current?.();
    next.current = null;
  });
  return (
    <div class="rows" ref={place}>
      {items.map((one, at) => (
        <div class="item" key={at} data-item={at} data-testid={`${testid}-${at}`}>
          <div class="item-body">{item(one, at)}</div>
          <div class="item-tools">
            {sortable && <button type="button" class="plain" aria-label={t("moveUp", { name: `${name} ${at + 1}` })} disabled={at === 0} data-move="up" data-testid={`${testid}-${at}-up`} onClick={() => (focus(`:scope > [data-item="${at - 1}"] > .item-tools button:not(:disabled)`), move(path, at, at - 1))}>↑</button>}
            {sortable && <button type="button" class="plain" aria-label={t("moveDown", { name: `${name} ${at + 1}` })} disabled={at === items.length - 1} data-testid={`${testid}-${at}-down`} onClick={() => (focus(`:scope > [data-item="${at + 1}"] > .item-tools button:not(:disabled)`), move(path, at, at + 1))}>↓</button>}
            <button type="button" class="plain" aria-label={t("removeOne", { name: `${name} ${at + 1}` })} data-testid={`${testid}-${at}-remove`} onClick={() => (focus(items.length > 1 ? `:scope > [data-item="${Math.min(at, items.length - 2)}"] > .item-tools button:last-child` : ":scope > .tools button, :scope > .tools summary"), remove([...path, at], whole))}>{t("remove")}</button>
          </div>
        </div>
      ))}
      {(add || children) && (
        <div class="tools">
          {add && <button type="button" class="small" data-testid={`${testid}-add`} onClick={() => (focus(`:scope > [data-item="${items.length}"] :is(input, select, textarea)`), insert(path, add()))}>{t("addOne", { name })}</button>}
          {children}
        </div>
      )}
    </div>
  );
}

/** What is chosen once from a list that opens; Escape and whatever else takes the focus close it. */
export function Menu({ label, testid, items }: { label: string; testid: string; items: { name: string; more?: string; testid: string; act: () => void }[] }) {
  const place = useRef<HTMLDetailsElement>(null);
  const close = () => (place.current!.open = false);
  const pressed = ({ key }: KeyboardEvent) => {
    if (key !== "Escape" || !place.current!.open) return;
    close();
    place.current!.querySelector("summary")!.focus();
  };
  const left = ({ relatedTarget }: FocusEvent) => relatedTarget && !place.current!.contains(relatedTarget as Node) && close();
  return (
    <details class="menu" ref={place} onKeyDown={pressed} onFocusOut={left}>
      <summary data-testid={testid}>{label}</summary>
      <ul>{items.map(({ name, more, testid, act }) => <li key={testid}><button type="button" class="plain" data-testid={testid} onClick={() => (close(), act())}>{more ? <><strong>{name}</strong><small>{more}</small></> : name}</button></li>)}</ul>
    </details>
  );
}

/** The languages that texts are written in. */
export const locales = () => {
  const told = list(at(["house", "locales"])).filter((one) => typeof one === "string") as string[];
  return told.length ? told : ["ko", "en"];
};
const tongues: Record<string, string> = { ko: "한국어", en: "English" };
export const tongue = (locale: string) => tongues[locale] ?? locale;

/** What of an object a form has no fields for: named, and led to. */
export const Rest = ({ path, value, known }: { path: Path; value: unknown; known: readonly string[] }) => {
  const others = Object.keys(table(value)).filter((key) => !known.includes(key));
  return others.length ? <p class="hint rest"><span>{t("rest")} {others.map((key) => <code key={key}>{key}</code>)}</span> <InText path={[...path, others[0]!]} /></p> : null;
};
export const InText = ({ path }: { path: Path }) => <button type="button" class="plain small" data-at={pointer(path)} onClick={() => toPointer(pointer(path))}>{t("mendInText")}</button>;
/** What a word of the bundle is called; itself where the Studio has no word for it. */
export const options = (names: readonly string[], prefix = ""): [string, string][] => names.map((name) => [name, t((prefix + name) as Word)]);
