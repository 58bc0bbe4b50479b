/** What the shopper would see, by the live engine. */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Decision } from "danbi";
import type { Described, Preview } from "danbi/studio";
import { good } from "./bundle";
import { latest, preview, withEngine } from "./engine";
import { lines, shopper } from "./people";
import { at, forced, frame, language, page, soldOut } from "./scene";
import { lang } from "../words";

/** What a shop's page would tell of itself. */
export const context = computed(() => ({
  page: { kind: page.value },
  ...(frame.value === "kakao" && { inApp: "kakaotalk" }),
  ...(soldOut.value.length > 0 && { items: Object.fromEntries(soldOut.value.map((id) => [id, { stock: 0 }])) }),
}));

export type Seen = Omit<Preview, "verdicts" | "decisions"> & { verdicts: Described[]; decisions: Decision[] };
export const seen = signal<Seen | null>(null);
const look = latest(async () => {
  const bundle = good.peek();
  if (!bundle || !shopper.peek()) return;
  await withEngine(async () => {
    const force = forced.peek();
    const options = { at: new Date(at.peek()).toISOString(), lang: lang.peek(), locale: language.peek(), ...(force && { force }) };
    seen.value = (await preview(bundle, lines.peek(), options, context.peek())) as Seen;
  });
});
/** Looks anew whenever something changes that the page could show. */
export const beginLooking = () =>
  effect(() => {
    good.value, lines.value, at.value, language.value, lang.value, forced.value, context.value;
    void untracked(look);
  });
