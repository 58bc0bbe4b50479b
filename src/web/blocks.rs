//! What modal and card share: blocks, buttons and controls, drawn node by node, and the answers they give.
//!
//! Text goes in as `textContent` only, so nothing in a message is ever markup; no `style` attribute is written.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::convert::{fault, object};
use super::dom::{Failed, NONE, Node, Tried, document, done, tell, text};

use super::style;
use super::view::{Block, View};
use crate::engine::base::value::Value;
use crate::engine::error::Error;

/// What the shopper did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Pressed one of its buttons.
    Click,
    /// Chose one of its answers.
    Choice,
    /// Gave it a number.
    Score,
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
            Action::Choice => "choice",
            Action::Score => "score",
            Action::Dismiss => "dismiss",
            Action::HideToday => "hide_today",
            Action::Gone => "gone",
        }
    }
}

/// An answer to a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was done.
    pub action: Action,
    /// The button's value, or the answer's.
    pub value: Value,
    /// The question that it answers, where that has a name.
    pub question: Option<String>,
    /// Where the button leads.
    pub url: Option<String>,
}

impl Answer {
    pub(super) fn bare(action: Action) -> Self {
        Answer { action, value: Value::Null, question: None, url: None }
    }
}

/// Hears an answer; true says that it is handled and danbi must not navigate.
pub type OnAnswer = Rc<dyn Fn(&Answer) -> bool>;

/// Elements that answer when pressed.
pub(super) type Controls = Vec<(Node, Answer)>;

/// Tells the answer and then follows its link, unless the listener did.
pub(super) fn deliver(on: &OnAnswer, answer: &Answer) {
    if !on(answer)
        && let Some(url) = &answer.url
        && let Some(location) = document().ok().and_then(|document| document.near("location").ok())
    {
        tell(&location, "assign", &url.into(), NONE);
    }
}

/// What a failing call of the DOM means to the engine.
pub(super) fn not_shown(_: Failed) -> Error {
    fault("not_shown", "the browser cannot draw this message")
}

/// Draws. Failures are kept and told once at the end: what follows on a failure fails too and does no harm.
pub(super) struct Pen {
    document: Node,
    failed: Cell<bool>,
}

impl Pen {
    pub(super) fn new() -> Tried<Pen> {
        Ok(Pen { document: document()?, failed: Cell::new(false) })
    }

    /// Whether all of it is there.
    pub(super) fn done(&self) -> Tried<()> {
        done(!self.failed.get())
    }

    /// An element that stands nowhere yet.
    pub(super) fn loose(&self, tag: &str) -> Node {
        self.tried(self.document.create(tag))
    }

    /// An element at the end of another.
    pub(super) fn element(&self, into: &Node, tag: &str, part: &str, text: &str) -> Node {
        let element = self.loose(tag);
        if !part.is_empty() {
            self.set(&element, "part", part);
        }
        self.fill(&element, text);
        self.told(into.append(&element));
        element
    }

    pub(super) fn set(&self, element: &Node, attribute: &str, value: &str) {
        self.told(element.set_attribute(attribute, value));
    }

    /// Replaces the content.
    pub(super) fn fill(&self, element: &Node, text: &str) {
        self.told(element.set_text(text));
    }

    /// An open shadow root that has the look.
    pub(super) fn shadow(&self, host: &Node) -> Node {
        let root = self.tried(host.attach_shadow(&object(&[("mode", "open".into())])));
        // WebKit before 16.4 has no constructed stylesheets.
        if style::adopt(&root).is_err() {
            self.element(&root, "style", "", style::CSS);
        }
        root
    }

