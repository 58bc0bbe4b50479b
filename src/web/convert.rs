//! Plain JavaScript data in and out, as JSON text: it runs for each event, so it crosses the boundary as seldom as it can.

use wasm_bindgen::prelude::*;

use super::platform::Browser;
use crate::engine::base::json;
use crate::engine::base::value::Value;
use crate::engine::error::Error;

#[wasm_bindgen]
extern "C" {
    // It meets what the page gave: a getter or a proxy may throw.
    #[wasm_bindgen(js_namespace = JSON, js_name = stringify, catch)]
    fn stringify(given: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, js_name = parse)]
    fn parse(text: &str) -> JsValue;

    #[wasm_bindgen(js_namespace = Object, js_name = fromEntries, catch)]
    fn from_entries(entries: &Entries) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = Map)]
    type Entries;

    #[wasm_bindgen(constructor, js_class = "Map")]
    fn new() -> Entries;

    #[wasm_bindgen(method, js_class = "Map")]
    fn set(this: &Entries, key: &str, value: &JsValue);
}

/// Reads plain data as `JSON.stringify` sees it; what it cannot write, and what nests deeper than 64, is an error. `undefined`
/// reads as `null`.
pub fn read(given: &JsValue) -> Result<Value, Error> {
    let text = stringify(given).map(|text| text.as_string().unwrap_or_else(|| String::from("null")));
    text.ok()
        .and_then(|text| json::read(&text, &Browser::default()))
        .ok_or_else(|| fault("not_json", "only plain data can be read, without cycles and at most 64 levels deep"))
}

/// Writes plain data that passes structured clone; every key is an own property, `__proto__` too.
pub fn write(value: &Value) -> JsValue {
    parse(&json::write(value, &Browser::default()))
}

/// An object with these members. By way of a `Map`: `Object.fromEntries` defines members where `object[key] = …` would run setters.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let entries = Entries::new();
    for (key, value) in members {
        entries.set(key, value);
    }
    from_entries(&entries).unwrap_or(JsValue::NULL)
}

/// The error as the shell knows it: `{ code, path, message }`.
pub fn error(error: &Error) -> JsValue {
    object(&[("code", error.code.into()), ("path", (&*error.path).into()), ("message", (&*error.message).into())])
}

/// An error without a place in a document.
pub(super) fn fault(code: &'static str, message: &str) -> Error {
    Error { code, path: String::new(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::value::Map;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn js(source: &str) -> JsValue {
        js_sys::Function::new_no_args(&["return (", source, ")"].concat()).call0(&JsValue::NULL).unwrap()
    }

    fn check(source: &str, value: &JsValue) -> bool {
        js_sys::Function::new_with_args("v", &["return (", source, ")"].concat()).call1(&JsValue::NULL, value).unwrap()
            == true
    }

    fn refused(source: &str) -> &'static str {
        read(&js(source)).expect_err(source).code
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
    fn numbers_are_the_same_on_both_sides() {
        for number in ["0.1+0.2", "5e-324", "1.7976931348623157e308", "1e21", "-1e-7", "5.99", "123456789012345.6"] {
            let given = js(number);
            assert_eq!(read(&given).unwrap().number(), given.as_f64(), "{number}");
            assert_eq!(write(&read(&given).unwrap()), given, "{number}");
        }
        assert!(check("Object.is(v, 0)", &write(&read(&js("-0")).unwrap())));
    }

    #[wasm_bindgen_test]
    fn as_json_has_it() {
        assert_eq!(read(&js("{a:undefined,b:[undefined,,1],c:()=>1}")), read(&js("{b:[null,null,1]}")));
        assert_eq!(read(&JsValue::UNDEFINED), Ok(Value::Null));
        assert_eq!(read(&js("new Date(0)")), Ok(Value::from("1970-01-01T00:00:00.000Z")));
        assert_eq!(read(&js("[NaN,Infinity]")), read(&js("[null,null]")));
    }

    #[wasm_bindgen_test]
    fn depth_cycles_and_what_throws() {
        assert!(read(&js("(()=>{let o=1;for(let i=0;i<64;i++)o=[o];return o})()")).is_ok());
        for source in [
            "(()=>{let o=1;for(let i=0;i<65;i++)o=[o];return o})()",
            "(()=>{let o=1;for(let i=0;i<10000;i++)o={o};return o})()",
            "(()=>{const o={a:1};o.self={o};return o})()",
            "{a:{get b(){throw 1}}}",
            "new Proxy({},{ownKeys(){throw 1}})",
            "10n",
        ] {
            assert_eq!(refused(source), "not_json", "{source}");
        }
        // The same object twice is no cycle.
        assert!(read(&js("(()=>{const o={};return [o,o,{o}]})()")).is_ok());
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
