//! A message with every text ready: what `src/web` draws and a host that draws itself receives.

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
    /// The shape of `Message` in `types.ts`.
    pub fn value(&self) -> Value {
        let mut map = Map::new()
            .with("form", if self.form == Form::Modal { "modal" } else { "card" })
            .with("lang", self.lang.clone())
            .with("close", self.close.clone());
        put(&mut map, "hide", &self.hide);
        map.with("blocks", self.blocks.iter().map(Block::value).collect::<Vec<_>>()).into()
    }
}

impl Block {
    fn value(&self) -> Value {
        match self {
            Block::Title(text) => Map::new().with("title", text.clone()),
            Block::Text(text) => Map::new().with("text", text.clone()),
            Block::Image { src, alt } => {
                Map::new().with("image", Map::new().with("src", src.clone()).with("alt", alt.clone()))
            }
            Block::Progress { label, value, target, percent } => {
                let bar = Map::new().with("label", label.clone()).with("value", *value).with("target", *target);
                Map::new().with("progress", bar.with("percent", i64::from(*percent)))
            }
            Block::Buttons(buttons) => {
                Map::new().with("buttons", buttons.iter().map(Button::value).collect::<Vec<_>>())
            }
        }
        .into()
    }
}

impl Button {
    fn value(&self) -> Value {
        let mut map = Map::new().with("label", self.label.clone());
        put(&mut map, "url", &self.url);
        put(&mut map, "value", &self.value);
        map.into()
    }
}

fn put(map: &mut Map, key: &str, text: &Option<String>) {
    if let Some(text) = text {
        map.set(key, text.clone());
    }
}
