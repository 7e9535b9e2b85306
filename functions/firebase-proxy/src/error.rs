//! Why a command is refused.

use bus::BusError;
use model::{IncidentId, operator_override::Refused};
use problem::{Code, Coded};
use store::StoreError;

/// Why a command is refused.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// Documents could not be read or written.
    #[error("cannot keep the command's documents")]
    Store(#[from] StoreError),
    /// A message could not be published.
    #[error("cannot publish the command's message")]
    Bus(#[from] BusError),
    /// There is no such document.
    #[error("there is no `{0}`")]
    Missing(String),
    /// The override does not let itself be treated so.
    #[error(transparent)]
    Override(#[from] Refused),
    /// The incident is resolved.
    #[error("the incident `{0}` is resolved already")]
    Resolved(IncidentId),
    /// The same request is being answered at this moment.
    #[error("a request with this `Idempotency-Key` is being answered: try again in a moment")]
    InProgress,
}

impl Coded for ProxyError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Bus(error) => error.code(),
            Self::Missing(_) => Code::NotFound,
            Self::Override(Refused::OwnRequest | Refused::NotYours | Refused::OldSignIn) => {
                Code::PermissionDenied
            }
            // Trying again changes nothing, so that no transaction does.
            Self::Override(_) | Self::Resolved(_) => Code::FailedPrecondition,
            Self::InProgress => Code::AlreadyExists,
        }
    }
}
