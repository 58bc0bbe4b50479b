//! A message inside a slot of the page.

use std::rc::Rc;

use super::blocks::{OnAnswer, not_shown};
use super::dom::Node;
use super::shown::Shown;
use super::view::{Form, View};
use crate::engine::error::Error;

/// A card on the page. Dropping it takes it out.
pub struct Card(Rc<Shown>);

impl Card {
    /// Draws a message at the end of a slot. A press tells its answer; closing and hiding take the card out first.
    pub fn show(slot: &Node, mut view: View, on: OnAnswer) -> Result<Card, Error> {
        view.form = Form::Card;
        Shown::new(slot, view, on).map(Card).map_err(not_shown)
    }

    /// Draws another message in its place; the same one again touches nothing.
    pub fn update(&self, mut view: View) -> Result<(), Error> {
        view.form = Form::Card;
        self.0.update(view).map_err(not_shown)
    }

    /// Whether it is on the page: its slot may have gone, or the page may have emptied it.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// What to watch for exposure.
    pub fn element(&self) -> &Node {
        &self.0.host
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::Action;
    use crate::web::blocks::tests::{Heard, cart, eval, tier};
    use std::cell::RefCell;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn slot() -> Node {
        let slot = "const s = document.body.appendChild(document.createElement('div')); s.append('before'); return s";
        eval(slot, &[]).unchecked_into()
    }

    fn children(slot: &Node) -> f64 {
        eval("return a.childElementCount", &[slot]).as_f64().unwrap()
    }

    #[wasm_bindgen_test]
    fn a_named_region_that_leaves_the_slot_alone() {
        let slot = slot();
        let card = Card::show(&slot, tier(72), Heard::default().on()).unwrap();
        assert!(card.is_open());
        let told = "const s = a.shadowRoot.querySelector('section');
            return [a.parentNode.textContent, s.getRootNode().getElementById(s.getAttribute('aria-labelledby')).textContent,
                s.lang, getComputedStyle(a).display].join()";
        assert_eq!(eval(told, &[card.element()]), "before,등급 현황,ko,block");
        drop(card);
        assert_eq!(children(&slot), 0.0);
        slot.run("remove").unwrap();
    }

    #[wasm_bindgen_test]
    fn the_same_message_touches_nothing() {
        let slot = slot();
        let card = Card::show(&slot, tier(72), Heard::default().on()).unwrap();
        let section = || eval("return a.shadowRoot.querySelector('h2')", &[card.element()]);
        let before = section();
        card.update(tier(72)).unwrap();
        assert_eq!(section(), before);
        card.update(tier(73)).unwrap();
        assert_ne!(section(), before);
        let now = "return a.shadowRoot.querySelectorAll('section').length + ' ' +
            a.shadowRoot.querySelector('[role=progressbar]').ariaValueNow";
        assert_eq!(eval(now, &[card.element()]), "1 73");
        slot.run("remove").unwrap();
        assert!(!card.is_open());
    }

    #[wasm_bindgen_test]
    fn answers_each_press_and_leaves_when_closed() {
        let (slot, heard) = (slot(), Heard::default());
        let card = Card::show(&slot, tier(72), heard.on()).unwrap();
        let press = |part: &str| {
            let press = "a.shadowRoot.querySelectorAll(b).forEach(e => e.click())";
            eval(press, &[card.element(), &part.into()]);
        };
        press("section, h2, [role=progressbar]");
        assert_eq!(heard.actions(), []);
        press("[data-action=click]");
        assert_eq!(
            heard.answers.borrow().first().and_then(|answer| answer.value.text().map(str::to_string)).as_deref(),
            Some("tier")
        );
        card.update(cart()).unwrap();
        press("[data-action=hide_today]");
        press("[data-action=dismiss]");
        assert_eq!(heard.actions(), [Action::Click, Action::HideToday]);
        assert!(!card.is_open());
        assert_eq!(children(&slot), 0.0);
        slot.run("remove").unwrap();
    }

    #[wasm_bindgen_test]
    fn its_answer_may_update_or_drop_it() {
        let slot = slot();
        let held: Rc<RefCell<Option<Rc<Card>>>> = Rc::default();
        let card = Card::show(&slot, tier(72), {
            let held = held.clone();
            Rc::new(move |_| {
                let card = held.borrow_mut().take();
                card.is_some_and(|card| card.update(tier(99)).is_ok())
            })
        })
        .unwrap();
        let element = card.element().clone();
        held.replace(Some(Rc::new(card)));
        eval("a.shadowRoot.querySelector('button').click()", &[&element]);
        assert_eq!(children(&slot), 0.0);
        slot.run("remove").unwrap();
    }
}
