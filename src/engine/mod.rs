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
#[cfg(feature = "studio")]
pub mod beliefs;
pub mod bundle;
pub mod campaign;
mod decide;
pub mod effect;
pub mod error;
#[cfg(feature = "studio")]
pub mod feature;
pub mod fold;
pub mod input;
pub mod loyalty;
pub mod message;
pub mod meter;
pub mod offer;
pub mod outbox;
pub mod pick;
#[cfg(feature = "studio")]
pub mod preview;
pub mod profile;
#[cfg(feature = "studio")]
pub mod replay;
pub mod signal;
#[cfg(feature = "studio")]
pub mod simulate;
pub mod state;
#[cfg(feature = "studio")]
pub mod statement;
pub mod suite;
#[cfg(feature = "studio")]
pub mod words;

use audience::Needs;
use base::document::Part;
use base::host::Host;
use base::time::{Time, Zones};
use base::value::{Map, Value};
use bundle::Bundle;
use bundle::plan::Plan;
use campaign::verdict::{Circumstances, verdicts};
pub use decide::Decision;
use decide::{Interruption, Judgement};
use effect::Effect;
use error::Error;
use fold::{Fold, World};
use input::{Input, Row};
use outbox::Outbox;
use profile::Grant;
use signal::{Signal, canonical};
use state::State;
use std::borrow::Cow;

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
    /// Schemes of addresses that messages may lead to, beside those that all may: the shop's own app's.
    pub schemes: Vec<String>,
}

/// One shopper in one tab.
pub struct Engine {
    setting: Setting,
    state: State,
    outbox: Outbox,
    /// Facts the page gave.
    page: Value,
    /// Decisions opened in this tab, by slot; what shows nothing stands beside.
    open: Vec<Decision>,
    opened: u32,
    /// The visit they were opened in.
    visit: Time,
    /// The interruptive message: asked for, or on screen.
    interruption: Option<Interruption>,
    /// The key of what would have interrupted, that was claimed last.
    silenced: Option<String>,
    /// What followed from the last input that could change it.
    judgement: Option<Judgement>,
    /// Ids of signals this tab has said, of which nothing was told yet.
    own: Vec<String>,
}

/// What stays while signals come and go.
struct Setting {
    bundle: Value,
    plan: Plan,
    zones: Zones,
    host: Box<dyn Host>,
    options: Options,
}

impl Setting {
    fn world(&self) -> World<'_> {
        let assumed = self.options.assumed;
        World { bundle: Bundle::of(&self.bundle), plan: &self.plan, zones: &self.zones, host: &*self.host, assumed }
    }
}

impl Engine {
    /// An engine for a bundle; nothing is known of the shopper yet.
    pub fn new(bundle: Value, zones: Zones, host: Box<dyn Host>, options: Options) -> Engine {
        let plan = Plan::new(Bundle::of(&bundle));
        Engine::of(Setting { bundle, plan, zones, host, options })
    }

    /// Another tab, of another shopper, under the same rules.
    #[cfg(feature = "studio")]
    pub fn another(self, options: Options) -> Engine {
        Engine::of(Setting { options, ..self.setting })
    }

    fn of(setting: Setting) -> Engine {
        let outbox = Outbox::new(&setting.options.tab);
        Engine {
            setting,
            state: State::default(),
            outbox,
            page: Value::Null,
            open: Vec::new(),
            opened: 0,
            visit: Time::default(),
            interruption: None,
            silenced: None,
            judgement: None,
            own: Vec::new(),
        }
    }

