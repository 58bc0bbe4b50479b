/** The shopper's page in a device. */
import { useEffect, useRef, useState } from "preact/hooks";
import { campaigns, good, shownLabel, type Campaign } from "../state/bundle";
import { answer, happen } from "../state/people";
import { forced, frame, frames, language, looks, page } from "../state/scene";
import { seen } from "../state/seen";
import { named, say } from "../words";
import { t } from "./words";
import type { Scene } from "../frame/main";

const sizes = { phone: [390, 780], narrow: [320, 640], tablet: [820, 1000], desktop: [1280, 860], kakao: [390, 780] } satisfies Record<(typeof frames)[number], [number, number]>;
/** How high the bar of an in-app browser is. */
const BAR = 48;
const looking = ["dark", "still", "large", "rtl", "long"] as const;

/** The message of a campaign that is forced first: its first step, its first variant that shows something. */
const first = (campaign: Campaign | undefined) => campaign && { campaign: campaign.id, step: campaign.steps?.[0]?.id ?? null, variant: campaign.variants?.find(({ none }) => !none)?.id ?? null };

const Mode = () => (
  <fieldset class="switch small" aria-label={t("mode")}>
    <label><input type="radio" name="mode" checked={!forced.value} data-testid="mode-visitor" onChange={() => (forced.value = null)} />{t("visitor")}</label>
    <label><input type="radio" name="mode" checked={!!forced.value} data-testid="mode-force" onChange={() => (forced.value = first(campaigns.value[0]) ?? null)} />{t("force")}</label>
  </fieldset>
);

/** What is forced, in red: nothing of it is lived. */
function Forced() {
  const pick = forced.value;
  if (!pick) return null;
  const spec = campaigns.value.find(({ id }) => id === pick.campaign);
  return (
    <div role="status" class="notice force">
      <p>{t("forceBanner")}</p>
      <div class="row">
        <select aria-label={t("forceWhich")} value={pick.campaign} data-testid="force-campaign" onChange={(event) => (forced.value = first(campaigns.value.find(({ id }) => id === event.currentTarget.value)) ?? null)}>
          {campaigns.value.map(({ id, label }) => <option key={id} value={id}>{say(label)}</option>)}
        </select>
        {spec?.steps && (
          <select aria-label={t("step")} value={pick.step ?? ""} data-testid="force-step" onChange={(event) => (forced.value = { ...pick, step: event.currentTarget.value })}>
            {spec.steps.map(({ id }) => <option key={id} value={id}>{t("step")} {id}</option>)}
          </select>
        )}
        {spec?.variants && (
          <select aria-label={t("variant")} value={pick.variant ?? ""} onChange={(event) => (forced.value = { ...pick, variant: event.currentTarget.value })}>
            {spec.variants.filter(({ none }) => !none).map(({ id }) => <option key={id} value={id}>{t("variant")} {id}</option>)}
          </select>
        )}
      </div>
    </div>
  );
}

export function Stage() {
  const iframe = useRef<HTMLIFrameElement>(null);
  const holder = useRef<HTMLDivElement>(null);
  const [loaded, setLoaded] = useState(0);
  const [room, setRoom] = useState({ width: 600, height: 600 });
  const [width, height] = sizes[frame.value];
  const shown = seen.value;

  useEffect(() => {
    const ready = () => setLoaded((count) => count + 1);
    addEventListener("danbi-frame", ready);
    const watch = new ResizeObserver(([entry]) => setRoom(entry!.contentRect));
    watch.observe(holder.current!);
    return () => (removeEventListener("danbi-frame", ready), watch.disconnect());
  }, []);

  const kind = page.value;
  useEffect(() => {
    if (!shown) return;
    const rule = good.value?.house?.pages?.[kind] as { slots?: string[] } | undefined;
    const slots = [...new Set([...(rule?.slots ?? []), ...shown.decisions.map(({ slot }) => slot).filter((slot) => slot !== "interruptive")])];
    const sender = good.value?.house?.adLabel?.sender as Record<string, string> | undefined;
    const scene: Scene = {
      shop: sender?.[language.value] ?? say(sender ?? ""), title: named(kind, language.value), lang: language.value, slots, looks: looks.value, nothing: t(forced.value ? "emptyForced" : "nothing"),
      decisions: shown.decisions,
      ...(kind === "store" && {
        codes: {
          stores: Object.keys((good.value?.places ?? {}) as object), label: t("storeCode"), button: t("storeCodeEnter"),
          enter: (store: string) => happen({ type: "track", event: "store_code_entered", properties: { store } }),
        },
      }),
    };
    const page = iframe.current, had = document.activeElement;
    // What opens in the device takes the focus there: who is at work beside it keeps it.
    const back = () => document.activeElement === page && had !== page && (had as HTMLElement | null)?.focus({ preventScroll: true });
    void page?.contentWindow?.paint?.(scene, (decision, told) => {
      const { url: _, stay: __, ...said } = told;
      // Forced is not lived: nothing of it is history.
      if (!forced.peek()) answer(decision, said);
    }).then(back, () => {});
    back();
  }, [loaded, shown, looks.value, kind, language.value, frame.value]);

  // The whole device in sight, the way out of a sheet at its lower edge too.
  const whole = height + (frame.value === "kakao" ? BAR : 0);
  // On a small screen it is as wide as there is room for: that is scrolled in any case.
  const scale = Math.min(1, (room.width - 2) / width, room.width < 480 ? 1 : Math.max(440, room.height - 2) / whole);
  return (
    <section class="stage" aria-label={t("preview")}>
      <div class="tools looks">
        <Mode />
        <fieldset class="switch small" aria-label={t("frame")}>
          {frames.map((name) => <label key={name}><input type="radio" name="device" checked={frame.value === name} data-testid={`device-${name}`} onChange={() => (frame.value = name)} />{t(name)}</label>)}
        </fieldset>
        <fieldset class="switch small" aria-label={t("looks")}>
          {looking.map((name) => (
            <label key={name}><input type="checkbox" checked={looks.value[name]} data-testid={`look-${name}`} onChange={() => (looks.value = { ...looks.value, [name]: !looks.value[name] })} />{t(name)}</label>
          ))}
        </fieldset>
      </div>
      <Forced />
      <div ref={holder} class="holder">
        <div class={`device ${frame.value}`} style={{ inlineSize: `${width * scale}px`, blockSize: `${whole * scale}px` }}>
          <div style={{ transform: `scale(${scale})`, inlineSize: `${width}px` }} class="scaled">
            {frame.value === "kakao" && <div class={`kakao-bar ${looks.value.dark ? "dark" : ""}`} style={{ blockSize: `${BAR}px` }} aria-hidden="true"><span>×</span> onsae.example <span>⋮</span></div>}
            <iframe ref={iframe} src="./frame.html" title={t("preview")} width={width} height={height} data-testid="frame" />
          </div>
        </div>
      </div>
      <div class="tools foot">
        <span class="hint">{width} × {height}{scale < 1 && ` · ${Math.round(scale * 100)}%`}</span>
        {!forced.value && shown && (
          <>
            <span class="hint">{t("answered")}</span>
            {shown.decisions.map((decision) => <button key={decision.slot} type="button" class="small" data-testid={`seen-${decision.campaign ?? decision.offer}`} onClick={() => answer(decision)}>{t("seen")}: {shownLabel(decision)}</button>)}
          </>
        )}
      </div>
    </section>
  );
}
