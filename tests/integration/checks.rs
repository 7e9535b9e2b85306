//! Checks: what runs, what follows, and what people do about it.

mod api;
mod many;
mod readings;
mod stories;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    http::{StatusCode, Uri},
    routing::get,
};
use model::{
    CheckId, ServiceId, Timestamp,
    check::{Check, CheckResult, CheckSpec, CheckState},
    incident::{Incident, IncidentState},
    service::Service,
};
use serde_json::json;
use store::Query;
use testkit::{Mesh, event};

/// A service that a test takes down and brings up.
struct Watched {
    well: Arc<AtomicBool>,
    /// How often each path was asked.
    asked: Arc<Mutex<BTreeMap<String, u32>>>,
    url: String,
}

impl Watched {
    async fn start() -> Self {
        let well = Arc::new(AtomicBool::new(true));
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let state = (well.clone(), asked.clone());
        let route = get(move |uri: Uri| async move {
            *state.1.lock().unwrap().entry(uri.path().to_owned()).or_default() += 1;
            if state.0.load(Ordering::Relaxed) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/health", listener.local_addr().unwrap());
        let router = Router::new().route("/{path}", route);
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { well, asked, url }
    }

    fn set(&self, well: bool) {
        self.well.store(well, Ordering::Relaxed);
    }

    fn asked(&self) -> BTreeMap<String, u32> {
        self.asked.lock().unwrap().clone()
    }
}

/// A check of an address, as people write it.
fn http(name: &str, url: &str) -> CheckSpec {
    let spec = json!({"name": name, "probe": {"kind": "http", "url": url}});
    serde_json::from_value(spec).unwrap()
}

async fn put(mesh: &Mesh, id: &str, spec: CheckSpec) -> CheckId {
    let id = CheckId::new(id);
    mesh.put(&id, &Check::new(spec, minute(0))).await;
    id
}

fn minute(minute: u32) -> Timestamp {
    format!("2026-11-23T{:02}:{:02}:00Z", minute / 60, minute % 60).parse().unwrap()
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
