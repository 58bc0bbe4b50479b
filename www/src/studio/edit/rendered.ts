/** What texts say to the shown shopper: each is put to the live engine as it is typed. */
import { effect, signal } from "@preact/signals";
import { good } from "../state/bundle";
import { latest, preview, studio } from "../state/engine";
import { lines } from "../state/people";
import { at, language } from "../state/scene";
import { context } from "../state/seen";

/** By pointer: the text as the shopper reads it; null where it is left out, for want of what it speaks of. */
export const rendered = signal<Record<string, string | null>>({});
/** The texts on screen, by pointer. */
const asked = new Map<string, { template: string; locale: string | undefined }>();
const changed = signal(0);
export const ask = (pointer: string, template: string, locale: string | undefined) => {
  asked.set(pointer, { template, locale });
  changed.value++;
  return () => void asked.delete(pointer);
};

const PROBE = "studio_look";
const MARK = /^⟦(\d+)⟧/;
/** All texts of one language as the blocks of one message, each begun with its number: a block that lacks something is left out. */
const render = async (texts: [string, string][], locale: string) => {
  const { check } = await studio();
  const probe = (blocks: { text: string }[]) => ({ ...good.peek(), campaigns: [...(good.peek()?.campaigns ?? []), { id: PROBE, label: PROBE, class: "service", message: { blocks } }] });
  let blocks = texts.map(([, template], place) => ({ text: `⟦${place}⟧${template}` }));
  let bundle = probe(blocks);
  const faults = (await check(bundle)).filter(({ severity }) => severity === "error").map(({ pointer }) => Number(/^\/campaigns\/\d+\/message\/blocks\/(\d+)/.exec(pointer)?.[1]));
  if (faults.length) bundle = probe((blocks = blocks.filter((_, place) => !faults.includes(place))));
  const result: Record<string, string | null> = {};
  if (!blocks.length) return result;
  const options = { at: new Date(at.peek()).toISOString(), lang: "ko", locale, force: { campaign: PROBE } };
  const { decisions } = await preview(bundle, lines.peek(), options, context.peek());
  texts.forEach(([pointer], place) => !faults.includes(place) && (result[pointer] = null));
  const shown = (decisions as { message?: { blocks?: { text?: string }[] } }[])[0]?.message?.blocks ?? [];
  for (const { text } of shown) {
    const place = MARK.exec(text ?? "");
    if (place) result[texts[Number(place[1])]![0]] = text!.slice(place[0].length);
  }
  return result;
};
const look = latest(async () => {
  if (!good.peek()) return;
  const texts = [...asked].filter(([, { template }]) => /\{[{%]/.test(template));
  const by = (text: { locale: string | undefined }) => text.locale ?? language.peek();
  const found: Record<string, string | null> = {};
  try {
    for (const locale of new Set(texts.map(([, text]) => by(text)))) Object.assign(found, await render(texts.filter(([, text]) => by(text) === locale).map(([pointer, { template }]) => [pointer, template]), locale));
    rendered.value = found;
  } catch {} // what the engine cannot do is told where it is asked for itself
});
/** Looks anew a moment after something changed; ends when the form goes. */
export const beginRendering = () =>
  effect(() => {
    changed.value, good.value, lines.value, at.value, language.value, context.value;
    const timer = setTimeout(() => void look(), 200);
    return () => clearTimeout(timer);
  });
