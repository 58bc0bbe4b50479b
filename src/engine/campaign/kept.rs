//! Verdicts kept from one moment to the next: only those are reached anew whose grounds have changed.

use super::History;
use super::verdict::{Circumstances, Rank, Stage};
use crate::engine::base::time::Time;
use crate::engine::base::value::Value;
use crate::engine::bundle::plan::Plan;

/// What all verdicts came to at a moment, and from what.
pub struct Kept {
    at: Time,
    grounds: Grounds,
    /// The facts as they were, as far as campaigns read them.
    document: Value,
    ones: Vec<One>,
}

/// What every verdict looks at beside facts and histories.
#[derive(PartialEq)]
struct Grounds {
    user: Option<String>,
    page: Option<String>,
    personal: bool,
    promotional: bool,
    visit: Time,
    doubt: bool,
}

/// What one campaign's verdict came to, before others went first.
struct One {
    stage: Stage,
    step: Option<usize>,
    next: Option<Time>,
    until: Time,
    trace: Option<Trace>,
}

/// What changes with each showing, answer and trigger of a campaign.
type Trace = (i64, Option<Time>, Option<Time>);

impl Kept {
    /// What all verdicts come to now; those of `before` stay that still hold. `document` is what `circumstances` were reached
    /// from, its needs those of the plan.
    pub fn renewed(before: Option<Kept>, circumstances: Circumstances, plan: &Plan, document: Value) -> Kept {
        let circumstances = Circumstances { document: &document, ..circumstances };
        let (now, profile) = (circumstances.now, circumstances.profile);
        let allows = |purpose: &str| profile.allows(purpose, circumstances.assumed);
        let grounds = Grounds {
            user: profile.user.clone(),
            page: profile.page.clone(),
            personal: allows("personalization"),
            promotional: allows("advertising"),
            visit: profile.session.start,
            doubt: circumstances.doubt().is_some(),
        };
        let (mut ones, mut changed) = (Vec::new(), Vec::new());
        if let Some(before) = before.filter(|before| before.at <= now && before.grounds == grounds) {
            changed = plan.changed(&before.document, &document);
            ones = before.ones;
        }
        for (place, campaign) in circumstances.bundle.campaigns().iter().enumerate() {
            let trace = circumstances.histories.get(campaign.id()).map(History::trace);
            let known = ones.get_mut(place);
            if known.as_ref().is_some_and(|one| {
                now < one.until && one.trace == trace && !plan.concerns(place, one.stage > Stage::Trigger, &changed)
            }) {
                continue;
            }
            let verdict = circumstances.judge(place, campaign);
            let (stage, step) = (verdict.stage, verdict.step.map(|step| step.place));
            let one = One { stage, step, next: verdict.next, until: verdict.until, trace };
            match known {
                Some(known) => *known = one,
                None => ones.push(one),
            }
        }
        Kept { at: now, grounds, document, ones }
    }

    /// Those that show, by the places of campaign and step, in the bundle's order.
    pub fn shown(&self, circumstances: Circumstances) -> Vec<(usize, usize)> {
        let mut due = Vec::new();
        for (place, one) in self.ones.iter().enumerate().filter(|(_, one)| one.stage == Stage::Shown) {
            if let Some(campaign) = circumstances.bundle.campaigns().get(place)
                && let Some(step) = one.step.and_then(|step| campaign.step(step))
            {
                due.push(((place, step.place), Rank::of(campaign, step.slot)));
            }
        }
        let ranks: Vec<&Rank> = due.iter().map(|(_, rank)| rank).collect();
        due.iter().filter(|(_, rank)| rank.behind(&ranks).is_none()).map(|(places, _)| *places).collect()
    }

    /// The next moment at which time alone may bring one.
    pub fn next(&self) -> Option<Time> {
        self.ones.iter().filter_map(|one| one.next).min()
    }

    /// What the campaign at a place came to.
    pub fn stage(&self, place: usize) -> Option<Stage> {
        self.ones.get(place).map(|one| one.stage)
    }
}

impl History {
    fn trace(&self) -> Trace {
        (self.times, self.triggered_at, self.hidden_until)
    }
}
