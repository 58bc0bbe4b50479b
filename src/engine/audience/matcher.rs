//! Many conditions over one document that changes. Each fact has its share in the answer: the conditions that it rules out by
//! itself, as a row of bits. A changed fact has a new row; what is asked of several facts is asked of those that no row rules out,
//! of what each of these facts answers.

use super::compiled::{Conditions, Test};
use super::condition::{Condition, Facts, Junction};
use super::operator::Operator;
use crate::engine::base::value::Value;
use std::borrow::Cow;

/// Conditions, or questions, by their places: one bit each.
type Bits = Vec<u64>;

fn set(bits: &mut Bits, place: usize) {
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

fn has(bits: &Bits, place: usize) -> bool {
    bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 != 0)
}

/// A fact, and what depends on it.
struct Fact {
    /// What is asked of it alone, each question once, with the conditions that ask.
    tests: Vec<(usize, Bits)>,
    /// The conditions that ask about it and others in one.
    mixed: Bits,
    kinds: Kinds,
    /// What it answers, by kind of value once that was found out; before them the one for a value of no kind.
    known: Vec<Option<Answer>>,
    /// The place of the answer for the value that it has.
    now: usize,
}

/// What a fact answers, as long as it has the same value.
struct Answer {
    /// The conditions that it rules out.
    out: Bits,
    /// The questions with the answer yes.
    yes: Bits,
}

/// What a condition asks of several facts in one.
enum Mixed {
    /// Questions asked of one fact each, one yes is enough: the fact, and the place among its questions.
    Either(Vec<(usize, usize)>),
    /// All else, by its place among the conditions.
    Part(usize),
}

/// Which values are all the same to what is asked of a fact: numbers between two that are named, texts that are not. Without a
/// list every value is one of its own.
struct Kinds {
    /// Nothing that is asked of it depends on the time, or on a list apart.
    steady: bool,
    numbers: Option<Vec<f64>>,
    texts: Option<Vec<String>>,
}

/// Conditions over one document, and which of them hold.
pub struct Matcher {
    conditions: Conditions,
    values: Vec<Cow<'static, Value>>,
    facts: Vec<Fact>,
    /// By condition, what it asks of several facts in one.
    rest: Vec<Vec<Mixed>>,
    /// Of which conditions the answer to that is known, and where it is yes.
    settled: Bits,
    held: Bits,
    /// All of them, what each group of facts rules out of them, and those that hold.
    all: Bits,
    out: Vec<Bits>,
    holding: Bits,
}

/// So many facts are a group: of all rows, a changed fact has those of its group and those of the groups looked at again.
const GROUP: usize = 8;

