//! JSON text in and out.

use crate::engine::base::value::{MAX_DEPTH, Map, Value};

/// Reads JSON text as the engine means it: a lone surrogate is U+FFFD, of equal keys the last counts, numbers must be finite,
/// depth is limited. The error is in words, with the line and column.
pub fn parse(text: &str) -> Result<Value, String> {
    let parsed: serde_json::Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => serde_json::from_str(&mend_surrogates(text)).map_err(|_| error.to_string())?,
    };
    convert(parsed, 0).ok_or_else(|| format!("nested deeper than {MAX_DEPTH}"))
}

/// Line and column (both from 1, columns in characters) at which JSON text breaks off; none where it does not.
pub fn fault(text: &str) -> Option<(usize, usize)> {
    let error = serde_json::from_str::<serde_json::Value>(&mend_surrogates(text)).err()?;
    let line = text.lines().nth(error.line().checked_sub(1)?)?;
    let before = line.char_indices().filter(|(at, _)| at + 1 < error.column()).count();
    Some((error.line(), before + 1))
}

/// Writes JSON text in one line; whole numbers without a point.
pub fn write(value: &Value) -> String {
    to_serde(value).to_string()
}

/// Writes JSON text over several lines.
pub fn write_pretty(value: &Value) -> String {
    format!("{:#}", to_serde(value))
}

fn convert(value: serde_json::Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(bool),
        serde_json::Value::Number(number) => Value::Number(number.as_f64()?),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => {
            Value::List(items.into_iter().map(|item| convert(item, depth + 1)).collect::<Option<_>>()?)
        }
        serde_json::Value::Object(members) => {
            let mut map = Map::new();
            for (key, member) in members {
                map.push(key, convert(member, depth + 1)?);
            }
            Value::Map(map)
        }
    })
}

fn to_serde(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(bool) => (*bool).into(),
        Value::Number(number) => match value.integer() {
            Some(whole) => whole.into(),
            None => (*number).into(),
        },
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(to_serde).collect(),
        Value::Map(map) => map.iter().map(|(key, member)| (key.to_string(), to_serde(member))).collect(),
    }
}

/// Replaces escapes of lone surrogates, which Rust's strings cannot hold.
fn mend_surrogates(text: &str) -> String {
    let unit = |at: usize| -> Option<u32> {
        let escape = text.get(at..at + 6)?;
        u32::from_str_radix(escape.strip_prefix("\\u")?, 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + offset;
        mended.push_str(&text[at..escape]);
        let length = match unit(escape) {
            Some(0xD800..=0xDBFF) if matches!(unit(escape + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                mended.push_str("\\uFFFD");
                at = escape + 6;
                continue;
            }
            _ => 1 + text[escape + 1..].chars().next().map_or(0, char::len_utf8),
        };
        mended.push_str(&text[escape..escape + length]);
        at = escape + length;
    }
    mended.push_str(&text[at..]);
    mended
}

/// Line and column (both from 1, columns in characters) of what each JSON Pointer leads to; of the nearest enclosing value where it
/// leads nowhere. None where the text is no JSON.
pub fn positions(text: &str, pointers: &[&str]) -> Option<Vec<(usize, usize)>> {
    let ast = jsonc_parser::parse_to_ast(text, &Default::default(), &Default::default()).ok()?.value?;
    let starts: Vec<usize> = text
        .split_inclusive('\n')
        .map(str::len)
        .scan(0, |at, length| Some(std::mem::replace(at, *at + length)))
        .collect();
    let place = |pointer: &&str| {
        let start = start(&ast, pointer);
        let line = starts.partition_point(|begins| *begins <= start).max(1);
        let before = starts.get(line - 1).and_then(|begins| text.get(*begins..start)).unwrap_or_default();
        (line, before.chars().count() + 1)
    };
    Some(pointers.iter().map(place).collect())
}

/// Where in the text stands what a JSON Pointer leads to.
fn start(mut node: &jsonc_parser::ast::Value, pointer: &str) -> usize {
    use jsonc_parser::ast::Value as Node;
    use jsonc_parser::common::Ranged;
    let mut start = node.start();
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        match node {
            Node::Object(object) => {
                let Some(property) = object.properties.iter().rev().find(|property| property.name.as_str() == key)
                else {
                    break;
                };
                start = property.start();
                node = &property.value;
            }
            Node::Array(array) => {
                let Some(item) = key.parse().ok().and_then(|index: usize| array.elements.get(index)) else { break };
                start = item.start();
                node = item;
            }
            _ => break,
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        let lone = parse(r#"{"a":"x\ud800y\\ud800","b":"😀"}"#).unwrap();
        assert_eq!(lone.at("a"), &Value::from("x\u{FFFD}y\\ud800"));
        assert_eq!(lone.at("b"), &Value::from("😀"));
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        assert!(parse("1e400").is_err());
        assert!(parse(&"[".repeat(10_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(80), "]".repeat(80))).is_err());
        assert_eq!(parse(r#"{"a":1,"a":2}"#).unwrap().at("a"), &Value::from(2.0));
    }

    #[test]
    fn pointers_have_positions() {
        let text = "{\n  \"이름\": [1,\n    {\"x\": 2}]}";
        let places = positions(text, &["/이름/1/x", "/이름/1/missing", ""]);
        assert_eq!(places, Some(vec![(3, 6), (3, 5), (1, 1)]));
    }
}
