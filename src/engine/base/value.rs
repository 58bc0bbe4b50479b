//! The one shape in which documents reach the engine: JSON without its text.

use super::text;

/// A JSON value. Numbers are f64, integers exact to 2⁵³ − 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, and what is missing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Always finite.
    Number(f64),
    /// Text; a lone surrogate arrives as U+FFFD.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Map(Map),
}

/// Deepest nesting that is read; deeper input is refused where it enters.
pub const MAX_DEPTH: usize = 64;

const SAFE: f64 = 9_007_199_254_740_991.0;

static NULL: Value = Value::Null;

impl Value {
    /// The text, if it is one.
    #[inline(never)]
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is whole and exact.
    #[inline(never)]
    pub fn integer(&self) -> Option<i64> {
        let number = self.number()?;
        (number.abs() <= SAFE && number.trunc().total_cmp(&number).is_eq()).then_some(number as i64)
    }

    /// The boolean, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The elements; none when it is no array.
    pub fn list(&self) -> &[Value] {
        match self {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// The elements of an array; what is none stands alone, `null` too.
    pub fn several(&self) -> &[Value] {
        if let Value::List(list) = self { list } else { std::slice::from_ref(self) }
    }

    /// The members in order; none when it is no object.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        static NONE: Map = Map::new();
        self.map().unwrap_or(&NONE).iter()
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The member of an object or, by decimal index, of an array; `null` when there is none.
    pub fn member(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(map) => map.get(key),
            // As JavaScript writes an index: neither `00` nor `+0`.
            Value::List(list) if key == "0" || !key.starts_with('0') => {
                list.get(usize::try_from(text::digits(key)?).ok()?)
            }
            _ => None,
        }
    }

    /// The member of an object; `null` when there is none.
    pub fn field(&self, key: &str) -> &Value {
        self.map().and_then(|map| map.get(key)).unwrap_or(&NULL)
    }

    /// The member of an object, unless it is `null`.
    #[inline(never)]
    pub fn there(&self, key: &str) -> Option<&Value> {
        self.map()?.get(key).filter(|value| !value.is_null())
    }

    /// The member of an object, to change.
    pub fn member_mut(&mut self, key: &str) -> Option<&mut Value> {
        match self {
            Value::Map(map) => map.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Follows a dotted path; `null` where it leads nowhere.
    pub fn at(&self, path: &str) -> &Value {
        self.find(path).unwrap_or(&NULL)
    }

    /// Follows a dotted path.
    pub fn find(&self, path: &str) -> Option<&Value> {
        let (mut value, mut rest) = (self, path);
        while let Some((key, after)) = text::cut(rest, b'.') {
            value = value.member(key)?;
            rest = after;
        }
        value.member(rest)
    }

    /// JavaScript's `typeof`, with `null` and `array` told apart.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_string())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Value::Bool(bool)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number as f64)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Value::Null, Value::from)
    }
}

impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Value::Null, Value::Text)
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Value::Null, Value::from)
    }
}

impl From<Vec<Value>> for Value {
    fn from(list: Vec<Value>) -> Self {
        Value::List(list)
    }
}

/// An object: members in the order in which they were written, no key twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(String, Value)>);

impl Map {
    /// An object without members.
    pub const fn new() -> Self {
        Map(Vec::new())
    }

    /// The member of this name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// An object written down in a row, its keys all different.
    pub fn of<const N: usize>(mut members: [(&str, Value); N]) -> Self {
        Map::taken(&mut members)
    }

    /// Takes the values out, so that this is compiled once for all lengths.
    fn taken(members: &mut [(&str, Value)]) -> Self {
        let mut map = Map::new();
        for (key, value) in members {
            map.append(key, std::mem::take(value));
        }
        map
    }

    /// Sets a member; one that is there already keeps its place.
    #[inline]
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.put(key, value.into());
    }

    #[inline(never)]
    fn put(&mut self, key: &str, value: Value) {
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some(member) => member.1 = value,
            None => self.append(key, value),
        }
    }

    /// Adds a member whose name is known to be new.
    pub fn append(&mut self, key: &str, value: Value) {
        self.push(key.to_string(), value);
    }

    /// Likewise, with a name of its own.
    pub fn push(&mut self, key: String, value: Value) {
        self.0.push((key, value));
    }

    /// Adds a member whose name is known to be new where it belongs in the order of names.
    pub fn sorted(&mut self, key: &str, value: Value) {
        let place = self.0.iter().take_while(|(name, _)| name.as_str() < key).count();
        self.0.insert(place, (key.to_string(), value));
    }

    /// Sets a member and gives the object back, for writing one down in a row.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// Leaves out the members that are `null`.
    pub fn drop_nulls(&mut self) {
        self.0.retain(|(_, value)| !value.is_null());
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    /// Takes the first member out.
    pub fn remove_first(&mut self) {
        self.0.drain(..self.0.len().min(1));
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: AsRef<str>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut map = Map::new();
        for (key, value) in members {
            map.set(key.as_ref(), value);
        }
        map
    }
}
