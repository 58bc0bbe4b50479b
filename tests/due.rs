//! When a campaign is next due: the moment that a verdict names is the right one, no earlier and no later, whatever the clocks do.
//!
//! The cases are drawn from a fixed seed; `PROPTEST_CASES` asks for more of them.
#![cfg(feature = "cli")]

#[allow(dead_code, reason = "other tests have other pages")]
mod common;

use common::{cases, engine, read, time};
use danbi::cli::native;
use danbi::engine::Engine;
use danbi::engine::base::text::decimal;
use danbi::engine::base::time::{DAY, HOUR, MINUTE, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::Bundle;
use danbi::engine::campaign::matches_path;
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use proptest::prelude::*;

/// Clocks that never change, by an hour, and by half an hour.
const ZONES: [&str; 4] = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

fn zones() -> Zones {
    let names: Vec<String> = ZONES.iter().map(ToString::to_string).collect();
    native::zones(&names, time("2024-01-01T00:00:00Z"), time("2040-01-01T00:00:00Z")).expect("zones of the platform")
}

/// Days on which clocks change, and some others.
fn day() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("2026-03-07"),
        Just("2026-03-28"),
        Just("2026-04-04"),
        Just("2026-10-03"),
        Just("2026-10-24"),
        Just("2026-10-31"),
        Just("2026-05-12"),
        Just("2028-02-28"),
    ]
}

/// A moment of such a day or of one of the two after it.
fn moment() -> impl Strategy<Value = Time> {
    (day(), 0..3 * DAY / MINUTE, 0..3_i64).prop_map(|(day, minute, odd)| {
        let midnight = time(&[day, "T00:00:00Z"].concat());
        midnight.plus(minute * MINUTE + [0, 1, -1][odd as usize])
    })
}

fn clock() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (0..5_i64, 0..12_i64).prop_map(|(hour, five)| [decimal(hour, 2), decimal(five * 5, 2)].join(":")),
        1 => (0..24_i64).prop_map(|hour| [&decimal(hour, 2), ":00"].concat()),
        1 => Just(String::from("24:00")),
    ]
}

fn window() -> impl Strategy<Value = Value> {
    let days = proptest::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 0..4);
    (clock(), clock(), days).prop_map(|(from, to, days)| {
        let days: Vec<Value> = days.into_iter().map(Value::from).collect();
        Map::new()
            .with("from", if from == "24:00" { String::from("00:00") } else { from })
            .with("to", to)
            .with("days", days)
            .into()
    })
}

fn schedule() -> impl Strategy<Value = Value> {
    let edge = || proptest::option::of(prop_oneof![day().prop_map(String::from), moment().prop_map(Time::text)]);
    let zone =
        proptest::sample::select(vec!["house", "user", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]);
    (edge(), edge(), proptest::collection::vec(window(), 0..4), zone).prop_map(|(from, until, windows, zone)| {
        let mut schedule = Map::new().with("windows", windows).with("zone", zone);
        for (key, edge) in [("from", from), ("until", until)] {
            if let Some(edge) = edge {
                schedule.set(key, edge);
            }
        }
        schedule.into()
    })
}

