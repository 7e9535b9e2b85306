//! What becomes of a person: disabled, enabled, given roles.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use model::{
    Role, Timestamp, Uid,
    access::{Invitation, User, UserState, api::InvitePerson},
};

use crate::{Refusal, by::By};

/// How many others who may come in have the standing role owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherOwners(pub usize);

impl OtherOwners {
    /// Refuses to let go of the last owner.
    fn let_go(self, user: &User) -> Result<(), Refusal> {
        if self.0 == 0 && is_owner(user) { Err(Refusal::LastOwner) } else { Ok(()) }
    }
}

/// Tells whether a person counts as an owner: may come in, and stays owner until somebody
/// takes the role away.
#[must_use]
pub fn is_owner(user: &User) -> bool {
    user.state == UserState::Active && user.roles.contains(&Role::Owner)
}

/// Finds two roles that one person may not have together.
#[must_use]
pub fn conflict(roles: &BTreeSet<Role>) -> Option<Refusal> {
    roles.iter().find_map(|role| {
        let other = role.conflicts().iter().find(|other| roles.contains(other))?;
        Some(Refusal::Conflict { role: *role, other: *other })
    })
}

/// Returns the second after an instant: sessions that began before, however short before,
/// began in an earlier second, because tokens tell the time of a sign-in in whole seconds.
#[must_use]
pub fn next_second(now: Timestamp) -> Timestamp {
    this_second(now).plus(SignedDuration::from_secs(1))
}

/// Returns the second that an instant is in: who has no sessions yet may sign in in it.
fn this_second(now: Timestamp) -> Timestamp {
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(*now).into()
}

/// Makes the document of somebody who is invited.
///
/// # Errors
/// When the roles conflict, or are not the inviting person's to give.
pub fn invite(
    asked: &InvitePerson,
    by: &By,
    invitation: Invitation,
    now: Timestamp,
) -> Result<User, Refusal> {
    by.may_give(&asked.roles)?;
    conflict(&asked.roles).map_or(Ok(()), Err)?;
    Ok(User {
        email: address(&asked.email),
        display_name: asked.display_name.clone(),
        state: UserState::Invited,
        roles: asked.roles.clone(),
        elevations: [].into(),
        second_factor_for: [].into(),
        sessions_since: this_second(now),
        policy_version: 1,
        invitation: Some(invitation),
    })
}

