//! The look of messages: one constructed stylesheet, which a strict `style-src` lets through, shared by all shadow roots.
//!
//! In `style.css`: what the page's own `*{}` rules put on the host element is inherited into the shadow tree, so the
//! reset is on the dialog and the card as well; sizes are `em` of the reader's default, never `rem` of the page;
//! a card follows the page's `color-scheme`, a modal the device's, and `danbi-message{color-scheme:light}` on the page
//! overrides it; the page sets `--danbi-*` to change colours, radius and font.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Document, ShadowRoot};

/// The stylesheet, one rule a line.
pub const CSS: &str = include_str!("style.css");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = CSSStyleSheet)]
    #[derive(Clone)]
    type Sheet;

    #[wasm_bindgen(constructor, catch, js_class = "CSSStyleSheet")]
    fn new() -> Result<Sheet, JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = replaceSync)]
    fn replace(this: &Sheet, css: &str) -> Result<(), JsValue>;

    type Root;

    #[wasm_bindgen(method, structural, setter, catch, js_name = adoptedStyleSheets)]
    fn adopt(this: &Root, sheets: &Array) -> Result<(), JsValue>;
}

thread_local! {
    static SHEET: Option<Sheet> = Sheet::new().and_then(|sheet| sheet.replace(CSS).map(|()| sheet)).ok();
}

/// Gives a shadow root the look. WebKit before 16.4 has no constructed stylesheets and gets a `<style>`.
pub fn apply(document: &Document, root: &ShadowRoot) -> Result<(), JsValue> {
    let adopted = SHEET.with(|sheet| {
        let sheet = sheet.as_ref().ok_or(JsValue::NULL)?;
        root.unchecked_ref::<Root>().adopt(&Array::of1(sheet))
    });
    adopted.or_else(|_| {
        let style = document.create_element("style")?;
        style.set_text_content(Some(CSS));
        root.append_child(&style).map(drop)
    })
}
