//! Secret Manager secrets.
//!
//! Source: <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets>.

use model::{Timestamp, asset::Asset, finding::Severity};

use super::{
    Control, Verdict,
    evidence::{data, not_public, text, verdict},
};

const SECRET: &str = "secretmanager.googleapis.com/Secret";
/// The longest time between two rotations: 90 days.
const ROTATION_SECONDS_MAX: f64 = 90.0 * 86_400.0;

pub(super) const CONTROLS: &[Control] = &[
    Control {
        id: "SM-01",
        title: "Secrets are not open to everybody",
        severity: Severity::Critical,
        asset_type: SECRET,
        check: |asset, _| not_public(asset),
    },
    Control {
        id: "SM-02",
        title: "Secrets rotate at least every 90 days",
        severity: Severity::Medium,
        asset_type: SECRET,
        check: rotation,
    },
];

fn rotation(asset: &Asset, _: Timestamp) -> Verdict {
    verdict(data(asset).map(|_| {
        let Some(period) = text(asset, &["rotation", "rotationPeriod"]) else {
            return Verdict::Fail("no rotation is set".into());
        };
        // A duration in protobuf's JSON form: seconds with an `s`.
        match period.strip_suffix('s').and_then(|seconds| seconds.parse::<f64>().ok()) {
            Some(seconds) if seconds <= ROTATION_SECONDS_MAX => Verdict::Pass,
            Some(_) => Verdict::Fail(format!("it rotates every `{period}`")),
            None => Verdict::Unknown(format!("rotation.rotationPeriod: `{period}` is no duration")),
        }
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ninety_days_are_the_longest_rotation() {
        let verdict = |period: &str| {
            let data = json!({"name": "s", "rotation": {"rotationPeriod": period}});
            let asset = json!({"name": "//s", "assetType": SECRET, "resource": {"data": data}});
            let asset = serde_json::from_value(asset).expect("an asset");
            rotation(&asset, "2026-11-23T00:00:00Z".parse().expect("valid"))
        };
        assert_eq!(verdict("7776000s"), Verdict::Pass);
        assert_eq!(verdict("7776001s"), Verdict::Fail("it rotates every `7776001s`".into()));
        assert!(matches!(verdict("90 days"), Verdict::Unknown(_)));
        assert!(matches!(verdict(""), Verdict::Fail(_)));
    }
}
