/** The engine of one page: fed with the log in its order, begun anew for another shopper, another bundle, or after a trap. */
import type { Core, CoreHost, CoreModule, Row } from "../core.js";
import type { Options, Properties } from "../types.js";
import type { Journal } from "./journal.js";
import type { Log } from "./log.js";
import { whole } from "./log.js";
import type { Memory } from "./rare.js";
import type { Identity, Kept } from "./storage.js";
import { zoneTable } from "./zones.js";

/** What the page around the engine does for it. */
export interface Page extends Pick<CoreHost, "send" | "bury" | "shed" | "show" | "hide" | "notify"> {
  options: Options;
  journal: Journal;
  log: Log;
  box: { readonly memory: Memory };
  /** What conditions read as `context.*`. */
  facts(): Properties;
  report: (code: string, message: string, path?: string) => void;
  /** Another engine: what was decided before counts no more. */
  begun(): void;
  /** It runs, or it never will again. */
  changed(): void;
  /** It rests for good. */
  retired(): void;
  /** Other tabs may read what this one has written. */
  hint(): void;
  /** Consent to send was taken back, perhaps in another tab. */
  silenced(): void;
}

const DAY = 864e5;
/** Rows that are read and given in one task: neither memory nor tasks grow with the log. */
const PAGE = 50;
/** A stream of signals reaches the engine and the other tabs this often, the first of it at once. */
const GATHER = 250;

