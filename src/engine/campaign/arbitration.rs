//! Who goes first in a slot.

use super::verdict::Circumstances;
use super::{Campaign, Step};
use crate::engine::base::time::Time;

/// What decides who goes first in a slot.
pub(super) struct Rank<'a> {
    campaign: Campaign<'a>,
    slot: &'a str,
    silent: bool,
    /// It has the slot already.
    open: bool,
    /// It had it, and went unseen.
    closed: bool,
    priority: i64,
    until: Time,
}

impl<'a> Rank<'a> {
    pub(super) fn of(
        circumstances: Circumstances<'a>,
        campaign: Campaign<'a>,
        step: Step<'a>,
        silent: bool,
    ) -> Rank<'a> {
        let (slot, priority, until) = (step.slot, campaign.priority(), circumstances.end(campaign));
        let held = |closed| {
            circumstances
                .open
                .iter()
                .any(|open| (open.silent, open.closed) == (silent, closed) && open.is_of(campaign, step))
        };
        let (open, closed) = (held(false), held(true));
        Rank { campaign, slot, silent, open, closed, priority, until }
    }

    /// Who goes first in the same slot, if another does. What shows nothing is in the way only of its like.
    pub(super) fn behind(&self, due: &[Rank<'a>]) -> Option<Campaign<'a>> {
        let ahead = due
            .iter()
            .filter(|other| other.slot == self.slot && (self.silent || !other.silent) && other.is_before(self));
        ahead.reduce(|first, other| if other.is_before(first) { other } else { first }).map(|first| first.campaign)
    }

    /// What is open stays as long as it is due, what went unseen waits for all others; then higher priority first; ties by the
    /// earlier end, then the id.
    fn is_before(&self, other: &Rank) -> bool {
        let key = |rank: &Rank| (rank.closed, !rank.open, -rank.priority, rank.until);
        (key(self), self.campaign.id()) < (key(other), other.campaign.id())
    }
}
