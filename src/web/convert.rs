//! Plain JavaScript data in and out. It runs for each event, so it crosses the boundary as seldom as it can.

use wasm_bindgen::prelude::*;

use super::dom::{Given, NONE, ask, text};
use crate::engine::base::value::{MAX_DEPTH, Map, Value};
use crate::engine::error::Error;

/// Most values in one document: a few shared objects can spell out billions.
const MAX_VALUES: u32 = 1_000_000;

// All of these meet what the page gave: a getter or a proxy may throw.
#[wasm_bindgen]
extern "C" {
    type Date;

    /// An array to fill.
    #[wasm_bindgen(js_name = Array)]
    pub(super) type List;

    #[wasm_bindgen(constructor, js_class = "Array")]
    pub(super) fn new() -> List;

    #[wasm_bindgen(method, structural)]
    pub(super) fn push(this: &List, value: &JsValue);

    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn get(this: &Given, key: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, getter, catch)]
    fn length(this: &Given) -> Result<f64, JsValue>;

    #[wasm_bindgen(js_namespace = Array, js_name = isArray, catch)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_namespace = Object, js_name = keys, catch)]
    fn keys(of: &Given) -> Result<Given, JsValue>;

    #[wasm_bindgen(js_namespace = Object, js_name = fromEntries, catch)]
    fn from_entries(entries: &Entries) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = Map)]
    type Entries;

    #[wasm_bindgen(constructor, js_class = "Map")]
    fn new() -> Entries;

    #[wasm_bindgen(method, js_class = "Map")]
    fn set(this: &Entries, key: &str, value: &JsValue);
}

/// Reads plain data; what JSON cannot say is an error that tells where it is. `undefined` reads as `null`.
pub fn read(given: &JsValue) -> Result<Value, Error> {
    let mut reader = Reader { values: 0, error: fault("not_json", "") };
    reader.value(given, None).ok_or(reader.error)
}

/// Writes plain data that passes structured clone; every key is an own property, `__proto__` too.
pub fn write(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(bool) => JsValue::from_bool(*bool),
        Value::Number(number) => JsValue::from_f64(*number),
        Value::Text(text) => JsValue::from_str(text),
        Value::List(values) => {
            let list = List::new();
            for value in values {
                list.push(&write(value));
            }
            list.into()
        }
        Value::Map(map) => {
            let entries = Entries::new();
            for (key, value) in map.iter() {
                entries.set(key, &write(value));
            }
            define(&entries)
        }
    }
}

/// An object with these members.
pub(super) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let entries = Entries::new();
    for (key, value) in members {
        entries.set(key, value);
    }
    define(&entries)
}

/// By way of a `Map`: `Object.fromEntries` defines members where `object[key] = …` would run setters.
fn define(entries: &Entries) -> JsValue {
    from_entries(entries).unwrap_or(JsValue::NULL)
}

/// The error as the shell knows it: `{ code, path, message }`.
pub fn error(error: &Error) -> JsValue {
    object(&[("code", error.code.into()), ("path", (&*error.path).into()), ("message", (&*error.message).into())])
}

/// An error without a place in a document.
pub(super) fn fault(code: &'static str, message: &str) -> Error {
    Error { code, path: String::new(), message: message.into() }
}

/// The containers around a value, innermost first; they live on the stack.
struct Within<'a> {
    object: &'a Given,
    outer: Option<&'a Within<'a>>,
}

/// Its methods return none when `error` says why.
struct Reader {
    values: u32,
    error: Error,
}

