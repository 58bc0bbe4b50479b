//! A message with every text ready: the shape of `Message` in `types.ts`, which the package draws and a host that draws itself
//! receives.
//!
//! Blocks are printed by one walk: what stands under the name of a text is printed, what stands under that of an address passes
//! the allow-list, all else is copied. So a new kind of block costs a page nothing here.

use super::template::{Said, Scope, Text};
use super::url::{Use, is_allowed};
use super::{Form, Hide, Message, Position};
use crate::engine::base::document::{Part, tag};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::{AdLabel, AdMode};

/// Members that are texts, whatever they stand in.
pub const TEXTS: [&str; 16] = [
    "title",
    "text",
    "note",
    "label",
    "alt",
    "code",
    "until",
    "thanks",
    "low",
    "high",
    "placeholder",
    "name",
    "address",
    "hours",
    "phone",
    "source",
];

/// Members that are addresses.
const URLS: [&str; 3] = ["src", "url", "map"];

/// What nothing can do without: where the one says nothing, the other is left out.
const NEEDS: [(&str, &str); 14] = [
    ("image", "src"),
    ("progress", "label"),
    ("buttons", "label"),
    ("choice", "options"),
    ("options", "label"),
    ("survey", "questions"),
    ("questions", "title"),
    ("coupon", "code"),
    ("coupon", "label"),
    ("share", "title"),
    ("share", "url"),
    ("store", "name"),
    ("html", "source"),
    ("html", "title"),
];

/// Whether a message says something whatever the facts are: some text of it asks for none, and none may take all of it back.
pub fn is_certain(message: Message) -> bool {
    let plain = |text: &Value| !text.text().unwrap_or("{").bytes().any(|byte| byte == b'{');
    let says = |block: &Value| match tag(block) {
        ("title" | "text" | "note", text) if text.map().is_some() => text.members().all(|(_, text)| plain(text)),
        ("title" | "text" | "note", text) => plain(text) && text.text() != Some(""),
        _ => false,
    };
    let blocks = message.0.field("blocks").list();
    (blocks.is_empty() || blocks.iter().any(says)) && !aborts(message.0)
}

/// Whether any text of it speaks of an abort.
fn aborts(value: &Value) -> bool {
    let tells = |text: &str| text.as_bytes().windows(5).any(|word| word == b"abort");
    value.text().is_some_and(tells)
        || value.list().iter().any(aborts)
        || value.members().any(|(_, member)| aborts(member))
}

/// Where a message appears.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// It interrupts; else it is a card in a slot.
    pub interrupts: bool,
    /// It is an advertisement, and this is what the house says of those.
    pub ad: Option<AdLabel<'a>>,
}

/// Shows a widget: its kind, its block, the language.
pub type Show<'a> = &'a dyn Fn(&str, &Value, &str) -> Option<Value>;

/// Prints what a message shows.
pub struct Printer<'a> {
    /// What its templates read.
    pub scope: Scope<'a>,
    /// The schemes of addresses that the page registered.
    pub schemes: &'a [String],
    /// The bundle's surveys, by id.
    pub surveys: &'a Value,
    /// What a widget of this kind shows, of what its block names, in a language.
    pub widget: Show<'a>,
    /// The language that the first text was found in.
    lang: Option<&'a str>,
    /// Which one of the house's it would be.
    home: String,
    /// A template asked that the message be not shown.
    aborted: bool,
}

impl<'a> Printer<'a> {
    /// A printer; nothing is printed yet.
    pub fn new(scope: Scope<'a>, schemes: &'a [String], surveys: &'a Value, widget: Show<'a>) -> Self {
        let tags: Value = scope.locales.iter().map(|tag| (tag, "")).collect::<Map>().into();
        let home = Text::of(&tags).lookup(scope).map_or(scope.lang, |(tag, _)| tag).to_string();
        Printer { scope, schemes, surveys, widget, lang: None, home, aborted: false }
    }

