//! One attempt at a transaction: reads, staged writes, journal records.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use firestore::{FirestoreDb, FirestoreDocument};
use futures::future::try_join_all;
use gcloud_sdk::google::firestore::v1::{Write, write::Operation};
use model::{
    Document, DocumentId, Kept, Measurement, Operational, RecordId, journal::JournalRecord,
};

use crate::{
    Cause, Page, Query, StoreError, Stored,
    connection::read,
    content_hash,
    document::encode,
    index::may_expire,
    numbers::Taken,
    parts::{divide, join, part_path, parts_of},
    query::list,
    trail::leave,
};

/// How many documents one transaction writes, journal records included.
///
/// Firestore bounds a commit by 10 MiB; with documents of a few KiB this stays
/// well below, and locks are held briefly.
pub const WRITES_MAX: usize = 400;

/// One attempt at a transaction. Cheap to clone; all clones are the same attempt.
#[derive(Clone)]
pub struct Transaction {
    attempt: Arc<Attempt>,
}

struct Attempt {
    /// Reads through this client belong to the transaction.
    database: FirestoreDb,
    cause: Cause,
    staged: Mutex<BTreeMap<String, Staged>>,
}

/// What the transaction will do to one document.
#[derive(Clone)]
enum Staged {
    Write(FirestoreDocument),
    /// Is written with its cause, because functions are told of it.
    Caused(FirestoreDocument),
    Delete,
    /// Gets its number when the transaction commits.
    Record(Box<JournalRecord>),
}

impl Transaction {
    pub(crate) fn new(database: FirestoreDb, cause: Cause) -> Self {
        Self { attempt: Arc::new(Attempt { database, cause, staged: Mutex::default() }) }
    }

    /// Reads a document as this transaction sees it, its own writes included.
    ///
    /// # Errors
    /// When the database cannot be reached, or the document does not parse.
    pub async fn get<D: Document>(&self, id: &D::Id) -> Result<Option<Stored<D>>, StoreError> {
        let path = id.path();
        let Some(raw) = self.raw(&path).await? else { return Ok(None) };
        let Some(parts) = parts_of::<D>(&raw) else { return Stored::parse(&raw).map(Some) };
        let paths: Vec<_> = (0..parts.count).map(|index| part_path(&path, index)).collect();
        let texts = try_join_all(paths.iter().map(|path| self.raw(path))).await?;
        // A transaction sees one state of all of them.
        let stored = join(&raw, &parts, texts)?;
        stored.ok_or(StoreError::Torn { document: path }).map(Some)
    }

    /// Reads several documents at once, in the order of their ids.
    ///
    /// # Errors
    /// When the database cannot be reached, or one document does not parse.
    pub async fn get_all<D: Document>(
        &self,
        ids: &[D::Id],
    ) -> Result<Vec<Option<Stored<D>>>, StoreError> {
        try_join_all(ids.iter().map(|id| self.get(id))).await
    }

    /// Reads one page of a collection as it was before this transaction's own writes, and
    /// locks what it found: who decides by a list loses the race against who changes it.
    ///
    /// # Errors
    /// As [`Store::list`](crate::Store::list).
    pub async fn list<D: Document>(&self, query: &Query<D>) -> Result<Page<D>, StoreError> {
        list(&self.attempt.database, query).await
    }

    /// Writes a document and its journal record; tells whether anything changed.
    ///
    /// A document that already holds the same content is left alone, and nothing
    /// is recorded. `action` is `noun.verb`, such as `finding.opened`.
    ///
    /// # Errors
    /// When the database cannot be reached, or cannot hold the document.
    pub async fn put<D: Operational>(
        &self,
        id: &D::Id,
        document: &D,
        action: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let path = id.path();
        let known = self.raw(&path).await?;
        let before = known.as_ref().map(|raw| content_hash(&raw.fields));
        let (raw, parts) = divide(&self.attempt.database, &path, document)?;
        let after = content_hash(&raw.fields);
        if before.as_ref() == Some(&after) {
            return Ok(false);
        }
        self.stage(path.clone(), Staged::Caused(raw))?;
        let count = parts.len() as u32;
        for (index, part) in (0..).zip(parts) {
            self.stage(part_path(&path, index), Staged::Write(part))?;
        }
        self.delete_parts::<D>(&path, known.as_ref(), count)?;
        self.journal(path, before, Some(after), action, reason)?;
        Ok(true)
    }

    /// Writes a document that must not exist, and its journal record.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when it does; otherwise as [`Transaction::put`].
    pub async fn create<D: Operational>(
        &self,
        id: &D::Id,
        document: &D,
        action: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        if self.raw(&id.path()).await?.is_some() {
            return Err(StoreError::Exists { document: id.path() });
        }
        self.put(id, document, action, reason).await.map(|_| ())
    }

