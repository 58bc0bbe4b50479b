/** Changes to the bundle's text by path, which leave the rest of it as it was written. */
import { applyEdits, modify } from "jsonc-parser";
import { parsed, source, write } from "../state/bundle";

export type Path = (string | number)[];
const options = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/** A path as a JSON Pointer, and back. */
export const pointer = (path: Path) => path.map((key) => `/${String(key).replace(/~/g, "~0").replace(/\//g, "~1")}`).join("");
export const keysOf = (at: string) => at.split("/").slice(1).map((key) => key.replace(/~1/g, "/").replace(/~0/g, "~"));

/** What stands at a path of the text as it is now. */
export const at = (path: Path): any => {
  const now = parsed.value;
  return "fault" in now ? undefined : path.reduce<any>((value, key) => value?.[key], now.bundle);
};
/** Of anything what a form needs: an object, a list. */
export const table = (value: unknown): Record<string, any> => (value && typeof value === "object" && !Array.isArray(value) ? value : {});
export const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);

const set = (text: string, path: Path, value: unknown, more = {}) => applyEdits(text, modify(text, path, value, { ...options, ...more }));
const fits = (path: Path) => path.every((_, place) => place === 0 || ["object", "undefined"].includes(typeof at(path.slice(0, place))));

/** Sets a value; `undefined` takes it out. */
export const put = (path: Path, value: unknown, apart = false) => {
  if (fits(path) && !(value === undefined && at(path) === undefined)) write(set(source.peek(), path, value), apart);
};
/** Puts a value into a list, at its end where no place is named; the list is made where there is none. `beside`: what is set with it. */
export const insert = (path: Path, value: unknown, place?: number, beside: [Path, unknown][] = []) => {
  const now = at(path);
  const text = beside.reduce((text, [path, value]) => set(text, path, value), source.peek());
  write(Array.isArray(now) ? set(text, [...path, place ?? now.length], value, { isArrayInsertion: true }) : set(text, path, [value]), true);
};
/** Sets several values at once, undone at once. */
export const putAll = (all: [Path, unknown][]) => write(all.reduce((text, [path, value]) => set(text, path, value), source.peek()), true);
/** Takes a value out; with the last of a list that may be left out goes the list. */
export const remove = (path: Path, whole = false) => {
  const outer = path.slice(0, -1);
  put(whole && list(at(outer)).length === 1 ? outer : path, undefined, true);
};
/** Moves an item of a list. */
export const move = (path: Path, from: number, to: number) => {
  const now = list(at(path));
  if (to < 0 || to >= now.length) return;
  const without = set(source.peek(), [...path, from], undefined);
  write(set(without, [...path, to], now[from], { isArrayInsertion: true }), true);
};
/** An id that is free, made of what something is called: `bag_note`, `bag_note_2`. */
export const freshId = (label: string, taken: string[], otherwise: string) => {
  const plain = label.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || otherwise;
  let id = plain;
  for (let number = 2; taken.includes(id); number++) id = `${plain.replace(/_\d+$/, "")}_${number}`;
  return id;
};
