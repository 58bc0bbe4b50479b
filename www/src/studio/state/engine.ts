/** The live engine, loaded when it is first asked, and what is told where it cannot be. */
import { signal } from "@preact/signals";

export const studio = () => import("danbi/studio");
/** The engine could not be run. */
export const fault = signal(false);

/** Runs what needs the engine. */
export const withEngine = async (run: () => Promise<void>) => {
  try {
    await run();
    fault.value = false;
  } catch {
    fault.value = true;
  }
};

/** Runs what is asked last, and never two at once. */
export const latest = (run: () => Promise<void>) => {
  let running = false, again = false;
  return async () => {
    if (running) return void (again = true);
    running = true;
    do {
      again = false;
      await run();
    } while (again);
    running = false;
  };
};
