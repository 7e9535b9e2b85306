//! What an approved override makes of its control.

use model::{
    OverrideId, Timestamp,
    control::{Control, ControlState},
    operator_override::{Override, OverrideState},
};

use crate::RootError;

/// Decides what an override makes of its control.
///
/// `None` when there is nothing to do: it is not approved yet, or active already.
///
/// # Errors
/// When nobody but the requester approved it.
pub fn activate(
    id: &OverrideId,
    wish: &Override,
    present: Option<&Control>,
    now: Timestamp,
) -> Result<Option<(Control, Override)>, RootError> {
    if wish.state != OverrideState::Approved {
        return Ok(None);
    }
    if wish.approved_by.as_ref().is_none_or(|approver| *approver == wish.requested_by) {
        return Err(RootError::NotApproved { id: id.clone(), control: wish.control.clone() });
    }
    let epoch = present.map_or(0, |control| control.epoch);
    let control = Control {
        state: wish.wanted,
        epoch: epoch + 1,
        since: now,
        reason: wish.reason.clone(),
        cause: Some(id.clone()),
    };
    let active = Override { state: OverrideState::Active, activated_at: Some(now), ..wish.clone() };
    Ok(Some((control, active)))
}

/// Says what a control's state is, for the journal.
#[must_use]
pub fn action(state: ControlState) -> &'static str {
    match state {
        ControlState::Enabled => "control.enabled",
        ControlState::Reduced => "control.reduced",
        ControlState::Halted => "control.halted",
    }
}

#[cfg(test)]
mod tests {
    use model::{ControlName, Uid};

    use super::*;

    fn wish(state: OverrideState, approved_by: Option<&str>) -> Override {
        Override {
            control: ControlName::new("trading"),
            wanted: ControlState::Halted,
            reason: "the exchange is down".into(),
            state,
            requested_by: Uid::new("olivia"),
            approved_by: approved_by.map(Uid::new),
            activated_at: None,
        }
    }

    fn decide(wish: &Override, present: Option<&Control>) -> Result<Option<u64>, RootError> {
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let decided = activate(&OverrideId::new("o1"), wish, present, now)?;
        Ok(decided.map(|(control, _)| control.epoch))
    }

    #[test]
    fn an_approved_override_becomes_active_and_moves_the_epoch() {
        let approved = wish(OverrideState::Approved, Some("otto"));
        assert!(matches!(decide(&approved, None), Ok(Some(1))));
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let (control, active) = activate(&OverrideId::new("o1"), &approved, None, now)
            .expect("approved")
            .expect("something to do");
        assert_eq!((control.state, active.state), (ControlState::Halted, OverrideState::Active));
        assert!(matches!(decide(&approved, Some(&control)), Ok(Some(2))));
        assert!(matches!(decide(&active, Some(&control)), Ok(None)));
    }

    #[test]
    fn nobody_approves_their_own_request() {
        for approver in [None, Some("olivia")] {
            let own = wish(OverrideState::Approved, approver);
            assert!(matches!(decide(&own, None), Err(RootError::NotApproved { .. })));
        }
        assert!(matches!(decide(&wish(OverrideState::Requested, None), None), Ok(None)));
    }
}
