//! One member's account as a person reads it: what there is, what waits, what happened, in Korean or English.

use super::base::document::Part;
use super::base::money::{self, grouped};
use super::base::time::{MINUTE, Time};
use super::base::value::{Map, Value};
use super::fold::Fold;
use super::loyalty::Program;
use super::loyalty::ledger::{self, Account, Lot};
use super::loyalty::reward::{Fate, Item};
use super::loyalty::tier::Tier;
use super::message::josa;
use super::words::Speaker;
use std::collections::BTreeMap;

/// The account of the shopper, as of the speaker's moment. Dates are the house's.
pub struct Statement {
    /// Whose account, of which program, as of when, and where they stand: titles and texts.
    pub header: Vec<(String, String)>,
    /// Points, by currency.
    pub currencies: Vec<Points>,
    /// Rewards that were given, oldest first.
    pub rewards: Vec<Entry>,
}

/// The points of one currency.
pub struct Points {
    /// What there is.
    pub title: String,
    /// What waits, what goes, what is owed.
    pub notes: Vec<String>,
    /// What happened, oldest first.
    pub entries: Vec<Entry>,
}

/// Something that happened to points or rewards.
pub struct Entry {
    /// The day.
    pub date: String,
    /// What happened.
    pub text: String,
    /// By how much the points that can be used changed; in brackets what waits.
    pub change: String,
    /// The points that can be used, after it.
    pub balance: String,
    /// `messageId` of the event that it followed from.
    pub event: Option<String>,
}

impl Statement {
    /// The account of this shopper.
    pub fn of(fold: &Fold, speaker: Speaker) -> Self {
        let program = speaker.world.program(speaker.now);
        let teller = Teller { fold, speaker, program: program.unwrap_or(Program::of(&Value::Null)) };
        let ids: Vec<&str> = teller.program.currencies().iter().map(|(id, _)| id).collect();
        let past = fold.loyalty.accounts.iter().map(|(id, _)| id).filter(|id| !ids.contains(id));
        Statement {
            header: teller.header(),
            currencies: ids.iter().copied().chain(past).map(|id| teller.currency(id)).collect(),
            rewards: fold.loyalty.wallet.items.iter().map(|item| teller.reward(item)).collect(),
        }
    }

    /// `{header: [[title, text]], currencies: [{title, notes, entries}], rewards: [{date, text, change, balance, event}]}`.
    pub fn value(&self) -> Value {
        let texts = |texts: &[String]| Value::from(texts.iter().map(|text| text.as_str().into()).collect::<Vec<_>>());
        let entries = |entries: &[Entry]| Value::from(entries.iter().map(Entry::value).collect::<Vec<_>>());
        let header = self.header.iter().map(|(title, text)| texts(&[title.clone(), text.clone()]));
        let currency = |points: &Points| {
            let Points { title, notes, entries: happened } = points;
            let members = [("title", title.as_str().into()), ("notes", texts(notes)), ("entries", entries(happened))];
            Value::from(Map::of(members))
        };
        Map::of([
            ("header", header.collect::<Vec<_>>().into()),
            ("currencies", self.currencies.iter().map(currency).collect::<Vec<_>>().into()),
            ("rewards", entries(&self.rewards)),
        ])
        .into()
    }
}

impl Entry {
    fn value(&self) -> Value {
        let Entry { date, text, change, balance, event } = self;
        let members = [("date", date), ("text", text), ("change", change), ("balance", balance)];
        Map::of(members.map(|(key, text)| (key, text.as_str().into()))).with("event", event.as_deref()).into()
    }
}

struct Teller<'a> {
    fold: &'a Fold,
    speaker: Speaker<'a>,
    program: Program<'a>,
}

