//! Checks of services.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{CheckId, Permission, check::Check};
use store::Query;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_checks)).routes(routes!(read_check))
}

/// Lists checks, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/checks", params(PageQuery), tag = "checks",
    responses((status = 200, body = Paged<Check>)))]
async fn list_checks(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Check>>, HttpError> {
    documents::list(&ctx, &caller, Permission::ChecksRead, &page, Query::all()).await
}

/// Shows a check.
#[utoipa::path(get, path = "/api/v1/checks/{check}", params(("check" = CheckId, Path)), tag = "checks",
    responses((status = 200, body = Item<Check>, headers(("etag" = String)))))]
async fn read_check(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<CheckId>,
) -> Result<Versioned<Check>, HttpError> {
    documents::get(&ctx, &caller, Permission::ChecksRead, &id).await
}
