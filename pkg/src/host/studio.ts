/** The studio wasm, as `danbi/studio` and `danbi/testing` share it. */
import type { Decision, Json, Profile, Progress, Properties, Verdict } from "../types.js";
import { DanbiError } from "./check.js";
import { zoneTable } from "./zones.js";

/** One finding about a bundle. */
export interface Diagnostic {
  severity: "error" | "warning";
  code: string;
  /** JSON Pointer into the bundle. */
  pointer: string;
  line?: number;
  column?: number;
  ko: string;
  en: string;
}
/** One thing that a bundle gives, and its limits: what it may come to cost. */
export interface Exposure {
  /** JSON Pointer into the bundle. */
  pointer: string;
  kind: "rule" | "mission" | "referral" | "reward" | "budget";
  id?: string;
  label?: string | { [lang: string]: string } | null;
  /** The campaigns that it hears of, or shares the name of. */
  campaigns?: string[];
  currency?: string;
  /** Of one time, in points; for a reward its value in minor units; null where nothing bounds it. */
  most: number | null;
  /** What one point is worth, in minor units. */
  cash: number;
  /** A shopper has it once. */
  once?: boolean;
  /** The limits beside, as they are written. */
  cap?: Json;
  /** Of a budget: the time for which it is. */
  per?: string | null;
}
/** A verdict in words. */
export type Described = Verdict & { label: string; text: string };
export interface ReplayOptions {
  /** Events after it are ignored, lapses up to it applied; RFC 3339. Default: each shopper's last event. */
  at?: string;
  explain?: boolean;
  lang?: string;
  /** `"unknown"` starts as a page does; otherwise a purpose never mentioned counts as granted. */
  consent?: "unknown";
  /** What `prove` found of the checkpoints among the events; without it they are refused, `unverified`. */
  proofs?: Proofs;
}
export interface PreviewOptions extends Pick<ReplayOptions, "at" | "lang" | "consent" | "proofs"> {
  /** The shopper's language; `lang`, that of the verdicts, where it is left out. */
  locale?: string;
  /** That message alone is decided, whatever the rules say of this shopper. */
  force?: { campaign: string; step?: string | null; variant?: string | null };
}
/** By `messageId`: the payload whose signature is good, else why not, in a word. */
export type Proofs = { [messageId: string]: unknown };
/** One shopper's line of `danbi replay`. */
export type ReplayLine = { user: string; [key: string]: Json };
/** Something that happened to points or rewards: what, by how much, what can be used after it, and after which event. */
export interface Entry {
  date: string;
  text: string;
  change: string;
  balance: string;
  /** Its `messageId`. */
  event?: string | null;
}
/** A member's account as a person reads it, in the language of the verdicts. */
export interface Statement {
  /** Titles and texts. */
  header: [string, string][];
  currencies: { title: string; notes: string[]; entries: Entry[] }[];
  rewards: Entry[];
}
/** A shopper's page at a moment, as the engine in a page has it. */
export interface Preview {
  at: string;
  /** What stands in each slot, what interrupts first. `log`, of what speaks of an offer: the properties of its line in the log. */
  decisions: (Decision & { log?: Properties })[];
  /** As it is before what interrupts stands on the page. */
  verdicts: Described[];
  profile: Profile;
  progress: Progress;
  statement: Statement;
  /** Why lines were not understood. */
  refused: string[];
}
/** Korean and English. */
export interface Both {
  ko: string;
  en: string;
}
/** How one expectation of a bundle's suites comes out. */
export interface Outcome {
  /** JSON Pointer to it: `/suites/0/expect/1`. */
  pointer: string;
  passed: boolean;
  /** The suite's name, and its own. */
  name: Both;
  /** What is expected. */
  wanted: Both;
  /** What there is instead, and at which moment first. */
  found: Both | null;
  at: string | null;
  /** At how many moments it was looked, and at how many of them it is otherwise. */
  looked: number;
  failed: number;
  /** What `danbi check` says of it: `expectation`, or `not_run` where it would take too long. */
  finding: Diagnostic | null;
}
/** What is to be simulated. */
export interface SimulationRequest {
  /** How many synthetic shoppers, 1 to 1,000,000, and how many days, 1 to 3,660. */
  shoppers: number;
  days: number;
  /** A whole number: the same seed gives the same answer, in every browser and on the command line. Default: 1. */
  seed?: number;
  /** A moment of the first day, RFC 3339; the day begins at midnight of the house. Default: 12 May 2026. */
  from?: string;
  /** The rates that shoppers live by, as `danbi fit` prints them; what is left out is as by default. */
  rates?: { [rate: string]: Json };
}
/** The line of `danbi simulate`: whole numbers only. What would happen if shoppers were like this; not a forecast. */
export interface SimulationResult {
  shoppers: number;
  days: number;
  seed: number;
  /** By campaign: shoppers for whom it was due on a page where it could show, and who saw it; how often it was seen, and answered. */
  campaigns: { [id: string]: { eligible: number; reached: number; shown: number; answered: number } };
  /** By how many messages interrupted them, from 0 on: shoppers. */
  frequency: number[];
  /** By day, as of its end: shoppers by level; where there are several tiers, by `TIER.LEVEL`. */
  tiers: { [level: string]: number }[];
  /** By day, as of its end: points of the program's first currency, all that ever were. */
  points: { earned: number; spent: number; expired: number; reversed: number; outstanding: number }[];
  /** By what must always hold: how often it did not. */
  checks: { [name: string]: number };
}
export interface BeliefsOptions extends Omit<PreviewOptions, "force"> {
  /** The slot whose offers are asked about. */
  slot: string;
  /** The offer is shown once more, and this becomes of it; `id` is the decision's, and no two in a log have the same. */
  then?: { offer: string; answer: "click" | "dismiss" | "ignore"; id?: string };
}
/** One term of an offer's sum: `adds` is `x · weight`; all of them together are the sum. */
export interface Term {
  /** The weight as the bundle calls it: `intercept`, `offer:tea`, `category:scent`, `affinity`, `slot:home`, `recency`, `stage:new`, `feature:summer`. */
  name: string;
  x: number;
  /** What is believed of the weight now, with its standard deviation, */
  weight: number;
  deviation: number;
  /** and what all shoppers' clicks say of it. */
  prior: number;
  adds: number;
  /** The part of `adds` that was learnt from this shopper. */
  learnt: number;
}
/** An offer that may be chosen, or why it may not. */
export interface Candidate extends Pick<Verdict, "stage" | "code" | "next" | "ends" | "path" | "expected" | "actual" | "at"> {
  offer: string;
  label: string;
  category: string;
  eligible: boolean;
  /** The verdict in words: of what may be shown why it is offered, else which rule is in its way. */
  text: string;
  /** By score, from 1; `null` where it may not be shown. */
  rank: number | null;
  /** The probability with which this draw shows it: the shares of all are 1 together. */
  propensity: number;
  terms: Term[];
  /** The sum of the terms: the logarithm of the odds of a click; and its standard deviation. */
  sum: number;
  deviation: number;
  /** The chance of a click, which is the logistic function of `sum`; and at one deviation less and more. */
  chance: number;
  /** How often all shoppers click it: where it starts. */
  usual: number;
  between: [number, number];
  margin: number;
  /** `score` is `worth + ln chance + bonus`: the logarithm of the margin, and what is added for what is not known yet. */
  worth: number;
  bonus: number;
  score: number;
  /** What became of it: how often it was seen, how many of these wait for an answer, when it was last clicked and dismissed. */
  evidence: { exposures: number; waiting: number; clicked: string | null; dismissed: string | null };
}
/** What the policy believes of a slot's offers, for one shopper at a moment. */
export interface Beliefs {
  at: string;
  slot: string;
  /** What stands there. `silent`: nothing is shown of it, since the shopper is held out, or has a variant that shows nothing. */
  stands: { decision: string; slot: string; campaign?: string; step?: string; variant?: string; offer?: string; propensity: number; silent: "holdout" | "control" | null } | null;
  /** The campaign that has the slot. */
  campaign: string | null;
  /** The best first; then those that may not be shown. */
  candidates: Candidate[];
  policy: {
    version: number;
    c: number;
    eps: number;
    /** In this time what was learnt comes to weigh half; a span, and in days. */
    halfLife: string;
    halfLifeDays: number;
    interest: string;
    diversity: number | null;
    /** So often a dismissal counts beside a click. */
    dismissal: number;
    /** What is seen for so long without an answer counts as not wanted. */
    patience: string;
  };
  /** Whether offers are held out from this shopper: who has a bucket below the share is. None before anybody is signed in. */
  holdout: { share: number; seed: string; bucket: number | null; out: boolean } | null;
  /** The variant of each campaign with several; `text` says why it shows nothing, `kept` that it was seen before weights changed. */
  experiments: {
    campaign: string;
    label: string;
    variants: { id: string; weight: number; none: boolean }[];
    bucket: number | null;
    coverage: number;
    variant: string | null;
    kept: boolean;
    text: string | null;
  }[];
  /** The lines of `then`, as a page would have them in its log; none where the offer could not be shown now. */
  lines: Properties[];
  /** Why lines were not understood. */
  refused: string[];
}
export type Zones = { [name: string]: number[] };

