//! What the caller wants to be told of.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Valid};
use model::{PreferencesId, preferences::Preferences};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, ProxyError};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(read_preferences, put_preferences))
}

/// Shows what the caller wants to be told of; what holds for everybody when they never said.
#[utoipa::path(get, path = "/api/v1/me/preferences", tag = "me",
    responses((status = 200, body = Preferences)))]
async fn read_preferences(
    State(ctx): State<Context>,
    caller: Caller,
) -> Result<Json<Preferences>, HttpError> {
    let stored = ctx.store.get::<Preferences>(&own(&caller)?).await?;
    Ok(Json(stored.map(|stored| stored.document).unwrap_or_default()))
}

/// Keeps what the caller wants to be told of. It is their own: no version is asked for, and
/// what they said last holds.
#[utoipa::path(put, path = "/api/v1/me/preferences", tag = "me", request_body = Preferences,
    responses((status = 200, body = Preferences)))]
async fn put_preferences(
    State(ctx): State<Context>,
    caller: Caller,
    Valid(wanted): Valid<Preferences>,
) -> Result<Json<Preferences>, HttpError> {
    let (id, cause, preferences) = (&own(&caller)?, &caller.cause(), &wanted);
    ctx.store
        .transact(cause, |tx| async move {
            let present = tx.get::<Preferences>(id).await?;
            if present.is_none_or(|stored| stored.document != *preferences) {
                let words = "the person wants to be told so";
                tx.put(id, preferences, "preferences.changed", words).await?;
            }
            Ok::<(), ProxyError>(())
        })
        .await?;
    Ok(Json(wanted))
}

fn own(caller: &Caller) -> Result<PreferencesId, HttpError> {
    Ok(PreferencesId::new(caller.person()?.uid().as_str()))
}
