//! `POST /add-checkpoint`.
//!
//! Source: <https://c2sp.org/tlog-witness>.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use function::{Caller, HttpError, RawBody};
use model::{Timestamp, WitnessCheckpointId, digest, log::WitnessCheckpoint};
use store::Cause;
use tlog::{AddCheckpoint, Hash, Known, Opened, Refusal};
use tracing::{error, info};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, WitnessError};

/// What the size in an answer of 409 is sent as.
const SIZE: &str = "text/x.tlog.size";

/// Returns the one route.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(add_checkpoint))
}

/// Cosigns a checkpoint that only adds to the last one.
#[utoipa::path(post, path = "/add-checkpoint", tag = "witness",
    request_body(content = String, content_type = "text/plain"),
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn add_checkpoint(
    State(ctx): State<Context>,
    caller: Caller,
    RawBody(body): RawBody,
) -> Result<Response, HttpError> {
    let text = String::from_utf8_lossy(&body);
    match cosign(&ctx, &caller.cause(), &text).await {
        Ok(line) => Ok(line.into_response()),
        Err(WitnessError::Refused(refusal)) => Ok(answer(&refusal)),
        Err(error) => Err(error.into()),
    }
}

/// Loads, decides, keeps, and only then signs.
async fn cosign(ctx: &Context, cause: &Cause, text: &str) -> Result<String, WitnessError> {
    let request = &AddCheckpoint::parse(text)?;
    let opened = &request.open(&ctx.logs)?;
    let id = &WitnessCheckpointId::new(digest(&[&opened.checkpoint.origin]));
    let judged = ctx.store.transact(cause, |tx| async move {
        let stored = tx.get::<WitnessCheckpoint>(id).await?.map(|stored| stored.document);
        let known = stored.map(|stored| known(&stored)).transpose()?;
        let next = request.judge(&opened.checkpoint, known.as_ref())?;
        tx.keep(id, &remembered(&next, opened, request, cause.time))?;
        Ok::<_, WitnessError>(next)
    });
    let next = judged.await.inspect_err(|refused| {
        if let WitnessError::Refused(Refusal::Inconsistent | Refusal::Conflict { .. }) = refused {
            tell(refused, opened);
        }
    })?;
    info!(log_size = next.size, "cosigns {} entries of `{}`", next.size, opened.checkpoint.origin);
    let seconds = u64::try_from(cause.time.as_second()).unwrap_or_default();
    Ok(ctx.name.cosign(ctx.signer.as_ref(), &opened.text, seconds).await?)
}

/// A fork is somebody's work; a sender that only remembers another size asks again.
fn tell(refused: &WitnessError, opened: &Opened) {
    let size = opened.checkpoint.size;
    match refused {
        WitnessError::Refused(Refusal::Inconsistent) => {
            error!(
                event_name = "history-split",
                log_size = size,
                "a checkpoint of {size} entries does not follow on the last"
            );
        }
        WitnessError::Refused(Refusal::Conflict { size: known }) if *known == size => {
            info!(log_size = size, "there is a checkpoint of {size} entries already");
        }
        _ => {}
    }
}

fn known(stored: &WitnessCheckpoint) -> Result<Known, WitnessError> {
    let root = BASE64_STANDARD.decode(&stored.root).ok().and_then(|root| root.try_into().ok());
    let root = root.ok_or_else(|| WitnessError::Forgotten(stored.origin.clone()))?;
    Ok(Known { size: stored.size, root: Hash(root) })
}

fn remembered(
    next: &Known,
    opened: &Opened,
    request: &AddCheckpoint,
    at: Timestamp,
) -> WitnessCheckpoint {
    WitnessCheckpoint {
        origin: opened.checkpoint.origin.clone(),
        size: next.size,
        root: next.root.to_string(),
        note: request.note.clone(),
        at,
    }
}

/// Answers as the protocol says, which is not how the rest of the mesh answers.
fn answer(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::Unsigned => StatusCode::FORBIDDEN,
        Refusal::UnknownLog(_) => StatusCode::NOT_FOUND,
        Refusal::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Conflict { size } => {
            let typed = (header::CONTENT_TYPE, HeaderValue::from_static(SIZE));
            return (StatusCode::CONFLICT, [typed], format!("{size}\n")).into_response();
        }
    };
    (status, format!("{refusal}\n")).into_response()
}
