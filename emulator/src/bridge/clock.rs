//! The time by which schedules fire.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Real time, moved by an offset that a person or a test chooses.
///
/// Only schedules follow it. Tokens, events and documents keep real time,
/// because functions compare them with their own clocks. The offset is not
/// kept: a bridge that starts again is back in the present.
#[derive(Debug)]
pub struct Clock {
    offset_ms: AtomicI64,
    moved: watch::Sender<()>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset_ms: AtomicI64::new(0), moved: watch::Sender::new(()) }
    }
}

impl Clock {
    /// Returns the time that schedules go by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_ms.load(Relaxed));
        let real = Timestamp::now();
        real.saturating_add(offset).unwrap_or(real)
    }

    /// Moves the clock forward or back; it goes on from there.
    pub fn set(&self, now: Timestamp) {
        let offset = now.duration_since(Timestamp::now()).as_millis();
        self.offset_ms.store(i64::try_from(offset).unwrap_or(0), Relaxed);
        self.moved.send_replace(());
    }

    /// Returns how far the clock is from real time.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Relaxed)
    }

    /// Tells whenever the clock is moved.
    #[must_use]
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_on_from_where_it_was_set() {
        let clock = Clock::default();
        for time in ["2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"] {
            let time = time.parse::<Timestamp>().expect("valid");
            clock.set(time);
            let passed = clock.now().duration_since(time);
            assert!(passed.abs() < SignedDuration::from_secs(5), "{passed}");
        }
    }
}
