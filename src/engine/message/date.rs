//! Days and times of day in words: the engine's one writer of dates.

use super::template::term::Term;
use super::template::{Filter, Scope};
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{Day, HOUR, Local, MINUTE, Span, Time, Zones};
use crate::engine::base::value::Value;

/// `5월 24일`, `May 24`, with the year where it is another than today's.
pub fn text(day: Day, today: Option<Day>, lang: &str) -> String {
    const MONTHS: &str = "January,February,March,April,May,June,July,August,September,October,November,December";
    let (year, month, date) = day.civil();
    let (month_number, date) = (decimal(i64::from(month), 1), decimal(i64::from(date), 1));
    let year =
        if today.is_some_and(|today| today.civil().0 == year) { String::new() } else { decimal(i64::from(year), 4) };
    if lang.starts_with("ko") {
        let year = if year.is_empty() { year } else { join(&[&year, "년 "]) };
        return join(&[&year, &month_number, "월 ", &date, "일"]);
    }
    join(&[listed(MONTHS, month - 1), " ", &date, if year.is_empty() { "" } else { ", " }, &year])
}

/// Yesterday, today and tomorrow, by their distance from today.
pub fn near(days: i32, lang: &str) -> Option<&'static str> {
    let words = if lang.starts_with("ko") { "어제,오늘,내일" } else { "yesterday,today,tomorrow" };
    Some(listed(words, days.saturating_add(1))).filter(|word| !word.is_empty())
}

/// One of the words between commas.
fn listed(words: &'static str, place: i32) -> &'static str {
    usize::try_from(place).ok().and_then(|place| words.split(',').nth(place)).unwrap_or_default()
}

/// `금`, `Fri`.
fn weekday(day: Day, korean: bool) -> &'static str {
    listed(if korean { "월,화,수,목,금,토,일" } else { "Mon,Tue,Wed,Thu,Fri,Sat,Sun" }, day.weekday())
}

/// `오후 2시`, `오후 2시 5분`; `2 PM`, `2:05 PM`.
fn clock(local: Local, korean: bool) -> String {
    let (hours, minutes) = (local.clock / HOUR, local.clock / MINUTE % 60);
    let hour = decimal((hours + 11) % 12 + 1, 1);
    let some = |before, width, after| {
        if minutes == 0 { String::new() } else { join(&[before, &decimal(minutes, width), after]) }
    };
    match korean {
        true => join(&[if hours < 12 { "오전 " } else { "오후 " }, &hour, "시", &some(" ", 1, "분")]),
        false => join(&[&hour, &some(":", 2, ""), if hours < 12 { " AM" } else { " PM" }]),
    }
}

/// Whether a date can be written so, or moved by so much.
pub fn is_argument(text: &str) -> bool {
    matches!(text, "weekday" | "time" | "long") || Span::parse(text).is_some()
}

/// What the filters `date`, `last_date` and `day` print: the date of an instant, or nothing where there is none. `last_date` is
/// the last good day before an end, `day` may say today. Arguments: a duration to add; and `weekday`, `time` or `long`, how much
/// of it is written.
pub fn filter(filter: Filter, value: &Value, given: &[Term], scope: Scope) -> Value {
    let utc = Zones::default();
    let (zone, zones) = scope.moment.map_or(("UTC", &utc), |moment| (moment.zone, moment.zones));
    let today = scope.moment.map(|moment| zones.day(zone, moment.now));
    let at = match value {
        Value::Text(text) if text == "now" => scope.moment.map(|moment| moment.now),
        Value::Text(text) => Time::parse(text).map(|(at, _)| at),
        value => value.integer().map(Time).and_then(Time::in_range),
    };
    let Some(at) = at else { return Value::Null };
    let (mut later, mut style) = (Span::default(), "");
    for text in given.iter().filter_map(|term| term.value().text()) {
        match Span::parse(text) {
            Some(span) => later = span,
            None => style = text,
        }
    }
    let local = zones.local(zone, at.plus(later.exact - i64::from(filter == Filter::LastDate)));
    let day = local.day.plus_months(later.months).plus(later.days);
    let korean = scope.lang.starts_with("ko");
    let near = today.filter(|_| filter == Filter::Day).and_then(|today| near(day.0 - today.0, scope.lang));
    let date = near.map_or_else(|| text(day, today, scope.lang), String::from);
    let dated = match (style, korean) {
        ("weekday" | "long", true) => join(&[&date, "(", weekday(day, true), ")"]),
        ("weekday" | "long", false) => join(&[weekday(day, false), ", ", &date]),
        _ => date,
    };
    let written = match style {
        "time" => clock(local, korean),
        "long" => join(&[&dated, ", ", &clock(local, korean)]),
        _ => dated,
    };
    written.into()
}
