//! A message in a `<dialog>`: the browser brings the top layer, the inert page behind, Escape and the focus back.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlDialogElement};

use super::blocks::{self, Action, Answer, Controls, OnAnswer};
use super::convert::fault;
use super::listen::Listener;
use super::mutations::Mutations;
use crate::engine::error::Error;
use crate::engine::message::view::View;

thread_local! {
    static LAST: RefCell<Weak<Open>> = const { RefCell::new(Weak::new()) };
}

/// A modal on the page. Dropping it closes it, unanswered, and gives the focus back.
pub struct Modal(Rc<Open>);

struct Open {
    host: Element,
    dialog: HtmlDialogElement,
    controls: Controls,
    on: OnAnswer,
    open: Cell<bool>,
    /// The press began on the content: selecting text past its edge must not close it.
    inside: Cell<bool>,
    watch: Cell<Option<(Listener, Mutations)>>,
}

impl Modal {
    /// Shows a message. It closes itself at the first answer, which is told exactly once and after it is closed.
    pub fn show(view: &View, on: OnAnswer) -> Result<Modal, Error> {
        let last = LAST.with(|last| last.borrow().upgrade());
        if last.is_some_and(|last| last.is_open()) {
            return Err(fault("busy", "another message is open"));
        }
        let modal = Modal::draw(view, on).map_err(blocks::not_shown)?;
        LAST.with(|last| last.replace(Rc::downgrade(&modal.0)));
        Ok(modal)
    }

    fn draw(view: &View, on: OnAnswer) -> Result<Modal, JsValue> {
        let document = blocks::document()?;
        let page = document.document_element().ok_or(JsValue::NULL)?;
        let body = document.body().ok_or(JsValue::NULL)?;
        let (host, root) = blocks::host(&document, "danbi-message")?;
        let dialog: HtmlDialogElement = document.create_element("dialog")?.unchecked_into();
        dialog.set_attribute("part", "dialog")?;
        // The dialog itself takes the focus: a key already on its way down must not press a button.
        dialog.set_attribute("autofocus", "")?;
        let controls = blocks::draw(&document, &dialog, view)?;
        root.append_child(&dialog)?;
        body.append_child(&host)?;
        let modal = Modal(Rc::new(Open {
            host,
            dialog,
            controls,
            on,
            open: Cell::new(true),
            inside: Cell::new(false),
            watch: Cell::new(None),
        }));
        // From here on a failure drops `modal`, which takes the element out again.
        let open = Rc::downgrade(&modal.0);
        let listener = Listener::new(&modal.0.dialog, &["click", "pointerdown", "cancel", "close"], move |event| {
            if let Some(open) = open.upgrade() {
                open.heard(event.unchecked_ref());
            }
        })?;
        let open = Rc::downgrade(&modal.0);
        let mutations = Mutations::new(&page, "open", move || {
            if let Some(open) = open.upgrade().filter(|open| !open.host.is_connected()) {
                open.answer(Answer::bare(Action::Gone));
            }
        })?;
        modal.0.watch.set(Some((listener, mutations)));
        modal.0.dialog.show_modal()?;
        Ok(modal)
    }

    /// Whether it is on the page.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// What to watch for exposure.
    pub fn element(&self) -> &Element {
        &self.0.dialog
    }
}

impl Drop for Modal {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Open {
    fn is_open(&self) -> bool {
        self.open.get() && self.host.is_connected()
    }

    fn heard(&self, event: &Event) {
        let target: JsValue = event.target().into();
        let dialog: &JsValue = &self.dialog;
        let beside = *dialog == target;
        match event.type_().as_str() {
            "pointerdown" => self.inside.set(!beside),
            "click" if beside => {
                if !self.inside.replace(false) {
                    self.answer(Answer::bare(Action::Dismiss));
                }
            }
            "click" => {
                if let Some(answer) = blocks::answer(&self.controls, &target) {
                    self.answer(answer);
                }
            }
            // `cancel` is Escape and the phone's back gesture; some closings come without it.
            _ => self.answer(Answer::bare(Action::Dismiss)),
        }
    }

    fn answer(&self, answer: Answer) {
        if self.end() {
            blocks::deliver(&self.on, answer);
        }
    }

    /// Takes it off the page; false when it was off already.
    fn end(&self) -> bool {
        if !self.open.replace(false) {
            return false;
        }
        drop(self.watch.take());
        // Closed before removed: closing is what gives the focus back.
        self.dialog.close();
        self.host.remove();
        true
    }
}
