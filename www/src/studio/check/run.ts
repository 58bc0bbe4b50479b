/** The pre-launch check: what the engine finds in the bundle, what is measured of each message as it is drawn, whom it reaches, what it may cost. */
import { computed, signal } from "@preact/signals";
import type { Message } from "danbi";
import type { Described, Exposure, SimulationResult } from "danbi/studio";
import type { Flaw } from "../frame/measure";
import { passedBy, STAGES } from "../preview/words";
import { campaigns, findings, good, pagesWith, zone, type Json } from "../state/bundle";
import type { Shopper } from "../state/cast";
import { studio, withEngine } from "../state/engine";
import { blocksOf, breathe, messagesOf, outOfSight, pageOf, seenBy, type Told } from "../state/messages";
import { shoppers } from "../state/people";
import { at } from "../state/scene";
import { stamp } from "../state/zone";
import { lang } from "../words";

type Severity = "error" | "warning" | "advice";
/** Where something was found. */
export interface Where {
  pointer: string;
  told?: Told;
  locale?: string;
}
/** Something found, wherever it was: the same fault of several messages is one. */
export interface Found {
  severity: Severity;
  code: string;
  element: string;
  more: Record<string, unknown>;
  where: Where[];
}

/** How much room the narrowest phone has. */
export const WIDTH = 320, HEIGHT = 640;

/** The campaign that is looked at; all of them where it is none. */
export const only = signal<string | null>(null);
/** How far the measuring is; none while nothing is measured. */
export const progress = signal<{ done: number; of: number } | null>(null);
interface Measured {
  /** The bundle that was measured, and the campaign. */
  bundle: Json;
  only: string | null;
  found: Found[];
  messages: number;
  over: number;
  locales: string[];
  drawn: number;
  controls: number;
  /** The smallest of them, in pixels. */
  smallest: number;
  people: number;
  reached: number;
  asked: number;
  exposures: Exposure[];
}
export const measured = signal<Measured | null>(null);
/** What was measured is of another bundle than the one that is there now. */
export const stale = computed(() => !!measured.value && (measured.value.bundle !== good.value || measured.value.only !== only.value));

const severity: Record<Flaw["code"], Severity> = { overflow: "error", clipped: "error", noClose: "error", contrast: "error", axe: "error", small: "warning", tall: "advice" };

/** Past whom it is for: what stops it then is not that nobody is meant. */
const MEANT = STAGES.indexOf("prerequisite");

let turn = 0, end = () => {};
export const cancel = () => {
  turn++;
  end();
  progress.value = null;
};

/** How far each campaign comes at a moment, and with whom: of the shoppers, each on every page that has a place for what is asked about. */
async function furthest(bundle: Json, people: Shopper[], asked: Told[], moment: number, alive: () => boolean) {
  const pages = asked.flatMap(({ slot }) => pagesWith(slot, bundle));
  const nearest = new Map<string, { verdict: Described; who: Shopper; page: string }>();
  for (const who of people)
    for (const page of new Set([who.page, ...pages])) {
      const { verdicts } = await pageOf(bundle, who, { at: moment, zone: zone.peek(), lang: lang.peek(), locale: who.language, page });
      for (const verdict of verdicts) {
        const known = nearest.get(verdict.campaign);
        // Of two who come as far, the one whom time alone brings further.
        const ahead = known ? passedBy(verdict) - passedBy(known.verdict) || Number(!known.verdict.next && !!verdict.next) : 1;
        if (ahead > 0) nearest.set(verdict.campaign, { verdict, who, page });
      }
      await breathe();
      if (!alive()) return nearest;
    }
  return nearest;
}
/** More moments than this are not tried for campaigns that time alone may bring. */
const MOMENTS = 3;

