//! The acceptance matrix of campaigns.md section 11 as a marketer runs it, through `danbi replay --explain`; what the personas'
//! messages say; and that their ids are as the document wants them.
#![cfg(feature = "cli")]

use danbi::cli::{json, native};
use danbi::engine::audience::bucketing::bucket_ranges;
use danbi::engine::base::document::{List, Part};
use danbi::engine::base::hash;
use danbi::engine::base::time::Time;
use danbi::engine::base::value::Value;
use danbi::engine::bundle::Bundle;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::{Engine, Options};
use std::path::{Path, PathBuf};
use std::process::Command;

const NOW: &str = "2026-05-12T10:00:00+09:00";
const NAMES: [&str; 12] =
    ["guest", "jiu", "seojun", "haeun", "jane", "minjae", "yuna", "doyun", "sua", "taeo", "jia", "hyunu"];

#[path = "common/view.rs"]
mod view;

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bundle() -> PathBuf {
    root().join("www/bundles/onsae.json")
}

fn shop() -> Value {
    read(&std::fs::read_to_string(bundle()).expect("the shop's bundle"))
}

fn events(name: &str) -> PathBuf {
    root().join(format!("tests/cases/personas/{name}.ndjson"))
}

fn lines(name: &str) -> Vec<Value> {
    std::fs::read_to_string(events(name)).expect("the persona's events").lines().map(read).collect()
}

/// What `danbi replay --explain` answers of a persona.
fn replay(name: &str, at: &str, lang: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_danbi"));
    command.arg("replay").arg("--bundle").arg(bundle()).arg("--events").arg(events(name));
    let output = command.args(["--at", at, "--explain", "--lang", lang]).output().expect("danbi runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("output is UTF-8");
    assert_eq!(text.lines().count(), 1, "{name}: one line of one shopper");
    read(&text)
}

fn found<'a>(items: &'a Value, key: &str, name: &str) -> &'a Value {
    items.list().iter().find(|item| item.at(key).text() == Some(name)).unwrap_or(&Value::Null)
}

/// Persona, page's slot, interruptive winner, inline, then loser and reason in Korean and English.
type Line = (&'static str, &'static str, &'static str, &'static str, &'static str, [&'static str; 2]);

#[test]
fn the_matrix_through_the_command_line() {
    let rows: [Line; 12] = [
        ("guest", "home", "", "", "cart", ["로그인 전이에요", "Not signed in yet"]),
        ("jiu", "mypage", "welcome D0", "birthday_ask", "cart", ["장바구니가 비어 있어요", "The bag is empty"]),
        (
            "seojun",
            "mypage",
            "cart 1",
            "tier_progress",
            "tier_nudge",
            ["장바구니 알림이 먼저예요", "Cart reminder goes first"],
        ),
        (
            "haeun",
            "mypage",
            "birthday_gift",
            "tier_progress",
            "tier_notice",
            ["이번에 이미 알려드렸어요", "Already told this time"],
        ),
        (
            "jane",
            "mypage",
            "review sheet",
            "tier_progress",
            "nps_ask",
            ["첫 주문이라 아직이에요", "Not yet: first order"],
        ),
        (
            "minjae",
            "mypage",
            "winback points",
            "tier_progress",
            "birthday_gift",
            ["생일을 몰라요", "The birthday is unknown"],
        ),
        (
            "yuna",
            "mypage",
            "birthday_gift",
            "tier_progress",
            "cart",
            ["생일 선물이 먼저예요", "Birthday gift goes first"],
        ),
        (
            "doyun",
            "list",
            "",
            "taste_mismatch",
            "taste_quiz",
            ["180일 안에 답해 주셨어요", "Answered within the last 180 days"],
        ),
        ("sua", "mypage", "", "tier_progress", "store", ["매장이 11시에 열어요", "The store opens at 11"]),
        (
            "taeo",
            "mypage",
            "referral",
            "tier_progress",
            "nps_ask",
            ["90일 안에 물어봤어요", "Asked within the last 90 days"],
        ),
        (
            "jia",
            "mypage",
            "",
            "support",
            "cart",
            ["불편을 해결하는 중이에요 (5월 24일까지)", "We are putting things right (until May 24)"],
        ),
        (
            "hyunu",
            "order_complete",
            "",
            "instant_or_save",
            "cart",
            ["결제 완료 화면에는 띄우지 않아요", "Never shown on the order-complete page"],
        ),
    ];
    for (name, slot, winner, inline, loser, reasons) in rows {
        for (lang, reason) in ["ko", "en"].into_iter().zip(reasons) {
            let line = replay(name, NOW, lang);
            let shown = |slot: &str| {
                let decision = found(line.at("decisions"), "slot", slot);
                let words = ["campaign", "step"].into_iter().filter_map(|key| decision.at(key).text());
                words.collect::<Vec<_>>().join(" ")
            };
            assert_eq!((shown("interruptive").as_str(), shown(slot).as_str()), (winner, inline), "{name}");
            let decided = [winner, inline].into_iter().filter(|shown| !shown.is_empty()).count();
            assert_eq!(line.at("decisions").list().len(), decided, "{name}: nothing else is decided");
            assert_eq!(found(line.at("verdicts"), "campaign", loser).at("text").text(), Some(reason), "{name}");
        }
    }
    let every = |name: &str, lang: &str, reason: &str, which: &dyn Fn(&Value) -> bool| {
        let line = replay(name, NOW, lang);
        let verdicts: Vec<_> = line.at("verdicts").list().iter().filter(|verdict| which(verdict)).collect();
        assert!(verdicts.len() > 5, "{name}");
        verdicts.iter().for_each(|verdict| assert_eq!(verdict.at("text").text(), Some(reason), "{name}"));
    };
    every("guest", "ko", "로그인 전이에요", &|_| true);
    let sheet = |verdict: &Value| verdict.at("slot").text() == Some("interruptive");
    every("hyunu", "ko", "결제 완료 화면에는 띄우지 않아요", &sheet);
}

