//! The engine as a page runs it: what a message says, what facts of the page change, when it wakes, what `decide` promises.
#![cfg(feature = "cli")]

use danbi::cli::{json, native::Native};
use danbi::engine::base::record;
use danbi::engine::base::time::{DAY, HOUR, Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::Bundle;
use danbi::engine::bundle::plan::Plan;
use danbi::engine::effect::Effect;
use danbi::engine::fold::{Fold, World};
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::signal::Signal;
use danbi::engine::words::Speaker;
use danbi::engine::{Decision, Engine, Options};

#[path = "common/view.rs"]
mod view;

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

fn onsae() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/bundles/onsae.json");
    read(&std::fs::read_to_string(path).expect("the shop's bundle"))
}

/// A tab: an engine and its log.
struct Tab {
    engine: Engine,
    rows: u32,
}

impl Tab {
    fn new(bundle: Value, locale: &str) -> Tab {
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let options = Options {
            locale: locale.into(),
            seed: "seed".into(),
            tab: "tab".into(),
            assumed: Grant::Granted,
            schemes: Vec::new(),
        };
        Tab { engine: Engine::new(bundle, zones, Box::new(Native), options), rows: 0 }
    }

    /// Something happens, now.
    fn happens(&mut self, at: &str, kind: &str, event: &str, properties: &str) -> Vec<Effect> {
        self.rows += 1;
        let members = if kind == "identify" { "traits" } else { "properties" };
        let line = Map::new()
            .with("type", kind)
            .with("event", (!event.is_empty()).then_some(event))
            .with("messageId", format!("m{:03}", self.rows))
            .with("userId", "m-1")
            .with("timestamp", at)
            .with(members, read(properties));
        let row = Row { position: i64::from(self.rows), line: line.into(), fold: true, ..Row::default() };
        self.engine.update(Input::Rows { rows: vec![row], unsent: 1 }, time(at))
    }

    fn texts(&self, slot: &str, at: &str) -> Vec<String> {
        let decision = self.engine.decide(slot, time(at));
        let words = |decision: Decision| view::words(&decision.view).into_iter().map(|words| words.join("|")).collect();
        decision.map(words).unwrap_or_default()
    }

    fn verdict(&self, campaign: &str, at: &str) -> Value {
        let all = self.engine.explain(time(at));
        all.list()
            .iter()
            .find(|verdict| verdict.at("campaign").text() == Some(campaign))
            .cloned()
            .expect("a verdict for every campaign")
    }
}

/// Texts of a message beside its blocks.
fn said<'a, const N: usize>(decision: &'a Decision, keys: [&str; N]) -> [&'a str; N] {
    keys.map(|key| decision.view.field(key).text().unwrap_or_default())
}

const ADDED: &str = "2026-05-11T10:00:00+09:00";
const DUE: &str = "2026-05-12T10:00:00+09:00";

fn item(id: &str, name: &str, price: i64) -> String {
    format!(
        "{{\"currency\": \"KRW\", \"items\": [{{\"item_id\": \"{id}\", \"item_name\": \"{name}\", \"price\": {price}, \"quantity\": 1}}]}}"
    )
}

/// One who put this into the bag a day ago.
fn with_bag(locale: &str, items: &[(&str, &str, i64)]) -> Tab {
    let mut tab = Tab::new(onsae(), locale);
    for (id, name, price) in items {
        tab.happens(ADDED, "track", "add_to_cart", &item(id, name, *price));
    }
    tab
}

#[test]
fn all_six_products_take_their_particle() {
    for (name, price, expected) in [
        ("시카 앰플 C", 41_000, "담아둔 시카 앰플 C를 그대로 두었어요."),
        ("무드 틴트 03", 18_000, "담아둔 무드 틴트 03을 그대로 두었어요."),
        ("물광 쿠션(리필)", 24_000, "담아둔 물광 쿠션(리필)을 그대로 두었어요."),
        ("리프레시 토너", 22_000, "담아둔 리프레시 토너를 그대로 두었어요."),
        ("클렌징 오일", 26_000, "담아둔 클렌징 오일을 그대로 두었어요."),
        ("린넨 원피스 M", 58_000, "담아둔 린넨 원피스 M을 그대로 두었어요."),
        ("Serum c", 15_000, "담아둔 Serum c을(를) 그대로 두었어요."),
    ] {
        let tab = with_bag("ko", &[("p", name, price)]);
        assert_eq!(tab.texts("interruptive", "2026-05-12T09:59:59+09:00"), Vec::<String>::new(), "23:59:59 h: not yet");
        assert_eq!(tab.texts("interruptive", DUE), ["장바구니에 담아두셨어요", expected, "장바구니 보기"]);
    }
}

