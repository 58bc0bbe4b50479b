/** Builds the package into pkg/dist and the demo into www/dist: cargo, wasm-bindgen, wasm-opt, esbuild, tsc, Vite. */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { smaller } from "./glue.mjs";
import { Failure, ask, isMain, main, run, steps } from "./step.mjs";
import { forBuild, wasm, wasmBindgen } from "./toolchain.mjs";

const dist = "pkg/dist";
const crate = ["src", "Cargo.toml", "Cargo.lock"];
const scripts = ["scripts/build.mjs", "scripts/glue.mjs", "scripts/toolchain.mjs"];

/** Features of WebAssembly that every browser of the last three years has. Not --all-features: Node 20 rejects the outcome. */
const features = ["bulk-memory", "nontrapping-float-to-int", "reference-types", "sign-ext", "mutable-globals", "multivalue"].map((name) => `--enable-${name}`);
/**
 * A large function that is called once stays by itself: inside another, the numbers of locals get longer and rarer, and gzip makes less of
 * them. One of four instructions never does: browsers compile each function when it is first called, on the page's own thread.
 */
const inlined = ["--one-caller-inline-max-function-size=40", "--always-inline-max-function-size=4"];
const stripped = ["--low-memory-unused", "--strip-debug", "--strip-producers", "--strip-target-features"];
const small = [...features, "-Oz", "--converge", ...inlined, ...stripped];
const fast = [...features, "-O3", ...stripped];

/** Less than rustc's 1 MiB: addresses of data become shorter. The deepest recursion, 64 levels of a document, takes a fraction. */
const stack = "-Clink-arg=-zstack-size=131072";

/** rustc inlines what makes the caller shorter, and no more. */
const inline = "-Cllvm-args=-inline-threshold=0";

/**
 * One wasm of the crate and its glue, built under a profile of Cargo.toml: `folder/name.wasm`, `folder/name.js`; `many`: that exports
 * a function which makes glue for an instance.
 */
const core = (title, name, folder, crateFeatures, profile, flags, wasmOpt, many) => ({
  title,
  inputs: [...crate, ...scripts],
  outputs: [join(folder, `${name}.wasm`), join(folder, `${name}.js`)],
  salt: () => ask(wasm().env.RUSTC ?? "rustc", ["--version"]) + wasmBindgen(),
  async run() {
    const { cargo, args, env } = wasm({ release: true });
    // As a cdylib alone: beside an rlib, cargo leaves link-time optimization out.
    await run(cargo, ["rustc", "--lib", "--crate-type", "cdylib", "--profile", profile, "--no-default-features", "--features", crateFeatures, ...args, "--", ...flags], { env });

    const out = "target/wasm/bindgen";
    rmSync(out, { recursive: true, force: true });
    // The loader always says where the wasm is; a default address in the glue would make bundlers emit it twice.
    await run(wasmBindgen(), [
      "--target", "web", "--no-typescript", "--omit-default-module-path", "--remove-name-section", "--remove-producers-section",
      "--out-dir", out, "--out-name", name, `target/wasm/wasm32-unknown-unknown/${profile}/danbi.wasm`,
    ]);
    mkdirSync(folder, { recursive: true });
    const optimizer = "node_modules/binaryen/bin/wasm-opt", optimized = join(out, "optimized.wasm");
    await run(process.execPath, [optimizer, ...wasmOpt, `${out}/${name}_bg.wasm`, "-o", optimized]);
    // One letter for each import and export, where hashes were; it prints which.
    const names = ask(process.execPath, [optimizer, ...features, "--minify-imports-and-exports-and-modules", optimized, "-o", join(folder, `${name}.wasm`)]);
    if (names === null) throw new Failure("wasm-opt cannot rename imports.", "Has its version changed?");
    const glue = join(out, `${name}.js`);
    writeFileSync(glue, smaller(readFileSync(glue, "utf8"), JSON.parse(names)));
    const { build } = await import("esbuild");
    // A bundle of one, which is thereby rid of what nobody calls.
    await build({ entryPoints: [glue], outdir: folder, bundle: true, minify: true, format: "esm", target: "es2022" });
    const built = readFileSync(join(folder, `${name}.js`), "utf8");
    if (/\.__wbindgen_/.test(built)) throw new Failure("The glue calls what the wasm does not export.", "See scripts/glue.mjs.");
    if (!many) return;
    // Glue works for one instance; each client of a page has its own.
    const code = built.replace(/export\{(\w+) as Core,(\w+) as default\};\s*$/, "return{Core:$1,default:$2}");
    if (code === built) throw new Failure("The glue exports other names than Core and default.", "See scripts/build.mjs.");
    writeFileSync(join(folder, `${name}.js`), `${eager}export default()=>{${code}};\n`);
  },
});

