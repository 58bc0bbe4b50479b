/** The bundle: the last good one serves at once and offline, the network's replaces it when it is newer. */
import type { Options } from "../types.js";
import type { Journal } from "./journal.js";
import type { Log } from "./log.js";

/** A bundle and how it came; kept under `kv.bundle` without what was read of it. */
export interface Found {
  url: string;
  etag: string | null;
  text: string;
  bundle: any;
}

const finite = (_: string, value: unknown) => {
  if (value === Infinity || value === -Infinity) throw RangeError("a number is too large");
  return value;
};

export const openBundles = (given: Options["bundle"], { run, stored }: Journal, log: Log, heard: (reply: Response) => void) => {
  const url = String(given);
  /** What the engine works with, or worked with on an earlier visit. */
  let good: Found | undefined;
  let unkept: Found | undefined;
  return {
    /** The last good one. */
    kept: async (): Promise<Found | undefined> => {
      try {
        const { result } = (stored() && (await run("readonly", (store) => store("kv").get("bundle")))) as IDBRequest;
        good = { ...result, bundle: JSON.parse(result.text) };
      } catch {} // none, or not readable
      return good;
    },
    /** Whether the last good one came from where bundles come from now. */
    own: () => good?.url == url,
    /** The network's, unless it is what we have, or older. */
    fetched: async (): Promise<Found | undefined> => {
      const known = good?.url == url ? good : undefined;
      const etag = known?.etag;
      const reply = await fetch(given as string | URL, etag ? { cache: "no-store", headers: { "if-none-match": etag } } : { cache: "no-cache" });
      // A service worker may answer with what it has kept, and the hour of then.
      if (!navigator.serviceWorker?.controller) heard(reply);
      if (reply.status == 304) return;
      if (!reply.ok) throw Error("status " + reply.status);
      const text = await reply.text();
      if (text == known?.text) return;
      // What is too large for a number would be read as null; where nothing can be, no time is lost.
      const bundle = JSON.parse(text, /\d{300}|\de\+?\d{3}/i.test(text) ? finite : undefined);
      // Its version never goes back on a device.
      if (good?.bundle.bundle == bundle.bundle && good?.bundle.version > bundle.version) return;
      // To another origin the header would need a preflight.
      return { url, etag: reply.type == "cors" ? null : reply.headers.get("etag"), text, bundle };
    },
    /** The engine works with it. */
    use: (found: Found) => (good = unkept = found),
    /** Keeps it, as soon as anything may be kept. */
    keep: () => {
      if (!unkept?.text || !stored()) return;
      const { bundle, ...kept } = unkept;
      void log.write((store) => {
        store("kv").put(kept, "bundle");
        unkept = undefined;
      }).catch(() => {});
    },
  };
};
