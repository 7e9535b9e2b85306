//! Reading people.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, PageQuery, UrlQuery};
use model::{
    Permission, Uid,
    access::{
        User,
        api::{PeoplePage, PersonView},
    },
};
use store::Query;

use super::command::{Versioned, person, versioned};
use crate::{Context, IamError};

/// Lists people: everything about them for who has `people.read`, otherwise names,
/// addresses, roles and states.
#[utoipa::path(get, path = "/v1/people", params(PageQuery), tag = "people",
    responses((status = 200, body = PeoplePage)))]
pub(super) async fn list_people(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<PeoplePage>, HttpError> {
    let view = if sees_all(&caller)? { PersonView::full } else { PersonView::directory };
    let page = ctx.store.list(&page.apply(Query::<User>::all())).await.map_err(IamError::from)?;
    for unreadable in &page.unreadable {
        tracing::error!("the list of people leaves out {unreadable}");
    }
    let items = page.items.into_iter().map(|stored| view(stored.id, stored.document)).collect();
    let next_page_token = page.next.map(|token| token.as_str().to_owned());
    Ok(Json(PeoplePage { items, next_page_token }))
}

/// Shows a person; everybody sees all of themselves.
#[utoipa::path(get, path = "/v1/people/{uid}", params(("uid" = Uid, Path)), tag = "people",
    responses((status = 200, body = PersonView, headers(("etag" = String)))))]
pub(super) async fn read_person(
    State(ctx): State<Context>,
    caller: Caller,
    Id(uid): Id<Uid>,
) -> Result<Versioned, HttpError> {
    let full = *caller.person()?.uid() == uid || sees_all(&caller)?;
    Ok(versioned(person(&ctx, &uid).await?, full))
}

/// Tells whether the caller sees everything about people. The lesser permission is asked for
/// only where the greater one is not held, so that what is counted is what was needed.
fn sees_all(caller: &Caller) -> Result<bool, HttpError> {
    let all = caller.person()?.decide(Permission::PeopleRead).allows();
    caller.require(if all { Permission::PeopleRead } else { Permission::DirectoryRead })?;
    Ok(all)
}
