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
pub mod profile;
#[cfg(feature = "studio")]
pub mod replay;
pub mod signal;
pub mod state;
#[cfg(feature = "studio")]
pub mod words;

use audience::Needs;
use base::document::Part;
use base::host::Host;
use base::text::{decimal, join};
use base::time::{Time, Zones};
use base::value::{Map, Value};
use bundle::Bundle;
use bundle::plan::Plan;
use campaign::kept::Kept;
use campaign::verdict::{Circumstances, Stage, Verdict, verdicts};
use campaign::{ANSWER, INTERRUPTIVE};
use effect::Effect;
use error::Error;
use fold::{Fold, World};
use input::{Input, Row};
use message::template::{Moment, Scope};
use message::view::{Form, View};
use outbox::Outbox;
use profile::Grant;
use signal::{Signal, canonical};
use state::State;
use std::borrow::Cow;

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
    /// The variant of it.
    pub variant: Option<String>,
    /// The offer it speaks of.
    pub offer: Option<String>,
    /// The probability with which it was chosen.
    pub propensity: f64,
    /// How it came about: the further members of its line in the log.
    pub log: Map,
    /// The message, ready to draw.
    pub view: View,
}

impl Decision {
    /// The properties that exposures and answers carry.
    pub fn properties(&self) -> Map {
        let mut map = Map::of([("decision", self.id.as_str().into()), ("campaign", self.campaign.as_str().into())]);
        for (key, value) in [("step", &self.step), ("variant", &self.variant), ("offer", &self.offer)] {
            if let Some(value) = value {
                map.append(key, value.as_str().into());
            }
        }
        map.with("slot", self.slot.as_str())
    }

