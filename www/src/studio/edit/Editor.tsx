/** The bundle as a form or as JSON, with what the engine finds in it at its line and its field; files in and out. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Written } from "./text";
import "./edit.css";
import { Export } from "./Export";
import { Form } from "./Form";
import { linesOf } from "./lines";
import { current, kind, openAt, parts } from "./opened";
import { nameOf } from "./uses";
import { at, keysOf } from "./edits";
import { base, canRedo, canUndo, findings, isTooLarge, original, parsed, redo, source, undo, write } from "../state/bundle";
import { aimed, opened, toField, toPointer } from "../state/place";
import { lang } from "../words";
import { t } from "./words";

/** So many findings are listed; the first mended, the next come. */
const LISTED = 200;

/** The text itself; the editor is heavy and comes when somebody edits. */
function Text({ editor }: { editor: { current: Written | null } }) {
  const place = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let gone = false;
    void import("./text").then(({ open }) => {
      if (gone) return;
      editor.current = open(place.current!, source.peek(), write);
      setReady(true);
    });
    return () => {
      gone = true;
      editor.current?.end();
      editor.current = null;
    };
  }, []);
  useEffect(() => editor.current?.show(source.value), [source.value]);
  useEffect(() => editor.current?.mark(findings.value, lang.value), [findings.value, lang.value, ready]);
  useEffect(() => {
    if (!ready || !aimed.value) return;
    editor.current?.go(aimed.value.pointer);
    aimed.value = null;
  }, [ready, aimed.value]);
  return <div ref={place} class="code" data-testid="bundle-text" />;
}

/** Gives the focus to the field of a pointer, or to what it stands in. */
const focusAt = (wanted: string) => {
  const all = [...document.querySelectorAll<HTMLElement>(".open [data-at]")];
  const fit = (at: string) => wanted === at || wanted.startsWith(`${at}/`) || (at.startsWith(`${wanted}/`) && wanted !== "");
  const near = (at: string) => (wanted === at || wanted.startsWith(`${at}/`) ? at.length + 1 : 0);
  const best = all.filter(({ dataset }) => fit(dataset.at!)).sort((one, other) => near(other.dataset.at!) - near(one.dataset.at!))[0];
  if (!best) return;
  for (let outer = best.parentElement; outer; outer = outer.parentElement) if (outer instanceof HTMLDetailsElement) outer.open = true;
  best.focus();
  if (document.activeElement !== best) best.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
  best.scrollIntoView({ block: "center" });
};

