//! The command line as it is used: `danbi check` and `danbi replay`, their output, their exit codes.
#![cfg(feature = "cli")]

mod command;

use command::{Run, danbi};
use danbi::cli::json;
use danbi::engine::base::value::Value;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file of its own for a test.
fn file(text: impl AsRef<[u8]>) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}-{number}.json", std::process::id()));
    std::fs::write(&path, text).expect("the target folder can be written");
    path.display().to_string()
}

/// The path of a file of the repository.
fn path(within: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(within).display().to_string()
}

fn read(within: &str) -> String {
    std::fs::read_to_string(path(within)).expect("a file of the repository")
}

fn onsae() -> String {
    path("www/bundles/onsae.json")
}

const SUITES: &str = "www/bundles/onsae.suites.json";

/// The findings of `check --json`, and the exit code.
fn check(text: &str) -> (Vec<Value>, Option<i32>) {
    let run = danbi(&["check", "--json", &file(text)], b"");
    let lines = run.out.lines().map(|line| json::parse(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    (lines.collect(), run.code)
}

fn keys(value: &Value) -> Vec<&str> {
    value.map().into_iter().flat_map(|map| map.iter().map(|(key, _)| key)).collect()
}

fn is_hangul(letter: char) -> bool {
    ('가'..='힣').contains(&letter)
}

/// Exactly one error: its code and pointer, and the line and column at which this stands first.
fn finds(text: &str, code: &str, pointer: &str, place: &str) {
    let before = text.split_once(place).unwrap_or_else(|| panic!("{place} is not in {text}")).0;
    let line = before.lines().count().max(1) + usize::from(before.ends_with('\n'));
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    finds_at(text, code, pointer, (line, column));
}

fn finds_at(text: &str, code: &str, pointer: &str, place: (usize, usize)) {
    let (findings, exit) = check(text);
    let lines: Vec<String> = findings.iter().map(json::write).collect();
    let errors: Vec<&Value> =
        findings.iter().filter(|finding| finding.at("severity").text() == Some("error")).collect();
    assert_eq!(errors.len(), 1, "{code}: one error of {lines:#?}");
    let found = errors[0];
    assert_eq!(keys(found), ["severity", "code", "pointer", "line", "column", "ko", "en"]);
    assert_eq!((found.at("code").text(), found.at("pointer").text()), (Some(code), Some(pointer)), "{lines:#?}");
    let written = (found.at("line").integer(), found.at("column").integer());
    assert_eq!(written, (Some(place.0 as i64), Some(place.1 as i64)), "{code}: line and column of {lines:#?}");
    let (ko, en) = (found.at("ko").text().unwrap_or_default(), found.at("en").text().unwrap_or_default());
    assert!(ko.chars().any(is_hangul), "{code}: Korean: {ko}");
    let plain = en.replace("을/를", "");
    assert!(!plain.is_empty() && !plain.chars().any(is_hangul), "{code}: English: {en}");
    assert!(!ko.contains("확인이 필요해요"), "{code} has no words of its own in Korean");
    assert_eq!(exit, Some(1), "{code}: an error");
}

const HEAD: &str = "{\n  \"bundle\": \"t\", \"version\": 1,\n  \"house\": {\"zone\": \"Asia/Seoul\", \"currency\": \"KRW\", \"locales\": [\"ko\"]}";

/// A valid beginning, then these members from line 4 on.
fn with(members: &str) -> String {
    format!("{HEAD},\n{members}\n}}")
}

/// A campaign on line 5 that wants only this member, on line 6.
fn campaign(member: &str) -> String {
    let message = "\"message\": {\"blocks\": [{\"title\": \"x\"}]}";
    with(&format!(
        "  \"campaigns\": [\n    {{\"id\": \"c\", \"label\": \"c\", {message}, \"caps\": [{{\"count\": 1}}],\n      {member}}}\n  ]"
    ))
}

#[test]
fn a_good_bundle_has_no_errors() {
    let run = danbi(&["check", "--json", &onsae()], b"");
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    for line in run.out.lines() {
        let finding = json::parse(line).unwrap();
        assert_eq!(finding.at("severity").text(), Some("warning"), "{line}");
        assert_eq!(keys(&finding), ["severity", "code", "pointer", "line", "column", "ko", "en"]);
    }
    let (findings, exit) = check(&with("  \"campaigns\": []"));
    assert_eq!((findings, exit), (vec![], Some(0)));
}

#[test]
fn warnings_alone_are_no_failure() {
    let bundle = with("  \"campaigns\": [{\"id\": \"c\", \"label\": \"c\", \"message\": {\"blocks\": []}}]");
    let (findings, exit) = check(&bundle);
    let codes: Vec<_> = findings
        .iter()
        .map(|finding| (finding.at("severity").text().unwrap(), finding.at("code").text().unwrap()))
        .collect();
    assert_eq!(codes, [("warning", "no_cap"), ("warning", "no_end")]);
    assert_eq!(exit, Some(0));
}

#[test]
fn unknown_keys_have_a_place() {
    finds(&with("  \"campains\": []"), "unknown_key", "/campains", "\"campains\"");
    finds(
        "{\n \"bundle\": \"t\", \"version\": 1,\n \"house\": {\"zone\": \"Asia/Seoul\",\n   \"현지\": 1, \"currency\": \"KRW\"}}",
        "unknown_key",
        "/house/현지",
        "\"현지\"",
    );
    finds(
        &with("  \"meters\": {\"a/b\": {\"count\": \"x\", \"b~c\": 1}}"),
        "unknown_key",
        "/meters/a~1b/b~0c",
        "\"b~c\"",
    );
    finds(&campaign("\"__proto__\": {}"), "unknown_key", "/campaigns/0/__proto__", "\"__proto__\"");
}

#[test]
fn what_is_missing_points_to_where_it_belongs() {
    finds(
        "{\n \"bundle\": \"t\", \"version\": 1,\n   \"house\": {\"zone\": \"Asia/Seoul\"}}",
        "missing",
        "/house/currency",
        "\"house\"",
    );
    finds(
        &with("  \"programs\": [\n    {\"program\": \"p\", \"version\": 1, \"currencies\": {}, \"tiers\": {}}]"),
        "missing",
        "/programs/0/from",
        "{\"program\"",
    );
}

#[test]
fn signals_interests_and_retention_are_checked() {
    let interests =
        |member: &str| with(&format!("  \"interests\": {{\"scent\": {{\"property\": \"scent\",\n    {member}}}}}"));
    let halves = "\"shares\": {\"a\": 0.5, \"b\": 0.5}";
    finds(&interests("\"shares\": {\"a\": 0.5, \"b\": 0.4}"), "range", "/interests/scent/shares", "\"shares\"");
    finds(&interests("\"shares\": {\"a\": 1, \"b\": 0}"), "range", "/interests/scent/shares/b", "\"b\": 0");
    finds(
        &interests("\"shares\": {\"a\": 0.5,\n \"conflict\": 0.5}"),
        "reserved",
        "/interests/scent/shares/conflict",
        "\"conflict\"",
    );
    finds(
        &interests(&format!("{halves}, \"halfLife\": \"P1M\"")),
        "range",
        "/interests/scent/halfLife",
        "\"halfLife\"",
    );
    finds(&interests(&format!("{halves}, \"decay\": 1")), "unknown_key", "/interests/scent/decay", "\"decay\"");
    finds(&interests("\"said\": \"x\""), "missing", "/interests/scent/shares", "\"scent\"");
    let signals = |member: &str| with(&format!("  \"signals\": {{\n    {member}}}"));
    finds(&signals("\"dwell\": 30"), "type", "/signals/dwell", "\"dwell\"");
    finds(&signals("\"dwell\": {\"after\": \"P1D\"}"), "range", "/signals/dwell/after", "\"after\"");
    finds(&signals("\"scroll\": {\"percents\": [50, 101]}"), "range", "/signals/scroll/percents", "\"percents\"");
    finds(&signals("\"search\": {\"sends\": true}"), "unknown_key", "/signals/search/sends", "\"sends\"");
    finds(&signals("\"clicks\": true"), "unknown_key", "/signals/clicks", "\"clicks\"");
    let retention =
        |span: &str| HEAD.replace("[\"ko\"]}", &format!("[\"ko\"], \"retention\": {{\"member\": \"{span}\"}}}}\n}}"));
    finds(&retention("P0D"), "range", "/house/retention/member", "\"member\"");
    let good = "  \"signals\": {\"pages\": true, \"dwell\": {\"after\": \"PT30S\"}, \"scroll\": true, \"search\": {\"params\": [\"q\"], \"send\": true}, \"exit\": false, \"answers\": {\"send\": true}}";
    assert_eq!(check(&with(good)), (vec![], Some(0)));
    assert_eq!(check(&retention("P400D")), (vec![], Some(0)));
    assert_eq!(check(&interests(halves)), (vec![], Some(0)));
}

#[test]
fn doubts_about_tastes() {
    let text = with(
        "  \"interests\": {\"kind\": {\"property\": \"item_categroy\", \"shares\": {\"a\": 1}}},\n  \"audiences\": {\"x\": {\"when\": {\"interest.kind.a.did\": 1, \"interest.kinds.conflict\": true}}}",
    );
    let (findings, exit) = check(&text);
    let told: Vec<_> = findings
        .iter()
        .map(|finding| {
            ["severity", "code", "pointer"].map(|key| finding.at(key).text().unwrap_or_default().to_string())
        })
        .collect();
    assert_eq!(
        told,
        [
            ["warning", "unknown_property", "/interests/kind/property"],
            ["warning", "unknown_fact", "/audiences/x/when/interest.kinds.conflict"]
        ]
    );
    assert!(findings.iter().all(|finding| finding.at("ko").text().is_some_and(|ko| ko.chars().any(is_hangul))));
    assert_eq!(exit, Some(0));
}

#[test]
fn values_of_another_kind() {
    finds(&campaign("\"priority\": \"high\""), "type", "/campaigns/0/priority", "\"priority\"");
    finds(&campaign("\"priority\": 1.5"), "type", "/campaigns/0/priority", "\"priority\"");
    finds(
        &campaign("\"slot\": null, \"schedule\": {\"until\": \"tomorrow\"}"),
        "type",
        "/campaigns/0/schedule/until",
        "\"until\"",
    );
    finds(
        &with("  \"meters\": {\"m\": {\"count\": \"x\", \"window\": \"forever\"}}"),
        "type",
        "/meters/m/window",
        "\"window\"",
    );
    finds(&with("  \"meters\": []"), "type", "/meters", "\"meters\"");
    finds("[]", "type", "", "[]");
    finds("\n  null", "type", "", "null");
}

#[test]
fn choices_operators_and_references() {
    finds(&campaign("\"trigger\": \"sometimes\""), "unknown_choice", "/campaigns/0/trigger", "\"trigger\"");
    finds(
        &campaign("\"audience\": {\"user.age\": {\"$above\": 5}}"),
        "unknown_operator",
        "/campaigns/0/audience/user.age/$above",
        "\"$above\"",
    );
    finds(&campaign("\"audience\": {\"$if\": 5}"), "unknown_operator", "/campaigns/0/audience/$if", "\"$if\"");
    finds(&campaign("\"audience\": \"nobody\""), "unknown_reference", "/campaigns/0/audience", "\"audience\"");
    let program = |rest: &str| {
        with(&format!(
            "  \"meters\": {{\"n\": {{\"count\": \"x\"}}}},\n  \"programs\": [{{\"program\": \"p\", \"version\": 1, \"from\": \"2026-01-01\", \"currencies\": {{}},\n{rest}}}]"
        ))
    };
    finds(
        &program("  \"rules\": [{\"id\": \"r\", \"on\": \"x\", \"grant\": {\"pt\": 1}}], \"tiers\": {}"),
        "unknown_reference",
        "/programs/0/rules/0/grant/pt",
        "\"pt\"",
    );
    finds(
        &program("  \"rules\": [], \"tiers\": {\"m\": {\"meter\": \"x\", \"levels\": [{\"id\": \"a\", \"min\": 0}]}}"),
        "unknown_reference",
        "/programs/0/tiers/m/meter",
        "\"meter\": \"x\"",
    );
    finds(
        &program("  \"rules\": [], \"tiers\": {\"m\": {\"meter\": \"n\", \"levels\": [{\"id\": \"a\", \"min\": 5}]}}"),
        "levels",
        "/programs/0/tiers/m/levels",
        "\"levels\"",
    );
    finds(
        &program(
            "  \"rules\": [], \"tiers\": {\"m\": {\"meter\": \"n\", \"levels\": [{\"id\": \"a\", \"min\": 0}, {\"id\": \"b\", \"min\": 9}, {\"id\": \"c\", \"min\": 9}]}}",
        ),
        "levels",
        "/programs/0/tiers/m/levels",
        "\"levels\"",
    );
    finds(&with("  \"meters\": {\"m\": {\"count\": \"x\", \"sum\": \"x.y\"}}"), "meter", "/meters/m", "\"m\"");
    finds(&with("  \"meters\": {\"m\": {}}"), "meter", "/meters/m", "\"m\"");
    finds(
        &with("  \"meters\": {\"m\": {\"last\": \"x\", \"minus\": \"y\"}}"),
        "unsupported",
        "/meters/m/minus",
        "\"minus\"",
    );
    finds(
        &with("  \"meters\": {\"m\": {\"count\": \"x\", \"minus\": [\"y\", {\"on\": \"z\", \"by\": \"id\"}]}}"),
        "type",
        "/meters/m/minus/1/by",
        "\"by\"",
    );
    finds(
        &program(
            "  \"rules\": [], \"tiers\": {\"m\": {\"meter\": \"n\", \"grace\": \"P3D\", \"demote\": {\"on\": \"monthStart\"}, \"levels\": [{\"id\": \"a\", \"min\": 0}]}}",
        ),
        "unsupported",
        "/programs/0/tiers/m/grace",
        "\"grace\"",
    );
}

#[test]
fn derived_facts() {
    let derived =
        |one: &str| with(&format!("  \"meters\": {{\"n\": {{\"last\": \"x\"}}}},\n  \"derived\": {{\"d\": {one}}}"));
    let reference = |one: &str, place: &str, pointer: &str| finds(&derived(one), "unknown_reference", pointer, place);
    reference(r#"{"difference": ["event.a", "today.b"]}"#, "\"today.b\"", "/derived/d/difference/1");
    reference(r#"{"difference": ["derived.d", "event.b"]}"#, "\"derived.d\"", "/derived/d/difference/0");
    reference(r#"{"ratio": ["meter.m", "profile.cycle"]}"#, "\"meter.m\"", "/derived/d/ratio/0");
    reference(r#"{"difference": ["event", "event.b"]}"#, "\"event\"", "/derived/d/difference/0");
    for one in ["{}", r#"{"difference": ["event.a", "event.b"], "ratio": ["event.a", "event.b"]}"#] {
        finds(&derived(one), "derived", "/derived/d", "\"d\"");
    }
    finds(&derived(r#"{"ratio": ["event.a"]}"#), "type", "/derived/d/ratio", "\"ratio\"");
    finds(&derived(r#"{"ratio": ["event.a", 2]}"#), "type", "/derived/d/ratio", "\"ratio\"");
}

#[test]
fn the_house() {
    let house =
        |house: &str| format!("{{\n \"bundle\": \"t\", \"version\": 1,\n \"house\": {{\"locales\": [], {house}}}}}");
    finds(&house("\"currency\": \"won\", \"zone\": \"UTC\""), "currency", "/house/currency", "\"currency\"");
    finds(&house("\"currency\": \"KRW\", \"zone\": \"Asia/Atlantis\""), "zone", "/house/zone", "\"zone\"");
    finds(
        &house("\"currency\": \"KRW\", \"zone\": \"UTC\", \"holdout\": {\"share\": 5, \"seed\": \"s\"}"),
        "range",
        "/house/holdout/share",
        "\"share\"",
    );
    finds(
        &house("\"currency\": \"KRW\", \"zone\": \"UTC\", \"session\": \"P1D\""),
        "range",
        "/house/session",
        "\"session\"",
    );
}

/// A program on line 6 with only these members, from line 7 on; meters of every kind stand before it.
fn program(members: &str) -> String {
    let meters = r#""n": {"count": "x"}, "year": {"count": "x", "window": "calendarYear"}, "keyed": {"count": "x", "by": "y"}, "at": {"last": "x"}, "since": {"since": "x"}, "different": {"distinct": "x.y"}"#;
    with(&format!(
        "  \"purposes\": [\"geo\"], \"meters\": {{{meters}}},\n  \"programs\": [\n    {{\"program\": \"p\", \"version\": 1, \"from\": \"2026-01-01\",\n{members}}}]"
    ))
}

/// A program with two currencies and a reward, a tier and a badge.
fn earning(members: &str) -> String {
    program(&format!(
        "{members},\n\"currencies\": {{\"pt\": {{\"expiry\": {{\"after\": \"P1Y\"}}}}, \"rep\": {{\"spendable\": false}}}}"
    ))
}

/// Each text in a program is one error: its members, the code, where below the program, and at which text.
fn finds_each(cases: &[(&str, &str, &str, &str)]) {
    for (members, code, pointer, place) in cases {
        finds(&earning(members), code, &format!("/programs/0/{pointer}"), place);
    }
}

#[test]
fn what_lives_elsewhere_in_a_bundle_is_told() {
    for key in ["meters", "contact", "stages", "messages", "offers", "mirror", "measure", "surveys", "value"] {
        let text = program(&format!("  \"{key}\": 1"));
        let place = format!("  \"{key}\": 1");
        let column = 3;
        finds_at(&text, "moved", &format!("/programs/0/{key}"), (7, column));
        assert!(text.contains(&place));
    }
    finds(&program("  \"level\": 1"), "unknown_key", "/programs/0/level", "\"level\"");
    finds(
        &earning("\"rewards\": [{\"id\": \"r\", \"cost\": {\"pt\": 1}, \"offers\": 1}]"),
        "unknown_key",
        "/programs/0/rewards/0/offers",
        "\"offers\"",
    );
}

#[test]
fn what_is_for_later_versions_is_doubted_and_serves() {
    let told = |text: &str| {
        let (findings, exit) = check(text);
        assert_eq!((findings.len(), exit), (1, Some(0)), "{text}");
        ["severity", "code", "pointer"].map(|key| findings[0].at(key).text().unwrap_or_default().to_string())
    };
    let program = program("  \"discover\": {\"on\": \"rarePath\"}");
    assert_eq!(told(&program), ["warning", "not_read", "/programs/0/discover"]);
}

/// A suite on line 4: this line among the events, and this in the expectation, which stands on line 5.
fn suite(events: &str, expect: &str) -> String {
    with(&format!("  \"suites\": [{{\"name\": \"s\", \"events\": [{events}], \"expect\": [\n    {{{expect}}}]}}]"))
}

#[test]
fn suites_are_checked_before_they_are_run() {
    let moment = "\"at\": \"2026-05-12T10:00:00+09:00\"";
    let expects = |rest: &str| suite("", &format!("{moment}, {rest}"));
    assert_eq!(check(&expects("\"shows\": false")), (vec![], Some(0)));
    finds(&with("  \"suites\": {\"a\": 1}"), "type", "/suites", "\"suites\"");
    finds(&suite("", "\"shows\": true"), "missing", "/suites/0/expect/0/at", "{\"shows\"");
    finds(&suite("", moment), "empty", "/suites/0/expect/0", "{\"at\"");
    finds(&expects("\"shown\": true"), "unknown_key", "/suites/0/expect/0/shown", "\"shown\"");
    finds(
        &expects("\"campaign\": \"x\", \"shows\": true"),
        "unknown_reference",
        "/suites/0/expect/0/campaign",
        "\"campaign\"",
    );
    finds(&expects("\"stage\": \"tired\""), "unknown_choice", "/suites/0/expect/0/stage", "\"stage\"");
    finds(&expects("\"page\": \"attic\", \"shows\": true"), "unknown_choice", "/suites/0/expect/0/page", "\"page\"");
    finds(&expects("\"when\": \"nobody\""), "unknown_reference", "/suites/0/expect/0/when", "\"when\"");
    finds(
        &expects("\"when\": {\"user.age\": {\"$above\": 5}}"),
        "unknown_operator",
        "/suites/0/expect/0/when/user.age/$above",
        "\"$above\"",
    );
    let range = |from: &str, until: &str, every: &str| {
        suite(
            "",
            &format!(
                "\"shows\": false, \"at\": {{\"from\": \"{from}T00:00:00Z\", \"until\": \"{until}T00:00:00Z\", \"every\": \"{every}\"}}"
            ),
        )
    };
    assert_eq!(check(&range("2026-05-01", "2026-06-01", "P1D")), (vec![], Some(0)));
    finds(&range("2026-05-02", "2026-05-02", "P1D"), "too_early", "/suites/0/expect/0/at/until", "\"until\"");
    finds(&range("2026-05-02", "2026-05-03", "P0D"), "range", "/suites/0/expect/0/at/every", "\"every\"");
    finds(&range("2026-05-02", "2026-05-03", "PT1M"), "range", "/suites/0/expect/0/at/every", "\"every\"");
    let line = "{\"type\": \"page\", \"messageId\": \"1\", \"timestamp\": \"yesterday\", \"userId\": \"u\"}";
    finds(&suite(line, &format!("{moment}, \"shows\": true")), "type", "/suites/0/events/0/timestamp", "\"timestamp\"");
    let (doubts, exit) = check(&expects("\"when\": {\"meter.visits\": {\"$lt\": 1}}"));
    let told: Vec<_> =
        doubts.iter().map(|one| ["code", "pointer"].map(|key| one.at(key).text().unwrap_or_default())).collect();
    assert_eq!(told, [["unknown_fact", "/suites/0/expect/0/when/meter.visits"]]);
    assert_eq!(exit, Some(0));
}

#[test]
fn what_is_not_as_a_suite_expects_is_an_error_with_a_place() {
    let text = suite("", "\"at\": \"2026-05-12T10:00:00+09:00\", \"slot\": \"home\", \"shows\": true");
    finds(&text, "expectation", "/suites/0/expect/0", "{\"at\"");
}

#[test]
fn suites_may_stand_in_a_file_of_their_own() {
    let run = |suites: &str| danbi(&["check", &onsae(), "--suites", suites], b"");
    let good = run(&path(SUITES));
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""));
    assert!(!good.out.contains("error"), "{}", good.out);
    let text = read(SUITES);
    let other = file(text.replacen("\"campaign\": \"support\"", "\"campaign\": \"cart\"", 1));
    let row = text.lines().position(|line| line.contains("\"campaign\": \"support\"")).expect("지아's card") + 1;
    let bad = run(&other);
    let told: Vec<&str> = bad.out.lines().filter(|line| line.contains(" error ")).collect();
    let place = format!("{other}:{row}:9: error expectation /suites/10/expect/");
    assert!(bad.code == Some(1) && matches!(told.as_slice(), [one] if one.starts_with(&place)), "{place}\n{told:#?}");
    assert!(told.iter().all(|line| line.contains("지아") && line.contains("불편을 해결하는 중이에요")), "{told:#?}");
    let none = run(&file("{}"));
    assert!(none.code == Some(1) && none.out.contains(": error missing /suites: "), "{}", none.out);
    let broken = run(&file("{"));
    assert!(broken.code == Some(1) && broken.out.contains(": error json /suites: "), "{}", broken.out);
}

#[test]
fn what_would_take_too_long_is_told_and_left_out() {
    let range = "\"at\": {\"from\": \"2026-05-01T00:00:00Z\", \"until\": \"2026-05-02T00:00:00Z\", \"every\": \"PT2M\"}, \"shows\": false";
    let (findings, exit) = check(&suite("", &vec![range; 15].join("},{")));
    let codes: Vec<_> = findings.iter().filter_map(|one| one.at("code").text()).collect();
    assert_eq!((codes, exit), (vec!["not_run"; 4], Some(1)));
}

#[test]
fn the_shops_suites_have_the_lines_of_the_personas() {
    let suites = json::parse(&read(SUITES)).unwrap();
    let names =
        ["guest", "jiu", "seojun", "haeun", "jane", "minjae", "yuna", "doyun", "sua", "taeo", "jia", "hyunu", "seojun"];
    assert_eq!(suites.at("suites").list().len(), names.len());
    for (suite, name) in suites.at("suites").list().iter().zip(names) {
        let text = read(&format!("tests/cases/personas/{name}.ndjson"));
        let lines: Vec<Value> = text.lines().map(|line| json::parse(line).unwrap()).collect();
        assert_eq!(suite.at("events").list().get(..lines.len()), Some(lines.as_slice()), "{name}");
    }
}

#[test]
fn frames_of_programs() {
    finds_each(&[
        (r#""money": {"unit": "USD", "scale": 2}"#, "money", "money/unit", "\"unit\""),
        (r#""money": {"unit": "KRW", "scale": 2}"#, "money", "money/scale", "\"scale\""),
        (r#""profile": {"involvement": "some"}"#, "unknown_choice", "profile/involvement", "\"involvement\""),
        (r#""consent": {"purposes": ["geo", "night"]}"#, "unknown_reference", "consent/purposes/1", "\"night\""),
        (r#""consent": {"default": "all"}"#, "unknown_choice", "consent/default", "\"default\""),
        (r#""consent": {"minorAge": 0}"#, "range", "consent/minorAge", "\"minorAge\""),
        (r#""enrol": {"any": []}"#, "empty", "enrol/any", "\"any\""),
        (r#""clock": {"dayStart": "24:00"}"#, "type", "clock/dayStart", "\"dayStart\""),
        (r#""clock": {"tz": "Asia/Atlantis"}"#, "zone", "clock/tz", "\"tz\""),
        (r#""clock": {"default": "Mars"}"#, "zone", "clock/default", "\"default\""),
        (r#""hooks": {"rank": {"to": "all"}}"#, "unknown_choice", "hooks/rank/to", "\"to\""),
        (r#""hooks": {"summary": {"needs": "agent"}}"#, "unknown_reference", "hooks/summary/needs", "\"needs\""),
        (r#""budget": {"gold": {"issue": 5, "per": "day"}}"#, "unknown_reference", "budget/gold", "\"gold\""),
        (r#""budget": {"pt": {"issue": 0, "per": "day"}}"#, "range", "budget/pt/issue", "\"issue\""),
    ]);
    finds(
        &program(r#""from": "2026-02-30""#).replace("\"from\": \"2026-01-01\",", ""),
        "type",
        "/programs/0/from",
        "\"from\"",
    );
}

#[test]
fn currencies_and_rules() {
    let currency = |members: &str| program(&format!("\"currencies\": {{\"pt\": {{{members}}}, \"mile\": {{}}}}"));
    for (members, code, pointer, place) in [
        (r#""expiry": {"on": "02-30"}"#, "date", "expiry/on", "\"on\""),
        (r#""expiry": {"on": "2-3"}"#, "date", "expiry/on", "\"on\""),
        (r#""expiry": {}"#, "missing", "expiry", "\"expiry\""),
        (r#""expiry": {"after": "P1Y", "on": "12-31"}"#, "ambiguous", "expiry", "\"expiry\""),
        (r#""expiry": {"after": "P0D"}"#, "range", "expiry/after", "\"after\""),
        (r#""minSpend": -1"#, "range", "minSpend", "\"minSpend\""),
        (r#""cash": -1"#, "range", "cash", "\"cash\""),
        (r#""convert": {"gold": [1, 2]}"#, "unknown_reference", "convert/gold", "\"gold\""),
        (r#""convert": {"pt": [2, 1]}"#, "creates_points", "convert/pt", "\"pt\": [2"),
        (r#""cancelExpired": "extend:30""#, "type", "cancelExpired", "\"cancelExpired\""),
    ] {
        finds(&currency(members), code, &format!("/programs/0/currencies/pt/{pointer}"), place);
    }
    let circle = |back: &str| {
        let text =
            format!(r#""currencies": {{"a": {{"convert": {{"b": [1, 2]}}}}, "b": {{"convert": {{"a": {back}}}}}}}"#);
        check(&program(&text)).0.iter().filter(|one| one.at("code").text() == Some("creates_points")).count()
    };
    assert_eq!((circle("[2, 1]"), circle("[3, 1]")), (0, 2), "what comes back is no more; what comes back is more");
    finds_each(&[
        (r#""rules": [{"id": "r", "on": "x"}]"#, "missing", "rules/0", "{\"id\""),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e"}, {"id": "r", "on": "y", "emit": "e"}]"#,
            "duplicate",
            "rules/1/id",
            "\"id\": \"r\", \"on\": \"y\"",
        ),
        (r#""rules": [{"id": "r", "on": "x", "grant": {"pt": -1}}]"#, "type", "rules/0/grant/pt", "\"pt\": -1"),
        (
            r#""rules": [{"id": "r", "on": "x", "grant": {"gold": 1}}]"#,
            "unknown_reference",
            "rules/0/grant/gold",
            "\"gold\"",
        ),
        (r#""rules": [{"id": "r", "on": "x", "reward": "cup"}]"#, "unknown_reference", "rules/0/reward", "\"reward\""),
        (
            r#""rules": [{"id": "r", "on": "x", "reward": {"badge": "b", "pt": 1}}]"#,
            "unknown_reference",
            "rules/0/reward/badge",
            "\"badge\"",
        ),
        (r#""rules": [{"id": "r", "on": "x", "reward": {"pt": 0}}]"#, "range", "rules/0/reward/pt", "\"pt\": 0"),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e", "needs": "night"}]"#,
            "unknown_reference",
            "rules/0/needs",
            "\"needs\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e", "cap": {"gold": 1, "per": "day"}}]"#,
            "unknown_reference",
            "rules/0/cap/gold",
            "\"gold\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e", "cap": {"pt": 1}}]"#,
            "missing",
            "rules/0/cap/per",
            "\"cap\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e", "cap": [{"pt": 1, "per": "day"}, {"per": "day"}]}]"#,
            "missing",
            "rules/0/cap/1",
            "{\"per\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "grant": {"pt": 1}, "undo": "y"}]"#,
            "unmatched",
            "rules/0/undo",
            "\"undo\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e", "choice": {"in": "P7D"}}]"#,
            "missing",
            "rules/0/choice",
            "\"choice\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "grant": {"pt": 1}, "choice": {"in": "P7D", "now": {"reward": "cup"}}}]"#,
            "unknown_reference",
            "rules/0/choice/now/reward",
            "\"reward\"",
        ),
        (
            r#""rules": [{"id": "r", "on": "x", "grant": {"pt": 1}, "choice": {"in": "P7D", "else": "save"}}]"#,
            "unknown_choice",
            "rules/0/choice/else",
            "\"else\"",
        ),
        (r#""rules": [{"id": "r", "on": "x", "grant": {"pt": 1}, "when": "a>b"}]"#, "type", "rules/0/when", "\"when\""),
    ]);
}

#[test]
fn tiers_and_badges() {
    let tier = |members: &str| {
        earning(&format!(
            "\"tiers\": {{\"t\": {{\"meter\": \"year\", \"levels\": [{{\"id\": \"a\", \"min\": 0}}, {{\"id\": \"b\", \"min\": 9, \"flags\": [\"f\"]}}],\n{members}}}}}"
        ))
    };
    for (members, code, pointer, place) in [
        (r#""keep": [11, 10]"#, "range", "keep", "\"keep\""),
        (r#""idle": [["P30D", "one"], ["P30D", "reset"]]"#, "range", "idle", "\"idle\""),
        (r#""demote": {"needs": "notice"}"#, "unknown_choice", "demote/needs", "\"needs\""),
        (r#""econ": {"service": 1, "margin": "money"}"#, "unknown_reference", "econ/margin", "\"margin\""),
        (r#""econ": {"service": 1, "perks": ["f", "g"]}"#, "unknown_reference", "econ/perks/1", "\"g\""),
        (r#""entryReward": "twice""#, "type", "entryReward", "\"entryReward\""),
    ] {
        finds(&tier(members), code, &format!("/programs/0/tiers/t/{pointer}"), place);
    }
    finds_each(&[
        (r#""tiers": {"t": {"levels": [{"id": "a", "min": 0}]}}"#, "missing", "tiers/t/meter", "\"t\": {"),
        (
            r#""tiers": {"t": {"meter": "keyed", "levels": [{"id": "a", "min": 0}]}}"#,
            "unknown_reference",
            "tiers/t/meter",
            "\"meter\"",
        ),
        (
            r#""tiers": {"t": {"meter": "since", "levels": [{"id": "a", "min": 0}]}}"#,
            "meter_kind",
            "tiers/t/meter",
            "\"meter\"",
        ),
        (
            r#""tiers": {"t": {"meter": "n", "levels": [{"id": "a", "min": 0}, {"id": "a", "min": 1}]}}"#,
            "duplicate",
            "tiers/t/levels/1/id",
            "\"id\": \"a\", \"min\": 1",
        ),
        (
            r#""tiers": {"t": {"meter": "different", "levels": [{"id": "a", "min": 0}, {"id": "b", "min": 1001}]}}"#,
            "unreachable",
            "tiers/t/levels/1/min",
            "\"min\": 1001",
        ),
        (
            r#""tiers": {"t": {"meter": "n", "levels": [{"id": "a", "min": 0, "entry": "cup"}]}}"#,
            "unknown_reference",
            "tiers/t/levels/0/entry",
            "\"entry\"",
        ),
        (
            r#""tiers": {"t": {"meter": "n", "levels": [{"id": "a", "min": 0}], "until": "endOfNextPeriod"}}"#,
            "unsupported",
            "tiers/t/until",
            "\"until\"",
        ),
        (
            r#""tiers": {"t": {"entitlement": "club", "meter": "n", "levels": [{"id": "club", "min": 0}]}}"#,
            "ambiguous",
            "tiers/t/meter",
            "\"meter\"",
        ),
        (
            r#""tiers": {"t": {"entitlement": "club", "levels": [{"id": "a", "min": 0}]}}"#,
            "unreachable",
            "tiers/t/levels/0/id",
            "\"id\": \"a\"",
        ),
        (r#""tiers": {"t": {"entitlement": "club", "term": "P0D"}}"#, "range", "tiers/t/term", "\"term\""),
        (r#""badges": [{"id": "b", "meter": "m"}]"#, "unknown_reference", "badges/0/meter", "\"meter\""),
        (r#""badges": [{"id": "b", "meter": "at"}]"#, "meter_kind", "badges/0/meter", "\"meter\""),
        (r#""badges": [{"id": "b", "meter": "n", "levels": [1, 3, 3]}]"#, "levels", "badges/0/levels/2", "3]"),
        (r#""badges": [{"id": "b", "meter": "n", "levels": ["P1Y"]}]"#, "levels", "badges/0/levels/0", "\"P1Y\"]"),
        (r#""badges": [{"id": "b", "meter": "since", "levels": [1]}]"#, "levels", "badges/0/levels/0", "1]"),
        (
            r#""badges": [{"id": "b", "meter": "since", "levels": ["P4Y", "P1Y"]}]"#,
            "levels",
            "badges/0/levels/1",
            "\"P1Y\"]",
        ),
        (
            r#""badges": [{"id": "b", "meter": "n", "levels": [1], "flags": {"2": ["f"]}}]"#,
            "unreachable",
            "badges/0/flags/2",
            "\"2\"",
        ),
        (
            r#""badges": [{"id": "b", "meter": "n"}, {"id": "b", "meter": "n"}]"#,
            "duplicate",
            "badges/1/id",
            "\"id\": \"b\", \"meter\": \"n\"}]",
        ),
    ]);
}

#[test]
fn missions_streaks_and_collections() {
    finds_each(&[
        (r#""missions": [{"id": "m"}]"#, "missing", "missions/0", "{\"id\""),
        (
            r#""missions": [{"id": "m", "steps": ["x"], "meter": "year", "atMost": 0}]"#,
            "ambiguous",
            "missions/0",
            "{\"id\"",
        ),
        (r#""missions": [{"id": "m", "meter": "year"}]"#, "missing", "missions/0/atMost", "{\"id\""),
        (r#""missions": [{"id": "m", "meter": "n", "atMost": 0}]"#, "unsupported", "missions/0/meter", "\"meter\""),
        (
            r#""missions": [{"id": "m", "steps": ["x", "y", "x"], "need": 3}]"#,
            "unreachable",
            "missions/0/need",
            "\"need\"",
        ),
        (r#""missions": [{"id": "m", "steps": ["x"], "times": 0}]"#, "range", "missions/0/times", "\"times\""),
        (
            r#""missions": [{"id": "m", "steps": ["x"], "times": 2, "need": 1}]"#,
            "ambiguous",
            "missions/0/times",
            "\"times\"",
        ),
        (r#""missions": [{"id": "m", "steps": ["x"], "in": "P0D"}]"#, "range", "missions/0/in", "\"in\""),
        (
            r#""missions": [{"id": "m", "steps": ["x"], "repeat": "event"}]"#,
            "unsupported",
            "missions/0/repeat",
            "\"repeat\"",
        ),
        (
            r#""missions": [{"id": "m", "steps": ["x"], "reward": {"gold": 1}}]"#,
            "unknown_reference",
            "missions/0/reward/gold",
            "\"gold\"",
        ),
        (
            r#""missions": [{"id": "m", "steps": ["x"], "cap": {"pt": -1, "per": "day"}}]"#,
            "range",
            "missions/0/cap/pt",
            "\"pt\": -1",
        ),
        (r#""streaks": [{"id": "s", "on": "x", "freeze": {"max": 0}}]"#, "range", "streaks/0/freeze/max", "\"max\""),
        (
            r#""streaks": [{"id": "s", "on": "x", "freeze": {"max": 1, "initial": 2}}]"#,
            "range",
            "streaks/0/freeze/initial",
            "\"initial\"",
        ),
        (
            r#""streaks": [{"id": "s", "on": "x", "marks": {"seven": {"pt": 1}}}]"#,
            "unreachable",
            "streaks/0/marks/seven",
            "\"seven\"",
        ),
        (
            r#""streaks": [{"id": "s", "on": "x", "marks": {"7": {"gold": 1}}}]"#,
            "unknown_reference",
            "streaks/0/marks/7/gold",
            "\"gold\"",
        ),
        (r#""collections": [{"id": "c", "on": "x", "items": []}]"#, "empty", "collections/0/items", "\"items\""),
        (
            r#""collections": [{"id": "c", "on": "x", "items": ["a", "b", "a"]}]"#,
            "duplicate",
            "collections/0/items/2",
            "\"a\"]",
        ),
        (
            r#""collections": [{"id": "c", "on": "x", "items": ["a"], "reward": "cup"}]"#,
            "unknown_reference",
            "collections/0/reward",
            "\"reward\"",
        ),
    ]);
}

#[test]
fn referrals_rewards_and_boards() {
    finds_each(&[
        (r#""referral": {}"#, "missing", "referral", "\"referral\""),
        (
            r#""referral": {"stages": ["a"], "deny": ["self", "friends"]}"#,
            "unknown_choice",
            "referral/deny/1",
            "\"friends\"",
        ),
        (r#""referral": {"stages": ["a"], "cap": {"n": 0, "per": "P1Y"}}"#, "range", "referral/cap/n", "\"n\": 0"),
        (
            r#""referral": {"stages": ["a"], "give": {"friend": "cup"}}"#,
            "unknown_reference",
            "referral/give/friend",
            "\"friend\"",
        ),
        (r#""rewards": [{"id": "r", "cost": {"gold": 1}}]"#, "unknown_reference", "rewards/0/cost/gold", "\"gold\""),
        (r#""rewards": [{"id": "r", "cost": {"pt": 0}}]"#, "range", "rewards/0/cost/pt", "\"pt\": 0"),
        (r#""rewards": [{"id": "r", "cost": {"rep": 5}}]"#, "unreachable", "rewards/0/cost/rep", "\"rep\": 5"),
        (r#""rewards": [{"id": "r", "gate": "flag.vip"}]"#, "unreachable", "rewards/0/gate", "\"gate\""),
        (r#""rewards": [{"id": "r", "gate": "tier.main.vip"}]"#, "unreachable", "rewards/0/gate", "\"gate\""),
        (r#""rewards": [{"id": "r", "when": "christmas"}]"#, "type", "rewards/0/when", "\"when\""),
        (
            r#""rewards": [{"id": "r", "when": "birthday", "window": ["P7D", "-P3D"]}]"#,
            "window",
            "rewards/0/window",
            "\"window\": [",
        ),
        (
            r#""rewards": [{"id": "r", "when": "birthday", "window": ["P7D"]}]"#,
            "window",
            "rewards/0/window",
            "\"window\": [",
        ),
        (
            r#""rewards": [{"id": "r", "cost": {"pt": 1}, "window": ["-P3D", "P7D"]}]"#,
            "unsupported",
            "rewards/0/window",
            "\"window\": [",
        ),
        (r#""rewards": [{"id": "r", "cost": {"pt": 1}, "ttl": "P0D"}]"#, "range", "rewards/0/ttl", "\"ttl\""),
        (
            r#""rewards": [{"id": "r", "cost": {"pt": 1}, "byTier": {"vip": "s"}}, {"id": "s"}]"#,
            "unknown_reference",
            "rewards/0/byTier/vip",
            "\"vip\"",
        ),
        (r#""boards": [{"id": "b", "meter": "keyed"}]"#, "unknown_reference", "boards/0/meter", "\"meter\": \"keyed\""),
        (r#""boards": [{"id": "b", "meter": "n", "scope": "town"}]"#, "unknown_choice", "boards/0/scope", "\"scope\""),
        (r#""boards": [{"id": "b", "meter": "n", "top": 0}]"#, "range", "boards/0/top", "\"top\""),
        (r#""boards": [{"id": "b", "meter": "n", "freeze": "P1Y"}]"#, "unsupported", "boards/0/freeze", "\"freeze\""),
        (r#""boards": [{"id": "b", "meter": "n", "tz": "Mars"}]"#, "zone", "boards/0/tz", "\"tz\""),
    ]);
    let tier =
        r#""tiers": {"t": {"meter": "n", "levels": [{"id": "a", "min": 0}, {"id": "b", "min": 1, "flags": ["f"]}]}}"#;
    let rewards = |rewards: &str| earning(&format!("{tier}, \"rewards\": [{rewards}]"));
    finds(
        &rewards(r#"{"id": "r", "cost": {"pt": 1}, "byTier": {"a": "r"}}"#),
        "cycle",
        "/programs/0/rewards/0/byTier/a",
        "\"a\": \"r\"",
    );
    let around = r#"{"id": "r", "cost": {"pt": 1}, "byTier": {"a": "s"}}, {"id": "s", "byTier": {"b": "r"}}"#;
    let (findings, _) = check(&rewards(around));
    let cycles: Vec<_> = findings
        .iter()
        .filter(|one| one.at("code").text() == Some("cycle"))
        .map(|one| one.at("pointer").text())
        .collect();
    assert_eq!(cycles, [Some("/programs/0/rewards/0/byTier/a"), Some("/programs/0/rewards/1/byTier/b")]);
    let open =
        r#"{"id": "r", "cost": {"pt": 1}, "gate": "flag.f"}, {"id": "s", "cost": {"pt": 1}, "gate": "tier.t.b"}"#;
    assert_eq!(check(&rewards(open)), (vec![], Some(0)));
}

#[test]
fn doubts_about_programs() {
    let doubts = |text: &str| -> Vec<[String; 2]> {
        let (findings, exit) = check(text);
        assert_eq!(exit, Some(0), "{:#?}", findings.iter().map(json::write).collect::<Vec<_>>());
        let told = |one: &Value| ["code", "pointer"].map(|key| one.at(key).text().unwrap_or_default().to_string());
        for one in &findings {
            let (ko, en) = (one.at("ko").text().unwrap_or_default(), one.at("en").text().unwrap_or_default());
            assert!(ko.chars().any(is_hangul) && !ko.contains("확인이 필요해요"), "{en}: {ko}");
        }
        findings.iter().map(told).collect()
    };
    for (members, code, pointer) in [
        (r#""profile": {"cycle": "P0D"}"#, "range", "profile/cycle"),
        (r#""currencies": {"credit": {}}"#, "no_expiry", "currencies/credit"),
        (
            r#""rules": [{"id": "r", "on": "x", "emit": "e", "cap": [{"n": 5, "per": "day"}, {"n": 5, "per": "calendarMonth"}]}]"#,
            "slack_cap",
            "rules/0/cap/0/n",
        ),
        (
            r#""tiers": {"t": {"meter": "n", "levels": [{"id": "a", "min": 0}], "keep": [9, 10]}}"#,
            "no_until",
            "tiers/t/keep",
        ),
        (
            r#""badges": [{"id": "b", "hidden": true}], "missions": [{"id": "m", "steps": ["x"], "reward": {"badge": "b"}}]"#,
            "hidden_reward",
            "missions/0/reward",
        ),
        (r#""badges": [{"id": "b"}]"#, "never_given", "badges/0"),
        (r#""rewards": [{"id": "r"}]"#, "never_given", "rewards/0"),
        (r#""hooks": {"ranks": {}}"#, "unknown_hook", "hooks/ranks"),
    ] {
        assert_eq!(doubts(&program(members)), [[code.to_string(), format!("/programs/0/{pointer}")]], "{members}");
    }
    let tier = r#""levels": [{"id": "a", "min": 0}], "demote": {"on": "monthStart", "needs": "exposure"}"#;
    let told = |path: &str| {
        let campaign = format!(
            r#""campaigns": [{{"id": "c", "label": "c", "slot": "s", "schedule": {{"until": "2030-01-01T00:00:00Z"}}, "audience": {{"loyalty.tiers.{path}": {{"$exists": true}}}}, "message": {{"blocks": []}}}}]"#
        );
        doubts(
            &program(&format!(r#""tiers": {{"t": {{"meter": "n", {tier}}}}}"#))
                .replace("\n}", &format!(",\n{campaign}\n}}")),
        )
    };
    let never = ["never_told".to_string(), "/programs/0/tiers/t/demote/needs".to_string()];
    let fact = ["unknown_fact".to_string(), "/campaigns/0/audience/loyalty.tiers.x.notice".to_string()];
    assert_eq!((told("t.notice.at"), told("t.level")), (vec![], vec![never.clone()]));
    assert_eq!(told("x.notice"), [fact, never]);
    let econ = r#""tiers": {"t": {"meter": "n", "levels": [{"id": "a", "min": 0}], "econ": {"service": 1}}}"#;
    let missing = |key: &str| ["no_meter".to_string(), format!("/programs/0/tiers/t/econ/{key}")];
    assert_eq!(doubts(&program(econ)), [missing("margin"), missing("rewards")]);
    let two = |from: &str, version: i64| {
        let one = |version: i64, from: &str| format!(r#"{{"program": "p", "version": {version}, "from": "{from}"}}"#);
        doubts(&with(&format!("  \"programs\": [{}, {}]", one(2, "2026-01-01"), one(version, from))))
    };
    assert_eq!(two("2026-01-01", 3), [["same_day", "/programs/1/from"]]);
    assert_eq!(two("2027-01-01", 2), [["version_order", "/programs/1/version"]]);
    assert_eq!(two("2025-01-01", 3), [["version_order", "/programs/1/version"]]);
    assert_eq!(two("2027-01-01", 3), Vec::<[String; 2]>::new());
    assert_eq!(two("2025-01-01", 1), Vec::<[String; 2]>::new());
}

#[test]
fn examples_have_no_errors_and_the_shop_leaves_no_doubt() {
    let path = format!("{}/tests/data/loyalty-demo.bundle.json", env!("CARGO_MANIFEST_DIR"));
    let run = danbi(&["check", &path], b"");
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let run = danbi(&["check", "--json", &onsae()], b"");
    assert_eq!((run.out.as_str(), run.code), ("", Some(0)), "{}", run.err);
}

#[test]
fn templates_and_addresses() {
    for (template, words) in [
        ("{{ name", "never closed"),
        ("{{ a | shout }}", "no such filter"),
        ("{{ a | money: 1 }}", "one style"),
        ("{{ a | josa }}", "needs an argument"),
        ("{{ a | josa: '을' }}", "both forms"),
        ("{% if a %}x", "endif"),
        ("{% include 'x' %}", "unknown tag"),
        ("{% endif %}", "unknown tag"),
        ("{{ 'a }}", "quote"),
    ] {
        let bundle = campaign(&format!(
            "\"trigger\": {{\"event\": {{\"name\": \"x\", \"why\": {}}}}}",
            json::write(&template.into())
        ));
        finds(&bundle, "template", "/campaigns/0/trigger/event/why", "\"why\"");
        let (findings, _) = check(&bundle);
        let en = findings[0].at("en").text().unwrap_or_default().to_string();
        assert!(en.contains(words), "{template}: {en}");
        assert!(en.contains("line 1, column"), "{template}: {en}");
    }
    let second_line =
        check(&campaign("\"trigger\": {\"event\": {\"name\": \"x\", \"why\": \"가나\\n  {{ a | b }}\"}}")).0;
    assert!(
        second_line[0].at("en").text().unwrap_or_default().contains("line 2, column 10"),
        "{}",
        json::write(&second_line[0])
    );
    for url in [
        "javascript:1",
        " javascript:1",
        "\\u0001javascript:1",
        "java\\tscript:1",
        "data:text/html,x",
        "vbscript:x",
        "//host",
        "\\\\\\\\host",
        "https://a@b",
        "/\\\\host",
    ] {
        let bundle = with(&format!(
            "  \"campaigns\": [{{\"id\": \"c\", \"label\": \"c\", \"message\": {{\"blocks\": [\n    {{\"buttons\": [{{\"label\": \"x\", \"url\": \"{url}\"}}]}}]}}}}]"
        ));
        let (findings, exit) = check(&bundle);
        let codes: Vec<_> = findings.iter().filter_map(|finding| finding.at("code").text()).collect();
        assert!(codes.contains(&"url"), "{url}: {codes:?}");
        assert_eq!(exit, Some(1), "{url}");
    }
    for url in [
        "https://shop.example/a?b=c#d",
        "/cart",
        "#/cart",
        "cart.html",
        "?a=b:c",
        "tel:+82-2-123",
        "mailto:a@b.example",
        "HTTPS://X",
    ] {
        let bundle = with(&format!(
            "  \"campaigns\": [{{\"id\": \"c\", \"label\": \"c\", \"message\": {{\"blocks\": [{{\"buttons\": [{{\"label\": \"x\", \"url\": \"{url}\"}}]}}]}}}}]"
        ));
        assert_eq!(check(&bundle).1, Some(0), "{url}");
    }
}

#[test]
fn broken_json_has_a_place() {
    finds_at("{\n  \"bundle\": \"t\",\n  \"version\": 1,,\n}", "json", "", (3, 16));
    finds_at("{\n  \"bundle\": \"t\"", "json", "", (2, 15));
    finds_at("{\n  \"이름\": 가}", "json", "", (2, 9));
    let (findings, exit) = check("");
    assert_eq!((findings.len(), exit), (1, Some(1)));
    let (findings, exit) = check(&"[".repeat(10_000));
    assert_eq!((findings.len(), exit), (1, Some(1)), "nested 10,000 deep");
    let (findings, exit) = check("{\"bundle\": 1e400}");
    assert_eq!((findings.len(), findings[0].at("code").text(), exit), (1, Some("json"), Some(1)));
}

#[test]
fn findings_for_people() {
    let path = file(with("  \"campains\": []"));
    let run = danbi(&["check", &path], b"");
    assert_eq!(run.code, Some(1));
    assert_eq!(run.out.lines().count(), 1);
    assert!(run.out.starts_with(&format!("{path}:4:3: error unknown_key /campains: ")), "{}", run.out);
    assert!(run.out.chars().any(is_hangul), "both languages: {}", run.out);
    let none = danbi(&["check", "no/such/file.json"], b"");
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""));
    assert!(none.err.contains("no/such/file.json"), "{}", none.err);
}

const PROGRAM: &str = r#"{"bundle": "t", "version": 1, "house": {"zone": "Asia/Seoul", "currency": "KRW", "locales": ["ko", "en"]},
  "meters": {"spend": {"sum": "purchase.value"}, "staff": {"count": "visit", "by": "staff"}},
  "campaigns": [{"id": "c", "label": "c", "slot": "top", "message": {"blocks": [{"title": "x"}]}, "audience": {"user.name": {"$exists": false}}}],
  "programs": [{"program": "p", "version": 3, "from": "2026-01-01", "currencies": {"pt": {"expiry": {"after": "P1M"}}},
    "rules": [{"id": "buy", "on": "purchase", "grant": {"pt": ["value", 1, 1000]}}],
    "tiers": {"main": {"meter": "spend", "levels": [{"id": "a", "min": 0}, {"id": "b", "min": 20000}]}}}]}"#;

fn purchase(user: &str, id: &str, at: &str, value: i64) -> String {
    let order = format!("o-{id}");
    format!(
        "{{\"type\":\"track\",\"event\":\"purchase\",\"messageId\":\"{id}\",\"userId\":\"{user}\",\"timestamp\":\"{at}\",\"properties\":{{\"transaction_id\":\"{order}\",\"value\":{value}}}}}\n"
    )
}

fn replay(arguments: &[&str], input: &[u8]) -> Run {
    let bundle = file(PROGRAM);
    danbi(&[&["replay", "--bundle", &bundle], arguments].concat(), input)
}

#[test]
fn a_line_has_the_shape_of_the_contract() {
    let run = replay(&["--explain"], purchase("u", "m1", "2026-01-31T12:00:00+09:00", 10_000).as_bytes());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let expected = concat!(
        r#"{"user":"u","#,
        r#""profile":{"userId":"u","anonymousIds":[],"traits":{},"consent":{"functional":"granted","analytics":"granted","personalization":"granted","advertising":"granted"},"#,
        r#""declared":{},"interests":{},"value":null,"audiences":[],"meters":{"spend":10000,"staff":{}}},"#,
        r#""progress":{"currencies":{"pt":{"earned":10,"pending":0,"active":10,"spent":0,"expired":0,"reversed":0,"writtenOff":0,"debt":0,"nextExpiry":{"amount":10,"at":"2026-02-28T15:00:00.000Z"},"status":"projected"}},"#,
        r#""tiers":{"main":{"level":"a","since":null,"value":10000,"target":20000,"remaining":10000,"percent":50,"graceUntil":null,"next":"b"}},"badges":{},"missions":{},"streaks":{},"collections":{},"rewards":{},"referrals":[]},"#,
        r#""ledger":[{"at":"2026-01-31T03:00:00.000Z","event":"m1","currency":"pt","lot":1,"type":"earn","amount":10,"rule":"buy","version":3,"reason":null,"expiresAt":"2026-02-28T15:00:00.000Z"},"#,
        r#"{"at":"2026-01-31T03:00:00.000Z","event":null,"currency":"pt","lot":1,"type":"activate","amount":10,"rule":"buy","version":3,"reason":null,"expiresAt":"2026-02-28T15:00:00.000Z"}],"#,
        r#""decisions":[{"slot":"top","campaign":"c","step":null,"variant":null,"offer":null,"propensity":1}],"#,
        r#""verdicts":[{"campaign":"c","step":null,"slot":"top","stage":"shown","to":null,"next":null,"text":"지금 보여요""#,
    );
    assert!(run.out.starts_with(expected), "expected\n{expected}\nbut got\n{}", run.out);
    assert!(run.out.ends_with("}]}\n") && run.out.lines().count() == 1, "{}", run.out);
}

#[test]
fn verdicts_only_when_asked_for() {
    let line = purchase("u", "m1", "2026-01-31T12:00:00+09:00", 10_000);
    let run = replay(&[], line.as_bytes());
    let value = json::parse(run.out.trim()).unwrap();
    assert_eq!(keys(&value), ["user", "profile", "progress", "ledger", "decisions"]);
    let english = replay(&["--explain", "--lang", "en"], line.as_bytes());
    assert!(english.out.contains("Shows now"), "{}", english.out);
    let unknown = replay(&["--explain", "--consent", "unknown"], line.as_bytes());
    let value = json::parse(unknown.out.trim()).unwrap();
    assert_eq!(value.at("verdicts.0.stage").text(), Some("consent"));
    assert_eq!(value.at("profile.consent.analytics").text(), Some("unknown"));
}

#[test]
fn lines_that_hold_too_much_are_told_with_their_place() {
    let line = |id: &str, properties: &str| {
        format!(
            "{{\"type\":\"track\",\"event\":\"purchase\",\"messageId\":\"{id}\",\"userId\":\"u\",\"timestamp\":\"2026-01-10T12:00:00Z\",\"properties\":{{\"transaction_id\":\"{id}\",\"value\":1,\"x\":{properties}}}}}\n"
        )
    };
    let list = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let input = [
        line("a", &format!("\"{}\"", "가".repeat(11_000))),
        line("b", &list(997)),
        line("c", &list(998)),
        line("d", &nested(31)),
        line("e", &nested(32)),
    ];
    let run = replay(&[], input.concat().as_bytes());
    let deep = "/0".repeat(31);
    assert_eq!(
        run.err.lines().collect::<Vec<_>>(),
        [
            "line 1: too_large at /properties: must be at most 32 KB of JSON; send less",
            "line 3: too_many at /properties/x/997: must be among the first 1,000 values; send fewer",
            &format!("line 5: too_deep at /properties/x{deep}: must be at most 32 levels deep; flatten it"),
        ]
    );
    let value = json::parse(run.out.trim()).unwrap();
    assert_eq!((run.code, value.at("profile.meters.spend").integer()), (Some(2), Some(2)), "the others are all there");
}

#[test]
fn bad_lines_are_told_and_skipped() {
    let good = |id: &str| purchase("u", id, "2026-01-10T12:00:00+09:00", 1000);
    let deep = format!("{}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    let bad = [
        "not json\n".to_string(),
        "[1]\n".to_string(),
        "null\n".to_string(),
        r#"{"type":"track","event":"x","userId":"u","timestamp":"2026-01-10T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","timestamp":"2026-01-10T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":"u","timestamp":"yesterday"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":"u"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":"u","timestamp":"2026-02-30T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":7,"timestamp":"2026-01-10T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"","userId":"u","timestamp":"2026-01-10T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"track","messageId":"b","userId":"u","timestamp":"2026-01-10T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"dance","event":"x","messageId":"b","userId":"u","timestamp":"2026-01-10T12:00:00Z"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":"u","timestamp":"2026-01-10T12:00:00Z","properties":[]}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":"u","timestamp":"2026-01-10T12:00:00Z","receivedAt":"soon"}"#.to_string() + "\n",
        r#"{"type":"track","event":"x","messageId":"b","userId":"u","timestamp":"2026-01-10T12:00:00Z","properties":{"value":1e400}}"#.to_string() + "\n",
        deep,
    ];
    let mut input = Vec::new();
    for (index, line) in bad.iter().enumerate() {
        input.extend(good(&format!("g{index:02}")).into_bytes());
        input.extend(line.as_bytes());
    }
    input.extend(b"\xff\xfe broken text\n\n   \n");
    input.extend(good("last").trim_end().as_bytes());
    let run = replay(&["--events", "-"], &input);
    assert_eq!(run.code, Some(2), "{}", run.err);
    let numbers: Vec<usize> = run
        .err
        .lines()
        .map(|line| {
            line.strip_prefix("line ")
                .and_then(|rest| rest.split_once(": "))
                .unwrap_or_else(|| panic!("what is {line:?}?"))
        })
        .map(|(number, reason)| {
            assert!(!reason.is_empty());
            number.parse().expect("a number")
        })
        .collect();
    let expected: Vec<usize> = (0..bad.len()).map(|index| 2 * index + 2).chain([2 * bad.len() + 1]).collect();
    assert_eq!(numbers, expected, "{}", run.err);
    let value = json::parse(run.out.trim()).unwrap();
    assert_eq!(
        value.at("profile.meters.spend").integer(),
        Some(1000 * (bad.len() as i64 + 1)),
        "all good lines are folded"
    );
}

#[test]
fn events_come_from_a_file_or_standard_input() {
    let lines = [
        purchase("u", "m1", "2026-01-10T12:00:00+09:00", 1000),
        purchase("u", "m2", "2026-01-11T12:00:00+09:00", 2000),
    ]
    .concat();
    let path = file(&lines);
    let from_file = replay(&["--events", &path], b"");
    let from_input = replay(&["--events", "-"], lines.as_bytes());
    let by_default = replay(&[], lines.as_bytes());
    let crlf = replay(&[], lines.replace('\n', "\r\n").as_bytes());
    assert_eq!(from_file.code, Some(0), "{}", from_file.err);
    assert_eq!(from_file.out, from_input.out);
    assert_eq!(from_file.out, by_default.out);
    assert_eq!(from_file.out, crlf.out);
    let none = replay(&["--events", "no/such.ndjson"], b"");
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""));
    let empty = replay(&[], b"");
    assert_eq!((empty.code, empty.out.as_str(), empty.err.as_str()), (Some(0), "", ""));
}

#[test]
fn time_goes_up_to_at() {
    let lines = [
        purchase("early", "m1", "2026-01-10T12:00:00+09:00", 10_000),
        purchase("late", "m2", "2026-06-01T12:00:00+09:00", 10_000),
    ]
    .concat();
    let points = |run: &Run, line: usize| {
        let value = json::parse(run.out.lines().nth(line).unwrap()).unwrap();
        (
            value.at("user").text().unwrap().to_string(),
            value.at("progress.currencies.pt.active").integer(),
            value.at("progress.currencies.pt.expired").integer(),
        )
    };
    // Each shopper's own last event.
    let run = replay(&[], lines.as_bytes());
    assert_eq!(points(&run, 0), ("early".to_string(), Some(10), Some(0)));
    assert_eq!(points(&run, 1), ("late".to_string(), Some(10), Some(0)));
    // Everyone at one moment; one month after 10 January is 10 February, its last good day.
    let run = replay(&["--at", "2026-02-10T23:59:59+09:00"], lines.as_bytes());
    assert_eq!(run.out.lines().count(), 1, "nothing of the other is known yet");
    assert_eq!(points(&run, 0), ("early".to_string(), Some(10), Some(0)));
    let run = replay(&["--at", "2026-02-10T15:00:00Z"], lines.as_bytes());
    assert_eq!(points(&run, 0), ("early".to_string(), Some(0), Some(10)));
    let never = replay(&["--at", "soon"], lines.as_bytes());
    assert_eq!((never.code, never.out.as_str()), (Some(2), ""));
}

#[test]
fn shoppers_are_sorted_by_code_points() {
    let users = ["😀", "～", "가", "a", "Z", "é", "10", "9"];
    let lines: String = users
        .iter()
        .enumerate()
        .map(|(index, user)| purchase(user, &format!("m{index}"), "2026-01-10T12:00:00Z", 1000))
        .collect();
    let run = replay(&[], lines.as_bytes());
    let order: Vec<String> =
        run.out.lines().map(|line| json::parse(line).unwrap().at("user").text().unwrap().to_string()).collect();
    assert_eq!(order, ["10", "9", "Z", "a", "é", "가", "～", "😀"]);
}

#[test]
fn a_broken_bundle_replays_nothing() {
    let path = file(with("  \"campains\": []"));
    let run = danbi(&["replay", "--bundle", &path], purchase("u", "m1", "2026-01-10T12:00:00Z", 1).as_bytes());
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains("/campains") && run.err.contains(&path), "{}", run.err);
    let zone = file(PROGRAM.replace("Asia/Seoul", "Asia/Atlantis"));
    let run = danbi(&["replay", "--bundle", &zone], purchase("u", "m1", "2026-01-10T12:00:00Z", 1).as_bytes());
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains("Asia/Atlantis"), "{}", run.err);
}

#[test]
fn shuffled_and_sent_twice_is_the_same() {
    let mut lines: Vec<String> = (0..60)
        .map(|index| {
            purchase(
                &format!("u{}", index % 7),
                &format!("m{index:02}"),
                &format!("2026-01-{:02}T12:00:00+09:00", 1 + index % 28),
                1000 * (index + 1),
            )
        })
        .collect();
    let once = replay(&["--explain"], lines.concat().as_bytes());
    lines.reverse();
    lines.rotate_left(17);
    let twice = [lines.concat(), lines.concat()].concat();
    assert_eq!(once.out, replay(&["--explain"], twice.as_bytes()).out);
    assert_eq!(once.out.lines().count(), 7);
}

/// A stack that overflows ends the process, which no test could catch: so it is another process.
#[test]
fn deep_templates_are_survived() {
    for depth in [1_000, 100_000] {
        let nested = format!("{}x{}", "{% if a %}".repeat(depth), "{% endif %}".repeat(depth));
        for template in [nested, "{% if a %}".repeat(depth), "{{".repeat(depth), "{{ a | b".repeat(depth)] {
            let path =
                file(campaign(&format!("\"trigger\": {{\"event\": {{\"name\": \"x\", \"why\": \"{template}\"}}}}")));
            let run = danbi(&["check", &path], b"");
            assert!(
                run.code.is_some(),
                "nested {depth} deep: ended by a signal: {}",
                run.err.lines().next().unwrap_or_default()
            );
        }
    }
}

/// A member with a name, an order delivered, one on its way, points used, and a server's word nobody can verify.
const MEMBER: &str = r#"{"type":"identify","userId":"m-1","messageId":"e0","timestamp":"2026-01-05T10:00:00+09:00","traits":{"name":"김지아"}}
{"type":"track","event":"purchase","userId":"m-1","messageId":"e1","timestamp":"2026-01-05T12:00:00+09:00","properties":{"transaction_id":"o-1","value":200000,"currency":"KRW"}}
{"type":"track","event":"spend_virtual_currency","userId":"m-1","messageId":"e2","timestamp":"2026-01-20T12:00:00+09:00","properties":{"virtual_currency_name":"pt","value":1500,"redemption_id":"r-1"}}
{"type":"track","event":"purchase","userId":"m-1","messageId":"e3","timestamp":"2026-02-20T12:00:00+09:00","properties":{"transaction_id":"o-2","value":58000,"currency":"KRW"}}
{"type":"track","event":"refund","userId":"m-1","messageId":"e4","timestamp":"2026-02-21T12:00:00+09:00","properties":{"transaction_id":"o-1","value":50000,"currency":"KRW"}}
{"type":"track","event":"purchase","userId":"m-1","messageId":"e5","timestamp":"2026-02-22T12:00:00+09:00","properties":{"transaction_id":"o-3","value":10,"currency":"KRW"}}
{"type":"track","event":"danbi_checkpoint","userId":"m-1","messageId":"e6","timestamp":"2026-02-23T12:00:00+09:00","properties":{"payload":"e30","sig":"AA"}}
"#;

const KOREAN: &str = "\
프로그램  온새 멤버십 · 3판
회원      김지아 (m-1)
기준      2026-02-23 12:00 (Asia/Seoul)
등급      잎 (2026-01-05부터) · 꽃까지 191,990원

적립금은 6,000점 쓸 수 있어요 (서버 확인 전)
  2026-02-27부터 2,900점 더 쓸 수 있어요
  2027-01-12까지 쓰지 않으면 6,000점이 사라져요

  날짜        내용                                                        변동    잔액
  2026-01-05  적립 예정 · buy · 주문 o-1                             (+10,000)       0
  2026-01-12  이제 쓸 수 있음 · buy · 주문 o-1                         +10,000  10,000
  2026-01-20  사용                                                      -1,500   8,500
  2026-02-20  적립 예정 · buy · 주문 o-2                              (+2,900)   8,500
  2026-02-21  적립 취소 · buy · 주문 o-1                                -2,500   6,000
  2026-02-22  적립되지 않음 · buy · 1보다 적음                                   6,000
  2026-02-23  서버 확인을 받아들이지 않음 · 열쇠 없이 확인하지 못함              6,000
";

const ENGLISH: &str = "\
Program  온새 멤버십 · version 3
Member   김지아 (m-1)
As of    2026-02-20 18:00 (Asia/Seoul)
Tier     Leaf (since 2026-01-05) · ₩142,000 to Bloom

Points: 8,500 can be used (not yet confirmed by the server)
  2,900 more from 2026-02-27
  8,500 expire after 2027-01-12

  Date        What                                  Change  Balance
  2026-01-05  Earned, waiting · buy · order o-1  (+10,000)        0
  2026-01-12  Now usable · buy · order o-1         +10,000   10,000
  2026-01-20  Used                                  -1,500    8,500
  2026-02-20  Earned, waiting · buy · order o-2   (+2,900)    8,500
";

fn statement(user: &str, arguments: &[&str]) -> Run {
    let bundle = with(
        r#"        "meters": {"net": {"sum": "purchase.value", "minus": "refund.value"}},
        "programs": [{"program": "온새 멤버십", "version": 3, "from": "2025-01-01",
          "currencies": {"pt": {"label": {"ko": "적립금", "en": "Points"}, "pending": "P7D", "expiry": {"after": "P365D", "from": "active"}}},
          "rules": [{"id": "buy", "on": "purchase", "grant": {"pt": ["value", 5, 100]}}],
          "tiers": {"main": {"meter": "net", "levels": [
            {"id": "seed", "min": 0, "label": {"ko": "씨앗", "en": "Seed"}},
            {"id": "leaf", "min": 100000, "label": {"ko": "잎", "en": "Leaf"}},
            {"id": "bloom", "min": 400000, "label": {"ko": "꽃", "en": "Bloom"}}]}}}]"#,
    );
    let path = file(bundle);
    danbi(&[&["statement", "--bundle", &path, "--user", user], arguments].concat(), MEMBER.as_bytes())
}

#[test]
fn a_statement_is_read_by_people() {
    let korean = statement("m-1", &[]);
    assert_eq!((korean.code, korean.err.as_str()), (Some(0), ""));
    assert_eq!(korean.out, KOREAN);
    let english = statement("m-1", &["--lang", "en", "--at", "2026-02-20T18:00:00+09:00"]);
    assert_eq!((english.code, english.err.as_str()), (Some(0), ""));
    assert_eq!(english.out, ENGLISH);
    let nobody = statement("m-2", &[]);
    assert_eq!((nobody.code, nobody.out.as_str()), (Some(1), ""));
    assert!(nobody.err.contains("m-2"), "{}", nobody.err);
}

#[test]
fn decisions_are_exported_as_a_flat_table() {
    let line = |id: &str, at: &str, user: &str, event: &str, properties: &str| {
        format!(
            r#"{{"type":"track","event":"{event}","messageId":"{id}","timestamp":"2026-05-12T10:00:{at}+09:00","userId":"{user}","properties":{properties}}}"#
        )
    };
    let bundle = file(
        r#"{"bundle": "b", "version": 7, "house": {"zone": "Asia/Seoul", "currency": "KRW"}, "policy": {"version": 3},
            "offers": [{"id": "tea", "label": "Tea", "slots": ["home"]}, {"id": "soap", "label": "Soap", "slots": ["home"]}]}"#,
    );
    let decided = r#"{"decision":"t.1","slot":"home","offer":"tea","propensity":0.975,"position":1,"policy":3,"bundle":7,"epsilon":0.05,"seed":"s","counter":1,"eligible":["soap","tea"],"features":{"intercept":1,"offer:tea":1}}"#;
    let about = |decision: &str, more: &str| format!(r#"{{"decision":"{decision}","slot":"home"{more}}}"#);
    let lines = [
        line("m1", "01", "u", "danbi_decision", decided),
        line("m2", "02", "u", "danbi_exposure", &about("t.1", "")),
        line("m3", "03", "u", "danbi_answer", &about("t.1", r#","action":"click""#)),
        line("m4", "04", "u", "danbi_decision", &about("t.2", r#","campaign":"say \"hi\", you","propensity":1"#)),
        line("m5", "05", "u", "danbi_exposure", &about("t.2", "")),
        line("m6", "05", "u", "danbi_answer", &about("t.2", r#","action":"dismiss""#)),
        // Neither seen, nor known; and another shopper's tab of the same name.
        line("m7", "06", "u", "danbi_decision", &about("t.3", r#","offer":"soap","propensity":0.025"#)),
        line("m8", "07", "u", "danbi_answer", &about("t.9", r#","action":"click""#)),
        line("m9", "08", "a", "danbi_decision", &about("t.1", r#","offer":"soap","propensity":0.025,"position":2"#)),
        line("m10", "09", "a", "danbi_exposure", &about("t.1", "")),
    ];
    let run = danbi(&["export-decisions", "--bundle", &bundle], lines.join("\n").as_bytes());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let expected = [
        "context,action,reward,propensity,position,action_index,eligible,slot,user,timestamp,decision,campaign,step,variant,offer,answer,policy,bundle,epsilon,seed,counter",
        r#"{},soap,0,0.025,2,0,,home,a,2026-05-12T01:00:09.000Z,t.1,,,,soap,,,,,,"#,
        r#""{""intercept"":1,""offer:tea"":1}",tea,1,0.975,1,1,"[""soap"",""tea""]",home,u,2026-05-12T01:00:02.000Z,t.1,,,,tea,click,3,7,0.05,s,1"#,
        r#"{},"say ""hi"", you",0,1,1,,,home,u,2026-05-12T01:00:05.000Z,t.2,"say ""hi"", you",,,,dismiss,,,,,"#,
    ];
    assert_eq!(run.out, expected.join("\n") + "\n");
}

fn simulated(arguments: &[&str]) -> Run {
    let bundle = onsae();
    danbi(&[&["simulate", "--bundle", &bundle], arguments].concat(), b"")
}

#[test]
fn a_simulation_is_one_line_of_whole_numbers() {
    let run = simulated(&["--shoppers", "3", "--days", "4", "--seed", "5"]);
    assert_eq!((run.code, run.out.lines().count()), (Some(0), 1), "{}", run.err);
    assert_eq!(run.err, "", "progress is for people");
    let line = json::parse(&run.out).expect("JSON");
    let expected = ["shoppers", "days", "seed", "campaigns", "frequency", "tiers", "points", "checks"];
    assert_eq!(keys(&line), expected);
    assert_eq!(keys(line.at("campaigns.welcome")), ["eligible", "reached", "shown", "answered"]);
    assert_eq!(keys(line.at("tiers.0")), ["seed", "leaf", "bloom", "fruit", "garden"]);
    assert_eq!(keys(line.at("points.3")), ["earned", "spent", "expired", "reversed", "outstanding"]);
    assert_eq!(keys(line.at("checks")), ["session", "day", "rolling", "tiers", "points", "holdout", "paused", "reach"]);
    assert!(!run.out.contains('.'), "whole numbers only: {}", run.out);
}

#[test]
fn the_events_of_a_simulation_are_replayed_and_fitted() {
    let events = file("");
    let told = simulated(&["--shoppers", "3", "--days", "20", "--events", &events]);
    assert_eq!(told.out, simulated(&["--shoppers", "3", "--days", "20"]).out, "{}", told.err);
    let replayed = danbi(&["replay", "--bundle", &onsae(), "--events", &events, "--consent", "unknown"], b"");
    assert_eq!((replayed.code, replayed.out.lines().count()), (Some(0), 3), "{}", replayed.err);
    let run = danbi(&["fit", "--events", &events], b"");
    assert_eq!(run.code, Some(0), "{}", run.err);
    let rates = json::parse(&run.out).expect("JSON");
    assert!(rates.at("visits.perWeek").number().is_some_and(|rate| rate > 0.0), "{}", run.out);
    // Who scored how the bundle alone can say.
    let known = danbi(&["fit", "--bundle", &onsae(), "--events", &events], b"");
    assert_eq!(known.code, Some(0), "{}", known.err);
    assert_eq!(
        json::parse(&known.out).expect("JSON").at("visits"),
        rates.at("visits"),
        "the same zone, the same names"
    );
    let rates = file(run.out);
    assert_eq!(simulated(&["--shoppers", "1", "--days", "1", "--rates", &rates]).code, Some(0));
}

#[test]
fn what_cannot_be_simulated_is_told() {
    let refused = |arguments: &[&str], parts: &[&str]| {
        let run = simulated(arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{arguments:?}");
        parts.iter().for_each(|part| assert!(run.err.contains(part), "{part} is not in {}", run.err));
    };
    refused(&["--shoppers", "0", "--days", "1"], &["range at /shoppers", "1 to 1000000"]);
    refused(&["--shoppers", "-1", "--days", "1"], &["range at /shoppers"]);
    refused(&["--shoppers", "1", "--days", "0"], &["range at /days"]);
    for (text, part) in [
        (r#"{ "visit": {} }"#, "unknown_key at /rates/visit: unknown; known here: members"),
        (r#"{ "order": 7 }"#, "range at /rates/order: expected a share from 0 to 1"),
        (r#"{ "basket": { "lines": 0 } }"#, "range at /rates/basket/lines"),
        ("[]", "type at /rates: expected an object"),
        ("{", "cli-"),
    ] {
        refused(&["--shoppers", "1", "--days", "1", "--rates", &file(text)], &[part]);
    }
    refused(&["--shoppers", "1", "--days", "1", "--rates", "nowhere.json"], &["nowhere.json"]);
    let run = simulated(&["--shoppers", "many", "--days", "1"]);
    assert_eq!(run.code, Some(2));
    let zone = PROGRAM.replace("Asia/Seoul", "Asia/Atlantis");
    for (bundle, part) in [("{}", "is not a valid bundle"), (&zone, ": /house/zone: not an IANA zone: Asia/Atlantis")] {
        let run = danbi(&["simulate", "--bundle", &file(bundle), "--shoppers", "1", "--days", "1"], b"");
        assert!(run.code == Some(1) && run.err.contains(part), "{}", run.err);
    }
}

#[test]
fn what_cannot_be_fitted_is_told() {
    let run = danbi(&["fit"], b"{}\nno JSON\n");
    assert!(run.code == Some(2) && run.err.contains("line 1") && run.err.contains("line 2"), "{}", run.err);
    assert_eq!(run.out.trim(), "{}", "nothing is told of nobody");
    let run = danbi(&["fit", "--zone", "Asia/Atlantis"], b"");
    assert!(run.code == Some(1) && run.err.contains("Asia/Atlantis"), "{}", run.err);
    assert_eq!(danbi(&["fit", "--events", "nowhere.ndjson"], b"").code, Some(1));
    let run = danbi(&["fit", "--zone", "Asia/Seoul", "--bundle", &onsae()], b"");
    assert!(run.code == Some(2) && run.err.contains("--bundle"), "a bundle says its zone itself: {}", run.err);
}
