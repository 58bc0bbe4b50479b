/** A page that draws one message and notes what is told, as the stage would: nothing after the last answer. */
import { ready, show } from "../../../pkg/src/draw/message.ts";

const page = (globalThis.page = {
  told: [], shared: [], copied: [], gone: 0, failed: [], shown: null, errors: [],
  /** `handled`: the host says so of all it hears. A card stands in the slot. */
  async begin(view, { handled = false, html = true } = {}) {
    page.shown?.end();
    Object.assign(page, { told: [], shared: [], copied: [], gone: 0, failed: [], over: false });
    await ready(view);
    page.shown = show(view.form === "card" ? document.getElementById("slot") : document.body, view, {
      answer(told) {
        if (!page.over) page.told.push(told);
        if (!told.more && !told.stay) page.shown.end();
        page.over ||= told.stay;
        return handled;
      },
      share(channel, what) {
        page.shared.push([channel, what]);
        return handled;
      },
      optOut() {},
      gone() { page.gone += 1; },
      fail({ name }) { page.failed.push(name); },
      html, schemes: [],
    });
  },
  /** In the shadow tree of what is drawn. */
  one: (selector) => page.shown.host.shadowRoot.querySelector(selector),
  all: (selector) => [...page.shown.host.shadowRoot.querySelectorAll(selector)],
  /** What has the focus: its part, and what it says. */
  focus() {
    const element = page.shown.host.shadowRoot.activeElement;
    return element && [element.getAttribute("part"), element.localName === "textarea" ? element.value : element.textContent].join(": ");
  },
  /** What is selected, in the shadow tree too. */
  selected() {
    const root = page.shown.host.shadowRoot, selection = (root.getSelection?.() ?? getSelection());
    const [range] = getSelection().getComposedRanges?.({ shadowRoots: [root] }) ?? [];
    if (!range || range.collapsed || range.startContainer === document) return selection.toString();
    const real = document.createRange();
    real.setStart(range.startContainer, range.startOffset);
    real.setEnd(range.endContainer, range.endOffset);
    return real.toString();
  },
  /** What assistive technology was told without moving the focus. */
  said: () => page.one("[part=live]")?.textContent,
  /** In place of the browser's clipboard: "works", "refuses" or "missing". */
  clipboard(how) {
    const writeText = async (text) => {
      if (how === "refuses") throw new DOMException("blocked", "NotAllowedError");
      page.copied.push(text);
    };
    Object.defineProperty(navigator, "clipboard", { value: how === "missing" ? undefined : { writeText }, configurable: true });
  },
  /** In place of the device's sheet: the name of what it fails with, "shares", or "missing". */
  sheet(how) {
    const given = (page.given = []);
    const missing = how === "missing";
    Object.defineProperty(navigator, "canShare", { value: missing ? undefined : () => true, configurable: true });
    Object.defineProperty(navigator, "share", {
      value: missing ? undefined : async (what) => {
        given.push(what);
        if (how !== "shares") throw new DOMException("no", how);
      },
      configurable: true,
    });
  },
});
addEventListener("error", ({ message }) => page.errors.push(message));
addEventListener("unhandledrejection", ({ reason }) => page.errors.push(String(reason)));
addEventListener("message", () => page.errors.push("a frame was listened to"));
