//! Adding records to the log, in batches, one batch at a time.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use model::{
    LogBundleId, LogCheckpointId, LogEntryId, LogTileId, RecordId, Timestamp, Uid,
    journal::JournalRecord,
    log::{Entry, LogCheckpoint, LogEntry, LogHead, Personal, SubjectKey},
};
use store::{
    AtOnce, Store,
    log::{head_id, tile_document},
};
use tlog::{Checkpoint, Sign, VerifierKey};
use tokio::time::Instant;

use super::{
    Edge, PersonKey, SealError, SubjectSecret, lease, load,
    subject::compose,
    witness::{Cosigned, Witness},
};

/// How many records one batch adds: with tiles and keys a transaction stays below 400 writes.
const BATCH_MAX: usize = 256;
/// How many documents one batch writes: `store::WRITES_MAX` without the head, the checkpoint,
/// tiles and entries.
const WRITES_MAX: usize = 360;
/// How many bytes of records one batch adds: a commit of Firestore holds 10 MiB, and the last
/// entries are written again.
const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many of the records that were sealed last are remembered, so that an event that comes
/// twice costs no transaction.
const RECENT_MAX: usize = 8192;
/// How long an instance waits for another one that adds to the log.
const WAIT_MAX: Duration = Duration::from_secs(15);
/// How long about it waits when another one committed in between.
const PAUSE: Duration = Duration::from_millis(20);
/// How many documents are looked for at a time.
const ABREAST: usize = 64;
/// How often it looks.
const POLL: Duration = Duration::from_millis(100);

/// Adds to the log. Cheap to clone; clones share one queue.
#[derive(Clone)]
pub struct Sealer {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) log: VerifierKey,
    signer: Box<dyn Sign>,
    pub(super) secret: SubjectSecret,
    pub(super) witness: Option<Witness>,
    /// Names this instance.
    holder: String,
    queue: Mutex<Queue>,
    /// Whose turn it is in this instance, and the edge of the log as it left it.
    turn: tokio::sync::Mutex<Option<Edge>>,
    /// The last checkpoint of this instance.
    pub(super) latest: Mutex<Option<LogCheckpoint>>,
    pub(super) cosigned: tokio::sync::Mutex<Cosigned>,
}

#[derive(Default)]
struct Queue {
    waiting: BTreeMap<RecordId, JournalRecord>,
    recent: BTreeSet<RecordId>,
    order: VecDeque<RecordId>,
}

/// What came of one batch.
enum Outcome {
    /// Another instance adds to the log.
    Busy,
    /// These records are sealed, now or before.
    Sealed { records: Vec<RecordId>, edge: Edge, checkpoint: Option<LogCheckpoint> },
}

impl Queue {
    fn sealed(&mut self, records: Vec<RecordId>) {
        for record in records {
            self.waiting.remove(&record);
            if self.recent.insert(record.clone()) {
                self.order.push_back(record);
            }
        }
        while self.order.len() > RECENT_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.recent.remove(&oldest);
            }
        }
    }

    /// Returns what the next batch may hold.
    fn next(&self) -> Vec<(RecordId, JournalRecord)> {
        let mut bytes = 0;
        let fits = |(_, record): &(&RecordId, &JournalRecord)| {
            bytes += record.reason.len() + record.target.len();
            bytes <= BATCH_BYTES_MAX
        };
        let some = self.waiting.iter().take(BATCH_MAX).enumerate();
        let mut fits = fits;
        // The first one always goes: what is too large for the log becomes its digest.
        let some = some.take_while(|(place, item)| fits(item) || *place == 0);
        some.map(|(_, (id, record))| (id.clone(), record.clone())).collect()
    }
}

