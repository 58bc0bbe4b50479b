//! Which offers may be shown: rules speak first, the policy chooses among those that are left.

use super::Campaign;
use super::verdict::{Circumstances, NEVER, Stage, Verdict};
use crate::engine::base::document::Part;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, List, forms};
use crate::engine::base::money;
use crate::engine::base::text::join;
use crate::engine::base::time::Ends;
#[cfg(feature = "studio")]
use crate::engine::base::value::Map;
use crate::engine::base::value::Value;
use crate::engine::offer::Offer;

/// The offers that a message may speak of: those of a slot, by its name, or these, by their ids.
#[derive(Clone, Copy)]
pub struct Wanted<'a>(&'a Value);

impl<'a> Part<'a> for Wanted<'a> {
    fn of(value: &'a Value) -> Self {
        Wanted(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::Text(_) => (),
            Value::List(_) => List::<&str>::check(value, check),
            other => check.expected("the name of a slot or a list of offers", other),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![<&str>::schema(defs), List::<&str>::schema(defs)])
    }
}

impl<'a> Wanted<'a> {
    /// Those of a slot.
    pub fn slot(slot: &'a Value) -> Wanted<'a> {
        Wanted(slot)
    }

    /// The ids, where they are named.
    #[cfg(feature = "studio")]
    pub fn ids(self) -> impl Iterator<Item = &'a str> {
        self.0.list().iter().filter_map(Value::text)
    }

    /// Whether an offer is one of them.
    pub fn has(self, offer: Offer) -> bool {
        match self.0.text() {
            Some(slot) => offer.slots().iter().any(|one| one == slot),
            None => self.0.list().iter().any(|id| id.text() == Some(offer.id())),
        }
    }
}

impl<'a> Circumstances<'a> {
    /// The offers that may be shown, by their places in the catalogue. `slot`: where, with no campaign around them.
    pub fn eligible(self, wanted: Wanted, slot: Option<&str>) -> Vec<usize> {
        // Of one who is held out it is told what would have shown.
        let (quiet, all) = (Circumstances { why: false, ghost: true, ..self }, &self.plan.offers);
        let may = |at: &usize| {
            let offer = all.offer(*at).and_then(|(_, place)| Some((place, self.bundle.offers().get(place)?)));
            offer.is_some_and(|(place, offer)| {
                wanted.has(offer) && quiet.offered(place, offer, slot).stage == Stage::Shown
            })
        };
        (0..all.len()).filter(may).collect()
    }

    /// Whether an offer may be shown, or what stands in its way. It is judged as a campaign is: an offer reads as one.
    pub fn offered(self, place: usize, offer: Offer<'a>, slot: Option<&str>) -> Verdict<'a> {
        let mut verdict = self.begin("/offers/", place, Campaign(offer.0), None);
        let own = &mut verdict;
        let _ = slot.is_some_and(|slot| self.bars(own, slot))
            || self.unwanted(own, offer)
            || self.schedule(own)
            || self.sold_out(own, offer)
            || self.targeting(own)
            // A campaign around it was asked itself.
            || slot.is_some() && self.quiet_state(own)
            || self.seen_enough(own, offer)
            || slot.is_some() && !self.ghost && self.is_held_out(own);
        own.ends = own.next;
        verdict
    }

    /// What stands in the way of all offers of a slot.
    fn bars(self, verdict: &mut Verdict, slot: &str) -> bool {
        self.is_stranger(verdict)
            || slot == super::INTERRUPTIVE && verdict.stop(Stage::House, "page", &[])
            || ["page", "slot"].into_iter().any(|code| self.barred_from_page(verdict, slot, code))
            || !self.profile.allows("personalization", self.assumed)
                && verdict.stop(Stage::Consent, "consent", &["/purposes"])
    }

    /// What the shopper never wants to see is not outvoted.
    fn unwanted(self, verdict: &mut Verdict, offer: Offer) -> bool {
        let named = [offer.id(), offer.category(), offer.item().unwrap_or_default()];
        let never = self.document.at(NEVER).list().iter().filter_map(Value::text);
        let unwanted = never.into_iter().find(|never| !never.is_empty() && named.contains(never));
        let Some(unwanted) = unwanted else { return false };
        if self.why {
            verdict.path = Some(NEVER.to_string());
            verdict.actual = unwanted.into();
        }
        verdict.stop(Stage::Frequency, "never", &[&verdict.own()])
    }

    /// What the page says of its item: sold out, or another price. What it does not say counts as unchanged.
    fn sold_out(self, verdict: &mut Verdict, offer: Offer) -> bool {
        let Some(item) = offer.item() else { return false };
        let facts = self.document.field("context").field("items").field(item);
        let mut stop = |code, key: &str, expected: Value| {
            if self.why {
                verdict.path = Some(join(&["context.items.", item, ".", key]));
                verdict.found(expected, facts.field(key).clone());
            }
            verdict.stop(Stage::Targeting, code, &[&verdict.own(), "/item"])
        };
        if facts.field("stock").number().is_some_and(|stock| stock <= 0.0) {
            return stop("sold_out", "stock", Value::Null);
        }
        let digits = money::exponent(self.bundle.house().currency());
        let changed = |price: &i64| {
            !facts.field("price").is_null() && money::minor(facts.field("price"), digits, self.host) != Some(*price)
        };
        offer.price().filter(changed).is_some_and(|price| stop("price", "price", price.into()))
    }

    /// How often it was seen, and whether it rests after it was dismissed.
    fn seen_enough(self, verdict: &mut Verdict, offer: Offer) -> bool {
        let Some(contact) = self.learnt.offers.get(offer.id()) else { return false };
        if let Some(ceiling) = offer.ceiling().filter(|ceiling| contact.shown >= *ceiling) {
            verdict.found(ceiling, contact.shown);
            return verdict.stop(Stage::Frequency, "ceiling", &[&verdict.own(), "/ceiling"]);
        }
        let Some(dismissed) = contact.dismissed else { return false };
        let free = self.zones.add(self.zone(), dismissed.min(self.now), offer.cooldown(), Ends::Wait);
        self.ahead(verdict, free) && {
            verdict.next = Some(free);
            verdict.stop(Stage::Frequency, "cooldown", &[&verdict.own(), "/cooldown"])
        }
    }

    fn is_held_out(self, verdict: &mut Verdict) -> bool {
        let Some((bucket, share)) = self.held_out(Campaign(&Value::Null)) else { return false };
        verdict.found(share, bucket);
        verdict.stop(Stage::Holdout, "holdout", &["/house/holdout"])
    }

    /// A campaign that speaks of an offer waits for one that may be shown.
    pub(super) fn without_offer(self, verdict: &mut Verdict) -> bool {
        let Some(wanted) = verdict.campaign.offers() else { return false };
        // Stock and prices come and go, and so does what was dismissed.
        verdict.until = self.now;
        self.eligible(wanted, None).is_empty()
            && verdict.stop(Stage::Targeting, "no_offer", &[&verdict.own(), "/offers"])
    }
}
