//! People: who they are to the mesh, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Permission, Role};
use crate::{Document, Operational, Timestamp, Uid};

/// Whether a person may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Was invited and has not accepted yet.
    Invited,
    /// May sign in.
    Active,
    /// May not, until somebody enables them again.
    Disabled,
}

/// A person. Written by iam-control alone; every decision about the person is made from
/// this document, so that a change of it takes effect at once and everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The address that the person signs in with.
    pub email: String,
    /// What others call them.
    pub display_name: String,
    /// Whether the person may come in.
    pub state: UserState,
    /// The roles that the person has until somebody takes them away.
    pub roles: BTreeSet<Role>,
    /// The roles that the person has until an instant.
    #[serde(default)]
    pub elevations: BTreeMap<Role, Timestamp>,
    /// The roles that count only in a session that began with a second factor, whether the
    /// person has them or not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub second_factor_for: BTreeSet<Role>,
    /// Sessions that began before this instant, a whole second, are over.
    pub sessions_since: Timestamp,
    /// Grows by one with every change of what the person may do.
    pub policy_version: u64,
    /// The invitation that has not been accepted yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
}

/// A link that was sent to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// SHA-256 of the link's secret, in hexadecimal; the secret itself is kept nowhere.
    pub secret_hash: String,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Who is accepting it just now, if somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepting: Option<Accepting>,
}

/// A request that is accepting an invitation: it alone sets the password meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepting {
    /// Names the request; made by chance.
    pub attempt: String,
    /// Until when the request has the invitation for itself.
    pub until: Timestamp,
}

impl Document for User {
    type Id = Uid;
}

impl Operational for User {}

/// What is known about the session in which somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// When the person signed in, to the second.
    pub authenticated_at: Timestamp,
    /// Whether the person showed a second factor.
    pub second_factor: bool,
}

/// Why somebody may, or may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reason {
    /// A role holds the permission.
    Role {
        /// The role.
        role: Role,
    },
    /// A role that the person has for some time holds the permission.
    Elevation {
        /// The role.
        role: Role,
        /// Until when.
        until: Timestamp,
    },
    /// The mesh does not know the person.
    Unknown,
    /// The invitation has not been accepted.
    Invited,
    /// The person was disabled.
    Disabled,
    /// The session was ended.
    SessionEnded,
    /// The person signed in too long ago for this.
    SignInTooOld,
    /// A role holds the permission, but only with a second factor, which was not shown.
    SecondFactorMissing {
        /// The role.
        role: Role,
    },
    /// No role holds the permission.
    Lacking {
        /// The roles that the person has now.
        roles: BTreeSet<Role>,
    },
}

impl Reason {
    /// Tells whether it is a reason to allow.
    #[must_use]
    pub fn allows(&self) -> bool {
        matches!(self, Self::Role { .. } | Self::Elevation { .. })
    }
}

impl User {
    /// Returns why the person may not come in at all, if so.
    #[must_use]
    pub fn shut_out(&self, session: Session) -> Option<Reason> {
        match self.state {
            UserState::Invited => Some(Reason::Invited),
            UserState::Disabled => Some(Reason::Disabled),
            UserState::Active if session.authenticated_at < self.sessions_since => {
                Some(Reason::SessionEnded)
            }
            UserState::Active => None,
        }
    }

    /// Returns the roles that the person has at an instant. An elevation ends by its
    /// time alone: nothing has to run for it.
    #[must_use]
    pub fn roles_at(&self, now: Timestamp) -> BTreeSet<Role> {
        let elevated = self.elevations.iter().filter(|(_, until)| now < **until);
        self.roles.iter().copied().chain(elevated.map(|(role, _)| *role)).collect()
    }

    /// Decides whether the person has a permission at an instant, and why.
    #[must_use]
    pub fn decide(&self, permission: Permission, session: Session, now: Timestamp) -> Reason {
        if let Some(reason) = self.shut_out(session) {
            return reason;
        }
        let reason = self.holding(permission, session, now);
        let too_old = permission
            .sign_in_age_max()
            .is_some_and(|most| now.duration_since(*session.authenticated_at) > most);
        if reason.allows() && too_old { Reason::SignInTooOld } else { reason }
    }

    /// Tells whether a role counts in a session, if the person has it.
    #[must_use]
    pub fn counts(&self, role: Role, session: Session) -> bool {
        session.second_factor || !self.second_factor_for.contains(&role)
    }

