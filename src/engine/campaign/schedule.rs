//! When a campaign may show: dates, and windows of the day and the week.

use super::Campaign;
use super::verdict::{Circumstances, Stage, Verdict};
use crate::engine::base::document::{List, Part};
use crate::engine::base::text::{cut, decimal, digits, join};
use crate::engine::base::time::{DAY, Day, HOUR, Local, MINUTE, Time, Zones};
use crate::engine::base::value::Value;
use crate::engine::message::template::Text;
use crate::{document, scalar};

document! {
    /// When it may show.
    pub struct Schedule {
        /// The first instant, or the first day.
        "from" from: Option<Edge> = None,
        /// The first instant at which it is over, or the last day.
        "until" until: Option<Edge> = None,
        /// Hours of the day and days of the week: it may show in any of them; always where there are none.
        "windows" windows: List<'a, Window<'a>> = List::of(&Value::Null),
        /// Whose clock tells days and hours: `house`, `user` or an IANA zone.
        "zone" zone: &'a str = HOUSE,
        /// The reason in words while it may not.
        "why" why: Option<Text<'a>> = None,
    }

    /// Hours of the day, on days of the week.
    pub struct Window {
        /// When it opens.
        "from" from: Clock = Clock(0),
        /// When it closes; where that is not after `from`, on the next day.
        "to" to: Clock = Clock(DAY),
        /// The days on which it opens, `MO` to `SU`; every day where none are named.
        "days" days: List<'a, Weekday> = List::of(&Value::Null),
    }
}

/// The zone of the house.
pub const HOUSE: &str = "house";
/// The zone in which the shopper was last seen.
pub const USER: &str = "user";
/// The fact that has it.
pub const TIMEZONE: &str = "context.timezone";

/// An instant, or a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The instant.
    At(Time),
    /// The day.
    On(Day),
}

scalar!(
    Edge,
    "an RFC 3339 instant such as 2026-05-12T10:00:00+09:00, or a date such as 2026-05-12",
    [("type", "string"), ("pattern", "^\\d{4}-\\d\\d-\\d\\d")],
    |value| value
        .text()
        .and_then(|text| Day::parse(text).map(Edge::On).or_else(|| Some(Edge::At(Time::parse(text)?.0)))),
    Edge::At(Time::default())
);

impl Edge {
    /// The instant at which it begins.
    pub fn first(self, zones: &Zones, zone: &str) -> Time {
        match self {
            Edge::At(at) => at,
            Edge::On(day) => zones.midnight(zone, day),
        }
    }

    /// The first instant after it, of a day; of an instant itself.
    pub fn end(self, zones: &Zones, zone: &str) -> Time {
        match self {
            Edge::At(at) => at,
            Edge::On(day) => zones.midnight(zone, day.plus(1)),
        }
    }
}

/// A time of day, in milliseconds after midnight as clocks show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(pub i64);

scalar!(
    "clock" => Clock,
    "a time of day such as 11:00, at most 24:00",
    [("type", "string"), ("pattern", "^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$")],
    |value| value.text().and_then(Clock::parse),
    Clock(0)
);

impl Clock {
    fn parse(text: &str) -> Option<Clock> {
        let (hours, minutes) = cut(text, b':').filter(|_| text.len() == 5)?;
        let (hours, minutes) = (digits(hours)?, digits(minutes)?);
        let clock = hours * HOUR + minutes * MINUTE;
        (minutes < 60 && clock <= DAY).then_some(Clock(clock))
    }

    /// Writes `11:00`.
    pub fn text(self) -> String {
        join(&[&decimal(self.0 / HOUR, 2), ":", &decimal(self.0 / MINUTE % 60, 2)])
    }
}

/// A day of the week, Monday 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekday(i32);

/// Days of the week in the words of RFC 5545.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

scalar!(
    "weekday" => Weekday,
    "a day of the week: MO TU WE TH FR SA SU",
    [("type", "string"), ("pattern", "^(MO|TU|WE|TH|FR|SA|SU)$")],
    |value| value.text().and_then(|text| DAYS.iter().position(|day| *day == text)).map(|day| Weekday(day as i32)),
    Weekday(0)
);

/// So many windows of a schedule are looked at: they are gone through day by day.
pub const WINDOWS: usize = 100;

/// The IANA zone that is meant, where it is not the house's or the shopper's.
pub fn named(zone: &str) -> Option<&str> {
    Some(zone).filter(|zone| ![HOUSE, USER].contains(zone))
}

/// How many days ahead an opening is looked for: that of a day of the week can fall into a gap of the clock, once.
const AHEAD: i32 = 15;

