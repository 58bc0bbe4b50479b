//! What a bundle may come to cost at most, as its own limits say.
#![cfg(feature = "cli")]

use danbi::cli::json;
use danbi::engine::base::value::Value;
use danbi::engine::bundle::Bundle;
use danbi::engine::bundle::exposure::exposure;
use std::path::Path;

fn told(text: &str) -> Vec<Value> {
    let source = json::parse(text).expect("JSON");
    exposure(Bundle::read(&source).expect("a bundle"))
}

fn program(members: &str) -> Vec<Value> {
    told(&format!(
        r#"{{"bundle":"b","version":1,"house":{{"zone":"Asia/Seoul","currency":"KRW","locales":["ko"]}},
        "meters":{{"seen":{{"count":"danbi_exposure","where":{{"event.campaign":"spring"}}}}}},
        "campaigns":[{{"id":"spring","label":"봄","slot":"s","message":{{"blocks":[{{"title":"x"}}]}}}}],
        "programs":[{{"program":"p","version":1,"from":"2026-01-01","currencies":{{"pt":{{"cash":1}},"star":{{}}}},{members}}}]}}"#
    ))
}

/// One line, in short: where, what at most, worth what, for which campaigns.
fn line(one: &Value) -> String {
    ["pointer", "currency", "most", "cash", "campaigns"].map(|key| json::write(one.field(key))).join(" ")
}

fn lines(all: &[Value]) -> Vec<String> {
    all.iter().map(line).collect()
}

#[test]
fn a_rule_gives_what_it_names_and_more_where_it_says_so() {
    let all = program(
        r#""rules":[
        {"id":"fixed","on":"review","grant":{"pt":500},"bonus":[{"when":{"event.photo":true},"add":[1,1]}],"once":"member"},
        {"id":"share","on":"purchase","grant":{"pt":["value",5,100]}},
        {"id":"capped","on":"purchase","grant":{"pt":["value",5,100]},"cap":[{"pt":10000,"per":"event"},{"pt":30000,"per":"calendarMonth"}]},
        {"id":"saved","on":"purchase","grant":{"pt":1000},"choice":{"in":"P7D","save":{"times":[6,5],"byVariant":{"C":[13,10]}}}},
        {"id":"stars","on":"visit","grant":{"star":3}}]"#,
    );
    assert_eq!(
        lines(&all),
        [
            r#""/programs/0/rules/0" "pt" 1000 1 []"#,
            r#""/programs/0/rules/1" "pt" null 1 []"#,
            r#""/programs/0/rules/2" "pt" 10000 1 []"#,
            r#""/programs/0/rules/3" "pt" 1300 1 []"#,
            r#""/programs/0/rules/4" "star" 3 0 []"#,
        ]
    );
    assert_eq!(
        [0, 1].map(|place| all.get(place).map(|one| one.field("once").bool())),
        [Some(Some(true)), Some(Some(false))]
    );
}

#[test]
fn missions_referrals_rewards_and_budgets_are_told_with_the_campaigns_they_hear_of() {
    let all = program(
        r#""missions":[{"id":"spring","steps":["review"],"times":3,"in":"P60D","reward":{"pt":2000}}],
        "referral":{"stages":["joined"],"pays":"friend_paid","give":{"referrer":{"pt":3000}},"cap":{"n":5,"per":"calendarMonth"}},
        "rewards":[
            {"id":"coupon","kind":"coupon","value":5000,"when":{"meter.seen":{"$gte":1}},"per":"P365D"},
            {"id":"bought","kind":"coupon","value":5000,"cost":{"pt":5000}},
            {"id":"cream","kind":"product","when":{"meter.seen":{"$gte":1}}}],
        "budget":{"pt":{"issue":5000000,"per":"calendarMonth"}}"#,
    );
    assert_eq!(
        lines(&all),
        [
            r#""/programs/0/missions/0" "pt" 2000 1 ["spring"]"#,
            r#""/programs/0/referral" "pt" 3000 1 []"#,
            r#""/programs/0/rewards/0" null 5000 1 ["spring"]"#,
            r#""/programs/0/budget/pt" "pt" 5000000 1 null"#,
        ]
    );
}

#[test]
fn the_shop_knows_what_its_points_may_cost() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/bundles/onsae.json");
    let all = told(&std::fs::read_to_string(path).expect("the shop's bundle"));
    let most =
        |id: &str| all.iter().find(|one| one.field("id").text() == Some(id)).map(|one| one.field("most").integer());
    assert_eq!(
        ["purchase", "review", "reviews", "referral", "birthday_coupon"].map(most),
        [13_000, 1_000, 2_000, 3_000, 5_000].map(|most| Some(Some(most)))
    );
}
