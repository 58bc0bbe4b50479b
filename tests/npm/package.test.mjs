/** The package as others get it: packed, installed, imported, type-checked, bundled, put on a static page. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "../e2e/browsers.mjs";
import { pack, root, scratch } from "./pack.mjs";

const exec = promisify(execFile);
const { tarball, folder, files } = pack();
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const bundle = readFileSync(join(root, "tests/data/online-retail.bundle.json"), "utf8");
const versions = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;

/** What every page below does; its outcome says whether the engine ran and the event is on disk. */
const script = `
const client = createClient({ bundle: ${bundle}, consent: { functional: true, analytics: true, personalization: true } });
const receipt = await client.track("view_item", { items: [{ item_id: "a" }] });
globalThis.outcome = { ...(await client.ready), status: receipt.status };`;
const works = { engine: true, storage: true, status: "stored" };

/** A project of someone else's, with the tarball and Vite installed. */
const project = scratch();
let browser;
before(async () => {
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "someone", private: true, type: "module" }));
  await exec("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball, `vite@${versions.vite}`], { cwd: project });
  browser = await launch("chromium");
}, { timeout: 120_000 });
after(() => browser?.close());

async function outcomeAt(url) {
  await browser.open(url);
  return browser.waitFor(() => globalThis.outcome);
}

test("the tarball holds what is needed and nothing else", () => {
  for (const path of ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "README.md", "dist/index.js", "dist/danbi.js", "dist/danbi.wasm", "dist/studio/danbi_studio.wasm", "schema/bundle.json"]) {
    assert.ok(files.includes(path), `${path} is missing`);
  }
  assert.deepEqual(files.filter((path) => /^src\/|\.rs$|\.test\.|node_modules|\.map$|\.tgz$|tsconfig|\.tsbuildinfo/.test(path)), []);
});

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
});

for (const entry of Object.keys(manifest.exports)) {
  test(`Node imports danbi${entry.slice(1)}, which does nothing`, { timeout: 30_000 }, async () => {
    const name = JSON.stringify(`danbi${entry.slice(1)}`);
    const json = String(manifest.exports[entry]).endsWith(".json");
    const code = `
      const before = Object.getOwnPropertyNames(globalThis);
      const module = await import(${name}${json ? ', { with: { type: "json" } }' : ""});
      const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name));
      console.log(JSON.stringify({ added, names: Object.keys(module) }));`;
    // Ending by itself shows that no timer and no socket was left open.
    const { stdout, stderr } = await exec(process.execPath, ["--no-warnings", "--input-type=module", "-e", code], { cwd: project });
    assert.equal(stderr, "");
    const { added, names } = JSON.parse(stdout);
    assert.deepEqual(added, []);
    assert.ok(names.length > 0, "it exports nothing");
  });
}

test("a program that uses the types passes tsc --strict", async () => {
  writeFileSync(join(project, "example.ts"), `
import { createClient, DanbiError, type Client, type Decision, type Receipt } from "danbi";

const danbi: Client = createClient({ bundle: "/danbi/bundle.json", endpoint: "/v1/batch", consent: { analytics: true } });
const receipt: Promise<Receipt> = danbi.track("add_to_cart", { items: [{ item_id: "a", price: 41000, quantity: 1 }] });
const stop: () => void = danbi.on("message", (decision: Decision) => decision.campaign !== "welcome");
const bar: number | undefined = danbi.progress()?.tiers.main?.percent;
danbi.on("error", ({ code }) => console.log(code.length, bar));
try {
  // @ts-expect-error an event name is a text
  danbi.track(1);
} catch (error) {
  if (error instanceof DanbiError) console.log(error.code, error.path);
}
export { receipt, stop };
`);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  for (const resolution of [["--module", "nodenext"], ["--module", "esnext", "--moduleResolution", "bundler"]]) {
    await exec(process.execPath, [tsc, "--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom", "--types", "", ...resolution, "example.ts"], { cwd: project })
      .catch(({ stdout }) => assert.fail(stdout));
  }
});

test("a new Vite project builds with it, and its dev server serves it", { timeout: 120_000 }, async (t) => {
  mkdirSync(join(project, "src"), { recursive: true });
  writeFileSync(join(project, "index.html"), `<!doctype html><title>someone's</title><script type="module" src="/src/main.js"></script>`);
  writeFileSync(join(project, "src/main.js"), `import { createClient } from "danbi";\n${script}`);
  const vite = join(project, "node_modules/vite/bin/vite.js");

  await exec(process.execPath, [vite, "build"], { cwd: project });
  const site = await serve({ folder: join(project, "dist") });
  t.after(site.close);
  assert.deepEqual(await outcomeAt(site.url), works, "built");

  const dev = spawn(process.execPath, [vite, "--port", "0", "--host", "localhost"], { cwd: project, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NO_COLOR: "1" } });
  t.after(() => dev.kill());
  const url = await new Promise((resolve, reject) => {
    dev.stdout.on("data", (data) => { const found = /http:\/\/\S+/.exec(data); if (found) resolve(found[0]); });
    dev.once("exit", (code) => reject(new Error(`vite ended with ${code}`)));
  });
  assert.deepEqual(await outcomeAt(url), works, "dev server");
});

test("a static page uses it as a plain module script", async (t) => {
  const site = scratch();
  cpSync(join(folder, "dist"), join(site, "danbi"), { recursive: true });
  writeFileSync(join(site, "index.html"), `<!doctype html><title>static</title><script type="module">import { createClient } from "./danbi/index.js";\n${script}</script>`);
  const server = await serve({ folder: site });
  t.after(server.close);
  assert.deepEqual(await outcomeAt(server.url), works);
});
