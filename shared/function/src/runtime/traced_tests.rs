//! What is recorded of the requests and deliveries that a function answers.

use std::{
    future::Future,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::BodyExt;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use model::topic::AuditRequested;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{InMemorySpanExporter, SpanData, SpanExporter},
};
use problem::{Code, Failure};
use serde_json::{Value, json};
use telemetry::Spans;
use tokio::net::TcpListener;
use tracing::{info, subscriber::DefaultGuard};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::front::Front;
use crate::{Environment, Function, HttpError, Push};

const MANIFEST: &str = "
name: tracer
summary: Is traced.
service: { cpu: 1, memory_mib: 128, timeout_seconds: 9, concurrency: 4, instances: { min: 0, max: 1 } }
triggers:
  api: { http: { callers: [public] } }
  asked: { pubsub: { topic: audit-requested } }
";
const KEY: &str = include_str!("../../../identity/src/fixtures/test-key-known.pem");
const INVOKER: &str = "invoker@demo-spans.iam.gserviceaccount.com";
const AUDIENCE: &str = "https://tracer.example";

/// The spans of two callers, in traces of their own.
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
const CAUSE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
/// What must appear in no span.
const CANARY: &str = "canary";

#[utoipa::path(get, path = "/things/{thing}", responses((status = 200)))]
async fn thing() -> String {
    info!("looked at a thing");
    telemetry::current_trace().expect("within a scope").traceparent()
}

#[utoipa::path(get, path = "/broken/{thing}", responses((status = 200)))]
async fn broken() -> Result<(), HttpError> {
    Err(HttpError::new(Code::Internal, CANARY))
}

#[utoipa::path(get, path = "/panics", responses((status = 200)))]
async fn panics() {
    panic!("{CANARY}")
}

async fn asked(_: (), push: Push<AuditRequested>) -> Result<(), Failure> {
    let cause = push.event.cause();
    info!(sent = cause.traceparent, "began an audit");
    match push.message.reason.as_str() {
        "fails" => Err(Failure::new(Code::Unavailable, CANARY)),
        "panics" => panic!("{CANARY}"),
        _ => Ok(()),
    }
}

/// A function with its log, and with its spans kept.
struct Traced {
    front: Arc<Front>,
    spans: Spans,
    exporter: Kept,
    log: Log,
    token: String,
    _logging: DefaultGuard,
}

/// Keeps what it gets, also when it is told to end, which the exporter in it would empty for.
#[derive(Clone, Debug, Default)]
struct Kept(InMemorySpanExporter);

impl SpanExporter for Kept {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        self.0.export(batch)
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics while writing").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Traced {
    /// Starts with a ratio, or with spans off.
    async fn start(ratio: Option<&str>) -> Self {
        let log = Log::default();
        let sink = log.clone();
        let subscriber =
            telemetry::subscriber(&telemetry::Settings::default(), move || sink.clone());
        let logging = tracing::subscriber::set_default(subscriber);
        let exporter = Kept::default();
        let spans = match ratio {
            Some(ratio) => Spans::to(ratio.parse().expect("a ratio"), exporter.clone()),
            None => Spans::off(),
        };
        let issuer = issuer().await;
        let environment = Environment::of([
            ("GOOGLE_CLOUD_PROJECT", "demo-spans"),
            ("MESH_AUDIENCE", AUDIENCE),
            ("MESH_INVOKERS", INVOKER),
            ("MESH_ISSUER", &issuer),
            // Nobody is there: what is recorded needs no documents.
            ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ]);
        let routes = || {
            OpenApiRouter::new()
                .routes(routes!(thing))
                .routes(routes!(broken))
                .routes(routes!(panics))
        };
        let function = Function::new(MANIFEST).context(|_, _| Ok(())).http("api", routes);
        let function = function.message("asked", asked);
        let server = function.assemble_with(&environment, |_| Ok(spans.clone()));
        let front = server.unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).front;
        Self { front, spans, exporter, log, token: token(&issuer), _logging: logging }
    }

    async fn request(&self, method: &str, path: &str, flags: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("traceparent", format!("{CALLER}-{flags}"));
        let answer = self.front.answer(request.body(Body::empty()).expect("a request")).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    /// Delivers a message of the trace `CAUSE`, by a transport that says it is of `CALLER`.
    async fn deliver(&self, reason: &str, token: &str, flags: &str) -> StatusCode {
        let message = AuditRequested {
            audit: model::AuditId::new("a1"),
            requested_by: model::Actor::service("asker"),
            reason: reason.to_owned(),
            scope: Default::default(),
        };
        let data = BASE64_STANDARD.encode(serde_json::to_vec(&message).expect("JSON"));
        let attributes = json!({
            "traceparent": format!("{CAUSE}-{flags}"), "correlation_id": "c1", "event_id": "e1",
        });
        let body = json!({
            "message": {
                "data": data, "attributes": attributes, "messageId": "1",
                "publishTime": "2026-11-23T02:32:48.280Z",
            },
            "deliveryAttempt": 2,
        });
        let request = Request::post("/events/asked")
            .header(
                "authorization",
                HeaderValue::from_str(&format!("Bearer {token}")).expect("text"),
            )
            .header("traceparent", format!("{CALLER}-01"))
            .body(Body::from(body.to_string()));
        self.front.answer(request.expect("a request")).await.status()
    }

    /// Ends it, and returns what was recorded and what was logged.
    async fn end(self) -> (Vec<SpanData>, Vec<Value>) {
        self.spans.close(Duration::from_secs(5)).await;
        let spans = self.exporter.0.get_finished_spans().expect("kept");
        assert!(!format!("{spans:?}").contains(CANARY), "{spans:#?}");
        let log = self.log.0.lock().expect("no test panics while writing").clone();
        let lines = String::from_utf8(log).expect("text");
        let lines = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        // That keys were fetched belongs to no delivery.
        let of_work = |line: &Value| line.get("logging.googleapis.com/trace").is_some();
        (spans, lines.filter(of_work).collect())
    }

    async fn end_with_one(self) -> (SpanData, Vec<Value>) {
        let (mut spans, lines) = self.end().await;
        assert_eq!(spans.len(), 1, "{spans:#?}");
        (spans.remove(0), lines)
    }
}

