/** The bundle as a file: first what changed in it, in words and by line, then the download. */
import { useEffect, useRef, useState } from "preact/hooks";
import { base, findings, parsed, source } from "../state/bundle";
import { download } from "../files";
import { applyEdits, modify } from "jsonc-parser";
import { put } from "./edits";
import { changes, lineChanges, shown, type Change } from "./difference";
import { t } from "./words";

const SHOWN = 200;
const read = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
/** The text as the shop is to have it: without the tests of the Studio, unless they are wanted. */
const forShop = (text: string, suites: boolean) => {
  const bundle = read(text) as { suites?: unknown } | undefined;
  return suites || bundle?.suites === undefined ? text : applyEdits(text, modify(text, ["suites"], undefined, {}));
};

function InWords({ all }: { all: Change[] }) {
  const places = [...new Set(all.map(({ place }) => place))];
  return (
    <dl class="changes" data-testid="export-words">
      {places.slice(0, SHOWN).map((place) => (
        <div key={place}>
          <dt>{place}</dt>
          {all.filter((one) => one.place === place).slice(0, 40).map((one, at) => (
            <dd key={at} class={one.kind}>
              <span class="badge">{t(one.kind)}</span> {one.field && <strong>{one.field}</strong>}{" "}
              {one.from !== undefined && <del>{shown(one.from)}</del>}{one.from !== undefined && one.to !== undefined && " → "}{one.to !== undefined && <ins>{shown(one.to)}</ins>}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

export function Export({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [suites, setSuites] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const now = parsed.value;
  const text = forShop(source.value, suites);
  const before = forShop(base.value, suites);
  const bundle = "bundle" in now ? now.bundle : undefined;
  const all = bundle ? changes(read(before), read(text)) : undefined;
  const lines = "large" in now && now.large ? [] : lineChanges(before, text);
  const errors = findings.value.filter(({ severity }) => severity === "error").length;
  const name = `${/^[\w.-]{1,60}$/.test(String(bundle?.bundle)) ? bundle!.bundle : "bundle"}${typeof bundle?.version === "number" ? `-${bundle.version}` : ""}.json`;
  const save = () => {
    download(name, text);
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="export" aria-labelledby="export-title" onClose={close} data-testid="export">
      <article>
        <header class="title-row">
          <h2 id="export-title">{t("exportTitle")}</h2>
          <button type="button" class="plain" data-testid="export-close" onClick={() => dialog.current?.close()}>{t("close")}</button>
        </header>
        {!bundle ? <p class="notice bad">{t("exportNotJson")}</p> : errors > 0 && <p class="notice bad" data-testid="export-errors">{t("exportErrors", { n: errors })}</p>}
        {all && (all.length ? <><p class="hint">{t("exportChanges", { n: all.length })}</p><InWords all={all} /></> : <p class="hint" data-testid="export-same">{t("exportSame")}</p>)}
        {bundle && all!.length > 0 && Number.isInteger(bundle.version) && bundle.version === (read(before) as { version?: unknown } | undefined)?.version && (
          <p class="title-row hint"><span>{t("sameVersion", { n: bundle.version })}</span><button type="button" class="small" data-testid="export-version" onClick={() => put(["version"], bundle.version + 1, true)}>{t("raiseVersion", { n: bundle.version + 1 })}</button></p>
        )}
        {lines.length > 0 && <details class="more"><summary data-testid="export-lines-open">{t("byLine", { n: lines.filter((line) => !line.startsWith("@@")).length })}</summary><pre class="lines" tabIndex={0} data-testid="export-lines">{lines.slice(0, 2000).map((line, place) => <span key={place} class={line[0] === "+" ? "in" : line[0] === "-" ? "out" : ""}>{line}{"\n"}</span>)}</pre></details>}
        <footer class="title-row">
          {bundle?.suites !== undefined ? <label class="check"><input type="checkbox" checked={suites} data-testid="export-suites" onChange={(event) => setSuites(event.currentTarget.checked)} />{t("withSuites")}</label> : <span class="hint">{t("exportHint")}</span>}
          <button type="button" class="main" data-testid="export-save" onClick={save}>{t("exportSave", { name })}</button>
        </footer>
      </article>
    </dialog>
  );
}
