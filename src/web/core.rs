//! `Core`, the class the shell drives: it ties the engine to the page.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::blocks::{Action, Answer, OnAnswer};
use super::card::Card;
use super::convert::{self, Given};
use super::dom::Node;
use super::host::CoreHost;
use super::modal::Modal;
use super::platform::Browser;
use super::slots::Slots;
use super::visibility::Exposure;
use crate::engine::base::time::{Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::Bundle;
use crate::engine::campaign::{ANSWER, EXPOSURE};
use crate::engine::effect::Effect;
use crate::engine::error::Error;
use crate::engine::input::{Input, Row};
use crate::engine::outbox::Reply;
use crate::engine::profile::Grant;
use crate::engine::{Decision, Engine, Options};

/// The engine of one tab, with what it has drawn.
#[wasm_bindgen]
pub struct Core(Rc<Inner>);

struct Inner {
    engine: RefCell<Engine>,
    host: CoreHost,
    render: bool,
    modal: RefCell<Option<(Modal, Option<Exposure>)>>,
    places: RefCell<Vec<Place>>,
    slots: RefCell<Option<Slots>>,
}

/// A slot of the page and what stands in it.
struct Place {
    slot: String,
    element: Node,
    shown: Option<Shown>,
}

struct Shown {
    id: String,
    card: Card,
    _exposure: Option<Exposure>,
}

#[wasm_bindgen]
impl Core {
    /// Reads the bundle; throws `{code, path, message}` of its first mistake.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &JsValue, host: CoreHost, options: &JsValue) -> Result<Core, JsValue> {
        let bundle = convert::read(bundle).map_err(|error| convert::error(&error))?;
        let options = convert::read(options).map_err(|error| convert::error(&error))?;
        Bundle::read(&bundle).map_err(|errors| errors.first().map_or(JsValue::NULL, convert::error))?;
        let text = |key: &str| options.at(key).text().unwrap_or_default().to_string();
        let given = Options { locale: text("locale"), seed: text("seed"), tab: text("tab"), assumed: Grant::Unknown };
        let engine = Engine::new(bundle, Zones::default(), Box::new(Browser::default()), given);
        Ok(Core(Rc::new(Inner {
            engine: RefCell::new(engine),
            host,
            render: options.at("render").bool() != Some(false),
            modal: RefCell::default(),
            places: RefCell::default(),
            slots: RefCell::default(),
        })))
    }

    /// IANA zones the bundle needs.
    pub fn zones(&self) -> JsValue {
        let zones = self.0.engine.borrow().bundle().zones();
        convert::write(&Value::List(zones.into_iter().map(Value::from).collect()))
    }

    /// Offsets of a zone as pairs `[utcMs, offsetMinutes, …]`.
    pub fn zone(&self, name: &JsValue, table: &Given) {
        let number = |index| table.at(index).ok().and_then(|number| number.as_f64());
        let (mut pairs, mut index) = (Vec::new(), 0);
        while let (Some(from), Some(offset)) = (number(index), number(index + 1)) {
            pairs.push((from as i64, offset as i32));
            index += 2;
        }
        self.0.engine.borrow_mut().zones().set(&text(name), pairs);
    }

    /// The snapshot (or undefined), the rows after it in log order, and how many rows wait to be sent.
    pub fn load(&self, snapshot: &JsValue, rows: &JsValue, unsent: u32) -> Result<(), JsValue> {
        if !snapshot.is_undefined() && !snapshot.is_null() {
            let restored =
                convert::read(snapshot).and_then(|snapshot| self.0.engine.borrow_mut().restore(&snapshot, 0.0));
            restored.map_err(|error| convert::error(&error))?;
        }
        let (rows, _) = self.0.read_rows(rows);
        self.0.input(Input::Rows { rows, unsent });
        if self.0.render {
            let weak = Rc::downgrade(&self.0);
            let slots = Slots::watch(Rc::new(move |slot, element, there| {
                if let Some(inner) = weak.upgrade() {
                    inner.slot(slot, element, there);
                }
            }));
            match slots {
                Ok(slots) => {
                    self.0.slots.replace(Some(slots));
                }
                Err(error) => self.0.report(&error),
            }
        }
        Ok(())
    }

    /// Rows just committed, by this tab or another.
    pub fn rows(&self, rows: &JsValue) {
        let (rows, unsent) = self.0.read_rows(rows);
        self.0.input(Input::Rows { rows, unsent });
    }

    /// Facts the page knows.
    pub fn context(&self, facts: &JsValue) {
        match convert::read(facts) {
            Ok(facts) => self.0.input(Input::Context(facts)),
            Err(error) => self.0.report(&error),
        }
    }

    /// The answer to `claim`.
    pub fn claimed(&self, key: &JsValue, won: bool) {
        self.0.input(Input::Claimed { key: text(key), won });
    }

    /// The answer to `send`. `status` 0: no answer came; `retry_after` in ms, or -1.
    pub fn replied(&self, status: u16, retry_after: f64, sent: u32, left: u32) {
        let retry_after = (retry_after >= 0.0).then_some(retry_after as i64);
        self.0.input(Input::Replied(Reply { status, retry_after, sent, left }));
    }

    /// Send now, whatever the backoff says.
    pub fn flush(&self) {
        self.0.input(Input::Flush);
    }

    /// Time passed.
    pub fn tick(&self) {
        self.0.input(Input::Tick);
    }

    /// What to show in a slot.
    pub fn decide(&self, slot: &JsValue) -> JsValue {
        let slot = &*text(slot);
        let decision = self.0.decide(slot);
        if let Some(decision) = &decision {
            // The decision keeps its id from here on, as contract.md section 5 says.
            self.0.input(Input::Decided(decision.clone()));
        }
        convert::write(&decision_value(slot, decision.as_ref()))
    }

    /// Every campaign's verdict.
    pub fn explain(&self) -> JsValue {
        convert::write(&self.0.engine.borrow().explain(self.0.now()))
    }

    /// Points and tiers.
    pub fn progress(&self) -> JsValue {
        convert::write(&self.0.engine.borrow().progress(self.0.now()))
    }

    /// What is known of the shopper.
    pub fn profile(&self) -> JsValue {
        convert::write(&self.0.engine.borrow().profile(self.0.now()))
    }

    /// The page's language changed.
    #[wasm_bindgen(js_name = setLocale)]
    pub fn set_locale(&self, locale: &JsValue) {
        self.0.input(Input::Locale(text(locale)));
    }
}

