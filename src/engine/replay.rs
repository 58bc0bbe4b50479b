//! Replay: event lines of any number of shoppers in, one line per shopper out (contract.md sections 2 and 3).

use super::audience;
use super::base::host::Host;
use super::base::text::{decimal, join};
use super::base::time::{DAY, Time, Zones, parse_offset};
use super::base::value::{Map, Value};
use super::bundle::Bundle;
use super::bundle::plan::Plan;
use super::campaign::verdict::{self, Stage, Verdict};
use super::campaign::{Campaign, Variant, Wanted};
use super::error::Error;
use super::fold::{Fold, World};
use super::loyalty::ledger;
use super::pick::Wish;
use super::profile::Grant;
use super::signal::Signal;
use super::{explained, profile_line, words};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How to replay.
#[derive(Clone)]
pub struct Options {
    /// Events after it are ignored, lapses up to it applied; none: each shopper's last event.
    pub at: Option<Time>,
    /// Whether verdicts are written.
    pub explain: bool,
    /// Language of their texts.
    pub lang: String,
    /// What counts where a purpose was never mentioned.
    pub assumed: Grant,
}

impl Options {
    /// Reads `{at, explain, lang, consent}`, all optional.
    pub fn read(value: &Value) -> Result<Options, Error> {
        let fault =
            |path: &str, message: &str| Error { code: "type", path: path.to_string(), message: message.to_string() };
        let at = match value.at("at") {
            Value::Null => None,
            at => Some(at.text().and_then(Time::parse).ok_or_else(|| fault("/at", "expected an RFC 3339 instant"))?.0),
        };
        let assumed = match value.at("consent").text() {
            None | Some("granted") => Grant::Granted,
            Some("unknown") => Grant::Unknown,
            Some("denied") => Grant::Denied,
            Some(_) => return Err(fault("/consent", "choose one of granted denied unknown")),
        };
        let lang = value.at("lang").text().unwrap_or("ko").to_string();
        Ok(Options { at, explain: value.at("explain").bool() == Some(true), lang, assumed })
    }
}

/// One shopper of a replay.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The member, else the anonymous id.
    pub shopper: &'a str,
    /// What the signals made of them.
    pub fold: &'a Fold,
    /// The rules, and the world they hold in.
    pub world: World<'a>,
    /// Up to when time has passed.
    pub now: Time,
    /// How many shoppers are done, this one too,
    pub done: usize,
    /// of how many.
    pub all: usize,
}

/// Lines read so far.
pub struct Replay {
    source: Value,
    signals: Vec<Signal>,
}

impl Replay {
    /// For this bundle.
    pub fn new(source: Value) -> Result<Replay, Vec<Error>> {
        Bundle::read(&source)?;
        Ok(Replay { source, signals: Vec::new() })
    }

    /// The rules.
    pub fn bundle(&self) -> Bundle<'_> {
        Bundle(&self.source)
    }

    /// The signals of each shopper in their order, by shopper in code points.
    pub fn shoppers(&self) -> BTreeMap<&str, Vec<&Signal>> {
        let mut signals: Vec<&Signal> = self.signals.iter().collect();
        signals.sort_by_key(|signal| (signal.key(), signal.received));
        shoppers(signals)
    }

    /// Takes a line in; a bad one is refused with its reason and changes nothing.
    pub fn add(&mut self, line: &Value) -> Result<(), Error> {
        self.add_proven(line, Value::Null)
    }

    /// The same with what was found of a checkpoint: its payload where the signature is good, else why not, in a word.
    pub fn add_proven(&mut self, line: &Value, proof: Value) -> Result<(), Error> {
        self.signals.push(Signal::read(line, &|name| Bundle(&self.source).name(name))?.proven(proof));
        Ok(())
    }

    /// Zones needed, the house's first, those of shoppers as they say, and the range of time their tables must span: from a day before the oldest event on; deadlines lie up to
    /// three years after the last moment.
    pub fn needs(&self, at: Option<Time>) -> (Vec<String>, Time, Time) {
        let times = || self.signals.iter().map(|signal| signal.at);
        let first = times().min().or(at).unwrap_or(Time(0));
        let last = times().chain(at).max().unwrap_or(first);
        let mut names = Bundle(&self.source).zones();
        for zone in self.signals.iter().filter_map(|signal| signal.zone.as_ref()) {
            if parse_offset(zone).is_none() && !names.contains(zone) {
                names.push(zone.clone());
            }
        }
        (names, first.plus(-DAY), last.plus(3 * 366 * DAY))
    }

    /// One line per shopper, by shopper in code points. `progress` is told after each shopper: done, of how many.
    pub fn finish(
        self,
        zones: &Zones,
        host: &dyn Host,
        options: &Options,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Vec<Value> {
        let mut lines = Vec::new();
        self.visit(zones, host, options, &mut |seen| {
            lines.push(line(seen, options));
            progress(seen.done, seen.all);
        });
        lines
    }

    /// Shows each shopper, by shopper in code points.
    pub fn visit(mut self, zones: &Zones, host: &dyn Host, options: &Options, see: &mut dyn FnMut(Seen)) {
        // A checkpoint stands at the moment it speaks of, but was not there before it came.
        let there = |signal: &Signal| if signal.proof.is_null() { signal.at } else { signal.at.max(signal.received) };
        self.signals.retain(|signal| options.at.is_none_or(|at| there(signal) <= at));
        let bundle = Bundle(&self.source);
        let world = World { bundle, plan: &Plan::new(bundle), zones, host, assumed: options.assumed };
        let shoppers = self.shoppers();
        let count = shoppers.len();
        for (index, (shopper, signals)) in shoppers.into_iter().enumerate() {
            let mut fold = Fold::default();
            let mut seen = HashSet::new();
            let mut last = None;
            for signal in signals {
                if seen.insert(&signal.id) {
                    fold.signal(signal, world);
                    last = Some(signal.at);
                }
            }
            let Some(last) = last else { continue };
            let now = options.at.unwrap_or(last);
            fold.pass(now, world);
            // Where nothing was answered signals wait for ever, as in a page.
            fold.forget(world);
            see(Seen { shopper, fold: &fold, world, now, done: index + 1, all: count });
        }
    }
}

