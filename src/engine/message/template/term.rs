//! What an expression of a template stands for, printed and compared as Liquid does.

use crate::engine::base::host::Host;
use crate::engine::base::value::{Map, Value};

/// What an expression stands for.
#[derive(Clone)]
pub enum Term<'a> {
    /// Of the document.
    Known(&'a Value),
    /// Computed, or written in the template.
    Made(Value),
    /// A number that keeps its point: `4.0` is printed otherwise than `4`.
    Float(f64),
    /// Whole numbers from one up to another.
    Range(i64, i64),
    /// `blank`: equals nil, false and what has nothing but white space in it. Outside comparisons it is read as an empty text.
    Blank,
    /// `empty`: equals a text, a list or an object with nothing in it. The same.
    Empty,
}

/// So many bytes of text are printed or made at most; what is beyond is left out.
pub const MOST: usize = 16 * 1024;

/// Adds a text, as far as there is room for it.
#[inline(never)]
pub fn put(out: &mut String, text: &str) {
    let mut room = MOST.saturating_sub(out.len()).min(text.len());
    while !text.is_char_boundary(room) {
        room -= 1;
    }
    out.push_str(text.get(..room).unwrap_or_default());
}

impl<'a> Term<'a> {
    /// Nothing.
    pub const NIL: Term<'static> = Term::Made(Value::Null);

    /// The plain value; null of what is none.
    pub fn value(&self) -> &Value {
        match self {
            Term::Known(value) => value,
            Term::Made(value) => value,
            _ => &Value::Null,
        }
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        matches!(self, Term::Known(Value::Null) | Term::Made(Value::Null))
    }

    /// Only false and nil are false.
    pub fn holds(&self) -> bool {
        !self.is_nil() && self.value().bool() != Some(false)
    }

    /// Whether it is a text, a list or an object with nothing in it.
    pub fn is_empty(&self) -> bool {
        match self.value() {
            Value::Text(text) => text.is_empty(),
            Value::List(list) => list.is_empty(),
            Value::Map(map) => map.is_empty(),
            _ => false,
        }
    }

    /// What `default` replaces.
    pub fn is_wanting(&self, false_too: bool) -> bool {
        self.is_nil() || self.is_empty() || false_too && !self.holds()
    }

    /// The number as JavaScript has it, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Term::Float(number) => Some(*number),
            term => term.value().number(),
        }
    }

    /// How many elements there are to go through: a text is one, unless it is empty.
    pub fn count(&self) -> i64 {
        match (self, self.value()) {
            (Term::Range(from, to), _) => to.saturating_sub(*from).saturating_add(1).max(0),
            (_, Value::List(list)) => list.len() as i64,
            (_, Value::Map(map)) => map.len() as i64,
            (_, Value::Text(text)) => i64::from(!text.is_empty()),
            _ => 0,
        }
    }

    /// The element at a place, from 0; from the end where it is negative. Of an object its name and value, of a text all of it.
    pub fn element(&self, place: i64) -> Term<'a> {
        let place = if place < 0 { place.saturating_add(self.count()) } else { place };
        let Ok(index) = usize::try_from(place) else { return Term::NIL };
        let pair = |map: &Map| map.iter().nth(index).map(|(key, value)| vec![key.into(), value.clone()].into());
        match self {
            Term::Range(from, to) if place <= to.saturating_sub(*from) => Term::Made((from + place).into()),
            Term::Known(Value::List(list)) => list.get(index).map_or(Term::NIL, Term::Known),
            term => match term.value() {
                Value::List(list) => Term::Made(list.get(index).cloned().unwrap_or_default()),
                Value::Map(map) => Term::Made(pair(map).unwrap_or_default()),
                text @ Value::Text(_) => Term::Made(text.clone()),
                _ => Term::NIL,
            },
        }
    }

    /// The first or last element, or letter; nothing of what has none.
    pub fn end(&self, last: bool) -> Term<'a> {
        if let Term::Range(from, to) = self {
            return Term::Made(if last { *to } else { *from }.into());
        }
        match self.value() {
            Value::Text(text) => {
                let letter = if last {
                    text.get(place(text, letters(text).saturating_sub(1))..)
                } else {
                    text.get(..place(text, 1))
                };
                Term::Made(letter.into())
            }
            Value::Map(_) if last => Term::NIL,
            _ if self.count() == 0 => Term::NIL,
            _ => self.element(-i64::from(last)),
        }
    }

    /// Liquid's `size`; that of a whole number is Ruby's, the bytes of a machine word. None of what has none.
    pub fn size(&self) -> Option<i64> {
        match (self, self.value()) {
            (_, Value::Text(text)) => Some(letters(text) as i64),
            (Term::Range(..), _) | (_, Value::List(_) | Value::Map(_)) => Some(self.count()),
            (_, value) => value.integer().map(|_| 8),
        }
    }

    /// The member that a key leads to; a command where it is written with a dot and no member has its name.
    pub fn member(&self, key: &Term, dotted: bool) -> Term<'a> {
        let found = match (self, key.value()) {
            (Term::Known(Value::Map(map)), Value::Text(key)) => map.get(key).map(Term::Known),
            (term, Value::Text(key)) => {
                term.value().map().and_then(|map| map.get(key)).map(|value| Term::Made(value.clone()))
            }
            (term, key) => match (term.value(), key.integer()) {
                (Value::List(_), Some(place)) => return term.element(place),
                _ => None,
            },
        };
        let command = || match key.value().text().filter(|_| dotted) {
            Some("first") => self.end(false),
            Some("last") => self.end(true),
            Some("size") => Term::Made(self.size().into()),
            _ => Term::NIL,
        };
        found.unwrap_or_else(command)
    }

    /// Prints it: nothing for nil, lists run together.
    pub fn print(&self, host: &dyn Host, out: &mut String) {
        match self {
            Term::Float(number) => {
                let text = host.number_to_text(*number);
                put(out, if *number == 0.0 && number.is_sign_negative() { "-" } else { "" });
                put(out, &text);
                if number.is_finite() && !text.bytes().any(|byte| matches!(byte, b'.' | b'e')) {
                    put(out, ".0");
                }
            }
            Term::Range(from, to) => {
                print(&(*from).into(), host, out);
                put(out, "..");
                print(&(*to).into(), host, out);
            }
            term => print(term.value(), host, out),
        }
    }

    /// It as a text; lists and objects as Ruby shows them.
    pub fn text(&self, host: &dyn Host) -> String {
        let mut out = String::new();
        match self.value() {
            list @ Value::List(_) => inspect(list, host, &mut out),
            _ => self.print(host, &mut out),
        }
        out
    }

    /// Liquid's `==`.
    pub fn equals(&self, other: &Term) -> bool {
        match (self, other) {
            (Term::Blank | Term::Empty, Term::Blank | Term::Empty) => false,
            (Term::Blank, term) | (term, Term::Blank) => {
                let blank = |text: &str| text.trim_ascii().is_empty();
                !term.holds() || term.is_empty() || term.value().text().is_some_and(blank)
            }
            (Term::Empty, term) | (term, Term::Empty) => term.is_empty(),
            (Term::Range(from, to), Term::Range(first, last)) => from == first && to == last,
            (Term::Range(..), _) | (_, Term::Range(..)) => false,
            _ => match (self.number(), other.number()) {
                (None, None) => same(self.value(), other.value()),
                (number, other) => number == other,
            },
        }
    }

    /// Liquid's `contains`.
    pub fn contains(&self, wanted: &Term, host: &dyn Host) -> bool {
        if !wanted.holds() {
            return false;
        }
        match (self, self.value()) {
            (Term::Range(from, to), _) => {
                wanted.number().is_some_and(|number| *from as f64 <= number && number <= *to as f64)
            }
            (_, Value::Text(text)) => find(text, &wanted.text(host)).is_some(),
            (_, Value::List(list)) => {
                !matches!(wanted, Term::Blank | Term::Empty) && list.iter().any(|item| Term::Known(item).equals(wanted))
            }
            (_, Value::Map(map)) => wanted.value().text().is_some_and(|key| map.get(key).is_some()),
            _ => false,
        }
    }
}

