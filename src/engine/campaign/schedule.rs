//! Between which instants a campaign may show.

use super::verdict::{Circumstances, Stage, Verdict};
use crate::document;
use crate::engine::base::time::Time;

document! {
    /// Between which instants.
    pub struct Schedule {
        /// First instant.
        "from" from: Option<Time> = None,
        /// First instant at which it is over.
        "until" until: Option<Time> = None,
    }
}

impl Circumstances<'_> {
    pub(super) fn schedule(self, verdict: &mut Verdict) -> bool {
        let schedule = verdict.campaign.schedule();
        let code = match (schedule.until(), schedule.from()) {
            (Some(until), _) if !self.ahead(verdict, until) => {
                verdict.expected = until.text().into();
                "over"
            }
            (_, Some(from)) if self.ahead(verdict, from) => {
                verdict.next = Some(from);
                "not_yet"
            }
            _ => return false,
        };
        verdict.stop(Stage::Schedule, code, &[&verdict.own(), "/schedule"])
    }
}
