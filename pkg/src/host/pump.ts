/** The sender of pages without an engine: one batch at a time, twice the wait after each failure. The engine's rules, in small. */
import { HOUR, LONGEST, WEEK, type Transport } from "./transport.js";

const BATCH = 100;
/** What may wait while the server takes nothing: the engine asks for as much. */
const CAP = [10_000, 5 * 2 ** 20] as const;

export interface Pump {
  /** Sends until nothing is left, or until it has to wait. */
  run(): Promise<void>;
  running(): Promise<void> | undefined;
  /** Rows came: they are sent soon, with what else comes until then. */
  more(): void;
  stop(): void;
}

/** `alive`: whether there is an endpoint and nobody else sends. `shed`: no more than this may wait. */
export const openPump = (
  transport: Transport,
  clock: () => number,
  report: (code: string, message: string) => void,
  alive: () => boolean,
  shed: (rows: number, bytes: number) => void,
): Pump => {
  let limit = BATCH;
  let wait = 1000;
  /** Rows came while a request was out. */
  let late = false;
  let pumping: Promise<void> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const soon = (ms: number) => {
    retry ??= setTimeout(run, ms);
  };
  const run = (): Promise<void> =>
    (pumping ??= (async () => {
      clearTimeout(retry);
      retry = undefined;
      while (alive()) {
        late = false;
        const { status, retryAfter, sent, at, left, bytes } = await transport.send(limit, clock() - WEEK);
        if (!alive()) return;
        if (status >= 200 && status < 300) {
          limit = Math.min(limit + (limit >> 3) + 1, BATCH);
          wait = 1000;
          if (left && sent) continue;
          return late || left ? soon(1000) : undefined;
        }
        // It was weighed.
        if (bytes) shed(...CAP);
        const refused = status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
        if (refused && sent > 1) limit = sent >> 1; // found by halves
        else {
          if (refused) {
            report("rejected", "the endpoint rejects a signal for good: " + status);
            await transport.unqueue([at], status == 413 ? "too_large" : "refused");
          }
          soon(retryAfter >= 0 ? retryAfter : status == 401 || status == 403 ? HOUR : Math.random() * wait);
          wait = Math.min(wait * 2, LONGEST);
          return;
        }
      }
    })().finally(() => (pumping = undefined)));
  return { run, running: () => pumping, more: () => (pumping ? (late = true) : soon(1000)), stop: () => clearTimeout(retry) };
};
