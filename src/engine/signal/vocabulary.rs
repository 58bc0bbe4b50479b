//! Other vocabularies' names and shapes for what GA4 names: Segment's ecommerce v2 and Shopify's pixel events.

use crate::engine::base::value::{Map, Value};

/// (other name, GA4's name; snake_case where GA4 has none).
const ALIASES: [(&str, &str); 41] = [
    ("Cart Shared", "share"),
    ("Cart Viewed", "view_cart"),
    ("Checkout Started", "begin_checkout"),
    ("Checkout Step Completed", "checkout_step_completed"),
    ("Checkout Step Viewed", "checkout_step_viewed"),
    ("Coupon Applied", "coupon_applied"),
    ("Coupon Denied", "coupon_denied"),
    ("Coupon Entered", "coupon_entered"),
    ("Coupon Removed", "coupon_removed"),
    ("Order Cancelled", "order_cancelled"),
    ("Order Completed", "purchase"),
    ("Order Refunded", "refund"),
    ("Order Updated", "order_updated"),
    ("Payment Info Entered", "add_payment_info"),
    ("Product Added", "add_to_cart"),
    ("Product Added to Wishlist", "add_to_wishlist"),
    ("Product Clicked", "select_item"),
    ("Product List Filtered", "view_item_list"),
    ("Product List Viewed", "view_item_list"),
    ("Product Removed", "remove_from_cart"),
    ("Product Removed from Wishlist", "remove_from_wishlist"),
    ("Product Reviewed", "product_reviewed"),
    ("Product Shared", "share"),
    ("Product Viewed", "view_item"),
    ("Products Searched", "search"),
    ("Promotion Clicked", "select_promotion"),
    ("Promotion Viewed", "view_promotion"),
    ("Signed In", "login"),
    ("Signed Up", "sign_up"),
    ("Wishlist Product Added to Cart", "add_to_cart"),
    ("cart_viewed", "view_cart"),
    ("checkout_completed", "purchase"),
    ("checkout_shipping_info_submitted", "add_shipping_info"),
    ("checkout_started", "begin_checkout"),
    ("collection_viewed", "view_item_list"),
    ("page_viewed", "page_view"),
    ("payment_info_submitted", "add_payment_info"),
    ("product_added_to_cart", "add_to_cart"),
    ("product_removed_from_cart", "remove_from_cart"),
    ("product_viewed", "view_item"),
    ("search_submitted", "search"),
];

/// Where a fact may stand, and GA4's name for it. The first that is there counts, GA4's own before all.
type Places = [(&'static str, &'static str)];

/// Of an event. Its value is the items less discounts, without shipping and tax, where that is told; Shopify's subtotal is that.
const EVENT: &Places = &[
    ("order_id", "transaction_id"),
    ("orderId", "transaction_id"),
    ("checkout.order.id", "transaction_id"),
    ("revenue", "value"),
    ("subtotal", "value"),
    ("total", "value"),
    ("checkout.subtotalPrice.amount", "value"),
    ("checkout.totalPrice.amount", "value"),
    ("cartLine.cost.totalAmount.amount", "value"),
    ("cart.cost.totalAmount.amount", "value"),
    ("productVariant.price.amount", "value"),
    ("checkout.currencyCode", "currency"),
    ("checkout.totalPrice.currencyCode", "currency"),
    ("cartLine.cost.totalAmount.currencyCode", "currency"),
    ("cart.cost.totalAmount.currencyCode", "currency"),
    ("productVariant.price.currencyCode", "currency"),
    ("checkout.totalTax.amount", "tax"),
    ("checkout.shippingLine.price.amount", "shipping"),
    ("query", "search_term"),
    ("searchResult.query", "search_term"),
    ("list_id", "item_list_id"),
    ("collection.id", "item_list_id"),
    ("collection.title", "item_list_name"),
    ("payment_method", "payment_type"),
    ("shipping_method", "shipping_tier"),
];
const PROMOTION: &Places = &[("name", "promotion_name"), ("creative", "creative_name"), ("position", "creative_slot")];

/// Lists of items, and single ones.
const ITEMS: [&str; 6] = [
    "items",
    "products",
    "checkout.lineItems",
    "cart.lines",
    "collection.productVariants",
    "searchResult.productVariants",
];
const SINGLE: [&str; 2] = ["cartLine", "productVariant"];

/// Of an item, of the product among a Segment event's own properties, and of Shopify's product variant.
const ITEM: &Places = &[
    ("product_id", "item_id"),
    ("sku", "item_id"),
    ("name", "item_name"),
    ("brand", "item_brand"),
    ("category", "item_category"),
    ("variant", "item_variant"),
];
const COUNTED: &Places = &[("price", "price"), ("quantity", "quantity"), ("coupon", "coupon")];
const VARIANT: &Places = &[
    ("product.id", "item_id"),
    ("sku", "item_id"),
    ("id", "item_id"),
    ("product.title", "item_name"),
    ("product.vendor", "item_brand"),
    ("product.type", "item_category"),
    ("title", "item_variant"),
    ("price.amount", "price"),
];

/// GA4's name for an event, or the name itself.
pub fn canonical(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, canonical)| canonical)
}

/// Adds what GA4 names beside what the other vocabularies do. Shopify's pixel has everything under `data`, which a relay may
/// leave out.
pub fn normalized(properties: &Value) -> Map {
    let mut map = properties.map().cloned().unwrap_or_default();
    for from in [properties, properties.field("data")] {
        lift(from, EVENT, &mut map);
        let single = || SINGLE.iter().filter_map(|path| from.find(path)).take(1);
        let items: Vec<Value> = match ITEMS.iter().map(|path| from.at(path)).find(|items| !items.list().is_empty()) {
            Some(items) => items.list().iter().map(item).collect(),
            None => single().map(item).collect(),
        };
        if !items.is_empty() && (std::ptr::eq(from, properties) || map.get("items").is_none()) {
            map.set("items", items);
        }
    }
    if !properties.field("promotion_id").is_null() {
        lift(properties, PROMOTION, &mut map);
    } else if map.get("items").is_none() {
        // Segment's single-product events carry the product flat.
        let mut flat = Map::new();
        lift(properties, ITEM, &mut flat);
        if flat.get("item_id").is_some() {
            lift(properties, COUNTED, &mut flat);
            map.set("items", vec![Value::from(flat)]);
        }
    }
    map
}

/// An item in GA4's names. Shopify's line holds a variant (or is one) which holds its product; GA4 wants them as one.
fn item(line: &Value) -> Value {
    let inner = ["variant", "merchandise"].iter().map(|key| line.field(key)).find(|inner| inner.map().is_some());
    let variant = inner.unwrap_or(line);
    if variant.field("product").map().is_some() {
        let mut item = Map::new();
        lift(variant, VARIANT, &mut item);
        lift(line, COUNTED, &mut item);
        return item.into();
    }
    let Value::Map(mut item) = line.clone() else { return line.clone() };
    lift(line, ITEM, &mut item);
    item.into()
}

/// Copies what stands alone (neither lists nor objects) from its places to GA4's names that are not taken.
fn lift(from: &Value, places: &Places, to: &mut Map) {
    for (path, name) in places {
        let value = from.at(path);
        if !matches!(value, Value::Null | Value::List(_) | Value::Map(_)) && to.get(name).is_none_or(Value::is_null) {
            to.set(name, value.clone());
        }
    }
}
