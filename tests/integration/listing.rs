//! Listings of the estate, from the stand-in for Cloud Asset Inventory.

use model::{
    AssetId, AssetListingId, AssetTimesId, Timestamp,
    asset::{Asset, AssetListing, AssetTimes, ListingStage},
    finding::{Finding, FindingState},
    journal::JournalRecord,
};
use serde_json::{Value, json};
use testkit::{Mesh, event};

/// More than one page.
const TOPICS: usize = 110;

fn at(day: u8) -> Timestamp {
    format!("2026-11-{day}T01:20:00Z").parse().unwrap()
}

fn name(index: usize) -> String {
    format!("//pubsub.googleapis.com/projects/harbour/topics/t-{index:04}")
}

fn topic(index: usize) -> Value {
    json!({
        "name": name(index),
        "assetType": "pubsub.googleapis.com/Topic",
        "ancestors": ["projects/815162342108"],
        "updateTime": "2026-11-01T08:00:00.123456789Z",
        "resource": {
            "version": "v1", "location": "europe-west1",
            "data": {"name": format!("projects/harbour/topics/t-{index:04}"), "retention": 600},
        },
    })
}

fn bucket(public: bool) -> Value {
    let member = if public { "allUsers" } else { "user:adam@example.com" };
    let policy = json!({
        "version": 3, "etag": "CAE=",
        "bindings": [{
            "role": "roles/storage.objectViewer", "members": [member],
            "condition": {"expression": "true", "title": "always"},
        }],
        "auditConfigs": [{
            "service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}],
        }],
    });
    json!({
        "name": "//storage.googleapis.com/photos",
        "assetType": "storage.googleapis.com/Bucket",
        "updateTime": "2026-11-01T08:00:00Z",
        "resource": {
            "version": "v1", "location": "EU",
            "data": {
                "name": "photos", "labels": {"team": "a"}, "quota": 1.5,
                "iamConfiguration": {"publicAccessPrevention": "enforced"},
            },
        },
        "iamPolicy": policy,
    })
}

/// Makes these the assets that there are.
fn there_are(mesh: &Mesh, assets: impl IntoIterator<Item = Value>) {
    let lines: Vec<_> = assets.into_iter().map(|asset| asset.to_string()).collect();
    std::fs::write(mesh.inventory(), lines.join("\n")).unwrap();
}

async fn list(mesh: &Mesh, day: u8) -> AssetListing {
    let due = event::due(at(day));
    assert_eq!(mesh.deliver("audit-engine", "assets-due", &due).await.status(), 204);
    mesh.settle().await;
    let listings = mesh.all::<AssetListing>().await;
    listings.into_iter().map(|stored| stored.document).max_by_key(|l| l.began_at).unwrap()
}

async fn state_of(mesh: &Mesh, control: &str) -> Option<FindingState> {
    let findings = mesh.all::<Finding>().await;
    let of_control = findings.into_iter().find(|stored| stored.document.control == control);
    of_control.map(|stored| stored.document.state)
}

#[tokio::test]
async fn a_listing_brings_changes_and_removes_what_there_is() {
    let mesh = Mesh::start("listing", &["audit-engine"]).await;
    // What a person imported is not the listing's to remove.
    let imported: Asset =
        serde_json::from_value(json!({"name": "//a/b", "assetType": "t"})).unwrap();
    mesh.put(&imported.id(), &imported).await;
    let before: Asset = serde_json::from_value(bucket(true)).unwrap();

    there_are(&mesh, (0..TOPICS).map(topic).chain([bucket(true)]));
    let first = list(&mesh, 10).await;
    assert_eq!((first.stage, first.assets, first.removed), (ListingStage::Done, 111, 0));
    assert_eq!(mesh.get::<Asset>(&before.id()).await, before, "as an export has it");
    assert_eq!(state_of(&mesh, "GCS-01").await, Some(FindingState::Open));

    // On the same day nothing happens; on the next one nothing that is the same is written.
    assert_eq!(list(&mesh, 10).await, first);
    let records = mesh.all::<JournalRecord>().await.len();
    let second = list(&mesh, 11).await;
    assert_eq!((second.began_at, second.changed, second.removed), (at(11), 0, 0));
    assert_eq!(mesh.all::<JournalRecord>().await.len(), records);

    // One topic is gone, one is new, and the bucket's policy has no bindings any more.
    let mut empty = bucket(true);
    empty.as_object_mut().unwrap().remove("iamPolicy");
    there_are(&mesh, (1..=TOPICS).map(topic).chain([empty]));
    let third = list(&mesh, 12).await;
    assert_eq!((third.assets, third.changed, third.removed), (111, 2, 1));
    assert!(mesh.store.get::<Asset>(&AssetId::of(&name(0))).await.unwrap().is_none());
    assert!(mesh.store.get::<Asset>(&imported.id()).await.unwrap().is_some());
    assert_eq!(state_of(&mesh, "GCS-01").await, Some(FindingState::Resolved));

    // An account that lost sight of the estate removes nothing, until it stays so.
    there_are(&mesh, (1..5).map(topic));
    let blind = list(&mesh, 13).await;
    assert!(blind.kept_back.is_some_and(|reason| reason.contains("has 4 assets")));
    assert!(mesh.store.get::<Asset>(&before.id()).await.unwrap().is_some());
    let again = list(&mesh, 14).await;
    assert_eq!((again.kept_back, again.removed), (None, 107));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_listing_goes_on_where_it_stopped_and_tells_why_it_cannot() {
    let mesh = Mesh::start("listing-on", &["audit-engine"]).await;
    there_are(&mesh, (0..20).map(topic));
    let mut stopped = AssetListing::begin(format!("projects/{}", mesh.project), at(10));
    stopped = stopped.advance(Some(name(14)));
    stopped.assets = 15;
    let id = AssetListingId::new(stopped.began_at.to_string());
    mesh.store.measure(&id, &stopped).await.unwrap();
    let done = list(&mesh, 10).await;
    assert_eq!((done.began_at, done.stage, done.assets), (at(10), ListingStage::Done, 20));
    assert_eq!(mesh.all::<Asset>().await.len(), 5, "the other pages were read before");
    let id = AssetTimesId::new(AssetId::of(&name(19)).as_str());
    assert_eq!(mesh.get::<AssetTimes>(&id).await.listed, Some(at(10)));

    std::fs::write(mesh.inventory(), "{").unwrap();
    let due = event::due(at(11));
    let answer = mesh.deliver("audit-engine", "assets-due", &due).await;
    assert_eq!(answer.status(), 503, "it is tried again");
    assert_eq!(mesh.all::<Asset>().await.len(), 5);
}
