//! The event edge: verify, decode, handle, and answer "done" or "again".

use std::{
    collections::BTreeMap, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::{FutureExt, future::BoxFuture};
use http_body_util::BodyExt;
use identity::Identity;
use model::{Document, Timestamp, topic::Message};
use problem::{Code, Failure, Redelivery};
use telemetry::{Scope, TraceContext};
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::{Burial, Change, Delivered, Event, Malformed, Prepared, Push, Tick, bury, remember};
use crate::{
    Mesh,
    http::{CORRELATION_ID, HttpError},
    manifest::DocumentPattern,
    spans::{Ended, Traced},
};

/// The largest delivery. A Firestore event holds a document before and after
/// (2 MiB), a push at most 7 MiB of data in Base64.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// How much of a body that is too large is read: the most that Cloud Run lets through.
const BODY_BYTES_DROPPED_MAX: usize = 32 * 1024 * 1024;

type Prepare<C> = dyn Fn(C, &Delivered) -> Result<Prepared, Malformed> + Send + Sync;

/// A handler bound to its trigger, with its types taken away.
pub(crate) struct Handler<C> {
    prepare: Arc<Prepare<C>>,
}

impl<C> Clone for Handler<C> {
    fn clone(&self) -> Self {
        Self { prepare: self.prepare.clone() }
    }
}

impl<C: Send + 'static> Handler<C> {
    pub(crate) fn document<D, H, F, E>(pattern: DocumentPattern, handler: H) -> Self
    where
        D: Document + Clone,
        H: Fn(C, Change<D>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        Self::new(move |context, delivered: &Delivered| {
            let (event, change) = Change::read(delivered, &pattern)?;
            Ok(prepared(event, change, context, handler.clone()))
        })
    }

    pub(crate) fn message<M, H, F, E>(handler: H) -> Self
    where
        M: Message,
        H: Fn(C, Push<M>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        Self::new(move |context, delivered: &Delivered| {
            let (event, push) = Push::read(delivered)?;
            Ok(prepared(event, push, context, handler.clone()))
        })
    }

    pub(crate) fn schedule<H, F, E>(handler: H) -> Self
    where
        H: Fn(C, Tick) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        Self::new(move |context, delivered: &Delivered| {
            let tick = Tick::read(delivered)?;
            Ok(prepared(tick.event.clone(), Ok(tick), context, handler.clone()))
        })
    }

    /// Reads a delivery and makes it ready to be handled.
    pub(super) fn prepare(&self, context: C, delivered: &Delivered) -> Result<Prepared, Malformed> {
        (self.prepare)(context, delivered)
    }

    fn new(
        prepare: impl Fn(C, &Delivered) -> Result<Prepared, Malformed> + Send + Sync + 'static,
    ) -> Self {
        Self { prepare: Arc::new(prepare) }
    }
}

fn prepared<C, T, H, F, E>(
    event: Event,
    content: Result<T, Failure>,
    context: C,
    handler: H,
) -> Prepared
where
    C: Send + 'static,
    T: Send + 'static,
    H: Fn(C, T) -> F + Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<Failure>,
{
    let run: BoxFuture<'static, Result<(), Failure>> = match content {
        Ok(content) => async move { handler(context, content).await.map_err(Into::into) }.boxed(),
        Err(failure) => async move { Err(failure) }.boxed(),
    };
    Prepared { event, run }
}

/// Everything that a delivery needs besides its handler.
pub(crate) struct EventEdge<C> {
    pub(crate) mesh: Mesh,
    /// The function's name and its account, which every event names.
    pub(crate) function: Arc<str>,
    pub(crate) account: Arc<str>,
    pub(crate) identity: Identity,
    pub(crate) context: C,
    /// The handlers of all triggers, for dead letters that are replayed.
    pub(crate) handlers: BTreeMap<&'static str, Handler<C>>,
    /// The spans of all triggers.
    pub(crate) traced: BTreeMap<&'static str, Arc<Traced>>,
    /// Below the manifest's timeout, so that an answer leaves before Cloud Run cuts it off.
    pub(crate) deadline: Duration,
}