    /// The message with every text printed; none where nothing is left of what it was to say.
    pub fn print(mut self, message: Message<'a>, place: Place) -> Option<Value> {
        let (mut blocks, written) = (Vec::new(), message.0.field("blocks").list());
        // Whether something was to be said, and whether any of it is left. Buttons alone say nothing.
        let (mut meant, mut left) = (false, false);
        for block in written {
            meant |= tag(block).0 != "buttons";
            if let Some((kind, content)) = self.block(block) {
                left |= kind != "buttons";
                blocks.push(Map::of([(kind, content)]).into());
            }
        }
        // What was written without any blocks is for a host that draws.
        if self.aborted || meant && !left || blocks.is_empty() && !written.is_empty() {
            return None;
        }
        let lang = self.lang.unwrap_or(&self.home);
        let korean = lang.starts_with("ko");
        let word = |ko: &'static str, en: &'static str| Value::from(if korean { ko } else { en });
        let form = if place.interrupts { message.form().word() } else { "card" };
        let mut view = Map::of([("form", form.into()), ("lang", lang.into())]);
        let floats = form == Form::Banner.word() || form == Form::Toast.word();
        if floats && message.position() == Position::Top {
            view.append("position", Position::Top.word().into());
        }
        if let Some(stays) = message.stays().filter(|_| form == Form::Toast.word()) {
            view.append("seconds", (stays.nominal() / 1000).max(LEAST).into());
        }
        let hides = |hide| {
            message.hide().map_or(place.interrupts && hide == Hide::Today, |all| all.iter().any(|one| one == hide))
        };
        let closes = place.interrupts || message.hide().is_some();
        view.append("close", if closes { word("닫기", "Close") } else { "".into() });
        if hides(Hide::Today) {
            view.append("hide", word("오늘 하루 보지 않기", "Don’t show again today"));
        }
        if hides(Hide::Week) {
            view.append("week", word("7일간 보지 않기", "Don’t show for 7 days"));
        }
        let labels = |ad: &AdLabel| match ad.mode() {
            AdMode::Off => false,
            AdMode::On => true,
            AdMode::Auto => place.interrupts && korean,
        };
        if let Some(ad) = place.ad.filter(labels) {
            let sender = ad.sender().map(|sender| sender.print(self.scope)).filter(|sender| !sender.is_empty());
            let out = ad.opt_out().then(|| word("광고 그만 받기", "Stop promotions"));
            let mut label =
                Map::of([("label", "(광고)".into()), ("sender", sender.into()), ("optOut", out.unwrap_or_default())]);
            label.drop_nulls();
            view.append("ad", label.into());
        }
        view.append("blocks", blocks.into());
        Some(view.into())
    }

    /// One block by itself, as a message in a card has it.
    fn block(&mut self, block: &'a Value) -> Option<(&'a str, Value)> {
        let (kind, content) = tag(block);
        let shown = match kind {
            "progress" => self.bar(content),
            "survey" => {
                let id = content.text()?;
                let mut survey = self.piece(kind, self.surveys.field(id))?;
                if let Value::Map(survey) = &mut survey {
                    survey.set("id", id);
                }
                Some(survey)
            }
            "tier" | "badges" | "missions" | "streak" | "collection" | "wallet" => {
                let own = self.piece(kind, content);
                let mut shown = (self.widget)(kind, content, self.lang.unwrap_or(&self.home))?;
                if let (Value::Map(shown), Some(text)) = (&mut shown, own.as_ref().and_then(|own| own.there("text"))) {
                    shown.append("text", text.clone());
                }
                Some(shown)
            }
            _ => self.piece(kind, content),
        };
        Some((kind, shown?))
    }

    /// What stands under a name; none where nothing is left of it.
    fn piece(&mut self, name: &str, value: &'a Value) -> Option<Value> {
        if TEXTS.contains(&name) || URLS.contains(&name) {
            let text = Text::of(value);
            // One text for all languages does not tell which it is in.
            if self.lang.is_none() && value.map().is_some() {
                self.lang = text.lookup(self.scope).map(|(lang, _)| lang);
            }
            let its = if name == "src" { Use::Picture } else { Use::Link(self.schemes) };
            let text = match text.say(self.scope) {
                Said::Text(text) => text,
                said => {
                    self.aborted |= said == Said::Abort;
                    return None;
                }
            };
            return (TEXTS.contains(&name) || is_allowed(&text, its)).then(|| text.into());
        }
        match value {
            Value::List(items) => {
                let items: Vec<Value> = items.iter().filter_map(|item| self.piece(name, item)).collect();
                (!items.is_empty()).then(|| items.into())
            }
            Value::Map(members) => {
                let mut piece = Map::new();
                for (key, member) in members.iter() {
                    if let Some(member) = self.piece(key, member) {
                        piece.append(key, member);
                    }
                }
                let lacks = |(whose, what): &(&str, &str)| *whose == name && piece.get(what).is_none();
                (!NEEDS.iter().any(lacks)).then(|| piece.into())
            }
            Value::Null => None,
            other => Some(other.clone()),
        }
    }

    /// A bar; 100 percent only where the target is reached.
    fn bar(&mut self, content: &'a Value) -> Option<Value> {
        let label = self.piece("progress", content)?.field("label").clone();
        let of = match content.field("fact").text() {
            None => self.scope.document.at("loyalty.tiers").field(content.field("tier").text()?),
            Some(fact) => self.scope.document.at(fact),
        };
        let number = |key: &str| of.field(key).integer();
        let value = number("value").unwrap_or(0);
        let target = number("target").unwrap_or(value);
        let reckoned = value.clamp(0, i64::MAX / 100) * 100 / target.max(1);
        let percent = number("percent").unwrap_or(reckoned).clamp(0, 100);
        let bar = [("label", label), ("value", value.into()), ("target", target.into()), ("percent", percent.into())];
        Some(Map::of(bar).into())
    }
}

/// So many seconds a toast stays at least.
const LEAST: i64 = 5;
