//! What an override would do, before anybody asks for it.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Valid};
use model::{
    OverrideId, Permission, Timestamp,
    control::{Control, ControlState, Instance},
    operator_override::{Broken, Change, Override, OverrideState, Policy, broken_rules},
};
use serde::Serialize;
use store::Query;
use utoipa::ToSchema;

use super::{OverrideRequest, controls};
use crate::{Context, ProxyError};

/// What an override would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DryRun {
    /// What everybody may do now.
    before: ControlState,
    /// What everybody might do then.
    after: ControlState,
    /// The control as it would be.
    control: Control,
    /// Overrides in force that it would take the place of.
    supersedes: Vec<OverrideId>,
    /// Functions that run now, and would obey.
    functions: Vec<String>,
    /// Rules that refuse it; without any it may be asked for.
    refused_by: Vec<Broken>,
    /// How many people besides the requester must approve it.
    approvals_needed: u32,
    /// For how many minutes it would be in force.
    minutes: u32,
}

/// Says what an override would do, and what would refuse it. Nothing is changed.
#[utoipa::path(post, path = "/api/v1/overrides/dry-run", request_body = Change,
    tag = "overrides", responses((status = 200, body = DryRun)))]
pub(super) async fn dry_run_override(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(request): Valid<OverrideRequest>,
) -> Result<Json<DryRun>, HttpError> {
    caller.require(Permission::OverridesRequest)?;
    let change = request.checked()?;
    let (cause, policy) = (caller.cause(), Policy::of_mesh());
    let controls = controls(&ctx).await?;
    let id = OverrideId::new("dry-run");
    let asked = Override::ask(&id, change.clone(), cause.actor, policy, cause.time);
    let until = cause.time.plus(jiff::SignedDuration::from_mins(change.minutes_in_force().into()));
    let active = Override {
        state: OverrideState::Active,
        activated_at: Some(cause.time),
        until: Some(until),
        ..asked.clone()
    };
    let mut in_force = in_force(&ctx, &change).await?;
    let replaced = in_force.iter().filter(|(_, older)| active.supersedes(older));
    let supersedes: Vec<_> = replaced.map(|(id, _)| id.clone()).collect();
    in_force.retain(|(_, older)| !active.supersedes(older));
    in_force.push((id, active));
    let before = controls.get(&change.control).cloned().unwrap_or_default();
    let after = before.restricted(&in_force, &change.reason, cause.time).unwrap_or(before.clone());
    Ok(Json(DryRun {
        before: before.state,
        after: after.state,
        control: after,
        supersedes,
        functions: functions(&ctx, cause.time).await?,
        refused_by: broken_rules(policy, &change, false, &controls, cause.time),
        approvals_needed: asked.approvals_needed,
        minutes: change.minutes_in_force(),
    }))
}

async fn in_force(
    ctx: &Context,
    change: &Change,
) -> Result<Vec<(OverrideId, Override)>, ProxyError> {
    let query = Query::<Override>::all().equals("change.control", &change.control);
    let page = ctx.store.list(&query.equals("state", "active")).await?;
    Ok(page.items.into_iter().map(|stored| (stored.id, stored.document)).collect())
}

/// Returns the functions of which an instance runs.
async fn functions(ctx: &Context, now: Timestamp) -> Result<Vec<String>, ProxyError> {
    let page = ctx.store.list(&Query::<Instance>::all()).await?;
    let running = page.items.into_iter().filter(|stored| stored.document.runs_at(now));
    let mut functions: Vec<_> = running.map(|stored| stored.document.function).collect();
    functions.sort();
    functions.dedup();
    Ok(functions)
}
