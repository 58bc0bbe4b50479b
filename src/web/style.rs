//! The look of messages: one constructed stylesheet, which a strict `style-src` lets through.
//!
//! In `style.css`: what the page's own `*{}` rules put on the host element is inherited into the shadow tree, so the
//! reset is on the dialog and the card as well; sizes are `em` of the reader's default, never `rem` of the page;
//! a card follows the page's `color-scheme`, a modal the device's, and `danbi-message{color-scheme:light}` on the page
//! overrides it; the page sets `--danbi-*` to change colours, radius and font.

use wasm_bindgen::prelude::*;

use super::convert::List;
use super::dom::{NONE, Node, Tried, done, make, tell};

/// The stylesheet, one rule a line.
pub const CSS: &str = include_str!("style.css");

/// Gives a shadow root the look, a sheet for each root: parsing it takes less than keeping one.
pub(super) fn adopt(root: &Node) -> Tried<()> {
    let sheet = sheet()?;
    let sheets = List::new();
    sheets.push(&sheet);
    root.adopt(&sheets)
}

fn sheet() -> Tried<JsValue> {
    let sheet = make("CSSStyleSheet", NONE, NONE);
    done(tell(&sheet, "replaceSync", &CSS.into(), NONE))?;
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{eval, restoring};
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    const SHADOW: &str = "const host = document.body.appendChild(document.createElement('x-y'));
        return host.attachShadow({ mode: 'open' })";

    #[wasm_bindgen_test]
    fn a_sheet_is_adopted_and_no_element_added() {
        let root = eval(SHADOW, &[]);
        assert!(adopt(root.unchecked_ref()).is_ok());
        assert_eq!(eval("return a.adoptedStyleSheets.length + ' ' + a.childElementCount", &[&root]), "1 0");
        eval("a.host.remove()", &[&root]);
    }

    #[wasm_bindgen_test]
    fn an_old_browser_cannot() {
        let root = eval(SHADOW, &[]);
        eval("Object.defineProperty(a, 'adoptedStyleSheets', { set() { throw new Error('no') } })", &[&root]);
        assert!(adopt(root.unchecked_ref()).is_err());
        eval("a.host.remove()", &[&root]);
        let _constructor = restoring("CSSStyleSheet");
        eval("delete window.CSSStyleSheet", &[]);
        assert!(sheet().is_err());
    }

    #[wasm_bindgen_test]
    fn every_rule_is_understood_and_nothing_moves_outside_its_media_query() {
        let sheet = sheet().unwrap();
        let rules = eval("return a.cssRules.length", &[&sheet]).as_f64();
        // Keyframes end a line too: each line of the file is one rule of the sheet.
        assert_eq!(rules, Some(CSS.lines().count() as f64));
        let moving = "return [...a.cssRules].map(rule => rule.style).filter(style => style &&
            !(/^(|none|initial)$/.test(style.animationName) && /^(|initial)$/.test(style.transitionProperty))).length";
        assert_eq!(eval(moving, &[&sheet]).as_f64(), Some(0.0));
        let guarded = "return [...a.cssRules].filter(rule => rule.media && /animation/.test(rule.cssText))
            .every(rule => rule.conditionText === '(prefers-reduced-motion: no-preference)')";
        assert_eq!(eval(guarded, &[&sheet]), JsValue::TRUE);
        assert!(!CSS.contains("url(") && !CSS.contains("@import") && !CSS.contains("rem;"));
    }
}
