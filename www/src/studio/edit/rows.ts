/** Conditions as rows: a fact, how it is asked, a value; all of them or any, with groups of the other kind one level deep. */
import { table } from "./edits";

export interface Row {
  fact: string;
  /** An operator; of `past`, `not past` and `coming` the value is a duration. */
  operator: string;
  value: unknown;
}
export interface Rows {
  any: boolean;
  items: (Row | { rows: Row[] })[];
}
export const isGroup = (item: Row | { rows: Row[] }): item is { rows: Row[] } => "rows" in item;

/** Operators that have a row. */
const plain = ["$eq", "$ne", "$gte", "$gt", "$lte", "$lt", "$in", "$nin", "$exists", "$regex", "$danbiBefore", "$danbiAfter"];

const rowOf = (fact: string, operator: string, value: unknown): Row | undefined => {
  if (operator === "$danbiWithin") return String(value).startsWith("-") ? { fact, operator: "coming", value: String(value).slice(1) } : { fact, operator: "past", value };
  return plain.includes(operator) ? { fact, operator, value } : undefined;
};
/** The rows of an object without junctions; none where it says more than rows can. */
const flat = (when: Record<string, unknown>): Row[] | undefined => {
  const rows: Row[] = [];
  for (const [fact, test] of Object.entries(when)) {
    if (fact === "$not") {
      // "Not within the last while" is a row; other negations are not.
      const [[path, inner] = [], ...more] = Object.entries(table(test));
      const [[operator, value] = [], ...others] = Object.entries(table(inner));
      if (!path || more.length || others.length) return;
      if (operator !== "$danbiAfter" || !String(value).startsWith("-")) return;
      rows.push({ fact: path, operator: "not past", value: String(value).slice(1) });
      continue;
    }
    if (fact.startsWith("$")) return;
    if (test === null || typeof test !== "object") rows.push({ fact, operator: "=", value: test });
    else if (Array.isArray(test) || !Object.keys(test).length) return;
    else for (const [operator, value] of Object.entries(test)) {
      const row = rowOf(fact, operator, value);
      if (!row) return;
      rows.push(row);
    }
  }
  return rows;
};
const group = (key: "$or" | "$and", parts: unknown): Row[] | undefined => {
  if (!Array.isArray(parts)) return;
  const rows: Row[] = [];
  for (const one of parts) {
    const found = flat(table(one));
    // In a group of alternatives each is one row: several rows in one are all meant.
    if (!found || (key === "$or" && found.length !== 1)) return;
    rows.push(...found);
  }
  return rows;
};

/** A condition as rows; none where it says more than rows can, which is then left as it is. */
export const rowsOf = (when: unknown): Rows | undefined => {
  if (!when || typeof when !== "object" || Array.isArray(when)) return;
  const { $or, $and, ...rest } = when as Record<string, unknown>;
  if ($or !== undefined && $and === undefined && !Object.keys(rest).length) {
    if (!Array.isArray($or)) return;
    const items: Rows["items"] = [];
    for (const one of $or) {
      const rows = flat(table(one));
      if (!rows?.length) return;
      items.push(rows.length === 1 ? rows[0]! : { rows });
    }
    return { any: true, items };
  }
  const rows = flat(rest);
  if (!rows) return;
  const items: Rows["items"] = [...rows];
  for (const one of [...($or === undefined ? [] : [{ $or }]), ...($and === undefined ? [] : Array.isArray($and) ? $and : [null])]) {
    const { $or: parts, ...others } = table(one);
    const alternatives = parts === undefined ? undefined : group("$or", parts);
    const plainly = parts === undefined ? flat(others) : undefined;
    if (one === null || (parts !== undefined && (!alternatives || Object.keys(others).length)) || (parts === undefined && !plainly)) return;
    if (alternatives) items.push({ rows: alternatives });
    else items.push(...plainly!);
  }
  return { any: false, items };
};

const testOf = ({ fact, operator, value }: Row): Record<string, unknown> =>
  operator === "past" ? { [fact]: { $danbiWithin: value } }
    : operator === "coming" ? { [fact]: { $danbiWithin: `-${value}` } }
    : operator === "=" ? { [fact]: value }
    : operator === "not past" ? { $not: { [fact]: { $danbiAfter: `-${value}` } } }
    : { [fact]: { [operator]: value } };
/** All rows in one object as far as that has room for each, the rest beside it. */
const together = (rows: Row[]): Record<string, unknown> => {
  const when: Record<string, any> = {};
  const beside: unknown[] = [];
  for (const row of rows) {
    const [key, test] = Object.entries(testOf(row))[0]!;
    if (!(key in when)) when[key] = test;
    else if (key === "$not" || row.operator === "=" || typeof when[key] !== "object" || Object.keys(table(test)).some((operator) => operator in when[key])) beside.push({ [key]: test });
    else when[key] = { ...when[key], ...table(test) };
  }
  return beside.length ? { ...when, $and: beside } : when;
};
export const conditionOf = ({ any, items }: Rows): Record<string, unknown> => {
  if (any) return { $or: items.map((item) => (isGroup(item) ? together(item.rows) : testOf(item))) };
  const when = together(items.filter((item): item is Row => !isGroup(item)));
  const groups = items.filter(isGroup).map(({ rows }) => ({ $or: rows.map(testOf) }));
  if (!groups.length) return when;
  if (groups.length === 1 && !("$and" in when)) return { ...when, ...groups[0] };
  return { ...when, $and: [...((when.$and as unknown[]) ?? []), ...groups] };
};
/** Where in a condition a row stands, for what is found there. */
export const trail = (fact: string, operator: string): string[] =>
  operator === "=" ? [fact] : operator === "not past" ? ["$not", fact, "$danbiAfter"] : [fact, operator === "past" || operator === "coming" ? "$danbiWithin" : operator];
