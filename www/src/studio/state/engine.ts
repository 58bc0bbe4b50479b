/** The live engine, loaded when it is first asked, and what is told where it cannot be. */
import { signal } from "@preact/signals";
import type { BeliefsOptions, PreviewOptions } from "danbi/studio";
import type { Line } from "./cast";

export const studio = () => import("danbi/studio");
/** What a checkpoint says, which the Studio takes at its word: whoever looks at a shopper here holds no keys. */
const payload = ({ properties }: Line): unknown => {
  const told = properties?.payload;
  if (typeof told !== "string") return told;
  try {
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(told.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0))));
  } catch {
    return "payload";
  }
};
const proofs = (lines: Line[]) => Object.fromEntries(lines.filter(({ event }) => event === "danbi_checkpoint").map((line) => [line.messageId, payload(line)]));
type Context = Record<string, unknown>;
/** One shopper's page at a moment, by the live engine. */
export const preview = async (bundle: unknown, lines: Line[], options: PreviewOptions, context: Context) =>
  (await studio()).preview(bundle, lines, { ...options, proofs: proofs(lines) }, context);
/** What the policy believes of this shopper, by the live engine. */
export const beliefs = async (bundle: unknown, lines: Line[], options: BeliefsOptions, context: Context) =>
  (await studio()).beliefs(bundle, lines, { ...options, proofs: proofs(lines) }, context);
/** The engine could not be run. */
export const fault = signal(false);
/** What the engine says of something that it cannot read. */
export const refusal = signal("");

/** Runs what needs the engine. */
export const withEngine = async (run: () => Promise<void>) => {
  try {
    await run();
    fault.value = false;
    refusal.value = "";
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    // What was given is at fault, not the engine.
    if (typeof code === "string") refusal.value = message;
    else fault.value = true;
  }
};

/** Runs what is asked last, and never two at once; what one task asks again and again, once. */
export const latest = (run: () => Promise<void>) => {
  let running = false, asked = false;
  return async () => {
    asked = true;
    if (running) return;
    running = true;
    while (asked) {
      await null;
      asked = false;
      await run();
    }
    running = false;
  };
};