#[test]
fn the_same_in_english() {
    let tab = with_bag("en-GB", &[("p", "시카 앰플 C", 41_000)]);
    assert_eq!(
        tab.texts("interruptive", DUE),
        ["Still in your bag", "Your 시카 앰플 C is still in your bag.", "View bag"]
    );
    let decision = tab.engine.decide("interruptive", time(DUE)).unwrap();
    assert_eq!(said(&decision, ["lang", "close"]), ["en", "Close"]);
    // A language the house has not: its first.
    let tab = with_bag("ja", &[("p", "시카 앰플 C", 41_000)]);
    let decision = tab.engine.decide("interruptive", time(DUE)).unwrap();
    assert_eq!(said(&decision, ["lang", "close"]), ["ko", "닫기"]);
    assert_eq!(tab.texts("interruptive", DUE)[0], "장바구니에 담아두셨어요");
}

#[test]
fn a_missing_name_is_고객님_or_there() {
    let welcome = |locale: &str, traits: &str| {
        let mut tab = Tab::new(onsae(), locale);
        tab.happens("2026-05-12T09:50:00+09:00", "identify", "", traits);
        tab.happens("2026-05-12T09:50:01+09:00", "track", "sign_up", "{}");
        tab.texts("interruptive", DUE)
    };
    assert_eq!(welcome("ko", "{\"name\": \"지우\"}"), ["반가워요, 지우님.", "천천히 둘러보세요.", "둘러보기"]);
    assert_eq!(welcome("ko", "{}"), ["반가워요, 고객님.", "천천히 둘러보세요.", "둘러보기"]);
    assert_eq!(welcome("en", "{\"name\": \"Jane\"}"), ["Welcome, Jane.", "No rush, look around.", "Look around"]);
    assert_eq!(welcome("en", "{}"), ["Welcome, there.", "No rush, look around.", "Look around"]);
}

#[test]
fn what_is_sold_out_is_not_named() {
    let items = [("ampoule", "시카 앰플 C", 41_000), ("toner", "리프레시 토너", 22_000)];
    let facts = |text: &str| Input::Context(read(&format!("{{\"items\": {text}}}")));
    let said = |items: &[(&str, &str, i64)], text: &str| {
        let mut tab = with_bag("ko", items);
        tab.engine.update(facts(text), time(DUE));
        let verdict = tab.verdict("cart", DUE);
        (
            tab.texts("interruptive", DUE).get(1).cloned(),
            verdict.at("stage").text().map(String::from),
            verdict.at("at").text().map(String::from),
        )
    };
    let shown =
        |name: &str| (Some(format!("담아둔 {name} 그대로 두었어요.")), Some("shown".to_string()), Some(String::new()));
    let stopped = (None, Some("targeting".to_string()), Some("/campaigns/5/audience/2".to_string()));
    assert_eq!(
        said(&items, "{}"),
        shown("시카 앰플 C를"),
        "the dearest leads; what the page does not say is unchanged"
    );
    assert_eq!(said(&items, "{\"ampoule\": {\"stock\": 0}}"), shown("리프레시 토너를"), "the next in stock");
    assert_eq!(
        said(&items, "{\"ampoule\": {\"stock\": 3, \"price\": 39000}}"),
        shown("리프레시 토너를"),
        "not at another price"
    );
    assert_eq!(said(&items, "{\"ampoule\": {\"stock\": 3, \"price\": 41000}}"), shown("시카 앰플 C를"));
    assert_eq!(
        said(&items, "{\"ampoule\": {\"stock\": 0}, \"toner\": {\"stock\": 0}}"),
        stopped,
        "no lead, and the reason is that rule's"
    );
    assert_eq!(
        said(&items[..1], "{\"ampoule\": {\"price\": \"41000.4\"}}"),
        shown("시카 앰플 C를"),
        "prices are read as money"
    );
}

