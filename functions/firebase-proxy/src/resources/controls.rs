//! Kill switches.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{ControlName, Permission, control::Control};
use store::Query;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_controls)).routes(routes!(read_control))
}

/// Lists the state of every kill switch that was ever used, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/controls", params(PageQuery), tag = "controls",
    responses((status = 200, body = Paged<Control>)))]
async fn list_controls(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Control>>, HttpError> {
    documents::list(&ctx, &caller, Permission::ControlsRead, &page, Query::all()).await
}

/// Shows the state of a kill switch.
#[utoipa::path(get, path = "/api/v1/controls/{control}", params(("control" = ControlName, Path)), tag = "controls",
    responses((status = 200, body = Item<Control>, headers(("etag" = String)))))]
async fn read_control(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ControlName>,
) -> Result<Versioned<Control>, HttpError> {
    documents::get(&ctx, &caller, Permission::ControlsRead, &id).await
}