/// What a persona's message says in a slot.
fn says(name: &str, slot: &str, at: &str, lang: &str) -> Vec<String> {
    let bundle = shop();
    let zones = native::zones(&Bundle(&bundle).zones(), time("2025-01-01T00:00:00Z"), time("2030-01-01T00:00:00Z"))
        .expect("the zones are known");
    let options = Options {
        locale: lang.into(),
        seed: "seed".into(),
        tab: "tab".into(),
        assumed: Grant::Granted,
        schemes: Vec::new(),
    };
    let mut engine = Engine::new(bundle, zones, Box::new(native::Native), options);
    let row =
        |(position, line): (usize, Value)| Row { position: position as i64 + 1, line, fold: true, ..Row::default() };
    let now = time(at);
    let happened = |line: &Value| time(line.at("timestamp").text().unwrap_or_default()) <= now;
    let rows = lines(name).into_iter().filter(happened).enumerate().map(row).collect();
    engine.update(Input::Rows { rows, unsent: 0 }, now);
    let decision = engine.decide(slot, now).unwrap_or_else(|| panic!("{name} sees something in {slot}"));
    view::words(&decision.view).concat()
}

#[test]
fn the_messages_say_what_the_document_says() {
    for (name, slot, at, lang, expected) in [
        ("jiu", "interruptive", NOW, "ko", ["반가워요, 지우님.", "천천히 둘러보세요."].as_slice()),
        ("jiu", "interruptive", NOW, "en", &["Welcome, 지우.", "No rush, look around."]),
        ("jiu", "mypage", NOW, "ko", &["생일이 언제예요?"]),
        ("seojun", "interruptive", NOW, "ko", &["담아둔 시카 앰플 C를 그대로 두었어요."]),
        ("seojun", "interruptive", NOW, "en", &["Your 시카 앰플 C is still in your bag."]),
        ("seojun", "mypage", NOW, "ko", &["꽃 등급까지 28,000원 남았어요"]),
        ("haeun", "interruptive", NOW, "ko", &["하은님, 생일 축하해요!", "선물을 골라 주세요.", "미니 핸드크림"]),
        ("haeun", "interruptive", NOW, "en", &["Happy birthday, 하은!", "Pick your gift."]),
        (
            "haeun",
            "interruptive",
            "2026-05-02T12:00:00+09:00",
            "ko",
            &["6월 1일에 잎 등급으로 바뀔 수 있어요.", "52,000원을 채우면 그대로예요."],
        ),
        (
            "haeun",
            "interruptive",
            "2026-05-02T12:00:00+09:00",
            "en",
            &["You may move to Leaf on June 1.", "₩52,000 keeps Bloom."],
        ),
        (
            "jane",
            "interruptive",
            NOW,
            "ko",
            &[
                "Jane님, 무드 틴트 03은 잘 맞으셨어요?",
                "글은 500P, 사진까지 올리면 1,000P예요.",
                "별점과 상관없이 드려요. 적립금을 받은 후기로 표시돼요.",
            ],
        ),
        (
            "jane",
            "interruptive",
            NOW,
            "en",
            &["Jane, how is 무드 틴트 03 working?", "500P for text, 1,000P with a photo."],
        ),
        (
            "minjae",
            "interruptive",
            NOW,
            "ko",
            &[
                "오랜만이에요, 민재님.",
                "8,000P가 5월 26일에 사라져요.",
                "30,000원부터 쓰실 수 있는 3,000원 쿠폰을 드려요.",
            ],
        ),
        ("minjae", "interruptive", NOW, "en", &["Good to see you, 민재.", "8,000P expire on May 26."]),
        ("minjae", "interruptive", "2026-05-27T10:00:00+09:00", "ko", &["그동안 새로 나온 세 가지예요."]),
        ("yuna", "mypage", NOW, "ko", &["가장 높은 정원 등급이에요"]),
        (
            "doyun",
            "list",
            NOW,
            "ko",
            &[
                "무향을 고르셨는데 요즘 향수를 자주 보셨어요.",
                "추천을 바꿔볼까요?",
                "향도 보여주세요",
                "그대로 무향",
                "선물 고르는 중",
            ],
        ),
        (
            "sua",
            "interruptive",
            "2026-05-12T11:05:00+09:00",
            "ko",
            &["성수 매장이 가까워요.", "오늘 피부 진단 자리가 있어요."],
        ),
        ("taeo", "interruptive", NOW, "ko", &["고마워요!", "친구에게 3,000원을 선물해 보세요.", "kakao"]),
        ("jia", "mypage", NOW, "ko", &["불편을 드려 죄송해요.", "담당자가 하루 안에 연락드릴게요."]),
        ("hyunu", "order_complete", NOW, "ko", &["이번 혜택, 어떻게 받을까요?", "지금 2,900원 쿠폰", "30일 뒤 3,480P"]),
        (
            "hyunu",
            "order_complete",
            NOW,
            "en",
            &["How would you like your reward?", "₩2,900 coupon now", "3,480P in 30 days"],
        ),
    ] {
        let said = says(name, slot, at, lang);
        for text in expected {
            assert!(said.iter().any(|one| one == text), "{name} in {lang}: {text} is not among {said:#?}");
        }
    }
}

