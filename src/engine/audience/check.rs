//! What an evaluation would silently take for false, told where it stands.

use super::condition::Junction;
use super::date;
use super::operator::{MAX_WAYS, Operator, operators, ways};
use crate::engine::base::document::Check;
use crate::engine::base::host::MAX_PATTERN;
use crate::engine::base::value::{Map, Value};

/// Checks a condition.
pub fn condition(value: &Value, check: &mut Check) {
    let Some(map) = value.map() else { return check.expected("a condition, an object", value) };
    if check.too_many(map.len()) {
        return;
    }
    for (key, operand) in map.iter() {
        check.within(key, |check| match Junction::named(key) {
            Some(Junction::Not) => condition(operand, check),
            Some(_) => conditions(operand, check),
            None if key.starts_with("$") => {
                check.fail("unknown_operator", "not an operator at this place; name a fact first")
            }
            None => test(operand, check),
        });
    }
}

fn conditions(list: &Value, check: &mut Check) {
    if !matches!(list, Value::List(_)) {
        check.expected("an array of conditions", list);
    }
    if check.too_many(list.list().len()) {
        return;
    }
    for (index, one) in list.list().iter().enumerate() {
        check.within(&index.to_string(), |check| condition(one, check));
    }
}

fn test(operand: &Value, check: &mut Check) {
    for (name, operand) in operators(operand).into_iter().flat_map(Map::iter) {
        check.within(name, |check| match Operator::named(name) {
            Some(operator) => comparison(operator, operand, check),
            None => check.fail("unknown_operator", "unknown operator; see GrowthBook's condition language"),
        });
    }
}

fn comparison(operator: Operator, operand: &Value, check: &mut Check) {
    use Operator as Op;
    let is_text = operand.text().is_some();
    match operator {
        Op::Not | Op::Size => test(operand, check),
        Op::Element if operators(operand).is_none() => condition(operand, check),
        Op::Element => test(operand, check),
        Op::All | Op::AllFolded if matches!(operand, Value::List(_)) => {
            for (index, one) in operand.list().iter().enumerate() {
                check.within(&index.to_string(), |check| test(one, check));
            }
        }
        Op::In | Op::NotIn | Op::InFolded | Op::NotInFolded | Op::All | Op::AllFolded
            if !matches!(operand, Value::List(_)) =>
        {
            check.expected("an array", operand);
        }
        Op::Less | Op::AtMost | Op::Greater | Op::AtLeast if !is_text && operand.number().is_none() => {
            check.expected("a number or a text", operand);
        }
        Op::Exists if operand.bool().is_none() => check.expected("true or false", operand),
        Op::InGroup | Op::NotInGroup if !is_text => check.expected("the name of a group", operand),
        Op::Type => {
            let kinds = ["string", "number", "boolean", "array", "object", "null"];
            if !operand.text().is_some_and(|kind| kinds.contains(&kind)) {
                check.fail("type", format!("expected one of {}", kinds.join(" ")));
            }
        }
        Op::Version | Op::OtherVersion | Op::Earlier | Op::NotLater | Op::Later | Op::NotEarlier if !is_text => {
            check.expected("a version such as \"2.1.0\"", operand);
        }
        Op::Regex | Op::RegexFolded | Op::NotRegex | Op::NotRegexFolded => pattern(operand, check),
        operator if operator.is_date() && !date::is_operand(operator, operand) => check.fail(
            "type",
            match operator {
                Op::Within => "expected a duration such as P7D, or -P7D for what is to come",
                _ => "expected an instant, a date such as 2026-05-12, or a duration from now such as P7D or -P7D",
            },
        ),
        _ => (),
    }
}

/// So long a subject should be no trouble.
const LENGTH: usize = 100;

fn pattern(operand: &Value, check: &mut Check) {
    match operand.text() {
        Some(text) if text.len() > MAX_PATTERN => {
            check.fail("regex", "a regular expression may have at most 256 letters; shorten it")
        }
        Some(text) if ways(text, LENGTH) > MAX_WAYS => check.fail(
            "regex",
            "can be tried in too many ways, as (a+)+ or .*.*.*.* can, and may take for ever; repeat less",
        ),
        Some(text) => {
            if let Some(fault) = fault(text) {
                check.fail("regex", fault);
            }
        }
        None => check.expected("a regular expression", operand),
    }
}

/// What a regular expression lacks that can be told without running it: its brackets.
fn fault(pattern: &str) -> Option<&'static str> {
    let (mut open, mut class, mut letters) = (0, false, pattern.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.next().is_none() => return Some("nothing follows the last backslash; write two of them"),
            '\\' => (),
            ']' if class => class = false,
            _ if class => (),
            '[' => class = true,
            '(' => open += 1,
            ')' if open == 0 => return Some("a ) closes nothing; write \\) for the letter"),
            ')' => open -= 1,
            _ => (),
        }
    }
    match (class, open) {
        (true, _) => Some("a [ is not closed; close it, or write \\[ for the letter"),
        (_, 0) => None,
        _ => Some("a ( is not closed; close it, or write \\( for the letter"),
    }
}

/// Whether a key joins conditions.
pub fn is_junction(key: &str) -> bool {
    Junction::named(key).is_some()
}

/// Whether a missing fact, which counts as 0, passes for one that was compared.
pub fn holds_for_missing(operand: &Value) -> bool {
    use Operator as Op;
    let Some(operators) = operators(operand) else {
        return operand.number().is_some_and(|number| number.abs() <= 0.0) || operand.text() == Some("null");
    };
    operators.iter().all(|(name, operand)| match (Operator::named(name), operand.number()) {
        (Some(Op::Less), Some(number)) => number > 0.0,
        (Some(Op::AtMost), Some(number)) => number >= 0.0,
        (Some(Op::Greater), Some(number)) => number < 0.0,
        (Some(Op::AtLeast), Some(number)) => number <= 0.0,
        _ => false,
    })
}
