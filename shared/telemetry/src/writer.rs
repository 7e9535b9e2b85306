use std::io::{self, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    Settings,
    report::{Location, report},
    scope,
    shorten::{merge, plain, shorten},
};

/// The longest line. Cloud Logging takes entries of 256 KiB and cuts longer ones
/// into pieces that are no longer JSON; the rest is room for what it adds itself.
pub const LINE_BYTES_MAX: usize = 200 * 1024;

/// The names of an event's fields that a line uses itself, once they are in camel case.
const RESERVED: [&str; 6] = ["context", "service_context", "span", "spans", "target", "time"];

/// Makes the writers of lines: one for each event, knowing the event's level and place.
pub(crate) struct Lines<M> {
    settings: Settings,
    sink: M,
}

impl<M> Lines<M> {
    pub(crate) fn new(settings: Settings, sink: M) -> Self {
        Self { settings, sink }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Lines<M> {
    type Writer = Line<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        let sink = self.sink.make_writer();
        Line { sink, level: Level::INFO, clashing: false, report: String::new() }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        let report = match *event.level() {
            Level::ERROR => report_of(&self.settings, event),
            _ => String::new(),
        };
        Line {
            sink: self.sink.make_writer_for(event),
            level: *event.level(),
            clashing: event.fields().iter().any(|field| clashes(field.name())),
            report,
        }
    }
}

/// Whether a field would be a member that a line has itself, or part of one.
pub(crate) fn clashes(field: &str) -> bool {
    field.starts_with("labels.") || RESERVED.contains(&field)
}

fn report_of(settings: &Settings, event: &Metadata<'_>) -> String {
    let location = Location {
        file_path: event.file().unwrap_or(event.target()),
        line_number: event.line().unwrap_or_default(),
        function_name: event.module_path().unwrap_or(event.target()),
    };
    let silent = event.fields().field("message").is_none();
    report(settings, location, silent.then_some(event.name()))
}

/// Writes one event's line. It never fails: nobody is left to tell.
pub(crate) struct Line<W> {
    sink: W,
    level: Level,
    /// Whether the event has labels of its own, or other members that a line has once.
    clashing: bool,
    /// What makes the line an error report, if it is one.
    report: String,
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let whole = scope::with_members(|scope| self.complete(line, scope));
        let _ = self.sink.write_all(&whole);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.sink.flush();
        Ok(())
    }
}

impl<W> Line<W> {
    fn complete(&self, line: &[u8], scope: &str) -> Vec<u8> {
        if !line.starts_with(b"{\"") {
            return splice(&plain(line, self.level), &[scope, &self.report]);
        }
        let whole_bytes = line.len() + scope.len() + self.report.len();
        if whole_bytes > LINE_BYTES_MAX {
            return splice(&shorten(line, self.level), &[scope, &self.report]);
        }
        if self.clashing {
            let members = [scope, &self.report].concat();
            return merge(line, &members).unwrap_or_else(|| plain(line, self.level));
        }
        splice(line, &[scope, &self.report])
    }
}

/// Puts members, each with its comma, behind the opening brace of a line.
pub(crate) fn splice(line: &[u8], members: &[&str]) -> Vec<u8> {
    let bytes = line.len() + members.iter().map(|text| text.len()).sum::<usize>();
    let mut whole = Vec::with_capacity(bytes);
    whole.push(b'{');
    members.iter().for_each(|text| whole.extend_from_slice(text.as_bytes()));
    whole.extend_from_slice(&line[1..]);
    whole
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
