//! Messages: typed blocks, templates, Korean particles.

pub mod josa;
pub mod template;
pub mod view;

use crate::engine::base::document::List;
use crate::engine::base::value::Value;
use crate::{document, scalar};
use template::{Scope, Text};
use view::{Block, Button, Form, View};

document! {
    /// What a campaign shows.
    pub struct Message {
        /// Content from top to bottom.
        "blocks" blocks: List<'a, BlockSpec<'a>>,
    }

    /// One piece of content.
    pub enum BlockSpec {
        /// Nothing: what a page does not understand is left out.
        "nothing" Nothing,
        /// The message's name, a heading.
        "title" Title(Text<'a>),
        /// A paragraph.
        "text" Text(Text<'a>),
        /// A picture.
        "image" Image(ImageSpec<'a>),
        /// A bar towards the next level of a tier.
        "progress" Progress(ProgressSpec<'a>),
        /// Buttons side by side.
        "buttons" Buttons(List<'a, ButtonSpec<'a>>),
        /// A question with answers to choose from.
        "choice" Choice(ChoiceSpec<'a>),
    }

    /// A question with answers to choose from.
    pub struct ChoiceSpec {
        /// Under which name the answer is kept, as `user.answers.NAME`; the campaign's id where none is given.
        "question" question: Option<&'a str> = None,
        /// What can be answered.
        "options" options: List<'a, OptionSpec<'a>>,
    }

    /// One answer.
    pub struct OptionSpec {
        /// Its text.
        "label" label: Text<'a>,
        /// What is kept: a text, or a whole number for a score.
        "value" value: Chosen<'a>,
    }

    /// A picture.
    pub struct ImageSpec {
        /// Address, a template too.
        "src" src: Text<'a>,
        /// Text alternative; leave out for decoration.
        "alt" alt: Option<Text<'a>> = None,
    }

    /// A bar towards the next level of a tier, or towards what a fact says.
    pub struct ProgressSpec {
        /// The tier.
        "tier" tier: &'a str = "",
        /// Instead of a tier: a fact with `value` and `target`, e.g. `loyalty.badges.reviewer`.
        "fact" fact: &'a str = "",
        /// What it says, in words.
        "label" label: Text<'a>,
    }

    /// A button.
    pub struct ButtonSpec {
        /// Its text.
        "label" label: Text<'a>,
        /// Where it leads; left out it only answers and closes.
        "url" url: Option<&'a str> = None,
        /// Sent with the answer.
        "value" value: Option<&'a str> = None,
    }
}

/// What an answer stands for.
#[derive(Clone, Copy)]
pub struct Chosen<'a>(pub &'a Value);

scalar!(
    Chosen<'a>,
    "a text or a whole number",
    [],
    |value| Some(Chosen(value)).filter(|_| value.text().is_some() || value.integer().is_some()),
    Chosen(&Value::Null)
);

impl Message<'_> {
    /// The message with every text printed. `form` follows from the slot.
    pub fn view(self, form: Form, scope: Scope) -> View {
        // The language of the message is the one its first text is found in.
        let (mut first, mut blocks) = (None, Vec::new());
        for block in self.blocks().iter() {
            if let (None, BlockSpec::Title(text) | BlockSpec::Text(text)) = (first, block) {
                first = text.lookup(scope);
            }
            blocks.extend(block.view(scope));
        }
        let lang = first.map_or(scope.lang, |(lang, _)| lang);
        let korean = lang.starts_with("ko");
        let control = |ko: &str, en: &str| String::from(if korean { ko } else { en });
        View {
            form,
            lang: lang.to_string(),
            close: if form == Form::Modal { control("닫기", "Close") } else { String::new() },
            hide: (form == Form::Modal).then(|| control("오늘 하루 보지 않기", "Don’t show again today")),
            blocks,
        }
    }
}

impl BlockSpec<'_> {
    fn view(self, scope: Scope) -> Option<Block> {
        Some(match self {
            BlockSpec::Title(text) => Block::Title(said(text, scope)?),
            BlockSpec::Text(text) => Block::Text(said(text, scope)?),
            BlockSpec::Image(image) => {
                let src = said(image.src(), scope).filter(|src| is_allowed_url(src))?;
                Block::Image { src, alt: image.alt().map_or_else(String::new, |alt| alt.print(scope)) }
            }
            BlockSpec::Progress(progress) => {
                let of = match progress.fact() {
                    "" => scope.document.at("loyalty.tiers").field(progress.tier()),
                    fact => scope.document.at(fact),
                };
                let number = |key: &str| of.field(key).integer();
                let value = number("value").unwrap_or(0);
                let target = number("target").unwrap_or(value);
                let reckoned = value.clamp(0, i64::MAX / 100) * 100 / target.max(1);
                Block::Progress {
                    label: progress.label().print(scope),
                    value,
                    target,
                    percent: number("percent").unwrap_or(reckoned).clamp(0, 100) as u8,
                }
            }
            BlockSpec::Buttons(buttons) => {
                let mut list = Vec::new();
                for button in buttons.iter() {
                    let url = button.url().filter(|url| is_allowed_url(url)).map(str::to_string);
                    if let Some(label) = said(button.label(), scope) {
                        list.push(Button { label, url, value: button.value().map(str::to_string) });
                    }
                }
                Block::Buttons(list)
            }
            BlockSpec::Choice(choice) => {
                let mut options = Vec::new();
                for option in choice.options().iter() {
                    if let Some(label) = said(option.label(), scope) {
                        options.push((label, option.value().0.clone()));
                    }
                }
                Block::Choice { question: choice.question().map(str::to_string), options }
            }
            BlockSpec::Nothing | BlockSpec::Unused(..) => return None,
        })
    }
}

/// A text that says something: what a template leaves empty is left out.
fn said(text: Text, scope: Scope) -> Option<String> {
    Some(text.print(scope)).filter(|said| !said.is_empty())
}

/// Whether a message may lead there: https, http, tel, mailto, or an address within the shop. Judged as a browser's URL
/// parser would read it, which skips leading controls and any tab or newline (reliability.md section 5).
pub fn is_allowed_url(url: &str) -> bool {
    let shown = url.bytes().skip_while(|byte| *byte <= b' ');
    let read: Vec<u8> = shown.filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r')).collect();
    let until = read.iter().position(|byte| matches!(byte, b':' | b'/' | b'\\' | b'?' | b'#')).unwrap_or(read.len());
    match read.split_at_checked(until) {
        Some((scheme, [b':', ..])) => {
            let is = |known: &str| scheme.eq_ignore_ascii_case(known.as_bytes());
            is("mailto") || ((is("https") || is("http") || is("tel")) && !read.contains(&b'@'))
        }
        _ => !matches!(read.as_slice(), [b'/' | b'\\', b'/' | b'\\', ..]),
    }
}
