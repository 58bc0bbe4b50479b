//! The marketer's documents as typed views of a [`Value`]: nothing is parsed before it is asked for, and one declaration also
//! checks a document and describes it as JSON Schema.
//!
//! A page reads what is absent or of another kind as empty; checking, with JSON Pointers, is the Studio's and the command
//! line's (feature `studio`). Deserializing into structures cost ten times as much of the wasm.

use super::time::{Shift, Span, Time};
use super::value::{Map, Value};
use std::marker::PhantomData;

/// A part of a document: a typed way of looking at a value.
pub trait Part<'a>: Sized {
    /// Looks at a value; what is absent or of another kind looks empty.
    fn of(value: &'a Value) -> Self;
    /// Looks at a member, if it is there.
    fn there(value: &'a Value, key: &str) -> Option<Self> {
        value.there(key).map(Self::of)
    }
    /// Looks at a member, or at what stands for it. Of what has parts, all that can is nothing, which it looks like by itself.
    fn member(value: &'a Value, key: &str, _absent: Self) -> Self {
        Self::of(value.field(key))
    }
    /// Tells what is wrong with a value that is there.
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check);
    /// Its JSON Schema (2020-12); shared definitions are added to `defs`.
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value;
}

/// An array of parts.
pub struct List<'a, T>(&'a [Value], PhantomData<T>);

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<'a, T: Part<'a>> List<'a, T> {
    /// The parts in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + Clone {
        self.0.iter().map(T::of)
    }

    /// The part at an index.
    pub fn get(self, index: usize) -> Option<T> {
        self.0.get(index).map(T::of)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// An object used as a table: names the marketer chose, each with its part.
pub struct Table<'a, T>(&'a Value, PhantomData<T>);

impl<T> Clone for Table<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Table<'_, T> {}

impl<'a, T: Part<'a>> Table<'a, T> {
    /// Names and parts in the order written.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, T)> {
        self.0.members().map(|(name, value)| (name, T::of(value)))
    }

    /// The part of this name.
    pub fn get(self, name: &str) -> Option<T> {
        self.0.map()?.get(name).map(T::of)
    }

    /// The name and part at a place.
    pub fn nth(self, place: usize) -> Option<(&'a str, T)> {
        self.iter().nth(place)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.map().is_none_or(Map::is_empty)
    }
}

/// Something that is on or off, or on with options: `true` or an object.
pub struct Switch<'a, T>(&'a Value, PhantomData<T>);

impl<T> Clone for Switch<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Switch<'_, T> {}

impl<'a, T: Part<'a>> Switch<'a, T> {
    /// The options, where it is on.
    pub fn on(self) -> Option<T> {
        (!matches!(self.0, Value::Null | Value::Bool(false))).then(|| T::of(self.0))
    }
}

