//! What the results of a check add up to.

use model::{
    CheckId, IncidentId, ServiceId, Timestamp,
    check::CheckState,
    incident::{Incident, IncidentState, Priority},
    service::Service,
};

/// One result: whether the service answered at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Whether the service answered.
    pub passed: bool,
    /// The scheduled time that the check ran for.
    pub tick: Timestamp,
}

/// What changes after a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Stay,
    /// The service is down now.
    Down,
    /// The service is up now.
    Up,
}

/// Decides from the present state, the newest result and the one before it.
///
/// Two failures in a row take a service down, two successes bring it up. A
/// service that was never judged is up after its first success.
#[must_use]
pub fn decide(state: Option<CheckState>, newest: Sample, before: Option<Sample>) -> Step {
    let twice = before.is_some_and(|before| before.passed == newest.passed);
    match (state, newest.passed) {
        (None, true) => Step::Up,
        (None | Some(CheckState::Up), false) if twice => Step::Down,
        (Some(CheckState::Down), true) if twice => Step::Up,
        _ => Step::Stay,
    }
}

/// Returns the id of the check that asks a service.
#[must_use]
pub fn check_of(service: &ServiceId) -> CheckId {
    CheckId::new(format!("{service}-http"))
}

/// Makes the incident of a service that went down at a tick.
#[must_use]
pub fn incident(
    id: &ServiceId,
    service: &Service,
    detail: &str,
    tick: Timestamp,
) -> (IncidentId, Incident) {
    let incident = Incident {
        title: format!("{} does not answer", service.name),
        priority: Priority::P2,
        service: Some(id.clone()),
        check: Some(check_of(id)),
        grant: None,
        state: IncidentState::Open,
        detail: detail.to_owned(),
        opened_at: tick,
        acknowledged: None,
        resolved_at: None,
    };
    // The tick makes the id the same however often the tick is delivered.
    (IncidentId::new(format!("{id}-{}", tick.as_second())), incident)
}

#[cfg(test)]
mod tests {
    use CheckState::{Down, Up};

    use super::*;

    fn sample(passed: bool) -> Sample {
        Sample { passed, tick: "2026-11-23T00:00:00Z".parse().expect("valid") }
    }

    #[test]
    fn two_in_a_row_decide() {
        let check = |state, before: Option<bool>, newest, step| {
            assert_eq!(decide(state, sample(newest), before.map(sample)), step);
        };
        check(None, None, true, Step::Up);
        check(None, None, false, Step::Stay);
        check(None, Some(false), false, Step::Down);
        check(Some(Up), Some(true), false, Step::Stay);
        check(Some(Up), Some(false), false, Step::Down);
        check(Some(Up), Some(true), true, Step::Stay);
        check(Some(Down), Some(false), true, Step::Stay);
        check(Some(Down), Some(true), true, Step::Up);
        check(Some(Down), Some(false), false, Step::Stay);
        check(Some(Down), Some(true), false, Step::Stay);
    }
}
