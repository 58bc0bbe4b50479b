//! Rates from a real event file: what it tells of shoppers, in the shape that a simulation takes. What it does not tell is left out
//! and stays as by default.
//!
//! How often shoppers come and how they leave is a maximum of likelihood. A shopper with rate λ, gamma distributed, is observed from
//! the first visit on for a time T and comes v times more; after each of x orders they leave with a chance p, beta distributed. With
//! t the moment of the last order, the likelihood of one shopper is
//!
//! `Γ(r+v)/Γ(r)·αʳ·[ B(a,b+x)/B(a,b)·(α+T)⁻⁽ʳ⁺ᵛ⁾ + B(a+1,b+x−1)/B(a,b)·(α+t)⁻⁽ʳ⁺ᵛ⁾ ]`,
//!
//! the second part only where the last order was the last visit. Where a file has no pages, each day with an order is a visit, and
//! this is BG/NBD as published.

use super::rates::{Rates, bands};
use crate::engine::base::host::Host;
use crate::engine::base::money;
use crate::engine::base::time::{DAY, Day, HOUR, Time, Zones};
use crate::engine::base::value::{Map, Value};
use crate::engine::bundle::Bundle;
use crate::engine::campaign::{ANSWER, EXPOSURE, INTERRUPTIVE};
use crate::engine::message::{self, BlockSpec};
use crate::engine::profile::PURPOSES;
use crate::engine::replay::Replay;
use crate::engine::signal::{Kind, Signal, id_text};
use std::collections::{BTreeMap, BTreeSet};

/// Products that are kept, the most sold first.
const PRODUCTS: usize = 50;

/// Visits below which no hour tells anything.
const ENOUGH: usize = 200;

/// The days of a week: rates are told by the week.
const WEEK: f64 = 7.0;

/// What was seen of one shopper, times in weeks since the first visit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lived {
    /// Visits after the first one.
    pub visits: f64,
    /// Orders after which they may have left.
    pub orders: f64,
    /// When the last of them was,
    pub last: f64,
    /// and whether any visit followed it.
    pub again: bool,
    /// How long they were observed.
    pub whole: f64,
}

/// How often shoppers come and how they leave.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// The shape of the rates.
    pub shape: f64,
    /// Visits a week, mean.
    pub per_week: f64,
    /// The beta distribution of the chance to leave after an order; none where there were no orders.
    pub leave: Option<(f64, f64)>,
}

/// Means of what was counted.
#[derive(Clone, Copy, Default)]
struct Share {
    sum: f64,
    of: f64,
}

impl Share {
    fn add(&mut self, sum: f64, of: f64) {
        (self.sum, self.of) = (self.sum + sum, self.of + of);
    }

    fn mean(self) -> Option<f64> {
        (self.of > 0.0).then(|| self.sum / self.of)
    }
}

/// What a file tells, counted.
#[derive(Default)]
struct Counted<'a> {
    lived: Vec<Lived>,
    signs: Share,
    orders: Share,
    pages: Share,
    kinds: BTreeMap<&'a str, f64>,
    adds: Share,
    views: f64,
    lines: Share,
    quantity: Share,
    products: BTreeMap<String, (String, Share)>,
    delivery: Share,
    refunds: f64,
    refund_after: Share,
    reviews: f64,
    review_after: Share,
    bought: f64,
    agreed: BTreeMap<&'a str, Share>,
    exposures: [f64; 2],
    deeds: [[f64; 3]; 2],
    /// Decisions that were answered: of several answers the first says what was done.
    answered: BTreeSet<&'a str>,
    scores: [f64; 3],
    saves: Share,
    hours: [f64; 24],
}

/// The rates that a file tells of.
pub fn fit(replay: &Replay, zones: &Zones, host: &dyn Host) -> Value {
    let (shoppers, house) = (replay.shoppers(), replay.bundle().house());
    let all = || shoppers.values().flatten();
    let paged = all().any(|signal| signal.kind == Kind::Page);
    let end = all().map(|signal| signal.at).max().unwrap_or_default();
    let currency = currency(all().copied());
    let mut counted = Counted::default();
    for signals in shoppers.values() {
        let visits = match paged {
            true => visits(signals, house.session().exact),
            false => days(signals, zones, house.zone()),
        };
        counted.shopper(signals, &visits, paged, end);
        for at in &visits {
            let hour = zones.local(house.zone(), *at).clock / HOUR;
            if let Some(count) = counted.hours.get_mut(hour as usize) {
                *count += 1.0;
            }
        }
        for signal in signals {
            counted.signal(signal, &currency, replay.bundle(), host);
        }
        counted.orders(signals);
    }
    counted.rates(paged)
}

