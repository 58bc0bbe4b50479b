//! Which campaign shows, and why each other does not: the stages of contract.md section 4, in order.

use super::{Campaign, Class, History, INTERRUPTIVE, Shown, Since, Step, Trigger};
use crate::engine::audience::Facts;
use crate::engine::base::hash;
use crate::engine::base::host::Host;
use crate::engine::base::record::Named;
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{Ends, MINUTE, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::{Allow, Bundle};
use crate::engine::profile::{Grant, Profile};

/// The first stage that stopped a campaign, or that it shows, or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Stage {
    /// Members, pages.
    House,
    /// A purpose is not agreed to.
    Consent,
    /// Not between its dates.
    Schedule,
    /// Not due.
    Trigger,
    /// Not for this shopper.
    Targeting,
    /// Held out.
    Holdout,
    /// Shown often enough, hidden, or done.
    Frequency,
    /// It shows.
    Shown,
    /// Another goes first.
    Lost,
}

impl Stage {
    /// The word of contract.md section 4.
    pub fn word(self) -> &'static str {
        match self {
            Stage::House => "house",
            Stage::Consent => "consent",
            Stage::Schedule => "schedule",
            Stage::Trigger => "trigger",
            Stage::Targeting => "targeting",
            Stage::Holdout => "holdout",
            Stage::Frequency => "frequency",
            Stage::Shown => "shown",
            Stage::Lost => "lost",
        }
    }
}

/// Why one campaign shows or does not, in codes and numbers.
pub struct Verdict<'a> {
    /// The campaign.
    pub campaign: Campaign<'a>,
    /// The step concerned.
    pub step: Option<Step<'a>>,
    /// The stage.
    pub stage: Stage,
    /// Which rule of the stage spoke.
    pub code: &'static str,
    /// The campaign that goes first.
    pub to: Option<Campaign<'a>>,
    /// The next moment at which time alone may bring it.
    pub next: Option<Time>,
    /// Up to when it holds, as long as nothing happens.
    pub(super) until: Time,
    /// The fact the rule looked at.
    pub path: Option<String>,
    /// What the rule wanted.
    pub expected: Value,
    /// What it found.
    pub actual: Value,
    /// JSON Pointer to the rule in the bundle, where it may carry a `why`.
    pub at: String,
    /// The campaign's place in the bundle.
    index: usize,
    why: bool,
}

/// What verdicts are reached from.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The marketer's rules.
    pub bundle: Bundle<'a>,
    /// Who it is about.
    pub profile: &'a Profile,
    /// What was shown before.
    pub histories: &'a Named<History>,
    /// The document that conditions read.
    pub document: &'a Value,
    /// Up to when the shopper's own signals go.
    pub at: Option<Time>,
    /// What counts where a purpose was never mentioned.
    pub assumed: Grant,
    /// Offset tables.
    pub zones: &'a Zones,
    /// The platform's functions.
    pub host: &'a dyn Host,
    /// The moment.
    pub now: Time,
    /// Whether the verdicts are to be explained: what each rule wanted and found, and where it stands.
    pub why: bool,
}

/// The fact that names the campaigns a shopper never wants to see again.
const NEVER: &str = "user.never_show";

/// What every verdict looks at among the facts.
pub const GROUNDS: [&str; 5] =
    [NEVER, "user.id", "context.page.kind", "consent.personalization", "consent.advertising"];

/// A clock that shows so much less than the shopper's own signals is not to be trusted.
const DOUBT: i64 = 10 * MINUTE;

/// A verdict for every campaign, in the bundle's order.
pub fn verdicts<'a>(circumstances: Circumstances<'a>) -> Vec<Verdict<'a>> {
    let mut verdicts = Vec::new();
    for (index, campaign) in circumstances.bundle.campaigns().iter().enumerate() {
        verdicts.push(circumstances.judge(index, campaign));
    }
    // Whoever is first in a slot is due, and stays first when the others have lost.
    let mut due = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.stage == Stage::Shown) {
        due.push(Rank::of(verdict.campaign, verdict.slot()));
    }
    for (verdict, rank) in verdicts.iter_mut().filter(|verdict| verdict.stage == Stage::Shown).zip(&due) {
        if let Some(first) = rank.behind(&due) {
            (verdict.stage, verdict.code, verdict.to) = (Stage::Lost, "priority", Some(first));
        }
    }
    verdicts
}

/// What decides who goes first in a slot.
pub(super) struct Rank<'a> {
    campaign: Campaign<'a>,
    slot: &'a str,
    priority: i64,
    until: Time,
}

