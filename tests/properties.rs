//! What must hold for every input: nothing panics, order and repetition do not matter, accounts balance, nothing is lost.
//!
//! The cases are drawn from a fixed seed; `PROPTEST_CASES` asks for more of them.
#![cfg(feature = "cli")]

mod common;

use common::{Page, cases, read, seen, time};
use danbi::cli::{json, native::Native};
use danbi::engine::Engine;
use danbi::engine::base::document::{List, Part, Table};
use danbi::engine::base::host::Host;
use danbi::engine::base::json as text;
use danbi::engine::base::time::{DAY, HOUR, Local, MINUTE, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::base::{hash, money};
use danbi::engine::bundle::{Bundle, lint};
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::message::josa;
use danbi::engine::message::template::{self, End, Scope};
use danbi::engine::message::url::{Use, is_allowed};
use danbi::engine::outbox::{BATCH, Outbox, Reply};
use danbi::engine::profile::Grant;
use danbi::engine::replay::{self, Replay, eval_condition};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Addresses, and what is meant to be taken for one.
const ADDRESS: &str = "[ \\t\\n\\u{1}]{0,3}(java|data|https?|vb|on|tel|mailto|file)?(\\t|\\n|\r)?(script|sae)?:?[/\\\\]{0,3}(\\t|localhost|127.0.0.1)?[a-z@:%./?#\\\\]{0,8}";

/// Seoul all year round, and Berlin in 2026.
fn zones() -> Zones {
    let mut zones = Zones::default();
    zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
    let berlin = [("2025-01-01T00:00:00Z", 60), ("2026-03-29T01:00:00Z", 120), ("2026-10-25T01:00:00Z", 60)];
    zones.set("Europe/Berlin", berlin.iter().map(|(from, offset)| (time(from).0, *offset)).collect());
    zones
}

fn onsae() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/bundles/onsae.json");
    let Value::Map(bundle) = read(&std::fs::read_to_string(path).expect("the shop's bundle")) else {
        panic!("a bundle is an object")
    };
    // With sections that the shop does not use.
    let interests = r#"{"scent": {"property": "items.0.scent", "said": "scent", "shares": {"none": 0.5, "floral": 0.5}, "halfLife": "P10D"}}"#;
    let signals = r#"{"pages": true, "dwell": {"after": "PT30S"}, "scroll": {"percents": [90]}, "search": {"params": ["q"], "send": false}, "answers": true}"#;
    bundle.with("interests", read(interests)).with("signals", read(signals)).into()
}

fn lines(bundle: &Value, events: &[Value], at: Option<Time>) -> Result<Vec<String>, String> {
    let mut replay = Replay::new(bundle.clone()).map_err(|errors| format!("{errors:?}"))?;
    for event in events {
        replay.add(event).ok();
    }
    let options = replay::Options { at, explain: true, lang: String::from("ko"), assumed: Grant::Granted };
    Ok(replay.finish(&zones(), &Native, &options, &mut |_, _| ()).iter().map(json::write).collect())
}

fn engine(bundle: &Value) -> Engine {
    common::engine(bundle, zones())
}

// ---- arbitrary documents ----

/// Words that mean something somewhere.
const WORDS: [&str; 67] = [
    "__proto__",
    "constructor",
    "toString",
    "",
    "a",
    "a.b",
    "0",
    "-1",
    "track",
    "page",
    "consent",
    "identify",
    "purchase",
    "refund",
    "add_to_cart",
    "danbi_exposure",
    "danbi_answer",
    "danbi_declare",
    "birthday",
    "never_show",
    "hide_today",
    "event.value",
    "purchase.value",
    "transaction_id",
    "value",
    "items",
    "price",
    "quantity",
    "Asia/Seoul",
    "UTC",
    "+99:99",
    "KRW",
    "USD",
    "P1D",
    "PT30M",
    "P99999999999Y",
    "trailing:P12M",
    "calendarYear",
    "2026-05-12",
    "2026-05-12T10:00:00+09:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "always",
    "since",
    "event",
    "main",
    "point",
    "onsae",
    "cart",
    "welcome",
    "D0",
    "interruptive",
    "mypage",
    "none",
    "inline",
    "granted",
    "$gt",
    "$or",
    "$regex",
    "(",
    "{{ a",
    "{% if a %}",
    "{{ loyalty.tiers.main.remaining | money }}",
    "ko",
    "en",
    "\u{0}",
    "토너\u{1F600}",
];

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(1.0),
        Just(-1.0),
        Just(0.5),
        Just(1e-7),
        Just(5e-324),
        Just(1.7e308),
        Just(-1.7e308),
        Just(1e15),
        Just(9_007_199_254_740_991.0),
        Just(-9_007_199_254_740_991.0),
        Just(9_007_199_254_740_993.0),
        Just(9.3e18),
        Just(-9.3e18),
        (-1000_i32..100_000).prop_map(f64::from),
        proptest::num::f64::NORMAL,
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => proptest::sample::select(&WORDS[..]).prop_map(String::from), 1 => "\\PC{0,12}", 1 => any::<String>().prop_map(|text| text.chars().take(20).collect())]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number().prop_map(Value::Number),
        text().prop_map(Value::Text)
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec((text(), inner), 0..5)
                .prop_map(|members| Value::Map(members.into_iter().collect::<Map>())),
        ]
    })
}

/// All places in a document, as paths of indexes among members.
fn places(value: &Value, here: &[usize], found: &mut Vec<Vec<usize>>) {
    found.push(here.to_vec());
    let below = |index: usize| [here, &[index]].concat();
    match value {
        Value::List(items) => items.iter().enumerate().for_each(|(index, item)| places(item, &below(index), found)),
        Value::Map(map) => map.iter().enumerate().for_each(|(index, (_, member))| places(member, &below(index), found)),
        _ => (),
    }
}

/// The document with something else at a place.
fn altered(value: &Value, place: &[usize], other: &Value) -> Value {
    let Some((first, rest)) = place.split_first() else { return other.clone() };
    let member =
        |(index, member): (usize, &Value)| if index == *first { altered(member, rest, other) } else { member.clone() };
    match value {
        Value::List(items) => Value::List(items.iter().enumerate().map(member).collect()),
        Value::Map(map) => Value::Map(
            map.iter()
                .enumerate()
                .map(|(index, (key, inner))| (key.to_string(), member((index, inner))))
                .collect::<Map>(),
        ),
        other => other.clone(),
    }
}

/// A good document with up to three places changed to anything.
fn mutated(good: Value) -> impl Strategy<Value = Value> {
    proptest::collection::vec((any::<proptest::sample::Index>(), document()), 1..4).prop_map(move |changes| {
        changes.iter().fold(good.clone(), |value, (index, other)| {
            let mut found = Vec::new();
            places(&value, &[], &mut found);
            altered(&value, &found[index.index(found.len())], other)
        })
    })
}

/// A visit with everything in it.
fn visit() -> Vec<Value> {
    let text = r#"[
      {"type":"page","messageId":"1","anonymousId":"a","timestamp":"2026-05-10T10:00:00+09:00","properties":{"kind":"home"},"context":{"timezone":"Asia/Seoul"}},
      {"type":"identify","messageId":"2","anonymousId":"a","userId":"u","timestamp":"2026-05-10T10:01:00+09:00","traits":{"name":"지우","tier":"seed"}},
      {"type":"consent","messageId":"3","userId":"u","timestamp":"2026-05-10T10:01:30+09:00","properties":{"advertising":true,"personalization":"granted"}},
      {"type":"track","event":"sign_up","messageId":"4","userId":"u","timestamp":"2026-05-10T10:02:00+09:00"},
      {"type":"track","event":"add_to_cart","messageId":"5","userId":"u","timestamp":"2026-05-10T10:03:00+09:00","properties":{"currency":"KRW","value":41000,"items":[{"item_id":"cica","item_name":"시카 앰플 C","price":41000,"quantity":1}]}},
      {"type":"track","event":"danbi_exposure","messageId":"6","userId":"u","timestamp":"2026-05-10T10:04:00+09:00","properties":{"decision":"t.1","campaign":"welcome","step":"D0","slot":"interruptive"}},
      {"type":"track","event":"danbi_answer","messageId":"7","userId":"u","timestamp":"2026-05-10T10:05:00+09:00","properties":{"decision":"t.1","campaign":"welcome","step":"D0","slot":"interruptive","action":"hide_today"}},
      {"type":"track","event":"Order Completed","messageId":"8","userId":"u","timestamp":"2026-05-10T10:06:00+09:00","receivedAt":"2026-05-10T10:06:01+09:00","properties":{"order_id":"o","value":412000,"currency":"KRW","products":[{"product_id":"cica","price":"41000"}]}},
      {"type":"track","event":"order_delivered","messageId":"9","userId":"u","timestamp":"2026-05-11T10:06:00+09:00","properties":{"transaction_id":"o"}},
      {"type":"track","event":"refund","messageId":"10","userId":"u","timestamp":"2026-05-25T10:06:00+09:00","properties":{"transaction_id":"o","value":12000}},
      {"type":"track","event":"refund","messageId":"11","userId":"u","timestamp":"2026-05-26T10:06:00+09:00","properties":{"value":1.5}},
      {"type":"track","event":"danbi_declare","messageId":"12","userId":"u","timestamp":"2026-05-10T10:07:00+09:00","properties":{"scent":["none"],"birthday":"1990-05-15","never_show":["cart"]}},
      {"type":"track","event":"checkout_completed","messageId":"13","userId":"u","timestamp":"2026-05-10T10:08:00+09:00","properties":{"data":{"checkout":{"order":{"id":"s"},"currencyCode":"KRW","subtotalPrice":{"amount":"12900.5"},"lineItems":[{"quantity":1,"variant":{"id":"v","price":{"amount":1},"product":{"id":"p","title":"토너"}}}]}}}},
      {"type":"track","event":"Product Added to Wishlist","messageId":"14","userId":"u","timestamp":"2026-05-10T10:09:00+09:00","properties":{"product_id":"p"}},
      {"type":"track","event":"danbi_answer","messageId":"15","userId":"u","timestamp":"2026-05-10T10:10:00+09:00","properties":{"decision":"t.2","campaign":"nps","action":"score","value":9}},
      {"type":"consent","messageId":"16","userId":"u","timestamp":"2026-05-27T10:10:00+09:00","properties":{"personalization":"denied"}}
    ]"#;
    read(text).list().to_vec()
}

