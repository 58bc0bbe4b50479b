/**
 * What stands on the page: one message over it at a time, and a card in each slot. It is drawn with the calls that a host has
 * which draws by itself, so nothing here is known to the engine that a host could not tell it.
 */
import type { Answer, Closing, Decision, Events, Message, Options, Progress } from "../types.js";
import { watchExposure } from "./exposure.js";
import { ready, show, type Shown, type Ways } from "./message.js";
import type { Told } from "./pen.js";
import { nameOf, watchSlots } from "./slots.js";

/** The engine and the page's listeners, as the stage needs them. */
export interface Behind {
  decide(slot: string): Decision;
  /** Whether a decision is this engine's and has no last answer. */
  isOpen(id: string): boolean;
  /** Tells that it was seen; whether it is the first time. */
  exposed(id: string): boolean;
  answer(id: string, action: Answer["action"], value?: Answer["value"], more?: Pick<Answer, "question" | "partial">): unknown;
  closed(id: string): void;
  notify<E extends keyof Events>(event: E, payload: Parameters<Events[E]>[0]): unknown[];
  report(code: string, message: string): void;
  optOut(): void;
  /** A block by itself, as a card; nothing where there is nothing to tell. */
  block(block: unknown): Message | null;
  progress(): Progress | null;
  options: Options;
}

export interface Stage {
  /** An interruptive message is to come on the page. */
  show(decision: Decision): void;
  /** It may not be shown any longer. */
  hide(): void;
  /** Decisions may be others. */
  refresh(): void;
  /** The tab is on another page. */
  turned(): void;
  /** A host has answered by hand. */
  answered(id: string, action: Answer["action"]): void;
  end(): void;
}

/** A message as it stands on the page. */
interface Piece {
  decision: Decision;
  shown: Shown;
  /** Ends the waiting for its exposure. */
  unwatch?: (() => void) | undefined;
  /** Its last answer was given; what is drawn stays. */
  over?: boolean;
  /** What is drawn is a word of thanks. */
  thanks?: boolean;
  left?: boolean;
}

/** An element of the page, and what stands in it. */
interface Place {
  element: HTMLElement;
  /** The slot, or the widget. */
  name: string;
  piece?: Piece | undefined;
  /** A widget, which decides nothing. */
  widget?: Shown | undefined;
  /** The decision that the page kept closed, or that cannot be drawn. */
  refused?: string | undefined;
  /** What was closed here: not before the next page again. */
  past?: string | undefined;
  /** The room that is kept for it. */
  reserved: string;
  /** How often it was put back where the page had emptied its element. */
  restored: number;
}

/** Whose widget an element is: of two danbis on a page one draws it. */
const OWNER = Symbol.for("danbi.owner");

/** A page that takes a card out each time it comes gets its way. */
const RESTORES = 10;

/** What a decision shows, whatever its id. */
const matter = ({ campaign, step, offer }: Decision) => JSON.stringify([campaign, step, offer]);

