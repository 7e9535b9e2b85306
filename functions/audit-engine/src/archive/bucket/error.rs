//! What can go wrong with a bucket.

use function::GoogleApiError;
use problem::{Code, Coded};
use reqwest::StatusCode;

/// What can go wrong with a bucket.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// There is no answer.
    #[error("Cloud Storage gives no answer")]
    NoAnswer(#[from] GoogleApiError),
    /// The service refuses.
    #[error("Cloud Storage refuses to {action}: {status}: {reason}")]
    Refused {
        /// What was tried.
        action: String,
        /// The answer.
        status: StatusCode,
        /// The service's own words for it.
        reason: String,
    },
    /// The answer cannot be used.
    #[error("the answer of Cloud Storage cannot be used: {0}")]
    Answer(String),
}

impl BucketError {
    /// Tells whether the same call may succeed soon.
    ///
    /// Source: <https://cloud.google.com/storage/docs/retry-strategy>.
    pub(super) fn passes(&self) -> bool {
        matches!(self.code(), Code::Unavailable | Code::ResourceExhausted)
    }
}

impl Coded for BucketError {
    fn code(&self) -> Code {
        match self {
            Self::NoAnswer(error) => error.code(),
            Self::Refused { status, .. } => match *status {
                StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
                StatusCode::REQUEST_TIMEOUT => Code::Unavailable,
                status if status.is_server_error() => Code::Unavailable,
                // There is no such bucket, or our account lacks its role on it.
                _ => Code::FailedPrecondition,
            },
            Self::Answer(_) => Code::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_succeed_soon_is_tried_again_and_a_refusal_is_not() {
        let refused = |status| BucketError::Refused {
            action: "add `a`".into(),
            status,
            reason: "because".into(),
        };
        for status in [408, 429, 500, 502, 503, 504] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert!(refused(status).passes(), "{status}");
        }
        for status in [400, 401, 403, 404, 409] {
            let error = refused(StatusCode::from_u16(status).expect("a status"));
            assert_eq!((error.passes(), error.code()), (false, Code::FailedPrecondition));
        }
    }
}
