//! What is wrong now and what was.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, IfMatch, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    Actor, FindingId, IncidentId, OverrideId, Permission, Timestamp, Uid,
    access::{User, UserState, api::Because},
    incident::{Incident, IncidentRefusal},
};
use problem::FieldError;
use serde::{Deserialize, Serialize};
use store::{Direction, Query};
use utoipa::ToSchema;
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
        .routes(routes!(assign_incident))
        .routes(routes!(comment_incident))
        .routes(routes!(escalate_incident))
        .routes(routes!(link_incident))
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
    Valid(wish): Valid<Because>,
) -> Result<Versioned<Incident>, HttpError> {
    let by = caller.require(Permission::IncidentsAcknowledge)?.uid().clone();
    let words = &wish.reason;
    change(&ctx, &caller, &id, &version, ("incident.acknowledged", words), |incident, who, at| {
        incident.acknowledge(&by, who, at, words)
    })
    .await
}

/// Who shall look after an incident.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// The person.
    #[garde(skip)]
    to: Uid,
    /// Why they.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Gives an incident to somebody.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/assign", tag = "incidents",
    params(("incident" = IncidentId, Path), ("if-match" = String, Header)), request_body = Assignment,
    responses((status = 200, body = Item<Incident>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn assign_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
    version: IfMatch,
    Valid(wish): Valid<Assignment>,
) -> Result<Versioned<Incident>, HttpError> {
    caller.require(Permission::IncidentsAssign)?;
    let user = ctx.store.get::<User>(&wish.to).await.map_err(ProxyError::from)?;
    if user.is_none_or(|user| user.document.state != UserState::Active) {
        let message = format!("`{}` is no active person", wish.to);
        return Err(HttpError::of_fields(vec![FieldError { field: "to".into(), message }]));
    }
    let words = &wish.reason;
    change(&ctx, &caller, &id, &version, ("incident.assigned", words), |incident, who, at| {
        incident.assign(wish.to.clone(), who, at, words)
    })
    .await
}

/// What somebody says of an incident.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Comment {
    /// In words.
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// Says something of an incident, also of one that is over.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/comment", tag = "incidents",
    params(("incident" = IncidentId, Path), ("if-match" = String, Header)), request_body = Comment,
    responses((status = 200, body = Item<Incident>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn comment_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
    version: IfMatch,
    Valid(wish): Valid<Comment>,
) -> Result<Versioned<Incident>, HttpError> {
    caller.require(Permission::IncidentsComment)?;
    let words = &wish.text;
    change(&ctx, &caller, &id, &version, ("incident.commented", words), |incident, who, at| {
        incident.comment(who, at, words)
    })
    .await
}

/// Calls somebody further up about an incident.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/escalate", tag = "incidents",
    params(("incident" = IncidentId, Path), ("if-match" = String, Header)), request_body = Because,
    responses((status = 200, body = Item<Incident>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn escalate_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
    version: IfMatch,
    Valid(wish): Valid<Because>,
) -> Result<Versioned<Incident>, HttpError> {
    caller.require(Permission::IncidentsEscalate)?;
    let words = &wish.reason;
    change(&ctx, &caller, &id, &version, ("incident.escalated", words), |incident, who, at| {
        incident.escalate(who, at, words)
    })
    .await
}

/// What an incident is about.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Links {
    /// Overrides.
    #[serde(default)]
    #[garde(length(max = 50))]
    overrides: Vec<OverrideId>,
    /// Findings.
    #[serde(default)]
    #[garde(length(max = 50))]
    findings: Vec<FindingId>,
    /// Why they belong to it.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Links overrides and findings to an incident.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/link", tag = "incidents",
    params(("incident" = IncidentId, Path), ("if-match" = String, Header)), request_body = Links,
    responses((status = 200, body = Item<Incident>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn link_incident(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<IncidentId>,
    version: IfMatch,
    Valid(wish): Valid<Links>,
) -> Result<Versioned<Incident>, HttpError> {
    caller.require(Permission::IncidentsComment)?;
    let words = &wish.reason;
    change(&ctx, &caller, &id, &version, ("incident.linked", words), |incident, who, at| {
        incident.link(&wish.overrides, &wish.findings, who, at, words)
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
    Valid(wish): Valid<Because>,
) -> Result<Versioned<Incident>, HttpError> {
    caller.require(Permission::IncidentsResolve)?;
    let words = &wish.reason;
    change(&ctx, &caller, &id, &version, ("incident.resolved", words), |incident, who, at| {
        incident.resolve(who, at, words)
    })
    .await
}

/// Changes an incident, if it is the version that the caller has seen.
async fn change(
    ctx: &Context,
    caller: &Caller,
    id: &IncidentId,
    version: &IfMatch,
    (action, words): (&str, &str),
    changed: impl Fn(Incident, Actor, Timestamp) -> Result<Incident, IncidentRefusal>,
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
            let incident = changed(stored.document, cause.actor.clone(), cause.time)?;
            tx.put(id, &incident, action, words).await?;
            Ok(true)
        })
        .await?;
    if !current {
        return Err(HttpError::changed_meanwhile());
    }
    Ok(versioned(found(ctx, id).await?))
}
