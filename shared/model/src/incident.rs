//! Incidents: what is wrong now and what was.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CheckId, Document, IncidentId, Operational, ServiceId, Timestamp};

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// The service is down.
    Open,
    /// The service answers again.
    Resolved,
}

/// A time during which a service was down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// One line for people.
    pub title: String,
    /// The service that is down.
    pub service: ServiceId,
    /// The check that noticed.
    pub check: CheckId,
    /// Where the incident stands.
    pub state: IncidentState,
    /// What the last failing check saw.
    pub detail: String,
    /// The tick of the failure that opened it.
    pub opened_at: Timestamp,
    /// The tick of the success that resolved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
}

impl Document for Incident {
    type Id = IncidentId;
}

impl Operational for Incident {}