fn line(seen: Seen, options: &Options) -> Value {
    let Seen { shopper, fold, world, now, .. } = seen;
    let page = Value::Null;
    let (mut decisions, mut verdicts, mut offers): (Vec<Value>, Vec<Map>, Vec<Value>) = Default::default();
    explained(fold, world, &page, &[], now, &mut |circumstances| {
        let judged = verdict::verdicts(circumstances);
        let mut decide = |slot: &str, verdict: Option<&Verdict>, wanted: Option<Wanted>| {
            let wish = Wish { slot, wanted, count: 1 };
            let speaks = verdict.is_none() || wanted.is_some();
            // As a device would choose that had the shopper's id for a seed.
            let id = join(&["replay.", &decimal(decisions.len() as i64 + 1, 1)]);
            let pick = speaks.then(|| circumstances.picks(wish, Vec::new(), shopper, &id).pop().flatten()).flatten();
            if verdict.is_some() || pick.is_some() {
                let line = Map::new()
                    .with("slot", slot)
                    .with("campaign", verdict.map(|verdict| verdict.campaign.id()))
                    .with("step", verdict.and_then(|verdict| verdict.step?.id))
                    .with("variant", verdict.and_then(|verdict| verdict.variant.map(Variant::id)))
                    .with("offer", pick.as_ref().map(|pick| pick.offer.id()))
                    .with("propensity", pick.map_or(1.0, |pick| pick.propensity));
                decisions.push(line.into());
            }
        };
        for verdict in judged.iter().filter(|verdict| verdict.stage == Stage::Shown) {
            decide(verdict.slot(), Some(verdict), verdict.campaign.offers());
        }
        // Slots that no campaign fills have offers of their own.
        let slots: BTreeSet<&str> = world.bundle.offers().iter().flat_map(|offer| offer.slots().iter()).collect();
        let taken = |slot: &str| judged.iter().any(|verdict| verdict.is_due() && verdict.slot() == slot);
        if circumstances.held_out(Campaign(&Value::Null)).is_none() {
            slots.into_iter().filter(|slot| !taken(slot)).for_each(|slot| decide(slot, None, None));
        }
        verdicts = judged.iter().map(|verdict| verdict.line()).collect();
        offers = circumstances.offers();
    });
    let mut line = Map::new()
        .with("user", shopper)
        .with("profile", profile_line(fold, now, world))
        .with("progress", fold.progress(now, world))
        .with("ledger", ledger::lines(&fold.loyalty.entries))
        .with("decisions", decisions);
    // What the host is told of, only where there is anything.
    let told: Vec<Value> = fold.loyalty.told.0.iter().cloned().map(Value::Map).collect();
    if !told.is_empty() {
        line.set("told", told);
    }
    if let Some(summary) = fold.summary(now, world) {
        line.set("summary", summary);
    }
    if options.explain {
        let speaker = words::Speaker { world, lang: &options.lang, now };
        let spoken = verdicts.into_iter().map(|verdict| speaker.spoken(verdict)).collect::<Vec<_>>();
        line.set("verdicts", spoken);
        // Beside what contract.md names, and only where there are any.
        if !offers.is_empty() {
            line.set("offers", offers.into_iter().map(|offer| speaker.offered(offer)).collect::<Vec<_>>());
        }
    }
    line.into()
}

/// Signals by shopper: the member, else the anonymous id; an anonymous past belongs to the first member seen with it.
fn shoppers(signals: Vec<&Signal>) -> BTreeMap<&str, Vec<&Signal>> {
    let mut first: BTreeMap<&str, &Signal> = BTreeMap::new();
    for signal in &signals {
        if let (Some(_), Some(anonymous)) = (&signal.user, &signal.anonymous) {
            first.entry(anonymous).or_insert(signal);
        }
    }
    let mut shoppers: BTreeMap<&str, Vec<&Signal>> = BTreeMap::new();
    for signal in signals {
        let anonymous = signal.anonymous.as_deref().unwrap_or_default();
        let member = first
            .get(anonymous)
            .filter(|identified| signal.key() < identified.key())
            .and_then(|signal| signal.user.as_deref());
        let shopper = signal.user.as_deref().or(member).unwrap_or(anonymous);
        shoppers.entry(shopper).or_default().push(signal);
    }
    shoppers
}

/// Evaluates one condition over one document, as GrowthBook's `evalCondition`; what it asks about time, in 1970.
pub fn eval_condition(condition: &Value, attributes: &Value, groups: &Value, host: &dyn Host) -> bool {
    eval_condition_at(Time(0), condition, attributes, groups, host)
}

/// Likewise, at a moment; days are those of UTC.
pub fn eval_condition_at(now: Time, condition: &Value, attributes: &Value, groups: &Value, host: &dyn Host) -> bool {
    let (mut conditions, zones) = (audience::Conditions::default(), Zones::default());
    let clock = audience::Clock { now, zones: &zones, zone: "UTC" };
    let facts = audience::Facts { document: attributes, groups, host, clock };
    let place = conditions.add(audience::Condition(condition), &mut Vec::new());
    conditions.holds(place, &conditions.slots(attributes), facts)
}
