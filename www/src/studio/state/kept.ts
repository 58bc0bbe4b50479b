/** What is kept, in this browser alone. */
import { effect, signal } from "@preact/signals";
import { base, original, source } from "./bundle";
import { everybody } from "./cast";
import { choose, shoppers, take } from "./people";
import { isRecord, isShopper } from "./trust";

const KEY = "danbi-studio";
/** Why what was changed is not kept: there is no room for it, or this browser keeps nothing. */
export const unkept = signal<"full" | "denied" | null>(null);
/** What was kept and cannot be read: it stays until something is changed here. */
export const unread = signal<string | null>(null);

/** What was kept; throws where it cannot be read. */
const read = (text: string) => {
  const kept: unknown = JSON.parse(text);
  if (!isRecord(kept)) throw new Error("no object");
  const { source, base, shoppers = [] } = kept;
  const isText = (given: unknown): given is string | undefined => given === undefined || typeof given === "string";
  if (!isText(source) || !isText(base) || !Array.isArray(shoppers) || !shoppers.every(isShopper)) throw new Error("not what was kept");
  return { source, base, shoppers };
};
const remembered = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // this browser keeps nothing, which is told once there is something to keep
  }
};

const fetched = async (name: string) => {
  const reply = await fetch(new URL(`bundles/${name}`, document.baseURI));
  if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
  return reply.text();
};

export const restore = async () => {
  // What shoppers download has no suites; they stand in a file of their own.
  const [bundle, suites] = await Promise.all(["onsae.json", "onsae.suites.json"].map(fetched));
  original.value = `${bundle!.trimEnd().slice(0, -1).trimEnd()},${suites!.trimStart().slice(1)}`;
  shoppers.value = await everybody();
  source.value = base.value = original.value;
  const text = remembered();
  try {
    if (text !== null) {
      const kept = read(text);
      source.value = kept.source ?? original.value;
      base.value = kept.base ?? original.value;
      take(kept.shoppers);
    }
  } catch {
    unread.value = text;
  }
  choose("seojun");
  effect(() => {
    const text = source.value === original.value ? undefined : source.value;
    const other = base.value === original.value ? undefined : base.value;
    const mine = shoppers.value.filter(({ own }) => own);
    const changed = text !== undefined || other !== undefined || mine.length > 0;
    if (unread.value !== null && !changed) return;
    unread.value = null;
    try {
      changed ? localStorage.setItem(KEY, JSON.stringify({ source: text, base: other, shoppers: mine })) : localStorage.removeItem(KEY);
      unkept.value = null;
    } catch (error) {
      unkept.value = !changed ? null : (error as Error).name === "QuotaExceededError" ? "full" : "denied";
    }
  });
};
