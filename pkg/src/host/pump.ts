/** The sender of pages without an engine: one batch at a time, twice the wait after each failure. */
import type { openTransport } from "./transport.js";

const LONGEST_MS = 3e5;
const BATCH = 100;

export interface Pump {
  /** Sends until nothing is left, or until it has to wait. */
  run(): Promise<void>;
  running(): Promise<void> | undefined;
  /** Rows came: they are sent soon, with what else comes until then. */
  more(): void;
  stop(): void;
}

/** `alive`: whether there is an endpoint and nobody else sends. */
export const openPump = (transport: ReturnType<typeof openTransport>, report: (code: string, message: string) => void, alive: () => boolean): Pump => {
  let limit = BATCH;
  let wait = 1000;
  let notBefore = 0;
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
        // What the server asked for holds even for `flush()`.
        const early = notBefore - Date.now();
        if (early > 0) return soon(early);
        late = false;
        const { status, retryAfter, left } = await transport.send(limit);
        if (!alive()) return;
        if (status >= 200 && status < 300) {
          limit = BATCH;
          wait = 1000;
          if (!left) return late ? soon(1000) : undefined;
        } else if (status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status)) {
          // Something in it is refused for good: found by halves.
          if (limit > 1) limit >>= 1;
          else {
            report("rejected", "the endpoint rejects a signal for good: " + status);
            await transport.bury("status " + status);
          }
        } else {
          notBefore = Date.now() + retryAfter;
          soon(retryAfter < 0 ? Math.random() * wait : retryAfter);
          wait = Math.min(wait * 2, LONGEST_MS);
          return;
        }
      }
    })().finally(() => (pumping = undefined)));
  return { run, running: () => pumping, more: () => (pumping ? (late = true) : soon(1000)), stop: () => clearTimeout(retry) };
};
