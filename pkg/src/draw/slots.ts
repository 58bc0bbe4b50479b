/** The places of the page where danbi draws, as they come and go: `data-danbi-slot`, `<danbi-slot>` and `<danbi-progress>`. */
import { adopt } from "./style.js";

const ATTRIBUTE = "data-danbi-slot";
const TAGS = { "danbi-slot": ["name"], "danbi-progress": ["kind", "of"] };

/** Elements that tell of themselves, in the page's own shadow trees too, and who hears of it: one list for all danbis of a page. */
interface Own {
  there: Set<Element>;
  heard: Set<() => void>;
}
const own = (): Own => {
  const page = globalThis as unknown as { [key: symbol]: Own };
  const key = Symbol.for("danbi");
  const all = (page[key] ??= { there: new Set(), heard: new Set() });
  const tell = () => all.heard.forEach((hear) => hear());
  for (const [tag, attributes] of Object.entries(TAGS))
    try {
      if (!customElements.get(tag))
        customElements.define(
          tag,
          class extends HTMLElement {
            static observedAttributes = attributes;
            constructor() {
              super();
              const root = this.attachShadow({ mode: "open" });
              adopt(root, ":host{display:block}:host([hidden]){display:none}");
              root.append(document.createElement("slot"));
            }
            connectedCallback() {
              all.there.add(this);
              tell();
            }
            disconnectedCallback() {
              all.there.delete(this);
              tell();
            }
            attributeChangedCallback() {
              tell();
            }
          },
        );
    } catch {} // a browser without custom elements, or without shadow trees: the selector below finds them still
  return all;
};

/** What an element asks for: the name of a slot, or `KIND OF` of a widget after a tab; nothing where it asks for neither. */
export const nameOf = (element: Element): string => {
  const at = (name: string) => element.getAttribute(name) ?? "";
  const { localName } = element;
  return localName == "danbi-progress" ? "\t" + at("kind") + " " + at("of") : at(localName == "danbi-slot" ? "name" : ATTRIBUTE);
};

/** Gives all places that there are, soon and after each change of the page, a dialog opened or closed among them; what it returns ends that. */
export const watchSlots = (look: (places: Element[]) => void): (() => void) => {
  const { there, heard } = own();
  let asked: unknown;
  let over = false;
  // One native query is cheaper than reading every record of what has changed.
  const now = () => {
    asked = undefined;
    if (over) return;
    const found = document.querySelectorAll(`[${ATTRIBUTE}],${Object.keys(TAGS)}`);
    const inner = [...there].filter((element) => element.isConnected);
    for (const element of inner) observer.observe(element, { childList: true });
    look([...new Set([...found, ...inner])]);
  };
  const soon = () => void (asked ??= Promise.resolve().then(now));
  const observer = new MutationObserver(now);
  observer.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: [ATTRIBUTE, "open"] });
  heard.add(soon);
  soon();
  return () => {
    over = true;
    observer.disconnect();
    heard.delete(soon);
  };
};
