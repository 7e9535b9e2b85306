//! People: invited, given roles, shut out.

use std::collections::{BTreeMap, BTreeSet};

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::{InvitationSecret, Password};
use crate::{
    Role, Timestamp, Uid,
    access::{User, UserState},
};

/// A person, as much of them as the caller may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// The person's id.
    pub uid: Uid,
    /// The address that the person signs in with.
    pub email: String,
    /// What others call them.
    pub display_name: String,
    /// Whether the person may come in.
    pub state: UserState,
    /// The roles that the person has until somebody takes them away.
    pub roles: BTreeSet<Role>,
    /// The rest, for who has `people.read`.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = all_or_none)]
    pub details: Option<PersonDetails>,
}

/// Describes details beside other fields, of which none is there for who may not see them.
fn all_or_none() -> RefOr<Schema> {
    let mut schema = PersonDetails::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.required.clear();
    }
    schema
}

/// What only who has `people.read` sees of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonDetails {
    /// The roles that the person has until an instant.
    pub elevations: BTreeMap<Role, Timestamp>,
    /// Sessions that began before this instant are over.
    pub sessions_since: Timestamp,
    /// Grows by one with every change of what the person may do.
    pub policy_version: u64,
    /// Until when the invitation can be accepted, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_expires_at: Option<Timestamp>,
}

impl PersonView {
    /// Shows everything but what nobody may see.
    #[must_use]
    pub fn full(uid: Uid, user: User) -> Self {
        let details = PersonDetails {
            elevations: user.elevations.clone(),
            sessions_since: user.sessions_since,
            policy_version: user.policy_version,
            invitation_expires_at: user.invitation.as_ref().map(|invitation| invitation.expires_at),
        };
        Self { details: Some(details), ..Self::directory(uid, user) }
    }

    /// Shows what everybody sees of everybody (`directory.read`).
    #[must_use]
    pub fn directory(uid: Uid, user: User) -> Self {
        let User { email, display_name, state, roles, .. } = user;
        Self { uid, email, display_name, state, roles, details: None }
    }
}

/// A page of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeoplePage {
    /// The people, in the order of their ids.
    pub items: Vec<PersonView>,
    /// Where the next page starts; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Somebody who shall come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitePerson {
    /// The address that they will sign in with; no other person has it.
    #[garde(email, length(chars, max = 254))]
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// What others call them.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: String,
    /// The roles that they will have.
    #[garde(skip)]
    pub roles: BTreeSet<Role>,
}

/// An invitation, whose secret is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    /// The person's id.
    pub uid: Uid,
    /// What the link to them holds; kept nowhere.
    #[schema(value_type = String)]
    pub secret: InvitationSecret,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// What the person who was invited sends back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The secret of the link.
    #[garde(dive)]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub secret: InvitationSecret,
    /// The password that they choose, of 12 to 128 characters.
    #[garde(dive)]
    #[schema(value_type = String, min_length = 12, max_length = 128)]
    pub password: Password,
}

/// The person may sign in now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// The person's id.
    pub uid: Uid,
    /// The address to sign in with.
    pub email: String,
}

/// The roles that a person shall have, instead of those that they have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignRoles {
    /// All of the roles.
    #[garde(skip)]
    pub roles: BTreeSet<Role>,
    /// Kept in the journal.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Invitation;

    #[test]
    fn a_directory_shows_four_fields_and_nothing_shows_the_secrets_hash() {
        let at: Timestamp = "2026-11-23T12:00:00Z".parse().expect("valid");
        let invitation =
            Invitation { secret_hash: "canary".into(), expires_at: at, accepting: None };
        let user = User {
            email: "vera@meridian.example".into(),
            display_name: "Vera".into(),
            state: UserState::Invited,
            roles: [Role::Viewer].into(),
            second_factor_for: [].into(),
            elevations: [].into(),
            sessions_since: at,
            policy_version: 3,
            invitation: Some(invitation),
        };
        let uid = Uid::new("vera");
        let json = |view| serde_json::to_value(view).expect("serializes");
        let directory = json(PersonView::directory(uid.clone(), user.clone()));
        let names: Vec<_> = directory.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(names, ["display_name", "email", "roles", "state", "uid"]);
        let full = json(PersonView::full(uid, user));
        assert_eq!(full["policy_version"], 3);
        assert_eq!(full["invitation_expires_at"], "2026-11-23T12:00:00Z");
        assert!(!full.to_string().contains("canary"));
        let back: PersonView = serde_json::from_value(full.clone()).expect("parses");
        assert_eq!(json(back), full);
    }
}