export function Editor() {
  const editor = useRef<Written | null>(null);
  const [wrong, setWrong] = useState("");
  const [exporting, setExporting] = useState(false);

  // What a form changes is undone by the same keys as text, wherever the focus is.
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || !/^[zy]$/i.test(event.key) || (event.target as HTMLElement).closest?.(".cm-editor, dialog")) return;
      event.preventDefault();
      event.shiftKey || event.key.toLowerCase() === "y" ? redo() : undo();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  // What is aimed at is opened first, and has the focus once it is there; the text takes up its own.
  useEffect(() => {
    const aim = aimed.value;
    if (!aim) return;
    kind.value = aim.as === "asForm" && openAt(aim.pointer) ? "asForm" : "asText";
    if (kind.value === "asText") return;
    aimed.value = null;
    requestAnimationFrame(() => focusAt(aim.pointer));
  }, [aimed.value]);
  const campaign = current("campaigns");
  const id = typeof campaign === "number" ? at(["campaigns", campaign, "id"]) : undefined;
  useEffect(() => void (opened.value = typeof id === "string" ? id : null), [id]);

  const open = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    const text = await file.text().catch(() => null);
    if (text === null) return setWrong(t("notRead", { name: file.name }));
    if (isTooLarge(text)) return setWrong(t("tooLarge", { name: file.name, mb: (file.size / 1e6).toFixed(1) }));
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch (error) {
      return setWrong(t("fileNotJson", { name: file.name, why: (error as Error).message }));
    }
    if (!said || typeof said !== "object" || !("bundle" in said) || !("house" in said)) return setWrong(t("notBundle", { name: file.name }));
    setWrong("");
    write(text, true);
    base.value = text;
  };
  const restore = () => {
    write(original.value, true);
    base.value = original.value;
  };
  const now = parsed.value;
  const lines = useMemo(() => ("fault" in now ? [] : linesOf(source.value, findings.value.slice(0, LISTED).map(({ pointer }) => pointer))), [findings.value]);
  const told = findings.value;
  const count = (severity: string) => told.filter((one) => one.severity === severity).length;
  const place = (pointer: string) => {
    const path = keysOf(pointer);
    return path.length && path[0]! in parts ? nameOf(path.slice(0, 2).map((key, at) => (at && /^\d+$/.test(key) && parts[path[0] as "campaigns"] === "list" ? Number(key) : key))) : "";
  };
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <main id="main" class="edit">
      <section class="text" aria-labelledby="bundle-title">
        <div class="title-row">
          <h2 id="bundle-title" ref={heading}>{t("bundle")}</h2>
          <fieldset class="switch" aria-labelledby="bundle-title">
            {(["asForm", "asText"] as const).map((name) => <label key={name}><input type="radio" name="kind" checked={kind.value === name} data-testid={`edit-${name}`} onChange={() => (kind.value = name)} />{t(name)}</label>)}
          </fieldset>
          <div class="tools">
            <button type="button" class="small" disabled={!canUndo.value} data-testid="undo" onClick={undo}>{t("undo")}</button>
            <button type="button" class="small" disabled={!canRedo.value} data-testid="redo" onClick={redo}>{t("redo")}</button>
            <label class="file small">{t("openFile")}<input type="file" accept=".json,application/json" data-testid="bundle-open" onChange={(event) => void open(event.currentTarget)} /></label>
            <button type="button" class="small" data-testid="bundle-save" onClick={() => setExporting(true)}>{t("export")}</button>
            <button type="button" class="small plain" data-testid="bundle-first" disabled={source.value === original.value} onClick={restore}>{t("restore")}</button>
          </div>
        </div>
        {wrong && <p role="alert" class="notice bad" data-testid="import-wrong">{wrong} <button type="button" class="plain small" onClick={() => setWrong("")}>{t("close")}</button></p>}
        {kind.value === "asForm" ? <Form /> : <Text editor={editor} />}
      </section>
      <section class="side" aria-labelledby="checks-title" aria-live="polite">
        <h2 id="checks-title">{t("checks")}</h2>
        {"fault" in now ? <p class="notice bad" data-testid="not-json">{now.large ? t("textTooLarge") : t("notJson", { why: now.fault })} {t("lastGood")}</p> : (
          <p class="counts"><span class={`badge ${count("error") ? "bad" : ""}`}>{t("errors", { n: count("error") })}</span> <span class="badge">{t("warnings", { n: count("warning") })}</span></p>
        )}
        {told.length === 0 && !("fault" in now) && <p class="hint" data-testid="all-good">{t("allGood")}</p>}
        {count("error") > 0 && <p class="hint">{t("lastGood")}</p>}
        <ul class="findings">
          {told.slice(0, LISTED).map((one, at) => (
            <li key={one.pointer + one.code + one.en} class={one.severity} data-testid="finding">
              <button type="button" class="plain" onClick={() => (kind.value === "asForm" ? toField : toPointer)(one.pointer)}>
                <strong>{one[lang.value]}</strong>
                <small>{place(one.pointer)} {lines[at] && t("line", { n: lines[at] })} <code>{one.pointer || "/"}</code></small>
              </button>
            </li>
          ))}
        </ul>
        {told.length > LISTED && <p class="hint">{t("andMore", { n: told.length - LISTED })}</p>}
      </section>
      {exporting && <Export close={() => setExporting(false)} />}
    </main>
  );
}
