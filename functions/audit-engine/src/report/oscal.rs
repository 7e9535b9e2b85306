//! Open Security Controls Assessment Language 1.1.3: assessment results.
//!
//! Every verdict is an observation. Every control, and every row of every benchmark, is a
//! finding: `satisfied` when it holds or concerns nothing, which its remarks say; what is
//! unknown, exempt or for people to judge is `not-satisfied` with the reason `other`.
//! Identifiers are of version 5, made of what the verdicts depend on.
//!
//! Source: <https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-outline/>.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use model::audit::{Verdict, VerdictCounts};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{each::Each, severity, word};
use crate::{
    assess::{Assessment, Row},
    benchmark::{Judged, Table, tables},
    control::Control,
};

const OSCAL_VERSION: &str = "1.1.3";
/// The names of properties are Mesh's own.
const NAMESPACE: &str = "https://mesh.internal/ns/oscal";

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<R> {
    assessment_results: Results<R>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Results<R> {
    uuid: Uuid,
    metadata: Value,
    import_ap: Value,
    results: [R; 1],
    back_matter: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Outcome<I, O, F> {
    uuid: Uuid,
    title: &'static str,
    description: String,
    start: String,
    end: String,
    props: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_definitions: Option<Local<I>>,
    reviewed_controls: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    observations: Option<O>,
    findings: F,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Local<I> {
    inventory_items: I,
}

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    let manifest = &assessment.manifest;
    let ids = Ids::of(assessment);
    let plan = ids.of_part("plan", &manifest.controls_hash);
    let assets: BTreeMap<&str, &Row<'_>> = assessment
        .rows
        .iter()
        .filter(|row| !row.asset.is_empty())
        .map(|row| (row.asset.as_ref(), row))
        .collect();
    let tables = tables(assessment);
    let items = Each(|| assets.values().map(|row| item(&ids, row)));
    let observations =
        Each(|| assessment.rows.iter().map(|row| observation(&ids, assessment, row)));
    let findings = Each(|| {
        let of_controls =
            assessment.controls.iter().map(|control| of_control(&ids, assessment, control));
        let of_rows = tables.iter().flat_map(|table| {
            table.rows.iter().map(|row| of_requirement(&ids, assessment, table, row))
        });
        of_controls.chain(of_rows)
    });
    let as_of = manifest.as_of.to_string();
    let outcome = Outcome {
        uuid: ids.0,
        title: "Controls over the estate",
        description: format!(
            "{} assets examined by {} controls",
            manifest.assets,
            assessment.controls.len()
        ),
        start: as_of.clone(),
        end: as_of.clone(),
        props: json!([
            prop("estate-hash", &manifest.estate_hash),
            prop("controls-hash", &manifest.controls_hash),
            prop("engine-version", &manifest.engine_version),
        ]),
        local_definitions: (!assets.is_empty()).then_some(Local { inventory_items: items }),
        reviewed_controls: reviewed(assessment, &tables),
        observations: (!assessment.rows.is_empty()).then_some(observations),
        findings,
    };
    let document = Document {
        assessment_results: Results {
            uuid: ids.of_part("document", ""),
            metadata: json!({
                "title": "Audit of the estate",
                "last-modified": as_of,
                "version": manifest.engine_version,
                "oscal-version": OSCAL_VERSION,
            }),
            import_ap: json!({"href": format!("#{plan}")}),
            results: [outcome],
            back_matter: json!({"resources": [{
                "uuid": plan,
                "title": "The controls of audit-engine",
                "description": "The plan is the set of controls with this hash.",
                "props": [prop("controls-hash", &manifest.controls_hash)],
            }]}),
        },
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

/// Makes identifiers within one assessment.
struct Ids(Uuid);

impl Ids {
    fn of(assessment: &Assessment<'_>) -> Self {
        let manifest = &assessment.manifest;
        let parts = [
            NAMESPACE,
            &manifest.estate_hash,
            &manifest.controls_hash,
            &manifest.engine_version,
            &manifest.as_of.to_string(),
        ];
        Self(Uuid::new_v5(&Uuid::NAMESPACE_URL, parts.join("\n").as_bytes()))
    }

    fn of_part(&self, kind: &str, name: &str) -> Uuid {
        Uuid::new_v5(&self.0, format!("{kind}\n{name}").as_bytes())
    }

    fn of_row(&self, row: &Row<'_>) -> Uuid {
        self.of_part("observation", &format!("{}\n{}", row.control.id, row.asset))
    }
}

fn prop(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NAMESPACE, "value": value})
}

fn item(ids: &Ids, row: &Row<'_>) -> Value {
    json!({
        "uuid": ids.of_part("asset", &row.asset),
        "description": row.asset.as_ref(),
        "props": [
            prop("asset-type", row.asset_type.trim()),
            prop("asset-hash", &row.asset_hash),
        ],
    })
}

fn observation(ids: &Ids, assessment: &Assessment<'_>, row: &Row<'_>) -> Value {
    let said = if row.evidence.is_empty() { &row.control.title } else { &row.evidence };
    let mut observation = json!({
        "uuid": ids.of_row(row),
        "title": format!("{}: {}", row.control.id, word(row.verdict)),
        "description": said,
        "props": [
            prop("control", &row.control.id),
            prop("control-hash", &row.control.hash),
            prop("verdict", word(row.verdict)),
        ],
        "methods": ["TEST"],
        "types": ["finding"],
        "collected": assessment.manifest.as_of,
    });
    if !row.asset.is_empty() {
        let subject = ids.of_part("asset", &row.asset);
        observation["subjects"] = json!([{"subject-uuid": subject, "type": "inventory-item"}]);
    }
    observation
}

/// Returns the rows of a control, which stand together.
fn rows<'a>(assessment: &'a Assessment<'a>, control: &Control) -> &'a [Row<'a>] {
    let start = assessment.rows.partition_point(|row| row.control.id < control.id);
    let end = assessment.rows.partition_point(|row| row.control.id <= control.id);
    assessment.rows.get(start..end).unwrap_or_default()
}

fn of_control(ids: &Ids, assessment: &Assessment<'_>, control: &Control) -> Value {
    let counts = assessment.counts.get(control.id.as_str()).copied().unwrap_or_default();
    let observations = rows(assessment, control).iter().map(|row| ids.of_row(row));
    let told = Told { target: &control.id, title: &control.title, said: &counts.to_string() };
    let mut finding = finding(ids, &told, worst(counts), observations);
    if let Some(props) = finding["props"].as_array_mut() {
        props.push(prop("severity", severity(control.severity)));
    }
    finding
}

fn of_requirement(
    ids: &Ids,
    assessment: &Assessment<'_>,
    table: &Table<'_>,
    row: &Judged<'_>,
) -> Value {
    let decisive = row.controls.iter().flat_map(|control| rows(assessment, control));
    let decisive = decisive.filter(|one| one.verdict == row.verdict).map(|one| ids.of_row(one));
    let target = target(table, row);
    let said = if row.evidence.is_empty() { &*row.title } else { &row.evidence };
    finding(ids, &Told { target: &target, title: &row.title, said }, row.verdict, decisive)
}

/// Returns the identifier of a row: numbers alone are none.
fn target(table: &Table<'_>, row: &Judged<'_>) -> String {
    format!("{}-{}", table.framework.id(), row.number)
}

struct Told<'a> {
    target: &'a str,
    title: &'a str,
    said: &'a str,
}

fn finding(
    ids: &Ids,
    told: &Told<'_>,
    verdict: Verdict,
    observations: impl Iterator<Item = Uuid>,
) -> Value {
    let (state, reason) = match verdict {
        Verdict::Pass => ("satisfied", "pass"),
        Verdict::NotApplicable => ("satisfied", "other"),
        Verdict::Fail => ("not-satisfied", "fail"),
        Verdict::Unknown | Verdict::Exempt | Verdict::Manual => ("not-satisfied", "other"),
    };
    let related: Vec<_> = observations.map(|id| json!({"observation-uuid": id})).collect();
    let mut finding = json!({
        "uuid": ids.of_part("finding", told.target),
        "title": format!("{}: {}", told.target, told.title),
        "description": told.said,
        "props": [prop("verdict", word(verdict))],
        "target": {
            "type": "objective-id",
            "target-id": told.target,
            "status": {"state": state, "reason": reason, "remarks": word(verdict)},
        },
    });
    if !related.is_empty() {
        finding["related-observations"] = Value::Array(related);
    }
    finding
}

fn worst(counts: VerdictCounts) -> Verdict {
    match counts {
        VerdictCounts { fail: 1.., .. } => Verdict::Fail,
        VerdictCounts { unknown: 1.., .. } => Verdict::Unknown,
        VerdictCounts { manual: 1.., .. } => Verdict::Manual,
        VerdictCounts { exempt: 1.., .. } => Verdict::Exempt,
        VerdictCounts { pass: 1.., .. } => Verdict::Pass,
        _ => Verdict::NotApplicable,
    }
}

fn reviewed(assessment: &Assessment<'_>, tables: &[Table<'_>]) -> Value {
    let selection = |description: &str, ids: Vec<Value>| json!({"description": description, "include-controls": ids});
    let control = |id: &str| json!({"control-id": id});
    let own = assessment.controls.iter().map(|one| control(&one.id)).collect();
    let mut selections = vec![selection("The controls of audit-engine", own)];
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        let rows = table.rows.iter().map(|row| control(&target(table, row))).collect();
        selections.push(selection(table.title, rows));
    }
    json!({"control-selections": selections})
}
