//! What the calls of the Studio's builds are given and throw.

use wasm_bindgen::prelude::*;

use super::convert;
use crate::engine::base::time::Zones;
use crate::engine::base::value::Value;
use crate::engine::error::Error;

/// What a call answers, or throws.
pub type Thrown<T> = Result<T, JsValue>;

/// An error as JavaScript is thrown it.
pub fn thrown(error: Error) -> JsValue {
    convert::error(&error)
}

/// The first of several.
pub fn first(errors: Vec<Error>) -> JsValue {
    errors.into_iter().next().map_or(JsValue::NULL, thrown)
}

/// Plain data that was given; undefined is null.
pub fn given(value: &JsValue) -> Thrown<Value> {
    if value.is_undefined() { Ok(Value::Null) } else { convert::read(value).map_err(thrown) }
}

/// Offset tables: `{name: [utcMs, offsetMinutes, …]}`.
pub fn tables(value: &JsValue) -> Thrown<Zones> {
    let mut zones = Zones::default();
    for (name, table) in given(value)?.members() {
        let number = |value: &Value| value.number().unwrap_or(0.0);
        let pairs = table
            .list()
            .chunks_exact(2)
            .filter_map(|pair| Some((number(pair.first()?) as i64, number(pair.get(1)?) as i32)));
        zones.set(name, pairs.collect());
    }
    Ok(zones)
}
