//! What the policy believes is told as it is: the terms make the sum, the shares are the draw's, and what one more answer would
//! change is what it changes.
#![cfg(feature = "cli")]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/shop.rs"]
mod shop;

use cases::cases;
use danbi::cli::{json, native::Native};
use danbi::engine::base::host::Host;
use danbi::engine::base::time::{DAY, HOUR, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::beliefs::{Asked, beliefs};
use danbi::engine::bundle::{Bundle, lint};
use danbi::engine::offer::{Catalogue, Draw, Learnt, Model, Moment, PATIENCE, Scene, Terms, logistic};
use danbi::engine::preview::preview;
use proptest::prelude::*;
use shop::{PEOPLE, lines_of, look, parse, read, time, zones_of};
use std::sync::LazyLock;

const START: &str = "2026-05-12T10:00:00+09:00";

fn map(value: &Value) -> Map {
    value.map().expect("an object").clone()
}

/// The shop's bundle with the offers that the Studio gives as an example, in a slot of their own.
static SHOP: LazyLock<Value> = LazyLock::new(|| {
    let (mut bundle, example) =
        (map(&parse(&read("www/bundles/onsae.json"))), parse(&read("www/src/studio/offers/example.json")));
    for key in ["policy", "offers"] {
        bundle.set(key, example.at(key).clone());
    }
    let mut bundle = Value::from(bundle);
    for page in example.at("pages").list() {
        let page = bundle
            .member_mut("house")
            .and_then(|house| house.member_mut("pages")?.member_mut(page.text()?)?.member_mut("slots"));
        let Some(Value::List(slots)) = page else { panic!("a page with slots") };
        slots.push(example.at("slot").clone());
    }
    let wrong: Vec<_> = lint::check(&bundle).into_iter().filter(|found| found.fatal).map(|found| found.error).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    bundle
});

static ZONES: LazyLock<Zones> = LazyLock::new(|| zones_of(&SHOP));

fn host() -> Box<dyn Host> {
    Box::new(Native)
}

/// What is believed of a slot's offers in a bundle, and after one more answer.
fn asked(bundle: &Value, lines: &[Value], asked: &str, at: Time) -> Value {
    let (asked, look) = (parse(asked), look(lines, Some(at)));
    beliefs(bundle, &look, Asked::read(&asked).expect("a question"), ZONES.clone(), host()).expect("an answer")
}

const RECOMMEND: &str = r#"{"slot": "recommend"}"#;

fn then(offer: &str, answer: &str, id: &str) -> String {
    format!(r#"{{"slot": "recommend", "then": {{"offer": "{offer}", "answer": "{answer}", "id": "{id}"}}}}"#)
}

fn number(value: &Value, key: &str) -> f64 {
    value.at(key).number().unwrap_or_else(|| panic!("{key} is a number in {}", json::write(value)))
}

fn near(one: f64, other: f64, what: &str) {
    assert!((one - other).abs() < 1e-9 * (1.0 + other.abs()), "{what}: {one} and {other}");
}

fn of<'a>(believed: &'a Value, offer: &str) -> &'a Value {
    believed.at("candidates").list().iter().find(|one| one.at("offer").text() == Some(offer)).expect("a candidate")
}

