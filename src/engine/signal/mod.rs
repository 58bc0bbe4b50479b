//! Signals: what a shopper said or did, read from Segment-shaped lines, in GA4's names.

mod vocabulary;

use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::time::{Time, offset_name};
use crate::engine::base::value::{Map, Value};
use crate::engine::error::Error;

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
}

/// Kinds of pages that rules speak of.
pub const PAGES: [&str; 10] =
    ["home", "list", "product", "cart", "payment", "order_complete", "order_cancel", "my_page", "support", "store"];

impl Signal {
    /// Understands a line. `names` maps the host's own event names to canonical ones.
    pub fn read(line: &Value, names: &dyn Fn(&str) -> Option<String>) -> Result<Signal, Error> {
        if line.map().is_none() {
            return Err(fault("type", "", "expected an event line, an object"));
        }
        let text = |key: &'static str| match line.at(key) {
            Value::Null => Ok(None),
            Value::Text(text) if !text.is_empty() => Ok(Some(text.clone())),
            _ => Err(fault("type", key, "expected a text that is not empty")),
        };
        let missing = |key: &'static str| fault("missing", key, "required; add it");
        let instant = |key: &'static str| match line.at(key).text().and_then(Time::parse) {
            Some(instant) => Ok(instant),
            None => Err(fault("type", key, "expected an RFC 3339 instant such as 2026-05-12T10:00:00+09:00")),
        };
        let (user, anonymous) = (text("userId")?, text("anonymousId")?);
        let id = text("messageId")?.ok_or_else(|| missing("messageId"))?;
        if user.is_none() && anonymous.is_none() {
            return Err(missing("userId"));
        }
        let (kind, name) = match text("type")?.as_deref() {
            Some("track") => {
                let event = text("event")?.ok_or_else(|| missing("event"))?;
                (Kind::Track, names(&event).unwrap_or_else(|| canonical(&event).to_string()))
            }
            Some("page") => (Kind::Page, String::from("page_view")),
            Some("identify") => (Kind::Identify, String::new()),
            Some("consent") => (Kind::Consent, String::new()),
            _ => return Err(fault("unknown_choice", "type", "choose one of track page identify consent")),
        };
        let (occurred, offset) = instant("timestamp")?;
        let received = if line.at("receivedAt").is_null() { occurred } else { instant("receivedAt")?.0 };
        let written = line.at("timestamp").text().unwrap_or_default();
        let zone = match line.at("context.timezone").text() {
            Some(zone) => Some(zone.to_string()),
            None if written.ends_with(['Z', 'z']) => None,
            None => Some(offset_name(offset)),
        };
        let members = if kind == Kind::Identify { "traits" } else { "properties" };
        let properties = match line.at(members) {
            Value::Null => Map::new(),
            Value::Map(properties) => properties.clone(),
            _ => return Err(fault("type", members, "expected an object")),
        };
        Ok(Signal {
            id,
            at: occurred,
            received,
            zone,
            kind,
            name,
            properties: vocabulary::normalized(properties).into(),
            user,
            anonymous,
            ours: line.at("context.library.name").text() == Some("danbi"),
        })
    }

    /// The order this signal is about.
    pub fn order(&self) -> Option<String> {
        id_text(self.properties.at("transaction_id"))
    }

    /// The kind of page, on page lines that name one we know.
    pub fn page(&self) -> Option<&str> {
        let kind = ["kind", "content_group", "page_type"].iter().find_map(|key| self.properties.at(key).text())?;
        (self.name == "page_view" && PAGES.contains(&kind)).then_some(kind)
    }

    /// An amount of money among the properties, in minor units of the house's currency.
    /// None: it is in another currency.
    pub fn money(&self, property: &str, currency: &str, host: &dyn Host) -> Option<i64> {
        if self.properties.at("currency").text().is_some_and(|written| !written.eq_ignore_ascii_case(currency)) {
            return None;
        }
        Some(money::minor(self.properties.at(property), money::exponent(currency), host).unwrap_or(0))
    }

    /// By when it happened, then by id: the order in which signals are folded.
    pub fn key(&self) -> (Time, &str) {
        (self.at, &self.id)
    }
}

/// Ids are text; shops also send whole numbers.
pub fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        value => value.integer().map(|number| number.to_string()),
    }
}

fn fault(code: &'static str, key: &str, message: &str) -> Error {
    let path = if key.is_empty() { String::new() } else { ["/", key].concat() };
    Error { code, path, message: message.to_string() }
}
