//! What is everybody's own: what they are told of, and their sessions.

use std::time::{Duration, Instant};

use model::{PreferencesId, Role, Uid, access::User, preferences::Preferences};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::token;

use super::{Desk, json};

/// What is taken away is gone within this time everywhere.
const GONE_WITHIN: Duration = Duration::from_secs(5);

fn wanted() -> Value {
    let (loud, quiet) = (
        json!({"email": true, "sms": true, "page": true}),
        json!({"email": false, "sms": false, "page": true}),
    );
    json!({"incidents_from": "p1", "incidents": loud, "approvals": loud,
        "expiring_exceptions": quiet})
}

#[tokio::test]
async fn each_person_has_preferences_of_their_own() {
    let desk = Desk::open("preferences", &[]).await;
    let vera = desk.person("vera", Role::Viewer).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let usual = serde_json::to_value(Preferences::default()).unwrap();
    let path = "/me/preferences";
    assert_eq!(json(desk.get(path, &vera).await).await, usual);

    let put =
        |person: &str, body: &Value| desk.request(Method::PUT, path, person).json(body).send();
    for _ in 0..2 {
        let answer = put(&vera, &wanted()).await.unwrap();
        assert_eq!((answer.status().as_u16(), json(answer).await), (200, wanted()));
    }
    assert_eq!(json(desk.get(path, &vera).await).await, wanted());
    assert_eq!(json(desk.get(path, &oscar).await).await, usual);

    // Said twice, it changed once.
    let history = desk.mesh.history("preferences/vera").await;
    let [record] = &history[..] else { panic!("{history:#?}") };
    assert!(record.actor.is(&Uid::new("vera")), "{:?}", record.actor);
    let kept: Preferences = desk.mesh.get(&PreferencesId::new("vera")).await;
    assert_eq!(serde_json::to_value(kept).unwrap(), wanted());
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn preferences_are_said_wholly_and_by_somebody() {
    let desk = Desk::open("half-preferences", &[]).await;
    let vera = desk.person("vera", Role::Viewer).await;
    let edits: [fn(&mut Value); 4] = [
        |body| body["incidents_from"] = json!("p9"),
        |body| body["incidents"]["pigeon"] = json!(true),
        |body| body["approvals"]["sms"] = json!("yes"),
        |body| drop(body.as_object_mut().unwrap().remove("approvals")),
    ];
    for edit in edits {
        let mut body = wanted();
        edit(&mut body);
        let answer = desk.request(Method::PUT, "/me/preferences", &vera).json(&body).send().await;
        assert_eq!(answer.unwrap().status(), 422, "{body}");
    }
    let url = format!("{}/api/v1/me/preferences", desk.mesh.function("firebase-proxy").url());
    assert_eq!(desk.mesh.http.get(url).send().await.unwrap().status(), 401);
    let stranger = token::person(&desk.mesh.project, "nobody-knows-me");
    assert_eq!(desk.get("/me/preferences", &stranger).await.status(), 403);
    assert!(desk.mesh.all::<Preferences>().await.is_empty());
}

#[tokio::test]
async fn a_person_ends_their_own_sessions_and_nobody_else_s() {
    let desk = Desk::open("own-sessions", &["iam-control"]).await;
    let vera = desk.person("vera", Role::Viewer).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let elsewhere =
        token::person_since(&desk.mesh.project, "vera", jiff::Timestamp::now().as_second() - 3_000);
    for session in [&vera, &elsewhere, &oscar] {
        assert_eq!(desk.get("/me", session).await.status(), 200);
    }
    let begun = Instant::now();
    let answer = desk.request(Method::POST, "/me/sessions/revoke", &vera).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    for session in [&vera, &elsewhere] {
        while desk.get("/me", session).await.status() != 401 {
            assert!(begun.elapsed() < GONE_WITHIN, "the session goes on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert_eq!(desk.get("/me", &oscar).await.status(), 200);
    // A session that begins after it counts.
    let user: User = desk.mesh.get(&Uid::new("vera")).await;
    let again = token::person_since(&desk.mesh.project, "vera", user.sessions_since.as_second());
    assert_eq!(desk.get("/me", &again).await.status(), 200);

    let history = desk.mesh.history("users/vera").await;
    let last = history.last().unwrap();
    assert_eq!(last.action, "person.sessions-revoked");
    assert!(last.actor.is(&Uid::new("vera")), "{:?}", last.actor);
}
