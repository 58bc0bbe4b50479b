//! The profile: who the shopper is, what was agreed to, said and done, the visit, the cart.

mod cart;
mod interest;
mod order;
mod said;
pub mod value;

use crate::engine::base::document::{List, Table};
use crate::engine::base::record::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{ANSWER, Kind, Signal};
use crate::{record, words};

pub use cart::{Cart, CartContext};
pub use interest::{Dimension, Interests, Observed};
pub use order::Orders;
pub use said::Said;
pub use value::{Purchases, Worth};

words! {
    /// An answer about one purpose.
    pub enum Grant {
        /// Not answered.
        "unknown" Unknown,
        /// Agreed to.
        "granted" Granted,
        /// Refused.
        "denied" Denied,
    }
}

impl Grant {
    /// What was answered: one of the words, or true or false.
    pub fn answer(value: &Value) -> Grant {
        match value {
            Value::Bool(true) => Grant::Granted,
            Value::Bool(false) => Grant::Denied,
            value => value.text().and_then(Grant::named).unwrap_or_default(),
        }
    }
}

record! {
    /// One visit: signals with less than the house's idle time between them.
    pub struct Session {
        /// First signal.
        "start" start: Time,
        /// Last signal.
        "last" last: Time,
        /// How many visits there were, this one included.
        "count" count: i64,
        /// Whether a message of ours was clicked in it: what follows is not the shopper's own idea alone.
        "ours" ours: bool,
    }

    /// What is known of a shopper apart from counts and points.
    pub struct Profile {
        /// Member id.
        "user" user: Option<String>,
        /// Ids before and beside it.
        "anonymousIds" anonymous: Vec<String>,
        /// Traits given by `identify`.
        "traits" traits: Map,
        /// Purposes answered.
        "consent" consent: Named<Grant>,
        /// What was declared, the wishlist included.
        "declared" declared: Said,
        /// Answers to surveys, by question or campaign.
        "answers" answers: Said,
        /// What was looked at and bought, by dimension of taste.
        "interests" interests: Interests,
        /// When the shopper was first seen.
        "first" first: Option<Time>,
        /// The visit.
        "session" session: Session,
        /// Kind of the page last shown.
        "page" page: Option<String>,
        /// Its path, where that was told.
        "path" path: Option<String>,
        /// When it came.
        "pageAt" page_at: Option<Time>,
        /// What is in the cart.
        "cart" cart: Cart,
        /// What was ordered.
        "orders" orders: Orders,
        /// When and for how much was bought.
        "purchases" purchases: Purchases,
    }
}

/// So many anonymous ids are kept: one of a shopper's devices makes a new one when its storage was cleared.
const ALIASES: usize = 50;

/// The purposes every bundle has.
pub const PURPOSES: [&str; 4] = ["functional", "analytics", "personalization", "advertising"];

/// What the answers about consent let a signal move.
#[derive(Clone, Copy)]
pub struct Scope {
    /// The profile: traits, interests, meters, cart, what was shown.
    pub personal: bool,
    /// Orders, points, levels and the meters they are reckoned from.
    pub ledger: bool,
    /// What the shopper hid.
    pub hides: bool,
}

impl Scope {
    /// Whether something is covered that is not any more afterwards.
    pub fn exceeds(self, after: Scope) -> bool {
        self.personal && !after.personal || self.ledger && !after.ledger || self.hides && !after.hides
    }
}

impl Profile {
    /// Hears what was answered about consent.
    pub fn hear(&mut self, signal: &Signal) {
        for (purpose, value) in signal.properties.members() {
            *self.consent.entry(purpose) = Grant::answer(value);
        }
    }

    /// Whether it was answered what may be kept. Signals that reach the profile before waited for the answer: in a page until
    /// something may be sent or kept, or neither may be.
    pub fn answered(&self, assumed: Grant) -> bool {
        let is = |purpose: &str, grant: Grant| self.consent.get(purpose) == Some(&grant);
        let (granted, denied) = (Grant::Granted, Grant::Denied);
        if assumed == granted {
            return ["personalization", "functional"].into_iter().any(|purpose| self.consent.get(purpose).is_some());
        }
        is("analytics", granted)
            || is("personalization", granted)
            || is("functional", granted) && self.user.is_some()
            || is("analytics", denied) && is("personalization", denied)
    }

