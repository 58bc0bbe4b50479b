/** What few pages need: weighing a queue that the server does not take, and making room in it. Loaded then, not before. */
import type { Line, Row } from "../core.js";
import type { Journal } from "./journal.js";
import type { Log } from "./log.js";
import type { Kept } from "./storage.js";

const PAGE = 100;

export const openUpkeep = (
  journal: Journal,
  log: Log,
  rank: (line: Line) => number,
  least: <T>(ranked: [T, number][], n: number) => T[],
  weight: (line: Line) => number,
  report: (code: string, message: string) => void,
) => {
  const { run } = journal;
  /** Looks at every row that waits. In pages, so that signals are written in between. */
  const walk = async (from: number, see: (row: Row & Kept) => void): Promise<number> => {
    for (let next = from; ; ) {
      let more = 0;
      await run("readonly", (store) =>
        log.page(store, next, PAGE, (rows, behind) => {
          for (const row of rows) {
            from = row.pos;
            if (row.send) see(row);
          }
          more = behind;
        }),
      );
      if (!more) return from;
      next = more;
    }
  };
  /** Where the queue begins, and how many rows of any kind stand up to a position. */
  const head = async (upto: number): Promise<[sent: number, count: number]> => {
    const [sent, count] = (await run("readonly", (store) => {
      const sent = store("kv").get("sent");
      return [sent, store("log").count(IDBKeyRange.upperBound(upto))] as const;
    })) ?? [];
    return [Number(sent?.result) || 0, count?.result ?? 0];
  };

  /** What was weighed before: only what came since is read again, unless something left. */
  let known = { sent: -1, upto: 0, count: 0, rows: 0, bytes: 0 };
  const weigh = async () => {
    const [sent, count] = await head(known.upto);
    if (sent != known.sent || count != known.count) known = { sent, upto: sent, count: 0, rows: 0, bytes: 0 };
    known.upto = await walk(known.upto, ({ line }) => {
      known.rows++;
      known.bytes += weight(line) + 1;
    });
    [, known.count] = await head(known.upto);
    return { rows: known.rows, bytes: known.bytes };
  };

  /** Gives up what costs least until no more waits than this; the loss is itself a row, written with it. */
  const shed = async (most: number, bytes: number, reason: string): Promise<void> => {
    const ranked: [{ pos: number; weight: number }, number][] = [];
    let excess = -bytes;
    await walk((await head(0))[0], ({ pos, line }) => {
      const one = { pos, weight: weight(line) + 1 };
      excess += one.weight;
      ranked.push([one, rank(line)]);
    });
    const rows = ranked.length;
    const going = least(ranked, rows).filter(({ weight }, i) => {
      if (i >= rows - most && excess <= 0) return false;
      excess -= weight;
      return true;
    });
    if (!going[0]) return;
    let n = 0;
    await log.write((store, identity) => {
      n = 0;
      for (const { pos } of going) log.drop(store, pos, undefined, () => n++);
      // Requests run in order: by then all are counted.
      store("kv").get("sent").onsuccess = () => {
        const told = journal.row(journal.line("track", { event: "danbi_dropped", properties: { n, reason } }), identity, { analytics: identity.consent.analytics! });
        if (n) store("log").add(told);
      };
    });
    known.sent = -1;
    if (n) report("dropped", n + " signals were given up, more than can be kept: " + reason);
  };
  return { weigh, shed };
};
