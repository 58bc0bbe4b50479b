/**
 * The shop's measurement, as any shop on GA4 has it: plain objects for commerce, `gtag()` for the rest.
 * It knows nothing of danbi; danbi listens.
 */
import type { Product } from "./catalog";
import type { FullLine, Order } from "./store";
import { full, lang, sum } from "./store";
import type { Kind } from "./router";

declare global {
  interface Window { dataLayer: unknown[] }
}
const dataLayer = (window.dataLayer = window.dataLayer || []);

/** Google's snippet: the arguments object itself is pushed, not an array. */
function gtag(..._command: unknown[]) {
  dataLayer.push(arguments);
}

const items = (lines: FullLine[]) =>
  lines.map(({ product, quantity }) => ({
    item_id: product.id,
    item_name: product.name[lang.peek()],
    item_category: product.category,
    scent: product.scent,
    price: product.price,
    quantity,
  }));

type Commerce =
  | "view_item_list" | "select_item" | "view_item" | "add_to_wishlist" | "remove_from_wishlist" | "add_to_cart" | "remove_from_cart"
  | "view_cart" | "begin_checkout" | "add_payment_info" | "purchase" | "refund";

export function commerce(event: Commerce, lines: FullLine[], more: object = {}) {
  dataLayer.push({ ecommerce: null });
  dataLayer.push({ event, ecommerce: { currency: "KRW", value: sum(lines), items: items(lines), ...more } });
}

/** `value` is the goods alone. Korean prices contain their VAT, so there is no tax on top. */
export function orderEvent(event: "purchase" | "refund", { id, lines, total, shipping }: Order) {
  commerce(event, full(lines), { transaction_id: id, value: total, shipping, tax: 0 });
}

/** GA4 has no name for it; the shop's own warehouse event. */
export function delivered(order: Order) {
  dataLayer.push({ event: "order_delivered", transaction_id: order.id });
}

/** The shop's own, once a person has approved what was written. */
export function reviewed(order: Order, product: Product) {
  dataLayer.push({ event: "review_approved", review_id: `${order.id}/${product.id}`, transaction_id: order.id, item_id: product.id });
}

export function pageView(kind: Kind, title: string) {
  dataLayer.push({ event: "page_view", page_title: title, page_location: location.href, content_group: kind });
}

export const signUp = (method: string) => gtag("event", "sign_up", { method });
export const login = (method: string) => gtag("event", "login", { method });
