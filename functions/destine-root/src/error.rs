//! What can go wrong in destine-root.

use problem::{Code, Coded};
use store::StoreError;

/// What can go wrong in destine-root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Documents could not be read or written.
    #[error("cannot keep documents of checks, incidents and controls")]
    Store(#[from] StoreError),
    /// A message's body is not Base64.
    #[error("the body of an exhausted delivery cannot be read: {0}")]
    Body(String),
}

impl Coded for RootError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Body(_) => Code::InvalidArgument,
        }
    }
}