impl Teller<'_> {
    fn say(&self, ko: &str, en: &str) -> String {
        self.speaker.either(ko, en)
    }

    fn header(&self) -> Vec<(String, String)> {
        let Teller { fold, speaker, program } = self;
        let house = speaker.world.bundle.house();
        let traits = &fold.profile.traits;
        let name = ["name", "firstName", "first_name"].into_iter().find_map(|key| traits.get(key)?.text());
        let user = fold.profile.user.as_deref();
        let id = user.or(fold.profile.anonymous.first().map(String::as_str)).unwrap_or_default();
        let who = name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"));
        let guest = if user.is_none() { self.say(" · 로그인 전", " · not signed in") } else { String::new() };
        let version = self.say(&format!("{}판", program.version()), &format!("version {}", program.version()));
        let mut rows = vec![
            (self.say("프로그램", "Program"), format!("{} · {version}", program.program())),
            (self.say("회원", "Member"), who + &guest),
            (self.say("기준", "As of"), format!("{} ({})", self.stamp(speaker.now), house.zone())),
        ];
        let progress = fold.progress(speaker.now, speaker.world);
        for (id, tier) in program.tiers().iter() {
            let label = tier.label().map(|label| speaker.print(label, &Value::Null));
            let title = label.unwrap_or_else(|| if id == "main" { self.say("등급", "Tier") } else { id.to_string() });
            rows.push((title, self.standing(progress.at("tiers").field(id), tier)));
        }
        rows
    }

    fn standing(&self, tier: &Value, rules: Tier) -> String {
        let speaker = self.speaker;
        let name = |id: &Value| {
            let level = rules.levels().iter().find(|level| Some(level.id()) == id.text());
            let label = level.and_then(|level| level.label()).map(|label| speaker.print(label, &Value::Null));
            label.or_else(|| id.text().map(str::to_string)).unwrap_or_else(|| String::from("–"))
        };
        let mut text = name(tier.at("level"));
        let day = |key: &str| tier.field(key).text().and_then(Time::parse).map(|(at, _)| self.date(at));
        if let Some(since) = day("since") {
            text += &self.say(&format!(" ({since}부터)"), &format!(" (since {since})"));
        }
        if let Some(until) = day("graceUntil") {
            text += &self.say(&format!(" · {until}까지 채우면 유지"), &format!(" · to be made up by {until}"));
        }
        if let (Some(_), Some(remaining)) = (tier.at("next").text(), tier.at("remaining").integer()) {
            let next = name(tier.at("next"));
            let sum = speaker.world.bundle.0.field("meters").field(rules.meter()).field("sum");
            let money = sum.text().is_some_and(|sum| sum.ends_with(".value"));
            let amount = if money { self.money(remaining) } else { grouped(remaining) };
            text += &self.say(&format!(" · {next}까지 {amount}"), &format!(" · {amount} to {next}"));
        }
        text
    }

    fn currency(&self, id: &str) -> Points {
        let speaker = self.speaker;
        let none = Account::default();
        let account = self.fold.loyalty.accounts.get(id).unwrap_or(&none);
        let label = self.program.currencies().get(id).and_then(|currency| currency.label());
        let name = label.map_or_else(|| self.say("포인트", "Points"), |label| speaker.print(label, &Value::Null));
        let alone = label.is_some() || self.program.currencies().iter().count() == 1;
        let id_too = if alone { String::new() } else { format!(" ({id})") };
        let lots = |active: bool| account.lots.iter().filter(move |lot| lot.active == active && lot.left > 0);
        let sum = |active: bool| lots(active).map(|lot| lot.left).sum::<i64>();
        let sure = match super::loyalty::checkpoint::status(&self.fold.loyalty, id) {
            "confirmed" => self.say("서버 확인", "confirmed by the server"),
            _ => self.say("서버 확인 전", "not yet confirmed by the server"),
        };
        let usable = self.points(sum(true));
        let topic = josa::particle(&name, "은/는");
        let title = match speaker.korean() {
            true => format!("{name}{id_too}{topic} {usable} 쓸 수 있어요 ({sure})"),
            false => format!("{name}{id_too}: {usable} can be used ({sure})"),
        };
        let mut notes = Vec::new();
        // What waits and what goes, by date.
        let mut waiting: BTreeMap<(bool, Option<Time>), i64> = BTreeMap::new();
        for lot in lots(false) {
            *waiting.entry((lot.active_at.is_none(), lot.active_at)).or_default() += lot.left;
        }
        for ((_, at), amount) in waiting {
            let (amount, date) = (self.points(amount), at.map(|at| self.date(at)));
            notes.push(match (date, speaker.korean()) {
                (Some(date), true) => format!("{date}부터 {amount} 더 쓸 수 있어요"),
                (Some(date), false) => format!("{amount} more from {date}"),
                (None, true) => format!("{amount}{} 아직 기다려요", josa::particle(&amount, "이/가")),
                (None, false) => format!("{amount} still waiting"),
            });
        }
        if let Some(at) = lots(true).filter_map(|lot| lot.expires_at).min() {
            let going: i64 = lots(true).filter(|lot| lot.expires_at == Some(at)).map(|lot| lot.left).sum();
            // Gone at the first instant of the day after.
            let (amount, date) = (self.points(going), self.date(at.plus(-1)));
            let subject = josa::particle(&amount, "이/가");
            notes.push(self.say(
                &format!("{date}까지 쓰지 않으면 {amount}{subject} 사라져요"),
                &format!("{amount} expire after {date}"),
            ));
        }
        if account.debt > 0 {
            let amount = self.points(account.debt);
            notes.push(self.say(
                &format!("돌려받을 {amount}{} 다음 적립에서 빠져요", josa::particle(&amount, "은/는")),
                &format!("{amount} owed, taken from what is earned next"),
            ));
        }
        Points { title, notes, entries: self.entries(id, &account.lots) }
    }

    /// The ledger in words, with the usable balance after each line.
    fn entries(&self, currency: &str, kept: &[Lot]) -> Vec<Entry> {
        let orders: BTreeMap<i64, &str> = kept.iter().filter_map(|lot| Some((lot.id, lot.order.as_deref()?))).collect();
        let lines = ledger::lines(&self.fold.loyalty.entries);
        let lines: Vec<&Value> =
            lines.iter().filter(|line| [Some(currency), None].contains(&line.at("currency").text())).collect();
        let (mut usable, mut balance): (BTreeMap<i64, bool>, i64) = Default::default();
        let mut entries = Vec::new();
        let mut index = 0;
        // What earned each lot: lines about what became of it name that again.
        let mut sources: BTreeMap<i64, &str> = BTreeMap::new();
        while let Some(line) = lines.get(index) {
            index += 1;
            let (kind, lot) = (line.at("type").text().unwrap_or_default(), line.at("lot").integer());
            let mut amount = line.at("amount").integer().unwrap_or(0);
            let mut rule = line.at("rule").text();
            if let (Some(lot), "earn", Some(rule)) = (lot, kind, rule) {
                sources.insert(lot, rule);
            }
            let whole = matches!(kind, "spend" | "restore");
            if whole {
                // One use of several lots is one line.
                while let Some(more) = lines
                    .get(index)
                    .filter(|more| more.at("type") == line.at("type") && more.at("event") == line.at("event"))
                {
                    amount += more.at("amount").integer().unwrap_or(0);
                    index += 1;
                }
                rule = rule.filter(|rule| lot.and_then(|lot| sources.get(&lot)) != Some(rule));
            }
            let active = lot.is_some_and(|lot| usable.get(&lot) == Some(&true));
            // Usable at once: one line says both.
            let next = lines.get(index).filter(|next| {
                let same = |key: &str| next.at(key) == line.at(key);
                kind == "earn"
                    && next.at("type").text() == Some("activate")
                    && same("lot")
                    && same("at")
                    && lot.is_some()
            });
            index += usize::from(next.is_some());
            let change = match kind {
                "earn" if next.is_some() || active || lot.is_none() => amount,
                "activate" | "restore" => amount,
                "spend" | "settle" => -amount,
                "reverse" | "expire" if active => -amount,
                _ => 0,
            };
            if let Some(lot) = lot.filter(|_| next.is_some() || matches!(kind, "activate" | "restore")) {
                usable.insert(lot, true);
            }
            balance += change;
            let waits = matches!(kind, "earn" | "reverse" | "expire") && change == 0 && amount != 0;
            let shown = match change {
                0 if waits => format!("({}{})", if kind == "earn" { "+" } else { "-" }, grouped(amount)),
                0 => String::new(),
                change if change > 0 => format!("+{}", grouped(change)),
                change => grouped(change),
            };
            let order = lot.filter(|_| !whole).and_then(|lot| orders.get(&lot)).copied();
            let date = line.at("at").text().and_then(Time::parse).map(|(at, _)| self.date(at)).unwrap_or_default();
            let text = self.words(line, rule, order, waits);
            let event = line.at("event").text().map(str::to_string);
            entries.push(Entry { date, text, change: shown, balance: grouped(balance), event });
        }
        entries
    }

    /// What became of a reward that was given.
    fn reward(&self, item: &Item) -> Entry {
        let order = item.source.split_once('=').map(|(_, order)| order);
        let gone = order.and_then(|order| self.fold.orders.get(order)).is_some_and(|order| order.left <= 0);
        let what = match (item.fate, item.expires_at) {
            // What was used cannot be taken back: the shop keeps as much of the refund.
            (Fate::Used, _) if gone => {
                let worth = self.money(item.value.unwrap_or(0));
                let subject = josa::particle(&worth, "이/가");
                self.say(
                    &format!("써서, 환불 금액에서 {worth}{subject} 빠져요"),
                    &format!("used, so {worth} come off the refund"),
                )
            }
            (Fate::Used, _) => self.say("썼어요", "used"),
            (Fate::Expired, _) => self.say("기간이 지나 사라졌어요", "expired"),
            (Fate::Revoked, _) if gone => self.say("주문을 환불해서 사라졌어요", "gone with the refund of the order"),
            (Fate::Revoked, _) => self.say("거두어들였어요", "taken back"),
            // Gone at the first instant of the day after.
            (Fate::Granted, Some(at)) => {
                let date = self.date(at.plus(-1));
                self.say(&format!("{date}까지 쓸 수 있어요"), &format!("can be used until {date}"))
            }
            (Fate::Granted, None) => self.say("쓸 수 있어요", "can be used"),
        };
        let value = item.value.map(|value| self.money(value));
        let parts = [self.label(&item.reward), value, order.map(|order| self.order(order)), Some(what)];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Entry { date: self.date(item.at), text, change: String::new(), balance: String::new(), event: None }
    }

    /// What a reward is called.
    fn label(&self, id: &str) -> Option<String> {
        let reward = self.program.rewards().iter().find(|reward| reward.id() == id)?;
        Some(reward.label().map_or_else(|| id.to_string(), |label| self.speaker.print(label, &Value::Null)))
    }

    /// What a line of the ledger says.
    fn words(&self, line: &Value, rule: Option<&str>, order: Option<&str>, waits: bool) -> String {
        let reason = line.at("reason").text();
        let what = match (line.at("type").text().unwrap_or_default(), waits) {
            ("earn", true) => self.say("적립 예정", "Earned, waiting"),
            ("earn", false) => self.say("적립", "Earned"),
            ("activate", _) => self.say("이제 쓸 수 있음", "Now usable"),
            ("spend", _) => self.say("사용", "Used"),
            ("expire", _) => self.say("기간이 지나 사라짐", "Expired"),
            ("reverse", true) => self.say("적립 예정 취소", "Waiting points taken back"),
            ("reverse", false) => self.say("적립 취소", "Taken back"),
            ("writeOff", _) => self.say("돌려받지 않기로 함", "Written off"),
            ("debt", _) => self.say("돌려받을 포인트", "Owed"),
            ("settle", _) => self.say("돌려받을 포인트 정산", "Paid what was owed"),
            ("restore", _) => self.say("사용 취소", "Given back"),
            _ if rule == Some("checkpoint") => self.say("서버 확인을 받아들이지 않음", "The server's word was refused"),
            _ => self.say("적립되지 않음", "Not earned"),
        };
        let label = rule.and_then(|rule| self.label(rule));
        let rule = label.or(rule.filter(|rule| *rule != "checkpoint").map(str::to_string));
        let order = order.map(|order| self.order(order));
        let parts = [Some(what), rule, order, reason.map(|reason| self.reason(reason))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn reason(&self, reason: &str) -> String {
        let (ko, en) = match reason {
            "checkpoint" => ("서버 기록에 맞춤", "as the server has it"),
            "checkpoint:late" => ("뒤늦게 온 서버 기록에 맞춤", "as the server had it, which came late"),
            "when" => ("조건에 맞지 않음", "its condition did not hold"),
            "consent" => ("동의하지 않음", "no consent"),
            "minor" => ("나이 제한", "under age"),
            "once" => ("한 번만 적립", "earned once before"),
            "late" => ("너무 늦게 도착", "came too late"),
            "ahead" => ("아직 오지 않은 시각", "from the future"),
            "cap" => ("한도를 채움", "the cap was reached"),
            "budget" => ("발행 한도를 채움", "the budget was used up"),
            "amount" => ("1보다 적음", "less than one"),
            "currency" => ("다른 통화", "another currency"),
            "link" => ("회원 정보와 다름", "not this member's"),
            "enrol" => ("가입 전", "before joining"),
            "insufficient" => ("잔액 부족", "not enough points"),
            "minSpend" => ("최소 보유량에 못 미침", "below the least balance"),
            "notSpendable" => ("쓸 수 없는 포인트", "cannot be used"),
            "unknown" => ("알 수 없음", "unknown"),
            "gate" => ("등급이나 배지가 필요", "needs a level or badge"),
            "per" => ("횟수를 채움", "had often enough"),
            "stock" => ("품절", "out of stock"),
            "expired" => ("기간이 지남", "expired"),
            "sequence" => ("더 새로운 서버 기록이 있음", "a newer one is here"),
            "user" => ("다른 회원의 기록", "another member's"),
            "signature" => ("서명이 맞지 않음", "the signature is wrong"),
            "key" => ("모르는 열쇠", "an unknown key"),
            "payload" => ("읽을 수 없음", "unreadable"),
            "unverified" => ("열쇠 없이 확인하지 못함", "no key to verify it"),
            other => (other, other),
        };
        self.say(ko, en)
    }

    fn order(&self, id: &str) -> String {
        self.say(&format!("주문 {id}"), &format!("order {id}"))
    }

    fn money(&self, amount: i64) -> String {
        money::text(amount, self.speaker.world.bundle.house().currency(), self.speaker.lang, false)
    }

    fn points(&self, amount: i64) -> String {
        let number = grouped(amount);
        if self.speaker.korean() { number + "점" } else { number }
    }

    /// `2026-05-12` in the house's zone.
    fn date(&self, at: Time) -> String {
        self.speaker.day(at).text()
    }

    fn stamp(&self, at: Time) -> String {
        let local = self.speaker.world.zones.local(self.speaker.world.bundle.house().zone(), at);
        let minutes = local.clock / MINUTE;
        format!("{} {:02}:{:02}", local.day.text(), minutes / 60, minutes % 60)
    }
}
