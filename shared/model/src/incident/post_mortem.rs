//! An incident as a document to think about it afterwards.

use std::fmt::Write;

use super::{EntryKind, Incident};
use crate::IncidentId;

/// Writes an incident as Markdown: what is known, and headings for what people have to
/// find out. Texts of people and services stand as they are meant, never as markup.
#[must_use]
pub fn post_mortem(id: &IncidentId, incident: &Incident) -> String {
    let mut text = format!("# {}\n\n| | |\n|---|---|\n", plain(&incident.title));
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "| {name} | {value} |");
    };
    row("Incident", plain(id.as_str()));
    row("State", word(&incident.state));
    row("Priority", word(&incident.priority));
    for (name, link) in [
        ("Service", incident.service.as_ref().map(crate::ServiceId::as_str)),
        ("Check", incident.check.as_ref().map(crate::CheckId::as_str)),
        ("Elevation", incident.grant.as_ref().map(crate::GrantId::as_str)),
        ("Assignee", incident.assignee.as_ref().map(crate::Uid::as_str)),
    ] {
        if let Some(link) = link {
            row(name, plain(link));
        }
    }
    row("Opened", incident.opened_at.to_string());
    if let Some(acknowledged) = &incident.acknowledged {
        let took = acknowledged.at.duration_since(*incident.opened_at).as_secs();
        row("Acknowledged", format!("{} (after {took} s)", acknowledged.at));
    }
    if let Some(resolved_at) = incident.resolved_at {
        let took = resolved_at.duration_since(*incident.opened_at).as_secs();
        row("Resolved", format!("{resolved_at} (after {took} s)"));
    }
    row("Reopened", incident.reopened.to_string());
    row("Escalations", incident.escalations.to_string());
    let _ = write!(text, "\n## What was seen\n\n{}\n\n## Timeline\n\n", plain(&incident.detail));
    text.push_str("| when | who | what | in words |\n|---|---|---|---|\n");
    for entry in &incident.timeline {
        let (by, kind) = (plain(&entry.by.to_string()), word::<EntryKind>(&entry.kind));
        let _ = writeln!(text, "| {} | {by} | {kind} | {} |", entry.at, plain(&entry.text));
    }
    if !incident.overrides.is_empty() || !incident.findings.is_empty() {
        text.push_str("\n## Linked\n\n");
        for id in &incident.overrides {
            let _ = writeln!(text, "- override {}", plain(id.as_str()));
        }
        for id in &incident.findings {
            let _ = writeln!(text, "- finding {}", plain(id.as_str()));
        }
    }
    text.push_str(
        "\n## Impact\n\n\n## Root cause\n\n\n## What went well\n\n\n## What to change\n\n",
    );
    text
}

/// Returns the word that an enum has in documents.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|json| json.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Escapes what Markdown would read as more than text, and keeps it on one line.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => plain.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' => {
                plain.push('\\');
                plain.push(letter);
            }
            letter if letter.is_control() => {}
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Priority,
            change::tests::{at, open, person, root},
        },
        *,
    };
    use crate::{OverrideId, Uid};

    #[test]
    fn a_post_mortem_tells_what_happened() {
        let oscar = Uid::new("oscar");
        let incident = open(Priority::P1)
            .acknowledge(&oscar, person("oscar"), at(60), "I look")
            .and_then(|i| i.link(&[OverrideId::new("o1")], &[], person("oscar"), at(70), "halted"))
            .and_then(|i| i.resolve(root(), at(600), "answered 200"))
            .expect("in order");
        let text = post_mortem(&IncidentId::new("shop-1"), &incident);
        for part in [
            "# Shop is down\n",
            "| Incident | shop-1 |",
            "| Priority | p1 |",
            "(after 60 s)",
            "(after 600 s)",
            "| person:oscar | acknowledged | I look |",
            "- override o1",
            "## Root cause",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn nothing_that_people_write_becomes_markup() {
        let nasty = "a\n# b | <script>alert(1)</script> [x](javascript:y) ![z](q) `c`";
        let incident = open(Priority::P2).comment(root(), at(1), nasty).expect("few");
        let text = post_mortem(&IncidentId::new("i|1"), &incident);
        assert!(!text.contains(" <script") && !text.contains("\n# b") && !text.contains("[x]("));
        let rows: Vec<_> = text.lines().filter(|line| line.contains("commented")).collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].matches(" | ").count(), 3, "four cells: {}", rows[0]);
    }
}
