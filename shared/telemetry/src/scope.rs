use std::{
    future::Future,
    io::{self, Write},
    sync::Arc,
};

use crate::{Settings, TraceContext, members::cut, settings, text::push_text};

/// The label that names the service.
const MODULE: &str = "mesh_module";
/// How many labels a scope keeps, the first ones. Mesh has six; together with
/// the bound on their values it keeps a line's own share of [`crate::LINE_BYTES_MAX`].
const LABELS_MAX: usize = 16;
/// The room for a scope's members before it grows: a trace and the labels of a delivery.
const MEMBERS_BYTES: usize = 512;
/// How much of a label is kept. Identifiers are far shorter.
const LABEL_BYTES_MAX: usize = 512;

tokio::task_local! {
    static CURRENT: Arc<Entered>;
}

/// What every line of one piece of work has in common: its trace, and labels such
/// as `correlation_id`, `event_id`, `trigger` and `actor`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The trace that the lines belong to.
    pub trace: Option<TraceContext>,
    /// The labels to search by. Of two with one name the later counts.
    pub labels: Vec<(&'static str, String)>,
}

impl Scope {
    /// Starts a scope without labels.
    pub fn new(trace: Option<TraceContext>) -> Self {
        Self { trace, labels: Vec::new() }
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.labels.push((name, value.into()));
        self
    }

    /// Copies the scope that this code runs in, to extend it for an inner one.
    pub fn current() -> Option<Self> {
        current().map(|entered| entered.scope.clone())
    }

    /// Renders the members that every line of the scope begins with.
    fn members(&self, settings: &Settings) -> String {
        let mut members = Vec::with_capacity(MEMBERS_BYTES);
        // Writing to memory fails for want of memory only, which does not come back here.
        let _ = self.render(settings, &mut members);
        String::from_utf8(members).unwrap_or_default()
    }

    /// Written by hand, because every delivery and every request renders its scope.
    fn render(&self, settings: &Settings, members: &mut Vec<u8>) -> io::Result<()> {
        if let Some(trace) = &self.trace {
            members.extend_from_slice(br#""logging.googleapis.com/trace":""#);
            if !settings.project.is_empty() {
                members.extend_from_slice(b"projects/");
                push_text(members, &settings.project)?;
                members.extend_from_slice(b"/traces/");
            }
            let TraceContext { trace, span, parent, sampled } = trace;
            write!(members, r#"{trace:032x}","logging.googleapis.com/spanId":"{span:016x}","#)?;
            write!(members, r#""logging.googleapis.com/trace_sampled":{sampled},"#)?;
            if let Some(parent) = parent {
                write!(members, r#""parentSpan":"{parent:016x}","#)?;
            }
        }
        let mut labels = self.labels(settings).peekable();
        if labels.peek().is_some() {
            members.extend_from_slice(br#""logging.googleapis.com/labels":{"#);
        }
        while let Some((name, value)) = labels.next() {
            members.push(b'"');
            push_text(members, name)?;
            members.extend_from_slice(br#"":""#);
            push_text(members, value)?;
            members.extend_from_slice(if labels.peek().is_some() { b"\"," } else { b"\"}," });
        }
        Ok(())
    }

    /// Returns each label once, with the value that counts.
    fn labels<'a>(&'a self, settings: &'a Settings) -> impl Iterator<Item = (&'a str, &'a str)> {
        let kept = &self.labels[..self.labels.len().min(LABELS_MAX)];
        let module = Some((MODULE, settings.service.as_str())).filter(|(_, name)| !name.is_empty());
        let counting = move |(index, (name, value)): (usize, &'a (&'static str, String))| {
            let replaced = kept[index + 1..].iter().any(|(later, _)| later == name)
                || (module.is_some() && *name == MODULE);
            (!replaced).then(|| (*name, cut(value, LABEL_BYTES_MAX)))
        };
        kept.iter().enumerate().filter_map(counting).chain(module)
    }
}

/// A scope that has been entered: rendered once, for all the lines to come.
#[derive(Debug)]
pub struct Entered {
    scope: Scope,
    members: String,
}

impl Entered {
    /// The scope as it was given.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl From<Scope> for Arc<Entered> {
    fn from(scope: Scope) -> Self {
        let nobody = Settings::default();
        let members = scope.members(settings::kept().unwrap_or(&nobody));
        Arc::new(Entered { scope, members })
    }
}

/// Runs a future within a scope: each of its lines carries the trace and the labels.
///
/// An inner scope replaces the outer one whole. A spawned task starts outside every
/// scope: wrap its future in [`in_current_scope`].
pub async fn scoped<F: Future>(scope: impl Into<Arc<Entered>>, future: F) -> F::Output {
    CURRENT.scope(scope.into(), future).await
}

/// Binds a future to the scope of the caller, for `tokio::spawn`.
pub fn in_current_scope<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let entered = current();
    async move {
        match entered {
            Some(entered) => scoped(entered, future).await,
            None => future.await,
        }
    }
}

/// The scope that this code runs in. Entering it again costs nothing.
pub fn current() -> Option<Arc<Entered>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// The trace that this code runs in, for calls to others: send its [`TraceContext::traceparent`].
pub fn current_trace() -> Option<TraceContext> {
    CURRENT.try_with(|entered| entered.scope.trace).ok().flatten()
}

/// Appends the current scope's members to a line.
pub(crate) fn push_members(line: &mut Vec<u8>) {
    let _ = CURRENT.try_with(|entered| line.extend_from_slice(entered.members.as_bytes()));
}

/// Shows the current scope's members, or none, to `f`.
pub(crate) fn with_members<T>(f: impl Fn(&str) -> T) -> T {
    CURRENT.try_with(|entered| f(&entered.members)).unwrap_or_else(|_| f(""))
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
