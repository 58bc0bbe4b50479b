/** Steps: say what is done, how far we are and how long it took; skip what is up to date; fail with a remedy. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

/** An error a person can act on. */
export class Failure extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** Runs a program; what it prints goes to standard error, for standard output belongs to what the script itself answers. */
export function run(command, args, { env, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", 2, 2] });
    child.on("error", (error) => reject(new Failure(`${command}: ${error.code === "ENOENT" ? "no such program" : error.message}`)));
    child.on("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Failure(`\`${[command, ...args].join(" ")}\` ended with ${signal ?? code}`)));
  });
}

/** What a program prints, or null where it is missing or fails. */
export function ask(command, args, { env } = {}) {
  const { status, stdout } = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: "utf8", maxBuffer: 1 << 28 });
  return status === 0 ? stdout.trim() : null;
}

/** One hash over files and folders: names and bytes. */
function hash(inputs, salt) {
  const sum = createHash("sha256").update(salt);
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) readdirSync(path).sort().forEach((name) => name !== "node_modules" && name !== "dist" && add(join(path, name)));
    else sum.update(`\0${path}\0`).update(readFileSync(path));
  };
  inputs.forEach(add);
  return sum.digest("hex");
}

/**
 * Runs steps in order. A step is `{ title, run }` and is skipped when `done()` says so, or when it names `inputs`
 * (and `salt`, what else it depends on) that are as they were when its `outputs` were made.
 */
export async function steps(list) {
  mkdirSync("target/stamps", { recursive: true });
  for (const [index, { title, run, done, inputs, outputs = [], salt }] of list.entries()) {
    const label = `[${index + 1}/${list.length}] ${title}`;
    const stamp = join("target/stamps", title.replace(/\W+/g, "-"));
    const sum = () => hash(inputs, salt?.() ?? "");
    const fresh = inputs ? outputs.every(existsSync) && existsSync(stamp) && readFileSync(stamp, "utf8") === sum() : await done?.();
    if (fresh) {
      console.error(`${label}: up to date`);
      continue;
    }
    console.error(`${label} …`);
    rmSync(stamp, { force: true });
    const start = performance.now();
    await run();
    if (inputs) writeFileSync(stamp, sum());
    console.error(`${label}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** Runs a script's `main`; an error becomes a message, a remedy and exit code 1. */
export async function main(body) {
  try {
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major < 20 || (major === 20 && minor < 11)) throw new Failure(`Node ${process.versions.node} is too old.`, "Install Node 20.11 or later.");
    await body();
  } catch (error) {
    console.error(`\ndanbi: ${error instanceof Failure ? error.message : error.stack}`);
    if (error.remedy) console.error(`What to do: ${error.remedy}`);
    process.exitCode = 1;
  }
}

/** Whether this module is the one that Node was asked to run. */
export const isMain = (url) => process.argv[1] === fileURLToPath(url);
