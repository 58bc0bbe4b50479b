//! Templates: the part of Shopify's Liquid that a message needs, printed as it is read, and danbi's own filters. What Liquid
//! has beyond it (include, render, other filters) is a mistake that the check tells, with line and column.

mod check;
mod filter;
mod number;
mod path;
mod read;
pub(super) mod term;

#[cfg(feature = "studio")]
pub use check::Notes;
pub use filter::Filter;

#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, forms};
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::host::Host;
use crate::engine::base::text::cut_last;
use crate::engine::base::time::{Time, Zones};
use crate::engine::base::value::{Map, Value};
use read::{Flow, Reader};

/// What a template reads while it prints.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Where its paths lead.
    pub document: &'a Value,
    /// ISO 4217 currency of `money`.
    pub currency: &'a str,
    /// BCP 47 language of the text.
    pub lang: &'a str,
    /// The house's languages, the first is the fallback.
    pub locales: List<'a, &'a str>,
    /// Texts by key, for `t`.
    pub texts: Table<'a, Text<'a>>,
    /// The platform's functions.
    pub host: &'a dyn Host,
    /// The moment and where it is; none: dates are UTC's, and nothing is today.
    pub moment: Option<Moment<'a>>,
}

/// A moment, and the calendar by which it has a date.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// When.
    pub now: Time,
    /// IANA zone.
    pub zone: &'a str,
    /// Offset tables.
    pub zones: &'a Zones,
}

/// A template for each language, or one for all.
#[derive(Clone, Copy)]
pub struct Text<'a>(&'a Value);

impl<'a> Text<'a> {
    /// The template for a language and that language, by RFC 4647 lookup, then the house's own languages in order, then any.
    pub fn lookup(self, scope: Scope<'a>) -> Option<(&'a str, &'a str)> {
        if let Some(template) = self.0.text() {
            return Some((scope.lang, template));
        }
        let map = self.0.map()?;
        let house = scope.locales.iter().find_map(|range| in_range(map, range));
        in_range(map, scope.lang)
            .or(house)
            .or_else(|| map.iter().next())
            .and_then(|(lang, text)| Some((lang, text.text()?)))
    }

    /// The template of each language.
    #[cfg(feature = "studio")]
    pub fn templates(self) -> impl Iterator<Item = &'a str> {
        let all = self.0.members().filter_map(|(_, template)| template.text());
        self.0.text().into_iter().chain(all)
    }

    /// Each language with its template; one for all counts for this language.
    #[cfg(feature = "studio")]
    pub fn languages(self, plain: &'a str) -> Vec<(&'a str, &'a str)> {
        let all = self.0.members().filter_map(|(lang, template)| Some((lang, template.text()?)));
        self.0.text().map(|template| (plain, template)).into_iter().chain(all).collect()
    }

    /// The template of this language, or the one for all.
    #[cfg(feature = "studio")]
    pub fn template(self, lang: &str) -> Option<&'a str> {
        self.0.text().or(self.0.field(lang).text())
    }

    /// Prints the text in the scope's language.
    pub fn say(self, scope: Scope) -> Said {
        let mut out = String::new();
        let Some((lang, template)) = Text(self.0).lookup(scope) else { return Said::Nothing };
        match print(template, Scope { lang, ..scope }, &mut out) {
            Ok(End::Whole) if !out.is_empty() => Said::Text(out),
            Ok(End::Abort) => Said::Abort,
            _ => Said::Nothing,
        }
    }

    /// The same, nothing where nothing is said.
    pub fn print(self, scope: Scope) -> String {
        match self.say(scope) {
            Said::Text(text) => text,
            _ => String::new(),
        }
    }
}

/// What a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// This.
    Text(String),
    /// Nothing: it came out empty, cannot be read, or lacks a variable for which no default stands. No empty hole is ever shown.
    Nothing,
    /// That the whole message is not to be shown.
    Abort,
}

/// How a template ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All of it was printed.
    Whole,
    /// A variable without a value was printed, and nothing was to stand for it.
    Hole,
    /// `{% abort %}`: the message is not to be shown.
    Abort,
}

/// Prints a template; the error says what was not understood.
pub fn print(template: &str, scope: Scope, out: &mut String) -> Result<End, &'static str> {
    let mut reader = Reader::new(template, Some(scope), false);
    reader.all(out)?;
    Ok(match reader.flow {
        Flow::Abort => End::Abort,
        _ if reader.holed => End::Hole,
        _ => End::Whole,
    })
}

/// Prints a template as plain Liquid: a missing variable is nothing, and a mistake is told with line and column. Over no data it
/// is only tried out, and held to what the check asks; over data it is read as leniently as Liquid's own.
#[cfg(feature = "studio")]
pub fn liquid(template: &str, scope: Scope) -> Result<String, String> {
    let mut out = String::new();
    let mut reader = Reader::new(template, Some(scope), scope.document.members().len() == 0);
    reader.all(&mut out).map_err(|fault| placed(fault, template, reader.rest))?;
    Ok(if reader.flow == Flow::Abort { String::new() } else { out })
}

/// What a template asks for, else why it cannot be read, with line and column.
#[cfg(feature = "studio")]
pub fn understand(template: &str) -> Result<Notes, String> {
    let mut reader = Reader::new(template, None, true);
    match reader.all(&mut String::new()) {
        Ok(()) => Ok(reader.notes),
        Err(fault) => Err(placed(fault, template, reader.rest)),
    }
}

/// A mistake, and where it is: where what could not be read begins.
#[cfg(feature = "studio")]
fn placed(fault: &str, template: &str, rest: &str) -> String {
    let at = (rest.as_ptr() as usize).wrapping_sub(template.as_ptr() as usize);
    let read = template.get(..at).unwrap_or(template);
    let line = read.matches('\n').count() + 1;
    let column = read.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{fault} (line {line}, column {column})")
}

fn in_range<'a>(map: &'a Map, range: &str) -> Option<(&'a str, &'a Value)> {
    let mut range = range;
    loop {
        if let Some(found) = map.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(range)) {
            return Some(found);
        }
        range = cut_last(range, b'-')?.0;
        // A single letter or digit only introduces what followed it (RFC 4647 section 3.4).
        if let Some((before, _)) = cut_last(range, b'-').filter(|(_, subtag)| subtag.len() == 1) {
            range = before;
        } else if range.len() == 1 {
            return None;
        }
    }
}

impl<'a> Part<'a> for Text<'a> {
    fn of(value: &'a Value) -> Self {
        Text(value)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::Map(map) => {
                for (lang, template) in map.iter() {
                    check.within(lang, |check| check_template(template, check));
                }
            }
            value => check_template(value, check),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![<&str>::schema(defs), Table::<&str>::schema(defs)])
    }
}

#[cfg(feature = "studio")]
fn check_template(value: &Value, check: &mut Check) {
    match value.text() {
        None => check.expected("a template, a string", value),
        Some(template) => match understand(template) {
            Ok(notes) => check.template(notes),
            Err(message) => check.fail("template", message),
        },
    }
}
