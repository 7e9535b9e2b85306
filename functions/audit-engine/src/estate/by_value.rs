//! Assets by what an expression comes to for them.
//!
//! Where each of many assets is joined with those of them that say the same, to look at all of
//! them for each takes the square of their number.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::Subject;
use crate::{
    cel::{Program, Value},
    control::LASTING,
};

/// The places of assets by their values.
#[derive(Debug, Default)]
pub(crate) struct ByValue {
    places: HashMap<String, Vec<usize>>,
    unsure: bool,
}

impl ByValue {
    /// Looks at assets; each comes with its place.
    pub fn new<'s>(value: &Program, of: impl Iterator<Item = (usize, &'s Subject)>) -> Self {
        let mut this = Self::default();
        for (place, subject) in of {
            // None of what it reads depends on the instant.
            let facts = subject.at(jiff::Timestamp::UNIX_EPOCH.into());
            match value.evaluate(facts.variables.get(..LASTING).unwrap_or_default()) {
                Ok(Value::Text(text)) => {
                    this.places.entry(text.into_owned()).or_default().push(place);
                }
                _ => this.unsure = true,
            }
        }
        this
    }

    /// Returns the places of those that have a value.
    pub fn of(&self, key: &str) -> impl Iterator<Item = usize> {
        self.places.get(key).into_iter().flatten().copied()
    }

    /// Tells whether some have no value that is a text: nobody knows what they would be.
    pub fn is_unsure(&self) -> bool {
        self.unsure
    }
}

/// The source of an expression, and the types of the assets that it was asked of.
type Key = (String, Vec<String>);

/// What was looked at before.
#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<HashMap<Key, Arc<ByValue>>>);

impl Cache {
    pub fn get(&self, source: &str, types: &[String], make: impl Fn() -> ByValue) -> Arc<ByValue> {
        let key = (source.to_owned(), types.to_vec());
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let made = Arc::new(make());
        let mut cache = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.entry(key).or_insert(made))
    }

    pub fn clear(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
