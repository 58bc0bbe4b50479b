//! The rates that synthetic shoppers live by: one small document, every member optional. What stands there by default is plausible
//! for a small shop and measured nowhere: `danbi fit` puts what a real event file shows in its place.

use crate::engine::base::document::{Check, List, Part};
use crate::engine::base::value::Value;
use crate::{document, scalar};

/// A share, from 0 to 1.
#[derive(Clone, Copy)]
pub struct Share(pub f64);

/// A number above 0.
#[derive(Clone, Copy)]
pub struct Above(pub f64);

/// A number, 0 or more.
#[derive(Clone, Copy)]
pub struct Weight(pub f64);

/// A number, 1 or more.
#[derive(Clone, Copy)]
pub struct Mean(pub f64);

/// A hundred years, a million things: more is a mistake.
const MOST: f64 = 1e6;

fn between(value: &Value, least: f64, most: f64) -> Option<f64> {
    value.number().filter(|number| (least..=most).contains(number))
}

scalar!("range" => Share, "a share from 0 to 1", [("type", "number")], |value| between(value, 0.0, 1.0).map(Share), Share(0.0));
scalar!("range" => Above, "a number above 0, a million at most", [("type", "number")], |value| between(value, 1e-6, MOST).map(Above), Above(1.0));
scalar!("range" => Weight, "0 or more, a million at most", [("type", "number")], |value| between(value, 0.0, MOST).map(Weight), Weight(0.0));
scalar!("range" => Mean, "1 or more, a thousand at most", [("type", "number")], |value| between(value, 1.0, 1e3).map(Mean), Mean(1.0));

