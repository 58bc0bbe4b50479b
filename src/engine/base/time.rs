//! Instants, calendar days, ISO 8601 durations, and zones as offset tables: arithmetic only.

use super::text::{decimal, digits, join};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

/// A calendar date: days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

/// Milliseconds in a minute.
pub const MINUTE: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in a day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// The years that RFC 3339 can write, 0000 to 9999, in milliseconds.
const FIRST: i64 = -62_167_219_200_000;
const LAST: i64 = 253_402_300_799_999;

impl Time {
    /// Reads RFC 3339; also gives the offset in minutes that was written.
    pub fn parse(text: &str) -> Option<(Time, i32)> {
        let day = Day::parse(text.get(..10)?)?;
        let mark = |index: usize| text.as_bytes().get(index).copied().unwrap_or_default();
        if !matches!(mark(10), b'T' | b't' | b' ') || mark(13) != b':' || mark(16) != b':' {
            return None;
        }
        let (hour, minute, second) =
            (digits(text.get(11..13)?)?, digits(text.get(14..16)?)?, digits(text.get(17..19)?)?);
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (mut zone, mut milli) = (text.get(19..)?, 0);
        if let Some(fraction) = zone.strip_prefix(".") {
            let length = leading_digits(fraction);
            // Milliseconds; what is finer is left out.
            milli = digits(fraction.get(..length.min(3))?)? * [100, 10, 1].get(length.min(3) - 1)?;
            zone = fraction.get(length..)?;
        }
        let offset = if matches!(zone, "Z" | "z") { 0 } else { parse_offset(zone)? };
        let local = i64::from(day.0) * DAY + hour * HOUR + minute * MINUTE + second * 1000 + milli;
        Time(local - i64::from(offset) * MINUTE).in_range().map(|time| (time, offset))
    }

    /// Writes RFC 3339 in UTC with milliseconds: `2026-05-12T01:00:00.000Z`.
    pub fn text(self) -> String {
        let milli = self.0.rem_euclid(DAY);
        join(&[
            &Day(self.0.div_euclid(DAY) as i32).text(),
            "T",
            &decimal(milli / HOUR, 2),
            ":",
            &decimal(milli / MINUTE % 60, 2),
            ":",
            &decimal(milli / 1000 % 60, 2),
            ".",
            &decimal(milli % 1000, 3),
            "Z",
        ])
    }

    /// This instant, if RFC 3339 can write it.
    pub fn in_range(self) -> Option<Time> {
        (FIRST..=LAST).contains(&self.0).then_some(self)
    }

    /// The instant so many milliseconds later.
    #[must_use]
    #[inline(never)]
    pub fn plus(self, milliseconds: i64) -> Time {
        Time(self.0.saturating_add(milliseconds))
    }
}

/// `+09:00` or `-03:30`, as minutes.
pub fn parse_offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(text.get(1..3)?)?, digits(text.get(4..)?)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) as i32)
}

/// An offset in minutes as `+09:00`, a name that [`Zones`] understands.
pub fn offset_name(minutes: i32) -> String {
    let (sign, minutes) = (if minutes < 0 { "-" } else { "+" }, i64::from(minutes.abs()));
    join(&[sign, &decimal(minutes / 60, 2), ":", &decimal(minutes % 60, 2)])
}

/// How many decimal digits a text begins with.
fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

