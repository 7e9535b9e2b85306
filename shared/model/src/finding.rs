//! What an audit found wrong with one asset.

mod statistics;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use statistics::{FindingStatistics, Resolution};

use crate::{AssetId, AuditId, Document, ExceptionId, FindingId, Operational, Timestamp};

/// How much a failing control matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth tidying up.
    Low,
    /// Weakens the estate together with something else.
    Medium,
    /// Weakens the estate by itself.
    High,
    /// Open to anybody now.
    Critical,
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// The control fails.
    Open,
    /// The control fails, and an exception covers that for a while.
    Exempt,
    /// The control failed once and no longer does, or the asset is gone.
    Resolved,
}

/// One control that fails, or failed, on one asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The control's id, such as `RUN-01`.
    pub control: String,
    /// What the control demands, as a title.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// The asset's document.
    pub asset: AssetId,
    /// The asset's full resource name.
    pub asset_name: String,
    /// The asset's type.
    pub asset_type: String,
    /// Who answers for the asset, by its label `owner`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Whether the control fails now.
    pub state: FindingState,
    /// What was seen, in words that name the offending value.
    pub evidence: String,
    /// When the control was first seen to fail, ever.
    pub first_seen: Timestamp,
    /// When it was seen to fail after it had held, or for the first time.
    pub opened_at: Timestamp,
    /// How often that happened.
    #[serde(default = "once")]
    pub times_opened: u32,
    /// When the control was last seen to fail.
    pub last_seen: Timestamp,
    /// When the control was seen to hold again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// The exception that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<ExceptionId>,
    /// The full run that last saw it; absent when only the asset's own change did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditId>,
}

fn once() -> u32 {
    1
}

impl Document for Finding {
    type Id = FindingId;
}

impl Operational for Finding {}
