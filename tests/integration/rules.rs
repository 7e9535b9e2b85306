//! Firestore's security rules, asked as a browser asks: for every role, collection,
//! operation and state of a person, the emulator answers as the table says.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use model::{
    Role, Timestamp, Uid,
    access::{
        User, UserState,
        rules::{OWN, Own, firestore_rules, readers},
    },
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use testkit::{Emulators, Mesh, token};

/// Requests at a time; the emulator serves one core's worth.
const AT_A_TIME: usize = 16;

/// Collections that nobody reads, or that do not exist.
const CLOSED: [&str; 6] =
    ["deliveries", "decisions", "requests", "anything", "users/{u}/private", "assets/{a}/x"];

/// The state of the person who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    Elevated,
    NoToken,
    Unknown,
    Invited,
    Disabled,
    SessionEnded,
    Expired,
    NoAuthTime,
}

const STATES: [State; 9] = [
    State::Good,
    State::Elevated,
    State::NoToken,
    State::Unknown,
    State::Invited,
    State::Disabled,
    State::SessionEnded,
    State::Expired,
    State::NoAuthTime,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Get,
    GetOwn,
    GetMissing,
    List,
    ListOwn,
    Create,
    Update,
    Delete,
}

const OPERATIONS: [Operation; 8] = [
    Operation::Get,
    Operation::GetOwn,
    Operation::GetMissing,
    Operation::List,
    Operation::ListOwn,
    Operation::Create,
    Operation::Update,
    Operation::Delete,
];

struct Browser {
    http: Client,
    host: String,
    project: String,
}

impl Browser {
    fn url(&self, path: &str) -> String {
        format!(
            "http://{}/v1/projects/{}/databases/(default)/documents{path}",
            self.host, self.project
        )
    }

    /// Asks, and tells whether it was allowed.
    async fn may(
        &self,
        token: Option<&str>,
        collection: &str,
        operation: Operation,
        uid: &str,
    ) -> bool {
        let (parent, name) = collection.rsplit_once('/').map_or(("", collection), |(p, n)| (p, n));
        let own_id = own_id(collection, uid);
        let document = |id: &str| self.url(&format!("/{collection}/{id}"));
        let fields = json!({"fields": {"person": {"stringValue": uid}}});
        let query = |filter: Option<Value>| {
            let mut query = json!({"from": [{"collectionId": name}], "limit": 3});
            if let Some(filter) = filter {
                query["where"] = filter;
            }
            let parent = if parent.is_empty() { String::new() } else { format!("/{parent}") };
            self.http
                .post(self.url(&format!("{parent}:runQuery")))
                .json(&json!({"structuredQuery": query}))
        };
        let request = match operation {
            Operation::Get => self.http.get(document("other")),
            Operation::GetOwn => self.http.get(document(&own_id)),
            Operation::GetMissing => self.http.get(document("missing")),
            Operation::List => query(None),
            Operation::ListOwn => query(Some(json!({"fieldFilter": {
                "field": {"fieldPath": "person"}, "op": "EQUAL", "value": {"stringValue": uid}}}))),
            Operation::Create => {
                self.http.post(self.url(&format!("/{collection}?documentId=new"))).json(&fields)
            }
            Operation::Update => self.http.patch(document(&own_id)).json(&fields),
            Operation::Delete => self.http.delete(document(&own_id)),
        };
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.expect("the emulator answers");
        let status = answer.status();
        assert!(
            status.is_success() || [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status),
            "{collection} {operation:?}: {status} {}",
            answer.text().await.unwrap()
        );
        status != StatusCode::FORBIDDEN
    }
}

/// Returns the id of the document in a collection that is a person's own, if any may be.
fn own_id(collection: &str, uid: &str) -> String {
    match collection {
        "users" => uid.to_owned(),
        "grants" => format!("of-{uid}"),
        _ => "other".to_owned(),
    }
}

/// What the table says, in the fewest words: independent of the text of the rules.
fn expected(role: Option<Role>, state: State, collection: &str, operation: Operation) -> bool {
    let present = matches!(state, State::Good | State::Elevated | State::Expired);
    let role = role.filter(|_| state != State::Expired);
    let reads = !matches!(operation, Operation::Create | Operation::Update | Operation::Delete);
    if !present || !reads {
        return false;
    }
    let readers = readers();
    let allowed =
        role.is_some_and(|role| readers.get(collection).is_some_and(|roles| roles.contains(&role)));
    let own = OWN.iter().find(|(name, _)| *name == collection).map(|(_, own)| *own);
    let is_own = matches!(
        (own, operation),
        (Some(_), Operation::GetOwn) | (Some(Own::Field(_)), Operation::ListOwn)
    );
    allowed || is_own
}

fn user(role: Option<Role>, state: State, now: Timestamp) -> User {
    let hour = jiff::SignedDuration::from_hours(1);
    let elevated = |until: Timestamp| role.map(|role| (role, until)).into_iter().collect();
    User {
        email: "who@meridian.example".into(),
        display_name: "Who".into(),
        state: match state {
            State::Invited => UserState::Invited,
            State::Disabled => UserState::Disabled,
            _ => UserState::Active,
        },
        roles: match state {
            State::Elevated | State::Expired => BTreeSet::new(),
            _ => role.into_iter().collect(),
        },
        elevations: match state {
            State::Elevated => elevated(now.plus(hour)),
            State::Expired => elevated(now.plus(-hour)),
            _ => Default::default(),
        },
        sessions_since: match state {
            State::SessionEnded => now.plus(hour),
            _ => jiff::Timestamp::UNIX_EPOCH.into(),
        },
        policy_version: 1,
        invitation: None,
    }
}

