//! System checks: what is watched, how it is, and what was measured.

mod kind;
mod runtime;
mod spec;

pub use kind::{
    DeadLettersProbe, DnsProbe, DnsRecord, FirestoreLagProbe, GrpcProbe, HeaderMatch,
    HeartbeatProbe, HttpMethod, HttpProbe, Probe, PubsubProbe, ScheduleProbe, SloProbe,
    StalenessProbe, TcpProbe, TlsProbe,
};
pub use runtime::{Canary, CheckLease, CheckShard, Echo, Heartbeat};
use serde::{Deserialize, Serialize};
pub use spec::{CheckSpec, INTERVAL_SECONDS_MIN, MaintenanceWindow, TIMEOUT_SECONDS_MAX};
use utoipa::ToSchema;

use crate::{
    CheckId, CheckResultId, Document, IncidentId, Measurement, Operational, ServiceId, Timestamp,
};

/// What a check says of what it watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Nobody knows: it was never judged, or nothing was heard for some intervals.
    #[default]
    Unknown,
    /// It is well.
    Up,
    /// It answers, and is not as it should be: slow, or about to expire.
    Degraded,
    /// It failed several times in a row.
    Down,
    /// It fails and recovers too often for either to mean much.
    Flapping,
    /// Somebody said that it is being worked on; it is measured all the same.
    Maintenance,
}

/// A check: what people want to be watched, and how that is. The state is written only
/// when it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What is watched, and how.
    pub spec: CheckSpec,
    /// When somebody last changed what is watched.
    pub changed_at: Timestamp,
    /// What the results add up to.
    #[serde(default)]
    pub state: CheckState,
    /// When the state became so.
    pub since: Timestamp,
    /// What the last result said when the state became so.
    #[serde(default)]
    pub detail: String,
    /// The check further up that is down, and explains why this one fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<CheckId>,
    /// The incident that is open while it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The incident that was the last one, which is reopened when it fails again soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_incident: Option<IncidentId>,
}

impl Check {
    /// Makes a check that was never judged.
    #[must_use]
    pub fn new(spec: CheckSpec, now: Timestamp) -> Self {
        Self {
            spec,
            changed_at: now,
            state: CheckState::Unknown,
            since: now,
            detail: String::new(),
            root_cause: None,
            incident: None,
            last_incident: None,
        }
    }

    /// Returns the id of the check that a service has unless somebody wrote another.
    #[must_use]
    pub fn default_of(service: &ServiceId) -> CheckId {
        CheckId::new(format!("{service}-http"))
    }
}

impl Document for Check {
    type Id = CheckId;
}

impl Operational for Check {}

/// What one run of a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CheckVerdict)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Well enough to be used, and not as it should be.
    Slow,
    /// Not well.
    Bad,
}

/// One run of a check. A result is kept when it differs from the one before, when it
/// changes the state, and otherwise every few minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckResult {
    /// The instant that the run was planned for.
    pub tick: Timestamp,
    /// Whether it was not bad.
    pub passed: bool,
    /// What it came to.
    pub verdict: Verdict,
    /// What was seen, such as a status, or why nothing was.
    pub detail: String,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// When Firestore may remove the result.
    pub expires_at: Timestamp,
}

impl Document for CheckResult {
    type Id = CheckResultId;
}

impl Measurement for CheckResult {}
