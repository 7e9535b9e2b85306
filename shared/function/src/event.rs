//! Deliveries: events, messages and times, and what becomes of them.

mod bury;
mod cloud_event;
mod document;
mod edge;
mod push;
mod replay;
mod tick;

use std::{collections::BTreeMap, sync::Arc};

use axum::http::HeaderMap;
use bytes::Bytes;
use model::{Actor, CorrelationId, EventId, Timestamp};
use problem::{Code, Coded, Failure};
use store::{Cause, Origin, Trail};
use telemetry::{Sampling, TraceContext};

pub use bury::{Burial, LETTER_PART_BYTES, bury};
pub use document::{Change, DocumentEventData};
pub(crate) use edge::{EventEdge, Handler};
pub use push::Push;
pub use replay::{LetterError, letter_body, request_replay};
pub use tick::Tick;
use tick::remember;

/// What every kind of delivery has.
#[derive(Clone, Debug)]
pub struct Event {
    /// Names the event; the same for every attempt to deliver it.
    pub id: EventId,
    /// When it happened. Handlers decide for this instant, so that a late or
    /// repeated delivery decides the same.
    pub time: Timestamp,
    /// What it shares with its cause.
    pub correlation: CorrelationId,
    /// The span of handling it, in the trace of what caused it.
    pub trace: TraceContext,
    /// The function that handles it.
    pub function: Arc<str>,
    /// The trigger that received it.
    pub trigger: &'static str,
    /// The function's own account, which is the actor of its changes.
    pub account: Arc<str>,
    /// Which attempt this is, from 1, when the transport says so.
    pub attempt: Option<u32>,
}

impl Event {
    /// Returns the cause of changes that handling the event makes.
    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause {
            actor: Actor::service(&*self.account),
            correlation: self.correlation.clone(),
            traceparent: Some(self.trace.traceparent()),
            time: self.time,
            event: Some(Origin {
                event: self.id.clone(),
                function: self.function.to_string(),
                trigger: self.trigger.to_owned(),
            }),
        }
    }
}

/// A delivery as it came, after its caller was verified.
pub(crate) struct Delivered {
    pub(crate) function: Arc<str>,
    pub(crate) account: Arc<str>,
    pub(crate) trigger: &'static str,
    /// The span of receiving it, in the trace that its headers name.
    pub(crate) trace: TraceContext,
    /// Which traces are recorded: what caused it may be in another than its headers name.
    pub(crate) sampling: Sampling,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Delivered {
    /// Makes the event once its source, id and time are known, and what caused it.
    fn event(
        &self,
        source: &str,
        id: &str,
        time: Timestamp,
        trail: &Trail,
        attempt: Option<u32>,
    ) -> Event {
        let id = EventId::of(&self.function, self.trigger, source, id);
        // Transports have traces of their own, which begin where the cause ended.
        let caused = trail.traceparent.as_deref().and_then(TraceContext::from_traceparent);
        Event {
            correlation: CorrelationId::new(trail.correlation.as_deref().unwrap_or(id.as_str())),
            trace: caused.map_or(self.trace, |cause| self.sampling.decide(cause.child())),
            id,
            time,
            function: self.function.clone(),
            trigger: self.trigger,
            account: self.account.clone(),
            attempt,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the headers that make the event, without credentials.
    fn event_headers(&self) -> BTreeMap<String, String> {
        self.headers
            .iter()
            .filter(|(name, _)| {
                let name = name.as_str();
                name == "content-type"
                    || name == "traceparent"
                    || name.starts_with("ce-")
                    || name.starts_with("x-cloudscheduler")
            })
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect()
    }
}

/// A delivery that is not an event of the kind that its trigger receives.
///
/// Nobody knows which event it is, so it cannot become a dead letter here: it is
/// refused, and the transport dead-letters it after its attempts.
#[derive(Debug, thiserror::Error)]
#[error("this is not {expected}: {reason}")]
pub(crate) struct Malformed {
    expected: &'static str,
    reason: String,
}

impl Malformed {
    fn new(expected: &'static str, reason: impl std::fmt::Display) -> Self {
        Self { expected, reason: reason.to_string() }
    }
}

/// An event of the right kind whose content is not what the handler reads.
#[derive(Debug, thiserror::Error)]
#[error("the content cannot be read: {0}")]
struct UnreadableContent(String);

impl Coded for UnreadableContent {
    fn code(&self) -> Code {
        Code::InvalidArgument
    }
}

/// An event on its way to its handler: what it is, and what handling it needs.
pub(crate) struct Prepared {
    pub(crate) event: Event,
    pub(crate) run: futures::future::BoxFuture<'static, Result<(), Failure>>,
}
