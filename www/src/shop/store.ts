/** What the shop itself remembers on this device; danbi keeps its own records apart from these. */
import { computed, effect, signal, type Signal } from "@preact/signals";
import { productOf, shippingFor, type Product } from "./catalog";

/** A signal that survives a reload where storage is allowed, and lives in memory where it is not. */
function kept<T>(name: string, initial: T): Signal<T> {
  const key = `onsae.${name}`;
  const read = (): T => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null") ?? initial;
    } catch {
      // Storage denied or its content spoiled: begin anew.
      return initial;
    }
  };
  const it = signal(read());
  effect(() => {
    const text = JSON.stringify(it.value);
    try {
      localStorage.setItem(key, text);
    } catch {
      // Denied or full: this visit still works.
    }
  });
  // Another tab of the shop changed it.
  addEventListener("storage", (event) => { if (event.key === key) it.value = read(); });
  return it;
}

export interface Member { id: string; name: string }
export interface CartLine { id: string; quantity: number }
export interface Order {
  id: string;
  member: string | null;
  /** Milliseconds of the demo clock. */
  at: number;
  lines: CartLine[];
  total: number;
  shipping: number;
  state: "paid" | "delivered" | "cancelled";
  /** Products of it that were reviewed. */
  reviewed?: string[];
}

export const lang = kept<"ko" | "en">("lang", "ko");
/** The shopper's answer to the consent bar; null until given. */
export const consent = kept<"granted" | "denied" | null>("consent", null);
export const member = kept<Member | null>("member", null);
/** Those who signed up on this device, so that they can log in again. */
export const members = kept<Member[]>("members", []);
export const cart = kept<CartLine[]>("cart", []);
/** Products the shopper wishes for, by id. */
export const wishes = kept<string[]>("wishes", []);
export const orders = kept<Order[]>("orders", []);
/** How far the demo clock is ahead of the device's, in milliseconds. */
export const clockOffset = kept("clock", 0);

export interface FullLine { product: Product; quantity: number }
/** Lines with their products; what is no longer sold drops out. */
export const full = (lines: CartLine[]): FullLine[] =>
  lines.flatMap(({ id, quantity }) => {
    const product = productOf(id);
    return product ? [{ product, quantity }] : [];
  });

export const sum = (lines: FullLine[]) => lines.reduce((total, line) => total + line.product.price * line.quantity, 0);
export const cartLines = computed(() => full(cart.value));
export const cartCount = computed(() => cart.value.reduce((count, line) => count + line.quantity, 0));
export const cartTotal = computed(() => sum(cartLines.value));
export const cartShipping = computed(() => shippingFor(cartTotal.value));
export const myOrders = computed(() => orders.value.filter((order) => order.member === (member.value?.id ?? null)));

/** The same typed name or address always gives the same member: `m-jiu`, `m-지우`. */
export const memberId = (typed: string) =>
  "m-" + typed.normalize("NFC").trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
