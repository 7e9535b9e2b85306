//! What a person is to the mesh.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Permission;

/// What a person is to the mesh.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also acknowledges incidents and requests and approves overrides.
    Operator,
    /// Runs audits, grants exceptions, verifies the log.
    Auditor,
    /// Handles money.
    Treasurer,
    /// Manages people.
    Admin,
    /// May do everything, and breaks glass.
    Owner,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Viewer, Self::Operator, Self::Auditor, Self::Treasurer, Self::Admin, Self::Owner];

    /// Returns the role's name, as documents, claims and rules spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Treasurer => "treasurer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Tells whether the role holds a permission.
    #[must_use]
    pub fn holds(self, permission: Permission) -> bool {
        self == Self::Owner || permission.roles().contains(&self)
    }

    /// Roles that one person may not have together: who changes something is not who
    /// checks it (CIS Google Cloud Foundations 1.8 and 1.11).
    #[must_use]
    pub fn conflicts(self) -> &'static [Self] {
        match self {
            Self::Viewer | Self::Owner => &[],
            Self::Operator | Self::Treasurer | Self::Admin => &[Self::Auditor],
            Self::Auditor => &[Self::Operator, Self::Treasurer, Self::Admin],
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_in_json_as_everywhere() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).expect("serializes"), role.name());
        }
    }

    #[test]
    fn a_conflict_is_one_from_both_sides() {
        for role in Role::ALL {
            for other in role.conflicts() {
                assert!(other.conflicts().contains(&role), "{role} and {other}");
                assert_ne!(role, *other);
            }
        }
    }
}
