/**
 * What becomes of a line: the consent gate, the shopper's identity and the append.
 *
 * Consent. Four purposes, unknown counts as denied. While neither `analytics` nor `personalization` is granted, nor
 * `functional` to a member, nothing is stored or sent and no database is made: lines are held in memory until an answer.
 * Granted, a row is sent if `analytics` was granted when it was written, and folded if `personalization` was, or, for a
 * member's ledger, `functional`. Both denied and no ledger to keep: dropped.
 * The answers stand in the identity record, beside the rows that report them, so that every tab sees them; on a later
 * visit they count as given only if `functional` is among the grants, otherwise the page must say again. A denial alone
 * stores nothing, so the page itself must remember it. Taking `analytics` or `personalization` back erases, in the same
 * transaction, the rows that needed it; taking all back empties the database. Every change is itself the next row.
 * A browser's Global Privacy Control denies `advertising`, whatever is answered.
 */
import type { Line, Row } from "../core.js";
import type { Grant, Properties, Receipt } from "../types.js";
import { uuid } from "./line.js";
import { got, openStorage, STORES, type Identity, type Run } from "./storage.js";

export type Grants = { [purpose: string]: Grant };

/** What a turn of work asks for. Without a line it is a `reset`. */
export interface Entry {
  line?: Line | undefined;
  /** A change of consent. */
  grants?: Grants | undefined;
  /** The shopper whose engine says it: nothing, where another one is there by now. */
  seed?: string;
  /** Why it could not be written. */
  reason?: string;
  settled: (receipt: Receipt) => void;
}

/**
 * The part of a commit that a page rarely needs, so it comes with the runtime: another shopper, other answers, what no purpose
 * covers (`why` is true), a commit that failed (the error), or no database. */
export type Rare = (batch: Entry[], why: unknown) => Promise<[rows: Row[], identity: Identity | undefined, grants: Grants]>;

export interface Journal {
  /** The last line made of each event, or of each type where it has no event. */
  last: { [name: string]: Line };
  line(type: Line["type"], rest?: { event?: string; properties?: Properties; traits?: Properties; userId?: string }): Line;
  /** Resolves once it is durable, or sure not to be. */
  put(entry: Omit<Entry, "settled">): Promise<Receipt>;
  /** Resolves when all that was put before is dealt with. */
  settled(): Promise<void>;
  /** An identity, or nothing where something else was kept. */
  known(kept?: Identity): Identity | undefined;
  /** The line as a row of this shopper, as far as consent goes. */
  row(line: Line, who: Identity, grants: Grants): Omit<Row, "pos">;
  /** Resolves when what an earlier visit left is known. */
  begun: Promise<void>;
  run: Run;
  /** Lets go of the database until it is next used. */
  close(): void;
  /** Milliseconds since 1970; the runtime puts a steadier one in its place. */
  clock: () => number;
  /** Something is wrong with the database: from now on memory. */
  failed(error: unknown): void;
  identity(): Identity | undefined;
  grants(): Grants;
  stored(): boolean;
  held(): Entry[];
  ended(): string | undefined;
  erased(): string | undefined;
  /** Nothing is accepted any more; `erase` also forgets all. */
  end(reason: string, erase?: boolean): Promise<void>;
  /** The seed of the first identity, if this page makes it. */
  seed(): string;
}

