//! What modal and card share: blocks, buttons and controls, drawn node by node, and the answers they give.
//!
//! Text goes in as `textContent` only, so nothing in a message is ever markup; no `style` attribute is written.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, ShadowRoot};

use super::{convert, style};
use crate::engine::base::value::{Map, Value};
use crate::engine::error::Error;
use crate::engine::message::view::{Block, Button, View};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<Document>;

    type Shadowable;

    #[wasm_bindgen(method, structural, catch, js_name = attachShadow)]
    fn attach_shadow(this: &Shadowable, options: &JsValue) -> Result<ShadowRoot, JsValue>;

    type Styled;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn style(this: &Styled) -> Result<Declarations, JsValue>;

    type Declarations;

    #[wasm_bindgen(method, structural, catch, js_name = setProperty)]
    fn set(this: &Declarations, property: &str, value: &str) -> Result<(), JsValue>;
}

/// What the shopper did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Pressed one of its buttons.
    Click,
    /// Closed it: control, Escape, or a press beside it.
    Dismiss,
    /// Does not want to see it again today.
    HideToday,
    /// Nothing: the page took the element away.
    Gone,
}

impl Action {
    /// Its name on the wire and in `data-action`.
    pub fn word(self) -> &'static str {
        match self {
            Action::Click => "click",
            Action::Dismiss => "dismiss",
            Action::HideToday => "hide_today",
            Action::Gone => "gone",
        }
    }
}

/// An answer to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was done.
    pub action: Action,
    /// The button's value.
    pub value: Option<String>,
    /// Where the button leads.
    pub url: Option<String>,
}

impl Answer {
    pub(super) fn bare(action: Action) -> Self {
        Answer { action, value: None, url: None }
    }
}

/// Hears an answer; true says that it is handled and danbi must not navigate.
pub type OnAnswer = Rc<dyn Fn(Answer) -> bool>;

/// Elements that answer when pressed.
pub(super) type Controls = Vec<(Element, Answer)>;

/// Tells the answer and then follows its link, unless the listener did.
pub(super) fn deliver(on: &OnAnswer, answer: Answer) {
    let url = answer.url.clone();
    if !on(answer)
        && let Some(url) = url
        && let Some(location) = document().ok().and_then(|document| document.location())
    {
        location.assign(&url).ok();
    }
}

/// The answer of the control that an event hit.
pub(super) fn answer(controls: &Controls, target: &JsValue) -> Option<Answer> {
    let hit = |control: &JsValue| control == target;
    controls.iter().find(|(control, _)| hit(control)).map(|(_, answer)| answer.clone())
}

/// The page, where there is one.
pub(super) fn document() -> Result<Document, JsValue> {
    DOCUMENT.with(Option::clone).ok_or(JsValue::NULL)
}

/// What a failing call of the DOM means to the engine.
pub(super) fn not_shown(_: JsValue) -> Error {
    convert::fault("not_shown", "the browser cannot draw this message")
}

/// A host element with an open shadow root that has the look.
pub(super) fn host(document: &Document, tag: &str) -> Result<(Element, ShadowRoot), JsValue> {
    let host = document.create_element(tag)?;
    let options = convert::write(&Value::Map(Map::new().with("mode", "open")));
    let root = host.unchecked_ref::<Shadowable>().attach_shadow(&options)?;
    style::apply(document, &root)?;
    Ok((host, root))
}

/// Draws a message into a dialog or section, names it, and tells which elements answer.
pub(super) fn draw(document: &Document, into: &Element, view: &View) -> Result<Controls, JsValue> {
    let pen = Pen { document, controls: Vec::new() };
    pen.draw(into, view)
}

struct Pen<'a> {
    document: &'a Document,
    controls: Controls,
}

impl Pen<'_> {
    fn draw(mut self, into: &Element, view: &View) -> Result<Controls, JsValue> {
        into.set_attribute("lang", &view.lang)?;
        into.set_attribute("dir", direction(&view.lang))?;
        let body = self.element(into, "div", "body", "")?;
        let mut name = "";
        let mut titled = false;
        for block in &view.blocks {
            match block {
                Block::Title(text) => {
                    let title = self.element(&body, "h2", "title", text)?;
                    if !titled {
                        title.set_attribute("id", "title")?;
                        into.set_attribute("aria-labelledby", "title")?;
                        titled = true;
                    }
                }
                Block::Text(text) => {
                    self.element(&body, "p", "text", text)?;
                    name = if name.is_empty() { text } else { name };
                }
                Block::Image { src, alt } => {
                    let image = self.element(&body, "img", "image", "")?;
                    image.set_attribute("alt", alt)?;
                    image.set_attribute("src", src)?;
                }
                Block::Progress { label, percent, .. } => {
                    self.progress(&body, label, *percent)?;
                    name = if name.is_empty() { label } else { name };
                }
                Block::Buttons(buttons) => {
                    let row = self.element(&body, "div", "buttons", "")?;
                    for Button { label, url, value } in buttons {
                        let answer = Answer { action: Action::Click, value: value.clone(), url: url.clone() };
                        self.control(&row, "button", label, answer)?;
                    }
                }
            }
        }
        if !titled {
            into.set_attribute("aria-label", name)?;
        }
        let hide = view.hide.as_deref().unwrap_or_default();
        if !(hide.is_empty() && view.close.is_empty()) {
            let foot = self.element(into, "div", "foot", "")?;
            if !hide.is_empty() {
                self.control(&foot, "hide", hide, Answer::bare(Action::HideToday))?;
            }
            if !view.close.is_empty() {
                self.control(&foot, "close", &view.close, Answer::bare(Action::Dismiss))?;
            }
        }
        Ok(self.controls)
    }

    fn element(&self, into: &Element, tag: &str, part: &str, text: &str) -> Result<Element, JsValue> {
        let element = self.document.create_element(tag)?;
        element.set_attribute("part", part)?;
        if !text.is_empty() {
            element.set_text_content(Some(text));
        }
        into.append_child(&element)?;
        Ok(element)
    }

    fn control(&mut self, into: &Element, part: &str, label: &str, answer: Answer) -> Result<(), JsValue> {
        let button = self.element(into, "button", part, label)?;
        button.set_attribute("data-action", answer.action.word())?;
        self.controls.push((button, answer));
        Ok(())
    }

    fn progress(&self, into: &Element, label: &str, percent: u8) -> Result<(), JsValue> {
        let percent = percent.min(100).to_string();
        self.element(into, "p", "text", label)?;
        let bar = self.element(into, "div", "bar", "")?;
        for (name, value) in [
            ("role", "progressbar"),
            ("aria-label", label),
            ("aria-valuetext", label),
            ("aria-valuemin", "0"),
            ("aria-valuemax", "100"),
            ("aria-valuenow", &percent),
        ] {
            bar.set_attribute(name, value)?;
        }
        let fill = self.element(&bar, "div", "fill", "")?;
        // Through CSSOM: a strict `style-src` blocks the attribute.
        fill.unchecked_ref::<Styled>().style()?.set("width", &[percent.as_str(), "%"].concat())
    }
}

/// The direction in which a language is written.
fn direction(lang: &str) -> &'static str {
    match lang.split('-').next().unwrap_or_default() {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}
