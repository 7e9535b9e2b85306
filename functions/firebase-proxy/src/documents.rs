//! Reading documents for people.

use axum::{Json, http::HeaderMap};
use function::{Caller, HttpError, Item, PageQuery, Paged, etag};
use model::{Document, DocumentId, Permission};
use store::{Query, Stored};
use tracing::error;

use crate::{Context, ProxyError};

/// A document with the version that a change of it has to name.
pub(crate) type Versioned<D> = (HeaderMap, Json<Item<D>>);

/// Lists one page of a collection.
pub(crate) async fn list<D: Document>(
    ctx: &Context,
    caller: &Caller,
    permission: Permission,
    page: &PageQuery,
    query: Query<D>,
) -> Result<Json<Paged<D>>, HttpError> {
    caller.require(permission)?;
    let page = ctx.store.list(&page.apply(query)).await?;
    for unreadable in &page.unreadable {
        error!("the list of `{}` leaves out {unreadable}", D::COLLECTION);
    }
    Ok(Json(page.into()))
}

/// Shows one document.
pub(crate) async fn get<D: Document>(
    ctx: &Context,
    caller: &Caller,
    permission: Permission,
    id: &D::Id,
) -> Result<Versioned<D>, HttpError> {
    caller.require(permission)?;
    Ok(versioned(found(ctx, id).await?))
}

/// Reads a document that must be there.
pub(crate) async fn found<D: Document>(ctx: &Context, id: &D::Id) -> Result<Stored<D>, ProxyError> {
    ctx.store.get::<D>(id).await?.ok_or_else(|| ProxyError::Missing(id.path()))
}

/// Shows a document with its version.
pub(crate) fn versioned<D: Document>(stored: Stored<D>) -> Versioned<D> {
    (etag(stored.updated_at), Json(stored.into()))
}
