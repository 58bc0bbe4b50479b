//! The filters: Liquid's thirty, and danbi's own `money number date last_date day t josa`.

use super::Scope;
use super::number::{Number, integer};
use super::read::Read;
use super::term::{MOST, Term, find, letters, place, put};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::money;
use crate::engine::base::text::join;
use crate::engine::base::value::Value;
use crate::engine::message::{date, josa};
use crate::words;

words! {
    /// A filter.
    pub enum Filter {
        /// Without its sign.
        "abs" Abs,
        /// With a text behind.
        "append" Append,
        /// No less than.
        "at_least" AtLeast,
        /// No more than.
        "at_most" AtMost,
        /// The first letter large, all others small.
        "capitalize" Capitalize,
        /// The next whole number above.
        "ceil" Ceil,
        /// A date in words.
        "date" Date,
        /// The same, where it may say today.
        "day" Day,
        /// Something for what is missing, empty or false.
        "default" Default,
        /// Divided.
        "divided_by" DividedBy,
        /// In small letters.
        "downcase" Downcase,
        /// As HTML has it.
        "escape" Escape,
        /// The first element or letter.
        "first" First,
        /// The next whole number below.
        "floor" Floor,
        /// The elements with something between.
        "join" Join,
        /// With the Korean particle that follows its sound.
        "josa" Josa,
        /// The last element or letter.
        "last" Last,
        /// The last good day before an end.
        "last_date" LastDate,
        /// Less so much.
        "minus" Minus,
        /// What a division leaves.
        "modulo" Modulo,
        /// An amount in the house's currency.
        "money" Money,
        /// Digits in groups of three.
        "number" Number,
        /// And so much.
        "plus" Plus,
        /// With a text in front.
        "prepend" Prepend,
        /// Without a text wherever it occurs.
        "remove" Remove,
        /// With one text for another.
        "replace" Replace,
        /// Rounded.
        "round" Round,
        /// How many elements or letters.
        "size" Size,
        /// A part.
        "slice" Slice,
        /// The pieces between marks.
        "split" Split,
        /// Without white space around.
        "strip" Strip,
        /// A text of the house, by its key.
        "t" T,
        /// So many times.
        "times" Times,
        /// Cut to so many letters.
        "truncate" Truncate,
        /// Cut to so many words.
        "truncatewords" Truncatewords,
        /// In large letters.
        "upcase" Upcase,
        /// As an address has it.
        "url_encode" UrlEncode,
    }
}

impl Filter {
    /// How many arguments it takes, at least and at most.
    pub fn arity(self) -> (usize, usize) {
        use Filter::*;
        match self {
            Append | AtLeast | AtMost | DividedBy | Josa | Minus | Modulo | Plus | Prepend | Remove | Split | Times => {
                (1, 1)
            }
            Join | Money | Round => (0, 1),
            Replace | Slice => (1, 2),
            Date | Day | Default | LastDate | Truncate | Truncatewords => (0, 2),
            _ => (0, 0),
        }
    }
}

