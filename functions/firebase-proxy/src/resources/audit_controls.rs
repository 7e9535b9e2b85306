//! What the audit demands of assets.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{AuditControlId, Permission, audit::AuditControl};
use store::Query;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_audit_controls)).routes(routes!(read_audit_control))
}

/// Lists the controls of the audit, as the last run asked them, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/audit-controls", params(PageQuery), tag = "audits",
    responses((status = 200, body = Paged<AuditControl>)))]
async fn list_audit_controls(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<AuditControl>>, HttpError> {
    documents::list(&ctx, &caller, Permission::AuditsRead, &page, Query::all()).await
}

/// Shows a control of the audit.
#[utoipa::path(get, path = "/api/v1/audit-controls/{control}", tag = "audits",
    params(("control" = inline(AuditControlId), Path)),
    responses((status = 200, body = Item<AuditControl>, headers(("etag" = String)))))]
async fn read_audit_control(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<AuditControlId>,
) -> Result<Versioned<AuditControl>, HttpError> {
    documents::get(&ctx, &caller, Permission::AuditsRead, &id).await
}