fn rows(events: &[Value]) -> Vec<Row> {
    events
        .iter()
        .enumerate()
        .map(|(index, line)| Row { position: index as i64 + 1, line: line.clone(), fold: true, ..Row::default() })
        .collect()
}

/// Everything a page asks of an engine.
fn ask(engine: &mut Engine, now: Time) {
    for slot in ["interruptive", "mypage", "", "__proto__"] {
        if let Some(decision) = engine.decide(slot, now) {
            decision.properties();
            engine.update(Input::Decided(Box::new(decision)), now);
        }
    }
    engine.explain(now);
    engine.progress(now);
    engine.profile(now);
}

/// The interruptive message that comes on the screen.
fn shown(effects: &[Effect]) -> Option<String> {
    effects.iter().find_map(|effect| match effect {
        Effect::Show(decision) => Some(decision.id.clone()),
        _ => None,
    })
}

/// A whole life of an engine: rows, then all other inputs.
fn live(bundle: &Value, events: &[Value], facts: &Value) {
    let (mut engine, mut open) = (engine(bundle), String::new());
    for now in
        [time("2026-05-10T10:06:30+09:00"), time("2026-05-12T10:00:00+09:00"), Time(0), time("9999-12-31T23:59:59Z")]
    {
        let effects = engine.update(Input::Rows { rows: rows(events), unsent: 3 }, now);
        for effect in effects {
            match effect {
                Effect::Claim(key) => {
                    open = shown(&engine.update(Input::Claimed { key, won: true }, now)).unwrap_or(open)
                }
                Effect::Save { snapshot, .. } => drop(engine.restore(&snapshot)),
                Effect::Recall { .. } => drop(engine.update(Input::Recalled(rows(events)), now)),
                _ => (),
            }
        }
        engine.update(Input::Keep, now);
        engine.update(Input::Context(facts.clone()), now);
        ask(&mut engine, now);
        engine.update(Input::Locale(String::from("en-x")), now);
        engine.update(Input::Closed(open.clone()), now);
        engine.update(Input::Tick, now);
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn no_bundle_panics(bundle in prop_oneof![1 => document(), 4 => mutated(onsae())]) {
        for finding in lint::check(&bundle) {
            prop_assert!(!finding.error.message.is_empty());
            finding.line();
        }
        if Bundle::read(&bundle).is_ok() {
            lines(&bundle, &visit(), None).expect("a bundle that passed its check");
        }
        // A page does not check: it reads what it can.
        live(&bundle, &visit(), &Value::Null);
    }

    #[test]
    fn no_event_line_panics(events in proptest::collection::vec(mutated(Value::List(visit())), 1..3), facts in document()) {
        let bundle = onsae();
        let events: Vec<Value> = events.iter().flat_map(|events| events.list().to_vec()).collect();
        lines(&bundle, &events, None).unwrap();
        lines(&bundle, &events, Some(time("2027-01-01T00:00:00Z"))).unwrap();
        live(&bundle, &events, &facts);
    }

    #[test]
    fn no_line_of_any_shape_panics(event in document(), facts in document()) {
        let bundle = onsae();
        lines(&bundle, std::slice::from_ref(&event), None).unwrap();
        live(&bundle, &[event], &facts);
    }

    #[test]
    fn no_snapshot_panics(change in (any::<proptest::sample::Index>(), document()), anything in document(), recalled in any::<bool>()) {
        let bundle = onsae();
        let mut before = engine(&bundle);
        let now = time("2026-07-01T00:00:00Z");
        let effects = before.update(Input::Rows { rows: rows(&visit()), unsent: 0 }, now);
        let snapshot = effects.into_iter().find_map(|effect| match effect {
            Effect::Save { snapshot, .. } => Some(snapshot),
            _ => None,
        });
        let snapshot = snapshot.expect("all is older than a week");
        let mut found = Vec::new();
        places(&snapshot, &[], &mut found);
        let broken = altered(&snapshot, &found[change.0.index(found.len())], &change.1);
        for snapshot in [broken, anything] {
            let mut engine = engine(&bundle);
            engine.restore(&snapshot).ok();
            engine.update(Input::Keep, now);
            engine.update(Input::Rows { rows: rows(&visit()), unsent: 0 }, now);
            engine.update(Input::Recalled(if recalled { rows(&visit()) } else { Vec::new() }), now);
            ask(&mut engine, now);
        }
    }
}

// ---- conditions, templates, small parts ----

/// What compares a value, and what joins conditions beside it.
const OPERATORS: [&str; 34] = [
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$exists",
    "$in",
    "$nin",
    "$ini",
    "$nini",
    "$all",
    "$alli",
    "$inGroup",
    "$notInGroup",
    "$not",
    "$size",
    "$elemMatch",
    "$type",
    "$regex",
    "$regexi",
    "$notRegex",
    "$notRegexi",
    "$veq",
    "$vne",
    "$vlt",
    "$vlte",
    "$vgt",
    "$vgte",
    "$danbiBefore",
    "$danbiAfter",
    "$danbiWithin",
    "$near",
    "$",
];

fn condition() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        proptest::sample::select([&OPERATORS[..], &["$and", "$or", "$nor"]].concat()).prop_map(String::from),
        proptest::sample::select(&["a", "b", "a.b", "a.0", "a.length", "__proto__"][..]).prop_map(String::from)
    ];
    document().prop_recursive(6, 40, 4, move |inner| {
        prop_oneof![
            2 => proptest::collection::vec((key.clone(), inner.clone()), 0..4).prop_map(|members| Value::Map(members.into_iter().collect::<Map>())),
            1 => proptest::collection::vec(inner, 0..4).prop_map(Value::List),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Value> {
    (document(), document()).prop_map(|(a, b)| Map::new().with("a", a).with("b", b).into())
}

const PIECES: [&str; 54] = [
    "{% for i in (1..200) %}",
    "{% for i in a reversed limit: 2 %}",
    "{% endfor %}",
    "{% break %}",
    "{% continue %}",
    "{% abort %}",
    "{% assign a = a | append: a %}",
    "{% assign b = a | split: '' %}",
    "{% capture b %}",
    "{% endcapture %}",
    "{% case a %}",
    "{% when 1, 'a' or nil %}",
    "{% endcase %}",
    "{% raw %}",
    "{% endraw %}",
    "{% comment %}",
    "{% endcomment %}",
    "{%- unless a == blank and b contains 'x' -%}",
    "{% endunless %}",
    "{{ b | replace: '', a | truncate: 99999, '' | join: a }}",
    "{{ a[b].first | slice: -3, 9 | url_encode | round: 2 | divided_by: 0.1 }}",
    "{{- ${x} | date: 'P1M', 'long' | t -}}",
    "{{ a | times: 99999999999 | plus: -0.5 | modulo: b | number }}",
    "{% elsif a[-1][b] < 2 or a >= 'x' %}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{{ a }}",
    "{{ a | money }}",
    "{{ a | josa: \"을/를\" }}",
    "{{ a | default: 'b' }}",
    "{% if a %}",
    "{% else %}",
    "{% endif %}",
    "|",
    ":",
    "\"",
    "'",
    " ",
    "a",
    "a.b",
    "if ",
    "money",
    "number",
    "append",
    "josa",
    "default",
    "가",
    "\n",
    "{",
    "}",
    "%",
    "\u{1F600}",
];

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn no_condition_panics(condition in condition(), attributes in attributes(), groups in document()) {
        let holds = eval_condition(&condition, &attributes, &groups, &Native);
        if let Value::Map(_) = condition {
            let not: Value = Map::new().with("$not", condition.clone()).into();
            prop_assert_eq!(eval_condition(&not, &attributes, &groups, &Native), !holds);
            let both: Value = Map::new().with("$and", vec![condition.clone(), condition.clone()]).into();
            prop_assert_eq!(eval_condition(&both, &attributes, &groups, &Native), holds);
            let nor: Value = Map::new().with("$nor", vec![condition]).into();
            prop_assert_eq!(eval_condition(&nor, &attributes, &groups, &Native), !holds);
        }
    }

    #[test]
    fn no_template_panics(pieces in proptest::collection::vec(prop_oneof![4 => proptest::sample::select(&PIECES[..]).prop_map(String::from), 1 => text()], 0..14), document in attributes(), lang in text(), currency in text()) {
        let source = pieces.concat();
        let scope = Scope { document: &document, currency: &currency, lang: &lang, locales: List::of(&Value::Null), texts: Table::of(&document), host: &Native, moment: None };
        let print = || {
            let mut out = String::new();
            (template::print(&source, scope, &mut out), out)
        };
        let (ended, out) = print();
        prop_assert!(out.len() <= 16 * 1024);
        prop_assert_eq!(&print(), &(ended, out), "the same again");
        // What was understood can fail over its data alone: by a division, a comparison, a place that is no number.
        if let (Err(fault), Ok(_)) = (ended, template::understand(&source)) {
            prop_assert!(["divided", "compared", "whole number"].iter().any(|word| fault.contains(word)), "{}: {}", source, fault);
        }
    }

    #[test]
    fn a_text_without_braces_prints_itself(source in "[^{]{0,40}", document in attributes()) {
        let scope = Scope { document: &document, currency: "KRW", lang: "ko", locales: List::of(&Value::Null), texts: Table::of(&Value::Null), host: &Native, moment: None };
        let mut out = String::new();
        prop_assert_eq!(template::print(&source, scope, &mut out), Ok(End::Whole));
        prop_assert_eq!(out, source);
    }

    #[test]
    fn particles_are_of_their_pair(word in text(), pair in proptest::sample::select(&["을/를", "이/가", "은/는", "와/과", "으로/로", "/", "", "a"][..])) {
        let particle = josa::particle(&word, pair);
        if let Some((first, second)) = pair.split_once('/').filter(|(first, second)| !first.is_empty() && !second.is_empty()) {
            let both = particle.contains('(');
            prop_assert!(particle == first || particle == second || both, "{} after {}", particle, word);
        }
    }

    /// Read as a browser reads it, what is allowed stays in the shop or has a scheme of the list, and hides no host behind a name.
    #[test]
    fn addresses_lead_where_they_may(url in prop_oneof![any::<String>(), ADDRESS]) {
        let own: Vec<String> = ["onsae", "javascript", "data", "vbscript", "file", "blob", "http"].map(String::from).into();
        let shop = url::Url::parse("https://shop.example/list/1").unwrap();
        for its in [Use::Picture, Use::Link(&[]), Use::Link(&own)] {
            let Some(read) = is_allowed(&url, its).then(|| shop.join(&url).ok()).flatten() else { continue };
            let known = match read.scheme() {
                "https" => true,
                "mailto" | "tel" => its != Use::Picture,
                "onsae" => its == Use::Link(&own),
                "http" => its != Use::Picture && matches!(read.host_str(), Some("localhost" | "127.0.0.1")),
                _ => false,
            };
            prop_assert!(known, "{:?} is {}", url, read);
            prop_assert!(read.username().is_empty() && read.password().is_none(), "{:?}", url);
            let named = url.to_ascii_lowercase().contains("https");
            prop_assert!(read.scheme() != "https" || named || read.host_str() == shop.host_str(), "{:?} is {}", url, read);
        }
    }

    #[test]
    fn buckets_are_shares(seed in any::<String>(), value in any::<String>(), version in any::<i64>()) {
        match hash::bucket(&seed, &value, version) {
            Some(bucket) => prop_assert!((0.0..1.0).contains(&bucket) && (version == 1 || version == 2)),
            None => prop_assert!(version != 1 && version != 2),
        }
    }

    /// Against exact arithmetic: sign, whole, fraction.
    #[test]
    fn money_is_exact(negative in any::<bool>(), whole in 0_u64..1_000_000_000_000, fraction in "[0-9]{0,9}", digits in 0_u32..4) {
        let sign = if negative { "-" } else { "" };
        let text = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
        let scale = 10_i128.pow(fraction.len() as u32);
        let exact = i128::from(whole) * scale + fraction.parse::<i128>().unwrap_or(0);
        // Half away from zero.
        let amount = (exact * 10_i128.pow(digits) * 2 + scale) / (scale * 2);
        let amount = if negative { -amount } else { amount };
        prop_assert_eq!(money::minor(&Value::Text(text.clone()), digits, &Native).map(i128::from), Some(amount), "{}", text);
        // A number is its shortest text.
        let number: f64 = text.parse().unwrap();
        let shortest = Value::Text(Native.number_to_text(number));
        prop_assert_eq!(money::minor(&Value::Number(number), digits, &Native), money::minor(&shortest, digits, &Native), "{}", number);
    }

    #[test]
    fn no_amount_panics(value in document(), digits in 0_u32..4, text in "-?[0-9.eE+-]{0,45}", currency in text(), lang in text()) {
        for value in [value, Value::Text(text)] {
            if let Some(amount) = money::minor(&value, digits, &Native) {
                prop_assert!(amount.abs() <= money::MAX);
                money::text(amount, &currency, &lang, false);
                money::text(amount, &currency, &lang, true);
            }
        }
    }

    #[test]
    fn clocks_go_round(minutes in 0_i64..(2 * 366 * 24 * 60), zone in proptest::sample::select(&["Asia/Seoul", "Europe/Berlin", "UTC", "+05:30", "-11:00"][..])) {
        let zones = zones();
        let at = Time(time("2025-06-01T00:00:00Z").0 + minutes * MINUTE);
        let shown = zones.local(zone, at);
        let back = zones.instant(zone, shown);
        // In an overlap the earlier of both instants.
        prop_assert!(back == at || back.plus(HOUR) == at, "{} in {}", at.text(), zone);
        prop_assert_eq!(zones.local(zone, back), shown);
        let midnight = zones.midnight(zone, shown.day);
        prop_assert_eq!(zones.local(zone, midnight), Local { day: shown.day, clock: 0 });
        prop_assert!(midnight <= at && at.0 - midnight.0 <= DAY + HOUR);
        prop_assert_eq!(Time::parse(&at.text()), Some((at, 0)));
    }
}

#[test]
fn what_is_nested_deep_is_refused_or_read() {
    for depth in [63, 64, 65, 100, 10_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"$not\":", "}"), ("{\"__proto__\":[", "]}")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let Ok(value) = json::parse(&text) else { continue };
            assert!(depth <= 64, "{depth} deep was read");
            eval_condition(&value, &value, &value, &Native);
            lint::check(&value);
            live(&value, std::slice::from_ref(&value), &value);
        }
        assert!(json::parse(&"[".repeat(depth)).is_err());
    }
}