impl Day {
    /// The date of this year, month (1–12) and day of the month; days past the month's end run into the next.
    /// Howard Hinnant's `days_from_civil`.
    pub fn new(year: i32, month: i32, day: i32) -> Day {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        Day(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// Year, month, day of the month. Howard Hinnant's `civil_from_days`.
    pub fn civil(self) -> (i32, i32, i32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        (year + era * 400 + i32::from(month <= 2), month, day)
    }

    /// Reads `2026-05-12`.
    pub fn parse(text: &str) -> Option<Day> {
        let [_, _, _, _, b'-', _, _, b'-', _, _] = text.as_bytes() else { return None };
        let number = |part: Option<&str>| digits(part?).map(|number| number as i32);
        let (year, month, day) = (number(text.get(..4))?, number(text.get(5..7))?, number(text.get(8..))?);
        let date = Day::new(year, month, day);
        (date.civil() == (year, month, day)).then_some(date)
    }

    /// Writes `2026-05-12`.
    pub fn text(self) -> String {
        let (year, month, day) = self.civil();
        join(&[&decimal(i64::from(year), 4), "-", &decimal(i64::from(month), 2), "-", &decimal(i64::from(day), 2)])
    }

    /// So many months later (or earlier), the day clamped to the month's end.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Day {
        let (year, month, day) = self.civil();
        let index = year * 12 + month - 1 + months;
        let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
        let last = Day::new(year, month + 1, 1).0 - Day::new(year, month, 1).0;
        let last = if month == 12 { 31 } else { last };
        Day::new(year, month, day.min(last))
    }

    /// So many days later.
    #[must_use]
    #[inline(never)]
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// The day so much later or earlier; hours do not count.
    #[must_use]
    pub fn shifted(self, by: Shift) -> Day {
        let sign = if by.earlier { -1 } else { 1 };
        self.plus_months(sign * by.span.months).plus(sign * by.span.days)
    }

    /// The same day of another year; 29 February is the 28th in common years.
    #[must_use]
    pub fn in_year(self, year: i32) -> Day {
        self.plus_months((year - self.civil().0) * 12)
    }

    /// Reads `MM-DD`, as the day of a leap year, in which every day exists.
    pub fn parse_yearly(text: &str) -> Option<Day> {
        Day::parse(&join(&["2024-", text]))
    }

    /// The day of the week, Monday 0.
    pub fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }
}

/// An ISO 8601 duration: calendar months, then days, then exact time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Years and months, in months.
    pub months: i32,
    /// Weeks and days, in days.
    pub days: i32,
    /// Hours, minutes and seconds, in milliseconds.
    pub exact: i64,
}

impl Span {
    /// Reads `P1Y6M`, `P2W`, `P30D`, `PT36H`, `P1DT12H`. Whole, non-negative numbers only.
    pub fn parse(text: &str) -> Option<Span> {
        let mut rest = text.strip_prefix("P")?;
        let (mut span, mut clock, mut last) = (Span::default(), false, 0);
        if rest.is_empty() || rest.ends_with("T") {
            return None;
        }
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("T") {
                if clock {
                    return None;
                }
                (rest, clock) = (after, true);
            }
            let unit = leading_digits(rest);
            let number = i32::try_from(digits(rest.get(..unit)?)?).ok()?;
            let letter = *rest.as_bytes().get(unit)?;
            let (rank, months, days, exact) = match (clock, letter) {
                (false, b'Y') => (1, 12, 0, 0),
                (false, b'M') => (2, 1, 0, 0),
                (false, b'W') => (3, 0, 7, 0),
                (false, b'D') => (4, 0, 1, 0),
                (true, b'H') => (5, 0, 0, HOUR),
                (true, b'M') => (6, 0, 0, MINUTE),
                (true, b'S') => (7, 0, 0, 1000),
                _ => return None,
            };
            if rank <= last {
                return None;
            }
            last = rank;
            span.months = span.months.checked_add(number.checked_mul(months)?)?;
            span.days = span.days.checked_add(number.checked_mul(days)?)?;
            span.exact = span.exact.checked_add(i64::from(number).checked_mul(exact)?)?;
            rest = rest.get(unit + 1..)?;
        }
        // A thousand years: further than any table of zones and any date RFC 3339 writes.
        (span.months <= 12_000 && span.days <= 366_000 && span.exact <= 366_000 * DAY).then_some(span)
    }

    /// Its length where months have 30 days and days 24 hours.
    pub fn nominal(self) -> i64 {
        self.exact + (i64::from(self.days) + 30 * i64::from(self.months)) * DAY
    }

    /// Writes it in its shortest form.
    pub fn text(self) -> String {
        let mut text = String::from("P");
        let seconds = self.exact / 1000;
        for (number, letter) in [(i64::from(self.months), "M"), (i64::from(self.days), "D")] {
            if number != 0 {
                text.push_str(&decimal(number, 1));
                text.push_str(letter);
            }
        }
        if seconds != 0 || text.len() == 1 {
            text.push_str("T");
        }
        for (number, letter) in [(seconds / 3600, "H"), (seconds / 60 % 60, "M"), (seconds % 60, "S")] {
            if number != 0 || (letter == "S" && text.ends_with("T")) {
                text.push_str(&decimal(number, 1));
                text.push_str(letter);
            }
        }
        text
    }

    /// Whether it counts hours, not calendar days.
    pub fn is_exact(self) -> bool {
        self.months == 0 && self.days == 0
    }
}

