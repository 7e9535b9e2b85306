//! Why Cloud KMS does not sign.

use function::GoogleApiError;
use reqwest::StatusCode;

/// Why Cloud KMS does not sign.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// There is no answer.
    #[error("Cloud KMS gives no answer: {0}")]
    NoAnswer(#[from] GoogleApiError),
    /// The service refuses.
    #[error("Cloud KMS refuses to {action}: {status}: {reason}")]
    Refused {
        /// What was tried.
        action: &'static str,
        /// The answer.
        status: StatusCode,
        /// The service's own words for it.
        reason: String,
    },
    /// The answer is not what was asked for, or did not come whole.
    #[error("the answer of Cloud KMS is not used: {0}")]
    Answer(&'static str),
    /// The key is not the one that is published.
    #[error("the key in Cloud KMS is not the one of `AUDIT_PUBLIC_KEY`")]
    AnotherKey,
}
