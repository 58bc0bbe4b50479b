/** What the widgets have in common: lists, bars, medals, words beside shapes, and the sheet. */
import type { Pen } from "../pen.js";
import { sheet } from "./sheet.js";

export const grouped = (count: number) => count.toLocaleString("en");

/** The last good day; no line breaks before 까지. */
export const until = (pen: Pen, day: string) => pen.say(`${day}\u2060까지`, `until ${day}`);

/** A block's own element, under the sheet of all widgets. */
export function frame(pen: Pen, into: Node, tag: "div" | "ul", part: string) {
  pen.style(sheet);
  return pen.add(into, tag, `widget ${part}`);
}

/** Nothing to show yet, in words. */
export function nothing(pen: Pen, into: Node, korean: string, english: string) {
  pen.add(frame(pen, into, "div", "empty"), "p", "small", pen.say(korean, english));
}

/** The first lines of a card: what it is and where the shopper stands, beside a medal where `draw` draws one. */
export function head(pen: Pen, into: Node, label: string, standing: string, draw?: (into: Node) => void) {
  const lines = pen.add(into, "div", "head");
  draw?.(lines);
  pen.add(lines, "p", "small", label);
  pen.add(lines, "p", "standing", standing);
}

/** Two texts on a line, or on two where the line is too short. */
export function pair(pen: Pen, into: Node, first: string, second?: string | false | undefined, part = "small", other = part) {
  const line = pen.add(into, "div", "pair");
  pen.add(line, "span", part, first);
  if (second) pen.add(line, "span", other, second);
}

/** Only heard. */
export const heard = (pen: Pen, into: Node, text: string) => pen.add(into, "span", "heard", text);

/** Only seen: a shape or letter whose meaning stands beside it in words. */
export function seen(pen: Pen, into: Node, part: string, text?: string) {
  pen.add(into, "span", part, text).ariaHidden = "true";
}

/** `steps`: in so many pieces, where that many can be told apart. */
export function bar(pen: Pen, into: Node, label: string, percent: number, words: string, steps = 1) {
  const filled = Math.min(100, Math.max(0, percent));
  const track = pen.add(into, "div", "bar");
  // From 0 to 100 where nothing else is said.
  set(track, { role: "progressbar", "aria-label": label, "aria-valuenow": Math.floor(filled), "aria-valuetext": words });
  const fill = pen.add(track, "div", "fill");
  fill.style.inlineSize = `${filled}%`;
  if (steps < 2 || steps > 12) return;
  fill.style.borderRadius = "0";
  track.style.mask = `linear-gradient(90deg,#000 calc(100% - 2px),#0000 0) 0/${100 / steps}%`;
}

function set(element: Element, attributes: { [name: string]: string | number }) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** Outlines around 32, 32: a flower seen from above, and a drop of rain. */
export const flower = (petals: number) => {
  const corners = Array.from({ length: petals * 16 }, (_, index) => {
    const angle = (index * Math.PI) / petals / 8, reach = 23 - (23 / petals) * (1.1 - Math.abs(Math.cos((petals * angle) / 2)));
    return [Math.sin(angle), -Math.cos(angle)].map((side) => (32 + reach * side).toFixed(1));
  });
  return `M${corners}z`;
};
export const drop = "M32 8c9 12 15 19 15 28a15 15 0 0 1-30 0c0-9 6-16 15-28z";

/** What stands in the middle of a medal, unless it is a number. */
const faces = {
  tick: "M24.5 32.5l5 5 10-11",
  heart: "M32 28a4 4 0 1 1-.01 0",
  gleam: "M24 37a8.5 8.5 0 0 0 7 8",
};

/** Something got, filled, or the outline of what is still to be got. `share`, from 0 to 1, is how far around it a ring goes. */
export function medal(into: Node, outline: string, got: boolean, face: keyof typeof faces | number, share?: number) {
  const draw = (tag: string, part: string, attributes: { [name: string]: string | number }) =>
    drawn.appendChild(set(document.createElementNS(drawn.namespaceURI, tag), { part, ...attributes }));
  const drawn = into.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  set(drawn, { part: got ? "medal got" : "medal", viewBox: "0 0 64 64", "aria-hidden": "true" });
  if (share !== undefined) {
    const ring = "M32 2a30 30 0 1 1-.01 0";
    draw("path", "track", { d: ring });
    if (share > 0) draw("path", "ring", { d: ring, pathLength: 100, "stroke-dasharray": `${Math.min(1, share) * 100} 100` });
  }
  draw("path", "outline", { d: outline });
  if (typeof face === "number") draw("text", "number", { x: 32, y: 32 }).textContent = String(face);
  else draw("path", "face", { d: faces[face] });
}
