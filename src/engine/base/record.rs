//! What is kept of a shopper, as structures that read and write themselves.
//!
//! One walk per type does both, through `dyn`: what differs is the walk's mode, not the code.

use super::time::Time;
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
    broken: bool,
}

/// A member's key and its place.
pub type Field<'a> = (&'static str, &'a mut dyn Record);

impl Walk<'_> {
    fn part(&mut self, from: Option<&Value>, part: &mut dyn Record) -> Value {
        let mut inner = Walk { from, to: Value::Null, broken: false };
        part.walk(&mut inner);
        self.broken |= inner.broken;
        inner.to
    }

    /// Walks the members of an object.
    pub fn object(&mut self, fields: &mut [Field]) {
        match self.from {
            Some(value) => {
                for (key, place) in fields {
                    let value = value.field(key);
                    if !value.is_null() {
                        self.part(Some(value), *place);
                    }
                }
            }
            None => {
                let mut map = Map::new();
                for (key, place) in fields {
                    let value = self.part(None, *place);
                    if !value.is_null() {
                        map.append(key, value);
                    }
                }
                self.to = map.into();
            }
        }
    }

    /// Walks a plain value: `read` says whether it could.
    pub fn plain(&mut self, read: &mut dyn FnMut(Option<&Value>) -> Option<Value>) {
        match (self.from, read(self.from)) {
            (Some(_), None) => self.broken = true,
            (None, Some(value)) => self.to = value,
            _ => (),
        }
    }
}

/// Reads a record; none where what stands there is not one.
pub fn read<T: Record + Default>(value: &Value) -> Option<T> {
    let mut walk = Walk { from: Some(value), to: Value::Null, broken: value.map().is_none() };
    let mut record = T::default();
    record.walk(&mut walk);
    (!walk.broken).then_some(record)
}

/// Writes a record; null is left out.
pub fn write(record: &mut dyn Record) -> Value {
    let mut walk = Walk { from: None, to: Value::Null, broken: false };
    record.walk(&mut walk);
    walk.to
}

/// Declares records: `"key" field: Type`.
#[macro_export]
macro_rules! record {
    () => {};
    ($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $key:literal $field:ident : $type:ty,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])*
        #[derive(Clone, Default)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }
        impl $crate::engine::base::record::Record for $name {
            fn walk(&mut self, walk: &mut $crate::engine::base::record::Walk) {
                walk.object(&mut [$(($key, &mut self.$field)),*]);
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
            /// Its name.
            pub fn word(self) -> &'static str {
                match self { $name::$first => $first_key, $($name::$variant => $key,)* }
            }
            /// The one of this name.
            pub fn named(word: &str) -> Option<Self> {
                match word { $first_key => Some($name::$first), $($key => Some($name::$variant),)* _ => None }
            }
        }
        impl $crate::engine::base::record::Record for $name {
            fn walk(&mut self, walk: &mut $crate::engine::base::record::Walk) {
                walk.plain(&mut |from| match from {
                    Some(value) => {
                        *self = Self::named(value.text()?)?;
                        Some($crate::engine::base::value::Value::Null)
                    }
                    None => Some(self.word().into()),
                });
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

macro_rules! plain {
    ($type:ty, |$value:ident| $read:expr, |$this:ident| $write:expr) => {
        impl Record for $type {
            fn walk(&mut self, walk: &mut Walk) {
                walk.plain(&mut |from| match from {
                    Some($value) => {
                        *self = $read?;
                        Some(Value::Null)
                    }
                    None => {
                        let $this = &*self;
                        Some(Value::from($write))
                    }
                });
            }
        }
    };
}

plain!(String, |value| value.text().map(str::to_string), |this| this.clone());
plain!(bool, |value| value.bool(), |this| *this);
plain!(i64, |value| value.integer(), |this| *this);
plain!(Time, |value| value.integer().map(Time), |this| this.0);
plain!(Value, |value| Some(value.clone()), |this| this.clone());

impl<T: Record + Default> Record for Option<T> {
    fn walk(&mut self, walk: &mut Walk) {
        if walk.from.is_some() || self.is_some() {
            self.get_or_insert_default().walk(walk);
        }
    }
}

impl<T: Record + Default> Record for Vec<T> {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.from {
            Some(value) => {
                for item in value.list() {
                    let mut read = T::default();
                    walk.part(Some(item), &mut read);
                    self.push(read);
                }
            }
            None => walk.to = Value::List(self.iter_mut().map(|item| walk.part(None, item)).collect()),
        }
    }
}

/// A table by name, in the order in which names came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T> Named<T> {
    /// The content of this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, content)| content)
    }

    /// The content of this name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, content)| content)
    }

    /// Names and contents in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(key, content)| (key.as_str(), content))
    }
}

impl<T: Default> Named<T> {
    /// The content of this name, made empty when it is not there.
    pub fn entry(&mut self, name: &str) -> &mut T {
        let index = self.0.iter().position(|(key, _)| key == name).unwrap_or_else(|| {
            self.0.push((name.to_string(), T::default()));
            self.0.len() - 1
        });
        #[allow(clippy::indexing_slicing, reason = "the position was just found or made")]
        &mut self.0[index].1
    }
}

impl<T: Record + Default> Record for Named<T> {
    fn walk(&mut self, walk: &mut Walk) {
        match walk.from {
            Some(value) => {
                for (key, item) in value.map().into_iter().flat_map(Map::iter) {
                    walk.part(Some(item), self.entry(key));
                }
            }
            None => {
                let mut map = Map::new();
                for (key, content) in &mut self.0 {
                    let value = walk.part(None, content);
                    map.append(key, value);
                }
                walk.to = map.into();
            }
        }
    }
}
