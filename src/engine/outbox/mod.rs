//! Delivery as a state machine: batches, backoff, what a refusal means, what goes when too much waits. The rows stay in the
//! host's log; this holds counts and clocks only.

use super::base::hash::fnv32a;
use super::base::text::decimal;
use super::base::time::{DAY, HOUR, Time};
use super::effect::Effect;

/// What a request came back with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reply {
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// `Retry-After` in ms, where there was one.
    pub retry_after: Option<i64>,
    /// Rows the request carried.
    pub sent: u32,
    /// Unsent rows that remain, those of a failed request among them; 0 after a failure that could not count them.
    pub left: u32,
    /// Log position of the first row the request carried.
    pub at: f64,
    /// Bytes that remain, where the host weighed them; else 0.
    pub bytes: u32,
}

/// Most rows in one request.
pub const BATCH: u32 = 500;
/// Most of them where the last request failed: whether the server takes them again is asked with few.
const PROBE: u32 = 100;
/// How old a row may become undelivered; a collector forgets ids only later.
pub const AGE: i64 = 7 * DAY;
/// Most rows and bytes that may wait while the server takes nothing.
pub const CAP: (u32, u32) = (10_000, 5 << 20);
/// Most bytes that may leave as the page goes.
pub const FAREWELL: u32 = 48 << 10;

/// First and longest wait of the backoff (reliability.md section 1: full jitter, at most 5 minutes).
const FIRST_WAIT: i64 = 1_000;
const LONGEST_WAIT: i64 = 300_000;
/// What came while a request was out waits for more to go with: a stream of signals makes one request a second.
const GATHER: i64 = 1_000;

/// What losing a signal costs, by its canonical name: 0 is shed first, what a page does by itself; 2 last, what is owed or was
/// said.
pub fn rank(name: &str) -> u32 {
    match name {
        "page" | "page_view" | "scroll" | "dwell" | "exit_intent" | "inactive" | "danbi_decision" => 0,
        "purchase" | "refund" | "identify" | "consent" | "spend_virtual_currency" | "redemption_cancelled" => 2,
        _ if name.starts_with("danbi_") => 2,
        _ => 1,
    }
}

/// Counts and clocks of delivery.
#[derive(Clone, Debug)]
pub struct Outbox {
    unsent: u32,
    /// Those of them that came while a request was out: its reply does not count them.
    late: u32,
    bytes: u32,
    in_flight: bool,
    /// The server refuses one of so many rows at the head: they are sent by halves to find it.
    suspect: u32,
    /// Rows that a request may carry, as far as 413 taught.
    room: u32,
    failures: u32,
    /// Where the own backoff ends, or the pause after the server said that who we are is wrong.
    not_before: Time,
    /// All that is there now is wanted out at once.
    hurried: bool,
    /// What the server asked for: held whatever happens.
    rest: Time,
    /// Jitter is a hash of this and the time.
    seed: String,
}

impl Outbox {
    /// An empty outbox; `seed` is drawn once for each tab.
    pub fn new(seed: &str) -> Outbox {
        Outbox {
            unsent: 0,
            late: 0,
            bytes: 0,
            in_flight: false,
            suspect: 0,
            room: BATCH,
            failures: 0,
            not_before: Time(i64::MIN),
            hurried: false,
            rest: Time(i64::MIN),
            seed: seed.to_string(),
        }
    }

    /// More rows wait.
    pub fn add(&mut self, rows: u32) {
        self.unsent = self.unsent.saturating_add(rows);
        self.late = self.late.saturating_add(rows);
    }

    /// Forget the backoff once, not what the server asked for; if a request is out, what it did not carry follows it.
    pub fn hurry(&mut self) {
        self.hurried = true;
        self.not_before = Time(i64::MIN);
    }