impl<C: Clone + Send + Sync + 'static> EventEdge<C> {
    /// Takes one delivery to its end.
    pub(crate) async fn deliver(
        &self,
        trigger: &'static str,
        handler: &Handler<C>,
        request: Request,
    ) -> Response {
        let started = Instant::now();
        let traced = &self.traced[&trigger];
        let trace = traced.begin(request.headers());
        let scope = |trace| Scope::new(Some(trace)).label("trigger", trigger);
        match self.prepare(trigger, handler, trace, request).await {
            Ok((delivered, Prepared { event, run })) => {
                let scope = scope(event.trace)
                    .label("event_id", event.id.as_str())
                    .label(CORRELATION_ID, event.correlation.as_str());
                telemetry::scoped(scope, async {
                    let outcome = self.outcome(&delivered, &event, run).await;
                    outcome.log(trigger, &event, started);
                    traced.ended(&event, &delivered.headers, outcome.ended(started));
                    self.count(trigger, &event, &outcome);
                    outcome.into_response()
                })
                .await
            }
            Err(refusal) => {
                let (outcome, failure) = ("refused", Some(refusal.code()));
                traced.refused(trace, Ended { outcome, failure, took: started.elapsed() });
                telemetry::scoped(scope(trace), async { refuse(trigger, started, refusal) }).await
            }
        }
    }

    /// Counts a delivery for those who look at the mesh as a whole.
    fn count(&self, trigger: &str, event: &Event, outcome: &Outcome) {
        let figures = &self.mesh.figures;
        match outcome {
            Outcome::Done => {
                let lag = jiff::Timestamp::now().duration_since(*event.time);
                // Clocks of two machines may differ by more than an event takes.
                figures.handled(trigger, Some(u64::try_from(lag.as_millis()).unwrap_or(0)));
            }
            Outcome::DoneBefore => figures.handled(trigger, None),
            Outcome::Buried(_) | Outcome::Again(_) | Outcome::Panicked => figures.failed(trigger),
        }
    }

    /// Receives a delivery and makes it ready to be handled, or refuses it.
    async fn prepare(
        &self,
        trigger: &'static str,
        handler: &Handler<C>,
        trace: TraceContext,
        request: Request,
    ) -> Result<(Delivered, Prepared), HttpError> {
        let delivered = self.receive(trigger, trace, request).await?;
        let prepared = handler
            .prepare(self.context.clone(), &delivered)
            .map_err(|malformed| HttpError::new(Code::InvalidArgument, malformed.to_string()))?;
        Ok((delivered, prepared))
    }

    /// Runs the handler, and keeps what cannot be processed.
    async fn outcome(
        &self,
        delivered: &Delivered,
        event: &Event,
        run: BoxFuture<'static, Result<(), Failure>>,
    ) -> Outcome {
        let failure = match self.bounded(run, self.deadline).await {
            Ok(()) => {
                if delivered.is_tick() {
                    // Boxed, as all that is rare: its future would make each delivery's larger.
                    Box::pin(remember(&self.mesh.store, event)).await;
                }
                return Outcome::Done;
            }
            Err(Broken::Panicked) => return Outcome::Panicked,
            Err(Broken::Failed(failure)) => failure,
        };
        match failure.code().redelivery() {
            Redelivery::Done => Outcome::DoneBefore,
            Redelivery::Refuse | Redelivery::Again => Outcome::Again(failure),
            Redelivery::Bury => {
                let burial = Burial {
                    function: event.function.to_string(),
                    trigger: event.trigger.to_owned(),
                    event: event.id.clone(),
                    code: failure.code().name().to_owned(),
                    reason: failure.chain(),
                    headers: delivered.event_headers(),
                };
                let cause = event.cause();
                let buried = bury(&self.mesh.store, &cause, &burial, &delivered.body);
                match Box::pin(buried).await {
                    Ok(_) => Outcome::Buried(failure),
                    Err(error) => Outcome::Again(Failure::from(error)),
                }
            }
        }
    }

    /// Verifies the caller, and only then reads the body.
    async fn receive(
        &self,
        trigger: &'static str,
        trace: TraceContext,
        request: Request,
    ) -> Result<Delivered, HttpError> {
        let (parts, body) = request.into_parts();
        let authorization = crate::http::authorization(&parts.headers)?;
        let now = Timestamp::from(jiff::Timestamp::now());
        self.identity.verify_delivery(authorization, now).await?;
        Ok(Delivered {
            function: self.function.clone(),
            account: self.account.clone(),
            trigger,
            trace,
            sampling: self.traced[&trigger].sampling(),
            headers: parts.headers,
            body: self.read(body).await?,
        })
    }

    async fn read(&self, body: Body) -> Result<Bytes, HttpError> {
        match tokio::time::timeout(self.deadline, collect(body)).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::new(Code::DeadlineExceeded, "the body came too slowly")),
        }
    }

    /// Runs a handler to its end, its deadline or its panic.
    pub(super) async fn bounded(
        &self,
        run: BoxFuture<'static, Result<(), Failure>>,
        deadline: Duration,
    ) -> Result<(), Broken> {
        let caught = AssertUnwindSafe(run).catch_unwind();
        match tokio::time::timeout(deadline, caught).await {
            Ok(Ok(result)) => result.map_err(Broken::Failed),
            Ok(Err(_)) => Err(Broken::Panicked),
            Err(_) => Err(Broken::Failed(Failure::new(
                Code::DeadlineExceeded,
                format!("the handler did not end within {} s", deadline.as_secs()),
            ))),
        }
    }
}

