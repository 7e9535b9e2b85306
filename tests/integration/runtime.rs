//! How a function starts, sheds, fails and leaves.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use model::{ServiceId, dead_letter::DeadLetter, service::Service};
use serde_json::json;
use testkit::{Mesh, event, signal};

use crate::probe;

fn start_with(variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_probe"))
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_function_that_is_set_up_wrongly_names_every_mistake_and_exits_with_64() {
    let (code, said) = start_with(&[("PORT", "http"), ("PROBE_SIZE", "many")]);
    assert_eq!(code, Some(64));
    for mistake in [
        "PORT: must be a port number",
        "PROBE_SIZE: `many` is not valid",
        "PROBE_SECRET: the manifest declares this secret, and it is not set",
        "GOOGLE_CLOUD_PROJECT",
        "MESH_AUDIENCE",
        "MESH_INVOKERS",
    ] {
        assert!(said.contains(mistake), "`{mistake}` is not in:\n{said}");
    }
}

#[test]
fn a_local_issuer_is_refused_outside_demo_projects() {
    let (code, said) = start_with(&[
        ("PROBE_SIZE", "1"),
        ("PROBE_SECRET", "hush"),
        ("GOOGLE_CLOUD_PROJECT", "meridian-prod"),
        ("MESH_AUDIENCE", "https://probe.mesh.internal"),
        ("MESH_INVOKERS", "a@b"),
        ("MESH_ISSUER", "http://127.0.0.1:1"),
        ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1"),
    ]);
    assert_eq!(code, Some(64));
    assert!(said.contains("MESH_ISSUER") && said.contains("FIREBASE_AUTH_EMULATOR_HOST"), "{said}");
    assert!(!said.contains("hush"));
}

#[test]
fn a_function_lives_while_its_database_is_away_and_says_so() {
    let port = testkit::free_port();
    let nobody = format!("127.0.0.1:{}", testkit::free_port());
    let environment = [
        ("PORT", port.to_string()),
        ("PROBE_SIZE", "1".into()),
        ("PROBE_SECRET", "hush".into()),
        ("GOOGLE_CLOUD_PROJECT", "demo-away".into()),
        ("MESH_AUDIENCE", "a".into()),
        ("MESH_INVOKERS", "a@b".into()),
        ("FIRESTORE_EMULATOR_HOST", nobody),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let log = std::env::temp_dir().join(format!("mesh-away-{port}.log"));
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_probe"));
    let process = testkit::FunctionProcess::start(program, environment.into(), port, &log);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let status = |path: &str| {
        let url = format!("{}{path}", process.url());
        runtime.block_on(async { reqwest::get(url).await.unwrap().status().as_u16() })
    };
    assert_eq!(status("/health"), 200);
    assert_eq!(status("/ready"), 503);
    let url = format!("{}/ready", process.url());
    let said = runtime.block_on(async { reqwest::get(url).await.unwrap().text().await.unwrap() });
    // Nobody knows whether trading is halted: it counts as if it were.
    assert!(said.contains("STALE") && said.contains("`trading` (never read)"), "{said}");
    assert_eq!(status("/health"), 200);
    drop(process);
    let _ = std::fs::remove_file(log);
}

#[tokio::test]
async fn each_failure_is_answered_as_its_code_says() {
    let mesh = Mesh::set_up("codes", probe()).await;
    let cases = [
        ("INVALID_ARGUMENT", 204, 1),
        ("OUT_OF_RANGE", 204, 2),
        ("FAILED_PRECONDITION", 204, 3),
        ("NOT_FOUND", 204, 4),
        ("ALREADY_EXISTS", 204, 4),
        ("UNAUTHENTICATED", 401, 4),
        ("PERMISSION_DENIED", 403, 4),
        ("ABORTED", 409, 4),
        ("RESOURCE_EXHAUSTED", 429, 4),
        ("INTERNAL", 500, 4),
        ("UNAVAILABLE", 503, 4),
        ("DEADLINE_EXCEEDED", 504, 4),
    ];
    for (code, status, letters) in cases {
        let push = event::pushed(&json!({"fail": code}), code);
        let answer = mesh.deliver("probe", "asked", &push).await;
        assert_eq!(answer.status(), status, "{code}");
        let retry = answer.headers().contains_key("retry-after");
        assert_eq!(retry, matches!(status, 429 | 503), "{code}");
        assert_eq!(mesh.all::<DeadLetter>().await.len(), letters, "{code}");
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_delivered_again_and_the_instance_lives_on() {
    let mesh = Mesh::set_up("panic", probe()).await;
    let process = mesh.function("probe").id();
    for _ in 0..3 {
        let answer = mesh.deliver("probe", "asked", &event::pushed(&json!("panic"), "m1")).await;
        assert_eq!(answer.status(), 500);
    }
    let write = event::pushed(&json!({"write": "s"}), "m2");
    assert_eq!(mesh.deliver("probe", "asked", &write).await.status(), 204);
    assert_eq!(mesh.function("probe").id(), process);
}

#[tokio::test]
async fn a_handler_that_hangs_is_cut_off_before_the_platform_does_it() {
    let mesh = Mesh::set_up("hang", probe()).await;
    let started = Instant::now();
    let push = event::pushed(&json!({"sleep": 60_000}), "m1");
    let answer = mesh.deliver("probe", "asked", &push).await;
    assert_eq!(answer.status(), 504);
    assert!(started.elapsed() < Duration::from_secs(3), "the manifest's timeout is 3 s");
}

#[tokio::test]
async fn requests_above_the_concurrency_are_turned_away() {
    let mesh = Mesh::set_up("shed", probe()).await;
    let deliver = async |number: u32| {
        let push = event::pushed(&json!({"sleep": 1000}), &format!("m{number}"));
        let answer = mesh.deliver("probe", "asked", &push).await;
        (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
    };
    let answers = futures::future::join_all((0..9).map(deliver)).await;
    let done = answers.iter().filter(|answer| **answer == (204, false)).count();
    let shed = answers.iter().filter(|answer| **answer == (503, true)).count();
    assert_eq!((done, shed), (4, 5), "the manifest allows 4 at a time: {answers:?}");
}

#[tokio::test]
async fn a_function_that_is_asked_to_leave_finishes_what_is_in_flight() {
    let mut mesh = Mesh::set_up("drain", probe()).await;
    let owner = mesh.person("olga", &[model::Role::Owner]).await;
    let url = format!("{}/nap", mesh.function("probe").url());
    let request = mesh.http.get(url).bearer_auth(owner).send();
    let request = tokio::spawn(request);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let started = Instant::now();
    signal(mesh.function("probe").id(), "TERM");
    let answer = request.await.unwrap().expect("the request in flight is answered");
    assert_eq!(answer.status(), 200);
    let status = mesh.function_mut("probe").terminate();
    assert!(status.success() && started.elapsed() < Duration::from_secs(10), "{status:?}");
}

#[tokio::test]
async fn an_effect_is_counted_once_although_its_event_comes_often_and_at_once() {
    let mesh = Mesh::set_up("count", probe()).await;
    let push = event::pushed(&json!({"write": "s"}), "m1");
    // The emulator's locks make contenders wait long; a transport delivers again, too.
    let deliver_until_done = async || {
        for _ in 0..20 {
            if mesh.deliver("probe", "asked", &push).await.status() == 204 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    };
    let done = futures::future::join_all((0..3).map(|_| deliver_until_done())).await;
    assert_eq!(done, [true; 3]);
    let counted: Service = mesh.get(&ServiceId::new("s")).await;
    assert_eq!(counted.url, "x");
}

#[tokio::test]
async fn a_handler_that_was_cut_off_leaves_no_lock_behind() {
    let mesh = Mesh::set_up("lock", probe()).await;
    // Cut off while its transaction is open.
    let slow = event::pushed(&json!({"name": "s", "pause_ms": 60_000}), "m1");
    assert_eq!(mesh.deliver("probe", "patient", &slow).await.status(), 504);
    let started = Instant::now();
    let quick = event::pushed(&json!({"name": "s", "pause_ms": 0}), "m1");
    assert_eq!(mesh.deliver("probe", "patient", &quick).await.status(), 204);
    assert!(started.elapsed() < Duration::from_secs(2));
}