// ---- streams ----

/// One thing that happens, before it is written down.
#[derive(Clone, Debug)]
struct Act {
    minute: i64,
    shopper: u8,
    anonymous: bool,
    kind: u8,
    order: u8,
    amount: i64,
}

fn act(minutes: i64) -> impl Strategy<Value = Act> {
    (0..minutes, 0_u8..3, any::<bool>(), 0_u8..21, 0_u8..6, prop_oneof![0_i64..100, 0_i64..200_000]).prop_map(
        |(minute, shopper, anonymous, kind, order, amount)| Act { minute, shopper, anonymous, kind, order, amount },
    )
}

fn acts(minutes: i64, count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Act>> {
    proptest::collection::vec(act(minutes), count)
}

const START: &str = "2026-03-01T00:00:00Z";

impl Act {
    fn at(&self) -> Time {
        Time(time(START).0 + self.minute * MINUTE)
    }

    /// Whether it denies a purpose.
    fn takes_back(&self) -> bool {
        self.kind >= 19 && self.amount % 3 == 0
    }

    /// `shoppers`: of how many people the acts are.
    fn line(&self, id: usize, shoppers: u8) -> Value {
        let shopper = self.shopper % shoppers;
        let order = format!("o{}-{shopper}", self.order);
        let mut line = Map::new().with("messageId", format!("m{id:03}")).with("timestamp", self.at().text());
        if self.anonymous {
            line.set("anonymousId", format!("anon{shopper}"));
        } else {
            line.set("userId", format!("user{shopper}"));
            line.set("anonymousId", format!("anon{shopper}"));
        }
        let track = |line: Map, event: &str, properties: Map| {
            line.with("type", "track").with("event", event).with("properties", properties)
        };
        let paid = Map::new().with("transaction_id", order.clone()).with("value", self.amount);
        let cart = Map::new().with(
            "items",
            vec![Value::from(
                Map::new().with("item_id", order.clone()).with("item_name", "토너").with("price", self.amount),
            )],
        );
        let category = if self.amount % 2 == 0 { "none" } else { "floral" };
        let tasted =
            || Map::new().with("items", vec![Value::from(Map::new().with("item_id", "i").with("scent", category))]);
        let granted = !self.takes_back();
        let consent = |line: Map, purpose: &str| {
            line.with("type", "consent").with("properties", Map::new().with(purpose, granted))
        };
        let shown = Map::new()
            .with("decision", format!("t.{id}"))
            .with("campaign", "welcome")
            .with("step", "D0")
            .with("slot", "interruptive");
        match self.kind {
            0..=3 => track(line, "purchase", paid),
            4 => track(line, "refund", paid),
            5 => track(line, "refund", Map::new().with("value", self.amount)),
            6 => track(line, "order_delivered", Map::new().with("transaction_id", order)),
            7 => track(line, "sign_up", Map::new()),
            8 => track(line, "add_to_cart", cart),
            9 => track(line, "danbi_exposure", shown),
            10 => line.with("type", "page").with("properties", Map::new().with("kind", "my_page")),
            11 => line.with("type", "identify").with("traits", Map::new().with("name", self.amount)),
            12 => track(line, "view_item", tasted()),
            13 => track(line, "Product Added to Wishlist", Map::new().with("product_id", order)),
            14 => track(line, "remove_from_wishlist", cart),
            15 => track(line, "danbi_declare", Map::new().with("scent", category).with("birthday", self.at().text())),
            16 => track(line, "danbi_declare", Map::new().with("scent", Value::Null).with("size", self.amount)),
            17 => track(line, "danbi_answer", shown.with("action", "click")),
            18 => track(line, "danbi_answer", shown.with("action", "score").with("value", self.amount)),
            19 => consent(line, "personalization"),
            _ => consent(line, "functional"),
        }
        .into()
    }
}

fn program() -> impl Strategy<Value = String> {
    let pending = proptest::sample::select(
        &[
            "null",
            "\"P3D\"",
            "\"PT36H\"",
            "{\"after\": \"P2D\", \"from\": \"order_delivered\"}",
            "{\"after\": \"P1M\"}",
        ][..],
    );
    let expiry = proptest::sample::select(
        &[
            "null",
            "{\"after\": \"P10D\"}",
            "{\"after\": \"P1M\", \"from\": \"active\"}",
            "{\"after\": \"PT50H\", \"from\": \"active\"}",
            "{\"after\": \"P1D\", \"from\": \"earn\"}",
        ][..],
    );
    let window = proptest::sample::select(&["life", "P7D", "trailing:P1M", "calendarMonth", "calendarYear"][..]);
    let refund = proptest::sample::select(&["debt", "withinBalance"][..]);
    let demote = proptest::sample::select(&["toMeter", "none"][..]);
    let zone = proptest::sample::select(&["Asia/Seoul", "Europe/Berlin"][..]);
    (pending, expiry, window, refund, demote, zone, 0_i64..20, 1_i64..200, proptest::sample::select(&[1_i64, 10, 7][..])).prop_map(
        |(pending, expiry, window, refund, demote, zone, numerator, denominator, floor)| {
            format!(
                r#"{{"bundle": "t", "version": 1, "house": {{"zone": "{zone}", "currency": "KRW", "locales": ["ko"], "pacing": {{"day": 2, "session": 1}}}},
                "meters": {{"net": {{"sum": "purchase.value", "minus": "refund.value", "window": "{window}"}}, "orders": {{"count": "purchase"}}, "joined": {{"since": "sign_up"}}, "looks": {{"count": "view_item", "by": "item_id", "window": "P7D"}}}},
                "interests": {{"scent": {{"property": "scent", "shares": {{"none": 0.5, "floral": 0.5}}}}}},
                "campaigns": [{{"id": "welcome", "label": "w", "message": {{"blocks": [{{"title": "x"}}]}}, "caps": [{{"count": 2, "per": "P3D"}}]}}],
                "programs": [
                  {{"program": "p", "version": 1, "from": "2026-01-01", "currencies": {{"pt": {{"pending": {pending}, "expiry": {expiry}, "refund": "{refund}", "round": {{"floor": {floor}}}}}, "stamp": {{}}}},
                   "rules": [{{"id": "buy", "on": "purchase", "grant": {{"pt": ["value", {numerator}, {denominator}], "stamp": 1}}}}, {{"id": "join", "on": "sign_up", "once": "member", "grant": {{"pt": 100}}}}],
                   "tiers": {{"main": {{"meter": "net", "demote": "{demote}", "levels": [{{"id": "a", "min": 0}}, {{"id": "b", "min": 50000}}, {{"id": "c", "min": 300000}}]}}}}}},
                  {{"program": "p", "version": 2, "from": "2026-03-20", "currencies": {{"pt": {{"refund": "{refund}"}}, "stamp": {{}}}},
                   "rules": [{{"id": "buy", "on": "purchase", "grant": {{"pt": ["value", 1, 100]}}}}], "tiers": {{}}}}
                ]}}"#
            )
        },
    )
}

