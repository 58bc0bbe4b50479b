//! Which campaign shows, and why each other does not: the stages of contract.md section 4, in order.

use super::arbitration::Rank;
use super::history::History;
use super::{Campaign, Class, INTERRUPTIVE, Step};
use crate::engine::audience::{Clock, Facts};
use crate::engine::base::host::Host;
use crate::engine::base::record::Named;
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{MINUTE, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::plan::Plan;
use crate::engine::bundle::{Allow, Bundle};
use crate::engine::offer::Learnt;
use crate::engine::profile::{Grant, Profile};
use std::borrow::Cow;

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
    /// How the rule compares it, where it is a condition's.
    pub op: Option<String>,
    /// What the rule wanted.
    pub expected: Value,
    /// What it found.
    pub actual: Value,
    /// JSON Pointer to the rule in the bundle, where it may carry a `why`.
    pub at: String,
    /// All that was compared: `{at, path, op, expected, actual, present, result}`.
    pub leaves: Vec<Value>,
    /// Where it stands in the bundle: among the campaigns or the offers,
    pub(super) root: &'static str,
    /// at this place.
    pub(super) index: usize,
    pub(super) why: bool,
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
    /// What the rules listen to and read.
    pub plan: &'a Plan,
    /// What was learnt about offers.
    pub learnt: &'a Learnt,
    /// The document that conditions read.
    pub document: &'a Value,
    /// Its facts by the plan's slots.
    pub slots: &'a [Cow<'a, Value>],
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
pub(super) const NEVER: &str = "user.never_show";

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
        due.push(Rank::of(circumstances, verdict.campaign, verdict.slot()));
    }
    for (verdict, rank) in verdicts.iter_mut().filter(|verdict| verdict.stage == Stage::Shown).zip(&due) {
        if let Some(first) = rank.behind(&due) {
            (verdict.stage, verdict.code, verdict.to) = (Stage::Lost, "priority", Some(first));
        }
    }
    verdicts
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
            ("op", (&self.op).into()),
            ("expected", self.expected.clone()),
            ("actual", self.actual.clone()),
            ("at", self.at.as_str().into()),
            ("leaves", self.leaves.clone().into()),
        ])
    }

    /// A rule of a stage spoke; `at` is where it stands in the bundle.
    #[inline(never)]
    pub(super) fn stop(&mut self, stage: Stage, code: &'static str, at: &[&str]) -> bool {
        (self.stage, self.code) = (stage, code);
        if self.why {
            self.at = join(at);
        }
        true
    }

    pub(super) fn found(&mut self, expected: impl Into<Value>, actual: impl Into<Value>) {
        (self.expected, self.actual) = (expected.into(), actual.into());
    }

    /// What each check of the campaign's own rules begins its place with.
    pub(super) fn own(&self) -> String {
        if !self.why {
            return String::new();
        }
        join(&[self.root, &decimal(self.index as i64, 1)])
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
            if !self.done(campaign, &next, history) {
                break;
            }
        }
        let mut verdict = self.begin("/campaigns/", index, campaign, step);
        let own = &mut verdict;
        let _ = self.house(own)
            || self.consent(own)
            || self.schedule(own)
            || self.trigger(own, history)
            || self.targeting(own)
            || self.without_offer(own)
            || self.holdout(own)
            || self.done_or_capped(own, history)
            || self.pacing(own);
        // Not while it is closed, nor before its step is due.
        if let (Some(next), Some(step)) = (verdict.next, step) {
            verdict.next = self.soonest(campaign, &step, history, next);
        }
        verdict
    }

    /// A verdict as it is before any rule has spoken.
    pub(super) fn begin(
        self,
        root: &'static str,
        index: usize,
        campaign: Campaign<'a>,
        step: Option<Step<'a>>,
    ) -> Verdict<'a> {
        Verdict {
            campaign,
            step,
            stage: Stage::Shown,
            code: "targeting_match",
            to: None,
            next: None,
            until: Time(i64::MAX),
            path: None,
            op: None,
            expected: Value::Null,
            actual: Value::Null,
            at: String::new(),
            leaves: Vec::new(),
            root,
            index,
            why: self.why,
        }
    }

    /// What conditions are held against.
    pub(super) fn facts(self) -> Facts<'a> {
        let clock = Clock { now: self.now, zones: self.zones, zone: self.zone() };
        Facts { document: self.document, groups: &Value::Null, host: self.host, clock }
    }

    pub(super) fn zone(self) -> &'a str {
        self.bundle.house().zone()
    }

    /// Whether a moment is still to come; the verdict then holds until it comes at most.
    pub(super) fn ahead(self, verdict: &mut Verdict, at: Time) -> bool {
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
}
