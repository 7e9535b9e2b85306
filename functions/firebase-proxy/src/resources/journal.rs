//! Who changed what.

use axum::{Json, extract::State};
use function::{Caller, HttpError, PageQuery, Paged, UrlQuery};
use model::{Permission, journal::JournalRecord};
use serde::Deserialize;
use store::{Direction, Query};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, documents};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_journal))
}

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JournalQuery {
    /// Only changes of the document at this path, such as `controls/trading`.
    target: Option<String>,
    /// At most so many items; 1 to 300, otherwise 50.
    #[param(minimum = 1, maximum = 300)]
    page_size: Option<u32>,
    /// Where the page starts: `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Lists changes, newest first.
#[utoipa::path(get, path = "/api/v1/journal", params(JournalQuery), tag = "journal",
    responses((status = 200, body = Paged<JournalRecord>)))]
async fn list_journal(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<JournalQuery>,
) -> Result<Json<Paged<JournalRecord>>, HttpError> {
    let mut query = Query::all().order_by("time", Direction::Descending);
    if let Some(target) = asked.target {
        query = query.equals("target", target);
    }
    let page = PageQuery { page_size: asked.page_size, page_token: asked.page_token };
    documents::list(&ctx, &caller, Permission::JournalRead, &page, query).await
}
