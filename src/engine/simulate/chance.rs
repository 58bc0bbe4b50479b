//! Chance without a state: every number is a hash of the seed, the shopper, what is drawn and how often it was drawn before. So one
//! draw more or less moves no other, and the order in which shoppers take their turns does not matter.

use crate::engine::base::hash::{drawn, fnv32a, mixed};
use crate::engine::base::text::decimal;

/// What is drawn for one shopper.
#[derive(Clone, Copy)]
pub struct Chance(u32);

impl Chance {
    /// Of a shopper of a run.
    pub fn new(seed: i64, shopper: usize) -> Chance {
        Chance(mixed(fnv32a(&[&decimal(seed, 1), "/", &decimal(shopper as i64, 1)])))
    }

    /// The nth number of a kind, one of 2³² in [0, 1).
    pub fn number(self, what: &str, n: u32) -> f64 {
        drawn(mixed(self.0 ^ fnv32a(&[what])), n)
    }

    /// Whether the nth of a kind happens, which does with this share.
    pub fn happens(self, what: &str, n: u32, share: f64) -> bool {
        self.number(what, n) < share
    }

    /// A waiting time of this mean, memoryless.
    pub fn wait(self, what: &str, n: u32, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.number(what, n))
    }

    /// One at least, geometric, of this mean.
    pub fn count(self, what: &str, n: u32, mean: f64) -> i64 {
        let more = (mean - 1.0).max(0.0);
        if more <= 0.0 {
            return 1;
        }
        let steps = libm::log(1.0 - self.number(what, n)) / libm::log(more / (1.0 + more));
        1 + steps.min(1000.0) as i64
    }

    /// The place of one of several, by their weights; none where all are 0.
    pub fn pick(self, what: &str, n: u32, weights: impl Iterator<Item = f64> + Clone) -> Option<usize> {
        let all: f64 = weights.clone().sum();
        let (mut left, mut last) = (self.number(what, n) * all, None);
        for (place, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
            last = Some(place);
            if left < weight {
                break;
            }
            left -= weight;
        }
        last
    }

    /// A number of the gamma distribution of this shape, scale 1 (Marsaglia and Tsang).
    pub fn gamma(self, what: &str, shape: f64) -> f64 {
        // Below 1 by the next higher one.
        let (raised, lift) = match shape < 1.0 {
            true => (shape + 1.0, libm::pow(1.0 - self.number(what, 0), 1.0 / shape)),
            false => (shape, 1.0),
        };
        let d = raised - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        for n in 0..64 {
            let number = |part: u32| 1.0 - self.number(what, 3 * n + part);
            // Box and Muller.
            let normal = libm::sqrt(-2.0 * libm::log(number(1))) * libm::cos(2.0 * std::f64::consts::PI * number(2));
            let cubed = 1.0 + c * normal;
            let v = cubed * cubed * cubed;
            if cubed > 0.0 && libm::log(number(3)) < 0.5 * normal * normal + d - d * v + d * libm::log(v) {
                return lift * d * v;
            }
        }
        lift * d
    }

    /// A number of the beta distribution.
    pub fn beta(self, what: [&str; 2], a: f64, b: f64) -> f64 {
        let [one, other] = what;
        let (x, y) = (self.gamma(one, a), self.gamma(other, b));
        if x + y > 0.0 { x / (x + y) } else { a / (a + b) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(of: impl Fn(Chance) -> f64) -> f64 {
        (0..20_000).map(|shopper| of(Chance::new(7, shopper))).sum::<f64>() / 20_000.0
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 0.03 * expected.max(0.5), "{found} is not {expected}");
    }

    #[test]
    fn draws_have_the_means_they_are_named_for() {
        close(mean(|chance| chance.number("a", 3)), 0.5);
        close(mean(|chance| chance.wait("b", 1, 4.0)), 4.0);
        close(mean(|chance| chance.count("c", 1, 2.5) as f64), 2.5);
        close(mean(|chance| chance.count("c", 1, 1.0) as f64), 1.0);
        close(mean(|chance| chance.gamma("d", 0.4)), 0.4);
        close(mean(|chance| chance.gamma("d", 0.4).powi(2)), 0.4 * 1.4);
        close(mean(|chance| chance.gamma("e", 3.0).powi(2)), 3.0 * 4.0);
        close(mean(|chance| chance.beta(["f", "g"], 0.8, 2.4)), 0.25);
        close(mean(|chance| chance.pick("h", 1, [1.0, 0.0, 3.0].into_iter()).unwrap() as f64), 1.5);
        assert_eq!(Chance::new(1, 1).pick("h", 1, [0.0, 0.0].into_iter()), None);
    }

    #[test]
    fn a_draw_depends_on_all_that_names_it_and_on_nothing_else() {
        let number = Chance::new(1, 2).number("visit", 3);
        assert_eq!(number, Chance::new(1, 2).number("visit", 3));
        let others = [
            Chance::new(2, 2).number("visit", 3),
            Chance::new(1, 3).number("visit", 3),
            Chance::new(1, 2).number("order", 3),
            Chance::new(1, 2).number("visit", 4),
        ];
        assert!(others.iter().all(|other| *other != number));
    }
}
