//! Requests for an elevation, before somebody agrees.

use jiff::SignedDuration;
use model::{
    Timestamp, Uid,
    access::{
        User,
        api::RequestGrant,
        grant::{Grant, GrantState},
    },
};

use super::{in_state, may_have};
use crate::{Refusal, by::By, people::conflict};

/// How long a request waits for an answer: until the next working day.
pub const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Asks for a role; `pending` is what the person has asked for besides.
///
/// # Errors
/// When the person has the role, has asked for it, or would hold two that conflict if
/// everything that they asked for were granted.
pub fn request(
    (uid, user): (&Uid, &User),
    pending: &[Grant],
    asked: &RequestGrant,
    now: Timestamp,
) -> Result<Grant, Refusal> {
    may_have(user, asked.role, now)?;
    let waiting = || pending.iter().filter(|other| unanswered(other, now).is_none());
    if waiting().any(|other| other.role == asked.role) {
        return Err(Refusal::Asked(asked.role));
    }
    let mut roles = user.roles_at(now);
    roles.extend(waiting().map(|other| other.role));
    roles.insert(asked.role);
    conflict(&roles).map_or(Ok(()), Err)?;
    Ok(Grant {
        person: uid.clone(),
        role: asked.role,
        minutes: asked.minutes,
        reason: asked.reason.clone(),
        state: GrantState::Requested,
        requested_at: now,
        decided_by: None,
        started_at: None,
        expires_at: None,
        extended: false,
        break_glass: false,
    })
}

/// Refuses what somebody asked for.
///
/// # Errors
/// When it is the person themselves, or there is nothing to refuse any more.
pub fn reject(grant: &Grant, by: &By) -> Result<Grant, Refusal> {
    by.another(&grant.person, "rejects what they asked for; they withdraw it")?;
    in_state(grant, GrantState::Requested, "rejected")?;
    let decided_by = Some(by.uid.clone());
    Ok(Grant { state: GrantState::Rejected, decided_by, ..grant.clone() })
}

/// Asks no longer.
///
/// # Errors
/// When somebody else asked, or somebody has answered.
pub fn withdraw(grant: &Grant, by: &Uid) -> Result<Grant, Refusal> {
    if grant.person != *by {
        return Err(Refusal::NotYours);
    }
    in_state(grant, GrantState::Requested, "withdrawn")?;
    Ok(Grant { state: GrantState::Withdrawn, ..grant.clone() })
}

/// Withdraws a request that nobody answered in time; `None` when it waits for an answer,
/// or waits no longer.
#[must_use]
pub fn unanswered(grant: &Grant, now: Timestamp) -> Option<Grant> {
    let late = grant.requested_at.plus(ANSWERED_WITHIN) <= now;
    (grant.state == GrantState::Requested && late)
        .then(|| Grant { state: GrantState::Withdrawn, ..grant.clone() })
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::{
        grants::tests::asked,
        people::tests::{NOON, at, by, person},
    };

    fn ask(user: &User, pending: &[Grant], role: Role) -> Result<Grant, Refusal> {
        let reason = "the ledger does not balance".into();
        let wanted = RequestGrant { role, minutes: 30, reason };
        request((&Uid::new("oscar"), user), pending, &wanted, at(NOON))
    }

    #[test]
    fn a_role_is_asked_for_once_and_only_where_it_is_lacking() {
        let user = person(&[Role::Operator]);
        assert!(ask(&user, &[], Role::Treasurer).is_ok());
        assert_eq!(ask(&user, &[], Role::Operator), Err(Refusal::HasRole(Role::Operator)));
        let pending = [asked(Role::Treasurer, 30)];
        assert_eq!(ask(&user, &pending, Role::Treasurer), Err(Refusal::Asked(Role::Treasurer)));
    }

    #[test]
    fn duties_are_separate_over_what_is_had_and_what_is_asked_for() {
        assert!(ask(&person(&[Role::Operator]), &[], Role::Auditor).is_err());
        let pending = [asked(Role::Treasurer, 30)];
        let viewer = person(&[Role::Viewer]);
        assert!(matches!(ask(&viewer, &pending, Role::Auditor), Err(Refusal::Conflict { .. })));
        assert!(ask(&viewer, &pending, Role::Admin).is_ok());
        // What nobody answered in time is in nobody's way.
        let requested_at = at("2026-11-22T12:00:00Z");
        let old = [Grant { requested_at, ..asked(Role::Treasurer, 30) }];
        assert!(ask(&viewer, &old, Role::Auditor).is_ok());
        let elevated = User {
            elevations: [(Role::Treasurer, at("2026-11-23T12:00:01Z"))].into(),
            ..person(&[Role::Viewer])
        };
        assert!(ask(&elevated, &[], Role::Auditor).is_err());
    }

    #[test]
    fn a_request_is_refused_by_another_and_withdrawn_by_who_asked() {
        let grant = asked(Role::Treasurer, 30);
        assert!(matches!(reject(&grant, &by("oscar", true)), Err(Refusal::Own(_))));
        let rejected = reject(&grant, &by("adam", false)).expect("another");
        assert_eq!(rejected.decided_by, Some(Uid::new("adam")));
        assert_eq!(withdraw(&grant, &Uid::new("adam")), Err(Refusal::NotYours));
        assert!(withdraw(&grant, &Uid::new("oscar")).is_ok());
        assert!(withdraw(&rejected, &Uid::new("oscar")).is_err());
    }

    #[test]
    fn a_request_waits_for_a_day() {
        let grant = asked(Role::Treasurer, 30);
        assert_eq!(unanswered(&grant, at("2026-11-24T11:49:59Z")), None);
        let withdrawn = unanswered(&grant, at("2026-11-24T11:50:00Z")).expect("late");
        assert_eq!(withdrawn.state, GrantState::Withdrawn);
        assert_eq!(unanswered(&withdrawn, at("2026-11-25T11:50:00Z")), None);
    }
}
