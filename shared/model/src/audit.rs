//! One run of the audit over the estate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Actor, AuditId, Document, Operational, Timestamp};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// Somebody asked for it.
    Requested,
    /// Assets are being examined.
    Running,
    /// Every asset was examined.
    Completed,
}

/// What a control says of an asset.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuditVerdict)]
pub enum Verdict {
    /// The demand holds.
    Pass,
    /// The demand does not hold.
    Fail,
    /// The demand does not hold, and an exception covers that.
    Exempt,
    /// The demand does not concern the asset.
    NotApplicable,
    /// Only people can judge.
    Manual,
    /// What the control needs to know is missing.
    Unknown,
}

/// How often each verdict was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerdictCounts {
    /// The control holds.
    pub pass: u64,
    /// The control fails.
    pub fail: u64,
    /// Evidence that the control needs is missing.
    pub unknown: u64,
}

/// A run of every control over every asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Audit {
    /// Where the run stands.
    pub state: AuditState,
    /// Who or what asked for it.
    pub requested_by: Actor,
    /// Why, in the words of whoever asked.
    pub reason: String,
    /// The instant that every verdict of the run is decided for.
    pub as_of: Timestamp,
    /// Assets that were examined.
    pub assets: u64,
    /// Asset documents that could not be read, and so could not be examined.
    pub unreadable: u64,
    /// Verdicts over all controls.
    pub verdicts: VerdictCounts,
    /// Verdicts of each control that applied to at least one asset.
    pub controls: BTreeMap<String, VerdictCounts>,
    /// Findings that the run opened, or opened again.
    pub opened: u64,
    /// Findings that the run resolved.
    pub resolved: u64,
}

impl Audit {
    /// Returns a run that nothing was examined for yet.
    #[must_use]
    pub fn requested(requested_by: Actor, reason: impl Into<String>, as_of: Timestamp) -> Self {
        Self {
            state: AuditState::Requested,
            requested_by,
            reason: reason.into(),
            as_of,
            assets: 0,
            unreadable: 0,
            verdicts: VerdictCounts::default(),
            controls: BTreeMap::new(),
            opened: 0,
            resolved: 0,
        }
    }
}

impl Document for Audit {
    type Id = AuditId;
}

impl Operational for Audit {}
