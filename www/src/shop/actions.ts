/** What a shopper can do: each changes the shop's state and tells the data layer. */
import { signal } from "@preact/signals";
import { shippingFor, type Product } from "./catalog";
import { now, seoul } from "./clock";
import { enter } from "./danbi";
import { commerce, delivered, login, orderEvent, reviewed, signUp } from "./datalayer";
import { go, to } from "./router";
import { cart, cartLines, member, memberId, members, orders, sum, wishes, type Order } from "./store";

/** The product just put in the bag, for the toast. */
export const justAdded = signal<Product | null>(null);

/** Puts `by` more of a product in the bag, or takes out when negative. */
export function changeCart(product: Product, by: number) {
  const before = cart.value.find((line) => line.id === product.id)?.quantity ?? 0;
  const quantity = Math.max(0, Math.min(product.stock, before + by));
  const moved = quantity - before;
  if (moved === 0) return;
  const others = cart.value.filter((line) => line.id !== product.id);
  if (quantity === 0) cart.value = others;
  else if (before === 0) cart.value = [...others, { id: product.id, quantity }];
  else cart.value = cart.value.map((line) => (line.id === product.id ? { ...line, quantity } : line));
  commerce(moved > 0 ? "add_to_cart" : "remove_from_cart", [{ product, quantity: Math.abs(moved) }]);
}

export function addToCart(product: Product, quantity: number) {
  changeCart(product, quantity);
  justAdded.value = product;
}

export function wish(product: Product) {
  const wished = wishes.value.includes(product.id);
  wishes.value = wished ? wishes.value.filter((id) => id !== product.id) : [...wishes.value, product.id];
  commerce(wished ? "remove_from_wishlist" : "add_to_wishlist", [{ product, quantity: 1 }]);
}

/** ON-20260512-0001: the day in Seoul and a running number. */
function orderId() {
  const date = seoul(now()).toISOString().slice(0, 10).replaceAll("-", "");
  return `ON-${date}-${String(orders.value.length + 1).padStart(4, "0")}`;
}

export function pay(method: string) {
  const lines = cartLines.value;
  if (lines.length === 0) return;
  const total = sum(lines);
  const order: Order = {
    id: orderId(),
    member: member.value?.id ?? null,
    at: now(),
    lines: cart.value,
    total,
    shipping: shippingFor(total),
    state: "paid",
  };
  commerce("add_payment_info", lines, { payment_type: method });
  orders.value = [order, ...orders.value];
  cart.value = [];
  orderEvent("purchase", order);
  go(to.order(order.id));
}

function change(order: Order, to: Partial<Order>) {
  orders.value = orders.value.map((other) => (other.id === order.id ? { ...other, ...to } : other));
}

export function cancelOrder(order: Order) {
  change(order, { state: "cancelled" });
  orderEvent("refund", order);
}

export function markDelivered(order: Order) {
  change(order, { state: "delivered" });
  delivered(order);
}

/** As if a review was written, and approved at once. */
export function review(order: Order, product: Product) {
  change(order, { reviewed: [...(order.reviewed ?? []), product.id] });
  reviewed(order, product);
}

/** False when that member already exists. */
export function register(name: string, email: string): boolean {
  // The part before the @ keeps the id readable: m-jiu.
  const id = memberId(email ? email.replace(/@.*/, "") : name);
  if (members.value.some((other) => other.id === id)) return false;
  const who = { id, name };
  members.value = [...members.value, who];
  enter(who);
  signUp("onsae");
  return true;
}

/** False when nobody signed up here under that name or address. */
export function signIn(typed: string): boolean {
  const id = memberId(typed.replace(/@.*/, ""));
  const who = members.value.find((other) => other.id === id || other.name === typed);
  if (!who) return false;
  enter(who);
  login("onsae");
  return true;
}

/** The demo member is everyone's: made at the first visit, found again later. */
export function signInDemo(name: string) {
  const id = memberId("haneul");
  if (!members.value.some((other) => other.id === id)) members.value = [...members.value, { id, name }];
  enter({ id, name });
  login("demo");
}
