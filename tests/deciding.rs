//! What must hold of every decision, whoever the shopper is: nobody is shown more than the caps allow, service is never eaten, who
//! is held out or has complained sees nothing promotional, each campaign has one verdict and each slot one winner, `next` does not
//! lie, and a page decides as the command line does.
//!
//! The cases are drawn from a fixed seed; `PROPTEST_CASES` asks for more of them.
#![cfg(feature = "cli")]

mod common;

use common::{Page, cases, engine, read, time};
use danbi::cli::{json, native::Native};
use danbi::engine::base::time::{DAY, HOUR, MINUTE, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::Bundle;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::replay::{Options, Replay};
use proptest::prelude::*;
use std::collections::BTreeSet;

const SECOND: i64 = MINUTE / 60;

/// Seoul all year round, and Berlin in 2026.
fn zones() -> Zones {
    let mut zones = Zones::default();
    zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
    let berlin = [("2025-01-01T00:00:00Z", 60), ("2026-03-29T01:00:00Z", 120), ("2026-10-25T01:00:00Z", 60)];
    zones.set("Europe/Berlin", berlin.iter().map(|(from, offset)| (time(from).0, *offset)).collect());
    zones
}

// ---- a shop with campaigns of every kind ----

/// Campaigns that interrupt, those of one page's slot, and service; what each is held by.
const CAMPAIGNS: [(&str, &str); 26] = [
    ("often", r#""priority": 1, "caps": [{"count": 3, "per": "P2D"}]"#),
    (
        "delayed",
        r#""priority": 8, "trigger": {"event": {"name": "view_item", "delay": "PT5M"}}, "caps": [{"count": 2, "per": "PT30H"}]"#,
    ),
    (
        "birthday",
        r#""priority": 9, "trigger": {"date": {"fact": "user.birthday", "from": "-P3D", "to": "P7D"}}, "caps": [{"count": 1, "per": "P300D"}]"#,
    ),
    (
        "open",
        r#""priority": 6, "schedule": {"windows": [{"from": "11:00", "to": "20:00"}]}, "gap": {"after": "PT40H"}"#,
    ),
    (
        "bag",
        r#""priority": 7, "trigger": {"since": {"fact": "context.cart.changedAt", "after": "PT24H"}}, "excludes": [{"campaigns": ["birthday"], "within": "PT30H", "when": "shown"}]"#,
    ),
    (
        "twice",
        r#""priority": 5, "caps": [{"count": 2, "of": "dismiss"}], "audience": {"user.complaint": {"$ne": "never"}}"#,
    ),
    ("after", r#""priority": 4, "trigger": {"answer": {"campaign": "ask", "action": "choice"}}"#),
    (
        "later",
        r#""priority": 3, "prerequisites": [{"campaign": "often", "is": "shown", "within": "P5D"}], "caps": [{"count": 1, "per": "P4D"}]"#,
    ),
    (
        "halves",
        r#""priority": 2, "variants": [{"id": "A", "weight": 0.5}, {"id": "N", "weight": 0.5, "none": true}], "experiment": {"seed": "h"}"#,
    ),
    ("help", r#""priority": 20, "class": "service", "audience": {"user.complaint": "open"}"#),
    (
        "told",
        r#""priority": 19, "class": "service", "trigger": {"event": {"name": "purchase"}}, "caps": [{"count": 1, "per": "P1D"}]"#,
    ),
    ("ask", r#""slot": "mypage", "priority": 3, "caps": [{"count": 1, "of": "answer", "per": "P6D"}]"#),
    (
        "night",
        r#""slot": "mypage", "priority": 4, "schedule": {"windows": [{"from": "22:00", "to": "02:30", "days": ["FR", "SU", "TU"]}], "zone": "Europe/Berlin"}"#,
    ),
    ("status", r#""slot": "mypage", "class": "service", "priority": 9, "audience": {"user.complaint": "open"}"#),
    (
        "store",
        r#""slot": "home", "trigger": {"place": {"name": "seongsu"}}, "caps": [{"count": 1, "by": "user.complaint", "per": "P3D"}]"#,
    ),
    ("visit", r#""slot": "home", "priority": 1, "trigger": {"session": {"after": "PT2M"}}"#),
    ("route", r#""slot": "home", "priority": 2, "trigger": {"page": {"kind": "home", "after": "PT1M"}}"#),
    (
        "dates",
        r#""slot": "home", "priority": 5, "schedule": {"from": "2026-03-27T00:00:00Z", "until": "2026-03-30T09:00:00Z"}"#,
    ),
    ("unless", r#""slot": "list", "excludes": [{"campaigns": ["scent"], "when": "due"}]"#),
    ("scent", r#""slot": "list", "trigger": {"dwell": {"after": "PT30S"}}, "audience": {"meter.orders": {"$gte": 1}}"#),
    ("deep", r#""slot": "list", "priority": 1, "trigger": {"scroll": {"percent": 75}}"#),
    (
        "fresh",
        r#""slot": "side", "audience": [{"user.complaint": "closed"}, {"meter.ordered": {"$danbiBefore": "-P2D"}}]"#,
    ),
    ("lately", r#""slot": "side", "priority": 1, "audience": {"meter.ordered": {"$danbiWithin": "PT30H"}}"#),
    (
        "either",
        r#""slot": "side", "priority": 2, "audience": {"$or": [{"meter.ordered": {"$danbiBefore": "-P3D"}}, {"meter.joined": {"$danbiBefore": "-PT50H"}}]}"#,
    ),
    (
        "between",
        r#""slot": "side", "priority": 3, "audience": {"meter.ordered": {"$danbiBefore": "-P1D", "$danbiAfter": "-P3D"}}"#,
    ),
    ("series", ""),
];

/// What the house allows: two of these are drawn.
const PACING: [&str; 7] = [
    r#""session": 1"#,
    r#""day": 2"#,
    r#""rolling": {"count": 3, "days": 4}"#,
    r#""gap": "PT20H""#,
    r#""ramp": {"for": "P6D", "per": "PT50H"}"#,
    r#""quiet": {"from": "21:00", "to": "08:00"}"#,
    r#""states": [{"when": {"user.complaint": "open"}}]"#,
];

fn bundle(pacing: &BTreeSet<usize>, share: f64) -> Value {
    let campaign = |(id, rules): &(&str, &str)| {
        let message = r#""message": {"blocks": [{"title": "x"}]}"#;
        let steps = format!(
            r#""slot": "home", "priority": 4, "trigger": {{"since": {{"fact": "meter.joined"}}}}, "gap": {{"after": "PT48H"}},
            "steps": [{{"id": "1", "slot": "interruptive", {message}}}, {{"id": "2", "trigger": {{"since": {{"fact": "meter.joined", "after": "P2D"}}}}, {message}}},
                {{"id": "3", "trigger": {{"since": {{"fact": "meter.joined", "after": "P4D"}}}}, "audience": {{"user.answers.ask": "yes"}}, "skip": true, {message}}},
                {{"id": "4", "trigger": {{"since": {{"fact": "meter.joined", "after": "P5D"}}}}, {message}}}]"#
        );
        let rules = if *id == "series" { steps } else { format!("{rules}, {message}") };
        read(&format!(r#"{{"id": "{id}", "label": {{"ko": "{id} 소식", "en": "{id}"}}, {rules}}}"#))
    };
    let pacing: Vec<&str> = pacing.iter().filter_map(|place| PACING.get(*place)).copied().collect();
    let Value::Map(rest) = read(&format!(
        r#"{{"bundle": "crowd", "version": 1,
            "house": {{"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko", "en"], "members": {{}},
                "pages": {{"payment": {{"allow": "none"}}, "order_complete": {{"allow": "inline"}}}},
                "holdout": {{"share": {share}, "seed": "h"}}, "pacing": {{{}}}}},
            "places": {{"seongsu": {{"lat": 37.5, "lng": 127.0, "radius": 300}}}},
            "meters": {{"orders": {{"count": "purchase"}}, "joined": {{"since": "sign_up"}}, "ordered": {{"last": "purchase"}}}}}}"#,
        pacing.join(", ")
    )) else {
        panic!("an object was written")
    };
    let bundle: Value = rest.with("campaigns", CAMPAIGNS.iter().map(campaign).collect::<Vec<_>>()).into();
    assert!(Bundle::read(&bundle).is_ok(), "{:?}", Bundle::read(&bundle).err());
    bundle
}

fn house() -> impl Strategy<Value = (BTreeSet<usize>, f64)> {
    (proptest::collection::btree_set(0..PACING.len(), 0..5), proptest::sample::select(&[0.0, 0.0, 0.4][..]))
}

fn is_service(bundle: &Value, id: &str) -> bool {
    let campaigns = bundle.at("campaigns").list();
    campaigns.iter().any(|one| one.at("id").text() == Some(id) && one.at("class").text() == Some("service"))
}

// ---- what happens ----

/// One thing that happens, before it is written down.
#[derive(Clone, Debug)]
struct Act {
    minute: i64,
    kind: u8,
    what: usize,
}

const START: &str = "2026-03-25T22:30:00Z";
/// Days over which it happens: the night of 29 March among them.
const DAYS: i64 = 9;

fn at(minute: i64) -> Time {
    Time(time(START).0 + minute * MINUTE)
}

/// Visits of some minutes, at any hour.
fn acts(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Act>> {
    let visit = (0..DAYS * 24 * 2, proptest::collection::vec((0_i64..28, 0_u8..22, 0_usize..64), 1..5));
    proptest::collection::vec(visit, count).prop_map(|visits| {
        let mut acts: Vec<Act> = visits
            .into_iter()
            .flat_map(|(half, acts)| {
                acts.into_iter().map(move |(minute, kind, what)| Act { minute: half * 30 + minute, kind, what })
            })
            .collect();
        acts.sort_by_key(|act| act.minute);
        acts
    })
}

fn track(event: &str, properties: Map) -> Map {
    Map::new().with("type", "track").with("event", event).with("properties", properties)
}

fn stamped(line: Map, id: &str, at: Time) -> Value {
    line.with("messageId", id).with("timestamp", at.text()).with("userId", "u").into()
}

/// A message was shown, or answered where there is an `action`.
fn contact(decision: &str, campaign: &str, step: Option<&str>, slot: &str, action: Option<&str>) -> Map {
    let properties =
        Map::new().with("decision", decision).with("campaign", campaign).with("step", step).with("slot", slot);
    match action {
        None => track("danbi_exposure", properties),
        Some(action) => track("danbi_answer", properties.with("action", action).with("value", "yes")),
    }
}

const ACTIONS: [&str; 5] = ["dismiss", "click", "hide_today", "hide_7d", "choice"];

impl Act {
    fn line(&self, id: usize) -> Value {
        let pick = |words: &[&str]| words.get(self.what % words.len()).map(ToString::to_string).unwrap_or_default();
        let item = Map::new().with("item_id", "i").with("item_name", "토너").with("price", 22_000_i64);
        let items = Map::new().with("items", vec![Value::from(item)]);
        let page = |kind: &str| {
            Map::new().with("type", "page").with("properties", Map::new().with("kind", kind).with("path", "/a"))
        };
        let (campaign, rules) = CAMPAIGNS.get(self.what % (CAMPAIGNS.len() - 1)).copied().unwrap_or_default();
        let slot = rules.strip_prefix(r#""slot": ""#).and_then(|rest| rest.split('"').next()).unwrap_or("interruptive");
        let decision = format!("r.{id}");
        let line = match self.kind {
            0..=4 => page(&pick(&["home", "my_page", "list", "product", "payment", "order_complete"])),
            5 => track("sign_up", Map::new()),
            6 | 7 => track("view_item", items),
            8 => track("add_to_cart", items),
            9 => track("purchase", items.with("transaction_id", decision).with("value", 22_000_i64)),
            10 => track("danbi_declare", Map::new().with("birthday", pick(&["03-28", "03-30", "04-07", "12-30"]))),
            11 => track("danbi_declare", Map::new().with("birthday", Value::Null)),
            12 => Map::new()
                .with("type", "identify")
                .with("traits", Map::new().with("complaint", pick(&["open", "closed"]))),
            13 => track("place_entered", Map::new().with("place", pick(&["seongsu", "hongdae"]))),
            14 => track("dwell", items.with("seconds", 30_i64)),
            15 => track("scroll", Map::new().with("percent_scrolled", 90_i64)),
            16 => Map::new()
                .with("type", "consent")
                .with("properties", Map::new().with("advertising", pick(&["granted", "granted", "denied"]))),
            17 | 18 => contact(&decision, campaign, None, slot, None),
            _ => contact(&decision, campaign, None, slot, Some(&pick(&ACTIONS))),
        };
        stamped(line, &format!("m{id:03}"), self.at())
    }

    fn at(&self) -> Time {
        at(self.minute)
    }
}

fn written(acts: &[Act]) -> Vec<Value> {
    acts.iter().enumerate().map(|(id, act)| act.line(id)).collect()
}

// ---- what comes of it ----

fn replay(bundle: &Value, events: &[Value], at: Time) -> Value {
    let mut replay = Replay::new(bundle.clone()).expect("a good bundle");
    for event in events {
        replay.add(event).expect("a good line");
    }
    let options = Options { at: Some(at), explain: true, lang: String::from("ko"), assumed: Grant::Granted };
    replay.finish(&zones(), &Native, &options, &mut |_, _| ()).into_iter().next().expect("a shopper")
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.at(key).text().unwrap_or_default()
}

fn verdict<'a>(line: &'a Value, campaign: &str) -> &'a Value {
    line.at("verdicts").list().iter().find(|verdict| word(verdict, "campaign") == campaign).expect("a verdict for each")
}

fn decision<'a>(line: &'a Value, slot: &str) -> Option<&'a Value> {
    line.at("decisions").list().iter().find(|decision| word(decision, "slot") == slot)
}

fn instant(value: &Value) -> Option<Time> {
    value.text().and_then(Time::parse).map(|(at, _)| at)
}

/// Whether a campaign is due: it shows, or another goes first.
fn is_due(verdict: &Value) -> bool {
    ["shown", "lost"].contains(&word(verdict, "stage"))
}

const STAGES: [&str; 11] = [
    "house",
    "consent",
    "schedule",
    "trigger",
    "targeting",
    "prerequisite",
    "holdout",
    "frequency",
    "experiment",
    "shown",
    "lost",
];

/// Which of what is shown counts: when, for interruptive marketing.
fn interruptions(bundle: &Value, events: &[Value]) -> Vec<Time> {
    let mut seen = BTreeSet::new();
    let mut times = Vec::new();
    for event in events {
        let of = event.at("properties");
        let contact = ["danbi_exposure", "danbi_answer"].contains(&word(event, "event"));
        if contact
            && word(of, "slot") == "interruptive"
            && !is_service(bundle, word(of, "campaign"))
            && seen.insert((word(of, "campaign").to_string(), word(of, "decision").to_string()))
        {
            times.extend(instant(event.at("timestamp")));
        }
    }
    times
}

/// Goes shopping as the acts say, without messages of their own; whatever wins is shown, and answered as the acts say.
fn shop(bundle: &Value, acts: &[Act]) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    let mut clock = Time(0);
    for (id, act) in acts.iter().enumerate() {
        let at = act.at().max(clock.plus(SECOND));
        clock = at;
        // What was shown and answered comes of the decisions alone.
        let act = Act { kind: if act.kind >= 17 { 0 } else { act.kind }, ..act.clone() };
        let Value::Map(line) = act.line(id) else { continue };
        events.push(line.with("timestamp", at.text()).into());
        for round in 0..2 {
            let line = replay(bundle, &events, clock);
            let Some(winner) = decision(&line, "interruptive") else { break };
            let (campaign, step) = (word(winner, "campaign").to_string(), winner.at("step").text());
            let name = format!("d{id}.{round}");
            clock = clock.plus(SECOND);
            events.push(stamped(contact(&name, &campaign, step, "interruptive", None), &format!("x{name}"), clock));
            if act.what.is_multiple_of(3) {
                clock = clock.plus(SECOND);
                let action = ACTIONS.get(act.what % ACTIONS.len()).copied();
                events.push(stamped(
                    contact(&name, &campaign, step, "interruptive", action),
                    &format!("y{name}"),
                    clock,
                ));
            }
        }
    }
    events
}

proptest! {
    #![proptest_config(cases(40))]

    /// One verdict a campaign in a known stage, one winner a slot, and both speak of the same.
    #[test]
    fn each_campaign_has_one_verdict_and_each_slot_one_winner((pacing, share) in house(), acts in acts(1..12), later in 0_i64..3000) {
        let bundle = bundle(&pacing, share);
        let events = written(&acts);
        let now = acts.last().expect("an act").at().plus(later * MINUTE);
        let line = replay(&bundle, &events, now);
        let ids: Vec<&str> = line.at("verdicts").list().iter().map(|verdict| word(verdict, "campaign")).collect();
        prop_assert_eq!(ids, CAMPAIGNS.map(|(id, _)| id).to_vec());
        let mut slots = BTreeSet::new();
        for decision in line.at("decisions").list() {
            prop_assert!(slots.insert(word(decision, "slot")), "two in {}", word(decision, "slot"));
            let verdict = verdict(&line, word(decision, "campaign"));
            prop_assert_eq!((word(verdict, "stage"), word(verdict, "slot")), ("shown", word(decision, "slot")));
            prop_assert_eq!(verdict.at("step"), decision.at("step"));
        }
        for verdict in line.at("verdicts").list() {
            let stage = word(verdict, "stage");
            prop_assert!(STAGES.contains(&stage), "{}", stage);
            prop_assert!(!word(verdict, "text").is_empty() && !word(verdict, "text").contains("{{"), "{}", json::write(verdict));
            prop_assert!(instant(verdict.at("next")).is_none_or(|next| next > now), "{}", json::write(verdict));
            prop_assert_eq!(stage == "lost", !verdict.at("to").is_null());
            if stage == "lost" {
                let first = decision(&line, word(verdict, "slot")).expect("a winner");
                prop_assert_eq!(word(first, "campaign"), word(verdict, "to"));
            }
            if stage == "shown" {
                prop_assert!(slots.contains(word(verdict, "slot")), "{}", json::write(verdict));
            }
        }
    }

    /// Nothing comes by time alone before its `next`; at it, it is due.
    #[test]
    fn next_does_not_lie((pacing, share) in house(), acts in acts(1..10), after in 0_i64..600, waits in proptest::collection::vec(0_i64..(20 * 24 * 60), 6)) {
        let bundle = bundle(&pacing, share);
        let events = written(&acts);
        let now = acts.last().expect("an act").at().plus(after * MINUTE);
        let line = replay(&bundle, &events, now);
        let nexts: BTreeSet<Time> = line.at("verdicts").list().iter().filter_map(|verdict| instant(verdict.at("next"))).collect();
        let mut moments: Vec<Time> = waits.iter().map(|wait| now.plus(wait * MINUTE)).collect();
        moments.extend(nexts.iter().flat_map(|next| [next.plus(-1), *next]));
        for moment in moments.into_iter().filter(|moment| *moment >= now) {
            let then = replay(&bundle, &events, moment);
            for (id, _) in CAMPAIGNS {
                let (before, after) = (verdict(&line, id), verdict(&then, id));
                let next = instant(before.at("next"));
                if is_due(before) {
                    continue;
                }
                prop_assert!(!is_due(after) || next.is_some_and(|next| next <= moment), "due at {} against {}", moment.text(), json::write(before));
                prop_assert!(next != Some(moment) || is_due(after), "not due at {}: {}, after {}", moment.text(), json::write(after), json::write(before));
            }
        }
    }

    /// A shopper who is shown whatever wins is never shown more than the house and the campaigns allow.
    #[test]
    fn nobody_is_above_the_caps(pacing in proptest::collection::btree_set(0..PACING.len(), 0..6), acts in acts(2..10)) {
        let bundle = bundle(&pacing, 0.0);
        let events = shop(&bundle, &acts);
        let zones = zones();
        let day = |at: &Time| zones.day("Asia/Seoul", *at).0;
        let shown = interruptions(&bundle, &events);
        let times: Vec<Time> = events.iter().filter_map(|event| instant(event.at("timestamp"))).collect();
        // The visit of each moment, by 30 minutes of silence.
        let visit = |at: &Time| times.windows(2).filter(|pair| pair[1] <= *at && pair[1].0 - pair[0].0 >= 30 * MINUTE).count();
        for (place, at) in shown.iter().enumerate() {
            let before = || shown.iter().take(place + 1);
            prop_assert!(!pacing.contains(&0) || before().filter(|other| visit(other) == visit(at)).count() <= 1);
            prop_assert!(!pacing.contains(&1) || before().filter(|other| day(other) == day(at)).count() <= 2);
            prop_assert!(!pacing.contains(&2) || before().filter(|other| day(at) - day(other) < 4).count() <= 3);
            let last = shown.get(place.wrapping_sub(1));
            prop_assert!(!pacing.contains(&3) || last.is_none_or(|last| at.0 - last.0 >= 20 * HOUR));
            let ramps = |at: &Time| day(at) - day(&times[0]) <= 6;
            prop_assert!(!pacing.contains(&4) || !ramps(at) || last.is_none_or(|last| at.0 - last.0 >= 50 * HOUR));
            let hour = zones.local("Asia/Seoul", *at).clock / HOUR;
            // What won a second before nine was still shown.
            prop_assert!(!pacing.contains(&5) || (8..21).contains(&hour) || zones.local("Asia/Seoul", at.plus(-2 * SECOND)).clock / HOUR == 20);
        }
        let of = |campaign: &str, event: &str, action: Option<&str>| -> Vec<Time> {
            let is = |line: &&Value| word(line, "event") == event && word(line.at("properties"), "campaign") == campaign && action.is_none_or(|action| word(line.at("properties"), "action") == action);
            events.iter().filter(is).filter_map(|line| instant(line.at("timestamp"))).collect()
        };
        let most = |times: &[Time], within: &dyn Fn(&Time, &Time) -> bool| times.iter().map(|at| times.iter().filter(|other| *other <= at && within(other, at)).count()).max().unwrap_or(0);
        prop_assert!(most(&of("often", "danbi_exposure", None), &|one, other| day(other) - day(one) < 2) <= 3);
        prop_assert!(most(&of("delayed", "danbi_exposure", None), &|one, other| other.0 - one.0 < 30 * HOUR) <= 2);
        prop_assert!(of("birthday", "danbi_exposure", None).len() <= 1);
        prop_assert!(most(&of("open", "danbi_exposure", None), &|one, other| other.0 - one.0 < 40 * HOUR) <= 1);
        prop_assert!(most(&of("later", "danbi_exposure", None), &|one, other| day(other) - day(one) < 4) <= 1);
        prop_assert!(most(&of("told", "danbi_exposure", None), &|one, other| day(other) - day(one) < 1) <= 1);
        if let [_, second, ..] = of("twice", "danbi_answer", Some("dismiss"))[..] {
            prop_assert!(of("twice", "danbi_exposure", None).iter().all(|at| *at < second));
        }
        for (id, _) in CAMPAIGNS {
            for hidden in of(id, "danbi_answer", Some("hide_7d")) {
                prop_assert!(of(id, "danbi_exposure", None).iter().all(|at| *at <= hidden || day(at) - day(&hidden) >= 7), "{} after a hide", id);
            }
            for hidden in of(id, "danbi_answer", Some("hide_today")) {
                prop_assert!(of(id, "danbi_exposure", None).iter().all(|at| *at <= hidden || day(at) > day(&hidden)), "{} after a hide", id);
            }
        }
    }

    /// Service does not know of marketing: neither what of it was shown, nor that there is any, nor who is held out, moves it.
    #[test]
    fn service_is_never_eaten(pacing in proptest::collection::btree_set(0..PACING.len(), 0..7), acts in acts(1..12)) {
        let events = written(&acts);
        let now = acts.last().expect("an act").at();
        let strict = bundle(&pacing, 1.0);
        // Something else happened in place of what was shown of marketing: visits are as they were.
        let quiet: Vec<Value> = events.iter().cloned().map(|event| {
            let campaign = word(event.at("properties"), "campaign").to_string();
            match event {
                Value::Map(line) if !campaign.is_empty() && !is_service(&strict, &campaign) => line.with("event", "other").into(),
                event => event,
            }
        }).collect();
        let free = bundle(&BTreeSet::new(), 0.0);
        let (one, other) = (replay(&strict, &events, now), replay(&free, &quiet, now));
        for (id, _) in CAMPAIGNS.iter().filter(|(id, _)| is_service(&strict, id)) {
            let (one, other) = (verdict(&one, id), verdict(&other, id));
            prop_assert_eq!(is_due(one), is_due(other), "{} against {}", json::write(one), json::write(other));
        }
        // Everybody is held out: nothing promotional is due, whatever happened.
        for line in one.at("verdicts").list().iter().filter(|line| is_due(line)) {
            prop_assert!(is_service(&strict, word(line, "campaign")), "{}", json::write(line));
        }
    }

    /// With an open complaint nothing promotional shows, not even a card.
    #[test]
    fn a_quiet_state_is_quiet(pacing in proptest::collection::btree_set(0..PACING.len(), 0..4), acts in acts(1..12)) {
        let bundle = bundle(&pacing.into_iter().chain([6]).collect(), 0.0);
        let events = written(&acts);
        let now = acts.last().expect("an act").at();
        let line = replay(&bundle, &events, now);
        let open = line.at("profile").at("traits").at("complaint").text() == Some("open");
        let due = line.at("verdicts").list().iter().filter(|line| is_due(line));
        for due in due.filter(|_| open) {
            prop_assert!(is_service(&bundle, word(due, "campaign")), "{}", json::write(due));
        }
    }

    /// The order of arrival and repetition change no decision.
    #[test]
    fn order_of_arrival_does_not_matter((pacing, share) in house(), (events, shuffled, now) in acts(1..10).prop_flat_map(|acts| {
        let events = written(&acts);
        let now = acts.last().expect("an act").at();
        (Just(events.clone()), Just([events.clone(), events].concat()).prop_shuffle(), Just(now))
    })) {
        let bundle = bundle(&pacing, share);
        prop_assert_eq!(json::write(&replay(&bundle, &events, now)), json::write(&replay(&bundle, &shuffled, now)));
    }

    /// A page that hears its rows one by one, keeps what holds of its verdicts, goes, and goes on from its snapshot, decides at
    /// every moment as the command line does that reads all lines anew.
    #[test]
    fn a_page_decides_as_the_command_line_does((pacing, share) in house(), acts in acts(1..8), keep in 0_usize..4, waits in proptest::collection::vec(0_i64..(3 * 24 * 60), 8)) {
        let bundle = bundle(&pacing, share);
        let events = written(&acts);
        let rows: Vec<(Time, Row)> = acts.iter().zip(&events).enumerate().map(|(place, (act, line))| {
            (act.at(), Row { position: place as i64 + 1, line: line.clone(), fold: true, ..Row::default() })
        }).collect();
        let slots = ["interruptive", "mypage", "home", "list", "side"];
        let mut engine = engine(&bundle, zones());
        let mut page = Page::new(&rows, keep);
        for (place, (at, _)) in rows.iter().enumerate() {
            page.feed(&mut engine, &rows[place..=place], 1);
            let until = rows.get(place + 1).map_or(at.plus(2 * DAY), |(next, _)| *next);
            let moments = [*at].into_iter().chain(waits.get(place % waits.len()).map(|wait| at.plus(wait * MINUTE))).filter(|moment| *moment < until || moment == at);
            for now in moments.collect::<BTreeSet<_>>() {
                engine.update(Input::Tick, now);
                // Of lines of the same minute those that were not heard yet are not asked for.
                let line = replay(&bundle, &events[..=place], now);
                for slot in slots {
                    let decided = engine.decide(slot, now).map(|decision| (decision.campaign.unwrap_or_default(), decision.step));
                    let wanted = decision(&line, slot).map(|decision| (word(decision, "campaign").to_string(), decision.at("step").text().map(str::to_string)));
                    // What a page has begun to show stays for as long as it is due.
                    let stays = |(campaign, _): &(String, Option<String>)| slot == "interruptive" && is_due(verdict(&line, campaign));
                    prop_assert!(decided == wanted || decided.as_ref().is_some_and(stays), "{} at {}: {:?}, not {:?}", slot, now.text(), decided, wanted);
                }
                let explained = engine.explain(now);
                for (one, other) in explained.list().iter().zip(line.at("verdicts").list()) {
                    let both = is_due(one) && is_due(other) && word(one, "slot") == "interruptive";
                    for key in ["campaign", "step", "slot", "next", "stage", "code", "to"].into_iter().take(if both { 4 } else { 7 }) {
                        prop_assert_eq!(one.at(key), other.at(key), "{} of {} at {}", key, json::write(other), now.text());
                    }
                }
            }
            // The page goes; another one takes its snapshot and what came since.
            if let Some(saved) = page.saved.take().filter(|_| place % 3 == 1) {
                let mut other = common::engine(&bundle, zones());
                other.restore(&saved).expect("our own snapshot");
                let seen = saved.at("seen").integer().unwrap_or(0);
                let tail: Vec<(Time, Row)> = rows[..=place].iter().filter(|(_, row)| row.position > seen).cloned().collect();
                Page::new(&rows, 0).feed(&mut other, &tail, 4);
                engine = other;
            }
        }
    }
}
