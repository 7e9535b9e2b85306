//! The API of iam-control, which firebase-proxy shows to people.

mod change;
mod command;
mod grants;
mod invitations;
mod people;
mod questions;
mod reviews;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

/// Returns the routes, with their description.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(people::list_people, invitations::invite_person))
        .routes(routes!(people::read_person))
        .routes(routes!(invitations::invite_again))
        .routes(routes!(invitations::accept_invitation))
        .routes(routes!(change::disable_person))
        .routes(routes!(change::enable_person))
        .routes(routes!(change::revoke_sessions))
        .routes(routes!(change::revoke_own_sessions))
        .routes(routes!(change::assign_roles))
        .routes(routes!(grants::list_grants, grants::request_grant))
        .routes(routes!(grants::approve_grant))
        .routes(routes!(grants::reject_grant))
        .routes(routes!(grants::revoke_grant))
        .routes(routes!(grants::extend_grant))
        .routes(routes!(grants::withdraw_grant))
        .routes(routes!(grants::break_glass))
        .routes(routes!(reviews::list_reviews, reviews::start_review))
        .routes(routes!(reviews::answer_review))
        .routes(routes!(reviews::close_review))
        .routes(routes!(questions::who_can))
        .routes(routes!(questions::what_can))
        .routes(routes!(questions::why))
        .routes(routes!(questions::what_if))
        .routes(routes!(questions::suggestions))
}
