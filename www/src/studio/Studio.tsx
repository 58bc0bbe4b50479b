import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Moment } from "./Moment";
import { Shoppers } from "./Shoppers";
import { Stage } from "./Stage";
import { Why } from "./Why";
import { Calendar } from "./Calendar";
import { Editor } from "./Editor";
import { link, LONG, follow } from "./share";
import { findings, full, fault } from "./model";
import { lang, speak, t, type Word } from "./words";

const tabs = ["preview", "edit", "calendar"] as const satisfies Word[];
const tab = signal<(typeof tabs)[number]>("preview");

/** How many mistakes the bundle has, told wherever one is. */
const Mistakes = () => {
  const errors = findings.value.filter(({ severity }) => severity === "error").length;
  return errors ? <span class="badge bad">{errors}</span> : null;
};

/** What is said of a link, made or followed. */
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
  if (location.hash.startsWith("#s=") && !(await follow(location.hash))) told.value = { text: t("brokenLink"), bad: true };
};

export function Studio() {
  useEffect(() => {
    const changed = () => void arrive();
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return (
    <>
      <a class="skip" href="#main">{t("skip")}</a>
      <header class="top">
        <h1>{t("studio")}</h1>
        <nav aria-label={t("studio")}>
          {tabs.map((name) => (
            <button key={name} type="button" aria-current={tab.value === name ? "page" : undefined} data-testid={`tab-${name}`} onClick={() => (tab.value = name)}>
              {t(name)}{name === "edit" && <Mistakes />}
            </button>
          ))}
        </nav>
        <div class="end">
          <button type="button" data-testid="share" onClick={() => void share()}>{t("share")}</button>
          <a href="./index.html">{t("toShop")}</a>
          <button type="button" class="plain" lang={lang.value === "ko" ? "en" : "ko"} data-testid="lang" onClick={() => speak(lang.value === "ko" ? "en" : "ko")}>{lang.value === "ko" ? "English" : "한국어"}</button>
        </div>
      </header>
      {full.value && <p role="alert" class="notice bad">{t("notSaved")}</p>}
      {fault.value === "engine" && <p role="alert" class="notice bad">{t("engineFailed")}</p>}
      {told.value && (
        <div role="status" class={`notice ${told.value.bad ? "bad" : ""}`} data-testid="told">
          <p>{told.value.text}</p>
          {told.value.link && <input readonly value={told.value.link} aria-label={t("shareHere")} onFocus={(event) => event.currentTarget.select()} />}
        </div>
      )}
      {tab.value === "preview" ? (
        <main id="main" class="preview">
          <Shoppers />
          <div class="middle">
            <Moment />
            <Stage />
          </div>
          <Why />
        </main>
      ) : tab.value === "edit" ? (
        <main id="main" class="edit"><Editor /></main>
      ) : (
        <main id="main" class="alone"><Calendar /></main>
      )}
    </>
  );
}
