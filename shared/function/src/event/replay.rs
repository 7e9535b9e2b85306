//! Replaying dead letters: the function that could not process a delivery tries again.
//!
//! Everything that a replay needs is in the letter, so that nothing is sent anywhere and
//! nobody needs the right to deliver in another's name.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine, prelude::BASE64_STANDARD};
use bus::{Bus, BusError, Envelope};
use bytes::{Bytes, BytesMut};
use model::{
    LetterId, LetterPartId,
    dead_letter::{DeadLetter, LetterPart, ReplayState, ReplayedAlready},
    topic::ReplayRequested,
};
use problem::{Code, Coded, Failure, Redelivery};
use store::{Cause, Store, StoreError};
use telemetry::TraceContext;
use tokio::time::Instant;
use tracing::info;

use super::{Delivered, EventEdge, Prepared, Push, edge::Broken};
use crate::spans::Ended;

/// How much of the deadline the replayed handler gets; the rest is for writing down
/// what came of it.
const PART_OF_DEADLINE: f64 = 0.8;

/// How long a request may go unheard before whoever asks again makes it once more: what
/// was lost between the letter and the topic is made up for, and many who ask at a time
/// are one.
const LOST: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// Why a dead letter cannot be read, or is not this function's.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// Documents could not be read or written.
    #[error("cannot read the dead letter")]
    Store(#[from] StoreError),
    /// There is no such letter.
    #[error("there is no dead letter `{0}`")]
    Missing(LetterId),
    /// A part is missing, is not Base64, or the length differs.
    #[error("the body of the dead letter `{0}` is not whole")]
    Broken(LetterId),
    /// The request could not be published.
    #[error("cannot publish the request")]
    Bus(#[from] BusError),
    /// There is nothing left to do.
    #[error(transparent)]
    Replayed(#[from] ReplayedAlready),
    /// The letter is for another function.
    #[error("the dead letter is for `{0}`")]
    NotOurs(String),
}

impl Coded for LetterError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Missing(_) => Code::NotFound,
            Self::Broken(_) => Code::Internal,
            Self::Bus(error) => error.code(),
            Self::Replayed(_) => Code::FailedPrecondition,
            Self::NotOurs(_) => Code::InvalidArgument,
        }
    }
}

/// Puts the body of a dead letter together.
///
/// # Errors
/// When the database cannot be read, or a part is missing or damaged.
pub async fn letter_body(
    store: &Store,
    id: &LetterId,
    letter: &DeadLetter,
) -> Result<Bytes, LetterError> {
    let broken = || LetterError::Broken(id.clone());
    let mut body = BytesMut::new();
    for index in 0..letter.body_parts {
        let part = LetterPartId { letter: id.clone(), index };
        let part = store.get::<LetterPart>(&part).await?.ok_or_else(broken)?;
        let bytes = BASE64_STANDARD.decode(&part.document.data).map_err(|_| broken())?;
        body.extend_from_slice(&bytes);
    }
    match body.len() as u64 == letter.body_bytes {
        true => Ok(body.freeze()),
        false => Err(broken()),
    }
}

/// Asks the function that a letter was meant for to handle it again.
///
/// # Errors
/// When there is no such letter, it was replayed with success, or documents or the topic
/// cannot be written to.
pub async fn request_replay(
    store: &Store,
    bus: &Bus,
    cause: &Cause,
    id: &LetterId,
    reason: &str,
) -> Result<(), LetterError> {
    let asked = store
        .transact(cause, |tx| async move {
            let letter = tx.get::<DeadLetter>(id).await?;
            let letter = letter.ok_or_else(|| LetterError::Missing(id.clone()))?.document;
            let asked = letter.clone().ask_replay(cause.actor.clone(), cause.time)?;
            if asked != letter {
                tx.put(id, &asked, "dead_letter.replay_requested", reason).await?;
            }
            Ok::<_, LetterError>(asked)
        })
        .await?;
    let since = asked.replay.as_ref().map(|replay| replay.requested_at).unwrap_or(cause.time);
    if since != cause.time && cause.time.duration_since(*since) < LOST {
        return Ok(());
    }
    let message = ReplayRequested { letter: id.clone(), function: asked.function };
    let envelope = Envelope {
        id: format!("replay-requested:{id}:{since}"),
        correlation: cause.correlation.clone(),
        traceparent: cause.traceparent.clone(),
    };
    Ok(bus.publish(&message, &envelope).await?)
}

