//! Messages: typed blocks, templates, Korean particles.

pub mod josa;
pub mod template;
pub mod view;

use crate::engine::base::value::Value;
use crate::engine::document;
use template::{Scope, Text};
use view::{Block, Button, Form, View};

document! {
    /// What a campaign shows.
    pub struct Message {
        /// Content from top to bottom.
        "blocks" blocks: Vec<BlockSpec>,
    }

    /// One piece of content.
    pub enum BlockSpec {
        /// The message's name, a heading.
        "title" Title(Text),
        /// A paragraph.
        "text" Text(Text),
        /// A picture.
        "image" Image(ImageSpec),
        /// A bar towards the next level of a tier.
        "progress" Progress(ProgressSpec),
        /// Buttons side by side.
        "buttons" Buttons(Vec<ButtonSpec>),
    }

    /// A picture.
    pub struct ImageSpec {
        /// Address.
        "src" src: String,
        /// Text alternative; leave out for decoration.
        "alt" alt: Option<Text> = None,
    }

    /// A bar towards the next level of a tier.
    pub struct ProgressSpec {
        /// The tier.
        "tier" tier: String,
        /// What it says, in words.
        "label" label: Text,
    }

    /// A button.
    pub struct ButtonSpec {
        /// Its text.
        "label" label: Text,
        /// Where it leads; left out it only answers and closes.
        "url" url: Option<String> = None,
        /// Sent with the answer.
        "value" value: Option<String> = None,
    }
}

impl Message {
    /// The message with every text printed. `form` follows from the slot.
    pub fn view(&self, form: Form, scope: Scope, locales: &[String]) -> View {
        let print = |text: &Text| text.print(scope, locales);
        // The language of the message is the one its first text is found in.
        let first = self.blocks.iter().find_map(|block| match block {
            BlockSpec::Title(text) | BlockSpec::Text(text) => text.lookup(scope.lang, locales),
            _ => None,
        });
        let lang = first.map_or(scope.lang, |(lang, _)| if lang == "und" { scope.lang } else { lang });
        let korean = lang.starts_with("ko");
        let control = |ko: &str, en: &str| String::from(if korean { ko } else { en });
        View {
            form,
            lang: lang.to_string(),
            close: control("닫기", "Close"),
            hide: (form == Form::Modal).then(|| control("오늘 하루 보지 않기", "Don’t show again today")),
            blocks: self.blocks.iter().map(|block| block.view(&print, scope.document)).collect(),
        }
    }
}

impl BlockSpec {
    fn view(&self, print: &dyn Fn(&Text) -> String, document: &Value) -> Block {
        match self {
            BlockSpec::Title(text) => Block::Title(print(text)),
            BlockSpec::Text(text) => Block::Text(print(text)),
            BlockSpec::Image(image) => {
                Block::Image { src: Some(image.src.clone()).filter(|src| is_allowed_url(src)).unwrap_or_default(), alt: image.alt.as_ref().map(print).unwrap_or_default() }
            }
            BlockSpec::Progress(progress) => {
                let tier = document.at("loyalty.tiers").member(&progress.tier);
                let number = |key: &str| tier.and_then(|tier| tier.at(key).integer());
                let value = number("value").unwrap_or(0);
                Block::Progress {
                    label: print(&progress.label),
                    value,
                    target: number("target").unwrap_or(value),
                    percent: number("percent").unwrap_or(0).clamp(0, 100) as u8,
                }
            }
            BlockSpec::Buttons(buttons) => Block::Buttons(
                buttons
                    .iter()
                    .map(|button| Button { label: print(&button.label), url: button.url.clone().filter(|url| is_allowed_url(url)), value: button.value.clone() })
                    .collect(),
            ),
        }
    }
}

/// Whether a message may lead there: https, http, tel, mailto, or an address within the shop. Judged as a browser's URL
/// parser would read it, which skips leading controls and any tab or newline (reliability.md section 5).
pub fn is_allowed_url(url: &str) -> bool {
    let read: String = url
        .trim_start_matches(|letter: char| letter <= ' ')
        .chars()
        .filter(|letter| !matches!(letter, '\t' | '\n' | '\r'))
        .collect();
    let until = read.find([':', '/', '\\', '?', '#']);
    let scheme = until.filter(|index| read.get(*index..).is_some_and(|rest| rest.starts_with(':'))).and_then(|index| read.get(..index));
    match scheme {
        Some(scheme) => {
            let known = ["https", "http", "tel", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            known && (!read.contains('@') || scheme.eq_ignore_ascii_case("mailto"))
        }
        None => !read.starts_with("//") && !read.starts_with("\\\\") && !read.starts_with("/\\") && !read.starts_with("\\/"),
    }
}
