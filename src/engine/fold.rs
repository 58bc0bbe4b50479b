//! What signals make of a shopper: each one, in order, moves the fold.

use super::audience::Needs;
use super::base::host::Host;
use super::base::money;
use super::base::record::Named;
use super::base::time::{DAY, Ends, Time, Zones};
use super::base::value::{Map, Value};
use super::bundle::Bundle;
use super::bundle::derived::derive;
use super::bundle::plan::{Heard, Plan, needs_of};
use super::campaign::{self, History, Memory, Step};
use super::loyalty::checkpoint::{self, Claims};
use super::loyalty::ledger::Cause;
use super::loyalty::widget::Widget;
use super::loyalty::{Arrival, Loyalty, Order, Program, Turn, hook, reward, rule};
use super::message::template::{self, Text};
use super::meter::{self, Counts, Window};
use super::offer::{Learnt, Model};
use super::profile::{self, CartContext, Profile, Scope};
use super::signal::{CHECKPOINT, DECISION, EXPOSURE, Kind, Signal};
use crate::record;

/// How long a refund waits for its order (contract.md section 2).
const PARK: i64 = 30 * DAY;

record! {
    /// All that signals have moved.
    pub struct Fold {
        /// Who, consent, visit, cart.
        "profile" profile: Profile,
        /// Orders by id, in the order in which they came.
        "orders" orders: Named<Order>,
        /// Refunds whose order has not come.
        "parked" parked: Vec<Parked>,
        /// Counts by meter.
        "meters" meters: Named<Counts>,
        /// Points and levels.
        "loyalty" loyalty: Loyalty,
        /// What was shown, by campaign.
        "campaigns" campaigns: Named<History>,
        /// What was learnt about offers.
        "offers" offers: Learnt,
        /// Up to when time has passed; none before the first signal.
        "at" at: Option<Time>,
    }

    /// A refund whose order has not come.
    pub struct Parked {
        /// The order.
        "order" order: String,
        /// How much, in minor units.
        "amount" amount: i64,
        /// `messageId` of the refund.
        "event" event: String,
        /// When.
        "at" at: Time,
    }
}

/// What folding needs beside the signals.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The marketer's rules.
    pub bundle: Bundle<'a>,
    /// What they listen to and read.
    pub plan: &'a Plan,
    /// Offset tables.
    pub zones: &'a Zones,
    /// The platform's functions.
    pub host: &'a dyn Host,
    /// What counts where a purpose was never mentioned.
    pub assumed: profile::Grant,
}

impl<'a> World<'a> {
    /// How long signals are kept, in ms: one that arrives within that is folded in its place.
    pub fn window(self) -> i64 {
        self.bundle.house().retention().events().nominal()
    }

