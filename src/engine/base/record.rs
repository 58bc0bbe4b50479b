//! What is kept of a shopper, as structures that read and write themselves.
//!
//! One walk per type does both, through `dyn`: what differs is the walk's mode, not the code. What is as it was in the beginning
//! (nothing, no, zero, empty, the first word) is not written: a snapshot holds many of those.

use super::text;
use super::time::{Day, Time};
use super::value::{Map, Value};

/// Something that is kept.
pub trait Record {
    /// Reads itself from the walk's present place, or writes itself there.
    fn walk(&mut self, walk: &mut Walk);
}

/// A way through a record.
pub struct Walk<'a> {
    /// What stands here, while reading; none while writing.
    from: Option<&'a Value>,
    to: Value,
    /// Keys of the members still to come, each with a space after it.
    keys: &'static str,
    broken: bool,
}

impl<'a> Walk<'a> {
    fn new(from: Option<&'a Value>, part: &mut dyn Record) -> Walk<'a> {
        let mut walk = Walk { from, to: Value::Null, keys: "", broken: false };
        part.walk(&mut walk);
        walk
    }

    fn part(&mut self, from: Option<&Value>, part: &mut dyn Record) -> Value {
        let inner = Walk::new(from, part);
        self.broken |= inner.broken;
        inner.to
    }

    /// Begins an object, whose members follow in the order of these keys, each with a space after it.
    pub fn object(&mut self, keys: &'static str) {
        self.keys = keys;
    }

    /// Walks the next member.
    pub fn member(&mut self, place: &mut dyn Record) {
        let Some((key, keys)) = text::cut(self.keys, b' ') else { return };
        self.keys = keys;
        if let Some(value) = self.from {
            self.row(value.field(key), place);
            return;
        }
        let value = self.part(None, place);
        if value.is_null() {
            return;
        }
        match &mut self.to {
            Value::Map(map) => map.append(key, value),
            to => *to = Map::of([(key, value)]).into(),
        }
    }

    /// Walks an array or, where rows have `names`, a table.
    pub fn rows(&mut self, rows: &mut dyn Rows, mut names: Option<&mut Names>) {
        let mut index = 0;
        if let Some(value) = self.from {
            let mut read = |item: &Value| {
                rows.add();
                if let Some(row) = rows.row(index) {
                    self.row(item, row);
                }
                index += 1;
            };
            match names {
                Some(names) => {
                    for (key, item) in value.members() {
                        names.add(key);
                        read(item);
                    }
                }
                None => value.list().iter().for_each(read),
            }
            return;
        }
        let (mut map, mut list) = (Map::new(), Vec::new());
        while let Some(row) = rows.row(index) {
            let value = self.part(None, row);
            match names.as_deref_mut() {
                Some(names) => map.append(names.get(index).unwrap_or_default(), value),
                None => list.push(value),
            }
            index += 1;
        }
        if index > 0 {
            self.to = if names.is_some() { map.into() } else { list.into() };
        }
    }

    fn row(&mut self, from: &Value, row: &mut dyn Record) {
        if !from.is_null() {
            self.part(Some(from), row);
        }
    }

    /// Walks a word: writes the one held, if it is not the first, or gives the one that stands here.
    pub fn word(&mut self, held: &str, first: bool) -> Option<&'a str> {
        match self.from {
            Some(value) => return Some(value.text().unwrap_or_default()),
            None if first => (),
            None => self.to = held.into(),
        }
        None
    }

    /// What stands here, while reading.
    pub fn reads(&self) -> Option<&'a Value> {
        self.from
    }

    /// Puts a value here.
    pub fn write(&mut self, value: Value) {
        self.to = value;
    }

    /// What stands here is not what it should be.
    pub fn refuse(&mut self) {
        self.broken = true;
    }
}

/// Reads a record; none where a member of it is not what it should be.
pub fn read<T: Record + Default>(value: &Value) -> Option<T> {
    let mut record = T::default();
    (!Walk::new(Some(value), &mut record).broken).then_some(record)
}

