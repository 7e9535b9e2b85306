//! Why a checkpoint is not cosigned.

use problem::{Code, Coded};
use store::StoreError;
use tlog::{Refusal, SignError};

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Documents could not be read or written.
    #[error("cannot remember the checkpoint")]
    Store(#[from] StoreError),
    /// The key could not sign.
    #[error("cannot cosign the checkpoint")]
    Sign(#[from] SignError),
    /// What is remembered cannot be read.
    #[error("what is remembered of `{0}` cannot be read")]
    Forgotten(String),
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Coded for WitnessError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Sign(_) => Code::Unavailable,
            Self::Forgotten(_) => Code::Internal,
            Self::Refused(refusal) => match refusal {
                Refusal::Malformed(_) | Refusal::Inconsistent => Code::InvalidArgument,
                Refusal::UnknownLog(_) => Code::NotFound,
                Refusal::Unsigned => Code::PermissionDenied,
                // Not a race that was lost: trying the transaction again changes nothing.
                Refusal::Conflict { .. } => Code::FailedPrecondition,
            },
        }
    }
}
