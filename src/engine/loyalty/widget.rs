//! What widgets show: progress with the names that the program gives, and amounts in words (the shapes of `types.ts`).

use super::program::Prize;
use super::streak::{Streak, Unit};
use super::{Loyalty, Turn};
use crate::engine::base::money;
use crate::engine::base::text::join;
use crate::engine::base::value::{Map, Value};
use crate::engine::message::date;
use crate::engine::message::template::{Filter, Scope, Text};
use crate::engine::meter::Meter;

/// Whole weeks of a calendar, the present one the last of them.
const WEEKS: i32 = 4;

/// What widgets are made from.
#[derive(Clone, Copy)]
pub struct Widget<'a> {
    /// What was computed for the shopper.
    pub loyalty: &'a Loyalty,
    /// The moment, and the program in force.
    pub turn: Turn<'a>,
    /// What templates read, with progress under `loyalty`, and the language.
    pub scope: Scope<'a>,
    /// What the block names: an id, several, or nothing for all.
    pub of: &'a Value,
}

impl<'a> Widget<'a> {
    /// What a widget of this kind shows; none where the program has nothing of the kind.
    pub fn show(self, kind: &str) -> Option<Value> {
        match kind {
            "tier" => self.tier(),
            "badges" => items(self.badges()),
            "missions" => items(self.missions()),
            "streak" => self.streak(),
            "collection" => self.collection(),
            "wallet" => self.wallet(),
            _ => None,
        }
    }

    fn is_meant(self, id: &str) -> bool {
        self.of.is_null() || self.of.several().iter().any(|one| one.text() == Some(id))
    }

