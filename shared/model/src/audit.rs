//! One run of the audit over the estate.

mod control;
mod difference;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use control::{AuditControl, ControlMappings};
pub use difference::Difference;

use crate::{
    Actor, AuditId, AuditRowsId, Document, Measurement, Operational, Timestamp, finding::Severity,
};

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
    /// The control fails, and an exception covers that.
    #[serde(default)]
    pub exempt: u64,
    /// The control does not concern the asset.
    #[serde(default)]
    pub not_applicable: u64,
    /// Only people can judge.
    #[serde(default)]
    pub manual: u64,
}

impl VerdictCounts {
    /// Returns the sum.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            pass: self.pass + other.pass,
            fail: self.fail + other.fail,
            unknown: self.unknown + other.unknown,
            exempt: self.exempt + other.exempt,
            not_applicable: self.not_applicable + other.not_applicable,
            manual: self.manual + other.manual,
        }
    }

    /// Counts a verdict.
    pub fn count(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Exempt => &mut self.exempt,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Manual => &mut self.manual,
            Verdict::Unknown => &mut self.unknown,
        };
        *count += 1;
    }
}

impl fmt::Display for VerdictCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pass, fail, unknown, exempt, not_applicable, manual } = self;
        write!(
            f,
            "{pass} pass, {fail} fail, {unknown} unknown, {exempt} exempt, {manual} manual, \
             {not_applicable} not applicable"
        )
    }
}

/// Which part of the estate a run looks at. An empty list leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditScope)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Only these controls.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub controls: Vec<String>,
    /// Only assets of these types.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub asset_types: Vec<String>,
}

impl Scope {
    /// How many entries a list has at the most.
    pub const ENTRIES_MAX: usize = 50;

    /// Tells whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.controls.is_empty() && self.asset_types.is_empty()
    }

    /// Tells whether a control is asked.
    #[must_use]
    pub fn asks(&self, control: &str) -> bool {
        self.controls.is_empty() || self.controls.iter().any(|one| one == control)
    }

    /// Tells whether assets of a type are looked at.
    #[must_use]
    pub fn looks_at(&self, asset_type: &str) -> bool {
        self.asset_types.is_empty() || self.asset_types.iter().any(|one| one == asset_type)
    }
}

/// What the verdicts of a run depend on, and nothing else does; and their own hash. All
/// hashes are SHA-256 in hexadecimal figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditManifest)]
pub struct Manifest {
    /// Over the hashes of all assets, in the order of their names.
    pub estate_hash: String,
    /// Over the hashes of all controls that were asked.
    pub controls_hash: String,
    /// Over the exceptions that were in force.
    pub exceptions_hash: String,
    /// The version of the engine.
    pub engine_version: String,
    /// The instant that every verdict is decided for.
    pub as_of: Timestamp,
    /// Assets that were examined.
    pub assets: u64,
    /// Over every verdict with its evidence, asset by asset in the order of names.
    pub verdicts_hash: String,
}

/// One verdict of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRow {
    /// The control.
    pub control: String,
    /// How much it matters.
    pub severity: Severity,
    /// The full resource name of the asset.
    pub asset: String,
    /// Its type.
    pub asset_type: String,
    /// SHA-256 of what conditions can read of it.
    pub asset_hash: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen, what is missing, or which exception covers it.
    pub evidence: String,
    /// SHA-256 of everything in the control that decides.
    pub control_hash: String,
}

/// Some of the verdicts of a run that somebody has to look at, in the order of controls and
/// assets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRows {
    /// The verdicts.
    pub rows: Vec<AuditRow>,
    /// When they are forgotten.
    pub expires_at: Timestamp,
}

impl Document for AuditRows {
    type Id = AuditRowsId;
}

impl Measurement for AuditRows {}

/// A run of controls over assets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Audit {
    /// Where the run stands.
    pub state: AuditState,
    /// Who or what asked for it.
    pub requested_by: Actor,
    /// Why, in the words of whoever asked.
    pub reason: String,
    /// What it looks at.
    #[serde(default)]
    pub scope: Scope,
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
    /// Controls that were not asked because their files are broken, and why.
    #[serde(default)]
    pub refused: Vec<String>,
    /// How many assets there are of each type.
    #[serde(default)]
    pub asset_types: BTreeMap<String, u64>,
    /// How much of what was asked holds, in hundredths of a per cent; absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u64>,
    /// What the verdicts depend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
    /// The run of the same scope before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<AuditId>,
    /// In how many parts its rows are kept.
    #[serde(default)]
    pub parts: u32,
    /// How many rows are kept nowhere, because there are too many.
    #[serde(default)]
    pub rows_left_out: u64,
    /// Findings that the run opened, or opened again.
    pub opened: u64,
    /// Findings that the run resolved.
    pub resolved: u64,
}

impl Audit {
    /// Returns a run that nothing was examined for yet.
    #[must_use]
    pub fn requested(
        requested_by: Actor,
        reason: impl Into<String>,
        scope: Scope,
        as_of: Timestamp,
    ) -> Self {
        Self {
            state: AuditState::Requested,
            requested_by,
            reason: reason.into(),
            scope,
            as_of,
            assets: 0,
            unreadable: 0,
            verdicts: VerdictCounts::default(),
            controls: BTreeMap::new(),
            refused: Vec::new(),
            asset_types: BTreeMap::new(),
            score: None,
            manifest: None,
            previous: None,
            parts: 0,
            rows_left_out: 0,
            opened: 0,
            resolved: 0,
        }
    }
}

impl Document for Audit {
    type Id = AuditId;
}

impl Operational for Audit {}