    /// The marketer's rules.
    pub fn bundle(&self) -> Bundle<'_> {
        Bundle::of(&self.setting.bundle)
    }

    /// The offset tables, to be filled before the first signal.
    pub fn zones(&mut self) -> &mut Zones {
        self.judgement = None;
        &mut self.setting.zones
    }

    /// Goes on from a snapshot. The rows after its `seen` are to be given next.
    pub fn restore(&mut self, snapshot: &Value) -> Result<(), Error> {
        self.state = State::restore(snapshot)?;
        self.judgement = None;
        Ok(())
    }

    /// Whether an interruptive message is open, or about to be.
    pub fn busy(&self) -> bool {
        matches!(self.interruption, Some(Interruption::Claiming(..) | Interruption::Showing(_)))
    }

    /// Takes an input in; what the host must do.
    pub fn update(&mut self, input: Input, now: Time) -> Vec<Effect> {
        let mut effects = Vec::new();
        let idle = matches!(input, Input::Tick);
        // Whether what was shown and answered may be remembered in another order than it was.
        let mut anew = matches!(input, Input::Recalled(_));
        // Whether it changes what is known, and whether it may change what shows.
        let asks = !matches!(input, Input::Replied(_) | Input::Flush | Input::Keep);
        let mut moves = asks && !matches!(input, Input::Claimed { .. } | Input::Tick);
        match input {
            Input::Rows { rows, unsent } => {
                self.outbox.add(unsent);
                moves = false;
                for row in rows {
                    anew |= row.line.field("type").text() == Some("consent");
                    moves |= self.row(row, &mut effects);
                }
            }
            Input::Recalled(rows) => {
                let signals = rows.iter().filter_map(|row| Some((row.position, self.read(row)?.ok()?))).collect();
                effects.extend(self.state.recalled(signals, now, self.setting.world()));
            }
            Input::Context(facts) => self.page = facts,
            Input::Locale(locale) => self.setting.options.locale = locale,
            // Only the id is settled, and that it is in the log: nothing else follows from it.
            Input::Decided(decision) => {
                effects.extend(self.keep(*decision));
                return effects;
            }
            Input::Closed(id) => self.closed(&id),
            Input::Claimed { key, won } => self.claimed(&key, won, &mut effects),
            Input::Tick => (),
            Input::Keep => effects.extend(self.state.keep()),
            Input::Replied(reply) => effects.extend(self.outbox.replied(reply, now)),
            Input::Flush => self.outbox.hurry(),
        }
        let world = self.setting.world();
        anew |= self.state.mend(world);
        self.tell(&mut effects);
        let world = self.setting.world();
        self.state.retain(now, world);
        let before = self.state.now().at;
        self.state.lapse(now, world);
        moves |= self.state.now().at != before;
        effects.extend(self.state.step(now, idle, world));
        let due = |judgement: &Judgement| judgement.next.is_some_and(|next| next <= now);
        if asks || moves || self.judgement.as_ref().is_none_or(due) {
            self.renew();
            let (mut before, mut first) = (None, None);
            if let Some(judgement) = self.judgement.take() {
                before = (!anew).then_some(judgement.kept);
                first = Some(judgement.first);
            }
            let judgement = self.judge(before, now);
            moves |= first.is_some_and(|first| first != judgement.first);
            self.judgement = Some(judgement);
            if moves {
                effects.push(Effect::Changed);
            }
            effects.extend(self.interrupt());
        }
        while let Some(effect) = self.outbox.step(now) {
            effects.push(effect);
        }
        let mut wake = None;
        let world = self.world();
        let due = self.judgement.as_ref().and_then(|judgement| judgement.next);
        for at in [self.state.next(now, world), self.outbox.next(), due].into_iter().flatten() {
            if at > now && wake.is_none_or(|wake| at < wake) {
                wake = Some(at);
            }
        }
        effects.extend(wake.map(Effect::Wake));
        effects
    }

    fn world(&self) -> World<'_> {
        self.setting.world()
    }

    /// The signal of a row that may be folded. What was answered about consent is always heard: it is the reason why the rest is
    /// not.
    fn read(&self, row: &Row) -> Option<Result<Signal, Error>> {
        let heard = row.fold || row.line.field("type").text() == Some("consent");
        let name = |name: &str| self.bundle().name(name);
        heard.then(|| Signal::read(&row.line, &name).map(|signal| signal.proven(row.proof.clone())))
    }

    /// Whether the row moves anything.
    fn row(&mut self, row: Row, effects: &mut Vec<Effect>) -> bool {
        self.state.reach(row.position);
        let signal = match self.read(&row) {
            Some(Ok(signal)) => signal,
            Some(Err(error)) => {
                effects.push(Effect::Refused(error));
                return false;
            }
            None => return false,
        };
        self.settle(&signal, row.own);
        if row.own {
            self.own.push(signal.message().to_string());
        }
        self.state.take(row.position, signal, self.setting.world());
        true
    }

    /// Tells what followed from what this tab has said, once it is folded. What goes out needs the consent to send.
    fn tell(&mut self, effects: &mut Vec<Effect>) {
        let Some([news, told]) = self.state.news() else { return };
        let own = std::mem::take(&mut self.own);
        let mine = |event: Option<&Value>| own.iter().any(|own| event.and_then(Value::text) == Some(own));
        if self.fold().profile.allows("analytics", self.setting.options.assumed) {
            effects.extend(news.into_iter().filter(|news| mine(news.get("event"))).map(Effect::Tell));
        }
        effects.extend(told.into_iter().filter(|told| mine(told.get("event"))).map(Effect::Tell));
    }

    /// The shopper as of the last input.
    fn fold(&self) -> &Fold {
        self.state.now()
    }

    /// What losing a signal of this name costs: see [`outbox::rank`].
    pub fn rank(&self, name: &str) -> u32 {
        outbox::rank(canonical(self.bundle().name(name).as_deref().unwrap_or(name)))
    }

    /// How many bytes of the queue may leave now that the page goes.
    pub fn farewell(&self, now: Time) -> u32 {
        self.outbox.farewell(now)
    }

    /// Why each campaign shows or does not, in codes and numbers.
    pub fn explain(&self, now: Time) -> Value {
        let mut lines = Vec::new();
        explained(self.fold(), self.world(), &self.page, &self.open, now, &mut |circumstances| {
            lines.extend(verdicts(circumstances).iter().map(|verdict| self.here(verdict)));
        });
        lines.into()
    }

    /// The shape of contract.md section 3, `progress`.
    pub fn progress(&self, now: Time) -> Value {
        self.fold().progress(now, self.world())
    }

    /// The shape of contract.md section 3, `profile`.
    pub fn profile(&self, now: Time) -> Value {
        let mut line = profile_line(self.fold(), now, self.world());
        if let (Value::Map(line), false) = (&mut line, self.bundle().offers().is_empty()) {
            explained(self.fold(), self.world(), &self.page, &self.open, now, &mut |circumstances| {
                line.append("offers", circumstances.offers().into());
            });
        }
        line
    }
}

