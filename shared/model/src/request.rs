//! Requests that are answered once, however often they are sent.

use serde::{Deserialize, Serialize};

use crate::{Document, Measurement, RequestId, Timestamp, Uid, id::digest};

/// The answer that a request with an `Idempotency-Key` got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredRequest {
    /// SHA-256 of the body, in hexadecimal: the same key with another body is a mistake.
    pub body_hash: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's body, as JSON text.
    pub body: String,
    /// When Firestore may forget it.
    pub expires_at: Timestamp,
}

impl RequestId {
    /// Names a caller's request by the route it goes to and its key.
    #[must_use]
    pub fn of(caller: &Uid, route: &str, key: &str) -> Self {
        Self::new(digest(&[caller.as_str(), route, key]))
    }
}

impl Document for AnsweredRequest {
    type Id = RequestId;
}

impl Measurement for AnsweredRequest {}
