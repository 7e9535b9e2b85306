//! Asking for a person's part of the log to be made unreadable.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    Permission, ShredRequestId, Uid,
    log::{ShredRequest, ShredState},
};
use serde::{Deserialize, Serialize};
use store::{Direction, Query};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned},
    idempotency::{IdempotencyKey, once},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_shred_requests, request_shredding))
        .routes(routes!(read_shred_request))
}

/// Whom to forget, and why.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Forget {
    /// The person's id.
    #[garde(length(bytes, min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128)]
    person: String,
    /// Why. It is kept: name nobody.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// The request that was written down.
#[derive(Debug, Serialize, ToSchema)]
struct ShredAccepted {
    /// The request's id; its document says when it is done.
    request: ShredRequestId,
}

/// Asks for a person to be forgotten: the key of their part of the log is destroyed, which
/// nothing brings back.
#[utoipa::path(post, path = "/api/v1/log/shred-requests", request_body = Forget, tag = "log",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 202, body = ShredAccepted)))]
async fn request_shredding(
    State(ctx): State<Context>,
    caller: Caller,
    key: IdempotencyKey,
    Valid(asked): Valid<Forget>,
) -> Result<Response, HttpError> {
    caller.require(Permission::LogShred)?;
    once(&ctx, &caller, "log/shred-requests", key, &asked, async |id| {
        let (id, cause) = (&ShredRequestId::new(id), &caller.cause());
        let request = &ShredRequest {
            person: Some(Uid::new(&asked.person)),
            reason: asked.reason.clone(),
            requested_by: caller.actor(),
            requested_at: cause.time,
            state: ShredState::Requested,
            done_at: None,
        };
        let written = ctx.store.transact(cause, |tx| async move {
            tx.create(id, request, "subject.shred_requested", &request.reason).await?;
            Ok::<_, ProxyError>(())
        });
        written.await?;
        Ok((StatusCode::ACCEPTED, ShredAccepted { request: id.clone() }))
    })
    .await
}

/// Lists requests to forget somebody, newest first.
#[utoipa::path(get, path = "/api/v1/log/shred-requests", params(PageQuery), tag = "log",
    responses((status = 200, body = Paged<ShredRequest>)))]
async fn list_shred_requests(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<ShredRequest>>, HttpError> {
    let query = Query::all().order_by("requested_at", Direction::Descending);
    documents::list(&ctx, &caller, Permission::LogRead, &page, query).await
}

/// Shows a request to forget somebody.
#[utoipa::path(get, path = "/api/v1/log/shred-requests/{request}", tag = "log",
    params(("request" = ShredRequestId, Path)),
    responses((status = 200, body = Item<ShredRequest>, headers(("etag" = String)))))]
async fn read_shred_request(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ShredRequestId>,
) -> Result<Versioned<ShredRequest>, HttpError> {
    documents::get(&ctx, &caller, Permission::LogRead, &id).await
}
