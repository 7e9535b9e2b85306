//! Deliveries that could not be processed.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{LetterId, Permission, dead_letter::DeadLetter};
use store::{Direction, Query};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_dead_letters)).routes(routes!(read_dead_letter))
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
