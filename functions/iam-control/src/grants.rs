//! What becomes of an elevation: asked for, agreed to, extended, ended.

mod glass;
mod request;
#[cfg(test)]
mod skew;

pub use glass::{Broken, glass};
use jiff::SignedDuration;
use model::{
    Role, Timestamp, Uid,
    access::{
        User, UserState,
        grant::{Grant, GrantState},
    },
};
pub use request::{ANSWERED_WITHIN, reject, request, unanswered, withdraw};

use crate::{Refusal, by::By, people::conflict};

/// How long an elevation lasts in all: a working day. Longer than that, it is a role.
pub const LASTS_MAX: SignedDuration = SignedDuration::from_hours(8);

/// A grant and its person, as they become together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    /// The elevation.
    pub grant: Grant,
    /// The person, who has it or has it no longer.
    pub user: User,
}

/// Gives somebody the role that they asked for.
///
/// # Errors
/// When it is the person themselves, nobody may agree to it any more, or the person has
/// the role or one that conflicts with it.
pub fn approve(grant: &Grant, user: &User, by: &By, now: Timestamp) -> Result<Both, Refusal> {
    by.another(&grant.person, "approves what they asked for")?;
    in_state(grant, GrantState::Requested, "approved")?;
    if unanswered(grant, now).is_some() {
        return Err(Refusal::Unanswered);
    }
    by.may_give(&[grant.role].into())?;
    may_have(user, grant.role, now)?;
    let until = now.plus(minutes(grant.minutes)).min(now.plus(LASTS_MAX));
    let grant = Grant {
        state: GrantState::Active,
        decided_by: Some(by.uid.clone()),
        started_at: Some(now),
        expires_at: Some(until),
        ..grant.clone()
    };
    Ok(Both { user: elevated(user, grant.role, until, now), grant })
}

/// Lets an elevation last longer, once: as long again as was asked for, and never longer
/// than [`LASTS_MAX`] from its beginning.
///
/// # Errors
/// When it is the person themselves, or the elevation is over, was extended, or lasts as
/// long as it may.
pub fn extend(grant: &Grant, user: &User, by: &By, now: Timestamp) -> Result<Both, Refusal> {
    by.another(&grant.person, "extends their own elevation")?;
    in_state(grant, GrantState::Active, "extended")?;
    by.may_give(&[grant.role].into())?;
    let (Some(started), Some(until)) = (grant.started_at, grant.expires_at) else {
        return Err(Refusal::NotExtended("it is not known since when it lasts"));
    };
    if until <= now {
        return Err(Refusal::Grant { state: GrantState::Expired, attempt: "extended" });
    }
    if grant.break_glass {
        return Err(Refusal::NotExtended("glass is broken for an hour"));
    }
    if grant.extended {
        return Err(Refusal::NotExtended("it was extended once"));
    }
    if user.state != UserState::Active {
        return Err(Refusal::Person("is disabled"));
    }
    let longer = until.plus(minutes(grant.minutes)).min(started.plus(LASTS_MAX));
    if longer <= until {
        return Err(Refusal::NotExtended("it lasts eight hours already"));
    }
    let grant = Grant { expires_at: Some(longer), extended: true, ..grant.clone() };
    Ok(Both { user: elevated(user, grant.role, longer, now), grant })
}

/// Ends an elevation before its time.
///
/// # Errors
/// When it is not active.
pub fn revoke(grant: &Grant, user: &User, by: &Uid, now: Timestamp) -> Result<Both, Refusal> {
    in_state(grant, GrantState::Active, "revoked")?;
    let grant = Grant {
        state: GrantState::Revoked,
        decided_by: Some(by.clone()),
        expires_at: grant.expires_at.map(|until| until.min(now)),
        ..grant.clone()
    };
    Ok(Both { user: lowered(user, grant.role), grant })
}

/// Writes down that an elevation's time is over; `None` when it is not, or is written down.
#[must_use]
pub fn over(grant: &Grant, now: Timestamp) -> Option<Grant> {
    let over = grant.expires_at.is_some_and(|until| until <= now);
    (grant.state == GrantState::Active && over)
        .then(|| Grant { state: GrantState::Expired, ..grant.clone() })
}

/// Tidies up an elevation whose time is over, as [`over`] does, and its person.
///
/// Nothing depends on it: the time alone ends the elevation.
#[must_use]
pub fn expire(grant: &Grant, user: &User, now: Timestamp) -> Option<Both> {
    let grant = over(grant, now)?;
    let lives = user.elevations.get(&grant.role).is_some_and(|until| now < *until);
    let user = if lives { user.clone() } else { lowered(user, grant.role) };
    Some(Both { grant, user })
}

/// Refuses a role that the person has, or that conflicts with what they have.
fn may_have(user: &User, role: Role, now: Timestamp) -> Result<(), Refusal> {
    if user.state != UserState::Active {
        return Err(Refusal::Person("is not active"));
    }
    let mut roles = user.roles_at(now);
    if !roles.insert(role) {
        return Err(Refusal::HasRole(role));
    }
    conflict(&roles).map_or(Ok(()), Err)
}

fn in_state(grant: &Grant, wanted: GrantState, attempt: &'static str) -> Result<(), Refusal> {
    if grant.state == wanted { Ok(()) } else { Err(Refusal::Grant { state: grant.state, attempt }) }
}

