//! Typed documents from and to Firestore's own.

use firestore::{FirestoreDb, FirestoreDocument};
use gcloud_sdk::google::firestore::v1::Value;
use model::{Document, DocumentId, Timestamp};
use serde::Serialize;

use crate::{
    StoreError,
    read::{self, Held},
};

/// A document together with its id and the version that was read.
#[derive(Clone, Debug)]
pub struct Stored<D: Document> {
    /// The document's id.
    pub id: D::Id,
    /// When this version was written; the epoch for a document that is not committed yet.
    pub updated_at: Timestamp,
    /// The document.
    pub document: D,
}

impl<D: Document> Stored<D> {
    /// Reads a typed document from Firestore's own.
    pub(crate) fn parse(raw: &FirestoreDocument) -> Result<Self, StoreError> {
        Self::of(raw, decode(relative_path(&raw.name), raw)?)
    }

    /// Says of a typed document where it stands and since when.
    pub(crate) fn of(raw: &FirestoreDocument, document: D) -> Result<Self, StoreError> {
        let path = relative_path(&raw.name);
        let id = D::Id::from_path(path).map_err(|error| StoreError::Unreadable {
            document: path.to_owned(),
            field: "its name".into(),
            reason: error.to_string(),
        })?;
        let updated_at = raw
            .update_time
            .as_ref()
            .and_then(|time| jiff::Timestamp::new(time.seconds, time.nanos).ok());
        Ok(Self { id, updated_at: updated_at.unwrap_or_default().into(), document })
    }
}

/// Reads the fields of a document into its type.
///
/// # Errors
/// [`StoreError::Unreadable`] names the document and the field.
pub(crate) fn decode<D: Document>(path: &str, raw: &FirestoreDocument) -> Result<D, StoreError> {
    read_members::<D, Value>(path, &raw.fields)
}

/// Reads fields, as one message or another holds them, into a document's type.
pub(crate) fn read_members<D: Document, H: Held>(
    path: &str,
    members: &H::Members,
) -> Result<D, StoreError> {
    // Where a mistake is, is looked for once there is one: keeping track costs every good one.
    D::deserialize(read::document::<H>(members))
        .or_else(|_| serde_path_to_error::deserialize(read::document::<H>(members)))
        .map_err(|error: serde_path_to_error::Error<_>| StoreError::Unreadable {
            document: path.to_owned(),
            field: error.path().to_string(),
            reason: error.inner().to_string(),
        })
}

/// Makes Firestore's own document of a typed one.
pub(crate) fn encode<D: Document>(
    database: &FirestoreDb,
    path: &str,
    document: &D,
) -> Result<FirestoreDocument, StoreError> {
    encode_value(database, path, document)
}

/// Makes Firestore's own document of any value.
pub(crate) fn encode_value(
    database: &FirestoreDb,
    path: &str,
    document: &impl Serialize,
) -> Result<FirestoreDocument, StoreError> {
    let name = format!("{}/{path}", database.get_documents_path());
    FirestoreDb::serialize_to_doc(name, document)
        .map_err(|error| StoreError::Unwritable { document: path.to_owned(), source: error })
}

/// Returns the part of a full document name that follows `/documents/`.
pub(crate) fn relative_path(name: &str) -> &str {
    name.split_once("/documents/").map_or(name, |(_, path)| path)
}

/// A path taken apart as the client wants it.
pub(crate) struct Location<'a> {
    pub(crate) parent: String,
    pub(crate) collection: &'a str,
    pub(crate) id: &'a str,
}

impl<'a> Location<'a> {
    pub(crate) fn new(database: &FirestoreDb, path: &'a str) -> Self {
        let (rest, id) = path.rsplit_once('/').unwrap_or(("", path));
        let (above, collection) = match rest.rsplit_once('/') {
            Some((above, collection)) => (Some(above), collection),
            None => (None, rest),
        };
        let root = database.get_documents_path();
        let parent = above.map_or_else(|| root.clone(), |above| format!("{root}/{above}"));
        Self { parent, collection, id }
    }
}
