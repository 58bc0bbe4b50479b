//! Many conditions over one document that changes. Each fact has its share in the answer: the conditions that it rules out by
//! itself, as a row of bits. A changed fact has a new row; what is asked of several facts is asked of those that no row rules out.

use super::compiled::{Conditions, Test};
use super::condition::{Condition, Facts};
use super::operator::Operator;
use crate::engine::base::value::Value;
use std::borrow::Cow;

/// Conditions by their places: one bit each.
type Bits = Vec<u64>;

fn set(bits: &mut Bits, place: usize) {
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

/// A fact, and what depends on it.
struct Fact {
    /// What is asked of it alone, each question once, with the conditions that ask.
    tests: Vec<(usize, Bits)>,
    /// The conditions that ask about it and others in one.
    mixed: Bits,
    kinds: Kinds,
    /// By kind of value, the conditions that it rules out, once that was found out.
    known: Vec<Option<Bits>>,
    /// The conditions that it rules out now.
    out: Bits,
}

/// Which values are all the same to what is asked of a fact: numbers between two that are named, texts that are not. Without a
/// list every value is one of its own.
struct Kinds {
    numbers: Option<Vec<f64>>,
    texts: Option<Vec<String>>,
}

/// Conditions over one document, and which of them hold.
pub struct Matcher {
    conditions: Conditions,
    values: Vec<Cow<'static, Value>>,
    facts: Vec<Fact>,
    /// By condition, what it asks of several facts in one.
    rest: Vec<Vec<usize>>,
    /// Of which conditions the answer to that is known, and where it is yes.
    settled: Bits,
    held: Bits,
    /// All of them, and those that hold.
    all: Bits,
    holding: Bits,
}

impl Matcher {
    /// Reads conditions.
    pub fn new<'a>(given: impl Iterator<Item = Condition<'a>>) -> Matcher {
        let mut conditions = Conditions::default();
        let roots: Vec<usize> = given.map(|condition| conditions.add(condition, &mut Vec::new())).collect();
        let none = vec![0; roots.len().div_ceil(64)];
        let fact = || Fact {
            tests: Vec::new(),
            mixed: none.clone(),
            kinds: Kinds { numbers: Some(Vec::new()), texts: Some(vec![String::new()]) },
            known: Vec::new(),
            out: none.clone(),
        };
        let mut facts: Vec<Fact> = conditions.paths().map(|_| fact()).collect();
        let (mut rest, mut all) = (Vec::new(), none.clone());
        for (place, root) in roots.into_iter().enumerate() {
            let mut mixed = Vec::new();
            for part in conditions.parts(root) {
                let slots = conditions.reads(part);
                let alone = slots.first().filter(|first| slots.iter().all(|slot| slot == *first));
                if let Some(fact) = alone.and_then(|slot| facts.get_mut(*slot)) {
                    fact.ask(part, place, &none, &conditions);
                    continue;
                }
                mixed.push(part);
                for slot in slots {
                    facts.get_mut(slot).into_iter().for_each(|fact| set(&mut fact.mixed, place));
                }
            }
            rest.push(mixed);
            set(&mut all, place);
        }
        for fact in &mut facts {
            fact.kinds.numbers.iter_mut().for_each(|numbers| numbers.sort_by(f64::total_cmp));
            fact.kinds
                .numbers
                .iter_mut()
                .for_each(|numbers| numbers.dedup_by(|one, other| one.total_cmp(other).is_eq()));
            fact.kinds.texts.iter_mut().for_each(|texts| texts.sort());
            fact.kinds.texts.iter_mut().for_each(Vec::dedup);
        }
        let values = vec![Cow::Owned(Value::Null); facts.len()];
        Matcher { conditions, values, facts, rest, settled: none.clone(), held: none.clone(), all, holding: none }
    }

    /// The paths of what is read, in the order of the slots.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.conditions.paths()
    }

    /// Takes the value of each slot in.
    pub fn take(&mut self, values: Vec<Value>, facts: Facts) {
        self.values = values.into_iter().map(Cow::Owned).collect();
        self.settled.fill(0);
        for (fact, value) in self.facts.iter_mut().zip(&self.values) {
            fact.rule(value, &|test| self.conditions.holds(test, &self.values, facts));
        }
        self.settle(facts);
    }

    /// Takes in some slots, each with its value; whether that turned any condition.
    pub fn change(&mut self, changes: Vec<(usize, Value)>, facts: Facts) -> bool {
        let mut moved = false;
        for (slot, value) in changes {
            let (Some(known), Some(fact)) = (self.values.get_mut(slot), self.facts.get_mut(slot)) else { continue };
            *known = Cow::Owned(value);
            self.settled.iter_mut().zip(&fact.mixed).for_each(|(settled, mixed)| *settled &= !mixed);
            moved |= fact.mixed.iter().any(|word| *word != 0);
            if let Some(value) = self.values.get(slot) {
                moved |= fact.rule(value, &|test| self.conditions.holds(test, &self.values, facts));
            }
        }
        moved && self.settle(facts)
    }

    /// Finds out which hold; whether they are others than before.
    fn settle(&mut self, facts: Facts) -> bool {
        let mut holding = self.all.clone();
        for fact in &self.facts {
            holding.iter_mut().zip(&fact.out).for_each(|(holding, out)| *holding &= !out);
        }
        let words = holding.iter_mut().zip(self.settled.iter_mut().zip(&mut self.held)).enumerate();
        for (index, (holding, (settled, held))) in words {
            let mut open = *holding & !*settled;
            while open != 0 {
                let bit = open & open.wrapping_neg();
                let rest = self.rest.get(index * 64 + open.trailing_zeros() as usize);
                let holds = rest.into_iter().flatten().all(|part| self.conditions.holds(*part, &self.values, facts));
                *held = if holds { *held | bit } else { *held & !bit };
                *settled |= bit;
                open ^= bit;
            }
            *holding &= *held;
        }
        std::mem::replace(&mut self.holding, holding) != self.holding
    }

    /// The conditions that hold, by their places.
    pub fn holding(&self) -> Vec<u32> {
        let mut places = Vec::new();
        for (word, index) in self.holding.iter().zip(0..) {
            let mut open = *word;
            while open != 0 {
                places.push(index * 64 + open.trailing_zeros());
                open &= open - 1;
            }
        }
        places
    }
}

