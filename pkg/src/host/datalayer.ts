/** Listens to GA4's `dataLayer` from its beginning. What is said there is copied at once and understood later, by `ga4.ts`. */
import type { copy } from "./check.js";

/** One entry as it was when it was pushed. `wrong` is the JSON Pointer of the first member that could not be copied. */
export interface Captured {
  at: number;
  /** A `gtag()` command: an `arguments` object, copied as `{ 0: …, 1: … }`. */
  command: boolean;
  entry: unknown;
  wrong: string | undefined;
}

/** Returns what stops it. No exception of ours leaves `push`. */
export const captureDataLayer = (name: string, clock: () => number, copied: typeof copy, take: (entry: Captured) => void): (() => void) => {
  const layer: unknown[] = ((window as any)[name] ??= []);
  const read = (pushed: unknown) => {
    let wrong: string | undefined;
    let entry: unknown;
    try {
      entry = copied(pushed, (_, path, value: any) => {
        // Functions and elements are usual in a data layer: left out in silence.
        if (typeof value != "function" && !value.nodeType) wrong ??= path;
      });
    } catch {
      wrong = "";
    }
    take({ at: clock(), command: {}.toString.call(pushed) == "[object Arguments]", entry, wrong });
  };
  const push = layer.push;
  let live = true;
  const ours = function (this: unknown, ...entries: unknown[]) {
    try {
      if (live) entries.map(read);
    } catch {}
    return push.apply(this as unknown[], entries);
  };
  try {
    layer.map(read);
    layer.push = ours;
  } catch {}
  return () => {
    live = false;
    if (layer.push == ours) layer.push = push;
  };
};
