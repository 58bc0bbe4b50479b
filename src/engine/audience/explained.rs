//! Why a condition holds or does not: every comparison, whatever came of those before it.

use super::condition::{Facts, Junction, Run, comparisons, fact};
use super::operator::{Operator, compare};
use crate::engine::base::text::{decimal, join};
use crate::engine::base::value::{Map, Value};

/// One comparison.
pub struct Leaf<'a> {
    /// JSON Pointer to the operator, from the condition.
    pub at: String,
    /// The fact it looked at.
    pub path: &'a str,
    /// The operator's name.
    pub op: &'a str,
    /// What it wanted.
    pub expected: &'a Value,
    /// What it found; `Null` when absent.
    pub actual: Value,
    /// Whether the fact is there.
    pub present: bool,
    /// Whether the comparison is met.
    pub result: bool,
    /// Whether the condition does not hold because of it.
    pub blamed: bool,
}

impl Leaf<'_> {
    /// `{stage, at, path, op, expected, actual, present, result}`.
    pub fn line(&self, stage: &str) -> Map {
        Map::of([
            ("stage", stage.into()),
            ("at", self.at.as_str().into()),
            ("path", self.path.into()),
            ("op", self.op.into()),
            ("expected", self.expected.clone()),
            ("actual", self.actual.clone()),
            ("present", self.present.into()),
            ("result", self.result.into()),
        ])
    }
}

/// Explains a condition that stands at `at`; whether it holds.
pub fn explain<'a>(condition: &'a Value, at: &str, facts: Facts<'a>, leaves: &mut Vec<Leaf<'a>>) -> bool {
    facts.within_bounds(|run| Explained { run, document: facts.document, leaves }.condition(condition, at, true))
}

struct Explained<'a, 'b> {
    run: &'b Run<'b>,
    document: &'a Value,
    leaves: &'b mut Vec<Leaf<'a>>,
}

/// Each answers whether something holds, and notes its leaves; `wanted` is what would have suited.
impl<'a> Explained<'a, '_> {
    fn condition(&mut self, condition: &'a Value, at: &str, wanted: bool) -> bool {
        let (from, mut holds) = (self.leaves.len(), condition.map().is_some());
        for (key, operand) in condition.members() {
            let at = join(&[at, "/", &escaped(key)]);
            holds &= match Junction::named(key) {
                Some(junction) => self.junction(junction, operand, &at, wanted),
                None => self.test(key, &fact(self.document, key), operand, &at, wanted),
            };
        }
        self.settle(from, holds == wanted);
        holds
    }

    fn junction(&mut self, junction: Junction, operand: &'a Value, at: &str, wanted: bool) -> bool {
        let (from, all, parts) = (self.leaves.len(), junction.is_of_all(), junction.parts(operand));
        let (negated, mut found) = (matches!(junction, Junction::Nor | Junction::Not), false);
        for (index, part) in parts.iter().enumerate() {
            let mark = self.leaves.len();
            let place = match junction {
                Junction::Not => at.to_string(),
                _ => join(&[at, "/", &decimal(index as i64, 1)]),
            };
            let differs = self.condition(part, &place, wanted != negated) != all;
            // Of those that must not hold the first that does is the reason, and no other.
            if junction == Junction::Nor && found {
                self.leaves.truncate(mark);
            } else if junction == Junction::Nor && differs {
                self.leaves.drain(from..mark);
            }
            found |= differs;
        }
        let holds = junction.outcome(parts.is_empty(), found);
        self.settle(from, holds == wanted);
        holds
    }

    fn test(&mut self, path: &'a str, actual: &Value, operand: &'a Value, at: &str, wanted: bool) -> bool {
        let (from, mut holds) = (self.leaves.len(), true);
        comparisons(operand, &mut |name, operator, expected| {
            let at = name.map_or_else(|| at.to_string(), |name| join(&[at, "/", name]));
            let result = match operator {
                Some(Operator::Not) => !self.test(path, actual, expected, &at, !wanted),
                operator => {
                    let result = operator.is_some_and(|operator| compare(operator, expected, actual, self.run, false));
                    self.leaves.push(Leaf {
                        at,
                        path,
                        op: name.unwrap_or(Operator::Is.word()),
                        expected,
                        actual: actual.clone(),
                        present: !actual.is_null(),
                        result,
                        blamed: result != wanted,
                    });
                    result
                }
            };
            holds &= result;
        });
        self.settle(from, holds == wanted);
        holds
    }

    /// What suits is nobody's fault.
    fn settle(&mut self, from: usize, suits: bool) {
        for leaf in self.leaves.iter_mut().skip(from).filter(|_| suits) {
            leaf.blamed = false;
        }
    }
}

/// A key as a part of a JSON Pointer.
fn escaped(key: &str) -> String {
    let mut text = String::new();
    for letter in key.chars() {
        match letter {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            letter => text.push(letter),
        }
    }
    text
}