document! {
    /// The rates that synthetic shoppers live by.
    pub struct Rates {
        /// Share of the shoppers who were members before the first day. The others first come as guests, evenly over the days.
        "members" members: Share = Share(0.8),
        /// Days before the first one over which members joined, evenly.
        "history" history: Weight = Weight(540.0),
        /// Share of a guest's visits in which the guest signs up.
        "signUp" sign_up: Share = Share(0.3),
        /// How often they come.
        "visits" visits: Visits<'a> = Visits(&Value::Null),
        /// Share of a member's visits that end with an order. Guests do not order.
        "order" order: Share = Share(0.06),
        /// How they leave for good: after an order, with a chance of their own.
        "leave" leave: Leave<'a> = Leave(&Value::Null),
        /// Pages of a visit beside those of an order, mean, geometric.
        "pages" pages: Mean = Mean(4.0),
        /// Which kinds of pages these are, by weight.
        "mix" mix: Mix<'a> = Mix(&Value::Null),
        /// Share of views of a product after which it goes into the bag.
        "addToCart" add_to_cart: Share = Share(0.12),
        /// What an order holds.
        "basket" basket: Basket<'a> = Basket(&Value::Null),
        /// What is sold; six invented products where none is named.
        "products" products: List<'a, Product<'a>> = List::of(&Value::Null),
        /// Days from an order to its delivery, the same for all.
        "delivery" delivery: Weight = Weight(2.0),
        /// Share of the orders that are sent back, all of it.
        "refund" refund: Share = Share(0.05),
        /// Days from delivery to that, mean, memoryless.
        "refundAfter" refund_after: Weight = Weight(5.0),
        /// Share of the orders of which one item is reviewed.
        "review" review: Share = Share(0.1),
        /// Days from delivery to that, mean, memoryless.
        "reviewAfter" review_after: Weight = Weight(6.0),
        /// Share of the orders for which all points are used that can be.
        "redeem" redeem: Share = Share(0.3),
        /// Share of the members who said their birthday when they joined.
        "birthday" birthday: Share = Share(0.4),
        /// Share of the members who said, when they joined, what they like in a dimension of taste.
        "declare" declare: Share = Share(0.3),
        /// What they agree to.
        "consent" consent: Agreed<'a> = Agreed(&Value::Null),
        /// Share of the messages in slots of a page that come into view; what interrupts always does.
        "seen" seen: Share = Share(0.8),
        /// What they do with messages.
        "answers" answers: Deeds<'a> = Deeds(&Value::Null),
        /// How they score, where three numbers or more are to be chosen from.
        "scores" scores: Scores<'a> = Scores(&Value::Null),
        /// Of the answers to a choice between `now` and `save`: the share that saves.
        "save" save: Share = Share(0.5),
        /// Visits by the hour of the house's clock, 24 weights from midnight on; most in the evening where none are named.
        "hours" hours: List<'a, Weight> = List::of(&Value::Null),
    }

    /// How often shoppers come: each at a rate of their own, gamma distributed; visits are then a Poisson process.
    pub struct Visits {
        /// Visits a week, mean over the shoppers.
        "perWeek" per_week: Above = Above(1.2),
        /// The shape of the gamma distribution: the smaller, the less alike they are; their rates spread by one over its root.
        "shape" shape: Above = Above(0.9),
    }

    /// How they leave for good, as in BG/NBD: after an order, with a chance of their own that is beta distributed, mean `a / (a + b)`.
    pub struct Leave {
        /// The first parameter of the beta distribution: the greater, the sooner they leave.
        "a" a: Above = Above(0.8),
        /// The second one: the greater, the longer they stay.
        "b" b: Above = Above(12.0),
    }

    /// Kinds of pages by weight; on one of a product that product is looked at.
    pub struct Mix {
        /// The front page.
        "home" home: Weight = Weight(0.22),
        /// A list of products.
        "list" list: Weight = Weight(0.28),
        /// A product.
        "product" product: Weight = Weight(0.36),
        /// The bag.
        "cart" cart: Weight = Weight(0.03),
        /// My page.
        "my_page" my_page: Weight = Weight(0.09),
        /// Help.
        "support" support: Weight = Weight(0.02),
    }

    /// What an order holds.
    pub struct Basket {
        /// Different products, mean, geometric.
        "lines" lines: Mean = Mean(1.6),
        /// Pieces of each, mean, geometric.
        "quantity" quantity: Mean = Mean(1.1),
    }

    /// Something that is sold. Dimensions of taste are drawn for it by their shares.
    pub struct Product {
        /// Id.
        "item_id" id: &'a str,
        /// Name; default: the id.
        "item_name" name: Option<&'a str> = None,
        /// In minor units of the house's currency.
        "price" price: i64,
        /// How often it is looked at and bought, beside the others.
        "weight" weight: Weight = Weight(1.0),
    }

    /// Shares of the shoppers who agree to a purpose.
    pub struct Agreed {
        /// To what keeps an account going.
        "functional" functional: Share = Share(0.98),
        /// To sending events.
        "analytics" analytics: Share = Share(0.85),
        /// To a profile.
        "personalization" personalization: Share = Share(0.85),
        /// To promotions.
        "advertising" advertising: Share = Share(0.75),
        /// To each purpose that the bundle adds.
        "other" other: Share = Share(0.5),
    }

    /// What shoppers do with messages.
    pub struct Deeds {
        /// With what interrupts.
        "interruptive" interruptive: Deed<'a> = Deed(&Value::Null),
        /// With what stands in a slot of the page.
        "inline" inline: Deed<'a> = Deed(&Value::Null),
    }

    /// What shoppers do with a message; what is left of 1 do nothing.
    pub struct Deed {
        /// Do what it asks: press a button, choose an answer.
        "act" act: Option<Share> = None,
        /// Close it.
        "dismiss" dismiss: Option<Share> = None,
        /// Hide it for the day.
        "hide" hide: Option<Share> = None,
    }

    /// How shoppers score, whatever the scale: these shares, evenly among the numbers of each part, the rest in between.
    pub struct Scores {
        /// The upper fifth of the numbers: 9 and 10 of 0 to 10, 5 of 1 to 5.
        "high" high: Share = Share(0.45),
        /// The lower three fifths: 0 to 6, 1 to 3.
        "low" low: Share = Share(0.2),
    }
}

/// Of numbers to be chosen from, in their order: how many are low, and from which place on they are high. None where they are no
/// scale: fewer than three, or something else than whole numbers.
pub fn bands(values: &[Value]) -> Option<(usize, usize)> {
    let count = values.len();
    let scale = count >= 3 && values.iter().all(|value| value.integer().is_some());
    scale.then(|| ((3 * count).div_ceil(5).min(count - 2), count - (count / 5).max(1)))
}

