//! What functions write: one JSON object a line, with the trace, and no secrets.

use model::asset::Asset;
use serde_json::{Value, json};
use testkit::{Mesh, event, log_lines};

use crate::probe;

fn lines(mesh: &Mesh, function: &str) -> Vec<Value> {
    let entries = log_lines::entries(&mesh.function(function).log());
    entries.unwrap_or_else(|wrong| panic!("{function}: {wrong}"))
}

fn outcomes<'a>(lines: &'a [Value], event: &str) -> Vec<&'a str> {
    lines
        .iter()
        .filter(|line| line["logging.googleapis.com/labels"]["event_id"] == event)
        .filter_map(|line| line["outcome"].as_str())
        .collect()
}

#[tokio::test]
async fn every_delivery_leaves_one_outcome_and_every_mistake_of_ours_one_report() {
    let mesh = Mesh::set_up("logs", probe()).await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let cases = [
        (json!({"write": "s"}), "done"),
        (json!({"fail": "NOT_FOUND"}), "dead_letter"),
        (json!({"fail": "ALREADY_EXISTS"}), "done_before"),
        (json!({"fail": "UNAVAILABLE"}), "failed"),
        (json!({"fail": "INTERNAL"}), "failed"),
        (json!("panic"), "panicked"),
        (json!({"sleep": 60_000}), "failed"),
    ];
    for (number, (message, _)) in cases.iter().enumerate() {
        let push = event::pushed(message, &format!("m{number}")).header("traceparent", trace);
        mesh.deliver("probe", "asked", &push).await;
    }
    let lines = lines(&mesh, "probe");
    for (number, (message, outcome)) in cases.iter().enumerate() {
        let id = model::EventId::of("probe", "asked", "probe-asked", &format!("m{number}"));
        assert_eq!(outcomes(&lines, id.as_str()), [*outcome], "{message}");
    }
    let reports: Vec<_> = lines.iter().filter(|line| line.get("@type").is_some()).collect();
    assert_eq!(reports.len(), 2, "one for `INTERNAL`, one for the panic: {reports:#?}");
    let traced = lines.iter().filter(|line| {
        line["logging.googleapis.com/trace"]
            == format!("projects/{}/traces/4bf92f3577b34da6a3ce929d0e0e4736", mesh.project)
    });
    assert!(traced.count() >= cases.len());
}

#[tokio::test]
async fn no_secret_reaches_a_log() {
    let mut setup = probe();
    setup.functions = vec!["audit-engine".into()];
    let mesh = Mesh::set_up("canary", setup).await;
    let canary = "canary-4711";
    let owner = mesh.person("olga", &[model::Role::Owner]).await;
    let secret = mesh.bridge.secrets().value("probe-secret").unwrap();
    let asset: Asset = serde_json::from_value(json!({
        "name": "//run.googleapis.com/s", "assetType": "run.googleapis.com/Service",
        "resource": {"data": {"template": {"containers": [
            {"image": "a", "env": [{"name": "API_KEY", "value": canary}]},
        ]}}},
    }))
    .unwrap();
    mesh.put(&asset.id(), &asset).await;
    let push = event::pushed(&json!({"unheard_of": canary}), "m1");
    mesh.deliver("probe", "asked", &push).await;
    let forged = format!("Bearer {canary}.{canary}.{canary}");
    mesh.deliver_as("probe", "asked", &push, Some(&forged)).await;
    let url = format!("{}/order?key={canary}", mesh.function("probe").url());
    let order = mesh.http.post(url).bearer_auth(&owner).body(format!("{{\"{canary}\":1}}"));
    order.send().await.unwrap();
    mesh.settle().await;

    let delivery = mesh.delivery_token("probe");
    for function in ["probe", "audit-engine"] {
        lines(&mesh, function);
        let log = mesh.function(function).log();
        for hidden in [canary, &secret, &owner, &delivery] {
            assert!(!log.contains(hidden), "`{hidden}` is in the log of {function}:\n{log}");
        }
    }
    let findings = mesh.all::<model::finding::Finding>().await;
    let literal = findings.iter().find(|finding| finding.document.control == "RUN-07").unwrap();
    assert!(!literal.document.evidence.contains(canary));
}
