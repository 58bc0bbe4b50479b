/** Whether nothing is done on a page. */
import type { Listen, Stop } from "./listen.js";

/**
 * Calls back once, when nobody touched, typed, scrolled or moved the pointer for so long while the page was seen; what it
 * returns begins anew, or rests. Coming back to the page is something done.
 */
export const watchIdle = (listen: Listen, ms: number, still: () => void): ((on: boolean) => void) => {
  let armed = false;
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    timer = undefined;
    if (!armed || document.visibilityState == "hidden") return;
    const left = last + ms - performance.now();
    if (left > 0) timer = setTimeout(look, left);
    else {
      armed = false;
      still();
    }
  };
  const done = () => {
    last = performance.now();
    // What is done all the time costs no more than this: the timer looks how long ago it was.
    if (armed) timer ??= setTimeout(look, ms);
  };
  listen(window, "pointermove pointerdown touchmove wheel keydown scroll pageshow focus", done);
  listen(document, "visibilitychange", done);
  return (on) => {
    armed = on;
    done();
  };
};
