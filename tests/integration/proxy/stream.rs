//! The stream of changes.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use model::{
    ControlName, GrantId, Role, Uid,
    access::{
        User, UserState,
        grant::{Grant, GrantState},
    },
    control::{Control, ControlState},
};
use reqwest::{Method, Response};
use serde_json::json;
use uuid::{NoContext, Uuid};

use super::Desk;

/// Reads a stream until a text comes or it ends; returns what was read and whether it ended.
async fn until(stream: &mut Response, text: &str, most: Duration) -> (String, bool) {
    let (started, mut read) = (Instant::now(), String::new());
    while !read.contains(text) {
        let left = most.saturating_sub(started.elapsed());
        match tokio::time::timeout(left, stream.chunk()).await {
            Ok(Ok(Some(chunk))) => read.push_str(&String::from_utf8_lossy(&chunk)),
            Ok(_) => return (read, true),
            Err(_) => return (read, false),
        }
    }
    (read, false)
}

fn control(epoch: u64, desk: &Desk) -> Control {
    Control {
        state: ControlState::Halted,
        epoch,
        since: desk.mesh.cause().time,
        reason: "a secret reason".into(),
        restrictions: Vec::new(),
    }
}

#[tokio::test]
async fn a_stream_tells_what_its_reader_may_read_and_ends_with_their_rights() {
    let desk = Desk::open("stream", &[]).await;
    let vera = desk.person("vera", Role::Viewer).await;
    let adam = desk.person("adam", Role::Admin).await;
    let mut hers = desk.get("/events", &vera).await;
    let mut his = desk.get("/events", &adam).await;
    assert_eq!(hers.headers()["content-type"], "text/event-stream");

    desk.mesh.put(&Uid::new("norma"), &desk.mesh.get::<User>(&Uid::new("vera")).await).await;
    desk.mesh.put(&ControlName::new("trading"), &control(1, &desk)).await;
    let soon = Duration::from_secs(15);
    let (read, _) = until(&mut hers, "controls/trading", soon).await;
    assert!(read.contains("controls/trading"), "{read}");
    assert!(!read.contains("users/norma") && !read.contains("the test wants it"), "{read}");
    let (read, _) = until(&mut his, "controls/trading", soon).await;
    assert!(read.contains("users/norma") && read.contains("the test wants it"), "{read}");

    // Who comes back gets what they missed.
    let last = read.lines().rev().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    desk.mesh.put(&ControlName::new("sales"), &control(1, &desk)).await;
    let request = desk.request(Method::GET, "/events", &adam).header("last-event-id", last);
    let mut back = request.send().await.unwrap();
    let (read, _) = until(&mut back, "controls/sales", soon).await;
    assert!(read.contains("controls/sales") && !read.contains("controls/trading"), "{read}");
    let wrong = desk.request(Method::GET, "/events", &adam).header("last-event-id", "x");
    assert_eq!(wrong.send().await.unwrap().status(), 400);

    let shut: User = desk.mesh.get(&Uid::new("vera")).await;
    desk.mesh.put(&Uid::new("vera"), &User { state: UserState::Disabled, ..shut }).await;
    let (read, ended) = until(&mut hers, "never", Duration::from_secs(12)).await;
    assert!(ended, "the stream goes on: {read}");
}

#[tokio::test]
async fn who_comes_back_gets_also_what_committed_late() {
    let desk = Desk::open("stream-late", &[]).await;
    let adam = desk.person("adam", Role::Admin).await;
    let mut stream = desk.get("/events", &adam).await;
    desk.mesh.put(&ControlName::new("trading"), &control(1, &desk)).await;
    let (read, _) = until(&mut stream, "controls/trading", Duration::from_secs(15)).await;
    let last = read.lines().rev().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    drop(stream);

    // A transaction that began ten seconds ago commits now: its record sorts before.
    let begun = jiff::Timestamp::now() - SignedDuration::from_secs(10);
    let begun = uuid::Timestamp::from_unix(NoContext, begun.as_second().try_into().unwrap(), 0);
    let id = Uuid::new_v7(begun).to_string();
    assert!(id < last);
    let record = json!({"fields": {
        "actor": {"mapValue": {"fields": {
            "kind": {"stringValue": "service"}, "account": {"stringValue": "a@b"}}}},
        "action": {"stringValue": "control.halted"},
        "target": {"stringValue": "controls/late"},
        "reason": {"stringValue": "it took its time"},
        "time": {"timestampValue": "2026-11-23T12:00:00Z"},
        "correlation": {"stringValue": "c"},
    }});
    desk.mesh.put_raw(&format!("journal/{id}"), record).await;
    let request = desk.request(Method::GET, "/events", &adam).header("last-event-id", last);
    let mut back = request.send().await.unwrap();
    let (read, _) = until(&mut back, "controls/late", Duration::from_secs(15)).await;
    assert!(read.contains("controls/late") && !read.contains("controls/trading"), "{read}");
    let never = Uuid::now_v7().to_string();
    let request = desk.request(Method::GET, "/events", &adam).header("last-event-id", never);
    assert_eq!(request.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_person_sees_their_own_grants_and_has_so_many_streams() {
    let desk = Desk::open("stream-own", &[]).await;
    let vera = desk.person("vera", Role::Viewer).await;
    let mut hers = desk.get("/events", &vera).await;
    let grant = |person: &str| Grant {
        person: Uid::new(person),
        role: Role::Operator,
        minutes: 15,
        reason: "somebody is ill".into(),
        state: GrantState::Requested,
        requested_at: desk.mesh.cause().time,
        decided_by: None,
        started_at: None,
        expires_at: None,
        extended: false,
        break_glass: false,
    };
    desk.mesh.put(&GrantId::new("of-norma"), &grant("norma")).await;
    desk.mesh.put(&GrantId::new("of-vera"), &grant("vera")).await;
    let (read, _) = until(&mut hers, "grants/of-vera", Duration::from_secs(15)).await;
    assert!(read.contains("grants/of-vera") && !read.contains("grants/of-norma"), "{read}");

    let mut open = vec![hers];
    while open.len() < 10 {
        let stream = desk.get("/events", &vera).await;
        assert_eq!(stream.status(), 200);
        open.push(stream);
    }
    let refused = desk.get("/events", &vera).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
}
