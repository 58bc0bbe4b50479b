//! Broken and hostile input through the command line: told in words, in a time that somebody can wait.
#![cfg(feature = "cli")]

mod command;

use command::danbi;
use danbi::cli::json;
use std::path::{Path, PathBuf};

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("broken-{}-{name}.json", std::process::id()));
    std::fs::write(&path, content).expect("the target folder can be written");
    path
}

const HEAD: &str = r#""bundle":"b","version":1,"house":{"zone":"Asia/Seoul","currency":"KRW"}"#;

fn with(members: &str) -> String {
    format!("{{{HEAD},{members}}}")
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}{{\"user.x\":1}}{}", open.repeat(depth), close.repeat(depth))
}

fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).map(row).collect::<Vec<_>>().join(",")
}

fn campaign(id: usize, more: &str) -> String {
    format!(r#"{{"id":"c{id}","label":"c","slot":"s",{more}"message":{{"blocks":[{{"title":"x"}}]}}}}"#)
}

/// What `check` finds first, by code; empty: no error.
fn found(name: &str, text: &str) -> String {
    let path = file(name, text.as_bytes());
    let path = path.display().to_string();
    let run = danbi(&["check", "--json", &path], b"");
    let lines = run.out.lines().map(|line| json::parse(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}")));
    let errors: Vec<_> = lines.filter(|line| line.at("severity").text() == Some("error")).collect();
    assert!(run.err.is_empty(), "{name}: {}", run.err);
    assert_eq!(run.code, Some(i32::from(!errors.is_empty())), "{name}: {}", run.out);
    for error in &errors {
        assert!(["ko", "en"].iter().all(|lang| error.at(lang).text().is_some_and(|words| words.len() > 5)), "{name}");
        assert!(error.at("line").integer() > Some(0) && error.at("column").integer() > Some(0), "{name}");
    }
    // What check refuses replays nothing, and says why; what it lets pass replays.
    let line = br#"{"type":"page","messageId":"p","timestamp":"2026-01-10T12:00:00+09:00","userId":"u","properties":{"kind":"home"}}"#;
    let replay = danbi(&["replay", "--bundle", &path, "--explain"], line);
    assert_eq!(replay.code, Some(i32::from(!errors.is_empty())), "{name}: {}", replay.err);
    assert_eq!(replay.out.is_empty(), !errors.is_empty(), "{name}: {}", replay.out);
    assert!(errors.is_empty() || replay.err.len() > 20, "{name}: {}", replay.err);
    errors.first().and_then(|error| error.at("code").text()).unwrap_or_default().to_string()
}

#[test]
fn what_nests_too_deep_is_no_bundle() {
    for depth in [65, 120, 200, 10_000] {
        for (name, open, close) in [("lists", "[", "]"), ("objects", "{\"a\":", "}"), ("conditions", "{\"$not\":", "}")]
        {
            let text = nested(open, close, depth);
            assert_eq!(found(&format!("{name}-{depth}"), &text), "json");
            assert_eq!(found(&format!("{name}-{depth}-in"), &with(&format!("\"audiences\":{{\"a\":{text}}}"))), "json");
        }
    }
    let deep = nested("{\"$and\":[", "]}", 25);
    assert_eq!(found("deep-enough", &with(&format!("\"audiences\":{{\"a\":{deep}}}"))), "");
}

#[test]
fn what_is_no_json_or_no_bundle() {
    for (name, text, code) in [
        ("empty", "", "json"),
        ("cut", "{\"bundle\":\"b\"", "json"),
        ("overflow", &with("\"campaigns\":[]").replace("\"version\":1", "\"version\":1e400"), "json"),
        ("null", "null", "type"),
        ("text", "\"bundle\"", "type"),
        ("keys", &with("\"__proto__\":{\"polluted\":1}"), "unknown_key"),
        ("operator", &with(r#""audiences":{"a":{"user.x":{"$around":5}}}"#), "unknown_operator"),
        ("group", &with(r#""audiences":{"a":{"$xor":[]}}"#), "unknown_operator"),
    ] {
        assert_eq!(found(name, text), code, "{name}");
    }
    // Names that a JavaScript object has anyway are names like any other.
    let inherited = r#""audiences":{"__proto__":{"__proto__.polluted":1},"constructor":{"constructor.prototype.x":1},"toString":{"user.toString":{"$exists":true}}}"#;
    assert_eq!(found("inherited", &with(inherited)), "");
    assert_eq!(found("surrogates", &with(r#""audiences":{"\ud800":{"user.\udfff":"\ud800x"}}"#)), "");
    let run = danbi(&["check", "--json", &file("bytes", b"{\"bundle\":\"\xff\xfe\"}").display().to_string()], b"");
    assert!(run.code == Some(1) && run.err.contains("UTF-8"), "{}", run.err);
}

#[test]
fn five_megabytes_are_refused_and_less_is_read() {
    for (name, text, code) in [
        ("long-text", with(&format!("\"names\":{{\"a\":\"{}\"}}", "x".repeat(5_000_000))), "too_large"),
        (
            "names",
            with(&format!("\"audiences\":{{{}}}", rows(200_000, |n| format!("\"k{n}\":{{\"user.x\":{n}}}")))),
            "too_large",
        ),
        ("unknown", with(&rows(250_000, |n| format!("\"k{n}\":{n}"))), "too_many"),
        ("campaigns", with(&format!("\"campaigns\":[{}]", rows(40_000, |n| campaign(n, "")))), "too_many"),
        (
            "facts",
            with(&format!("\"audiences\":{{\"a\":{{{}}}}}", rows(200_000, |n| format!("\"user.f{n}\":1")))),
            "too_many",
        ),
        (
            "braces",
            with(&format!(
                "\"campaigns\":[{}]",
                campaign(0, "").replace("\"x\"", &format!("\"{}\"", "{% if a %}".repeat(200_000)))
            )),
            "template",
        ),
        (
            "filters",
            with(&format!(
                "\"campaigns\":[{}]",
                campaign(0, "").replace("\"x\"", &format!("\"{{{{ a{} }}}}\"", " | upcase".repeat(200_000)))
            )),
            "",
        ),
        (
            "mistakes",
            with(&format!("\"campaigns\":[{}]", rows(3_000, |n| campaign(n, "\"audience\":\"nobody\",")))),
            "unknown_reference",
        ),
        (
            "values",
            with(&format!("\"audiences\":{{\"a\":{{\"user.x\":{{\"$in\":[{}]}}}}}}", rows(400_000, |n| n.to_string()))),
            "",
        ),
    ] {
        assert_eq!(found(name, &text), code, "{name}");
    }
}

#[test]
fn thousands_of_campaigns_replay() {
    let audiences = rows(2_000, |n| format!("\"a{n}\":{{\"user.f{n}\":{{\"$gt\":{n}}}}}"));
    let campaigns = rows(2_000, |n| campaign(n, &format!("\"audience\":\"a{n}\",\"caps\":[{{\"count\":1}}],")));
    let text = with(&format!("\"audiences\":{{{audiences}}},\"campaigns\":[{campaigns}]"));
    assert_eq!(found("thousands", &text), "");
}

#[test]
fn circles_are_told() {
    let circle = r#""audiences":{"a":"b","b":{"when":"c"},"c":["a",{"user.x":1}]}"#;
    assert_eq!(found("audiences-in-a-circle", &with(circle)), "cycle");
    let after = |id: usize, other: usize| {
        campaign(id, &format!("\"prerequisites\":[{{\"campaign\":\"c{other}\",\"is\":\"shown\"}}],"))
    };
    let circle = with(&format!("\"campaigns\":[{},{},{}]", after(0, 1), after(1, 2), after(2, 0)));
    assert_eq!(found("prerequisites-in-a-circle", &circle), "cycle");
    assert_eq!(found("its-own-prerequisite", &with(&format!("\"campaigns\":[{}]", after(0, 0)))), "cycle");
    let chain = rows(2_000, |n| if n == 0 { campaign(0, "") } else { after(n, n - 1) });
    assert_eq!(found("a-long-chain", &with(&format!("\"campaigns\":[{chain}]"))), "");
}

/// Bad lines are told with their number, good ones beside them count.
#[test]
fn broken_lines_are_told_and_skipped() {
    let bundle =
        file("lines", with("\"meters\":{\"spent\":{\"sum\":\"purchase.value\"}}").as_bytes()).display().to_string();
    let line = |id: &str, properties: &str| {
        format!(
            r#"{{"type":"track","event":"purchase","messageId":"{id}","timestamp":"2026-01-10T12:00:00+09:00","userId":"u","properties":{properties}}}"#
        )
    };
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let lines = [
        line("good", r#"{"transaction_id":"o","value":100}"#),
        line("deep", &format!("{{\"x\":{deep}}}")),
        line("overflow", r#"{"value":1e400}"#),
        line("long", &format!("{{\"x\":\"{}\"}}", "x".repeat(5_000_000))),
        line("keys", &format!("{{{}}}", rows(100_000, |n| format!("\"k{n}\":1")))),
        line("time", "{}").replace("2026-01-10", "2026-13-10"),
        line("surrogate", r#"{"transaction_id":"\ud800","value":10,"\udfff":1}"#),
        line("proto", r#"{"__proto__":{"value":5},"transaction_id":"__proto__","value":1}"#),
        line("huge", r#"{"transaction_id":"h","value":1e300}"#),
    ];
    let run = danbi(&["replay", "--bundle", &bundle], lines.join("\n").as_bytes());
    assert_eq!(run.code, Some(2), "{}", run.err);
    for number in 2..=6 {
        assert!(run.err.contains(&format!("line {number}: ")), "line {number}: {}", run.err);
    }
    assert_eq!(run.err.lines().count(), 5, "{}", run.err);
    let spent = json::parse(run.out.trim()).expect("one line").at("profile.meters.spent").integer();
    assert!(spent >= Some(111), "{spent:?}");
}
