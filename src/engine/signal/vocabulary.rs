//! Other vocabularies' names and shapes for what GA4 names: Segment's ecommerce v2 and Shopify's pixel events.

use crate::engine::base::text::cut;
use crate::engine::base::value::{Map, Value};

/// Names, each with what stands for it elsewhere: `name=other,other;…`. As one text a table costs half of what pairs do.
type Names = &'static str;

/// Events; snake_case where GA4 has no name.
const EVENTS: Names = "share=Cart Shared,Product Shared;\
     view_cart=Cart Viewed,cart_viewed;\
     begin_checkout=Checkout Started,checkout_started;\
     checkout_step_completed=Checkout Step Completed;\
     checkout_step_viewed=Checkout Step Viewed;\
     coupon_applied=Coupon Applied;\
     coupon_denied=Coupon Denied;\
     coupon_entered=Coupon Entered;\
     coupon_removed=Coupon Removed;\
     order_cancelled=Order Cancelled;\
     purchase=Order Completed,checkout_completed;\
     refund=Order Refunded;\
     order_updated=Order Updated;\
     add_payment_info=Payment Info Entered,payment_info_submitted;\
     add_to_cart=Product Added,Wishlist Product Added to Cart,product_added_to_cart;\
     add_to_wishlist=Product Added to Wishlist;\
     select_item=Product Clicked;\
     view_item_list=Product List Filtered,Product List Viewed,collection_viewed;\
     remove_from_cart=Product Removed,product_removed_from_cart;\
     remove_from_wishlist=Product Removed from Wishlist;\
     product_reviewed=Product Reviewed;\
     view_item=Product Viewed,product_viewed;\
     search=Products Searched,search_submitted;\
     select_promotion=Promotion Clicked;\
     view_promotion=Promotion Viewed;\
     login=Signed In;\
     sign_up=Signed Up;\
     add_shipping_info=checkout_shipping_info_submitted;\
     page_view=page_viewed";

/// Facts of an event by their paths: the first that is there counts, GA4's own before all. Its value is the items less discounts,
/// without shipping and tax, where that is told; Shopify's subtotal is that.
const EVENT: Names = "transaction_id=order_id,orderId,checkout.order.id;\
     value=revenue,subtotal,total,checkout.subtotalPrice.amount,checkout.totalPrice.amount,cartLine.cost.totalAmount.amount,cart.cost.totalAmount.amount,productVariant.price.amount;\
     currency=checkout.currencyCode,checkout.totalPrice.currencyCode,cartLine.cost.totalAmount.currencyCode,cart.cost.totalAmount.currencyCode,productVariant.price.currencyCode;\
     tax=checkout.totalTax.amount;\
     shipping=checkout.shippingLine.price.amount;\
     search_term=query,searchResult.query;\
     item_list_id=list_id,collection.id;\
     item_list_name=collection.title;\
     payment_type=payment_method;\
     shipping_tier=shipping_method";
const PROMOTION: Names = "promotion_name=name;\
     creative_name=creative;\
     creative_slot=position";

/// Of an item, of the product among a Segment event's own properties, and of Shopify's product variant.
const ITEM: Names = "item_id=product_id,sku;\
     item_name=name;\
     item_brand=brand;\
     item_category=category;\
     item_variant=variant";
const COUNTED: Names = "price=price;\
     quantity=quantity;\
     coupon=coupon";
const VARIANT: Names = "item_id=product.id,sku,id;\
     item_name=product.title;\
     item_brand=product.vendor;\
     item_category=product.type;\
     item_variant=title;\
     price=price.amount";

/// Lists of items, and single ones.
const ITEMS: &str =
    "items,products,checkout.lineItems,cart.lines,collection.productVariants,searchResult.productVariants";
const SINGLE: &str = "cartLine,productVariant";

/// GA4's name for an event, or the name itself.
pub fn canonical(name: &str) -> &str {
    parts(EVENTS, b';')
        .find_map(|entry| {
            let (known, others) = cut(entry, b'=')?;
            parts(others, b',').any(|other| other == name).then_some(known)
        })
        .unwrap_or(name)
}

/// The parts between such ASCII bytes.
fn parts(text: &'static str, mark: u8) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = cut(text, mark).map_or((text, None), |(part, after)| (part, Some(after)));
        rest = after;
        Some(part)
    })
}

/// The first of the places at which there is something that passes.
fn first<'a>(from: &'a Value, places: &'static str, passes: fn(&Value) -> bool) -> Option<&'a Value> {
    parts(places, b',').map(|path| from.at(path)).find(|value| passes(value))
}

/// Adds what GA4 names beside what the other vocabularies do. Shopify's pixel has everything under `data`, which a relay may
/// leave out.
pub fn normalized(properties: &Value) -> Map {
    let mut map = properties.map().cloned().unwrap_or_default();
    for from in [properties, properties.field("data")] {
        lift(from, EVENT, &mut map);
        let items = match first(from, ITEMS, |items| !items.list().is_empty()) {
            Some(items) => items.list(),
            None => first(from, SINGLE, |item| item.map().is_some()).map_or(&[][..], std::slice::from_ref),
        };
        // The properties' own are looked at first.
        if !items.is_empty() && (std::ptr::eq(from, properties) || map.get("items").is_none()) {
            map.set("items", items.iter().map(item).collect::<Vec<_>>());
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
    let variant = first(line, "variant,merchandise", |inner| inner.map().is_some()).unwrap_or(line);
    let mut item = Map::new();
    if variant.field("product").map().is_some() {
        lift(variant, VARIANT, &mut item);
        lift(line, COUNTED, &mut item);
    } else {
        let Value::Map(told) = line else { return line.clone() };
        item = told.clone();
        lift(line, ITEM, &mut item);
    }
    item.into()
}

/// Copies what stands alone (neither lists nor objects) from its places to GA4's names that are not taken.
fn lift(from: &Value, names: Names, to: &mut Map) {
    for (name, places) in parts(names, b';').filter_map(|entry| cut(entry, b'=')) {
        if to.get(name).is_none_or(Value::is_null) {
            let alone = |value: &Value| !matches!(value, Value::Null | Value::List(_) | Value::Map(_));
            if let Some(value) = first(from, places, alone) {
                to.set(name, value.clone());
            }
        }
    }
}
