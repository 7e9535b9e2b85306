//! The HTTP edge, on a real function.

use model::{
    Role,
    audit::{Audit, AuditState},
};
use reqwest::Response;
use serde_json::{Value, json};
use testkit::{Mesh, Setup, token};

use crate::probe;

async fn problem(answer: Response) -> Value {
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(media_type, "application/problem+json");
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["request_id"], id);
    problem
}

#[tokio::test]
async fn an_auditor_asks_for_an_audit_and_reads_what_it_found() {
    let mesh = Mesh::start("api", &["audit-engine", "firebase-proxy"]).await;
    let url = |path: &str| format!("{}{path}", mesh.function("firebase-proxy").url());
    let auditor = mesh.person("audrey", &[Role::Auditor]).await;
    let ask =
        || mesh.http.post(url("/api/v1/audits")).json(&json!({"reason": "a look before the fair"}));

    let answer = ask().bearer_auth(&auditor).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let accepted: Value = answer.json().await.unwrap();
    mesh.settle().await;
    let listed = mesh.http.get(url("/api/v1/audits")).bearer_auth(&auditor).send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    assert_eq!(listed["items"][0]["id"], accepted["audit"]);
    assert_eq!(listed["items"][0]["state"], "completed");
    assert_eq!(listed["items"][0]["requested_by"]["uid"], "audrey");
    let audits = mesh.all::<Audit>().await;
    assert_eq!(audits[0].document.state, AuditState::Completed);
    let history = mesh.history(&format!("audits/{}", audits[0].id)).await;
    assert_eq!(history[0].actor.to_string(), "person:audrey");

    let viewer = mesh.person("vera", &[Role::Viewer]).await;
    let refused = problem(ask().bearer_auth(&viewer).send().await.unwrap()).await;
    assert_eq!(refused["status"], 403);
    assert!(refused["detail"].as_str().unwrap().contains("audits.run"), "{refused}");
    let findings = mesh.http.get(url("/api/v1/findings?state=open")).bearer_auth(&viewer);
    assert_eq!(findings.send().await.unwrap().status(), 200);
    let nobody = mesh.person("norma", &[]).await;
    let findings = mesh.http.get(url("/api/v1/findings")).bearer_auth(&nobody);
    assert_eq!(findings.send().await.unwrap().status(), 403);

    let stranger = token::person("demo-another", "olivia");
    for token in [None, Some(stranger.as_str()), Some("rubbish")] {
        let request = mesh.http.get(url("/api/v1/findings"));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused["status"], 401);
        assert_eq!(refused.get("detail"), None);
    }
}

#[tokio::test]
async fn a_page_token_of_another_list_is_a_clear_mistake() {
    let mesh = Mesh::start("token", &["firebase-proxy"]).await;
    let url =
        format!("{}/api/v1/findings?page_token=nonsense", mesh.function("firebase-proxy").url());
    let owner = mesh.person("olga", &[Role::Owner]).await;
    let refused = problem(mesh.http.get(url).bearer_auth(owner).send().await.unwrap()).await;
    assert_eq!(refused["status"], 400);
    assert_eq!(refused["detail"], "the page token is not one of this list");
}

#[tokio::test]
async fn a_request_is_answered_for_what_is_wrong_with_it() {
    let rate = [("MESH_RATE_PER_SECOND", "1"), ("MESH_RATE_BURST", "12")];
    let environment = rate.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mesh = Mesh::set_up("answers", Setup { environment, ..probe() }).await;
    let url = |path: &str| format!("{}{path}", mesh.function("probe").url());
    let owner = mesh.person("olga", &[Role::Owner]).await;
    let order =
        |body: &str| mesh.http.post(url("/order")).bearer_auth(&owner).body(body.to_owned()).send();
    assert_eq!(order(r#"{"count":2,"name":"ab"}"#).await.unwrap().status(), 200);

    let invalid = problem(order(r#"{"count":10,"name":""}"#).await.unwrap()).await;
    assert_eq!(invalid["status"], 422);
    let fields: Vec<_> =
        invalid["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["count", "name"]);
    let mistyped = problem(order(r#"{"count":"two","name":"a"}"#).await.unwrap()).await;
    assert_eq!(
        (&mistyped["status"], &mistyped["errors"][0]["field"]),
        (&json!(422), &json!("count"))
    );
    assert_eq!(problem(order("{").await.unwrap()).await["status"], 400);
    let large = "x".repeat(1024 * 1024 + 1);
    assert_eq!(problem(order(&large).await.unwrap()).await["status"], 413);

    let get = |path: &str| mesh.http.get(url(path)).bearer_auth(&owner).send();
    let corrupt = problem(get("/corrupt").await.unwrap()).await;
    assert_eq!((&corrupt["status"], corrupt.get("detail")), (&json!(500), None));
    assert_eq!(problem(get("/panic").await.unwrap()).await["status"], 500);
    assert_eq!(problem(get("/slow").await.unwrap()).await["status"], 504);
    assert_eq!(problem(get("/nowhere").await.unwrap()).await["status"], 404);
    assert_eq!(problem(get("/order").await.unwrap()).await["status"], 405);

    // One caller has a budget for each route, and another has their own.
    let mut later = get("/corrupt").await.unwrap();
    for _ in 0..40 {
        later = get("/corrupt").await.unwrap();
        if later.status() == 429 {
            break;
        }
    }
    assert_eq!(later.status(), 429);
    assert!(later.headers().contains_key("retry-after"));
    assert_ne!(get("/panic").await.unwrap().status(), 429);
    let other = mesh.person("oscar", &[Role::Operator]).await;
    let other = mesh.http.get(url("/corrupt")).bearer_auth(other).send().await.unwrap();
    assert_ne!(other.status(), 429);

    let named = mesh.http.get(url("/nowhere")).header("x-request-id", "r-1").send().await.unwrap();
    assert_eq!(named.headers()["x-request-id"], "r-1");
    let injected = mesh.http.get(url("/nowhere")).header("x-request-id", "a b\"c").send().await;
    assert_ne!(injected.unwrap().headers()["x-request-id"], "a b\"c");
}

#[tokio::test]
async fn the_api_describes_itself_as_the_snapshot_says() {
    let mesh = Mesh::start("openapi", &["firebase-proxy"]).await;
    let url = format!("{}/api/openapi.json", mesh.function("firebase-proxy").url());
    let document: Value = mesh.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["info"]["title"], "firebase-proxy");
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let served = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let snapshot = crate::root().join("functions/firebase-proxy/openapi.json");
    if std::env::var_os("MESH_WRITE").is_some() {
        std::fs::write(&snapshot, &served).unwrap();
    }
    let kept = std::fs::read_to_string(&snapshot).unwrap_or_default();
    assert!(
        kept == served,
        "the API is not what `functions/firebase-proxy/openapi.json` says: run `MESH_WRITE=1 \
         cargo test -p tests --test integration the_api_describes` and look at the difference"
    );
}
