/** IAB's Transparency and Consent Framework 2, through the listener of the page's own consent platform; its string is never read. */
import type { Grants } from "../host/journal.js";

/**
 * Purpose 1 is storing on the device, which everything here needs; 5 and 6 are profiles for and selection of content, 8
 * measures content. 2 to 4 are advertising: if any of them is named, all that are named have to be given.
 */
const purposes = (consents: { [purpose: string]: unknown }): Grants => {
  const all = (...ids: number[]) => (ids.every((id) => consents[id] === true) ? "granted" : "denied");
  const ads = [2, 3, 4].filter((id) => consents[id] !== undefined);
  return {
    functional: all(1),
    analytics: all(1, 8),
    personalization: all(1, 5, 6),
    ...(ads[0] && { advertising: all(1, ...ads) }),
  };
};

/** Follows the platform behind `api`, stub or not, and returns what stops it. */
export const followTcf = (api: Function, say: (change: Grants) => void): (() => void) => {
  let live = true;
  let id: unknown;
  const remove = () => id != null && (window as { __tcfapi?: Function }).__tcfapi?.("removeEventListener", 2, () => {}, id);
  api("addEventListener", 2, (data: any, success: unknown) => {
    id = data?.listenerId ?? id;
    if (!live) return remove();
    // While it asks, nothing is said; where no such law applies, it has nothing to say.
    if (!success || data?.gdprApplies !== true || !/^(tcloaded|useractioncomplete)$/.test(data.eventStatus)) return;
    say(purposes(data.purpose?.consents ?? {}));
  });
  return () => {
    live = false;
    remove();
  };
};
