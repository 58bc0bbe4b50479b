/** The contact sheet ("한눈에 보기"): messages by shoppers, to look at, to download, to print. */
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { download } from "../files";
import { campaigns, good, label, zone } from "../state/bundle";
import type { Shopper } from "../state/cast";
import type { Told } from "../state/messages";
import { shoppers } from "../state/people";
import { at } from "../state/scene";
import { lang, moment, say } from "../words";
import { cell, columns, dark, fill, leave, only, progress, rows, spoken, without, type Cell } from "./run";
import "./sheet.css";
import { t } from "./words";

/** Whether it shows, in a sentence. */
export const verdict = ({ state, text, name }: Cell) =>
  state === "shows" ? t("shows") : state === "variant" ? t("variantIs", { name }) : state === "step" ? (text ? `${name}: ${text}` : t("stepIs", { name })) : state === "gone" ? t("gone") : text;
/** `S1 · A·B`. */
export const which = ({ step, variants }: Told) => [step, variants.join("·")].filter(Boolean).join(" · ");

function One({ told, who }: { told: Told; who: Shopper }) {
  const one = cell(told, who).value;
  if (!one) return <td class="coming" aria-busy={!!progress.value} />;
  return (
    <td data-testid={`cell-${told.campaign}-${told.step ?? ""}-${told.variant ?? ""}-${who.id}`} class={one.state}>
      {one.shot ? <img src={one.shot.url} width={one.shot.width} height={one.shot.height} alt={one.shot.says} /> : <p class="empty">{t("empty")}</p>}
      <p class="mark">{one.state === "shows" ? <span class="badge winner">{t("shows")}</span> : verdict(one)} {one.partial && <span class="badge">{t("partial")}</span>}</p>
    </td>
  );
}

const wrong = signal(false);
async function save() {
  wrong.value = false;
  try {
    const { picture } = await import("./png");
    const chosen = only.peek() ?? campaigns.peek()[0]?.id;
    download(`danbi-${chosen === "*" ? "sheet" : chosen}.png`, await picture(rows(), columns(), `${t("sheet")} · ${t("at", { moment: moment(at.peek(), zone.peek()) })}`));
  } catch {
    wrong.value = true;
  }
}

export function Sheet() {
  const asked = rows(), people = columns(), all = shoppers.value;
  const languages = spoken.value, going = progress.value;
  // Anew for whatever changes the pictures or the verdicts; those before are gone at once, not a frame later.
  useLayoutEffect(() => void fill(), [good.value, only.value, without.value, languages, dark.value, at.value, all, lang.value]);
  useEffect(() => leave, []);
  const toggle = (id: string) => {
    const next = new Set(without.value);
    next.delete(id) || next.add(id);
    without.value = next;
  };
  const whole = asked.every((told) => people.every((who) => cell(told, who).value));
  return (
    <main id="main" class="sheet" aria-labelledby="sheet-title">
      <div class="title-row">
        <h2 id="sheet-title">{t("sheet")}</h2>
        <div class="tools">
          <select aria-label={t("campaign")} value={only.value ?? campaigns.value[0]?.id} data-testid="sheet-campaign" onChange={(event) => (only.value = event.currentTarget.value)}>
            <option value="*">{t("allCampaigns")}</option>
            {campaigns.value.map(({ id, label }) => <option key={id} value={id}>{say(label)} ({id})</option>)}
          </select>
          <fieldset class="switch" aria-label={t("language")}>
            {(["own", "ko", "en"] as const).map((name) => (
              <label key={name}><input type="radio" name="spoken" checked={languages === name} data-testid={`sheet-${name}`} onChange={() => (spoken.value = name)} />{name === "own" ? t("own") : name === "ko" ? "한국어" : "English"}</label>
            ))}
          </fieldset>
          <label class="check"><input type="checkbox" checked={dark.value} data-testid="sheet-dark" onChange={() => (dark.value = !dark.value)} />{t("dark")}</label>
          <details class="chosen">
            <summary>{t("people", { n: people.length, of: all.length })}</summary>
            <div>
              <button type="button" class="small plain" onClick={() => (without.value = new Set())}>{t("everyone")}</button>
              {all.map(({ id, name, about }) => <label key={id} class="check"><input type="checkbox" checked={!without.value.has(id)} data-testid={`sheet-who-${id}`} onChange={() => toggle(id)} />{name[lang.value]} <small>{about[lang.value]}</small></label>)}
            </div>
          </details>
          <button type="button" disabled={!whole || !people.length} data-testid="sheet-png" onClick={() => void save()}>{t("png")}</button>
          <button type="button" disabled={!whole} onClick={() => print()}>{t("print")}</button>
        </div>
      </div>
      <p class="hint">{t("sheetText")} {t("partialText")} {t("at", { moment: moment(at.value, zone.value) })}</p>
      {wrong.value && <p role="alert" class="notice bad">{t("pngFailed")}</p>}
      <div role="status" class="state">
        {going ? <><label class="going">{t("going", going)}<progress value={going.done} max={going.of} /></label> <button type="button" class="small" data-testid="sheet-stop" onClick={leave}>{t("stop")}</button></>
          : !people.length ? <p class="hint">{t("nobody")}</p>
          : !whole && good.value && <p class="hint">{t("stopped")} <button type="button" class="small" onClick={() => void fill()}>{t("again")}</button></p>}
      </div>
      {people.length > 0 && (
        <div class="across" role="region" aria-label={t("table")} tabIndex={0}>
          <table data-testid="sheet">
            <thead><tr><th scope="col">{t("message")}</th>{people.map(({ id, name, about }) => <th key={id} scope="col">{name[lang.value]}<small>{about[lang.value]}</small></th>)}</tr></thead>
            <tbody>
              {asked.map((told) => (
                <tr key={told.pointer}>
                  <th scope="row">{label(told.campaign)}<small>{which(told)}</small></th>
                  {people.map((who) => <One key={who.id} told={told} who={who} />)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}
