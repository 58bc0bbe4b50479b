//! Which campaign shows, and why each other does not: the stages of contract.md section 4, in order.

use super::{Campaign, Cap, Class, History, INTERRUPTIVE, Requirement, Since, Step, Trigger, When};
use crate::engine::audience::{Condition, Facts};
use crate::engine::base::hash;
use crate::engine::base::host::Host;
use crate::engine::base::record::Named;
use crate::engine::base::time::{Ends, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::{Allow, Bundle};
use crate::engine::profile::{Grant, Profile};

/// The first stage that stopped a campaign, or that it shows, or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone)]
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
    /// The fact the rule looked at.
    pub path: Option<String>,
    /// What the rule wanted.
    pub expected: Value,
    /// What it found.
    pub actual: Value,
    /// JSON Pointer to the rule in the bundle, where it may carry a `why`.
    pub at: String,
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
    /// What counts where a purpose was never mentioned.
    pub assumed: Grant,
    /// Offset tables.
    pub zones: &'a Zones,
    /// The platform's functions.
    pub host: &'a dyn Host,
    /// The moment.
    pub now: Time,
}

/// A verdict for every campaign, in the bundle's order.
pub fn verdicts<'a>(circumstances: Circumstances<'a>) -> Vec<Verdict<'a>> {
    let campaigns = circumstances.bundle.campaigns().iter().enumerate();
    let mut verdicts: Vec<Verdict> = campaigns.map(|(index, campaign)| circumstances.judge(index, campaign)).collect();
    for index in 0..verdicts.len() {
        let Some(own) = verdicts.get(index).filter(|verdict| verdict.stage == Stage::Shown) else { continue };
        let (slot, rank) = (own.slot(), own.rank());
        let ahead =
            verdicts.iter().filter(|other| matches!(other.stage, Stage::Shown | Stage::Lost) && other.slot() == slot);
        let first =
            ahead.min_by_key(|other| other.rank()).filter(|first| first.rank() < rank).map(|first| first.campaign);
        if let (Some(_), Some(verdict)) = (first, verdicts.get_mut(index)) {
            (verdict.stage, verdict.code, verdict.to) = (Stage::Lost, "priority", first);
        }
    }
    verdicts
}

impl<'a> Verdict<'a> {
    /// The slot concerned.
    pub fn slot(&self) -> &'a str {
        self.step.map_or(self.campaign.slot(), |step| step.slot)
    }

    /// Higher priority first; ties by the earlier end, then the id.
    fn rank(&self) -> (std::cmp::Reverse<i64>, Time, &'a str) {
        let until = self.campaign.schedule().until().unwrap_or(Time(i64::MAX));
        (std::cmp::Reverse(self.campaign.priority()), until, self.campaign.id())
    }

    /// The shape of contract.md section 3, `verdicts`, with the code and numbers beside.
    pub fn line(&self) -> Map {
        Map::new()
            .with("campaign", self.campaign.id())
            .with("step", self.step.and_then(|step| step.id))
            .with("slot", self.slot())
            .with("stage", self.stage.word())
            .with("to", self.to.map(Campaign::id))
            .with("next", self.next.map(Time::text))
            .with("code", self.code)
            .with("path", self.path.clone())
            .with("expected", self.expected.clone())
            .with("actual", self.actual.clone())
            .with("at", self.at.clone())
    }
}

/// A stop at a stage: its code, the next moment, the fact, and words.
struct Stop {
    stage: Stage,
    code: &'static str,
    next: Option<Time>,
    path: Option<String>,
    expected: Value,
    actual: Value,
    at: String,
}

impl Stop {
    fn at(stage: Stage, code: &'static str) -> Self {
        Stop { stage, code, next: None, path: None, expected: Value::Null, actual: Value::Null, at: String::new() }
    }

    fn next(self, next: Option<Time>) -> Self {
        Stop { next, ..self }
    }

    /// Where the rule stands, from its campaign or the bundle's root on.
    fn ruled(self, at: &[&str]) -> Self {
        Stop { at: at.concat(), ..self }
    }

    fn numbers(self, expected: impl Into<Value>, actual: impl Into<Value>) -> Self {
        Stop { expected: expected.into(), actual: actual.into(), ..self }
    }
}

