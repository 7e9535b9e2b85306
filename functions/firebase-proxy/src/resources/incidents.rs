//! What is wrong now and what was.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, IfMatch, Item, PageQuery, Paged, UrlQuery, Valid};
use model::{
    IncidentId, Permission,
    access::api::Because,
    incident::{Acknowledgement, Incident, IncidentState},
};
use store::{Direction, Query};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned, found, versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_incidents))
        .routes(routes!(read_incident))
        .routes(routes!(acknowledge_incident))
        .routes(routes!(resolve_incident))
}

/// Lists incidents, newest first.
#[utoipa::path(get, path = "/api/v1/incidents", params(PageQuery), tag = "incidents",
    responses((status = 200, body = Paged<Incident>)))]
async fn list_incidents(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Incident>>, HttpError> {
    let query = Query::all().order_by("opened_at", Direction::Descending);
    documents::list(&ctx, &caller, Permission::IncidentsRead, &page, query).await
}

/// Shows an incident.
#[utoipa::path(get, path = "/api/v1/incidents/{incident}", params(("incident" = IncidentId, Path)),
    tag = "incidents",
    responses((status = 200, body = Item<Incident>, headers(("etag" = String)))))]
async fn read_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
) -> Result<Versioned<Incident>, HttpError> {
    documents::get(&ctx, &caller, Permission::IncidentsRead, &id).await
}

/// Says that the caller has seen an incident and looks after it.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/acknowledge", tag = "incidents",
    params(("incident" = IncidentId, Path), ("if-match" = String, Header)), request_body = Because,
    responses((status = 200, body = Item<Incident>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn acknowledge_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
    version: IfMatch,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Incident>, HttpError> {
    let by = caller.require(Permission::IncidentsAcknowledge)?.uid().clone();
    change(&ctx, &caller, &id, &version, ("incident.acknowledged", &because), |incident, at| {
        Incident { acknowledged: Some(Acknowledgement { by: by.clone(), at }), ..incident }
    })
    .await
}

/// Says that an incident is over.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/resolve", tag = "incidents",
    params(("incident" = IncidentId, Path), ("if-match" = String, Header)), request_body = Because,
    responses((status = 200, body = Item<Incident>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn resolve_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
    version: IfMatch,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Incident>, HttpError> {
    caller.require(Permission::IncidentsResolve)?;
    change(&ctx, &caller, &id, &version, ("incident.resolved", &because), |incident, at| Incident {
        state: IncidentState::Resolved,
        resolved_at: Some(at),
        ..incident
    })
    .await
}

/// Changes an open incident, if it is the version that the caller has seen.
async fn change(
    ctx: &Context,
    caller: &Caller,
    id: &IncidentId,
    version: &IfMatch,
    (action, because): (&str, &Because),
    changed: impl Fn(Incident, model::Timestamp) -> Incident,
) -> Result<Versioned<Incident>, HttpError> {
    version.check(found::<Incident>(ctx, id).await?.updated_at)?;
    let (cause, changed) = (&caller.cause(), &changed);
    let current = ctx
        .store
        .transact(cause, |tx| async move {
            let Some(stored) = tx.get::<Incident>(id).await? else {
                return Err(ProxyError::Missing(id.to_string()));
            };
            if version.check(stored.updated_at).is_err() {
                return Ok(false);
            }
            if stored.document.state == IncidentState::Resolved {
                return Err(ProxyError::Resolved(id.clone()));
            }
            let incident = changed(stored.document, cause.time);
            tx.put(id, &incident, action, &because.reason).await?;
            Ok(true)
        })
        .await?;
    if !current {
        return Err(HttpError::changed_meanwhile());
    }
    Ok(versioned(found(ctx, id).await?))
}
