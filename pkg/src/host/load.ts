/** The wasm, from the network or from what was given. */
import type { CoreModule } from "../core.js";
import type { Options } from "../types.js";

/** Why there is no engine. */
export class Refused extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The wasm, compiled and started. */
export const loadCore = async (given: NonNullable<Options["wasm"]>): Promise<{ glue: CoreModule; compiled: WebAssembly.Module }> => {
  if (typeof WebAssembly != "object") throw new Refused("no_wasm", "there is no WebAssembly here");
  // @ts-ignore made by wasm-bindgen, beside the built file
  const loading = import("./danbi.js") as Promise<{ default: () => CoreModule }>;
  loading.catch(() => {});
  const refused = (error: unknown): never => {
    throw new Refused("wasm_refused", "this page may not run wasm, its policy needs 'wasm-unsafe-eval': " + error);
  };
  const compile = (bytes: BufferSource) => WebAssembly.compile(bytes).catch(refused);
  let compiled: WebAssembly.Module;
  if ((given as object) instanceof WebAssembly.Module) compiled = given as unknown as WebAssembly.Module;
  else if (typeof given == "object" && !(given instanceof URL)) compiled = await compile(given as BufferSource);
  else {
    const reply = await fetch(given as string | URL);
    if (!reply.ok) throw Error("wasm: status " + reply.status);
    const copy = reply.clone();
    // Streaming refuses a wrong content type; the bytes do not care.
    compiled = await WebAssembly.compileStreaming(reply).catch(async () => compile(await copy.arrayBuffer()));
  }
  // Another client of the page has its own.
  const glue = (await loading).default();
  // WebKit lets such a page compile, and refuses here.
  await glue.default({ module_or_path: compiled }).catch(refused);
  return { glue, compiled };
};
