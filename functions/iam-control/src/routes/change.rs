//! Changing people: disabled, enabled, sessions ended, roles.

use axum::{extract::State, http::StatusCode};
use function::{Caller, HttpError, Id, IfMatch, Valid};
use model::{
    Permission, Uid,
    access::api::{AssignRoles, Because, PersonView},
};

use super::command::{Versioned, person, refused, versioned};
use crate::{Context, by::By, people, write};

/// Shuts a person out and ends their sessions.
#[utoipa::path(post, path = "/v1/people/{uid}/disable", params(("uid" = Uid, Path)),
    request_body = Because, tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn disable_person(
    State(ctx): State<Context>,
    caller: Caller,
    Id(uid): Id<Uid>,
    Valid(because): Valid<Because>,
) -> Result<Versioned, HttpError> {
    let by = By::from(caller.require(Permission::PeopleDisable)?);
    let cause = caller.cause();
    let words = ("person.disabled", because.reason.as_str());
    write::person(&ctx, &cause, &uid, None, words, |user, others| {
        people::disable((&uid, user), &by, others, cause.time)
    })
    .await?;
    Ok(versioned(person(&ctx, &uid).await?, true))
}

/// Lets a person in again who was disabled.
#[utoipa::path(post, path = "/v1/people/{uid}/enable", params(("uid" = Uid, Path)),
    request_body = Because, tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn enable_person(
    State(ctx): State<Context>,
    caller: Caller,
    Id(uid): Id<Uid>,
    Valid(because): Valid<Because>,
) -> Result<Versioned, HttpError> {
    let by = By::from(caller.require(Permission::PeopleDisable)?);
    let cause = caller.cause();
    let words = ("person.enabled", because.reason.as_str());
    write::person(&ctx, &cause, &uid, None, words, |user, _| people::enable((&uid, user), &by))
        .await?;
    Ok(versioned(person(&ctx, &uid).await?, true))
}

/// Ends a person's sessions: they have to sign in again.
#[utoipa::path(post, path = "/v1/people/{uid}/sessions/revoke", params(("uid" = Uid, Path)),
    request_body = Because, tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn revoke_sessions(
    State(ctx): State<Context>,
    caller: Caller,
    Id(uid): Id<Uid>,
    Valid(because): Valid<Because>,
) -> Result<Versioned, HttpError> {
    caller.require(Permission::PeopleRevoke)?;
    let cause = caller.cause();
    let words = ("person.sessions-revoked", because.reason.as_str());
    write::person(&ctx, &cause, &uid, None, words, |user, _| {
        Ok(Some(people::ended(user, cause.time)))
    })
    .await?;
    Ok(versioned(person(&ctx, &uid).await?, true))
}

/// Ends all sessions of the caller, this one with them: they have to sign in again.
#[utoipa::path(post, path = "/v1/me/sessions/revoke", tag = "people", responses((status = 204)))]
pub(super) async fn revoke_own_sessions(
    State(ctx): State<Context>,
    caller: Caller,
) -> Result<StatusCode, HttpError> {
    let uid = caller.person()?.uid().clone();
    let cause = caller.cause();
    let words = ("person.sessions-revoked", "the person ends their own sessions");
    write::person(&ctx, &cause, &uid, None, words, |user, _| {
        Ok(Some(people::ended(user, cause.time)))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a person roles instead of those that they have. `If-Match` names the version that
/// the decision was made for.
#[utoipa::path(put, path = "/v1/people/{uid}/roles", request_body = AssignRoles, tag = "people",
    params(("uid" = Uid, Path), ("if-match" = String, Header)),
    responses((status = 200, body = PersonView, headers(("etag" = String)))))]
pub(super) async fn assign_roles(
    State(ctx): State<Context>,
    caller: Caller,
    Id(uid): Id<Uid>,
    version: IfMatch,
    Valid(asked): Valid<AssignRoles>,
) -> Result<Versioned, HttpError> {
    let by = By::from(caller.require(Permission::PeopleAssign)?);
    let cause = caller.cause();
    let words = ("person.roles-assigned", asked.reason.as_str());
    write::person(&ctx, &cause, &uid, Some(&version), words, |user, others| {
        people::assign((&uid, user), &asked.roles, &by, others, cause.time)
    })
    .await
    .map_err(refused)?;
    Ok(versioned(person(&ctx, &uid).await?, true))
}