    /// Draws a message into a dialog or section, names it, and tells which elements answer.
    pub(super) fn message(&self, into: &Node, view: &View) -> Controls {
        let mut controls = Vec::new();
        self.set(into, "lang", &view.lang);
        self.set(into, "dir", direction(&view.lang));
        let body = self.element(into, "div", "body", "");
        let mut name = "";
        for block in &view.blocks {
            match block {
                Block::Title(text) => {
                    let title = self.element(&body, "h2", "title", text);
                    self.set(&title, "id", "title");
                    self.set(into, "aria-labelledby", "title");
                }
                Block::Text(text) => {
                    self.element(&body, "p", "text", text);
                    name = if name.is_empty() { text } else { name };
                }
                Block::Image { src, alt } => {
                    let image = self.element(&body, "img", "image", "");
                    self.set(&image, "alt", alt);
                    self.set(&image, "src", src);
                }
                Block::Progress { label, percent, .. } => {
                    self.progress(&body, label, *percent);
                    name = if name.is_empty() { label } else { name };
                }
                Block::Buttons(buttons) => {
                    let row = self.element(&body, "div", "buttons", "");
                    for button in buttons {
                        let (value, url) = ((&button.value).into(), button.url.clone());
                        let answer = Answer { value, url, ..Answer::bare(Action::Click) };
                        self.control(&mut controls, &row, "button", &button.label, answer);
                    }
                }
                Block::Choice { question, options } => {
                    let row = self.element(&body, "div", "choice", "");
                    for (label, value) in options {
                        let action = if value.text().is_some() { Action::Choice } else { Action::Score };
                        let (value, question) = (value.clone(), question.clone());
                        let answer = Answer { value, question, ..Answer::bare(action) };
                        self.control(&mut controls, &row, "button", label, answer);
                    }
                }
            }
        }
        // Where there is a title, `aria-labelledby` goes before.
        self.set(into, "aria-label", name);
        let hide = view.hide.as_deref().unwrap_or_default();
        if !(hide.is_empty() && view.close.is_empty()) {
            let foot = self.element(into, "div", "foot", "");
            self.control(&mut controls, &foot, "hide", hide, Answer::bare(Action::HideToday));
            self.control(&mut controls, &foot, "close", &view.close, Answer::bare(Action::Dismiss));
        }
        controls
    }

    /// A button; none where it has no text.
    fn control(&self, controls: &mut Controls, into: &Node, part: &str, label: &str, answer: Answer) {
        if !label.is_empty() {
            let button = self.element(into, "button", part, label);
            self.set(&button, "data-action", answer.action.word());
            controls.push((button, answer));
        }
    }

    fn progress(&self, into: &Node, label: &str, percent: u8) {
        let percent = text(f64::from(percent.min(100)));
        self.element(into, "p", "text", label);
        let bar = self.element(into, "div", "bar", "");
        for (name, value) in [
            ("role", "progressbar"),
            ("aria-label", label),
            ("aria-valuetext", label),
            ("aria-valuemin", "0"),
            ("aria-valuemax", "100"),
            ("aria-valuenow", &percent),
        ] {
            self.set(&bar, name, value);
        }
        let fill = self.element(&bar, "div", "fill", "");
        // Through CSSOM: a strict `style-src` blocks the attribute.
        let width = [&*percent, "%"].concat();
        self.told(fill.set_style("width", &width));
    }

    fn tried(&self, made: Tried<Node>) -> Node {
        made.unwrap_or_else(|_| {
            self.failed.set(true);
            JsValue::NULL.unchecked_into()
        })
    }

    fn told(&self, done: Tried<()>) {
        if done.is_err() {
            self.failed.set(true);
        }
    }
}

