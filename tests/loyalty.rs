//! Loyalty over random programs and random lives of two years in five zones: accounts balance, order and repetition do not
//! matter, catching up is ticking, a snapshot and its tail are the whole, what was granted stays granted.
#![cfg(feature = "cli")]

mod common;

use common::{Page, cases, engine, read, seen, time};
use danbi::cli::{
    json,
    native::{self, Native},
};
use danbi::engine::base::record;
use danbi::engine::base::time::{DAY, HOUR, MINUTE, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::Bundle;
use danbi::engine::bundle::plan::Plan;
use danbi::engine::fold::{Fold, World};
use danbi::engine::input::{Input, Row};
use danbi::engine::loyalty::ledger;
use danbi::engine::profile::Grant;
use danbi::engine::replay::{Options, Replay};
use danbi::engine::signal::Signal;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

// ---- the checklist ----

/// The numbers that a text names after a mark: `row 05, row 12: …` names 5 and 12.
fn named(text: &str, mark: &str) -> Vec<usize> {
    let after = text.match_indices(mark).map(|(at, _)| &text[at + mark.len()..]);
    let digits = after.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

#[test]
fn every_row_and_every_test_of_the_checklist_is_found_by_its_number() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/loyalty");
    let (mut rows, mut tests) = (BTreeSet::new(), BTreeSet::new());
    let mut add = |text: &str| {
        rows.extend(named(text, "row "));
        tests.extend(named(text, "V"));
    };
    for entry in std::fs::read_dir(&folder).expect("the cases can be listed") {
        let path = entry.expect("the cases can be listed").path();
        let text = std::fs::read_to_string(&path).expect("a file of cases");
        if path.extension().is_some_and(|extension| extension == "json") {
            for case in read(&text).at("cases").list() {
                // Before the first colon: what follows is words.
                add(case.at("name").text().and_then(|name| name.split(':').next()).unwrap_or_default());
            }
        } else {
            // A table's first cell.
            text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()).for_each(&mut add);
        }
    }
    assert_eq!(rows, (1..=80).collect(), "rows");
    assert_eq!(tests, (1..=24).collect(), "tests");
}

// ---- zones ----

const ZONES: [&str; 5] =
    ["Asia/Seoul", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Africa/Casablanca"];
const START: &str = "2026-01-01T00:00:00Z";
/// Two years.
const MINUTES: i64 = 730 * 24 * 60;

fn zones() -> Zones {
    let from = time("2025-12-01T00:00:00Z");
    native::zones(&ZONES.map(String::from), from, from.plus(2200 * DAY)).expect("zones of the world")
}

fn start() -> Time {
    time(START)
}

// ---- programs ----

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

fn currency() -> impl Strategy<Value = String> {
    let pending =
        pick(&["null", "\"P3D\"", "\"PT36H\"", "{\"after\": \"P2D\", \"from\": \"order_delivered\"}", "\"P1M\""]);
    let expiry = pick(&[
        "null",
        "{\"after\": \"P10D\"}",
        "{\"after\": \"P2M\", \"from\": \"active\"}",
        "{\"after\": \"PT50H\", \"from\": \"active\"}",
        "{\"inactive\": \"P45D\"}",
        "{\"on\": \"03-31\"}",
        "{\"after\": \"P6M\", \"from\": \"earn\", \"round\": \"endOfDay\"}",
    ]);
    let refund = pick(&["debt", "withinBalance"]);
    let cancelled = pick(&["forfeit", "extend:P30D"]);
    let floor = proptest::sample::select(&[1_i64, 10, 7][..]);
    let least = proptest::sample::select(&[0_i64, 30][..]);
    (pending, expiry, refund, cancelled, floor, least).prop_map(|(pending, expiry, refund, cancelled, floor, least)| {
        format!(
            r#"{{"pending": {pending}, "expiry": {expiry}, "refund": "{refund}", "cancelExpired": "{cancelled}", "round": {{"floor": {floor}}}, "minSpend": {least}, "cash": 2}}"#
        )
    })
}

fn cap() -> impl Strategy<Value = &'static str> {
    pick(&[
        "",
        r#", "cap": {"pt": 50, "per": "day"}"#,
        r#", "cap": {"pt": 60, "per": "event"}"#,
        r#", "cap": [{"pt": 40, "per": "day"}, {"pt": 100, "per": "calendarMonth"}]"#,
        r#", "cap": {"n": 2, "per": "P7D"}"#,
        r#", "cap": {"pt": 90, "per": "week", "group": "both"}"#,
    ])
}

