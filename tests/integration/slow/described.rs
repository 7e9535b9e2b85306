//! The API answers as its description says, whoever asks and whatever they send.
//!
//! `schemathesis` reads `/api/openapi.json` as it is served, makes requests of it, good and
//! bad, and compares each answer with what is described.

mod answers;
mod estate;
mod fuzzer;

use std::collections::{BTreeMap, BTreeSet};

use answers::{Seen, described, read, table};
use model::Role;
use testkit::{Mesh, Setup};

/// Requests at the bounds of each schema, and random ones.
const ALONE: &str = "coverage,fuzzing";
/// Random ones: the bounds are tried by who may the least and who may the most.
const RANDOM: &str = "fuzzing";
/// Requests that follow on each other: what one answer names is asked for by the next. They
/// come last, because an answer may name the caller, who then ends their own sessions.
const LINKED: &str = "stateful";
/// A stream that does not end: a fuzzer would wait for its end. `proxy::stream` reads it, and
/// here it is asked only by who is refused.
const STREAM: &str = "/api/v1/events";
/// Ends the session of whoever asks: done last, because all else would be refused then.
const LEAVE: &str = "/api/v1/me/sessions/revoke";
/// At most one operation in so many may be one that chance never does.
const NEVER_DONE_ONE_IN: usize = 8;
/// Makes the caller owner for an hour: asked last, so that everything else is asked by the role.
const GLASS: &str = "/api/v1/glass";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_answers_as_described_to_every_role_and_to_nobody() {
    let callers: Vec<_> = std::iter::once(None).chain(Role::ALL.map(Some)).collect();
    let (mut seen, mut found) = (Seen::new(), Vec::new());
    // Two at a time: each takes about one core, half of it the fuzzer and half the functions.
    for pair in callers.chunks(2) {
        for run in futures::future::join_all(pair.iter().map(|role| fuzz(*role))).await {
            found.extend(run.found);
            for (operation, statuses) in run.seen {
                let all = seen.entry(operation).or_default();
                statuses.into_iter().for_each(|(status, n)| *all.entry(status).or_default() += n);
            }
        }
    }
    println!("{}", table(&seen));
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(seen.keys().cloned().collect::<BTreeSet<_>>(), described());
    // Answers that are all refusals would prove nothing. Few operations need a body whose
    // parts fit each other, such as the kind of a check and its settings, so that chance may
    // not find one; each of them has tests of its own.
    let good = |statuses: &BTreeMap<u16, usize>| statuses.keys().any(|s| (200..300).contains(s));
    let refused: Vec<_> = seen.iter().filter(|(_, statuses)| !good(statuses)).collect();
    assert!(refused.iter().any(|(operation, _)| operation.ends_with(STREAM)), "{refused:#?}");
    assert!(refused.len() * NEVER_DONE_ONE_IN < seen.len(), "never done: {refused:#?}");
}

/// What came of being one caller.
#[derive(Default)]
struct Run {
    seen: Seen,
    /// What the fuzzer says about answers that are not as described.
    found: Vec<String>,
}

/// Lets the fuzzer be one caller, in a mesh of its own: what it does to people's rights is
/// felt by nobody else.
async fn fuzz(role: Option<Role>) -> Run {
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
    std::fs::write(folder.join("schemathesis.toml"), fuzzer::settings(&names, token.as_deref()))
        .unwrap();
    let url = format!("{}/api/openapi.json", mesh.function("firebase-proxy").url());
    let others =
        ["--exclude-path", STREAM, "--exclude-path", GLASS, "--exclude-path", LEAVE].as_slice();
    let (glass, leave): (&[&str], &[&str]) =
        (&["--include-path", GLASS], &["--include-path", LEAVE]);
    let parts: &[(&str, &[&str])] = match role {
        Some(Role::Viewer | Role::Owner) => {
            &[(ALONE, others), (ALONE, glass), (LINKED, others), (ALONE, leave)]
        }
        Some(_) => &[(RANDOM, others), (RANDOM, glass), (LINKED, others), (RANDOM, leave)],
        None => &[(ALONE, &[]), (LINKED, &[])],
    };
    let mut all = Run::default();
    for (part, (phases, paths)) in parts.iter().enumerate() {
        if let (Some(token), &LINKED) = (&token, phases) {
            // Whoever was shut out on the way would have been refused everything since.
            let url = format!("{}/api/v1/me", mesh.function("firebase-proxy").url());
            let me = mesh.http.get(url).bearer_auth(token).send().await.unwrap();
            assert_eq!(me.status(), 200, "{name} has shut themselves out");
        }
        let report = folder.join(format!("{part}.ndjson"));
        let (good, said) = fuzzer::run(&folder, &url, &report, phases, paths).await;
        if !good {
            all.found.push(format!("As {name}, with the settings in {}: {said}", folder.display()));
        }
        read(&report, &mut all.seen);
    }
    if all.found.is_empty() {
        let _ = std::fs::remove_dir_all(folder);
    }
    all
}
