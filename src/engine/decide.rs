//! Decisions: what shows in a slot, under which id, in which of several tabs (contract.md section 5).

use super::base::text::{decimal, join};
use super::base::time::Time;
use super::base::value::{Map, Value};
use super::campaign::kept::{First, Kept};
use super::campaign::verdict::{Circumstances, Stage, Verdict};
use super::campaign::{Campaign, Class, DECISION, EXPOSURE, INTERRUPTIVE, Step};
use super::effect::Effect;
use super::fold::Fold;
use super::message::Message;
use super::message::template::{Moment, Scope};
use super::message::view::{Place, Printer};
use super::pick::{self, Picked, Wish};
use super::signal::{Kind, Signal};
use super::{Engine, Needs, circumstances};

/// The choice for a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// `tab.n`, n the tab's opened decisions; in the log, so every draw can be made again.
    pub id: String,
    /// The slot.
    pub slot: String,
    /// Its place in the list for the slot, from 0.
    pub place: usize,
    /// The campaign; none where an offer shows by itself.
    pub campaign: Option<String>,
    /// The step of it.
    pub step: Option<String>,
    /// The variant of it.
    pub variant: Option<String>,
    /// The offer it speaks of.
    pub offer: Option<String>,
    /// The probability with which it was chosen.
    pub propensity: f64,
    /// It shows nothing, and would have shown: to one who is not held out, in another variant.
    pub silent: bool,
    /// It went off the page neither seen nor answered: whatever else is due goes first.
    pub closed: bool,
    /// How it came about: the further members of its line in the log.
    pub log: Map,
    /// The message, ready to draw: the shape of `Message` in `types.ts`.
    pub view: Value,
}

impl Decision {
    /// The properties that exposures and answers carry.
    pub fn properties(&self) -> Map {
        let mut map = Map::of([("decision", self.id.as_str().into())]);
        let told =
            [("campaign", &self.campaign), ("step", &self.step), ("variant", &self.variant), ("offer", &self.offer)];
        for (key, value) in told {
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

    /// Why there is a decision.
    pub fn reason(&self) -> &'static str {
        if self.variant.is_some() { "split" } else { "targeting_match" }
    }

    /// Whether it is what a step shows.
    pub fn is_of(&self, campaign: Campaign, step: Step) -> bool {
        self.slot == step.slot && self.campaign.as_deref() == Some(campaign.id()) && self.step.as_deref() == step.id
    }

    fn is_ghost(&self) -> bool {
        self.log.get("holdout").is_some()
    }

    /// The campaigns that were held back and are listed in it.
    pub fn held(&self) -> &Value {
        self.log.get("held").unwrap_or(&Value::Null)
    }

    /// What is said once it is opened. Of what shows nothing to a control group also that it was seen: it never comes on a screen.
    fn opened(&self) -> Vec<Effect> {
        let mut effects = vec![Effect::Emit(DECISION, self.line())];
        if self.silent && !self.is_ghost() {
            effects.push(Effect::Emit(EXPOSURE, self.properties()));
        }
        effects
    }
}

/// Why an interruptive message does not show that another tab has.
const OTHER_TAB: &str = "other_tab";

/// Who shows where at a moment: reached once for all that ask at that moment.
pub(super) struct Judgement {
    at: Time,
    pub(super) kept: Kept,
    pub(super) first: First,
    /// When time alone may bring another.
    pub(super) next: Option<Time>,
    /// What is open may not be shown to this shopper, or on this page.
    barred: bool,
}

pub(super) enum Interruption {
    /// This tab asked for the key. What is said once it is won.
    Claiming(String, Decision, Vec<Effect>),
    /// On screen.
    Showing(Decision),
    /// Another tab has the key.
    Elsewhere(String),
}

impl Engine {
    /// What to show in a slot; changes nothing. The same decision is given until it was answered, the page or the visit it was
    /// seen in is over, or it is due no more.
    pub fn decide(&self, slot: &str, now: Time) -> Option<Decision> {
        self.list(slot, 1, now).into_iter().next()
    }

