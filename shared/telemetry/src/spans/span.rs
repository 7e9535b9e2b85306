use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    InstrumentationScope, KeyValue, StringValue, Value,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::{TraceContext, members::cut};

/// The longest name, and the longest value, that Cloud Trace keeps. The exporter cuts without
/// looking for the end of a character, which it does not survive.
const NAME_BYTES_MAX: usize = 128;
const VALUE_BYTES_MAX: usize = 256;

/// Work that has ended: a request that was answered, or a delivery that was handled.
#[derive(Clone, Debug)]
pub struct Span {
    /// The ids that its log lines carry.
    pub trace: TraceContext,
    /// On which side of a call it stands.
    pub kind: SpanKind,
    /// What kind of work it was, of few: never one with an id in it.
    pub name: Cow<'static, str>,
    /// How long it took.
    pub took: Duration,
    /// What else is known, by the semantic conventions: no secrets, bodies, queries or people.
    pub attributes: Vec<KeyValue>,
    /// Why it failed, if it did: a code, not what was said.
    pub failure: Option<Cow<'static, str>>,
}

impl Span {
    /// Makes what exporters read of work that ended at this time.
    pub(super) fn ended(self, end: SystemTime) -> SpanData {
        let Self { trace, kind, name, took, attributes, failure } = self;
        let flags = TraceFlags::default().with_sampled(trace.sampled);
        let (id, span) = (TraceId::from(trace.trace), SpanId::from(trace.span));
        SpanData {
            // Remote is what a context is to those that it was sent to.
            span_context: SpanContext::new(id, span, flags, false, TraceState::NONE),
            parent_span_id: trace.parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote: trace.parent.is_some(),
            span_kind: kind,
            name: cut(&name, NAME_BYTES_MAX).to_owned().into(),
            start_time: end.checked_sub(took).unwrap_or(end),
            end_time: end,
            attributes: attributes.into_iter().map(bounded).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: failure.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("mesh").build(),
        }
    }
}

fn bounded(attribute: KeyValue) -> KeyValue {
    match &attribute.value {
        Value::String(text) if text.as_str().len() > VALUE_BYTES_MAX => {
            let text = StringValue::from(cut(text.as_str(), VALUE_BYTES_MAX).to_owned());
            KeyValue::new(attribute.key, text)
        }
        _ => attribute,
    }
}
