//! Controls that people bring: a folder of files, without a build.

use std::fs;

use model::{
    AuditControlId, AuditId,
    audit::{Audit, AuditControl},
    finding::{Finding, FindingState},
};
use serde_json::json;
use testkit::{Mesh, Setup, event};

use crate::estate::AS_OF;

const OWN: &str = "
id: OWN-01
title: A bucket has a team
severity: low
asset_types: [storage.googleapis.com/Bucket]
rationale: Somebody has to be asked.
condition: 'has(labels.team)'
found: '\"nobody is named\"'
remediation: { text: Name the team. }
";

#[tokio::test]
async fn a_control_of_a_folder_is_asked_and_a_broken_one_is_named() {
    let folder = std::env::temp_dir().join(format!("mesh-own-controls-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("OWN-01.yaml"), OWN).unwrap();
    let broken = OWN.replace("OWN-01", "OWN-02").replace("severity: low", "severity: huge");
    fs::write(folder.join("OWN-02.yaml"), broken).unwrap();
    let wrong = OWN.replace("OWN-01", "OWN-03").replace("has(labels.team)", "has(labels.team");
    fs::write(folder.join("OWN-03.yaml"), wrong).unwrap();
    let path = folder.to_string_lossy().into_owned();
    let setup = Setup {
        functions: vec!["audit-engine".to_owned()],
        environment: [("AUDIT_CONTROLS".to_owned(), path)].into(),
        ..Setup::default()
    };
    let mesh = Mesh::set_up("own-controls", setup).await;
    let bucket: model::asset::Asset = serde_json::from_value(json!({
        "name": "//storage.googleapis.com/photos", "assetType": "storage.googleapis.com/Bucket",
        "resource": {"data": {"name": "photos"}},
    }))
    .unwrap();
    mesh.put(&bucket.id(), &bucket).await;
    mesh.settle().await;
    let night = event::due(AS_OF.parse().unwrap());
    assert_eq!(mesh.deliver("audit-engine", "nightly", &night).await.status(), 204);

    let findings = mesh.all::<Finding>().await;
    let own: Vec<_> =
        findings.iter().filter(|stored| stored.document.control == "OWN-01").collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].document.state, FindingState::Open);
    assert_eq!(own[0].document.evidence, "nobody is named");
    let published: AuditControl = mesh.get(&AuditControlId::new("OWN-01")).await;
    assert_eq!(published.condition.as_deref(), Some("has(labels.team)"));

    let audit: Audit = mesh.get(&AuditId::new(format!("nightly-{AS_OF}"))).await;
    assert_eq!(audit.refused.len(), 2, "{:?}", audit.refused);
    let [unfit, unread] = [&audit.refused[0], &audit.refused[1]];
    assert!(unfit.contains("OWN-02.yaml") && unfit.contains("line 4"), "{unfit}");
    assert!(unread.contains("OWN-03.yaml") && unread.contains("condition"), "{unread}");
    assert!(audit.controls.contains_key("GCS-02"), "the others are asked");
    fs::remove_dir_all(&folder).unwrap();
}