#[test]
fn the_tier_card() {
    let mut tab = Tab::new(onsae(), "ko");
    tab.happens(
        "2026-05-01T10:00:00+09:00",
        "track",
        "purchase",
        "{\"transaction_id\": \"a\", \"value\": 372000, \"currency\": \"KRW\"}",
    );
    let card = |tab: &Tab| tab.engine.decide("mypage", time(DUE)).unwrap().view.at("blocks.1.tier").clone();
    assert_eq!(tab.texts("mypage", DUE), ["등급 현황", "꽃 등급까지 28,000원 남았어요"]);
    let rung =
        |id, label, from, reached| format!(r#"{{"id":"{id}","label":"{label}","from":"{from}","reached":{reached}}}"#);
    let rungs = [
        rung("seed", "씨앗", "0원", true),
        rung("leaf", "잎", "100,000원", true),
        rung("bloom", "꽃", "400,000원", false),
        rung("fruit", "열매", "700,000원", false),
        rung("garden", "정원", "1,000,000원", false),
    ];
    let next = r#"{"label":"꽃","target":"400,000원","remaining":"28,000원"}"#;
    let words = r#""label":"등급","level":"잎","value":"372,000원""#;
    assert_eq!(
        json::write(&card(&tab)),
        format!(
            r#"{{"id":"main",{words},"next":{next},"percent":93,"rungs":[{}],"text":"꽃 등급까지 28,000원 남았어요"}}"#,
            rungs.join(",")
        )
    );
    tab.engine.update(Input::Locale("en".into()), time(DUE));
    assert_eq!(tab.texts("mypage", DUE), ["Your tier", "₩28,000 to Bloom"]);
    tab.happens(
        "2026-05-12T09:00:00+09:00",
        "track",
        "purchase",
        "{\"transaction_id\": \"b\", \"value\": 40000, \"currency\": \"KRW\"}",
    );
    assert_eq!(tab.texts("mypage", DUE), ["Your tier", "₩288,000 to Fruit"]);
    assert_eq!(card(&tab).at("percent").integer(), Some(58));
    assert_eq!(json::write(card(&tab).at("next")), r#"{"label":"Fruit","target":"₩700,000","remaining":"₩288,000"}"#);
}

#[test]
fn a_decision_is_the_same_until_it_is_answered() {
    let mut tab = with_bag("ko", &[("p", "시카 앰플 C", 41_000)]);
    let now = time(DUE);
    let first = tab.engine.decide("interruptive", now).unwrap();
    assert_eq!(tab.engine.decide("interruptive", now).unwrap(), first, "deciding changes nothing");
    let opened = tab.engine.update(Input::Decided(Box::new(first.clone())), now);
    assert_eq!(opened, [Effect::Emit("danbi_decision", first.line())], "opened once, and in the log");
    assert_eq!(tab.engine.update(Input::Decided(Box::new(first.clone())), now), []);
    assert_eq!(
        json::write(&Value::from(first.line())),
        r#"{"decision":"tab.1","campaign":"cart","step":"1","variant":"A","slot":"interruptive","propensity":1,"seed":"seed","counter":1,"bundle":3}"#
    );
    assert_eq!(tab.engine.decide("interruptive", now.plus(HOUR)).unwrap().id, first.id);
    assert_eq!(first.id, "tab.1");
    let properties = json::write(&Value::from(first.properties()));
    tab.happens(
        "2026-05-12T10:00:10+09:00",
        "track",
        "danbi_answer",
        &properties.replace('}', ",\"action\":\"click\"}"),
    );
    assert_eq!(tab.engine.decide("interruptive", now.plus(HOUR)), None, "answered, and its step is done");
}

#[test]
fn one_tab_of_several_shows_it() {
    let mut tab = with_bag("ko", &[("p", "시카 앰플 C", 41_000)]);
    let now = time(DUE);
    let effects = tab.engine.update(Input::Tick, now);
    let key = effects.iter().find_map(|effect| match effect {
        Effect::Claim(key) => Some(key.clone()),
        _ => None,
    });
    let key = key.expect("it asks before it shows");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Show(_))));
    let lost = tab.engine.update(Input::Claimed { key: key.clone(), won: false }, now);
    assert!(
        !lost.iter().any(|effect| matches!(effect, Effect::Show(_) | Effect::Claim(_))),
        "the loser shows nothing and does not ask again: {lost:?}"
    );
    let mut other = with_bag("ko", &[("p", "시카 앰플 C", 41_000)]);
    let asked = other.engine.update(Input::Tick, now);
    assert!(asked.contains(&Effect::Claim(key.clone())), "both ask for the same");
    let won = other.engine.update(Input::Claimed { key, won: true }, now);
    assert!(
        won.iter()
            .any(|effect| matches!(effect, Effect::Show(decision) if decision.campaign.as_deref() == Some("cart"))),
        "{won:?}"
    );
    // On the payment page it is taken away.
    let hidden = other.happens("2026-05-12T10:00:20+09:00", "page", "", "{\"kind\": \"payment\"}");
    assert!(hidden.contains(&Effect::Hide), "{hidden:?}");
}

