//! When a campaign is due.

use super::Step;
use super::history::History;
use super::verdict::{Circumstances, Stage, Verdict};
use crate::document;
use crate::engine::audience::Condition;
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{Ends, Span, Time};
use crate::engine::message::template::Text;

document! {
    /// When a campaign is due.
    pub enum Trigger {
        /// Always.
        "always" Always,
        /// After this event, for the rest of the visit, until shown.
        "event" Event(EventTrigger<'a>),
        /// Some time after an instant among the facts.
        "since" Since(Since<'a>),
    }

    /// After an event.
    pub struct EventTrigger {
        /// Its name.
        "name" name: &'a str,
        /// Only where its properties meet this, read as `event.*`.
        "where" filter: Option<Condition<'a>> = None,
        /// The reason in words while it has not happened.
        "why" why: Option<Text<'a>> = None,
    }

    /// Some time after an instant.
    pub struct Since {
        /// A fact in milliseconds since 1970, e.g. `meter.joined` or `context.cart.changedAt`.
        "fact" fact: &'a str,
        /// Days are over at midnight of the house, hours exactly.
        "after" after: Span = Span::default(),
        /// No longer than this after the instant.
        "within" within: Option<Span> = None,
        /// The reason in words while it is not due.
        "why" why: Option<Text<'a>> = None,
    }
}

impl Circumstances<'_> {
    /// Whether a step was shown since the instant its trigger counts from.
    pub(super) fn done(self, step: &Step, history: Option<&History>) -> bool {
        let from = match step.trigger {
            Trigger::Always | Trigger::Unused(..) => return false,
            Trigger::Event(_) => history.and_then(|history| history.triggered_at),
            Trigger::Since(since) => self.instant(since),
        };
        let (Some(from), Some(history)) = (from, history) else { return false };
        self.seen(Some(history)).any(|shown| shown.at >= from && shown.step.as_deref() == step.id)
    }

    fn instant(self, since: Since) -> Option<Time> {
        self.document.at(since.fact()).integer().map(Time)
    }

    pub(super) fn trigger(self, verdict: &mut Verdict, history: Option<&History>) -> bool {
        let Some(step) = verdict.step.filter(|step| !matches!(step.trigger, Trigger::Always)) else { return false };
        // The step's own trigger, or the campaign's.
        let mut place = verdict.own();
        if let Some(index) =
            step.index.filter(|index| verdict.campaign.steps().get(*index).is_some_and(|step| step.trigger().is_some()))
        {
            place = join(&[&place, "/steps/", &decimal(index as i64, 1)]);
        }
        match step.trigger {
            Trigger::Always | Trigger::Unused(..) => false,
            Trigger::Event(event) => {
                let fired = history.and_then(|history| history.triggered_at);
                if fired.is_some_and(|at| at >= self.profile.session.start) {
                    return false;
                }
                verdict.path = Some(String::from("event"));
                verdict.expected = event.name().into();
                verdict.stop(Stage::Trigger, "event", &[&place, "/trigger/event"])
            }
            Trigger::Since(since) => {
                let mut code = "not_happened";
                if let Some(from) = self.instant(since) {
                    let due = self.zones.add(self.zone(), from, since.after(), Ends::Wait);
                    let limit = if self.ahead(verdict, due) {
                        code = "not_yet";
                        verdict.next = Some(due);
                        due
                    } else {
                        code = "over";
                        let Some(within) = since.within() else { return false };
                        let end = self.zones.add(self.zone(), from, within, Ends::Validity);
                        if self.ahead(verdict, end) {
                            return false;
                        }
                        end
                    };
                    if self.why {
                        verdict.found(limit.text(), self.now.text());
                    }
                }
                verdict.path = Some(since.fact().to_string());
                verdict.stop(Stage::Trigger, code, &[&place, "/trigger/since"])
            }
        }
    }
}