fn is(signal: &Signal, name: &str) -> bool {
    signal.kind == Kind::Track && signal.name == name
}

/// The currency that most orders are in.
fn currency<'a>(signals: impl Iterator<Item = &'a Signal>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for signal in signals.filter(|signal| is(signal, "purchase")) {
        *counts.entry(signal.properties.at("currency").text().unwrap_or("KRW")).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or("KRW", |(currency, _)| currency).to_string()
}

/// When visits began: pages, and what is done beside them, told apart by silence.
fn visits(signals: &[&Signal], idle: i64) -> Vec<Time> {
    let (mut begun, mut last) = (Vec::new(), None);
    let deeds = ["purchase", "sign_up"];
    for signal in signals.iter().filter(|signal| signal.kind == Kind::Page || deeds.iter().any(|deed| is(signal, deed)))
    {
        if last.is_none_or(|last: Time| signal.at.0 - last.0 >= idle) {
            begun.push(signal.at);
        }
        last = last.max(Some(signal.at));
    }
    begun
}

/// The first order of each day.
fn days(signals: &[&Signal], zones: &Zones, zone: &str) -> Vec<Time> {
    let (mut begun, mut last): (Vec<Time>, Option<Day>) = Default::default();
    for signal in signals.iter().filter(|signal| is(signal, "purchase")) {
        let day = zones.day(zone, signal.at);
        if last.is_none_or(|last| last < day) {
            begun.push(signal.at);
            last = Some(day);
        }
    }
    begun
}

