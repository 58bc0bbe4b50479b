//! Referrals: friends who bring friends, in stages, with a hold and reasons to refuse.

use super::program::{Per, Prize};
use super::{Payout, Turn};
use crate::engine::base::document::{List, Part};
use crate::engine::base::time::{Span, Time};
use crate::engine::base::value::Value;
use crate::engine::meter::Names;
use crate::{document, record};

document! {
    /// Friends who bring friends.
    pub struct Referral {
        /// Events of a friend, in order; the last one pays.
        "stages" stages: List<'a, &'a str> = List::of(&Value::Null),
        /// The event that pays, where a stage does not.
        "pays" pays: Option<Names<'a>> = None,
        /// What is given to whom.
        "give" give: Give<'a> = Give(&Value::Null),
        /// How long it waits after the last stage: a refund within it voids it.
        "hold" hold: Option<Span> = None,
        /// At most so many friends.
        "cap" cap: Option<Limit<'a>> = None,
        /// Reasons to refuse: `self existing claimed loop`.
        "deny" deny: List<'a, &'a str> = List::of(&Value::Null),
        /// Reasons that are only told; a server decides.
        "review" review: List<'a, &'a str> = List::of(&Value::Null),
    }

    /// What is given to whom.
    pub struct Give {
        /// To whom brought a friend.
        "referrer" referrer: Option<Prize<'a>> = None,
        /// To the friend.
        "friend" friend: Option<Prize<'a>> = None,
    }

    /// At most `n` in a time.
    pub struct Limit {
        /// So many.
        "n" n: i64,
        /// In this time.
        "per" per: Per,
    }
}

record! {
    /// Friends brought, and who brought this shopper.
    pub struct Referrals {
        /// Friends.
        "friends" friends: Vec<Friend>,
    }

    /// One friend.
    pub struct Friend {
        /// Id.
        "friend" friend: String,
    }
}

/// A friend may have gone a stage further.
pub fn hear<'a>(_referrals: &mut Referrals, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// The end of a hold.
pub fn pass<'a>(_referrals: &mut Referrals, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// The next end of a hold.
pub fn next(_referrals: &Referrals, _turn: Turn) -> Option<Time> {
    None
}

/// `[{friend, stage, verdict}]`.
pub fn progress(_referrals: &Referrals, _turn: Turn) -> Value {
    Value::List(Vec::new())
}
