//! Invited, accepted, signed in, disabled: the person's document and their account.

use model::{Role, access::UserState};
use reqwest::Method;
use serde_json::json;
use testkit::{event, token};

use super::{Office, PASSWORD, because, claims, good, refused};

async fn invite(office: &Office, email: &str, roles: &[Role]) -> serde_json::Value {
    let body = json!({"email": email, "display_name": "Nora", "roles": roles});
    good(office.post("/people", &office.adam, body).await).await
}

#[tokio::test]
async fn a_person_is_invited_accepts_signs_in_and_has_their_role() {
    let office = Office::open("invite").await;
    let mesh = &office.mesh;
    let invited = invite(&office, "Nora@Meridian.example", &[Role::Auditor]).await;
    let (uid, secret) = (invited["uid"].as_str().unwrap(), &invited["secret"]);
    mesh.settle().await;
    let account = mesh.account(uid).await.expect("the trigger makes the account");
    assert_eq!(
        (&account["disabled"], &account["email"]),
        (&json!(true), &json!("nora@meridian.example"))
    );
    assert!(mesh.sign_in("nora@meridian.example", PASSWORD).await.is_err());

    let short = refused(office.accept(secret, "too short").await, 422).await;
    assert!(!short.contains("too short"));
    let accepted = good(office.accept(secret, PASSWORD).await).await;
    assert_eq!(accepted, json!({"uid": uid, "email": "nora@meridian.example"}));
    // No waiting: whoever accepted signs in at once.
    let id_token = mesh.sign_in("nora@meridian.example", PASSWORD).await.expect("may sign in");
    let signed = token::claims(&id_token);
    assert_eq!((&signed["roles"], &signed["pv"]), (&json!(["auditor"]), &json!(2)));
    assert_eq!(signed["email_verified"], true);
    let own = office.get(&format!("/people/{uid}"), &id_token).await;
    assert_eq!((&own["state"], &own["policy_version"]), (&json!("active"), &json!(2)));
    let why = format!("/access/why?person={uid}&permission=audits.run");
    let why = office.get(&why, &id_token).await;
    assert_eq!((&why["allowed"], &why["reason"]["role"]), (&json!(true), &json!("auditor")));

    // Used once, it opens nothing; and no other password is set by trying.
    let words = refused(office.accept(secret, "another long password").await, 404).await;
    assert!(words.contains("it was used"), "{words}");
    assert!(mesh.sign_in("nora@meridian.example", PASSWORD).await.is_ok());
    refused(office.post(&format!("/people/{uid}/invitation"), &office.adam, json!({})).await, 400)
        .await;
    let again = json!({"email": "nora@meridian.example", "display_name": "N", "roles": []});
    refused(office.post("/people", &office.adam, again).await, 409).await;

    // Neither secret nor password is anywhere.
    let secret = secret.as_str().unwrap();
    let log = mesh.function("iam-control").log();
    let journal = format!("{:?}", mesh.all::<model::journal::JournalRecord>().await);
    let users = format!("{:?}", mesh.all::<model::access::User>().await);
    for place in [&log, &journal, &users] {
        assert!(!place.contains(secret) && !place.contains(PASSWORD));
    }
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn of_twenty_who_accept_at_once_one_comes_in() {
    let office = Office::open("accept-race").await;
    let invited = invite(&office, "nora@meridian.example", &[Role::Viewer]).await;
    let passwords: Vec<_> = (0..20).map(|n| format!("a long password {n:02}")).collect();
    let tries = passwords.iter().map(|password| office.accept(&invited["secret"], password));
    let answers = futures::future::join_all(tries).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    let winners: Vec<_> = (0..20).filter(|n| statuses[*n] == 200).collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 404, 409].contains(status)), "{statuses:?}");
    for (n, password) in passwords.iter().enumerate() {
        let signed_in = office.mesh.sign_in("nora@meridian.example", password).await.is_ok();
        assert_eq!(signed_in, n == winners[0], "{n}");
    }
}

