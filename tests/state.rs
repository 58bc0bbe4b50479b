//! How large the state of a busy shopper becomes: a year, 20,000 events, drawn from a fixed seed.
#![cfg(feature = "cli")]

use danbi::cli::{json, native::Native};
use danbi::engine::base::record;
use danbi::engine::base::time::{DAY, HOUR, MINUTE, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::Bundle;
use danbi::engine::bundle::plan::Plan;
use danbi::engine::effect::Effect;
use danbi::engine::fold::{Fold, World};
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::signal::Signal;
use danbi::engine::{Engine, Options};

const EVENTS: usize = 20_000;
const START: Time = Time(1_767_193_200_000);

/// A snapshot holds the state twice, up to the backdate window and up to now.
const MOST: usize = 256 * 1024;

fn zones() -> Zones {
    let mut zones = Zones::default();
    zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
    zones
}

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A shop that asks for much: eighteen campaigns, meters of every kind, three dimensions of taste, points for orders and reviews.
fn bundle() -> Value {
    let shares: Map = (0..10).map(|index| (format!("c{index}"), 0.1)).collect();
    let taste = |property: &str| Map::new().with("property", property).with("shares", shares.clone());
    let campaigns: Vec<Value> = (0..18)
        .map(|index| {
            let trigger = if index % 3 == 0 { r#"{"event":{"name":"view_item"}}"# } else { r#""always""# };
            read(&format!(
                r#"{{"id":"campaign_{index}","label":"x","slot":"{}","trigger":{trigger},"caps":[{{"count":3,"per":"P7D"}}],"message":{{"blocks":[]}}}}"#,
                if index < 9 { "interruptive" } else { "home" }
            ))
        })
        .collect();
    let Value::Map(rest) = read(
        r#"{
          "bundle": "busy", "version": 1,
          "house": {"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko"], "pacing": {"session": 1, "day": 2, "rolling": {"count": 6, "days": 7}}},
          "meters": {
            "joined": {"since": "sign_up"}, "seen": {"last": "page_view"}, "orders": {"count": "purchase"},
            "net": {"sum": "purchase.value", "minus": "refund.value", "window": "trailing:P12M"},
            "month": {"sum": "purchase.value", "window": "calendarMonth"}, "largest": {"max": "purchase.value"},
            "views": {"count": "view_item"}, "recent": {"count": "view_item", "window": "P30D"},
            "active": {"count": "*", "window": "P12M"}, "items": {"distinct": "view_item.item_id"},
            "by_item": {"count": "view_item", "by": "item_id"}, "by_category": {"count": "view_item", "by": "scent", "window": "P90D"},
            "reviews": {"count": "review_approved", "by": "item_id"}
          },
          "programs": [{
            "program": "p", "version": 1, "from": "2025-01-01",
            "currencies": {"point": {"pending": {"after": "P7D", "from": "order_delivered"}, "expiry": {"after": "P365D", "from": "active"}}, "stamp": {"expiry": {"after": "P6M"}}},
            "rules": [
              {"id": "purchase", "on": "purchase", "grant": {"point": ["value", 5, 100], "stamp": 1}},
              {"id": "review", "on": "review_approved", "once": "review_id", "grant": {"point": 500}},
              {"id": "attendance", "on": "attend", "grant": {"point": 10}}
            ],
            "tiers": {"main": {"meter": "net", "levels": [{"id": "seed", "min": 0}, {"id": "leaf", "min": 100000}]}}
          }]
        }"#,
    ) else {
        unreachable!("an object was written")
    };
    let interests = Map::new().with("scent", taste("scent")).with("tone", taste("tone")).with("kind", taste("kind"));
    rest.with("campaigns", campaigns).with("interests", interests).into()
}