fn token_of(project: &str, uid: &str, state: State) -> Option<String> {
    let good = token::person(project, uid);
    match state {
        State::NoToken => None,
        State::NoAuthTime => {
            let mut claims = token::claims(&good);
            claims.as_object_mut().expect("claims").remove("auth_time");
            Some(token::unsigned(&claims))
        }
        _ => Some(good),
    }
}

async fn load_rules(browser: &Browser) {
    let url =
        format!("http://{}/emulator/v1/projects/{}:securityRules", browser.host, browser.project);
    let rules =
        json!({"rules": {"files": [{"name": "firestore.rules", "content": firestore_rules()}]}});
    let answer = browser.http.put(url).json(&rules).send().await.expect("the emulator answers");
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn the_emulator_answers_as_the_table_says() {
    let mesh = Mesh::start("rules", &[]).await;
    let host = Emulators::shared().firestore.clone();
    let browser = Browser { http: Client::new(), host, project: mesh.project.clone() };
    load_rules(&browser).await;
    let now: Timestamp = jiff::Timestamp::now().into();
    let collections: Vec<String> = readers()
        .into_keys()
        .chain(CLOSED)
        .map(|pattern| pattern.replace(['{', '}'], ""))
        .collect();
    let patterns: Vec<&str> = readers().into_keys().chain(CLOSED).collect();
    let roles: Vec<Option<Role>> = Role::ALL.into_iter().map(Some).chain([None]).collect();

    let mut people = Vec::new();
    for role in &roles {
        for state in STATES {
            let uid = format!("{}-{state:?}", role.map_or("none", Role::name)).to_lowercase();
            if state != State::Unknown {
                mesh.put(&Uid::new(&uid), &user(*role, state, now)).await;
            }
            let own = json!({"fields": {"person": {"stringValue": uid}}});
            mesh.put_raw(&format!("grants/{}", own_id("grants", &uid)), own).await;
            let token = token_of(&mesh.project, &uid, state);
            people.push((*role, state, uid, token));
        }
    }
    for collection in &collections {
        let other = json!({"fields": {"person": {"stringValue": "somebody-else"}}});
        mesh.put_raw(&format!("{collection}/other"), other).await;
    }

    let mut cases = Vec::new();
    for (collection, pattern) in collections.iter().zip(&patterns) {
        for (role, state, uid, token) in &people {
            for operation in OPERATIONS {
                cases.push((collection, *pattern, *role, *state, uid, token, operation));
            }
        }
    }
    let count = cases.len();
    let browser = &browser;
    let differences: Vec<String> = stream::iter(cases)
        .map(|(collection, pattern, role, state, uid, token, operation)| async move {
            let may = browser.may(token.as_deref(), collection, operation, uid).await;
            let should = expected(role, state, pattern, operation);
            (may != should).then(|| {
                format!("{role:?} {state:?} {operation:?} {pattern}: {may} instead of {should}")
            })
        })
        .buffer_unordered(AT_A_TIME)
        .filter_map(|difference| async { difference })
        .collect()
        .await;
    let shown = differences.iter().take(20).collect::<Vec<_>>();
    assert!(differences.is_empty(), "{} of {count} differ: {shown:#?}", differences.len());
    assert!(count > 6_000, "{count}");
    assert!(mesh.store.hash_of("users/owner-good").await.unwrap().is_some(), "nothing was deleted");
    assert_eq!(unreached(browser).await, Vec::<String>::new());
}

/// Returns the places in the rules that no request has reached.
async fn unreached(browser: &Browser) -> Vec<String> {
    let url =
        format!("http://{}/emulator/v1/projects/{}:ruleCoverage", browser.host, browser.project);
    let coverage = browser.http.get(url).send().await.expect("the emulator answers");
    let coverage: Value = coverage.json().await.expect("JSON");
    let report = coverage["report"].as_array().expect("a report");
    assert!(report.len() > 10, "{coverage}");
    let (rules, mut unreached) = (firestore_rules(), Vec::new());
    for entry in report {
        collect_unreached(entry, &rules, &mut unreached);
    }
    unreached
}

/// An expression that was never evaluated has no values.
fn collect_unreached(entry: &Value, rules: &str, unreached: &mut Vec<String>) {
    let empty = Vec::new();
    let evaluated = entry["values"].as_array().unwrap_or(&empty);
    let children = entry["children"].as_array().unwrap_or(&empty);
    if evaluated.is_empty() && children.is_empty() {
        let position = &entry["sourcePosition"];
        let line = position["line"].as_u64().unwrap_or_default();
        let text = rules.lines().nth(usize::try_from(line).unwrap_or(1).saturating_sub(1));
        unreached.push(format!("line {line}: {}", text.unwrap_or_default().trim()));
    }
    for child in children {
        collect_unreached(child, rules, unreached);
    }
}
