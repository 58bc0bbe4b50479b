//! What a shopper said, the last word on each thing, with when: declared preferences, the wishlist, answers.

use crate::engine::base::record::{Record, Walk};
use crate::engine::base::time::{Day, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::{ANSWER, DECLARE, Signal, id_text};

/// What is known by key, in the order in which it was said, as `{value, at}`.
#[derive(Default)]
pub struct Said(pub Map);

/// So many things are kept, the oldest go first; and so many items of a wishlist.
const MOST: usize = 100;
const WISHES: usize = 200;

/// The key of the wishlist.
const WISHLIST: &str = "wishlist";
/// The key of the birthday.
const BIRTHDAY: &str = "birthday";

impl Record for Said {
    fn walk(&mut self, walk: &mut Walk) {
        self.0.walk(walk);
    }
}

impl Said {
    /// The value under a key and when it was said.
    pub fn get(&self, key: &str) -> (&Value, Time) {
        let said = self.0.get(key).unwrap_or(&Value::Null);
        (said.field("value"), Time(said.field("at").integer().unwrap_or(0)))
    }

    /// Keeps a value, unless a later one is known; null deletes.
    fn say(&mut self, key: &str, value: Value, at: Time) {
        if self.0.get(key).is_some() && self.get(key).1 > at {
            return;
        }
        self.0.remove(key);
        if !value.is_null() {
            self.0.append(key, Map::of([("value", value), ("at", at.0.into())]).into());
        }
        if self.0.len() > MOST {
            self.0.remove_first();
        }
    }

    /// Takes in what one signal declares.
    pub fn declare(&mut self, signal: &Signal) {
        match signal.name.as_str() {
            DECLARE => {
                for (key, value) in signal.properties.members() {
                    if let Some(value) = keepable(key, value) {
                        self.say(key, value, signal.at);
                    }
                }
            }
            "add_to_wishlist" => self.wish(signal, true),
            "remove_from_wishlist" => self.wish(signal, false),
            _ => (),
        }
    }

    fn wish(&mut self, signal: &Signal, add: bool) {
        let mut wishes = self.get(WISHLIST).0.list().to_vec();
        for id in signal.properties.field("items").list().iter().filter_map(|item| id_text(item.field("item_id"))) {
            let id = Value::from(id);
            wishes.retain(|wish| *wish != id);
            if add {
                wishes.push(id);
            }
        }
        wishes.drain(..wishes.len().saturating_sub(WISHES));
        self.say(WISHLIST, if wishes.is_empty() { Value::Null } else { wishes.into() }, signal.at);
    }

    /// Takes in the answer to a survey: by question, or by campaign where it asks but one thing.
    pub fn answer(&mut self, signal: &Signal, question: Option<&str>) {
        let text = |key: &str| signal.properties.field(key).text();
        if signal.name != ANSWER || !matches!(text("action"), Some("choice" | "score" | "text")) {
            return;
        }
        if let Some(key) = text("question").or(question).or_else(|| text("campaign")) {
            self.say(key, signal.properties.field("value").clone(), signal.at);
        }
    }

    /// The values alone, as conditions read them.
    pub fn values(&self, map: &mut Map) {
        for (key, said) in self.0.iter() {
            map.set(key, said.field("value").clone());
        }
    }

    /// When each was said, in ms since 1970, as conditions read them.
    pub fn instants(&self) -> Map {
        let mut map = Map::new();
        for (key, said) in self.0.iter() {
            map.append(key, said.field("at").clone());
        }
        map
    }

    /// For people: values with instants.
    pub fn line(&self) -> Value {
        let mut line = Map::new();
        for (key, said) in self.0.iter() {
            let mut said = said.map().cloned().unwrap_or_default();
            said.set("at", self.get(key).1.text());
            line.append(key, said.into());
        }
        line.into()
    }
}

/// What may be kept under a key: of a birthday month and day alone, and nothing where it is no date.
pub fn keepable(key: &str, value: &Value) -> Option<Value> {
    if key != BIRTHDAY || value.is_null() {
        return Some(value.clone());
    }
    let text = value.text()?;
    let day = if text.len() == 5 { text } else { Day::parse(text.get(..10)?).and(text.get(5..10))? };
    Day::parse_yearly(day).map(|_| day.into())
}