fn rules() -> impl Strategy<Value = String> {
    let wait = pick(&["", r#", "pending": "P5D""#, r#", "pending": {"after": "P1D", "from": "order_delivered"}"#]);
    let choice = pick(&[
        "",
        "",
        r#", "choice": {"when": {"event.value": {"$gte": 30000}}, "in": "P7D", "now": {"reward": "coupon"}, "save": {"times": [6, 5], "pending": "P30D"}, "else": "grant"}"#,
    ]);
    let bonus = pick(&[
        "",
        r#", "bonus": [{"when": {"loyalty.tiers.main.level": "c"}, "add": [1, 2]}, {"when": {"event.odd": true}, "add": [1, 3]}]"#,
    ]);
    (1_i64..20, 50_i64..2000, cap(), cap(), wait, choice, bonus).prop_map(
        |(numerator, denominator, cap, other, wait, choice, bonus)| {
            format!(
                r#"[{{"id": "buy", "on": "purchase", "grant": {{"pt": ["value", {numerator}, {denominator}]}}, "once": "transaction_id"{cap}{wait}{choice}{bonus}}},
                {{"id": "proof", "on": "purchase", "grant": {{"stamp": 1}}}},
                {{"id": "review", "on": "review_approved", "undo": ["review_removed", {{"on": "refund", "by": ["transaction_id"]}}], "once": ["review_id", "transaction_id"], "grant": {{"pt": 20, "mile": 3}}{other}}},
                {{"id": "fly", "on": "flight_flown", "grant": {{"mile": ["distance", 1, 3]}}}},
                {{"id": "member", "on": "profile_set", "once": "member", "grant": {{"pt": 30}}, "reward": "coupon"}}]"#
            )
        },
    )
}

/// The window of the tier's meter, and how the tier falls.
fn tier() -> impl Strategy<Value = (&'static str, String)> {
    let calendar = (
        pick(&["calendarYear", "calendarMonth"]),
        pick(&["endOfPeriod", "endOfNextPeriod"]),
        pick(&["", r#", "grace": "P31D""#, r#", "grace": "P5D""#]),
        pick(&["one", "toMeter", "none"]),
        pick(&["", r#", "onRefund": "recheck""#, r#", "onRefund": "review""#]),
    )
        .prop_map(|(window, until, grace, demote, refund)| {
            (window, format!(r#", "until": "{until}", "keep": [9, 10]{grace}, "demote": "{demote}"{refund}"#))
        });
    let trailing = (
        pick(&["trailing:P12M", "P30D", "trailing:P3M"]),
        pick(&[
            r#""toMeter""#,
            r#""none""#,
            r#"{"steps": "one", "on": "monthStart", "notice": "P30D"}"#,
            r#"{"steps": "toMeter", "on": "monthStart", "notice": "P10D"}"#,
        ]),
        pick(&["", r#", "onRefund": "recheck""#]),
    )
        .prop_map(|(window, demote, refund)| (window, format!(r#", "demote": {demote}{refund}"#)));
    let life = pick(&[
        r#", "demote": "one", "idle": [["P60D", "one"], ["P120D", "reset"]]"#,
        r#", "demote": "none""#,
        r#", "demote": "toMeter", "idle": [["P30D", "reset"]], "onRefund": "recheck""#,
    ])
    .prop_map(|terms| ("life", terms.to_string()));
    (prop_oneof![calendar, trailing, life], pick(&["", r#", "entryReward": "oncePer:P6M""#]))
        .prop_map(|((window, terms), entry)| (window, terms + entry))
}

fn streak() -> impl Strategy<Value = String> {
    let unit = pick(&["day", "week", "month"]);
    let freeze = pick(&["", r#", "freeze": {"max": 2, "earnEvery": 3}"#, r#", "freeze": {"max": 1, "initial": 1}"#]);
    let repair = pick(&["", r#", "repair": "P1D""#, r#", "repair": "PT30H""#]);
    let pause = pick(&["", r#", "pause": "user""#]);
    (unit, freeze, repair, pause).prop_map(|(unit, freeze, repair, pause)| {
        format!(
            r#"{{"id": "habit", "on": ["saving_made", "purchase"], "unit": "{unit}"{freeze}{repair}{pause}, "marks": {{"2": {{"pt": 7}}, "5": {{"stamp": 2}}}}}}"#
        )
    })
}

/// A program's parts, as text: version and first day are put in later.
fn program() -> impl Strategy<Value = (&'static str, String)> {
    let clock = pick(&[
        "{}",
        r#"{"tz": "member", "default": "Asia/Seoul"}"#,
        r#"{"tz": "house"}"#,
        r#"{"tz": "Australia/Lord_Howe"}"#,
        r#"{"dayStart": "04:00", "weekStart": "sun"}"#,
    ]);
    let hold = pick(&["P14D", "PT48H", "P0D"]);
    ((currency(), currency(), currency()), rules(), tier(), streak(), clock, hold, pick(&["any", "ordered"])).prop_map(
        |((pt, stamp, mile), rules, (window, terms), streak, clock, hold, mode)| {
            let pt = pt.replacen('{', r#"{"convert": {"mile": [1, 2]}, "#, 1);
            let text = format!(
                r#""clock": {clock}, "currencies": {{"pt": {pt}, "stamp": {stamp}, "mile": {mile}}}, "rules": {rules},
                "tiers": {{"main": {{"meter": "net", "levels": [{{"id": "a", "min": 0}}, {{"id": "b", "min": 50000, "entry": "coupon", "flags": ["trial"]}}, {{"id": "c", "min": 300000, "entry": "kit"}}]{terms}}},
                  "paid": {{"entitlement": "membership", "term": "P1M"}}}},
                "badges": [{{"id": "reviewer", "meter": "reviews", "levels": [1, 3, 6]}}, {{"id": "expert", "meter": "reviewsBy", "levels": [2]}}, {{"id": "tenure", "meter": "tenure", "levels": ["P1M", "P1Y"]}}, {{"id": "sprout"}}],
                "missions": [{{"id": "start", "steps": ["profile_set", "tryon", "purchase"], "mode": "{mode}", "need": 2, "in": "P14D", "reward": {{"pt": 30}}}},
                  {{"id": "three", "steps": ["review_approved"], "times": 3, "in": "P60D", "reward": {{"pt": 20, "badge": "sprout"}}}},
                  {{"id": "save", "steps": ["saving_made"], "repeat": "calendarMonth", "reward": {{"stamp": 2}}}},
                  {{"id": "lesslate", "meter": "late", "atMost": 0, "judge": "periodEnd", "reward": {{"pt": 5}}}}],
                "streaks": [{streak}], "collections": [{{"id": "toys", "items": ["a", "b", "c"], "on": "toy_received", "reward": "kit"}}],
                "referral": {{"stages": ["joined", "firstOrder"], "give": {{"referrer": {{"pt": 50}}, "friend": "coupon"}}, "hold": "{hold}", "cap": {{"n": 2, "per": "P1Y"}}, "deny": ["self", "existing", "claimed", "loop"]}},
                "rewards": [{{"id": "drink", "cost": {{"pt": 40}}, "per": "calendarMonth"}}, {{"id": "donate", "cost": {{"pt": 1}}, "kind": "gift", "final": true}}, {{"id": "coupon", "kind": "wallet", "ttl": "P30D"}}, {{"id": "kit", "kind": "wallet"}},
                  {{"id": "bday", "when": "birthday", "window": ["-P3D", "P7D"], "per": "calendarYear"}}, {{"id": "trial", "gate": "flag.trial", "cost": {{"stamp": 3}}}}],
                "budget": {{"mile": {{"issue": 1000, "per": "calendarMonth"}}}}"#
            );
            (window, text)
        },
    )
}

/// A bundle of these programs, each from its day on; each tier has a meter of its own window.
fn bundle(zone: &str, programs: &[(i64, &(&'static str, String))]) -> String {
    let (mut meters, mut versions) = (String::new(), Vec::new());
    for (index, (day, (window, parts))) in programs.iter().enumerate() {
        meters +=
            &format!(r#""net{index}": {{"sum": "purchase.value", "minus": "refund.value", "window": "{window}"}}, "#);
        let (from, parts) =
            (&start().plus(day * DAY).text()[..10], parts.replace("\"net\"", &format!("\"net{index}\"")));
        versions.push(format!(r#"{{"program": "p", "version": {}, "from": "{from}", {parts}}}"#, index + 1));
    }
    format!(
        r#"{{"bundle": "t", "version": 1, "house": {{"zone": "{zone}", "currency": "KRW", "locales": ["ko"]}},
        "meters": {{{meters}"reviews": {{"count": "review_approved", "minus": "review_removed"}}, "reviewsBy": {{"count": "review_approved", "by": "category"}},
          "tenure": {{"since": "profile_set"}}, "late": {{"count": "loan_late", "window": "calendarMonth"}}}},
        "programs": [{}]}}"#,
        versions.join(",")
    )
}

/// From before the first event on.
const EVER: i64 = -400;

/// Of one or two versions.
fn bundles() -> impl Strategy<Value = String> {
    (pick(&ZONES), program(), proptest::option::of((1_i64..700, program()))).prop_map(|(zone, first, second)| {
        let second = second.iter().map(|(day, program)| (*day, program));
        bundle(zone, &std::iter::once((EVER, &first)).chain(second).collect::<Vec<_>>())
    })
}

// ---- lives ----

/// One thing that happens, before it is written down.
#[derive(Clone, Debug)]
struct Act {
    minute: i64,
    kind: u8,
    which: u8,
    amount: i64,
    zone: usize,
    /// Minutes between the event and its receipt by a server.
    late: i64,
}

const KINDS: u8 = 34;

fn act() -> impl Strategy<Value = Act> {
    let late = prop_oneof![12 => Just(0_i64), 1 => 0_i64..7 * 24 * 60, 1 => 7 * 24 * 60 + 1..20_i64 * 24 * 60, 1 => -20_i64..0_i64];
    let amount = prop_oneof![0_i64..100, 0_i64..200_000];
    (0..MINUTES, 0..KINDS, 0_u8..6, amount, 0..ZONES.len(), late)
        .prop_map(|(minute, kind, which, amount, zone, late)| Act { minute, kind, which, amount, zone, late })
}

/// A life: things happen all over two years, and in bursts of a few days.
fn life(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let burst = (0..MINUTES - 20 * 24 * 60, proptest::collection::vec((act(), 0_i64..20 * 24 * 60), 1..12));
    let burst = burst.prop_map(|(from, acts)| {
        acts.into_iter().map(|(act, after)| Act { minute: from + after, ..act }).collect::<Vec<_>>()
    });
    let bursts = proptest::collection::vec(burst, 1..4).prop_map(|bursts| bursts.concat());
    (proptest::collection::vec(act(), 0..most), bursts).prop_map(|(acts, bursts)| {
        let mut acts = [acts, bursts].concat();
        acts.sort_by_key(|act| act.minute);
        acts
    })
}

impl Act {
    fn at(&self) -> Time {
        start().plus(self.minute * MINUTE)
    }

    fn line(&self, id: usize) -> Value {
        let order = format!("o{}", self.which);
        let of = |key: &str, value: &str| Map::new().with(key, value);
        let (redemption, paid) = (format!("r{}", self.which), of("transaction_id", &order));
        let money = paid.clone().with("value", self.amount).with("odd", self.amount % 2 == 1);
        let used = |currency: &str| {
            Map::new()
                .with("virtual_currency_name", currency)
                .with("value", self.amount % 90)
                .with("redemption_id", redemption.clone())
        };
        let had = |reward: &str| Map::new().with("reward", reward).with("redemption_id", redemption.clone());
        let friend = of("friend", &format!("f{}", self.which % 3)).with("transaction_id", format!("t{}", self.which));
        let answered = if self.amount % 2 == 0 { "save" } else { "now" };
        let (event, properties) = match self.kind {
            0..=5 => ("purchase", money),
            6 | 7 => ("refund", paid.with("value", self.amount)),
            8 => ("refund", Map::new().with("value", self.amount)),
            9 => ("order_delivered", paid),
            10 | 11 => (
                "review_approved",
                of("review_id", &order).with("transaction_id", order.clone()).with("category", order),
            ),
            12 => ("review_removed", of("review_id", &order).with("transaction_id", order)),
            13 => ("saving_made", Map::new()),
            14 => ("flight_flown", Map::new().with("distance", self.amount)),
            15 | 16 => ("spend_virtual_currency", used("pt")),
            17 => ("spend_virtual_currency", used("mile")),
            18 | 19 => ("redemption_cancelled", of("redemption_id", &redemption)),
            20 => ("redemption_confirmed", of("redemption_id", &redemption)),
            21 => ("convert_virtual_currency", used("pt").with("to", "mile")),
            22 => ("spend_virtual_currency", had(["drink", "donate", "trial"][usize::from(self.which % 3)])),
            23 => ("reward_used", of("reward", ["coupon", "kit", "bday"][usize::from(self.which % 3)])),
            24 => ("reward_choice", paid.with("value", answered)),
            25 => ("toy_received", of("item", ["a", "b", "c"][usize::from(self.which % 3)])),
            26 => ("profile_set", of("field", "birthday")),
            27 => (["tryon", "loan_late"][usize::from(self.which % 2)], Map::new()),
            28 => (["referral_joined", "referral_first_order"][usize::from(self.which % 2)], friend),
            29 => ("danbi_declare", of("birthday", ["02-29", "05-15", "12-31"][usize::from(self.which % 3)])),
            30 => (["streak_paused", "streak_resumed"][usize::from(self.which % 2)], Map::new()),
            31 => ("streak_repaired", Map::new()),
            32 => ("purchase", money.with("entitlement", "membership")),
            _ => ("danbi_snapshot", Map::new().with("budget", Map::new().with("mile", self.amount % 2 == 0))),
        };
        // Here and there only the offset is known.
        let context = Map::new().with("timezone", ZONES[self.zone]);
        let line = Map::new()
            .with("type", "track")
            .with("event", event)
            .with("messageId", format!("m{id:03}"))
            .with("userId", "u")
            .with("timestamp", self.at().text())
            .with("receivedAt", self.at().plus(self.late * MINUTE).text())
            .with("properties", properties);
        if self.which == 5 { line.into() } else { line.with("context", context).into() }
    }
}

fn written(acts: &[Act]) -> Vec<Value> {
    acts.iter().enumerate().map(|(id, act)| act.line(id)).collect()
}

fn replayed(bundle: &Value, events: &[Value], at: Option<Time>) -> Vec<Value> {
    let mut replay = Replay::new(bundle.clone()).expect("a program without mistakes");
    for event in events {
        replay.add(event).expect("a good line");
    }
    let options = Options { at, explain: true, lang: String::from("ko"), assumed: Grant::Granted };
    replay.finish(&zones(), &Native, &options, &mut |_, _| ())
}

fn world<'a>(bundle: &'a Value, plan: &'a Plan, zones: &'a Zones) -> World<'a> {
    World { bundle: Bundle(bundle), plan, zones, host: &Native, assumed: Grant::Granted }
}

fn signals(events: &[Value]) -> Vec<Signal> {
    events.iter().map(|line| Signal::read(line, &|_| None).expect("a good line")).collect()
}

/// What must hold of every account against itself and against its ledger.
fn balances(progress: &Value, ledger: &[Value]) -> Result<(), TestCaseError> {
    for (currency, account) in progress.at("currencies").map().into_iter().flat_map(Map::iter) {
        let sum = |key: &str| account.at(key).integer().unwrap_or(-1);
        for key in ["earned", "pending", "active", "spent", "expired", "reversed", "writtenOff", "debt"] {
            prop_assert!(sum(key) >= 0, "{} of {}: {}", key, currency, json::write(account));
        }
        let held = sum("pending") + sum("active") + sum("spent") + sum("expired") + sum("reversed") - sum("debt");
        prop_assert_eq!(sum("earned"), held, "{} {}", currency, json::write(account));
        prop_assert!(sum("writtenOff") <= sum("spent"), "{} {}", currency, json::write(account));
        prop_assert!(sum("debt") == 0 || sum("active") == 0, "who owes has nothing to use: {}", json::write(account));
        let booked = |kind: &str| -> i64 {
            let of =
                |entry: &&Value| entry.at("currency").text() == Some(currency) && entry.at("type").text() == Some(kind);
            ledger.iter().filter(of).map(|entry| entry.at("amount").integer().unwrap_or(-1)).sum()
        };
        prop_assert_eq!(sum("earned"), booked("earn"));
        prop_assert_eq!(sum("spent"), booked("spend") - booked("restore"));
        prop_assert_eq!(sum("expired"), booked("expire"));
        prop_assert_eq!(sum("reversed"), booked("reverse") + booked("debt"));
        prop_assert_eq!(sum("debt"), booked("debt") - booked("settle"));
    }
    let times: Vec<Option<&str>> = ledger.iter().map(|entry| entry.at("at").text()).collect();
    prop_assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "the ledger is in order: {:?}", times);
    Ok(())
}

/// The first number that is not whole.
fn broken(value: &Value, place: &str) -> Option<String> {
    match value {
        Value::Number(_) if value.integer().is_none() => Some(format!("{place}: {}", json::write(value))),
        Value::List(list) => list.iter().find_map(|value| broken(value, place)),
        Value::Map(map) => map.iter().find_map(|(key, value)| broken(value, &format!("{place}/{key}"))),
        _ => None,
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn accounts_balance_after_every_event(bundle in bundles(), acts in life(30)) {
        let bundle = read(&bundle);
        Bundle::read(&bundle).expect("a program without mistakes");
        let (zones, plan) = (zones(), Plan::new(Bundle(&bundle)));
        let world = world(&bundle, &plan, &zones);
        let mut fold = Fold::default();
        for signal in signals(&written(&acts)) {
            fold.signal(&signal, world);
            let progress = fold.progress(signal.at, world);
            balances(&progress, &ledger::lines(&fold.loyalty.entries))?;
            prop_assert_eq!(broken(&progress, ""), None);
        }
        let mut now = fold.at.expect("something happened");
        for days in [1, 10, 35, 100, 400] {
            now = now.plus(days * DAY);
            fold.pass(now, world);
            balances(&fold.progress(now, world), &ledger::lines(&fold.loyalty.entries))?;
        }
        prop_assert_eq!(broken(&record::write(&mut fold), ""), None);
    }

    #[test]
    fn order_and_repetition_do_not_matter(bundle in bundles(), (acts, shuffled) in life(30).prop_flat_map(|acts| {
        let places: Vec<usize> = (0..acts.len()).chain(0..acts.len()).collect();
        (Just(acts), Just(places).prop_shuffle())
    }), at in proptest::option::of(0_i64..900)) {
        let bundle = read(&bundle);
        let at = at.map(|days| start().plus(days * DAY + 7 * HOUR));
        let events = written(&acts);
        let shuffled: Vec<Value> = shuffled.iter().filter_map(|place| events.get(*place).cloned()).collect();
        let told = |events: &[Value]| replayed(&bundle, events, at).iter().map(json::write).collect::<Vec<_>>();
        prop_assert_eq!(told(&events), told(&shuffled));
    }

    /// At each midnight of some zone, and at any moment between.
    #[test]
    fn catching_up_is_ticking(bundle in bundles(), acts in life(16), zone in pick(&ZONES), between in proptest::collection::vec(0_i64..DAY, 1..5)) {
        let bundle = read(&bundle);
        let (zones, plan) = (zones(), Plan::new(Bundle(&bundle)));
        let world = world(&bundle, &plan, &zones);
        let (mut lazy, mut ticking) = (Fold::default(), Fold::default());
        let tick = |fold: &mut Fold, to: Time| {
            let Some(from) = fold.at else { return };
            let mut day = zones.day(zone, from);
            let mut more = between.iter().cycle();
            while zones.midnight(zone, day) < to {
                let midnight = zones.midnight(zone, day);
                for moment in [midnight, midnight.plus(*more.next().unwrap_or(&0))] {
                    fold.pass(moment.min(to), world);
                }
                day = day.plus(1);
            }
        };
        for signal in signals(&written(&acts)) {
            tick(&mut ticking, signal.at);
            ticking.signal(&signal, world);
            lazy.signal(&signal, world);
        }
        let end = lazy.at.expect("something happened").plus(200 * DAY);
        tick(&mut ticking, end);
        ticking.pass(end, world);
        lazy.pass(end, world);
        prop_assert_eq!(json::write(&lazy.progress(end, world)), json::write(&ticking.progress(end, world)));
        prop_assert_eq!(json::write(&record::write(&mut lazy)), json::write(&record::write(&mut ticking)));
    }

    #[test]
    fn what_is_kept_goes_on_as_if_nothing_had_been(bundle in bundles(), acts in life(30), stop in any::<proptest::sample::Index>()) {
        let bundle = read(&bundle);
        let (zones, plan) = (zones(), Plan::new(Bundle(&bundle)));
        let world = world(&bundle, &plan, &zones);
        let signals = signals(&written(&acts));
        let (mut whole, mut parts) = (Fold::default(), Fold::default());
        let stop = stop.index(signals.len());
        for (index, signal) in signals.iter().enumerate() {
            if index == stop {
                // Through text, as a host may keep it.
                let kept = read(&json::write(&record::write(&mut parts)));
                parts = record::read(&kept).expect("a record of its own");
            }
            whole.signal(signal, world);
            parts.signal(signal, world);
        }
        let end = start().plus(1000 * DAY);
        whole.pass(end, world);
        parts.pass(end, world);
        prop_assert_eq!(json::write(&whole.progress(end, world)), json::write(&parts.progress(end, world)));
        prop_assert_eq!(json::write(&record::write(&mut whole)), json::write(&record::write(&mut parts)));
    }

    /// A page that is closed and opened, whose rows come late but in time, and the command line that has all of them.
    #[test]
    fn a_page_reckons_as_the_command_line_does(bundle in bundles(), acts in life(20), delays in proptest::collection::vec(prop_oneof![2 => Just(0_i64), 1 => 0_i64..7 * 24 * 60 - 60], 1..9), batch in 1_usize..6, keep in 0_usize..5, stop in any::<proptest::sample::Index>()) {
        let bundle = read(&bundle);
        let acts: Vec<Act> = acts.into_iter().map(|act| Act { late: 0, ..act }).collect();
        let events = written(&acts);
        let mut arriving: Vec<(i64, &Value)> = acts.iter().zip(&events).zip(delays.iter().cycle()).map(|((act, event), delay)| (act.minute + delay, event)).collect();
        arriving.sort_by_key(|(minute, _)| *minute);
        let row = |(index, (minute, line)): (usize, (i64, &Value))| (start().plus(minute * MINUTE), Row { position: index as i64 + 1, line: line.clone(), fold: true, ..Row::default() });
        let all: Vec<(Time, Row)> = arriving.into_iter().enumerate().map(row).collect();
        let end = start().plus(800 * DAY);
        let (before, after) = all.split_at(stop.index(all.len()));
        let (mut one, mut page) = (engine(&bundle, zones()), Page::new(&all, keep));
        page.feed(&mut one, before, batch);
        if let Some(snapshot) = page.saved.take() {
            let now = before.last().expect("it saved something").0;
            one = engine(&bundle, zones());
            one.restore(&snapshot).expect("our own snapshot");
            let known = snapshot.at("seen").integer().unwrap_or(0);
            let tail = before.iter().map(|(_, row)| row.clone()).filter(|row| row.position > known).collect();
            page.tell(&mut one, Input::Rows { rows: tail, unsent: 0 }, now);
        }
        page.feed(&mut one, after, batch);
        seen(&mut one, end);
        let line = &replayed(&bundle, &events, Some(end))[0];
        prop_assert_eq!(json::write(line.at("progress")), json::write(&one.progress(end)));
    }

    #[test]
    fn a_later_version_rewrites_nothing(zone in pick(&ZONES), first in program(), second in program(), day in 1_i64..700, acts in life(30)) {
        let events = written(&acts);
        let end = Some(start().plus(800 * DAY));
        let alone = &replayed(&read(&bundle(zone, &[(EVER, &first)])), &events, end)[0];
        let followed = &replayed(&read(&bundle(zone, &[(EVER, &first), (day, &second)])), &events, end)[0];
        // The second begins at its day's midnight in the house.
        let begins = zones().midnight(zone, danbi::engine::base::time::Day::parse(&start().plus(day * DAY).text()[..10]).expect("a date"));
        let before = |line: &Value| {
            let earlier = |entry: &&Value| entry.at("at").text().is_some_and(|at| time(at) < begins);
            line.at("ledger").list().iter().filter(earlier).map(json::write).collect::<Vec<_>>()
        };
        prop_assert_eq!(before(alone), before(followed));
    }
}