/** Where an experiment of GrowthBook puts somebody, in its words. */
export interface ExperimentResult {
  key: string;
  featureId: string | null;
  inExperiment: boolean;
  hashUsed: boolean;
  variationId: number;
  value: Json;
  hashAttribute: string;
  hashValue: Json;
  stickyBucketUsed: boolean;
  name?: string;
  bucket?: number;
  passthrough?: boolean;
}
/** What a feature of GrowthBook is for somebody, and why, in its words. */
export interface FeatureResult {
  value: Json;
  on: boolean;
  off: boolean;
  source: "unknownFeature" | "defaultValue" | "force" | "override" | "experiment" | "prerequisite" | "cyclicPrerequisite";
  ruleId: string;
  experiment?: { [member: string]: Json };
  experimentResult?: ExperimentResult;
}
/** Which variation of which experiment an attribute's value was given, by `experiment__version`. */
export interface StickyDocument {
  attributeName: string;
  attributeValue: string;
  assignments: { [experiment: string]: string };
}
export interface StickyResult {
  result: ExperimentResult | null;
  docs: { [attributeAndValue: string]: StickyDocument };
}

/** What wasm-bindgen makes of `danbi_studio`: plain objects both ways. */
export interface StudioModule {
  default(init: { module_or_path: unknown }): Promise<unknown>;
  check(bundle: unknown, unknown: string[]): Diagnostic[];
  zones_in(bundle: unknown): string[];
  exposure(bundle: unknown): Exposure[];
  describe(bundle: unknown, verdicts: Verdict[], lang: string, zones: Zones, now: number): Described[];
  schema(): object;
  replay(bundle: unknown, events: unknown[], options: ReplayOptions, zones: Zones): ReplayLine[];
  preview(bundle: unknown, events: unknown[], context: unknown, options: PreviewOptions, zones: Zones): Preview;
  suites_need(bundle: unknown): { zones: string[]; from: number; to: number };
  suites(bundle: unknown, zones: Zones): Outcome[];
  beliefs(bundle: unknown, events: unknown[], context: unknown, options: BeliefsOptions, zones: Zones): Beliefs;
  zones_of(bundle: unknown, events: unknown[] | null): string[];
  hash(seed: string, value: string, version: number): number | null | undefined;
  Conditions: new (conditions: unknown[]) => {
    paths(): string[];
    eligible(values: string, now: number): Uint32Array;
    /** Undefined: the same as before. */
    change(place: number, value: string, now: number): Uint32Array | undefined;
  };
  eval_condition(condition: unknown, attributes: unknown, savedGroups: unknown, now: number): boolean;
  bucket_ranges(variations: number, coverage: number, weights: unknown): [number, number][];
  choose_variation(bucket: number, ranges: unknown): number;
  in_namespace(id: string, namespace: unknown): boolean;
  equal_weights(variations: number): number[];
  query_string_override(key: string, url: string, variations: number): number | null | undefined;
  run_experiment(context: unknown, experiment: unknown): ExperimentResult;
  eval_feature(context: unknown, key: string): FeatureResult;
  sticky_bucket(context: unknown, documents: unknown, key: string): StickyResult;
  render(template: string, data: unknown, lang: string): string;
}