/// A counter-based draw.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// What one event of the year is, drawn by how common it is.
fn event(index: usize, draws: &mut Draws) -> (&'static str, Map) {
    let uuid = |kind: u64, number: u64| format!("019b{kind:04x}-7a31-7c04-8{:03x}-{number:012x}", number % 4096);
    let product = draws.below(30) * draws.below(30);
    let item = Map::new()
        .with("item_id", format!("product-{product}"))
        .with("item_name", format!("시카 앰플 {product}"))
        .with("price", 12_900_i64)
        .with("quantity", 1_i64)
        .with("scent", format!("c{}", product % 10))
        .with("tone", format!("c{}", product % 7))
        .with("kind", format!("c{}", product % 3));
    let listed = || item.clone().with("items", vec![Value::from(item.clone())]);
    let period = index % (EVENTS / 60);
    let order = format!("order-2026-{}", index / (EVENTS / 60));
    match period {
        0 => {
            return (
                "purchase",
                listed().with("transaction_id", order).with("value", 30_000_i64 + product as i64 * 100),
            );
        }
        5 => return ("order_delivered", Map::new().with("transaction_id", order)),
        9 if index.is_multiple_of(7) => {
            return ("refund", Map::new().with("transaction_id", order).with("value", 10_000_i64));
        }
        11 => return ("review_approved", item.with("review_id", uuid(3, index as u64))),
        15 => return ("attend", Map::new()),
        _ => (),
    }
    let decision = format!("{}.{}", uuid(4, index as u64 / 40), index % 40);
    let shown = Map::new()
        .with("decision", decision)
        .with("campaign", format!("campaign_{}", draws.below(18)))
        .with("slot", if draws.below(2) == 0 { "interruptive" } else { "home" });
    match draws.below(100) {
        0..=54 => ("view_item", listed()),
        55..=64 => ("dwell", item.with("seconds", 30_i64)),
        65..=79 => ("page", Map::new().with("kind", "product")),
        80..=84 => ("add_to_cart", listed()),
        85..=87 => ("remove_from_cart", listed()),
        88..=90 => ("search", Map::new().with("search_term", format!("검색어 {product}"))),
        91..=92 => ("add_to_wishlist", listed()),
        93..=96 => ("danbi_exposure", shown),
        97 => ("danbi_answer", shown.with("action", "click")),
        98 => ("danbi_answer", shown.with("action", "score").with("value", (product % 11) as i64)),
        _ => ("danbi_declare", Map::new().with("scent", format!("c{}", product % 10)).with("size", "M")),
    }
}

fn lines() -> Vec<Value> {
    let mut draws = Draws(20_260_512);
    let mut lines = Vec::new();
    for index in 0..EVENTS {
        // Visits of forty events or so, two a day.
        let (visit, step) = (index as i64 / 28, index as i64 % 28);
        let at = START.plus(visit * (DAY / 2) + step * MINUTE + draws.below(40) as i64 * 1000);
        let (name, properties) = event(index, &mut draws);
        let line = Map::new()
            .with("type", if name == "page" { "page" } else { "track" })
            .with("event", name)
            .with("messageId", format!("019b6d9c-{:04x}-7c04-8a31-{index:012x}", visit))
            .with("userId", "member-8f3a2c")
            .with("anonymousId", format!("019b6d9c-0000-7c04-8a31-{:012x}", visit / 60))
            .with("timestamp", at.text())
            .with("properties", properties);
        lines.push(line.into());
    }
    lines
}

#[test]
fn a_busy_year_is_kept_small() {
    let source = bundle();
    Bundle::read(&source).expect("a bundle without mistakes");
    let zones = zones();
    let (bundle, plan) = (Bundle(&source), Plan::new(Bundle(&source)));
    let world = World { bundle, plan: &plan, zones: &zones, host: &Native, assumed: Grant::Granted };
    let mut fold = Fold::default();
    let lines = lines();
    for line in &lines {
        let signal = Signal::read(line, &|_| None).expect("a good line");
        fold.signal(&signal, world);
    }
    let kept = record::write(&mut fold);
    let size = json::write(&kept).len();
    let parts: Vec<String> = kept
        .map()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(key, part)| format!("{key} {}", json::write(part).len()))
        .collect();
    println!("{size} bytes: {}", parts.join(", "));
    assert!(size <= MOST / 2, "{size} bytes: {}", parts.join(", "));
    // All of it is read again.
    let mut again: Fold = record::read(&kept).expect("a record of its own");
    assert_eq!(record::write(&mut again), kept);
}

