//! IAM policies of projects, and keys of service accounts.
//!
//! Sources: CIS Google Cloud Foundations Benchmark, section 1, and
//! <https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys>.

use jiff::SignedDuration;
use model::{
    Timestamp,
    asset::{Asset, Binding},
    finding::Severity,
};

use super::{
    Control, Verdict,
    evidence::{bindings, data, text, verdict},
};

const PROJECT: &str = "cloudresourcemanager.googleapis.com/Project";
const KEY: &str = "iam.googleapis.com/ServiceAccountKey";
/// The longest life of a key that a person made: 90 days.
const KEY_AGE_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);
const BASIC_ROLES: [&str; 3] = ["roles/owner", "roles/editor", "roles/viewer"];
const IMPERSONATING_ROLES: [&str; 2] =
    ["roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator"];

pub(super) const CONTROLS: &[Control] = &[
    Control {
        id: "IAM-01",
        title: "Nobody holds a basic role on a project",
        severity: Severity::High,
        asset_type: PROJECT,
        check: |asset, _| no_binding(asset, |role, _| BASIC_ROLES.contains(&role)),
    },
    Control {
        id: "IAM-02",
        title: "Service accounts do not administer a project",
        severity: Severity::High,
        asset_type: PROJECT,
        check: |asset, _| {
            no_binding(asset, |role, member| {
                member.starts_with("serviceAccount:") && administers(role)
            })
        },
    },
    Control {
        id: "IAM-03",
        title: "Nobody may act as every service account of a project",
        severity: Severity::High,
        asset_type: PROJECT,
        check: |asset, _| no_binding(asset, |role, _| IMPERSONATING_ROLES.contains(&role)),
    },
    Control {
        id: "IAM-09",
        title: "Default accounts do not hold the editor role",
        severity: Severity::High,
        asset_type: PROJECT,
        check: |asset, _| {
            no_binding(asset, |role, member| {
                role == "roles/editor"
                    && (member.ends_with("-compute@developer.gserviceaccount.com")
                        || member.ends_with("@appspot.gserviceaccount.com"))
            })
        },
    },
    Control {
        id: "IAM-04",
        title: "Service accounts have no keys that people made",
        severity: Severity::Medium,
        asset_type: KEY,
        check: |asset, _| verdict(user_managed(asset)),
    },
    Control {
        id: "IAM-05",
        title: "Keys that people made are at most 90 days old",
        severity: Severity::High,
        asset_type: KEY,
        check: |asset, now| verdict(age(asset, now)),
    },
];

fn administers(role: &str) -> bool {
    role.ends_with("Admin")
        || role.ends_with(".admin")
        || matches!(role, "roles/owner" | "roles/editor")
}

/// Judges a policy: no member may hold a role that `offends`.
fn no_binding(asset: &Asset, offends: impl Fn(&str, &str) -> bool) -> Verdict {
    let judge = |bindings: &[Binding]| {
        let offences: Vec<_> = bindings
            .iter()
            .flat_map(|binding| binding.members.iter().map(|member| (&binding.role, member)))
            .filter(|(role, member)| offends(role, member))
            .map(|(role, member)| format!("`{member}` holds `{role}`"))
            .collect();
        Verdict::of((!offences.is_empty()).then(|| offences.join(", ")))
    };
    verdict(bindings(asset).map(judge))
}

fn is_user_managed(asset: &Asset) -> Result<bool, Verdict> {
    data(asset)?;
    let kind = text(asset, &["keyType"]).ok_or_else(|| Verdict::Unknown("keyType".into()))?;
    Ok(kind == "USER_MANAGED")
}

fn user_managed(asset: &Asset) -> Result<Verdict, Verdict> {
    let disabled = asset.data(&["disabled"]).and_then(serde_json::Value::as_bool) == Some(true);
    let failing = is_user_managed(asset)? && !disabled;
    Ok(Verdict::of(failing.then(|| "a person made the key, and it works".into())))
}

fn age(asset: &Asset, now: Timestamp) -> Result<Verdict, Verdict> {
    if !is_user_managed(asset)? {
        return Ok(Verdict::NotApplicable);
    }
    let made = text(asset, &["validAfterTime"]).and_then(|time| time.parse::<Timestamp>().ok());
    let made = made.ok_or_else(|| Verdict::Unknown("validAfterTime".into()))?;
    let age = now.duration_since(*made);
    Ok(Verdict::of(
        (age > KEY_AGE_MAX)
            .then(|| format!("the key is {} days old, made at {made}", age.as_hours() / 24)),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(id: &str, asset: serde_json::Value) -> Verdict {
        let asset: Asset = serde_json::from_value(asset).expect("an asset");
        let now = "2026-11-23T00:00:00Z".parse().expect("valid");
        let control = CONTROLS.iter().find(|control| control.id == id).expect("a control");
        (control.check)(&asset, now)
    }

    fn project(role: &str, member: &str) -> serde_json::Value {
        let bindings = json!([{"role": role, "members": [member]}]);
        json!({"name": "//p", "assetType": PROJECT, "iamPolicy": {"bindings": bindings}})
    }

    fn key(data: serde_json::Value) -> serde_json::Value {
        json!({"name": "//k", "assetType": KEY, "resource": {"data": data}})
    }

    #[test]
    fn a_policy_fails_for_the_role_and_for_who_holds_it() {
        let fails = |id, role, member| matches!(check(id, project(role, member)), Verdict::Fail(_));
        assert!(fails("IAM-01", "roles/viewer", "user:a@b.c"));
        assert!(!fails("IAM-01", "roles/run.viewer", "user:a@b.c"));
        assert!(fails("IAM-02", "roles/storage.admin", "serviceAccount:a@b"));
        assert!(fails("IAM-02", "roles/resourcemanager.projectIamAdmin", "serviceAccount:a@b"));
        assert!(!fails("IAM-02", "roles/storage.admin", "user:a@b.c"));
        assert!(fails("IAM-03", "roles/iam.serviceAccountUser", "group:a@b.c"));
        let default = "serviceAccount:1-compute@developer.gserviceaccount.com";
        assert!(fails("IAM-09", "roles/editor", default));
        assert!(!fails("IAM-09", "roles/run.invoker", default));
    }

    #[test]
    fn a_key_is_judged_by_who_made_it_and_when() {
        let made = |time: &str| json!({"keyType": "USER_MANAGED", "validAfterTime": time});
        // 2026-08-25 is 90 days before the day of the check.
        assert_eq!(check("IAM-05", key(made("2026-08-25T00:00:00Z"))), Verdict::Pass);
        let old = check("IAM-05", key(made("2026-08-24T23:59:59Z")));
        assert!(matches!(old, Verdict::Fail(words) if words.contains("90 days old")));
        assert_eq!(check("IAM-05", key(made("soon"))), Verdict::Unknown("validAfterTime".into()));
        let system = key(json!({"keyType": "SYSTEM_MANAGED"}));
        assert_eq!(check("IAM-04", system.clone()), Verdict::Pass);
        assert_eq!(check("IAM-05", system), Verdict::NotApplicable);
        let disabled = key(json!({"keyType": "USER_MANAGED", "disabled": true}));
        assert_eq!(check("IAM-04", disabled), Verdict::Pass);
        let unknown = Verdict::Unknown("keyType".into());
        assert_eq!(check("IAM-04", key(json!({"name": "k"}))), unknown);
    }
}
