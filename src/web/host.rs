//! The shell's `CoreHost`. What it throws is dropped: the engine goes on without.

use wasm_bindgen::prelude::*;

use super::convert;
use super::script::{NONE, ask, tell};
use crate::engine::base::value::Value;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn clock() -> f64;

    /// The object that the shell gives to the constructor of `Core`.
    pub type CoreHost;
}

impl CoreHost {
    /// Milliseconds since 1970; the browser's clock where the shell's gives none.
    pub fn now(&self) -> f64 {
        ask(self, "now", NONE, NONE).as_f64().filter(|now| now.is_finite()).unwrap_or_else(clock)
    }

    /// Append one of danbi's own events to the log.
    pub fn emit(&self, name: &str, properties: &Value) {
        tell(self, "emit", &name.into(), &convert::write(properties));
    }

    /// Ask to win this key; `claimed` answers.
    pub fn claim(&self, key: &str) {
        tell(self, "claim", &key.into(), NONE);
    }

    /// Keep this snapshot; the rows up to and with `covered` are needed no more.
    pub fn save(&self, snapshot: &Value, covered: f64) {
        tell(self, "save", &convert::write(snapshot), &covered.into());
    }

    /// Read the rows after one position, up to and with another, again; answered with `recalled`.
    pub fn recall(&self, after: f64, upto: f64) {
        tell(self, "recall", &after.into(), &upto.into());
    }

    /// Post up to `limit` unsent rows, none that happened before `since`; `replied` answers.
    pub fn send(&self, limit: u32, since: f64) {
        tell(self, "send", &limit.into(), &since.into());
    }

    /// Move the unsent row at this position to the dead letters.
    pub fn bury(&self, position: f64, reason: &str) {
        tell(self, "bury", &position.into(), &reason.into());
    }

    /// If more rows or bytes wait, drop some until nine tenths of this are left.
    pub fn shed(&self, rows: u32, bytes: u32) {
        tell(self, "shed", &rows.into(), &bytes.into());
    }

    /// Call `tick` at this time (ms), replacing any earlier wish.
    pub fn wake(&self, at: f64) {
        tell(self, "wake", &at.into(), NONE);
    }

    /// Show an interruptive message; `closed`, or its answer in the log, tells that it is over.
    pub fn show(&self, decision: &Value) {
        tell(self, "show", &convert::write(decision), NONE);
    }

    /// Take the interruptive message away.
    pub fn hide(&self) {
        tell(self, "hide", NONE, NONE);
    }

    /// Tell the page's listeners.
    pub fn notify(&self, event: &str, payload: &JsValue) {
        tell(self, "notify", &event.into(), payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::value::Map;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn host(source: &str) -> CoreHost {
        js_sys::Function::new_no_args(source).call0(&JsValue::NULL).unwrap().unchecked_into()
    }

    #[wasm_bindgen_test]
    fn passes_everything_on() {
        let host = host(
            "const heard = [], note = name => (...given) => { heard.push([name, ...given.filter(it => it !== undefined)]) };
             return { heard, now: () => 42, emit: note('emit'), claim: note('claim'), save: note('save'),
               send: note('send'), bury: note('bury'), shed: note('shed'), wake: note('wake'), show: note('show'),
               hide: note('hide'), notify: note('notify') }",
        );
        let value = |say: Value| Value::Map(Map::new().with("say", say));
        assert_eq!(host.now(), 42.0);
        host.emit("danbi_exposure", &value(1.0.into()));
        host.claim("key");
        host.save(&value(Value::Null), 7.0);
        host.send(50, 16e11);
        host.bury(9.0, "too_large");
        host.shed(10_000, 5_242_880);
        host.wake(1e12);
        host.show(&value("hello".into()));
        host.hide();
        host.notify("hook", &convert::write(&value(true.into())));
        let heard = js_sys::Reflect::get(&host, &"heard".into()).unwrap();
        assert_eq!(
            js_sys::JSON::stringify(&heard).unwrap(),
            r#"[["emit","danbi_exposure",{"say":1}],["claim","key"],["save",{"say":null},7],["send",50,1600000000000],["bury",9,"too_large"],["shed",10000,5242880],["wake",1000000000000],["show",{"say":"hello"}],["hide"],["notify","hook",{"say":true}]]"#
        );
    }

    #[wasm_bindgen_test]
    fn survives_a_host_that_throws_or_lacks_methods() {
        for source in
            ["return {}", "return new Proxy({}, { get() { throw new Error('no') } })", "return { now: () => NaN }"]
        {
            let host = host(source);
            assert!(host.now() > 1e12);
            host.emit("e", &Value::Null);
            host.claim("k");
            host.save(&Value::Null, 0.0);
            host.send(1, 0.0);
            host.bury(1.0, "r");
            host.shed(0, 0);
            host.wake(0.0);
            host.show(&Value::Null);
            host.hide();
            host.notify("change", &JsValue::NULL);
        }
    }
}
