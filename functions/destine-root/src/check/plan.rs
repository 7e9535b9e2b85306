//! When checks run within a tick.
//!
//! A check has instants at which it runs: its interval counted from the epoch, moved by
//! a part that follows from its id. So the instants are the same in every process, and
//! stay so after a cold start; who is asked about a minute answers without memory.

use std::time::Duration;

use jiff::SignedDuration;
use model::{CheckId, Timestamp, digest};

/// How much time one tick looks after.
pub const TICK: SignedDuration = SignedDuration::from_secs(60);
/// Starts a second over which checks are spread. Few checks start nearly at once; 5,000
/// checks every 30 seconds are 167 starts a second.
const STARTS_PER_SECOND: i64 = 200;

/// So few checks start at once.
const AT_ONCE: usize = 50;

/// How far the starts of so many checks are spread.
#[must_use]
pub fn spread(checks: usize) -> SignedDuration {
    if checks <= AT_ONCE {
        return SignedDuration::ZERO;
    }
    let checks = i64::try_from(checks).unwrap_or(i64::MAX);
    SignedDuration::from_millis(checks.saturating_mul(1000) / STARTS_PER_SECOND)
}

/// Returns the instants of a tick at which a check runs, as times after the tick.
///
/// A check whose interval is longer than a tick runs in the ticks that hold its instant.
#[must_use]
pub fn starts(
    id: &CheckId,
    interval: SignedDuration,
    spread: SignedDuration,
    tick: Timestamp,
) -> Vec<Duration> {
    let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
    let spread_ms = i64::try_from(spread.as_millis()).unwrap_or(i64::MAX).min(interval_ms);
    // Never on the next tick's side: a check of one minute runs in each tick once.
    let spread_ms = spread_ms.clamp(1, 50_000);
    let offset_ms = place(id) % spread_ms;
    let first = tick.as_millisecond();
    let tick_ms = i64::try_from(TICK.as_millis()).unwrap_or(60_000);
    let mut instant = (first - offset_ms).div_euclid(interval_ms) * interval_ms + offset_ms;
    let mut starts = Vec::new();
    while instant < first + tick_ms {
        if instant >= first {
            starts.push(Duration::from_millis(u64::try_from(instant - first).unwrap_or(0)));
        }
        instant += interval_ms;
    }
    starts
}

/// Returns a number that follows from an id, spread evenly.
fn place(id: &CheckId) -> i64 {
    let digits = digest(&[id.as_str()]);
    i64::from_str_radix(&digits[..12], 16).unwrap_or(0)
}

/// How many documents hold what is remembered of checks.
pub const SHARDS: i64 = 16;

/// Returns the document that holds what is remembered of a check.
#[must_use]
pub fn shard(id: &CheckId) -> i64 {
    place(id) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(minute: i64) -> Timestamp {
        let noon: Timestamp = "2026-11-23T12:00:00Z".parse().expect("valid");
        noon.plus(SignedDuration::from_mins(minute))
    }

    fn seconds(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_check_runs_as_often_as_its_interval_says() {
        for interval in [10, 15, 30, 45, 60, 90, 300, 3600] {
            let id = CheckId::new(format!("every-{interval}"));
            let mut instants = Vec::new();
            for minute in 0..180 {
                for start in starts(&id, seconds(interval), seconds(25), tick(minute)) {
                    assert!(start < Duration::from_secs(60));
                    instants.push(minute * 60_000 + i64::try_from(start.as_millis()).expect("few"));
                }
            }
            let runs = 180 * 60 / interval;
            assert_eq!(i64::try_from(instants.len()).expect("few"), runs, "{interval}");
            assert!(instants.windows(2).all(|pair| pair[1] - pair[0] == interval * 1000));
        }
    }

    #[test]
    fn few_checks_start_at_once_and_many_are_spread_evenly() {
        assert_eq!(spread(50), SignedDuration::ZERO);
        let id = CheckId::new("shop-http");
        assert_eq!(starts(&id, seconds(60), spread(1), tick(0)), [Duration::ZERO]);
        assert_eq!(spread(51), SignedDuration::from_millis(255));
        assert_eq!(spread(5000), seconds(25));
        let mut seconds_of = vec![0_u32; 60];
        for number in 0..5000 {
            let id = CheckId::new(format!("check-{number}"));
            let starts = starts(&id, seconds(30), spread(5000), tick(0));
            assert_eq!(starts.len(), 2);
            for start in starts {
                seconds_of[usize::try_from(start.as_secs()).expect("few")] += 1;
            }
        }
        assert!(seconds_of.iter().all(|starts| *starts < 260), "{seconds_of:?}");
    }

    #[test]
    fn shards_hold_about_the_same() {
        let mut held = [0; 16];
        for number in 0..5000 {
            let shard = shard(&CheckId::new(format!("check-{number}")));
            held[usize::try_from(shard).expect("below 16")] += 1;
        }
        assert!(held.iter().all(|held| (200..450).contains(held)), "{held:?}");
    }
}
