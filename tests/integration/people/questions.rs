//! Who can, what can, why, what if: asked of what was really decided.

use model::Role;
use serde_json::{Value, json};

use super::Office;

fn names(answer: &Value) -> Vec<&str> {
    let holders = answer["holders"].as_array().unwrap().iter();
    let mut names: Vec<_> = holders
        .map(|holder| &holder["principal"])
        .map(|principal| principal["uid"].as_str().or(principal["name"].as_str()).unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn questions_are_answered_from_people_manifests_and_decisions() {
    let office = Office::open("questions").await;
    let mesh = &office.mesh;
    let audrey = mesh.person("audrey", &[Role::Auditor, Role::Viewer]).await;
    let who = office.get("/access/who-can?permission=reviews.start", &audrey).await;
    assert_eq!(names(&who), ["adam", "audrey", "olga"]);
    let who = office.get("/access/who-can?permission=deliver:iam-control/sweep", &audrey).await;
    assert_eq!(names(&who), ["mesh-invoker"]);
    let what = office.get("/access/what-can?person=iam-control", &audrey).await;
    assert_eq!(what["principal"]["kind"], "module");
    let what = office.get("/access/what-can?person=audrey", &audrey).await;
    let held = what["permissions"].as_array().unwrap();
    assert!(held.iter().any(|held| held["permission"] == "access.explain"));
    let why = office.get("/access/why?person=nobody&permission=audits.run", &audrey).await;
    assert_eq!((&why["allowed"], &why["reason"]["kind"]), (&json!(false), &json!("unknown")));
    let wrong = office.request(
        reqwest::Method::GET,
        "/access/who-can?permission=people.eat",
        Some(&audrey),
    );
    let words = super::refused(wrong.send().await.unwrap(), 400).await;
    assert!(words.contains("people.eat"), "{words}");

    // What was just decided is written within seconds, and is what the answers count.
    let what_if = json!({"changes": [{"person": "audrey", "role": "auditor", "change": "take"}]});
    let started = std::time::Instant::now();
    let answer = loop {
        let answer =
            super::good(office.post("/access/what-if", &office.adam, what_if.clone()).await).await;
        if !answer["consequences"].as_array().unwrap().is_empty() {
            break answer;
        }
        assert!(started.elapsed().as_secs() < 60, "no decision was written: {answer}");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    };
    let changed = answer["consequences"].as_array().unwrap();
    let explain = changed.iter().find(|c| c["permission"] == "access.explain").unwrap();
    assert_eq!((&explain["would_be_allowed"], &explain["decisions"]), (&json!(false), &json!(6)));
    assert!(answer["gained"].as_array().unwrap().is_empty());
    let suggested = office.get("/access/suggestions", &office.adam).await;
    let roles = suggested["roles"].as_array().unwrap();
    let of_audrey: Vec<_> = roles.iter().filter(|s| s["person"] == "audrey").collect();
    assert_eq!(of_audrey.len(), 1, "{suggested}");
    assert_eq!(
        (&of_audrey[0]["role"], &of_audrey[0]["would_change"]),
        (&json!("viewer"), &json!(0))
    );
    assert!(of_audrey[0]["decisions"].as_u64().unwrap() >= 6);
    assert!(roles.iter().all(|suggestion| suggestion["person"] != "olga"), "the last owner stays");
}
