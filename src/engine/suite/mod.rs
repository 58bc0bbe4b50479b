//! Suites: what a marketer expects of a bundle, saved with it. They are held against the live engine by `danbi check` and the
//! Studio (see [`run`]); a shop's page neither reads nor runs them.

#[cfg(feature = "studio")]
pub mod run;
#[cfg(feature = "studio")]
mod words;

#[cfg(feature = "studio")]
use super::base::document::{Check, forms};
use super::base::document::{List, Part};
#[cfg(feature = "studio")]
use super::base::time::{Local, Zones};
use super::base::time::{Span, Time};
#[cfg(feature = "studio")]
use super::base::value::Map;
use super::base::value::Value;
use super::campaign::{Class, Requirements};
use super::message::template::Text;
use super::profile::Grant;
use crate::document;

document! {
    /// A shopper, and what is expected of what they see.
    pub struct Suite {
        /// Its name, for people: "지아 never sees promotions".
        "name" name: Text<'a>,
        /// What the shopper did: event lines, in the order in which they were committed. Of each expectation those count that
        /// had happened by then.
        "events" events: List<'a, &'a Value> = List::of(&Value::Null),
        /// The language the shopper reads; the house's first where none is named.
        "locale" locale: Option<&'a str> = None,
        /// What counts where a purpose was never mentioned.
        "consent" consent: Grant = Grant::Granted,
        /// What is expected; each by itself.
        "expect" expect: List<'a, Expectation<'a>>,
    }

    /// What is expected at a moment, or at each of several. `campaign`, `step`, `variant`, `class` and `slot` say of which
    /// messages: of any where none of them is named.
    pub struct Expectation {
        /// Its name, for people, where the suite's does not say it.
        "name" name: Option<Text<'a>> = None,
        /// The moment: an instant; or several: `{"from", "until", "every"}`.
        "at" at: Moments<'a>,
        /// The kind of page that the shopper comes to at the moment; where none is named, they are where their lines leave them.
        "page" page: Option<&'a str> = None,
        /// What the page tells of itself: the facts that conditions read as `context`.
        "context" context: &'a Value = &Value::Null,
        /// Messages of this campaign.
        "campaign" campaign: Option<&'a str> = None,
        /// Messages of this step.
        "step" step: Option<&'a str> = None,
        /// Messages of this variant.
        "variant" variant: Option<&'a str> = None,
        /// Messages of this class: `marketing` or `service`. What an offer shows by itself is marketing.
        "class" class: Option<Class> = None,
        /// Messages in this slot, or `interruptive`.
        "slot" slot: Option<&'a str> = None,
        /// Whether one of them shows; with `says` one does unless it says false.
        "shows" shows: Option<bool> = None,
        /// What one that shows says, in the shopper's language or by language: words that stand in it, of one piece of it.
        "says" says: Option<Text<'a>> = None,
        /// The stage that stops each of them: `schedule`, `targeting`, `frequency`, ..., `shown`, `lost`.
        "stage" stage: Option<&'a str> = None,
        /// Which rule of the stage spoke: the verdict's code.
        "code" code: Option<&'a str> = None,
        /// Words of the reason that is given for each of them, in the house's first language or by language.
        "reason" reason: Option<Text<'a>> = None,
        /// What holds of the shopper: a condition, e.g. {"loyalty.tiers.main.level": "bloom"}, the name of an audience, or a list.
        "when" when: Requirements<'a> = Requirements(&Value::Null),
    }

    /// Moments from one on, as often as is said, each of them by itself: what is seen at one is not remembered at the next.
    pub struct Range {
        /// The first.
        "from" from: Time,
        /// Not itself.
        "until" until: Time,
        /// How far apart; days at the same time of day in the house's zone.
        "every" every: Span = Span { days: 1, ..Span::default() },
    }
}

/// A moment, or several.
#[derive(Clone, Copy)]
pub enum Moments<'a> {
    /// One.
    At(Time),
    /// Several.
    Range(Range<'a>),
}

impl<'a> Part<'a> for Moments<'a> {
    fn of(value: &'a Value) -> Self {
        if value.map().is_some() { Moments::Range(Range(value)) } else { Moments::At(Time::of(value)) }
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        if value.map().is_some() { Range::check(value, check) } else { Time::check(value, check) }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![Time::schema(defs), Range::schema(defs)])
    }
}

/// At most so many moments an expectation has.
#[cfg(feature = "studio")]
pub const MOMENTS: usize = 1_000;

#[cfg(feature = "studio")]
impl Moments<'_> {
    /// Each of them, in a zone; one more than there may be where there are more.
    pub fn each(self, zones: &Zones, zone: &str) -> Vec<Time> {
        let Moments::Range(range) = self else { return Vec::from_iter(self.at()) };
        let (first, every) = (zones.local(zone, range.from()), range.every());
        let moment = |number: usize| {
            let number = number as i32;
            let day =
                first.day.plus_months(every.months.saturating_mul(number)).plus(every.days.saturating_mul(number));
            zones.instant(zone, Local { day, clock: first.clock }).plus(every.exact.saturating_mul(i64::from(number)))
        };
        (0..=MOMENTS).map(moment).take_while(|at| *at < range.until()).collect()
    }

    fn at(self) -> Option<Time> {
        match self {
            Moments::At(at) => Some(at),
            Moments::Range(_) => None,
        }
    }
}
