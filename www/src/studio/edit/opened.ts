/** What of the bundle is open in the editor, and the way to any place in it. */
import { signal } from "@preact/signals";
import { parsed } from "../state/bundle";
import { keysOf, list, table } from "./edits";

/** The parts of a bundle that a form shows, by where they stand. */
export const parts = { campaigns: "list", audiences: "table", offers: "list", surveys: "table", programs: "list", house: "one" } as const;
export type Part = keyof typeof parts;

export const kind = signal<"asForm" | "asText">("asForm");
export const part = signal<Part>("campaigns");
/** Of each part the item that is open, by its place or its name. */
export const chosen = signal<Partial<Record<Part, number | string>>>({});
export const open = (which: Part, item?: number | string) => {
  part.value = which;
  if (item !== undefined) chosen.value = { ...chosen.peek(), [which]: item };
};
/** The open item: one that there is. */
export const current = (which: Part): number | string | undefined => {
  const now = parsed.value;
  const value = "fault" in now ? undefined : now.bundle[which];
  const item = chosen.value[which];
  if (parts[which] === "table") {
    const names = Object.keys(table(value));
    return names.includes(String(item)) ? item : names[0];
  }
  const last = list(value).length - 1;
  return last < 0 ? undefined : Math.min(typeof item === "number" ? item : 0, last);
};
/** Opens the form at what a pointer stands in; false where no form has it. */
export const openAt = (at: string) => {
  const [which, item] = keysOf(at);
  if (!which || !(which in parts)) return false;
  open(which as Part, parts[which as Part] === "list" ? Number(item ?? 0) : item);
  return true;
};
