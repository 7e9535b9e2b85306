//! One line of a log, for people.

use serde_json::{Map, Value};

/// Fields that say nothing to a person who reads the log of one machine.
const QUIET: [&str; 13] = [
    "time",
    "timestamp",
    "severity",
    "level",
    "message",
    "target",
    "serviceContext",
    "span",
    "spans",
    "retry",
    "@type",
    "threadName",
    "threadId",
];

/// Renders a line of JSON as `time severity message field=value …`.
///
/// Whatever is not such a line comes back as it is.
#[must_use]
pub fn render(line: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(line) else {
        return line.to_owned();
    };
    let text = |names: [&str; 2]| {
        names.iter().find_map(|name| fields.get(*name)?.as_str()).unwrap_or_default()
    };
    let (time, severity, message) =
        (text(["time", "timestamp"]), text(["severity", "level"]), text(["message", "msg"]));
    if message.is_empty() {
        return line.to_owned();
    }
    let mut rendered = format!("{} {severity:8} {message}", clock(time));
    flatten("", &fields, &mut rendered);
    rendered
}

/// Returns the time of day of an RFC 3339 time, to the millisecond.
fn clock(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%H:%M:%S.%3f").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// Adds fields as `name=value`, those of objects as `outer.name=value`.
fn flatten(prefix: &str, fields: &Map<String, Value>, rendered: &mut String) {
    for (name, value) in fields {
        let quiet = prefix.is_empty() && QUIET.contains(&name.as_str());
        if quiet || name.starts_with("logging.googleapis.com/") {
            continue;
        }
        match value {
            Value::Object(inner) => flatten(&format!("{prefix}{name}."), inner, rendered),
            Value::Null => {}
            Value::String(text) if !text.contains([' ', '"']) => {
                rendered.push_str(&format!(" {prefix}{name}={text}"));
            }
            value => rendered.push_str(&format!(" {prefix}{name}={value}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_becomes_readable_and_others_stay() {
        let line = r#"{"time":"2026-11-23T01:02:03.456789Z","severity":"INFO","message":"done","count":2,
            "who":"a b","http":{"status":200},"serviceContext":{"service":"x"},"logging.googleapis.com/trace":"t"}"#;
        assert_eq!(render(line), r#"01:02:03.456 INFO     done count=2 http.status=200 who="a b""#);
        for other in ["plain text", "{\"a\":1}", "[1]", ""] {
            assert_eq!(render(other), other);
        }
    }
}
