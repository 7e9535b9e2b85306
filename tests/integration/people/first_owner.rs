//! The first owner of a new project.

use std::collections::BTreeMap;

use model::{Role, Uid, access::User, access::UserState};
use serde_json::json;
use testkit::{Mesh, Setup, event};

use super::{PASSWORD, claims};

const ADDRESS: &str = "olga@meridian.example";

/// A new project whose operator named the first owner's address.
async fn project(name: &str) -> Mesh {
    let environment =
        BTreeMap::from([("FIRST_OWNER_EMAIL".into(), "Olga@Meridian.example".into())]);
    let functions = vec!["iam-control".to_owned()];
    let callers = vec!["firebase-proxy".to_owned()];
    Mesh::set_up(name, Setup { functions, auth: true, environment, callers, ..Setup::default() })
        .await
}

/// Invites somebody, and returns the status of the answer.
async fn invite(mesh: &Mesh, person: &str) -> u16 {
    let url = format!("{}/v1/people", mesh.function("iam-control").url());
    let service = mesh.service_token("firebase-proxy", "iam-control");
    let request = mesh.http.post(url).bearer_auth(service).header("x-mesh-person", person);
    let asked =
        json!({"email": "adam@meridian.example", "display_name": "Adam", "roles": ["admin"]});
    request.json(&asked).send().await.unwrap().status().as_u16()
}

async fn sweep(mesh: &Mesh) {
    let due = event::due(jiff::Timestamp::now().into());
    let answer = mesh.deliver("iam-control", "sweep", &due).await;
    assert_eq!(answer.status(), 204, "{:?}", answer.text().await);
}

async fn people(mesh: &Mesh) -> Vec<String> {
    mesh.all::<User>().await.into_iter().map(|stored| stored.id.to_string()).collect()
}

#[tokio::test]
async fn who_verifies_the_address_becomes_the_first_owner_once() {
    let mesh = &project("first-owner").await;
    sweep(mesh).await;
    // Anybody can sign up with any address.
    let uid = &mesh.sign_up(ADDRESS, "what a stranger typed").await;
    let stranger = mesh.sign_in(ADDRESS, "what a stranger typed").await.unwrap();
    mesh.sign_up("olga@meridian.example.evil.example", PASSWORD).await;
    sweep(mesh).await;
    assert_eq!(people(mesh).await, [""; 0]);

    mesh.reset_password(ADDRESS, PASSWORD).await;
    mesh.tamper(uid, json!({"disableUser": true})).await;
    sweep(mesh).await;
    assert_eq!(people(mesh).await, [""; 0]);

    mesh.tamper(uid, json!({"disableUser": false})).await;
    // Two sweeps at a time, of two instances, appoint one owner.
    futures::future::join(sweep(mesh), sweep(mesh)).await;
    assert_eq!(people(mesh).await, [uid.as_str()]);
    let olga: User = mesh.get(&Uid::new(uid)).await;
    assert_eq!((olga.state, olga.roles.clone()), (UserState::Active, [Role::Owner].into()));
    assert_eq!((olga.email.as_str(), olga.display_name.as_str()), (ADDRESS, "olga"));
    let history = mesh.history(&format!("users/{uid}")).await;
    assert_eq!(history.len(), 1);
    let actor = serde_json::to_value(&history[0].actor).unwrap().to_string();
    assert!(actor.contains("iam-control@"), "{actor}");
    assert_eq!(history[0].action, "person.appointed");
    assert!(history[0].reason.contains("`FIRST_OWNER_EMAIL`"), "{}", history[0].reason);
    mesh.settle().await;
    assert_eq!(claims(mesh, uid).await, json!({"roles": ["owner"], "pv": 1}));
    // Who signed in before the address was verified is not let in with who verified it.
    assert_eq!(invite(mesh, &stranger).await, 401);
    assert!(mesh.sign_in(ADDRESS, "what a stranger typed").await.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let own = mesh.sign_in(ADDRESS, PASSWORD).await.unwrap();
    assert_eq!(invite(mesh, &own).await, 201);

    // What was done to the owner since is not undone.
    mesh.person("oswald", &[Role::Owner]).await;
    let demoted = User { roles: [Role::Viewer].into(), policy_version: 2, ..olga };
    mesh.put(&Uid::new(uid), &demoted).await;
    sweep(mesh).await;
    assert_eq!(mesh.get::<User>(&Uid::new(uid)).await, demoted);
    assert!(!mesh.function("iam-control").log().contains(ADDRESS));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn where_somebody_is_owner_nobody_becomes_the_first() {
    let mesh = &project("second-owner").await;
    mesh.sign_up(ADDRESS, PASSWORD).await;
    mesh.reset_password(ADDRESS, PASSWORD).await;
    mesh.person("oswald", &[Role::Owner]).await;
    // Nor is it a way back in when the only owner was shut out.
    let oswald = Uid::new("oswald");
    for state in [UserState::Active, UserState::Disabled, UserState::Invited] {
        let user = User { state, ..mesh.get(&oswald).await };
        mesh.put(&oswald, &user).await;
        sweep(mesh).await;
        assert_eq!(people(mesh).await, ["oswald"], "{state:?}");
    }
    // A document that cannot be read may be an owner's.
    mesh.delete::<User>(&oswald).await;
    let odd = json!({"fields": {"roles": {"arrayValue": {"values": [{"stringValue": "owner"}]}}}});
    mesh.put_raw("users/odd", odd).await;
    sweep(mesh).await;
    mesh.delete_raw("users/odd").await;
    assert_eq!(people(mesh).await, [""; 0]);
}

#[tokio::test]
async fn who_is_a_person_already_does_not_become_the_first_owner() {
    let mesh = &project("known-owner").await;
    let uid = Uid::new(mesh.sign_up(ADDRESS, PASSWORD).await);
    mesh.reset_password(ADDRESS, PASSWORD).await;
    // By the same address, and by the same account.
    for (place, person) in [&Uid::new("another"), &uid].into_iter().enumerate() {
        let known = User {
            email: ADDRESS.into(),
            display_name: "olga".into(),
            state: UserState::Active,
            roles: [Role::Viewer].into(),
            elevations: [].into(),
            second_factor_for: [].into(),
            sessions_since: jiff::Timestamp::UNIX_EPOCH.into(),
            policy_version: 1,
            invitation: None,
        };
        mesh.put(person, &known).await;
        sweep(mesh).await;
        assert_eq!(mesh.get::<User>(person).await, known);
        let log = mesh.function("iam-control").log();
        assert_eq!(log.matches("a person of the mesh has the address").count(), place + 1);
        mesh.delete::<User>(person).await;
    }
}
