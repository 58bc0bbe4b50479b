/** The seam between the shell (this folder) and the wasm (`src/web`), as hand-written types. */
import type { Decision, Message, Profile, Progress, Properties, Verdict } from "./types.js";

/** One event line in Segment's shape, as it is stored and as it goes out. */
export interface Line {
  type: "track" | "identify" | "page" | "consent";
  event?: string;
  properties?: Properties;
  traits?: Properties;
  userId?: string;
  anonymousId: string;
  messageId: string;
  timestamp: string;
  context: { timezone?: string; library: { name: "danbi" | "danbi-js"; version: string }; [key: string]: unknown };
}

/** One record of the log: `pos` is the IndexedDB key, growing. */
export interface Row {
  pos: number;
  line: Line;
  /** Whether analytics consent allowed sending it. */
  send: boolean;
  /**
   * Whether personalization consent allowed folding it into the profile. Rows with `fold: false` reach the engine too,
   * to be counted as unsent; of those only `consent` lines are to be read.
   */
  fold: boolean;
  /** Of a `danbi_checkpoint`: its payload where the signature is good, else why not. Found out anew each time, never kept. */
  proof?: unknown;
  /** This tab has just said it: what followed from it this tab tells. */
  own?: boolean;
}

/** What the shell does for the wasm. None of these may call back into `Core` before it returns. */
export interface CoreHost {
  now(): number;
  /**
   * Append one of danbi's own events to the log; it comes back through `rows`. `danbi_*` (exposure, answer, decision) are
   * marked `danbi-js` as all that the shell writes; any other name is a grant, marked `danbi`, and never read back. The `id`
   * of a grant is its `messageId`: the same whoever finds it out.
   */
  emit(name: string, properties: Properties): void;
  /** One tab in the world may win this key; answer with `claimed`. */
  claim(key: string): void;
  /** Keep this snapshot; rows up to and with `covered` are needed no more, those up to its `seen` only when recalled. */
  save(snapshot: { covered: number; seen: number }, covered: number): void;
  /** Give the rows after one position, up to and with another, again, with `recalled`. */
  recall(after: number, upto: number): void;
  /**
   * Post up to `limit` unsent rows, once at a time; those from before `since` become dead letters instead. Answered with
   * `replied`, also when nothing was left (200, `sent` 0).
   */
  send(limit: number, since: number): void;
  /** The row at this position, which no server accepts, becomes a dead letter, if it still waits. */
  bury(position: number, reason: string): void;
  /** If more rows or bytes wait than these: give up what `rank`s lowest, until nine tenths of them are left. */
  shed(rows: number, bytes: number): void;
  /** Call `tick` at this time (ms), replacing any earlier wish. */
  wake(at: number): void;
  /** Show an interruptive message. That it is over is told by its answer among the rows, or by `closed`. */
  show(decision: Decision): void;
  /** Take the interruptive message away; it is over. */
  hide(): void;
  /** Tell the page's listeners. */
  notify(event: "change" | "error" | "hook", payload: unknown): void;
}

export interface Core {
  /** IANA zones the bundle needs; give a table for each before `load`. */
  zones(): string[];
  /** Offsets as pairs `[utcMs, offsetMinutes, …]`, each valid from its instant on. */
  zone(name: string, table: Float64Array): void;
  /** The snapshot (or undefined), the rows after its `seen` in log order, and how many rows at most wait to be sent, those included. */
  load(snapshot: unknown, rows: Row[], unsent: number): void;
  /** Rows just committed, by this tab or another. */
  rows(rows: Row[]): void;
  /** All rows that `recall` asked for, in log order. */
  recalled(rows: Row[]): void;
  /** The page may go: what is known is to be kept. */
  keep(): void;
  /** Whether an interruptive message is open, or about to be: not the time for another bundle. */
  busy(): boolean;
  context(facts: Properties): void;
  /** The interruptive message of this decision went off the page without an answer, or is not to come on it. */
  closed(id: string): void;
  claimed(key: string, won: boolean): void;
  /**
   * `status` 0: no answer came. `retryAfter` in ms, or -1. `sent`: rows that request carried, the first of them `at` this
   * position. `left`: rows that remain behind, which may all turn out not to be for sending; after a failure those it
   * carried too. `bytes`: what they weigh, where that was found out, else 0.
   */
  replied(status: number, retryAfter: number, sent: number, left: number, at: number, bytes: number): void;
  /** Send now, whatever the backoff says; not what the server asked for. */
  flush(): void;
  /** What losing a signal of this name (`event`, else `type`) costs: 0 is shed first, 2 last. */
  rank(name: string): number;
  /** How many bytes may leave now that the page goes. */
  farewell(): number;
  tick(): void;
  /** One decision, or with a count so many at most, as a list. */
  decide(slot: string, count: number): Decision | Decision[];
  explain(): Verdict[];
  /** One block of a bundle by itself, as a card; null where nothing is left of it. */
  block(block: unknown): Message | null;
  progress(): Progress;
  profile(): Profile;
  setLocale(locale: string): void;
  free(): void;
}

/** The glue of one instance, by wasm-bindgen (`--target web`); the module's default export makes it. */
export interface CoreModule {
  /**
   * Called with a compiled module. Called again after a trap: it must then make a new instance, which wasm-bindgen's glue
   * does only when its early return (`if (wasm !== undefined) return wasm`) is taken out.
   */
  default(init: { module_or_path: unknown }): Promise<unknown>;
  /** Throws `{ code, path, message }` when the bundle is not valid. */
  Core: new (bundle: unknown, host: CoreHost, options: { locale: string; seed: string; tab: string; schemes: string[] }) => Core;
}
