//! Surveys: questions one after another, each answer saying which is next.

use super::template::Text;
use super::{Chosen, OptionSpec, values};
use crate::engine::base::document::{List, Part};
use crate::engine::base::value::Value;
use crate::{document, words};

document! {
    /// Questions one after another; the first is asked first.
    pub struct Survey {
        /// In the order in which they are asked where no answer says otherwise.
        "questions" questions: List<'a, Question<'a>>,
        /// Said when it is over.
        "thanks" thanks: Option<Text<'a>> = None,
    }

    /// One question.
    pub struct Question {
        /// Under which name the answer is kept, as `user.answers.NAME`.
        "id" id: &'a str,
        /// How it is answered.
        "kind" kind: Kind,
        /// The question.
        "title" title: Text<'a>,
        /// What the low end of the scale means.
        "low" low: Option<Text<'a>> = None,
        /// What the high end of the scale means.
        "high" high: Option<Text<'a>> = None,
        /// Of a rating: how many steps it has, 5 where that is not said.
        "max" max: Option<i64> = None,
        /// Of a choice: what can be answered.
        "options" options: List<'a, OptionSpec<'a>> = List::of(&Value::Null),
        /// Of a text: what stands in the empty field.
        "placeholder" placeholder: Option<Text<'a>> = None,
        /// Whether it may be passed over.
        "optional" optional: bool = false,
        /// Where it goes on: the first that fits; none: the next question.
        "next" next: List<'a, Branch<'a>> = List::of(&Value::Null),
    }

    /// Where it goes on after some answers; without any of `value`, `min` and `max` after all of them.
    pub struct Branch {
        /// After this answer.
        "value" value: Option<Chosen<'a>> = None,
        /// After a number that is no less.
        "min" min: Option<i64> = None,
        /// After a number that is no more.
        "max" max: Option<i64> = None,
        /// A question of this survey, or `end`.
        "to" to: &'a str,
    }
}

words! {
    /// How a question is answered.
    pub enum Kind {
        /// From 0 to 10.
        "nps" Nps,
        /// From 1 to `max`.
        "rating" Rating,
        /// By one of `options`.
        "choice" Choice,
        /// In words of one's own; they stay on the device unless `signals.answers.send` says otherwise.
        "text" Text,
    }
}

/// Where a survey is over.
pub const END: &str = "end";

/// So many steps has a rating that does not say it.
pub const STEPS: i64 = 5;

impl Question<'_> {
    /// All that may be answered by choosing: a scale's numbers, or what the options stand for. `route.ts` says the same.
    pub fn values(self) -> Vec<Value> {
        match self.kind() {
            Kind::Nps => (0..=10).map(Value::from).collect(),
            Kind::Rating => (1..=self.max().unwrap_or(STEPS)).map(Value::from).collect(),
            Kind::Choice => values(self.options()),
            Kind::Text => Vec::new(),
        }
    }
}

impl Survey<'_> {
    /// The place of the question that an answer at a place leads to; none where the survey is over. `route.ts` says the same.
    pub fn after(self, place: usize, answer: &Value) -> Option<usize> {
        let questions = self.questions();
        let fits = |branch: &Branch| match (branch.value(), branch.min(), branch.max()) {
            (Some(value), ..) => value.0 == answer,
            (None, None, None) => true,
            (None, min, max) => answer
                .integer()
                .is_some_and(|number| min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)),
        };
        match questions.get(place)?.next().iter().find(fits) {
            Some(branch) => questions.iter().position(|other| other.id() == branch.to()),
            None => Some(place + 1).filter(|next| *next < questions.iter().len()),
        }
    }
}
