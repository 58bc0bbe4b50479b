/**
 * `npm test`: installs what is missing, then runs every check, the rest too when one fails.
 * `--only=lint,rust,npm,e2e,fuzz` runs some of them. `--long` (npm run test:long) runs what does not fit the time budget as well.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { parseArgs } from "node:util";
import { Failure, main, steps } from "./step.mjs";
import { forFuzzing, forTests, programs, tools, wasm, wasmBindgenTestRunner } from "./toolchain.mjs";

const { values: { only, long } } = parseArgs({ options: { only: { type: "string" }, long: { type: "boolean", default: false } } });
/** Minutes that each group may take on two cores; a check that runs for twice as long is ended. */
const budget = { lint: 3, rust: 6, build: 5, npm: 3, e2e: 20, fuzz: 3 };
const groups = only ? only.split(",") : Object.keys(budget).filter((name) => long || name !== "fuzz");
/** What tests read to know how much to do. */
const amount = long ? { DANBI_LONG: "1", PROPTEST_CASES: "20000" } : {};

const forWasm = (command, more) => {
  const { cargo, args, env } = wasm();
  return [cargo, [command, ...args, ...more], { ...env, CHROMEDRIVER: programs.CHROMEDRIVER, CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: wasmBindgenTestRunner() }];
};
const nodeTests = (folder, { only = () => true, atOnce = 1 } = {}) => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs") && only(name)).map((name) => `${folder}/${name}`);
  return [process.execPath, ["--test", `--test-reporter=${process.stdout.isTTY ? "spec" : "tap"}`, `--test-concurrency=${atOnce}`, ...files], amount];
};
/** Journeys in which moments count, or a browser is killed: each has the machine to itself. */
const alone = (name) => /^(faults|journey|kill|life|offline|signals)\./.test(name);
/** Ten minutes of a target, which begins with all that was kept; what it finds is kept beside it. */
const fuzz = (target) => {
  const fresh = `target/fuzz/corpus/${target}`, kept = `fuzz/corpus/${target}`;
  mkdirSync(fresh, { recursive: true });
  const limits = ["-max_total_time=600", "-timeout=20", "-rss_limit_mb=2048", "-max_len=16384", "-print_final_stats=1", `-artifact_prefix=${kept}/found-`];
  return ["cargo", ["fuzz", "run", "-s", "none", "--target-dir", "target/fuzz", target, fresh, kept, "--", ...limits], { RUSTC_BOOTSTRAP: "1", PATH: `${tools}${delimiter}${process.env.PATH}` }];
};
const tsc = ["node_modules/typescript/bin/tsc", "-p", "pkg", "--noEmit"];

/** Group, title, and how to run it: `[command, args, env]`. */
const checks = () => [
  ["lint", "format", ["cargo", ["fmt", "--check"]]],
  ["lint", "clippy", ["cargo", ["clippy", "--all-targets", "--all-features", "--", "-D", "warnings"]]],
  ["lint", "clippy for shops", forWasm("clippy", ["--lib", "--", "-D", "warnings"])],
  ["lint", "clippy for the Studio", forWasm("clippy", ["--lib", "--features", "studio", "--", "-D", "warnings"])],
  ["lint", "clippy for what simulates", forWasm("clippy", ["--lib", "--features", "simulator", "--", "-D", "warnings"])],
  ["lint", "types of the package", [process.execPath, tsc]],
  ["rust", "native tests", ["cargo", ["test", "--features", "cli", "--no-fail-fast"], amount]],
  ["rust", "wasm tests for shops", forWasm("test", ["--lib", "--no-fail-fast"])],
  ["rust", "wasm tests for the Studio", forWasm("test", ["--lib", "--features", "studio", "--no-fail-fast"])],
  ["build", "build", [process.execPath, ["scripts/build.mjs"]]],
  ["build", "sizes", [process.execPath, ["scripts/size.mjs"]]],
  ["build", "types of the demo", ["npm", ["run", "types", "--workspace", "www", "--if-present"]]],
  ["npm", "package tests", nodeTests("tests/npm")],
  ["e2e", "journeys in three browsers", nodeTests("tests/e2e", { only: alone })],
  ["e2e", "messages and the Studio", nodeTests("tests/e2e", { only: (name) => !alone(name), atOnce: 2 })],
  ...(groups.includes("fuzz") ? ["condition", "bundle"].map((target) => ["fuzz", `fuzzing: ${target}`, fuzz(target)]) : []),
];

/** Runs one check, its output passing through; answers with how many tests passed and failed. */
function check([command, args, env], minutes) {
  return new Promise((resolve) => {
    // A group of its own, so that whatever it started ends with it.
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const end = () => { try { process.kill(-child.pid, "SIGKILL"); } catch { /* has ended */ } };
    const interrupted = () => { end(); process.exit(130); };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    const timer = setTimeout(() => { console.log(`ended after ${minutes} minutes`); end(); }, minutes * 60_000);
    let output = "";
    child.stdout.on("data", (data) => { output += data; process.stdout.write(data); });
    child.stderr.on("data", (data) => process.stderr.write(data));
    child.on("error", (error) => console.log(error.message));
    child.on("close", (code) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      end();
      // The closing lines of cargo and of node:test.
      const counts = (name) => [...output.matchAll(new RegExp(`^test result: .*? (\\d+) ${name}ed|^(?:#|ℹ) ${name} (\\d+)`, "gm"))];
      const sum = (name) => counts(name).reduce((total, [, cargo, node]) => total + Number(cargo ?? node), 0);
      // A check that counts nothing counts as one, and so does a runner that fails on its way.
      resolve({ passed: counts("pass").length > 0 ? sum("pass") : Number(code === 0), failed: sum("fail") || Number(code !== 0) });
    });
  });
}

await main(async () => {
  for (const name of groups) if (!(name in budget)) throw new Failure(`No group ${name}.`, `There are ${Object.keys(budget).join(", ")}.`);
  await steps([...forTests, ...(groups.includes("fuzz") ? forFuzzing : [])]);
  const total = { passed: 0, failed: 0 }, report = [];
  const needsBuild = groups.some((name) => name === "npm" || name === "e2e");
  let built = true;
  for (const [group, title, how] of checks()) {
    if (!groups.includes(group) && !(needsBuild && title === "build")) continue;
    console.log(`\n── ${title} ──`);
    const start = performance.now();
    const outcome = !built && group !== "lint" ? { passed: 0, failed: 1 } : await check(how, 2 * budget[group] * (long ? 10 : 1));
    if (!built) console.log("not run: the build failed");
    if (title === "build") built = outcome.failed === 0;
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    const [passed, failed] = [outcome.passed, outcome.failed].map((count) => String(count).padStart(5));
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(7);
    report.push(`${outcome.failed ? "FAILED" : "ok    "} ${title.padEnd(28)} ${passed} passed ${failed} failed ${seconds} s`);
  }
  console.log(`\n${report.join("\n")}`);
  if (!long) console.log("Left out, as `npm run test:long` runs it: property tests with 20,000 cases each instead of 256, 100,000 simulator seeds instead of 2,000, 20 kill seeds an engine instead of 2, the whole offline table, 2,000 synthetic shoppers for 60 days instead of a few, two thirds of the hostile strings through the engine in Firefox and WebKitGTK, ten minutes of fuzzing for conditions and for bundles.");
  if (only) console.log(`Left out by --only: ${Object.keys(budget).filter((name) => !groups.includes(name)).join(", ")}.`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0) process.exitCode = 1;
});
