/** What changed from one bundle to another: in words by place and field, and by line. */
import { lang, say } from "../words";
import { table } from "./edits";
import { span } from "./fields";
import { t, type Word } from "./words";

export interface Change {
  kind: "added" | "removed" | "changed" | "moved";
  /** Where: part, item, and what of it, in words. */
  place: string;
  field: string;
  from?: unknown;
  to?: unknown;
}

const keyOf = (one: unknown) => {
  const of = table(one);
  const id = of.id ?? of.program;
  return typeof id === "string" ? (of.program && of.version !== undefined && !of.id ? `${id} ${of.version}` : id) : undefined;
};
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const fieldWords: Record<string, Word> = {
  label: "label", priority: "priority", slot: "slot", class: "class", schedule: "schedule", from: "from", until: "until", trigger: "trigger", audience: "audience", when: "condition", why: "reason", caps: "caps", count: "count", per: "per", of: "counts", message: "message",
  form: "form", blocks: "blocks", title: "blockTitle", text: "blockText", note: "blockNote", image: "block_image", buttons: "block_buttons", choice: "block_choice", url: "leadsTo", alt: "alt", variants: "variants", weight: "share", steps: "steps", excludes: "exclusions", prerequisites: "prerequisites", gap: "gap",
  tiers: "tiers", levels: "level", min: "threshold", currencies: "points", rules: "rules", badges: "badges", missions: "missions", streaks: "streaks", rewards: "rewards", referral: "referral", value: "worth", minOrder: "minOrder", expiry: "expiry", pending: "pending", grant: "grant", pacing: "caps", pages: "pagesAndSlots", adLabel: "adLabel",
  campaigns: "campaigns", audiences: "audiences", offers: "offers", surveys: "surveys", programs: "programs", house: "house", suites: "suites", meters: "meters", version: "version", questions: "questions", options: "option", needs: "needs", ko: "korean", en: "english",
};
const word = (key: string | number) => (typeof key === "string" && key in fieldWords ? t(fieldWords[key]!) : /^\d+$/.test(String(key)) ? t("nth", { n: Number(key) + 1 }) : String(key).replace(/^\$/, ""));

/** All that changed, item by item: items of a list are known by their ids. */
export const changes = (before: unknown, after: unknown): Change[] => {
  const all: Change[] = [];
  const tell = (kind: Change["kind"], path: string[], from?: unknown, to?: unknown) => {
    // Part and item stand in front, the field follows.
    const top = path.slice(0, 2).join(" · ");
    all.push({ kind, place: top || t("bundle"), field: path.slice(2).join(" › "), ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  };
  const titled = (one: unknown, otherwise: string) => {
    const of = table(one);
    const label = of.label ?? of.title;
    return label ? say(label) : otherwise;
  };
  const walk = (one: unknown, other: unknown, path: string[]) => {
    if (same(one, other)) return;
    const lists = Array.isArray(one) && Array.isArray(other);
    if (lists && [...one, ...other].every((item) => keyOf(item) !== undefined)) {
      const of = (items: any[], key: string) => items.find((item) => keyOf(item) === key);
      const keys = [...new Set([...one, ...other].map((item) => keyOf(item)!))];
      for (const key of keys) {
        const left = of(one, key), right = of(other, key);
        const here = [...path, titled(right ?? left, key)];
        if (left === undefined) tell("added", here);
        else if (right === undefined) tell("removed", here);
        else walk(left, right, here);
      }
      const order = (items: any[]) => items.map(keyOf).filter((key) => of(one, key!) && of(other, key!));
      if (!same(order(one), order(other))) tell("moved", path);
      return;
    }
    if (lists) {
      for (let place = 0; place < Math.max(one.length, other.length); place++) {
        const here = [...path, word(place)];
        if (place >= one.length) tell("added", here, undefined, other[place]);
        else if (place >= other.length) tell("removed", here, one[place]);
        else walk(one[place], other[place], here);
      }
      return;
    }
    const objects = [one, other].every((value) => value && typeof value === "object" && !Array.isArray(value));
    if (objects) {
      const left = table(one), right = table(other);
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        const here = [...path, word(key)];
        if (!(key in left)) tell("added", here, undefined, right[key]);
        else if (!(key in right)) tell("removed", here, left[key]);
        else walk(left[key], right[key], here);
      }
      return;
    }
    tell("changed", path, one, other);
  };
  walk(before, after, []);
  return all;
};
const isTexts = (value: object) => Object.keys(value).every((key) => /^[a-z]{2}(-\w+)?$/.test(key)) && Object.values(value).every((one) => typeof one === "string");
const spoken = (value: unknown): string => {
  const time = typeof value === "string" ? span(value) : undefined;
  if (time) return `${time.back ? "-" : ""}${time.amount}${lang.value === "ko" ? "" : " "}${t(time.unit)}`;
  if (typeof value === "string") return value;
  if (typeof value === "number") return new Intl.NumberFormat("en", { maximumFractionDigits: 6 }).format(value);
  if (Array.isArray(value)) return value.map(spoken).join(" · ");
  if (value && typeof value === "object") return isTexts(value) ? say(value) : Object.entries(value).map(([key, one]) => `${word(key)} ${spoken(one)}`).join(", ");
  return String(value);
};
/** A value as a person reads it; long ones are cut. */
export const shown = (value: unknown) => {
  const text = spoken(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
};

/** Longer middles are told as taken out and put in whole. */
const MOST = 3000;
/** What changed line by line, as `diff -u` tells it with no lines around: `-` and `+`. */
export const lineChanges = (before: string, after: string): string[] => {
  const one = before.split("\n"), other = after.split("\n");
  let head = 0, tail = 0;
  while (head < one.length && head < other.length && one[head] === other[head]) head++;
  while (tail < one.length - head && tail < other.length - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++;
  const left = one.slice(head, one.length - tail), right = other.slice(head, other.length - tail);
  const said: string[] = [];
  if (left.length > MOST || right.length > MOST || left.length * right.length > MOST * 1000) return [...left.map((line) => `- ${line}`), ...right.map((line) => `+ ${line}`)];
  // The longest common lines, from the end.
  const width = right.length + 1;
  const common = new Uint16Array((left.length + 1) * width);
  for (let a = left.length - 1; a >= 0; a--) for (let b = right.length - 1; b >= 0; b--)
    common[a * width + b] = left[a] === right[b] ? common[(a + 1) * width + b + 1]! + 1 : Math.max(common[(a + 1) * width + b]!, common[a * width + b + 1]!);
  let a = 0, b = 0, last = -2;
  const at = (place: number) => {
    if (place !== last + 1 && place !== last) said.push(`@@ ${head + place + 1} @@`);
    last = place;
  };
  while (a < left.length || b < right.length) {
    if (a < left.length && b < right.length && left[a] === right[b]) (a++, b++);
    else if (b >= right.length || (a < left.length && common[(a + 1) * width + b]! >= common[a * width + b + 1]!)) (at(a), said.push(`- ${left[a++]}`));
    else (at(a), said.push(`+ ${right[b++]}`));
  }
  return said;
};
