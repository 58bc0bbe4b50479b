//! Next best offer (decisioning.md section 1): a warm diagonal Bayesian logistic model, chosen from by upper confidence bound
//! with a floor of chance, learning on the device.

mod choice;
mod learning;
mod model;

use crate::document;
use crate::engine::base::document::{List, Part, Table};
use crate::engine::base::time::Span;
use crate::engine::base::value::Value;
use crate::engine::campaign::{Requirements, Schedule};
use crate::engine::message::Message;
use crate::engine::message::template::Text;

pub use choice::{Chosen, Draw, Terms};
pub use learning::{Contact, Learnt, Opened};
#[cfg(feature = "studio")]
pub use learning::{DISMISSED, PATIENCE};
pub use model::{Catalogue, FAMILIES, Model, Moment, Normal, Scene, Score, Weight, Weights, logistic};

document! {
    /// Something that may be offered.
    pub struct Offer {
        /// Id; what is learnt is kept by it.
        "id" id: &'a str,
        /// Its name; what it shows where it has no message.
        "label" label: Text<'a>,
        /// What kind of thing it is.
        "category" category: &'a str = "",
        /// What a click on it is worth beside the others' clicks; above 0.
        "margin" margin: f64 = 1.0,
        /// The slots it may be chosen for.
        "slots" slots: List<'a, &'a str>,
        /// Whom it is for: a condition, the name of an audience, or a list of them with reasons; all must hold.
        "audience" audience: Requirements<'a> = Requirements(&Value::Null),
        /// Between which dates.
        "schedule" schedule: Schedule<'a> = Schedule(&Value::Null),
        /// The `item_id` whose facts the page gives in `context.items`: sold out it is not offered.
        "item" item: Option<&'a str> = None,
        /// The price it speaks of, in minor units: where the page knows another price of the item it is not offered.
        "price" price: Option<i64> = None,
        /// More that messages read as `offer.NAME`.
        "facts" facts: &'a Value = &Value::Null,
        /// What it shows where no campaign of the slot speaks of it.
        "message" message: Option<Message<'a>> = None,
        /// How often all shoppers click it; left out, as its category is clicked, and believed little.
        "prior" prior: Option<Prior<'a>> = None,
        /// More of what it is, each a weight of its own, e.g. `{"summer": 1}`, which is `feature:summer`.
        "features" features: Table<'a, f64> = Table::of(&Value::Null),
        /// At most so many exposures on a device.
        "ceiling" ceiling: Option<i64> = None,
        /// So long it rests once it was dismissed.
        "cooldown" cooldown: Span = Span { days: 14, ..Span::default() },
        /// Why it is offered, in words.
        "why" why: Option<Text<'a>> = None,
    }

    /// How often all shoppers click something.
    pub struct Prior {
        /// The share of exposures that are clicked.
        "p0" share: f64,
        /// How many exposures this belief is worth.
        "n0" count: f64,
    }

    /// How offers are chosen.
    pub struct Policy {
        /// Logged with each decision; raise it with each change.
        "version" version: i64,
        /// Mixed into every draw.
        "seed" seed: &'a str = "",
        /// How much is added for what is not known yet.
        "c" curiosity: f64 = 0.5,
        /// The share of decisions left to chance, so that other policies can be judged by the log.
        "eps" chance: f64 = 0.05,
        /// In this time what a device learnt comes to weigh half.
        "halfLife" half_life: Span = Span { days: 60, ..Span::default() },
        /// The dimension of `interests` whose categories the offers' categories are.
        "interest" interest: &'a str = "",
        /// What is believed of each weight before a device learns, by its name (`category:scent`) or family: `intercept category
        /// affinity slot recency stage feature`.
        "features" features: Table<'a, Belief<'a>> = Table::of(&Value::Null),
        /// At most so many offers of a category in one list, as long as there are others.
        "diversity" diversity: Option<i64> = None,
    }

    /// What is believed of a weight.
    pub struct Belief {
        /// Mean.
        "m0" mean: Option<f64> = None,
        /// Precision: one by the variance.
        "q0" precision: Option<f64> = None,
    }
}
