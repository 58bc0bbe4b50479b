//! Money as integers in minor units, read from decimal text, never by multiplying floats.

use super::host::Host;
use super::text::{cut, decimal, digits, join};
use super::value::Value;

/// Digits after the point of an ISO 4217 currency.
pub fn exponent(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Largest amount, in minor units: what f64 holds exactly.
pub const MAX: i64 = 9_007_199_254_740_991;

/// A number or decimal text in minor units of so many digits, half away from zero beyond them.
/// None when it is no decimal number or too large.
pub fn minor(value: &Value, digits: u32, host: &dyn Host) -> Option<i64> {
    if let Some(whole) = value.integer() {
        return whole.checked_mul(10_i64.checked_pow(digits)?).filter(|amount| amount.abs() <= MAX);
    }
    match value {
        Value::Number(number) => scaled(&host.number_to_text(*number), digits),
        Value::Text(text) => scaled(text, digits),
        _ => None,
    }
}

/// Reads `-12.345` or `1.5e-7` exactly, scaled by ten to the `digits`.
fn scaled(text: &str, digits: u32) -> Option<i64> {
    let (negative, text) = text.strip_prefix("-").map_or((false, text), |rest| (true, rest));
    let (mantissa, power) = match cut(text, b'e').or_else(|| cut(text, b'E')) {
        Some((mantissa, power)) => (mantissa, exponent_of(power)?),
        None => (text, 0),
    };
    let (whole, fraction) = cut(mantissa, b'.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 || whole.len() + fraction.len() > 40 {
        return None;
    }
    // The point stands after this many digits once the amount is scaled.
    let point = i32::try_from(whole.len()).ok()?.checked_add(power)?.checked_add(digits as i32)?;
    let mut amount: i64 = 0;
    let mut index = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = i64::from(byte - b'0');
        if index < point {
            amount = amount.checked_mul(10)?.checked_add(digit)?;
        } else if index == point && digit >= 5 {
            amount = amount.checked_add(1)?;
        }
        index += 1;
    }
    for _ in index..point {
        amount = amount.checked_mul(10)?;
    }
    (amount <= MAX).then_some(if negative { -amount } else { amount })
}

/// Reads `+21` or `-7`.
fn exponent_of(text: &str) -> Option<i32> {
    let (sign, text) = text.strip_prefix("-").map_or((1, text.strip_prefix("+").unwrap_or(text)), |rest| (-1, rest));
    i32::try_from(digits(text)?).ok().map(|power| sign * power)
}

/// Digits in groups of three: `12,900`.
pub fn grouped(number: i64) -> String {
    in_groups(&decimal(number, 1))
}

/// A number's text with its whole part in groups of three: `-12,900.5`.
pub fn in_groups(number: &str) -> String {
    let mut text = number.to_string();
    let mut place = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'-').unwrap_or(text.len());
    let first = usize::from(number.as_bytes().first() == Some(&b'-'));
    while place > first + 3 {
        place -= 3;
        text.insert_str(place, ",");
    }
    text
}

/// An amount as a person reads it: `12,900원` in Korean, `₩12,900` in English, `£12.90`, `CHF 12.90`. As a Korean headline has it,
/// whole tens of thousands of won are `1만 원`, `1억 2,000만 원`; what does not come out even is written out.
pub fn text(amount: i64, currency: &str, lang: &str, is_headline: bool) -> String {
    let digits = exponent(currency);
    let unit = 10_i64.pow(digits);
    let mut number = grouped(amount.abs() / unit);
    if digits > 0 {
        number = join(&[&number, ".", &decimal(amount.abs() % unit, digits as usize)]);
    }
    let sign = if amount < 0 { "-" } else { "" };
    let symbol = match currency {
        "KRW" if is_headline && lang.starts_with("ko") && amount != 0 && amount % 10_000 == 0 => {
            let (large, small) = (amount.abs() / 100_000_000, amount.abs() / 10_000 % 10_000);
            let part = |count: i64, unit| if count == 0 { String::new() } else { join(&[&grouped(count), unit]) };
            return join(&[sign, &part(large, "억 "), &part(small, "만 "), "원"]);
        }
        "KRW" if lang.starts_with("ko") => return join(&[sign, &number, "원"]),
        "KRW" => "₩",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        other => return join(&[sign, other, "\u{a0}", &number]),
    };
    join(&[sign, symbol, &number])
}
