//! Cloud Storage buckets.
//!
//! Source: <https://cloud.google.com/storage/docs/json_api/v1/buckets>.

use model::{Timestamp, asset::Asset, finding::Severity};

use super::{
    Control, Verdict,
    evidence::{bindings, data, public_binding, text, verdict},
};

const BUCKET: &str = "storage.googleapis.com/Bucket";

pub(super) const CONTROLS: &[Control] = &[
    Control {
        id: "GCS-01",
        title: "Buckets are not public and cannot be made so",
        severity: Severity::Critical,
        asset_type: BUCKET,
        check: public,
    },
    Control {
        id: "GCS-02",
        title: "Buckets decide access by IAM alone",
        severity: Severity::Medium,
        asset_type: BUCKET,
        check: uniform,
    },
];

fn public(asset: &Asset, _: Timestamp) -> Verdict {
    let open = bindings(asset).ok().and_then(|bindings| public_binding(bindings, None));
    if let Some(open) = open {
        return Verdict::Fail(open);
    }
    verdict(data(asset).map(|_| {
        // A bucket that says nothing inherits, and an organisation may allow.
        match text(asset, &["iamConfiguration", "publicAccessPrevention"]) {
            Some("enforced") => Verdict::Pass,
            other => Verdict::Fail(format!(
                "public access prevention is `{}`",
                other.unwrap_or("inherited")
            )),
        }
    }))
}

fn uniform(asset: &Asset, _: Timestamp) -> Verdict {
    verdict(data(asset).map(|_| {
        let path = ["iamConfiguration", "uniformBucketLevelAccess", "enabled"];
        let enabled = asset.data(&path).and_then(serde_json::Value::as_bool) == Some(true);
        Verdict::of((!enabled).then(|| "uniform bucket-level access is off".into()))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn bucket(prevention: Value, members: Value) -> Asset {
        serde_json::from_value(json!({
            "name": "//storage.googleapis.com/b",
            "assetType": BUCKET,
            "resource": {"data": {"name": "b", "iamConfiguration": prevention}},
            "iamPolicy": {"bindings": [{"role": "roles/storage.objectViewer", "members": members}]},
        }))
        .expect("an asset")
    }

    #[test]
    fn a_bucket_is_public_by_policy_or_by_what_it_does_not_prevent() {
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let enforced = json!({"publicAccessPrevention": "enforced"});
        assert_eq!(public(&bucket(enforced.clone(), json!(["user:a@b.c"])), now), Verdict::Pass);
        let open = public(&bucket(enforced, json!(["allUsers"])), now);
        assert!(matches!(open, Verdict::Fail(words) if words.contains("allUsers")));
        let inherited = public(&bucket(json!({}), json!([])), now);
        assert!(matches!(inherited, Verdict::Fail(words) if words.contains("inherited")));
    }

    #[test]
    fn uniform_access_must_be_on() {
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let on = json!({"uniformBucketLevelAccess": {"enabled": true}});
        let off = json!({"uniformBucketLevelAccess": {"enabled": false}});
        assert_eq!(uniform(&bucket(on, json!([])), now), Verdict::Pass);
        assert!(matches!(uniform(&bucket(off, json!([])), now), Verdict::Fail(_)));
        assert!(matches!(uniform(&bucket(json!({}), json!([])), now), Verdict::Fail(_)));
    }
}
