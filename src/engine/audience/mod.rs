//! Audiences: who is meant, in GrowthBook's condition language.

mod condition;

#[cfg(feature = "studio")]
pub use condition::OPERATORS;
pub use condition::{Condition, Facts, Leaf, printed};
