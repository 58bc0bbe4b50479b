//! Numbers of filters: whole or decimal, reckoned in digits, as Liquid's are. 10.1 less 2.2 is 7.9.

use super::term::Term;
use crate::engine::base::host::Host;
use crate::engine::base::text::{cut, digits, is_digits, trim};
use crate::engine::base::value::Value;

/// A number with so many digits after its point.
#[derive(Clone, Copy)]
pub struct Number {
    /// All its digits.
    pub digits: i64,
    /// How many of them stand after the point.
    pub places: u32,
    /// Whether it is printed with a point.
    pub float: bool,
}

/// Ten to a power; none beyond what a number holds.
pub fn power(places: u32) -> Option<i64> {
    10_i64.checked_pow(places)
}

impl Number {
    /// Nothing.
    pub const ZERO: Number = Number { digits: 0, places: 0, float: false };

    /// What a filter that reckons takes a value for; 0 where it is no number.
    pub fn of(term: &Term, host: &dyn Host) -> Number {
        let whole = |digits| Number { digits, places: 0, float: false };
        match (term, term.value()) {
            (Term::Float(number), _) => Number { float: true, ..Number::decimal(*number, host) },
            (_, Value::Number(number)) => Number::decimal(*number, host),
            (_, Value::Text(text)) => Number::read(trim(text)).unwrap_or_else(|| whole(leading(text))),
            _ => whole(0),
        }
    }

    fn decimal(number: f64, host: &dyn Host) -> Number {
        let text = host.number_to_text(number);
        // Nothing with an exponent is reckoned exactly; what is tiny counts as 0.
        Number::read(&text).unwrap_or(Number { digits: number as i64, places: 0, float: false })
    }

    /// `-12.50`: decimal where it has a point, whole where it has none.
    fn read(text: &str) -> Option<Number> {
        let (sign, plain) = text.strip_prefix('-').map_or((1, text), |plain| (-1, plain));
        let (whole, fraction) = cut(plain, b'.').unwrap_or((plain, "0"));
        let float = plain.len() != whole.len();
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let places = if float { u32::try_from(fraction.len()).ok()? } else { 0 };
        let fraction = if float { digits(fraction)? } else { 0 };
        let all = digits(whole)?.checked_mul(power(places)?)?.checked_add(fraction)?;
        Some(Number { digits: sign * all, places, float })
    }

    /// As JavaScript has it.
    pub fn value(self) -> f64 {
        power(self.places).map_or(0.0, |power| self.digits as f64 / power as f64)
    }

    /// It as a value again.
    pub fn term<'a>(self) -> Term<'a> {
        if self.float { Term::Float(self.value()) } else { Term::Made(self.value().into()) }
    }

    /// The digits of two numbers, each with as many places as the other.
    fn aligned(self, other: Number) -> Option<(i64, i64, u32)> {
        let places = self.places.max(other.places);
        let digits = |number: Number| number.digits.checked_mul(power(places - number.places)?);
        Some((digits(self)?, digits(other)?, places))
    }

    /// Whether it is less than another.
    pub fn less(self, other: Number) -> bool {
        self.aligned(other).map_or(self.value() < other.value(), |(one, other, _)| one < other)
    }

    /// One of `plus`, `minus`, `times`, `divided_by` and `modulo`. Whole numbers divide into whole ones.
    pub fn reckon<'a>(self, filter: &str, other: Number) -> Result<Term<'a>, &'static str> {
        let float = self.float || other.float;
        if matches!(filter, "divided_by" | "modulo") && other.digits == 0 {
            return Err("nothing can be divided by 0; check the divisor first, with if");
        }
        let exact = |(one, other, places): (i64, i64, u32)| {
            let rest = || {
                one.checked_rem(other)
                    .map(|rest| if rest != 0 && (rest < 0) != (other < 0) { rest + other } else { rest })
            };
            let (digits, places) = match filter {
                "plus" => (one.checked_add(other)?, places),
                "minus" => (one.checked_sub(other)?, places),
                "times" => (one.checked_mul(other)?, places * 2),
                "modulo" => (rest()?, places),
                _ if float => return Some(Term::Float(one as f64 / other as f64)),
                _ => (one.checked_sub(rest()?)?.checked_div(other)?, 0),
            };
            power(places)?;
            Some(Number { digits, places, float }.term())
        };
        let (one, two) = (self.value(), other.value());
        let rough = || match filter {
            "plus" => one + two,
            "minus" => one - two,
            "times" => one * two,
            "modulo" => one % two,
            _ => one / two,
        };
        Ok(self.aligned(other).and_then(exact).unwrap_or_else(|| {
            let rough = rough();
            if float { Term::Float(rough) } else { Term::Made(rough.into()) }
        }))
    }

    /// The number with so many places, half away from 0; whole where that is none or fewer.
    pub fn round(self, places: i64) -> Number {
        let drop = i64::from(self.places).saturating_sub(places);
        let Some(unit) = u32::try_from(drop).ok().map(power) else { return self };
        // More digits than there are leave nothing.
        let Some(unit) = unit else { return Number::ZERO };
        let half = unit / 2 * self.digits.signum();
        let digits = self.digits.saturating_add(half) / unit;
        match u32::try_from(places) {
            Ok(kept) if places > 0 => Number { digits, places: kept, ..self },
            _ => Number {
                digits: digits.saturating_mul(power(places.unsigned_abs() as u32).unwrap_or(0)),
                places: 0,
                float: false,
            },
        }
    }

    /// The next whole number below, or above.
    pub fn whole(self, up: bool) -> Number {
        let unit = power(self.places).unwrap_or(1);
        let digits = self.digits.div_euclid(unit) + i64::from(up && self.digits.rem_euclid(unit) != 0);
        Number { digits, places: 0, float: false }
    }
}

/// The whole number that a text begins with, 0 where it begins with none.
fn leading(text: &str) -> i64 {
    let text = text.trim_start();
    let (sign, text) = text.strip_prefix('-').map_or((1, text.strip_prefix('+').unwrap_or(text)), |rest| (-1, rest));
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    sign * digits(text.get(..end).unwrap_or_default()).unwrap_or(0)
}

/// A place or a count: a whole number, or a text that is one.
pub fn integer(term: &Term) -> Result<i64, &'static str> {
    let read = |text: &str| {
        let text = trim(text);
        let plain = text.strip_prefix('-');
        digits(plain.or(text.strip_prefix('+')).unwrap_or(text))
            .map(|number| if plain.is_some() { -number } else { number })
    };
    let whole = match (term, term.value()) {
        (Term::Float(_), _) => None,
        (_, Value::Text(text)) => read(text),
        (_, value) => value.integer(),
    };
    whole.ok_or("a whole number was expected here")
}

/// The end of a range: what a text begins with, 0 for nothing.
pub fn bound(term: &Term) -> Result<i64, &'static str> {
    match term.value() {
        Value::Text(text) => Ok(leading(text)),
        _ if term.is_nil() => Ok(0),
        _ => integer(term),
    }
}
