/** Facts of the shown shopper as the event lines that make them so. Nothing is kept beside the lines: what is true follows from them, by the engine. */
import { fresh, lineId, type Line } from "./cast";
import { change, inOrder, owner, shopper, time } from "./people";
import { at, language } from "./scene";
import { scale, zone } from "./bundle";
import { stamp } from "./zone";

type Told = Pick<Line, "type"> & Partial<Line>;
type Where = "properties" | "traits";

const put = (lines: Line[]) => change(shopper.peek()!.id, { lines });
const replace = (old: Line, line: Line) => put(shopper.peek()!.lines.map((one) => (one === old ? line : one)));
const made = (told: Told, ms: number): Line => ({ messageId: lineId(), timestamp: stamp(ms, zone.peek()), ...owner(shopper.peek()!.lines), ...told });
/** What was so from the beginning: right after the first line, in which a shopper agrees. */
const early = () => {
  const [first] = inOrder(shopper.peek()!.lines);
  return first ? Math.min(time(first) + 1000, at.peek()) : at.peek();
};
/** Writes what the last such line says of a key; where none speaks of it, a line is added. */
const write = (said: (line: Line) => boolean, where: Where, key: string, value: unknown, told: Told) => {
  const { lines } = shopper.peek()!;
  const speaks = (line: Line) => said(line) && key in (line[where] ?? {});
  if (value !== undefined) {
    const last = inOrder(lines).findLast(speaks);
    return last ? replace(last, { ...last, [where]: { ...last[where], [key]: value } }) : put([...lines, made({ ...told, [where]: { [key]: value } }, early())]);
  }
  put(lines.flatMap((line) => {
    if (!speaks(line)) return [line];
    const { [key]: _, ...rest } = line[where]!;
    return Object.keys(rest).length || line.type === "identify" ? [{ ...line, [where]: rest }] : [];
  }));
};

export const setName = (name: string) => write(({ type }) => type === "identify", "traits", "name", name || undefined, { type: "identify" });
/** What a shopper said of themselves: a birthday as `MM-DD`, a taste. Undefined: it was never said. */
export const setDeclared = (key: string, value: string | undefined) => write(({ event }) => event === "danbi_declare", "properties", key, value, { type: "track", event: "danbi_declare" });
export const setConsent = (purpose: string, granted: boolean) => write(({ type }) => type === "consent", "properties", purpose, granted ? "granted" : "denied", { type: "consent" });
export const setLanguage = (tag: string) => {
  language.value = tag;
  change(shopper.peek()!.id, { language: tag });
};
/** A member is known by a userId on every line, and has signed up; a guest by an anonymousId, and has not. */
export const setMember = (yes: boolean) => {
  const { lines } = shopper.peek()!;
  const { userId, anonymousId } = owner(lines);
  if (!yes) {
    const known = anonymousId ?? `a-${userId}`;
    return put(lines.filter(({ type, event }) => type !== "identify" && event !== "sign_up").map(({ userId: _, ...line }) => ({ ...line, anonymousId: known })));
  }
  const member = userId ?? anonymousId!.replace(/^a-/, "");
  const all = lines.map((line) => ({ ...line, userId: member }));
  put(all.some(({ event }) => event === "sign_up") ? all : [...all, { ...made({ type: "track", event: "sign_up" }, early()), userId: member }]);
};

/** Another number for the same shopper: what is drawn by it, a holdout or a variant, is drawn anew. */
export const renumber = () => {
  const user = `m-${fresh().slice(0, 8)}`;
  put(shopper.peek()!.lines.map((line) => ({ ...line, ...(line.userId ? { userId: user } : line.anonymousId && { anonymousId: `a-${user}` }) })));
};

/** Orders, the latest first. */
export const orders = (lines: Line[]) => inOrder(lines).filter(({ event }) => event === "purchase").reverse();
/** What was put in the bag since the last order. */
export const bag = (lines: Line[]) => {
  const all = inOrder(lines);
  return all.slice(all.findLastIndex(({ event }) => event === "purchase") + 1).filter(({ event }) => event === "add_to_cart");
};
export interface Item extends Record<string, unknown> {
  item_id: string;
  item_name: string;
  price: number;
}
/** Every item that any shopper looked at, bought or put in the bag. */
export const items = (lines: Line[]): Item[] => {
  const found = new Map<string, Item>();
  for (const { properties } of lines)
    for (const item of Array.isArray(properties?.items) ? (properties.items as Item[]) : [])
      if (item?.item_id && item.item_name) found.set(item.item_id, item);
  return [...found.values()].map(({ quantity: _, ...item }) => item as Item).sort((one, other) => (one.item_name < other.item_name ? -1 : 1));
};
const basket = (item: Item, currency: string, quantity = 1) => ({ currency, value: item.price * quantity, items: [{ ...item, quantity }] });

export const addOrder = (amount: number, currency: string) => {
  const { lines } = shopper.peek()!;
  put([...lines, made({ type: "track", event: "purchase", properties: { transaction_id: `S-${fresh().slice(0, 8)}`, currency, value: amount } }, at.peek())]);
};
export const setAmount = (order: Line, value: number) => replace(order, { ...order, properties: { ...order.properties, value } });
/** What belongs to an order moves with it: its delivery, its refund. */
export const setTime = (line: Line, ms: number) => {
  const by = ms - time(line), order = line.event === "purchase" ? line.properties?.transaction_id : undefined;
  put(shopper.peek()!.lines.map((one) => (one === line || (order && one.properties?.transaction_id === order) ? { ...one, timestamp: stamp(time(one) + by, zone.peek()) } : one)));
};
/** An order goes with its delivery and its refund. */
export const removeLine = (line: Line) => {
  const order = line.event === "purchase" ? line.properties?.transaction_id : undefined;
  put(shopper.peek()!.lines.filter((one) => one !== line && !(order && one.properties?.transaction_id === order)));
};
/** Whether something happened to an order. */
export const happened = (order: Line, event: string) => shopper.peek()!.lines.find((line) => line.event === event && line.properties?.transaction_id === order.properties?.transaction_id);
/** Makes something happen to an order at the clock's moment, or takes it back. */
export const toggle = (order: Line, event: "order_delivered" | "refund") => {
  const there = happened(order, event);
  if (there) return removeLine(there);
  const { transaction_id, currency, value } = order.properties ?? {};
  put([...shopper.peek()!.lines, made({ type: "track", event, properties: event === "refund" ? { transaction_id, currency, value } : { transaction_id } }, Math.max(at.peek(), time(order)))]);
};
export const addToBag = (item: Item, currency: string) => put([...shopper.peek()!.lines, made({ type: "track", event: "add_to_cart", properties: basket(item, currency) }, at.peek())]);
export const setQuantity = (line: Line, quantity: number, currency: string) => {
  const [item] = (line.properties?.items ?? []) as Item[];
  if (item) replace(line, { ...line, properties: { ...line.properties, ...basket(item, currency, quantity) } });
};
/** Brings what counts for a tier from one sum in minor units to another, by what the last orders came to; by a new order where there is none. */
export const spend = (now: number, wanted: number, currency: string) => {
  let less = (now - wanted) / scale.peek();
  const [last] = orders(shopper.peek()!.lines);
  if (less < 0) return last ? setAmount(last, Number(last.properties?.value ?? 0) - less) : addOrder(-less, currency);
  for (const order of orders(shopper.peek()!.lines)) {
    const value = Number(order.properties?.value ?? 0), by = Math.min(value, less);
    if (by > 0) setAmount(order, value - by);
    less -= by;
  }
};