#[tokio::test]
async fn an_invitation_is_void_when_a_newer_one_or_its_time_comes() {
    let office = Office::open("void").await;
    let first = invite(&office, "nora@meridian.example", &[Role::Viewer]).await;
    let uid = first["uid"].as_str().unwrap().to_owned();
    let path = format!("/people/{uid}/invitation");
    let second = good(office.post(&path, &office.adam, json!({})).await).await;
    assert_ne!(first["secret"], second["secret"]);
    refused(office.accept(&first["secret"], PASSWORD).await, 404).await;

    let in_four_days = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(96);
    for _ in 0..2 {
        office.sweep(in_four_days).await;
    }
    refused(office.accept(&second["secret"], PASSWORD).await, 404).await;
    let user = office.user(&uid).await;
    assert_eq!(user.state, UserState::Invited);
    assert_eq!(user.invitation.expect("remembered").secret_hash, "");
    let third = good(office.post(&path, &office.adam, json!({})).await).await;
    good(office.accept(&third["secret"], PASSWORD).await).await;
    office.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn disabling_and_revoking_take_effect() {
    let office = Office::open("disable").await;
    let mesh = &office.mesh;
    let invited = invite(&office, "nora@meridian.example", &[Role::Auditor]).await;
    let uid = invited["uid"].as_str().unwrap();
    good(office.accept(&invited["secret"], PASSWORD).await).await;
    let nora = mesh.sign_in("nora@meridian.example", PASSWORD).await.unwrap();
    let whoami = async |token: &str| {
        let path = format!("/people/{uid}");
        office.request(Method::GET, &path, Some(token)).send().await.unwrap().status().as_u16()
    };
    assert_eq!(whoami(&nora).await, 200);

    let revoke = format!("/people/{uid}/sessions/revoke");
    good(office.post(&revoke, &office.adam, because()).await).await;
    let started = std::time::Instant::now();
    while whoami(&nora).await != 401 {
        assert!(started.elapsed().as_secs() < 5, "the session goes on");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    mesh.settle().await;
    let since = office.user(uid).await.sessions_since.as_second();
    let valid_since = mesh.account(uid).await.unwrap()["validSince"].clone();
    assert!(valid_since.as_str().unwrap().parse::<i64>().unwrap() >= since, "{valid_since}");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let nora = mesh.sign_in("nora@meridian.example", PASSWORD).await.unwrap();
    assert_eq!(whoami(&nora).await, 200);

    let disabled =
        good(office.post(&format!("/people/{uid}/disable"), &office.adam, because()).await).await;
    assert_eq!(disabled["state"], "disabled");
    mesh.settle().await;
    assert_eq!(mesh.sign_in("nora@meridian.example", PASSWORD).await, Err("USER_DISABLED".into()));
    assert_eq!(claims(mesh, uid).await["roles"], json!([]));
    let started = std::time::Instant::now();
    while whoami(&nora).await != 403 {
        assert!(started.elapsed().as_secs() < 5, "the person comes in");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    good(office.post(&format!("/people/{uid}/enable"), &office.adam, because()).await).await;
    mesh.settle().await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let nora = mesh.sign_in("nora@meridian.example", PASSWORD).await.unwrap();
    assert_eq!(whoami(&nora).await, 200);
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_account_that_was_tampered_with_is_repaired() {
    let office = Office::open("tamper").await;
    let mesh = &office.mesh;
    mesh.person("oscar", &[Role::Operator]).await;
    mesh.settle().await;
    let good_claims = json!({"roles": ["operator"], "pv": 1});
    assert_eq!(claims(mesh, "oscar").await, good_claims);
    let owner = json!({"roles": ["owner"], "pv": 1}).to_string();
    for tampered in [
        json!({"customAttributes": owner}),
        json!({"customAttributes": "{}"}),
        json!({"disableUser": true}),
        json!({"displayName": "Olivia Owner"}),
    ] {
        mesh.tamper("oscar", tampered).await;
        office.sweep(jiff::Timestamp::now()).await;
        let account = mesh.account("oscar").await.unwrap();
        assert_eq!(claims(mesh, "oscar").await, good_claims);
        assert_eq!(
            (&account["disabled"], &account["displayName"]),
            (&json!(false), &json!("oscar"))
        );
    }
}

#[tokio::test]
async fn an_event_that_comes_twice_or_late_leads_to_the_same_account() {
    let office = Office::open("events").await;
    let mesh = &office.mesh;
    mesh.person("oscar", &[Role::Operator]).await;
    mesh.settle().await;
    let (id, old) = (model::Uid::new("oscar"), office.user("oscar").await);
    let version = office.version("oscar").await;
    good(office.assign("oscar", &office.olga, &[Role::Viewer], &version).await).await;
    mesh.settle().await;
    let history = mesh.history("users/oscar").await.len();
    let late = event::written(&id, Some(&old), "late");
    let gone = event::written::<model::access::User>(&id, None, "gone");
    for delivery in [&late, &late, &gone, &gone] {
        assert_eq!(mesh.deliver("iam-control", "user-written", delivery).await.status(), 204);
        assert_eq!(claims(mesh, "oscar").await, json!({"roles": ["viewer"], "pv": 2}));
    }
    assert_eq!(mesh.history("users/oscar").await.len(), history);
    // Who is no person of the mesh any more does not sign in.
    mesh.delete::<model::access::User>(&id).await;
    mesh.settle().await;
    assert_eq!(mesh.account("oscar").await.unwrap()["disabled"], true);
    assert_eq!(claims(mesh, "oscar").await, json!({}));
}
