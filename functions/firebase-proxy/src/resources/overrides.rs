//! Wishes to change a control: one person asks, another approves.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use function::{Caller, HttpError, Id, IfMatch, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    ControlName, OverrideId, Permission, Uid,
    access::api::Because,
    control::ControlState,
    operator_override::{Override, OverrideState},
};
use serde::{Deserialize, Serialize};
use store::Query;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned, found, versioned},
    idempotency::{IdempotencyKey, once},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_overrides, request_override))
        .routes(routes!(read_override))
        .routes(routes!(approve_override))
}

/// Lists overrides, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/overrides", params(PageQuery), tag = "overrides",
    responses((status = 200, body = Paged<Override>)))]
async fn list_overrides(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Override>>, HttpError> {
    documents::list(&ctx, &caller, Permission::OverridesRead, &page, Query::all()).await
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

/// What somebody wants a control to be.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverrideRequest {
    /// The control, such as `trading`.
    #[garde(length(chars, min = 1, max = 64), pattern(r"^[a-z][a-z0-9-]*$"))]
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z][a-z0-9-]*$")]
    control: String,
    /// The state that it shall have.
    #[garde(skip)]
    wanted: ControlState,
    /// Why; kept in the journal and shown to who approves.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// The override that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct OverrideRequested {
    /// Its id.
    #[serde(rename = "override")]
    id: OverrideId,
}

/// Asks for a control to be changed; somebody else has to approve it.
#[utoipa::path(post, path = "/api/v1/overrides", request_body = OverrideRequest, tag = "overrides",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 201, body = OverrideRequested)))]
async fn request_override(
    State(ctx): State<Context>,
    caller: Caller,
    key: IdempotencyKey,
    Valid(request): Valid<OverrideRequest>,
) -> Result<Response, HttpError> {
    let uid = caller.require(Permission::OverridesRequest)?.uid().clone();
    once(&ctx, &caller, "overrides", key, &request, async |id| {
        let id = OverrideId::new(id);
        ask(&ctx, &caller, &id, &request, uid).await?;
        Ok((StatusCode::CREATED, OverrideRequested { id }))
    })
    .await
}

async fn ask(
    ctx: &Context,
    caller: &Caller,
    id: &OverrideId,
    request: &OverrideRequest,
    requested_by: Uid,
) -> Result<(), ProxyError> {
    let wish = &Override {
        control: ControlName::new(&request.control),
        wanted: request.wanted,
        reason: request.reason.clone(),
        state: OverrideState::Requested,
        requested_by,
        approved_by: None,
        activated_at: None,
    };
    ctx.store
        .transact(&caller.cause(), |tx| async move {
            if tx.get::<Override>(id).await?.is_none() {
                tx.create(id, wish, "override.requested", &wish.reason).await?;
            }
            Ok(())
        })
        .await
}

/// Approves what somebody else asked for; destine-root carries it out.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/approve", tag = "overrides",
    params(("override" = OverrideId, Path), ("if-match" = String, Header)), request_body = Because,
    responses((status = 200, body = Item<Override>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn approve_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    version: IfMatch,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Override>, HttpError> {
    let approver = caller.require(Permission::OverridesApprove)?.uid().clone();
    let seen = found::<Override>(&ctx, &id).await?;
    approved(&id, seen.document, &approver)?;
    version.check(seen.updated_at)?;
    let (cause, id, version, because) = (&caller.cause(), &id, &version, &because);
    let approver = &approver;
    let current = ctx
        .store
        .transact(cause, |tx| async move {
            let Some(stored) = tx.get::<Override>(id).await? else {
                return Err(ProxyError::Missing(id.to_string()));
            };
            if version.check(stored.updated_at).is_err() {
                return Ok(false);
            }
            let approved = approved(id, stored.document, approver)?;
            tx.put(id, &approved, "override.approved", &because.reason).await?;
            Ok(true)
        })
        .await?;
    if !current {
        return Err(HttpError::changed_meanwhile());
    }
    Ok(versioned(found(&ctx, id).await?))
}

/// Decides whether a person may approve an override, and what becomes of it.
fn approved(id: &OverrideId, wish: Override, approver: &Uid) -> Result<Override, ProxyError> {
    if wish.requested_by == *approver {
        return Err(ProxyError::OwnRequest(id.clone()));
    }
    if wish.state != OverrideState::Requested {
        return Err(ProxyError::NotRequested(id.clone()));
    }
    Ok(Override { state: OverrideState::Approved, approved_by: Some(approver.clone()), ..wish })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(state: OverrideState) -> Override {
        Override {
            control: ControlName::new("trading"),
            wanted: ControlState::Halted,
            reason: "the exchange is down".into(),
            state,
            requested_by: Uid::new("oscar"),
            approved_by: None,
            activated_at: None,
        }
    }

    #[test]
    fn another_person_approves_once() {
        let id = OverrideId::new("o1");
        let opal = Uid::new("opal");
        let done = approved(&id, wish(OverrideState::Requested), &opal).expect("approved");
        assert_eq!((done.state, done.approved_by.as_ref()), (OverrideState::Approved, Some(&opal)));
        let own = approved(&id, wish(OverrideState::Requested), &Uid::new("oscar"));
        assert!(matches!(own, Err(ProxyError::OwnRequest(_))));
        for state in [OverrideState::Approved, OverrideState::Active] {
            let late = approved(&id, wish(state), &opal);
            assert!(matches!(late, Err(ProxyError::NotRequested(_))));
        }
    }
}
