//! Boards, budgets and stock: what only a server can know, from its snapshots.

use super::program::Per;
use super::{Loyalty, SNAPSHOT, Turn};
use crate::engine::base::record::Named;
use crate::engine::base::time::Time;
use crate::engine::base::value::{Map, Value};
use crate::engine::signal::id_text;
use crate::{document, record};

document! {
    /// A ranking.
    pub struct Board {
        /// Id.
        "id" id: &'a str,
        /// The meter that is compared.
        "meter" meter: &'a str,
        /// Who is compared: `friends` or `all`.
        "scope" scope: &'a str = "all",
        /// The one zone whose periods count.
        "tz" tz: Option<&'a str> = None,
        /// So many are shown.
        "top" top: Option<i64> = None,
        /// Who is among them at the end of each stays there for ever.
        "freeze" freeze: Option<Per> = None,
    }
}

record! {
    /// What a server said.
    pub struct Snapshots {
        /// When it last spoke.
        "at" at: Option<Time>,
        /// Rankings by board.
        "boards" boards: Named<Ranking>,
        /// Currencies of which all is issued.
        "spent" spent: Vec<String>,
        /// How many of a reward there are.
        "stock" stock: Named<i64>,
    }

    /// A ranking as a server last told it.
    pub struct Ranking {
        /// When.
        "at" at: Option<Time>,
        /// The best, as many as the board shows.
        "entries" entries: Vec<Entry>,
        /// The shopper's own rank; none while it is not known.
        "rank" rank: Option<Placed>,
        /// Who was among the best when a period ended.
        "hall" hall: Vec<Entry>,
    }

    /// The shopper's own place.
    pub struct Placed {
        /// From 1 on; equals share one.
        "rank" rank: i64,
        /// What the server counted.
        "value" value: i64,
    }

    /// One of a ranking.
    pub struct Entry {
        /// Who.
        "user" user: String,
        /// What the server counted.
        "value" value: i64,
        /// From 1 on; equals share one.
        "rank" rank: i64,
        /// First day of the period, in a hall of fame.
        "period" period: Option<String>,
    }
}

impl Entry {
    fn line(&self) -> Value {
        let mut line =
            Map::of([("user", self.user.as_str().into()), ("value", self.value.into()), ("rank", self.rank.into())]);
        if let Some(period) = &self.period {
            line.append("period", period.as_str().into());
        }
        line.into()
    }
}

impl Board<'_> {
    /// The period an instant belongs to, by its first day; none where nothing is kept for ever.
    fn period(self, at: Time, turn: Turn) -> Option<String> {
        let zone = self.tz().filter(|zone| turn.house.zones.knows(zone)).unwrap_or(turn.house.zone);
        let first = self.freeze()?.first_day(turn.house.zones.day(zone, at), turn.program.clock().week_start())?;
        Some(first.text())
    }

    /// The best of a period that is over by now.
    fn frozen(self, ranking: &Ranking, turn: Turn) -> Vec<Entry> {
        let Some(period) = ranking.at.and_then(|at| self.period(at, turn)) else { return Vec::new() };
        if self.period(turn.at, turn).as_ref() == Some(&period) {
            return Vec::new();
        }
        let keep = |entry: &Entry| Entry {
            user: entry.user.clone(),
            value: entry.value,
            rank: entry.rank,
            period: Some(period.clone()),
        };
        ranking.entries.iter().map(keep).collect()
    }

    /// Takes a server's word. Ranks are told, or reckoned as in sport: 1, 2, 2, 4.
    fn take(self, ranking: &mut Ranking, rows: &[Value], turn: Turn) {
        ranking.hall.extend(self.frozen(ranking, turn));
        let mut entries: Vec<Entry> = Vec::new();
        for row in rows {
            let Some(user) = id_text(row.field("user")) else { continue };
            let value = row.field("value").integer().unwrap_or(0);
            // The best first, equals as they come: a sort of the library's own would cost more of the wasm than this of time.
            let place = entries.iter().take_while(|entry| entry.value >= value).count();
            entries.insert(place, Entry { user, value, rank: row.field("rank").integer().unwrap_or(0), period: None });
        }
        let (mut rank, mut last) = (0, None);
        for (place, entry) in (1_i64..).zip(&mut entries) {
            if last != Some(entry.value) {
                (rank, last) = (place, Some(entry.value));
            }
            if entry.rank <= 0 {
                entry.rank = rank;
            }
        }
        let own = entries.iter().find(|entry| turn.user == Some(&entry.user));
        ranking.rank = own.map(|entry| Placed { rank: entry.rank, value: entry.value });
        if let Some(top) = self.top() {
            entries.retain(|entry| entry.rank <= top);
        }
        (ranking.at, ranking.entries) = (Some(turn.at), entries);
    }
}

