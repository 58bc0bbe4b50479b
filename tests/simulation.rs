//! Synthetic shoppers: what campaigns.md section 12 promises, that the witness would notice a broken promise, and that rates are found
//! again in the events they made.
#![cfg(feature = "cli")]

use danbi::cli::{json, native, simulate};
use danbi::engine::base::document::Part;
use danbi::engine::base::time::Zones;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::message::survey::Survey;
use danbi::engine::replay::Replay;
use danbi::engine::simulate::chance::Chance;
use danbi::engine::simulate::fit::{Lived, Rhythm, fit, rhythm};
use danbi::engine::simulate::tally::Tally;
use danbi::engine::simulate::{Simulation, rates::Rates};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn onsae() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/bundles/onsae.json");
    std::fs::read_to_string(path).expect("the shop's bundle")
}

/// The text with a part replaced, which must be there.
fn with(text: &str, part: &str, by: &str) -> String {
    assert!(text.contains(part), "{part} is not in the bundle");
    text.replace(part, by)
}

fn simulation(bundle: &str, shoppers: i64, days: i64, rates: &str) -> Simulation {
    let request = Map::new().with("shoppers", shoppers).with("days", days).with("seed", 20_260_512);
    Simulation::new(read(bundle), request.with("rates", read(rates)).into())
        .unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn lived(simulation: &Simulation) -> Value {
    simulate::run(simulation, &zones(simulation), &|_| (), None).expect("it runs")
}

fn run(bundle: &str, shoppers: i64, days: i64, rates: &str) -> Value {
    lived(&simulation(bundle, shoppers, days, rates))
}

fn zones(simulation: &Simulation) -> Zones {
    let (names, from, to) = simulation.needs();
    native::zones(&names, from, to).expect("zones that there are")
}

fn fitted(replay: &Replay) -> Value {
    let (names, from, to) = replay.needs(None);
    fit(replay, &native::zones(&names, from, to).expect("zones that there are"), &native::Native)
}

fn number(line: &Value, path: &str) -> i64 {
    line.at(path).integer().unwrap_or_else(|| panic!("{path} is no whole number in {}", json::write(line)))
}

fn sum(value: &Value) -> i64 {
    value.members().map(|(_, number)| number.integer().expect("a whole number")).sum()
}

/// Shoppers who come, order and answer so often that little is left untried.
const EAGER: &str = r#"{
    "visits": { "perWeek": 5 }, "order": 0.25, "leave": { "a": 0.5, "b": 60 }, "history": 60, "refund": 0.2, "redeem": 0.6,
    "review": 0.5, "consent": { "functional": 1, "analytics": 1, "personalization": 1, "advertising": 1, "other": 1 },
    "answers": { "interruptive": { "act": 0.7, "dismiss": 0.2, "hide": 0.05 }, "inline": { "act": 0.6 } },
    "scores": { "high": 0.2, "low": 0.7 } }"#;

/// Rates, shoppers and days of a few quick runs; where a long one is asked for (`DANBI_LONG`), what campaigns.md says besides.
fn runs<'a>(quick: &[(&'a str, i64, i64)]) -> Vec<(&'a str, i64, i64)> {
    let full = std::env::var_os("DANBI_LONG").map(|_| ("null", 2000, 60));
    quick.iter().copied().chain(full).collect()
}

/// All that must hold of an answer, whatever the numbers.
fn holds(line: &Value, shoppers: i64, days: usize) {
    for (name, broken) in line.at("checks").members() {
        assert_eq!(broken.integer(), Some(0), "{name}");
    }
    assert_eq!(number(line, "shoppers"), shoppers);
    let frequency = line.at("frequency").list();
    assert_eq!(frequency.iter().filter_map(Value::integer).sum::<i64>(), shoppers);
    let (tiers, points) = (line.at("tiers").list(), line.at("points").list());
    assert_eq!((tiers.len(), points.len()), (days, days));
    assert!(tiers.iter().all(|day| sum(day) == shoppers), "everybody is on one level on every day");
    for day in points {
        let outstanding =
            number(day, "earned") - number(day, "spent") - number(day, "expired") - number(day, "reversed");
        assert_eq!(number(day, "outstanding"), outstanding);
    }
    assert!(points.windows(2).all(|days| number(&days[0], "earned") <= number(&days[1], "earned")));
    for (id, counts) in line.at("campaigns").members() {
        let [eligible, reached, shown, answered] =
            ["eligible", "reached", "shown", "answered"].map(|key| number(counts, key));
        assert!(reached <= eligible && eligible <= shoppers, "{id}");
        assert!(reached <= shown && answered <= shown, "{id}");
    }
}

