//! One synthetic shopper before the live engine: visits, pages, orders, what is done with messages; and meanwhile what the shop's
//! own systems report.

use super::chance::Chance;
use super::rates::{Share, bands};
use super::shop::{Product, Shop, weights};
use super::tally::Tally;
use super::witness::{Sight, Witness};
use crate::engine::base::document::{Part, tag};
use crate::engine::base::text::{decimal, join};
use crate::engine::base::time::{DAY, Day, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::campaign::verdict::Stage;
use crate::engine::campaign::{ANSWER, EXPOSURE, INTERRUPTIVE};
use crate::engine::effect::Effect;
use crate::engine::input::{Input, Row};
use crate::engine::message::survey::{Kind, Survey};
use crate::engine::profile::{Grant, PURPOSES};
use crate::engine::signal::DECLARE;
use crate::engine::{Decision, Engine, Options};
use std::collections::VecDeque;

/// How long a page is looked at, and how long it takes to see and to answer a message.
const PAGE: i64 = 30_000;
const SEES: i64 = 2_000;
const ANSWERS: i64 = 6_000;

/// Messages that follow one another on one page.
const MESSAGES: usize = 8;

/// Answers to one survey: a way through it may go round.
const QUESTIONS: usize = 50;

/// Orders of one past: who orders every day for years is a mistake in the rates.
const ORDERS: u32 = 1_000;

/// What the shop's own systems report of a shopper.
struct Report {
    at: Time,
    kind: &'static str,
    event: &'static str,
    properties: Map,
}

/// One answer to a message.
struct Told {
    action: &'static str,
    /// The name under which it is kept.
    question: Option<String>,
    value: Value,
    /// The message stays open, for more.
    partial: bool,
}

impl Told {
    fn new(action: &'static str, value: Value) -> Told {
        Told { action, question: None, value, partial: false }
    }

    /// An answer to a question.
    fn to(question: Option<&str>, value: &Value) -> Told {
        let action = if value.integer().is_some() { "score" } else { "choice" };
        Told { question: question.map(str::to_string), ..Told::new(action, value.clone()) }
    }
}

/// One shopper.
pub struct Tab<'a> {
    shop: &'a Shop<'a>,
    tally: &'a mut Tally,
    see: &'a mut dyn FnMut(&Value),
    engine: Engine,
    witness: Witness,
    chance: Chance,
    id: String,
    /// Whether it is known who it is.
    member: bool,
    agreed: Vec<(&'a str, bool)>,
    /// Mean days between two visits.
    gap: f64,
    /// The chance with which an order is the last thing this shopper ever does.
    leaves: f64,
    gone: bool,
    visits: u32,
    orders: u32,
    answers: u32,
    pages: u32,
    written: i64,
    clock: Time,
    rows: Vec<Row>,
    /// What will be reported, the earliest first.
    reports: VecDeque<Report>,
    /// The interruptive message on screen.
    screen: Option<Decision>,
    /// Whether something happened since it was asked when time alone will next change something, and when that is.
    moved: bool,
    due: Option<Time>,
}

impl<'a> Tab<'a> {
    /// The shopper at a place of a run lives all its days; the engine is given back.
    pub fn live(
        shop: &'a Shop<'a>,
        place: usize,
        engine: Engine,
        tally: &'a mut Tally,
        see: &'a mut dyn FnMut(&Value),
    ) -> Engine {
        let chance = Chance::new(shop.seed, place + 1);
        let id = join(&["s", &decimal(shop.seed, 1), "-", &decimal(place as i64 + 1, 1)]);
        let locale = shop.bundle.house().locales().get(0).unwrap_or("ko").to_string();
        let options =
            Options { locale, seed: id.clone(), tab: id.clone(), assumed: Grant::Unknown, schemes: Vec::new() };
        let (visits, leave) = (shop.rates.visits(), shop.rates.leave());
        let shape = visits.shape().0;
        let per_day = chance.gamma("rate", shape) / shape * visits.per_week().0 / 7.0;
        let mut tab = Tab {
            shop,
            tally,
            see,
            engine: engine.another(options),
            witness: Witness::new(shop.bundle.campaigns().iter().len()),
            chance,
            id,
            member: false,
            agreed: agreed(shop, chance),
            gap: 1.0 / per_day.max(1e-6),
            leaves: chance.beta(["stays", "goes"], leave.a().0, leave.b().0),
            gone: false,
            visits: 0,
            orders: 0,
            answers: 0,
            pages: 0,
            written: 0,
            clock: shop.from,
            rows: Vec::new(),
            reports: VecDeque::new(),
            screen: None,
            moved: true,
            due: None,
        };
        let first = tab.begin();
        tab.days(first);
        tab.witness.audit(tab.engine.fold(), shop, tab.tally);
        tab.tally.finish(&tab.witness);
        tab.engine
    }

    /// What was before the first day; when the first visit would be.
    fn begin(&mut self) -> Time {
        let (rates, from) = (self.shop.rates, self.shop.from);
        let before = |days: f64| from.plus(-((days * DAY as f64) as i64));
        if !self.chance.happens("member", 0, rates.members().0) {
            let days = self.shop.ends.len() as f64;
            return before(-days * self.chance.number("comes", 0));
        }
        let joined = before(rates.history().0 * self.chance.number("joined", 0) + 1e-3);
        self.clock = joined;
        self.joins(true);
        let mut at = joined;
        for n in 0..ORDERS {
            let gap = self.chance.wait("past", n, self.gap / rates.order().0.max(1e-9));
            at = at.plus((gap * DAY as f64).min(1e14) as i64);
            if at >= from || self.gone {
                break;
            }
            self.away(at);
            if let Some(used) = self.redeems() {
                self.report(at, "track", "spend_virtual_currency", used);
            }
            let order = self.basket();
            self.report(at, "track", "purchase", order.clone());
            self.ordered(at, order);
        }
        self.away(from);
        self.clock = from;
        from.plus(self.wait())
    }

    /// The days, and what there is at the end of each.
    fn days(&mut self, first: Time) {
        let mut next = first;
        for (day, end) in self.shop.ends.iter().enumerate() {
            while next < *end && !self.gone {
                let zones = &self.engine.setting.zones;
                let at = self.shop.by_the_hour(next, zones).max(self.clock.plus(1000));
                self.away(at);
                self.visit(at.max(self.clock));
                next = next.plus(self.wait());
            }
            self.away(*end);
            self.close(day, end.plus(-1));
        }
    }

    fn wait(&mut self) -> i64 {
        (self.chance.wait("visit", self.visits, self.gap) * DAY as f64).min(1e14) as i64
    }

    /// A day is over: what was due by then happens, and everybody stands somewhere.
    fn close(&mut self, day: usize, at: Time) {
        let Engine { setting, state, .. } = &mut self.engine;
        let world = setting.world();
        if std::mem::take(&mut self.moved) {
            self.due = state.now().next(world);
        }
        if self.due.is_some_and(|due| due <= at) {
            state.lapse(at, world);
            self.due = state.now().next(world);
        }
        let fold = self.engine.fold();
        let mut before = 0;
        for (tier, levels) in self.shop.levels(day) {
            let held = fold.loyalty.tiers.get(tier).map_or("", |standing| standing.level.as_str());
            // The level that everyone begins in.
            let place = if held.is_empty() { Some(0) } else { levels.iter().position(|(_, level)| *level == held) };
            if let Some(place) = place {
                self.tally.stands(day, before + place);
            }
            before += levels.len();
        }
        self.witness.audit(fold, self.shop, self.tally);
    }

    /// What the shop's systems reported up to a moment reaches the profile.
    fn away(&mut self, until: Time) {
        while let Some(report) = self.reports.pop_front_if(|report| report.at < until) {
            // What falls into a visit is heard of after it.
            self.clock = self.clock.max(report.at);
            let row = self.line(report.kind, report.event, report.properties, false);
            self.moved = true;
            self.engine.row(row, &mut Vec::new());
        }
        self.engine.state.vouched();
    }

    fn report(&mut self, at: Time, kind: &'static str, event: &'static str, properties: Map) {
        let place = self.reports.partition_point(|other| other.at <= at);
        self.reports.insert(place, Report { at, kind, event, properties });
    }

    /// Becomes a member, and says what members say.
    fn joins(&mut self, reported: bool) {
        self.member = true;
        let mut said = Map::new();
        if self.chance.happens("birthday", 0, self.shop.rates.birthday().0) {
            let day = 1 + (self.chance.number("birthday", 1) * 365.0) as i32;
            let day = Day::new(2025, 1, day).text();
            said.set("birthday", day.get(5..));
        }
        if self.chance.happens("declare", 0, self.shop.rates.declare().0) {
            for (n, (name, dimension)) in self.shop.bundle.interests().iter().enumerate() {
                let shares = dimension.shares();
                let chosen = self.chance.pick("taste", n as u32, weights(shares.iter()));
                if let Some((category, _)) = chosen.and_then(|place| shares.nth(place)) {
                    said.set(dimension.said().unwrap_or(name), category);
                }
            }
        }
        let traits = Map::of([("name", "고객".into())]);
        let mut lines = vec![("identify", "", traits), ("track", "sign_up", Map::new())];
        if !said.is_empty() {
            lines.push(("track", DECLARE, said));
        }
        if reported {
            lines.insert(0, ("consent", "", self.consent()));
            let at = self.clock;
            lines.into_iter().for_each(|(kind, event, properties)| self.report(at, kind, event, properties));
        } else {
            lines.into_iter().for_each(|(kind, event, properties)| self.writes(kind, event, properties));
        }
    }

    /// What is answered about consent.
    fn consent(&self) -> Map {
        let word = |agreed: bool| if agreed { Grant::Granted } else { Grant::Denied }.word();
        self.agreed.iter().map(|(purpose, agreed)| (*purpose, Value::from(word(*agreed)))).collect()
    }

    fn visit(&mut self, at: Time) {
        let (rates, n) = (self.shop.rates, self.visits);
        self.visits += 1;
        self.clock = at;
        if !self.member {
            if n == 0 {
                self.writes("consent", "", self.consent());
            }
            if self.chance.happens("signUp", n, rates.sign_up().0) {
                self.joins(false);
            }
        }
        for _ in 0..self.chance.count("pages", n, rates.pages().0) {
            let page = self.pages;
            let kinds = rates.kinds();
            let kind = self.chance.pick("page", page, kinds.iter().map(|(_, weight)| *weight));
            let Some((kind, _)) = kind.and_then(|place| kinds.get(place)) else { break };
            self.page(kind, |tab| {
                if *kind == "product" {
                    let viewed = tab.product("view", page).map(|product| tab.items(&[(product, 1)]));
                    let Some(viewed) = viewed else { return };
                    tab.writes("track", "view_item", viewed.clone());
                    if tab.chance.happens("addToCart", page, rates.add_to_cart().0) {
                        tab.writes("track", "add_to_cart", viewed);
                    }
                }
            });
        }
        if self.member && self.chance.happens("order", n, rates.order().0) {
            self.order();
        }
        self.screen = None;
        // All happens in its order.
        self.engine.state.vouched();
    }

    /// A page is shown, and something is done on it.
    fn page(&mut self, kind: &'static str, does: impl FnOnce(&mut Tab<'a>)) {
        self.pages += 1;
        let begun = self.clock;
        self.writes("page", "", Map::of([("kind", kind.into())]));
        does(self);
        self.tell();
        let now = self.clock;
        for slot in self.shop.slots(kind) {
            for silent in self.engine.silent(slot, 1, now) {
                self.decided(silent);
            }
            if let Some(decision) = self.engine.decide(slot, now) {
                self.decided(decision.clone());
                self.answers += 1;
                if self.chance.happens("seen", self.answers, self.shop.rates.seen().0) {
                    self.sees(&decision);
                }
            }
        }
        let mut standing = None;
        for _ in 0..MESSAGES {
            let mut closes = None;
            if let Some(decision) = self.screen.take() {
                self.answers += 1;
                let settled = self.sees(&decision);
                *if settled { &mut closes } else { &mut standing } = Some(decision.id);
            }
            if self.rows.is_empty() {
                break;
            }
            self.tell();
            // As in a page: the answer before the end.
            if let Some(id) = closes {
                let now = self.clock;
                let effects = self.engine.update(Input::Closed(id), now);
                self.heed(effects, now);
            }
        }
        // The page goes, and what stands on it.
        if let Some(id) = self.screen.take().map(|decision| decision.id).or(standing) {
            self.engine.closed(&id);
        }
        self.clock = self.clock.max(begun.plus(PAGE));
    }

    fn decided(&mut self, decision: Decision) {
        let now = self.clock;
        let effects = self.engine.update(Input::Decided(Box::new(decision)), now);
        self.heed(effects, now);
    }

    /// Gives the engine what has happened, and does what it asks for.
    fn tell(&mut self) {
        let now = self.clock;
        let rows = std::mem::take(&mut self.rows);
        self.moved = true;
        let effects = self.engine.update(Input::Rows { rows, unsent: 0 }, now);
        self.heed(effects, now);
    }

    fn heed(&mut self, effects: Vec<Effect>, now: Time) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Claim(key) => effects.extend(self.engine.update(Input::Claimed { key, won: true }, now)),
                Effect::Emit(event, properties) => self.writes("track", event, properties),
                Effect::Show(decision) => self.screen = Some(*decision),
                Effect::Hide => self.screen = None,
                // Nothing is sent, kept or told; and what happens happens in its order, so that nothing is asked for again.
                _ => (),
            }
        }
        let judged = self.engine.judgement.as_ref().map(|judgement| &judgement.kept);
        for (place, met) in self.witness.campaigns.iter_mut().enumerate() {
            met.eligible |= judged.and_then(|kept| kept.stage(place)).is_some_and(|stage| stage >= Stage::Holdout);
        }
    }

    /// A message is seen, and perhaps answered: whether for good.
    fn sees(&mut self, decision: &Decision) -> bool {
        let n = self.answers;
        let place = decision
            .campaign
            .as_deref()
            .and_then(|id| self.shop.bundle.campaigns().iter().position(|campaign| campaign.id() == id));
        let now = self.clock;
        if let Some(place) = place {
            let (fold, world) = (self.engine.fold(), self.engine.world());
            self.witness.sees(Sight { place, slot: &decision.slot, now, fold, world }, self.shop, self.tally);
        }
        self.clock = now.plus(SEES);
        self.writes("track", EXPOSURE, decision.properties());
        let interrupts = decision.slot == INTERRUPTIVE;
        let reaction = self.shop.rates.reaction(interrupts);
        let number = self.chance.number("answer", n);
        let acts = number < reaction.act;
        let told = if acts {
            self.asked(&decision.view)
        } else if number < reaction.act + reaction.dismiss {
            vec![Told::new("dismiss", Value::Null)]
        } else if number < reaction.act + reaction.dismiss + reaction.hide && interrupts {
            vec![Told::new("hide_today", Value::Null)]
        } else {
            Vec::new()
        };
        if let Some(met) = place.filter(|_| acts && !told.is_empty()).and_then(|it| self.witness.campaigns.get_mut(it))
        {
            met.answered += 1;
        }
        let settled = told.last().is_some_and(|last| !last.partial);
        for Told { action, question, value, partial } in told {
            self.clock = self.clock.plus(ANSWERS);
            let mut answer = decision.properties().with("action", action);
            let name = question.as_deref().or(decision.campaign.as_deref());
            if let Some(name) = name.filter(|_| ["choice", "score", "text"].contains(&action)) {
                self.witness.answers(name, value.clone(), self.clock);
            }
            answer.append("question", question.into());
            answer.append("value", value);
            answer.append("partial", if partial { true.into() } else { Value::Null });
            answer.drop_nulls();
            self.writes("track", ANSWER, answer);
        }
        settled
    }

    /// What a message asks for, done: by the first block that asks for anything.
    fn asked(&mut self, view: &Value) -> Vec<Told> {
        view.field("blocks").list().iter().find_map(|block| self.does(block)).unwrap_or_default()
    }

    fn does(&mut self, block: &Value) -> Option<Vec<Told>> {
        Some(match tag(block) {
            ("choice", choice) => {
                let options = choice.field("options").list().iter().map(|option| option.field("value").clone());
                vec![Told::to(choice.field("question").text(), &self.picks(options.collect())?)]
            }
            ("buttons", buttons) => {
                let buttons = buttons.list();
                let button = buttons.get(self.chance.pick("button", self.answers, buttons.iter().map(|_| 1.0))?)?;
                vec![Told::new("click", button.field("value").clone())]
            }
            ("survey", survey) => self.surveyed(Survey::of(survey)),
            ("share", share) => {
                let channel = share.field("channels").list().first()?.clone();
                vec![Told { partial: true, ..Told::new("click", channel) }]
            }
            _ => return None,
        })
    }

    /// A survey, question by question, to the end of a way through it.
    fn surveyed(&mut self, survey: Survey) -> Vec<Told> {
        let mut told = Vec::new();
        let mut place = Some(0);
        while let Some(question) = place.filter(|_| told.len() < QUESTIONS).and_then(|at| survey.questions().get(at)) {
            // Each question has its own draw.
            self.answers += 1;
            let value = match question.kind() {
                Kind::Text => Some("잘 받았어요.".into()),
                _ => self.picks(question.values()),
            };
            let Some(value) = value else { break };
            let one = Told::to(Some(question.id()), &value);
            place = place.and_then(|at| survey.after(at, &value));
            let action = if question.kind() == Kind::Text { "text" } else { one.action };
            told.push(Told { action, partial: place.is_some(), ..one });
        }
        told
    }

    /// What is chosen of some values.
    fn picks(&self, values: Vec<Value>) -> Option<Value> {
        let (n, rates, count) = (self.answers, self.shop.rates, values.len());
        let of = |value: &str| values.iter().position(|known| known.text() == Some(value));
        let place = match (of("now"), of("save"), bands(&values)) {
            (Some(now), Some(save), _) => Some(if self.chance.happens("save", n, rates.save().0) { save } else { now }),
            (_, _, Some((lower, upper))) => {
                let (Share(high), Share(low)) = (rates.scores().high(), rates.scores().low());
                let weight = move |place: usize| match place {
                    place if place < lower => low / lower as f64,
                    place if place >= upper => high / (count - upper) as f64,
                    _ => (1.0 - high - low).max(0.0) / (upper - lower) as f64,
                };
                self.chance.pick("score", n, (0..count).map(weight))
            }
            _ => self.chance.pick("choice", n, values.iter().map(|_| 1.0)),
        };
        values.into_iter().nth(place?)
    }

    /// The payment page, the order, the page that thanks for it.
    fn order(&mut self) {
        let order = self.basket();
        self.page("payment", |_| ());
        if let Some(used) = self.redeems() {
            self.writes("track", "spend_virtual_currency", used);
        }
        self.writes("track", "purchase", order.clone());
        let at = self.clock;
        self.page("order_complete", |_| ());
        self.ordered(at, order);
    }

    /// All points that can be used, used for the next order, if that is what the shopper does.
    fn redeems(&self) -> Option<Map> {
        let n = self.orders;
        let (currency, least) =
            self.shop.purse().filter(|_| self.chance.happens("redeem", n, self.shop.rates.redeem().0))?;
        let account = self.engine.fold().loyalty.accounts.get(currency)?;
        let active = account.progress().get("active")?.integer().filter(|active| *active > 0 && *active >= least)?;
        let id = join(&[&self.id, "-u", &decimal(i64::from(n), 1)]);
        let used = [("virtual_currency_name", currency.into()), ("value", active.into()), ("redemption_id", id.into())];
        Some(Map::of(used))
    }

    /// The properties of the next order.
    fn basket(&self) -> Map {
        let (rates, n) = (self.shop.rates.basket(), self.orders);
        let mut lines: Vec<(&Product, i64)> = Vec::new();
        let wanted = self.chance.count("lines", n, rates.lines().0).min(self.shop.products.len() as i64);
        for draw in 0..64 {
            if lines.len() as i64 >= wanted {
                break;
            }
            let draw = n.wrapping_mul(64).wrapping_add(draw);
            let Some(product) = self.product("bought", draw) else { break };
            if !lines.iter().any(|(known, _)| std::ptr::eq(*known, product)) {
                lines.push((product, self.chance.count("quantity", draw, rates.quantity().0)));
            }
        }
        let mut order = self.items(&lines);
        order.set("transaction_id", join(&[&self.id, "-o", &decimal(i64::from(n), 1)]));
        order
    }

    fn product(&self, what: &str, n: u32) -> Option<&'a Product> {
        let shop = self.shop;
        let place = self.chance.pick(what, n, shop.products.iter().map(|product| product.weight))?;
        shop.products.get(place)
    }

    fn items(&self, lines: &[(&Product, i64)]) -> Map {
        let value: i64 = lines.iter().map(|(product, quantity)| product.price * quantity).sum();
        let items = lines.iter().map(|(product, quantity)| product.item.clone().with("quantity", *quantity).into());
        let items: Vec<Value> = items.collect();
        let currency = self.shop.bundle.house().currency();
        Map::of([("currency", currency.into()), ("value", self.shop.major(value)), ("items", items.into())])
    }

    /// What follows an order: delivery, a review, its return; and perhaps the shopper never comes again.
    fn ordered(&mut self, at: Time, order: Map) {
        let (rates, n) = (self.shop.rates, self.orders);
        self.orders += 1;
        self.gone = self.chance.happens("leaves", n, self.leaves);
        let days = |days: f64| (days * DAY as f64) as i64;
        let id = order.get("transaction_id").cloned().unwrap_or_default();
        let delivered = at.plus(days(rates.delivery().0));
        self.report(delivered, "track", "order_delivered", Map::of([("transaction_id", id.clone())]));
        if self.chance.happens("review", n, rates.review().0) {
            let item = order.get("items").map_or(&Value::Null, |items| items.at("0.item_id")).clone();
            let at = delivered.plus(days(self.chance.wait("review after", n, rates.review_after().0)));
            let review = join(&[&self.id, "-r", &decimal(i64::from(n), 1)]);
            let photo = self.chance.happens("photo", n, 0.3);
            let told =
                [("transaction_id", id), ("item_id", item), ("review_id", review.into()), ("photo", photo.into())];
            self.report(at, "track", "review_approved", Map::of(told));
        }
        if self.chance.happens("refund", n, rates.refund().0) {
            let at = delivered.plus(days(self.chance.wait("refund after", n, rates.refund_after().0)));
            self.report(at, "track", "refund", order);
        }
    }

    /// Something happens on the page.
    fn writes(&mut self, kind: &str, event: &str, properties: Map) {
        let row = self.line(kind, event, properties, true);
        self.rows.push(row);
    }

    /// A row of the log.
    fn line(&mut self, kind: &str, event: &str, properties: Map, own: bool) -> Row {
        // Each at a moment of its own.
        self.clock = self.clock.plus(1);
        self.written += 1;
        self.witness.lives(self.clock, self.shop);
        let mut line = Map::of([("type", kind.into())]);
        if !event.is_empty() {
            line.append("event", event.into());
        }
        line.append("messageId", join(&[&self.id, ".", &decimal(self.written, 6)]).into());
        line.append("timestamp", self.clock.text().into());
        if self.member {
            line.append("userId", self.id.as_str().into());
        }
        line.append("anonymousId", join(&["a", &self.id]).into());
        line.append(if kind == "identify" { "traits" } else { "properties" }, properties.into());
        let line = line.into();
        (self.see)(&line);
        let agreed = |purpose: &str| self.agreed.iter().any(|(known, agreed)| *known == purpose && *agreed);
        let fold = agreed("personalization") || self.member && agreed("functional");
        Row { position: self.written, line, fold, own, ..Row::default() }
    }
}

/// What a shopper agrees to.
fn agreed<'a>(shop: &Shop<'a>, chance: Chance) -> Vec<(&'a str, bool)> {
    let agrees = |(n, purpose): (usize, &'a str)| {
        (purpose, chance.happens("agrees", n as u32, shop.rates.consent().share(purpose)))
    };
    PURPOSES.into_iter().chain(shop.bundle.purposes().iter()).enumerate().map(agrees).collect()
}
