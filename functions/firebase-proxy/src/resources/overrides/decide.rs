//! What people do about an override that is there. What is refused is written down too.

use axum::extract::State;
use function::{Caller, HttpError, Id, IfMatch, Item, Valid};
use garde::Validate;
use model::{
    OverrideId, Permission, Timestamp,
    access::api::Because,
    operator_override::{Approval, Override, OverrideState, Refused, Said},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context, ProxyError,
    documents::{Versioned, found, versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(approve_override))
        .routes(routes!(reject_override))
        .routes(routes!(withdraw_override))
        .routes(routes!(lift_override))
        .routes(routes!(confirm_override))
        .routes(routes!(review_override))
}

/// A person's consent.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Consent {
    /// The hash of the change that the person has seen.
    #[garde(length(bytes, min = 64, max = 64))]
    #[schema(min_length = 64, max_length = 64)]
    hash: String,
    /// Why; kept in the journal.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Approves what somebody else asked for, exactly as it was seen; destine-root carries it
/// out once enough people have. Needs a sign-in at most five minutes old.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/approve", tag = "overrides",
    params(("override" = OverrideId, Path), ("if-match" = String, Header)), request_body = Consent,
    responses((status = 200, body = Item<Override>, headers(("etag" = String))),
        (status = 428, description = "`If-Match` is missing", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn approve_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    version: IfMatch,
    Valid(consent): Valid<Consent>,
) -> Result<Versioned<Override>, HttpError> {
    let person = caller.require(Permission::OverridesApprove)?;
    let approval = |now| Approval {
        by: person.uid().clone(),
        at: now,
        hash: consent.hash.clone(),
        signed_in_at: person.sign_in.authenticated_at,
    };
    let decide = |known: Override, now| known.approve(approval(now), now);
    command(&ctx, &caller, &id, Some(&version), "override.approved", &consent.reason, decide).await
}

/// Rejects what somebody else asked for.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/reject", tag = "overrides",
    params(("override" = OverrideId, Path)), request_body = Because,
    responses((status = 200, body = Item<Override>, headers(("etag" = String)))))]
async fn reject_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Override>, HttpError> {
    let uid = caller.require(Permission::OverridesApprove)?.uid().clone();
    let decide = |known: Override, now| known.reject(&uid, said(&caller, &because, now));
    command(&ctx, &caller, &id, None, "override.rejected", &because.reason, decide).await
}

/// Takes back what one asked for oneself.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/withdraw", tag = "overrides",
    params(("override" = OverrideId, Path)), request_body = Because,
    responses((status = 200, body = Item<Override>, headers(("etag" = String)))))]
async fn withdraw_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Override>, HttpError> {
    let uid = caller.require(Permission::OverridesRequest)?.uid().clone();
    let decide = |known: Override, now| known.withdraw(&uid, said(&caller, &because, now));
    command(&ctx, &caller, &id, None, "override.withdrawn", &because.reason, decide).await
}

/// Ends an override before its time; destine-root carries it out.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/lift", tag = "overrides",
    params(("override" = OverrideId, Path)), request_body = Because,
    responses((status = 200, body = Item<Override>, headers(("etag" = String)))))]
async fn lift_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Override>, HttpError> {
    caller.require(Permission::OverridesLift)?;
    let decide = |known: Override, now| known.ask_lift(said(&caller, &because, now));
    command(&ctx, &caller, &id, None, "override.lift_requested", &because.reason, decide).await
}

/// Confirms a kill for another day. Needs a sign-in at most five minutes old.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/confirm", tag = "overrides",
    params(("override" = OverrideId, Path)), request_body = Because,
    responses((status = 200, body = Item<Override>, headers(("etag" = String)))))]
async fn confirm_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Override>, HttpError> {
    let signed_in = caller.require(Permission::OverridesApprove)?.sign_in.authenticated_at;
    let decide = |known: Override, now| known.confirm(said(&caller, &because, now), signed_in);
    command(&ctx, &caller, &id, None, "override.confirmed", &because.reason, decide).await
}

/// Says what one thinks of an override that an owner made alone.
#[utoipa::path(post, path = "/api/v1/overrides/{override}/review", tag = "overrides",
    params(("override" = OverrideId, Path)), request_body = Because,
    responses((status = 200, body = Item<Override>, headers(("etag" = String)))))]
async fn review_override(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OverrideId>,
    Valid(because): Valid<Because>,
) -> Result<Versioned<Override>, HttpError> {
    let uid = caller.require(Permission::OverridesReview)?.uid().clone();
    let decide = |known: Override, now| known.look_at(&uid, said(&caller, &because, now));
    command(&ctx, &caller, &id, None, "override.reviewed", &because.reason, decide).await
}

fn said(caller: &Caller, because: &Because, at: Timestamp) -> Said {
    Said { by: caller.actor(), at, reason: because.reason.clone() }
}

/// What came of a command.
enum Outcome {
    Done,
    Refused(Refused),
    ChangedMeanwhile,
}

/// Decides about an override in one transaction, and writes down what came of it.
async fn command(
    ctx: &Context,
    caller: &Caller,
    id: &OverrideId,
    version: Option<&IfMatch>,
    action: &str,
    reason: &str,
    decide: impl Fn(Override, Timestamp) -> Result<Override, Refused>,
) -> Result<Versioned<Override>, HttpError> {
    let (cause, decide) = (&caller.cause(), &decide);
    let outcome = ctx
        .store
        .transact(cause, |tx| async move {
            let stored = tx.get::<Override>(id).await?;
            let stored = stored.ok_or_else(|| ProxyError::Missing(id.to_string()))?;
            if version.is_some_and(|version| version.check(stored.updated_at).is_err()) {
                return Ok(Outcome::ChangedMeanwhile);
            }
            match decide(stored.document, cause.time) {
                Ok(decided) => {
                    let action = named(action, decided.state);
                    tx.put(id, &decided, action, reason).await?;
                    Ok(Outcome::Done)
                }
                Err(refused) => {
                    tx.note::<Override>(id, "override.refused", &refused.to_string()).await?;
                    Ok::<_, ProxyError>(Outcome::Refused(refused))
                }
            }
        })
        .await?;
    match outcome {
        Outcome::Done => Ok(versioned(found(ctx, id).await?)),
        Outcome::Refused(refused) => Err(ProxyError::from(refused).into()),
        Outcome::ChangedMeanwhile => Err(HttpError::changed_meanwhile()),
    }
}

/// One consent of several does not approve yet.
fn named(action: &str, state: OverrideState) -> &str {
    match (action, state) {
        ("override.approved", OverrideState::Requested) => "override.agreed",
        _ => action,
    }
}