impl<'a> Circumstances<'a> {
    fn judge(self, index: usize, campaign: Campaign<'a>) -> Verdict<'a> {
        let history = self.histories.get(campaign.id());
        let step = self.step(campaign, history);
        let rules_of = ["/campaigns/", &index.to_string()].concat();
        let own = |stop: Stop| Stop { at: [rules_of.as_str(), &stop.at].concat(), ..stop };
        let stop = self
            .house(campaign, step)
            .or_else(|| self.consent(campaign))
            .or_else(|| self.schedule(campaign).map(own))
            .or_else(|| step.and_then(|step| self.trigger(campaign, step, history)).map(own))
            .or_else(|| self.targeting(campaign).map(own))
            .or_else(|| self.holdout(campaign))
            .or_else(|| self.done_or_capped(campaign, step, history).map(own))
            .or_else(|| self.pacing(campaign, step))
            .unwrap_or_else(|| Stop::at(Stage::Shown, "targeting_match"));
        let Stop { stage, code, next, path, expected, actual, at } = stop;
        Verdict { campaign, step, stage, code, to: None, next, path, expected, actual, at }
    }

    /// The first step that is not done; the last one when all are.
    fn step(self, campaign: Campaign<'a>, history: Option<&History>) -> Option<Step<'a>> {
        let open = campaign.all_steps().find(|step| !self.done(*step, history));
        open.or_else(|| campaign.all_steps().last())
    }

    /// Whether a step was shown since the instant its trigger counts from.
    fn done(self, step: Step, history: Option<&History>) -> bool {
        let from = match step.trigger {
            Trigger::Always | Trigger::Unused(..) => return false,
            Trigger::Event(_) => history.and_then(|history| history.triggered_at),
            Trigger::Since(since) => self.instant(since),
        };
        let Some(from) = from else { return false };
        let shown = history.map_or(&[][..], |history| &history.shown);
        shown.iter().any(|shown| shown.at >= from && shown.step.as_deref() == step.id)
    }

    fn instant(self, since: Since) -> Option<Time> {
        self.document.at(since.fact()).integer().map(Time)
    }

    fn zone(self) -> &'a str {
        self.bundle.house().zone()
    }

    fn house(self, campaign: Campaign<'a>, step: Option<Step>) -> Option<Stop> {
        let house = self.bundle.house();
        if house.members().is_some() && self.profile.user.is_none() {
            return Some(Stop::at(Stage::House, "member").ruled(&["/house/members"]));
        }
        let page = self.profile.page.as_deref()?;
        let rule = house.pages().get(page)?;
        let inline = step.map_or(campaign.slot(), |step| step.slot) != INTERRUPTIVE;
        let stops = !inline || rule.allow() == Allow::Nothing;
        let path = Some(String::from("context.page.kind"));
        let stop =
            || Stop { path, actual: page.into(), ..Stop::at(Stage::House, "page") }.ruled(&["/house/pages/", page]);
        stops.then(stop)
    }

    fn consent(self, campaign: Campaign<'a>) -> Option<Stop> {
        let promotional = (campaign.class() == Class::Marketing).then_some("advertising");
        let missing = std::iter::once("personalization")
            .chain(promotional)
            .find(|purpose| !self.profile.allows(purpose, self.assumed))?;
        let path = Some(["consent.", missing].concat());
        Some(Stop { path, expected: "granted".into(), ..Stop::at(Stage::Consent, "consent") }.ruled(&["/purposes"]))
    }

    fn schedule(self, campaign: Campaign<'a>) -> Option<Stop> {
        let schedule = campaign.schedule();
        if schedule.until().is_some_and(|until| self.now >= until) {
            return Some(
                Stop::at(Stage::Schedule, "over")
                    .numbers(schedule.until().map(Time::text), Value::Null)
                    .ruled(&["/schedule"]),
            );
        }
        let from = schedule.from().filter(|from| self.now < *from)?;
        Some(Stop::at(Stage::Schedule, "not_yet").next(Some(from)).ruled(&["/schedule"]))
    }

    fn trigger(self, campaign: Campaign<'a>, step: Step, history: Option<&History>) -> Option<Stop> {
        // The step's own trigger, or the campaign's.
        let own = step.index.filter(|index| campaign.steps().get(*index).is_some_and(|step| step.trigger().is_some()));
        let place = own.map_or_else(String::new, |index| ["/steps/", &index.to_string()].concat());
        match step.trigger {
            Trigger::Always | Trigger::Unused(..) => None,
            Trigger::Event(event) => {
                let fired = history.and_then(|history| history.triggered_at);
                let live = fired.is_some_and(|at| at >= self.profile.session.start);
                let stop = Stop {
                    path: Some(String::from("event")),
                    expected: event.name().into(),
                    ..Stop::at(Stage::Trigger, "event")
                };
                (!live).then(|| stop.ruled(&[&place, "/trigger/event"]))
            }
            Trigger::Since(since) => {
                let path = Some(since.fact().to_string());
                let stop = |code| Stop { path, ..Stop::at(Stage::Trigger, code) }.ruled(&[&place, "/trigger/since"]);
                let Some(from) = self.instant(since) else { return Some(stop("not_happened")) };
                let due = self.zones.add(self.zone(), from, since.after(), Ends::Wait);
                if self.now < due {
                    return Some(stop("not_yet").numbers(due.text(), self.now.text()).next(Some(due)));
                }
                let end = since.within().map(|within| self.zones.add(self.zone(), from, within, Ends::Validity))?;
                (self.now >= end).then(|| stop("over").numbers(end.text(), self.now.text()))
            }
        }
    }

    fn targeting(self, campaign: Campaign<'a>) -> Option<Stop> {
        let facts = Facts { document: self.document, groups: &Value::Null, host: self.host };
        campaign.audience().iter().enumerate().find_map(|(index, requirement)| {
            let leaf = self.condition(requirement)?.failing(facts)?;
            let stop = Stop { path: Some(leaf.path), ..Stop::at(Stage::Targeting, "audience") };
            Some(stop.numbers(leaf.expected, leaf.actual).ruled(&["/audience/", &index.to_string()]))
        })
    }

    /// The condition behind a requirement, by way of its audience. Audiences do not refer to audiences.
    fn condition(self, requirement: Requirement<'a>) -> Option<Condition<'a>> {
        let name = match requirement.when() {
            When::Condition(condition) => return Some(condition),
            When::Audience(name) => name,
        };
        match self.bundle.audiences().get(name)?.when() {
            When::Condition(condition) => Some(condition),
            When::Audience(_) => None,
        }
    }

    fn holdout(self, campaign: Campaign<'a>) -> Option<Stop> {
        let holdout = self.bundle.house().holdout().filter(|_| campaign.class() == Class::Marketing)?;
        let bucket = hash::bucket(holdout.seed(), self.profile.user.as_deref()?, 2)?;
        (bucket < holdout.share())
            .then(|| Stop::at(Stage::Holdout, "holdout").numbers(holdout.share(), bucket).ruled(&["/house/holdout"]))
    }

    fn done_or_capped(self, campaign: Campaign<'a>, step: Option<Step>, history: Option<&History>) -> Option<Stop> {
        let stop = |code| Stop::at(Stage::Frequency, code);
        if step.is_some_and(|step| self.done(step, history)) {
            return Some(stop("done"));
        }
        if let Some(until) = history.and_then(|history| history.hidden_until).filter(|until| self.now < *until) {
            return Some(stop("hidden").next(Some(until)));
        }
        let shown: Vec<Time> = history.map_or(&[][..], |history| &history.shown).iter().map(|shown| shown.at).collect();
        campaign
            .caps()
            .iter()
            .enumerate()
            .find_map(|(index, cap)| Some(self.cap(cap, &shown)?.ruled(&["/caps/", &index.to_string()])))
    }

    fn cap(self, cap: Cap, shown: &[Time]) -> Option<Stop> {
        let free = |at: &Time| cap.per().map(|per| self.zones.add(self.zone(), *at, per, Ends::Wait));
        let counted: Vec<&Time> = shown.iter().filter(|at| free(at).is_none_or(|free| self.now < free)).collect();
        // Free again once the oldest of the counted ones has left the window.
        let over = usize::try_from(counted.len() as i64 - cap.count()).ok()?;
        let next = counted.get(over).and_then(|at| free(at));
        Some(Stop::at(Stage::Frequency, "cap").numbers(cap.count(), counted.len() as i64).next(next))
    }

    /// The house's pacing counts interruptive messages of the marketing class, of all campaigns.
    fn pacing(self, campaign: Campaign<'a>, step: Option<Step>) -> Option<Stop> {
        let interrupts = step.is_none_or(|step| step.slot == INTERRUPTIVE);
        if campaign.class() != Class::Marketing || !interrupts {
            return None;
        }
        let pacing = self.bundle.house().pacing();
        let marketing = |id: &str| {
            self.bundle.campaigns().iter().any(|campaign| campaign.id() == id && campaign.class() == Class::Marketing)
        };
        let mut shown: Vec<Time> = self
            .histories
            .iter()
            .filter(|(id, _)| marketing(id))
            .flat_map(|(_, history)| history.shown.iter().filter(|shown| shown.interruptive).map(|shown| shown.at))
            .collect();
        shown.sort_unstable();
        let stop = |code, cap: i64, count: usize, next| {
            Stop::at(Stage::Frequency, code).numbers(cap, count as i64).next(next).ruled(&["/house/pacing"])
        };
        let visit = &self.profile.session;
        let ends = visit.last.plus(self.bundle.house().session().exact);
        let in_visit = shown.iter().filter(|at| **at >= visit.start && self.now < ends).count();
        if let Some(cap) = pacing.session().filter(|cap| in_visit as i64 >= *cap) {
            return Some(stop("session_cap", cap, in_visit, Some(ends)));
        }
        let today = self.zones.day(self.zone(), self.now);
        let midnight = |days: i32| Some(self.zones.midnight(self.zone(), today.plus(days)));
        let days_ago = |at: &Time| today.0 - self.zones.day(self.zone(), *at).0;
        let in_day = shown.iter().filter(|at| days_ago(at) == 0).count();
        if let Some(cap) = pacing.day().filter(|cap| in_day as i64 >= *cap) {
            return Some(stop("day_cap", cap, in_day, midnight(1)));
        }
        if let Some(rolling) = pacing.rolling() {
            let days = i32::try_from(rolling.days()).unwrap_or(i32::MAX);
            let counted: Vec<i32> = shown.iter().map(days_ago).filter(|ago| *ago < days).collect();
            if let Ok(over) = usize::try_from(counted.len() as i64 - rolling.count()) {
                let next = counted.get(over).and_then(|ago| midnight(days.saturating_sub(*ago)));
                return Some(stop("rolling_cap", rolling.count(), counted.len(), next));
            }
        }
        let free =
            shown.last().zip(pacing.gap()).map(|(last, gap)| self.zones.add(self.zone(), *last, gap, Ends::Wait))?;
        (self.now < free).then(|| stop("gap", 1, 1, Some(free)))
    }
}
