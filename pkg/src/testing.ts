/** `danbi/testing`: the engine's parts as plain functions, in Node and in browsers. Await `ready` once, then all is synchronous. */
import * as host from "./host/studio.js";
import { verify } from "./host/checkpoint.js";
import type { Diagnostic, Proofs, ReplayLine, ReplayOptions, StudioModule } from "./host/studio.js";
import type { Keys, Properties } from "./types.js";

export type { Diagnostic, Keys, Proofs, ReplayLine, ReplayOptions };

let studio: StudioModule | undefined;
const need = (): StudioModule => {
  if (!studio) throw Error("danbi/testing: await `ready` first");
  return studio;
};

/** Resolves when the functions below may be called. */
export const ready: Promise<void> = host
  .startStudio(
    // @ts-ignore made by wasm-bindgen, in the folder of the studio
    import("../studio/danbi_studio.js") as Promise<StudioModule>,
    new URL("../studio/danbi_studio.wasm", import.meta.url),
  )
  .then((module) => {
    studio = module;
  });
// Whoever awaits it hears of a failure; whoever does not is told by `need`.
ready.catch(() => {});

/** GrowthBook's bucketing hash; null for a version that is not 1 or 2. */
export const hash = (seed: string, value: string, version: number): number | null => need().hash(seed, value, version) ?? null;

/** Whether a condition holds for these attributes. */
export const evalCondition = (condition: unknown, attributes: unknown, savedGroups: unknown = {}): boolean =>
  need().eval_condition(condition, attributes, savedGroups);

/** A Liquid template printed over these data; throws on an invalid one. */
export const liquid = (template: string, data: unknown, lang = "ko"): string => need().render(template, data, lang);

/** The lines of `danbi replay`. */
export const replay = (bundle: unknown, events: unknown[], options?: ReplayOptions): ReplayLine[] => host.replay(need(), bundle, events, options);

/** Verifies the checkpoints among event lines, for `replay`. */
export const prove = async (events: { event?: string; messageId?: string; properties?: Properties }[], keys: Keys): Promise<Proofs> => {
  const proofs: Proofs = {};
  for (const { event, messageId, properties = {} } of events)
    if (event == "danbi_checkpoint" && messageId) proofs[messageId] = await verify({ properties }, keys);
  return proofs;
};

/** Everything wrong with a bundle. */
export const check = (bundle: unknown): Diagnostic[] => need().check(bundle);
