/**
 * A message on the page. What asks for an answer stands in a `<dialog>`, which brings the top layer, the inert page behind, Escape and
 * the focus back; a banner or toast is a popover that takes no focus and keeps off what has it; a card stands inside an element.
 */
import type { Message, Theme } from "../types.js";
import { control, draw as drawBlock, load } from "./blocks.js";
import type { Pen, Told } from "./pen.js";
import { adopt, brand, css } from "./style.js";

/** What a message may do, as the stage gives it. */
export interface Ways {
  /** The shopper answered. The stage takes off what lies over the page, and says whether the host has handled it: then no link is followed. */
  answer(told: Told): boolean;
  share(channel: string, what: { title: string; text?: string; url: string }): boolean;
  /** Takes back the consent to advertising. */
  optOut(): void;
  /** It is off the page without an answer: its time was over, or the page took it away. */
  gone(): void;
  /** A block that the browser cannot draw, or the page's policy forbids, is left out. */
  fail?(error: unknown): void;
  theme?: Theme | undefined;
  html: boolean;
  schemes: readonly string[];
}

export interface Shown {
  readonly host: HTMLElement;
  /** What exposure watches. */
  readonly top: HTMLElement;
  readonly open: boolean;
  /** Draws another message in its place, block by block where they differ; the same one again touches nothing. */
  update(view: Message): void;
  /** Takes it off the page, unanswered, and gives the focus back. */
  end(): void;
}

/** Loads the parts that its blocks need; undefined where all are there. Rejects where they cannot be had. */
export const ready = load;

/** The element that has the focus, inside shadow trees too. */
const focused = () => {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found as HTMLElement | null;
};

/** An address where it is within the shop, or has a scheme that is let through. */
const address = (url: string | undefined, schemes: readonly string[]): string | undefined => {
  try {
    const { protocol, origin, hostname, username, password } = new URL(url!, document.baseURI);
    const web = /^https?:$/.test(protocol);
    // Written out, since `//host` leads away as well.
    const allowed = /^\s*[a-z][\w+.-]*:/i.test(url!) && (["https:", "tel:", "mailto:"].includes(protocol)
      || (web ? /^(localhost|127\.0\.0\.1)$/.test(hostname) : schemes.includes(protocol.slice(0, -1)) && !/^(javascript|data|vbscript|blob|file):/.test(protocol)));
    if (!username && !password && (allowed || (web && origin == location.origin))) return url;
  } catch {}
  return;
};

/** The page stays where it is. */
const still = { preventScroll: true };

/** A piece of a message: what it is drawn from, and how. */
type Piece = [source: unknown, draw: (paper: Node) => void];

