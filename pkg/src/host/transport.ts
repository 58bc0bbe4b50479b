/**
 * Carries rows to the endpoint: Segment's `/batch`, one request at a time over all tabs. `kv.sent` is the highest
 * position handled; a row may arrive twice (same `messageId`), never not at all.
 */
import type { Line, Row } from "../core.js";
import type { Journal } from "./journal.js";
import { whole, type Log } from "./log.js";
import type { Memory } from "./rare.js";
import type { Kept } from "./storage.js";

/** What a request came to. */
export interface Reply {
  /** 0: no answer. */
  status: number;
  /** In ms, or -1. */
  retryAfter: number;
  /** Rows that it carried, and the position of the first. */
  sent: number;
  at: number;
  /** Unsent rows that remain, at most; after a failure those it carried too. 0 with status 0: not known. */
  left: number;
  /** What they weigh, where that was found out, else 0. */
  bytes: number;
}
/** Everything that waits, exactly. */
export type Weigh = () => Promise<{ rows: number; bytes: number }>;

/** Rows that are kept for an engine alone that has not seen them. */
const TAIL = 10_000;
const BATCH = 500_000;
/** Rows that are read in one task. */
const PAGE = 100;
/** So many rows of 32 KiB are 5 MiB: fewer are not weighed. */
const LIGHT = 160;
/** The longest that a server may ask for, or is left alone for. */
export const HOUR = 36e5;
/** The longest wait between two tries. */
export const LONGEST = 3e5;
const NONE: Reply = { status: 0, retryAfter: -1, sent: 0, at: 0, left: 0, bytes: 0 };
/** How long another tab may hold the lock: longer than its request can take, so that this one sends within half a minute. */
const PATIENCE = 25_000;
/** What may leave as the page goes, all requests together. */
export const KEEPALIVE = 48 * 1024;
/** Rows that no server accepted for so long are dead letters. */
export const WEEK = 6048e5;
const { stringify } = JSON;
export const size = (text: string) => new TextEncoder().encode(text).length;

/** Milliseconds that `Retry-After` asks for, at most an hour; -1 when it says nothing readable. */
export const retryAfter = (header: string | null, now: number): number => {
  if (!header) return -1;
  const ms = /^\s*\d+\s*$/.test(header) ? +header * 1000 : /[a-z]/i.test(header) ? Date.parse(header) - now : NaN;
  return ms >= 0 ? Math.min(ms, HOUR) : ms < 0 ? 0 : -1;
};

/**
 * A line as it goes out: what the shopper wrote stays at home, also where it stands in the address of a page, unless the
 * bundle says `send`. Nothing while that is not known yet; an address goes without its query then.
 */
