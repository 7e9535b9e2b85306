//! Dead letters that are tried again.

use model::{
    Role, ServiceId,
    dead_letter::{DeadLetter, ReplayState},
    service::Service,
};
use serde_json::json;
use testkit::event;

use super::{Desk, json};
use crate::probe;

/// A letter that waits for a service document, and its path in the API.
async fn letter(desk: &Desk) -> String {
    let push = event::pushed(&json!({"need": "billing"}), "m1");
    assert_eq!(desk.mesh.deliver("probe", "asked", &push).await.status(), 204);
    let letters = desk.mesh.all::<DeadLetter>().await;
    format!("/dead-letters/{}", letters[0].id)
}

async fn replay_of(desk: &Desk) -> model::dead_letter::Replay {
    let letters = desk.mesh.all::<DeadLetter>().await;
    assert_eq!(letters.len(), 1, "a replay makes no letter");
    letters[0].document.replay.clone().expect("asked for")
}

#[tokio::test]
async fn a_letter_is_replayed_by_its_function_until_it_succeeds() {
    let desk = Desk::set_up("replay", [], probe()).await;
    let (vera, oscar) =
        (desk.person("vera", Role::Viewer).await, desk.person("oscar", Role::Operator).await);
    let path = letter(&desk).await;
    let replay = format!("{path}/replay");
    let because = json!({"reason": "the service is there now"});

    let refused = desk.post(&replay, &vera, &because).await;
    assert_eq!(refused.status(), 403);
    assert!(json(refused).await["detail"].as_str().unwrap().contains("dead_letters.replay"));
    assert_eq!(desk.post("/dead-letters/none/replay", &oscar, &because).await.status(), 404);
    assert_eq!(desk.post(&replay, &oscar, &json!({})).await.status(), 422);

    // The cause is still there: the letter says so, and stays.
    assert_eq!(desk.post(&replay, &oscar, &because).await.status(), 202);
    desk.mesh.settle().await;
    let failed = replay_of(&desk).await;
    assert_eq!(failed.state, ReplayState::Failed);
    assert!(failed.failure.unwrap().starts_with("FAILED_PRECONDITION: `billing` is missing"));

    let id = ServiceId::new("billing");
    desk.mesh.put(&id, &Service { name: "billing".into(), url: String::new() }).await;
    assert_eq!(desk.post(&replay, &oscar, &because).await.status(), 202);
    desk.mesh.settle().await;
    let done = replay_of(&desk).await;
    assert_eq!(
        (done.state, done.requested_by.to_string().as_str()),
        (ReplayState::Done, "person:oscar")
    );
    let service: Service = desk.mesh.get(&id).await;
    assert_eq!(service.url, "x", "its effect happened once");
    assert_eq!(desk.post(&replay, &oscar, &because).await.status(), 400, "nothing is left to do");

    let history = desk.mesh.history(path.trim_start_matches('/').replace("-", "_").as_str()).await;
    let actions: Vec<_> = history.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "dead_letter.buried",
            "dead_letter.replay_requested",
            "dead_letter.replay_failed",
            "dead_letter.replay_requested",
            "dead_letter.replayed"
        ]
    );
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_replay_that_is_asked_for_many_times_happens_once() {
    let desk = Desk::set_up("replay-many", [], probe()).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let path = letter(&desk).await;
    let id = ServiceId::new("billing");
    desk.mesh.put(&id, &Service { name: "billing".into(), url: String::new() }).await;
    let replay = format!("{path}/replay");
    let because = json!({"reason": "the service is there now"});
    let asked = (0..20).map(|_| desk.post(&replay, &oscar, &because));
    for answer in futures::future::join_all(asked).await {
        // Who comes after the end hears that nothing is left to do.
        assert!([202, 400, 409].contains(&answer.status().as_u16()), "{}", answer.status());
    }
    desk.mesh.settle().await;
    assert_eq!(replay_of(&desk).await.state, ReplayState::Done);
    let service: Service = desk.mesh.get(&id).await;
    assert_eq!(service.url, "x");
}
