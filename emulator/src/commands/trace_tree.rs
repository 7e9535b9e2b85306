//! One request's way through the mesh, put together from the lines that it left.

use std::{collections::BTreeMap, fmt::Write};

use jiff::Timestamp;
use serde_json::Value;

/// What a line's members are called.
const TRACE: &str = "logging.googleapis.com/trace";
const SPAN: &str = "logging.googleapis.com/spanId";
const LABELS: &str = "logging.googleapis.com/labels";
const PARENT: &str = "parentSpan";

/// A line that belongs to a trace.
#[derive(Clone, Debug)]
pub struct Line {
    /// Who wrote it.
    pub part: String,
    time: Timestamp,
    trace: String,
    span: String,
    parent: Option<String>,
    correlation: Option<String>,
    severity: String,
    message: String,
    outcome: Option<String>,
    duration_ms: Option<i64>,
    trigger: Option<String>,
}

impl Line {
    /// Reads a line; nothing if it is of no trace.
    #[must_use]
    pub fn parse(part: &str, text: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(text).ok()?;
        let member = |name: &str| line.get(name)?.as_str().map(str::to_owned);
        let label = |name: &str| line.get(LABELS)?.get(name)?.as_str().map(str::to_owned);
        Some(Self {
            part: part.to_owned(),
            time: member("time")?.parse().ok()?,
            trace: member(TRACE)?.rsplit('/').next()?.to_owned(),
            span: member(SPAN)?,
            parent: member(PARENT),
            correlation: label("correlation_id"),
            severity: member("severity").unwrap_or_default(),
            message: member("message").unwrap_or_default(),
            outcome: member("outcome"),
            duration_ms: line.get("durationMs").and_then(Value::as_i64),
            trigger: member("trigger").or_else(|| label("trigger")),
        })
    }

    /// Whether the line belongs to what is named: a trace, or a request by its id.
    #[must_use]
    pub fn is_of(&self, id: &str) -> bool {
        self.trace == id || self.correlation.as_deref() == Some(id)
    }

    /// The trace's id.
    #[must_use]
    pub fn trace(&self) -> &str {
        &self.trace
    }
}

/// Returns what is looked for: the trace of a `traceparent` or of Cloud Logging's name for
/// one, and anything else as it is.
#[must_use]
pub fn id_of(text: &str) -> &str {
    let last = text.rsplit('/').next().unwrap_or(text);
    match last.split('-').collect::<Vec<_>>()[..] {
        [_, trace, _, _] if trace.len() == 32 && last.len() == 55 => trace,
        _ => last,
    }
}

/// The work of one function for one delivery or request.
#[derive(Debug)]
struct Span {
    part: String,
    parent: Option<String>,
    begin: Timestamp,
    /// The line that says what became of it.
    outcome: Option<Line>,
    others: Vec<Line>,
}

/// Renders the lines of one trace as a tree: who caused whom, when, and what became of it.
#[must_use]
pub fn render(mut lines: Vec<Line>) -> String {
    lines.sort_by_key(|line| line.time);
    let (Some(first), Some(last)) = (lines.first().cloned(), lines.last().cloned()) else {
        return String::new();
    };
    let spans = spans(lines);
    let begin = spans.values().map(|span| span.begin).min().unwrap_or(first.time);
    let mut parts: Vec<_> = spans.values().map(|span| span.part.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    let mut tree = format!(
        "trace {}: {} in {}, {} ms\n",
        first.trace,
        counted(spans.len(), "piece of work", "pieces of work"),
        counted(parts.len(), "function", "functions"),
        milliseconds(begin, last.time),
    );
    let mut children = BTreeMap::<Option<&str>, Vec<&str>>::new();
    let mut ids: Vec<_> = spans.keys().map(String::as_str).collect();
    ids.sort_by_key(|id| spans[*id].begin);
    for id in ids {
        // What nobody here caused stands at the root: its cause is outside, or its line is gone.
        let parent = spans[id].parent.as_deref().filter(|parent| *parent != id);
        children.entry(parent.filter(|parent| spans.contains_key(*parent))).or_default().push(id);
    }
    let whole = Tree { spans: &spans, children: &children, begin };
    for root in children.get(&None).into_iter().flatten() {
        whole.write(&mut tree, root, "", "");
    }
    tree
}

fn spans(lines: Vec<Line>) -> BTreeMap<String, Span> {
    let mut spans = BTreeMap::<String, Span>::new();
    for line in lines {
        let span = spans.entry(line.span.clone()).or_insert_with(|| Span {
            part: line.part.clone(),
            parent: line.parent.clone(),
            begin: line.time,
            outcome: None,
            others: Vec::new(),
        });
        if line.outcome.is_some() && span.outcome.is_none() {
            let lasted = jiff::SignedDuration::from_millis(line.duration_ms.unwrap_or_default());
            let began = line.time.checked_sub(lasted).unwrap_or(line.time);
            span.begin = span.begin.min(began);
            span.outcome = Some(line);
        } else {
            span.others.push(line);
        }
    }
    spans
}

struct Tree<'t> {
    spans: &'t BTreeMap<String, Span>,
    children: &'t BTreeMap<Option<&'t str>, Vec<&'t str>>,
    begin: Timestamp,
}

