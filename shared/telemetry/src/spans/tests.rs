use std::{
    future::{Future, pending},
    time::{Duration, Instant},
};

use opentelemetry::{
    KeyValue,
    trace::{SpanId, SpanKind, Status},
};
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{InMemorySpanExporter, SpanData, SpanExporter},
};

use super::{recorder::WAITING_MAX, *};
use crate::capture::Capture;

const WITHIN: Duration = Duration::from_secs(5);

fn caused(sampled: u8) -> TraceContext {
    let cause = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0{sampled}");
    TraceContext::from_traceparent(&cause).expect("valid").child()
}

fn span(trace: TraceContext) -> Span {
    Span {
        trace,
        kind: SpanKind::Server,
        name: "GET /v1/people/{uid}".into(),
        took: Duration::from_millis(12),
        attributes: vec![KeyValue::new("http.response.status_code", 200)],
        failure: None,
    }
}

/// What was decided upstream, and nothing else.
fn upstream() -> Sampling {
    "0".parse().expect("a ratio")
}

/// Keeps what it gets, also when it is told to end, which the exporter in it would empty for.
#[derive(Clone, Debug, Default)]
struct Kept(InMemorySpanExporter);

impl SpanExporter for Kept {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        self.0.export(batch)
    }
}

async fn recorded(span: Span) -> SpanData {
    let exporter = Kept::default();
    let spans = Spans::to(upstream(), exporter.clone());
    spans.record(span);
    spans.close(WITHIN).await;
    let spans = exporter.0.get_finished_spans().expect("kept");
    assert_eq!(spans.len(), 1, "{spans:#?}");
    spans.into_iter().next().expect("one")
}

#[tokio::test]
async fn a_span_has_the_ids_that_the_lines_of_its_work_carry() {
    let trace = caused(1);
    let data = recorded(span(trace)).await;
    assert_eq!(data.span_context.trace_id().to_string(), trace.trace());
    assert_eq!(data.span_context.span_id().to_string(), trace.span());
    assert_eq!(Some(data.parent_span_id.to_string()), trace.parent());
    assert_eq!(data.parent_span_id.to_string(), "00f067aa0ba902b7");
    // What is called names this span as its cause.
    let called = TraceContext::from_traceparent(&trace.traceparent()).expect("valid").child();
    assert_eq!(called.parent(), Some(data.span_context.span_id().to_string()));
    assert_eq!((data.span_kind, data.status), (SpanKind::Server, Status::Unset));
    assert_eq!(data.end_time.duration_since(data.start_time).ok(), Some(Duration::from_millis(12)));
    assert_eq!(data.attributes, [KeyValue::new("http.response.status_code", 200)]);
}

#[tokio::test]
async fn a_trace_that_begins_here_has_no_parent() {
    let trace = TraceContext { sampled: true, ..TraceContext::random() };
    assert_eq!(recorded(span(trace)).await.parent_span_id, SpanId::INVALID);
}

#[tokio::test]
async fn a_failure_is_the_status_and_texts_end_between_characters() {
    let odd = |bytes: usize| format!("a{}", "é".repeat(bytes));
    let attributes = vec![KeyValue::new("long", odd(200)), KeyValue::new("short", odd(100))];
    let failure = Some("INTERNAL".into());
    let data =
        recorded(Span { name: odd(100).into(), attributes, failure, ..span(caused(1)) }).await;
    assert_eq!(data.status, Status::error("INTERNAL"));
    assert_eq!(data.name, odd(63));
    assert_eq!(data.attributes[0].value.as_str(), odd(127));
    assert_eq!(data.attributes[1].value.as_str(), odd(100));
}

#[tokio::test]
async fn what_nobody_decided_to_record_is_not_and_starts_nothing() {
    let exporter = Kept::default();
    let spans = Spans::to(upstream(), exporter.clone());
    assert!(!spans.records(&caused(0)));
    spans.record(span(caused(0)));
    assert!(!spans.recorder.as_ref().expect("on").has_started());
    spans.close(WITHIN).await;

    assert!(Spans::off().recorder.is_none() && !Spans::off().records(&caused(1)));
    Spans::off().record(span(caused(1)));
    Spans::off().close(WITHIN).await;
    assert_eq!(exporter.0.get_finished_spans().expect("kept").len(), 0);
}

/// An exporter that never gets anything through.
#[derive(Clone, Debug)]
struct Broken {
    answers: bool,
}

impl SpanExporter for Broken {
    fn export(&self, _: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let answers = self.answers;
        async move {
            match answers {
                true => Err(OTelSdkError::InternalFailure("permission denied".to_owned())),
                false => pending().await,
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_once_with_its_number() {
    let (capture, _guard) = Capture::start();
    let spans = Spans::to(upstream(), Broken { answers: true });
    let recorder = spans.recorder.clone().expect("on");
    for _ in 0..3 {
        spans.record(span(caused(1)));
        recorder.flush().await;
    }
    let line = capture.only();
    assert_eq!((&line["severity"], &line["spans"]), (&"WARNING".into(), &1.into()));
    assert!(line["message"].as_str().expect("text").contains("permission denied"), "{line}");
    spans.close(WITHIN).await;
    assert_eq!(capture.lines()[1]["spans"], 2, "the rest");
}

#[tokio::test]
async fn work_never_waits_and_the_function_leaves_in_time_when_nothing_gets_through() {
    let (capture, _guard) = Capture::start();
    let spans = Spans::to(upstream(), Broken { answers: false });
    let started = Instant::now();
    for _ in 0..WAITING_MAX + 100 {
        spans.record(span(caused(1)));
        tokio::task::yield_now().await;
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    spans.close(Duration::from_millis(50)).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(capture.only()["spans"], WAITING_MAX + 100);
}
