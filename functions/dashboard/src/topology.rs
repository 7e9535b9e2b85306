//! How the functions hang together, as their manifests say it.

use function::manifest::{Kind, Manifest};
use serde_json::{Value, json};

/// The text of every function's manifest, gathered when this one is built.
const MANIFESTS: &[&str] = include!(concat!(env!("OUT_DIR"), "/manifests.rs"));

/// Returns `/topology.json`: each function with what calls it, what it calls and publishes.
///
/// # Errors
/// What is wrong with a manifest.
pub(crate) fn topology() -> Result<Value, Vec<String>> {
    let functions = MANIFESTS.iter().map(|text| Ok(function(&Manifest::parse(text)?)));
    Ok(json!({ "functions": functions.collect::<Result<Vec<_>, Vec<String>>>()? }))
}

fn function(manifest: &Manifest) -> Value {
    let triggers = manifest.triggers.iter().filter_map(|(id, trigger)| {
        Some(match trigger.kind()? {
            Kind::Http(http) => json!({ "id": id, "kind": "http", "callers": http.callers }),
            Kind::Firestore(of) => json!({
                "id": id, "kind": "firestore", "event": of.event, "document": of.document.as_str(),
            }),
            Kind::Pubsub(of) => json!({ "id": id, "kind": "pubsub", "topic": of.topic }),
            Kind::Schedule(of) => json!({ "id": id, "kind": "schedule", "cron": of.cron }),
        })
    });
    json!({
        "name": manifest.name,
        "summary": manifest.summary,
        "triggers": triggers.collect::<Vec<_>>(),
        "calls": manifest.calls,
        "publishes": manifest.publishes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_in_it_with_its_triggers() {
        let topology = topology().expect("good manifests");
        let functions = topology["functions"].as_array().expect("a list");
        let names: Vec<_> = functions.iter().filter_map(|one| one["name"].as_str()).collect();
        assert!(names.contains(&"firebase-proxy") && names.contains(&"dashboard"), "{names:?}");
        let proxy = functions.iter().find(|one| one["name"] == "firebase-proxy").expect("there");
        assert_eq!(proxy["triggers"][0]["kind"], "http");
        assert_eq!(proxy["calls"], json!(["audit-engine", "iam-control"]));
    }
}