fn written(acts: &[Act], shoppers: u8) -> Vec<Value> {
    acts.iter().enumerate().map(|(id, act)| act.line(id, shoppers)).collect()
}

/// Sums that must hold in one shopper's line: the account, and the account against its ledger.
fn balances(line: &Value) -> Result<(), TestCaseError> {
    for (currency, account) in line.at("progress.currencies").map().into_iter().flat_map(Map::iter) {
        let sum = |key: &str| account.at(key).integer().unwrap_or(-1);
        for key in ["earned", "pending", "active", "spent", "expired", "reversed", "writtenOff", "debt"] {
            prop_assert!(sum(key) >= 0, "{} of {}: {}", key, currency, json::write(account));
        }
        let held = sum("pending") + sum("active") + sum("spent") + sum("expired") + sum("reversed") - sum("debt");
        prop_assert_eq!(sum("earned"), held, "{}", json::write(account));
        let booked = |kind: &str| -> i64 {
            let of =
                |entry: &&Value| entry.at("currency").text() == Some(currency) && entry.at("type").text() == Some(kind);
            line.at("ledger").list().iter().filter(of).map(|entry| entry.at("amount").integer().unwrap_or(0)).sum()
        };
        prop_assert_eq!(sum("earned"), booked("earn"));
        prop_assert_eq!(sum("expired"), booked("expire"));
        prop_assert_eq!(sum("reversed"), booked("reverse") + booked("debt"));
        prop_assert_eq!(sum("debt"), booked("debt") - booked("settle"));
        prop_assert_eq!(sum("writtenOff"), booked("writeOff"));
        prop_assert_eq!(
            sum("pending") + sum("active"),
            booked("earn") - booked("expire") - booked("reverse") - booked("settle")
        );
    }
    let times: Vec<Option<&str>> = line.at("ledger").list().iter().map(|entry| entry.at("at").text()).collect();
    prop_assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "the ledger is in order: {:?}", times);
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn order_and_repetition_do_not_matter(bundle in program(), (sorted, shuffled) in acts(50 * 24 * 60, 1..40).prop_flat_map(|acts| {
        let events = written(&acts, 3);
        let doubled = [events.clone(), events.clone()].concat();
        (Just(events), Just(doubled).prop_shuffle())
    }), at in proptest::option::of(0_i64..90)) {
        let bundle = read(&bundle);
        let at = at.map(|days| Time(time(START).0 + days * DAY));
        prop_assert_eq!(lines(&bundle, &sorted, at).unwrap(), lines(&bundle, &shuffled, at).unwrap());
    }

    #[test]
    fn accounts_balance_after_every_event(bundle in program(), acts in acts(50 * 24 * 60, 1..30)) {
        let bundle = read(&bundle);
        let mut acts = acts;
        acts.sort_by_key(|act| act.minute);
        let events = written(&acts, 1);
        for count in 1..=events.len() {
            for line in lines(&bundle, &events[..count], None).unwrap() {
                balances(&read(&line))?;
            }
        }
        for days in [10, 30, 51, 90, 400] {
            for line in lines(&bundle, &events, Some(Time(time(START).0 + days * DAY))).unwrap() {
                balances(&read(&line))?;
            }
        }
    }

    /// Against a model that knows only the last sums: each order's points are its formula over what refunds left of it.
    #[test]
    fn points_are_the_formula_over_what_is_left(numerator in 0_i64..20, denominator in 1_i64..300, floor in 1_i64..15, acts in acts(20 * 24 * 60, 1..30)) {
        let bundle = read(&format!(
            r#"{{"bundle": "t", "version": 1, "house": {{"zone": "Asia/Seoul", "currency": "KRW"}}, "meters": {{"net": {{"sum": "purchase.value", "minus": "refund.value"}}}},
            "programs": [{{"program": "p", "version": 1, "from": "2026-01-01", "currencies": {{"pt": {{"round": {{"floor": {floor}}}}}}}, "tiers": {{}},
            "rules": [{{"id": "buy", "on": "purchase", "grant": {{"pt": ["value", {numerator}, {denominator}]}}}}]}}]}}"#
        ));
        let mut acts = acts;
        acts.iter_mut().for_each(|act| (act.kind, act.anonymous) = (if act.kind < 7 { 0 } else { 4 }, false));
        let (mut paid, mut refunded, mut net) = (BTreeMap::new(), BTreeMap::new(), 0);
        let mut order: Vec<(usize, &Act)> = acts.iter().enumerate().collect();
        order.sort_by_key(|(id, act)| (act.minute, *id));
        for (_, act) in order {
            if act.kind == 4 {
                *refunded.entry(act.order).or_insert(0) += act.amount;
                net -= act.amount;
            } else if let std::collections::btree_map::Entry::Vacant(first) = paid.entry(act.order) {
                first.insert(act.amount);
                net += act.amount;
            }
        }
        let grant = |base: i64| { let points = base.max(0) * numerator / denominator; points - points % floor };
        let held: i64 = paid.iter().map(|(order, value)| grant(value - refunded.get(order).copied().unwrap_or(0))).sum();
        let line = read(&lines(&bundle, &written(&acts, 1), None).unwrap()[0]);
        prop_assert_eq!(line.at("progress.currencies.pt.active").integer(), Some(held));
        prop_assert_eq!(line.at("progress.currencies.pt.earned").integer(), Some(paid.values().map(|value| grant(*value)).sum()));
        prop_assert_eq!(line.at("profile.meters.net").integer(), Some(net));
    }
}