/// What must hold of every answer.
fn adds_up(believed: &Value) {
    let (mut propensities, mut eligible, mut before) = (0.0, 0, f64::INFINITY);
    for (place, one) in believed.at("candidates").list().iter().enumerate() {
        let sum = |key: &str| one.at("terms").list().iter().map(|term| number(term, key)).sum::<f64>();
        near(sum("adds"), number(one, "sum"), "the terms make the sum");
        for term in one.at("terms").list() {
            near(number(term, "x") * number(term, "weight"), number(term, "adds"), "a term is a product");
            let prior = number(term, "x") * number(term, "prior");
            near(prior + number(term, "learnt"), number(term, "adds"), "what was learnt stands beside the prior");
        }
        near(logistic(number(one, "sum")), number(one, "chance"), "the sum is the chance");
        let own = one.at("terms").list().iter().find(|term| term.at("name").text().unwrap().starts_with("offer:"));
        near(logistic(number(own.unwrap(), "prior")), number(one, "usual"), "where it starts");
        let score = number(one, "worth") + number(one, "chance").ln() + number(one, "bonus");
        near(score, number(one, "score"), "the score is worth, chance and bonus");
        let [Value::Number(low), Value::Number(high)] = one.at("between").list() else { panic!("two bounds") };
        assert!(*low < number(one, "chance") && number(one, "chance") < *high);
        propensities += number(one, "propensity");
        if one.at("eligible").bool() == Some(true) {
            eligible += 1;
            assert_eq!(one.at("rank").integer(), Some(place as i64 + 1));
            assert!(number(one, "score") <= before, "the best goes first");
            before = number(one, "score");
        } else {
            assert!(one.at("rank").is_null() && number(one, "propensity") == 0.0);
        }
        assert!(!one.at("text").text().unwrap_or_default().is_empty(), "each is told why");
    }
    near(propensities, if eligible > 0 { 1.0 } else { 0.0 }, "somebody is shown");
    let stands = believed.at("stands");
    if let (Some(offer), true) = (stands.at("offer").text(), stands.at("silent").is_null()) {
        assert_eq!(number(of(believed, offer), "propensity"), number(stands, "propensity"), "as it was drawn");
    }
}

#[test]
fn the_terms_make_the_belief_of_every_persona() {
    let mut shown = 0;
    for name in PEOPLE {
        let lines = lines_of(name);
        for days in [-10, 0, 7] {
            let believed = asked(&SHOP, &lines, RECOMMEND, time(START).plus(days * DAY));
            assert_eq!(believed.at("refused").list().len(), 0);
            assert_eq!(believed.at("candidates").list().len(), 5, "{name}");
            adds_up(&believed);
            shown += i64::from(!believed.at("stands").is_null());
        }
    }
    assert!(shown > 25, "{shown}");
}

proptest! {
    #![proptest_config(cases(12))]

    /// A life of answers: what each was said to change is what is believed once its lines are in the log, and the terms make the
    /// belief all along.
    #[test]
    fn what_an_answer_would_change_is_what_it_changes(
        who in 0..PEOPLE.len(),
        life in prop::collection::vec((0..5_usize, 0..3_usize, 1..200_i64), 1..7),
    ) {
        let (mut lines, mut now) = (lines_of(PEOPLE[who]), time(START));
        for (step, (which, answer, hours)) in life.into_iter().enumerate() {
            let before = asked(&SHOP, &lines, RECOMMEND, now);
            adds_up(&before);
            let candidates = before.at("candidates").list();
            let offer = candidates[which].at("offer").text().unwrap();
            let answer = ["click", "dismiss", "ignore"][answer];
            let supposed = asked(&SHOP, &lines, &then(offer, answer, &format!("life-{step}")), now);
            adds_up(&supposed);
            let told = supposed.at("lines").list();
            let possible = candidates[which].at("eligible").bool() == Some(true)
                && before.at("stands.silent").is_null();
            prop_assert_eq!(told.len(), match (possible, answer) { (false, _) => 0, (_, "ignore") => 2, _ => 3 });
            lines.extend_from_slice(told);
            let at = if told.len() == 2 { now.plus(PATIENCE) } else { now };
            let after = asked(&SHOP, &lines, RECOMMEND, at);
            let plain = |value: &Value| Value::from(map(value).with("lines", Vec::new()));
            prop_assert_eq!(plain(&supposed), plain(&after));
            if possible {
                let [old, new] = [&before, &after].map(|all| of(all, offer));
                let moved = number(new, "sum") - number(old, "sum");
                prop_assert!(if answer == "click" { moved > 0.0 } else { moved < 0.0 }, "{answer} moves it by {moved}");
                let seen = |one: &Value| one.at("evidence.exposures").integer();
                prop_assert_eq!(seen(new), seen(old).map(|seen| seen + 1));
            }
            now = at.plus(hours * HOUR);
        }
    }
}

