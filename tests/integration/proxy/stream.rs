//! The stream of changes.

use std::time::{Duration, Instant};

use model::{
    ControlName, Role, Uid,
    access::{User, UserState},
    control::{Control, ControlState},
};
use reqwest::{Method, Response};

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
        cause: None,
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
