/**
 * Carries rows to the endpoint: Segment's `/batch`, one request at a time over all tabs. `kv.sent` is the highest
 * position handled; a row may arrive twice (same `messageId`), never not at all.
 */
import type { Line, Row } from "../core.js";
import type { Journal } from "./journal.js";
import type { Memory } from "./rare.js";
import type { Kept } from "./storage.js";

/** What a request came to; `status` 0: no answer. `left`: rows behind the last one it looked at. */
export interface Reply {
  status: number;
  retryAfter: number;
  sent: number;
  left: number;
}

/** Sent rows that are kept for an engine that has not seen them. */
const TAIL = 10_000;
const BATCH = 500_000;
const KEEPALIVE = 48 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text).length;

/** Milliseconds that `Retry-After` asks for, at most an hour; -1 when it says nothing readable. */
export const retryAfter = (header: string | null, now: number): number => {
  if (!header) return -1;
  const ms = /^\s*\d+\s*$/.test(header) ? +header * 1000 : /[a-z]/i.test(header) ? Date.parse(header) - now : NaN;
  return ms >= 0 ? Math.min(ms, 36e5) : ms < 0 ? 0 : -1;
};

export const openTransport = (
  journal: Journal,
  box: { readonly memory: Memory; mirror(): void },
  options: { endpoint?: string | URL; writeKey?: string; name: string; clock: () => number },
) => {
  const { run } = journal;
  const aborts = new Set<AbortController>();
  /** Rows of this tab whose answer is not seen yet: what can still be sent when the page goes. */
  let fresh: Row[] = [];
  /** Ids that arrived by another way than the queue. */
  const arrived = new Set<string>();

  const post = async (lines: string[], keepalive: boolean): Promise<{ status: number; retryAfter: number }> => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 15_000);
    aborts.add(abort);
    try {
      const reply = await fetch(options.endpoint!, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(options.writeKey && { authorization: "Basic " + btoa(options.writeKey + ":") }),
        },
        body: `{"batch":[${lines}],"sentAt":"${new Date(options.clock()).toISOString()}"}`,
        keepalive,
        signal: abort.signal,
      });
      const wait = /^(429|503)$/.test(String(reply.status)) ? retryAfter(reply.headers.get("retry-after"), Date.now()) : -1;
      return { status: reply.status, retryAfter: wait };
    } catch {
      return { status: 0, retryAfter: -1 };
    } finally {
      clearTimeout(timer);
      aborts.delete(abort);
    }
  };

  /** One sender in the world: the lock is held for one request. A frozen tab may sit on it, so after 30 s it is taken. */
  const alone = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    const { locks } = navigator;
    if (!locks) return act();
    for (let waited = 0, wait = 100; !journal.ended(); waited += wait, wait = Math.min(wait * 2, 1000)) {
      let mine = false;
      const result = await locks
        .request(`danbi:${options.name}:send`, waited < 30_000 ? { ifAvailable: true } : { steal: true }, async (lock) =>
          (mine = !!lock) ? act() : undefined,
        )
        .catch(() => undefined); // stolen: the other tab goes on
      if (mine) return result as T;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return;
  };

  /** The first unsent rows, and the position up to which they are all there are. */
  const take = async (limit: number) => {
    const rows: Row[] = [];
    const lines: string[] = [];
    let upto = 0;
    let left = 0;
    let size = 0;
    /** False when the batch is full. */
    const consider = (row: Row): boolean => {
      if (row.send && row.line && !arrived.has(row.line.messageId)) {
        const line = JSON.stringify(row.line);
        size += bytes(line) + 1;
        if (rows.length == limit || (rows.length && size > BATCH)) return false;
        rows.push(row);
        lines.push(line);
      }
      upto = row.pos;
      return true;
    };
    if (!journal.stored()) {
      const all = box.memory.rows;
      const full = all.findIndex((row) => !consider(row));
      left = full < 0 ? 0 : all.length - full;
    } else
      await run("readonly", (store) => {
        const log = store("log");
        const sent = store("kv").get("sent");
        const more = (from: number) => {
          const range = IDBKeyRange.lowerBound(from, true);
          const keys = log.getAllKeys(range, limit);
          const all = log.getAll(range, limit);
          all.onsuccess = () => {
            const full = !all.result.every((row: Kept, i) => consider({ ...row, pos: keys.result[i] as number }));
            if (!full && all.result.length == limit) return more(upto);
            const rest = log.count(IDBKeyRange.lowerBound(upto, true));
            rest.onsuccess = () => (left = rest.result);
          };
        };
        sent.onsuccess = () => more((upto = sent.result ?? 0));
      });
    return { rows, lines, upto, left };
  };

  /** Everything up to here is handled. What the profile does not need any more goes. */
  const handled = async (upto: number, rows: Row[]) => {
    fresh = fresh.filter((row) => row.pos > upto);
    for (const { line } of rows) arrived.delete(line.messageId);
    if (!journal.stored()) {
      box.memory.rows = box.memory.rows.filter((row) => row.pos > upto);
      return box.mirror();
    }
    await run("readwrite", (store) => {
      const kv = store("kv");
      const log = store("log");
      const sent = kv.get("sent");
      const covered = kv.get("covered");
      covered.onsuccess = () => {
        const most = Math.max(upto, sent.result ?? 0);
        kv.put(most, "sent");
        for (const { pos, fold } of rows) if (!fold) log.delete(pos);
        log.delete(IDBKeyRange.upperBound(Math.min(most, covered.result ?? 0)));
        // Where the engine never runs nothing is ever covered: what is sent must not pile up.
        const done = log.count(IDBKeyRange.upperBound(most));
        done.onsuccess = () => {
          if (done.result <= TAIL) return;
          const oldest = log.getAllKeys(null, done.result - TAIL);
          oldest.onsuccess = () => log.delete(IDBKeyRange.upperBound(oldest.result.at(-1)!));
        };
      };
    });
  };

  return {
    /** Posts up to `limit` rows. Nothing left to post is a success that carried nothing. */
    send: async (limit: number): Promise<Reply> => {
      const failed: Reply = { status: 0, retryAfter: -1, sent: 0, left: 0 };
      try {
        return (
          (await alone(async () => {
            const { rows, lines, upto, left } = await take(Math.max(1, limit));
            const reply = lines.length ? await post(lines, false) : { status: 200, retryAfter: -1 };
            const ok = reply.status >= 200 && reply.status < 300;
            if (ok && upto) await handled(upto, rows);
            return { ...reply, sent: rows.length, left: ok ? left : left + rows.length };
          })) ?? failed
        );
      } catch {
        return failed;
      }
    },
    /** The first unsent row goes to the dead letters. */
    bury: async (reason: string) => {
      const { rows, upto } = await take(1);
      const [row] = rows;
      if (!row) return;
      const { line } = row;
      if (journal.stored()) await run("readwrite", (store) => store("dead").put({ line, reason, at: options.clock() }));
      await handled(upto, rows);
    },
    /** Rows that this tab committed. */
    note: (rows: Row[]) => {
      fresh.push(...rows.filter((row) => row.send));
      if (fresh.length > 500) fresh = fresh.slice(-500);
    },
    /** The page goes: what fits leaves now. The queue sends it again unless the answer is seen. */
    farewell: () => {
      let size = 100;
      const rows: Row[] = [];
      const lines: string[] = [];
      for (const row of fresh) {
        const line = JSON.stringify(row.line);
        size += bytes(line) + 1;
        if (size > KEEPALIVE) break;
        rows.push(row);
        lines.push(line);
      }
      if (lines.length)
        void post(lines, true).then(({ status }) => {
          if (status < 200 || status > 299) return;
          for (const { line } of rows) arrived.add(line.messageId);
          fresh = fresh.filter((row) => !arrived.has(row.line.messageId));
        });
    },
    /** One line that goes at once or not at all. */
    last: (line: Line) => void post([JSON.stringify(line)], true),
    /** Breaks off what still waits for its answer, and has nothing more to say. */
    stop: () => {
      fresh = [];
      aborts.forEach((abort) => abort.abort());
    },
  };
};
export type Transport = ReturnType<typeof openTransport>;
