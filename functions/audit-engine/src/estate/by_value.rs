//! Assets by what an expression comes to for them.
//!
//! Where each of many assets is joined with those of them that say the same, to look at all of
//! them for each takes the square of their number.

use std::collections::HashMap;

use super::Subject;
use crate::control::Lasting;

/// The source of an expression, and the types of the assets that it was asked of.
pub(super) type Key = (String, Vec<String>);

/// The places of assets by their values.
#[derive(Debug, Default)]
pub(super) struct ByValue {
    places: HashMap<String, Vec<usize>>,
    unsure: bool,
}

impl ByValue {
    /// Looks at assets; each comes with its place.
    pub fn new<'s>(value: &Lasting, of: impl Iterator<Item = (usize, &'s Subject)>) -> Self {
        let mut this = Self::default();
        for (place, subject) in of {
            match value.of(subject) {
                Ok(text) => this.places.entry(text.into_owned()).or_default().push(place),
                Err(_) => this.unsure = true,
            }
        }
        this
    }

    /// Returns the places of those that have a value.
    pub fn of(&self, key: &str) -> &[usize] {
        self.places.get(key).map_or(&[], Vec::as_slice)
    }

    /// Tells whether some have no value that is a text: nobody knows what they would be.
    pub fn is_unsure(&self) -> bool {
        self.unsure
    }
}