#[test]
fn no_persona_is_held_out_and_each_is_in_variant_a() {
    let bundle = shop();
    let bundle = Bundle(&bundle);
    for name in NAMES.into_iter().skip(1) {
        let lines = lines(name);
        let user = lines[0].at("userId").text().expect("a member").to_string();
        assert!(lines.iter().all(|line| line.at("userId").text() == Some(&*user)), "{name} is one member");
        let bucket = |seed: &str| hash::bucket(seed, &user, 2).expect("a bucket");
        let holdout = bundle.house().holdout().expect("a holdout");
        assert!(bucket(holdout.seed()) >= holdout.share(), "{name} is held out");
        for campaign in bundle.campaigns().iter().filter(|campaign| !campaign.variants().is_empty()) {
            let weights: Vec<f64> = campaign.variants().iter().map(|variant| variant.weight()).collect();
            let all: f64 = weights.iter().sum();
            let shares: Vec<f64> = weights.iter().map(|weight| weight / all).collect();
            let first = bucket_ranges(shares.len(), 1.0, &shares)[0];
            let seed = campaign.experiment().seed().unwrap_or(campaign.id());
            assert_eq!(campaign.variants().get(0).map(|variant| variant.id()), Some("A"));
            assert!((first[0]..first[1]).contains(&bucket(seed)), "{name} is not in variant A of {}", campaign.id());
        }
    }
}

#[test]
fn every_purpose_is_granted_first_and_no_line_has_a_coordinate() {
    let bundle = shop();
    let purposes: Vec<&str> = List::<&str>::of(bundle.at("purposes")).iter().collect();
    for name in NAMES {
        let first = &lines(name)[0];
        assert_eq!(first.at("type").text(), Some("consent"), "{name}");
        for purpose in ["functional", "analytics", "personalization", "advertising"].iter().chain(&purposes) {
            assert_eq!(first.at("properties").at(purpose).text(), Some("granted"), "{name}: {purpose}");
        }
        let text: String = lines(name).iter().map(json::write).collect();
        assert!(["lat", "lng", "coords"].iter().all(|word| !text.contains(&format!("\"{word}"))), "{name}");
    }
}
