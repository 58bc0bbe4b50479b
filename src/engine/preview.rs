//! A preview: one shopper's page at a moment, by the live engine. What the Studio shows is what a page would do.

use super::base::host::Host;
use super::base::time::{Time, Zones};
use super::base::value::{Map, Value};
use super::bundle::Bundle;
use super::campaign::verdict::Circumstances;
use super::effect::Effect;
use super::error::Error;
use super::input::{Input, Row};
use super::replay::Options as Terms;
use super::statement::Statement;
use super::words::Speaker;
use super::{Decision, Engine, Options, explained};

/// Whose page, when and how it is looked at.
pub struct Look<'a> {
    /// Event lines of that shopper, in the order in which they were committed; those after `terms.at` have not happened yet.
    pub lines: &'a [Value],
    /// What the page told of itself.
    pub context: &'a Value,
    /// The shopper's language; none: that of the verdicts, `terms.lang`.
    pub locale: Option<&'a str>,
    /// What was found of the checkpoints among the lines, by `messageId`.
    pub proofs: &'a Value,
    /// `{campaign, step, variant}`: that message alone is decided, whatever the rules say of this shopper.
    pub force: &'a Value,
    /// The moment, the language of the verdicts, and what counts where a purpose was never mentioned.
    pub terms: Terms,
}

fn time(line: &Value) -> Option<Time> {
    line.field("timestamp").text().and_then(Time::parse).map(|(at, _)| at)
}

impl<'a> Look<'a> {
    /// The moment that is looked at.
    pub fn now(&self) -> Time {
        self.terms.at.or_else(|| self.lines.iter().filter_map(time).max()).unwrap_or_default()
    }

    /// The lines of what has happened by then.
    pub fn happened(&self) -> impl DoubleEndedIterator<Item = &'a Value> {
        let (now, lines) = (self.now(), self.lines);
        lines.iter().filter(move |line| time(line).is_some_and(|at| at <= now))
    }

    /// Who it is, as the last line that says so has it.
    pub fn who(&self, key: &str) -> Option<&'a str> {
        self.happened().rev().find_map(|line| line.field(key).text())
    }

    /// What the tab is given. The seed is the shopper's id, as in a replay.
    fn options(&self) -> Options {
        let seed = self.who("userId").or_else(|| self.who("anonymousId")).unwrap_or_default().to_string();
        Options {
            locale: self.locale.unwrap_or(&self.terms.lang).to_string(),
            seed,
            tab: "studio".into(),
            schemes: Vec::new(),
            assumed: self.terms.assumed,
        }
    }
}

/// One shopper's page at a moment, in an engine as a page has it.
pub struct Page {
    pub(super) engine: Engine,
    pub(super) now: Time,
    pub(super) shown: Option<Decision>,
    refused: Vec<Error>,
}

impl Page {
    /// Opens it on a bundle in which nothing is wrong.
    pub fn open(bundle: Value, look: &Look, zones: Zones, host: Box<dyn Host>) -> Page {
        Page::of(Engine::new(bundle, zones, host, look.options()), look)
    }

    /// Opens another under the same rules, which are not compiled again.
    pub fn another(self, look: &Look) -> Page {
        Page::of(self.engine.another(look.options()), look)
    }

    fn of(mut engine: Engine, look: &Look) -> Page {
        let (now, Look { context, proofs, .. }) = (look.now(), look);
        // Not as an input of its own: something might be due to a shopper of whom nothing is known yet.
        engine.page = (*context).clone();
        let row = |(place, line): (usize, &Value)| Row {
            position: place as i64 + 1,
            line: line.clone(),
            fold: true,
            proof: line.field("messageId").text().map_or(Value::Null, |id| proofs.field(id).clone()),
            ..Row::default()
        };
        let rows = look.happened().enumerate().map(row).collect();
        let mut shown = None;
        let mut refused = Vec::new();
        let mut effects = engine.update(Input::Rows { rows, unsent: 0 }, now);
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::Claim(key) => effects.extend(engine.update(Input::Claimed { key, won: true }, now)),
                Effect::Show(decision) => shown = Some(*decision),
                Effect::Refused(error) => refused.push(error),
                _ => (),
            }
        }
        Page { engine, now, shown, refused }
    }

    /// Why lines were not understood.
    pub fn refused(&self) -> Vec<Value> {
        self.refused.iter().map(|error| Value::from(error.message.as_str())).collect()
    }

    /// What stands on the page, what interrupts first.
    pub fn decisions(&self) -> Vec<Decision> {
        let mut slots = self.engine.bundle().slots();
        slots.sort_unstable();
        let placed = slots.iter().filter_map(|slot| self.engine.decide(slot, self.now));
        self.shown.iter().cloned().chain(placed).collect()
    }

    /// Why each campaign shows or does not, in codes and numbers.
    pub fn verdicts(&self) -> Value {
        self.engine.explain(self.now)
    }

    /// Shows what its verdicts are reached from.
    pub fn ask(&self, then: &mut dyn FnMut(Circumstances)) {
        let Engine { page, open, .. } = &self.engine;
        explained(self.engine.fold(), self.engine.world(), page, open, self.now, then);
    }

    /// Speaks about it.
    pub fn speaker<'a>(&'a self, lang: &'a str) -> Speaker<'a> {
        Speaker { world: self.engine.world(), lang, now: self.now }
    }
}

/// The page of one shopper: `{at, decisions, verdicts, profile, progress, statement, refused}`.
pub fn preview(source: &Value, look: &Look, zones: Zones, host: Box<dyn Host>) -> Result<Value, Vec<Error>> {
    Bundle::read(source)?;
    let page = Page::open(source.clone(), look, zones, host);
    let (engine, now) = (&page.engine, page.now);
    let decisions = match look.force.field("campaign").text() {
        None => page.decisions(),
        Some(campaign) => {
            let part = |key: &str| look.force.field(key).text();
            engine.forced(campaign, part("step"), part("variant"), now).into_iter().collect()
        }
    };
    let speaker = page.speaker(&look.terms.lang);
    Ok(Map::of([
        ("at", now.text().into()),
        ("decisions", decisions.iter().map(line).collect::<Vec<_>>().into()),
        ("verdicts", speaker.each(&page.verdicts())),
        ("profile", engine.profile(now)),
        ("progress", engine.progress(now)),
        ("statement", Statement::of(engine.fold(), speaker).value()),
        ("refused", page.refused().into()),
    ])
    .into())
}

fn line(decision: &Decision) -> Value {
    let line = decision
        .properties()
        .with("reason", decision.reason())
        .with("propensity", decision.propensity)
        .with("message", decision.view.clone());
    // What is learnt from an answer to an offer hangs on how it was chosen.
    if decision.offer.is_some() { line.with("log", decision.line()).into() } else { line.into() }
}
