//! The operators: each compares one value with one operand, as JavaScript would.

use super::condition::{self, Run};
use super::date;
use crate::engine::base::host::{Host, MAX_PATTERN, MAX_SUBJECT};
use crate::engine::base::text::{cut, digits, is_digits};
use crate::engine::base::value::{Map, Value};
use crate::words;
use std::cmp::Ordering;

words! {
    /// How a value is compared.
    pub enum Operator {
        /// No operator: equality that coerces.
        "=" Is,
        /// Strictly equal; objects and arrays never are.
        "$eq" Equal,
        /// Not so.
        "$ne" Unequal,
        /// Less.
        "$lt" Less,
        /// Less or equal.
        "$lte" AtMost,
        /// Greater.
        "$gt" Greater,
        /// Greater or equal.
        "$gte" AtLeast,
        /// There, and not `null`.
        "$exists" Exists,
        /// Strictly one of a list; of an array any element.
        "$in" In,
        /// Not so.
        "$nin" NotIn,
        /// As `$in`, upper and lower case alike.
        "$ini" InFolded,
        /// Not so.
        "$nini" NotInFolded,
        /// An array in which each of a list is met.
        "$all" All,
        /// Likewise, upper and lower case alike.
        "$alli" AllFolded,
        /// As `$in`, of a named list.
        "$inGroup" InGroup,
        /// Not so.
        "$notInGroup" NotInGroup,
        /// What follows is not met.
        "$not" Not,
        /// The length of an array.
        "$size" Size,
        /// An element of an array.
        "$elemMatch" Element,
        /// The kind of value.
        "$type" Type,
        /// A regular expression matches it as printed.
        "$regex" Regex,
        /// Likewise, upper and lower case alike.
        "$regexi" RegexFolded,
        /// It does not match.
        "$notRegex" NotRegex,
        /// Likewise, upper and lower case alike.
        "$notRegexi" NotRegexFolded,
        /// The same version.
        "$veq" Version,
        /// Another version.
        "$vne" OtherVersion,
        /// An earlier version.
        "$vlt" Earlier,
        /// An earlier version or the same.
        "$vlte" NotLater,
        /// A later version.
        "$vgt" Later,
        /// A later version or the same.
        "$vgte" NotEarlier,
        /// A moment before another.
        "$danbiBefore" Before,
        /// A moment after another.
        "$danbiAfter" After,
        /// A moment at most so long ago, or so far ahead.
        "$danbiWithin" Within,
    }
}

use Operator as Op;

impl Operator {
    /// Whether its answer is one of time.
    pub fn is_date(self) -> bool {
        matches!(self, Op::Before | Op::After | Op::Within)
    }
}

/// The operators of an object all of whose keys begin with `$`.
pub fn operators(operand: &Value) -> Option<&Map> {
    operand.map().filter(|map| !map.is_empty() && map.iter().all(|(key, _)| key.starts_with("$")))
}

/// Lists longer than this are sorted once, and searched by halves.
const SORTED: usize = 8;

/// The operand as an operator that is asked often wants it: lists sorted, versions padded.
pub fn prepared(operator: Operator, operand: &Value) -> Value {
    match operator {
        Op::In | Op::NotIn if operand.list().len() > SORTED => {
            let mut list: Vec<Value> = operand.list().iter().filter(|item| is_plain(item)).cloned().collect();
            list.sort_unstable_by(rank);
            list.into()
        }
        Op::Version | Op::OtherVersion | Op::Earlier | Op::NotLater | Op::Later | Op::NotEarlier => match operand {
            // How a number is written is the host's to say.
            Value::Number(_) => operand.clone(),
            operand => padded(operand.text().unwrap_or_default()).into(),
        },
        _ => operand.clone(),
    }
}

