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
    /// Who wrote it down, and the how manyth of its records this is; absent in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
}

/// Numbers the records that one process writes, from 1, so that one that is gone is missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = JournalWriter)]
pub struct Writer {
    /// Names the process; another one for each start.
    pub instance: String,
    /// The record's number.
    pub sequence: u64,
    /// Earlier numbers whose commits failed, or of which nobody knows whether they did: no
    /// record need have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub void: Vec<u64>,
}

impl Document for JournalRecord {
    type Id = RecordId;
}
