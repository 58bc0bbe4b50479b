//! Signals: what a shopper said or did, read from Segment-shaped lines, in GA4's names.

mod vocabulary;

use crate::engine::base::document::Reader;
use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::time::{Time, offset_name};
use crate::engine::base::value::{Map, Value};

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
    pub fn read(line: &Value, names: &dyn Fn(&str) -> Option<String>, at: &mut Reader) -> Option<Signal> {
        let Some(map) = line.map() else { return at.expected("an event line, an object", line) };
        let mut text = |key: &str| match map.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) if !text.is_empty() => Some(text.clone()),
            Some(value) => at.within(key, |at| at.expected("a text that is not empty", value)),
        };
        let (kind, id, user, anonymous) = (text("type"), text("messageId"), text("userId"), text("anonymousId"));
        let event = text("event");
        let mut missing = |key: &str| {
            at.within(key, |at| at.fail("missing", "required; add it"));
            None
        };
        let id = match id {
            Some(id) => id,
            None => return missing("messageId"),
        };
        if user.is_none() && anonymous.is_none() {
            return missing("userId");
        }
        let kind = match kind.as_deref() {
            Some("track") => Kind::Track,
            Some("page") => Kind::Page,
            Some("identify") => Kind::Identify,
            Some("consent") => Kind::Consent,
            _ => {
                at.within("type", |at| at.fail("unknown_choice", "choose one of track page identify consent"));
                return None;
            }
        };
        let name = match (kind, event) {
            (Kind::Track, None) => return missing("event"),
            (Kind::Track, Some(event)) => names(&event).unwrap_or_else(|| canonical(&event).to_string()),
            (Kind::Page, _) => String::from("page_view"),
            _ => String::new(),
        };
        let (occurred, offset) = at.within("timestamp", |at| instant(line.at("timestamp"), at))?;
        let received = match map.get("receivedAt") {
            Some(value) => at.within("receivedAt", |at| instant(value, at))?.0,
            None => occurred,
        };
        let written = line.at("timestamp").text().unwrap_or_default();
        let zone = match line.at("context.timezone").text() {
            Some(zone) => Some(zone.to_string()),
            None if written.ends_with(['Z', 'z']) => None,
            None => Some(offset_name(offset)),
        };
        let members = map.get(if kind == Kind::Identify { "traits" } else { "properties" });
        let properties = match members {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Map(properties)) => properties.clone(),
            Some(value) => return at.within("properties", |at| at.expected("an object", value)),
        };
        Some(Signal {
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
    /// `Err`: it is in another currency.
    pub fn money(&self, property: &str, currency: &str, host: &dyn Host) -> Result<i64, ()> {
        if self.properties.at("currency").text().is_some_and(|written| !written.eq_ignore_ascii_case(currency)) {
            return Err(());
        }
        Ok(money::minor(self.properties.at(property), money::exponent(currency), host).unwrap_or(0))
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

fn instant(value: &Value, at: &mut Reader) -> Option<(Time, i32)> {
    match value.text().and_then(Time::parse) {
        Some(instant) => Some(instant),
        None => at.expected("an RFC 3339 instant such as 2026-05-12T10:00:00+09:00", value),
    }
}
