/** What a page does not wait for: the engine, the network, other tabs. */
import type { Feeds } from "./consent/index.js";
import type { CoreModule } from "./core.js";
import type { copy } from "./host/check.js";
import { openBundles, type Found } from "./host/bundle.js";
import { openClock } from "./host/clock.js";
import { captureDataLayer, type Captured } from "./host/datalayer.js";
import { openEngine } from "./host/engine.js";
import { readGa4 } from "./host/ga4.js";
import type { Journal, Rare } from "./host/journal.js";
import { Refused, loadCore } from "./host/load.js";
import { openLog } from "./host/log.js";
import { openPump } from "./host/pump.js";
import { least, openRare } from "./host/rare.js";
import type { Identity } from "./host/storage.js";
import { KEEPALIVE, LONGEST, openTransport, size, wire } from "./host/transport.js";
import type { openUpkeep } from "./host/upkeep.js";
import type { Line, Row } from "./core.js";
import type { Stage } from "./draw/stage.js";
import type { openPlaces } from "./host/places.js";
import type { Signals } from "./signals/index.js";
import type { Client, Decision, Options, Profile, Progress, Properties, Receipt, Verdict } from "./types.js";

/** One `watch()`: `last` is what it was told. */
export interface Watch {
  slot: string;
  callback: (decision: Decision) => void;
  last?: Decision;
}

export interface Runtime
  extends Pick<Client, "exposed" | "answer" | "redeem" | "locate" | "progress" | "profile" | "explain" | "setLocale" | "flush" | "export"> {
  rare: Rare;
  /** Rows just committed; none when only the identity changed. */
  rows(rows: Row[], identity: Identity | undefined): void;
  context(): void;
  watch(watch: Watch): void;
  decide(slot: string, list?: { count: number }): Decision | Decision[] | undefined;
  end(erase?: boolean): void;
}

const DAY = 864e5;
const MINUTE = 6e4;
/** Facts of a visit that a condition, a trigger or a template may name; they come with the automatic signals. */
const FACTS = /context\.(referrer|utm|device|language|inApp)\b/;
const PATHS = /context\.page\.path\b|"path"/;

