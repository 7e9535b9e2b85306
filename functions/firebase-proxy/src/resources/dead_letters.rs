//! Deliveries that could not be processed, and trying them again.

use axum::{Json, extract::State, http::StatusCode};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery, Valid, request_replay};
use model::{LetterId, Permission, access::api::Because, dead_letter::DeadLetter};
use store::{Direction, Query};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned, found, versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_dead_letters))
        .routes(routes!(read_dead_letter))
        .routes(routes!(replay_dead_letter))
}

/// Lists dead letters, newest first.
#[utoipa::path(get, path = "/api/v1/dead-letters", params(PageQuery), tag = "dead letters",
    responses((status = 200, body = Paged<DeadLetter>)))]
async fn list_dead_letters(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<DeadLetter>>, HttpError> {
    let query = Query::all().order_by("buried_at", Direction::Descending);
    documents::list(&ctx, &caller, Permission::DeadLettersRead, &page, query).await
}

/// Shows a dead letter.
#[utoipa::path(get, path = "/api/v1/dead-letters/{letter}", params(("letter" = inline(LetterId), Path)),
    tag = "dead letters",
    responses((status = 200, body = Item<DeadLetter>, headers(("etag" = String)))))]
async fn read_dead_letter(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<LetterId>,
) -> Result<Versioned<DeadLetter>, HttpError> {
    documents::get(&ctx, &caller, Permission::DeadLettersRead, &id).await
}

/// Asks for a dead letter to be handled again. Its `replay` says what comes of it.
#[utoipa::path(post, path = "/api/v1/dead-letters/{letter}/replay", request_body = Because,
    params(("letter" = inline(LetterId), Path)), tag = "dead letters",
    responses((status = 202, body = Item<DeadLetter>, headers(("etag" = String)))))]
async fn replay_dead_letter(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<LetterId>,
    Valid(because): Valid<Because>,
) -> Result<(StatusCode, Versioned<DeadLetter>), HttpError> {
    caller.require(Permission::DeadLettersReplay)?;
    request_replay(&ctx.store, &ctx.bus, &caller.cause(), &id, &because.reason).await?;
    Ok((StatusCode::ACCEPTED, versioned(found(&ctx, &id).await?)))
}
