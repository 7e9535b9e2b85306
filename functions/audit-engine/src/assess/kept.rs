//! Assessments of runs that have ended, of what was kept of them.

use std::sync::Arc;

use model::audit::{Audit, AuditRow};

use super::{Assessment, Row};
use crate::control::ControlSet;

impl<'c> Assessment<'c> {
    /// Returns what a run came to: its counts, and the verdicts that somebody has to look at.
    /// `None` when it has not ended. What is said of a control that is gone is left out.
    #[must_use]
    pub fn of_run(set: &'c ControlSet, audit: &Audit, rows: &[AuditRow]) -> Option<Self> {
        let row = |kept: &AuditRow| {
            Some(Row {
                control: set.get(&kept.control)?,
                asset: Arc::from(kept.asset.as_str()),
                asset_type: Arc::from(kept.asset_type.as_str()),
                asset_hash: Arc::from(kept.asset_hash.as_str()),
                verdict: kept.verdict,
                evidence: kept.evidence.clone(),
            })
        };
        let counts = audit.controls.iter();
        Some(Self {
            manifest: audit.manifest.clone()?,
            controls: set.iter().filter(|control| audit.scope.asks(&control.id)).collect(),
            rows: rows.iter().filter_map(row).collect(),
            counts: counts
                .filter_map(|(id, counts)| Some((set.get(id)?.id.as_str(), *counts)))
                .collect(),
            asset_types: audit.asset_types.clone(),
            not_checked: std::collections::BTreeMap::new(),
        })
    }
}
