/** What is kept, in this browser alone. */
import { effect, signal } from "@preact/signals";
import { base, original, source } from "./bundle";
import { everybody, type Shopper } from "./cast";
import { choose, shoppers } from "./people";

const KEY = "danbi-studio";
/** There is no room to keep what was changed. */
export const full = signal(false);
export const restore = async () => {
  const read = async (name: string) => (await fetch(new URL(`bundles/${name}`, document.baseURI))).text();
  // What shoppers download has no suites; they stand in a file of their own.
  const [bundle, suites] = await Promise.all([read("onsae.json"), read("onsae.suites.json")]);
  original.value = `${bundle.trimEnd().slice(0, -1).trimEnd()},${suites.trimStart().slice(1)}`;
  let kept: { source?: string; base?: string; shoppers?: Shopper[] } = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {} // what cannot be read is begun anew
  const known = await everybody();
  const own = kept.shoppers ?? [];
  source.value = kept.source ?? original.value;
  base.value = kept.base ?? original.value;
  shoppers.value = [...known.map((one) => own.find(({ id }) => id === one.id) ?? one), ...own.filter(({ id }) => !known.some((one) => one.id === id))];
  choose("seojun");
  effect(() => {
    const text = source.value === original.value ? undefined : source.value;
    const other = base.value === original.value ? undefined : base.value;
    const mine = shoppers.value.filter(({ own }) => own);
    try {
      text || other || mine.length ? localStorage.setItem(KEY, JSON.stringify({ source: text, base: other, shoppers: mine })) : localStorage.removeItem(KEY);
      full.value = false;
    } catch {
      full.value = true;
    }
  });
};
