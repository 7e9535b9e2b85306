//! Full resource names of what Cloud Audit Logs tell of.
//!
//! Source: <https://cloud.google.com/asset-inventory/docs/asset-names>.

use std::collections::BTreeMap;

/// Returns the full resource name of what an API calls `resource`, as Cloud Asset Inventory has
/// it.
///
/// Most APIs call things as the inventory does, below their own name. What is not known to
/// differ is taken as it is: then a change that was permitted may count as one that was not,
/// never the other way about.
pub(super) fn full(service: &str, resource: &str, labels: &BTreeMap<String, String>) -> String {
    let resource = resource.trim_start_matches('/');
    if resource.strip_prefix(service).is_some_and(|rest| rest.starts_with('/')) {
        return format!("//{resource}");
    }
    let parts: Vec<_> = resource.split('/').collect();
    let label = |name: &str| labels.get(name).map(String::as_str);
    let renamed = match (service, &parts[..]) {
        ("storage.googleapis.com", ["projects", _, "buckets", bucket, ..]) => {
            Some((*bucket).to_owned())
        }
        // Knative's words: the location stands in the labels alone.
        ("run.googleapis.com", ["namespaces", project, kind, name]) => label("location")
            .map(|location| format!("projects/{project}/locations/{location}/{kind}/{name}")),
        ("iam.googleapis.com", ["projects", "-", "serviceAccounts", account, rest @ ..]) => {
            label("project_id").map(|project| {
                let account = label("email_id").unwrap_or(account);
                let rest: String = rest.iter().map(|part| format!("/{part}")).collect();
                format!("projects/{project}/serviceAccounts/{account}{rest}")
            })
        }
        ("dns.googleapis.com", ["managedZones", zone]) => {
            label("project_id").map(|project| format!("projects/{project}/managedZones/{zone}"))
        }
        _ => None,
    };
    format!("//{service}/{}", renamed.as_deref().unwrap_or(resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_apis_call_a_thing_is_what_the_inventory_calls_it() {
        let labels = [
            ("location", "europe-west1"),
            ("project_id", "p"),
            ("email_id", "a@p.iam.gserviceaccount.com"),
        ];
        let labels =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        for (service, resource, expected) in [
            ("cloudresourcemanager", "projects/p", "projects/p"),
            ("storage", "projects/_/buckets/b", "b"),
            ("run", "namespaces/p/services/s", "projects/p/locations/europe-west1/services/s"),
            ("run", "projects/p/locations/l/services/s", "projects/p/locations/l/services/s"),
            ("secretmanager", "projects/1/secrets/x", "projects/1/secrets/x"),
            ("compute", "projects/p/global/firewalls/f", "projects/p/global/firewalls/f"),
            (
                "iam",
                "projects/-/serviceAccounts/104",
                "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com",
            ),
            (
                "iam",
                "projects/-/serviceAccounts/104/keys/k",
                "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/k",
            ),
            ("dns", "managedZones/z", "projects/p/managedZones/z"),
            ("pubsub", "pubsub.googleapis.com/projects/p/topics/t", "projects/p/topics/t"),
        ] {
            let service = format!("{service}.googleapis.com");
            let expected = format!("//{service}/{expected}");
            assert_eq!(full(&service, resource, &labels), expected);
        }
        let nowhere = full("run.googleapis.com", "namespaces/p/services/s", &BTreeMap::new());
        assert_eq!(nowhere, "//run.googleapis.com/namespaces/p/services/s");
    }
}