    /// What meters need beside the signal.
    pub fn meters(self) -> meter::Context<'a> {
        let house = self.bundle.house();
        let (currency, zone) = (house.currency(), house.zone());
        meter::Context { currency, zone, zones: self.zones, host: self.host, enrolled: None }
    }

    fn cart(self) -> CartContext<'a> {
        CartContext { currency: self.bundle.house().currency(), host: self.host }
    }

    /// The steps that an event makes due, each with its campaign.
    fn hearers(self, heard: &Heard) -> impl Iterator<Item = (&'a str, Step<'a>)> {
        heard.steps.iter().filter_map(move |(place, step)| {
            let campaign = self.bundle.campaigns().get(*place)?;
            Some((campaign.id(), campaign.step(*step)?))
        })
    }

    /// Whether a signal says that a campaign was seen whose audience asks about a fact.
    fn shows(self, signal: &Signal, path: &str) -> bool {
        let seen = signal.properties.at("campaign").text().filter(|_| signal.name == EXPOSURE);
        self.bundle.campaigns().iter().any(|campaign| Some(campaign.id()) == seen && campaign.asks(path, self.bundle))
    }

    /// How offers are chosen, and learnt about.
    pub fn model(self) -> Model<'a> {
        self.plan.model(self.bundle)
    }

    /// The program that judges what happens then.
    pub fn program(self, at: Time) -> Option<Program<'a>> {
        self.bundle.programs().get(self.plan.program_on(self.zones.day(self.bundle.house().zone(), at))?)
    }

    /// Names of the levels held and to come in a language, as members of `loyalty.tiers.ID` for templates: `levelLabel`,
    /// `nextLabel`, `noticeLabel`. A level without a name goes by its id.
    pub fn labels(self, document: &mut Value, now: Time, print: &dyn Fn(Text) -> String) {
        let Some(program) = self.program(now) else { return };
        for (id, tier) in program.tiers().iter() {
            let Some(Value::Map(progress)) =
                document.member_mut("loyalty").and_then(|loyalty| loyalty.member_mut("tiers")?.member_mut(id))
            else {
                continue;
            };
            let announced = progress.get("notice").map(|notice| notice.field("level").clone());
            for (key, label) in [("level", "levelLabel"), ("next", "nextLabel"), ("notice", "noticeLabel")] {
                let id = if key == "notice" { announced.as_ref() } else { progress.get(key) };
                let level = tier.levels().iter().find(|level| id.and_then(Value::text) == Some(level.id()));
                let name = level.map(|level| level.label().map_or_else(|| level.id().to_string(), print));
                progress.set(label, &name);
            }
        }
    }

    /// Whose days and whose deadlines count. Days are the shopper's, by zone or by offset (loyalty.md, fine print 2); deadlines
    /// need a true zone: the shopper's where the program says so, else the house's.
    fn clocks(self, program: Program<'a>, shopper: Option<&'a str>, home: Option<&'a str>) -> (&'a str, &'a str) {
        let (clock, house) = (program.clock(), self.bundle.house().zone());
        let known = |zone: &'a str| if self.zones.knows(zone) { zone } else { house };
        let nowhere = known(clock.default().unwrap_or(house));
        match clock.tz() {
            None => (shopper.map_or(nowhere, known), nowhere),
            Some("member") => (shopper.map_or(nowhere, known), home.map_or(nowhere, known)),
            Some("house") => (house, house),
            Some(zone) => (known(zone), known(zone)),
        }
    }

    /// When the next program begins.
    fn succession(self, after: Time) -> Option<Time> {
        let zone = self.bundle.house().zone();
        let begins = self.bundle.programs().iter().map(|program| self.zones.midnight(zone, program.from()));
        begins.filter(|begins| *begins > after).min()
    }
}

impl Fold {
    /// Folds one signal, after letting time pass up to it. What was answered about consent is heard, and what it no longer
    /// covers is forgotten; of all others each purpose lets its own part move.
    pub fn signal(&mut self, signal: &Signal, world: World) {
        self.pass(signal.at, world);
        let arrival = self.arrival(signal, world);
        let late = arrival == Arrival::Late;
        self.profile.meet(signal, late);
        if signal.kind == Kind::Consent {
            let answered = self.profile.answered(world.assumed);
            self.profile.hear(signal);
            if answered || self.profile.answered(world.assumed) {
                self.forget(world);
            }
        }
        let Scope { personal, ledger, hides } = self.covers(world);
        if signal.name == CHECKPOINT && ledger {
            self.checkpoint(signal, world);
        }
        // What danbi itself granted, or a server vouched for, is no deed of the shopper's.
        if signal.ours && !signal.name.starts_with("danbi_") || signal.name == CHECKPOINT {
            return;
        }
        let purchase = signal.name == "purchase" && signal.kind == Kind::Track;
        // An order without a number goes by its event: a refund that names none must find it, too.
        let order = signal.order().or_else(|| purchase.then(|| signal.id.clone()));
        let known = order.as_ref().is_some_and(|order| self.orders.get(order).is_some());
        let heard = world.plan.heard(&signal.name, world.bundle);
        // As it was before the signal moves anything (fine print 8), as far as anyone asks.
        let document = self.document(world, signal.at, Some(signal), &Value::Null, &heard.needs);
        let house = world.bundle.house();
        // What danbi chose is no deed of the shopper's, and no visit.
        if personal && signal.name != DECISION {
            let (idle, tastes) = (house.session().exact, world.bundle.interests());
            let question =
                (signal.name == campaign::ANSWER).then(|| campaign::question(world.bundle, signal)).flatten();
            self.profile.update(signal, late, idle, world.cart(), tastes, question);
        }
        if !late {
            let midnight =
                |days| world.zones.midnight(house.zone(), world.zones.day(house.zone(), signal.at).plus(days));
            if let Some(id) = campaign::told(signal) {
                let (campaign, paced) = (world.bundle.campaign(id), world.bundle.paced());
                let answers = campaign.is_some_and(|campaign| world.bundle.asks_answers(campaign));
                let document = &document;
                let memory = Memory { campaign, paced, answers, document, personal, hides, midnight: &midnight };
                campaign::remember(&mut self.campaigns, id, signal, memory);
            }
            let facts = world.meters().facts(&document, signal.at);
            for (campaign, step) in world.hearers(&heard).filter(|_| personal) {
                if let Some(at) = step.trigger.heard(signal, facts) {
                    self.campaigns.entry(campaign).fire(&step, at);
                }
            }
            if personal {
                self.offers.hear(signal, world.model());
            }
        }
        // A second purchase with an order id already counted moves nothing (fine print 3).
        if purchase && known || !(personal || ledger) {
            if ledger {
                self.turn(Some((signal, order.as_deref())), arrival, &document, signal.at, world, &mut rule::repeat);
            }
            return;
        }
        // What came late tells where the shopper was.
        self.loyalty.travel(signal.zone.as_deref().filter(|_| arrival == Arrival::Timely));
        if ledger {
            let order = order.as_deref();
            self.turn(Some((signal, order)), arrival, &document, signal.at, world, &mut |loyalty, turn| {
                loyalty.grant(turn)
            });
        }
        // What comes from the future waits for a checkpoint.
        if arrival == Arrival::Ahead {
            return;
        }
        if let (true, Some(order)) = (purchase, &order) {
            let value = signal.money("value", house.currency(), world.host).unwrap_or(0);
            *self.orders.entry(order) = Order { at: signal.at, left: value };
            if personal {
                self.profile.purchases.buy(world.zones.day(house.zone(), signal.at), value);
            }
        }
        for (id, meter) in heard.meters.iter().filter_map(|place| world.bundle.meters().nth(*place)) {
            // What comes late is history: it counts where no time is asked for.
            if (personal || world.plan.reckons(id)) && (!late || meter.window() == Window::Life) {
                meter.update(self.meters.entry(id), signal, &document, world.meters());
            }
        }
        let order = order.as_deref();
        if signal.kind == Kind::Track && signal.name == "refund" {
            self.refund(signal, order, world);
        } else if let (true, Some(order)) = (purchase, order) {
            self.unpark(order, world);
        }
        if ledger {
            self.turn(Some((signal, order)), arrival, &document, signal.at, world, &mut |loyalty, turn| {
                loyalty.hear(turn)
            });
        }
    }

