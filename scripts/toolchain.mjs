/** Finds or installs what builds and tests need. Nothing here but Node's built-ins: on a fresh clone npm has installed nothing. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, ask, root, run } from "./step.mjs";

const TARGET = "wasm32-unknown-unknown";
const machine = process.arch === "arm64" ? "aarch64" : "x86_64";

/** Packages from Debian; root, or sudo without a password, installs them. */
async function apt(packages, purpose) {
  const missing = packages.filter((name) => ask("dpkg-query", ["-W", "-f=${db:Status-Status}", name]) !== "installed");
  if (missing.length === 0) return;
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  const typed = `apt-get update && apt-get ${install.join(" ")}`;
  if (ask("apt-get", ["--version"]) === null) {
    throw new Failure(`No apt-get here to install ${purpose}.`, `Install what Debian calls ${missing.join(", ")}. Browsers elsewhere than in Debian: set ${Object.keys(programs).join(", ")}.`);
  }
  const sudo = process.getuid() === 0 ? [] : ["sudo", "-n"];
  if (sudo.length > 0 && ask(sudo[0], ["-n", "true"]) === null) {
    throw new Failure(`Installing ${purpose} needs root.`, `sudo sh -c '${typed}'`);
  }
  const get = (...args) => {
    const [command, ...rest] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qo", "Dpkg::Use-Pty=0", ...args];
    return run(command, rest);
  };
  await get("update").catch(() => console.error("apt-get update failed; trying with the lists at hand"));
  await get(...install).catch((error) => { throw new Failure(error.message, typed); });
}

/** rustup's sysroot: it lends the linker to Debian's compiler too. */
const sysroot = () => ask("rustc", ["--print", "sysroot"]) ?? "";

/** Two ways to a Rust that can build std for wasm. Both take nightly switches through RUSTC_BOOTSTRAP. */
const ways = {
  rustup: {
    usable: () => existsSync(join(sysroot(), "lib/rustlib/src/rust/library/std")) && existsSync(join(sysroot(), "lib/rustlib", TARGET)),
    async install() {
      await run("rustup", ["target", "add", TARGET]);
      await run("rustup", ["component", "add", "rust-src"]);
    },
    cargo: "cargo",
    env: () => ({}),
  },
  debian: {
    linker: () => join(sysroot(), `lib/rustlib/${machine}-unknown-linux-gnu/bin/rust-lld`),
    usable: () => ["/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/cargo-clippy", "/usr/lib/rustlib/src/rust/library/std", ways.debian.linker()].every(existsSync),
    install: () => apt(["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"], "Debian's Rust"),
    cargo: "/usr/bin/cargo",
    env: () => ({
      RUSTC: "/usr/bin/rustc",
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: ways.debian.linker(),
      // Its clippy before rustup's.
      PATH: `/usr/bin:${process.env.PATH}`,
    }),
  },
};
const wanted = () => {
  const name = process.env.DANBI_RUST;
  if (!name) return Object.keys(ways);
  if (!(name in ways)) throw new Failure(`DANBI_RUST is ${name}.`, `Set it to ${Object.keys(ways).join(" or ")}, or leave it out.`);
  return [name];
};
const usable = () => wanted().find((name) => ways[name].usable());

/** Cargo for wasm: `{ name, cargo, args, env }`. std is built here, for size; a release also drops the panic messages. */
export function wasm({ release = false } = {}) {
  const name = usable();
  const { cargo, env } = ways[name];
  return {
    name,
    cargo,
    args: ["--target", TARGET, "-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"],
    env: {
      ...env(),
      RUSTC_BOOTSTRAP: "1",
      // A folder of its own: RUSTC_BOOTSTRAP makes build scripts run again, and native builds would suffer.
      CARGO_TARGET_DIR: "target/wasm",
      ...(release && { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "-Zunstable-options -Cpanic=immediate-abort" }),
    },
  };
}

/** The version of wasm-bindgen in Cargo.toml; the CLI must be exactly that one. */
const pinned = /^wasm-bindgen = "=([^"]+)"/m.exec(readFileSync("Cargo.toml", "utf8"))?.[1];

