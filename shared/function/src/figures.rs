//! What each trigger did since it was last said: for the picture that people have of the mesh.

mod median;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use model::{Timestamp, control::TriggerFigures};

use crate::manifest::Manifest;
use median::Median;

/// Counts what the triggers of one instance do. Cheap to clone, and bounded: a few numbers
/// for each trigger of the manifest, however much there is to count.
#[derive(Clone)]
pub(crate) struct Figures(Arc<Shared>);

struct Shared {
    since: Mutex<Timestamp>,
    triggers: BTreeMap<String, Counted>,
}

#[derive(Default)]
struct Counted {
    handled: AtomicU64,
    failed: AtomicU64,
    lag: Mutex<Median>,
}

impl Figures {
    /// Has counted nothing yet.
    pub(crate) fn new(manifest: &Manifest, now: Timestamp) -> Self {
        let triggers = manifest.triggers.keys().map(|id| (id.clone(), Counted::default()));
        Self(Arc::new(Shared { since: Mutex::new(now), triggers: triggers.collect() }))
    }

    /// Counts what was handled, with its lag when it was an event's first time.
    pub(crate) fn handled(&self, trigger: &str, lag_ms: Option<u64>) {
        let Some(counted) = self.0.triggers.get(trigger) else { return };
        counted.handled.fetch_add(1, Ordering::Relaxed);
        if let Some(lag_ms) = lag_ms {
            counted.lag.lock().unwrap_or_else(PoisonError::into_inner).add(lag_ms);
        }
    }

    /// Counts what could not be handled.
    pub(crate) fn failed(&self, trigger: &str) {
        if let Some(counted) = self.0.triggers.get(trigger) {
            counted.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns what was counted since the last time, and since when, and begins anew.
    /// Triggers that did nothing are left out.
    pub(crate) fn take(&self, now: Timestamp) -> (Timestamp, BTreeMap<String, TriggerFigures>) {
        let mut since = self.0.since.lock().unwrap_or_else(PoisonError::into_inner);
        let since = std::mem::replace(&mut *since, now);
        let taken = self.0.triggers.iter().filter_map(|(id, counted)| {
            let handled = counted.handled.swap(0, Ordering::Relaxed);
            let failed = counted.failed.swap(0, Ordering::Relaxed);
            let mut lag = counted.lag.lock().unwrap_or_else(PoisonError::into_inner);
            let lag_p50_ms = std::mem::take(&mut *lag).of_all();
            let figures = TriggerFigures { handled, failed, lag_p50_ms };
            (handled + failed > 0).then(|| (id.clone(), figures))
        });
        (since, taken.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "name: things\nsummary: Things.\nservice: { cpu: 1, memory_mib: 128, \
        timeout_seconds: 9, concurrency: 1, instances: { min: 0, max: 1 } }\ntriggers:\n  api: \
        { http: { callers: [users] } }\n  asked: { pubsub: { topic: asked } }\n";

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(second).expect("in range").into()
    }

    #[test]
    fn what_was_taken_is_counted_once_and_what_was_idle_is_left_out() {
        let figures = Figures::new(&Manifest::parse(MANIFEST).expect("a manifest"), at(0));
        for lag_ms in [Some(5), Some(7), Some(1_000), None] {
            figures.handled("asked", lag_ms);
        }
        figures.failed("asked");
        figures.handled("of-another-function", None);
        let (since, taken) = figures.take(at(60));
        let asked = TriggerFigures { handled: 4, failed: 1, lag_p50_ms: Some(7) };
        assert_eq!((since, taken), (at(0), [("asked".to_owned(), asked)].into()));
        assert_eq!(figures.take(at(90)), (at(60), BTreeMap::new()));
    }
}
