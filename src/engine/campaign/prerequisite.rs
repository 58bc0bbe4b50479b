//! What must have become of other campaigns before.

use super::Prerequisite;
use super::history::{Deed, Shown};
use super::verdict::{Circumstances, Stage, Verdict};
use crate::engine::base::text::decimal;
use crate::engine::base::time::{Ends, Time};

impl<'a> Circumstances<'a> {
    pub(super) fn prerequisite(self, verdict: &mut Verdict<'a>) -> bool {
        for (index, wanted) in verdict.campaign.prerequisites().iter().enumerate() {
            // Of another campaign's showings and answers this one is not told.
            verdict.until = self.now;
            let history = self.histories.get(wanted.campaign());
            let shown = history.map_or(&[][..], |history| &history.shown).iter();
            // Who is held out was shown some for real: what is no promotion, and what came before.
            let shown = shown.filter(|shown| (self.ghost || !shown.ghost) && !self.is_open(shown));
            let mut since = shown.filter_map(|shown| wanted.met(shown));
            let counts = |at: Time| {
                let end = wanted.within().map(|within| self.zones.add(self.zone(), at, within, Ends::Validity));
                end.is_none_or(|end| self.now < end)
            };
            if since.any(counts) {
                continue;
            }
            verdict.expected = wanted.campaign().into();
            let code = match wanted.is() {
                Deed::Shown => "not_shown",
                Deed::Answered => "not_answered",
                Deed::Clicked => "not_clicked",
                Deed::Dismissed => "not_dismissed",
                Deed::Chosen => "not_chosen",
            };
            return verdict.stop(
                Stage::Prerequisite,
                code,
                &[&verdict.own(), "/prerequisites/", &decimal(index as i64, 1)],
            );
        }
        false
    }
}

impl Prerequisite<'_> {
    /// When a showing last met it, if it did.
    fn met(self, shown: &Shown) -> Option<Time> {
        if self.step().is_some() && self.step() != shown.step.as_deref() {
            return None;
        }
        if self.is() == Deed::Shown {
            return Some(shown.at);
        }
        let wanted = self.value();
        let answers = shown.answers.iter().rev();
        let mut met = answers.filter(|one| {
            let says = wanted.is_null() || *wanted == one.value || wanted.list().contains(&one.value);
            self.is().is(&one.action) && says
        });
        met.next().map(|one| one.at)
    }
}
