/** Where in the text the values of JSON Pointers stand. */
import { findNodeAtLocation, parseTree, type Node } from "jsonc-parser";
import { keysOf } from "./edits";

/** The node that a JSON Pointer leads to, or the last one there is on its way. */
export const nodeAt = (root: Node | undefined, pointer: string): Node | undefined => {
  const keys = keysOf(pointer);
  for (let length = keys.length; root && length >= 0; length--) {
    const path = keys.slice(0, length).map((key, place) => {
      const before = findNodeAtLocation(root, keys.slice(0, place).map((one) => (/^\d+$/.test(one) ? +one : one)));
      return before?.type === "array" ? +key : key;
    });
    const found = findNodeAtLocation(root, path);
    if (found) return found;
  }
  return root;
};
/** The lines of a text, from 1, on which the values of JSON Pointers begin. */
export const linesOf = (text: string, pointers: string[]): (number | undefined)[] => {
  const root = parseTree(text);
  const ends: number[] = [];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) ends.push(end);
  return pointers.map((pointer) => {
    const node = nodeAt(root, pointer);
    if (!node) return;
    let low = 0, high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < node.offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  });
};
