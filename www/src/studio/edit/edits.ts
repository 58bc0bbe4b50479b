/** Changes to the bundle's text by path, which leave the rest of it as it was written. */
import { applyEdits, modify } from "jsonc-parser";
import { source, write } from "../state/bundle";

export type Path = (string | number)[];
const options = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/** Sets a value; `undefined` takes it out. */
export const put = (path: Path, value: unknown) => {
  const text = source.peek();
  write(applyEdits(text, modify(text, path, value, options)));
};
/** Puts a value at the end of a list, which is made where there is none. */
export const push = (path: Path, value: unknown, at: unknown) => {
  if (!Array.isArray(at)) return put(path, [value]);
  const text = source.peek();
  write(applyEdits(text, modify(text, [...path, at.length], value, { ...options, isArrayInsertion: true })));
};
