//! The idempotency ledger.

use serde::{Deserialize, Serialize};

use crate::{Document, EventId, Measurement, Timestamp};

/// Says that an event's effect is committed. Written in the transaction of the effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The function that handled the event.
    pub function: String,
    /// The trigger that received it.
    pub trigger: String,
    /// When the event happened.
    pub event_time: Timestamp,
    /// When Firestore may remove the entry.
    pub expires_at: Timestamp,
}

impl Document for Delivery {
    type Id = EventId;
}

impl Measurement for Delivery {}