#[test]
fn what_must_hold_holds_for_the_ten_campaigns() {
    for (rates, shoppers, days) in runs(&[("null", 30, 60)]) {
        holds(&run(&onsae(), shoppers, days, rates), shoppers, days as usize);
    }
    let line = run(&onsae(), 24, 50, EAGER);
    holds(&line, 24, 50);
    let reached = line.at("campaigns").members().filter(|(_, counts)| number(counts, "reached") > 0).count();
    assert!(reached >= 10, "{reached} campaigns reached anybody");
    let last = line.at("points").list().last().expect("a day");
    for key in ["earned", "spent", "reversed", "outstanding"] {
        assert!(number(last, key) > 0, "{key}");
    }
    assert!(number(&line, "campaigns.support.reached") > 0, "somebody was unhappy");
}

/// One broken rule at a time: the engine runs a bundle without it, the witness knows the one with it.
#[test]
fn the_witness_notices_what_the_engine_does_wrong() {
    // A house of few messages, so that each rule is met within days.
    let told = with(&onsae(), "{ \"count\": 6, \"days\": 7 }", "{ \"count\": 2, \"days\": 7 }");
    let told = with(&told, "\"day\": 2,", "\"day\": 1,");
    let daily = with(&told, "\"day\": 1,", "\"day\": 3,");
    let broken = [
        ("session", with(&daily, "\"session\": 1,", "\"session\": 3,")),
        ("day", with(&daily, "\"session\": 1,", "\"session\": 3,")),
        ("rolling", with(&told, "{ \"count\": 2, \"days\": 7 }", "{ \"count\": 60, \"days\": 7 }")),
        ("holdout", with(&told, "\"share\": 0.05", "\"share\": 0")),
        ("paused", with(&told, "{ \"when\": \"unhappy\",", "{ \"when\": { \"user.id\": \"nobody\" },")),
        ("reach", with(&told, "\"context.visits\": { \"$gte\": 2 }", "\"context.visits\": { \"$gte\": 0 }")),
    ];
    let strict = simulation(&told, 30, 20, EAGER);
    let zones = zones(&strict);
    let shop = strict.shop(&zones);
    for (check, bundle) in broken {
        let loose = simulation(&bundle, 30, 20, EAGER);
        let (mut runner, mut tally) = (loose.runner(zones.clone(), Box::new(native::Native)), Tally::new(&shop));
        (0..30).for_each(|place| runner.run(&shop, place, &mut tally, &mut |_| ()));
        let line = tally.line(&shop);
        assert!(
            number(&line, &format!("checks.{check}")) > 0,
            "{check} is not noticed: {}",
            json::write(line.at("checks"))
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_any_order() {
    let simulation = simulation(&onsae(), 16, 10, "null");
    let line = || json::write(&lived(&simulation));
    let first = line();
    assert_eq!(first, line());
    let zones = zones(&simulation);
    let shop = simulation.shop(&zones);
    let mut all = Tally::new(&shop);
    for half in [0, 1] {
        let (mut runner, mut tally) = (simulation.runner(zones.clone(), Box::new(native::Native)), Tally::new(&shop));
        (0..simulation.shoppers())
            .rev()
            .filter(|place| place % 2 == half)
            .for_each(|place| runner.run(&shop, place, &mut tally, &mut |_| ()));
        all.add(&tally);
    }
    assert_eq!(first, json::write(&all.line(&shop)));
    let request = Map::new().with("shoppers", 16).with("days", 10).with("seed", 7);
    let other = Simulation::new(read(&onsae()), request.into()).expect("it can be run");
    assert_ne!(first, json::write(&lived(&other)));
}

/// What is said changes nothing: only what is asked, offered and when.
#[test]
fn another_copy_changes_no_number() {
    let copy = with(&onsae(), "그대로 두었어요.", "가 기다리고 있어요, 오늘까지만!");
    let copy = with(&with(&copy, "View bag", "Take me to my bag"), "When's your birthday?", "And your birthday?");
    for (rates, shoppers, days) in runs(&[(EAGER, 12, 20)]) {
        let [one, other] = [&onsae(), &copy].map(|bundle| json::write(&run(bundle, shoppers, days, rates)));
        assert_eq!(one, other);
    }
}

/// Campaign 7: a higher bonus, ×1.3 for ×1.2, makes each who saves hold more points, and changes nothing else.
#[test]
fn a_higher_bonus_raises_the_points_of_each_who_saves() {
    let higher = with(&onsae(), "\"save\": { \"times\": [6, 5]", "\"save\": { \"times\": [13, 10]");
    let saving = r#"{ "members": 1, "history": 5, "visits": { "perWeek": 5 }, "order": 0.6, "pages": 1, "redeem": 0, "save": 1,
        "seen": 1, "consent": { "functional": 1, "personalization": 1, "advertising": 1 }, "answers": { "inline": { "act": 1, "dismiss": 0 } } }"#;
    for (rates, shoppers, days) in runs(&[(saving, 40, 14)]) {
        let [one, other] = [&onsae(), &higher].map(|bundle| run(bundle, shoppers, days, rates));
        holds(&other, shoppers, days as usize);
        let answered = number(&one, "campaigns.instant_or_save.answered");
        assert!(answered > 10 && one.at("campaigns") == other.at("campaigns"), "{answered} answered, the same ones");
        let [one, other] =
            [one, other].map(|line| number(line.at("points").list().last().expect("a day"), "outstanding"));
        assert!(other > one, "{other} and {one}");
    }
}

/// A survey is answered question by question: all answers but the last are partial, and each has its question.
#[test]
fn a_survey_is_answered_along_its_way() {
    let mut answers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut keep = |line: &str| {
        let line = read(line);
        let properties = line.at("properties");
        if line.at("event").text() == Some("danbi_answer") && properties.at("question").text().is_some() {
            let decision = properties.at("decision").text().expect("its decision");
            answers.entry(decision.to_string()).or_default().push(properties.clone());
        }
        Ok(())
    };
    let simulation = simulation(&onsae(), 24, 50, EAGER);
    simulate::run(&simulation, &zones(&simulation), &|_| (), Some(&mut keep)).expect("it runs");
    assert!(answers.values().any(|told| told.len() > 1), "nobody answered more than one question");
    for told in answers.values() {
        let (last, before) = told.split_last().expect("an answer");
        assert!(last.at("partial").is_null() && before.iter().all(|one| one.at("partial").bool() == Some(true)));
        let questions: BTreeSet<_> = told.iter().map(|one| one.at("question").text()).collect();
        assert_eq!(questions.len(), told.len(), "no question twice: no way through these surveys goes round");
    }
}

#[test]
fn an_answer_leads_where_the_first_branch_that_fits_says() {
    let survey = read(
        r#"{ "questions": [
            { "id": "a", "kind": "nps", "title": "A", "next": [{ "max": 6, "to": "c" }, { "min": 9, "to": "end" }] },
            { "id": "b", "kind": "choice", "title": "B", "next": [{ "value": "x", "to": "a" }, { "to": "gone" }] },
            { "id": "c", "kind": "text", "title": "C" }] }"#,
    );
    let after = |place: usize, answer: Value| Survey::of(&survey).after(place, &answer);
    assert_eq!([6, 7, 9].map(|score: i64| after(0, score.into())), [Some(2), Some(1), None]);
    assert_eq!(["x", "y"].map(|chosen| after(1, chosen.into())), [Some(0), None]);
    assert_eq!(after(0, "6".into()), Some(1), "a text is no number");
    assert_eq!(after(2, "words".into()), None);
}