/** Draws a message at the end of an element. Throws where the browser cannot. */
export const show = (into: Element, view: Message, ways: Ways): Shown => {
  const { form } = view;
  const over = form != "card", toast = form == "toast", light = toast || form == "banner", modal = over && !light;
  const host = document.createElement(over ? "danbi-message" : "danbi-card");
  const root = host.attachShadow({ mode: "open" });
  adopt(root, css);
  brand(host, ways.theme);
  let open = false;
  /** The press began on the content: selecting text past its edge must not close it. */
  let inside = false;
  let before = focused();
  const styles = new Set<string>();
  let drawn: string | undefined;
  let live: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const pen: Pen = {
    get view() {
      return view;
    },
    say: (korean, english) => (/^ko\b/i.test(view.lang) ? korean : english),
    add: (into, tag, part, text) => {
      const element = document.createElement(tag);
      if (part) element.setAttribute("part", part);
      if (text) element.textContent = text;
      into.appendChild(element);
      return element;
    },
    button: (into, part, label, act) => {
      const button = pen.add(into, "button", part, label);
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    },
    address: (url) => address(url, ways.schemes),
    answer: (told) => {
      if (!open) return;
      const handled = ways.answer(told), url = pen.address(told.url);
      if (told.stay) feet(true);
      if (url && !handled) location.assign(url);
    },
    blocks: (into, list) => {
      for (const block of list)
        try {
          if (ways.html || !("html" in block)) drawBlock(pen, into, block);
        } catch (error) {
          ways.fail?.(error);
        }
    },
    share: ways.share,
    style: (rules) => {
      if (!styles.has(rules)) adopt(root, rules);
      styles.add(rules);
    },
    announce: (text) => {
      live ??= pen.add(top, "p", "live");
      live.setAttribute("role", "status");
      live.textContent = "";
      soon(() => (live!.textContent = text));
    },
  };
  /** What stands in a live region from its beginning is not read out: it comes a moment later. */
  const soon = (then: () => void) => setTimeout(then, 100);

  const top: HTMLElement = pen.add(root, modal ? "dialog" : "section", modal ? `dialog ${form}` : form);
  const body = pen.add(top, "div", "body"), foot = pen.add(top, "div", "foot");

  const sources = new WeakMap<Element, string>();
  /** Draws what has changed and leaves the rest alone: what has the focus, a survey that is half answered. */
  const fill = (into: Element, pieces: Piece[]) => {
    const touched = (element: Element) => [element, ...element.querySelectorAll("button,input,textarea,a")] as HTMLElement[];
    let at = 0;
    for (const [what, draw] of pieces) {
      const old = into.children[at], source = JSON.stringify([view.lang, what]);
      if (!old || sources.get(old) != source) {
        const paper = document.createDocumentFragment();
        draw(paper);
        const fresh = paper.firstElementChild;
        if (!fresh) continue;
        sources.set(fresh, source);
        const place = old ? touched(old).indexOf(root.activeElement as HTMLElement) : -1;
        if (old) old.replaceWith(fresh);
        else into.append(fresh);
        if (place >= 0) (touched(fresh)[place] ?? top).focus(still);
      }
      at++;
    }
    while (into.children[at]) {
      const held = into.lastElementChild!.contains(root.activeElement);
      into.lastElementChild!.remove();
      if (held) top.focus(still);
    }
  };
  /** `settled`: the last answer is given, what still stands there is a word of thanks. */
  const feet = (settled = false) => {
    const controls = [
      ["hide", settled ? "" : view.hide, "hide_today"],
      ["hide", settled ? "" : view.week, "hide_7d"],
      // What lies over the page always has a way out.
      ["close", view.close || (over && pen.say("닫기", "Close")), "dismiss"],
    ] as const;
    fill(foot, controls.flatMap(([part, label, action]): Piece[] => (label ? [[[label, action], (paper) => control(pen, paper, part, label, { action })]] : [])));
  };
  const draw = () => {
    drawn = JSON.stringify(view);
    top.lang = view.lang;
    top.dir = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i.test(view.lang) ? "rtl" : "ltr";
    const pieces = view.blocks.map((block): Piece => [block, (paper) => pen.blocks(paper, [block])]);
    const { ad } = view;
    if (ad) pieces.unshift([ad, (paper) => mark(paper, ad)]);
    fill(body, pieces);
    feet();
    // A toast is read out whole.
    if (toast) return;
    const [title, first] = ["h2", "p,h3,legend"].map((which) => body.querySelector(which));
    if (title) title.id = "title";
    if (title) top.setAttribute("aria-labelledby", "title");
    else top.removeAttribute("aria-labelledby");
    // A card that has no name of its own is no landmark: several of one name could not be told apart.
    const name = first?.textContent || body.querySelector("img")?.alt || body.querySelector("iframe")?.title || (over && pen.say("알림", "Message"));
    if (name) top.setAttribute("aria-label", name);
    else top.removeAttribute("aria-label");
  };
  /** The mark of an advertisement: the law wants it first, with the sender and a way to have no more of it. */
  const mark = (paper: Node, { label, sender, optOut }: NonNullable<Message["ad"]>) => {
    const line = pen.add(paper, "div", "ad");
    pen.add(line, "span", "", sender ? `${label} ${sender}` : label);
    if (optOut) pen.button(line, "optout", optOut, ways.optOut);
  };

  const end = () => {
    if (!open) return false;
    open = false;
    watch.disconnect();
    clearTimeout(timer);
    document.removeEventListener("focusin", moved);
    const held = modal || root.activeElement;
    // Closed before removed: closing is what gives the focus back.
    if (modal) (top as HTMLDialogElement).close?.();
    host.remove();
    // Not where the page has taken the dialog away, and not from a banner.
    if (held && before?.isConnected && document.activeElement == document.body) before.focus(still);
    return true;
  };
  const gone = () => {
    if (end()) ways.gone();
  };
  const dismiss = () => pen.answer({ action: "dismiss" });
  const watch = new MutationObserver(() => {
    if (!host.isConnected || (toast && document.querySelector(":modal"))) gone();
  });

  /** What has the focus is not covered: what lies over it goes to the other edge, unless that is worse. */
  const clear = () => {
    const target = focused();
    if (!open || !target || target == document.body || target.getRootNode() == root) return;
    const covers = () => {
      const a = top.getBoundingClientRect(), b = target.getBoundingClientRect();
      return b.height > 0 && a.top < b.bottom && b.top < a.bottom && a.left < b.right && b.left < a.right;
    };
    if (covers() && (top.part.toggle("top"), covers())) top.part.toggle("top");
  };
  const moved = ({ target, relatedTarget }: FocusEvent) => {
    if (target == host) before = relatedTarget as HTMLElement | null;
    else requestAnimationFrame(clear);
  };
  /** Leaves when so long nobody has pointed at it or been in it, in a tab that is looked at. */
  const wait = () => {
    clearTimeout(timer);
    if (view.seconds) timer = setTimeout(() => (document.hidden || top.matches(":hover,:focus-within") ? wait() : gone()), view.seconds * 1000);
  };

  draw();
  if (view.blocks[0] && !body.firstElementChild) throw new Error("Nothing of it can be drawn.");
  into.append(host);
  open = true;
  try {
    if (over) {
      top.tabIndex = -1;
      watch.observe(document, { childList: true, subtree: true, attributeFilter: ["open"] });
    }
    if (light) {
      top.setAttribute("popover", "manual");
      if (view.position == "top") top.part.add("top");
      top.addEventListener("keydown", ({ key }) => key == "Escape" && dismiss());
      document.addEventListener("focusin", moved);
      top.showPopover?.();
      requestAnimationFrame(clear);
    }
    if (toast) {
      top.setAttribute("role", "status");
      body.setAttribute("aria-hidden", "true");
      soon(() => body.removeAttribute("aria-hidden"));
      for (const kind of ["pointerleave", "focusout"]) top.addEventListener(kind, wait);
      wait();
    }
    if (modal) {
      const dialog = top as HTMLDialogElement;
      dialog.addEventListener("pointerdown", ({ target }) => (inside = target != dialog || form == "fullscreen"));
      dialog.addEventListener("click", ({ target }) => {
        if (target == dialog && !inside) dismiss();
        inside = false;
      });
      // `cancel` is Escape and the phone's back gesture; some closings come without it, as `close` alone.
      for (const way of ["cancel", "close"]) dialog.addEventListener(way, dismiss);
      // The dialog itself takes the focus, not its first button: a key that is already on its way down must not press anything.
      dialog.autofocus = true;
      dialog.showModal();
      dialog.autofocus = false;
      if (root.activeElement != dialog) {
        // An older browser gave it to the button, into view for which a long message scrolled.
        dialog.focus(still);
        dialog.scrollTop = 0;
      }
    }
  } catch (error) {
    end();
    throw error;
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
