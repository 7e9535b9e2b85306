//! Commands: done once, by who may, on what they have seen.

use std::collections::BTreeSet;

use futures::future::join_all;
use model::{
    IncidentId, OverrideId, RequestId, Role, ServiceId, Uid,
    audit::Audit,
    incident::{Incident, Priority},
    operator_override::{Override, OverrideState},
    request::AnsweredRequest,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, etag, json};

fn halt() -> Value {
    json!({"control": "trading", "effect": {"kind": "pause"}, "reason": "the exchange is down"})
}

fn because() -> Value {
    json!({"reason": "I have looked at it"})
}

#[tokio::test]
async fn two_hundred_approvals_at_once_count_as_one() {
    let desk = Desk::open("approvals", &[]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let opal = desk.person("opal", Role::Operator).await;
    let otto = desk.person("otto", Role::Operator).await;
    let asked = json(desk.post("/overrides", &oscar, &halt()).await).await;
    let id = asked["override"].as_str().unwrap().to_owned();
    let path = format!("/overrides/{id}");
    let version = etag(&desk.get(&path, &opal).await);
    let consent = json!({"hash": asked["hash"], "reason": "I have looked at it"});
    let approvals = (0..200).map(|turn| {
        let person = if turn % 2 == 0 { &opal } else { &otto };
        let request = desk.request(Method::POST, &format!("{path}/approve"), person);
        request.header("if-match", &version).json(&consent).send()
    });
    let answers = join_all(approvals).await;
    let statuses: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().status()).collect();
    let good = statuses.iter().filter(|status| status.is_success()).count();
    assert_eq!(good, 1, "{statuses:?}");
    let refused: BTreeSet<_> = statuses.iter().map(reqwest::StatusCode::as_u16).collect();
    assert!(refused.is_subset(&[200, 400, 409, 412, 503].into()), "{refused:?}");
    let approved: Override = desk.mesh.get(&OverrideId::new(&id)).await;
    assert_eq!(approved.state, OverrideState::Approved);
    assert_eq!(desk.mesh.history(&format!("overrides/{id}")).await.len(), 2);
}

#[tokio::test]
async fn a_create_with_a_key_happens_once() {
    let desk = Desk::open("idempotent", &[]).await;
    let audrey = desk.person("audrey", Role::Auditor).await;
    let body = json!({"reason": "a look before the fair"});
    let ask = |key: &str, body: &Value| {
        let request = desk.request(Method::POST, "/audits", &audrey);
        request.header("idempotency-key", key).json(body).send()
    };
    let first = ask("k1", &body).await.unwrap();
    assert_eq!(first.status(), 202);
    let first = first.text().await.unwrap();
    let again = ask("k1", &body).await.unwrap();
    assert_eq!((again.status().as_u16(), again.text().await.unwrap()), (202, first.clone()));
    let other = ask("k1", &json!({"reason": "another reason"})).await.unwrap();
    assert_eq!(other.status(), 422);
    assert_eq!(json(other).await["errors"][0]["field"], "Idempotency-Key");
    assert_ne!(ask("k2", &body).await.unwrap().text().await.unwrap(), first);
    assert_eq!(ask(&"k".repeat(256), &body).await.unwrap().status(), 422);
    assert_eq!(desk.mesh.all::<Audit>().await.len(), 2);

    // Many at once are one too; who comes while it is answered is told to come again.
    let answers = join_all((0..20).map(|_| ask("k3", &body))).await;
    let statuses: BTreeSet<_> =
        answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
    assert!(statuses.is_subset(&[202, 409].into()) && statuses.contains(&202), "{statuses:?}");
    assert_eq!(desk.mesh.all::<Audit>().await.len(), 3);

    // What was refused was not answered: the key is free again.
    assert_eq!(ask("k4", &json!({"reason": "x"})).await.unwrap().status(), 422);
    assert_eq!(ask("k4", &body).await.unwrap().status(), 202);
    // What failed so that nobody knows what it did is done once more, and nothing else is.
    let lost = RequestId::of(&Uid::new("audrey"), "audits", "k1");
    let known = desk.mesh.store.get::<AnsweredRequest>(&lost).await.unwrap().unwrap().document;
    let unknown = AnsweredRequest { status: 1, body: String::new(), ..known };
    desk.mesh.store.measure(&lost, &unknown).await.unwrap();
    assert_eq!(ask("k1", &json!({"reason": "another"})).await.unwrap().status(), 422);
    let audits = desk.mesh.all::<Audit>().await.len();
    assert_eq!(ask("k1", &body).await.unwrap().text().await.unwrap(), first);
    assert_eq!(desk.mesh.all::<Audit>().await.len(), audits, "it is the run of the first time");
    // Once it is forgotten, the key means another request.
    let expired = AnsweredRequest { expires_at: desk.mesh.cause().time, ..unknown };
    desk.mesh.store.measure(&lost, &expired).await.unwrap();
    let anew = ask("k1", &json!({"reason": "a year later"})).await.unwrap().text().await.unwrap();
    assert_ne!(anew, first);
    // Another person's key is another key.
    let olga = desk.person("olga", Role::Owner).await;
    let request = desk.request(Method::POST, "/audits", &olga).header("idempotency-key", "k1");
    let hers = request.json(&body).send().await.unwrap();
    assert_ne!(hers.text().await.unwrap(), first);
}