impl Fact {
    /// A condition asks a question.
    fn ask(&mut self, test: usize, condition: usize, none: &Bits, conditions: &Conditions) {
        let place = self.tests.iter().position(|(known, _)| conditions.alike(*known, test)).unwrap_or_else(|| {
            self.tests.push((test, none.clone()));
            conditions.asked(test, &mut |test| self.kinds.tell_apart(test));
            self.tests.len() - 1
        });
        self.tests.get_mut(place).into_iter().for_each(|(_, conditions)| set(conditions, condition));
    }

    /// Finds out what it rules out with this value; whether that is other than before.
    fn rule(&mut self, value: &Value, holds: &dyn Fn(usize) -> bool) -> bool {
        let kind = self.kinds.of(value);
        if let Some(Some(known)) = kind.and_then(|kind| self.known.get(kind)) {
            let moved = self.out != *known;
            self.out.copy_from_slice(known);
            return moved;
        }
        let before = std::mem::take(&mut self.out);
        self.out.resize(before.len(), 0);
        for (_, conditions) in self.tests.iter().filter(|(test, _)| !holds(*test)) {
            self.out.iter_mut().zip(conditions).for_each(|(out, conditions)| *out |= conditions);
        }
        if let Some(kind) = kind {
            self.known.resize(self.known.len().max(kind + 1), None);
            self.known.get_mut(kind).into_iter().for_each(|known| *known = Some(self.out.clone()));
        }
        self.out != before
    }
}

impl Kinds {
    /// Which kind a value is of, if any.
    fn of(&self, value: &Value) -> Option<usize> {
        match value {
            Value::Number(number) => self.numbers.as_ref().map(|numbers| {
                let place = numbers.partition_point(|known| known < number);
                2 * (2 * place + usize::from(numbers.get(place) == Some(number)))
            }),
            Value::Text(text) => self.texts.as_ref().map(|texts| {
                let place = texts.binary_search(text);
                2 * place.unwrap_or(texts.len()) + 1
            }),
            _ => None,
        }
    }

    /// A comparison tells some values apart.
    fn tell_apart(&mut self, test: &Test) {
        use Operator as Op;
        let Test::Compare { operator, operand, .. } = test else { return };
        match (operator, operand) {
            (Op::Equal | Op::Unequal, value) => self.name(value),
            (Op::In | Op::NotIn, list) => list.list().iter().for_each(|value| self.name(value)),
            (Op::Is | Op::Less | Op::AtMost | Op::Greater | Op::AtLeast, Value::Number(_)) => {
                self.name(operand);
                self.texts = None;
            }
            (Op::Is, Value::Text(_)) => {
                self.name(operand);
                self.numbers = None;
            }
            (Op::Is, Value::Bool(_)) => self.name(&Value::Number(0.0)),
            (Op::Is, _) | (Op::Exists | Op::Type | Op::Size | Op::Element | Op::All | Op::AllFolded, _) => (),
            _ => (self.numbers, self.texts) = (None, None),
        }
    }

    fn name(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.numbers.iter_mut().for_each(|numbers| numbers.push(*number)),
            Value::Text(text) => self.texts.iter_mut().for_each(|texts| texts.push(text.clone())),
            _ => (),
        }
    }
}
