//! What a customer is worth, against real customers and the published formulae.

use danbi::engine::base::value::{Map, Value};
use danbi::engine::profile::value::{Family, Model, Past, Spend};
use proptest::prelude::*;
use std::path::Path;

const PUBLISHED: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
/// The fits behind the columns `_mle` and `_mbg`, to the digits that all of their cells agree on within 4e-13: what the data's README
/// prints is up to 4e-7 away from its own columns.
const OWN: [f64; 4] = [0.24259291364228, 4.4135316124872, 0.79288621003908, 2.4257537008571];
const MODIFIED: [f64; 4] = [0.52483794417697, 6.182991607043969, 0.89135623917999, 1.613999675887363];

fn close(actual: f64, expected: f64, relative: f64, what: &str) {
    assert!((actual - expected).abs() <= expected.abs() * relative, "{what}: {actual}, not {expected}");
}

/// Gamma-Gamma: after so many repeated purchases of this mean.
fn spend([p, q, v]: [f64; 3], repeats: f64, mean: f64) -> f64 {
    let params = Value::Map(Map::of([("p", p.into()), ("q", q.into()), ("v", v.into())]));
    Spend(&params).mean(repeats, repeats * mean)
}

/// Every model column of real CDNOW customers.
#[test]
fn cdnow_customers_to_nine_digits() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/bgnbd_cdnow.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("left out: {} is not there", path.display());
        return;
    };
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().expect("a header");
    let (published, own) = (Model::new(Family::Bgnbd, PUBLISHED), Model::new(Family::Bgnbd, OWN));
    let modified = Model::new(Family::Mbgnbd, MODIFIED);
    let mut count = 0;
    for cells in lines {
        let of = |name: &str| -> f64 {
            let place = head.iter().position(|head| *head == name).unwrap_or_else(|| panic!("no column {name}"));
            cells[place].parse().unwrap_or_else(|_| panic!("{name}: {}", cells[place]))
        };
        let past = Past { repeats: of("frequency"), recency: of("recency"), age: of("T") };
        let mean = spend([6.25, 3.74, 15.44], past.repeats, of("monetary"));
        for (column, actual) in [
            ("p_alive", published.alive(past)),
            ("exp_purchases_13w", published.purchases(past, 13.0)),
            ("exp_purchases_39w", published.purchases(past, 39.0)),
            ("exp_purchases_520w", published.purchases(past, 520.0)),
            ("p_no_purchase_39w", published.no_purchase(past, 39.0)),
            ("exp_avg_spend", mean),
            ("exp_revenue_39w", mean * published.purchases(past, 39.0)),
            ("p_alive_mle", own.alive(past)),
            ("exp_purchases_39w_mle", own.purchases(past, 39.0)),
            ("p_alive_mbg", modified.alive(past)),
        ] {
            close(actual, of(column), 1e-9, &format!("customer {}, {column}", of("id")));
        }
        count += 1;
    }
    assert_eq!(count, 30);
}

/// What the papers and the packages print.
#[test]
fn published_examples() {
    let model = Model::new(Family::Bgnbd, PUBLISHED);
    let past = Past { repeats: 2.0, recency: 30.43, age: 38.86 };
    close(model.purchases(past, 39.0), 1.2260, 5e-5, "Fader, Hardie & Lee 2005, customer 1");
    for age in [0.0, 1.0 / 7.0, 520.0] {
        let once = Past { repeats: 0.0, recency: 0.0, age };
        assert_eq!(model.alive(once), 1.0, "one purchase only");
        assert!(Model::new(Family::Mbgnbd, MODIFIED).alive(once) < 1.0, "the modified model lets them leave");
    }
    close(spend([6.25, 3.74, 15.44], 0.0, 0.0), 35.219, 1e-4, "Fader & Hardie 2013, before a second purchase");
}

