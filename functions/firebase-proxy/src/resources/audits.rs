//! Runs of the audit.

mod compare;
mod report;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use bus::Envelope;
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    AuditId, Permission,
    audit::{Audit, Scope},
    topic::AuditRequested,
};
use serde::{Deserialize, Serialize};
use store::{Direction, Query};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned},
    idempotency::{IdempotencyKey, once},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_audits, request_audit))
        .routes(routes!(read_audit))
        .merge(compare::routes())
        .merge(report::routes())
}

/// Lists runs, newest first.
#[utoipa::path(get, path = "/api/v1/audits", params(PageQuery), tag = "audits",
    responses((status = 200, body = Paged<Audit>)))]
async fn list_audits(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Audit>>, HttpError> {
    let query = Query::all().order_by("as_of", Direction::Descending);
    documents::list(&ctx, &caller, Permission::AuditsRead, &page, query).await
}

/// Shows a run.
#[utoipa::path(get, path = "/api/v1/audits/{audit}", params(("audit" = AuditId, Path)), tag = "audits",
    responses((status = 200, body = Item<Audit>, headers(("etag" = String)))))]
async fn read_audit(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<AuditId>,
) -> Result<Versioned<Audit>, HttpError> {
    documents::get(&ctx, &caller, Permission::AuditsRead, &id).await
}

/// Why somebody wants an audit.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AuditRequest {
    /// Shown with the run and kept in the journal.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
    /// What to look at; everything, if nothing is named.
    #[serde(default)]
    #[garde(custom(bounded))]
    scope: Scope,
}

fn bounded(scope: &Scope, (): &()) -> garde::Result {
    for (name, list) in [("controls", &scope.controls), ("asset_types", &scope.asset_types)] {
        if list.len() > Scope::ENTRIES_MAX {
            return Err(garde::Error::new(format!("{name}: at most {}", Scope::ENTRIES_MAX)));
        }
    }
    Ok(())
}

/// The run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct AuditAccepted {
    /// The run's id; its document carries the progress.
    audit: AuditId,
}

/// Asks for a run, over everything or a part of it.
#[utoipa::path(post, path = "/api/v1/audits", request_body = AuditRequest, tag = "audits",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 202, body = AuditAccepted)))]
async fn request_audit(
    State(ctx): State<Context>,
    caller: Caller,
    key: IdempotencyKey,
    Valid(request): Valid<AuditRequest>,
) -> Result<Response, HttpError> {
    caller.require(Permission::AuditsRun)?;
    once(&ctx, &caller, "audits", key, &request, async |id| {
        let audit = AuditId::new(id);
        ask(&ctx, &caller, &audit, &request).await?;
        Ok((StatusCode::ACCEPTED, AuditAccepted { audit }))
    })
    .await
}

/// Writes the run down, and tells the engine.
async fn ask(
    ctx: &Context,
    caller: &Caller,
    audit: &AuditId,
    request: &AuditRequest,
) -> Result<(), ProxyError> {
    let (cause, reason) = (&caller.cause(), request.reason.as_str());
    let requested = &Audit::requested(caller.actor(), reason, request.scope.clone(), cause.time);
    ctx.store
        .transact(cause, |tx| async move {
            // A second attempt finds the run of the first, which it may not begin anew.
            if tx.get::<Audit>(audit).await?.is_none() {
                tx.create(audit, requested, "audit.requested", reason).await?;
            }
            Ok::<_, ProxyError>(())
        })
        .await?;
    let message = AuditRequested {
        audit: audit.clone(),
        requested_by: caller.actor(),
        reason: reason.to_owned(),
        scope: request.scope.clone(),
    };
    let envelope = Envelope {
        id: format!("audit-requested:{audit}"),
        correlation: cause.correlation.clone(),
        traceparent: cause.traceparent.clone(),
    };
    ctx.bus.publish(&message, &envelope).await?;
    Ok(())
}