/** So many synthetic shoppers live so many days where none of the known ones is meant. */
const SYNTHETIC = { shoppers: 200, days: 30, seed: 1 };
/** How many of them a campaign was due for; none where nothing could be simulated. */
async function simulated(bundle: Json): Promise<((id: string) => number) | null> {
  try {
    const { begin } = await import("../simulate/run");
    const run = begin({ bundle, request: { ...SYNTHETIC, from: stamp(at.peek(), zone.peek()) } }, () => {});
    const given = new Promise<null>((resolve) => (end = () => (run.end(), resolve(null))));
    const line = await Promise.race([run.line, given]);
    if (line === null) return null;
    const { campaigns } = JSON.parse(line) as SimulationResult;
    return (id) => campaigns[id]?.eligible ?? 0;
  } catch {
    return null;
  } finally {
    end = () => {};
  }
}

/** How many of the campaigns are for somebody: among the shoppers, now or when they could show next, or among synthetic ones; the others are told. */
async function reach(bundle: Json, people: Shopper[], asked: Told[], alive: () => boolean, tell: (found: Found) => void) {
  const ids = [...new Set(asked.map(({ campaign }) => campaign))];
  const now = await furthest(bundle, people, asked, at.peek(), alive);
  const missed = (of: typeof now, id: string) => (of.has(id) ? passedBy(of.get(id)!.verdict) < MEANT : true);
  let left = ids.filter((id) => missed(now, id));
  const moments = new Set(left.flatMap((id) => now.get(id)?.verdict.next ?? []).map((next) => Date.parse(next)));
  for (const moment of [...moments].slice(0, MOMENTS)) {
    const then = await furthest(bundle, people, asked.filter(({ campaign }) => left.includes(campaign)), moment, alive);
    left = left.filter((id) => missed(then, id));
  }
  const synthetic = left.length ? await simulated(bundle) : null;
  if (synthetic) left = left.filter((id) => !synthetic(id));
  for (const id of left) {
    const near = now.get(id), first = asked.find(({ campaign }) => campaign === id)!;
    if (near) tell({
      severity: "advice", code: synthetic ? "nobodyAtAll" : "nobody", element: "", where: [{ pointer: first.pointer, told: { ...first, step: null, variants: [] } }],
      more: { ...SYNTHETIC, people: people.length, ko: near.who.name.ko, en: near.who.name.en, shopper: near.who.id, page: near.page, text: near.verdict.text },
    });
  }
  return ids.length - left.length;
}