/// Without campaigns: only what shoppers do.
const BARE: &str = r#"{ "bundle": "bare", "version": 1, "house": { "zone": "Asia/Seoul", "currency": "USD" }, "purposes": ["night"] }"#;

#[test]
fn rates_are_found_again_in_the_events_they_made() {
    let lived = r#"{ "members": 0, "signUp": 0.4, "visits": { "perWeek": 2.5, "shape": 1.4 }, "order": 0.15,
        "leave": { "a": 1.2, "b": 5 }, "pages": 3, "addToCart": 0.2, "basket": { "lines": 2, "quantity": 1.5 }, "delivery": 3,
        "refund": 0.12, "review": 0.25, "consent": { "personalization": 0.6, "other": 0.2 },
        "products": [{ "item_id": "a", "price": 1290, "weight": 3 }, { "item_id": "b", "item_name": "B", "price": 2500 },
            { "item_id": "c", "price": 400 }, { "item_id": "d", "price": 990 }, { "item_id": "e", "price": 77 }] }"#;
    let simulation = simulation(BARE, 300, 200, lived);
    let mut replay = Replay::new(read(BARE)).expect("a bundle");
    let mut write = |line: &str| replay.add(&read(line)).map_err(|error| error.to_string());
    simulate::run(&simulation, &zones(&simulation), &|_| (), Some(&mut write)).expect("it runs");
    let found = fitted(&replay);
    let close = |path: &str, expected: f64, tolerance: f64| {
        let found = found.at(path).number().unwrap_or_else(|| panic!("no {path} in {}", json::write(&found)));
        assert!((found - expected).abs() <= tolerance * expected, "{path}: {found}, not {expected}");
    };
    // Within a tenth where every visit counts, within a fifth where orders do.
    for (path, expected) in
        [("visits.perWeek", 2.5), ("order", 0.15), ("signUp", 0.4), ("pages", 3.0), ("addToCart", 0.2)]
    {
        close(path, expected, 0.1);
    }
    for (path, expected) in [
        ("visits.shape", 1.4),
        ("basket.lines", 2.0),
        ("basket.quantity", 1.5),
        ("delivery", 3.0),
        ("refund", 0.12),
        ("review", 0.25),
        ("consent.personalization", 0.6),
        ("consent.other", 0.2),
    ] {
        close(path, expected, 0.2);
    }
    let (a, b) = (found.at("leave.a").number().expect("a"), found.at("leave.b").number().expect("b"));
    assert!((a / (a + b) - 1.2 / 6.2).abs() < 0.2 * 1.2 / 6.2, "{a} and {b}: who leaves after an order");
    assert_eq!(found.at("products.0.item_id").text(), Some("a"));
    assert_eq!(found.at("products.0.price").integer(), Some(1290));
    // They are rates: a simulation takes them.
    let request = Map::new().with("shoppers", 3).with("days", 3).with("rates", found.clone());
    assert!(Simulation::new(read(BARE), request.into()).is_ok(), "{}", json::write(&found));
}

