/** A worker that simulates, and says how long it took. */
import { simulate } from "/danbi/studio/index.js";

onmessage = async ({ data: { bundle, request } }) => {
  const begun = performance.now();
  const line = JSON.stringify(await simulate(bundle, request));
  postMessage({ line, ms: performance.now() - begun });
};
