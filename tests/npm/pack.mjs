/** The tarball that would be published, in a folder that goes when the process ends. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** An empty folder outside the repository: nothing of the workspace is found from there. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "danbi-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Packs pkg/: `tarball` is the file, `folder` what it unpacks to, `files` its paths there. */
export function pack() {
  const into = scratch();
  const [{ filename, files }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--workspace", "pkg", "--pack-destination", into], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const tarball = join(into, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", into]);
  return { tarball, folder: join(into, "package"), files: files.map(({ path }) => path).sort() };
}