    /// A server's word: what it covers counts no more.
    fn checkpoint(&mut self, signal: &Signal, world: World) {
        let at = self.at.map_or(signal.at, |at| at.max(signal.at));
        let mut counts = false;
        self.turn(Some((signal, None)), Arrival::Timely, &Value::Null, at, world, &mut |loyalty, turn| {
            counts = checkpoint::hear(loyalty, turn);
        });
        let Some(claims) = Claims::of(signal).ok().filter(|_| counts) else { return };
        claims.orders(&mut |order, left| {
            if self.orders.get(order).is_none() {
                *self.orders.entry(order) = Order { at: claims.as_of, left };
            }
        });
        let context = world.meters();
        let mut restart = |id: &str, least: bool, value: i64| {
            if let Some(meter) = world.bundle.meters().get(id) {
                let counts = self.meters.entry(id);
                let shown = meter.value(Some(counts), at, context).integer().unwrap_or(0);
                meter.restart(counts, if least { value.max(shown) } else { value }, at, context);
            }
        };
        claims.meters(&mut |id, value| restart(id, false, value));
        // Who vouches for a level vouches for what it takes.
        let program = world.program(at).unwrap_or(Program(&Value::Null));
        claims.levels(&mut |id, level| {
            let Some(tier) = program.tiers().get(id).filter(|tier| !claims.names(tier.meter())) else { return };
            if let Some(level) = tier.levels().iter().find(|known| known.id() == level) {
                restart(tier.meter(), true, level.min());
            }
        });
        claims.denials(&mut |purpose| *self.profile.consent.entry(purpose) = profile::Grant::Denied);
        if signal.answers() {
            self.forget(world);
        }
    }

    /// What the answers about consent cover. Before anything was answered all of it: what reaches the fold then has waited for
    /// the answer.
    pub fn covers(&self, world: World) -> Scope {
        match self.profile.answered(world.assumed) {
            true => self.profile.scope(world.assumed),
            false => Scope { personal: true, ledger: true, hides: true },
        }
    }

