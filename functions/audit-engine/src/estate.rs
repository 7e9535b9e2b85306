//! The assets as controls see them.

mod by_value;
mod joined;
mod read;
mod subject;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use by_value::ByValue;
use elsa::sync::FrozenMap;
pub use joined::Joined;
pub use read::{Exported, Head, ReadError, read};
pub use subject::{Facts, NotAnAsset, Subject};

use crate::control::{JoinBy, Lasting};

/// The assets that others are joined with.
#[derive(Default)]
pub struct Estate {
    subjects: Vec<Subject>,
    types: HashSet<String>,
    /// The places of the assets with a key, by their types.
    by: HashMap<JoinBy, HashMap<String, HashMap<String, Vec<usize>>>>,
    partial: bool,
    /// What was looked up by value before.
    by_value: FrozenMap<by_value::Key, Box<ByValue>>,
}

impl fmt::Debug for Estate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Estate")
            .field("subjects", &self.subjects)
            .field("partial", &self.partial)
            .finish_non_exhaustive()
    }
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
                let of_key = self.by.entry(by).or_default().entry(key.to_owned()).or_default();
                of_key.entry(subject.asset_type().to_owned()).or_default().push(index);
            }
        }
        self.by_value = FrozenMap::default();
        self.types.insert(subject.asset_type().to_owned());
        self.subjects.push(subject);
    }

    /// Says that there are other assets, which nobody told of.
    pub fn set_partial(&mut self) {
        self.partial = true;
    }

    /// Tells whether there is an asset of a type.
    #[must_use]
    pub fn has_type(&self, asset_type: &str) -> bool {
        self.types.contains(asset_type)
    }

    /// Returns the assets of some types with their places.
    pub(crate) fn of_types<'e>(
        &'e self,
        types: &[String],
    ) -> impl Iterator<Item = (usize, &'e Subject)> {
        let places = self.subjects.iter().enumerate();
        places.filter(|(_, one)| types.iter().any(|kind| kind == one.asset_type()))
    }

    /// Finds assets of some types by a key.
    pub fn find<'e>(&'e self, by: JoinBy, key: &str, types: &[String]) -> Joined<'e> {
        let of_key = self.by.get(&by).and_then(|keys| keys.get(key));
        let places = types.iter().filter_map(|kind| of_key?.get(kind)).map(Vec::as_slice);
        Joined {
            subjects: &self.subjects,
            places: places.collect(),
            but: None,
            untold: self.partial,
        }
    }

    /// Finds the assets of some types for which an expression comes to `key`, without `but`.
    /// All assets of these types are looked at once.
    pub(crate) fn find_by_value<'e>(
        &'e self,
        value: &Lasting,
        key: &str,
        types: &[String],
        but: &'e str,
    ) -> Joined<'e> {
        let known = (value.source.clone(), types.to_vec());
        let by_value = self.by_value.get(&known).unwrap_or_else(|| {
            let of_types = self.of_types(types);
            self.by_value.insert(known, Box::new(ByValue::new(value, of_types)))
        });
        Joined {
            subjects: &self.subjects,
            places: vec![by_value.of(key)],
            but: Some(but),
            untold: self.partial || by_value.is_unsure(),
        }
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
