//! Which assets are judged by which.

use std::borrow::Cow;

use super::{Control, Join, JoinBy, LASTING, examine::text};
use crate::{
    cel::Fault,
    estate::{Facts, Subject},
};

impl Control {
    /// Tells whether an asset is judged by another one too, so that a change of that may change
    /// the verdict. Also where nobody can know.
    ///
    /// Not told is that a type may come to have its first asset, or lose its last one.
    #[must_use]
    pub fn reads(&self, facts: &Facts<'_>, other: &Subject) -> bool {
        let joins = self.joins.iter();
        let mut joins =
            joins.filter(|join| join.asset_types.iter().any(|t| t == other.asset_type()));
        joins.any(|join| join.finds(facts, other).unwrap_or(true))
    }
}

impl Join {
    /// Tells whether the other asset is among those that one is joined with.
    fn finds(&self, facts: &Facts<'_>, other: &Subject) -> Result<bool, Fault> {
        let key = || self.key.as_ref().map(|key| text(key, &facts.variables)).transpose();
        Ok(match (self.by, &self.value) {
            (JoinBy::Parent, _) => other.parent() == Some(facts.subject.name()),
            (JoinBy::Project, _) => other.project() == facts.subject.project(),
            (_, Some((_, value))) => {
                let epoch = other.at(jiff::Timestamp::UNIX_EPOCH.into());
                let value = text(value, epoch.variables.get(..LASTING).unwrap_or_default())?;
                key()?.is_none_or(|key| key == value)
            }
            (JoinBy::Name, _) => {
                let plain = other.name().strip_prefix("//").and_then(|name| name.split_once('/'));
                let plain = plain.map(|(_, plain)| plain);
                key()?.is_none_or(|key| key == other.name() || Some(&*key) == plain)
            }
            (JoinBy::Email, _) => {
                key()?.is_none_or(|key: Cow<'_, str>| Some(&*key) == other.email())
            }
            (JoinBy::Value, None) => true,
        })
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
                    if control.reads(&facts, other) {
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
