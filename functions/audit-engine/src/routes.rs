//! The engine's API.

use axum::{
    Json,
    extract::{Query as UrlQuery, State},
    http::StatusCode,
};
use bus::Envelope;
use function::{Caller, HttpError, PageQuery, Paged, Valid};
use garde::Validate;
use jiff::Timestamp;
use model::{
    AuditId, CorrelationId, Permission,
    audit::Audit,
    finding::{Finding, FindingState, Severity},
    topic::AuditRequested,
};
use serde::{Deserialize, Serialize};
use store::{Cause, Direction, Query};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{AuditError, Context};

/// Returns the routes, with their description.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_audits, request_audit)).routes(routes!(list_findings))
}

/// Lists runs, newest first.
#[utoipa::path(get, path = "/v1/audits", params(PageQuery), tag = "audits",
    responses((status = 200, body = Paged<Audit>)))]
async fn list_audits(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Audit>>, HttpError> {
    caller.require(Permission::AuditsRead)?;
    let query = page.apply(Query::<Audit>::all().order_by("as_of", Direction::Descending));
    Ok(Json(ctx.store.list(&query).await?.into()))
}

/// Why somebody wants an audit.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// Shown with the run and kept in the journal.
    #[garde(length(chars, min = 3, max = 500))]
    pub reason: String,
}

/// The run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditAccepted {
    /// The run's id; its document carries the progress.
    pub audit: AuditId,
}

/// Asks for a full run.
#[utoipa::path(post, path = "/v1/audits", request_body = AuditRequest, tag = "audits",
    responses((status = 202, body = AuditAccepted)))]
async fn request_audit(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(request): Valid<AuditRequest>,
) -> Result<(StatusCode, Json<AuditAccepted>), HttpError> {
    caller.require(Permission::AuditsRun)?;
    let audit = AuditId::new(Uuid::now_v7().to_string());
    let cause = Cause {
        actor: caller.actor(),
        correlation: CorrelationId::new(audit.as_str()),
        time: Timestamp::now().into(),
        event: None,
    };
    let requested = Audit::requested(caller.actor(), &request.reason, cause.time);
    let (id, document, reason) = (&audit, &requested, request.reason.as_str());
    ctx.store
        .transact(&cause, |tx| async move {
            tx.create(id, document, "audit.requested", reason).await?;
            Ok::<_, AuditError>(())
        })
        .await?;
    let message = AuditRequested {
        audit: audit.clone(),
        requested_by: caller.actor(),
        reason: request.reason.clone(),
    };
    let envelope = Envelope {
        id: format!("audit-requested:{audit}"),
        correlation: cause.correlation.clone(),
        traceparent: telemetry::current_trace().map(|trace| trace.child().traceparent()),
    };
    ctx.bus.publish(&message, &envelope).await?;
    Ok((StatusCode::ACCEPTED, Json(AuditAccepted { audit })))
}

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingQuery {
    /// Only findings in this state.
    pub state: Option<FindingState>,
    /// Only findings of this severity.
    pub severity: Option<Severity>,
    /// At most so many; see the other lists.
    pub page_size: Option<u32>,
    /// Where the page starts.
    pub page_token: Option<String>,
}

/// Lists findings, last seen first.
#[utoipa::path(get, path = "/v1/findings", params(FindingQuery), tag = "findings",
    responses((status = 200, body = Paged<Finding>)))]
async fn list_findings(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<FindingQuery>,
) -> Result<Json<Paged<Finding>>, HttpError> {
    caller.require(Permission::FindingsRead)?;
    let mut query = Query::<Finding>::all().order_by("last_seen", Direction::Descending);
    if let Some(state) = asked.state {
        query = query.equals("state", state);
    }
    if let Some(severity) = asked.severity {
        query = query.equals("severity", severity);
    }
    let page = PageQuery { page_size: asked.page_size, page_token: asked.page_token };
    Ok(Json(ctx.store.list(&page.apply(query)).await?.into()))
}