/// A message that went before it was seen keeps its place from no other.
#[test]
fn what_was_closed_unseen_waits_for_all_others() {
    let campaign = |id: &str, priority: u8| {
        format!(
            r#"{{"id": "{id}", "label": "x", "class": "service", "priority": {priority}, "slot": "interruptive",
              "trigger": {{"event": {{"name": "{id}"}}}}, "caps": [{{"count": 1}}], "message": {{"blocks": [{{"title": "x"}}]}}}}"#
        )
    };
    let bundle = format!(
        r#"{{"bundle": "t", "version": 1, "house": {{"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko"]}}, "campaigns": [{}, {}]}}"#,
        campaign("view_item", 9),
        campaign("add_to_cart", 1)
    );
    let mut tab = Tab::new(read(&bundle), "ko");
    let claim = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Claim(key) => Some(key.clone()),
            _ => None,
        })
    };
    let first = claim(&tab.happens("2026-05-12T10:00:00+09:00", "track", "view_item", "{}")).expect("it is due");
    let now = time("2026-05-12T10:00:01+09:00");
    tab.engine.update(Input::Claimed { key: first.clone(), won: true }, now);
    // Of another one nothing is said.
    assert_eq!(claim(&tab.engine.update(Input::Closed(String::from("tab.9")), now)), None);
    assert!(tab.engine.busy());
    let again = claim(&tab.engine.update(Input::Closed(String::from("tab.1")), now));
    assert_eq!(again.as_ref(), Some(&first), "the tab has had it");
    tab.engine.update(Input::Claimed { key: first.clone(), won: false }, now);
    let other = claim(&tab.happens("2026-05-12T10:00:02+09:00", "track", "add_to_cart", "{}"));
    assert!(other.as_ref().is_some_and(|other| other.starts_with("add_to_cart/")), "{other:?}");
    // What the page may not show is taken away, and is not behind the others after that.
    let bundle =
        bundle.replace(r#""locales": ["ko"]"#, r#""locales": ["ko"], "pages": {"payment": {"allow": "none"}}"#);
    let mut tab = Tab::new(read(&bundle), "ko");
    let key = claim(&tab.happens("2026-05-12T10:00:00+09:00", "track", "view_item", "{}")).expect("it is due");
    tab.engine.update(Input::Claimed { key: key.clone(), won: true }, now);
    let facts = |kind: &str| Input::Context(Map::new().with("page", Map::new().with("kind", kind)).into());
    assert!(tab.engine.update(facts("payment"), now).contains(&Effect::Hide), "told late, by the page's facts");
    tab.happens("2026-05-12T10:00:02+09:00", "track", "add_to_cart", "{}");
    assert_eq!(claim(&tab.engine.update(facts("home"), now.plus(2000))), Some(key));
}

fn wake(effects: &[Effect]) -> Option<String> {
    effects.iter().find_map(|effect| match effect {
        Effect::Wake(at) => Some(at.text()),
        _ => None,
    })
}

#[test]
fn it_wakes_when_the_reminder_is_due() {
    let mut tab = Tab::new(onsae(), "ko");
    let effects = tab.happens(ADDED, "track", "add_to_cart", &item("p", "시카 앰플 C", 41_000));
    assert_eq!(wake(&effects).as_deref(), Some("2026-05-12T01:00:00.000Z"));
}

/// A program without campaigns: two lots that expire one after the other, and no signal between.
#[test]
fn it_wakes_again_after_it_woke() {
    let bundle = r#"{"bundle": "t", "version": 1, "house": {"zone": "Asia/Seoul", "currency": "KRW"},
      "programs": [{"program": "p", "version": 1, "from": "2026-01-01", "currencies": {"pt": {"expiry": {"after": "P10D"}}}, "tiers": {},
        "rules": [{"id": "buy", "on": "purchase", "grant": {"pt": ["value", 1, 1000]}}]}]}"#;
    let mut tab = Tab::new(read(bundle), "ko");
    let purchase = |order: &str| format!("{{\"transaction_id\": \"{order}\", \"value\": 10000}}");
    tab.happens("2026-05-01T12:00:00+09:00", "track", "purchase", &purchase("a"));
    tab.happens("2026-05-03T12:00:00+09:00", "track", "purchase", &purchase("b"));
    // Nothing is sent: the outbox would have its own wishes.
    let first = tab.engine.update(Input::Tick, time("2026-05-03T12:00:01+09:00"));
    assert_eq!(wake(&first).as_deref(), Some("2026-05-11T15:00:00.000Z"), "the first lot is gone on 12 May");
    let second = tab.engine.update(Input::Tick, time("2026-05-12T00:00:00+09:00"));
    assert_eq!(wake(&second).as_deref(), Some("2026-05-13T15:00:00.000Z"), "the second on 14 May");
    let none = tab.engine.update(Input::Tick, time("2026-05-14T00:00:00+09:00"));
    assert_eq!(wake(&none), None);
}

// ---- redemptions, which no event of this slice makes, written into a snapshot ----

/// loyalty.md's base: lot A 100 (10 January) and B 60 (1 March), of which a redemption of 130 took A whole and 30 of B.
fn redeemed(refund: &str) -> Tab {
    let bundle = format!(
        r#"{{"bundle": "t", "version": 1, "house": {{"zone": "Asia/Seoul", "currency": "KRW"}},
        "programs": [{{"program": "p", "version": 1, "from": "2026-01-01", "currencies": {{"pt": {{"expiry": {{"after": "P6M"}}, "refund": "{refund}"}}}}, "tiers": {{}},
        "rules": [{{"id": "buy", "on": "purchase", "grant": {{"pt": ["value", 1, 1000]}}}}]}}]}}"#
    );
    let mut tab = Tab::new(read(&bundle), "ko");
    tab.happens("2026-01-10T12:00:00+09:00", "track", "purchase", "{\"transaction_id\": \"A\", \"value\": 100000}");
    tab.happens("2026-03-01T12:00:00+09:00", "track", "purchase", "{\"transaction_id\": \"B\", \"value\": 60000}");
    let effects = tab.engine.update(Input::Rows { rows: vec![], unsent: 0 }, time("2026-04-05T12:00:00+09:00"));
    let saved = effects.into_iter().find_map(|effect| match effect {
        Effect::Save { snapshot, .. } => Some(snapshot),
        _ => None,
    });
    let snapshot = saved.expect("all of it is older than a week");
    // A has nothing left, B has 30, 130 are spent.
    let text = json::write(&snapshot);
    assert_eq!(
        (
            text.matches("\"left\":100,").count(),
            text.matches("\"left\":60,").count(),
            text.matches("\"earned\":160,").count()
        ),
        (1, 1, 1),
        "{text}"
    );
    let text = text
        .replace("\"left\":100,", "\"left\":0,")
        .replace("\"left\":60,", "\"left\":30,")
        .replace("\"earned\":160,", "\"earned\":160,\"spent\":130,");
    tab.engine.restore(&read(&text)).expect("a snapshot");
    tab
}