    /// What is to be done now, if anything; to be asked again until it is nothing.
    pub fn step(&mut self, now: Time) -> Option<Effect> {
        if self.unsent == 0 || self.in_flight {
            return None;
        }
        // One refusal may be of one row; a server that takes nothing fails again.
        if self.failures > 1 && (self.unsent > CAP.0 || self.bytes > CAP.1) {
            // The host counts exactly, and where it must shed leaves a tenth of room: until then this is not asked again.
            (self.unsent, self.bytes) = (self.unsent.min(CAP.0 / 10 * 9), 0);
            return Some(Effect::Shed { rows: CAP.0, bytes: CAP.1 });
        }
        // Nothing takes longer than an hour: the clock went back.
        if (1..=HOUR).contains(&self.due().0.saturating_sub(now.0)) {
            return None;
        }
        self.in_flight = true;
        self.late = 0;
        self.hurried = false;
        let limit = match self.suspect {
            0 if self.failures > 0 => PROBE,
            0 => BATCH,
            suspect => suspect / 2,
        };
        Some(Effect::Send { limit: limit.clamp(1, self.room.max(1)), since: now.plus(-AGE) })
    }

    fn due(&self) -> Time {
        self.not_before.max(self.rest)
    }

    /// When it wants to be asked again.
    pub fn next(&self) -> Option<Time> {
        (self.unsent > 0 && !self.in_flight).then_some(self.due())
    }

    /// How many bytes may leave now that the page goes. The own backoff is no reason to keep them: who leaves may not return.
    pub fn farewell(&self, now: Time) -> u32 {
        let barred = now < self.rest || now.plus(LONGEST_WAIT) < self.not_before;
        if self.unsent == 0 || barred { 0 } else { FAREWELL }
    }

    /// A request came back.
    pub fn replied(&mut self, reply: Reply, now: Time) -> Option<Effect> {
        let Reply { status, sent, left, at, bytes, .. } = reply;
        self.in_flight = false;
        self.bytes = bytes;
        let done = matches!(status, 200..=299);
        if done || left > 0 {
            // What was weighed was counted after the request, and so has those that came meanwhile.
            self.unsent = left.saturating_add(if bytes > 0 { 0 } else { self.late });
        }
        match status {
            _ if done => {
                self.failures = 0;
                self.suspect = self.suspect.saturating_sub(sent);
                self.room = (self.room + self.room / 8 + 1).min(BATCH);
                if left == 0 && !self.hurried {
                    self.not_before = now.plus(GATHER);
                }
            }
            401 | 403 => {
                self.failures = self.failures.saturating_add(2);
                self.not_before = now.plus(HOUR);
            }
            400..=499 if !matches!(status, 408 | 425 | 429) => {
                match (sent, status) {
                    (0..=1, _) => {
                        // Found; the next one is tried alone, and a server that refuses them all is not hurried.
                        if self.failures > 0 {
                            self.wait(now);
                        }
                        self.failures = self.failures.saturating_add(1);
                        self.suspect = 1;
                        let reason = if status == 413 { "too_large" } else { "refused" };
                        return Some(Effect::Bury { position: at, reason });
                    }
                    (_, 413) => self.room = sent / 2,
                    _ => self.suspect = sent,
                }
            }
            _ => {
                self.wait(now);
                self.failures = self.failures.saturating_add(1);
                if let (429 | 503, Some(asked)) = (status, reply.retry_after) {
                    self.rest = now.plus(asked.clamp(0, HOUR));
                }
            }
        }
        None
    }

    /// Full jitter below a ceiling that doubles.
    fn wait(&mut self, now: Time) {
        let ceiling = FIRST_WAIT.saturating_mul(1 << self.failures.min(12)).min(LONGEST_WAIT);
        let draw = fnv32a(&[&self.seed, ":", &decimal(now.0, 1)]);
        self.not_before = now.plus(ceiling * i64::from(draw) / (1 << 32));
    }
}

#[cfg(test)]
mod tests {
    use super::super::base::time::MINUTE;
    use super::*;

    const NOW: Time = Time(1_790_000_000_000);

    fn reply(status: u16, sent: u32, left: u32) -> Reply {
        Reply { status, retry_after: None, sent, left, at: 1.0, bytes: 0 }
    }

