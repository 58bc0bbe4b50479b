//! The profile: who the shopper is, what was agreed to, the visit, the cart.

mod cart;

use crate::engine::base::document::List;
use crate::engine::base::record::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{Kind, Signal};
use crate::{record, words};

pub use cart::{Cart, CartContext};

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

record! {
    /// One visit: signals with less than the house's idle time between them.
    pub struct Session {
        /// First signal.
        "start" start: Time,
        /// Last signal.
        "last" last: Time,
        /// How many visits there were, this one included.
        "count" count: i64,
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
        /// The visit.
        "session" session: Session,
        /// Kind of the page last shown.
        "page" page: Option<String>,
        /// What is in the cart.
        "cart" cart: Cart,
    }
}

/// The purposes every bundle has.
pub const PURPOSES: [&str; 4] = ["functional", "analytics", "personalization", "advertising"];

impl Profile {
    /// Moves the profile by one signal; `idle` ms of silence end a visit.
    pub fn update(&mut self, signal: &Signal, idle: i64, context: CartContext) {
        if let Some(user) = &signal.user {
            self.user.get_or_insert_with(|| user.clone());
        }
        if let Some(id) = signal.anonymous.as_ref().filter(|id| !self.anonymous.contains(id)) {
            let place = self.anonymous.iter().take_while(|other| *other < id).count();
            self.anonymous.insert(place, id.clone());
        }
        if self.session.count == 0 || signal.at.0 - self.session.last.0 >= idle {
            self.session = Session { start: signal.at, last: signal.at, count: self.session.count + 1 };
        }
        self.session.last = self.session.last.max(signal.at);
        let members = signal.properties.map().into_iter().flat_map(Map::iter);
        match signal.kind {
            Kind::Identify => {
                for (key, value) in members {
                    self.traits.set(key, value.clone());
                }
            }
            Kind::Consent => {
                for (purpose, value) in members {
                    let grant = match value {
                        Value::Bool(true) => Grant::Granted,
                        Value::Bool(false) => Grant::Denied,
                        value => value.text().and_then(Grant::named).unwrap_or_default(),
                    };
                    *self.consent.entry(purpose) = grant;
                }
            }
            Kind::Track | Kind::Page => {
                if let Some(page) = signal.page() {
                    self.page = Some(page.to_string());
                }
                self.cart.update(signal, context);
            }
        }
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
