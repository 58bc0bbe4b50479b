//! A message with every text ready: what `src/web` draws and a host that draws itself receives.

use super::template::Scope;
use crate::engine::base::value::{Map, Value};

/// Where and how a message appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A `<dialog>` in the top layer, interruptive.
    Modal,
    /// A card in a slot of the page.
    Card,
}

/// A message ready to draw. All texts are plain text in `lang`.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Where it appears.
    pub form: Form,
    /// BCP 47 tag of its texts.
    pub lang: String,
    /// Text of the closing control.
    pub close: String,
    /// Text of "hide until midnight"; none where the message is not interruptive.
    pub hide: Option<String>,
    /// Content from top to bottom.
    pub blocks: Vec<Block>,
}

/// One piece of content.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The message's name, a heading.
    Title(String),
    /// A paragraph.
    Text(String),
    /// A picture; `src` has passed the URL allow-list.
    Image {
        /// Address.
        src: String,
        /// Text alternative; empty for decoration.
        alt: String,
    },
    /// A bar; `percent` is 100 only when the target is reached.
    Progress {
        /// What it measures, in words; also its accessible name.
        label: String,
        /// Where the shopper stands, in minor units or counts.
        value: i64,
        /// Where the next level begins.
        target: i64,
        /// 0 to 100, rounded down.
        percent: u8,
    },
    /// Buttons side by side.
    Buttons(Vec<Button>),
    /// A question with answers to choose from.
    Choice {
        /// Under which name the answer is kept; none: the campaign's.
        question: Option<String>,
        /// Text and value of each answer.
        options: Vec<(String, Value)>,
    },
}

/// A button or link.
#[derive(Clone, Debug, PartialEq)]
pub struct Button {
    /// Its text.
    pub label: String,
    /// Where it leads; has passed the URL allow-list. None: it only answers.
    pub url: Option<String>,
    /// Sent with the answer.
    pub value: Option<String>,
}

impl View {
    /// A card with nothing but its name.
    pub fn titled(title: String, scope: Scope) -> View {
        let blocks = vec![Block::Title(title)];
        View { form: Form::Card, lang: scope.lang.to_string(), close: String::new(), hide: None, blocks }
    }

    /// The shape of `Message` in `types.ts`.
    pub fn value(&self) -> Value {
        let mut map = Map::of([
            ("form", if self.form == Form::Modal { "modal" } else { "card" }.into()),
            ("lang", self.lang.as_str().into()),
            ("close", self.close.as_str().into()),
        ]);
        put(&mut map, "hide", &self.hide);
        let mut blocks = Vec::new();
        for block in &self.blocks {
            blocks.push(block.value());
        }
        map.append("blocks", blocks.into());
        map.into()
    }
}

impl Block {
    fn value(&self) -> Value {
        let (name, content) = match self {
            Block::Title(text) => ("title", text.as_str().into()),
            Block::Text(text) => ("text", text.as_str().into()),
            Block::Image { src, alt } => {
                ("image", Map::of([("src", src.as_str().into()), ("alt", alt.as_str().into())]).into())
            }
            Block::Progress { label, value, target, percent } => {
                let percent = i64::from(*percent);
                let bar = [
                    ("label", label.as_str().into()),
                    ("value", (*value).into()),
                    ("target", (*target).into()),
                    ("percent", percent.into()),
                ];
                ("progress", Map::of(bar).into())
            }
            Block::Buttons(buttons) => {
                let mut list = Vec::new();
                for button in buttons {
                    list.push(button.value());
                }
                ("buttons", list.into())
            }
            Block::Choice { question, options } => {
                let mut list = Vec::new();
                for (label, value) in options {
                    list.push(Map::of([("label", label.as_str().into()), ("value", value.clone())]).into());
                }
                let mut choice = Map::new();
                put(&mut choice, "question", question);
                choice.append("options", Value::List(list));
                ("choice", choice.into())
            }
        };
        Map::of([(name, content)]).into()
    }
}

impl Button {
    fn value(&self) -> Value {
        let mut map = Map::of([("label", self.label.as_str().into())]);
        put(&mut map, "url", &self.url);
        put(&mut map, "value", &self.value);
        map.into()
    }
}

fn put(map: &mut Map, key: &str, text: &Option<String>) {
    if let Some(text) = text {
        map.append(key, text.as_str().into());
    }
}