/** What wasm-bindgen makes of `danbi_simulator`. */
export interface SimulatorModule {
  default(init: { module_or_path: unknown }): Promise<unknown>;
  Simulation: new (bundle: unknown, request: unknown) => {
    zones(): string[];
    span(): Float64Array;
    begin(zones: Zones): void;
    step(count: number): number;
    line(): SimulationResult;
    free(): void;
  };
}

/** Starts the wasm in a browser, a worker or Node. */
export const startStudio = async <T extends Pick<StudioModule, "default">>(glue: Promise<T>, url: URL): Promise<T> => {
  let bytes: unknown;
  if (url.protocol == "file:") {
    // Kept from bundlers, which would look for it when they build for browsers.
    const fs = ["node", "fs/promises"].join(url.protocol.slice(-1));
    bytes = await (await import(/* @vite-ignore */ /* webpackIgnore: true */ fs)).readFile(url);
  } else {
    const reply = await fetch(url);
    if (!reply.ok) throw Error(`danbi: ${url} answered with status ${reply.status}`);
    bytes = await reply.arrayBuffer();
  }
  const module = await glue;
  await module.default({ module_or_path: bytes });
  return module;
};

/** Throws at a number too large for JSON: it would be read as null, which is a number like any other. */
export const bounded = (...given: unknown[]): void => {
  for (const one of given) {
    let large: string | undefined;
    try {
      JSON.stringify(one, (key, value) => {
        if (value === Infinity || value === -Infinity) large ??= key;
        return value;
      });
    } catch {} // no plain data: the engine says so
    if (large !== undefined) throw new DanbiError("not_finite", `a number is too large for JSON: ${large}`);
  }
};