    /// So many decisions for a slot, the best first: several only of what speaks of offers.
    pub fn list(&self, slot: &str, count: usize, now: Time) -> Vec<Decision> {
        self.at(now, &|judgement| {
            let mut list = self.chosen(slot, judgement, false, count);
            list.retain(|decision| !self.is_elsewhere(decision));
            list
        })
    }

    /// What would show in a slot and shows nothing, where that is not in the log yet. What interrupts is claimed, not asked for.
    pub fn silent(&self, slot: &str, count: usize, now: Time) -> Vec<Decision> {
        if slot == INTERRUPTIVE {
            return Vec::new();
        }
        self.at(now, &|judgement| self.unheard(slot, judgement, count))
    }

    /// Why nothing shows in a slot where nothing does.
    pub fn reason(&self, slot: &str, now: Time) -> &'static str {
        self.at(now, &|judgement| {
            let elsewhere = !self.chosen(slot, judgement, false, 1).is_empty();
            match self.chosen(slot, judgement, true, 1).first() {
                _ if elsewhere => OTHER_TAB,
                Some(silent) if silent.is_ghost() => "holdout",
                Some(_) => "control",
                None => "none",
            }
        })
    }

    fn at<T>(&self, now: Time, then: &dyn Fn(&Judgement) -> T) -> T {
        match self.judgement.as_ref().filter(|judgement| judgement.at == now) {
            Some(judgement) => then(judgement),
            None => then(&self.judge(None, now)),
        }
    }

    /// Who shows where now; of `before` stays what still holds.
    pub(super) fn judge(&self, before: Option<Kept>, now: Time) -> Judgement {
        let (fold, world) = (self.fold(), self.world());
        let document = fold.document(world, now, None, &self.page, &Needs::all());
        let circumstances = circumstances(fold, world, &self.open, &Value::Null, &[], now);
        let kept = Kept::renewed(before, circumstances, world.plan, document);
        let mut barred = false;
        if let Some(Interruption::Showing(open)) = &self.interruption {
            let place =
                world.bundle.campaigns().iter().position(|campaign| Some(campaign.id()) == open.campaign.as_deref());
            barred = matches!(place.and_then(|place| kept.stage(place)), Some(Stage::House | Stage::Consent));
        }
        let (first, next) = (kept.first(circumstances), kept.next());
        Judgement { at: now, kept, first, next, barred }
    }