/// Returns an address as accounts have it: in small letters.
#[must_use]
pub fn address(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Invites somebody again; the invitation before is void.
///
/// # Errors
/// When the person has accepted one already, or is disabled.
pub fn invite_again(user: &User, by: &By, invitation: Invitation) -> Result<User, Refusal> {
    by.may_give(&user.roles)?;
    match user.state {
        UserState::Invited => Ok(User { invitation: Some(invitation), ..user.clone() }),
        UserState::Active => Err(Refusal::Person("has accepted an invitation already")),
        UserState::Disabled => Err(Refusal::Person("is disabled: enable them first")),
    }
}

/// Shuts a person out and ends their sessions; `None` when they are.
///
/// # Errors
/// When it is the person themselves, or the last owner.
pub fn disable(
    (uid, user): (&Uid, &User),
    by: &By,
    others: OtherOwners,
    now: Timestamp,
) -> Result<Option<User>, Refusal> {
    by.another(uid, "disables themselves")?;
    if user.state == UserState::Disabled {
        return Ok(None);
    }
    others.let_go(user)?;
    Ok(Some(User { state: UserState::Disabled, ..ended(user, now) }))
}

/// Lets a person in again; `None` when they may come in.
///
/// Who was disabled before they accepted their invitation is invited again, not active.
///
/// # Errors
/// When it is the person themselves, or they were only invited.
pub fn enable((uid, user): (&Uid, &User), by: &By) -> Result<Option<User>, Refusal> {
    by.another(uid, "enables themselves")?;
    let state = match (user.state, &user.invitation) {
        (UserState::Active, _) => return Ok(None),
        (UserState::Invited, _) => {
            return Err(Refusal::Person("has not accepted their invitation yet"));
        }
        (UserState::Disabled, Some(_)) => UserState::Invited,
        (UserState::Disabled, None) => UserState::Active,
    };
    Ok(Some(User { state, policy_version: user.policy_version + 1, ..user.clone() }))
}

/// Ends a person's sessions: whoever signed in before has to sign in again.
#[must_use]
pub fn ended(user: &User, now: Timestamp) -> User {
    User {
        sessions_since: next_second(now).max(user.sessions_since),
        policy_version: user.policy_version + 1,
        ..user.clone()
    }
}

/// Gives a person these roles instead of those that they have; `None` when it is the same.
///
/// # Errors
/// When it is the person themselves, the roles conflict with each other or with an
/// elevation, or the last owner would be gone.
pub fn assign(
    (uid, user): (&Uid, &User),
    roles: &BTreeSet<Role>,
    by: &By,
    others: OtherOwners,
    now: Timestamp,
) -> Result<Option<User>, Refusal> {
    by.another(uid, "changes their own roles")?;
    if user.roles == *roles {
        return Ok(None);
    }
    by.may_give(&(roles - &user.roles))?;
    let changed =
        User { roles: roles.clone(), policy_version: user.policy_version + 1, ..user.clone() };
    conflict(&changed.roles_at(now)).map_or(Ok(()), Err)?;
    if !roles.contains(&Role::Owner) {
        others.let_go(user)?;
    }
    Ok(Some(changed))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const NOON: &str = "2026-11-23T12:00:00Z";

    pub(crate) fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    pub(crate) fn person(roles: &[Role]) -> User {
        User {
            email: "oscar@meridian.example".into(),
            display_name: "Oscar".into(),
            state: UserState::Active,
            roles: roles.iter().copied().collect(),
            elevations: [].into(),
            second_factor_for: [].into(),
            sessions_since: at("2026-11-23T09:00:00Z"),
            policy_version: 4,
            invitation: None,
        }
    }

    pub(crate) fn by(uid: &str, owner: bool) -> By {
        By { uid: Uid::new(uid), owner }
    }

    fn oscar() -> Uid {
        Uid::new("oscar")
    }

    #[test]
    fn the_last_owner_stays() {
        let owner = person(&[Role::Owner]);
        let (adam, none) = (by("adam", false), [].into());
        for (others, gone) in [(0, false), (1, true)] {
            let others = OtherOwners(others);
            let disabled = disable((&oscar(), &owner), &adam, others, at(NOON));
            let demoted = assign((&oscar(), &owner), &none, &adam, others, at(NOON));
            assert_eq!((disabled.is_ok(), demoted.is_ok()), (gone, gone));
        }
        // Who may not come in is no owner that counts, and can be let go.
        let disabled = User { state: UserState::Disabled, ..owner };
        assert!(assign((&oscar(), &disabled), &none, &adam, OtherOwners(0), at(NOON)).is_ok());
    }

    #[test]
    fn nobody_changes_what_they_may_do_themselves() {
        let (user, own) = (person(&[Role::Admin]), by("oscar", true));
        let all = Role::ALL.into();
        let (others, now) = (OtherOwners(1), at(NOON));
        for refused in [
            disable((&oscar(), &user), &own, others, now),
            enable((&oscar(), &user), &own),
            assign((&oscar(), &user), &all, &own, others, now),
        ] {
            assert!(matches!(refused, Err(Refusal::Own(_))), "{refused:?}");
        }
    }

    #[test]
    fn roles_that_check_each_other_are_not_given_to_one_person() {
        let user = User {
            elevations: [(Role::Auditor, at("2026-11-23T12:30:00Z"))].into(),
            ..person(&[Role::Viewer])
        };
        let give = |roles: &[Role], now| {
            let roles = roles.iter().copied().collect();
            assign((&oscar(), &user), &roles, &by("adam", true), OtherOwners(1), at(now))
        };
        assert!(matches!(
            give(&[Role::Operator, Role::Auditor], NOON),
            Err(Refusal::Conflict { .. })
        ));
        // An elevation counts while it lasts.
        assert!(matches!(give(&[Role::Operator], NOON), Err(Refusal::Conflict { .. })));
        assert!(give(&[Role::Operator], "2026-11-23T12:30:00Z").is_ok());
        assert!(give(&[Role::Operator, Role::Treasurer], "2026-11-23T12:30:00Z").is_ok());
    }

    #[test]
    fn only_an_owner_makes_an_owner() {
        let give = |from: &[Role], to: &[Role], owner| {
            let to = to.iter().copied().collect();
            assign((&oscar(), &person(from)), &to, &by("adam", owner), OtherOwners(1), at(NOON))
        };
        assert_eq!(give(&[], &[Role::Owner], false), Err(Refusal::OwnersOnly));
        assert!(give(&[], &[Role::Owner], true).is_ok());
        assert!(give(&[Role::Owner], &[Role::Owner, Role::Viewer], false).is_ok());
        let invited = |owner| {
            let asked = InvitePerson {
                email: "Olga@Meridian.example ".into(),
                display_name: "Olga".into(),
                roles: [Role::Owner].into(),
            };
            let (_, invitation) = crate::invitation::make([0; 32], at(NOON));
            invite(&asked, &by("adam", owner), invitation, at(NOON))
        };
        assert_eq!(invited(false), Err(Refusal::OwnersOnly));
        assert_eq!(invited(true).expect("an owner").email, "olga@meridian.example");
    }

    #[test]
    fn sessions_that_are_revoked_began_in_an_earlier_second() {
        let revoked = |now| ended(&person(&[]), at(now)).sessions_since;
        assert_eq!(revoked("2026-11-23T12:00:00Z"), at("2026-11-23T12:00:01Z"));
        assert_eq!(revoked("2026-11-23T12:00:00.999999Z"), at("2026-11-23T12:00:01Z"));
        // A clock that was set back does not open sessions again.
        assert_eq!(revoked("2026-11-23T08:00:00Z"), at("2026-11-23T09:00:00Z"));
    }

    #[test]
    fn who_never_accepted_is_enabled_as_invited() {
        let (_, invitation) = crate::invitation::make([0; 32], at(NOON));
        let invited =
            User { state: UserState::Invited, invitation: Some(invitation), ..person(&[]) };
        let adam = by("adam", false);
        let disabled = disable((&oscar(), &invited), &adam, OtherOwners(0), at(NOON));
        let disabled = disabled.expect("another").expect("changed");
        assert_eq!(disable((&oscar(), &disabled), &adam, OtherOwners(0), at(NOON)), Ok(None));
        let enabled = enable((&oscar(), &disabled), &adam).expect("another").expect("changed");
        assert_eq!(enabled.state, UserState::Invited);
        assert!(enable((&oscar(), &enabled), &adam).is_err());
        let active = User { state: UserState::Disabled, ..person(&[]) };
        let enabled = enable((&oscar(), &active), &adam).expect("another").expect("changed");
        assert_eq!(enabled.state, UserState::Active);
        assert_eq!(enable((&oscar(), &enabled), &adam), Ok(None));
    }
}
