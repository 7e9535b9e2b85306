//! What can go wrong with the database.

use firestore::errors::FirestoreError;
use problem::{Code, Coded};

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no connection.
    #[error("cannot reach Firestore")]
    Unreachable(#[source] FirestoreError),
    /// A request failed.
    #[error("cannot {action}")]
    Request {
        /// What was tried.
        action: String,
        /// The canonical code of the answer.
        code: Code,
        /// The answer.
        #[source]
        source: FirestoreError,
    },
    /// A document does not have the shape of its type.
    #[error("`{document}` cannot be read: {field}: {reason}")]
    Unreadable {
        /// The document's path.
        document: String,
        /// The path of the field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A document holds something that Firestore cannot.
    #[error("`{document}` cannot be written")]
    Unwritable {
        /// The document's path.
        document: String,
        /// What Firestore cannot hold.
        #[source]
        source: FirestoreError,
    },
    /// A document is larger than what is kept, even in parts.
    #[error("`{document}` cannot be kept: {reason}")]
    TooLarge {
        /// The document's path.
        document: String,
        /// How large it is.
        reason: String,
    },
    /// A document was written again and again while it was read.
    #[error("the parts of `{document}` are not those that it names: it is being written")]
    Torn {
        /// The document's path.
        document: String,
    },
    /// A document to create is there.
    #[error("`{document}` exists already")]
    Exists {
        /// The document's path.
        document: String,
    },
    /// Others kept changing the same documents until the deadline.
    #[error("others kept changing the same documents for {seconds} s")]
    Contended {
        /// How long it was tried.
        seconds: u64,
    },
    /// A transaction was asked to write more than one can.
    #[error("a transaction writes at most {max} documents")]
    TooManyWrites {
        /// The bound.
        max: usize,
    },
    /// Firestore would refuse the query in production.
    #[error("a query needs the index `{index}`: add it to `store::INDEXES`")]
    NoIndex {
        /// The index.
        index: String,
    },
    /// Firestore would refuse the query in production.
    #[error("a query asks for `{field}`, which is not indexed: see `store::UNINDEXED`")]
    Unindexed {
        /// The field, behind its collection.
        field: String,
    },
    /// A document says when it expires, and Firestore would keep it for ever.
    #[error("documents of `{collection}` expire: add it to `store::EXPIRING`")]
    Kept {
        /// The collection.
        collection: String,
    },
    /// A page token was not made by a list of the same query.
    #[error("the page token is not one of this list")]
    InvalidPageToken,
}

impl StoreError {
    pub(crate) fn request(action: String, source: FirestoreError) -> Self {
        Self::Request { action, code: code_of(&source), source }
    }
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Unreachable(_) => Code::Unavailable,
            Self::Request { code, .. } => *code,
            Self::Unreadable { .. } => Code::FailedPrecondition,
            Self::Unwritable { .. } | Self::TooLarge { .. } | Self::InvalidPageToken => {
                Code::InvalidArgument
            }
            Self::Exists { .. } => Code::AlreadyExists,
            Self::Contended { .. } | Self::Torn { .. } => Code::Aborted,
            Self::TooManyWrites { .. }
            | Self::NoIndex { .. }
            | Self::Unindexed { .. }
            | Self::Kept { .. } => Code::Internal,
        }
    }
}

/// Returns the canonical code of a client error.
///
/// A `FailedPrecondition` of the store is a lost race (an update time that no
/// longer holds), so it becomes `Aborted` and is tried again. An index that is missing, or
/// is still being built, has the same code: a transaction need not run again for that.
fn code_of(error: &FirestoreError) -> Code {
    match error {
        FirestoreError::DatabaseError(database) if lacks_index(&database.details) => Code::Internal,
        FirestoreError::DatabaseError(database) => match database.public.code.as_str() {
            "InvalidArgument" | "OutOfRange" => Code::InvalidArgument,
            "FailedPrecondition" | "Aborted" => Code::Aborted,
            "PermissionDenied" | "Unauthenticated" | "Unimplemented" | "DataLoss" => Code::Internal,
            "ResourceExhausted" => Code::ResourceExhausted,
            "DeadlineExceeded" => Code::DeadlineExceeded,
            "Internal" => Code::Internal,
            // Closed connections, cancelled and unknown calls: the transport was away.
            _ => Code::Unavailable,
        },
        FirestoreError::DataConflictError(_) => Code::Aborted,
        FirestoreError::DataNotFoundError(_) => Code::NotFound,
        FirestoreError::InvalidParametersError(_)
        | FirestoreError::SerializeError(_)
        | FirestoreError::DeserializeError(_) => Code::InvalidArgument,
        FirestoreError::NetworkError(_) => Code::Unavailable,
        FirestoreError::SystemError(_)
        | FirestoreError::ErrorInTransaction(_)
        | FirestoreError::CacheError(_) => Code::Internal,
    }
}

/// Tells whether Firestore says that it has no index for a query: it "requires an index", or
/// "requires a `COLLECTION_ASC` index" of a field that has none.
fn lacks_index(details: &str) -> bool {
    details.split_once("query requires a").is_some_and(|(_, rest)| rest.contains(" index"))
}

#[cfg(test)]
mod tests {
    use gcloud_sdk::tonic::{Code as GrpcCode, Status};

    use super::*;

    fn code(status: GrpcCode, message: &str) -> Code {
        code_of(&Status::new(status, message).into())
    }

    #[test]
    fn a_lost_race_is_tried_again_and_a_missing_index_is_not() {
        let precondition = |message: &str| code(GrpcCode::FailedPrecondition, message);
        for lost in [
            "the stored version (1) does not match the required base version (2)",
            "the index of the page is behind what the query requires",
        ] {
            assert_eq!(precondition(lost), Code::Aborted, "{lost}");
        }
        for missing in [
            "The query requires an index. You can create it here: https://console.firebase.google.com/x",
            "The query requires an index. That index is currently building and cannot be used yet.",
            "The query requires a COLLECTION_ASC index for collection assets and field name.",
        ] {
            assert_eq!(precondition(missing), Code::Internal, "{missing}");
        }
        assert_eq!(code(GrpcCode::Aborted, "too much contention"), Code::Aborted);
    }
}