impl<'a> Schedule<'a> {
    /// Whose clock tells its days and hours: the IANA zone, none where it is the house's or the shopper's.
    pub fn named(self) -> Option<&'a str> {
        named(self.zone())
    }

    /// The first moment from then on at which it is open, and when it closes after that.
    pub fn opening(self, zones: &Zones, zone: &str, from: Time) -> Option<(Time, Time)> {
        let from = self.from().map_or(from, |edge| edge.first(zones, zone).max(from));
        let end = self.until().map_or(Time(i64::MAX), |edge| edge.end(zones, zone));
        let (mut opens, mut closes) = (from, end);
        if !self.windows().is_empty() {
            (opens, closes) = (Time(i64::MAX), from);
            let today = zones.day(zone, from);
            // A window of yesterday may go on past midnight.
            for ahead in -1..AHEAD {
                for window in self.windows().iter().take(WINDOWS) {
                    let Some((first, last)) = window.on(today.plus(ahead), zones, zone) else { continue };
                    let first = first.max(from);
                    if last > from && (first < opens || first == opens && last > closes) {
                        (opens, closes) = (first, last);
                    }
                }
                // Those of later days open later.
                if ahead >= 0 && opens < Time(i64::MAX) {
                    break;
                }
            }
        }
        (opens < end).then_some((opens, closes.min(end)))
    }
}

impl Window<'_> {
    /// From when until when it is open where it opens on this day. In a gap of the clock the later instant counts, in an overlap
    /// the earlier one.
    pub(super) fn on(self, day: Day, zones: &Zones, zone: &str) -> Option<(Time, Time)> {
        if !self.days().is_empty() && !self.days().iter().any(|named| named.0 == day.weekday()) {
            return None;
        }
        let (from, to) = (self.from().0, self.to().0);
        let last = if to > from { day } else { day.plus(1) };
        let opens = zones.instant(zone, Local { day, clock: from });
        let closes = zones.instant(zone, Local { day: last, clock: to });
        (opens < closes).then_some((opens, closes))
    }
}

impl<'a> Circumstances<'a> {
    /// The zone whose clock a campaign's days and hours go by; none where it cannot be told.
    pub(super) fn clock(self, campaign: Campaign<'a>) -> Option<&'a str> {
        self.zone_named(campaign.schedule().zone())
    }

    /// The zone meant by `house`, `user` or the name of one; none where it cannot be told.
    pub(super) fn zone_named(self, name: &'a str) -> Option<&'a str> {
        let zone = match name {
            HOUSE => self.zone(),
            // Who was never told to be elsewhere is where the house is.
            USER => self.document.at(TIMEZONE).text().unwrap_or_else(|| self.zone()),
            named => named,
        };
        self.zones.knows(zone).then_some(zone)
    }

    /// The first instant at which a campaign is over.
    pub(super) fn end(self, campaign: Campaign<'a>) -> Time {
        let zone = || self.clock(campaign).unwrap_or_else(|| self.zone());
        campaign.schedule().until().map_or(Time(i64::MAX), |until| until.end(self.zones, zone()))
    }

    pub(super) fn schedule(self, verdict: &mut Verdict<'a>) -> bool {
        let schedule = verdict.campaign.schedule();
        if schedule.0.is_null() {
            return false;
        }
        let Some(zone) = self.clock(verdict.campaign) else {
            if self.why {
                verdict.path = Some(String::from(TIMEZONE));
                verdict.found(schedule.zone(), self.document.at(TIMEZONE).clone());
            }
            return verdict.stop(Stage::Schedule, "zone", &[&verdict.own(), "/schedule"]);
        };
        let opening = schedule.opening(self.zones, zone, self.now);
        let (code, limit) = match opening {
            Some((opens, closes)) if opens <= self.now => {
                self.ahead(verdict, closes);
                return false;
            }
            Some((opens, _)) => {
                self.ahead(verdict, opens);
                verdict.next = Some(opens);
                let begun = schedule.from().is_none_or(|from| from.first(self.zones, zone) <= self.now);
                (if begun { "window" } else { "not_yet" }, opens)
            }
            None => ("over", self.end(verdict.campaign)),
        };
        if self.why {
            let told = |at: Time| match code {
                "window" => Clock(self.zones.local(zone, at).clock).text(),
                _ => at.text(),
            };
            verdict.found(limit.in_range().map(told), told(self.now));
        }
        verdict.stop(Stage::Schedule, code, &[&verdict.own(), "/schedule"])
    }
}
