//! Writes ordinary lines straight into one buffer.
//!
//! Nearly every line is of one shape: below error, outside spans, with plain fields.
//! `tracing-stackdriver` sorts fields into a map, formats each twice and converts its
//! name each time, which was a tenth of what receiving an event cost. Lines of that
//! shape are rendered here, with the same members (a
//! test compares the two); all others are left to `tracing-stackdriver`.

use std::{
    cell::RefCell,
    fmt::{self, Write as _},
    io::Write as _,
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::Interest,
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context, registry::LookupSpan};

use crate::{
    scope,
    text::{Text, push_text},
    writer::{LINE_BYTES_MAX, clashes},
};

/// The longest buffer that a thread keeps for its next line.
const KEPT_BYTES_MAX: usize = 8 * 1024;

thread_local! {
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Renders ordinary events and leaves the others to `rest`.
pub(crate) struct Ordinary<L, M> {
    pub(crate) rest: L,
    pub(crate) sink: M,
}

impl<L, M: for<'writer> MakeWriter<'writer>> Ordinary<L, M> {
    /// Writes the event's line, or says that it is not an ordinary one.
    fn write(&self, event: &Event<'_>) -> bool {
        let written = LINE.try_with(|line| {
            // An event within the formatting of another finds the buffer taken.
            let Ok(mut line) = line.try_borrow_mut() else { return false };
            line.clear();
            let fits = render(event, &mut line).is_ok() && line.len() <= LINE_BYTES_MAX;
            if fits {
                let _ = self.sink.make_writer_for(event.metadata()).write_all(&line);
            }
            line.shrink_to(KEPT_BYTES_MAX);
            fits
        });
        written.unwrap_or(false)
    }
}

/// Whether events of a call site have the shape that [`render`] knows.
fn is_ordinary(event: &Metadata<'_>) -> bool {
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let special = |name: &str| matches!(name, "severity" | "insert_id") || clashes(name);
    *event.level() != Level::ERROR
        && event.fields().iter().all(|field| plain(field.name()) && !special(field.name()))
}

fn render(event: &Event<'_>, line: &mut Vec<u8>) -> fmt::Result {
    let metadata = event.metadata();
    line.push(b'{');
    scope::push_members(line);
    let severity = match *metadata.level() {
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        _ => "DEBUG",
    };
    let now = jiff::Timestamp::now();
    write!(line, r#""time":"{now}","severity":"{severity}","target":""#).map_err(error)?;
    push_text(line, metadata.target()).map_err(error)?;
    line.push(b'"');
    if let Some(file) = metadata.file() {
        line.extend_from_slice(br#","logging.googleapis.com/sourceLocation":{"file":""#);
        push_text(line, file).map_err(error)?;
        line.push(b'"');
        if let Some(number) = metadata.line() {
            write!(line, r#","line":"{number}""#).map_err(error)?;
        }
        line.push(b'}');
    }
    let mut fields = Fields { line, result: Ok(()) };
    event.record(&mut fields);
    fields.result?;
    line.extend_from_slice(b"}\n");
    Ok(())
}

fn error<E>(_: E) -> fmt::Error {
    fmt::Error
}

/// Appends fields as members, their names in camel case as `tracing-stackdriver` has them.
struct Fields<'a> {
    line: &'a mut Vec<u8>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn member(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.name(field);
        let written = self.line.write_fmt(value).map_err(error);
        self.result = self.result.and(written);
    }

    fn text(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.name(field);
        self.line.push(b'"');
        let written = Text(self.line).write_fmt(value);
        self.result = self.result.and(written);
        self.line.push(b'"');
    }

    fn name(&mut self, field: &Field) {
        self.line.extend_from_slice(b",\"");
        let mut words = field.name().split('_').filter(|word| !word.is_empty());
        self.line.extend_from_slice(words.next().unwrap_or_default().as_bytes());
        for word in words {
            self.line.push(word.as_bytes()[0].to_ascii_uppercase());
            self.line.extend_from_slice(&word.as_bytes()[1..]);
        }
        self.line.extend_from_slice(b"\":");
    }
}

impl Visit for Fields<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.name(field);
        self.line.push(b'"');
        let written = push_text(self.line, value).map_err(error);
        self.result = self.result.and(written);
        self.line.push(b'"');
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}

impl<S, L, M> Layer<S> for Ordinary<L, M>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    L: Layer<S>,
    M: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let outside = event.parent().is_none() && context.lookup_current().is_none();
        if !(outside && is_ordinary(event.metadata()) && self.write(event)) {
            self.rest.on_event(event, context);
        }
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        self.rest.on_layer(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.rest.register_callsite(metadata)
    }

    fn on_new_span(&self, span: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        self.rest.on_new_span(span, id, context);
    }

    fn on_record(&self, span: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        self.rest.on_record(span, values, context);
    }

    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        self.rest.on_enter(id, context);
    }

    fn on_exit(&self, id: &span::Id, context: Context<'_, S>) {
        self.rest.on_exit(id, context);
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        self.rest.on_close(id, context);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tracing::{debug, info, warn};
    use tracing_subscriber::layer::SubscriberExt;

    use crate::{Redacted, Scope, capture::Capture, scoped, writer::Lines};

    fn log() {
        let (hostile, none) = ("quote \" back \\ newline \n nul \0 é 🦀 \u{2028}", None::<u64>);
        info!("plain");
        info!(hostile, token = %Redacted::new("canary"), "{hostile}");
        warn!(count = 3, less = -3_i64, half = 0.5, yes = true, none, some = Some(1), "mixed");
        warn!(duration_ms = 1_u64, a_long_name = ?hostile, wide = 1_u128, "names");
        debug!(unit = ?(), list = ?["a", "\"b\""], "debugged");
        info!(error = &std::io::Error::other("\"broken\"") as &dyn std::error::Error, "failed");
        info!(trailing_ = 1, double__under = 2, r#type = "t", "odd names");
        info!(silent = true);
    }

    fn without_place(capture: &Capture) -> Vec<Value> {
        let mut lines = capture.lines();
        for line in &mut lines {
            let time = line["time"].take();
            assert!(time.as_str().is_some_and(|time| time.parse::<jiff::Timestamp>().is_ok()));
        }
        lines
    }

    #[tokio::test]
    async fn lines_have_the_members_that_stackdriver_gives_them() {
        let mut settings = crate::capture::settings();
        settings.filter = Some("debug".to_owned());
        let (ours, theirs) = (Capture::default(), Capture::default());
        let reference =
            tracing_stackdriver::layer().with_writer(Lines::new(settings.clone(), theirs.clone()));
        let scope = Scope::default().label("event_id", "e1");
        for scope in [scope, Scope::default()] {
            scoped(scope, async {
                let mine = crate::subscriber(&settings, ours.clone());
                tracing::subscriber::with_default(mine, log);
            })
            .await;
        }
        let scope = Scope::default().label("event_id", "e1");
        let reference = tracing_subscriber::registry().with(reference);
        let _guard = tracing::subscriber::set_default(reference);
        for scope in [scope, Scope::default()] {
            scoped(scope, async { log() }).await;
        }
        let (ours, theirs) = (without_place(&ours), without_place(&theirs));
        assert_eq!(ours.len(), 16);
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_shortened_and_the_next_is_whole() {
        let (capture, _guard) = Capture::start();
        info!("{}", "long ".repeat(100_000));
        info!("short");
        let lines = capture.lines();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["truncated"], true);
        assert_eq!(lines[1]["message"], "short");
    }
}
