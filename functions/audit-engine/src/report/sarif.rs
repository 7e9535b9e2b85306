//! Static Analysis Results Interchange Format 2.1.0.
//!
//! What fails is a result with a level. What is unknown is `open` and has none, as section
//! 3.27.10 demands of all that does not fail. What an exception covers is suppressed.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>.

use std::{
    collections::{BTreeSet, HashMap},
    io::{self, Write},
};

use model::{FindingId, audit::Verdict, finding::Severity};
use serde::Serialize;
use serde_json::{Value, json};

use super::{each::Each, remedy::remedy, severity, short, word};
use crate::{
    assess::{Assessment, Row, score},
    benchmark::Framework,
    control::Control,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [R; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    automation_details: Value,
    invocations: [Value; 1],
    results: R,
}

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    let manifest = &assessment.manifest;
    let indexes: HashMap<_, _> =
        assessment.controls.iter().enumerate().map(|(index, c)| (c.id.as_str(), index)).collect();
    let results = Each(|| {
        let told = |row: &&Row<'_>| {
            matches!(row.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Exempt)
        };
        let index = |row: &Row<'_>| indexes.get(row.control.id.as_str()).copied();
        assessment.rows.iter().filter(told).map(move |row| result(row, index(row)))
    });
    let not_checked = assessment.not_checked.iter().map(|(kind, count)| {
        json!({"level": "note", "message": {"text": format!("not checked: {count} of {kind}")}})
    });
    let run = Run {
        tool: json!({"driver": {
            "name": "audit-engine",
            "organization": "Mesh",
            "semanticVersion": manifest.engine_version,
            "rules": assessment.controls.iter().map(|control| rule(control)).collect::<Vec<_>>(),
        }}),
        automation_details: json!({"id": "audit-engine/"}),
        invocations: [json!({
            "executionSuccessful": true,
            "toolExecutionNotifications": not_checked.collect::<Vec<_>>(),
            "properties": {
                "asOf": manifest.as_of,
                "assets": manifest.assets,
                "estateHash": manifest.estate_hash,
                "controlsHash": manifest.controls_hash,
                "scoreInHundredthsOfPercent": score(assessment),
            },
        })],
        results,
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn rule(control: &Control) -> Value {
    let mut tags = BTreeSet::from(["security".to_owned()]);
    for framework in Framework::ALL {
        let numbers = framework.numbers(&control.mappings);
        tags.extend(numbers.iter().map(|number| format!("{} {number}", framework.title())));
    }
    let remediation = &control.remediation;
    let (help, markdown) = match &remediation.command {
        Some(command) => (
            format!("{}\n\n{command}", remediation.text),
            format!("{}\n\n```sh\n{command}\n```", remediation.text),
        ),
        None => (remediation.text.clone(), remediation.text.clone()),
    };
    json!({
        "id": control.id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": control.rationale},
        "help": {"text": help, "markdown": markdown},
        "defaultConfiguration": {"level": level(control.severity)},
        "properties": {
            "tags": tags,
            "precision": "very-high",
            "problem.severity": level(control.severity),
            "security-severity": security_severity(control.severity),
            "severity": severity(control.severity),
            "assetTypes": control.asset_types,
            "mappings": control.mappings,
            "controlHash": control.hash,
        },
    })
}

fn result(row: &Row<'_>, index: Option<usize>) -> Value {
    let (kind, level) = match row.verdict {
        Verdict::Unknown => ("open", "none"),
        _ => ("fail", level(row.control.severity)),
    };
    let text = if row.evidence.is_empty() { &row.control.title } else { &row.evidence };
    let mut result = json!({
        "ruleId": row.control.id,
        "kind": kind,
        "level": level,
        "message": {"text": format!("{}: {text}", short(&row.asset))},
        "locations": [{"logicalLocations": [{
            "name": short(&row.asset),
            "fullyQualifiedName": row.asset.as_ref(),
            "kind": "resource",
        }]}],
        "partialFingerprints": {
            "controlAndAsset/v1": FindingId::of(&row.control.id, &row.asset),
        },
        "properties": {
            "verdict": word(row.verdict),
            "assetType": row.asset_type.as_ref(),
            "assetHash": row.asset_hash.as_ref(),
            "remediation": remedy(&row.control.remediation, &row.asset),
        },
    });
    if let Some(fields) = result.as_object_mut() {
        if let Some(index) = index {
            fields.insert("ruleIndex".to_owned(), json!(index));
        }
        // An empty list says that the tool knows of no exception.
        let suppressions = match row.verdict {
            Verdict::Exempt => {
                json!([{"kind": "external", "status": "accepted", "justification": row.evidence}])
            }
            _ => json!([]),
        };
        fields.insert("suppressions".to_owned(), suppressions);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// Returns the middle of what CVSS calls by the same word; code hosts sort by it.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "2.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