export async function run() {
  const bundle = good.peek(), chosen = only.peek(), own = ++turn;
  if (!bundle) return;
  const alive = () => own === turn;
  const asked = messagesOf(campaigns.peek()).filter(({ campaign }) => !chosen || campaign === chosen);
  const locales = ((bundle.house?.locales ?? ["ko", "en"]) as string[]).filter((locale) => /^(ko|en)\b/.test(locale));
  const people = shoppers.peek();
  const of = asked.length * locales.length;
  progress.value = { done: 0, of };
  const found: Found[] = [];
  const tell = (one: Found) => {
    const same = found.find(({ code, element, more }) => code === one.code && element === one.element && JSON.stringify(more) === JSON.stringify(one.more));
    if (!same) found.push(one);
    else for (const where of one.where) if (!same.where.some(({ pointer, locale }) => pointer === where.pointer && locale === where.locale)) same.where.push(where);
  };
  let drawn = 0, controls = 0, smallest = Infinity, over = 0, frame: Awaited<ReturnType<typeof outOfSight>> | undefined;
  await withEngine(async () => {
    const { exposure } = await studio();
    const exposures = (await exposure(bundle)).filter(({ campaigns }) => !chosen || !campaigns || campaigns.includes(chosen));
    frame = await outOfSight(WIDTH, HEIGHT);
    const { page, paint } = frame;
    const moment = { at: at.peek(), zone: zone.peek(), lang: lang.peek() };
    let order = people;
    for (const told of asked) {
      // Who has most of what the message speaks of: nothing that can be said in it goes unmeasured.
      let best: { who: Shopper; message: Message } | undefined;
      for (const who of order) {
        const { message } = await seenBy(bundle, who, told, { ...moment, locale: locales[0]! });
        if (message && (!best || JSON.stringify(message).length > JSON.stringify(best.message).length)) best = { who, message };
        await breathe();
        if (!alive()) return;
        if (message && message.blocks.length >= blocksOf(bundle, told)) break;
      }
      // Who has what one message speaks of mostly has what the next one does.
      if (best) order = [best.who, ...people.filter((who) => who !== best.who)];
      for (const locale of locales) {
        const message = locale === locales[0] ? best?.message : best && (await seenBy(bundle, best.who, told, { ...moment, locale })).message;
        const where = [{ pointer: told.pointer, told, locale }];
        if (!message) tell({ severity: "advice", code: "notDrawn", element: "", more: { people: people.length }, where });
        else {
          const flaws: Flaw[] = [];
          const look = async (looks: { dark?: boolean; long?: boolean }, axe?: "all" | "contrast") => {
            await paint(message, looks);
            const found = await page.measure!({ lang: lang.peek(), layout: !looks.dark, ...(axe && { axe }) });
            flaws.push(...found.flaws.map((flaw) => ({ ...flaw, more: { ...flaw.more, ...(looks.dark && { dark: 1 }), ...(looks.long && { long: 1 }) } })));
            if (axe === "all") controls += found.controls.length;
            smallest = Math.min(smallest, ...found.controls);
            await breathe();
          };
          await look({}, "all");
          if (alive()) await look({ dark: true }, "contrast");
          if (alive()) await look({ long: true });
          if (!alive()) return;
          // What is so as it is written is not told again of its longer words.
          const plain = new Set(flaws.filter(({ more }) => !more.long).map(({ code }) => code));
          for (const { code, element, more } of flaws)
            if (!more.long || /^(overflow|clipped)$/.test(code) && !plain.has(code)) tell({ severity: severity[code], code, element, more, where });
          drawn++;
          if (message.form !== "card" && locale === locales[0]) over++;
        }
        progress.value = { done: progress.peek()!.done + 1, of };
      }
    }
    const reached = await reach(bundle, people, asked, alive, tell);
    if (!alive()) return;
    measured.value = { bundle, only: chosen, found, messages: asked.length, over, locales, drawn, controls, smallest: Math.round(smallest), people: people.length, reached, asked: new Set(asked.map(({ campaign }) => campaign)).size, exposures };
  });
  frame?.close();
  if (alive()) progress.value = null;
}

const rank = { error: 0, warning: 1, advice: 2 };
/** The engine's findings of what is looked at, and what was measured, the gravest first. */
export const listed = computed<Found[]>(() => {
  const all = messagesOf(campaigns.value);
  const place = campaigns.value.findIndex(({ id }) => id === only.value);
  const own = findings.value.filter(({ pointer }) => !only.value || pointer.startsWith(`/campaigns/${place}/`) || !pointer.startsWith("/campaigns/"));
  const facts = own.map(({ severity, code, pointer, ko, en }): Found => {
    const told = all.filter((one) => pointer.startsWith(`${one.pointer}/`)).pop();
    return { severity, code, element: "", more: { ko, en, engine: 1 }, where: [{ pointer, ...(told && { told }) }] };
  });
  const { found = [], exposures = [] } = measured.value ?? {};
  const paid = exposures.find(({ kind, cash, currency }) => kind !== "budget" && cash > 0 && currency && !exposures.some((one) => one.kind === "budget" && one.currency === currency));
  const open: Found[] = paid ? [{ severity: "advice", code: "noBudget", element: paid.currency!, more: {}, where: [{ pointer: /^\/programs\/\d+/.exec(paid.pointer)![0] }] }] : [];
  return [...facts, ...found, ...open].sort((one, other) => rank[one.severity] - rank[other.severity]);
});
