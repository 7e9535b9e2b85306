//! Questions about access over HTTP.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, UrlQuery, Valid};
use jiff::Timestamp;
use model::{
    Permission, Uid,
    access::api::{Suggestions, WhatCan, WhatIf, WhatWouldChange, WhoCan, Why},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::command::person;
use crate::{Context, IamError, access};

/// Which permission.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PermissionQuery {
    /// A permission such as `audits.run`, or a module's right such as `call:iam-control`.
    permission: String,
}

/// Who.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PersonQuery {
    /// The id of a person, or the name or account of a module.
    person: String,
}

/// Who, and which permission.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhyQuery {
    /// The id of a person.
    person: String,
    /// A permission such as `audits.run`.
    permission: String,
}

/// Lists who has a permission, or which modules have a right.
#[utoipa::path(get, path = "/v1/access/who-can", params(PermissionQuery), tag = "access",
    responses((status = 200, body = WhoCan)))]
pub(super) async fn who_can(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<PermissionQuery>,
) -> Result<Json<WhoCan>, HttpError> {
    caller.require(Permission::AccessExplain)?;
    if asked.permission.contains(':') {
        return Ok(Json(access::which_modules(&ctx.modules, &asked.permission)));
    }
    let permission = named(&asked.permission)?;
    let directory = access::directory(&ctx).await?;
    Ok(Json(access::who_can(&directory, permission, Timestamp::now().into())))
}

/// Lists what a person or a module may do.
#[utoipa::path(get, path = "/v1/access/what-can", params(PersonQuery), tag = "access",
    responses((status = 200, body = WhatCan)))]
pub(super) async fn what_can(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<PersonQuery>,
) -> Result<Json<WhatCan>, HttpError> {
    caller.require(Permission::AccessExplain)?;
    if let Some(module) = ctx.modules.named(&asked.person) {
        let history = access::history(&ctx).await?;
        return Ok(Json(access::what_module_can(&ctx.modules, module, &history)));
    }
    let Id(uid) = Id::<Uid>::read(&asked.person)?;
    let stored = person(&ctx, &uid).await?;
    Ok(Json(access::what_can(&uid, &stored.document, Timestamp::now().into())))
}

/// Says why a person may, or may not.
#[utoipa::path(get, path = "/v1/access/why", params(WhyQuery), tag = "access",
    responses((status = 200, body = Why)))]
pub(super) async fn why(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<WhyQuery>,
) -> Result<Json<Why>, HttpError> {
    caller.require(Permission::AccessExplain)?;
    let permission = named(&asked.permission)?;
    let directory = access::directory(&ctx).await?;
    let now = Timestamp::now().into();
    Ok(Json(access::why(&directory, &Uid::new(asked.person), permission, now)))
}

/// Says what changes of roles would change, now and in the last 90 days.
#[utoipa::path(post, path = "/v1/access/what-if", request_body = WhatIf, tag = "access",
    responses((status = 200, body = WhatWouldChange)))]
pub(super) async fn what_if(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(asked): Valid<WhatIf>,
) -> Result<Json<WhatWouldChange>, HttpError> {
    caller.require(Permission::AccessSimulate)?;
    let directory = access::directory(&ctx).await?;
    let history = access::history(&ctx).await?;
    let now = Timestamp::now().into();
    Ok(Json(access::what_if(&directory, &asked.changes, &history, now)))
}

/// Lists the roles and rights that nobody would miss.
#[utoipa::path(get, path = "/v1/access/suggestions", tag = "access",
    responses((status = 200, body = Suggestions)))]
pub(super) async fn suggestions(
    State(ctx): State<Context>,
    caller: Caller,
) -> Result<Json<Suggestions>, HttpError> {
    caller.require(Permission::AccessSuggest)?;
    let directory = access::directory(&ctx).await?;
    let history = access::history(&ctx).await?;
    Ok(Json(access::suggestions(&directory, &ctx.modules, &history)))
}

fn named(permission: &str) -> Result<Permission, IamError> {
    Permission::named(permission).ok_or_else(|| IamError::Argument {
        field: "permission",
        reason: format!(
            "`{permission}` is none: it is one like `audits.run`, or a module's right like `call:iam-control`"
        ),
    })
}
