//! `danbi simulate` over all cores: what each has counted is added up, so that the answer does not depend on them.

use super::{json, native};
use crate::engine::base::time::Zones;
use crate::engine::base::value::Value;
use crate::engine::simulate::Simulation;
use crate::engine::simulate::tally::Tally;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Takes an event line.
pub type Write<'a> = dyn FnMut(&str) -> Result<(), String> + 'a;

/// Runs a simulation to its end, with the zones that it needs. `progress` is told how many shoppers are done; `write` is given the
/// event lines of each shopper, in their order, where they are wanted.
pub fn run(
    simulation: &Simulation,
    zones: &Zones,
    progress: &(dyn Fn(usize) + Sync),
    mut write: Option<&mut Write>,
) -> Result<Value, String> {
    let shop = simulation.shop(zones);
    let count = simulation.shoppers();
    // In the order of the shoppers by one alone: their lines are written as they come.
    let workers = match write {
        Some(_) => 1,
        None => std::thread::available_parallelism().map_or(1, usize::from).min(count),
    };
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let all = Mutex::new(Tally::new(&shop));
    let mut fault = Ok(());
    let work = |zones: &Zones, see: &mut dyn FnMut(&Value)| {
        // Each reads the simulation anew: what is compiled of a bundle belongs to one thread.
        let (shop, mut runner) = (simulation.shop(zones), simulation.runner(zones.clone(), Box::new(native::Native)));
        let mut tally = Tally::new(&shop);
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= count {
                break;
            }
            runner.run(&shop, place, &mut tally, see);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
        if let Ok(mut all) = all.lock() {
            all.add(&tally);
        }
    };
    match &mut write {
        Some(write) => work(zones, &mut |line| {
            if fault.is_ok() {
                fault = write(&json::write(line));
            }
        }),
        None => std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| work(zones, &mut |_| ()));
            }
        }),
    }
    fault?;
    let all = all.into_inner().map_err(|error| error.to_string())?;
    Ok(all.line(&shop))
}
