//! What a page shows, how often, in which of its tabs, and what the log hears of it.
#![cfg(feature = "cli")]

#[path = "common/cases.rs"]
mod cases;

use cases::cases;
use danbi::cli::{json, native::Native};
use danbi::engine::base::time::{DAY, HOUR, MINUTE, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::replay::{self, Replay};
use danbi::engine::{Decision, Engine, Options};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

const START: &str = "2026-05-12T10:00:00+09:00";

fn zones() -> Zones {
    let mut zones = Zones::default();
    zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
    zones
}

fn bundle(house: &str, campaigns: &[&str]) -> Value {
    read(&format!(
        r#"{{"bundle": "t", "version": 7, "house": {{"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko", "en"]{house}}}, "campaigns": [{}]}}"#,
        campaigns.join(",")
    ))
}

fn campaign(id: &str, rest: &str) -> String {
    format!(r#"{{"id": "{id}", "label": {{"ko": "{id}"}}, "message": {{"blocks": [{{"title": "{id}"}}]}}{rest}}}"#)
}

/// A device: several tabs, one log that all of them hear of, and the keys that were won.
struct Device {
    tabs: Vec<Engine>,
    log: Vec<Value>,
    won: Vec<String>,
    /// What was put on a screen, and what the log heard, with when.
    shown: Vec<(Time, Decision)>,
    said: Vec<(Time, String, Map)>,
    user: String,
    /// Whether an open message is seen at once.
    sees: bool,
    /// What the tabs have not heard of yet: all of them hear of it in one order.
    waiting: VecDeque<(usize, Input, Time)>,
}

impl Device {
    fn new(bundle: &Value, tabs: usize, user: &str) -> Device {
        let tab = |index| {
            let (locale, seed, tab) = (String::from("ko"), String::from("seed"), format!("t{index}"));
            Engine::new(
                bundle.clone(),
                zones(),
                Box::new(Native),
                Options { locale, seed, tab, assumed: Grant::Granted, schemes: Vec::new() },
            )
        };
        let tabs = (1..=tabs).map(tab).collect();
        Device {
            tabs,
            log: vec![],
            won: vec![],
            shown: vec![],
            said: vec![],
            user: user.into(),
            sees: true,
            waiting: VecDeque::new(),
        }
    }

    /// A line is committed by a tab; all tabs hear of it.
    fn line(&mut self, tab: usize, kind: &str, event: &str, properties: Map, now: Time) {
        self.commit(tab, kind, event, properties, now);
        self.run();
    }

    fn commit(&mut self, tab: usize, kind: &str, event: &str, properties: Map, now: Time) {
        let line = Map::new()
            .with("type", kind)
            .with("event", (!event.is_empty()).then_some(event))
            .with("messageId", format!("m{:05}", self.log.len()))
            .with("userId", self.user.as_str())
            .with("timestamp", now.text())
            .with("properties", properties);
        self.log.push(line.clone().into());
        let position = self.log.len() as i64;
        for index in 0..self.tabs.len() {
            let row = Row { position, line: line.clone().into(), fold: true, own: index == tab, ..Row::default() };
            self.waiting.push_back((index, Input::Rows { rows: vec![row], unsent: 0 }, now));
        }
    }

    fn track(&mut self, tab: usize, event: &str, properties: &str, at: &str) {
        let Value::Map(properties) = read(properties) else { panic!("an object") };
        self.line(tab, "track", event, properties, time(at));
    }

    fn page(&mut self, tab: usize, at: &str) {
        self.line(tab, "page", "", Map::new().with("kind", "home"), time(at));
    }

    fn tick(&mut self, tab: usize, at: &str) {
        self.tell(tab, Input::Tick, time(at));
    }

    fn tell(&mut self, tab: usize, input: Input, now: Time) {
        self.waiting.push_back((tab, input, now));
        self.run();
    }

    fn run(&mut self) {
        while let Some((tab, input, now)) = self.waiting.pop_front() {
            for effect in self.tabs[tab].update(input, now) {
                match effect {
                    Effect::Claim(key) => {
                        let won = !self.won.contains(&key);
                        self.won.push(key.clone());
                        self.waiting.push_back((tab, Input::Claimed { key, won }, now));
                    }
                    Effect::Emit(event, properties) => {
                        self.said.push((now, event.into(), properties.clone()));
                        self.commit(tab, "track", event, properties, now);
                    }
                    Effect::Show(decision) => {
                        self.shown.push((now, *decision.clone()));
                        if self.sees {
                            self.commit(tab, "track", "danbi_exposure", decision.properties(), now);
                        }
                    }
                    _ => (),
                }
            }
        }
    }

    /// As a page asks: what shows keeps its id from then on, and so does what would have shown.
    fn decide(&mut self, tab: usize, slot: &str, at: &str) -> Option<Decision> {
        let now = time(at);
        self.tabs[tab].update(Input::Tick, now);
        let silent = self.tabs[tab].silent(slot, 1, now);
        let decision = self.tabs[tab].decide(slot, now);
        for decision in silent.into_iter().chain(decision.clone()) {
            self.tell(tab, Input::Decided(Box::new(decision)), now);
        }
        decision
    }

    fn seen(&mut self, tab: usize, decision: &Decision, at: &str) {
        self.line(tab, "track", "danbi_exposure", decision.properties(), time(at));
    }

    fn answer(&mut self, tab: usize, decision: &Decision, action: &str, at: &str) {
        self.line(tab, "track", "danbi_answer", decision.properties().with("action", action), time(at));
    }

    /// What was shown last goes off the screen.
    fn close(&mut self, tab: usize, at: &str) {
        if let Some(id) = self.shown.last().map(|(_, decision)| decision.id.clone()) {
            self.tell(tab, Input::Closed(id), time(at));
        }
    }

    fn verdict(&self, tab: usize, campaign: &str, at: &str) -> (String, String) {
        let all = self.tabs[tab].explain(time(at));
        let verdict = all.list().iter().find(|verdict| verdict.at("campaign").text() == Some(campaign));
        let word = |key: &str| verdict.and_then(|verdict| verdict.at(key).text()).unwrap_or_default().to_string();
        (word("stage"), word("code"))
    }

    fn shown(&self) -> Vec<&str> {
        self.shown.iter().map(|(_, decision)| decision.campaign.as_deref().unwrap_or_default()).collect()
    }

    fn said(&self, event: &str) -> Vec<String> {
        let said = self.said.iter().filter(|(_, name, _)| name == event);
        said.map(|(.., properties)| json::write(&properties.clone().into())).collect()
    }
}

fn minute(of: i64) -> String {
    time(START).plus(of * MINUTE).text()
}

// ---- decisions ----

#[test]
fn a_card_is_not_taken_away_by_its_own_showing() {
    let bundle = bundle("", &[&campaign("c", r#", "slot": "home", "caps": [{"count": 1}]"#)]);
    let mut device = Device::new(&bundle, 2, "u");
    device.page(0, START);
    let first = device.decide(0, "home", START).expect("a card");
    assert_eq!(first.id, "t1.1");
    device.seen(0, &first, &minute(1));
    assert_eq!(device.decide(0, "home", &minute(2)), Some(first.clone()), "it is still on the page");
    assert_eq!(device.verdict(0, "c", &minute(2)).0, "shown");
    // Another tab did not show it: there the cap is reached.
    assert_eq!(device.decide(1, "home", &minute(2)), None);
    assert_eq!(device.verdict(1, "c", &minute(2)), ("frequency".into(), "cap".into()));
    // The next page is another place to show it, and by then it was seen.
    device.page(0, &minute(3));
    assert_eq!(device.decide(0, "home", &minute(3)), None);
    assert_eq!(device.said("danbi_decision").len(), 1);
}

#[test]
fn a_decision_ends_with_its_answer_and_with_the_visit() {
    let bundle = bundle("", &[&campaign("c", r#", "slot": "home""#)]);
    let mut device = Device::new(&bundle, 1, "u");
    device.page(0, START);
    let first = device.decide(0, "home", START).expect("a card");
    // Not yet seen, so the page may say that it is one.
    device.page(0, &minute(1));
    assert_eq!(device.decide(0, "home", &minute(1)), Some(first.clone()));
    device.answer(0, &first, "click", &minute(2));
    let second = device.decide(0, "home", &minute(3)).expect("a card");
    assert_eq!(second.id, "t1.2", "answered: another decision");
    device.page(0, &minute(40));
    assert_eq!(device.decide(0, "home", &minute(40)).expect("a card").id, "t1.3", "another visit");
    let lines = device.said("danbi_decision");
    assert_eq!(
        lines[1],
        r#"{"decision":"t1.2","campaign":"c","slot":"home","propensity":1,"seed":"seed","counter":2,"bundle":7}"#
    );
    assert_eq!(lines.len(), 3, "each is told once");
}

#[test]
fn what_is_open_keeps_its_slot_while_it_is_due() {
    let bundle = bundle(
        "",
        &[
            &campaign("low", r#", "slot": "home", "audience": {"user.out": {"$exists": false}}"#),
            &campaign("high", r#", "slot": "home", "priority": 9, "trigger": {"event": {"name": "search"}}"#),
        ],
    );
    let mut device = Device::new(&bundle, 1, "u");
    device.page(0, START);
    let low = device.decide(0, "home", START).expect("the only one");
    device.track(0, "search", "{}", &minute(1));
    assert_eq!(device.decide(0, "home", &minute(1)), Some(low), "it is not torn out of the reader's hands");
    assert_eq!(device.verdict(0, "high", &minute(1)), ("lost".into(), "priority".into()));
    device.track(0, "danbi_declare", r#"{"out": "yes"}"#, &minute(2));
    assert_eq!(device.decide(0, "home", &minute(2)).and_then(|decision| decision.campaign), Some("high".into()));
}

#[test]
fn of_several_tabs_one_shows_and_the_others_say_which() {
    let bundle = bundle("", &[&campaign("c", "")]);
    let mut device = Device::new(&bundle, 3, "u");
    device.sees = false;
    device.page(0, START);
    assert_eq!(device.shown(), ["c"]);
    for tab in 0..3 {
        device.tick(tab, &minute(1));
    }
    assert_eq!(device.shown(), ["c"]);
    let now = time(&minute(1));
    let reasons: Vec<&str> = device.tabs.iter().map(|tab| tab.reason("interruptive", now)).collect();
    assert_eq!(reasons[1..], ["other_tab", "other_tab"]);
    for tab in 1..3 {
        assert!(device.tabs[tab].decide("interruptive", now).is_none());
        assert_eq!(device.verdict(tab, "c", &minute(1)), ("frequency".into(), "other_tab".into()));
    }
    assert_eq!(device.said("danbi_decision").len(), 1, "only who shows it says so");
}

// ---- what shows nothing ----

const HOLDOUT: &str = r#", "holdout": {"share": 1, "seed": "h"}"#;

#[test]
fn what_would_have_shown_is_in_the_log_once_and_paced() {
    let house = format!(r#"{HOLDOUT}, "pacing": {{"session": 1, "day": 2}}"#);
    let bundle = bundle(&house, &[&campaign("a", ""), &campaign("b", r#", "priority": -1"#)]);
    let mut device = Device::new(&bundle, 2, "u");
    device.page(0, START);
    assert_eq!(device.tabs[0].reason("interruptive", time(START)), "none", "it is in the log, and rests");
    device.page(1, &minute(5));
    assert_eq!(device.shown(), Vec::<&str>::new(), "nothing is shown");
    let ghost = r#"{"decision":"t1.1","campaign":"a","slot":"interruptive","propensity":1,"seed":"seed","counter":1,"bundle":7,"holdout":true}"#;
    assert_eq!(device.said("danbi_decision"), [ghost], "one in a visit, whichever tab");
    device.page(0, &minute(60));
    device.page(0, &minute(120));
    assert_eq!(device.said("danbi_decision").len(), 2, "two a day");
    assert!(device.said("danbi_exposure").is_empty(), "nobody saw it");
    assert_eq!(device.verdict(0, "a", &minute(121)), ("holdout".into(), "holdout".into()));
}

#[test]
fn a_held_out_card_is_in_the_log_where_it_is_asked_for() {
    let help = campaign("help", r#", "slot": "home", "priority": -1, "class": "service""#);
    let bundle = bundle(HOLDOUT, &[&campaign("c", r#", "slot": "home""#), &help]);
    let mut device = Device::new(&bundle, 1, "u");
    device.page(0, START);
    let shown = device.decide(0, "home", START).expect("help is no promotion");
    assert_eq!(shown.campaign.as_deref(), Some("help"));
    device.decide(0, "home", &minute(1));
    let lines = device.said("danbi_decision");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains(r#""campaign":"c""#) && lines[0].ends_with(r#""holdout":true}"#), "{lines:?}");
    let alone = Device::new(&bundle, 1, "u");
    assert_eq!(alone.tabs[0].reason("side", time(START)), "none");
}

#[test]
fn a_control_group_sees_nothing_and_its_exposure_is_told() {
    let variants = r#", "variants": [{"id": "A", "weight": 0}, {"id": "C", "none": true}], "caps": [{"count": 1}]"#;
    let bundle =
        bundle(r#", "pacing": {"session": 1}"#, &[&campaign("c", variants), &campaign("d", r#", "priority": -1"#)]);
    let mut device = Device::new(&bundle, 1, "u");
    device.page(0, START);
    assert_eq!(device.shown(), ["d"], "the next one has the screen");
    assert_eq!(
        device.said("danbi_exposure"),
        [r#"{"decision":"t1.1","campaign":"c","variant":"C","slot":"interruptive"}"#]
    );
    assert_eq!(device.said("danbi_decision").len(), 2);
    device.page(0, &minute(1));
    assert_eq!(device.verdict(0, "c", &minute(1)).1, "cap", "counted as for who saw it");
    assert_eq!(device.said("danbi_exposure").len(), 1);
}

#[test]
fn a_variant_has_its_own_message() {
    let text = |text: &str| format!(r#"{{"blocks": [{{"title": "{text}"}}]}}"#);
    let (message, variants) = (
        campaign("c", &format!(r#", "slot": "home", "variants": [{{"id": "B", "message": {}}}]"#, text("other"))),
        format!(
            r#"{{"id": "s", "label": "s", "slot": "side", "steps": [{{"id": "1", "message": {}}}], "variants": [{{"id": "B", "steps": {{"1": {}}}}}]}}"#,
            text("one"),
            text("another one")
        ),
    );
    let bundle = bundle("", &[&message, &variants]);
    let mut device = Device::new(&bundle, 1, "u");
    device.page(0, START);
    for (slot, title) in [("home", "other"), ("side", "another one")] {
        let decision = device.decide(0, slot, START).expect("a card");
        assert_eq!(*decision.view.field("blocks"), read(&format!(r#"[{{"title": "{title}"}}]"#)));
        assert_eq!((decision.variant.as_deref(), decision.reason()), (Some("B"), "split"));
        assert!(json::write(&decision.properties().into()).contains(r#""variant":"B""#));
    }
}

// ---- V18: what was held back ----

#[test]
fn v18_surplus_is_listed_in_the_next_message_shown() {
    let hours = [0, 1, 12, 30, 36, 60, 73, 240, 241];
    let named = |hour: &i64| {
        let trigger = format!(r#", "trigger": {{"event": {{"name": "e{hour}"}}}}"#);
        campaign(&format!("c{hour}"), &trigger).replace(
            "\"title\": \"",
            r#""text": "{% if held.count > 0 %}{{ held.count }}: {{ held.labels }}, {% endif %}"#,
        )
    };
    let campaigns: Vec<String> = hours.iter().map(named).collect();
    let campaigns: Vec<&str> = campaigns.iter().map(String::as_str).collect();
    let bundle = bundle(r#", "pacing": {"gap": "PT36H", "coalesce": true}"#, &campaigns);
    let mut device = Device::new(&bundle, 1, "u");
    for hour in hours {
        device.track(0, &format!("e{hour}"), "{}", &minute(hour * 60));
        // It is looked at, and closed.
        if let Some((at, decision)) = device.shown.last().cloned()
            && at == time(&minute(hour * 60))
        {
            device.answer(0, &decision, "dismiss", &minute(hour * 60 + 1));
        }
    }
    assert_eq!(device.shown(), ["c0", "c36", "c73", "c240"], "absence never accrues a burst");
    let held: Vec<String> = device.shown.iter().map(|(_, decision)| json::write(decision.held())).collect();
    assert_eq!(held, ["null", r#"["c1","c12","c30"]"#, r#"["c60"]"#, "null"]);
    assert_eq!(*device.shown[1].1.view.field("blocks"), read(r#"[{"text": "3: c1, c12, c30, c36"}]"#));
}

// ---- whatever happens ----

/// Interruptive campaigns of all kinds; some need what some visits bring.
fn many(house: &str) -> Value {
    let rules = [
        r#", "caps": [{"count": 2, "per": "P3D"}]"#,
        r#", "priority": 3, "trigger": {"event": {"name": "search"}}, "caps": [{"count": 3, "per": "P7D"}, {"count": 1, "per": "PT5H"}]"#,
        r#", "priority": 2, "gap": {"after": "PT26H"}, "excludes": [{"campaigns": ["c0"], "when": "shown", "within": "PT3H"}]"#,
        r#", "priority": 1, "prerequisites": [{"campaign": "c1"}], "caps": [{"count": 1, "by": "meter.orders"}]"#,
        r#", "priority": 4, "class": "service", "trigger": {"event": {"name": "help"}}"#,
    ];
    let campaigns: Vec<String> =
        rules.iter().enumerate().map(|(index, rules)| campaign(&format!("c{index}"), rules)).collect();
    let campaigns: Vec<&str> = campaigns.iter().map(String::as_str).collect();
    let Value::Map(bundle) = bundle(
        &format!(
            r#"{house}, "pacing": {{"session": 1, "day": 2, "rolling": {{"count": 6, "days": 7}}, "gap": "PT1H", "ramp": {{"for": "P3D", "per": "PT9H"}}}}"#
        ),
        &campaigns,
    ) else {
        panic!("an object")
    };
    bundle.with("meters", read(r#"{"orders": {"count": "purchase"}}"#)).into()
}

/// What happens when, in which tab: a kind, minutes since the last, and how wrong the clock is then.
type Act = (u8, i64, i64, usize);

fn acts(skewed: bool) -> impl Strategy<Value = Vec<Act>> {
    let wait = prop_oneof![4 => 0_i64..20, 3 => 20_i64..600, 1 => 600_i64..5000];
    let skew = if skewed { prop_oneof![6 => Just(0_i64), 1 => -3000_i64..3000].boxed() } else { Just(0).boxed() };
    proptest::collection::vec((0_u8..8, wait, skew, 0_usize..2), 1..60)
}

fn live(device: &mut Device, acts: &[Act]) {
    let mut minutes = 0;
    for (kind, wait, skew, tab) in acts {
        minutes += wait;
        let at = minute(minutes + skew);
        match kind {
            0 | 1 => device.page(*tab, &at),
            2 => device.track(*tab, "search", "{}", &at),
            3 => device.track(*tab, "help", "{}", &at),
            4 => device.track(*tab, "purchase", r#"{"transaction_id": "x", "value": 1000, "currency": "KRW"}"#, &at),
            5 => device.tick(*tab, &at),
            _ => {
                // What is open is closed.
                let open = device.shown.last().map(|(_, decision)| decision.clone());
                match open {
                    Some(open) => device.answer(*tab, &open, "dismiss", &at),
                    None => device.tick(*tab, &at),
                }
            }
        }
    }
}

/// How often promotions were seen in each of these, at most.
fn most(times: &[Time], of: impl Fn(Time) -> i64) -> usize {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    times.iter().for_each(|at| *counts.entry(of(*at)).or_default() += 1);
    counts.into_values().max().unwrap_or(0)
}

fn day(at: Time) -> i64 {
    (at.0 + 9 * HOUR).div_euclid(DAY)
}

proptest! {
    #![proptest_config(cases(48))]

    /// Whatever the order of signals, the tabs and the clocks: nobody is above the caps.
    #[test]
    fn nobody_is_above_the_caps(acts in acts(true)) {
        let bundle = many("");
        let mut device = Device::new(&bundle, 2, "u");
        live(&mut device, &acts);
        let of = |id: &str| -> Vec<Time> {
            device.shown.iter().filter(|(_, decision)| decision.campaign.as_deref() == Some(id)).map(|(at, _)| *at).collect()
        };
        let marketing: Vec<Time> =
            device.shown.iter().filter(|(_, decision)| decision.campaign.as_deref() != Some("c4")).map(|(at, _)| *at).collect();
        prop_assert!(most(&marketing, day) <= 2, "{:?}", marketing);
        for at in &marketing {
            let week = marketing.iter().filter(|other| (0..7).contains(&(day(*at) - day(**other)))).count();
            prop_assert!(week <= 6, "{:?}", marketing);
        }
        for one in ["c0", "c1"] {
            for at in of(one) {
                let days = if one == "c0" { 3 } else { 7 };
                let near = of(one).into_iter().filter(|other| (0..days).contains(&(day(at) - day(*other)))).count();
                prop_assert!(near <= if one == "c0" { 2 } else { 3 }, "{one}: {:?}", of(one));
            }
        }
        let close = |times: &[Time], least: i64| times.iter().enumerate().any(|(index, at)| times[..index].iter().any(|other| (at.0 - other.0).abs() < least));
        prop_assert!(!close(&marketing, HOUR), "{:?}", marketing);
        prop_assert!(!close(&of("c2"), 26 * HOUR), "{:?}", of("c2"));
    }

    /// Who is held out would have been shown the same, at the same times, as who is not.
    #[test]
    fn ghosts_are_paced_as_what_is_shown(acts in acts(false)) {
        // No answers: a ghost has none.
        let acts: Vec<Act> = acts.into_iter().filter(|act| act.0 != 3 && act.0 < 6).collect();
        let (mut seen, mut held) = (Device::new(&many(""), 1, "u"), Device::new(&many(HOLDOUT), 1, "u"));
        let acts: Vec<Act> = acts.into_iter().map(|(kind, wait, skew, _)| (kind, wait, skew, 0)).collect();
        for device in [&mut seen, &mut held] {
            device.page(0, START);
            device.close(0, START);
            let mut minutes = 0;
            for act in &acts {
                minutes += act.1;
                live(device, &[(act.0, minutes, 0, 0)]);
                // On screen for no longer than it takes to see it.
                device.close(0, &minute(minutes));
            }
        }
        let shown: Vec<(Time, Option<String>)> = seen.shown.iter().map(|(at, decision)| (*at, decision.campaign.clone())).collect();
        let ghosts: Vec<(Time, Option<String>)> =
            held.said.iter().map(|(at, _, line)| (*at, line.get("campaign").and_then(Value::text).map(String::from))).collect();
        prop_assert!(held.shown.is_empty());
        prop_assert_eq!(shown, ghosts);
    }

    /// The same things happening once more are decided the same, to the last word of the log.
    #[test]
    fn the_same_again_is_decided_the_same(acts in acts(true)) {
        let bundle = many("");
        let (mut one, mut other) = (Device::new(&bundle, 2, "u"), Device::new(&bundle, 2, "u"));
        live(&mut one, &acts);
        live(&mut other, &acts);
        prop_assert_eq!(&one.shown, &other.shown);
        prop_assert_eq!(&one.said, &other.said);
        // And from the log alone: each tab's last verdicts.
        let now = time(&minute(acts.iter().map(|act| act.1).sum::<i64>() + 10_000));
        let mut anew = Device::new(&bundle, 1, "u");
        let rows = one.log.iter().zip(1..).map(|(line, position)| Row { position, line: line.clone(), fold: true, ..Row::default() });
        anew.tabs[0].update(Input::Rows { rows: rows.collect(), unsent: 0 }, now);
        one.tabs[0].update(Input::Tick, now);
        let codes = |engine: &Engine| -> Vec<Value> {
            engine.explain(now).list().iter().map(|line| line.at("code").clone()).filter(|code| code.text() != Some("other_tab")).collect()
        };
        if !one.tabs[0].busy() {
            prop_assert_eq!(codes(&one.tabs[0]), codes(&anew.tabs[0]));
        }
    }

    /// Raising the coverage moves nobody from one variant to another.
    #[test]
    fn raising_coverage_moves_nobody(weights in proptest::collection::vec(1_u32..90, 1..5), coverage in (0.0..=1.0_f64, 0.0..=1.0_f64), user in "[a-z가-힣😀]{1,8}") {
        let (low, high) = if coverage.0 < coverage.1 { coverage } else { (coverage.1, coverage.0) };
        let variants: Vec<String> = weights.iter().enumerate().map(|(index, weight)| format!(r#"{{"id": "v{index}", "weight": {weight}}}"#)).collect();
        let variant = |coverage: f64| {
            let rules = format!(r#", "slot": "home", "experiment": {{"seed": "s", "coverage": {coverage}}}, "variants": [{}]"#, variants.join(","));
            let mut device = Device::new(&bundle("", &[&campaign("c", &rules)]), 1, &user);
            device.page(0, START);
            device.decide(0, "home", START).and_then(|decision| decision.variant)
        };
        if let Some(before) = variant(low) {
            prop_assert_eq!(variant(high), Some(before));
        }
        prop_assert!(variant(1.0).is_some());
    }
}

/// Variants come as often as their weights say: chi-square, three degrees of freedom, one in a thousand.
#[test]
fn variants_come_as_often_as_their_weights_say() {
    const USERS: usize = 4000;
    for seed in ["a", "b", "여름"] {
        let rules = format!(
            r#", "slot": "home", "experiment": {{"seed": "{seed}"}}, "variants": [{{"id": "A", "weight": 45}}, {{"id": "B", "weight": 35}}, {{"id": "C", "weight": 15}}, {{"id": "D", "weight": 5, "none": true}}]"#
        );
        let mut replay =
            Replay::new(bundle("", &[&campaign("c", &rules)])).unwrap_or_else(|errors| panic!("{errors:?}"));
        for user in 0..USERS {
            let line = Map::new()
                .with("type", "page")
                .with("messageId", format!("m{user}"))
                .with("userId", format!("user-{user}"));
            replay.add(&line.with("timestamp", START).with("properties", Map::new()).into()).expect("a line");
        }
        let options = replay::Options::read(&read(r#"{"explain": true}"#)).expect("options");
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        for line in replay.finish(&zones(), &Native, &options, &mut |_, _| ()) {
            let variant = line.at("verdicts.0.variant").text().expect("a variant for everybody").to_string();
            *counts.entry(variant).or_default() += 1.0;
        }
        let expected = [("A", 0.45), ("B", 0.35), ("C", 0.15), ("D", 0.05)];
        let chi: f64 = expected
            .into_iter()
            .map(|(id, share)| {
                let wanted = share * USERS as f64;
                (counts.get(id).copied().unwrap_or(0.0) - wanted).powi(2) / wanted
            })
            .sum();
        assert!(chi < 16.27, "{seed}: {chi} {counts:?}");
    }
}
