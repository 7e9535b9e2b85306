//! What would mend a finding: a plan, and the wish to carry it out.
//!
//! Nothing here changes the estate. Who runs the command asks first whether it is permitted:
//! it is while an override forces the control `remediation` to exactly this command for
//! exactly this asset, which somebody else has to approve.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use function::{Caller, HttpError, Id, Valid};
use model::{
    AuditControlId, ControlName, FindingId, OverrideId, Permission, Timestamp,
    access::api::Because,
    asset::Asset,
    audit::AuditControl,
    control::{Control, Target},
    finding::{Finding, FindingState},
    operator_override::{Change, Effect, REMEDIATION, Scope},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::found,
    idempotency::{IdempotencyKey, once},
    resources::overrides::{self, OverrideRequested},
};

/// For how long one that is approved may be carried out.
const MINUTES: u32 = 60;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(plan_remediation, request_remediation))
}

/// What would mend a finding.
#[derive(Debug, Serialize, ToSchema)]
struct RemediationPlan {
    /// The control that does not hold.
    control: String,
    /// The full resource name of the asset.
    asset: String,
    /// Where the finding stands.
    state: FindingState,
    /// What was seen.
    evidence: String,
    /// What to do, in words.
    text: String,
    /// What to run; absent when only people can do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// Until when the command may be run, if somebody approved that.
    #[serde(skip_serializing_if = "Option::is_none")]
    permitted_until: Option<Timestamp>,
}

/// Shows what would mend a finding, and whether it may be done. Nothing is changed.
#[utoipa::path(get, path = "/api/v1/findings/{finding}/remediation", tag = "findings",
    params(("finding" = inline(FindingId), Path)),
    responses((status = 200, body = RemediationPlan)))]
async fn plan_remediation(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<FindingId>,
) -> Result<Json<RemediationPlan>, HttpError> {
    caller.require(Permission::FindingsRead)?;
    let mut plan = plan(&ctx, &id).await?;
    let name = ControlName::new(REMEDIATION);
    let control = ctx.store.get::<Control>(&name).await.map_err(ProxyError::from)?;
    let (control, now) = (control.map(|stored| stored.document), caller.cause().time);
    let target = Target { asset: Some(&plan.asset), ..Target::default() };
    let decision = control.as_ref().map(|control| control.decide(target, now));
    plan.permitted_until = decision
        .filter(|decision| decision.forced.is_some() && decision.forced == plan.command.as_deref())
        .and_then(|decision| decision.by.map(|by| by.until));
    Ok(Json(plan))
}

/// Asks that the command which would mend a finding may be run; somebody else has to approve
/// the override within 15 minutes.
#[utoipa::path(post, path = "/api/v1/findings/{finding}/remediation", tag = "findings",
    request_body = Because,
    params(("finding" = inline(FindingId), Path),
        ("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 201, body = OverrideRequested)))]
async fn request_remediation(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<FindingId>,
    key: IdempotencyKey,
    Valid(because): Valid<Because>,
) -> Result<Response, HttpError> {
    caller.require(Permission::OverridesRequest)?;
    let plan = plan(&ctx, &id).await?;
    if plan.state == FindingState::Resolved {
        return Err(ProxyError::NothingToMend(id).into());
    }
    let Some(command) = plan.command else { return Err(ProxyError::NoCommand(id).into()) };
    let change = Change {
        control: ControlName::new(REMEDIATION),
        effect: Effect::Force { value: command },
        scope: Scope::Asset { name: plan.asset },
        minutes: Some(MINUTES),
        reason: because.reason,
    };
    overrides::checked(&change)?;
    let route = format!("findings/{id}/remediation");
    once(&ctx, &caller, &route, key, &change, async |id| {
        let asked = overrides::ask(&ctx, &caller, OverrideId::new(id), &change, false).await?;
        Ok((StatusCode::CREATED, asked))
    })
    .await
}

async fn plan(ctx: &Context, id: &FindingId) -> Result<RemediationPlan, ProxyError> {
    let finding = found::<Finding>(ctx, id).await?.document;
    let control = found::<AuditControl>(ctx, &AuditControlId::new(&finding.control)).await?;
    // The asset may be gone: then there is nothing to run a command on.
    let asset = ctx.store.get::<Asset>(&finding.asset).await?;
    Ok(RemediationPlan {
        command: asset.and_then(|asset| control.document.command_for(&asset.document)),
        control: finding.control,
        asset: finding.asset_name,
        state: finding.state,
        evidence: finding.evidence,
        text: control.document.remediation,
        permitted_until: None,
    })
}
