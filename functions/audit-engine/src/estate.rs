//! The assets as controls see them.

mod by_value;
mod read;
mod subject;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

pub use read::{ReadError, read};
pub use subject::{Facts, NotAnAsset, Subject};

use crate::{cel::Program, control::JoinBy};

/// The assets that others are joined with.
#[derive(Debug, Default)]
pub struct Estate {
    subjects: Vec<Subject>,
    types: HashSet<String>,
    /// The places of the assets with a key, by their types.
    by: HashMap<(JoinBy, String), HashMap<String, Vec<usize>>>,
    partial: bool,
    by_value: by_value::Cache,
}

impl PartialEq for Estate {
    /// Whatever else it has is made of these.
    fn eq(&self, other: &Self) -> bool {
        (&self.subjects, self.partial) == (&other.subjects, other.partial)
    }
}

impl Estate {
    /// Adds an asset.
    pub fn add(&mut self, subject: Subject) {
        let index = self.subjects.len();
        let name = subject.name();
        let plain = name.strip_prefix("//").and_then(|name| name.split_once('/'));
        let keys = [
            (JoinBy::Name, Some(name)),
            (JoinBy::Name, plain.map(|(_, plain)| plain)),
            (JoinBy::Email, subject.email()),
            (JoinBy::Parent, subject.parent()),
            (JoinBy::Project, subject.project()),
        ];
        for (by, key) in keys {
            if let Some(key) = key {
                let of_key = self.by.entry((by, key.to_owned())).or_default();
                of_key.entry(subject.asset_type().to_owned()).or_default().push(index);
            }
        }
        self.by_value.clear();
        self.types.insert(subject.asset_type().to_owned());
        self.subjects.push(subject);
    }

    /// Says that there are other assets, which nobody told of.
    pub fn set_partial(&mut self) {
        self.partial = true;
    }

    /// Tells whether there may be other assets.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Tells whether there is an asset of a type.
    #[must_use]
    pub fn has_type(&self, asset_type: &str) -> bool {
        self.types.contains(asset_type)
    }

    /// Returns the places of assets of some types by what an expression comes to for them;
    /// `source` is its source. They are looked at once.
    pub(crate) fn by_value(
        &self,
        source: &str,
        value: &Program,
        types: &[String],
    ) -> Arc<by_value::ByValue> {
        self.by_value.get(source, types, || {
            let of_types = self.subjects.iter().enumerate();
            let of_types = of_types.filter(|(_, one)| types.iter().any(|t| t == one.asset_type()));
            by_value::ByValue::new(value, of_types)
        })
    }

    /// Returns the asset at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&Subject> {
        self.subjects.get(place)
    }

    /// Finds assets of some types by a key.
    pub fn find<'e>(
        &'e self,
        by: JoinBy,
        key: &str,
        types: &'e [String],
    ) -> impl Iterator<Item = &'e Subject> {
        let of_key = self.by.get(&(by, key.to_owned()));
        let places = types.iter().filter_map(move |kind| of_key?.get(kind)).flatten();
        places.filter_map(|index| self.subjects.get(*index))
    }
}

impl FromIterator<Subject> for Estate {
    fn from_iter<T: IntoIterator<Item = Subject>>(subjects: T) -> Self {
        let mut estate = Self::default();
        for subject in subjects {
            estate.add(subject);
        }
        estate
    }
}
