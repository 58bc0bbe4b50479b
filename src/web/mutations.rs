//! `MutationObserver`.

use wasm_bindgen::prelude::*;
use web_sys::Node;

use super::convert::write;
use super::listen::{Callback, callback};
use crate::engine::base::value::{Map, Value};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = MutationObserver)]
    type Observer;

    #[wasm_bindgen(constructor, catch, js_class = "MutationObserver")]
    fn new(callback: &Callback) -> Result<Observer, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn observe(this: &Observer, target: &Node, options: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn disconnect(this: &Observer) -> Result<(), JsValue>;
}

/// Hears that elements under a node came or went, or changed one attribute; once per microtask however much changed.
pub struct Mutations {
    observer: Observer,
    _callback: Callback,
}

impl Mutations {
    /// Observes until dropped.
    pub fn new(target: &Node, attribute: &str, run: impl Fn() + 'static) -> Result<Self, JsValue> {
        let callback = callback(move |_| run());
        let observer = Observer::new(&callback)?;
        let options = Map::new().with("childList", true).with("subtree", true).with("attributeFilter", vec![attribute]);
        observer.observe(target, &write(&Value::Map(options)))?;
        Ok(Mutations { observer, _callback: callback })
    }
}

impl Drop for Mutations {
    fn drop(&mut self) {
        self.observer.disconnect().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{eval, restoring};
    use crate::web::timer::tests::wait;
    use std::cell::Cell;
    use std::rc::Rc;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    async fn hears_once_per_microtask_until_dropped() {
        let page: Node = eval("return document.body.appendChild(document.createElement('div'))", &[]).unchecked_into();
        let heard = Rc::new(Cell::new(0));
        let mutations = Mutations::new(&page, "data-x", {
            let heard = heard.clone();
            move || heard.set(heard.get() + 1)
        })
        .unwrap();
        eval("a.innerHTML = '<p></p><p></p>'; a.firstChild.append('x'); a.firstChild.dataset.x = 1", &[&page]);
        assert_eq!(heard.get(), 0);
        wait(10.0).await;
        assert_eq!(heard.get(), 1);
        eval("a.dataset.y = 1", &[&page]);
        wait(10.0).await;
        assert_eq!(heard.get(), 1);
        drop(mutations);
        eval("a.remove(); a.dataset.x = 2", &[&page]);
        wait(10.0).await;
        assert_eq!(heard.get(), 1);
    }

    #[wasm_bindgen_test]
    fn a_browser_without_it_is_an_error() {
        let page: Node = eval("return document.body", &[]).unchecked_into();
        let _constructor = restoring("MutationObserver");
        eval("delete window.MutationObserver", &[]);
        assert!(Mutations::new(&page, "x", || {}).is_err());
    }
}
