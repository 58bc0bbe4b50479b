//! What the browser lends the engine: JavaScript's own text, number and pattern functions.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

#[cfg(feature = "studio")]
use super::script::get;
use super::script::{NONE, ask, found, make, text};
#[cfg(feature = "studio")]
use crate::engine::base::host::Address;
use crate::engine::base::host::Host;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Number)]
    fn number(text: &str) -> f64;

    #[wasm_bindgen(js_namespace = ["String", "prototype", "toLowerCase"], js_name = call)]
    fn lower(text: &str) -> String;

    #[wasm_bindgen(js_namespace = ["String", "prototype", "toUpperCase"], js_name = call)]
    fn upper(text: &str) -> String;
}

/// How many compiled patterns are kept, the invalid ones among them.
const KEPT: usize = 16;

type Compiled = (String, bool, Option<JsValue>);

/// JavaScript in the page or the worker that runs the wasm.
#[derive(Default)]
pub struct Browser {
    compiled: Cell<Vec<Compiled>>,
}

impl Host for Browser {
    fn number_to_text(&self, number: f64) -> String {
        text(number)
    }

    fn text_to_number(&self, text: &str) -> Option<f64> {
        let number = number(text);
        (!number.is_nan()).then_some(number)
    }

    fn regex(&self, pattern: &str, subject: &str, insensitive: bool) -> Option<bool> {
        // Taken out while JavaScript runs: whoever re-enters finds an empty cache, never a borrowed one.
        let mut compiled = self.compiled.take();
        let place = compiled.iter().position(|(known, folded, _)| known == pattern && *folded == insensitive);
        let entry = match place {
            Some(place) => compiled.remove(place),
            None => (
                pattern.to_string(),
                insensitive,
                found(make("RegExp", &pattern.into(), &(if insensitive { "i" } else { "" }).into())),
            ),
        };
        let found = entry.2.as_ref().map(|regex| ask(regex, "test", &subject.into(), NONE) == JsValue::TRUE);
        compiled.truncate(KEPT - 1);
        compiled.insert(0, entry);
        self.compiled.set(compiled);
        found
    }

    fn lowercase(&self, text: &str) -> String {
        lower(text)
    }

    fn uppercase(&self, text: &str) -> String {
        upper(text)
    }

    #[cfg(feature = "studio")]
    fn address(&self, text: &str, base: &str) -> Option<Address> {
        let url = found(make("URL", &text.into(), &base.into()))?;
        let part = |name| get(&url, name).as_string().unwrap_or_default();
        Some(Address {
            href: part("href"),
            origin: part("origin"),
            host: part("host"),
            pathname: part("pathname"),
            search: part("search"),
            hash: part("hash"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn numbers_as_javascript_writes_them() {
        let host = Browser::default();
        for (number, text) in
            [(0.1 + 0.2, "0.30000000000000004"), (1e21, "1e+21"), (1e-7, "1e-7"), (-0.0, "0"), (12900.0, "12900")]
        {
            assert_eq!(host.number_to_text(number), text);
        }
    }

    #[wasm_bindgen_test]
    fn numbers_as_javascript_reads_them() {
        let host = Browser::default();
        for (text, number) in [
            ("", 0.0),
            (" \n", 0.0),
            ("0x10", 16.0),
            ("1e3", 1000.0),
            (" 12.5 ", 12.5),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(host.text_to_number(text), Some(number), "{text:?}");
        }
        for text in ["1,000", "12px", "NaN", "원", "1_000"] {
            assert_eq!(host.text_to_number(text), None, "{text:?}");
        }
    }

    #[wasm_bindgen_test]
    fn patterns_are_compiled_once_and_the_oldest_forgotten() {
        let host = Browser::default();
        assert_eq!(host.regex("^시카", "시카 앰플", false), Some(true));
        assert_eq!(host.regex("^시카", "앰플", false), Some(false));
        assert_eq!(host.regex("(", "(", false), None);
        assert_eq!(host.regex("(", "(", false), None);
        for round in 0..40 {
            assert_eq!(host.regex(&["^", &round.to_string(), "$"].concat(), "7", false), Some(round == 7));
        }
        assert_eq!(host.compiled.take().len(), KEPT);
    }

    #[wasm_bindgen_test]
    fn letters() {
        let host = Browser::default();
        assert_eq!(host.lowercase("ABC ÀΣ 단비"), "abc àς 단비");
        assert_eq!(host.uppercase("straße"), "STRASSE");
        assert_eq!(host.uppercase("vip"), "VIP");
    }

    #[cfg(feature = "studio")]
    #[wasm_bindgen_test]
    fn addresses_as_javascript_reads_them() {
        let host = Browser::default();
        let address = host.address("/가?a=1#b", "https://SHOP.example:8443").unwrap();
        let parts = [address.href, address.origin, address.host, address.pathname, address.search, address.hash];
        let expected = [
            "https://shop.example:8443/%EA%B0%80?a=1#b",
            "https://shop.example:8443",
            "shop.example:8443",
            "/%EA%B0%80",
            "?a=1",
            "#b",
        ];
        assert_eq!(parts, expected);
        assert!(host.address("https://[", "https://_").is_none());
    }
}