impl Sealer {
    /// Makes the sealer of a log, with or without somebody who cosigns.
    #[must_use]
    pub fn new(
        store: Store,
        log: VerifierKey,
        signer: Box<dyn Sign>,
        secret: SubjectSecret,
        witness: Option<Witness>,
    ) -> Self {
        let inner = Inner {
            store,
            log,
            signer,
            secret,
            witness,
            holder: uuid::Uuid::now_v7().simple().to_string(),
            queue: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            latest: Mutex::default(),
            cosigned: tokio::sync::Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns the key that the log is signed with.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.inner.log
    }

    /// Seals records; returns when each of them is in the log, whoever put it there.
    ///
    /// # Errors
    /// When one could not be sealed. It stays in the queue, and may be sealed with others.
    pub async fn seal(&self, records: Vec<(RecordId, JournalRecord)>) -> Result<(), SealError> {
        let mut open = BTreeSet::new();
        {
            let mut queue = self.queue();
            for (id, record) in records {
                if !queue.recent.contains(&id) {
                    open.insert(id.clone());
                    queue.waiting.insert(id, record);
                }
            }
        }
        let started = Instant::now();
        loop {
            // Who waits here finds their records sealed with those of whoever went before.
            let mut edge = self.inner.turn.lock().await;
            let batch = {
                let queue = self.queue();
                open.retain(|id| queue.waiting.contains_key(id));
                if open.is_empty() {
                    return Ok(());
                }
                queue.next()
            };
            match self.add(batch, edge.clone()).await {
                Ok(Outcome::Sealed { records, edge: after, checkpoint }) => {
                    self.queue().sealed(records);
                    *edge = Some(after);
                    if checkpoint.is_some() {
                        *lock(&self.inner.latest) = checkpoint;
                    }
                }
                Ok(Outcome::Busy) => {
                    drop(edge);
                    if started.elapsed() > WAIT_MAX {
                        return Err(SealError::Busy(WAIT_MAX.as_secs()));
                    }
                    tokio::time::sleep(POLL).await;
                }
                Err(error) => {
                    // Nobody knows what was committed: the next one reads it.
                    *edge = None;
                    return Err(error);
                }
            }
        }
    }

    /// Adds one batch in one commit, again while others commit in between.
    async fn add(
        &self,
        batch: Vec<(RecordId, JournalRecord)>,
        edge: Option<Edge>,
    ) -> Result<Outcome, SealError> {
        let (started, mut known) = (Instant::now(), edge);
        while started.elapsed() < WAIT_MAX {
            if let Some(outcome) = self.attempt(&batch, known.take()).await? {
                return Ok(outcome);
            }
            // Somebody else added, or a record is in the log: the next attempt looks.
            tokio::time::sleep(PAUSE.mul_f64(0.5 + rand::random::<f64>())).await;
        }
        Ok(Outcome::Busy)
    }

    /// Adds one batch; `None` when something changed in between.
    async fn attempt(
        &self,
        batch: &[(RecordId, JournalRecord)],
        known: Option<Edge>,
    ) -> Result<Option<Outcome>, SealError> {
        let inner = &self.inner;
        let now = Timestamp::from(jiff::Timestamp::now());
        let read = inner.store.get::<LogHead>(&head_id()).await?;
        let more = self.queue().waiting.len() > batch.len();
        let document = read.as_ref().map(|stored| &stored.document);
        let Some(head) = lease::claim(document, &inner.holder, more, now) else {
            return Ok(Some(Outcome::Busy));
        };
        let (edge, sealed) = match known.filter(|edge| edge.size() == head.size) {
            Some(edge) => (edge, BTreeSet::new()),
            // Somebody else added, or nobody knows whether we did: some may be sealed.
            None => match load::edge(&inner.store, head.size).await {
                Ok(edge) => (edge, sealed(&inner.store, batch).await?),
                // Read while somebody else added: not of one size, and no harm.
                Err(_) if self.has_grown(head.size).await? => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        let mut done: Vec<_> = sealed.iter().cloned().collect();
        let mut taken: Vec<(Entry, Vec<Personal>)> = Vec::new();
        let mut people = BTreeSet::new();
        for (id, record) in batch.iter().filter(|(id, _)| !sealed.contains(id)) {
            let parts = Entry::of(id, record);
            people.extend(parts.1.iter().map(|part| part.person.clone()));
            if taken.len() + people.len() >= WRITES_MAX {
                break;
            }
            done.push(id.clone());
            taken.push(parts);
        }
        if taken.is_empty() {
            return Ok(Some(Outcome::Sealed { records: done, edge, checkpoint: None }));
        }
        let mut writes = inner.store.at_once().await?;
        let keys = self.keys(&mut writes, people, now).await?;
        let ids: Vec<_> = taken.iter().map(|(entry, _)| LogEntryId::of(&entry.record)).collect();
        let texts = taken.into_iter().map(|parts| compose(parts, &keys));
        let added = edge.add(texts.collect::<Result<_, _>>()?)?;
        for ((index, leaf), id) in (head.size..).zip(&added.leaves).zip(&ids) {
            let entry = LogEntry { index, leaf: leaf.to_string(), sealed_at: now };
            writes.create(id, &entry)?;
        }
        for (id, hashes) in &added.tiles {
            writes.write(&LogTileId::of(id.level, id.number), &tile_document(hashes))?;
        }
        for (first, bundle) in &added.bundles {
            writes.write(&LogBundleId::starting_at(*first), bundle)?;
        }
        let size = added.edge.size();
        let checkpoint = Checkpoint { origin: inner.log.name().to_owned(), size, root: added.root };
        let checkpoint = LogCheckpoint {
            size,
            root: added.root.to_string(),
            note: inner.log.sign(inner.signer.as_ref(), &checkpoint.to_text()).await?,
            at: now,
            witnessed_size: None,
        };
        writes.create(&LogCheckpointId::of_size(size), &checkpoint)?;
        writes.replace(&head_id(), &LogHead { size, ..head }, read.as_ref())?;
        let committed = writes.commit().await?;
        let outcome =
            Outcome::Sealed { records: done, edge: added.edge, checkpoint: Some(checkpoint) };
        Ok(committed.then_some(outcome))
    }

    /// Tells whether the log is no longer of a size.
    async fn has_grown(&self, size: u64) -> Result<bool, SealError> {
        let head = self.inner.store.get::<LogHead>(&head_id()).await?;
        Ok(head.is_none_or(|head| head.document.size != size))
    }

    /// Returns the keys of people, making those that are not there. They are read for each
    /// batch, so that a key that is destroyed is soon used no more; what was encrypted with it
    /// in between is as unreadable as the rest.
    async fn keys(
        &self,
        writes: &mut AtOnce,
        people: BTreeSet<Uid>,
        now: Timestamp,
    ) -> Result<BTreeMap<Uid, PersonKey>, SealError> {
        let secret = &self.inner.secret;
        let mut keys = BTreeMap::new();
        let look = |person: Uid| async move {
            let subject = secret.subject(&person);
            let known = self.inner.store.get::<SubjectKey>(&subject).await?;
            Ok::<_, SealError>((person, subject, known))
        };
        let known: Vec<_> = stream::iter(people).map(look).buffered(ABREAST).try_collect().await?;
        for (person, subject, known) in known {
            let open =
                known.as_ref().map(|kept| secret.open(&subject, &kept.document)).transpose()?;
            let key = match open.flatten() {
                Some(key) => key,
                None => {
                    let before = known.as_ref().map_or(0, |kept| kept.document.generation);
                    let (key, kept) = secret.make(&subject, before + 1, now)?;
                    writes.replace(&subject, &kept, known.as_ref())?;
                    key
                }
            };
            keys.insert(person, key);
        }
        Ok(keys)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.inner.queue)
    }
}

/// A panic between two statements cannot leave what is behind these locks half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns which records of a batch are in the log.
async fn sealed(
    store: &Store,
    batch: &[(RecordId, JournalRecord)],
) -> Result<BTreeSet<RecordId>, SealError> {
    let look = |id: RecordId| async move {
        let found = store.get::<LogEntry>(&LogEntryId::of(&id)).await?;
        Ok::<_, SealError>(found.map(|_| id))
    };
    let ids = batch.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let found: Vec<_> = stream::iter(ids).map(look).buffered(ABREAST).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}
