//! Signals: what a shopper said or did, read from Segment-shaped lines, in GA4's names.

#[cfg(feature = "studio")]
mod limits;
mod vocabulary;

use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::text::{cut, decimal, join};
use crate::engine::base::time::{Time, offset_name};
use crate::engine::base::value::Value;
use crate::engine::error::Error;
use crate::engine::loyalty::checkpoint::Claims;

pub use vocabulary::canonical;

/// The kinds of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something the shopper did, or one of our own events.
    Track,
    /// A page was shown; its kind in `properties.kind`.
    Page,
    /// Who the shopper is, with traits.
    Identify,
    /// Purposes granted, denied or unknown.
    Consent,
}

/// One line, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// `messageId`.
    pub id: String,
    /// When it happened.
    pub at: Time,
    /// When it was received.
    pub received: Time,
    /// The shopper's zone then, an IANA name or an offset; none: the house's.
    pub zone: Option<String>,
    /// What kind of line it is.
    pub kind: Kind,
    /// Canonical event name (GA4's where it has one); `page_view` for pages, empty for the other kinds.
    pub name: String,
    /// `properties`, or `traits` of an identify.
    pub properties: Value,
    /// `userId`.
    pub user: Option<String>,
    /// `anonymousId`.
    pub anonymous: Option<String>,
    /// Written by danbi itself.
    pub ours: bool,
    /// Of a checkpoint: the payload whose signature is good, or why it is not, in a word. See [`Signal::proven`].
    pub proof: Value,
    /// Where it comes from: `context.source`, or the property `source`.
    pub source: Option<String>,
}

/// The events that say what became of a message.
pub const EXPOSURE: &str = "danbi_exposure";
/// See [`EXPOSURE`].
pub const ANSWER: &str = "danbi_answer";
/// The event that says what was chosen, and how: written where a decision is opened.
pub const DECISION: &str = "danbi_decision";
/// The event that carries what a shopper declares: `{KEY: value or null}`.
pub const DECLARE: &str = "danbi_declare";
/// The event that carries a server's word on an account: `{payload, sig}`.
pub const CHECKPOINT: &str = "danbi_checkpoint";

/// What stands before the id of a checkpoint in the order: it comes after all else of its moment, which it covers.
const LAST: &str = "\u{10FFFF}";
/// What stands before the id of a decision: it comes before all else of its moment, which may answer it.
const FIRST: &str = "\u{1}";

/// The longest path of a page that is kept.
const PATH: usize = 512;

/// The canonical name of pages.
const PAGE_VIEW: &str = "page_view";

/// Kinds of pages that rules speak of.
pub const PAGES: [&str; 10] =
    ["home", "list", "product", "cart", "payment", "order_complete", "order_cancel", "my_page", "support", "store"];

impl Signal {
    /// Whether it answers a message for good: of several answers only the last does.
    pub fn settles(&self) -> bool {
        self.name == ANSWER && self.properties.field("partial").bool() != Some(true)
    }

    /// Understands a line. `names` maps the host's own event names to canonical ones.
    pub fn read(line: &Value, names: &dyn Fn(&str) -> Option<String>) -> Result<Signal, Error> {
        let mut reader = Reader { line, fault: None };
        reader
            .signal(names)
            .ok_or_else(|| reader.fault.unwrap_or_else(|| fault("type", "", "expected an event line, an object")))
    }

    /// The order this signal is about.
    pub fn order(&self) -> Option<String> {
        id_text(self.properties.at("transaction_id"))
    }

    /// The kind of page, on page lines that name one we know.
    pub fn page(&self) -> Option<&str> {
        let kind = ["kind", "content_group", "page_type"].iter().find_map(|key| self.properties.at(key).text())?;
        (self.kind == Kind::Page && PAGES.contains(&kind)).then_some(kind)
    }

    /// The path of a page, without what is asked of it.
    pub fn path(&self) -> Option<String> {
        let path = self.properties.at("path").text()?;
        let path = cut(path, b'?').map_or(path, |(path, _)| path);
        (path.len() <= PATH).then(|| path.to_string())
    }

    /// An amount of money among the properties, in minor units of the house's currency.
    /// None: it is in another currency.
    pub fn money(&self, property: &str, currency: &str, host: &dyn Host) -> Option<i64> {
        if self.foreign(currency) {
            return None;
        }
        Some(money::minor(self.properties.at(property), money::exponent(currency), host).unwrap_or(0))
    }

    /// Whether its amounts are in another currency than this.
    pub fn foreign(&self, currency: &str) -> bool {
        self.properties.at("currency").text().is_some_and(|written| !written.eq_ignore_ascii_case(currency))
    }

    /// By when it happened, then by id: the order in which signals are folded.
    pub fn key(&self) -> (Time, &str) {
        (self.at, &self.id)
    }

