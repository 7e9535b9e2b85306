use serde_json::{Value, json};
use tracing::{debug, error, info, warn};

use super::*;
use crate::{Redacted, Scope, capture::Capture, scoped};

const LABELS: &str = "logging.googleapis.com/labels";

fn big_scope() -> Scope {
    const NAMES: [&str; 16] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];
    NAMES.iter().fold(Scope::default(), |scope, name| scope.label(name, "\0".repeat(10_000)))
}

#[test]
fn every_line_is_one_object_in_one_write() {
    let (capture, _guard) = Capture::start();
    let hostile =
        "quote \" brace } newline \n return \r nul \0 escape \u{1b}[0m line \u{2028} é 🦀";
    info!(hostile, token = %Redacted::new("canary"), count = 3, yes = true, "{hostile}");
    warn!(resource.id = "vm-1", "examined");
    error!("failed");
    debug!("not at this level");

    assert_eq!(capture.writes().len(), 3);
    let lines = capture.lines();
    assert_eq!(lines[0]["message"], hostile);
    assert_eq!(lines[0]["hostile"], hostile);
    assert_eq!(lines[0]["token"], "[redacted]");
    assert_eq!((&lines[0]["count"], &lines[0]["yes"]), (&json!(3), &json!(true)));
    assert_eq!(lines[0]["severity"], "INFO");
    assert_eq!(
        (&lines[1]["severity"], &lines[1]["resourceId"]),
        (&json!("WARNING"), &json!("vm-1"))
    );
    assert_eq!(lines[2]["severity"], "ERROR");
}

#[test]
fn an_error_is_a_report_with_its_place() {
    let (capture, _guard) = Capture::start();
    let line = line!() + 1;
    error!(code = "INTERNAL", "cannot seal the log");

    let entry = capture.only();
    assert_eq!(
        entry["@type"],
        "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
    );
    assert_eq!(entry["serviceContext"], json!({ "service": "audit-engine", "version": "r1" }));
    assert_eq!(
        entry["context"]["reportLocation"],
        json!({ "filePath": file!(), "lineNumber": line, "functionName": module_path!() })
    );
    assert_eq!(
        (&entry["message"], &entry["code"]),
        (&json!("cannot seal the log"), &json!("INTERNAL"))
    );
}

#[test]
fn an_error_without_a_message_is_named_by_its_place() {
    let (capture, _guard) = Capture::start();
    error!(code = "INTERNAL");
    let message = capture.only()["message"].clone();
    assert!(message.as_str().is_some_and(|text| text.contains(file!())), "{message}");
}

#[test]
fn lesser_lines_are_not_reports() {
    let (capture, _guard) = Capture::start();
    info!("fine");
    warn!("coped");
    for line in capture.lines() {
        for member in ["@type", "serviceContext", "context"] {
            assert_eq!(line.get(member), None, "{member}");
        }
    }
}

#[tokio::test]
async fn an_error_within_a_scope_has_both() {
    let (capture, _guard) = Capture::start();
    scoped(Scope::default().label("event_id", "e1"), async { error!("failed") }).await;
    let line = capture.only();
    assert_eq!(line[LABELS]["event_id"], "e1");
    assert_eq!(line["context"]["reportLocation"]["filePath"], file!());
}

#[tokio::test]
async fn labels_of_a_line_join_those_of_its_scope() {
    let (capture, _guard) = Capture::start();
    info!(labels.actor = "alone", "outside");
    let scope = Scope::default().label("event_id", "e1").label("actor", "scope");
    scoped(scope, async { error!(labels.actor = "line", "within") }).await;
    let lines = capture.lines();
    assert_eq!(lines[0][LABELS], json!({ "actor": "alone" }));
    let labels = json!({ "actor": "line", "event_id": "e1", "mesh_module": "audit-engine" });
    assert_eq!((&lines[1][LABELS], &lines[1]["message"]), (&labels, &json!("within")));
    assert_eq!(lines[1]["context"]["reportLocation"]["filePath"], file!());
}

