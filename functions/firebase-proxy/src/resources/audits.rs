//! Runs of the audit.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use bus::Envelope;
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{AuditId, Permission, audit::Audit, topic::AuditRequested};
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
    OpenApiRouter::new().routes(routes!(list_audits, request_audit)).routes(routes!(read_audit))
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
}

/// The run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct AuditAccepted {
    /// The run's id; its document carries the progress.
    audit: AuditId,
}

/// Asks for a full run.
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
        ask(&ctx, &caller, &audit, &request.reason).await?;
        Ok((StatusCode::ACCEPTED, AuditAccepted { audit }))
    })
    .await
}

/// Writes the run down, and tells the engine.
async fn ask(
    ctx: &Context,
    caller: &Caller,
    audit: &AuditId,
    reason: &str,
) -> Result<(), ProxyError> {
    let cause = &caller.cause();
    let requested = &Audit::requested(caller.actor(), reason, cause.time);
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
    };
    let envelope = Envelope {
        id: format!("audit-requested:{audit}"),
        correlation: cause.correlation.clone(),
        traceparent: telemetry::current_trace().map(|trace| trace.child().traceparent()),
    };
    ctx.bus.publish(&message, &envelope).await?;
    Ok(())
}
