//! Incidents: what is wrong now and what was.

mod change;
mod escalation;
mod post_mortem;
mod statistics;
mod timeline;

pub use change::{IncidentRefusal, REOPEN_WITHIN};
pub use escalation::{ESCALATIONS_MAX, escalation_after};
pub use post_mortem::post_mortem;
use serde::{Deserialize, Serialize};
pub use statistics::IncidentStatistics;
pub use timeline::{COMMENTS_MAX, Entry, EntryKind, TIMELINE_MAX};
use utoipa::ToSchema;

use crate::{
    Actor, CheckId, Document, FindingId, GrantId, IncidentId, Operational, OverrideId, ServiceId,
    Timestamp, Uid,
};

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Something is wrong, and nobody has said that they look after it.
    Open,
    /// Somebody looks after it.
    Acknowledged,
    /// It is over.
    Resolved,
    /// It was over, and came back soon; nobody has said that they look after it now.
    Reopened,
}

impl IncidentState {
    /// Tells whether it is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        self == Self::Resolved
    }

    /// Tells whether it waits for somebody to look after it.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::Open | Self::Reopened)
    }
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
    /// Somebody looks at it today.
    P3,
    /// Somebody looks at it this week.
    P4,
}

/// A time during which something was wrong, or somebody was owner without asking.
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
    /// What was seen when it was opened, or opened again.
    pub detail: String,
    /// When it was opened: for a check, the run that decided.
    pub opened_at: Timestamp,
    /// Who has seen it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// Who it was given to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Uid>,
    /// When it was resolved: the run that succeeded, or when somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// How often it came back.
    #[serde(default)]
    pub reopened: u32,
    /// How often somebody further up was called.
    #[serde(default)]
    pub escalations: u32,
    /// Since when it waits for somebody to look after it, or to look after it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
    /// Overrides that somebody linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<OverrideId>,
    /// Findings that somebody linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingId>,
    /// What happened, oldest first; the journal has it without a bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Entry>,
}

/// Who said that they look after an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acknowledgement {
    /// The person.
    pub by: Uid,
    /// When they said so.
    pub at: Timestamp,
}

impl Incident {
    /// Opens an incident that is about nothing yet.
    #[must_use]
    pub fn open(
        title: impl Into<String>,
        priority: Priority,
        detail: impl Into<String>,
        by: Actor,
        at: Timestamp,
    ) -> Self {
        let detail = detail.into();
        let opened = Entry { at, by, kind: EntryKind::Opened, text: detail.clone() };
        Self {
            title: title.into(),
            priority,
            service: None,
            check: None,
            grant: None,
            state: IncidentState::Open,
            detail,
            opened_at: at,
            acknowledged: None,
            assignee: None,
            resolved_at: None,
            reopened: 0,
            escalations: 0,
            waits_since: Some(at),
            overrides: Vec::new(),
            findings: Vec::new(),
            timeline: vec![opened],
        }
    }
}

impl Document for Incident {
    type Id = IncidentId;
}

impl Operational for Incident {}
