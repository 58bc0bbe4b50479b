//! Typed documents: one declaration reads a [`Value`] with JSON Pointers, writes it back and describes itself.
//!
//! One walk per type serves all three, through `dyn`: what differs is the walk's mode, not the code. Readers monomorphized for
//! each type were a third of the wasm.

use super::time::{Span, Time};
use super::value::{Map, Value};
use crate::engine::error::Error;

/// A part of a document.
pub trait Document {
    /// Reads itself from the walk's present place, or writes or describes itself there.
    fn walk(&mut self, walk: &mut Walk);
}

/// What a walk does.
#[derive(Clone, Copy)]
pub enum Mode<'a> {
    /// Reads from this value.
    Read(&'a Value),
    /// Gathers values.
    Write,
    /// Gathers JSON Schema (2020-12).
    #[cfg(feature = "studio")]
    Describe,
}

/// A way through a document, and what was wrong on it.
pub struct Walk<'a> {
    mode: Mode<'a>,
    pointer: String,
    out: Value,
    /// What was wrong, in the order of reading.
    pub errors: Vec<Error>,
    #[cfg(feature = "studio")]
    schema: schema::Gathered,
}

/// A field of an object.
pub struct Field<'a> {
    /// Its key.
    pub key: &'static str,
    /// Whether its absence is a mistake.
    pub required: bool,
    /// What it is for, in words.
    #[cfg(feature = "studio")]
    pub doc: &'static str,
    /// Where it is kept.
    pub place: &'a mut dyn Document,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    pub fn new(mode: Mode<'a>) -> Walk<'a> {
        Walk {
            mode,
            pointer: String::new(),
            out: Value::Null,
            errors: Vec::new(),
            #[cfg(feature = "studio")]
            schema: schema::Gathered::default(),
        }
    }

    /// What it does, and where.
    pub fn mode(&self) -> Mode<'a> {
        self.mode
    }

    /// Writes a value here.
    pub fn put(&mut self, value: Value) {
        self.out = value;
    }

    /// Describes a plain value here.
    pub fn describe(&mut self, _members: &[(&str, &str)]) {
        #[cfg(feature = "studio")]
        self.put(_members.iter().copied().collect::<Map>().into());
    }

    /// Tells a mistake at the present place.
    pub fn fail(&mut self, code: &'static str, message: &str) {
        self.errors.push(Error { code, path: self.pointer.clone(), message: message.to_string() });
    }

    /// Tells that something else was expected here.
    pub fn expected(&mut self, what: &str) {
        let found = if let Mode::Read(value) = self.mode { value.kind() } else { "nothing" };
        self.fail("type", &["expected ", what, ", found ", found].concat());
    }

    /// Goes into a member for the time of a call.
    pub fn within(&mut self, key: &str, run: &mut dyn FnMut(&mut Self)) {
        let outer = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        run(self);
        self.pointer.truncate(outer);
    }

    fn inside(&mut self, key: &str, value: &'a Value, part: &mut dyn Document) {
        let outer = std::mem::replace(&mut self.mode, Mode::Read(value));
        self.within(key, &mut |walk| part.walk(walk));
        self.mode = outer;
    }

    /// Takes what a part writes or describes.
    fn taken(&mut self, part: &mut dyn Document) -> Value {
        part.walk(self);
        std::mem::take(&mut self.out)
    }

    /// Walks the fields of an object.
    pub fn object(&mut self, name: &'static str, _doc: &'static str, fields: &mut [Field]) {
        match self.mode {
            Mode::Read(value) => {
                let Some(map) = value.map() else { return self.expected("an object") };
                #[cfg(feature = "studio")]
                self.unknown(map, fields);
                for field in fields {
                    match map.get(field.key) {
                        None | Some(Value::Null) if field.required => {
                            self.within(field.key, &mut |walk| walk.fail("missing", "required; add it"));
                        }
                        None | Some(Value::Null) => (),
                        Some(value) => self.inside(field.key, value, field.place),
                    }
                }
            }
            Mode::Write => {
                let mut map = Map::new();
                for field in fields {
                    let value = self.taken(field.place);
                    put(&mut map, field.key, value);
                }
                self.put(map.into());
            }
            #[cfg(feature = "studio")]
            Mode::Describe => self.describe_object(name, _doc, fields),
        }
        let _ = name;
    }

    /// Walks the elements of an array.
    pub fn list<T: Document + Default>(&mut self, list: &mut Vec<T>) {
        match self.mode {
            Mode::Read(Value::List(items)) => {
                list.clear();
                list.resize_with(items.len(), T::default);
                for ((index, value), place) in items.iter().enumerate().zip(list) {
                    self.inside(&index.to_string(), value, place);
                }
            }
            Mode::Read(_) => self.expected("an array"),
            Mode::Write => {
                let items = list.iter_mut().map(|item| self.taken(item)).collect();
                self.put(Value::List(items));
            }
            #[cfg(feature = "studio")]
            Mode::Describe => {
                let items = self.taken(&mut T::default());
                self.put(Map::new().with("type", "array").with("items", items).into());
            }
        }
    }

    /// Walks an object used as a table.
    pub fn table<T: Document + Default>(&mut self, table: &mut Vec<(String, T)>) {
        match self.mode {
            Mode::Read(Value::Map(map)) => {
                table.clear();
                for (key, value) in map.iter() {
                    let mut content = T::default();
                    self.inside(key, value, &mut content);
                    table.push((key.to_string(), content));
                }
            }
            Mode::Read(_) => self.expected("an object"),
            Mode::Write => {
                let mut map = Map::new();
                for (key, content) in table {
                    let value = self.taken(content);
                    map.append(key, value);
                }
                self.put(map.into());
            }
            #[cfg(feature = "studio")]
            Mode::Describe => {
                let content = self.taken(&mut T::default());
                self.put(Map::new().with("type", "object").with("additionalProperties", content).into());
            }
        }
    }

    /// The tag of a choice while reading: a bare string, or the one key of an object.
    pub fn tag(&self) -> Option<&'a str> {
        match self.mode {
            Mode::Read(Value::Text(name)) => Some(name),
            Mode::Read(Value::Map(map)) if map.len() == 1 => map.iter().next().map(|(key, _)| key),
            _ => None,
        }
    }

    /// Walks the content of the choice that was made.
    pub fn tagged(&mut self, key: &'static str, content: Option<&mut dyn Document>) {
        match (self.mode, content) {
            (Mode::Read(value), Some(content)) => match value.member(key) {
                Some(value) => self.inside(key, value, content),
                None => self.expected("an object with its content"),
            },
            (Mode::Read(_), None) => (),
            (_, Some(content)) => {
                let value = self.taken(content);
                self.put(Map::new().with(key, value).into());
            }
            (_, None) => self.put(key.into()),
        }
    }
}

