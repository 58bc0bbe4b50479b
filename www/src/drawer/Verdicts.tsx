import type { Verdict } from "danbi";
import { useEffect, useState } from "preact/hooks";
import { bundleUrl, changes, danbi } from "../shop/danbi";
import { t, type TextKey } from "../shop/i18n";
import { now } from "../shop/clock";
import { clockOffset, lang } from "../shop/store";
import { testids } from "../testids";
import { Rows } from "./Rows";

type Told = Verdict & { label: string; text: string };

/** Loaded when the panel first opens; a plain visit needs neither. */
let bundle: Promise<object> | undefined;
async function tell(verdicts: Verdict[], language: string): Promise<Told[]> {
  bundle ??= fetch(bundleUrl).then((answer) => answer.json());
  bundle.catch(() => (bundle = undefined));
  const { describe } = await import("danbi/studio");
  return describe(await bundle, verdicts, language, now());
}

const states: { [stage: string]: [TextKey, string, number] } = {
  shown: ["showing", "on", 0],
  lost: ["losing", "off", 1],
};
const stateOf = (verdict: Verdict) => states[verdict.stage] ?? (["waiting", "", 2] as const);

const BEAT_MS = 5000;

export function Verdicts() {
  const [list, setList] = useState<Told[]>([]);
  const [failed, setFailed] = useState(false);
  const [beat, setBeat] = useState(0);
  const language = lang.value;

  // Time alone changes verdicts, too.
  useEffect(() => {
    const timer = setInterval(() => setBeat((n) => n + 1), BEAT_MS);
    return () => clearInterval(timer);
  }, []);

  useEffect(() => {
    let current = true;
    const verdicts = danbi.explain();
    tell(verdicts, language)
      .then((told) => { if (current) { setList(told); setFailed(false); } })
      .catch(() => {
        if (!current) return;
        setList(verdicts.map((verdict) => ({ ...verdict, label: verdict.campaign, text: verdict.code })));
        setFailed(true);
      });
    return () => { current = false; };
  }, [changes.value, clockOffset.value, language, beat]);

  // What shows comes first; among equals the engine's order stays.
  const sorted = [...list].sort((a, b) => stateOf(a)[2] - stateOf(b)[2]);
  return (
    <section>
      <h3>{t("verdicts")}</h3>
      <p class="small soft">{t(failed ? "noStudio" : "verdictsText")}</p>
      {list.length === 0 ? <p class="small soft">{t("noVerdicts")}</p> : (
        <ul class="verdicts">
          {sorted.map((verdict) => {
            const [key, tint] = stateOf(verdict);
            const { label, text, skipped = [], ...codes } = verdict;
            return (
              <li key={`${verdict.campaign}/${verdict.step}/${verdict.slot}`} data-testid={testids.verdict(verdict.campaign)}>
                <div class="title-row">
                  <strong>{label}</strong>
                  <span class={`chip ${tint}`} data-testid={testids.verdictState(verdict.campaign)}>{t(key)}</span>
                </div>
                <p>{text}</p>
                {skipped.map((passed) => <p key={passed.step} class="small soft">{passed.step}: {passed.text}</p>)}
                <details>
                  <summary>{t("codes")}</summary>
                  <Rows rows={Object.entries(codes)} />
                </details>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
