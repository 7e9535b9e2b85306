use serde_json::{Value, json};
use tracing::info;

use super::*;
use crate::capture::{Capture, settings};

const TRACE: &str = "logging.googleapis.com/trace";
const SPAN: &str = "logging.googleapis.com/spanId";
const SAMPLED: &str = "logging.googleapis.com/trace_sampled";
const LABELS: &str = "logging.googleapis.com/labels";

fn trace() -> TraceContext {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    TraceContext::from_traceparent(text).expect("valid")
}

fn read(members: &str) -> Value {
    serde_json::from_str(&format!("{{{}}}", members.trim_end_matches(','))).expect("members")
}

#[tokio::test]
async fn a_line_carries_trace_and_labels_only_within_its_scope() {
    let (capture, _guard) = Capture::start();
    info!("before");
    let scope = Scope::new(Some(trace())).label("correlation_id", "c1").label("trigger", "nightly");
    scoped(scope, async { info!("within") }).await;
    info!("after");

    let lines = capture.lines();
    assert_eq!(lines.len(), 3);
    for outside in [&lines[0], &lines[2]] {
        for member in [TRACE, SPAN, SAMPLED, LABELS] {
            assert_eq!(outside.get(member), None, "{member}");
        }
    }
    assert_eq!(lines[1]["message"], "within");
    assert_eq!(lines[1][TRACE], "projects/demo-mesh/traces/4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(lines[1][SPAN], "00f067aa0ba902b7");
    assert_eq!(lines[1][SAMPLED], true);
    let labels =
        json!({ "mesh_module": "audit-engine", "correlation_id": "c1", "trigger": "nightly" });
    assert_eq!(lines[1][LABELS], labels);
}

#[tokio::test]
async fn an_inner_scope_replaces_the_outer_until_it_ends() {
    let (capture, _guard) = Capture::start();
    scoped(Scope::new(Some(trace())).label("actor", "outer"), async {
        scoped(Scope::default().label("event_id", "inner"), async { info!("inner") }).await;
        let extended = Scope::current().expect("within a scope").label("event_id", "extended");
        scoped(extended, async { info!("extended") }).await;
        info!("outer");
    })
    .await;

    let lines = capture.lines();
    assert_eq!(lines[0].get(TRACE), None);
    assert_eq!(lines[0][LABELS], json!({ "mesh_module": "audit-engine", "event_id": "inner" }));
    assert_eq!(lines[1][LABELS]["actor"], "outer");
    assert_eq!(lines[1][LABELS]["event_id"], "extended");
    assert_eq!(lines[2][LABELS], json!({ "mesh_module": "audit-engine", "actor": "outer" }));
}

#[tokio::test]
async fn a_spawned_task_is_outside_unless_it_is_bound_to_the_scope() {
    let (capture, _guard) = Capture::start();
    scoped(Scope::new(Some(trace())), async {
        tokio::spawn(async { info!("free") }).await.expect("joins");
        tokio::spawn(in_current_scope(async { info!("bound") })).await.expect("joins");
        let entered = current().expect("within a scope");
        tokio::spawn(scoped(entered, async { info!("entered again") })).await.expect("joins");
    })
    .await;
    in_current_scope(async { info!("bound to none") }).await;

    let traced: Vec<bool> = capture.lines().iter().map(|line| line.get(TRACE).is_some()).collect();
    assert_eq!(traced, [false, true, true, false]);
}

#[tokio::test]
async fn the_current_trace_is_known_within_a_scope_only() {
    assert_eq!((current_trace(), Scope::current()), (None, None));
    scoped(Scope::new(Some(trace())), async { assert_eq!(current_trace(), Some(trace())) }).await;
    scoped(Scope::default(), async {
        assert_eq!(current_trace(), None);
        assert_eq!(current().expect("within").scope(), &Scope::default());
    })
    .await;
}

#[test]
fn hostile_labels_are_escaped_and_bounded() {
    let hostile = "\"},\"severity\":\"ERROR\n\r\t\0\u{1b}[31m\u{2028}\u{ffff}";
    let long = "é".repeat(LABEL_BYTES_MAX);
    let scope = Scope::default().label("actor", hostile).label("event_id", long);
    let labels = &read(&scope.members(&settings()))[LABELS];
    assert_eq!(labels["actor"], hostile);
    assert_eq!(labels["event_id"].as_str().map(str::len), Some(LABEL_BYTES_MAX));
    assert!(!scope.members(&settings()).contains('\n'));
}

#[test]
fn the_later_of_two_labels_counts_and_the_module_is_never_another() {
    let scope = Scope::default().label("actor", "a").label("actor", "b").label("mesh_module", "x");
    let expected = json!({ "actor": "b", "mesh_module": "audit-engine" });
    assert_eq!(read(&scope.members(&settings()))[LABELS], expected);
}

#[test]
fn labels_beyond_the_limit_are_left_out() {
    const NAMES: [&str; 17] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
    let scope = NAMES.iter().fold(Scope::default(), |scope, name| scope.label(name, "1"));
    let labels = &read(&scope.members(&settings()))[LABELS];
    assert_eq!((labels.get("p").is_some(), labels.get("q")), (true, None));
}

#[test]
fn without_a_project_the_trace_is_bare_and_an_empty_scope_adds_nothing() {
    let scope = Scope::new(Some(trace()));
    let members = read(&scope.members(&Settings::default()));
    assert_eq!(members[TRACE], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(Scope::default().members(&Settings::default()), "");
}
