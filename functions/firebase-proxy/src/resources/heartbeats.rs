//! Signs of life, for checks that wait for them.

use axum::{extract::State, http::StatusCode};
use function::{Caller, HttpError, Id};
use jiff::SignedDuration;
use model::{
    CheckId, HeartbeatId, Permission,
    check::{Check, Heartbeat, Probe},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, ProxyError, documents::found};

/// How long the last one is kept: longer than any check waits.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(send_heartbeat))
}

/// Says that what a check waits for lives.
#[utoipa::path(post, path = "/api/v1/heartbeats/{check}", tag = "checks",
    params(("check" = CheckId, Path)), responses((status = 204)))]
async fn send_heartbeat(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<CheckId>,
) -> Result<StatusCode, HttpError> {
    caller.require(Permission::HeartbeatsSend)?;
    let check = found::<Check>(&ctx, &id).await?.document;
    if !matches!(check.spec.probe, Probe::Heartbeat(_)) {
        return Err(ProxyError::NoHeartbeats(id).into());
    }
    let cause = caller.cause();
    let heartbeat =
        Heartbeat { at: cause.time, by: cause.actor, expires_at: cause.time.plus(KEPT) };
    ctx.store
        .measure(&HeartbeatId::new(id.as_str()), &heartbeat)
        .await
        .map_err(ProxyError::from)?;
    Ok(StatusCode::NO_CONTENT)
}