// ---- verdicts that are kept ----

/// Triggers, audiences, schedules and limits of all kinds; a slot for each of these campaigns, and one that all share.
const RULES: [&str; 41] = [
    r#""audience": {"meter.orders": {"$gte": 2}}"#,
    r#""audience": {"meter.looks.i": {"$gte": 1}}, "caps": [{"count": 1, "per": "P3D"}]"#,
    r#""audience": {"context.cart.quantity": {"$gt": 0}}, "class": "service""#,
    r#""audience": ["buyers", {"when": {"user.name": {"$exists": true}}}]"#,
    r#""audience": {"$or": [{"user.scent": "none"}, {"$not": {"context.kind": "sale"}}]}"#,
    r#""audience": {"interest.scent.floral.share": {"$gt": 0.5}}"#,
    r#""audience": {"loyalty.tiers.main.level": {"$ne": "a"}}"#,
    r#""audience": {"loyalty.currencies.pt.active": {"$gt": 0}}"#,
    r#""audience": {"user.wishlist.length": {"$gte": 1}}"#,
    r#""audience": {"consent.advertising": "granted", "context.page.kind": "my_page"}"#,
    r#""trigger": {"event": {"name": "purchase", "where": {"event.value": {"$gte": 50000}}}}"#,
    r#""trigger": {"event": {"name": "page_view"}}, "caps": [{"count": 2}, {"count": 1, "per": "PT8H"}]"#,
    r#""trigger": {"since": {"fact": "meter.joined", "after": "P2D", "within": "P9D"}}"#,
    r#""trigger": {"since": {"fact": "context.cart.changedAt", "after": "PT24H"}}"#,
    r#""trigger": {"since": {"fact": "meter.seen"}}, "class": "service""#,
    r#""schedule": {"from": "2026-03-04T00:00:00Z", "until": "2026-03-09T00:00:00Z"}"#,
    r#""schedule": {"from": "2026-03-04", "until": "2026-03-09", "windows": [{"from": "09:00", "to": "12:00"}, {"from": "22:00", "to": "02:00", "days": ["MO", "WE"]}]}"#,
    r#""schedule": {"windows": [{"from": "06:00", "to": "20:00", "days": ["SA", "SU", "TU"]}], "zone": "user"}"#,
    r#""trigger": {"event": {"name": "purchase", "delay": "PT10M"}}, "schedule": {"windows": [{"to": "12:00"}], "zone": "Asia/Seoul"}"#,
    r#""trigger": {"date": {"fact": "user.birthday", "from": "-P1D", "to": "P1D"}}"#,
    r#""trigger": {"date": {"fact": "meter.seen", "from": "P2D", "to": "P3D"}}, "schedule": {"zone": "user"}"#,
    r#""trigger": {"session": {"after": "PT7M"}}"#,
    r#""trigger": {"page": {"kind": "my_page", "after": "PT3M"}}"#,
    r#""trigger": {"page": {"path": "/p/*"}}"#,
    r#""trigger": {"dwell": {"after": "PT30S"}}"#,
    r#""trigger": {"answer": {"campaign": "c3", "action": "score", "within": "P2D"}}"#,
    r#""trigger": {"place": {"name": "store"}}"#,
    r#""trigger": {"inactivity": {}}, "class": "service", "slot": "interruptive""#,
    r#""slot": "shared", "priority": 1, "audience": {"context.visits": {"$gte": 3}}"#,
    r#""slot": "shared", "audience": {"meter.net": {"$gt": 0}}"#,
    r#""slot": "interruptive", "trigger": {"since": {"fact": "meter.seen", "within": "PT5H"}}"#,
    r#""slot": "interruptive", "audience": {"context.kind": {"$ne": "sale"}}"#,
    r#""slot": "interruptive", "class": "service", "audience": {"user.answers.c3": {"$gte": 1}}"#,
    r#""gap": {"after": "PT30H"}, "caps": [{"count": 2, "of": "dismiss"}, {"count": 1, "by": "meter.orders", "per": "P2D"}]"#,
    r#""caps": [{"count": 1, "step": "one"}, {"count": 2, "by": "meter.orders", "rest": "P3D"}], "needs": ["night"]"#,
    r#""excludes": [{"campaigns": ["c21", "c13"], "when": "shown", "within": "P2D"}]"#,
    r#""excludes": [{"campaigns": ["c13"], "when": "due"}]"#,
    r#""prerequisites": [{"campaign": "c1", "within": "P3D"}]"#,
    r#""prerequisites": [{"campaign": "c2", "is": "clicked"}], "variants": [{"id": "A"}, {"id": "B", "none": true}]"#,
    r#""slot": "shared", "variants": [{"id": "A"}, {"id": "B", "none": true}], "experiment": {"coverage": 0.7}, "caps": [{"count": 2, "per": "P1D"}]"#,
    r#""slot": "interruptive", "priority": -1, "variants": [{"id": "A", "none": true}, {"id": "B"}], "caps": [{"count": 1, "of": "click"}]"#,
];

fn ruled() -> Value {
    let campaign = |(place, rules): (usize, &&str)| {
        let slot = if rules.contains("\"slot\"") { String::new() } else { format!("\"slot\": \"s{place}\",") };
        let message = r#""message": {"blocks": [{"title": "x"}]}"#;
        let steps = format!(
            r#""steps": [{{"id": "one", "skip": true, "audience": {{"context.cart.quantity": {{"$gte": 0}}}}, {message}}}, {{"id": "two", "trigger": {{"since": {{"fact": "meter.joined"}}}}, {message}}}]"#
        );
        read(&format!(
            r#"{{"id": "c{place}", "label": "x", {slot} {rules}, {}}}"#,
            if place % 4 == 1 || rules.contains("\"step\"") { &steps } else { message }
        ))
    };
    let Value::Map(rest) = read(
        r#"{"bundle": "t", "version": 1,
            "house": {"zone": "Europe/Berlin", "currency": "KRW", "pages": {"cart": {"allow": "inline"}}, "holdout": {"share": 0.3, "seed": "h"},
                "pacing": {"session": 1, "day": 2, "rolling": {"count": 3, "days": 3}, "gap": "PT2H", "ramp": {"for": "P2D", "per": "PT7H"},
                    "quiet": {"from": "22:00", "to": "05:00", "unless": "consent.night"}, "states": [{"meter.seen": {"$danbiWithin": "PT1H"}, "meter.orders": 3}]}},
            "purposes": ["night"], "meters": {"net": {"sum": "purchase.value", "minus": "refund.value", "window": "P7D"}, "orders": {"count": "purchase", "window": "P3D"},
                "joined": {"since": "sign_up"}, "seen": {"last": "view_*"}, "looks": {"count": "view_item", "by": "item_id", "where": {"context.page.kind": "my_page"}}},
            "interests": {"scent": {"property": "scent", "shares": {"none": 0.5, "floral": 0.5}}},
            "audiences": {"buyers": {"meter.orders": {"$gte": 1}}},
            "places": {"store": {"lat": 37.5, "lng": 127, "radius": 300}},
            "programs": [{"program": "p", "version": 1, "from": "2026-01-01", "currencies": {"pt": {"pending": "P2D", "expiry": {"after": "P10D"}}},
                "rules": [{"id": "buy", "on": "purchase", "grant": {"pt": ["value", 1, 100]}}],
                "tiers": {"main": {"meter": "net", "levels": [{"id": "a", "min": 0}, {"id": "b", "min": 50000}]}}}]}"#,
    ) else {
        panic!("an object was written")
    };
    rest.with("campaigns", RULES.iter().enumerate().map(campaign).collect::<Vec<_>>()).into()
}

/// What happens in a short visit on one of several days.
fn visited() -> impl Strategy<Value = Act> {
    act(12 * 24 * 60).prop_map(|act| Act { minute: act.minute / 2880 * 2880 + act.minute % 25, ..act })
}

