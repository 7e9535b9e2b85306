//! Checks of what the mesh itself writes down.

use std::time::Duration;

use jiff::SignedDuration;
use model::{
    CheckId, HeartbeatId, LetterId, Timestamp,
    check::{Check, CheckSpec, CheckState, Heartbeat},
    dead_letter::DeadLetter,
};
use serde_json::{Value, json};
use testkit::{Mesh, Setup};

use super::{Watched, http, minute, put, tick};

fn spec(probe: Value) -> CheckSpec {
    let spec = json!({"name": "a reading", "probe": probe, "fire_after": 1, "clear_after": 1});
    serde_json::from_value(spec).unwrap()
}

async fn shown(mesh: &Mesh, id: &CheckId) -> (CheckState, String) {
    let check: Check = mesh.get(id).await;
    (check.state, check.detail)
}

fn letter() -> DeadLetter {
    DeadLetter {
        function: "audit-engine".into(),
        trigger: "nightly".into(),
        event: model::EventId::new("e"),
        code: "INVALID_ARGUMENT".into(),
        reason: "no".into(),
        headers: [].into(),
        body_bytes: 0,
        body_parts: 0,
        buried_at: minute(0),
        replay: None,
    }
}

#[tokio::test]
async fn a_heartbeat_that_does_not_come_is_down() {
    let mesh = Mesh::start("heartbeat", &["destine-root"]).await;
    let probe = json!({"kind": "heartbeat", "period_seconds": 60, "grace_seconds": 60});
    let id = put(&mesh, "backup", spec(probe)).await;
    tick(&mesh, 1).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Unknown, "it has not come yet");
    tick(&mesh, 3).await;
    assert_eq!(shown(&mesh, &id).await, (CheckState::Down, "never heard, in 180 s".into()));
    let beat = |at: Timestamp| Heartbeat {
        at,
        by: mesh.cause().actor,
        expires_at: at.plus(SignedDuration::from_hours(1)),
    };
    let name = HeartbeatId::new("backup");
    mesh.store.measure(&name, &beat(minute(4))).await.unwrap();
    tick(&mesh, 4).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Up);
    tick(&mesh, 6).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Up, "period and grace are not over");
    tick(&mesh, 7).await;
    assert_eq!(shown(&mesh, &id).await, (CheckState::Down, "not heard for 180 s".into()));
}

#[tokio::test]
async fn dead_letters_that_wait_are_counted() {
    let mesh = Mesh::start("depth", &["destine-root"]).await;
    let all = put(&mesh, "all", spec(json!({"kind": "dead_letters", "depth_max": 1}))).await;
    let probe = json!({"kind": "dead_letters", "depth_max": 0, "function": "trading-agent"});
    let other = put(&mesh, "other", spec(probe)).await;
    let by = mesh.cause().actor;
    let done = letter().ask_replay(by, minute(0)).unwrap().replayed(Ok(()), minute(0)).unwrap();
    mesh.put(&LetterId::new("done"), &done).await;
    mesh.put(&LetterId::new("one"), &letter()).await;
    tick(&mesh, 0).await;
    assert_eq!(shown(&mesh, &all).await, (CheckState::Up, "1 dead letters wait".into()));
    mesh.put(&LetterId::new("two"), &letter()).await;
    tick(&mesh, 1).await;
    assert_eq!(shown(&mesh, &all).await.0, CheckState::Down);
    assert_eq!(shown(&mesh, &other).await.0, CheckState::Up, "none is of that function");
}

