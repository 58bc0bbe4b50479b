//! Who is held out.

use super::Class;
use super::verdict::{Circumstances, Stage, Verdict};
use crate::engine::base::hash;

impl Circumstances<'_> {
    pub(super) fn holdout(self, verdict: &mut Verdict) -> bool {
        let holdout = self.bundle.house().holdout().filter(|_| verdict.campaign.class() == Class::Marketing);
        let (Some(holdout), Some(user)) = (holdout, &self.profile.user) else { return false };
        let Some(bucket) = hash::bucket(holdout.seed(), user, 2).filter(|bucket| *bucket < holdout.share()) else {
            return false;
        };
        verdict.found(holdout.share(), bucket);
        verdict.stop(Stage::Holdout, "holdout", &["/house/holdout"])
    }
}