/**
 * On what every page loads: V8 compiles all functions of such a file at once instead of each at its first call, and keeps them all in
 * the browser's code cache. Bundlers leave the comment out of what they make of the package.
 */
const eager = "//# allFunctionsCalledOnLoad\n";

/** What `index` and `runtime` call each other by and nobody else does; no key of anything that is stored or sent. */
const inner = /^(settled|known|begun|failed|stored|ended|erased|held|rare|end|grants|last|row|run|callback)$/;

/** Modules of the package. What `index` shares with others lands in chunks beside it; the others of its group are loaded on demand. */
const modules = {
  title: "JavaScript of the package",
  inputs: ["pkg/src", "pkg/package.json", "package-lock.json", ...scripts],
  outputs: ["index", "runtime", "signals", "consent", "shopify", "studio/index", "testing/index"].map((name) => `${dist}/${name}.js`),
  async run() {
    const { build } = await import("esbuild");
    const { minifySync } = await import("rolldown/utils");
    // What a shop loads, and what it does not, apart: else what they share would be one more file for the page.
    for (const entryPoints of [
      { index: "pkg/src/index.ts", runtime: "pkg/src/runtime.ts", signals: "pkg/src/signals/index.ts", consent: "pkg/src/consent/index.ts" },
      { shopify: "pkg/src/shopify.ts" },
      { "studio/index": "pkg/src/studio.ts", "testing/index": "pkg/src/testing.ts" },
    ]) {
      const { outputFiles } = await build({
        entryPoints, outdir: dist, chunkNames: "[name]", bundle: true, splitting: true, format: "esm", minify: true, mangleProps: inner, target: "es2022", charset: "utf8", write: false,
        // Made by wasm-bindgen, beside the module that names it. `node:` is for danbi/testing under Node.
        external: ["*/danbi.js", "*/danbi_studio.js", "*/danbi_simulator.js", "node:*"],
      });
      for (const { path, text } of outputFiles) {
        // Once more, by what takes another 4 % off. Names of files stay in quotes, where every bundler finds them.
        const { code, errors } = minifySync(path, text, { module: true, compress: { target: "es2022" }, mangle: true });
        if (errors.length > 0) throw new Failure(`${path} cannot be minified: ${errors[0].message}`, "Has rolldown's version changed?");
        mkdirSync(dirname(path), { recursive: true });
        const started = /[\\/](index|runtime|stage)\.js$/.test(path) && entryPoints.index;
        writeFileSync(path, (started ? eager : "") + code.replace(/(import|URL)\(`([^`$\\]+)`/g, '$1("$2"'));
      }
    }
  },
};

const types = {
  title: "types of the package",
  inputs: ["pkg/src", "pkg/tsconfig.json", "package-lock.json", ...scripts],
  outputs: [`${dist}/types/index.d.ts`],
  run() {
    rmSync(`${dist}/types`, { recursive: true, force: true });
    return run(process.execPath, [
      "node_modules/typescript/bin/tsc", "-p", "pkg", "--noEmit", "false", "--declaration", "--emitDeclarationOnly",
      "--rootDir", "pkg/src", "--outDir", `${dist}/types`,
    ]);
  },
};

/** The command line: writes the schema, and replays in tests. */
const cli = {
  title: "command line and JSON Schema",
  inputs: [...crate, ...scripts],
  outputs: ["target/release/danbi", "pkg/schema/bundle.json"],
  async run() {
    await run("cargo", ["build", "--release", "--features", "cli", "--bin", "danbi"]);
    const schema = ask("target/release/danbi", ["schema"]);
    if (schema === null) throw new Failure("`danbi schema` failed.", "Run target/release/danbi schema.");
    mkdirSync("pkg/schema", { recursive: true });
    writeFileSync("pkg/schema/bundle.json", `${schema}\n`);
  },
};

const papers = ["README.md", "LICENSE", "LICENSE-MIT", "LICENSE-APACHE"];
const texts = {
  title: "README and licenses of the package",
  inputs: papers,
  outputs: papers.map((name) => `pkg/${name}`),
  run: () => papers.forEach((name) => copyFileSync(name, `pkg/${name}`)),
};

const shop = {
  title: "demo shop",
  inputs: ["www", dist, "package-lock.json"],
  outputs: ["www/dist/index.html"],
  run: () => run("npm", ["run", "build", "--workspace", "www"]),
};

/** All of it, in order. */
export const build = [
  core("wasm for shops", "danbi", dist, "", "wasm", [stack, inline], small, true),
  core("wasm for the Studio", "danbi_studio", `${dist}/studio`, "studio", "wasm", [stack, inline], small),
  core("wasm that simulates", "danbi_simulator", `${dist}/studio`, "simulator", "fast", [], fast),
  modules, types, cli, texts, shop,
];

if (isMain(import.meta.url)) await main(() => steps([...forBuild, ...build]));
