//! Who may do what: the one table of roles and permissions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

    /// Tells whether the role holds a permission.
    #[must_use]
    pub fn holds(self, permission: Permission) -> bool {
        self == Self::Owner || permission.roles().contains(&self)
    }
}

/// Something a person may be allowed to do, as `noun.verb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Permission {
    /// Read runs of the audit.
    #[serde(rename = "audits.read")]
    AuditsRead,
    /// Ask for a run of the audit.
    #[serde(rename = "audits.run")]
    AuditsRun,
    /// Read findings.
    #[serde(rename = "findings.read")]
    FindingsRead,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 3] = [Self::AuditsRead, Self::AuditsRun, Self::FindingsRead];

    /// Returns the permission's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AuditsRead => "audits.read",
            Self::AuditsRun => "audits.run",
            Self::FindingsRead => "findings.read",
        }
    }

    /// Returns the roles, besides owner, that hold the permission.
    fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Operator, Treasurer, Viewer};
        match self {
            Self::AuditsRead | Self::FindingsRead => &[Viewer, Operator, Auditor, Treasurer, Admin],
            Self::AuditsRun => &[Auditor],
        }
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_only_reads_and_an_owner_may_do_everything() {
        for permission in Permission::ALL {
            assert_eq!(Role::Viewer.holds(permission), permission.name().ends_with(".read"));
            assert!(Role::Owner.holds(permission));
        }
    }

    #[test]
    fn a_permission_is_named_in_json_as_everywhere() {
        for permission in Permission::ALL {
            let json = serde_json::to_value(permission).expect("serializes");
            assert_eq!(json, permission.name());
        }
    }
}
