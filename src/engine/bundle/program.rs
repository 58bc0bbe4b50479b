//! What the types alone cannot say of a loyalty program: references, ranges, dates, and what can never happen.

use super::Bundle;
use crate::engine::base::document::{Check, List, Part};
use crate::engine::base::time::{DAY, Day, Shift, Span};
use crate::engine::base::value::Value;
use crate::engine::error::Error;
use crate::engine::loyalty::Program;
use crate::engine::loyalty::badge::Badge;
use crate::engine::loyalty::board::Board;
use crate::engine::loyalty::collection::Collection;
use crate::engine::loyalty::currency::Currency;
use crate::engine::loyalty::mission::Mission;
use crate::engine::loyalty::program::{Per, Prize, Rate};
use crate::engine::loyalty::referral::Referral;
use crate::engine::loyalty::reward::{Occasion, Reward};
use crate::engine::loyalty::rule::Rule;
use crate::engine::loyalty::streak::Streak;
use crate::engine::loyalty::tier::{Tier, Until, announcements};
use crate::engine::meter::{DIFFERENT, Meter, Window};
use crate::engine::profile::PURPOSES;

/// A program and the bundle that holds what it refers to.
#[derive(Clone, Copy)]
struct Scene<'a> {
    bundle: Bundle<'a>,
    program: Program<'a>,
}

/// Keys that programs of other makes hold, and where a bundle has them.
const MOVED: [(&str, &str); 9] = [
    ("meters", "meters are shared by all that count: move it to the top of the bundle"),
    ("contact", "how often messages show is the house's: write it into house.pacing"),
    ("stages", "groups of shoppers are audiences: write it into audiences at the top of the bundle"),
    ("messages", "messages are campaigns: write it into campaigns at the top of the bundle"),
    ("offers", "offers are shared by all campaigns: move it to offers at the top of the bundle"),
    ("mirror", "word and deed are compared by conditions over interests: write it into interests and audiences"),
    ("measure", "who is held out is the house's: write the share into house.holdout"),
    ("surveys", "surveys are shared by all campaigns: move it to surveys at the top of the bundle"),
    ("value", "what shoppers are worth is the bundle's: move it to value at the top of the bundle"),
];

/// Tells of unknown keys of programs that live elsewhere in a bundle where that is.
pub fn moved(errors: &mut [Error]) {
    for error in errors.iter_mut().filter(|error| error.code == "unknown_key") {
        let mut parts = error.path.split('/').skip(1);
        if let (Some("programs"), Some(_), Some(key), None) = (parts.next(), parts.next(), parts.next(), parts.next())
            && let Some((_, remedy)) = MOVED.iter().find(|(moved, _)| *moved == key)
        {
            error.code = "moved";
            error.message = remedy.to_string();
        }
    }
}

/// Tells a mistake at a place further in.
fn at(check: &mut Check, path: &[&str], code: &'static str, message: impl Into<String>) {
    match path.split_first() {
        None => check.fail(code, message),
        Some((key, rest)) => check.within(key, |check| at(check, rest, code, message)),
    }
}

/// Checks the parts of a list, each at its place, and that no two have one id.
fn each<'a, T: Part<'a>>(
    check: &mut Check,
    key: &str,
    list: List<'a, T>,
    id: fn(T) -> &'a str,
    one: impl Fn(T, &mut Check),
) {
    check.within(key, |check| {
        for (index, part) in list.iter().enumerate() {
            check.within(&index.to_string(), |check| {
                if list.get(index).map(id).is_some_and(|own| list.iter().take(index).map(id).any(|other| other == own))
                {
                    at(check, &["id"], "duplicate", "another one here has this id; choose another");
                }
                one(part, check);
            });
        }
    });
}

/// One of a few words.
fn word(check: &mut Check, key: &str, value: Option<&str>, words: &[&str]) {
    if value.is_some_and(|value| !words.contains(&value)) {
        at(check, &[key], "unknown_choice", format!("choose one of {}", words.join(" ")));
    }
}

