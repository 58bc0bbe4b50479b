/** GA4 events as a shop sends them: 7 views, 2 carts and 1 order of three items in ten. `benchId` is what the collector counts. */
const colours = ["green", "blue", "red"];
const item = (n, index) => ({
  item_id: `SKU-${(n * 7 + index) % 500}`, item_name: `Heavyweight Tee ${(n + index) % 90}`, affiliation: "Web shop", coupon: "SUMMER", discount: 2.5, index,
  item_brand: "Danbi", item_category: "Apparel", item_category2: "Adult", item_category3: "Shirts", item_list_id: "related", item_list_name: "Related products",
  item_variant: colours[(n + index) % 3], location_id: "store-7", price: 10 + ((n * 13 + index) % 90), quantity: 1 + (n % 3),
});

export function event(n) {
  const about = { benchId: `~${n}~`, currency: "USD", value: 10 + (n % 90) };
  if (n % 10 < 7) return ["view_item", { ...about, items: [item(n, 0)] }];
  if (n % 10 < 9) return ["add_to_cart", { ...about, items: [item(n, 0)] }];
  return ["purchase", { ...about, transaction_id: `T-${n}`, tax: 3.6, shipping: 5.99, coupon: "SUMMER", items: [item(n, 0), item(n, 1), item(n, 2)] }];
}
