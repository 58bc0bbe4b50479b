//! Which campaign shows, and why each other does not: the stages of contract.md section 4, in order.

use super::arbitration::Rank;
use super::history::History;
use super::{Campaign, Class, INTERRUPTIVE, Step, Variant};
use crate::engine::Decision;
use crate::engine::audience::{Clock, Facts};
use crate::engine::base::host::Host;
use crate::engine::base::record::Named;
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{MINUTE, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::Bundle;
use crate::engine::bundle::plan::Plan;
use crate::engine::fold::World;
use crate::engine::message::template::{Moment, Scope};
use crate::engine::message::view::{self, Place, Printer};
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
    /// Another campaign has to come first.
    Prerequisite,
    /// Held out.
    Holdout,
    /// Shown often enough, hidden, or done.
    Frequency,
    /// Not in its experiment, or shown nothing there.
    Experiment,
    /// It shows.
    Shown,
    /// Another goes first.
    Lost,
}

impl Stage {
    /// All of them, in order.
    #[cfg(feature = "studio")]
    pub const ALL: [Stage; 11] = [
        Stage::House,
        Stage::Consent,
        Stage::Schedule,
        Stage::Trigger,
        Stage::Targeting,
        Stage::Prerequisite,
        Stage::Holdout,
        Stage::Frequency,
        Stage::Experiment,
        Stage::Shown,
        Stage::Lost,
    ];

    /// The word of contract.md section 4.
    pub fn word(self) -> &'static str {
        match self {
            Stage::House => "house",
            Stage::Consent => "consent",
            Stage::Schedule => "schedule",
            Stage::Trigger => "trigger",
            Stage::Targeting => "targeting",
            Stage::Prerequisite => "prerequisite",
            Stage::Holdout => "holdout",
            Stage::Frequency => "frequency",
            Stage::Experiment => "experiment",
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
    /// The variant the shopper has of it.
    pub variant: Option<Variant<'a>>,
    /// It shows nothing and would have shown: to one who is not held out, in another variant.
    pub silent: bool,
    /// The campaign that goes first.
    pub to: Option<Campaign<'a>>,
    /// The next moment at which time alone may bring it.
    pub next: Option<Time>,
    /// When the rule that spoke lets go; another may speak then.
    pub ends: Option<Time>,
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
    /// The steps that were passed over, with the reasons.
    pub skipped: Vec<Value>,
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
    /// The decisions that are open.
    pub open: &'a [Decision],
    /// Whether it is about what would have been shown to one who is held out.
    pub ghost: bool,
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
pub const GROUNDS: [&str; 6] =
    [NEVER, "user.id", "context.page.kind", TOLD, "consent.personalization", "consent.advertising"];

/// What kind of page it is by the page's own facts: they may come before the line that tells of the page, or long after.
const TOLD: &str = "context.page.told";

/// The code of what shows.
const SHOWN: &str = "targeting_match";

/// What waits for several things by turns is followed for so many turns.
const TURNS: usize = 64;

/// A clock that shows so much less than the shopper's own signals is not to be trusted.
const DOUBT: i64 = 10 * MINUTE;

/// A verdict for every campaign, in the bundle's order.
pub fn verdicts<'a>(circumstances: Circumstances<'a>) -> Vec<Verdict<'a>> {
    let mut verdicts = Vec::new();
    for (index, campaign) in circumstances.bundle.campaigns().iter().enumerate() {
        let mut verdict = circumstances.judge(index, campaign);
        verdict.next = circumstances.soonest_shown(&verdict);
        verdicts.push(verdict);
    }
    // Whoever is first in a slot is due, and stays first when the others have lost.
    let due: Vec<Rank> = verdicts.iter().filter_map(|verdict| verdict.rank(circumstances)).collect();
    let mut ranks = due.iter();
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.is_due()) {
        match ranks.next().and_then(|rank| rank.behind(&due)) {
            Some(_) if verdict.silent => verdict.silent = false,
            Some(first) => (verdict.stage, verdict.code, verdict.to) = (Stage::Lost, "priority", Some(first)),
            None => (),
        }
    }
    verdicts
}

