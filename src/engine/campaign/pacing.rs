//! How often a campaign may show: its own caps, what the shopper hid, other campaigns, and the house's pacing.

use super::history::{Deed, History, Shown};
use super::requirement::Requirements;
use super::schedule::{Clock, HOUSE, Window};
use super::verdict::{Circumstances, NEVER, Stage, Verdict};
use super::{Beside, Campaign, Class, INTERRUPTIVE, Step};
use crate::engine::base::text::decimal;
use crate::engine::base::time::{Ends, Span, Time};
use crate::engine::base::value::Value;
use crate::engine::message::template::Text;
use crate::engine::profile::Grant;
use crate::{document, words};

document! {
    /// At most how often.
    pub struct Cap {
        /// So many times.
        "count" count: i64,
        /// In this time; a cap without is for ever. "Once per N days" allows date + N.
        "per" per: Option<Span> = None,
        /// What is counted.
        "of" of: Of = Of::Exposure,
        /// Counted anew for each value of this fact, as it was when it was shown: per cart, per store.
        "by" by: Option<&'a str> = None,
        /// Of this step alone, which alone then rests; default: of all of them.
        "step" step: Option<&'a str> = None,
        /// Instead of `per`: once it was shown so often, all of it rests so long, whatever `by` is then; and is counted anew.
        "rest" rest: Option<Span> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// How often messages of the marketing class may show: interruptive ones, unless it says otherwise.
    pub struct Pacing {
        /// At most so many in a visit.
        "session" session: Option<i64> = None,
        /// At most so many in a day of the house.
        "day" day: Option<i64> = None,
        /// At most so many in so many days, today included.
        "rolling" rolling: Option<Rolling<'a>> = None,
        /// At least so long between two.
        "gap" gap: Option<Span> = None,
        /// Fewer in the beginning.
        "ramp" ramp: Option<Ramp<'a>> = None,
        /// Hours in which nothing interrupts.
        "quiet" quiet: Option<Quiet<'a>> = None,
        /// States in which nothing promotional shows at all, cards and offers included: an open complaint, a crisis.
        "states" states: Requirements<'a> = Requirements(&Value::Null),
        /// Whether what was held back is listed in the next message shown, as `held.labels` and `held.count`.
        "coalesce" coalesce: bool = false,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// At most `count` in `days` days, today included.
    pub struct Rolling {
        /// So many.
        "count" count: i64,
        /// In so many days.
        "days" days: i64,
    }

    /// At least `per` between two, so long after a shopper was first seen: "P14D" is over at the end of date + 14.
    pub struct Ramp {
        /// So long it lasts.
        "for" lasts: Span,
        /// So long between two.
        "per" per: Span,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// Hours of the day in which nothing interrupts.
    pub struct Quiet {
        /// When they begin, e.g. `21:00`.
        "from" from: Clock,
        /// When they end; where that is not after `from`, on the next day.
        "to" to: Clock,
        /// Whose clock tells the hours: `house`, `user` or an IANA zone.
        "zone" zone: &'a str = HOUSE,
        /// Not for those who agreed to this, e.g. `consent.night`.
        "unless" unless: Option<&'a str> = None,
        /// The reason in words.
        "why" why: Option<Text<'a>> = None,
    }
}

words! {
    /// What a cap counts.
    pub enum Of {
        /// That it was seen.
        "exposure" Exposure,
        /// That it was closed or hidden.
        "dismiss" Dismiss,
        /// That a button was pressed.
        "click" Click,
        /// That it was answered.
        "answer" Answer,
    }
}

impl<'a> Circumstances<'a> {
    /// What was seen of a campaign, as it counts here: what is on screen must not take itself away, and who is held out has seen
    /// what would have been shown.
    pub(super) fn seen<'b>(self, history: Option<&'b History>) -> impl Iterator<Item = &'b Shown> + use<'a, 'b> {
        let shown = history.map_or(&[][..], |history| &history.shown);
        shown.iter().filter(move |shown| self.counts(shown))
    }

    fn counts(self, shown: &Shown) -> bool {
        shown.ghost == self.ghost && !self.is_open(shown)
    }

    /// Whether it is what stands there now.
    pub(super) fn is_open(self, shown: &Shown) -> bool {
        self.open.iter().any(|open| open.id == shown.decision && !open.closed)
    }

    /// The campaign's own frequency: what never changes is named first, then what the shopper hid, then what waits.
    pub(super) fn frequency(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        self.unwelcome(verdict)
            || self.quiet_state(verdict)
            || self.capped(verdict, history, false)
            || self.hidden(verdict, history)
            || self.excluded(verdict)
            || self.capped(verdict, history, true)
            || self.spent(verdict, history)
            || self.early(verdict, history)
            || self.pacing(verdict)
    }

    /// Whether it rests by its own rules alone.
    pub(super) fn resting(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        self.unwelcome(verdict)
            || self.hidden(verdict, history)
            || self.capped(verdict, history, false)
            || self.capped(verdict, history, true)
            || self.spent(verdict, history)
            || self.early(verdict, history)
    }

    /// The shopper wants no more of it.
    fn unwelcome(self, verdict: &mut Verdict<'a>) -> bool {
        let never = self.document.at(NEVER).list();
        never.iter().any(|id| id.text() == Some(verdict.campaign.id()))
            && verdict.stop(Stage::Frequency, "never", &[&verdict.own()])
    }

    /// All of it was shown.
    fn spent(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        verdict.step.is_some_and(|step| self.done(verdict.campaign, &step, history))
            && verdict.stop(Stage::Frequency, "done", &[&verdict.own()])
    }

    /// The house rests from marketing: an open complaint, a crisis.
    pub(super) fn quiet_state(self, verdict: &mut Verdict<'a>) -> bool {
        if verdict.campaign.class() != Class::Marketing {
            return false;
        }
        let Some((index, ends)) = self.state(verdict) else { return false };
        verdict.next = ends;
        verdict.stop(Stage::Frequency, "quiet_state", &["/house/pacing/states/", &decimal(index as i64, 1)])
    }

    fn hidden(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        let Some(history) = history else { return false };
        let Some(until) = history.hidden_until.filter(|until| self.ahead(verdict, *until)) else { return false };
        verdict.next = Some(until);
        verdict.found(until.text(), &history.hide);
        verdict.stop(Stage::Frequency, "hidden", &[&verdict.own()])
    }

    /// Another campaign is due, or was shown not long ago.
    fn excluded(self, verdict: &mut Verdict<'a>) -> bool {
        for (index, exclude) in verdict.campaign.excludes().iter().enumerate() {
            // Of others much may change without a word to this one.
            verdict.until = self.now;
            let applies = |beside| exclude.when().is_none_or(|when| when == beside);
            let mut stop = |id: &str, code, next| {
                verdict.next = next;
                verdict.expected = id.into();
                verdict.stop(Stage::Frequency, code, &[&verdict.own(), "/excludes/", &decimal(index as i64, 1)])
            };
            for id in exclude.campaigns().iter() {
                let last = self.seen(self.histories.get(id)).map(|shown| self.past(shown.at)).max();
                if let Some(last) = last.filter(|_| applies(Beside::Shown)) {
                    let free = exclude.within().map(|within| self.after(last, within));
                    if free.is_none_or(|free| self.now < free) {
                        return stop(id, "excluded", free);
                    }
                }
                if applies(Beside::Due) && self.due(id) {
                    return stop(id, "excluded_due", None);
                }
            }
        }
        false
    }

    /// Its own caps, those for ever or the others.
    fn capped(self, verdict: &mut Verdict<'a>, history: Option<&History>, passing: bool) -> bool {
        let step = verdict.step.and_then(|step| step.id);
        verdict.campaign.caps().iter().enumerate().any(|(index, cap)| {
            let concerns = cap.step().is_none() || cap.step() == step;
            concerns && cap.passes() == passing && self.reached(verdict, history, index, cap)
        })
    }

    /// Whether a cap of a step alone is reached: with `skip` the next one's turn comes.
    pub(super) fn step_capped(self, verdict: &mut Verdict<'a>, history: Option<&History>, step: Step) -> bool {
        let caps = verdict.campaign.caps();
        let mut own = caps.iter().enumerate().filter(|(_, cap)| cap.step().is_some() && cap.step() == step.id);
        own.any(|(index, cap)| self.reached(verdict, history, index, cap))
    }

    fn reached(self, verdict: &mut Verdict<'a>, history: Option<&History>, index: usize, cap: Cap<'a>) -> bool {
        let mut counted = Vec::new();
        // What does not say its step may be any.
        let concerns =
            |shown: &&Shown| cap.step().is_none() || shown.step.is_none() || cap.step() == shown.step.as_deref();
        for shown in self.seen(history).filter(concerns) {
            let by = cap.by().map_or(&Value::Null, |by| shown.by.get(by).unwrap_or(&Value::Null));
            match cap.of().deed() {
                None => counted.push((shown.at, by)),
                Some(deed) => {
                    let answers = shown.answers.iter().filter(|one| deed.is(&one.action));
                    counted.extend(answers.map(|one| (one.at, by)));
                }
            }
        }
        if counted.iter().any(|(at, _)| self.now < *at) {
            verdict.until = self.now;
        }
        let stopped = match cap.rest() {
            Some(rest) => self.rested(verdict, cap, rest, counted),
            None => {
                // When each that still counts is free again; for ever without a span.
                let now = cap.by().map_or(&Value::Null, |by| self.document.at(by));
                let mut free = Vec::new();
                for (at, _) in counted.into_iter().filter(|(_, by)| *by == now) {
                    let at = cap.per().map(|per| self.after(self.past(at), per));
                    if at.is_none_or(|at| self.ahead(verdict, at)) {
                        free.push(at);
                    }
                }
                free.sort_unstable();
                // Free again once the oldest of the counted ones has left the window.
                let over = usize::try_from(free.len() as i64 - cap.count()).ok();
                over.map(|over| (free.get(over).copied().flatten(), free.len() as i64))
            }
        };
        let Some((next, count)) = stopped else { return false };
        verdict.next = next;
        verdict.found(cap.count(), count);
        verdict.stop(Stage::Frequency, cap.of().code(), &[&verdict.own(), "/caps/", &decimal(index as i64, 1)])
    }

    /// Until when it rests after it was shown so often, and how often that was.
    fn rested(
        self,
        verdict: &mut Verdict<'a>,
        cap: Cap,
        rest: Span,
        mut counted: Vec<(Time, &Value)>,
    ) -> Option<(Option<Time>, i64)> {
        counted.sort_by_key(|(at, _)| *at);
        let (mut since, mut free) = (0, None);
        for (place, (at, by)) in counted.iter().enumerate() {
            let alike = counted.iter().take(place + 1).skip(since).filter(|(_, other)| other == by);
            if alike.count() as i64 >= cap.count() {
                (since, free) = (place + 1, Some(self.after(self.past(*at), rest)));
            }
        }
        let free = free.filter(|free| self.ahead(verdict, *free))?;
        Some((Some(free), cap.count()))
    }

    /// Too soon after its own last showing.
    fn early(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        let Some(gap) = verdict.campaign.gap() else { return false };
        let Some(last) = self.seen(history).map(|shown| self.past(shown.at)).max() else { return false };
        let free = self.after(last, gap.after());
        if !self.ahead(verdict, free) {
            return false;
        }
        verdict.next = Some(free);
        verdict.found(free.text(), last.text());
        let code = if verdict.campaign.steps().is_empty() { "own_gap" } else { "step_gap" };
        verdict.stop(Stage::Frequency, code, &[&verdict.own(), "/gap"])
    }

    /// What a clock that ran ahead dated into the future counts as just now: no cap opens by it.
    fn past(self, at: Time) -> Time {
        at.min(self.now)
    }

    /// When a wait is over: days at midnight of the house, hours exactly.
    fn after(self, from: Time, span: Span) -> Time {
        self.zones.add(self.zone(), from, span, Ends::Wait)
    }

    /// The instants at which interruptive messages of the marketing class were seen, of all campaigns, oldest first.
    fn interruptions(self) -> Vec<Time> {
        let mut times = Vec::new();
        for (id, history) in self.histories.iter() {
            let mut shown = self.seen(Some(history)).filter(|shown| shown.interruptive).peekable();
            let is_marketing = |campaign: Campaign| campaign.class() == Class::Marketing;
            if shown.peek().is_none() || !self.bundle.campaign(id).is_some_and(is_marketing) {
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
    fn pacing(self, verdict: &mut Verdict<'a>) -> bool {
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
        if let Some(last) = shown.last() {
            if let Some(free) = pacing.gap().map(|gap| self.after(*last, gap)).filter(|free| self.now < *free) {
                return stop("gap", 1, 1, Some(free));
            }
            let begun = self.profile.first.zip(pacing.ramp());
            if let Some((first, ramp)) = begun
                && let end = self.zones.add(self.zone(), first, ramp.lasts(), Ends::Validity)
                && let free = self.after(*last, ramp.per()).min(end)
                && self.now < free
            {
                verdict.next = Some(free);
                verdict.found(end.text(), last.text());
                return verdict.stop(Stage::Frequency, "ramp", &["/house/pacing/ramp"]);
            }
        }
        pacing.quiet().is_some_and(|quiet| self.quiet(verdict, quiet))
    }

    /// The other campaigns that were held back since something last interrupted: due now, or after an event in a visit that is
    /// over. By their places.
    pub fn held_back(self, but: Campaign) -> Vec<usize> {
        let last = self.interruptions().last().copied().unwrap_or(Time(i64::MIN));
        let held = |(index, campaign): (usize, Campaign<'a>)| {
            let other = campaign.id() != but.id() && campaign.class() == Class::Marketing;
            (other && self.waited(index, campaign, last)).then_some(index)
        };
        self.bundle.campaigns().iter().enumerate().filter_map(held).collect()
    }

    /// Within the quiet hours, which are those of the house where the shopper's zone cannot be told.
    fn quiet(self, verdict: &mut Verdict<'a>, quiet: Quiet<'a>) -> bool {
        let agreed = quiet.unless().is_some_and(|consent| {
            let said = self.document.at(consent);
            said.bool() == Some(true) || said.text() == Some(Grant::Granted.word())
        });
        let zone = self.zone_named(quiet.zone()).unwrap_or_else(|| self.zone());
        let today = self.zones.day(zone, self.now);
        // Those of yesterday may go on past midnight.
        let mut hours = (-1..=0).filter_map(|days| Window(quiet.0).on(today.plus(days), self.zones, zone));
        let ends = hours.find(|(from, to)| *from <= self.now && self.now < *to).map(|(_, to)| to);
        let Some(ends) = ends.filter(|_| !agreed) else { return false };
        verdict.next = Some(ends);
        if self.why {
            verdict.found(
                Clock(self.zones.local(zone, ends).clock).text(),
                Clock(self.zones.local(zone, self.now).clock).text(),
            );
        }
        verdict.stop(Stage::Frequency, "quiet", &["/house/pacing/quiet"])
    }
}

impl<'a> Circumstances<'a> {
    /// Whether another campaign is due: for this shopper, now, and not spent. Whether the house's pacing or who goes first would
    /// let it show does not matter.
    fn due(self, id: &str) -> bool {
        let mut campaigns = self.bundle.campaigns().iter().enumerate();
        let Some((index, campaign)) = campaigns.find(|(_, campaign)| campaign.id() == id) else { return false };
        self.is_due(index, campaign)
    }
}

impl Cap<'_> {
    /// Whether time alone frees it.
    fn passes(self) -> bool {
        self.per().is_some() || self.rest().is_some()
    }
}

impl Of {
    fn deed(self) -> Option<Deed> {
        match self {
            Of::Exposure => None,
            Of::Dismiss => Some(Deed::Dismissed),
            Of::Click => Some(Deed::Clicked),
            Of::Answer => Some(Deed::Answered),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Of::Exposure => "cap",
            Of::Dismiss => "cap_dismiss",
            Of::Click => "cap_click",
            Of::Answer => "cap_answer",
        }
    }
}