    /// Forgets what no purpose covers. Who it is, on which page, and what was answered every page tells anew: that stays.
    pub fn forget(&mut self, world: World) {
        let Scope { personal, ledger, hides } = self.profile.scope(world.assumed);
        if !hides {
            self.campaigns.iter_mut().for_each(|(_, history)| history.hidden_until = None);
        }
        if !personal {
            self.forget_profile(ledger, world);
            self.offers = Learnt::default();
            for (id, history) in std::mem::take(&mut self.campaigns).iter() {
                if history.hidden_until.is_some() {
                    self.campaigns.entry(id).hidden_until = history.hidden_until;
                }
            }
        }
        if !ledger {
            self.loyalty = Loyalty::default();
            self.orders = Named::default();
            self.parked.clear();
        }
    }

    /// Forgets what is known of a shopper apart from who and where it is, consent, what was shown and, where it is kept, the
    /// ledger with what it is reckoned from.
    fn forget_profile(&mut self, ledger: bool, world: World) {
        let Profile { consent, user, page, path, page_at, .. } = std::mem::take(&mut self.profile);
        self.profile = Profile { consent, user, page, path, page_at, ..Profile::default() };
        // How often each was seen, and what was dismissed, stays with what else was shown.
        (self.offers.weights, self.offers.opened) = Default::default();
        for (id, counts) in self.meters.iter_mut() {
            if !(ledger && world.plan.reckons(id)) {
                *counts = Counts::default();
            }
        }
    }

    /// Forgets the profile of a shopper who was away longer than the house keeps it; whether there was one. The ledger stays, and
    /// what was shown: a clock that runs ahead must not open a cap.
    pub fn retain(&mut self, now: Time, world: World) -> bool {
        let (house, visit) = (world.bundle.house(), &self.profile.session);
        // Asked at every signal: within a day of the last one nothing lapses.
        if visit.count == 0 || now.0 - visit.last.0 < DAY {
            return false;
        }
        let retention = house.retention();
        let kept = if self.profile.user.is_some() { retention.member() } else { retention.anonymous() };
        let end = world.zones.add(house.zone(), visit.last, kept, Ends::Validity);
        if now < end {
            return false;
        }
        // What was due while it was still known.
        self.lapse(end, world);
        self.forget_profile(true, world);
        true
    }

    /// Lets time pass: waits end, points expire, levels fall with their windows.
    pub fn pass(&mut self, to: Time, world: World) {
        if self.at.is_some_and(|at| to <= at) {
            return;
        }
        self.lapse(to, world);
        self.parked.retain(|parked| to.0 - parked.at.0 <= PARK);
        self.at = Some(to);
    }

    /// What is due up to a moment happens; `at` moves no further than that, so that a signal of just before is no late one.
    pub fn lapse(&mut self, to: Time, world: World) {
        while let Some(at) = self.next(world).filter(|at| *at <= to) {
            self.at = Some(at);
            if self.covers(world).ledger {
                self.turn(None, Arrival::Timely, &Value::Null, at, world, &mut |loyalty, turn| loyalty.pass(turn));
            }
            self.offers.lapse(at, self.visit_ends(world), world.model());
        }
    }

    /// When time alone will next change something.
    pub fn next(&self, world: World) -> Option<Time> {
        let at = self.at?;
        let next = self.loyalty.next(self.present(at, &Value::Null, self.loyalty.seen(), world));
        [next, world.succession(at), self.offers.next(self.visit_ends(world)).map(|due| due.max(at))]
            .into_iter()
            .flatten()
            .min()
    }

    /// When the visit is over, if nothing happens.
    fn visit_ends(&self, world: World) -> Time {
        self.profile.session.last.plus(world.bundle.house().session().exact)
    }

    /// How a signal came: in time, too late to be judged, or from the future.
    fn arrival(&self, signal: &Signal, world: World) -> Arrival {
        let clock = world.program(signal.at).unwrap_or(Program(&Value::Null)).clock();
        let behind = signal.received.0 - signal.at.0;
        match behind {
            _ if behind > clock.backdate().nominal() => Arrival::Late,
            _ if -behind > clock.ahead().nominal() => Arrival::Ahead,
            _ => Arrival::Timely,
        }
    }

    /// Lets loyalty take its turn: at a signal with the order it is about, or at a moment.
    fn turn(
        &mut self,
        happened: Option<(&Signal, Option<&str>)>,
        arrival: Arrival,
        document: &Value,
        at: Time,
        world: World,
        take: &mut dyn FnMut(&mut Loyalty, Turn),
    ) {
        let mut loyalty = std::mem::take(&mut self.loyalty);
        let (zone, home) = (loyalty.zone.clone(), loyalty.home.clone());
        let present = self.present(at, document, (zone.as_deref(), home.as_deref()), world);
        let house = meter::Context { enrolled: loyalty.enrolled, ..present.house };
        let (signal, order) = happened.unzip();
        let seen = |path: &str| signal.is_some_and(|signal| world.shows(signal, path));
        let turn = Turn { signal, order: order.flatten(), arrival, house, seen: &seen, ..present };
        let lines = loyalty.entries.len();
        take(&mut loyalty, turn);
        loyalty.announce(turn, lines);
        self.loyalty = loyalty;
    }

