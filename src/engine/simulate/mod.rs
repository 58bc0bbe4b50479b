//! Synthetic shoppers before the live engine: what a bundle would do, not a forecast.
//!
//! A shopper visits at a rate of their own, looks at pages, buys, answers messages and leaves for good by the [`rates`]; every draw
//! is a hash ([`chance`]). What happens are ordinary event lines, which an [`Engine`] takes in as in a page: the same `update`, the
//! same `decide`, at visits alone ([`tab`]). Beside it stands a [`witness`], who knows only what was seen and what the ledger says,
//! and checks what must always hold. The same bundle, options and rates give the same bytes, natively and in wasm, in whatever order
//! the shoppers take their turns.
//!
//! # The model
//!
//! Words in backticks are [`rates`]: shares from 0 to 1, times in days, money in minor units of the house's currency.
//!
//! - **Coming.** Each shopper has a rate of visits of their own, gamma distributed with mean `visits.perWeek` and shape
//!   `visits.shape`; visits are a Poisson process of this rate, moved within their day to the hours by the weights of `hours`.
//! - **Joining.** A share `members` joined before the first day, evenly over the `history` days before it; of that time only their
//!   orders are told, at their rate of visits times `order`, as the shop's systems report them. The others first come on a day of
//!   the run, all days alike, and in each visit sign up with the share `signUp`. Members say their birthday, and what they like,
//!   with the shares `birthday` and `declare`; everybody answers about consent once, by `consent`.
//! - **A visit** is `pages` pages, geometric, half a minute each, of kinds by the weights of `mix`. On the page of a product that
//!   product is looked at, and with the share `addToCart` goes into the bag. A member ends a visit with an order with the share
//!   `order`: the payment page, the order, the page that thanks for it.
//! - **An order** holds `basket.lines` of the `products`, by their weights, in `basket.quantity` pieces each, both geometric. With
//!   the share `redeem` all points are used that can be. It is delivered after `delivery` days; with the share `refund` all of it
//!   is sent back, with the share `review` one item is reviewed, three in ten with a photo: `refundAfter` and `reviewAfter` days
//!   after delivery, exponentially distributed.
//! - **Leaving.** An order is the last thing a shopper ever does with a chance of their own, beta distributed with `leave.a` and
//!   `leave.b`. Whoever does not order does not leave: this is BG/NBD with visits between the orders.
//! - **Messages.** One that interrupts is seen, one in a slot with the share `seen`. Who sees it does what it asks, closes it, hides
//!   it for the day or does nothing, by `answers`. To do what it asks is to press one of its buttons or options, all alike but for
//!   numbers (`scores`) and for `now` and `save` (`save`), or to go through its survey as its branches lead, a few words for a text.
//!
//! What it leaves out: messages, prices and points make nobody come, buy or leave more often than they would without. So reach,
//! frequency, tiers and points can be read from it, and no uplift. Everybody has one device, speaks the house's first language and
//! never says where they are: what needs a place reaches nobody.

pub mod chance;
pub mod fit;
pub mod rates;
pub mod shop;
mod tab;
pub mod tally;
mod witness;

use super::base::document::{Check, Part};
use super::base::host::Host;
use super::base::time::{DAY, Day, Time, Zones};
use super::base::value::Value;
use super::bundle::Bundle;
use super::error::Error;
use super::profile::Grant;
use super::{Engine, Options};
use crate::document;
use rates::Rates;
use shop::Shop;
use tab::Tab;
use tally::Tally;

document! {
    /// What is to be simulated.
    pub struct Request {
        /// How many shoppers, a million at most.
        "shoppers" shoppers: i64,
        /// How many days, 3,660 at most.
        "days" days: i64,
        /// What chance begins with; the same seed gives the same answer.
        "seed" seed: i64 = 1,
        /// A moment of the first day, which begins at midnight of the house; default: 12 May 2026.
        "from" from: Option<Time> = None,
        /// What shoppers live by.
        "rates" rates: Rates<'a> = Rates(&Value::Null),
    }
}

/// The first day where none is named. No clock: the same request gives the same answer tomorrow.
fn first() -> Day {
    Day::new(2026, 5, 12)
}

const MOST_SHOPPERS: i64 = 1_000_000;
const MOST_DAYS: i64 = 3_660;

/// A simulation that can be run.
pub struct Simulation {
    source: Value,
    request: Value,
}

impl Simulation {
    /// Of a bundle; `request` has the shape of [`Request`].
    pub fn new(source: Value, request: Value) -> Result<Simulation, Vec<Error>> {
        Bundle::read(&source)?;
        let mut check = Check::default();
        Request::check(&request, &mut check);
        if check.errors.is_empty() {
            let asked = Request(&request);
            for (key, count, most) in [("shoppers", asked.shoppers(), MOST_SHOPPERS), ("days", asked.days(), MOST_DAYS)]
            {
                if !(1..=most).contains(&count) {
                    check.within(key, |check| check.fail("range", format!("choose 1 to {most}")));
                }
            }
            check.within("rates", |check| asked.rates().validate(check));
        }
        if check.errors.is_empty() { Ok(Simulation { source, request }) } else { Err(check.errors) }
    }

    fn asked(&self) -> Request<'_> {
        Request(&self.request)
    }

    /// How many shoppers there are.
    pub fn shoppers(&self) -> usize {
        self.asked().shoppers() as usize
    }

    /// Zones needed, the house's first, and the range of time their tables must span.
    pub fn needs(&self) -> (Vec<String>, Time, Time) {
        let from = self.asked().from().unwrap_or(Time(i64::from(first().0) * DAY));
        let past = (self.asked().rates().history().0 + 3.0) * DAY as f64;
        let to = from.plus((self.asked().days() + 3 * 366) * DAY);
        (Bundle::of(&self.source).zones(), from.plus(-(past as i64)), to)
    }

    /// What is the same for all shoppers.
    pub fn shop(&self, zones: &Zones) -> Shop<'_> {
        let (asked, bundle) = (self.asked(), Bundle::of(&self.source));
        let first = asked.from().map_or_else(first, |from| zones.day(bundle.house().zone(), from));
        Shop::new(bundle, asked.rates(), asked.seed(), first, asked.days(), zones)
    }

    /// One who runs it. Several may share the work: what each has counted is added up.
    pub fn runner(&self, zones: Zones, host: Box<dyn Host>) -> Runner {
        let options = Options {
            locale: String::new(),
            seed: String::new(),
            tab: String::new(),
            assumed: Grant::Unknown,
            schemes: Vec::new(),
        };
        Runner { engine: Some(Engine::new(self.source.clone(), zones, host, options)) }
    }
}

/// Runs a simulation: all shoppers share one engine's compiled rules.
pub struct Runner {
    engine: Option<Engine>,
}

impl Runner {
    /// The shopper at a place lives all days. `see` is shown every event line, in their order.
    pub fn run(&mut self, shop: &Shop, place: usize, tally: &mut Tally, see: &mut dyn FnMut(&Value)) {
        self.engine = self.engine.take().map(|engine| Tab::live(shop, place, engine, tally, see));
    }
}
