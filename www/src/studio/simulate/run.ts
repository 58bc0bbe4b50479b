/** What is simulated, what came of it, and what is different from a run before. */
import { computed, signal } from "@preact/signals";
import type { SimulationRequest, SimulationResult } from "danbi/studio";
import { good, zone, type Json } from "../state/bundle";
import { START } from "../state/cast";
import { instant, local, stamp } from "../state/zone";
import type { Asked, Fault, Told } from "./worker";

export const asked = {
  shoppers: signal(500),
  days: signal(30),
  seed: signal(1),
  /** The first day, in the house's zone. */
  first: signal(local(START, zone.peek()).slice(0, 10)),
  /** The rates that are not as by default, in the shape of the file that `danbi fit` prints. */
  rates: signal<Json>({}),
};

/** What a run would be asked now. */
const wanted = computed((): SimulationRequest => {
  const rates = asked.rates.value;
  return {
    shoppers: asked.shoppers.value, days: asked.days.value, seed: asked.seed.value, from: stamp(instant(`${asked.first.value}T00:00`, zone.value), zone.value),
    ...(Object.keys(rates).length && { rates }),
  };
});

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export interface Run {
  /** Their number, from 1 on. */
  place: number;
  request: SimulationRequest;
  first: string;
  bundle: Json;
  result: SimulationResult;
  /** What `danbi simulate` prints. */
  line: string;
  seconds: number;
}
/** The runs that can be compared with; those before them are forgotten. */
const KEPT = 8;
export const runs = signal<Run[]>([]);
export const shown = computed(() => runs.value.at(-1));
/** The place of the run that the last one is compared with, where the marketer chose one; else the one before it. */
export const chosen = signal<number | null>(null);
export const before = computed(() => {
  const earlier = runs.value.slice(0, -1);
  return earlier.find(({ place }) => place === chosen.value) ?? earlier.at(-1);
});
/** A run would answer something else now. */
export const stale = computed(() => !!shown.value && (shown.value.bundle !== good.value || !same(shown.value.request, wanted.value)));
export const running = signal<{ done: number; of: number; end: () => void } | null>(null);
/** How the last attempt ended. */
export const ended = signal<"" | "done" | "cancelled" | Fault>("");

/** Has a worker simulate; `end` gives it up, and then no answer comes. */
export function begin(given: Asked, progress: (done: number) => void) {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const line = new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if ("done" in data) return progress(data.done);
      worker.terminate();
      "line" in data ? resolve(data.line) : reject(data.fault);
    };
    worker.onerror = () => {
      worker.terminate();
      reject({ code: "unavailable" } satisfies Fault);
    };
  });
  worker.postMessage(given);
  return { line, end: () => worker.terminate() };
}

export async function run() {
  const bundle = good.peek();
  if (!bundle || running.peek()) return;
  const request = wanted.peek(), first = asked.first.peek(), of = request.shoppers;
  const begun = performance.now();
  const { line, end } = begin({ bundle, request }, (done) => (running.value = { done, of, end }));
  running.value = { done: 0, of, end };
  ended.value = "";
  try {
    const answer = await line;
    const place = (shown.peek()?.place ?? 0) + 1;
    runs.value = [...runs.peek(), { place, request, first, bundle, result: JSON.parse(answer), line: answer, seconds: (performance.now() - begun) / 1000 }].slice(-KEPT);
    ended.value = "done";
  } catch (fault) {
    ended.value = fault as Fault;
  }
  running.value = null;
}
/** Gives the run up; what the one before it found stays. */
export function cancel() {
  if (!running.peek()) return;
  running.peek()!.end();
  running.value = null;
  ended.value = "cancelled";
}

/** Takes the rates of a file up if one shopper can live a day by them; why not, else. */
export async function take(given: unknown): Promise<Fault | null> {
  try {
    await begin({ bundle: good.peek(), request: { shoppers: 1, days: 1, rates: given as Json } }, () => {}).line;
    asked.rates.value = (given ?? {}) as Json;
    return null;
  } catch (fault) {
    return fault as Fault;
  }
}

/** The numbers of two runs tell what a change does where they have the same shoppers and days. */
export const alike = (one: Run, other: Run) =>
  one.first === other.first && (["shoppers", "days", "seed"] as const).every((key) => one.request[key] === other.request[key]);

const keys = (one: Json, other: Json) => [...new Set([...Object.keys(one), ...Object.keys(other)])];
/** What stands at the end of every path of a document. */
const leaves = (document: Json, path = ""): Json =>
  Object.entries(document).reduce((all, [key, value]) => ({
    ...all, ...(value && typeof value === "object" && !Array.isArray(value) ? leaves(value, `${path}${key}.`) : { [path + key]: value }),
  }), {});
/** What is not the same in two runs: campaigns by id, other parts of the bundle by name, rates by path. */
export function changes(one: Run, other: Run) {
  const campaigns = [one, other].map(({ bundle }) => Object.fromEntries((bundle.campaigns ?? []).map((campaign: Json) => [campaign.id, campaign]))) as [Json, Json];
  const rates = [one, other].map(({ request }) => leaves(request.rates ?? {})) as [Json, Json];
  const differ = ([a, b]: [Json, Json]) => keys(a, b).filter((key) => !same(a[key], b[key]));
  return {
    campaigns: differ(campaigns),
    parts: differ([one.bundle, other.bundle]).filter((key) => key !== "campaigns" && key !== "version"),
    rates: differ(rates),
  };
}
