//! What people do about checks and incidents.

use model::{
    CheckId, Role,
    check::{Check, CheckState},
    incident::{Incident, IncidentState},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::Mesh;

use super::{Watched, minute, tick};

struct Desk {
    mesh: Mesh,
    oscar: String,
}

impl Desk {
    async fn open(name: &str) -> Self {
        let mesh = Mesh::start(name, &["firebase-proxy", "destine-root"]).await;
        let oscar = mesh.person("oscar", &[Role::Operator]).await;
        Self { mesh, oscar }
    }

    async fn ask(&self, method: Method, path: &str, version: &str, body: Value) -> Response {
        let url = format!("{}/api/v1{path}", self.mesh.function("firebase-proxy").url());
        let mut request = self.mesh.http.request(method, url).bearer_auth(&self.oscar);
        if !version.is_empty() {
            request = request.header("if-match", version);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.ask(Method::POST, path, "", body).await
    }

    /// Returns a document with its version.
    async fn get(&self, path: &str) -> (String, Value) {
        let answer = self.ask(Method::GET, path, "", Value::Null).await;
        assert_eq!(answer.status(), 200, "{path}");
        let version = answer.headers().get("etag").map(|v| v.to_str().unwrap().to_owned());
        (version.unwrap_or_default(), answer.json().await.unwrap())
    }
}

fn tcp(port: u16) -> Value {
    json!({"name": "Shop", "probe": {"kind": "tcp", "host": "127.0.0.1", "port": port}})
}

async fn fields(answer: Response) -> Vec<String> {
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.unwrap();
    let errors = problem["errors"].as_array().unwrap().iter();
    let mut fields: Vec<_> =
        errors.map(|error| error["field"].as_str().unwrap().to_owned()).collect();
    fields.sort();
    fields
}

#[tokio::test]
async fn a_check_is_written_changed_and_deleted_by_version() {
    let desk = Desk::open("check-api").await;
    let create = |id: &str, spec: Value| desk.post("/checks", json!({"check": id, "spec": spec}));
    assert_eq!(create("shop", tcp(9)).await.status(), 201);
    assert_eq!(create("shop", tcp(9)).await.status(), 409);

    let mut wrong = tcp(0);
    wrong["name"] = json!("");
    wrong["interval_seconds"] = json!(5);
    wrong["timeout_seconds"] = json!(31);
    let named = fields(create("a b", wrong).await).await;
    for field in ["check", "spec.interval_seconds", "spec.name", "spec.timeout_seconds"] {
        assert!(named.contains(&field.to_owned()), "{field}: {named:?}");
    }
    assert!(named.iter().any(|field| field.starts_with("spec.probe")), "{named:?}");
    let mut lost = tcp(9);
    lost["service"] = json!("gone");
    lost["parent"] = json!("nobody");
    assert_eq!(fields(create("lost", lost).await).await, ["parent", "service"]);
    for url in ["ftp://a.example/", "https://u:p@a.example/", "https:///x", "shop"] {
        let spec = json!({"name": "Odd", "probe": {"kind": "http", "url": url}});
        assert_eq!(create("odd", spec).await.status(), 422, "{url}");
    }
    assert_eq!(create("kind", json!({"name": "K", "probe": {"kind": "ping"}})).await.status(), 422);

    let mut child = tcp(9);
    child["parent"] = json!("shop");
    assert_eq!(create("child", child.clone()).await.status(), 201);
    let (version, _) = desk.get("/checks/shop").await;
    let put = |version: &str, body: Value| {
        let version = version.to_owned();
        let desk = &desk;
        async move { desk.ask(Method::PUT, "/checks/shop", &version, body).await }
    };
    let mut circle = tcp(9);
    circle["parent"] = json!("child");
    assert_eq!(fields(put(&version, circle).await).await, ["parent"]);
    assert_eq!(put("", tcp(10)).await.status(), 428);
    assert_eq!(put(&version, tcp(10)).await.status(), 200);
    assert_eq!(put(&version, tcp(11)).await.status(), 412, "a lost update");
    let check: Check = desk.mesh.get(&CheckId::new("shop")).await;
    assert_eq!(serde_json::to_value(&check.spec.probe).unwrap()["port"], 10);

    let delete = |version: String| {
        let desk = &desk;
        async move { desk.ask(Method::DELETE, "/checks/shop", &version, Value::Null).await.status() }
    };
    assert_eq!(delete(version).await, 412);
    let (version, _) = desk.get("/checks/shop").await;
    assert_eq!(delete(version.clone()).await, 204);
    assert_eq!(delete(version).await, 404);
    let history = desk.mesh.history("checks/shop").await;
    let actions: Vec<_> = history.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["check.created", "check.updated", "check.deleted"]);
    assert!(history.iter().all(|record| record.actor.to_string() == "person:oscar"));
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn signs_of_life_are_sent_by_who_may_to_checks_that_wait_for_them() {
    let desk = Desk::open("heartbeat-api").await;
    let probe = json!({"kind": "heartbeat", "period_seconds": 60});
    let spec = json!({"name": "Backup", "probe": probe, "fire_after": 1});
    assert_eq!(desk.post("/checks", json!({"check": "backup", "spec": spec})).await.status(), 201);
    assert_eq!(desk.post("/checks", json!({"check": "port", "spec": tcp(9)})).await.status(), 201);
    assert_eq!(desk.post("/heartbeats/backup", Value::Null).await.status(), 204);
    assert_eq!(desk.post("/heartbeats/port", Value::Null).await.status(), 400);
    assert_eq!(desk.post("/heartbeats/nobody", Value::Null).await.status(), 404);
    let url = format!("{}/api/v1/heartbeats/backup", desk.mesh.function("firebase-proxy").url());
    let viewer = desk.mesh.person("vera", &[Role::Viewer]).await;
    assert_eq!(desk.mesh.http.post(&url).send().await.unwrap().status(), 401);
    let viewers = desk.mesh.http.post(&url).bearer_auth(viewer).send().await.unwrap();
    assert_eq!(viewers.status(), 403);

    let now = jiff::Timestamp::now();
    let due = |seconds: i64| {
        let at = now + jiff::SignedDuration::from_secs(seconds);
        let minute = jiff::Timestamp::from_second(at.as_second().div_euclid(60) * 60).unwrap();
        testkit::event::due(minute.into())
    };
    for (seconds, state) in [(0, CheckState::Up), (180, CheckState::Down)] {
        let answer = desk.mesh.deliver("destine-root", "check-due", &due(seconds)).await;
        assert_eq!(answer.status(), 204);
        let check: Check = desk.mesh.get(&CheckId::new("backup")).await;
        assert_eq!(check.state, state, "{}", check.detail);
    }
}

#[tokio::test]
async fn people_work_on_an_incident_until_it_is_over_and_think_about_it() {
    let desk = Desk::open("incident-api").await;
    let (mesh, watched) = (&desk.mesh, Watched::start().await);
    mesh.person("opal", &[Role::Operator]).await;
    let spec = json!({"name": "Shop", "severity": "p1", "owner": "opal",
        "probe": {"kind": "http", "url": watched.url}});
    assert_eq!(desk.post("/checks", json!({"check": "shop", "spec": spec})).await.status(), 201);
    watched.set(false);
    tick(mesh, 1).await;
    tick(mesh, 2).await;
    let opened = &mesh.all::<Incident>().await[0];
    assert_eq!(opened.document.assignee.as_ref().unwrap().as_str(), "opal", "the check's owner");
    let path = format!("/incidents/{}", opened.id);

    let because = json!({"reason": "I have looked at it"});
    let steps = [
        ("comment", json!({"text": "the disk is full"}), "open"),
        ("escalate", because.clone(), "open"),
        ("acknowledge", because.clone(), "acknowledged"),
        ("assign", json!({"to": "oscar", "reason": "knows the disk"}), "acknowledged"),
        (
            "link",
            json!({"overrides": ["o1"], "findings": ["f1"], "reason": "halted"}),
            "acknowledged",
        ),
        ("resolve", because.clone(), "resolved"),
        ("comment", json!({"text": "buy a larger disk | soon"}), "resolved"),
    ];
    for (step, body, state) in steps {
        let (version, _) = desk.get(&path).await;
        let path = format!("{path}/{step}");
        let blind = desk.post(&path, body.clone()).await;
        assert_eq!(blind.status(), 428, "{step}");
        let done = desk.ask(Method::POST, &path, &version, body.clone()).await;
        assert_eq!(done.status(), 200, "{step}");
        let incident: Value = done.json().await.unwrap();
        assert_eq!(incident["state"], state, "{step}");
        let again = desk.ask(Method::POST, &path, &version, body).await;
        assert_eq!(again.status(), 412, "{step}");
    }
    let (version, incident) = desk.get(&path).await;
    assert_eq!((&incident["assignee"], &incident["escalations"]), (&json!("oscar"), &json!(1)));
    for step in ["acknowledge", "resolve", "escalate"] {
        let path = format!("{path}/{step}");
        let late = desk.ask(Method::POST, &path, &version, because.clone()).await;
        assert_eq!(late.status(), 400, "{step}: it is over");
    }
    let nobody = json!({"to": "nobody", "reason": "is away"});
    let unknown = desk.ask(Method::POST, &format!("{path}/assign"), &version, nobody).await;
    assert_eq!(fields(unknown).await, ["to"]);

    let report = desk.ask(Method::GET, &format!("{path}/post-mortem"), "", Value::Null).await;
    assert_eq!(report.headers()["content-type"], "text/markdown; charset=utf-8");
    let report = report.text().await.unwrap();
    for words in ["# Shop does not answer", "the disk is full", "disk \\| soon", "- override o1"] {
        assert!(report.contains(words), "{words}\n{report}");
    }
    let (_, statistics) = desk.get("/incident-statistics").await;
    assert_eq!((&statistics["incidents"], &statistics["resolved"]), (&json!(1), &json!(1)));
    assert!(statistics["mttr_seconds"].as_u64().is_some(), "{statistics}");

    // The check still fails: what a person resolved stays so until it recovers.
    tick(mesh, 3).await;
    assert_eq!(mesh.all::<Incident>().await.len(), 1);
    assert_eq!(mesh.all::<Incident>().await[0].document.state, IncidentState::Resolved);
    let actions: Vec<_> = mesh.history(&format!("incidents/{}", opened.id)).await;
    let actions: Vec<_> = actions.iter().map(|record| record.action.as_str()).collect();
    let wanted = ["opened", "commented", "escalated", "acknowledged", "assigned", "linked"];
    assert_eq!(actions[..6], wanted.map(|verb| format!("incident.{verb}")));
    assert_eq!(opened.document.opened_at, minute(2));
    mesh.assert_journal_agrees().await;
}
