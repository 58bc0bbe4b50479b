//! `Core`, the class the shell drives: it ties the engine to the shell, which draws what it decides.

use wasm_bindgen::prelude::*;

use super::convert;
use super::host::CoreHost;
use super::platform::Browser;
use super::script::Given;
use crate::engine::base::time::{Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::Bundle;
use crate::engine::effect::Effect;
use crate::engine::error::Error;
use crate::engine::input::{Input, Row};
use crate::engine::outbox::Reply;
use crate::engine::profile::Grant;
use crate::engine::{Decision, Engine, Options};

/// The engine of one tab. The shell never calls it from within a call of its own.
#[wasm_bindgen]
pub struct Core {
    engine: Engine,
    host: CoreHost,
    /// When the engine was last given something.
    at: Time,
}

/// So many ms after that, decisions are still those of that moment: reached once, not once for each slot.
const MOMENT: i64 = 50;

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
        Ok(Core { engine, host, at: Time::default() })
    }

    /// IANA zones the bundle needs.
    pub fn zones(&self) -> JsValue {
        let zones = self.engine.bundle().zones();
        convert::write(&Value::List(zones.into_iter().map(Value::from).collect()))
    }

    /// Offsets of a zone as pairs `[utcMs, offsetMinutes, …]`.
    pub fn zone(&mut self, name: &JsValue, table: &Given) {
        let number = |index| table.at(index).ok().and_then(|number| number.as_f64());
        let (mut pairs, mut index) = (Vec::new(), 0);
        while let (Some(from), Some(offset)) = (number(index), number(index + 1)) {
            pairs.push((from as i64, offset as i32));
            index += 2;
        }
        self.engine.zones().set(&text(name), pairs);
    }

    /// The snapshot (or undefined), the rows after it in log order, and how many rows wait to be sent.
    pub fn load(&mut self, snapshot: &JsValue, rows: &Given, unsent: u32) -> Result<(), JsValue> {
        if !snapshot.is_undefined() && !snapshot.is_null() {
            let restored = convert::read(snapshot).and_then(|snapshot| self.engine.restore(&snapshot));
            restored.map_err(|error| convert::error(&error))?;
        }
        let (rows, _) = self.read_rows(rows);
        self.input(Input::Rows { rows, unsent });
        Ok(())
    }

    /// Rows just committed, by this tab or another.
    pub fn rows(&mut self, rows: &Given) {
        let (rows, unsent) = self.read_rows(rows);
        self.input(Input::Rows { rows, unsent });
    }

    /// The answer to `recall`.
    pub fn recalled(&mut self, rows: &Given) {
        let (rows, _) = self.read_rows(rows);
        self.input(Input::Recalled(rows));
    }

    /// The page may go: what is known is to be kept.
    pub fn keep(&mut self) {
        self.input(Input::Keep);
    }

    /// Whether an interruptive message is open, or about to be.
    pub fn busy(&self) -> bool {
        self.engine.busy()
    }

    /// Facts the page knows.
    pub fn context(&mut self, facts: &JsValue) {
        match convert::read(facts) {
            Ok(facts) => self.input(Input::Context(facts)),
            Err(error) => self.report(&error),
        }
    }

    /// The answer to `claim`.
    pub fn claimed(&mut self, key: &JsValue, won: bool) {
        self.input(Input::Claimed { key: text(key), won });
    }

    /// The interruptive message of this decision went off the page without an answer, or is not to come on it.
    pub fn closed(&mut self, id: &JsValue) {
        self.input(Input::Closed(text(id)));
    }

    /// The answer to `send`. `status` 0: no answer came; `retry_after` in ms, or -1; `at`: position of the first row it carried;
    /// `bytes` that remain, or 0.
    pub fn replied(&mut self, status: u16, retry_after: f64, sent: u32, left: u32, at: f64, bytes: u32) {
        let retry_after = (retry_after >= 0.0).then_some(retry_after as i64);
        self.input(Input::Replied(Reply { status, retry_after, sent, left, at, bytes }));
    }

    /// What losing a signal of this name costs, 0 to 2.
    pub fn rank(&self, name: &JsValue) -> u32 {
        self.engine.rank(&text(name))
    }

    /// How many bytes may leave now that the page goes.
    pub fn farewell(&self) -> u32 {
        self.engine.farewell(self.now())
    }

    /// Send now, whatever the backoff says.
    pub fn flush(&mut self) {
        self.input(Input::Flush);
    }

    /// Time passed.
    pub fn tick(&mut self) {
        self.input(Input::Tick);
    }

    /// What to show in a slot: one decision, or with a count so many at most.
    pub fn decide(&mut self, slot: &JsValue, count: u32) -> JsValue {
        let slot = &*text(slot);
        let mut list = Vec::new();
        for decision in self.list(slot, count.max(1) as usize) {
            list.push(decision_value(&decision));
            // The decision keeps its id from here on, as contract.md section 5 says.
            self.input(Input::Decided(Box::new(decision)));
        }
        if count > 0 {
            return convert::write(&list.into());
        }
        convert::write(&list.pop().unwrap_or_else(|| {
            let reason = self.engine.reason(slot, self.moment());
            let nothing = |key| (key, Value::Null);
            let [campaign, step, variant, offer] = ["campaign", "step", "variant", "offer"].map(nothing);
            let (reason, propensity) = (("reason", reason.into()), ("propensity", 0_i64.into()));
            Map::of([("slot", slot.into()), campaign, step, variant, offer, reason, propensity]).into()
        }))
    }

    /// Every campaign's verdict.
    pub fn explain(&self) -> JsValue {
        convert::write(&self.engine.explain(self.now()))
    }

    /// One block by itself, outside any campaign: a `Message` of nothing else, or null where nothing is left of it.
    pub fn block(&self, block: &JsValue) -> JsValue {
        let block = convert::read(block).unwrap_or_default();
        convert::write(&self.engine.block(&block, self.moment()))
    }

    /// Points and tiers.
    pub fn progress(&self) -> JsValue {
        convert::write(&self.engine.progress(self.now()))
    }

    /// What is known of the shopper.
    pub fn profile(&self) -> JsValue {
        convert::write(&self.engine.profile(self.now()))
    }

    /// The page's language changed.
    #[wasm_bindgen(js_name = setLocale)]
    pub fn set_locale(&mut self, locale: &JsValue) {
        self.input(Input::Locale(text(locale)));
    }
}

