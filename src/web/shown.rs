//! A message on the page: what modal and card share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::blocks::{self, Action, Answer, Controls, OnAnswer, Pen};
use super::dom::{Node, Tried, document, get};
use super::listen::{Callback, Hear, Listener, callback, kind, weak};
use super::mutations::Mutations;
use super::view::{Form, View};

/// Host element, shadow root, dialog or section.
pub(super) struct Shown {
    pub(super) host: Node,
    pub(super) top: Node,
    modal: bool,
    drawn: RefCell<(Option<View>, Rc<Controls>)>,
    on: OnAnswer,
    open: Cell<bool>,
    /// The press began on the content: selecting text past its edge must not close it.
    inside: Cell<bool>,
    watch: Cell<Option<(Listener, Option<Mutations>, Callback)>>,
}

impl Shown {
    /// Draws a message at the end of an element.
    pub(super) fn new(into: &Node, view: View, on: OnAnswer) -> Tried<Rc<Shown>> {
        let pen = Pen::new()?;
        let modal = view.form == Form::Modal;
        let (tag, inner, part) =
            if modal { ("danbi-message", "dialog", "dialog") } else { ("danbi-card", "section", "card") };
        let host = pen.loose(tag);
        let root = pen.shadow(&host);
        let top = pen.element(&root, inner, part, "");
        let shown = Rc::new(Shown {
            host,
            top,
            modal,
            drawn: RefCell::default(),
            on,
            open: Cell::new(false),
            inside: Cell::new(false),
            watch: Cell::new(None),
        });
        shown.draw(&pen, view)?;
        let callback = callback(weak(&shown));
        let listener = Listener::new(&shown.top, &["click", "pointerdown", "cancel", "close"], &callback)?;
        let page = document()?.near("documentElement");
        let mutations = match page {
            Ok(page) if modal => Some(Mutations::new(&page, "open", &callback)?),
            _ => None,
        };
        into.append(&shown.host)?;
        shown.open.set(true);
        shown.watch.set(Some((listener, mutations, callback)));
        if modal {
            if let Err(error) = shown.top.run("showModal") {
                shown.end();
                return Err(error);
            }
            // The dialog itself takes the focus, from its first button, into view for which a long message scrolled:
            // a key that is already on its way down must not press anything.
            shown.top.run("focus").ok();
            shown.top.set_scroll(0.0);
        }
        Ok(shown)
    }

    /// Draws another message in its place; the same one again touches nothing.
    pub(super) fn update(&self, view: View) -> Tried<()> {
        let same = self.drawn.borrow().0.as_ref() == Some(&view);
        if same {
            return Ok(());
        }
        let pen = Pen::new()?;
        pen.fill(&self.top, "");
        self.draw(&pen, view)
    }

    fn draw(&self, pen: &Pen, view: View) -> Tried<()> {
        if self.modal {
            pen.set(&self.top, "tabindex", "-1");
        }
        let controls = pen.message(&self.top, &view);
        self.drawn.replace((Some(view), Rc::new(controls)));
        pen.done()
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.get() && self.host.is("isConnected")
    }

    fn answer(&self, answer: &Answer) {
        // A card stays when one of its buttons is pressed.
        if (!self.modal && answer.action == Action::Click) || self.end() {
            blocks::deliver(&self.on, answer);
        }
    }

    /// Takes it off the page; false when it was off already.
    pub(super) fn end(&self) -> bool {
        if !self.open.replace(false) {
            return false;
        }
        drop(self.watch.take());
        if self.modal {
            // Closed before removed: closing is what gives the focus back.
            self.top.run("close").ok();
        }
        self.host.run("remove").ok();
        true
    }
}

impl Hear for Shown {
    fn hear(&self, what: JsValue) {
        let target = get(&what, "target");
        let beside = target == *self.top;
        let action = match kind(&what).as_string().as_deref() {
            Some("pointerdown") => return self.inside.set(!beside),
            Some("click") if !beside => {
                let controls = self.drawn.borrow().1.clone();
                if let Some((_, answer)) = controls.iter().find(|(control, _)| target == **control) {
                    self.answer(answer);
                }
                return;
            }
            Some("click") if !self.modal || self.inside.replace(false) => return,
            // `cancel` is Escape and the phone's back gesture; some closings come without it, as `close` alone.
            Some(_) => Action::Dismiss,
            None if self.host.is("isConnected") => return,
            None => Action::Gone,
        };
        self.answer(&Answer::bare(action));
    }
}
