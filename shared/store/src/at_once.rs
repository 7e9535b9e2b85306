//! Documents of the audit log that are written all at once, or not at all.
//!
//! A transaction holds locks from its first read on, and the locks of a process that is
//! killed last for up to a minute. Whoever adds to the log reads first, without locks, and
//! commits on the condition that what matters is still as it was read.

use firestore::{FirestoreDb, FirestoreTransaction, FirestoreTransactionData};
use gcloud_sdk::{
    google::firestore::v1::{Precondition, Write, precondition::ConditionType, write::Operation},
    prost_types::Timestamp as RawTimestamp,
};
use model::{DocumentId, Kept};
use problem::{Code, Coded};

use crate::{Store, StoreError, Stored, document::encode};

/// Writes that commit together.
pub struct AtOnce {
    database: FirestoreDb,
    writes: Vec<Write>,
}

impl Store {
    /// Starts to collect writes.
    ///
    /// # Errors
    /// When the database was never reached.
    pub async fn at_once(&self) -> Result<AtOnce, StoreError> {
        Ok(AtOnce { database: self.database().await?.clone(), writes: Vec::new() })
    }
}

impl AtOnce {
    /// Writes a document, whatever is there.
    ///
    /// # Errors
    /// When Firestore cannot hold the document.
    pub fn write<D: Kept>(&mut self, id: &D::Id, document: &D) -> Result<(), StoreError> {
        self.push(id, document, None)
    }

    /// Writes a document that must not exist.
    ///
    /// # Errors
    /// When Firestore cannot hold the document.
    pub fn create<D: Kept>(&mut self, id: &D::Id, document: &D) -> Result<(), StoreError> {
        self.push(id, document, Some(ConditionType::Exists(false)))
    }

    /// Writes a document that must be as it was read: not there, if it was not.
    ///
    /// # Errors
    /// When Firestore cannot hold the document.
    pub fn replace<D: Kept>(
        &mut self,
        id: &D::Id,
        document: &D,
        read: Option<&Stored<D>>,
    ) -> Result<(), StoreError> {
        let Some(read) = read else { return self.create(id, document) };
        let at = *read.updated_at;
        let time = RawTimestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() };
        self.push(id, document, Some(ConditionType::UpdateTime(time)))
    }

    fn push<D: Kept>(
        &mut self,
        id: &D::Id,
        document: &D,
        condition: Option<ConditionType>,
    ) -> Result<(), StoreError> {
        let raw = encode(&self.database, &id.path(), document)?;
        self.writes.push(Write {
            operation: Some(Operation::Update(raw)),
            current_document: condition.map(|of| Precondition { condition_type: Some(of) }),
            ..Write::default()
        });
        Ok(())
    }

    /// Commits; tells whether everything was still as it was read. If not, nothing is written.
    ///
    /// # Errors
    /// When the database cannot be reached: then nobody knows whether it was written.
    pub async fn commit(self) -> Result<bool, StoreError> {
        let path = self.database.get_documents_path().clone();
        let span = tracing::Span::none();
        // Without a transaction's id, Firestore applies the writes by themselves.
        let data = FirestoreTransactionData::new(Vec::new(), path, span, self.writes);
        let committed = FirestoreTransaction::from_data(&self.database, data).commit().await;
        match committed.map_err(|error| StoreError::request("commit".into(), error)) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), Code::Aborted | Code::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
