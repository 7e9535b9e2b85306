//! Who did something.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Uid;

/// Who caused a change: a person, or a service by its account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// A person who signed in.
    Person {
        /// The person's id.
        uid: Uid,
        /// The verified address, when there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<String>,
    },
    /// A service account.
    Service {
        /// The account's address.
        account: String,
    },
}

impl Actor {
    /// Tells whether it is this person.
    #[must_use]
    pub fn is(&self, person: &Uid) -> bool {
        matches!(self, Self::Person { uid, .. } if uid == person)
    }

    /// Names a service account as an actor.
    pub fn service(account: impl Into<String>) -> Self {
        Self::Service { account: account.into() }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person { uid, .. } => write!(f, "person:{uid}"),
            Self::Service { account } => write!(f, "service:{account}"),
        }
    }
}
