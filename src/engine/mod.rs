//! The engine: pure, total, replayable. No clock, randomness, I/O or globals.
//!
//! `state', effects = update(bundle, state, input, now)` and `decision = decide(bundle, state, slot, now)`, as methods of
//! [`Engine`], which holds the bundle and the state of one shopper in one tab.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::float_cmp)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::float_cmp)
)]
#![allow(
    clippy::single_char_add_str,
    clippy::single_char_pattern,
    reason = "a character is encoded by code, a text only copied"
)]
#![forbid(unsafe_code)]

pub mod audience;
pub mod base;
pub mod bundle;
pub mod campaign;
pub mod effect;
pub mod error;
pub mod fold;
pub mod input;
pub mod loyalty;
pub mod message;
pub mod meter;
pub mod outbox;
pub mod profile;
#[cfg(feature = "studio")]
pub mod replay;
pub mod signal;
pub mod state;
#[cfg(feature = "studio")]
pub mod words;

use base::document::Part;
use base::host::Host;
use base::text::{decimal, join};
use base::time::{Time, Zones};
use base::value::{Map, Value};
use bundle::Bundle;
use campaign::verdict::{Circumstances, Stage, Verdict, verdicts};
use campaign::{ANSWER, INTERRUPTIVE, When};
use effect::Effect;
use error::Error;
use fold::{Fold, World};
use input::{Input, Row};
use message::template::Scope;
use message::view::{Form, View};
use outbox::Outbox;
use profile::Grant;
use signal::Signal;
use state::State;

/// The choice for a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// `tab.n`, n the tab's opened decisions; in the log, so every draw can be made again.
    pub id: String,
    /// The slot.
    pub slot: String,
    /// The campaign.
    pub campaign: String,
    /// The step of it.
    pub step: Option<String>,
    /// The message, ready to draw.
    pub view: View,
}

impl Decision {
    /// The properties that exposures and answers carry.
    pub fn properties(&self) -> Map {
        let mut map = Map::of([("decision", self.id.as_str().into()), ("campaign", self.campaign.as_str().into())]);
        if let Some(step) = &self.step {
            map.set("step", step.as_str());
        }
        map.with("slot", self.slot.as_str())
    }
}

/// What a tab is given once.
pub struct Options {
    /// BCP 47 tag of the page's language.
    pub locale: String,
    /// Drawn once by the host; everything random is a hash of it.
    pub seed: String,
    /// Names this tab in decision ids.
    pub tab: String,
    /// What counts where a purpose was never mentioned: in a page it is denied, in a replay granted.
    pub assumed: Grant,
}

/// One shopper in one tab.
pub struct Engine {
    bundle: Value,
    zones: Zones,
    host: Box<dyn Host>,
    options: Options,
    state: State,
    outbox: Outbox,
    /// Facts the page gave.
    page: Value,
    /// Decisions opened in this tab, by slot.
    open: Vec<Decision>,
    opened: u32,
    /// The interruptive message: asked for, or on screen.
    interruption: Option<Interruption>,
}

enum Interruption {
    /// This tab asked for the key.
    Claiming(String, Decision),
    /// On screen.
    Showing(Decision),
    /// Another tab has the key.
    Elsewhere(String),
}

impl Engine {
    /// An engine for a bundle; nothing is known of the shopper yet.
    pub fn new(bundle: Value, zones: Zones, host: Box<dyn Host>, options: Options) -> Engine {
        let outbox = Outbox::new(&options.seed);
        Engine {
            bundle,
            zones,
            host,
            options,
            state: State::default(),
            outbox,
            page: Value::Null,
            open: Vec::new(),
            opened: 0,
            interruption: None,
        }
    }

