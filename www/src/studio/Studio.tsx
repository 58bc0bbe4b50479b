/** The frame of the Studio: its parts as tabs, what is told of links, room and engine. */
import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { download } from "./files";
import { findings, isBad } from "./state/bundle";
import { fault, refusal } from "./state/engine";
import { unkept, unread } from "./state/kept";
import { tab, type Tab } from "./state/place";
import { failing } from "./state/proof";
import { follow, link, LONG } from "./state/share";
import { Preview } from "./preview/Preview";
import { lang, speak, t } from "./words";

/** The preview is there at once; the other parts are fetched when they are opened first. */
const tabs = {
  preview: async () => Preview,
  edit: async () => (await import("./edit/Editor")).Editor,
  check: async () => (await import("./check/Check")).Check,
  sheet: async () => (await import("./sheet/Sheet")).Sheet,
  calendar: async () => (await import("./calendar/Calendar")).Calendar,
  simulate: async () => (await import("./simulate/Simulate")).Simulate,
  offers: async () => (await import("./offers/Offers")).Offers,
} satisfies Partial<Record<Tab, () => Promise<FunctionComponent>>>;

const part = signal<FunctionComponent>(Preview);
const open = async (name: Tab) => {
  try {
    const found = await tabs[name as keyof typeof tabs]();
    if (tab.peek() === name) part.value = found;
  } catch {
    told.value = { text: t("partFailed"), bad: true };
  }
};

/** How many mistakes the bundle has, told wherever one is. */
const Mistakes = () => {
  const errors = findings.value.filter(({ severity }) => severity === "error").length;
  return errors ? <span class="badge bad">{errors}</span> : null;
};
/** How many expectations are not met, told wherever one is. */
const Failing = () => (failing.value ? <span class="badge bad" data-testid="failing">{failing.value}</span> : null);

/** What is said of a link, made or followed, and of a part that did not come. */
const told = signal<{ text: string; bad?: boolean; link?: string } | null>(null);
async function share() {
  const made = await link();
  const text = made.length > LONG ? t("sharedLong", { n: made.length }) : t("shared");
  try {
    await navigator.clipboard.writeText(made);
    told.value = { text, bad: made.length > LONG };
  } catch {
    told.value = { text: t("shareHere"), link: made };
  }
}
/** Takes up the link that the Studio was opened with. */
export const arrive = async () => {
  const word = location.hash.startsWith("#s=") ? await follow(location.hash) : null;
  if (word) told.value = { text: t(word), bad: true };
};

export function Studio() {
  useEffect(() => {
    const changed = () => void arrive();
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  useEffect(() => void open(tab.value), [tab.value]);
  const Part = part.value;
  return (
    <>
      <a class="skip" href="#main">{t("skip")}</a>
      <header class="top">
        <h1>{t("studio")}</h1>
        <nav aria-label={t("studio")}>
          {(Object.keys(tabs) as (keyof typeof tabs)[]).map((name) => (
            <button key={name} type="button" aria-current={tab.value === name ? "page" : undefined} data-testid={`tab-${name}`} onClick={() => (tab.value = name)}>
              {t(name)}{name === "edit" && <Mistakes />}{name === "check" && <Failing />}
            </button>
          ))}
        </nav>
        <div class="end">
          <button type="button" data-testid="share" onClick={() => void share()}>{t("share")}</button>
          <a href="./index.html">{t("toShop")}</a>
          <button type="button" class="plain" lang={lang.value === "ko" ? "en" : "ko"} data-testid="lang" onClick={() => speak(lang.value === "ko" ? "en" : "ko")}>{lang.value === "ko" ? "English" : "한국어"}</button>
        </div>
      </header>
      {unkept.value && <p role="alert" class="notice bad" data-testid="unkept">{t(unkept.value === "full" ? "notSaved" : "notAllowed")}</p>}
      {unread.value !== null && (
        <div role="alert" class="notice bad" data-testid="unread">
          <p>{t("unread")}</p>
          <button type="button" class="small" onClick={() => download("danbi-studio.json", unread.value!)}>{t("saveFile")}</button>
        </div>
      )}
      {isBad.value && tab.value !== "edit" && <p role="status" class="notice" data-testid="last-good">{t("lastGood")}</p>}
      {refusal.value && <p role="alert" class="notice bad" data-testid="refusal">{t("engineRefused", { why: refusal.value })}</p>}
      {fault.value && <p role="alert" class="notice bad">{t("engineFailed")}</p>}
      {told.value && (
        <div role="status" class={`notice ${told.value.bad ? "bad" : ""}`} data-testid="told">
          <p>{told.value.text}</p>
          {told.value.link && <input readonly value={told.value.link} aria-label={t("shareHere")} onFocus={(event) => event.currentTarget.select()} />}
        </div>
      )}
      <Part />
    </>
  );
}
