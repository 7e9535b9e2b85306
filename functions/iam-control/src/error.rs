//! What can go wrong in iam-control.

use problem::{Code, Coded};
use store::StoreError;

use crate::{Refusal, ToolkitError};

/// What can go wrong in iam-control.
#[derive(Debug, thiserror::Error)]
pub enum IamError {
    /// Documents could not be read or written.
    #[error("cannot keep people, elevations and reviews")]
    Store(#[source] StoreError),
    /// The caller's page token is not one of this list.
    #[error("the page token is not one of this list")]
    PageToken,
    /// An account could not be read or written.
    #[error("cannot keep the person's account")]
    Account(#[from] ToolkitError),
    /// The change is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such document.
    #[error("there is no {what} `{id}`")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A document is not as the caller last saw it.
    #[error("somebody changed it meanwhile")]
    ChangedMeanwhile,
    /// A document that an answer needs cannot be read.
    #[error("an answer would be incomplete: {0}")]
    Unreadable(String),
    /// There are more documents than one answer takes into account.
    #[error("there are more than {max} {what}, the most that one answer takes into account")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// What the caller asks about is nothing.
    #[error("{field}: {reason}")]
    Argument {
        /// The parameter or header.
        field: &'static str,
        /// What would be right.
        reason: String,
    },
}

impl From<StoreError> for IamError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::InvalidPageToken => Self::PageToken,
            other => Self::Store(other),
        }
    }
}

impl Coded for IamError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Account(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Missing { .. } => Code::NotFound,
            Self::PageToken | Self::Argument { .. } => Code::InvalidArgument,
            // Not `Aborted`: the same request again would be refused again.
            Self::ChangedMeanwhile | Self::TooMany { .. } | Self::Unreadable(_) => {
                Code::FailedPrecondition
            }
        }
    }
}