/// A score is high or low on its own scale, which the bundle knows: 5 of 1 to 5 is high, and so is 9 of 0 to 10.
#[test]
fn scores_are_found_again_on_whatever_scale_they_were_given() {
    let asking = r#"{ "bundle": "asking", "version": 1, "house": { "zone": "Asia/Seoul", "currency": "KRW" },
        "surveys": { "how": { "questions": [{ "id": "stars", "kind": "rating", "title": "Stars?" },
            { "id": "steps", "kind": "rating", "max": 7, "title": "Steps?" }, { "id": "nps", "kind": "nps", "title": "To a friend?" }] } },
        "campaigns": [
            { "id": "ask", "label": "Ask", "class": "service", "slot": "a", "message": { "blocks": [{ "survey": "how" }] } },
            { "id": "poll", "label": "Poll", "class": "service", "slot": "b", "message": { "blocks": [{ "choice": { "question": "poll", "options": [
                { "label": "Bad", "value": 1 }, { "label": "Fair", "value": 2 }, { "label": "Good", "value": 3 }] } }] } }] }"#;
    let lived = r#"{ "answers": { "inline": { "act": 0.9, "dismiss": 0 } }, "scores": { "high": 0.3, "low": 0.5 } }"#;
    let simulation = simulation(asking, 60, 20, lived);
    let mut lines: Vec<Value> = Vec::new();
    let mut keep = |line: &str| {
        lines.push(read(line));
        Ok(())
    };
    simulate::run(&simulation, &zones(&simulation), &|_| (), Some(&mut keep)).expect("it runs");
    let found = |bundle: &str, question: &str| {
        let mut replay = Replay::new(read(bundle)).expect("a bundle");
        for line in &lines {
            if question.is_empty() || line.at("properties.question").text() == Some(question) {
                replay.add(line).expect("a good line");
            }
        }
        fitted(&replay)
    };
    for question in ["", "stars", "steps", "nps", "poll"] {
        let rates = found(asking, question);
        let share = |key: &str| rates.at("scores").at(key).number().unwrap_or_else(|| panic!("{question}: no {key}"));
        let (high, low) = (share("high"), share("low"));
        assert!((high - 0.3).abs() < 0.06 && (low - 0.5).abs() < 0.06, "{question}: {high} and {low}");
    }
    assert!(found(BARE, "").at("scores").is_null(), "no bundle, no scale");
}