    fn with(rows: u32) -> Outbox {
        let mut outbox = Outbox::new("tab");
        outbox.add(rows);
        outbox
    }

    /// How many rows the next request may carry, when it may leave now.
    fn sends(outbox: &mut Outbox, now: Time) -> Option<u32> {
        match outbox.step(now) {
            Some(Effect::Send { limit, since }) => {
                assert_eq!(since, now.plus(-7 * DAY));
                assert_eq!(outbox.step(now), None, "one at a time");
                assert_eq!(outbox.next(), None, "the answer is waited for, not a time");
                Some(limit)
            }
            None => None,
            other => panic!("{other:?}"),
        }
    }

    /// When the next request may leave, after one came back so.
    fn due(outbox: &mut Outbox, now: Time, status: u16, retry_after: Option<i64>) -> Time {
        assert!(sends(outbox, now).is_some());
        assert_eq!(outbox.replied(Reply { retry_after, ..reply(status, 1, 1) }, now), None);
        outbox.next().unwrap()
    }

    #[test]
    fn what_waits_is_sent_once() {
        let mut outbox = Outbox::new("tab");
        assert_eq!((outbox.step(NOW), outbox.next()), (None, None));
        outbox.add(600);
        assert_eq!(sends(&mut outbox, NOW), Some(500));
        assert_eq!(outbox.replied(reply(200, 500, 100), NOW), None);
        assert_eq!(sends(&mut outbox, NOW), Some(500));
        assert_eq!(outbox.replied(reply(204, 100, 0), NOW), None);
        assert_eq!((outbox.step(NOW), outbox.next()), (None, None));
    }

    #[test]
    fn rows_that_come_while_a_request_is_out_are_not_forgotten() {
        let mut outbox = with(1);
        sends(&mut outbox, NOW);
        outbox.add(1);
        // The host counted what was left before that row was there.
        outbox.replied(reply(200, 1, 0), NOW);
        // It waits for more to go with, unless somebody wanted it out.
        let mut hurried = outbox.clone();
        hurried.hurry();
        assert!(sends(&mut hurried, NOW).is_some());
        assert_eq!((outbox.step(NOW), outbox.next()), (None, Some(NOW.plus(1_000))));
        assert!(sends(&mut outbox, NOW.plus(1_000)).is_some());
        outbox.add(1);
        outbox.hurry();
        outbox.replied(reply(200, 1, 0), NOW);
        assert!(sends(&mut outbox, NOW).is_some());
        outbox.replied(reply(200, 1, 0), NOW);
        assert_eq!((outbox.step(NOW.plus(DAY)), outbox.next()), (None, None));
        // A failure that cannot count leaves what was known.
        let mut outbox = with(3);
        sends(&mut outbox, NOW);
        outbox.replied(reply(0, 0, 0), NOW);
        assert!(outbox.next().is_some());
    }

    #[test]
    fn failures_wait_longer_and_longer_and_never_give_up() {
        for status in [0, 100, 302, 408, 425, 429, 500, 502, 503, 504, 600, 999] {
            let (mut outbox, mut now, mut longest) = (with(1), NOW, 0);
            for failure in 0..2_000 {
                let next = due(&mut outbox, now, status, None);
                let (wait, ceiling) = (next.0 - now.0, (1_000_i64 << failure.min(12)).min(5 * MINUTE));
                assert!((0..=ceiling).contains(&wait), "{wait} ms after failure {failure}");
                longest = longest.max(wait);
                assert!(wait == 0 || outbox.clone().step(now).is_none());
                now = next;
            }
            assert!(longest > 4 * MINUTE, "full jitter reaches up to the ceiling");
            sends(&mut outbox, now);
            outbox.replied(reply(200, 1, 1), now);
            assert!(due(&mut outbox, now, status, None).0 - now.0 <= 1_000, "a success forgets the failures");
        }
    }

