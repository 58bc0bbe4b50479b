//! The platform's functions natively: numbers by `ryu-js`, regular expressions by `regress`, zones by `jiff`, addresses by `url`.

use crate::engine::base::host::{Address, Host};
use crate::engine::base::time::{Time, Zones};
use url::{Url, quirks};

/// The native platform.
pub struct Native;

impl Host for Native {
    fn number_to_text(&self, number: f64) -> String {
        ryu_js::Buffer::new().format(number).to_string()
    }

    fn text_to_number(&self, text: &str) -> Option<f64> {
        // JavaScript's white space is Unicode's plus the byte order mark.
        let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
        let radix = |digits: &str, radix| {
            let valid = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
            valid.then(|| {
                digits
                    .chars()
                    .filter_map(|digit| digit.to_digit(radix))
                    .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit))
            })
        };
        match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => return radix(&text[2..], 16),
            Some("0o") => return radix(&text[2..], 8),
            Some("0b") => return radix(&text[2..], 2),
            _ => (),
        }
        match text {
            "" => Some(0.0),
            "Infinity" | "+Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => {
                let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
                decimal.then(|| text.parse().ok())?
            }
        }
    }

    fn regex(&self, pattern: &str, subject: &str, insensitive: bool) -> Option<bool> {
        let flags = if insensitive { "i" } else { "" };
        regress::Regex::with_flags(pattern, flags).ok().map(|regex| regex.find(subject).is_some())
    }

    fn lowercase(&self, text: &str) -> String {
        text.to_lowercase()
    }

    fn uppercase(&self, text: &str) -> String {
        text.to_uppercase()
    }

    fn address(&self, text: &str, base: &str) -> Option<Address> {
        let url = Url::parse(base).ok()?.join(text).ok()?;
        let part = |read: fn(&Url) -> &str| read(&url).to_string();
        Some(Address {
            href: part(quirks::href),
            origin: quirks::origin(&url),
            host: part(quirks::host),
            pathname: part(quirks::pathname),
            search: part(quirks::search),
            hash: part(quirks::hash),
        })
    }
}

/// Offset tables of the named zones over a range of time. It is told where the first, the house's, is no IANA zone; what else is
/// none has no table.
pub fn zones(names: &[String], from: Time, to: Time) -> Result<Zones, String> {
    let mut zones = Zones::default();
    for (index, name) in names.iter().enumerate() {
        let zone = match jiff::tz::TimeZone::get(name) {
            Ok(zone) => zone,
            Err(_) if index > 0 => continue,
            Err(_) => return Err(format!("not an IANA zone: {name}")),
        };
        let start = jiff::Timestamp::from_millisecond(from.0).map_err(|error| error.to_string())?;
        let mut table = vec![(i64::MIN, zone.to_offset(start).seconds().div_euclid(60))];
        let changes = zone.following(start).take_while(|change| change.timestamp().as_millisecond() <= to.0);
        table.extend(
            changes.map(|change| (change.timestamp().as_millisecond(), change.offset().seconds().div_euclid(60))),
        );
        zones.set(name, table);
    }
    Ok(zones)
}
