/** danbi in the page: the part that a page waits for. Everything else comes later, from `runtime.ts`. */
import { copy, DanbiError, need } from "./host/check.js";
import type { Line } from "./core.js";
import { openJournal, type Grants, type Journal, type Rare } from "./host/journal.js";
import type { Runtime, Watch } from "./runtime.js";
import type { Client, ConsentChange, Decision, Grant, Options, Properties, Receipt } from "./types.js";

export { DanbiError };
export type * from "./types.js";

const EVENTS = "message,open,exposure,answer,close,closed,share,change,error,redeem,hook";

const is = (value: unknown, what: string, kind = "string") => need(value && typeof value == kind, what, "a " + kind);
const data = (value: unknown, what = "properties", path = ""): Properties => {
  // Beside a text, `{}` is "[object Object]".
  need(value === undefined || {}.toString.call(value) == ({} as any), what, "a plain object", path);
  return copy(value ?? {}) as Properties;
};
/** The month and day in a text that is a date, with or without a year. In a leap year every day exists. */
const day = (date: any) => new Date("2000-" + /\b\d\d-\d\d(?![\d-])/.exec(date)).toJSON()?.slice(5, 10);
const answers = (change: ConsentChange | undefined, path = ""): Grants => {
  const grants = data(change, "consent", path) as Grants;
  for (const purpose of Object.keys(grants)) {
    const answer: unknown = grants[purpose];
    if (typeof answer == "boolean") grants[purpose] = answer ? "granted" : "denied";
    need(/^(granted|denied|unknown)$/.test(grants[purpose]!), "consent", "a boolean or unknown", path + "/" + purpose);
  }
  return grants;
};