/// Declares documents. Objects: `"key" field: Type` (required) or `"key" field: Type = default`, each read by the method
/// `field`. Choices are tagged by their one key, `{"key": content}`, or by a bare string where there is no content; the first is
/// what anything else looks like.
#[macro_export]
macro_rules! document {
    () => {};
    ($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $key:literal $field:ident : $type:ty $(= $default:expr)? ,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a>(pub &'a $crate::engine::base::value::Value);
        impl<'a> $name<'a> {
            $($(#[doc = $field_doc])* pub fn $field(self) -> $type {
                $crate::document!(@read self.0, $key, $type $(, $default)?)
            })*
        }
        impl<'a> $crate::engine::base::document::Part<'a> for $name<'a> {
            fn of(value: &'a $crate::engine::base::value::Value) -> Self {
                $name(value)
            }
            #[cfg(feature = "studio")]
            fn check(value: &'a $crate::engine::base::value::Value, check: &mut $crate::engine::base::document::Check) {
                check.object(value, &[$(($key, $crate::document!(@required $($default)?),
                    <$type as $crate::engine::base::document::Part<'a>>::check as fn(&'a _, &mut _))),*]);
            }
            #[cfg(feature = "studio")]
            fn schema(defs: &mut $crate::engine::base::value::Map) -> $crate::engine::base::value::Value {
                $crate::engine::base::document::define(defs, stringify!($name), &|defs| {
                    let fields = vec![$((
                        $key,
                        concat!($($field_doc, "\n"),*),
                        <$type as $crate::engine::base::document::Part<'a>>::schema(defs),
                        $crate::document!(@required $($default)?),
                    )),*];
                    $crate::engine::base::document::object_schema(concat!($($doc, "\n"),*), fields)
                })
            }
        }
        $crate::document! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* pub enum $name:ident {
        $(#[doc = $first_doc:literal])* $first_key:literal $first:ident ,
        $($(#[doc = $variant_doc:literal])* $key:literal $variant:ident $(($type:ty))? ,)*
    } $($rest:tt)*) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy)]
        pub enum $name<'a> {
            $(#[doc = $first_doc])* $first,
            $($(#[doc = $variant_doc])* $variant $(($type))?,)*
            #[doc(hidden)]
            Unused(std::convert::Infallible, std::marker::PhantomData<&'a ()>),
        }
        impl<'a> $crate::engine::base::document::Part<'a> for $name<'a> {
            fn of(value: &'a $crate::engine::base::value::Value) -> Self {
                let (_tag, _content) = $crate::engine::base::document::tag(value);
                $(if _tag == $key {
                    return $name::$variant $((<$type as $crate::engine::base::document::Part<'a>>::of(_content)))?;
                })*
                $name::$first
            }
            #[cfg(feature = "studio")]
            fn check(value: &'a $crate::engine::base::value::Value, check: &mut $crate::engine::base::document::Check) {
                check.choice(value, &[($first_key, None) $(, ($key, $crate::document!(@check $($type)?)))*]);
            }
            #[cfg(feature = "studio")]
            fn schema(defs: &mut $crate::engine::base::value::Map) -> $crate::engine::base::value::Value {
                $crate::engine::base::document::define(defs, stringify!($name), &|_defs| {
                    let choices = vec![
                        ($first_key, concat!($($first_doc, "\n"),*), None)
                        $(, ($key, concat!($($variant_doc, "\n"),*), $crate::document!(@content _defs $($type)?)))*
                    ];
                    $crate::engine::base::document::choice_schema(concat!($($doc, "\n"),*), choices)
                })
            }
        }
        $crate::document! { $($rest)* }
    };
    (@read $value:expr, $key:literal, $type:ty) => {
        <$type as $crate::engine::base::document::Part<'a>>::of($value.field($key))
    };
    (@read $value:expr, $key:literal, $type:ty, $default:expr) => {
        <$type as $crate::engine::base::document::Part<'a>>::member($value, $key, $default)
    };
    (@required) => { true };
    (@required $default:expr) => { false };
    (@check) => { None };
    (@check $type:ty) => { Some(<$type as $crate::engine::base::document::Part<'a>>::check as fn(&'a _, &mut _)) };
    (@content $defs:ident) => { None };
    (@content $defs:ident $type:ty) => { Some(<$type as $crate::engine::base::document::Part<'a>>::schema($defs)) };
}

/// The tag and content of a choice: a bare string, or the one member of an object.
pub fn tag(value: &Value) -> (&str, &Value) {
    match value {
        Value::Text(name) => (name, &Value::Null),
        Value::Map(map) if map.len() == 1 => map.iter().next().unwrap_or(("", &Value::Null)),
        _ => ("", &Value::Null),
    }
}

/// A plain value: what it is in words, its schema, how it is read (none: it is something else), what an absent one looks like.
/// Something else is told with the code `type`, or with the one that stands first.
#[macro_export]
macro_rules! scalar {
    ($type:ty, $($rest:tt)*) => {
        $crate::scalar! { "type" => $type, $($rest)* }
    };
    ($code:literal => $type:ty, $what:literal, $schema:expr, |$value:ident| $read:expr, $absent:expr) => {
        impl<'a> $crate::engine::base::document::Part<'a> for $type {
            fn of($value: &'a $crate::engine::base::value::Value) -> Self {
                $read.unwrap_or($absent)
            }
            #[inline(never)]
            fn there(value: &'a $crate::engine::base::value::Value, key: &str) -> Option<Self> {
                value.there(key).map(<Self as $crate::engine::base::document::Part>::of)
            }
            #[inline(never)]
            fn member(value: &'a $crate::engine::base::value::Value, key: &str, absent: Self) -> Self {
                value.there(key).map_or(absent, <Self as $crate::engine::base::document::Part>::of)
            }
            #[cfg(feature = "studio")]
            fn check(
                $value: &'a $crate::engine::base::value::Value,
                check: &mut $crate::engine::base::document::Check,
            ) {
                let read: Option<Self> = $read;
                if read.is_none() {
                    check.unlike($code, $what, $value);
                }
            }
            #[cfg(feature = "studio")]
            fn schema(_: &mut $crate::engine::base::value::Map) -> $crate::engine::base::value::Value {
                let members: &[(&str, &str)] = &$schema;
                members.iter().copied().collect::<$crate::engine::base::value::Map>().into()
            }
        }
    };
}

scalar!(&'a str, "a string", [("type", "string")], |value| value.text(), "");
scalar!(bool, "true or false", [("type", "boolean")], |value| value.bool(), false);
scalar!(i64, "a whole number", [("type", "integer")], |value| value.integer(), 0);
scalar!(f64, "a number", [("type", "number")], |value| value.number(), 0.0);
scalar!(&'a Value, "anything", [], |value| Some(value), value);
scalar!(
    Time,
    "an RFC 3339 instant such as 2026-05-12T10:00:00+09:00",
    [("type", "string"), ("format", "date-time")],
    |value| value.text().and_then(Time::parse).map(|(time, _)| time),
    Time::default()
);
scalar!(
    Span,
    "an ISO 8601 duration such as P7D or PT36H",
    [("type", "string"), ("format", "duration")],
    |value| value.text().and_then(Span::parse),
    Span::default()
);
scalar!(
    Shift,
    "an ISO 8601 duration such as P7D, or -P3D for what is before",
    [("type", "string"), ("pattern", "^-?P.+")],
    |value| value.text().and_then(Shift::parse),
    Shift::default()
);

impl<'a, T: Part<'a>> Part<'a> for Option<T> {
    fn of(value: &'a Value) -> Self {
        (!value.is_null()).then(|| T::of(value))
    }
    fn member(value: &'a Value, key: &str, _: Self) -> Self {
        T::there(value, key)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        T::check(value, check);
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        T::schema(defs)
    }
}

impl<'a, T: Part<'a>> Part<'a> for Switch<'a, T> {
    fn of(value: &'a Value) -> Self {
        Switch(value, PhantomData)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        match value {
            Value::Map(_) => T::check(value, check),
            Value::Bool(_) => (),
            other => check.expected("true or an object of options", other),
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        forms(vec![bool::schema(defs), T::schema(defs)])
    }
}

impl<'a, T: Part<'a>> Part<'a> for List<'a, T> {
    fn of(value: &'a Value) -> Self {
        List(value.list(), PhantomData)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        if !matches!(value, Value::List(_)) {
            check.expected("an array", value);
        }
        check.each(value.list(), &T::check);
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        array(T::schema(defs))
    }
}

impl<'a, T: Part<'a>> Part<'a> for Table<'a, T> {
    fn of(value: &'a Value) -> Self {
        Table(value, PhantomData)
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut Check) {
        let Some(map) = value.map() else { return check.expected("an object", value) };
        if check.too_many(map.len()) {
            return;
        }
        for (name, item) in map.iter() {
            check.within(name, |check| T::check(item, check));
        }
    }
    #[cfg(feature = "studio")]
    fn schema(defs: &mut Map) -> Value {
        let content = T::schema(defs);
        Map::new().with("type", "object").with("additionalProperties", content).into()
    }
}

#[cfg(feature = "studio")]
pub use checking::{Check, array, choice_schema, define, document_schema, forms, object_schema, several};

#[cfg(feature = "studio")]
mod checking {
    use super::{Map, Part, Value, tag};
    use crate::engine::error::Error;
    use crate::engine::message::template::Notes;

    /// Where a check is, and what was wrong so far.
    #[derive(Default)]
    pub struct Check {
        pointer: String,
        /// What was wrong, in the order of reading.
        pub errors: Vec<Error>,
        /// What the templates ask for, each with its place.
        pub templates: Vec<(String, Notes)>,
    }

    /// So many mistakes are told at once.
    const MOST_TOLD: usize = 1_000;

    /// So many rows and names a document has at most.
    const MOST: usize = 10_000;

    type Checker<'a> = fn(&'a Value, &mut Check);

    impl Check {
        /// Tells a mistake at the present place. Nobody reads more than so many.
        pub fn fail(&mut self, code: &'static str, message: impl Into<String>) {
            if self.errors.len() >= MOST_TOLD {
                return;
            }
            self.errors.push(Error { code, path: self.pointer.clone(), message: message.into() });
        }

        /// Keeps what the template at the present place asks for.
        pub fn template(&mut self, notes: Notes) {
            self.templates.push((self.pointer.clone(), notes));
        }

        /// Whether there are too many of something to look at each.
        pub fn too_many(&mut self, count: usize) -> bool {
            let many = count > MOST;
            if many {
                self.fail("too_many", format!("{count} are too many; at most {MOST} are read"));
            }
            many
        }

        /// Tells that something else was expected here.
        pub fn expected(&mut self, what: &str, found: &Value) {
            self.unlike("type", what, found);
        }

        /// The same with a code of its own, for what has a remedy of its own.
        pub fn unlike(&mut self, code: &'static str, what: &str, found: &Value) {
            self.fail(code, format!("expected {what}, found {}", found.kind()));
        }

        /// Goes into a member for the time of a call.
        pub fn within<T>(&mut self, key: &str, run: impl FnOnce(&mut Check) -> T) -> T {
            let outer = self.pointer.len();
            self.pointer.push('/');
            self.pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            let result = run(self);
            self.pointer.truncate(outer);
            result
        }

        /// Goes to a place by its pointer for the time of a call.
        pub fn at(&mut self, pointer: &str, run: impl FnOnce(&mut Check)) {
            let outer = std::mem::replace(&mut self.pointer, pointer.to_string());
            run(self);
            self.pointer = outer;
        }

        /// Checks the elements of an array.
        pub fn each<'a>(&mut self, list: &'a [Value], one: &dyn Fn(&'a Value, &mut Check)) {
            if self.too_many(list.len()) {
                return;
            }
            for (index, item) in list.iter().enumerate() {
                self.within(&index.to_string(), |check| one(item, check));
            }
        }

        /// Checks what is written once or in an array.
        pub fn several<'a>(&mut self, value: &'a Value, one: &dyn Fn(&'a Value, &mut Check)) {
            match value {
                Value::List(list) => self.each(list, one),
                value => one(value, self),
            }
        }

        /// Checks an object: key, whether it is required, how its content is checked.
        pub fn object<'a>(&mut self, value: &'a Value, fields: &[(&str, bool, Checker<'a>)]) {
            let Some(map) = value.map() else { return self.expected("an object", value) };
            if self.too_many(map.len()) {
                return;
            }
            for (key, _) in map.iter().filter(|(key, _)| !fields.iter().any(|field| field.0 == *key)) {
                let known: Vec<&str> = fields.iter().map(|field| field.0).collect();
                self.within(key, |check| {
                    check.fail("unknown_key", format!("unknown; known here: {}", known.join(" ")))
                });
            }
            for (key, required, checker) in fields {
                match map.get(key) {
                    None | Some(Value::Null) if *required => {
                        self.within(key, |check| check.fail("missing", "required; add it"))
                    }
                    None | Some(Value::Null) => (),
                    Some(value) => self.within(key, |check| checker(value, check)),
                }
            }
        }

        /// Checks a choice: tag, how its content is checked.
        pub fn choice<'a>(&mut self, value: &'a Value, choices: &[(&str, Option<Checker<'a>>)]) {
            let (key, content) = tag(value);
            match choices.iter().find(|choice| choice.0 == key) {
                Some((_, Some(checker))) => self.within(key, |check| checker(content, check)),
                Some((_, None)) if content.is_null() => (),
                Some((_, None)) => self.expected("the bare name", value),
                None => {
                    let known: Vec<&str> = choices.iter().map(|choice| choice.0).collect();
                    self.fail("unknown_choice", format!("choose one of {}", known.join(" ")));
                }
            }
        }
    }

    /// The JSON Schema of a whole document.
    pub fn document_schema<'a, T: Part<'a>>(id: &str, title: &str) -> Value {
        let mut defs = Map::new();
        let root = T::schema(&mut defs);
        Map::new()
            .with("$schema", "https://json-schema.org/draft/2020-12/schema")
            .with("$id", id)
            .with("title", title)
            .with("$ref", root.field("$ref").clone())
            .with("$defs", defs)
            .into()
    }

    /// Describes a named type once, and refers to it.
    pub fn define(defs: &mut Map, name: &str, describe: &dyn Fn(&mut Map) -> Value) -> Value {
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
        let required: Vec<Value> = fields.iter().filter(|field| field.3).map(|field| field.0.into()).collect();
        let properties: Map = fields.into_iter().map(|(key, doc, schema, _)| (key, documented(schema, doc))).collect();
        let mut schema = Map::new().with("type", "object").with("properties", properties);
        if !required.is_empty() {
            schema.set("required", required);
        }
        documented(schema.with("additionalProperties", false).into(), doc)
    }

    /// Describes a choice: tag, documentation, schema of its content.
    pub fn choice_schema(doc: &str, choices: Vec<(&str, &str, Option<Value>)>) -> Value {
        let one_of: Vec<Value> = choices
            .into_iter()
            .map(|(key, doc, content)| match content {
                None => documented(Map::new().with("const", key).into(), doc),
                Some(content) => object_schema(doc, vec![(key, "", content, true)]),
            })
            .collect();
        documented(Map::new().with("oneOf", one_of).into(), doc)
    }

    /// Describes a value that can be written in several ways.
    pub fn forms(forms: Vec<Value>) -> Value {
        Map::new().with("anyOf", forms).into()
    }

    /// Describes an array.
    pub fn array(items: Value) -> Value {
        Map::new().with("type", "array").with("items", items).into()
    }

    /// Describes what is written once or in an array.
    pub fn several(one: Value) -> Value {
        let many = array(one.clone());
        forms(vec![one, many])
    }

    fn documented(schema: Value, doc: &str) -> Value {
        let doc = doc.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        match schema {
            Value::Map(map) if !doc.trim().is_empty() => map.with("description", doc.trim()).into(),
            schema => schema,
        }
    }
}
