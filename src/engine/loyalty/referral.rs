//! Referrals: friends who bring friends, in stages, with a hold and reasons to refuse.

use super::program::{Per, Prize};
use super::{Arrival, Payout, SNAPSHOT, Tell, Turn};
use crate::engine::base::document::{List, Part};
use crate::engine::base::text::join;
use crate::engine::base::time::{Ends, Span, Time};
use crate::engine::base::value::{Map, Value};
use crate::engine::meter::Names;
use crate::engine::signal::{Kind, Signal, id_text};
use crate::{document, record};

document! {
    /// Friends who bring friends.
    pub struct Referral {
        /// What a friend does, in order; the last one pays. A name is an event's, or stands for `referral_` and it: `firstOrder`
        /// is `referral_first_order`, `first_order`, or a purchase; `joined` is a `sign_up`, too.
        "stages" stages: List<'a, &'a str> = List::of(&Value::Null),
        /// The events that pay, where the last stage does not.
        "pays" pays: Option<Names<'a>> = None,
        /// What is given to whom.
        "give" give: Give<'a> = Give(&Value::Null),
        /// How long it waits after the last stage: a refund within it voids it.
        "hold" hold: Option<Span> = None,
        /// At most so many friends.
        "cap" cap: Option<Limit<'a>> = None,
        /// Reasons to refuse: `self existing claimed loop`.
        "deny" deny: List<'a, &'a str> = List::of(&Value::Null),
        /// Reasons that are only told, where an event has a property of that name that is true; a server decides.
        "review" review: List<'a, &'a str> = List::of(&Value::Null),
    }

    /// What is given to whom, after the hold.
    pub struct Give {
        /// To whom brought a friend.
        "referrer" referrer: Option<Prize<'a>> = None,
        /// To the friend.
        "friend" friend: Option<Prize<'a>> = None,
    }

    /// At most `n` in a time.
    pub struct Limit {
        /// So many.
        "n" n: i64,
        /// In this time.
        "per" per: Per,
    }
}

record! {
    /// Friends brought, and who brought this shopper.
    pub struct Referrals {
        /// In the order of their first touch.
        "friends" friends: Vec<Friend>,
    }

    /// One friend.
    pub struct Friend {
        /// Who was brought.
        "friend" friend: String,
        /// Who brought them, where that is not this shopper.
        "referrer" referrer: Option<String>,
        /// The last stage reached, `paid` in the end.
        "stage" stage: Option<String>,
        /// What became of it; none while it is open.
        "verdict" verdict: Option<String>,
        /// When it was to be paid.
        "at" at: Option<Time>,
        /// The version of the program that promised it.
        "version" version: i64,
        /// The order it was to be paid for.
        "order" order: Option<String>,
        /// When the hold ends.
        "until" until: Option<Time>,
    }
}

impl Friend {
    fn is(&self, verdict: &str) -> bool {
        self.verdict.as_deref() == Some(verdict)
    }

    /// Whether it waits for the end of its hold, or for a server.
    fn waits(&self) -> bool {
        let reviewed = self.verdict.as_deref().is_some_and(|verdict| verdict.starts_with("review:"));
        self.at.is_some() && (self.is("held") || reviewed)
    }

    /// Nothing speaks against it: what is complete is paid once the hold is over.
    fn release<'a>(&mut self, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
        match self.until {
            None => self.verdict = None,
            Some(until) if until > turn.at => self.verdict = Some(String::from("held")),
            Some(_) => self.pay(turn, won),
        }
    }

    /// Gives what was promised when it was to be paid: a later program changes nothing of it.
    fn pay<'a>(&mut self, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
        let promised = turn.programs.iter().find(|program| program.version() == self.version);
        let Some(terms) = promised.unwrap_or(turn.program).referral() else { return };
        let give = terms.give();
        (self.stage, self.verdict) = (Some(String::from("paid")), Some(String::from("paid")));
        let prize = if self.referrer.is_some() { give.friend() } else { give.referrer() };
        won.extend(Payout::of("referral", prize));
    }
}

impl<'a> Referral<'a> {
    /// The stage an event reaches.
    fn stage(self, event: &str) -> Option<usize> {
        let event = event.strip_prefix("referral_").unwrap_or(event);
        let plain = match event {
            "purchase" => "first_order",
            "sign_up" => "joined",
            event => event,
        };
        self.stages().iter().position(|stage| stage == event || same(stage, event) || same(stage, plain))
    }