impl<C: Clone + Send + Sync + 'static> EventEdge<C> {
    /// Handles a dead letter again, and writes down what came of it: one attempt for each
    /// time that somebody asks, because they wait for the answer.
    pub(crate) async fn replay(&self, push: Push<ReplayRequested>) -> Result<(), LetterError> {
        let id = &push.message.letter;
        let found = self.mesh.store.get::<DeadLetter>(id).await?;
        let letter = found.ok_or_else(|| LetterError::Missing(id.clone()))?.document;
        if letter.function != self.mesh.function {
            return Err(LetterError::NotOurs(letter.function));
        }
        if !matches!(&letter.replay, Some(replay) if replay.state == ReplayState::Requested) {
            // The request came twice, and what came of it is known.
            return Ok(());
        }
        let body = letter_body(&self.mesh.store, id, &letter).await?;
        let outcome = &self
            .attempt(&letter, body)
            .await
            .map_err(|failure| format!("{}: {}", failure.code().name(), failure.chain()));
        let (action, reason) = match outcome {
            Ok(()) => ("dead_letter.replayed", "its function handled it"),
            Err(reason) => ("dead_letter.replay_failed", reason.as_str()),
        };
        self.mesh
            .store
            .transact(&push.event.cause(), |tx| async move {
                let letter = tx.get::<DeadLetter>(id).await?.map(|stored| stored.document);
                // Somebody else may have written the end of it meanwhile.
                if let Some(ended) =
                    letter.and_then(|letter| letter.replayed(outcome.clone(), push.event.time))
                {
                    tx.put(id, &ended, action, reason).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        info!(letter = %id, trigger = letter.trigger, "{action}: {reason}");
        Ok(())
    }

    async fn attempt(&self, letter: &DeadLetter, body: Bytes) -> Result<(), Failure> {
        let gone = || {
            let words =
                format!("`{}` has no trigger `{}` any more", letter.function, letter.trigger);
            Failure::new(Code::FailedPrecondition, words)
        };
        let (trigger, handler) =
            self.handlers.get_key_value(letter.trigger.as_str()).ok_or_else(gone)?;
        let asked = telemetry::current_trace().unwrap_or_else(TraceContext::random);
        let traced = &self.traced[trigger];
        let delivered = Delivered {
            function: self.function.clone(),
            account: self.account.clone(),
            trigger,
            trace: asked.child(),
            sampling: traced.sampling(),
            headers: headers(letter),
            body,
        };
        let started = Instant::now();
        let Prepared { event, run } = handler
            .prepare(self.context.clone(), &delivered)
            .map_err(|malformed| Failure::new(Code::InvalidArgument, malformed.to_string()))?;
        let result = match self.bounded(run, self.deadline.mul_f64(PART_OF_DEADLINE)).await {
            Ok(()) => Ok("done"),
            // Its effect is there already.
            Err(Broken::Failed(failure)) if failure.code().redelivery() == Redelivery::Done => {
                Ok("done_before")
            }
            Err(Broken::Failed(failure)) => Err(("failed", failure)),
            Err(Broken::Panicked) => {
                Err(("panicked", Failure::new(Code::Internal, "the handler panicked")))
            }
        };
        // What the handler wrote names this span as its cause, not that of the replay.
        let (outcome, failure) = match &result {
            Ok(outcome) => (*outcome, None),
            Err((outcome, failure)) => (*outcome, Some(failure.code().name())),
        };
        let ended = Ended { outcome, failure, took: started.elapsed() };
        traced.ended(&event, &delivered.headers, ended);
        result.map(|_| ()).map_err(|(_, failure)| failure)
    }
}

/// Returns a letter's headers; what cannot be a header never was one.
fn headers(letter: &DeadLetter) -> HeaderMap {
    let header = |(name, value): (&String, &String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    };
    letter.headers.iter().filter_map(header).collect()
}
