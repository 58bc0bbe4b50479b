/** The blocks that most messages are made of. Text goes in as `textContent` only, so nothing in a message is ever markup. */
import type { Block, Message } from "../types.js";
import type { Drawer, Pen, Told } from "./pen.js";

type Kinds = { [Kind in Block extends infer One ? (One extends Block ? keyof One : never) : never]: Extract<Block, { [kind in Kind]: unknown }>[Kind] };
type Drawers = { [Kind in keyof Kinds]?: Drawer<Kinds[Kind]> };

/** A button that tells what it did. */
export const control = (pen: Pen, into: Node, part: string, label: string, told: Told): HTMLElement => {
  const button = pen.button(into, part, label, () => pen.answer(told));
  button.dataset.action = told.action;
  return button;
};

/** Each draws one element. */
const drawers: Drawers = Object.assign(Object.create(null), {
  title: (pen, into, text) => void pen.add(into, "h2", "title", text),
  text: (pen, into, text) => void pen.add(into, "p", "text", text),
  note: (pen, into, text) => void pen.add(into, "p", "note", text),
  image: (pen, into, { src, alt = "" }) => {
    const image = pen.add(into, "img", "image");
    // A picture that is missing leaves no hole.
    image.addEventListener("error", () => (image.hidden = true));
    image.alt = alt;
    const address = pen.address(src);
    // A scheme that the page has registered leads somewhere, and shows nothing.
    if (address && /^https?:/.test(new URL(address, document.baseURI).protocol)) image.src = address;
    else image.hidden = true;
  },
  progress: (pen, into, { label, percent }) => {
    const box = pen.add(into, "div", "progress");
    pen.add(box, "p", "text", label);
    const bar = pen.add(box, "div", "bar");
    const said = { role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": percent };
    for (const [name, value] of Object.entries(said)) bar.setAttribute(name, value as string);
    // Through CSSOM: a strict `style-src` blocks the attribute.
    pen.add(bar, "div", "fill").style.inlineSize = `${percent}%`;
  },
  buttons: (pen, into, buttons) => {
    const row = pen.add(into, "div", "buttons");
    for (const { label, ...told } of buttons) control(pen, row, "button", label, { action: "click", ...told });
  },
  choice: (pen, into, { options, ...asked }) => {
    const row = pen.add(into, "div", options.every(({ value }) => typeof value == "number") ? "choice scores" : "choice");
    for (const { label, value, note } of options) {
      const button = control(pen, row, "button", label, { action: typeof value == "string" ? "choice" : "score", value, ...asked });
      if (note) pen.add(button, "small", "note", note);
    }
  },
} satisfies Drawers);

/** Those that few messages have are drawn by chunks of their own. */
const chunks: { kinds: (keyof Kinds)[]; load(): Promise<{ drawers: Drawers }> }[] = [
  { kinds: ["survey", "coupon", "share", "store", "html"], load: () => import("./extras.js") },
  { kinds: ["tier", "badges", "missions", "streak", "collection", "wallet"], load: () => import("./widgets.js") },
];

/** Loads what draws these blocks; undefined where all of it is there. Rejects where it cannot be had. */
export const load = ({ blocks }: Message): Promise<unknown> | undefined => {
  const missing = chunks.filter(({ kinds }) => blocks.some((block) => kinds.some((kind) => kind in block && !drawers[kind])));
  return missing.length > 0 ? Promise.all(missing.map(async ({ load }) => Object.assign(drawers, (await load()).drawers))) : undefined;
};

/** Draws a block, in one element; one that nobody here knows is left out. */
export const draw = (pen: Pen, into: Node, block: Block): void => {
  for (const [kind, content] of Object.entries(block)) (drawers as { [kind: string]: Drawer<unknown> })[kind]?.(pen, into as HTMLElement, content);
};
