/** The bundle held against its suites, in a worker: whatever they take, nobody waits at a key. */
import { computed, effect, signal } from "@preact/signals";
import type { Outcome } from "danbi/studio";
import { good, type Json } from "./bundle";
import { latest } from "./engine";

/** How each expectation comes out, of the last bundle in which nothing was wrong. */
export const proof = signal<{ bundle: Json; outcomes: Outcome[] } | null>(null);
/** Whether they are being looked at, and whether they could not be. */
export const proving = signal(false);
export const unproved = signal(false);
export const failing = computed(() => proof.value?.outcomes.filter(({ passed }) => !passed).length ?? 0);

let worker: Worker | undefined;
const ask = (bundle: Json) =>
  new Promise<Outcome[]>((resolve, reject) => {
    worker ??= new Worker(new URL("../check/worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Outcome[] | null>) => (data ? resolve(data) : reject());
    worker.onerror = reject;
    worker.postMessage(bundle);
  });
const prove = latest(async () => {
  const bundle = good.peek();
  if (!bundle) return;
  proving.value = true;
  try {
    proof.value = { bundle, outcomes: bundle.suites?.length ? await ask(bundle) : [] };
    unproved.value = false;
  } catch {
    worker?.terminate();
    worker = undefined;
    proof.value = null;
    unproved.value = true;
  }
  proving.value = false;
});
/** Holds it against them whenever it has changed, once the screen has had its turn. */
export const beginProving = () =>
  effect(() => {
    good.value;
    const timer = setTimeout(() => void prove(), 300);
    return () => clearTimeout(timer);
  });
