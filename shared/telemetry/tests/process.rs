//! What only a whole process shows: its standard output, and its panic hook.

use std::{
    env,
    io::{self, Write},
    panic,
    process::{self, Command, Output},
};

use serde_json::{Value, json};
use telemetry::{Scope, Settings, TraceContext};
use tracing::{error, info};

const CHILD: &str = "TELEMETRY_CHILD";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn settings(filter: &str) -> Settings {
    Settings {
        project: "demo-mesh".to_owned(),
        service: "audit-engine".to_owned(),
        revision: "audit-engine-00007-abc".to_owned(),
        filter: Some(filter.to_owned()),
    }
}

/// Runs `child` in a process of its own, which is this test again, and returns what it printed.
fn in_a_process(test: &str, child: impl FnOnce()) -> Output {
    if env::var_os(CHILD).is_some() {
        // The test harness has begun a line of its own.
        io::stdout().write_all(b"\n").expect("standard output is open");
        child();
        process::exit(0);
    }
    Command::new(env::current_exe().expect("a path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("this test can be run again")
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).expect("an object")).collect()
}

#[test]
fn a_panic_is_exactly_one_line() {
    let output = in_a_process("a_panic_is_exactly_one_line", || {
        telemetry::init(settings("info"));
        let _ = panic::catch_unwind(|| panic!("first \"line\"\nsecond line"));
        let _ = panic::catch_unwind(|| panic::panic_any(7));
        let _ = panic::catch_unwind(|| panic!("{}", "é".repeat(10_000)));
    });
    let lines = lines(&output);
    assert_eq!(lines.len(), 3, "{lines:#?}");
    let message = lines[0]["message"].as_str().expect("a message");
    assert!(message.starts_with(&format!("panicked at {}:", file!())), "{message}");
    assert!(message.ends_with(": first \"line\"\nsecond line"), "{message}");
    let place = &lines[0]["context"]["reportLocation"];
    assert_eq!((&place["filePath"], &place["functionName"]), (&json!(file!()), &json!("panic")));
    assert!(message.contains(&format!(":{}:", place["lineNumber"])), "{message}");
    assert_eq!(lines[0]["severity"], "ERROR");
    assert!(lines[1]["message"].as_str().is_some_and(|m| m.ends_with("a value that is not text")));
    assert!(lines[2]["message"].as_str().is_some_and(|m| (4096..4096 + 200).contains(&m.len())));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("thread '"), "the default message");
}

#[test]
fn a_panic_of_a_task_carries_its_scope() {
    let output = in_a_process("a_panic_of_a_task_carries_its_scope", || {
        telemetry::init(settings("info"));
        let trace = TraceContext::from_traceparent(TRACEPARENT);
        let scope = Scope::new(trace).label("event_id", "e1");
        let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
        let task = runtime.spawn(telemetry::scoped(scope, async { panic!("within") }));
        assert!(runtime.block_on(task).is_err_and(|error| error.is_panic()));
    });
    let lines = lines(&output);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let trace = "projects/demo-mesh/traces/4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(lines[0]["logging.googleapis.com/trace"], trace);
    let labels = json!({ "event_id": "e1", "mesh_module": "audit-engine" });
    assert_eq!(lines[0]["logging.googleapis.com/labels"], labels);
}

#[test]
fn only_the_first_start_counts() {
    let output = in_a_process("only_the_first_start_counts", || {
        telemetry::init(settings("info"));
        telemetry::init(Settings { service: "another".to_owned(), ..settings("off") });
        info!("started");
        error!("failed");
    });
    let lines = lines(&output);
    assert_eq!((lines.len(), &lines[0]["message"]), (2, &json!("started")));
    assert_eq!(lines[1]["serviceContext"]["service"], "audit-engine");
}

#[test]
fn a_wrong_filter_is_said_and_replaced() {
    let output = in_a_process("a_wrong_filter_is_said_and_replaced", || {
        telemetry::init(settings("mesh=loud"));
        info!("started");
    });
    let lines = lines(&output);
    assert_eq!((lines.len(), &lines[0]["severity"]), (2, &json!("WARNING")));
    assert_eq!(lines[1]["message"], "started");
}
