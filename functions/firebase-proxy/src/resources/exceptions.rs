//! Exceptions: one person asks that a control of the audit need not hold for a while, another
//! approves.

mod decide;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery, Valid};
use garde::Validate;
use model::{
    AuditControlId, ExceptionId, Permission, Timestamp, Uid,
    audit::AuditControl,
    exception::{EXPIRING, Exception, ExceptionState, Terms},
};
use problem::FieldError;
use serde::{Deserialize, Serialize};
use store::{Direction, Query};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{self, Versioned},
    idempotency::{IdempotencyKey, once},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_exceptions, request_exception))
        .routes(routes!(list_expiring_exceptions))
        .routes(routes!(read_exception))
        .merge(decide::routes())
}

/// Which exceptions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExceptionQuery {
    /// Only exceptions in this state, those that end first before the others.
    state: Option<ExceptionState>,
    /// At most so many items; 1 to 300, otherwise 50.
    #[param(minimum = 1, maximum = 300)]
    page_size: Option<u32>,
    /// Where the page starts: `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists exceptions.
#[utoipa::path(get, path = "/api/v1/exceptions", params(ExceptionQuery), tag = "exceptions",
    responses((status = 200, body = Paged<Exception>)))]
async fn list_exceptions(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<ExceptionQuery>,
) -> Result<Json<Paged<Exception>>, HttpError> {
    let query = match asked.state {
        Some(state) => ending_first(state),
        None => Query::all(),
    };
    let page = PageQuery { page_size: asked.page_size, page_token: asked.page_token };
    documents::list(&ctx, &caller, Permission::ExceptionsRead, &page, query).await
}

fn ending_first(state: ExceptionState) -> Query<Exception> {
    Query::all().equals("state", state).order_by("until", Direction::Ascending)
}

/// Lists exceptions in force that end within a week, at most 300 of them.
#[utoipa::path(get, path = "/api/v1/exceptions/expiring", tag = "exceptions",
    responses((status = 200, body = Paged<Exception>)))]
async fn list_expiring_exceptions(
    State(ctx): State<Context>,
    caller: Caller,
) -> Result<Json<Paged<Exception>>, HttpError> {
    let until = caller.cause().time.plus(EXPIRING);
    let page = PageQuery { page_size: Some(300), page_token: None };
    let query = ending_first(ExceptionState::Approved);
    let Json(mut page) =
        documents::list(&ctx, &caller, Permission::ExceptionsRead, &page, query).await?;
    page.items.retain(|item| item.document.terms.until <= until);
    page.next_page_token = None;
    Ok(Json(page))
}

/// Shows an exception.
#[utoipa::path(get, path = "/api/v1/exceptions/{exception}", tag = "exceptions",
    params(("exception" = ExceptionId, Path)),
    responses((status = 200, body = Item<Exception>, headers(("etag" = String)))))]
async fn read_exception(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ExceptionId>,
) -> Result<Versioned<Exception>, HttpError> {
    documents::get(&ctx, &caller, Permission::ExceptionsRead, &id).await
}

/// What somebody asks for.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExceptionRequest {
    /// The control of the audit, such as `RUN-01`.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    control: String,
    /// The full resource name of the asset; `*` stands for any characters behind the host.
    #[garde(length(chars, min = 5, max = 1000))]
    #[schema(min_length = 5, max_length = 1000)]
    assets: String,
    /// Why the control need not hold.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
    /// Who answers for it; who asks, if nobody is named.
    #[garde(skip)]
    owner: Option<Uid>,
    /// When it ends: at most a year from now.
    #[garde(skip)]
    until: Timestamp,
}

/// The exception that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct ExceptionRequested {
    /// Its id.
    exception: ExceptionId,
}

/// Asks that a control need not hold for a while; somebody else has to approve.
#[utoipa::path(post, path = "/api/v1/exceptions", request_body = ExceptionRequest,
    tag = "exceptions",
    params(("idempotency-key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[ -~]+$")),
    responses((status = 201, body = ExceptionRequested)))]
async fn request_exception(
    State(ctx): State<Context>,
    caller: Caller,
    key: IdempotencyKey,
    Valid(request): Valid<ExceptionRequest>,
) -> Result<Response, HttpError> {
    let uid = caller.require(Permission::ExceptionsRequest)?.uid().clone();
    once(&ctx, &caller, "exceptions", key, &request, async |id| {
        let exception = ExceptionId::new(id);
        let terms = Terms {
            control: request.control.clone(),
            assets: request.assets.clone(),
            reason: request.reason.clone(),
            owner: request.owner.clone().unwrap_or_else(|| uid.clone()),
            until: request.until,
        };
        ask(&ctx, &caller, &exception, terms).await?;
        Ok((StatusCode::CREATED, ExceptionRequested { exception }))
    })
    .await
}

async fn ask(
    ctx: &Context,
    caller: &Caller,
    id: &ExceptionId,
    terms: Terms,
) -> Result<(), HttpError> {
    let cause = &caller.cause();
    let mut wrong = terms.mistakes(cause.time);
    let control = AuditControlId::new(&terms.control);
    if terms.control.contains('/')
        || ctx.store.get::<AuditControl>(&control).await.map_err(ProxyError::from)?.is_none()
    {
        let right = "a control that the audit asks: see `/api/v1/audit-controls`";
        wrong.push(("control", right.to_owned()));
    }
    if !wrong.is_empty() {
        let field = |(field, message): (&str, String)| FieldError { field: field.into(), message };
        return Err(HttpError::of_fields(wrong.into_iter().map(field).collect()));
    }
    let asked = &Exception::ask(terms, caller.actor(), cause.time);
    ctx.store
        .transact(cause, |tx| async move {
            if tx.get::<Exception>(id).await?.is_none() {
                tx.create(id, asked, "exception.requested", &asked.terms.reason).await?;
            }
            Ok::<_, ProxyError>(())
        })
        .await?;
    Ok(())
}
