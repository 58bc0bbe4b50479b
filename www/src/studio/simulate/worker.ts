/** Simulates where nothing else runs: the page stays as quick as it was. Ended from outside when it is given up. */
import { simulate, type SimulationRequest } from "danbi/studio";

export interface Asked {
  bundle: unknown;
  request: SimulationRequest;
}
/** Why there is no answer: as the engine says it, or that it could not be loaded. */
export interface Fault {
  code: string;
  path?: string;
  message?: string;
}
export type Told = { done: number } | { line: string } | { fault: Fault };

const tell = (told: Told) => postMessage(told);
onmessage = async ({ data: { bundle, request } }: MessageEvent<Asked>) => {
  try {
    // The text itself is handed over, so that a file of it holds what the command line prints.
    tell({ line: JSON.stringify(await simulate(bundle, request, (done) => tell({ done }))) });
  } catch (error) {
    const { code = "unavailable", path, message } = error as Partial<Fault>;
    tell({ fault: { code, path, message } });
  }
};
