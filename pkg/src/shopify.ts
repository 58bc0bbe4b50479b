/**
 * `danbi/shopify`: takes in the page what the relay in Shopify's pixel (`shopify/pixel.js` of this package) hands over. The names are
 * Shopify's; the engine reads them as GA4's.
 */
import { uuid } from "./host/line.js";
import type { Client, Properties } from "./types.js";

const KEY = "danbi-relay";
type Publish = (name: string, payload: object) => unknown;

/**
 * Listens from now on, and takes what the checkout left; returns what stops it. Only a pixel knows the token that is
 * published to pixels alone, and only the first frame that tells it is listened to: another frame cannot say anything in
 * the shopper's name, and a pixel that is there twice counts once. Every event is a `track()` of `danbi`: consent holds
 * for it as for any other.
 */
export const receive = (
  danbi: Pick<Client, "track">,
  /** How to speak to pixels; Shopify's own way by default. */
  publish: Publish = (window as { Shopify?: { analytics?: { publish?: Publish } } }).Shopify?.analytics?.publish ?? (() => {}),
): (() => void) => {
  const token = uuid(Date.now());
  let pixel: unknown;
  const take = (event: any) => {
    if (!event || typeof event.name != "string" || !event.name) return;
    try {
      void danbi.track(event.name, (event.data ?? {}) as Properties);
    } catch (error) {
      reportError(error);
    }
  };
  const hear = ({ data, source }: MessageEvent) => {
    if (data?.danbi === token && (pixel ??= source) === source) take(data);
  };
  try {
    const left: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    localStorage.removeItem(KEY);
    if (Array.isArray(left)) left.forEach(take);
  } catch {} // denied, or spoiled by another
  addEventListener("message", hear);
  publish("danbi_relay", { token });
  return () => removeEventListener("message", hear);
};
