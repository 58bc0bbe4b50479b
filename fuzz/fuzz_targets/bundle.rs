//! A bundle, then event lines: checked, replayed where it is good, lived through in a page where it may not be.
#![no_main]

use danbi::cli::native::{self, Native};
use danbi::engine::base::time::Time;
use danbi::engine::base::value::Value;
use danbi::engine::bundle::lint;
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::replay::{Options, Replay};
use danbi::engine::{self, Engine};
use danbi_fuzz::{documents, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// 2026-05-12T10:00:00+09:00.
const NOW: Time = Time(1_778_547_600_000);

fuzz_target!(|data: &[u8]| {
    let all = documents(data);
    let Some((bundle, lines)) = all.split_first() else { return };
    for finding in lint::check(bundle) {
        finding.line();
    }
    replay(bundle, lines);
    live(bundle, lines);
});

/// As the command line does it.
fn replay(bundle: &Value, lines: &[Value]) {
    let Ok(mut replay) = Replay::new(bundle.clone()) else { return };
    for line in lines {
        let _ = replay.add(line);
    }
    let options = Options { at: None, explain: true, lang: String::from("ko"), assumed: Grant::Granted };
    let (names, from, to) = replay.needs(options.at);
    if let Ok(zones) = native::zones(&names, from, to) {
        replay.finish(&zones, &Native, &options, &mut |_, _| ());
    }
}

/// As a page does, which checks little.
fn live(bundle: &Value, lines: &[Value]) {
    let zones = native::zones(&[String::from("Asia/Seoul")], NOW, NOW).unwrap_or_default();
    let options = engine::Options {
        locale: String::from("en"),
        seed: String::from("seed"),
        tab: String::from("tab"),
        assumed: Grant::Granted,
        schemes: Vec::new(),
    };
    let mut engine = Engine::new(bundle.clone(), zones, Box::new(Native), options);
    let rows: Vec<Row> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| Row { position: index as i64 + 1, line: line.clone(), fold: true, own: true, ..Row::default() })
        .collect();
    for effect in engine.update(Input::Rows { rows: rows.clone(), unsent: 3 }, NOW) {
        match effect {
            Effect::Claim(key) => drop(engine.update(Input::Claimed { key, won: true }, NOW)),
            Effect::Save { snapshot, .. } => drop(engine.restore(&snapshot)),
            Effect::Recall { .. } => drop(engine.update(Input::Recalled(rows.clone()), NOW)),
            _ => (),
        }
    }
    engine.update(Input::Keep, NOW);
    let slots = engine.bundle().campaigns().iter().flat_map(|campaign| campaign.all_steps().map(|step| step.slot));
    let slots: Vec<String> = slots.take(8).map(str::to_string).collect();
    for slot in slots {
        if let Some(decision) = engine.decide(&slot, NOW) {
            decision.view.value();
            decision.properties();
            engine.update(Input::Decided(Box::new(decision)), NOW);
        }
    }
    engine.explain(NOW);
    engine.progress(NOW);
    engine.profile(NOW);
    engine.update(Input::Tick, Time(NOW.0 + 90_000_000));
}

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| { mutate(data, size, most, seed) });