/// Publishes the key of [`token`].
async fn issuer() -> String {
    let key = EncodingKey::from_rsa_pem(KEY.as_bytes()).expect("a test key");
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).expect("a test key");
    jwk.common.key_id = Some("known".to_owned());
    let keys = JwkSet { keys: vec![jwk] };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let router = Router::new()
        .route("/.well-known/jwks.json", get(move || async move { Json(keys.clone()) }));
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

fn token(issuer: &str) -> String {
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({
        "iss": issuer, "aud": AUDIENCE, "azp": "117", "sub": "117", "email": INVOKER,
        "email_verified": true, "iat": now - 60, "exp": now + 3540,
    });
    let header = Header { kid: Some("known".to_owned()), ..Header::new(Algorithm::RS256) };
    let key = EncodingKey::from_rsa_pem(KEY.as_bytes()).expect("a test key");
    jsonwebtoken::encode(&header, &claims, &key).expect("signs")
}

/// Each line of the work has the ids of its span, and the span has whoever caused it as parent.
fn assert_joined(span: &SpanData, lines: &[Value], cause: &str) {
    let parts: Vec<_> = cause.split('-').collect();
    assert_eq!(span.span_context.trace_id().to_string(), parts[1]);
    assert_eq!(span.parent_span_id.to_string(), parts[2]);
    assert!(!lines.is_empty());
    for line in lines {
        assert_eq!(line["logging.googleapis.com/trace"], parts[1], "{line}");
        let id = span.span_context.span_id().to_string();
        assert_eq!(line["logging.googleapis.com/spanId"], id, "{line}");
        assert_eq!(line["parentSpan"], parts[2], "{line}");
        assert_eq!(line["logging.googleapis.com/trace_sampled"], true, "{line}");
    }
}

/// What is sent on names the span as its cause, so that what is called is below it.
fn assert_sent(span: &SpanData, traceparent: &str) {
    let context = &span.span_context;
    assert_eq!(traceparent, format!("00-{}-{}-01", context.trace_id(), context.span_id()));
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string())
}

fn assert_attributes(span: &SpanData, wanted: &[(&str, &str)]) {
    for (name, value) in wanted {
        assert_eq!(attribute(span, name).as_deref(), Some(*value), "{name} of {span:#?}");
    }
}

#[tokio::test]
async fn a_request_is_a_span_with_the_ids_of_its_lines() {
    let traced = Traced::start(Some("0")).await;
    let path = format!("/things/{CANARY}?token={CANARY}");
    let (status, sent) = traced.request("GET", &path, "01").await;
    assert_eq!(status, StatusCode::OK);
    let (span, lines) = traced.end_with_one().await;
    assert_eq!(lines.len(), 2, "the route's and the outcome: {lines:#?}");
    assert_joined(&span, &lines, CALLER);
    assert_sent(&span, &sent);
    assert_eq!((&*span.name, &span.span_kind), ("GET /things/{thing}", &SpanKind::Server));
    assert_eq!(span.status, Status::Unset);
    let id = lines[1]["logging.googleapis.com/labels"]["correlation_id"].as_str().expect("text");
    assert_attributes(
        &span,
        &[
            ("faas.trigger", "http"),
            ("http.request.method", "GET"),
            ("http.route", "/things/{thing}"),
            ("http.response.status_code", "200"),
            ("mesh.correlation_id", id),
        ],
    );
}

#[tokio::test]
async fn a_request_that_fails_is_a_failed_span_and_one_that_is_refused_is_not() {
    for (method, path, name, code, status) in [
        ("GET", "/broken/1", "GET /broken/{thing}", "500", Status::error("")),
        ("GET", "/panics", "GET /panics", "500", Status::error("panicked")),
        ("GET", "/nowhere", "GET", "404", Status::Unset),
        ("BREW", "/things/1", "HTTP", "405", Status::Unset),
    ] {
        let traced = Traced::start(Some("0")).await;
        assert_eq!(traced.request(method, path, "01").await.0.as_str(), code, "{path}");
        let (span, _) = traced.end_with_one().await;
        assert_eq!((&*span.name, span.status.clone()), (name, status.clone()), "{path}");
        assert_attributes(&span, &[("http.response.status_code", code)]);
        let error = (status != Status::Unset).then(|| code.to_owned());
        assert_eq!(attribute(&span, "error.type"), error, "{path}");
        let method = if method == "BREW" { "_OTHER" } else { method };
        assert_attributes(&span, &[("http.request.method", method)]);
    }
}

