//! GrowthBook's functions by their names, on values.

use danbi::cli::native::Native;
use danbi::engine::audience::bucketing::{bucket_ranges, choose, equal_weights};
use danbi::engine::base::hash;
use danbi::engine::base::value::Value;
use danbi::engine::feature::{Context, in_named, query_string_override, range_of, sticky_bucket, weights};
use danbi::engine::replay::eval_condition;

/// What a function of `danbi/testing` answers; none where there is no such function.
pub fn call(function: &str, given: &[Value]) -> Option<Value> {
    let part = |index: usize| given.get(index).unwrap_or(&Value::Null);
    let (text, number) =
        (|index| part(index).text().unwrap_or_default(), |index| part(index).number().unwrap_or_default());
    let list = |numbers: &[f64]| Value::List(numbers.iter().copied().map(Value::from).collect());
    Some(match function {
        "evalCondition" => eval_condition(part(0), part(1), part(2), &Native).into(),
        "hash" => hash::bucket(text(0), text(1), part(2).integer()?).map_or(Value::Null, Value::from),
        "getBucketRange" => {
            let ranges = bucket_ranges(number(0) as usize, number(1), &weights(part(2)));
            Value::List(ranges.iter().map(|range| list(range)).collect())
        }
        "chooseVariation" => {
            let ranges: Vec<_> = part(1).list().iter().map(range_of).collect();
            choose(number(0), &ranges).map_or(-1.0, |index| index as f64).into()
        }
        "inNamespace" => in_named(text(0), part(1), &Native).into(),
        "getEqualWeights" => list(&equal_weights(number(0) as usize)),
        "getQueryStringOverride" => {
            query_string_override(text(0), text(1), number(2)).map_or(Value::Null, |index| (index as f64).into())
        }
        "run" => {
            let result = Value::from(Context::new(part(0), &Native).run(part(1)));
            let members = ["value", "inExperiment", "hashUsed"].map(|name| (name, result.field(name).clone()));
            Value::Map(members.into_iter().collect())
        }
        "feature" => Context::new(part(0), &Native).feature(text(1)).into(),
        "stickyBucket" => sticky_bucket(part(0), part(1).list(), text(2), &Native).into(),
        _ => return None,
    })
}
