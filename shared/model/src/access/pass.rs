//! How far the claims of everybody were compared with their documents.

use serde::{Deserialize, Serialize};

use crate::{ClaimsPassId, Document, Measurement, Timestamp};

/// Where the next part of the pass over everybody's claims begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsPass {
    /// The page of people that comes next; absent at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// When Firestore may forget it; the pass then begins anew.
    pub expires_at: Timestamp,
}

impl ClaimsPassId {
    /// The one pass that there is.
    #[must_use]
    pub fn only() -> Self {
        Self::new("claims")
    }
}

impl Document for ClaimsPass {
    type Id = ClaimsPassId;
}

impl Measurement for ClaimsPass {}
