//! Typed documents: one declaration reads a [`Value`] with JSON Pointers, writes it back and describes itself.
//!
//! Data-driven on purpose: one reader walks them all, instead of one monomorphized deserializer per type.

use super::time::{Span, Time};
use super::value::{Map, Value};
use crate::engine::error::Error;

/// A type that one JSON document can hold.
pub trait Document: Sized {
    /// Reads it; what is wrong is told to the reader, with its pointer, and gives none.
    fn read(value: &Value, at: &mut Reader) -> Option<Self>;
    /// Writes it; `Null` is left out of objects.
    fn write(&self) -> Value;
    /// Its JSON Schema (2020-12); shared definitions are added to `defs`.
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value;
}

/// Where the reading is, and what was wrong so far.
#[derive(Debug, Default)]
pub struct Reader {
    pointer: String,
    /// What was wrong, in the order of reading.
    pub errors: Vec<Error>,
}

impl Reader {
    /// Tells a mistake at the present place.
    pub fn fail(&mut self, code: &'static str, message: impl Into<String>) {
        self.errors.push(Error { code, path: self.pointer.clone(), message: message.into() });
    }

    /// Tells that something else was expected here.
    pub fn expected<T>(&mut self, what: &str, found: &Value) -> Option<T> {
        self.fail("type", ["expected ", what, ", found ", found.kind()].concat());
        None
    }

    /// Goes into a member for the time of one reading.
    pub fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Reader) -> T) -> T {
        let outer = self.pointer.len();
        self.pointer.push('/');
        for letter in key.chars() {
            match letter {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                letter => self.pointer.push(letter),
            }
        }
        let result = read(self);
        self.pointer.truncate(outer);
        result
    }

    /// Reads the member, or takes the default when it is absent; without a default its absence is a mistake.
    pub fn field<T: Document>(&mut self, map: &Map, key: &str, default: Option<T>) -> Option<T> {
        match (map.get(key), default) {
            (None | Some(Value::Null), Some(default)) => Some(default),
            (None, None) => {
                self.within(key, |at| at.fail("missing", "required; add it"));
                None
            }
            (Some(value), _) => self.within(key, |at| T::read(value, at)),
        }
    }

    /// Takes the object, all of whose keys must be known.
    pub fn object<'a>(&mut self, value: &'a Value, keys: &[&str]) -> Option<&'a Map> {
        let Some(map) = value.map() else { return self.expected("an object", value) };
        for (key, _) in map.iter() {
            if !keys.contains(&key) {
                self.within(key, |at| at.fail("unknown_key", ["unknown; known here: ", &keys.join(" ")].concat()));
            }
        }
        Some(map)
    }
}

/// Reads a whole document; all mistakes, or the document.
pub fn read<T: Document>(value: &Value) -> Result<T, Vec<Error>> {
    let mut reader = Reader::default();
    match T::read(value, &mut reader) {
        Some(document) if reader.errors.is_empty() => Ok(document),
        _ => Err(reader.errors),
    }
}

