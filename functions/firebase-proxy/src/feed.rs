//! Changes as they happen, for everybody who watches.
//!
//! One poller for each instance reads the journal and tells all streams; when nobody
//! watches, it sleeps. Records are told in the order of their commits, so that the last
//! one that somebody saw says what they have not seen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use jiff::SignedDuration;
use model::{
    RecordId, Timestamp, Uid,
    access::rules::{OWN, Own},
    journal::JournalRecord,
};
use store::{Query, Store, StoreError, Stored};
use tokio::sync::broadcast;
use tracing::warn;
use uuid::{NoContext, Uuid};

/// How often the journal is read while somebody watches.
pub const EVERY: Duration = Duration::from_secs(1);
/// How far back each reading looks: records are named when a transaction begins, and one
/// that lost races commits up to 20 s later; clocks differ by less than the rest.
const OVERLAP: SignedDuration = SignedDuration::from_secs(30);
/// More than Firestore's clock and ours differ by.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(1);
/// Records that a slow stream may be behind; then it is told to begin anew.
const BEHIND_MAX: usize = 1024;
/// Pages read at a time: 500 records a second, for as far back as each reading looks.
const PAGES_MAX: usize = 50;

/// A place in the journal, in the order of commits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    committed_at: Timestamp,
    id: RecordId,
}

/// A change, as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Where it stands.
    pub place: Place,
    /// The record itself.
    pub record: Arc<JournalRecord>,
    /// Whose document changed, where that stands in a field.
    pub owner: Option<Uid>,
}

impl Told {
    /// The journal's record.
    #[must_use]
    pub fn id(&self) -> &RecordId {
        &self.place.id
    }
}

/// What was read of the journal.
#[derive(Debug)]
pub struct Reading {
    /// The changes, in the order of commits.
    pub told: Vec<Told>,
    /// Whether nothing was held back.
    pub complete: bool,
}

/// Tells changes to whoever watches. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    store: Store,
    told: broadcast::Sender<Told>,
    poller: OnceLock<()>,
    seats: Mutex<HashMap<Uid, usize>>,
}

/// One stream of one person; it counts until it is dropped.
pub struct Seat {
    shared: Arc<Shared>,
    uid: Uid,
    /// The changes from now on.
    pub changes: broadcast::Receiver<Told>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.shared.seats.lock().unwrap_or_else(PoisonError::into_inner);
        match seats.get_mut(&self.uid) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => drop(seats.remove(&self.uid)),
        }
    }
}

impl Feed {
    /// Prepares to read the journal; begins when somebody watches.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let (told, _) = broadcast::channel(BEHIND_MAX);
        let (poller, seats) = (OnceLock::new(), Mutex::default());
        Self(Arc::new(Shared { store, told, poller, seats }))
    }

    /// Returns how many watch.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.0.told.receiver_count()
    }

    /// Watches the changes from now on; `None` when the person watches `most` times already.
    #[must_use]
    pub fn watch(&self, uid: &Uid, most: usize) -> Option<Seat> {
        let mut seats = self.0.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(uid.clone()).or_default();
        if *taken >= most {
            return None;
        }
        *taken += 1;
        drop(seats);
        let changes = self.0.told.subscribe();
        self.0.poller.get_or_init(|| {
            let feed = self.clone();
            tokio::spawn(async move { feed.poll().await });
        });
        Some(Seat { shared: Arc::clone(&self.0), uid: uid.clone(), changes })
    }

    /// Finds the place of a record, if there is one.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn place_of(&self, id: &RecordId) -> Result<Option<Place>, StoreError> {
        let found = self.0.store.get::<JournalRecord>(id).await?;
        Ok(found.map(|stored| place(&stored)))
    }

    /// Reads the changes that were committed behind a place.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn since(&self, from: &Place) -> Result<Reading, StoreError> {
        let began = Timestamp::from(jiff::Timestamp::now());
        let mut query =
            Query::<JournalRecord>::all().after_id(&first_id(from.committed_at.plus(-OVERLAP)));
        let (mut records, mut last) = (Vec::new(), None);
        let (mut settled, mut cut) = (None, false);
        for turn in 1..=PAGES_MAX {
            let page = self.0.store.list(&query).await?;
            last = page.items.last().map(|stored| stored.id.clone()).or(last);
            records.extend(page.items.into_iter().filter(|stored| place(stored) > *from));
            let Some(next) = page.next else { break };
            // Pages are not read at one instant: what commits meanwhile may belong on a
            // page before, so the newest are held back until the next reading.
            settled = Some(began.plus(-CLOCKS_DIFFER));
            if turn == PAGES_MAX {
                // What was not read was begun, and so committed, after the last that was.
                let begun = last.as_ref().and_then(begun_at);
                settled = settled.min(begun.map(|at| at.plus(-CLOCKS_DIFFER)));
                cut = true;
            }
            query = query.after(Some(next));
        }
        let read = records.len();
        if let Some(settled) = settled {
            records.retain(|stored| stored.updated_at < settled);
        }
        let complete = records.len() == read && !cut;
        records.sort_by_key(place);
        let mut told = Vec::with_capacity(records.len());
        for stored in records {
            let owner = self.owner(&stored.document.target).await?;
            let place = place(&stored);
            told.push(Told { place, record: Arc::new(stored.document), owner });
        }
        Ok(Reading { told, complete })
    }

    /// Finds whose a document is, where a field of it says so.
    async fn owner(&self, target: &str) -> Result<Option<Uid>, StoreError> {
        let collection = target.rsplit_once('/').map_or("", |(collection, _)| collection);
        let field = OWN.iter().find_map(|(name, own)| match own {
            Own::Field(field) if *name == collection => Some(*field),
            _ => None,
        });
        let Some(field) = field else { return Ok(None) };
        Ok(self.0.store.text(target, field).await?.map(Uid::new))
    }

    async fn poll(&self) {
        let mut until = newest();
        loop {
            tokio::time::sleep(EVERY).await;
            if self.watchers() == 0 {
                until = newest();
                continue;
            }
            match self.since(&until).await {
                Err(error) => warn!(%error, "cannot read the journal; looks again"),
                Ok(reading) => {
                    for told in reading.told {
                        until = told.place.clone();
                        // Nobody watching any more is no mistake.
                        let _ = self.0.told.send(told);
                    }
                }
            }
        }
    }
}

/// The place behind everything that was committed before now.
fn newest() -> Place {
    let now = Timestamp::from(jiff::Timestamp::now());
    Place { committed_at: now.plus(-CLOCKS_DIFFER), id: RecordId::new("") }
}

fn place(stored: &Stored<JournalRecord>) -> Place {
    Place { committed_at: stored.updated_at, id: stored.id.clone() }
}

/// Returns when a record was begun, which its name tells.
fn begun_at(id: &RecordId) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.as_str().parse::<Uuid>().ok()?.get_timestamp()?.to_unix();
    let at = jiff::Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?);
    at.ok().map(Timestamp::from)
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
        let now = Timestamp::from(jiff::Timestamp::now());
        let made = RecordId::new(Uuid::now_v7().to_string());
        assert!(first_id(now) < made);
        assert!(first_id(now.plus(SignedDuration::from_secs(1))) > made);
        let begun = begun_at(&made).expect("a time");
        assert!(begun.duration_since(*now).abs() < SignedDuration::from_secs(1));
        assert_eq!(begun_at(&RecordId::new("x")), None);
    }
}
