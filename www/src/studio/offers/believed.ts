/** What the policy believes of the shown shopper's offers, and what one more answer would change: both asked of the live engine. */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Beliefs, BeliefsOptions } from "danbi/studio";
import { good, pagesWith } from "../state/bundle";
import { fresh, type Line } from "../state/cast";
import { beliefs, latest, withEngine } from "../state/engine";
import { change, lines, record, shopper } from "../state/people";
import { at, language, page } from "../state/scene";
import { context } from "../state/seen";
import { lang } from "../words";

/** The slots that have offers. */
export const slots = computed(() => {
  const { offers = [], campaigns = [] } = good.value ?? {};
  const own = offers.flatMap((offer: { slots?: string[] }) => offer.slots ?? []);
  const told = campaigns.filter((campaign: { offers?: unknown }) => campaign.offers).map((campaign: { slot?: string }) => campaign.slot ?? "interruptive");
  return [...new Set<string>([...own, ...told])];
});
const wanted = signal("");
export const slot = computed(() => (slots.value.includes(wanted.value) ? wanted.value : (slots.value.find((one) => pagesWith(one).includes(page.value)) ?? slots.value[0] ?? "")));
export const lookAt = (name: string) => (wanted.value = name);

export type Answer = NonNullable<BeliefsOptions["then"]>["answer"];
export const believed = signal<Beliefs | null>(null);
export const supposed = signal<{ offer: string; answer: Answer; beliefs: Beliefs } | null>(null);
/** What was added to the history last. */
const added = signal<{ id: string; before: Line[]; after: Line[] } | null>(null);
/** It was the last thing that happened to the shopper. */
export const justAdded = computed(() => added.value !== null && shopper.value?.lines === added.value.after);

const ask = (then?: BeliefsOptions["then"]) => {
  const options = { at: new Date(at.peek()).toISOString(), lang: lang.peek(), locale: language.peek(), slot: slot.peek(), ...(then && { then }) };
  return beliefs(good.peek(), lines.peek(), options, context.peek());
};
const look = latest(async () => {
  if (!good.peek() || !shopper.peek()) return;
  await withEngine(async () => {
    believed.value = await ask();
  });
});
/** Asks anew whenever something changes that the policy could know of. */
export const beginAsking = () =>
  effect(() => {
    good.value, lines.value, at.value, language.value, lang.value, context.value, slot.value;
    supposed.value = null;
    void untracked(look);
  });

export const suppose = (offer: string, answer: Answer) =>
  withEngine(async () => {
    supposed.value = { offer, answer, beliefs: await ask({ offer, answer, id: fresh() }) };
  });
/** Makes what was supposed part of the shopper's history, and looks at the moment at which it counts. */
export const keep = () => {
  const then = supposed.peek(), who = shopper.peek();
  if (!then || !who) return;
  record(then.beliefs.lines as unknown as Line[]);
  at.value = Date.parse(then.beliefs.at);
  added.value = { id: who.id, before: who.lines, after: shopper.peek()!.lines };
};
export const takeBack = () => {
  const { id, before } = added.peek()!;
  change(id, { lines: before });
  added.value = null;
};