pub fn program(bundle: Bundle, program: Program, check: &mut Check) {
    let scene = Scene { bundle, program };
    scene.frame(check);
    check.within("currencies", |check| {
        for (id, one) in program.currencies().iter() {
            check.within(id, |check| scene.currency(id, one, check));
        }
    });
    each(check, "rules", program.rules(), Rule::id, |rule, check| scene.rule(rule, check));
    check.within("tiers", |check| {
        for (id, one) in program.tiers().iter() {
            check.within(id, |check| scene.tier(one, check));
        }
    });
    each(check, "badges", program.badges(), Badge::id, |badge, check| scene.badge(badge, check));
    each(check, "missions", program.missions(), Mission::id, |mission, check| scene.mission(mission, check));
    each(check, "streaks", program.streaks(), Streak::id, |streak, check| scene.streak(streak, check));
    each(check, "collections", program.collections(), Collection::id, |one, check| scene.collection(one, check));
    if let Some(referral) = program.referral() {
        check.within("referral", |check| scene.referral(referral, check));
    }
    each(check, "rewards", program.rewards(), Reward::id, |reward, check| scene.reward(reward, check));
    each(check, "boards", program.boards(), Board::id, |board, check| scene.board(board, check));
    check.within("hooks", |check| {
        for (name, hook) in program.hooks().iter() {
            check.within(name, |check| {
                word(check, "to", Some(hook.to()), &["host"]);
                scene.purpose("needs", hook.needs(), check);
            });
        }
    });
    check.within("budget", |check| {
        for (currency, budget) in program.budget().iter() {
            check.within(currency, |check| {
                scene.known_currency(currency, check);
                positive(check, "issue", budget.issue());
            });
        }
    });
}

fn positive(check: &mut Check, key: &str, number: i64) {
    if number <= 0 {
        at(check, &[key], "range", "choose a number above 0");
    }
}

fn some_time(check: &mut Check, key: &str, span: Option<Span>) {
    if span == Some(Span::default()) {
        at(check, &[key], "range", "choose a time longer than nothing, e.g. P30D");
    }
}

/// Events that take something back must tell which: by what was remembered with it, or by properties of their own.
fn undoings(undoings: &Value, remembers: bool, check: &mut Check) {
    if !undoings.is_null() && !undoings.several().iter().all(|one| remembers || !one.field("by").list().is_empty()) {
        at(check, &["undo"], "unmatched", "says not what is taken back; add once, or by to the event");
    }
}

impl<'a> Scene<'a> {
    /// Money, clock, profile, consent, members, sources.
    fn frame(self, check: &mut Check) {
        let (program, house) = (self.program, self.bundle.house());
        if let Some(money) = program.money() {
            check.within("money", |check| {
                if money.unit() != house.currency() {
                    let message =
                        format!("the house counts in {}; write the program's amounts in it", house.currency());
                    at(check, &["unit"], "money", message);
                } else if money.scale() != i64::from(crate::engine::base::money::exponent(money.unit())) {
                    at(check, &["scale"], "money", "not the digits after the point that this currency has");
                }
            });
        }
        check.within("profile", |check| {
            let profile = program.profile();
            word(check, "involvement", profile.involvement(), &["low", "high"]);
            word(check, "style", profile.style(), &["discount", "benefit"]);
            word(check, "side", profile.side(), &["attack", "defend"]);
        });
        check.within("consent", |check| {
            word(check, "default", Some(program.consent().default()), &["none"]);
            check.within("purposes", |check| {
                for (index, purpose) in program.consent().purposes().iter().enumerate() {
                    self.purpose(&index.to_string(), Some(purpose), check);
                }
            });
            if program.consent().minor_age().is_some_and(|age| !(1..=150).contains(&age)) {
                at(check, &["minorAge"], "range", "choose an age in years");
            }
        });
        if program
            .enrol()
            .is_some_and(|enrol| enrol.0.field("any").list().is_empty() && enrol.0.field("any").text().is_none())
        {
            at(check, &["enrol", "any"], "empty", "nothing makes a member; name an event");
        }
    }

    fn known_currency(self, id: &str, check: &mut Check) -> bool {
        let known = self.program.currencies().get(id).is_some();
        if !known {
            check.fail("unknown_reference", "no currency has this id");
        }
        known
    }

    fn known_reward(self, path: &[&str], id: Option<&str>, check: &mut Check) {
        if id.is_some_and(|id| self.program.rewards().iter().all(|reward| reward.id() != id)) {
            at(check, path, "unknown_reference", "no reward has this id");
        }
    }

    fn purpose(self, key: &str, purpose: Option<&str>, check: &mut Check) {
        let known =
            |purpose: &str| PURPOSES.contains(&purpose) || self.bundle.purposes().iter().any(|own| own == purpose);
        if purpose.is_some_and(|purpose| !known(purpose)) {
            at(
                check,
                &[key],
                "unknown_reference",
                "no purpose has this name; add it to purposes at the top of the bundle",
            );
        }
    }

