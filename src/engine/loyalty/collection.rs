//! Collections: sets to complete.

use super::program::Prize;
use super::{Payout, Turn};
use crate::engine::base::document::List;
use crate::engine::base::record::Named;
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::Names;
use crate::{document, record};

document! {
    /// A set to complete.
    pub struct Collection {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// What belongs to it.
        "items" items: List<'a, &'a str>,
        /// The events that bring one.
        "on" on: Names<'a>,
        /// The property that tells which; `item` or `item_id` where it is not named.
        "by" by: Option<&'a str> = None,
        /// What completing it pays.
        "reward" reward: Option<Prize<'a>> = None,
    }
}

record! {
    /// What a shopper has of a collection.
    pub struct Album {
        /// Items, in the order in which they came.
        "have" have: Vec<String>,
    }
}

/// An item may have come.
pub fn hear<'a>(_albums: &mut Named<Album>, _turn: Turn<'a>, _won: &mut Vec<Payout<'a>>) {}

/// `{ID: {have, need}}`.
pub fn progress(_albums: &Named<Album>, _turn: Turn) -> Value {
    Map::new().into()
}