/// Whether a value meets an operand; `prepared`: the operand is as [`prepared`] makes it.
pub fn compare(operator: Operator, operand: &Value, value: &Value, run: &Run, prepared: bool) -> bool {
    if !run.burn(1) {
        return false;
    }
    let host = run.facts.host;
    let list = || matches!(operand, Value::List(_));
    match operator {
        Op::Is => matches(operand, value, run, false),
        Op::Equal => same(value, operand),
        Op::Unequal => !same(value, operand),
        Op::Less => order(value, operand, run) == Some(Ordering::Less),
        Op::AtMost => matches!(order(value, operand, run), Some(Ordering::Less | Ordering::Equal)),
        Op::Greater => order(value, operand, run) == Some(Ordering::Greater),
        Op::AtLeast => matches!(order(value, operand, run), Some(Ordering::Greater | Ordering::Equal)),
        Op::Exists => truthy(operand) != value.is_null(),
        Op::In | Op::NotIn => list() && contains(operand.list(), value, run, false, prepared) == (operator == Op::In),
        Op::InFolded | Op::NotInFolded => {
            list() && contains(operand.list(), value, run, true, false) == (operator == Op::InFolded)
        }
        Op::InGroup | Op::NotInGroup => group(operand, run)
            .is_some_and(|list| contains(list, value, run, false, false) == (operator == Op::InGroup)),
        Op::Not => !matches(operand, value, run, false),
        Op::All | Op::AllFolded => list() && all(operand, value, run, operator == Op::AllFolded),
        Op::Size => match value {
            Value::List(items) => matches(operand, &Value::Number(items.len() as f64), run, false),
            _ => false,
        },
        Op::Element => value.list().iter().any(|item| match operators(operand) {
            _ if item.is_null() || !run.burn(1) => false,
            Some(_) => matches(operand, item, run, false),
            None => condition::eval(operand, item, run),
        }),
        Op::Type => operand.text() == Some(value.kind()),
        Op::Regex => regex(operand, value, run, false) == Some(true),
        Op::RegexFolded => regex(operand, value, run, true) == Some(true),
        Op::NotRegex => regex(operand, value, run, false) == Some(false),
        Op::NotRegexFolded => regex(operand, value, run, true) == Some(false),
        Op::Version => versions(value, operand, host, prepared).is_eq(),
        Op::OtherVersion => versions(value, operand, host, prepared).is_ne(),
        Op::Earlier => versions(value, operand, host, prepared).is_lt(),
        Op::NotLater => versions(value, operand, host, prepared).is_le(),
        Op::Later => versions(value, operand, host, prepared).is_gt(),
        Op::NotEarlier => versions(value, operand, host, prepared).is_ge(),
        _ => date::compare(operator, operand, value, run.facts.clock),
    }
}

/// Coercing equality, or operators that must all hold.
pub fn matches(operand: &Value, value: &Value, run: &Run, folded: bool) -> bool {
    match (operand, value) {
        (Value::Text(operand), Value::Text(value)) => alike(operand, value, run, folded),
        (Value::Text(operand), value) => alike(operand, &print(value, run), run, folded),
        (Value::Number(_), _) => order(value, operand, run) == Some(Ordering::Equal),
        (Value::Bool(expected), _) => !value.is_null() && truthy(value) == *expected,
        (Value::Null, _) => value.is_null(),
        _ => match operators(operand) {
            Some(operators) => operators.iter().all(|(name, operand)| {
                Op::named(name).is_some_and(|operator| compare(operator, operand, value, run, false))
            }),
            None => run.burn(1) && operand == value,
        },
    }
}

/// The same text, perhaps but for upper and lower case.
fn alike(a: &str, b: &str, run: &Run, folded: bool) -> bool {
    match folded {
        false => a == b,
        true if !run.burn((a.len() + b.len()) / LETTERS) => false,
        true if a.is_ascii() && b.is_ascii() => a.eq_ignore_ascii_case(b),
        true => run.facts.host.lowercase(a) == run.facts.host.lowercase(b),
    }
}

/// The values of a saved group: a list, or the `list` of the newer form. An unknown one is empty, another kind is nobody's.
fn group<'a>(name: &Value, run: &Run<'a>) -> Option<&'a [Value]> {
    let groups = run.facts.groups.map();
    let entry = match name.text() {
        Some(name) => groups.and_then(|groups| groups.get(name)),
        None => groups.and_then(|groups| groups.get(&print(name, run))),
    };
    match entry {
        None => Some(&[]),
        Some(Value::List(list)) => Some(list),
        Some(entry) if entry.field("type").text() == Some("list") => match entry.field("values") {
            Value::List(list) => Some(list),
            _ => None,
        },
        Some(_) => None,
    }
}

fn all(operand: &Value, value: &Value, run: &Run, folded: bool) -> bool {
    let items = value.list();
    let met = |wanted| items.iter().any(|item| run.burn(1) && matches(wanted, item, run, folded));
    matches!(value, Value::List(_)) && operand.list().iter().all(met)
}

