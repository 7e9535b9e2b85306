//! What Cloud Logging's agent makes of a line on standard output.
//!
//! Source: <https://cloud.google.com/logging/docs/structured-logging>.

use serde_json::{Map, Value, json};

/// The members of a line that become members of the entry, by their names there.
const SPECIAL: [(&str, &str); 10] = [
    ("severity", "severity"),
    ("time", "timestamp"),
    ("httpRequest", "httpRequest"),
    ("logging.googleapis.com/insertId", "insertId"),
    ("logging.googleapis.com/labels", "labels"),
    ("logging.googleapis.com/operation", "operation"),
    ("logging.googleapis.com/sourceLocation", "sourceLocation"),
    ("logging.googleapis.com/spanId", "spanId"),
    ("logging.googleapis.com/trace", "trace"),
    ("logging.googleapis.com/trace_sampled", "traceSampled"),
];

/// Folds a line of a service into its entry: what is not special is the payload.
pub fn fold(line: &str, service: &str) -> Value {
    let mut line: Map<String, Value> = serde_json::from_str(line).expect("a line is an object");
    let special = SPECIAL
        .iter()
        .filter_map(|(name, member)| line.remove(*name).map(|value| ((*member).to_owned(), value)));
    let mut entry: Map<_, _> = special.collect();
    let resource = json!({"type": "cloud_run_revision", "labels": {"service_name": service}});
    entry.insert("resource".to_owned(), resource);
    entry.insert("jsonPayload".to_owned(), line.into());
    entry.into()
}

/// Finds a member of an entry by its path.
pub fn at<'e>(entry: &'e Value, path: &str) -> Option<&'e Value> {
    path.split('.').try_fold(entry, |value, name| value.get(name))
}

#[test]
fn special_members_move_out_of_the_payload() {
    let line = json!({"severity": "INFO", "time": "t", "message": "m", "outcome": "done",
        "logging.googleapis.com/labels": {"mesh_module": "a"}});
    let entry = fold(&line.to_string(), "a");
    assert_eq!(at(&entry, "labels.mesh_module"), Some(&json!("a")));
    assert_eq!(at(&entry, "jsonPayload"), Some(&json!({"message": "m", "outcome": "done"})));
    assert_eq!(at(&entry, "resource.labels.service_name"), Some(&json!("a")));
    assert_eq!(at(&entry, "jsonPayload.severity"), None);
}
