/**
 * What a page fetches, against tests/size.json: raw, gzip -9 and brotli 11 bytes. A budget (`max`) is over: exit 1.
 * A `goal` is where it has to get: what is missing is told each time.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { Failure, main } from "./step.mjs";

const dist = "pkg/dist";

/** A module and all that it imports statically; `import(…)` is fetched later. */
function withImports(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith(".js")) return seen;
  const code = readFileSync(join(dist, file), "utf8");
  for (const [, path] of code.matchAll(/(?:\bfrom|\bimport)\s*"(\.{1,2}\/[^"]+)"/g)) withImports(join(dirname(file), path), seen);
  return seen;
}

function measure(file) {
  const bytes = readFileSync(join(dist, file));
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

await main(() => {
  if (!existsSync(dist)) throw new Failure(`${dist} is missing.`, "npm run build");
  const line = (name, { raw, gzip, brotli }, note = "") =>
    console.log(`${name.padEnd(28)}${[raw, gzip, brotli].map((n) => n.toLocaleString("en").padStart(10)).join("")}  ${note}`.trimEnd());
  console.log(`${"".padEnd(28)}       raw      gzip    brotli`);
  for (const [entry, { files, max, goal = {} }] of Object.entries(JSON.parse(readFileSync("tests/size.json", "utf8")))) {
    const parts = [...new Set(files.flatMap((file) => [...withImports(file)]))].map((file) => [file, measure(file)]);
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
