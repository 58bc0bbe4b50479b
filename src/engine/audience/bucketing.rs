//! Who is in which variation: GrowthBook's ranges, weights and namespaces (standards.md, semantics 11 and 12).

use crate::engine::base::hash;
use crate::engine::base::text::join;

/// A share of the buckets: from the first number up to, but without, the second.
pub type Range = [f64; 2];

/// Whether a bucket lies in a range.
pub fn in_range(bucket: f64, [start, end]: Range) -> bool {
    start <= bucket && bucket < end
}

/// The same weight for each of so many variations.
pub fn equal_weights(count: usize) -> Vec<f64> {
    vec![1.0 / count as f64; count]
}

/// The range of each variation. Weights that are not one for each, or miss 1 by more than 0.01, count as equal.
/// A range begins where it would at full coverage, so that raising the coverage moves nobody.
pub fn bucket_ranges(count: usize, coverage: f64, weights: &[f64]) -> Vec<Range> {
    let valid = weights.len() == count && (0.99..=1.01).contains(&weights.iter().sum());
    let weights = if valid { weights.to_vec() } else { equal_weights(count) };
    // What is no number covers nobody.
    let (mut start, coverage) = (0.0, if coverage > 0.0 { coverage.min(1.0) } else { 0.0 });
    let range = |weight| {
        let range = [start, start + coverage * weight];
        start += weight;
        range
    };
    weights.into_iter().map(range).collect()
}

/// The first range that a bucket lies in.
pub fn choose(bucket: f64, ranges: &[Range]) -> Option<usize> {
    ranges.iter().position(|range| in_range(bucket, *range))
}

/// Whether a value is in the share of a namespace: experiments with separate shares of one never meet.
pub fn in_namespace(value: &str, namespace: &str, share: Range) -> bool {
    hash::bucket(&join(&["__", namespace]), value, 1).is_some_and(|bucket| in_range(bucket, share))
}
