import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => new URL(path, import.meta.url);

/** Folders that keep their names in the built site: messages and other pages refer to these files. */
const FIXED = ["art", "bundles"];

type Output = Parameters<Extract<NonNullable<Plugin["generateBundle"]>, (...given: never[]) => unknown>>[1];
/** Scripts, styles and wasm that the shop's page may come to load: the Studio's are not kept by a shop that is offline. */
function reached(output: Output): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    const file = output[name];
    // Nobody simulates in the shop, though its drawer comes from where that stands.
    if (!file || found.has(name) || name.includes("danbi_simulator")) return;
    found.add(name);
    if (file.type !== "chunk") return;
    for (const next of [...file.imports, ...file.dynamicImports, ...(file.viteMetadata?.importedCss ?? []), ...(file.viteMetadata?.importedAssets ?? [])]) visit(next);
  };
  for (const file of Object.values(output)) if (file.type === "chunk" && file.facadeModuleId?.endsWith("/index.html")) visit(file.fileName);
  return found;
}

/** Puts the fixed folders into the build, and writes `sw.js` with the list of files to keep for use without a network. */
function offline(): Plugin {
  return {
    name: "onsae-offline",
    apply: "build",
    enforce: "post",
    generateBundle(_options, output) {
      const fixed = FIXED.flatMap((folder) => readdirSync(here(folder)).map((name) => `${folder}/${name}`));
      for (const fileName of fixed) {
        this.emitFile({ type: "asset", fileName, source: readFileSync(here(fileName)) });
      }
      // The 124 font files stay out: a page needs about ten of them, and the worker keeps those it sees.
      const shop = reached(output);
      const built = Object.keys(output).filter((name) => (/\.(js|css|wasm)$/.test(name) ? shop.has(name) : name === "index.html" || /\.(json|svg)$/.test(name)));
      // Suites are the Studio's alone.
      const files = [...new Set([...built, ...fixed.filter((name) => !name.endsWith(".suites.json"))])].sort();
      const hash = createHash("sha256");
      for (const name of files) {
        const file = output[name];
        hash.update(name).update(file ? (file.type === "chunk" ? file.code : file.source) : readFileSync(here(name)));
      }
      const head = `const VERSION = "${hash.digest("hex").slice(0, 12)}";\nconst FILES = ${JSON.stringify(files, null, 1)};\n`;
      this.emitFile({ type: "asset", fileName: "sw.js", source: head + readFileSync(here("sw.js"), "utf8") });
    },
  };
}

export default defineConfig({
  // Relative addresses, so that the folder works wherever it is put.
  base: "./",
  publicDir: false,
  plugins: [offline()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // The package finds its wasm beside itself; pre-bundling would tear them apart.
  optimizeDeps: { exclude: ["danbi"] },
  // Workers are modules that fetch their parts, as the pages do.
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Data URIs would be refused by a strict Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "studio.html", "frame.html"] },
  },
});
