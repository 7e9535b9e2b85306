//! Checks: what is watched, and how it is.

use axum::{Json, extract::State, http::StatusCode};
use function::{Caller, HttpError, Id, IfMatch, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    CheckId, Permission,
    check::{Check, CheckResult, CheckSpec},
    incident::Incident,
};
use serde::{Deserialize, Serialize};
use store::{Direction, Query};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::check_references::verify;
use crate::{
    Context, ProxyError,
    documents::{self, Versioned, found, versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_checks, create_check))
        .routes(routes!(read_check, update_check, delete_check))
        .routes(routes!(list_results))
}

/// Lists checks, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/checks", params(PageQuery), tag = "checks",
    responses((status = 200, body = Paged<Check>)))]
async fn list_checks(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Check>>, HttpError> {
    documents::list(&ctx, &caller, Permission::ChecksRead, &page, Query::all()).await
}

/// Shows a check.
#[utoipa::path(get, path = "/api/v1/checks/{check}", params(("check" = CheckId, Path)), tag = "checks",
    responses((status = 200, body = Item<Check>, headers(("etag" = String)))))]
async fn read_check(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<CheckId>,
) -> Result<Versioned<Check>, HttpError> {
    documents::get(&ctx, &caller, Permission::ChecksRead, &id).await
}

/// Lists the results of a check that were kept, newest first.
#[utoipa::path(get, path = "/api/v1/checks/{check}/results", tag = "checks",
    params(("check" = CheckId, Path), PageQuery),
    responses((status = 200, body = Paged<CheckResult>)))]
async fn list_results(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<CheckId>,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<CheckResult>>, HttpError> {
    let query = Query::below(&id).order_by("tick", Direction::Descending);
    documents::list(&ctx, &caller, Permission::ChecksRead, &page, query).await
}

/// A check that shall be.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCheck {
    /// Its id, which no other check has.
    #[garde(length(chars, min = 1, max = 100), pattern(r"^[a-z0-9][a-z0-9._-]*$"))]
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z0-9][a-z0-9._-]*$")]
    check: String,
    /// What is watched, and how.
    #[garde(dive)]
    spec: CheckSpec,
}

/// Creates a check.
#[utoipa::path(post, path = "/api/v1/checks", request_body = NewCheck, tag = "checks",
    responses((status = 201, body = Item<Check>, headers(("etag" = String))),
        (status = 409, description = "There is one with this id", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn create_check(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(new): Valid<NewCheck>,
) -> Result<(StatusCode, Versioned<Check>), HttpError> {
    caller.require(Permission::ChecksWrite)?;
    let id = &CheckId::new(new.check);
    verify(&ctx, id, &new.spec).await?;
    let cause = &caller.cause();
    let check = &Check::new(new.spec, cause.time);
    ctx.store
        .transact(cause, |tx| async move {
            if tx.get::<Check>(id).await?.is_some() {
                return Err(ProxyError::CheckExists(id.clone()));
            }
            Ok(tx.create(id, check, "check.created", "somebody wants it watched").await?)
        })
        .await?;
    Ok((StatusCode::CREATED, versioned(found(&ctx, id).await?)))
}

/// Changes what a check watches, and how. Its state stays until it runs again.
#[utoipa::path(put, path = "/api/v1/checks/{check}", tag = "checks", request_body = CheckSpec,
    params(("check" = CheckId, Path), ("if-match" = String, Header)),
    responses((status = 200, body = Item<Check>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn update_check(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<CheckId>,
    version: IfMatch,
    Valid(spec): Valid<CheckSpec>,
) -> Result<Versioned<Check>, HttpError> {
    caller.require(Permission::ChecksWrite)?;
    version.check(found::<Check>(&ctx, &id).await?.updated_at)?;
    verify(&ctx, &id, &spec).await?;
    let (cause, id, spec, version) = (&caller.cause(), &id, &spec, &version);
    let current = ctx.store.transact(cause, |tx| async move {
        let Some(stored) = tx.get::<Check>(id).await? else {
            return Err(ProxyError::Missing(id.to_string()));
        };
        if version.check(stored.updated_at).is_err() {
            return Ok(false);
        }
        let check = Check { spec: spec.clone(), changed_at: cause.time, ..stored.document };
        tx.put(id, &check, "check.updated", "somebody wants it watched otherwise").await?;
        Ok(true)
    });
    if !current.await? {
        return Err(HttpError::changed_meanwhile());
    }
    Ok(versioned(found(&ctx, id).await?))
}

/// Deletes a check, and resolves its incident. A service without a check is watched by
/// its address again.
#[utoipa::path(delete, path = "/api/v1/checks/{check}", tag = "checks",
    params(("check" = CheckId, Path), ("if-match" = String, Header)),
    responses((status = 204),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn delete_check(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<CheckId>,
    version: IfMatch,
) -> Result<StatusCode, HttpError> {
    caller.require(Permission::ChecksWrite)?;
    version.check(found::<Check>(&ctx, &id).await?.updated_at)?;
    let (cause, id, version) = (&caller.cause(), &id, &version);
    let current = ctx.store.transact(cause, |tx| async move {
        let Some(stored) = tx.get::<Check>(id).await? else {
            return Err(ProxyError::Missing(id.to_string()));
        };
        if version.check(stored.updated_at).is_err() {
            return Ok(false);
        }
        let words = "its check was deleted";
        if let Some(open) = &stored.document.incident
            && let Some(incident) = tx.get::<Incident>(open).await?
            && let Ok(over) = incident.document.resolve(cause.actor.clone(), cause.time, words)
        {
            tx.put(open, &over, "incident.resolved", words).await?;
        }
        tx.delete::<Check>(id, "check.deleted", "nobody wants it watched any more").await?;
        Ok(true)
    });
    if current.await? { Ok(StatusCode::NO_CONTENT) } else { Err(HttpError::changed_meanwhile()) }
}
