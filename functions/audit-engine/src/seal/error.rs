//! Why records are not sealed.

use problem::{Code, Coded};
use store::StoreError;
use tlog::{SignError, TreeError};

/// Why records are not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Documents could not be read or written.
    #[error("cannot keep the log's documents")]
    Store(#[from] StoreError),
    /// Somebody else adds to the log just now.
    #[error("another instance has been adding to the log for {0} s")]
    Busy(u64),
    /// What is stored is not a tree.
    #[error("the log's tiles do not fit together")]
    Tree(#[from] TreeError),
    /// A stored document of the log is not what it should be.
    #[error("the log's document `{document}` cannot be used: {reason}")]
    Document {
        /// Its path.
        document: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The checkpoint could not be signed.
    #[error("cannot sign the checkpoint")]
    Sign(#[from] SignError),
    /// A person's key cannot be used.
    #[error("the key of the subject `{0}` cannot be used")]
    Key(String),
}

impl Coded for SealError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Busy(_) | Self::Sign(_) => Code::Unavailable,
            Self::Tree(_) | Self::Document { .. } | Self::Key(_) => Code::Internal,
        }
    }
}
