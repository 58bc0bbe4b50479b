/**
 * Where consent comes from besides `consent()`: Google's Consent Mode, IAB's TCF, Shopify. One model for all: who spoke
 * last about a purpose counts. Loaded by pages that have any of them.
 */
import type { Grants, Journal } from "../host/journal.js";
import { readMode } from "./mode.js";
import { followShopify } from "./shopify.js";
import { followTcf } from "./tcf.js";

export interface Feeds {
  /** A `gtag("consent", mode, given)`. */
  mode(mode: unknown, given: unknown): void;
  /** Follows what has come to the page meanwhile. */
  look(): void;
  stop(): void;
}

export const openFeeds = (journal: Journal, report: (code: string, message: string) => void): Feeds => {
  const stops: (() => void)[] = [];
  const timers: ReturnType<typeof setTimeout>[] = [];
  const followed = new Set<string>();
  const read = readMode();
  const safe = (act: () => void) => {
    try {
      act();
    } catch (error) {
      report("consent", "what the page's consent platform says cannot be read: " + error);
    }
  };
  const say = (change: Grants) => {
    const known = journal.grants();
    // Told on every page, so only when it is news.
    if (Object.keys(change).some((purpose) => known[purpose] != change[purpose]))
      void journal.put({ grants: change, line: journal.line("consent") });
  };
  /** Once, when the page has it. */
  const follow = (name: string, api: unknown, how: () => unknown) => {
    if (!api || followed.has(name)) return;
    followed.add(name);
    safe(() => {
      const stop = how();
      if (typeof stop == "function") stops.push(stop as () => void);
    });
  };
  const look = () => {
    const { __tcfapi, Shopify } = window as { __tcfapi?: Function; Shopify?: any };
    follow("tcf", __tcfapi, () => followTcf(__tcfapi!, say));
    const privacy = Shopify?.customerPrivacy;
    follow("shopify", privacy, () => followShopify(privacy, say, safe));
    // It comes only when a page asks for it.
    if (!privacy) follow("load", Shopify?.loadFeatures, () => void Shopify.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], look));
  };
  return {
    mode: (mode, given) => {
      const act = () => safe(() => say(read(mode, given, journal.grants())));
      const wait = mode == "default" ? Number((given as { wait_for_update?: unknown } | null)?.wait_for_update) : 0;
      // The page's assumption waits as long as it says for the shopper's own answer.
      if (wait > 0) timers.push(setTimeout(act, Math.min(wait, 10_000)));
      else act();
    },
    look,
    stop: () => {
      timers.forEach(clearTimeout);
      stops.splice(0).forEach(safe);
    },
  };
};
