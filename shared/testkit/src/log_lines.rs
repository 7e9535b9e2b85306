//! What functions wrote: held to the schema of a log entry, and searched for secrets.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};
use telemetry::registry::{FACTS, OUTCOMES};

/// What every JSON Web Token begins with, which is `{"` in Base64; and a private key.
const SECRET_FORMS: [&str; 2] = ["eyJ", "PRIVATE KEY"];

/// The schema, with the names that the registry knows.
static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let mut schema: Value =
        serde_json::from_str(include_str!("log_entry.schema.json")).expect("JSON");
    let outcomes: Vec<_> = OUTCOMES.iter().map(|outcome| outcome.name).collect();
    let facts: Vec<_> = FACTS.iter().map(|fact| fact.name).collect();
    schema["$defs"]["outcome"] = json!({ "enum": outcomes });
    schema["$defs"]["eventName"] = json!({ "enum": facts });
    jsonschema::draft202012::new(&schema).expect("a schema")
});

/// Reads a log: each line is an entry as Cloud Logging takes it.
///
/// # Errors
/// Says which line is none, and why.
pub fn entries(log: &str) -> Result<Vec<Value>, String> {
    let entry = |line: &str| -> Result<Value, String> {
        let value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let wrong: Vec<_> = SCHEMA.iter_errors(&value).map(|error| error.to_string()).collect();
        if wrong.is_empty() { Ok(value) } else { Err(format!("{}: {line}", wrong.join("; "))) }
    };
    log.lines().map(entry).collect()
}

/// Finds a secret in a log, by its value or by its form.
#[must_use]
pub fn secret_in<'l>(log: &'l str, secrets: &[String]) -> Option<&'l str> {
    let shows = |line: &&str| {
        secrets.iter().any(|secret| line.contains(secret.as_str()))
            || SECRET_FORMS.iter().any(|form| line.contains(form))
    };
    log.lines().find(shows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(change: impl Fn(&mut Value)) -> String {
        let mut line = json!({
            "severity": "INFO", "message": "m", "time": "2026-11-23T02:32:48.28Z",
            "logging.googleapis.com/trace": format!("projects/p/traces/{}", "a".repeat(32)),
            "logging.googleapis.com/spanId": "b".repeat(16), "parentSpan": "c".repeat(16),
            "logging.googleapis.com/labels": {"a": "b"},
            "outcome": "done", "trigger": "asked", "durationMs": 1, "eventName": "started",
        });
        change(&mut line);
        line.to_string()
    }

    #[test]
    fn the_schema_takes_an_entry_and_refuses_every_mistake() {
        assert!(entries(&line(|_| {})).is_ok_and(|entries| entries.len() == 1));
        let changes: [(&str, Value); 16] = [
            ("severity", json!("WARN")),
            ("severity", json!("ERROR")),
            ("message", json!("")),
            ("message", json!(1)),
            ("time", json!("2026-11-23 02:32:48Z")),
            ("logging.googleapis.com/trace", json!("a".repeat(32))),
            ("logging.googleapis.com/spanId", json!("B".repeat(16))),
            ("logging.googleapis.com/trace_sampled", json!("true")),
            ("logging.googleapis.com/labels", json!({"a": 1})),
            ("logging.googleapis.com/label", json!({})),
            ("logging.googleapis.com/sourceLocation", json!({"file": "a", "line": 1})),
            ("outcome", json!("finished")),
            ("eventName", json!("unheard-of")),
            ("durationMs", json!(-1)),
            ("duration_ms", json!(1)),
            ("@type", json!("x")),
        ];
        for (name, value) in changes {
            let changed = line(|line| line[name] = value.clone());
            assert!(entries(&changed).is_err(), "{name}: {value}");
        }
        for name in
            ["severity", "message", "time", "durationMs", "trigger", "logging.googleapis.com/trace"]
        {
            let without = line(|line| {
                line.as_object_mut().expect("an object").remove(name);
            });
            assert!(entries(&without).is_err(), "without {name}");
        }
        for text in ["plain", "[]", "{", "{}"] {
            assert!(entries(text).is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_are_found_by_value_and_by_form() {
        let secrets = ["hunter2".to_owned()];
        assert_eq!(secret_in("fine\nfine", &secrets), None);
        for shown in ["a hunter2 b", "Bearer eyJhbGciOi", "-----BEGIN PRIVATE KEY-----"] {
            assert_eq!(secret_in(&format!("fine\n{shown}"), &secrets), Some(shown));
        }
    }
}