/// Answers whoever may not deliver, or delivers what is no event.
fn refuse(trigger: &str, started: Instant, refusal: HttpError) -> Response {
    let duration_ms = milliseconds(started);
    let (code, reason) = (refusal.code(), refusal.reason());
    warn!(
        outcome = "refused",
        trigger, duration_ms, code, reason, "refused a delivery to `{trigger}`: {reason}"
    );
    refusal.into_response()
}

/// Collects a body up to its bound. What is beyond is read and dropped, up to a bound of
/// its own, because a sender that is still writing does not see an answer.
async fn collect(mut body: Body) -> Result<Bytes, HttpError> {
    let (mut collected, mut total) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            HttpError::new(Code::InvalidArgument, format!("the body cannot be read: {error}"))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total <= BODY_BYTES_MAX {
            if total == data.len() && body.is_end_stream() {
                // It came whole, as most do: there is nothing to put together.
                return Ok(data);
            }
            collected.extend_from_slice(&data);
        } else if total > BODY_BYTES_DROPPED_MAX {
            break;
        }
    }
    if total > BODY_BYTES_MAX {
        return Err(HttpError::too_large(BODY_BYTES_MAX));
    }
    Ok(collected.freeze())
}

/// Why a handler did not succeed.
pub(super) enum Broken {
    Failed(Failure),
    Panicked,
}

/// What becomes of a delivery.
enum Outcome {
    Done,
    DoneBefore,
    Buried(Failure),
    Again(Failure),
    Panicked,
}

impl Outcome {
    /// Says the same for the delivery's span.
    fn ended(&self, started: Instant) -> Ended<'static> {
        let (outcome, failure) = match self {
            Self::Done => ("done", None),
            Self::DoneBefore => ("done_before", None),
            Self::Buried(failure) => ("dead_letter", Some(failure.code())),
            Self::Again(failure) => ("failed", Some(failure.code())),
            Self::Panicked => ("panicked", Some(Code::Internal)),
        };
        Ended { outcome, failure: failure.map(Code::name), took: started.elapsed() }
    }

    /// Writes the one line that every delivery leaves.
    fn log(&self, trigger: &str, event: &Event, started: Instant) {
        let duration_ms = milliseconds(started);
        let attempt = event.attempt;
        match self {
            Self::Done => info!(
                outcome = "done",
                trigger,
                attempt,
                duration_ms,
                retry = false,
                "handled `{trigger}` in {duration_ms} ms"
            ),
            Self::DoneBefore => info!(
                outcome = "done_before",
                trigger,
                attempt,
                duration_ms,
                retry = false,
                "`{trigger}` had been handled before"
            ),
            Self::Buried(failure) => warn!(
                outcome = "dead_letter",
                trigger,
                attempt,
                duration_ms,
                retry = false,
                code = failure.code().name(),
                "cannot handle `{trigger}`, kept as a dead letter: {}",
                failure.chain()
            ),
            // The panic hook has reported it, with its place; once is enough.
            Self::Panicked => warn!(
                outcome = "panicked",
                trigger,
                attempt,
                duration_ms,
                retry = true,
                code = Code::Internal.name(),
                "the handler of `{trigger}` panicked; it is delivered again"
            ),
            Self::Again(failure) if failure.code() == Code::Internal => error!(
                outcome = "failed",
                trigger,
                attempt,
                duration_ms,
                retry = true,
                code = failure.code().name(),
                "cannot handle `{trigger}`: {}",
                failure.chain()
            ),
            Self::Again(failure) => warn!(
                outcome = "failed",
                trigger,
                attempt,
                duration_ms,
                retry = true,
                code = failure.code().name(),
                "cannot handle `{trigger}` now: {}",
                failure.chain()
            ),
        }
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            Self::Done | Self::DoneBefore | Self::Buried(_) => {
                StatusCode::NO_CONTENT.into_response()
            }
            Self::Again(failure) => HttpError::of(failure).into_response(),
            Self::Panicked => {
                HttpError::new(Code::Internal, "the handler panicked").into_response()
            }
        }
    }
}

fn milliseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
