//! Delivery as a state machine: batches, backoff, what a refusal means, what goes when too much waits. The rows stay in the
//! host's log; this holds counts and clocks only.

use super::base::hash::fnv32a;
use super::base::text::{decimal, join};
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
/// How old a row may become undelivered; a collector forgets ids only later.
pub const AGE: i64 = 7 * DAY;
/// Most rows and bytes that may wait while the server takes nothing.
pub const CAP: (u32, u32) = (10_000, 5 << 20);
/// What is left after shedding: a tenth below the cap, so that each loss that is told stands for many.
pub const KEPT: (u32, u32) = (9_000, 9 << 19);
/// Most bytes that may leave as the page goes.
pub const FAREWELL: u32 = 48 << 10;

/// First and longest wait of the backoff (reliability.md section 1: full jitter, at most 5 minutes).
const FIRST_WAIT: i64 = 1_000;
const LONGEST_WAIT: i64 = 300_000;

/// What losing a signal costs, by its canonical name: 0 is shed first, what a page does by itself; 2 last, what is owed or was
/// said.
pub fn rank(name: &str) -> u32 {
    match name {
        "page" | "page_view" | "scroll" | "dwell" | "exit_intent" | "danbi_decision" => 0,
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
            rest: Time(i64::MIN),
            seed: seed.to_string(),
        }
    }

    /// More rows wait.
    pub fn add(&mut self, rows: u32) {
        self.unsent = self.unsent.saturating_add(rows);
        self.late = self.late.saturating_add(rows);
    }

    /// Forget the backoff once. Not what the server asked for.
    pub fn hurry(&mut self) {
        self.not_before = Time(i64::MIN);
    }

    /// What is to be done now, if anything; to be asked again until it is nothing.
    pub fn step(&mut self, now: Time) -> Option<Effect> {
        if self.unsent == 0 || self.in_flight {
            return None;
        }
        // One refusal may be of one row; a server that takes nothing fails again.
        if self.failures > 1 && (self.unsent > CAP.0 || self.bytes > CAP.1) {
            (self.unsent, self.bytes) = (self.unsent.min(KEPT.0), 0);
            return Some(Effect::Shed { rows: KEPT.0, bytes: KEPT.1 });
        }
        // Nothing takes longer than an hour: the clock went back.
        if (1..=HOUR).contains(&self.due().0.saturating_sub(now.0)) {
            return None;
        }
        self.in_flight = true;
        self.late = 0;
        let half = if self.suspect > 0 { self.suspect / 2 } else { BATCH };
        Some(Effect::Send { limit: half.clamp(1, self.room.max(1)), since: now.plus(-AGE) })
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
            self.unsent = left.saturating_add(self.late);
        }
        match status {
            _ if done => {
                self.failures = 0;
                self.suspect = self.suspect.saturating_sub(sent);
                self.room = (self.room + self.room / 8 + 1).min(BATCH);
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
                        self.unsent = self.unsent.saturating_sub(1);
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
        let draw = fnv32a(&join(&[&self.seed, ":", &decimal(now.0, 1)]));
        self.not_before = now.plus(ceiling * i64::from(draw) / (1 << 32));
    }
}
