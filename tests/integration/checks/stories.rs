//! What becomes of incidents when checks come and go.

use jiff::SignedDuration;
use model::{
    CheckId,
    check::{Check, CheckResult, CheckState, MaintenanceWindow},
    dead_letter::DeadLetter,
    incident::{EntryKind, Incident, IncidentState, Priority},
};
use serde_json::json;
use store::Query;
use testkit::{Mesh, free_port};

use super::{Watched, http, minute, put, tick};

#[tokio::test]
async fn below_what_is_down_nothing_is_opened_and_the_cause_is_named() {
    let mesh = Mesh::start("parents", &["destine-root"]).await;
    let (database, shop) = (Watched::start().await, Watched::start().await);
    let parent = put(&mesh, "database", http("Database", &database.url)).await;
    let mut below = http("Shop", &shop.url);
    below.parent = Some(parent.clone());
    let child = put(&mesh, "shop", below).await;
    tick(&mesh, 0).await;
    database.set(false);
    shop.set(false);
    for at in 1..=3 {
        tick(&mesh, at).await;
    }
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].document.check, Some(parent.clone()));
    let shown: Check = mesh.get(&child).await;
    assert_eq!((shown.state, shown.root_cause), (CheckState::Down, Some(parent)));
    // The parent recovers and the child does not: now it is the child's own.
    database.set(true);
    for at in 4..=6 {
        tick(&mesh, at).await;
    }
    let shown: Check = mesh.get(&child).await;
    assert_eq!(shown.root_cause, None);
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 2);
    let own = incidents.iter().find(|incident| incident.document.check == Some(child.clone()));
    assert_eq!(own.unwrap().document.state, IncidentState::Open);
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn maintenance_opens_no_incident_and_measures_all_the_same() {
    let mesh = Mesh::start("maintenance", &["destine-root"]).await;
    let watched = Watched::start().await;
    let mut spec = http("Shop", &watched.url);
    let (from, until) = (minute(1), minute(4));
    spec.maintenance.push(MaintenanceWindow { from, until, reason: "a new disk".into() });
    let id = put(&mesh, "shop", spec).await;
    tick(&mesh, 0).await;
    watched.set(false);
    for at in 1..=3 {
        tick(&mesh, at).await;
    }
    assert!(mesh.all::<Incident>().await.is_empty());
    let shown: Check = mesh.get(&id).await;
    assert_eq!(shown.state, CheckState::Maintenance);
    let results = mesh.store.list(&Query::<CheckResult>::below(&id)).await.unwrap().items;
    assert!(results.iter().any(|result| !result.document.passed), "it was measured");
    tick(&mesh, 4).await;
    assert_eq!(mesh.all::<Incident>().await.len(), 1, "it is over, and the service is down");
    assert_eq!(mesh.get::<Check>(&id).await.state, CheckState::Down);
}

#[tokio::test]
async fn an_incident_that_nobody_sees_escalates_and_one_that_comes_back_is_reopened() {
    let mesh = Mesh::start("reopened", &["destine-root"]).await;
    let watched = Watched::start().await;
    let mut spec = http("Shop", &watched.url);
    spec.severity = Priority::P1;
    spec.fire_after = 1;
    spec.clear_after = 1;
    put(&mesh, "shop", spec).await;
    tick(&mesh, 0).await;
    watched.set(false);
    for at in [1, 2, 3, 4, 5, 6] {
        tick(&mesh, at).await;
    }
    let incident = &mesh.all::<Incident>().await[0].document;
    assert_eq!((incident.priority, incident.escalations), (Priority::P1, 1));
    watched.set(true);
    tick(&mesh, 7).await;
    assert_eq!(mesh.all::<Incident>().await[0].document.state, IncidentState::Resolved);
    watched.set(false);
    tick(&mesh, 8).await;
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1, "it is the same one");
    let incident = &incidents[0].document;
    assert_eq!((incident.state, incident.reopened), (IncidentState::Reopened, 1));
    let kinds: Vec<_> = incident.timeline.iter().map(|entry| entry.kind).collect();
    use EntryKind::{Escalated, Opened, Reopened, Resolved};
    assert_eq!(kinds, [Opened, Escalated, Resolved, Reopened]);
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn silence_is_unknown_and_an_open_incident_stays_open() {
    let mesh = Mesh::start("silence", &["destine-root"]).await;
    let watched = Watched::start().await;
    let id = put(&mesh, "shop", http("Shop", &watched.url)).await;
    watched.set(false);
    tick(&mesh, 0).await;
    tick(&mesh, 1).await;
    assert_eq!(mesh.get::<Check>(&id).await.state, CheckState::Down);
    watched.set(true);
    // Nobody looked for an hour; one success is not enough to say that it is over.
    tick(&mesh, 61).await;
    let shown: Check = mesh.get(&id).await;
    assert_eq!(shown.state, CheckState::Unknown);
    assert!(shown.incident.is_some());
    tick(&mesh, 62).await;
    assert_eq!(mesh.get::<Check>(&id).await.state, CheckState::Up);
    assert_eq!(mesh.all::<Incident>().await[0].document.state, IncidentState::Resolved);
}

#[tokio::test]
async fn a_check_that_was_written_around_the_api_is_shown_and_stops_no_other() {
    let mesh = Mesh::start("around", &["destine-root"]).await;
    let watched = Watched::start().await;
    put(&mesh, "shop", http("Shop", &watched.url)).await;
    let mut eager = http("Eager", &watched.url);
    (eager.interval_seconds, eager.fire_after) = (1, 0);
    put(&mesh, "eager", eager).await;
    let odd =
        json!({"fields": {"spec": {"stringValue": "rm -rf"}, "since": {"integerValue": "7"}}});
    mesh.put_raw("checks/odd", odd).await;
    mesh.settle().await;
    let letters = mesh.all::<DeadLetter>().await;
    let reasons: Vec<_> = letters.iter().map(|letter| letter.document.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    let names = |words: &[&str]| {
        reasons.iter().any(|reason| words.iter().all(|word| reason.contains(word)))
    };
    assert!(names(&["`eager`", "interval_seconds", "fire_after"]), "{reasons:?}");
    assert!(names(&["`checks/odd`"]), "{reasons:?}");
    let answer = mesh.deliver("destine-root", "check-due", &testkit::event::due(minute(0))).await;
    assert_eq!(answer.status(), 204);
    let shown = mesh.get::<Check>(&CheckId::new("shop")).await;
    assert_eq!(shown.state, CheckState::Up);
    assert_eq!(watched.asked()["/health"], 1, "the other one did not run");
}

#[tokio::test]
async fn a_check_does_not_become_a_way_to_reach_inside() {
    let mesh = Mesh::start("inside", &["destine-root"]).await;
    let metadata = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/";
    put(&mesh, "metadata", http("Metadata", metadata)).await;
    put(&mesh, "by-name", http("By name", "http://metadata.google.internal/")).await;
    put(&mesh, "private", http("Private", &format!("http://10.0.0.1:{}/", free_port()))).await;
    tick(&mesh, 0).await;
    tick(&mesh, 1).await;
    let checks = mesh.all::<Check>().await;
    assert_eq!(checks.len(), 3);
    for check in checks {
        let Check { state, detail, since, .. } = check.document;
        assert_eq!(state, CheckState::Down);
        assert!(detail.contains("checks may not go to"), "{detail}");
        assert!(since.duration_since(*minute(1)) < SignedDuration::from_secs(1));
    }
}
