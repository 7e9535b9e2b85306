//! The journal: one record for every change of an operational document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Actor, CorrelationId, Document, EventId, RecordId, Timestamp};

/// A change that committed together with this record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalRecord {
    /// Who caused the change.
    pub actor: Actor,
    /// What was done, as `noun.verb`, such as `finding.opened`.
    pub action: String,
    /// The path of the document that changed.
    pub target: String,
    /// The hash of the document before; absent when it did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The hash of the document after; absent when it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Why, for people.
    pub reason: String,
    /// When the cause happened.
    pub time: Timestamp,
    /// The cause that this change shares with others.
    pub correlation: CorrelationId,
    /// The event that was being handled; absent for a direct command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
}

impl Document for JournalRecord {
    type Id = RecordId;
}
