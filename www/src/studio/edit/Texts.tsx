/** A text in the languages of the house, with what the shown shopper reads, and variables put in at the caret. */
import { useEffect, useRef, useState } from "preact/hooks";
import { shopper } from "../state/people";
import { lang } from "../words";
import { pointer, put, table, type Path } from "./edits";
import { Field, locales, tongue, useField } from "./fields";
import { particles, variables, written } from "./facts";
import { ask, rendered } from "./rendered";
import { t } from "./words";

/** Puts a variable together, and at the place where the text was left. */
function Picker({ locale, write, testid }: { locale: string; write: (text: string) => void; testid: string }) {
  const all = variables();
  const [path, setPath] = useState(all[0]!.path);
  const variable = all.find((one) => one.path === path) ?? all[0]!;
  const standard = locale === "en" ? variable.fallback.en : locale === "ko" ? variable.fallback.ko : "";
  const [fallback, setFallback] = useState<string | null>(null);
  const [particle, setParticle] = useState("");
  const after = locale === "ko" && !particle ? (variable.after ?? "") : "";
  const text = written(variable, fallback ?? standard, particle) + after;
  return (
    <div class="picker" data-testid={`${testid}-picker`}>
      <div class="row">
        <label class="field">{t("variable")}
          <select value={variable.path} data-testid={`${testid}-variable`} onChange={(event) => (setPath(event.currentTarget.value), setFallback(null))}>
            {all.map(({ path, name }) => <option key={path} value={path}>{name}</option>)}
          </select>
        </label>
        <label class="field">{t("fallback")}
          <input value={fallback ?? standard} data-testid={`${testid}-fallback`} onInput={(event) => setFallback(event.currentTarget.value)} />
        </label>
        {locale === "ko" && (
          <label class="field">{t("particle")}
            <select value={particle} data-testid={`${testid}-particle`} onChange={(event) => setParticle(event.currentTarget.value)}>
              <option value="">{t("none")}</option>
              {particles.map((pair) => <option key={pair} value={pair}>{pair}</option>)}
            </select>
          </label>
        )}
        <button type="button" data-testid={`${testid}-insert`} onClick={() => write(text)}>{t("putIn")}</button>
      </div>
      <code class="template">{text}</code>
    </div>
  );
}

function Tongue({ label, path, value, locale, long, variables: offered, result, testid, set }: { label: string; path: Path; value: unknown; locale: string | undefined; long: boolean; variables: boolean; result: boolean; testid: string; set: (text: string) => void }) {
  const { id, control, told } = useField(path);
  const [picks, setPicks] = useState(false);
  const place = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const at = pointer(path);
  useEffect(() => (result ? ask(at, text, locale) : undefined), [result, at, text, locale]);
  const write = (more: string) => {
    const input = place.current!;
    const start = input.selectionStart ?? text.length, end = input.selectionEnd ?? start;
    set(text.slice(0, start) + more + text.slice(end));
    setPicks(false);
    requestAnimationFrame(() => {
      input.focus();
      input.setSelectionRange(start + more.length, start + more.length);
    });
  };
  const common = { ...control, ref: place, value: text, lang: locale, "data-testid": testid, onInput: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value) };
  const shown = result && /\{[{%]/.test(text) ? rendered.value[at] : undefined;
  return (
    <Field wide id={id} told={told} label={label}>
      {long ? <textarea rows={1} {...common} /> : <input {...common} />}
      {shown !== undefined && <p class="result" data-testid={`${testid}-result`}><span>{t("reads", { name: shopper.value?.name[lang.value] ?? "" })}</span> {!shown ? <em>{t(shown === null ? "leftOut" : "emptyText")}</em> : <q>{shown}</q>}</p>}
      {offered && <button type="button" class="plain small" aria-expanded={picks} data-testid={`${testid}-open`} onClick={() => setPicks(!picks)}>{t("addVariable")}</button>}
      {offered && picks && <Picker locale={locale ?? "ko"} write={write} testid={testid} />}
    </Field>
  );
}

/** One text; where the bundle has only one for all languages, it becomes one for each as soon as they differ. */
export function Texts({ label, path, value, long = false, optional = false, line = false, variables = false, result = variables, testid }: { label: string; path: Path; value: unknown; long?: boolean; optional?: boolean; line?: boolean; variables?: boolean; result?: boolean; testid: string }) {
  const known = table(value);
  const all = [...new Set([...locales(), ...Object.keys(known)])];
  const set = (locale: string) => (text: string) => {
    const next = typeof value === "string" ? Object.fromEntries(all.map((one) => [one, one === locale ? text : value])) : { ...Object.fromEntries(all.map((one) => [one, known[one] ?? ""])), [locale]: text };
    if (optional && Object.values(next).every((one) => one === "")) return put(path, undefined);
    return value && typeof value === "object" && locale in known ? put([...path, locale], text) : put(path, next);
  };
  return (
    <div class="texts">
      {all.map((locale) => (
        <Tongue key={locale} label={`${label} · ${tongue(locale)}`} path={typeof value === "string" ? path : [...path, locale]} value={typeof value === "string" ? value : known[locale]} locale={locale} long={!line && (long || variables || optional)} variables={variables} result={result} testid={`${testid}-${locale}`} set={set(locale)} />
      ))}
    </div>
  );
}
