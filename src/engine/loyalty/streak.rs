//! Streaks: habits kept day after day in the shopper's zone.

use super::program::{Per, Prize};
use super::{Payout, Tell, Turn, time_value};
use crate::engine::base::document::{Part, Table};
use crate::engine::base::record::Named;
use crate::engine::base::text::digits;
use crate::engine::base::time::{Day, Ends, HOUR, Span, Time, parse_offset};
use crate::engine::base::value::{Map, Value};
use crate::engine::message::template::Text;
use crate::engine::meter::Names;
use crate::{document, record, words};

document! {
    /// A habit.
    pub struct Streak {
        /// Id.
        "id" id: &'a str,
        /// Its name in words.
        "label" label: Option<Text<'a>> = None,
        /// The events that keep it.
        "on" on: Names<'a>,
        /// How often: `day`, `week` or `month`.
        "unit" unit: Unit = Unit::Day,
        /// Days that may be missed.
        "freeze" freeze: Option<Freeze<'a>> = None,
        /// So long after a missed day closed `streak_repaired` restores the length.
        "repair" repair: Option<Span> = None,
        /// `user`: the shopper may pause it (`streak_paused`, `streak_resumed`).
        "pause" pause: Option<Pause> = None,
        /// What lengths pay, once a run: length → prize.
        "marks" marks: Table<'a, Prize<'a>> = Table::of(&Value::Null),
    }

    /// Days that may be missed.
    pub struct Freeze {
        /// At most so many are held.
        "max" max: i64,
        /// One is earned when the length reaches a multiple of this.
        "earnEvery" earn_every: Option<i64> = None,
        /// So many are held at the beginning.
        "initial" initial: i64 = 0,
    }
}

words! {
    /// How often a habit is kept.
    pub enum Unit {
        /// Each day.
        "day" Day,
        /// Each week.
        "week" Week,
        /// Each month.
        "month" Month,
    }
}

words! {
    /// Who may pause a streak.
    pub enum Pause {
        /// The shopper.
        "user" User,
    }
}

record! {
    /// A streak as it runs.
    pub struct Run {
        /// Its length.
        "length" length: i64,
        /// The longest ever.
        "best" best: i64,
        /// Freezes held.
        "freezes" freezes: i64,
        /// The last day on which the habit was kept.
        "lastDay" last: Option<Day>,
        /// All up to this day is settled: kept, frozen, missed or paused.
        "through" through: Option<Day>,
        /// When the habit was last kept, and the IANA zone the shopper was then in.
        "keptAt" kept_at: Option<Time>,
        /// See `keptAt`.
        "zone" zone: Option<String>,
        /// The day on which a flight was last allowed for.
        "bridged" bridged: Option<Day>,
        /// The length before the last break.
        "lost" lost: i64,
        /// Until when that can be restored.
        "repairUntil" repair_until: Option<Time>,
        /// Whether the shopper paused it.
        "paused" paused: bool,
        /// The last days on which it was kept (true) or a freeze stood in (false), for its calendar.
        "days" days: Map,
    }
}

/// A calendar shows so many days, and as many more tell whether it had begun before.
const DAYS: usize = 29;

/// A flight is over within this time, and allowed for once in so many days (loyalty.md V12).
const FLIGHT: i64 = 36 * HOUR;
const FLIGHTS: i32 = 7;

impl<'a> Streak<'a> {
    /// The first of the days that are one with this one.
    pub fn first(self, day: Day, turn: Turn) -> Day {
        self.per().first_day(day, turn.program.clock().week_start()).unwrap_or(day)
    }

    /// The first of those after them.
    fn after(self, first: Day) -> Day {
        self.per().following(first).unwrap_or(first)
    }

    fn per(self) -> Per {
        match self.unit() {
            Unit::Day => Per::Day,
            Unit::Week => Per::Week,
            Unit::Month => Per::Month,
        }
    }

    fn most(self) -> i64 {
        self.freeze().map_or(0, Freeze::max)
    }

    /// As it begins.
    fn fresh(self) -> Run {
        Run { freezes: self.freeze().map_or(0, Freeze::initial).min(self.most()), ..Run::default() }
    }

    /// The days that were missed before this one close, each at the cost of a freeze or of the whole length. What is broken
    /// has nothing to lose: an absence of years takes no longer than the freezes last.
    fn close(self, run: &mut Run, today: Day, turn: Turn) {
        while let Some(missed) = run.through.map(|through| self.after(self.first(through, turn))) {
            if run.length == 0 || missed >= today {
                return;
            }
            if run.freezes > 0 {
                run.freezes -= 1;
                run.note(missed, false);
            } else {
                (run.lost, run.length) = (run.length, 0);
                let until = |span| turn.house.zones.add(turn.zone, turn.at, span, Ends::Validity);
                run.repair_until = self.repair().map(until);
            }
            run.through = Some(missed);
        }
    }

    /// The habit was kept.
    fn keep(self, run: &mut Run, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
        let date = turn.day(turn.at);
        let today = self.first(date, turn);
        let flown = self.follow(run, date, turn);
        run.note(date, true);
        if run.last.is_some_and(|last| self.first(last, turn) >= today) {
            run.last = run.last.max(Some(date));
            return;
        }
        let yesterday = date.plus(-1);
        if flown && run.last == Some(date.plus(-2)) {
            // The date that the flight skipped was not missed, and if it has closed already that is taken back.
            if run.length == 0 {
                run.length = std::mem::take(&mut run.lost);
                run.repair_until = None;
            } else if run.through >= Some(yesterday) {
                run.freezes = (run.freezes + 1).min(self.most());
            }
            run.bridged = Some(date);
            run.note(yesterday, false);
        } else if !run.paused {
            self.close(run, today, turn);
        }
        run.last = Some(date);
        run.through = run.through.max(Some(today));
        run.length += 1;
        self.grown(run, run.length - 1, won);
    }