    /// Deletes a document and records it; tells whether there was one.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn delete<D: Operational>(
        &self,
        id: &D::Id,
        action: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let path = id.path();
        let Some(before) = self.raw(&path).await? else { return Ok(false) };
        self.stage(path.clone(), Staged::Delete)?;
        self.delete_parts::<D>(&path, Some(&before), 0)?;
        self.journal(path, Some(content_hash(&before.fields)), None, action, reason)?;
        Ok(true)
    }

    /// Writes down what was tried with a document and refused: a record of no change.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note<D: Operational>(
        &self,
        id: &D::Id,
        action: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let path = id.path();
        let present = self.raw(&path).await?.map(|raw| content_hash(&raw.fields));
        self.journal(path, present.clone(), present, action, reason)
    }

    /// Writes a measurement, which needs no journal record.
    ///
    /// # Errors
    /// When Firestore cannot hold the document, or the document expires and its collection
    /// is not in [`EXPIRING`](crate::EXPIRING).
    pub fn measure<D: Measurement>(&self, id: &D::Id, document: &D) -> Result<(), StoreError> {
        let path = id.path();
        let raw = encode(&self.attempt.database, &path, document)?;
        may_expire(D::COLLECTION, &raw.fields)?;
        self.stage(path, Staged::Caused(raw))
    }

    /// Writes a document of the audit log, which needs no journal record.
    ///
    /// # Errors
    /// When Firestore cannot hold the document.
    pub fn keep<D: Kept>(&self, id: &D::Id, document: &D) -> Result<(), StoreError> {
        let path = id.path();
        let raw = encode(&self.attempt.database, &path, document)?;
        self.stage(path, Staged::Write(raw))
    }

    /// Writes a journal record without what identifies people. Nothing else ever changes a
    /// record; that this one was changed, the audit log shows.
    ///
    /// # Errors
    /// When Firestore cannot hold the document.
    pub fn empty_record(&self, id: &RecordId, record: &JournalRecord) -> Result<(), StoreError> {
        let path = id.path();
        let raw = encode(&self.attempt.database, &path, record)?;
        self.stage(path, Staged::Write(raw))
    }

    /// Deletes the parts that a document had, from one on.
    fn delete_parts<D: Document>(
        &self,
        path: &str,
        known: Option<&FirestoreDocument>,
        from: u32,
    ) -> Result<(), StoreError> {
        let had = known.and_then(parts_of::<D>).map_or(0, |parts| parts.count);
        (from..had).try_for_each(|index| self.stage(part_path(path, index), Staged::Delete))
    }

    fn journal(
        &self,
        target: String,
        before: Option<String>,
        after: Option<String>,
        action: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let cause = &self.attempt.cause;
        let record = JournalRecord {
            actor: cause.actor.clone(),
            action: action.to_owned(),
            target,
            before,
            after,
            reason: reason.to_owned(),
            time: cause.time,
            correlation: cause.correlation.clone(),
            event: cause.event.as_ref().map(|origin| origin.event.clone()),
            writer: None,
        };
        // Version 7 ids sort by the time of writing, which is the order people read in.
        let path = RecordId::new(uuid::Uuid::now_v7().to_string()).path();
        self.stage(path, Staged::Record(Box::new(record)))
    }

    async fn raw(&self, path: &str) -> Result<Option<FirestoreDocument>, StoreError> {
        let staged = self.staged().get(path).cloned();
        match staged {
            Some(Staged::Write(raw) | Staged::Caused(raw)) => Ok(Some(raw)),
            Some(Staged::Record(record)) => {
                encode(&self.attempt.database, path, &*record).map(Some)
            }
            Some(Staged::Delete) => Ok(None),
            None => read(&self.attempt.database, path).await,
        }
    }

    fn stage(&self, path: String, change: Staged) -> Result<(), StoreError> {
        let mut staged = self.staged();
        staged.insert(path, change);
        if staged.len() > WRITES_MAX {
            return Err(StoreError::TooManyWrites { max: WRITES_MAX });
        }
        Ok(())
    }

    fn staged(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Staged>> {
        // A panic between two statements cannot leave the map half changed.
        self.attempt.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the staged writes, in the order of their paths, and numbers the records.
    pub(crate) fn writes(&self, taken: &mut Taken) -> Result<Vec<Write>, StoreError> {
        let (database, cause) = (&self.attempt.database, &self.attempt.cause);
        let root = database.get_documents_path();
        let write = |(path, change): (&String, &Staged)| {
            let operation = match change {
                Staged::Write(raw) => Operation::Update(raw.clone()),
                Staged::Caused(raw) => {
                    let mut raw = raw.clone();
                    leave(cause, &mut raw);
                    Operation::Update(raw)
                }
                Staged::Record(record) => {
                    let record = JournalRecord { writer: Some(taken.next()), ..(**record).clone() };
                    let mut raw = encode(database, path, &record)?;
                    leave(cause, &mut raw);
                    Operation::Update(raw)
                }
                Staged::Delete => Operation::Delete(format!("{root}/{path}")),
            };
            Ok(Write { operation: Some(operation), ..Write::default() })
        };
        self.staged().iter().map(write).collect()
    }
}
