//! Elevations over HTTP.

use axum::{Json, extract::State, http::StatusCode};
use function::{Caller, HttpError, Id, PageQuery, UrlQuery, Valid};
use model::{
    GrantId, Permission,
    access::{
        User,
        api::{Because, GlassBroken, GrantView, GrantsPage, RequestGrant},
        grant::Grant,
    },
};
use store::{Direction, Query};
use tracing::warn;
use uuid::Uuid;

use crate::{
    Context, IamError, Refusal,
    by::By,
    grants::{self, Both},
    write,
};

/// Lists elevations, newest first: everybody's for who has `grants.read`, otherwise one's own.
#[utoipa::path(get, path = "/v1/grants", params(PageQuery), tag = "grants",
    responses((status = 200, body = GrantsPage)))]
pub(super) async fn list_grants(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<GrantsPage>, HttpError> {
    let person = caller.person()?;
    let query = Query::<Grant>::all().order_by("requested_at", Direction::Descending);
    let query = if person.decide(Permission::GrantsRead).allows() {
        caller.require(Permission::GrantsRead)?;
        query
    } else {
        query.equals("person", person.uid())
    };
    let page = ctx.store.list(&page.apply(query)).await.map_err(IamError::from)?;
    let items = page.items.into_iter().map(|s| GrantView { id: s.id, grant: s.document });
    let next_page_token = page.next.map(|token| token.as_str().to_owned());
    Ok(Json(GrantsPage { items: items.collect(), next_page_token }))
}

/// Asks for a role for some time.
#[utoipa::path(post, path = "/v1/grants", request_body = RequestGrant, tag = "grants",
    responses((status = 201, body = GrantView)))]
pub(super) async fn request_grant(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(asked): Valid<RequestGrant>,
) -> Result<(StatusCode, Json<GrantView>), HttpError> {
    let uid = caller.require(Permission::GrantsRequest)?.uid();
    let (cause, grant, asked) = (&caller.cause(), &new_id(), &asked);
    let made = ctx.store.transact(cause, |tx| async move {
        let user = write::found(&tx, uid).await?.document;
        let pending = write::pending(&tx, uid).await?;
        let made = grants::request((uid, &user), &pending, asked, cause.time)?;
        tx.create(grant, &made, "grant.requested", &asked.reason).await?;
        Ok::<_, IamError>(made)
    });
    let view = GrantView { id: grant.clone(), grant: made.await? };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Gives somebody else the role that they asked for.
#[utoipa::path(post, path = "/v1/grants/{grant}/approve", params(("grant" = GrantId, Path)),
    request_body = Because, tag = "grants", responses((status = 200, body = GrantView)))]
pub(super) async fn approve_grant(
    State(ctx): State<Context>,
    caller: Caller,
    Id(grant): Id<GrantId>,
    Valid(because): Valid<Because>,
) -> Result<Json<GrantView>, HttpError> {
    let by = By::from(caller.require(Permission::GrantsApprove)?);
    let words = ["grant.approved", "user.elevated"];
    let now = caller.cause().time;
    both(&ctx, &caller, &grant, (words, &because), |grant, user| {
        grants::approve(grant, user, &by, now)
    })
    .await
}

/// Refuses what somebody else asked for.
#[utoipa::path(post, path = "/v1/grants/{grant}/reject", params(("grant" = GrantId, Path)),
    request_body = Because, tag = "grants", responses((status = 200, body = GrantView)))]
pub(super) async fn reject_grant(
    State(ctx): State<Context>,
    caller: Caller,
    Id(grant): Id<GrantId>,
    Valid(because): Valid<Because>,
) -> Result<Json<GrantView>, HttpError> {
    let by = By::from(caller.require(Permission::GrantsApprove)?);
    let words = ["grant.rejected", "user.unchanged"];
    both(&ctx, &caller, &grant, (words, &because), |grant, user| {
        Ok(Both { grant: grants::reject(grant, &by)?, user: user.clone() })
    })
    .await
}

/// Ends an elevation before its time: one's own, or anybody's with `grants.revoke`.
#[utoipa::path(post, path = "/v1/grants/{grant}/revoke", params(("grant" = GrantId, Path)),
    request_body = Because, tag = "grants", responses((status = 200, body = GrantView)))]
