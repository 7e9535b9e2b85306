//! Creates that are sent twice and happen once.
//!
//! Source: <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>.

use std::future::Future;

use axum::{
    Json,
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use function::{Caller, HttpError};
use jiff::SignedDuration;
use model::{RequestId, Timestamp, request::AnsweredRequest};
use problem::{Code, Failure, FieldError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Context, ProxyError};

/// How long an answer is remembered: a client that tries again does so within a day.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// After this long a request that nobody answered is taken up again: whoever had it is
/// probably gone, and if not, both create the same.
const ABANDONED: SignedDuration = SignedDuration::from_secs(30);
/// The longest key; a UUID has 36 characters.
const KEY_LENGTH_MAX: usize = 255;
/// The status of a request that is being answered.
const IN_PROGRESS: u16 = 0;
/// The status of a request that failed so that nobody knows what it did. The same request
/// may be sent again, and creates nothing twice; another one may not take its key.
const UNKNOWN: u16 = 1;
const HEADER: &str = "idempotency-key";

/// The `Idempotency-Key` of a request, if it has one.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let printable = |text: &&str| {
            (1..=KEY_LENGTH_MAX).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        };
        match value.to_str().ok().filter(printable) {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => Err(refused("1 to 255 printable ASCII characters")),
        }
    }
}

/// What is found under a key.
enum Found {
    /// No answer: the request is ours to answer. Says when it was first taken up.
    Ours(Timestamp),
    /// The answer.
    Answered(AnsweredRequest),
}

/// Answers a create: as before when it was answered, otherwise by doing `work`.
///
/// `work` gets a text to make ids of, which is the same for every attempt at the same
/// request, so that one that was given up half way creates nothing twice.
///
/// An abandoned request that is taken up again keeps the time of its first attempt, which
/// makes its ids; it may then be abandoned and taken up by two at once, who create the same.
pub(crate) async fn once<B, A, W, F>(
    ctx: &Context,
    caller: &Caller,
    route: &str,
    key: IdempotencyKey,
    body: &B,
    work: W,
) -> Result<Response, HttpError>
where
    B: Serialize,
    A: Serialize,
    W: FnOnce(String) -> F,
    F: Future<Output = Result<(StatusCode, A), HttpError>>,
{
    let Some(key) = key.0 else {
        let (status, answer) = work(Uuid::now_v7().to_string()).await?;
        return Ok((status, Json(answer)).into_response());
    };
    let id = &RequestId::of(caller.person()?.uid(), route, &key);
    let body_hash = &hash(body)?;
    let taken_up = match reserve(ctx, caller, id, body_hash).await? {
        Found::Ours(taken_up) => taken_up,
        Found::Answered(before) if before.body_hash != *body_hash => {
            return Err(refused("was used for another request; take a new one"));
        }
        Found::Answered(before) => return Ok(again(before)),
    };
    // With the time: once it is forgotten, the key names another request.
    match work(format!("{id}-{:x}", taken_up.as_microsecond())).await {
        Ok((status, answer)) => {
            let answer = AnsweredRequest {
                status: status.as_u16(),
                body: serde_json::to_string(&answer).map_err(internal)?,
                ..pending(body_hash, taken_up)
            };
            ctx.store.measure(id, &answer).await?;
            Ok(again(answer))
        }
        Err(error) if error.is_refusal() => {
            // Nothing happened: the key may be used for what was meant.
            ctx.store.forget::<AnsweredRequest>(id).await?;
            Err(error)
        }
        Err(error) => {
            let unknown = AnsweredRequest { status: UNKNOWN, ..pending(body_hash, taken_up) };
            ctx.store.measure(id, &unknown).await?;
            Err(error)
        }
    }
}

/// Takes a request up, unless it is answered or somebody else has it.
async fn reserve(
    ctx: &Context,
    caller: &Caller,
    id: &RequestId,
    body_hash: &str,
) -> Result<Found, ProxyError> {
    let cause = &caller.cause();
    ctx.store
        .transact(cause, |tx| async move {
            let found = tx.get::<AnsweredRequest>(id).await?.map(|stored| stored.document);
            // Firestore removes what has expired within a day, not at once.
            let known = found.filter(|before| before.expires_at > cause.time);
            let taken_up = match known {
                None => cause.time,
                Some(before) if is_answered(&before) || before.body_hash != body_hash => {
                    return Ok(Found::Answered(before));
                }
                Some(before)
                    if before.status == IN_PROGRESS && !is_abandoned(&before, cause.time) =>
                {
                    return Err(ProxyError::InProgress);
                }
                Some(before) => taken_up(&before),
            };
            tx.measure(id, &pending(body_hash, taken_up))?;
            Ok(Found::Ours(taken_up))
        })
        .await
}

fn pending(body_hash: &str, now: Timestamp) -> AnsweredRequest {
    AnsweredRequest {
        body_hash: body_hash.to_owned(),
        status: IN_PROGRESS,
        body: String::new(),
        expires_at: now.plus(REMEMBERED),
    }
}

fn is_answered(request: &AnsweredRequest) -> bool {
    ![IN_PROGRESS, UNKNOWN].contains(&request.status)
}

fn taken_up(request: &AnsweredRequest) -> Timestamp {
    request.expires_at.plus(-REMEMBERED)
}

fn is_abandoned(request: &AnsweredRequest, now: Timestamp) -> bool {
    now.duration_since(*taken_up(request)) > ABANDONED
}

fn again(answer: AnsweredRequest) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
}

/// Hashes what a body says, not how it is written.
fn hash(body: &impl Serialize) -> Result<String, HttpError> {
    let json = serde_json::to_value(body).map_err(internal)?;
    Ok(hex::encode(Sha256::digest(json.to_string())))
}

fn internal(error: serde_json::Error) -> HttpError {
    HttpError::of(Failure::new(Code::Internal, error.to_string()))
}

fn refused(words: &str) -> HttpError {
    let error = FieldError { field: "Idempotency-Key".into(), message: words.into() };
    HttpError::of_fields(vec![error])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_abandoned_after_half_a_minute() {
        let at = |text: &str| text.parse::<Timestamp>().expect("valid");
        let request = pending("h", at("2026-11-23T12:00:00Z"));
        assert!(!is_abandoned(&request, at("2026-11-23T12:00:30Z")));
        assert!(is_abandoned(&request, at("2026-11-23T12:00:30.000001Z")));
    }

    #[test]
    fn what_a_body_says_counts_and_not_how() {
        let hash = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            hash(&value).expect("hashed")
        };
        assert_eq!(hash(r#"{"a": 1, "b": 2}"#), hash(r#"{"b":2,"a":1}"#));
        assert_ne!(hash(r#"{"a": 1}"#), hash(r#"{"a": 2}"#));
    }
}
