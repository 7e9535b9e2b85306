//! Questions about access: who can, what, why, and what if.

use std::collections::BTreeSet;

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{GrantId, Permission, Role, Uid, access::Reason};

/// Somebody or something that may do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Principal {
    /// A person.
    Person {
        /// The person's id.
        uid: Uid,
        /// What others call them.
        display_name: String,
    },
    /// A function, by its manifest.
    Module {
        /// The function's name.
        name: String,
        /// Its service account.
        account: String,
    },
}

/// What one module may do to another, as the manifests say it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ModuleRight {
    /// The right: `call:FUNCTION`, `publish:TOPIC`, `read:TOPIC` or `deliver:FUNCTION/TRIGGER`.
    pub right: String,
    /// How often it was used in 90 days, where that is counted: calls are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// Whether nobody used it in 90 days, or nobody is at its other end.
    pub unused: bool,
}

/// One who may, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holder {
    /// Who.
    pub principal: Principal,
    /// Why, for people; modules may what their manifest says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Who may use a permission or a module's right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoCan {
    /// What was asked for.
    pub permission: String,
    /// Who may, people first.
    pub holders: Vec<Holder>,
}

/// One permission, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Held {
    /// The permission.
    pub permission: Permission,
    /// Why.
    pub reason: Reason,
    /// How many minutes ago the person may have signed in at the most, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_age_max_minutes: Option<u32>,
}

/// What a person or a module may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhatCan {
    /// Who.
    pub principal: Principal,
    /// A person's permissions.
    pub permissions: Vec<Held>,
    /// A module's rights.
    pub rights: Vec<ModuleRight>,
}

/// Why a person may, or may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Why {
    /// The person.
    pub person: Uid,
    /// The permission.
    pub permission: Permission,
    /// Whether they may.
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
    /// The elevation that it comes from, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// The roles that hold the permission.
    pub roles: BTreeSet<Role>,
}

/// Whether a role is given or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The person gets the role.
    Give,
    /// The person loses the role, and any elevation to it.
    Take,
}

/// One change of one person's roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// The person.
    #[garde(skip)]
    pub person: Uid,
    /// The role.
    #[garde(skip)]
    pub role: Role,
    /// Whether it is given or taken.
    #[garde(skip)]
    pub change: ChangeKind,
}

/// Changes that somebody thinks about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// The changes, one after the other: at most as many as anybody reads the answer to.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    pub changes: Vec<RoleChange>,
}

/// A permission that a person would gain or lose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// The person.
    pub person: Uid,
    /// The permission.
    pub permission: Permission,
}

/// Past decisions that would have been otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consequence {
    /// The person.
    pub person: Uid,
    /// The permission.
    pub permission: Permission,
    /// How many decisions would have been otherwise.
    pub decisions: u64,
    /// What they would have been.
    pub would_be_allowed: bool,
}

/// What changes would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhatWouldChange {
    /// Permissions that people would gain.
    pub gained: Vec<Change>,
    /// Permissions that people would lose.
    pub lost: Vec<Change>,
    /// Decisions of the last 90 days that would have been otherwise.
    pub consequences: Vec<Consequence>,
    /// How many decisions of the last 90 days were looked at.
    pub decisions: u64,
    /// Why the changes would be refused, if they would.
    pub objections: Vec<String>,
}

/// A role that nobody would miss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// The person.
    pub person: Uid,
    /// The role that could be taken.
    pub role: Role,
    /// How many of the person's decisions of the last 90 days it would have changed: none.
    pub would_change: u64,
    /// How many decisions there were.
    pub decisions: u64,
}

/// What could be taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestions {
    /// Standing roles that changed no decision in 90 days.
    pub roles: Vec<Suggestion>,
    /// The rights of modules, by module; those that nobody used are marked.
    pub modules: Vec<WhatCan>,
    /// How many decisions of the last 90 days were looked at.
    pub decisions: u64,
}
