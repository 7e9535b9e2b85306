//! The controls: what each demands of an asset, as pure functions.
//!
//! The demands follow the fields of each service's REST resource. Cloud Run
//! services come in two shapes, Knative's (v1) and v2; both are read.

mod evidence;
mod iam;
mod pubsub;
mod run;
mod secrets;
mod storage;

use model::{Timestamp, asset::Asset, finding::Severity};

/// What a control demands of assets of some types.
#[derive(Debug)]
pub struct Control {
    /// Names the control everywhere, such as `RUN-01`.
    pub id: &'static str,
    /// The demand, as a title.
    pub title: &'static str,
    /// How much it matters when it fails.
    pub severity: Severity,
    /// The asset type that it looks at.
    pub asset_type: &'static str,
    check: fn(&Asset, Timestamp) -> Verdict,
}

/// What a control says of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The demand holds.
    Pass,
    /// The demand does not hold; says what was seen.
    Fail(String),
    /// The demand does not concern this asset.
    NotApplicable,
    /// What the control needs to know is missing; names it.
    Unknown(String),
}

impl Verdict {
    fn of(failure: Option<String>) -> Self {
        failure.map_or(Self::Pass, Self::Fail)
    }
}

/// Returns every control, in the order of services.
pub fn all() -> impl Iterator<Item = &'static Control> {
    [run::CONTROLS, pubsub::CONTROLS, secrets::CONTROLS, iam::CONTROLS, storage::CONTROLS]
        .into_iter()
        .flatten()
}

/// Returns the controls that look at assets of a type.
pub fn of_type(asset_type: &str) -> impl Iterator<Item = &'static Control> {
    all().filter(move |control| control.asset_type == asset_type)
}

/// Examines one asset with every control of its type, as of an instant.
pub fn examine(asset: &Asset, now: Timestamp) -> impl Iterator<Item = (&'static Control, Verdict)> {
    of_type(&asset.asset_type).map(move |control| (control, (control.check)(asset, now)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_control_has_its_own_id() {
        let ids: BTreeSet<_> = all().map(|control| control.id).collect();
        assert_eq!(ids.len(), all().count());
    }

    #[test]
    fn no_control_passes_on_an_asset_without_data() {
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        for control in all() {
            let asset = Asset {
                name: "//x".into(),
                asset_type: control.asset_type.into(),
                ancestors: vec![],
                update_time: None,
                resource: None,
                iam_policy: None,
                other: serde_json::Map::new(),
            };
            let verdict = (control.check)(&asset, now);
            assert!(matches!(verdict, Verdict::Unknown(_)), "{}: {verdict:?}", control.id);
        }
    }
}
