//! Runs of the audit, exceptions from its controls, and what mends a finding.

use std::{collections::BTreeSet, time::Duration};

use audit_engine::{
    assess::{Assessor, Keep},
    control::ControlSet,
    estate::{Estate, Subject},
};
use model::{
    AuditId, Role,
    asset::Asset,
    audit::{Audit, AuditState},
    finding::{Finding, FindingState},
};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::event;

use super::{Desk, etag, json};
use crate::{
    cloud_changes::{bucket_changed, told_of},
    estate::{AS_OF, sample},
};

const BUCKET: &str = "//storage.googleapis.com/photos";

fn bucket() -> Asset {
    let data = json!({"name": "photos", "labels": {"owner": "olivia"}, "iamConfiguration": {
        "publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": false},
    }});
    let asset = json!({"name": BUCKET, "assetType": "storage.googleapis.com/Bucket",
        "resource": {"location": "EU", "data": data}});
    serde_json::from_value(asset).unwrap()
}

async fn night(desk: &Desk, instant: &str) -> Audit {
    desk.mesh.settle().await;
    let due = event::due(instant.parse().unwrap());
    let answer = desk.mesh.deliver("audit-engine", "nightly", &due).await;
    assert_eq!(answer.status(), 204);
    desk.mesh.get(&AuditId::new(format!("nightly-{instant}"))).await
}