    /// The marketer's rules.
    pub fn bundle(&self) -> Bundle<'_> {
        Bundle::of(&self.bundle)
    }

    /// The offset tables, to be filled before the first signal.
    pub fn zones(&mut self) -> &mut Zones {
        &mut self.zones
    }

    /// Goes on from a snapshot that covers the log up to a position.
    pub fn restore(&mut self, snapshot: &Value, covered: f64) -> Result<(), Error> {
        self.state = State::restore(snapshot, covered)?;
        Ok(())
    }

    /// Takes an input in; what the host must do.
    pub fn update(&mut self, input: Input, now: Time) -> Vec<Effect> {
        let mut effects = Vec::new();
        let moves =
            matches!(input, Input::Rows { .. } | Input::Context(_) | Input::Locale(_) | Input::Closed | Input::Tick);
        match input {
            Input::Rows { rows, unsent } => {
                self.outbox.add(unsent);
                for row in rows {
                    self.row(row, &mut effects);
                }
                let assumed = self.options.assumed;
                let world = World { bundle: Bundle::of(&self.bundle), zones: &self.zones, host: &*self.host, assumed };
                if self.state.settle(now, world) {
                    let (snapshot, covered) = self.state.snapshot();
                    effects.push(Effect::Save { snapshot, covered });
                }
            }
            Input::Context(facts) => self.page = facts,
            Input::Locale(locale) => self.options.locale = locale,
            // Only the id is settled: nothing else follows from it.
            Input::Decided(decision) => {
                self.keep(decision);
                return effects;
            }
            Input::Claimed { key, won } => self.claimed(&key, won, &mut effects),
            Input::Closed => self.interruption = None,
            Input::Replied(reply) => effects.extend(self.outbox.replied(reply, now)),
            Input::Flush => self.outbox.hurry(),
            Input::Tick => (),
        }
        let assumed = self.options.assumed;
        let world = World { bundle: Bundle::of(&self.bundle), zones: &self.zones, host: &*self.host, assumed };
        self.state.lapse(now, world);
        if moves {
            effects.push(Effect::Changed);
        }
        let (effect, due) = self.interrupt(now);
        effects.extend(effect);
        effects.extend(self.outbox.step(now));
        let mut wake = None;
        let world = self.world();
        for at in [self.state.next(world), self.outbox.next(), due].into_iter().flatten() {
            if at > now && wake.is_none_or(|wake| at < wake) {
                wake = Some(at);
            }
        }
        effects.extend(wake.map(Effect::Wake));
        effects
    }

    fn world(&self) -> World<'_> {
        let assumed = self.options.assumed;
        World { bundle: Bundle::of(&self.bundle), zones: &self.zones, host: &*self.host, assumed }
    }

    fn row(&mut self, row: Row, effects: &mut Vec<Effect>) {
        // What was answered about consent is always heard: it is the reason why the rest is not.
        if !row.fold && row.line.field("type").text() != Some("consent") {
            return;
        }
        let signal = match Signal::read(&row.line, &|name| self.bundle().name(name)) {
            Ok(signal) => signal,
            Err(error) => return effects.push(Effect::Refused(error)),
        };
        // Answered: the slot is free for the next choice.
        if signal.name == ANSWER {
            let answered = signal.properties.field("decision").text();
            self.open.retain(|open| Some(open.id.as_str()) != answered);
            if matches!(&self.interruption, Some(Interruption::Showing(open)) if Some(open.id.as_str()) == answered) {
                self.interruption = None;
            }
        }
        let assumed = self.options.assumed;
        let world = World { bundle: Bundle::of(&self.bundle), zones: &self.zones, host: &*self.host, assumed };
        self.state.take(row.position, signal, world);
    }

    fn keep(&mut self, decision: Decision) {
        match self.open.iter_mut().find(|open| open.slot == decision.slot) {
            Some(open) if open.id == decision.id => return,
            Some(open) => *open = decision,
            None => self.open.push(decision),
        }
        self.opened += 1;
    }

    /// The shopper as of the last input.
    fn fold(&self) -> &Fold {
        self.state.now()
    }

    fn judged(&self, now: Time, then: &mut dyn FnMut(Vec<Verdict>, &Value)) {
        judged(self.fold(), self.world(), &self.page, self.options.assumed, now, then);
    }

    /// What to show in a slot; changes nothing. The same decision is given until it was answered or another one wins.
    pub fn decide(&self, slot: &str, now: Time) -> Option<Decision> {
        let mut decision = None;
        self.judged(now, &mut |verdicts, document| decision = self.chosen(slot, &verdicts, document, now));
        decision
    }

    fn chosen(&self, slot: &str, verdicts: &[Verdict], document: &Value, now: Time) -> Option<Decision> {
        let world = self.world();
        let winner = verdicts.iter().find(|verdict| verdict.stage == Stage::Shown && verdict.slot() == slot)?;
        let step = winner.step?;
        let form = if slot == INTERRUPTIVE { Form::Modal } else { Form::Card };
        let house = world.bundle.house();
        let (currency, locales) = (house.currency(), house.locales());
        let scope = Scope { document, currency, lang: &self.options.locale, locales, host: &*self.host };
        let mut labelled = document.clone();
        self.fold().labels(&mut labelled, world, now, &|text| text.print(scope));
        let scope = Scope { document: &labelled, ..scope };
        let campaign = winner.campaign.id();
        let held = |open: &&Decision| open.slot == slot && open.campaign == campaign && open.step.as_deref() == step.id;
        let id = match self.open.iter().find(held) {
            Some(open) => open.id.clone(),
            None => join(&[&self.options.tab, ".", &decimal(i64::from(self.opened) + 1, 1)]),
        };
        Some(Decision {
            id,
            slot: slot.to_string(),
            campaign: campaign.to_string(),
            step: step.id.map(str::to_string),
            view: step.message.view(form, scope),
        })
    }

    /// Why each campaign shows or does not, in codes and numbers.
    pub fn explain(&self, now: Time) -> Value {
        let mut lines = Vec::new();
        self.judged(now, &mut |verdicts, _| lines.extend(verdicts.iter().map(|verdict| Value::from(verdict.line()))));
        lines.into()
    }

    /// The shape of contract.md section 3, `progress`.
    pub fn progress(&self, now: Time) -> Value {
        self.fold().progress(now, self.world())
    }

    /// The shape of contract.md section 3, `profile`.
    pub fn profile(&self, now: Time) -> Value {
        profile_line(self.fold(), now, self.world(), self.options.assumed)
    }

    /// Asks for the interruptive slot when something is due and nothing is open; takes an open message away from a page or a
    /// shopper that may not have it any more. And the next moment at which time alone may bring a campaign.
    fn interrupt(&mut self, now: Time) -> (Option<Effect>, Option<Time>) {
        let (mut next, mut barred, mut decision) = (None, false, None);
        self.judged(now, &mut |verdicts, document| {
            next = verdicts.iter().filter_map(|verdict| verdict.next).min();
            match &self.interruption {
                Some(Interruption::Claiming(..)) => (),
                Some(Interruption::Showing(open)) => {
                    let verdict = verdicts.iter().find(|verdict| verdict.campaign.id() == open.campaign);
                    barred = verdict.is_none_or(|verdict| matches!(verdict.stage, Stage::House | Stage::Consent));
                }
                Some(Interruption::Elsewhere(_)) | None => {
                    decision = self.chosen(INTERRUPTIVE, &verdicts, document, now);
                }
            }
        });
        if barred {
            self.interruption = None;
            return (Some(Effect::Hide), next);
        }
        let Some(decision) = decision else { return (None, next) };
        let key = self.claim_key(&decision);
        if matches!(&self.interruption, Some(Interruption::Elsewhere(lost)) if *lost == key) {
            return (None, next);
        }
        // It keeps its id from here on: what opens while the claim is out gets another.
        self.keep(decision.clone());
        self.interruption = Some(Interruption::Claiming(key.clone(), decision));
        (Some(Effect::Claim(key)), next)
    }

    /// One showing of a step in one visit: tabs that would show the same contend for the same key.
    fn claim_key(&self, decision: &Decision) -> String {
        let fold = self.fold();
        let shown = fold.campaigns.get(&decision.campaign).map_or(0, |history| history.times);
        let (visit, shown) = (decimal(fold.profile.session.start.0, 1), decimal(shown, 1));
        join(&[&decision.campaign, "/", decision.step.as_deref().unwrap_or_default(), "/", &visit, "/", &shown])
    }

    fn claimed(&mut self, key: &str, won: bool, effects: &mut Vec<Effect>) {
        match self.interruption.take() {
            Some(Interruption::Claiming(asked, decision)) if asked == key && won => {
                self.interruption = Some(Interruption::Showing(decision.clone()));
                effects.push(Effect::Show(decision));
            }
            Some(Interruption::Claiming(asked, _)) if asked == key => {
                self.interruption = Some(Interruption::Elsewhere(asked))
            }
            other => self.interruption = other,
        }
    }
}

