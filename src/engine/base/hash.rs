//! Bucketing: GrowthBook's hash, over UTF-16 code units (standards.md "Hash, exactly").

use super::text::decimal;

/// FNV-1a of the parts run together, each UTF-16 code unit XORed whole.
pub fn fnv32a(parts: &[&str]) -> u32 {
    let mut hash = 0x811C_9DC5_u32;
    for part in parts {
        for unit in part.encode_utf16() {
            hash = (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

/// A number in [0, 1) for a value under a seed; none for an unknown version.
/// Version 1 has a thousand buckets, version 2 ten thousand and less bias.
pub fn bucket(seed: &str, value: &str, version: i64) -> Option<f64> {
    match version {
        1 => Some(f64::from(fnv32a(&[value, seed]) % 1000) / 1000.0),
        2 => Some(f64::from(fnv32a(&[&decimal(i64::from(fnv32a(&[seed, value])), 1)]) % 10_000) / 10_000.0),
        _ => None,
    }
}

/// A hash whose every bit depends on all bits of another (the last steps of MurmurHash3).
pub fn mixed(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
    let hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
    hash ^ hash >> 16
}

/// The nth number of a series, one of 2³² in [0, 1): no state but what it is made of.
pub fn drawn(series: u32, n: u32) -> f64 {
    f64::from(mixed(series.wrapping_add(n.wrapping_mul(0x9E37_79B9)))) / 4_294_967_296.0
}