/// Returns the finding of the control that the bucket does not hold.
async fn finding(desk: &Desk) -> store::Stored<Finding> {
    let mut findings = desk.mesh.all::<Finding>().await;
    findings.retain(|stored| stored.document.control == "GCS-02");
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

async fn becomes(desk: &Desk, state: FindingState) {
    for _ in 0..100 {
        if finding(desk).await.document.state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never was {state:?}: {:?}", finding(desk).await.document);
}

#[tokio::test]
async fn an_exception_covers_a_finding_from_approval_to_its_end() {
    let desk = Desk::open("exceptions", &["audit-engine"]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let audrey = desk.person("audrey", Role::Auditor).await;
    let vera = desk.person("vera", Role::Viewer).await;
    desk.mesh.put(&bucket().id(), &bucket()).await;
    night(&desk, AS_OF).await;
    becomes(&desk, FindingState::Open).await;
    assert_eq!(finding(&desk).await.document.owner.as_deref(), Some("olivia"));

    // What is too wide, too long or of no control is refused, each field by its name.
    let now = jiff::Timestamp::now();
    let day = |days: i64| (now + jiff::SignedDuration::from_hours(24 * days)).to_string();
    let wish = |control: &str, assets: &str, until: String| json!({"control": control, "assets": assets, "reason": "it moves", "until": until});
    let bad = desk.post("/exceptions", &oscar, &wish("GCS-99", "//storage*", day(400))).await;
    assert_eq!(bad.status(), 422);
    let fields: BTreeSet<_> = json(bad).await["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fields, ["assets", "control", "until"].map(str::to_owned).into());
    let good = wish("GCS-02", "//storage.googleapis.com/ph*", day(3));
    assert_eq!(desk.post("/exceptions", &vera, &good).await.status(), 403);
    let asked = json(desk.post("/exceptions", &audrey, &good).await).await;
    let own = format!("/exceptions/{}", asked["exception"].as_str().unwrap());
    let asked = json(desk.post("/exceptions", &oscar, &good).await).await;
    let id = asked["exception"].as_str().unwrap().to_owned();
    let path = format!("/exceptions/{id}");
    let version = etag(&desk.get(&path, &audrey).await);
    let approve = |path: &str, person: &str, version: &str| {
        let request = desk.request(Method::POST, &format!("{path}/approve"), person);
        request.header("if-match", version).json(&json!({"reason": "I have seen it"})).send()
    };
    assert_eq!(approve(&path, &oscar, &version).await.unwrap().status(), 403, "no auditor");
    let mine = etag(&desk.get(&own, &audrey).await);
    assert_eq!(approve(&own, &audrey, &mine).await.unwrap().status(), 403, "nobody's own");
    assert_eq!(approve(&path, &audrey, "\"1\"").await.unwrap().status(), 412);
    assert_eq!(finding(&desk).await.document.state, FindingState::Open);
    assert_eq!(approve(&path, &audrey, &version).await.unwrap().status(), 200);
    becomes(&desk, FindingState::Exempt).await;
    let covered = finding(&desk).await.document;
    assert_eq!(covered.exception.as_ref().map(model::ExceptionId::as_str), Some(id.as_str()));
    assert!(covered.evidence.contains(&id), "{}", covered.evidence);
    // A run says the same, and so does a change of the asset.
    desk.mesh.put(&bucket().id(), &bucket()).await;
    let audit = night(&desk, "2026-11-24T00:00:00Z").await;
    assert_eq!((audit.verdicts.exempt, audit.opened, audit.resolved), (1, 0, 0));
    assert_eq!(finding(&desk).await.document.state, FindingState::Exempt);
    let expiring = json(desk.get("/exceptions/expiring", &vera).await).await;
    assert_eq!(expiring["items"].as_array().unwrap().len(), 1);
    assert_eq!(expiring["items"][0]["id"], id);

    // It ends by itself, or because somebody ends it.
    let over = event::due(day(4).parse().unwrap());
    let ended = desk.mesh.deliver("audit-engine", "exceptions-due", &over).await;
    assert_eq!(ended.status(), 204);
    let ended = json(desk.get(&path, &vera).await).await;
    assert_eq!(ended["state"], "expired");
    becomes(&desk, FindingState::Open).await;
    let history = desk.mesh.history(&format!("findings/{}", finding(&desk).await.id)).await;
    let actions: Vec<_> = history.iter().map(|record| record.action.as_str()).collect();
    assert!(actions.contains(&"finding.exempted") && actions.contains(&"finding.reopened"));
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_run_says_what_its_verdicts_depend_on_and_anybody_finds_the_same_offline() {
    let desk = Desk::open("manifest", &["audit-engine"]).await;
    let vera = desk.person("vera", Role::Viewer).await;
    let audrey = desk.person("audrey", Role::Auditor).await;
    for asset in sample() {
        desk.mesh.put(&asset.id(), &asset).await;
    }
    let audit = night(&desk, AS_OF).await;
    let manifest = audit.manifest.clone().unwrap();
    assert!(audit.score.is_some_and(|score| (1..10_000).contains(&score)), "{:?}", audit.score);

    // Offline, in any order of assets, the same verdicts to the byte.
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..5 {
        let mut subjects: Vec<_> =
            sample().iter().map(|asset| Subject::try_from(asset).unwrap()).collect();
        subjects.shuffle(&mut random);
        let estate: Estate = subjects.iter().cloned().collect();
        let set = ControlSet::embedded();
        let mut assessor = Assessor::new(set, AS_OF.parse().unwrap(), Keep::Notable);
        for subject in &subjects {
            assessor.examine(subject, &estate);
        }
        assert_eq!(assessor.finish().manifest, manifest);
    }

    // The rows that somebody has to look at are those of the counts.
    let path = format!("/audits/nightly-{AS_OF}");
    let rows = json(desk.get(&format!("{path}/verdicts"), &vera).await).await;
    let rows = rows["rows"].as_array().unwrap().clone();
    let of = |verdict: &str| rows.iter().filter(|row| row["verdict"] == verdict).count() as u64;
    assert_eq!((of("fail"), of("unknown")), (audit.verdicts.fail, audit.verdicts.unknown));
    assert_eq!(desk.get(&format!("{path}/diff"), &vera).await.status(), 400, "there is none");
    assert_eq!(desk.get(&format!("{path}/verdicts?part=7"), &vera).await.status(), 404);

    // The same as files.
    for (format, kind) in [
        ("text", "text/plain; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("sarif", "application/sarif+json"),
        ("ocsf", "application/x-ndjson"),
        ("oscal", "application/json"),
    ] {
        let report = desk.get(&format!("{path}/report?format={format}"), &vera).await;
        assert_eq!(report.status(), 200, "{format}");
        assert_eq!(report.headers()["content-type"], kind);
        let name = report.headers()["content-disposition"].to_str().unwrap();
        assert!(name.starts_with("attachment; filename=\"audit."), "{name}");
        assert!(report.text().await.unwrap().contains("GCS-0"), "{format}");
    }
    assert_eq!(desk.get(&format!("{path}/report?format=pdf"), &vera).await.status(), 400);
    assert_eq!(desk.get("/audits/none/report?format=csv", &vera).await.status(), 404);

    // What is mended and what is new stands in the difference to the run before.
    let controls = json(desk.get("/audit-controls?page_size=300", &vera).await).await;
    assert_eq!(controls["items"].as_array().unwrap().len(), ControlSet::embedded().iter().count());
    desk.mesh.put(&bucket().id(), &bucket()).await;
    let gone = rows.iter().find(|row| row["verdict"] == "fail").unwrap()["asset"].clone();
    let gone = sample().into_iter().find(|asset| gone == asset.name.as_str()).unwrap();
    desk.mesh.delete::<Asset>(&gone.id()).await;
    let next = "2026-11-24T00:00:00Z";
    let after = night(&desk, next).await;
    assert_eq!(after.previous, Some(AuditId::new(format!("nightly-{AS_OF}"))));
    let difference = json(desk.get(&format!("/audits/nightly-{next}/diff"), &vera).await).await;
    let names = |kind: &str, field: &str| -> BTreeSet<String> {
        let rows = difference[kind]["rows"].as_array().unwrap().iter();
        rows.map(|row| row[field].as_str().unwrap().to_owned()).collect()
    };
    assert!(names("failing", "asset").contains(BUCKET));
    assert!(names("mended", "asset").contains(&gone.name), "{difference}");
    assert_eq!(difference["estate_changed"], true);
    assert_eq!(difference["controls_changed"], false);

    // A run over a part says nothing about the rest.
    let open = desk.mesh.all::<Finding>().await.len();
    let part = json!({"reason": "only buckets", "scope": {"controls": ["GCS-02"]}});
    let answer = desk.post("/audits", &audrey, &part).await;
    assert_eq!(answer.status(), 202);
    let id = AuditId::new(json(answer).await["audit"].as_str().unwrap());
    desk.mesh.settle().await;
    let scoped: Audit = desk.mesh.get(&id).await;
    assert_eq!(scoped.state, AuditState::Completed);
    assert_eq!(scoped.controls.keys().collect::<Vec<_>>(), ["GCS-02"]);
    assert_eq!((scoped.opened, scoped.resolved, scoped.previous), (0, 0, None));
    assert_eq!(desk.mesh.all::<Finding>().await.len(), open);
}

#[tokio::test]
async fn a_remediation_is_permitted_when_somebody_else_approved_exactly_it() {
    let desk = Desk::open("remediation", &["audit-engine", "destine-root"]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let opal = desk.person("opal", Role::Operator).await;
    let vera = desk.person("vera", Role::Viewer).await;
    desk.mesh.put(&bucket().id(), &bucket()).await;
    night(&desk, AS_OF).await;
    becomes(&desk, FindingState::Open).await;
    let path = format!("/findings/{}/remediation", finding(&desk).await.id);
    let plan = json(desk.get(&path, &vera).await).await;
    let command = plan["command"].as_str().unwrap();
    assert!(command.starts_with("gcloud storage buckets update gs://photos"), "{command}");
    assert_eq!(plan["permitted_until"], Value::Null);

    let because = json!({"reason": "nobody needs single rights"});
    assert_eq!(desk.post(&path, &vera, &because).await.status(), 403);
    let asked = desk.post(&path, &oscar, &because).await;
    assert_eq!(asked.status(), 201);
    let asked = json(asked).await;
    let override_path = format!("/overrides/{}", asked["override"].as_str().unwrap());
    let seen = desk.get(&override_path, &opal).await;
    let version = etag(&seen);
    assert_eq!(json(seen).await["change"]["effect"]["value"], command);
    let consent = json!({"hash": asked["hash"], "reason": "so do I"});
    let approval = desk.request(Method::POST, &format!("{override_path}/approve"), &opal);
    let approval = approval.header("if-match", version).json(&consent).send().await.unwrap();
    assert_eq!(approval.status(), 200);
    desk.mesh.settle().await;
    let plan = json(desk.get(&path, &vera).await).await;
    assert!(plan["permitted_until"].is_string(), "{plan}");

    // What Google tells of this asset just then was permitted; of another one it was not.
    for bucket in ["photos", "other"] {
        let change = bucket_changed(bucket, &jiff::Timestamp::now().to_string());
        desk.mesh.publish("audit-logs", &change).await;
    }
    desk.mesh.settle().await;
    let assets = desk.mesh.all::<Asset>().await.into_iter().map(|stored| stored.document.name);
    let told: Vec<_> = assets.filter(|name| name.contains("cloudaudit")).collect();
    assert_eq!(told, [told_of("other")]);

    // Once it is mended there is nothing to ask for, and the time that took is known.
    let mut mended = bucket();
    let data = &mut mended.resource.as_mut().unwrap().data;
    data["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] = json!(true);
    desk.mesh.put(&mended.id(), &mended).await;
    becomes(&desk, FindingState::Resolved).await;
    assert_eq!(desk.post(&path, &oscar, &because).await.status(), 400);
    let statistics = json(desk.get("/finding-statistics", &vera).await).await;
    assert!(statistics["all"]["resolved"].as_u64() >= Some(1), "{statistics}");
    let mine = desk.get(&format!("/findings?asset={BUCKET}&state=resolved"), &vera).await;
    assert!(!json(mine).await["items"].as_array().unwrap().is_empty());
}
