//! Holds a bundle against its suites, by the live engine.

use super::words::{self, Both};
use super::{Expectation, Moments, Suite};
use crate::engine::Decision;
use crate::engine::audience::explain;
use crate::engine::base::document::Part;
use crate::engine::base::host::Host;
use crate::engine::base::time::{Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::Bundle;
use crate::engine::bundle::plan::Plan;
use crate::engine::bundle::suites::bare;
use crate::engine::campaign::{Campaign, Class};
use crate::engine::error::Error;
use crate::engine::fold::World;
use crate::engine::message::view::TEXTS;
use crate::engine::preview::{Look, Page};
use crate::engine::profile::Grant;
use crate::engine::replay::{Options, Replay};
use crate::engine::words::Speaker;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How one expectation came out.
pub struct Outcome {
    /// JSON Pointer to it.
    pointer: String,
    name: Both,
    wanted: Both,
    /// The first moment at which it is otherwise, and what there is instead.
    found: Option<(Time, Both)>,
    /// At how many moments it was looked, and at how many it is otherwise.
    looked: usize,
    failed: usize,
    /// What is told of it, with its code, where not all is as expected.
    told: Option<(&'static str, Both)>,
}

impl Outcome {
    /// `{severity, code, pointer, ko, en}`, where not all is as expected.
    pub fn finding(&self) -> Option<Map> {
        let (code, [ko, en]) = self.told.as_ref()?;
        let line = Map::new().with("severity", "error").with("code", *code).with("pointer", self.pointer.as_str());
        Some(line.with("ko", ko.as_str()).with("en", en.as_str()))
    }

    /// `{pointer, passed, name, wanted, found, at, looked, failed, finding}`.
    pub fn line(&self) -> Map {
        let both = |[ko, en]: &Both| Value::from(Map::new().with("ko", ko.as_str()).with("en", en.as_str()));
        Map::new()
            .with("pointer", self.pointer.as_str())
            .with("passed", self.told.is_none())
            .with("name", both(&self.name))
            .with("wanted", both(&self.wanted))
            .with("found", self.found.as_ref().map_or(Value::Null, |(_, found)| both(found)))
            .with("at", self.found.as_ref().map(|(at, _)| at.text()))
            .with("looked", self.looked as i64)
            .with("failed", self.failed as i64)
            .with("finding", self.finding().map_or(Value::Null, Value::from))
    }
}

/// Zones that the suites need, and the range of time that their tables must span.
pub fn needs(source: &Value) -> Result<(Vec<String>, Time, Time), Vec<Error>> {
    let bundle = Bundle::read(source)?;
    let mut replay = Replay::new(bare(source))?;
    let (mut first, mut last) = (None, None);
    for suite in bundle.suites().iter() {
        for line in suite.events().iter() {
            // What is no line is told by the check.
            replay.add(line).ok();
        }
        for want in suite.expect().iter() {
            let (from, until) = match want.at() {
                Moments::At(at) => (at, at),
                Moments::Range(range) => (range.from(), range.until()),
            };
            first = Some(first.map_or(from, |first: Time| first.min(from)));
            last = last.max(Some(until));
        }
    }
    let (names, from, to) = replay.needs(last);
    Ok((names, first.map_or(from, |first| first.min(from)), to))
}

/// So much is looked at, in lines that are folded; beyond it expectations are left out and told.
const MOST: usize = 200_000;
/// What a look costs beside its lines, counted in lines: so much for each campaign and offer, and so much by itself.
const EACH: usize = 2;
/// See [`EACH`].
const ITSELF: usize = 25;

/// The suites' expectations in order, each with how it came out. `host` makes the platform's functions for one engine.
pub fn run(source: &Value, zones: &Zones, host: &dyn Fn() -> Box<dyn Host>) -> Result<Vec<Outcome>, Vec<Error>> {
    let bundle = Bundle::read(source)?;
    let (plan, platform) = (Plan::new(bundle), host());
    let world = World { bundle, plan: &plan, zones, host: &*platform, assumed: Grant::Unknown };
    let mut runner = Runner { world, rules: bare(source), host, page: None, left: MOST, outcomes: Vec::new() };
    for (index, suite) in bundle.suites().iter().enumerate() {
        runner.suite(index, suite);
    }
    Ok(runner.outcomes)
}

struct Runner<'a> {
    world: World<'a>,
    rules: Value,
    host: &'a dyn Fn() -> Box<dyn Host>,
    /// The last page that was looked at: the rules are compiled once.
    page: Option<Page>,
    /// How much may still be looked at.
    left: usize,
    outcomes: Vec<Outcome>,
}

/// When, on which page, in which language, and with what the page tells of itself: the place of the first expectation that tells so.
type Sight<'a> = (Time, Option<&'a str>, &'a str, usize);

impl<'a> Runner<'a> {
    fn suite(&mut self, index: usize, suite: Suite<'a>) {
        let World { bundle, zones, .. } = self.world;
        let home = bundle.house().locales().get(0).unwrap_or("ko");
        let reads = suite.locale().unwrap_or(home);
        let rules = bundle.campaigns().iter().len() + bundle.offers().iter().len();
        let cost = suite.events().iter().len() + EACH * rules + ITSELF;
        let first = self.outcomes.len();
        // What is looked at once, with all that is expected of it: which expectation, and what it says in that language.
        let mut sights: BTreeMap<Sight, Vec<(usize, Option<&str>)>> = BTreeMap::new();
        for (place, want) in suite.expect().iter().enumerate() {
            let moments = want.at().each(zones, bundle.house().zone());
            let says = match want.says() {
                Some(says) => says.languages(reads).into_iter().map(|(lang, words)| (lang, Some(words))).collect(),
                None => vec![(reads, None)],
            };
            let left = self.left.checked_sub(moments.len() * says.len() * cost);
            let name = self.both(|speaker| words::name([suite.name()].into_iter().chain(want.name()), speaker));
            self.outcomes.push(Outcome {
                pointer: format!("/suites/{index}/expect/{place}"),
                wanted: self.both(|speaker| words::wanted(want, speaker)),
                found: None,
                looked: if left.is_some() { moments.len() } else { 0 },
                failed: 0,
                told: left
                    .is_none()
                    .then(|| ("not_run", self.both(|speaker| words::left_out(say(&name, speaker), speaker)))),
                name,
            });
            let Some(left) = left else { continue };
            self.left = left;
            let told = suite.expect().iter().position(|one| one.context() == want.context()).unwrap_or(place);
            for at in moments {
                for (lang, words) in &says {
                    sights.entry((at, want.page(), lang, told)).or_default().push((place, *words));
                }
            }
        }
        let mut last: BTreeMap<usize, Time> = BTreeMap::new();
        for ((at, kind, lang, told), wanted) in sights {
            let context = suite.expect().get(told).map_or(&Value::Null, |want| want.context());
            let page = self.open(suite, at, kind, context, lang);
            let seen = Seen { bundle, home, decisions: page.decisions(), page };
            for (place, says) in wanted {
                let found = suite.expect().get(place).and_then(|want| seen.instead(want, says));
                let (Some(found), Some(outcome)) = (found, self.outcomes.get_mut(first + place)) else { continue };
                // In several languages a moment is one nevertheless.
                outcome.failed += usize::from(last.insert(place, at) != Some(at));
                outcome.found.get_or_insert((at, found));
            }
            self.page = Some(seen.page);
        }
        for place in first..self.outcomes.len() {
            let Some(outcome) = self.outcomes.get(place) else { continue };
            let Some((at, found)) = &outcome.found else { continue };
            let told = self.both(|speaker| {
                let [name, wanted, found] = [&outcome.name, &outcome.wanted, found].map(|both| say(both, speaker));
                words::failed(name, wanted, found, *at, [outcome.failed, outcome.looked], speaker)
            });
            if let Some(outcome) = self.outcomes.get_mut(place) {
                outcome.told = Some(("expectation", told));
            }
        }
    }

    /// Words about the bundle, at no moment: a date has its year.
    fn both(&self, say: impl Fn(Speaker) -> String) -> Both {
        ["ko", "en"].map(|lang| say(Speaker { world: self.world, lang, now: Time::default() }))
    }

    /// The shopper's page at a moment, as the preview has it.
    fn open(&mut self, suite: Suite, at: Time, kind: Option<&str>, context: &Value, lang: &str) -> Page {
        let events = suite.0.field("events").list();
        let mut lines = Cow::Borrowed(events);
        if let Some(kind) = kind {
            let of = events.iter().rev().find(|line| Time::of(line.field("timestamp")) <= at);
            let id = |key: &str| of.and_then(|line| line.field(key).text());
            let (user, anonymous) = (id("userId"), id("anonymousId"));
            let nobody = user.is_none() && anonymous.is_none();
            let mut view = Map::new()
                .with("type", "page")
                .with("messageId", "studio-page")
                .with("timestamp", at.text())
                .with("userId", user)
                .with("anonymousId", anonymous.or(nobody.then_some("studio")))
                .with("properties", Map::new().with("kind", kind));
            view.drop_nulls();
            lines.to_mut().push(view.into());
        }
        let terms = Options { at: Some(at), explain: true, lang: lang.to_string(), assumed: suite.consent() };
        let look =
            Look { lines: &lines, context, locale: Some(lang), proofs: &Value::Null, force: &Value::Null, terms };
        match self.page.take() {
            Some(page) => page.another(&look),
            None => Page::open(self.rules.clone(), &look, self.world.zones.clone(), (self.host)()),
        }
    }
}

/// What is said in the speaker's language.
fn say<'a>([ko, en]: &'a Both, speaker: Speaker) -> &'a str {
    if speaker.korean() { ko } else { en }
}

