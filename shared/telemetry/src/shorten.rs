use serde_json::{Map, Value, json};
use tracing::Level;

use crate::members::cut;

/// How much of a message is kept of a line that is too long. One byte may take six
/// when escaped, and even then the line stays below its limit.
pub(crate) const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// What is kept of a line that is too long: what it says, when, and where.
const KEPT: [&str; 4] = ["time", "severity", "target", "logging.googleapis.com/sourceLocation"];

/// Renders the short form of a line that is too long.
pub(crate) fn shorten(line: &[u8], level: Level) -> Vec<u8> {
    let Ok(mut long) = serde_json::from_slice::<Map<String, Value>>(line) else {
        return plain(line, level);
    };
    let mut short: Map<String, Value> =
        KEPT.iter().filter_map(|key| long.remove_entry(*key)).collect();
    if let Some(Value::String(message)) = long.get("message") {
        short.insert("message".to_owned(), cut(message, MESSAGE_BYTES_MAX).into());
    }
    short.insert("truncated".to_owned(), true.into());
    rendered(&short.into())
}

/// Renders a line for a text that is not JSON, such as what `tracing` says of an
/// event that it cannot format.
pub(crate) fn plain(text: &[u8], level: Level) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let message = cut(text.trim_end(), MESSAGE_BYTES_MAX);
    let severity = match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        _ => "DEBUG",
    };
    rendered(&json!({ "severity": severity, "message": message }))
}

/// Puts members into a line whose event uses the same names, so that each is there once.
/// The members win, except that labels are joined and the line's own count.
pub(crate) fn merge(line: &[u8], members: &str) -> Option<Vec<u8>> {
    const LABELS: &str = "logging.googleapis.com/labels";
    let members = format!("{{{}}}", members.strip_suffix(',').unwrap_or_default());
    let mut members: Map<String, Value> = serde_json::from_str(&members).ok()?;
    let mut line: Map<String, Value> = serde_json::from_slice(line).ok()?;
    if let (Some(Value::Object(shared)), Some(Value::Object(own))) =
        (members.get_mut(LABELS), line.get_mut(LABELS))
    {
        shared.append(own);
    }
    line.append(&mut members);
    Some(rendered(&line.into()))
}

fn rendered(object: &Value) -> Vec<u8> {
    let mut line = object.to_string().into_bytes();
    line.push(b'\n');
    line
}