#[test]
fn fields_with_the_names_of_a_line_never_double_a_member() {
    let (capture, _guard) = Capture::start();
    info!(target = "zone-1", span = 1, "fine");
    error!(context = "mine", service_context = "mine", time = "t", "failed");
    let lines = capture.lines();
    assert_eq!((&lines[0]["target"], &lines[0]["span"]), (&json!("zone-1"), &json!(1)));
    assert_eq!(lines[1]["context"]["reportLocation"]["filePath"], file!());
    assert_eq!(lines[1]["serviceContext"]["service"], "audit-engine");
}

#[tokio::test]
async fn spans_are_part_of_the_line() {
    let (capture, _guard) = Capture::start();
    let span = tracing::info_span!("work", id = "\"1\"\n", later = tracing::field::Empty);
    scoped(Scope::default().label("event_id", "e1"), async {
        let _entered = span.enter();
        span.record("later", 2);
        info!("within");
    })
    .await;
    let line = capture.only();
    assert_eq!(line["span"], json!({ "name": "work", "id": "\"1\"\n", "later": 2 }));
    assert_eq!(line["logging.googleapis.com/labels"]["event_id"], "e1");
}

#[tokio::test]
async fn a_line_that_is_too_long_is_replaced() {
    let (capture, _guard) = Capture::start();
    let worst = "\0".repeat(LINE_BYTES_MAX);
    scoped(big_scope(), async { error!(lost = worst, "{worst}") }).await;

    assert!(capture.writes()[0].len() <= LINE_BYTES_MAX);
    let line = capture.only();
    assert_eq!((&line["severity"], &line["truncated"]), (&json!("ERROR"), &json!(true)));
    assert_eq!(line["message"].as_str().map(str::len), Some(16 * 1024));
    assert!(line["time"].is_string() && line[LABELS]["p"].is_string());
    assert_eq!(line["context"]["reportLocation"]["filePath"], file!());
    assert_eq!(line.get("lost"), None);
}

#[test]
fn the_longest_line_is_kept_and_one_byte_more_is_not() {
    let writer = Line { sink: (), level: Level::WARN, clashing: false, report: String::new() };
    let empty = r#"{"time":"t","severity":"WARNING","message":""}"#.len() + 1;
    for (bytes, truncated) in [(LINE_BYTES_MAX, None), (LINE_BYTES_MAX + 1, Some(true))] {
        let text = "a".repeat(bytes - empty);
        let line = format!("{{\"time\":\"t\",\"severity\":\"WARNING\",\"message\":\"{text}\"}}\n");
        assert_eq!(line.len(), bytes);
        let entry = crate::capture::parse(&writer.complete(line.as_bytes(), ""));
        assert_eq!(entry.get("truncated").and_then(Value::as_bool), truncated);
        assert_eq!((&entry["time"], &entry["severity"]), (&json!("t"), &json!("WARNING")));
    }
}

#[test]
fn what_is_not_an_object_becomes_the_message_of_one() {
    let writer = Line { sink: (), level: Level::ERROR, clashing: false, report: "\"r\":1,".into() };
    for (text, message) in [
        (&b"cannot \"format\"\n"[..], "cannot \"format\""),
        (b"\xff{}", "\u{fffd}{}"),
        (b"{}\n", "{}"),
    ] {
        let entry = crate::capture::parse(&writer.complete(text, "\"s\":2,"));
        assert_eq!(entry, json!({ "severity": "ERROR", "message": message, "r": 1, "s": 2 }));
    }
}

#[test]
fn a_sink_that_fails_is_ignored() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let subscriber = crate::subscriber(&crate::capture::settings(), || Broken);
    tracing::subscriber::with_default(subscriber, || error!("into the void"));
    let mut line =
        Line { sink: Broken, level: Level::INFO, clashing: false, report: String::new() };
    assert_eq!(line.write(b"{\"a\":1}\n").ok(), Some(8));
    assert!(line.flush().is_ok());
}