    fn progress(self, part: &str, id: &str) -> &'a Value {
        self.scope.document.field("loyalty").field(part).field(id)
    }

    /// The name in words; the id where there is none.
    fn named(self, label: Option<Text>, id: &str) -> Value {
        label.map_or_else(|| id.to_string(), |label| label.print(self.scope)).into()
    }

    /// The last good day before an instant, in words.
    fn last_day(self, at: &Value) -> Value {
        date::filter(Filter::LastDate, at, &[], self.scope)
    }

    /// What a meter counts: money where it sums amounts of money.
    fn counted(self, meter: &str, number: i64) -> String {
        match self.turn.meters.get(meter).is_some_and(Meter::is_money) {
            true => money::text(number, self.turn.house.currency, self.scope.lang, false),
            false => money::grouped(number),
        }
    }

    /// Points: `3,480P` where the currency has a unit, else `3,480 points`.
    fn points(self, currency: &str, amount: i64) -> String {
        let terms = self.turn.program.currencies().get(currency);
        let number = money::grouped(amount);
        if let Some(unit) = terms.and_then(|terms| terms.unit()) {
            return join(&[&number, &unit.print(self.scope)]);
        }
        let label =
            terms.and_then(|terms| terms.label()).map_or_else(|| currency.to_string(), |label| label.print(self.scope));
        join(&[&number, " ", &label])
    }

    fn tier(self) -> Option<Value> {
        let (id, tier) = self.turn.program.tiers().iter().find(|(id, _)| self.is_meant(id))?;
        let progress = self.progress("tiers", id);
        let number = |key: &str| progress.field(key).integer().unwrap_or(0);
        let words = |number| Value::from(self.counted(tier.meter(), number));
        let (mut rungs, mut reached) = (Vec::new(), true);
        let (mut level, mut next) = (self.named(tier.label(), id), Value::Null);
        for rung in tier.levels().iter() {
            let label = self.named(rung.label(), rung.id());
            let is = |key: &str| progress.field(key).text() == Some(rung.id());
            if is("next") {
                next = Map::of([
                    ("label", label.clone()),
                    ("target", words(rung.min())),
                    ("remaining", words(number("remaining"))),
                ])
                .into();
                reached = false;
            }
            if is("level") {
                level = label.clone();
            }
            rungs.push(
                Map::of([
                    ("id", rung.id().into()),
                    ("label", label),
                    ("from", words(rung.min())),
                    ("reached", reached.into()),
                ])
                .into(),
            );
        }
        let mut card = Map::of([
            ("id", id.into()),
            ("label", self.named(tier.label(), id)),
            ("level", level),
            ("value", words(number("value"))),
            ("next", next),
            ("percent", number("percent").into()),
            ("rungs", rungs.into()),
        ]);
        card.drop_nulls();
        Some(card.into())
    }

    fn badges(self) -> Vec<Value> {
        let mut items = Vec::new();
        for badge in self.turn.program.badges().iter().filter(|badge| self.is_meant(badge.id())) {
            let progress = self.progress("badges", badge.id());
            let name = self.named(badge.label(), badge.id());
            let levels = badge.levels().iter().len().max(1) as i64;
            let mut add = |id: &str, label: Value, line: &Value| {
                if line.field("hidden").bool() != Some(true) {
                    let level = line.field("level").integer().unwrap_or(0);
                    let told = |key: &str| line.field(key).clone();
                    let item = [
                        ("id", id.into()),
                        ("label", label),
                        ("level", level.into()),
                        ("levels", levels.into()),
                        ("value", told("value")),
                        ("target", told("target")),
                        ("got", (level > 0).into()),
                    ];
                    items.push(Map::of(item).into());
                }
            };
            if progress.field("level").integer().is_some() {
                add(badge.id(), name, progress);
                continue;
            }
            // One for each key.
            for (key, line) in progress.members() {
                let label = join(&[name.text().unwrap_or_default(), " ", key]);
                add(&join(&[badge.id(), ".", key]), label.into(), line);
            }
        }
        items
    }

    fn missions(self) -> Vec<Value> {
        let mut items = Vec::new();
        for mission in self.turn.program.missions().iter().filter(|mission| self.is_meant(mission.id())) {
            let progress = self.progress("missions", mission.id());
            let told = |key: &str| progress.field(key).clone();
            let mut item = Map::of([
                ("id", mission.id().into()),
                ("label", self.named(mission.label(), mission.id())),
                ("status", told("status")),
                ("done", told("done")),
                ("need", told("need")),
                ("deadline", self.last_day(progress.field("deadline"))),
                ("reward", mission.reward().map(|prize| self.prize(prize)).filter(|words| !words.is_empty()).into()),
            ]);
            item.drop_nulls();
            items.push(item.into());
        }
        items
    }

    /// What a prize is, in words.
    fn prize(self, prize: Prize) -> String {
        let program = self.turn.program;
        let mut words = String::new();
        let mut add = |more: &str| {
            let comma = if words.is_empty() { "" } else { ", " };
            words = join(&[&words, comma, more]);
        };
        prize.points().for_each(|(currency, amount)| add(&self.points(currency, amount)));
        let badge = prize.badge().and_then(|id| program.badges().iter().find(|badge| badge.id() == id)?.label());
        let reward = prize.reward().and_then(|id| program.rewards().iter().find(|reward| reward.id() == id)?.label());
        badge.into_iter().chain(reward).for_each(|label| add(&label.print(self.scope)));
        words
    }

    fn streak(self) -> Option<Value> {
        let streak = self.turn.program.streaks().iter().find(|streak| self.is_meant(streak.id()))?;
        let progress = self.progress("streaks", streak.id());
        let told = |key: &str| progress.field(key).clone();
        let days = self.days(streak);
        let calendar = [
            ("id", streak.id().into()),
            ("label", self.named(streak.label(), streak.id())),
            ("unit", streak.unit().word().into()),
            ("length", told("length")),
            ("best", told("best")),
            ("freezes", told("freezes")),
            ("days", days.into()),
        ];
        Some(Map::of(calendar).into())
    }

    /// The days of the calendar, by the program's clock. Only what is known is told: a day is missed where the habit had begun, is
    /// one of days, and cannot be paused.
    fn days(self, streak: Streak) -> Vec<Value> {
        let run = self.loyalty.streaks.get(streak.id());
        let known = |key: &str| run.and_then(|run| run.days.get(key)).and_then(Value::bool);
        let begun = run.and_then(|run| run.days.iter().next()).map(|(day, _)| day);
        let strict = streak.unit() == Unit::Day && streak.pause().is_none();
        let today = self.turn.day(self.turn.at);
        let week = super::program::Per::Week;
        let first = week.first_day(today, self.turn.program.clock().week_start()).unwrap_or(today).plus(7 - 7 * WEEKS);
        let mut days = Vec::new();
        for place in 0..7 * WEEKS {
            let day = first.plus(place);
            let date = day.text();
            let state = match known(&date).or_else(|| known(&streak.first(day, self.turn).text()).filter(|kept| !kept))
            {
                Some(true) => "done",
                _ if day > today => "ahead",
                Some(false) => "frozen",
                None if day == today => "today",
                None if strict && begun.is_some_and(|begun| begun < date.as_str()) => "missed",
                None => "none",
            };
            days.push(Map::of([("date", date.into()), ("state", state.into())]).into());
        }
        days
    }

    fn collection(self) -> Option<Value> {
        let collection = self.turn.program.collections().iter().find(|collection| self.is_meant(collection.id()))?;
        let album = self.loyalty.collections.get(collection.id());
        // What the page tells of its items names them.
        let named = |id: &str| self.scope.document.at("context.items").field(id).field("item_name").text();
        let mut items = Vec::new();
        for id in collection.items().iter() {
            let got = album.is_some_and(|album| album.have.iter().any(|have| have == id));
            let item = [("id", id.into()), ("label", named(id).unwrap_or(id).into()), ("got", got.into())];
            items.push(Map::of(item).into());
        }
        let progress = self.progress("collections", collection.id());
        let board = [
            ("id", collection.id().into()),
            ("label", self.named(collection.label(), collection.id())),
            ("have", progress.field("have").clone()),
            ("need", progress.field("need").clone()),
            ("items", items.into()),
        ];
        Some(Map::of(board).into())
    }

    fn wallet(self) -> Option<Value> {
        let program = self.turn.program;
        let (mut currencies, mut rewards) = (Vec::new(), Vec::new());
        for (id, terms) in program.currencies().iter().filter(|(id, _)| self.is_meant(id)) {
            let progress = self.progress("currencies", id);
            let words =
                |amount: &Value| amount.integer().filter(|amount| *amount != 0).map(|amount| self.points(id, amount));
            let expiring = progress.field("nextExpiry");
            let expiring = words(expiring.field("amount")).map(|amount| {
                Map::of([("amount", amount.into()), ("date", self.last_day(expiring.field("at")))]).into()
            });
            let mut line = Map::of([
                ("id", id.into()),
                ("label", self.named(terms.label(), id)),
                ("active", self.points(id, progress.field("active").integer().unwrap_or(0)).into()),
                ("pending", words(progress.field("pending")).into()),
                ("expiring", expiring.unwrap_or_default()),
                ("status", progress.field("status").clone()),
            ]);
            line.drop_nulls();
            currencies.push(line.into());
        }
        for reward in program.rewards().iter().filter(|reward| self.is_meant(reward.id())) {
            let progress = self.progress("rewards", reward.id());
            // What one has, had and used, or can have.
            if matches!(progress.field("state").text(), Some("granted" | "held" | "used" | "available")) {
                let mut line = Map::of([
                    ("id", reward.id().into()),
                    ("label", self.named(reward.label(), reward.id())),
                    ("state", progress.field("state").clone()),
                    ("until", self.last_day(progress.field("expiresAt"))),
                ]);
                line.drop_nulls();
                rewards.push(line.into());
            }
        }
        let some = !(currencies.is_empty() && rewards.is_empty());
        some.then(|| Map::of([("currencies", currencies.into()), ("rewards", rewards.into())]).into())
    }
}

fn items(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then(|| Map::of([("items", items.into())]).into())
}