export const start = (
  options: Options,
  name: string,
  journal: Journal,
  facts: Properties,
  watching: Set<Watch>,
  track: (event: string, properties: Properties) => Promise<Receipt>,
  decide: (slot: string) => Decision,
  call: (callback: Function, payload?: unknown) => unknown,
  notify: (event: string, payload?: unknown) => unknown[],
  report: (code: string, message: string, path?: string) => void,
  settle: (state: Awaited<Client["ready"]>) => void,
  erased: () => unknown,
  copied: typeof copy,
): Runtime => {
  const { run, line, put } = journal;
  const { endpoint, writeKey } = options;
  const steady = options.clock ? undefined : openClock();
  if (steady) journal.clock = steady.now;
  const clock = () => journal.clock();
  const heard = (reply: Response) => steady?.heard(reply);
  let over = false;
  /** What was decided, and what was told of each: nothing counts twice. */
  const decisions = new Map<string, { decision: Decision; told: { [what: string]: { text: string; receipt: Promise<Receipt> } } }>();
  const latest = new Map<string, Decision | Decision[]>();
  const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

  // --- the way out ---

  /** Who somebody is and what they answered is never lost; without an engine what a page does by itself goes first. */
  const rank = ({ type, event }: Line): number => {
    if (type == "identify" || type == "consent") return 3;
    const guess = /^(page|scroll|dwell|exit_intent|inactive)$/.test(event ?? type) ? 0 : 1;
    return engine.enter((core) => core.rank(event ?? type), guess);
  };
  const box = openRare(name, journal, () => engine.top(), report, rank, () => relieve());
  const log = openLog(journal, box, report);
  const bundles = openBundles(options.bundle, journal, log, heard);
  /** What the engine works with; nothing in it where there will be none. */
  let inUse: Pick<Found, "bundle" | "text"> | undefined;
  const written = (line: Line) => wire(line, inUse?.bundle);

  /** Loaded when the server takes nothing, or the disk is full. */
  let upkeep: ReturnType<typeof openUpkeep> | undefined;
  const keeping = async () =>
    (upkeep ??= (await import("./host/upkeep.js")).openUpkeep(journal, log, rank, least, (line) => size(written(line)), report));
  const shed = async (rows: number, bytes: number) => {
    const { shed } = await keeping();
    await transport.alone(() => shed(rows, bytes, "cap"));
    await read();
  };
  const relieve = async () => {
    const { weigh, shed } = await keeping();
    await shed(((await weigh()).rows * 5) / 6, Infinity, "quota");
    void read();
  };
  const transport = openTransport(
    journal,
    box,
    log,
    { name, ...(endpoint && { endpoint }), ...(writeKey && { writeKey }) },
    written,
    report,
    heard,
    () => !!engine.core(),
    () => {
      if (!upkeep) keeping().catch(() => {});
      return upkeep?.weigh;
    },
  );

  let sending = 0;
  let burying: Promise<unknown> = Promise.resolve();
  let idle: (() => void)[] = [];
  const send = async (limit: number, since: number) => {
    const asker = engine.core();
    sending++;
    await burying;
    // Without an endpoint nothing waits.
    const { status, retryAfter, sent, left, at, bytes } = endpoint
      ? await transport.send(limit, since)
      : { status: 200, retryAfter: -1, sent: 0, left: 0, at: 0, bytes: 0 };
    if (over) return;
    await engine.queue(() => engine.core() == asker && engine.enter((core) => core.replied(status, retryAfter, sent, left, at, bytes), undefined));
    // The engine may have asked for the next batch.
    if (!--sending) idle.splice(0).forEach((done) => done());
  };
  const pump = openPump(transport, clock, report, () => !!endpoint && !engine.core() && !over, (rows, bytes) => void shed(rows, bytes).catch(() => {}));

  // --- what pages see ---

  const remember = (decision: Decision) => {
    const known = decisions.get(decision.id!);
    // The one asked for last is forgotten last.
    decisions.delete(decision.id!);
    decisions.set(decision.id!, { told: {}, ...known, decision });
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
    replace();
    void staging().then(() => stage?.refresh());
    notify("change");
    watching.forEach(look);
  };
  /** What the shopper saw of a decision, and did; the same once more is what was told before. */
  const feedback = async (event: string, what: string, id: string, more?: Properties): Promise<Receipt> => {
    const found = decisions.get(id);
    if (!found) return { id: "", status: "dropped", reason: "unknown_decision" };
    const { campaign, step, variant, offer, slot } = found.decision;
    const text = what[0] == "/" ? JSON.stringify(more) : "";
    if (found.told[what]?.text != text) found.told[what] = { text, receipt: engine.say(event, { decision: id, campaign, step, variant, offer, slot, ...more }) };
    return found.told[what]!.receipt;
  };
  const isOpen = (id: string) => !!decisions.get(id) && !decisions.get(id)!.told.answer;
  const closed = (id: string) => {
    if (decisions.get(id)?.decision.slot == "interruptive") engine.command((core) => core.closed(id));
  };
  const exposed: Client["exposed"] = (id) => feedback("danbi_exposure", "exposure", id);
  const answer: Client["answer"] = async (id, action, value, { question, partial } = {}) => {
    const first = isOpen(id);
    const part = partial && first;
    const given = { action, ...(value !== undefined && { value }), ...(question !== undefined && { question }), ...(part && { partial }) };
    const receipt = feedback("danbi_answer", part ? "/" + question : "answer", id, given);
    if (first && !part) {
      stage?.answered(id, action);
      // The answer before the end: what comes next depends on it. Where consent keeps it from the engine, the end alone.
      void receipt.then(engine.passed).then(() => closed(id));
    }
    return receipt;
  };

  // --- what danbi draws ---

  const progress = () => engine.ask((core) => core.progress(), null as Progress | null);

  let stage: Stage | undefined;
  let staged: Promise<void> | undefined;
  const draws = options.render !== false;
  /** Resolves when there is a stage, or none is to be had at present. */
  const staging = () =>
    (staged ??= !draws
      ? Promise.resolve()
      : import("./draw/stage.js")
          .then(({ openStage }) => {
            const optOut = () => void put({ grants: { advertising: "denied" }, line: line("consent", {}) });
            const block = (block: unknown) => engine.ask((core) => core.block(block), null);
            const first = (id: string) => {
              const seen = decisions.get(id)?.told.exposure;
              void exposed(id);
              return !seen;
            };
            if (!over) stage = openStage({ decide, isOpen, exposed: first, answer, closed, notify, report, optOut, block, progress, options });
          })
          .catch((error) => {
            staged = undefined;
            report("drawing", "not loaded, messages do not show: " + error);
          }));
  /** The interruptive message that shows, or is to. */
  let showing: Decision | undefined;

  // --- what the page tells by itself ---

  let signals: Signals | undefined;
  /** The bundle whose automatic signals run. */
  let minded: unknown;
  let minding: Promise<void> | undefined;
  /** Every bundle turns on its own. */
  const minds = ({ bundle, text }: NonNullable<typeof inUse>) => {
    if (minded != bundle) {
      minded = bundle;
      minding = (async () => {
        signals?.stop();
        signals = undefined;
        try {
          const said = text || JSON.stringify(bundle);
          const paths = PATHS.test(said);
          if (!bundle?.signals && !paths && !FACTS.test(said)) return;
          const { start } = await import("./signals/index.js");
          if (!over && minded == bundle) signals = start(bundle, journal, facts, report, paths);
        } catch (error) {
          minded = undefined; // again with the next engine
          report("signals", "the automatic signals are not loaded: " + error);
        }
      })();
    }
    return minding;
  };
  /** The page's own word before what is seen of it. */
  const context = () => ({ ...signals?.facts, ...facts });

  // --- the engine ---

  const engine = openEngine({
    options,
    journal,
    log,
    box,
    facts: context,
    report,
    begun: () => {
      decisions.clear();
      latest.clear();
      stage?.hide();
    },
    changed,
    retired: () => {
      changed();
      void pump.run();
    },
    hint: () => others && hint(),
    silenced: () => transport.stop(),
    send: (limit, since) => void send(limit, since),
    bury: (position, reason) => {
      burying = burying.then(() => transport.unqueue([position], reason)).catch(() => {});
      report("rejected", "the endpoint rejects a signal for good: " + reason);
    },
    shed: (rows, bytes) => void shed(rows, bytes).catch(() => {}),
    // Nobody waits for an answer, so listeners may use the engine freely.
    show: (decision) => {
      remember((showing = decision));
      void staging().then(() => {
        if (stage) return stage.show(decision);
        if (draws || notify("message", decision).includes(false)) closed(decision.id!);
      });
    },
    hide: () => void staging().then(() => (stage ? stage.hide() : draws || notify("close", { decision: showing, by: "hide" }))),
    notify: (event, payload: any) =>
      queueMicrotask(() => {
        if (event == "change") changed();
        else if (event == "error") report(payload.code, payload.message, payload.path);
        else notify(event, payload);
      }),
  });
  /** Has the engine read what it has not seen. */
  const read = () => engine.queue(() => engine.feed([], journal.identity()));

  // --- getting the engine, and another bundle ---

  /** Begins with a bundle; false where it is not valid. */
  const use = (found: Found): Promise<boolean> =>
    engine.serial(async () => {
      try {
        await minds(found);
        await engine.begin(false, found.bundle);
      } catch (error: any) {
        if (inUse) void minds(inUse);
        report("bundle_invalid", "the bundle is not valid: " + (error?.message ?? error), error?.path);
        return false;
      }
      bundles.use((inUse = found));
      bundles.keep();
      return true;
    });
  const fetched = () =>
    bundles.fetched().catch((error) => {
      report("bundle_fetch", "the bundle could not be fetched: " + error);
      return null;
    });
  let asked = -Infinity;
  /** A newer bundle, which waits until no message is open. */
  let next: Found | undefined | null;
  const replace = () => {
    if (!next || !engine.able() || engine.enter((core) => core.busy(), engine.inside() > 0)) return;
    const found = next;
    next = null;
    void use(found).catch(() => {});
  };
  const refresh = async () => {
    if (given) return;
    asked = clock();
    next = (await fetched()) ?? next;
    replace();
  };

  const { bundle: address, wasm = new URL("./danbi.wasm", import.meta.url) } = options;
  /** The bundle itself, where the page gave it. */
  const given: Found | undefined = typeof address == "object" && !(address instanceof URL) ? { url: "", etag: null, text: "", bundle: address } : undefined;
  const boot = async () => {
    for (let wait = 1000, loaded: { glue: CoreModule; compiled: WebAssembly.Module } | undefined; !over; wait = Math.min(wait * 2, LONGEST)) {
      try {
        await journal.settled();
        // What waits goes first: the engine's arrival keeps the page busy.
        if (endpoint && !loaded) await Promise.race([transport.away, sleep(100)]);
        const loading = loaded ? undefined : loadCore(wasm);
        loading?.catch(() => {});
        const kept = given ?? (await bundles.kept());
        // The last good one at once, the network's meanwhile or, where there is none from there, first.
        const early = given || (kept && bundles.own());
        if (!given) asked = clock();
        const coming = given ? null : fetched();
        // Beside the wasm, and without it too.
        if (early) void minds(kept!);
        void coming?.then((found) => void (found && !minded && minds(found)));
        if (loading) engine.set((loaded = await loading));
        let good = early && (await use(kept!));
        if (!good) {
          const found = await coming;
          good = (found && (await use(found))) || (!early && kept && (await use(kept)));
          if (!good && (found || kept)) throw new Refused("bundle", "the bundle is not valid");
          if (!good) throw new Refused("network", "the bundle could not be fetched");
        } else
          void coming?.then((found) => {
            next = found;
            replace();
          });
        settle({ engine: true, storage: journal.stored() });
        if (journal.stored())
          await log.write((store) => {
            for (const name of ["claims", "dead"] as const) {
              const old = store(name).openCursor();
              old.onsuccess = () => {
                const cursor = old.result;
                if (!cursor) return;
                if (!((cursor.value?.at ?? cursor.value) > clock() - 100 * DAY)) cursor.delete();
                cursor.continue();
              };
            }
          });
        return;
      } catch (error) {
        const reason = error instanceof Refused ? error.reason : "network";
        report("engine_" + reason, String(error));
        settle({ engine: false, storage: journal.stored(), reason });
        inUse ??= { bundle: {}, text: "" };
        // Not before a server that refused is to be asked again, however often this fails.
        endpoint ? pump.more() : void transport.trim().catch(() => {});
        if (reason != "network") return;
        await new Promise<void>((resolve) => {
          addEventListener("online", () => resolve(), { once: true });
          void sleep(wait / 2 + (Math.random() * wait) / 2).then(resolve);
        });
      }
    }
  };

  // --- other tabs, and the page's end ---

  let channel: BroadcastChannel | undefined;
  /** There are other tabs: each says so when it begins and when it first hears of another. */
  let others = false;
  const hint = () => channel?.postMessage("rows");
  const listen = () => {
    try {
      channel = new BroadcastChannel("danbi:" + name);
      channel.onmessage = ({ data }) => {
        if (data == "erase") {
          // That tab clears the database and says so to the server. By now it may be another shopper's.
          box.forget();
          erased();
        }
        // Only a hint: what counts is in the log.
        else void read();
        if (!others) hint();
        others = true;
      };
      hint();
    } catch {}
  };
  listen();
  const leave = () => {
    if (endpoint) transport.farewell(engine.enter((core) => core.farewell(), KEEPALIVE));
  };
  const hurry = () => {
    if (engine.core()) engine.enter((core) => core.flush(), undefined);
    else void pump.run();
  };
  const online = () => {
    void refresh();
    hurry();
  };
  /** Somebody looks at the page again. */
  const back = () => {
    void read();
    engine.enter((core) => core.tick(), undefined);
    if (clock() - asked > 10 * MINUTE || steady?.doubtful()) void refresh();
  };
  let keeps: ReturnType<typeof setTimeout> | undefined;
  const turned = () => {
    clearTimeout(keeps);
    if (document.visibilityState != "hidden") return back();
    leave();
    // Nothing is written while a page goes: WebKit freezes the write with the page and shuts the database to every page after it.
    keeps = setTimeout(() => engine.ask((core) => core.keep(), undefined), 1000);
  };
  // Kept to be shown again, a page holds neither database, channel nor request: with one of them browsers do not keep it.
  const goes = ({ persisted }: PageTransitionEvent) => {
    leave();
    if (!persisted) return;
    transport.pause();
    channel = void channel?.close();
    journal.close();
  };
  const shown = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) return;
    listen();
    back();
    hurry();
  };
  addEventListener("pagehide", goes);
  addEventListener("pageshow", shown);
  addEventListener("online", online);
  document.addEventListener("visibilitychange", turned);

  // --- what others say: the data layer, consent platforms ---

  let feeds: Promise<Feeds> | undefined;
  const consents = () => (feeds ??= import("./consent/index.js").then(({ openFeeds }) => openFeeds(journal, report)));
  const unheard = (error: unknown) => {
    feeds = undefined;
    report("consent", "not loaded, consent platforms are not heard: " + error);
  };
  let seeks: ReturnType<typeof setTimeout> | undefined;
  /** Consent platforms come when they like, so they are looked for again, ever more rarely. */
  const seek = (wait: number) => {
    const { __tcfapi, Shopify } = window as { __tcfapi?: unknown; Shopify?: unknown };
    if (__tcfapi || Shopify) consents().then((feeds) => over || feeds.look(), unheard);
    if (wait < 2 * MINUTE) seeks = setTimeout(seek, wait, wait * 2);
  };

  /** The user that the data layer told and that is not written yet. */
  let asking: string | undefined;
  /** Entries wait: for what earlier pages left, then for each consent command to be dealt with. */
  let waits = true;
  const captured: Captured[] = [];
  const layer = readGa4(
    (event, properties, at) => {
      const by = event == "page_view" ? journal.line("page", { properties }) : journal.line("track", { event, properties });
      by.timestamp = new Date(at).toISOString();
      void put({ line: by });
    },
    (userId, at) => {
      // Told on every page, so only when it is news.
      if (userId == (asking ?? journal.identity()?.userId)) return;
      asking = userId;
      const by = line("identify", { userId, traits: {} });
      by.timestamp = new Date(at).toISOString();
      void put({ line: by }).then(({ status }) => {
        if (status != "held") asking = undefined;
      });
    },
    (mode, given) => {
      waits = true;
      const hear = () =>
        consents().then(
          (feeds) => {
            if (!over) feeds.mode(mode, given);
            drain();
          },
          (error) => {
            unheard(error);
            if (!over) setTimeout(hear, 5000);
          },
        );
      void hear();
    },
    (path) => report("data_layer", "an entry of the data layer cannot be read", path),
  );
  const drain = () => {
    waits = false;
    while (!waits && captured[0]) layer(captured.shift()!);
  };
  const { dataLayer = "dataLayer" } = options;
  const stop = dataLayer && captureDataLayer(dataLayer, clock, copied, (entry) => void (waits ? captured.push(entry) : layer(entry)));
  // The user that earlier pages told is known only once the journal has begun.
  void journal.begun.then(() => {
    if (over) return;
    seek(1000);
    drain();
  });

  let places: Promise<ReturnType<typeof openPlaces>> | undefined;

  void staging();
  void boot();
  if (endpoint) void journal.settled().then(() => void (engine.core() || pump.run()));

  return {
    rare: box.rare,
    rows: (rows, identity) => {
      if (over) return;
      for (const { pos, line } of rows) {
        engine.reach(pos);
        if (line.type == "page") stage?.turned();
      }
      transport.note(rows);
      if (!identity) box.forget();
      if (identity?.consent.analytics != "granted") transport.stop();
      bundles.keep();
      engine.committed(rows, identity);
      if (!engine.core() && endpoint && rows.length) pump.more();
    },
    context: () => engine.command((core) => core.context(context())),
    watch: look,
    decide: (slot, list) => {
      const count = list ? list.count : 0;
      const key = `${count} ${slot}`;
      if (engine.inside()) return latest.get(key);
      const decided = engine.ask((core) => core.decide(slot, count), undefined as Decision | Decision[] | undefined);
      if (decided) {
        latest.set(key, decided);
        for (const decision of [decided].flat()) if (decision.id) remember(decision);
      }
      return decided;
    },
    exposed,
    answer,
    redeem: async (reward) => (await import("./host/redeem.js")).redeem(reward, inUse?.bundle, journal, progress, notify),
    locate: async () => {
      try {
        return await (await (places ??= import("./host/places.js").then(({ openPlaces }) => openPlaces(journal)))).locate(inUse?.bundle);
      } catch {
        places = undefined;
        return { status: "dropped", reason: "unavailable" };
      }
    },
    progress,
    profile: () => engine.ask((core) => core.profile(), null as Profile | null),
    explain: () => engine.ask((core) => core.explain(), [] as Verdict[]),
    setLocale: engine.setLocale,
    flush: async () => {
      await engine.passed();
      if (!endpoint || over) return;
      if (!engine.core()) {
        await pump.running();
        return pump.run();
      }
      engine.enter((core) => core.flush(), undefined);
      if (sending) await new Promise<void>((done) => idle.push(done));
    },
    export: async () => {
      await journal.settled();
      await engine.passed();
      let rows: { line?: Line }[] = box.memory.rows;
      let dead: unknown[] = [];
      if (journal.stored()) {
        const [log, letters] = (await run("readonly", (store) => [store("log").getAll(), store("dead").getAll()]).catch(() => undefined)) ?? [];
        rows = [...(log?.result ?? []), ...rows];
        dead = letters?.result ?? [];
      }
      const { userId = null, anonymousId = null } = journal.identity() ?? {};
      return {
        identity: { userId, anonymousId },
        consent: { ...journal.grants() },
        profile: engine.enter((core) => core.profile(), null as Profile | null),
        progress: engine.enter((core) => core.progress(), null as Progress | null),
        events: [...rows, ...journal.held()].flatMap((row) => row?.line ?? []),
        dead,
        exportedAt: new Date(clock()).toISOString(),
      };
    },
    end: (erase) => {
      over = true;
      stage?.end();
      if (stop) stop();
      signals?.stop();
      places?.then((places) => places.stop(), () => {});
      clearTimeout(keeps);
      clearTimeout(seeks);
      feeds?.then((feeds) => feeds.stop(), () => {});
      transport.stop();
      pump.stop();
      removeEventListener("pagehide", goes);
      removeEventListener("pageshow", shown);
      removeEventListener("online", online);
      document.removeEventListener("visibilitychange", turned);
      if (erase) {
        const identity = journal.identity();
        if (endpoint && identity && journal.grants().analytics == "granted")
          void transport.last(journal.row(line("track", { event: "danbi_erased" }), identity, {}).line);
        box.forget();
        channel?.postMessage("erase");
      }
      engine.end();
      // A message posted just before closing is still delivered.
      channel = void channel?.close();
      idle.splice(0).forEach((done) => done());
    },
  };
};