impl<'a> Rank<'a> {
    pub(super) fn of(campaign: Campaign<'a>, slot: &'a str) -> Rank<'a> {
        let until = campaign.schedule().until().unwrap_or(Time(i64::MAX));
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

impl<'a> Verdict<'a> {
    /// The slot concerned.
    pub fn slot(&self) -> &'a str {
        self.step.map_or(self.campaign.slot(), |step| step.slot)
    }

    /// The shape of contract.md section 3, `verdicts`, with the code and numbers beside.
    pub fn line(&self) -> Map {
        Map::of([
            ("campaign", self.campaign.id().into()),
            ("step", self.step.and_then(|step| step.id).into()),
            ("slot", self.slot().into()),
            ("stage", self.stage.word().into()),
            ("to", self.to.map(Campaign::id).into()),
            ("next", self.next.map(Time::text).into()),
            ("code", self.code.into()),
            ("path", (&self.path).into()),
            ("expected", self.expected.clone()),
            ("actual", self.actual.clone()),
            ("at", self.at.as_str().into()),
        ])
    }

    /// A rule of a stage spoke; `at` is where it stands in the bundle.
    #[inline(never)]
    fn stop(&mut self, stage: Stage, code: &'static str, at: &[&str]) -> bool {
        (self.stage, self.code) = (stage, code);
        if self.why {
            self.at = join(at);
        }
        true
    }

    fn found(&mut self, expected: impl Into<Value>, actual: impl Into<Value>) {
        (self.expected, self.actual) = (expected.into(), actual.into());
    }

    /// What each check of the campaign's own rules begins its place with.
    fn own(&self) -> String {
        if !self.why {
            return String::new();
        }
        join(&["/campaigns/", &decimal(self.index as i64, 1)])
    }
}

/// Each check says whether its stage stops the campaign, and then notes in the verdict what it found.
impl<'a> Circumstances<'a> {
    pub(super) fn judge(self, index: usize, campaign: Campaign<'a>) -> Verdict<'a> {
        let history = self.histories.get(campaign.id());
        // The first step that is not done; the last one when all are.
        let mut step = None;
        for next in campaign.all_steps() {
            step = Some(next);
            if !self.done(&next, history) {
                break;
            }
        }
        let mut verdict = Verdict {
            campaign,
            step,
            stage: Stage::Shown,
            code: "targeting_match",
            to: None,
            next: None,
            until: Time(i64::MAX),
            path: None,
            expected: Value::Null,
            actual: Value::Null,
            at: String::new(),
            index,
            why: self.why,
        };
        let own = &mut verdict;
        let _ = self.house(own)
            || self.consent(own)
            || self.schedule(own)
            || self.trigger(own, history)
            || self.targeting(own)
            || self.holdout(own)
            || self.done_or_capped(own, history)
            || self.pacing(own);
        verdict
    }

    /// Whether a step was shown since the instant its trigger counts from.
    fn done(self, step: &Step, history: Option<&History>) -> bool {
        let from = match step.trigger {
            Trigger::Always | Trigger::Unused(..) => return false,
            Trigger::Event(_) => history.and_then(|history| history.triggered_at),
            Trigger::Since(since) => self.instant(since),
        };
        let (Some(from), Some(history)) = (from, history) else { return false };
        history.shown.iter().any(|shown| shown.at >= from && shown.step.as_deref() == step.id)
    }

    fn instant(self, since: Since) -> Option<Time> {
        self.document.at(since.fact()).integer().map(Time)
    }

    fn zone(self) -> &'a str {
        self.bundle.house().zone()
    }

    /// Whether a moment is still to come; the verdict then holds until it comes at most.
    fn ahead(self, verdict: &mut Verdict, at: Time) -> bool {
        let ahead = self.now < at;
        if ahead {
            verdict.until = verdict.until.min(at);
        }
        ahead
    }

    /// Before when the clock shows less than the shopper's own signals, if it does.
    pub(super) fn doubt(self) -> Option<Time> {
        self.at.map(|at| at.plus(-DOUBT)).filter(|from| self.now < *from)
    }

    fn house(self, verdict: &mut Verdict) -> bool {
        let house = self.bundle.house();
        if house.members().is_some() && self.profile.user.is_none() {
            return verdict.stop(Stage::House, "member", &["/house/members"]);
        }
        if let Some(from) = self.doubt().filter(|_| verdict.slot() == INTERRUPTIVE) {
            // The shopper's own signals go on.
            (verdict.next, verdict.until) = (Some(from), self.now);
            verdict.found(self.at.map(Time::text), self.now.text());
            return verdict.stop(Stage::House, "clock", &[]);
        }
        let Some(page) = self.profile.page.as_deref() else { return false };
        let Some(rule) = house.pages().get(page) else { return false };
        if verdict.slot() != INTERRUPTIVE && rule.allow() != Allow::Nothing {
            return false;
        }
        verdict.path = Some(String::from("context.page.kind"));
        verdict.actual = page.into();
        verdict.stop(Stage::House, "page", &["/house/pages/", page])
    }

