//! What people do about an exception that is there.

use axum::extract::State;
use function::{Caller, HttpError, Id, IfMatch, Item, Valid};
use model::{
    ExceptionId, Permission,
    access::api::Because,
    exception::{Exception, ExceptionRefusal},
    operator_override::Said,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{Versioned, found, versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(approve_exception))
        .routes(routes!(reject_exception))
        .routes(routes!(withdraw_exception))
        .routes(routes!(revoke_exception))
}

/// Approves what somebody else asked for, as it was seen.
#[utoipa::path(post, path = "/api/v1/exceptions/{exception}/approve", tag = "exceptions",
    params(("exception" = ExceptionId, Path), ("if-match" = String, Header)), request_body = Because,
    responses((status = 200, body = Item<Exception>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn approve_exception(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ExceptionId>,
    version: IfMatch,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Exception>, HttpError> {
    caller.require(Permission::ExceptionsApprove)?;
    command(
        &ctx,
        &caller,
        &id,
        Some(&version),
        ("exception.approved", &because),
        Exception::approve,
    )
    .await
}

/// Rejects what somebody else asked for.
#[utoipa::path(post, path = "/api/v1/exceptions/{exception}/reject", tag = "exceptions",
    params(("exception" = ExceptionId, Path)), request_body = Because,
    responses((status = 200, body = Item<Exception>, headers(("etag" = String)))))]
async fn reject_exception(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ExceptionId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Exception>, HttpError> {
    caller.require(Permission::ExceptionsApprove)?;
    command(&ctx, &caller, &id, None, ("exception.rejected", &because), Exception::reject).await
}

/// Takes back what one asked for oneself.
#[utoipa::path(post, path = "/api/v1/exceptions/{exception}/withdraw", tag = "exceptions",
    params(("exception" = ExceptionId, Path)), request_body = Because,
    responses((status = 200, body = Item<Exception>, headers(("etag" = String)))))]
async fn withdraw_exception(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ExceptionId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Exception>, HttpError> {
    caller.require(Permission::ExceptionsRequest)?;
    command(&ctx, &caller, &id, None, ("exception.withdrawn", &because), Exception::withdraw).await
}

/// Ends an exception before its time: what it covers fails again.
#[utoipa::path(post, path = "/api/v1/exceptions/{exception}/revoke", tag = "exceptions",
    params(("exception" = ExceptionId, Path)), request_body = Because,
    responses((status = 200, body = Item<Exception>, headers(("etag" = String)))))]
async fn revoke_exception(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ExceptionId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Exception>, HttpError> {
    caller.require(Permission::ExceptionsRevoke)?;
    command(&ctx, &caller, &id, None, ("exception.revoked", &because), Exception::revoke).await
}

/// Decides about an exception in one transaction.
async fn command(
    ctx: &Context,
    caller: &Caller,
    id: &ExceptionId,
    version: Option<&IfMatch>,
    (action, because): (&str, &Because),
    decide: fn(Exception, Said) -> Result<Exception, ExceptionRefusal>,
) -> Result<Versioned<Exception>, HttpError> {
    let cause = &caller.cause();
    let said = || Said { by: caller.actor(), at: cause.time, reason: because.reason.clone() };
    let said = &said;
    let current = ctx
        .store
        .transact(cause, |tx| async move {
            let stored = tx.get::<Exception>(id).await?;
            let stored = stored.ok_or_else(|| ProxyError::Missing(id.to_string()))?;
            if version.is_some_and(|version| version.check(stored.updated_at).is_err()) {
                return Ok(false);
            }
            let decided = decide(stored.document, said())?;
            tx.put(id, &decided, action, &because.reason).await?;
            Ok::<_, ProxyError>(true)
        })
        .await?;
    if !current {
        return Err(HttpError::changed_meanwhile());
    }
    Ok(versioned(found(ctx, id).await?))
}
