//! How long it takes until a control holds again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Finding, Severity};

/// How many findings were resolved, and how long that took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FindingResolution)]
pub struct Resolution {
    /// How many were resolved.
    pub resolved: u64,
    /// The mean time from the last opening to the end, in seconds; absent when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mttr_seconds: Option<u64>,
}

/// The mean times of some findings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingStatistics {
    /// All of them.
    pub all: Resolution,
    /// Those of each severity that there were.
    pub by_severity: BTreeMap<Severity, Resolution>,
}

impl FindingStatistics {
    /// Computes them; findings that are not resolved do not count.
    #[must_use]
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut all = Sum::default();
        let mut by_severity = BTreeMap::<Severity, Sum>::new();
        for finding in findings {
            let Some(resolved_at) = finding.resolved_at else { continue };
            // Times that late events made negative count as none.
            let took = resolved_at.duration_since(*finding.opened_at).as_secs();
            for sum in [&mut all, by_severity.entry(finding.severity).or_default()] {
                sum.count += 1;
                sum.seconds = sum.seconds.saturating_add(u64::try_from(took).unwrap_or(0));
            }
        }
        let by_severity = by_severity.into_iter().map(|(severity, sum)| (severity, sum.mean()));
        Self { all: all.mean(), by_severity: by_severity.collect() }
    }
}

#[derive(Default)]
struct Sum {
    count: u64,
    seconds: u64,
}

impl Sum {
    fn mean(&self) -> Resolution {
        Resolution { resolved: self.count, mttr_seconds: self.seconds.checked_div(self.count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AssetId, finding::FindingState};

    fn finding(severity: Severity, opened: &str, resolved: Option<&str>) -> Finding {
        let at = |time: &str| format!("2026-11-23T{time}Z").parse().expect("valid");
        Finding {
            control: "RUN-01".into(),
            title: "a title".into(),
            severity,
            asset: AssetId::of("//a"),
            asset_name: "//a".into(),
            asset_type: "t".into(),
            owner: None,
            state: FindingState::Resolved,
            evidence: String::new(),
            first_seen: at("00:00:00"),
            opened_at: at(opened),
            times_opened: 2,
            last_seen: at(opened),
            resolved_at: resolved.map(at),
            exception: None,
            audit: None,
        }
    }

    #[test]
    fn means_are_of_what_is_resolved() {
        let all = [
            finding(Severity::High, "01:00:00", Some("01:00:10")),
            finding(Severity::High, "01:00:00", Some("01:00:30")),
            finding(Severity::Low, "01:00:00", Some("00:59:00")),
            finding(Severity::Low, "01:00:00", None),
        ];
        let statistics = FindingStatistics::of(&all);
        assert_eq!(statistics.all, Resolution { resolved: 3, mttr_seconds: Some(13) });
        let high = &statistics.by_severity[&Severity::High];
        assert_eq!(*high, Resolution { resolved: 2, mttr_seconds: Some(20) });
        assert_eq!(statistics.by_severity[&Severity::Low].mttr_seconds, Some(0));
        assert_eq!(FindingStatistics::of(&[]).all, Resolution::default());
    }
}