/** Begins at once: signals are accepted from now on, the engine arrives later (`ready`). */
export const createClient = (options: Options): Client => {
  const { bundle, endpoint = "", clock = Date.now, name = "danbi", consent, theme } = options ?? {};
  need(bundle && typeof bundle != "function", "bundle", "a URL or bundle", "/bundle");
  need(/^(https?:\/\/.|[^:]*$)/i.test(endpoint as string), "endpoint", "an http URL", "/endpoint");
  is(clock, "clock", "function");
  is(name, "name");
  data(theme, "theme", "/theme");

  let runtime: Runtime | undefined;
  let settle: (state: Awaited<Client["ready"]>) => void;
  let arrived: (rare: Rare) => void;
  let wait = 500;
  const ready = new Promise<Awaited<Client["ready"]>>((resolve) => (settle = resolve));
  const rare = new Promise<Rare>((resolve) => (arrived = resolve));
  const listeners = new Set<[string, Function]>();
  const watching = new Set<Watch>();
  const facts: Properties = {};
  const errors: { [code: string]: object } = {};

  /** The page's code must not break ours, nor may its errors be swallowed. */
  const call = (callback: Function, payload?: unknown): unknown => {
    try {
      return callback(payload);
    } catch (error) {
      reportError(error);
    }
  };
  const notify = (event: string, payload?: unknown) => [...listeners].flatMap(([on, callback]) => (on == event ? call(callback, payload) : []));
  const report = (code: string, message: string, path?: string) => {
    if (!errors[code]) notify("error", (errors[code] = { code, message, path }));
  };
  const windowless = globalThis.document ? "" : "no_window";
  const journal = openJournal(
    name,
    answers(consent, "/consent"),
    clock,
    windowless,
    report,
    (rows, identity) => runtime?.rows(rows, identity),
    rare,
  );
  const { put } = journal;
  // `journal.line` is looked up at each call: automatic signals listen there.
  const say = (type: Line["type"], rest?: Parameters<Journal["line"]>[1], grants?: Grants) => put({ grants, line: journal.line(type, rest) });
  const track = (event: string, properties: Properties) => say("track", { event, properties });
  const decide: Client["decide"] = (slot: string, list?: { count: number }): any =>
    runtime?.decide(slot, list) ?? (list ? [] : { slot, campaign: null, step: null, variant: null, offer: null, propensity: 0, reason: "unavailable" });
  let over: unknown;
  const end = async (reason: string, erase?: boolean) => {
    if (erase) {
      // Only the runtime can tell the server and the other tabs: it is waited for a little. Nothing is accepted meanwhile.
      setTimeout(arrived, 2000, async () => [[], , {}]);
      await journal.end(reason);
      await rare;
    }
    over = true;
    runtime?.end(erase);
    runtime = undefined;
    settle({ engine: false, storage: false, reason });
    return journal.end(reason, erase);
  };
  const load = async () => {
    if (runtime || over) return;
    try {
      const { start } = await import("./runtime.js");
      if (over) return;
      runtime ??= start(options, name, journal, facts, watching, track, decide, call, notify, report, settle, () => end("erased"), copy);
      arrived(runtime.rare);
    } catch (error) {
      report("runtime", "" + error);
      settle({ engine: false, storage: journal.stored(), reason: "network" });
      setTimeout(load, Math.random() * (wait = Math.min(wait * 2, 3e5)));
      addEventListener("online", load);
    }
  };

  windowless ? end(windowless) : load();
  const gone = { id: "", status: "dropped", reason: "unavailable" } as const;

  return {
    ready,
    track: (event, properties) => {
      is(event, "event");
      return track(event, data(properties));
    },
    page: (properties) => say("page", { properties: data(properties) }),
    identify: (userId, traits, extra) => {
      is(userId, "userId");
      const known = data(traits, "traits");
      // Month and day alone, whatever the shop knows.
      known.birthday &&= day(known.birthday);
      const said = say("identify", { userId, traits: known });
      if (extra) track("danbi_checkpoint", data(extra.checkpoint));
      return said;
    },
    declare: (change) => {
      const said = data(change, "declare");
      for (const key of Object.keys(said))
        for (const value of [said[key] ?? []].flat()) {
          need(typeof value != "object", "declare", "plain values", "/" + key);
          need(key != "birthday" || day(value) == value, key, "MM-DD", "/birthday");
        }
      return track("danbi_declare", said);
    },
    consent: (change) => say("consent", {}, answers(change)),
    context: (change) => {
      Object.assign(facts, data(change, "facts"));
      runtime?.context();
    },
    decide,
    watch: (slot, callback) => {
      is(slot, "slot");
      is(callback, "callback", "function");
      const watch: Watch = { slot, callback };
      watching.add(watch);
      runtime ? runtime.watch(watch) : call(callback, (watch.last = decide(slot)));
      return () => watching.delete(watch);
    },
    on: (event, callback) => {
      need(EVENTS.split(",").includes(event), "event", "one of " + EVENTS);
      is(callback, "callback", "function");
      // A function given twice is told twice, and each is taken back alone.
      const own: [string, Function] = [event, callback];
      listeners.add(own);
      if (event == "error") for (const error of Object.values(errors)) call(callback, error);
      return () => listeners.delete(own);
    },
    exposed: async (id) => runtime?.exposed(id) ?? gone,
    answer: async (...all) => runtime?.answer(...all) ?? gone,
    redeem: async (reward) => runtime?.redeem(reward) ?? gone,
    locate: async () => runtime?.locate() ?? gone,
    progress: () => runtime?.progress() ?? null,
    profile: () => runtime?.profile() ?? null,
    explain: () => runtime?.explain() ?? [],
    setLocale: (locale) => {
      is(locale, "locale");
      options = { ...options, locale };
      runtime?.setLocale(locale);
    },
    flush: () => journal.settled().then(() => runtime?.flush()),
    reset: () => put({}) as Promise<any>,
    export: async () => {
      over || (await rare);
      return runtime?.export() ?? {};
    },
    erase: () => end("erased", true),
    destroy: () => end("destroyed") as any,
  };
};
