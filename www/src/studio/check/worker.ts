/** Runs the suites of a bundle by the live engine. */
import { suites } from "danbi/studio";

const here = globalThis as unknown as { onmessage: (event: MessageEvent) => void; postMessage: (answer: unknown) => void };
here.onmessage = async ({ data }) => {
  try {
    here.postMessage(await suites(data));
  } catch {
    here.postMessage(null);
  }
};
