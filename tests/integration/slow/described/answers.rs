//! Which answers were seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use serde_json::Value;

use crate::root;

/// Which answers each operation gave, and how often.
pub(super) type Seen = BTreeMap<String, BTreeMap<u16, usize>>;

/// Adds the answers that a report holds, but not those to other methods than the
/// operation's: the fuzzer tries them, and knows that they are not described.
pub(super) fn read(report: &Path, seen: &mut Seen) {
    let lines = std::fs::read_to_string(report).expect("a report");
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        let recorder = &event["ScenarioFinished"]["recorder"];
        let Some(interactions) = recorder["interactions"].as_object() else { continue };
        let operation = recorder["label"].as_str().expect("an operation");
        for (case, interaction) in interactions {
            let method = recorder["cases"][case]["value"]["method"].as_str().unwrap_or_default();
            let status = interaction["response"]["status_code"].as_u64();
            let status = status.and_then(|status| u16::try_from(status).ok());
            if let Some(status) = status.filter(|_| operation.starts_with(method)) {
                let statuses = seen.entry(operation.to_owned()).or_default();
                *statuses.entry(status).or_default() += 1;
            }
        }
    }
}

/// Shows the answers, a line for each operation.
pub(super) fn table(seen: &Seen) -> String {
    let answers: usize = seen.values().flat_map(BTreeMap::values).sum();
    let mut text = format!("{answers} answers were as described:\n");
    for (operation, statuses) in seen {
        let statuses: Vec<_> =
            statuses.iter().map(|(status, count)| format!("{status}×{count}")).collect();
        let _ = writeln!(text, "{operation}: {}", statuses.join(" "));
    }
    text
}

/// Returns the operations that are described.
pub(super) fn described() -> BTreeSet<String> {
    let snapshot = root().join("functions/firebase-proxy/openapi.json");
    let document = std::fs::read_to_string(snapshot).expect("the description");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}