export const wire = (line: Line, bundle: any): string => {
  const { event = "", properties } = line;
  const { search, answers } = bundle?.signals ?? {};
  // An answer by any name: where no bundle tells the names, whatever looks like one.
  const answered = properties?.action == "text" && (!bundle?.bundle || event == "danbi_answer" || bundle.names?.[event] == "danbi_answer");
  // Mostly nothing of it is there: then the whole is written at once, unless a page's own `toJSON` were to meddle.
  const plain = (answered && !answers?.send) || ([] as any).toJSON ? "" : stringify(line);
  if (plain && (search?.send || !/"(search_term|query|page_location|page_referrer|url|referrer|search)":/.test(plain))) return plain;
  let left: unknown;
  const text = stringify(line, function (key) {
    // Not what a page's own `toJSON` on lists or objects makes of it.
    const value = this[key];
    if ((!search?.send && /^(search_term|query)$/.test(key)) || (answered && !answers?.send && key == "value")) return void (left = true);
    const address = !search?.send && this == properties && typeof value == "string" && /^(page_location|page_referrer|url|referrer|search)$/.test(key);
    return address ? value.replace(/\?[^#]*/g, "") : value;
  });
  return left && !bundle ? "" : text;
};

export const openTransport = (
  journal: Journal,
  box: { readonly memory: Memory; mirror(): void },
  log: Log,
  options: { endpoint?: string | URL; writeKey?: string; name: string },
  written: (line: Line) => string,
  report: (code: string, message: string) => void,
  heard: (reply: Response) => void,
  /** An engine sees to the log's end: what it may ask for again stays. */
  folded: () => boolean,
  weigh: () => Weigh | undefined,
) => {
  const { run } = journal;
  /** Requests under way, and whether they outlive the page. */
  const aborts = new Map<AbortController, boolean>();
  /** Rows of this tab whose answer is not seen yet: what can still be sent when the page goes. */
  let fresh: Row[] = [];
  /** Ids that arrived by another way than the queue, and ids on that way. */
  const arrived = new Set<string>();
  const leaving = new Set<string>();
  let flying = 0;
  /** Where this page's own rows begin. However old a wrong clock made them look, they are of today. */
  let first = Infinity;
  let tried: () => void;
  /** Resolves when the first request is out, or nothing waited. */
  const away = new Promise<void>((done) => (tried = done));
  /** What was granted on an earlier visit may be denied, or not asked yet, on this one. */
  const may = () => journal.grants().analytics == "granted";
  /** The server asked for peace until then. */
  let rest = 0;
  /** How long still, in ms. More than an hour was never asked for: the clock went back. */
  const peace = () => {
    const ms = rest - journal.clock();
    return ms > HOUR ? 0 : ms;
  };

  const post = async (lines: string[], keepalive: boolean): Promise<{ status: number; retryAfter: number }> => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 15_000);
    const body = `{"batch":[${lines.join()}],"sentAt":"${new Date(journal.clock()).toISOString()}"}`;
    const weight = keepalive ? size(body) : 0;
    flying += weight;
    aborts.set(abort, keepalive);
    try {
      const reply = await fetch(options.endpoint!, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(options.writeKey && { authorization: "Basic " + btoa(options.writeKey + ":") }),
        },
        body,
        keepalive,
        signal: abort.signal,
      });
      heard(reply);
      const wait = /^(429|503)$/.test(String(reply.status)) ? retryAfter(reply.headers.get("retry-after"), journal.clock()) : -1;
      return { status: reply.status, retryAfter: wait };
    } catch {
      return { status: 0, retryAfter: -1 };
    } finally {
      clearTimeout(timer);
      flying -= weight;
      aborts.delete(abort);
    }
  };

  /** One sender in the world: the lock is held for one request. A frozen tab may sit on it, so then it is taken. */
  const alone = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    const { locks } = navigator;
    if (!locks) return act();
    // By the clock, not by the waits: a hidden page's take twice as long.
    const begun = performance.now();
    for (let wait = 100; !journal.ended(); wait = Math.min(wait * 2, 1000)) {
      let mine = false;
      const result = await locks
        .request(`danbi:${options.name}:send`, performance.now() - begun < PATIENCE ? { ifAvailable: true } : { steal: true }, async (lock) =>
          (mine = !!lock) ? act() : undefined,
        )
        // Stolen: the other tab goes on. Where the page may have no locks at all, as in a sandbox, it is alone.
        .catch(() => (mine ? undefined : ((mine = true), act())));
      if (mine) return result as T;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return;
  };

  /** The first unsent rows, the position up to which they are all there are, those that are too old, and those that arrived already. */
  const take = async (limit: number, since: number) => {
    const rows: Row[] = [];
    const lines: string[] = [];
    const expired: number[] = [];
    const skipped: Row[] = [];
    let upto = 0;
    let left = 0;
    let weight = 0;
    /** False when the batch is full. */
    const consider = (row: Row): boolean => {
      if (row.send && arrived.has(row.line.messageId)) skipped.push(row);
      else if (row.send) {
        if (row.pos < first && Date.parse(row.line.timestamp) < since) return expired.push(row.pos) < 500;
        try {
          const line = written(row.line);
          weight += size(line) + 1;
          if (!line || rows.length == limit || (rows.length && weight > BATCH)) return false;
          rows.push(row);
          lines.push(line);
        } catch {
          log.corrupt(row.pos);
        }
      }
      upto = row.pos;
      return true;
    };
    const { rows: all } = box.memory;
    if (journal.stored())
      await run("readonly", (store) => {
        const sent = store("kv").get("sent");
        const until = store("kv").get("rest");
        const more = (from: number) =>
          log.page(store, from, PAGE, (rows, next) => {
            const full = !rows.every(consider);
            if (!full && next && rows.length < limit) return more(next);
            const behind = store("log").count(IDBKeyRange.lowerBound(upto, true));
            behind.onsuccess = () => (left = behind.result);
          });
        until.onsuccess = () => {
          rest = Math.max(rest, whole(until.result));
          more((upto = whole(sent.result)));
        };
      });
    // Besides the log, or instead of it.
    const kept = upto;
    const full = rows[0] ? 0 : all.findIndex((row) => !consider(row));
    left += full < 0 ? 0 : all.length - full;
    return { rows, lines, kept, left, expired, skipped };
  };

  /** Where the engine never runs nothing is ever covered: what waits for it alone must not pile up. */
  const trim = (log: IDBObjectStore, upto: number) => {
    const done = log.count(IDBKeyRange.upperBound(upto));
    done.onsuccess = () => {
      if (done.result <= TAIL) return;
      const oldest = log.getAllKeys(null, done.result - TAIL);
      oldest.onsuccess = () => log.delete(IDBKeyRange.upperBound(oldest.result.at(-1)!));
    };
  };

  /** These rows arrived, and in the log all up to here is handled. What the profile does not need any more goes. */
  const handled = async (upto: number, rows: Row[]) => {
    const done = new Set(rows.map(({ line }) => line.messageId));
    const waits = ({ line }: Row) => !done.has(line.messageId) && !arrived.has(line.messageId);
    fresh = fresh.filter(waits);
    box.memory.rows = box.memory.rows.filter(waits);
    if (!journal.stored()) box.mirror();
    else if (upto)
      await log.write((store) => {
        const kv = store("kv");
        const log = store("log");
        const sent = kv.get("sent");
        const covered = kv.get("covered");
        covered.onsuccess = () => {
          const most = Math.max(upto, whole(sent.result));
          kv.put(most, "sent");
          for (const { pos, fold } of rows) if (!fold) log.delete(pos);
          log.delete(IDBKeyRange.upperBound(Math.min(most, whole(covered.result))));
          if (!folded()) trim(log, most);
        };
      });
  };

  const unqueue = (positions: number[], reason: string) => {
    fresh = fresh.filter(({ pos }) => !positions.includes(pos));
    return log.unqueue(positions, reason);
  };

  const send = async (limit: number, since: number): Promise<Reply> => {
    await journal.begun;
    if (!may()) return tried(), { ...NONE, status: 200 };
    let batch = await take(limit, since);
    for (let more = 50; batch.expired[0] && more--; ) {
      await unqueue(batch.expired, "expired");
      report("expired", "signals that could not be delivered for 7 days are among the dead letters: " + batch.expired.length);
      batch = await take(limit, since);
    }
    // From here to the request no task passes: what is erased meanwhile is not sent.
    const { rows, lines, kept, left, skipped } = batch;
    if (!may()) return { ...NONE, status: 200 };
    const at = rows[0]?.pos ?? 0;
    if (lines[0] && peace() > 0) return { ...NONE, status: 429, retryAfter: peace(), left: left + rows.length };
    const posting = lines[0] ? post(lines, false) : { status: 200, retryAfter: -1 };
    tried();
    const { status, retryAfter } = await posting;
    const reply = { ...NONE, status, retryAfter, sent: rows.length, at, left };
    if (status >= 200 && status < 300) {
      // Where it cannot be written that they arrived, this page knows.
      await handled(kept, [...skipped, ...rows]).catch(() => rows.forEach(({ line }) => arrived.add(line.messageId)));
      return reply;
    }
    reply.left += rows.length;
    if (retryAfter > 0) {
      rest = journal.clock() + retryAfter;
      // Another tab may have been asked to wait longer.
      if (journal.stored())
        await log.write((store) => {
          const until = store("kv").get("rest");
          until.onsuccess = () => {
            const kept = whole(until.result);
            store("kv").put(kept > rest && kept - journal.clock() <= HOUR ? kept : rest, "rest");
          };
        });
    }
    return reply;
  };

  return {
    away,
    alone,
    unqueue,
    /** There is no engine, and no endpoint. */
    trim: () => log.write((store) => trim(store("log"), Infinity)),
    /** Posts up to `limit` rows; those from before `since` are given up. Nothing left to post is a success that carried nothing. */
    send: async (limit: number, since: number): Promise<Reply> => {
      try {
        const reply = (await alone(() => send(Math.max(1, limit), since))) ?? NONE;
        if (reply.left <= LIGHT || (reply.status >= 200 && reply.status < 300)) return reply;
        const exact = await weigh()?.();
        return exact ? { ...reply, left: exact.rows, bytes: exact.bytes } : reply;
      } catch {
        return NONE;
      }
    },
    /** Rows that this tab committed. */
    note: (rows: Row[]) => {
      first = Math.min(first, rows[0]?.pos ?? first);
      fresh.push(...rows.filter((row) => row.send));
      if (fresh.length > 500) fresh = fresh.slice(-500);
    },
    /** The page goes: what fits leaves now. The queue sends it again unless the answer is seen. */
    farewell: (budget: number) => {
      if (!may() || peace() > 0) return;
      let weight = 100 + flying;
      const lines: string[] = [];
      const ids: string[] = [];
      for (const { line } of fresh) {
        if (leaving.has(line.messageId)) continue;
        const text = written(line);
        weight += size(text) + 1;
        if (!text || weight > budget) break;
        ids.push(line.messageId);
        lines.push(text);
      }
      ids.forEach((id) => leaving.add(id));
      if (ids[0])
        void post(lines, true).then(({ status }) => {
          for (const id of ids) {
            leaving.delete(id);
            if (status >= 200 && status < 300) arrived.add(id);
          }
          fresh = fresh.filter((row) => !arrived.has(row.line.messageId));
        });
    },
    /** The last line of all: kept nowhere, it is tried as long as the page is there. */
    last: async (line: Line) => {
      for (let wait = 1000; (await post([written(line)], true)).status % 500 < 200; wait = Math.min(wait * 2, LONGEST)) await new Promise((resolve) => setTimeout(resolve, Math.random() * wait));
    },
    /** Breaks off what does not outlive the page. */
    pause: () => aborts.forEach((keepalive, abort) => keepalive || abort.abort()),
    /** Breaks off what still waits for its answer, and has nothing more to say. */
    stop: () => {
      fresh = [];
      aborts.forEach((_, abort) => abort.abort());
    },
  };
};
export type Transport = ReturnType<typeof openTransport>;
