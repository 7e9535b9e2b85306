//! The fuzzer: what it is told, and how it is run.

use std::{fmt::Write, path::Path, process::Stdio, time::Duration};

use serde_json::json;
use tokio::process::Command;

use super::estate::Names;
use crate::root;

/// What each answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// How many requests are made up for an operation, besides those at the bounds of its schema.
const EXAMPLES_MAX: u32 = 12;
/// The same requests in each run. `MESH_SEED` makes others, and `MESH_EXAMPLES` more.
const SEED: u32 = 20_261_123;
/// How long one caller's requests may take in a debug build on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(400);
/// Where a name is sent, and which kind of name it is.
const NAMED: [(&str, &str); 31] = [
    ("path.service", "service"),
    ("path.check", "check"),
    ("path.control", "control"),
    ("path.incident", "incident"),
    ("path.override", "override"),
    ("path.asset", "asset"),
    ("path.audit", "audit"),
    ("path.finding", "finding"),
    ("path.letter", "letter"),
    ("path.exception", "exception"),
    ("query.base", "audit"),
    ("body.assets", "assets"),
    ("body.until", "until"),
    ("path.uid", "person"),
    ("path.review", "review"),
    ("query.person", "person"),
    ("query.target", "target"),
    ("header.if-match", "version"),
    ("body.person", "reviewed"),
    ("body.changes[*].person", "person"),
    ("body.secret", "secret"),
    ("body.hash", "hash"),
    ("body.control", "overridden"),
    ("body.to", "person"),
    ("body.overrides[*]", "override"),
    ("body.findings[*]", "finding"),
    ("body.service", "service"),
    ("body.parent", "heart"),
    ("body.owner", "person"),
    ("body.spec.service", "service"),
    ("body.spec.parent", "heart"),
];
/// The same for one operation, where the kind depends on it.
const NAMED_FOR: [(&str, &str, &str); 18] = [
    ("/api/v1/people/{uid}/roles", "path.uid", "assigned"),
    ("/api/v1/access/who-can", "query.permission", "permission"),
    ("/api/v1/people/{uid}/invitation", "path.uid", "invited"),
    ("/api/v1/grants/{grant}/approve", "path.grant", "asked"),
    ("/api/v1/grants/{grant}/reject", "path.grant", "asked"),
    ("/api/v1/grants/{grant}/withdraw", "path.grant", "own"),
    ("/api/v1/grants/{grant}/revoke", "path.grant", "active"),
    ("/api/v1/grants/{grant}/extend", "path.grant", "active"),
    ("/api/v1/audit-controls/{control}", "path.control", "audited"),
    ("/api/v1/exceptions", "body.control", "audited"),
    ("/api/v1/exceptions/{exception}/withdraw", "path.exception", "wanted"),
    ("/api/v1/exceptions/{exception}/revoke", "path.exception", "excepted"),
    ("/api/v1/heartbeats/{check}", "path.check", "heart"),
    ("/api/v1/overrides/{override}/approve", "path.override", "approved"),
    ("/api/v1/overrides/{override}/withdraw", "path.override", "mine"),
    ("/api/v1/overrides/{override}/lift", "path.override", "killed"),
    ("/api/v1/overrides/{override}/confirm", "path.override", "killed"),
    ("/api/v1/overrides/{override}/review", "path.override", "killed"),
];

/// Returns the fuzzer's settings: who it is, and what there is.
pub(super) fn settings(names: &Names, token: Option<&str>) -> String {
    let mut text = String::new();
    // Bad requests are repeated by chance alone, and a test leaves nothing behind.
    let _ = writeln!(text, "[generation]\ndatabase = \"none\"");
    if token.is_none() {
        let _ = writeln!(text, "with-security-parameters = false");
    }
    if let Some(token) = token {
        let _ = writeln!(text, "[headers]\nAuthorization = {}", json!(format!("Bearer {token}")));
    }
    // Only names that are given here, and random ones, until requests follow on each other.
    for phase in ["coverage", "fuzzing"] {
        let _ = writeln!(text, "[phases.{phase}.extra-data-sources]\nresponses = false");
    }
    let _ = writeln!(text, "[checks.response_schema_conformance]\nvalidate-formats = true");
    let bound = |kind: &str| format!("{{ dictionary = \"{kind}\", probability = 0.85 }}");
    let _ = writeln!(text, "[parameters]");
    for (place, kind) in NAMED {
        let _ = writeln!(text, "\"{place}\" = {}", bound(kind));
    }
    for (path, place, kind) in NAMED_FOR {
        let _ = writeln!(text, "[[operations]]\ninclude-path = \"{path}\"");
        let _ = writeln!(text, "parameters = {{ \"{place}\" = {} }}", bound(kind));
    }
    for (kind, values) in names {
        // A list of texts is written alike in JSON and in TOML.
        let _ = writeln!(text, "[dictionaries.{kind}]\nvalues = {}", json!(values));
    }
    text
}

/// Runs the fuzzer once; tells whether it found nothing, and what it said.
pub(super) async fn run(
    folder: &Path,
    url: &str,
    report: &Path,
    phases: &str,
    paths: &[&str],
) -> (bool, String) {
    let program = root().join("tests/schemathesis/.venv/bin/schemathesis");
    assert!(program.is_file(), "schemathesis is missing: run `emulator/install --with-tests`");
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .args(["run", url, "--checks", CHECKS, "--phases", phases])
        .args(["--max-examples", &number("MESH_EXAMPLES", EXAMPLES_MAX)])
        .args(["--seed", &number("MESH_SEED", SEED)])
        .args(["--continue-on-failure", "--no-color", "--no-shrink", "--warnings", "off"])
        .args(["--suppress-health-check", "all"])
        .arg("--report-ndjson-path")
        .arg(report)
        .args(paths)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(TIMEOUT, command.output()).await;
    let output = output.expect("the fuzzer ends in time").expect("the fuzzer starts");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said.into_owned())
}

fn number(variable: &str, otherwise: u32) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.to_string())
}
