use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use audit_engine::{
    control::ControlSet,
    estate::{Estate, Subject},
};
use model::{
    AssetId, AuditId,
    asset::Asset,
    audit::{Audit, AuditState, Scope, Verdict},
    finding::{Finding, FindingState},
    topic::AuditRequested,
};
use serde_json::json;
use testkit::{Mesh, event};

use crate::{corpus, root};

pub(crate) const AS_OF: &str = "2026-11-23T00:00:00Z";

/// Reads the table of bad assets in the seed's README: name, controls.
pub(crate) fn expected() -> BTreeSet<(String, String)> {
    let readme = fs::read_to_string(root().join("emulator/seed/README.md")).unwrap();
    let mut expected = BTreeSet::new();
    for line in readme.lines().filter(|line| line.starts_with("| //")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`');
        for control in cells[2].split(',') {
            expected.insert((name.to_owned(), control.trim().trim_matches('`').to_owned()));
        }
    }
    assert!(expected.len() >= 21, "the table was not found");
    expected
}

fn found(findings: &[store::Stored<Finding>]) -> BTreeSet<(String, String)> {
    findings
        .iter()
        .map(|stored| &stored.document)
        .filter(|finding| finding.state == FindingState::Open)
        .map(|finding| (finding.asset_name.clone(), finding.control.clone()))
        .collect()
}

pub(crate) fn sample() -> Vec<Asset> {
    let bytes = fs::read(root().join("emulator/seed/estate.ndjson")).unwrap();
    emulator::estate::parse(&bytes).unwrap().assets
}

#[test]
fn the_sample_estate_is_large_and_varied() {
    let assets = sample();
    let types: BTreeSet<_> = assets.iter().map(|asset| asset.asset_type.as_str()).collect();
    assert!(assets.len() >= 60 && types.len() >= 15, "{} of {}", assets.len(), types.len());
    let covered: BTreeSet<_> = expected().into_iter().map(|(_, control)| control).collect();
    let known: BTreeSet<_> = ControlSet::embedded().iter().map(|c| c.id.clone()).collect();
    assert!(covered.is_subset(&known) && covered.len() >= 30, "{} controls fail", covered.len());
}

#[tokio::test]
async fn the_sample_estate_has_exactly_the_findings_that_its_readme_lists() {
    let mesh = Mesh::start("sample", &["audit-engine"]).await;
    for asset in sample() {
        mesh.put(&asset.id(), &asset).await;
    }
    mesh.settle().await;
    let night = event::due(AS_OF.parse().unwrap());
    assert_eq!(mesh.deliver("audit-engine", "nightly", &night).await.status(), 204);
    let findings = mesh.all::<Finding>().await;
    assert_eq!(found(&findings), expected());

    let audit: Audit = mesh.get(&AuditId::new(format!("nightly-{AS_OF}"))).await;
    assert_eq!(audit.state, AuditState::Completed);
    assert_eq!(audit.assets, sample().len() as u64);
    assert_eq!(audit.verdicts.fail, expected().len() as u64);
    assert_eq!(audit.unreadable, 0);

    // The same night again, and then the next one: nothing opens or resolves.
    assert_eq!(mesh.deliver("audit-engine", "nightly", &night).await.status(), 204);
    let next = "2026-11-24T00:00:00Z";
    let next_night = event::due(next.parse().unwrap());
    assert_eq!(mesh.deliver("audit-engine", "nightly", &next_night).await.status(), 204);
    let audit: Audit = mesh.get(&AuditId::new(format!("nightly-{next}"))).await;
    assert_eq!((audit.opened, audit.resolved), (0, 0));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_mended_asset_resolves_its_findings_and_so_does_one_that_is_gone() {
    let mesh = Mesh::start("mended", &["audit-engine"]).await;
    let bucket = |enabled: bool| -> Asset {
        serde_json::from_value(json!({
            "name": "//storage.googleapis.com/photos",
            "assetType": "storage.googleapis.com/Bucket",
            "resource": {"data": {"name": "photos", "iamConfiguration": {
                "publicAccessPrevention": "enforced",
                "uniformBucketLevelAccess": {"enabled": enabled},
            }}},
        }))
        .unwrap()
    };
    let id = bucket(true).id();
    for (enabled, states) in
        [(false, FindingState::Open), (true, FindingState::Resolved), (false, FindingState::Open)]
    {
        mesh.put(&id, &bucket(enabled)).await;
        mesh.settle().await;
        let findings = mesh.all::<Finding>().await;
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].document.state, states);
    }
    let first_seen = mesh.all::<Finding>().await[0].document.first_seen;
    mesh.delete::<Asset>(&id).await;
    mesh.settle().await;
    let gone = &mesh.all::<Finding>().await[0].document;
    assert_eq!((gone.state, gone.first_seen), (FindingState::Resolved, first_seen));
    let actions: Vec<_> = mesh
        .history(&format!("findings/{}", mesh.all::<Finding>().await[0].id))
        .await
        .into_iter()
        .map(|record| record.action)
        .collect();
    let expected = ["finding.opened", "finding.resolved", "finding.reopened", "finding.resolved"];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn a_nightly_run_resolves_what_no_event_told_it() {
    let mut mesh = Mesh::start("untold", &["audit-engine"]).await;
    let asset = sample().into_iter().find(|asset| asset.asset_type.ends_with("/Bucket")).unwrap();
    let bad: Asset = Asset { resource: Some(Default::default()), ..asset };
    let bad = Asset {
        iam_policy: serde_json::from_value(
            json!({"bindings": [{"role": "roles/storage.admin", "members": ["allUsers"]}]}),
        )
        .unwrap(),
        ..bad
    };
    mesh.put(&bad.id(), &bad).await;
    mesh.settle().await;
    assert_eq!(found(&mesh.all::<Finding>().await).len(), 1);
    // Its deletion is an event that nobody receives any more.
    mesh.function_mut("audit-engine").kill();
    mesh.put_raw("assets/unrelated", json!({"fields": {"name": {"integerValue": "7"}}})).await;
    mesh.delete_raw(&format!("assets/{}", bad.id())).await;
    mesh.function_mut("audit-engine").restart();
    let night = event::due("2027-01-01T03:00:00Z".parse().unwrap());
    assert_eq!(mesh.deliver("audit-engine", "nightly", &night).await.status(), 204);
    assert!(found(&mesh.all::<Finding>().await).is_empty());
    let audit: Audit = mesh.get(&AuditId::new("nightly-2027-01-01T03:00:00Z")).await;
    assert_eq!(audit.unreadable, 1, "the document that is no asset is counted, and stops nothing");
}

