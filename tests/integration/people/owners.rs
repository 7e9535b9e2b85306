//! There is always an owner.

use model::{
    Role,
    access::{User, UserState},
};

use super::{Office, because, refused};

async fn owners(office: &Office) -> Vec<String> {
    let people = office.mesh.all::<User>().await;
    let is_owner =
        |user: &User| user.state == UserState::Active && user.roles.contains(&Role::Owner);
    let owners = people.into_iter().filter(|stored| is_owner(&stored.document));
    owners.map(|stored| stored.id.to_string()).collect()
}

#[tokio::test]
async fn of_twenty_who_remove_two_owners_at_once_one_owner_is_left() {
    let office = Office::open("two-owners").await;
    // A race that is lost only now and then has several chances.
    for _ in 0..4 {
        for owner in ["olga", "oswald"] {
            office.mesh.person(owner, &[Role::Owner]).await;
        }
        let versions = [office.version("olga").await, office.version("oswald").await];
        let tries = (0..20).map(|n| remove(&office, n, &versions));
        let answers = futures::future::join_all(tries).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status().as_u16()).collect();
        assert!(statuses.iter().all(|status| [200, 400, 412].contains(status)), "{statuses:?}");
        assert!(statuses.contains(&400), "somebody was told why: {statuses:?}");
        assert_eq!(owners(&office).await.len(), 1, "{statuses:?}");
    }
    office.mesh.assert_journal_agrees().await;
}

/// Lets go of one of two owners, in one of two ways.
async fn remove(office: &Office, n: usize, versions: &[String; 2]) -> reqwest::Response {
    let (person, version) = [("olga", &versions[0]), ("oswald", &versions[1])][n % 2];
    if n % 4 < 2 {
        office.post(&format!("/people/{person}/disable"), &office.adam, because()).await
    } else {
        office.assign(person, &office.adam, &[Role::Viewer], version).await
    }
}

#[tokio::test]
async fn the_last_owner_is_neither_disabled_nor_demoted() {
    let office = Office::open("last-owner").await;
    let words =
        refused(office.post("/people/olga/disable", &office.adam, because()).await, 400).await;
    assert!(words.contains("last active owner"), "{words}");
    let version = office.version("olga").await;
    refused(office.assign("olga", &office.adam, &[], &version).await, 400).await;
    // Who is owner for an hour is none that stays.
    let glass = office.post("/glass", &office.adam, because()).await;
    assert_eq!(glass.status(), 201);
    refused(office.post("/people/olga/disable", &office.adam, because()).await, 400).await;
    assert_eq!(owners(&office).await, ["olga"]);
}
