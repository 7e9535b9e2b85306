//! Elevations: asked for, agreed to, ended.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{GrantId, IncidentId, Role, access::grant::Grant};

/// A role that somebody wants for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestGrant {
    /// Which role.
    #[garde(skip)]
    pub role: Role,
    /// For how long: a quarter of an hour up to a working day.
    #[garde(range(min = 15, max = 480))]
    #[schema(minimum = 15, maximum = 480)]
    pub minutes: u32,
    /// Kept in the journal.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    pub reason: String,
}

/// An elevation and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantView {
    /// The elevation's id.
    pub id: GrantId,
    /// The elevation.
    #[serde(flatten)]
    pub grant: Grant,
}

/// A page of elevations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantsPage {
    /// The elevations, newest first.
    pub items: Vec<GrantView>,
    /// Where the next page starts; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Somebody is owner for an hour, and everybody is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlassBroken {
    /// The elevation.
    pub grant: GrantView,
    /// The incident that was opened because of it.
    pub incident: IncidentId,
}
