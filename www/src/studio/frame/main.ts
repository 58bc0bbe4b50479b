/** The page in the device: a plain shop with its slots, and what danbi draws there. It knows nothing but what it is told. */
import type { Decision, Message } from "danbi";
import { draw, load } from "danbi/studio";
import type { Found, Measure } from "./measure";
import type { Picture } from "./shoot";
import "./frame.css";

export interface Scene {
  /** What the shop calls itself. */
  shop: string;
  title: string;
  lang: string;
  slots: string[];
  decisions: Decision[];
  looks: { dark: boolean; still: boolean; large: boolean; rtl: boolean; long: boolean };
  nothing: string;
  /** Stores whose code is typed in here, as where a device does not say where it is. */
  codes?: { stores: string[]; label: string; button: string; enter(store: string): void };
}
export interface Told {
  action: string;
  value?: unknown;
  question?: string;
  more?: boolean;
  stay?: boolean;
  url?: string;
}
declare global {
  interface Window {
    /** Draws a scene; resolves once all of it is drawn. */
    paint?: (scene: Scene, tell: (decision: Decision, told: Told) => void) => Promise<void>;
    /** Measures the message that is drawn. */
    measure?: (what: Measure) => Promise<Found>;
    /** Takes a picture of it. */
    shoot?: () => Promise<Picture | null>;
  }
}

/** Longer by 60%, by its own words: what a translation may become. */
const longer = (value: unknown, key = ""): any => {
  if (Array.isArray(value)) return value.map((one) => longer(one, key));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, longer(one, name)]));
  const fixed = /^(id|kind|url|src|code|lang|form|position|value|state|date|to)$/.test(key);
  return typeof value === "string" && !fixed ? `${value} ${value.slice(0, Math.ceil(value.length * 0.6))}` : value;
};
/** RTL: its own words, laid out as a language that runs the other way is. */
const seen = (view: Message, { rtl, long }: Scene["looks"]): Message => ({ ...(long ? longer(view) : view), ...(rtl && { lang: "ar" }) });

const still = new CSSStyleSheet();
still.replaceSync("danbi-message::part(dialog){animation:none!important}");
/** The shopper's own text size, as a browser has it set: the letters grow, the screen does not shrink. */
const large = new CSSStyleSheet();
large.replaceSync(`:root{font-size:200%}${["dialog", "banner", "toast"].map((part) => `danbi-message::part(${part})`)},danbi-card::part(card){font-size:1rem}`);

let off: (() => void)[] = [];
let turn = 0;
window.paint = async (scene, tell) => {
  const own = ++turn;
  void import("../fonts.css");
  for (const take of off) take();
  off = [];
  const { documentElement: root, body } = document;
  const { looks } = scene;
  root.lang = scene.lang;
  root.dir = looks.rtl ? "rtl" : "ltr";
  root.dataset.scheme = looks.dark ? "dark" : "light";
  document.adoptedStyleSheets = [...(looks.still ? [still] : []), ...(looks.large ? [large] : [])];
  const add = (into: Element, tag: string, name = "", text = "") => {
    const element = into.appendChild(document.createElement(tag));
    if (name) element.className = name;
    element.textContent = text;
    return element;
  };
  body.replaceChildren();
  add(body, "header", "", scene.shop);
  const main = add(body, "main");
  add(main, "h1", "", scene.title);
  for (const name of scene.slots) {
    const slot = add(main, "div");
    slot.dataset.danbiSlot = name;
  }
  for (const store of scene.codes?.stores ?? []) {
    const form = add(main, "form") as HTMLFormElement;
    const input = add(form, "label", "", scene.codes!.label).appendChild(document.createElement("input"));
    Object.assign(input, { inputMode: "numeric", pattern: "[0-9]{4}", required: true, maxLength: 4 });
    add(form, "button", "", scene.codes!.button);
    form.onsubmit = (event) => (event.preventDefault(), scene.codes!.enter(store));
  }
  if (!scene.decisions.length) add(main, "p", "nothing", scene.nothing);
  for (let row = 0; row < 3; row++) {
    const shelf = add(main, "div", "shelf");
    for (let one = 0; one < 2; one++) add(shelf, "div", "goods");
  }
  const coming: Promise<void>[] = [];
  for (const decision of scene.decisions) {
    if (!decision.message) continue;
    const view = seen(decision.message, looks);
    const into = view.form === "card" ? main.querySelector(`[data-danbi-slot="${CSS.escape(decision.slot)}"]`) : body;
    if (!into) continue;
    const put = () => {
      if (own !== turn) return;
      const take = draw(into, view, {
        answer: (told) => {
          if (!told.more && !told.stay) take();
          tell(decision, told);
          // A preview leads nowhere.
          return true;
        },
        share: () => true, optOut: () => take(), gone: () => {}, html: true, schemes: [],
      });
      off.push(take);
    };
    const parts = load(view);
    parts ? coming.push(parts.then(put)) : put();
  }
  await Promise.all(coming);
};
window.shoot = async () => (await import("./shoot")).shoot();
window.measure = async (what) => (await import("./measure")).measure(what);
parent.dispatchEvent(new Event("danbi-frame"));
