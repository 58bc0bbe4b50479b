//! Surveys: questions one after another, each answer saying which is next.

use super::template::Text;
use super::{Chosen, OptionSpec};
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