    /// Whether an event that reaches this stage pays.
    fn pays_on(self, event: &str, stage: Option<usize>) -> bool {
        match self.pays() {
            Some(names) => names.has(event),
            None => stage.is_some_and(|stage| stage + 1 == self.stages().iter().len()),
        }
    }

    fn denies(self, reason: &str) -> bool {
        self.deny().iter().any(|denied| denied == reason)
    }
}

/// Whether two names are the same but for underscores and capitals.
fn same(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
}

/// A friend may have gone a stage further.
pub fn hear<'a>(referrals: &mut Referrals, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    let Some(signal) = turn.signal.filter(|signal| signal.kind == Kind::Track) else { return };
    let told = |keys: [&str; 2]| keys.into_iter().find_map(|key| id_text(signal.properties.at(key)));
    let (friend, referrer) = (told(["friend", "friend_id"]), told(["referrer", "referrer_id"]));
    match signal.name.as_str() {
        SNAPSHOT => return decide(referrals, signal.properties.field("referrals"), turn, won),
        "refund" | "referral_voided" => return void(referrals, signal, friend.as_deref(), turn),
        _ => (),
    }
    let Some(terms) = turn.program.referral() else { return };
    let stage = terms.stage(&signal.name);
    let pays = terms.pays_on(&signal.name, stage);
    if !(stage.is_some() || pays) || turn.arrival != Arrival::Timely || signal.ours {
        return;
    }
    let Some(index) = touched(referrals, signal, friend, referrer, turn, terms) else { return };
    let full = pays && is_full(referrals, terms, turn);
    let Some(row) = referrals.friends.get_mut(index) else { return };
    let flagged = |reason: &str| signal.properties.field(reason).bool() == Some(true);
    if row.verdict.is_none() {
        let reason = terms.review().iter().find(|reason| flagged(reason));
        row.verdict = reason.map(|reason| join(&["review:", reason]));
    }
    let open = row.verdict.is_none();
    if !open && !row.verdict.as_deref().is_some_and(|verdict| verdict.starts_with("review:")) {
        return;
    }
    let place = |name: &str| terms.stages().iter().position(|stage| stage == name);
    if stage.is_some() && stage > row.stage.as_deref().and_then(place) {
        row.stage = stage.and_then(|stage| terms.stages().get(stage)).map(str::to_string);
    }
    if !pays || row.at.is_some() {
        return;
    }
    if full && row.referrer.is_none() {
        row.verdict = Some(String::from("denied:cap"));
        return;
    }
    let calendar = turn.calendar();
    (row.at, row.version) = (Some(turn.at), turn.program.version());
    row.order = turn.order.map(str::to_string);
    let hold = terms.hold().unwrap_or_default();
    row.until = Some(calendar.zones.add(calendar.zone, turn.at, hold, Ends::Wait));
    if open {
        row.release(turn, won);
    }
}