/// earned, active, spent, expired, reversed, writtenOff, debt.
/// The page asks after the engine was woken for what was due.
fn account(tab: &mut Tab, at: &str) -> [i64; 7] {
    tab.engine.update(Input::Tick, time(at));
    let progress = tab.engine.progress(time(at));
    ["earned", "active", "spent", "expired", "reversed", "writtenOff", "debt"]
        .map(|key| progress.at("currencies.pt").at(key).integer().expect("a sum"))
}

#[test]
fn v1_what_was_redeemed_does_not_expire() {
    let mut tab = redeemed("debt");
    assert_eq!(account(&mut tab, "2026-04-06T00:00:00+09:00"), [160, 30, 130, 0, 0, 0, 0]);
    assert_eq!(
        account(&mut tab, "2026-07-11T00:00:00+09:00"),
        [160, 30, 130, 0, 0, 0, 0],
        "A was used: nothing of it expires"
    );
    assert_eq!(account(&mut tab, "2026-09-02T00:00:00+09:00"), [160, 0, 130, 30, 0, 0, 0]);
}

#[test]
fn v3_a_refund_of_spent_points_within_the_balance() {
    let mut tab = redeemed("withinBalance");
    tab.happens("2026-04-10T12:00:00+09:00", "track", "refund", "{\"transaction_id\": \"B\", \"value\": 60000}");
    assert_eq!(account(&mut tab, "2026-04-10T12:00:00+09:00"), [160, 0, 130, 0, 30, 30, 0]);
}

#[test]
fn v3_a_refund_of_spent_points_as_debt() {
    let mut tab = redeemed("debt");
    tab.happens("2026-04-10T12:00:00+09:00", "track", "refund", "{\"transaction_id\": \"B\", \"value\": 60000}");
    assert_eq!(account(&mut tab, "2026-04-10T12:00:00+09:00"), [160, 0, 130, 0, 60, 0, 30]);
    tab.happens("2026-04-11T12:00:00+09:00", "track", "purchase", "{\"transaction_id\": \"C\", \"value\": 50000}");
    assert_eq!(account(&mut tab, "2026-04-11T12:00:00+09:00"), [210, 20, 130, 0, 60, 0, 0], "the next 50 net 20");
}

#[test]
fn fine_print_5_a_refund_takes_other_active_points_next() {
    let mut tab = redeemed("debt");
    // A was used up; its refund of 100 takes the 30 left of B, and 70 are owed.
    tab.happens("2026-04-10T12:00:00+09:00", "track", "refund", "{\"transaction_id\": \"A\", \"value\": 100000}");
    assert_eq!(account(&mut tab, "2026-04-10T12:00:00+09:00"), [160, 0, 130, 0, 100, 0, 70]);
    // Refunding B as well: its 30 are gone already, all 60 are owed.
    tab.happens("2026-04-11T12:00:00+09:00", "track", "refund", "{\"transaction_id\": \"B\", \"value\": 60000}");
    assert_eq!(account(&mut tab, "2026-04-11T12:00:00+09:00"), [160, 0, 130, 0, 160, 0, 130]);
}

#[test]
fn a_snapshot_of_a_newer_version_is_left_alone() {
    let mut tab = redeemed("debt");
    let newer = read("{\"v\": 99, \"fold\": {}}");
    assert_eq!(tab.engine.restore(&newer).map_err(|error| error.code), Err("snapshot"));
    assert_eq!(account(&mut tab, "2026-04-06T00:00:00+09:00"), [160, 30, 130, 0, 0, 0, 0], "and changes nothing");
    assert!(tab.engine.restore(&Value::Null).is_err());
}

