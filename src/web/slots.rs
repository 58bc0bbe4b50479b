//! The slots of the page, as they come and go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element};

use super::blocks::{document, not_shown};
use super::mutations::Mutations;
use crate::engine::error::Error;

const ATTRIBUTE: &str = "data-danbi-slot";

/// Hears of a slot: its name, its element, and whether it is there (true) or gone (false).
pub type OnSlot = Rc<dyn Fn(&str, &Element, bool)>;

/// Watches the page's slots; dropping it ends that.
pub struct Slots {
    seen: Rc<Seen>,
    _mutations: Mutations,
}

struct Seen {
    document: Document,
    known: RefCell<Rc<Vec<(String, Element)>>>,
    watching: Cell<bool>,
    on: OnSlot,
}

impl Slots {
    /// Tells the slots that are there before it returns, and those that come and go from then on.
    pub fn watch(on: OnSlot) -> Result<Slots, Error> {
        Slots::start(on).map_err(not_shown)
    }

    fn start(on: OnSlot) -> Result<Slots, JsValue> {
        let document = document()?;
        let page = document.document_element().ok_or(JsValue::NULL)?;
        let seen = Rc::new(Seen { document, known: RefCell::default(), watching: Cell::new(true), on });
        let weak = Rc::downgrade(&seen);
        let mutations = Mutations::new(&page, ATTRIBUTE, move || {
            if let Some(seen) = weak.upgrade() {
                seen.look();
            }
        })?;
        seen.look();
        Ok(Slots { seen, _mutations: mutations })
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.seen.watching.set(false);
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
    fn tell(&self, these: &[(String, Element)], others: &[(String, Element)], here: bool) {
        for slot in these {
            if self.watching.get() && !others.contains(slot) {
                (self.on)(&slot.0, &slot.1, here);
            }
        }
    }

    fn query(&self) -> Vec<(String, Element)> {
        let Ok(found) = self.document.query_selector_all("[data-danbi-slot]") else {
            return Vec::new();
        };
        (0..found.length())
            .filter_map(|index| {
                let element: Element = found.item(index)?.unchecked_into();
                Some((element.get_attribute(ATTRIBUTE)?, element))
            })
            .collect()
    }
}