/// The row of the friend an event is about, made at the first touch. What speaks against a friend is known then.
fn touched(
    referrals: &mut Referrals,
    signal: &Signal,
    friend: Option<String>,
    referrer: Option<String>,
    turn: Turn,
    terms: Referral,
) -> Option<usize> {
    let rows = &referrals.friends;
    let own = |id: &String| turn.user == Some(id) || signal.anonymous.as_ref() == Some(id);
    let brought = |row: &Friend| row.referrer.is_some() && !row.is("denied:claimed");
    let (friend, referrer, reason) = match (friend, referrer) {
        // What a friend does once they were brought.
        (None, None) => return rows.iter().position(brought),
        (Some(friend), None) if own(&friend) => (friend, None, Some("self")),
        (None, Some(referrer)) if own(&referrer) => (referrer, None, Some("self")),
        (Some(friend), Some(referrer)) if own(&friend) && own(&referrer) => (friend, None, Some("self")),
        // This shopper brings a friend, whom somebody else may have brought before.
        (Some(friend), referrer) if !own(&friend) => {
            let claimed = referrer.is_some_and(|referrer| !own(&referrer));
            let back = rows.iter().any(|row| row.referrer.as_ref() == Some(&friend));
            (friend, None, if claimed { Some("claimed") } else { back.then_some("loop") })
        }
        // Somebody brings this shopper: the first touch keeps the credit.
        (_, Some(referrer)) => {
            let me = turn.user.or(signal.anonymous.as_deref()).unwrap_or_default().to_string();
            let claimed = rows.iter().any(|row| brought(row) && row.referrer.as_ref() != Some(&referrer));
            let back = rows.iter().any(|row| row.referrer.is_none() && row.friend == referrer);
            let known = turn.orders.iter().any(|(order, _)| turn.order != Some(order));
            let reason = if claimed {
                Some("claimed")
            } else if back {
                Some("loop")
            } else {
                known.then_some("existing")
            };
            (me, Some(referrer), reason)
        }
        (Some(_), None) => return None,
    };
    let of = |row: &Friend| row.referrer == referrer && (referrer.is_some() || row.friend == friend);
    if let Some(index) = rows.iter().position(of) {
        return Some(index);
    }
    let tells = |key: &str, is: bool| signal.properties.field(key).bool() == Some(is);
    let existing = tells("existing", true) || tells("new_customer", false);
    let reason = reason.or(existing.then_some("existing"));
    // Of two who bring one shopper the second never gets credit, whether that is told or not.
    if reason == Some("claimed") && !terms.denies("claimed") {
        return None;
    }
    let verdict = reason.filter(|reason| terms.denies(reason)).map(|reason| join(&["denied:", reason]));
    referrals.friends.push(Friend { friend, referrer, verdict, ..Friend::default() });
    Some(referrals.friends.len() - 1)
}

/// Whether as many friends as may be are paid, or are to be.
fn is_full(referrals: &Referrals, terms: Referral, turn: Turn) -> bool {
    let Some(cap) = terms.cap() else { return false };
    let counts = |row: &&Friend| {
        let credited = row.referrer.is_none() && (row.is("paid") || row.waits());
        credited && row.at.is_some_and(|at| turn.counts_with(cap.per(), at))
    };
    referrals.friends.iter().filter(counts).count() as i64 >= cap.n()
}

/// What was refunded within the hold, or is called off, is void.
fn void(referrals: &mut Referrals, signal: &Signal, friend: Option<&str>, turn: Turn) {
    let called_off = signal.name != "refund";
    for row in &mut referrals.friends {
        let order = row.order.as_deref();
        let gone = order.and_then(|order| turn.orders.get(order)).is_some_and(|order| order.left <= 0);
        let meant = match friend {
            Some(friend) => friend == row.friend,
            None if called_off => row.referrer.is_some(),
            None => order.is_some() && order == turn.order || gone,
        };
        if meant && (row.waits() || called_off && row.verdict.is_none()) {
            row.verdict = Some(String::from("void"));
        }
    }
}

/// A server decides: `{FRIEND: verdict}`. What is paid stays paid.
fn decide<'a>(referrals: &mut Referrals, verdicts: &Value, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    for row in &mut referrals.friends {
        let verdict = verdicts.field(&row.friend).text();
        match verdict.filter(|_| !row.is("paid")) {
            None => (),
            Some("paid") => row.pay(turn, won),
            Some("open" | "held") => row.release(turn, won),
            Some(verdict) => row.verdict = Some(verdict.to_string()),
        }
    }
}

/// The end of a hold.
pub fn pass<'a>(referrals: &mut Referrals, turn: Turn<'a>, won: &mut Vec<Payout<'a>>) {
    for row in &mut referrals.friends {
        if row.is("held") && row.until.is_some_and(|until| until <= turn.at) {
            row.pay(turn, won);
        }
    }
}

/// The next end of a hold.
pub fn next(referrals: &Referrals, tell: Tell) {
    referrals.friends.iter().filter(|row| row.is("held")).filter_map(|row| row.until).for_each(tell);
}

/// `[{friend, stage, verdict}]`, with `referrer` where somebody brought this shopper.
pub fn progress(referrals: &Referrals, _turn: Turn) -> Value {
    let row = |row: &Friend| {
        let mut line = Map::of([("friend", row.friend.as_str().into()), ("stage", (&row.stage).into())]);
        line.append("verdict", row.verdict.as_deref().unwrap_or("open").into());
        if let Some(referrer) = &row.referrer {
            line.append("referrer", referrer.as_str().into());
        }
        Value::from(line)
    };
    referrals.friends.iter().map(row).collect::<Vec<_>>().into()
}
