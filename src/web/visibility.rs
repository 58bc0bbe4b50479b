//! Exposure: at least half of an element in view for one second without a break, on a page that is itself visible.

use std::cell::Cell;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::blocks::not_shown;
use super::convert::object;
use super::dom::{NONE, Node, Tried, ask, document, done, get, make, tell};
use super::listen::{Callback, Hear, Listener, callback, kind};
use super::timer::Timer;
use crate::engine::error::Error;

/// How much of it, and for how long.
const SHARE: f64 = 0.5;
const MS: f64 = 1000.0;

/// Waits for one exposure; dropping it ends the waiting.
pub struct Exposure(Rc<Waiting>);

struct Waiting {
    document: Node,
    on: Rc<dyn Fn()>,
    in_view: Cell<bool>,
    timer: Cell<Option<Timer>>,
    callback: Callback,
    watch: Cell<Option<(JsValue, Listener)>>,
}

impl Exposure {
    /// Calls back once, when the element has been seen.
    pub fn watch(target: &Node, on: Rc<dyn Fn()>) -> Result<Exposure, Error> {
        Exposure::start(target, on).map_err(not_shown)
    }

    fn start(target: &Node, on: Rc<dyn Fn()>) -> Tried<Exposure> {
        let document = document()?;
        let waiting = Rc::new_cyclic(|waiting: &Weak<Waiting>| Waiting {
            document,
            on,
            in_view: Cell::new(false),
            timer: Cell::new(None),
            callback: callback(waiting.clone()),
            watch: Cell::new(None),
        });
        let callback = &waiting.callback;
        let observer = make("IntersectionObserver", callback.as_ref(), &object(&[("threshold", SHARE.into())]));
        let listener = Listener::new(&waiting.document, &["visibilitychange"], callback)?;
        done(tell(&observer, "observe", target, NONE))?;
        waiting.watch.set(Some((observer, listener)));
        Ok(Exposure(waiting))
    }
}

impl Drop for Exposure {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Hear for Waiting {
    fn hear(&self, what: JsValue) {
        if what.is_undefined() {
            // The timer: the second is over.
            if self.end() {
                (self.on)();
            }
            return;
        }
        if kind(&what).is_undefined() {
            // No event, so a list of entries; the last is the newest.
            let ratio = get(&ask(&what, "pop", NONE, NONE), "intersectionRatio").as_f64();
            self.in_view.set(ratio >= Some(SHARE));
        }
        // Each break begins the second anew.
        let timer = self.timer.take();
        if self.in_view.get() && !self.document.is("hidden") {
            self.timer.set(timer.or_else(|| Timer::of(MS, &self.callback).ok()));
        }
    }
}

impl Waiting {
    /// Stops watching; false when it had stopped already.
    fn end(&self) -> bool {
        drop(self.timer.take());
        let Some((observer, listener)) = self.watch.take() else {
            return false;
        };
        tell(&observer, "disconnect", NONE, NONE);
        drop(listener);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{cart, eval, restoring};
    use crate::web::modal::Modal;
    use crate::web::timer::tests::wait;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn block() -> Node {
        let block = "const d = document.body.appendChild(document.createElement('div'));
            d.style.cssText = 'position:fixed;top:0;left:0;width:100px;height:100px'; return d";
        eval(block, &[]).unchecked_into()
    }

    fn watch(target: &Node) -> (Exposure, Rc<Cell<u32>>) {
        let seen = Rc::new(Cell::new(0));
        let on = seen.clone();
        (Exposure::watch(target, Rc::new(move || on.set(on.get() + 1))).unwrap(), seen)
    }

    #[wasm_bindgen_test]
    async fn once_after_a_second() {
        let target = block();
        let (exposure, seen) = watch(&target);
        wait(850.0).await;
        assert_eq!(seen.get(), 0);
        wait(400.0).await;
        assert_eq!(seen.get(), 1);
        eval("a.style.top = '-100px'", &[&target]);
        wait(100.0).await;
        eval("a.style.top = '0'", &[&target]);
        wait(1200.0).await;
        assert_eq!(seen.get(), 1);
        drop(exposure);
        target.run("remove").unwrap();
    }

    #[wasm_bindgen_test]
    async fn a_break_begins_the_second_anew() {
        let target = block();
        let (_exposure, seen) = watch(&target);
        wait(600.0).await;
        eval("a.style.top = '-60px'", &[&target]);
        wait(300.0).await;
        eval("a.style.top = '0'", &[&target]);
        wait(700.0).await;
        assert_eq!(seen.get(), 0);
        wait(600.0).await;
        assert_eq!(seen.get(), 1);
        target.run("remove").unwrap();
    }

    #[wasm_bindgen_test]
    async fn less_than_half_or_dropped_is_never() {
        let (half, gone, taken) = (block(), block(), block());
        eval("a.style.top = '-60px'", &[&half]);
        let (_less, less) = watch(&half);
        let (dropped, never) = watch(&gone);
        let (_kept, away) = watch(&taken);
        wait(500.0).await;
        drop(dropped);
        taken.run("remove").unwrap();
        wait(900.0).await;
        assert_eq!((less.get(), never.get(), away.get()), (0, 0, 0));
        half.run("remove").unwrap();
        gone.run("remove").unwrap();
    }

    #[wasm_bindgen_test]
    async fn a_hidden_page_does_not_count() {
        let target = block();
        let (_exposure, seen) = watch(&target);
        wait(300.0).await;
        eval(
            "Object.defineProperty(document, 'hidden', { value: true, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'))",
            &[],
        );
        wait(1000.0).await;
        assert_eq!(seen.get(), 0);
        eval("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))", &[]);
        wait(800.0).await;
        assert_eq!(seen.get(), 0);
        wait(500.0).await;
        assert_eq!(seen.get(), 1);
        target.run("remove").unwrap();
    }

    #[wasm_bindgen_test]
    async fn a_modal_is_seen_and_its_watcher_may_drop_it() {
        let modal = Modal::show(cart(), Rc::new(|_| true)).unwrap();
        let held: Rc<Cell<Option<Exposure>>> = Rc::default();
        let seen = Rc::new(Cell::new(0));
        let on = {
            let (held, seen) = (held.clone(), seen.clone());
            move || {
                drop(held.take());
                seen.set(seen.get() + 1);
            }
        };
        held.set(Exposure::watch(modal.element(), Rc::new(on)).ok());
        wait(1400.0).await;
        assert_eq!(seen.get(), 1);
    }

    #[wasm_bindgen_test]
    fn a_browser_without_it_is_an_error() {
        let target = block();
        let observer = restoring("IntersectionObserver");
        eval("delete window.IntersectionObserver", &[]);
        assert!(Exposure::watch(&target, Rc::new(|| {})).is_err());
        drop(observer);
        target.run("remove").unwrap();
    }
}