    /// What is chosen for a slot: what shows, or what is silent.
    fn chosen(&self, slot: &str, judgement: &Judgement, silent: bool, count: usize) -> Vec<Decision> {
        let Judgement { at: now, kept: Kept { document, .. }, first, .. } = judgement;
        let world = self.world();
        let of = |these: &[(usize, usize)]| {
            these.iter().find_map(|(campaign, step)| {
                let campaign = world.bundle.campaigns().get(*campaign)?;
                Some((campaign, campaign.step(*step).filter(|step| step.slot == slot)?))
            })
        };
        let (shown, hushed) = (of(&first.shown), of(&first.silent));
        let speaks = if silent { hushed } else { shown };
        // A slot that no campaign fills has offers of its own.
        let alone = shown.is_none() && hushed.is_none() && !world.plan.offers.is_empty();
        if speaks.is_none() && !alone {
            return Vec::new();
        }
        let slots = world.plan.conditions().slots(document);
        let circumstances = circumstances(self.fold(), world, &self.open, document, &slots, *now);
        let held_out =
            circumstances.held_out(speaks.map_or(Campaign(&Value::Null), |(campaign, _)| campaign)).is_some();
        if alone && held_out != silent {
            return Vec::new();
        }
        let wanted = speaks.map(|(campaign, _)| campaign.offers());
        let speaks_of = wanted.is_none_or(|wanted| wanted.is_some());
        let count = if speaks_of { count } else { 1 };
        let is_held = |open: &&Decision| {
            open.silent == silent
                && !open.closed
                && speaks
                    .map_or(open.slot == slot && open.campaign.is_none(), |(campaign, step)| open.is_of(campaign, step))
        };
        let held: Vec<Option<&Decision>> =
            (0..count).map(|place| self.open.iter().filter(is_held).find(|open| open.place == place)).collect();
        let next = |fresh: i64| {
            let counter = i64::from(self.opened) + 1 + fresh;
            (counter, join(&[&self.setting.options.tab, ".", &decimal(counter, 1)]))
        };
        let seed = self.setting.options.seed.as_str();
        let mut picks: Vec<Option<Picked>> = vec![None];
        if speaks_of {
            let wish = Wish { slot, wanted: wanted.flatten(), count };
            let held = held.iter().map(|held| held.and_then(|held| held.offer.as_deref())).collect();
            picks = circumstances.picks(wish, held, seed, &next(0).1);
        }
        let variant = speaks.and_then(|(campaign, _)| {
            circumstances.variant(campaign, self.fold().campaigns.get(campaign.id())).ok().flatten()
        });
        let mut facts = self.labelled(document.clone(), *now);
        let mut names = Vec::new();
        if let Some((campaign, _)) =
            speaks.filter(|_| world.bundle.house().pacing().coalesce() && slot == INTERRUPTIVE && !silent)
        {
            names = self.list_held_back(circumstances, campaign, &mut facts);
        }
        let (mut list, mut fresh) = (Vec::new(), 0);
        for (place, (pick, held)) in picks.into_iter().zip(held).enumerate() {
            let (id, log, offer, propensity);
            let is_new = pick.is_some() || held.is_none();
            match (pick, held) {
                (None, Some(open)) => {
                    (id, log, propensity) = (open.id.clone(), open.log.clone(), open.propensity);
                    offer = open
                        .offer
                        .as_deref()
                        .and_then(|id| world.bundle.offers().iter().find(|offer| offer.id() == id));
                }
                (pick, _) => {
                    let counter;
                    (counter, id) = next(fresh);
                    // Of a list all are drawn at once.
                    let draw = (fresh > 0).then(|| next(0).1);
                    log = self.log(counter, silent && held_out, &names, draw, pick.as_ref());
                    (offer, propensity) = pick.map_or((None, 1.0), |pick| (Some(pick.offer), pick.propensity));
                }
            }
            let of_offer = offer.map(|offer| pick::facts(offer, self.scope(&facts, *now)));
            if let (true, Value::Map(facts)) = (speaks_of, &mut facts) {
                facts.set("offer", of_offer.map_or(Value::Null, Value::from));
            }
            let step = speaks.map(|(_, step)| variant.map_or(step.message, |variant| variant.shows(step)));
            // What has no message is shown by its name.
            let title = offer
                .map_or(Value::Null, |offer| of_block(Map::of([("title", offer.0.field("label").clone())]).into()));
            let message = step.or_else(|| offer?.message()).unwrap_or(Message(&title));
            let setting = self.setting_of(speaks.map(|(campaign, _)| campaign), slot);
            // Nothing empty is ever drawn.
            let Some(view) = self.view(message, setting, &facts, *now) else { continue };
            fresh += i64::from(is_new);
            list.push(Decision {
                id,
                slot: slot.to_string(),
                place,
                campaign: speaks.map(|(campaign, _)| campaign.id().to_string()),
                step: speaks.and_then(|(_, step)| step.id).map(str::to_string),
                variant: variant.map(|variant| variant.id().to_string()),
                offer: offer.map(|offer| offer.id().to_string()),
                propensity,
                silent,
                closed: false,
                log,
                view,
            });
        }
        list
    }