    /// Notes where and when the habit was kept; whether the shopper came there by a flight that may be allowed for. Only another
    /// IANA zone is a flight (fine print 2), and only where days are the shopper's.
    fn follow(self, run: &mut Run, date: Day, turn: Turn) -> bool {
        let recent = run.kept_at.replace(turn.at).is_some_and(|kept| turn.at.0 - kept.0 < FLIGHT);
        let zone = turn.signal.and_then(|signal| signal.zone.as_deref());
        let zone = zone.filter(|zone| *zone == turn.zone && parse_offset(zone).is_none());
        if zone.is_none() || zone == run.zone.as_deref() {
            return false;
        }
        let before = std::mem::replace(&mut run.zone, zone.map(str::to_string));
        let allowed = run.bridged.is_none_or(|last| last.plus(FLIGHTS) <= date);
        before.is_some() && recent && allowed && self.unit() == Unit::Day
    }

    /// The length grew from what it was: freezes are earned, marks pay.
    fn grown(self, run: &mut Run, from: i64, won: &mut Vec<Payout<'a>>) {
        run.best = run.best.max(run.length);
        if let Some(every) = self.freeze().and_then(Freeze::earn_every).filter(|every| *every > 0) {
            let earned = run.length / every - from / every;
            run.freezes = run.freezes.max((run.freezes + earned).min(self.most()));
        }
        for (length, prize) in self.marks().iter() {
            if digits(length).is_some_and(|length| from < length && length <= run.length) {
                won.extend(Payout::of(self.id(), Some(prize)));
            }
        }
    }

    /// The length before the last break is restored; today can still be kept.
    fn mend(self, run: &mut Run, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
        if run.repair_until.take().is_none_or(|until| until <= turn.at) {
            return;
        }
        if run.length == 0 {
            let today = self.first(turn.day(turn.at), turn);
            run.through = run.through.max(Some(self.first(today.plus(-1), turn)));
        }
        let lost = std::mem::take(&mut run.lost);
        run.length += lost;
        self.grown(run, lost, won);
    }

    /// The shopper pauses the streak, or takes it up again on a day that still belongs to the pause.
    fn pause_or_resume(self, run: &mut Run, paused: bool, turn: Turn) {
        if run.paused && !paused {
            run.through = run.through.max(Some(self.first(turn.day(turn.at), turn)));
        }
        run.paused = paused;
    }
}

impl Run {
    /// Notes what became of a day.
    fn note(&mut self, day: Day, kept: bool) {
        self.days.remove(&day.text());
        self.days.sorted(&day.text(), kept.into());
        if self.days.len() > DAYS {
            self.days.remove_first();
        }
    }
}

/// The habit may have been kept, paused or mended.
pub fn hear<'a>(streaks: &mut Named<Run>, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    let Some(signal) = turn.deed() else { return };
    let called = match signal.name.as_str() {
        "streak_paused" => Some(true),
        "streak_resumed" => Some(false),
        _ => None,
    };
    let mends = signal.name == "streak_repaired";
    for streak in turn.program.streaks().iter() {
        let meant = || turn.property("streak").text().is_none_or(|id| id == streak.id());
        let kept = streak.on().has(&signal.name);
        if kept && streaks.get(streak.id()).is_none() {
            *streaks.entry(streak.id()) = streak.fresh();
        }
        let Some(run) = streaks.get_mut(streak.id()) else { continue };
        if let Some(paused) = called.filter(|_| streak.pause().is_some() && meant()) {
            streak.pause_or_resume(run, paused, turn);
        }
        if mends && meant() {
            streak.mend(run, turn, won);
        }
        if kept {
            streak.keep(run, turn, won);
        }
    }
}

/// A day closes, where the shopper was last seen. What a flight left open closes with the next one.
pub fn pass(streaks: &mut Named<Run>, turn: Turn) {
    for streak in turn.program.streaks().iter() {
        let Some(run) = streaks.get_mut(streak.id()) else { continue };
        run.repair_until = run.repair_until.filter(|until| *until > turn.at);
        let today = streak.first(turn.day(turn.at), turn);
        if run.length > 0 && !run.paused && turn.dawn(today) == turn.at {
            streak.close(run, today, turn);
        }
    }
}

/// When the next day closes that can break one, or it cannot be mended any more.
pub fn next(streaks: &Named<Run>, turn: Turn, tell: Tell) {
    for streak in turn.program.streaks().iter() {
        let Some(run) = streaks.get(streak.id()) else { continue };
        if let Some(through) = run.through.filter(|_| run.length > 0 && !run.paused) {
            let missed = streak.after(streak.first(through, turn)).max(streak.first(turn.day(turn.at), turn));
            tell(turn.dawn(streak.after(missed)));
        }
        run.repair_until.into_iter().for_each(&mut *tell);
    }
}

/// `{ID: {length, best, freezes, lastDay}}`, with `paused` and `repairUntil` where they apply.
pub fn progress(streaks: &Named<Run>, turn: Turn) -> Value {
    let mut all = Map::new();
    for streak in turn.program.streaks().iter() {
        let fresh = streak.fresh();
        let run = streaks.get(streak.id()).unwrap_or(&fresh);
        let mut line = Map::of([
            ("length", run.length.into()),
            ("best", run.best.into()),
            ("freezes", run.freezes.into()),
            ("lastDay", run.last.map(Day::text).into()),
        ]);
        if run.paused {
            line.append("paused", true.into());
        }
        if let Some(until) = run.repair_until.filter(|until| *until > turn.at) {
            line.append("repairUntil", time_value(Some(until)));
        }
        all.append(streak.id(), line.into());
    }
    all.into()
}