    /// What is given: points above zero of known currencies, a badge, a reward that there is.
    fn prize(self, key: &str, prize: Option<Prize>, check: &mut Check) {
        let Some(prize) = prize else { return };
        check.within(key, |check| {
            for (currency, amount) in prize.points() {
                check.within(currency, |check| {
                    if self.known_currency(currency, check) && amount <= 0 {
                        check.fail("range", "choose a number above 0");
                    }
                });
            }
            if prize.badge().is_some_and(|id| self.program.badges().iter().all(|badge| badge.id() != id)) {
                at(check, &["badge"], "unknown_reference", "no badge has this id");
            }
            self.known_reward(if prize.is_reward_alone() { &[] } else { &["reward"] }, prize.reward(), check);
        });
    }

    /// A meter that shows one number.
    fn meter(self, key: &str, id: &str, check: &mut Check) -> Option<Meter<'a>> {
        let meter = self.bundle.meters().get(id);
        match meter {
            Some(meter) if meter.by().is_none() => {
                if meter.last().is_some() || meter.since().is_some() {
                    at(check, &[key], "meter_kind", "this meter shows an instant; choose one that counts");
                }
            }
            _ => at(check, &[key], "unknown_reference", "no meter without keys has this name"),
        }
        meter
    }

    fn currency(self, id: &str, currency: Currency, check: &mut Check) {
        if let Some(expiry) = currency.expiry() {
            check.within("expiry", |check| {
                let ways = [expiry.after().is_some(), expiry.inactive().is_some(), expiry.on().is_some()];
                match ways.into_iter().filter(|named| *named).count() {
                    0 => check.fail("missing", "name one of after inactive on"),
                    1 => (),
                    _ => check.fail("ambiguous", "name only one of after inactive on"),
                }
                some_time(check, "after", expiry.after());
                some_time(check, "inactive", expiry.inactive());
                // 2024 has a 29 February.
                let exists = |date: &str| date.len() == 5 && Day::parse(&["2024-", date].concat()).is_some();
                if expiry.on().is_some_and(|date| !exists(date)) {
                    at(check, &["on"], "date", "no such day of a year; write month and day, e.g. 12-31");
                }
            });
        }
        if currency.min_spend() < 0 {
            at(check, &["minSpend"], "range", "choose 0 or more");
        }
        if currency.cash().is_some_and(|cash| cash < 0) {
            at(check, &["cash"], "range", "choose 0 or more");
        }
        check.within("convert", |check| {
            for (to, rate) in currency.convert().iter() {
                check.within(to, |check| {
                    if self.known_currency(to, check) && self.creates(id, to, rate) {
                        check.fail(
                            "creates_points",
                            "changed around and back there are more than before; lower the rate",
                        );
                    }
                });
            }
        });
    }

    /// Whether a conversion is part of a circle that makes points out of nothing.
    fn creates(self, from: &str, to: &str, rate: Rate) -> bool {
        // The most that one point of `to` can become of `from` without passing any currency twice.
        fn most(scene: Scene, at: &str, goal: &str, passed: &mut Vec<String>) -> f64 {
            if at == goal {
                return 1.0;
            }
            passed.push(at.to_string());
            let mut best = 0.0_f64;
            if let Some(currency) = scene.program.currencies().get(at) {
                for (next, Rate(numerator, denominator)) in currency.convert().iter() {
                    if !passed.iter().any(|known| known == next) {
                        let rate = numerator as f64 / denominator as f64;
                        best = best.max(rate * most(scene, next, goal, passed));
                    }
                }
            }
            passed.pop();
            best
        }
        rate.0 as f64 / rate.1 as f64 * most(self, to, from, &mut Vec::new()) > 1.0 + 1e-9
    }

    fn rule(self, rule: Rule, check: &mut Check) {
        let grants: Vec<&str> = rule.grant().iter().map(|(currency, _)| currency).collect();
        for currency in &grants {
            check.within("grant", |check| check.within(currency, |check| self.known_currency(currency, check)));
        }
        if grants.is_empty() && rule.reward().is_none() && rule.emit().is_none() {
            check.fail("missing", "gives nothing; add grant, reward or emit");
        }
        self.prize("reward", rule.reward(), check);
        self.purpose("needs", rule.needs(), check);
        self.caps(rule.cap().0, check);
        let remembers = rule.once().is_some_and(|once| once.0.text() != Some("member"));
        undoings(rule.undo().0, remembers, check);
        if let Some(choice) = rule.choice() {
            check.within("choice", |check| {
                if grants.is_empty() {
                    check.fail("missing", "there are no points to choose about; add grant to the rule");
                }
                some_time(check, "in", Some(choice.within()));
                self.known_reward(&["now", "reward"], choice.now().reward(), check);
                word(check, "else", Some(choice.otherwise()), &["grant"]);
            });
        }
    }

    /// Limits of a rule or a mission: one or several, each with a number and its time.
    fn caps(self, caps: &Value, check: &mut Check) {
        let one = |cap: &Value, check: &mut Check| {
            let members = || cap.members().filter(|(key, _)| !["per", "group"].contains(key));
            if members().next().is_none() {
                check.fail("missing", "limits nothing; add a currency and how much of it, or n and how often");
            }
            if cap.field("per").is_null() {
                at(check, &["per"], "missing", "required; add it, e.g. day, calendarMonth or P30D");
            }
            for (key, limit) in members() {
                check.within(key, |check| {
                    let known = key == "n" || self.known_currency(key, check);
                    if known && limit.integer().is_some_and(|limit| limit < 0) {
                        check.fail("range", "choose 0 or more");
                    }
                });
            }
        };
        check.within("cap", |check| match caps {
            Value::Null => (),
            Value::List(list) => {
                for (index, cap) in list.iter().enumerate() {
                    check.within(&index.to_string(), |check| one(cap, check));
                }
            }
            cap => one(cap, check),
        });
    }

    fn tier(self, tier: Tier, check: &mut Check) {
        if let Some(entitlement) = tier.entitlement() {
            if !tier.meter().is_empty() {
                at(check, &["meter"], "ambiguous", "what is bought goes by no meter; remove it, or entitlement");
            }
            for (index, level) in tier.levels().iter().enumerate() {
                if level.id() != entitlement {
                    let message = format!("what is bought has the one level {entitlement}; remove this one");
                    at(check, &["levels", &index.to_string(), "id"], "unreachable", message);
                }
                self.known_reward(&["levels", &index.to_string(), "entry"], level.entry(), check);
            }
            some_time(check, "term", tier.term());
            return;
        }
        let meter = match tier.meter() {
            "" => {
                at(check, &["meter"], "missing", "required; add it, or entitlement for what is bought");
                None
            }
            id => self.meter("meter", id, check),
        };
        check.within("levels", |check| {
            let mins: Vec<i64> = tier.levels().iter().map(|level| level.min()).collect();
            if mins.first() != Some(&0) {
                check.fail("levels", "the first level begins at 0: everyone starts there");
            }
            if mins.iter().zip(mins.iter().skip(1)).any(|(low, high)| low >= high) {
                check.fail("levels", "levels overlap; give each a higher min than the one before");
            }
            for (index, level) in tier.levels().iter().enumerate() {
                check.within(&index.to_string(), |check| {
                    if tier.levels().iter().take(index).any(|other| other.id() == level.id()) {
                        at(check, &["id"], "duplicate", "another level has this id; choose another");
                    }
                    reachable(&["min"], level.min(), meter, check);
                    self.known_reward(&["entry"], level.entry(), check);
                });
            }
        });
        let Rate(numerator, denominator) = tier.keep();
        if numerator > denominator {
            at(check, &["keep"], "range", "a level that was reached would not be kept; choose a share of at most 1");
        }
        let whole = |window: Window| matches!(window, Window::Month | Window::Year);
        let by_period = matches!(tier.until(), Some(Until::EndOfPeriod | Until::EndOfNextPeriod));
        if by_period && meter.is_some_and(|meter| !whole(meter.window())) {
            let message =
                "the meter has no periods; give it the window calendarMonth or calendarYear, or write a duration";
            at(check, &["until"], "unsupported", message);
        }
        let idle: Vec<i64> = tier.idle().iter().map(|idle| idle.after.nominal()).collect();
        if idle.first() == Some(&0) || idle.iter().zip(idle.iter().skip(1)).any(|(short, long)| short >= long) {
            at(check, &["idle"], "range", "write the shortest time first, each longer than the one before");
        }
        if tier.grace().is_some() && tier.demote().terms().is_some_and(|terms| terms.on().is_some()) {
            let message = "a drop that is announced for the first of a month has no grace; leave one out";
            at(check, &["grace"], "unsupported", message);
        }
        if let Some(terms) = tier.demote().terms() {
            check.within("demote", |check| word(check, "needs", terms.needs(), &["exposure"]));
        }
        if let Some(econ) = tier.econ() {
            check.within("econ", |check| {
                for (key, id) in [("margin", econ.margin()), ("rewards", econ.rewards())] {
                    // The names that nobody wrote are told of in a warning.
                    if !econ.0.field(key).is_null() {
                        self.meter(key, id, check);
                    }
                }
                let flags = || tier.levels().iter().flat_map(|level| level.flags().iter());
                for (index, perk) in econ.perks().iter().enumerate() {
                    if !flags().any(|flag| flag == perk) {
                        let message = "no level of this tier has this flag";
                        at(check, &["perks", &index.to_string()], "unknown_reference", message);
                    }
                }
            });
        }
    }

    fn badge(self, badge: Badge, check: &mut Check) {
        let meter = badge.meter().and_then(|id| self.bundle.meters().get(id));
        if badge.meter().is_some() && meter.is_none() {
            return at(check, &["meter"], "unknown_reference", "no meter has this name");
        }
        if meter.is_some_and(|meter| meter.last().is_some()) {
            return at(
                check,
                &["meter"],
                "meter_kind",
                "this meter shows an instant; choose one that counts, or since",
            );
        }
        let since = meter.is_some_and(|meter| meter.since().is_some());
        let mut before = 0;
        check.within("levels", |check| {
            for (index, level) in badge.levels().iter().enumerate() {
                check.within(&index.to_string(), |check| {
                    let value =
                        if since { level.text().and_then(Span::parse).map(Span::nominal) } else { level.integer() };
                    match value {
                        None if since => {
                            check.fail("levels", "the meter tells since when; write a duration such as P1Y")
                        }
                        None => check.fail("levels", "the meter counts; write a whole number"),
                        Some(value) if value <= before => {
                            check.fail("levels", "levels must grow; write a higher one than before, above 0")
                        }
                        Some(value) => {
                            before = value;
                            if !since {
                                reachable(&[], value, meter, check);
                            }
                        }
                    }
                });
            }
        });
        let levels = badge.levels().iter().len().max(1) as i64;
        check.within("flags", |check| {
            for (level, _) in badge.flags().iter() {
                let number = crate::engine::base::text::digits(level);
                if number.is_none_or(|number| !(1..=levels).contains(&number)) {
                    at(
                        check,
                        &[level],
                        "unreachable",
                        format!("the badge has the levels 1 to {levels}; choose one of them"),
                    );
                }
            }
        });
    }

    fn mission(self, mission: Mission, check: &mut Check) {
        // A step may be written in several ways; two that are written alike are one.
        let mut steps: Vec<&Value> = Vec::new();
        for step in mission.0.field("steps").list() {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        match mission.meter() {
            Some(_) if !steps.is_empty() => check.fail("ambiguous", "has steps and a meter; remove one of them"),
            None if steps.is_empty() => check.fail("missing", "has nothing to do; add steps, or meter and atMost"),
            None => (),
            Some(id) => {
                let meter = self.meter("meter", id, check);
                if meter.is_some_and(|meter| !matches!(meter.window(), Window::Month | Window::Year)) {
                    let message = "is judged when the meter's window ends; give it calendarMonth or calendarYear";
                    at(check, &["meter"], "unsupported", message);
                }
                if mission.at_most().is_none() {
                    at(check, &["atMost"], "missing", "required; add it");
                }
            }
        }
        if mission.need().is_some() && mission.times().is_some() {
            at(check, &["times"], "ambiguous", "need counts different steps, times counts all; remove one of them");
        }
        for (key, number) in [("need", mission.need()), ("times", mission.times())] {
            positive(check, key, number.unwrap_or(1));
        }
        if mission.meter().is_none() && mission.need().is_some_and(|need| need > steps.len() as i64) {
            at(check, &["need"], "unreachable", format!("there are only {} different steps", steps.len()));
        }
        some_time(check, "in", mission.within());
        if matches!(mission.repeat(), Some(Per::Event | Per::Life)) {
            at(check, &["repeat"], "unsupported", "choose one of day week calendarMonth calendarYear, or a duration");
        }
        undoings(mission.undo().0, mission.once().is_some(), check);
        self.caps(mission.cap().0, check);
        self.prize("reward", mission.reward(), check);
    }

    fn streak(self, streak: Streak, check: &mut Check) {
        if let Some(freeze) = streak.freeze() {
            check.within("freeze", |check| {
                positive(check, "max", freeze.max());
                positive(check, "earnEvery", freeze.earn_every().unwrap_or(1));
                if !(0..=freeze.max()).contains(&freeze.initial()) {
                    at(check, &["initial"], "range", "choose 0 or more, at most max");
                }
            });
        }
        check.within("marks", |check| {
            for (length, prize) in streak.marks().iter() {
                if crate::engine::base::text::digits(length).is_none_or(|length| length == 0) {
                    at(check, &[length], "unreachable", "no streak has this length; write a whole number above 0");
                }
                self.prize(length, Some(prize), check);
            }
        });
    }

    fn collection(self, collection: Collection, check: &mut Check) {
        let items = collection.items();
        check.within("items", |check| {
            if items.is_empty() {
                check.fail("empty", "nothing belongs to it; add an item");
            }
            for (index, item) in items.iter().enumerate() {
                if items.iter().take(index).any(|other| other == item) {
                    at(check, &[&index.to_string()], "duplicate", "is in it already; remove it");
                }
            }
        });
        self.prize("reward", collection.reward(), check);
    }

    fn referral(self, referral: Referral, check: &mut Check) {
        if referral.stages().is_empty() && referral.pays().is_none() {
            check.fail("missing", "nothing pays; add stages or pays");
        }
        check.within("give", |check| {
            self.prize("referrer", referral.give().referrer(), check);
            self.prize("friend", referral.give().friend(), check);
        });
        if let Some(cap) = referral.cap() {
            check.within("cap", |check| positive(check, "n", cap.n()));
        }
        check.within("deny", |check| {
            for (index, reason) in referral.deny().iter().enumerate() {
                word(check, &index.to_string(), Some(reason), &["self", "existing", "claimed", "loop"]);
            }
        });
    }

    fn reward(self, reward: Reward, check: &mut Check) {
        check.within("cost", |check| {
            for (currency, amount) in reward.cost().iter() {
                check.within(currency, |check| {
                    if !self.known_currency(currency, check) {
                    } else if self.program.currencies().get(currency).is_some_and(|currency| !currency.spendable()) {
                        check.fail("unreachable", "this currency cannot be used; choose one that can");
                    } else if amount <= 0 {
                        check.fail("range", "choose a number above 0");
                    }
                });
            }
        });
        for (key, amount) in [("value", reward.value()), ("minOrder", reward.min_order())] {
            if amount.is_some_and(|amount| amount < 0) {
                at(check, &[key], "range", "choose 0 or more");
            }
        }
        some_time(check, "ttl", reward.ttl());
        self.purpose("needs", reward.0.field("needs").text(), check);
        self.window(reward, check);
        if reward.gate().is_some_and(|gate| !self.opens(gate)) {
            let message = "no level and no badge opens it; write flag.NAME of one of them, or tier.TIER.LEVEL";
            at(check, &["gate"], "unreachable", message);
        }
        check.within("byTier", |check| {
            for (level, other) in reward.by_tier().iter() {
                let levels = || self.program.tiers().iter().flat_map(|(_, tier)| tier.levels().iter());
                if !levels().any(|known| known.id() == level) {
                    at(check, &[level], "unknown_reference", "no tier has a level of this id");
                }
                self.known_reward(&[level], Some(other), check);
                if self.returns(reward.id(), other) {
                    at(check, &[level], "cycle", "leads back to this reward; give another one");
                }
            }
        });
    }

    /// `["-P3D", "P7D"]` around a birthday, the earlier end first.
    fn window(self, reward: Reward, check: &mut Check) {
        let bounds: Vec<&str> = reward.window().iter().collect();
        if bounds.is_empty() {
            return;
        }
        if !matches!(reward.when(), Some(Occasion::Birthday)) {
            return at(check, &["window"], "unsupported", "lies around a birthday; add \"when\": \"birthday\"");
        }
        let days = |text: &str| Shift::parse(text).map(Shift::nominal);
        match bounds.as_slice() {
            [from, to] => match (days(from), days(to)) {
                (Some(from), Some(to)) if from <= to => (),
                (Some(_), Some(_)) => {
                    at(check, &["window"], "window", "ends before it begins; write the earlier end first")
                }
                _ => at(
                    check,
                    &["window"],
                    "window",
                    "write two durations, a - before those before it: [\"-P3D\", \"P7D\"]",
                ),
            },
            _ => {
                at(check, &["window"], "window", "write two durations, a - before those before it: [\"-P3D\", \"P7D\"]")
            }
        }
    }

    /// Whether any level or badge opens a gate.
    fn opens(self, gate: &str) -> bool {
        let mut parts = gate.splitn(3, '.');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("flag"), Some(flag), None) => self.flags().any(|known| known == flag),
            (Some("tier"), Some(tier), Some(level)) => self.program.tiers().get(tier).is_some_and(|tier| {
                tier.entitlement() == Some(level) || tier.levels().iter().any(|known| known.id() == level)
            }),
            _ => false,
        }
    }

    fn flags(self) -> impl Iterator<Item = &'a str> {
        let levels = self.program.tiers().iter().flat_map(|(_, tier)| tier.levels().iter());
        let badges = self.program.badges().iter().flat_map(|badge| badge.flags().iter());
        levels.flat_map(|level| level.flags().iter()).chain(badges.flat_map(|(_, flags)| flags.iter()))
    }

    /// Whether a reward that stands for others by level leads to this one.
    fn returns(self, goal: &str, from: &str) -> bool {
        let (mut seen, mut open) = (Vec::new(), vec![from]);
        while let Some(id) = open.pop() {
            if id == goal {
                return true;
            }
            if !seen.contains(&id) {
                seen.push(id);
                let reward = self.program.rewards().iter().find(|reward| reward.id() == id);
                open.extend(reward.into_iter().flat_map(|reward| reward.by_tier().iter().map(|(_, other)| other)));
            }
        }
        false
    }

    fn board(self, board: Board, check: &mut Check) {
        self.meter("meter", board.meter(), check);
        word(check, "scope", Some(board.scope()), &["friends", "all"]);
        positive(check, "top", board.top().unwrap_or(1));
        if matches!(board.freeze(), Some(Per::Event | Per::Life | Per::Trailing(_))) {
            at(check, &["freeze"], "unsupported", "choose one of day week calendarMonth calendarYear");
        }
    }
}

