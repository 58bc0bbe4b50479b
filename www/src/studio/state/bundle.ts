/** The bundle as it is written, and what follows from it. Nothing leaves this page; what is kept is its own. */
import { computed, effect, signal } from "@preact/signals";
import type { Diagnostic } from "danbi/studio";
import { withEngine, latest, studio } from "./engine";
import { named, say } from "../words";

export type Json = Record<string, any>;

/** The bundle as it is written, and every text before it, for undoing. */
export const source = signal("");
/** The bundle that the Studio came with. */
export const original = signal("");
/** The text that changes are told against: the bundle that the Studio came with, or the file that was opened last. */
export const base = signal("");
const past: string[] = [];
const ahead: string[] = [];
const steps = signal(0);
export const canUndo = computed(() => (steps.value, past.length > 0));
export const canRedo = computed(() => (steps.value, ahead.length > 0));
/** So many letters are kept for undoing, the text before always. */
const REMEMBERED = 30e6;
let since = 0;
/** Changes the text; what is typed in one breath is undone in one, what is done `apart` by itself. */
export const write = (text: string, apart = false) => {
  if (text === source.peek()) return;
  if (apart || Date.now() - since > 800 || !past.length) past.push(source.peek());
  for (let letters = past.reduce((sum, { length }) => sum + length, 0); past.length > 200 || (letters > REMEMBERED && past.length > 1); ) letters -= past.shift()!.length;
  since = apart ? 0 : Date.now();
  ahead.length = 0;
  source.value = text;
  steps.value++;
};
const step = (from: string[], to: string[]) => () => {
  const text = from.pop();
  if (text === undefined) return;
  to.push(source.peek());
  since = 0;
  source.value = text;
  steps.value++;
};
export const undo = step(past, ahead);
export const redo = step(ahead, past);

/** The engine reads bundles of so many bytes at most, and no larger text is looked at here. */
const LARGEST = 4e6;
export const isTooLarge = (text: string) => text.length > LARGEST || (text.length * 3 > LARGEST && new TextEncoder().encode(text).length > LARGEST);

export const parsed = computed<{ bundle: Json } | { fault: string; large?: boolean }>(() => {
  if (isTooLarge(source.value)) return { fault: "", large: true };
  try {
    const bundle: unknown = JSON.parse(source.value);
    if (!bundle || typeof bundle !== "object" || Array.isArray(bundle)) return { fault: "{ … }" };
    return { bundle };
  } catch (error) {
    return { fault: String((error as Error).message) };
  }
});
/** The last bundle in which nothing was wrong: what is shown while a mistake is being mended. */
export const good = signal<Json | null>(null);
export const findings = signal<Diagnostic[]>([]);
/** Something in the text is wrong: what is shown is the last bundle in which nothing was. */
export const isBad = computed(() => "fault" in parsed.value || findings.value.some(({ severity }) => severity === "error"));
export const zone = computed(() => String(good.value?.house?.zone ?? "Asia/Seoul"));
export const currency = computed(() => String(good.value?.house?.currency ?? "KRW"));
/** How many of the smallest units make one of the house's currency. */
export const scale = computed(() => 10 ** new Intl.NumberFormat("en", { style: "currency", currency: currency.value }).resolvedOptions().maximumFractionDigits!);
/** What the engine finds, or why it cannot read the bundle at all. */
const check = async (bundle: Json): Promise<Diagnostic[]> => {
  try {
    return await (await studio()).check(bundle);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== "string") throw error;
    return [{ severity: "error", code, pointer: "", ko: message, en: message }];
  }
};
const judge = latest(async () => {
  const now = parsed.peek();
  await withEngine(async () => {
    findings.value = "fault" in now ? [] : await check(now.bundle);
    if (!("fault" in now || isBad.value)) good.value = now.bundle;
    // Where it is broken from the beginning, there is the one that the Studio came with.
    else good.value ??= JSON.parse(original.peek());
  });
});
/** Judges the text a moment after it was changed last. */
export const beginJudging = () =>
  effect(() => {
    parsed.value;
    const timer = setTimeout(() => void judge(), 150);
    return () => clearTimeout(timer);
  });

/** The purposes that campaigns and conditions can ask for: two that always are, and the bundle's `own`. */
export const purposes = (own: unknown): string[] => ["advertising", "personalization", ...(Array.isArray(own) ? own.map(String) : [])];

export interface Campaign extends Json {
  id: string;
  label?: unknown;
  priority?: number;
  slot?: string;
  steps?: { id: string; slot?: string; [key: string]: any }[];
  variants?: { id: string; none?: boolean; [key: string]: any }[];
}
/** The campaigns of the last bundle in which nothing was wrong. */
export const campaigns = computed(() => (good.value?.campaigns ?? []) as Campaign[]);
/** What a campaign is called, in the Studio's language. */
export const label = (id: string | null | undefined) => say(campaigns.value.find((one) => one.id === id)?.label ?? id ?? "");
/** What a decision shows is called: a campaign, or an offer that stands alone. */
export const shownLabel = ({ campaign, offer }: { campaign: string | null; offer: string | null }) =>
  campaign || !offer ? label(campaign) : say((good.value?.offers as Json[] | undefined)?.find(({ id }) => id === offer)?.label ?? offer);
const pageRules = (bundle: Json | null) => Object.entries((bundle?.house?.pages ?? {}) as Record<string, { allow?: string; slots?: string[] }>);
/** The pages of the house that have a slot, or that let something lie over them. */
export const pagesWith = (slot: string, bundle = good.value) => pageRules(bundle)
  .filter(([, { allow, slots }]) => allow !== "none" && (slot === "interruptive" ? allow !== "inline" : !slots || slots.includes(slot))).map(([kind]) => kind);
/** What a slot is called: by the page that has it, where that is one. */
export const slotName = (slot: string) => {
  const having = pageRules(good.value).filter(([, { slots }]) => slots?.includes(slot));
  return having.length === 1 ? named(having[0]![0]) : named(slot);
};
