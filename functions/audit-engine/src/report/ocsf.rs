//! Open Cybersecurity Schema Framework 1.5.0: a Compliance Finding for each verdict, one a
//! line.
//!
//! What is unknown is `Warning`, which the framework defines as a check without a result for
//! want of information. What an exception covers has failed, and is suppressed.
//!
//! Source: <https://schema.ocsf.io/1.5.0/classes/compliance_finding>.

use std::io::{self, Write};

use model::{FindingId, audit::Verdict, finding::Severity};
use serde_json::{Value, json};

use super::{remedy::remedy, short, word};
use crate::{
    assess::{Assessment, Row},
    benchmark::Framework,
};

const SCHEMA_VERSION: &str = "1.5.0";
/// Findings.
const CATEGORY: u32 = 2;
/// Compliance Finding.
const CLASS: u32 = 2003;
/// Create: a report has no memory of the one before.
const ACTIVITY: u32 = 1;
/// GCP Project.
const ACCOUNT_TYPE: u32 = 11;

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    for row in &assessment.rows {
        serde_json::to_writer(&mut *out, &event(assessment, row))?;
        writeln!(out)?;
    }
    Ok(())
}

fn event(assessment: &Assessment<'_>, row: &Row<'_>) -> Value {
    let (control, manifest) = (row.control, &assessment.manifest);
    let (status_id, status) = compliance_status(row.verdict);
    let (severity_id, severity) = severity(row);
    let time = manifest.as_of.as_millisecond();
    let uid = FindingId::of(&control.id, &row.asset);
    let (mut standards, mut requirements) = (Vec::new(), Vec::new());
    for framework in Framework::ALL {
        let numbers = framework.numbers(&control.mappings);
        if !numbers.is_empty() {
            standards.push(framework.title());
        }
        requirements.extend(numbers.iter().map(|n| format!("{} {n}", framework.title())));
    }
    let evidence = if row.evidence.is_empty() { &control.title } else { &row.evidence };
    let mut cloud = json!({"provider": "GCP"});
    if let Some(project) = project(&row.asset) {
        let account = json!({"uid": project, "type": "GCP Project", "type_id": ACCOUNT_TYPE});
        cloud["account"] = account;
    }
    let mut event = json!({
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "activity_id": ACTIVITY,
        "activity_name": "Create",
        "type_uid": CLASS * 100 + ACTIVITY,
        "type_name": "Compliance Finding: Create",
        "severity_id": severity_id,
        "severity": severity,
        "time": time,
        "message": evidence,
        "metadata": {
            "version": SCHEMA_VERSION,
            "product": {
                "name": "audit-engine",
                "uid": "audit-engine",
                "vendor_name": "Mesh",
                "version": manifest.engine_version,
            },
            "profiles": ["cloud"],
            // One event of one run: the same asset and rule at another instant is another.
            "uid": format!("{uid}-{time}"),
        },
        "cloud": cloud,
        "finding_info": {
            "uid": uid,
            "title": control.title,
            "desc": control.rationale,
            "created_time": time,
            "analytic": {
                "type": "Rule",
                "type_id": 1,
                "uid": control.id,
                "name": control.title,
                "version": control.hash,
            },
        },
        "compliance": {
            "control": control.id,
            "desc": control.title,
            "standards": standards,
            "requirements": requirements,
            "status": status,
            "status_id": status_id,
            "status_detail": evidence,
        },
        "remediation": {"desc": remedy(&control.remediation, &row.asset)},
        "unmapped": {
            "verdict": word(row.verdict),
            "asset_hash": row.asset_hash.as_ref(),
            "control_hash": control.hash,
            "estate_hash": manifest.estate_hash,
            "controls_hash": manifest.controls_hash,
        },
    });
    if !row.asset.is_empty() {
        event["resources"] = json!([{
            "uid": row.asset.as_ref(),
            "name": short(&row.asset),
            "type": row.asset_type.as_ref(),
        }]);
    }
    if let Some((id, status)) = finding_status(row.verdict) {
        event["status_id"] = json!(id);
        event["status"] = json!(status);
    }
    event
}

fn compliance_status(verdict: Verdict) -> (u32, &'static str) {
    match verdict {
        Verdict::Pass => (1, "Pass"),
        Verdict::Unknown => (2, "Warning"),
        Verdict::Fail | Verdict::Exempt => (3, "Fail"),
        // 99 is `Other`, whose name the source chooses.
        Verdict::Manual => (99, "Manual"),
        Verdict::NotApplicable => (99, "Not Applicable"),
    }
}

/// Where somebody stands with it; nobody has to do anything about the rest.
fn finding_status(verdict: Verdict) -> Option<(u32, &'static str)> {
    match verdict {
        Verdict::Fail | Verdict::Unknown | Verdict::Manual => Some((1, "New")),
        Verdict::Exempt => Some((3, "Suppressed")),
        Verdict::Pass | Verdict::NotApplicable => None,
    }
}

fn severity(row: &Row<'_>) -> (u32, &'static str) {
    if matches!(row.verdict, Verdict::Pass | Verdict::NotApplicable) {
        return (1, "Informational");
    }
    match row.control.severity {
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn project(asset: &str) -> Option<&str> {
    let (_, rest) = asset.split_once("/projects/")?;
    rest.split('/').next().filter(|project| !project.is_empty())
}