impl Core {
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

    fn input(&mut self, input: Input) {
        self.at = self.now();
        for effect in self.engine.update(input, self.at) {
            self.run(effect);
        }
    }

    fn run(&self, effect: Effect) {
        match effect {
            Effect::Claim(key) => self.host.claim(&key),
            Effect::Emit(name, properties) => self.host.emit(name, &properties.into()),
            Effect::Show(decision) => self.host.show(&decision_value(&decision)),
            Effect::Hide => self.host.hide(),
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
                    None => self.host.notify("hook", &convert::write(&told)),
                }
            }
            Effect::Changed => self.host.notify("change", &JsValue::NULL),
        }
    }

    /// When decisions are asked for.
    fn moment(&self) -> Time {
        let now = self.now();
        if (0..MOMENT).contains(&(now.0 - self.at.0)) { self.at } else { now }
    }

    /// What to show in a slot, so many at most. What would have shown there is in the log from here on.
    fn list(&mut self, slot: &str, count: usize) -> Vec<Decision> {
        let at = self.moment();
        for silent in self.engine.silent(slot, count, at) {
            self.input(Input::Decided(Box::new(silent)));
        }
        self.engine.list(slot, count, at)
    }
}

/// A text as it crosses: with the string's own way in, each method would bring more code.
fn text(given: &JsValue) -> String {
    given.as_string().unwrap_or_default()
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
    use crate::web::script::tests::eval;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// A host that notes what it is asked, and the rows of a page whose shopper agreed to everything.
    const PAGE: &str = "const heard = [];
        const host = { heard, now: () => 17e11, notify: (event, payload) => { heard.push([event, payload]) } };
        for (const name of ['emit', 'claim', 'save', 'recall', 'send', 'bury', 'shed', 'wake', 'show', 'hide'])
            host[name] = (...given) => { heard.push([name, ...given.filter(it => it !== undefined)]) };
        const consent = { functional: true, analytics: true, personalization: true, advertising: true };
        const line = (type, more) => ({ type, anonymousId: 'a', messageId: 'm' + type, timestamp: new Date(17e11).toISOString(),
            context: {}, ...more });
        host.rows = [{ pos: 1, send: true, fold: true, line: line('consent', { properties: consent }) },
            { pos: 2, send: true, fold: true, line: line('page', {}) }];
        return host";

    /// One message for one slot, with one button.
    fn bundle(slot: &str) -> JsValue {
        let source = "return { bundle: 'test', version: 1,
            house: { zone: 'Asia/Seoul', currency: 'KRW', locales: ['ko', 'en'], pages: { payment: { allow: 'none' } } },
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
        fn open(bundle: &JsValue) -> Page {
            let mut page = Page::fresh(bundle);
            page.core.load(&JsValue::UNDEFINED, eval("return a.rows", &[&page.host]).unchecked_ref(), 2).unwrap();
            page
        }

        fn fresh(bundle: &JsValue) -> Page {
            let host = eval(PAGE, &[]);
            let options = given("{ locale: 'ko-KR', seed: 's', tab: 't' }");
            let mut core = Core::new(bundle, host.clone().unchecked_into(), &options).unwrap();
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
            eval("return a.heard.findLast(([it]) => it === 'claim')?.[1]", &[&self.host])
        }
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
        let mut page = Page::fresh(&bundle("side"));
        assert_eq!(eval("return a.join()", &[&page.core.zones()]), "Asia/Seoul");
        page.core.load(&JsValue::NULL, given("[]").unchecked_ref(), 0).unwrap();
        let reason = |page: &mut Page| eval("return a.reason", &[&page.core.decide(&"side".into(), 0)]);
        // Nobody has agreed to anything yet.
        assert_eq!(reason(&mut page), "none");
        // A row that cannot be read loses no other.
        page.core.rows(eval("return [{ pos: 0, line: 1n }, ...a.rows]", &[&page.host]).unchecked_ref());
        assert!(page.heard("error").contains("not_json"));
        assert_eq!(reason(&mut page), "targeting_match");
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
        page.core.context(&given("{ page: { kind: 'home' } }"));
        assert_eq!(page.heard("error"), "[]");
        page.core.context(&given("{ page: 1n }"));
        assert!(page.heard("error").contains("not_json"));
        // A free answer of 200 for the two rows empties the queue; nothing more is asked for.
        assert_ne!(page.heard("send"), "[]");
        page.core.replied(200, -1.0, 2, 0, 1.0, 0);
        page.core.flush();
        page.core.tick();
        assert_eq!(page.heard("send"), "[]");
    }

    #[wasm_bindgen_test]
    fn values_as_deep_as_they_may_be() {
        let mut page = Page::open(&bundle("side"));
        page.core.context(&given("(() => { let o = 1; for (let i = 0; i < 64; i++) o = { o }; return o })()"));
        assert_eq!(page.heard("error"), "[]");
    }

    #[wasm_bindgen_test]
    fn an_interruptive_message_is_shown_once_claimed_and_frees_its_place_when_closed() {
        let mut page = Page::open(&bundle("interruptive"));
        let key = page.key();
        assert!(key.is_string() && page.core.busy());
        assert_eq!(page.heard("show"), "[]");
        page.core.claimed(&key, true);
        assert!(page.heard("show").contains(r#""id":"t.1","message":{"form":"modal""#));
        assert_eq!(page.heard("emit"), DECIDED);
        // Another one that closes late is not this one.
        page.core.closed(&"t.0".into());
        assert!(page.core.busy());
        page.core.closed(&"t.1".into());
        // It is due still, and claimed again.
        assert_eq!(page.key(), key);
        page.core.claimed(&key, false);
        assert!(!page.core.busy());
        assert_eq!(page.heard("show"), "[]");
    }

    #[wasm_bindgen_test]
    fn nothing_is_shown_by_the_loser() {
        let mut page = Page::open(&bundle("interruptive"));
        page.core.claimed(&page.key(), false);
        assert_eq!(page.heard("show") + &page.heard("emit"), "[][]");
    }

    #[wasm_bindgen_test]
    fn a_message_is_taken_away_from_a_page_where_it_may_not_be() {
        let mut page = Page::open(&bundle("interruptive"));
        page.core.claimed(&page.key(), true);
        page.core.context(&given("{ page: { kind: 'home' } }"));
        assert_eq!(page.heard("hide"), "[]");
        page.core.context(&given("{ page: { kind: 'payment' } }"));
        assert_eq!(page.heard("hide"), "[[]]");
        assert!(!page.core.busy());
    }
}