impl Agreed<'_> {
    /// The share that agrees to a purpose.
    pub fn share(self, purpose: &str) -> f64 {
        let Share(share) = match purpose {
            "functional" => self.functional(),
            "analytics" => self.analytics(),
            "personalization" => self.personalization(),
            "advertising" => self.advertising(),
            _ => self.other(),
        };
        share
    }
}

/// What is done with a message, as shares.
#[derive(Clone, Copy)]
pub struct Reaction {
    /// Does what it asks.
    pub act: f64,
    /// Closes it.
    pub dismiss: f64,
    /// Hides it for the day.
    pub hide: f64,
}

/// By default, of what interrupts and of what does not.
const INTERRUPTED: Reaction = Reaction { act: 0.12, dismiss: 0.6, hide: 0.08 };
const BESIDE: Reaction = Reaction { act: 0.06, dismiss: 0.02, hide: 0.0 };

/// By default, visits by the hour.
const HOURS: [f64; 24] = [
    2.0, 1.0, 0.5, 0.3, 0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 6.0, 5.0, 5.0, 5.0, 5.0, 5.0, 6.0, 7.0, 8.0, 8.0, 7.0,
    5.0,
];

impl<'a> Rates<'a> {
    /// Tells what is wrong beyond what each member may be.
    pub fn validate(self, check: &mut Check) {
        let hours = self.hours();
        if !hours.is_empty() && (hours.iter().len() != 24 || hours.iter().all(|hour| hour.0 <= 0.0)) {
            check.within("hours", |check| {
                check.fail("range", "choose 24 weights, one for each hour, not all of them 0")
            });
        }
        if self.kinds().iter().all(|(_, weight)| *weight <= 0.0) {
            check.within("mix", |check| check.fail("range", "give one kind of page a weight above 0"));
        }
        let products = self.products();
        if !products.is_empty() && products.iter().all(|product| product.weight().0 <= 0.0) {
            check.within("products", |check| check.fail("range", "give one product a weight above 0"));
        }
        for (place, product) in products.iter().enumerate() {
            let index = place.to_string();
            let again = products.iter().take(place).any(|other| other.id() == product.id());
            let fault = |check: &mut Check, key: &str, code, message: &str| {
                check.within("products", |check| {
                    check.within(&index, |check| check.within(key, |check| check.fail(code, message)))
                });
            };
            if again {
                fault(check, "item_id", "duplicate", "another product has this id; choose one of its own");
            }
            if !(0..=1_000_000_000).contains(&product.price()) {
                fault(check, "price", "range", "choose 0 or more, a milliard at most");
            }
        }
        for (key, interrupts) in [("interruptive", true), ("inline", false)] {
            let Reaction { act, dismiss, hide } = self.reaction(interrupts);
            if act + dismiss + hide > 1.0 + 1e-9 {
                let message = "more than all of them; let act, dismiss and hide be 1 together at most";
                check.within("answers", |check| check.within(key, |check| check.fail("range", message)));
            }
        }
        if self.scores().high().0 + self.scores().low().0 > 1.0 + 1e-9 {
            check.within("scores", |check| check.fail("range", "let high and low be 1 together at most"));
        }
    }

    /// What is done with a message.
    pub fn reaction(self, interrupts: bool) -> Reaction {
        let (deed, usual) = match interrupts {
            true => (self.answers().interruptive(), INTERRUPTED),
            false => (self.answers().inline(), BESIDE),
        };
        let share = |told: Option<Share>, usual: f64| told.map_or(usual, |share| share.0);
        Reaction {
            act: share(deed.act(), usual.act),
            dismiss: share(deed.dismiss(), usual.dismiss),
            hide: share(deed.hide(), usual.hide),
        }
    }

    /// The kinds of pages with their weights.
    pub fn kinds(self) -> [(&'static str, f64); 6] {
        let mix = self.mix();
        [
            ("home", mix.home().0),
            ("list", mix.list().0),
            ("product", mix.product().0),
            ("cart", mix.cart().0),
            ("my_page", mix.my_page().0),
            ("support", mix.support().0),
        ]
    }

    /// The weight of each hour.
    pub fn by_hour(self) -> [f64; 24] {
        let mut hours = HOURS;
        for (hour, told) in hours.iter_mut().zip(self.hours().iter()) {
            *hour = told.0;
        }
        hours
    }
}
