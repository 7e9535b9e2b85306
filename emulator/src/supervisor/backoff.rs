//! How long to wait before a part that died is started again.

use std::time::Duration;

/// The first wait: a part that died once is back before anybody notices.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait: often enough that a repair is found soon.
const LONGEST: Duration = Duration::from_secs(10);
/// After so long in health the next death counts as the first.
const HEALTHY: Duration = Duration::from_secs(30);

/// The waits of one part.
#[derive(Debug)]
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// Returns how long to wait after a death that followed so much health.
    pub fn after(&mut self, healthy: Duration) -> Duration {
        if healthy >= HEALTHY {
            self.next = FIRST;
        }
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound_and_health_forgives() {
        let mut backoff = Backoff::default();
        let waits = [0; 8].map(|_| backoff.after(Duration::ZERO).as_millis());
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(backoff.after(HEALTHY - Duration::from_millis(1)), LONGEST);
        assert_eq!(backoff.after(HEALTHY), FIRST);
    }
}
