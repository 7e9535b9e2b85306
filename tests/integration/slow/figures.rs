//! What an instance says its triggers did.

use std::time::{Duration, Instant};

use futures::future::join_all;
use model::{Role, control::Instance, control::SEEN_EVERY};
use serde_json::json;
use testkit::{Mesh, event};

use crate::probe;

/// An instance says it as often as that it runs, and a busy machine takes longer.
const SAID_WITHIN: Duration = Duration::from_secs(90);

async fn said(mesh: &Mesh) -> Option<Instance> {
    mesh.all::<Instance>().await.into_iter().map(|stored| stored.document).next()
}

#[tokio::test]
async fn an_instance_says_what_its_triggers_did() {
    let mesh = Mesh::set_up("figures", probe()).await;
    let oscar = mesh.person("oscar", &[Role::Operator]).await;
    let begun = Instant::now();
    let first = loop {
        if let Some(instance) = said(&mesh).await {
            break instance;
        }
        assert!(begun.elapsed() < SAID_WITHIN, "it never said that it runs");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    // It had counted for no longer than it took to start.
    let counted = |instance: &Instance| instance.seen_at.duration_since(*instance.counted_since);
    assert!(counted(&first) < SEEN_EVERY && first.triggers.is_empty(), "{first:?}");

    for name in ["a", "b", "a"] {
        // The event's id is the same for the same name: the third has been handled before.
        let write = event::pushed(&json!({"write": name}), name);
        assert_eq!(mesh.deliver("probe", "asked", &write).await.status(), 204);
    }
    for fault in [json!("panic"), json!({"fail": "UNAVAILABLE"}), json!({"fail": "NOT_FOUND"})] {
        mesh.deliver("probe", "asked", &event::pushed(&fault, &fault.to_string())).await;
    }
    let url = mesh.function("probe").url();
    let ask = |path: &str| mesh.http.get(format!("{url}{path}")).bearer_auth(&oscar).send();
    let answers = join_all([ask("/panic"), ask("/nowhere"), ask("/nowhere")]).await;
    let failed = answers.iter().filter(|answer| answer.as_ref().unwrap().status() == 500).count();
    assert_eq!(failed, 1);

    let second = loop {
        match said(&mesh).await {
            Some(instance) if instance.seen_at > first.seen_at => break instance,
            _ => assert!(begun.elapsed() < SAID_WITHIN * 2, "it never said it again"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(second.counted_since, first.seen_at);
    let (api, asked) = (&second.triggers["api"], &second.triggers["asked"]);
    assert_eq!((api.handled, api.failed, api.lag_p50_ms), (2, 1, None));
    assert_eq!((asked.handled, asked.failed), (3, 3));
    assert!(asked.lag_p50_ms.is_some(), "{asked:?}");
    assert_eq!(second.triggers.len(), 2);
}