/** The CLI of the pinned version: where WASM_BINDGEN says, else in target/tools, else on the PATH. */
export function wasmBindgen() {
  const places = process.env.WASM_BINDGEN ? [process.env.WASM_BINDGEN] : [join(root, "target/tools/bin/wasm-bindgen"), "wasm-bindgen"];
  return places.find((place) => ask(place, ["--version"]) === `wasm-bindgen ${pinned}`);
}
/** Comes with the CLI. */
export const wasmBindgenTestRunner = () => join(dirname(wasmBindgen()), "wasm-bindgen-test-runner");

/** Programs of the browser tests, each movable by a variable of the same name. */
export const programs = Object.fromEntries(Object.entries({
  CHROMIUM: "/usr/bin/chromium",
  CHROMEDRIVER: "/usr/bin/chromedriver",
  FIREFOX: "/usr/bin/firefox-esr",
  WEBKIT_DRIVER: "/usr/bin/WebKitWebDriver",
  MINIBROWSER: `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
}).map(([name, path]) => [name, process.env[name] ?? path]));

const npm = {
  title: "npm packages",
  inputs: ["package-lock.json", "package.json", "pkg/package.json", "www/package.json"],
  outputs: ["node_modules/.package-lock.json"],
  run: () => run("npm", ["ci", "--no-audit", "--no-fund"]).catch((error) => {
    throw new Failure(error.message, "Is the npm registry within reach? After a change of package.json, run `npm install`.");
  }),
};

const rust = {
  title: "Rust for wasm32",
  done: () => usable() !== undefined,
  async run() {
    if (ask("cargo", ["--version"]) === null) throw new Failure("There is no Rust here.", "Install rustup and its stable toolchain.");
    for (const name of wanted()) {
      await ways[name].install().catch((error) => console.error(`with ${name}: ${error.message}${error.remedy ? ` (${error.remedy})` : ""}`));
      if (ways[name].usable()) return;
    }
    throw new Failure("No way to compile for wasm32 was found.", "`rustup target add wasm32-unknown-unknown && rustup component add rust-src`, or on Debian `apt-get install rustc-web cargo-web rust-web-src rust-web-clippy` beside rustup's toolchain.");
  },
};

const bindgen = {
  title: `wasm-bindgen ${pinned} (a few minutes, once)`,
  done: () => wasmBindgen() !== undefined,
  run() {
    if (process.env.WASM_BINDGEN) throw new Failure(`WASM_BINDGEN is not wasm-bindgen ${pinned}.`, "Point it at that version or leave it out.");
    // Without --locked: the lock file that the crate ships names a crate newer than its index. Little optimized: it runs for a moment.
    return run("cargo", ["install", "wasm-bindgen-cli", "--version", pinned, "--root", "target/tools", "--force"], {
      env: { CARGO_PROFILE_RELEASE_OPT_LEVEL: "1", CARGO_PROFILE_RELEASE_LTO: "off", CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16" },
    });
  },
};

const lints = {
  title: "clippy and rustfmt",
  done: () => ask("cargo", ["clippy", "--version"]) !== null && ask("cargo", ["fmt", "--version"]) !== null,
  run: () => run("rustup", ["component", "add", "clippy", "rustfmt"]),
};

const browsers = {
  title: "browsers",
  done: () => [...Object.values(programs), "/usr/bin/xvfb-run", "/usr/bin/xauth"].every(existsSync),
  run: () => apt(["chromium", "chromium-driver", "firefox-esr", "webkit2gtk-driver", "xvfb", "xauth", "fonts-noto-color-emoji"], "browsers"),
};

/** Where `cargo fuzz` finds itself. */
export const tools = join(root, "target/tools/bin");
const fuzzer = "0.13.2";
const fuzzing = {
  title: `cargo-fuzz ${fuzzer} (a minute, once)`,
  done: () => ask(join(tools, "cargo-fuzz"), ["--version"]) === `cargo-fuzz ${fuzzer}` && ask("c++", ["--version"]) !== null,
  async run() {
    // libFuzzer itself is C++.
    if (ask("c++", ["--version"]) === null) await apt(["g++"], "a C++ compiler");
    await run("cargo", ["install", "cargo-fuzz", "--version", fuzzer, "--locked", "--root", "target/tools", "--force"]);
  },
};

/** What each script asks for. */
export const forScripts = [npm];
export const forBuild = [npm, rust, bindgen];
export const forTests = [...forBuild, lints, browsers];
export const forFuzzing = [fuzzing];
