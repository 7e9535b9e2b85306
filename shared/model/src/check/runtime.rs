//! What the checks need to remember between ticks. All of it is measurement.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Actor, CanaryId, CheckLeaseId, CheckShardId, Document, EchoId, HeartbeatId, Measurement,
    Timestamp,
};

/// The last sign of life that came for a heartbeat check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// When it came.
    pub at: Timestamp,
    /// Who sent it.
    pub by: Actor,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl Document for Heartbeat {
    type Id = HeartbeatId;
}

impl Measurement for Heartbeat {}

/// Who runs the checks, and for which tick: one at a time, and each tick once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLease {
    /// The newest tick that somebody took.
    pub tick: Timestamp,
    /// Who took it; another text for each tick.
    pub holder: String,
    /// Until when others wait for who holds it; whoever holds it ends before.
    pub until: Timestamp,
    /// Whether what the tick learnt is kept.
    pub done: bool,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl Document for CheckLease {
    type Id = CheckLeaseId;
}

impl Measurement for CheckLease {}

/// What is remembered of some hundred checks: streaks, last results, counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckShard {
    /// What is remembered, as JSON in one text: no field of it is ever asked for, and
    /// Firestore would index every one.
    pub memories: String,
    /// The tick that wrote it.
    pub tick: Timestamp,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl Document for CheckShard {
    type Id = CheckShardId;
}

impl Measurement for CheckShard {}

/// A write that has to come back through its trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// Another text for each write.
    pub nonce: String,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl Document for Canary {
    type Id = CanaryId;
}

impl Measurement for Canary {}

/// What a canary's trigger saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    /// The canary's text.
    pub nonce: String,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl Document for Echo {
    type Id = EchoId;
}

impl Measurement for Echo {}