/// Declares document types. Objects: `"key" field: Type` (required) or `"key" field: Type = default`.
/// Choices are tagged by their one key, `{"key": content}`, or by a bare string where there is no content.
#[macro_export]
macro_rules! document {
    () => {};
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $key:literal $field:ident : $type:ty $(= $default:expr)? ,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])* #[derive(Clone, Debug, PartialEq $(, $($derive),*)?)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }
        impl $crate::engine::base::document::Document for $name {
            fn read(value: &$crate::engine::base::value::Value, at: &mut $crate::engine::base::document::Reader) -> Option<Self> {
                let map = at.object(value, &[$($key),*])?;
                $(let $field = at.field::<$type>(map, $key, $crate::document!(@default $($default)?));)*
                Some($name { $($field: $field?,)* })
            }
            fn write(&self) -> $crate::engine::base::value::Value {
                let mut map = $crate::engine::base::value::Map::new();
                $($crate::engine::base::document::put(&mut map, $key, self.$field.write());)*
                map.into()
            }
            #[cfg(feature = "studio")]
            fn schema(defs: &mut $crate::engine::base::value::Map) -> $crate::engine::base::value::Value {
                $crate::engine::base::document::define(defs, stringify!($name), |defs| {
                    $crate::engine::base::document::object_schema(concat!($($doc, "\n"),*), vec![
                        $(($key, concat!($($field_doc, "\n"),*), <$type>::schema(defs), $crate::document!(@required $($default)?))),*
                    ])
                })
            }
        }
        $crate::document! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? pub enum $name:ident {
        $($(#[doc = $variant_doc:literal])* $key:literal $variant:ident $(($type:ty))? ,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])* #[derive(Clone, Debug, PartialEq $(, $($derive),*)?)]
        pub enum $name { $($(#[doc = $variant_doc])* $variant $(($type))?,)* }
        impl $crate::engine::base::document::Document for $name {
            fn read(value: &$crate::engine::base::value::Value, at: &mut $crate::engine::base::document::Reader) -> Option<Self> {
                let Some((key, content)) = $crate::engine::base::document::tag(value) else {
                    return at.expected(concat!("one of" $(, " ", $key)*), value);
                };
                match key {
                    $($key => $crate::document!(@variant at, key, content, $name::$variant $(, $type)?),)*
                    _ => {
                        at.fail("unknown_choice", concat!("unknown; choose one of" $(, " ", $key)*));
                        None
                    }
                }
            }
            fn write(&self) -> $crate::engine::base::value::Value {
                match self {
                    $($crate::document!(@pattern $name::$variant, content $(, $type)?) => $crate::document!(@write $key, content $(, $type)?),)*
                }
            }
            #[cfg(feature = "studio")]
            fn schema(defs: &mut $crate::engine::base::value::Map) -> $crate::engine::base::value::Value {
                $crate::engine::base::document::define(defs, stringify!($name), |_defs| {
                    $crate::engine::base::document::choice_schema(concat!($($doc, "\n"),*), vec![
                        $(($key, concat!($($variant_doc, "\n"),*), $crate::document!(@content _defs $(, $type)?))),*
                    ])
                })
            }
        }
        $crate::document! { $($rest)* }
    };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
    (@required) => { true };
    (@required $default:expr) => { false };
    (@variant $at:ident, $key:ident, $content:ident, $variant:path) => {{
        if !$content.is_null() {
            return $at.expected("the bare name", $content);
        }
        Some($variant)
    }};
    (@variant $at:ident, $key:ident, $content:ident, $variant:path, $type:ty) => {
        $at.within($key, |at| <$type>::read($content, at)).map($variant)
    };
    (@pattern $variant:path, $content:ident) => { $variant };
    (@pattern $variant:path, $content:ident, $type:ty) => { $variant($content) };
    (@write $key:literal, $content:ident) => { $crate::engine::base::value::Value::from($key) };
    (@write $key:literal, $content:ident, $type:ty) => {
        $crate::engine::base::value::Map::new().with($key, $content.write()).into()
    };
    (@content $defs:ident) => { None };
    (@content $defs:ident, $type:ty) => { Some(<$type>::schema($defs)) };
}

/// Adds a member unless it is null.
pub fn put(map: &mut Map, key: &str, value: Value) {
    if !value.is_null() {
        map.set(key, value);
    }
}

static NOTHING: Value = Value::Null;

/// The tag and content of a choice.
pub fn tag(value: &Value) -> Option<(&str, &Value)> {
    match value {
        Value::Text(name) => Some((name, &NOTHING)),
        Value::Map(map) if map.len() == 1 => map.iter().next(),
        _ => None,
    }
}

macro_rules! scalar {
    ($type:ty, $what:literal, $schema:expr, |$value:ident| $read:expr, |$self:ident| $write:expr) => {
        impl Document for $type {
            fn read(value: &Value, at: &mut Reader) -> Option<Self> {
                let $value = value;
                match $read {
                    Some(read) => Some(read),
                    None => at.expected($what, value),
                }
            }
            fn write(&self) -> Value {
                let $self = self;
                Value::from($write)
            }
            #[cfg(feature = "studio")]
            fn schema(_: &mut Map) -> Value {
                let members: &[(&str, &str)] = &$schema;
                members.iter().copied().collect::<Map>().into()
            }
        }
    };
}

scalar!(String, "a string", [("type", "string")], |value| value.text().map(str::to_string), |this| this.clone());
scalar!(bool, "true or false", [("type", "boolean")], |value| value.bool(), |this| *this);
scalar!(i64, "a whole number", [("type", "integer")], |value| value.integer(), |this| *this);
scalar!(f64, "a number", [("type", "number")], |value| value.number(), |this| *this);
scalar!(
    Time,
    "an RFC 3339 instant such as 2026-05-12T10:00:00+09:00",
    [("type", "string"), ("format", "date-time")],
    |value| value.text().and_then(Time::parse).map(|(time, _)| time),
    |this| this.text()
);
scalar!(
    Span,
    "an ISO 8601 duration such as P7D or PT36H",
    [("type", "string"), ("format", "duration")],
    |value| value.text().and_then(Span::parse),
    |this| this.text()
);

impl Document for Value {
    fn read(value: &Value, _: &mut Reader) -> Option<Self> {
        Some(value.clone())
    }
    fn write(&self) -> Value {
        self.clone()
    }
    #[cfg(feature = "studio")]
    fn schema(_: &mut Map) -> Value {
        Value::Bool(true)
    }
}

impl<T: Document> Document for Option<T> {
    fn read(value: &Value, at: &mut Reader) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value, at).map(Some) }
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        T::schema(defs)
    }
}

impl<T: Document> Document for Vec<T> {
    fn read(value: &Value, at: &mut Reader) -> Option<Self> {
        let Value::List(list) = value else { return at.expected("an array", value) };
        // All are read before the first failure counts, so that each mistake is told.
        let all: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(index, item)| at.within(&index.to_string(), |at| T::read(item, at)))
            .collect();
        all.into_iter().collect()
    }
    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let items = T::schema(defs);
        Map::new().with("type", "array").with("items", items).into()
    }
}