/// What a shopper sees at a moment, and why.
struct Seen<'a> {
    bundle: Bundle<'a>,
    home: &'a str,
    decisions: Vec<Decision>,
    page: Page,
}

impl<'a> Seen<'a> {
    /// What there is instead of what is expected, where it is not so.
    fn instead(&self, want: Expectation<'a>, says: Option<&str>) -> Option<Both> {
        self.facts(want).or_else(|| self.reasons(want)).or_else(|| self.messages(want, says))
    }

    fn both(&self, say: impl Fn(Speaker) -> String) -> Option<Both> {
        Some(["ko", "en"].map(|lang| say(self.page.speaker(lang))))
    }

    /// The fact because of which what should hold of the shopper does not.
    fn facts(&self, want: Expectation<'a>) -> Option<Both> {
        let (mut holds, mut fact) = (true, None);
        self.page.ask(&mut |circumstances| {
            let mut leaves = Vec::new();
            want.when().conditions("", self.bundle, &mut |condition, at| {
                holds &= condition.is_some_and(|one| explain(one.0, at, circumstances.facts(), &mut leaves));
            });
            let leaf = leaves.iter().find(|leaf| leaf.blamed);
            fact = leaf.map(|leaf| (leaf.path.to_string(), leaf.actual.clone()));
        });
        if holds {
            return None;
        }
        self.both(|speaker| words::fact(fact.as_ref(), speaker))
    }

