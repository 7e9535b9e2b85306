//! What makes a type a Firestore document.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

/// Names a document: knows its collection and its path.
pub trait DocumentId: Clone + fmt::Debug + Send + Sync + 'static {
    /// The path pattern of the collection, such as `checks/{check}/results`.
    const COLLECTION: &'static str;

    /// Returns the path below the database's root, such as `findings/f1`.
    fn path(&self) -> String;

    /// Reads an id from such a path.
    ///
    /// # Errors
    /// When the path names a document of another collection.
    fn from_path(path: &str) -> Result<Self, InvalidPath>;
}

/// A path does not name a document of the expected collection.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` does not name a document of `{collection}`")]
pub struct InvalidPath {
    /// The path that was read.
    pub path: String,
    /// The collection that was expected.
    pub collection: &'static str,
}

/// One type for each collection.
pub trait Document: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The type of the document's id.
    type Id: DocumentId;

    /// The path pattern of the collection.
    const COLLECTION: &'static str = <Self::Id as DocumentId>::COLLECTION;

    /// The fields that stay in a document which Firestore cannot hold as it is. The whole of it
    /// is then kept as text, in documents below it. Without any, such a document is refused.
    ///
    /// They must be enough to read the type, which is what events and listeners are told.
    const HEAD: &'static [&'static str] = &[];
}

/// A document whose every change commits together with a journal record.
pub trait Operational: Document {}

/// A document that is written without a journal record. Most expire: Firestore removes them
/// some time after their `expires_at`.
pub trait Measurement: Document {}

/// A document of the audit log, or of its witness: written without a journal record, because
/// that would have to be sealed in its turn, without end; and kept for good.
pub trait Kept: Document {}
