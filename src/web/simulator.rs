//! What `danbi/studio` loads to simulate: a build of its own, fast rather than small.

use wasm_bindgen::prelude::*;

use super::convert;
use super::given::{Thrown, first, given, tables};
use super::platform::Browser;
use crate::engine::base::time::Zones;
use crate::engine::simulate::tally::Tally;
use crate::engine::simulate::{self, Runner};

/// A simulation that is run bit by bit, so that a page can tell how far it is and give up.
#[wasm_bindgen]
pub struct Simulation {
    simulation: simulate::Simulation,
    zones: Zones,
    runner: Option<Runner>,
    tally: Option<Tally>,
    next: usize,
}

#[wasm_bindgen]
impl Simulation {
    /// Of a bundle; `request`: `{shoppers, days, seed, from, rates}`.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &JsValue, request: &JsValue) -> Thrown<Simulation> {
        let simulation = simulate::Simulation::new(given(bundle)?, given(request)?).map_err(first)?;
        Ok(Simulation { simulation, zones: Zones::default(), runner: None, tally: None, next: 0 })
    }

    /// The zones whose tables it needs.
    pub fn zones(&self) -> Vec<String> {
        self.simulation.needs().0
    }

    /// From when to when they must reach, in ms since 1970.
    pub fn span(&self) -> Vec<f64> {
        let (_, from, to) = self.simulation.needs();
        vec![from.0 as f64, to.0 as f64]
    }

    /// Gives the tables.
    pub fn begin(&mut self, zones: &JsValue) -> Thrown<()> {
        self.zones = tables(zones)?;
        self.runner = Some(self.simulation.runner(self.zones.clone(), Box::new(Browser::default())));
        Ok(())
    }

    /// Lets so many more shoppers live all days; how many have by now: none before the tables are given.
    pub fn step(&mut self, count: u32) -> u32 {
        let Some(runner) = &mut self.runner else { return 0 };
        let shop = self.simulation.shop(&self.zones);
        let tally = self.tally.get_or_insert_with(|| Tally::new(&shop));
        let until = self.simulation.shoppers().min(self.next + count as usize);
        for place in self.next..until {
            runner.run(&shop, place, tally, &mut |_| ());
        }
        self.next = until;
        until as u32
    }

    /// What was counted so far: the line of `danbi simulate`.
    pub fn line(&self) -> JsValue {
        let shop = self.simulation.shop(&self.zones);
        self.tally.as_ref().map_or(JsValue::NULL, |tally| convert::write(&tally.line(&shop)))
    }
}
