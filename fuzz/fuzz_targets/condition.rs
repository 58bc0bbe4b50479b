//! A condition, what it is held against, named lists: the compiled one, the plain one and the explanation say the same, and none of
//! them panics or takes for ever.
#![no_main]

use danbi::cli::native::Native;
use danbi::engine::audience::{Clock, Condition, Conditions, Facts, explain};
use danbi::engine::base::document::{Check, Part};
use danbi::engine::base::time::{Time, Zones};
use danbi::engine::base::value::Value;
use danbi_fuzz::{documents, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let all = documents(data);
    let one = |index: usize| all.get(index).unwrap_or(&Value::Null);
    let (condition, zones) = (Condition(one(0)), Zones::default());
    let clock = Clock { now: Time(1_778_547_600_000), zone: "UTC", zones: &zones };
    let facts = Facts { document: one(1), groups: one(2), host: &Native, clock };
    Condition::check(condition.0, &mut Check::default());
    let plain = condition.holds(facts);
    let mut conditions = Conditions::default();
    let place = conditions.add(condition, &mut Vec::new());
    let compiled = conditions.holds(place, &conditions.slots(facts.document), facts);
    assert_eq!(compiled, plain, "compiled");
    conditions.turns(place, &conditions.slots(facts.document), facts, &mut |_| ());
    let mut leaves = Vec::new();
    explain(condition.0, "", facts, &mut leaves);
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| { mutate(data, size, most, seed) });
