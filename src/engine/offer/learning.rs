//! What a device learns: from what was seen, clicked, dismissed and left unanswered, each decision once.

use super::Model;
use super::model::Weights;
use crate::engine::base::record::Named;
use crate::engine::base::time::{MINUTE, Time};
use crate::engine::base::value::Map;
use crate::engine::campaign::{ANSWER, DECISION, EXPOSURE};
use crate::engine::signal::{Kind, Signal};
use crate::record;

record! {
    /// What a device has learnt about offers.
    pub struct Learnt {
        /// The weights that are not as the fleet has them.
        "weights" weights: Weights,
        /// Decisions by id, as they were opened: of those that are answered the id alone.
        "opened" opened: Named<Opened>,
        /// What became of each offer.
        "offers" offers: Named<Contact>,
    }

    /// A decision that may be answered.
    pub struct Opened {
        /// The offer; none once it was answered.
        "offer" offer: Option<String>,
        /// What it was chosen by.
        "features" features: Map,
        /// When it was seen.
        "seen" seen: Option<Time>,
    }

    /// What became of an offer.
    pub struct Contact {
        /// How often it was seen.
        "shown" shown: i64,
        /// When it was last clicked.
        "clicked" clicked: Option<Time>,
        /// When it was last dismissed.
        "dismissed" dismissed: Option<Time>,
    }
}

/// So many decisions are kept: an answer to an older one comes too late.
const OPEN: usize = 32;
/// So many features a decision has at most.
const FEATURES: usize = 64;
/// What was seen and not answered for so long was not wanted.
pub const PATIENCE: i64 = 30 * MINUTE;
/// How often a dismissal counts.
pub const DISMISSED: f64 = 3.0;

impl Learnt {
    /// Takes in a signal: a decision opens, an exposure starts the wait for an answer, an answer is learnt from. What answers a
    /// decision that is not known, or was answered, is refused.
    pub fn hear(&mut self, signal: &Signal, model: Model) {
        let text = |key: &str| signal.properties.field(key).text();
        let Some(decision) = text("decision").filter(|_| signal.kind == Kind::Track) else { return };
        match signal.name.as_str() {
            DECISION => {
                let offer = text("offer").filter(|offer| model.catalogue.entry(offer).is_some());
                // Of what was held out nothing was seen.
                let held_out = signal.properties.field("holdout").bool() == Some(true);
                let (Some(offer), false) = (offer, held_out) else { return };
                if self.opened.get(decision).is_some() {
                    return;
                }
                let features = signal.properties.field("features").map().filter(|features| features.len() <= FEATURES);
                let features = features.cloned().unwrap_or_default();
                self.opened.set(decision, Opened { offer: Some(offer.to_string()), features, seen: None });
                while self.opened.len() > OPEN {
                    let Some(oldest) = self.opened.iter().next().map(|(id, _)| id.to_string()) else { break };
                    self.opened.remove(&oldest);
                }
            }
            EXPOSURE => self.see(decision, signal.at),
            // Half of an answer proves that it was seen, no more.
            ANSWER if !signal.settles() => self.see(decision, signal.at),
            ANSWER => match text("action") {
                Some("click") => self.answer(decision, 1.0, 1.0, signal.at, model),
                Some("dismiss" | "hide_today" | "hide_7d") => self.answer(decision, 0.0, DISMISSED, signal.at, model),
                _ => (),
            },
            _ => (),
        }
    }

    fn see(&mut self, decision: &str, at: Time) {
        let Some(open) = self.opened.get_mut(decision) else { return };
        if let (Some(offer), None) = (&open.offer, open.seen) {
            open.seen = Some(at);
            self.offers.entry(offer).shown += 1;
        }
    }

    /// Each decision is learnt from once.
    fn answer(&mut self, decision: &str, label: f64, weight: f64, at: Time, model: Model) {
        // An answer proves that it was seen.
        self.see(decision, at);
        let Some(open) = self.opened.get_mut(decision) else { return };
        let Some(offer) = open.offer.take() else { return };
        let features = std::mem::take(&mut open.features);
        let contact = self.offers.entry(&offer);
        if label > 0.0 {
            contact.clicked = Some(at);
        } else if weight > 1.0 {
            contact.dismissed = Some(at);
        }
        model.learn(&mut self.weights, &features, label, weight, at);
    }

    /// When what was seen next counts as unanswered: after half an hour, or when the visit ends.
    pub fn next(&self, visit_ends: Time) -> Option<Time> {
        self.waiting(visit_ends).map(|(due, _)| due).min()
    }

    fn waiting(&self, visit_ends: Time) -> impl Iterator<Item = (Time, &str)> {
        self.opened.iter().filter_map(move |(id, open)| {
            let seen = open.seen.filter(|_| open.offer.is_some())?;
            Some((seen.plus(PATIENCE).min(visit_ends).max(seen), id))
        })
    }

    /// What is due up to a moment counts as unanswered.
    pub fn lapse(&mut self, to: Time, visit_ends: Time, model: Model) {
        while let Some((due, id)) = self.waiting(visit_ends).filter(|(due, _)| *due <= to).min() {
            let id = id.to_string();
            self.answer(&id, 0.0, 1.0, due, model);
        }
    }
}
