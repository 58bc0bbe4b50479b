/** `danbi/studio`: checking, words and replay, for a drawer, a support page, the Studio. A shop visit never loads it. */
import * as host from "./host/studio.js";
import type { Described, Diagnostic, Preview, PreviewOptions, ReplayLine, ReplayOptions, StudioModule } from "./host/studio.js";
import type { Properties, Verdict } from "./types.js";

export type { Described, Diagnostic, Preview, PreviewOptions, ReplayLine, ReplayOptions };

let studio: Promise<StudioModule> | undefined;
/** Once for all calls; a failed start is tried again by the next one. */
const ready = () =>
  (studio ??= host
    .startStudio(
      // @ts-ignore made by wasm-bindgen, beside the built file
      import("./danbi_studio.js") as Promise<StudioModule>,
      new URL("./danbi_studio.wasm", import.meta.url),
    )
    .catch((error) => {
      studio = undefined;
      throw error;
    }));

/** Everything wrong with a bundle, with the remedy in Korean and English. */
export const check = async (bundle: unknown): Promise<Diagnostic[]> => host.check(await ready(), bundle);

/** What `explain()` answers in codes, put into words. `now` (ms since 1970) is what "today" means. */
export const describe = async (bundle: unknown, verdicts: Verdict[], lang: string, now = Date.now()): Promise<Described[]> =>
  host.describe(await ready(), bundle, verdicts, lang, now);

/** The JSON Schema of a bundle. */
export const schema = async (): Promise<object> => (await ready()).schema();

/** Folds Segment-shaped events of any number of shoppers, as `danbi replay` does. */
export const replay = async (bundle: unknown, events: unknown[], options?: ReplayOptions): Promise<ReplayLine[]> =>
  host.replay(await ready(), bundle, events, options);

/**
 * One shopper's page at a moment, by the live engine: what stands in each slot with its message, every campaign's verdict in words.
 * `events` are that shopper's, in the order in which they were committed; `context` is what the page tells of itself.
 */
export const preview = async (bundle: unknown, events: unknown[], options?: PreviewOptions, context?: Properties): Promise<Preview> =>
  host.preview(await ready(), bundle, events, options, context);

/** Draws a message as danbi draws it in a shop; `load` first brings the parts that its blocks need. For previews. */
export { ready as load, show as draw } from "./draw/message.js";
export type { Shown, Ways } from "./draw/message.js";
