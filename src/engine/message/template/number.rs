//! Numbers of filters: whole or decimal, reckoned in digits, as Liquid's are. 10.1 less 2.2 is 7.9.

use super::filter::Filter;
use super::read::{Read, fault};
use super::term::Term;
use crate::engine::base::host::Host;
use crate::engine::base::text::{cut, digits, is_digits, trim};
use crate::engine::base::value::Value;

/// A number with a few digits after its point: so many units, all of them whole, exact to 2⁵³.
#[derive(Clone, Copy)]
pub struct Number {
    /// All its digits.
    pub digits: f64,
    /// 1, 10, 100: how many of them make one.
    pub unit: f64,
    /// Whether it is printed with a point.
    pub float: bool,
}

/// Ten to a power.
fn power(places: i64) -> f64 {
    (0..places.min(30)).fold(1.0, |power, _| power * 10.0)
}

/// The whole number next to this, half away from 0.
fn nearest(number: f64) -> f64 {
    let whole = number.trunc();
    if (number - whole).abs() < 0.5 { whole } else { whole + number.signum() }
}

impl Number {
    /// A whole number.
    pub const fn whole(digits: f64) -> Number {
        Number { digits, unit: 1.0, float: false }
    }

    /// What a filter that reckons takes a value for; 0 where it is no number.
    pub fn of(term: &Term, host: &dyn Host) -> Number {
        match (term, term.value()) {
            (_, Value::Text(text)) => {
                let text = trim(text);
                let plain = text.strip_prefix('-').unwrap_or(text);
                match cut(plain, b'.') {
                    Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => {
                        Number::decimal(host.text_to_number(text).unwrap_or(0.0), fraction)
                    }
                    _ => Number::whole(leading(text) as f64),
                }
            }
            (term, _) => {
                let number = term.number().unwrap_or(0.0);
                match cut(&host.number_to_text(number), b'.') {
                    Some((_, fraction)) if is_digits(fraction) => Number::decimal(number, fraction),
                    _ => Number { float: matches!(term, Term::Float(_)), ..Number::whole(number) },
                }
            }
        }
    }

    fn decimal(number: f64, fraction: &str) -> Number {
        let unit = power(fraction.len() as i64);
        Number { digits: nearest(number * unit), unit, float: true }
    }

    /// It as a value again.
    pub fn term<'a>(self) -> Term<'a> {
        let number = self.digits / self.unit;
        if self.float { Term::Float(number) } else { Term::Made(number.into()) }
    }

    /// The digits of two numbers, each with as many places as the other.
    fn aligned(self, other: Number) -> (f64, f64, f64) {
        let unit = self.unit.max(other.unit);
        (self.digits * (unit / self.unit), other.digits * (unit / other.unit), unit)
    }

    /// Whether it is less than another.
    pub fn less(self, other: Number) -> bool {
        let (one, other, _) = self.aligned(other);
        one < other
    }

    /// One of `plus`, `minus`, `times`, `divided_by` and `modulo`. Whole numbers divide into whole ones.
    pub fn reckon<'a>(self, filter: Filter, number: Number) -> Read<Term<'a>> {
        let float = self.float || number.float;
        let (one, other, unit) = self.aligned(number);
        let (digits, unit) = match filter {
            Filter::Plus => (one + other, unit),
            Filter::Minus => (one - other, unit),
            Filter::Times => (self.digits * number.digits, self.unit * number.unit),
            Filter::DividedBy if float => (one / other, 1.0),
            _ if other == 0.0 => return Err(fault!("nothing can be divided by 0; check the divisor first, with if")),
            Filter::DividedBy => ((one / other).floor(), 1.0),
            _ => {
                let rest = one - other * (one / other).floor();
                // The quotient may have been rounded to the next whole number.
                (if rest != 0.0 && (rest < 0.0) != (other < 0.0) { rest + other } else { rest }, unit)
            }
        };
        Ok(Number { digits, unit, float }.term())
    }

    /// The number with so many places, half away from 0; whole where that is none or fewer.
    pub fn round(self, places: i64) -> Number {
        let (unit, tens) = (power(places), power(places.saturating_neg()));
        match places {
            1.. if unit >= self.unit => self,
            1.. => Number { digits: nearest(self.digits / (self.unit / unit)), unit, ..self },
            _ => Number::whole(nearest(self.digits / self.unit / tens) * tens),
        }
    }

    /// The next whole number below, or above.
    pub fn level(self, up: bool) -> Number {
        let number = self.digits / self.unit;
        Number::whole(if up { number.ceil() } else { number.floor() })
    }
}

/// The whole number that a text begins with, 0 where it begins with none.
fn leading(text: &str) -> i64 {
    let text = trim(text);
    let plain = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = plain.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(plain.len());
    let number = plain.get(..end).and_then(digits).unwrap_or(0);
    if text.starts_with('-') { -number } else { number }
}

/// A place or a count: a whole number, or a text that is one.
pub fn integer(term: &Term) -> Read<i64> {
    let whole = match term.value() {
        Value::Text(text) => {
            let text = trim(text);
            Some(leading(text)).filter(|_| is_digits(text.strip_prefix(['-', '+']).unwrap_or(text)))
        }
        value => value.integer(),
    };
    whole.ok_or(fault!("a whole number was expected here"))
}

/// The end of a range: what a text begins with, 0 for nothing.
pub fn bound(term: &Term) -> Read<i64> {
    match term.value() {
        Value::Text(text) => Ok(leading(text)),
        _ if term.is_nil() => Ok(0),
        _ => integer(term),
    }
}
