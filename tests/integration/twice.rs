//! Everything comes twice, late, out of order, or is acknowledged in vain: the
//! findings are those that the final estate deserves, and the journal agrees.

use std::collections::{BTreeMap, BTreeSet};

use audit_engine::{
    control::ControlSet,
    estate::{Estate, Subject},
};
use model::{
    AssetId, FindingId,
    asset::Asset,
    audit::Verdict,
    finding::{Finding, FindingState},
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use testkit::{Mesh, Setup};

/// Any of the states that a bucket passes through.
fn bucket(name: &str, uniform: bool, public: bool) -> Asset {
    let members = if public { json!(["allUsers"]) } else { json!(["user:a@meridian.example"]) };
    serde_json::from_value(json!({
        "name": format!("//storage.googleapis.com/{name}"),
        "assetType": "storage.googleapis.com/Bucket",
        "resource": {"version": "v1", "data": {"name": name, "iamConfiguration": {
            "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": {"enabled": uniform},
        }}},
        "iamPolicy": {"bindings": [{"role": "roles/storage.objectViewer", "members": members}]},
    }))
    .unwrap()
}

fn open(findings: &[store::Stored<Finding>]) -> BTreeSet<FindingId> {
    findings
        .iter()
        .filter(|finding| finding.document.state == FindingState::Open)
        .map(|finding| finding.id.clone())
        .collect()
}

fn deserved(estate: &BTreeMap<AssetId, Asset>) -> BTreeSet<FindingId> {
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    estate
        .values()
        .flat_map(|asset| {
            let subject = Subject::try_from(asset).unwrap();
            ControlSet::embedded()
                .of_type(&asset.asset_type)
                .filter(move |control| {
                    let examined = control.examine(&subject.at(now), &Estate::default());
                    examined.verdict == Verdict::Fail
                })
                .map(|control| FindingId::of(&control.id, &asset.name))
        })
        .collect()
}

/// Changes an estate at random under chaos, and compares with what it deserves.
async fn survive(name: &str, chaos: &str, seed: u64) {
    let chaos = chaos.parse().unwrap();
    let functions = vec!["audit-engine".to_owned(), "destine-root".to_owned()];
    let mesh = Mesh::set_up(name, Setup { functions, chaos, ..Setup::default() }).await;
    let mut random = StdRng::seed_from_u64(seed);
    let mut estate: BTreeMap<AssetId, Asset> = BTreeMap::new();
    let names = ["invoices", "photos", "logs", "backups"];
    for _ in 0..30 {
        let name = names.choose(&mut random).unwrap();
        let asset = bucket(name, random.random(), random.random());
        let id = asset.id();
        if random.random_ratio(1, 5) && estate.remove(&id).is_some() {
            mesh.delete::<Asset>(&id).await;
        } else {
            mesh.put(&id, &asset).await;
            estate.insert(id, asset);
        }
    }
    mesh.settle().await;
    let findings = mesh.all::<Finding>().await;
    assert_eq!(open(&findings), deserved(&estate));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn every_event_twice() {
    survive("twice", "duplicate=1", 1).await;
}

#[tokio::test]
async fn out_of_order_and_late() {
    survive("reorder", "reorder=0.5,delay=80ms", 2).await;
}

#[tokio::test]
async fn acknowledged_in_vain() {
    survive("drop-ack", "drop-ack=0.4,duplicate=0.3", 3).await;
}

#[tokio::test]
async fn an_event_whose_effect_is_committed_changes_nothing_again() {
    let mesh = Mesh::start("ledger", &["audit-engine"]).await;
    let asset = bucket("invoices", false, false);
    mesh.put(&asset.id(), &asset).await;
    mesh.settle().await;
    let before = mesh.all::<Finding>().await;
    assert_eq!(before.len(), 1);
    let event = testkit::event::written(&asset.id(), Some(&asset), "the-same");
    for _ in 0..3 {
        assert_eq!(mesh.deliver("audit-engine", "estate-changed", &event).await.status(), 204);
    }
    let history = mesh.history(&format!("findings/{}", before[0].id)).await;
    // One for the real event; the posted one is older and changes `first_seen` once.
    assert!(history.len() <= 2, "{history:#?}");
}
