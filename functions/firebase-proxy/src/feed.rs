//! Changes as they happen, for everybody who watches.
//!
//! One poller for each instance reads the journal and tells all streams; when nobody
//! watches, it sleeps.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use model::{RecordId, journal::JournalRecord};
use store::{Query, Store, StoreError, Stored};
use tokio::sync::broadcast;
use tracing::warn;
use uuid::{NoContext, Uuid};

/// How often the journal is read while somebody watches.
const EVERY: Duration = Duration::from_secs(1);
/// How far back each reading looks: records are named when a transaction begins, and one
/// that lost races commits up to 20 s later; clocks differ by less than the rest.
const OVERLAP: SignedDuration = SignedDuration::from_secs(30);
/// Records that were told, so that looking back tells none twice; more than any half minute has.
const TOLD_MAX: usize = 20_000;
/// Records that a slow stream may be behind; then it is told to begin anew.
const BEHIND_MAX: usize = 1024;
/// Pages read at a time; what is beyond is read a second later.
const PAGES_MAX: usize = 10;

/// A change, as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The journal's record.
    pub id: RecordId,
    /// The record itself.
    pub record: Arc<JournalRecord>,
}

/// Tells changes to whoever watches. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    store: Store,
    told: broadcast::Sender<Told>,
    poller: OnceLock<()>,
}

impl Feed {
    /// Prepares to read the journal; begins when somebody watches.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let (told, _) = broadcast::channel(BEHIND_MAX);
        Self(Arc::new(Shared { store, told, poller: OnceLock::new() }))
    }

    /// Returns how many watch.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.0.told.receiver_count()
    }

    /// Watches the changes from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Told> {
        let receiver = self.0.told.subscribe();
        self.0.poller.get_or_init(|| {
            let shared = Arc::clone(&self.0);
            tokio::spawn(async move { poll(&shared).await });
        });
        receiver
    }

    /// Reads the changes since one, oldest first, for who comes back.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn since(&self, id: &RecordId) -> Result<Vec<Told>, StoreError> {
        let mut records = Vec::new();
        let mut query = Query::<JournalRecord>::all().after_id(id);
        for _ in 0..PAGES_MAX {
            let page = self.0.store.list(&query).await?;
            records.extend(page.items.into_iter().map(Told::from));
            let Some(next) = page.next else { break };
            query = query.after(Some(next));
        }
        Ok(records)
    }
}

impl From<Stored<JournalRecord>> for Told {
    fn from(stored: Stored<JournalRecord>) -> Self {
        Self { id: stored.id, record: Arc::new(stored.document) }
    }
}

async fn poll(shared: &Arc<Shared>) {
    let feed = Feed(Arc::clone(shared));
    let (mut known, mut order) = (BTreeSet::new(), VecDeque::new());
    let mut told_since = Timestamp::now();
    loop {
        tokio::time::sleep(EVERY).await;
        if feed.watchers() == 0 {
            known.clear();
            order.clear();
            told_since = Timestamp::now();
            continue;
        }
        let from = Timestamp::now().checked_sub(OVERLAP).unwrap_or(told_since);
        match feed.since(&first_id(from)).await {
            Err(error) => warn!(%error, "cannot read the journal; looks again"),
            Ok(records) => {
                for told in records {
                    let is_old = told.id < first_id(told_since);
                    if known.insert(told.id.clone()) {
                        order.push_back(told.id.clone());
                        if !is_old {
                            // Nobody watching any more is no mistake.
                            let _ = feed.0.told.send(told);
                        }
                    }
                }
                while order.len() > TOLD_MAX {
                    order.pop_front().map(|oldest| known.remove(&oldest));
                }
            }
        }
    }
}

/// Returns the id that sorts before all of records that were begun from an instant on:
/// they are UUIDs of version 7, which start with the time.
fn first_id(from: Timestamp) -> RecordId {
    let seconds = u64::try_from(from.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(from.subsec_nanosecond()).unwrap_or_default();
    let uuid = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds));
    let milliseconds = &uuid.to_string()[..13];
    RecordId::new(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_sorts_before_the_ids_made_from_it_on() {
        let now = Timestamp::now();
        let made = RecordId::new(Uuid::now_v7().to_string());
        assert!(first_id(now) < made);
        assert!(first_id(now + SignedDuration::from_secs(1)) > made);
    }
}
