//! Elevations. iam-control keeps them and decides.

use axum::response::Response;
use function::{HttpError, PageQuery};
use model::{
    GrantId,
    access::api::{Because, GlassBroken, GrantView, GrantsPage, RequestGrant},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, forward::Onward};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_grants, request_grant))
        .routes(routes!(approve_grant))
        .routes(routes!(reject_grant))
        .routes(routes!(revoke_grant))
        .routes(routes!(extend_grant))
        .routes(routes!(withdraw_grant))
        .routes(routes!(break_glass))
}

/// Lists elevations, newest first: everybody's for who has `grants.read`, otherwise the caller's.
#[utoipa::path(get, path = "/api/v1/grants", tag = "grants",
    params(PageQuery),
    responses((status = 200, body = GrantsPage)))]
async fn list_grants(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Asks for a role for some time; somebody else has to approve it.
#[utoipa::path(post, path = "/api/v1/grants", tag = "grants",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    request_body = RequestGrant,
    responses((status = 201, body = GrantView)))]
async fn request_grant(onward: Onward) -> Result<Response, HttpError> {
    onward.pass_once().await
}

/// Approves an elevation that somebody else asked for.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/approve", tag = "grants",
    params(("grant" = GrantId, Path)),
    request_body = Because,
    responses((status = 200, body = GrantView)))]
async fn approve_grant(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Refuses an elevation that somebody else asked for.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/reject", tag = "grants",
    params(("grant" = GrantId, Path)),
    request_body = Because,
    responses((status = 200, body = GrantView)))]
async fn reject_grant(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Ends an elevation before its time.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/revoke", tag = "grants",
    params(("grant" = GrantId, Path)),
    request_body = Because,
    responses((status = 200, body = GrantView)))]
async fn revoke_grant(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Makes an elevation longer, once.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/extend", tag = "grants",
    params(("grant" = GrantId, Path)),
    request_body = Because,
    responses((status = 200, body = GrantView)))]
async fn extend_grant(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Takes a request back.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/withdraw", tag = "grants",
    params(("grant" = GrantId, Path)),
    request_body = Because,
    responses((status = 200, body = GrantView)))]
async fn withdraw_grant(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Makes the caller owner for an hour, in an emergency; everybody is told.
#[utoipa::path(post, path = "/api/v1/glass", tag = "grants",
    request_body = Because,
    responses((status = 201, body = GlassBroken)))]
async fn break_glass(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}
