/** Where the shopper is: the Navigation API where there is one, else the History API. */
import type { Listen, Stop } from "./listen.js";

/** The same text is the same page: campaign parameters and places on the page (`#reviews`) make no other one, a hash route (`#/cart`) does. */
const place = (): string => {
  const query = new URLSearchParams(location.search);
  for (const key of [...query.keys()]) if (/^utm_|^_gl$|clid$/.test(key)) query.delete(key);
  return location.pathname + "?" + query + (/^#!?\//.test(location.hash) ? location.hash : "");
};

/** The path of this page, with its hash route and without anything that is asked of either. */
export const route = (): string => location.pathname + (/^#!?(\/[^?]*)/.exec(location.hash)?.[0] ?? "");

/** Calls back when another page is shown, or this one `returned` from the back-forward cache. */
export const watchRoutes = (listen: Listen, safe: (act: () => void) => void, moved: (returned?: boolean) => void): Stop => {
  let last = place();
  const check = () => {
    const now = place();
    if (now == last) return;
    last = now;
    moved();
  };
  listen(window, "popstate hashchange", check);
  listen(window, "pageshow", ({ persisted }) => persisted && moved(true));
  const { navigation } = window as { navigation?: EventTarget & { currentEntry?: unknown } };
  // A shop's own variable or `<nav id="navigation">` may stand there.
  if (navigation?.currentEntry) {
    listen(navigation, "currententrychange", check);
    return () => {};
  }
  let live = true;
  const undo = (["pushState", "replaceState"] as const).map((name) => {
    const before = history[name];
    const own = Object.hasOwn(history, name);
    const ours = function (this: History, ...all: Parameters<History["pushState"]>) {
      const result = before.apply(this, all);
      if (live) safe(check);
      return result;
    };
    safe(() => (history[name] = ours));
    return () => {
      // Who wrapped ours meanwhile still needs it.
      if (history[name] == ours) own ? (history[name] = before) : delete (history as Partial<History>)[name];
    };
  });
  return () => {
    live = false;
    undo.forEach(safe);
  };
};
