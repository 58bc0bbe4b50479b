/** The log as the runtime reads and writes it: in pages, with what is no row set aside, and nothing for a shopper who is gone. */
import type { Row } from "../core.js";
import type { Journal } from "./journal.js";
import type { Memory } from "./rare.js";
import type { Identity, Kept, Store } from "./storage.js";

/** The reason of what no request could carry, though the queue went past it. */
const CORRUPT = "corrupt";

type Stores = (name: Store) => IDBObjectStore;

/** A number that was kept; 0 where something else stands. */
export const whole = (kept: unknown): number => (Number.isSafeInteger(kept) ? (kept as number) : 0);

const sound = (row?: Kept) => [row?.line?.messageId, row?.line?.type, row?.line?.timestamp].every((text) => typeof text == "string");

export const openLog = (journal: Journal, box: { readonly memory: Memory; mirror(): void }, report: (code: string, message: string) => void) => {
  const { run } = journal;

  /** Writes, unless all was erased meanwhile, perhaps in another tab. */
  const write = (act: (store: Stores, identity: Identity) => void) =>
    run("readwrite", (store) => {
      const identity = store("kv").get("identity");
      identity.onsuccess = () => identity.result && act(store, identity.result);
    });

  /**
   * Takes rows out of the queue that still are in it; `reason` makes them dead letters. They stay for the profile. `then`
   * hears how many they were.
   */
  const drop = (store: Stores, positions: number[], reason?: string, then?: (n: number) => void) => {
    const log = store("log");
    const sent = store("kv").get("sent");
    sent.onsuccess = () => {
      let n = 0;
      for (const pos of positions) {
        const found = log.get(pos);
        found.onsuccess = () => {
          const row = found.result;
          const good = sound(row);
          if (row === undefined || (good && !(row.send && (pos > whole(sent.result) || reason == CORRUPT)))) return;
          n++;
          if (reason) store("dead").put({ line: good ? row.line : row, reason, at: journal.clock() });
          good && row.fold ? log.put({ ...row, send: false }, pos) : log.delete(pos);
        };
      }
      // Requests run in order: by then all are counted.
      if (then) store("kv").get("sent").onsuccess = () => then(n);
    };
  };

  /** Takes rows out of the queue; two tabs may ask for the same. */
  const unqueue = async (positions: number[], reason: string) => {
    box.memory.rows = box.memory.rows.filter(({ pos }) => !positions.includes(pos));
    if (journal.stored()) await write((store) => drop(store, positions, reason));
    else box.mirror();
  };

  /** What cannot be read, or cannot be written as JSON. */
  const corrupt = (pos: number) => {
    report("corrupt", "the database held what is no signal; it is set aside");
    void unqueue([pos], CORRUPT).catch(() => {});
  };

  /** Up to `limit` rows after a position, and the last position looked at, if there may be more. */
  const page = (store: Stores, after: number, limit: number, then: (rows: (Row & Kept)[], more: number) => void) => {
    const range = IDBKeyRange.lowerBound(after, true);
    const keys = store("log").getAllKeys(range, limit);
    const all = store("log").getAll(range, limit);
    all.onsuccess = () => {
      const rows = all.result.filter((row, i) => {
        const pos = keys.result[i] as number;
        if (sound(row) && typeof pos == "number") return (row.pos = pos);
        corrupt(pos);
      });
      then(rows, all.result.length == limit ? (keys.result[limit - 1] as number) : 0);
    };
  };
  return { write, drop, unqueue, corrupt, page };
};
export type Log = ReturnType<typeof openLog>;
