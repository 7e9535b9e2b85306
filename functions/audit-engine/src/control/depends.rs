//! Which assets are judged by which.

use smallvec::SmallVec;

use super::{Control, Join, JoinBy, LASTING, examine::text};
use crate::estate::{Facts, Subject};

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
}

impl Sought<'_> {
    /// Tells whether an asset is judged by the sought one too, so that a change of that may
    /// change its verdict. Also where nobody can know.
    ///
    /// Not told is that a type may come to have its first asset, or lose its last one.
    #[must_use]
    pub fn by(&self, facts: &Facts<'_>) -> bool {
        self.0.iter().any(|(join, keys)| join.finds(facts, keys))
    }
}

impl Join {
    /// Returns the keys that lead to an asset.
    fn keys<'a>(&self, other: &'a Subject) -> Keys<'a> {
        match (self.by, &self.value) {
            (JoinBy::Parent, _) => Keys::Maybe(other.parent()),
            (JoinBy::Project, _) => Keys::Maybe(other.project()),
            (_, Some((_, value))) => {
                let epoch = other.at(jiff::Timestamp::UNIX_EPOCH.into());
                text(value, epoch.variables.get(..LASTING).unwrap_or_default())
                    .map_or(Keys::Any, |value| Keys::One(value.into_owned()))
            }
            (JoinBy::Name, _) => {
                let plain = other.name().strip_prefix("//").and_then(|name| name.split_once('/'));
                Keys::Names(other.name(), plain.map(|(_, plain)| plain))
            }
            (JoinBy::Email, _) => Keys::Maybe(other.email()),
            (JoinBy::Value, None) => Keys::Any,
        }
    }

    /// Tells whether an asset is joined with what these keys lead to.
    fn finds(&self, facts: &Facts<'_>, keys: &Keys<'_>) -> bool {
        let is = |key: &str| match keys {
            Keys::Any => true,
            Keys::One(value) => key == value,
            Keys::Names(name, plain) => key == *name || Some(key) == *plain,
            Keys::Maybe(other) => Some(key) == *other,
        };
        match (self.by, &self.key) {
            (JoinBy::Parent, _) => is(facts.subject.name()),
            (JoinBy::Project, _) => facts.subject.project().is_some_and(is),
            // An asset without a key is joined with nothing, whatever there is.
            (_, Some(key)) => text(key, &facts.variables).is_ok_and(|key| is(&key)),
            (_, None) => true,
        }
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
                for asset in &assets {
                    let facts = asset.at(now);
                    if !control.asset_types.iter().any(|kind| kind == asset.asset_type()) {
                        continue;
                    }
                    if control.seeks(other).by(&facts) {
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
