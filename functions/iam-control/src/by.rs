//! Who changes something, as far as it matters to whether they may.

use std::collections::BTreeSet;

use identity::Person;
use model::{Role, Uid};

use crate::Refusal;

/// Who changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// The person.
    pub uid: Uid,
    /// Whether the person is owner, elevations included.
    pub owner: bool,
}

impl By {
    /// Refuses when the change is about the person themselves.
    ///
    /// # Errors
    /// [`Refusal::Own`] with these words.
    pub fn another(&self, person: &Uid, words: &'static str) -> Result<(), Refusal> {
        if self.uid == *person { Err(Refusal::Own(words)) } else { Ok(()) }
    }

    /// Refuses when roles are given that only an owner gives.
    ///
    /// # Errors
    /// [`Refusal::OwnersOnly`].
    pub fn may_give(&self, roles: &BTreeSet<Role>) -> Result<(), Refusal> {
        if roles.contains(&Role::Owner) && !self.owner { Err(Refusal::OwnersOnly) } else { Ok(()) }
    }
}

impl From<&Person> for By {
    fn from(person: &Person) -> Self {
        Self { uid: person.uid().clone(), owner: person.roles().contains(&Role::Owner) }
    }
}