    fn holding(&self, permission: Permission, session: Session, now: Timestamp) -> Reason {
        let counts = |role: &Role| role.holds(permission) && self.counts(*role, session);
        if let Some(role) = self.roles.iter().find(|role| counts(role)) {
            return Reason::Role { role: *role };
        }
        let mut elevated =
            self.elevations.iter().filter(|(role, until)| now < **until && counts(role));
        if let Some((role, until)) = elevated.next() {
            return Reason::Elevation { role: *role, until: *until };
        }
        let roles = self.roles_at(now);
        match roles.iter().find(|role| role.holds(permission)) {
            Some(role) => Reason::SecondFactorMissing { role: *role },
            None => Reason::Lacking { roles },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    fn oscar() -> User {
        User {
            email: "oscar@meridian.example".into(),
            display_name: "Oscar".into(),
            state: UserState::Active,
            roles: [Role::Operator].into(),
            elevations: [(Role::Auditor, at("2026-11-23T13:00:00Z"))].into(),
            second_factor_for: [].into(),
            sessions_since: at("2026-11-23T09:00:00Z"),
            policy_version: 1,
            invitation: None,
        }
    }

    const NOON: &str = "2026-11-23T12:00:00Z";

    fn decide(user: &User, permission: Permission, signed_in: &str, now: &str) -> Reason {
        let session = Session { authenticated_at: at(signed_in), second_factor: false };
        user.decide(permission, session, at(now))
    }

    #[test]
    fn roles_and_elevations_allow_and_the_reason_names_them() {
        let user = oscar();
        let role = Reason::Role { role: Role::Operator };
        assert_eq!(decide(&user, Permission::OverridesRequest, NOON, NOON), role);
        let until = at("2026-11-23T13:00:00Z");
        let elevation = Reason::Elevation { role: Role::Auditor, until };
        assert_eq!(decide(&user, Permission::AuditsRun, NOON, NOON), elevation);
        let lacking = Reason::Lacking { roles: [Role::Operator, Role::Auditor].into() };
        assert_eq!(decide(&user, Permission::PeopleInvite, NOON, NOON), lacking);
    }

    #[test]
    fn an_elevation_ends_at_its_instant() {
        let user = oscar();
        let allowed = |now| decide(&user, Permission::AuditsRun, NOON, now).allows();
        assert!(allowed("2026-11-23T12:59:59.999999Z"));
        assert!(!allowed("2026-11-23T13:00:00Z"));
    }

    #[test]
    fn who_is_shut_out_may_do_nothing() {
        let read = Permission::ServicesRead;
        for (state, reason) in
            [(UserState::Invited, Reason::Invited), (UserState::Disabled, Reason::Disabled)]
        {
            assert_eq!(decide(&User { state, ..oscar() }, read, NOON, NOON), reason);
        }
        let before = "2026-11-23T08:59:59Z";
        assert_eq!(decide(&oscar(), read, before, NOON), Reason::SessionEnded);
        assert!(decide(&oscar(), read, "2026-11-23T09:00:00Z", NOON).allows());
    }

    #[test]
    fn a_role_that_demands_a_second_factor_counts_only_with_it() {
        let oscar = User { second_factor_for: [Role::Operator, Role::Auditor].into(), ..oscar() };
        let decide = |permission, second_factor| {
            let session = Session { authenticated_at: at(NOON), second_factor };
            oscar.decide(permission, session, at(NOON))
        };
        for (role, permission) in
            [(Role::Operator, Permission::OverridesRequest), (Role::Auditor, Permission::AuditsRun)]
        {
            assert_eq!(decide(permission, false), Reason::SecondFactorMissing { role });
            assert!(decide(permission, true).allows());
        }
        assert!(matches!(decide(Permission::PeopleInvite, false), Reason::Lacking { .. }));
        // Another role counts all the same.
        let both = User { roles: [Role::Viewer, Role::Operator].into(), ..oscar };
        let session = Session { authenticated_at: at(NOON), second_factor: false };
        let read = both.decide(Permission::ServicesRead, session, at(NOON));
        assert_eq!(read, Reason::Role { role: Role::Viewer });
    }

    #[test]
    fn breaking_glass_needs_a_fresh_sign_in() {
        let adam = User { roles: [Role::Admin].into(), ..oscar() };
        let glass = |now| decide(&adam, Permission::GlassBreak, NOON, now);
        assert!(glass("2026-11-23T12:15:00Z").allows());
        assert_eq!(glass("2026-11-23T12:15:01Z"), Reason::SignInTooOld);
    }
}
