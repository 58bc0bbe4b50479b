//! `addEventListener`, and callbacks in general.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// One signature for every callback of the browser, so that the glue holds one trampoline.
/// `Fn`, since a browser may call back while a call is under way.
pub(super) type Callback = Closure<dyn Fn(JsValue)>;

/// Makes a callback. Dropping it while it runs is safe: the glue frees it afterwards.
pub(super) fn callback(run: impl Fn(JsValue) + 'static) -> Callback {
    Closure::wrap(Box::new(run) as Box<dyn Fn(JsValue)>)
}

/// Listeners for some kinds of event on one target; removed on drop.
pub struct Listener {
    target: EventTarget,
    kinds: &'static [&'static str],
    callback: Callback,
}

impl Listener {
    /// Listens; the callback receives the event.
    pub fn new(
        target: &EventTarget,
        kinds: &'static [&'static str],
        run: impl Fn(JsValue) + 'static,
    ) -> Result<Self, JsValue> {
        let listener = Listener { target: target.clone(), kinds, callback: callback(run) };
        for kind in kinds {
            target.add_event_listener_with_callback(kind, listener.callback.as_ref().unchecked_ref())?;
        }
        Ok(listener)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for kind in self.kinds {
            self.target.remove_event_listener_with_callback(kind, self.callback.as_ref().unchecked_ref()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn fire(target: &EventTarget, kind: &str) {
        target.dispatch_event(&web_sys::Event::new(kind).unwrap()).unwrap();
    }

    #[wasm_bindgen_test]
    fn listens_until_dropped() {
        let target = EventTarget::new().unwrap();
        let heard = Rc::new(Cell::new(0));
        let listener = Listener::new(&target, &["a", "b"], {
            let heard = heard.clone();
            move |_| heard.set(heard.get() + 1)
        });
        fire(&target, "a");
        fire(&target, "b");
        assert_eq!(heard.get(), 2);
        drop(listener);
        fire(&target, "a");
        fire(&target, "b");
        assert_eq!(heard.get(), 2);
    }

    #[wasm_bindgen_test]
    fn may_be_dropped_by_its_own_callback() {
        let target = EventTarget::new().unwrap();
        let slot = Rc::new(Cell::new(None));
        let heard = Rc::new(Cell::new(0));
        let captured = Rc::new(String::from("still here"));
        slot.set(Some(
            Listener::new(&target, &["a"], {
                let (slot, heard) = (Rc::downgrade(&slot), heard.clone());
                move |_| {
                    drop(slot.upgrade().and_then(|slot| slot.take()));
                    assert_eq!(*captured, "still here");
                    heard.set(heard.get() + 1);
                }
            })
            .unwrap(),
        ));
        fire(&target, "a");
        fire(&target, "a");
        assert_eq!(heard.get(), 1);
    }
}
