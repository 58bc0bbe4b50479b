//! The slots of the page, as they come and go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::blocks::not_shown;
use super::dom::{Node, Tried, document};
use super::listen::{Callback, Hear, callback, weak};
use super::mutations::Mutations;
use crate::engine::error::Error;

const ATTRIBUTE: &str = "data-danbi-slot";

/// Hears of a slot: its name, its element, and whether it is there (true) or gone (false).
pub type OnSlot = Rc<dyn Fn(&str, &Node, bool)>;

/// Watches the page's slots; dropping it ends that.
pub struct Slots {
    seen: Rc<Seen>,
    _watch: (Mutations, Callback),
}

struct Seen {
    document: Node,
    known: RefCell<Rc<Vec<(String, Node)>>>,
    watching: Cell<bool>,
    on: OnSlot,
}

impl Slots {
    /// Tells the slots that are there before it returns, and those that come and go from then on.
    pub fn watch(on: OnSlot) -> Result<Slots, Error> {
        Slots::start(on).map_err(not_shown)
    }

    fn start(on: OnSlot) -> Tried<Slots> {
        let document = document()?;
        let page = document.near("documentElement")?;
        let seen = Rc::new(Seen { document, known: RefCell::default(), watching: Cell::new(true), on });
        let callback = callback(weak(&seen));
        let mutations = Mutations::new(&page, ATTRIBUTE, &callback)?;
        seen.look();
        Ok(Slots { seen, _watch: (mutations, callback) })
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.seen.watching.set(false);
    }
}

impl Hear for Seen {
    fn hear(&self, _: JsValue) {
        self.look();
    }
}

impl Seen {
    /// Asks the page anew and tells the difference: one native query is cheaper than reading every mutation record.
    fn look(&self) {
        let now = Rc::new(self.query());
        let before = self.known.replace(now.clone());
        self.tell(&before, &now, false);
        self.tell(&now, &before, true);
    }

    /// Tells those of `these` that are not among `others`. The listener may do anything, even end the watching.
    fn tell(&self, these: &[(String, Node)], others: &[(String, Node)], here: bool) {
        for slot in these {
            if self.watching.get() && !others.contains(slot) {
                (self.on)(&slot.0, &slot.1, here);
            }
        }
    }

    fn query(&self) -> Vec<(String, Node)> {
        let mut slots = Vec::new();
        if let Ok(found) = self.document.all("[data-danbi-slot]") {
            let mut index = 0;
            while let Some(slot) = found.at(index).ok().filter(JsValue::is_object) {
                let slot: Node = slot.unchecked_into();
                if let Some(name) = slot.attribute(ATTRIBUTE).as_string() {
                    slots.push((name, slot));
                }
                index += 1;
            }
        }
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{eval, restoring};
    use crate::web::timer::tests::wait;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn heard() -> (Rc<RefCell<Vec<String>>>, OnSlot) {
        let heard: Rc<RefCell<Vec<String>>> = Rc::default();
        let on = heard.clone();
        (heard, Rc::new(move |name, _, here| on.borrow_mut().push([if here { "+" } else { "-" }, name].concat())))
    }

    #[wasm_bindgen_test]
    async fn hears_of_slots_early_late_renamed_and_removed() {
        let page = eval(
            "const p = document.body.appendChild(document.createElement('div'));
            p.innerHTML = '<i data-danbi-slot=hero></i>'; return p",
            &[],
        );
        let (heard, on) = heard();
        let slots = Slots::watch(on).unwrap();
        let take = || heard.take().join(" ");
        assert_eq!(take(), "+hero");
        eval("a.insertAdjacentHTML('beforeend', '<p><i data-danbi-slot=tier></i></p><b></b>')", &[&page]);
        assert_eq!(take(), "");
        wait(10.0).await;
        assert_eq!(take(), "+tier");
        eval("a.querySelector('b').dataset.danbiSlot = 'late'", &[&page]);
        wait(10.0).await;
        assert_eq!(take(), "+late");
        eval("a.querySelector('b').dataset.danbiSlot = 'named'; a.append(a.firstChild)", &[&page]);
        wait(10.0).await;
        assert_eq!(take(), "-late +named");
        // Two of one name, and back out within one batch: neither told.
        eval("const i = document.createElement('i'); i.dataset.danbiSlot = 'brief'; a.append(i); i.remove()", &[&page]);
        wait(10.0).await;
        assert_eq!(take(), "");
        eval("a.querySelector('p').remove()", &[&page]);
        wait(10.0).await;
        assert_eq!(take(), "-tier");
        drop(slots);
        eval("a.remove()", &[&page]);
        wait(10.0).await;
        assert_eq!(take(), "");
    }

    #[wasm_bindgen_test]
    async fn may_be_dropped_while_it_tells() {
        let page = eval("return document.body.appendChild(document.createElement('div'))", &[]);
        let held: Rc<RefCell<Option<Slots>>> = Rc::default();
        let told = Rc::new(Cell::new(0));
        let slots = Slots::watch({
            let (held, told) = (held.clone(), told.clone());
            Rc::new(move |_, _, _| {
                told.set(told.get() + 1);
                let slots = held.borrow_mut().take();
                drop(slots);
            })
        })
        .unwrap();
        held.replace(Some(slots));
        eval("a.innerHTML = '<i data-danbi-slot=a></i><i data-danbi-slot=b></i>'", &[&page]);
        wait(10.0).await;
        assert_eq!(told.get(), 1);
        eval("a.remove()", &[&page]);
    }

    #[wasm_bindgen_test]
    fn a_browser_without_observers_is_an_error() {
        let _observer = restoring("MutationObserver");
        eval("delete window.MutationObserver", &[]);
        assert_eq!(Slots::watch(heard().1).map(drop).unwrap_err().code, "not_shown");
    }
}
