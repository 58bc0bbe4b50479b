//! How many cases a property is tried on.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// So many cases, unless more are asked for.
pub fn cases(count: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(count),
        rng_seed: RngSeed::Fixed(20_260_512),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
