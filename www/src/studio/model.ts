/** What the Studio knows, and what follows from it: one preview by the live engine. Nothing leaves this page; what is kept is its own. */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Decision } from "danbi";
import type { Described, Diagnostic, Preview } from "danbi/studio";
import { everybody, fresh, START, type Line, type Shopper } from "./shoppers";
import { lang } from "./words";
import { DAY, HOUR, MINUTE, stamp } from "./zone";

type Json = Record<string, any>;

// --- what the marketer changes ---

/** The bundle as it is written, and every text before it, for undoing. */
export const source = signal("");
const past: string[] = [];
const ahead: string[] = [];
const steps = signal(0);
export const canUndo = computed(() => (steps.value, past.length > 0));
export const canRedo = computed(() => (steps.value, ahead.length > 0));
let since = 0;
/** Changes the text; what is typed in one breath is undone in one. */
export const write = (text: string) => {
  if (text === source.peek()) return;
  if (Date.now() - since > 800 || !past.length) past.push(source.peek());
  if (past.length > 200) past.shift();
  since = Date.now();
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

export const shoppers = signal<Shopper[]>([]);
export const chosen = signal("seojun");
export const at = signal(START);
/** The page the shopper is on, where the marketer chose another than theirs. */
export const page = signal("my_page");
export const language = signal("ko");
export const forced = signal<{ campaign: string; step: string | null; variant: string | null } | null>(null);
export const frame = signal<"phone" | "narrow" | "tablet" | "desktop" | "kakao">("phone");
export const looks = signal({ dark: false, still: false, large: false, rtl: false, long: false });

// --- what follows ---

export const parsed = computed<{ bundle: Json } | { fault: string }>(() => {
  try {
    return { bundle: JSON.parse(source.value) as Json };
  } catch (error) {
    return { fault: String((error as Error).message) };
  }
});
/** The last bundle in which nothing was wrong: what is shown while a mistake is being mended. */
export const good = signal<Json | null>(null);
export const findings = signal<Diagnostic[]>([]);
export const zone = computed(() => String(good.value?.house?.zone ?? "Asia/Seoul"));
export const shopper = computed(() => shoppers.value.find(({ id }) => id === chosen.value) ?? shoppers.value[0]);

const time = (line: Line) => Date.parse(line.timestamp);
export const inOrder = (lines: Line[]) => [...lines].sort((one, other) => time(one) - time(other));

/** The shopper's lines, and a view of the page they are looked at on where they were on another one last. */
export const lines = computed<Line[]>(() => {
  const who = shopper.value;
  if (!who) return [];
  const own = inOrder(who.lines);
  const happened = own.filter((line) => time(line) <= at.value);
  const kind = happened.findLast(({ type }) => type === "page")?.properties?.kind ?? who.page;
  if (kind === page.value) return own;
  const { userId, anonymousId } = happened.at(-1) ?? who.lines[0] ?? {};
  const view: Line = {
    type: "page", messageId: "studio-page", timestamp: stamp(at.value, zone.value), properties: { kind: page.value },
    ...(userId && { userId }), ...(anonymousId && { anonymousId }), ...(!userId && !anonymousId && { anonymousId: "studio" }),
  };
  return inOrder([...own, view]);
});
/** The shopper comes back, at the moment that the clock shows. */
export const visit = () => happen({ type: "page", properties: { kind: page.peek() } });

/** What a shop's page would tell of itself. */
const context = computed(() => ({ page: { kind: page.value }, ...(frame.value === "kakao" && { inApp: "kakaotalk" }) }));

const studio = () => import("danbi/studio");
export type Seen = Omit<Preview, "verdicts" | "decisions"> & { verdicts: Described[]; decisions: Decision[] };
export const seen = signal<Seen | null>(null);
export const fault = signal<"engine" | null>(null);

/** Runs what is asked last, and never two at once. */
const latest = (run: () => Promise<void>) => {
  let running = false, again = false;
  return async () => {
    if (running) return void (again = true);
    running = true;
    do {
      again = false;
      await run();
    } while (again);
    running = false;
  };
};
const judge = latest(async () => {
  const now = parsed.peek();
  if ("fault" in now) return void (findings.value = []);
  try {
    const { check } = await studio();
    const found = await check(now.bundle);
    findings.value = found;
    if (!found.some(({ severity }) => severity === "error")) good.value = now.bundle;
    fault.value = null;
  } catch {
    fault.value = "engine";
  }
});
const look = latest(async () => {
  const bundle = good.peek();
  if (!bundle || !shopper.peek()) return;
  try {
    const { preview } = await studio();
    const force = forced.peek();
    const options = { at: new Date(at.peek()).toISOString(), lang: lang.peek(), locale: language.peek(), ...(force && { force }) };
    seen.value = (await preview(bundle, lines.peek(), options, context.peek())) as Seen;
    fault.value = null;
  } catch {
    fault.value = "engine";
  }
});
export const begin = () => {
  effect(() => {
    parsed.value;
    const timer = setTimeout(() => void judge(), 150);
    return () => clearTimeout(timer);
  });
  effect(() => {
    good.value, lines.value, at.value, language.value, lang.value, forced.value, context.value;
    void untracked(look);
  });
};

// --- shoppers ---

/** Looks at a shopper as they were when they came. */
export const choose = (id: string) => {
  chosen.value = id;
  const who = shoppers.peek().find((one) => one.id === id);
  if (!who) return;
  at.value = who.own ? Math.max(...who.lines.map(time), 0) || START : START;
  page.value = who.page;
  language.value = who.language;
  forced.value = null;
  frame.value = who.id === "guest" ? "kakao" : frame.peek() === "kakao" ? "phone" : frame.peek();
};
export const change = (id: string, with_: Partial<Shopper>) => {
  shoppers.value = shoppers.peek().map((one) => (one.id === id ? { ...one, ...with_, own: true } : one));
};
export const join = (who: Shopper) => {
  shoppers.value = [...shoppers.peek(), who];
  choose(who.id);
};
export const part = (id: string) => {
  shoppers.value = shoppers.peek().filter((one) => one.id !== id);
  if (chosen.peek() === id) choose(shoppers.peek()[0]?.id ?? "");
};
/** Something more that the shown shopper did. */
export const happen = (...events: (Pick<Line, "type"> & Partial<Line>)[]) => {
  const who = shopper.peek();
  if (!who) return;
  const { userId, anonymousId = userId ? undefined : "studio" } = inOrder(who.lines).findLast((line) => line.userId || line.anonymousId) ?? {};
  const told = events.map((event): Line => ({
    messageId: fresh(), timestamp: stamp(at.peek(), zone.peek()), ...(userId && { userId }), ...(anonymousId && { anonymousId }), ...event,
  }));
  change(who.id, { lines: [...who.lines, ...told] });
};
/** What the shopper did with a message: that it was seen, and the answer. */
export const answer = (decision: Decision, told?: { action: string; value?: unknown; question?: string; more?: boolean }) => {
  const { id = "studio", campaign, step, variant, offer, slot } = decision;
  const of = { decision: id, campaign, step, variant, offer, slot };
  const properties = Object.fromEntries(Object.entries(of).filter(([, value]) => value != null));
  const exposed = lines.peek().some(({ event, properties: of }) => event === "danbi_exposure" && of?.decision === id && of?.campaign === campaign && of?.step === (step ?? undefined));
  const view = lines.peek().find(({ messageId }) => messageId === "studio-page");
  const events: Parameters<typeof happen> = [];
  // The visit in which it was seen is part of the history, too.
  if (view) events.push({ ...view, messageId: fresh() });
  if (!exposed) events.push({ type: "track", event: "danbi_exposure", properties });
  if (told) {
    const { more, ...said } = told;
    events.push({ type: "track", event: "danbi_answer", properties: { ...properties, ...said, ...(more && { partial: true }) } });
  }
  happen(...events);
};

/** Month and day of the birthday that the shown shopper declared. */
export const birthday = computed(() => {
  const told = inOrder(shopper.value?.lines ?? []).findLast(({ properties, traits }) => properties?.birthday ?? traits?.birthday);
  return /(\d\d-\d\d)$/.exec(String(told?.properties?.birthday ?? told?.traits?.birthday ?? ""))?.[1];
});

// --- what is kept, in this browser alone ---

const KEY = "danbi-studio";
/** There is no room to keep what was changed. */
export const full = signal(false);
export const original = signal("");
export const restore = async () => {
  original.value = await (await fetch(new URL("bundles/onsae.json", document.baseURI))).text();
  let kept: { source?: string; shoppers?: Shopper[] } = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {} // what cannot be read is begun anew
  const known = await everybody();
  const own = kept.shoppers ?? [];
  source.value = kept.source ?? original.value;
  shoppers.value = [...known.map((one) => own.find(({ id }) => id === one.id) ?? one), ...own.filter(({ id }) => !known.some((one) => one.id === id))];
  choose("seojun");
  effect(() => {
    const text = source.value === original.value ? undefined : source.value;
    const mine = shoppers.value.filter(({ own }) => own);
    try {
      text || mine.length ? localStorage.setItem(KEY, JSON.stringify({ source: text, shoppers: mine })) : localStorage.removeItem(KEY);
      full.value = false;
    } catch {
      full.value = true;
    }
  });
};
/** A shopper of the demo as they first were. */
export const asFirst = async (id: string) => {
  const first = (await everybody()).find((one) => one.id === id);
  if (!first) return;
  shoppers.value = shoppers.peek().map((one) => (one.id === id ? first : one));
  choose(id);
};
export { DAY, HOUR, MINUTE };
