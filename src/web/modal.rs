//! A message in a `<dialog>`: the browser brings the top layer, the inert page behind, Escape and the focus back.

use std::rc::Rc;

use super::blocks::{self, OnAnswer};
use super::convert::fault;
use super::dom::{Node, document};
use super::shown::Shown;
use super::view::{Form, View};
use crate::engine::error::Error;

/// A modal on the page. Dropping it closes it, unanswered, and gives the focus back.
pub struct Modal(Rc<Shown>);

impl Modal {
    /// Shows a message, at most one at a time. It closes itself at the first answer, which is told exactly once and
    /// after it is closed.
    pub fn show(mut view: View, on: OnAnswer) -> Result<Modal, Error> {
        view.form = Form::Modal;
        let document = document().map_err(blocks::not_shown)?;
        // Asked of the page, which may have taken the last one away, and where another danbi may have opened one.
        if document.all("danbi-message").is_ok_and(|open| open.at(0).is_ok_and(|open| open.is_object())) {
            return Err(fault("busy", "another message is open"));
        }
        let body = document.near("body").map_err(blocks::not_shown)?;
        Shown::new(&body, view, on).map(Modal).map_err(blocks::not_shown)
    }

    /// Whether it is on the page.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// What to watch for exposure.
    pub fn element(&self) -> &Node {
        &self.0.top
    }
}

impl Drop for Modal {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::blocks::tests::{Heard, cart, eval, restoring};
    use crate::web::blocks::{Action, Answer};
    use crate::web::timer::tests::wait;
    use crate::web::view::Block;
    use std::cell::Cell;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn show() -> (Modal, Heard) {
        let heard = Heard::default();
        heard.handles.set(true);
        (Modal::show(cart(), heard.on()).unwrap(), heard)
    }

    fn count() -> f64 {
        eval("return document.querySelectorAll('danbi-message').length", &[]).as_f64().unwrap()
    }

    /// Does something to the dialog twice, and waits for the events that come late.
    async fn once(source: &str) -> (Vec<Action>, Heard) {
        let (modal, heard) = show();
        for _ in 0..2 {
            eval(source, &[modal.element()]);
        }
        wait(30.0).await;
        assert!(!modal.is_open());
        assert_eq!(count(), 0.0);
        drop(modal);
        (heard.actions(), heard)
    }

    #[wasm_bindgen_test]
    async fn every_way_out_answers_once() {
        let out = [
            ("a.dispatchEvent(new Event('cancel', { cancelable: true }))", Action::Dismiss),
            ("a.close()", Action::Dismiss),
            ("a.requestClose ? a.requestClose() : a.close()", Action::Dismiss),
            ("a.click()", Action::Dismiss),
            ("a.querySelector('[part=close]').click()", Action::Dismiss),
            ("a.querySelector('[data-action=hide_today]').click()", Action::HideToday),
            ("a.querySelector('[part=button]:last-child').click()", Action::Click),
            ("a.getRootNode().host.remove()", Action::Gone),
            (
                "document.body.replaceChildren(...[...document.body.children].filter(e => e.localName != 'danbi-message'))",
                Action::Gone,
            ),
        ];
        for (source, action) in out {
            let (actions, _) = once(source).await;
            assert_eq!(actions, [action], "{source}");
        }
        let (_, heard) = once("a.querySelector('[part=button]').click()").await;
        let (value, url) = ("cart".into(), Some("#danbi-cart".into()));
        let answer = Answer { value, url, ..Answer::bare(Action::Click) };
        assert_eq!(*heard.answers.borrow(), [answer]);
    }

    #[wasm_bindgen_test]
    async fn selecting_text_past_its_edge_does_not_close_it() {
        let (modal, heard) = show();
        let press = "a.querySelector(b).dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))";
        eval(press, &[modal.element(), &"[part=text]".into()]);
        eval("a.click()", &[modal.element()]);
        eval("a.querySelector('[part=text]').click()", &[modal.element()]);
        wait(30.0).await;
        assert!(modal.is_open());
        assert_eq!(heard.actions(), []);
    }

    #[wasm_bindgen_test]
    fn focus_goes_in_and_back() {
        let before =
            eval("const e = document.body.appendChild(document.createElement('button')); e.focus(); return e", &[]);
        let (modal, _) = show();
        let inside =
            "return document.activeElement.localName + '>' + document.activeElement.shadowRoot.activeElement.localName";
        assert_eq!(eval(inside, &[]), "danbi-message>dialog");
        assert_eq!(eval("return a.matches(':modal')", &[modal.element()]), JsValue::TRUE);
        drop(modal);
        assert_eq!(eval("return document.activeElement", &[]), before);
        let (modal, _) = show();
        eval("a.querySelector('[part=close]').click()", &[modal.element()]);
        assert_eq!(eval("return document.activeElement", &[]), before);
        eval("a.remove()", &[&before]);
        // The element that had the focus may be gone by then.
        let before =
            eval("const e = document.body.appendChild(document.createElement('button')); e.focus(); return e", &[]);
        let (modal, _) = show();
        eval("a.remove()", &[&before]);
        drop(modal);
        assert_eq!(eval("return document.activeElement === document.body", &[]), JsValue::TRUE);
    }