/// Where a letter begins, or the end.
pub fn place(text: &str, letter: usize) -> usize {
    let mut left = letter;
    for (at, byte) in text.bytes().enumerate() {
        if byte & 0xC0 != 0x80 {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
    }
    text.len()
}

/// How many letters a text has.
pub fn letters(text: &str) -> usize {
    text.bytes().filter(|byte| byte & 0xC0 != 0x80).count()
}

/// Where a text first occurs in another.
pub fn find(text: &str, wanted: &str) -> Option<usize> {
    if wanted.is_empty() {
        return Some(0);
    }
    text.as_bytes().windows(wanted.len()).position(|window| window == wanted.as_bytes())
}

/// Equal whatever the order of members.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

fn print(value: &Value, host: &dyn Host, out: &mut String) {
    match value {
        Value::Null => (),
        Value::Bool(bool) => put(out, if *bool { "true" } else { "false" }),
        Value::Number(number) => put(out, &host.number_to_text(*number)),
        Value::Text(text) => put(out, text),
        Value::List(items) => items.iter().for_each(|item| print(item, host, out)),
        map => inspect(map, host, out),
    }
}

/// As Ruby shows a value to programmers.
fn inspect(value: &Value, host: &dyn Host, out: &mut String) {
    match value {
        Value::Null => put(out, "nil"),
        Value::Text(text) => {
            put(out, "\"");
            for letter in text.chars() {
                match letter {
                    '\n' => put(out, "\\n"),
                    '\t' => put(out, "\\t"),
                    '\r' => put(out, "\\r"),
                    '"' => put(out, "\\\""),
                    '\\' => put(out, "\\\\"),
                    letter => put(out, letter.encode_utf8(&mut [0; 4])),
                }
            }
            put(out, "\"");
        }
        Value::List(items) => {
            put(out, "[");
            for (index, item) in items.iter().enumerate() {
                put(out, if index > 0 { ", " } else { "" });
                inspect(item, host, out);
            }
            put(out, "]");
        }
        Value::Map(map) => {
            put(out, "{");
            for (index, (key, item)) in map.iter().enumerate() {
                put(out, if index > 0 { ", " } else { "" });
                inspect(&key.into(), host, out);
                put(out, "=>");
                inspect(item, host, out);
            }
            put(out, "}");
        }
        value => print(value, host, out),
    }
}