/// What a filter makes of a value. The number of arguments has been looked at. `default` replaces false too, unless it is told to
/// leave it.
pub fn filter<'a>(
    filter: Filter,
    value: Term<'a>,
    given: &[Term<'a>],
    leaves_false: bool,
    scope: Scope<'a>,
) -> Read<Term<'a>> {
    let (host, nil) = (scope.host, Term::NIL);
    let (first, second) = (given.first().unwrap_or(&nil), given.get(1).unwrap_or(&nil));
    let (text, wanted, instead) = (value.text(host), first.text(host), second.text(host));
    let (number, other) = (Number::of(&value, host), Number::of(first, host));
    let count = |absent| if given.is_empty() { Ok(absent) } else { integer(first) };
    let end = if given.len() < 2 { "..." } else { &instead };
    let mut out = String::new();
    match filter {
        Filter::Abs => return Ok(Number { digits: number.digits.abs(), ..number }.term()),
        Filter::AtLeast => return Ok(if number.less(other) { other } else { number }.term()),
        Filter::AtMost => return Ok(if other.less(number) { other } else { number }.term()),
        Filter::Ceil | Filter::Floor => return Ok(number.level(filter == Filter::Ceil).term()),
        Filter::Round => return Ok(number.round((other.digits / other.unit) as i64).term()),
        Filter::Plus | Filter::Minus | Filter::Times | Filter::DividedBy | Filter::Modulo => {
            return number.reckon(filter, other);
        }
        Filter::First | Filter::Last => return Ok(value.end(filter == Filter::Last)),
        Filter::Size => return Ok(Term::Made(value.size().unwrap_or(0).into())),
        Filter::Default if value.is_wanting(!leaves_false) => return Ok(first.clone()),
        Filter::Default => return Ok(value),
        Filter::Escape | Filter::UrlEncode | Filter::Truncate | Filter::Truncatewords if value.is_nil() => {
            return Ok(nil);
        }
        // What is no amount stays as it is.
        Filter::Money | Filter::Number if !value.number().is_some_and(|number| number.abs() <= money::MAX as f64) => {
            return Ok(value);
        }
        Filter::Split => return Ok(Term::Made(split(&text, &wanted))),
        Filter::Slice => {
            let (from, count) = (integer(first)?, if second.holds() { integer(second)? } else { 1 });
            let length = match value.value() {
                Value::List(list) => list.len(),
                _ => letters(&text),
            };
            let from = if from < 0 { from.saturating_add(length as i64) } else { from };
            let from = usize::try_from(from).unwrap_or(length).min(length);
            let upto = from.saturating_add(usize::try_from(count).unwrap_or(0)).min(length);
            if let Value::List(list) = value.value() {
                return Ok(Term::Made(list.get(from..upto).unwrap_or_default().to_vec().into()));
            }
            put(&mut out, text.get(place(&text, from)..place(&text, upto)).unwrap_or_default());
        }
        Filter::Append => [&text, &wanted].into_iter().for_each(|part| put(&mut out, part)),
        Filter::Prepend => [&wanted, &text].into_iter().for_each(|part| put(&mut out, part)),
        Filter::Downcase => out = host.lowercase(&text),
        Filter::Upcase => out = host.uppercase(&text),
        Filter::Capitalize => {
            let (first, rest) = text.split_at_checked(place(&text, 1)).unwrap_or_default();
            out = join(&[&host.uppercase(first), &host.lowercase(rest)]);
        }
        Filter::Strip => put(&mut out, text.trim_ascii()),
        Filter::Escape | Filter::UrlEncode => text.chars().for_each(|letter| encode(letter, filter, &mut out)),
        Filter::Remove | Filter::Replace => {
            let mut rest = text.as_str();
            while let Some(at) = find(rest, &wanted) {
                put(&mut out, rest.get(..at).unwrap_or_default());
                put(&mut out, &instead);
                // Nothing stands before every letter, and at the end.
                let kept = if wanted.is_empty() { place(rest, 1) } else { at + wanted.len() };
                let (passed, after) = rest.split_at_checked(kept).unwrap_or_default();
                put(&mut out, if wanted.is_empty() { passed } else { "" });
                rest = after;
                if passed.is_empty() {
                    break;
                }
            }
            put(&mut out, rest);
        }
        Filter::Join => {
            let glue = if given.is_empty() { " " } else { &wanted };
            let mut add = |item: &Term, is_first: bool| {
                put(&mut out, if is_first { "" } else { glue });
                put(&mut out, &item.text(host));
            };
            match value.value() {
                Value::List(list) => {
                    flat(list, true, &mut add);
                }
                _ if matches!(value, Term::Range(..)) => {
                    (0..value.count().min(MOST as i64)).for_each(|place| add(&value.element(place), place == 0));
                }
                _ => add(&value, true),
            }
        }
        Filter::Truncate => {
            let most = count(50)?;
            let kept = usize::try_from(most).unwrap_or(0);
            if most >= 0 && place(&text, kept) == text.len() {
                return Ok(Term::Made(text.into()));
            }
            put(&mut out, text.get(..place(&text, kept.saturating_sub(letters(end)))).unwrap_or_default());
            put(&mut out, end);
        }
        Filter::Truncatewords => {
            let (most, mut words) = (count(15)?.max(1), 0);
            for word in text.split_ascii_whitespace() {
                if words < most {
                    put(&mut out, if words > 0 { " " } else { "" });
                    put(&mut out, word);
                }
                words += 1;
            }
            // White space at the end counts as one more word, an empty one.
            if words < most || words == most && text.trim_ascii_end().len() == text.len() {
                return Ok(Term::Made(text.into()));
            }
            put(&mut out, end);
        }
        Filter::Money => {
            let amount = number.round(0).digits as i64;
            out = money::text(amount, scope.currency, scope.lang, !given.is_empty());
        }
        Filter::Number => out = money::in_groups(text.strip_suffix(".0").unwrap_or(&text)),
        Filter::Date | Filter::LastDate | Filter::Day => {
            return Ok(Term::Made(date::filter(filter, value.value(), given, scope)));
        }
        Filter::T => {
            let words = scope.texts.get(&text);
            out = words.map_or(out, |words| words.print(Scope { texts: Table::of(&Value::Null), ..scope }));
            if out.is_empty() {
                return Ok(nil);
            }
        }
        Filter::Josa => out = join(&[&text, &josa::particle(&text, &wanted)]),
    }
    Ok(Term::Made(out.into()))
}

/// The elements of lists within lists.
fn flat(list: &[Value], is_first: bool, add: &mut dyn FnMut(&Term, bool)) -> bool {
    list.iter().fold(is_first, |is_first, item| match item {
        Value::List(inner) => flat(inner, is_first, add),
        item => {
            add(&Term::Known(item), is_first);
            false
        }
    })
}

/// The pieces between marks, none of them empty at the end; letters where there is no mark, words where it is a space.
fn split(text: &str, mark: &str) -> Value {
    let mut pieces: Vec<Value> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = match mark {
            "" => (place(rest, 1), place(rest, 1)),
            mark => find(rest, mark).map_or((rest.len(), rest.len()), |at| (at, at + mark.len())),
        };
        let piece = rest.get(..piece).unwrap_or_default();
        match mark {
            " " => piece.split_ascii_whitespace().for_each(|word| pieces.push(word.into())),
            _ => pieces.push(piece.into()),
        }
        rest = rest.get(after..).unwrap_or_default();
    }
    while pieces.last().is_some_and(|piece| piece.text() == Some("")) {
        pieces.pop();
    }
    pieces.into()
}

/// A letter as HTML has it, or a form in a query.
fn encode(letter: char, filter: Filter, out: &mut String) {
    const DIGITS: &str = "0123456789ABCDEF";
    let mut buffer = [0; 4];
    let plain = letter.encode_utf8(&mut buffer);
    let safe = letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '~');
    match letter {
        ' ' if filter == Filter::UrlEncode => put(out, "+"),
        _ if filter == Filter::UrlEncode && !safe => {
            for byte in plain.bytes() {
                put(out, "%");
                for digit in [byte >> 4, byte & 15] {
                    put(out, DIGITS.get(usize::from(digit)..=usize::from(digit)).unwrap_or_default());
                }
            }
        }
        '&' => put(out, "&amp;"),
        '<' => put(out, "&lt;"),
        '>' => put(out, "&gt;"),
        '"' => put(out, "&quot;"),
        '\'' => put(out, "&#39;"),
        _ => put(out, plain),
    }
}
