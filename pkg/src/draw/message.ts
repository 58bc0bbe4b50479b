/** A message on the page: over it in a `<dialog>`, which brings the top layer, the inert page behind, Escape and the focus back; or as a card inside an element. */
import type { Message, Theme } from "../types.js";
import { blocks, named } from "./blocks.js";
import type { Pen, Told } from "./pen.js";
import { adopt, css } from "./style.js";

/** What a message may do, as the stage gives it. */
export interface Ways {
  /** The shopper answered. The stage takes off what lies over the page, and says whether the host has handled it: then no link is followed. */
  answer(told: Told): boolean;
  share(channel: string, what: { title: string; text?: string; url: string }): boolean;
  /** Takes back the consent to advertising. */
  optOut(): void;
  /** It is off the page without an answer: the page took it away. */
  gone(): void;
  theme?: Theme | undefined;
  html: boolean;
  schemes: readonly string[];
}

export interface Shown {
  readonly host: HTMLElement;
  /** What exposure watches. */
  readonly top: HTMLElement;
  readonly open: boolean;
  /** Draws another message in its place; the same one again touches nothing. */
  update(view: Message): void;
  /** Takes it off the page, unanswered, and gives the focus back. */
  end(): void;
}

/** Loads the parts that its blocks need; undefined where all are there. */
export const ready = (_view: Message): Promise<unknown> | undefined => undefined;

const RTL = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)(-|$)/;

/** The element that has the focus, inside shadow trees too. */
const focused = () => {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found as HTMLElement | null;
};

/** An address as a browser reads it, where that is within the shop or has a scheme that is let through. */
const address = (url: string | undefined, schemes: readonly string[]): string | undefined => {
  try {
    const { protocol, origin, username, password, href } = new URL(url!, document.baseURI);
    const own = origin == location.origin && !/^[\s\0-\x1f]*[\\/][\s]*[\\/]/.test(url!);
    if (!username && !password && (own || ["https", "tel", "mailto", ...schemes].includes(protocol.slice(0, -1)))) return href;
  } catch {}
  return;
};

/** Draws a message at the end of an element. Throws where the browser cannot. */
export const show = (into: Element, view: Message, ways: Ways): Shown => {
  const over = view.form != "card";
  const before = focused();
  const host = document.createElement(over ? "danbi-message" : "danbi-card");
  const root = host.attachShadow({ mode: "open" });
  adopt(root, css);
  let drawn: string | undefined;
  let open = false;
  /** The press began on the content: selecting text past its edge must not close it. */
  let inside = false;

  const add: Pen["add"] = (into, tag, part, text) => {
    const element = document.createElement(tag);
    if (part) element.setAttribute("part", part);
    if (text) element.textContent = text;
    into.appendChild(element);
    return element;
  };
  const answer = (told: Told) => {
    const url = address(told.url, ways.schemes);
    if (open && !ways.answer(told) && url) location.assign(url);
  };
  const pen: Pen = {
    get view() {
      return view;
    },
    say: (korean, english) => (/^ko\b/.test(view.lang) ? korean : english),
    add,
    button: (into, part, label, act) => {
      const button = add(into, "button", part, label);
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    },
    address: (url) => address(url, ways.schemes),
    answer,
    blocks: (into, list) => blocks(pen, into, list),
    share: ways.share,
    style: (rules) => adopt(root, rules),
    announce: (text) => {
      add(top, "div", "said", text).setAttribute("role", "status");
    },
  };

  const top: HTMLElement = add(root, over ? "dialog" : "section", over ? "dialog" : "card");
  const draw = () => {
    drawn = JSON.stringify(view);
    top.textContent = "";
    top.lang = view.lang;
    top.dir = RTL.test(view.lang) ? "rtl" : "ltr";
    if (over) top.tabIndex = -1;
    blocks(pen, add(top, "div", "body"), view.blocks);
    // Where there is a title, `aria-labelledby` goes before.
    top.setAttribute("aria-label", named(view));
    if (root.getElementById("title")) top.setAttribute("aria-labelledby", "title");
    if (!view.hide && !view.close) return;
    const foot = add(top, "div", "foot");
    const end = (part: string, label: string | undefined, action: Told["action"]) => {
      if (label) pen.button(foot, part, label, () => answer({ action })).dataset.action = action;
    };
    end("hide", view.hide, "hide_today");
    end("close", view.close, "dismiss");
  };
  draw();

  const watch = new MutationObserver(() => host.isConnected || gone());
  const end = () => {
    if (!open) return false;
    open = false;
    watch.disconnect();
    // Closed before removed: closing is what gives the focus back.
    if (over) (top as HTMLDialogElement).close?.();
    host.remove();
    // Where the page has taken the dialog away, its browser has not.
    if (over && before?.isConnected && document.activeElement == document.body) before.focus({ preventScroll: true });
    return true;
  };
  const gone = () => {
    if (end()) ways.gone();
  };

  into.append(host);
  open = true;
  if (over) {
    const dialog = top as HTMLDialogElement;
    watch.observe(document.documentElement, { childList: true, subtree: true });
    const dismiss = () => answer({ action: "dismiss" });
    dialog.addEventListener("pointerdown", ({ target }) => (inside = target != dialog));
    dialog.addEventListener("click", ({ target }) => {
      if (target != dialog) return;
      if (!inside) dismiss();
      inside = false;
    });
    // `cancel` is Escape and the phone's back gesture; some closings come without it, as `close` alone.
    for (const way of ["cancel", "close"]) dialog.addEventListener(way, dismiss);
    try {
      dialog.showModal();
    } catch (error) {
      end();
      throw error;
    }
    // The dialog itself takes the focus, from its first button, into view for which a long message scrolled: a key that is
    // already on its way down must not press anything.
    dialog.focus();
    dialog.scrollTop = 0;
  }
  return {
    host,
    top,
    get open() {
      return open && host.isConnected;
    },
    update: (next) => {
      if (JSON.stringify(next) == drawn) return;
      view = next;
      draw();
    },
    end: () => void end(),
  };
};
