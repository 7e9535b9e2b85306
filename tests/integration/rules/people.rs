//! Everybody who could ask: each role in each way of having it, and each way of being
//! shut out.

use jiff::Timestamp;
use model::{
    Role, Uid,
    access::{User, UserState},
};
use testkit::token;

/// For how long an elevation has yet to run, in seconds: longer than any test.
const HOUR: i64 = 3600;

/// How a person comes to what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    Role(Role),
    /// The role, for another hour.
    Elevation(Role),
}

/// Whether a person may come in at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    Disabled,
    Invited,
    /// The session began before the instant at which all were ended.
    SessionEnded,
    /// The elevation ended a second ago.
    ElevationOver,
    /// Every role demands a second factor, which was not shown.
    FactorMissing,
    /// Every role demands a second factor, and the token tells of one.
    FactorShown,
    /// The token does not say when the person signed in.
    NoSignIn,
    /// The token is good and there is no document.
    Unknown,
    NoToken,
}

/// One who asks.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) uid: Uid,
    pub(super) held: Held,
    pub(super) standing: Standing,
    /// What the mesh knows of the person.
    pub(super) user: Option<User>,
    signed_in_at: i64,
}

impl Person {
    /// Makes a person who signed in ten seconds ago: in the very second after whose
    /// beginning sessions count, or in the one before.
    pub(super) fn new(held: Held, standing: Standing) -> Self {
        let held_in_words = match held {
            Held::Nothing => "nothing".to_owned(),
            Held::Role(role) => role.to_string(),
            Held::Elevation(role) => format!("elevated-{role}"),
        };
        let uid = format!("{held_in_words}-{standing:?}");
        let uid = Uid::new(uid.to_lowercase());
        let now = Timestamp::now().as_second();
        let signed_in_at = now - 10;
        let user = user(&uid, held, standing, now, signed_in_at);
        Self { uid, held, standing, user, signed_in_at }
    }

    /// Tells whether the person is let in, whatever they may do then.
    pub(super) fn is_present(&self) -> bool {
        use Standing::{ElevationOver, FactorMissing, FactorShown, Good};
        matches!(self.standing, Good | ElevationOver | FactorMissing | FactorShown)
    }

    /// Returns the role that the person has now.
    pub(super) fn role_now(&self) -> Option<Role> {
        match self.held {
            Held::Elevation(_) if self.standing == Standing::ElevationOver => None,
            _ if self.standing == Standing::FactorMissing => None,
            Held::Role(role) | Held::Elevation(role) => Some(role),
            Held::Nothing => None,
        }
    }

    /// Returns the person's ID token.
    pub(super) fn token(&self, project: &str) -> Option<String> {
        let good = token::person_since(project, self.uid.as_str(), self.signed_in_at);
        match self.standing {
            Standing::NoToken => None,
            Standing::NoSignIn => {
                let mut claims = token::claims(&good);
                claims.as_object_mut().unwrap().remove("auth_time").unwrap();
                Some(token::unsigned(&claims))
            }
            Standing::FactorShown => Some(token::with_second_factor(&good)),
            _ => Some(good),
        }
    }
}

fn user(uid: &Uid, held: Held, standing: Standing, now: i64, signed_in_at: i64) -> Option<User> {
    let at = |second| model::Timestamp::from(Timestamp::from_second(second).unwrap());
    let state = match standing {
        Standing::Unknown | Standing::NoToken => return None,
        Standing::Disabled => UserState::Disabled,
        Standing::Invited => UserState::Invited,
        _ => UserState::Active,
    };
    let ended = i64::from(standing == Standing::SessionEnded);
    let until = if standing == Standing::ElevationOver { now - 1 } else { now + HOUR };
    let role = |role| [role].into();
    let elevation = |role| [(role, at(until))].into();
    Some(User {
        email: format!("{uid}@meridian.example"),
        display_name: uid.to_string(),
        state,
        roles: if let Held::Role(held) = held { role(held) } else { [].into() },
        elevations: if let Held::Elevation(held) = held { elevation(held) } else { [].into() },
        second_factor_for: match standing {
            Standing::FactorMissing | Standing::FactorShown => Role::ALL.into(),
            _ => [].into(),
        },
        sessions_since: at(signed_in_at + ended),
        policy_version: 1,
        invitation: None,
    })
}

/// Returns everybody.
pub(super) fn all() -> Vec<Person> {
    use Standing::{
        Disabled, ElevationOver, FactorMissing, FactorShown, Good, Invited, NoSignIn, NoToken,
        SessionEnded, Unknown,
    };
    let mut held = vec![Held::Nothing];
    held.extend(Role::ALL.map(Held::Role));
    held.extend(Role::ALL.map(Held::Elevation));
    let mut people = Vec::new();
    for held in held {
        let standings =
            [Good, Disabled, Invited, SessionEnded, NoSignIn, FactorMissing, FactorShown];
        people.extend(standings.map(|standing| Person::new(held, standing)));
        if let Held::Elevation(_) = held {
            people.push(Person::new(held, ElevationOver));
        }
    }
    people.extend([Unknown, NoToken].map(|standing| Person::new(Held::Nothing, standing)));
    people
}
