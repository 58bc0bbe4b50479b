//! The choice among eligible offers, with the exact probability of each.

use super::model::Moment;
use crate::engine::base::hash;

/// What draws are made of: the same seed and decision draw the same.
#[derive(Clone, Copy)]
pub struct Draw<'a> {
    /// The seed of the device and the policy.
    pub seed: &'a str,
    /// The decision's id.
    pub id: &'a str,
}

impl Draw<'_> {
    /// The numbers drawn: each one of 2³² in [0, 1).
    fn numbers(self) -> impl FnMut() -> f64 {
        let (series, mut n) = (hash::fnv32a(&[self.seed, "/", self.id]), 0);
        move || {
            n += 1;
            hash::drawn(series, n)
        }
    }

    /// Who goes first of equals.
    fn lot(self, offer: &str) -> u32 {
        hash::mixed(hash::fnv32a(&[self.seed, "/", self.id, "/", offer]))
    }
}

/// How a list is chosen.
#[derive(Clone, Copy)]
pub struct Terms {
    /// How many offers.
    pub count: usize,
    /// The share left to chance.
    pub chance: f64,
    /// At most so many of a category, as long as there are others.
    pub diversity: Option<i64>,
}

/// An offer of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// Its place in the catalogue.
    pub entry: usize,
    /// The probability with which it came to stand where it does.
    pub propensity: f64,
}

/// An offer that may be chosen: its score is reckoned only where it may be the best.
struct Candidate {
    entry: usize,
    most: f64,
    score: Option<f64>,
}

impl Terms {
    /// Chooses among offers, given by their places in the catalogue: the best first, but in one place of the list, drawn among all,
    /// with the share of chance any that the list does not have. `held` stand in the list already.
    pub fn choose(self, moment: &Moment, eligible: &[usize], held: &[usize], draw: Draw) -> Vec<Chosen> {
        // By id, whatever order they came in.
        let mut rest = eligible.to_vec();
        rest.retain(|entry| held.is_empty() || !held.contains(entry));
        if !rest.is_sorted_by(|one, next| one < next) {
            rest.sort_unstable();
            rest.dedup();
        }
        let mut scores: Vec<Candidate> = Vec::new();
        scores.extend(rest.iter().map(|entry| Candidate { entry: *entry, most: moment.most(*entry), score: None }));
        let mut list: Vec<usize> = Vec::new();
        while list.len() < self.count.min(rest.len()) {
            let best = self.best(moment, &mut scores, &list, held, draw);
            // A list as varied as it should be, or one as long.
            let any = Terms { diversity: None, ..self };
            let Some(best) = best.or_else(|| any.best(moment, &mut scores, &list, held, draw)) else { break };
            list.push(best);
        }
        let count = list.len() as f64;
        let mut number = draw.numbers();
        let (explores, which, whom) = (number() < self.chance.clamp(0.0, 1.0), number() * count, number());
        let mut chosen = Vec::new();
        for (place, best) in list.iter().copied().enumerate() {
            // Whoever could stand here: the best, and those that the rest of the list leaves.
            let others: Vec<usize> = list.iter().copied().filter(|entry| *entry != best).collect();
            let suits =
                |entry: &usize| *entry == best || !others.contains(entry) && self.suits(moment, *entry, &others, held);
            let able = match self.diversity {
                None => rest.len() - others.len(),
                Some(_) => rest.iter().filter(|entry| suits(entry)).count(),
            } as f64;
            let (usual, lucky) = self.propensities(count, able);
            let best = Chosen { entry: best, propensity: usual };
            let here = explores && place == which as usize;
            let mut drawn = None;
            if here {
                drawn =
                    rest.iter().copied().filter(suits).nth((whom * able) as usize).filter(|drawn| *drawn != best.entry);
            }
            chosen.push(drawn.map_or(best, |entry| Chosen { entry, propensity: lucky }));
        }
        chosen
    }

    /// The probabilities with which the best, and each other that could, comes to a place of so many: of `able` there.
    fn propensities(self, places: f64, able: f64) -> (f64, f64) {
        let chance = self.chance.clamp(0.0, 1.0);
        let lucky = chance / places / able;
        (1.0 - chance / places + lucky, lucky)
    }

    /// Each that may be chosen for a single place, the best first, with the probability of it in this draw.
    #[cfg(feature = "studio")]
    pub fn odds(self, moment: &Moment, eligible: &[usize], draw: Draw) -> Vec<Chosen> {
        let first = Terms { count: 1, chance: 0.0, ..self }.choose(moment, eligible, &[], draw);
        let (usual, lucky) = self.propensities(1.0, eligible.len() as f64);
        let is_first = |entry: usize| first.iter().any(|first| first.entry == entry);
        let mut odds: Vec<(bool, f64, usize)> =
            eligible.iter().map(|entry| (is_first(*entry), moment.score(*entry).total, *entry)).collect();
        odds.sort_by(|one, other| other.0.cmp(&one.0).then(other.1.total_cmp(&one.1)));
        let propensity = |best| if best { usual } else { lucky };
        odds.into_iter().map(|(best, _, entry)| Chosen { entry, propensity: propensity(best) }).collect()
    }

    /// The best that a list does not have. Neither the place among them nor the id decides between equals.
    fn best(
        self,
        moment: &Moment,
        candidates: &mut [Candidate],
        list: &[usize],
        held: &[usize],
        draw: Draw,
    ) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for candidate in candidates {
            let entry = candidate.entry;
            if best.is_some_and(|(_, top)| candidate.most < top) || !list.is_empty() && list.contains(&entry) {
                continue;
            }
            let score = *candidate.score.get_or_insert_with(|| moment.score(entry).total);
            if let Some((other, top)) = best
                && !(score > top || score >= top && draw.lot(moment.id(entry)) > draw.lot(moment.id(other)))
            {
                continue;
            }
            if self.diversity.is_none() || self.suits(moment, entry, list, held) {
                best = Some((entry, score));
            }
        }
        best.map(|(entry, _)| entry)
    }

    /// Whether an offer leaves a list as varied as it should be.
    fn suits(self, moment: &Moment, entry: usize, list: &[usize], held: &[usize]) -> bool {
        let (Some(most), Some(category)) = (self.diversity, moment.category(entry)) else { return true };
        let same = list.iter().chain(held).filter(|other| moment.category(**other) == Some(category));
        (same.count() as i64) < most
    }
}
