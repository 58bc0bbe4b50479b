//! What one event costs the engine alone, compiled for this machine: `npm run bench:native`, which gives the bundle and the
//! event lines on standard input, one JSON document a line.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]

use danbi::cli::{json, native::Native};
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::Value;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::signal::Signal;
use danbi::engine::{Engine, Options};
use std::hint::black_box;
use std::io::read_to_string;
use std::time::{Duration, Instant};

/// The quietest of so many rounds counts.
const ROUNDS: usize = 5;

fn quietest(round: &dyn Fn()) -> Duration {
    let time = |_| {
        let begun = Instant::now();
        round();
        begun.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap_or_default()
}

fn main() {
    let given = read_to_string(std::io::stdin()).expect("text on standard input");
    let mut documents = given.lines().map(|line| json::parse(line).expect("a document"));
    let bundle = documents.next().expect("a bundle");
    let lines: Vec<Value> = documents.collect();
    let mut zones = Zones::default();
    zones.set("America/New_York", vec![(i64::MIN, -300)]);
    let at = |line: &Value| line.at("timestamp").text().and_then(Time::parse).expect("an instant").0;

    let tell = |what: &str, time: Duration| {
        println!("{what}: {:.2} µs an event", time.as_secs_f64() * 1e6 / lines.len() as f64);
    };
    let copying = quietest(&|| drop(black_box(lines.clone())));
    let reading = quietest(&|| {
        for line in &lines {
            black_box(Signal::read(line, &|_| None)).expect("an event line");
        }
    });
    tell("understood", reading);
    for together in [1, 6, 50] {
        let taking = quietest(&|| {
            let options = Options {
                locale: "en".into(),
                seed: "s".into(),
                tab: "t".into(),
                assumed: Grant::Granted,
                schemes: Vec::new(),
            };
            let mut engine = Engine::new(bundle.clone(), zones.clone(), Box::new(Native), options);
            let mut position = 0;
            for lines in lines.chunks(together) {
                let row = |line: &Value| {
                    position += 1;
                    Row { position, line: line.clone(), fold: true, ..Row::default() }
                };
                let rows = lines.iter().map(row).collect();
                let now = lines.last().map_or(Time(0), at);
                black_box(engine.update(Input::Rows { rows, unsent: 0 }, now));
            }
        });
        tell(&format!("taken in, {together} at once"), taking - copying);
    }
}
