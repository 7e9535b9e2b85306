//! What incidents taught.

use axum::{Json, extract::State, http::header, response::IntoResponse};
use function::{Caller, HttpError, Id};
use jiff::SignedDuration;
use model::{
    IncidentId, Permission,
    incident::{Incident, IncidentStatistics, post_mortem},
};
use store::{Direction, Query};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, ProxyError, documents::found};

/// How far back statistics look.
const DAYS: i64 = 30;
/// How many incidents they are made of at the most, newest first.
const INCIDENTS_MAX: usize = 1500;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(read_post_mortem)).routes(routes!(read_statistics))
}

/// Shows an incident as Markdown, to think about it afterwards.
#[utoipa::path(get, path = "/api/v1/incidents/{incident}/post-mortem", tag = "incidents",
    params(("incident" = IncidentId, Path)),
    responses((status = 200, body = String, content_type = "text/markdown")))]
async fn read_post_mortem(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
) -> Result<impl IntoResponse, HttpError> {
    caller.require(Permission::IncidentsRead)?;
    let incident = found::<Incident>(&ctx, &id).await?.document;
    let content = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
    Ok((content, post_mortem(&id, &incident)))
}

/// Shows how long incidents of the last 30 days took.
#[utoipa::path(get, path = "/api/v1/incident-statistics", tag = "incidents",
    responses((status = 200, body = IncidentStatistics)))]
async fn read_statistics(
    State(ctx): State<Context>,
    caller: Caller,
) -> Result<Json<IncidentStatistics>, HttpError> {
    caller.require(Permission::IncidentsRead)?;
    let since = caller.cause().time.plus(SignedDuration::from_hours(-24 * DAYS));
    let (mut incidents, mut next) = (Vec::new(), None);
    loop {
        let query = Query::<Incident>::all().order_by("opened_at", Direction::Descending);
        let page = ctx.store.list(&query.after(next)).await.map_err(ProxyError::from)?;
        let all = page.items.len();
        let young = page.items.into_iter().map(|stored| stored.document);
        let young: Vec<_> = young.take_while(|incident| incident.opened_at >= since).collect();
        let older = young.len() < all;
        incidents.extend(young);
        next = page.next;
        if next.is_none() || older || incidents.len() >= INCIDENTS_MAX {
            return Ok(Json(IncidentStatistics::of(&incidents)));
        }
    }
}
