//! Everybody and what they may do, in memory.

use std::collections::HashMap;

use model::{
    GrantId, Permission, Role, Timestamp, Uid,
    access::{Reason, Session, User, grant::Grant, grant::GrantState},
};

/// Everybody, and the elevations that are active.
///
/// A decision is made from a person's own document, here as everywhere; an elevation's own
/// document only says where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    people: HashMap<Uid, User>,
    /// The last elevation to each role that a person has.
    grants: HashMap<Uid, Vec<(Role, Timestamp, GrantId)>>,
}

impl Directory {
    /// Takes people and their elevations; those that are not active are left out.
    pub fn new(
        people: impl IntoIterator<Item = (Uid, User)>,
        grants: impl IntoIterator<Item = (GrantId, Grant)>,
    ) -> Self {
        let mut directory = Self { people: people.into_iter().collect(), grants: HashMap::new() };
        for (id, grant) in grants {
            if let (GrantState::Active, Some(until)) = (grant.state, grant.expires_at) {
                directory.grants.entry(grant.person).or_default().push((grant.role, until, id));
            }
        }
        directory
    }

    /// Decides whether somebody has a permission at an instant, and why. Takes the time of
    /// a look-up and of going through the person's few roles.
    #[must_use]
    pub fn decide(
        &self,
        uid: &Uid,
        permission: Permission,
        session: Session,
        now: Timestamp,
    ) -> Reason {
        match self.people.get(uid) {
            Some(user) => user.decide(permission, session, now),
            None => Reason::Unknown,
        }
    }

    /// Returns the elevation that a reason comes from.
    #[must_use]
    pub fn grant_of(&self, uid: &Uid, reason: &Reason) -> Option<&GrantId> {
        let Reason::Elevation { role, until } = reason else { return None };
        let grants = self.grants.get(uid)?.iter();
        let same = |grant: &&(Role, Timestamp, GrantId)| grant.0 == *role && grant.1 == *until;
        grants.rev().find(same).map(|(_, _, id)| id)
    }

    /// Returns a person.
    #[must_use]
    pub fn person(&self, uid: &Uid) -> Option<&User> {
        self.people.get(uid)
    }

    /// Returns everybody, in the order of their ids.
    #[must_use]
    pub fn people(&self) -> Vec<(&Uid, &User)> {
        let mut people: Vec<_> = self.people.iter().collect();
        people.sort_unstable_by_key(|(uid, _)| *uid);
        people
    }

    /// Puts another document in the place of a person's.
    pub(crate) fn replace(&mut self, uid: &Uid, user: User) {
        self.people.insert(uid.clone(), user);
    }
}

/// A session that began just now: questions are about roles, not about sign-ins.
pub(super) fn fresh(user: &User, now: Timestamp) -> Session {
    Session { authenticated_at: now.max(user.sessions_since), second_factor: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        grants::tests::asked,
        people::tests::{NOON, at, person},
    };

    #[test]
    fn an_elevation_is_traced_to_its_grant() {
        let until = at("2026-11-23T12:30:00Z");
        let oscar = Uid::new("oscar");
        let user =
            User { elevations: [(Role::Treasurer, until)].into(), ..person(&[Role::Viewer]) };
        let active = Grant {
            state: GrantState::Active,
            expires_at: Some(until),
            ..asked(Role::Treasurer, 30)
        };
        let revoked = Grant { state: GrantState::Revoked, ..active.clone() };
        let grants = [(GrantId::new("g1"), active), (GrantId::new("g2"), revoked)];
        let directory = Directory::new([(oscar.clone(), user)], grants);
        let decide = |uid: &Uid, permission, now| {
            let session = Session { authenticated_at: at(NOON), second_factor: false };
            directory.decide(uid, permission, session, at(now))
        };
        let reason = decide(&oscar, Permission::GrantsRequest, NOON);
        assert_eq!(reason, Reason::Elevation { role: Role::Treasurer, until });
        assert_eq!(directory.grant_of(&oscar, &reason), Some(&GrantId::new("g1")));
        let after = decide(&oscar, Permission::GrantsRequest, "2026-11-23T12:30:00Z");
        assert!(!after.allows());
        assert_eq!(directory.grant_of(&oscar, &after), None);
        assert_eq!(decide(&Uid::new("nobody"), Permission::GrantsRequest, NOON), Reason::Unknown);
    }
}
