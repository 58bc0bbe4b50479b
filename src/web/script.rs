//! JavaScript, called by name.
//!
//! Not by web-sys: it brings js-sys, whose closures (of `Array.forEach` and the like, 2 kB) stay in the wasm though nobody
//! calls them. And through few imports: one for each method would cost 30 bytes more of each. Here, too, what a page may have
//! replaced or a browser may lack fails rather than throws.

use wasm_bindgen::prelude::*;

// What the page gave may be a proxy, and throw.
#[wasm_bindgen]
extern "C" {
    /// An object or array that the page or the browser gave.
    pub type Given;

    #[cfg(not(feature = "studio"))]
    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    pub(super) fn at(this: &Given, index: u32) -> Result<JsValue, JsValue>;

    /// The shortest text that reads back as this number.
    #[wasm_bindgen(js_name = String)]
    pub(super) fn text(number: f64) -> String;
}

// What throws is caught over there: `null`, or false, costs less here than an exception.
#[wasm_bindgen(inline_js = "
const safe = (run, otherwise) => { try { return run() } catch { return otherwise } };
export const get = (object, name) => safe(() => object[name], null);
export const ask = (object, name, ...given) => safe(() => object[name](...given), null);
export const tell = (object, name, ...given) => safe(() => (object[name](...given), true), false);
export const make = (name, ...given) => safe(() => new globalThis[name](...given), null);
")]
extern "C" {
    /// A member of an object; `null` when there is none to be had.
    #[cfg(any(feature = "studio", test))]
    pub(super) fn get(object: &JsValue, name: &str) -> JsValue;

    /// What a method answers, `null` when it throws. It must not mind being given `undefined` beyond what it takes.
    pub(super) fn ask(object: &JsValue, name: &str, first: &JsValue, second: &JsValue) -> JsValue;

    /// Calls a method, likewise; false when it throws.
    #[cfg(not(feature = "studio"))]
    pub(super) fn tell(object: &JsValue, name: &str, first: &JsValue, second: &JsValue) -> bool;

    /// A new object of a class of the page, `null` where it has none.
    pub(super) fn make(class: &str, first: &JsValue, second: &JsValue) -> JsValue;
}

/// Nothing: an argument left out.
pub(super) const NONE: &JsValue = &JsValue::UNDEFINED;

/// An object, or none.
pub(super) fn found(given: JsValue) -> Option<JsValue> {
    given.is_object().then_some(given)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// Runs JavaScript with up to three arguments `a`, `b`, `c`.
    pub fn eval(source: &str, given: &[&JsValue]) -> JsValue {
        let list = js_sys::Array::new();
        for value in given {
            list.push(value);
        }
        js_sys::Function::new_with_args("a, b, c", source).apply(&JsValue::NULL, &list).unwrap()
    }

    #[wasm_bindgen_test]
    fn fails_rather_than_throws() {
        let nothing = &JsValue::NULL;
        assert!(make("NoSuchClass", NONE, NONE).is_null() && get(nothing, "x").is_null());
        assert!(ask(nothing, "x", NONE, NONE).is_null() && found(make("RegExp", &"(".into(), NONE)).is_none());
        #[cfg(not(feature = "studio"))]
        assert!(!tell(nothing, "x", NONE, NONE));
        assert_eq!(ask(&"a".into(), "concat", &"b".into(), &"c".into()), "abc");
    }
}
