//! The calls of the DOM that danbi makes.
//!
//! Not by web-sys: it brings js-sys, whose closures (of `Array.forEach` and the like, 2 kB) stay in the wasm though nobody
//! calls them. And by name, through few imports: one import for each method would cost 30 bytes more of each. Here, too,
//! what a page may have replaced or a browser may lack fails rather than throws.

use wasm_bindgen::prelude::*;

// What the page gave may be a proxy, and throw.
#[wasm_bindgen]
extern "C" {
    /// An object or array that the page or the browser gave.
    pub type Given;

    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    pub(super) fn at(this: &Given, index: u32) -> Result<JsValue, JsValue>;

    /// The shortest text that reads back as this number.
    #[wasm_bindgen(js_name = String)]
    pub(super) fn text(number: f64) -> String;
}

// What throws is caught over there: `null`, or false, costs less here than an exception.
#[wasm_bindgen(inline_js = "
const safe = (run, otherwise) => { try { return run() } catch { return otherwise } };
export const global = name => globalThis[name] ?? null;
export const get = (object, name) => safe(() => object[name], null);
export const put = (object, name, value) => safe(() => (object[name] = value, true), false);
export const ask = (object, name, ...given) => safe(() => object[name](...given), null);
export const tell = (object, name, ...given) => safe(() => (object[name](...given), true), false);
export const make = (name, ...given) => safe(() => new globalThis[name](...given), null);
")]
extern "C" {
    fn global(name: &str) -> JsValue;

    /// A member of an object; `null` when there is none to be had.
    pub(super) fn get(object: &JsValue, name: &str) -> JsValue;

    fn put(object: &JsValue, name: &str, value: &JsValue) -> bool;

    /// What a method answers, `null` when it throws. It must not mind being given `undefined` beyond what it takes.
    pub(super) fn ask(object: &JsValue, name: &str, first: &JsValue, second: &JsValue) -> JsValue;

    /// Calls a method, likewise; false when it throws.
    pub(super) fn tell(object: &JsValue, name: &str, first: &JsValue, second: &JsValue) -> bool;

    #[wasm_bindgen(js_name = tell)]
    fn tell_texts(object: &JsValue, name: &str, first: &str, second: &str) -> bool;

    /// A new object of a class of the page, `null` where it has none.
    pub(super) fn make(class: &str, first: &JsValue, second: &JsValue) -> JsValue;

    /// The document, an element or a shadow root.
    #[derive(Clone, Debug, PartialEq)]
    pub type Node;
}

/// The browser cannot do it.
#[derive(Debug, PartialEq)]
pub struct Failed;

/// The outcome of a call that the browser may refuse.
pub(super) type Tried<T> = Result<T, Failed>;

/// Nothing: an argument left out.
pub(super) const NONE: &JsValue = &JsValue::UNDEFINED;

/// A call's answer, as an outcome.
pub(super) fn done(done: bool) -> Tried<()> {
    if done { Ok(()) } else { Err(Failed) }
}

/// An object, or none.
pub(super) fn found<T: JsCast>(given: JsValue) -> Tried<T> {
    if given.is_object() { Ok(given.unchecked_into()) } else { Err(Failed) }
}

impl Node {
    pub(super) fn create(&self, tag: &str) -> Tried<Node> {
        found(ask(self, "createElement", &tag.into(), NONE))
    }

    pub(super) fn all(&self, selector: &str) -> Tried<Given> {
        found(ask(self, "querySelectorAll", &selector.into(), NONE))
    }

    /// A member that is a node.
    pub(super) fn near(&self, name: &str) -> Tried<Node> {
        found(get(self, name))
    }

    /// A member that is true.
    pub(super) fn is(&self, name: &str) -> bool {
        get(self, name) == JsValue::TRUE
    }

    pub(super) fn attribute(&self, name: &str) -> JsValue {
        ask(self, "getAttribute", &name.into(), NONE)
    }

    pub(super) fn set_attribute(&self, name: &str, value: &str) -> Tried<()> {
        done(tell_texts(self, "setAttribute", name, value))
    }

    pub(super) fn set_text(&self, text: &str) -> Tried<()> {
        done(put(self, "textContent", &text.into()))
    }

    pub(super) fn append(&self, child: &Node) -> Tried<()> {
        done(tell(self, "appendChild", child, NONE))
    }

    /// Runs a method of which nothing is awaited.
    pub(super) fn run(&self, name: &str) -> Tried<()> {
        done(tell(self, name, NONE, NONE))
    }

    pub(super) fn attach_shadow(&self, options: &JsValue) -> Tried<Node> {
        found(ask(self, "attachShadow", options, NONE))
    }

    pub(super) fn adopt(&self, sheets: &JsValue) -> Tried<()> {
        done(put(self, "adoptedStyleSheets", sheets))
    }

    /// Writes to the element's own style.
    pub(super) fn set_style(&self, property: &str, value: &str) -> Tried<()> {
        done(tell_texts(&get(self, "style"), "setProperty", property, value))
    }

    pub(super) fn set_scroll(&self, top: f64) {
        put(self, "scrollTop", &top.into());
    }
}

/// The page; an error where there is none, as in a worker.
pub(super) fn document() -> Tried<Node> {
    found(global("document"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn fails_rather_than_throws() {
        let nothing: Node = JsValue::NULL.unchecked_into();
        assert!(nothing.create("p").is_err());
        assert!(nothing.set_text("").is_err());
        assert!(nothing.append(&nothing).is_err());
        assert!(nothing.run("showModal").is_err());
        assert!(nothing.run("remove").is_err());
        assert!(nothing.near("body").is_err() && !nothing.is("hidden"));
        assert!(make("NoSuchClass", NONE, NONE).is_null() && get(&nothing, "x").is_null());
        let document = document().unwrap();
        assert!(document.create("not a tag").is_err());
        assert!(document.all("[").is_err());
        assert_eq!(document.near("documentElement").unwrap().attribute("none"), JsValue::NULL);
    }
}