/// The direction in which a language is written.
fn direction(lang: &str) -> &'static str {
    match lang.split('-').next().unwrap_or_default() {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::RefCell;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    use crate::web::view::{Button, Form};

    /// Runs JavaScript with up to three arguments `a`, `b`, `c`.
    pub fn eval(source: &str, given: &[&JsValue]) -> JsValue {
        let list = js_sys::Array::new();
        for value in given {
            list.push(value);
        }
        js_sys::Function::new_with_args("a, b, c", source).apply(&JsValue::NULL, &list).unwrap()
    }

    /// Puts a global back on drop, when the test took it away.
    pub struct Restoring(JsValue);

    pub fn restoring(name: &'static str) -> Restoring {
        Restoring(eval(&["const kept = ", name, "; return () => { window.", name, " = kept }"].concat(), &[]))
    }

    impl Drop for Restoring {
        fn drop(&mut self) {
            eval("a()", &[&self.0]);
        }
    }

    /// Keeps the answers it hears, and says whether it handles them.
    #[derive(Clone, Default)]
    pub struct Heard {
        pub answers: Rc<RefCell<Vec<Answer>>>,
        pub handles: Rc<Cell<bool>>,
    }

    impl Heard {
        pub fn on(&self) -> OnAnswer {
            let heard = self.clone();
            Rc::new(move |answer| {
                heard.answers.borrow_mut().push(answer.clone());
                heard.handles.get()
            })
        }

        pub fn actions(&self) -> Vec<Action> {
            self.answers.borrow().iter().map(|answer| answer.action).collect()
        }
    }

    pub fn button(label: &str, url: Option<&str>, value: Option<&str>) -> Button {
        Button { label: label.into(), url: url.map(Into::into), value: value.map(Into::into) }
    }

    pub fn cart() -> View {
        View {
            form: Form::Modal,
            lang: "ko".into(),
            close: "닫기".into(),
            hide: Some("오늘 하루 보지 않기".into()),
            blocks: vec![
                Block::Image {
                    src: "data:image/gif;base64,R0lGODlhAQABAAAAACw=".into(), alt: "시카 앰플 C".into()
                },
                Block::Title("장바구니에 담아두셨어요".into()),
                Block::Text("담아둔 시카 앰플 C를 그대로 두었어요.".into()),
                Block::Buttons(vec![
                    button("장바구니 보기", Some("#danbi-cart"), Some("cart")),
                    button("계속 쇼핑하기", None, None),
                ]),
            ],
        }
    }

    pub fn tier(percent: u8) -> View {
        View {
            form: Form::Card,
            lang: "ko".into(),
            close: String::new(),
            hide: None,
            blocks: vec![
                Block::Title("등급 현황".into()),
                Block::Progress {
                    label: "꽃 등급까지 28,000원 남았어요".into(),
                    value: 72_000,
                    target: 100_000,
                    percent,
                },
                Block::Buttons(vec![button("혜택 보기", None, Some("tier"))]),
            ],
        }
    }

    fn drawn(view: &View) -> (Node, Controls) {
        let pen = Pen::new().unwrap();
        let host = pen.loose("danbi-card");
        let root = pen.shadow(&host);
        let section = pen.element(&root, "section", "card", "");
        let controls = pen.message(&section, view);
        pen.done().unwrap();
        (section, controls)
    }

    #[wasm_bindgen_test]
    fn few_elements_and_no_attribute_outside_the_list() {
        const LIST: &str = "['part', 'id', 'lang', 'dir', 'role', 'src', 'alt', 'data-action', 'aria-label',
            'aria-labelledby', 'aria-valuetext', 'aria-valuemin', 'aria-valuemax', 'aria-valuenow']";
        for view in [cart(), tier(72)] {
            let (section, controls) = drawn(&view);
            let strange = [
                "return [a, ...a.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(x => !",
                LIST,
                ".includes(x.name) && !(x.name === 'style' && x.ownerElement.part.contains('fill'))).length",
            ];
            assert_eq!(eval(&strange.concat(), &[&section]).as_f64(), Some(0.0));
            // With host, dialog or section: at most 20.
            assert!(eval("return a.querySelectorAll('*').length", &[&section]).as_f64() <= Some(18.0));
            assert_eq!(controls.len(), if view.hide.is_some() { 4 } else { 1 });
        }
    }

    #[wasm_bindgen_test]
    fn markup_is_text() {
        let evil = r#"<img src=x onerror="window.hit=1"><script>window.hit=1</script>"><b>"#;
        let view = View {
            blocks: vec![
                Block::Title(evil.into()),
                Block::Text(evil.into()),
                Block::Image { src: "data:,".into(), alt: evil.into() },
                Block::Progress { label: evil.into(), value: -5, target: 0, percent: 255 },
                Block::Buttons(vec![button(evil, None, Some(evil))]),
            ],
            lang: evil.into(),
            close: evil.into(),
            hide: Some(evil.into()),
            ..cart()
        };
        let (section, _) = drawn(&view);
        assert_eq!(eval("return a.querySelectorAll('script, b, [onerror]').length", &[&section]).as_f64(), Some(0.0));
        assert_eq!(eval("return a.querySelector('h2').textContent", &[&section]).as_string().as_deref(), Some(evil));
        assert_eq!(eval("return window.hit", &[]), JsValue::UNDEFINED);
        assert_eq!(
            eval("return a.querySelector('[role]').ariaValueNow", &[&section]).as_string().as_deref(),
            Some("100")
        );
    }

    #[wasm_bindgen_test]
    fn a_bar_says_where_it_stands() {
        let (section, _) = drawn(&tier(72));
        let told = "const bar = a.querySelector('[role=progressbar]');
            return [bar.ariaLabel, bar.ariaValueText, bar.ariaValueMin, bar.ariaValueMax, bar.ariaValueNow,
                bar.firstChild.style.width].join('|')";
        assert_eq!(
            eval(told, &[&section]).as_string().as_deref(),
            Some("꽃 등급까지 28,000원 남았어요|꽃 등급까지 28,000원 남았어요|0|100|72|72%")
        );
    }

    #[wasm_bindgen_test]
    fn named_by_its_title_or_by_its_first_text() {
        let (section, _) = drawn(&cart());
        assert_eq!(section.attribute("aria-labelledby").as_string().as_deref(), Some("title"));
        let (section, _) = drawn(&View { blocks: vec![Block::Text("담아둔 상품".into())], ..cart() });
        assert_eq!(section.attribute("aria-label").as_string().as_deref(), Some("담아둔 상품"));
    }

    #[wasm_bindgen_test]
    fn directions() {
        assert_eq!(
            [direction("ko-KR"), direction("ar"), direction("he-IL"), direction("")],
            ["ltr", "rtl", "rtl", "ltr"]
        );
        let (section, _) = drawn(&View { lang: "ar".into(), ..cart() });
        assert_eq!(section.attribute("dir").as_string().as_deref(), Some("rtl"));
    }

    #[wasm_bindgen_test]
    fn an_old_browser_gets_a_style_element() {
        let _constructor = restoring("CSSStyleSheet");
        eval("delete window.CSSStyleSheet", &[]);
        let pen = Pen::new().unwrap();
        let host = eval("return document.body.appendChild(document.createElement('x-y'))", &[]);
        let root = pen.shadow(host.unchecked_ref());
        assert!(pen.done().is_ok());
        assert_eq!(eval("return a.querySelector('style').sheet.cssRules.length > 20", &[&root]), JsValue::TRUE);
        eval("a.remove()", &[&host]);
    }

    #[wasm_bindgen_test]
    fn a_link_is_followed_unless_handled() {
        let heard = Heard::default();
        let link = |url: &str| Answer { url: Some(url.into()), ..Answer::bare(Action::Click) };
        let before = eval("return location.hash", &[]);
        heard.handles.set(true);
        deliver(&heard.on(), &link("#danbi-handled"));
        assert_eq!(eval("return location.hash", &[]), before);
        heard.handles.set(false);
        deliver(&heard.on(), &link("#danbi-followed"));
        assert_eq!(eval("return location.hash", &[]), "#danbi-followed");
        deliver(&heard.on(), &link("http://[not a url"));
        eval("history.replaceState(null, '', a || location.pathname)", &[&before]);
        assert_eq!(heard.answers.borrow().len(), 3);
    }
}