    #[test]
    fn a_server_that_failed_is_asked_again_with_few() {
        let mut outbox = with(10_000);
        for (status, limit) in [(503, 500), (0, 100), (401, 100), (200, 100), (200, 500)] {
            let now = outbox.next().unwrap().max(NOW);
            assert_eq!(sends(&mut outbox, now), Some(limit));
            assert_eq!(outbox.replied(reply(status, limit, 9_000), now), None);
        }
    }

    #[test]
    fn two_tabs_do_not_wait_alike() {
        let (mut one, mut other) = (Outbox::new("tab-1"), Outbox::new("tab-2"));
        one.add(1);
        other.add(1);
        assert_ne!(due(&mut one, NOW, 500, None), due(&mut other, NOW, 500, None));
    }

    #[test]
    fn what_the_server_asks_for_is_held() {
        for (status, asked, least) in [
            (429, 30_000, 30_000),
            (503, 600_000, 600_000),
            (503, 1_000_000_000_000, HOUR),
            (429, i64::MAX, HOUR),
            (429, -5, 0),
            (503, i64::MIN, 0),
            (500, 30_000, 0),
            (408, 30_000, 0),
        ] {
            let mut outbox = with(1);
            let next = due(&mut outbox, NOW, status, Some(asked));
            assert!((least..=least.max(1_000)).contains(&(next.0 - NOW.0)), "{status} {asked}");
            // Nobody's hurry changes it, nor that the page goes.
            outbox.hurry();
            if least > 0 {
                assert_eq!(outbox.farewell(NOW.plus(least - 1)), 0);
                assert_eq!(outbox.step(NOW.plus(least - 1)), None);
            }
            assert!(sends(&mut outbox, NOW.plus(least)).is_some());
        }
    }

    #[test]
    fn who_is_not_let_in_rests_for_an_hour() {
        for status in [401, 403] {
            let mut outbox = with(1);
            assert_eq!(due(&mut outbox, NOW, status, None), NOW.plus(HOUR));
            assert_eq!((outbox.step(NOW.plus(HOUR - 1)), outbox.farewell(NOW)), (None, 0));
            let mut asked = outbox.clone();
            asked.hurry();
            assert!(sends(&mut asked, NOW).is_some(), "who asks for it is heard");
            assert!(sends(&mut outbox, NOW.plus(HOUR)).is_some());
        }
    }

    #[test]
    fn a_batch_too_large_is_halved_and_grows_slowly() {
        let mut outbox = with(1_000);
        let mut limits = Vec::new();
        for status in [413, 413, 413, 200, 200, 200, 413, 200] {
            let limit = sends(&mut outbox, NOW).unwrap();
            limits.push(limit);
            assert_eq!(outbox.replied(reply(status, limit, 1_000), NOW), None);
        }
        assert_eq!(limits, [500, 250, 125, 62, 70, 79, 89, 44]);
        sends(&mut outbox, NOW);
        let buried = outbox.replied(Reply { at: 7.0, ..reply(413, 1, 9) }, NOW);
        assert_eq!(buried, Some(Effect::Bury { position: 7.0, reason: "too_large" }));
    }

    #[test]
    fn a_refused_row_is_found_by_halves_and_all_others_arrive_in_order() {
        for poison in [0, 1, 137, 249, 250, 498, 499] {
            let (mut outbox, mut log) = (with(500), (0..500).collect::<Vec<u32>>());
            let (mut delivered, mut requests) = (Vec::new(), 0);
            while let Some(limit) = sends(&mut outbox, NOW) {
                requests += 1;
                let sent: Vec<u32> = log.iter().copied().take(limit as usize).collect();
                let status = if sent.contains(&poison) { 422 } else { 200 };
                if status == 200 {
                    delivered.extend(log.drain(..sent.len()));
                }
                let at = sent.first().map_or(0.0, |row| f64::from(*row));
                let came = Reply { at, ..reply(status, sent.len() as u32, log.len() as u32) };
                if let Some(effect) = outbox.replied(came, NOW) {
                    assert_eq!(effect, Effect::Bury { position: f64::from(poison), reason: "refused" });
                    log.retain(|row| *row != poison);
                }
            }
            assert_eq!(delivered, (0..500).filter(|row| *row != poison).collect::<Vec<u32>>());
            assert!(requests <= 14, "{requests} requests for row {poison}");
        }
    }

