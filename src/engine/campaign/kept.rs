//! Verdicts kept from one moment to the next: only those are reached anew whose grounds have changed.

use super::History;
use super::arbitration::Rank;
use super::verdict::{Circumstances, Stage};
use crate::engine::base::time::Time;
use crate::engine::base::value::Value;
use crate::engine::bundle::plan::{Depth, Plan};

/// What all verdicts came to at a moment, and from what.
pub struct Kept {
    at: Time,
    /// The document they were reached from.
    pub document: Value,
    visit: Time,
    doubt: bool,
    ones: Vec<One>,
}

/// What one campaign's verdict came to, before others went first.
struct One {
    stage: Stage,
    silent: bool,
    step: Option<usize>,
    next: Option<Time>,
    until: Time,
    trace: Option<Trace>,
}

/// Those that are first in their slots, by the places of campaign and step, in the bundle's order.
#[derive(Default, PartialEq)]
pub struct First {
    /// They show.
    pub shown: Vec<(usize, usize)>,
    /// They would have shown: to one who is not held out, in another variant.
    pub silent: Vec<(usize, usize)>,
}

/// What changes with each showing, answer and trigger of a campaign; and whether it is on screen.
type Trace = (i64, i64, i64, Option<Time>, bool);

impl Kept {
    /// What all verdicts come to now; those of `before` stay that still hold. `document` is what they are reached from.
    pub fn renewed(before: Option<Kept>, circumstances: Circumstances, plan: &Plan, document: Value) -> Kept {
        let slots = plan.conditions().slots(&document);
        let circumstances = Circumstances { document: &document, slots: &slots, ..circumstances };
        let (now, visit, doubt) =
            (circumstances.now, circumstances.profile.session.start, circumstances.doubt().is_some());
        let (mut ones, mut depths) = (Vec::new(), Vec::new());
        if let Some(before) = before.filter(|before| before.at <= now && (before.visit, before.doubt) == (visit, doubt))
        {
            depths = plan.concerned(&plan.conditions().slots(&before.document), &slots);
            ones = before.ones;
        }
        for (place, campaign) in circumstances.bundle.campaigns().iter().enumerate() {
            let open = circumstances.open.iter().any(|open| open.campaign.as_deref() == Some(campaign.id()));
            let trace = circumstances.histories.get(campaign.id()).map(|history| history.trace(open));
            let known = ones.get_mut(place);
            if known.as_ref().is_some_and(|one| {
                let depth = depths.get(place).copied().unwrap_or_default();
                let concerns = depth == Depth::Whole || depth == Depth::Audience && one.stage > Stage::Trigger;
                now < one.until && one.trace == trace && !concerns
            }) {
                continue;
            }
            let verdict = circumstances.judge(place, campaign);
            let (stage, silent, step) = (verdict.stage, verdict.silent, verdict.step.map(|step| step.place));
            let one = One { stage, silent, step, next: verdict.next, until: verdict.until, trace };
            match known {
                Some(known) => *known = one,
                None => ones.push(one),
            }
        }
        Kept { at: now, document, visit, doubt, ones }
    }

    /// Those that are first in their slots.
    pub fn first(&self, circumstances: Circumstances) -> First {
        let (mut due, mut ranks) = (Vec::new(), Vec::new());
        for (place, campaign) in circumstances.bundle.campaigns().iter().enumerate() {
            if let Some(One { stage, silent, step: Some(step), .. }) = self.ones.get(place)
                && (*stage == Stage::Shown || *silent)
                && let Some(step) = campaign.step(*step)
            {
                due.push((place, step.place, *silent));
                ranks.push(Rank::of(circumstances, campaign, step, *silent));
            }
        }
        let mut first = First::default();
        for ((campaign, step, silent), rank) in due.into_iter().zip(&ranks) {
            if rank.behind(&ranks).is_none() {
                if silent { &mut first.silent } else { &mut first.shown }.push((campaign, step));
            }
        }
        first
    }

    /// The next moment at which time alone may bring one, or end one that shows.
    pub fn next(&self) -> Option<Time> {
        let ends = |one: &One| {
            Some(one.until)
                .filter(|until| one.stage == Stage::Shown && (self.at.plus(1)..Time(i64::MAX)).contains(until))
        };
        self.ones.iter().filter_map(|one| one.next.or_else(|| ends(one))).min()
    }

    /// What the campaign at a place came to.
    pub fn stage(&self, place: usize) -> Option<Stage> {
        self.ones.get(place).map(|one| one.stage)
    }
}

impl History {
    fn trace(&self, open: bool) -> Trace {
        (self.times, self.answers, self.fires(), self.hidden_until, open)
    }
}
