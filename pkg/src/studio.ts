/** `danbi/studio`: checking, words, replay and simulation, for a drawer, a support page, the Studio. A shop visit never loads it. */
import * as host from "./host/studio.js";
import type {
  Beliefs, BeliefsOptions, Candidate, Described, Diagnostic, Exposure, Outcome, Preview, PreviewOptions, ReplayLine, ReplayOptions, SimulationRequest, SimulationResult, SimulatorModule, Statement,
  StudioModule, Term,
} from "./host/studio.js";
import { show, type Ways } from "./draw/message.js";
import type { Message, Properties, Verdict } from "./types.js";

export type {
  Beliefs, BeliefsOptions, Candidate, Described, Diagnostic, Exposure, Outcome, Preview, PreviewOptions, ReplayLine, ReplayOptions, SimulationRequest, SimulationResult, Statement, Term,
};

/** Once for all calls; a failed start is tried again by the next one. */
const once = <T>(start: () => Promise<T>) => {
  let started: Promise<T> | undefined;
  return () =>
    (started ??= start().catch((error) => {
      started = undefined;
      throw error;
    }));
};
const ready = once(() =>
  host.startStudio(
    // @ts-ignore made by wasm-bindgen, beside the built file
    import("./danbi_studio.js") as Promise<StudioModule>,
    new URL("./danbi_studio.wasm", import.meta.url),
  ),
);
/** A wasm of its own: fast rather than small, and loaded by nobody else. */
const simulator = once(() =>
  host.startStudio(
    // @ts-ignore made by wasm-bindgen, beside the built file
    import("./danbi_simulator.js") as Promise<SimulatorModule>,
    new URL("./danbi_simulator.wasm", import.meta.url),
  ),
);

/** Everything wrong with a bundle, with the remedy in Korean and English. */
export const check = async (bundle: unknown): Promise<Diagnostic[]> => host.check(await ready(), bundle);

/** What a bundle gives, and within which limits: what it may come to cost. */
export const exposure = async (bundle: unknown): Promise<Exposure[]> => host.exposure(await ready(), bundle);

/**
 * Holds a bundle against its suites, by the live engine: how each expectation comes out. Throws where the bundle has mistakes that
 * `check` tells.
 */
export const suites = async (bundle: unknown): Promise<Outcome[]> => host.suites(await ready(), bundle);

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

/**
 * What the policy believes of a slot's offers, for one shopper at a moment: each term of each score, how probable each is in the
 * draw, who is held out. With `then` the same after one more answer, whose `lines` were folded like any others.
 */
export const beliefs = async (bundle: unknown, events: unknown[], options: BeliefsOptions, context?: Properties): Promise<Beliefs> =>
  host.beliefs(await ready(), bundle, events, options, context);

/** Loads the parts that a message's blocks need before `draw`; undefined where all are there. */
export { ready as load } from "./draw/message.js";
/** Draws a message at the end of an element as danbi draws it in a shop, for previews; answers with what takes it off again. */
export const draw = (into: Element, view: Message, ways: Ways): (() => void) => {
  const shown = show(into, view, ways);
  return () => shown.end();
};
export type { Ways };

/**
 * Lets synthetic shoppers live some days under a bundle, as `danbi simulate` does, byte for byte. Works in parts, between which
 * whoever calls has its turn; best called in a worker all the same. Give up with `signal`: then it throws the signal's reason.
 */
export const simulate = async (
  bundle: unknown,
  request: SimulationRequest,
  onProgress?: (done: number, of: number) => void,
  signal?: AbortSignal,
): Promise<SimulationResult> => host.simulate(await simulator(), bundle, request, onProgress, signal);
