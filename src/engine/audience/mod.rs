//! Audiences: who is meant, in GrowthBook's condition language.

mod condition;
mod needs;

#[cfg(feature = "studio")]
pub use condition::OPERATORS;
pub use condition::{Condition, Facts, Leaf, printed};
pub use needs::Needs;
