//! Trust in a page: a server's word on an account whenever it comes, and what a tab tells of what it granted.
#![cfg(feature = "cli")]

use danbi::cli::keys::Keys;
use danbi::cli::{json, native};
use danbi::engine::base::time::Time;
use danbi::engine::base::value::{Map, Value};
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::replay;
use danbi::engine::{Engine, Options};

fn cases() -> Value {
    json::parse(include_str!("cases/checkpoint.json")).expect("the signed cases")
}

fn time(text: Option<&str>) -> Time {
    text.and_then(Time::parse).expect("an instant").0
}

/// A tab of a page with its log.
struct Tab {
    bundle: Value,
    engine: Engine,
    log: Vec<Row>,
    snapshot: Value,
    now: Time,
}

impl Tab {
    fn new(bundle: &Value) -> Tab {
        let engine = Tab::engine(bundle);
        Tab { bundle: bundle.clone(), engine, log: Vec::new(), snapshot: Value::Null, now: Time(0) }
    }

    fn engine(bundle: &Value) -> Engine {
        let span = (time(Some("2025-01-01T00:00:00Z")), time(Some("2028-01-01T00:00:00Z")));
        let zones = native::zones(&[String::from("Asia/Seoul")], span.0, span.1).expect("zones");
        let options = Options {
            locale: "ko".into(),
            seed: "seed".into(),
            tab: "tab".into(),
            assumed: Grant::Granted,
            schemes: Vec::new(),
        };
        Engine::new(bundle.clone(), zones, Box::new(native::Native), options)
    }

    /// The engine is given something; what it asks for it gets. What it tells.
    fn give(&mut self, input: Input) -> Vec<Map> {
        let (mut told, mut todo) = (Vec::new(), vec![input]);
        while let Some(input) = todo.pop() {
            for effect in self.engine.update(input, self.now) {
                match effect {
                    Effect::Tell(one) => told.push(one),
                    Effect::Save { snapshot, .. } => self.snapshot = snapshot,
                    Effect::Recall { after, upto } => {
                        let asked = self.log.iter().filter(|row| row.position > after && row.position <= upto);
                        todo.push(Input::Recalled(asked.cloned().collect()));
                    }
                    _ => (),
                }
            }
        }
        told
    }

    fn hear(&mut self, line: &Value, proof: Value, own: bool) -> Vec<Map> {
        let position = self.log.len() as i64 + 1;
        self.now = self.now.max(time(line.at("timestamp").text()));
        let row = Row { position, line: line.clone(), fold: true, proof, own };
        self.log.push(Row { own: false, ..row.clone() });
        self.give(Input::Rows { rows: vec![row], unsent: 0 })
    }

    /// The page is left, and comes back later.
    fn again(&mut self) {
        self.give(Input::Keep);
        self.engine = Tab::engine(&self.bundle);
        self.engine.restore(&self.snapshot).expect("its own snapshot");
        let seen = self.snapshot.at("seen").integer().unwrap_or(0);
        let rows = self.log.iter().filter(|row| row.position > seen).cloned().collect();
        self.give(Input::Rows { rows, unsent: 0 });
    }
}

#[test]
fn a_page_comes_to_what_replay_says_however_often_it_is_left() {
    let file = cases();
    for case in file.at("cases").list() {
        let name = case.at("name").text().unwrap_or_default();
        let keys = if case.at("keys").is_null() { file.at("keys") } else { case.at("keys") };
        let keys = Keys::read(&json::write(keys)).expect("keys");
        for leaves in [false, true] {
            let (bundle, mut all) = (file.at("bundle"), replay::Replay::new(file.at("bundle").clone()).expect("valid"));
            let mut tab = Tab::new(bundle);
            for line in case.at("events").list() {
                tab.hear(line, keys.prove(line), false);
                all.add_proven(line, keys.prove(line)).expect("a good line");
                if leaves {
                    tab.again();
                }
            }
            let options =
                replay::Options { at: Some(tab.now), explain: false, lang: "ko".into(), assumed: Grant::Granted };
            let (names, from, to) = all.needs(Some(tab.now));
            let zones = native::zones(&names, from, to).expect("zones");
            let lines = all.finish(&zones, &native::Native, &options, &mut |_, _| ());
            let (page, replayed) = (tab.engine.progress(tab.now), lines[0].at("progress"));
            assert_eq!(json::write(&page), json::write(replayed), "{name}, left each time: {leaves}");
        }
    }
}

fn purchase(id: &str, day: u32, value: i64) -> Value {
    let line = format!(
        r#"{{"type":"track","event":"purchase","userId":"m-1","messageId":"{id}","timestamp":"2026-02-{day:02}T12:00:00+09:00",
            "properties":{{"transaction_id":"{id}","value":{value},"currency":"KRW"}}}}"#
    );
    json::parse(&line).expect("a line")
}

fn ids(told: &[Map]) -> Vec<&str> {
    told.iter().filter_map(|one| one.get("id")?.text()).collect()
}

#[test]
fn what_a_signal_granted_is_told_once_by_the_tab_that_said_it() {
    let mut tab = Tab::new(cases().at("bundle"));
    let told = tab.hear(&purchase("o-1", 3, 36_000), Value::Null, true);
    assert_eq!(ids(&told), ["o-1:earn_virtual_currency:pt", "o-1:level_up:main"]);
    assert_eq!((told[0].get("value"), told[1].get("level")), (Some(&360.into()), Some(&"vib".into())));
    assert!(tab.hear(&purchase("o-2", 4, 1000), Value::Null, false).is_empty(), "another tab's");
    tab.again();
    // Among what was kept: all is folded anew, and only what is new is told.
    let told = tab.hear(&purchase("o-0", 2, 500), Value::Null, true);
    assert_eq!(ids(&told), ["o-0:earn_virtual_currency:pt"]);
    assert!(tab.hear(&purchase("o-1", 3, 36_000), Value::Null, true).is_empty(), "an order pays once");
    // Read back it is no host's event.
    let before = tab.engine.progress(tab.now);
    let mine = r#"{"type":"track","event":"earn_virtual_currency","userId":"m-1","messageId":"o-1:earn_virtual_currency:pt",
        "timestamp":"2026-02-05T12:00:00+09:00","properties":{"virtual_currency_name":"pt","value":360},"context":{"library":{"name":"danbi"}}}"#;
    assert!(tab.hear(&json::parse(mine).unwrap(), Value::Null, true).is_empty());
    assert_eq!(tab.engine.progress(tab.now), before);
}

#[test]
fn nothing_is_told_without_consent_to_send() {
    let mut tab = Tab::new(cases().at("bundle"));
    let consent = r#"{"type":"consent","userId":"m-1","messageId":"c","timestamp":"2026-02-01T12:00:00+09:00","properties":{"analytics":"denied"}}"#;
    tab.hear(&json::parse(consent).unwrap(), Value::Null, true);
    assert!(tab.hear(&purchase("o-1", 3, 36_000), Value::Null, true).is_empty());
}
