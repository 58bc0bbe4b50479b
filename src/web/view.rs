//! A message as it is drawn here: read from the engine's.

use crate::engine::base::value::Value;

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
    /// Reads what the engine has printed.
    pub fn read(view: &Value) -> View {
        let text = |value: &Value, key: &str| value.field(key).text().map(str::to_string);
        let mut blocks = Vec::new();
        for (kind, content) in view.field("blocks").list().iter().flat_map(Value::members) {
            let said = |key: &str| text(content, key).unwrap_or_default();
            let number = |key: &str| content.field(key).integer().unwrap_or(0);
            blocks.extend(match kind {
                "title" => content.text().map(|text| Block::Title(text.to_string())),
                "text" | "note" => content.text().map(|text| Block::Text(text.to_string())),
                "image" => Some(Block::Image { src: said("src"), alt: said("alt") }),
                "progress" => Some(Block::Progress {
                    label: said("label"),
                    value: number("value"),
                    target: number("target"),
                    percent: number("percent") as u8,
                }),
                "buttons" => {
                    let button = |button: &Value| Button {
                        label: text(button, "label").unwrap_or_default(),
                        url: text(button, "url"),
                        value: text(button, "value"),
                    };
                    Some(Block::Buttons(content.list().iter().map(button).collect()))
                }
                "choice" => {
                    let option =
                        |option: &Value| (text(option, "label").unwrap_or_default(), option.field("value").clone());
                    let options = content.field("options").list().iter().map(option).collect();
                    Some(Block::Choice { question: text(content, "question"), options })
                }
                _ => None,
            });
        }
        let form = if view.field("form").text() == Some("card") { Form::Card } else { Form::Modal };
        let said = |key: &str| text(view, key).unwrap_or_default();
        View { form, lang: said("lang"), close: said("close"), hide: text(view, "hide"), blocks }
    }
}