impl Inner {
    fn now(&self) -> Time {
        Time(self.host.now() as i64)
    }

    fn report(&self, error: &Error) {
        let payload =
            Map::new().with("code", error.code).with("path", error.path.clone()).with("message", error.message.clone());
        self.host.notify("error", &payload.into());
    }

    /// Rows as the shell keeps them, and how many of them may be sent.
    fn read_rows(&self, rows: &JsValue) -> (Vec<Row>, u32) {
        let (mut read, mut unsent) = (Vec::new(), 0);
        match convert::read(rows) {
            Ok(rows) => {
                for row in rows.list() {
                    unsent += u32::from(row.field("send").bool() == Some(true));
                    let position = row.field("pos").number().unwrap_or(0.0);
                    let fold = row.field("fold").bool() == Some(true);
                    read.push(Row { position, line: row.field("line").clone(), fold });
                }
            }
            Err(error) => self.report(&error),
        }
        (read, unsent)
    }

    /// No borrow of the engine is held while the page is called: whatever it calls back finds the engine free.
    fn input(self: &Rc<Self>, input: Input) {
        let effects = self.engine.borrow_mut().update(input, self.now());
        for effect in effects {
            self.run(effect);
        }
    }

    fn run(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Claim(key) => self.host.claim(&key),
            Effect::Show(decision) => self.show(decision),
            Effect::Hide => drop(self.modal.take()),
            Effect::Save { snapshot, covered } => self.host.save(&snapshot, covered),
            Effect::Send(limit) => self.host.send(limit),
            Effect::Bury(reason) => self.host.bury(reason),
            Effect::Wake(at) => self.host.wake(at.0 as f64),
            Effect::Refused(error) => self.report(&error),
            Effect::Changed => {
                self.refresh();
                self.host.notify("change", &Value::Null);
            }
        }
    }

    fn decide(&self, slot: &str) -> Option<Decision> {
        self.engine.borrow().decide(slot, self.now())
    }

    /// Whether the page lets a message open.
    fn allowed(&self, decision: &Decision) -> bool {
        self.host.notify("message", &decision_value(&decision.slot, Some(decision))) != Some(false)
    }

    fn show(self: &Rc<Self>, decision: Decision) {
        if !self.allowed(&decision) {
            return self.input(Input::Closed);
        }
        if !self.render {
            return;
        }
        let decision = Rc::new(decision);
        let shown = Modal::show(decision.view.clone(), self.on_answer(&decision));
        match shown {
            Ok(modal) => {
                let exposure = self.watch(modal.element(), &decision);
                drop(self.modal.replace(Some((modal, exposure))));
            }
            Err(error) => {
                self.report(&error);
                self.input(Input::Closed);
            }
        }
    }

    fn watch(self: &Rc<Self>, element: &Node, decision: &Rc<Decision>) -> Option<Exposure> {
        let (weak, decision) = (Rc::downgrade(self), decision.clone());
        let seen = Rc::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.host.emit(EXPOSURE, &decision.properties().into());
                inner.host.notify("exposure", &decision_value(&decision.slot, Some(&decision)));
            }
        });
        match Exposure::watch(element, seen) {
            Ok(exposure) => Some(exposure),
            Err(error) => {
                self.report(&error);
                None
            }
        }
    }

    fn on_answer(self: &Rc<Self>, decision: &Rc<Decision>) -> OnAnswer {
        let (weak, decision): (Weak<Inner>, Rc<Decision>) = (Rc::downgrade(self), decision.clone());
        Rc::new(move |answer| weak.upgrade().is_some_and(|inner| inner.answered(&decision, answer)))
    }

    /// True when the page has handled it.
    fn answered(self: &Rc<Self>, decision: &Decision, answer: &Answer) -> bool {
        let mut handled = false;
        if answer.action != Action::Gone {
            let mut properties = decision.properties().with("action", answer.action.word());
            if let Some(value) = &answer.value {
                properties.set("value", value.clone());
            }
            self.host.emit(ANSWER, &properties.into());
            let payload = Map::new()
                .with("decision", decision_value(&decision.slot, Some(decision)))
                .with("action", answer.action.word())
                .with("value", answer.value.clone())
                .with("url", answer.url.clone());
            handled = self.host.notify("answer", &payload.into()) == Some(true);
        }
        let interruptive = self.modal.borrow().as_ref().is_some_and(|(modal, _)| !modal.is_open());
        if interruptive {
            drop(self.modal.take());
            self.input(Input::Closed);
        }
        handled
    }

    fn slot(self: &Rc<Self>, slot: &str, element: &Node, there: bool) {
        if there {
            let place = Place { slot: slot.to_string(), element: element.clone(), shown: None };
            self.places.borrow_mut().push(place);
            self.refresh();
        } else {
            let gone = {
                let mut places = self.places.borrow_mut();
                let (gone, kept): (Vec<_>, Vec<_>) =
                    places.drain(..).partition(|place| place.element == *element && place.slot == slot);
                *places = kept;
                gone
            };
            drop(gone);
        }
    }

    /// Draws in every slot what is decided for it now.
    fn refresh(self: &Rc<Self>) {
        let places: Vec<(String, Node)> = {
            let places = self.places.borrow();
            places.iter().map(|place| (place.slot.clone(), place.element.clone())).collect()
        };
        for (slot, element) in places {
            let decision = self.decide(&slot);
            let shown = self.with_place(&element, |place| place.shown.take());
            let next = match (decision, shown.flatten()) {
                (Some(decision), Some(shown)) if shown.id == decision.id && shown.card.is_open() => {
                    shown.card.update(decision.view).ok();
                    Some(shown)
                }
                (Some(decision), _) => self.draw(&element, decision),
                (None, _) => None,
            };
            self.with_place(&element, |place| place.shown = next);
        }
    }

    fn with_place<T>(&self, element: &Node, change: impl FnOnce(&mut Place) -> T) -> Option<T> {
        self.places.borrow_mut().iter_mut().find(|place| place.element == *element).map(change)
    }

    fn draw(self: &Rc<Self>, element: &Node, decision: Decision) -> Option<Shown> {
        if !self.allowed(&decision) {
            return None;
        }
        self.input(Input::Decided(decision.clone()));
        let decision = Rc::new(decision);
        match Card::show(element, decision.view.clone(), self.on_answer(&decision)) {
            Ok(card) => {
                let exposure = self.watch(card.element(), &decision);
                Some(Shown { id: decision.id.clone(), card, _exposure: exposure })
            }
            Err(error) => {
                self.report(&error);
                None
            }
        }
    }
}

/// A text as it crosses: with the string's own way in, each method would bring more code.
fn text(given: &JsValue) -> String {
    given.as_string().unwrap_or_default()
}

/// The shape of `Decision` in `types.ts`.
fn decision_value(slot: &str, decision: Option<&Decision>) -> Value {
    let mut map = Map::new();
    if let Some(decision) = decision {
        map.set("id", decision.id.clone());
    }
    map.set("slot", slot);
    map.set("campaign", decision.map(|decision| decision.campaign.clone()));
    map.set("step", decision.and_then(|decision| decision.step.clone()));
    map.set("variant", Value::Null);
    map.set("offer", Value::Null);
    map.set("reason", if decision.is_some() { "targeting_match" } else { "none" });
    map.set("propensity", if decision.is_some() { 1.0 } else { 0.0 });
    if let Some(decision) = decision {
        map.set("message", decision.view.value());
    }
    map.into()
}