impl<'a> Verdict<'a> {
    /// The slot concerned.
    pub fn slot(&self) -> &'a str {
        self.step.map_or(self.campaign.slot(), |step| step.slot)
    }

    /// Whether it shows, or would have shown, as long as no other goes first.
    pub fn is_due(&self) -> bool {
        self.stage == Stage::Shown || self.silent
    }

    fn rank(&self, circumstances: Circumstances<'a>) -> Option<Rank<'a>> {
        self.step.filter(|_| self.is_due()).map(|step| Rank::of(circumstances, self.campaign, step, self.silent))
    }

    /// The shape of contract.md section 3, `verdicts`, with the code and numbers beside.
    pub fn line(&self) -> Map {
        let mut line = Map::of([
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
            ("ends", self.ends.map(Time::text).into()),
            ("variant", self.variant.map(Variant::id).into()),
            ("leaves", self.leaves.clone().into()),
        ]);
        if !self.skipped.is_empty() {
            line.append("skipped", self.skipped.clone().into());
        }
        line
    }

    /// The same of an offer, without what only campaigns have.
    pub fn of_offer(&self) -> Map {
        let mut line = self.line();
        for key in ["campaign", "step", "slot", "to"] {
            line.remove(key);
        }
        line
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

    /// Nothing was found yet.
    fn clear(&mut self) {
        (self.stage, self.code, self.next, self.path) = (Stage::Shown, SHOWN, None, None);
        self.found(Value::Null, Value::Null);
        self.at = String::new();
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
        let held = self.held_out(campaign);
        Circumstances { ghost: held.is_some(), ..self }.stages(index, campaign, held)
    }

    /// Whether a campaign is due: for this shopper, now, and not spent. Whether others or the house's pacing are in its way does
    /// not matter.
    pub(super) fn is_due(self, index: usize, campaign: Campaign<'a>) -> bool {
        let history = self.histories.get(campaign.id());
        let own = Circumstances { ghost: self.held_out(campaign).is_some(), why: false, ..self };
        let mut verdict = own.begun(index, campaign, history);
        !own.barred(&mut verdict, history) && !own.resting(&mut verdict, history) && !own.elsewhere(&mut verdict)
    }

    /// Whether a campaign would have interrupted: it is due, or what it waits for has happened since then and was not followed by a
    /// showing.
    pub(super) fn waited(self, index: usize, campaign: Campaign<'a>, since: Time) -> bool {
        let history = self.histories.get(campaign.id());
        let quiet = Circumstances { why: false, ..self };
        let mut verdict = quiet.begun(index, campaign, history);
        let Some(step) = verdict.step.filter(|step| step.slot == INTERRUPTIVE) else { return false };
        let fired = history.and_then(|history| history.fired(&step)).filter(|at| *at > since);
        let waits = fired.is_some_and(|at| !self.seen(history).any(|shown| shown.at >= at));
        quiet.is_due(index, campaign)
            || waits
                && !(quiet.consent(&mut verdict)
                    || quiet.targeting(&mut verdict)
                    || quiet.step_targeting(&mut verdict)
                    || quiet.resting(&mut verdict, history))
    }

    fn stages(self, index: usize, campaign: Campaign<'a>, held: Option<(f64, f64)>) -> Verdict<'a> {
        let history = self.histories.get(campaign.id());
        let mut verdict = self.begun(index, campaign, history);
        let own = &mut verdict;
        let _ = self.barred(own, history)
            || held.is_some_and(|held| self.holdout(own, held, history))
            || self.frequency(own, history)
            || self.elsewhere(own)
            || self.experiment(own, history)
            || self.empty(own, history);
        own.ends = own.next;
        // Not while it is closed, nor before its step is due.
        if let (Some(next), Some(step)) = (verdict.next, verdict.step) {
            verdict.next = self.soonest(campaign, &step, history, next);
        }
        verdict
    }

    /// The stages before it matters how often it showed.
    fn barred(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        self.house(verdict)
            || self.consent(verdict)
            || self.schedule(verdict)
            || self.trigger(verdict, history)
            || self.targeting(verdict)
            || self.step_targeting(verdict)
            || self.without_offer(verdict)
            || self.prerequisite(verdict)
    }

    /// A verdict with whose turn it is.
    fn begun(self, index: usize, campaign: Campaign<'a>, history: Option<&History>) -> Verdict<'a> {
        let mut verdict = self.begin("/campaigns/", index, campaign, None);
        if self.why {
            verdict.variant = self.variant(campaign, history).ok().flatten();
        }
        self.turn_of(&mut verdict, history);
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
            code: SHOWN,
            variant: None,
            silent: false,
            to: None,
            next: None,
            ends: None,
            until: Time(i64::MAX),
            path: None,
            op: None,
            expected: Value::Null,
            actual: Value::Null,
            at: String::new(),
            skipped: Vec::new(),
            leaves: Vec::new(),
            root,
            index,
            why: self.why,
        }
    }

    /// Held out; and whether it would have shown.
    fn holdout(self, verdict: &mut Verdict<'a>, held: (f64, f64), history: Option<&History>) -> bool {
        let shows = !(self.frequency(verdict, history)
            || self.elsewhere(verdict)
            || self.experiment(verdict, history)
            || self.empty(verdict, history));
        verdict.silent |= shows;
        // What it would have waited for brings nothing that is seen, but what the log hears of.
        (verdict.path, verdict.to) = (None, None);
        verdict.found(held.1, held.0);
        verdict.stop(Stage::Holdout, "holdout", &["/house/holdout"])
    }

    /// Notes whose turn it is among the steps: the first one that is not done; the last one when all are.
    fn turn_of(self, verdict: &mut Verdict<'a>, history: Option<&History>) {
        for step in verdict.campaign.all_steps() {
            verdict.step = Some(step);
            if self.done(verdict.campaign, &step, history) || self.is_passed(verdict.campaign, &step, history) {
                continue;
            }
            // Of the last one the stages tell.
            if !step.skip || verdict.campaign.step(step.place + 1).is_none() || !self.skips(verdict, history, step) {
                break;
            }
            if self.why {
                let keys = ["step", "stage", "code", "path", "expected", "actual", "at"];
                let line = Value::from(verdict.line());
                let skipped: Map = keys.iter().map(|key| (*key, line.field(key).clone())).collect();
                verdict.skipped.push(skipped.into());
            }
            verdict.clear();
        }
    }

    /// Whether a later step was shown after this one was due, which could be passed over.
    fn is_passed(self, campaign: Campaign<'a>, step: &Step<'a>, history: Option<&History>) -> bool {
        let Some(from) = self.due_since(campaign, step, history).filter(|_| step.skip) else { return false };
        let later = |id: &str| campaign.all_steps().skip(step.place + 1).any(|later| later.id == Some(id));
        // What made this one due may be the answer that tells that the other was seen.
        self.seen(history).any(|shown| shown.at > from && shown.step.as_deref().is_some_and(later))
    }

    /// Whether a step is passed over: it cannot show by what is known. Only a time still to come is waited for.
    fn skips(self, verdict: &mut Verdict<'a>, history: Option<&History>, step: Step<'a>) -> bool {
        if self.trigger(verdict, history) {
            let waits = verdict.next.is_some();
            if waits {
                verdict.clear();
            }
            return !waits;
        }
        self.step_targeting(verdict) || self.step_capped(verdict, history, step)
    }

    /// The next moment at which it shows if nothing else happens, as far as time alone brings it: what waits for midnight may
    /// find its window closed then, and wait for that.
    fn soonest_shown(self, verdict: &Verdict<'a>) -> Option<Time> {
        let (mut at, mut now) = (verdict.next, self.now);
        for _ in 0..TURNS {
            now = at.filter(|at| *at > now)?;
            let later = Circumstances { now, why: false, ..self }.judge(verdict.index, verdict.campaign);
            if later.stage == Stage::Shown {
                return Some(now);
            }
            at = later.next;
        }
        None
    }

    /// What conditions are held against.
    pub fn facts(self) -> Facts<'a> {
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
        if self.is_stranger(verdict) {
            return true;
        }
        if let Some(from) = self.doubt().filter(|_| verdict.slot() == INTERRUPTIVE) {
            // The shopper's own signals go on.
            (verdict.next, verdict.until) = (Some(from), self.now);
            verdict.found(self.at.map(Time::text), self.now.text());
            return verdict.stop(Stage::House, "clock", &[]);
        }
        self.barred_from_page(verdict, verdict.slot(), "page")
    }

    /// Whether it is for members, and the shopper is none.
    pub(super) fn is_stranger(self, verdict: &mut Verdict) -> bool {
        let stranger = self.bundle.house().members().is_some() && self.profile.user.is_none();
        stranger && verdict.stop(Stage::House, "member", &["/house/members"])
    }

    /// Whether this page lacks the slot: told only of a campaign that nothing else stops.
    fn elsewhere(self, verdict: &mut Verdict) -> bool {
        self.barred_from_page(verdict, verdict.slot(), "slot")
    }

    /// Whether this rule of the page bars the slot from it.
    pub(super) fn barred_from_page(self, verdict: &mut Verdict, slot: &str, code: &'static str) -> bool {
        let pages = [self.profile.page.as_deref(), self.document.at(TOLD).text()];
        let bars = |page: &&str| self.bundle.house().pages().get(page).and_then(|rule| rule.bars(slot)) == Some(code);
        let Some(page) = pages.into_iter().flatten().find(bars) else { return false };
        verdict.path = Some(String::from("context.page.kind"));
        verdict.actual = page.into();
        let at = ["/house/pages/", page];
        // What the rule says of itself is no word about a slot that is elsewhere.
        verdict.stop(Stage::House, code, if code == "page" { &at } else { &[] })
    }

    /// Whether nothing is left of its message, in the house's own language: what it would say depends on facts that are not there.
    fn empty(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        let campaign = verdict.campaign;
        let Some(step) = verdict.step else { return false };
        let variant = self.variant(campaign, history).ok().flatten();
        let message = variant.map_or(step.message, |variant| variant.shows(step));
        let house = self.bundle.house();
        // What it says of offers, and of what is held back, is known once those are.
        if view::is_certain(message) || campaign.offers().is_some() || house.pacing().coalesce() {
            return false;
        }
        // Which facts its words ask for is not noted anywhere.
        verdict.until = verdict.until.min(self.now);
        let moment = Some(Moment { now: self.now, zone: house.zone(), zones: self.zones });
        let (currency, locales, nothing) = (house.currency(), house.locales(), &Value::Null);
        let (texts, host) = (house.texts(), self.host);
        let scope = Scope { document: nothing, currency, lang: "", locales, texts, host, moment };
        let (mut document, Circumstances { bundle, plan, zones, host, assumed, .. }) = (self.document.clone(), self);
        World { bundle, plan, zones, host, assumed }.labels(&mut document, self.now, &|text| text.print(scope));
        let scope = Scope { document: &document, ..scope };
        // A widget always shows something.
        let printer = Printer::new(scope, &[], bundle.0.field("surveys"), &|_, _, _| Some(Value::Null));
        let at = step.index.map_or_else(String::new, |index| join(&["/steps/", &decimal(index as i64, 1)]));
        printer.print(message, Place { interrupts: false, ad: None }).is_none()
            && verdict.stop(Stage::Targeting, "empty", &[&verdict.own(), &at, "/message"])
    }

    fn consent(self, verdict: &mut Verdict<'a>) -> bool {
        let promotional = verdict.campaign.class() == Class::Marketing;
        let own = verdict.step.into_iter().flat_map(|step| step.needs.iter());
        let needs = verdict.campaign.needs().iter().chain(own);
        let asked = [(true, "personalization"), (promotional, "advertising")].into_iter();
        let mut asked = asked.filter(|(asked, _)| *asked).map(|(_, purpose)| purpose).chain(needs);
        let Some(missing) = asked.find(|purpose| !self.profile.allows(purpose, self.assumed)) else { return false };
        verdict.path = Some(join(&["consent.", missing]));
        verdict.expected = "granted".into();
        verdict.stop(Stage::Consent, "consent", &["/purposes"])
    }
}
