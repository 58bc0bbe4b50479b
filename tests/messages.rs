//! What the engine says of messages: forms, blocks, surveys, marks of advertisements, widgets' data, and that nothing empty shows.
#![cfg(feature = "cli")]

#[path = "common/cases.rs"]
mod cases;

use cases::cases;
use danbi::cli::{json, native::Native};
use danbi::engine::base::document::{List, Part, Table};
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::{Map, Value};
use danbi::engine::bundle::lint;
use danbi::engine::input::{Input, Row};
use danbi::engine::message::template::{Scope, Text};
use danbi::engine::profile::Grant;
use danbi::engine::{Engine, Options};
use proptest::prelude::*;

fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

const NOW: &str = "2026-05-12T10:00:00+09:00";

/// A bundle with these parts beside the house, and one campaign for each message.
fn bundle(parts: &str, campaigns: &[&str]) -> Value {
    read(&format!(
        r#"{{"bundle": "t", "version": 1,
            "house": {{"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko", "en"]}}{parts},
            "campaigns": [{}]}}"#,
        campaigns.join(",")
    ))
}

/// A service without any limits that shows blocks in the slot `home`.
fn card(id: &str, blocks: &str) -> String {
    format!(
        r#"{{"id": "{id}", "label": "{id}", "class": "service", "slot": "home", "message": {{"blocks": {blocks}}}}}"#
    )
}

struct Page {
    engine: Engine,
    rows: i64,
}

impl Page {
    fn new(bundle: &Value, locale: &str) -> Page {
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let schemes = vec![String::from("onsae")];
        let (locale, seed, tab) = (locale.into(), "seed".into(), "tab".into());
        let options = Options { locale, seed, tab, assumed: Grant::Granted, schemes };
        Page { engine: Engine::new(bundle.clone(), zones, Box::new(Native), options), rows: 0 }
    }

    fn track(&mut self, event: &str, properties: &str, at: &str) {
        self.rows += 1;
        let line = Map::new()
            .with("type", "track")
            .with("event", event)
            .with("messageId", format!("m{:03}", self.rows))
            .with("userId", "u")
            .with("timestamp", at)
            .with("properties", read(properties));
        let row = Row { position: self.rows, line: line.into(), fold: true, own: true, ..Row::default() };
        self.engine.update(Input::Rows { rows: vec![row], unsent: 0 }, time(at));
    }

    fn facts(&mut self, facts: &str) {
        self.engine.update(Input::Context(read(facts)), time(NOW));
    }

    fn view(&self, slot: &str) -> Value {
        self.engine.decide(slot, time(NOW)).map(|decision| decision.view).unwrap_or_default()
    }

    /// Blocks as JSON.
    fn blocks(&self) -> String {
        json::write(self.view("home").field("blocks"))
    }
}

/// What of these blocks is shown, in Korean, to a page that told these facts.
fn shown(parts: &str, blocks: &str, facts: &str) -> String {
    let mut page = Page::new(&bundle(parts, &[&card("c", blocks)]), "ko-KR");
    page.facts(facts);
    page.blocks()
}

#[test]
fn every_text_is_printed_and_the_rest_is_copied() {
    let blocks = r#"[
        {"title": {"ko": "{{ context.who | default: \"고객\" }}님", "en": "x"}}, {"note": "작은 글씨"},
        {"choice": {"question": "q", "options": [{"label": "하나", "value": 1, "note": {"ko": "{{ context.who }}"}}]}},
        {"coupon": {"code": "{{ context.code }}", "label": "쿠폰", "until": "5월 24일"}},
        {"share": {"title": "선물", "url": "/?ref={{ context.ref }}", "channels": ["kakao", "copy"]}},
        {"store": {"name": "성수", "phone": "02-000-0000", "map": "https://map.example/{{ context.ref }}"}},
        {"html": {"source": "<b>{{ context.who }}</b>", "title": "비", "height": 120}}]"#;
    assert_eq!(
        shown("", blocks, r#"{"who": "지우", "code": "A-1", "ref": "7"}"#),
        concat!(
            r#"[{"title":"지우님"},{"note":"작은 글씨"},"#,
            r#"{"choice":{"question":"q","options":[{"label":"하나","value":1,"note":"지우"}]}},"#,
            r#"{"coupon":{"code":"A-1","label":"쿠폰","until":"5월 24일"}},"#,
            r#"{"share":{"title":"선물","url":"/?ref=7","channels":["kakao","copy"]}},"#,
            r#"{"store":{"name":"성수","phone":"02-000-0000","map":"https://map.example/7"}},"#,
            r#"{"html":{"source":"<b>지우</b>","title":"비","height":120}}]"#
        )
    );
}

