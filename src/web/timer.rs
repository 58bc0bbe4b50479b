//! `setTimeout`.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::dom::{Failed, Tried};
use super::listen::Callback;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout, catch)]
    fn set_timeout(callback: &JsValue, ms: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = clearTimeout, catch)]
    fn clear_timeout(id: &JsValue) -> Result<(), JsValue>;
}

/// Calls back once; never when it is dropped before.
pub struct Timer {
    id: JsValue,
    _callback: Option<Callback>,
}

impl Timer {
    /// Starts it. More than 24 days run as 24 days: a browser would take them for none.
    pub fn new(ms: f64, run: Rc<dyn Fn()>) -> Tried<Self> {
        let callback: Callback = Closure::wrap(Box::new(move |_| run()) as Box<dyn Fn(JsValue)>);
        let mut timer = Timer::of(ms, &callback)?;
        timer._callback = Some(callback);
        Ok(timer)
    }

    /// Starts it with a callback that the caller keeps; it is called with `undefined`.
    pub(super) fn of(ms: f64, callback: &Callback) -> Tried<Self> {
        let id = set_timeout(callback.as_ref(), ms.clamp(0.0, f64::from(i32::MAX))).map_err(|_| Failed)?;
        Ok(Timer { id, _callback: None })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id).ok();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::Cell;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// Lets the page run for a while.
    pub async fn wait(ms: f64) {
        let promise = js_sys::Promise::new(&mut |done, _| {
            let timer = Rc::new(Cell::new(None));
            let held = timer.clone();
            timer.set(
                Timer::new(
                    ms,
                    Rc::new(move || {
                        done.call0(&JsValue::NULL).unwrap();
                        drop(held.take());
                    }),
                )
                .ok(),
            );
        });
        wasm_bindgen_futures::JsFuture::from(promise).await.unwrap();
    }

    fn count(runs: &Rc<Cell<u32>>) -> Rc<dyn Fn()> {
        let runs = runs.clone();
        Rc::new(move || runs.set(runs.get() + 1))
    }

    #[wasm_bindgen_test]
    async fn runs_once() {
        let runs = Rc::new(Cell::new(0));
        let timer = Timer::new(10.0, count(&runs));
        assert_eq!(runs.get(), 0);
        wait(60.0).await;
        assert_eq!(runs.get(), 1);
        drop(timer);
    }

    #[wasm_bindgen_test]
    async fn dropped_is_cancelled_and_far_is_not_now() {
        let runs = Rc::new(Cell::new(0));
        drop(Timer::new(1.0, count(&runs)));
        let far = Timer::new(1e12, count(&runs));
        wait(60.0).await;
        assert_eq!(runs.get(), 0);
        drop(far);
    }

    #[wasm_bindgen_test]
    async fn may_be_dropped_by_its_own_callback() {
        let slot = Rc::new(Cell::new(None));
        let runs = Rc::new(Cell::new(0));
        slot.set(
            Timer::new(1.0, {
                let (slot, runs) = (slot.clone(), runs.clone());
                Rc::new(move || {
                    drop(slot.take());
                    runs.set(runs.get() + 1);
                })
            })
            .ok(),
        );
        wait(40.0).await;
        assert_eq!(runs.get(), 1);
    }
}
