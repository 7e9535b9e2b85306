use std::{
    io::{self, Write},
    panic::{self, PanicHookInfo},
};

use jiff::Timestamp;
use serde_json::json;

use crate::{
    Settings,
    members::cut,
    report::{Location, report},
    scope,
    writer::splice,
};

/// How much of a panic's text is kept: enough for any message, not for a dump.
const PAYLOAD_BYTES_MAX: usize = 4 * 1024;

/// Makes every panic one error report on standard output, and nothing on standard error.
///
/// It does not go through `tracing`, which may be what panicked.
pub(crate) fn install(settings: Settings) {
    panic::set_hook(Box::new(move |info| {
        let line = line_of(&settings, info);
        let _ = io::stdout().write_all(&line);
    }));
}

fn line_of(settings: &Settings, info: &PanicHookInfo<'_>) -> Vec<u8> {
    let payload = info.payload_as_str().unwrap_or("a value that is not text");
    let (file, line, column) = info
        .location()
        .map_or(("unknown", 0, 0), |place| (place.file(), place.line(), place.column()));
    let location = Location { file_path: file, line_number: line, function_name: "panic" };
    let message =
        format!("panicked at {file}:{line}:{column}: {}", cut(payload, PAYLOAD_BYTES_MAX));
    render(settings, location, &message, Timestamp::now())
}

fn render(settings: &Settings, location: Location<'_>, message: &str, now: Timestamp) -> Vec<u8> {
    let entry = json!({
        "time": now.to_string(),
        "severity": "ERROR",
        "logging.googleapis.com/sourceLocation": {
            "file": location.file_path,
            "line": location.line_number.to_string(),
        },
        "message": message,
    });
    let entry = format!("{entry}\n");
    let report = report(settings, location, None);
    scope::with_members(|scope| splice(entry.as_bytes(), &[scope, &report]))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{Scope, TraceContext, capture, scoped};

    fn rendered(message: &str) -> Value {
        let location = Location { file_path: "src/x.rs", line_number: 7, function_name: "panic" };
        let line = render(&capture::settings(), location, message, Timestamp::UNIX_EPOCH);
        capture::parse(&line)
    }

    #[test]
    fn a_panic_is_an_error_report_with_its_place() {
        let line = rendered("panicked at src/x.rs:7:1: \"quoted\"\nand\0more");
        assert_eq!(line["severity"], "ERROR");
        assert_eq!(line["time"], "1970-01-01T00:00:00Z");
        assert_eq!(line["message"], "panicked at src/x.rs:7:1: \"quoted\"\nand\0more");
        assert_eq!(line["serviceContext"], json!({ "service": "audit-engine", "version": "r1" }));
        let place = json!({ "filePath": "src/x.rs", "lineNumber": 7, "functionName": "panic" });
        assert_eq!(line["context"]["reportLocation"], place);
        assert_eq!(line["logging.googleapis.com/labels"], Value::Null);
    }

    #[tokio::test]
    async fn a_panic_within_a_scope_carries_its_trace_and_labels() {
        let _ = capture::settings();
        let trace = TraceContext::random();
        let scope = Scope::new(Some(trace)).label("event_id", "e1");
        let line = scoped(scope, async { rendered("m") }).await;
        let expected = format!("projects/demo-mesh/traces/{}", trace.trace());
        assert_eq!(line["logging.googleapis.com/trace"], expected);
        assert_eq!(line["logging.googleapis.com/labels"]["event_id"], "e1");
    }
}
