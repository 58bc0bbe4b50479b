/** The blocks that most messages are made of. Text goes in as `textContent` only, so nothing in a message is ever markup. */
import type { Bar, Block, Button, Message } from "../types.js";
import type { Drawer, Pen } from "./pen.js";

type All = { [Kind in Block extends infer One ? (One extends Block ? keyof One : never) : never]: Extract<Block, { [kind in Kind]: unknown }>[Kind] };

/** A button that tells what it did. */
const control = (pen: Pen, into: Node, { label, url, value }: Button) => {
  pen.button(into, "button", label, () => pen.answer({ action: "click", ...(value !== undefined && { value }), ...(url !== undefined && { url }) })).dataset.action = "click";
};

const progress: Drawer<Bar> = (pen, into, { label, percent }) => {
  const share = Math.min(percent, 100);
  pen.add(into, "p", "text", label);
  const bar = pen.add(into, "div", "bar");
  const said = { role: "progressbar", "aria-label": label, "aria-valuetext": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": share };
  for (const [name, value] of Object.entries(said)) bar.setAttribute(name, value as string);
  // Through CSSOM: a strict `style-src` blocks the attribute.
  pen.add(bar, "div", "fill").style.width = share + "%";
};

const base: { [Kind in keyof All]?: Drawer<All[Kind]> } = {
  title: (pen, into, text) => {
    pen.add(into, "h2", "title", text).id = "title";
  },
  text: (pen, into, text) => void pen.add(into, "p", "text", text),
  note: (pen, into, text) => void pen.add(into, "p", "note", text),
  image: (pen, into, { src, alt }) => {
    const image = pen.add(into, "img", "image");
    image.alt = alt;
    const address = pen.address(src);
    if (address) image.src = address;
  },
  progress,
  buttons: (pen, into, buttons) => {
    const row = pen.add(into, "div", "buttons");
    for (const button of buttons) if (button.label) control(pen, row, button);
  },
  choice: (pen, into, { question, options }) => {
    const row = pen.add(into, "div", "choice");
    for (const { label, value } of options) {
      const action = typeof value == "string" ? "choice" : "score";
      if (label) pen.button(row, "button", label, () => pen.answer({ action, value, ...(question !== undefined && { question }) })).dataset.action = action;
    }
  },
};

/** Draws blocks one below the other; one that nobody here knows is left out. */
export const blocks = (pen: Pen, into: Node, list: Block[]): void => {
  for (const block of list)
    for (const [kind, content] of Object.entries(block)) (base as { [kind: string]: Drawer<unknown> })[kind]?.(pen, into as HTMLElement, content);
};

/** What a message is called where it has no title. */
export const named = ({ blocks }: Message): string => {
  for (const block of blocks) {
    if ("text" in block) return block.text;
    if ("progress" in block) return block.progress.label;
  }
  return "";
};
