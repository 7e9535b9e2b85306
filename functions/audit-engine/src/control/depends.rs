//! Which assets are judged by which.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{Control, Join, JoinBy};
use crate::estate::{Estate, Joined, Subject};

/// How the joins of a control find one asset: looked up once, for all that may be joined with it.
#[derive(Debug)]
pub struct Sought<'a>(SmallVec<[(&'a Join, Keys<'a>); 1]>);

/// The keys by which a join finds an asset.
#[derive(Debug)]
enum Keys<'a> {
    /// Nobody knows: any key may.
    Any,
    One(String),
    /// A name, with and without its service.
    Names(&'a str, Option<&'a str>),
    Maybe(Option<&'a str>),
}

impl Control {
    /// Tells how an asset is found by those that are judged by it too.
    #[must_use]
    pub fn seeks<'a>(&'a self, other: &'a Subject) -> Sought<'a> {
        let joins = self.joins.iter();
        let joins = joins.filter(|join| join.asset_types.iter().any(|t| t == other.asset_type()));
        Sought(joins.map(|join| (join, join.keys(other))).collect())
    }

    /// Finds the assets that are judged by another too, without itself: those that
    /// [`Sought::by`] tells of one after the other.
    #[must_use]
    pub fn dependents<'e>(&self, other: &Subject, estate: &'e Estate) -> Vec<&'e Subject> {
        let mut found = BTreeMap::new();
        for (join, keys) in self.seeks(other).0 {
            let of_join = join.dependents(&keys, &self.asset_types, estate);
            found.extend(of_join.into_iter().map(|subject| (subject.name(), subject)));
        }
        found.remove(other.name());
        found.into_values().collect()
    }
}

impl Sought<'_> {
    /// Tells whether an asset is judged by the sought one too, so that a change of that may
    /// change its verdict. Also where nobody can know.
    ///
    /// Not told is that a type may come to have its first asset, or lose its last one.
    #[must_use]
    pub fn by(&self, subject: &Subject) -> bool {
        self.0.iter().any(|(join, keys)| join.finds(subject, keys))
    }
}

impl Keys<'_> {
    /// Returns the keys; nothing when any key may be one.
    fn texts(&self) -> Option<SmallVec<[&str; 2]>> {
        Some(match self {
            Self::Any => return None,
            Self::One(key) => SmallVec::from_slice(&[key.as_str()]),
            Self::Names(name, plain) => std::iter::once(*name).chain(*plain).collect(),
            Self::Maybe(key) => key.iter().copied().collect(),
        })
    }
}

impl Join {
    /// Returns the keys that lead to an asset.
    fn keys<'a>(&self, other: &'a Subject) -> Keys<'a> {
        match (self.by, &self.value) {
            (JoinBy::Parent, _) => Keys::Maybe(other.parent()),
            (JoinBy::Project, _) => Keys::Maybe(other.project()),
            (_, Some(value)) => value.of(other).map_or(Keys::Any, |v| Keys::One(v.into_owned())),
            (JoinBy::Name, _) => {
                let plain = other.name().strip_prefix("//").and_then(|name| name.split_once('/'));
                Keys::Names(other.name(), plain.map(|(_, plain)| plain))
            }
            (JoinBy::Email, _) => Keys::Maybe(other.email()),
            (JoinBy::Value, None) => Keys::Any,
        }
    }

    /// Tells whether an asset is joined with what these keys lead to.
    fn finds(&self, subject: &Subject, keys: &Keys<'_>) -> bool {
        let keys = keys.texts();
        let is = |key: &str| keys.as_ref().is_none_or(|keys| keys.contains(&key));
        match (self.by, &self.key) {
            (JoinBy::Parent, _) => is(subject.name()),
            (JoinBy::Project, _) => subject.project().is_some_and(is),
            // An asset without a key is joined with nothing, whatever there is.
            (_, Some(key)) => key.of(subject).is_ok_and(|key| is(&key)),
            (_, None) => true,
        }
    }

    /// Finds the assets of some types that are joined with what these keys lead to.
    fn dependents<'e>(
        &self,
        keys: &Keys<'_>,
        types: &[String],
        estate: &'e Estate,
    ) -> Vec<&'e Subject> {
        let by_key = |key: &str| match (self.by, &self.key) {
            (JoinBy::Parent, _) => Some(estate.find(JoinBy::Name, key, types)),
            (JoinBy::Project, _) => Some(estate.find(JoinBy::Project, key, types)),
            (_, Some(own)) => Some(estate.find_by_value(own, key, types, "")),
            (_, None) => None,
        };
        let keyed: Option<Vec<_>> =
            keys.texts().and_then(|keys| keys.into_iter().map(by_key).collect());
        let mut found: Vec<_> = match keyed {
            Some(joined) => joined.iter().flat_map(Joined::subjects).collect(),
            None => estate.of_types(types).map(|(_, subject)| subject).collect(),
        };
        found.retain(|subject| self.finds(subject, keys));
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        control::ControlSet,
        estate::{Estate, Subject},
    };

    #[test]
    fn what_is_not_read_changes_no_verdict() {
        let lines = include_str!("../../../../emulator/seed/estate.ndjson").lines();
        let assets = lines.map(|line| serde_json::from_str(line).expect("JSON"));
        let assets: Vec<_> = assets.map(|asset| Subject::new(asset).expect("an asset")).collect();
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let (set, whole) = (ControlSet::built_in(), assets.iter().cloned().collect::<Estate>());
        let (mut read, mut unread) = (0, 0);
        for other in &assets {
            let rest = assets.iter().filter(|asset| asset.name() != other.name());
            let rest = rest.cloned().collect::<Estate>();
            if !rest.has_type(other.asset_type()) {
                continue;
            }
            for control in set.joined_with(other.asset_type()) {
                let found = control.dependents(other, &whole);
                for asset in &assets {
                    let facts = asset.at(now);
                    if !control.asset_types.iter().any(|kind| kind == asset.asset_type()) {
                        continue;
                    }
                    let depends = control.seeks(other).by(asset);
                    if asset.name() != other.name() {
                        assert_eq!(
                            found.contains(&asset),
                            depends,
                            "{} {}",
                            control.id,
                            asset.name()
                        );
                    }
                    if depends {
                        read += 1;
                        continue;
                    }
                    unread += 1;
                    let (with, without) =
                        (control.examine(&facts, &whole), control.examine(&facts, &rest));
                    assert_eq!(with, without, "{} of {}", control.id, asset.name());
                }
            }
        }
        assert!(read > 20 && unread > 20 * read / 10, "{read} read, {unread} do not");
    }
}
