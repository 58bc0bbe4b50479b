//! What the fuzz targets share: an input is JSON documents, one a line, and mutates as such.

use danbi::cli::json;
use danbi::engine::base::document::document_schema;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::Bundle;
use std::sync::LazyLock;

/// The documents of an input; a line that is none is left out.
pub fn documents(data: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(data).unwrap_or_default();
    text.lines().filter_map(|line| json::parse(line).ok()).collect()
}

/// Changes one place of one document, now and then a byte; how long the input is then. libFuzzer says what is worth keeping.
pub fn mutate(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut chance = Chance(seed);
    let mut all = documents(data.get(..size).unwrap_or_default());
    if all.is_empty() || chance.below(8) == 0 {
        return libfuzzer_sys::fuzzer_mutate(data, size, most);
    }
    let which = chance.below(all.len());
    for _ in 0..=chance.below(3) {
        let donor = all[chance.below(all.len())].clone();
        let mut place = chance.below(count(&all[which]));
        alter(&mut all[which], &mut place, &donor, &mut chance);
    }
    if chance.below(16) == 0 {
        let again = all[which].clone();
        all.push(again);
    }
    let text = all.iter().map(json::write).collect::<Vec<_>>().join("\n");
    if text.len() > most {
        return libfuzzer_sys::fuzzer_mutate(data, size, most);
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

/// The same numbers for the same seed.
struct Chance(u32);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % end.max(1)
    }

    fn of<'a>(&mut self, words: &'a [String]) -> &'a str {
        words.get(self.below(words.len())).map_or("", String::as_str)
    }

    /// Something small.
    fn atom(&mut self) -> Value {
        const NUMBERS: [f64; 12] =
            [0.0, 1.0, -1.0, 0.5, 2.0, 7.0, 1e3, 1e15, 9_007_199_254_740_991.0, -1e300, 5e-324, 1.7e12];
        match self.below(8) {
            0 => Value::Null,
            1 => true.into(),
            2 => false.into(),
            3 => NUMBERS[self.below(NUMBERS.len())].into(),
            4 => Value::List(Vec::new()),
            5 => Map::new().into(),
            _ => self.of(&WORDS).into(),
        }
    }
}

/// Words that mean something somewhere: the keys and choices of the bundle's schema, and what values are made of.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words: Vec<String> = include_str!("words.txt").lines().map(str::to_string).collect();
    schema_words(&document_schema::<Bundle>("", ""), &mut words);
    words.sort();
    words.dedup();
    words
});

fn schema_words(schema: &Value, words: &mut Vec<String>) {
    for (key, member) in schema.members() {
        match key {
            "properties" => words.extend(member.members().map(|(name, _)| name.to_string())),
            "const" => words.extend(member.text().map(str::to_string)),
            "pattern" => {
                let choices = member.text().unwrap_or_default().trim_matches(|letter| "^()$".contains(letter));
                words.extend(choices.split('|').map(str::to_string));
            }
            _ => (),
        }
        schema_words(member, words);
    }
    schema.list().iter().for_each(|one| schema_words(one, words));
}

/// How many values there are, this one too.
fn count(value: &Value) -> usize {
    let members = value.members().map(|(_, member)| count(member)).sum::<usize>();
    1 + members + value.list().iter().map(count).sum::<usize>()
}

/// Something out of a document.
fn part<'a>(value: &'a Value, place: &mut usize) -> Option<&'a Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    let mut inner = value.members().map(|(_, member)| member).chain(value.list());
    inner.find_map(|inner| part(inner, place))
}

/// Changes the value at a place, counted in the order of writing.
fn alter(value: &mut Value, place: &mut usize, donor: &Value, chance: &mut Chance) -> bool {
    if *place == 0 {
        *value = altered(std::mem::take(value), donor, chance);
        return true;
    }
    *place -= 1;
    match value {
        Value::List(items) => items.iter_mut().any(|item| alter(item, place, donor, chance)),
        Value::Map(map) => {
            let mut done = false;
            let members = std::mem::take(map);
            for (key, member) in members.iter() {
                let mut member = member.clone();
                done = done || alter(&mut member, place, donor, chance);
                map.set(key, member);
            }
            done
        }
        _ => false,
    }
}

fn altered(value: Value, donor: &Value, chance: &mut Chance) -> Value {
    let other = part(donor, &mut chance.below(count(donor))).cloned().unwrap_or_default();
    match value {
        Value::Map(mut map) if chance.below(4) > 0 => {
            let key = map.iter().nth(chance.below(map.len())).map(|(key, _)| key.to_string()).unwrap_or_default();
            match chance.below(4) {
                0 => map.remove(&key),
                1 => {
                    // Under another name.
                    let member = map.get(&key).cloned().unwrap_or_default();
                    map.remove(&key);
                    map.set(chance.of(&WORDS), member);
                }
                2 => map.set(chance.of(&WORDS), other),
                _ => map.set(chance.of(&WORDS), chance.atom()),
            }
            map.into()
        }
        Value::List(mut items) if chance.below(4) > 0 => {
            let place = chance.below(items.len() + 1);
            match chance.below(3) {
                0 if place < items.len() => drop(items.remove(place)),
                1 => items.insert(place, other),
                _ => items.insert(place, chance.atom()),
            }
            items.into()
        }
        Value::Number(number) if chance.below(2) == 0 => match chance.below(4) {
            0 => Value::from(number + 1.0),
            1 => Value::from(-number),
            2 => Value::from(number / 3.0),
            _ => Value::from((number * 1000.0).clamp(-1e308, 1e308)),
        },
        Value::Text(text) if chance.below(2) == 0 => {
            let at = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).nth(chance.below(text.len() + 1));
            let (before, after) = text.split_at(at.unwrap_or(0));
            match chance.below(3) {
                0 => before.into(),
                1 => [before, chance.of(&WORDS), after].concat().into(),
                _ => [after, before].concat().into(),
            }
        }
        value => match chance.below(4) {
            0 => vec![value].into(),
            1 => Map::new().with(chance.of(&WORDS), value).into(),
            2 => other,
            _ => chance.atom(),
        },
    }
}
