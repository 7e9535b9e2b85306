//! What the audit found.

mod remediation;

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use jiff::SignedDuration;
use model::{
    FindingId, Permission,
    finding::{Finding, FindingState, FindingStatistics, Severity},
};
use serde::Deserialize;
use store::{Direction, Query};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_findings))
        .routes(routes!(read_finding))
        .routes(routes!(read_statistics))
        .merge(remediation::routes())
}

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingQuery {
    /// Only findings in this state.
    state: Option<FindingState>,
    /// Only findings of this severity.
    severity: Option<Severity>,
    /// Only findings of this control, in the order of their ids.
    control: Option<String>,
    /// Only findings about the asset with this full resource name, in the order of their ids.
    asset: Option<String>,
    /// Only findings about assets of this owner, in the order of their ids.
    owner: Option<String>,
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
    let narrow =
        [("control", &asked.control), ("asset_name", &asked.asset), ("owner", &asked.owner)];
    let mut query = match narrow.iter().all(|(_, value)| value.is_none()) {
        true => Query::all().order_by("last_seen", Direction::Descending),
        // Of one control or asset there are few, and an order would take an index of its own.
        false => Query::all(),
    };
    for (field, value) in narrow {
        if let Some(value) = value {
            query = query.equals(field, value);
        }
    }
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

/// How far back statistics look.
const DAYS: i64 = 90;
/// How many findings they are made of at the most, those that were resolved last.
const FINDINGS_MAX: usize = 3_000;

/// Shows how long it took until controls held again, of findings that were resolved in the
/// last 90 days.
#[utoipa::path(get, path = "/api/v1/finding-statistics", tag = "findings",
    responses((status = 200, body = FindingStatistics)))]
async fn read_statistics(
    State(ctx): State<Context>,
    caller: Caller,
) -> Result<Json<FindingStatistics>, HttpError> {
    caller.require(Permission::FindingsRead)?;
    let since = caller.cause().time.plus(SignedDuration::from_hours(-24 * DAYS));
    let (mut findings, mut next) = (Vec::new(), None);
    loop {
        let query = Query::<Finding>::all().order_by("resolved_at", Direction::Descending);
        let page = ctx.store.list(&query.after(next)).await.map_err(ProxyError::from)?;
        let all = page.items.len();
        let young = page.items.into_iter().map(|stored| stored.document);
        let young: Vec<_> = young.take_while(|one| one.resolved_at >= Some(since)).collect();
        let older = young.len() < all;
        findings.extend(young);
        next = page.next;
        if next.is_none() || older || findings.len() >= FINDINGS_MAX {
            return Ok(Json(FindingStatistics::of(&findings)));
        }
    }
}
