//! The API answers as its description says, whoever asks and whatever they send.
//!
//! `schemathesis` reads `/api/openapi.json` as it is served, makes requests of it, good and
//! bad, and compares each answer with what is described.

mod estate;

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::Path,
    process::Stdio,
    time::Duration,
};

use estate::Names;
use model::Role;
use serde_json::{Value, json};
use testkit::{Mesh, Setup};
use tokio::process::Command;

use crate::root;

/// What each answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// How many requests are made up for an operation, besides those at the bounds of its schema.
const EXAMPLES_MAX: u32 = 16;
/// The same requests in each run. `MESH_SEED` makes others, and `MESH_EXAMPLES` more.
const SEED: u32 = 20_261_123;
/// How long one caller's requests may take in a debug build on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(180);
/// A stream that does not end: a fuzzer would wait for its end. `proxy::stream` reads it, and
/// here it is asked only by who is refused.
const STREAM: &str = "/api/v1/events";
/// Makes the caller owner for an hour: asked last, so that everything else is asked by the role.
const GLASS: &str = "/api/v1/glass";

/// Where a name is sent, and which kind of name it is.
const NAMED: [(&str, &str); 17] = [
    ("path.service", "service"),
    ("path.check", "check"),
    ("path.control", "control"),
    ("path.incident", "incident"),
    ("path.override", "override"),
    ("path.asset", "asset"),
    ("path.audit", "audit"),
    ("path.finding", "finding"),
    ("path.letter", "letter"),
    ("path.uid", "person"),
    ("path.review", "review"),
    ("query.person", "person"),
    ("query.target", "target"),
    ("header.if-match", "version"),
    ("body.person", "reviewed"),
    ("body.changes[*].person", "person"),
    ("body.secret", "secret"),
];
/// The same for one operation, where the kind depends on it.
const NAMED_FOR: [(&str, &str, &str); 7] = [
    ("/api/v1/access/who-can", "query.permission", "permission"),
    ("/api/v1/people/{uid}/invitation", "path.uid", "invited"),
    ("/api/v1/grants/{grant}/approve", "path.grant", "asked"),
    ("/api/v1/grants/{grant}/reject", "path.grant", "asked"),
    ("/api/v1/grants/{grant}/withdraw", "path.grant", "own"),
    ("/api/v1/grants/{grant}/revoke", "path.grant", "active"),
    ("/api/v1/grants/{grant}/extend", "path.grant", "active"),
];

/// Which answers each operation gave, and how often.
type Seen = BTreeMap<String, BTreeMap<u16, usize>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_answers_as_described_to_every_role_and_to_nobody() {
    let callers: Vec<_> = std::iter::once(None).chain(Role::ALL.map(Some)).collect();
    let mut seen = Seen::new();
    // Two at a time: each takes about one core, half of it the fuzzer and half the functions.
    for pair in callers.chunks(2) {
        for found in futures::future::join_all(pair.iter().map(|role| fuzz(*role))).await {
            for (operation, statuses) in found {
                let all = seen.entry(operation).or_default();
                statuses.into_iter().for_each(|(status, n)| *all.entry(status).or_default() += n);
            }
        }
    }
    println!("{}", table(&seen));
    // Answers that are all refusals would prove nothing.
    let good = |statuses: &BTreeMap<u16, usize>| statuses.keys().any(|s| (200..300).contains(s));
    let refused: Vec<_> = seen.iter().filter(|(_, statuses)| !good(statuses)).collect();
    let [(stream, _)] = refused[..] else { panic!("never done: {refused:#?}") };
    assert!(stream.ends_with(STREAM), "{stream}");
}

/// Lets the fuzzer be one caller, in a mesh of its own: what it does to people's rights is
/// felt by nobody else.
async fn fuzz(role: Option<Role>) -> Seen {
    let name = role.map_or("nobody", Role::name);
    let functions = ["firebase-proxy", "iam-control", "destine-root", "audit-engine"];
    let rate = [("MESH_RATE_PER_SECOND", "100000"), ("MESH_RATE_BURST", "100000")];
    let setup = Setup {
        functions: functions.map(str::to_owned).into(),
        auth: true,
        environment: rate.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..Setup::default()
    };
    let mesh = Mesh::set_up(&format!("described-{name}"), setup).await;
    let names = estate::settle_in(&mesh, "me").await;
    let token = match role {
        Some(role) => Some(mesh.person("me", &[role]).await),
        None => None,
    };
    let folder = std::env::temp_dir().join(format!("mesh-described-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("schemathesis.toml"), settings(&names, token.as_deref())).unwrap();
    let url = format!("{}/api/openapi.json", mesh.function("firebase-proxy").url());
    let parts: &[&[&str]] = match role {
        Some(_) => {
            &[&["--exclude-path", STREAM, "--exclude-path", GLASS], &["--include-path", GLASS]]
        }
        None => &[&[]],
    };
    let mut seen = Seen::new();
    for (part, paths) in parts.iter().enumerate() {
        let report = folder.join(format!("{part}.ndjson"));
        let (good, said) = run(&folder, &url, &report, paths).await;
        println!("{name} {said}");
        if !good { eprintln!("FOUND as {name}"); }
        read(&report, &mut seen);
    }
    if let Some(token) = token {
        // Whoever was shut out on the way would have been refused everything since.
        let url = format!("{}/api/v1/me", mesh.function("firebase-proxy").url());
        let me = mesh.http.get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(me.status(), 200, "{name} has shut themselves out");
    }
    seen
}

/// The fuzzer's settings: who it is, and what there is.
fn settings(names: &Names, token: Option<&str>) -> String {
    let mut text = String::new();
    // Bad requests are repeated by chance alone, and a test leaves nothing behind.
    let _ = writeln!(text, "[generation]\ndatabase = \"none\"");
    if token.is_none() {
        let _ = writeln!(text, "with-security-parameters = false");
    }
    if let Some(token) = token {
        let _ = writeln!(text, "[headers]\nAuthorization = {}", json!(format!("Bearer {token}")));
    }
    let bound = |kind: &str| format!("{{ dictionary = \"{kind}\", probability = 0.7 }}");
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
async fn run(folder: &Path, url: &str, report: &Path, paths: &[&str]) -> (bool, String) {
    let program = root().join("tests/schemathesis/.venv/bin/schemathesis");
    assert!(program.is_file(), "schemathesis is missing: run `emulator/install --with-tests`");
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .args(["run", url, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
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

/// Adds the answers that a report holds, but not those to other methods than the
/// operation's: the fuzzer tries them, and knows that they are not described.
fn read(report: &Path, seen: &mut Seen) {
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

fn table(seen: &Seen) -> String {
    let mut text = String::new();
    for (operation, statuses) in seen {
        let statuses: Vec<_> =
            statuses.iter().map(|(status, count)| format!("{status}×{count}")).collect();
        let _ = writeln!(text, "{operation}: {}", statuses.join(" "));
    }
    text
}
