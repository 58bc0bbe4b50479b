/** What a page does not wait for: the engine, the network, other tabs. */
import type { Core, CoreHost, CoreModule, Row } from "./core.js";
import type { Captured } from "./host/datalayer.js";
import { readGa4 } from "./host/ga4.js";
import type { Journal, Rare } from "./host/journal.js";
import { Refused, loadBundles, loadCore } from "./host/load.js";
import { openPump } from "./host/pump.js";
import { openRare } from "./host/rare.js";
import type { Identity, Kept } from "./host/storage.js";
import { openTransport } from "./host/transport.js";
import { zoneTable } from "./host/zones.js";
import type { Answer, Client, Decision, Options, Profile, Progress, Properties, Receipt, Verdict } from "./types.js";

/** One `watch()`: `last` is what it was told. */
export interface Watch {
  slot: string;
  callback: (decision: Decision) => void;
  last?: Decision;
}

export interface Runtime
  extends Pick<Client, "exposed" | "answer" | "progress" | "profile" | "explain" | "setLocale" | "flush" | "export"> {
  rare: Rare;
  /** Rows just committed; none when only the identity changed. */
  rows(rows: Row[], identity: Identity | undefined): void;
  layer(entry: Captured): void;
  context(): void;
  watch(watch: Watch): void;
  decide(slot: string): Decision | undefined;
  end(erase?: boolean): void;
}

const DAY = 864e5;
const MINUTES_5 = 3e5;
/** A stream of signals reaches the engine and the other tabs this often, the first of it at once. */
const GATHER_MS = 100;
/** Rows that the engine is given in one task. */
const CHUNK = 50;

