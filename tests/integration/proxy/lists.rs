//! Every list, with every choice of its filters: each is a query of its own, and production
//! has an index for it or refuses it.

use std::path::Path;

use model::Role;
use serde_json::Value;

use super::Desk;

/// What pages every list, and filters none.
const PAGING: [&str; 2] = ["page_size", "page_token"];

/// Returns the paths of all lists with each choice of their filters, as the API describes
/// them.
fn lists() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/firebase-proxy");
    let text = std::fs::read_to_string(path.join("openapi.json")).expect("the description");
    let api: Value = serde_json::from_str(&text).expect("JSON");
    let mut lists = Vec::new();
    for (path, methods) in api["paths"].as_object().expect("paths") {
        let parameters = methods["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let name = |parameter: &Value| parameter["name"].as_str().expect("a name").to_owned();
        if !parameters.iter().any(|parameter| PAGING.contains(&name(parameter).as_str())) {
            continue;
        }
        let filters: Vec<_> = parameters
            .iter()
            .filter(|parameter| !PAGING.contains(&name(parameter).as_str()))
            .map(|parameter| format!("{}={}", name(parameter), value(&api, &parameter["schema"])))
            .collect();
        let path = path.strip_prefix("/api/v1").expect("the API's own path");
        for choice in 0..1_u32 << filters.len() {
            let chosen = filters.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1);
            let chosen: Vec<_> = chosen.map(|(_, filter)| filter.as_str()).collect();
            lists.push(format!("{path}?{}", chosen.join("&")));
        }
    }
    lists
}

/// Returns a value that a parameter takes.
fn value<'a>(api: &'a Value, schema: &'a Value) -> &'a str {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => api.pointer(&reference[1..]).expect("the reference leads somewhere"),
        None => schema,
    };
    schema["enum"][0].as_str().unwrap_or("users/olga")
}

#[tokio::test]
async fn every_list_is_answered_with_every_choice_of_filters() {
    let desk = &Desk::open("lists", &["iam-control"]).await;
    let lists = lists();
    for filtered in ["/findings?state=open&severity=low", "/journal?target=users/olga"] {
        assert!(lists.iter().any(|path| path == filtered), "{lists:?}");
    }
    // Some lists are narrowed down for who may not read all of it.
    for (role, all) in [(Role::Owner, true), (Role::Viewer, false)] {
        let token = &desk.person(role.name(), role).await;
        for path in &lists {
            let answer = desk.get(path, token).await;
            let status = answer.status().as_u16();
            let words = answer.text().await.unwrap();
            assert!(status == 200 || !all && status == 403, "{role}, {path}: {status} {words}");
        }
    }
}