proptest! {
    #![proptest_config(cases(60))]

    /// One engine keeps what still holds of its verdicts, the other reaches all of them anew each time.
    #[test]
    fn kept_verdicts_are_those_reached_anew(steps in proptest::collection::vec((visited(), 0_u8..9, prop_oneof![3 => 0_i64..20, 1 => -400_i64..4000]), 1..50), ordered in any::<bool>()) {
        let (bundle, mut steps) = (ruled(), steps);
        prop_assert!(Bundle::read(&bundle).is_ok(), "{:?}", Bundle::read(&bundle).err());
        if ordered {
            steps.sort_by_key(|(act, _, _)| act.minute);
        }
        let slots: Vec<String> = (0..RULES.len()).map(|place| format!("s{place}")).chain(["shared", "interruptive"].map(String::from)).collect();
        let (mut kept, mut anew, mut open) = (engine(&bundle), engine(&bundle), String::new());
        for (id, (act, kind, later)) in steps.iter().enumerate() {
            let mut line = act.line(id, 1);
            if let Some(properties) = line.member_mut("properties").filter(|_| matches!(act.kind, 9 | 17 | 18)) {
                let actions = ["hide_today", "click", "score", "close"];
                let Value::Map(map) = properties else { panic!("properties are an object") };
                map.set("campaign", format!("c{}", act.amount as usize % RULES.len()));
                map.set("slot", if act.order % 2 == 0 { "interruptive" } else { "s1" });
                map.set("step", if act.order % 3 == 0 { Some("one") } else { None });
                if act.kind != 9 {
                    map.set("action", actions[act.order as usize % actions.len()]);
                }
            }
            // What is done on a page, and places, in the stead of what moves no campaign.
            if let (4..=6 | 13 | 14, Value::Map(map)) = (act.kind, &mut line) {
                let (event, told, what): (_, _, Value) = match (act.kind, act.order) {
                    (4, _) => ("place_entered", "place", "store".into()),
                    (5, _) => ("place_left", "place", "store".into()),
                    (6, 0..3) => ("inactive", "seconds", 60.into()),
                    (6, _) => ("dwell", "seconds", (act.amount % 60).into()),
                    (13, _) => ("page_view", "path", "/p/1?x".into()),
                    _ => ("page_view", "path", "/q".into()),
                };
                map.set("event", event);
                map.set("properties", Map::new().with(told, what));
                map.set("context", Map::new().with("timezone", ["Asia/Seoul", "Europe/Berlin"][act.order as usize % 2]));
            }
            let kinds = ["sale", "other"];
            let inputs: Vec<Input> = match kind {
                0 => vec![Input::Context(Map::new().with("kind", kinds[id % 2]).into())],
                1 => vec![Input::Tick],
                2 => vec![Input::Closed(open.clone()), Input::Tick],
                _ => vec![Input::Rows { rows: vec![Row { position: id as i64 + 1, line, fold: true, ..Row::default() }], unsent: 0 }],
            };
            let now = act.at().plus(later * MINUTE);
            let mut todo: std::collections::VecDeque<Input> = inputs.into();
            while let Some(input) = todo.pop_front() {
                anew.zones();
                let again = match &input {
                    Input::Context(facts) => Input::Context(facts.clone()),
                    Input::Rows { rows, .. } => Input::Rows { rows: rows.clone(), unsent: 0 },
                    Input::Claimed { key, won } => Input::Claimed { key: key.clone(), won: *won },
                    Input::Closed(id) => Input::Closed(id.clone()),
                    _ => Input::Tick,
                };
                // Whether something has changed is told by comparing with what was before.
                let told = |effects: Vec<Effect>| effects.into_iter().filter(|effect| *effect != Effect::Changed).collect::<Vec<_>>();
                let (one, other) = (told(kept.update(input, now)), told(anew.update(again, now)));
                prop_assert_eq!(&one, &other, "after {:?}", steps[id]);
                open = shown(&one).unwrap_or(open);
                todo.extend(one.into_iter().filter_map(|effect| match effect {
                    Effect::Claim(key) => Some(Input::Claimed { key, won: id % 3 > 0 }),
                    _ => None,
                }));
                for slot in &slots {
                    prop_assert_eq!(kept.decide(slot, now), anew.decide(slot, now), "in {} after {:?}", slot, steps[id]);
                }
                let explained = kept.explain(now);
                let shown = explained.list().iter().filter(|line| line.at("stage").text() == Some("shown")).count();
                prop_assert_eq!(slots.iter().filter(|slot| kept.decide(slot, now).is_some()).count(), shown);
            }
        }
    }
}

// ---- one engine ----

/// Rows as they arrive: in log order, each with the moment of its arrival.
fn arrivals(acts: &[Act], delays: &[i64]) -> Vec<(Time, Row)> {
    let events = written(acts, 1);
    let mut arriving: Vec<(i64, Value)> = acts
        .iter()
        .zip(events)
        .zip(delays.iter().cycle())
        .map(|((act, event), delay)| (act.minute + delay, event))
        .collect();
    arriving.sort_by_key(|(minute, _)| *minute);
    let row = |(index, (minute, line)): (usize, (i64, Value))| {
        (Time(time(START).0 + minute * MINUTE), Row { position: index as i64 + 1, line, fold: true, ..Row::default() })
    };
    arriving.into_iter().enumerate().map(row).collect()
}

/// Minutes by which an event may come late and still be folded in its place: less than a week.
const LATE: i64 = 7 * 24 * 60 - 60;

/// A day of six hundred views of which the two hundredth comes last.
#[test]
fn a_late_signal_recalls_rows_that_are_no_longer_in_memory() {
    let bundle = onsae();
    let acts: Vec<Act> = (0..600)
        .map(|minute| Act { minute, shopper: 0, anonymous: false, kind: 0, order: minute as u8, amount: 1000 })
        .collect();
    let mut delays = vec![0; 600];
    delays[200] = 700;
    let (punctual, delayed) = (arrivals(&acts, &[0]), arrivals(&acts, &delays));
    let (mut prompt, mut late) = (engine(&bundle), engine(&bundle));
    let mut page = Page::new(&delayed, 0);
    Page::new(&punctual, 0).feed(&mut prompt, &punctual, 1);
    page.feed(&mut late, &delayed, 1);
    assert_eq!(page.recalls, 1);
    let end = Time(time(START).0 + DAY);
    assert_eq!(seen(&mut prompt, end), seen(&mut late, end));
    // And when the rows are gone, what is known stays.
    let snapshot = page.saved.take().expect("more than fit in memory");
    let mut poor = engine(&bundle);
    poor.restore(&snapshot).expect("our own snapshot");
    let nothing = [];
    let mut page = Page::new(&nothing, 0);
    let mut first = punctual[10].clone();
    first.1.position = 10_000;
    if let Value::Map(line) = &mut first.1.line {
        line.set("messageId", "late");
    }
    let before = json::write(&poor.progress(end));
    page.feed(&mut poor, &[first], 1);
    assert_eq!(page.recalls, 1);
    assert_eq!(before, json::write(&poor.progress(end)));
    assert!(page.saved.is_some_and(|snapshot| snapshot.at("covered").integer() == Some(10_000)));
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn an_engine_takes_rows_in_any_order(bundle in program(), acts in acts(40 * 24 * 60, 1..40), delays in proptest::collection::vec(prop_oneof![2 => Just(0), 1 => 0..LATE], 1..12), batch in 1_usize..6, keep in 0_usize..5) {
        let bundle = read(&bundle);
        let end = Time(time(START).0 + 60 * DAY);
        let (mut prompt, mut late) = (engine(&bundle), engine(&bundle));
        // What comes from before an answer that took something back is not folded any more.
        let delays = if acts.iter().any(Act::takes_back) { vec![0] } else { delays };
        let (punctual, delayed) = (arrivals(&acts, &[0]), arrivals(&acts, &delays));
        Page::new(&punctual, 0).feed(&mut prompt, &punctual, 1);
        Page::new(&delayed, keep).feed(&mut late, &delayed, batch);
        prop_assert_eq!(seen(&mut prompt, end), seen(&mut late, end));
        // And as the command line sees it, which takes lines without a member for another's: all of them are the member's.
        let named = |mut line: Value| {
            if let Value::Map(map) = &mut line {
                map.set("userId", "user0");
            }
            line
        };
        let mut member = engine(&bundle);
        let rows = punctual.into_iter().map(|(at, row)| (at, Row { line: named(row.line), ..row })).collect::<Vec<_>>();
        Page::new(&rows, 0).feed(&mut member, &rows, 1);
        member.update(Input::Tick, end);
        let events: Vec<Value> = written(&acts, 1).into_iter().map(named).collect();
        let line = read(&lines(&bundle, &events, Some(end)).unwrap()[0]);
        prop_assert_eq!(json::write(line.at("progress")), json::write(&member.progress(end)));
    }

    #[test]
    fn rows_sent_twice_count_once(bundle in program(), acts in acts(40 * 24 * 60, 1..30), delays in proptest::collection::vec(0..LATE, 1..8), keep in 0_usize..5) {
        let bundle = read(&bundle);
        let end = Time(time(START).0 + 60 * DAY);
        let (mut once, mut twice) = (engine(&bundle), engine(&bundle));
        // After something was taken back there is nothing left to know a repetition by.
        let acts: Vec<Act> = acts.into_iter().filter(|act| !act.takes_back()).collect();
        let original = arrivals(&acts, &[0]);
        Page::new(&original, 0).feed(&mut once, &original, 1);
        // The copy has the id of the original, and comes while that is remembered.
        let first = written(&acts, 1);
        let mut arriving: Vec<(i64, &Value)> = acts.iter().zip(&first).map(|(act, event)| (act.minute, event)).collect();
        arriving.extend(acts.iter().zip(&first).zip(delays.iter().cycle()).map(|((act, event), delay)| (act.minute + delay, event)));
        arriving.sort_by_key(|(minute, _)| *minute);
        let rows: Vec<(Time, Row)> = arriving.into_iter().enumerate().map(|(index, (minute, line))| (Time(time(START).0 + minute * MINUTE), Row { position: index as i64 + 1, line: line.clone(), fold: true, ..Row::default() })).collect();
        Page::new(&rows, keep).feed(&mut twice, &rows, 1);
        prop_assert_eq!(seen(&mut once, end), seen(&mut twice, end));
    }

    #[test]
    fn a_snapshot_and_the_rows_after_it_are_the_whole(bundle in program(), acts in acts(40 * 24 * 60, 5..50), delays in proptest::collection::vec(prop_oneof![2 => Just(0), 1 => 0..LATE], 1..12), batch in 1_usize..6, keep in 0_usize..5, stop in any::<proptest::sample::Index>()) {
        let bundle = read(&bundle);
        let all = arrivals(&acts, &delays);
        let (before, after) = all.split_at(stop.index(all.len()));
        let (mut running, mut page) = (engine(&bundle), Page::new(&all, keep));
        page.feed(&mut running, before, batch);
        let Some(snapshot) = page.saved.take() else { return Ok(()) };
        let now = before.last().map_or(Time(0), |last| last.0);
        let (mut restarted, mut again) = (engine(&bundle), Page::new(&all, keep));
        restarted.restore(&snapshot).expect("our own snapshot");
        let seen_before = snapshot.at("seen").integer().unwrap_or(0);
        let tail: Vec<Row> = before.iter().map(|(_, row)| row.clone()).filter(|row| row.position > seen_before).collect();
        again.tell(&mut restarted, Input::Rows { rows: tail, unsent: 0 }, now);
        prop_assert_eq!(seen(&mut running, now), seen(&mut restarted, now));
        page.feed(&mut running, after, batch);
        again.feed(&mut restarted, after, batch);
        let end = Time(time(START).0 + 90 * DAY);
        prop_assert_eq!(seen(&mut running, end), seen(&mut restarted, end));
    }

    /// What `Wake` promises: nothing changes before it.
    #[test]
    fn nothing_changes_before_it_wakes(bundle in program(), acts in acts(20 * 24 * 60, 1..20)) {
        let bundle = read(&bundle);
        let mut engine = engine(&bundle);
        let all = arrivals(&acts, &[0]);
        Page::new(&all, 0).feed(&mut engine, &all, 1);
        let mut now = all.last().expect("some").0;
        for _ in 0..8 {
            let wake = engine.update(Input::Tick, now).into_iter().find_map(|effect| match effect {
                Effect::Wake(at) => Some(at),
                _ => None,
            });
            // A window that looks back changes what it shows, and the document has the visit: points and levels are asked.
            let asked = |at: Time| json::write(engine.progress(at).field("currencies"));
            let until = wake.unwrap_or(now.plus(400 * DAY));
            prop_assert!(until > now);
            prop_assert_eq!(asked(now), asked(until.plus(-1)), "between {} and {}", now.text(), until.text());
            let Some(wake) = wake else { break };
            now = wake;
        }
    }
}

