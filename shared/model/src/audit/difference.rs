//! What changed between two runs.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Audit, AuditRow, Verdict};
use crate::AuditId;

/// The most rows of one kind that are shown; all are counted.
const SHOWN_MAX: usize = 500;

/// Rows of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditDifferenceRows)]
pub struct Rows {
    /// How many there are.
    pub count: u64,
    /// The first 500, in the order of controls and assets.
    pub rows: Vec<AuditRow>,
}

/// What changed from one run to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditDifference)]
pub struct Difference {
    /// The run that is compared with.
    pub base: AuditId,
    /// How much the score changed, in hundredths of a per cent; absent when one run has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// Whether assets are not as they were.
    pub estate_changed: bool,
    /// Whether controls are not as they were.
    pub controls_changed: bool,
    /// Whether other exceptions are in force.
    pub exceptions_changed: bool,
    /// What fails and did not.
    pub failing: Rows,
    /// What failed and no longer does, as it was.
    pub mended: Rows,
    /// What fails and did.
    pub still_failing: u64,
    /// What is exempt and was not.
    pub exempted: Rows,
    /// What is unknown and was not.
    pub unknown: Rows,
}

impl Rows {
    fn add(&mut self, row: &AuditRow) {
        self.count += 1;
        if self.rows.len() < SHOWN_MAX {
            self.rows.push(row.clone());
        }
    }
}

impl Difference {
    /// Compares the kept rows of a run with those of an earlier one.
    #[must_use]
    pub fn between(
        (base_id, base, before): (&AuditId, &Audit, &[AuditRow]),
        (audit, after): (&Audit, &[AuditRow]),
    ) -> Self {
        let hashes = |audit: &Audit| audit.manifest.clone();
        let changed = |hash: fn(&super::Manifest) -> &str| {
            hashes(base).as_ref().map(hash) != hashes(audit).as_ref().map(hash)
        };
        let score = base.score.zip(audit.score);
        let mut difference = Self {
            base: base_id.clone(),
            score: score.map(|(before, after)| after.cast_signed() - before.cast_signed()),
            estate_changed: changed(|manifest| &manifest.estate_hash),
            controls_changed: changed(|manifest| &manifest.controls_hash),
            exceptions_changed: changed(|manifest| &manifest.exceptions_hash),
            failing: Rows::default(),
            mended: Rows::default(),
            still_failing: 0,
            exempted: Rows::default(),
            unknown: Rows::default(),
        };
        let key = |row: &AuditRow| (row.control.clone(), row.asset.clone());
        let mut known: BTreeMap<_, _> = before.iter().map(|row| (key(row), row)).collect();
        for row in after {
            let was = match known.entry(key(row)) {
                Entry::Occupied(entry) => Some(entry.remove().verdict),
                Entry::Vacant(_) => None,
            };
            match row.verdict {
                Verdict::Fail if was == Some(Verdict::Fail) => difference.still_failing += 1,
                Verdict::Fail => difference.failing.add(row),
                Verdict::Exempt if was != Some(Verdict::Exempt) => difference.exempted.add(row),
                Verdict::Unknown if was != Some(Verdict::Unknown) => difference.unknown.add(row),
                _ => {}
            }
        }
        for row in known.values().filter(|row| row.verdict == Verdict::Fail) {
            difference.mended.add(row);
        }
        difference
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, audit::Scope, finding::Severity};

    fn row(control: &str, verdict: Verdict) -> AuditRow {
        AuditRow {
            control: control.into(),
            severity: Severity::High,
            asset: "//a".into(),
            asset_type: "t".into(),
            asset_hash: String::new(),
            verdict,
            evidence: String::new(),
            control_hash: String::new(),
        }
    }

    fn run(score: Option<u64>) -> Audit {
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let audit = Audit::requested(Actor::service("a"), "why", Scope::default(), now);
        Audit { score, ..audit }
    }

    #[test]
    fn rows_are_compared_by_control_and_asset() {
        use Verdict::{Exempt, Fail, Manual, Unknown};
        let before = [row("A", Fail), row("B", Fail), row("C", Fail), row("E", Manual)];
        let after = [row("A", Fail), row("C", Exempt), row("D", Fail), row("E", Manual)];
        let base = AuditId::new("before");
        let (old, new) = (run(Some(9_000)), run(Some(8_500)));
        let difference = Difference::between((&base, &old, &before), (&new, &after));
        let controls =
            |rows: &Rows| rows.rows.iter().map(|row| row.control.clone()).collect::<Vec<_>>();
        assert_eq!(difference.score, Some(-500));
        assert_eq!(controls(&difference.failing), ["D"]);
        assert_eq!(controls(&difference.mended), ["B"]);
        assert_eq!(controls(&difference.exempted), ["C"]);
        assert_eq!((difference.still_failing, difference.unknown.count), (1, 0));
        let unknown = [row("A", Unknown)];
        let lost = Difference::between((&base, &old, &before), (&run(None), &unknown));
        assert_eq!((lost.score, lost.unknown.count, lost.mended.count), (None, 1, 2));
    }
}