#[test]
fn consent_is_heard_though_nothing_else_may_be_folded() {
    let mut tab = Tab::new(read(include_str!("../www/bundles/onsae.json")), "ko");
    let row = |position: i64, kind: &str, properties: &str| Row {
        position,
        line: Map::new()
            .with("type", kind)
            .with("event", "sign_up")
            .with("messageId", format!("m{position}"))
            .with("userId", "m-1")
            .with("timestamp", "2026-05-12T10:00:00+09:00")
            .with("properties", read(properties))
            .into(),
        fold: false,
        ..Row::default()
    };
    let rows = vec![row(1, "consent", "{\"personalization\": \"denied\"}"), row(2, "track", "{}")];
    let now = time("2026-05-12T10:00:00+09:00");
    tab.engine.update(Input::Rows { rows, unsent: 0 }, now);
    let profile = tab.engine.profile(now);
    assert_eq!(profile.at("consent.personalization").text(), Some("denied"));
    assert!(profile.at("meters.joined").is_null(), "the sign-up was not folded");
}

// ---- a clock that jumps ----

/// Shown in the year it is, or a year later by a clock that ran ahead.
fn paced(shown: &str) -> Tab {
    let bundle = r#"{"bundle": "t", "version": 1,
        "house": {"zone": "Asia/Seoul", "currency": "KRW", "pacing": {"session": 1, "day": 1, "rolling": {"count": 1, "days": 7}, "gap": "PT2H"}},
        "campaigns": [
            {"id": "sheet", "label": "s", "message": {"blocks": []}},
            {"id": "capped", "label": "c", "class": "service", "message": {"blocks": []}, "caps": [{"count": 1, "per": "P1D"}]},
            {"id": "card", "label": "k", "slot": "home", "message": {"blocks": []}}]}"#;
    let mut tab = Tab::new(read(bundle), "ko");
    for (index, campaign) in ["sheet", "capped"].into_iter().enumerate() {
        let seen = format!("{{\"decision\": \"t.{index}\", \"campaign\": \"{campaign}\", \"slot\": \"interruptive\"}}");
        tab.happens(shown, "track", "danbi_exposure", &seen);
    }
    tab
}

fn stopped(tab: &Tab, campaign: &str, at: &str) -> (String, String, Option<String>) {
    let verdict = tab.verdict(campaign, at);
    let word = |key: &str| verdict.at(key).text().unwrap_or_default().to_string();
    (word("stage"), word("code"), verdict.at("next").text().map(String::from))
}

#[test]
fn a_clock_behind_the_shoppers_own_signals_interrupts_nobody() {
    let tab = paced("2027-05-12T10:00:00+09:00");
    // Trusted again from 09:50 on; by then it was shown today.
    let trusted = Some(String::from("2027-05-12T15:00:00.000Z"));
    for (at, code) in [
        ("2026-05-12T10:00:00+09:00", "clock"),
        ("2027-05-12T09:49:59.999+09:00", "clock"),
        ("2027-05-12T09:50:00+09:00", "cap"),
    ] {
        let (stage, found, next) = stopped(&tab, "capped", at);
        assert_eq!(found, code, "{at}");
        if code == "clock" {
            assert_eq!((stage.as_str(), &next), ("house", &trusted), "{at}");
        }
        assert!(tab.engine.decide("interruptive", time(at)).is_none(), "{at}");
        assert!(tab.engine.decide("home", time(at)).is_some(), "{at}: what does not interrupt shows");
    }
}

#[test]
fn a_clock_behind_is_told_in_words() {
    let tab = paced("2027-05-12T10:00:00+09:00");
    let now = "2026-05-12T10:00:00+09:00";
    let Value::Map(verdict) = tab.verdict("capped", now) else { panic!("a verdict is an object") };
    let mut known = Known::new();
    known.bundle = read(KEPT);
    for (lang, expected) in [
        ("ko", "기기 시계가 맞지 않아 기다려요. 2027년 5월 13일 00:00부터 다시 떠요."),
        ("en", "Waiting: the device's clock runs behind. Again from May 13, 2027, 00:00."),
    ] {
        let speaker = Speaker { world: known.world(Grant::Granted), lang, now: time(now) };
        assert_eq!(speaker.spoken(verdict.clone()).at("text").text(), Some(expected));
    }
}

#[test]
fn what_was_shown_in_the_future_counts_as_just_now() {
    // Within the ten minutes that are no doubt yet.
    let tab = paced("2026-05-12T00:05:00+09:00");
    let before = "2026-05-11T23:56:00+09:00";
    assert_eq!(stopped(&tab, "sheet", before).1, "session_cap");
    // At midnight it still lies ahead, and counts as just then.
    let next = Some(String::from("2026-05-12T15:00:00.000Z"));
    assert_eq!(stopped(&tab, "capped", before), ("frequency".into(), "cap".into(), next), "a day from then on");
}

