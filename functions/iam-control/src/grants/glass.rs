//! Breaking glass: owner for an hour, without asking.

use jiff::SignedDuration;
use model::{
    Actor, GrantId, IncidentId, Role, Timestamp, Uid,
    access::{
        User,
        grant::{Grant, GrantState},
    },
    incident::{Incident, Priority},
};

use super::{Both, elevated, may_have};
use crate::Refusal;

/// How long it lasts: an emergency that lasts longer has people who can be asked.
const MINUTES: u32 = 60;

/// What breaking glass makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The elevation and the person.
    pub both: Both,
    /// The incident's id, which follows from the elevation's.
    pub incident_id: IncidentId,
    /// The incident, which tells everybody.
    pub incident: Incident,
}

/// Makes a person owner for an hour.
///
/// # Errors
/// When they are.
pub fn glass(
    id: &GrantId,
    (uid, user): (&Uid, &User),
    reason: &str,
    now: Timestamp,
) -> Result<Broken, Refusal> {
    may_have(user, Role::Owner, now)?;
    let until = now.plus(SignedDuration::from_mins(MINUTES.into()));
    let grant = Grant {
        person: uid.clone(),
        role: Role::Owner,
        minutes: MINUTES,
        reason: reason.to_owned(),
        state: GrantState::Active,
        requested_at: now,
        decided_by: None,
        started_at: Some(now),
        expires_at: Some(until),
        extended: false,
        break_glass: true,
    };
    let title = format!(
        "{} broke glass and is owner until {}",
        user.display_name,
        until.strftime("%H:%M UTC")
    );
    let by = Actor::Person { uid: uid.clone(), email: None };
    let incident = Incident {
        grant: Some(id.clone()),
        ..Incident::open(title, Priority::P1, reason, by, now)
    };
    Ok(Broken {
        both: Both { user: elevated(user, Role::Owner, until, now), grant },
        incident_id: IncidentId::new(format!("glass-{id}")),
        incident,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::{NOON, at, person};

    #[test]
    fn glass_makes_an_owner_for_an_hour_and_an_incident() {
        let (id, adam, user) = (GrantId::new("g1"), Uid::new("adam"), person(&[Role::Admin]));
        let broken = glass(&id, (&adam, &user), "nobody answers", at(NOON)).expect("no owner yet");
        let Both { grant, user } = &broken.both;
        assert!(grant.break_glass && grant.decided_by.is_none());
        assert!(user.roles_at(at("2026-11-23T12:59:59Z")).contains(&Role::Owner));
        assert!(!user.roles_at(at("2026-11-23T13:00:00Z")).contains(&Role::Owner));
        assert_eq!(broken.incident.priority, Priority::P1);
        assert_eq!(broken.incident.grant, Some(id.clone()));
        let again = glass(&id, (&adam, user), "nobody answers", at(NOON));
        assert_eq!(again, Err(Refusal::HasRole(Role::Owner)));
    }
}