#[tokio::test]
async fn a_requested_audit_runs_once_however_often_it_is_requested() {
    let mesh = Mesh::start("requested", &["audit-engine"]).await;
    for asset in sample().into_iter().take(10) {
        mesh.put(&asset.id(), &asset).await;
    }
    mesh.settle().await;
    let request = AuditRequested {
        audit: AuditId::new("a1"),
        requested_by: model::Actor::service("test@demo"),
        reason: "the test wants it".into(),
        scope: Scope::default(),
    };
    for message_id in ["m1", "m1", "m2"] {
        let push = event::pushed(&request, message_id);
        assert_eq!(mesh.deliver("audit-engine", "audit-requested", &push).await.status(), 204);
    }
    let audits = mesh.all::<Audit>().await;
    assert_eq!(audits.len(), 1);
    assert_eq!(audits[0].document.state, AuditState::Completed);
    assert_eq!(mesh.history("audits/a1").await.len(), 2, "started and completed");
}

#[tokio::test]
async fn every_real_export_loads_and_changes_findings_within_a_second() {
    let Some(files) = corpus() else {
        println!("the corpus is not here: set MESH_CORPUS to a folder with assets/*.json");
        return;
    };
    let mesh = Mesh::start("corpus", &["audit-engine"]).await;
    let (mut read, mut refused, mut slowest) = (0, Vec::new(), Duration::ZERO);
    let mut known = BTreeMap::<AssetId, Asset>::new();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let assets = match emulator::estate::parse(&fs::read(file).unwrap()) {
            Ok(estate) => estate.assets,
            Err(error) => {
                assert!(error.to_string().contains("line"), "{name}: {error}");
                refused.push(name);
                continue;
            }
        };
        read += 1;
        let now = AS_OF.parse().unwrap();
        // Every asset of the files before is still there, and others are judged by it.
        known.extend(assets.iter().map(|asset| (asset.id(), asset.clone())));
        let related: Estate =
            known.values().map(|asset| Subject::try_from(asset).unwrap()).collect();
        let names: BTreeSet<_> = assets.iter().map(|asset| asset.name.clone()).collect();
        let before = found(&mesh.all::<Finding>().await);
        let mut deserved = BTreeSet::new();
        for asset in &assets {
            let subject = Subject::try_from(asset).unwrap();
            for control in ControlSet::embedded().of_type(&asset.asset_type) {
                let finding = (asset.name.clone(), control.id.clone());
                let open = match control.examine(&subject.at(now), &related).verdict {
                    Verdict::Fail => true,
                    // What nobody knows any more stays as it was.
                    Verdict::Unknown | Verdict::Manual => before.contains(&finding),
                    Verdict::Pass | Verdict::NotApplicable | Verdict::Exempt => false,
                };
                if open {
                    deserved.insert(finding);
                }
            }
        }
        for asset in &assets {
            mesh.put(&asset.id(), asset).await;
        }
        let written = Instant::now();
        loop {
            let findings = mesh.all::<Finding>().await;
            let ours: BTreeSet<_> =
                found(&findings).into_iter().filter(|(name, _)| names.contains(name)).collect();
            if ours == deserved {
                break;
            }
            assert!(written.elapsed() < Duration::from_secs(20), "{name}: {ours:?} {deserved:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        slowest = slowest.max(written.elapsed());
        mesh.settle().await;
    }
    println!("{read} exports read; from the last write to the findings at most {slowest:?}");
    assert_eq!(read, 69);
    assert_eq!(refused, ["gcp_glb_external_ip.json", "gke_container_optimized_os.json"]);
    mesh.assert_journal_agrees().await;
}
