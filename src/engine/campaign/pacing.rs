//! How often a campaign may show: its own caps, what the shopper hid, and the house's pacing of all that interrupts.

use super::history::{History, Shown};
use super::verdict::{Circumstances, NEVER, Stage, Verdict};
use super::{Class, INTERRUPTIVE};
use crate::document;
use crate::engine::base::text::decimal;
use crate::engine::base::time::{Ends, Span, Time};
use crate::engine::message::template::Text;

document! {
    /// At most how often.
    pub struct Cap {
        /// So many times.
        "count" count: i64,
        /// In this time; a cap without is for ever. "Once per N days" allows date + N.
        "per" per: Option<Span> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }
}

impl Circumstances<'_> {
    pub(super) fn done_or_capped(self, verdict: &mut Verdict, history: Option<&History>) -> bool {
        if verdict.step.is_some_and(|step| self.done(verdict.campaign, &step, history)) {
            return verdict.stop(Stage::Frequency, "done", &[&verdict.own()]);
        }
        let never = self.document.at(NEVER).list();
        if never.iter().any(|id| id.text() == Some(verdict.campaign.id())) {
            return verdict.stop(Stage::Frequency, "never", &[&verdict.own()]);
        }
        let Some(history) = history else { return self.capped(verdict, &[]) };
        if let Some(until) = history.hidden_until.filter(|until| self.ahead(verdict, *until)) {
            verdict.next = Some(until);
            return verdict.stop(Stage::Frequency, "hidden", &[&verdict.own()]);
        }
        self.capped(verdict, &history.shown)
    }

    fn capped(self, verdict: &mut Verdict, shown: &[Shown]) -> bool {
        for (index, cap) in verdict.campaign.caps().iter().enumerate() {
            let free = |at: Time| cap.per().map(|per| self.zones.add(self.zone(), at, per, Ends::Wait));
            // When each that still counts is free again; for ever without a span.
            let mut counted = Vec::new();
            for shown in shown {
                let free = free(self.past(shown.at));
                if free.is_none_or(|free| self.ahead(verdict, free)) {
                    counted.push(free);
                }
                if self.now < shown.at {
                    verdict.until = self.now;
                }
            }
            // Free again once the oldest of the counted ones has left the window.
            if let Ok(over) = usize::try_from(counted.len() as i64 - cap.count()) {
                verdict.next = counted.get(over).copied().flatten();
                verdict.found(cap.count(), counted.len() as i64);
                return verdict.stop(Stage::Frequency, "cap", &[&verdict.own(), "/caps/", &decimal(index as i64, 1)]);
            }
        }
        false
    }

    /// What a clock that ran ahead dated into the future counts as just now: no cap opens by it.
    fn past(self, at: Time) -> Time {
        at.min(self.now)
    }

    /// The instants at which interruptive messages of the marketing class were seen, of all campaigns, oldest first.
    fn interruptions(self) -> Vec<Time> {
        let mut times = Vec::new();
        for (id, history) in self.histories.iter() {
            let mut shown = history.shown.iter().filter(|shown| shown.interruptive).peekable();
            if shown.peek().is_none()
                || !self
                    .bundle
                    .campaigns()
                    .iter()
                    .any(|campaign| campaign.id() == id && campaign.class() == Class::Marketing)
            {
                continue;
            }
            for shown in shown {
                let at = self.past(shown.at);
                let place = times.iter().take_while(|time| **time <= at).count();
                times.insert(place, at);
            }
        }
        times
    }

    /// The house's pacing counts interruptive messages of the marketing class, of all campaigns.
    pub(super) fn pacing(self, verdict: &mut Verdict) -> bool {
        let interrupts = verdict.step.is_none_or(|step| step.slot == INTERRUPTIVE);
        if verdict.campaign.class() != Class::Marketing || !interrupts {
            return false;
        }
        // All campaigns count, and the visit goes on.
        verdict.until = self.now;
        let pacing = self.bundle.house().pacing();
        let shown = self.interruptions();
        let visit = &self.profile.session;
        let ends = visit.last.plus(self.bundle.house().session().exact);
        let today = self.zones.day(self.zone(), self.now);
        let midnight = |days: i32| Some(self.zones.midnight(self.zone(), today.plus(days)));
        // How many days ago each was seen.
        let ago: Vec<i32> = shown.iter().map(|at| today.0 - self.zones.day(self.zone(), *at).0).collect();
        let mut stop = |code, cap: i64, count: i64, next| {
            verdict.found(cap, count);
            verdict.next = next;
            verdict.stop(Stage::Frequency, code, &["/house/pacing"])
        };
        let in_visit = shown.iter().filter(|at| **at >= self.past(visit.start) && self.now < ends).count() as i64;
        if let Some(cap) = pacing.session().filter(|cap| in_visit >= *cap) {
            return stop("session_cap", cap, in_visit, Some(ends));
        }
        let in_day = ago.iter().filter(|ago| **ago == 0).count() as i64;
        if let Some(cap) = pacing.day().filter(|cap| in_day >= *cap) {
            return stop("day_cap", cap, in_day, midnight(1));
        }
        if let Some(rolling) = pacing.rolling() {
            let days = i32::try_from(rolling.days()).unwrap_or(i32::MAX);
            // Oldest first, so those that do not count any more stand before those that do.
            let counted = ago.iter().filter(|ago| **ago < days).count();
            if let Ok(over) = usize::try_from(counted as i64 - rolling.count()) {
                let next = ago.get(ago.len() - counted + over).and_then(|ago| midnight(days.saturating_sub(*ago)));
                return stop("rolling_cap", rolling.count(), counted as i64, next);
            }
        }
        let (Some(last), Some(gap)) = (shown.last(), pacing.gap()) else { return false };
        let free = self.zones.add(self.zone(), *last, gap, Ends::Wait);
        self.now < free && stop("gap", 1, 1, Some(free))
    }
}
