//! Services that the mesh watches.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{Permission, ServiceId, service::Service};
use store::Query;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_services)).routes(routes!(read_service))
}

/// Lists services, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/services", params(PageQuery), tag = "services",
    responses((status = 200, body = Paged<Service>)))]
async fn list_services(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Service>>, HttpError> {
    documents::list(&ctx, &caller, Permission::ServicesRead, &page, Query::all()).await
}

/// Shows a service.
#[utoipa::path(get, path = "/api/v1/services/{service}", params(("service" = ServiceId, Path)), tag = "services",
    responses((status = 200, body = Item<Service>, headers(("etag" = String)))))]
async fn read_service(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ServiceId>,
) -> Result<Versioned<Service>, HttpError> {
    documents::get(&ctx, &caller, Permission::ServicesRead, &id).await
}
