use std::{fs, path::Path};

use model::{
    Actor, ControlName, Uid,
    operator_override::{Change, Effect, OverrideState, Said},
};

use super::*;

/// Reads an entry as a log sink publishes it.
fn entry(name: &str) -> CloudLogEntry {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloud_audit_logs");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).expect(name);
    serde_json::from_str(&text).expect(name)
}

#[test]
fn what_changed_something_is_told_from_what_did_not() {
    for (name, resource) in [
        (
            "run-replace-service",
            "//run.googleapis.com/projects/harbour-prod/locations/europe-west1/services/ingest",
        ),
        (
            "run-update-service-begins",
            "//run.googleapis.com/projects/harbour-prod/locations/europe-west1/services/ingest",
        ),
        ("bucket-policy", "//storage.googleapis.com/harbour-photos"),
        ("project-policy", "//cloudresourcemanager.googleapis.com/projects/harbour-prod"),
        ("secret-policy", "//secretmanager.googleapis.com/projects/815162342108/secrets/api-token"),
        (
            "account-key",
            "//iam.googleapis.com/projects/harbour-prod/serviceAccounts/\
             ingest@harbour-prod.iam.gserviceaccount.com",
        ),
        ("firewall", "//compute.googleapis.com/projects/harbour-prod/global/firewalls/allow-ssh"),
        ("nobody", "//dns.googleapis.com/projects/harbour-prod/managedZones/harbour"),
    ] {
        let change = CloudChange::of(&entry(name)).expect(name).expect(name);
        assert_eq!(change.resource, resource, "{name}");
        assert_eq!(change.of, "projects/harbour-prod");
        assert_eq!(change.principal.is_none(), name == "nobody");
    }
    for name in ["run-update-service-ends", "denied", "data-access", "system-event"] {
        assert_eq!(CloudChange::of(&entry(name)), Ok(None), "{name}");
    }
}

#[test]
fn an_entry_that_does_not_say_what_was_changed_is_refused_with_the_field() {
    let mut nameless = entry("bucket-policy");
    nameless.proto_payload.as_mut().expect("a payload").resource_name.clear();
    assert_eq!(CloudChange::of(&nameless), Err(NoChange("protoPayload.resourceName")));
    let empty = CloudLogEntry { proto_payload: None, ..nameless };
    assert_eq!(CloudChange::of(&empty), Err(NoChange("protoPayload")));
}

fn at(minute: u8) -> Timestamp {
    format!("2026-11-23T08:{minute:02}:00Z").parse().expect("valid")
}

/// An override that permits a command on an asset from minute 10 to minute 40.
fn permission(asset: &str) -> Override {
    let by = Actor::Person { uid: Uid::new("oscar"), email: None };
    let change = Change {
        control: ControlName::new(REMEDIATION),
        effect: Effect::Force { value: "gcloud".into() },
        scope: Scope::Asset { name: asset.into() },
        minutes: Some(30),
        reason: "needed".into(),
    };
    Override {
        hash: String::new(),
        requested_by: by,
        requested_at: at(0),
        rule: None,
        state: OverrideState::Active,
        approvals_needed: 1,
        approvals: Vec::new(),
        review: None,
        activated_at: Some(at(10)),
        until: Some(at(40)),
        prior: None,
        lift: None,
        confirmed: None,
        ended: None,
        change,
    }
}

#[test]
fn a_change_is_permitted_only_while_an_override_of_exactly_its_asset_holds() {
    let mut change = CloudChange::of(&entry("bucket-policy")).expect("valid").expect("a change");
    let mut permitted = |minute, one: &Override| {
        change.at = at(minute);
        change.is_permitted([one])
    };
    let right = permission("//storage.googleapis.com/harbour-photos");
    assert!(permitted(10, &right) && permitted(40, &right));
    assert!(!permitted(9, &right) && !permitted(41, &right));
    let other = permission("//storage.googleapis.com/harbour-photos-2");
    assert!(!permitted(20, &other));
    let asked = Override { activated_at: None, ..right.clone() };
    assert!(!permitted(20, &asked), "nobody agreed");
    let ended = Said { by: right.requested_by.clone(), at: at(15), reason: "done".into() };
    let lifted = Override { ended: Some(ended), ..right.clone() };
    assert!(permitted(15, &lifted) && !permitted(20, &lifted));
    let mut other = right.clone();
    other.change.control = ControlName::new("trading");
    assert!(!permitted(20, &other), "it is about something else");
}

#[test]
fn the_last_change_of_a_thing_is_kept() {
    let change = CloudChange::of(&entry("bucket-policy")).expect("valid").expect("a change");
    let asset = change.asset();
    assert_eq!(asset.name, "//cloudaudit.googleapis.com/storage.googleapis.com/harbour-photos");
    assert_eq!(asset.data(&["principal"]), Some(&json!("opal@harbour.example")));
    assert!(!is_known(None, &change) && is_known(Some(&asset), &change));
    let later = CloudChange { at: at(50), ..change.clone() };
    assert!(!is_known(Some(&asset), &later) && is_known(Some(&later.asset()), &change));
}