/// An object used as a table: names the marketer chose, each with its content, in the order written.
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

impl<T: Document> Document for Named<T> {
    fn read(value: &Value, at: &mut Reader) -> Option<Self> {
        let Some(map) = value.map() else { return at.expected("an object", value) };
        let all: Vec<_> = map
            .iter()
            .map(|(key, item)| at.within(key, |at| T::read(item, at)).map(|content| (key.to_string(), content)))
            .collect();
        all.into_iter().collect::<Option<_>>().map(Named)
    }
    fn write(&self) -> Value {
        self.iter().map(|(key, content)| (key, content.write())).collect::<Map>().into()
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let content = T::schema(defs);
        Map::new().with("type", "object").with("additionalProperties", content).into()
    }
}

#[cfg(feature = "studio")]
pub use schema::{choice_schema, define, document_schema, object_schema};

#[cfg(feature = "studio")]
mod schema {
    use super::{Document, Map, Value};

    /// The JSON Schema of a whole document.
    pub fn document_schema<T: Document>(id: &str, title: &str) -> Value {
        let mut defs = Map::new();
        let root = T::schema(&mut defs);
        let mut schema = Map::new()
            .with("$schema", "https://json-schema.org/draft/2020-12/schema")
            .with("$id", id)
            .with("title", title);
        if let Some(reference) = root.member("$ref") {
            schema.set("$ref", reference.clone());
        }
        schema.with("$defs", defs).into()
    }

    /// Describes a named type once, and refers to it.
    pub fn define(defs: &mut Map, name: &str, describe: impl FnOnce(&mut Map) -> Value) -> Value {
        if defs.get(name).is_none() {
            // Set first: a type that holds itself refers to what is being described.
            defs.set(name, Value::Null);
            let described = describe(defs);
            defs.set(name, described);
        }
        Map::new().with("$ref", ["#/$defs/", name].concat()).into()
    }

    /// Describes an object: key, documentation, schema, required.
    pub fn object_schema(doc: &str, fields: Vec<(&str, &str, Value, bool)>) -> Value {
        let required: Vec<Value> = fields.iter().filter(|field| field.3).map(|field| Value::from(field.0)).collect();
        let properties: Map = fields.into_iter().map(|(key, doc, schema, _)| (key, documented(schema, doc))).collect();
        let mut schema = Map::new().with("type", "object").with("properties", properties);
        if !required.is_empty() {
            schema.set("required", Value::List(required));
        }
        documented(schema.with("additionalProperties", false).into(), doc)
    }

    /// Describes a choice: tag, documentation, schema of its content.
    pub fn choice_schema(doc: &str, choices: Vec<(&str, &str, Option<Value>)>) -> Value {
        let one_of = choices
            .into_iter()
            .map(|(key, doc, content)| match content {
                None => documented(Map::new().with("const", key).into(), doc),
                Some(content) => object_schema(doc, vec![(key, "", content, true)]),
            })
            .collect();
        documented(Map::new().with("oneOf", Value::List(one_of)).into(), doc)
    }

    fn documented(schema: Value, doc: &str) -> Value {
        let doc = doc.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        match schema {
            Value::Map(map) if !doc.trim().is_empty() => map.with("description", doc.trim()).into(),
            schema => schema,
        }
    }
}
