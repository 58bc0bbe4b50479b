/** What a page tells the data layer when a shopper arrives on it. */
import { products, productOf } from "./catalog";
import { commerce, pageView } from "./datalayer";
import { say, t } from "./i18n";
import { route, type Route } from "./router";
import { cartLines } from "./store";

const one = (product: (typeof products)[number]) => ({ product, quantity: 1 });

export const listed = (at: Route) =>
  at.page === "list" && at.category ? products.filter((product) => product.category === at.category) : products;

export function titleOf(at: Route): string {
  switch (at.page) {
    case "home": return t("shop");
    case "list": return t(at.category ?? "all");
    case "product": { const product = productOf(at.id); return product ? say(product.name) : t("notFound"); }
    case "cart": return t("cart");
    case "checkout": return t("payment");
    case "order": return t("orderDone");
    case "cancel": return t("cancel");
    case "my": return t("myPage");
    case "login": return t("login");
    case "support": return t("support");
  }
}

/** Also what a return visit begins with, when the demo clock is moved. */
export const viewPage = () => pageView(route.value.kind, titleOf(route.value));

export function arrive() {
  const at = route.value;
  viewPage();
  if (at.page === "home" || at.page === "list") commerce("view_item_list", listed(at).map(one), { item_list_id: at.kind });
  if (at.page === "product") {
    const product = productOf(at.id);
    if (product) commerce("view_item", [one(product)]);
  }
  if (at.page === "cart") commerce("view_cart", cartLines.value);
  if (at.page === "checkout" && cartLines.value.length > 0) commerce("begin_checkout", cartLines.value);
}
