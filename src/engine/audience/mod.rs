//! Audiences: who is meant, in GrowthBook's condition language, and who is in which variation.

pub mod bucketing;
#[cfg(feature = "studio")]
mod check;
mod compiled;
mod condition;
mod date;
mod explained;
mod needs;
mod operator;

pub use compiled::{Conditions, Slots};
pub use condition::{Condition, Facts};
pub use date::Clock;
pub use explained::{Leaf, explain};
pub use needs::Needs;
#[cfg(feature = "studio")]
pub use operator::truthy;
pub use operator::{Operator, printed};