#[test]
fn what_is_left_empty_is_left_out() {
    let blocks = r#"[{"title": "남는 것"}, {"text": "{{ context.none }}"}, {"image": {"src": "{{ context.none }}"}},
        {"coupon": {"code": "{{ context.none }}", "label": "쿠폰"}}, {"share": {"title": "x", "url": "javascript:1", "channels": ["copy"]}},
        {"store": {"name": "{{ context.none }}"}}, {"survey": "none"}, {"unknown": {"label": ""}}, "nothing", 7,
        {"buttons": [{"label": "{{ context.none }}", "value": "a"}, {"label": "가기", "url": "//evil.example", "value": "b"}, {"value": "c"}]},
        {"choice": {"options": [{"label": "", "value": 1}]}}, {"tier": {}}, {"badges": {}}, {"streak": {}}, {"wallet": {}}]"#;
    assert_eq!(
        shown("", blocks, "{}"),
        r#"[{"title":"남는 것"},{"unknown":{}},{"buttons":[{"label":"가기","value":"b"}]}]"#
    );
}

#[test]
fn addresses_pass_by_use() {
    let blocks = r#"[{"title": "t"}, {"image": {"src": "{{ context.url }}", "alt": "a"}}, {"buttons": [{"label": "l", "url": "{{ context.url }}"}]}]"#;
    let at = |url: &str| shown("", blocks, &json::write(&Map::new().with("url", url).into()));
    assert_eq!(
        at("https://a.example/b"),
        r#"[{"title":"t"},{"image":{"src":"https://a.example/b","alt":"a"}},{"buttons":[{"label":"l","url":"https://a.example/b"}]}]"#
    );
    assert_eq!(at("onsae://cart"), r#"[{"title":"t"},{"buttons":[{"label":"l","url":"onsae://cart"}]}]"#);
    assert_eq!(at("java\tscript:1"), r#"[{"title":"t"},{"buttons":[{"label":"l"}]}]"#);
}

/// What a campaign's message is like that interrupts, beside its blocks.
fn interrupts(message: &str, parts: &str, class: &str, locale: &str) -> String {
    let campaign = format!(
        r#"{{"id": "c", "label": "c", "class": "{class}", "message": {{"blocks": [{{"title": {{"ko": "안녕", "en": "Hello"}}}}]{message}}}}}"#
    );
    let mut source = bundle("", &[&campaign]);
    if let Value::Map(house) = source.member_mut("house").unwrap() {
        house.set("adLabel", read(parts));
    }
    let view = Page::new(&source, locale).view("interruptive");
    let mut view = view.map().cloned().unwrap();
    view.remove("blocks");
    json::write(&view.into())
}

#[test]
fn a_form_is_said_with_its_ways_out() {
    let of = |message: &str| interrupts(message, "null", "service", "ko");
    let out = r#""close":"닫기","hide":"오늘 하루 보지 않기""#;
    assert_eq!(of(""), format!(r#"{{"form":"modal","lang":"ko",{out}}}"#));
    assert_eq!(of(r#", "form": "sheet""#), format!(r#"{{"form":"sheet","lang":"ko",{out}}}"#));
    assert_eq!(
        of(r#", "form": "banner", "position": "top", "hide": ["week"]"#),
        r#"{"form":"banner","lang":"ko","position":"top","close":"닫기","week":"7일간 보지 않기"}"#
    );
    assert_eq!(
        of(r#", "form": "toast", "stays": "PT2S", "hide": []"#),
        r#"{"form":"toast","lang":"ko","seconds":5,"close":"닫기"}"#,
        "long enough to be read"
    );
    assert_eq!(
        interrupts(r#", "hide": ["today", "week"]"#, "null", "service", "fr"),
        r#"{"form":"modal","lang":"ko","close":"닫기","hide":"오늘 하루 보지 않기","week":"7일간 보지 않기"}"#
    );
    assert_eq!(
        interrupts("", "null", "service", "en-GB"),
        r#"{"form":"modal","lang":"en","close":"Close","hide":"Don’t show again today"}"#
    );
}

#[test]
fn a_card_can_be_closed_where_its_message_says_so() {
    let with = |hide: &str| {
        let card =
            card("c", r#"[{"title": "t"}]"#).replace("\"blocks\"", &format!("{hide}\"form\": \"sheet\", \"blocks\""));
        let view = Page::new(&bundle("", &[&card]), "ko").view("home");
        ["form", "close", "hide"].map(|key| view.field(key).text().unwrap_or("-").to_string())
    };
    assert_eq!(with(""), ["card", "", "-"]);
    assert_eq!(with("\"hide\": [], "), ["card", "닫기", "-"]);
    assert_eq!(with("\"hide\": [\"today\"], "), ["card", "닫기", "오늘 하루 보지 않기"]);
}

#[test]
fn advertisements_are_marked_as_the_house_says() {
    let ad = |mode: &str, class: &str, locale: &str| {
        let label = format!(r#"{{"mode": "{mode}", "sender": {{"ko": "온새", "en": "ONSAE"}}, "optOut": true}}"#);
        json::write(read(&interrupts("", &label, class, locale)).field("ad"))
    };
    let korean = r#"{"label":"(광고)","sender":"온새","optOut":"광고 그만 받기"}"#;
    assert_eq!(ad("auto", "marketing", "ko"), korean);
    assert_eq!(ad("on", "marketing", "ko"), korean);
    assert_eq!(ad("auto", "marketing", "en"), "null");
    assert_eq!(ad("on", "marketing", "en"), r#"{"label":"(광고)","sender":"ONSAE","optOut":"Stop promotions"}"#);
    assert_eq!(ad("off", "marketing", "ko"), "null");
    assert_eq!(ad("on", "service", "ko"), "null");
}

// ---- surveys ----

const SURVEY: &str = r#", "surveys": {"s": {"thanks": "고마워요", "questions": [
    {"id": "score", "kind": "nps", "title": {"ko": "추천하시겠어요?", "en": "Recommend?"}, "low": "아니요", "next": [{"max": 6, "to": "why"}, {"to": "end"}]},
    {"id": "why", "kind": "choice", "title": "무엇이?", "options": [{"label": "배송", "value": "delivery"}, {"label": "상품", "value": "product"}], "next": [{"value": "product", "to": "end"}]},
    {"id": "words", "kind": "text", "title": "더 알려주세요", "optional": true}]}}"#;

#[test]
fn a_survey_is_printed_by_its_id() {
    let view = shown(SURVEY, r#"[{"survey": "s"}]"#, "{}");
    assert_eq!(
        view,
        concat!(
            r#"[{"survey":{"thanks":"고마워요","questions":["#,
            r#"{"id":"score","kind":"nps","title":"추천하시겠어요?","low":"아니요","next":[{"max":6,"to":"why"},{"to":"end"}]},"#,
            r#"{"id":"why","kind":"choice","title":"무엇이?","options":[{"label":"배송","value":"delivery"},{"label":"상품","value":"product"}],"next":[{"value":"product","to":"end"}]},"#,
            r#"{"id":"words","kind":"text","title":"더 알려주세요","optional":true}],"id":"s"}}]"#
        )
    );
}

#[test]
fn a_survey_is_checked() {
    let found = |questions: &str| -> Vec<(String, String)> {
        let source = bundle(&format!(r#", "surveys": {{"s": {{"questions": {questions}}}}}"#), &[]);
        let at = |path: &str| path.trim_start_matches("/surveys/s/questions").to_string();
        lint::check(&source).iter().map(|it| (it.error.code.to_string(), at(&it.error.path))).collect()
    };
    let one = |code: &str, at: &str| vec![(code.to_string(), at.to_string())];
    let choice = r#"{"id": "a", "kind": "choice", "title": "?", "options": [{"label": "x", "value": "x"}, {"label": "y", "value": "y"}]"#;
    let text = |id: &str, next: &str| format!(r#"{{"id": "{id}", "kind": "text", "title": "?", "next": [{next}]}}"#);
    assert_eq!(found(&format!("[{choice}}}]")), []);
    assert_eq!(found("[]"), one("empty", ""));
    assert_eq!(found(r#"[{"id": "a", "kind": "choice", "title": "?"}]"#), one("empty", "/0/options"));
    assert_eq!(found(&format!("[{}, {}]", text("a", ""), text("a", ""))), one("duplicate", "/1/id"));
    assert_eq!(found(&format!("[{}]", text("end", ""))), one("reserved", "/0/id"));
    assert_eq!(found(&format!("[{}]", text("a", r#"{"to": "nowhere"}"#))), one("unknown_reference", "/0/next/0/to"));
    assert_eq!(
        found(&format!(r#"[{choice}, "next": [{{"value": "z", "to": "end"}}]}}]"#)),
        one("unknown_reference", "/0/next/0/value")
    );
    let twice = r#"[{"id": "a", "kind": "choice", "title": "?", "options": [{"label": "x", "value": 1}, {"label": "y", "value": 1}]}]"#;
    assert_eq!(found(twice), one("duplicate", "/0/options/1/value"));
    // Round and round, by one question and by two; with a way out it may.
    assert_eq!(found(&format!("[{}]", text("a", r#"{"to": "a"}"#))), one("cycle", "/0/next"));
    let two = format!("[{}, {}]", text("a", r#"{"to": "b"}"#), text("b", r#"{"to": "a"}"#));
    assert_eq!(found(&two).len(), 2);
    let way = format!(r#"[{choice}, "next": [{{"value": "x", "to": "a"}}, {{"value": "y", "to": "end"}}]}}]"#);
    assert_eq!(found(&way), []);
    // Where every option leads elsewhere nobody is asked the next.
    let unasked = format!(
        r#"[{choice}, "next": [{{"value": "x", "to": "end"}}, {{"value": "y", "to": "c"}}]}}, {}, {}]"#,
        text("b", ""),
        text("c", "")
    );
    assert_eq!(found(&unasked), one("never_asked", "/1"));
    assert_eq!(found(r#"[{"id": "a", "kind": "text", "title": "?", "max": 3}]"#), one("unsupported", "/0/max"));
    assert_eq!(found(r#"[{"id": "a", "kind": "rating", "title": "?", "max": 11}]"#), one("range", "/0/max"));
}

#[test]
fn messages_are_checked() {
    let found = |blocks: &str| -> Vec<String> {
        let findings = lint::check(&bundle("", &[&card("c", blocks)]));
        let told = findings.iter().filter(|finding| finding.fatal);
        told.map(|it| format!("{} {}", it.error.code, it.error.path.trim_start_matches("/campaigns/0/message/blocks")))
            .collect()
    };
    assert_eq!(found(r#"[{"survey": "s"}]"#), ["unknown_reference /0/survey"]);
    assert_eq!(found(r#"[{"badges": {}}]"#), ["unknown_reference /0"]);
    assert_eq!(found(r#"[{"streak": {"of": "s"}}]"#), ["unknown_reference /0/of"]);
    assert_eq!(found(r#"[{"buttons": [{"label": "x", "url": "javascript:1"}]}]"#), ["url /0/buttons/0/url"]);
    assert_eq!(found(r#"[{"buttons": [{"label": "x", "url": "onsae://cart"}]}]"#), Vec::<String>::new());
    assert_eq!(found(r#"[{"image": {"src": "http://a.example/a.png"}}]"#), ["url /0/image/src"]);
    assert_eq!(found(r#"[{"image": {"src": "{{ context.a }}"}}]"#), Vec::<String>::new());
    assert_eq!(found(r#"[{"share": {"title": "x", "url": "/", "channels": []}}]"#), ["empty /0/share/channels"]);
    assert_eq!(found(r#"[{"html": {"source": "x", "title": "x", "height": 0}}]"#), ["range /0/html/height"]);
    assert_eq!(found(r#"[{"coupon": {"label": "x"}}]"#), ["missing /0/coupon/code"]);
}

#[test]
fn half_of_an_answer_leaves_the_decision_open() {
    let asks = card("ask", r#"[{"survey": "s"}]"#);
    let follows = r#"{"id": "after", "label": "after", "class": "service", "slot": "side",
        "trigger": {"answer": {"campaign": "ask"}}, "prerequisites": [{"campaign": "ask", "is": "answered"}],
        "message": {"blocks": [{"title": "t"}]}}"#;
    let mut page = Page::new(&bundle(SURVEY, &[&asks, follows]), "ko");
    let decision = page.engine.decide("home", time(NOW)).unwrap();
    page.engine.update(Input::Decided(Box::new(decision.clone())), time(NOW));
    let answer = |question: &str, action: &str, value: &str, more: &str| {
        format!(
            r#"{{"decision": "{}", "campaign": "ask", "slot": "home", "action": "{action}", "question": "{question}", "value": {value}{more}}}"#,
            decision.id
        )
    };
    page.track("danbi_answer", &answer("score", "score", "3", r#", "partial": true"#), NOW);
    assert_eq!(page.engine.decide("home", time(NOW)).map(|it| it.id), Some(decision.id.clone()), "it stays");
    assert_eq!(page.engine.profile(time(NOW)).at("answers.score.value").integer(), Some(3), "it is known");
    assert!(page.view("side").is_null(), "and final for nobody");
    page.track("danbi_answer", &answer("why", "choice", "\"product\"", ""), NOW);
    assert_eq!(page.engine.profile(time(NOW)).at("answers.why.value").text(), Some("product"));
    assert_ne!(page.engine.decide("home", time(NOW)).map(|it| it.id), Some(decision.id.clone()));
    assert!(!page.view("side").is_null());
}

// ---- nothing empty ----

#[test]
fn where_nothing_is_left_to_be_said_another_goes_first_and_the_verdict_says_why() {
    let first = card("first", r#"[{"title": "{{ context.item }}"}, {"buttons": [{"label": "가기"}]}]"#)
        .replace("\"class\"", "\"priority\": 9, \"class\"");
    let second = card("second", r#"[{"title": "둘째"}]"#);
    let mut page = Page::new(&bundle("", &[&first, &second]), "ko");
    page.facts("{}");
    let campaign = |page: &Page| page.engine.decide("home", time(NOW)).unwrap().campaign;
    assert_eq!(campaign(&page).as_deref(), Some("second"));
    let verdicts = page.engine.explain(time(NOW));
    let verdict = &verdicts.list()[0];
    assert_eq!(
        ["stage", "code", "at"].map(|key| verdict.field(key).text().unwrap()),
        ["targeting", "empty", "/campaigns/0/message"]
    );
    // The fact comes, and goes, and no rule ever asked for it.
    page.facts(r#"{"item": "시카 앰플 C"}"#);
    assert_eq!(campaign(&page).as_deref(), Some("first"));
    page.facts("{}");
    assert_eq!(campaign(&page).as_deref(), Some("second"));
}

#[test]
fn a_message_that_was_written_without_blocks_is_for_a_host_that_draws() {
    let page = Page::new(&bundle("", &[&card("c", "[]")]), "ko");
    assert_eq!(json::write(page.view("home").field("blocks")), "[]");
}

// ---- widgets ----

const PROGRAM: &str = r#", "meters": {"spend": {"sum": "purchase.value"}, "reviews": {"count": "review"}, "by": {"count": "review", "by": "shelf"}},
    "programs": [{"program": "p", "version": 1, "from": "2026-01-01", "clock": {"tz": "house", "weekStart": "sun"},
    "currencies": {"pt": {"label": {"ko": "포인트", "en": "Points"}, "unit": "P", "expiry": {"after": "P30D"}}, "leaf": {"label": {"ko": "잎사귀", "en": "Leaves"}}},
    "rules": [{"id": "buy", "on": "purchase", "grant": {"pt": ["value", 5, 100]}}],
    "tiers": {"main": {"label": {"ko": "등급", "en": "Tier"}, "meter": "spend", "levels": [{"id": "a", "min": 0, "label": {"ko": "씨앗", "en": "Seed"}}, {"id": "b", "min": 50000}]}},
    "badges": [{"id": "writer", "label": {"ko": "후기", "en": "Writer"}, "meter": "reviews", "levels": [1, 3]}, {"id": "shelf", "label": "책장", "meter": "by", "levels": [2]}, {"id": "secret", "meter": "spend", "levels": [9999999], "hidden": true}],
    "missions": [{"id": "three", "label": {"ko": "후기 세 개", "en": "Three reviews"}, "steps": ["review"], "times": 3, "in": "P10D", "reward": {"pt": 2000, "badge": "writer"}}],
    "streaks": [{"id": "visit", "label": {"ko": "출석", "en": "Visits"}, "on": "visit", "freeze": {"max": 1, "initial": 1}}],
    "collections": [{"id": "scents", "label": {"ko": "향", "en": "Scents"}, "items": ["rose", "lime"], "on": "collected", "reward": {"pt": 10}}],
    "rewards": [{"id": "tea", "label": {"ko": "차", "en": "Tea"}, "cost": {"pt": 1000}}, {"id": "car", "label": "차", "cost": {"pt": 90000000}}]}]"#;

/// A shopper who has done something of all.
fn member(locale: &str) -> Page {
    let mut page = Page::new(&bundle(PROGRAM, &[]), locale);
    page.track(
        "purchase",
        r#"{"transaction_id": "a", "value": 30000, "currency": "KRW"}"#,
        "2026-05-01T10:00:00+09:00",
    );
    page.track("review", r#"{"shelf": "top"}"#, "2026-05-05T10:00:00+09:00");
    page.track("collected", r#"{"item": "lime"}"#, "2026-05-05T10:00:00+09:00");
    for day in ["06", "07", "09", "10", "11"] {
        page.track("visit", "{}", &format!("2026-05-{day}T10:00:00+09:00"));
    }
    page.facts(r#"{"items": {"lime": {"item_name": "라임"}}}"#);
    page
}

/// What a page draws of one block by itself.
fn widget(page: &Page, block: &str) -> String {
    json::write(page.engine.block(&read(block), time(NOW)).at("blocks.0"))
}

#[test]
fn widgets_say_progress_in_words() {
    let page = member("ko");
    assert_eq!(
        widget(&page, r#"{"tier": {"of": "main"}}"#),
        concat!(
            r#"{"tier":{"id":"main","label":"등급","level":"씨앗","value":"30,000원","next":{"label":"b","target":"50,000원","remaining":"20,000원"},"#,
            r#""percent":60,"rungs":[{"id":"a","label":"씨앗","from":"0원","reached":true},{"id":"b","label":"b","from":"50,000원","reached":false}]}}"#
        )
    );
    assert_eq!(
        widget(&page, r#"{"badges": {}}"#),
        concat!(
            r#"{"badges":{"items":[{"id":"writer","label":"후기","level":1,"levels":2,"value":1,"target":3,"got":true},"#,
            r#"{"id":"shelf.top","label":"책장 top","level":0,"levels":1,"value":1,"target":2,"got":false}]}}"#
        ),
        "what is hidden is not told"
    );
    assert_eq!(
        widget(&page, r#"{"missions": {"of": ["three"]}}"#),
        r#"{"missions":{"items":[{"id":"three","label":"후기 세 개","status":"open","done":1,"need":3,"deadline":"5월 15일","reward":"2,000P, 후기"}]}}"#
    );
    assert_eq!(
        widget(&page, r#"{"collection": {}}"#),
        r#"{"collection":{"id":"scents","label":"향","have":1,"need":2,"items":[{"id":"rose","label":"rose","got":false},{"id":"lime","label":"라임","got":true}]}}"#
    );
    assert_eq!(
        widget(&page, r#"{"wallet": {}}"#),
        concat!(
            r#"{"wallet":{"currencies":[{"id":"pt","label":"포인트","active":"1,500P","expiring":{"amount":"1,500P","date":"5월 31일"},"status":"projected"},"#,
            r#"{"id":"leaf","label":"잎사귀","active":"0 잎사귀","status":"projected"}],"rewards":[{"id":"tea","label":"차","state":"available"}]}}"#
        )
    );
    assert_eq!(widget(&page, r#"{"wallet": {"of": "leaf"}}"#).matches("\"id\"").count(), 1);
    assert_eq!(widget(&page, r#"{"badges": {"of": "none"}}"#), "null");
    let english = member("en");
    assert_eq!(
        widget(&english, r#"{"missions": {}}"#),
        r#"{"missions":{"items":[{"id":"three","label":"Three reviews","status":"open","done":1,"need":3,"deadline":"May 15","reward":"2,000P, Writer"}]}}"#
    );
    assert_eq!(json::write(english.engine.block(&read(r#"{"wallet": {}}"#), time(NOW)).field("lang")), "\"en\"");
}

#[test]
fn a_calendar_tells_what_is_known_of_each_day() {
    let page = member("ko");
    let view = page.engine.block(&read(r#"{"streak": {}}"#), time(NOW));
    let streak = view.at("blocks.0.streak");
    let days = streak.field("days").list();
    let state = |date: &str| {
        days.iter()
            .find(|day| day.field("date").text() == Some(date))
            .and_then(|day| day.field("state").text())
            .unwrap()
    };
    assert_eq!(["unit", "label"].map(|key| streak.field(key).text().unwrap()), ["day", "출석"]);
    assert_eq!(["length", "best", "freezes"].map(|key| streak.field(key).integer().unwrap()), [5, 5, 0]);
    // Four whole weeks from a Sunday to a Saturday, with this one.
    assert_eq!(
        (days.len(), days[0].field("date").text(), days[27].field("date").text()),
        (28, Some("2026-04-19"), Some("2026-05-16"))
    );
    let told = ["05", "06", "07", "08", "09", "11", "12", "13"].map(|day| state(&format!("2026-05-{day}")));
    assert_eq!(told, ["none", "done", "done", "frozen", "done", "done", "today", "ahead"]);
}

#[test]
fn a_day_is_missed_once_the_habit_has_begun() {
    let mut page = member("ko");
    page.track("visit", "{}", "2026-05-15T10:00:00+09:00");
    let view = page.engine.block(&read(r#"{"streak": {"of": "visit"}}"#), time("2026-05-15T11:00:00+09:00"));
    let state = |place: &str| {
        view.at(&["blocks.0.streak.days.", place, ".state"].concat()).text().unwrap_or_default().to_string()
    };
    // Tuesday and Wednesday and Thursday: no freeze was left.
    assert_eq!(["23", "24", "25", "26", "27"].map(state), ["missed", "missed", "missed", "done", "ahead"]);
    assert_eq!(view.at("blocks.0.streak.length").integer(), Some(1));
}

// ---- whatever is written, and whatever it reads ----

/// Texts that are no texts, and what templates may be broken by.
fn hostile() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        Just("{{ context.x }}".to_string()),
        Just("{% abort %}".to_string()),
        Just("{{ context.x | money | josa: \"을/를\" }}{% if".to_string()),
        Just("javascript:alert(1)".to_string()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = proptest::sample::select(
            &[
                "title",
                "text",
                "label",
                "url",
                "src",
                "options",
                "value",
                "of",
                "ko",
                "en",
                "questions",
                "next",
                "map",
                "code",
            ][..],
        );
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            proptest::collection::vec((key, inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<Map>().into()),
        ]
    })
}

/// Every address in a value.
fn addresses(value: &Value, found: &mut Vec<String>) {
    for (key, member) in value.members() {
        if ["url", "src", "map"].contains(&key) {
            found.extend(member.text().map(String::from));
        }
        addresses(member, found);
    }
    value.list().iter().for_each(|item| addresses(item, found));
}

proptest! {
    #![proptest_config(cases(400))]

    /// Any block prints, or is left out; addresses lead where they may.
    #[test]
    fn printing_is_total(
        kind in proptest::sample::select(&["title", "text", "image", "progress", "buttons", "choice", "survey", "coupon", "share", "store", "html", "tier", "badges", "missions", "streak", "collection", "wallet", "other"][..]),
        content in hostile(),
        x in hostile(),
    ) {
        let mut page = Page::new(&bundle(PROGRAM, &[]), "ko");
        page.engine.update(Input::Context(Map::new().with("x", x).into()), time(NOW));
        let block = Map::new().with(kind, content.clone()).into();
        let printed = page.engine.block(&block, time(NOW));
        let mut found = Vec::new();
        addresses(&printed, &mut found);
        let shop = url::Url::parse("https://shop.example/").unwrap();
        for address in found {
            let scheme = shop.join(&address).map_or(String::new(), |url| url.scheme().to_string());
            prop_assert!(["", "https", "mailto", "tel", "onsae", "http"].contains(&scheme.as_str()), "{address}");
        }
        // Within a campaign, and as a survey.
        let source = bundle(PROGRAM, &[]);
        let campaign = Map::new()
            .with("id", "c")
            .with("label", "c")
            .with("class", "service")
            .with("message", Map::new().with("blocks", vec![block, read(r#"{"survey": "s"}"#)]));
        let source = source.map().cloned().unwrap().with("campaigns", vec![Value::from(campaign)]);
        let source = source.with("surveys", Map::new().with("s", content));
        let page = Page::new(&source.into(), "en");
        page.engine.decide("interruptive", time(NOW));
        page.engine.explain(time(NOW));
    }

    /// Answers in any order, some of them twice: what is known and what is open is the same.
    #[test]
    fn the_order_of_answers_does_not_matter(order in Just(vec![0, 1, 2, 3, 0, 2]).prop_shuffle()) {
        let answers = [("score", "score", "3", true), ("why", "choice", "\"delivery\"", true), ("words", "text", "\"느려요\"", false), ("score", "score", "4", true)];
        let told = |order: &[usize]| {
            let mut page = Page::new(&bundle(SURVEY, &[&card("ask", r#"[{"survey": "s"}]"#)]), "ko");
            for place in order {
                let (question, action, value, partial) = answers[*place];
                let line = read(&format!(
                    r#"{{"type": "track", "event": "danbi_answer", "messageId": "a{place}", "userId": "u", "timestamp": "{}",
                        "properties": {{"decision": "tab.1", "campaign": "ask", "slot": "home", "action": "{action}", "question": "{question}", "value": {value}, "partial": {partial}}}}}"#,
                    Time(time(NOW).0 + *place as i64).text()
                ));
                page.rows += 1;
                let row = Row { position: page.rows, line, fold: true, ..Row::default() };
                page.engine.update(Input::Rows { rows: vec![row], unsent: 0 }, time(NOW).plus(10));
            }
            json::write(page.engine.profile(time(NOW).plus(10)).field("answers"))
        };
        let (mut one, mut other): (Value, Value) = (read(&told(&[0, 1, 2, 3])), read(&told(&order)));
        for answers in [&mut one, &mut other] {
            let mut sorted = Map::new();
            answers.members().for_each(|(key, said)| sorted.sorted(key, said.clone()));
            *answers = sorted.into();
        }
        prop_assert_eq!(one, other);
    }
}

#[test]
fn a_text_is_looked_up_by_rfc_4647_then_the_house_then_any() {
    let house = read(r#"["ko", "en"]"#);
    for (there, wanted, found) in [
        (r#"{"ko": "", "ko-KR": ""}"#, "ko-KR", "ko-KR"),
        (r#"{"ko": "", "en": ""}"#, "ko-KR", "ko"),
        (r#"{"en": "", "zh": "", "zh-Hant": ""}"#, "zh-Hant-TW", "zh-Hant"),
        (r#"{"en": "", "zh": ""}"#, "zh-Hant-TW", "zh"),
        (r#"{"en": "", "ZH-hant": ""}"#, "zh-Hant-HK", "ZH-hant"),
        // A single letter goes with what it introduces: zh-Hant-CN-x-private1 → zh-Hant-CN → zh-Hant → zh.
        (r#"{"zh-Hant-CN-x": "", "zh-Hant": "", "en": ""}"#, "zh-Hant-CN-x-private1", "zh-Hant"),
        // A wish is cut short, never made longer; what is there is not cut.
        (r#"{"en-GB": "", "ko": ""}"#, "en", "ko"),
        (r#"{"en": "", "ja": ""}"#, "fr-CA", "en"),
        (r#"{"ja": "", "fr": ""}"#, "de", "ja"),
        (r#"{"ja": "", "fr": ""}"#, "*", "ja"),
        (r#"{"ja": "", "fr": ""}"#, "", "ja"),
    ] {
        let texts = read(there);
        let scope = Scope {
            document: &Value::Null,
            currency: "KRW",
            lang: wanted,
            locales: List::of(&house),
            texts: Table::of(&Value::Null),
            host: &Native,
            moment: None,
        };
        assert_eq!(Text::of(&texts).lookup(scope).map(|(lang, _)| lang), Some(found), "{wanted} among {there}");
    }
}
