//! Who may ask iam-control for what.

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Office, because, good, refused};

#[tokio::test]
async fn everybody_sees_the_directory_and_few_see_more() {
    let office = Office::open("directory").await;
    let vera = office.mesh.person("vera", &[Role::Viewer]).await;
    let nobody = office.mesh.person("norma", &[]).await;
    let listed = office.get("/people?page_size=2", &vera).await;
    let names: Vec<_> = listed["items"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["display_name", "email", "roles", "state", "uid"]);
    let next = listed["next_page_token"].as_str().unwrap();
    let rest = office.get(&format!("/people?page_token={next}"), &office.adam).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert!(rest["items"][0].get("policy_version").is_some());
    assert!(office.get("/people/vera", &vera).await.get("policy_version").is_some());
    assert!(office.get("/people/adam", &vera).await.get("policy_version").is_none());
    let request = office.request(Method::GET, "/people", Some(&nobody)).send().await.unwrap();
    refused(request, 403).await;
    let missing = office.request(Method::GET, "/people/nobody", Some(&vera)).send().await.unwrap();
    refused(missing, 404).await;
    let odd = office.request(Method::GET, "/people/a%2Fb", Some(&vera)).send().await.unwrap();
    refused(odd, 404).await;
}

#[tokio::test]
async fn a_service_without_a_person_and_a_person_without_a_service_may_nothing() {
    let office = Office::open("alone").await;
    let alone = office.request(Method::GET, "/people", None).send().await.unwrap();
    refused(alone, 403).await;
    let url = format!("{}/v1/people", office.mesh.function("iam-control").url());
    let person = office.mesh.http.get(&url).bearer_auth(&office.olga).send().await.unwrap();
    assert_eq!(person.status(), 401);
    let stranger = office.mesh.service_token("audit-engine", "iam-control");
    let stranger = office.mesh.http.get(&url).bearer_auth(stranger);
    let stranger = stranger.header("x-mesh-person", &office.olga).send().await.unwrap();
    assert_eq!(stranger.status(), 403);
}

#[tokio::test]
async fn each_change_needs_its_permission() {
    let office = Office::open("permissions").await;
    let people = [Role::Viewer, Role::Operator, Role::Auditor, Role::Treasurer];
    let invite = json!({"email": "x@meridian.example", "display_name": "X", "roles": []});
    let review = json!({"title": "Q4", "due_in_days": 7});
    let ask = json!({"role": "treasurer", "minutes": 30, "reason": "the books"});
    let what_if = json!({"changes": [{"person": "adam", "role": "viewer", "change": "give"}]});
    let cases: Vec<(&str, Value, &[Role])> = vec![
        ("/people", invite, &[]),
        ("/people/adam/disable", because(), &[]),
        ("/people/adam/enable", because(), &[]),
        ("/people/adam/sessions/revoke", because(), &[]),
        ("/people/adam/invitation", json!({}), &[]),
        ("/grants", ask, &[Role::Operator, Role::Auditor, Role::Treasurer]),
        ("/grants/none/approve", because(), &[]),
        ("/grants/none/reject", because(), &[]),
        ("/grants/none/extend", because(), &[]),
        ("/grants/none/revoke", because(), &[]),
        ("/glass", because(), &[]),
        ("/access-reviews", review, &[Role::Auditor]),
        ("/access-reviews/none/close", because(), &[]),
        ("/access/what-if", what_if, &[Role::Auditor]),
    ];
    for role in people {
        let token = office.mesh.person(role.name(), &[role]).await;
        for (path, body, allowed) in &cases {
            let status = office.post(path, &token, body.clone()).await.status().as_u16();
            assert_eq!(status != 403, allowed.contains(&role), "{role} {path}: {status}");
        }
    }
    office.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn roles_are_assigned_for_the_version_that_was_read() {
    let office = Office::open("if-match").await;
    office.mesh.person("vera", &[Role::Viewer]).await;
    let body = json!({"roles": ["operator"], "reason": "the rota changes"});
    let without = office.request(Method::PUT, "/people/vera/roles", Some(&office.adam));
    let words = refused(without.json(&body).send().await.unwrap(), 428).await;
    assert!(words.contains("If-Match") && words.contains("ETag"), "{words}");

    let version = office.version("vera").await;
    let first = office.assign("vera", &office.adam, &[Role::Operator], &version).await;
    assert_ne!(first.headers()["etag"].to_str().unwrap(), version);
    assert_eq!(good(first).await["roles"], json!(["operator"]));
    let second = office.assign("vera", &office.adam, &[Role::Treasurer], &version).await;
    let words = refused(second, 412).await;
    assert!(words.contains("read it again"), "{words}");

    let version = office.version("vera").await;
    let both = [Role::Operator, Role::Auditor];
    refused(office.assign("vera", &office.adam, &both, &version).await, 400).await;
    refused(office.assign("vera", &office.adam, &[Role::Owner], &version).await, 403).await;
    let own = office.version("adam").await;
    refused(office.assign("adam", &office.adam, &[Role::Viewer], &own).await, 403).await;
    refused(office.post("/people/adam/disable", &office.adam, because()).await, 403).await;
    let unknown = json!({"roles": ["king"], "reason": "the rota changes"});
    let unknown =
        office.request(Method::PUT, "/people/vera/roles", Some(&office.adam)).json(&unknown);
    let unknown = unknown.header("if-match", version);
    assert_eq!(unknown.send().await.unwrap().status(), 422);
    let history = office.mesh.history("users/vera").await;
    let last = history.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.reason.as_str()),
        ("person.roles-assigned", "the rota changes")
    );
    assert_eq!(last.actor.to_string(), "person:adam");
    office.mesh.assert_journal_agrees().await;
}