// ---- JSON text ----

proptest! {
    #![proptest_config(cases(500))]

    /// Both readers and both writers agree about every document, number and text.
    #[test]
    fn json_is_read_and_written_alike(document in document(), numbers in proptest::collection::vec(any::<f64>(), 0..4), text in any::<String>()) {
        let numbers = numbers.into_iter().filter(|number| number.is_finite()).map(|number| Value::from(number + 0.0)).collect::<Vec<_>>();
        let prices = (0..40).map(|cents| Value::from(f64::from(cents) * 7.77)).collect::<Vec<_>>();
        let value: Value = Map::new().with("a", document).with("n", numbers).with("p", prices).with(&text, text.as_str()).into();
        prop_assert_eq!(text::read(&json::write(&value), &Native), Some(value.clone()));
        prop_assert_eq!(json::parse(&text::write(&value, &Native)), Ok(value));
    }

    /// What is no JSON is refused or read as something; it never panics.
    #[test]
    fn broken_json_is_refused(text in "[\\[\\]{}\":,\\\\0-9eE+.u a-f\u{0}\u{ac00}-]{0,24}") {
        let ours = text::read(&text, &Native);
        if let Ok(theirs) = json::parse(&text) {
            // A key that is there twice is left to who writes the text.
            prop_assert_eq!(ours.map(|ours| json::write(&ours)), Some(json::write(&theirs)));
        }
    }
}