fn elevated(user: &User, role: Role, until: Timestamp, now: Timestamp) -> User {
    let mut elevations = user.elevations.clone();
    elevations.retain(|_, until| now < *until);
    elevations.insert(role, until);
    User { elevations, policy_version: user.policy_version + 1, ..user.clone() }
}

fn lowered(user: &User, role: Role) -> User {
    let mut user = user.clone();
    if user.elevations.remove(&role).is_some() {
        user.policy_version += 1;
    }
    user
}

fn minutes(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(minutes.into())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::people::tests::{NOON, at, by, person};

    pub(crate) fn asked(role: Role, minutes: u32) -> Grant {
        Grant {
            person: Uid::new("oscar"),
            role,
            minutes,
            reason: "the ledger does not balance".into(),
            state: GrantState::Requested,
            requested_at: at("2026-11-23T11:50:00Z"),
            decided_by: None,
            started_at: None,
            expires_at: None,
            extended: false,
            break_glass: false,
        }
    }

    fn adam() -> By {
        by("adam", false)
    }

    fn approved(minutes: u32) -> Both {
        let user = person(&[Role::Operator]);
        approve(&asked(Role::Treasurer, minutes), &user, &adam(), at(NOON)).expect("approved")
    }

    #[test]
    fn an_approved_elevation_lasts_as_long_as_was_asked() {
        let Both { grant, user } = approved(30);
        let until = at("2026-11-23T12:30:00Z");
        assert_eq!((grant.state, grant.expires_at), (GrantState::Active, Some(until)));
        assert_eq!(user.elevations[&Role::Treasurer], until);
        assert_eq!(user.policy_version, 5);
        let again = approve(&grant, &user, &adam(), at(NOON));
        assert!(matches!(again, Err(Refusal::Grant { state: GrantState::Active, .. })));
        assert_eq!(expire(&grant, &user, at("2026-11-23T12:29:59.999999Z")), None);
        let over = expire(&grant, &user, until).expect("over");
        assert_eq!((over.grant.state, over.user.elevations.len()), (GrantState::Expired, 0));
        assert_eq!(expire(&over.grant, &over.user, until), None);
    }

    #[test]
    fn approval_is_by_another_and_within_the_rules() {
        let now = at(NOON);
        let user = person(&[Role::Operator]);
        let own = approve(&asked(Role::Treasurer, 30), &user, &by("oscar", true), now);
        assert!(matches!(own, Err(Refusal::Own(_))));
        let conflicting = approve(&asked(Role::Auditor, 30), &user, &adam(), now);
        assert!(matches!(conflicting, Err(Refusal::Conflict { .. })));
        let has = approve(&asked(Role::Operator, 30), &user, &adam(), now);
        assert_eq!(has, Err(Refusal::HasRole(Role::Operator)));
        let owner = approve(&asked(Role::Owner, 30), &user, &adam(), now);
        assert_eq!(owner, Err(Refusal::OwnersOnly));
        let late = approve(&asked(Role::Treasurer, 30), &user, &adam(), at("2026-11-24T11:50:00Z"));
        assert_eq!(late, Err(Refusal::Unanswered));
        let gone = User { state: UserState::Disabled, ..user };
        assert!(approve(&asked(Role::Treasurer, 30), &gone, &adam(), now).is_err());
    }

    #[test]
    fn an_elevation_is_extended_once_and_ends_after_eight_hours() {
        let now = at("2026-11-23T12:10:00Z");
        let until = |minutes| {
            let both = approved(minutes);
            extend(&both.grant, &both.user, &adam(), now).map(|both| both.grant.expires_at)
        };
        assert_eq!(until(30), Ok(Some(at("2026-11-23T13:00:00Z"))));
        assert_eq!(until(300), Ok(Some(at("2026-11-23T20:00:00Z"))));
        assert!(matches!(until(480), Err(Refusal::NotExtended(_))));
        let Both { grant, user } = approved(30);
        let Both { grant, user } = extend(&grant, &user, &adam(), now).expect("once");
        assert_eq!(user.elevations[&Role::Treasurer], at("2026-11-23T13:00:00Z"));
        assert!(matches!(extend(&grant, &user, &adam(), now), Err(Refusal::NotExtended(_))));
        let Both { grant, user } = approved(30);
        assert!(matches!(extend(&grant, &user, &by("oscar", true), now), Err(Refusal::Own(_))));
        let late = extend(&grant, &user, &adam(), at("2026-11-23T12:30:00Z"));
        assert!(matches!(late, Err(Refusal::Grant { state: GrantState::Expired, .. })));
    }

    #[test]
    fn the_holder_may_end_it_and_the_role_is_gone() {
        let Both { grant, user } = approved(30);
        let now = at("2026-11-23T12:10:00Z");
        let ended = revoke(&grant, &user, &Uid::new("oscar"), now).expect("active");
        assert_eq!((ended.grant.state, ended.grant.expires_at), (GrantState::Revoked, Some(now)));
        assert!(!ended.user.roles_at(now).contains(&Role::Treasurer));
        assert!(revoke(&ended.grant, &ended.user, &Uid::new("oscar"), now).is_err());
    }
}