/// A snapshot may have come; an older one than is known tells nothing.
pub fn hear(loyalty: &mut Loyalty, turn: Turn) {
    let Some(signal) = turn.signal.filter(|signal| signal.name == SNAPSHOT) else { return };
    let snapshots = &mut loyalty.boards;
    if snapshots.at.is_some_and(|at| at > turn.at) {
        return;
    }
    snapshots.at = Some(turn.at);
    for (currency, exhausted) in signal.properties.field("budget").members() {
        snapshots.spent.retain(|spent| spent != currency);
        if exhausted.bool() == Some(true) {
            snapshots.spent.push(currency.to_string());
        }
    }
    for (reward, count) in signal.properties.field("stock").members() {
        *snapshots.stock.entry(reward) = count.integer().unwrap_or(0);
    }
    let mut moved = Vec::new();
    for board in turn.program.boards().iter() {
        let rows = signal.properties.field("boards").field(board.id());
        if rows.is_null() {
            continue;
        }
        let ranking = snapshots.boards.entry(board.id());
        let rank = |ranking: &Ranking| ranking.rank.as_ref().map(|placed| placed.rank);
        let before = rank(ranking);
        board.take(ranking, rows.list(), turn);
        let after = rank(ranking);
        if before != after {
            moved.push(Map::of([("board", board.id().into()), ("rank", after.into()), ("from", before.into())]));
        }
    }
    let moved = moved.into_iter().filter(|_| turn.program.hooks().get("rank").is_some());
    for members in moved {
        loyalty.tell("rank", members, turn);
    }
}

/// Whether as much of a currency is issued as may be.
pub fn budget_exhausted(snapshots: &Snapshots, currency: &str) -> bool {
    snapshots.spent.iter().any(|spent| spent == currency)
}

/// How many of a reward there are; none: nobody said.
pub fn stock(snapshots: &Snapshots, reward: &str) -> Option<i64> {
    snapshots.stock.get(reward).copied()
}

/// `{ID: {rank, value, entries: [{user, value, rank}]}}`, with `hall: [{user, value, rank, period}]` where the best of each period
/// are kept. Without a server's word the value is the device's own.
pub fn progress(snapshots: &Snapshots, turn: Turn) -> Value {
    let (mut all, unknown) = (Map::new(), Ranking::default());
    for board in turn.program.boards().iter() {
        let ranking = snapshots.boards.get(board.id()).unwrap_or(&unknown);
        let lines = |entries: &[Entry]| Value::from(entries.iter().map(Entry::line).collect::<Vec<_>>());
        let placed = ranking.rank.as_ref();
        let mut line = Map::of([
            ("rank", placed.map(|placed| placed.rank).into()),
            ("value", placed.map_or_else(|| turn.meter(board.meter()), |placed| placed.value).into()),
            ("entries", lines(&ranking.entries)),
        ]);
        if board.freeze().is_some() {
            let mut hall: Vec<Value> = Vec::new();
            ranking.hall.iter().for_each(|entry| hall.push(entry.line()));
            board.frozen(ranking, turn).iter().for_each(|entry| hall.push(entry.line()));
            line.append("hall", hall.into());
        }
        all.append(board.id(), line.into());
    }
    all.into()
}