/** Lets the page have its turn. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

export const openEngine = (page: Page) => {
  const { options, journal, log, box, facts, report } = page;
  const { run, line, put } = journal;
  const clock = () => journal.clock();
  let core: Core | undefined;
  let glue: CoreModule | undefined;
  let compiled: WebAssembly.Module | undefined;
  let bundle: any;
  /** Whose engine it is; another seed means another shopper. */
  let seed = "";
  /** Whose snapshot a newer version wrote: it is left untouched. */
  let frozen: string | undefined;
  /** Something of an earlier visit is kept from the engine: the shopper has not allowed it on this one. */
  let shut = false;
  /** The highest position the engine was given. */
  let last: number | undefined;
  let top = 0;
  let inside = 0;
  let traps = 0;
  /** Rows are fed one by one, to find the one that the engine breaks on. */
  let isolating = false;
  let over = false;
  let locale = options.locale;
  let wakes: ReturnType<typeof setTimeout> | undefined;
  let waking = Infinity;
  /** Committed by this tab and not given yet, and whose it is. */
  let waiting: Row[] = [];
  let whose: Identity | undefined;
  let feeding: ReturnType<typeof setTimeout> | undefined;
  let fed = -GATHER;
  const tables = new Map<string, Float64Array>();
  /** Ids of what this tab has said and no engine was given: what follows from it this tab tells. */
  const mine = new Set(Object.values(journal.last).map(({ messageId }) => messageId));
  const claims = new Set<string>();
  /** The last claim, and the one whose message was taken away. */
  let claim: string | undefined;
  let taken: string | undefined;
  const later: (() => void)[] = [];

  const language = () => locale ?? ((document.documentElement?.lang || navigator.language) ?? "en");

  /** Every entrance to the wasm. An exception is a trap: the instance is not to be trusted after it. */
  const enter = <T>(act: (core: Core) => T, none: T, rows?: Row[]): T => {
    if (!core || inside) return none;
    inside++;
    try {
      return act(core);
    } catch (error) {
      trapped(error, rows ?? []);
      return none;
    } finally {
      inside--;
      if (later.length) queueMicrotask(() => later.splice(0).forEach((act) => act()));
    }
  };
  /** For what may be asked while a listener runs inside the engine. */
  const command = (act: (core: Core) => void): void => void (inside ? later.push(() => enter(act, undefined)) : enter(act, undefined));

  /**
   * The first time the engine begins anew without the offending row, which many rows at once are fed one by one to find;
   * the second time it is retired.
   */
  const trapped = (error: unknown, rows: Row[]) => {
    report("engine_trap", "the engine failed: " + error);
    // Its memory is not to be touched again, not even to free it.
    (core as any)?.__destroy_into_raw?.();
    core = undefined;
    clearTimeout(wakes);
    waking = Infinity;
    const search = rows.length > 1 && !traps;
    if (isolating) traps = 0;
    isolating = search;
    if (++traps < 2) queue(async () => (search || (await quarantine(rows, String(error))), await begin(true)));
    else {
      void quarantine(rows.length > 1 ? [] : rows, String(error)).catch(() => {});
      report("engine_retired", "the engine failed twice and rests until the page is loaded again");
      page.retired();
    }
  };
  const quarantine = async (rows: Row[], reason: string) => {
    for (const row of rows as (Row & Kept)[]) {
      row.fold = false;
      row.bad = true;
    }
    if (rows.length && journal.stored())
      await log.write((store) => {
        for (const { pos, line, send } of rows) {
          store("dead").put({ line, reason, at: clock() });
          // It may still be sent, never be folded.
          send ? store("log").put({ line, send, fold: false, bad: true }, pos) : store("log").delete(pos);
        }
      });
  };

  /** One thing after the other: rows reach the engine in the order of the log. */
  let queued: Promise<unknown> = Promise.resolve();
  const serial = <T>(act: () => T | Promise<T>): Promise<T> => {
    const done = queued.then(act);
    queued = done.catch(() => {});
    return done;
  };
  const queue = (act: () => unknown) => serial(act).catch((error) => over || report("runtime_failed", String(error)));

  /** Whether a profile, or a member's ledger, may be read; the log tells only what was allowed when it was written. */
  const allowed = (who: Identity | undefined) => {
    const { personalization, functional } = journal.grants();
    return personalization == "granted" || (functional == "granted" && !!who?.userId);
  };
  /** Rows to be sent, and no more than that. */
  const sealed = (rows: Row[]) => rows.map((row) => ({ ...row, fold: false }));

  /** A page of what is kept: `after` a position, else the snapshot and what it has not seen. */
  const read = async (after?: number) => {
    await journal.begun;
    const rows = box.memory.rows.filter((row: Row & Partial<Kept>) => row.pos > (after ?? 0) && !row.bad);
    const found = { rows, snapshot: undefined as any, covered: 0, unsent: rows.length, more: 0, identity: journal.identity(), shut: false };
    if (journal.stored())
      await run("readonly", (store) => {
        const kv = store("kv");
        const snapshot = after === undefined ? kv.get("snapshot") : undefined;
        const covered = kv.get("covered");
        const sent = kv.get("sent");
        const identity = kv.get("identity");
        identity.onsuccess = () => {
          const who = (found.identity = journal.known(identity.result));
          const kept = snapshot?.result;
          // A snapshot of another shopper, or of one who took consent back, is nobody's.
          if (who && kept?.seed == who.seed && who.seed != frozen && kept.data?.v > 0) allowed(who) ? (found.snapshot = kept.data) : (found.shut = true);
          if (!snapshot || found.snapshot) found.covered = whole(covered.result);
          const from = after ?? (found.snapshot?.seen || found.covered);
          log.page(store, from, PAGE, (rows, more) => {
            found.rows = rows.filter((row) => !row.bad);
            found.more = more;
            // Asked at the beginning only; the rows that come later tell themselves.
            const waits = whole(sent.result);
            found.unsent = 0;
            if (after === undefined && (!more || more > waits)) {
              const unsent = store("log").count(more ? IDBKeyRange.bound(waits, more, true) : IDBKeyRange.lowerBound(waits, true));
              unsent.onsuccess = () => (found.unsent = unsent.result);
            }
          });
        };
      });
    if (!allowed(found.identity)) {
      found.shut ||= found.rows.some(({ fold }) => fold);
      found.rows = sealed(found.rows);
    }
    await prove(found.rows);
    return found;
  };

  const signed = ({ line }: Row) => line.event == "danbi_checkpoint";
  /** What is found of checkpoints stands beside them: a line is anybody's word. */
  const prove = async (rows: Row[]) => {
    const words = rows.filter(signed);
    for (const row of words) row.proof = null;
    try {
      if (words[0]) await (await import("./checkpoint.js")).prove(words, options.keys, mine, journal);
    } catch (error) {
      report("checkpoint", "not verified: " + error);
    }
  };
  const zoned = (core: Core, zone: string) => {
    try {
      const now = clock();
      if (!tables.has(zone)) tables.set(zone, zoneTable(zone, now - 400 * DAY, now + 400 * DAY));
      core.zone(zone, tables.get(zone)!);
    } catch {} // a zone the platform does not know: the engine says so in its verdicts
  };
  /** What the engine has to know before it reads these rows. */
  const ready = (core: Core, rows: Row[]) => {
    for (const row of rows) {
      row.own = mine.delete(row.line.messageId);
      const { timezone } = row.line.context ?? {};
      if (timezone && !tables.has(timezone) && (bundle.programs || bundle.house?.pacing?.quiet?.zone == "user" || bundle.campaigns?.some?.((one: any) => one?.schedule?.zone == "user"))) zoned(core, timezone);
    }
    return rows;
  };

  /** Has the engine take rows in that it has not seen, one by one while the one is sought that it breaks on. */
  const give = (rows: Row[]) => {
    for (const { pos } of rows.slice(-1)) last = Math.max(last ?? 0, pos);
    for (const some of isolating ? rows.map((row) => [row]) : rows[0] ? [rows] : []) enter((core) => core.rows(ready(core, some)), undefined, some);
  };

  /** A new engine over all that is kept. Throws where the bundle is not valid: then the one before goes on. */
  const begin = async (anew?: boolean, next = bundle): Promise<void> => {
    if (!glue || over) return;
    if (next == bundle) drop();
    if (anew) await glue.default({ module_or_path: compiled });
    const state = await read();
    if (over) return;
    const shopper = state.identity?.seed ?? journal.seed();
    const engine = new glue.Core(next, host, { locale: language(), seed: shopper, tab: line("track").messageId, schemes: options.schemes ?? [] });
    // Reading the bundle is a task of its own.
    await turn();
    if (over) return engine.free();
    drop();
    shut = state.shut;
    seed = shopper;
    bundle = next;
    const { base, mid } = state.snapshot ?? {};
    for (const zone of [...engine.zones(), ...tables.keys(), base?.loyalty?.home, mid?.loyalty?.home]) zone && zoned(engine, zone);
    last = state.more || (state.rows.at(-1)?.pos ?? (state.snapshot?.seen || state.covered || undefined));
    top = Math.max(top, last ?? 0);
    page.begun();
    core = engine;
    const rows = isolating ? [] : state.rows;
    enter(
      (core) => {
        try {
          core.load(state.snapshot, ready(core, rows), state.unsent);
        } catch (error: any) {
          if (error?.code != "snapshot") throw error;
          frozen = seed;
          report("snapshot", "the profile that is kept cannot be read here and is left untouched: " + error.message);
        }
        core.context(facts());
      },
      undefined,
      rows,
    );
    if (frozen == seed && state.snapshot) return begin();
    if (isolating) give(state.rows);
    if (state.more) await feed([], state.identity);
    if (journal.stored()) {
      await prove(box.memory.rows);
      give(box.memory.rows);
    }
    if (core) isolating = false;
    if (core) page.changed();
  };
  const drop = () => {
    core?.free();
    core = undefined;
  };

  /** Whether what the engine has folded is of this shopper and all that may be, or nothing of nobody. */
  const same = (shopper: Identity | undefined) => (shopper ? shopper.seed == seed && !(shut && allowed(shopper)) : last === undefined);
  /** Whether rows follow a position without a gap, where another tab's would be. What the disk had no room for stands between positions. */
  const follow = (rows: Row[], seen = 0) => rows[0] && rows.every(({ pos }) => pos % 1 || pos == ++seen);
  /** Gives the engine what it has not seen: `given`, if that is all, else whatever the log has. */
  const feed = async (given: Row[], shopper: Identity | undefined) => {
    if (over) return;
    if (!core) {
      // Nobody to feed, but what was taken back in another tab is.
      if (!given[0] && (await read(last ?? 0)).identity?.consent.analytics != "granted") page.silenced();
      return;
    }
    if (!same(shopper)) return begin();
    const seen = last ?? 0;
    await prove(given);
    if (!core || over) return;
    if (!journal.stored() || follow(given, seen)) {
      const asker = core;
      for (let from = 0; from < given.length && core == asker && !over; from += PAGE) {
        if (from) await turn();
        give(given.slice(from, from + PAGE));
      }
      return;
    }
    for (let more = seen; core && !over; ) {
      const state = await read(more);
      if (state.identity?.consent.analytics != "granted") page.silenced();
      if (!same(state.identity) || (state.covered > more && state.rows[0]?.pos != more + 1)) return begin();
      shut ||= state.shut;
      give(state.rows);
      last = state.more || last;
      if (!(more = state.more)) return give(given.filter(({ pos }) => pos % 1));
    }
  };

  const pass = () => {
    clearTimeout(feeding);
    feeding = undefined;
    fed = performance.now();
    page.hint();
    return queue(() => feed(waiting.splice(0), whose));
  };
  /** Whoever asks is answered from all that is known. */
  const ask = <T>(act: (core: Core) => T, none: T): T => {
    if (core && !inside && follow(waiting, last) && waiting.length <= PAGE && !waiting.some(signed) && same(whose)) {
      give(waiting.splice(0));
    }
    return enter(act, none);
  };

  /** What is said of the shopper whose engine this is, and of nobody who comes after. */
  const say = (event: string, properties: Properties) => {
    const by = line("track", { event, properties });
    // What the engine itself granted is never read back as a host's event; what the shopper saw and did is.
    if (!event.startsWith("danbi_")) {
      by.context.library.name = "danbi";
      by.messageId = properties.id as string;
    }
    return put({ line: by, seed });
  };

  const host: CoreHost = {
    ...page,
    now: clock,
    emit: (event, properties) => void say(event, properties),
    hide: () => {
      taken = claim;
      page.hide();
    },
    claim: async (key) => {
      // What this tab had to take away unseen it may show again.
      const again = key == taken;
      let won = again || !claims.has(key);
      claims.add((claim = key));
      if (won && !again && journal.stored())
        await log
          .write((store) => {
            const add = store("claims").add(clock(), key);
            add.onerror = (event) => {
              event.preventDefault();
              event.stopPropagation();
              won = false;
            };
          })
          .catch(journal.failed);
      queue(() => enter((core) => core.claimed(key, won), undefined));
    },
    save: (data, covered) => {
      const mine = seed;
      if (!journal.stored() || frozen == mine || shut) return;
      void log
        .write((store, { seed, userId, consent }) => {
          const kv = store("kv");
          const seen = kv.get("seen");
          const kept = kv.get("covered");
          const sent = kv.get("sent");
          sent.onsuccess = () => {
            // Another shopper by now, or one who took consent back; or another tab knows more, or has let rows go.
            if (seed != mine || !(consent.personalization == "granted" || (userId && consent.functional == "granted")) || seen.result > data.seen || kept.result > covered) return;
            kv.put({ seed, data }, "snapshot");
            kv.put(covered, "covered");
            kv.put(data.seen, "seen");
            // Rows are the profile's tail and the queue at once: they go when both are done with them.
            store("log").delete(IDBKeyRange.upperBound(options.endpoint ? Math.min(covered, whole(sent.result)) : covered));
          };
        })
        .catch((error) => report("storage", "the profile could not be kept: " + error));
    },
    recall: (after, upto) =>
      void queue(async () => {
        let rows = box.memory.rows;
        if (journal.stored()) await run("readonly", (store) => log.page(store, after, upto - after, (found) => (rows = found)));
        rows = rows.filter((row: Row & Partial<Kept>) => row.pos > after && row.pos <= upto && !row.bad);
        if (shut) rows = sealed(rows);
        await prove(rows);
        enter((core) => core.recalled(rows), undefined, rows);
      }),
    wake: (at) => {
      // One that rings too early is asked again.
      if (at >= waking) return;
      clearTimeout(wakes);
      waking = at;
      wakes = setTimeout(() => {
        waking = Infinity;
        enter((core) => core.tick(), undefined);
      }, Math.min(Math.max(at - clock(), 0), 2 ** 31 - 1));
    },
  };

  return {
    host,
    say,
    enter,
    ask,
    command,
    queue,
    serial,
    begin,
    feed,
    core: () => core,
    inside: () => inside,
    top: () => top,
    /** Resolves when the engine has all that was committed. */
    passed: () => (feeding ? pass() : queued),
    /** Rows were committed by this tab. */
    committed: (rows: Row[], shopper: Identity | undefined) => {
      for (const { line } of rows) mine.add(line.messageId);
      waiting.push(...rows);
      whose = shopper;
      const wait = fed + GATHER - performance.now();
      if (wait > 0 && same(shopper)) feeding ??= setTimeout(pass, wait);
      else void pass();
    },
    /** Rows of this position exist. */
    reach: (pos: number) => (top = Math.max(top, pos)),
    /** The wasm is there. */
    set: (made: { glue: CoreModule; compiled: WebAssembly.Module }) => ({ glue, compiled } = made),
    /** It could run, and has not failed for good. */
    able: () => glue && traps < 2,
    setLocale: (tag: string) => {
      locale = tag;
      command((core) => core.setLocale(tag));
    },
    end: () => {
      over = true;
      clearTimeout(wakes);
      clearTimeout(feeding);
      // A listener may have asked for this from inside the engine.
      inside ? queueMicrotask(drop) : drop();
    },
  };
};
