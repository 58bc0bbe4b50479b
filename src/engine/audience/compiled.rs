//! Conditions that are asked again and again, read once: paths become slots, conditions flat rows of nodes.

use super::condition::{Condition, Facts, Junction, Run, comparisons, fact};
use super::date;
use super::operator::{Operator, compare, prepared};
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use std::borrow::Cow;

/// Facts by slot, as a moment's document has them.
pub type Slots<'a> = Vec<Cow<'a, Value>>;

/// So many facts are read at all.
const FACTS: usize = 10_000;

/// Conditions over the same facts, each read once.
#[derive(Default)]
pub struct Conditions {
    /// The path of each slot.
    paths: Vec<String>,
    /// In the order of writing, each before its parts.
    nodes: Vec<Node>,
}

struct Node {
    /// Behind the last of its parts.
    end: usize,
    test: Test,
}

enum Test {
    Join(Junction),
    Compare {
        slot: usize,
        operator: Operator,
        operand: Value,
    },
    /// What another condition comes to, whose place is known.
    Same(usize),
    /// No condition, or an operator that nobody knows.
    Never,
}

impl Conditions {
    /// Reads a condition; its place. The slots that it looks at are added to `reads`.
    pub fn add(&mut self, condition: Condition, reads: &mut Vec<usize>) -> usize {
        match condition.0.map() {
            Some(map) => self.join(Junction::And, &mut |all| all.members(map, reads)),
            None => self.push(Test::Never),
        }
    }

    /// A condition that holds where all these do; none: nowhere.
    pub fn all(&mut self, places: &[usize]) -> usize {
        if places.is_empty() {
            return self.push(Test::Never);
        }
        self.join(Junction::And, &mut |all| {
            for place in places {
                all.push(Test::Same(*place));
            }
        })
    }

    fn members(&mut self, map: &Map, reads: &mut Vec<usize>) {
        for (key, operand) in map.iter() {
            if let Some(junction) = Junction::named(key) {
                self.join(junction, &mut |all| {
                    for part in junction.parts(operand) {
                        all.add(Condition(part), reads);
                    }
                });
                continue;
            }
            let slot = self.slot(key);
            reads.push(slot);
            comparisons(operand, &mut |_, operator, operand| {
                self.push(operator.map_or(Test::Never, |operator| Test::Compare {
                    slot,
                    operator,
                    operand: prepared(operator, operand),
                }));
            });
        }
    }

    fn join(&mut self, junction: Junction, parts: &mut dyn FnMut(&mut Conditions)) -> usize {
        let place = self.push(Test::Join(junction));
        parts(self);
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(place) {
            node.end = end;
        }
        place
    }

    fn push(&mut self, test: Test) -> usize {
        let place = self.nodes.len();
        self.nodes.push(Node { end: place + 1, test });
        place
    }

    /// The slot of a path; none is there for what is more than enough.
    pub fn slot(&mut self, path: &str) -> usize {
        let known = self.paths.iter().position(|known| known == path);
        known.unwrap_or_else(|| {
            let place = self.paths.len();
            if place < FACTS {
                self.paths.push(path.to_string());
            }
            place
        })
    }

    /// The path of each slot.
    pub fn paths(&self) -> impl ExactSizeIterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The facts of a document.
    pub fn slots<'a>(&self, document: &'a Value) -> Slots<'a> {
        self.paths().map(|path| fact(document, path)).collect()
    }

    /// Whether the condition at a place holds.
    pub fn holds(&self, place: usize, slots: &[Cow<Value>], facts: Facts) -> bool {
        facts.within_bounds(|run| self.eval(place, slots, run))
    }

    fn eval(&self, place: usize, slots: &[Cow<Value>], run: Run) -> bool {
        let Some(node) = self.nodes.get(place) else { return false };
        match &node.test {
            Test::Compare { slot, operator, operand } => {
                slots.get(*slot).is_some_and(|value| compare(*operator, operand, value, run, true))
            }
            Test::Join(junction) => {
                let all = junction.is_of_all();
                let found = self.parts(place).any(|part| self.eval(part, slots, run) != all);
                junction.outcome(node.end == place + 1, found)
            }
            Test::Same(place) => run.burn(1) && self.eval(*place, slots, run),
            Test::Never => false,
        }
    }

    /// The places of the parts of a condition.
    pub fn parts(&self, place: usize) -> impl Iterator<Item = usize> {
        let behind = |place: usize| self.nodes.get(place).map_or(0, |node| node.end);
        let end = behind(place);
        std::iter::successors(Some(place + 1), move |part| Some(behind(*part))).take_while(move |part| *part < end)
    }

    /// Tells the moments, past ones too, at which time alone may turn the condition at a place.
    pub fn turns(&self, place: usize, slots: &[Cow<Value>], facts: Facts, tell: &mut dyn FnMut(Time)) {
        facts.within_bounds(|run| self.turn(place, slots, run, tell));
    }

    fn turn(&self, place: usize, slots: &[Cow<Value>], run: Run, tell: &mut dyn FnMut(Time)) -> bool {
        let end = self.nodes.get(place).map_or(place, |node| node.end);
        self.nodes.get(place..end).unwrap_or_default().iter().all(|node| {
            match &node.test {
                Test::Compare { slot, operator, operand } if operator.is_date() => {
                    date::turns(operand, slots.get(*slot).map_or(&Value::Null, |value| value), run.facts.clock, tell);
                }
                Test::Same(place) => {
                    self.turn(*place, slots, run, tell);
                }
                _ => (),
            }
            run.burn(1)
        })
    }
}