/// Writes a record; null is left out.
pub fn write(record: &mut dyn Record) -> Value {
    Walk::new(None, record).to
}

/// Declares records: `"key" field: Type`.
#[macro_export]
macro_rules! record {
    () => {};
    ($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $key:literal $field:ident : $type:ty,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])*
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }
        impl Default for $name {
            // A beginning is written in many places: once in the code.
            #[inline(never)]
            fn default() -> Self {
                $name { $($field: Default::default(),)* }
            }
        }
        impl $crate::engine::base::record::Record for $name {
            fn walk(&mut self, walk: &mut $crate::engine::base::record::Walk) {
                walk.object(concat!($($key, " "),*));
                $(walk.member(&mut self.$field);)*
            }
        }
        $crate::record! { $($rest)* }
    };
}

/// Declares words: a choice without content, read and written by its name; the first is the default.
#[macro_export]
macro_rules! words {
    ($(#[doc = $doc:literal])* pub enum $name:ident {
        $(#[doc = $first_doc:literal])* $first_key:literal $first:ident,
        $($(#[doc = $variant_doc:literal])* $key:literal $variant:ident,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $first_doc])* #[default] $first,
            $($(#[doc = $variant_doc])* $variant,)*
        }
        impl $name {
            const WORDS: &[&str] = &[$first_key $(, $key)*];
            const ALL: &[Self] = &[$name::$first $(, $name::$variant)*];
            /// Its name.
            pub fn word(self) -> &'static str {
                Self::WORDS.get(self as usize).copied().unwrap_or_default()
            }
            /// The one of this name.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.get($crate::engine::base::record::place(Self::WORDS, word)?).copied()
            }
        }
        impl $crate::engine::base::record::Record for $name {
            fn walk(&mut self, walk: &mut $crate::engine::base::record::Walk) {
                match walk.word(self.word(), *self == Self::default()).map(Self::named) {
                    Some(Some(read)) => *self = read,
                    Some(None) => walk.refuse(),
                    None => (),
                }
            }
        }
        $crate::scalar!(
            $name,
            "a known word",
            [("type", "string"), ("pattern", concat!("^(", $first_key $(, "|", $key)*, ")$"))],
            |value| value.text().and_then($name::named),
            $name::default()
        );
    };
}

/// Where a word stands among others.
pub fn place(words: &[&str], word: &str) -> Option<usize> {
    words.iter().position(|known| *known == word)
}

macro_rules! plain {
    ($type:ty, |$value:ident| $read:expr, |$this:ident| $write:expr) => {
        impl Record for $type {
            fn walk(&mut self, walk: &mut Walk) {
                match walk.from.map(|$value| $read) {
                    Some(Some(read)) => *self = read,
                    Some(None) => walk.broken = true,
                    None => {
                        let $this = &*self;
                        walk.to = $write;
                    }
                }
            }
        }
    };
}

plain!(String, |value| value.text().map(str::to_string), |this| this.as_str().into());
plain!(bool, |value| value.bool(), |this| if *this { true.into() } else { Value::Null });
plain!(i64, |value| value.integer(), |this| if *this == 0 { Value::Null } else { (*this).into() });
plain!(f64, |value| value.number(), |this| if this.abs() > 0.0 { (*this).into() } else { Value::Null });
plain!(Time, |value| value.integer().map(Time), |this| this.0.into());
plain!(Day, |value| value.integer().and_then(|day| i32::try_from(day).ok()).map(Day), |this| i64::from(this.0).into());
plain!(Map, |value| Some(value.map().cloned().unwrap_or_default()), |this| if this.is_empty() {
    Value::Null
} else {
    this.clone().into()
});
plain!(Value, |value| Some(value.clone()), |this| this.clone());

/// Of what is written even in the beginning, as texts and instants are: of a number, nothing and zero would be one.
impl<T: Record + Default> Record for Option<T> {
    fn walk(&mut self, walk: &mut Walk) {
        if walk.from.is_some() || self.is_some() {
            self.get_or_insert_default().walk(walk);
        }
    }
}

/// Rows as the walk needs them: the generic part of tables and arrays, kept as small as it can be.
pub trait Rows {
    /// Adds a row.
    fn add(&mut self);
    /// The row at an index.
    fn row(&mut self, index: usize) -> Option<&mut dyn Record>;
}

impl<T: Record + Default> Rows for Vec<T> {
    fn add(&mut self) {
        self.push(T::default());
    }
    fn row(&mut self, index: usize) -> Option<&mut dyn Record> {
        let row: &mut dyn Record = self.get_mut(index)?;
        Some(row)
    }
}

impl<T: Record + Default> Record for Vec<T> {
    fn walk(&mut self, walk: &mut Walk) {
        walk.rows(self, None);
    }
}

/// A table by name, in the order in which names came. Names stand apart from contents, so that looking one up is compiled once.
#[derive(Default)]
pub struct Named<T> {
    names: Names,
    contents: Vec<T>,
}

/// Names in the order in which they came, and their places in the order of their bytes: thousands of orders are looked up.
#[derive(Default)]
pub struct Names {
    all: Vec<String>,
    sorted: Vec<u32>,
}

impl Names {
    fn get(&self, index: usize) -> Option<&str> {
        self.all.get(index).map(String::as_str)
    }

    /// Where among the sorted ones a name is, or would be.
    fn search(&self, name: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|index| self.get(*index as usize).cmp(&Some(name)))
    }

    /// Where a name stands; past the end where it does not.
    #[inline(never)]
    fn find(&self, name: &str) -> usize {
        let place = self.search(name).ok().and_then(|place| self.sorted.get(place));
        place.map_or(self.all.len(), |index| *index as usize)
    }

    #[inline(never)]
    fn add(&mut self, name: &str) {
        if let Err(place) = self.search(name) {
            self.sorted.insert(place, self.all.len() as u32);
            self.all.push(name.to_string());
        }
    }

    /// Where a name stands, with an empty row where it did not.
    #[inline(never)]
    fn entry(&mut self, name: &str, rows: &mut dyn Rows) -> usize {
        let index = self.find(name);
        if index == self.all.len() {
            self.add(name);
            rows.add();
        }
        index
    }

    #[inline(never)]
    fn remove(&mut self, index: usize) {
        self.all.remove(index);
        self.sorted.retain(|other| *other as usize != index);
        for other in self.sorted.iter_mut().filter(|other| **other as usize > index) {
            *other -= 1;
        }
    }
}

impl<T> Named<T> {
    /// The content of this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.contents.get(self.names.find(name))
    }

    /// The content of this name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.contents.get_mut(self.names.find(name))
    }

    /// Sets the content of this name.
    pub fn set(&mut self, name: &str, content: T) {
        match self.get_mut(name) {
            Some(held) => *held = content,
            None => {
                self.names.add(name);
                self.contents.push(content);
            }
        }
    }

    /// Takes out the content of this name.
    pub fn remove(&mut self, name: &str) {
        let index = self.names.find(name);
        if index < self.contents.len() {
            self.names.remove(index);
            self.contents.remove(index);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.contents.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// Names and contents in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.names.all.iter().map(String::as_str).zip(&self.contents)
    }

    /// Names and contents in order, the contents to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.names.all.iter().map(String::as_str).zip(&mut self.contents)
    }
}

impl<T: Record + Default> Named<T> {
    /// The content of this name, made empty when it is not there.
    pub fn entry(&mut self, name: &str) -> &mut T {
        let index = self.names.entry(name, &mut self.contents);
        #[allow(clippy::indexing_slicing, reason = "the position was just found or made")]
        &mut self.contents[index]
    }
}

impl<T: Record + Default> Record for Named<T> {
    fn walk(&mut self, walk: &mut Walk) {
        walk.rows(&mut self.contents, Some(&mut self.names));
    }
}
