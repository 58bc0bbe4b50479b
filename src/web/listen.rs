//! Callbacks, and `addEventListener`.

use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::dom::{Node, Tried, done, get, tell};

/// The kind of an event; what observers give is a list, which has none.
pub(super) fn kind(of: &JsValue) -> JsValue {
    get(of, "type")
}

/// One signature for every callback of the browser, so that there is one trampoline; `Fn`, since a browser may call
/// back while a call is under way.
pub(super) type Callback = Closure<dyn Fn(JsValue)>;

/// Something that listeners, observers and timers call. They do not keep it alive.
pub(super) trait Hear {
    fn hear(&self, what: JsValue);
}

/// The function to give to the browser. Dropping it while it runs is safe: the glue frees it afterwards.
pub(super) fn callback(to: Weak<dyn Hear>) -> Callback {
    Closure::wrap(Box::new(move |what| {
        if let Some(to) = to.upgrade() {
            to.hear(what);
        }
    }) as Box<dyn Fn(JsValue)>)
}

/// Forgets the type, and thereby one copy of [`callback`] for each.
pub(super) fn weak<T: Hear + 'static>(to: &Rc<T>) -> Weak<dyn Hear> {
    let to: Weak<T> = Rc::downgrade(to);
    to
}

/// Listens for some kinds of event on one target; removed on drop.
pub(super) struct Listener {
    target: Node,
    kinds: &'static [&'static str],
    callback: JsValue,
}

impl Listener {
    pub(super) fn new(target: &Node, kinds: &'static [&'static str], callback: &Callback) -> Tried<Self> {
        let listener = Listener { target: target.clone(), kinds, callback: callback.as_ref().clone() };
        for kind in kinds {
            done(tell(target, "addEventListener", &(*kind).into(), &listener.callback))?;
        }
        Ok(listener)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for kind in self.kinds {
            tell(&self.target, "removeEventListener", &(*kind).into(), &self.callback);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use wasm_bindgen_test::*;
    use web_sys::EventTarget;

    wasm_bindgen_test_configure!(run_in_browser);

    #[derive(Default)]
    struct Ear {
        heard: RefCell<Vec<Option<String>>>,
        last: Cell<bool>,
        held: Cell<Option<(Listener, Callback)>>,
    }

    impl Hear for Ear {
        fn hear(&self, what: JsValue) {
            if self.last.get() {
                drop(self.held.take());
            }
            self.heard.borrow_mut().push(kind(&what).as_string());
        }
    }

    fn listen(target: &EventTarget) -> Rc<Ear> {
        let ear = Rc::new(Ear::default());
        let callback = callback(weak(&ear));
        ear.held.set(Some((Listener::new(target.unchecked_ref(), &["a", "b"], &callback).unwrap(), callback)));
        ear
    }

    fn fire(target: &EventTarget, kind: &str) {
        target.dispatch_event(&web_sys::Event::new(kind).unwrap()).unwrap();
    }

    #[wasm_bindgen_test]
    fn listens_until_dropped() {
        let target = EventTarget::new().unwrap();
        let ear = listen(&target);
        fire(&target, "a");
        fire(&target, "b");
        fire(&target, "c");
        assert_eq!(*ear.heard.borrow(), [Some("a".to_string()), Some("b".to_string())]);
        drop(ear.held.take());
        fire(&target, "a");
        assert_eq!(ear.heard.borrow().len(), 2);
    }

    #[wasm_bindgen_test]
    fn may_be_dropped_by_what_it_calls() {
        let target = EventTarget::new().unwrap();
        let ear = listen(&target);
        ear.last.set(true);
        fire(&target, "a");
        fire(&target, "b");
        assert_eq!(ear.heard.borrow().len(), 1);
    }

    #[wasm_bindgen_test]
    fn does_not_keep_its_hearer() {
        let target = EventTarget::new().unwrap();
        let ear = listen(&target);
        let held = ear.held.take();
        let gone = Rc::downgrade(&ear);
        drop(ear);
        assert!(gone.upgrade().is_none());
        fire(&target, "a");
        drop(held);
    }
}
