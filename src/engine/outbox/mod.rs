//! Delivery as a state machine: batches, backoff, what a refusal means. The rows stay in the host's log; this holds counts and
//! clocks only.

use super::base::hash::fnv32a;
use super::base::text::{decimal, join};
use super::base::time::{HOUR, Time};
use super::effect::Effect;

/// What a request came back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// `Retry-After` in ms, where there was one.
    pub retry_after: Option<i64>,
    /// Rows the request carried.
    pub sent: u32,
    /// Unsent rows that remain.
    pub left: u32,
}

/// Most rows in one request.
pub const BATCH: u32 = 500;

/// First and longest wait of the backoff (reliability.md section 1: full jitter, at most 5 minutes).
const FIRST_WAIT: i64 = 1_000;
const LONGEST_WAIT: i64 = 300_000;

/// What came while a request was out waits for more to go with: a stream of signals makes one request a second.
const GATHER: i64 = 1_000;

/// Counts and clocks of delivery.
#[derive(Clone, Debug)]
pub struct Outbox {
    unsent: u32,
    /// Those of them that came while a request was out: its reply does not count them.
    late: u32,
    in_flight: bool,
    /// Rows the next request may carry: halved while the server refuses a batch, to find the row it means.
    limit: u32,
    failures: u32,
    not_before: Time,
    /// All that is there now is wanted out at once.
    hurried: bool,
    /// The server said who we are is wrong: nothing is sent until the next start.
    paused: bool,
    /// Jitter is a counter-based hash of this.
    seed: String,
    draws: u32,
}

impl Outbox {
    /// An empty outbox; `seed` is drawn once by the host.
    pub fn new(seed: &str) -> Outbox {
        Outbox {
            unsent: 0,
            late: 0,
            in_flight: false,
            limit: BATCH,
            failures: 0,
            not_before: Time(i64::MIN),
            hurried: false,
            paused: false,
            seed: seed.to_string(),
            draws: 0,
        }
    }

    /// More rows wait.
    pub fn add(&mut self, rows: u32) {
        self.unsent = self.unsent.saturating_add(rows);
        self.late = self.late.saturating_add(rows);
    }

    /// Forget the backoff once; if a request is out, what it did not carry follows it.
    pub fn hurry(&mut self) {
        self.hurried = true;
        self.not_before = Time(i64::MIN);
        self.paused = false;
    }

    /// What is to be done now, if anything.
    pub fn step(&mut self, now: Time) -> Option<Effect> {
        if self.unsent == 0 || self.in_flight || self.paused || now < self.not_before {
            return None;
        }
        self.in_flight = true;
        self.late = 0;
        self.hurried = false;
        Some(Effect::Send(self.limit))
    }

    /// When it wants to be asked again.
    pub fn next(&self) -> Option<Time> {
        (self.unsent > 0 && !self.in_flight && !self.paused).then_some(self.not_before)
    }

    /// A request came back.
    pub fn replied(&mut self, reply: Reply, now: Time) -> Option<Effect> {
        self.in_flight = false;
        self.unsent = reply.left.saturating_add(self.late);
        match reply.status {
            200..=299 => {
                self.failures = 0;
                self.limit = self.limit.saturating_mul(2).min(BATCH);
                if reply.left == 0 && !self.hurried {
                    self.not_before = now.plus(GATHER);
                }
                None
            }
            401 | 403 => {
                self.paused = true;
                None
            }
            // The server will never take this batch: halve it until the row it means stands alone.
            400..=499 if !matches!(reply.status, 408 | 425 | 429) => {
                if reply.sent > 1 {
                    self.limit = (reply.sent / 2).max(1);
                    return None;
                }
                self.unsent = self.unsent.saturating_sub(1);
                Some(Effect::Bury(if reply.status == 413 { "too_large" } else { "refused" }))
            }
            _ => {
                let ceiling = FIRST_WAIT.saturating_mul(1 << self.failures.min(12)).min(LONGEST_WAIT);
                self.failures = self.failures.saturating_add(1);
                self.draws = self.draws.wrapping_add(1);
                let draw = fnv32a(&join(&[&self.seed, ":", &decimal(i64::from(self.draws), 1)]));
                let wait = ceiling * i64::from(draw) / (1 << 32);
                let asked = reply.retry_after.filter(|_| matches!(reply.status, 429 | 503)).unwrap_or(0).clamp(0, HOUR);
                self.not_before = now.plus(wait.max(asked));
                None
            }
        }
    }
}
