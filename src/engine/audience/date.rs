//! Operators about moments. What is written as a date, or counted in days, is compared by the house's days; all else exactly.

use super::operator::Operator;
use crate::engine::base::time::{Day, Span, Time, Zones};
use crate::engine::base::value::Value;
use std::cmp::Ordering;

/// When it is, and whose days count.
#[derive(Clone, Copy)]
pub struct Clock<'a> {
    /// The moment.
    pub now: Time,
    /// Offset tables.
    pub zones: &'a Zones,
    /// IANA zone of the house.
    pub zone: &'a str,
}

/// A moment, or a whole day.
#[derive(Clone, Copy)]
enum Moment {
    At(Time),
    On(Day),
}

/// What a moment is compared with.
#[derive(Clone, Copy)]
enum Operand {
    Fixed(Moment),
    /// So long from now; backwards where it is written with `-`.
    FromNow {
        back: bool,
        span: Span,
    },
}

impl Moment {
    /// Milliseconds since 1970, an RFC 3339 text or a date.
    fn read(value: &Value) -> Option<Moment> {
        match value {
            Value::Number(number) => Time(*number as i64).in_range().map(Moment::At),
            value => Moment::parse(value.text()?),
        }
    }

    fn parse(text: &str) -> Option<Moment> {
        Day::parse(text).map(Moment::On).or_else(|| Time::parse(text).map(|(at, _)| Moment::At(at)))
    }

    fn cmp(self, other: Moment, clock: Clock) -> Ordering {
        match (self, other) {
            (Moment::At(one), Moment::At(other)) => one.cmp(&other),
            (one, other) => one.day(clock).cmp(&other.day(clock)),
        }
    }

    fn day(self, clock: Clock) -> Day {
        match self {
            Moment::At(at) => clock.zones.day(clock.zone, at),
            Moment::On(day) => day,
        }
    }

    /// So long after, or before. Days alone lead to a day; hours count exactly, and days beside them as 24.
    fn moved(self, back: bool, span: Span, clock: Clock) -> Moment {
        let sign = if back { -1 } else { 1 };
        match self {
            Moment::At(at) if span.exact != 0 || span == Span::default() => {
                Moment::At(at.plus(i64::from(sign) * span.nominal()))
            }
            moment => Moment::On(moment.day(clock).plus_months(sign * span.months).plus(sign * span.days)),
        }
    }
}

impl Operand {
    fn read(operand: &Value) -> Option<Operand> {
        let text = operand.text()?;
        let (back, span) = text.strip_prefix('-').map_or((false, text), |span| (true, span));
        match Span::parse(span) {
            Some(span) => Some(Operand::FromNow { back, span }),
            None => Moment::parse(text).map(Operand::Fixed),
        }
    }
}

/// Whether an operand is one that the operator understands.
#[cfg(feature = "studio")]
pub fn is_operand(operator: Operator, operand: &Value) -> bool {
    match Operand::read(operand) {
        Some(Operand::Fixed(_)) => operator != Operator::Within,
        read => read.is_some(),
    }
}

/// Whether a moment is before or after the operand, or within it. What is no moment is neither.
pub fn compare(operator: Operator, operand: &Value, value: &Value, clock: Clock) -> bool {
    let (Some(moment), Some(operand)) = (Moment::read(value), Operand::read(operand)) else { return false };
    let now = Moment::At(clock.now);
    let ordering = |other: Moment| moment.cmp(other, clock);
    match (operator, operand) {
        (Operator::Within, Operand::FromNow { back: false, span }) => {
            ordering(now).is_le() && ordering(now.moved(true, span, clock)).is_ge()
        }
        (Operator::Within, Operand::FromNow { span, .. }) => {
            ordering(now).is_ge() && ordering(now.moved(false, span, clock)).is_le()
        }
        (Operator::Within, Operand::Fixed(_)) => false,
        (operator, operand) => {
            let other = match operand {
                Operand::Fixed(other) => other,
                Operand::FromNow { back, span } => now.moved(back, span, clock),
            };
            ordering(other) == if operator == Operator::Before { Ordering::Less } else { Ordering::Greater }
        }
    }
}

/// How many days around a month's move the day may be that it came from: months end on different days.
const MONTHS_END: i32 = 3;

/// Tells the moments, past ones too, at which time alone may turn the answer.
pub fn turns(operand: &Value, value: &Value, clock: Clock, tell: &mut dyn FnMut(Time)) {
    let (Some(moment), Some(Operand::FromNow { span, .. })) = (Moment::read(value), Operand::read(operand)) else {
        return;
    };
    let midnight = |day: Day| clock.zones.midnight(clock.zone, day);
    let (from, to) = match moment {
        Moment::At(at) => (at, at),
        Moment::On(day) => (midnight(day), midnight(day.plus(1))),
    };
    // It is compared with now, and with what is so long before or after now.
    for at in [from, to].map(Moment::At) {
        for turn in [at, at.moved(true, span, clock), at.moved(false, span, clock)] {
            match turn {
                Moment::At(at) => [at, at.plus(1)].into_iter().for_each(&mut *tell),
                Moment::On(day) => (-MONTHS_END..=MONTHS_END + 1).for_each(|days| tell(midnight(day.plus(days)))),
            }
        }
    }
}