impl Reader {
    fn value(&mut self, given: &JsValue, within: Option<&Within>) -> Option<Value> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return self.refuse("too_large", "more values than a document may have");
        }
        if let Some(text) = given.as_string() {
            return Some(Value::Text(text));
        }
        if let Some(number) = given.as_f64() {
            if !number.is_finite() {
                return self.refuse("not_json", "a number must be finite");
            }
            // −0 is 0, as in JSON.stringify.
            return Some(Value::Number(number + 0.0));
        }
        if let Some(bool) = given.as_bool() {
            return Some(Value::Bool(bool));
        }
        if given.is_null() || given.is_undefined() {
            return Some(Value::Null);
        }
        if !given.is_object() {
            return self.refuse("not_json", "functions, symbols and bigints cannot be stored");
        }
        let object = given.unchecked_ref::<Given>();
        let around = || std::iter::successors(within, |within| within.outer);
        if around().count() >= MAX_DEPTH {
            // A cycle is only looked for here, so plain data pays nothing for it.
            return if around().any(|within| **within.object == **object) {
                self.refuse("cycle", "an object must not contain itself")
            } else {
                self.refuse("too_deep", "nested deeper than 64")
            };
        }
        let within = Some(&Within { object, outer: within });
        let list = self.given(is_array(given))?;
        let keys = if list { None } else { Some(self.given(keys(object))?) };
        let length = self.given(keys.as_ref().unwrap_or(object).length())? as u32;
        let Some(keys) = keys else {
            // A sparse array can claim four billion elements; each absent one counts, so the limit stops it.
            let mut list = Vec::new();
            for index in 0..length {
                match self.member(object.at(index), within) {
                    Some(value) => list.push(value),
                    None => return self.under(&text(f64::from(index))),
                }
            }
            return Some(Value::List(list));
        };
        if length == 0 && given.is_instance_of::<Date>() {
            return match ask(object, "toISOString", NONE, NONE).as_string() {
                Some(text) => Some(Value::Text(text)),
                None => self.refuse("not_json", "a date must be valid"),
            };
        }
        let mut map = Map::new();
        for index in 0..length {
            let name = self.given(keys.at(index))?;
            let key = name.as_string().unwrap_or_default();
            let member = object.get(&name);
            if matches!(&member, Ok(member) if member.is_undefined()) {
                continue;
            }
            match self.member(member, within) {
                Some(value) => map.set(&key, value),
                None => return self.under(&key),
            }
        }
        Some(Value::Map(map))
    }

    fn member(&mut self, member: Result<JsValue, JsValue>, within: Option<&Within>) -> Option<Value> {
        let member = self.given(member)?;
        self.value(&member, within)
    }

    fn given<T>(&mut self, given: Result<T, JsValue>) -> Option<T> {
        given.ok().or_else(|| self.refuse("unreadable", "reading this threw an exception"))
    }

    fn refuse<T>(&mut self, code: &'static str, message: &str) -> Option<T> {
        self.error = fault(code, message);
        None
    }

    /// Puts a step in front of the error's JSON Pointer.
    fn under(&mut self, key: &str) -> Option<Value> {
        let mut path = String::from("/");
        for char in key.chars() {
            match char {
                '~' => path.push_str("~0"),
                '/' => path.push_str("~1"),
                _ => path.push(char),
            }
        }
        path.push_str(&self.error.path);
        self.error.path = path;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn js(source: &str) -> JsValue {
        js_sys::Function::new_no_args(&["return (", source, ")"].concat()).call0(&JsValue::NULL).unwrap()
    }

    fn check(test: &str, value: &JsValue) -> bool {
        let body = ["return (", test, ")"].concat();
        js_sys::Function::new_with_args("v", &body).call1(&JsValue::NULL, value).unwrap().as_bool().unwrap()
    }

    fn refused(source: &str) -> (&'static str, String) {
        let error = read(&js(source)).unwrap_err();
        assert!(!error.message.is_empty());
        (error.code, error.path)
    }

    #[wasm_bindgen_test]
    fn plain_data_goes_round() {
        let given = js(r#"{a:[1,-2.5,"단비 🌧️",true,null,{}],b:{c:{d:[]}},"키/~":9007199254740991}"#);
        let value = read(&given).unwrap();
        assert_eq!(value.at("a.2").text(), Some("단비 🌧️"));
        assert_eq!(value.at("키/~").integer(), Some(9_007_199_254_740_991));
        assert_eq!(read(&write(&value)), Ok(value.clone()));
        assert!(check(
            r#"JSON.stringify(v)==='{"a":[1,-2.5,"단비 🌧️",true,null,{}],"b":{"c":{"d":[]}},"키/~":9007199254740991}'"#,
            &write(&value)
        ));
    }

    #[wasm_bindgen_test]
    fn undefined_is_left_out_and_null_in_lists() {
        assert_eq!(read(&js("{a:undefined,b:[undefined,,1]}")), read(&js("{b:[null,null,1]}")));
        assert_eq!(read(&JsValue::UNDEFINED), Ok(Value::Null));
    }

    #[wasm_bindgen_test]
    fn dates_become_text_and_minus_zero_zero() {
        assert_eq!(read(&js("new Date(0)")), Ok(Value::from("1970-01-01T00:00:00.000Z")));
        assert_eq!(refused("{at:new Date(NaN)}"), ("not_json", "/at".into()));
        assert!(check("Object.is(v, 0)", &write(&read(&js("-0")).unwrap())));
    }

    #[wasm_bindgen_test]
    fn what_json_cannot_say_is_refused_where_it_is() {
        for source in ["NaN", "Infinity", "-Infinity", "()=>1", "Symbol('s')", "10n", "class {}"] {
            assert_eq!(refused(source), ("not_json", "".into()), "{source}");
            assert_eq!(refused(&["{a:[0,{'x/~y':", source, "}]}"].concat()).1, "/a/1/x~1~0y", "{source}");
        }
    }

    #[wasm_bindgen_test]
    fn depth_and_cycles() {
        assert!(read(&js("(()=>{let o=1;for(let i=0;i<64;i++)o=[o];return o})()")).is_ok());
        assert_eq!(refused("(()=>{let o=1;for(let i=0;i<65;i++)o=[o];return o})()").0, "too_deep");
        assert_eq!(refused("(()=>{let o=1;for(let i=0;i<10000;i++)o={o};return o})()").0, "too_deep");
        assert_eq!(refused("(()=>{const o={a:1};o.self={o};return o})()").0, "cycle");
        assert_eq!(refused("(()=>{const o=[];o[0]=o;return o})()").0, "cycle");
        // The same object twice is no cycle.
        assert!(read(&js("(()=>{const o={};return [o,o,{o}]})()")).is_ok());
    }

    #[wasm_bindgen_test]
    fn too_many_values() {
        assert_eq!(refused("(()=>{let o=[];for(let i=0;i<60;i++)o=[o,o];return o})()").0, "too_large");
        assert_eq!(refused("new Array(4294967295)").0, "too_large");
    }

    #[wasm_bindgen_test]
    fn getters_and_proxies_that_throw() {
        assert_eq!(refused("{a:{get b(){throw 1}}}"), ("unreadable", "/a/b".into()));
        assert_eq!(refused("new Proxy({},{ownKeys(){throw 1}})").0, "unreadable");
        assert_eq!(refused("(()=>{const p=Proxy.revocable([],{});p.revoke();return [p.proxy]})()").1, "/0");
    }

    #[wasm_bindgen_test]
    fn proto_is_an_ordinary_key() {
        let given =
            js(r#"JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"p":1}},"toString":2}')"#);
        let value = read(&given).unwrap();
        assert_eq!(value.at("__proto__.polluted").integer(), Some(1));
        let back = write(&value);
        assert!(check("Object.getPrototypeOf(v)===Object.prototype", &back));
        assert!(check("Object.hasOwn(v,'__proto__')&&v['__proto__'].polluted===1", &back));
        assert!(check("({}).polluted===undefined&&({}).p===undefined", &back));
        assert!(check("Object.hasOwn(structuredClone(v),'__proto__')", &back));
        assert_eq!(read(&back), Ok(value));
        // Inherited members are nobody's.
        assert_eq!(read(&js("Object.create({a:1},{b:{value:2,enumerable:false}})")), Ok(Value::Map(Map::new())));
    }

    #[wasm_bindgen_test]
    fn lone_surrogates_are_replaced() {
        assert_eq!(read(&js(r#""a\ud83dz""#)), Ok(Value::from("a\u{fffd}z")));
        assert_eq!(read(&js(r#"({"\udc00":1})"#)), Ok(Value::Map(Map::new().with("\u{fffd}", 1.0))));
    }

    #[wasm_bindgen_test]
    fn errors_are_plain_objects() {
        let shown = error(&Error { code: "not_json", path: "/a".into(), message: "why".into() });
        assert!(check(r#"JSON.stringify(v)==='{"code":"not_json","path":"/a","message":"why"}'"#, &shown));
    }
}