/// As a page does it: day by day, over snapshots.
#[test]
fn what_a_page_keeps_of_a_busy_year_is_small() {
    let options = Options {
        locale: "ko".into(),
        seed: "seed".into(),
        tab: "tab".into(),
        assumed: Grant::Granted,
        schemes: Vec::new(),
    };
    let mut engine = Engine::new(bundle(), zones(), Box::new(Native), options);
    let (mut largest, mut now) = (0, START);
    for (day, lines) in lines().chunks(56).enumerate() {
        let row = |(index, line): (usize, &Value)| Row {
            position: (day * 56 + index + 1) as i64,
            line: line.clone(),
            fold: true,
            ..Row::default()
        };
        let rows = lines.iter().enumerate().map(row).collect();
        now = START.plus(day as i64 * DAY + 13 * HOUR);
        for effect in engine.update(Input::Rows { rows, unsent: 0 }, now) {
            if let Effect::Save { snapshot, .. } = effect {
                largest = largest.max(json::write(&snapshot).len());
            }
        }
    }
    println!("{largest} bytes at most");
    assert!(now > START.plus(350 * DAY), "a whole year");
    assert!((1..=MOST).contains(&largest), "{largest} bytes");
}

/// As a host keeps the log: rows go when a snapshot covers them, and never sooner than the house says.
#[test]
fn events_are_kept_for_as_long_as_the_house_says() {
    for (retention, span) in [("", 7 * DAY), (r#", "retention": {"events": "P2D"}"#, 2 * DAY)] {
        let house = json::write(&bundle()).replacen("\"KRW\"", &format!("\"KRW\"{retention}"), 1);
        let options = Options {
            locale: "ko".into(),
            seed: "seed".into(),
            tab: "tab".into(),
            assumed: Grant::Granted,
            schemes: Vec::new(),
        };
        let mut engine = Engine::new(read(&house), zones(), Box::new(Native), options);
        let mut log: Vec<(Row, Time)> = Vec::new();
        for (day, lines) in lines().chunks(56).take(30).enumerate() {
            let rows: Vec<(Row, Time)> = lines
                .iter()
                .enumerate()
                .map(|(index, line)| {
                    let at = Time::parse(line.field("timestamp").text().expect("a time")).expect("an instant").0;
                    (
                        Row {
                            position: (day * 56 + index + 1) as i64,
                            line: line.clone(),
                            fold: true,
                            ..Row::default()
                        },
                        at,
                    )
                })
                .collect();
            let evening = START.plus(day as i64 * DAY + 13 * HOUR);
            log.extend(rows.iter().cloned());
            let inputs = [Input::Rows { rows: rows.into_iter().map(|(row, _)| row).collect(), unsent: 0 }, Input::Tick];
            for (input, now) in inputs.into_iter().zip([evening, evening.plus(MINUTE)]) {
                let mut effects = engine.update(input, now);
                while let Some(effect) = effects.pop() {
                    match effect {
                        Effect::Save { covered, .. } => log.retain(|(row, at)| {
                            assert!(row.position > covered || at.0 <= now.0 - span, "gone {} ms old", now.0 - at.0);
                            row.position > covered
                        }),
                        Effect::Recall { after, upto } => {
                            let asked = log.iter().filter(|(row, _)| row.position > after && row.position <= upto);
                            effects.extend(
                                engine.update(Input::Recalled(asked.map(|(row, _)| row.clone()).collect()), now),
                            );
                        }
                        _ => (),
                    }
                }
            }
            // What is out of reach may wait a day for an idle moment.
            let oldest = log.iter().map(|(_, at)| evening.0 - at.0).max();
            assert!(oldest.is_some_and(|age| age <= span + 2 * DAY), "{oldest:?} ms after {day} days");
        }
    }
}
