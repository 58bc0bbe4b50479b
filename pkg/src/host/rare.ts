/** Commits that a page rarely makes: another shopper, other answers, or no database. See `journal.ts` for the rules. */
import type { Line, Row } from "../core.js";
import type { Grants, Journal, Rare } from "./journal.js";
import type { Identity } from "./storage.js";

/** Instead of a database: this page's memory, and `localStorage` where there is no IndexedDB at all. */
export interface Memory {
  rows: Row[];
  identity?: Identity | undefined;
}

/** The `n` that cost least, the oldest first; what costs 3 is never lost. */
export const least = <T>(ranked: [T, number][], n: number): T[] =>
  ranked
    .filter(([, cost]) => cost < 3)
    .sort((a, b) => a[1] - b[1])
    .slice(0, n)
    .map(([it]) => it);

/** Purposes in one order, so that equal answers are equal text; without the page's JSON, which may be anything. */
const text = (grants: Grants) => Object.entries(grants).sort().join();

export const openRare = (
  name: string,
  journal: Journal,
  /** The highest position known so far. */
  top: () => number,
  report: (code: string, message: string) => void,
  /** What losing a signal of this name costs; the least goes first. */
  rank: (line: Line) => number,
  /** The disk is full: makes room in the queue. */
  relieve: () => Promise<unknown>,
): { rare: Rare; memory: Memory; mirror(): void; forget(): void } => {
  const { line, row, run } = journal;
  const key = "danbi:" + name;
  const id = () => line("track").messageId;
  const local = (act: (storage: Storage) => void) => {
    try {
      if (!globalThis.indexedDB) act(localStorage);
    } catch {}
  };
  let memory: Memory = { rows: [] };
  local((storage) => {
    const kept = JSON.parse(storage.getItem(key)!);
    if (Array.isArray(kept?.rows)) memory = kept;
    memory.rows.forEach((row, i) => (row.pos = i + 1));
  });
  const mirror = () => local((storage) => storage.setItem(key, JSON.stringify({ ...memory, rows: memory.rows.slice(-200) })));

  const rare: Rare = async (batch, why) => {
    const before = journal.identity();
    const own = journal.grants();
    let grants = own;
    let rows: Row[] = [];
    let who: Identity | undefined;

    /** Inside the transaction, so that all tabs agree; may run twice. */
    const judge = (found: Identity | undefined, add: (row: Omit<Row, "pos">) => Row, sweep: (send: boolean, fold: boolean) => void) => {
      const fresh = (seed: string): Identity => ({ anonymousId: id(), seed, consent: {} });
      const may = (purpose: string) => grants[purpose] == "granted";
      rows = [];
      grants = own;
      if (!found && before) grants = {}; // Another tab erased all, or the browser did: silence until somebody is asked again.
      else if (found && before && text(found.consent) != text(before.consent)) grants = found.consent; // Another tab was answered.
      let shopper = found || fresh(journal.seed());
      const put = (by: Line) => {
        const kept = row(by, shopper, grants);
        // Who answers before they say who they are is heard as well.
        return (kept.send || kept.fold || (by.type == "consent" && may("functional"))) && rows.push(add(kept));
      };
      const tell = (by: Line) => {
        const { consent: was, userId } = shopper;
        if (text(was) == text(grants)) return;
        const folds = (consent: Grants) => consent.personalization == "granted" || (!!userId && consent.functional == "granted");
        const lost = folds(was) && !folds(grants);
        // What was learnt goes, and the seed with it: every tab begins anew. Where a ledger remains the engine takes out the rest.
        if (lost) shopper = { ...shopper, seed: id() };
        if (lost || (was.analytics == "granted" && !may("analytics"))) sweep(may("analytics"), folds(grants));
        shopper = { ...shopper, consent: grants };
        put(Object.assign(by, { properties: grants }));
      };
      for (const entry of batch) {
        const { line: by, grants: change, seed } = entry;
        // What an engine says of another shopper.
        if (seed && seed != shopper.seed) continue;
        grants = { ...grants, ...change };
        const user = by?.type == "identify" ? by.userId : undefined;
        if (!by || (user && shopper.userId && user != shopper.userId)) {
          sweep(true, false);
          shopper = fresh(id());
        }
        tell(change ? by! : line("consent"));
        if (!by || change) continue;
        if (user) shopper = { ...shopper, userId: user };
        entry.reason = put(by) ? "" : "consent";
      }
      // The same answers in another order would make the next commit rare again.
      if (text(shopper.consent) == text(grants)) grants = shopper.consent;
      who = Object.keys(grants).length ? shopper : undefined;
    };

    const commit = () =>
      run("readwrite", (store) => {
        const kv = store("kv");
        const log = store("log");
        const identity = kv.get("identity");
        identity.onsuccess = () => {
          judge(
            journal.known(identity.result),
            (row) => {
              const mine: Row = { pos: 0, ...row };
              const added = log.add(row);
              added.onsuccess = () => (mine.pos = added.result as number);
              return mine;
            },
            (send, fold) => {
              // Requests run in order: all is read before any row of this batch is added.
              const sent = kv.get("sent");
              const keys = log.getAllKeys();
              const all = log.getAll();
              all.onsuccess = () =>
                all.result.forEach((kept, i) => {
                  const row = { ...kept };
                  const pos = keys.result[i] as number;
                  row.send &&= send && !(pos <= sent.result);
                  row.fold &&= fold;
                  row.line && (row.send || row.fold) ? log.put(row, pos) : log.delete(pos);
                });
              store("dead").clear();
              if (fold) return;
              kv.delete("snapshot");
              kv.delete("covered");
              kv.delete("seen");
              store("claims").clear();
            },
          );
          if (who) kv.put(who, "identity");
        };
      });
    /** The disk is full, and only for what can wait in memory: the database is still good. */
    let full = false;
    if (journal.stored()) {
      const failed = (error: any) => error ?? "unknown";
      let error = why === true ? await commit().catch(failed) : why;
      // The disk is full: what matters least makes room, once.
      if (error?.name == "QuotaExceededError") error = await relieve().then(commit).catch(failed);
      full = error?.name == "QuotaExceededError" && batch.every(({ line, grants }) => line && !grants && line.type != "identify");
      if (full) report("quota", "the disk is full, signals stay in memory");
      else if (error) journal.failed(error);
    }
    if ((full || !journal.stored()) && !journal.erased()) {
      // Between the positions of the log, which goes on.
      const step = full ? 2 ** -20 : 1;
      let pos = Math.max(top(), memory.rows.at(-1)?.pos ?? 0);
      judge(
        full ? before : (memory.identity ?? before),
        (row) => ({ pos: (pos += step), ...row }),
        (send, fold) => {
          memory.rows = memory.rows.filter((row) => {
            row.send &&= send;
            row.fold &&= fold;
            return row.send || row.fold;
          });
        },
      );
      memory.identity = who;
      memory.rows.push(...rows);
      const n = memory.rows.length - 900;
      if (n > 100) {
        const lost = new Set(least(memory.rows.map((row) => [row, rank(row.line)]), n));
        memory.rows = memory.rows.filter((row) => !lost.has(row));
        const told = row(line("track", { event: "danbi_dropped", properties: { n: lost.size, reason: "memory" } }), who ?? before!, { analytics: grants.analytics! });
        if (told.send) memory.rows.push({ pos: (pos += step), ...told });
        report("dropped", `${lost.size} signals lost: more than 1,000 wait in memory`);
      }
      mirror();
    }
    return [rows, who, grants];
  };
  return {
    rare,
    get memory() {
      return memory;
    },
    mirror,
    forget: () => {
      memory = { rows: [] };
      local((storage) => storage.removeItem(key));
    },
  };
};
