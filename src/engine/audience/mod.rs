//! Audiences: who is meant, in GrowthBook's condition language.

mod condition;
mod needs;

pub use condition::{Condition, Facts, Leaf, printed};
pub use needs::Needs;
