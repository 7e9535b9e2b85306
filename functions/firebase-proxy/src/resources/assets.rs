//! The estate.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{AssetId, Permission, asset::Asset};
use store::Query;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

/// The largest page: an asset may have a mebibyte, and an instance answers many at a time.
const ASSETS_MAX: u32 = 50;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_assets)).routes(routes!(read_asset))
}

/// Lists assets, in the order of their ids, at most 50 at a time.
#[utoipa::path(get, path = "/api/v1/assets", params(PageQuery), tag = "assets",
    responses((status = 200, body = Paged<Asset>)))]
async fn list_assets(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Asset>>, HttpError> {
    let page_size = page.page_size.unwrap_or(ASSETS_MAX).min(ASSETS_MAX);
    let page = PageQuery { page_size: Some(page_size), ..page };
    documents::list(&ctx, &caller, Permission::AssetsRead, &page, Query::all()).await
}

/// Shows an asset.
#[utoipa::path(get, path = "/api/v1/assets/{asset}", params(("asset" = AssetId, Path)), tag = "assets",
    responses((status = 200, body = Item<Asset>, headers(("etag" = String)))))]
async fn read_asset(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<AssetId>,
) -> Result<Versioned<Asset>, HttpError> {
    documents::get(&ctx, &caller, Permission::AssetsRead, &id).await
}
