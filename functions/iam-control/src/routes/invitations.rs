//! Inviting people, and accepting.

use axum::{Json, extract::State, http::StatusCode};
use function::{Caller, HttpError, Id, Valid};
use model::{
    Actor, Permission, Uid,
    access::{
        User,
        api::{AcceptInvitation, Accepted, InvitePerson, Invited},
    },
};
use store::{Cause, Query};
use tracing::warn;
use uuid::Uuid;

use crate::{Context, IamError, Refusal, by::By, invitation, people, project, write};

/// Invites a person. The answer holds the secret of their link, this once.
#[utoipa::path(post, path = "/v1/people", request_body = InvitePerson, tag = "people",
    responses((status = 201, body = Invited)))]
pub(super) async fn invite_person(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(asked): Valid<InvitePerson>,
) -> Result<(StatusCode, Json<Invited>), HttpError> {
    let by = &By::from(caller.require(Permission::PeopleInvite)?);
    let cause = &caller.cause();
    let (secret, invitation) = &invitation::make(rand::random(), cause.time);
    // By chance alone: an id that people see need not tell when somebody came.
    let uid = &Uid::new(Uuid::from_bytes(rand::random()).simple().to_string());
    let (asked, demanded) = (&asked, &ctx.second_factor_for);
    ctx.store
        .transact(cause, |tx| async move {
            let invited = people::invite(asked, by, invitation.clone(), cause.time)?;
            let user = User { second_factor_for: demanded.clone(), ..invited };
            let same = Query::<User>::all().equals("email", &user.email).page_size(1);
            if !tx.list(&same).await?.items.is_empty() {
                return Err(Refusal::AddressTaken.into());
            }
            tx.create(uid, &user, "person.invited", "invited").await?;
            Ok::<_, IamError>(())
        })
        .await?;
    Ok(invited(uid, secret.clone(), invitation.expires_at))
}

/// Invites a person again, with a new secret; the one before is void.
#[utoipa::path(post, path = "/v1/people/{uid}/invitation", params(("uid" = Uid, Path)),
    tag = "people", responses((status = 201, body = Invited)))]
pub(super) async fn invite_again(
    State(ctx): State<Context>,
    caller: Caller,
    Id(uid): Id<Uid>,
) -> Result<(StatusCode, Json<Invited>), HttpError> {
    let by = By::from(caller.require(Permission::PeopleInvite)?);
    let cause = caller.cause();
    let (secret, invitation) = invitation::make(rand::random(), cause.time);
    let words = ("invitation.renewed", "invited again");
    write::person(&ctx, &cause, &uid, None, words, |user, _| {
        people::invite_again(user, &by, invitation.clone()).map(Some)
    })
    .await?;
    Ok(invited(&uid, secret, invitation.expires_at))
}

fn invited(
    uid: &Uid,
    secret: model::access::api::InvitationSecret,
    expires_at: model::Timestamp,
) -> (StatusCode, Json<Invited>) {
    (StatusCode::CREATED, Json(Invited { uid: uid.clone(), secret, expires_at }))
}

/// Accepts an invitation: sets the password and lets the person in. Whoever calls shows the
/// secret, and is nobody until then.
#[utoipa::path(post, path = "/v1/invitations/accept", request_body = AcceptInvitation,
    tag = "people", responses((status = 200, body = Accepted)))]
pub(super) async fn accept_invitation(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(accepting): Valid<AcceptInvitation>,
) -> Result<Json<Accepted>, HttpError> {
    let hash = &invitation::hash(&accepting.secret);
    let attempt = &Uuid::now_v7().to_string();
    let invited = Query::<User>::all().equals("invitation.secret_hash", hash).page_size(1);
    let found = ctx.store.list(&invited).await.map_err(IamError::from)?.items.into_iter().next();
    let found = found.ok_or(Refusal::NoInvitation)?;
    let (uid, email) = (&found.id, found.document.email.clone());
    // Who has the secret is the person that it was sent to.
    let actor = Actor::Person { uid: uid.clone(), email: Some(email.clone()) };
    let cause = &Cause { actor, ..caller.cause() };

    let words = ("invitation.accepting", "the secret was shown");
    write::person(&ctx, cause, uid, None, words, |user, _| {
        invitation::begin(user, hash, attempt, cause.time).map(Some)
    })
    .await?;
    project::set_password(&ctx, uid, &found.document, &accepting.password).await?;
    let words = ("invitation.accepted", "the password is set");
    write::person(&ctx, cause, uid, None, words, |user, _| {
        invitation::finish(user, hash, attempt).map(Some)
    })
    .await?;
    // The trigger does the same a moment later; the person signs in now.
    if let Err(error) = project::project(&ctx, uid).await {
        warn!(%error, person = %uid, "the account of `{uid}` is opened later");
    }
    Ok(Json(Accepted { uid: uid.clone(), email }))
}
