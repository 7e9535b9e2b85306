use std::{collections::BTreeMap, future::Future, sync::Arc};

use serde::Serialize;

use crate::{
    Settings, TraceContext,
    members::{cut, members},
    settings,
};

/// How many labels a scope keeps, the first ones. Mesh has six; together with
/// the bound on their values it keeps a line's own share of [`crate::LINE_BYTES_MAX`].
const LABELS_MAX: usize = 16;
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
        let kept = self.labels.iter().take(LABELS_MAX);
        let mut labels: BTreeMap<&str, &str> =
            kept.map(|(name, value)| (*name, cut(value, LABEL_BYTES_MAX))).collect();
        if !settings.service.is_empty() {
            labels.insert("mesh_module", &settings.service);
        }
        let trace = self.trace.as_ref().map(|trace| match settings.project.as_str() {
            "" => trace.trace(),
            project => format!("projects/{project}/traces/{}", trace.trace()),
        });
        let span = self.trace.as_ref().map(TraceContext::span);
        let sampled = self.trace.as_ref().map(TraceContext::sampled);
        members(&Members { trace, span, sampled, labels })
    }
}

#[derive(Serialize)]
struct Members<'a> {
    #[serde(rename = "logging.googleapis.com/trace", skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(rename = "logging.googleapis.com/spanId", skip_serializing_if = "Option::is_none")]
    span: Option<String>,
    #[serde(
        rename = "logging.googleapis.com/trace_sampled",
        skip_serializing_if = "Option::is_none"
    )]
    sampled: Option<bool>,
    #[serde(rename = "logging.googleapis.com/labels", skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'a str, &'a str>,
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

/// The trace that this code runs in, for calls to others: send a [`TraceContext::child`] of it.
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
