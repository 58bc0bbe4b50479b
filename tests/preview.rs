//! A preview shows what a replay decides, of every persona at many moments.
#![cfg(feature = "cli")]

#[path = "common/shop.rs"]
mod shop;

use danbi::cli::native;
use danbi::engine::base::time::{HOUR, Zones};
use danbi::engine::base::value::Value;
use danbi::engine::preview::{Look, preview};
use danbi::engine::replay::Replay;
use shop::{PEOPLE, lines_of, look, parse, read, time, zones_of};
use std::sync::LazyLock;

static SHOP: LazyLock<Value> = LazyLock::new(|| parse(&read("www/bundles/onsae.json")));

static ZONES: LazyLock<Zones> = LazyLock::new(|| zones_of(&SHOP));

/// A shopper's page in the shop.
fn seen(look: &Look) -> Value {
    preview(&SHOP, look, ZONES.clone(), Box::new(native::Native)).expect("a preview")
}

#[test]
fn it_decides_and_explains_as_a_replay_does() {
    let (mut shown, start) = (0, time("2026-05-02T12:00:00+09:00"));
    for name in PEOPLE {
        let lines = lines_of(name);
        for at in (0..14).map(|step| start.plus(step * 22 * HOUR)).chain([time("2026-05-12T10:00:00+09:00")]) {
            let mut replay = Replay::new(SHOP.clone()).expect("a bundle");
            lines.iter().for_each(|line| replay.add(line).expect("a good line"));
            let look = look(&lines, Some(at));
            let Some(line) = replay.finish(&ZONES, &native::Native, &look.terms, &mut |_, _| ()).pop() else {
                continue;
            };
            let seen = seen(&look);
            let words = |line: &Value| {
                let decided = line.at("decisions").list().iter();
                let key = |decision: &Value, key: &str| decision.at(key).text().unwrap_or_default().to_string();
                let mut all: Vec<_> = decided
                    .map(|one| ["slot", "campaign", "step", "variant"].map(|name| key(one, name)).join(" "))
                    .collect();
                all.sort();
                all
            };
            assert_eq!(words(&seen), words(&line), "{name} at {}", at.text());
            shown += seen.at("decisions").list().len();
            for decision in seen.at("decisions").list() {
                assert!(!decision.at("message").at("blocks").list().is_empty(), "{name}: a message has blocks");
            }
            let texts =
                |line: &Value| line.at("verdicts").list().iter().map(|one| one.at("text").clone()).collect::<Vec<_>>();
            assert_eq!(texts(&seen), texts(&line), "{name} at {}", at.text());
        }
    }
    assert!(shown > 100, "{shown}");
}

#[test]
fn a_message_is_forced_whatever_the_rules_say_but_not_with_holes() {
    let lines = lines_of("seojun");
    let now = time("2026-05-12T10:00:00+09:00");
    let ask = |force: &str| {
        let force = parse(force);
        seen(&Look { locale: Some("en"), force: &force, ..look(&lines, Some(now)) }).at("decisions").clone()
    };
    let mut empty = Vec::new();
    for campaign in SHOP.at("campaigns").list() {
        let id = campaign.at("id").text().expect("an id");
        match ask(&format!(r#"{{"campaign":"{id}"}}"#)).list() {
            // Nothing is printed with a hole in it: what a message speaks of must be there.
            [] => empty.push(id.to_string()),
            decisions => {
                assert_eq!(decisions[0].at("campaign").text(), Some(id));
                assert_eq!(decisions[0].at("message").at("lang").text(), Some("en"), "{id}");
            }
        }
    }
    assert_eq!(empty, ["tier_notice"], "서준 has no change of tier ahead");
    let step = ask(r#"{"campaign":"welcome","step":"D16","variant":"B"}"#);
    assert_eq!(step.list()[0].at("slot").text(), Some("home"));
    assert_eq!(step.list()[0].at("variant").text(), Some("B"));
    assert!(ask(r#"{"campaign":"nobody"}"#).list().is_empty());
}

#[test]
fn an_account_says_what_became_of_points_and_rewards() {
    let after = |more: &[&String]| {
        let mut lines = lines_of("hyunu");
        lines.extend(more.iter().map(|line| parse(line)));
        seen(&look(&lines, Some(time("2026-05-14T10:00:00+09:00")))).at("statement").clone()
    };
    let line = |id: &str, event: &str, at: &str, properties: &str| {
        format!(
            r#"{{"type":"track","event":"{event}","messageId":"{id}","timestamp":"{at}","userId":"m-hyunu-2242","properties":{properties}}}"#
        )
    };
    let answer = |value: &str| {
        let properties = format!(
            r#"{{"decision":"d","campaign":"instant_or_save","variant":"A","slot":"order_complete","action":"choice","value":"{value}"}}"#
        );
        line("x1", "danbi_answer", "2026-05-12T10:01:00+09:00", &properties)
    };
    let used = line("x2", "reward_used", "2026-05-12T11:00:00+09:00", r#"{"reward":"now_coupon"}"#);
    let refund = line(
        "x3",
        "refund",
        "2026-05-13T10:00:00+09:00",
        r#"{"transaction_id":"ON-20260512-0001","currency":"KRW","value":58000}"#,
    );
    let (now, save) = (answer("now"), answer("save"));
    for (more, expected) in [
        (vec![&now], "2026-05-19까지 쓸 수 있어요"),
        (vec![&now, &used], "썼어요"),
        (vec![&now, &used, &refund], "써서, 환불 금액에서 2,900원이 빠져요"),
        (vec![&now, &refund], "주문을 환불해서 사라졌어요"),
    ] {
        let text = format!("바로 쓰는 쿠폰 · 2,900원 · 주문 ON-20260512-0001 · {expected}");
        assert_eq!(after(&more).at("rewards").list().last().map(|one| one.at("text").clone()), Some(text.into()));
    }
    let statement = after(&[&save, &refund]);
    let entries = statement.at("currencies").list()[0].at("entries").list().to_vec();
    let last = entries.last().expect("an entry");
    assert_eq!(last.at("text").text(), Some("적립 예정 취소 · purchase"));
    assert_eq!((last.at("change").text(), last.at("event").text()), (Some("(-3,480)"), Some("x3")));
}

#[test]
fn an_account_that_a_checkpoint_vouches_for_is_that_of_its_lines() {
    let lines = [
        r#"{"type":"consent","messageId":"c","userId":"m","timestamp":"2026-05-12T00:00:00Z","properties":{"personalization":"granted"}}"#,
        r#"{"type":"track","event":"danbi_checkpoint","messageId":"k","userId":"m","timestamp":"2026-05-12T00:00:01Z","properties":{}}"#,
    ]
    .map(parse);
    let proofs = r#"{"k":{"user":"m","seq":1,"asOf":"2026-05-12T00:00:00Z","exp":"2027-05-12T00:00:00Z","meters":{"orders":2,"net":455000},
        "tiers":{"main":{"level":"bloom"}},"currencies":{"point":{"active":8000,"pending":0}}}}"#;
    let proofs = parse(proofs);
    let seen = seen(&Look { proofs: &proofs, ..look(&lines, Some(time("2026-05-12T01:00:00Z"))) });
    assert_eq!(seen.at("profile").at("meters").at("net").integer(), Some(455_000));
    assert_eq!(seen.at("progress").at("tiers").at("main").at("level").text(), Some("bloom"));
    assert_eq!(seen.at("progress").at("currencies").at("point").at("active").integer(), Some(8000));
}
