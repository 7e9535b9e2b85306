//! What the audit found.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{
    FindingId, Permission,
    finding::{Finding, FindingState, Severity},
};
use serde::Deserialize;
use store::{Direction, Query};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_findings)).routes(routes!(read_finding))
}

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingQuery {
    /// Only findings in this state.
    state: Option<FindingState>,
    /// Only findings of this severity.
    severity: Option<Severity>,
    /// At most so many items; 1 to 300, otherwise 50.
    #[param(minimum = 1, maximum = 300)]
    page_size: Option<u32>,
    /// Where the page starts: `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists findings, last seen first.
#[utoipa::path(get, path = "/api/v1/findings", params(FindingQuery), tag = "findings",
    responses((status = 200, body = Paged<Finding>)))]
async fn list_findings(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<FindingQuery>,
) -> Result<Json<Paged<Finding>>, HttpError> {
    let mut query = Query::all().order_by("last_seen", Direction::Descending);
    if let Some(state) = asked.state {
        query = query.equals("state", state);
    }
    if let Some(severity) = asked.severity {
        query = query.equals("severity", severity);
    }
    let page = PageQuery { page_size: asked.page_size, page_token: asked.page_token };
    documents::list(&ctx, &caller, Permission::FindingsRead, &page, query).await
}

/// Shows a finding.
#[utoipa::path(get, path = "/api/v1/findings/{finding}", params(("finding" = inline(FindingId), Path)),
    tag = "findings",
    responses((status = 200, body = Item<Finding>, headers(("etag" = String)))))]
async fn read_finding(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<FindingId>,
) -> Result<Versioned<Finding>, HttpError> {
    documents::get(&ctx, &caller, Permission::FindingsRead, &id).await
}