#[tokio::test]
async fn messages_that_wait_are_counted() {
    let functions = vec!["destine-root".to_owned()];
    let mesh = Mesh::set_up("backlog", Setup { functions, ..crate::probe() }).await;
    let probe = json!({"kind": "pubsub", "subscription": "probe.patient",
        "age_max_seconds": 600, "backlog_max": 0});
    let id = put(&mesh, "backlog", spec(probe)).await;
    let other = json!({"kind": "pubsub", "subscription": "probe.other", "age_max_seconds": 600});
    let other = put(&mesh, "other", spec(other)).await;
    tick(&mesh, 0).await;
    let none = (CheckState::Up, "0 messages wait, the oldest for 0 s".into());
    assert_eq!(shown(&mesh, &id).await, none);
    assert_eq!(shown(&mesh, &other).await.0, CheckState::Unknown, "there is no such one");
    // It takes longer than it may, and so is tried again and again.
    mesh.publish("probe-patient", &json!({"name": "s", "pause_ms": 60_000})).await;
    let waits = || mesh.bridge.status().lanes.iter().any(|lane| lane.pending > 0);
    for _ in 0..100 {
        if waits() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tick(&mesh, 1).await;
    let (state, detail) = shown(&mesh, &id).await;
    assert_eq!(state, CheckState::Down, "{detail}");
    assert!(detail.starts_with("1 messages wait"), "{detail}");
}

#[tokio::test]
async fn a_canary_comes_back_through_its_trigger() {
    let mesh = Mesh::start("canary", &["destine-root"]).await;
    let probe = json!({"kind": "firestore_lag", "lag_max_ms": 8000});
    let id = put(&mesh, "lag", spec(probe)).await;
    tick(&mesh, 0).await;
    let (state, detail) = shown(&mesh, &id).await;
    assert_eq!(state, CheckState::Up, "{detail}");
    assert!(detail.starts_with("came back after"), "{detail}");
}

#[tokio::test]
async fn what_is_not_renewed_is_stale() {
    let mesh = Mesh::start("stale", &["destine-root"]).await;
    let probe = json!({"kind": "staleness", "document": "log_checkpoints/latest",
        "field": "signed_at", "age_max_seconds": 90});
    let id = put(&mesh, "log", spec(probe)).await;
    let signed = |at: &str| json!({"fields": {"signed_at": {"timestampValue": at}}});
    mesh.put_raw("log_checkpoints/latest", signed("2026-11-23T00:00:00Z")).await;
    tick(&mesh, 1).await;
    assert_eq!(shown(&mesh, &id).await, (CheckState::Up, "60 s old".into()));
    tick(&mesh, 2).await;
    assert_eq!(shown(&mesh, &id).await, (CheckState::Down, "120 s old".into()));
    mesh.delete_raw("log_checkpoints/latest").await;
    tick(&mesh, 3).await;
    tick(&mesh, 4).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Down);
}

#[tokio::test]
async fn an_objective_is_judged_by_the_runs_of_another_check() {
    let mesh = Mesh::start("objective", &["destine-root"]).await;
    let watched = Watched::start().await;
    put(&mesh, "shop", http("Shop", &watched.url)).await;
    let probe = json!({"kind": "slo", "of": "shop", "target_ppm": 990_000});
    let id = put(&mesh, "slo", spec(probe)).await;
    for at in 0..3 {
        tick(&mesh, at).await;
    }
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Up);
    watched.set(false);
    for at in 3..6 {
        tick(&mesh, at).await;
    }
    let (state, detail) = shown(&mesh, &id).await;
    assert_eq!(state, CheckState::Down, "{detail}");
    assert!(detail.contains("14.4 times too fast"), "{detail}");
}

#[tokio::test]
async fn a_schedule_that_does_its_work_no_longer_is_seen() {
    let mesh = Mesh::start("schedule", &["audit-engine", "destine-root"]).await;
    let probe = json!({"kind": "schedule", "schedule": "audit-engine.nightly",
        "age_max_seconds": 60});
    let id = put(&mesh, "nightly", spec(probe)).await;
    tick(&mesh, 1).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Unknown, "it was not due yet");
    tick(&mesh, 2).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Down);
    let due = testkit::event::due(minute(3));
    assert_eq!(mesh.deliver("audit-engine", "nightly", &due).await.status(), 204);
    tick(&mesh, 4).await;
    assert_eq!(
        shown(&mesh, &id).await,
        (CheckState::Up, "did its work of 2026-11-23T00:03:00Z".into())
    );
    tick(&mesh, 5).await;
    assert_eq!(shown(&mesh, &id).await.0, CheckState::Down);
}
