//! What Cloud Trace learns of requests and deliveries, by OpenTelemetry's semantic conventions.
//!
//! Left out is whatever could name a person: the path of a request, of which the route is
//! enough, its query, the subject of an event, which is a document, and what an error said.

mod attributes;

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    extract::MatchedPath,
    http::{HeaderMap, Method},
};
use opentelemetry::{KeyValue, trace::SpanKind};
use opentelemetry_semantic_conventions::attribute as names;
use telemetry::{Sampling, Span, Spans, TraceContext};

use crate::{Environment, Event, manifest::Kind};

/// The variable that switches spans on.
const RATIO: &str = "MESH_TRACE_RATIO";
/// What a method is called that HTTP does not know: whoever calls could make up any number.
const METHOD_OTHER: &str = "_OTHER";

/// Reads `MESH_TRACE_RATIO`: without it, there are no spans.
///
/// # Errors
/// When it is no ratio, or the project is one that Cloud Trace does not know.
pub(crate) fn read(environment: &Environment, is_demo: bool) -> Result<Spans, Vec<String>> {
    let Some(ratio) = environment.get(RATIO) else { return Ok(Spans::off()) };
    let sampling =
        ratio.parse().map_err(|error| vec![format!("{RATIO}: `{ratio}` is not valid: {error}")])?;
    if is_demo {
        return Err(vec![format!(
            "{RATIO}: a `demo-` project exists on this machine only, and Cloud Trace does not know it"
        )]);
    }
    let settings = telemetry::Settings::from_env(|name| environment.get(name).map(str::to_owned));
    Ok(Spans::to_cloud_trace(sampling, &settings))
}

/// The spans of one trigger.
pub(crate) struct Traced {
    spans: Spans,
    name: String,
    /// What the manifest says of it.
    attributes: Vec<KeyValue>,
    /// What the time of an event is called.
    time: Option<&'static str>,
}

/// The route that a request took, once that is known.
#[derive(Clone, Default)]
pub(crate) struct Route(Arc<OnceLock<MatchedPath>>);

impl Route {
    pub(crate) fn is(&self, path: MatchedPath) {
        let _ = self.0.set(path);
    }
}

/// How a request ended.
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a Method,
    pub(crate) route: &'a Route,
    pub(crate) status: u16,
    pub(crate) panicked: bool,
    /// The request's id.
    pub(crate) id: &'a str,
    pub(crate) took: Duration,
}

/// How a delivery ended.
pub(crate) struct Ended<'a> {
    /// As the log has it.
    pub(crate) outcome: &'static str,
    /// The canonical code of the failure, if it is one.
    pub(crate) failure: Option<&'a str>,
    pub(crate) took: Duration,
}

impl Traced {
    pub(crate) fn new(spans: Spans, trigger: &str, kind: Kind<'_>) -> Arc<Self> {
        let attributes = attributes::of_trigger(kind);
        let time = attributes::time_of(kind);
        Arc::new(Self { spans, name: format!("process {trigger}"), attributes, time })
    }

    pub(crate) fn sampling(&self) -> Sampling {
        self.spans.sampling()
    }

    /// Starts the span of work that was asked for with these headers.
    pub(crate) fn begin(&self, headers: &HeaderMap) -> TraceContext {
        self.sampling().decide(TraceContext::of_work(headers))
    }

    /// Returns a place for the route of a request, if its span will be recorded.
    pub(crate) fn route(&self, trace: &TraceContext) -> Option<Route> {
        self.spans.records(trace).then(Route::default)
    }

    /// Records a request that was answered.
    pub(crate) fn answered(&self, trace: TraceContext, request: Answered<'_>) {
        let Answered { method, route, status, panicked, id, took } = request;
        let (method, shown) = match is_known(method) {
            true => (method.as_str(), method.as_str()),
            false => (METHOD_OTHER, "HTTP"),
        };
        let route = route.0.get().map(MatchedPath::as_str);
        let mut attributes = self.attributes.clone();
        attributes.extend([
            KeyValue::new(names::HTTP_REQUEST_METHOD, method.to_owned()),
            KeyValue::new(names::HTTP_RESPONSE_STATUS_CODE, i64::from(status)),
            KeyValue::new(attributes::CORRELATION_ID, id.to_owned()),
        ]);
        attributes.extend(route.map(|route| KeyValue::new(names::HTTP_ROUTE, route.to_owned())));
        let failed = status >= 500;
        if failed {
            attributes.push(KeyValue::new(names::ERROR_TYPE, status.to_string()));
        }
        self.spans.record(Span {
            trace,
            kind: SpanKind::Server,
            name: route.map_or(shown.to_owned(), |route| format!("{shown} {route}")).into(),
            took,
            attributes,
            // The status says the rest.
            failure: failed.then_some(if panicked { "panicked" } else { "" }.into()),
        });
    }

    /// Records a delivery that was handled, or was not.
    pub(crate) fn ended(&self, event: &Event, headers: &HeaderMap, ended: Ended<'_>) {
        if !self.spans.records(&event.trace) {
            return;
        }
        let mut attributes = attributes::of_event(event);
        attributes.extend(attributes::of_headers(headers));
        attributes.extend(self.time.map(|name| KeyValue::new(name, event.time.to_string())));
        self.delivered(event.trace, attributes, ended);
    }

    /// Records a delivery that was turned away before it was known what it is.
    pub(crate) fn refused(&self, trace: TraceContext, ended: Ended<'_>) {
        if self.spans.records(&trace) {
            self.delivered(trace, Vec::new(), ended);
        }
    }

    fn delivered(&self, trace: TraceContext, mut attributes: Vec<KeyValue>, ended: Ended<'_>) {
        let Ended { outcome, failure, took } = ended;
        attributes.extend(self.attributes.iter().cloned());
        attributes.push(KeyValue::new(attributes::OUTCOME, outcome));
        let failure = failure.map(str::to_owned);
        attributes.extend(failure.clone().map(|code| KeyValue::new(names::ERROR_TYPE, code)));
        self.spans.record(Span {
            trace,
            kind: SpanKind::Consumer,
            name: self.name.clone().into(),
            took,
            attributes,
            failure: failure.map(Cow::Owned),
        });
    }
}

fn is_known(method: &Method) -> bool {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ];
    KNOWN.contains(method)
}
