//! A message inside a slot of the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, ShadowRoot};

use super::blocks::{self, Action, Controls, OnAnswer};
use super::listen::Listener;
use crate::engine::error::Error;
use crate::engine::message::view::View;

/// A card on the page. Dropping it takes it out.
pub struct Card(Rc<Open>);

struct Open {
    host: Element,
    root: ShadowRoot,
    on: OnAnswer,
    drawn: RefCell<Option<Rc<Drawn>>>,
    listener: Cell<Option<Listener>>,
}

struct Drawn {
    view: View,
    section: Element,
    controls: Controls,
}

impl Card {
    /// Draws a message at the end of a slot. A press tells its answer; closing and hiding take the card out first.
    pub fn show(slot: &Element, view: &View, on: OnAnswer) -> Result<Card, Error> {
        Card::draw(slot, view, on).map_err(blocks::not_shown)
    }

    fn draw(slot: &Element, view: &View, on: OnAnswer) -> Result<Card, JsValue> {
        let document = blocks::document()?;
        let (host, root) = blocks::host(&document, "danbi-card")?;
        let open = Rc::new(Open { host, root, on, drawn: RefCell::new(None), listener: Cell::new(None) });
        open.draw(&document, view)?;
        let weak = Rc::downgrade(&open);
        open.listener.set(Some(Listener::new(&open.root, &["click"], move |event| {
            if let Some(open) = weak.upgrade() {
                open.pressed(event.unchecked_ref());
            }
        })?));
        slot.append_child(&open.host)?;
        Ok(Card(open))
    }

    /// Draws another message in its place; the same one again touches nothing.
    pub fn update(&self, view: &View) -> Result<(), Error> {
        let same = self.0.drawn.borrow().as_ref().is_some_and(|drawn| drawn.view == *view);
        if same {
            return Ok(());
        }
        blocks::document().and_then(|document| self.0.draw(&document, view)).map_err(blocks::not_shown)
    }

    /// Whether it is on the page: its slot may have gone, or the page may have emptied it.
    pub fn is_open(&self) -> bool {
        self.0.host.is_connected()
    }

    /// What to watch for exposure.
    pub fn element(&self) -> &Element {
        &self.0.host
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Open {
    fn draw(&self, document: &Document, view: &View) -> Result<(), JsValue> {
        let section = document.create_element("section")?;
        section.set_attribute("part", "card")?;
        let controls = blocks::draw(document, &section, view)?;
        self.root.append_child(&section)?;
        let drawn = Rc::new(Drawn { view: view.clone(), section, controls });
        if let Some(before) = self.drawn.replace(Some(drawn)) {
            before.section.remove();
        }
        Ok(())
    }

    fn pressed(&self, event: &Event) {
        let drawn = self.drawn.borrow().clone();
        let target: JsValue = event.target().into();
        if let Some(answer) = drawn.and_then(|drawn| blocks::answer(&drawn.controls, &target)) {
            if answer.action != Action::Click {
                self.end();
            }
            blocks::deliver(&self.on, answer);
        }
    }

    fn end(&self) {
        drop(self.listener.take());
        self.host.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{Heard, cart, eval, tier};
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn slot() -> Element {
        let slot = "const s = document.body.appendChild(document.createElement('div')); s.append('before'); return s";
        eval(slot, &[]).unchecked_into()
    }

    #[wasm_bindgen_test]
    fn a_named_region_that_leaves_the_slot_alone() {
        let slot = slot();
        let card = Card::show(&slot, &tier(72), Heard::default().on()).unwrap();
        assert!(card.is_open());
        let told = "const s = a.shadowRoot.querySelector('section');
            return [a.parentNode.textContent, s.getRootNode().getElementById(s.getAttribute('aria-labelledby')).textContent,
                s.lang, getComputedStyle(a).display].join()";
        assert_eq!(eval(told, &[card.element()]), "before,등급 현황,ko,block");
        drop(card);
        assert_eq!(slot.child_element_count(), 0);
        slot.remove();
    }

    #[wasm_bindgen_test]
    fn the_same_message_touches_nothing() {
        let slot = slot();
        let card = Card::show(&slot, &tier(72), Heard::default().on()).unwrap();
        let section = || eval("return a.shadowRoot.querySelector('section')", &[card.element()]);
        let before = section();
        card.update(&tier(72)).unwrap();
        assert_eq!(section(), before);
        card.update(&tier(73)).unwrap();
        assert_ne!(section(), before);
        let now = "return a.shadowRoot.querySelectorAll('section').length + ' ' +
            a.shadowRoot.querySelector('[role=progressbar]').ariaValueNow";
        assert_eq!(eval(now, &[card.element()]), "1 73");
        slot.remove();
        assert!(!card.is_open());
    }

    #[wasm_bindgen_test]
    fn answers_each_press_and_leaves_when_closed() {
        let (slot, heard) = (slot(), Heard::default());
        let card = Card::show(&slot, &tier(72), heard.on()).unwrap();
        let press = |part: &str| {
            let press = "a.shadowRoot.querySelectorAll(b).forEach(e => e.click())";
            eval(press, &[card.element(), &part.into()]);
        };
        press("section, h2, [role=progressbar]");
        assert_eq!(heard.actions(), []);
        press("[data-action=click]");
        assert_eq!(heard.answers.borrow().first().and_then(|answer| answer.value.clone()).as_deref(), Some("tier"));
        card.update(&cart()).unwrap();
        press("[data-action=hide_today]");
        press("[data-action=dismiss]");
        assert_eq!(heard.actions(), [Action::Click, Action::HideToday]);
        assert!(!card.is_open());
        assert_eq!(slot.child_element_count(), 0);
        slot.remove();
    }

    #[wasm_bindgen_test]
    fn its_answer_may_update_or_drop_it() {
        let slot = slot();
        let held: Rc<RefCell<Option<Rc<Card>>>> = Rc::default();
        let card = Card::show(&slot, &tier(72), {
            let held = held.clone();
            Rc::new(move |_| {
                let card = held.borrow_mut().take();
                card.is_some_and(|card| card.update(&tier(99)).is_ok())
            })
        })
        .unwrap();
        let element = card.element().clone();
        held.replace(Some(Rc::new(card)));
        eval("a.shadowRoot.querySelector('button').click()", &[&element]);
        assert_eq!(slot.child_element_count(), 0);
        slot.remove();
    }
}