/// Reads a whole document; all mistakes, or the document.
pub fn read<T: Document + Default>(value: &Value) -> Result<T, Vec<Error>> {
    let mut walk = Walk::new(Mode::Read(value));
    let mut document = T::default();
    document.walk(&mut walk);
    if walk.errors.is_empty() { Ok(document) } else { Err(walk.errors) }
}

/// Writes a document; `Null` is left out of objects.
pub fn write(document: &mut dyn Document) -> Value {
    Walk::new(Mode::Write).taken(document)
}

/// Adds a member unless it is null.
pub fn put(map: &mut Map, key: &str, value: Value) {
    if !value.is_null() {
        map.set(key, value);
    }
}

/// Declares document types. Objects: `"key" field: Type` (required) or `"key" field: Type = default`.
/// Choices are tagged by their one key, `{"key": content}`, or by a bare string where there is no content; the first is the
/// default.
#[macro_export]
macro_rules! document {
    () => {};
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $key:literal $field:ident : $type:ty $(= $default:expr)? ,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])* #[derive(Clone $(, $($derive),*)?)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }
        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $crate::document!(@default $($default)?),)* }
            }
        }
        impl $crate::engine::base::document::Document for $name {
            fn walk(&mut self, walk: &mut $crate::engine::base::document::Walk) {
                walk.object(stringify!($name), $crate::document!(@doc $($doc)*), &mut [
                    $($crate::engine::base::document::Field {
                        key: $key,
                        required: $crate::document!(@required $($default)?),
                        #[cfg(feature = "studio")]
                        doc: concat!($($field_doc, "\n"),*),
                        place: &mut self.$field,
                    },)*
                ]);
            }
        }
        $crate::document! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? pub enum $name:ident {
        $(#[doc = $first_doc:literal])* $first_key:literal $first:ident $(($first_type:ty))? ,
        $($(#[doc = $variant_doc:literal])* $key:literal $variant:ident $(($type:ty))? ,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])* #[derive(Clone $(, $($derive),*)?)]
        pub enum $name {
            $(#[doc = $first_doc])* $first $(($first_type))?,
            $($(#[doc = $variant_doc])* $variant $(($type))?,)*
        }
        impl Default for $name {
            fn default() -> Self {
                $crate::document!(@make $name::$first $(, $first_type)?)
            }
        }
        impl $crate::engine::base::document::Document for $name {
            fn walk(&mut self, walk: &mut $crate::engine::base::document::Walk) {
                if let $crate::engine::base::document::Mode::Read(_) = walk.mode() {
                    *self = match walk.tag() {
                        Some($first_key) => $crate::document!(@make $name::$first $(, $first_type)?),
                        $(Some($key) => $crate::document!(@make $name::$variant $(, $type)?),)*
                        _ => return walk.expected(concat!("one of ", $first_key $(, " ", $key)*)),
                    };
                }
                #[cfg(feature = "studio")]
                if let $crate::engine::base::document::Mode::Describe = walk.mode() {
                    return walk.describe_choice(stringify!($name), $crate::document!(@doc $($doc)*), &mut [
                        ($first_key, concat!($($first_doc, "\n"),*), $crate::document!(@content $($first_type)?)),
                        $(($key, concat!($($variant_doc, "\n"),*), $crate::document!(@content $($type)?)),)*
                    ]);
                }
                match self {
                    $crate::document!(@pattern $name::$first, content $(, $first_type)?) =>
                        walk.tagged($first_key, $crate::document!(@place content $(, $first_type)?)),
                    $($crate::document!(@pattern $name::$variant, content $(, $type)?) =>
                        walk.tagged($key, $crate::document!(@place content $(, $type)?)),)*
                }
            }
        }
        $crate::document! { $($rest)* }
    };
    (@doc $($doc:literal)*) => { if cfg!(feature = "studio") { concat!($($doc, "\n"),*) } else { "" } };
    (@default) => { Default::default() };
    (@default $default:expr) => { $default };
    (@required) => { true };
    (@required $default:expr) => { false };
    (@make $variant:path) => { $variant };
    (@make $variant:path, $type:ty) => { $variant(<$type>::default()) };
    (@pattern $variant:path, $content:ident) => { $variant };
    (@pattern $variant:path, $content:ident, $type:ty) => { $variant($content) };
    (@place $content:ident) => { None };
    (@place $content:ident, $type:ty) => { Some($content) };
    (@content) => { None };
    (@content $type:ty) => { Some(&mut <$type>::default() as &mut dyn $crate::engine::base::document::Document) };
}

/// A plain value: what it is in words, its schema, how it is read and written.
macro_rules! scalar {
    ($type:ty, $what:literal, $schema:expr, |$value:ident| $read:expr, |$self:ident| $write:expr) => {
        impl Document for $type {
            fn walk(&mut self, walk: &mut Walk) {
                match walk.mode() {
                    Mode::Read($value) => match $read {
                        Some(read) => *self = read,
                        None => walk.expected($what),
                    },
                    Mode::Write => {
                        let $self = &*self;
                        walk.put(Value::from($write));
                    }
                    #[cfg(feature = "studio")]
                    Mode::Describe => walk.describe(&$schema),
                }
            }
        }
    };
}
pub(crate) use scalar;

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
scalar!(Value, "anything", [], |value| Some(value.clone()), |this| this.clone());

impl<T: Document + Default> Document for Option<T> {
    fn walk(&mut self, walk: &mut Walk) {
        if matches!(walk.mode(), Mode::Write) && self.is_none() {
            return walk.put(Value::Null);
        }
        self.get_or_insert_default().walk(walk);
    }
}

impl<T: Document + Default> Document for Vec<T> {
    fn walk(&mut self, walk: &mut Walk) {
        walk.list(self);
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

impl<T: Document + Default> Document for Named<T> {
    fn walk(&mut self, walk: &mut Walk) {
        walk.table(&mut self.0);
    }
}

#[cfg(feature = "studio")]
pub use schema::document_schema;

#[cfg(feature = "studio")]
mod schema {
    use super::{Document, Field, Map, Mode, Value, Walk};

    /// Definitions gathered so far.
    #[derive(Default)]
    pub struct Gathered(Map);

    /// The JSON Schema of a whole document.
    pub fn document_schema<T: Document + Default>(id: &str, title: &str) -> Value {
        let mut walk = Walk::new(Mode::Describe);
        let root = walk.taken(&mut T::default());
        Map::new()
            .with("$schema", "https://json-schema.org/draft/2020-12/schema")
            .with("$id", id)
            .with("title", title)
            .with("$ref", root.at("$ref").clone())
            .with("$defs", walk.schema.0)
            .into()
    }

    impl Walk<'_> {
        /// Tells the keys that an object does not have.
        pub(super) fn unknown(&mut self, map: &Map, fields: &[Field]) {
            let known: Vec<&str> = fields.iter().map(|field| field.key).collect();
            for (key, _) in map.iter().filter(|(key, _)| !known.contains(key)) {
                let message = ["unknown; known here: ", &known.join(" ")].concat();
                self.within(key, &mut |walk| walk.fail("unknown_key", &message));
            }
        }

        /// Describes a named type once, and refers to it.
        fn define(&mut self, name: &str, describe: &mut dyn FnMut(&mut Self) -> Value) {
            if self.schema.0.get(name).is_none() {
                // Set first: a type that holds itself refers to what is being described.
                self.schema.0.set(name, Value::Null);
                let described = describe(self);
                self.schema.0.set(name, described);
            }
            self.put(Map::new().with("$ref", ["#/$defs/", name].concat()).into());
        }

        pub(super) fn describe_object(&mut self, name: &str, doc: &str, fields: &mut [Field]) {
            self.define(name, &mut |walk| {
                let required: Vec<Value> = fields.iter().filter(|field| field.required).map(|field| field.key.into()).collect();
                let mut properties = Map::new();
                for field in fields.iter_mut() {
                    let described = walk.taken(field.place);
                    properties.set(field.key, documented(described, field.doc));
                }
                let mut schema = Map::new().with("type", "object").with("properties", properties);
                if !required.is_empty() {
                    schema.set("required", required);
                }
                documented(schema.with("additionalProperties", false).into(), doc)
            });
        }

        /// Describes a choice: tag, documentation, content.
        pub fn describe_choice(&mut self, name: &str, doc: &str, choices: &mut [(&str, &str, Option<&mut dyn Document>)]) {
            self.define(name, &mut |walk| {
                let mut all = Vec::new();
                for (key, doc, content) in choices.iter_mut() {
                    let schema = match content {
                        None => Map::new().with("const", *key),
                        Some(content) => {
                            let properties = Map::new().with(*key, walk.taken(&mut **content));
                            Map::new()
                                .with("type", "object")
                                .with("properties", properties)
                                .with("required", vec![*key])
                                .with("additionalProperties", false)
                        }
                    };
                    all.push(documented(schema.into(), doc));
                }
                documented(Map::new().with("oneOf", all).into(), doc)
            });
        }

        /// Describes a value that can be written in several ways.
        pub fn describe_forms(&mut self, forms: &mut [&mut dyn Document]) {
            let forms: Vec<Value> = forms.iter_mut().map(|form| self.taken(&mut **form)).collect();
            self.put(Map::new().with("anyOf", forms).into());
        }
    }

    fn documented(schema: Value, doc: &str) -> Value {
        let doc = doc.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        match schema {
            Value::Map(map) if !doc.trim().is_empty() => map.with("description", doc.trim()).into(),
            schema => schema,
        }
    }
}