const DAY = 864e5;
/** Tables of the zones that a bundle, and these events, speak of. */
const tables = (names: string[], from: number, to: number): Zones => {
  const zones: Zones = {};
  for (const name of names)
    try {
      zones[name] = [...zoneTable(name, from, to)];
    } catch {} // unknown to this platform: the engine says so
  return zones;
};

export const describe = (studio: StudioModule, bundle: unknown, verdicts: Verdict[], lang: string, now: number): Described[] =>
  studio.describe(bundle, verdicts, lang, tables(studio.zones_of(bundle, null), now - 400 * DAY, now + 400 * DAY), now);

export const check = (studio: StudioModule, bundle: unknown): Diagnostic[] => {
  bounded(bundle);
  const names = studio.zones_in(bundle), known = tables(names, 0, 0);
  return studio.check(bundle, names.filter((name) => !(name in known)));
};

export const exposure = (studio: StudioModule, bundle: unknown): Exposure[] => {
  bounded(bundle);
  return studio.exposure(bundle);
};

/** Tables that reach from before the first event to three years after the last moment. */
const around = (studio: StudioModule, bundle: unknown, events: unknown[], at?: string): Zones => {
  let from = Infinity;
  let to = -Infinity;
  for (const time of [...events.map((event) => (event as { timestamp?: string } | null)?.timestamp), at]) {
    const ms = Date.parse(time ?? "");
    if (ms < from) from = ms;
    if (ms > to) to = ms;
  }
  if (from > to) from = to = Date.now();
  return tables(studio.zones_of(bundle, events), from - DAY, to + 3 * 366 * DAY);
};

export const replay = (studio: StudioModule, bundle: unknown, events: unknown[], options: ReplayOptions = {}): ReplayLine[] => {
  bounded(bundle, events);
  return studio.replay(bundle, events, options, around(studio, bundle, events, options.at));
};

export const preview = (studio: StudioModule, bundle: unknown, events: unknown[], options: PreviewOptions = {}, context: Properties = {}): Preview => {
  bounded(bundle, events, context);
  return studio.preview(bundle, events, context, options, around(studio, bundle, events, options.at));
};

export const suites = (studio: StudioModule, bundle: unknown): Outcome[] => {
  bounded(bundle);
  const { zones, from, to } = studio.suites_need(bundle);
  return studio.suites(bundle, tables(zones, from, to));
};

/** How long a part of a simulation takes, in ms: between two of them the page or worker has its turn. */
const PART = 60;

/** Whoever else has something to do has its turn. No timer: browsers make one wait 4 ms that follows upon others. */
const turn = () => new Promise<void>((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (port1.close(), resolve());
  port2.postMessage(0);
});

export const simulate = async (
  simulator: SimulatorModule,
  bundle: unknown,
  request: SimulationRequest,
  onProgress?: (done: number, of: number) => void,
  signal?: AbortSignal,
): Promise<SimulationResult> => {
  bounded(bundle, request);
  const run = new simulator.Simulation(bundle, request);
  try {
    const [from, to] = run.span();
    run.begin(tables(run.zones(), from!, to!));
    for (let done = 0, count = 1; done < request.shoppers; ) {
      signal?.throwIfAborted();
      const begun = performance.now();
      done = run.step(Math.round(count));
      count = Math.max(1, Math.min(2 * count, (count * PART) / (performance.now() - begun || 1)));
      onProgress?.(done, request.shoppers);
      await turn();
    }
    signal?.throwIfAborted();
    return run.line();
  } finally {
    run.free();
  }
};

export const beliefs = (studio: StudioModule, bundle: unknown, events: unknown[], options: BeliefsOptions, context: Properties = {}): Beliefs => {
  bounded(bundle, events, context);
  return studio.beliefs(bundle, events, context, options, around(studio, bundle, events, options.at));
};