    fn consent(self, verdict: &mut Verdict) -> bool {
        let promotional = verdict.campaign.class() == Class::Marketing;
        let missing = match () {
            () if !self.profile.allows("personalization", self.assumed) => "personalization",
            () if promotional && !self.profile.allows("advertising", self.assumed) => "advertising",
            () => return false,
        };
        verdict.path = Some(join(&["consent.", missing]));
        verdict.expected = "granted".into();
        verdict.stop(Stage::Consent, "consent", &["/purposes"])
    }

    fn schedule(self, verdict: &mut Verdict) -> bool {
        let schedule = verdict.campaign.schedule();
        let code = match (schedule.until(), schedule.from()) {
            (Some(until), _) if !self.ahead(verdict, until) => {
                verdict.expected = until.text().into();
                "over"
            }
            (_, Some(from)) if self.ahead(verdict, from) => {
                verdict.next = Some(from);
                "not_yet"
            }
            _ => return false,
        };
        verdict.stop(Stage::Schedule, code, &[&verdict.own(), "/schedule"])
    }

    fn trigger(self, verdict: &mut Verdict, history: Option<&History>) -> bool {
        let Some(step) = verdict.step.filter(|step| !matches!(step.trigger, Trigger::Always)) else { return false };
        // The step's own trigger, or the campaign's.
        let mut place = verdict.own();
        if let Some(index) =
            step.index.filter(|index| verdict.campaign.steps().get(*index).is_some_and(|step| step.trigger().is_some()))
        {
            place = join(&[&place, "/steps/", &decimal(index as i64, 1)]);
        }
        match step.trigger {
            Trigger::Always | Trigger::Unused(..) => false,
            Trigger::Event(event) => {
                let fired = history.and_then(|history| history.triggered_at);
                if fired.is_some_and(|at| at >= self.profile.session.start) {
                    return false;
                }
                verdict.path = Some(String::from("event"));
                verdict.expected = event.name().into();
                verdict.stop(Stage::Trigger, "event", &[&place, "/trigger/event"])
            }
            Trigger::Since(since) => {
                let mut code = "not_happened";
                if let Some(from) = self.instant(since) {
                    let due = self.zones.add(self.zone(), from, since.after(), Ends::Wait);
                    let limit = if self.ahead(verdict, due) {
                        code = "not_yet";
                        verdict.next = Some(due);
                        due
                    } else {
                        code = "over";
                        let Some(within) = since.within() else { return false };
                        let end = self.zones.add(self.zone(), from, within, Ends::Validity);
                        if self.ahead(verdict, end) {
                            return false;
                        }
                        end
                    };
                    if self.why {
                        verdict.found(limit.text(), self.now.text());
                    }
                }
                verdict.path = Some(since.fact().to_string());
                verdict.stop(Stage::Trigger, code, &[&place, "/trigger/since"])
            }
        }
    }

    fn targeting(self, verdict: &mut Verdict) -> bool {
        let facts = Facts { document: self.document, groups: &Value::Null, host: self.host };
        for (index, requirement) in verdict.campaign.audience().iter().enumerate() {
            let Some(condition) = requirement.condition(self.bundle).filter(|condition| !condition.holds(facts)) else {
                continue;
            };
            if let Some(leaf) = self.why.then(|| condition.failing(facts)).flatten() {
                verdict.path = Some(leaf.path);
                verdict.found(leaf.expected, leaf.actual);
            }
            return verdict.stop(
                Stage::Targeting,
                "audience",
                &[&verdict.own(), "/audience/", &decimal(index as i64, 1)],
            );
        }
        false
    }

    fn holdout(self, verdict: &mut Verdict) -> bool {
        let holdout = self.bundle.house().holdout().filter(|_| verdict.campaign.class() == Class::Marketing);
        let (Some(holdout), Some(user)) = (holdout, &self.profile.user) else { return false };
        let Some(bucket) = hash::bucket(holdout.seed(), user, 2).filter(|bucket| *bucket < holdout.share()) else {
            return false;
        };
        verdict.found(holdout.share(), bucket);
        verdict.stop(Stage::Holdout, "holdout", &["/house/holdout"])
    }

    fn done_or_capped(self, verdict: &mut Verdict, history: Option<&History>) -> bool {
        if verdict.step.is_some_and(|step| self.done(&step, history)) {
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
    fn pacing(self, verdict: &mut Verdict) -> bool {
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
