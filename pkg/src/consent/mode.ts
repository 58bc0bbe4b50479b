/** Google's Consent Mode v2, as `gtag("consent", …)` puts it on the data layer. */
import type { Grants } from "../host/journal.js";
import type { Grant } from "../types.js";

const KEYS: { [purpose: string]: string[] } = {
  analytics: ["analytics_storage"],
  functional: ["functionality_storage"],
  personalization: ["personalization_storage"],
  advertising: ["ad_storage", "ad_user_data", "ad_personalization"],
};

/**
 * `update` is the shopper's answer. `default` is what the page assumes until there is one: `granted` counts where nobody
 * has answered yet, `denied` leaves it unknown, which is denied too, but signals wait for the answer and what an earlier
 * visit allowed is not erased by each new page. Where a region is named we cannot know whether it is the shopper's: a
 * regional `denied` counts everywhere, a regional `granted` nowhere. A purpose of several keys is granted if all those
 * named so far are.
 */
export const readMode = () => {
  const state: { [key: string]: unknown } = {};
  /** Denied by default in some region. */
  const regional = new Set<string>();
  /** Answered: no default counts any more. */
  const answered = new Set<string>();
  return (mode: unknown, given: any, known: Grants): Grants => {
    const change: Grants = {};
    if ((mode != "default" && mode != "update") || !given || typeof given != "object") return change;
    for (const purpose of Object.keys(KEYS)) {
      const keys = KEYS[purpose]!;
      for (const key of keys) {
        const said = given[key];
        if (said != "granted" && said != "denied") continue;
        if (mode == "update") answered.add(key);
        else {
          if (answered.has(key)) continue;
          if (given.region && said == "denied") regional.add(key);
          if (given.region ? said == "granted" : regional.has(key)) continue;
        }
        state[key] = said;
      }
      if (!keys.some((key) => key in given)) continue;
      const named = keys.filter((key) => key in state);
      const grant: Grant = named[0] && named.every((key) => state[key] == "granted") ? "granted" : "denied";
      if (mode == "update" ? named[0] : grant == "granted" && (known[purpose] ?? "unknown") == "unknown") change[purpose] = grant;
    }
    return change;
  };
};
