//! Values as they are written: texts in quotes, numbers, ranges, and paths of dots and brackets.

use super::number::bound;
use super::read::{Origin, Read, Reader, fault};
use super::term::Term;
use crate::engine::base::text::{digits, trim};
use crate::engine::base::value::MAX_DEPTH;

const VALUE: &str =
    "a value was expected here: a name, a text in quotes or a number; other names go in brackets, e.g. user[\"이름\"]";

impl<'a> Reader<'a> {
    /// A value.
    pub(super) fn term(&mut self) -> Read<Term<'a>> {
        if self.depth == MAX_DEPTH {
            return Err(fault!("nested too deep"));
        }
        self.depth += 1;
        let term = self.value();
        self.depth -= 1;
        term
    }

    fn value(&mut self) -> Read<Term<'a>> {
        self.skip();
        let begin = self.rest;
        let term = match begin.bytes().next() {
            Some(b'"' | b'\'') => {
                let (quote, inner) = begin.split_at_checked(1).unwrap_or_default();
                let end = inner
                    .bytes()
                    .position(|byte| quote.as_bytes() == [byte])
                    .ok_or(fault!("the quote is never closed"))?;
                self.rest = inner.get(end + 1..).unwrap_or_default();
                Term::Made(inner.get(..end).unwrap_or_default().into())
            }
            Some(b'(') => {
                self.eat("(");
                let from = self.range_end()?;
                self.expect("..")?;
                let to = self.range_end()?;
                self.expect(")")?;
                Term::Range(from, to)
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return self.path(),
        };
        self.origin = Origin::Literal;
        Ok(term)
    }

    fn expect(&mut self, mark: &str) -> Read<()> {
        if self.eat(mark) {
            return Ok(());
        }
        Err(fault!(match mark {
            "]" => "close the bracket before this, with ]",
            ")" => "close the range before this, with )",
            _ => "a range has two dots, e.g. (1..5)",
        }))
    }

    fn range_end(&mut self) -> Read<i64> {
        let before = self.rest;
        let end = self.term()?;
        match end {
            _ if self.running().is_none() => Ok(0),
            // As written, a decimal number loses what is after its point.
            Term::Float(number) if self.origin == Origin::Literal => Ok(number as i64),
            end => bound(&end).inspect_err(|_| self.rest = before),
        }
    }

    /// `12`, `-3`, `4.50`.
    fn number(&mut self) -> Read<Term<'a>> {
        let begin = self.rest;
        let negative = self.eat("-");
        let whole =
            if self.rest.starts_with(char::is_whitespace) { "" } else { self.letters(|byte| byte.is_ascii_digit()) };
        if whole.is_empty() {
            self.rest = begin;
            return Err(fault!(VALUE));
        }
        let sign = if negative { -1.0 } else { 1.0 };
        let fraction = self.rest.strip_prefix('.').unwrap_or_default();
        let length = fraction.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(fraction.len());
        let read = |text: &str| self.scope.map_or(Some(0.0), |scope| scope.host.text_to_number(text));
        let value = match digits(whole) {
            Some(number) if length == 0 => return Ok(Term::Made((sign * number as f64).into())),
            None if length == 0 => read(whole),
            _ => read(begin.get(..begin.len() - fraction.len() + length).unwrap_or_default()).map(f64::abs),
        };
        self.rest = if length == 0 { self.rest } else { fraction.get(length..).unwrap_or_default() };
        let value = sign * value.unwrap_or(0.0);
        Ok(if length == 0 { Term::Made(value.into()) } else { Term::Float(value) })
    }

    /// `a.b`, `a["b"]`, `a[0]`, `a[b.c]`, `["a"].b`; Braze's `${a}` is `a`, else `user.a`, and `custom_attribute.${a}` the same.
    fn path(&mut self) -> Read<Term<'a>> {
        let (begin, mark) = (self.rest, self.notes.mark());
        let mut value;
        if self.eat("[") {
            let key = self.term()?;
            self.expect("]")?;
            self.origin = Origin::Fact;
            value = key.value().text().map_or(Term::NIL, |key| self.root(key));
        } else if self.eat("${") {
            let name = self.braze_name()?;
            value = self.root(name);
            if value.is_nil() {
                value = self.trait_of(name);
            }
        } else {
            let name = self.name().ok_or(fault!(VALUE))?;
            let literal = match name {
                "nil" | "null" => Some(Term::NIL),
                "true" => Some(Term::Made(true.into())),
                "false" => Some(Term::Made(false.into())),
                "blank" | "empty" if !self.comparing => Some(Term::Made("".into())),
                "blank" => Some(Term::Blank),
                "empty" => Some(Term::Empty),
                _ => None,
            };
            if let Some(literal) = literal.filter(|_| !self.rest.starts_with(['.', '['])) {
                self.origin = Origin::Literal;
                return Ok(literal);
            }
            value = self.root(name);
        }
        let origin = self.origin;
        loop {
            if self.eat("[") {
                let key = self.term()?;
                self.expect("]")?;
                value = value.member(&key, false);
            } else if !self.is_dot() {
                break;
            } else if self.eat(".") && self.eat("${") {
                let name = self.braze_name()?;
                let found = value.member(&Term::Made(name.into()), false);
                value = if found.is_nil() { self.trait_of(name) } else { found };
            } else {
                let name = self
                    .name()
                    .ok_or(fault!("a name was expected after the dot; a place goes in brackets, e.g. items[0]"))?;
                value = value.member(&Term::Made(name.into()), true);
            }
        }
        self.origin = origin;
        if self.scope.is_none() && origin == Origin::Fact {
            self.notes.path(mark, begin.get(..begin.len() - self.rest.len()).unwrap_or_default());
        }
        Ok(value)
    }

    /// Whether a dot is next, and not the two of a range.
    fn is_dot(&mut self) -> bool {
        self.skip();
        self.rest.starts_with('.') && !self.rest.starts_with("..")
    }

    /// What stands in `${}`.
    fn braze_name(&mut self) -> Read<&'a str> {
        let end = self.rest.bytes().position(|byte| byte == b'}').ok_or(fault!("${ is never closed; add }"))?;
        let name = trim(self.rest.get(..end).unwrap_or_default());
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        if name.is_empty() { Err(fault!("${ } wants a name, e.g. ${first_name}")) } else { Ok(name) }
    }

    fn trait_of(&mut self, name: &str) -> Term<'a> {
        self.origin = Origin::Fact;
        self.running().map_or(Term::NIL, |scope| Term::Known(scope.document.field("user").field(name)))
    }
}
