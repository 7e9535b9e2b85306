use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tracing::warn;

/// How often it is told that spans are lost: an outage of Cloud Trace is no flood of lines.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The spans that nobody will see, and why the last of them were lost.
#[derive(Debug, Default)]
pub(super) struct Losses {
    spans: AtomicU64,
    reason: Mutex<Reason>,
}

#[derive(Debug, Default)]
struct Reason {
    text: String,
    told: Option<Instant>,
}

impl Losses {
    pub(super) fn add(&self, spans: usize) {
        self.spans.fetch_add(spans as u64, Ordering::Relaxed);
    }

    /// Counts what could not be sent.
    pub(super) fn failed(&self, spans: usize, reason: String) {
        self.add(spans);
        self.reason().text = reason;
    }

    /// Tells how many were lost since it was last told, unless that was just now.
    pub(super) fn tell(&self, now: Instant) {
        let mut reason = self.reason();
        if reason.told.is_none_or(|told| now.duration_since(told) >= TOLD_EVERY) {
            self.tell_now(&mut reason, now);
        }
    }

    /// Tells the rest.
    pub(super) fn tell_rest(&self, now: Instant) {
        self.tell_now(&mut self.reason(), now);
    }

    fn tell_now(&self, reason: &mut Reason, now: Instant) {
        let spans = self.spans.swap(0, Ordering::Relaxed);
        if spans == 0 {
            return;
        }
        reason.told = Some(now);
        let text = std::mem::take(&mut reason.text);
        let why = if text.is_empty() { "too many wait to be sent" } else { &text };
        warn!(spans, "lost {spans} spans: {why}");
    }

    fn reason(&self) -> std::sync::MutexGuard<'_, Reason> {
        // What a panic could have left half done is one text.
        self.reason.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
