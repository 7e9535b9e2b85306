use std::time::Duration;

use model::{ServiceId, service::Service};
use serde_json::json;
use testkit::Mesh;

use crate::probe;

#[tokio::test]
async fn a_function_killed_in_the_middle_of_a_handler_loses_and_doubles_nothing() {
    let mut mesh = Mesh::set_up("killed", probe()).await;
    for number in 0..6 {
        // Long enough to be killed between its two halves.
        let message = json!({"name": format!("s{number}"), "pause_ms": 1000});
        mesh.publish("probe-patient", &message).await;
    }
    // The handlers have read and wait before they write: a transaction is open.
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        mesh.function_mut("probe").kill();
        tokio::time::sleep(Duration::from_millis(300)).await;
        mesh.function_mut("probe").restart();
    }
    mesh.settle().await;
    let mut services = mesh.all::<Service>().await;
    services.sort_by(|a, b| a.id.cmp(&b.id));
    let counted: Vec<_> =
        services.iter().map(|s| (s.id.as_str(), s.document.url.as_str())).collect();
    let expected = [("s0", "x"), ("s1", "x"), ("s2", "x"), ("s3", "x"), ("s4", "x"), ("s5", "x")];
    assert_eq!(counted, expected);
    mesh.assert_journal_agrees().await;
    assert!(mesh.store.get::<Service>(&ServiceId::new("s9")).await.unwrap().is_none());
}
