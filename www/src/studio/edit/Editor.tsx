/** The bundle as a form or as JSON, with what the engine finds in it at its line; files in and out. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Diagnostic } from "danbi/studio";
import type { Written } from "./text";
import { signal } from "@preact/signals";
import { download } from "../files";
import "./edit.css";
import { Form } from "./Form";
import { canRedo, canUndo, findings, original, parsed, redo, source, undo, write } from "../state/bundle";
import { aimed, opened } from "../state/place";
import { lang } from "../words";
import { t } from "./words";

const LARGEST = 4e6;

const kind = signal<"asForm" | "asText">("asForm");

/** The text itself; the editor is heavy and comes when somebody edits. */
function Text({ editor, lines }: { editor: { current: Written | null }; lines: (lineOf: (pointer: string) => number | undefined) => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    void import("./text").then(({ open, lineOf }) => {
      if (gone) return;
      editor.current = open(place.current!, source.peek(), write);
      lines((pointer) => lineOf(source.peek(), pointer));
    });
    return () => {
      gone = true;
      editor.current?.end();
      editor.current = null;
    };
  }, []);
  return <div ref={place} class="code" data-testid="bundle-text" />;
}

export function Editor() {
  const editor = useRef<Written | null>(null);
  const [wrong, setWrong] = useState("");
  const [lines, setLines] = useState<(pointer: string) => number | undefined>(() => () => undefined);

  useEffect(() => editor.current?.show(source.value), [source.value]);
  useEffect(() => editor.current?.mark(findings.value, lang.value), [findings.value, lang.value, lines]);

  useEffect(() => {
    if (aimed.value === null) return;
    kind.value = "asText";
    if (!editor.current) return;
    editor.current.go(aimed.value);
    aimed.value = null;
  }, [aimed.value, lines]);

  const open = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    if (file.size > LARGEST) return setWrong(t("tooLarge"));
    setWrong("");
    write(await file.text());
  };
  /** To the place of a finding: in the text, which a form may have to give way to. */
  const go = (pointer: string) => {
    const campaign = /^\/campaigns\/(\d+)/.exec(pointer);
    if (kind.value === "asForm" && campaign && "bundle" in parsed.value) opened.value = parsed.value.bundle.campaigns?.[+campaign[1]!]?.id ?? null;
    else editor.current?.go(pointer);
  };
  const now = parsed.value;
  const told: (Diagnostic & { at?: number | undefined })[] = findings.value.map((one) => ({ ...one, at: lines(one.pointer) }));
  const count = (severity: string) => told.filter((one) => one.severity === severity).length;
  return (
    <main id="main" class="edit">
      <section class="text" aria-labelledby="bundle-title">
        <div class="title-row">
          <h2 id="bundle-title">{t("bundle")}</h2>
          <fieldset class="switch" aria-labelledby="bundle-title">
            {(["asForm", "asText"] as const).map((name) => <label key={name}><input type="radio" name="kind" checked={kind.value === name} data-testid={`edit-${name}`} onChange={() => (kind.value = name)} />{t(name)}</label>)}
          </fieldset>
          <div class="tools">
            <button type="button" class="small" disabled={!canUndo.value} data-testid="undo" onClick={undo}>{t("undo")}</button>
            <button type="button" class="small" disabled={!canRedo.value} data-testid="redo" onClick={redo}>{t("redo")}</button>
            <label class="file small">{t("openFile")}<input type="file" accept=".json,application/json" data-testid="bundle-open" onChange={(event) => void open(event.currentTarget)} /></label>
            <button type="button" class="small" data-testid="bundle-save" onClick={() => download("bundle.json", source.value)}>{t("saveFile")}</button>
            <button type="button" class="small plain" data-testid="bundle-first" disabled={source.value === original.value} onClick={() => write(original.value)}>{t("restore")}</button>
          </div>
        </div>
        {wrong && <p role="alert" class="notice bad">{wrong}</p>}
        {kind.value === "asForm" ? <Form /> : <Text editor={editor} lines={(of) => setLines(() => of)} />}
      </section>
      <section class="side" aria-labelledby="checks-title" aria-live="polite">
        <h2 id="checks-title">{t("checks")}</h2>
        {"fault" in now ? <p class="notice bad" data-testid="not-json">{t("notJson", { why: now.fault })}</p> : (
          <p class="counts"><span class={`badge ${count("error") ? "bad" : ""}`}>{t("errors", { n: count("error") })}</span> <span class="badge">{t("warnings", { n: count("warning") })}</span></p>
        )}
        {told.length === 0 && !("fault" in now) && <p class="hint">{t("allGood")}</p>}
        <ul class="findings">
          {told.map((one) => (
            <li key={one.pointer + one.code} class={one.severity} data-testid="finding">
              <button type="button" class="plain" onClick={() => go(one.pointer)}>
                <strong>{one[lang.value]}</strong>
                <small>{one.at && t("line", { n: one.at })} <code>{one.pointer || "/"}</code></small>
              </button>
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}
