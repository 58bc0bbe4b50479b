//! The bundle: all that the marketer decides, as one document.

#[cfg(feature = "studio")]
pub mod lint;
#[cfg(feature = "studio")]
mod validate;

#[cfg(feature = "studio")]
use crate::engine::base::document::Check;
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::time::{HOUR, Span};
use crate::engine::base::value::Value;
use crate::engine::campaign::{Campaign, Requirement};
use crate::engine::error::Error;
use crate::engine::loyalty::Program;
use crate::engine::message::template::Text;
use crate::engine::meter::Meter;
use crate::{document, words};

document! {
    /// All that the marketer decides.
    pub struct Bundle {
        /// Id.
        "bundle" id: &'a str,
        /// Never goes back on a device.
        "version" version: i64,
        /// Rules shared by all campaigns.
        "house" house: House<'a>,
        /// The host's event names, each with danbi's name for it.
        "names" names: Table<'a, &'a str> = Table::of(&Value::Null),
        /// Consent purposes beyond functional, analytics, personalization and advertising.
        "purposes" purposes: List<'a, &'a str> = List::of(&Value::Null),
        /// Counters over signals.
        "meters" meters: Table<'a, Meter<'a>> = Table::of(&Value::Null),
        /// Named conditions.
        "audiences" audiences: Table<'a, Requirement<'a>> = Table::of(&Value::Null),
        /// What may be shown.
        "campaigns" campaigns: List<'a, Campaign<'a>> = List::of(&Value::Null),
        /// Loyalty programs; the one with the latest `from` not after an event judges it.
        "programs" programs: List<'a, Program<'a>> = List::of(&Value::Null),
    }

    /// Rules shared by all campaigns.
    pub struct House {
        /// IANA zone whose days, windows and caps count, whatever the device says.
        "zone" zone: &'a str,
        /// ISO 4217 currency of all amounts.
        "currency" currency: &'a str,
        /// Languages of the texts, the first is the fallback.
        "locales" locales: List<'a, &'a str> = List::of(&Value::Null),
        /// Silence that ends a visit; half an hour.
        "session" session: Span = Span { exact: HOUR / 2, ..Span::default() },
        /// Campaigns are for members only.
        "members" members: Option<Members<'a>> = None,
        /// Kinds of pages where less may show.
        "pages" pages: Table<'a, PageRule<'a>> = Table::of(&Value::Null),
        /// How often interruptive messages may show.
        "pacing" pacing: Pacing<'a> = Pacing(&Value::Null),
        /// A share of shoppers who see nothing promotional.
        "holdout" holdout: Option<Holdout<'a>> = None,
    }

    /// Campaigns are for members only.
    pub struct Members {
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// What may show on a kind of page.
    pub struct PageRule {
        /// `none`, or `inline`: cards in slots, nothing interruptive.
        "allow" allow: Allow,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// How often interruptive messages of the marketing class may show.
    pub struct Pacing {
        /// At most so many in a visit.
        "session" session: Option<i64> = None,
        /// At most so many in a day of the house.
        "day" day: Option<i64> = None,
        /// At most so many in so many days, today included.
        "rolling" rolling: Option<Rolling<'a>> = None,
        /// At least so long between two.
        "gap" gap: Option<Span> = None,
    }

    /// At most `count` in `days` days, today included.
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
        "seed" seed: &'a str,
    }
}

words! {
    /// What may show on a page.
    pub enum Allow {
        /// Nothing.
        "none" Nothing,
        /// Cards in slots, nothing interruptive.
        "inline" Inline,
    }
}

impl<'a> Bundle<'a> {
    /// A view of a bundle, or its mistakes with their JSON Pointers. The Studio's build and the command line check all of it;
    /// a shop's page checks what it cannot do without, and never meets a rule it does not understand.
    pub fn read(value: &'a Value) -> Result<Bundle<'a>, Vec<Error>> {
        let bundle = Bundle(value);
        #[cfg(feature = "studio")]
        let errors = {
            let mut check = Check::default();
            Bundle::check(value, &mut check);
            if check.errors.is_empty() {
                validate::validate(bundle, &mut check);
            }
            check.errors
        };
        #[cfg(not(feature = "studio"))]
        let errors = {
            let (house, mut errors) = (bundle.house(), Vec::new());
            for (path, text) in
                [("/bundle", bundle.id()), ("/house/zone", house.zone()), ("/house/currency", house.currency())]
            {
                if text.is_empty() {
                    errors.push(Error {
                        code: "missing",
                        path: path.to_string(),
                        message: String::from("required; add it"),
                    });
                }
            }
            errors
        };
        if errors.is_empty() { Ok(bundle) } else { Err(errors) }
    }

    /// The IANA zones whose offset tables it needs.
    pub fn zones(self) -> Vec<String> {
        vec![self.house().zone().to_string()]
    }

    /// danbi's name for a host's event name, if the bundle gives one.
    pub fn name(self, event: &str) -> Option<String> {
        self.names().get(event).map(str::to_string)
    }
}
