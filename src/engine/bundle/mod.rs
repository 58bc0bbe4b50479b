//! The bundle: all that the marketer decides, as one document.

#[cfg(feature = "studio")]
pub mod lint;
#[cfg(feature = "studio")]
mod validate;

use crate::engine::base::document::{self, Named};
use crate::engine::base::time::{HOUR, Span};
use crate::engine::base::value::Value;
use crate::engine::campaign::{Campaign, Requirement};
use crate::engine::document;
use crate::engine::error::Error;
use crate::engine::loyalty::Program;
use crate::engine::message::template::Text;
use crate::engine::meter::Meter;

document! {
    /// All that the marketer decides.
    pub struct Bundle {
        /// Id.
        "bundle" id: String,
        /// Never goes back on a device.
        "version" version: i64,
        /// Rules shared by all campaigns.
        "house" house: House,
        /// The host's event names, each with danbi's name for it.
        "names" names: Named<String> = Named(Vec::new()),
        /// Consent purposes beyond functional, analytics, personalization and advertising.
        "purposes" purposes: Vec<String> = Vec::new(),
        /// Counters over signals.
        "meters" meters: Named<Meter> = Named(Vec::new()),
        /// Named conditions.
        "audiences" audiences: Named<Requirement> = Named(Vec::new()),
        /// What may be shown.
        "campaigns" campaigns: Vec<Campaign> = Vec::new(),
        /// Loyalty programs; the one with the latest `from` not after an event judges it.
        "programs" programs: Vec<Program> = Vec::new(),
    }

    /// Rules shared by all campaigns.
    pub struct House {
        /// IANA zone whose days, windows and caps count, whatever the device says.
        "zone" zone: String,
        /// ISO 4217 currency of all amounts.
        "currency" currency: String,
        /// Languages of the texts, the first is the fallback.
        "locales" locales: Vec<String> = vec![String::from("ko")],
        /// Silence that ends a visit.
        "session" session: Span = Span { exact: HOUR / 2, ..Span::default() },
        /// Campaigns are for members only.
        "members" members: Option<Members> = None,
        /// Kinds of pages where less may show.
        "pages" pages: Named<PageRule> = Named(Vec::new()),
        /// How often interruptive messages may show.
        "pacing" pacing: Pacing = Pacing::default(),
        /// A share of shoppers who see nothing promotional.
        "holdout" holdout: Option<Holdout> = None,
    }

    /// Campaigns are for members only.
    pub struct Members {
        /// The reason in words.
        "why" why: Option<Text> = None,
    }

    /// What may show on a kind of page.
    pub struct PageRule {
        /// What may show.
        "allow" allow: Allow,
        /// The reason in words.
        "why" why: Option<Text> = None,
    }

    /// What may show on a page.
    #[derive(Copy, PartialEq)]
    pub enum Allow {
        /// Nothing.
        "none" Nothing,
        /// Cards in slots, nothing interruptive.
        "inline" Inline,
    }

    /// How often interruptive messages of the marketing class may show.
    pub struct Pacing {
        /// At most so many in a visit.
        "session" session: Option<i64> = None,
        /// At most so many in a day of the house.
        "day" day: Option<i64> = None,
        /// At most so many in so many days, today included.
        "rolling" rolling: Option<Rolling> = None,
        /// At least so long between two.
        "gap" gap: Option<Span> = None,
    }

    /// At most `count` in `days` days, today included.
    #[derive(Copy)]
    pub struct Rolling {
        /// So many.
        "count" count: i64,
        /// In so many days.
        "days" days: i64,
    }

    /// A share of shoppers, chosen by hash, who see nothing promotional.
    pub struct Holdout {
        /// From 0 to 1.
        "share" share: f64,
        /// Never to be changed: who is held out depends on it.
        "seed" seed: String,
    }
}

impl Bundle {
    /// Reads a bundle: all mistakes with their JSON Pointers, or the bundle. The Studio's build and the command line also tell
    /// unknown keys, operators and references; where a shop's page meets one it is simply never met.
    pub fn read(value: &Value) -> Result<Bundle, Vec<Error>> {
        let bundle: Bundle = document::read(value)?;
        #[cfg(feature = "studio")]
        {
            let errors = validate::validate(&bundle);
            if !errors.is_empty() {
                return Err(errors);
            }
        }
        Ok(bundle)
    }

    /// The IANA zones whose offset tables it needs.
    pub fn zones(&self) -> Vec<String> {
        vec![self.house.zone.clone()]
    }

    /// danbi's name for a host's event name, if the bundle gives one.
    pub fn name(&self, event: &str) -> Option<String> {
        self.names.get(event).cloned()
    }
}