    /// How a new decision comes about: its place in the tab, whether nobody is to see it, what is held back beside it, the id that
    /// it was drawn by where that is another's, what the policy says of it.
    fn log(&self, counter: i64, ghost: bool, held: &[Value], draw: Option<String>, pick: Option<&Picked>) -> Map {
        let version = self.bundle().version().into();
        let seed = self.setting.options.seed.as_str().into();
        let mut log = Map::of([("seed", seed), ("counter", counter.into()), ("bundle", version)]);
        if ghost {
            log.append("holdout", true.into());
        }
        if !held.is_empty() {
            log.append("held", held.to_vec().into());
        }
        if let Some(draw) = draw {
            log.append("draw", draw.into());
        }
        for (key, value) in pick.iter().flat_map(|pick| pick.log.iter()) {
            log.append(key, value.clone());
        }
        log
    }

    /// The ids of the campaigns that are held back beside this one; their names are read as `held`.
    fn list_held_back(&self, circumstances: Circumstances, campaign: Campaign, facts: &mut Value) -> Vec<Value> {
        let (mut names, mut labels) = (Vec::new(), String::new());
        for place in circumstances.held_back(campaign) {
            let Some(other) = circumstances.bundle.campaigns().get(place) else { continue };
            names.push(Value::from(other.id()));
            let label = other.label().print(self.scope(facts, circumstances.now));
            labels = join(&[&labels, if labels.is_empty() { "" } else { ", " }, &label]);
        }
        if let Value::Map(facts) = facts {
            facts.set("held", Map::of([("count", (names.len() as i64).into()), ("labels", labels.into())]));
        }
        names
    }

    /// What templates read, in the language of the page.
    fn scope<'a>(&'a self, document: &'a Value, now: Time) -> Scope<'a> {
        let (house, zones) = (self.bundle().house(), &self.setting.zones);
        let moment = Some(Moment { now, zone: house.zone(), zones });
        let (currency, locales, lang) = (house.currency(), house.locales(), &self.setting.options.locale);
        Scope { document, currency, lang, locales, texts: house.texts(), host: &*self.setting.host, moment }
    }

    /// The document that conditions read as templates read it: with the names of levels.
    fn labelled(&self, mut document: Value, now: Time) -> Value {
        let scope = self.scope(&Value::Null, now);
        self.world().labels(&mut document, now, &|text| text.print(scope));
        document
    }