/// What is legal in a program but rarely meant. `place` is its place in the list.
pub fn doubts(bundle: Bundle, place: usize, check: &mut Check) {
    let Some(program) = bundle.programs().get(place) else { return };
    for other in bundle.programs().iter().take(place).filter(|other| other.program() == program.program()) {
        if other.from() == program.from() {
            let message = "another version begins on this day; the one with the higher version judges, the other never";
            at(check, &["from"], "same_day", message);
        } else if (other.from() < program.from()) != (other.version() < program.version()) {
            at(check, &["version"], "version_order", "a later program has no higher version; let it grow with from");
        }
    }
    check.within("profile", |check| some_time(check, "cycle", program.profile().cycle()));
    for (id, currency) in program.currencies().iter() {
        if currency.spendable() && currency.expiry().is_none() {
            let message = "can be used for ever, and is owed for ever; add expiry, e.g. {\"after\": \"P1Y\"}";
            at(check, &["currencies", id], "no_expiry", message);
        }
    }
    for (index, rule) in program.rules().iter().enumerate() {
        check.within("rules", |check| check.within(&index.to_string(), |check| slack(rule.cap().0, check)));
    }
    for (id, tier) in program.tiers().iter() {
        check.within("tiers", |check| check.within(id, |check| tier_doubts(bundle, id, tier, check)));
    }
    let hidden = |id: &str| program.badges().iter().any(|badge| badge.id() == id && badge.hidden());
    for (index, mission) in program.missions().iter().enumerate() {
        check.within("missions", |check| check.within(&index.to_string(), |check| slack(mission.cap().0, check)));
        let alone = |prize: Prize| prize.points().next().is_none() && prize.reward().is_none();
        if mission.reward().is_some_and(|prize| alone(prize) && prize.badge().is_some_and(hidden)) {
            let message = "the badge it gives is hidden: nobody knows what the mission is for; show the badge";
            at(check, &["missions", &index.to_string(), "reward"], "hidden_reward", message);
        }
    }
    let given = Given::of(program);
    for (index, badge) in program.badges().iter().enumerate() {
        if badge.meter().is_none() && !given.badges.contains(&badge.id()) {
            let message =
                "no meter counts for it and nothing gives it; add meter, or name it in a mission's or rule's reward";
            at(check, &["badges", &index.to_string()], "never_given", message);
        }
    }
    for (index, reward) in program.rewards().iter().enumerate() {
        let had = !reward.cost().is_empty() || reward.when().is_some() || reward.gate().is_some();
        if !had && !given.rewards.contains(&reward.id()) {
            let message = "costs nothing and nothing gives it; add cost, or name it where something is given";
            at(check, &["rewards", &index.to_string()], "never_given", message);
        }
    }
    for (name, _) in program.hooks().iter() {
        let emitted = program.rules().iter().any(|rule| rule.emit() == Some(name));
        if !emitted && !["rank", "summary", "segment"].contains(&name) {
            at(
                check,
                &["hooks", name],
                "unknown_hook",
                "nothing tells the host of this; choose rank, summary or segment",
            );
        }
    }
}

