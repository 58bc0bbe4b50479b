//! What several property tests share: how many cases, documents from text, and a page that keeps its log.

mod cases;

pub use cases::cases;
use danbi::cli::{json, native::Native};
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::Value;
use danbi::engine::effect::Effect;
use danbi::engine::input::{Input, Row};
use danbi::engine::profile::Grant;
use danbi::engine::{Engine, Options};

pub fn read(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub fn time(text: &str) -> Time {
    Time::parse(text).expect("an instant").0
}

pub fn engine(bundle: &Value, zones: Zones) -> Engine {
    let options = Options {
        locale: "ko".into(),
        seed: "seed".into(),
        tab: "tab".into(),
        assumed: Grant::Granted,
        schemes: Vec::new(),
    };
    Engine::new(bundle.clone(), zones, Box::new(Native), options)
}

// Not every test asks all of it.
#[allow(dead_code)]
/// What a page hears that asks after the engine was woken for what was due.
pub fn seen(engine: &mut Engine, now: Time) -> String {
    engine.update(Input::Tick, now);
    let decision = engine.decide("interruptive", now).map(|decision| decision.campaign);
    [
        json::write(&engine.profile(now)),
        json::write(&engine.progress(now)),
        json::write(&engine.explain(now)),
        format!("{decision:?}"),
    ]
    .join("\n")
}

/// A host that keeps its whole log: it answers what it is asked for, and has the last snapshot.
pub struct Page<'a> {
    log: &'a [(Time, Row)],
    /// After every so many batches the page may go; 0: never.
    keep: usize,
    pub saved: Option<Value>,
    pub recalls: usize,
}

impl<'a> Page<'a> {
    pub fn new(log: &'a [(Time, Row)], keep: usize) -> Page<'a> {
        Page { log, keep, saved: None, recalls: 0 }
    }

    pub fn tell(&mut self, engine: &mut Engine, input: Input, now: Time) {
        for effect in engine.update(input, now) {
            match effect {
                // Through text, as a host may keep it.
                Effect::Save { snapshot, .. } => self.saved = Some(read(&json::write(&snapshot))),
                Effect::Recall { after, upto } => {
                    let asked =
                        self.log.iter().map(|(_, row)| row).filter(|row| row.position > after && row.position <= upto);
                    self.recalls += 1;
                    self.tell(engine, Input::Recalled(asked.cloned().collect()), now);
                }
                _ => (),
            }
        }
    }

    pub fn feed(&mut self, engine: &mut Engine, arrivals: &[(Time, Row)], batch: usize) {
        for (index, rows) in arrivals.chunks(batch).enumerate() {
            let now = rows.last().expect("a batch").0;
            let rows = rows.iter().map(|(_, row)| row.clone()).collect();
            self.tell(engine, Input::Rows { rows, unsent: 0 }, now);
            if self.keep > 0 && index % self.keep == 0 {
                self.tell(engine, Input::Keep, now);
            }
        }
    }
}
