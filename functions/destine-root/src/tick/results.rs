//! Which results are kept.

use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use model::{
    CheckId, CheckResultId,
    check::{CheckResult, Verdict},
};
use store::{Cause, Store};
use tracing::warn;

use crate::{RootError, check::Sample, probe::Answer};

/// A result like those before it is kept so often, to show that it is so.
const KEPT_EVERY: SignedDuration = SignedDuration::from_mins(15);
/// How long results are kept.
const TTL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many are written at once: well below what one commit takes.
const BATCH: usize = 100;

/// Tells whether a result says something that is not known.
pub(super) fn says_something(kept: Option<Sample>, sample: Sample, changed: bool) -> bool {
    let Some(kept) = kept else { return true };
    changed || kept.verdict != sample.verdict || sample.at.duration_since(*kept.at) >= KEPT_EVERY
}

/// Results on their way to being written.
#[derive(Default)]
pub(super) struct Results {
    waiting: Mutex<Vec<(CheckResultId, CheckResult)>>,
}

impl Results {
    /// Adds one; tells whether it is time to write.
    pub(super) fn add(&self, id: &CheckId, sample: Sample, answer: &Answer) -> bool {
        let result = CheckResult {
            tick: sample.at,
            passed: sample.verdict != Verdict::Bad,
            verdict: sample.verdict,
            detail: answer.detail.clone(),
            latency_ms: answer.latency_ms,
            expires_at: sample.at.plus(TTL),
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((CheckResultId { check: id.clone(), tick: sample.at }, result));
        waiting.len() >= BATCH
    }

    /// Writes what waits.
    pub(super) async fn flush(&self, store: &Store, cause: &Cause) {
        let all = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for batch in all.chunks(BATCH) {
            let written = store.transact(cause, |tx| async move {
                for (id, result) in batch {
                    tx.measure(id, result)?;
                }
                Ok::<_, RootError>(())
            });
            if let Err(error) = written.await {
                // They are measurements: the states that follow from them are kept apart.
                warn!(event_name = "results-lost", "lost {} results: {error}", batch.len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_kept_when_they_say_something() {
        let sample = |verdict, minute: i64| Sample {
            verdict,
            at: jiff::Timestamp::from_second(1_790_000_000 + 60 * minute).expect("valid").into(),
        };
        let (good, bad) = (Verdict::Good, Verdict::Bad);
        let kept = Some(sample(good, 0));
        assert!(says_something(None, sample(good, 0), false));
        assert!(!says_something(kept, sample(good, 14), false));
        assert!(says_something(kept, sample(good, 15), false));
        assert!(says_something(kept, sample(bad, 1), false));
        assert!(says_something(kept, sample(good, 1), true));
    }
}