fn circumstances<'a>(
    fold: &'a Fold,
    world: World<'a>,
    open: &'a [Decision],
    document: &'a Value,
    slots: &'a [Cow<'a, Value>],
    now: Time,
) -> Circumstances<'a> {
    let World { bundle, plan, zones, host, assumed } = world;
    let (profile, histories, learnt, at) = (&fold.profile, &fold.campaigns, &fold.offers, fold.at);
    let (ghost, why) = (false, false);
    Circumstances {
        bundle,
        profile,
        histories,
        open,
        ghost,
        plan,
        learnt,
        document,
        slots,
        at,
        assumed,
        zones,
        host,
        now,
        why,
    }
}

/// What verdicts with their reasons are reached from at a moment. `page` are the facts the host gave, `open` the decisions that
/// are.
pub fn explained(
    fold: &Fold,
    world: World,
    page: &Value,
    open: &[Decision],
    now: Time,
    then: &mut dyn FnMut(Circumstances),
) {
    let document = fold.document(world, now, None, page, &Needs::all());
    let slots = world.plan.conditions().slots(&document);
    let circumstances = circumstances(fold, world, open, &document, &slots, now);
    then(Circumstances { why: true, ..circumstances });
}

/// The shape of contract.md section 3, `profile`.
pub fn profile_line(fold: &Fold, now: Time, world: World) -> Value {
    let profile = &fold.profile;
    let document = fold.document(world, now, None, &Value::Null, &Needs::all());
    let facts = world.meters().facts(&document, now);
    let mut audiences: Vec<Value> = Vec::new();
    for (name, audience) in world.bundle.audiences().iter() {
        if audience.hold(world.bundle, facts) {
            let place = audiences.iter().take_while(|other| other.text() <= Some(name)).count();
            audiences.insert(place, name.into());
        }
    }
    let anonymous: Vec<Value> = profile.anonymous.iter().map(|id| id.as_str().into()).collect();
    let mut line = Map::of([
        ("userId", (&profile.user).into()),
        ("anonymousIds", anonymous.into()),
        ("traits", profile.traits.clone().into()),
        ("consent", document.field("consent").clone()),
        ("declared", profile.declared.line()),
        ("interests", document.field("interest").clone()),
        ("value", document.field("value").clone()),
        ("audiences", audiences.into()),
        ("meters", document.field("meter").clone()),
    ]);
    // Beside what contract.md names, and only where there are any.
    if !profile.answers.0.is_empty() {
        line.append("answers", profile.answers.line());
    }
    line.into()
}
