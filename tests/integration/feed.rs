//! The feed of Cloud Asset Inventory, through the Pub/Sub emulator.

use model::{
    AssetId,
    asset::Asset,
    dead_letter::DeadLetter,
    finding::{Finding, FindingState},
};
use serde_json::{Value, json};
use testkit::Mesh;

const NAME: &str = "//storage.googleapis.com/photos";

/// A message as a feed of resources has it.
fn resource(uniform: bool, second: u8) -> Value {
    json!({
        "asset": {
            "ancestors": ["projects/815162342108", "organizations/440912"],
            "assetType": "storage.googleapis.com/Bucket",
            "name": NAME,
            "resource": {
                "data": {
                    "name": "photos",
                    "iamConfiguration": {
                        "publicAccessPrevention": "enforced",
                        "uniformBucketLevelAccess": {"enabled": uniform},
                    },
                },
                "discoveryDocumentUri": "https://www.googleapis.com/discovery/v1/apis/storage/v1/rest",
                "discoveryName": "Bucket",
                "location": "europe-west1",
                "parent": "//cloudresourcemanager.googleapis.com/projects/815162342108",
                "version": "v1",
            },
            "updateTime": format!("2026-11-23T08:00:{second:02}.123456Z"),
        },
        "priorAssetState": "PRESENT",
        "window": {"startTime": format!("2026-11-23T08:00:{second:02}.123456Z")},
    })
}

/// A message as a feed of policies has it.
fn policy(member: &str, second: u8) -> Value {
    json!({
        "asset": {
            "assetType": "storage.googleapis.com/Bucket",
            "name": NAME,
            "iamPolicy": {"bindings": [{"role": "roles/storage.objectViewer", "members": [member]}]},
        },
        "window": {"startTime": format!("2026-11-23T08:00:{second:02}Z")},
    })
}

fn deletion(second: u8) -> Value {
    json!({
        "asset": {"assetType": "storage.googleapis.com/Bucket", "name": NAME},
        "deleted": true,
        "window": {"startTime": format!("2026-11-23T08:00:{second:02}Z")},
    })
}

#[tokio::test]
async fn what_the_feed_tells_opens_resolves_and_ends_findings() {
    let mesh = Mesh::start("feed", &["audit-engine", "destine-root"]).await;
    let tell = async |message: &Value| {
        mesh.publish("asset-changes", message).await;
        mesh.settle().await;
    };
    let state = async |control: &str| {
        let findings = mesh.all::<Finding>().await;
        let found = findings.into_iter().find(|stored| stored.document.control == control);
        found.map(|stored| stored.document.state)
    };
    tell(&json!("You have successfully configured a feed for this asset type")).await;
    assert!(mesh.all::<Asset>().await.is_empty());
    tell(&resource(false, 1)).await;
    assert_eq!(state("GCS-02").await, Some(FindingState::Open));
    tell(&resource(true, 3)).await;
    assert_eq!(state("GCS-02").await, Some(FindingState::Resolved));
    // Older than what is known, and what is known of the policy says nothing of the resource.
    tell(&resource(false, 2)).await;
    assert_eq!(state("GCS-02").await, Some(FindingState::Resolved));
    tell(&policy("allUsers", 2)).await;
    let asset: Asset = mesh.get(&AssetId::of(NAME)).await;
    assert!(asset.resource.is_some() && asset.iam_policy.is_some());
    assert_eq!(state("GCS-01").await, Some(FindingState::Open));
    tell(&deletion(4)).await;
    tell(&policy("allUsers", 3)).await;
    assert!(mesh.all::<Asset>().await.is_empty(), "what is gone does not come back");
    assert_eq!(state("GCS-01").await, Some(FindingState::Resolved));

    // What nobody can place in time is kept with the reason.
    tell(&json!({"asset": {"name": NAME, "assetType": "t"}})).await;
    tell(&json!({"asset": {"name": 7}})).await;
    let mut reasons: Vec<_> =
        mesh.all::<DeadLetter>().await.into_iter().map(|stored| stored.document.reason).collect();
    reasons.sort();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("window.startTime")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("asset.name")), "{reasons:?}");
    mesh.assert_journal_agrees().await;
}