impl Matcher {
    /// Reads conditions.
    pub fn new<'a>(given: impl Iterator<Item = Condition<'a>>) -> Matcher {
        let mut conditions = Conditions::default();
        let roots: Vec<usize> = given.map(|condition| conditions.add(condition, &mut Vec::new())).collect();
        let none = vec![0; roots.len().div_ceil(64)];
        let fact = || Fact {
            tests: Vec::new(),
            mixed: none.clone(),
            kinds: Kinds { steady: true, numbers: Some(Vec::new()), texts: Some(vec![String::new()]) },
            known: vec![Some(Answer { out: none.clone(), yes: Bits::new() })],
            now: 0,
        };
        let mut facts: Vec<Fact> = conditions.paths().map(|_| fact()).collect();
        let (mut rest, mut all) = (Vec::new(), none.clone());
        for (place, root) in roots.into_iter().enumerate() {
            let mut mixed = Vec::new();
            for part in conditions.parts(root, Junction::And) {
                if let Some((slot, question)) = ask(part, &conditions, &mut facts) {
                    let asked = facts.get_mut(slot).and_then(|fact| fact.tests.get_mut(question));
                    asked.into_iter().for_each(|(_, conditions)| set(conditions, place));
                    continue;
                }
                let parts = conditions.parts(part, Junction::Or);
                let several: Option<Vec<_>> = parts.iter().map(|part| ask(*part, &conditions, &mut facts)).collect();
                let several = several.filter(|several| !several.is_empty());
                mixed.push(several.map_or(Mixed::Part(part), Mixed::Either));
                for slot in conditions.reads(part) {
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
        let out = vec![none.clone(); facts.len().div_ceil(GROUP)];
        Matcher { conditions, values, facts, rest, settled: none.clone(), held: none.clone(), all, out, holding: none }
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
        for group in 0..self.out.len() {
            self.gather(group);
        }
        self.settle(facts);
    }

    /// Takes the value of a slot in; whether that turned any condition.
    pub fn change(&mut self, slot: usize, value: Value, facts: Facts) -> bool {
        let (Some(known), Some(fact)) = (self.values.get_mut(slot), self.facts.get_mut(slot)) else { return false };
        *known = Cow::Owned(value);
        self.settled.iter_mut().zip(&fact.mixed).for_each(|(settled, mixed)| *settled &= !mixed);
        let mixed = fact.mixed.iter().any(|word| *word != 0);
        let value = self.values.get(slot).map_or(&Value::Null, |value| value);
        let moved = fact.rule(value, &|test| self.conditions.holds(test, &self.values, facts));
        if moved {
            self.gather(slot / GROUP);
        }
        (mixed || moved) && self.settle(facts)
    }

    /// Finds out what a group of facts rules out.
    fn gather(&mut self, group: usize) {
        let Some(all) = self.out.get_mut(group) else { return };
        all.fill(0);
        for answer in self.facts.iter().skip(group * GROUP).take(GROUP).filter_map(Fact::answer) {
            all.iter_mut().zip(&answer.out).for_each(|(all, out)| *all |= out);
        }
    }

    /// Finds out which hold; whether they are others than before.
    fn settle(&mut self, facts: Facts) -> bool {
        let mut holding = self.all.clone();
        for out in &self.out {
            holding.iter_mut().zip(out).for_each(|(holding, out)| *holding &= !out);
        }
        let words = holding.iter_mut().zip(self.settled.iter_mut().zip(&mut self.held)).enumerate();
        for (index, (holding, (settled, held))) in words {
            let mut open = *holding & !*settled;
            while open != 0 {
                let bit = open & open.wrapping_neg();
                let rest = self.rest.get(index * 64 + open.trailing_zeros() as usize).map_or(&[][..], Vec::as_slice);
                let yes = |(fact, question): &(usize, usize)| {
                    self.facts.get(*fact).and_then(Fact::answer).is_some_and(|answer| has(&answer.yes, *question))
                };
                let holds = rest.iter().all(|mixed| match mixed {
                    Mixed::Either(questions) => questions.iter().any(yes),
                    Mixed::Part(part) => self.conditions.holds(*part, &self.values, facts),
                });
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
        let count: u32 = self.holding.iter().map(|word| word.count_ones()).sum();
        let mut places = Vec::with_capacity(count as usize);
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

/// Has a question asked of a fact, of the only one that it reads: the fact, and the question's place there.
fn ask(test: usize, conditions: &Conditions, facts: &mut [Fact]) -> Option<(usize, usize)> {
    let slots = conditions.reads(test);
    let slot = *slots.first().filter(|first| slots.iter().all(|slot| slot == *first))?;
    let fact = facts.get_mut(slot)?;
    let known = fact.tests.iter().position(|(known, _)| conditions.alike(*known, test));
    let place = known.unwrap_or_else(|| {
        fact.tests.push((test, vec![0; fact.mixed.len()]));
        conditions.asked(test, &mut |test| fact.kinds.tell_apart(test));
        fact.tests.len() - 1
    });
    Some((slot, place))
}

impl Fact {
    fn answer(&self) -> Option<&Answer> {
        self.known.get(self.now)?.as_ref()
    }

    /// Finds out what it answers with this value; whether it rules out others than before.
    fn rule(&mut self, value: &Value, holds: &dyn Fn(usize) -> bool) -> bool {
        let kind = self.kinds.of(value).map_or(0, |kind| kind + 1);
        let found = match self.known.get(kind) {
            Some(Some(_)) if kind > 0 => None,
            _ => Some(self.find_out(holds)),
        };
        let before = self.answer().map(|answer| &answer.out);
        let after = found.as_ref().or(self.known.get(kind).and_then(Option::as_ref)).map(|answer| &answer.out);
        let moved = before != after;
        if found.is_some() {
            self.known.resize_with(self.known.len().max(kind + 1), || None);
            if let Some(known) = self.known.get_mut(kind) {
                *known = found;
            }
        }
        self.now = kind;
        moved
    }

    fn find_out(&self, holds: &dyn Fn(usize) -> bool) -> Answer {
        let mut answer = Answer { out: vec![0; self.mixed.len()], yes: vec![0; self.tests.len().div_ceil(64)] };
        for (place, (test, conditions)) in self.tests.iter().enumerate() {
            match holds(*test) {
                true => set(&mut answer.yes, place),
                false => answer.out.iter_mut().zip(conditions).for_each(|(out, conditions)| *out |= conditions),
            }
        }
        answer
    }
}

impl Kinds {
    /// Which kind a value is of, if any.
    fn of(&self, value: &Value) -> Option<usize> {
        match value {
            Value::Null => self.steady.then_some(0),
            Value::Bool(bool) => self.steady.then_some(1 + usize::from(*bool)),
            Value::Number(number) => self.numbers.as_ref().map(|numbers| {
                let place = numbers.partition_point(|known| known < number);
                3 + 2 * (2 * place + usize::from(numbers.get(place) == Some(number)))
            }),
            Value::Text(text) => self.texts.as_ref().map(|texts| {
                let place = texts.binary_search(text);
                4 + 2 * place.unwrap_or(texts.len())
            }),
            _ => None,
        }
    }

    /// A comparison tells some values apart.
    fn tell_apart(&mut self, test: &Test) {
        use Operator as Op;
        let Test::Compare { operator, operand, .. } = test else { return };
        self.steady &= !(operator.is_date() || matches!(operator, Op::InGroup | Op::NotInGroup));
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
