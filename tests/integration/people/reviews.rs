//! Access reviews: answered, due, closed.

use jiff::{SignedDuration, Timestamp};
use model::{
    ReviewId, Role, Uid,
    access::User,
    access::review::{AccessReview, Outcome, ReviewState},
};
use serde_json::{Value, json};

use super::{Office, because, good, refused};

async fn answer(
    office: &Office,
    review: &Value,
    by: &str,
    person: &str,
    role: Role,
    verdict: &str,
) -> reqwest::Response {
    let path = format!("/access-reviews/{}/answers", review["id"].as_str().unwrap());
    office.post(&path, by, json!({"person": person, "role": role, "verdict": verdict})).await
}

#[tokio::test]
async fn a_review_takes_what_nobody_keeps_when_it_is_due() {
    let office = Office::open("review").await;
    let mesh = &office.mesh;
    let audrey = mesh.person("audrey", &[Role::Auditor, Role::Viewer]).await;
    mesh.person("oscar", &[Role::Operator]).await;
    let body = json!({"title": "2026 Q4", "due_in_days": 7});
    let review = good(office.post("/access-reviews", &audrey, body).await).await;
    assert_eq!(review["items"].as_object().unwrap().len(), 5);
    good(answer(&office, &review, &office.adam, "audrey", Role::Auditor, "keep").await).await;
    good(answer(&office, &review, &office.adam, "oscar", Role::Operator, "remove").await).await;
    good(answer(&office, &review, &office.olga, "adam", Role::Admin, "keep").await).await;
    refused(answer(&office, &review, &office.adam, "adam", Role::Admin, "keep").await, 403).await;
    refused(answer(&office, &review, &office.adam, "oscar", Role::Auditor, "keep").await, 404)
        .await;
    refused(answer(&office, &review, &audrey, "oscar", Role::Operator, "keep").await, 403).await;
    let path = format!("/access-reviews/{}/close", review["id"].as_str().unwrap());
    refused(office.post(&path, &audrey, because()).await, 403).await;

    let due = Timestamp::now() + SignedDuration::from_hours(24 * 7 + 1);
    for _ in 0..2 {
        office.sweep(due).await;
    }
    let id = ReviewId::new(review["id"].as_str().unwrap());
    let closed: AccessReview = mesh.get(&id).await;
    assert_eq!(closed.state, ReviewState::Closed);
    let outcome = |key: &str| closed.items[key].outcome.unwrap();
    assert_eq!(outcome("audrey:auditor"), Outcome::Kept);
    assert_eq!(outcome("audrey:viewer"), Outcome::Removed);
    assert_eq!(outcome("oscar:operator"), Outcome::Removed);
    assert_eq!(outcome("adam:admin"), Outcome::Kept);
    assert_eq!(outcome("olga:owner"), Outcome::KeptLastOwner);
    assert_eq!(office.user("audrey").await.roles, [Role::Auditor].into());
    assert!(office.user("oscar").await.roles.is_empty());
    assert_eq!(office.user("olga").await.roles, [Role::Owner].into());
    let history = mesh.history(&format!("access_reviews/{id}")).await;
    let last = history.last().unwrap();
    assert_eq!(last.action, "access-review.closed");
    assert!(last.reason.ends_with("the last active owner stays"), "{}", last.reason);
    refused(answer(&office, &review, &office.adam, "oscar", Role::Operator, "keep").await, 400)
        .await;
    let listed = office.get("/access-reviews", &office.adam).await;
    assert_eq!(listed["items"][0]["state"], "closed");
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_large_review_closes_whole_and_two_owners_do_not_both_go() {
    let office = Office::open("large-review").await;
    let mesh = &office.mesh;
    mesh.person("oswald", &[Role::Owner]).await;
    let puts = (0..130).map(|n| {
        let user = User { email: format!("p{n}@meridian.example"), ..template() };
        async move { mesh.put(&Uid::new(format!("p{n:03}")), &user).await }
    });
    futures::future::join_all(puts).await;
    // Every slot may be taken by the events of these writes.
    mesh.settle().await;
    let body = json!({"title": "all", "due_in_days": 30});
    let review = good(office.post("/access-reviews", &office.adam, body).await).await;
    assert_eq!(review["items"].as_object().unwrap().len(), 133);
    let path = format!("/access-reviews/{}/close", review["id"].as_str().unwrap());
    let closed = good(office.post(&path, &office.adam, because()).await).await;
    assert_eq!(closed["state"], "closed");
    let outcomes = |wanted: &str| {
        let items = closed["items"].as_object().unwrap().values();
        items.filter(|item| item["outcome"] == wanted).count()
    };
    assert_eq!((outcomes("removed"), outcomes("kept_last_owner")), (132, 1));
    let people = mesh.all::<User>().await;
    let with_roles: Vec<_> = people.iter().filter(|s| !s.document.roles.is_empty()).collect();
    assert_eq!(with_roles.len(), 1);
    assert_eq!(with_roles[0].document.roles, [Role::Owner].into());
    mesh.settle().await;
    mesh.assert_journal_agrees().await;
}

fn template() -> User {
    User {
        email: String::new(),
        display_name: "one of many".into(),
        state: model::access::UserState::Active,
        roles: [Role::Viewer].into(),
        elevations: [].into(),
        second_factor_for: [].into(),
        sessions_since: Timestamp::UNIX_EPOCH.into(),
        policy_version: 1,
        invitation: None,
    }
}
