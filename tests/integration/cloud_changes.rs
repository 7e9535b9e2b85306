//! Google's own audit log, through the Pub/Sub emulator.

use std::{fs, path::Path};

use model::{
    AssetId, FindingId,
    asset::Asset,
    dead_letter::DeadLetter,
    finding::{Finding, FindingState},
};
use serde_json::{Value, json};
use testkit::{Mesh, event};

/// Reads an entry as a log sink publishes it.
fn entry(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = folder.join("../functions/audit-engine/tests/cloud_audit_logs");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).expect(name);
    serde_json::from_str(&text).expect(name)
}

/// Returns an entry that tells of a change of a bucket, as of an instant.
pub fn bucket_changed(bucket: &str, at: &str) -> Value {
    let mut entry = entry("bucket-policy");
    entry["protoPayload"]["resourceName"] = json!(format!("projects/_/buckets/{bucket}"));
    entry["timestamp"] = json!(at);
    entry
}

/// Returns the name of the asset that tells of changes of a bucket.
pub fn told_of(bucket: &str) -> String {
    format!("//cloudaudit.googleapis.com/storage.googleapis.com/{bucket}")
}

#[tokio::test]
async fn a_change_that_nobody_permitted_is_a_finding_for_a_week() {
    let mesh = Mesh::start("cloud-changes", &["audit-engine", "destine-root"]).await;
    let tell = async |entry: &Value| {
        mesh.publish("audit-logs", entry).await;
        mesh.settle().await;
    };
    let found = async || {
        let id = FindingId::of("OPS-05", &told_of("photos"));
        mesh.get::<Finding>(&id).await
    };
    // What failed, what was read and what Google does by itself changes nothing.
    for quiet in ["denied", "data-access", "system-event", "run-update-service-ends"] {
        tell(&entry(quiet)).await;
    }
    assert!(mesh.all::<Asset>().await.is_empty());

    tell(&bucket_changed("photos", "2026-11-23T08:00:20Z")).await;
    let first = found().await;
    assert_eq!(first.state, FindingState::Open);
    let parts = ["storage.setIamPermissions", "photos", "opal@harbour.example", "08:00:20"];
    assert!(parts.iter().all(|part| first.evidence.contains(part)), "{}", first.evidence);

    // The same again and an older one are no news; a newer one is.
    tell(&bucket_changed("photos", "2026-11-23T08:00:20Z")).await;
    tell(&bucket_changed("photos", "2026-11-23T08:00:10Z")).await;
    assert_eq!(found().await.evidence, first.evidence);
    tell(&bucket_changed("photos", "2026-11-23T08:00:30Z")).await;
    assert!(found().await.evidence.contains("08:00:30"));
    let assets = mesh.all::<Asset>().await;
    assert_eq!(assets.len(), 1);
    assert_eq!(assets[0].id, AssetId::of(&told_of("photos")));

    // A week after the last change it is forgotten.
    for (instant, state) in [
        ("2026-11-30T08:00:00Z", FindingState::Open),
        ("2026-11-30T09:00:00Z", FindingState::Resolved),
    ] {
        let due = event::due(instant.parse().unwrap());
        assert_eq!(mesh.deliver("audit-engine", "nightly", &due).await.status(), 204);
        assert_eq!(found().await.state, state, "{instant}");
    }

    // What says nothing of what was changed is kept with the reason.
    let mut nameless = entry("bucket-policy");
    nameless["protoPayload"].as_object_mut().unwrap().remove("resourceName");
    tell(&nameless).await;
    let letters = mesh.all::<DeadLetter>().await;
    assert_eq!(letters.len(), 1);
    let reason = &letters[0].document.reason;
    assert!(reason.contains("protoPayload.resourceName"), "{reason}");
    mesh.assert_journal_agrees().await;
}
