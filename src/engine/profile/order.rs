//! What was ordered, as far as messages ask: what waits for a review, what was delivered last.

use super::cart::{self, CartContext};
use crate::engine::base::text::join;
use crate::engine::base::time::{Ends, Span, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{Kind, Signal, id_text};
use crate::record;

record! {
    /// The newest orders.
    pub struct Orders {
        /// In the order in which they came.
        "list" list: Vec<Ordered>,
        /// How many there were in all.
        "count" count: i64,
        /// When the last one that was not the first was delivered.
        "again" again: Option<Time>,
    }

    /// One of them.
    pub struct Ordered {
        /// Its id.
        "order" order: String,
        /// The how many-th it is.
        "number" number: i64,
        /// When it was delivered.
        "deliveredAt" delivered_at: Option<Time>,
        /// What of it was neither reviewed nor sent back.
        "lines" lines: Vec<Line>,
    }

    /// One kind of item of an order.
    pub struct Line {
        /// GA4's `item_id`.
        "item_id" id: String,
        /// GA4's `item_name`.
        "item_name" name: String,
    }
}

/// So many orders are kept, the oldest go first.
const MOST: usize = 20;

impl Orders {
    /// Moves them by one signal.
    pub fn update(&mut self, signal: &Signal, context: CartContext) {
        if signal.kind != Kind::Track {
            return;
        }
        let order = signal.order();
        let purchase = signal.name == "purchase";
        // An order without a number goes by its event.
        let id = order.as_deref().unwrap_or(if purchase { &signal.id } else { "" });
        let known = self.list.iter().position(|one| one.order == id);
        match (signal.name.as_str(), known) {
            ("purchase", None) => {
                self.count += 1;
                let mut lines: Vec<Line> = Vec::new();
                for item in cart::items(signal, context) {
                    if lines.iter().all(|line| line.id != item.id) {
                        lines.push(Line { id: item.id, name: item.name });
                    }
                }
                self.list.push(Ordered { order: id.to_string(), number: self.count, delivered_at: None, lines });
                self.list.drain(..self.list.len().saturating_sub(MOST));
            }
            ("order_delivered", Some(place)) => {
                if let Some(one) = self.list.get_mut(place).filter(|one| one.delivered_at.is_none()) {
                    one.delivered_at = Some(signal.at);
                    if one.number > 1 {
                        self.again = Some(signal.at);
                    }
                }
            }
            ("review_approved" | "product_reviewed" | "refund", known) => {
                let mut gone: Vec<String> = cart::items(signal, context).into_iter().map(|item| item.id).collect();
                gone.extend(id_text(signal.properties.field("item_id")));
                // A review that names no order is one of all; a refund that names no item takes all of its order.
                let all = gone.is_empty() && signal.name == "refund";
                for (place, one) in self.list.iter_mut().enumerate() {
                    if known == Some(place) || known.is_none() && order.is_none() && !all {
                        one.lines.retain(|line| !all && !gone.contains(&line.id));
                    }
                }
            }
            _ => (),
        }
    }

    /// The facts `context.review`: the first line without a review of the oldest order that can still be reviewed, which is for
    /// this long after its delivery.
    pub fn review(&self, now: Time, within: Span, zone: &str, zones: &Zones) -> Value {
        let open = |one: &&Ordered| {
            let end = one.delivered_at.map(|at| zones.add(zone, at, within, Ends::Validity));
            end.is_some_and(|end| now < end) && !one.lines.is_empty()
        };
        let oldest = self.list.iter().filter(open).min_by_key(|one| one.delivered_at);
        let Some((one, line)) = oldest.and_then(|one| Some((one, one.lines.first()?))) else { return Value::Null };
        Map::of([
            ("line", join(&[&one.order, "/", &line.id]).into()),
            ("item_id", line.id.as_str().into()),
            ("item_name", line.name.as_str().into()),
            ("order", one.order.as_str().into()),
            ("deliveredAt", one.delivered_at.map(|at| at.0).into()),
        ])
        .into()
    }

    /// The facts `context.delivery`: `order`, `number` and `at` of the last delivery, and `again`: when an order that was not the
    /// first was last delivered, `waiting` while there is one on its way.
    pub fn delivery(&self) -> Value {
        let delivered = self.list.iter().filter(|one| one.delivered_at.is_some());
        let last = delivered.max_by_key(|one| one.delivered_at);
        let waiting = (self.count > 1).then_some("waiting");
        Map::of([
            ("order", last.map(|last| last.order.as_str()).into()),
            ("number", last.map(|last| last.number).into()),
            ("at", last.and_then(|last| last.delivered_at).map(|at| at.0).into()),
            ("again", self.again.map_or(waiting.into(), |at| at.0.into())),
        ])
        .into()
    }
}
