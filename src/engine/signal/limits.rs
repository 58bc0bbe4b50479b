//! How much one event may hold. A page's `track()` refuses what is more before it is kept, so only lines that come from
//! elsewhere are measured here, and the shop's wasm does without.

use super::fault;
use crate::engine::base::value::Value;
use crate::engine::error::Error;

/// Bytes of JSON.
const SIZE: usize = 32_768;
/// Objects and lists within each other.
const DEPTH: usize = 32;
/// Members and elements, at all depths.
const COUNT: usize = 1_000;

/// Measures what one member of a line holds; the error names the place that is too much.
pub fn measure(line: &Value, key: &str) -> Result<(), Error> {
    let mut measure = Measure { size: 0, count: 0, path: String::new() };
    measure.child(key, line.field(key), 0)?;
    // Its own key is no part of it.
    match measure.size - text(key) - 1 {
        0..=SIZE => Ok(()),
        _ => Err(fault("too_large", key, "must be at most 32 KB of JSON; send less")),
    }
}

struct Measure {
    size: usize,
    count: usize,
    path: String,
}

impl Measure {
    fn child(&mut self, key: &str, value: &Value, depth: usize) -> Result<(), Error> {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('/');
        }
        self.path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        // The root is counted, too, after it was looked at.
        if self.count > COUNT {
            return Err(fault("too_many", &self.path, "must be among the first 1,000 values; send fewer"));
        }
        self.count += 1;
        self.size += text(key) + 1;
        self.value(value, depth)?;
        self.path.truncate(outer);
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        let members = match value {
            Value::List(items) => items.len(),
            Value::Map(map) => map.len(),
            plain => {
                self.size += printed(plain);
                return Ok(());
            }
        };
        if depth == DEPTH {
            return Err(fault("too_deep", &self.path, "must be at most 32 levels deep; flatten it"));
        }
        // Brackets, and commas between members.
        self.size += 2 + members.saturating_sub(1);
        match value {
            Value::Map(map) => map.iter().try_for_each(|(key, member)| self.child(key, member, depth + 1)),
            list => {
                let mut items = list.list().iter().enumerate();
                items.try_for_each(|(index, item)| {
                    let key = index.to_string();
                    self.child(&key, item, depth + 1)?;
                    self.size -= text(&key) + 1;
                    Ok(())
                })
            }
        }
    }
}

/// Bytes of a text in JSON, quotes included.
fn text(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | 8 | 9 | 10 | 12 | 13 => 2,
        0..32 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum::<usize>() + 2
}

/// Bytes of what stands alone in JSON, as JavaScript writes it.
fn printed(value: &Value) -> usize {
    match value {
        Value::Bool(true) | Value::Null => 4,
        Value::Bool(false) => 5,
        Value::Text(letters) => text(letters),
        Value::Number(number) if (1e-6..1e21).contains(&number.abs()) => number.to_string().len(),
        // JavaScript also writes the sign of a positive exponent, and no sign of zero.
        Value::Number(number) if number.abs() >= 1.0 => format!("{number:e}").len() + 1,
        Value::Number(number) if number.abs() > 0.0 => format!("{number:e}").len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::value::Map;

    fn refused(properties: impl Into<Value>) -> Option<(&'static str, String)> {
        let line = Map::new().with("properties", properties).into();
        measure(&line, "properties").err().map(|error| (error.code, error.path))
    }

    #[test]
    fn bytes_are_those_of_json() {
        for (value, bytes) in [
            (Value::from("가\"\n\u{1}"), 3 + 2 + 2 + 6 + 2),
            (Value::from(0.1 + 0.2), "0.30000000000000004".len()),
            (Value::from(-0.0), 1),
            (Value::from(1e21), "1e+21".len()),
            (Value::from(1.5e-7), "1.5e-7".len()),
            (Value::from(123_456.0), 6),
            (Value::Null, 4),
        ] {
            assert_eq!(printed(&value), bytes, "{value:?}");
        }
    }

    #[test]
    fn the_limits_are_exact() {
        let letters = |bytes: usize| Map::new().with("a", "x".repeat(bytes - r#"{"a":""}"#.len()));
        assert_eq!(refused(letters(32_768)), None);
        assert_eq!(refused(letters(32_769)), Some(("too_large", "/properties".into())));
        let several = |count: usize| Map::new().with("a/b", vec![Value::from(1_i64); count - 1]);
        assert_eq!(refused(several(1_000)), None);
        assert_eq!(refused(several(1_001)), Some(("too_many", "/properties/a~1b/999".into())));
        let nested = |depth: usize| (1..depth).fold(Value::from(Map::new()), |inner, _| vec![inner].into());
        assert_eq!(refused(nested(32)), None);
        assert_eq!(refused(nested(33)), Some(("too_deep", format!("/properties{}", "/0".repeat(32)))));
    }

    /// A list of 2 elements of 1 byte: brackets, comma, elements.
    #[test]
    fn lists_have_no_keys() {
        let mut measure = Measure { size: 0, count: 0, path: String::new() };
        measure.value(&Value::List(vec![1_i64.into(), Value::from(Map::new().with("k", true))]), 0).unwrap();
        assert_eq!(measure.size, r#"[1,{"k":true}]"#.len());
    }
}