    #[test]
    fn a_server_that_refuses_everything_is_not_hurried() {
        let (mut outbox, mut now) = (with(20), NOW);
        for row in 0..20 {
            while sends(&mut outbox, now) != Some(1) {
                assert_eq!(outbox.replied(reply(404, 2, 20), now), None);
            }
            assert!(matches!(outbox.replied(reply(404, 1, 20), now), Some(Effect::Bury { .. })));
            let next = outbox.next().unwrap();
            assert!(next <= now.plus(5 * MINUTE));
            now = now.max(next);
            assert!(row < 19 || now > NOW.plus(10 * MINUTE), "twenty refusals took {} ms", now.0 - NOW.0);
        }
    }

    #[test]
    fn a_clock_that_goes_back_ends_the_wait() {
        let mut outbox = with(1);
        due(&mut outbox, NOW, 503, Some(HOUR));
        assert_eq!(outbox.step(NOW.plus(1)), None);
        assert!(sends(&mut outbox, NOW.plus(-365 * DAY)).is_some());
    }

    #[test]
    fn too_much_is_shed_only_while_the_server_takes_nothing() {
        let shed = Some(Effect::Shed { rows: 10_000, bytes: 5_242_880 });
        let mut outbox = with(20_000);
        assert!(sends(&mut outbox, NOW).is_some(), "a burst is no reason");
        outbox.replied(Reply { bytes: u32::MAX, ..reply(503, 500, 20_000) }, NOW);
        let now = outbox.next().unwrap();
        assert!(sends(&mut outbox, now).is_some(), "one failure neither");
        outbox.replied(reply(503, 500, 10_000), now);
        assert_eq!(outbox.clone().step(now.plus(-1)), None, "the cap itself is allowed");
        outbox.add(1);
        assert_eq!(outbox.step(now), shed);
        assert_eq!(outbox.step(now.plus(-1)), None, "once");
        // The same by weight.
        let now = outbox.next().unwrap();
        sends(&mut outbox, now);
        outbox.replied(Reply { bytes: CAP.1 + 1, ..reply(0, 0, 200) }, now);
        assert_eq!(outbox.step(now), shed);
        // What was weighed has the rows that came while the request was out.
        let now = outbox.next().unwrap();
        sends(&mut outbox, now);
        outbox.add(500);
        outbox.replied(Reply { bytes: 1, ..reply(503, 500, 10_000) }, now);
        assert_eq!(outbox.clone().step(now.plus(-1)), None, "none is counted twice");
        outbox.add(1);
        assert_eq!(outbox.step(now), shed);
        // Whom the server does not let in as well.
        let mut outbox = with(10_001);
        sends(&mut outbox, NOW);
        outbox.replied(reply(401, 500, 10_001), NOW);
        assert_eq!(outbox.step(NOW), shed);
    }

    #[test]
    fn who_leaves_may_take_48_kib() {
        let mut outbox = Outbox::new("tab");
        assert_eq!(outbox.farewell(NOW), 0);
        outbox.add(1);
        assert_eq!(outbox.farewell(NOW), 49_152);
        for _ in 0..12 {
            let now = outbox.next().unwrap().max(NOW);
            due(&mut outbox, now, 500, None);
            assert_eq!(outbox.farewell(now), 49_152, "the own backoff is no reason to keep it");
        }
    }

    #[test]
    fn what_a_page_does_by_itself_goes_first_and_what_is_owed_last() {
        for (rank, names) in [
            (0, ["page", "scroll", "dwell", "danbi_decision"]),
            (1, ["view_item", "add_to_cart", "search", "anything"]),
            (2, ["purchase", "consent", "danbi_answer", "danbi_dropped"]),
        ] {
            for name in names {
                assert_eq!(super::rank(name), rank, "{name}");
            }
        }
    }
}