/// All verdicts at a moment, and the document they were reached from. `page` are the facts the host gave.
pub fn judged(
    fold: &Fold,
    world: World,
    page: &Value,
    assumed: Grant,
    now: Time,
    then: &mut dyn FnMut(Vec<Verdict>, &Value),
) {
    let document = fold.document(world, now, None, page, assumed);
    let circumstances = Circumstances {
        bundle: world.bundle,
        profile: &fold.profile,
        histories: &fold.campaigns,
        document: &document,
        at: fold.at,
        assumed,
        zones: world.zones,
        host: world.host,
        now,
    };
    then(verdicts(circumstances), &document);
}

/// The shape of contract.md section 3, `profile`.
pub fn profile_line(fold: &Fold, now: Time, world: World, assumed: Grant) -> Value {
    let profile = &fold.profile;
    let document = fold.document(world, now, None, &Value::Null, assumed);
    let facts = audience::Facts { document: &document, groups: &Value::Null, host: world.host };
    let mut audiences: Vec<Value> = Vec::new();
    for (name, audience) in world.bundle.audiences().iter() {
        if matches!(audience.when(), When::Condition(when) if when.holds(facts)) {
            let place = audiences.iter().take_while(|other| other.text() <= Some(name)).count();
            audiences.insert(place, name.into());
        }
    }
    let anonymous: Vec<Value> = profile.anonymous.iter().map(|id| id.as_str().into()).collect();
    let mut line = Map::of([
        ("userId", (&profile.user).into()),
        ("anonymousIds", anonymous.into()),
        ("traits", profile.traits.clone().into()),
        ("consent", profile.consents(world.bundle.purposes(), assumed)),
        ("declared", profile.declared.line()),
        ("interests", document.field("interest").clone()),
        ("value", Value::Null),
        ("audiences", audiences.into()),
        ("meters", fold.meters(now, world)),
    ]);
    // Beside what contract.md names, and only where there are any.
    if !profile.answers.0.is_empty() {
        line.append("answers", profile.answers.line());
    }
    line.into()
}
