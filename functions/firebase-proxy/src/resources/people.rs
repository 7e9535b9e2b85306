//! People. iam-control keeps them and decides.

use axum::response::Response;
use function::{HttpError, PageQuery};
use model::{
    Uid,
    access::api::{
        AcceptInvitation, Accepted, AssignRoles, Because, InvitePerson, Invited, PeoplePage,
        PersonView,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, forward::Onward};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_people, invite_person))
        .routes(routes!(read_person))
        .routes(routes!(invite_again))
        .routes(routes!(accept_invitation))
        .routes(routes!(disable_person))
        .routes(routes!(enable_person))
        .routes(routes!(revoke_sessions))
        .routes(routes!(revoke_own_sessions))
        .routes(routes!(assign_roles))
}

/// Lists people: everything about them for who has `people.read`, otherwise names and roles.
#[utoipa::path(get, path = "/api/v1/people", tag = "people",
    params(PageQuery),
    responses((status = 200, body = PeoplePage)))]
async fn list_people(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Invites a person. The answer holds the secret of the link, which is shown only here and
/// kept nowhere: sent twice, the address is taken and `invitation` makes a new secret.
#[utoipa::path(post, path = "/api/v1/people", tag = "people",
    request_body = InvitePerson,
    responses((status = 201, body = Invited)))]
async fn invite_person(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Shows a person.
#[utoipa::path(get, path = "/api/v1/people/{uid}", tag = "people",
    params(("uid" = Uid, Path)),
    responses((status = 200, body = PersonView, headers(("etag" = String)))))]
async fn read_person(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Invites a person again, who has not accepted yet; the link before is void.
#[utoipa::path(post, path = "/api/v1/people/{uid}/invitation", tag = "people",
    params(("uid" = Uid, Path)),
    responses((status = 201, body = Invited),
        (status = 409, description = "Somebody else was faster; try again", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn invite_again(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Accepts an invitation and sets a password. Whoever has the link may.
#[utoipa::path(post, path = "/api/v1/invitations/accept", tag = "people",
    request_body = AcceptInvitation,
    security(()),
    responses((status = 200, body = Accepted),
        (status = 404, description = "There is no such thing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn accept_invitation(onward: Onward) -> Result<Response, HttpError> {
    onward.pass_for_nobody().await
}

/// Shuts a person out until somebody enables them again.
#[utoipa::path(post, path = "/api/v1/people/{uid}/disable", tag = "people",
    params(("uid" = Uid, Path)),
    request_body = Because,
    responses((status = 200, body = PersonView, headers(("etag" = String)))))]
async fn disable_person(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Lets a person in again.
#[utoipa::path(post, path = "/api/v1/people/{uid}/enable", tag = "people",
    params(("uid" = Uid, Path)),
    request_body = Because,
    responses((status = 200, body = PersonView, headers(("etag" = String)))))]
async fn enable_person(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Ends a person's sessions; they have to sign in again.
#[utoipa::path(post, path = "/api/v1/people/{uid}/sessions/revoke", tag = "people",
    params(("uid" = Uid, Path)),
    request_body = Because,
    responses((status = 200, body = PersonView, headers(("etag" = String)))))]
async fn revoke_sessions(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Ends all sessions of the caller, this one with them: everywhere they have to sign in again.
#[utoipa::path(post, path = "/api/v1/me/sessions/revoke", tag = "me", responses((status = 204)))]
async fn revoke_own_sessions(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Gives a person roles instead of those that they have.
#[utoipa::path(put, path = "/api/v1/people/{uid}/roles", tag = "people",
    params(("uid" = Uid, Path), ("if-match" = String, Header)),
    request_body = AssignRoles,
    responses((status = 200, body = PersonView, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn assign_roles(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}
