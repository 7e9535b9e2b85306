//! Why a log is not copied.

use problem::{Code, Coded};
use store::StoreError;

use super::BucketError;

/// Why a log is not copied.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Documents could not be read or written.
    #[error("cannot read the log to be copied")]
    Store(#[from] StoreError),
    /// The bucket could not be read, or added to.
    #[error("cannot keep the copy of the log: {0}")]
    Bucket(#[from] BucketError),
    /// What is stored is not what was signed, and a copy of it could never be mended.
    #[error("`{object}` is not copied: {reason}")]
    Unproven {
        /// What was to be copied.
        object: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Coded for ArchiveError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Bucket(error) => error.code(),
            Self::Unproven { .. } => Code::Internal,
        }
    }
}
