//! Templates: output with filters and `if`, in Liquid's syntax, printed as they are read. Anything else is an error.

use super::josa;
use crate::engine::audience::printed;
#[cfg(feature = "studio")]
use crate::engine::base::document::{Check, Table, forms};
use crate::engine::base::document::{List, Part};
use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::text::{cut, cut_last, decimal, digits, join, trim};
use crate::engine::base::time::{Day, Span, Time, Zones};
use crate::engine::base::value::{MAX_DEPTH, Map, Value};

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

impl Moment<'_> {
    fn day(self, at: Time) -> Day {
        self.zones.day(self.zone, at)
    }
}

/// `5월 24일`, `May 24`, with the year where it is another than today's.
pub fn date(day: Day, today: Option<Day>, lang: &str) -> String {
    const MONTHS: &str = "January,February,March,April,May,June,July,August,September,October,November,December";
    let (year, month, date) = day.civil();
    let (month_number, date) = (decimal(i64::from(month), 1), decimal(i64::from(date), 1));
    let year =
        if today.is_some_and(|today| today.civil().0 == year) { String::new() } else { decimal(i64::from(year), 4) };
    if lang.starts_with("ko") {
        let year = if year.is_empty() { year } else { join(&[&year, "년 "]) };
        return join(&[&year, &month_number, "월 ", &date, "일"]);
    }
    let month = usize::try_from(month - 1).ok().and_then(|place| MONTHS.split(',').nth(place)).unwrap_or_default();
    join(&[month, " ", &date, if year.is_empty() { "" } else { ", " }, &year])
}

impl Scope<'_> {
    /// The date of an instant, in words; nothing where there is none. `last_date` is the last good day before an end, `day` may
    /// say today.
    fn date(self, filter: &str, value: &Value, later: Option<&Value>) -> Value {
        let day = |at| self.moment.map_or_else(|| Zones::default().day("UTC", at), |moment| moment.day(at));
        let today = self.moment.map(|moment| moment.day(moment.now));
        let at = match value {
            Value::Text(text) if text == "now" => self.moment.map(|moment| moment.now),
            Value::Text(text) => Time::parse(text).map(|(at, _)| at),
            value => value.integer().map(Time),
        };
        let Some(at) = at else { return Value::Null };
        let later = later.and_then(Value::text).and_then(Span::parse).unwrap_or_default();
        let day = day(at.plus(later.exact - i64::from(filter == "last_date")));
        let day = day.plus_months(later.months).plus(later.days);
        let near = today.filter(|_| filter == "day").map(|today| day.0 - today.0);
        let words = match (near, self.lang.starts_with("ko")) {
            (Some(-1), true) => "어제",
            (Some(0), true) => "오늘",
            (Some(1), true) => "내일",
            (Some(-1), false) => "yesterday",
            (Some(0), false) => "today",
            (Some(1), false) => "tomorrow",
            _ => return date(day, today, self.lang).into(),
        };
        words.into()
    }
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

    /// Prints the text in the scope's language; what cannot be read prints nothing more.
    pub fn print(self, scope: Scope) -> String {
        let mut out = String::new();
        if let Some((lang, template)) = Text(self.0).lookup(scope) {
            print(template, Scope { lang, ..scope }, &mut out).ok();
        }
        out
    }
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
        Some(template) => {
            if let Err(message) = understand(template) {
                check.fail("template", message);
            }
        }
    }
}

/// Whether a template can be read, else why not, with line and column.
#[cfg(feature = "studio")]
pub fn understand(template: &str) -> Result<(), String> {
    let mut reader = Reader { rest: template, depth: 0, scope: None };
    let fault = match reader.nodes(false, &[], &mut String::new()) {
        Ok(_) => return Ok(()),
        Err(fault) => fault,
    };
    let read = template.get(..template.len() - reader.rest.len()).unwrap_or(template);
    let line = read.matches('\n').count() + 1;
    let column = read.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Err([fault, " (line ", &line.to_string(), ", column ", &column.to_string(), ")"].concat())
}

/// Prints a template; the error says what was not understood.
pub fn print(template: &str, scope: Scope, out: &mut String) -> Result<(), &'static str> {
    Reader { rest: template, depth: 0, scope: Some(scope) }.nodes(true, &[], out).map(|_| ())
}

