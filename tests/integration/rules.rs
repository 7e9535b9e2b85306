//! What people read of Firestore by themselves: as the one table says, and nothing else.
//!
//! The rules are asked as a browser asks them, on the real emulator; what they should
//! answer is worked out from the permissions here, and never from the rules.

mod client;
mod coverage;
mod listener;
mod people;

use futures::{StreamExt, stream};
use model::{
    Permission, Role,
    access::{
        Fields,
        rules::{OWN, Own},
    },
};
use testkit::Mesh;

use client::{Client, OTHERS, Operation, Place};
use people::{Person, Standing};

/// How many requests are on their way at once: enough to keep two cores busy.
const AT_ONCE: usize = 16;
/// The emulator remembers every value of every expression until rules are loaded anew:
/// some 10 KB for each request.
const REQUESTS_A_LOAD: usize = 1000;
/// Below this the enumeration has lost a part of itself.
const CASES_MIN: usize = 10_000;

/// Where the names of all collections come from.
const IDS: &str = include_str!("../../shared/model/src/id.rs");

/// Collections that nobody made, or forgot to make rules for.
const UNKNOWN: [&str; 5] = [
    "unknown",
    "unknown/{document}/deeper",
    "findings/{finding}/notes",
    "users/{uid}/private",
    "checks/{check}/results/{result}/lines",
];

/// Returns every collection of the model, whoever may read it.
fn collections() -> Vec<&'static str> {
    let named = IDS.split(" in \"").skip(1);
    let constant = IDS.split("const COLLECTION: &'static str = \"").skip(1);
    named.chain(constant).filter_map(|rest| rest.split('"').next()).collect()
}

/// What the table says, in a few lines of its own.
fn may(person: &Person, collection: &str, operation: Operation) -> bool {
    if !person.is_present() {
        return false;
    }
    let role = person.role_now();
    let reads_all = Permission::ALL.iter().any(|permission| {
        let holds = role.is_some_and(|r| r == Role::Owner || permission.roles().contains(&r));
        let reads = permission.reads().iter();
        holds && reads.clone().any(|r| r.collection == collection && r.fields == Fields::All)
    });
    let has_own = OWN.iter().any(|(name, _)| *name == collection);
    match operation {
        Operation::Get(Place::Own) | Operation::List(Place::Own) => reads_all || has_own,
        Operation::Get(_) | Operation::List(_) => reads_all,
        Operation::ListEverywhere
        | Operation::Create
        | Operation::Update(_)
        | Operation::Delete(_) => false,
    }
}

/// What is tried on a collection.
fn operations(collection: &str) -> Vec<Operation> {
    use Operation::{Create, Delete, Get, List, ListEverywhere, Update};
    let mut operations = vec![
        Get(Place::Others),
        Get(Place::Missing),
        List(Place::Any),
        ListEverywhere,
        Create,
        Update(Place::Others),
        Delete(Place::Others),
    ];
    if OWN.iter().any(|(name, _)| *name == collection) {
        let own = [Get(Place::Own), List(Place::Own), Update(Place::Own), Delete(Place::Own)];
        operations.extend(own);
        operations.push(List(Place::Others));
    }
    operations
}

/// Writes a document of somebody else into every collection, and one of each person's own
/// into those that have owners.
async fn furnish(mesh: &Mesh, people: &[Person]) {
    for person in people {
        if let Some(user) = &person.user {
            mesh.put(&person.uid, user).await;
        }
    }
    for collection in collections().into_iter().chain(UNKNOWN) {
        let path = client::path(collection, OTHERS);
        let fields = match client::owner_field(collection) {
            Some(field) => serde_json::json!({field: {"stringValue": OTHERS}}),
            None => serde_json::json!({}),
        };
        mesh.put_raw(&path, serde_json::json!({"fields": fields})).await;
    }
    for (collection, own) in OWN {
        if collection == "users" {
            continue;
        }
        for person in people {
            let path = client::path(collection, person.uid.as_str());
            let fields = match own {
                Own::Field(field) => serde_json::json!({field: {"stringValue": person.uid}}),
                Own::Id => serde_json::json!({}),
            };
            mesh.put_raw(&path, serde_json::json!({"fields": fields})).await;
        }
    }
}

#[tokio::test]
async fn firestore_shows_what_the_table_says_and_nobody_writes() {
    let mesh = Mesh::start("rules", &[]).await;
    let people = people::all();
    furnish(&mesh, &people).await;
    let client = Client::new(&mesh);
    let mut cases = Vec::new();
    for person in &people {
        for collection in collections().into_iter().chain(UNKNOWN) {
            let operations = operations(collection).into_iter();
            cases.extend(operations.map(|operation| (person, collection, operation)));
        }
    }
    assert!(cases.len() >= CASES_MIN, "{} cases", cases.len());
    let (mut differences, mut allowed) = (Vec::new(), 0);
    for some in cases.chunks(REQUESTS_A_LOAD) {
        client.load_rules().await;
        let asked = some.iter().copied().map(async |(person, collection, operation)| {
            let found = client.ask(person, collection, operation).await;
            (found, (person, collection, operation))
        });
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some((found, (person, collection, operation))) = answers.next().await {
            let wanted = match (may(person, collection, operation), operation) {
                (false, _) => 403,
                (true, Operation::Get(Place::Missing)) => 404,
                (true, _) => 200,
            };
            allowed += usize::from(wanted != 403);
            if found != wanted {
                let uid = &person.uid;
                differences
                    .push(format!("{uid} {collection} {operation:?}: {found}, not {wanted}"));
            }
        }
    }
    println!("{} requests, {allowed} allowed, {} differ", cases.len(), differences.len());
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(allowed > 0 && allowed < cases.len());
    // Whoever writes is refused, and what was there is there unchanged.
    for person in people.iter().filter(|person| person.standing == Standing::Good) {
        let kept: model::access::User = mesh.get(&person.uid).await;
        assert_eq!(Some(kept), person.user);
    }
}

#[test]
fn the_collections_are_those_of_the_model() {
    let collections = collections();
    let known = model::access::rules::readers();
    for collection in known.keys().chain(&["deliveries", "decisions", "requests"]) {
        assert!(collections.contains(collection), "{collection}");
    }
}
