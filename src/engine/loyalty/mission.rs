//! Missions: tasks of one or several steps, within a time, once or again and again.

use super::program::{Per, Prize};
use super::rule::{Caps, Once, Undoings};
use super::{Payout, Turn};
use crate::engine::base::document::{List, Part};
use crate::engine::base::record::Named;
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::Names;
use crate::{document, record, words};

document! {
    /// A task.
    pub struct Mission {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// Events; a step may name several, of which one will do, and a name may end in `*`.
        "steps" steps: List<'a, Names<'a>> = List::of(&Value::Null),
        /// In which order: `any`, or `ordered`.
        "mode" mode: Mode = Mode::Any,
        /// So many different steps; all where it is not named.
        "need" need: Option<i64> = None,
        /// So many times in all.
        "times" times: Option<i64> = None,
        /// Counts once for each value of this property, or of these together.
        "once" once: Option<Once<'a>> = None,
        /// Events that take a step back, matched by `once` or by the properties they name; what was done stays done.
        "undo" undo: Undoings<'a> = Undoings(&Value::Null),
        /// Within this time from the first of them: as that passes, the first is left out.
        "in" within: Option<Span> = None,
        /// Begins anew with each; of a duration, so long after it was done.
        "repeat" repeat: Option<Per> = None,
        /// The meter that is not to pass `atMost`.
        "meter" meter: Option<&'a str> = None,
        /// See `meter`.
        "atMost" at_most: Option<i64> = None,
        /// When `atMost` is judged: `periodEnd`, the end of the meter's window.
        "judge" judge: Judge = Judge::PeriodEnd,
        /// What it pays.
        "reward" reward: Option<Prize<'a>> = None,
        /// At most so much of it, alone or with rules of the same `group`.
        "cap" cap: Caps<'a> = Caps(&Value::Null),
    }
}

words! {
    /// In which order steps count.
    pub enum Mode {
        /// In any.
        "any" Any,
        /// One after the other.
        "ordered" Ordered,
    }
}

words! {
    /// When a limit is judged.
    pub enum Judge {
        /// At the end of the meter's window.
        "periodEnd" PeriodEnd,
    }
}

record! {
    /// How far a shopper is with a mission.
    pub struct Attempt {
        /// Steps done, with their times.
        "steps" steps: Vec<Value>,
    }
}

/// A step may have been done.
pub fn hear<'a>(_missions: &mut Named<Attempt>, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// A deadline or the end of a period.
pub fn pass<'a>(_missions: &mut Named<Attempt>, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// The next deadline or end of a period.
pub fn next(_missions: &Named<Attempt>, _turn: Turn) -> Option<Time> {
    None
}

/// `{ID: {status: open|done|missed, done, need, deadline}}`.
pub fn progress(_missions: &Named<Attempt>, _turn: Turn) -> Value {
    Map::new().into()
}
