//! Access reviews over HTTP.

use axum::{Json, extract::State, http::StatusCode};
use function::{Caller, HttpError, Id, PageQuery, UrlQuery, Valid};
use model::{
    Permission, ReviewId,
    access::{
        api::{AnswerReview, Because, ReviewView, ReviewsPage, StartReview},
        review::AccessReview,
    },
};
use store::{Direction, Query};
use uuid::Uuid;

use crate::{Context, IamError, access, by::By, reviews, sweep};

/// Lists reviews, newest first.
#[utoipa::path(get, path = "/v1/access-reviews", params(PageQuery), tag = "access-reviews",
    responses((status = 200, body = ReviewsPage)))]
pub(super) async fn list_reviews(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<ReviewsPage>, HttpError> {
    caller.require(Permission::ReviewsRead)?;
    let query = Query::<AccessReview>::all().order_by("started_at", Direction::Descending);
    let page = ctx.store.list(&page.apply(query)).await.map_err(IamError::from)?;
    let items = page.items.into_iter().map(|s| ReviewView { id: s.id, review: s.document });
    let next_page_token = page.next.map(|token| token.as_str().to_owned());
    Ok(Json(ReviewsPage { items: items.collect(), next_page_token }))
}

/// Starts a review of the roles that people have now.
#[utoipa::path(post, path = "/v1/access-reviews", request_body = StartReview,
    tag = "access-reviews", responses((status = 201, body = ReviewView)))]
pub(super) async fn start_review(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(asked): Valid<StartReview>,
) -> Result<(StatusCode, Json<ReviewView>), HttpError> {
    let by = caller.require(Permission::ReviewsStart)?.uid();
    let cause = &caller.cause();
    let directory = access::directory(&ctx).await?;
    let people = directory.people().into_iter();
    let review = &reviews::start(people, &asked, by, cause.time)?;
    let id = &ReviewId::new(Uuid::now_v7().to_string());
    ctx.store
        .transact(cause, |tx| async move {
            let reason = format!("{} roles until {}", review.items.len(), review.due_at);
            tx.create(id, review, "access-review.started", &reason).await?;
            Ok::<_, IamError>(())
        })
        .await?;
    let view = ReviewView { id: id.clone(), review: review.clone() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Answers whether another person keeps a role.
#[utoipa::path(post, path = "/v1/access-reviews/{review}/answers", request_body = AnswerReview,
    params(("review" = ReviewId, Path)), tag = "access-reviews",
    responses((status = 200, body = ReviewView)))]
pub(super) async fn answer_review(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ReviewId>,
    Valid(answer): Valid<AnswerReview>,
) -> Result<Json<ReviewView>, HttpError> {
    let by = &By::from(caller.require(Permission::ReviewsAnswer)?);
    let (id, cause) = (&id, &caller.cause());
    let answer = &answer;
    let review = ctx.store.transact(cause, |tx| async move {
        let stored = tx.get::<AccessReview>(id).await?.ok_or_else(|| missing(id))?;
        let review = reviews::answer(&stored.document, answer, by, cause.time)?;
        let reason = format!("{} `{}`: {:?}", answer.person, answer.role, answer.verdict);
        tx.put(id, &review, "access-review.answered", &reason).await?;
        Ok::<_, IamError>(review)
    });
    Ok(Json(ReviewView { id: id.clone(), review: review.await? }))
}

/// Closes a review before its time and carries it out: what nobody answered is removed. It
/// needs who may answer, because it takes roles away; starting one does not.
#[utoipa::path(post, path = "/v1/access-reviews/{review}/close", request_body = Because,
    params(("review" = ReviewId, Path)), tag = "access-reviews",
    responses((status = 200, body = ReviewView)))]
pub(super) async fn close_review(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ReviewId>,
    Valid(because): Valid<Because>,
) -> Result<Json<ReviewView>, HttpError> {
    caller.require(Permission::ReviewsAnswer)?;
    sweep::close(&ctx, &caller.cause(), &id, &because.reason).await?;
    let stored = ctx.store.get::<AccessReview>(&id).await.map_err(IamError::from)?;
    let stored = stored.ok_or_else(|| missing(&id))?;
    Ok(Json(ReviewView { id: stored.id, review: stored.document }))
}

fn missing(id: &ReviewId) -> IamError {
    IamError::Missing { what: "access review", id: id.to_string() }
}
