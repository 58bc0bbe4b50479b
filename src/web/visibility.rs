//! Exposure: at least half of an element in view for one second without a break, on a page that is itself visible.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element};

use super::blocks::{document, not_shown};
use super::convert::write;
use super::listen::{Callback, Listener, callback};
use super::timer::Timer;
use crate::engine::base::value::{Map, Value};
use crate::engine::error::Error;

/// How much of it, and for how long.
const SHARE: f64 = 0.5;
const MS: f64 = 1000.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = IntersectionObserver)]
    type Observer;

    #[wasm_bindgen(constructor, catch, js_class = "IntersectionObserver")]
    fn new(callback: &Callback, options: &JsValue) -> Result<Observer, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn observe(this: &Observer, target: &Element) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn disconnect(this: &Observer) -> Result<(), JsValue>;

    type Entry;

    #[wasm_bindgen(method, structural, getter, js_name = isIntersecting)]
    fn is_intersecting(this: &Entry) -> bool;

    #[wasm_bindgen(method, structural, getter, js_name = intersectionRatio)]
    fn ratio(this: &Entry) -> f64;
}

/// Waits for one exposure; dropping it ends the waiting.
pub struct Exposure(Rc<Waiting>);

struct Waiting {
    document: Document,
    on: Rc<dyn Fn()>,
    in_view: Cell<bool>,
    timer: Cell<Option<Timer>>,
    watch: Cell<Option<(Observer, Callback, Listener)>>,
}

impl Exposure {
    /// Calls back once, when the element has been seen.
    pub fn watch(target: &Element, on: Rc<dyn Fn()>) -> Result<Exposure, Error> {
        Exposure::start(target, on).map_err(not_shown)
    }

    fn start(target: &Element, on: Rc<dyn Fn()>) -> Result<Exposure, JsValue> {
        let document = document()?;
        let waiting = Rc::new(Waiting {
            document: document.clone(),
            on,
            in_view: Cell::new(false),
            timer: Cell::new(None),
            watch: Cell::new(None),
        });
        let weak = Rc::downgrade(&waiting);
        let callback = callback(move |entries| {
            if let Some(waiting) = weak.upgrade() {
                // The last entry is the newest.
                let entry: Entry = entries.unchecked_into::<Array>().pop().unchecked_into();
                waiting.in_view.set(entry.is_intersecting() && entry.ratio() >= SHARE);
                waiting.judge(&waiting);
            }
        });
        let options = Map::new().with("threshold", SHARE);
        let observer = Observer::new(&callback, &write(&Value::Map(options)))?;
        let weak = Rc::downgrade(&waiting);
        let listener = Listener::new(&document, &["visibilitychange"], move |_| {
            if let Some(waiting) = weak.upgrade() {
                waiting.judge(&waiting);
            }
        })?;
        observer.observe(target)?;
        waiting.watch.set(Some((observer, callback, listener)));
        Ok(Exposure(waiting))
    }
}

impl Drop for Exposure {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Waiting {
    /// Starts the second, or ends it: it counts anew each time.
    fn judge(&self, shared: &Rc<Waiting>) {
        if !self.in_view.get() || self.document.hidden() {
            drop(self.timer.take());
            return;
        }
        let running = self.timer.take();
        let weak = Rc::downgrade(shared);
        self.timer.set(running.or_else(|| {
            let seen = move || {
                if let Some(waiting) = weak.upgrade()
                    && waiting.end()
                {
                    (waiting.on)();
                }
            };
            Timer::new(MS, seen).ok()
        }));
    }

    /// Stops watching; false when it had stopped already.
    fn end(&self) -> bool {
        drop(self.timer.take());
        let Some((observer, callback, listener)) = self.watch.take() else {
            return false;
        };
        observer.disconnect().ok();
        drop((callback, listener));
        true
    }
}
