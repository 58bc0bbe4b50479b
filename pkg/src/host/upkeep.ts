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
  /** Where the queue begins. */
  const head = async () => Number((await run("readonly", (store) => store("kv").get("sent")))?.result) || 0;
  /** How many rows of any kind stand behind one position, up to another. */
  const between = async (from: number, upto: number) =>
    (upto > from && (await run("readonly", (store) => store("log").count(IDBKeyRange.bound(from, upto, true))))?.result) || 0;

  /** Weighs all that waits. What was weighed before, on this page or an earlier one, is read again only if something left. */
  const weigh = async () => {
    const sent = await head();
    let known = (await run("readonly", (store) => store("kv").get("weight")))?.result;
    if (known?.sent !== sent || (await between(sent, known.upto)) !== known.count) known = { sent, upto: sent, rows: 0, bytes: 0 };
    known.upto = await walk(known.upto, ({ line }) => {
      known.rows++;
      known.bytes += weight(line) + 1;
    });
    known.count = await between(sent, known.upto);
    await log.write((store) => store("kv").put(known, "weight"));
    return { rows: known.rows as number, bytes: known.bytes as number };
  };

  /**
   * If more waits than this, counted exactly, gives up what costs least until nine tenths of it are left: each loss that is
   * told stands for many. It is itself a row, written with it.
   */
  const shed = async (most: number, bytes: number, reason: string): Promise<void> => {
    const all = await weigh();
    if (all.rows <= most && all.bytes <= bytes) return;
    const ranked: [{ pos: number; weight: number }, number][] = [];
    let excess = bytes * -0.9;
    await walk(await head(), ({ pos, line }) => {
      const one = { pos, weight: weight(line) + 1 };
      excess += one.weight;
      ranked.push([one, rank(line)]);
    });
    const surplus = ranked.length - most * 0.9;
    const going = least(ranked, ranked.length).filter(({ weight }, i) => {
      if (i >= surplus && excess <= 0) return false;
      excess -= weight;
      return true;
    });
    if (!going[0]) return;
    let n = 0;
    await log.write((store, identity) => {
      store("kv").delete("weight");
      const positions = going.map(({ pos }) => pos);
      log.drop(store, positions, undefined, (count) => {
        n = count;
        const told = journal.line("track", { event: "danbi_dropped", properties: { n, reason } });
        if (n) store("log").add(journal.row(told, identity, { analytics: identity.consent.analytics! }));
      });
    });
    if (n) report("dropped", n + " signals were given up, more than can be kept: " + reason);
  };
  return { weigh, shed };
};
