//! The profile: who the shopper is, what was agreed to, the visit, the cart.

mod cart;

use crate::engine::base::document::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::document;
use crate::engine::signal::{Kind, Signal};

pub use cart::{Cart, CartContext};

document! {
    /// An answer about one purpose.
    #[derive(Copy, PartialEq)]
    pub enum Grant {
        /// Not answered.
        "unknown" Unknown,
        /// Agreed to.
        "granted" Granted,
        /// Refused.
        "denied" Denied,
    }

    /// One visit: signals with less than the house's idle time between them.
    #[derive(Copy)]
    pub struct Session {
        /// First signal.
        "start" start: Time = Time(0),
        /// Last signal.
        "last" last: Time = Time(0),
        /// How many visits there were, this one included.
        "count" count: i64 = 0,
    }

    /// What is known of a shopper apart from counts and points.
    pub struct Profile {
        /// Member id.
        "user" user: Option<String> = None,
        /// Ids before and beside it.
        "anonymousIds" anonymous: Vec<String> = Vec::new(),
        /// Traits given by `identify`.
        "traits" traits: Named<Value> = Named(Vec::new()),
        /// Purposes answered.
        "consent" consent: Named<Grant> = Named(Vec::new()),
        /// The visit.
        "session" session: Session = Session::default(),
        /// Kind of the page last shown.
        "page" page: Option<String> = None,
        /// What is in the cart.
        "cart" cart: Cart = Cart::default(),
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
            self.anonymous.push(id.clone());
            self.anonymous.sort_unstable();
        }
        if self.session.count == 0 || signal.at.0 - self.session.last.0 >= idle {
            self.session = Session { start: signal.at, last: signal.at, count: self.session.count + 1 };
        }
        self.session.last = self.session.last.max(signal.at);
        let members = signal.properties.map().into_iter().flat_map(Map::iter);
        match signal.kind {
            Kind::Identify => {
                for (key, value) in members {
                    *self.traits.entry(key) = value.clone();
                }
            }
            Kind::Consent => {
                for (purpose, value) in members {
                    let grant = match (value.text(), value.bool()) {
                        (Some("granted"), _) | (_, Some(true)) => Grant::Granted,
                        (Some("denied"), _) | (_, Some(false)) => Grant::Denied,
                        _ => Grant::Unknown,
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
    pub fn consents(&self, purposes: &[String], assumed: Grant) -> Value {
        let all = PURPOSES.iter().copied().chain(purposes.iter().map(String::as_str));
        let words = |grant: Grant| match grant {
            Grant::Granted => "granted",
            Grant::Denied => "denied",
            Grant::Unknown => "unknown",
        };
        all.map(|purpose| (purpose, words(self.consent.get(purpose).copied().unwrap_or(assumed)))).collect::<Map>().into()
    }
}
