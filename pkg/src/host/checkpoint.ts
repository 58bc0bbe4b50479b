/**
 * Checkpoints: a server's signed word on an account, verified with WebCrypto over the exact bytes of the base64url payload.
 * Loaded by pages that have one. The command line does the same (`src/cli/keys.rs`); both run `tests/cases/checkpoint.json`.
 */
import type { Line, Row } from "../core.js";
import type { Keys } from "../types.js";
import type { Journal } from "./journal.js";

const bytes = (text: unknown): Uint8Array<ArrayBuffer> => {
  if (typeof text != "string" || !/^[\w-]*$/.test(text)) throw 0;
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
};

/** The payload, where its signature is good; else why not, in a word; null where nothing can be verified. */
export const verify = async ({ properties }: Pick<Line, "properties">, keys: Keys = {}): Promise<unknown> => {
  if (!Object.keys(keys)[0]) return null;
  let payload: any;
  try {
    payload = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(properties!.payload)));
    if (!payload || payload.constructor != Object) throw 0;
  } catch {
    return "payload";
  }
  const key = Object.hasOwn(keys, payload.kid) && keys[payload.kid];
  if (!key) return "key";
  let verifier: CryptoKey;
  try {
    const x = typeof key == "string" ? key : key.x!;
    verifier = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x }, "Ed25519", false, ["verify"]);
  } catch {
    return null; // this browser knows no Ed25519, or the page is not secure: all stays projected
  }
  try {
    const signed = new TextEncoder().encode(properties!.payload as string);
    return (await crypto.subtle.verify("Ed25519", verifier, bytes(properties!.sig), signed)) ? payload : "signature";
  } catch {
    return "signature";
  }
};

/**
 * Notes beside each row what is found of its checkpoint. What that denies of this member's consent, and the page has granted, is
 * an answer of this page, too, where this tab has just brought it (`mine`).
 */
export const prove = async (rows: Row[], keys: Keys | undefined, mine: Set<string>, journal: Journal): Promise<void> => {
  for (const row of rows) {
    const { user, exp, consent } = ((row.proof = await verify(row.line, keys)) ?? {}) as any;
    if (!mine.has(row.line.messageId) || !user || user != journal.identity()?.userId || !(Date.parse(exp) > journal.clock())) continue;
    const granted = journal.grants();
    const denied = Object.keys(consent ?? {}).filter((purpose) => /^(denied|false)$/.test(consent[purpose]) && granted[purpose] == "granted");
    const grants = Object.fromEntries(denied.map((purpose) => [purpose, "denied" as const]));
    if (denied[0]) void journal.put({ grants, line: journal.line("consent") });
  }
};
