/** Where in the bundle a name is used: what is used is not taken out unawares, and a new name goes everywhere. */
import { say } from "../words";
import { at, list, table, type Path } from "./edits";
import { parts, type Part } from "./opened";
import { t } from "./words";

/** The members under which the names of each part are spoken of. */
const speaks: Partial<Record<Part, string[]>> = {
  audiences: ["audience", "when", "states"],
  campaigns: ["campaign", "campaigns", "event.campaign"],
  surveys: ["survey"],
  offers: ["offers"],
};
/** The paths at which a name is spoken of. */
export const uses = (part: Part, name: string): Path[] => {
  const keys = speaks[part] ?? [];
  const found: Path[] = [];
  const walk = (value: unknown, path: Path, spoken: boolean) => {
    if (value === name && spoken) return void found.push(path);
    if (Array.isArray(value)) return value.forEach((one, place) => walk(one, [...path, place], spoken));
    for (const [key, one] of Object.entries(table(value))) walk(one, [...path, key], keys.includes(key) && !(path.length === 0) || (path.length === 1 && path[0] === "audiences" && part === "audiences"));
  };
  walk(at([]), [], false);
  return found;
};
/** What an item of the bundle is called, for people. */
export const nameOf = (path: Path): string => {
  const [part, item] = path;
  const one = table(at(path.slice(0, 2)));
  const first = part === "surveys" ? list(one.questions)[0]?.title : undefined;
  const name = one.label ?? first ?? one.program ?? one.id;
  return `${typeof part === "string" && part in parts ? t(part as Part) : String(part)}${item === undefined ? "" : ` · ${name === undefined ? String(item) : say(name)}`}`;
};