    /// What may be kept. A member's ledger is `functional`; where that was never mentioned it is part of the profile.
    pub fn scope(&self, assumed: Grant) -> Scope {
        let personal = self.allows("personalization", assumed);
        let hides = match self.consent.get("functional") {
            None => personal || assumed == Grant::Granted,
            Some(functional) => *functional == Grant::Granted,
        };
        Scope { personal, ledger: hides && (personal || self.user.is_some()), hides }
    }

    /// Moves who it is, and on which page, by one signal.
    pub fn meet(&mut self, signal: &Signal, late: bool) {
        if signal.kind == Kind::Page && !late {
            self.page_at = Some(signal.at);
            self.path = signal.path();
            if let Some(page) = signal.page() {
                self.page = Some(page.to_string());
            }
        }
        if let Some(user) = &signal.user {
            self.user.get_or_insert_with(|| user.clone());
        }
        if let Some(id) = signal.anonymous.as_ref().filter(|id| !self.anonymous.contains(id)) {
            let place = self.anonymous.iter().take_while(|other| *other < id).count();
            self.anonymous.insert(place, id.clone());
            self.anonymous.truncate(ALIASES);
        }
    }

    /// Moves the profile by one signal; `idle` ms of silence end a visit. A late one belongs to no visit and moves nothing that
    /// is true of the present. `question` is what an answer answers, where that has a name.
    pub fn update(
        &mut self,
        signal: &Signal,
        late: bool,
        idle: i64,
        context: CartContext,
        dimensions: Table<Dimension>,
        question: Option<&str>,
    ) {
        self.first = Some(self.first.map_or(signal.at, |first| first.min(signal.at)));
        if !late {
            if self.session.count == 0 || signal.at.0 - self.session.last.0 >= idle {
                self.session =
                    Session { start: signal.at, last: signal.at, count: self.session.count + 1, ours: false };
            }
            self.session.last = self.session.last.max(signal.at);
        }
        match signal.kind {
            Kind::Identify => {
                for (key, value) in signal.properties.members() {
                    if let Some(value) = said::keepable(key, value) {
                        self.traits.set(key, value);
                    }
                }
            }
            Kind::Consent => (),
            Kind::Track | Kind::Page => {
                self.declared.declare(signal);
                self.answers.answer(signal, question);
                if late {
                    return;
                }
                self.cart.update(signal, context);
                self.orders.update(signal, context);
                self.session.ours |= signal.name == ANSWER && signal.properties.field("action").text() == Some("click");
                interest::observe(&mut self.interests, signal, dimensions, self.session.ours);
            }
        }
    }

    /// The shopper's traits and own words, as conditions read them under `user`. The own word wins. `user.answers.KEY` is an
    /// answer and `user.answered.KEY` when it was given, `user.declared.KEY` when something was declared, both in ms since 1970.
    pub fn facts(&self) -> Map {
        let mut user = self.traits.clone();
        self.declared.values(&mut user);
        let mut answers = Map::new();
        self.answers.values(&mut answers);
        user.set("answers", answers);
        user.set("answered", self.answers.instants());
        user.set("declared", self.declared.instants());
        user.set("id", &self.user);
        user
    }

    /// One of them.
    pub fn fact(&self, key: &str) -> &Value {
        match self.declared.get(key).0 {
            Value::Null => self.traits.get(key).unwrap_or(&Value::Null),
            said => said,
        }
    }

    /// The interests that are wanted, as conditions and the profile line read them. Without consent only what was said counts.
    pub fn tastes(
        &self,
        dimensions: Table<Dimension>,
        assumed: Grant,
        now: Time,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Value {
        let none = Interests::default();
        let seen = if self.allows("personalization", assumed) { &self.interests } else { &none };
        interest::facts(dimensions, seen, &|key| self.declared.get(key), now, wanted)
    }

    /// Whether a purpose is agreed to; `assumed` is what counts where it was never mentioned.
    pub fn allows(&self, purpose: &str, assumed: Grant) -> bool {
        self.consent.get(purpose).copied().unwrap_or(assumed) == Grant::Granted
    }

    /// The purposes as conditions and the profile line read them.
    pub fn consents(&self, purposes: List<&str>, assumed: Grant) -> Value {
        let mut map = Map::new();
        for purpose in PURPOSES.into_iter().chain(purposes.iter()) {
            map.set(purpose, self.consent.get(purpose).copied().unwrap_or(assumed).word());
        }
        map.into()
    }
}
