/** `danbi/testing`: the engine's parts as plain functions, in Node and in browsers. Await `ready` once, then all is synchronous. */
import * as host from "./host/studio.js";
import { verify } from "./host/checkpoint.js";
import type { Diagnostic, ExperimentResult, FeatureResult, Outcome, Proofs, ReplayLine, ReplayOptions, StickyDocument, StickyResult, StudioModule } from "./host/studio.js";
import type { Keys, Properties } from "./types.js";

export type { Diagnostic, ExperimentResult, FeatureResult, Keys, Outcome, Proofs, ReplayLine, ReplayOptions, StickyDocument, StickyResult };

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
export const hash = (seed: string, value: string, version: number): number | null => need().hash(String(seed), String(value), version) ?? null;

/** Whether a condition holds for these attributes. */
export const evalCondition = (condition: unknown, attributes: unknown, savedGroups: unknown = {}): boolean => {
  host.bounded(condition, attributes, savedGroups);
  return need().eval_condition(condition, attributes, savedGroups, Date.now());
};

/** GrowthBook's `getBucketRanges`: the share of buckets of each variation. Weights that miss 1 by more than 0.01 count as equal. */
export const getBucketRange = (variations: number, coverage = 1, weights: number[] | null = null): [number, number][] =>
  need().bucket_ranges(variations, coverage, weights);

/** GrowthBook's `chooseVariation`: the first range that the bucket lies in; −1 where it lies in none. */
export const chooseVariation = (bucket: number, ranges: [number, number][]): number => need().choose_variation(bucket, ranges);

/** GrowthBook's `inNamespace`: whether somebody is in this share of a namespace. */
export const inNamespace = (id: string, namespace: [name: string, start: number, end: number]): boolean => need().in_namespace(String(id), namespace);

/** GrowthBook's `getEqualWeights`. */
export const getEqualWeights = (variations: number): number[] => need().equal_weights(variations);

/** GrowthBook's `getQueryStringOverride`: the variation that an address names. */
export const getQueryStringOverride = (key: string, url: string, variations: number): number | null =>
  need().query_string_override(String(key), String(url), variations) ?? null;

/** An experiment of GrowthBook in a context of GrowthBook: what somebody gets. */
export const run = (context: unknown, experiment: unknown): Pick<ExperimentResult, "value" | "inExperiment" | "hashUsed"> => {
  const { value, inExperiment, hashUsed } = need().run_experiment(context, experiment);
  return { value, inExperiment, hashUsed };
};

/** A feature of GrowthBook in a context of GrowthBook. */
export const feature = (context: unknown, key: string): FeatureResult => need().eval_feature(context, String(key));

/** The experiment that a feature of GrowthBook runs, with the sticky documents that there are: its result, and the documents afterwards. */
export const stickyBucket = (context: unknown, docs: StickyDocument[], key: string): StickyResult => need().sticky_bucket(context, docs, String(key));

/** What a path of keys leads to, through own members alone. */
const follow = (document: unknown, keys: string[]): unknown => {
  let value = document;
  for (const key of keys) {
    if (typeof value != "object" || !value || !Object.hasOwn(value, key)) return;
    value = (value as { [key: string]: unknown })[key];
  }
  return value;
};

/**
 * Many conditions, read once. `eligible` answers with the ids of those that hold for a document; `change` with the same, where
 * the document is the last one, changed at this path alone: only what reads it is judged again. Days are those of UTC.
 */
export const compileConditions = (list: { id: string; condition: unknown }[]) => {
  const conditions = new (need().Conditions)(list.map(({ condition }) => condition));
  const ids = list.map(({ id }) => id);
  const paths = conditions.paths().map((path) => ({ path, keys: path.split(".") }));
  /** By changed path, the places of the paths that lead to it, or on from it. */
  const touched = new Map<string, number[]>();
  const touches = (path: string) => {
    const begins = (one: string, other: string) => one == other || one.startsWith(other + ".");
    return paths.flatMap(({ path: own }, place) => {
      return begins(own, path) || begins(path, own.replace(/\.length$/, "")) ? [place] : [];
    });
  };
  let last: string[] = [];
  const found = (places: Uint32Array) => {
    last = new Array(places.length);
    for (let n = 0; n < places.length; n++) last[n] = ids[places[n]!]!;
  };
  return {
    eligible(document: unknown): string[] {
      found(conditions.eligible(JSON.stringify(paths.map(({ keys }) => follow(document, keys))), Date.now()));
      return last.slice();
    },
    change(document: unknown, path: string): string[] {
      let places = touched.get(path);
      if (!places) touched.set(path, (places = touches(path)));
      for (const place of places) {
        const turned = conditions.change(place, JSON.stringify(follow(document, paths[place]!.keys)) ?? "null", Date.now());
        if (turned) found(turned);
      }
      return last.slice();
    },
  };
};

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
export const check = (bundle: unknown): Diagnostic[] => host.check(need(), bundle);

/** How each expectation of a bundle's suites comes out. */
export const suites = (bundle: unknown): Outcome[] => host.suites(need(), bundle);
