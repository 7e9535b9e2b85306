//! What was decided, counted for the questions that iam-control answers.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use model::{Permission, TallyId, access::decision_log::DecisionTally};
use store::Store;
use tracing::warn;
use uuid::Uuid;

/// How long decisions are kept: the questions look back 90 days, reviews come quarterly.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 120);
/// How often what was counted is written. What an instance that is killed had not written
/// yet is lost to the statistics and to nothing else.
pub(crate) const EVERY: Duration = Duration::from_secs(10);
/// How many callers are counted between two writes; what more there are go uncounted.
const CALLERS_MAX: usize = 10_000;

/// Counts the decisions of one instance. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tallies(Arc<Shared>);

struct Shared {
    function: String,
    instance: String,
    counted: Mutex<HashMap<TallyId, Counted>>,
}

struct Counted {
    tally: DecisionTally,
    written: bool,
}

impl Tallies {
    pub(crate) fn new(function: &str) -> Self {
        let instance = Uuid::now_v7().to_string();
        Self(Arc::new(Shared {
            function: function.to_owned(),
            instance,
            counted: Mutex::default(),
        }))
    }

    /// Counts a decision about a permission.
    pub(crate) fn decided(&self, caller: String, permission: Permission, allowed: bool) {
        self.count(caller, |tally| {
            let count = tally.counts.entry(permission).or_default();
            *(if allowed { &mut count.allowed } else { &mut count.refused }) += 1;
        });
    }

    /// Counts a call of a service.
    pub(crate) fn called(&self, caller: String) {
        self.count(caller, |tally| tally.calls += 1);
    }

    fn count(&self, caller: String, add: impl FnOnce(&mut DecisionTally)) {
        let day = day(Timestamp::now());
        let id = TallyId::of(&self.0.instance, &caller, day);
        let mut counted = self.counted();
        if counted.len() >= CALLERS_MAX && !counted.contains_key(&id) {
            return;
        }
        let entry = counted.entry(id).or_insert_with(|| Counted {
            tally: DecisionTally {
                caller,
                function: self.0.function.clone(),
                day,
                counts: BTreeMap::new(),
                calls: 0,
                expires_at: day.plus(KEPT),
            },
            written: false,
        });
        add(&mut entry.tally);
        entry.written = false;
    }

    /// Writes what was counted since the last time, and forgets the days before.
    pub(crate) async fn write(&self, store: &Store) {
        let news: Vec<_> = {
            let mut counted = self.counted();
            let newest = counted.values().map(|entry| entry.tally.day).max();
            counted.retain(|_, entry| !entry.written || Some(entry.tally.day) == newest);
            counted
                .iter_mut()
                .filter(|(_, entry)| !entry.written)
                .map(|(id, entry)| {
                    entry.written = true;
                    (id.clone(), entry.tally.clone())
                })
                .collect()
        };
        for (id, tally) in news {
            if let Err(error) = store.measure(&id, &tally).await {
                warn!(%error, "cannot write what was decided; tries again later");
                if let Some(entry) = self.counted().get_mut(&id) {
                    entry.written = false;
                }
            }
        }
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, HashMap<TallyId, Counted>> {
        self.0.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the first instant of a day in UTC.
fn day(now: Timestamp) -> model::Timestamp {
    const SECONDS: i64 = 24 * 60 * 60;
    let first = now.as_second().div_euclid(SECONDS) * SECONDS;
    Timestamp::from_second(first).unwrap_or(now).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_counted_by_caller_and_permission() {
        let tallies = Tallies::new("firebase-proxy");
        let count = |who: &str, allowed| {
            tallies.decided(who.to_owned(), Permission::AuditsRun, allowed);
        };
        count("person:ada", true);
        count("person:ada", true);
        count("person:ada", false);
        count("person:bob", false);
        tallies.called("service:a".to_owned());
        let counted = tallies.counted();
        let of = |who: &str| {
            let mut found = counted.values().filter(|entry| entry.tally.caller == who);
            found.next().expect("counted").tally.clone()
        };
        let ada = of("person:ada").counts[&Permission::AuditsRun];
        assert_eq!((ada.allowed, ada.refused), (2, 1));
        assert_eq!(of("person:bob").counts[&Permission::AuditsRun].refused, 1);
        assert_eq!(of("service:a").calls, 1);
    }

    #[test]
    fn a_day_begins_at_midnight() {
        let day = |text: &str| day(text.parse().expect("valid")).to_string();
        assert_eq!(day("2026-11-23T23:59:59.9Z"), "2026-11-23T00:00:00Z");
        assert_eq!(day("1969-12-31T12:00:00Z"), "1969-12-31T00:00:00Z");
    }
}