#[test]
fn a_day_cap_does_not_open_by_a_clock_set_back_over_midnight() {
    let bundle = r#"{"bundle": "t", "version": 1, "house": {"zone": "Asia/Seoul", "currency": "KRW", "pacing": {"day": 1}},
        "campaigns": [{"id": "sheet", "label": "s", "message": {"blocks": []}}]}"#;
    let mut tab = Tab::new(read(bundle), "ko");
    let seen = r#"{"decision": "t.1", "campaign": "sheet", "slot": "interruptive"}"#;
    tab.happens("2026-05-12T00:05:00+09:00", "track", "danbi_exposure", seen);
    assert_eq!(stopped(&tab, "sheet", "2026-05-11T23:56:00+09:00").1, "day_cap");
    assert_eq!(stopped(&tab, "sheet", "2026-05-12T23:59:59+09:00").1, "day_cap");
    assert_eq!(stopped(&tab, "sheet", "2026-05-13T00:00:00+09:00").1, "targeting_match");
}

// ---- what is forgotten ----

const KEPT: &str = r#"{"bundle": "t", "version": 1, "house": {"zone": "Asia/Seoul", "currency": "KRW"},
    "meters": {"net": {"sum": "purchase.value"}, "views": {"count": "view_item"}},
    "campaigns": [{"id": "c", "label": "c", "slot": "home", "message": {"blocks": []}}],
    "programs": [{"program": "p", "version": 1, "from": "2026-01-01", "currencies": {"pt": {}},
        "rules": [{"id": "buy", "on": "purchase", "grant": {"pt": ["value", 1, 1000]}}],
        "tiers": {"main": {"meter": "net", "levels": [{"id": "a", "min": 0}]}}}]}"#;

/// A fold and what it was folded under.
struct Known {
    bundle: Value,
    plan: Plan,
    zones: Zones,
    fold: Fold,
    count: u32,
}

impl Known {
    fn new() -> Known {
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let bundle = read(KEPT);
        Known { plan: Plan::new(Bundle(&bundle)), bundle, zones, fold: Fold::default(), count: 0 }
    }

    fn world(&self, assumed: Grant) -> World<'_> {
        World { bundle: Bundle(&self.bundle), plan: &self.plan, zones: &self.zones, host: &Native, assumed }
    }

    fn signal(&mut self, user: Option<&str>, kind: &str, event: &str, properties: &str) -> Signal {
        self.count += 1;
        let line = Map::new()
            .with("type", kind)
            .with("event", event)
            .with("messageId", format!("m{:03}", self.count))
            .with("userId", user)
            .with("anonymousId", "a")
            .with("timestamp", format!("2026-01-10T12:00:{:02}+09:00", self.count))
            .with("properties", read(properties));
        Signal::read(&line.into(), &|_| None).expect("a good line")
    }

    fn happens(&mut self, user: Option<&str>, kind: &str, event: &str, properties: &str) {
        let signal = self.signal(user, kind, event, properties);
        let mut fold = std::mem::take(&mut self.fold);
        fold.signal(&signal, self.world(Grant::Granted));
        self.fold = fold;
    }

    fn retain(&mut self, now: Time) -> bool {
        let mut fold = std::mem::take(&mut self.fold);
        let over = fold.retain(now, self.world(Grant::Granted));
        self.fold = fold;
        over
    }
}

#[test]
fn a_profile_is_forgotten_when_nobody_came_for_long_enough() {
    for (user, days) in [(None, 90), (Some("u"), 400)] {
        let mut known = Known::new();
        known.happens(user, "track", "purchase", "{\"transaction_id\": \"o\", \"value\": 25000}");
        known.happens(user, "track", "view_item", "{}");
        known.happens(user, "track", "danbi_declare", "{\"scent\": \"none\"}");
        known.happens(
            user,
            "track",
            "danbi_exposure",
            "{\"decision\": \"t.1\", \"campaign\": \"c\", \"slot\": \"home\"}",
        );
        // Good through the day 90 (or 400) days after the visit.
        let over = time("2026-01-11T00:00:00+09:00").plus(days * DAY);
        assert!(!known.retain(over.plus(-1)), "{days}: not yet");
        assert!(known.retain(over), "{days}");
        assert!(!known.retain(over), "{days}: there is nothing left to forget");
        let kept = record::write(&mut known.fold);
        let text = json::write(&kept);
        for gone in ["scent", "\"session\":{\"start\":1", "anonymousIds"] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        for stays in ["t.1", "\"o\"", "\"net\"", "\"earned\":25"] {
            assert!(text.contains(stays), "{stays} not in {text}");
        }
        assert_eq!((kept.at("profile.user").text(), kept.at("meters.views")), (user, &Value::Null));
    }
}

#[test]
fn the_house_says_how_long_a_profile_is_kept() {
    let mut known = Known::new();
    known.bundle = read(&KEPT.replacen("\"KRW\"", "\"KRW\", \"retention\": {\"anonymous\": \"P10D\"}", 1));
    known.happens(None, "track", "view_item", "{}");
    let over = time("2026-01-21T00:00:00+09:00");
    assert!(!known.retain(over.plus(-1)) && known.retain(over));
}

