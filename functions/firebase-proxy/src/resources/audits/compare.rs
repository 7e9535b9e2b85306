//! The verdicts of a run, and what changed from one run to another.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, UrlQuery};
use model::{
    AuditId, AuditRowsId, Permission,
    audit::{Audit, AuditRow, AuditRows, Difference},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, ProxyError, documents::found};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(read_verdicts)).routes(routes!(compare_audits))
}

/// Which verdicts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VerdictsQuery {
    /// Which part of them, from 0.
    #[serde(default)]
    #[param(minimum = 0, maximum = 9999)]
    part: u32,
}

/// Some verdicts of a run: those that somebody has to look at.
#[derive(Debug, Serialize, ToSchema)]
struct AuditVerdicts {
    /// The verdicts, in the order of controls and assets.
    rows: Vec<AuditRow>,
    /// The part that follows, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_part: Option<u32>,
}

/// Shows the verdicts of a run that somebody has to look at. They are kept for 400 days.
#[utoipa::path(get, path = "/api/v1/audits/{audit}/verdicts", tag = "audits",
    params(("audit" = AuditId, Path), VerdictsQuery),
    responses((status = 200, body = AuditVerdicts)))]
async fn read_verdicts(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<AuditId>,
    UrlQuery(asked): UrlQuery<VerdictsQuery>,
) -> Result<Json<AuditVerdicts>, HttpError> {
    caller.require(Permission::AuditsRead)?;
    let audit = found::<Audit>(&ctx, &id).await?.document;
    if audit.parts == 0 && asked.part == 0 {
        return Ok(Json(AuditVerdicts { rows: Vec::new(), next_part: None }));
    }
    let rows = part(&ctx, &id, asked.part).await?;
    let next = asked.part + 1;
    Ok(Json(AuditVerdicts { rows, next_part: (next < audit.parts).then_some(next) }))
}

/// Which run to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompareQuery {
    /// The earlier run; the one before, if none is named.
    base: Option<String>,
}

/// Tells what changed from an earlier run to this one.
#[utoipa::path(get, path = "/api/v1/audits/{audit}/diff", tag = "audits",
    params(("audit" = AuditId, Path), CompareQuery),
    responses((status = 200, body = Difference)))]
async fn compare_audits(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<AuditId>,
    UrlQuery(asked): UrlQuery<CompareQuery>,
) -> Result<Json<Difference>, HttpError> {
    caller.require(Permission::AuditsRead)?;
    let audit = found::<Audit>(&ctx, &id).await?.document;
    let named = asked.base.filter(|base| !base.is_empty() && !base.contains('/'));
    let base_id = named.map(AuditId::new).or_else(|| audit.previous.clone());
    let base_id = base_id.ok_or(ProxyError::FirstRun(id.clone()))?;
    let base = found::<Audit>(&ctx, &base_id).await?.document;
    let before = all(&ctx, &base_id, base.parts).await?;
    let after = all(&ctx, &id, audit.parts).await?;
    Ok(Json(Difference::between((&base_id, &base, &before), (&audit, &after))))
}

async fn all(ctx: &Context, audit: &AuditId, parts: u32) -> Result<Vec<AuditRow>, ProxyError> {
    let mut rows = Vec::new();
    for index in 0..parts {
        rows.extend(part(ctx, audit, index).await?);
    }
    Ok(rows)
}

async fn part(ctx: &Context, audit: &AuditId, index: u32) -> Result<Vec<AuditRow>, ProxyError> {
    let id = AuditRowsId { audit: audit.clone(), index };
    Ok(found::<AuditRows>(ctx, &id).await?.document.rows)
}