impl Tree<'_> {
    /// Writes a span and all that it caused. A span has one parent, so that this ends.
    fn write(&self, tree: &mut String, id: &str, own: &str, below: &str) {
        let span = &self.spans[id];
        let _ = writeln!(
            tree,
            "{:>8}  {own}{}  {}",
            format!("+{} ms", milliseconds(self.begin, span.begin)),
            span.part,
            told(span)
        );
        let children = self.children.get(&Some(id)).map(Vec::as_slice).unwrap_or_default();
        let rail = if children.is_empty() { "   " } else { "│  " };
        for line in &span.others {
            let grave = match line.severity.as_str() {
                "INFO" | "DEBUG" => String::new(),
                other => format!("{other}: "),
            };
            let at = format!("+{} ms", milliseconds(self.begin, line.time));
            let _ = writeln!(tree, "{at:>8}  {below}{rail}· {grave}{}", line.message);
        }
        for (place, child) in children.iter().enumerate() {
            let is_last = place + 1 == children.len();
            let (branch, further) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.write(tree, child, &format!("{below}{branch}"), &format!("{below}{further}"));
        }
    }
}

fn told(span: &Span) -> String {
    let Some(outcome) = &span.outcome else { return "has not ended".to_owned() };
    let trigger = outcome.trigger.as_deref().unwrap_or_default();
    // Requests are told by their method and path, deliveries by their trigger.
    let message = &outcome.message;
    let words = match message.contains(&format!("`{trigger}`")) || trigger.is_empty() {
        true => message.clone(),
        false => format!("{trigger}: {message}"),
    };
    match outcome.duration_ms {
        Some(lasted) if !message.contains(" ms") => format!("{words}  ({lasted} ms)"),
        _ => words,
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn milliseconds(from: Timestamp, to: Timestamp) -> i128 {
    to.duration_since(from).as_millis()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn line(part: &str, second: &str, span: &str, parent: Option<&str>, rest: Value) -> Line {
        let mut line = json!({
            "time": format!("2026-11-23T01:02:{second}Z"), "severity": "INFO",
            TRACE: format!("projects/demo/traces/{TRACE_ID}"), SPAN: span,
            LABELS: {"correlation_id": "r1"},
        });
        if let Some(parent) = parent {
            line[PARENT] = parent.into();
        }
        for (name, value) in rest.as_object().expect("members") {
            line[name] = value.clone();
        }
        Line::parse(part, &line.to_string()).expect("a line of a trace")
    }

    #[test]
    fn a_trace_is_a_tree_with_times() {
        let lines = vec![
            line(
                "root",
                "03.500",
                "c",
                Some("b"),
                json!({"outcome": "done", "trigger": "finding-written", "durationMs": 200, "message": "handled `finding-written` in 200 ms"}),
            ),
            line(
                "engine",
                "03.200",
                "b",
                Some("a"),
                json!({"severity": "WARNING", "message": "a control is left out"}),
            ),
            line(
                "engine",
                "03.400",
                "b",
                Some("a"),
                json!({"outcome": "done", "trigger": "audit-requested", "durationMs": 300, "message": "handled `audit-requested` in 300 ms"}),
            ),
            line(
                "proxy",
                "03.012",
                "a",
                Some("0"),
                json!({"outcome": "answered", "trigger": "api", "durationMs": 12, "message": "POST /v1/audits answered 202"}),
            ),
            line("engine", "03.600", "d", Some("a"), json!({"message": "begun"})),
        ];
        assert_eq!(
            render(lines),
            format!(
                "trace {TRACE_ID}: 4 pieces of work in 3 functions, 600 ms\n\
                 \x20\x20 +0 ms  proxy  api: POST /v1/audits answered 202  (12 ms)\n\
                 +100 ms  ├─ engine  handled `audit-requested` in 300 ms\n\
                 +200 ms  │  │  · WARNING: a control is left out\n\
                 +300 ms  │  └─ root  handled `finding-written` in 200 ms\n\
                 +600 ms  └─ engine  has not ended\n\
                 +600 ms        · begun\n"
            )
            .replace("\n+", "\n +")
        );
    }

    #[test]
    fn a_line_is_of_its_trace_and_of_its_request() {
        let line = line("a", "00.000", "s", None, json!({}));
        assert!(line.is_of(TRACE_ID) && line.is_of("r1"));
        assert!(!line.is_of("r2"));
        for text in ["plain", "{}", r#"{"time":"2026-01-01T00:00:00Z","message":"no trace"}"#] {
            assert!(Line::parse("a", text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_trace_can_be_named_in_every_way() {
        for text in [
            TRACE_ID.to_owned(),
            format!("projects/demo/traces/{TRACE_ID}"),
            format!("00-{TRACE_ID}-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(id_of(&text), TRACE_ID, "{text}");
        }
        let request = "0198b9a2-7e3c-7c3e-8a2f-0f5f3a1c2b4d";
        assert_eq!(id_of(request), request);
    }

    #[test]
    fn what_has_no_known_cause_stands_at_the_root() {
        let orphan = |span, parent| line("a", "00.000", span, parent, json!({"message": "m"}));
        let tree =
            render(vec![orphan("a", Some("gone")), orphan("b", None), orphan("c", Some("c"))]);
        assert_eq!(tree.matches("  a  has not ended").count(), 3, "{tree}");
        assert_eq!(render(Vec::new()), "");
    }
}
