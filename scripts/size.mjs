/**
 * What a page fetches, against tests/size.json: raw, gzip -9 and brotli 11 bytes. A budget (`max`) is over: exit 1.
 * A `goal` is where it has to get: what is missing is told each time. Files are the package's, or those of a built site
 * (`in`): a page stands for what it links to, `*` in a name for the hash there.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { Failure, main } from "./step.mjs";

const dist = "pkg/dist", site = "www/dist";

const links = { ".js": /(?:\bfrom|\bimport)\s*"(\.{1,2}\/[^"]+)"/g, ".html": /<(?:script|link)\b[^>]*(?:src|href)="(\.\/assets\/[^"]+)"/g };
/** A module and all that it imports statically, a page and all that it links to; `import(…)` is fetched later. */
function withImports(folder, file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const pattern = links[extname(file)];
  if (!pattern) return seen;
  const code = readFileSync(join(folder, file), "utf8");
  for (const [, path] of code.matchAll(pattern)) withImports(folder, join(dirname(file), path), seen);
  return seen;
}

/** Files of a folder by their names, `*` standing for letters, digits, `-` and `_`. */
function named(folder, file) {
  if (!file.includes("*")) return [file];
  const pattern = new RegExp(`^${basename(file).replace(/[.]/g, "\\.").replace("*", "[\\w-]{8}")}$`);
  const found = readdirSync(join(folder, dirname(file))).filter((name) => pattern.test(name));
  if (found.length === 0) throw new Failure(`${join(folder, file)} is missing.`, "npm run build");
  return found.map((name) => join(dirname(file), name));
}

function measure(folder, file) {
  const bytes = readFileSync(join(folder, file));
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

await main(() => {
  for (const folder of [dist, site]) if (!existsSync(folder)) throw new Failure(`${folder} is missing.`, "npm run build");
  const line = (name, { raw, gzip, brotli }, note = "") =>
    console.log(`${name.padEnd(28)}${[raw, gzip, brotli].map((n) => n.toLocaleString("en").padStart(10)).join("")}  ${note}`.trimEnd());
  console.log(`${"".padEnd(28)}       raw      gzip    brotli`);
  for (const [entry, { in: folder = dist, files, max, goal = {} }] of Object.entries(JSON.parse(readFileSync("tests/size.json", "utf8")))) {
    const parts = [...new Set(files.flatMap((file) => named(folder, file)).flatMap((file) => [...withImports(folder, file)]))].map((file) => [file, measure(folder, file)]);
    const total = { raw: 0, gzip: 0, brotli: 0 };
    for (const [, size] of parts) for (const key in total) total[key] += size[key];
    const over = Object.keys(max).filter((key) => total[key] > max[key]);
    if (over.length > 0) process.exitCode = 1;
    const limits = Object.entries(max).map(([key, bytes]) => `${key} ≤ ${bytes.toLocaleString("en")}`).join(", ");
    const missed = Object.entries(goal).filter(([key, bytes]) => total[key] > bytes).map(([key, bytes]) => `${key} goal ${bytes.toLocaleString("en")}: missed by ${(total[key] - bytes).toLocaleString("en")}`);
    line(entry, total, [limits && `${limits}: ${over.length > 0 ? "OVER" : "ok"}`, ...missed].filter(Boolean).join("; "));
    if (parts.length > 1) for (const [file, size] of parts) line(`  ${file}`, size);
  }
});
