//! Spans: each request and each delivery as Cloud Trace shows it.
//!
//! The edges of a function know when work began and how it ended, and its [`TraceContext`] has
//! the ids that its log lines carry. A span is made of both once the work is over, so that
//! nothing has to be kept while it runs.

mod cloud_trace;
mod losses;
mod recorder;
mod sampling;
mod span;

use std::{sync::Arc, time::Duration};

use opentelemetry_sdk::trace::SpanExporter;

use self::{cloud_trace::CloudTrace, recorder::Recorder};
pub use self::{
    sampling::{NotARatio, Sampling},
    span::Span,
};
use crate::{Settings, TraceContext};

/// Where spans are recorded, if they are. Cheap to clone; starts when the first span comes.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    sampling: Sampling,
    recorder: Option<Arc<Recorder>>,
}

impl Spans {
    /// Records none, and leaves each trace as it came.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// Sends spans to Cloud Trace, in the project of the settings.
    #[must_use]
    pub fn to_cloud_trace(sampling: Sampling, settings: &Settings) -> Self {
        Self::to(sampling, CloudTrace::new(settings))
    }

    /// Sends spans anywhere, for tests that look at them.
    #[must_use]
    pub fn to(sampling: Sampling, exporter: impl SpanExporter + Clone + 'static) -> Self {
        Self { sampling, recorder: Some(Arc::new(Recorder::new(exporter))) }
    }

    /// Decides how much of a trace is recorded, before any of its work begins.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// Whether a span of this trace would be recorded, so that it need not be made otherwise.
    #[must_use]
    pub fn records(&self, trace: &TraceContext) -> bool {
        self.recorder.is_some() && trace.sampled()
    }

    /// Records work that has just ended. Never waits: when too many spans are waiting to be
    /// sent, this one is lost, and counted.
    pub fn record(&self, span: Span) {
        if let Some(recorder) = self.recorder.as_ref().filter(|_| span.trace.sampled()) {
            recorder.record(span);
        }
    }

    /// Sends what is waiting, for at most so long, and ends. What is recorded later is lost.
    pub async fn close(&self, within: Duration) {
        if let Some(recorder) = &self.recorder {
            recorder.close(within).await;
        }
    }
}

#[cfg(test)]
mod tests;