    /// With what the host found of its signature. A checkpoint that holds takes its place in the order at the moment up to which
    /// it speaks, whenever it comes.
    pub fn proven(mut self, proof: Value) -> Signal {
        if self.name == CHECKPOINT && !self.ours {
            self.proof = proof;
            if let Ok(claims) = Claims::of(&self) {
                (self.at, self.id) = (claims.as_of, join(&[LAST, &self.id]));
            }
        }
        self
    }

    /// Whether it answers about consent: a server's word that denies a purpose does, too.
    pub fn answers(&self) -> bool {
        let mut answers = self.kind == Kind::Consent;
        if let Ok(claims) = Claims::of(self) {
            claims.denials(&mut |_| answers = true);
        }
        answers
    }

    /// `messageId` as the line has it.
    pub fn message(&self) -> &str {
        self.id.strip_prefix(LAST).or(self.id.strip_prefix(FIRST)).unwrap_or(&self.id)
    }
}

/// Reads one line; its methods give none when `fault` says why.
struct Reader<'a> {
    line: &'a Value,
    fault: Option<Error>,
}

impl<'a> Reader<'a> {
    fn signal(&mut self, names: &dyn Fn(&str) -> Option<String>) -> Option<Signal> {
        self.line.map()?;
        let (user, anonymous) = (self.text("userId")?, self.text("anonymousId")?);
        let id = self.required("messageId")?;
        if user.is_none() && anonymous.is_none() {
            return self.refuse("missing", "userId", MISSING);
        }
        let (kind, name) = match self.text("type")? {
            Some("track") => {
                let event = self.required("event")?;
                let name = canonical(names(event).as_deref().unwrap_or(event)).to_string();
                // A page that came as an event is a page.
                (if name == PAGE_VIEW { Kind::Page } else { Kind::Track }, name)
            }
            Some("page") => (Kind::Page, String::from(PAGE_VIEW)),
            Some("identify") => (Kind::Identify, String::new()),
            Some("consent") => (Kind::Consent, String::new()),
            _ => return self.refuse("unknown_choice", "type", "choose one of track page identify consent"),
        };
        let (at, offset) = self.instant("timestamp")?;
        let received = if self.line.field("receivedAt").is_null() { at } else { self.instant("receivedAt")?.0 };
        let zone = match self.line.at("context.timezone").text() {
            Some(zone) => Some(zone.to_string()),
            None if matches!(self.line.field("timestamp").text()?.as_bytes(), [.., b'Z' | b'z']) => None,
            None => Some(offset_name(offset)),
        };
        let members = if kind == Kind::Identify { "traits" } else { "properties" };
        let properties = self.line.field(members);
        if !matches!(properties, Value::Null | Value::Map(_)) {
            return self.refuse("type", members, "expected an object");
        }
        #[cfg(feature = "studio")]
        for key in [members, "context"] {
            self.fault = limits::measure(self.line, key).err();
            if self.fault.is_some() {
                return None;
            }
        }
        Some(Signal {
            id: if name == DECISION { join(&[FIRST, id]) } else { id.to_string() },
            at,
            received,
            zone,
            kind,
            name,
            // Traits are the shop's own words, not an event's.
            properties: match kind {
                Kind::Track | Kind::Page => vocabulary::normalized(properties),
                Kind::Identify | Kind::Consent => properties.map().cloned().unwrap_or_default(),
            }
            .into(),
            user: user.map(str::to_string),
            anonymous: anonymous.map(str::to_string),
            ours: self.line.at("context.library.name").text() == Some("danbi"),
            proof: Value::Null,
            source: self.line.at("context.source").text().or(properties.field("source").text()).map(str::to_string),
        })
    }

    #[inline(never)]
    fn text(&mut self, key: &str) -> Option<Option<&'a str>> {
        match self.line.field(key) {
            Value::Null => Some(None),
            Value::Text(text) if !text.is_empty() => Some(Some(text)),
            _ => self.refuse("type", key, "expected a text that is not empty"),
        }
    }

    fn required(&mut self, key: &str) -> Option<&'a str> {
        let text = self.text(key)?;
        if text.is_none() { self.refuse("missing", key, MISSING) } else { text }
    }

    #[inline(never)]
    fn instant(&mut self, key: &str) -> Option<(Time, i32)> {
        let instant = self.line.field(key).text().and_then(Time::parse);
        if instant.is_some() {
            return instant;
        }
        self.refuse("type", key, "expected an RFC 3339 instant such as 2026-05-12T10:00:00+09:00")
    }

    fn refuse<T>(&mut self, code: &'static str, key: &str, message: &str) -> Option<T> {
        self.fault = Some(fault(code, key, message));
        None
    }
}

const MISSING: &str = "required; add it";

/// Ids are text; shops also send whole numbers.
pub fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        value => value.integer().map(|number| decimal(number, 1)),
    }
}

#[inline(never)]
fn fault(code: &'static str, key: &str, message: &str) -> Error {
    let path = if key.is_empty() { String::new() } else { join(&["/", key]) };
    Error { code, path, message: message.to_string() }
}