export const openStage = ({ decide, isOpen, exposed, answer, closed, notify, report, optOut, block, progress, options }: Behind): Stage => {
  let ended = false;
  /** To be opened as soon as its parts are loaded and nothing else lies over the page. */
  let wanted: Decision | undefined;
  let over: Piece | undefined;
  let places: Place[] = [];

  const given = { theme: options.theme, html: options.html === true, schemes: options.schemes ?? [] };

  const fail = (error: unknown) => report("not_shown", "the browser cannot draw this message: " + error);
  const leave = (piece: Piece, by: Closing["by"]) => {
    if (piece.left) return;
    piece.left = true;
    const { decision, shown } = piece;
    notify("close", { decision, by });
    piece.unwatch?.();
    const place = places.find((place) => place.piece == piece);
    if (place) {
      place.piece = undefined;
      // What goes by itself leaves its room: nothing on the page moves.
      if (by == "hide" || by == "next") place.element.style.minBlockSize = getComputedStyle(place.element).height;
    }
    shown.end();
    if (over == piece) {
      over = undefined;
      // Of one that was answered the engine reads it in the log.
      if (!piece.over) closed(decision.id!);
    }
    notify("closed", { decision, by });
  };
  const watch = (piece: Piece) => {
    try {
      piece.unwatch = watchExposure(piece.shown.top, () => {
        if (exposed(piece.decision.id!)) notify("exposure", piece.decision);
      });
    } catch (error) {
      report("exposure", "the browser cannot tell what is seen: " + error);
    }
  };

  /** True where the host has handled it. */
  const told = (piece: Piece, { action, value, url, question, more, stay }: Told): boolean => {
    const { decision, shown } = piece;
    const { form } = decision.message!;
    const leaves = /^(dismiss|hide)/.test(action);
    if (piece.over) {
      // What is thanked for was told.
      if (leaves || form != "card") leave(piece, action);
      return false;
    }
    const said = { ...(question !== undefined && { question }), ...(more && { partial: true }) };
    if (!more) piece.over = true;
    void answer(decision.id!, action, value, said);
    if (leaves || (form != "card" && !more && !stay)) {
      for (const place of places) if (place.piece == piece) place.past = matter(decision);
      leave(piece, action);
    }
    const answered: Answer = { decision, action, ...(value !== undefined && { value }), ...(url !== undefined && { url }), ...said };
    const handled = notify("answer", answered).includes(true);
    if (!piece.left && !more && (stay || action != "click")) stay ? (piece.thanks = true) : thank(piece, shown);
    return handled;
  };
  /** A card stays where it is when it was answered, and says so. */
  const thank = (piece: Piece, { host, top, update }: Shown) => {
    const { hide, week, ...view } = piece.decision.message!;
    const focused = host.matches(":focus-within");
    const text = /^ko\b/.test(view.lang) ? "답해 주셔서 고마워요." : "Thank you for your answer.";
    piece.thanks = true;
    update({ ...view, blocks: [...view.blocks.filter((block) => "title" in block), { text }] });
    if (!focused) return;
    // What was pressed is gone.
    top.tabIndex = -1;
    top.focus({ preventScroll: true });
  };

  /** Draws a message and tells that it is there; undefined where it is not to be. */
  const open = (decision: Decision, place?: Place): Piece | undefined => {
    const piece = { decision } as Piece;
    const ways: Ways = {
      answer: (answer) => told(piece, answer),
      share: (channel, what) => notify("share", { decision: piece.decision, channel, ...what }).includes(true),
      optOut: () => {
        optOut();
        leave(piece, "opt_out");
      },
      gone: () => leave(piece, "gone"),
      fail,
      ...given,
    };
    try {
      piece.shown = show(place?.element ?? document.body ?? document.documentElement, decision.message!, ways);
    } catch (error) {
      return void fail(error);
    }
    if (place) {
      place.piece = piece;
      place.restored = 0;
      place.element.style.minBlockSize = place.reserved;
    } else over = piece;
    watch(piece);
    notify("open", decision);
    return piece;
  };
  /** Whether the page lets it open, and it is to be opened still. */
  const allowed = (decision: Decision) => !notify("message", decision).includes(false) && !ended && isOpen(decision.id!);

  const rise = () => {
    const decision = wanted;
    if (!decision || ended) return;
    const fails = (error: unknown) => {
      fail(error);
      if (wanted == decision) wanted = undefined;
      closed(decision.id!);
    };
    const loading = ready(decision.message!);
    if (loading) return void loading.then(rise, fails);
    // Of whichever danbi, and for a toast the page's own dialog: when that has gone, it is this one's turn.
    if (document.querySelector("danbi-message" + (decision.message!.form == "toast" ? ",:modal" : ""))) return;
    wanted = undefined;
    if (!allowed(decision) || !open(decision)) closed(decision.id!);
  };

  /** What a bundle would write for this widget. */
  const wish = (name: string): unknown => {
    const [kind = "", ...of] = name.trim().split(/[\s,]+/);
    if (/^(tier|badges|missions|streak|collection|wallet)$/.test(kind)) return { [kind]: of[0] ? { of: of[1] ? of : of[0] } : {} };
    const [id = Object.keys(progress()?.tiers ?? {})[0]] = of;
    if (kind != "bar" || !id) return;
    const at = "loyalty.tiers." + id;
    const label = {
      ko: `{% if ${at}.next %}{{ ${at}.nextLabel }}까지 {{ ${at}.remaining | money }}{% else %}{{ ${at}.levelLabel }}{% endif %}`,
      en: `{% if ${at}.next %}{{ ${at}.remaining | money }} to {{ ${at}.nextLabel }}{% else %}{{ ${at}.levelLabel }}{% endif %}`,
    };
    return { progress: { tier: id, label } };
  };
  const stand = (place: Place) => {
    const element = place.element as HTMLElement & { [OWNER]?: unknown };
    const wanted = wish(place.name);
    const view = wanted && (!element[OWNER] || place.widget) ? block(wanted) : null;
    if (!view) return fold(place);
    const loading = ready(view);
    if (loading) return void loading.then(refresh, fail);
    try {
      element[OWNER] = place;
      if (place.widget) place.widget.update(view);
      else place.widget = show(element, view, { ...given, answer: () => false, share: () => false, optOut, gone: () => {}, fail });
    } catch (error) {
      fail(error);
    }
  };
  const fold = (place: Place) => {
    const element = place.element as HTMLElement & { [OWNER]?: unknown };
    place.widget?.end();
    place.widget = undefined;
    if (element[OWNER] == place) delete element[OWNER];
  };

  /** Draws in a slot what is decided for it now. */
  const fill = (place: Place) => {
    if (place.name[0] == "\t") return stand(place);
    const { piece, name } = place;
    const next = decide(name);
    const same = piece && next.id && (piece.decision.id == next.id || (piece.over && matter(piece.decision) == matter(next)));
    // A word of thanks stays until there is something else to say.
    if (piece?.thanks && (same || !next.id)) return;
    if (!next.id || !next.message) {
      if (piece) leave(piece, "hide");
      return;
    }
    const message: Message = { ...next.message, form: "card" };
    const decision = { ...next, message };
    if (same) {
      if (!piece.over) piece.decision = decision;
      return piece.shown.update(message);
    }
    if (next.id == place.refused || matter(next) == place.past) return;
    const fails = (error: unknown) => {
      fail(error);
      place.refused = next.id;
    };
    const loading = ready(message);
    if (loading) return void loading.then(refresh, fails);
    place.refused = next.id;
    if (!allowed(decision) || !places.includes(place)) return;
    if (place.piece) leave(place.piece, "next");
    if (open(decision, place)) place.refused = undefined;
  };
  const refresh = () => {
    for (const place of places) if (!ended && places.includes(place)) fill(place);
  };

  const look = (found: Element[]) => {
    const before = places;
    const stays = ({ element, name }: Place) => found.includes(element) && nameOf(element) == name;
    const kept = before.filter(stays);
    const fresh = found.filter((element) => nameOf(element) && !kept.some((place) => place.element == element)) as HTMLElement[];
    places = [...kept, ...fresh.map(arrive)];
    for (const place of before.filter((place) => !kept.includes(place))) {
      fold(place);
      if (place.piece) leave(place.piece, "gone");
    }
    // A framework that renders anew knows nothing of what it did not draw.
    for (const place of kept) {
      const { host } = place.piece?.shown ?? place.widget ?? {};
      if (host?.isConnected == false && place.restored++ < RESTORES) place.element.append(host);
    }
    if (fresh[0]) refresh();
    rise();
  };
  const arrive = (element: HTMLElement): Place => {
    const { danbiReserve: given } = element.dataset;
    // Before there is anything to show: what comes moves nothing.
    if (given) element.style.minBlockSize = +given ? given + "px" : given;
    return { element, name: nameOf(element), reserved: element.style.minBlockSize, restored: 0 };
  };
  const unwatch = watchSlots(look);

  return {
    show: (decision) => {
      wanted = decision;
      rise();
    },
    hide: () => {
      wanted = undefined;
      if (over) leave(over, "hide");
    },
    refresh,
    turned: () => {
      for (const place of places) {
        place.past = undefined;
        if (place.piece) place.piece.over = place.piece.thanks = false;
        else place.element.style.minBlockSize = place.reserved;
      }
    },
    answered: (id, action) => {
      if (over?.decision.id == id && !over.over) leave(over, action);
      for (const place of places) {
        const { piece } = place;
        if (piece?.decision.id != id || piece.over) continue;
        place.past = matter(piece.decision);
        leave(piece, action);
      }
    },
    end: () => {
      ended = true;
      unwatch();
      for (const piece of [over, ...places.map(({ piece }) => piece)]) if (piece) leave(piece, "hide");
      for (const place of places) {
        fold(place);
        place.element.style.minBlockSize = place.reserved;
      }
    },
  };
};