export const openJournal = (
  name: string,
  grants: Grants,
  clock: () => number,
  ended: string | undefined,
  report: (code: string, message: string) => void,
  /** Rows were committed, or another identity holds, or nothing is left. */
  committed: (rows: Row[], identity: Identity | undefined) => void,
  rare: Promise<Rare>,
): Journal => {
  let silent = ended;
  let broken: unknown;
  let identity: Identity | undefined;
  let timezone: string;
  let held: Entry[] = [];
  let pending: Entry[] = [];
  let writing: Promise<void> | undefined;
  /** A member's ledger needs `functional` alone. */
  let member: unknown;
  let seed = uuid(0);
  const last: Journal["last"] = {};
  const folds = (grants: Grants, user: unknown) => grants.personalization == "granted" || (!!user && grants.functional == "granted");
  const covers = (user: unknown) => grants.analytics == "granted" || folds(grants, user);
  const allowed = () => covers(member);
  const denied = () => !allowed() && grants.analytics == "denied" && grants.personalization == "denied";
  const heed = (change: Grants): Grants => ((globalThis.navigator as any)?.globalPrivacyControl ? { ...change, advertising: "denied" } : change);
  /** What is no identity is none. */
  const known = (found?: any): Identity | undefined => found?.consent && found.anonymousId?.at && found.seed?.at && found;
  grants = heed(grants);
  const [run, close] = openStorage(name, allowed, () => silent);
  const failed = (error: unknown) => {
    broken = true;
    report("storage", "memory only: " + error);
  };
  /** With a reason, theirs or their own: dropped. Whoever was answered before hears nothing more. */
  const answer = (batch: Entry[], why: string | false | undefined, status?: Receipt["status"]) => {
    for (let { line, settled, reason } of batch) settled({ id: line?.messageId ?? "", ...((reason ||= why as string) ? { status: "dropped", reason } : { status: status! }) });
  };
  const line: Journal["line"] = (type, rest) => {
    const at = journal.clock();
    // Asked of `Intl`, the first zone of a page takes a long task.
    timezone ??= (globalThis as any).Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    return (last[rest?.event ?? type] = {
      type,
      ...rest,
      messageId: uuid(at),
      timestamp: new Date(at).toISOString(),
      context: { timezone, library: { name: "danbi-js", version: "0.1.0" } },
    } as Line);
  };

  const row: Journal["row"] = (line, { anonymousId, userId }, grants) => {
    line.anonymousId = anonymousId;
    if (userId) line.userId = userId;
    return { line, send: grants.analytics == "granted", fold: folds(grants, userId) };
  };

  const commit = async (batch: Entry[]) => {
    let rows: Row[] = [];
    /** True: another shopper, other answers, what no purpose covers, or a database that lost ours. An error: it failed. Settled by what comes with the runtime. */
    let hard: unknown;
    if (!broken)
      await run("readwrite", (store) => {
        const kv = store("kv");
        rows = [];
        got(kv.get("identity"), (kept?: Identity) => {
          const found = known(kept);
          let user = found?.userId;
          hard =
            (found ? "" + Object.entries(found.consent) != "" + Object.entries(grants) : !!identity) ||
            batch.some(
              ({ line, seed, grants }) =>
                !line || (seed && seed != found?.seed) || (line.type == "identify" && (user ??= line.userId) != line.userId) || !(grants || covers(user)),
            );
          if (hard) return;
          const who = found || { anonymousId: uuid(journal.clock()), seed, consent: grants };
          const keep = (line: Line) => {
            const kept = row(line, who, grants) as Row;
            const added: IDBRequest = store("log").add(kept);
            // Nobody writes between: the first one's position tells the others'.
            if (!rows[0]) got(added, (pos) => { for (const row of rows) row.pos = pos++; });
            rows.push(kept);
          };
          const save = () => kv.put(who, "identity");
          if (!found) {
            save();
            keep(Object.assign(batch[0]!.grants ? batch[0]!.line! : line("consent"), { properties: grants }));
          }
          for (const { line: by, grants: change } of batch) {
            if (change) continue;
            if (by!.type == "identify") {
              who.userId = by!.userId!;
              save();
            }
            keep(by!);
          }
          identity = who;
        });
      }).catch((error) => (hard = error));
    if ((hard || broken) && !silent) [rows, identity, grants] = await (await rare)(batch, hard);
    answer(batch, silent || (!allowed() && "consent"), broken || rows[0]?.pos! % 1 ? "memory" : "stored");
    committed(rows, identity);
  };

  /** `erase`: whoever asked for it hears that it failed, and what was left alone so far is tried once more. */
  const clear = async (erase?: boolean) => {
    held = [];
    identity = undefined;
    seed = uuid(0);
    // What stands in localStorage instead is the runtime's.
    if (globalThis.indexedDB && (erase || !broken))
      await run("readwrite", (store) => { for (const name of STORES) store(name).clear(); }).catch((error) => {
        failed(error);
        if (erase) throw error;
      });
    committed([], identity);
  };

  const begun = (async () => {
    if (silent) return;
    await run("readonly", (store) => got(store("kv").get("identity"), (found) => (identity = known(found)))).catch(failed);
    member ||= identity?.userId;
    const all = { ...identity?.consent, ...grants };
    if (all.functional == "granted") grants = all;
    if (denied()) await clear();
  })();

  const write = async () => {
    await begun;
    while (pending[0]) {
      const batch = pending;
      pending = [];
      if (silent) answer(batch, silent);
      else if (allowed()) await commit(batch);
      else {
        // Never given, or taken back, or the shopper left.
        if ((identity || denied()) && batch.some(({ grants, line }) => grants || !line)) await clear();
        for (const entry of batch)
          if (!entry.line) held = [];
          else if (!entry.grants && held.push(entry) > 1000) {
            held.shift();
            report("held_full", "over 1,000 wait");
          }
        if (denied()) {
          held = [];
          answer(batch, "consent");
        }
        answer(batch, "", "held");
      }
    }
    writing = undefined;
  };

  const journal: Journal = {
    last,
    line,
    known,
    row,
    put: (entry) =>
      new Promise((settled) => {
        const all = { ...entry, settled };
        if (ended) return answer([all], ended);
        const { line } = all;
        pending.push(all);
        member = line && (member || line.type == "identify");
        if (all.grants) grants = { ...grants, ...(all.grants = heed(all.grants)) };
        if (held[0] && allowed()) pending = [pending.pop()!, ...held.splice(0), ...pending];
        // Once for all that this task says.
        writing ??= write();
      }),
    begun,
    settled: async () => writing ?? begun,
    run,
    close,
    clock,
    failed,
    identity: () => identity,
    grants: () => grants,
    stored: () => !broken,
    held: () => held,
    ended: () => ended,
    erased: () => silent,
    end: async (reason, erase) => {
      ended = reason;
      await journal.settled();
      silent = undefined;
      if (erase) await clear(true);
      silent = reason;
      close();
    },
    seed: () => seed,
  };
  return journal;
};
