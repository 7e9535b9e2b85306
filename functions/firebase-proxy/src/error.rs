//! Why a command is refused.

use bus::BusError;
use model::{
    AuditId, CheckId, FindingId, exception::ExceptionRefusal, incident::IncidentRefusal,
    operator_override::Refused,
};
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
    /// The incident stays as it is.
    #[error(transparent)]
    Incident(#[from] IncidentRefusal),
    /// The exception stays as it is.
    #[error(transparent)]
    Exception(#[from] ExceptionRefusal),
    /// There is nothing to compare a run with.
    #[error("there is no run before `{0}`: name another one with `base`")]
    FirstRun(AuditId),
    /// The finding is resolved.
    #[error("the finding `{0}` is resolved: there is nothing to mend")]
    NothingToMend(FindingId),
    /// No command would mend it.
    #[error("no command mends the finding `{0}`: do what its remediation says by hand")]
    NoCommand(FindingId),
    /// There is a check with this id.
    #[error("there is a check `{0}` already")]
    CheckExists(CheckId),
    /// Nobody sends signs of life for such a check.
    #[error("the check `{0}` is of another kind: it takes no heartbeats")]
    NoHeartbeats(CheckId),
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
            Self::Exception(ExceptionRefusal::OwnRequest | ExceptionRefusal::NotYours) => {
                Code::PermissionDenied
            }
            // Trying again changes nothing, so that no transaction does.
            Self::Override(_)
            | Self::Incident(_)
            | Self::Exception(_)
            | Self::FirstRun(_)
            | Self::NothingToMend(_)
            | Self::NoCommand(_)
            | Self::NoHeartbeats(_) => Code::FailedPrecondition,
            Self::CheckExists(_) => Code::AlreadyExists,
            Self::InProgress => Code::AlreadyExists,
        }
    }
}
