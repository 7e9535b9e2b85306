//! Incidents: what is wrong now and what was.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CheckId, Document, GrantId, IncidentId, Operational, ServiceId, Timestamp, Uid};

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// The service is down.
    Open,
    /// The service answers again.
    Resolved,
}

/// How much an incident matters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Everybody looks at it now.
    P1,
    /// Somebody looks at it now.
    #[default]
    P2,
}

/// A time during which a service was down, or somebody was owner without asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// One line for people.
    pub title: String,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// The service that is down, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// The check that noticed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckId>,
    /// The elevation that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// Where the incident stands.
    pub state: IncidentState,
    /// What the last failing check saw.
    pub detail: String,
    /// The tick of the failure that opened it.
    pub opened_at: Timestamp,
    /// Who has seen it and looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// When it was resolved: the tick of the success, or when somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
}

/// Who said that they look after an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acknowledgement {
    /// The person.
    pub by: Uid,
    /// When they said so.
    pub at: Timestamp,
}

impl Document for Incident {
    type Id = IncidentId;
}

impl Operational for Incident {}
