//! The filters: Liquid's thirty, and danbi's own `money number date last_date day t josa`.

use super::Scope;
use super::number::{Number, integer};
use super::term::{MOST, Term, find, put};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::money;
use crate::engine::base::value::Value;
use crate::engine::message::{date, josa};

/// How many arguments a filter takes, at least and at most; none: there is no such filter.
pub fn arity(name: &str) -> Option<(usize, usize)> {
    Some(match name {
        "abs" | "capitalize" | "ceil" | "downcase" | "escape" | "first" | "floor" | "last" | "number" | "size"
        | "strip" | "t" | "upcase" | "url_encode" => (0, 0),
        "append" | "at_least" | "at_most" | "divided_by" | "josa" | "minus" | "modulo" | "plus" | "prepend"
        | "remove" | "split" | "times" => (1, 1),
        "join" | "money" | "round" => (0, 1),
        "replace" | "slice" => (1, 2),
        "date" | "day" | "default" | "last_date" | "truncate" | "truncatewords" => (0, 2),
        _ => return None,
    })
}

/// What a filter makes of a value. The number of arguments has been looked at.
///
/// `default` replaces false too, unless it is told to leave it.
pub fn filter<'a>(
    name: &str,
    value: Term<'a>,
    given: &[Term<'a>],
    leaves_false: bool,
    scope: Scope<'a>,
) -> Result<Term<'a>, &'static str> {
    let host = scope.host;
    let text = || value.text(host);
    let given_text = |place: usize, absent: &str| given.get(place).map_or(absent.to_string(), |term| term.text(host));
    let number = || Number::of(&value, host);
    let other = || given.first().map_or(Number::ZERO, |term| Number::of(term, host));
    Ok(Term::Made(match name {
        "abs" => return Ok(Number { digits: number().digits.saturating_abs(), ..number() }.term()),
        "at_least" | "at_most" => {
            let (number, other) = (number(), other());
            let is_beyond = if name == "at_least" { number.less(other) } else { other.less(number) };
            return Ok(if is_beyond { other } else { number }.term());
        }
        "ceil" | "floor" => return Ok(number().whole(name == "ceil").term()),
        "plus" | "minus" | "times" | "divided_by" | "modulo" => return number().reckon(name, other()),
        "round" => {
            let places = other();
            return Ok(number().round(places.whole(places.digits < 0).digits).term());
        }
        "append" => joined(&[&text(), &given_text(0, "")]),
        "prepend" => joined(&[&given_text(0, ""), &text()]),
        "downcase" => host.lowercase(&text()).into(),
        "upcase" => host.uppercase(&text()).into(),
        "capitalize" => {
            let text = text();
            let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
            joined(&[&host.uppercase(first), &host.lowercase(rest)])
        }
        "strip" => {
            let text = text();
            text.trim_matches(|letter: char| letter.is_ascii_whitespace() || letter == '\u{b}' || letter == '\0').into()
        }
        _ if value.is_nil() && matches!(name, "escape" | "url_encode" | "truncate" | "truncatewords") => Value::Null,
        "escape" | "url_encode" => {
            let mut out = String::new();
            for byte in text().chars() {
                let mut buffer = [0; 4];
                let letter = byte.encode_utf8(&mut buffer);
                if name == "escape" { escape(letter, &mut out) } else { encode(letter, &mut out) }
            }
            out.into()
        }
        "remove" | "replace" => {
            let (text, wanted, instead) = (text(), given_text(0, ""), given_text(1, ""));
            let (mut out, mut rest) = (String::new(), text.as_str());
            if wanted.is_empty() {
                // Nothing stands before every letter, and at the end.
                for letter in text.chars() {
                    put(&mut out, &instead);
                    put(&mut out, letter.encode_utf8(&mut [0; 4]));
                }
                rest = "";
                put(&mut out, &instead);
            }
            while let Some(at) = find(rest, &wanted).filter(|_| !rest.is_empty()) {
                put(&mut out, rest.get(..at).unwrap_or_default());
                put(&mut out, &instead);
                rest = rest.get(at + wanted.len()..).unwrap_or_default();
            }
            put(&mut out, rest);
            out.into()
        }
        "split" => split(&text(), &given_text(0, "")),
        "join" => {
            let (glue, mut out) = (given_text(0, " "), String::new());
            let mut first = true;
            let mut add = |item: &Term| {
                put(&mut out, if first { "" } else { &glue });
                first = false;
                put(&mut out, &item.text(host));
                out.len() < MOST
            };
            match value.value() {
                Value::List(list) => {
                    flat(list, &mut add);
                }
                _ if value.is_nil() => (),
                _ if matches!(value, Term::Range(..)) => {
                    (0..value.count().min(MOST as i64)).all(|place| add(&value.element(place)));
                }
                _ => {
                    add(&value);
                }
            }
            out.into()
        }
        "first" | "last" => return Ok(value.end(name == "last")),
        "size" => value.size().unwrap_or(0).into(),
        "slice" => {
            let from = integer(given.first().unwrap_or(&Term::NIL))?;
            let count = given.get(1).filter(|term| term.holds()).map_or(Ok(1), integer)?;
            let part = |length: usize| {
                let length = length as i64;
                let from = if from < 0 { from.saturating_add(length) } else { from };
                let from = if from < 0 { length } else { from };
                (usize::try_from(from).unwrap_or(usize::MAX), usize::try_from(count).unwrap_or(0))
            };
            match value.value() {
                Value::List(list) => {
                    let (skipped, taken) = part(list.len());
                    list.iter().skip(skipped).take(taken).cloned().collect::<Vec<_>>().into()
                }
                _ => {
                    let text = text();
                    let (skipped, taken) = part(text.chars().count());
                    text.chars().skip(skipped).take(taken).collect::<String>().into()
                }
            }
        }
        "truncate" => {
            let (text, end) = (text(), given_text(1, "..."));
            let length = given.first().map_or(Ok(50), integer)?;
            let kept = length.saturating_sub(end.chars().count() as i64).max(0) as usize;
            if (text.chars().count() as i64) <= length {
                text.into()
            } else {
                joined(&[&text.chars().take(kept).collect::<String>(), &end])
            }
        }
        "truncatewords" => {
            let (text, end) = (text(), given_text(1, "..."));
            let count = given.first().map_or(Ok(15), integer)?.max(1);
            let words = words(&text);
            // White space at the end counts as one more word that is empty.
            let trailing = text.ends_with(is_space) && !words.is_empty();
            if words.len() as i64 + i64::from(trailing && words.len() as i64 == count) <= count {
                text.into()
            } else {
                let kept: Vec<&str> = words.into_iter().take(count as usize).collect();
                joined(&[&kept.join(" "), &end])
            }
        }
        "default" => {
            return Ok(match value.is_wanting(!leaves_false) {
                true => given.first().cloned().unwrap_or(Term::NIL),
                false => value,
            });
        }
        // What is no amount stays as it is.
        "money" | "number" if !value.number().is_some_and(|number| number.abs() <= money::MAX as f64) => {
            return Ok(value);
        }
        "money" => money::text(number().round(0).digits, scope.currency, scope.lang, !given.is_empty()).into(),
        "number" => {
            let text = text();
            let whole = text.strip_suffix(".0").map_or(text.len(), str::len);
            money::in_groups(text.get(..whole).unwrap_or_default()).into()
        }
        "date" | "last_date" | "day" => date::filter(name, value.value(), given, scope),
        "t" => {
            let key = text();
            let words =
                scope.texts.get(&key).map(|words| words.print(Scope { texts: Table::of(&Value::Null), ..scope }));
            words.filter(|words| !words.is_empty()).into()
        }
        "josa" => {
            let word = text();
            joined(&[&word, &josa::particle(&word, &given_text(0, ""))])
        }
        _ => Value::Null,
    }))
}

