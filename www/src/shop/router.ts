/** Hash routes: the built folder works from any static server, in any folder. */
import { computed, signal } from "@preact/signals";
import { isCategory, type Category } from "./catalog";

/** The page kinds that danbi's house rules know. */
export type Kind = "home" | "list" | "product" | "cart" | "payment" | "order_complete" | "order_cancel" | "my_page" | "support" | "store";

export type Route =
  | { page: "home"; kind: "home" }
  | { page: "list"; kind: "list"; category: Category | null }
  | { page: "product"; kind: "product"; id: string }
  | { page: "cart"; kind: "cart" }
  | { page: "checkout"; kind: "payment" }
  | { page: "order"; kind: "order_complete"; id: string }
  | { page: "cancel"; kind: "order_cancel"; id: string }
  | { page: "my"; kind: "my_page" }
  /** The door to my page, hence its kind. */
  | { page: "login"; kind: "my_page" }
  | { page: "support"; kind: "support" };

function parse(hash: string): Route {
  const [page, id = "", last] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  switch (page) {
    case "list": return { page, kind: "list", category: isCategory(id) ? id : null };
    case "product": return { page, kind: "product", id };
    case "cart": return { page, kind: "cart" };
    case "checkout": return { page, kind: "payment" };
    case "order": return last === "cancel" ? { page: "cancel", kind: "order_cancel", id } : { page, kind: "order_complete", id };
    case "my": return { page, kind: "my_page" };
    case "login": return { page, kind: "my_page" };
    case "support": return { page, kind: "support" };
    default: return { page: "home", kind: "home" };
  }
}

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

export const route = computed(() => parse(hash.value));
export const go = (to: string) => { location.hash = to; };

/** Addresses, so that no page spells one itself. */
export const to = {
  home: "#/",
  list: (category?: Category) => (category ? `#/list/${category}` : "#/list"),
  product: (id: string) => `#/product/${id}`,
  cart: "#/cart",
  checkout: "#/checkout",
  order: (id: string) => `#/order/${id}`,
  cancel: (id: string) => `#/order/${id}/cancel`,
  my: "#/my",
  login: "#/login",
  support: "#/support",
};