/// A duration with a direction: `P7D` later, `-P3D` earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// Whether it leads to what was before.
    pub earlier: bool,
    /// How far.
    pub span: Span,
}

impl Shift {
    /// Reads `P7D` and `-P3D`.
    pub fn parse(text: &str) -> Option<Shift> {
        let (earlier, span) = text.strip_prefix('-').map_or((false, text), |span| (true, span));
        Some(Shift { earlier, span: Span::parse(span)? })
    }

    /// Its length where months have 30 days and days 24 hours, below zero where it leads back.
    pub fn nominal(self) -> i64 {
        if self.earlier { -self.span.nominal() } else { self.span.nominal() }
    }
}

/// How a span of days ends (loyalty.md, fine print 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// A wait of N days is over at 00:00 of date + N.
    Wait,
    /// A validity of N days lasts through date + N.
    Validity,
}

/// A local date and the milliseconds since its midnight, as clocks show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The date.
    pub day: Day,
    /// Milliseconds shown past midnight.
    pub clock: i64,
}

/// Offsets of zones, given by the host for the range of time that matters.
#[derive(Clone, Debug, Default)]
pub struct Zones(Vec<(String, Vec<(i64, i32)>)>);

impl Zones {
    /// Sets a zone's table: `(from this UTC millisecond on, minutes east of UTC)`, ascending.
    pub fn set(&mut self, zone: &str, table: Vec<(i64, i32)>) {
        match self.0.iter_mut().find(|(name, _)| name == zone) {
            Some(known) => known.1 = table,
            None => self.0.push((zone.to_string(), table)),
        }
    }

    /// Whether the zone's clock can be told.
    pub fn knows(&self, zone: &str) -> bool {
        zone == "UTC"
            || parse_offset(zone).is_some()
            || self.0.iter().any(|(name, table)| name == zone && !table.is_empty())
    }

