//! Audiences: who is meant, in GrowthBook's condition language, and who is in which variation.

pub mod bucketing;
#[cfg(feature = "studio")]
mod check;
mod compiled;
mod condition;
#[cfg(feature = "studio")]
mod contrary;
mod date;
mod explained;
#[cfg(feature = "studio")]
mod matcher;
mod needs;
mod operator;

#[cfg(feature = "studio")]
pub use check::{holds_for_missing, is_junction};
pub use compiled::{Conditions, Slots};
pub use condition::{Condition, Facts};
#[cfg(feature = "studio")]
pub use contrary::contrary;
pub use date::Clock;
pub use explained::{Leaf, explain};
#[cfg(feature = "studio")]
pub use matcher::Matcher;
pub use needs::Needs;
#[cfg(feature = "studio")]
pub use operator::truthy;
pub use operator::{Operator, printed};
