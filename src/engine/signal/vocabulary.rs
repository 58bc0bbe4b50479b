//! Other vocabularies' names for what GA4 names: Segment's ecommerce v2 and Shopify's pixel events.

use crate::engine::base::value::{Map, Value};

/// (other name, GA4's name).
const ALIASES: [(&str, &str); 29] = [
    ("Cart Shared", "share"),
    ("Cart Viewed", "view_cart"),
    ("Checkout Started", "begin_checkout"),
    ("Order Completed", "purchase"),
    ("Order Refunded", "refund"),
    ("Payment Info Entered", "add_payment_info"),
    ("Product Added", "add_to_cart"),
    ("Product Added to Wishlist", "add_to_wishlist"),
    ("Product Clicked", "select_item"),
    ("Product List Viewed", "view_item_list"),
    ("Product Removed", "remove_from_cart"),
    ("Product Shared", "share"),
    ("Product Viewed", "view_item"),
    ("Products Searched", "search"),
    ("Promotion Clicked", "select_promotion"),
    ("Promotion Viewed", "view_promotion"),
    ("Signed In", "login"),
    ("Signed Up", "sign_up"),
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

/// (other property, GA4's property), of events and of their items.
const PROPERTIES: [(&str, &str); 3] =
    [("order_id", "transaction_id"), ("orderId", "transaction_id"), ("products", "items")];
const ITEM: [(&str, &str); 6] = [
    ("product_id", "item_id"),
    ("sku", "item_id"),
    ("name", "item_name"),
    ("brand", "item_brand"),
    ("category", "item_category"),
    ("variant", "item_variant"),
];

/// GA4's name for an event, or the name itself.
pub fn canonical(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, canonical)| canonical)
}

/// Adds GA4's property names beside the other vocabularies'. What GA4 already names stays as it is.
pub fn normalized(properties: Map) -> Map {
    let mut properties = aliased(properties, &PROPERTIES);
    if let Some(Value::List(items)) = properties.get("items") {
        let items: Vec<Value> = items
            .iter()
            .map(|item| item.map().map_or_else(|| item.clone(), |item| aliased(item.clone(), &ITEM).into()))
            .collect();
        properties.set("items", items);
    } else if ["product_id", "sku"].iter().any(|key| properties.get(key).is_some()) {
        // Segment's single-product events carry the product flat.
        let item = aliased(properties.clone(), &ITEM);
        properties.set("items", vec![Value::from(item)]);
    }
    properties
}

fn aliased(mut map: Map, aliases: &[(&str, &str)]) -> Map {
    for (alias, name) in aliases {
        if let (None, Some(value)) = (map.get(name), map.get(alias)) {
            let value = value.clone();
            map.set(name, value);
        }
    }
    map
}