fn trigger() -> impl Strategy<Value = Value> {
    let written = |text: &'static str| Just(read(text));
    prop_oneof![
        2 => written(r#""always""#),
        4 => (-40..40_i64, 0..40_i64).prop_map(|(from, more)| {
            let days = |days: i64| [if days < 0 { "-P" } else { "P" }, &decimal(days.abs(), 1), "D"].concat();
            let date = Map::new().with("fact", "user.day").with("from", days(from)).with("to", days(from + more));
            Map::new().with("date", date).into()
        }),
        1 => written(r#"{"since": {"fact": "meter.seen", "after": "P2D", "within": "P20D"}}"#),
        1 => written(r#"{"since": {"fact": "meter.seen", "after": "PT36H"}}"#),
        1 => written(r#"{"event": {"name": "view_item", "delay": "PT3H"}}"#),
        1 => written(r#"{"event": {"name": "never"}}"#),
        1 => written(r#"{"session": {"after": "PT50M"}}"#),
        1 => written(r#"{"page": {"kind": "list", "after": "PT90M"}}"#),
        1 => written(r#"{"answer": {"campaign": "c", "within": "P3D"}}"#),
    ]
}

fn bundle(schedule: Value, trigger: Value) -> Value {
    let campaign = Map::new()
        .with("id", "c")
        .with("label", "x")
        .with("slot", "top")
        .with("class", "service")
        .with("schedule", schedule)
        .with("trigger", trigger)
        .with("message", read(r#"{"blocks": [{"title": "x"}]}"#));
    Map::new()
        .with("bundle", "t")
        .with("version", 1)
        .with("house", read(r#"{"zone": "Asia/Seoul", "currency": "KRW"}"#))
        .with("meters", read(r#"{"seen": {"last": "view_item"}}"#))
        .with("campaigns", vec![Value::from(campaign)])
        .into()
}

/// A visit that ended shortly before, by a shopper with a date, somewhere.
fn visit(from: Time, day: &str, zone: &str) -> Vec<Row> {
    let line = |kind: &str, name: &str, properties: &str, minute: i64| {
        let members = if kind == "identify" { "traits" } else { "properties" };
        Map::new()
            .with("type", kind)
            .with("event", name)
            .with("userId", "u")
            .with("messageId", [kind, name].concat())
            .with("timestamp", from.plus(minute * MINUTE).text())
            .with(members, read(properties))
            .with("context", Map::new().with("timezone", zone))
    };
    let lines = [
        line("identify", "", &[r#"{"day": ""#, day, r#""}"#].concat(), 0),
        line("track", "view_item", "{}", 1),
        line(
            "track",
            "danbi_answer",
            r#"{"decision": "t.1", "campaign": "c", "action": "click", "slot": "else", "step": "else"}"#,
            2,
        ),
        line("page", "", r#"{"kind": "list"}"#, 3),
    ];
    let row = |(index, line): (usize, Map)| Row {
        position: index as i64 + 1,
        line: line.into(),
        fold: true,
        ..Row::default()
    };
    lines.into_iter().enumerate().map(row).collect()
}

fn told(engine: &Engine, at: Time) -> (String, Option<Time>) {
    let verdicts = engine.explain(at);
    let verdict = &verdicts.list()[0];
    let next = verdict.at("next").text().map(time);
    (verdict.at("stage").text().expect("a stage").to_string(), next)
}

fn waits(stage: &str) -> bool {
    stage == "schedule" || stage == "trigger"
}

proptest! {
    #![proptest_config(cases(400))]

    /// Until the moment a verdict names the campaign waits, from that moment on it does not; where none is named it waits for ever.
    #[test]
    fn next_is_the_first_moment_at_which_time_alone_brings_it(
        schedule in schedule(),
        trigger in trigger(),
        now in moment(),
        day in prop_oneof![Just("02-29"), Just("03-29"), Just("05-15"), Just("10-25"), Just("01-01"), Just("none")],
        zone in proptest::sample::select(ZONES.to_vec()),
        far in proptest::collection::vec(0..800 * DAY, 12),
        near in proptest::collection::vec(0.0..1.0_f64, 12),
    ) {
        let bundle = bundle(schedule, trigger);
        prop_assume!(Bundle::read(&bundle).is_ok());
        let mut page = engine(&bundle, zones());
        page.update(Input::Rows { rows: visit(now.plus(-5 * MINUTE), day, zone), unsent: 0 }, now);
        let (stage, next) = told(&page, now);
        if !waits(&stage) {
            prop_assert_eq!(next, None);
            return Ok(());
        }
        match next {
            None => for later in far {
                prop_assert!(waits(&told(&page, now.plus(later)).0), "shows at {}", now.plus(later).text());
            },
            Some(next) => {
                prop_assert!(next > now);
                let (stage, _) = told(&page, next);
                prop_assert!(!waits(&stage), "{stage} at {}", next.text());
                let between = near.iter().map(|part| now.plus(((next.0 - now.0) as f64 * part) as i64));
                for before in between.chain([next.plus(-1), next.plus(-MINUTE).max(now)]) {
                    let (stage, again) = told(&page, before);
                    prop_assert!(waits(&stage), "{stage} at {}, before {}", before.text(), next.text());
                    prop_assert_eq!(again, Some(next), "at {}", before.text());
                }
            }
        }
    }

    /// Who wakes when the engine asks for it misses nothing; and what it keeps meanwhile is what it would find.
    #[test]
    fn between_two_wakings_nothing_changes(
        schedule in schedule(),
        trigger in trigger(),
        now in moment(),
        day in prop_oneof![Just("03-29"), Just("05-15"), Just("10-25")],
        zone in proptest::sample::select(ZONES.to_vec()),
        parts in proptest::collection::vec(0.0..1.0_f64, 6),
    ) {
        let bundle = bundle(schedule, trigger);
        prop_assume!(Bundle::read(&bundle).is_ok());
        let begin = || {
            let mut page = engine(&bundle, zones());
            let effects = page.update(Input::Rows { rows: visit(now.plus(-5 * MINUTE), day, zone), unsent: 0 }, now);
            (page, effects)
        };
        let ((mut page, mut effects), (other, _)) = (begin(), begin());
        let mut at = now;
        for _ in 0..8 {
            let shows = other.decide("top", at).map(|decision| decision.campaign);
            prop_assert_eq!(page.decide("top", at).map(|decision| decision.campaign), shows.clone(), "kept at {}", at.text());
            let wake = effects.iter().find_map(|effect| match effect { Effect::Wake(wake) => Some(*wake), _ => None });
            // After that the profile is not kept.
            let kept = now.plus(390 * DAY);
            let end = wake.unwrap_or(kept).min(kept);
            for between in parts.iter().map(|part| at.plus(((end.0 - at.0 - 1) as f64 * part) as i64)).chain([end.plus(-1)]) {
                let then = other.decide("top", between).map(|decision| decision.campaign);
                prop_assert_eq!(&then, &shows, "at {}, from {}", between.text(), at.text());
            }
            let Some(wake) = wake.filter(|wake| *wake < kept) else { break };
            at = wake;
            effects = page.update(Input::Tick, at);
        }
    }

    /// The pattern against every way of taking it apart.
    #[test]
    fn paths_are_matched_as_every_star_can_stand(pattern in "[ab*/]{0,8}", path in "[ab/]{0,8}") {
        fn anyhow(pattern: &[u8], path: &[u8]) -> bool {
            match pattern {
                [] => path.is_empty(),
                [b'*', rest @ ..] => (0..=path.len()).any(|from| anyhow(rest, &path[from..])),
                [one, rest @ ..] => path.first() == Some(one) && anyhow(rest, &path[1..]),
            }
        }
        prop_assert_eq!(matches_path(&pattern, &path), anyhow(pattern.as_bytes(), path.as_bytes()));
    }
}

/// 하은's birthday is due at midnight of the house and not a second earlier, wherever the device says it is.
#[test]
fn a_birthday_is_due_at_midnight_of_the_house() {
    let gift = read(r#"{"date": {"fact": "user.day", "from": "-P3D", "to": "P7D"}}"#);
    let bundle = bundle(Value::Null, gift);
    for zone in ZONES.into_iter().chain(["UTC"]) {
        let mut page = engine(&bundle, zones());
        page.update(
            Input::Rows { rows: visit(time("2026-05-11T14:00:00Z"), "05-15", zone), unsent: 0 },
            time("2026-05-11T14:10:00Z"),
        );
        let midnight = time("2026-05-12T00:00:00+09:00");
        assert_eq!(told(&page, midnight.plus(-1000)), (String::from("trigger"), Some(midnight)), "{zone}");
        assert_eq!(told(&page, midnight).0, "shown", "{zone}");
        assert_eq!(told(&page, midnight.plus(11 * DAY - 1)).0, "shown", "{zone}");
        let next = time("2027-05-12T00:00:00+09:00");
        assert_eq!(told(&page, midnight.plus(11 * DAY)), (String::from("trigger"), Some(next)), "{zone}");
        assert_eq!(told(&page, midnight.plus(11 * DAY + HOUR)).1, Some(next), "{zone}");
    }
}
