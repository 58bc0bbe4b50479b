//! Small text helpers, each compiled once: std's generic ones cost a copy per caller in the wasm.

/// The parts run together.
pub fn join(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// The part before the first such ASCII byte and what follows it; none where it does not occur.
pub fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let index = text.bytes().position(|byte| byte == mark)?;
    Some((text.get(..index)?, text.get(index + 1..)?))
}

/// What stands before the last such ASCII byte and what follows it; none where it does not occur.
pub fn cut_last(text: &str, mark: u8) -> Option<(&str, &str)> {
    let index = text.bytes().rposition(|byte| byte == mark)?;
    Some((text.get(..index)?, text.get(index + 1..)?))
}

/// The decimal digits of a number, with at least so many of them; `-` first where it is negative.
pub fn decimal(number: i64, width: usize) -> String {
    const DIGITS: &str = "0123456789";
    let mut rest = number.unsigned_abs();
    let mut text = String::new();
    while rest > 0 || text.len() < width.max(1) {
        let digit = (rest % 10) as usize;
        text.insert_str(0, DIGITS.get(digit..=digit).unwrap_or_default());
        rest /= 10;
    }
    if number < 0 {
        text.insert_str(0, "-");
    }
    text
}

/// A number written in decimal digits alone; none where there is anything else, nothing, or too much.
pub fn digits(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_i64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Whether there is anything and all of it decimal digits.
pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without white space around.
#[inline(never)]
pub fn trim(text: &str) -> &str {
    text.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written() {
        for (number, width, text) in [
            (0, 0, "0"),
            (7, 2, "07"),
            (-42, 1, "-42"),
            (i64::MAX, 3, "9223372036854775807"),
            (i64::MIN, 1, "-9223372036854775808"),
        ] {
            assert_eq!(decimal(number, width), text);
        }
        for (text, number) in
            [("", None), ("007", Some(7)), ("9223372036854775808", None), ("+1", None), ("1 ", None), ("１", None)]
        {
            assert_eq!(digits(text), number, "{text}");
        }
    }

    #[test]
    fn texts_are_cut_and_joined() {
        assert_eq!(cut("a.b.c", b'.'), Some(("a", "b.c")));
        assert_eq!(cut_last("가-나-다", b'-'), Some(("가-나", "다")));
        assert_eq!((cut("a", b'.'), cut_last("", b'.')), (None, None));
        assert_eq!(join(&["a", "", "나"]), "a나");
    }
}
