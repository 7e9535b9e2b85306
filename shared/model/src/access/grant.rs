//! Elevations: a role for some hours.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role;
use crate::{Document, GrantId, Operational, Timestamp, Uid};

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Somebody asked.
    Requested,
    /// Somebody else agreed; the person has the role until it expires.
    Active,
    /// Somebody else refused.
    Rejected,
    /// Nobody answered in time, or the person asked no longer.
    Withdrawn,
    /// Its time is over.
    Expired,
    /// Somebody ended it before its time.
    Revoked,
}

/// A role that a person has, or wants to have, for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    /// Whose role.
    pub person: Uid,
    /// Which role.
    pub role: Role,
    /// For how long it is asked, and how long an extension adds.
    pub minutes: u32,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub state: GrantState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Who agreed, refused or ended it; never the person themselves, except that who
    /// breaks glass asks nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Uid>,
    /// When somebody agreed; all extensions together end eight hours later at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the role ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether it was extended, which happens once.
    #[serde(default)]
    pub extended: bool,
    /// Whether it was taken without asking, in an emergency.
    #[serde(default)]
    pub break_glass: bool,
}

impl Document for Grant {
    type Id = GrantId;
}

impl Operational for Grant {}
