//! `Core`, the class the shell drives: it ties the engine to the page.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::blocks::{Action, Answer, OnAnswer};
use super::card::Card;
use super::convert;
use super::dom::{Given, Node};
use super::host::CoreHost;
use super::modal::Modal;
use super::platform::Browser;
use super::slots::Slots;
use super::view::View;
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
    places: RefCell<Vec<Rc<Place>>>,
    slots: RefCell<Option<Slots>>,
    /// When the engine was last given something.
    at: Cell<Time>,
}

/// So many ms after that, decisions are still those of that moment: reached once, not once for each slot.
const MOMENT: i64 = 50;

/// A slot of the page and what stands in it.
struct Place {
    slot: String,
    element: Node,
    shown: Cell<Option<Shown>>,
}

struct Shown {
    id: String,
    view: View,
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
        let schemes = options.at("schemes").list().iter().filter_map(Value::text).map(str::to_string).collect();
        let (locale, seed, tab) = (text("locale"), text("seed"), text("tab"));
        let given = Options { locale, seed, tab, assumed: Grant::Unknown, schemes };
        let engine = Engine::new(bundle, Zones::default(), Box::new(Browser::default()), given);
        Ok(Core(Rc::new(Inner {
            engine: RefCell::new(engine),
            host,
            render: options.at("render").bool() != Some(false),
            modal: RefCell::default(),
            places: RefCell::default(),
            slots: RefCell::default(),
            at: Cell::default(),
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
    pub fn load(&self, snapshot: &JsValue, rows: &Given, unsent: u32) -> Result<(), JsValue> {
        if !snapshot.is_undefined() && !snapshot.is_null() {
            let restored = convert::read(snapshot).and_then(|snapshot| self.0.engine.borrow_mut().restore(&snapshot));
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
    pub fn rows(&self, rows: &Given) {
        let (rows, unsent) = self.0.read_rows(rows);
        self.0.input(Input::Rows { rows, unsent });
    }

    /// The answer to `recall`.
    pub fn recalled(&self, rows: &Given) {
        let (rows, _) = self.0.read_rows(rows);
        self.0.input(Input::Recalled(rows));
    }

    /// The page may go: what is known is to be kept.
    pub fn keep(&self) {
        self.0.input(Input::Keep);
    }

    /// Whether an interruptive message is open, or about to be.
    pub fn busy(&self) -> bool {
        self.0.engine.borrow().busy()
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

    /// The answer to `send`. `status` 0: no answer came; `retry_after` in ms, or -1; `at`: position of the first row it carried;
    /// `bytes` that remain, or 0.
    pub fn replied(&self, status: u16, retry_after: f64, sent: u32, left: u32, at: f64, bytes: u32) {
        let retry_after = (retry_after >= 0.0).then_some(retry_after as i64);
        self.0.input(Input::Replied(Reply { status, retry_after, sent, left, at, bytes }));
    }

    /// What losing a signal of this name costs, 0 to 2.
    pub fn rank(&self, name: &JsValue) -> u32 {
        self.0.engine.borrow().rank(&text(name))
    }

    /// How many bytes may leave now that the page goes.
    pub fn farewell(&self) -> u32 {
        self.0.engine.borrow().farewell(self.0.now())
    }

    /// Send now, whatever the backoff says.
    pub fn flush(&self) {
        self.0.input(Input::Flush);
    }

    /// Time passed.
    pub fn tick(&self) {
        self.0.input(Input::Tick);
    }

    /// What to show in a slot: one decision, or with a count so many at most.
    pub fn decide(&self, slot: &JsValue, count: u32) -> JsValue {
        let slot = &*text(slot);
        let mut list = Vec::new();
        for decision in self.0.list(slot, count.max(1) as usize) {
            list.push(decision_value(&decision));
            // The decision keeps its id from here on, as contract.md section 5 says.
            self.0.input(Input::Decided(Box::new(decision)));
        }
        if count > 0 {
            return convert::write(&list.into());
        }
        convert::write(&list.pop().unwrap_or_else(|| {
            let reason = self.0.engine.borrow().reason(slot, self.0.moment());
            let nothing = |key| (key, Value::Null);
            let [campaign, step, variant, offer] = ["campaign", "step", "variant", "offer"].map(nothing);
            let (reason, propensity) = (("reason", reason.into()), ("propensity", 0_i64.into()));
            Map::of([("slot", slot.into()), campaign, step, variant, offer, reason, propensity]).into()
        }))
    }

    /// Every campaign's verdict.
    pub fn explain(&self) -> JsValue {
        convert::write(&self.0.engine.borrow().explain(self.0.now()))
    }

    /// One block by itself, outside any campaign: a `Message` of nothing else, or null where nothing is left of it.
    pub fn block(&self, block: &JsValue) -> JsValue {
        let block = convert::read(block).unwrap_or_default();
        convert::write(&self.0.engine.borrow().block(&block, self.0.moment()))
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
        self.host.notify("error", &convert::error(error));
    }

    /// Rows as the shell keeps them, and how many of them may be sent. One that cannot be read is reported, and loses no other.
    fn read_rows(&self, rows: &Given) -> (Vec<Row>, u32) {
        let (mut read, mut unsent) = (Vec::new(), 0);
        let mut add = |row: &mut Value| {
            unsent += u32::from(row.field("send").bool() == Some(true));
            let position = row.field("pos").integer().unwrap_or(0);
            let fold = row.field("fold").bool() == Some(true);
            let own = row.field("own").bool() == Some(true);
            let mut taken = |key: &str| row.member_mut(key).map(std::mem::take).unwrap_or_default();
            read.push(Row { position, line: taken("line"), fold, proof: taken("proof"), own });
        };
        if let Ok(Value::List(mut rows)) = convert::read(rows) {
            rows.iter_mut().for_each(add);
            return (read, unsent);
        }
        for row in (0..).map_while(|index| rows.at(index).ok().filter(|row| !row.is_undefined())) {
            match convert::read(&row) {
                Ok(mut row) => add(&mut row),
                Err(error) => self.report(&error),
            }
        }
        (read, unsent)
    }

    /// No borrow of the engine is held while the page is called: whatever it calls back finds the engine free.
    fn input(self: &Rc<Self>, input: Input) {
        let now = self.now();
        self.at.set(now);
        let effects = self.engine.borrow_mut().update(input, now);
        for effect in effects {
            self.run(effect);
        }
    }

    fn run(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Claim(key) => self.host.claim(&key),
            Effect::Emit(name, properties) => self.host.emit(name, &properties.into()),
            Effect::Show(decision) => self.show(*decision),
            Effect::Hide => drop(self.modal.take()),
            Effect::Save { snapshot, covered } => self.host.save(&snapshot, covered as f64),
            Effect::Recall { after, upto } => self.host.recall(after as f64, upto as f64),
            Effect::Send { limit, since } => self.host.send(limit, since.0 as f64),
            Effect::Bury { position, reason } => self.host.bury(position, reason),
            Effect::Shed { rows, bytes } => self.host.shed(rows, bytes),
            Effect::Wake(at) => self.host.wake(at.0 as f64),
            Effect::Refused(error) => self.report(&error),
            Effect::Tell(told) => {
                let (grant, told) = (told.get("grant").and_then(Value::text).map(str::to_string), Value::from(told));
                match grant {
                    Some(name) => self.host.emit(&name, &told),
                    None => drop(self.host.notify("hook", &convert::write(&told))),
                }
            }
            Effect::Changed => {
                self.refresh();
                self.host.notify("change", &JsValue::NULL);
            }
        }
    }

    /// When decisions are asked for.
    fn moment(&self) -> Time {
        let (now, at) = (self.now(), self.at.get());
        if (0..MOMENT).contains(&(now.0 - at.0)) { at } else { now }
    }

    /// What to show in a slot, so many at most. What would have shown there is in the log from here on.
    fn list(self: &Rc<Self>, slot: &str, count: usize) -> Vec<Decision> {
        let at = self.moment();
        let silent = self.engine.borrow().silent(slot, count, at);
        for silent in silent {
            self.input(Input::Decided(Box::new(silent)));
        }
        self.engine.borrow().list(slot, count, at)
    }

    /// Whether the page lets a message open.
    fn allowed(&self, decision: &Decision) -> bool {
        self.host.notify("message", &convert::write(&decision_value(decision))) != Some(false)
    }

    fn show(self: &Rc<Self>, decision: Decision) {
        if !self.allowed(&decision) {
            return self.input(Input::Closed);
        }
        if !self.render {
            return;
        }
        let decision = Rc::new(decision);
        let shown = Modal::show(View::read(&decision.view), self.on_answer(&decision));
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
                inner.host.notify("exposure", &convert::write(&decision_value(&decision)));
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
            if !answer.value.is_null() {
                properties.set("value", answer.value.clone());
            }
            if let Some(question) = &answer.question {
                properties.set("question", question.as_str());
            }
            self.host.emit(ANSWER, &properties.into());
            let payload = convert::object(&[
                ("decision", convert::write(&decision_value(decision))),
                ("action", answer.action.word().into()),
                ("value", convert::write(&answer.value)),
                ("url", nullable(answer.url.as_deref())),
            ]);
            handled = self.host.notify("answer", &payload) == Some(true);
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
            let place = Place { slot: slot.to_string(), element: element.clone(), shown: Cell::new(None) };
            self.places.borrow_mut().push(Rc::new(place));
            self.refresh();
        } else {
            // Dropped once the list is free again: closing gives the page a say.
            let gone = {
                let mut places = self.places.borrow_mut();
                let place = places.iter().position(|place| place.element == *element && place.slot == slot);
                place.map(|place| places.remove(place))
            };
            drop(gone);
        }
    }

    /// Draws in every slot what is decided for it now.
    fn refresh(self: &Rc<Self>) {
        let places = self.places.borrow().clone();
        for place in places {
            let next = match (self.list(&place.slot, 1).pop(), place.shown.take()) {
                (Some(decision), Some(mut shown)) if shown.id == decision.id && shown.card.is_open() => {
                    let view = View::read(&decision.view);
                    if shown.view != view {
                        shown.card.update(view.clone()).ok();
                        shown.view = view;
                    }
                    Some(shown)
                }
                (Some(decision), _) => self.draw(&place.element, decision),
                (None, _) => None,
            };
            place.shown.set(next);
        }
    }

    fn draw(self: &Rc<Self>, element: &Node, decision: Decision) -> Option<Shown> {
        if !self.allowed(&decision) {
            return None;
        }
        self.input(Input::Decided(Box::new(decision.clone())));
        let decision = Rc::new(decision);
        match Card::show(element, View::read(&decision.view), self.on_answer(&decision)) {
            Ok(card) => {
                let exposure = self.watch(card.element(), &decision);
                Some(Shown { id: decision.id.clone(), view: View::read(&decision.view), card, _exposure: exposure })
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

fn nullable(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from_str)
}

/// The shape of `Decision` in `types.ts`.
fn decision_value(decision: &Decision) -> Value {
    let mut line = Map::of([
        ("slot", decision.slot.as_str().into()),
        ("campaign", (&decision.campaign).into()),
        ("step", (&decision.step).into()),
        ("variant", (&decision.variant).into()),
        ("offer", (&decision.offer).into()),
        ("reason", decision.reason().into()),
        ("propensity", decision.propensity.into()),
        ("id", decision.id.as_str().into()),
        ("message", decision.view.clone()),
    ]);
    if !decision.held().is_null() {
        line.append("held", decision.held().clone());
    }
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::eval;
    use crate::web::timer::tests::wait;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// A host that notes what it is asked, and the rows of a page whose shopper agreed to everything.
    const PAGE: &str = "const heard = [];
        const host = { heard, says: {}, now: () => 17e11, notify: (event, payload) => {
            heard.push([event, payload]); return host.says[event] } };
        for (const name of ['emit', 'claim', 'save', 'recall', 'send', 'bury', 'shed', 'wake'])
            host[name] = (...given) => { heard.push([name, ...given]) };
        const consent = { functional: true, analytics: true, personalization: true, advertising: true };
        const line = (type, more) => ({ type, anonymousId: 'a', messageId: 'm' + type, timestamp: new Date(17e11).toISOString(),
            context: {}, ...more });
        host.rows = [{ pos: 1, send: true, fold: true, line: line('consent', { properties: consent }) },
            { pos: 2, send: true, fold: true, line: line('page', {}) }];
        return host";

    /// One message for one slot, with one button.
    fn bundle(slot: &str) -> JsValue {
        let source = "return { bundle: 'test', version: 1,
            house: { zone: 'Asia/Seoul', currency: 'KRW', locales: ['ko', 'en'] },
            campaigns: [{ id: 'hello', class: 'service', slot: a, message: { blocks: [{ title: { ko: '안녕', en: 'Hello' } },
                { buttons: [{ label: { ko: '예', en: 'Yes' }, value: 'yes' }] }] } }] }";
        eval(source, &[&slot.into()])
    }

    fn given(source: &str) -> JsValue {
        eval(&["return (", source, ")"].concat(), &[])
    }

    /// What the log hears once the interruptive message is this tab's.
    const DECIDED: &str = r#"[["danbi_decision",{"decision":"t.1","campaign":"hello","slot":"interruptive","propensity":1,"seed":"s","counter":1,"bundle":1}]]"#;

    struct Page {
        core: Core,
        host: JsValue,
    }

    impl Page {
        /// A core that knows its zone and has read its rows.
        fn open(bundle: &JsValue, render: bool) -> Page {
            let page = Page::fresh(bundle, render);
            page.core.load(&JsValue::UNDEFINED, eval("return a.rows", &[&page.host]).unchecked_ref(), 2).unwrap();
            page
        }

        fn fresh(bundle: &JsValue, render: bool) -> Page {
            let host = eval(PAGE, &[]);
            let options = eval("return { locale: 'ko-KR', seed: 's', tab: 't', render: a }", &[&render.into()]);
            let core = Core::new(bundle, host.clone().unchecked_into(), &options).unwrap();
            core.zone(&"Asia/Seoul".into(), given("Float64Array.of(-1e15, 540)").unchecked_ref());
            Page { core, host }
        }

        /// The payloads told under one name, as JSON, and forgets them.
        fn heard(&self, name: &str) -> String {
            let source = "const told = a.heard.filter(([it]) => it === b).map(([, ...given]) => given);
                a.heard.splice(0, Infinity, ...a.heard.filter(([it]) => it !== b)); return JSON.stringify(told)";
            eval(source, &[&self.host, &name.into()]).as_string().unwrap()
        }

        fn key(&self) -> JsValue {
            eval("return a.heard.find(([it]) => it === 'claim')?.[1]", &[&self.host])
        }
    }

    fn on_page(selector: &str) -> bool {
        eval("return document.querySelector(a) !== null", &[&selector.into()]).is_truthy()
    }

    fn press(host: &str, part: &str) {
        eval("document.querySelector(a).shadowRoot.querySelector(b).click()", &[&host.into(), &part.into()]);
    }

    #[wasm_bindgen_test]
    fn an_invalid_bundle_says_where() {
        let options = given("{ locale: 'ko', seed: 's', tab: 't' }");
        let bad = given("{ bundle: 'test', version: 1, house: {} }");
        let Err(error) = Core::new(&bad, eval(PAGE, &[]).unchecked_into(), &options) else {
            panic!("a house without a zone");
        };
        let shape = eval("return [a.code, a.path, typeof a.message, Object.keys(a).length].join()", &[&error]);
        assert_eq!(shape, "missing,/house/zone,string,3");
        assert!(Core::new(&given("() => 1"), eval(PAGE, &[]).unchecked_into(), &options).is_err());
    }

    #[wasm_bindgen_test]
    fn zones_rows_and_decisions() {
        let page = Page::fresh(&bundle("side"), false);
        assert_eq!(eval("return a.join()", &[&page.core.zones()]), "Asia/Seoul");
        page.core.load(&JsValue::NULL, given("[]").unchecked_ref(), 0).unwrap();
        let reason = |page: &Page| eval("return a.reason", &[&page.core.decide(&"side".into(), 0)]);
        // Nobody has agreed to anything yet.
        assert_eq!(reason(&page), "none");
        // A row that cannot be read loses no other.
        page.core.rows(eval("return [{ pos: 0, line: 1n }, ...a.rows]", &[&page.host]).unchecked_ref());
        assert!(page.heard("error").contains("not_json"));
        assert_eq!(reason(&page), "targeting_match");
        let shape = eval(
            "return [a.id, a.slot, a.campaign, a.step, a.propensity, a.message.blocks[0].title].join()",
            &[&page.core.decide(&"side".into(), 0)],
        );
        assert_eq!(shape, "t.1,side,hello,,1,안녕");
        page.core.set_locale(&"en".into());
        assert_eq!(eval("return a.message.blocks[0].title", &[&page.core.decide(&"side".into(), 0)]), "Hello");
        assert_eq!(eval("return a.length + a[0].stage", &[&page.core.explain()]), "1shown");
        assert_eq!(eval("return a.consent.analytics", &[&page.core.profile()]), "granted");
        assert!(page.core.progress().is_object());
        page.core.context(&given("{ page: { type: 'home' } }"));
        assert_eq!(page.heard("error"), "[]");
        page.core.context(&given("{ page: 1n }"));
        assert!(page.heard("error").contains("not_json"));
        // A free answer of 200 for the two rows empties the queue; nothing more is asked for.
        assert_ne!(page.heard("send"), "[]");
        page.core.replied(200, -1.0, 2, 0, 1.0, 0);
        page.core.flush();
        page.core.tick();
        assert_eq!(page.heard("send"), "[]");
        assert!(!on_page("danbi-message") && !on_page("danbi-card"));
    }

    #[wasm_bindgen_test]
    fn values_as_deep_as_they_may_be() {
        let page = Page::open(&bundle("side"), false);
        page.core.context(&given("(() => { let o = 1; for (let i = 0; i < 64; i++) o = { o }; return o })()"));
        assert_eq!(page.heard("error"), "[]");
    }

    #[wasm_bindgen_test]
    async fn a_modal_opens_once_claimed_and_is_seen_and_answered() {
        let page = Page::open(&bundle("interruptive"), true);
        let key = page.key();
        assert!(key.is_string() && !on_page("danbi-message"));
        page.core.claimed(&key, true);
        assert!(on_page("danbi-message"));
        assert!(page.heard("message").contains("안녕"));
        assert_eq!(page.heard("emit"), DECIDED);
        wait(1400.0).await;
        assert_eq!(
            page.heard("emit"),
            r#"[["danbi_exposure",{"decision":"t.1","campaign":"hello","slot":"interruptive"}]]"#
        );
        assert!(page.heard("exposure").contains(r#""id":"t.1""#));
        press("danbi-message", "[part=button]");
        assert_eq!(
            page.heard("emit"),
            r#"[["danbi_answer",{"decision":"t.1","campaign":"hello","slot":"interruptive","action":"click","value":"yes"}]]"#
        );
        assert!(page.heard("answer").contains(r#""action":"click","value":"yes""#));
        assert!(!on_page("danbi-message"));
    }

    #[wasm_bindgen_test]
    fn a_modal_stays_closed_for_the_loser_and_where_the_page_says_so() {
        let page = Page::open(&bundle("interruptive"), true);
        page.core.claimed(&page.key(), false);
        assert!(!on_page("danbi-message"));
        assert_eq!(page.heard("emit"), "[]");
        let page = Page::open(&bundle("interruptive"), true);
        eval("a.says.message = false", &[&page.host]);
        page.core.claimed(&page.key(), true);
        assert!(!on_page("danbi-message"));
        assert_eq!(page.heard("emit"), DECIDED);
    }

    #[wasm_bindgen_test]
    async fn a_card_stands_in_its_slot() {
        eval(
            "document.body.append(Object.assign(document.createElement('p'), { id: 'here' }));
              here.dataset.danbiSlot = 'side'",
            &[],
        );
        let page = Page::open(&bundle("side"), true);
        assert!(on_page("#here > danbi-card"));
        press("danbi-card", "[part=button]");
        assert!(page.heard("emit").contains(r#""danbi_answer""#));
        assert!(page.heard("answer").contains(r#""value":"yes""#));
        // It is still there after a change, and goes with its core.
        page.core.tick();
        assert_eq!(eval("return here.childElementCount", &[]), 1.0);
        drop(page);
        assert!(!on_page("danbi-card"));
        eval("here.remove()", &[]);
        wait(10.0).await;
    }
}
