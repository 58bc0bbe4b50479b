/**
 * What the page itself tells: page views, dwell, scroll depth, search and exit intent, each only if the bundle's `signals`
 * turns it on, and the facts of a visit. Loaded by pages whose bundle asks for any of it.
 *
 * Automatic signals are lines like any other: gated by consent, durable, folded. What the shop says itself is not said
 * again: a page view or a search that came from `page()`, `track()` or the data layer stands for the automatic one.
 */
import type { Line } from "../core.js";
import type { Journal } from "../host/journal.js";
import type { Properties } from "../types.js";
import { watchExit } from "./exit.js";
import { readFacts, searched } from "./facts.js";
import { watchIdle } from "./idle.js";
import { openListener, type Stop } from "./listen.js";
import { route, watchRoutes } from "./routes.js";
import { watchScroll } from "./scroll.js";
import { openStopwatch } from "./visible.js";

export interface Signals {
  /** Read as `context.*` where the page itself says nothing. */
  facts: Properties;
  stop: Stop;
}

/** Time that a single-page shop gets to draw the new page and to say what it is. */
const SETTLE_MS = 100;
/** What other vocabularies call those signals that are waited for. */
const NAMES: { [name: string]: string } = {
  page_view: "page",
  page_viewed: "page",
  "Product Viewed": "view_item",
  product_viewed: "view_item",
  view_search_results: "search",
  search_submitted: "search",
  "Products Searched": "search",
};

const isObject = (value: unknown): value is Properties => !!value && typeof value == "object" && !Array.isArray(value);
const list = <T>(value: unknown, good: (member: unknown) => member is T, none: T[]): T[] => {
  const members = Array.isArray(value) ? value.filter(good) : [];
  return members[0] === undefined ? none : members;
};
const isText = (value: unknown): value is string => typeof value == "string";
const isPercent = (value: unknown): value is number => typeof value == "number" && value > 0 && value <= 100;
/** `PT1M30S` in seconds. */
const seconds = (duration: unknown, none: number): number => {
  const [, hours = 0, minutes = 0, rest = 0] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(String(duration)) ?? [];
  return +hours * 3600 + +minutes * 60 + +rest || none;
};

/** The product that a view is of, in any vocabulary. */
const product = ({ properties = {} }: Line): Properties | undefined => {
  const { items, products, productVariant } = properties as { [key: string]: any };
  const it = items?.[0] ?? products?.[0] ?? productVariant ?? properties;
  const item_id = it?.item_id ?? it?.product_id ?? it?.product?.id ?? it?.sku ?? productVariant?.id;
  const item_name = it?.item_name ?? it?.name ?? it?.product?.title;
  const item_category = it?.item_category ?? it?.category ?? it?.product?.type;
  return item_id === undefined ? undefined : { item_id, ...(item_name && { item_name }), ...(item_category && { item_category }) };
};

export const start = (
  bundle: { signals?: unknown; names?: unknown },
  journal: Journal,
  /** What the host says of its page, as it is by then. */
  host: Properties,
  report: (code: string, message: string) => void,
  /** Somebody asks for the paths of pages. */
  paths: boolean,
): Signals => {
  const wanted = isObject(bundle.signals) ? bundle.signals : {};
  /** The options of a signal, or undefined when it is off. */
  const options = (name: string): Properties | undefined => (wanted[name] === true ? {} : isObject(wanted[name]) ? wanted[name] : undefined);
  const [listen, safe, unlisten] = openListener((error) => report("signals", "an automatic signal failed: " + error));
  const stops: Stop[] = [unlisten];
  const say = (event: string, properties: Properties) => void journal.put({ line: journal.line("track", { event, properties }) });
  const names: Properties = { ...NAMES, ...(isObject(bundle.names) && bundle.names) };

  const [pages, dwell, scroll, search, exit, idle] = ["pages", "dwell", "scroll", "search", "exit", "idle"].map(options);
  if (pages || dwell || scroll || search || exit || idle || paths) {
    /** What was said since the shopper came to this page. */
    const said = new Set<unknown>();
    let item: Properties | undefined;
    const watch = dwell && openStopwatch(listen);
    const after = seconds(dwell?.after, 30);
    const dwelling = () => item && watch?.start(after * 1000, () => say("dwell", { ...item, seconds: after }));
    const hear = (line: Line) => {
      const name = line.event ?? line.type;
      const known = names[name] ?? name;
      if (known == "page" && told) theirs = true;
      said.add(known);
      if (known != "view_item") return;
      const seen = product(line);
      // Shops say it twice: once more for another variant, or because a page was drawn again.
      if (seen?.item_id === item?.item_id) return;
      watch?.stop();
      item = seen;
      dwelling();
    };

    const percents = list(scroll?.percents, isPercent, [90]).sort((a, b) => a - b);
    const depth = scroll && watchScroll(listen, percents, (percent) => say("scroll", { percent_scrolled: percent }));
    const leaving = exit && watchExit(listen, () => say("exit_intent", {}));
    const rest = seconds(idle?.after, 60);
    const resting = idle && watchIdle(listen, rest * 1000, () => say("inactive", { seconds: rest }));
    const params = list(search?.params, isText, ["q", "s", "search", "query", "keyword"]);

    let pending: ReturnType<typeof setTimeout> | undefined;
    /** The automatic page view of this page was said, and the shop's came after it: from now on it is the shop's affair. */
    let told = false;
    let theirs = false;
    let term: string | undefined;
    const arrive = () =>
      safe(() => {
        if (pages && !theirs && !said.has("page")) {
          const kind = (host.page as Properties | undefined)?.kind ?? document.body?.dataset.danbiPage;
          void journal.put({ line: journal.line("page", { properties: kind ? { kind } : {} }) });
          told = true;
        }
        const before = term;
        term = search && searched(params);
        if (term && term != before && !said.has("search")) say("search", { search_term: term });
      });
    const watching = (on: boolean) => {
      depth?.(on);
      leaving?.(on);
      resting?.(on);
    };
    const moved = (returned?: boolean) => {
      clearTimeout(pending);
      // What is still to come belongs to the new page.
      said.clear();
      for (const name of Object.keys(journal.last)) delete journal.last[name];
      told = false;
      watching(false);
      watch?.stop();
      if (returned) dwelling();
      else item = undefined;
      pending = setTimeout(() => {
        // Not before: until then the page is scrolled as the last one was.
        watching(true);
        arrive();
      }, SETTLE_MS);
    };

    const before = journal.line;
    const ours: Journal["line"] = (...all) => {
      const line = before(...all);
      if (paths && line.type == "page") line.properties = { path: route(), ...line.properties };
      safe(() => hear(line));
      return line;
    };
    journal.line = ours;
    // What was said before this file was there.
    Object.values(journal.last).forEach((line) => safe(() => hear(line)));
    stops.push(
      watchRoutes(listen, safe, moved),
      () => {
        if (journal.line == ours) journal.line = before;
        clearTimeout(pending);
        watching(false);
        watch?.stop();
      },
    );
    const begin = () => {
      watching(true);
      pending = setTimeout(arrive, SETTLE_MS);
    };
    // A page drawn ahead of the click that leads to it is not seen yet.
    if ((document as { prerendering?: boolean }).prerendering) listen(document, "prerenderingchange", begin);
    else begin();
  }
  // Of a page that was told before this file was there.
  return { facts: { ...readFacts(), ...(paths && { page: { path: route() } }) }, stop: () => stops.forEach((stop) => stop()) };
};