/// Whether the value, or one of its elements, is in the list, strictly.
fn contains(list: &[Value], value: &Value, run: &Run, folded: bool, sorted: bool) -> bool {
    let one = |value: &Value| match value {
        Value::Text(value) if folded => {
            list.iter().any(|item| item.text().is_some_and(|item| alike(item, value, run, true)))
        }
        value if sorted && list.len() > SORTED => {
            is_plain(value) && list.binary_search_by(|item| rank(item, value)).is_ok()
        }
        value => run.burn(list.len() / LETTERS) && list.iter().any(|item| same(item, value)),
    };
    match value {
        Value::List(items) => items.iter().any(|item| run.burn(1) && one(item)),
        value => one(value),
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Map(_))
}

/// `===`.
fn same(a: &Value, b: &Value) -> bool {
    is_plain(a) && a == b
}

/// Any order in which what is the same is equal.
fn rank(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes())),
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (a, b) => a.kind().cmp(b.kind()),
    }
}

/// JavaScript's `<` and `>`: two texts by code unit, all else as numbers; none where one is NaN.
fn order(a: &Value, b: &Value, run: &Run) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(units(a).cmp(units(b))),
        // Arrays and objects are what they print as.
        (Value::List(_) | Value::Map(_), b) => order(&print(a, run).into(), b, run),
        (a, Value::List(_) | Value::Map(_)) => order(a, &print(b, run).into(), run),
        _ => number(a, run)?.partial_cmp(&number(b, run)?),
    }
}

/// The bytes of a text, changed so that their order is that of its UTF-16 code units: what is beyond U+FFFF comes before U+E000.
fn units(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| if byte & 0xFE == 0xEE { byte + 0x10 } else { byte })
}

/// JavaScript's `Number(value)` of what is neither an array nor an object; none for NaN.
fn number(value: &Value, run: &Run) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(bool) => Some(f64::from(u8::from(*bool))),
        Value::Text(text) if !run.burn(text.len() / LETTERS) => None,
        Value::Text(text) => run.facts.host.text_to_number(text),
        _ => Some(0.0),
    }
}

/// So many letters, or values that are only passed by, cost as much as one comparison.
const LETTERS: usize = 32;

fn print(value: &Value, run: &Run) -> String {
    let text = printed(value, run.facts.host);
    run.burn(text.len() / LETTERS);
    text
}

/// JavaScript's `String(value)`.
pub fn printed(value: &Value, host: &dyn Host) -> String {
    match value {
        Value::Null => String::from("null"),
        Value::Bool(bool) => String::from(if *bool { "true" } else { "false" }),
        Value::Number(number) => host.number_to_text(*number),
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            let mut text = String::new();
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push_str(",");
                }
                if !item.is_null() {
                    text.push_str(&printed(item, host));
                }
            }
            text
        }
        Value::Map(_) => String::from("[object Object]"),
    }
}

/// JavaScript's `!!value`.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(bool) => *bool,
        Value::Number(number) => number.abs() > 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(_) | Value::Map(_) => true,
    }
}

fn regex(pattern: &Value, value: &Value, run: &Run, folded: bool) -> Option<bool> {
    let pattern = pattern.text().filter(|pattern| pattern.len() <= MAX_PATTERN)?;
    let printed;
    let subject = match value {
        Value::Text(text) => text,
        value => {
            printed = print(value, run);
            &printed
        }
    };
    let slow = subject.len() > MAX_SUBJECT || ways(pattern, subject.len()) > MAX_WAYS;
    if slow { None } else { run.facts.host.regex(pattern, subject, folded) }
}

/// More ways than this to try a pattern on a subject are not gone.
pub const MAX_WAYS: f64 = 1e8;

/// About how many ways there are to try a pattern on a subject of this length: without end where something is repeated without
/// end that can itself match in several ways, as in `(a+)+`.
pub fn ways(pattern: &str, length: usize) -> f64 {
    let mut reader = Ways { pattern: pattern.as_bytes(), at: 0, length: length as f64 + 1.0 };
    let ways = reader.alternatives();
    if pattern.starts_with("^") { ways } else { ways * reader.length }
}

struct Ways<'a> {
    pattern: &'a [u8],
    at: usize,
    length: f64,
}