/// Badges and rewards that something in a program gives.
#[derive(Default)]
struct Given<'a> {
    badges: Vec<&'a str>,
    rewards: Vec<&'a str>,
}

impl<'a> Given<'a> {
    fn of(program: Program<'a>) -> Self {
        let give = program.referral().map(Referral::give);
        let mut prizes: Vec<Prize<'a>> = Vec::new();
        prizes.extend(program.rules().iter().filter_map(Rule::reward));
        prizes.extend(program.missions().iter().filter_map(Mission::reward));
        prizes.extend(program.collections().iter().filter_map(Collection::reward));
        prizes.extend(program.streaks().iter().flat_map(|streak| streak.marks().iter().map(|(_, prize)| prize)));
        prizes.extend(give.into_iter().flat_map(|give| [give.referrer(), give.friend()]).flatten());
        let mut given = Given::default();
        given.badges.extend(prizes.iter().filter_map(|prize| prize.badge()));
        given.rewards.extend(prizes.iter().filter_map(|prize| prize.reward()));
        given.rewards.extend(program.rules().iter().filter_map(|rule| rule.choice()?.now().reward()));
        let levels = program.tiers().iter().flat_map(|(_, tier)| tier.levels().iter());
        given.rewards.extend(levels.filter_map(|level| level.entry()));
        given
            .rewards
            .extend(program.rewards().iter().flat_map(|reward| reward.by_tier().iter().map(|(_, other)| other)));
        given
    }
}

