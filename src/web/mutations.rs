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
