//! Roles that count only with a second factor.

use std::collections::BTreeMap;

use model::{Role, Uid, access::User};
use serde_json::{Value, json};
use testkit::{Mesh, Setup, event, token};

/// Invites somebody, and returns the answer.
async fn invite(mesh: &Mesh, person: &str, email: &str) -> (u16, Value) {
    let url = format!("{}/v1/people", mesh.function("iam-control").url());
    let service = mesh.service_token("firebase-proxy", "iam-control");
    let request = mesh.http.post(url).bearer_auth(service).header("x-mesh-person", person);
    let asked = json!({"email": email, "display_name": "Somebody", "roles": ["viewer"]});
    let answer = request.json(&asked).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_role_that_demands_a_second_factor_counts_only_with_it() {
    let environment = BTreeMap::from([("SECOND_FACTOR_ROLES".into(), "admin,owner".into())]);
    let functions = vec!["iam-control".to_owned()];
    let callers = vec!["firebase-proxy".to_owned()];
    let setup = Setup { functions, auth: true, environment, callers, ..Setup::default() };
    let mesh = &Mesh::set_up("second-factor", setup).await;
    let adam = &mesh.person("adam", &[Role::Admin, Role::Viewer]).await;
    assert_eq!(invite(mesh, adam, "a@meridian.example").await.0, 201);

    // The sweep brings what the operator demands into every document.
    let due = event::due(jiff::Timestamp::now().into());
    assert_eq!(mesh.deliver("iam-control", "sweep", &due).await.status(), 204);
    let demanded = [Role::Admin, Role::Owner].into();
    for stored in mesh.all::<User>().await {
        assert_eq!(stored.document.second_factor_for, demanded, "{}", stored.id);
    }
    let written: User = mesh.get(&Uid::new("adam")).await;
    assert_eq!(written.policy_version, 2);
    let history = mesh.history("users/adam").await;
    assert_eq!(history.last().unwrap().action, "person.second_factor");

    // What is remembered of a person may be two seconds old.
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let (status, problem) = invite(mesh, adam, "b@meridian.example").await;
    assert_eq!(status, 403);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("your role `admin` counts only"), "{detail}");
    let shown = &token::with_second_factor(adam);
    assert_eq!(invite(mesh, shown, "b@meridian.example").await.0, 201);

    // Who is invited after that is covered from the beginning, and a sweep changes nothing.
    let count = mesh.history("users/adam").await.len();
    for stored in mesh.all::<User>().await {
        assert_eq!(stored.document.second_factor_for, demanded, "{}", stored.id);
    }
    assert_eq!(mesh.deliver("iam-control", "sweep", &due).await.status(), 204);
    assert_eq!(mesh.history("users/adam").await.len(), count);
}
