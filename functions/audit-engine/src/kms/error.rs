//! Why Cloud KMS does not sign.

use identity::OwnTokenError;
use reqwest::StatusCode;

/// Why Cloud KMS does not sign.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// The service cannot be reached.
    #[error("Cloud KMS cannot be reached: {0}")]
    Connect(reqwest::Error),
    /// There is no token to call it with.
    #[error("there is no access token for Cloud KMS: {0}")]
    Token(#[from] OwnTokenError),
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
