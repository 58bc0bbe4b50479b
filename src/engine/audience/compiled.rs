//! Conditions that are asked again and again, read once: paths become slots, conditions flat rows of nodes.

use super::condition::{Condition, Facts, Junction, Run, comparisons, fact};
use super::date;
use super::operator::{Operator, compare, operators, prepared};
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

/// Instead of a slot: the element of a list that is just looked at.
const ELEMENT: usize = usize::MAX;

struct Node {
    /// Behind the last of its parts.
    end: usize,
    test: Test,
}

/// What a node asks.
#[derive(PartialEq)]
pub enum Test {
    /// What its parts come to.
    Join(Junction),
    /// A comparison of a fact.
    Compare { slot: usize, operator: Operator, operand: Value },
    /// All parts hold for one element of the list in a slot.
    Element(usize),
    /// What another condition comes to, whose place is known.
    Same(usize),
    /// No condition, or an operator that nobody knows.
    Never,
}

impl Conditions {
    /// Reads a condition; its place. The slots that it looks at are added to `reads`.
    pub fn add(&mut self, condition: Condition, reads: &mut Vec<usize>) -> usize {
        match condition.0.map() {
            Some(map) if is_one(map) => {
                let place = self.nodes.len();
                self.members(map, reads);
                place
            }
            Some(map) => self.join(Test::Join(Junction::And), &mut |all| all.members(map, reads)),
            None => self.push(Test::Never),
        }
    }

    /// A condition that holds where all these do; none: nowhere.
    pub fn all(&mut self, places: &[usize]) -> usize {
        if places.is_empty() {
            return self.push(Test::Never);
        }
        self.join(Test::Join(Junction::And), &mut |all| {
            for place in places {
                all.push(Test::Same(*place));
            }
        })
    }

    /// What all must hold of an object.
    fn members(&mut self, map: &Map, reads: &mut Vec<usize>) {
        for (key, operand) in map.iter() {
            match Junction::named(key) {
                Some(Junction::And) => operand.list().iter().for_each(|part| match part.map() {
                    Some(map) => self.members(map, reads),
                    None => {
                        self.push(Test::Never);
                    }
                }),
                Some(junction) => {
                    self.join(Test::Join(junction), &mut |all| {
                        for part in junction.parts(operand) {
                            all.add(Condition(part), reads);
                        }
                    });
                }
                None => {
                    let slot = self.slot(key);
                    reads.push(slot);
                    self.tests(slot, operand);
                }
            }
        }
    }

    /// What all must hold of a fact.
    fn tests(&mut self, slot: usize, operand: &Value) {
        comparisons(operand, &mut |_, operator, operand| match operator {
            None => {
                self.push(Test::Never);
            }
            Some(Operator::Not) => {
                self.join(Test::Join(Junction::Not), &mut |all| all.tests(slot, operand));
            }
            Some(Operator::Element) if operators(operand).is_some() => {
                self.join(Test::Element(slot), &mut |all| all.tests(ELEMENT, operand));
            }
            Some(operator) => {
                self.push(Test::Compare { slot, operator, operand: prepared(operator, operand) });
            }
        });
    }

    fn join(&mut self, test: Test, parts: &mut dyn FnMut(&mut Conditions)) -> usize {
        let place = self.push(test);
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
        facts.within_bounds(|run| self.eval(place, slots, &Value::Null, run))
    }

    /// `element`: of a list, that is just looked at.
    fn eval(&self, place: usize, slots: &[Cow<Value>], element: &Value, run: &Run) -> bool {
        let Some(node) = self.nodes.get(place) else { return false };
        let fact = |slot: usize| slots.get(slot).map_or(element, |value| value);
        let found = |wanted: bool, element: &Value| {
            let mut part = place + 1;
            while part < node.end {
                if self.eval(part, slots, element, run) == wanted {
                    return true;
                }
                part = self.nodes.get(part).map_or(node.end, |node| node.end);
            }
            false
        };
        match &node.test {
            Test::Compare { slot, operator, operand } => compare(*operator, operand, fact(*slot), run, true),
            Test::Join(junction) => junction.outcome(node.end == place + 1, found(!junction.is_of_all(), element)),
            Test::Element(slot) => {
                fact(*slot).list().iter().any(|item| run.burn(1) && !(item.is_null() || found(false, item)))
            }
            Test::Same(place) => run.burn(1) && self.eval(*place, slots, element, run),
            Test::Never => false,
        }
    }

    /// Tells the moments, past ones too, at which time alone may turn the condition at a place.
    pub fn turns(&self, place: usize, slots: &[Cow<Value>], facts: Facts, tell: &mut dyn FnMut(Time)) {
        facts.within_bounds(|run| self.turn(place, slots, run, tell));
    }

    fn turn(&self, place: usize, slots: &[Cow<Value>], run: &Run, tell: &mut dyn FnMut(Time)) -> bool {
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

/// What [`super::Matcher`] asks of them.
#[cfg(feature = "studio")]
impl Conditions {
    /// The parts that a condition joins in this way; itself, where it does not.
    pub fn parts(&self, place: usize, junction: Junction) -> Vec<usize> {
        let Some(Node { end, .. }) = self.nodes.get(place).filter(|node| node.test == Test::Join(junction)) else {
            return vec![place];
        };
        let next = |part: &usize| self.nodes.get(*part).map(|node| node.end);
        std::iter::successors(Some(place + 1), next).take_while(|part| part < end).collect()
    }

    fn row(&self, place: usize) -> &[Node] {
        self.nodes.get(place).and_then(|node| self.nodes.get(place..node.end)).unwrap_or_default()
    }

    /// The slots that a condition reads, as often as it does.
    pub fn reads(&self, place: usize) -> Vec<usize> {
        let slot = |node: &Node| match &node.test {
            Test::Compare { slot, .. } | Test::Element(slot) => Some(*slot).filter(|slot| *slot != ELEMENT),
            _ => None,
        };
        self.row(place).iter().filter_map(slot).collect()
    }

    /// Tells what a condition compares with facts.
    pub fn asked(&self, place: usize, tell: &mut dyn FnMut(&Test)) {
        let of_fact = |test: &&Test| !matches!(test, Test::Compare { slot: ELEMENT, .. });
        self.row(place).iter().map(|node| &node.test).filter(of_fact).for_each(tell);
    }

    /// Whether two conditions are the same.
    pub fn alike(&self, one: usize, other: usize) -> bool {
        let same = |(a, b): (&Node, &Node)| a.end - one == b.end - other && a.test == b.test;
        self.row(one).len() == self.row(other).len() && self.row(one).iter().zip(self.row(other)).all(same)
    }
}

/// Whether one node says all that an object does.
fn is_one(map: &Map) -> bool {
    let node = |(key, operand): (&str, &Value)| match Junction::named(key) {
        Some(junction) => junction != Junction::And,
        None => operators(operand).is_none_or(|operators| operators.len() == 1),
    };
    map.len() == 1 && map.iter().all(node)
}
