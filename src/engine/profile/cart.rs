//! The cart, from the shop's own cart events.

use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{Signal, id_text};
use crate::record;

record! {
    /// What is in the cart and since when unchanged.
    pub struct Cart {
        /// Items, in the order in which they were first added.
        "items" items: Vec<CartItem>,
        /// The last change; none while it is empty.
        "changedAt" changed_at: Option<Time>,
        /// When the first item was put in; none while it is empty.
        "since" since: Option<Time>,
    }

    /// One kind of item.
    pub struct CartItem {
        /// GA4's `item_id`.
        "item_id" id: String,
        /// GA4's `item_name`.
        "item_name" name: String,
        /// Price of one when it was added, in minor units.
        "price" price: i64,
        /// How many.
        "quantity" quantity: i64,
    }
}

/// What reading a price needs.
#[derive(Clone, Copy)]
pub struct CartContext<'a> {
    /// ISO 4217 currency of the house.
    pub currency: &'a str,
    /// The platform's functions.
    pub host: &'a dyn Host,
}

impl Cart {
    /// Moves the cart by one signal.
    pub fn update(&mut self, signal: &Signal, context: CartContext) {
        match signal.name.as_str() {
            "add_to_cart" => {
                for item in items(signal, context) {
                    match self.items.iter_mut().find(|held| held.id == item.id) {
                        Some(held) => {
                            *held = CartItem { quantity: held.quantity.saturating_add(item.quantity), ..item }
                        }
                        None => self.items.push(item),
                    }
                }
            }
            "remove_from_cart" => {
                for item in items(signal, context) {
                    for held in self.items.iter_mut().filter(|held| held.id == item.id) {
                        held.quantity = held.quantity.saturating_sub(item.quantity);
                    }
                }
                self.items.retain(|held| held.quantity > 0);
            }
            "purchase" => self.items.clear(),
            _ => return,
        }
        // An empty cart waits for nothing.
        self.changed_at = (!self.items.is_empty()).then_some(signal.at);
        self.since = self.since.or(self.changed_at).filter(|_| self.changed_at.is_some());
    }

    /// The facts `context.cart.*`. `host` are the facts the page gave about items, `{id: {stock, price}}`: the lead item
    /// is the dearest one in stock at the price it was added at (campaigns.md section 4), with all that the page says of it. What
    /// the page does not say counts as unchanged.
    pub fn facts(&self, host: &Value, context: CartContext) -> Value {
        let digits = money::exponent(context.currency);
        let (mut value, mut quantity, mut lead) = (0_i64, 0_i64, None::<&CartItem>);
        for item in &self.items {
            value = value.saturating_add(item.price.saturating_mul(item.quantity));
            quantity = quantity.saturating_add(item.quantity);
            let facts = host.member(&item.id).unwrap_or(&Value::Null);
            let price = facts.field("price");
            let available = facts.field("stock").number().is_none_or(|stock| stock > 0.0)
                && (price.is_null() || money::minor(price, digits, context.host) == Some(item.price));
            // Of equally dear items the first added leads.
            if available && lead.is_none_or(|lead| item.price > lead.price) {
                lead = Some(item);
            }
        }
        let lead = lead.map(|item| {
            let mut lead = host.member(&item.id).and_then(Value::map).cloned().unwrap_or_default();
            lead.set("item_id", item.id.as_str());
            lead.set("item_name", item.name.as_str());
            lead.set("price", item.price);
            lead
        });
        Map::of([
            ("value", value.into()),
            ("quantity", quantity.into()),
            ("changedAt", self.changed_at.map(|at| at.0).into()),
            ("since", self.since.map(|at| at.0).into()),
            ("lead", lead.map_or(Value::Null, Value::Map)),
        ])
        .into()
    }
}

/// The items a signal is about.
pub(super) fn items(signal: &Signal, context: CartContext) -> Vec<CartItem> {
    let mut items: Vec<CartItem> = Vec::new();
    for item in signal.properties.field("items").list() {
        let name = item.field("item_name").text().unwrap_or_default();
        let Some(id) = id_text(item.field("item_id")).or_else(|| (!name.is_empty()).then(|| name.to_string())) else {
            continue;
        };
        let price = money::minor(item.field("price"), money::exponent(context.currency), context.host)
            .filter(|_| !signal.foreign(context.currency))
            .unwrap_or(0);
        let quantity = item.field("quantity").integer().unwrap_or(1).max(0);
        items.push(CartItem { id, name: name.to_string(), price, quantity });
    }
    items
}
