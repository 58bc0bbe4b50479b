//! The offers that a message or a slot speaks of: picked by the policy, held as long as they may be shown.

use super::base::text::join;
use super::base::value::{Map, Value};
use super::campaign::Wanted;
use super::campaign::verdict::Circumstances;
use super::message::template::Scope;
use super::offer::{Draw, Model, Moment, Offer, Scene, Terms};

/// What is wanted of the policy.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// The slot.
    pub slot: &'a str,
    /// The offers that a campaign speaks of; none: those of the slot, with no campaign around them.
    pub wanted: Option<Wanted<'a>>,
    /// How many.
    pub count: usize,
}

/// An offer that was picked.
pub struct Picked<'a> {
    /// The offer.
    pub offer: Offer<'a>,
    /// The probability with which it was chosen.
    pub propensity: f64,
    /// How it came about: further members of the decision's line in the log.
    pub log: Map,
}

/// What stands in a slot already, by places of a list.
pub type Held<'a> = Vec<Option<&'a str>>;

impl<'a> Circumstances<'a> {
    /// What the policy knows of its offers, and how it chooses.
    pub fn model(self) -> Model<'a> {
        self.plan.model(self.bundle)
    }

    /// What the policy believes now of offers in a slot.
    pub fn moment(self, slot: &str) -> Moment<'a> {
        let model = self.model();
        let shares = self.bundle.interests().get(model.policy.interest()).map(|dimension| dimension.shares());
        Moment::new(model, self.learnt, Scene { slot, document: self.document, shares, now: self.now })
    }

    /// Offers for a slot. Of those that are `held` all that may still be shown stay in their places, and the policy fills the
    /// others: none where it stays, in the order of places. `seed` and `id` are those of the decision.
    pub fn picks(self, wish: Wish, held: Held, seed: &str, id: &str) -> Vec<Option<Picked<'a>>> {
        let alone = wish.wanted.is_none().then_some(wish.slot);
        let slot = Value::from(wish.slot);
        let eligible = self.eligible(wish.wanted.unwrap_or(Wanted::slot(&slot)), alone);
        let still =
            |id: &Option<&str>| id.and_then(|id| self.plan.offers.entry(id)).filter(|entry| eligible.contains(entry));
        let mut kept: Vec<Option<usize>> = held.iter().map(still).collect();
        kept.resize(wish.count, None);
        let stay: Vec<usize> = kept.iter().copied().flatten().collect();
        let model = self.model();
        let mut chosen = Vec::new().into_iter();
        let moment = self.moment(wish.slot);
        // Nothing is drawn where nothing is missing.
        if stay.len() < wish.count.min(eligible.len()) {
            let count = wish.count - stay.len();
            let terms = Terms { count, chance: model.policy.chance(), diversity: model.policy.diversity() };
            let seed = join(&[model.policy.seed(), "/", seed]);
            chosen = terms.choose(&moment, &eligible, &stay, Draw { seed: &seed, id }).into_iter();
        }
        let (all, mut picks) = (&self.plan.offers, Vec::new());
        let ids: Vec<Value> = eligible.iter().filter_map(|at| Some(all.offer(*at)?.0.into())).collect();
        for (place, kept) in kept.into_iter().enumerate() {
            if kept.is_some() {
                picks.push(None);
                continue;
            }
            let Some(chosen) = chosen.next() else { break };
            let offer = all.offer(chosen.entry).and_then(|(_, place)| self.bundle.offers().get(place));
            let Some(offer) = offer else { break };
            let [features, score] = moment.named(chosen.entry);
            let log = Map::of([
                ("position", (place as i64 + 1).into()),
                ("policy", model.policy.version().into()),
                ("epsilon", model.policy.chance().into()),
                ("eligible", ids.clone().into()),
                ("features", features.into()),
                ("score", score.into()),
            ]);
            picks.push(Some(Picked { offer, propensity: chosen.propensity, log }));
        }
        picks
    }

    /// Each offer with why it may not be shown, or what its score is made of.
    pub fn offers(self) -> Vec<Value> {
        let mut lines = Vec::new();
        for (place, offer) in self.bundle.offers().iter().enumerate() {
            let slot = offer.slots().get(0).unwrap_or_default();
            let verdict = self.offered(place, offer, Some(slot));
            let mut line = Map::of([("offer", offer.id().into()), ("slot", slot.into())]);
            for (key, value) in verdict.of_offer().iter() {
                line.append(key, value.clone());
            }
            if let Some(entry) = self.plan.offers.entry(offer.id()) {
                let moment = self.moment(slot);
                let [_, terms] = moment.named(entry);
                line.set("chance", moment.score(entry).chance);
                line.set("score", terms);
            }
            lines.push(line.into());
        }
        lines
    }
}

/// The facts of an offer, as messages read them under `offer`: what the page says of its item, and its own, which win.
pub fn facts(offer: Offer, scope: Scope) -> Map {
    let mut facts = Map::new();
    let item = offer.item().map(|item| scope.document.field("context").field("items").field(item));
    for (name, value) in item.into_iter().flat_map(Value::members).chain(offer.facts().members()) {
        facts.set(name, value.clone());
    }
    facts.set("id", offer.id());
    facts.set("label", &*offer.label().print(scope));
    facts.set("category", offer.category());
    if let Some(price) = offer.price() {
        facts.set("price", price);
    }
    facts
}
