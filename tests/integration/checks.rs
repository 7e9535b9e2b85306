use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, http::StatusCode, routing::get};
use model::{
    ServiceId, Timestamp,
    check::{Check, CheckResult, CheckState},
    incident::{Incident, IncidentState},
    service::Service,
};
use store::Query;
use testkit::{Mesh, event};

/// A service that a test takes down and brings up.
struct Watched {
    well: Arc<AtomicBool>,
    url: String,
}

impl Watched {
    async fn start() -> Self {
        let well = Arc::new(AtomicBool::new(true));
        let state = well.clone();
        let route = get(move || async move {
            if state.load(Ordering::Relaxed) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/health", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, Router::new().route("/health", route)).await });
        Self { well, url }
    }
}

fn minute(minute: u32) -> Timestamp {
    format!("2026-11-23T00:{minute:02}:00Z").parse().unwrap()
}

async fn tick(mesh: &Mesh, at: u32) {
    let answer = mesh.deliver("destine-root", "check-due", &event::due(minute(at))).await;
    assert_eq!(answer.status(), 204);
}

#[tokio::test]
async fn two_failures_open_one_incident_and_two_successes_resolve_it() {
    let mesh = Mesh::start("checks", &["destine-root"]).await;
    let watched = Watched::start().await;
    let id = ServiceId::new("shop");
    mesh.put(&id, &Service { name: "Shop".into(), url: watched.url.clone() }).await;

    tick(&mesh, 0).await;
    assert!(mesh.all::<Incident>().await.is_empty());
    watched.well.store(false, Ordering::Relaxed);
    tick(&mesh, 1).await;
    assert!(mesh.all::<Incident>().await.is_empty(), "one failure is none");
    tick(&mesh, 2).await;
    // Every tick comes twice, and one of them late.
    for again in [2, 1, 2] {
        tick(&mesh, again).await;
    }
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].document.state, IncidentState::Open);
    assert_eq!(incidents[0].document.opened_at, minute(2));
    assert_eq!(incidents[0].document.detail, "answered 502 Bad Gateway");

    watched.well.store(true, Ordering::Relaxed);
    tick(&mesh, 3).await;
    assert_eq!(mesh.all::<Incident>().await[0].document.state, IncidentState::Open);
    tick(&mesh, 4).await;
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].document.state, IncidentState::Resolved);
    assert_eq!(incidents[0].document.resolved_at, Some(minute(4)));

    let check = &mesh.all::<Check>().await[0];
    assert_eq!((check.document.state, &check.document.incident), (CheckState::Up, &None));
    let results = mesh.store.list(&Query::<CheckResult>::below(&check.id)).await.unwrap();
    assert_eq!(results.items.len(), 5, "one result for each minute");
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_tick_of_the_scheduler_reaches_the_function_through_the_bridge() {
    let mesh = Mesh::start("scheduler", &["destine-root"]).await;
    let nobody = format!("http://127.0.0.1:{}/", testkit::free_port());
    mesh.put(&ServiceId::new("gone"), &Service { name: "Gone".into(), url: nobody }).await;
    for at in [1, 2] {
        mesh.bridge.tick("check-due", Some(*minute(at))).unwrap();
        mesh.settle().await;
    }
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].document.detail, "no connection");
}

#[tokio::test]
async fn a_service_document_that_does_not_parse_stops_no_other_check() {
    let mesh = Mesh::start("odd-service", &["destine-root"]).await;
    let watched = Watched::start().await;
    mesh.put(&ServiceId::new("shop"), &Service { name: "Shop".into(), url: watched.url }).await;
    mesh.put_raw("services/odd", serde_json::json!({"fields": {"name": {"integerValue": "7"}}}))
        .await;
    tick(&mesh, 0).await;
    assert_eq!(mesh.all::<Check>().await.len(), 1);
}
