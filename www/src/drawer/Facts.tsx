import { useEffect, useState } from "preact/hooks";
import { changes, collector, danbi, forget } from "../shop/danbi";
import { points, t, tierName, won, type TextKey } from "../shop/i18n";
import { testids } from "../testids";
import { Rows } from "./Rows";

const grants: { [grant: string]: TextKey } = { granted: "granted", denied: "denied", unknown: "unknown" };
/** The purposes that the shop names; a bundle may have its own. */
const purposes = new Set(["functional", "analytics", "personalization", "advertising"]);

async function download() {
  const text = JSON.stringify(await danbi.export(), null, 2);
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "onsae-danbi.json";
  link.click();
  URL.revokeObjectURL(url);
}

/** Erasing asks once more, in place: in-app browsers block `confirm()`. */
function Erase() {
  const [state, setState] = useState<"idle" | "asking" | "done">("idle");
  if (state === "asking") {
    return (
      <div role="group" aria-label={t("eraseData")}>
        <p class="small">{t("eraseAsk")}</p>
        <div class="actions">
          <button type="button" class="button slim" data-testid={testids.factsEraseConfirm} onClick={() => void forget().then(() => setState("done"))}>{t("eraseDo")}</button>
          <button type="button" class="button quiet slim" onClick={() => setState("idle")}>{t("back")}</button>
        </div>
      </div>
    );
  }
  return (
    <div class="actions">
      <button type="button" class="button quiet slim" data-testid={testids.factsExport} onClick={() => void download()}>{t("exportData")}</button>
      <button type="button" class="button quiet slim" data-testid={testids.factsErase} onClick={() => setState("asking")}>{t("eraseData")}</button>
      <span class="small soft" role="status">{state === "done" && t("erased")}</span>
    </div>
  );
}

export function Facts() {
  changes.value; // read, so that this part draws again when danbi's answers change
  const [state, setState] = useState<Awaited<typeof danbi.ready> | null>(null);
  useEffect(() => { void danbi.ready.then(setState); }, []);
  const profile = danbi.profile();
  const progress = danbi.progress();
  const consents = Object.entries(profile?.consent ?? {}).map(([purpose, grant]): [string, string] =>
    [purposes.has(purpose) ? t(purpose as TextKey) : purpose, t(grants[grant] ?? "unknown")]);
  const earned = Object.entries(progress?.currencies ?? {}).flatMap(([id, currency]): [string, string][] => [
    [`${id} · ${t("usable")}`, points(currency.active)],
    [`${id} · ${t("pending")}`, points(currency.pending)],
  ]);
  const tiers = Object.entries(progress?.tiers ?? {}).map(([id, tier]): [string, string] => [
    id,
    tier.next ? `${tierName(tier.level)} → ${tierName(tier.next)} ${won(tier.remaining)} (${tier.percent}%)` : tierName(tier.level),
  ]);
  // A meter counted by key gets a row for each key, named as conditions name it.
  const meters = Object.entries(profile?.meters ?? {}).flatMap(([id, meter]): [string, unknown][] =>
    typeof meter === "number" ? [[id, meter]] : Object.entries(meter).map(([key, value]) => [`${id}.${key}`, value]));
  return (
    <section class="facts">
      <h3>{t("facts")}</h3>
      <Rows
        rows={[
          [t("who"), profile?.userId ?? t("nobody")],
          [t("audiences"), profile?.audiences.join(", ") || t("none")],
        ]}
      />
      <h4>{t("consentState")}</h4>
      <Rows rows={consents} />
      <h4>{t("progress")} · {t("projected")}</h4>
      <div data-testid={testids.factsProgress}><Rows rows={[...tiers, ...earned]} /></div>
      <h4>{t("meters")}</h4>
      <div data-testid={testids.factsMeters}><Rows rows={meters} /></div>
      <h4>{t("engine")}</h4>
      <dl class="rows">
        <dt>{t("engine")}</dt>
        <dd data-testid={testids.factsEngine}>{state === null ? t("starting") : state.engine ? t("ready") : `${t("unavailable")} ${state.reason ?? ""}`}</dd>
        <dt>{t("storage")}</dt>
        <dd data-testid={testids.factsStorage}>{state === null ? t("starting") : t(state.storage ? "onDevice" : "inMemory")}</dd>
        <dt>{t("sending")}</dt>
        <dd>{collector ?? t("sendsNowhere")}</dd>
      </dl>
      <Erase />
    </section>
  );
}