/// A limit over a longer time that is lower than one over a shorter time: that one never binds.
fn slack(caps: &Value, check: &mut Check) {
    let length = |cap: &Value| match Per::of(cap.field("per")) {
        Per::Event => 0,
        Per::Day => DAY,
        Per::Week => 7 * DAY,
        Per::Month => 30 * DAY,
        Per::Year => 365 * DAY,
        Per::Trailing(span) => span.nominal(),
        Per::Life => i64::MAX,
    };
    for (index, cap) in caps.list().iter().enumerate() {
        for other in caps.list() {
            for (key, limit) in cap.members() {
                let (limit, bound) = (limit.integer(), other.field(key).integer());
                if length(cap) < length(other) && limit.is_some() && bound.is_some() && limit >= bound {
                    let message =
                        "never binds: the limit over the longer time is no higher; lower this one or remove it";
                    at(check, &["cap", &index.to_string(), key], "slack_cap", message);
                }
            }
        }
    }
}

fn tier_doubts(bundle: Bundle, id: &str, tier: Tier, check: &mut Check) {
    let exposed = tier.demote().terms().is_some_and(|terms| terms.needs().is_some());
    if exposed
        && !bundle.campaigns().iter().any(|campaign| announcements(id).iter().any(|path| campaign.asks(path, bundle)))
    {
        let message = format!(
            "nobody ever drops: no campaign's audience reads loyalty.tiers.{id}.notice; add one, or leave needs out"
        );
        at(check, &["demote", "needs"], "never_told", message);
    }
    let whole = tier.keep();
    let windowed =
        bundle.meters().get(tier.meter()).is_some_and(|meter| matches!(meter.window(), Window::Month | Window::Year));
    if whole.0 != whole.1 && tier.until().is_none() && !windowed {
        let message = "nothing says when keep is judged; add until, or give the meter a calendar window";
        at(check, &["keep"], "no_until", message);
    }
    if let Some(econ) = tier.econ() {
        for (key, id) in [("margin", econ.margin()), ("rewards", econ.rewards())] {
            if bundle.meters().get(id).is_none() {
                let message = format!("no meter is called {id}: it counts as 0; add one, or name another here");
                at(check, &["econ", key], "no_meter", message);
            }
        }
    }
}

/// A level that the meter never comes to.
fn reachable(path: &[&str], value: i64, meter: Option<Meter>, check: &mut Check) {
    if meter.is_some_and(|meter| meter.distinct().is_some()) && value > DIFFERENT as i64 {
        at(check, path, "unreachable", format!("a distinct meter counts to {DIFFERENT}; choose less"));
    }
}
