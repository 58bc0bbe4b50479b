/** Time for which the page is seen. */
import type { Listen, Stop } from "./listen.js";

/**
 * `start` calls back once the page was seen for so long from now on; hidden, in the back-forward cache or behind another
 * window it does not count. One at a time.
 */
export const openStopwatch = (listen: Listen): { start(ms: number, then: () => void): void; stop: Stop } => {
  let left = 0;
  let then: (() => void) | undefined;
  let since: number | undefined;
  let timer: ReturnType<typeof setTimeout>;
  let away = false;
  const pause = () => {
    clearTimeout(timer);
    if (since !== undefined) left -= performance.now() - since;
    since = undefined;
  };
  const go = () => {
    pause();
    if (!then || away || document.visibilityState == "hidden") return;
    since = performance.now();
    timer = setTimeout(() => {
      pause();
      if (left > 0) return go();
      const done = then;
      then = undefined;
      done?.();
    }, left);
  };
  listen(document, "visibilitychange", go);
  listen(window, "pagehide", pause);
  listen(window, "pageshow", go);
  listen(window, "blur focus", ({ type, target }) => {
    // Elements lose the focus too, and a frame of the page has it without the shopper leaving.
    if (target != window) return;
    away = type == "blur" && !document.hasFocus();
    go();
  });
  return {
    start: (ms, done) => {
      pause();
      left = ms;
      then = done;
      go();
    },
    stop: () => {
      pause();
      then = undefined;
    },
  };
};