    /// The properties of its line in the log.
    pub fn line(&self) -> Map {
        let mut line = self.properties().with("propensity", self.propensity);
        for (key, value) in self.log.iter() {
            line.append(key, value.clone());
        }
        line
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
    setting: Setting,
    state: State,
    outbox: Outbox,
    /// Facts the page gave.
    page: Value,
    /// Decisions opened in this tab, by slot.
    open: Vec<Decision>,
    opened: u32,
    /// The interruptive message: asked for, or on screen.
    interruption: Option<Interruption>,
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

/// Who shows where at a moment: reached once for all that ask at that moment.
struct Judgement {
    at: Time,
    kept: Kept,
    /// Those that show, by the places of campaign and step in the bundle.
    shown: Vec<(usize, usize)>,
    /// When time alone may bring another.
    next: Option<Time>,
    /// What is open may not be shown to this shopper, or on this page.
    barred: bool,
}

enum Interruption {
    /// This tab asked for the key. What the log hears of it once it is won.
    Claiming(String, Decision, Option<Map>),
    /// On screen.
    Showing(Decision),
    /// Another tab has the key.
    Elsewhere(String),
}

impl Engine {
    /// An engine for a bundle; nothing is known of the shopper yet.
    pub fn new(bundle: Value, zones: Zones, host: Box<dyn Host>, options: Options) -> Engine {
        let (outbox, plan) = (Outbox::new(&options.tab), Plan::new(Bundle::of(&bundle)));
        Engine {
            setting: Setting { bundle, plan, zones, host, options },
            state: State::default(),
            outbox,
            page: Value::Null,
            open: Vec::new(),
            opened: 0,
            interruption: None,
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
                effects.extend(self.keep(*decision).map(Effect::Log));
                return effects;
            }
            Input::Closed => self.interruption = None,
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
            let (mut before, mut shown) = (None, None);
            if let Some(judgement) = self.judgement.take() {
                before = (!anew).then_some(judgement.kept);
                shown = Some(judgement.shown);
            }
            let judgement = self.judge(before, now);
            moves |= shown.is_some_and(|shown| shown != judgement.shown);
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
        // Answered: the slot is free for the next choice.
        if signal.name == ANSWER {
            let answered = signal.properties.field("decision").text();
            self.open.retain(|open| Some(open.id.as_str()) != answered);
            if matches!(&self.interruption, Some(Interruption::Showing(open)) if Some(open.id.as_str()) == answered) {
                self.interruption = None;
            }
        }
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

    /// Opens a decision; its line in the log, if it was not open yet.
    fn keep(&mut self, decision: Decision) -> Option<Map> {
        let line = decision.line();
        match self.open.iter_mut().find(|open| open.slot == decision.slot) {
            Some(open) if open.id == decision.id => return None,
            Some(open) => *open = decision,
            None => self.open.push(decision),
        }
        self.opened += 1;
        Some(line)
    }

    /// The shopper as of the last input.
    fn fold(&self) -> &Fold {
        self.state.now()
    }

    /// Who shows where now; of `before` stays what still holds.
    fn judge(&self, before: Option<Kept>, now: Time) -> Judgement {
        let (fold, world) = (self.fold(), self.world());
        let document = fold.document(world, now, None, &self.page, &Needs::all());
        let circumstances = circumstances(fold, world, &Value::Null, &[], now, false);
        let kept = Kept::renewed(before, circumstances, world.plan, document);
        let mut barred = false;
        if let Some(Interruption::Showing(open)) = &self.interruption {
            let place = world.bundle.campaigns().iter().position(|campaign| campaign.id() == open.campaign);
            barred = matches!(place.and_then(|place| kept.stage(place)), Some(Stage::House | Stage::Consent));
        }
        let (shown, next) = (kept.shown(circumstances), kept.next());
        Judgement { at: now, kept, shown, next, barred }
    }

    /// What to show in a slot; changes nothing. The same decision is given until it was answered or another one wins.
    pub fn decide(&self, slot: &str, now: Time) -> Option<Decision> {
        match self.judgement.as_ref().filter(|judgement| judgement.at == now) {
            Some(judgement) => self.chosen(slot, judgement),
            None => self.chosen(slot, &self.judge(None, now)),
        }
    }

    fn chosen(&self, slot: &str, judgement: &Judgement) -> Option<Decision> {
        let Judgement { at: now, kept: Kept { document, .. }, shown, .. } = judgement;
        let world = self.world();
        let (campaign, step) = shown.iter().find_map(|(campaign, step)| {
            let campaign = world.bundle.campaigns().get(*campaign)?;
            let step = campaign.step(*step).filter(|step| step.slot == slot)?;
            Some((campaign.id(), step))
        })?;
        let form = if slot == INTERRUPTIVE { Form::Modal } else { Form::Card };
        let house = world.bundle.house();
        let (currency, locales) = (house.currency(), house.locales());
        let moment = Some(Moment { now: *now, zone: house.zone(), zones: world.zones });
        let lang = &self.setting.options.locale;
        let scope = Scope { document, currency, lang, locales, host: &*self.setting.host, moment };
        let mut labelled = document.clone();
        self.fold().labels(&mut labelled, world, *now, &|text| text.print(scope));
        let scope = Scope { document: &labelled, ..scope };
        let held = |open: &&Decision| open.slot == slot && open.campaign == campaign && open.step.as_deref() == step.id;
        let counter = i64::from(self.opened) + 1;
        let (id, log) = match self.open.iter().find(held) {
            Some(open) => (open.id.clone(), open.log.clone()),
            None => {
                let seed = self.setting.options.seed.as_str().into();
                let version = world.bundle.version().into();
                let log = Map::of([("seed", seed), ("counter", counter.into()), ("bundle", version)]);
                (join(&[&self.setting.options.tab, ".", &decimal(counter, 1)]), log)
            }
        };
        Some(Decision {
            id,
            slot: slot.to_string(),
            campaign: campaign.to_string(),
            step: step.id.map(str::to_string),
            variant: None,
            offer: None,
            propensity: 1.0,
            log,
            view: step.message.view(form, scope),
        })
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
        judged(self.fold(), self.world(), &self.page, now, &mut |verdicts, _| {
            lines.extend(verdicts.iter().map(|verdict| Value::from(verdict.line())));
        });
        lines.into()
    }

    /// The shape of contract.md section 3, `progress`.
    pub fn progress(&self, now: Time) -> Value {
        self.fold().progress(now, self.world())
    }

    /// The shape of contract.md section 3, `profile`.
    pub fn profile(&self, now: Time) -> Value {
        profile_line(self.fold(), now, self.world())
    }

    /// Asks for the interruptive slot when something is due and nothing is open; takes an open message away from a page or a
    /// shopper that may not have it any more.
    fn interrupt(&mut self) -> Option<Effect> {
        let judgement = self.judgement.as_ref()?;
        match &self.interruption {
            Some(Interruption::Claiming(..)) => return None,
            Some(Interruption::Showing(_)) if judgement.barred => {
                self.interruption = None;
                return Some(Effect::Hide);
            }
            Some(Interruption::Showing(_)) => return None,
            Some(Interruption::Elsewhere(_)) | None => (),
        }
        let decision = self.chosen(INTERRUPTIVE, judgement)?;
        let key = self.claim_key(&decision);
        if matches!(&self.interruption, Some(Interruption::Elsewhere(lost)) if *lost == key) {
            return None;
        }
        // It keeps its id from here on: what opens while the claim is out gets another.
        let line = self.keep(decision.clone());
        self.interruption = Some(Interruption::Claiming(key.clone(), decision, line));
        Some(Effect::Claim(key))
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
            Some(Interruption::Claiming(asked, decision, line)) if asked == key && won => {
                self.interruption = Some(Interruption::Showing(decision.clone()));
                effects.extend(line.map(Effect::Log));
                effects.push(Effect::Show(Box::new(decision)));
            }
            Some(Interruption::Claiming(asked, ..)) if asked == key => {
                self.interruption = Some(Interruption::Elsewhere(asked))
            }
            other => self.interruption = other,
        }
    }
}

fn circumstances<'a>(
    fold: &'a Fold,
    world: World<'a>,
    document: &'a Value,
    slots: &'a [Cow<'a, Value>],
    now: Time,
    why: bool,
) -> Circumstances<'a> {
    let World { bundle, plan, zones, host, assumed } = world;
    let (profile, histories, learnt, at) = (&fold.profile, &fold.campaigns, &fold.offers, fold.at);
    Circumstances { bundle, profile, histories, plan, learnt, document, slots, at, assumed, zones, host, now, why }
}

/// All verdicts at a moment with their reasons, and the document they were reached from. `page` are the facts the host gave.
pub fn judged(fold: &Fold, world: World, page: &Value, now: Time, then: &mut dyn FnMut(Vec<Verdict>, &Value)) {
    let document = fold.document(world, now, None, page, &Needs::all());
    let slots = world.plan.conditions().slots(&document);
    then(verdicts(circumstances(fold, world, &document, &slots, now, true)), &document);
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
