//! Conditions that no value of a fact meets together: told before anybody waits for shoppers who never come.

use super::compiled::{Conditions, Test};
use super::condition::{Condition, Facts, Junction};
use super::date::Clock;
use super::operator::Operator;
use crate::engine::base::host::{Address, Host};
use crate::engine::base::text::{digits, is_digits};
use crate::engine::base::time::{Time, Zones};
use crate::engine::base::value::Value;
use std::borrow::Cow;

/// More operands of one fact than this are not tried.
const MOST: usize = 100;

/// The first fact of which conditions that must all hold ask what no value is. `known`: the texts a fact may be, where the bundle
/// says them all. Each condition is tried by the evaluation that a page runs; what it would take a platform, a clock or a look into
/// a list to judge is taken to hold.
pub fn contrary(all: &[Condition], known: &dyn Fn(&str) -> Option<Vec<String>>) -> Option<String> {
    let mut read = Conditions::default();
    let mut asked: Vec<(usize, usize)> = Vec::new();
    for condition in all {
        let place = read.add(*condition, &mut Vec::new());
        for part in read.parts(place, Junction::And) {
            let slots = read.reads(part);
            let first = slots.first().filter(|first| slots.iter().all(|slot| slot == *first));
            asked.extend(first.filter(|_| is_plain(&read, part)).map(|slot| (*slot, part)));
        }
    }
    let zones = Zones::default();
    let clock = Clock { now: Time::default(), zones: &zones, zone: "UTC" };
    let facts = Facts { document: &Value::Null, groups: &Value::Null, host: &Plain, clock };
    let mut slots: Vec<Cow<Value>> = read.paths().map(|_| Cow::Owned(Value::Null)).collect();
    for (slot, path) in read.paths().enumerate() {
        let mut parts: Vec<usize> = asked.iter().filter(|(of, _)| *of == slot).map(|(_, part)| *part).collect();
        // A list may have an element for each of them.
        if parts.iter().filter(|part| looks_for(&read, **part)).count() > 1 {
            parts.retain(|part| !looks_for(&read, *part));
        }
        let mut candidates = vec![Value::Null];
        match known(path) {
            Some(texts) => candidates.extend(texts.into_iter().map(Value::from)),
            None => candidates.extend(tried(&read, &parts)),
        }
        let mut met = parts.is_empty() || candidates.len() > 8 * MOST;
        for candidate in candidates {
            if let Some(place) = slots.get_mut(slot) {
                *place = Cow::Owned(candidate);
            }
            met = met || parts.iter().all(|part| read.holds(*part, &slots, facts));
        }
        if !met {
            return Some(path.to_string());
        }
    }
    None
}

fn each(read: &Conditions, part: usize, tell: &mut dyn FnMut(Operator, &Value)) -> bool {
    let mut plain = true;
    read.asked(part, &mut |test| match test {
        Test::Compare { operator, operand, .. } => tell(*operator, operand),
        Test::Join(_) => (),
        _ => plain = false,
    });
    plain
}

/// Whether a condition can be judged by trying values alone.
fn is_plain(read: &Conditions, part: usize) -> bool {
    use Operator as Op;
    // Texts that print numbers are those of whole ones.
    let text = |text: &str| is_digits(text) || !text.bytes().any(|byte| byte.is_ascii_digit());
    let plain = |value: &Value| match value {
        Value::Text(one) => text(one),
        Value::List(_) | Value::Map(_) => false,
        _ => true,
    };
    let mut all = true;
    let seen = each(read, part, &mut |operator, operand| {
        all &= match operator {
            Op::Is | Op::Equal | Op::Unequal => plain(operand),
            Op::Less | Op::AtMost | Op::Greater | Op::AtLeast => operand.number().is_some(),
            Op::In | Op::NotIn => operand.list().iter().all(plain),
            Op::Exists => true,
            _ => false,
        };
    });
    all && seen
}

/// Whether it is met by one element of a list.
fn looks_for(read: &Conditions, part: usize) -> bool {
    let mut found = false;
    each(read, part, &mut |operator, _| found |= matches!(operator, Operator::In | Operator::NotIn));
    found
}

/// Values of each kind that conditions can tell apart: what they name, what lies between and beyond, something else.
fn tried(read: &Conditions, parts: &[usize]) -> Vec<Value> {
    let (mut numbers, mut values) = (vec![0.0], vec![Value::from(false), true.into(), "".into(), "\u{1}".into()]);
    for part in parts {
        each(read, *part, &mut |_, operand| {
            for one in operand.several() {
                numbers.extend(one.number().or_else(|| one.text().and_then(digits).map(|whole| whole as f64)));
                values.push(one.clone());
            }
        });
    }
    numbers.sort_unstable_by(f64::total_cmp);
    let (first, last) = (numbers.first().copied().unwrap_or(0.0), numbers.last().copied().unwrap_or(0.0));
    let between = numbers.windows(2).map(|pair| pair.iter().sum::<f64>() / 2.0);
    values.extend(between.chain(numbers.iter().copied()).chain([first - 1.0, last + 1.0]).map(Value::from));
    values
}

/// Numbers and texts as far as [`is_plain`] lets them through.
struct Plain;

impl Host for Plain {
    fn number_to_text(&self, number: f64) -> String {
        Value::Number(number).integer().map(|whole| whole.to_string()).unwrap_or_default()
    }
    fn text_to_number(&self, text: &str) -> Option<f64> {
        if text.is_empty() { Some(0.0) } else { digits(text).map(|whole| whole as f64) }
    }
    fn regex(&self, _: &str, _: &str, _: bool) -> Option<bool> {
        None
    }
    fn lowercase(&self, text: &str) -> String {
        text.to_string()
    }
    fn uppercase(&self, text: &str) -> String {
        text.to_string()
    }
    fn address(&self, _: &str, _: &str) -> Option<Address> {
        None
    }
}