struct Reader<'a> {
    rest: &'a str,
    /// How many `if` are open.
    depth: usize,
    /// None: only whether it can be read.
    scope: Option<Scope<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads up to one of the closing tags, which it gives back; prints where `live`.
    fn nodes(&mut self, live: bool, closers: &[&'static str], out: &mut String) -> Result<&'static str, &'static str> {
        loop {
            // What is not yet read stays in `rest`: an error is told there.
            let Some(open) = pair(self.rest, b'{', b"{%") else {
                self.text(self.rest.len(), live, out);
                return if closers.is_empty() { Ok("") } else { Err("missing endif") };
            };
            self.text(open, live, out);
            let output = self.rest.as_bytes().get(1) == Some(&b'{');
            let close = if output { b'}' } else { b'%' };
            let end = pair(self.rest, close, b"}").ok_or("missing }} or %}")?;
            let inner = trim(self.rest.get(2..end).unwrap_or_default());
            let after = self.rest.get(end + 2..).unwrap_or_default();
            if output {
                let value = self.expression(inner)?;
                if let (Some(scope), true) = (self.scope, live) {
                    out.push_str(&shown(&value, scope.host));
                }
                self.rest = after;
            } else if let Some(closer) = closers.iter().find(|closer| **closer == inner) {
                self.rest = after;
                return Ok(closer);
            } else if let Some(path) = inner.strip_prefix("if ") {
                // In Liquid only false and nil are false.
                let holds = !matches!(self.term(trim(path))?, Value::Null | Value::Bool(false));
                if self.depth == MAX_DEPTH {
                    return Err("nested too deep");
                }
                self.rest = after;
                self.depth += 1;
                if self.nodes(live && holds, &["else", "endif"], out)? == "else" {
                    self.nodes(live && !holds, &["endif"], out)?;
                }
                self.depth -= 1;
            } else {
                return Err("unknown tag; known are if, else and endif");
            }
        }
    }

    fn text(&mut self, length: usize, live: bool, out: &mut String) {
        let (text, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        if live {
            out.push_str(text);
        }
        self.rest = rest;
    }

    fn expression(&self, inner: &str) -> Result<Value, &'static str> {
        let (first, mut filters) = piece(inner, b'|');
        let mut value = self.term(first)?;
        while let Some(rest) = filters {
            let (filter, others) = piece(rest, b'|');
            value = self.filter(filter, value)?;
            filters = others;
        }
        Ok(value)
    }

    fn filter(&self, filter: &str, value: Value) -> Result<Value, &'static str> {
        let (name, argument) = piece(filter, b':');
        let argument = argument.map(|argument| self.term(argument)).transpose()?;
        let Some(scope) = self.scope else {
            return match (name, argument) {
                ("money" | "number" | "date" | "last_date" | "day", None)
                | ("append" | "default" | "minus", Some(_)) => Ok(value),
                ("date" | "last_date" | "day", Some(Value::Text(span))) if Span::parse(&span).is_some() => Ok(value),
                ("date" | "last_date" | "day", _) => Err("a date may have a duration added, e.g. date: \"P7D\""),
                ("josa", Some(Value::Text(pair))) if cut(&pair, b'/').is_some() => Ok(value),
                ("josa", _) => Err("josa wants both forms, e.g. josa: \"을/를\""),
                _ => Err("unknown filter, or a wrong number of arguments"),
            };
        };
        let text = |value: &Value| shown(value, scope.host);
        Ok(match (name, argument, value.integer()) {
            ("money", None, Some(amount)) => money::text(amount, scope.currency, scope.lang).into(),
            ("number", None, Some(number)) => money::grouped(number).into(),
            ("date" | "last_date" | "day", later, _) => scope.date(name, &value, later.as_ref()),
            ("minus", Some(argument), Some(number)) => {
                argument.integer().map(|less| number.saturating_sub(less)).into()
            }
            ("append", Some(argument), _) => join(&[&text(&value), &text(&argument)]).into(),
            ("josa", Some(pair), _) => {
                let word = text(&value);
                let particle = josa::particle(&word, &text(&pair));
                join(&[&word, &particle]).into()
            }
            ("default", Some(argument), _) if is_empty(&value) => argument,
            _ => value,
        })
    }

    /// A quoted text, a whole number or a path.
    fn term(&self, text: &str) -> Result<Value, &'static str> {
        if let Some(number) = digits(text) {
            return Ok(number.into());
        }
        if let Some(quote @ (b'"' | b'\'')) = text.bytes().next() {
            let literal = text.get(1..).and_then(|inner| cut(inner, quote)).filter(|(_, after)| after.is_empty());
            return literal.map(|(literal, _)| literal.into()).ok_or("unclosed quote");
        }
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80;
        // Keys with a dot between every two, none of them empty.
        let mut last = b'.';
        for byte in text.bytes() {
            if !letter(byte) && (byte != b'.' || last == b'.') {
                return Err("not a path");
            }
            last = byte;
        }
        if last == b'.' {
            return Err("not a path");
        }
        Ok(self.scope.map_or(Value::Null, |scope| scope.document.at(text).clone()))
    }
}

/// Where these two bytes follow each other, the second one of several.
fn pair(text: &str, first: u8, second: &[u8]) -> Option<usize> {
    text.as_bytes().windows(2).position(|pair| matches!(pair, [one, two] if *one == first && second.contains(two)))
}

/// Up to the separator outside quotes, and what follows it, both without white space around.
fn piece(text: &str, separator: u8) -> (&str, Option<&str>) {
    let mut quote = None;
    let mut end = text.len();
    for (index, byte) in text.bytes().enumerate() {
        match quote {
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None if byte == separator => {
                end = index;
                break;
            }
            Some(open) if open == byte => quote = None,
            _ => (),
        }
    }
    (trim(text.get(..end).unwrap_or_default()), text.get(end + 1..).map(trim))
}

/// What Liquid's `default` replaces.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Text(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        _ => false,
    }
}

/// How Liquid prints a value: nothing for nil, lists run together.
fn shown(value: &Value, host: &dyn Host) -> String {
    match value {
        Value::Null => String::new(),
        Value::List(items) => {
            let mut text = String::new();
            for item in items {
                text.push_str(&shown(item, host));
            }
            text
        }
        value => printed(value, host),
    }
}