pub(super) async fn revoke_grant(
    State(ctx): State<Context>,
    caller: Caller,
    Id(grant): Id<GrantId>,
    Valid(because): Valid<Because>,
) -> Result<Json<GrantView>, HttpError> {
    let uid = caller.person()?.uid();
    let found = ctx.store.get::<Grant>(&grant).await.map_err(IamError::from)?;
    // One that is not there is not one's own either, and is told to nobody else.
    if found.is_none_or(|stored| stored.document.person != *uid) {
        caller.require(Permission::GrantsRevoke)?;
    }
    let now = caller.cause().time;
    let words = ["grant.revoked", "user.lowered"];
    both(&ctx, &caller, &grant, (words, &because), |grant, user| {
        grants::revoke(grant, user, uid, now)
    })
    .await
}

/// Lets somebody else's elevation last longer, once.
#[utoipa::path(post, path = "/v1/grants/{grant}/extend", params(("grant" = GrantId, Path)),
    request_body = Because, tag = "grants", responses((status = 200, body = GrantView)))]
pub(super) async fn extend_grant(
    State(ctx): State<Context>,
    caller: Caller,
    Id(grant): Id<GrantId>,
    Valid(because): Valid<Because>,
) -> Result<Json<GrantView>, HttpError> {
    let by = By::from(caller.require(Permission::GrantsApprove)?);
    let now = caller.cause().time;
    let words = ["grant.extended", "user.elevated"];
    both(&ctx, &caller, &grant, (words, &because), |grant, user| {
        grants::extend(grant, user, &by, now)
    })
    .await
}

/// Asks no longer for what nobody has answered.
#[utoipa::path(post, path = "/v1/grants/{grant}/withdraw", params(("grant" = GrantId, Path)),
    request_body = Because, tag = "grants", responses((status = 200, body = GrantView)))]
pub(super) async fn withdraw_grant(
    State(ctx): State<Context>,
    caller: Caller,
    Id(grant): Id<GrantId>,
    Valid(because): Valid<Because>,
) -> Result<Json<GrantView>, HttpError> {
    let uid = caller.person()?.uid();
    let words = ["grant.withdrawn", "user.unchanged"];
    both(&ctx, &caller, &grant, (words, &because), |grant, user| {
        Ok(Both { grant: grants::withdraw(grant, uid)?, user: user.clone() })
    })
    .await
}

/// Makes the caller owner for an hour, opens an incident, and tells everybody.
#[utoipa::path(post, path = "/v1/glass", request_body = Because, tag = "grants",
    responses((status = 201, body = GlassBroken)))]
pub(super) async fn break_glass(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(because): Valid<Because>,
) -> Result<(StatusCode, Json<GlassBroken>), HttpError> {
    let uid = caller.require(Permission::GlassBreak)?.uid();
    let (cause, id, reason) = (&caller.cause(), &new_id(), because.reason.as_str());
    let broken = ctx.store.transact(cause, |tx| async move {
        let user = write::found(&tx, uid).await?.document;
        let broken = grants::glass(id, (uid, &user), reason, cause.time)?;
        tx.create(id, &broken.both.grant, "glass.broken", reason).await?;
        tx.put(uid, &broken.both.user, "glass.broken", reason).await?;
        tx.create(&broken.incident_id, &broken.incident, "incident.opened", reason).await?;
        Ok::<_, IamError>(broken)
    });
    let broken = broken.await?;
    warn!(
        event_name = "glass-broken",
        person = %uid,
        grant = %id,
        "`{uid}` broke glass and is owner for an hour"
    );
    let grant = GrantView { id: id.clone(), grant: broken.both.grant };
    Ok((StatusCode::CREATED, Json(GlassBroken { grant, incident: broken.incident_id })))
}

/// Version 7, so that elevations sort by when they were asked for.
fn new_id() -> GrantId {
    GrantId::new(Uuid::now_v7().to_string())
}

/// Changes an elevation and its person together.
async fn both(
    ctx: &Context,
    caller: &Caller,
    id: &GrantId,
    ([grant_action, user_action], because): ([&str; 2], &Because),
    decide: impl Fn(&Grant, &User) -> Result<Both, Refusal>,
) -> Result<Json<GrantView>, HttpError> {
    let cause = &caller.cause();
    let (decide, reason) = (&decide, because.reason.as_str());
    let grant = ctx.store.transact(cause, |tx| async move {
        let stored = tx.get::<Grant>(id).await?;
        let missing = || IamError::Missing { what: "elevation", id: id.to_string() };
        let grant = stored.ok_or_else(missing)?.document;
        let user = write::found(&tx, &grant.person).await?.document;
        let both = decide(&grant, &user)?;
        tx.put(id, &both.grant, grant_action, reason).await?;
        // A person who is as before is not written.
        tx.put(&grant.person, &both.user, user_action, reason).await?;
        Ok::<_, IamError>(both.grant)
    });
    Ok(Json(GrantView { id: id.clone(), grant: grant.await? }))
}
