//! Who may do what, and why. iam-control keeps them and decides.

use axum::response::Response;
use function::HttpError;
use model::{
    Permission, Uid,
    access::api::{Suggestions, WhatCan, WhatIf, WhatWouldChange, WhoCan, Why},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, forward::Onward};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(who_can))
        .routes(routes!(what_can))
        .routes(routes!(why))
        .routes(routes!(what_if))
        .routes(routes!(suggestions))
}

/// Tells who has a permission, people and modules.
#[utoipa::path(get, path = "/api/v1/access/who-can", tag = "access",
    params(("permission" = String, Query,
        description = "A permission such as `audits.run`, or a module's right such as `call:iam-control`.")),
    responses((status = 200, body = WhoCan)))]
async fn who_can(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Tells what a person or a module may do.
#[utoipa::path(get, path = "/api/v1/access/what-can", tag = "access",
    params(("person" = String, Query,
        description = "The id of a person, or the name or account of a module.")),
    responses((status = 200, body = WhatCan),
        (status = 404, description = "There is no such thing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn what_can(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Tells why a person may, or may not.
#[utoipa::path(get, path = "/api/v1/access/why", tag = "access",
    params(("person" = Uid, Query), ("permission" = Permission, Query)),
    responses((status = 200, body = Why),
        (status = 404, description = "There is no such thing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn why(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Tells what changes of roles would change, now and over the last 90 days.
#[utoipa::path(post, path = "/api/v1/access/what-if", tag = "access",
    request_body = WhatIf,
    responses((status = 200, body = WhatWouldChange)))]
async fn what_if(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Lists roles and rights that nobody would miss.
#[utoipa::path(get, path = "/api/v1/access/suggestions", tag = "access",
    responses((status = 200, body = Suggestions)))]
async fn suggestions(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}
