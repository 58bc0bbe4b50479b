//! `MutationObserver`.

use wasm_bindgen::prelude::*;

use super::convert::{object, write};
use super::dom::{NONE, Node, Tried, done, make, tell};
use super::listen::Callback;
use crate::engine::base::value::Value;

/// Tells that elements under a node came or went, or changed one attribute; once per microtask however much changed.
pub(super) struct Mutations(JsValue);

impl Mutations {
    /// Observes until dropped; the callback receives a list.
    pub(super) fn new(target: &Node, attribute: &str, callback: &Callback) -> Tried<Self> {
        let options = object(&[
            ("childList", JsValue::TRUE),
            ("subtree", JsValue::TRUE),
            ("attributeFilter", write(&Value::List(vec![attribute.into()]))),
        ]);
        let observer = make("MutationObserver", callback.as_ref(), NONE);
        done(tell(&observer, "observe", target, &options))?;
        Ok(Mutations(observer))
    }
}

impl Drop for Mutations {
    fn drop(&mut self) {
        tell(&self.0, "disconnect", NONE, NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{eval, restoring};
    use crate::web::listen::{Hear, callback, weak};
    use crate::web::timer::tests::wait;
    use std::cell::Cell;
    use std::rc::Rc;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[derive(Default)]
    struct Ear(Cell<u32>);

    impl Hear for Ear {
        fn hear(&self, what: JsValue) {
            assert!(what.is_array());
            self.0.set(self.0.get() + 1);
        }
    }

    #[wasm_bindgen_test]
    async fn hears_once_per_microtask_until_dropped() {
        let page: Node = eval("return document.body.appendChild(document.createElement('div'))", &[]).unchecked_into();
        let ear = Rc::new(Ear::default());
        let callback = callback(weak(&ear));
        let heard = &ear.0;
        let mutations = Mutations::new(&page, "data-x", &callback).unwrap();
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
        assert!(Mutations::new(&page, "x", &callback(weak(&Rc::new(Ear::default())))).is_err());
    }
}