    #[wasm_bindgen_test]
    async fn dropped_is_unanswered() {
        let (modal, heard) = show();
        assert_eq!(count(), 1.0);
        drop(modal);
        wait(30.0).await;
        assert_eq!(count(), 0.0);
        assert_eq!(heard.actions(), []);
    }

    #[wasm_bindgen_test]
    async fn one_at_a_time_and_never_stuck() {
        let (modal, heard) = show();
        let busy = Modal::show(cart(), heard.on()).map(drop).unwrap_err();
        assert_eq!(busy.code, "busy");
        assert_eq!(count(), 1.0);
        // Taken away by the page: the next one may come at once, before any event told.
        eval("a.getRootNode().host.remove()", &[modal.element()]);
        assert!(!modal.is_open());
        let next = Modal::show(cart(), heard.on()).unwrap();
        wait(30.0).await;
        assert_eq!(heard.actions(), [Action::Gone]);
        assert!(next.is_open());
    }

    #[wasm_bindgen_test]
    fn its_answer_may_open_the_next() {
        let next = Rc::new(Cell::new(None));
        let modal = Modal::show(cart(), {
            let next = next.clone();
            Rc::new(move |_| {
                next.set(Modal::show(cart(), Rc::new(|_| true)).ok());
                true
            })
        })
        .unwrap();
        eval("a.click()", &[modal.element()]);
        drop(modal);
        assert!(next.take().is_some_and(|next| next.is_open()));
    }

    #[wasm_bindgen_test]
    fn its_answer_may_drop_it() {
        let slot = Rc::new(Cell::new(None));
        let heard = Heard::default();
        let modal = Modal::show(cart(), {
            let (slot, on) = (slot.clone(), heard.on());
            Rc::new(move |answer| {
                drop(slot.take());
                on(answer)
            })
        })
        .unwrap();
        let element = modal.element().clone();
        slot.set(Some(modal));
        eval("a.click()", &[&element]);
        assert_eq!(heard.actions(), [Action::Dismiss]);
        assert_eq!(count(), 0.0);
    }

    #[wasm_bindgen_test]
    fn without_dialog_or_shadow_there_is_no_message() {
        let away = |object: &str, method: &str| {
            let kept = ["const kept = ", object, ".", method, "; ", object, ".", method, " = undefined;"].concat();
            eval(&[kept.as_str(), " return () => { ", object, ".", method, " = kept }"].concat(), &[])
        };
        let close = away("HTMLDialogElement.prototype", "close");
        for (object, method) in [
            ("HTMLDialogElement.prototype", "showModal"),
            ("Element.prototype", "attachShadow"),
            ("Element.prototype", "setAttribute"),
            ("document", "createElement"),
        ] {
            let back = away(object, method);
            let error = Modal::show(cart(), Rc::new(|_| true)).map(drop).unwrap_err();
            eval("a()", &[&back]);
            assert_eq!(error.code, "not_shown");
            assert_eq!(count(), 0.0);
        }
        eval("a()", &[&close]);
        let observer = restoring("MutationObserver");
        eval("delete window.MutationObserver", &[]);
        assert!(Modal::show(cart(), Rc::new(|_| true)).is_err());
        drop(observer);
        assert_eq!(count(), 0.0);
        assert!(Modal::show(cart(), Rc::new(|_| true)).is_ok());
    }

    #[wasm_bindgen_test]
    fn a_long_one_begins_at_its_top_and_keeps_its_way_out_in_sight() {
        let mut view = cart();
        view.blocks.insert(1, Block::Text("긴 글이에요. ".repeat(2000)));
        let modal = Modal::show(view, Rc::new(|_| true)).unwrap();
        let seen = "const out = a.querySelector('[part=close]').getBoundingClientRect();
            return a.scrollTop === 0 && a.scrollHeight > a.clientHeight && out.bottom <= innerHeight && out.top > 0";
        assert_eq!(eval(seen, &[modal.element()]), JsValue::TRUE);
    }

    #[wasm_bindgen_test]
    fn the_page_cannot_bend_it_and_it_fits() {
        let page = eval(
            "const s = document.head.appendChild(document.createElement('style'));
             s.textContent = '*{font-size:7px!important;color:red!important;text-transform:uppercase;line-height:9;margin:50px}';
             return s",
            &[],
        );
        let (modal, _) = show();
        let style = "const s = getComputedStyle(a), t = getComputedStyle(a.querySelector('h2'));
            return [s.fontSize, s.textTransform, t.marginTop, t.fontSize, s.color === 'rgb(255, 0, 0)'].join()";
        assert_eq!(eval(style, &[modal.element()]), "16px,none,0px,20px,false");
        let small =
            "return [...a.querySelectorAll('button')].filter(b => b.offsetHeight < 44 || b.offsetWidth < 44).length";
        assert_eq!(eval(small, &[modal.element()]).as_f64(), Some(0.0));
        assert_eq!(
            eval("return a.scrollWidth <= a.clientWidth && a.offsetWidth <= innerWidth", &[modal.element()]),
            JsValue::TRUE
        );
        let still = "const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches;
            return (getComputedStyle(a).animationName === 'none') === reduced";
        assert_eq!(eval(still, &[modal.element()]), JsValue::TRUE);
        eval("a.remove()", &[&page]);
    }
}
