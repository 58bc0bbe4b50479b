/** `npm run bench:native`: what the events of the page's bench cost the engine alone, compiled for this machine (`fold.rs`). */
import { spawn } from "node:child_process";
import { bundle } from "./bundle.mjs";
import { event } from "./page/events.js";

const [CAMPAIGNS, EVENTS, BEGUN, APART] = [100, 5000, Date.parse("2026-05-12T01:00:00Z"), 4000];
const line = (n) => {
  const [name, properties] = event(n);
  const context = { timezone: "America/New_York", library: { name: "danbi-js" } };
  return { type: "track", event: name, properties, anonymousId: "a", messageId: `m${10_000 + n}`, timestamp: new Date(BEGUN + n * APART).toISOString(), context };
};
const documents = [bundle(CAMPAIGNS), ...Array.from({ length: EVENTS }, (_, n) => line(n))];
const bench = spawn("cargo", ["bench", "--quiet", "--features", "cli", "--bench", "fold"], { stdio: ["pipe", "inherit", "inherit"] });
bench.stdin.end(documents.map((document) => `${JSON.stringify(document)}\n`).join(""));
bench.on("close", (code) => process.exitCode = code ?? 1);
