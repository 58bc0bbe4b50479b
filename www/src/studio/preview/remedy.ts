/** What a marketer can do about a campaign that does not show, and the press of a button that does it here. */
import { batch } from "@preact/signals";
import type { Described } from "danbi/studio";
import { campaigns, label, pagesWith, slotName, type Json } from "../state/bundle";
import { renumber, setConsent, setMember } from "../state/facts";
import { happen } from "../state/people";
import { at, forced, page } from "../state/scene";
import { named, purposeWord } from "../words";
import { t, type Word } from "./words";

interface Remedy {
  text: string;
  /** What can be tried at once, on the shopper, the page or the clock. */
  act?: { word: string; run: () => void };
}
const toTime = (text: string | null | undefined): Remedy["act"] => {
  const ms = Date.parse(text ?? "");
  return ms > at.value ? { word: t("toThen"), run: () => (at.value = ms) } : undefined;
};
const toPage = (kind: string | undefined): Remedy["act"] => (kind ? { word: t("toPage", { page: named(kind) }), run: () => (page.value = kind) } : undefined);
const priority = (id: string | null) => campaigns.value.find((one) => one.id === id)?.priority ?? 0;
const with_ = (text: string, act: Remedy["act"]): Remedy => ({ text, ...(act && { act }) });

/** By code: one word where a sentence does for it. */
const plain: Record<string, Word> = {
  clock: "remedyClock", not_happened: "remedyHappen", this_visit: "remedyVisit", dwell: "remedyHere", scroll: "remedyHere", exit: "remedyHere", inactivity: "remedyHere", place: "remedyPlace", answer: "remedyAnswer",
  empty: "remedyEmpty", no_offer: "remedyOffer", sold_out: "remedyOffer", price: "remedyOffer", never: "remedyNever", done: "remedyDone", control: "remedyControl", other_tab: "remedyTab",
};
const stages: Record<string, Word> = {
  house: "remedyHouse", consent: "remedyConsent", schedule: "remedySchedule", trigger: "remedyTrigger", targeting: "remedyTargeting", prerequisite: "remedyBefore", frequency: "remedyFrequency", experiment: "remedyExperiment",
};

/** Undefined where it shows. */
export const remedyOf = (verdict: Described): Remedy | undefined => {
  const { campaign, step, variant, slot, stage, code, path, expected, to, next, ends } = verdict;
  switch (true) {
    case stage === "shown": return undefined;
    case stage === "lost": return { text: t("remedyLost", { to: label(to), first: priority(to), own: priority(campaign) }) };
    case code === "member": return with_(t("remedyMember"), { word: t("makeMember"), run: () => setMember(true) });
    case code === "page" || code === "slot" || code === "elsewhere": {
      const kinds = code === "elsewhere" && typeof expected === "string" && path === "context.page.kind" ? [expected] : pagesWith(slot);
      return kinds.length ? with_(t("remedyPage", { pages: kinds.slice(0, 3).map((kind) => named(kind)).join(", ") }), toPage(kinds[0])) : { text: t("remedySlot", { slot: slotName(slot) }) };
    }
    case stage === "consent": {
      const purpose = String(path ?? "").replace(/^consent\./, "");
      return with_(t("remedyConsent", { purpose: purposeWord(purpose) }), purpose ? { word: t("giveConsent"), run: () => setConsent(purpose, true) } : undefined);
    }
    case code === "event" && typeof expected === "string": return with_(t("remedyEvent", { event: expected }), { word: t("addThat"), run: () => happen({ type: "track", event: expected as string }) });
    case code === "over": return { text: t(stage === "schedule" ? "remedyOver" : "remedyPast") };
    case code === "unknown_date": return { text: t(path === "user.birthday" ? "remedyBirthday" : "remedyDate") };
    case stage === "holdout" || code === "coverage": return with_(t(stage === "holdout" ? "remedyHoldout" : "remedyExperiment"), { word: t("renumber"), run: renumber });
    case code === "control": return with_(t("remedyControl"), { word: t("force"), run: () => (forced.value = other(campaign, step, variant)) });
    case code === "this_visit" || code === "session_cap": return with_(t("remedyVisit"), { word: t("halfHour"), run: () => batch(() => {
      at.value += 31 * 6e4;
      happen({ type: "page", properties: { kind: page.peek() } });
    }) });
    case stage === "frequency" || stage === "schedule" || code === "not_yet": return with_(t(stages[stage]!), next ? undefined : toTime(ends));
    default: return { text: t(plain[code] ?? stages[stage] ?? "remedyTargeting") };
  }
};
/** A variant of a campaign that shows something. */
const other = (campaign: string, step: string | null, variant: string | null) => {
  const spec = campaigns.value.find(({ id }) => id === campaign) as Json | undefined;
  const shows = (spec?.variants as { id: string; none?: boolean }[] | undefined)?.find(({ id, none }) => !none && id !== variant);
  return { campaign, step, variant: shows?.id ?? null };
};