    /// Loyalty's view of a moment at which nothing happens, for a shopper last seen in these zones.
    fn present<'a>(
        &'a self,
        at: Time,
        document: &'a Value,
        seen: (Option<&'a str>, Option<&'a str>),
        world: World<'a>,
    ) -> Turn<'a> {
        let program = world.program(at).unwrap_or(Program(&Value::Null));
        let (zone, home) = world.clocks(program, seen.0, seen.1);
        Turn {
            program,
            programs: world.bundle.programs(),
            at,
            zone,
            home,
            signal: None,
            because: None,
            order: None,
            arrival: Arrival::Timely,
            user: self.profile.user.as_deref(),
            profile: &self.profile,
            assumed: world.assumed,
            facts: world.meters().facts(document, at),
            seen: &|_| false,
            meters: world.bundle.meters(),
            counts: &self.meters,
            orders: &self.orders,
            house: self.reckoning(world),
        }
    }

    fn refund(&mut self, signal: &Signal, order: Option<&str>, world: World) {
        let told = |key: &str| !signal.properties.at(key).is_null();
        let amount = match told("value") || told("items") {
            // Of an order in foreign money nothing is left to count: it is all of it.
            true => signal.money("value", world.bundle.house().currency(), world.host).unwrap_or(0).saturating_abs(),
            // An order and no amount: all of it.
            false => money::MAX,
        };
        let cause = Cause { event: Some(&signal.id), at: signal.at };
        match order {
            Some(order) if self.orders.get(order).is_some() => {
                self.refund_order(order, amount, cause, world);
            }
            Some(order) => {
                self.parked.push(Parked { order: order.to_string(), amount, event: signal.id.clone(), at: signal.at })
            }
            None if told("value") => {
                // Names no order: this shopper's newest orders first.
                let mut left = amount;
                while left > 0 {
                    let open = self.orders.iter().filter(|(_, order)| order.left > 0);
                    let Some((newest, _)) = open.max_by_key(|(id, order)| (order.at, *id)) else { break };
                    let newest = newest.to_string();
                    left -= self.refund_order(&newest, left, cause, world);
                }
            }
            None => (),
        }
    }

    /// Takes up to `amount` from an order; how much was taken.
    fn refund_order(&mut self, order: &str, amount: i64, cause: Cause, world: World) -> i64 {
        let Some(held) = self.orders.get_mut(order) else { return 0 };
        let taken = amount.clamp(0, held.left.max(0));
        held.left -= taken;
        let Order { at, left } = *held;
        if taken > 0 {
            let day = world.zones.day(world.bundle.house().zone(), at);
            self.profile.purchases.refund(day, taken, left <= 0);
        }
        if taken > 0 || left <= 0 {
            self.turn(None, Arrival::Timely, &Value::Null, cause.at, world, &mut |loyalty, turn| {
                loyalty.refund(order, left, Turn { because: cause.event, ..turn })
            });
        }
        taken
    }

    fn unpark(&mut self, order: &str, world: World) {
        let at = self.orders.get(order).map_or(Time(0), |order| order.at);
        while let Some(index) = self.parked.iter().position(|parked| parked.order == order) {
            let parked = self.parked.remove(index);
            self.refund_order(order, parked.amount, Cause { event: Some(&parked.event), at }, world);
        }
    }

    /// What meters need beside the signal.
    fn reckoning<'a>(&self, world: World<'a>) -> meter::Context<'a> {
        meter::Context { enrolled: self.loyalty.enrolled, ..world.meters() }
    }

    /// The meters that are asked for.
    fn meters(&self, now: Time, world: World, needs: &Needs) -> Value {
        let mut map = Map::new();
        for (id, meter) in world.bundle.meters().iter() {
            if !needs.wants("meter", id) {
                continue;
            }
            let value = meter.value(self.meters.get(id), now, self.reckoning(world));
            // What has not happened has no instant and no maximum: absent.
            if !value.is_null() {
                map.append(id, value);
            }
        }
        map.into()
    }

    /// The shape of contract.md section 3, `progress`.
    pub fn progress(&self, now: Time, world: World) -> Value {
        self.progress_of(now, world, &|_| true)
    }

    /// As much of it as is wanted.
    fn progress_of(&self, now: Time, world: World, wants: &dyn Fn(&str) -> bool) -> Value {
        let reckon = |document: &Value, wants: &dyn Fn(&str) -> bool| {
            self.loyalty.progress(self.present(now, document, self.loyalty.seen(), world), wants).into()
        };
        let asked = reward::conditions(world.program(now).unwrap_or(Program(&Value::Null)));
        let needs = needs_of(asked.filter(|_| wants("rewards")), world.bundle);
        if needs.is_empty() {
            return reckon(&Value::Null, wants);
        }
        // What rewards ask of loyalty itself is asked of all of it but them.
        let before = || reckon(&Value::Null, &|part| part != "rewards" && needs.wants("loyalty", part));
        reckon(&self.facts(world, now, None, &Value::Null, &needs, &before), wants)
    }

    /// What an agent may know of the shopper; none where the program or the shopper allows none.
    pub fn summary(&self, now: Time, world: World) -> Option<Value> {
        hook::summary(&self.loyalty, self.present(now, &Value::Null, self.loyalty.seen(), world))
    }

    /// What a widget of this kind shows, of what its block names.
    pub fn widget(&self, kind: &str, of: &Value, scope: template::Scope, now: Time, world: World) -> Option<Value> {
        let turn = self.present(now, scope.document, self.loyalty.seen(), world);
        Widget { loyalty: &self.loyalty, turn, scope, of: of.field("of") }.show(kind)
    }

    /// The document that conditions and templates read, as far as they need it. `page` are the facts the host gave.
    pub fn document(&self, world: World, now: Time, signal: Option<&Signal>, page: &Value, needs: &Needs) -> Value {
        let loyalty = || self.progress_of(now, world, &|part| needs.wants("loyalty", part));
        self.facts(world, now, signal, page, needs, &loyalty)
    }

    fn facts(
        &self,
        world: World,
        now: Time,
        signal: Option<&Signal>,
        page: &Value,
        needs: &Needs,
        loyalty: &dyn Fn() -> Value,
    ) -> Value {
        let profile = &self.profile;
        let mut document = Map::new();
        let mut put = |root: &str, make: &dyn Fn() -> Value| {
            if needs.has(root) {
                document.append(root, make());
            }
        };
        put("user", &|| profile.facts().into());
        put("event", &|| needs.members("event", signal.map_or(&Value::Null, |signal| &signal.properties)).into());
        put("context", &|| {
            let mut context = needs.members("context", page);
            // The page's own word on its path where the line that told of it said none.
            let path = profile.path.as_deref().or(page.at("page.path").text());
            let at = profile.page_at.map(|at| at.0);
            let (kind, told) = ((&profile.page).into(), page.at("page.kind").clone());
            context.set("page", Map::of([("kind", kind), ("told", told), ("path", path.into()), ("at", at.into())]));
            if let Some(zone) = self.loyalty.seen().0 {
                context.set("timezone", zone);
            }
            context.set("visits", profile.session.count);
            if needs.wants("context", "cart") {
                context.set("cart", profile.cart.facts(page.at("items"), world.cart()));
            }
            if needs.wants("context", "review") {
                let house = world.bundle.house();
                context.set("review", profile.orders.review(now, house.review(), house.zone(), world.zones));
            }
            if needs.wants("context", "delivery") {
                context.set("delivery", profile.orders.delivery());
            }
            context.into()
        });
        put("meter", &|| self.meters(now, world, needs));
        put("interest", &|| {
            profile.tastes(world.bundle.interests(), world.assumed, now, &|name| needs.wants("interest", name))
        });
        put("value", &|| {
            let zone = world.bundle.house().zone();
            let known = profile.allows("personalization", world.assumed).then_some(&profile.purchases);
            known.map_or(Value::Null, |purchases| {
                let midnight = |day| world.zones.midnight(zone, day);
                purchases.facts(world.bundle.value(), world.zones.day(zone, now), &midnight)
            })
        });
        put("loyalty", loyalty);
        put("consent", &|| profile.consents(world.bundle.purposes(), world.assumed));
        put("profile", &|| world.program(now).map_or(Value::Null, |program| program.profile().0.clone()));
        if needs.has("derived") {
            derive(&mut document, world.bundle, now, world.meters());
        }
        document.into()
    }
}
