//! The calls of the DOM that danbi makes.
//!
//! Not by web-sys: it brings js-sys, whose closures (of `Array.forEach` and the like, 2 kB) stay in the wasm though nobody
//! calls them. Here, too, what a page may have replaced or a browser may lack fails rather than throws.

use wasm_bindgen::prelude::*;

use super::convert::Given;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<Node>;

    /// The document, an element or a shadow root.
    #[derive(Clone, Debug, PartialEq)]
    pub type Node;

    #[wasm_bindgen(method, structural, catch, js_name = createElement)]
    pub(super) fn create(this: &Node, tag: &str) -> Result<Node, JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = querySelectorAll)]
    pub(super) fn all(this: &Node, selector: &str) -> Result<Given, JsValue>;

    #[wasm_bindgen(method, structural, getter, js_name = documentElement)]
    pub(super) fn root(this: &Node) -> Option<Node>;

    #[wasm_bindgen(method, structural, getter)]
    pub(super) fn body(this: &Node) -> Option<Node>;

    #[wasm_bindgen(method, structural, getter)]
    pub(super) fn hidden(this: &Node) -> bool;

    #[wasm_bindgen(method, structural, getter)]
    pub(super) fn location(this: &Node) -> Option<Location>;

    #[wasm_bindgen(method, structural, catch, js_name = getAttribute)]
    pub(super) fn attribute(this: &Node, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = setAttribute)]
    pub(super) fn set_attribute(this: &Node, name: &str, value: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, setter, catch, js_name = textContent)]
    pub(super) fn set_text(this: &Node, text: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = appendChild)]
    pub(super) fn append(this: &Node, child: &Node) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn remove(this: &Node) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, getter, js_name = isConnected)]
    pub(super) fn is_connected(this: &Node) -> bool;

    #[wasm_bindgen(method, structural, catch, js_name = attachShadow)]
    pub(super) fn attach_shadow(this: &Node, options: &JsValue) -> Result<Node, JsValue>;

    #[wasm_bindgen(method, structural, setter, catch, js_name = adoptedStyleSheets)]
    pub(super) fn adopt(this: &Node, sheets: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, getter, catch)]
    pub(super) fn style(this: &Node) -> Result<Style, JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = showModal)]
    pub(super) fn show_modal(this: &Node) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn focus(this: &Node) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn close(this: &Node) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, setter, js_name = scrollTop)]
    pub(super) fn set_scroll(this: &Node, top: f64);

    #[wasm_bindgen(method, structural, catch, js_name = addEventListener)]
    pub(super) fn listen(this: &Node, kind: &str, callback: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = removeEventListener)]
    pub(super) fn unlisten(this: &Node, kind: &str, callback: &JsValue) -> Result<(), JsValue>;

    pub(super) type Style;

    #[wasm_bindgen(method, structural, catch, js_name = setProperty)]
    pub(super) fn set(this: &Style, property: &str, value: &str) -> Result<(), JsValue>;

    pub(super) type Location;

    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn assign(this: &Location, url: &str) -> Result<(), JsValue>;
}

/// The page; an error where there is none, as in a worker.
pub(super) fn document() -> Result<Node, JsValue> {
    DOCUMENT.with(Option::clone).ok_or(JsValue::NULL)
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
        assert!(nothing.show_modal().is_err());
        assert!(nothing.remove().is_err());
        let document = document().unwrap();
        assert!(document.create("not a tag").is_err());
        assert!(document.all("[").is_err());
        assert_eq!(document.root().unwrap().attribute("none"), Ok(JsValue::NULL));
    }
}
