//! Deliveries that could not be processed, kept so that they can be replayed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Document, EventId, LetterId, LetterPartId, Measurement, Operational, Timestamp};

/// A delivery that was accepted and cannot be processed as things are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetter {
    /// The function that it was meant for.
    pub function: String,
    /// The trigger that it was meant for.
    pub trigger: String,
    /// The event.
    pub event: EventId,
    /// The canonical code of the failure, such as `INVALID_ARGUMENT`.
    pub code: String,
    /// What went wrong, for operators.
    pub reason: String,
    /// The request's headers that make the event, without credentials.
    pub headers: BTreeMap<String, String>,
    /// How many bytes the body has.
    pub body_bytes: u64,
    /// How many documents below the letter hold the body.
    pub body_parts: u32,
    /// When the letter was written off.
    pub buried_at: Timestamp,
    /// When it was last sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<Timestamp>,
}

impl Document for DeadLetter {
    type Id = LetterId;
}

impl Operational for DeadLetter {}

/// A part of a dead letter's body, small enough for a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPart {
    /// The bytes, in Base64.
    pub data: String,
}

impl Document for LetterPart {
    type Id = LetterPartId;
}

impl Measurement for LetterPart {}
