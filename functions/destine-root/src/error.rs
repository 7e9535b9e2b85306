//! What can go wrong in destine-root.

use model::CheckId;
use problem::{Code, Coded};
use store::StoreError;

/// What can go wrong in destine-root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Documents could not be read or written.
    #[error("cannot keep documents of checks, incidents and controls")]
    Store(#[from] StoreError),
    /// An earlier tick still runs.
    #[error("an earlier run of the checks does not end")]
    Busy,
    /// A check was written around the API and is not valid.
    #[error("the check `{id}` is not valid: {report}")]
    InvalidCheck {
        /// The check.
        id: CheckId,
        /// Every wrong field.
        report: String,
    },
    /// A message's body is not Base64.
    #[error("the body of an exhausted delivery cannot be read: {0}")]
    Body(String),
}

impl Coded for RootError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Busy => Code::Unavailable,
            Self::InvalidCheck { .. } | Self::Body(_) => Code::InvalidArgument,
        }
    }
}