#[test]
fn json_has_limits_and_escapes() {
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert!(text::read(&nested(64), &Native).is_some() && text::read(&nested(65), &Native).is_none());
    for broken in [
        "",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\"}",
        "nul",
        "1e400",
        "0x10",
        "\"",
        "\"\\u12\"",
        "[1]]",
        "1 2",
        "-",
        "tru e",
    ] {
        assert_eq!(text::read(broken, &Native), None, "{broken}");
    }
    let read = |source: &str| text::read(source, &Native).unwrap();
    assert_eq!(read(" [ 1 , {} ] "), read("[1,{}]"));
    assert_eq!(read(r#""\ud83c\udf27 \ud800 \ud800\u0041 \udc00""#).text(), Some("🌧 \u{FFFD} \u{FFFD}A \u{FFFD}"));
}

// ---- the outbox ----

/// What the server does with a request, drawn beforehand.
#[derive(Clone, Debug)]
enum Mood {
    Fine,
    /// Stored, but the answer was lost.
    Lost,
    Status(u16, Option<i64>),
}

fn mood() -> impl Strategy<Value = Mood> {
    let wait = proptest::option::of(prop_oneof![
        Just(-5_000_i64),
        Just(0),
        Just(30_000),
        Just(7_200_000),
        Just(i64::MAX),
        Just(i64::MIN)
    ]);
    prop_oneof![
        3 => Just(Mood::Fine),
        1 => Just(Mood::Lost),
        4 => (proptest::sample::select(&[0_u16, 100, 302, 408, 425, 429, 500, 502, 503, 504, 599, 999][..]), wait).prop_map(|(status, wait)| Mood::Status(status, wait)),
        1 => proptest::sample::select(&[401_u16, 403][..]).prop_map(|status| Mood::Status(status, None)),
    ]
}

proptest! {
    #![proptest_config(cases(300))]

    /// A log and a server, the naive way: whatever happens, every row ends delivered, buried or shed, and in order; and no request
    /// leaves before it may.
    #[test]
    fn the_outbox_loses_nothing(
        moods in proptest::collection::vec(mood(), 0..40),
        poison in proptest::collection::btree_set(0_u32..700, 0..6),
        large in proptest::collection::btree_set(0_u32..700, 0..3),
        batches in proptest::collection::vec(1_u32..200, 1..6),
        capacity in 1_usize..600,
        weight in proptest::sample::select(&[300_u32, 30_000][..]),
        hurries in proptest::collection::btree_set(0_u32..200, 0..5),
        seed in "[a-z]{0,8}",
    ) {
        let mut outbox = Outbox::new(&seed);
        let (mut log, mut next_row) = (Vec::<u32>::new(), 0_u32);
        let (mut delivered, mut buried, mut shed) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        let (mut now, mut asked, mut paused, mut failures) = (Time(1_000_000), Time(i64::MIN), Time(i64::MIN), 0);
        let mut moods = moods.into_iter();
        let mut batches = batches.into_iter();
        let (mut requests, mut highest) = (0, None);
        for turn in 0..20_000 {
            // More rows come, at any time.
            if turn % 3 == 0 && let Some(more) = batches.next() {
                log.extend(next_row..next_row + more);
                next_row += more;
                outbox.add(more);
            }
            if hurries.contains(&turn) {
                outbox.hurry();
                paused = Time(i64::MIN);
            }
            match outbox.step(now) {
                Some(Effect::Send { limit, since }) => {
                    requests += 1;
                    prop_assert!(now >= asked, "sent {} ms early", asked.0 - now.0);
                    prop_assert!(now >= paused, "sent although the server does not let us in");
                    prop_assert!((1..=BATCH).contains(&limit));
                    prop_assert_eq!(since, now.plus(-7 * DAY));
                    prop_assert_eq!(outbox.step(now), None, "one request in flight");
                    prop_assert_eq!(outbox.next(), None, "it waits for the answer, not for time");
                    let sent: Vec<u32> = log.iter().copied().take(limit as usize).collect();
                    now = now.plus(250);
                    let mood = if sent.is_empty() { Mood::Fine } else { moods.next().unwrap_or(Mood::Fine) };
                    let too_large = sent.len() > capacity || sent.iter().any(|row| large.contains(row));
                    let (status, retry_after) = match mood {
                        Mood::Status(status, retry_after) => (status, retry_after),
                        _ if too_large => (413, None),
                        _ if sent.iter().any(|row| poison.contains(row)) => (400, None),
                        Mood::Lost => (0, None),
                        Mood::Fine => (200, None),
                    };
                    if status == 200 || (status == 0 && matches!(mood, Mood::Lost)) {
                        for row in &sent {
                            prop_assert!(highest <= Some(*row) || delivered.contains(row), "row {} comes late", row);
                            highest = highest.max(Some(*row));
                            delivered.insert(*row);
                        }
                    }
                    if status == 200 {
                        log.drain(..sent.len());
                    }
                    // Nobody can count after a failure of storage.
                    let left = if status == 0 && turn % 2 == 0 { 0 } else { log.len() as u32 };
                    let bytes = if status == 200 { 0 } else { log.len() as u32 * weight };
                    let at = sent.first().map_or(0.0, |row| f64::from(*row));
                    let reply = Reply { status, retry_after, sent: sent.len() as u32, left, at, bytes };
                    match outbox.replied(reply, now) {
                        Some(Effect::Bury { position, reason }) => {
                            prop_assert_eq!(sent.len(), 1, "buried among others");
                            prop_assert_eq!(position, at);
                            buried.insert(log.remove(0), reason);
                        }
                        other => prop_assert_eq!(other, None),
                    }
                    failures = if status == 200 { 0 } else { failures + 1 };
                    if matches!(status, 429 | 503) {
                        asked = now.plus(retry_after.unwrap_or(0).clamp(0, HOUR));
                    }
                    if matches!(status, 401 | 403) {
                        paused = now.plus(HOUR);
                    }
                    if let Some(next) = outbox.next() {
                        let hour = matches!(status, 401 | 403) || asked > now;
                        let longest = if hour || paused > now { HOUR } else { 5 * MINUTE };
                        prop_assert!(next <= now.plus(longest), "waits {} ms", next.0 - now.0);
                    }
                }
                Some(Effect::Shed { rows, bytes }) => {
                    prop_assert!(failures > 0, "shed although the server takes what it gets");
                    prop_assert_eq!((rows, bytes), (10_000, 5 << 20));
                    prop_assert!(log.len() as u32 * weight > bytes, "there is room");
                    while log.len() as u32 > rows / 10 * 9 || log.len() as u32 * weight > bytes / 10 * 9 {
                        shed.insert(log.remove(0));
                    }
                    prop_assert!(log.len() > 100, "more is shed than needs to be");
                }
                Some(other) => prop_assert!(false, "what is {:?} for?", other),
                None if log.is_empty() && batches.len() == 0 => break,
                // Time passes, or more rows come.
                None => now = outbox.next().map_or(now.plus(1), |next| next.max(now)),
            }
        }
        prop_assert!(log.is_empty(), "{} rows are left after {} requests", log.len(), requests);
        for row in 0..next_row {
            let bad = poison.contains(&row) || large.contains(&row);
            prop_assert!(bad || !buried.contains_key(&row), "row {}", row);
            prop_assert!(delivered.contains(&row) || shed.contains(&row) || buried.contains_key(&row), "row {} is lost", row);
        }
        for (row, reason) in &buried {
            prop_assert_eq!(*reason, if large.contains(row) { "too_large" } else { "refused" });
        }
    }
}

// ---- levels ----

/// One of these documents.
fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(choices)
}

/// Tiers of every temper, over meters of every window.
fn ladder() -> impl Strategy<Value = Value> {
    let window = one_of(&["life", "calendarMonth", "calendarYear", "P30D", "trailing:P6M"]);
    let until =
        one_of(&["", "", r#""until": "endOfPeriod","#, r#""until": "endOfNextPeriod","#, r#""until": "P90D","#]);
    let keep = one_of(&["", r#""keep": [9, 10],"#]);
    let grace = one_of(&["", "", r#""grace": "P20D","#, r#""grace": "PT36H","#]);
    let demote = one_of(&[r#""toMeter""#, r#""one""#, r#""none""#]);
    let notice = one_of(&[
        "",
        "",
        r#""on": "monthStart", "notice": "P30D""#,
        r#""on": "monthStart", "notice": "P7D", "needs": "exposure""#,
    ]);
    let idle = one_of(&["", r#""idle": [["P60D", "one"], ["P120D", "reset"]],"#]);
    let on_refund = one_of(&["", r#""onRefund": "recheck","#, r#""onRefund": "review","#]);
    (window, until, keep, grace, demote, notice, idle, on_refund).prop_map(
        |(window, until, keep, grace, steps, notice, idle, on_refund)| {
            // Only a calendar has periods.
            let until = if window.starts_with("calendar") || until.contains("P90D") { until } else { "" };
            let (grace, demote) = match notice {
                _ if notice.is_empty() || steps == r#""none""# => (grace, String::from(steps)),
                _ => ("", format!(r#"{{"steps": {steps}, {notice}}}"#)),
            };
            let levels = r#"[{"id": "a", "min": 0}, {"id": "b", "min": 10000, "flags": ["f"]}, {"id": "c", "min": 30000}, {"id": "d", "min": 60000}]"#;
            let program = format!(
                r#"{{"program": "p", "version": 1, "from": "2020-01-01", "currencies": {{}}, "rules": [],
                    "tiers": {{"main": {{"meter": "net", "levels": {levels}, {until} {keep} {grace} {idle} {on_refund} "demote": {demote}}},
                               "paid": {{"entitlement": "card", "term": "P3M"}}}},
                    "badges": [{{"id": "years", "meter": "joined", "levels": ["P1M", "P1Y"]}}, {{"id": "kinds", "meter": "kinds", "levels": [2, 3]}}]}}"#
            );
            read(&format!(
                r#"{{"bundle": "b", "version": 1, "house": {{"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko"]}},
                    "meters": {{"net": {{"sum": "purchase.value", "minus": "refund.value", "window": "{window}"}},
                                "joined": {{"since": "visit"}}, "kinds": {{"count": "purchase", "by": "kind", "minus": {{"on": "refund", "by": ["transaction_id"]}}}}}},
                    "campaigns": [{{"id": "notice", "label": "n", "class": "service", "slot": "s", "message": {{"blocks": []}}, "audience": {{"loyalty.tiers.main.notice": {{"$exists": true}}}}}}],
                    "programs": [{program}]}}"#
            ))
        },
    )
}

fn track(id: usize, at: Time, event: &str, properties: Map) -> Value {
    let ours = Map::new().with("library", Map::new().with("name", "danbi"));
    let line = Map::new()
        .with("type", "track")
        .with("event", event)
        .with("messageId", format!("m{id:05}"))
        .with("userId", "u")
        .with("timestamp", at.text())
        .with("properties", properties);
    if event.starts_with("danbi_") { line.with("context", ours).into() } else { line.into() }
}

/// Two years of one shopper: an act and the minutes since the one before.
fn years() -> impl Strategy<Value = Vec<(i64, u8, i64)>> {
    let gap = prop_oneof![3 => 1_i64..(20 * 1440), 1 => (1_i64..60).prop_map(|days| days * 1440)];
    proptest::collection::vec((gap, 0_u8..8, 1_i64..400), 1..25)
}

proptest! {
    #![proptest_config(cases(32))]

    /// Time that is caught up with leaves the levels where ticking would have: every moment at which something changes is named.
    #[test]
    fn levels_are_the_same_however_often_one_looks(bundle in ladder(), acts in years(), after in 0_i64..(200 * 1440)) {
        let (mut events, mut at, mut orders) = (Vec::new(), time("2026-01-09T15:00:00Z"), Vec::new());
        for (id, (gap, kind, amount)) in acts.into_iter().enumerate() {
            at = at.plus(gap * MINUTE);
            let order = |name: &str| Map::new().with("transaction_id", name);
            events.push(match kind {
                0..=2 => {
                    let name = format!("o{id}");
                    let line = track(id, at, "purchase", order(&name).with("value", amount * 100).with("kind", ["x", "y"][id % 2]));
                    orders.push((name, amount * 100));
                    line
                }
                3 => match orders.pop() {
                    Some((name, value)) => track(id, at, "refund", order(&name).with("value", value * (amount % 2 + 1) / 2)),
                    None => track(id, at, "visit", Map::new()),
                },
                4 => track(id, at, "danbi_exposure", Map::new().with("campaign", "notice").with("slot", "s")),
                5 => track(id, at, "card", Map::new()),
                _ => track(id, at, "visit", Map::new()),
            });
        }
        let end = at.plus(after * MINUTE);
        let progress = |events: &[Value]| -> Result<Value, TestCaseError> {
            let lines = lines(&bundle, events, Some(end)).map_err(TestCaseError::fail)?;
            let line = read(lines.first().ok_or_else(|| TestCaseError::fail("no line"))?);
            let progress = line.at("progress");
            Ok(["tiers", "badges", "flags"].iter().map(|key| (*key, progress.at(key).clone())).collect::<Map>().into())
        };
        let lazy = progress(&events)?;
        // Something that moves nothing, at each midnight and each noon.
        let mut ticking = events.clone();
        let (mut tick, mut id) = (time("2026-01-09T15:00:00Z"), 10_000);
        while tick <= end {
            ticking.push(track(id, tick, "danbi_tick", Map::new()));
            (tick, id) = (tick.plus(12 * HOUR), id + 1);
        }
        prop_assert_eq!(json::write(&lazy), json::write(&progress(&ticking)?));
    }
}