impl<'a> Counted<'a> {
    /// How often somebody came, ordered, and came again.
    fn shopper(&mut self, signals: &[&'a Signal], visits: &[Time], paged: bool, end: Time) {
        let Some(first) = visits.first().copied() else { return };
        let weeks = |at: Time| (at.0 - first.0) as f64 / DAY as f64 / WEEK;
        let ordered: Vec<Time> = match paged {
            true => signals.iter().filter(|signal| is(signal, "purchase")).map(|signal| signal.at).collect(),
            // The first one begins it.
            false => visits.get(1..).unwrap_or_default().to_vec(),
        };
        let last = ordered.last().copied();
        self.lived.push(Lived {
            visits: visits.len() as f64 - 1.0,
            orders: ordered.len() as f64,
            last: last.map_or(0.0, weeks),
            again: last.is_some_and(|last| visits.last().is_some_and(|visit| *visit > last)),
            whole: weeks(end),
        });
        if !paged {
            return;
        }
        let joined = signals.iter().find(|signal| is(signal, "sign_up")).map(|signal| signal.at);
        let known = signals.first().is_some_and(|signal| signal.user.is_some());
        // A visit in which somebody signs up begins as a guest's.
        let guests =
            joined.map_or(if known { 0 } else { visits.len() }, |joined| visits.partition_point(|at| *at <= joined));
        if !known {
            self.signs.add(joined.map_or(0.0, |_| 1.0), guests as f64);
        }
        let members = visits.len() - guests + usize::from(!known && joined.is_some());
        self.orders.add(ordered.len() as f64, members as f64);
        let beside = ["payment", "order_complete", "order_cancel"];
        let pages = signals.iter().filter(|signal| signal.kind == Kind::Page);
        let mut count = 0.0;
        for kind in pages.map(|signal| signal.page()).filter(|kind| !kind.is_some_and(|kind| beside.contains(&kind))) {
            count += 1.0;
            *self.kinds.entry(kind.unwrap_or("home")).or_default() += 1.0;
        }
        self.pages.add(count, visits.len() as f64);
    }

    /// What one line tells by itself.
    fn signal(&mut self, signal: &'a Signal, currency: &str, bundle: Bundle, host: &dyn Host) {
        match signal.name.as_str() {
            "view_item" => self.views += 1.0,
            "add_to_cart" => self.adds.add(1.0, 0.0),
            "purchase" => {
                self.bought += 1.0;
                let items = signal.properties.at("items").list();
                self.lines.add(items.len() as f64, if items.is_empty() { 0.0 } else { 1.0 });
                for item in items {
                    self.quantity.add(item.field("quantity").number().unwrap_or(1.0).max(1.0), 1.0);
                    let Some(id) = id_text(item.field("item_id")) else { continue };
                    let price = money::minor(item.field("price"), money::exponent(currency), host);
                    let name = item.field("item_name").text().unwrap_or(&id).to_string();
                    let sold = self.products.entry(id).or_insert_with(|| (name, Share::default()));
                    sold.1.add(price.unwrap_or(0).max(0) as f64, 1.0);
                }
            }
            EXPOSURE => {
                if let Some(count) = self.exposures.get_mut(slot(signal)) {
                    *count += 1.0;
                }
            }
            ANSWER => self.answer(signal, bundle),
            _ => (),
        }
    }

    fn answer(&mut self, signal: &'a Signal, bundle: Bundle) {
        let value = signal.properties.field("value");
        let deed = match signal.properties.field("action").text() {
            Some("click" | "choice" | "score" | "text") => 0,
            Some("dismiss") => 1,
            Some("hide_today" | "hide_7d") => 2,
            _ => return,
        };
        let first = signal.properties.field("decision").text().is_none_or(|decision| self.answered.insert(decision));
        let deeds = self.deeds.get_mut(slot(signal)).filter(|_| first);
        if let Some(count) = deeds.and_then(|deeds| deeds.get_mut(deed)) {
            *count += 1.0;
        }
        if let Some(count) = scored(signal, bundle).and_then(|part| self.scores.get_mut(part)) {
            *count += 1.0;
        }
        match value.text() {
            Some("save") => self.saves.add(1.0, 1.0),
            Some("now") => self.saves.add(0.0, 1.0),
            _ => (),
        }
    }

    /// What became of one shopper's orders, and the last word on each purpose.
    fn orders(&mut self, signals: &[&'a Signal]) {
        let mut orders: BTreeMap<String, Time> = BTreeMap::new();
        let mut delivered: BTreeMap<String, Time> = BTreeMap::new();
        let mut agreed: BTreeMap<&str, bool> = BTreeMap::new();
        let days = |from: Time, to: Time| ((to.0 - from.0) as f64 / DAY as f64).max(0.0);
        for signal in signals {
            if signal.kind == Kind::Consent {
                for (purpose, value) in signal.properties.members() {
                    agreed.insert(purpose, value.bool() == Some(true) || value.text() == Some("granted"));
                }
                continue;
            }
            let order = signal.order().unwrap_or_default();
            let since = delivered.get(&order).copied();
            match signal.name.as_str() {
                "purchase" => _ = orders.insert(order, signal.at),
                "order_delivered" => {
                    if let Some(at) = orders.get(&order) {
                        self.delivery.add(days(*at, signal.at), 1.0);
                        delivered.insert(order, signal.at);
                    }
                }
                "refund" => {
                    self.refunds += 1.0;
                    self.refund_after.add(since.map_or(0.0, |at| days(at, signal.at)), since.map_or(0.0, |_| 1.0));
                }
                "review_approved" | "product_reviewed" => {
                    self.reviews += 1.0;
                    self.review_after.add(since.map_or(0.0, |at| days(at, signal.at)), since.map_or(0.0, |_| 1.0));
                }
                _ => (),
            }
        }
        for (purpose, agreed) in agreed {
            self.agreed.entry(purpose).or_default().add(f64::from(u8::from(agreed)), 1.0);
        }
    }

    fn rates(self, paged: bool) -> Value {
        let mut rates = Map::new();
        let put = |rates: &mut Map, key: &str, number: Option<f64>| {
            if let Some(number) = number {
                rates.set(key, rounded(number));
            }
        };
        let usual = Rates(&Value::Null);
        let mut order = self.orders.mean().map(|share| share.min(1.0));
        if let Some(Rhythm { shape, mut per_week, leave }) = rhythm(&self.lived) {
            if !paged {
                // Every visit known is an order: others are supposed between them.
                let share = usual.order().0;
                order = Some(share);
                per_week /= share;
            }
            rates.set("visits", Map::of([("perWeek", rounded(per_week)), ("shape", rounded(shape))]));
            if let Some((a, b)) = leave {
                rates.set("leave", Map::of([("a", rounded(a)), ("b", rounded(b))]));
            }
        }
        put(&mut rates, "signUp", self.signs.mean());
        put(&mut rates, "order", order);
        put(&mut rates, "pages", self.pages.mean().map(|mean| mean.max(1.0)));
        if self.pages.sum > 0.0 {
            let share = |(kind, _)| (kind, rounded(self.kinds.get(kind).copied().unwrap_or(0.0) / self.pages.sum));
            rates.set("mix", usual.kinds().into_iter().map(share).collect::<Map>());
        }
        put(&mut rates, "addToCart", (self.views > 0.0).then(|| (self.adds.sum / self.views).min(1.0)));
        if let (Some(lines), Some(quantity)) = (self.lines.mean(), self.quantity.mean()) {
            let basket = [("lines", lines), ("quantity", quantity)];
            rates.set(
                "basket",
                basket.map(|(key, mean)| (key, rounded(mean.clamp(1.0, 1e3)))).into_iter().collect::<Map>(),
            );
        }
        let products = self.most_sold();
        if !products.is_empty() {
            rates.set("products", products);
        }
        put(&mut rates, "delivery", self.delivery.mean());
        let of_orders = |count: f64| (self.bought > 0.0).then(|| (count / self.bought).min(1.0));
        put(&mut rates, "refund", of_orders(self.refunds));
        put(&mut rates, "refundAfter", self.refund_after.mean());
        put(&mut rates, "review", of_orders(self.reviews).filter(|share| *share > 0.0));
        put(&mut rates, "reviewAfter", self.review_after.mean());
        let mut consent = Map::new();
        let mut others = Share::default();
        for (purpose, share) in &self.agreed {
            match PURPOSES.contains(purpose) {
                true => put(&mut consent, purpose, share.mean()),
                false => others.add(share.sum, share.of),
            }
        }
        put(&mut consent, "other", others.mean());
        if !consent.is_empty() {
            rates.set("consent", consent);
        }
        let mut answers = Map::new();
        for ((name, seen), deeds) in ["interruptive", "inline"].into_iter().zip(self.exposures).zip(self.deeds) {
            if seen > 0.0 {
                let all = deeds.iter().sum::<f64>().max(seen);
                let share = ["act", "dismiss", "hide"].into_iter().zip(deeds.map(|deed| rounded(deed / all)));
                answers.set(name, share.collect::<Map>());
            }
        }
        if !answers.is_empty() {
            rates.set("answers", answers);
        }
        let [high, low, between] = self.scores;
        let scored = high + low + between;
        if scored > 0.0 {
            rates.set("scores", Map::of([("high", rounded(high / scored)), ("low", rounded(low / scored))]));
        }
        put(&mut rates, "save", self.saves.mean());
        let visits: f64 = self.hours.iter().sum();
        if visits >= ENOUGH as f64 {
            rates.set("hours", self.hours.map(|count| rounded(24.0 * count / visits)).to_vec());
        }
        rates.into()
    }

    fn most_sold(&self) -> Vec<Value> {
        let mut sold: Vec<(&String, &(String, Share))> = self.products.iter().collect();
        sold.sort_by(|(id, one), (other, two)| two.1.of.total_cmp(&one.1.of).then(id.cmp(other)));
        let line = |(id, (name, price)): (&String, &(String, Share))| {
            let mean = price.mean().unwrap_or(0.0).min(1e9);
            Map::of([
                ("item_id", id.as_str().into()),
                ("item_name", name.as_str().into()),
                ("price", (libm::round(mean) as i64).into()),
                ("weight", price.of.into()),
            ])
            .into()
        };
        sold.into_iter().take(PRODUCTS).map(line).collect()
    }
}

/// The part of its scale that a score is of: high 0, low 1, between 2. Which scale it is the bundle alone knows.
fn scored(signal: &Signal, bundle: Bundle) -> Option<usize> {
    let told = |key: &str| signal.properties.field(key);
    let (campaign, offer, question) = (told("campaign").text(), told("offer").text(), told("question").text());
    let steps = campaign.and_then(|id| bundle.campaign(id)).into_iter().flat_map(|campaign| campaign.all_steps());
    let offers = bundle.offers().iter().filter(|one| Some(one.id()) == offer);
    let messages = steps.map(|step| step.message).chain(offers.filter_map(|offer| offer.message()));
    messages.flat_map(|message| message.blocks().iter()).find_map(|block| {
        let values = match block {
            BlockSpec::Choice(choice) if question.is_none() || choice.question() == question => {
                message::values(choice.options())
            }
            BlockSpec::Survey(id) => {
                bundle.surveys().get(id)?.questions().iter().find(|one| Some(one.id()) == question)?.values()
            }
            _ => return None,
        };
        let ((lower, upper), place) = (bands(&values)?, values.iter().position(|value| value == told("value"))?);
        Some(if place >= upper { 0 } else { if place < lower { 1 } else { 2 } })
    })
}

fn slot(signal: &Signal) -> usize {
    usize::from(signal.properties.field("slot").text() != Some(INTERRUPTIVE))
}

/// To four digits after the point: no file tells more.
fn rounded(number: f64) -> Value {
    (libm::round(number * 1e4) / 1e4).max(if number > 0.0 { 1e-4 } else { 0.0 }).into()
}

/// The most likely rhythm of shoppers; none where nobody ever came again.
pub fn rhythm(lived: &[Lived]) -> Option<Rhythm> {
    if lived.iter().all(|one| one.visits <= 0.0) {
        return None;
    }
    let leaves = lived.iter().any(|one| one.orders > 0.0);
    let (visits, whole) =
        lived.iter().fold((0.0, 0.0), |(visits, whole), one| (visits + one.visits, whole + one.whole));
    // From what everybody together did: one shape, few who leave.
    let start = [0.0, libm::log(whole.max(1e-9) / visits), 0.0, libm::log(5.0)];
    let cost = |point: &[f64; 4]| {
        // Beyond, nothing changes any more, and nothing would end.
        let beyond: f64 = point.iter().map(|log| (log.abs() - 9.0).max(0.0)).sum();
        let [r, alpha, a, b] = point.map(libm::exp);
        let beta = leaves.then_some((a, b));
        1e6 * beyond - lived.iter().map(|one| likelihood(one, r, alpha, beta)).sum::<f64>()
    };
    let [r, alpha, a, b] = lowest(&cost, start).map(libm::exp);
    Some(Rhythm { shape: r, per_week: r / alpha, leave: leaves.then_some((a, b)) })
}

fn log_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// The logarithm of the likelihood of one shopper.
fn likelihood(one: &Lived, r: f64, alpha: f64, leave: Option<(f64, f64)>) -> f64 {
    let Lived { visits: v, orders: x, last, again, whole } = *one;
    let common = libm::lgamma(r + v) - libm::lgamma(r) + r * libm::log(alpha);
    let stays = -(r + v) * libm::log(alpha + whole);
    let Some((a, b)) = leave else { return common + stays };
    let stays = stays + log_beta(a, b + x) - log_beta(a, b);
    if x <= 0.0 || again {
        return common + stays;
    }
    let left = log_beta(a + 1.0, b + x - 1.0) - log_beta(a, b) - (r + v) * libm::log(alpha + last);
    let most = stays.max(left);
    common + most + libm::log(libm::exp(stays - most) + libm::exp(left - most))
}

/// Where a function is lowest (Nelder and Mead), begun anew once from where it came to rest.
fn lowest(cost: &dyn Fn(&[f64; 4]) -> f64, start: [f64; 4]) -> [f64; 4] {
    let mut best = start;
    for reach in [1.0, 0.25] {
        let mut corners: Vec<([f64; 4], f64)> = vec![(best, cost(&best))];
        for side in 0..4 {
            let mut corner = best;
            if let Some(log) = corner.get_mut(side) {
                *log += reach;
            }
            corners.push((corner, cost(&corner)));
        }
        for _ in 0..400 {
            corners.sort_by(|one, other| one.1.total_cmp(&other.1));
            let [(first, least), .., (_, second), (last, most)] = corners.as_slice() else { break };
            let (first, least, second, last, most) = (*first, *least, *second, *last, *most);
            if (most - least).abs() < 1e-7 * (1.0 + least.abs()) {
                break;
            }
            let mut middle = [0.0; 4];
            for (corner, _) in corners.iter().take(4) {
                middle.iter_mut().zip(corner).for_each(|(sum, log)| *sum += log / 4.0);
            }
            let at = |step: f64| {
                let mut point = middle;
                point.iter_mut().zip(last).for_each(|(log, last)| *log += step * (*log - last));
                (point, cost(&point))
            };
            let mirrored = at(1.0);
            let next = if mirrored.1 < least {
                let further = at(2.0);
                Some(if further.1 < mirrored.1 { further } else { mirrored })
            } else if mirrored.1 < second {
                Some(mirrored)
            } else {
                Some(at(if mirrored.1 < most { 0.5 } else { -0.5 })).filter(|nearer| nearer.1 < most.min(mirrored.1))
            };
            match (next, corners.last_mut()) {
                (Some(next), Some(last)) => *last = next,
                _ => {
                    for corner in corners.iter_mut().skip(1) {
                        corner.0.iter_mut().zip(first).for_each(|(log, first)| *log = (*log + first) / 2.0);
                        corner.1 = cost(&corner.0);
                    }
                }
            }
        }
        if let Some((corner, _)) = corners.iter().min_by(|one, other| one.1.total_cmp(&other.1)) {
            best = *corner;
        }
    }
    best
}