#[tokio::test]
async fn a_delivery_is_a_span_in_the_trace_of_what_caused_it() {
    let traced = Traced::start(Some("0")).await;
    assert_eq!(traced.deliver(CANARY, &traced.token, "01").await, StatusCode::NO_CONTENT);
    let (span, lines) = traced.end_with_one().await;
    assert_eq!(lines.len(), 2, "the handler's and the outcome: {lines:#?}");
    assert_joined(&span, &lines, CAUSE);
    assert_sent(&span, lines[0]["sent"].as_str().expect("text"));
    assert_eq!((&*span.name, &span.span_kind), ("process asked", &SpanKind::Consumer));
    assert_eq!(span.status, Status::Unset);
    let labels = &lines[1]["logging.googleapis.com/labels"];
    assert_attributes(
        &span,
        &[
            ("faas.trigger", "pubsub"),
            ("messaging.system", "gcp_pubsub"),
            ("messaging.destination.name", "audit-requested"),
            ("messaging.gcp_pubsub.message.delivery_attempt", "2"),
            ("mesh.outcome", "done"),
            ("mesh.event_id", labels["event_id"].as_str().expect("text")),
            ("mesh.correlation_id", "c1"),
        ],
    );
}

#[tokio::test]
async fn a_delivery_that_fails_is_a_failed_span() {
    for (reason, outcome, code) in
        [("fails", "failed", "UNAVAILABLE"), ("panics", "panicked", "INTERNAL")]
    {
        let traced = Traced::start(Some("0")).await;
        assert!(traced.deliver(reason, &traced.token, "01").await.is_server_error());
        let (span, _) = traced.end_with_one().await;
        assert_eq!(span.status, Status::error(code));
        assert_attributes(&span, &[("mesh.outcome", outcome), ("error.type", code)]);
    }
    let traced = Traced::start(Some("0")).await;
    assert_eq!(traced.deliver("x", "forged", "01").await, StatusCode::UNAUTHORIZED);
    let (span, lines) = traced.end_with_one().await;
    assert_joined(&span, &lines, CALLER);
    assert_eq!(span.status, Status::error("UNAUTHENTICATED"));
    assert_attributes(&span, &[("mesh.outcome", "refused")]);
}

#[tokio::test]
async fn nothing_is_recorded_that_nobody_decided_to_and_nothing_at_all_when_it_is_off() {
    for (ratio, flags, recorded) in
        [(Some("0"), "00", 0), (None, "00", 0), (None, "01", 0), (Some("1"), "00", 2)]
    {
        let traced = Traced::start(ratio).await;
        let (_, sent) = traced.request("GET", "/things/1", flags).await;
        traced.deliver("x", &traced.token, flags).await;
        let (spans, lines) = traced.end().await;
        assert_eq!(spans.len(), recorded, "{ratio:?} {flags}");
        // What is called does as was decided here, and without spans as was decided upstream.
        let decided = if recorded > 0 { "01" } else { flags };
        let sent = [sent.as_str(), lines[2]["sent"].as_str().expect("text")];
        assert!(sent.iter().all(|sent| sent.ends_with(decided)), "{sent:?}");
        let sampled = decided == "01";
        let told = |line: &Value| line["logging.googleapis.com/trace_sampled"] == sampled;
        assert!(lines.iter().all(told), "{lines:#?}");
    }
}

#[test]
fn a_ratio_that_is_none_is_refused_together_with_all_that_is_wrong() {
    let assemble = |project, ratio| {
        let environment = Environment::of([
            ("GOOGLE_CLOUD_PROJECT", project),
            ("MESH_AUDIENCE", AUDIENCE),
            ("MESH_INVOKERS", INVOKER),
            ("MESH_TRACE_RATIO", ratio),
            ("PORT", "none"),
        ]);
        let routes = || OpenApiRouter::new().routes(routes!(thing));
        let function = Function::new(MANIFEST).context(|_, _| Ok(())).http("api", routes);
        let assembled = function.message("asked", asked).assemble(&environment);
        assembled.map(|_| ()).expect_err("the port is wrong")
    };
    let port = "PORT: must be a port number";
    assert_eq!(assemble("mesh-7", "0.1"), [port]);
    assert_eq!(assemble("mesh-7", ""), [port]);
    let ratio = "MESH_TRACE_RATIO: `10%` is not valid: must be a number from 0 to 1";
    assert_eq!(assemble("mesh-7", "10%"), [port, ratio]);
    let demo = assemble("demo-mesh", "0.1");
    assert_eq!(demo[0], port);
    assert!(demo[1].starts_with("MESH_TRACE_RATIO: a `demo-` project"), "{demo:#?}");
}
