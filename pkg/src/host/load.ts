/** What the engine is made of: the bundle and the wasm, from the network or from what was given. */
import type { CoreModule } from "../core.js";
import type { Options } from "../types.js";
import type { Journal } from "./journal.js";

/** Why there is no engine. */
export class Refused extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The bundle to use, and the last good one after it, where there is one. */
export const loadBundles = async (given: Options["bundle"], { run, stored }: Journal, report: (code: string, message: string) => void): Promise<any[]> => {
  if (typeof given == "object" && !(given instanceof URL)) return [given];
  const kept: any = stored() ? await run("readonly", (store) => store("kv").get("bundle")).then((request) => request?.result).catch(() => undefined) : undefined;
  try {
    const reply = await fetch(given, { cache: "no-cache" });
    if (!reply.ok) throw Error("status " + reply.status);
    const fetched: any = await reply.json();
    // Its version never goes back on a device.
    return kept && kept.bundle == fetched.bundle && kept.version > fetched.version ? [kept] : kept ? [fetched, kept] : [fetched];
  } catch (error) {
    report("bundle_fetch", "the bundle could not be fetched: " + error);
    if (kept) return [kept];
    throw new Refused("network", "the bundle could not be fetched");
  }
};

/** The wasm, compiled and started. */
export const loadCore = async (given: NonNullable<Options["wasm"]>): Promise<{ glue: CoreModule; compiled: WebAssembly.Module }> => {
  if (typeof WebAssembly != "object") throw new Refused("no_wasm", "there is no WebAssembly here");
  // @ts-ignore made by wasm-bindgen, beside the built file
  const loading = import("./danbi.js") as Promise<CoreModule>;
  loading.catch(() => {});
  const compile = async (bytes: BufferSource) => {
    try {
      return await WebAssembly.compile(bytes);
    } catch (error) {
      throw new Refused("wasm_refused", "this page may not run wasm, its policy needs 'wasm-unsafe-eval': " + error);
    }
  };
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
  const glue = await loading;
  await glue.default({ module_or_path: compiled });
  return { glue, compiled };
};
