//! Access reviews. iam-control keeps them and decides.

use axum::response::Response;
use function::{HttpError, PageQuery};
use model::{
    ReviewId,
    access::api::{AnswerReview, Because, ReviewView, ReviewsPage, StartReview},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, forward::Onward};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_reviews, start_review))
        .routes(routes!(answer_review))
        .routes(routes!(close_review))
}

/// Lists access reviews, newest first.
#[utoipa::path(get, path = "/api/v1/access-reviews", tag = "access reviews",
    params(PageQuery),
    responses((status = 200, body = ReviewsPage)))]
async fn list_reviews(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Starts an access review: every role of every person is kept or removed.
#[utoipa::path(post, path = "/api/v1/access-reviews", tag = "access reviews",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    request_body = StartReview,
    responses((status = 201, body = ReviewView)))]
async fn start_review(onward: Onward) -> Result<Response, HttpError> {
    onward.pass_once().await
}

/// Answers whether a person keeps a role.
#[utoipa::path(post, path = "/api/v1/access-reviews/{review}/answers", tag = "access reviews",
    params(("review" = ReviewId, Path)),
    request_body = AnswerReview,
    responses((status = 200, body = ReviewView)))]
async fn answer_review(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}

/// Closes a review and carries the answers out; what nobody answered is removed.
#[utoipa::path(post, path = "/api/v1/access-reviews/{review}/close", tag = "access reviews",
    params(("review" = ReviewId, Path)),
    request_body = Because,
    responses((status = 200, body = ReviewView)))]
async fn close_review(onward: Onward) -> Result<Response, HttpError> {
    onward.pass().await
}
