//! System checks and their results.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    CheckId, CheckResultId, Document, IncidentId, Measurement, Operational, ServiceId, Timestamp,
};

/// What a check says of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// The service answers.
    Up,
    /// The service failed several times in a row.
    Down,
}

/// The state of one check; written only when it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// The service that is checked.
    pub service: ServiceId,
    /// What the results add up to.
    pub state: CheckState,
    /// The tick that changed the state.
    pub since: Timestamp,
    /// The incident that is open while the service is down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
}

impl Document for Check {
    type Id = CheckId;
}

impl Operational for Check {}

/// One request that a check made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckResult {
    /// The scheduled time that the check ran for.
    pub tick: Timestamp,
    /// Whether the service answered with a 2xx status in time.
    pub passed: bool,
    /// The status, or why there is none.
    pub detail: String,
    /// How long the answer took, in milliseconds.
    pub latency_ms: u64,
    /// When Firestore may remove the result.
    pub expires_at: Timestamp,
}

impl Document for CheckResult {
    type Id = CheckResultId;
}

impl Measurement for CheckResult {}