fn joined(parts: &[&str]) -> Value {
    let mut out = String::new();
    for part in parts {
        put(&mut out, part);
    }
    out.into()
}

/// The elements of lists within lists; false as soon as nobody wants more.
fn flat(list: &[Value], add: &mut dyn FnMut(&Term) -> bool) -> bool {
    list.iter().all(|item| match item {
        Value::List(inner) => flat(inner, add),
        item => add(&Term::Known(item)),
    })
}

fn is_space(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == '\u{b}'
}

fn words(text: &str) -> Vec<&str> {
    text.split(is_space).filter(|word| !word.is_empty()).collect()
}

/// The pieces between marks, none of them empty at the end; letters where there is no mark, words where it is a space.
fn split(text: &str, mark: &str) -> Value {
    let mut pieces: Vec<Value> = Vec::new();
    match mark {
        " " => words(text).into_iter().for_each(|word| pieces.push(word.into())),
        "" => text.chars().for_each(|letter| pieces.push(String::from(letter).into())),
        mark => {
            let mut rest = text;
            while let Some(at) = find(rest, mark) {
                pieces.push(rest.get(..at).unwrap_or_default().into());
                rest = rest.get(at + mark.len()..).unwrap_or_default();
            }
            pieces.push(rest.into());
        }
    }
    while pieces.last().is_some_and(|piece| piece.text() == Some("")) {
        pieces.pop();
    }
    pieces.into()
}

/// A letter as HTML has it.
fn escape(letter: &str, out: &mut String) {
    put(
        out,
        match letter {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&quot;",
            "'" => "&#39;",
            letter => letter,
        },
    );
}

/// A letter as a form in a query has it.
fn encode(letter: &str, out: &mut String) {
    const DIGITS: &str = "0123456789ABCDEF";
    for byte in letter.bytes() {
        match byte {
            b' ' => put(out, "+"),
            b'-' | b'.' | b'_' | b'~' => put(out, letter),
            byte if byte.is_ascii_alphanumeric() => put(out, letter),
            byte => {
                put(out, "%");
                for digit in [byte >> 4, byte & 15] {
                    put(out, DIGITS.get(usize::from(digit)..=usize::from(digit)).unwrap_or_default());
                }
            }
        }
    }
}
