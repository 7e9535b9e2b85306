//! What a person's ID token says of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Role, User, UserState};
use crate::Timestamp;

/// The most bytes that Firebase takes for the claims of one account.
///
/// Source: <https://firebase.google.com/docs/auth/admin/custom-claims>.
pub const CLAIMS_BYTES_MAX: usize = 1000;

/// The claims that follow from a person's document. They are for the page alone, which
/// shows by them what a person may do; nothing is decided by them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The roles that the person has, elevations included; none while they may not come in.
    pub roles: BTreeSet<Role>,
    /// The version of what the person may do.
    pub pv: u64,
}

impl Claims {
    /// Projects a person's document at an instant.
    #[must_use]
    pub fn of(user: &User, now: Timestamp) -> Self {
        let roles = match user.state {
            UserState::Active => user.roles_at(now),
            UserState::Invited | UserState::Disabled => BTreeSet::new(),
        };
        Self { roles, pv: user.policy_version }
    }

    /// Returns the claims as the Identity Toolkit takes them: JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let roles: Vec<_> = self.roles.iter().map(|role| format!("\"{role}\"")).collect();
        format!("{{\"roles\":[{}],\"pv\":{}}}", roles.join(","), self.pv)
    }

    /// Reads claims; `None` when they are not ours.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    #[test]
    fn claims_follow_from_the_document_and_the_instant() {
        let user = User {
            email: "oscar@meridian.example".into(),
            display_name: "Oscar".into(),
            state: UserState::Active,
            roles: [Role::Operator].into(),
            elevations: [(Role::Admin, at("2026-11-23T13:00:00Z"))].into(),
            second_factor_for: [].into(),
            sessions_since: at("2026-11-23T09:00:00Z"),
            policy_version: 7,
            invitation: None,
        };
        let json = |user: &User, now| Claims::of(user, at(now)).to_json();
        assert_eq!(json(&user, "2026-11-23T12:00:00Z"), r#"{"roles":["operator","admin"],"pv":7}"#);
        assert_eq!(json(&user, "2026-11-23T13:00:00Z"), r#"{"roles":["operator"],"pv":7}"#);
        for state in [UserState::Disabled, UserState::Invited] {
            let shut_out = User { state, ..user.clone() };
            assert_eq!(json(&shut_out, "2026-11-23T12:00:00Z"), r#"{"roles":[],"pv":7}"#);
        }
    }

    #[test]
    fn the_largest_claims_fit_and_read_back() {
        let claims = Claims { roles: Role::ALL.into(), pv: u64::MAX };
        assert!(claims.to_json().len() <= CLAIMS_BYTES_MAX / 4, "{}", claims.to_json());
        assert_eq!(Claims::parse(&claims.to_json()), Some(claims));
        assert_eq!(Claims::parse("{}"), None);
    }
}