/// The formula of decisioning.md section 2, as written: Euler's transformation. Only where it takes no great numbers from each
/// other; a = 1 by the mean of both sides.
fn euler([r, alpha, a, b]: [f64; 4], past: Past, time: f64) -> f64 {
    let Past { repeats: x, age, .. } = past;
    if (a - 1.0).abs() < 1e-5 {
        let beside = |a: f64| euler([r, alpha, a, b], past, time);
        return (beside(1.0 - 1e-4) + beside(1.0 + 1e-4)) / 2.0;
    }
    let z = time / (alpha + age + time);
    let (one, other, third) = (a - 1.0, a + b - 1.0 - r, a + b + x - 1.0);
    let (mut sum, mut term, mut n) = (1.0_f64, 1.0_f64, 0.0);
    while term.abs() > 1e-18 * sum * (1.0 - z) && n < 1e6 {
        term *= (one + n) * (other + n) / ((third + n) * (n + 1.0)) * z;
        sum += term;
        n += 1.0;
    }
    third / one * (1.0 - (1.0 - z).powf(one) * sum) * Model::new(Family::Bgnbd, [r, alpha, a, b]).alive(past)
}

/// Customers from their first day to ten years after, in weeks, with up to 150 repeated purchases, no two on one day.
fn past() -> impl Strategy<Value = Past> {
    let days = prop_oneof![Just(0), Just(1), Just(3_652), 0..3_653_i32];
    (prop_oneof![Just(0), Just(150), 0..=150_i32], days, 0.0..=1.0).prop_map(|(repeats, days, part)| {
        let repeats = repeats.min(days);
        let recency = f64::from(repeats) + f64::from(days - repeats) * part;
        Past {
            repeats: f64::from(repeats),
            recency: recency * f64::from(repeats.min(1)) / 7.0,
            age: f64::from(days) / 7.0,
        }
    })
}

/// Any parameters that a fit may come to, degenerate ones among them.
fn params() -> impl Strategy<Value = [f64; 4]> {
    let size = || (-2.0..2.5_f64).prop_map(|power| 10_f64.powf(power));
    let a = prop_oneof![Just(1.0), Just(1.0 - 1e-12), Just(1.0 + 1e-12), size()];
    (size(), (-0.3..2.5_f64).prop_map(|power| 10_f64.powf(power)), a, size())
        .prop_map(|(r, alpha, a, b)| [r, alpha, a, b])
}

fn family() -> impl Strategy<Value = Family> {
    prop_oneof![Just(Family::Bgnbd), Just(Family::Mbgnbd)]
}

fn horizon() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(5_200.0), 0.1..200.0, 0.1..5_200.0]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Chances are chances, counts are finite, and more time brings more.
    #[test]
    fn whatever_the_customer_and_the_fit(family in family(), params in params(), past in past(), time in horizon()) {
        let model = Model::new(family, params);
        let (alive, nothing, purchases) = (model.alive(past), model.no_purchase(past, time), model.purchases(past, time));
        prop_assert!((0.0..=1.0).contains(&alive), "{alive}");
        prop_assert!((0.0..=1.0).contains(&nothing), "{nothing}");
        // To whom nothing happens, and who leaves, buys nothing.
        let never = (params[0] + past.repeats) * time / (params[1] + past.age);
        prop_assert!(purchases >= 0.0 && purchases <= never * (1.0 + 1e-9), "{purchases} of {never}");
        prop_assert!(purchases >= (1.0 - nothing) * (1.0 - 1e-9), "{purchases}, {nothing}");
        let (later, silent) = (time + 1.0, Past { age: past.age + 1.0, ..past });
        prop_assert!(model.purchases(past, later) >= purchases * (1.0 - 1e-9));
        prop_assert!(model.no_purchase(past, later) <= nothing + 1e-12);
        prop_assert!(model.alive(silent) <= alive);
        prop_assert!(model.no_purchase(silent, time) >= nothing - 1e-12);
    }

    /// The sum of positive terms is the published closed form.
    #[test]
    fn equals_eulers_transformation(
        r in 0.05..1.0_f64, alpha in 1.0..20.0_f64, a in prop_oneof![Just(1.0), 0.2..0.95, 1.05..4.0], b in 1.0..8.0_f64,
        past in past(), time in prop_oneof![Just(5_200.0), 0.5..520.0]
    ) {
        let params = [r, alpha, a, b];
        let (actual, expected) = (Model::new(Family::Bgnbd, params).purchases(past, time), euler(params, past, time));
        let digits = if a == 1.0 { 1e-6 } else { 1e-9 };
        prop_assert!((actual - expected).abs() <= expected * digits + 1e-12, "{actual}, not {expected}");
    }
}