    /// Minutes east of UTC. A zone without a table reads as UTC: [`Zones::knows`] tells beforehand.
    pub fn offset(&self, zone: &str, time: Time) -> i32 {
        if let Some((_, table)) = self.0.iter().find(|(name, _)| name == zone) {
            let after = table.partition_point(|(from, _)| *from <= time.0);
            return table.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset);
        }
        parse_offset(zone).unwrap_or(0)
    }

    /// What a clock in the zone shows.
    pub fn local(&self, zone: &str, time: Time) -> Local {
        let local = time.0 + i64::from(self.offset(zone, time)) * MINUTE;
        Local { day: Day(local.div_euclid(DAY) as i32), clock: local.rem_euclid(DAY) }
    }

    /// The date in the zone.
    pub fn day(&self, zone: &str, time: Time) -> Day {
        self.local(zone, time).day
    }

    /// The instant at which a clock in the zone shows this. In a gap the later reading, in an overlap the earlier
    /// instant (Temporal's `compatible`).
    pub fn instant(&self, zone: &str, local: Local) -> Time {
        let shown = i64::from(local.day.0) * DAY + local.clock;
        let with = |offset: i32| Time(shown - i64::from(offset) * MINUTE);
        let before = self.offset(zone, Time(shown - DAY));
        let after = self.offset(zone, Time(shown + DAY));
        if self.offset(zone, with(before)) != before && self.offset(zone, with(after)) == after {
            with(after)
        } else {
            with(before)
        }
    }

    /// The zone's midnight that begins this day.
    pub fn midnight(&self, zone: &str, day: Day) -> Time {
        self.instant(zone, Local { day, clock: 0 })
    }

    /// Adds a span: days and months by the zone's calendar to a midnight, hours exactly.
    pub fn add(&self, zone: &str, from: Time, span: Span, ends: Ends) -> Time {
        if span.is_exact() {
            return from.plus(span.exact);
        }
        let day = self.day(zone, from).plus_months(span.months).plus(span.days);
        let day = if ends == Ends::Validity { day.plus(1) } else { day };
        self.midnight(zone, day).plus(span.exact)
    }

    /// Goes a span back: days and months by the zone's calendar at the same clock time, hours exactly.
    pub fn before(&self, zone: &str, to: Time, span: Span) -> Time {
        if span.is_exact() {
            return to.plus(-span.exact);
        }
        let local = self.local(zone, to);
        let day = local.day.plus_months(-span.months).plus(-span.days);
        self.instant(zone, Local { day, clock: local.clock }).plus(-span.exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_round_trips_across_eras() {
        for day in (-800_000..800_000).step_by(97) {
            let (year, month, date) = Day(day).civil();
            assert_eq!(Day::new(year, month, date), Day(day));
        }
    }

    #[test]
    fn rfc3339_is_read_and_written() {
        let (time, offset) = Time::parse("2026-05-12T10:00:00+09:00").unwrap();
        assert_eq!((time.text().as_str(), offset), ("2026-05-12T01:00:00.000Z", 540));
        assert_eq!(Time::parse("2026-05-12t01:00:00.1239z").unwrap().0.text(), "2026-05-12T01:00:00.123Z");
        for bad in [
            "2026-02-30T00:00:00Z",
            "2026-05-12",
            "2026-05-12T24:00:00Z",
            "2026-05-12T01:00Z",
            "2026-05-12T01:00:00",
            "2026-05-12T01:00:00.Z",
            "é026-05-12T01:00:00Z",
            "",
            "2026-05-12T01:00:00+9",
        ] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans_are_read_and_written() {
        for (text, months, days, exact) in [
            ("P1Y6M", 18, 0, 0),
            ("P2W", 0, 14, 0),
            ("PT36H", 0, 0, 36 * HOUR),
            ("P1DT30M", 0, 1, 30 * MINUTE),
            ("P0D", 0, 0, 0),
        ] {
            let span = Span::parse(text).unwrap();
            assert_eq!(span, Span { months, days, exact });
            assert_eq!(Span::parse(&span.text()), Some(span), "{}", span.text());
        }
        for bad in ["", "P", "PT", "1D", "P-1D", "P1H", "P1DT", "P1D2D", "P1.5D", "PT1M1H", "P99999999999D"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn months_clamp() {
        assert_eq!(Day::new(2026, 1, 31).plus_months(1).text(), "2026-02-28");
        assert_eq!(Day::new(2024, 1, 31).plus_months(1).text(), "2024-02-29");
        assert_eq!(Day::new(2026, 12, 31).plus_months(-1).text(), "2026-11-30");
        assert_eq!(Day::new(2026, 11, 30).plus_months(1).text(), "2026-12-30");
    }

    fn berlin() -> Zones {
        let mut zones = Zones::default();
        let at = |text: &str| Time::parse(text).unwrap().0.0;
        zones.set(
            "Europe/Berlin",
            vec![(at("2025-01-01T00:00:00Z"), 60), (at("2026-03-29T01:00:00Z"), 120), (at("2026-10-25T01:00:00Z"), 60)],
        );
        zones
    }

    #[test]
    fn gaps_read_later_and_overlaps_earlier() {
        let zones = berlin();
        let at = |day: Day, clock: i64| zones.instant("Europe/Berlin", Local { day, clock }).text();
        assert_eq!(at(Day::new(2026, 3, 29), 2 * HOUR + 30 * MINUTE), "2026-03-29T01:30:00.000Z");
        assert_eq!(at(Day::new(2026, 10, 25), 2 * HOUR + 30 * MINUTE), "2026-10-25T00:30:00.000Z");
        assert_eq!(at(Day::new(2026, 3, 29), 0), "2026-03-28T23:00:00.000Z");
        assert_eq!(at(Day::new(2026, 3, 30), 0), "2026-03-29T22:00:00.000Z");
    }

    #[test]
    fn waits_end_a_day_before_validities() {
        let mut zones = Zones::default();
        zones.set("Asia/Seoul", vec![(i64::MIN, 540)]);
        let from = Time::parse("2026-06-01T15:00:00+09:00").unwrap().0;
        let span = Span::parse("P14D").unwrap();
        assert_eq!(
            zones.add("Asia/Seoul", from, span, Ends::Wait),
            Time::parse("2026-06-15T00:00:00+09:00").unwrap().0
        );
        assert_eq!(
            zones.add("Asia/Seoul", from, span, Ends::Validity),
            Time::parse("2026-06-16T00:00:00+09:00").unwrap().0
        );
        assert_eq!(zones.add("Asia/Seoul", from, Span::parse("PT36H").unwrap(), Ends::Wait), from.plus(36 * HOUR));
    }
}