#[tokio::test]
async fn an_incident_is_acknowledged_and_resolved_by_version() {
    let desk = Desk::open("incident", &[]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let by = desk.mesh.cause().actor;
    let incident = Incident {
        service: Some(ServiceId::new("shop")),
        ..Incident::open("shop does not answer", Priority::P2, "503", by, desk.mesh.cause().time)
    };
    desk.mesh.put(&IncidentId::new("i1"), &incident).await;
    let change = |what: &str, version: &str| {
        let request = desk.request(Method::POST, &format!("/incidents/i1/{what}"), &oscar);
        request.header("if-match", version).json(&because()).send()
    };
    let seen = etag(&desk.get("/incidents/i1", &oscar).await);
    let acknowledged = change("acknowledge", &seen).await.unwrap();
    assert_eq!(acknowledged.status(), 200);
    let version = etag(&acknowledged);
    assert_eq!(json(acknowledged).await["acknowledged"]["by"], "oscar");
    assert_eq!(change("resolve", &seen).await.unwrap().status(), 412, "a lost update");
    let resolved = change("resolve", &version).await.unwrap();
    let version = etag(&resolved);
    assert_eq!(json(resolved).await["state"], "resolved");
    assert_eq!(change("resolve", &version).await.unwrap().status(), 400);
    assert_eq!(desk.get("/incidents/i2", &oscar).await.status(), 404);
    for odd in ["..", "__x__", "a%2Fb", "%00"] {
        assert_eq!(desk.get(&format!("/incidents/{odd}"), &oscar).await.status(), 404, "{odd}");
    }
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_id_that_nobody_can_have_is_not_found_by_iam_control_either() {
    let desk = Desk::open("odd-ids", &["iam-control"]).await;
    let olga = desk.person("olga", Role::Owner).await;
    for odd in ["%FF", "%00", "__x__", "a%2Fb", "x".repeat(1501).as_str()] {
        let person = desk.get(&format!("/people/{odd}"), &olga).await;
        assert_eq!(person.status(), 404, "{odd}");
        assert_eq!(person.headers()["content-type"], "application/problem+json", "{odd}");
        for command in ["people/{}/disable", "grants/{}/approve", "access-reviews/{}/close"] {
            let path = format!("/{}", command.replace("{}", odd));
            assert_eq!(desk.post(&path, &olga, &because()).await.status(), 404, "{path}");
        }
        let asked = desk.get(&format!("/access/what-can?person={odd}"), &olga).await;
        assert_eq!(asked.status(), 404, "{odd}");
    }
}

#[tokio::test]
async fn only_pages_of_known_origins_may_call() {
    let desk = Desk::with("cors", &[], [("CORS_ORIGINS", "https://mesh.example")]).await;
    let url = format!("{}/api/v1/me", desk.mesh.function("firebase-proxy").url());
    let ask = |origin: &'static str| {
        let request = desk.mesh.http.request(Method::OPTIONS, &url).header("origin", origin);
        request.header("access-control-request-method", "GET").send()
    };
    let good = ask("https://mesh.example").await.unwrap();
    assert_eq!(good.headers()["access-control-allow-origin"], "https://mesh.example");
    for origin in ["https://evil.example", "https://mesh.example.evil.example", "null"] {
        let bad = ask(origin).await.unwrap();
        assert!(!bad.headers().contains_key("access-control-allow-origin"), "{origin}");
    }
}