export const start = (
  options: Options,
  name: string,
  journal: Journal,
  facts: Properties,
  watching: Set<Watch>,
  captured: Captured[],
  track: (event: string, properties: Properties) => Promise<Receipt>,
  decide: (slot: string) => Decision,
  call: (callback: Function, payload?: unknown) => unknown,
  notify: (event: string, payload?: unknown) => unknown[],
  report: (code: string, message: string, path?: string) => void,
  settle: (state: Awaited<Client["ready"]>) => void,
  erased: () => unknown,
): Runtime => {
  const { run, line, put } = journal;
  const tab = line("track").messageId;
  /** The highest position the engine was given. */
  let last: number | undefined;
  let top = 0;
  const box = openRare(name, journal, () => top, report);
  const { endpoint, writeKey, clock = Date.now } = options;
  const transport = openTransport(journal, box, { name, clock, ...(endpoint && { endpoint }), ...(writeKey && { writeKey }) });

  let core: Core | undefined;
  let glue: CoreModule | undefined;
  let compiled: WebAssembly.Module | undefined;
  let bundle: any;
  /** Whose engine it is; another seed means another shopper. */
  let seed = "";
  let inside = 0;
  let traps = 0;
  /** Rows are fed one by one, to find the one that the engine breaks on. */
  let isolating = false;
  let over = false;
  let locale = options.locale;
  let wakes: ReturnType<typeof setTimeout> | undefined;
  let waking = Infinity;
  const tables = new Map<string, Float64Array>();
  const decisions = new Map<string, Decision>();
  const latest = new Map<string, Decision>();
  const claims = new Set<string>();
  const later: (() => void)[] = [];
  const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

  // --- the engine ---

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
  const command = (act: (core: Core) => void) => (inside ? later.push(() => enter(act, undefined)) : enter(act, undefined));

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
      changed();
      void pump.run();
    }
  };
  const quarantine = async (rows: Row[], reason: string) => {
    for (const row of rows as (Row & Kept)[]) {
      row.fold = false;
      row.bad = true;
    }
    if (rows.length && journal.stored())
      await run("readwrite", (store) => {
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

  /** What is kept; `after` a position only the rows behind it, else the snapshot and the rows behind that. */
  const read = async (after?: number) => {
    const memory = { rows: box.memory.rows.filter((row: Row & Partial<Kept>) => row.pos > (after ?? 0) && !row.bad), snapshot: undefined as any, covered: 0, unsent: 0, identity: journal.identity() };
    memory.unsent = memory.rows.length;
    if (!journal.stored()) return memory;
    const kept = await run("readonly", (store) => {
      const kv = store("kv");
      const log = store("log");
      const found = { ...memory, rows: [] as Row[], identity: undefined as Identity | undefined };
      const identity = kv.get("identity");
      const snapshot = after === undefined ? kv.get("snapshot") : undefined;
      const covered = kv.get("covered");
      const sent = kv.get("sent");
      sent.onsuccess = () => {
        found.identity = identity.result;
        found.covered = covered.result ?? 0;
        // A snapshot of another shopper, or of one who took consent back, is nobody's.
        if (snapshot && snapshot.result?.seed == identity.result?.seed) found.snapshot = snapshot.result?.data;
        if (snapshot && !found.snapshot) found.covered = 0;
        // What the snapshot has seen is read again only when the engine asks for it.
        const range = IDBKeyRange.lowerBound(after ?? found.snapshot?.seen ?? found.covered, true);
        const keys = log.getAllKeys(range);
        const all = log.getAll(range);
        all.onsuccess = () =>
          (found.rows = all.result
            .map((row: Kept, i) => ({ ...row, pos: keys.result[i] as number }))
            .filter((row) => row.line?.messageId && !row.bad));
        const unsent = log.count(IDBKeyRange.lowerBound(sent.result ?? 0, true));
        unsent.onsuccess = () => (found.unsent = unsent.result);
      };
      return found;
    });
    return kept ?? memory;
  };

  /** A new engine over all that is kept. */
  const begin = async (anew?: boolean): Promise<void> => {
    if (!glue || over) return;
    core?.free();
    core = undefined;
    if (anew) await glue.default({ module_or_path: compiled });
    const state = await read();
    if (over) return;
    seed = state.identity?.seed ?? journal.seed();
    const engine = new glue.Core(bundle, host, { locale: language(), render: options.render !== false, seed, tab });
    for (const zone of engine.zones())
      try {
        const now = clock();
        if (!tables.has(zone)) tables.set(zone, zoneTable(zone, now - 400 * DAY, now + 400 * DAY));
        engine.zone(zone, tables.get(zone)!);
      } catch {} // a zone the platform does not know: the engine says so in its verdicts
    last = state.rows.at(-1)?.pos ?? (state.snapshot?.seen || state.covered || undefined);
    top = Math.max(top, last ?? 0);
    decisions.clear();
    latest.clear();
    core = engine;
    enter(
      (core) => {
        core.load(state.snapshot, isolating ? [] : state.rows, state.unsent);
        core.context(facts);
      },
      undefined,
      isolating ? [] : state.rows,
    );
    if (isolating) for (const row of state.rows) if (core) enter((core) => core.rows([row]), undefined, [row]);
    if (core) isolating = false;
    if (core) changed();
  };

  /** Whether what the engine has folded is of this shopper, or nothing of nobody. */
  const same = (shopper: Identity | undefined) => (shopper ? shopper.seed == seed : last === undefined);
  const give = (rows: Row[]) => {
    last = rows.at(-1)!.pos;
    enter((core) => core.rows(rows), undefined, rows);
  };
  /** Gives the engine what it has not seen: `given`, if that is all, else whatever the log has. */
  const feed = async (given: Row[], shopper: Identity | undefined) => {
    if (!core || over) return;
    if (!same(shopper)) return begin();
    let rows = given;
    const seen = last ?? 0;
    if (journal.stored() && given[0]?.pos != seen + 1) {
      const state = await read(seen);
      const gone = state.covered > seen && state.rows[0]?.pos != seen + 1;
      if (state.identity?.consent.analytics != "granted") transport.stop(); // taken back, perhaps in another tab
      if (!same(state.identity) || gone) return begin();
      rows = state.rows;
    }
    for (let from = 0; from < rows.length; from += CHUNK) {
      if (from) await sleep(0);
      if (!core || over) return;
      give(rows.slice(from, from + CHUNK));
    }
  };

  /** Committed by this tab, and not fed yet. */
  let waiting: Row[] = [];
  let shopper: Identity | undefined;
  let feeding: ReturnType<typeof setTimeout> | undefined;
  let fed = -GATHER_MS;
  const pass = () => {
    clearTimeout(feeding);
    feeding = undefined;
    fed = performance.now();
    channel?.postMessage("rows");
    return queue(() => feed(waiting.splice(0), shopper));
  };
  /** Resolves when the engine has all that was committed. */
  const passed = () => (feeding ? pass() : queued);
  /** Whoever asks is answered from all that is known. */
  const catchUp = () => {
    if (core && !inside && waiting[0]?.pos == (last ?? 0) + 1 && waiting.length <= CHUNK && same(shopper)) give(waiting.splice(0));
  };

  const host: CoreHost = {
    now: clock,
    emit: (event, properties) => {
      const by = line("track", { event, properties });
      // What the engine itself granted is never read back as a host's event; what the shopper saw and did is.
      if (!event.startsWith("danbi_")) by.context.library.name = "danbi";
      void put({ line: by });
    },
    claim: async (key) => {
      let won = !claims.has(key);
      claims.add(key);
      if (won && journal.stored())
        await run("readwrite", (store) => {
          const add = store("claims").add(clock(), key);
          add.onerror = (event) => {
            event.preventDefault();
            event.stopPropagation();
            won = false;
          };
        }).catch(journal.failed);
      queue(() => enter((core) => core.claimed(key, won), undefined));
    },
    save: (data, covered) => {
      const mine = seed;
      if (!journal.stored() || journal.grants().personalization != "granted") return;
      void run("readwrite", (store) => {
        const kv = store("kv");
        const identity = kv.get("identity");
        const before = kv.get("covered");
        const sent = kv.get("sent");
        sent.onsuccess = () => {
          // Another shopper by now, or another tab knows more.
          if (identity.result?.seed != mine || before.result > covered) return;
          kv.put({ seed: mine, data }, "snapshot");
          kv.put(covered, "covered");
          // Rows are the profile's tail and the queue at once: they go when both are done with them.
          store("log").delete(IDBKeyRange.upperBound(endpoint ? Math.min(covered, sent.result ?? 0) : covered));
        };
      }).catch((error) => report("storage", "the profile could not be kept: " + error));
    },
    recall: (after, upto) =>
      queue(async () => {
        const rows = (await read(after)).rows.filter((row) => row.pos <= upto);
        enter((core) => core.recalled(rows), undefined);
      }),
    send: (limit) => void deliver(limit),
    bury: (reason) => {
      burying = burying.then(() => transport.bury(reason)).catch(() => {});
      report("rejected", "the endpoint rejects a signal for good: " + reason);
    },
    wake: (at) => {
      // One that rings too early asks again.
      if (at >= waking) return;
      clearTimeout(wakes);
      waking = at;
      wakes = setTimeout(
        () => {
          waking = Infinity;
          enter((core) => core.tick(), undefined);
        },
        Math.min(Math.max(at - clock(), 0), 2 ** 31 - 1),
      );
    },
    notify: (event, payload: any) => {
      if (event == "message" || event == "answer") {
        const { decision = payload } = payload;
        if (decision?.id) remember(decision);
        const said = notify(event, payload);
        return event == "message" ? (said.includes(false) ? false : undefined) : said.includes(true) || undefined;
      }
      // Nobody waits for an answer, so listeners may use the engine freely.
      queueMicrotask(() => {
        if (event == "change") changed();
        else if (event == "error") report(payload.code, payload.message, payload.path);
        else notify(event, payload);
      });
      return;
    },
  };

  // --- the way out ---

  let sending = 0;
  let burying: Promise<unknown> = Promise.resolve();
  let idle: (() => void)[] = [];
  const deliver = async (limit: number) => {
    const asker = core;
    sending++;
    await burying;
    // Without an endpoint nothing waits.
    const { status, retryAfter, sent, left } = endpoint ? await transport.send(limit) : { status: 200, retryAfter: -1, sent: 0, left: 0 };
    if (over) return;
    await queue(() => core == asker && enter((core) => core.replied(status, retryAfter, sent, left), undefined));
    // The engine may have asked for the next batch.
    if (!--sending) idle.splice(0).forEach((done) => done());
  };
  const pump = openPump(transport, report, () => !!endpoint && !core && !over);

  // --- what pages see ---

  const remember = (decision: Decision) => {
    decisions.set(decision.id!, decision);
    if (decisions.size > 200) decisions.delete(decisions.keys().next().value!);
  };
  const look = (watch: Watch) => {
    const { last: seen } = watch;
    const decision = decide(watch.slot);
    if (seen && seen.id == decision.id && seen.campaign == decision.campaign && seen.reason == decision.reason) return;
    watch.last = decision;
    call(watch.callback, decision);
  };
  const changed = () => {
    if (over) return;
    notify("change");
    watching.forEach(look);
  };
  /** The feedback events of a decision that the page drew itself. */
  const feedback = async (event: string, id: string, more?: Properties): Promise<Receipt> => {
    const decision = decisions.get(id);
    if (!decision) return { id: "", status: "dropped", reason: "unknown_decision" };
    const { campaign, step, variant, slot } = decision;
    return track(event, { decision: id, campaign, step, variant, slot, ...more });
  };

  // --- getting the engine ---

  const boot = async () => {
    for (let wait = 1000; !over; wait = Math.min(wait * 2, MINUTES_5)) {
      try {
        await journal.settled();
        const wasm = glue ? undefined : loadCore(options.wasm ?? new URL("./danbi.wasm", import.meta.url));
        wasm?.catch(() => {});
        const candidates = await loadBundles(options.bundle, journal, report);
        if (wasm) ({ glue, compiled } = await wasm);
        for (const candidate of candidates) {
          try {
            bundle = candidate;
            await serial(() => begin());
            break;
          } catch (error: any) {
            report("bundle_invalid", "the bundle is not valid: " + (error?.message ?? error), error?.path);
            if (candidate == candidates.at(-1)) throw new Refused("bundle", "the bundle is not valid");
          }
        }
        settle({ engine: true, storage: journal.stored() });
        if (journal.stored() && (journal.grants().personalization == "granted" || journal.grants().analytics == "granted"))
          await run("readwrite", (store) => {
            if (typeof options.bundle == "string" || options.bundle instanceof URL) store("kv").put(bundle, "bundle");
            const old = store("claims").openCursor();
            old.onsuccess = () => {
              const cursor = old.result;
              if (!cursor) return;
              if (cursor.value < clock() - 100 * DAY) cursor.delete();
              cursor.continue();
            };
          });
        return;
      } catch (error) {
        const reason = error instanceof Refused ? error.reason : "network";
        report("engine_" + reason, String(error));
        settle({ engine: false, storage: journal.stored(), reason });
        void pump.run();
        if (reason != "network") return;
        await new Promise<void>((resolve) => {
          addEventListener("online", () => resolve(), { once: true });
          void sleep(wait / 2 + (Math.random() * wait) / 2).then(resolve);
        });
      }
    }
  };

  // --- other tabs, and the page's end ---

  /** Another tab erased: it has said so to the server. */
  let told = false;
  let channel: BroadcastChannel | undefined;
  try {
    channel = new BroadcastChannel("danbi:" + name);
    channel.onmessage = ({ data }) => {
      if (data == "erase") {
        told = true;
        erased();
      }
      // Only a hint: what counts is in the log.
      else queue(() => feed([], journal.identity()));
    };
  } catch {}
  const hidden = () => {
    if (document.visibilityState == "hidden") transport.farewell();
  };
  const goes = () => transport.farewell();
  const online = () => {
    if (core) enter((core) => core.flush(), undefined);
    else void pump.run();
  };
  if (endpoint) {
    addEventListener("pagehide", goes);
    document.addEventListener("visibilitychange", hidden);
    addEventListener("online", online);
  }

  /** The user that the data layer told and that is not written yet. */
  let asked: string | undefined;
  const layer = readGa4(
    (event, properties, at) => {
      const by = event == "page_view" ? line("page", { properties }) : line("track", { event, properties });
      by.timestamp = new Date(at).toISOString();
      void put({ line: by });
    },
    (userId, at) => {
      // Told on every page, so only when it is news.
      if (userId == (asked ?? journal.identity()?.userId)) return;
      asked = userId;
      const by = line("identify", { userId, traits: {} });
      by.timestamp = new Date(at).toISOString();
      void put({ line: by }).then(({ status }) => {
        if (status != "held") asked = undefined;
      });
    },
    (path) => report("data_layer", "an entry of the data layer cannot be read", path),
  );
  // The user that earlier pages told is known only once the journal has begun.
  let begun = false;
  void journal.begun.then(() => {
    begun = true;
    captured.splice(0).forEach(layer);
  });

  void boot();
  if (endpoint) void journal.settled().then(() => void (core || pump.run()));

  return {
    rare: box.rare,
    rows: (rows, identity) => {
      if (over) return;
      for (const { pos } of rows) top = Math.max(top, pos);
      transport.note(rows);
      if (!identity) box.forget();
      if (identity?.consent.analytics != "granted") transport.stop();
      waiting.push(...rows);
      shopper = identity;
      const wait = fed + GATHER_MS - performance.now();
      if (wait > 0 && same(identity)) feeding ??= setTimeout(pass, wait);
      else void pass();
      if (!core && endpoint && rows.length) pump.more();
    },
    layer: (entry) => void (begun ? layer(entry) : captured.push(entry)),
    context: () => command((core) => core.context(facts)),
    watch: look,
    decide: (slot) => {
      if (inside) return latest.get(slot);
      catchUp();
      const decision = enter((core) => core.decide(slot), undefined as Decision | undefined);
      if (decision) latest.set(slot, decision);
      if (decision?.id) remember(decision);
      return decision;
    },
    exposed: (id) => feedback("danbi_exposure", id),
    answer: (id, action, value) => feedback("danbi_answer", id, { action, ...(value !== undefined && { value }) }),
    progress: () => (catchUp(), enter((core) => core.progress(), null as Progress | null)),
    profile: () => (catchUp(), enter((core) => core.profile(), null as Profile | null)),
    explain: () => (catchUp(), enter((core) => core.explain(), [] as Verdict[])),
    setLocale: (tag) => {
      locale = tag;
      command((core) => core.setLocale(tag));
    },
    flush: async () => {
      await passed();
      if (!endpoint || over) return;
      if (!core) {
        await pump.running();
        return pump.run();
      }
      enter((core) => core.flush(), undefined);
      if (sending) await new Promise<void>((done) => idle.push(done));
    },
    export: async () => {
      await journal.settled();
      await passed();
      let rows: Pick<Row, "line">[] = box.memory.rows;
      if (journal.stored()) rows = (await run("readonly", (store) => store("log").getAll()).catch(() => undefined))?.result ?? [];
      const { userId = null, anonymousId = null } = journal.identity() ?? {};
      return {
        identity: { userId, anonymousId },
        consent: { ...journal.grants() },
        profile: enter((core) => core.profile(), null as Profile | null),
        progress: enter((core) => core.progress(), null as Progress | null),
        events: [...rows, ...(journal.held() as { line: Row["line"] }[])].map(({ line }) => line),
        exportedAt: new Date(clock()).toISOString(),
      };
    },
    end: (erase) => {
      over = true;
      transport.stop();
      clearTimeout(wakes);
      clearTimeout(feeding);
      pump.stop();
      removeEventListener("pagehide", goes);
      document.removeEventListener("visibilitychange", hidden);
      removeEventListener("online", online);
      if (erase) {
        const identity = journal.identity();
        if (endpoint && identity && !told && journal.grants().analytics == "granted")
          transport.last(journal.row(line("track", { event: "danbi_erased" }), identity, {}).line);
        box.forget();
        if (!told) channel?.postMessage("erase");
      }
      // A listener may have asked for this from inside the engine.
      const free = () => {
        core?.free();
        core = undefined;
      };
      inside ? queueMicrotask(free) : free();
      // A message posted just before closing is still delivered.
      channel?.close();
      idle.splice(0).forEach((done) => done());
    },
  };
};
