//! Making a person's part of the log unreadable, with every proof as good as before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Actor, Document, Kept, Operational, ShredRequestId, SubjectId, Timestamp, Uid};

/// The key that a person's part of the log is encrypted with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectKey {
    /// Which of the person's keys it is, from 1.
    pub generation: u32,
    /// The key, itself encrypted with the log's secret, in Base64; absent once destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroyed_at: Option<Timestamp>,
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubjectKey(generation {})", self.generation)
    }
}

impl Document for SubjectKey {
    type Id = SubjectId;
}

impl Kept for SubjectKey {}

/// How far a request to destroy a key has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShredState {
    /// Somebody asked for it.
    Requested,
    /// The key is gone.
    Done,
}

/// A request to destroy the key of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShredRequest {
    /// The person; forgotten once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Uid>,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub requested_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// How far it has come.
    pub state: ShredState,
    /// When the key was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

impl Document for ShredRequest {
    type Id = ShredRequestId;
}

impl Operational for ShredRequest {}