/// The numbers were computed apart, for the cases of `tests/cases/offers.json`.
#[test]
fn a_click_is_worth_what_was_computed_apart() {
    let case = parse(&read("tests/cases/offers.json"));
    let bundle = case.at("bundle");
    let page = parse(
        r#"{"type": "page", "messageId": "p0", "timestamp": "2026-05-12T09:59:00+09:00", "userId": "u", "properties": {"kind": "home"}}"#,
    );
    let click = r#"{"slot": "home", "then": {"offer": "tea", "answer": "click", "id": "t.1"}}"#;
    let told = asked(bundle, std::slice::from_ref(&page), click, time(START));
    let lines: Vec<Value> = std::iter::once(page).chain(told.at("lines").list().iter().cloned()).collect();
    // There it was ten seconds later.
    let later = asked(bundle, &lines, r#"{"slot": "home"}"#, time(START).plus(HOUR - 10_000));
    let expected = case.at("cases").list().iter().find(|one| one.at("name").text() == Some("a click is learnt from"));
    for offer in expected.expect("the case").at("expect.offers").list() {
        let one = of(&later, offer.at("offer").text().unwrap());
        near(number(one, "chance"), number(offer, "chance"), "chance");
        near(number(one, "bonus"), number(offer.at("score"), "bonus"), "bonus");
        for term in one.at("terms").list() {
            let name = term.at("name").text().unwrap();
            let expected = offer.at("score").field(name).number();
            // To how recent the click is the case gives no weight.
            near(number(term, "adds"), expected.unwrap_or(0.0), name);
        }
    }
    assert_eq!(number(later.at("policy"), "halfLifeDays"), 60.0);
}

/// Whom the draw shows had the share that is told of it.
#[test]
fn shares_are_those_of_the_draw() {
    let catalogue = Catalogue::new(Bundle(&SHOP));
    let model = Model { policy: Bundle(&SHOP).policy(), catalogue: &catalogue };
    let scene = Scene { slot: "recommend", document: &Value::Null, shares: None, now: time(START) };
    let moment = Moment::new(model, &Learnt::default(), scene);
    for eligible in [vec![0, 1, 2, 3, 4], vec![3, 1], vec![2]] {
        for (chance, diversity) in [(0.05, None), (0.6, Some(1)), (0.0, None), (1.0, None)] {
            let terms = Terms { count: 1, chance, diversity };
            for draw in 0..300 {
                let draw = Draw { seed: "seed", id: &format!("tab.{draw}") };
                let chosen = terms.choose(&moment, &eligible, &[], draw)[0];
                let odds = terms.odds(&moment, &eligible, draw);
                assert!(odds.contains(&chosen), "{chosen:?} in {odds:?}");
                near(odds.iter().map(|one| one.propensity).sum(), 1.0, "all of them");
            }
        }
    }
}

#[test]
fn what_was_dismissed_rests_and_says_until_when() {
    let lines = lines_of("seojun");
    let before = asked(&SHOP, &lines, RECOMMEND, time(START));
    let first = before.at("candidates").list()[0].at("offer").text().unwrap();
    let after = asked(&SHOP, &lines, &then(first, "dismiss", "d"), time(START));
    let one = of(&after, first);
    assert_eq!([one.at("stage").text(), one.at("code").text()], [Some("frequency"), Some("cooldown")]);
    assert_eq!(one.at("next").text().map(time), Some(time("2026-05-26T00:00:00+09:00")));
    assert_ne!(after.at("stands.offer").text(), Some(first), "another one stands there");
    assert_eq!(after.at("candidates").list()[4].at("offer").text(), Some(first), "last of all");
}

#[test]
fn who_is_held_out_is_told_what_would_show_and_learns_nothing() {
    let mut bundle = SHOP.clone();
    if let Some(holdout) = bundle.member_mut("house").and_then(|house| house.member_mut("holdout")) {
        *holdout = parse(r#"{"share": 1, "seed": "all"}"#);
    }
    let lines = lines_of("seojun");
    let all = asked(&bundle, &lines, RECOMMEND, time(START));
    adds_up(&all);
    assert_eq!(all.at("holdout.out").bool(), Some(true));
    assert_eq!(all.at("stands.silent").text(), Some("holdout"));
    assert!(all.at("stands.offer").text().is_some());
    let first = all.at("candidates").list()[0].at("offer").text().unwrap();
    assert_eq!(asked(&bundle, &lines, &then(first, "click", "c"), time(START)), all);
    let guest = asked(&bundle, &lines_of("guest"), RECOMMEND, time(START));
    assert_eq!((guest.at("holdout.out").bool(), guest.at("holdout.bucket")), (Some(false), &Value::Null));
    // Nor where a campaign that speaks of no offer has the slot.
    let Some(Value::List(campaigns)) = bundle.member_mut("campaigns") else { panic!("campaigns") };
    campaigns.push(parse(
        r#"{"id": "sign", "label": "Sign", "class": "service", "slot": "recommend", "message": {"blocks": [{"title": "Hello"}]}}"#,
    ));
    let taken = asked(&bundle, &lines, &then(first, "click", "c"), time(START));
    assert_eq!((taken.at("campaign").text(), taken.at("lines").list().len()), (Some("sign"), 0));
}

#[test]
fn a_campaign_that_speaks_of_offers_has_them_weighed() {
    let Value::Map(bundle) = SHOP.clone() else { panic!("an object") };
    let campaign = r#"{"id": "pick", "label": "Pick", "class": "service", "slot": "mypage", "offers": ["refresh-toner", "cleansing-oil"],
        "message": {"blocks": [{"title": "{{ offer.label }}"}]}}"#;
    let bundle: Value = bundle.with("campaigns", vec![parse(campaign)]).into();
    let mine = |asking: &str| asked(&bundle, &lines_of("seojun"), asking, time(START));
    let believed = mine(r#"{"slot": "mypage"}"#);
    adds_up(&believed);
    assert_eq!((believed.at("campaign").text(), believed.at("candidates").list().len()), (Some("pick"), 2));
    let told = mine(r#"{"slot": "mypage", "then": {"offer": "cleansing-oil", "answer": "click"}}"#);
    let line = &told.at("lines").list()[0];
    assert_eq!(line.at("properties.campaign").text(), Some("pick"));
    assert_eq!(line.at("properties.eligible").list().len(), 2);
}

#[test]
fn variants_are_those_of_the_verdicts() {
    for name in ["guest", "seojun", "minjae"] {
        let lines = lines_of(name);
        let seen = preview(&SHOP, &look(&lines, Some(time(START))), ZONES.clone(), host()).expect("a preview");
        let believed = asked(&SHOP, &lines, RECOMMEND, time(START));
        let experiments = believed.at("experiments").list();
        assert_eq!(experiments.len(), 10);
        for one in experiments {
            let verdict =
                seen.at("verdicts").list().iter().find(|verdict| verdict.at("campaign") == one.at("campaign"));
            assert_eq!(verdict.expect("a verdict").at("variant"), one.at("variant"), "{name}");
            assert!(number(one, "bucket") < 1.0);
        }
    }
}

#[test]
fn questions_that_mean_nothing_are_told_so() {
    let wrong = |asking: &str| Asked::read(&parse(asking)).err().map(|error| (error.code, error.path));
    assert_eq!(wrong("{}"), Some(("missing", "/slot".into())));
    assert_eq!(wrong(r#"{"slot": "home", "then": {}}"#), Some(("missing", "/then/offer".into())));
    let answer = r#"{"slot": "home", "then": {"offer": "tea", "answer": "buy"}}"#;
    assert_eq!(wrong(answer), Some(("unknown_choice", "/then/answer".into())));
    let asking = parse(&then("nothing", "click", "c"));
    let errors =
        beliefs(&SHOP, &look(&[], None), Asked::read(&asking).expect("a question"), ZONES.clone(), host()).err();
    assert_eq!(errors.map(|errors| errors[0].code), Some("unknown_reference"));
    // A shopper of whom nothing is known, and a slot that nobody has heard of.
    let nobody = asked(&SHOP, &[], RECOMMEND, time(START));
    adds_up(&nobody);
    assert_eq!(asked(&SHOP, &[], r#"{"slot": "attic"}"#, time(START)).at("candidates").list().len(), 0);
}
