//! Audiences: who is meant, in GrowthBook's condition language, and who is in which variation.

pub mod bucketing;
mod condition;
mod needs;

#[cfg(feature = "studio")]
pub use condition::OPERATORS;
#[cfg(feature = "studio")]
pub use condition::truthy;
pub use condition::{Condition, Facts, Leaf, printed};
pub use needs::Needs;