#[test]
fn what_is_taken_back_is_told() {
    for (before, after, lost, any) in [
        ("{}", "{\"personalization\": true}", false, true),
        ("{}", "{\"personalization\": false}", false, false),
        ("{\"personalization\": true}", "{\"personalization\": true}", false, true),
        ("{\"personalization\": true, \"functional\": true}", "{\"personalization\": \"unknown\"}", true, true),
        ("{\"personalization\": true, \"functional\": true}", "{\"functional\": false}", true, true),
        ("{\"personalization\": true, \"functional\": true}", "{\"analytics\": false}", false, true),
        ("{\"personalization\": false, \"functional\": true}", "{\"personalization\": false}", false, true),
        ("{\"personalization\": false, \"functional\": true}", "{\"functional\": false}", true, false),
    ] {
        let mut known = Known::new();
        let mut hear = |answers: &str| {
            let signal = known.signal(Some("u"), "consent", "", answers);
            let mut fold = std::mem::take(&mut known.fold);
            fold.signal(&signal, known.world(Grant::Unknown));
            known.fold = fold;
            known.fold.profile.scope(Grant::Unknown)
        };
        let (covered, covers) = (hear(before), hear(after));
        let left = covers.personal || covers.ledger || covers.hides;
        assert_eq!((covered.exceeds(covers), left), (lost, any), "{before}, then {after}");
    }
}

#[test]
fn nothing_is_left_where_nothing_is_covered() {
    let mut known = Known::new();
    for (event, properties) in [
        ("purchase", "{\"transaction_id\": \"order-1\", \"value\": 25000}"),
        ("add_to_cart", "{\"items\": [{\"item_id\": \"toner\"}]}"),
        ("danbi_declare", "{\"scent\": \"none\"}"),
        (
            "danbi_answer",
            "{\"decision\": \"t.1\", \"campaign\": \"card\", \"slot\": \"home\", \"action\": \"hide_today\"}",
        ),
        ("danbi_answer", "{\"decision\": \"t.2\", \"campaign\": \"survey\", \"action\": \"score\", \"value\": 9}"),
    ] {
        known.happens(Some("u"), "track", event, properties);
    }
    known.happens(Some("u"), "identify", "", "{\"email\": \"a@b.kr\"}");
    known.happens(Some("u"), "consent", "", "{\"personalization\": false, \"functional\": false}");
    known.happens(Some("u"), "track", "purchase", "{\"transaction_id\": \"order-2\", \"value\": 25000}");
    let left = record::write(&mut known.fold);
    let expected = read(
        r#"{"profile": {"user": "u", "anonymousIds": ["a"], "consent": {"personalization": "denied", "functional": "denied"},
            "session": {"start": 0, "last": 0}}, "meters": {"net": null}, "at": 1768014008000}"#,
    );
    assert_eq!(json::write(&left), json::write(&expected));
}

#[test]
fn the_taste_questions_stay_until_the_third_is_answered() {
    let mut tab = Tab::new(onsae(), "ko");
    for at in ["2026-05-10T09:00:00+09:00", "2026-05-12T09:00:00+09:00"] {
        tab.happens(at, "page", "", "{\"kind\": \"list\"}");
    }
    let now = time("2026-05-12T09:00:01+09:00");
    let decision = tab.engine.decide("list", now).expect("the questions");
    assert_eq!(decision.campaign.as_deref(), Some("taste_quiz"));
    tab.engine.update(Input::Decided(Box::new(decision.clone())), now);
    let told = |more: Map| {
        let mut line = decision.properties();
        more.iter().for_each(|(key, value)| line.set(key, value.clone()));
        json::write(&line.into())
    };
    tab.happens("2026-05-12T09:00:02+09:00", "track", "danbi_exposure", &told(Map::new()));
    for (second, question, value) in [(3, "skin", "dry"), (5, "scent", "none")] {
        let answer = Map::new().with("action", "choice").with("question", question).with("value", value);
        let at = format!("2026-05-12T09:00:0{second}+09:00");
        tab.happens(&at, "track", "danbi_answer", &told(answer.with("partial", true)));
        tab.happens(&at, "track", "danbi_declare", &format!("{{\"{question}\": \"{value}\"}}"));
        let open = tab.engine.decide("list", time(&at).plus(500)).map(|decision| decision.id);
        assert_eq!(open.as_ref(), Some(&decision.id), "after {question}");
    }
    let last = Map::new().with("action", "choice").with("question", "budget").with("value", "open");
    tab.happens("2026-05-12T09:00:07+09:00", "track", "danbi_answer", &told(last));
    tab.happens("2026-05-12T09:00:07+09:00", "track", "quiz_completed", "{\"quiz\": \"taste\"}");
    let after = tab.engine.decide("list", time("2026-05-12T09:00:08+09:00"));
    assert_ne!(after.and_then(|decision| decision.campaign).as_deref(), Some("taste_quiz"));
    let said = tab.engine.profile(time("2026-05-12T09:00:08+09:00"));
    assert_eq!(
        ["skin", "scent", "budget"].map(|key| said.at("answers").at(key).at("value").text().unwrap_or_default()),
        ["dry", "none", "open"]
    );
}