/// The likelihood alone, of shoppers drawn from it.
#[test]
fn the_most_likely_rhythm_is_that_which_was_drawn() {
    let live = |shopper: usize| {
        let chance = Chance::new(3, shopper);
        let (rate, leaves) = (chance.gamma("rate", 0.8) / 0.8 * 1.5, chance.beta(["a", "b"], 0.9, 3.0));
        let mut one = Lived { whole: 20.0 + 40.0 * chance.number("whole", 0), ..Lived::default() };
        let mut at = 0.0;
        for n in 0.. {
            at += chance.wait("gap", n, 1.0 / rate);
            if at >= one.whole {
                break;
            }
            one.visits += 1.0;
            one.again = one.orders > 0.0;
            if chance.happens("order", n, 0.3) {
                (one.orders, one.last, one.again) = (one.orders + 1.0, at, false);
                if chance.happens("leaves", n, leaves) {
                    break;
                }
            }
        }
        one
    };
    let shoppers: Vec<Lived> = (0..4000).map(live).collect();
    let Some(Rhythm { shape, per_week, leave: Some((a, b)) }) = rhythm(&shoppers) else { panic!("they came") };
    for (found, expected) in [(shape, 0.8), (per_week, 1.5), (a, 0.9), (b, 3.0), (a / (a + b), 0.9 / 3.9)] {
        assert!((found - expected).abs() < 0.15 * expected, "{found}, not {expected}");
    }
    assert!(rhythm(&[Lived { whole: 3.0, ..Lived::default() }]).is_none(), "who never came again tells nothing");
}

#[test]
fn what_cannot_be_simulated_is_told_with_its_place() {
    let refused = |request: &str, code: &str, path: &str| {
        let Err(errors) = Simulation::new(read(BARE), read(request)) else { panic!("{request} is taken") };
        assert!(errors.iter().any(|error| (error.code, error.path.as_str()) == (code, path)), "{request}: {errors:?}");
    };
    refused("{}", "missing", "/shoppers");
    refused(r#"{ "shoppers": 0, "days": 1 }"#, "range", "/shoppers");
    refused(r#"{ "shoppers": 1, "days": 4000 }"#, "range", "/days");
    refused(r#"{ "shoppers": 1, "days": 1, "seed": 1.5 }"#, "type", "/seed");
    refused(r#"{ "shoppers": 1, "days": 1, "from": "today" }"#, "type", "/from");
    for (rates, code, path) in [
        (r#"{ "visit": 1 }"#, "unknown_key", "/visit"),
        (r#"{ "order": 1.5 }"#, "range", "/order"),
        (r#"{ "order": "often" }"#, "range", "/order"),
        (r#"{ "visits": { "shape": 0 } }"#, "range", "/visits/shape"),
        (r#"{ "hours": [1, 2] }"#, "range", "/hours"),
        (
            r#"{ "mix": { "home": 0, "list": 0, "product": 0, "cart": 0, "my_page": 0, "support": 0 } }"#,
            "range",
            "/mix",
        ),
        (r#"{ "answers": { "inline": { "act": 0.9, "dismiss": 0.2 } } }"#, "range", "/answers/inline"),
        (r#"{ "scores": { "high": 0.9, "low": 0.2 } }"#, "range", "/scores"),
        (r#"{ "products": [{ "price": 1 }] }"#, "missing", "/products/0/item_id"),
        (r#"{ "products": [{ "item_id": "a", "price": -1 }] }"#, "range", "/products/0/price"),
        (
            r#"{ "products": [{ "item_id": "a", "price": 1 }, { "item_id": "a", "price": 1 }] }"#,
            "duplicate",
            "/products/1/item_id",
        ),
    ] {
        let request = format!(r#"{{ "shoppers": 1, "days": 1, "rates": {rates} }}"#);
        refused(&request, code, &format!("/rates{path}"));
    }
    // By default all is well.
    assert_eq!(Rates(&Value::Null).by_hour().len(), 24);
}