impl Ways<'_> {
    fn next(&self) -> u8 {
        self.pattern.get(self.at).copied().unwrap_or(b')')
    }

    /// Up to the end of a group. Only one of alternatives can match that begin with different letters.
    fn alternatives(&mut self) -> f64 {
        let (mut sum, mut most, mut letters, mut apart) = (0.0, 0.0, Vec::new(), true);
        loop {
            let (mut product, from, mut plain) = (1.0, self.at, false);
            while !matches!(self.next(), b'|' | b')') {
                product *= self.atom();
                plain |= self.at == from + 1;
            }
            let first = self.pattern.get(from).filter(|first| plain && first.is_ascii_alphanumeric());
            apart &= first.is_some_and(|first| !letters.contains(first));
            letters.extend(first);
            sum += product;
            most = f64::max(most, product);
            if self.next() == b')' {
                return if apart { most } else { sum };
            }
            self.at += 1;
        }
    }

    /// A letter, a class or a group, as often as it is repeated.
    fn atom(&mut self) -> f64 {
        let (mut ways, first) = (1.0, self.next());
        self.at += 1;
        match first {
            b'\\' => self.at += 1,
            b'[' => {
                while !matches!(self.pattern.get(self.at), None | Some(b']')) {
                    self.at += if self.next() == b'\\' { 2 } else { 1 };
                }
                self.at += 1;
            }
            b'(' => {
                if self.next() == b'?' {
                    self.at += 2;
                }
                ways = self.alternatives();
                self.at += 1;
            }
            _ => (),
        }
        let (least, most) = match self.next() {
            b'*' | b'+' => (0.0, f64::INFINITY),
            b'?' => (0.0, 1.0),
            b'{' => match self.times() {
                Some(times) => times,
                None => return ways,
            },
            _ => return ways,
        };
        self.at += 1;
        // As few as possible is no fewer ways.
        self.at += usize::from(self.next() == b'?');
        match most < f64::INFINITY {
            true => ways.powf(most) * (most - least + 1.0),
            false if ways > 1.0 => f64::INFINITY,
            false => self.length,
        }
    }

    /// The numbers in `{2}`, `{2,}` and `{2,5}`, up to the closing brace; none where it is a brace alone.
    fn times(&mut self) -> Option<(f64, f64)> {
        let rest = self.pattern.get(self.at + 1..)?;
        let inside = std::str::from_utf8(rest.get(..rest.iter().position(|byte| *byte == b'}')?)?).ok()?;
        let (least, most) = cut(inside, b',').unwrap_or((inside, inside));
        if !is_digits(least) || !(most.is_empty() || is_digits(most)) {
            return None;
        }
        let number = |text: &str| digits(text).map_or(f64::INFINITY, |number| number as f64);
        self.at += inside.len() + 1;
        Some((number(least), number(most)))
    }
}

/// Versions compared as padded text: `v` and `+build` stripped, three parts before all pre-releases of them.
fn versions(value: &Value, operand: &Value, host: &dyn Host, prepared: bool) -> Ordering {
    let written;
    let operand = match operand {
        Value::Text(operand) if prepared => operand,
        operand => {
            written = padded(&version(operand, host));
            &written
        }
    };
    let mut rest = units(operand);
    let mut ordering = Ordering::Equal;
    let mut follow = |part: &str| {
        for unit in units(part) {
            if ordering.is_eq() {
                ordering = rest.next().map_or(Ordering::Greater, |other| unit.cmp(&other));
            }
        }
    };
    match value {
        Value::Text(text) => pad(text, &mut follow),
        value => pad(&version(value, host), &mut follow),
    }
    if ordering.is_eq() && rest.next().is_some() { Ordering::Less } else { ordering }
}

/// A version as it is written; other kinds have none.
fn version(value: &Value, host: &dyn Host) -> String {
    match value {
        Value::Text(_) | Value::Number(_) => printed(value, host),
        _ => String::new(),
    }
}

fn padded(version: &str) -> String {
    let mut padded = String::new();
    pad(version, &mut |part| padded.push_str(part));
    padded
}

/// Tells a version padded, piece by piece.
fn pad(version: &str, tell: &mut dyn FnMut(&str)) {
    let version = if version.is_empty() { "0" } else { version };
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut rest = cut(version, b'+').map_or(version, |(version, _)| version);
    let mut parts = 1;
    loop {
        let end = rest.bytes().position(|byte| matches!(byte, b'-' | b'.'));
        let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if is_digits(part) {
            tell("     ".get(part.len()..).unwrap_or_default());
        }
        tell(part);
        let Some(end) = end else { break };
        tell("-");
        rest = rest.get(end + 1..).unwrap_or_default();
        parts += 1;
    }
    if parts == 3 {
        tell("-~");
    }
}
