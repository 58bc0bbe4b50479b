//! Collections: sets to complete.

use super::program::Prize;
use super::{Payout, Turn};
use crate::engine::base::document::List;
use crate::engine::base::record::Named;
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::Names;
use crate::engine::signal::id_text;
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
        /// The property that tells which; `item`, `item_id` or the `item_id` of `items` where it is not named.
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
        /// Whether it was complete once.
        "complete" complete: bool,
    }
}

impl Collection<'_> {
    /// How many of its items are there.
    fn count(self, album: &Album) -> usize {
        self.items().iter().filter(|item| album.have.iter().any(|have| have == item)).count()
    }

    /// What an event brings.
    fn brought(self, turn: Turn) -> Vec<String> {
        let named = match self.by() {
            Some(by) => id_text(turn.property(by)),
            None => id_text(turn.property("item")).or_else(|| id_text(turn.property("item_id"))),
        };
        let lines = turn.property("items").list().iter().filter(|_| self.by().is_none());
        match named {
            Some(item) => vec![item],
            None => lines.filter_map(|line| id_text(line.field("item_id"))).collect(),
        }
    }
}

/// An item may have come.
pub fn hear<'a>(albums: &mut Named<Album>, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    let Some(signal) = turn.deed() else { return };
    for collection in turn.program.collections().iter().filter(|collection| collection.on().has(&signal.name)) {
        let album = albums.entry(collection.id());
        for item in collection.brought(turn) {
            if collection.items().iter().any(|wanted| wanted == item) && !album.have.contains(&item) {
                album.have.push(item);
            }
        }
        if !album.complete && collection.count(album) == collection.items().iter().len() {
            album.complete = true;
            won.extend(Payout::of(collection.id(), collection.reward()));
        }
    }
}

/// `{ID: {have, need}}`.
pub fn progress(albums: &Named<Album>, turn: Turn) -> Value {
    let mut all = Map::new();
    for collection in turn.program.collections().iter() {
        let have = albums.get(collection.id()).map_or(0, |album| collection.count(album));
        let need = collection.items().iter().len();
        all.append(collection.id(), Map::of([("have", (have as i64).into()), ("need", (need as i64).into())]).into());
    }
    all.into()
}
