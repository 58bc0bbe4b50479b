//! Audiences: who is meant, in GrowthBook's condition language.

mod condition;

pub use condition::{Condition, Facts, Leaf, printed};
