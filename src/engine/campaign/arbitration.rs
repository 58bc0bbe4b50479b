//! Who goes first in a slot.

use super::Campaign;
use super::verdict::Circumstances;
use crate::engine::base::time::Time;

/// What decides who goes first in a slot.
pub(super) struct Rank<'a> {
    campaign: Campaign<'a>,
    slot: &'a str,
    priority: i64,
    until: Time,
}

impl<'a> Rank<'a> {
    pub(super) fn of(circumstances: Circumstances<'a>, campaign: Campaign<'a>, slot: &'a str) -> Rank<'a> {
        let until = circumstances.end(campaign);
        Rank { campaign, slot, priority: campaign.priority(), until }
    }

    /// Who goes first in the same slot, if another does.
    pub(super) fn behind(&self, due: &[Rank<'a>]) -> Option<Campaign<'a>> {
        let ahead = due.iter().filter(|other| other.slot == self.slot && other.is_before(self));
        ahead.reduce(|first, other| if other.is_before(first) { other } else { first }).map(|first| first.campaign)
    }

    /// Higher priority first; ties by the earlier end, then the id.
    fn is_before(&self, other: &Rank) -> bool {
        let tie = || (self.until, self.campaign.id()) < (other.until, other.campaign.id());
        self.priority > other.priority || (self.priority == other.priority && tie())
    }
}
