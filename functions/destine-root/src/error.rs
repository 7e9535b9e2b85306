//! What can go wrong in destine-root.

use model::{ControlName, OverrideId};
use problem::{Code, Coded};
use store::StoreError;

/// What can go wrong in destine-root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Documents could not be read or written.
    #[error("cannot keep documents of checks, incidents and controls")]
    Store(#[from] StoreError),
    /// An override says that it is approved, and nobody but the requester approved it.
    #[error("override `{id}` of `{control}` is not approved by another person")]
    NotApproved {
        /// The override.
        id: OverrideId,
        /// The control that it wants to change.
        control: ControlName,
    },
    /// A message's body is not Base64.
    #[error("the body of an exhausted delivery cannot be read: {0}")]
    Body(String),
}

impl Coded for RootError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::NotApproved { .. } => Code::FailedPrecondition,
            Self::Body(_) => Code::InvalidArgument,
        }
    }
}
