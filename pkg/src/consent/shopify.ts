/** Shopify's customer privacy. */
import type { Grants } from "../host/journal.js";
import type { Grant } from "../types.js";

/** What is asked, and the key of the visitor's own answer. */
const ASK: [purposes: string[], allowed: string, own: string][] = [
  [["analytics"], "analyticsProcessingAllowed", "analytics"],
  [["functional", "personalization"], "preferencesProcessingAllowed", "preferences"],
  [["advertising"], "marketingAllowed", "marketing"],
];

/**
 * Shopify's judgement counts, which knows the visitor's region: allowed is granted. What is not allowed is denied only if
 * the visitor said so; else nobody has answered yet. Who opts out of the sale of data gets no promotions.
 */
const read = (privacy: any): Grants => {
  const change: Grants = {};
  const own = privacy.currentVisitorConsent?.() ?? {};
  for (const [purposes, allowed, key] of ASK) {
    const sale = key == "marketing" && (own.sale_of_data == "no" || privacy.saleOfDataAllowed?.() === false);
    const grant: Grant | undefined = sale || own[key] == "no" ? "denied" : privacy[allowed]?.() === true ? "granted" : undefined;
    if (grant) for (const purpose of purposes) change[purpose] = grant;
  }
  return change;
};

/** Follows the shop's privacy settings from now on; returns what stops it. */
export const followShopify = (privacy: object, say: (change: Grants) => void, safe: (act: () => void) => void): (() => void) => {
  const look = () => safe(() => say(read(privacy)));
  look();
  document.addEventListener("visitorConsentCollected", look);
  return () => document.removeEventListener("visitorConsentCollected", look);
};