    /// A verdict that is not as expected, or that there is none.
    fn reasons(&self, want: Expectation<'a>) -> Option<Both> {
        if want.stage().is_none() && want.code().is_none() && want.reason().is_none() {
            return None;
        }
        let verdicts = self.page.verdicts();
        let mut of = verdicts.list().iter().filter(|verdict| self.is_meant(want, verdict)).peekable();
        if of.peek().is_none() {
            return self.whose(want.campaign().unwrap_or_default());
        }
        let differs =
            |line: &Value, key: &str, wanted: Option<&str>| wanted.is_some() && line.field(key).text() != wanted;
        let says_else = |verdict: &Value| {
            let reasons = want.reason().map_or_else(Vec::new, |reason| reason.languages(self.home));
            reasons.into_iter().any(|(lang, words)| !self.text(verdict, lang).contains(words))
        };
        let wrong = of.find(|line| {
            differs(line, "stage", want.stage()) || differs(line, "code", want.code()) || says_else(line)
        })?;
        self.both(|speaker| words::verdict(wrong, &self.text(wrong, speaker.lang), speaker))
    }

    /// A campaign's verdict.
    fn whose(&self, id: &str) -> Option<Both> {
        let verdicts = self.page.verdicts();
        let mut all = verdicts.list().iter();
        let verdict = all.find(|verdict| verdict.field("campaign").text() == Some(id)).unwrap_or(&Value::Null);
        self.both(|speaker| words::verdict(verdict, &self.text(verdict, speaker.lang), speaker))
    }

    fn text(&self, verdict: &Value, lang: &str) -> String {
        let spoken = self.page.speaker(lang).spoken(verdict.map().cloned().unwrap_or_default());
        spoken.field("text").text().unwrap_or_default().to_string()
    }

    /// What stands on the page instead of what should.
    fn messages(&self, want: Expectation<'a>, says: Option<&str>) -> Option<Both> {
        let shows = want.shows().or(says.map(|_| true))?;
        let meant: Vec<&Decision> =
            self.decisions.iter().filter(|one| self.is_meant(want, &one.properties().into())).collect();
        let speaking =
            |one: &&&Decision| says.is_none_or(|words| said(&one.view).iter().any(|text| text.contains(words)));
        let found: Vec<&Decision> = meant.iter().filter(speaking).copied().collect();
        match (shows, found.as_slice(), meant.as_slice()) {
            (true, [], [other, ..]) => {
                let text = said(&other.view).join(" / ");
                self.both(|speaker| words::says(&text, speaker))
            }
            (true, [], []) => self.absent(want),
            (false, [_, ..], _) => self.both(|speaker| words::shows(&found, speaker)),
            _ => None,
        }
    }

    /// Why nothing of what should show does.
    fn absent(&self, want: Expectation<'a>) -> Option<Both> {
        if let Some(id) = want.campaign() {
            return self.whose(id);
        }
        let others = self.decisions.iter().filter(|one| want.slot().is_none_or(|slot| one.slot == slot));
        let others: Vec<&Decision> = others.collect();
        self.both(|speaker| words::shows(&others, speaker))
    }

    /// Whether an expectation is about a message, or a verdict: `{campaign, step, variant, slot}`.
    fn is_meant(&self, want: Expectation<'a>, line: &Value) -> bool {
        let named =
            [("campaign", want.campaign()), ("step", want.step()), ("variant", want.variant()), ("slot", want.slot())];
        let class = || {
            let campaign = line.field("campaign").text().and_then(|id| self.bundle.campaign(id));
            campaign.map_or(Class::Marketing, Campaign::class)
        };
        named.into_iter().all(|(key, wanted)| wanted.is_none() || line.field(key).text() == wanted)
            && want.class().is_none_or(|wanted| class() == wanted)
    }
}

/// The texts of a message, in the order in which it has them.
fn said(view: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> = view.list().iter().flat_map(said).collect();
    for (key, member) in view.members() {
        match member.text() {
            Some(text) if TEXTS.contains(&key) => texts.push(text),
            _ => texts.extend(said(member)),
        }
    }
    texts
}
