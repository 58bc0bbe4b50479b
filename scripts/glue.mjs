/**
 * Makes what wasm-bindgen writes small and able to start again.
 *
 * The glue is made for every module and every host; danbi's needs less, and more: the shell calls `default()` again
 * after a trap, and then nothing of the dead instance may reach into the new one's memory. So its helpers and its way to
 * start are replaced by the ones below. All that is replaced must be there, else the build fails: a new version of
 * wasm-bindgen is to be looked at.
 */
import { Failure } from "./step.mjs";

const changed = (what) => new Failure(`The glue of wasm-bindgen is not what scripts/glue.mjs expects: ${what}.`, "Compare it with the new version's.");

/** Instead of the generated functions of the same names; those that the glue does not call are shaken out. */
const helpers = `
let bytes;
const memory = () => bytes?.buffer == wasm.memory.buffer ? bytes : bytes = new Uint8Array(wasm.memory.buffer);
let view;
function getDataViewMemory0() {
  return view?.buffer == wasm.memory.buffer ? view : view = new DataView(wasm.memory.buffer);
}
const decoder = new TextDecoder("utf-8", { ignoreBOM: true }), encoder = new TextEncoder();
function getStringFromWasm0(pointer, length) {
  pointer >>>= 0;
  return decoder.decode(memory().subarray(pointer, pointer + length));
}
let WASM_VECTOR_LEN = 0;
function passStringToWasm0(text) {
  let length = text.length, pointer = wasm.__wbindgen_malloc(length, 1) >>> 0, into = memory();
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) {
      const encoded = encoder.encode(text);
      pointer = wasm.__wbindgen_realloc(pointer, length, length = encoded.length, 1) >>> 0;
      memory().set(encoded, pointer);
      break;
    }
    into[pointer + index] = code;
  }
  WASM_VECTOR_LEN = length;
  return pointer;
}
function isLikeNone(given) {
  return given == null;
}
function handleError(call, given) {
  try {
    return call(...given);
  } catch (error) {
    wasm.__wbindgen_exn_store(addToExternrefTable0(error));
  }
}
// Whatever still listens for a dead instance, or for a dropped closure, hears nothing.
function makeClosure(first, second, call) {
  const own = wasm;
  let held = 1;
  const unref = () => --held || wasm.__wbindgen_destroy_closure(first, second);
  const real = (...given) => {
    if (own != wasm || !held) return;
    held++;
    try {
      return call(first, second, ...given);
    } finally {
      unref();
    }
  };
  real._wbg_cb_unref = unref;
  return real;
}
let wasm;
async function __wbg_init({ module_or_path }) {
  const made = await WebAssembly.instantiate(module_or_path, __wbg_get_imports());
  wasm = (made.instance ?? made).exports;
  wasm.__wbindgen_start();
}
export { __wbg_init as default };
`;

/** The generated functions that `helpers` takes the place of; where a glue has one, left in, the bundle would not build. */
const functions = ["getDataViewMemory0", "getUint8ArrayMemory0", "getStringFromWasm0", "passStringToWasm0", "isLikeNone", "handleError", "makeClosure", "decodeText"];

/** Exports for which this glue has no use. */
const unused = ["__abort_handler", "__instance_terminated", "__wbindgen_free"];

/** The glue as it is to be bundled; `imports` and `exports` are what wasm-opt prints of its renaming. */
export function smaller(source, { imports, exports }) {
  const cut = (pattern) => (source = source.replace(pattern, ""));
  for (const name of functions) cut(new RegExp(`^function ${name}\\([^]*?^}\n`, "m"));
  cut(/^let cached(DataView|Uint8Array)Memory0 = null;\n/gm);
  cut(/^let cachedTextDecoder = [^]*?\nlet WASM_VECTOR_LEN = 0;\n/m);
  source = source.replaceAll(/(passStringToWasm0\(\w+), wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\)/g, "$1)");
  // Nothing is freed by the garbage collector, which would do so in whichever instance runs by then: the shell calls free().
  cut(/^const (CLOSURE_DTORS|\w+Finalization) = [^]*?;\n/gm);
  cut(/^ *\w+Finalization\.(un)?register\(.*\);\n/gm);
  cut(/^if \(Symbol\.dispose\).*\n/gm);
  if (/Finalization/.test(source)) throw changed("something is still freed by the garbage collector");
  // From here on it only starts the wasm, and but once.
  const start = /^let wasmModule, wasmInstance, wasm;\n[^]*^ *if \(wasm !== undefined\) return wasm;\n[^]*^export \{ initSync, __wbg_init as default \};\n/m;
  if (!start.test(source)) throw changed("it starts in another way");
  source = source.replace(start, "");

  // What the optimizer found nobody to call.
  const called = new Set(imports.map(([, name]) => name));
  source = source.replace(/^ {8}(__wb\w+): function\([^]*?^ {8}\}.*\n/gm, (whole, name) => (called.has(name) ? whole : ""));
  const shorten = (kind, pattern, short) => {
    const rename = (code, strict) => code.replace(pattern, (name) => {
      if (strict && !short.has(name)) throw changed(`${kind} ${name} is not in the wasm`);
      return short.get(name) ?? name;
    });
    for (const name of short.keys()) if (!unused.includes(name) && !(source + helpers).match(pattern)?.includes(name)) throw changed(`${kind} ${name} is not in the glue`);
    source = rename(source, true);
    // A helper that nobody calls here may well name what this wasm does not have.
    helping = rename(helping, false);
  };
  let helping = helpers;
  shorten("import", /(?<=^ {8})__wb\w+(?=: function\()/gm, new Map(imports.map(([, name, short]) => [name, short])));
  shorten("export", /(?<=\bwasm\.)\w+/g, new Map(exports));
  shorten("module", /(?<=^ {8}")\.\/\w+\.js(?=": import0,$)/gm, new Map(imports.map(([module]) => [module, "a"])));
  return source + helping;
}
