//! JSON text: the form in which documents cross from JavaScript. One text costs far less than a call for each of its values.

use super::host::Host;
use super::text::decimal;
use super::value::{MAX_DEPTH, Map, Value};

/// Reads JSON text that JavaScript wrote: no object has a key twice. To look for one would take as long as the square of their
/// number. A lone surrogate is U+FFFD. None where it is not JSON, holds a number that is not finite, or nests too deep.
pub fn read(text: &str, host: &dyn Host) -> Option<Value> {
    let mut reader = Reader { text, at: 0, host };
    let value = reader.value(0)?;
    (reader.next() == 0 && reader.at == text.len()).then_some(value)
}

/// Writes JSON text.
pub fn write(value: &Value, host: &dyn Host) -> String {
    let mut text = String::new();
    put(&mut text, value, host);
    text
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    host: &'a dyn Host,
}

impl Reader<'_> {
    /// The byte at an index; 0 behind the end.
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The next byte that is no white space.
    fn next(&mut self) -> u8 {
        while matches!(self.byte(self.at), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.byte(self.at)
    }

    fn takes(&mut self, byte: u8) -> Option<()> {
        let there = self.next() == byte;
        self.at += usize::from(there);
        there.then_some(())
    }

    /// Whether there is another member; the first one stands behind `open`, the last one before `close`.
    fn more(&mut self, first: bool, close: u8) -> Option<bool> {
        if self.takes(close).is_some() {
            return Some(false);
        }
        if !first {
            self.takes(b',')?;
        }
        Some(true)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let from = match self.next() {
            b'"' => return self.string().map(Value::Text),
            b'{' | b'[' if depth >= MAX_DEPTH => return None,
            b'[' => {
                self.at += 1;
                let mut list = Vec::new();
                while self.more(list.is_empty(), b']')? {
                    list.push(self.value(depth + 1)?);
                }
                return Some(list.into());
            }
            b'{' => {
                self.at += 1;
                let mut map = Map::new();
                while self.more(map.is_empty(), b'}')? {
                    self.next();
                    let key = self.string()?;
                    self.takes(b':')?;
                    map.push(key, self.value(depth + 1)?);
                }
                return Some(map.into());
            }
            _ => self.at,
        };
        while self.byte(self.at).is_ascii_alphanumeric() || matches!(self.byte(self.at), b'+' | b'-' | b'.') {
            self.at += 1;
        }
        match self.text.get(from..self.at)? {
            "null" => Some(Value::Null),
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            word => number(word, self.host).map(Value::Number),
        }
    }

    fn string(&mut self) -> Option<String> {
        self.takes(b'"')?;
        let mut text = String::new();
        loop {
            let from = self.at;
            while !matches!(self.byte(self.at), b'"' | b'\\' | 0) {
                self.at += 1;
            }
            text.push_str(self.text.get(from..self.at)?);
            let (stop, escape) = (self.byte(self.at), self.byte(self.at + 1));
            self.at += 1;
            if stop == b'"' {
                return Some(text);
            }
            if stop == 0 {
                return None;
            }
            self.at += 1;
            text.push(match escape {
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'u' => self.letter()?,
                b'"' | b'\\' | b'/' => char::from(escape),
                _ => return None,
            });
        }
    }

    /// The letter of a `\u` escape, or of two that belong together.
    fn letter(&mut self) -> Option<char> {
        let high = self.unit(self.at)?;
        self.at += 4;
        let mut code = high;
        if matches!(high, 0xD800..0xDC00) && (self.byte(self.at), self.byte(self.at + 1)) == (b'\\', b'u') {
            let low = self.unit(self.at + 2)?;
            if matches!(low, 0xDC00..0xE000) {
                self.at += 6;
                code = 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF);
            }
        }
        Some(char::from_u32(code).unwrap_or('\u{FFFD}'))
    }

    fn unit(&self, at: usize) -> Option<u32> {
        (at..at + 4).try_fold(0, |code, at| Some(code << 4 | char::from(self.byte(at)).to_digit(16)?))
    }
}

/// What is short enough is exact in f64: up to 15 digits, divided by a power of ten. The rest is the platform's.
fn number(text: &str, host: &dyn Host) -> Option<f64> {
    let (mut whole, mut scale, mut digits, mut point) = (0.0, 1.0, 0, false);
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    for byte in unsigned.bytes() {
        match byte {
            b'0'..=b'9' => {
                whole = whole * 10.0 + f64::from(byte - b'0');
                digits += 1;
                if point {
                    scale *= 10.0;
                }
            }
            b'.' if !point && digits > 0 => point = true,
            // An exponent, or no number at all: JavaScript would also read what JSON does not have.
            b'+' | b'-' | b'e' | b'E' if digits > 0 => digits = 16,
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    if digits > 15 {
        return host.text_to_number(text).filter(|number| number.is_finite()).map(|number| number + 0.0);
    }
    let number = whole / scale;
    // −0 is 0, as everywhere in documents.
    Some(if unsigned.len() < text.len() { 0.0 - number } else { number })
}

fn put(text: &mut String, value: &Value, host: &dyn Host) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => {
            let whole = value.integer().map(|whole| decimal(whole, 1));
            text.push_str(&whole.unwrap_or_else(|| host.number_to_text(*number)));
        }
        Value::Text(given) => quote(text, given),
        Value::List(values) => {
            let mut before = "[";
            for value in values {
                text.push_str(std::mem::replace(&mut before, ","));
                put(text, value, host);
            }
            text.push_str(if values.is_empty() { "[]" } else { "]" });
        }
        Value::Map(map) => {
            let mut before = "{";
            for (key, value) in map.iter() {
                text.push_str(std::mem::replace(&mut before, ","));
                quote(text, key);
                text.push_str(":");
                put(text, value, host);
            }
            text.push_str(if map.is_empty() { "{}" } else { "}" });
        }
    }
}

fn quote(text: &mut String, given: &str) {
    const HEX: &str = "0123456789abcdef";
    text.push_str("\"");
    let mut from = 0;
    for (at, byte) in given.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        text.push_str(given.get(from..at).unwrap_or_default());
        from = at + 1;
        if byte >= b' ' {
            text.push_str("\\");
            from = at;
            continue;
        }
        text.push_str("\\u00");
        for digit in [usize::from(byte >> 4), usize::from(byte & 15)] {
            text.push_str(HEX.get(digit..=digit).unwrap_or_default());
        }
    }
    text.push_str(given.get(from..).unwrap_or_default());
    text.push_str("\"");
}
