//! How long it takes until somebody looks after incidents, and until they are over.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Incident;

/// The mean times of some incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentStatistics {
    /// How many incidents were looked at.
    pub incidents: u64,
    /// How many of them were acknowledged.
    pub acknowledged: u64,
    /// How many of them are resolved.
    pub resolved: u64,
    /// The mean time to acknowledge, of those that were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtta_seconds: Option<u64>,
    /// The mean time to resolve, of those that are, from the first opening to the last end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mttr_seconds: Option<u64>,
}

impl IncidentStatistics {
    /// Computes them. Times that clocks made negative count as none.
    #[must_use]
    pub fn of<'a>(incidents: impl IntoIterator<Item = &'a Incident>) -> Self {
        let mut statistics = Self::default();
        let (mut to_acknowledge, mut to_resolve) = (0_u64, 0_u64);
        for incident in incidents {
            statistics.incidents += 1;
            let since = |at: crate::Timestamp| {
                u64::try_from(at.duration_since(*incident.opened_at).as_secs()).unwrap_or(0)
            };
            if let Some(acknowledged) = &incident.acknowledged {
                statistics.acknowledged += 1;
                to_acknowledge = to_acknowledge.saturating_add(since(acknowledged.at));
            }
            if let Some(resolved_at) = incident.resolved_at {
                statistics.resolved += 1;
                to_resolve = to_resolve.saturating_add(since(resolved_at));
            }
        }
        statistics.mtta_seconds = to_acknowledge.checked_div(statistics.acknowledged);
        statistics.mttr_seconds = to_resolve.checked_div(statistics.resolved);
        statistics
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Priority,
            change::tests::{at, open, person, root},
        },
        *,
    };
    use crate::Uid;

    #[test]
    fn means_are_of_those_that_came_so_far() {
        let oscar = Uid::new("oscar");
        let seen = |after| {
            open(Priority::P2).acknowledge(&oscar, person("oscar"), at(after), "").expect("open")
        };
        let over = seen(100).resolve(root(), at(1000), "").expect("open");
        let unseen = open(Priority::P2).resolve(root(), at(500), "").expect("open");
        let all = [over, unseen, seen(50), open(Priority::P1)];
        let statistics = IncidentStatistics::of(&all);
        let IncidentStatistics { incidents, acknowledged, resolved, .. } = statistics;
        assert_eq!((incidents, acknowledged, resolved), (4, 2, 2));
        assert_eq!((statistics.mtta_seconds, statistics.mttr_seconds), (Some(75), Some(750)));
        assert_eq!(IncidentStatistics::of(&[]).mtta_seconds, None);
    }
}
