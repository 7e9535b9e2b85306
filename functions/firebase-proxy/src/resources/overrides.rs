//! Wishes to restrict a control: one person asks, others approve, and it ends by itself.

mod decide;
mod dry_run;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    OverrideId, Permission,
    operator_override::{
        Broken, Change, Controls, Override, OverrideState, Policy, Refused, broken_rules,
        fresh_sign_in,
    },
};
use problem::FieldError;
use serde::{Deserialize, Serialize};
use store::Query;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned},
    idempotency::{IdempotencyKey, once},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_overrides, request_override))
        .routes(routes!(dry_run::dry_run_override))
        .routes(routes!(break_glass))
        .routes(routes!(read_override))
        .merge(decide::routes())
}

/// Which overrides.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OverrideQuery {
    /// Only overrides in this state.
    state: Option<OverrideState>,
    /// At most so many items; 1 to 300, otherwise 50.
    #[param(minimum = 1, maximum = 300)]
    page_size: Option<u32>,
    /// Where the page starts: `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists overrides, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/overrides", params(OverrideQuery), tag = "overrides",
    responses((status = 200, body = Paged<Override>)))]
async fn list_overrides(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<OverrideQuery>,
) -> Result<Json<Paged<Override>>, HttpError> {
    let query = match asked.state {
        Some(state) => Query::all().equals("state", state),
        None => Query::all(),
    };
    let page = PageQuery { page_size: asked.page_size, page_token: asked.page_token };
    documents::list(&ctx, &caller, Permission::OverridesRead, &page, query).await
}

/// Shows an override.
#[utoipa::path(get, path = "/api/v1/overrides/{override}", params(("override" = OverrideId, Path)),
    tag = "overrides",
    responses((status = 200, body = Item<Override>, headers(("etag" = String)))))]
async fn read_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
) -> Result<Versioned<Override>, HttpError> {
    documents::get(&ctx, &caller, Permission::OverridesRead, &id).await
}

/// What somebody wants.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(transparent)]
struct OverrideRequest(#[garde(skip)] Change);

impl OverrideRequest {
    /// Returns the change, or every field that is wrong.
    fn checked(self) -> Result<Change, HttpError> {
        checked(&self.0)?;
        Ok(self.0)
    }
}

/// Refuses a change, with every field that is wrong.
pub(super) fn checked(change: &Change) -> Result<(), HttpError> {
    let wrong = change.mistakes().into_iter();
    let wrong: Vec<_> =
        wrong.map(|one| FieldError { field: one.field.to_owned(), message: one.message }).collect();
    if wrong.is_empty() { Ok(()) } else { Err(HttpError::of_fields(wrong)) }
}

/// The override that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideRequested {
    /// Its id.
    #[serde(rename = "override")]
    id: OverrideId,
    /// The hash of the change, which who approves sends back.
    hash: String,
    /// How many people besides the requester must approve it.
    approvals_needed: u32,
}

/// Asks for a control to be restricted; others have to approve it within 15 minutes.
#[utoipa::path(post, path = "/api/v1/overrides", request_body = Change, tag = "overrides",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 201, body = OverrideRequested)))]
async fn request_override(
    State(ctx): State<Context>,
    caller: Caller,
    key: IdempotencyKey,
    Valid(request): Valid<OverrideRequest>,
) -> Result<Response, HttpError> {
    caller.require(Permission::OverridesRequest)?;
    let change = request.checked()?;
    once(&ctx, &caller, "overrides", key, &change, async |id| {
        let asked = ask(&ctx, &caller, OverrideId::new(id), &change, false).await?;
        Ok((StatusCode::CREATED, asked))
    })
    .await
}

/// Restricts a control alone, in an emergency: it is done at once, everybody is told, and
/// somebody else has to look at it within a day.
#[utoipa::path(post, path = "/api/v1/overrides/break-glass", request_body = Change,
    tag = "overrides",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 201, body = OverrideRequested)))]
async fn break_glass(
    State(ctx): State<Context>,
    caller: Caller,
    key: IdempotencyKey,
    Valid(request): Valid<OverrideRequest>,
) -> Result<Response, HttpError> {
    let person = caller.require(Permission::OverridesBreakGlass)?;
    fresh_sign_in(person.sign_in.authenticated_at, person.now).map_err(ProxyError::from)?;
    let change = request.checked()?;
    once(&ctx, &caller, "overrides/break-glass", key, &change, async |id| {
        let asked = ask(&ctx, &caller, OverrideId::new(id), &change, true).await?;
        Ok((StatusCode::CREATED, asked))
    })
    .await
}

pub(super) async fn ask(
    ctx: &Context,
    caller: &Caller,
    id: OverrideId,
    change: &Change,
    emergency: bool,
) -> Result<OverrideRequested, ProxyError> {
    let (cause, policy) = (&caller.cause(), Policy::of_mesh());
    if let Some(broken) = broken(ctx, change, emergency, cause.time).await?.into_iter().next() {
        return Err(Refused::Rule(broken).into());
    }
    let asked = Override::ask(&id, change.clone(), caller.actor(), policy, cause.time);
    let (asked, action) = match emergency {
        true => (asked.in_emergency(), "override.forced_through"),
        false => (asked, "override.requested"),
    };
    let (wish, id_ref) = (&asked, &id);
    ctx.store
        .transact(cause, |tx| async move {
            if tx.get::<Override>(id_ref).await?.is_none() {
                tx.create(id_ref, wish, action, &wish.change.reason).await?;
            }
            Ok::<_, ProxyError>(())
        })
        .await?;
    Ok(OverrideRequested { id, hash: asked.hash, approvals_needed: asked.approvals_needed })
}

/// Returns the rules that a change would break as things are.
async fn broken(
    ctx: &Context,
    change: &Change,
    emergency: bool,
    now: model::Timestamp,
) -> Result<Vec<Broken>, ProxyError> {
    let controls = controls(ctx).await?;
    Ok(broken_rules(Policy::of_mesh(), change, emergency, &controls, now))
}

async fn controls(ctx: &Context) -> Result<Controls, ProxyError> {
    // There are as many as the policy names, far below a page.
    let page = ctx.store.list(&Query::<model::control::Control>::all()).await?;
    Ok(page.items.into_iter().map(|stored| (stored.id, stored.document)).collect())
}
