//! Who is held out, and who gets which variant.

use super::history::History;
use super::verdict::{Circumstances, Stage, Verdict};
use super::{Campaign, Class, Step};
use crate::document;
use crate::engine::audience::bucketing::{bucket_ranges, choose, in_namespace};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::hash;
use crate::engine::base::text::{decimal, digits};
use crate::engine::base::value::Value;
use crate::engine::message::Message;
use crate::engine::message::template::Text;

document! {
    /// One of several ways to show a campaign.
    pub struct Variant {
        /// Id; counted and remembered by it.
        "id" id: &'a str,
        /// Its share beside the others': 9 and 1 are 90% and 10%.
        "weight" weight: f64 = 1.0,
        /// What it shows instead of the campaign's message.
        "message" message: Option<Message<'a>> = None,
        /// What it shows instead of a step's message, by the id of the step.
        "steps" steps: Table<'a, Message<'a>> = Table::of(&Value::Null),
        /// Shows nothing: what the others are measured against. That it would have shown is in the log.
        "none" none: bool = false,
    }

    /// How shoppers get their variant: by a hash of the user's id, before it is known of the anonymous one.
    pub struct Experiment {
        /// Never to be changed: who gets which variant depends on it. Default: the campaign's id.
        "seed" seed: Option<&'a str> = None,
        /// Of the hash.
        "version" version: i64 = 2,
        /// The share of shoppers that it is for. Raising it moves nobody.
        "coverage" coverage: f64 = 1.0,
        /// `[name, start, end]`: experiments with separate shares of one namespace never meet.
        "namespace" namespace: Option<Namespace<'a>> = None,
        /// Whether a shopper keeps the variant that was first seen.
        "sticky" sticky: bool = true,
        /// Raised to draw anew.
        "bucketVersion" bucket_version: i64 = 0,
        /// Who first saw one of an older version than this is left out.
        "minBucketVersion" min_bucket_version: i64 = 0,
        /// The reason in words for those whom it is not for.
        "why" why: Option<Text<'a>> = None,
    }
}

/// A share of a namespace, written `[name, start, end]`.
#[derive(Clone, Copy)]
pub struct Namespace<'a>(pub &'a str, pub f64, pub f64);

impl<'a> Part<'a> for Namespace<'a> {
    fn of(value: &'a Value) -> Self {
        let part = |index| value.list().get(index);
        let bound = |index| part(index).and_then(Value::number).unwrap_or(0.0);
        Namespace(part(0).and_then(Value::text).unwrap_or_default(), bound(1), bound(2))
    }
    #[cfg(feature = "studio")]
    fn check(value: &'a Value, check: &mut crate::engine::base::document::Check) {
        let Namespace(name, start, end) = Namespace::of(value);
        if value.list().len() != 3 || name.is_empty() || !(0.0 <= start && start < end && end <= 1.0) {
            check.fail("namespace", "expected [name, start, end] with 0 ≤ start < end ≤ 1, e.g. [\"home\", 0, 0.5]");
        }
    }
    #[cfg(feature = "studio")]
    fn schema(_: &mut crate::engine::base::value::Map) -> Value {
        let kind = |kind: &str| Value::from(crate::engine::base::value::Map::new().with("type", kind));
        let items = vec![kind("string"), kind("number"), kind("number")];
        let array = crate::engine::base::value::Map::new().with("type", "array");
        array.with("prefixItems", items).with("minItems", 3).with("maxItems", 3).into()
    }
}

impl<'a> Variant<'a> {
    /// What it shows of a step.
    pub fn shows(self, step: Step<'a>) -> Message<'a> {
        let own = step.id.map_or_else(|| self.message(), |id| self.steps().get(id));
        own.unwrap_or(step.message)
    }
}

fn bucket(campaign: Campaign, id: &str) -> Option<f64> {
    let experiment = campaign.experiment();
    hash::bucket(experiment.seed().unwrap_or(campaign.id()), id, experiment.version())
}

impl<'a> Circumstances<'a> {
    /// Whether the shopper is held out of what is promotional: the bucket and the share.
    pub fn held_out(self, campaign: Campaign) -> Option<(f64, f64)> {
        self.holdout_of(campaign).filter(|(bucket, share)| bucket < share)
    }

    /// The bucket that the holdout is drawn by, and its share.
    pub fn holdout_of(self, campaign: Campaign) -> Option<(f64, f64)> {
        let holdout = self.bundle.house().holdout().filter(|_| campaign.class() == Class::Marketing)?;
        Some((hash::bucket(holdout.seed(), self.profile.user.as_ref()?, 2)?, holdout.share()))
    }

    /// The variant of a shopper; why there is none, where there are variants.
    pub fn variant(
        self,
        campaign: Campaign<'a>,
        history: Option<&History>,
    ) -> Result<Option<Variant<'a>>, &'static str> {
        let (variants, experiment) = (campaign.variants(), campaign.experiment());
        if variants.is_empty() {
            return Ok(None);
        }
        if let Some(history) = history.filter(|_| experiment.sticky()) {
            let mut known = history.variants.iter().filter_map(|(version, _)| digits(version));
            if known.any(|version| version < experiment.min_bucket_version()) {
                return Err("bucket_version");
            }
            let known = history.variants.get(&decimal(experiment.bucket_version(), 1));
            let known = variants.iter().find(|variant| known.is_some_and(|known| known == variant.id()));
            if known.is_some() {
                return Ok(known);
            }
        }
        let id = self.profile.user.as_ref().or(self.profile.anonymous.first()).ok_or("no_id")?;
        if experiment.namespace().is_some_and(|Namespace(name, start, end)| !in_namespace(id, name, [start, end])) {
            return Err("namespace");
        }
        // Shares of all of them together.
        let all: f64 = variants.iter().map(|variant| variant.weight().max(0.0)).sum();
        let weights: Vec<f64> = variants.iter().map(|variant| variant.weight().max(0.0) / all).collect();
        let ranges = bucket_ranges(weights.len(), experiment.coverage(), &weights);
        let place = bucket(campaign, id).and_then(|bucket| choose(bucket, &ranges)).ok_or("coverage")?;
        Ok(variants.get(place))
    }

    /// The bucket that the variant is drawn by.
    #[cfg(feature = "studio")]
    pub fn bucket(self, campaign: Campaign) -> Option<f64> {
        bucket(campaign, self.profile.user.as_ref().or(self.profile.anonymous.first())?)
    }

    pub(super) fn experiment(self, verdict: &mut Verdict<'a>, history: Option<&History>) -> bool {
        let code = match self.variant(verdict.campaign, history) {
            Ok(Some(variant)) if variant.none() => {
                verdict.silent = true;
                "control"
            }
            Ok(variant) => {
                if variant.is_some() {
                    verdict.code = "split";
                }
                return false;
            }
            Err(code) => code,
        };
        verdict.stop(Stage::Experiment, code, &[&verdict.own(), "/experiment"])
    }
}