    /// How what a campaign, or an offer by itself, says in a slot stands there.
    fn setting_of(&self, campaign: Option<Campaign>, slot: &str) -> Place<'_> {
        let promotes = campaign.is_none_or(|campaign| campaign.class() == Class::Marketing);
        Place { interrupts: slot == INTERRUPTIVE, ad: promotes.then(|| self.bundle().house().ad_label()) }
    }

    /// What a campaign says in a step and a variant, whoever the shopper is and whatever the rules say of them: for previews alone.
    #[cfg(feature = "studio")]
    pub(super) fn forced(&self, id: &str, step: Option<&str>, variant: Option<&str>, now: Time) -> Option<Decision> {
        let world = self.world();
        let campaign = world.bundle.campaigns().iter().find(|campaign| campaign.id() == id)?;
        let step = (0..).map_while(|place| campaign.step(place)).find(|one| step.is_none() || one.id == step)?;
        let variant = campaign.variants().iter().find(|one| Some(one.id()) == variant);
        let document = self.fold().document(world, now, None, &self.page, &Needs::all());
        let mut facts = self.labelled(document, now);
        let offer = campaign.offers().and_then(|_| world.bundle.offers().iter().next());
        let of_offer = offer.map(|offer| Value::from(pick::facts(offer, self.scope(&facts, now))));
        if let (Value::Map(facts), Some(of_offer)) = (&mut facts, of_offer) {
            facts.set("offer", of_offer);
        }
        let message = variant.map_or(step.message, |variant| variant.shows(step));
        Some(Decision {
            id: String::from("forced"),
            slot: step.slot.to_string(),
            place: 0,
            campaign: Some(id.to_string()),
            step: step.id.map(str::to_string),
            variant: variant.map(|variant| variant.id().to_string()),
            offer: offer.map(|offer| offer.id().to_string()),
            propensity: 1.0,
            silent: false,
            closed: false,
            log: Map::new(),
            view: self.view(message, self.setting_of(Some(campaign), step.slot), &facts, now)?,
        })
    }

    /// A message ready to draw; none where nothing is left of it.
    fn view(&self, message: Message, place: Place, facts: &Value, now: Time) -> Option<Value> {
        let world = self.world();
        let (scope, surveys) = (self.scope(facts, now), world.bundle.0.field("surveys"));
        let widget =
            |kind: &str, of: &Value, lang: &str| self.fold().widget(kind, of, Scope { lang, ..scope }, now, world);
        Printer::new(scope, &self.setting.options.schemes, surveys, &widget).print(message, place)
    }

    /// One block by itself, outside any campaign: a message of nothing else, as a card; `null` where nothing is left of it.
    pub fn block(&self, block: &Value, now: Time) -> Value {
        let document = self.fold().document(self.world(), now, None, &self.page, &Needs::all());
        let message = of_block(block.clone());
        let place = Place { interrupts: false, ad: None };
        self.view(Message(&message), place, &self.labelled(document, now), now).unwrap_or_default()
    }

    fn unheard(&self, slot: &str, judgement: &Judgement, count: usize) -> Vec<Decision> {
        let mut silent = self.chosen(slot, judgement, true, count);
        silent.retain(|silent| !self.open.iter().any(|open| open.id == silent.id));
        silent
    }

    /// Opens a decision; what is said of it, if it was not open yet.
    pub(super) fn keep(&mut self, decision: Decision) -> Vec<Effect> {
        let effects = decision.opened();
        let at = |decision: &Decision| (decision.place, decision.silent, decision.closed);
        match self.open.iter_mut().find(|open| open.slot == decision.slot && at(open) == at(&decision)) {
            Some(open) if open.id == decision.id => return Vec::new(),
            Some(open) => *open = decision,
            None => self.open.push(decision),
        }
        self.opened += 1;
        effects
    }

    /// What a signal ends: an answer its decision, the tab's next page what was seen on the one before.
    pub(super) fn settle(&mut self, signal: &Signal, own: bool) {
        let answered = signal.properties.field("decision").text().filter(|_| signal.settles());
        let turned = own && signal.kind == Kind::Page;
        if let Some(Interruption::Showing(open)) = &self.interruption {
            if Some(open.id.as_str()) != answered {
                return self.end(answered, turned);
            }
            self.interruption = None;
        }
        self.end(answered, turned);
    }

    fn end(&mut self, answered: Option<&str>, turned: bool) {
        let (fold, showing) = (self.state.now(), &self.interruption);
        let stays = |open: &Decision| match showing {
            Some(Interruption::Showing(showing) | Interruption::Claiming(_, showing, _)) => showing.id == open.id,
            _ => false,
        };
        self.open.retain(|open| Some(open.id.as_str()) != answered && (!turned || stays(open) || !is_seen(open, fold)));
    }

    /// Another visit begins anew, but for what is on screen.
    pub(super) fn renew(&mut self) {
        let visit = self.fold().profile.session.start;
        if visit != self.visit && self.visit != Time::default() {
            let busy = self.busy();
            self.open.retain(|open| busy && open.slot == INTERRUPTIVE);
        }
        self.visit = visit;
    }

    /// The interruptive message of this decision is off the screen: another one may be by now.
    pub(super) fn closed(&mut self, id: &str) {
        if matches!(&self.interruption, Some(Interruption::Showing(open)) if open.id == id) {
            self.interruption = None;
            // What was seen counts as shown, and what shows next follows from that.
            let fold = self.state.now();
            self.open.retain(|open| open.id != id || !is_seen(open, fold));
            self.open.iter_mut().for_each(|open| open.closed |= open.id == id);
        }
    }

    /// Asks for the interruptive slot when something is due and nothing is open, first of all for what shows nothing; takes an
    /// open message away from a page or a shopper that may not have it any more.
    pub(super) fn interrupt(&mut self) -> Option<Effect> {
        let judgement = self.judgement.as_ref()?;
        match &self.interruption {
            Some(Interruption::Claiming(..)) => return None,
            Some(Interruption::Showing(open)) if judgement.barred => {
                let id = open.id.clone();
                self.open.retain(|open| open.id != id);
                self.interruption = None;
                return Some(Effect::Hide);
            }
            Some(Interruption::Showing(_)) => return None,
            Some(Interruption::Elsewhere(_)) | None => (),
        }
        let silent = self.unheard(INTERRUPTIVE, judgement, 1).pop();
        let silent = silent.filter(|silent| self.silenced.as_ref() != Some(&self.claim_key(silent)));
        let shown = || self.chosen(INTERRUPTIVE, judgement, false, 1).pop();
        let decision = silent.or_else(shown).filter(|decision| !self.is_elsewhere(decision))?;
        let key = self.claim_key(&decision);
        // It keeps its id from here on: what opens while the claim is out gets another.
        let effects = self.keep(decision.clone());
        self.interruption = Some(Interruption::Claiming(key.clone(), decision, effects));
        Some(Effect::Claim(key))
    }

    /// Whether another tab has it.
    fn is_elsewhere(&self, decision: &Decision) -> bool {
        decision.slot == INTERRUPTIVE && self.has_lost(&self.claim_key(decision))
    }

    fn has_lost(&self, key: &str) -> bool {
        matches!(&self.interruption, Some(Interruption::Elsewhere(lost)) if lost == key)
    }

    fn claim_key(&self, decision: &Decision) -> String {
        self.key_of(decision.campaign.as_deref().unwrap_or_default(), decision.step.as_deref())
    }

    /// One showing of a step in one visit: tabs that would show the same contend for the same key.
    fn key_of(&self, campaign: &str, step: Option<&str>) -> String {
        let fold = self.fold();
        let shown = fold.campaigns.get(campaign).map_or(0, |history| history.times);
        let (visit, shown) = (decimal(fold.profile.session.start.0, 1), decimal(shown, 1));
        join(&[campaign, "/", step.unwrap_or_default(), "/", &visit, "/", &shown])
    }

    /// A verdict as this tab has it: what another tab shows is not shown here.
    pub(super) fn here(&self, verdict: &Verdict) -> Value {
        let mut line = verdict.line();
        let step = verdict.step.and_then(|step| step.id);
        let shown = verdict.stage == Stage::Shown && verdict.slot() == INTERRUPTIVE;
        if shown && self.has_lost(&self.key_of(verdict.campaign.id(), step)) {
            line.set("stage", Stage::Frequency.word());
            line.set("code", OTHER_TAB);
        }
        line.into()
    }

    pub(super) fn claimed(&mut self, key: &str, won: bool, effects: &mut Vec<Effect>) {
        match self.interruption.take() {
            Some(Interruption::Claiming(asked, decision, said)) if asked == key => {
                if won {
                    effects.extend(said);
                }
                // What shows nothing is on no screen: from its line in the log on it is over.
                if !won || decision.silent {
                    self.open.retain(|open| open.id != decision.id);
                }
                self.interruption = match (decision.silent, won) {
                    (true, _) => {
                        self.silenced = Some(asked);
                        None
                    }
                    (false, false) => Some(Interruption::Elsewhere(asked)),
                    (false, true) => {
                        effects.push(Effect::Show(Box::new(decision.clone())));
                        Some(Interruption::Showing(decision))
                    }
                };
            }
            other => self.interruption = other,
        }
    }
}

/// Whether the log tells that it was seen.
fn is_seen(open: &Decision, fold: &Fold) -> bool {
    let history = open.campaign.as_ref().and_then(|campaign| fold.campaigns.get(campaign));
    history.is_some_and(|history| history.shown.iter().any(|shown| shown.decision == open.id))
        || fold.offers.opened.get(&open.id).is_some_and(|opened| opened.seen.is_some())
}

/// A message of one block.
fn of_block(block: Value) -> Value {
    Map::of([("blocks", vec![block].into())]).into()
}
